/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * One level: every state of the frontier is extended, in blocks.  In a block
 * threads first read what is known and gather candidates, then, each for its own
 * shards, add them.  What comes out does not depend on who did what when.
 */
#include "internal.h"

/* A block ends after so many states a thread; between processes turns are dear. */
#define BLOCK_STATES 500u
#define TURN_STATES 20000u
#define GATHERED (64u << 20) /* bytes a thread */

static void put(struct search *s, struct worker *k, struct buffer *out,
		const struct candidate *c)
{
	if (!mem_room(s, &out->data, &out->cap, out->len + s->candidate_size, 1)) {
		k->nomem = true;
		return;
	}
	memcpy(out->data + out->len, c, s->candidate_size);
	out->len += s->candidate_size;
}

/* A base can have any number of states in a block: what is gathered may not. */
static bool may_gather(const struct search *s, const struct worker *k)
{
	uint64_t most = s->cfg->max_memory / 16 / s->cfg->jobs;

	return k->gathered < (most && most < GATHERED ? most : GATHERED);
}

static void count_removed(const struct search *s, struct worker *k, const struct map *m,
			  const uint64_t *set)
{
	bool any = false;

	for (unsigned int i = 0; i < m->nrules; i++) {
		if (!m->has_drop[i] || !meet_set(s, set, m->drop + i * s->words))
			continue;
		k->rule[m->rule[i]].removed++;
		any = true;
	}
	k->op[m->op].removed += any;
}

/* One edge from one state; is there a candidate to be looked for? */
static bool follow(struct search *s, struct worker *k, const struct edge *e,
		   const uint64_t *set, struct candidate *c)
{
	const struct map *m = map_at(s, e->map);
	const struct base *b;

	if (e->target == NO_ANSWER || e->target == NO_MOVE)
		return false;
	c->base = e->target;
	if (e->target == NO_TARGET) {
		k->faults++;
		copy_set(s, c->set, set);
		put(s, k, &k->bad, c);
		return false;
	}
	count_removed(s, k, m, set);
	if (e->target == AGAIN)
		return false;
	b = base_at(s, e->target);
	if (e->turn) {
		map_set(s, m, set, k->set);
		set_turn(s, e->turn, k->set, c->set);
	} else {
		map_set(s, m, set, c->set);
	}
	if (b->stab > 1)
		set_smallest(s, b->stab, c->set, k->scratch);
	return true;
}

/*
 * All edges of one state.  What they lead to is not looked for here: a table of all
 * states is larger than any cache, and than what a processor has translations for.  It
 * is gathered for each shard, whose part of the table is small.
 */
static void extend_state(struct search *s, struct worker *k, const struct edge *edges,
			 unsigned int nedges, const uint64_t *set, uint32_t parent)
{
	struct candidate *c = (struct candidate *)(void *)k->candidate;

	c->parent = parent;
	for (unsigned int j = 0; j < nedges; j++) {
		c->edge = j;
		if (!follow(s, k, &edges[j], set, c))
			continue;
		c->hash = list_hash(s, c, k->seeds[j]);
		if (list_recent(s, k, c) || (!may_gather(s, k) && list_seen(s, k, c)))
			continue;
		put(s, k, &k->out[c->base & (NSHARDS - 1)], c);
		k->gathered += s->candidate_size;
	}
}

static void count_fired(const struct search *s, struct worker *k, const struct edge *edges,
			unsigned int nedges, uint64_t states)
{
	k->transitions += states * nedges;
	for (unsigned int i = 0; i < nedges; i++) {
		const struct map *m = map_at(s, edges[i].map);

		if (!m->fault && edges[i].target != NO_TARGET && edges[i].target != NO_ANSWER)
			k->op[m->op].fired += states;
		for (unsigned int j = 0; j < m->nrules; j++)
			k->rule[m->rule[j]].fired += states;
	}
}

