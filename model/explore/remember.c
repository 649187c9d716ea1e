/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Telling histories apart: an implementation beside a contract in which one record
 * removes nothing, so that a state which other records lead to as well is reached anew.
 */
#include <stddef.h>

#include "internal.h"

/**
 * struct remember - @impl steps @inner and @c, whose states lie one behind the other
 * @inner_size: bytes of the first
 *
 * What S lacks and the second contract has was removed by that record and by no other
 * since.  Nothing is judged by it: it is there to be another state.
 */
struct remember {
	struct vtlb_impl impl;
	const struct vtlb_impl *inner;
	struct vtlb_contract c;
	size_t inner_size;
};

static const struct remember *self(const struct vtlb_impl *impl)
{
	return impl->priv;
}

static struct vtlb_cstate *beside(const struct remember *r, const void *state)
{
	return (struct vtlb_cstate *)((uintptr_t)state + r->inner_size);
}

static size_t state_size(const struct vtlb_impl *impl, const struct vtlb_world *w)
{
	const struct remember *r = self(impl);

	(void)w;
	return r->inner_size + vtlb_contract_size(&r->c);
}

static void reset(const struct vtlb_impl *impl, const struct vtlb_world *w, void *state)
{
	const struct remember *r = self(impl);

	r->inner->reset(r->inner, w, state);
	vtlb_contract_reset(&r->c, beside(r, state));
}

static void step(const struct vtlb_impl *impl, const struct vtlb_world *w, void *state,
		 struct vtlb_op op, uint32_t outcome, struct vtlb_impl_step *ir)
{
	const struct remember *r = self(impl);
	struct vtlb_contract_step cr = { 0 };

	r->inner->step(r->inner, w, state, op, outcome, ir);
	vtlb_contract_step(&r->c, beside(r, state), op,
			   op.code == VTLB_OP_ACCESS ? ir->outcome : outcome, &cr);
}

static void outcomes(const struct vtlb_impl *impl, const struct vtlb_world *w, const void *state,
		     unsigned int vcpu, unsigned int page, struct vtlb_outset out[VTLB_NR_KINDS])
{
	const struct remember *r = self(impl);

	r->inner->outcomes(r->inner, w, state, vcpu, page, out);
}

static size_t encode(const struct vtlb_impl *impl, const struct vtlb_world *w, const void *state,
		     uint8_t *buf, size_t cap)
{
	const struct remember *r = self(impl);
	size_t size = vtlb_contract_size(&r->c);
	size_t n = r->inner->encode(r->inner, w, state, buf, cap);

	if (n + size <= cap)
		memcpy(buf + n, beside(r, state), size);
	return n + size;
}

static void decode(const struct vtlb_impl *impl, const struct vtlb_world *w, void *state,
		   const uint8_t *buf, size_t len)
{
	const struct remember *r = self(impl);
	size_t size = vtlb_contract_size(&r->c);

	r->inner->decode(r->inner, w, state, buf, len - size);
	memcpy(beside(r, state), buf + len - size, size);
}

static void permute(const struct vtlb_impl *impl, const struct vtlb_world *w, void *dst,
		    const void *src, const struct vtlb_perm *perm)
{
	const struct remember *r = self(impl);

	r->inner->permute(r->inner, w, dst, src, perm);
	vtlb_contract_permute(&r->c, beside(r, dst), beside(r, src), perm);
}

static size_t held(const struct vtlb_impl *impl, const struct vtlb_world *w, const void *state,
		   unsigned int vcpu, unsigned int page, enum vtlb_kind kind, uint32_t outcome,
		   char *buf, size_t cap)
{
	const struct remember *r = self(impl);

	return r->inner->held(r->inner, w, state, vcpu, page, kind, outcome, buf, cap);
}

#define HAS(impl, member) \
	((impl)->size > offsetof(struct vtlb_impl, member) && (impl)->member)

const struct vtlb_impl *remember_init(struct search *s)
{
	const struct vtlb_explore_config *cfg = s->cfg;
	struct remember *r = mem_get(s, sizeof(*r));

	s->remember = r;
	if (!r)
		return NULL;
	r->inner = cfg->impl;
	r->inner_size = r->inner->state_size(r->inner, &s->w);
	vtlb_contract_init(&r->c, &s->w, cfg->vendor, VTLB_RELY,
			   vtlb_impl_waive(cfg->impl, cfg->waive));
	r->c.lax = (uint8_t)cfg->remember;
	r->impl = (struct vtlb_impl){
		.abi = VTLB_IMPL_ABI,
		.size = sizeof(r->impl),
		.name = r->inner->name,
		.summary = r->inner->summary,
		.ops = r->inner->ops,
		.vendors = r->inner->vendors,
		.modes = r->inner->modes,
		.max_vcpus = r->inner->max_vcpus,
		.priv = r,
		.state_size = state_size,
		.reset = reset,
		.step = step,
		.outcomes = outcomes,
		.held = HAS(r->inner, held) ? held : NULL,
		.traits = HAS(r->inner, traits) ? r->inner->traits : 0,
	};
	if (HAS(r->inner, encode) && HAS(r->inner, decode)) {
		r->impl.encode = encode;
		r->impl.decode = decode;
	}
	if (HAS(r->inner, permute))
		r->impl.permute = permute;
	return &r->impl;
}
