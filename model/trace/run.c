/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Running a trace: one strict pass that evaluates the expectations, then, if it
 * fails, passes with known deviations waived to see whether it is one of them.
 */
#include <stdlib.h>
#include <string.h>

#include "internal.h"

/**
 * struct run - a run under way
 * @w: the trace's world with the vendor that it is run for
 * @violated_at: step after which the verdict became VIOLATES, 0: never or at the start
 * @whole: the strict pass went to the end, and .k is as it left it
 */
struct run {
	const struct vtlb_trace *t;
	struct vtlb_world w;
	struct vtlb_check_config cfg;
	void *mem;
	size_t mem_size;
	struct vtlb_check *k;
	uint32_t violated_at;
	bool violated, whole;
};

static bool prepare(struct run *r, uint32_t waive)
{
	size_t size;

	r->cfg.waive = waive;
	r->whole = false;
	size = vtlb_check_size(&r->cfg);
	if (size > r->mem_size) {
		free(r->mem);
		r->mem_size = (size + 63) & ~(size_t)63;
		r->mem = aligned_alloc(64, r->mem_size);
		if (!r->mem) {
			r->mem_size = 0;
			return false;
		}
	}
	r->k = vtlb_check_init(r->mem, &r->cfg);
	return true;
}

/* A dirtied outcome counts as the frame too, unless it is asked for itself. */
static struct vtlb_outset as_frames(const struct run *r, const struct vtlb_expect *e,
				    struct vtlb_outset s)
{
	const struct vtlb_mem *m = vtlb_check_mem(r->k);

	for (unsigned int t = 0; t < r->w.nleafs; t++) {
		struct vtlb_leaf leaf = r->w.value[m->leaf[t][r->w.page[e->page].entry]];

		if (!(s.dirtied >> t & 1u) || e->want.dirtied >> t & 1u)
			continue;
		s.dirtied &= ~(1u << t);
		s.frames |= 1u << leaf.frame;
	}
	return s;
}

static bool meet(const struct vtlb_outset *a, const struct vtlb_outset *b)
{
	return a->frames & b->frames || a->dirtied & b->dirtied || a->faults & b->faults;
}

static bool inside(const struct vtlb_outset *a, const struct vtlb_outset *b)
{
	return !(a->frames & ~b->frames || a->dirtied & ~b->dirtied || a->faults & ~b->faults);
}

static bool outcomes_met(const struct run *r, const struct vtlb_expect *e)
{
	struct vtlb_outset out[VTLB_NR_KINDS];
	struct vtlb_outset all = { 0, 0, 0 };

	vtlb_check_outcomes(r->k, e->contract, e->vcpu, e->page, out);
	for (unsigned int kind = 0; kind < VTLB_NR_KINDS; kind++) {
		if (!(e->kinds >> kind & 1u))
			continue;
		all.frames |= out[kind].frames;
		all.dirtied |= out[kind].dirtied;
		all.faults |= out[kind].faults;
	}
	all = as_frames(r, e, all);
	switch (e->kind) {
	case VTLB_EXP_MAY:
		return inside(&e->want, &all);
	case VTLB_EXP_ONLY:
		return meet(&all, &e->want) && inside(&all, &e->want);
	default:
		return !meet(&all, &e->want);
	}
}

static void count(struct vtlb_run_result *res, size_t index, bool met)
{
	if (met) {
		res->passed++;
		return;
	}
	if (res->failed < VTLB_RUN_EXPECTS)
		res->failed_expect[res->failed] = (uint32_t)index;
	res->failed++;
}

