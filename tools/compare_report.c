/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A comparison for people: both sides' verdict and cost, and the step at which they
 * part with what led to it.
 */
#include <stdio.h>
#include <string.h>

#include "compare.h"
#include "explain.h"
#include "out.h"
#include "report.h"
#include "table.h"

/* Equal steps that are shown before the first that differs. */
#define BEFORE 3u

enum style compare_style(enum vtlb_verdict v)
{
	if (v == VTLB_HOLDS)
		return STYLE_GOOD;
	return v == VTLB_VIOLATES || v == VTLB_ERROR ? STYLE_BAD : STYLE_WARN;
}

static int digits(uint64_t n)
{
	int d = 1;

	for (; n >= 10; n /= 10)
		d++;
	return d;
}

/**
 * struct widths - digits of the largest number of a column, so that numbers end below
 * each other
 */
struct widths {
	int side[NR_SIDES];
	int difference;
};

static void widen(struct widths *w, const uint64_t value[NR_SIDES])
{
	uint64_t a = value[SIDE_A], b = value[SIDE_B];
	int d = 1 + digits(a < b ? b - a : a - b);

	for (unsigned int s = 0; s < NR_SIDES; s++)
		if (digits(value[s]) > w->side[s])
			w->side[s] = digits(value[s]);
	if (d > w->difference)
		w->difference = d;
}

/* B against A: what came on top or went, and the ratio where there is one. */
static void cost_row(struct table *t, const struct widths *w, const char *words,
		     const uint64_t value[NR_SIDES])
{
	uint64_t a = value[SIDE_A], b = value[SIDE_B];
	char difference[32];

	table_cell(t, STYLE_PLAIN, "%s", words);
	for (unsigned int s = 0; s < NR_SIDES; s++)
		table_cell(t, STYLE_PLAIN, "%*llu", w->side[s], (unsigned long long)value[s]);
	snprintf(difference, sizeof(difference), "%s%llu", b > a ? "+" : b < a ? "-" : "",
		 (unsigned long long)(b > a ? b - a : a - b));
	table_cell(t, STYLE_PLAIN, "%*s", w->difference, difference);
	if (a)
		table_cell(t, STYLE_PLAIN, "%.3f", (double)b / (double)a);
	else
		table_cell(t, STYLE_PLAIN, "%s", "");
}

static void get_costs(const struct compared *c, unsigned int field, uint64_t value[NR_SIDES])
{
	for (unsigned int s = 0; s < NR_SIDES; s++)
		value[s] = cost_get(&c->side[s], field);
}

static size_t count_ops(const struct vtlb_trace *t, enum vtlb_opcode code)
{
	size_t n = 0;

	for (size_t i = 0; i < t->nops; i++)
		n += t->ops[i].code == code;
	return n;
}

/* What was run stands beside the first rows: its name, its size, its switches. */
static void trace_cell(struct table *t, const struct compared *c, unsigned int row)
{
	const struct vtlb_trace *trace = &c->file.trace;
	size_t n;

	if (c->walks && row == 1) {
		table_cell(t, STYLE_PLAIN, "%llu walk%s", (unsigned long long)c->walks->runs,
			   c->walks->runs == 1 ? "" : "s");
	} else if (c->walks && row == 2) {
		table_cell(t, STYLE_DIM, "%llu step%s", (unsigned long long)c->walks->steps,
			   c->walks->steps == 1 ? "" : "s");
	} else if (c->walks) {
		table_cell(t, STYLE_PLAIN, "%s", "");
	} else if (row == 0) {
		table_cell(t, STYLE_PLAIN, "%s", c->file.name);
	} else if (row == 1) {
		table_cell(t, STYLE_DIM, "%zu step%s", trace->nops, trace->nops == 1 ? "" : "s");
	} else {
		n = row == 2 ? count_ops(trace, VTLB_OP_MOV_CR3) : 0;
		if (n)
			table_cell(t, STYLE_DIM, "%zu MOV CR3", n);
		else
			table_cell(t, STYLE_PLAIN, "%s", "");
	}
}

