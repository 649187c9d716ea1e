/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Bases: the parts of states that do not depend on S, each stored once, by the
 * canonical bytes of the representative of its orbit, squeezed.
 */
#define XXH_INLINE_ALL
#define XXH_NO_STREAM
#include <xxhash.h>

#include "internal.h"

#define ARENA (1u << 16)

bool base_init(struct search *s)
{
	s->heads = mem_get(s, MAX_CHUNKS * sizeof(*s->heads));
	s->maps = mem_get(s, MAX_CHUNKS * sizeof(*s->maps));
	s->duties = mem_get(s, MAX_CHUNKS * sizeof(*s->duties));
	for (unsigned int i = 0; i < NSHARDS; i++)
		s->shard[i].chunk = mem_get(s, MAX_BASE_CHUNKS * sizeof(*s->shard[i].chunk));
	return !s->nomem && base_cache_grow(s);
}

/*
 * Squeezed, a key is what it has other than the initial state's, eight bytes by eight: which
 * eights, and for each of those which bytes, and by what they differ.
 */
static size_t squeeze(const struct search *s, const uint8_t *key, uint8_t *to)
{
	size_t eights = s->key_cap / 8, n = (eights + 7) / 8;

	memset(to, 0, n);
	for (size_t i = 0; i < eights; i++) {
		size_t bits = n;
		uint64_t eight, like;

		memcpy(&eight, key + 8 * i, sizeof(eight));
		memcpy(&like, s->like + 8 * i, sizeof(like));
		eight ^= like;
		if (!eight)
			continue;
		to[i / 8] |= (uint8_t)(1u << i % 8);
		to[n++] = 0;
		while (eight) {
			unsigned int byte = (unsigned int)__builtin_ctzll(eight) / 8;

			to[bits] |= (uint8_t)(1u << byte);
			to[n++] = (uint8_t)(eight >> 8 * byte);
			eight &= ~(0xffull << 8 * byte);
		}
	}
	return n;
}

/* A key from @n squeezed bytes; false if they are none. */
static bool unsqueeze(const struct search *s, const uint8_t *from, size_t n, uint8_t *key)
{
	size_t eights = s->key_cap / 8, at = (eights + 7) / 8;

	if (n < at)
		return false;
	memcpy(key, s->like, s->key_cap);
	for (size_t i = 0; i < eights; i++) {
		unsigned int bits;

		if (!(from[i / 8] >> i % 8 & 1))
			continue;
		if (at == n)
			return false;
		for (bits = from[at++]; bits && at < n; bits &= bits - 1)
			key[8 * i + (unsigned int)__builtin_ctz(bits)] ^= from[at++];
		if (bits)
			return false;
	}
	return at == n;
}

/* A key: the implementation's bytes, the head, zeroes to a multiple of eight. */
static void make_key(const struct search *s, const uint8_t *impl_state, const uint8_t *head,
		     uint8_t *key)
{
	if (s->use_encode)
		s->impl->encode(s->impl, &s->w, impl_state, key, s->enc_size);
	else
		memcpy(key, impl_state, s->impl_size);
	memcpy(key + s->enc_size, head, s->head_size);
}

/* What others differ from little; @head: the initial state's. */
bool base_like(struct search *s, const uint8_t *impl_state, const uint8_t *head)
{
	s->like = mem_get(s, s->key_cap);
	if (!s->like)
		return false;
	make_key(s, impl_state, head, s->like);
	return true;
}

void base_key(const struct search *s, const struct base *b, uint8_t *key)
{
	(void)unsqueeze(s, b->key, b->key_len, key);
}

static void open_key(const struct search *s, const uint8_t *key, uint8_t *impl_state)
{
	if (s->use_encode)
		s->impl->decode(s->impl, &s->w, impl_state, key, s->enc_size);
	else
		memcpy(impl_state, key, s->impl_size);
}

/* The implementation's state in a base. */
void base_open(const struct search *s, const struct base *b, struct worker *k,
	       uint8_t *impl_state)
{
	base_key(s, b, k->enc2);
	open_key(s, k->enc2, impl_state);
}

static uint32_t *find_slot(struct search *s, struct shard *sh, uint32_t hash,
			   const uint8_t *squeezed, size_t len)
{
	uint32_t at = (hash >> SHARD_BITS) & (sh->nslots - 1);

	for (; sh->slot[at]; at = (at + 1) & (sh->nslots - 1)) {
		uint32_t i = sh->slot[at] - 1;
		const struct base *b = &sh->chunk[i / BASE_CHUNK][i % BASE_CHUNK];

		if (b->hash == hash && b->key_len == len && !memcmp(b->key, squeezed, len))
			break;
	}
	(void)s;
	return &sh->slot[at];
}

