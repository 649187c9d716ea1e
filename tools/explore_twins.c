/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * "explore --twins", --perturb and --merges: the tests of an implementation's encoding, and
 * what came of them.
 */
#include "explore.h"

#include <stdlib.h>

#include "out.h"
#include "progress.h"
#include "twins.h"

static json_t *ops_json(const struct explore *x, const struct vtlb_op *ops, size_t n)
{
	json_t *list = json_array();
	char line[256];

	for (size_t i = 0; i < n; i++) {
		vtlb_op_print(&x->w, ops[i], line, sizeof(line));
		json_array_append_new(list, json_string(line));
	}
	return list;
}

static void print_ops(const struct explore *x, const char *title, const struct vtlb_op *ops,
		      size_t n)
{
	char line[256];

	printf("%s:\n", title);
	for (size_t i = 0; i < n; i++) {
		vtlb_op_print(&x->w, ops[i], line, sizeof(line));
		printf("  %s\n", line);
	}
}

static const char *test_name(const struct explore *x)
{
	return x->args->twins ? "twins" : x->args->perturb ? "perturb" : "merges";
}

static void print_what_was_done(const struct explore *x, const struct twins *t)
{
	if (x->args->merges)
		printf("  %llu states to depth %llu; %llu times one was met again, and compared",
		       (unsigned long long)t->states, (unsigned long long)t->depth,
		       (unsigned long long)t->found);
	else
		printf("  %llu states were %s, in %llu walks (seed %llu)",
		       (unsigned long long)t->found,
		       t->perturb ? "changed in all that the encoding leaves out" :
				    "reached in two ways",
		       (unsigned long long)t->walks, (unsigned long long)t->seed);
	if (t->ahead)
		printf(",\n  with all sequences of up to %u operations behind it", t->ahead);
	else
		printf(",\n  and stepped on alike");
	printf(", %llu steps in all.\n", (unsigned long long)t->stepped);
}

static void print(const struct explore *x, const struct twins *t, enum vtlb_verdict v)
{
	printf("%s: %s in scope %s\n", vtlb_verdict_name(v), x->impl->name, x->args->scope);
	if (v == VTLB_V_UNSUPPORTED) {
		printf("  %s\n", x->why);
		return;
	}
	print_what_was_done(x, t);
	if (!t->what && x->why) {
		printf("  %s\n", x->why);
		return;
	}
	if (!t->what) {
		puts("  Nothing that could be seen of two such states differed.");
		return;
	}
	printf("  Two that have equal bytes differ behind this: %s\n", t->what);
	print_ops(x, t->perturb ? "The way to one, which was changed" : "One way",
		  t->way[SIDE_A], t->nway[SIDE_A]);
	if (!t->perturb)
		print_ops(x, "Another", t->way[SIDE_B], t->nway[SIDE_B]);
	print_ops(x, "And then", t->then, t->nthen);
}

static void print_json(const struct explore *x, const struct twins *t, enum vtlb_verdict v)
{
	json_t *o = json_pack("{s:i, s:s, s:s, s:s, s:s, s:I, s:I, s:I}", "schema", 1, "verdict",
			      vtlb_verdict_name(v), "test", test_name(x), "scope", x->args->scope,
			      "impl", x->impl->name, "twins", (json_int_t)t->found, "steps",
			      (json_int_t)t->stepped, "ahead", (json_int_t)t->ahead);

	if (x->args->merges) {
		json_object_set_new(o, "depth", json_integer((json_int_t)t->depth));
		json_object_set_new(o, "states", json_integer((json_int_t)t->states));
	} else {
		json_object_set_new(o, "walks", json_integer((json_int_t)t->walks));
		json_object_set_new(o, "seed", json_integer((json_int_t)t->seed));
	}
	if (x->why)
		json_object_set_new(o, "reason", json_string(x->why));
	if (t->what) {
		json_object_set_new(o, "differ", json_string(t->what));
		json_object_set_new(o, "way_a", ops_json(x, t->way[SIDE_A], t->nway[SIDE_A]));
		json_object_set_new(o, "way_b", ops_json(x, t->way[SIDE_B], t->nway[SIDE_B]));
		json_object_set_new(o, "then", ops_json(x, t->then, t->nthen));
	}
	json_dumpf(o, stdout, JSON_INDENT(2));
	putchar('\n');
	json_decref(o);
}

static bool covers(struct explore *x)
{
	if (x->args->perturb && !x->impl->disturb) {
		x->why = "It leaves nothing out of the bytes that stand for a state.";
		return false;
	}
	return vtlb_impl_covers(x->impl, &x->w, &x->why);
}

static struct twins *begin(const struct explore_args *a)
{
	struct twins *t = out_alloc(1, sizeof(*t));

	t->want = a->twins ? a->twins : a->perturb;
	t->perturb = a->perturb;
	t->depth = a->merges;
	t->ahead = (unsigned int)(a->merges && !a->ahead ? 1 : a->ahead);
	t->steps = a->steps;
	t->seed = a->seed;
	return t;
}

/* Two states that were compared are an answer; and so is that there is nothing to compare. */
static enum vtlb_verdict verdict(struct explore *x, const struct twins *t, bool done)
{
	if (t->what)
		return VTLB_VIOLATES;
	if (done && t->found)
		return VTLB_HOLDS;
	if (done) {
		x->why = "Nothing was compared: all states that have equal bytes here are equal in all "
			 "else, too.";
		return VTLB_VACUOUS;
	}
	x->why = progress_interrupted() ? "Stopped by a signal." :
					  "The walks met no more of them: try more --steps, another "
					  "--seed or fewer.";
	return VTLB_INCOMPLETE;
}

int explore_twins(struct explore *x)
{
	const struct vtlb_impl *sides[NR_SIDES] = { x->impl, x->impl };
	struct twins *t = begin(x->args);
	struct pair *p = out_alloc(1, sizeof(*p));
	enum vtlb_verdict v = VTLB_V_UNSUPPORTED;

	/* as a search does, for the normal form */
	for (size_t i = 0; i < x->scope.nops && !(x->flags & VTLB_EXPLORE_NO_NORMAL); i++)
		x->w.ops |= 1u << x->scope.ops[i].code;
	if (covers(x)) {
		bool (*run)(struct twins *, const struct pair *, const struct vtlb_op *, size_t) =
			x->args->merges ? merges_run : twins_run;

		pair_begin(p, &x->w, sides, x->vendor, 0);
		v = verdict(x, t, run(t, p, x->scope.ops, x->scope.nops));
	}
	progress_end();
	if (out.json)
		print_json(x, t, v);
	else if (!x->args->quiet)
		print(x, t, v);
	twins_free(t);
	free(t);
	free(p);
	return vtlb_verdict_exit(v);
}
