/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Memory of a search: every byte is counted, so that a limit can be kept and
 * bytes a state can be told.
 */
#include "internal.h"

void *mem_get(struct search *s, size_t size)
{
	void *p = calloc(1, size ? size : 1);

	if (!p) {
		s->nomem = true;
		return NULL;
	}
	s->bytes += size;
	return p;
}

void *mem_grow(struct search *s, void *p, size_t old, size_t size)
{
	void *q = realloc(p, size);

	if (!q) {
		s->nomem = true;
		return NULL;
	}
	s->bytes += size - old;
	return q;
}

void mem_put(struct search *s, void *p, size_t size)
{
	if (!p)
		return;
	free(p);
	s->bytes -= size;
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
