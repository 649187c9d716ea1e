/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What a search found, for people: each counterexample as a check shows it, and
 * then what was, and what was not, proven.
 */
#include "explore.h"

#include <stdlib.h>
#include <string.h>

#include "amount.h"
#include "explain.h"
#include "out.h"
#include "ranks.h"
#include "report.h"
#include "table.h"

#define INDENT 2u

static void say(struct text *t)
{
	text_print(stdout, INDENT, out.width, text_str(t));
	text_free(t);
}

static void deviation_words(struct text *t, const struct explore_found *f)
{
	if (f->waiver)
		name_waivers(t, f->waiver, " + ");
	else
		text_add(t, "none that is known");
}

static void list_found(const struct explore *x)
{
	static const char *const heads[] = { "Found", "Deviation", "Rule", "Guilty operation",
					     "Length" };
	struct table t;

	table_head(&t, 5, heads);
	for (size_t i = 0; i < x->nfound; i++) {
		const struct explore_found *f = &x->found[i];
		enum style style = f->waiver ? STYLE_PLAIN : STYLE_BAD;
		struct text words = { 0 };

		deviation_words(&words, f);
		table_cell(&t, style, "%s", f->name);
		table_cell(&t, style, "%s", text_str(&words));
		table_cell(&t, style, "%s",
			   f->violation.rule >= 0 ? vtlb_rules[f->violation.rule].id : "");
		table_cell(&t, style, "%s", name_event(f->op));
		table_cell(&t, style, "%u", f->nops);
		text_free(&words);
	}
	table_print(&t);
	table_free(&t);
	putchar('\n');
}

static void show_found(const struct explore_found *f)
{
	struct text words = { 0 };
	char *text = file_trace_text(&f->trace.trace);

	text_add(&words, "%c%s, %u operation%s, known deviation: ", f->name[0], f->name + 1,
		 f->nops, f->nops == 1 ? "" : "s");
	deviation_words(&words, f);
	printf("%s%s%s\n\n%s\n", style_begin(STYLE_HEAD), text_str(&words),
	       style_end(STYLE_HEAD), text);
	text_free(&words);
	free(text);
	report_steps(&f->j);
	explain_all(&f->j, 1);
	putchar('\n');
}

static enum style verdict_style(enum vtlb_verdict v)
{
	switch (v) {
	case VTLB_HOLDS:
		return STYLE_GOOD;
	case VTLB_VIOLATES:
		return STYLE_BAD;
	default:
		return STYLE_WARN;
	}
}

static void say_verdict(const struct explore *x)
{
	enum style style = verdict_style(x->verdict);
	const char *how = "";

	if (x->res.proof && x->verdict == VTLB_HOLDS)
		how = " (proof)";
	else if (x->verdict == VTLB_HOLDS)
		how = " (no proof)";
	printf("%s%s: %s in scope %s%s%s\n", style_begin(style), vtlb_verdict_name(x->verdict),
	       x->impl->name, x->args->scope, how, style_end(style));
}

/* What an incomplete search amounts to, and how it was growing. */
static void say_incomplete(const struct explore *x)
{
	bool second = x->res.waived.states;
	const struct vtlb_explore_stats *s = second ? &x->res.waived : &x->res.stats;
	struct text t = { 0 };

	text_add(&t, "This is NOT a proof: the search was stopped ");
	explore_end_words(&t, x->end, x->args);
	text_add(&t, ". ");
	if (second)
		text_add(&t, "All of the scope was searched, and known deviations explain what fails. "
			     "Whether they explain every way to it, a second search finds out, with "
			     "all of them waived, and that one was not complete: nothing fails in "
			     "sequences of up to %u operation%s, ",
			 s->depth, s->depth == 1 ? "" : "s");
	else if (s->depth || !x->res.nparts)
		text_add(&t, "Nothing %sfails in sequences of up to %u operation%s%s; longer ones "
			     "were not all tried, ",
			 x->nfound ? "else " : "", s->depth, s->depth == 1 ? "" : "s",
			 x->nfound ? ", of what was judged (--waive all judges all)" : "");
	else
		text_add(&t, "Not all parts were begun, so nothing is known of any length (--whole "
			     "searches all at once, shortest first); ");
	amount_exact(&t, s->frontier);
	text_add(&t, " state%s wait%s to be extended.", s->frontier == 1 ? "" : "s",
		 s->frontier == 1 ? "s" : "");
	say(&t);
	text_add(&t, "New states of each depth from 0:");
	for (uint32_t i = 0; i <= s->diameter && i < VTLB_MAX_LEVELS; i++) {
		text_add(&t, "%s", i ? ", " : " ");
		amount_exact(&t, s->level[i]);
	}
	if (s->diameter && s->diameter < VTLB_MAX_LEVELS && s->level[s->diameter - 1])
		text_add(&t, " (the last is %.2f times the one before)",
			 (double)s->level[s->diameter] / (double)s->level[s->diameter - 1]);
	text_add(&t, ".");
	say(&t);
}

