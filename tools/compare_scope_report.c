/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A comparison in a scope for people: the verdicts of the two searches, the costs of
 * the walks, and the sequences on which the sides part.
 */
#include "compare_scope.h"

#include <stdio.h>

#include "amount.h"
#include "out.h"

static void say(struct text *t)
{
	text_print(stdout, 0, out.width, text_str(t));
	text_free(t);
}

static void number_cell(struct table *t, const struct explore *x, uint64_t n)
{
	struct text words = { 0 };

	if (x->res.stats.states)
		amount_exact(&words, n);
	table_cell(t, STYLE_PLAIN, "%s", text_str(&words));
	text_free(&words);
}

static void verdict_cell(struct table *t, const struct explore *x)
{
	const char *name = vtlb_verdict_name(x->verdict), *stop = explore_end_word(x->end);

	if (x->res.proof && x->verdict == VTLB_HOLDS)
		table_cell(t, STYLE_GOOD, "%s (proof)", name);
	else if (stop)
		table_cell(t, compare_style(x->verdict), "%s (%s)", name, stop);
	else
		table_cell(t, compare_style(x->verdict), "%s", name);
}

/* The worst that was found: what is no known deviation, and of that the shortest. */
static void found_cell(struct table *t, const struct explore *x)
{
	const struct explore_found *f = x->found;
	struct text words = { 0 };

	if (x->nfound) {
		text_add(&words, "%u operation%s", f->nops, f->nops == 1 ? "" : "s");
		if (f->violation.rule >= 0)
			text_add(&words, ", %s", vtlb_rules[f->violation.rule].id);
		if (f->waiver)
			text_add(&words, ", ");
		name_waivers(&words, f->waiver, " + ");
	} else if (x->res.stats.states) {
		text_add(&words, "none");
	}
	table_cell(t, STYLE_PLAIN, "%s", text_str(&words));
	text_free(&words);
}

static void print_verdicts(const struct scope_comparison *s)
{
	const char *heads[] = { "Search", s->cmp.name[SIDE_A], s->cmp.name[SIDE_B] };
	struct table t;

	table_head(&t, 3, heads);
	table_cell(&t, STYLE_PLAIN, "verdict");
	for (unsigned int i = 0; i < NR_SIDES; i++)
		verdict_cell(&t, s->x[i]);
	table_cell(&t, STYLE_PLAIN, "states");
	for (unsigned int i = 0; i < NR_SIDES; i++)
		number_cell(&t, s->x[i], s->x[i]->res.stats.states);
	table_cell(&t, STYLE_PLAIN, "depth");
	for (unsigned int i = 0; i < NR_SIDES; i++)
		number_cell(&t, s->x[i], s->x[i]->res.stats.depth);
	table_cell(&t, STYLE_PLAIN, "counterexample");
	for (unsigned int i = 0; i < NR_SIDES; i++)
		found_cell(&t, s->x[i]);
	table_print(&t);
	table_free(&t);
}

static void say_verdicts(const struct scope_comparison *s)
{
	struct text t = { 0 };

	text_add(&t, "States are up to symmetry; all sequences of so many operations as the depth "
		     "says were tried. A counterexample is the shortest");
	if (s->x[SIDE_A]->nfound || s->x[SIDE_B]->nfound)
		text_add(&t, "; 'vtlb explore' with the same options shows it");
	text_add(&t, ".");
	if (s->x[SIDE_A]->res.stats.states || s->x[SIDE_B]->res.stats.states)
		say(&t);
	text_free(&t);
	for (unsigned int i = 0; i < NR_SIDES; i++) {
		if (!s->x[i]->why)
			continue;
		text_add(&t, "%s: %s on %s: %s.", s->args->scope,
			 vtlb_verdict_name(s->x[i]->verdict), s->cmp.name[i], s->x[i]->why);
		say(&t);
	}
}

static void say_walks(const struct scope_comparison *s)
{
	const struct walks *w = &s->walks;
	struct text t = { 0 };

	text_add(&t, "The walks are random, of up to %llu of the scope's operations, seed %llu, the "
		     "same outcomes on both sides",
		 (unsigned long long)w->length, (unsigned long long)w->seed);
	if (w->ended)
		text_add(&t, "; %llu ended early, where the sides part or their registers are not "
			     "known any more", (unsigned long long)w->ended);
	text_add(&t, ".");
	say(&t);
}

