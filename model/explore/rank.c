/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The end of a level: what was found becomes the frontier.  Where parents are
 * kept, a state's rank is its place in the order of its parent's rank and its
 * edge, which does not depend on who found it.  Threads share this work, too:
 * each parent has a bucket of its few new states, and only buckets are sorted.
 */
#include "internal.h"

/* A new state in its parent's bucket. */
struct ranked {
	struct place place;
	uint32_t edge;
	uint32_t at; /* where its rank goes */
};

/**
 * struct ranking - what the threads share
 * @states, @active: per shard: new states and their bases in the shards before it
 * @end: by the parent's rank: how many states its bucket has, then where it begins,
 *	then, when it is full, where it ends
 * @ranked: all buckets
 * @frontier, @rank: what struct search gets
 * @next: what the next thread takes
 */
struct ranking {
	struct search *s;
	uint32_t states[NSHARDS], active[NSHARDS];
	_Atomic uint32_t *end;
	struct ranked *ranked;
	struct place *frontier;
	uint32_t *rank;
	_Atomic uint64_t next;
};

/* The next @step of @n, or what is left of them; false: nothing is. */
static bool take(struct ranking *k, uint32_t n, uint32_t step, uint32_t *from, uint32_t *to)
{
	uint64_t i = atomic_fetch_add_explicit(&k->next, step, memory_order_relaxed);

	if (i >= n)
		return false;
	*from = (uint32_t)i;
	*to = n - *from < step ? n : *from + step;
	return true;
}

static void share(struct ranking *k, vtlb_job_fn fn)
{
	atomic_store(&k->next, 0);
	run_jobs(k->s, fn, k);
}

/* New bases of a shard become active, their new states those to be extended. */
static void list_shard(struct ranking *k, unsigned int i)
{
	struct search *s = k->s;
	struct shard *sh = &s->shard[i];
	uint32_t n = k->states[i];

	for (uint32_t j = 0; j < sh->nactive; j++) {
		struct base *b = base_at(s, sh->active[j]);

		s->active[k->active[i] + j] = sh->active[j];
		b->listed = false;
		b->rank = n;
		b->now = b->next;
		b->next = b->n;
		n += b->next - b->now;
		for (uint32_t e = b->now; s->parents && e < b->next; e++)
			atomic_fetch_add_explicit(&k->end[entry_at(s, b, e)->base], 1,
						  memory_order_relaxed);
	}
	sh->nactive = 0;
	sh->new_states = 0;
}

static void list_job(void *arg, unsigned int job)
{
	struct ranking *k = arg;
	uint32_t i, to;

	(void)job;
	while (take(k, NSHARDS, 1, &i, &to))
		list_shard(k, i);
}

/* A base's new states go into their parents' buckets, and get places for ranks. */
static void throw(struct ranking *k, uint32_t id)
{
	struct search *s = k->s;
	const struct base *b = base_at(s, id);

	for (uint32_t i = b->now; i < b->next; i++) {
		struct entry *e = entry_at(s, b, i);
		uint32_t to = atomic_fetch_add_explicit(&k->end[e->base], 1, memory_order_relaxed);

		k->ranked[to] = (struct ranked){
			.place = { id, i }, .edge = e->index, .at = b->rank + (i - b->now),
		};
		e->index = s->frontier[e->base].index;
		e->base = s->frontier[e->base].base;
	}
}

static void throw_job(void *arg, unsigned int job)
{
	struct ranking *k = arg;
	uint32_t i, to;

	(void)job;
	while (take(k, k->s->nactive, 64, &i, &to))
		for (; i < to; i++)
			throw(k, k->s->active[i]);
}

/* By insertion: a state has fewer children than there are edges. */
static void sort(struct ranked *r, uint32_t n)
{
	for (uint32_t i = 1; i < n; i++) {
		struct ranked one = r[i];
		uint32_t j = i;

		for (; j && r[j - 1].edge > one.edge; j--)
			r[j] = r[j - 1];
		r[j] = one;
	}
}

static void rank_job(void *arg, unsigned int job)
{
	struct ranking *k = arg;
	uint32_t p, to;

	(void)job;
	while (take(k, k->s->nranked, 1024, &p, &to))
		for (; p < to; p++) {
			uint32_t i = p ? k->end[p - 1] : 0, end = k->end[p];

			sort(k->ranked + i, end - i);
			for (; i < end; i++) {
				k->frontier[i] = k->ranked[i].place;
				k->rank[k->ranked[i].at] = i;
			}
		}
}

/* What the end of the level takes beyond what there is now. */
uint64_t level_end_size(const struct search *s)
{
	uint64_t fresh = 0;

	if (!s->parents)
		return 0;
	for (unsigned int i = 0; i < NSHARDS; i++)
		fresh += s->shard[i].new_states;
	return fresh * (sizeof(struct place) + sizeof(struct ranked) + sizeof(*s->rank)) +
	       s->nranked * sizeof(uint32_t);
}

/* False: no memory, and nothing was changed. */
static bool get_rooms(struct ranking *k, uint64_t fresh)
{
	struct search *s = k->s;

	k->end = mem_get(s, s->nranked * sizeof(*k->end));
	k->ranked = mem_get(s, fresh * sizeof(*k->ranked));
	k->frontier = mem_get(s, fresh * sizeof(*k->frontier));
	k->rank = mem_get(s, fresh * sizeof(*k->rank));
	if (k->end && k->ranked && k->frontier && k->rank)
		return true;
	mem_put(s, k->end, s->nranked * sizeof(*k->end));
	mem_put(s, k->ranked, fresh * sizeof(*k->ranked));
	mem_put(s, k->frontier, fresh * sizeof(*k->frontier));
	mem_put(s, k->rank, fresh * sizeof(*k->rank));
	return false;
}

/* Ranks become parents, and the new states get ranks. */
static void rank_new(struct ranking *k, uint64_t fresh)
{
	struct search *s = k->s;
	uint32_t begin = 0;

	for (uint32_t p = 0; p < s->nranked; p++) {
		uint32_t n = k->end[p];

		k->end[p] = begin;
		begin += n;
	}
	share(k, throw_job);
	share(k, rank_job);
	mem_put(s, k->end, s->nranked * sizeof(*k->end));
	mem_put(s, k->ranked, fresh * sizeof(*k->ranked));
	mem_put(s, s->frontier, s->nranked * sizeof(*s->frontier));
	mem_put(s, s->rank, s->nranked * sizeof(*s->rank));
	s->frontier = k->frontier;
	s->rank = k->rank;
	s->nranked = (uint32_t)fresh;
}

/* The level that was found becomes the frontier. */
bool level_end(struct search *s)
{
	uint64_t fresh = 0, nactive = 0;
	struct ranking k = { .s = s };
	size_t cap = s->active_cap;

	for (unsigned int i = 0; i < NSHARDS; i++) {
		k.states[i] = (uint32_t)fresh;
		k.active[i] = (uint32_t)nactive;
		fresh += s->shard[i].new_states;
		nactive += s->shard[i].nactive;
	}
	if (fresh >= NONE) {
		s->limit = true;
		return false;
	}
	if (!mem_room(s, &s->active, &cap, nactive, sizeof(*s->active)))
		return false;
	s->active_cap = (uint32_t)cap;
	if (s->parents && !get_rooms(&k, fresh))
		return false;
	share(&k, list_job);
	s->nactive = (uint32_t)nactive;
	if (s->parents)
		rank_new(&k, fresh);
	s->nfrontier = (uint32_t)fresh;
	s->states_before += fresh;
	s->next_block = 0;
	s->extended = 0;
	return true;
}
