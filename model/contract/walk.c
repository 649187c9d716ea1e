/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Walks: what a processor may put into its caches now, and what an access may
 * give, through entries of S or through a fresh walk.
 */
#include "internal.h"

int walk_table(const struct vtlb_world *w, const struct vtlb_mem *m, unsigned int root,
	       unsigned int page)
{
	unsigned int slot = w->page[page].slot, upper;

	/* after INIT CR3 names no root of the world */
	if (root >= w->nroots)
		return -1;
	upper = m->root[root][w->slot_region[slot]];
	if (!upper || !m->upper[upper - 1][slot])
		return -1;
	return m->upper[upper - 1][slot] - 1;
}

/* May a walk create an entry from this value? */
static bool cacheable(const struct vtlb_contract *c, const struct vtlb_cstate *s,
		      unsigned int table, unsigned int entry, unsigned int value, uint32_t mode)
{
	unsigned int flags = c->w->value[value].flags;

	if (!(flags & VTLB_LEAF_P) || (flags & VTLB_LEAF_RSVD))
		return false;
	if ((flags & VTLB_LEAF_NX) && !(mode & VTLB_NXE))
		return (c->waive & VTLB_WAIVE_NXE) && (s->nxe & entry_bit(table, entry));
	return true;
}

/*
 * Leaf tables that a walk for a slot may use: from CR3, or from any
 * paging-structure entry held for the current PCID.
 */
static uint32_t reachable(const struct vtlb_contract *c, const struct vtlb_cstate *s,
			  const struct vtlb_regs *r, const uint32_t *set, unsigned int pcid,
			  unsigned int slot, uint32_t *uppers_out)
{
	const struct vtlb_world *w = c->w;
	unsigned int region = w->slot_region[slot];
	uint32_t uppers = 0, tables = 0;

	for (unsigned int tag = 0; tag < c->tags; tag++) {
		const uint32_t *psc = set + psc_at(c, pcid, tag);

		uppers |= psc[region];
		tables |= psc[w->nregions + slot];
	}
	if (s->mem.root[r->root][region])
		uppers |= 1u << (s->mem.root[r->root][region] - 1);
	for (uint32_t rest = uppers; rest; rest &= rest - 1) {
		unsigned int entry = s->mem.upper[__builtin_ctz(rest)][slot];

		if (entry)
			tables |= 1u << (entry - 1);
	}
	*uppers_out = uppers;
	return tables;
}

void contract_close(const struct vtlb_contract *c, struct vtlb_cstate *s, unsigned int vcpu)
{
	const struct vtlb_world *w = c->w;
	const struct vtlb_regs *r = &s->regs[vcpu];
	uint32_t *set = vcpu_sets(c, s, vcpu);
	uint32_t tables[VTLB_MAX_SLOTS];
	unsigned int pcid, tag;
	uint32_t *psc;

	if (!(r->mode & VTLB_PG))
		return;
	pcid = cur_pcid(c, r);
	tag = tag_of(c, r);
	psc = set + psc_at(c, pcid, tag);
	for (unsigned int slot = 0; slot < w->nslots; slot++) {
		uint32_t uppers;

		tables[slot] = reachable(c, s, r, set, pcid, slot, &uppers);
		psc[w->slot_region[slot]] |= uppers;
		psc[w->nregions + slot] |= tables[slot];
	}
	for (unsigned int page = 0; page < w->npages; page++) {
		unsigned int entry = w->page[page].entry;

		for (uint32_t rest = tables[w->page[page].slot]; rest; rest &= rest - 1) {
			unsigned int t = (unsigned int)__builtin_ctz(rest);
			unsigned int v = s->mem.leaf[t][entry];
			bool global = (w->value[v].flags & VTLB_LEAF_G) && (r->mode & VTLB_PGE);

			if (!cacheable(c, s, t, entry, v, r->mode))
				continue;
			if (global)
				set[c->off_g + page] |= 1u << v;
			else
				set[ng_at(c, pcid, tag) + page] |= 1u << v;
			if (wp0_smap(c, r->mode) && (*wp0_bits(s, r->mode) & entry_bit(t, entry)))
				set[wp0_at(c, pcid, global) + page] |= 1u << v;
		}
	}
}

/* The error code of a #PF from a walk, without P and RSVD. */
static unsigned int err_of(unsigned int kind, uint32_t mode)
{
	unsigned int err = 0;

	if (kind == VTLB_UW || kind == VTLB_SW || kind == VTLB_SWA)
		err |= VTLB_PF_W;
	if (kind == VTLB_UR || kind == VTLB_UW || kind == VTLB_UX)
		err |= VTLB_PF_U;
	if ((kind == VTLB_UX || kind == VTLB_SX) && (mode & (VTLB_NXE | VTLB_SMEP)))
		err |= VTLB_PF_I;
	return err;
}

static void not_present(uint32_t mode, struct vtlb_outset out[VTLB_NR_KINDS])
{
	for (unsigned int k = 0; k < VTLB_NR_KINDS; k++)
		out[k].faults |= 1u << err_of(k, mode);
}

