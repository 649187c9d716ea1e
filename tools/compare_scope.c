/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Running a comparison in a scope.  What is found is run through the check, so that
 * nobody has to believe the search for differences.
 */
#include "compare_scope.h"

#include <stdlib.h>
#include <string.h>

#include "out.h"
#include "progress.h"

/* Ctrl-C ends what is under way, and what would come after it does not begin. */
static int search_side(struct explore *x, bool stopped)
{
	int code = 0;

	if (stopped) {
		x->verdict = VTLB_INCOMPLETE;
		x->end = END_INTERRUPT;
		return 0;
	}
	progress_begin(x->args->quiet, 0);
	code = explore_search(x);
	progress_end();
	if (!code)
		code = explore_replay(x);
	if (!code)
		explore_find_vacuous(x);
	return code;
}

static int search_sides(struct scope_comparison *s)
{
	bool stopped = false;

	for (unsigned int i = 0; i < NR_SIDES; i++) {
		int code;

		s->x[i] = out_alloc(1, sizeof(*s->x[i]));
		s->x[i]->args = &s->args[i];
		code = explore_load(s->x[i]);
		if (code)
			return code;
	}
	for (unsigned int i = 0; i < NR_SIDES; i++) {
		int code = search_side(s->x[i], stopped);

		if (code)
			return code;
		stopped |= s->x[i]->end == END_INTERRUPT;
	}
	return 0;
}

static void find_differences(struct scope_comparison *s)
{
	const struct explore *x = s->x[SIDE_A];
	struct pair *p = out_alloc(1, sizeof(*p));

	pair_begin(p, &x->w, s->cmp.impl, x->vendor, 0);
	s->differ = (struct differ){
		.p = p,
		.ops = x->scope.ops,
		.nops = x->scope.nops,
		.max_depth = x->args->depth,
		.max_memory = x->args->max_memory,
		.max_time = x->args->max_time,
	};
	progress_begin(x->args->quiet, 0);
	differ_search(&s->differ);
	progress_end();
	s->differ.p = NULL;
	free(p);
}

static void walk(struct scope_comparison *s)
{
	const struct explore *x = s->x[SIDE_A];
	struct pair *p = out_alloc(1, sizeof(*p));

	pair_begin(p, &x->w, s->cmp.impl, x->vendor, x->args->judge.waive);
	walks_run(&s->walks, p, x->scope.ops, x->scope.nops);
	free(p);
	s->walked.walks = &s->walks;
	s->walked.side = s->j;
	for (unsigned int i = 0; i < NR_SIDES; i++) {
		s->j[i].res.cost = s->walks.cost[i];
		s->j[i].flushes_unasked = s->walks.unasked[i];
	}
	s->cmp.c = &s->walked;
	s->cmp.n = 1;
}

/*
 * What the last step's access could give on one side, by the check, and what it may give:
 * the steps before had the same outcomes, and only a waiver can allow one side more.
 */
static void look(struct scope_difference *d, const struct explore *x, unsigned int side)
{
	struct vtlb_check_config cfg = {
		.w = &x->w,
		.impl = x->impl,
		.vendor = x->vendor,
		.reading = VTLB_RELY,
		.waive = x->args->judge.waive,
		.flags = VTLB_CHECK_NO_EXPOSURE | VTLB_CHECK_NO_REUSE,
	};
	const struct vtlb_trace *t = &d->c.file.trace;
	struct vtlb_op last = t->ops[t->nops - 1];
	struct vtlb_outset could[VTLB_NR_KINDS], allowed[VTLB_NR_KINDS];
	unsigned int vcpu = vtlb_op_vcpu(last), kind;
	struct vtlb_check *k;
	void *mem = aligned_alloc(64, (vtlb_check_size(&cfg) + 63) & ~(size_t)63);

	if (!mem)
		out_die("out of memory");
	k = vtlb_check_init(mem, &cfg);
	for (size_t i = 0; i + 1 < t->nops; i++)
		vtlb_check_step(k, t->ops[i], NULL);
	vtlb_check_outcomes(k, false, vcpu, last.a, could);
	vtlb_check_outcomes(k, true, vcpu, last.a, allowed);
	kind = vtlb_op_kind(last, vtlb_check_regs(k, vcpu)->mode);
	d->could[side] = could[kind];
	d->allowed.frames |= allowed[kind].frames;
	d->allowed.dirtied |= allowed[kind].dirtied;
	d->allowed.faults |= allowed[kind].faults;
	d->mem = *vtlb_check_mem(k);
	free(mem);
}

