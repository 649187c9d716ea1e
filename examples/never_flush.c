/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A hypervisor that never flushes: it keeps every translation it has walked,
 * by vCPU, PCID and page, and no instruction of the guest removes one.
 */
#include <stdio.h>

#include "guest.h"

/* Cached leaf values: bit v is value v of the world. */
struct never {
	struct guest guest;
	uint32_t cache[VTLB_MAX_VCPUS][VTLB_MAX_PCIDS][VTLB_MAX_PAGES];
};

static size_t state_size(const struct vtlb_impl *impl, const struct vtlb_world *w)
{
	(void)impl;
	return w->mode == VTLB_SHADOW ? (sizeof(struct never) + 7) / 8 * 8 : 0;
}

static void reset(const struct vtlb_impl *impl, const struct vtlb_world *w, void *state)
{
	struct never *s = state;

	memset(state, 0, state_size(impl, w));
	guest_reset(&s->guest, w);
}

static uint32_t cached(const struct never *s, const struct vtlb_world *w, unsigned int vcpu,
		       unsigned int page)
{
	const struct guest_regs *r = &s->guest.regs[vcpu];

	if (!(r->mode & VTLB_PG))
		return 0;
	return s->cache[vcpu][vtlb_world_pcid_index(w, guest_pcid(r))][page];
}

/* A cached value is used if it permits the access; a write also needs D=1. */
static bool usable(struct vtlb_leaf leaf, enum vtlb_kind kind, uint32_t mode)
{
	return guest_permits(leaf.flags, kind, mode) &&
	       (!guest_is_write(kind) || (leaf.flags & VTLB_LEAF_D));
}

static struct vtlb_outset possible(const struct never *s, const struct vtlb_world *w,
				   unsigned int vcpu, unsigned int page, enum vtlb_kind kind)
{
	struct vtlb_outset out = { 0, 0, 0 };
	uint32_t values = cached(s, w, vcpu, page);

	for (unsigned int v = 0; v < w->nvalues; v++)
		if ((values & 1u << v) && usable(w->value[v], kind, s->guest.regs[vcpu].mode))
			out.frames |= 1u << w->value[v].frame;
	if (!out.frames)
		guest_add(&out, guest_walk(&s->guest, w, vcpu, page, kind));
	return out;
}

static void access(struct never *s, const struct vtlb_world *w, struct vtlb_op op,
		   uint32_t outcome, struct vtlb_impl_step *r)
{
	unsigned int vcpu = vtlb_op_vcpu(op);
	enum vtlb_kind kind = vtlb_op_kind(op, s->guest.regs[vcpu].mode);
	struct vtlb_outset set = possible(s, w, vcpu, op.a, kind);
	int table, pcid;

	r->outcome = vtlb_outset_has(&set, outcome) ? outcome : vtlb_outset_next(&set, 0);
	if (vtlb_outcome_kind(r->outcome) == VTLB_OUT_DIRTIED)
		guest_set_dirty(&s->guest, w, vtlb_outcome_index(r->outcome), op.a);
	if (!(s->guest.regs[vcpu].mode & VTLB_PG) ||
	    vtlb_outcome_kind(r->outcome) == VTLB_OUT_FAULT)
		return;
	table = guest_table(&s->guest, w, vcpu, op.a);
	if (table < 0 || guest_walk(&s->guest, w, vcpu, op.a, kind) != r->outcome)
		return;
	pcid = vtlb_world_pcid_index(w, guest_pcid(&s->guest.regs[vcpu]));
	s->cache[vcpu][pcid][op.a] |= 1u << s->guest.mem.leaf[table][w->page[op.a].entry];
	r->cost.refaults = 1;
	r->note = "walked and kept for ever";
}

static void step(const struct vtlb_impl *impl, const struct vtlb_world *w, void *state,
		 struct vtlb_op op, uint32_t outcome, struct vtlb_impl_step *r)
{
	struct never *s = state;

	(void)impl;
	if (op.code == VTLB_OP_ACCESS)
		access(s, w, op, outcome, r);
	else
		r->fault = guest_step(&s->guest, w, op);
}

static void outcomes(const struct vtlb_impl *impl, const struct vtlb_world *w,
		     const void *state, unsigned int vcpu, unsigned int page,
		     struct vtlb_outset out[VTLB_NR_KINDS])
{
	(void)impl;
	for (unsigned int kind = 0; kind < VTLB_NR_KINDS; kind++)
		out[kind] = possible(state, w, vcpu, page, (enum vtlb_kind)kind);
}

static size_t held(const struct vtlb_impl *impl, const struct vtlb_world *w, const void *state,
		   unsigned int vcpu, unsigned int page, enum vtlb_kind kind, uint32_t outcome,
		   char *buf, size_t cap)
{
	const struct never *s = state;

	(void)impl, (void)kind, (void)outcome;
	return (size_t)snprintf(buf, cap, "the cache of vCPU %u, PCID %u, page %s", vcpu,
				guest_pcid(&s->guest.regs[vcpu]), w->page_name[page]);
}

static const struct vtlb_impl never_flush = {
	.abi = VTLB_IMPL_ABI,
	.size = sizeof(struct vtlb_impl),
	.name = "never-flush",
	.summary = "keeps every translation for ever",
	.ops = (1u << VTLB_OP_NR) - 1,
	.vendors = 1u << VTLB_INTEL | 1u << VTLB_AMD,
	.modes = 1u << VTLB_SHADOW,
	.max_vcpus = VTLB_MAX_VCPUS,
	.state_size = state_size,
	.reset = reset,
	.step = step,
	.outcomes = outcomes,
	.held = held,
};

const struct vtlb_impl *vtlb_impl_v1(void);

const struct vtlb_impl *vtlb_impl_v1(void)
{
	return &never_flush;
}
