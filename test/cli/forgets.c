/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * An implementation that keeps something beside its states, and ends the process if a
 * state is used after vtlb said that none would be.  It says how much it kept at most.
 */
#include <stdio.h>
#include <stdlib.h>

#include "vtlb/impl.h"

const struct vtlb_impl *vtlb_impl_v1(void);

static uint64_t generation, kept, most;

static size_t state_size(const struct vtlb_impl *impl, const struct vtlb_world *w)
{
	(void)impl;
	(void)w;
	return sizeof(generation);
}

static void reset(const struct vtlb_impl *impl, const struct vtlb_world *w, void *state)
{
	(void)impl;
	(void)w;
	*(uint64_t *)state = generation;
}

static void use(const void *state)
{
	if (*(const uint64_t *)state == generation)
		return;
	fprintf(stderr, "a state that was to be forgotten is used\n");
	abort();
}

static void step(const struct vtlb_impl *impl, const struct vtlb_world *w, void *state,
		 struct vtlb_op op, uint32_t outcome, struct vtlb_impl_step *r)
{
	(void)impl;
	(void)w;
	(void)op;
	use(state);
	kept++;
	most = kept > most ? kept : most;
	r->outcome = outcome;
}

static void outcomes(const struct vtlb_impl *impl, const struct vtlb_world *w, const void *state,
		     unsigned int vcpu, unsigned int page, struct vtlb_outset out[VTLB_NR_KINDS])
{
	(void)impl;
	(void)w;
	(void)vcpu;
	(void)page;
	use(state);
	for (unsigned int kind = 0; kind < VTLB_NR_KINDS; kind++)
		out[kind] = (struct vtlb_outset){ .frames = 1 };
}

static void forget(const struct vtlb_impl *impl)
{
	(void)impl;
	generation++;
	kept = 0;
}

static void report(void)
{
	fprintf(stderr, "kept at most %llu steps\n", (unsigned long long)most);
}

const struct vtlb_impl *vtlb_impl_v1(void)
{
	static const struct vtlb_impl impl = {
		.abi = VTLB_IMPL_ABI,
		.size = sizeof(struct vtlb_impl),
		.name = "forgets",
		.summary = "counts its steps",
		.ops = 1u << VTLB_OP_ACCESS,
		.vendors = 1u << VTLB_INTEL,
		.modes = 1u << VTLB_SHADOW,
		.max_vcpus = 1,
		.state_size = state_size,
		.reset = reset,
		.step = step,
		.outcomes = outcomes,
		.forget = forget,
	};

	atexit(report);
	return &impl;
}
