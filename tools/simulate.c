/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Random walks over a scope, for scopes that are too large to be searched.  A
 * walk depends on the seed and its own number alone, and of those that fail the
 * first counts, so the number of threads changes nothing but the time.  One that a known
 * deviation explains is shown, and those after it are made with all deviations waived.
 */
#include "explore.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "amount.h"
#include "out.h"
#include "progress.h"
#include "random.h"

#define ROUND 64u	/* walks between two looks at the clock, a thread */

/**
 * struct walker - what one thread has
 * @mem: of a check
 */
struct walker {
	void *mem;
	struct vtlb_op *ops;
	uint64_t random;
};

/**
 * struct simulation - walks under way
 * @next, @begin, @end: the next walk of this round, its first, behind its last
 * @stop: one has failed; those with lower numbers are finished
 * @walked: what became of the walks of this round
 */
struct simulation {
	struct explore *x;
	struct vtlb_check_config cfg;
	struct walker walker[JOBS_MAX];
	_Atomic uint64_t next;
	uint64_t begin, end;
	atomic_bool stop;
	struct walked {
		uint32_t steps;
		bool made, cut, failed;
	} walked[ROUND * JOBS_MAX];
};

/* One of the outcomes that the implementation could give; not named if it has no choice. */
static uint32_t choose(const struct vtlb_check *k, struct vtlb_op op, uint64_t *state)
{
	unsigned int vcpu = vtlb_op_vcpu(op);
	unsigned int kind = vtlb_op_kind(op, vtlb_check_regs(k, vcpu)->mode);
	struct vtlb_outset could[VTLB_NR_KINDS];
	uint32_t n = 0, outcome = 0;

	vtlb_check_outcomes(k, false, vcpu, op.a, could);
	while ((outcome = vtlb_outset_next(&could[kind], outcome)))
		n++;
	if (n < 2)
		return 0;
	n = random_below(state, n) + 1;
	while (n--)
		outcome = vtlb_outset_next(&could[kind], outcome);
	return outcome;
}

/* Walk number @run, the same whenever it is made. */
static struct walked walk(const struct simulation *s, struct walker *k, uint64_t run)
{
	const struct vtlb_scope *scope = &s->x->scope;
	struct vtlb_check *check = vtlb_check_init(k->mem, &s->cfg);
	enum vtlb_verdict v = vtlb_check_verdict(check);
	struct walked w = { .made = true };

	k->random = random_walk(s->x->args->seed, run);
	while (w.steps < s->x->args->steps && v != VTLB_VIOLATES && !w.cut) {
		struct vtlb_op op = scope->ops[random_below(&k->random, (uint32_t)scope->nops)];

		if (op.code == VTLB_OP_ACCESS)
			op.imm = choose(check, op, &k->random);
		k->ops[w.steps++] = op;
		v = vtlb_check_step(check, op, NULL);
		w.cut = v == VTLB_V_UNSUPPORTED || v == VTLB_INCOMPLETE;
	}
	w.failed = v == VTLB_VIOLATES;
	return w;
}

static void walk_job(void *arg, unsigned int job)
{
	struct simulation *s = arg;

	while (!atomic_load(&s->stop) && !progress_interrupted()) {
		uint64_t run = atomic_fetch_add(&s->next, 1);

		if (run >= s->end)
			return;
		s->walked[run - s->begin] = walk(s, &s->walker[job], run);
		if (s->walked[run - s->begin].failed)
			atomic_store(&s->stop, true);
	}
}

static void show(const struct explore *x)
{
	struct text t = { 0 };

	amount_short(&t, (double)x->walks);
	text_add(&t, " of ");
	amount_short(&t, (double)x->args->runs);
	text_add(&t, " walks, ");
	amount_short(&t, (double)x->steps);
	text_add(&t, " steps, ");
	amount_short(&t, (double)x->steps / progress_seconds());
	text_add(&t, "/s, %.0f s", progress_seconds());
	progress_show(text_str(&t));
	text_free(&t);
}

/* Counts this round up to its first walk that fails, which is returned. */
static uint64_t count(struct simulation *s)
{
	struct explore *x = s->x;

	for (uint64_t i = 0; i < s->end - s->begin; i++) {
		const struct walked *w = &s->walked[i];

		if (!w->made)
			continue;
		x->walks++;
		x->waived_walks += x->nfound > 0;
		x->steps += w->steps;
		x->cut += w->cut;
		if (w->failed)
			return s->begin + i;
	}
	return UINT64_MAX;
}

/* Rounds until a walk fails; its number, or UINT64_MAX. */
static uint64_t rounds(struct simulation *s)
{
	struct explore *x = s->x;
	uint64_t failed = UINT64_MAX, round = ROUND * explore_jobs(x);

	while (s->end < x->args->runs && failed == UINT64_MAX && !explore_stop_asked(x)) {
		s->begin = s->end;
		s->end = x->args->runs - s->begin < round ? x->args->runs : s->begin + round;
		atomic_store(&s->next, s->begin);
		memset(s->walked, 0, sizeof(s->walked));
		if (x->impl->forget)
			x->impl->forget(x->impl);
		jobs_run(x->pool, (unsigned int)explore_jobs(x), walk_job, s);
		failed = count(s);
		if (progress_due())
			show(x);
	}
	(void)explore_stop_asked(x);
	return failed;
}

