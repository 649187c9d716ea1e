/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A hypervisor that keeps nothing: every access walks the guest's tables.
 * It is as slow as can be, and right on every trace.
 */
#include "guest.h"

static size_t state_size(const struct vtlb_impl *impl, const struct vtlb_world *w)
{
	(void)impl;
	return w->mode == VTLB_SHADOW ? (sizeof(struct guest) + 7) / 8 * 8 : 0;
}

static void reset(const struct vtlb_impl *impl, const struct vtlb_world *w, void *state)
{
	memset(state, 0, state_size(impl, w));
	guest_reset(state, w);
}

static void step(const struct vtlb_impl *impl, const struct vtlb_world *w, void *state,
		 struct vtlb_op op, uint32_t outcome, struct vtlb_impl_step *r)
{
	struct guest *g = state;
	unsigned int vcpu = vtlb_op_vcpu(op);

	(void)impl;
	(void)outcome;	/* there is never a choice */
	if (op.code != VTLB_OP_ACCESS) {
		r->fault = guest_step(g, w, op);
		return;
	}
	r->outcome = guest_walk(g, w, vcpu, op.a, vtlb_op_kind(op, g->regs[vcpu].mode));
	if (vtlb_outcome_kind(r->outcome) == VTLB_OUT_DIRTIED)
		guest_set_dirty(g, w, vtlb_outcome_index(r->outcome), op.a);
	r->cost.refaults = 1;
	r->note = "walked the guest's tables";
}

static void outcomes(const struct vtlb_impl *impl, const struct vtlb_world *w,
		     const void *state, unsigned int vcpu, unsigned int page,
		     struct vtlb_outset out[VTLB_NR_KINDS])
{
	(void)impl;
	for (unsigned int kind = 0; kind < VTLB_NR_KINDS; kind++) {
		memset(&out[kind], 0, sizeof(out[kind]));
		guest_add(&out[kind], guest_walk(state, w, vcpu, page, (enum vtlb_kind)kind));
	}
}

static const struct vtlb_impl always_flush = {
	.abi = VTLB_IMPL_ABI,
	.size = sizeof(struct vtlb_impl),
	.name = "always-flush",
	.summary = "keeps no translation at all",
	.ops = (1u << VTLB_OP_NR) - 1,
	.vendors = 1u << VTLB_INTEL | 1u << VTLB_AMD,
	.modes = 1u << VTLB_SHADOW,
	.max_vcpus = VTLB_MAX_VCPUS,
	.state_size = state_size,
	.reset = reset,
	.step = step,
	.outcomes = outcomes,
};

const struct vtlb_impl *vtlb_impl_v1(void);

const struct vtlb_impl *vtlb_impl_v1(void)
{
	return &always_flush;
}
