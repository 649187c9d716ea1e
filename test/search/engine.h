/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The search and the second search on the same scope, without what makes the
 * search's states fewer, and what has to be equal.
 */
#ifndef VTLB_TEST_ENGINE_H
#define VTLB_TEST_ENGINE_H

#include <stdio.h>

#include "simple.h"
#include "vtlb/explore.h"

/** struct shortest - what the found callback keeps: length of the first finding, or -1 */
struct shortest {
	int nops;
};

static inline bool keep_shortest(void *ctx, const struct vtlb_finding *f)
{
	struct shortest *s = ctx;

	if (s->nops < 0)
		s->nops = (int)f->nops;
	return true;
}

static inline enum vtlb_verdict wanted_verdict(const struct simple_result *want)
{
	if (want->first >= 0)
		return VTLB_VIOLATES;
	if (!want->complete)
		return VTLB_INCOMPLETE;
	return want->unsupported ? VTLB_V_UNSUPPORTED : VTLB_HOLDS;
}

/* As deep as the second search went; the first finding's length goes to @shortest. */
static inline struct vtlb_explore_config engine_config(const struct simple_config *cfg,
						       const struct simple_result *want,
						       struct shortest *shortest, uint32_t flags)
{
	return (struct vtlb_explore_config){
		.w = cfg->w,
		.ops = cfg->ops,
		.nops = cfg->nops,
		.impl = cfg->impl,
		.vendor = cfg->vendor,
		.reading = VTLB_RELY,
		.waive = cfg->waive,
		.flags = flags,
		.max_depth = want->first > 0 ? (uint32_t)want->first : cfg->max_depth,
		.jobs = 1,
		.found = keep_shortest,
		.ctx = shortest,
	};
}

/*
 * Runs the search as deep as the second search went (a strict one would go on
 * past a known deviation), and compares.
 *
 * Return: true if all is equal; otherwise both are printed.
 */
static inline bool engine_agrees(const struct simple_config *cfg, const struct simple_result *want)
{
	static struct vtlb_explore_result got;
	struct shortest shortest = { -1 };
	const struct vtlb_explore_config e = engine_config(
		cfg, want, &shortest,
		VTLB_EXPLORE_NO_SYMMETRY | VTLB_EXPLORE_NO_COVER |
			(cfg->normal ? 0u : (uint32_t)VTLB_EXPLORE_NO_NORMAL));
	enum vtlb_err err;
	bool same;

	err = vtlb_explore(&e, &got);
	same = err == VTLB_OK && shortest.nops == want->first &&
	       got.stats.states == want->states && got.stats.transitions == want->transitions &&
	       got.stats.violating == want->violating && got.stats.faults == want->faults &&
	       got.stats.diameter == want->diameter;
	for (unsigned int i = 0; i < SIMPLE_LEVELS; i++)
		same &= got.stats.level[i] == want->level[i];
	/* only known deviations up to there: a strict search would go on */
	if (want->first >= 0 && !cfg->waive && got.stop == VTLB_STOP_DEPTH)
		same &= got.verdict == VTLB_INCOMPLETE;
	else
		same &= got.verdict == wanted_verdict(want);
	if (want->first < 0)
		same &= got.complete == want->complete;
	if (same)
		return true;
	fprintf(stderr, "%s, waived %#x, depth %u, error %d, verdict %s\n", cfg->impl->name,
		(unsigned int)cfg->waive, e.max_depth, (int)err, vtlb_verdict_name(got.verdict));
	fprintf(stderr, "         first diameter     states transitions violating faults complete\n");
	fprintf(stderr, "simple:  %5d %8u %10llu %11llu %9llu %6llu %d\n", want->first,
		want->diameter, (unsigned long long)want->states,
		(unsigned long long)want->transitions, (unsigned long long)want->violating,
		(unsigned long long)want->faults, want->complete);
	fprintf(stderr, "explore: %5d %8u %10llu %11llu %9llu %6llu %d\n", shortest.nops,
		got.stats.diameter, (unsigned long long)got.stats.states,
		(unsigned long long)got.stats.transitions, (unsigned long long)got.stats.violating,
		(unsigned long long)got.stats.faults, got.complete);
	for (unsigned int i = 0; i < SIMPLE_LEVELS; i++)
		if (got.stats.level[i] != want->level[i])
			fprintf(stderr, "level %u: %llu and %llu\n", i,
				(unsigned long long)want->level[i],
				(unsigned long long)got.stats.level[i]);
	return false;
}

/*
 * Runs the search as users get it, with all that makes its states fewer: the length
 * of a shortest counterexample, or that there is none so far, has to be the same.
 */
static inline bool reduced_agrees(const struct simple_config *cfg, const struct simple_result *want)
{
	static struct vtlb_explore_result got;
	struct shortest shortest = { -1 };
	const struct vtlb_explore_config e = engine_config(cfg, want, &shortest, 0);
	enum vtlb_err err = vtlb_explore(&e, &got);

	if (err == VTLB_OK && got.verdict != VTLB_ERROR && shortest.nops == want->first)
		return true;
	fprintf(stderr, "%s, reduced: error %d, verdict %s, first %d; simple: first %d\n",
		cfg->impl->name, (int)err, vtlb_verdict_name(got.verdict), shortest.nops,
		want->first);
	return false;
}

#endif /* VTLB_TEST_ENGINE_H */
