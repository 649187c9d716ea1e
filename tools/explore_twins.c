/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * "explore --twins": the test of an implementation's encoding, and what came of it.
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

static void print(const struct explore *x, const struct twins *t, enum vtlb_verdict v)
{
	printf("%s: %s in scope %s\n", vtlb_verdict_name(v), x->impl->name, x->args->scope);
	printf("  %llu states were reached in two ways, in %llu walks (seed %llu), and stepped on "
	       "alike,\n  %llu steps in all.\n",
	       (unsigned long long)t->found, (unsigned long long)t->walks,
	       (unsigned long long)t->seed, (unsigned long long)t->stepped);
	if (!t->what) {
		puts("  Nothing that could be seen of two such states differed.");
		return;
	}
	printf("  Two that have equal bytes differ behind this: %s\n", t->what);
	print_ops(x, "One way", t->way[SIDE_A], t->nway[SIDE_A]);
	print_ops(x, "Another", t->way[SIDE_B], t->nway[SIDE_B]);
	print_ops(x, "And then", t->then, t->nthen);
}

static void print_json(const struct explore *x, const struct twins *t, enum vtlb_verdict v)
{
	json_t *o = json_pack("{s:i, s:s, s:s, s:s, s:I, s:I, s:I, s:I}", "schema", 1, "verdict",
			      vtlb_verdict_name(v), "scope", x->args->scope, "impl", x->impl->name,
			      "twins", (json_int_t)t->found, "walks", (json_int_t)t->walks, "steps",
			      (json_int_t)t->stepped, "seed", (json_int_t)t->seed);

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

int explore_twins(struct explore *x)
{
	const struct vtlb_impl *sides[NR_SIDES] = { x->impl, x->impl };
	struct twins t = { .want = x->args->twins, .steps = x->args->steps, .seed = x->args->seed };
	struct pair *p = out_alloc(1, sizeof(*p));
	enum vtlb_verdict v = VTLB_V_UNSUPPORTED;

	/* as a search does, for the normal form */
	for (size_t i = 0; i < x->scope.nops && !(x->flags & VTLB_EXPLORE_NO_NORMAL); i++)
		x->w.ops |= 1u << x->scope.ops[i].code;
	if (vtlb_impl_covers(x->impl, &x->w, &x->why)) {
		pair_begin(p, &x->w, sides, x->vendor, 0);
		v = twins_run(&t, p, x->scope.ops, x->scope.nops) ? VTLB_HOLDS : VTLB_INCOMPLETE;
		v = t.what ? VTLB_VIOLATES : v;
	}
	progress_end();
	if (out.json)
		print_json(x, &t, v);
	else if (!x->args->quiet)
		print(x, &t, v);
	twins_free(&t);
	free(p);
	return vtlb_verdict_exit(v);
}
