/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Silence is not safety: a search that holds because nothing happened in it is
 * told apart from one that holds.
 */
#include "explore.h"

#include "out.h"

bool explore_drops(const struct vtlb_must *m)
{
	return m->ng || m->g || m->psc;
}

static bool explained(const struct vtlb_scope *s, unsigned int rule)
{
	for (size_t i = 0; i < s->nvacuous; i++)
		if (s->vacuous[i].rule == (int)rule)
			return true;
	return false;
}

static void add(struct explore *x, int op, int rule, bool removed)
{
	x->vacuous = out_grow(x->vacuous, &x->vacuous_cap, x->nvacuous + 1, sizeof(*x->vacuous));
	x->vacuous[x->nvacuous++] = (struct explore_vacuous){ op, rule, removed };
}

void explore_find_vacuous(struct explore *x)
{
	if (!x->res.complete || (x->verdict != VTLB_HOLDS && x->verdict != VTLB_AMBIGUOUS))
		return;
	for (size_t i = 0; i < x->scope.nops; i++)
		if (!x->res.op[i].fired)
			add(x, (int)i, -1, false);
	for (unsigned int i = 0; i < vtlb_nr_rules; i++) {
		const struct vtlb_explore_count *c = &x->res.rule[i];
		bool can = x->res.can_apply[i / 32] >> i % 32 & 1u;

		if (explained(&x->scope, i))
			continue;
		if (can && !c->fired)
			add(x, -1, (int)i, false);
		else if (c->fired && !c->removed && explore_drops(&vtlb_rules[i].must[x->reading]))
			add(x, -1, (int)i, true);
	}
	if (x->nvacuous)
		x->verdict = VTLB_VACUOUS;
}

void explore_vacuous_words(struct text *t, const struct explore *x,
			   const struct explore_vacuous *v)
{
	char op[128];

	if (v->op >= 0) {
		vtlb_op_print(&x->w, x->scope.ops[v->op], op, sizeof(op));
		text_add(t, "operation \"%s\" never succeeded", op);
		return;
	}
	text_add(t, "rule %s %s", vtlb_rules[v->rule].id,
		 v->removed ? "never removed anything" : "can apply and never did");
}