/*
 * Shrinking may have left only the alarm: one more operation shows what it is
 * about, as the counterexamples of a search do.
 */
static enum vtlb_err make_visible(struct vtlb_trace *t, const struct vtlb_run_config *cfg,
				  struct vtlb_run_result *res)
{
	struct vtlb_op *ops;

	free(t->expects);
	t->expects = NULL;
	t->nexpects = 0;
	if (res->violation.kind != VTLB_V_REUSE)
		return VTLB_OK;
	ops = out_alloc(t->nops + 1, sizeof(*ops));
	memcpy(ops, t->ops, t->nops * sizeof(*ops));
	free(t->ops);
	t->ops = ops;
	ops[t->nops++] = res->violation.lookahead;
	return vtlb_trace_run(t, cfg, NULL, NULL, res);
}

static int keep(struct explore *x, struct vtlb_trace *t, const struct vtlb_run_result *res)
{
	const struct vtlb_violation *v = &res->violation;
	struct vtlb_finding *f = out_alloc(1, sizeof(*f));
	uint32_t guilty = v->guilty_step ? v->guilty_step : (uint32_t)t->nops;

	if (t->nops > VTLB_MAX_PATH) {
		free(f);
		return out_error(EXIT_INTERNAL, NULL, 0, 0,
				 "a walk fails, and could not be shrunk to %d operations: try fewer "
				 "--steps", VTLB_MAX_PATH);
	}
	f->violation = *v;
	f->waiver = res->verdict == VTLB_DEVIATES ? v->waiver : 0;
	f->op = guilty ? t->ops[guilty - 1].code : 0;
	f->nops = (uint32_t)t->nops;
	memcpy(f->ops, t->ops, t->nops * sizeof(*t->ops));
	explore_add(x, f);
	free(f);
	x->verdict = res->verdict;
	return 0;
}

/* The walk once more, as a trace, and made as short as it can be. */
static int shrink(struct simulation *s, uint64_t run)
{
	struct explore *x = s->x;
	struct vtlb_run_config cfg = {
		.impl = x->impl,
		.vendor = x->vendor,
		.reading = x->reading,
		.waive = s->cfg.waive,
	};
	struct vtlb_run_result res;
	struct vtlb_trace t;
	enum vtlb_err err;
	int code;

	progress_clear();
	err = vtlb_scope_trace(&x->scope, s->walker[0].ops,
			       walk(s, &s->walker[0], run).steps, &t);
	if (!err)
		err = vtlb_trace_shrink(&t, &cfg, &res);
	if (!err)
		err = make_visible(&t, &cfg, &res);
	if (err)
		code = out_error(EXIT_INTERNAL, NULL, 0, 0, "walk %llu fails and cannot be shrunk: %s",
				 (unsigned long long)run, vtlb_strerror(err));
	else
		code = keep(x, &t, &res);
	vtlb_trace_free(&t);
	return code;
}

static void begin(struct simulation *s, uint32_t waive)
{
	const struct explore *x = s->x;
	size_t size;

	s->cfg = (struct vtlb_check_config){
		.w = &x->w,
		.impl = x->impl,
		.vendor = x->vendor,
		.reading = x->reading,
		.waive = waive,
		/* what a search ends at as well: something that can be seen */
		.flags = VTLB_CHECK_NO_REUSE,
	};
	atomic_store(&s->stop, false);
	size = (vtlb_check_size(&s->cfg) + 63) & ~(size_t)63;
	for (unsigned int i = 0; i < explore_jobs(x); i++) {
		struct walker *k = &s->walker[i];

		k->mem = aligned_alloc(64, size);
		if (!k->mem)
			out_die("out of memory");
		k->ops = out_alloc(x->args->steps, sizeof(*k->ops));
	}
}

static void end(struct simulation *s)
{
	for (unsigned int i = 0; i < explore_jobs(s->x); i++) {
		free(s->walker[i].mem);
		free(s->walker[i].ops);
	}
}

/* Walks on to one that fails, which is kept; false: none does. */
static bool find(struct simulation *s, int *code)
{
	uint64_t failed = rounds(s);

	if (failed == UINT64_MAX)
		return false;
	*code = shrink(s, failed);
	s->end = failed + 1;
	return true;
}

int explore_simulate(struct explore *x)
{
	struct simulation *s;
	bool found;
	int code = 0;

	if (!vtlb_impl_covers(x->impl, &x->w, &x->why)) {
		x->verdict = VTLB_V_UNSUPPORTED;
		return 0;
	}
	s = out_alloc(1, sizeof(*s));
	s->x = x;
	x->verdict = VTLB_INCOMPLETE;
	x->pool = jobs_start((unsigned int)explore_jobs(x));
	begin(s, x->args->judge.waive);
	found = find(s, &code);
	/* it may hide what no deviation explains */
	if (!code && x->verdict == VTLB_DEVIATES) {
		end(s);
		begin(s, VTLB_WAIVE_ALL);
		x->verdict = VTLB_INCOMPLETE;
		found = find(s, &code);
	}
	end(s);
	jobs_stop(x->pool);
	x->pool = NULL;
	x->seconds = progress_seconds();
	progress_clear();
	if (found)
		x->end = END_NONE;
	else if (x->end == END_NONE)
		x->end = END_RUNS;
	free(s);
	return code;
}
