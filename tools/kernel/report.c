/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What a check found, for people: the verdict first, then what it stands on.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <string.h>

#include "amount.h"
#include "check.h"
#include "out.h"
#include "table.h"

#define MAX_SHOWN 5

static void print_folded(unsigned int indent, struct text *t)
{
	text_print(stdout, indent, out.width - indent, text_str(t));
	text_free(t);
}

static void finding(const struct check *c, const struct finding *f, bool replay)
{
	struct text t = { 0 };

	text_add(&t, "%s %s: %s", f->source, f->name, f->text);
	if (*f->said)
		text_add(&t, "; %s", f->said);
	print_folded(2, &t);
	if (replay)
		printf("    vtlb check --impl %s %s\n", c->program[SIDE_PATCHED], f->file);
}

static void findings(const struct check *c, enum finding_class class, const char *title,
		     bool replay)
{
	size_t n = check_count(c, class), shown = 0;

	if (!n)
		return;
	printf("\n%s: %zu\n", title, n);
	for (size_t i = 0; i < c->nfindings && shown < MAX_SHOWN; i++) {
		if (c->finding[i].class != class)
			continue;
		finding(c, &c->finding[i], replay);
		shown++;
	}
	if (n > shown)
		printf("  and %zu more, which --json lists\n", n - shown);
}

static void texts(const char *title, char *const *list, size_t n)
{
	if (n)
		printf("\n%s:\n", title);
	for (size_t i = 0; i < n; i++) {
		struct text t = { 0 };

		text_add(&t, "%s", list[i]);
		print_folded(2, &t);
	}
}

/* Lines of a hunk of which none was executed, though others were. */
static void missing_lines(struct text *t, const struct hunk *h)
{
	struct text lines = { 0 };
	char number[24];

	for (size_t i = 0; i < h->n; i++) {
		const struct hunk_line *l = &h->changed[i];

		if (!l->linked || l->executed)
			continue;
		snprintf(number, sizeof(number), "%s%u", l->added ? "" : "-", l->line);
		text_list(&lines, ", ", number);
	}
	if (lines.len)
		text_add(t, "not executed: %s", text_str(&lines));
	text_free(&lines);
}

static void hunks(const struct check *c)
{
	const char *heads[] = { "Hunk", "In", "Status", "Remark" };
	struct table t;

	if (!c->cover.hunks.n)
		return;
	putchar('\n');
	table_head(&t, 4, heads);
	for (size_t i = 0; i < c->cover.hunks.n; i++) {
		const struct hunk *h = &c->cover.hunks.hunk[i];
		struct text remark = { 0 };
		enum style style = STYLE_GOOD;

		table_cell(&t, STYLE_PLAIN, "%s:%u", h->file, h->line);
		table_cell(&t, STYLE_PLAIN, "%.40s", h->function);
		if (h->status != HUNK_EXECUTED)
			style = cover_counts(&c->cover, h) ? STYLE_WARN : STYLE_PLAIN;
		table_cell(&t, style, "%s", hunk_status_name(h->status));
		if (h->through)
			text_add(&remark, "through %s", h->through);
		else
			missing_lines(&remark, h);
		if (remark.len > 60) {
			remark.s[57] = '\0';
			table_cell(&t, STYLE_PLAIN, "%s...", remark.s);
		} else {
			table_cell(&t, STYLE_PLAIN, "%s", text_str(&remark));
		}
		text_free(&remark);
	}
	table_print(&t);
	table_free(&t);
}

static void costs(const struct check *c)
{
	const char *heads[] = { "Workload", "Roots built", "Reused", "Freed", "Syncs", "Refaults",
				"Flushes", "Unasked" };
	bool base = c->program[SIDE_BASE];
	struct table t;
	size_t same = 0, unknown = 0;

	if (!c->ncosts)
		return;
	putchar('\n');
	table_head(&t, CHECK_COSTS + 1, heads);
	for (size_t i = 0; i < c->ncosts; i++) {
		const struct check_cost *cost = &c->cost[i];

		if ((base && !check_cost_known(cost, SIDE_BASE)) ||
		    !check_cost_known(cost, SIDE_PATCHED)) {
			unknown++;
			continue;
		}
		if (base && !memcmp(cost->of[SIDE_BASE], cost->of[SIDE_PATCHED],
				    sizeof(cost->of[0]))) {
			same++;
			continue;
		}
		table_cell(&t, STYLE_PLAIN, "%s", cost->name);
		for (unsigned int k = 0; k < CHECK_COSTS; k++) {
			unsigned long long a = cost->of[SIDE_BASE][k];
			unsigned long long b = cost->of[SIDE_PATCHED][k];

			if (base && a != b)
				table_cell(&t, b > a ? STYLE_WARN : STYLE_GOOD, "%llu -> %llu", a,
					   b);
			else
				table_cell(&t, STYLE_PLAIN, "%llu", b);
		}
	}
	if (same + unknown < c->ncosts) {
		puts(base ? "Cost of workloads, before -> after:" : "Cost of workloads:");
		table_print(&t);
	}
	if (unknown)
		printf("%zu workloads did not get through, and cost nothing that could be told.\n",
		       unknown);
	if (same == c->ncosts)
		printf("Cost: the same as the base's on all %zu workloads.\n", same);
	else if (same)
		printf("The same as the base's on %zu more workloads.\n", same);
	table_free(&t);
}