/* Expectations about the state after @step; those about blame wait for the end. */
static void evaluate(const struct run *r, uint32_t step, size_t *next, unsigned int fault,
		     struct vtlb_run_result *res)
{
	for (; *next < r->t->nexpects; ++*next) {
		const struct vtlb_expect *e = &r->t->expects[*next];

		if (e->after_step != step)
			return;
		switch (e->kind) {
		case VTLB_EXP_FAULT:
			count(res, *next, e->fault == fault);
			break;
		case VTLB_EXP_HOLDS:
			count(res, *next, !r->violated);
			break;
		case VTLB_EXP_VIOLATES:
			break;
		default:
			count(res, *next, outcomes_met(r, e));
			break;
		}
	}
}

static void note_violation(struct run *r, uint32_t step)
{
	if (r->violated || vtlb_check_verdict(r->k) != VTLB_VIOLATES)
		return;
	r->violated = true;
	r->violated_at = step;
}

static bool stop(uint32_t step, enum vtlb_verdict v, struct vtlb_run_result *res)
{
	if (v == VTLB_V_UNSUPPORTED)
		res->why = "an operation left what is modelled";
	else if (v == VTLB_INCOMPLETE)
		res->why = "more ways to go on than a check can follow; name the outcome of an access";
	else
		return false;
	res->stopped_at = step;
	return true;
}

/* Returns the number of steps taken. */
static size_t strict_pass(struct run *r, vtlb_run_step_fn fn, void *ctx,
			  struct vtlb_run_result *res)
{
	struct vtlb_step_report rep;
	size_t next = 0, i = 0;
	bool go_on = true;

	note_violation(r, 0);
	evaluate(r, 0, &next, VTLB_NO_FAULT, res);
	while (go_on && i < r->t->nops) {
		enum vtlb_verdict v = vtlb_check_step(r->k, r->t->ops[i++], &rep);
		uint32_t step = (uint32_t)i;

		note_violation(r, step);
		if (fn)
			go_on = fn(ctx, step, &rep, r->k);
		if (stop(step, v, res))
			break;
		evaluate(r, step, &next, rep.impl_fault, res);
	}
	r->whole = i == r->t->nops;
	return i;
}

/* The run that r->k has just made fails: say why. */
static void blame(struct run *r, struct vtlb_violation *v)
{
	*v = *vtlb_check_violation(r->k);
	vtlb_check_blame(r->k, r->t->ops, r->t->nops, v);
}

/*
 * The verdict of the whole trace with @waive in force; a violation goes to @v with
 * its blame, the step at which the run left what is modelled to @stopped.
 */
static enum vtlb_verdict run_with(struct run *r, uint32_t waive, struct vtlb_violation *v,
				  uint32_t *stopped, bool *nomem)
{
	enum vtlb_verdict verdict;

	*stopped = 0;
	if (!prepare(r, waive)) {
		*nomem = true;
		return VTLB_INCOMPLETE;
	}
	verdict = vtlb_check_verdict(r->k);
	/* to the end even after an alarm: the exposure that it foretells may follow */
	for (size_t i = 0; i < r->t->nops; i++) {
		verdict = vtlb_check_step(r->k, r->t->ops[i], NULL);
		if (verdict == VTLB_V_UNSUPPORTED && !*stopped)
			*stopped = (uint32_t)i + 1;
	}
	if (verdict == VTLB_VIOLATES)
		blame(r, v);
	return verdict;
}

static unsigned int bits(uint32_t v)
{
	unsigned int n = 0;

	for (; v; v &= v - 1)
		n++;
	return n;
}

/* The smallest set of waivers, beyond those in force, without any violation; 0: none. */
static uint32_t find_waivers(struct run *r, uint32_t in_force, uint32_t *stopped, bool *nomem)
{
	const uint32_t others = VTLB_WAIVE_ALL & ~in_force;
	struct vtlb_violation v;

	for (unsigned int n = 1; n <= bits(others) && !*nomem; n++) {
		for (uint32_t set = 1; set <= others; set++) {
			enum vtlb_verdict verdict;

			if (bits(set) != n || set & ~others)
				continue;
			verdict = run_with(r, in_force | set, &v, stopped, nomem);
			if (verdict != VTLB_VIOLATES && verdict != VTLB_INCOMPLETE)
				return set;
		}
	}
	return 0;
}