/* How far it was looked for a difference that was not found. */
static void say_none(const struct scope_comparison *s, const char *what)
{
	const struct differ *d = &s->differ;
	struct text t = { 0 };

	text_add(&t, "No difference in %s", what);
	if (d->complete) {
		text_add(&t, ": none in any sequence %s, of any length",
			 d->outcome.ops || d->not_followed ? "that both sides can do alike"
							   : "of the scope's operations");
	} else {
		text_add(&t, " within %u step%s: INCOMPLETE, stopped ", d->depth,
			 d->depth == 1 ? "" : "s");
		explore_end_words(&t, d->end, s->args);
		text_add(&t, ", ");
		amount_exact(&t, d->waiting);
		text_add(&t, " pair%s of states wait%s to be extended", d->waiting == 1 ? "" : "s",
			 d->waiting == 1 ? "s" : "");
	}
	text_add(&t, ".");
	say(&t);
}

static void add_outcomes(struct text *t, const struct scope_difference *d,
			 const struct vtlb_outset *set)
{
	const struct vtlb_trace *trace = &d->c.file.trace;
	char words[512];

	vtlb_outset_print(&trace->world, &d->mem, trace->ops[trace->nops - 1].a, set, words,
			  sizeof(words));
	text_add(t, "%s", words);
}

static void say_outcomes(const struct scope_comparison *s, const struct scope_difference *d)
{
	struct text t = { 0 };

	if (!d->access || pair_same_set(&d->could[SIDE_A], &d->could[SIDE_B]))
		return;
	text_add(&t, "The access can give on %s: ", s->cmp.name[SIDE_A]);
	add_outcomes(&t, d, &d->could[SIDE_A]);
	text_add(&t, "; on %s: ", s->cmp.name[SIDE_B]);
	add_outcomes(&t, d, &d->could[SIDE_B]);
	text_add(&t, ". The contract allows ");
	add_outcomes(&t, d, &d->allowed);
	text_add(&t, ".");
	if (d->extra)
		text_add(&t, " It is not in the scope, and shows what can be seen after the step "
			     "before.");
	say(&t);
}

static void print_difference(const struct scope_comparison *s, const struct scope_difference *d,
			     const char *what)
{
	struct text t = { 0 };

	putchar('\n');
	if (!d->c.in) {
		say_none(s, what);
		return;
	}
	text_add(&t, "Shortest sequence that differs in %s: %u step%s, the last in ", what,
		 d->c.step, d->c.step == 1 ? "" : "s");
	compare_words(&t, d->c.in);
	text_add(&t, ".");
	say(&t);
	putchar('\n');
	compare_print_steps(&s->cmp, &d->c, d->c.step);
	say_outcomes(s, d);
}

static void say_pairs(const struct scope_comparison *s)
{
	const struct differ *d = &s->differ;
	struct text t = { 0 };

	putchar('\n');
	if (compare_scope_bisimilar(s))
		text_add(&t, "Bisimilar in this scope: no guest can tell the two apart by its "
			     "operations. ");
	amount_exact(&t, d->pairs);
	text_add(&t, " pair%s of states %s compared, without symmetry", d->pairs == 1 ? "" : "s",
		 d->pairs == 1 ? "was" : "were");
	if (d->not_followed) {
		text_add(&t, "; behind ");
		amount_exact(&t, d->not_followed);
		text_add(&t, " step%s nothing was: a side has no answer there, or both fault as the "
			     "manual does not ask for", d->not_followed == 1 ? "" : "s");
	}
	text_add(&t, ".");
	say(&t);
}

static void say_scope(const struct scope_comparison *s)
{
	const struct explore *x = s->x[SIDE_A];
	struct text t = { 0 };

	text_add(&t, "Scope %s, %zu operation%s%s%s", s->args->scope, x->scope.nops,
		 x->scope.nops == 1 ? "" : "s", x->scope.about[0] ? ": " : ".", x->scope.about);
	say(&t);
	text_add(&t, "Judged: ");
	explore_circumstances(&t, x);
	text_add(&t, ".");
	say(&t);
}

void compare_scope_print(const struct scope_comparison *s)
{
	print_verdicts(s);
	say_verdicts(s);
	if (s->ran) {
		putchar('\n');
		compare_print_costs(&s->cmp);
		say_walks(s);
		print_difference(s, &s->outcome, "what the guest can see");
		print_difference(s, &s->cost, "cost");
		say_pairs(s);
	} else {
		putchar('\n');
	}
	say_scope(s);
}
