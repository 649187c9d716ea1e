/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * One search from a test, and all that may not depend on how it was made.
 */
#ifndef TEST_SEARCH_RUN_H
#define TEST_SEARCH_RUN_H

#include <pthread.h>

#include "shipped.h"

/* Instrumented code is slow; what it may find is in the first levels, too. */
#ifdef SEARCH_SHORT
#define LEVELS(n) ((n) > 3 ? (n) - 2 : (n))
#else
#define LEVELS(n) (n)
#endif

#define MAX_FOUND 64
#define MAX_THREADS 8

/**
 * struct run - what to search, and what came of it
 * @found, @nfound: all findings, in order
 */
struct run {
	const struct vtlb_scope *scope;
	const struct vtlb_impl *impl;
	uint32_t waive, flags, depth, remember;
	unsigned int jobs;
	uint64_t memory;
	unsigned int findings;
	struct vtlb_explore_result res;
	struct vtlb_finding found[MAX_FOUND];
	unsigned int nfound;
};

static inline bool run_found(void *ctx, const struct vtlb_finding *f)
{
	struct run *r = ctx;

	assert_true(r->nfound < MAX_FOUND);
	r->found[r->nfound++] = *f;
	return true;
}

struct run_job {
	vtlb_job_fn fn;
	void *arg;
	unsigned int job;
};

static inline void *run_job(void *arg)
{
	const struct run_job *j = arg;

	j->fn(j->arg, j->job);
	return NULL;
}

static inline void run_jobs(void *ctx, unsigned int jobs, vtlb_job_fn fn, void *arg)
{
	struct run_job job[MAX_THREADS];
	pthread_t thread[MAX_THREADS];

	(void)ctx;
	assert_in_range(jobs, 1, MAX_THREADS);
	for (unsigned int i = 0; i < jobs; i++) {
		job[i] = (struct run_job){ fn, arg, i };
		assert_int_equal(pthread_create(&thread[i], NULL, run_job, &job[i]), 0);
	}
	for (unsigned int i = 0; i < jobs; i++)
		pthread_join(thread[i], NULL);
}

static inline struct vtlb_explore_config run_config(struct run *r)
{
	return (struct vtlb_explore_config){
		.w = &r->scope->world,
		.ops = r->scope->ops,
		.nops = r->scope->nops,
		.impl = r->impl,
		.vendor = r->scope->world.vendor,
		.reading = r->scope->reading,
		.waive = r->waive,
		.flags = r->flags,
		.remember = r->remember,
		.max_depth = r->depth,
		.max_memory = r->memory,
		.findings = r->findings,
		.jobs = r->jobs,
		.run_jobs = run_jobs,
		.found = run_found,
		.ctx = r,
	};
}

static inline void run(struct run *r)
{
	const struct vtlb_explore_config cfg = run_config(r);

	r->nfound = 0;
	assert_int_equal(vtlb_explore(&cfg, &r->res), VTLB_OK);
}

/* All numbers but memory, and all findings, byte for byte. */
static inline void run_same(const struct run *a, const struct run *b)
{
	static struct vtlb_explore_result x, y;

	x = a->res;
	y = b->res;
	x.stats.bytes = y.stats.bytes = 0;
	x.waived.bytes = y.waived.bytes = 0;
	assert_int_equal(x.verdict, y.verdict);
	assert_int_equal(x.stats.states, y.stats.states);
	assert_int_equal(x.stats.transitions, y.stats.transitions);
	assert_int_equal(x.stats.violating, y.stats.violating);
	assert_int_equal(a->nfound, b->nfound);
	assert_memory_equal(a->found, b->found, a->nfound * sizeof(a->found[0]));
	assert_memory_equal(&x, &y, sizeof(x));
}

/* Length of the shortest finding that is no known deviation, or of any; 0: none. */
static inline uint32_t run_shortest(const struct run *r)
{
	for (unsigned int i = 0; i < r->nfound; i++)
		if (!r->found[i].waiver)
			return r->found[i].nops;
	return r->nfound ? r->found[0].nops : 0;
}

/* Two searches that have to come to the same answer on different ways. */
static inline void run_same_answer(const struct run *a, const struct run *b)
{
	if (a->res.verdict == b->res.verdict && run_shortest(a) == run_shortest(b))
		return;
	fail_msg("%s, waived %x, depth %u: flags %x %s %u, flags %x %s %u", a->impl->name,
		 a->waive, a->depth, a->flags, vtlb_verdict_name(a->res.verdict),
		 run_shortest(a), b->flags, vtlb_verdict_name(b->res.verdict), run_shortest(b));
}

#endif /* TEST_SEARCH_RUN_H */
