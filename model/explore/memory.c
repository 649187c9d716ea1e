/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Memory of a search: every byte is counted, so that a limit can be kept and
 * bytes a state can be told.  Nothing is taken that would exceed the limit; then
 * the search ends as if the machine had no more.
 */
#include "internal.h"

#define MOVED (1u << 25)	/* from here on realloc() moves pages, not bytes */

/* What malloc() makes of it, as far as is known: a word more, multiples of 16. */
static uint64_t cost(size_t size)
{
	uint64_t n = ((uint64_t)size + 8 + 15) & ~15ull;

	return n < 32 ? 32 : n;
}

static bool take(struct search *s, uint64_t n)
{
	uint64_t most = s->cfg->max_memory;

	if (atomic_fetch_add_explicit(&s->bytes, n, memory_order_relaxed) + n <= most || !most)
		return true;
	atomic_fetch_sub_explicit(&s->bytes, n, memory_order_relaxed);
	return false;
}

static void give(struct search *s, uint64_t n)
{
	atomic_fetch_sub_explicit(&s->bytes, n, memory_order_relaxed);
}

/* For what a search can do without. */
void *mem_try(struct search *s, size_t size)
{
	void *p;

	if (!take(s, cost(size)))
		return NULL;
	p = calloc(1, size ? size : 1);
	if (!p)
		give(s, cost(size));
	return p;
}

void *mem_get(struct search *s, size_t size)
{
	void *p = mem_try(s, size);

	if (!p)
		s->nomem = true;
	return p;
}

/* Old and new are there at the same time while bytes are copied. */
void *mem_grow(struct search *s, void *p, size_t old, size_t size)
{
	uint64_t was = p ? cost(old) : 0, more = old < MOVED ? cost(size) : cost(size) - was;
	void *q = NULL;

	if (take(s, more)) {
		q = realloc(p, size);
		give(s, q ? more - (cost(size) - was) : more);
	}
	if (!q)
		s->nomem = true;
	return q;
}

void mem_put(struct search *s, void *p, size_t size)
{
	if (!p)
		return;
	free(p);
	give(s, cost(size));
}

/* Room for @need elements of @size bytes in an array, which grows by half. */
bool mem_room(struct search *s, void *pp, size_t *cap, size_t need, size_t size)
{
	size_t n = *cap;
	void *p, *old;

	if (need <= n)
		return true;
	n = n + n / 2 > need ? n + n / 2 : need;
	n = n < 16 ? 16 : n;
	memcpy(&old, pp, sizeof(old));
	p = mem_grow(s, old, *cap * size, n * size);
	if (!p)
		return false;
	memcpy(pp, &p, sizeof(p));
	*cap = n;
	return true;
}