static void verdict_row(struct table *t, const struct compared *c)
{
	trace_cell(t, c, 0);
	table_cell(t, STYLE_PLAIN, "verdict");
	for (unsigned int s = 0; s < NR_SIDES; s++)
		table_cell(t, compare_style(c->side[s].res.verdict), "%s",
			   vtlb_verdict_name(c->side[s].res.verdict));
	table_cell(t, STYLE_PLAIN, "%s", "");
	table_cell(t, STYLE_PLAIN, "%s", "");
}

static void rows(struct table *t, const struct widths *w, const struct compared *c)
{
	uint64_t value[NR_SIDES];

	if (!c->walks)
		verdict_row(t, c);
	for (unsigned int f = 0; f < NR_COSTS; f++) {
		trace_cell(t, c, f + 1);
		get_costs(c, f, value);
		cost_row(t, w, cost_fields[f].words, value);
	}
}

static void add_up(const struct comparison *cmp, uint64_t sum[NR_COSTS][NR_SIDES],
		   struct widths *w)
{
	for (unsigned int f = 0; f < NR_COSTS; f++) {
		for (size_t i = 0; i < cmp->n; i++) {
			uint64_t value[NR_SIDES];

			get_costs(&cmp->c[i], f, value);
			widen(w, value);
			for (unsigned int s = 0; s < NR_SIDES; s++)
				sum[f][s] += value[s];
		}
		widen(w, sum[f]);
	}
}

void compare_print_costs(const struct comparison *cmp)
{
	const char *heads[] = { cmp->c->walks ? "Walks" : "Trace", "", cmp->name[SIDE_A],
				cmp->name[SIDE_B], "Difference", "Ratio" };
	uint64_t sum[NR_COSTS][NR_SIDES] = { { 0 } };
	struct widths w = { .difference = 1 };
	struct table t;

	add_up(cmp, sum, &w);
	table_head(&t, 6, heads);
	for (size_t i = 0; i < cmp->n; i++)
		rows(&t, &w, &cmp->c[i]);
	for (unsigned int f = 0; f < NR_COSTS && cmp->n > 1; f++) {
		table_cell(&t, STYLE_PLAIN, "%s", f ? "" : "all");
		cost_row(&t, &w, cost_fields[f].words, sum[f]);
	}
	table_print(&t);
	table_free(&t);
	text_print(stdout, 0, out.width,
		   "Roots are roots of shadow page tables; reused ones were cached. A sync compares "
		   "a shadow page with the guest's page table. A refault is an exit to fill a "
		   "translation. Flushes are of the hardware TLB; \"not asked for\" are those in "
		   "steps in which the contract dropped nothing.");
}

/* Both contracts agree, unless the outcomes that they saw differ. */
static void contract_cell(struct table *t, const struct comparison *cmp,
			  const struct compared *c, size_t i, enum style style)
{
	struct text x[NR_SIDES] = { { 0 } };

	for (unsigned int s = 0; s < NR_SIDES; s++)
		step_contract(&x[s], &c->side[s], &c->side[s].steps[i]);
	if (strcmp(text_str(&x[SIDE_A]), text_str(&x[SIDE_B])) == 0)
		table_cell(t, style, "%s", text_str(&x[SIDE_A]));
	else
		table_cell(t, style, "%s: %s\n%s: %s", cmp->name[SIDE_A], text_str(&x[SIDE_A]),
			   cmp->name[SIDE_B], text_str(&x[SIDE_B]));
	for (unsigned int s = 0; s < NR_SIDES; s++)
		text_free(&x[s]);
}

static void side_cell(struct table *t, const struct compared *c, unsigned int s, size_t i,
		      enum style style)
{
	const struct judge_step *step = &c->side[s].steps[i];
	struct text x = { 0 };

