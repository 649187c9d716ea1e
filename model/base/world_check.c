/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Is a world consistent: everything else in the library relies on the answer
 * and indexes without looking again.  Equal worlds are equal bytes.
 */
#include <string.h>

#include "vtlb/world.h"

static bool fail(const char **why, const char *text)
{
	if (why)
		*why = text;
	return false;
}

static bool all_zero(const void *p, size_t len)
{
	const uint8_t *b = p;

	for (size_t i = 0; i < len; i++) {
		if (b[i])
			return false;
	}
	return true;
}

static bool check_counts(const struct vtlb_world *w, const char **why)
{
	if (w->vendor > VTLB_AMD)
		return fail(why, "vendor is neither intel nor amd");
	if (w->mode > VTLB_TDP)
		return fail(why, "mode is neither shadow nor tdp");
	if (w->nvcpus < 1 || w->nvcpus > VTLB_MAX_VCPUS)
		return fail(why, "number of vCPUs is not 1 to 4");
	if (w->maxphyaddr < 36 || w->maxphyaddr > 52)
		return fail(why, "maxphyaddr is not 36 to 52");
	if (w->features & ~((VTLB_F_PSE << 1) - 1u))
		return fail(why, "an undefined feature is set");
	if (w->nroots < 1 || w->nroots > VTLB_MAX_ROOTS)
		return fail(why, "number of roots is not 1 to 10");
	if (w->nuppers > VTLB_MAX_UPPERS)
		return fail(why, "more than 8 upper tables");
	if (w->nleafs > VTLB_MAX_LEAFS)
		return fail(why, "more than 8 leaf tables");
	if (w->nregions < 1 || w->nregions > VTLB_MAX_REGIONS)
		return fail(why, "number of regions is not 1 or 2");
	if (w->nslots < 1 || w->nslots > VTLB_MAX_SLOTS)
		return fail(why, "number of slots is not 1 to 4");
	if (w->npages < 1 || w->npages > VTLB_MAX_PAGES)
		return fail(why, "number of pages is not 1 to 8");
	if (w->npcids < 1 || w->npcids > VTLB_MAX_PCIDS)
		return fail(why, "number of PCIDs is not 1 to 12");
	if (w->nvalues < 1 || w->nvalues > VTLB_MAX_VALUES)
		return fail(why, "number of leaf values is not 1 to 32");
	if (w->nframes < 1 || w->nframes > VTLB_MAX_FRAMES)
		return fail(why, "number of frames is not 1 to 31");
	return true;
}

static bool check_pages(const struct vtlb_world *w, const char **why)
{
	for (unsigned int s = 0; s < w->nslots; s++) {
		if (w->slot_region[s] >= w->nregions)
			return fail(why, "a slot is in a region that does not exist");
	}
	for (unsigned int i = 0; i < w->npages; i++) {
		const struct vtlb_page *p = &w->page[i];

		if (p->slot >= w->nslots)
			return fail(why, "a page is in a slot that does not exist");
		if (p->entry >= VTLB_MAX_ENTRIES)
			return fail(why, "a page uses a table entry above 3");
		if (p->linear & 0xfff || p->linear >> 32)
			return fail(why, "a linear address is not 4 KiB aligned below 4 GiB");
		if ((p->linear >> 12 & 0x1ff) != p->entry)
			return fail(why, "bits 20:12 of a linear address are not its entry");
		for (unsigned int j = 0; j < i; j++) {
			bool same_slot = w->page[j].slot == p->slot;

			if (w->page[j].linear == p->linear)
				return fail(why, "two pages have the same linear address");
			if (same_slot != (w->page[j].linear >> 21 == p->linear >> 21))
				return fail(why, "pages of one slot, and they alone, have to "
						 "lie in the same 2 MiB");
		}
	}
	return true;
}

