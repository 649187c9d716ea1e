/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * An implementation for tests of the check: kvm-6.12 underneath, plus outcomes
 * that a test asks for, so that each verdict can be had on purpose.
 */
#ifndef TEST_FAKE_IMPL_H
#define TEST_FAKE_IMPL_H

#include <string.h>

#include "vtlb/kvm.h"

/**
 * struct lie - what to add to the outcomes of kvm-6.12
 * @remember: every frame that a store put into entry 0 of a page table, for all
 *	accesses to page 0: legal until something is dropped
 * @from: from this many accesses on, add @outcome to @kind of @page
 * @forget: what an access gave is no part of the state
 * @log: only where the accesses so far gave these frames, 4 bits each (0: anywhere)
 */
struct lie {
	bool remember;
	bool forget;
	uint8_t page;
	uint8_t kind;
	uint32_t from;
	uint32_t outcome;
	uint32_t log;
};

struct fake_state {
	uint32_t log;
	uint32_t frames;
	uint32_t accesses;
	uint32_t pad;
	uint64_t base[];
};

static inline const struct vtlb_impl *fake_base(void)
{
	return vtlb_preset_by_name("kvm-6.12");
}

static inline size_t fake_size(const struct vtlb_impl *impl, const struct vtlb_world *w)
{
	size_t size = fake_base()->state_size(fake_base(), w);

	(void)impl;
	return size ? size + sizeof(struct fake_state) : 0;
}

static inline void fake_reset(const struct vtlb_impl *impl, const struct vtlb_world *w, void *state)
{
	struct fake_state *s = state;

	(void)impl;
	memset(s, 0, sizeof(*s));
	fake_base()->reset(fake_base(), w, s->base);
}

static inline void fake_outcomes(const struct vtlb_impl *impl, const struct vtlb_world *w,
				 const void *state, unsigned int vcpu, unsigned int page,
				 struct vtlb_outset out[VTLB_NR_KINDS])
{
	const struct fake_state *s = state;
	const struct lie *lie = impl->priv;
	uint32_t bit = 1u << vtlb_outcome_index(lie->outcome);

	fake_base()->outcomes(fake_base(), w, s->base, vcpu, page, out);
	for (unsigned int i = 0; page == 0 && i < VTLB_NR_KINDS; i++)
		out[i].frames |= s->frames;
	if (page != lie->page || s->accesses < lie->from || (lie->log && lie->log != s->log))
		return;
	if (vtlb_outcome_kind(lie->outcome) == VTLB_OUT_FRAME)
		out[lie->kind].frames |= bit;
	else if (vtlb_outcome_kind(lie->outcome) == VTLB_OUT_DIRTIED)
		out[lie->kind].dirtied |= bit;
	else if (vtlb_outcome_kind(lie->outcome) == VTLB_OUT_FAULT)
		out[lie->kind].faults |= bit;
}

static inline void fake_step(const struct vtlb_impl *impl, const struct vtlb_world *w, void *state,
			     struct vtlb_op op, uint32_t outcome, struct vtlb_impl_step *r)
{
	struct fake_state *s = state;
	const struct lie *lie = impl->priv;

	if (op.code == VTLB_OP_WRITE_LEAF && op.b == 0 && lie->remember)
		s->frames |= 1u << w->value[op.imm].frame;
	fake_base()->step(fake_base(), w, s->base, op, outcome, r);
	if (op.code != VTLB_OP_ACCESS)
		return;
	s->accesses++;
	if (!lie->forget)
		s->log = s->log << 4 | (vtlb_outcome_index(outcome) & 0xf);
	r->outcome = outcome;
}

static inline struct vtlb_impl fake_impl(const struct lie *lie)
{
	const struct vtlb_impl impl = {
		.abi = VTLB_IMPL_ABI,
		.size = sizeof(struct vtlb_impl),
		.name = "fake",
		.summary = "kvm-6.12 and a lie",
		.ops = (1u << VTLB_OP_NR) - 1,
		.vendors = 1u << VTLB_INTEL | 1u << VTLB_AMD,
		.modes = 1u << VTLB_SHADOW,
		.max_vcpus = VTLB_MAX_VCPUS,
		.priv = lie,
		.state_size = fake_size,
		.reset = fake_reset,
		.step = fake_step,
		.outcomes = fake_outcomes,
	};

	return impl;
}

#endif /* TEST_FAKE_IMPL_H */
