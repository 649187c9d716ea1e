/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A whole trace as canonical text: the shortest world section that parses back
 * to the same world, then operations and expectations in order.
 */
#include <string.h>

#include "internal.h"

static bool short_default(const struct short_page *page, unsigned int n)
{
	/* all pages have an address to write, or none has */
	return n == 2 && !page[0].linear && !strcmp(page[0].name, "user") && !page[0].shared &&
	       !strcmp(page[1].name, "kernel") && page[1].shared;
}

/*
 * Has @w the tables that the shorthand would make?  Values are not looked at, nor
 * what @o has from @w; with the one region of @o there is one for slots to be in.
 */
static bool same_structure(const struct vtlb_world *w, const struct vtlb_world *o)
{
	return w->nuppers == o->nuppers && w->nleafs == o->nleafs &&
	       w->nregions == o->nregions && w->nslots == o->nslots &&
	       !memcmp(w->init.root, o->init.root, sizeof(w->init.root)) &&
	       !memcmp(w->init.upper, o->init.upper, sizeof(w->init.upper)) &&
	       !memcmp(w->upper_name, o->upper_name, sizeof(w->upper_name)) &&
	       !memcmp(w->leaf_name, o->leaf_name, sizeof(w->leaf_name));
}

static bool same_pages(const struct vtlb_world *w, const struct vtlb_world *o)
{
	for (unsigned int i = 0; i < w->npages; i++) {
		if (w->page[i].slot != o->page[i].slot || w->page[i].entry != o->page[i].entry ||
		    w->page[i].linear != o->page[i].linear)
			return false;
	}
	return true;
}

static void base_of(const struct vtlb_world *w, struct vtlb_world *base)
{
	trace_world_head(base);
	base->features = w->features;
	base->nroots = w->nroots;
	memcpy(base->root_name, w->root_name, sizeof(base->root_name));
}

/*
 * Try the shorthand: @base and @d become what its parser would make of it.
 * Addresses are written only where the default ones are not meant.
 */
static bool find_short(const struct vtlb_world *w, struct vtlb_world *base, struct draft *d,
		       struct short_page *page)
{
	for (unsigned int linear = 0; linear < 2; linear++) {
		for (unsigned int i = 0; i < w->npages; i++) {
			unsigned int table = 0, entry = 0;

			memcpy(page[i].name, w->page_name[i], VTLB_NAME);
			page[i].shared = trace_page_entry(w, 0, i, &table, &entry) &&
					 !strcmp(w->leaf_name[table], "kernel.pt");
			page[i].linear = linear ? w->page[i].linear : 0;
			if (linear && !page[i].linear)
				return false; /* address 0 cannot be written in short */
		}
		base_of(w, base);
		memset(d, 0, sizeof(*d));
		if (!trace_short_layout(base, d, page, w->npages) && same_structure(w, base) &&
		    same_pages(w, base))
			return true;
	}
	return false;
}

/* The tables as they are, with no entry of them given. */
static void explicit_base(const struct vtlb_world *w, struct vtlb_world *base, struct draft *d)
{
	base_of(w, base);
	memset(d, 0, sizeof(*d));
	base->nuppers = w->nuppers;
	base->nleafs = w->nleafs;
	base->nregions = w->nregions;
	base->nslots = w->nslots;
	base->npages = w->npages;
	memcpy(base->slot_region, w->slot_region, sizeof(base->slot_region));
	memcpy(base->page, w->page, sizeof(base->page));
	memcpy(base->init.root, w->init.root, sizeof(base->init.root));
	memcpy(base->init.upper, w->init.upper, sizeof(base->init.upper));
}

static bool same_leaf(const struct vtlb_world *w, struct vtlb_leaf leaf, unsigned int t,
		      unsigned int e)
{
	struct vtlb_leaf have = w->value[w->init.leaf[t][e]];

	return !memcmp(&have, &leaf, sizeof(have));
}

/* Would the values that nobody gives be those of the world? */
static bool values_implied(const struct vtlb_world *w, const struct vtlb_world *base,
			   const struct draft *d)
{
	struct vtlb_world b = *base;
	struct draft filled = *d;

	if (!trace_fill_draft(&b, &filled, false))
		return false;
	for (unsigned int t = 0; t < w->nleafs; t++) {
		for (unsigned int e = 0; e < VTLB_MAX_ENTRIES; e++) {
			if (!same_leaf(w, filled.leaf[t][e], t, e))
				return false;
		}
	}
	return true;
}