static bool in_scope(const struct vtlb_scope *scope, struct vtlb_op op)
{
	op.imm = op.code == VTLB_OP_ACCESS ? 0 : op.imm;
	for (size_t i = 0; i < scope->nops; i++)
		if (memcmp(&scope->ops[i], &op, sizeof(op)) == 0)
			return true;
	return false;
}

/* Is it there, by the check?  Otherwise one of the two is wrong. */
static int confirm(const struct scope_comparison *s, struct scope_difference *d,
		   enum compare_in want)
{
	const struct judgement *a = &d->j[SIDE_A], *b = &d->j[SIDE_B];
	uint32_t n = (uint32_t)d->c.file.trace.nops;
	char *text;

	if (a->nsteps == n && b->nsteps == n)
		d->c.in = compare_steps(&a->steps[n - 1], &b->steps[n - 1]);
	if (d->access && !pair_same_set(&d->could[SIDE_A], &d->could[SIDE_B]))
		d->c.in |= COMPARE_OUTCOME;
	d->c.step = n;
	if (d->c.in & want)
		return 0;
	text = file_trace_text(&d->c.file.trace);
	fprintf(stderr, "%s", text);
	free(text);
	return out_error(EXIT_INTERNAL, NULL, 0, 0,
			 "scope %s: %s and %s were found to differ in the last step of a trace, and the "
			 "check does not confirm it: this is a bug of vtlb, please report it with the "
			 "trace above", s->args->scope, s->cmp.impl[SIDE_A]->name,
			 s->cmp.impl[SIDE_B]->name);
}

static int replay(struct scope_comparison *s, struct scope_difference *d,
		  const struct difference *found, enum compare_in want)
{
	const struct explore *x = s->x[SIDE_A];
	struct cmd_judge opt = { .vendor = -1, .reading = -1, .waive = x->args->judge.waive };
	struct vtlb_op last;

	if (!found->ops)
		return 0;
	if (vtlb_scope_trace(&x->scope, found->ops, found->nops, &d->c.file.trace))
		return out_error(EXIT_INTERNAL, NULL, 0, 0, "out of memory");
	d->c.file.trace.world.vendor = x->vendor;
	d->c.file.trace.reading = x->reading;
	d->c.file.name = x->args->scope;
	d->c.side = d->j;
	last = found->ops[found->nops - 1];
	d->access = last.code == VTLB_OP_ACCESS;
	d->extra = !in_scope(&x->scope, last);
	for (unsigned int i = 0; i < NR_SIDES; i++) {
		int code = judge(&d->j[i], &d->c.file, s->cmp.impl[i], &opt, true);

		if (code)
			return code;
		if (d->access)
			look(d, s->x[i], i);
	}
	return confirm(s, d, want);
}

int compare_scope_run(struct scope_comparison *s)
{
	int code = search_sides(s);

	if (code)
		return code;
	for (unsigned int i = 0; i < NR_SIDES; i++) {
		const char *why;

		if (!vtlb_impl_covers(s->cmp.impl[i], &s->x[i]->w, &why))
			return 0;
	}
	s->ran = true;
	if (s->x[SIDE_A]->end == END_INTERRUPT || s->x[SIDE_B]->end == END_INTERRUPT)
		s->differ.end = END_INTERRUPT;
	else
		find_differences(s);
	code = replay(s, &s->outcome, &s->differ.outcome, COMPARE_OUTCOME);
	if (!code)
		code = replay(s, &s->cost, &s->differ.cost, COMPARE_COST);
	if (!code)
		walk(s);
	return code;
}

bool compare_scope_bisimilar(const struct scope_comparison *s)
{
	return s->ran && s->differ.complete && !s->outcome.c.in && !s->differ.not_followed;
}

static void free_difference(struct scope_difference *d)
{
	for (unsigned int i = 0; i < NR_SIDES; i++)
		judge_free(&d->j[i]);
	file_free_trace(&d->c.file);
}

void compare_scope_free(struct scope_comparison *s)
{
	for (unsigned int i = 0; i < NR_SIDES; i++) {
		if (s->x[i])
			explore_free(s->x[i]);
		free(s->x[i]);
	}
	free_difference(&s->outcome);
	free_difference(&s->cost);
	differ_free(&s->differ);
}