/* A fresh walk that ends at entry @entry of @table. */
static void fresh(const struct vtlb_contract *c, const struct vtlb_cstate *s, unsigned int table,
		  unsigned int entry, uint32_t mode, bool may_fault,
		  struct vtlb_outset out[VTLB_NR_KINDS])
{
	unsigned int v = s->mem.leaf[table][entry];
	unsigned int flags = c->w->value[v].flags;
	const struct vtlb_value_outcome *o = &c->outcome[rights_of(mode)][v];

	if (!(flags & VTLB_LEAF_P)) {
		if (may_fault)
			not_present(mode, out);
		return;
	}
	if (value_reserved(c, v, mode)) {
		for (unsigned int k = 0; may_fault && k < VTLB_NR_KINDS; k++)
			out[k].faults |= 1u << (err_of(k, mode) | VTLB_PF_P | VTLB_PF_RSVD);
		return;
	}
	for (unsigned int k = 0; k < VTLB_NR_KINDS; k++) {
		out[k].frames |= o->frames[k];
		if (may_fault)
			out[k].faults |= o->faults[k];
		if (!o->frames[k] && !o->faults[k])
			out[k].dirtied |= 1u << table;
	}
}

static void cached(const struct vtlb_contract *c, uint32_t values, uint32_t mode,
		   struct vtlb_outset out[VTLB_NR_KINDS])
{
	const struct vtlb_value_outcome *table = c->outcome[rights_of(mode)];
	/* AMD: a #PF is reported only after a fresh walk (D-UP) */
	uint32_t faults = c->vendor == VTLB_AMD ? 0 : ~0u;

	for (; values; values &= values - 1) {
		const struct vtlb_value_outcome *o = &table[__builtin_ctz(values)];

		for (unsigned int k = 0; k < VTLB_NR_KINDS; k++) {
			out[k].frames |= o->frames[k];
			out[k].faults |= o->faults[k] & faults;
		}
	}
}

void vtlb_contract_cached(const struct vtlb_contract *c, const struct vtlb_cstate *s,
			  unsigned int vcpu, unsigned int pcid, uint32_t mode,
			  unsigned int page, struct vtlb_outset out[VTLB_NR_KINDS])
{
	uint32_t global;
	uint32_t values = vtlb_contract_values(c, s, vcpu, pcid, page, &global);

	memset(out, 0, sizeof(*out) * VTLB_NR_KINDS);
	cached(c, values | global, mode, out);
}

/*
 * Waiver wp0-smap: a supervisor write with AC=1 under WP=0 left the translation
 * usable for supervisor accesses with AC=0, as if the page were a supervisor one.
 */
static void waive_wp0(const struct vtlb_contract *c, uint32_t values, uint32_t mode,
		      struct vtlb_outset out[VTLB_NR_KINDS])
{
	const struct vtlb_value_outcome *table = c->outcome[rights_of(mode)];

	for (; values; values &= values - 1) {
		const struct vtlb_value_outcome *o = &table[__builtin_ctz(values)];

		out[VTLB_SR].frames |= o->frames[VTLB_SRA];
		out[VTLB_SW].frames |= o->frames[VTLB_SWA];
	}
}

void vtlb_contract_allowed(const struct vtlb_contract *c, const struct vtlb_cstate *s,
			   unsigned int vcpu, unsigned int page,
			   struct vtlb_outset out[VTLB_NR_KINDS])
{
	const struct vtlb_world *w = c->w;
	const struct vtlb_regs *r = &s->regs[vcpu];
	const uint32_t *set = vcpu_csets(c, s, vcpu);
	unsigned int slot = w->page[page].slot, entry = w->page[page].entry;
	unsigned int pcid;
	uint32_t tables, uppers, values;
	bool amd = c->vendor == VTLB_AMD;
	int from_cr3;

	memset(out, 0, sizeof(*out) * VTLB_NR_KINDS);
	if (!(r->mode & VTLB_PG)) {
		for (unsigned int k = 0; k < VTLB_NR_KINDS; k++)
			out[k].frames = 1u << VTLB_FRAME_IDENTITY;
		return;
	}
	pcid = cur_pcid(c, r);
	values = set[c->off_g + page];
	for (unsigned int tag = 0; tag < c->tags; tag++)
		values |= set[ng_at(c, pcid, tag) + page];
	cached(c, values, r->mode, out);

	from_cr3 = walk_table(w, &s->mem, r->root, page);
	tables = reachable(c, s, r, set, pcid, slot, &uppers);
	if (from_cr3 < 0)
		not_present(r->mode, out);
	for (uint32_t rest = tables; rest; rest &= rest - 1) {
		unsigned int t = (unsigned int)__builtin_ctz(rest);

		fresh(c, s, t, entry, r->mode, !amd || (int)t == from_cr3, out);
	}
	/* a walk may also begin at a cached PML4E whose directory has no entry now */
	for (uint32_t rest = amd ? 0 : uppers; rest; rest &= rest - 1)
		if (!s->mem.upper[__builtin_ctz(rest)][slot])
			not_present(r->mode, out);
	if (wp0_smap(c, r->mode))
		waive_wp0(c, set[wp0_at(c, pcid, false) + page] | set[wp0_at(c, pcid, true) + page],
			  r->mode, out);
}
