/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Fingerprints: of states that were extended only 64 bits stay, so that two
 * different ones may be taken for one.  Such a search proves nothing.
 */
#define XXH_INLINE_ALL
#define XXH_NO_STREAM
#include <xxhash.h>

#include "internal.h"

/* What the fingerprints of all states of a base begin with. */
uint64_t print_seed(const struct base *b)
{
	return XXH3_64bits(b->key, b->key_len);
}

uint64_t print_of(const struct search *s, uint64_t seed, const uint64_t *set)
{
	uint64_t h = XXH3_64bits_withSeed(set, s->words * sizeof(*set), seed);

	return h ? h : 1;
}

/*
 * Fingerprints lie about in their order, whatever the number of slots: so it need
 * not be a power of two, and a larger table is filled from one end to the other.
 */
static uint64_t *find(const struct shard *sh, uint64_t print)
{
	uint64_t at = (print >> 32) * sh->print_slots >> 32;

	while (sh->print[at] && sh->print[at] != print)
		at = at + 1 == sh->print_slots ? 0 : at + 1;
	return &sh->print[at];
}

void print_prefetch(const struct search *s, uint32_t id, uint64_t print)
{
	const struct shard *sh = &s->shard[id & (NSHARDS - 1)];

	if (sh->print_slots)
		__builtin_prefetch(&sh->print[(print >> 32) * sh->print_slots >> 32]);
}

bool print_seen(const struct search *s, uint32_t id, uint64_t print)
{
	const struct shard *sh = &s->shard[id & (NSHARDS - 1)];

	return sh->print_slots && *find(sh, print);
}

/* Room for one more, at most seven of eight slots taken, and seven of ten or more. */
static bool room(struct search *s, struct shard *sh)
{
	uint64_t n = sh->print_slots ? sh->print_slots + sh->print_slots / 4 : 256;
	uint64_t *old = sh->print, nold = sh->print_slots;

	if (sh->nprints * 8 < nold * 7)
		return true;
	sh->print = mem_get(s, n * sizeof(*sh->print));
	if (!sh->print) {
		sh->print = old;
		return false;
	}
	sh->print_slots = n;
	for (uint64_t i = 0; i < nold; i++)
		if (old[i])
			*find(sh, old[i]) = old[i];
	mem_put(s, old, nold * sizeof(*old));
	return true;
}

/* 1: added; 0: it was there; -1: no memory */
int print_add(struct search *s, struct shard *sh, uint64_t print)
{
	uint64_t *slot;

	if (!room(s, sh))
		return -1;
	slot = find(sh, print);
	if (*slot)
		return 0;
	*slot = print;
	sh->nprints++;
	return 1;
}

/* Once its states are extended: forgets what a base's list has of levels before the next one. */
void print_forget(struct search *s, struct base *b)
{
	uint32_t n = b->n - b->next;
	uint8_t *list = NULL;

	if (n)
		list = mem_try(s, n * s->entry_size);
	if (list) {
		memcpy(list, b->list + b->next * s->entry_size, n * s->entry_size);
		mem_put(s, b->list, b->cap * s->entry_size);
		b->list = list;
		b->cap = n;
	} else if (n) {
		memmove(b->list, b->list + b->next * s->entry_size, n * s->entry_size);
	} else {
		mem_put(s, b->list, b->cap * s->entry_size);
		b->list = NULL;
		b->cap = 0;
	}
	b->n = n;
	b->now = b->next = 0;
}

/* That two of @n random 64-bit numbers are equal, at most. */
double print_odds(uint64_t n)
{
	return (double)n * (double)(n ? n - 1 : 0) / 2 / 18446744073709551616.0;
}