#define MAX_FOUND 8	/* one for each deviation, and what survives them */

/**
 * struct found - the violations of a trace: the first, then the first with the
 * deviation waived that explains it, and so on
 * @incomplete: with every deviation waived the run had too many branches to say
 */
struct found {
	struct vtlb_violation v[MAX_FOUND];
	unsigned int n;
	bool incomplete;
};

static bool same_violation(const struct vtlb_violation *a, const struct vtlb_violation *b)
{
	return a->kind == b->kind && a->guilty_step == b->guilty_step && a->vcpu == b->vcpu &&
	       a->page == b->page && a->got == b->got;
}

/* No waiver excuses one, so that none has to be tried. */
static bool is_crash(const struct vtlb_violation *v)
{
	return v->got == (v->kind == VTLB_V_FAULT ? (uint32_t)VTLB_CRASH :
						    vtlb_outcome(VTLB_OUT_FAULT, VTLB_PF_CRASH));
}

/* A waiver under which the violation @v is not the first one any more; 0: none. */
static uint32_t waives(struct run *r, uint32_t in_force, const struct vtlb_violation *v,
		       bool *nomem)
{
	struct vtlb_violation other;
	uint32_t stopped;

	for (uint32_t bit = 1; bit <= VTLB_WAIVE_ALL && !*nomem; bit <<= 1)
		if (!(in_force & bit) &&
		    (run_with(r, in_force | bit, &other, &stopped, nomem) != VTLB_VIOLATES ||
		     !same_violation(&other, v)))
			return bit;
	return 0;
}

/* What run_with() would give: the strict pass was that run, and runs of real code take long. */
static enum vtlb_verdict as_left(struct run *r, struct vtlb_violation *v)
{
	enum vtlb_verdict verdict = vtlb_check_verdict(r->k);

	r->whole = false;
	if (verdict == VTLB_VIOLATES)
		blame(r, v);
	return verdict;
}

static void find_all(struct run *r, uint32_t in_force, struct found *f, bool *nomem)
{
	while (f->n < MAX_FOUND && !*nomem) {
		struct vtlb_violation *v = &f->v[f->n];
		enum vtlb_verdict verdict;
		uint32_t stopped, bit;

		verdict = r->whole ? as_left(r, v) : run_with(r, in_force, v, &stopped, nomem);
		f->incomplete = verdict == VTLB_INCOMPLETE;
		if (verdict != VTLB_VIOLATES || (f->n && same_violation(v, v - 1)))
			return;
		f->n++;
		/* no waiver excuses a crash: it would be the next one as well */
		if (in_force == VTLB_WAIVE_ALL || is_crash(v))
			return;
		bit = waives(r, in_force, v, nomem);
		in_force = bit ? in_force | bit : (uint32_t)VTLB_WAIVE_ALL;
	}
}

/* Each "expect violates" names one of the violations, and each of them is named. */
static void evaluate_violates(const struct run *r, size_t steps, const struct found *f,
			      struct vtlb_run_result *res)
{
	bool named[MAX_FOUND] = { false };

	for (size_t i = 0; i < r->t->nexpects; i++) {
		const struct vtlb_expect *e = &r->t->expects[i];
		bool met = false;

		if (e->kind != VTLB_EXP_VIOLATES || e->after_step > steps)
			continue;
		for (unsigned int j = 0; j < f->n; j++) {
			const struct vtlb_violation *v = &f->v[j];
			/* the first one is known from the strict pass to have been seen */
			uint32_t at = j ? v->guilty_step : r->violated_at;

			if (v->rule != e->rule || v->guilty_step != e->step || at > e->after_step)
				continue;
			met = true;
			named[j] = true;
		}
		count(res, i, met);
	}
	for (unsigned int j = 0; j < f->n; j++)
		res->unexpected |= !named[j];
}