static void say_odds(struct text *t, const struct explore *x)
{
	text_add(t, " States were compared by fingerprints, so this is no proof: the probability "
		    "that a state was missed is at most %.2g.",
		 x->res.stats.odds + x->res.waived.odds);
}

static void say_proven(const struct explore *x)
{
	struct text t = { 0 };
	bool waived = x->args->judge.waive;

	if (x->res.proof)
		text_add(&t, "Proven: ");
	text_add(&t, "%cfter no sequence of the scope's operations, of any length, can the guest see "
		     "what the contract forbids%s.", x->res.proof ? 'a' : 'A',
		 waived ? ", beyond the deviations that are waived" : "");
	if (x->flags & VTLB_EXPLORE_FINGERPRINT)
		say_odds(&t, x);
	say(&t);
}

static void say_vacuous(const struct explore *x)
{
	struct text t = { 0 };

	text_add(&t, "No sequence fails, but that says little: not all that the scope is about "
		     "was put to the test. Why may be said in the scope file ('vacuous').");
	say(&t);
	for (size_t i = 0; i < x->nvacuous; i++) {
		explore_vacuous_words(&t, x, &x->vacuous[i]);
		text_add(&t, ".");
		say(&t);
	}
}

static void say_outcome(const struct explore *x)
{
	struct text t = { 0 };

	switch (x->verdict) {
	case VTLB_HOLDS:
		say_proven(x);
		return;
	case VTLB_VACUOUS:
		say_vacuous(x);
		return;
	case VTLB_INCOMPLETE:
		if (!x->args->runs)
			say_incomplete(x);
		return;
	case VTLB_DEVIATES:
		text_add(&t, "All that fails is explained by known deviations, of which the table "
			     "lists the kinds that were met.");
		if (x->flags & VTLB_EXPLORE_FINGERPRINT)
			say_odds(&t, x);
		break;
	case VTLB_VIOLATES:
		text_add(&t, "No known deviation explains what was found%s.",
			 x->args->runs ? "" : "; no shorter sequence fails so");
		break;
	case VTLB_AMBIGUOUS:
		text_add(&t, "It fails only where the manual can be read in two ways, under the "
			     "reading that asks for more.");
		break;
	default:
		text_add(&t, "There is no answer: %s.", x->why ? x->why : "unknown");
		break;
	}
	say(&t);
}

static void say_scope(const struct explore *x)
{
	struct text t = { 0 };

	text_add(&t, "Scope %s, %zu operations%s%s", x->args->scope, x->scope.nops,
		 x->scope.about[0] ? ": " : ".", x->scope.about);
	say(&t);
	text_add(&t, "Judged: ");
	explore_circumstances(&t, x);
	text_add(&t, ".");
	say(&t);
	if (x->args->remember) {
		text_add(&t, "Told apart: what %s alone removed, which makes more states.",
			 vtlb_rules[x->args->remember - 1].id);
		say(&t);
	}
}

static void say_walks(const struct explore *x)
{
	struct text t = { 0 };

	if (x->verdict == VTLB_INCOMPLETE && x->nfound)
		text_add(&t, "This is NOT a proof: after the first walk that fails, by a known "
			     "deviation, %llu were made with all of them waived, and found nothing. ",
			 (unsigned long long)x->waived_walks);
	else if (x->verdict == VTLB_INCOMPLETE)
		text_add(&t, "This is NOT a proof: random walks found nothing. ");
	amount_exact(&t, x->walks);
	text_add(&t, " walk%s of up to %llu steps, ", x->walks == 1 ? "" : "s",
		 (unsigned long long)x->args->steps);
	amount_exact(&t, x->steps);
	text_add(&t, " steps in all, seed %llu", (unsigned long long)x->args->seed);
	if (x->end != END_RUNS && x->end != END_NONE) {
		text_add(&t, "; stopped ");
		explore_end_words(&t, x->end, x->args);
	}
	if (x->cut)
		text_add(&t, "; %llu walk%s ended early, where the model ends",
			 (unsigned long long)x->cut, x->cut == 1 ? "" : "s");
	text_add(&t, ". ");
	amount_seconds(&t, x->seconds);
	text_add(&t, ", ");
	amount_short(&t, x->seconds > 0 ? (double)x->steps / x->seconds : 0);
	text_add(&t, " steps/s.");
	say(&t);
}

