/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A comparison as JSON: the object of "check --json", and what only two sides have.
 */
#include "compare.h"
#include "json.h"

static json_t *words_of(unsigned int in)
{
	json_t *a = json_new(json_array());

	if (in & COMPARE_OUTCOME)
		json_append(a, json_text("outcome"));
	if (in & COMPARE_VERDICT)
		json_append(a, json_text("verdict"));
	if (in & COMPARE_COST)
		json_append(a, json_text("cost"));
	return a;
}

json_t *compare_json_costs(const struct compared *c)
{
	json_t *o = json_new(json_object());

	for (unsigned int f = 0; f < NR_COSTS; f++) {
		json_int_t a = (json_int_t)cost_get(&c->side[SIDE_A], f);
		json_int_t b = (json_int_t)cost_get(&c->side[SIDE_B], f);

		json_add(o, cost_fields[f].key, json_integer(b - a));
	}
	return o;
}

static json_t *compared(const struct comparison *cmp, const struct compared *c)
{
	json_t *o = json_new(json_object());

	json_add(o, "trace", json_text(c->file.name));
	json_add(o, "steps", json_number(c->file.trace.nops));
	json_add(o, "seed", c->workload ? json_number(cmp->seed) : json_null());
	json_add(o, "differs_in", words_of(c->in));
	json_add(o, "differs_at", c->step ? json_number(c->step) : json_null());
	json_add(o, "cost_difference", compare_json_costs(c));
	return o;
}

static json_t *side(const struct compared *c, unsigned int s)
{
	const struct judge_step *step = &c->side[s].steps[c->step - 1];
	const struct vtlb_cost *cost = &step->rep.cost;
	bool fault = step->rep.impl_fault;
	json_t *o = json_new(json_object()), *k = json_new(json_object());

	json_add(o, "fault", json_text(vtlb_fault_name((enum vtlb_fault)step->rep.impl_fault)));
	json_add(o, "outcome",
		 step->outcome[0] && !fault ? json_text(step->outcome) : json_null());
	json_add(o, "ways", json_number(step->rep.branches));
	json_add(o, "verdict", json_text(vtlb_verdict_name((enum vtlb_verdict)step->verdict)));
	json_add(k, "roots_built", json_number(cost->roots_built));
	json_add(k, "roots_reused", json_number(cost->roots_reused));
	json_add(k, "roots_freed", json_number(cost->roots_freed));
	json_add(k, "syncs", json_number(cost->syncs));
	json_add(k, "refaults", json_number(cost->refaults));
	json_add(k, "flushes", json_number(cost->flushes));
	json_add(k, "flushes_unasked",
		 json_number(judge_flush_unasked(&step->rep) ? cost->flushes : 0));
	json_add(o, "cost", k);
	return o;
}

json_t *compare_json_step(const struct compared *c)
{
	const struct vtlb_trace *t = &c->file.trace;
	json_t *o = json_new(json_object());
	char op[128] = "";

	json_add(o, "trace", json_text(c->file.name));
	json_add(o, "step", c->step ? json_number(c->step) : json_null());
	json_add(o, "line", c->step && t->line ? json_number(t->line[c->step - 1]) : json_null());
	if (c->step)
		vtlb_op_print(&t->world, t->ops[c->step - 1], op, sizeof(op));
	json_add(o, "operation", c->step ? json_text(op) : json_null());
	json_add(o, "differs_in", words_of(c->in));
	json_add(o, "a", c->step ? side(c, SIDE_A) : json_null());
	json_add(o, "b", c->step ? side(c, SIDE_B) : json_null());
	return o;
}

json_t *compare_json(const struct comparison *cmp)
{
	json_t *o = json_judgements(cmp->j, cmp->n * NR_SIDES);
	json_t *list = json_new(json_array());

	for (size_t i = 0; i < cmp->n; i++)
		json_append(list, compared(cmp, &cmp->c[i]));
	json_add(o, "compared", list);
	json_add(o, "first_difference",
		 cmp->first ? compare_json_step(cmp->first) : json_null());
	return o;
}
