/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * JSON output.  Keys are only ever added; a test compares them with
 * docs/json.md.
 */
#include "json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "out.h"

void json_write(json_t *value)
{
	json_dumpf(value, stdout, JSON_INDENT(2));
	putchar('\n');
	json_decref(value);
}

json_t *json_new(json_t *value)
{
	if (!value)
		out_die("out of memory");
	return value;
}

json_t *json_text(const char *s)
{
	json_t *value = json_string(s);
	char *copy;

	if (value)
		return value;
	copy = out_alloc(strlen(s) + 1, 1);
	for (size_t i = 0; s[i]; i++)
		copy[i] = (unsigned char)s[i] < 0x80u ? s[i] : '?';
	value = json_new(json_string(copy));
	free(copy);
	return value;
}

void json_add(json_t *object, const char *key, json_t *value)
{
	if (json_object_set_new(object, key, json_new(value)) != 0)
		out_die("out of memory");
}

void json_append(json_t *array, json_t *value)
{
	if (json_array_append_new(array, json_new(value)) != 0)
		out_die("out of memory");
}

json_t *json_number(uint64_t n)
{
	return json_integer((json_int_t)n);
}

static json_t *number_or_null(uint64_t n)
{
	return n ? json_number(n) : json_null();
}

json_t *json_words(struct text *t)
{
	json_t *value = json_text(text_str(t));

	text_free(t);
	return value;
}

json_t *json_envelope(void)
{
	json_t *o = json_new(json_object());

	json_add(o, "schema", json_number(JSON_SCHEMA));
	json_add(o, "version", json_text(vtlb_version()));
	return o;
}

json_t *json_error_object(const char *file, uint32_t line, uint32_t column, const char *message)
{
	json_t *o = json_envelope(), *e = json_new(json_object());

	json_add(o, "verdict", json_text(vtlb_verdict_name(VTLB_ERROR)));
	json_add(e, "file", file ? json_text(file) : json_null());
	json_add(e, "line", number_or_null(line));
	json_add(e, "column", number_or_null(column));
	json_add(e, "message", json_text(message));
	json_add(o, "error", e);
	return o;
}

json_t *json_waivers(uint32_t mask)
{
	json_t *a = json_new(json_array());

	for (unsigned int i = 0; i < vtlb_nr_deviations; i++)
		if (mask & vtlb_deviations[i].waiver)
			json_append(a, json_text(vtlb_deviations[i].name));
	return a;
}

static const char *kind_word(unsigned int kind)
{
	switch (kind) {
	case VTLB_V_EXPOSURE:
		return "exposure";
	case VTLB_V_REUSE:
		return "reuse";
	default:
		return "fault";
	}
}

static json_t *outcome(const struct judgement *j, uint32_t value)
{
	const struct vtlb_violation *v = &j->res.violation;
	char s[64];

	vtlb_outcome_print(&j->file->trace.world, &j->mem, v->page, value, s, sizeof(s));
	return json_text(s);
}

/* What was possible and what is allowed: faults of the operation, or outcomes of an access. */
static void add_outcomes(json_t *o, const struct judgement *j)
{
	const struct vtlb_violation *v = &j->res.violation;
	enum vtlb_fault demanded = (enum vtlb_fault)v->allowed.faults;
	json_t *allowed = json_new(json_array());

	if (v->kind == VTLB_V_FAULT) {
		json_add(o, "got", json_text(vtlb_fault_name((enum vtlb_fault)v->got)));
		json_append(allowed, json_text(vtlb_fault_name(demanded)));
	} else {
		json_add(o, "got", outcome(j, v->got));
		for (uint32_t x = vtlb_outset_next(&v->allowed, 0); x;
		     x = vtlb_outset_next(&v->allowed, x))
			json_append(allowed, outcome(j, x));
	}
	json_add(o, "allowed", allowed);
}

static void add_access(json_t *o, const struct judgement *j)
{
	const struct vtlb_violation *v = &j->res.violation;
	const struct vtlb_world *w = &j->file->trace.world;
	bool access = v->kind != VTLB_V_FAULT && v->page < w->npages;
	char linear[32] = "";

	if (access)
		snprintf(linear, sizeof(linear), "0x%llx",
			 (unsigned long long)w->page[v->page].linear);
	json_add(o, "vcpu", json_number(v->vcpu));
	json_add(o, "linear", access ? json_text(linear) : json_null());
	json_add(o, "page", access ? json_text(w->page_name[v->page]) : json_null());
	json_add(o, "pcid", access ? json_number(v->pcid) : json_null());
	json_add(o, "access",
		 access ? json_text(vtlb_kind_name((enum vtlb_kind)v->access)) : json_null());
}

