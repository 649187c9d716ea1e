/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Running a trace on both sides, and the first step at which they part.
 */
#include "compare.h"

#include <string.h>

#include "out.h"

const struct cost_field cost_fields[NR_COSTS] = {
	{ "roots_built", "roots built" },
	{ "roots_reused", "roots reused" },
	{ "roots_freed", "roots freed" },
	{ "syncs", "syncs" },
	{ "refaults", "refaults" },
	{ "flushes", "flushes" },
	{ "flushes_unasked", "not asked for" },
};

uint64_t cost_get(const struct judgement *j, unsigned int field)
{
	const struct vtlb_cost *c = &j->res.cost;

	switch (field) {
	case 0:
		return c->roots_built;
	case 1:
		return c->roots_reused;
	case 2:
		return c->roots_freed;
	case 3:
		return c->syncs;
	case 4:
		return c->refaults;
	case 5:
		return c->flushes;
	default:
		return j->flushes_unasked;
	}
}

unsigned int compare_steps(const struct judge_step *a, const struct judge_step *b)
{
	unsigned int in = 0;

	if (a->rep.impl_fault != b->rep.impl_fault || a->rep.outcome != b->rep.outcome ||
	    a->rep.branches != b->rep.branches)
		in |= COMPARE_OUTCOME;
	if (a->verdict != b->verdict)
		in |= COMPARE_VERDICT;
	if (memcmp(&a->rep.cost, &b->rep.cost, sizeof(a->rep.cost)) != 0 ||
	    judge_flush_unasked(&a->rep) != judge_flush_unasked(&b->rep))
		in |= COMPARE_COST;
	return in;
}

/*
 * A run that stops says so in the verdict of its last step, so beyond the steps that
 * both have there is only a side that never began.
 */
static void find_difference(struct compared *c)
{
	const struct judgement *a = &c->side[SIDE_A], *b = &c->side[SIDE_B];
	size_t n = a->nsteps < b->nsteps ? a->nsteps : b->nsteps;

	c->in = 0;
	for (size_t i = 0; i < n && !c->in; i++) {
		c->in = compare_steps(&a->steps[i], &b->steps[i]);
		c->step = c->in ? (uint32_t)i + 1 : 0;
	}
	if (!c->in && a->res.verdict != b->res.verdict)
		c->in = COMPARE_VERDICT;
}

int compare_run(struct comparison *cmp, size_t i, const struct cmd_judge *opt)
{
	struct compared *c = &cmp->c[i];

	c->side = &cmp->j[i * NR_SIDES];
	for (unsigned int s = 0; s < NR_SIDES; s++) {
		int code = judge(&c->side[s], &c->file, cmp->impl[s], opt, true);

		if (code)
			return code;
	}
	find_difference(c);
	if (c->in && !cmp->first) {
		cmp->first = c;
		return 0;
	}
	for (unsigned int s = 0; s < NR_SIDES; s++)
		judge_free(&c->side[s]);
	return 0;
}