/* The world of w and @t's operations, interned in the order of the parser. */
static void simulate(const struct vtlb_trace *t, struct vtlb_world *scratch)
{
	const struct vtlb_world *w = &t->world;
	uint8_t nframes = 1;

	memset(scratch->value, 0, sizeof(scratch->value));
	memset(scratch->pcid, 0, sizeof(scratch->pcid));
	scratch->nvalues = 1;
	scratch->npcids = 1;
	for (unsigned int l = 0; l < w->nleafs; l++) {
		for (unsigned int e = 0; e < VTLB_MAX_ENTRIES; e++) {
			struct vtlb_leaf leaf = w->value[w->init.leaf[l][e]];

			(void)vtlb_world_value(scratch, leaf);
			if (leaf.frame >= nframes)
				nframes = (uint8_t)(leaf.frame + 1);
		}
	}
	scratch->nframes = nframes;
	if (w->features & VTLB_F_PCID) {
		(void)vtlb_world_pcid(scratch, 1);
		(void)vtlb_world_pcid(scratch, w->init_low12);
	}
	for (size_t i = 0; i < t->nops; i++)
		trace_intern_op(scratch, w, t->ops[i]);
	for (size_t i = 0; i < t->nexpects; i++) {
		uint32_t frames = t->expects[i].want.frames & ~(1u << VTLB_FRAME_IDENTITY);

		for (unsigned int f = 0; f < VTLB_MAX_FRAMES; f++) {
			if (frames >> f & 1u && f >= scratch->nframes)
				scratch->nframes = (uint8_t)(f + 1);
		}
	}
}

static void put_names(struct vtlb_text *o, const char *word, const char (*names)[VTLB_NAME],
		      unsigned int n)
{
	if (!n)
		return;
	vtlb_text_str(o, word);
	for (unsigned int i = 0; i < n; i++) {
		vtlb_text_str(o, " ");
		vtlb_text_str(o, names[i]);
	}
	vtlb_text_str(o, "\n");
}

static void put_head(struct vtlb_text *o, const struct vtlb_trace *t)
{
	const struct vtlb_world *w = &t->world;
	const char *sep = "";

	vtlb_text_str(o, "vtlb-trace 1\nworld vendor=");
	vtlb_text_str(o, w->vendor == VTLB_AMD ? "amd" : "intel");
	vtlb_text_str(o, w->mode == VTLB_TDP ? " mode=tdp" : " mode=shadow");
	vtlb_text_str(o, w->features ? " features=" : " features=none");
	for (uint32_t f = 1; f && f <= w->features; f <<= 1) {
		if (!(w->features & f))
			continue;
		vtlb_text_str(o, sep);
		vtlb_text_str(o, vtlb_feature_name(f));
		sep = ",";
	}
	vtlb_text_str(o, " vcpus=");
	vtlb_text_uint(o, w->nvcpus);
	vtlb_text_str(o, " maxphyaddr=");
	vtlb_text_uint(o, w->maxphyaddr);
	if (t->reading == VTLB_OWE)
		vtlb_text_str(o, " reading=owe");
	vtlb_text_str(o, "\n");
}

/* Orders that would not come about by themselves have to be written down. */
static void put_orders(struct vtlb_text *o, const struct vtlb_trace *t)
{
	const struct vtlb_world *w = &t->world;
	struct vtlb_world scratch, plain;

	base_of(w, &scratch);
	simulate(t, &scratch);
	memset(&plain, 0, sizeof(plain));
	trace_name_frames(&plain, w->nframes);
	if (scratch.nframes != w->nframes ||
	    memcmp(plain.frame_name, w->frame_name, sizeof(plain.frame_name)))
		put_names(o, "frames", w->frame_name, w->nframes);
	if (scratch.npcids != w->npcids || memcmp(scratch.pcid, w->pcid, sizeof(scratch.pcid))) {
		vtlb_text_str(o, "pcids");
		for (unsigned int i = 0; i < w->npcids; i++) {
			vtlb_text_str(o, " ");
			vtlb_text_uint(o, w->pcid[i]);
		}
		vtlb_text_str(o, "\n");
	}
	if (w->nvalues == 1 || (scratch.nvalues == w->nvalues &&
				!memcmp(scratch.value, w->value, sizeof(scratch.value))))
		return;
	vtlb_text_str(o, "values");
	for (unsigned int i = 1; i < w->nvalues; i++) {
		vtlb_text_str(o, i == 1 ? " " : ", ");
		put_leaf(o, w, w->value[i], LEAF_DEFAULT);
	}
	vtlb_text_str(o, "\n");
}

static void put_linear(struct vtlb_text *o, uint64_t linear)
{
	vtlb_text_str(o, " at ");
	put_hex(o, linear);
}