static bool check_values(const struct vtlb_world *w, const char **why)
{
	if (w->pcid[0] != 0)
		return fail(why, "the first PCID is not 000H");
	for (unsigned int i = 0; i < w->npcids; i++) {
		if (w->pcid[i] > 0xfff)
			return fail(why, "a PCID has more than 12 bits");
		if (vtlb_world_pcid_index(w, w->pcid[i]) != (int)i)
			return fail(why, "a PCID is there twice");
	}
	if (w->value[0].frame || w->value[0].flags)
		return fail(why, "leaf value 0 is not the not-present value");
	for (unsigned int i = 1; i < w->nvalues; i++) {
		struct vtlb_leaf v = w->value[i];
		bool twin = v.flags & VTLB_LEAF_D;

		if (!(v.flags & VTLB_LEAF_P))
			return fail(why, "a second leaf value is not present");
		if (v.flags >= VTLB_LEAF_RSVD << 1)
			return fail(why, "a leaf value has an undefined flag");
		if (v.frame >= w->nframes)
			return fail(why, "a leaf value has a frame that does not exist");
		for (unsigned int j = 1; j < w->nvalues; j++) {
			struct vtlb_leaf o = w->value[j];

			if (o.frame != v.frame)
				continue;
			if (j < i && o.flags == v.flags)
				return fail(why, "a leaf value is there twice");
			twin |= o.flags == (v.flags | VTLB_LEAF_D);
		}
		if (!twin)
			return fail(why, "a leaf value with D=0 lacks its D=1 twin");
	}
	return true;
}

static bool check_memory(const struct vtlb_world *w, const char **why)
{
	for (unsigned int r = 0; r < VTLB_MAX_ROOTS; r++) {
		for (unsigned int i = 0; i < VTLB_MAX_REGIONS; i++) {
			bool used = r < w->nroots && i < w->nregions;

			if (w->init.root[r][i] > (used ? w->nuppers : 0))
				return fail(why, "a root entry names an upper table that does "
						 "not exist");
		}
	}
	for (unsigned int u = 0; u < VTLB_MAX_UPPERS; u++) {
		for (unsigned int i = 0; i < VTLB_MAX_SLOTS; i++) {
			bool used = u < w->nuppers && i < w->nslots;

			if (w->init.upper[u][i] > (used ? w->nleafs : 0))
				return fail(why, "an upper entry names a leaf table that does "
						 "not exist");
		}
	}
	for (unsigned int t = 0; t < VTLB_MAX_LEAFS; t++) {
		for (unsigned int i = 0; i < VTLB_MAX_ENTRIES; i++) {
			if (w->init.leaf[t][i] >= (t < w->nleafs ? w->nvalues : 1))
				return fail(why, "a leaf entry has a value that does not exist");
		}
	}
	return true;
}

static bool check_unused(const struct vtlb_world *w, const char **why)
{
	bool clean = all_zero(w->slot_region + w->nslots, VTLB_MAX_SLOTS - w->nslots) &&
		     all_zero(w->page + w->npages,
			      (VTLB_MAX_PAGES - w->npages) * sizeof(w->page[0])) &&
		     all_zero(w->pcid + w->npcids,
			      (VTLB_MAX_PCIDS - w->npcids) * sizeof(w->pcid[0])) &&
		     all_zero(w->value + w->nvalues,
			      (VTLB_MAX_VALUES - w->nvalues) * sizeof(w->value[0]));

	return clean || fail(why, "an unused part of the world is not zero");
}

static bool letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

/* Words that stand where the trace language also takes a name. */
static bool reserved(const char *name)
{
	static const char words[][VTLB_NAME] = {
		"none", "np", "rsvd", "noncanonical", "identity", "dirtied",
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (!memcmp(name, words[i], VTLB_NAME))
			return true;
	}
	return false;
}

/* A dot joins a root's and a page's name in traces, so it is in neither. */
static bool name_ok(const char *name, bool dots)
{
	size_t len = 0;

	while (len < VTLB_NAME && name[len]) {
		char c = name[len];

		if (!letter(c) && (len == 0 || !((c >= '0' && c <= '9') || (dots && c == '.'))))
			return false;
		len++;
	}
	if (len == 0 || len == VTLB_NAME || name[len - 1] == '.')
		return false;
	return all_zero(name + len, VTLB_NAME - len) && !reserved(name);
}

struct names {
	const char *name;	/* array of VTLB_NAME bytes each */
	unsigned int used, max;
	bool dots;
};

