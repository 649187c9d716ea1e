/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A hash table of numbers; the items themselves lie in chunks and never move.
 */
#define XXH_INLINE_ALL
#define XXH_NO_STREAM
#include <xxhash.h>

#include "intern.h"

#include <stdlib.h>
#include <string.h>

#include "out.h"

#define CHUNK 4096u

static uint8_t *at(const struct intern *t, uint32_t id)
{
	return t->chunk[id / CHUNK] + id % CHUNK * t->size;
}

const void *intern_at(const struct intern *t, uint32_t id)
{
	return at(t, id);
}

/* Where the item is, or would be. */
static uint32_t *find(const struct intern *t, const void *key)
{
	uint32_t i = (uint32_t)XXH3_64bits(key, t->key) & (t->nslots - 1);

	while (t->slot[i] && memcmp(at(t, t->slot[i] - 1), key, t->key) != 0)
		i = (i + 1) & (t->nslots - 1);
	return &t->slot[i];
}

static void grow_slots(struct intern *t)
{
	t->bytes -= t->nslots * sizeof(*t->slot);
	t->nslots = t->nslots ? t->nslots * 2 : 1024;
	t->bytes += t->nslots * sizeof(*t->slot);
	free(t->slot);
	t->slot = out_alloc(t->nslots, sizeof(*t->slot));
	for (uint32_t i = 0; i < t->n; i++)
		*find(t, at(t, i)) = i + 1;
}

static void new_chunk(struct intern *t)
{
	t->chunk = out_grow(t->chunk, &t->chunk_cap, t->n / CHUNK + 1, sizeof(*t->chunk));
	t->chunk[t->n / CHUNK] = out_alloc(CHUNK, t->size);
	t->bytes += CHUNK * t->size;
}

uint32_t intern_add(struct intern *t, const void *item)
{
	uint32_t *slot;

	if (t->n >= t->nslots / 4 * 3)
		grow_slots(t);
	slot = find(t, item);
	if (*slot)
		return *slot - 1;
	if (t->n % CHUNK == 0)
		new_chunk(t);
	memcpy(at(t, t->n), item, t->size);
	*slot = ++t->n;
	return t->n - 1;
}

void intern_free(struct intern *t)
{
	for (uint32_t i = 0; i < t->n; i += CHUNK)
		free(t->chunk[i / CHUNK]);
	free(t->chunk);
	free(t->slot);
}
