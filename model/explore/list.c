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

/*
 * May the candidate be forgotten at once?  Entries from .next on are of its own
 * level; of equal ones the first by parent and edge stays, whoever finds it first.
 */
bool list_seen(const struct search *s, const struct base *b, const struct candidate *c)
{
	if (s->prints)
		return print_seen(s, b, c->base, c->set);
	for (uint32_t i = 0; i < b->n; i++) {
		const struct entry *e = entry_at(s, b, i);

		if (equal_set(s, e->set, c->set))
			return i < b->next || order_of(e->base, e->index) <=
						      order_of(c->parent, c->edge);
		if (s->cover && inside_set(s, e->set, c->set))
			return true;
	}
	return false;
}

static bool room(struct search *s, struct base *b)
{
	uint32_t cap = b->cap ? b->cap + b->cap / 2 + 1 : 2;
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

static bool activate(struct search *s, struct shard *sh, uint32_t id)
{
	size_t cap = sh->active_cap;

	if (!mem_room(s, &sh->active, &cap, sh->nactive + 1u, sizeof(*sh->active)))
		return false;
	sh->active_cap = (uint32_t)cap;
	sh->active[sh->nactive++] = id;
	return true;
}

/* Only one thread at a time adds to the bases of a shard, and none reads them then. */
bool list_add(struct search *s, struct shard *sh, const struct candidate *c)
{
	struct base *b = base_at(s, c->base);
	struct entry *e;

	if (s->prints) {
		int added = print_add(s, sh, b, c->set);

		if (added <= 0)
			return !added;
	}
	for (uint32_t i = s->prints ? b->n : b->next; i < b->n;) {
		e = entry_at(s, b, i);
		if (equal_set(s, e->set, c->set)) {
			if (order_of(c->parent, c->edge) < order_of(e->base, e->index)) {
				e->base = c->parent;
				e->index = c->edge;
			}
			return true;
		}
		if (s->cover && inside_set(s, e->set, c->set))
			return true;
		if (s->cover && inside_set(s, c->set, e->set)) {
			memcpy(e, entry_at(s, b, --b->n), s->entry_size);
			sh->new_states--;
			continue;
		}
		i++;
	}
	if (!room(s, b) || (b->n == b->next && !b->listed && !activate(s, sh, c->base)))
		return false;
	b->listed = true;
	e = entry_at(s, b, b->n++);
	e->base = c->parent;
	e->index = c->edge;
	copy_set(s, e->set, c->set);
	sh->new_states++;
	return true;
}
