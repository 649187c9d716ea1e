/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A comparison in a scope as JSON: the results of "explore --json" for both sides, and
 * what only two sides have.
 */
#include "compare_scope.h"

#include <stdlib.h>

#include "json.h"

static json_t *outcomes(const struct scope_difference *d, const struct vtlb_outset *set)
{
	const struct vtlb_trace *t = &d->c.file.trace;
	json_t *list;

	if (!d->access)
		return json_null();
	list = json_new(json_array());
	for (uint32_t o = vtlb_outset_next(set, 0); o; o = vtlb_outset_next(set, o)) {
		char s[64];

		vtlb_outcome_print(&t->world, &d->mem, t->ops[t->nops - 1].a, o, s, sizeof(s));
		json_append(list, json_text(s));
	}
	return list;
}

static json_t *difference(const struct scope_difference *d)
{
	static const char *const key[NR_SIDES] = { "a", "b" };
	json_t *o;
	char *text;

	if (!d->c.in)
		return json_null();
	o = compare_json_step(&d->c);
	for (unsigned int i = 0; i < NR_SIDES; i++)
		json_add(json_object_get(o, key[i]), "could", outcomes(d, &d->could[i]));
	json_add(o, "allowed", outcomes(d, &d->allowed));
	text = file_trace_text(&d->c.file.trace);
	json_add(o, "trace_text", json_text(text));
	free(text);
	return o;
}

static json_t *search(const struct scope_comparison *s)
{
	const struct differ *d = &s->differ;
	const char *stop = explore_end_word(d->end);
	json_t *o = json_new(json_object());

	json_add(o, "complete", json_boolean(d->complete));
	json_add(o, "bisimilar", json_boolean(compare_scope_bisimilar(s)));
	json_add(o, "stop", stop ? json_text(stop) : json_null());
	json_add(o, "depth", json_number(d->depth));
	json_add(o, "pairs", json_number(d->pairs));
	json_add(o, "frontier", json_number(d->waiting));
	json_add(o, "not_followed", json_number(d->not_followed));
	json_add(o, "seconds", json_real(d->seconds));
	json_add(o, "bytes", json_number(d->bytes));
	return o;
}

static json_t *walks(const struct scope_comparison *s)
{
	const struct walks *w = &s->walks;
	json_t *o = json_new(json_object());

	json_add(o, "runs", json_number(w->runs));
	json_add(o, "steps", json_number(w->steps));
	json_add(o, "steps_a_run", json_number(w->length));
	json_add(o, "ended_early", json_number(w->ended));
	json_add(o, "seed", json_number(w->seed));
	json_add(o, "cost_a", json_cost(&s->j[SIDE_A]));
	json_add(o, "cost_b", json_cost(&s->j[SIDE_B]));
	json_add(o, "cost_difference", compare_json_costs(&s->walked));
	return o;
}

json_t *compare_scope_json(const struct scope_comparison *s)
{
	json_t *o = json_envelope(), *results = json_new(json_array());
	enum vtlb_verdict worst = VTLB_HOLDS;

	for (unsigned int i = 0; i < NR_SIDES; i++) {
		worst = s->x[i]->verdict > worst ? s->x[i]->verdict : worst;
		json_append(results, explore_json_result(s->x[i]));
	}
	json_add(o, "verdict", json_text(vtlb_verdict_name(worst)));
	json_add(o, "results", results);
	json_add(o, "difference_search", s->ran ? search(s) : json_null());
	json_add(o, "shortest_outcome_difference", difference(&s->outcome));
	json_add(o, "shortest_cost_difference", difference(&s->cost));
	json_add(o, "walks", s->ran ? walks(s) : json_null());
	return o;
}
