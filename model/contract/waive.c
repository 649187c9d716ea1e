/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Waivers: the enlargements of S that the recorded deviations have, in terms of
 * guest operations alone (docs/deviations.md).
 */
#include "internal.h"

/* A side set joins S, and what wp0-smap keeps apart of it joins what it keeps apart. */
static void join(const struct vtlb_contract *c, uint32_t *set, const struct vtlb_regs *r,
		 const uint32_t *side)
{
	unsigned int pcid = cur_pcid(c, r);
	uint32_t *ng = set + ng_at(c, pcid, tag_of(c, r));

	for (unsigned int page = 0; page < c->w->npages; page++)
		ng[page] |= side[page];
	if (!c->side_wp0)
		return;
	ng = set + wp0_at(c, pcid, false);
	for (unsigned int page = 0; page < c->w->npages; page++)
		ng[page] |= side[c->side_wp0 + page];
}

/* Empty the side sets of @n roots of a PCID. */
static void empty(const struct vtlb_contract *c, uint32_t *side, unsigned int n)
{
	memset(side, 0, (size_t)n * c->w->npages * sizeof(*side));
	if (c->side_wp0)
		memset(side + c->side_wp0, 0, (size_t)n * c->w->npages * sizeof(*side));
}

/* The pair that CR3 names has become current: it is live, and its W joins S. */
void waive_switch(const struct vtlb_contract *c, struct vtlb_cstate *s, unsigned int vcpu)
{
	const struct vtlb_regs *r = &s->regs[vcpu];
	uint32_t *set = vcpu_sets(c, s, vcpu);
	unsigned int pcid = cur_pcid(c, r);
	uint32_t *w = set + w_at(c, pcid, r->root);

	set[c->off_live + pcid] |= 1u << r->root;
	join(c, set, r, w);
	empty(c, w, 1);
	if (!(c->waive & VTLB_WAIVE_PSC))
		return;
	set[c->off_linked + pcid] |= 1u << r->root;
	empty(c, set + x_at(c, pcid, r->root), 1);
}

/*
 * Another PCID has become current: what its other roots have gained joins S, too, and
 * stays there, if paging-structure caches may lead to their tables.
 */
void waive_other_roots(const struct vtlb_contract *c, struct vtlb_cstate *s, unsigned int vcpu)
{
	const struct vtlb_regs *r = &s->regs[vcpu];
	uint32_t *set = vcpu_sets(c, s, vcpu);

	for (unsigned int root = 0; root < c->w->nroots; root++)
		join(c, set, r, set + x_at(c, cur_pcid(c, r), root));
}

/* All paging-structure caches of a PCID were dropped. */
void waive_unlink(const struct vtlb_contract *c, uint32_t *set, unsigned int pcid)
{
	set[c->off_linked + pcid] = 0;
	empty(c, set + x_at(c, pcid, 0), c->w->nroots);
}

static void kill(const struct vtlb_contract *c, uint32_t *set, unsigned int pcid)
{
	set[c->off_live + pcid] = 0;
	empty(c, set + w_at(c, pcid, 0), c->w->nroots);
	if (c->waive & VTLB_WAIVE_PSC)
		waive_unlink(c, set, pcid);
}

/*
 * Pairs that a record ends.  The current pair goes too: its W is empty, and the
 * caller makes the pair that is current after the operation live again.
 */
void waive_end_pairs(const struct vtlb_contract *c, struct vtlb_cstate *s, unsigned int vcpu,
		     const struct vtlb_contract_step *r, unsigned int pairs)
{
	uint32_t *set = vcpu_sets(c, s, vcpu);

	for (unsigned int pcid = 0; pcid < c->w->npcids; pcid++)
		if (pairs == VTLB_PAIRS_ALL || pairs == VTLB_PAIRS_NONCURRENT ||
		    (pairs == VTLB_PAIRS_NEW && pcid == r->new_pcid) ||
		    (pairs == VTLB_PAIRS_OPERAND && pcid == r->operand))
			kill(c, set, pcid);
}

