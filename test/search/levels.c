/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Sorted arrays of states, see levels.h.
 */
#include "levels.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * Candidates are sorted some at a time, so that duplicates go early: this many bytes,
 * or a quarter of what they are merged into.
 */
#define BATCH ((size_t)8 << 20)

static size_t compared;

static int compare(const void *a, const void *b)
{
	return memcmp(a, b, compared);
}

static uint8_t *grow(uint8_t *array, size_t bytes)
{
	uint8_t *grown = realloc(array, bytes ? bytes : 1);

	if (!grown) {
		fprintf(stderr, "levels: no memory for %zu bytes\n", bytes);
		exit(2);
	}
	return grown;
}

void levels_open(struct levels *l, size_t size, const void *first)
{
	memset(l, 0, sizeof(*l));
	l->size = size;
	compared = size;
	l->room = BATCH / levels_record(l);
	l->batch = grow(NULL, l->room * levels_record(l));
	levels_add(l, first);
	levels_settle(l);
	levels_advance(l);
	l->depth = 0;
	levels_mark(l, l->seen)->depth = 0;
}

void levels_close(struct levels *l)
{
	free(l->seen);
	free(l->next);
	free(l->batch);
}

/* Merge the sorted @b into the sorted @a, which have no state in common. */
static uint8_t *merge(const struct levels *l, uint8_t *a, size_t na, const uint8_t *b, size_t nb)
{
	size_t record = levels_record(l), end = na + nb;

	a = grow(a, end * record);
	while (nb) {
		bool from_a = na && compare(a + (na - 1) * record, b + (nb - 1) * record) > 0;

		end--;
		if (from_a)
			memcpy(a + end * record, a + --na * record, record);
		else
			memcpy(a + end * record, b + --nb * record, record);
	}
	return a;
}

static bool has(const struct levels *l, const uint8_t *array, size_t n, const uint8_t *state)
{
	return n && bsearch(state, array, n, levels_record(l), compare);
}

/* What is new in the batch goes to .next. */
static void flush(struct levels *l)
{
	size_t record = levels_record(l), n = 0;

	qsort(l->batch, l->nbatch, record, compare);
	for (size_t i = 0; i < l->nbatch; i++) {
		uint8_t *state = l->batch + i * record;

		if (n && !compare(l->batch + (n - 1) * record, state))
			continue;
		if (has(l, l->seen, l->nseen, state) || has(l, l->next, l->nnext, state))
			continue;
		memmove(l->batch + n++ * record, state, record);
	}
	l->next = merge(l, l->next, l->nnext, l->batch, n);
	l->nnext += n;
	l->nbatch = 0;
	if (l->nnext / 4 > l->room) {
		l->room = l->nnext / 4;
		l->batch = grow(l->batch, l->room * record);
	}
}

void levels_add(struct levels *l, const void *state)
{
	uint8_t *to = levels_at(l, l->batch, l->nbatch);
	const struct levels_mark mark = { .depth = l->depth + 1 };

	memcpy(to, state, l->size);
	memcpy(to + l->size, &mark, sizeof(mark));
	l->nbatch++;
	if (l->nbatch == l->room)
		flush(l);
}

size_t levels_settle(struct levels *l)
{
	flush(l);
	return l->nnext;
}

void levels_advance(struct levels *l)
{
	l->seen = merge(l, l->seen, l->nseen, l->next, l->nnext);
	l->nseen += l->nnext;
	free(l->next);
	l->next = NULL;
	l->nnext = 0;
	l->depth++;
}