static bool grow_slots(struct search *s, struct shard *sh)
{
	uint32_t n = sh->nslots ? sh->nslots * 2 : 64;
	uint32_t *slot = mem_get(s, n * sizeof(*slot));

	if (!slot)
		return false;
	for (uint32_t i = 0; i < sh->nbases; i++) {
		uint32_t at = (sh->chunk[i / BASE_CHUNK][i % BASE_CHUNK].hash >> SHARD_BITS) &
			      (n - 1);

		while (slot[at])
			at = (at + 1) & (n - 1);
		slot[at] = i + 1;
	}
	mem_put(s, sh->slot, sh->nslots * sizeof(*slot));
	sh->slot = slot;
	sh->nslots = n;
	return true;
}

static uint8_t *keep_key(struct search *s, struct shard *sh, const uint8_t *key, size_t len)
{
	uint8_t *p;

	if (sh->arena_left < len) {
		size_t size = len > ARENA ? len : ARENA;
		uint8_t **link = mem_get(s, size + sizeof(void *));

		if (!link)
			return NULL;
		/* arenas are chained, to be freed */
		*link = sh->arena_first;
		sh->arena_first = (uint8_t *)link;
		sh->arena = (uint8_t *)(link + 1);
		sh->arena_left = size;
	}
	p = sh->arena;
	memcpy(p, key, len);
	sh->arena += len;
	sh->arena_left -= len;
	return p;
}

static struct base *new_base(struct search *s, struct shard *sh)
{
	uint32_t i = sh->nbases;

	if (i / BASE_CHUNK == MAX_BASE_CHUNKS || i >= NONE >> SHARD_BITS) {
		s->limit = true;
		return NULL;
	}
	if (i % BASE_CHUNK == 0)
		sh->chunk[i / BASE_CHUNK] = mem_get(s, BASE_CHUNK * sizeof(struct base));
	return sh->chunk[i / BASE_CHUNK] ? &sh->chunk[i / BASE_CHUNK][i % BASE_CHUNK] : NULL;
}

static uint32_t insert(struct search *s, struct shard *sh, uint32_t hash, const uint8_t *squeezed,
		       size_t len, uint32_t head, uint64_t stab, uint32_t duties)
{
	uint32_t *slot, number = (uint32_t)(sh - s->shard);
	struct base *b;

	if (sh->nbases * 4 >= sh->nslots * 3 && !grow_slots(s, sh))
		return NONE;
	slot = find_slot(s, sh, hash, squeezed, len);
	if (*slot)
		return (*slot - 1) << SHARD_BITS | number;
	b = new_base(s, sh);
	if (!b)
		return NONE;
	b->key = keep_key(s, sh, squeezed, len);
	if (!b->key)
		return NONE;
	b->key_len = (uint16_t)len;
	b->hash = hash;
	b->stab = stab;
	b->head = head;
	b->duties = duties;
	sh->nforeign += remote_owner(s, hash) != s->cfg->rank;
	*slot = ++sh->nbases;
	return (sh->nbases - 1) << SHARD_BITS | number;
}

/* The base with this key, which is its orbit's representative; made if it is new. */
uint32_t base_add(struct search *s, struct worker *k, const uint8_t *key, uint32_t head,
		  uint64_t stab)
{
	size_t len = squeeze(s, key, k->squeezed);
	uint32_t hash = (uint32_t)XXH3_64bits(k->squeezed, len), id = NONE, duties;
	struct shard *sh = &s->shard[hash & (NSHARDS - 1)];

	lock(&sh->lock);
	if (sh->nslots) {
		uint32_t *slot = find_slot(s, sh, hash, k->squeezed, len);

		if (*slot)
			id = (*slot - 1) << SHARD_BITS | (hash & (NSHARDS - 1));
	}
	unlock(&sh->lock);
	if (id != NONE)
		return id;
	open_key(s, key, k->impl2);
	duties = duties_of(s, k, k->impl2, head);
	if (duties == NONE)
		return NONE;
	lock(&sh->lock);
	id = insert(s, sh, hash, k->squeezed, len, head, stab, duties);
	unlock(&sh->lock);
	return id;
}

/* A base from a checkpoint, whose key is squeezed already. */
uint32_t base_restore(struct search *s, struct worker *k, const uint8_t *squeezed, size_t len,
		      uint64_t stab)
{
	uint32_t head;

	if (!unsqueeze(s, squeezed, len, k->enc))
		return NONE;
	head = head_find(s, k->enc + s->enc_size);
	return head == NONE ? NONE : base_add(s, k, k->enc, head, stab);
}