/* A side set gains what a walk of its root gives now. */
static void gain(const struct vtlb_contract *c, struct vtlb_cstate *s, uint32_t mode,
		 unsigned int root, uint32_t *side)
{
	const struct vtlb_world *w = c->w;

	for (unsigned int page = 0; page < w->npages; page++) {
		int t = walk_table(w, &s->mem, root, page);
		unsigned int entry = w->page[page].entry, v, f;

		if (t < 0)
			continue;
		v = s->mem.leaf[t][entry];
		f = w->value[v].flags;
		if (!(f & VTLB_LEAF_P) || (f & VTLB_LEAF_RSVD))
			continue;
		if ((f & VTLB_LEAF_NX) && !(mode & VTLB_NXE) &&
		    !((c->waive & VTLB_WAIVE_NXE) &&
		      (s->nxe & entry_bit((unsigned int)t, entry))))
			continue;
		side[page] |= 1u << v;
		if (wp0_smap(c, mode) &&
		    (*wp0_bits(s, mode) & entry_bit((unsigned int)t, entry)))
			side[c->side_wp0 + page] |= 1u << v;
	}
}

/*
 * Each live pair that is not current goes on gaining the walks of its root.  All
 * of them are kept as non-global entries, whatever G and CR4.PGE are.
 */
void waive_refill(const struct vtlb_contract *c, struct vtlb_cstate *s, unsigned int vcpu)
{
	const struct vtlb_regs *r = &s->regs[vcpu];
	uint32_t *set = vcpu_sets(c, s, vcpu);
	unsigned int cur;

	if (!(r->mode & VTLB_PG))
		return;
	cur = cur_pcid(c, r);
	for (unsigned int pcid = 0; pcid < c->w->npcids; pcid++) {
		const uint32_t mask = pcid == cur ? ~(1u << r->root) : ~0u;
		uint32_t roots;

		for (roots = set[c->off_live + pcid] & mask; roots; roots &= roots - 1)
			gain(c, s, r->mode, (unsigned int)__builtin_ctz(roots),
			     set + w_at(c, pcid, (unsigned int)__builtin_ctz(roots)));
		if (!(c->waive & VTLB_WAIVE_PSC))
			continue;
		for (roots = set[c->off_linked + pcid] & mask; roots; roots &= roots - 1)
			gain(c, s, r->mode, (unsigned int)__builtin_ctz(roots),
			     set + x_at(c, pcid, (unsigned int)__builtin_ctz(roots)));
	}
}

/*
 * The mark of wp0-smap.  A user access makes KVM replace the SPTE if it exits, but it may
 * as well use what the TLB has from before, and no guest can tell: so no access ends a
 * mark.  A store to the entry does: the SPTE is made anew at the latest by the flush that
 * drops what was loaded through it.
 */
void waive_access(const struct vtlb_contract *c, struct vtlb_cstate *s, unsigned int vcpu,
		  unsigned int page, enum vtlb_kind kind, uint32_t outcome)
{
	const struct vtlb_world *w = c->w;
	const struct vtlb_regs *r = &s->regs[vcpu];
	unsigned int entry = w->page[page].entry;
	unsigned int flags;
	int t;

	if (kind != VTLB_SWA || !wp0_smap(c, r->mode) ||
	    vtlb_outcome_kind(outcome) == VTLB_OUT_FAULT)
		return;
	t = walk_table(w, &s->mem, r->root, page);
	if (t < 0)
		return;
	flags = w->value[s->mem.leaf[t][entry]].flags;
	if ((flags & (VTLB_LEAF_U | VTLB_LEAF_W)) == VTLB_LEAF_U)
		*wp0_bits(s, r->mode) |= entry_bit((unsigned int)t, entry);
}

/* XD entries that were in memory while a vCPU had EFER.NXE=1 */
void waive_note(const struct vtlb_contract *c, struct vtlb_cstate *s)
{
	uint32_t mode = 0;

	if (!(c->waive & VTLB_WAIVE_NXE))
		return;
	for (unsigned int v = 0; v < c->w->nvcpus; v++)
		if (s->regs[v].mode & VTLB_PG)
			mode |= s->regs[v].mode;
	if (!(mode & VTLB_NXE))
		return;
	for (unsigned int t = 0; t < c->w->nleafs; t++)
		for (unsigned int e = 0; e < VTLB_MAX_ENTRIES; e++)
			if (c->w->value[s->mem.leaf[t][e]].flags & VTLB_LEAF_NX)
				s->nxe |= entry_bit(t, e);
}
