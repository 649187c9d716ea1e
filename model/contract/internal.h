/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Private to model/contract: layout of the sets and the few functions that its
 * files share.
 */
#ifndef VTLB_CONTRACT_INTERNAL_H
#define VTLB_CONTRACT_INTERNAL_H

#include <string.h>

#include "vtlb/contract.h"

/* The PML4E-cache masks of a PCID come first, then its PDE-cache masks. */
#define PSC_WORDS(w) ((uint32_t)(w)->nregions + (w)->nslots)

static inline uint32_t *vcpu_sets(const struct vtlb_contract *c, struct vtlb_cstate *s,
				  unsigned int vcpu)
{
	return s->set + vcpu * c->vcpu_words;
}

static inline const uint32_t *vcpu_csets(const struct vtlb_contract *c,
					 const struct vtlb_cstate *s, unsigned int vcpu)
{
	return s->set + vcpu * c->vcpu_words;
}

/* Words of one (PCID, tag): values per page. */
static inline uint32_t ng_at(const struct vtlb_contract *c, unsigned int pcid, unsigned int tag)
{
	return (pcid * c->tags + tag) * c->w->npages;
}

static inline uint32_t psc_at(const struct vtlb_contract *c, unsigned int pcid, unsigned int tag)
{
	return c->off_psc + (pcid * c->tags + tag) * PSC_WORDS(c->w);
}

static inline uint32_t w_at(const struct vtlb_contract *c, unsigned int pcid, unsigned int root)
{
	return c->off_w + (pcid * c->w->nroots + root) * c->w->npages;
}

/* What else waive_other_roots() adds, of pairs that paging-structure caches may lead to. */
static inline uint32_t x_at(const struct vtlb_contract *c, unsigned int pcid, unsigned int root)
{
	return c->off_x + (pcid * c->w->nroots + root) * c->w->npages;
}

/* What wp0-smap keeps apart for a PCID: values of non-global entries, or of global ones. */
static inline uint32_t wp0_at(const struct vtlb_contract *c, unsigned int pcid, bool global)
{
	return c->off_wp0 + (pcid * 2 + global) * c->w->npages;
}

/* With the waiver pf-partial-drop, entries are kept apart by the root that made them. */
static inline unsigned int tag_of(const struct vtlb_contract *c, const struct vtlb_regs *r)
{
	return c->tags > 1 ? r->root : 0;
}

static inline unsigned int cur_pcid(const struct vtlb_contract *c, const struct vtlb_regs *r)
{
	return r->mode & VTLB_PCIDE ? c->pcid_index[r->low12] : 0;
}

/* Index into vtlb_contract.outcome for a mode word. */
static inline unsigned int rights_of(uint32_t mode)
{
	return (mode & VTLB_WP ? 1u : 0) | (mode & VTLB_SMEP ? 2u : 0) |
	       (mode & VTLB_SMAP ? 4u : 0) | (mode & VTLB_NXE ? 8u : 0);
}

/* Is what the waiver wp0-smap is about possible under this mode? */
static inline bool wp0_smap(const struct vtlb_contract *c, uint32_t mode)
{
	return (c->waive & VTLB_WAIVE_WP0_SMAP) &&
	       (mode & (VTLB_PG | VTLB_WP | VTLB_SMAP)) == (VTLB_PG | VTLB_SMAP);
}

static inline uint32_t *wp0_bits(struct vtlb_cstate *s, uint32_t mode)
{
	return &s->wp0[mode & VTLB_SMEP ? 1 : 0];
}

static inline uint32_t entry_bit(unsigned int table, unsigned int entry)
{
	return 1u << (table * VTLB_MAX_ENTRIES + entry);
}

/* A walk that finds this value reports a reserved bit. */
static inline bool value_reserved(const struct vtlb_contract *c, unsigned int value, uint32_t mode)
{
	unsigned int f = c->w->value[value].flags;

	return (f & VTLB_LEAF_RSVD) || ((f & VTLB_LEAF_NX) && !(mode & VTLB_NXE));
}

/* walk.c: add to S of one vCPU whatever a walk may create now. */
void contract_close(const struct vtlb_contract *c, struct vtlb_cstate *s, unsigned int vcpu);

/* waive.c: the side sets of noncurrent-refill. */
void waive_switch(const struct vtlb_contract *c, struct vtlb_cstate *s, unsigned int vcpu);
void waive_other_roots(const struct vtlb_contract *c, struct vtlb_cstate *s, unsigned int vcpu);
void waive_end_pairs(const struct vtlb_contract *c, struct vtlb_cstate *s, unsigned int vcpu,
		     const struct vtlb_contract_step *r, unsigned int pairs);
void waive_unlink(const struct vtlb_contract *c, uint32_t *set, unsigned int pcid);
void waive_refill(const struct vtlb_contract *c, struct vtlb_cstate *s, unsigned int vcpu);

/* waive.c: what wp0-smap and nxe-reserved note after every step, and at an access. */
void waive_note(const struct vtlb_contract *c, struct vtlb_cstate *s);
void waive_access(const struct vtlb_contract *c, struct vtlb_cstate *s, unsigned int vcpu,
		  unsigned int page, enum vtlb_kind kind, uint32_t outcome);

/* walk.c: the leaf table that a walk from a root reaches in memory, or -1. */
int walk_table(const struct vtlb_world *w, const struct vtlb_mem *m, unsigned int root,
	       unsigned int page);

#endif /* VTLB_CONTRACT_INTERNAL_H */
