/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Two states of one implementation, stepped alike and compared.
 */
#include "alike.h"

#include <stdlib.h>
#include <string.h>

#include "out.h"

static size_t write_key(const struct alike *a, const void *state, uint8_t *key)
{
	const struct vtlb_impl *impl = a->p->impl[SIDE_A];

	if (impl->encode)
		return impl->encode(impl, a->p->w, state, key, key ? a->size : 0);
	if (key)
		memcpy(key, state, a->p->size[SIDE_A]);
	return a->p->size[SIDE_A];
}

void alike_begin(struct alike *a, const struct pair *p, const struct vtlb_op *ops, size_t nops)
{
	a->p = p;
	a->ops = ops;
	a->nops = nops;
	for (unsigned int i = 0; i < ALIKE_AHEAD; i++)
		pair_alloc(p, &a->room[i]);
	a->size = write_key(a, a->room[0].impl[SIDE_A], NULL);
	for (unsigned int i = 0; i < NR_SIDES; i++)
		a->key[i] = out_alloc(a->size, 1);
}

void alike_end(struct alike *a)
{
	for (unsigned int i = 0; i < ALIKE_AHEAD; i++)
		pair_free(&a->room[i]);
	for (unsigned int i = 0; i < NR_SIDES; i++)
		free(a->key[i]);
}

const uint8_t *alike_key(struct alike *a, const struct pair_state *s, unsigned int side)
{
	write_key(a, s->impl[side], a->key[side]);
	return a->key[side];
}

struct vtlb_outset alike_outcomes(const struct alike *a, const struct pair_state *s,
				  struct vtlb_op op)
{
	struct vtlb_outset could[NR_SIDES][VTLB_NR_KINDS];
	unsigned int vcpu = vtlb_op_vcpu(op), kind;

	if (op.code != VTLB_OP_ACCESS)
		return (struct vtlb_outset){ 0 };
	kind = vtlb_op_kind(op, s->c->regs[vcpu].mode);
	for (unsigned int side = 0; side < NR_SIDES; side++)
		pair_could(a->p, s, side, vcpu, op.a, could[side]);
	return pair_both(&could[SIDE_A][kind], &could[SIDE_B][kind]);
}

static const char *compare_sights(const struct alike *a, const struct pair_state *s)
{
	const struct vtlb_world *w = a->p->w;
	struct vtlb_outset could[NR_SIDES][VTLB_NR_KINDS];

	for (unsigned int vcpu = 0; vcpu < w->nvcpus; vcpu++)
		for (unsigned int page = 0; page < w->npages; page++) {
			for (unsigned int side = 0; side < NR_SIDES; side++)
				pair_could(a->p, s, side, vcpu, page, could[side]);
			for (unsigned int k = 0; k < VTLB_NR_KINDS; k++)
				if (!pair_same_set(&could[SIDE_A][k], &could[SIDE_B][k]))
					return "outcomes that accesses could have";
		}
	return NULL;
}

const char *alike_now(struct alike *a, const struct pair_state *s)
{
	for (unsigned int side = 0; side < NR_SIDES; side++)
		alike_key(a, s, side);
	if (memcmp(a->key[SIDE_A], a->key[SIDE_B], a->size) != 0)
		return "bytes of the state";
	return compare_sights(a, s);
}

bool alike_step(struct alike *a, struct pair_state *s, struct vtlb_op op, uint32_t outcome,
		const char **what)
{
	struct pair_step step;
	enum pair_end end = pair_step(a->p, s, op, outcome, &step);

	*what = NULL;
	a->stepped++;
	if (step.impl[SIDE_A].fault != step.impl[SIDE_B].fault)
		*what = "fault";
	else if (end != PAIR_ALIKE)
		return false;
	else if (memcmp(&step.impl[SIDE_A].cost, &step.impl[SIDE_B].cost,
			sizeof(struct vtlb_cost)) != 0)
		*what = "cost";
	else if (step.impl[SIDE_A].outcome != step.impl[SIDE_B].outcome)
		*what = "outcome";
	else
		*what = alike_now(a, s);
	return true;
}

/* @level: operations that were done before */
static const char *ahead(struct alike *a, const struct pair_state *s, unsigned int depth,
			 unsigned int level, struct vtlb_op *then, size_t *nthen)
{
	struct pair_state *next = &a->room[level];
	const char *what = NULL;

	for (size_t i = 0; level < depth && i < a->nops && !what; i++) {
		struct vtlb_outset both = alike_outcomes(a, s, a->ops[i]);
		uint32_t outcome = vtlb_outset_next(&both, 0);

		do {
			pair_copy(a->p, next, s);
			then[level] = a->ops[i];
			if (outcome)
				then[level].imm = outcome;
			*nthen = level + 1u;
			if (alike_step(a, next, a->ops[i], outcome, &what) && !what)
				what = ahead(a, next, depth, level + 1, then, nthen);
			outcome = outcome ? vtlb_outset_next(&both, outcome) : 0;
		} while (outcome && !what);
	}
	return what;
}

const char *alike_ahead(struct alike *a, const struct pair_state *s, unsigned int depth,
			struct vtlb_op *then, size_t *nthen)
{
	*nthen = 0;
	return ahead(a, s, depth, 0, then, nthen);
}
