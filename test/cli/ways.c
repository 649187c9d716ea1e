/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Two implementations that can be told apart only by who gives f1 again and again where
 * f0 was possible too: one flushes the second time (COSTLY), one gives no fourth (SHORT).
 */
#include <string.h>

#include "vtlb/impl.h"

#define MOST 3u

const struct vtlb_impl *vtlb_impl_v1(void);

static size_t state_size(const struct vtlb_impl *impl, const struct vtlb_world *w)
{
	(void)impl;
	(void)w;
	return sizeof(uint64_t);
}

static void reset(const struct vtlb_impl *impl, const struct vtlb_world *w, void *state)
{
	memset(state, 0, state_size(impl, w));
}

/* The state: how often f1 was given since f0 was. */
static void step(const struct vtlb_impl *impl, const struct vtlb_world *w, void *state,
		 struct vtlb_op op, uint32_t outcome, struct vtlb_impl_step *r)
{
	uint64_t *times = state;

	(void)impl;
	(void)w;
	(void)op;
	r->outcome = outcome;
	if (vtlb_outcome_index(outcome) == 0) {
		*times = 0;
		return;
	}
	*times += *times < MOST;
#ifdef COSTLY
	r->cost.flushes = *times == 2;
#endif
}

static void outcomes(const struct vtlb_impl *impl, const struct vtlb_world *w, const void *state,
		     unsigned int vcpu, unsigned int page, struct vtlb_outset out[VTLB_NR_KINDS])
{
	const uint64_t *times = state;
	uint32_t frames = 3;

	(void)impl;
	(void)w;
	(void)vcpu;
	(void)page;
#ifdef SHORT
	frames = *times == MOST ? 1 : 3;
#else
	(void)times;
#endif
	for (unsigned int kind = 0; kind < VTLB_NR_KINDS; kind++)
		out[kind] = (struct vtlb_outset){ .frames = frames };
}

const struct vtlb_impl *vtlb_impl_v1(void)
{
	static const struct vtlb_impl impl = {
		.abi = VTLB_IMPL_ABI,
		.size = sizeof(struct vtlb_impl),
#ifdef COSTLY
		.name = "costly",
#else
		.name = "short",
#endif
		.summary = "gives f0 or f1",
		.ops = 1u << VTLB_OP_ACCESS,
		.vendors = 1u << VTLB_INTEL,
		.modes = 1u << VTLB_SHADOW,
		.max_vcpus = 1,
		.state_size = state_size,
		.reset = reset,
		.step = step,
		.outcomes = outcomes,
	};

	return &impl;
}