/* All states of one base that are in the frontier. */
static bool extend(struct search *s, struct worker *k, uint32_t id)
{
	const struct base *b = base_at(s, id);
	unsigned int nedges;
	const struct edge *edges = edges_of(s, k, id, &nedges);

	if (!edges)
		return false;
	for (unsigned int j = 0; j < nedges; j++)
		if (edges[j].target < NO_MOVE)
			__builtin_prefetch(base_at(s, edges[j].target));
	for (unsigned int j = 0; j < nedges; j++)
		if (edges[j].target < NO_MOVE) {
			const struct base *to = base_at(s, edges[j].target);

			__builtin_prefetch(to->list);
			k->seeds[j] = list_seed(s, to);
		}
	for (uint32_t i = b->now; i < b->next && !k->nomem; i++)
		extend_state(s, k, edges, nedges, set_at(s, b, i),
			     s->parents ? s->rank[b->rank + (i - b->now)] : 0);
	count_fired(s, k, edges, nedges, b->next - b->now);
	return !k->nomem;
}

static void extend_job(void *arg, unsigned int job)
{
	struct search *s = arg;
	struct worker *k = &s->worker[job];

	k->gathered = 0;
	for (;;) {
		uint32_t i = atomic_fetch_add_explicit(&s->next_active, 8, memory_order_relaxed);

		for (uint32_t j = i; j < i + 8 && j < s->end_active; j++)
			if (!extend(s, k, s->active[j]))
				k->nomem = true;
		if (i >= s->end_active || k->nomem)
			return;
	}
}

#define AHEAD 8 /* candidates, for which memory has time to come */

static const struct candidate *gathered(const struct search *s, const struct buffer *out, size_t i)
{
	return (const struct candidate *)(const void *)(out->data + i * s->candidate_size);
}

/* Of what was gathered for a shard, what is new and what fails. */
static void add_gathered(struct search *s, struct worker *k, struct shard *sh,
			 const struct buffer *out)
{
	size_t n = out->len / s->candidate_size;

	for (size_t i = 0; i < n; i++) {
		const struct candidate *c = gathered(s, out, i);

		if (i + AHEAD < n)
			list_prefetch(s, gathered(s, out, i + AHEAD));
		if (list_seen(s, k, c))
			continue;
		if (!set_safe(s, base_at(s, c->base), c->set, &k->owe))
			put(s, k, &k->bad, c);
		else if (!list_add(s, sh, c))
			k->nomem = true;
	}
}

static void add_job(void *arg, unsigned int job)
{
	struct search *s = arg;
	struct worker *k = &s->worker[job];

	for (;;) {
		uint32_t i = atomic_fetch_add_explicit(&s->next_shard, 1, memory_order_relaxed);

		if (i >= NSHARDS)
			return;
		for (unsigned int j = 0; j < s->cfg->jobs; j++) {
			struct buffer *out = &s->worker[j].out[i];

			add_gathered(s, k, &s->shard[i], out);
			out->len = 0;
		}
	}
}

static bool gather_bad(struct search *s)
{
	for (unsigned int j = 0; j < s->cfg->jobs; j++) {
		struct buffer *bad = &s->worker[j].bad;

		if (!bad->len)
			continue;
		if (!mem_room(s, &s->bad, &s->bad_cap, s->nbad + bad->len, 1))
			return false;
		memcpy(s->bad + s->nbad, bad->data, bad->len);
		s->nbad += bad->len;
		bad->len = 0;
	}
	return true;
}

static bool any_nomem(struct search *s)
{
	for (unsigned int j = 0; j < s->cfg->jobs; j++)
		if (s->worker[j].nomem)
			return true;
	return s->nomem || s->limit;
}

/*
 * How many bases make a block, from @from on.  If every edge of every state led to
 * a new state, these might take a sixteenth of the memory.
 */
