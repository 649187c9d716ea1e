/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Where the lists of bases are long, because nothing is covered: all states of a
 * shard in one hash table, compared in full.
 */
#define XXH_INLINE_ALL
#define XXH_NO_STREAM
#include <xxhash.h>

#include "internal.h"

static uint64_t hash_of(const struct search *s, uint32_t local, const uint64_t *set)
{
	return XXH3_64bits_withSeed(set, s->words * sizeof(*set), local);
}

static struct base *local_base(const struct shard *sh, uint32_t local)
{
	return &sh->chunk[local / BASE_CHUNK][local % BASE_CHUNK];
}

/* Slots hold a base and an index in its list, + 1. */
static uint64_t *find(const struct search *s, const struct shard *sh, uint32_t local,
		      const uint64_t *set)
{
	uint64_t mask = sh->index_slots - 1, at = hash_of(s, local, set) & mask;

	for (; sh->index[at]; at = (at + 1) & mask) {
		uint64_t place = sh->index[at] - 1;

		if (place >> 32 == local &&
		    equal_set(s, entry_at(s, local_base(sh, local), (uint32_t)place)->set, set))
			break;
	}
	return &sh->index[at];
}

/* The entry of a base with this set, or NONE. */
uint32_t index_find(const struct search *s, uint32_t id, const uint64_t *set)
{
	const struct shard *sh = &s->shard[id & (NSHARDS - 1)];
	uint64_t place = sh->index_slots ? *find(s, sh, id >> SHARD_BITS, set) : 0;

	return place ? (uint32_t)(place - 1) : NONE;
}

static bool grow(struct search *s, struct shard *sh)
{
	uint64_t n = sh->index_slots ? sh->index_slots * 2 : 64, nold = sh->index_slots;
	uint64_t *old = sh->index, *index = mem_get(s, n * sizeof(*index));

	if (!index)
		return false;
	sh->index = index;
	sh->index_slots = n;
	for (uint64_t i = 0; i < nold; i++) {
		uint32_t local = (uint32_t)((old[i] - 1) >> 32);

		if (old[i])
			*find(s, sh, local,
			      entry_at(s, local_base(sh, local), (uint32_t)(old[i] - 1))->set) =
				old[i];
	}
	mem_put(s, old, nold * sizeof(*old));
	return true;
}

/* Room for one more, at most seven of eight slots taken. */
bool index_room(struct search *s, struct shard *sh)
{
	return sh->nindex * 8 < sh->index_slots * 7 || grow(s, sh);
}

bool index_add(struct search *s, struct shard *sh, uint32_t id, uint32_t entry)
{
	uint32_t local = id >> SHARD_BITS;

	if (!index_room(s, sh))
		return false;
	*find(s, sh, local, entry_at(s, local_base(sh, local), entry)->set) =
		((uint64_t)local << 32 | entry) + 1;
	sh->nindex++;
	return true;
}