static void put_short_page(struct vtlb_text *o, const struct vtlb_world *w,
			   const struct short_page *page, unsigned int i, bool values)
{
	unsigned int n = page->shared ? 1 : w->nroots;
	unsigned int t = 0, e = 0;

	vtlb_text_str(o, "page ");
	vtlb_text_str(o, page->name);
	vtlb_text_str(o, page->shared ? " shared" : " private");
	if (page->linear)
		put_linear(o, page->linear);
	for (unsigned int r = 0; values && r < n; r++) {
		(void)trace_page_entry(w, r, i, &t, &e); /* in short every root maps it */
		vtlb_text_str(o, r ? ", " : " = ");
		put_leaf(o, w, w->value[w->init.leaf[t][e]],
			 page->shared ? LEAF_SHARED : LEAF_DEFAULT);
	}
	vtlb_text_str(o, "\n");
}

static void put_entry(struct vtlb_text *o, const char *table, unsigned int index)
{
	vtlb_text_str(o, "entry ");
	vtlb_text_str(o, table);
	vtlb_text_str(o, "[");
	vtlb_text_uint(o, index);
	vtlb_text_str(o, "] = ");
}

/* @all: also those entries whose value a page line has given. */
static void put_leaf_entries(struct vtlb_text *o, const struct vtlb_world *w, bool all)
{
	for (unsigned int t = 0; t < w->nleafs; t++) {
		for (unsigned int e = 0; e < VTLB_MAX_ENTRIES; e++) {
			bool used = trace_entry_used(w, t, e);

			if (used ? !all : !w->init.leaf[t][e])
				continue;
			put_entry(o, w->leaf_name[t], e);
			put_leaf(o, w, w->value[w->init.leaf[t][e]], LEAF_DEFAULT);
			vtlb_text_str(o, "\n");
		}
	}
}

static void put_tables(struct vtlb_text *o, const struct vtlb_world *w)
{
	unsigned int regions = 1;

	put_names(o, "uppers", w->upper_name, w->nuppers);
	put_names(o, "tables", w->leaf_name, w->nleafs);
	vtlb_text_str(o, "slots");
	for (unsigned int i = 0; i < w->nslots; i++) {
		vtlb_text_str(o, " ");
		vtlb_text_uint(o, w->slot_region[i]);
		if (w->slot_region[i] >= regions)
			regions = w->slot_region[i] + 1u;
	}
	if (regions != w->nregions) {
		vtlb_text_str(o, " regions ");
		vtlb_text_uint(o, w->nregions);
	}
	vtlb_text_str(o, "\n");
	for (unsigned int i = 0; i < w->npages; i++) {
		vtlb_text_str(o, "page ");
		vtlb_text_str(o, w->page_name[i]);
		vtlb_text_str(o, " slot ");
		vtlb_text_uint(o, w->page[i].slot);
		vtlb_text_str(o, " entry ");
		vtlb_text_uint(o, w->page[i].entry);
		put_linear(o, w->page[i].linear);
		vtlb_text_str(o, "\n");
	}
}

static void put_links(struct vtlb_text *o, const struct vtlb_world *w)
{
	for (unsigned int r = 0; r < w->nroots; r++) {
		for (unsigned int i = 0; i < w->nregions; i++) {
			if (!w->init.root[r][i])
				continue;
			put_entry(o, w->root_name[r], i);
			vtlb_text_str(o, w->upper_name[w->init.root[r][i] - 1]);
			vtlb_text_str(o, "\n");
		}
	}
	for (unsigned int u = 0; u < w->nuppers; u++) {
		for (unsigned int i = 0; i < w->nslots; i++) {
			if (!w->init.upper[u][i])
				continue;
			put_entry(o, w->upper_name[u], i);
			vtlb_text_str(o, w->leaf_name[w->init.upper[u][i] - 1]);
			vtlb_text_str(o, "\n");
		}
	}
}

