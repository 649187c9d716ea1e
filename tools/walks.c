/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Random walks on two implementations at once.  An access takes one of the outcomes
 * that both could give, so that what is compared is the cost of the same way.
 */
#include "walks.h"

#include "random.h"

static void add_cost(struct vtlb_cost *to, const struct vtlb_cost *c)
{
	to->roots_built += c->roots_built;
	to->roots_reused += c->roots_reused;
	to->roots_freed += c->roots_freed;
	to->syncs += c->syncs;
	to->refaults += c->refaults;
	to->flushes += c->flushes;
}

/* The outcome to take; 0: there is none that both could give. */
static uint32_t choose(const struct pair *p, const struct pair_state *s, struct vtlb_op op,
		       uint64_t *random)
{
	unsigned int vcpu = vtlb_op_vcpu(op);
	enum vtlb_kind kind = vtlb_op_kind(op, s->c->regs[vcpu].mode);
	struct vtlb_outset could[NR_SIDES][VTLB_NR_KINDS], both;
	uint32_t outcome = 0, n;

	for (unsigned int i = 0; i < NR_SIDES; i++)
		pair_could(p, s, i, vcpu, op.a, could[i]);
	both = pair_both(&could[SIDE_A][kind], &could[SIDE_B][kind]);
	n = pair_count(&both);
	if (n > 1)
		n = random_below(random, n) + 1;
	while (n--)
		outcome = vtlb_outset_next(&both, outcome);
	return outcome;
}

/* One step of a walk; false: the walk ends before it. */
static bool step(struct walks *w, const struct pair *p, struct pair_state *s, struct vtlb_op op,
		 uint64_t *random)
{
	uint32_t outcome = 0;
	struct pair_step r;

	if (op.code == VTLB_OP_ACCESS) {
		outcome = choose(p, s, op, random);
		if (!outcome)
			return false;
	}
	if (pair_step(p, s, op, outcome, &r) != PAIR_ALIKE)
		return false;
	for (unsigned int i = 0; i < NR_SIDES; i++) {
		add_cost(&w->cost[i], &r.impl[i].cost);
		w->unasked[i] += r.c.dropped ? 0 : r.impl[i].cost.flushes;
	}
	w->steps++;
	return true;
}

void walks_run(struct walks *w, const struct pair *p, const struct vtlb_op *ops, size_t nops)
{
	struct pair_state s;

	pair_alloc(p, &s);
	for (uint64_t run = 0; run < w->runs; run++) {
		uint64_t random = random_walk(w->seed, run), i;

		pair_reset(p, &s);
		for (i = 0; i < w->length; i++)
			if (!step(w, p, &s, ops[random_below(&random, (uint32_t)nops)], &random))
				break;
		w->ended += i < w->length;
	}
	pair_free(&s);
}