/* The key of what symmetry @g makes of a state, and its head. */
static uint32_t turned_key(struct search *s, struct worker *k, unsigned int g,
			   const uint8_t *impl_state, uint32_t head, uint8_t *key)
{
	uint32_t turned = head_turned(s, k, head, g);

	if (turned == NONE)
		return NONE;
	s->impl->permute(s->impl, &s->w, k->impl2, impl_state, &s->group[g]);
	make_key(s, k->impl2, head_at(s, turned)->bytes, key);
	return turned;
}

/* Was this key's representative found a short while ago?  Compared byte for byte. */
static uint32_t look_up(struct search *s, struct worker *k, uint64_t hash,
			const uint8_t *impl_state, uint32_t head, const uint8_t *key,
			unsigned int *turn)
{
	uint64_t tag = atomic_load_explicit(&s->cache[hash & s->cache_mask].tag,
					    memory_order_acquire);
	uint32_t id = (uint32_t)(tag >> 6) - 1u;
	const struct base *b;

	if (!tag || tag >> 38 != hash >> 38)
		return NONE;
	*turn = tag & 63u;
	b = base_at(s, id);
	if (*turn) {
		if (turned_key(s, k, *turn, impl_state, head, k->enc2) == NONE)
			return NONE;
		key = k->enc2;
	}
	if (squeeze(s, key, k->squeezed) != b->key_len ||
	    memcmp(k->squeezed, b->key, b->key_len))
		return NONE;
	return id;
}

/*
 * Between levels: as many slots as there are ways to write the bases down, unless
 * that took more than an eighth of the memory.  It works with fewer, too.
 */
bool base_cache_grow(struct search *s)
{
	uint64_t want = 1u << 16, n = s->cache_mask + 1, bases = 0;
	uint64_t most = s->cfg->max_memory / 8 / sizeof(struct cache_slot);
	struct cache_slot *cache;

	for (unsigned int i = 0; i < NSHARDS; i++)
		bases += s->shard[i].nbases;
	while (want < bases * s->ngroup && want < 1u << 25 && (!most || want * 2 <= most))
		want *= 2;
	if (s->cache && want <= n)
		return true;
	cache = s->cache ? mem_try(s, want * sizeof(*cache)) : mem_get(s, want * sizeof(*cache));
	if (!cache)
		return s->cache;
	if (s->cache)
		mem_put(s, s->cache, n * sizeof(*cache));
	s->cache = cache;
	s->cache_mask = want - 1;
	return true;
}

/* First of two steps: a state's own key and its hash, and memory on its way. */
uint64_t base_prepare(const struct search *s, const uint8_t *impl_state, uint32_t head,
		      uint8_t *key)
{
	uint64_t hash;

	make_key(s, impl_state, head_at(s, head)->bytes, key);
	hash = XXH3_64bits(key, s->key_cap);
	__builtin_prefetch(&s->cache[hash & s->cache_mask]);
	return hash;
}

/* Between the two: the base that it will probably be. */
void base_prefetch(const struct search *s, uint64_t hash)
{
	uint64_t tag = atomic_load_explicit(&s->cache[hash & s->cache_mask].tag,
					    memory_order_acquire);

	if (tag && tag >> 38 == hash >> 38)
		__builtin_prefetch(base_at(s, (uint32_t)(tag >> 6) - 1u));
}

/*
 * The representative of a state's orbit: the smallest key.  @turn: a symmetry
 * that leads there.  Uses impl2, c, head, enc2, best of the worker.
 */
uint32_t base_intern(struct search *s, struct worker *k, const uint8_t *impl_state,
		     uint32_t head, const uint8_t *key, uint64_t hash, unsigned int *turn)
{
	uint64_t ties = 1, stab = 0;
	uint32_t id, best_head = head;

	id = look_up(s, k, hash, impl_state, head, key, turn);
	if (id != NONE)
		return id;
	*turn = 0;
	memcpy(k->best, key, s->key_cap);
	for (unsigned int g = 1; g < s->ngroup; g++) {
		uint32_t turned = turned_key(s, k, g, impl_state, head, k->enc2);
		int order = memcmp(k->enc2, k->best, s->key_cap);

		if (turned == NONE)
			return NONE;
		if (order > 0)
			continue;
		if (order < 0) {
			memcpy(k->best, k->enc2, s->key_cap);
			best_head = turned;
			*turn = g;
			ties = 0;
		}
		ties |= 1ull << g;
	}
	for (; ties; ties &= ties - 1)
		stab |= 1ull << s->compose[(unsigned int)__builtin_ctzll(ties) * MAX_GROUP +
					   s->inverse[*turn]];
	id = base_add(s, k, k->best, best_head, stab);
	/* 26 bits of the hash, the base, the symmetry */
	if (id != NONE && id < (1u << 31))
		atomic_store_explicit(&s->cache[hash & s->cache_mask].tag,
				      (hash >> 38) << 38 | (uint64_t)(id + 1u) << 6 | *turn,
				      memory_order_release);
	return id;
}
