/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A check as one result of "vtlb kernel check --json", as docs/json.md describes it.
 */
#include "check.h"
#include "json.h"

static json_t *or_null(const char *s)
{
	return s && *s ? json_text(s) : json_null();
}

static json_t *texts(char *const *list, size_t n)
{
	json_t *a = json_new(json_array());

	for (size_t i = 0; i < n; i++)
		json_append(a, json_text(list[i]));
	return a;
}

static json_t *findings(const struct check *c, enum finding_class class)
{
	json_t *a = json_new(json_array());

	for (size_t i = 0; i < c->nfindings; i++) {
		const struct finding *f = &c->finding[i];
		json_t *o;

		if (f->class != class)
			continue;
		o = json_new(json_object());
		json_add(o, "source", json_text(f->source));
		json_add(o, "name", json_text(f->name));
		json_add(o, "file", json_text(f->file));
		json_add(o, "text", json_text(f->text));
		json_add(o, "said", or_null(f->said));
		json_add(o, "violation", f->violation ? json_incref(f->violation) : json_null());
		json_append(a, o);
	}
	return a;
}

static json_t *numbers(const struct hunk *h, bool executed)
{
	json_t *a = json_new(json_array());

	for (size_t i = 0; i < h->n; i++) {
		const struct hunk_line *l = &h->changed[i];

		if (l->linked && l->added && l->executed == executed)
			json_append(a, json_number(l->line));
	}
	return a;
}

static json_t *hunks(const struct check *c)
{
	json_t *a = json_new(json_array());

	for (size_t i = 0; i < c->cover.hunks.n; i++) {
		const struct hunk *h = &c->cover.hunks.hunk[i];
		json_t *o = json_new(json_object());

		json_add(o, "file", json_text(h->file));
		json_add(o, "line", json_number(h->line));
		json_add(o, "function", or_null(h->function));
		json_add(o, "status", json_text(hunk_status_name(h->status)));
		json_add(o, "counts", json_boolean(cover_counts(&c->cover, h)));
		json_add(o, "through", or_null(h->through));
		json_add(o, "executed", numbers(h, true));
		json_add(o, "not_executed", numbers(h, false));
		json_append(a, o);
	}
	return a;
}

static json_t *searches(const struct check *c)
{
	json_t *a = json_new(json_array());

	for (size_t i = 0; i < c->nsearches; i++) {
		const struct check_search *s = &c->search[i];
		json_t *o = json_new(json_object());

		json_add(o, "scope", json_text(s->scope));
		json_add(o, "deviations_waived", json_boolean(s->waive_all));
		json_add(o, "finished", json_boolean(s->finished));
		json_add(o, "why", or_null(s->why));
		json_add(o, "depth", s->ran ? json_number(s->depth) : json_null());
		json_add(o, "states", s->ran ? json_number(s->states) : json_null());
		json_append(a, o);
	}
	return a;
}

static json_t *walks(const struct check *c)
{
	json_t *a = json_new(json_array());

	for (size_t i = 0; i < c->nwalks; i++) {
		const struct check_walks *w = &c->walks[i];
		json_t *o = json_new(json_object());

		json_add(o, "scope", json_text(w->scope));
		json_add(o, "why", w->ran ? json_null() : or_null(w->why));
		json_add(o, "seed", json_number(w->seed));
		json_add(o, "runs", json_number(w->runs));
		json_add(o, "steps", json_number(w->steps));
		json_add(o, "failures", json_number(w->found));
		json_append(a, o);
	}
	return a;
}

static json_t *spent(const struct check_cost *cost, unsigned int side)
{
	json_t *o;

	if (!check_cost_known(cost, side))
		return json_null();
	o = json_new(json_object());
	for (unsigned int k = 0; k < CHECK_COSTS; k++)
		json_add(o, check_cost_keys[k], json_number(cost->of[side][k]));
	return o;
}

static json_t *costs(const struct check *c)
{
	json_t *a = json_new(json_array());

	for (size_t i = 0; i < c->ncosts; i++) {
		json_t *o = json_new(json_object());

		json_add(o, "workload", json_text(c->cost[i].name));
		json_add(o, "base",
			 c->program[SIDE_BASE] ? spent(&c->cost[i], SIDE_BASE) : json_null());
		json_add(o, "patched", spent(&c->cost[i], SIDE_PATCHED));
		json_append(a, o);
	}
	return a;
}

json_t *check_json(const struct check *c)
{
	bool waived = c->opt->no_base || !c->program[SIDE_BASE];
	json_t *o = json_new(json_object());

	json_add(o, "patch", or_null(c->subject));
	json_add(o, "verdict", json_text(vtlb_verdict_name(c->verdict)));
	json_add(o, "judged", json_text(CHECK_JUDGED));
	json_add(o, "outside", json_text(CHECK_OUTSIDE));
	json_add(o, "base", or_null(c->program[SIDE_BASE]));
	json_add(o, "patched", json_text(c->program[SIDE_PATCHED]));
	json_add(o, "waived", json_waivers(waived ? VTLB_WAIVE_ALL : 0));
	json_add(o, "traces", json_number(c->judged));
	json_add(o, "violations", findings(c, FINDING_NEW));
	json_add(o, "fixed", findings(c, FINDING_FIXED));
	json_add(o, "base_violations", findings(c, FINDING_BASE));
	json_add(o, "deviations", findings(c, FINDING_KNOWN));
	json_add(o, "hunks", hunks(c));
	json_add(o, "unfinished", texts(c->note, c->nnotes));
	json_add(o, "not_judged", texts(c->not_judged, c->nnot_judged));
	json_add(o, "searches", searches(c));
	json_add(o, "walks", walks(c));
	json_add(o, "cost", costs(c));
	json_add(o, "seconds", json_real(c->seconds));
	return o;
}
