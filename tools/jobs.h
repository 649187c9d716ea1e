/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Threads for the library, which starts none of its own: a pool that stays, as
 * a search hands out work thousands of times a second.
 */
#ifndef TOOLS_JOBS_H
#define TOOLS_JOBS_H

#include "vtlb/explore.h"

#define JOBS_MAX 64u

struct jobs;

/** jobs_cpus() - CPUs that this process may use, at most JOBS_MAX */
unsigned int jobs_cpus(void);

/** jobs_start() - a pool for at most @n jobs at a time; never NULL */
struct jobs *jobs_start(unsigned int n);

/**
 * jobs_run() - call fn(arg, 0 .. n - 1) at the same time, return when all are done
 *
 * The caller's thread does one of them.  Those for which the system gave no
 * thread are done one after the other.
 */
void jobs_run(struct jobs *pool, unsigned int n, vtlb_job_fn fn, void *arg);

/** jobs_stop() - end the threads; NULL is allowed */
void jobs_stop(struct jobs *pool);

#endif /* TOOLS_JOBS_H */