static uint32_t block_end(const struct search *s, uint32_t from)
{
	uint64_t states = 0;
	uint64_t most = (s->cfg->nranks > 1 ? TURN_STATES : BLOCK_STATES) * (uint64_t)s->cfg->jobs;
	uint64_t fit = s->cfg->max_memory / 16 / (s->cfg->nops * s->candidate_size);

	if (s->cfg->max_memory && fit < most)
		most = fit;
	do {
		const struct base *b = base_at(s, s->active[from++]);

		states += b->next - b->now;
	} while (from < s->nactive && states < most);
	return from;
}

void level_stats(const struct search *s, struct vtlb_explore_stats *stats)
{
	uint64_t fresh = 0, transitions = 0;

	stats->impl_states = 0;
	for (unsigned int i = 0; i < NSHARDS; i++) {
		fresh += s->shard[i].new_states;
		stats->impl_states += s->shard[i].nbases - s->shard[i].nforeign;
	}
	for (unsigned int j = 0; j < s->cfg->jobs; j++)
		transitions += s->worker[j].transitions;
	stats->states = s->states_before + fresh;
	stats->transitions = transitions;
	stats->violating = s->violating;
	stats->frontier = fresh + s->nfrontier - s->extended;
	stats->bytes = s->bytes;
}

static void remember(struct search *s)
{
	for (unsigned int j = 0; j < s->cfg->jobs; j++) {
		struct worker *k = &s->worker[j];

		k->before.transitions = k->transitions;
		k->before.faults = k->faults;
		memcpy(k->before.op, k->op, sizeof(k->op));
		memcpy(k->before.rule, k->rule, sizeof(k->rule));
	}
}

/*
 * A block that has no memory has not been: what it counted and gathered goes.
 * States that it added may stay, for it will find the same ones again if a
 * checkpoint is written now and the search goes on from there.
 */
static bool undo(struct search *s, size_t nbad)
{
	s->nbad = nbad;
	for (unsigned int j = 0; j < s->cfg->jobs; j++) {
		struct worker *k = &s->worker[j];

		k->transitions = k->before.transitions;
		k->faults = k->before.faults;
		memcpy(k->op, k->before.op, sizeof(k->op));
		memcpy(k->rule, k->before.rule, sizeof(k->rule));
		k->bad.len = 0;
		for (unsigned int i = 0; i < NSHARDS; i++)
			k->out[i].len = 0;
	}
	level_stats(s, &s->stats);
	return false;
}

/* Extends the next bases; false: no memory, or a limit was reached. */
static bool extend_block(struct search *s)
{
	uint32_t end = block_end(s, s->next_block);
	size_t nbad = s->nbad;

	remember(s);
	atomic_store(&s->next_active, s->next_block);
	s->end_active = end;
	run_jobs(s, extend_job, s);
	if (any_nomem(s))
		return undo(s, nbad);
	atomic_store(&s->next_shard, 0);
	run_jobs(s, add_job, s);
	if (any_nomem(s) || !gather_bad(s))
		return undo(s, nbad);
	for (; s->next_block < end; s->next_block++) {
		struct base *b = base_at(s, s->active[s->next_block]);

		s->extended += b->next - b->now;
		if (s->prints)
			print_forget(s, b);
	}
	return true;
}

/*
 * Extends the frontier from where it was left; false: stopped, for s->stop.  A
 * process that has nothing to extend takes part in the others' turns.
 */
bool level_extend(struct search *s)
{
	bool more;

	/* resumed where a level was left at its end */
	if (s->cfg->nranks == 1 && s->next_block >= s->nactive)
		return true;
	do {
		bool ok = s->next_block >= s->nactive || extend_block(s);

		more = s->next_block < s->nactive;
		if (s->cfg->nranks > 1)
			ok = remote_turn(s, &more, ok && go_on(s));
		else
			level_stats(s, &s->stats);
		if (!ok || (s->cfg->nranks == 1 && !go_on(s)))
			return false;
	} while (more);
	return true;
}
