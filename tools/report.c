/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Verdict tables: a row a run while that is readable, traces against
 * implementations when there are many of both.
 */
#include "report.h"

#include <string.h>

#include "out.h"
#include "table.h"

static enum style verdict_style(const struct judgement *j)
{
	if (j->file->trace.nexpects && !j->ok)
		return STYLE_BAD;
	switch (j->res.verdict) {
	case VTLB_HOLDS:
		return STYLE_GOOD;
	case VTLB_VIOLATES:
	case VTLB_ERROR:
		return STYLE_BAD;
	default:
		return STYLE_WARN;
	}
}

static bool any_expects(const struct judgement *j, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (j[i].file->trace.nexpects)
			return true;
	return false;
}

/* Guilty step first, then the one that showed it, as in "7, seen at 8". */
static void cell_step(struct table *t, const struct judgement *j)
{
	const struct vtlb_violation *v = &j->res.violation;

	if (!j->res.has_violation)
		table_cell(t, STYLE_PLAIN, "%s", "");
	else if (v->kind == VTLB_V_REUSE)
		table_cell(t, STYLE_PLAIN, "%u, not seen yet", v->guilty_step);
	else if (v->seen_step != v->guilty_step && v->kind == VTLB_V_EXPOSURE)
		table_cell(t, STYLE_PLAIN, "%u, seen at %u", v->guilty_step, v->seen_step);
	else
		table_cell(t, STYLE_PLAIN, "%u", v->guilty_step);
}

static void cell_remark(struct table *t, const struct judgement *j)
{
	struct text s = { 0 };

	if (j->res.has_violation)
		name_waivers(&s, j->res.violation.waiver, " + ");
	if (j->res.why)
		text_list(&s, "; ", j->res.why);
	if (j->res.stopped_at)
		text_add(&s, "%sstopped at step %u", s.len ? ", " : "", j->res.stopped_at);
	table_cell(t, STYLE_PLAIN, "%s", text_str(&s));
	text_free(&s);
}

static void cell_expects(struct table *t, const struct judgement *j)
{
	const struct vtlb_run_result *r = &j->res;
	unsigned int all = (unsigned int)j->file->trace.nexpects;
	unsigned int unreached = all - r->passed - r->failed;
	struct text s = { 0 };

	if (!all) {
		table_cell(t, STYLE_PLAIN, "none");
		return;
	}
	if (j->ok) {
		table_cell(t, STYLE_GOOD, "%u met", r->passed);
		return;
	}
	if (r->failed)
		text_add(&s, "%u of %u failed", r->failed, all);
	if (unreached)
		text_add(&s, "%s%u not reached", s.len ? ", " : "", unreached);
	if (!s.len)
		text_add(&s, "violation not expected");
	table_cell(t, STYLE_BAD, "%s", text_str(&s));
	text_free(&s);
}

static void list(const struct judgement *j, size_t ntraces, size_t nimpls)
{
	bool expects = any_expects(j, ntraces * nimpls);
	const char *heads[7];
	unsigned int n = 0;
	struct table t;

	if (ntraces > 1)
		heads[n++] = "Trace";
	heads[n++] = "Implementation";
	heads[n++] = "Verdict";
	heads[n++] = "Guilty step";
	heads[n++] = "Rule";
	if (expects)
		heads[n++] = "Expectations";
	heads[n++] = "Remark";
	table_head(&t, n, heads);
	for (size_t i = 0; i < ntraces * nimpls; i++, j++) {
		int rule = j->res.has_violation ? j->res.violation.rule : -1;

		if (ntraces > 1)
			table_cell(&t, STYLE_PLAIN, "%s", j->file->name);
		table_cell(&t, STYLE_PLAIN, "%s", j->impl->name);
		table_cell(&t, verdict_style(j), "%s", vtlb_verdict_name(j->res.verdict));
		cell_step(&t, j);
		table_cell(&t, STYLE_PLAIN, "%s", rule >= 0 ? vtlb_rules[rule].id : "");
		if (expects)
			cell_expects(&t, j);
		cell_remark(&t, j);
	}
	table_print(&t);
	table_free(&t);
}

static void fill_matrix(struct table *t, const struct judgement *j, size_t ntraces,
			size_t nimpls, bool numbers)
{
	const char *heads[TABLE_MAX_COLUMNS];
	char number[TABLE_MAX_COLUMNS][24];

	heads[0] = "Trace";
	for (size_t i = 0; i < nimpls; i++) {
		snprintf(number[i], sizeof(number[i]), "%zu", i + 1);
		heads[i + 1] = numbers ? number[i] : j[i].impl->name;
	}
	table_head(t, (unsigned int)nimpls + 1, heads);
	for (size_t i = 0; i < ntraces * nimpls; i++) {
		if (i % nimpls == 0)
			table_cell(t, STYLE_PLAIN, "%s", j[i].file->name);
		table_cell(t, verdict_style(&j[i]), "%s%s",
			   vtlb_verdict_name(j[i].res.verdict),
			   j[i].file->trace.nexpects && !j[i].ok ? " (!)" : "");
	}
}

static void matrix(const struct judgement *j, size_t ntraces, size_t nimpls)
{
	struct table t;

	fill_matrix(&t, j, ntraces, nimpls, false);
	if (table_natural_width(&t) > out.width) {
		table_free(&t);
		fill_matrix(&t, j, ntraces, nimpls, true);
		for (size_t i = 0; i < nimpls; i++)
			printf("%2zu  %s\n", i + 1, j[i].impl->name);
		putchar('\n');
	}
	table_print(&t);
	table_free(&t);
	if (any_expects(j, ntraces * nimpls))
		puts("(!): an expectation of the trace is not met.");
}

void report_verdicts(const struct judgement *j, size_t ntraces, size_t nimpls)
{
	if (ntraces > 1 && nimpls > 1 && nimpls < TABLE_MAX_COLUMNS)
		matrix(j, ntraces, nimpls);
	else
		list(j, ntraces, nimpls);
}

void report_scope(const struct judgement *j, size_t n)
{
	struct text t = { 0 }, last = { 0 };

	for (size_t i = 0; i < n; i++) {
		judge_scope(&t, &j[i]);
		if (strcmp(text_str(&t), text_str(&last)) != 0) {
			struct text line = { 0 };

			text_add(&line, "Judged: %s.", text_str(&t));
			text_print(stdout, 0, out.width, text_str(&line));
			text_free(&line);
		}
		text_free(&last);
		last = t;
		t = (struct text){ 0 };
	}
	text_free(&last);
}
