/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A pool of threads.  Each waits for a round to begin, does the job of its own
 * number and says so; the caller's thread does job 0.
 */
#define _GNU_SOURCE
#include "jobs.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>

#include "out.h"

/**
 * struct jobs - the pool
 * @nthreads: threads that run, which do the jobs 1 .. @nthreads
 * @round: number of the present round
 * @n, @fn, @arg: what it is
 * @busy: threads that are not done with it
 */
struct jobs {
	pthread_mutex_t lock;
	pthread_cond_t begin, done;
	unsigned int nthreads;
	unsigned long round;
	unsigned int n, busy;
	vtlb_job_fn fn;
	void *arg;
	bool quit;
	struct member {
		struct jobs *pool;
		unsigned int job;
		pthread_t thread;
	} member[JOBS_MAX];
};

unsigned int jobs_cpus(void)
{
	cpu_set_t set;
	int n = 1;

	if (sched_getaffinity(0, sizeof(set), &set) == 0)
		n = CPU_COUNT(&set);
	if (n < 1)
		return 1;
	return (unsigned int)n < JOBS_MAX ? (unsigned int)n : JOBS_MAX;
}

static void *serve(void *arg)
{
	const struct member *m = arg;
	struct jobs *pool = m->pool;
	unsigned long seen = 0;

	pthread_mutex_lock(&pool->lock);
	for (;;) {
		while (pool->round == seen && !pool->quit)
			pthread_cond_wait(&pool->begin, &pool->lock);
		if (pool->quit)
			break;
		seen = pool->round;
		if (m->job < pool->n) {
			pthread_mutex_unlock(&pool->lock);
			pool->fn(pool->arg, m->job);
			pthread_mutex_lock(&pool->lock);
		}
		if (--pool->busy == 0)
			pthread_cond_signal(&pool->done);
	}
	pthread_mutex_unlock(&pool->lock);
	return NULL;
}

/* Signals are for the first thread: a handler there interrupts what waits there. */
static void start_all(struct jobs *pool, unsigned int n)
{
	sigset_t all, old;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	while (pool->nthreads + 1 < n) {
		struct member *m = &pool->member[pool->nthreads];

		m->pool = pool;
		m->job = pool->nthreads + 1;
		if (pthread_create(&m->thread, NULL, serve, m) != 0)
			break;
		pool->nthreads++;
	}
	pthread_sigmask(SIG_SETMASK, &old, NULL);
}

struct jobs *jobs_start(unsigned int n)
{
	struct jobs *pool = out_alloc(1, sizeof(*pool));

	pthread_mutex_init(&pool->lock, NULL);
	pthread_cond_init(&pool->begin, NULL);
	pthread_cond_init(&pool->done, NULL);
	start_all(pool, n < JOBS_MAX ? n : JOBS_MAX);
	return pool;
}

void jobs_run(struct jobs *pool, unsigned int n, vtlb_job_fn fn, void *arg)
{
	pthread_mutex_lock(&pool->lock);
	pool->n = n;
	pool->fn = fn;
	pool->arg = arg;
	pool->busy = pool->nthreads;
	pool->round++;
	pthread_cond_broadcast(&pool->begin);
	pthread_mutex_unlock(&pool->lock);
	if (n)
		fn(arg, 0);
	for (unsigned int job = pool->nthreads + 1; job < n; job++)
		fn(arg, job);
	pthread_mutex_lock(&pool->lock);
	while (pool->busy)
		pthread_cond_wait(&pool->done, &pool->lock);
	pthread_mutex_unlock(&pool->lock);
}

void jobs_stop(struct jobs *pool)
{
	if (!pool)
		return;
	pthread_mutex_lock(&pool->lock);
	pool->quit = true;
	pthread_cond_broadcast(&pool->begin);
	pthread_mutex_unlock(&pool->lock);
	for (unsigned int i = 0; i < pool->nthreads; i++)
		pthread_join(pool->member[i].thread, NULL);
	pthread_cond_destroy(&pool->done);
	pthread_cond_destroy(&pool->begin);
	pthread_mutex_destroy(&pool->lock);
	free(pool);
}
