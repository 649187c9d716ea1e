/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Where the time of a search with several threads goes: what one thread does
 * alone, what all do at once, and how long they wait for the last of them.
 * Processor time of threads says so on a machine with other work, too.
 */
#define _POSIX_C_SOURCE 200809L
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "ops.h"
#include "search_step.h"
#include "search_time.h"
#include "vtlb/explore.h"

#define MOST 64u

/**
 * struct member - a thread for one round
 * @seconds: processor time that it took
 */
struct member {
	pthread_t thread;
	vtlb_job_fn fn;
	void *arg;
	unsigned int job;
	double seconds;
};

static struct search search;
static struct member member[MOST];

/* Of all rounds: the threads' times, and those of the slowest of each round. */
static double together, slowest, own;

static double thread_cpu(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void *work(void *arg)
{
	struct member *m = arg;
	double start = thread_cpu();

	m->fn(m->arg, m->job);
	m->seconds = thread_cpu() - start;
	return NULL;
}

static void run_round(void *ctx, unsigned int jobs, vtlb_job_fn fn, void *arg)
{
	double most = 0;

	(void)ctx;
	for (unsigned int i = 0; i < jobs; i++) {
		member[i].fn = fn;
		member[i].arg = arg;
		member[i].job = i;
		if (i && pthread_create(&member[i].thread, NULL, work, &member[i]) != 0) {
			fprintf(stderr, "bench_jobs: no thread\n");
			exit(2);
		}
	}
	work(&member[0]);
	own += member[0].seconds;
	for (unsigned int i = 0; i < jobs; i++) {
		if (i)
			pthread_join(member[i].thread, NULL);
		together += member[i].seconds;
		most = member[i].seconds > most ? member[i].seconds : most;
	}
	slowest += most;
}

static int explore(unsigned int jobs, uint32_t flags)
{
	static struct vtlb_explore_result res;
	struct vtlb_explore_config cfg = {
		.w = &search.w,
		.ops = search.ops,
		.nops = search.nops,
		.impl = search.impl,
		.vendor = search.w.vendor,
		.reading = VTLB_RELY,
		.waive = VTLB_WAIVE_ALL,
		.flags = flags,
		.jobs = jobs,
		.run_jobs = run_round,
	};
	double start = bench_now(), first = thread_cpu(), alone, seconds;

	if (vtlb_explore(&cfg, &res) != VTLB_OK || !res.complete || res.verdict != VTLB_HOLDS) {
		fprintf(stderr, "bench_jobs: the search did not end with 'holds'\n");
		return 1;
	}
	seconds = bench_now() - start;
	alone = thread_cpu() - first - own;
	/* states transitions seconds alone together slowest */
	printf("%llu %llu %.3f %.3f %.3f %.3f\n", (unsigned long long)res.stats.states,
	       (unsigned long long)res.stats.transitions, seconds, alone, together, slowest);
	return 0;
}

int main(int argc, char **argv)
{
	unsigned long jobs = argc >= 3 ? strtoul(argv[1], NULL, 10) : 0;
	uint32_t flags = 0;
	int code = 2;

	if (argc == 4 && !strcmp(argv[3], "--no-cover"))
		flags = VTLB_EXPLORE_NO_COVER;
	else if (argc != 3)
		jobs = 0;
	if (jobs < 1 || jobs > MOST) {
		fprintf(stderr, "usage: bench_jobs 1..%u SCOPE [--no-cover]\n", MOST);
		return 2;
	}
	if (search_open(&search, argv[2], BENCH_IMPL)) {
		code = explore((unsigned int)jobs, flags);
		search_close(&search);
	}
	return code;
}