static void searches(const struct check *c)
{
	putchar('\n');
	for (size_t i = 0; i < c->nsearches; i++) {
		const struct check_search *s = &c->search[i];

		if (!s->ran)
			continue;
		printf("Search of %s%s: all sequences of %llu operations, %llu states, %.1f s%s%s\n",
		       s->scope, s->waive_all ? ", deviations waived" : "",
		       (unsigned long long)s->depth, (unsigned long long)s->states,
		       s->seconds, s->finished ? "" : "; stopped: ", s->finished ? "" : s->why);
	}
	for (size_t i = 0; i < c->nwalks; i++) {
		const struct check_walks *w = &c->walks[i];
		struct text t = { 0 };

		text_add(&t, "Random walks in %s: ", w->scope);
		if (w->ran) {
			if (w->found)
				text_add(&t, "%llu failure%s", (unsigned long long)w->found,
					 w->found == 1 ? "" : "s");
			else
				text_add(&t, "nothing");
			text_add(&t, " in ");
			amount_short(&t, (double)w->steps);
			text_add(&t, " steps, seed %llu, known deviations waived; bounded",
				 (unsigned long long)w->seed);
		} else {
			text_add(&t, "none: %s", w->why);
		}
		print_folded(0, &t);
	}
}

static const char *meaning(const struct check *c)
{
	switch (c->verdict) {
	case VTLB_VIOLATES:
		return c->program[SIDE_BASE] && !c->opt->no_base ?
			       "what is judged fails where its base does not" :
			       "it fails, and not by a known deviation";
	case VTLB_NOT_EXERCISED:
		return "code of the patch never ran here, so nothing is known about it";
	case VTLB_INCOMPLETE:
		return "nothing was found, and not everything that should be was tried";
	default:
		return c->program[SIDE_BASE] && !c->opt->no_base ?
			       "nothing was found that the base does not show" :
			       "nothing was found but known deviations";
	}
}

/* What a user can do about it himself. */
static void how_to_add(const struct check *c)
{
	for (size_t i = 0; i < c->nnotes; i++) {
		struct text t = { 0 };

		if (!strstr(c->note[i], "unmodelled kernel function"))
			continue;
		text_add(&t, "%s", "how to add a kernel function: docs/kernel.md, \"Adding a kernel function\"");
		print_folded(2, &t);
		return;
	}
}

void check_report(const struct check *c)
{
	struct text t = { 0 };

	if (*c->subject)
		printf("Patch: %s\n", c->subject);
	text_add(&t, "Verdict: %s: %s.", vtlb_verdict_name(c->verdict), meaning(c));
	print_folded(0, &t);
	findings(c, FINDING_NEW, "New failures", true);
	hunks(c);
	texts("Not finished", c->note, c->nnotes);
	how_to_add(c);
	findings(c, FINDING_FIXED, "Failures of the base that are gone", false);
	findings(c, FINDING_BASE, "Failures that the base shows, too", false);
	findings(c, FINDING_KNOWN,
		 c->opt->no_base || !c->program[SIDE_BASE] ? "Known deviations, waived" :
							     "Known deviations, as in the base",
		 false);
	costs(c);
	searches(c);
	texts("Not judged", c->not_judged, c->nnot_judged);
	putchar('\n');
	text_add(&t, "Judged: %s. Never judged: %s.", CHECK_JUDGED, CHECK_OUTSIDE);
	print_folded(0, &t);
	printf("\n%zu traces judged; %.0f s\n", c->judged, c->seconds);
}
