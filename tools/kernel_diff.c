/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Model and real code are explored as a pair.  On every transition faults, outcomes,
 * exits, flushes, and roots with their state are compared; the first difference of each
 * kind is shown with what both sides say.
 */
#include "kernel_diff.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "differ.h"
#include "file.h"
#include "json.h"
#include "load.h"
#include "out.h"
#include "progress.h"

#define WORDS 1024u

/* The pair in the state behind the first @n steps of a difference. */
struct replay {
	const struct pair *p;
	struct pair_state s;
	struct pair_step step;
};

static void replay(struct replay *r, const struct difference *d, uint32_t n)
{
	pair_reset(r->p, &r->s);
	for (uint32_t i = 0; i < n; i++) {
		bool access = d->ops[i].code == VTLB_OP_ACCESS;

		pair_step(r->p, &r->s, d->ops[i], access ? d->ops[i].imm : 0, &r->step);
	}
}

static void print_side(const struct replay *r, unsigned int side)
{
	const struct vtlb_impl *impl = r->p->impl[side];
	const struct vtlb_impl_step *step = &r->step.impl[side];
	char words[WORDS] = "";

	printf("  %s: %s, %llu exits to fill, %llu flushes\n", impl->name,
	       vtlb_fault_name(step->fault), (unsigned long long)step->cost.refaults,
	       (unsigned long long)step->cost.flushes);
	if (impl->describe)
		impl->describe(impl, r->p->w, r->s.impl[side], words, sizeof(words));
	printf("    %s", words);
}

static void print_difference(const struct pair *p, const struct difference *d, const char *what)
{
	struct replay r = { .p = p };
	char line[256];

	if (!d->ops)
		return;
	pair_alloc(p, &r.s);
	printf("\nShortest sequence that differs in %s:\n", what);
	for (uint32_t i = 0; i < d->nops; i++) {
		vtlb_op_print(p->w, d->ops[i], line, sizeof(line));
		printf("%3u  %s\n", i + 1, line);
	}
	replay(&r, d, d->nops);
	for (unsigned int side = 0; side < NR_SIDES; side++)
		print_side(&r, side);
	pair_free(&r.s);
}

/*
 * window-link of docs/kernel-diff.md: a store finds no way to its window in this root, or
 * has it shadowed anew, while the model's windows belong to no root and are never guarded.
 */
static bool window_link(struct vtlb_op op, const struct vtlb_cost *model,
			const struct vtlb_cost *real)
{
	bool stores = op.code == VTLB_OP_WRITE_LEAF || op.code == VTLB_OP_WRITE_UPPER ||
		      op.code == VTLB_OP_WRITE_ROOT;

	return stores && real->refaults && real->refaults - model->refaults <= 1 &&
	       real->flushes - model->flushes <= 1;
}

static void print(const struct differ *d, const char *scope)
{
	bool differs = d->outcome.ops || d->cost.ops || d->state.ops;

	printf("%s: %s and %s in scope %s\n", differs ? "differ" : d->complete ? "equal" : "incomplete",
	       d->p->impl[SIDE_A]->name, d->p->impl[SIDE_B]->name, scope);
	printf("  All sequences of up to %u operations were compared%s: %llu pairs of states in %.0f s",
	       d->depth, d->complete ? ", and there are no other states" : "",
	       (unsigned long long)d->pairs, d->seconds);
	if (d->not_followed)
		printf("; %llu steps were not followed, because one side has no answer",
		       (unsigned long long)d->not_followed);
	if (d->nknown)
		printf("; %llu stores differed as window-link says (docs/kernel-diff.md)",
		       (unsigned long long)d->nknown);
	puts(".\n  Compared: faults, outcomes of every access, exits to fill a translation, flushes "
	     "of the\n  hardware TLB; root and prev_roots with PCID, unsync and obsolete.");
	print_difference(d->p, &d->outcome, "what the guest can see");
	print_difference(d->p, &d->state, "what KVM holds");
	print_difference(d->p, &d->cost, "exits or flushes");
}

static json_t *difference_json(const struct pair *p, const struct difference *d)
{
	json_t *list = json_array();
	char line[256];

	for (uint32_t i = 0; i < d->nops; i++) {
		vtlb_op_print(p->w, d->ops[i], line, sizeof(line));
		json_array_append_new(list, json_string(line));
	}
	return d->ops ? list : (json_decref(list), json_null());
}

static void print_json(const struct differ *d, const char *scope, const char *verdict)
{
	json_t *o = json_pack("{s:i, s:s, s:s, s:s, s:s, s:i, s:b, s:I, s:I, s:I, s:f}",
			      "schema", 1, "verdict", verdict, "scope", scope,
			      "a", d->p->impl[SIDE_A]->name, "b", d->p->impl[SIDE_B]->name,
			      "depth", (int)d->depth, "complete", d->complete,
			      "pairs", (json_int_t)d->pairs,
			      "not_followed", (json_int_t)d->not_followed,
			      "window_link", (json_int_t)d->nknown, "seconds", d->seconds);

	json_object_set_new(o, "outcome", difference_json(d->p, &d->outcome));
	json_object_set_new(o, "state", difference_json(d->p, &d->state));
	json_object_set_new(o, "cost", difference_json(d->p, &d->cost));
	json_write(o);
}

static int run(const struct kernel_diff *k, struct vtlb_scope *scope,
	       const struct vtlb_impl *const *impl)
{
	struct pair *p = out_alloc(1, sizeof(*p));
	struct differ d = { .p = p, .ops = scope->ops, .nops = scope->nops,
			    .inside = true, .known = window_link,
			    .max_depth = k->depth, .max_time = k->max_time };
	const char *verdict;
	int code;

	/* no normal form: the model makes one of states that the real code tells apart */
	pair_begin(p, &scope->world, impl, scope->world.vendor, 0);
	progress_begin(k->quiet, 0);
	differ_search(&d);
	progress_end();
	code = d.complete && !d.not_followed ? 0 : 3;
	if (d.outcome.ops || d.cost.ops || d.state.ops)
		code = 1;
	verdict = code == 1 ? "differ" : code ? "incomplete" : "equal";
	if (out.json)
		print_json(&d, k->scope, verdict);
	else if (!k->quiet)
		print(&d, k->scope);
	differ_free(&d);
	free(p);
	return code;
}

int kernel_diff(const struct kernel_diff *k)
{
	const struct vtlb_impl *impl[NR_SIDES];
	struct vtlb_scope scope;
	const char *why;
	int code = load_impl(k->program, &impl[SIDE_B]);

	if (!code)
		code = load_impl(k->preset, &impl[SIDE_A]);
	if (!code)
		code = file_load_scope(k->scope, &scope);
	if (code)
		return code;
	if (!vtlb_impl_covers(impl[SIDE_A], &scope.world, &why) ||
	    !vtlb_impl_covers(impl[SIDE_B], &scope.world, &why))
		code = out_error(vtlb_verdict_exit(VTLB_V_UNSUPPORTED), k->scope, 0, 0,
				 "unsupported: %s", why);
	else
		code = run(k, &scope, impl);
	vtlb_scope_free(&scope);
	return code;
}