static bool check_names(const struct vtlb_world *w, const char **why)
{
	const struct names group[] = {
		{ w->root_name[0], w->nroots, VTLB_MAX_ROOTS, false },
		{ w->page_name[0], w->npages, VTLB_MAX_PAGES, false },
		{ w->upper_name[0], w->nuppers, VTLB_MAX_UPPERS, true },
		{ w->leaf_name[0], w->nleafs, VTLB_MAX_LEAFS, true },
		{ w->frame_name[0], w->nframes, VTLB_MAX_FRAMES, true },
	};
	const unsigned int frames = 4; /* frames have a name space of their own */

	for (unsigned int g = 0; g <= frames; g++) {
		const char *unused = group[g].name + group[g].used * VTLB_NAME;

		for (unsigned int i = 0; i < group[g].used; i++) {
			const char *name = group[g].name + i * VTLB_NAME;

			if (!name_ok(name, group[g].dots))
				return fail(why, "a name is not a letter or _ followed by letters, "
						 "digits, _ (in table and frame names also dots), "
						 "at most 15 in all, and no reserved word");
			for (unsigned int h = g == frames ? g : 0; h <= g; h++) {
				unsigned int n = h == g ? i : group[h].used;

				for (unsigned int j = 0; j < n; j++) {
					if (!memcmp(group[h].name + j * VTLB_NAME, name,
						    VTLB_NAME))
						return fail(why, "a name is there twice");
				}
			}
		}
		if (!all_zero(unused, (group[g].max - group[g].used) * VTLB_NAME))
			return fail(why, "an unused part of the world is not zero");
	}
	return true;
}

static bool check_regs(const struct vtlb_world *w, const char **why)
{
	const uint32_t m = w->init_mode;

	if (m & ~((VTLB_AC << 1) - 1u))
		return fail(why, "the initial registers have an undefined bit");
	if (w->init_root >= w->nroots)
		return fail(why, "the initial CR3 names a root that does not exist");
	if (w->init_low12 > 0xfff)
		return fail(why, "the initial CR3[11:0] has more than 12 bits");
	if (w->features & VTLB_F_PCID && vtlb_world_pcid_index(w, w->init_low12) < 0)
		return fail(why, "the initial CR3[11:0] is not one of the world's PCIDs");
	if (m & VTLB_PG && !(m & VTLB_PE))
		return fail(why, "initial CR0.PG=1 needs CR0.PE=1");
	if (m & VTLB_NW && !(m & VTLB_CD))
		return fail(why, "initial CR0.NW=1 needs CR0.CD=1");
	if (!(m & VTLB_LMA) != !(m & VTLB_LME && m & VTLB_PG))
		return fail(why, "initial EFER.LMA is not EFER.LME and CR0.PG");
	if (m & VTLB_PG && (!(m & VTLB_LMA) || m & VTLB_LA57))
		return fail(why, "initial paging other than 4-level long mode is not modelled");
	if (m & VTLB_LMA && !(m & VTLB_PAE))
		return fail(why, "initial EFER.LMA=1 needs CR4.PAE=1");
	if (m & VTLB_PCIDE && !(m & VTLB_LMA))
		return fail(why, "initial CR4.PCIDE=1 needs EFER.LMA=1");
	if (m & VTLB_CET && !(m & VTLB_WP))
		return fail(why, "initial CR4.CET=1 needs CR0.WP=1");
	if (m & VTLB_CPL3 && !(m & VTLB_PE))
		return fail(why, "initial CPL=3 needs CR0.PE=1");
	for (uint32_t bit = 1; bit <= VTLB_AC; bit <<= 1) {
		uint32_t need = m & bit ? vtlb_feature_of_bit(bit) : 0;

		if (need & ~w->features)
			return fail(why, "an initial register bit needs a feature that the world "
					 "does not have");
	}
	return true;
}

bool vtlb_world_check(const struct vtlb_world *w, const char **why)
{
	return check_counts(w, why) && check_pages(w, why) && check_values(w, why) &&
	       check_memory(w, why) && check_unused(w, why) && check_names(w, why) &&
	       check_regs(w, why);
}
