/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Shrinking: delta debugging in halves first, because traces of fuzzers are
 * long, then one operation at a time until none can go.
 */
#include <stdlib.h>
#include <string.h>

#include "internal.h"

/**
 * struct shrink - a shrink under way
 * @best: the shortest failing operations so far
 * @trial: room for a candidate
 */
struct shrink {
	struct vtlb_trace t;	/* without expectations; .ops is set for each run */
	const struct vtlb_run_config *cfg;
	struct vtlb_op *best, *trial;
	size_t n;
	enum vtlb_verdict verdict;
	int32_t rule;
	struct vtlb_violation strict;
	struct vtlb_run_result *res;
	enum vtlb_err err;
};

static bool fails_same(struct shrink *s, struct vtlb_op *ops, size_t n)
{
	struct vtlb_violation strict;
	struct vtlb_run_result res;

	s->t.ops = ops;
	s->t.nops = n;
	s->err = trace_run(&s->t, s->cfg, NULL, NULL, &res, &strict);
	if (s->err || res.verdict != s->verdict || res.violation.rule != s->rule)
		return false;
	*s->res = res;
	s->strict = strict;
	return true;
}

/* Try without operations [from, from + len). */
static bool without(struct shrink *s, size_t from, size_t len)
{
	struct vtlb_op *swap;

	memcpy(s->trial, s->best, from * sizeof(*s->trial));
	memcpy(s->trial + from, s->best + from + len, (s->n - from - len) * sizeof(*s->trial));
	if (!fails_same(s, s->trial, s->n - len))
		return false;
	swap = s->best;
	s->best = s->trial;
	s->trial = swap;
	s->n -= len;
	return true;
}

/* One sweep with pieces of @len operations; did anything go? */
static bool sweep(struct shrink *s, size_t len)
{
	bool changed = false;
	size_t from = 0;

	while (from < s->n && !s->err) {
		size_t piece = s->n - from < len ? s->n - from : len;

		if (without(s, from, piece))
			changed = true;
		else
			from += piece;
	}
	return changed;
}

static void minimize(struct shrink *s)
{
	/* What comes after the step that shows it is never needed. */
	size_t seen = s->res->violation.seen_step;

	if (seen && seen < s->n)
		(void)without(s, seen, s->n - seen);
	for (size_t len = s->n / 2; len > 1 && !s->err; len /= 2)
		(void)sweep(s, len);
	while (!s->err && sweep(s, 1))
		;
}

/* The shrunk trace expects what it shows in a strict pass, if a record is to blame. */
static enum vtlb_err replace(struct vtlb_trace *t, struct shrink *s)
{
	struct vtlb_expect *e = calloc(1, sizeof(*e));

	if (!e)
		return VTLB_E_NOMEM;
	memcpy(t->ops, s->best, s->n * sizeof(*t->ops));
	t->nops = s->n;
	free(t->line);
	t->line = NULL;
	free(t->expects);
	e->kind = VTLB_EXP_VIOLATES;
	e->rule = (int16_t)s->strict.rule;
	e->step = s->strict.guilty_step;
	e->after_step = (uint32_t)s->n;
	t->expects = e;
	t->nexpects = s->strict.rule >= 0;
	return VTLB_OK;
}

enum vtlb_err vtlb_trace_shrink(struct vtlb_trace *t, const struct vtlb_run_config *cfg,
				struct vtlb_run_result *res)
{
	struct shrink s = { .t = *t, .cfg = cfg, .n = t->nops, .res = res };
	enum vtlb_err err;

	s.t.nexpects = 0;
	s.t.expects = NULL;
	s.t.line = NULL;
	err = trace_run(&s.t, cfg, NULL, NULL, res, &s.strict);
	if (err)
		return err;
	if (res->verdict != VTLB_VIOLATES && res->verdict != VTLB_DEVIATES)
		return VTLB_E_UNSUPPORTED;
	s.verdict = res->verdict;
	s.rule = res->violation.rule;
	s.best = malloc((t->nops + 1) * sizeof(*s.best));
	s.trial = malloc((t->nops + 1) * sizeof(*s.trial));
	if (!s.best || !s.trial) {
		err = VTLB_E_NOMEM;
	} else {
		memcpy(s.best, t->ops, t->nops * sizeof(*s.best));
		minimize(&s);
		err = s.err ? s.err : replace(t, &s);
	}
	free(s.best);
	free(s.trial);
	return err;
}
