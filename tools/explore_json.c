/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What "vtlb explore --json" prints: one result, as docs/json.md describes it.
 * All but times, rates and memory are the same whatever the number of threads and
 * processes.
 */
#include "explore.h"

#include "json.h"
#include "ranks.h"

static json_t *number_if(bool known, uint64_t n)
{
	return known ? json_number(n) : json_null();
}

static json_t *ratio(double a, double b)
{
	return json_real(b > 0 ? a / b : 0);
}

static json_t *violations(const struct explore *x)
{
	json_t *list = json_new(json_array());

	for (size_t i = 0; i < x->nfound; i++) {
		json_t *v = json_violation(&x->found[i].j);

		json_add(v, "length", json_number(x->found[i].nops));
		json_add(v, "guilty_operation", json_text(name_event(x->found[i].op)));
		json_append(list, v);
	}
	return list;
}

static json_t *levels(const struct explore *x)
{
	json_t *list = json_new(json_array());

	if (x->res.stats.states)
		for (uint32_t i = 0; i <= x->res.stats.diameter && i < VTLB_MAX_LEVELS; i++)
			json_append(list, json_number(x->res.stats.level[i]));
	return list;
}

static void add_count(json_t *o, const struct vtlb_explore_count *c)
{
	json_add(o, "fired", json_number(c->fired));
	json_add(o, "removed", json_number(c->removed));
}

static json_t *operations(const struct explore *x)
{
	json_t *list = json_new(json_array());

	for (size_t i = 0; i < x->scope.nops; i++) {
		json_t *o = json_new(json_object());
		char op[128];

		vtlb_op_print(&x->w, x->scope.ops[i], op, sizeof(op));
		json_add(o, "operation", json_text(op));
		add_count(o, &x->res.op[i]);
		json_append(list, o);
	}
	return list;
}

static json_t *rule_counts(const struct explore *x)
{
	json_t *list = json_new(json_array());

	for (unsigned int i = 0; i < vtlb_nr_rules; i++) {
		bool can = x->res.can_apply[i / 32] >> i % 32 & 1u;
		json_t *o;

		if (!can && !x->res.rule[i].fired)
			continue;
		o = json_new(json_object());
		json_add(o, "id", json_text(vtlb_rules[i].id));
		add_count(o, &x->res.rule[i]);
		json_append(list, o);
	}
	return list;
}

static json_t *vacuous(const struct explore *x)
{
	json_t *list = json_new(json_array());

	for (size_t i = 0; i < x->nvacuous; i++) {
		struct text t = { 0 };

		explore_vacuous_words(&t, x, &x->vacuous[i]);
		json_append(list, json_words(&t));
	}
	return list;
}

static json_t *simulation(const struct explore *x)
{
	json_t *o;

	if (!x->args->runs)
		return json_null();
	o = json_new(json_object());
	json_add(o, "runs", json_number(x->walks));
	json_add(o, "waived_runs", json_number(x->waived_walks));
	json_add(o, "steps", json_number(x->steps));
	json_add(o, "steps_a_run", json_number(x->args->steps));
	json_add(o, "seed", json_number(x->args->seed));
	json_add(o, "ended_early", json_number(x->cut));
	return o;
}

/* null: the whole was searched */
static json_t *parts(const struct explore *x)
{
	json_t *list;

	if (!x->by_table)
		return json_null();
	list = json_new(json_array());
	for (uint32_t i = 0; i < x->res.nparts; i++) {
		const struct vtlb_explore_part *part = &x->res.part[i];
		json_t *o = json_new(json_object());

		json_add(o, "table", json_text(x->w.leaf_name[part->table]));
		json_add(o, "frame", part->frame < VTLB_MAX_FRAMES
					     ? json_text(x->w.frame_name[part->frame])
					     : json_null());
		json_add(o, "orbit", json_number(part->orbit));
		json_add(o, "complete", json_boolean(part->complete));
		json_add(o, "states", json_number(part->states));
		json_add(o, "transitions", json_number(part->transitions));
		json_add(o, "depth", json_number(part->depth));
		json_add(o, "diameter", json_number(part->diameter));
		json_add(o, "group", json_number(part->group));
		json_append(list, o);
	}
	return list;
}

