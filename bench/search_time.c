/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What a tick is in seconds, what reading the clock costs, and which samples
 * say nothing.
 */
#define _POSIX_C_SOURCE 200809L
#include "search_time.h"

#include <time.h>

#include "ops.h"

/* Longer than any step: the sample was interrupted, and another process ran. */
#define INTERRUPTED 20e-6

static double start_seconds;
static uint64_t start_ticks, empty;
uint64_t search_time_longest;

uint64_t search_nanoseconds(void)
{
	return (uint64_t)(bench_now() * 1e9);
}

void search_time_start(void)
{
	uint64_t ticks;

	start_seconds = bench_now();
	start_ticks = search_ticks();
	do {
		ticks = search_ticks() - start_ticks;
	} while (bench_now() - start_seconds < 0.01);
	search_time_longest = (uint64_t)((double)ticks * INTERRUPTED / 0.01);
	empty = UINT64_MAX;
	for (int i = 0; i < 10000; i++) {
		uint64_t begin = search_ticks();

		ticks = search_ticks() - begin;
		if (ticks < empty)
			empty = ticks;
	}
}

double search_time_cpu(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

double search_time_seconds(const struct search_time *t)
{
	double second_a_tick = (bench_now() - start_seconds) /
			       (double)(search_ticks() - start_ticks);

	if (!t->samples)
		return 0;
	return ((double)t->ticks / (double)t->samples - (double)empty) * second_a_tick *
	       (double)t->calls;
}
