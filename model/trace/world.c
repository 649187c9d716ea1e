/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What the shorthand of the trace language means: the world that "roots" and
 * "page" lines stand for.  Parser and printer both ask here.
 */
#include <string.h>

#include "internal.h"

const struct flag_word trace_flag_words[] = {
	{ "rw", "ro", VTLB_LEAF_W },
	{ "user", "super", VTLB_LEAF_U },
	{ "global", "local", VTLB_LEAF_G },
	{ "nx", "exec", VTLB_LEAF_NX },
	{ "dirty", "clean", VTLB_LEAF_D },
	{ "rsvd", "norsvd", VTLB_LEAF_RSVD },
};
const unsigned int trace_nr_flag_words = sizeof(trace_flag_words) / sizeof(trace_flag_words[0]);

const char *const trace_pf_words[5] = { "P", "W", "U", "RSVD", "I" };

unsigned int trace_kinds(unsigned int cpl, unsigned int type, unsigned int ac)
{
	static const struct {
		unsigned int kind, cpl, type, ac;
	} table[] = {
		/* AC matters to supervisor data accesses alone: the others have both. */
		{ VTLB_UR, 1, 1, 0 }, { VTLB_UW, 1, 2, 0 }, { VTLB_UX, 1, 3, 0 },
		{ VTLB_SR, 2, 1, 2 }, { VTLB_SW, 2, 2, 2 }, { VTLB_SX, 2, 3, 0 },
		{ VTLB_SRA, 2, 1, 1 }, { VTLB_SWA, 2, 2, 1 },
	};
	unsigned int kinds = 0;

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		if ((cpl == WORD_ANY || cpl == table[i].cpl) &&
		    (type == WORD_ANY || type == table[i].type) &&
		    (ac == WORD_ANY || table[i].ac == WORD_ANY || ac == table[i].ac))
			kinds |= 1u << table[i].kind;
	}
	return kinds;
}

/* @len is below VTLB_NAME. */
void trace_set_name(char dst[VTLB_NAME], const char *s, size_t len)
{
	memset(dst, 0, VTLB_NAME);
	memcpy(dst, s, len);
}

/* Everything that a world has before its first declaration. */
void trace_world_head(struct vtlb_world *w)
{
	struct vtlb_world def;

	vtlb_world_default(&def);
	memset(w, 0, sizeof(*w));
	w->vendor = def.vendor;
	w->mode = def.mode;
	w->nvcpus = def.nvcpus;
	w->maxphyaddr = def.maxphyaddr;
	w->features = def.features;
	w->init_mode = def.init_mode;
	w->npcids = 1;
	w->nvalues = 1;
}

/* The mode word that a world starts with where no "start" line says otherwise. */
uint32_t trace_default_mode(uint32_t features)
{
	uint32_t mode = VTLB_INIT_MODE;

	return features & VTLB_F_NX ? mode : mode & ~(uint32_t)VTLB_NXE;
}

static void table_name(char dst[VTLB_NAME], const char *root, const char *suffix)
{
	size_t len = strlen(root);

	trace_set_name(dst, root, len);
	if (len > VTLB_NAME - 4)
		len = VTLB_NAME - 4;
	memcpy(dst + len, suffix, strlen(suffix) + 1);
}

/*
 * trace_short_layout() - tables of a world whose roots are declared
 *
 * Each root has one directory.  Private pages lie in one slot, in a page table
 * a root; shared pages in the next slot, in one page table for all.
 *
 * Return: NULL, or what is wrong.
 */
const char *trace_short_layout(struct vtlb_world *w, struct draft *d,
			       const struct short_page *page, unsigned int npages)
{
	unsigned int used[2] = { 0, 0 };
	unsigned int slot_of[2];

	for (unsigned int i = 0; i < npages; i++)
		used[page[i].shared]++;
	if (used[0] > VTLB_MAX_ENTRIES || used[1] > VTLB_MAX_ENTRIES)
		return "more than 4 private or more than 4 shared pages";
	if (w->nroots > VTLB_MAX_UPPERS ||
	    (used[0] && w->nroots + (used[1] ? 1u : 0u) > VTLB_MAX_LEAFS))
		return "more than 8 tables of one level, the roots' own and the shared one, "
		       "where 'uppers' and 'tables' lines could share them";

	w->nregions = 1;
	w->nuppers = w->nroots;
	slot_of[0] = 0;
	slot_of[1] = used[0] ? 1 : 0;
	w->nslots = (uint8_t)((used[0] ? 1 : 0) + (used[1] ? 1 : 0));
	for (unsigned int r = 0; r < w->nroots; r++) {
		table_name(w->upper_name[r], w->root_name[r], ".pd");
		w->init.root[r][0] = (uint8_t)(r + 1);
		if (!used[0])
			continue;
		table_name(w->leaf_name[w->nleafs], w->root_name[r], ".pt");
		w->init.upper[r][0] = ++w->nleafs;
	}
	if (used[1]) {
		trace_set_name(w->leaf_name[w->nleafs++], "kernel.pt", 9);
		for (unsigned int r = 0; r < w->nroots; r++)
			w->init.upper[r][slot_of[1]] = w->nleafs;
	}

	used[0] = 0;
	used[1] = 0;
	w->npages = (uint8_t)npages;
	for (unsigned int i = 0; i < npages; i++) {
		struct vtlb_page *p = &w->page[i];
		unsigned int slot = slot_of[page[i].shared];
		unsigned int entry = used[page[i].shared]++;

		p->linear = page[i].linear;
		if (!p->linear)
			p->linear = 0x400000 + 0x200000 * (uint64_t)slot + 0x1000 * entry;
		p->slot = (uint8_t)slot;
		p->entry = (uint8_t)(p->linear >> 12 & 0x1ff);
		if ((p->linear >> 12 & 0x1ff) >= VTLB_MAX_ENTRIES)
			return "a page at a linear address whose bits 20:12 are above 3";
		memcpy(w->page_name[i], page[i].name, VTLB_NAME);
		if (page[i].shared) {
			d->leaf[w->nleafs - 1][p->entry].flags = LEAF_SHARED;
			continue;
		}
		for (unsigned int r = 0; r < w->nroots; r++)
			d->leaf[r][p->entry].flags = LEAF_DEFAULT;
	}
	return NULL;
}