/* The second search of a strict one, which says whether deviations explain everything. */
static json_t *waived_search(const struct explore *x)
{
	const struct vtlb_explore_stats *s = &x->res.waived;
	json_t *o;

	if (!s->states)
		return json_null();
	o = json_new(json_object());
	json_add(o, "states", json_number(s->states));
	json_add(o, "transitions", json_number(s->transitions));
	json_add(o, "frontier", json_number(s->frontier));
	json_add(o, "depth", json_number(s->depth));
	json_add(o, "diameter", json_number(s->diameter));
	return o;
}

static void add_size(json_t *o, const struct explore *x)
{
	const struct vtlb_explore_stats *s = &x->res.stats;
	bool search = s->states;
	bool prints = x->flags & VTLB_EXPLORE_FINGERPRINT;

	json_add(o, "complete", json_boolean(x->res.complete));
	json_add(o, "proof", json_boolean(x->res.proof && x->verdict == VTLB_HOLDS));
	json_add(o, "unsupported", json_boolean(x->res.unsupported));
	json_add(o, "odds",
		 search && prints ? json_real(s->odds + x->res.waived.odds) : json_null());
	json_add(o, "states", number_if(search, s->states));
	json_add(o, "orbit_states", number_if(search && s->orbit_states, s->orbit_states));
	json_add(o, "group", number_if(search, s->group));
	json_add(o, "transitions", number_if(search, s->transitions));
	json_add(o, "violating", number_if(search, s->violating));
	json_add(o, "faults", number_if(search, s->faults));
	json_add(o, "frontier", number_if(search, s->frontier));
	json_add(o, "depth", number_if(search, s->depth));
	json_add(o, "diameter", number_if(search, s->diameter));
	json_add(o, "levels", levels(x));
	json_add(o, "parts", parts(x));
	json_add(o, "waived_search", waived_search(x));
	json_add(o, "processes", json_number(ranks.n));
	json_add(o, "seconds", json_real(x->seconds));
	json_add(o, "transitions_per_second",
		 search ? ratio((double)s->transitions, x->seconds) : json_null());
	json_add(o, "bytes", number_if(search, s->bytes));
	json_add(o, "bytes_per_state",
		 search ? ratio((double)s->bytes, (double)s->states) : json_null());
}

json_t *explore_json_result(const struct explore *x)
{
	json_t *o = json_new(json_object());
	const char *stop = explore_end_word(x->end);
	struct text t = { 0 };

	json_add(o, "scope", json_text(x->args->scope));
	json_add(o, "about", json_text(x->scope.about));
	json_add(o, "impl", json_text(x->impl->name));
	json_add(o, "vendor", json_text(name_vendor(x->vendor)));
	json_add(o, "reading", json_text(name_reading(x->reading)));
	json_add(o, "waived", json_waivers(x->args->judge.waive));
	json_add(o, "remember",
		 x->args->remember ? json_text(vtlb_rules[x->args->remember - 1].id) : json_null());
	json_add(o, "verdict", json_text(vtlb_verdict_name(x->verdict)));
	explore_circumstances(&t, x);
	json_add(o, "judged", json_words(&t));
	json_add(o, "why", x->why ? json_text(x->why) : json_null());
	json_add(o, "stop", stop ? json_text(stop) : json_null());
	add_size(o, x);
	json_add(o, "simulation", simulation(x));
	json_add(o, "violations", violations(x));
	json_add(o, "operations", operations(x));
	json_add(o, "rules", rule_counts(x));
	json_add(o, "vacuous", vacuous(x));
	json_add(o, "cost", json_null());
	return o;
}

void explore_json(const struct explore *x)
{
	json_t *o = json_envelope(), *results = json_new(json_array());

	json_append(results, explore_json_result(x));
	json_add(o, "verdict", json_text(vtlb_verdict_name(x->verdict)));
	json_add(o, "results", results);
	json_write(o);
}