static void say_parts(const struct explore *x)
{
	struct text t = { 0 };

	text_add(&t, "Searched by table (docs/explore.md), one leaf table or one frame of it at a "
		     "time: ");
	for (uint32_t i = 0; i < x->res.nparts; i++) {
		const struct vtlb_explore_part *part = &x->res.part[i];

		text_add(&t, "%s%s", i ? "; " : "", x->w.leaf_name[part->table]);
		if (part->frame < VTLB_MAX_FRAMES)
			text_add(&t, " %s", x->w.frame_name[part->frame]);
		if (part->orbit > 1)
			text_add(&t, " (and %u like it by symmetry)", part->orbit - 1u);
		text_add(&t, ", ");
		amount_exact(&t, part->states);
		text_add(&t, " states, %s %u", part->complete ? "diameter" : "to depth",
			 part->complete ? part->diameter : part->depth);
	}
	text_add(&t, ".");
	say(&t);
}

static void say_size(const struct explore *x)
{
	const struct vtlb_explore_stats *s = &x->res.stats;
	struct text t = { 0 };

	text_add(&t, "States: ");
	amount_exact(&t, s->states);
	if (s->group > 1) {
		text_add(&t, " up to symmetry (a group of %u", s->group);
		if (s->orbit_states) {
			text_add(&t, "; they stand for ");
			amount_exact(&t, s->orbit_states);
		}
		text_add(&t, ")");
	}
	text_add(&t, "; transitions: ");
	amount_exact(&t, s->transitions);
	text_add(&t, "; %s: %u", x->res.complete ? "diameter" : "depth of the deepest state",
		 s->diameter);
	if (s->violating) {
		text_add(&t, "; states that fail, not extended: ");
		amount_exact(&t, s->violating);
	}
	text_add(&t, ".");
	say(&t);
	if (x->by_table)
		say_parts(x);
	if (x->suspect)
		text_add(&t, "Table by table something might fail, so the whole was searched. ");
	amount_seconds(&t, x->seconds);
	text_add(&t, ", ");
	amount_short(&t, x->seconds > 0 ? (double)s->transitions / x->seconds : 0);
	text_add(&t, " transitions/s on ");
	if (ranks.n > 1)
		text_add(&t, "%u processes of ", ranks.n);
	text_add(&t, "%llu thread%s; ", (unsigned long long)explore_jobs(x),
		 explore_jobs(x) == 1 ? "" : "s");
	amount_bytes(&t, (double)s->bytes);
	text_add(&t, " of memory, %.1f bytes a state, parents included.",
		 s->states ? (double)s->bytes / (double)s->states : 0);
	say(&t);
}

static void count_cells(struct table *t, const struct vtlb_explore_count *c)
{
	struct text n = { 0 };

	amount_exact(&n, c->fired);
	table_cell(t, STYLE_PLAIN, "%s", text_str(&n));
	text_free(&n);
	amount_exact(&n, c->removed);
	table_cell(t, STYLE_PLAIN, "%s", text_str(&n));
	text_free(&n);
}

static void print_counts(const struct explore *x)
{
	static const char *const ops[] = { "Operation", "Succeeded", "Removed something" };
	static const char *const rules[] = { "Rule", "Fired", "Removed something" };
	struct table t;

	putchar('\n');
	table_head(&t, 3, ops);
	for (size_t i = 0; i < x->scope.nops; i++) {
		char op[128];

		vtlb_op_print(&x->w, x->scope.ops[i], op, sizeof(op));
		table_cell(&t, STYLE_PLAIN, "%s", op);
		count_cells(&t, &x->res.op[i]);
	}
	table_print(&t);
	table_free(&t);
	putchar('\n');
	table_head(&t, 3, rules);
	for (unsigned int i = 0; i < vtlb_nr_rules; i++) {
		bool can = x->res.can_apply[i / 32] >> i % 32 & 1u;

		if (!can && !x->res.rule[i].fired)
			continue;
		table_cell(&t, STYLE_PLAIN, "%s", vtlb_rules[i].id);
		count_cells(&t, &x->res.rule[i]);
	}
	table_print(&t);
	table_free(&t);
}

void explore_report(const struct explore *x)
{
	if (x->nfound > 1 || (x->nfound && x->found[0].waiver))
		list_found(x);
	for (size_t i = 0; i < x->nfound; i++)
		show_found(&x->found[i]);
	say_verdict(x);
	say_outcome(x);
	say_scope(x);
	if (x->args->runs)
		say_walks(x);
	else if (x->res.stats.states)
		say_size(x);
	if ((x->args->counts || x->res.complete) && x->res.stats.states)
		print_counts(x);
}