static enum vtlb_err judge(struct run *r, size_t steps, struct vtlb_run_result *res,
			   struct vtlb_violation *strict)
{
	const uint32_t in_force = r->cfg.waive;
	struct found f = { .n = 0 };
	bool nomem = false;
	uint32_t stopped = 0;

	res->verdict = vtlb_check_verdict(r->k);
	res->cost = *vtlb_check_cost(r->k);
	res->has_violation = res->verdict == VTLB_VIOLATES || res->verdict == VTLB_AMBIGUOUS;
	if (res->verdict == VTLB_AMBIGUOUS)
		blame(r, &res->violation);
	if (res->verdict == VTLB_VIOLATES)
		find_all(r, in_force, &f, &nomem);
	if (f.n)
		res->violation = f.v[0];
	*strict = res->violation;
	evaluate_violates(r, steps, &f, res);
	if (res->verdict != VTLB_VIOLATES || in_force == VTLB_WAIVE_ALL || nomem)
		return nomem ? VTLB_E_NOMEM : VTLB_OK;

	if (!is_crash(&f.v[f.n ? f.n - 1 : 0]))
		res->violation.waiver = find_waivers(r, in_force, &stopped, &nomem);
	if (nomem)
		return VTLB_E_NOMEM;
	if (res->violation.waiver) {
		res->verdict = VTLB_DEVIATES;
		if (stopped)
			stop(stopped, VTLB_V_UNSUPPORTED, res);
	} else if (f.incomplete) {
		/* whether it is a known deviation could not be found out */
		res->verdict = VTLB_INCOMPLETE;
		stop((uint32_t)steps, VTLB_INCOMPLETE, res);
	} else {
		/* what survives all waivers is shown, not a known one */
		res->violation = f.v[f.n - 1];
	}
	return VTLB_OK;
}

/*
 * trace_run() - vtlb_trace_run()
 * @strict: also the violation of the strict pass, which "expect violates" is about
 */
enum vtlb_err trace_run(const struct vtlb_trace *t, const struct vtlb_run_config *cfg,
			vtlb_run_step_fn fn, void *ctx, struct vtlb_run_result *res,
			struct vtlb_violation *strict)
{
	enum vtlb_err err = VTLB_E_NOMEM;
	struct run *r;
	size_t steps;

	memset(res, 0, sizeof(*res));
	r = calloc(1, sizeof(*r));
	if (!r)
		return err;
	r->t = t;
	r->w = t->world;
	if (cfg->vendor >= 0)
		r->w.vendor = (uint8_t)cfg->vendor;
	r->cfg.w = &r->w;
	r->cfg.impl = cfg->impl;
	r->cfg.vendor = r->w.vendor;
	r->cfg.reading = cfg->reading >= 0 ? (uint8_t)cfg->reading : t->reading;
	r->cfg.waive = cfg->waive;
	r->cfg.flags = cfg->flags;
	if (!vtlb_impl_covers(cfg->impl, &r->w, &res->why)) {
		res->verdict = VTLB_V_UNSUPPORTED;
		err = VTLB_OK;
	} else if (prepare(r, cfg->waive)) {
		steps = strict_pass(r, fn, ctx, res);
		err = judge(r, steps, res, strict);
	}
	free(r->mem);
	free(r);
	return err;
}

enum vtlb_err vtlb_trace_run(const struct vtlb_trace *t, const struct vtlb_run_config *cfg,
			     vtlb_run_step_fn fn, void *ctx, struct vtlb_run_result *res)
{
	struct vtlb_violation strict;

	return trace_run(t, cfg, fn, ctx, res, &strict);
}

bool vtlb_trace_ok(const struct vtlb_trace *t, const struct vtlb_run_result *res)
{
	if (!t->nexpects)
		return res->verdict == VTLB_HOLDS || res->verdict == VTLB_AMBIGUOUS;
	return !res->failed && res->passed == t->nexpects && !res->unexpected;
}
