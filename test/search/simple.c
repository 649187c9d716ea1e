/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The second search, see simple.h.  A state is the contract's bytes and then the
 * implementation's; levels.c keeps them.
 */
#include "simple.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "levels.h"

struct simple {
	const struct simple_config *cfg;
	struct simple_result *res;
	struct vtlb_world w;
	struct vtlb_contract c;
	struct levels l;
	uint8_t *next;		/* where a step's result is made */
};

static struct vtlb_cstate *contract_part(uint8_t *state)
{
	return (struct vtlb_cstate *)(void *)state;
}

static uint8_t *impl_part(const struct simple *s, uint8_t *state)
{
	return state + vtlb_contract_size(&s->c);
}

/* Could the implementation give what the contract does not allow? */
static bool is_bad(const struct simple *s, uint8_t *state)
{
	struct vtlb_outset could[VTLB_NR_KINDS], may[VTLB_NR_KINDS];

	for (unsigned int vcpu = 0; vcpu < s->w.nvcpus; vcpu++)
		for (unsigned int page = 0; page < s->w.npages; page++) {
			s->cfg->impl->outcomes(s->cfg->impl, &s->w, impl_part(s, state), vcpu, page,
					       could);
			vtlb_contract_allowed(&s->c, contract_part(state), vcpu, page, may);
			for (unsigned int kind = 0; kind < VTLB_NR_KINDS; kind++)
				if ((could[kind].frames & ~may[kind].frames) ||
				    (could[kind].dirtied & ~may[kind].dirtied) ||
				    (could[kind].faults & ~may[kind].faults))
					return true;
		}
	return false;
}

static void transition(struct simple *s, const uint8_t *state, struct vtlb_op op,
		       uint32_t outcome)
{
	struct vtlb_contract_step contract;
	struct vtlb_impl_step impl = { 0 };

	s->res->transitions++;
	memcpy(s->next, state, s->l.size);
	vtlb_contract_step(&s->c, contract_part(s->next), op, outcome, &contract);
	s->cfg->impl->step(s->cfg->impl, &s->w, impl_part(s, s->next), op, outcome, &impl);
	if (contract.fault == VTLB_UNSUPPORTED || impl.fault == VTLB_UNSUPPORTED) {
		s->res->unsupported++;
		return;
	}
	if (contract.fault != impl.fault) {
		s->res->faults++;
		return;
	}
	/* most steps leave the state as it was, and most of those that fault */
	if (memcmp(s->next, state, s->l.size))
		levels_add(&s->l, s->next);
}

static void extend(struct simple *s, uint8_t *state)
{
	for (size_t i = 0; i < s->cfg->nops; i++) {
		struct vtlb_op op = s->cfg->ops[i];
		struct vtlb_outset could[VTLB_NR_KINDS];
		unsigned int vcpu = vtlb_op_vcpu(op);
		unsigned int kind;

		if (op.code != VTLB_OP_ACCESS) {
			transition(s, state, op, 0);
			continue;
		}
		kind = vtlb_op_kind(op, contract_part(state)->regs[vcpu].mode);
		s->cfg->impl->outcomes(s->cfg->impl, &s->w, impl_part(s, state), vcpu, op.a, could);
		for (uint32_t outcome = vtlb_outset_next(&could[kind], 0); outcome;
		     outcome = vtlb_outset_next(&could[kind], outcome))
			transition(s, state, op, outcome);
	}
}

/* Judges the states of @array that are of the level @depth. */
static void judge(struct simple *s, uint8_t *array, size_t n, uint32_t depth)
{
	uint64_t good = 0;

	for (size_t i = 0; i < n; i++) {
		uint8_t *state = levels_at(&s->l, array, i);

		if (is_bad(s, state)) {
			levels_mark(&s->l, state)->bad = 1;
			s->res->violating++;
		} else {
			good++;
		}
	}
	s->res->states += good;
	if (depth < SIMPLE_LEVELS)
		s->res->level[depth] = good;
	if (good)
		s->res->diameter = depth;
	if (s->res->violating || s->res->faults)
		s->res->first = (int)depth;
}

/* One level; false: there is nothing left to extend. */
static bool one_level(struct simple *s)
{
	bool any = false;
	size_t n;

	for (size_t i = 0; i < s->l.nseen; i++) {
		uint8_t *state = levels_at(&s->l, s->l.seen, i);
		const struct levels_mark *mark = levels_mark(&s->l, state);

		if (mark->depth != s->l.depth || mark->bad)
			continue;
		extend(s, state);
		any = true;
	}
	n = levels_settle(&s->l);
	judge(s, s->l.next, n, s->l.depth + 1);
	levels_advance(&s->l);
	return any;
}

static bool limited(const struct simple *s)
{
	const struct simple_config *cfg = s->cfg;

	return (cfg->max_depth && s->l.depth >= cfg->max_depth) ||
	       (cfg->max_states && s->res->states > cfg->max_states);
}

void simple_search(const struct simple_config *cfg, struct simple_result *res)
{
	struct simple s = { .cfg = cfg, .res = res, .w = *cfg->w };
	size_t size;
	uint8_t *first;

	for (size_t i = 0; cfg->normal && i < cfg->nops; i++)
		s.w.ops |= 1u << cfg->ops[i].code;
	vtlb_contract_init(&s.c, &s.w, cfg->vendor, VTLB_RELY, cfg->waive);
	size = vtlb_contract_size(&s.c) + cfg->impl->state_size(cfg->impl, &s.w);
	first = calloc(1, size);
	s.next = calloc(1, size);
	if (!first || !s.next) {
		fputs("simple: no memory\n", stderr);
		exit(2);
	}
	memset(res, 0, sizeof(*res));
	res->first = -1;
	vtlb_contract_reset(&s.c, contract_part(first));
	cfg->impl->reset(cfg->impl, &s.w, impl_part(&s, first));
	levels_open(&s.l, size, first);
	judge(&s, s.l.seen, 1, 0);
	while (res->first < 0 && !res->complete && !limited(&s))
		res->complete = !one_level(&s);
	levels_close(&s.l);
	free(first);
	free(s.next);
}