json_t *json_violation(const struct judgement *j)
{
	const struct vtlb_violation *v = &j->res.violation;
	const struct vtlb_rule *rule = v->rule >= 0 ? &vtlb_rules[v->rule] : NULL;
	json_t *o = json_new(json_object());
	struct text t = { 0 };
	char *trace_text;
	char op[128] = "";

	json_add(o, "kind", json_text(kind_word(v->kind)));
	json_add(o, "ambiguous", json_boolean(v->ambiguous));
	json_add(o, "seen_step", v->kind == VTLB_V_REUSE ? json_null() : json_number(v->seen_step));
	json_add(o, "guilty_step", json_number(v->guilty_step));
	json_add(o, "rule", rule ? json_text(rule->id) : json_null());
	name_sections(&t, rule ? rule->key : "", j->vendor);
	json_add(o, "section", rule ? json_words(&t) : json_null());
	json_add(o, "dropped_at", number_or_null(v->dropped_at));
	add_access(o, j);
	add_outcomes(o, j);
	if (v->kind == VTLB_V_REUSE)
		vtlb_op_print(&j->file->trace.world, v->lookahead, op, sizeof(op));
	json_add(o, "lookahead", op[0] ? json_text(op) : json_null());
	json_add(o, "held_in", v->held_in[0] ? json_text(v->held_in) : json_null());
	name_waivers(&t, v->waiver, "+");
	json_add(o, "deviation", v->waiver ? json_words(&t) : json_null());
	trace_text = file_trace_text(&j->file->trace);
	json_add(o, "trace_text", json_text(trace_text));
	free(trace_text);
	return o;
}

json_t *json_cost(const struct judgement *j)
{
	const struct vtlb_cost *c = &j->res.cost;
	json_t *o = json_new(json_object());

	json_add(o, "roots_built", json_number(c->roots_built));
	json_add(o, "roots_reused", json_number(c->roots_reused));
	json_add(o, "roots_freed", json_number(c->roots_freed));
	json_add(o, "syncs", json_number(c->syncs));
	json_add(o, "refaults", json_number(c->refaults));
	json_add(o, "flushes", json_number(c->flushes));
	json_add(o, "flushes_unasked", json_number(j->flushes_unasked));
	return o;
}

static json_t *expect(uint64_t passed, uint64_t failed)
{
	json_t *o = json_new(json_object());

	json_add(o, "passed", json_number(passed));
	json_add(o, "failed", json_number(failed));
	return o;
}

static json_t *result(const struct judgement *j)
{
	const struct vtlb_run_result *r = &j->res;
	json_t *o = json_new(json_object()), *list = json_new(json_array());
	struct text scope = { 0 };

	json_add(o, "trace", json_text(j->file->name));
	json_add(o, "impl", json_text(j->impl->name));
	json_add(o, "vendor", json_text(name_vendor(j->vendor)));
	json_add(o, "reading", json_text(name_reading(j->reading)));
	json_add(o, "waived", json_waivers(j->waive));
	json_add(o, "verdict", json_text(vtlb_verdict_name(r->verdict)));
	judge_scope(&scope, j);
	json_add(o, "judged", json_words(&scope));
	json_add(o, "stopped_at", number_or_null(r->stopped_at));
	json_add(o, "why", r->why ? json_text(r->why) : json_null());
	if (j->file->trace.nexpects)
		json_add(o, "expect", expect(r->passed, r->failed));
	if (r->has_violation)
		json_append(list, json_violation(j));
	json_add(o, "violations", list);
	json_add(o, "cost", json_cost(j));
	return o;
}

json_t *json_judgements(const struct judgement *j, size_t n)
{
	json_t *o = json_envelope(), *results = json_new(json_array());
	enum vtlb_verdict worst = VTLB_HOLDS;
	uint64_t passed = 0, failed = 0;
	bool expects = false;

	for (size_t i = 0; i < n; i++) {
		worst = j[i].res.verdict > worst ? j[i].res.verdict : worst;
		passed += j[i].res.passed;
		failed += j[i].res.failed;
		expects |= j[i].file->trace.nexpects != 0;
		json_append(results, result(&j[i]));
	}
	json_add(o, "verdict", json_text(vtlb_verdict_name(worst)));
	if (expects)
		json_add(o, "expect", expect(passed, failed));
	json_add(o, "results", results);
	return o;
}
