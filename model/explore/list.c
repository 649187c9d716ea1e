/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The sets with which a base was reached.  A state covers another of the same
 * base whose set has more: what is allowed after it is allowed after the other,
 * for ever, because maps and the contract's allowed outcomes only grow with the
 * set.  So a state that is covered by one that was reached no later need not be
 * visited, and no shortest counterexample is lost.
 */
#include "internal.h"

static uint64_t order_of(uint32_t parent, uint32_t edge)
{
	return (uint64_t)parent << 32 | edge;
}

/* An equal entry makes a candidate superfluous unless the candidate comes before it. */
static bool known(const struct search *s, const struct base *b, uint32_t i,
		  const struct candidate *c)
{
	const struct entry *e = entry_at(s, b, i);

	return i < b->next || order_of(e->base, e->index) <= order_of(c->parent, c->edge);
}

/* What list_hash() wants to know of a candidate's base, the same for all its sets. */
uint64_t list_seed(const struct search *s, const struct base *b)
{
	return s->prints ? print_seed(b) : 0;
}

/* By which a candidate is looked for. */
uint64_t list_hash(const struct search *s, const struct candidate *c, uint64_t seed)
{
	if (s->prints)
		return print_of(s, seed, c->set);
	return s->cover ? 0 : index_hash(s, c->base, c->set);
}

/* Fetches what list_seen() will read first. */
void list_prefetch(const struct search *s, const struct candidate *c)
{
	if (s->prints)
		print_prefetch(s, c->base, c->hash);
	else if (!s->cover)
		index_prefetch(s, c->base, c->hash);
}

/*
 * What was looked for not long ago is looked for again, and is then in a cache, which
 * the table of all states is not.  Only states of earlier levels are kept: they stay.
 */
#define RECENT 8192u

static uint64_t *recent_at(const struct search *s, const struct worker *k, uint64_t hash)
{
	return k->recent + (hash >> 8 & (RECENT - 1)) * (s->words + 1);
}

bool list_room(struct search *s, struct worker *k)
{
	if (s->cover)
		return true;
	k->recent = mem_get(s, RECENT * (s->words + 1) * sizeof(*k->recent));
	return k->recent;
}

/* Is it known already that list_seen() would say yes? */
bool list_recent(const struct search *s, const struct worker *k, const struct candidate *c)
{
	const uint64_t *slot;

	if (s->cover)
		return false;
	slot = recent_at(s, k, c->hash);
	return *slot == c->base + 1ull && equal_set(s, slot + 1, c->set);
}

static bool remember(const struct search *s, struct worker *k, const struct candidate *c)
{
	uint64_t *slot = recent_at(s, k, c->hash);

	*slot = c->base + 1ull;
	copy_set(s, slot + 1, c->set);
	return true;
}

static bool indexed(const struct search *s, struct worker *k, const struct candidate *c)
{
	const struct base *b = base_at(s, c->base);
	uint32_t i = index_find(s, c->base, c->hash, c->set);

	if (i == NONE)
		return false;
	return i < b->next ? remember(s, k, c) : known(s, b, i, c);
}

/*
 * May the candidate be forgotten at once?  Entries from .next on are of its own
 * level; of equal ones the first by parent and edge stays, whoever finds it first.
 */
bool list_seen(const struct search *s, struct worker *k, const struct candidate *c)
{
	const struct base *b = base_at(s, c->base);

	if (s->prints)
		return print_seen(s, c->base, c->hash) && remember(s, k, c);
	if (!s->cover)
		return indexed(s, k, c);
	for (uint32_t i = 0; i < b->n; i++) {
		const struct entry *e = entry_at(s, b, i);

		if (equal_set(s, e->set, c->set))
			return known(s, b, i, c);
		if (inside_set(s, e->set, c->set))
			return true;
	}
	return false;
}

static bool room(struct search *s, struct base *b)
{
	uint32_t cap = b->cap ? b->cap + b->cap / 2 + 1 : 1;
	uint8_t *list;

	if (b->n < b->cap)
		return true;
	list = mem_grow(s, b->list, b->cap * s->entry_size, cap * s->entry_size);
	if (!list)
		return false;
	b->list = list;
	b->cap = cap;
	return true;
}

/* Room for one more entry.  After that nothing can fail, so that none is half there. */
static bool reserve(struct search *s, struct shard *sh, struct base *b)
{
	size_t cap = sh->active_cap;

	if (!room(s, b) ||
	    !mem_room(s, &sh->active, &cap, sh->nactive + 1u, sizeof(*sh->active)))
		return false;
	sh->active_cap = (uint32_t)cap;
	return s->cover || s->prints || index_room(s, sh);
}

/* Of two ways to a state the first by parent and edge stays. */
static void choose_parent(struct entry *e, const struct candidate *c)
{
	if (order_of(c->parent, c->edge) < order_of(e->base, e->index)) {
		e->base = c->parent;
		e->index = c->edge;
	}
}

/* Is it among the new ones?  Covered new ones are removed on the way. */
static bool among_new(struct search *s, struct shard *sh, struct base *b,
		      const struct candidate *c)
{
	for (uint32_t i = b->next; i < b->n;) {
		struct entry *e = entry_at(s, b, i);

		if (equal_set(s, e->set, c->set)) {
			choose_parent(e, c);
			return true;
		}
		if (inside_set(s, e->set, c->set))
			return true;
		if (inside_set(s, c->set, e->set)) {
			memcpy(e, entry_at(s, b, --b->n), s->entry_size);
			sh->new_states--;
			continue;
		}
		i++;
	}
	return false;
}

static bool append(struct search *s, struct shard *sh, struct base *b,
		   const struct candidate *c)
{
	uint32_t i = b->n;

	if (!reserve(s, sh, b) || (s->prints && print_add(s, sh, c->hash) < 0))
		return false;
	if (!b->listed)
		sh->active[sh->nactive++] = c->base;
	b->listed = true;
	copy_set(s, set_at(s, b, i), c->set);
	b->n++;
	sh->new_states++;
	if (s->prints)
		return true;
	entry_at(s, b, i)->base = c->parent;
	entry_at(s, b, i)->index = c->edge;
	return s->cover || index_add(s, sh, c->base, i);
}

/* Only one thread at a time adds to the bases of a shard, and none reads them then. */
bool list_add(struct search *s, struct shard *sh, const struct candidate *c)
{
	struct base *b = base_at(s, c->base);
	uint32_t i;

	if (s->prints)
		return print_seen(s, c->base, c->hash) || append(s, sh, b, c);
	if (s->cover)
		return among_new(s, sh, b, c) || append(s, sh, b, c);
	i = index_find(s, c->base, c->hash, c->set);
	if (i == NONE)
		return append(s, sh, b, c);
	choose_parent(entry_at(s, b, i), c);
	return true;
}