	step_implementation(&x, step);
	if (style != STYLE_PLAIN && (c->in & COMPARE_VERDICT))
		text_list(&x, "; ", vtlb_verdict_name((enum vtlb_verdict)step->verdict));
	table_cell(t, style, "%s", text_str(&x));
	text_free(&x);
}

void compare_print_steps(const struct comparison *cmp, const struct compared *c, uint32_t before)
{
	const char *heads[] = { "Step", "Guest operation", "Contract drops", cmp->name[SIDE_A],
				cmp->name[SIDE_B] };
	const struct vtlb_trace *trace = &c->file.trace;
	struct table t;

	table_head(&t, 5, heads);
	for (uint32_t i = c->step > before ? c->step - before - 1 : 0; i < c->step; i++) {
		bool last = i + 1 == c->step;
		enum style style = last ? STYLE_WARN : STYLE_PLAIN;
		char op[128];

		vtlb_op_print(&trace->world, trace->ops[i], op, sizeof(op));
		table_cell(&t, style, "%u%s", i + 1, last ? " *" : "");
		table_cell(&t, style, "%s", op);
		contract_cell(&t, cmp, c, i, style);
		for (unsigned int s = 0; s < NR_SIDES; s++)
			side_cell(&t, c, s, i, style);
	}
	table_print(&t);
	table_free(&t);
	text_print(stdout, 0, out.width, NAME_MUST_LEGEND);
}

void compare_words(struct text *t, unsigned int in)
{
	static const struct {
		unsigned int in;
		const char *word;
	} words[] = {
		{ COMPARE_OUTCOME, "outcome" }, { COMPARE_VERDICT, "verdict" },
		{ COMPARE_COST, "cost" },
	};
	struct text list = { 0 };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (in & words[i].in)
			text_list(&list, in >= 2 * words[i].in ? ", " : " and ", words[i].word);
	text_add(t, "%s", text_str(&list));
	text_free(&list);
}

static void print_difference(const struct comparison *cmp)
{
	const struct compared *c = cmp->first;
	struct text in = { 0 };

	if (!c) {
		text_print(stdout, 0, out.width,
			   "No difference: every step that was run has the same outcome, verdict "
			   "and cost on both sides.");
		return;
	}
	compare_words(&in, c->in);
	if (c->step) {
		printf("First difference: %s, step %u, in %s.\n\n", c->file.name, c->step,
		       text_str(&in));
		compare_print_steps(cmp, c, BEFORE);
	} else {
		printf("First difference: %s, in the %s of the whole run.\n", c->file.name,
		       text_str(&in));
	}
	text_free(&in);
}

/* A run that ended early is compared as far as it went. */
static void print_stopped(const struct comparison *cmp)
{
	for (size_t i = 0; i < cmp->n * NR_SIDES; i++) {
		const struct judgement *j = &cmp->j[i];
		struct text t = { 0 };

		if (!j->res.why)
			continue;
		text_add(&t, "%s: %s on %s", j->file->name, vtlb_verdict_name(j->res.verdict),
			 cmp->name[i % NR_SIDES]);
		if (j->res.stopped_at)
			text_add(&t, ", stopped at step %u", j->res.stopped_at);
		text_add(&t, ": %s.", j->res.why);
		text_print(stdout, 0, out.width, text_str(&t));
		text_free(&t);
	}
}

void compare_print(const struct comparison *cmp)
{
	compare_print_costs(cmp);
	print_stopped(cmp);
	putchar('\n');
	print_difference(cmp);
	putchar('\n');
	report_scope(cmp->j, cmp->n * NR_SIDES);
	for (size_t i = 0; i < cmp->n * NR_SIDES && cmp->n > 1; i++) {
		if (!cmp->j[i].res.has_violation)
			continue;
		text_print(stdout, 0, out.width,
			   "Compare a trace alone to have its violations explained.");
		return;
	}
	if (cmp->n == 1)
		explain_violations(cmp->j, NR_SIDES);
}
