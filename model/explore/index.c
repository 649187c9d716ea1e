/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Where the lists of bases are long, because nothing is covered: all states of a
 * shard in one hash table, compared in full.
 */
#define XXH_INLINE_ALL
#define XXH_NO_STREAM
#include <xxhash.h>

#include "internal.h"

#define INDEX_BITS 32
#define LOCAL_BITS 22
#define TAG_BITS (64 - INDEX_BITS - LOCAL_BITS)

_Static_assert((uint64_t)MAX_BASE_CHUNKS * BASE_CHUNK <= 1ull << LOCAL_BITS, "room for a base");

uint64_t index_hash(const struct search *s, uint32_t id, const uint64_t *set)
{
	return XXH3_64bits_withSeed(set, s->words * sizeof(*set), id >> SHARD_BITS);
}

static struct base *local_base(const struct shard *sh, uint32_t local)
{
	return &sh->chunk[local / BASE_CHUNK][local % BASE_CHUNK];
}

/*
 * Slots hold part of the hash, a base and an index in its list, + 1.  The part of the
 * hash spares a look into the list, which no cache holds, where it would be in vain.
 */
static uint64_t slot_of(uint64_t hash, uint32_t local, uint32_t entry)
{
	uint64_t tag = hash >> (64 - TAG_BITS);

	return (tag << (64 - TAG_BITS) | (uint64_t)local << INDEX_BITS | entry) + 1;
}

static uint64_t *find(const struct search *s, const struct shard *sh, uint32_t local,
		      uint64_t hash, const uint64_t *set)
{
	uint64_t mask = sh->index_slots - 1, at = hash & mask;
	uint64_t like = (slot_of(hash, local, 0) - 1) >> INDEX_BITS;

	for (; sh->index[at]; at = (at + 1) & mask) {
		uint64_t place = sh->index[at] - 1;

		if (place >> INDEX_BITS == like &&
		    equal_set(s, entry_at(s, local_base(sh, local), (uint32_t)place)->set, set))
			break;
	}
	return &sh->index[at];
}

/* Fetches what index_find() will look at first. */
void index_prefetch(const struct search *s, uint32_t id, uint64_t hash)
{
	const struct shard *sh = &s->shard[id & (NSHARDS - 1)];

	if (sh->index_slots)
		__builtin_prefetch(&sh->index[hash & (sh->index_slots - 1)]);
}

/* The entry of a base with this set, or NONE. */
uint32_t index_find(const struct search *s, uint32_t id, uint64_t hash, const uint64_t *set)
{
	const struct shard *sh = &s->shard[id & (NSHARDS - 1)];
	uint64_t place = sh->index_slots ? *find(s, sh, id >> SHARD_BITS, hash, set) : 0;

	return place ? (uint32_t)(place - 1) : NONE;
}

static uint64_t *find_entry(const struct search *s, const struct shard *sh, uint32_t id,
			    uint32_t entry, uint64_t *hash)
{
	const uint64_t *set = entry_at(s, base_at(s, id), entry)->set;

	*hash = index_hash(s, id, set);
	return find(s, sh, id >> SHARD_BITS, *hash, set);
}

static bool grow(struct search *s, struct shard *sh)
{
	uint64_t n = sh->index_slots ? sh->index_slots * 2 : 64, nold = sh->index_slots;
	uint64_t *old = sh->index, *index = mem_get(s, n * sizeof(*index)), hash;
	uint32_t number = (uint32_t)(sh - s->shard);

	if (!index)
		return false;
	sh->index = index;
	sh->index_slots = n;
	for (uint64_t i = 0; i < nold; i++) {
		uint64_t place = old[i] - 1;
		uint32_t local = (uint32_t)(place >> INDEX_BITS) & ((1u << LOCAL_BITS) - 1);

		if (old[i])
			*find_entry(s, sh, local << SHARD_BITS | number, (uint32_t)place, &hash) =
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
	uint64_t hash, *slot;

	if (!index_room(s, sh))
		return false;
	slot = find_entry(s, sh, id, entry, &hash);
	*slot = slot_of(hash, id >> SHARD_BITS, entry);
	sh->nindex++;
	return true;
}