/* Without a "frames" line frame number n is called fn. */
void trace_name_frames(struct vtlb_world *w, unsigned int n)
{
	for (; w->nframes < n; w->nframes++) {
		char *name = w->frame_name[w->nframes];
		size_t len = 0;

		name[len++] = 'f';
		if (w->nframes >= 10)
			name[len++] = (char)('0' + w->nframes / 10);
		name[len] = (char)('0' + w->nframes % 10);
	}
}

/* Does some page use the entry, as the tables are linked at the start? */
bool trace_entry_used(const struct vtlb_world *w, unsigned int table, unsigned int entry)
{
	for (unsigned int p = 0; p < w->npages; p++) {
		if (w->page[p].entry != entry)
			continue;
		for (unsigned int u = 0; u < w->nuppers; u++) {
			if (w->init.upper[u][w->page[p].slot] == table + 1)
				return true;
		}
	}
	return false;
}

/*
 * trace_fill_draft() - complete the initial leaf values
 *
 * An entry that a page uses and that was given no frame gets one that nothing
 * else has, so that two roots never agree by accident.
 */
bool trace_fill_draft(struct vtlb_world *w, struct draft *d, bool named_frames)
{
	uint32_t taken = 0;
	unsigned int frame = 0;

	for (unsigned int t = 0; t < w->nleafs; t++) {
		for (unsigned int e = 0; e < VTLB_MAX_ENTRIES; e++) {
			if (d->frame_given[t][e])
				taken |= 1u << d->leaf[t][e].frame;
		}
	}
	for (unsigned int t = 0; t < w->nleafs; t++) {
		for (unsigned int e = 0; e < VTLB_MAX_ENTRIES; e++) {
			struct vtlb_leaf *leaf = &d->leaf[t][e];

			if (d->frame_given[t][e])
				continue;
			if (!d->given[t][e]) {
				if (!trace_entry_used(w, t, e))
					continue;
				if (!leaf->flags)
					leaf->flags = LEAF_DEFAULT;
			}
			if (!(leaf->flags & VTLB_LEAF_P))
				continue;
			while (taken >> frame & 1u)
				frame++;
			if (frame >= (named_frames ? w->nframes : VTLB_MAX_FRAMES))
				return false;
			leaf->frame = (uint8_t)frame;
			taken |= 1u << frame;
			if (!named_frames)
				trace_name_frames(w, frame + 1);
		}
	}
	return true;
}

bool trace_intern_draft(struct vtlb_world *w, const struct draft *d)
{
	for (unsigned int t = 0; t < w->nleafs; t++) {
		for (unsigned int e = 0; e < VTLB_MAX_ENTRIES; e++) {
			int value = vtlb_world_value(w, d->leaf[t][e]);

			if (value < 0)
				return false;
			w->init.leaf[t][e] = (uint8_t)value;
		}
	}
	return true;
}

/* The entry that maps a page in a root, by the initial structure. */
bool trace_page_entry(const struct vtlb_world *w, unsigned int root, unsigned int page,
		      unsigned int *table, unsigned int *entry)
{
	unsigned int slot = w->page[page].slot;
	unsigned int upper = w->init.root[root][w->slot_region[slot]];
	unsigned int leaf = upper ? w->init.upper[upper - 1][slot] : 0;

	if (!leaf)
		return false;
	*table = leaf - 1;
	*entry = w->page[page].entry;
	return true;
}

/* What a written value has where nothing is said: the entry's initial flags. */
unsigned int trace_default_flags(const struct vtlb_world *w, unsigned int table,
				 unsigned int entry, unsigned int *frame)
{
	struct vtlb_leaf leaf = w->value[w->init.leaf[table][entry]];

	*frame = leaf.frame;
	return leaf.flags & VTLB_LEAF_P ? leaf.flags : LEAF_DEFAULT;
}

static void intern_frame(struct vtlb_world *scratch, unsigned int frame)
{
	if (frame < VTLB_MAX_FRAMES && frame >= scratch->nframes)
		scratch->nframes = (uint8_t)(frame + 1);
}

void trace_intern_op(struct vtlb_world *scratch, const struct vtlb_world *w, struct vtlb_op op)
{
	switch (op.code) {
	case VTLB_OP_MOV_CR3:
		if (w->features & VTLB_F_PCID)
			(void)vtlb_world_pcid(scratch, op.imm & 0xfffu);
		break;
	case VTLB_OP_INVPCID:
		if (op.b <= 1)
			(void)vtlb_world_pcid(scratch, op.imm & 0xfffu);
		break;
	case VTLB_OP_WRITE_LEAF:
		(void)vtlb_world_value(scratch, w->value[op.imm]);
		if (w->value[op.imm].flags & VTLB_LEAF_P)
			intern_frame(scratch, w->value[op.imm].frame);
		break;
	case VTLB_OP_ACCESS:
		if (vtlb_outcome_kind(op.imm) == VTLB_OUT_FRAME)
			intern_frame(scratch, vtlb_outcome_index(op.imm));
		break;
	case VTLB_OP_HOST_ZAP:
		intern_frame(scratch, op.a);
		break;
	default:
		break;
	}
}