static void put_start(struct vtlb_text *o, const struct vtlb_world *w)
{
	uint32_t diff = w->init_mode ^ trace_default_mode(w->features);

	if (!diff && !w->init_root && !w->init_low12)
		return;
	vtlb_text_str(o, "start");
	if (diff & VTLB_CR0_BITS) {
		vtlb_text_str(o, " cr0=");
		put_bits(o, w->init_mode & VTLB_CR0_BITS);
	}
	if (diff & VTLB_CR4_BITS) {
		vtlb_text_str(o, " cr4=");
		put_bits(o, w->init_mode & VTLB_CR4_BITS);
	}
	if (diff & VTLB_EFER_BITS) {
		vtlb_text_str(o, " efer=");
		put_bits(o, w->init_mode & VTLB_EFER_BITS);
	}
	if (w->init_root) {
		vtlb_text_str(o, " cr3=");
		vtlb_text_str(o, w->root_name[w->init_root]);
	}
	if (w->init_low12) {
		vtlb_text_str(o, w->features & VTLB_F_PCID ? " pcid=" : " low12=");
		vtlb_text_uint(o, w->init_low12);
	}
	if (diff & VTLB_CSL)
		vtlb_text_str(o, " cs.l=0");
	if (diff & VTLB_CPL3)
		vtlb_text_str(o, " cpl=3");
	if (diff & VTLB_AC)
		vtlb_text_str(o, " ac=1");
	vtlb_text_str(o, "\n");
}

void put_world(struct vtlb_text *o, const struct vtlb_trace *t)
{
	const struct vtlb_world *w = &t->world;
	struct short_page page[VTLB_MAX_PAGES];
	struct vtlb_world base;
	struct draft d;
	bool implied;

	memset(page, 0, sizeof(page));
	put_head(o, t);
	put_orders(o, t);
	put_names(o, "roots", w->root_name, w->nroots);
	if (find_short(w, &base, &d, page)) {
		implied = values_implied(w, &base, &d);
		for (unsigned int i = 0; i < w->npages; i++) {
			if (!implied || !short_default(page, w->npages))
				put_short_page(o, w, &page[i], i, !implied);
		}
		if (!implied)
			put_leaf_entries(o, w, false);
	} else {
		explicit_base(w, &base, &d);
		put_tables(o, w);
		put_links(o, w);
		if (!values_implied(w, &base, &d))
			put_leaf_entries(o, w, true);
	}
	put_start(o, w);
}

static void put_expect(struct vtlb_text *o, const struct vtlb_world *w,
		       const struct vtlb_expect *e)
{
	static const char *const verb[] = { "may ", "only ", "never " };
	static const char *const cpl[] = { "", "user ", "super " };
	static const char *const type[] = { "", "read ", "write ", "fetch " };
	static const char *const ac[] = { "", " ac", " noac" };
	unsigned int c = 0, k = 0, a = 0;
	uint32_t out = vtlb_outset_next(&e->want, 0);

	if (e->vcpu) {
		vtlb_text_str(o, "cpu");
		vtlb_text_uint(o, e->vcpu);
		vtlb_text_str(o, ": ");
	}
	vtlb_text_str(o, "expect ");
	switch (e->kind) {
	case VTLB_EXP_FAULT:
		vtlb_text_str(o, "fault ");
		vtlb_text_str(o, vtlb_fault_name((enum vtlb_fault)e->fault));
		return;
	case VTLB_EXP_HOLDS:
		vtlb_text_str(o, "holds");
		return;
	case VTLB_EXP_VIOLATES:
		vtlb_text_str(o, "violates ");
		vtlb_text_str(o, vtlb_rules[e->rule].id);
		vtlb_text_str(o, " at ");
		vtlb_text_uint(o, e->step);
		return;
	default:
		break;
	}
	/* The words, fewest first, that stand for these kinds. */
	for (unsigned int i = 0; i < 36; i++) {
		c = i / 4 % 3;
		k = i % 4;
		a = i / 12;
		if (trace_kinds(c, k, a) == e->kinds)
			break;
	}
	vtlb_text_str(o, e->contract ? "contract " : "");
	vtlb_text_str(o, verb[e->kind]);
	vtlb_text_str(o, cpl[c]);
	vtlb_text_str(o, type[k]);
	vtlb_text_str(o, w->page_name[e->page]);
	vtlb_text_str(o, ac[a]);
	for (const char *sep = " = "; out; sep = ", ") {
		vtlb_text_str(o, sep);
		put_outcome(o, w, out);
		out = vtlb_outset_next(&e->want, out);
	}
}

size_t vtlb_trace_print(const struct vtlb_trace *t, char *buf, size_t cap)
{
	struct vtlb_text o = vtlb_text(buf, cap);
	size_t e = 0;

	put_world(&o, t);
	for (size_t i = 0; i <= t->nops; i++) {
		if (i) {
			put_op(&o, &t->world, t->ops[i - 1]);
			vtlb_text_str(&o, "\n");
		}
		for (; e < t->nexpects && t->expects[e].after_step <= i; e++) {
			put_expect(&o, &t->world, &t->expects[e]);
			vtlb_text_str(&o, "\n");
		}
	}
	return o.len;
}
