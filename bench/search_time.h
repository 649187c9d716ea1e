/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * How long a function that is called some 10^8 times takes where it is called,
 * caches as they are there: every so many calls are timed, all are counted.
 */
#ifndef VTLB_BENCH_SEARCH_TIME_H
#define VTLB_BENCH_SEARCH_TIME_H

#include <stdint.h>

#if defined(__x86_64__)
#include <x86intrin.h>
#endif

/* A prime, so that it is not in step with the transitions of a state. */
#define SEARCH_TIME_EVERY 127

/* Ticks; a sample that took longer is dropped.  Set by search_time_start(). */
extern uint64_t search_time_longest;

struct search_time {
	uint64_t calls;
	uint64_t samples;
	uint64_t ticks;
	uint32_t wait;
};

/** search_nanoseconds() - the clock where there is no cheaper one */
uint64_t search_nanoseconds(void);

/** search_ticks() - a clock that costs next to nothing */
static inline uint64_t search_ticks(void)
{
#if defined(__x86_64__)
	return __rdtsc();
#else
	return search_nanoseconds();
#endif
}

static inline uint64_t search_time_begin(struct search_time *t)
{
	t->calls++;
	if (t->wait) {
		t->wait--;
		return 0;
	}
	t->wait = SEARCH_TIME_EVERY - 1;
	return search_ticks();
}

static inline void search_time_end(struct search_time *t, uint64_t begin)
{
	uint64_t ticks;

	if (!begin)
		return;
	ticks = search_ticks() - begin;
	if (ticks > search_time_longest)
		return;
	t->ticks += ticks;
	t->samples++;
}

/** search_time_start() - measure the clock itself; once, before the first call */
void search_time_start(void);

/** search_time_seconds() - estimate for all calls, without what the clock costs */
double search_time_seconds(const struct search_time *t);

/**
 * search_time_cpu() - seconds of processor time that this process has used: what
 * a search takes on a core of its own, whatever else is running
 */
double search_time_cpu(void);

#endif /* VTLB_BENCH_SEARCH_TIME_H */
