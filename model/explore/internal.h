/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Private to model/explore: how a search stores states, and the functions that
 * its files share.
 *
 * A state is a *base* and a *set*.  The base is the implementation's state and
 * the contract's registers, page tables and marks, all that a step changes in
 * the same way whatever S is.  The set is the rest of the contract's state, S
 * and the side sets, as a row of bits.  Bases are stored once; each has a list
 * of the sets that it was reached with.  What an operation leads to from a base
 * is an *edge*: another base, and a map of sets.  A map is additive: what it
 * does to a set is what it does to the set's bits, united (map.c).
 */
#ifndef VTLB_EXPLORE_INTERNAL_H
#define VTLB_EXPLORE_INTERNAL_H

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "vtlb/explore.h"

#define SHARD_BITS 6u
#define NSHARDS (1u << SHARD_BITS)
#define MAX_GROUP 64u
#define MAX_JOBS 64u
#define MAX_RANKS 256u
#define MAX_SET_WORDS 32u /* 64-bit words of a set: 2048 bits */
#define MAX_MAP_RULES 16u
#define MAX_FACES 256u
#define NONE 0xffffffffu
#define NO_TARGET NONE
#define NO_ANSWER (NONE - 1u)
#define AGAIN (NONE - 2u)
#define NO_MOVE (NONE - 3u)

/* A lock that is held for a few hundred instructions at most. */
struct lock {
	atomic_flag flag;
};

static inline void lock(struct lock *l)
{
	while (atomic_flag_test_and_set_explicit(&l->flag, memory_order_acquire))
		;
}

static inline void unlock(struct lock *l)
{
	atomic_flag_clear_explicit(&l->flag, memory_order_release);
}

/**
 * struct entry - head of one state in its base's list; the set's words follow.
 *	Where there are fingerprints only the set is there: see set_at()
 * @base, @index: the parent: its base and its place in that base's list; while
 *	the state is new, .base is the parent's rank and .index the edge; several
 *	processes do not keep it
 */
struct entry {
	uint32_t base;
	uint32_t index;
	uint64_t set[];
};

/**
 * struct edge - one outcome of one operation
 * @target: base; NO_TARGET: contract and implementation end in different faults;
 *	NO_ANSWER: one of them can not say; NO_MOVE: it leads nowhere new; AGAIN: an
 *	edge before it leads to the same, and what this one removes is yet to be counted
 * @map: what becomes of the set
 * @turn: symmetry that makes the target its orbit's representative
 */
struct edge {
	uint32_t target;
	uint32_t map : 26;
	uint32_t turn : 6;
};

/**
 * struct base - see the file's header
 * @key: canonical bytes: implementation state, then head of the contract state
 *	or states, squeezed (base.c)
 * @stab: bit g: symmetry g maps it to itself
 * @list: entries, in the order of their depth
 * @n, @cap: entries in the list, room in it
 * @now: first entry of the level that is being extended
 * @next: first entry of the level that is being found
 * @edges: NULL until wanted; .nedges of them
 * @duties: index of its list of duties (safe.c)
 * @head: the head that is part of it
 * @rank: place of its entries of this level in search.rank
 * @listed: it is in its shard's list of bases with new entries
 */
struct base {
	const uint8_t *key;
	struct edge *edges;
	uint8_t *list;
	uint64_t stab;
	uint32_t hash;
	uint32_t n, cap, now, next;
	uint32_t duties;
	uint32_t rank;
	uint32_t head;
	uint16_t nedges;
	uint16_t key_len;
	bool listed;
};

/**
 * struct map - what one operation with one outcome does to sets, in one head
 * @op: index in the alphabet; @outcome: of an access
 * @same: it changes no set
 * @fault: enum vtlb_fault that the contract demands; then nothing changes
 * @next: the head that it leads to
 * @like: first map of its head that does the same
 * @nspecial: bits whose image is more than themselves; .special and .row have them
 * @keep, @base: words: bits that stay; bits that are there afterwards anyway
 * @drop: per record: bits of which it removes something
 */
struct map {
	uint16_t op;
	bool same;
	uint8_t fault;
	uint8_t nrules;
	uint32_t next;
	uint32_t like;
	uint32_t outcome;
	uint32_t nspecial;
	uint8_t rule[MAX_MAP_RULES];
	uint8_t has_drop[MAX_MAP_RULES];
	uint16_t *special;
	uint64_t *keep, *base, *special_mask, *row, *drop;
};

/**
 * struct duty - an outcome that is possible, and the bits of which one must be
 * set so that it is allowed
 * @vcpu, @page, @kind, @outcome: what it is
 * @owe: it is about the second contract
 */
struct duty {
	uint8_t vcpu, page, kind, owe;
	uint32_t outcome;
	uint64_t *mask;
};

struct duties {
	uint32_t n;
	struct duty **duty;
};

/**
 * struct head - one distinct head of the contract's states, by its bytes
 * @maps: by operation and outcome
 * @turned: per symmetry the head that it makes of this one, + 1; 0: not known yet
 */
struct head {
	uint8_t *bytes;
	_Atomic uint32_t *turned;
	struct label_map {
		uint16_t op;
		uint32_t outcome;
		uint32_t map;
	} * maps;
	size_t nmaps, maps_cap;
	struct duty **duty;
	size_t nduty, duty_cap;
	struct lock lock;
};

/* What a thread needs for itself: scratch states and counters. */
struct worker {
	uint8_t *impl, *impl2, *impl3, *impl4; /* implementation states */
	uint8_t *enc, *enc2, *best, *squeezed; /* keys */
	uint8_t *c[4]; /* contract states */
	uint8_t *head; /* bytes of a head */
	uint64_t *set, *set2, *set3, *scratch;
	uint8_t *candidate;
	struct edge *edges; /* of the base under way, and for each: */
	uint8_t *states, *keys; /* where the implementation went, its key */
	uint64_t *hashes, *seeds; /* of its key; of candidates of the base that it leads to */
	uint64_t gathered; /* bytes of candidates in this block */
	uint64_t *recent; /* states that were looked for and are old (list.c) */
	uint64_t transitions;
	uint64_t faults;
	struct vtlb_explore_count op[VTLB_MAX_ALPHABET];
	struct vtlb_explore_count rule[VTLB_MAX_RULES];
	struct buffer { /* candidates, one buffer a shard */
		uint8_t *data;
		size_t len, cap;
	} out[NSHARDS], bad;
	bool nomem, owe;
	struct tally {			/* what was counted before this block */
		uint64_t transitions, faults;
		struct vtlb_explore_count op[VTLB_MAX_ALPHABET];
		struct vtlb_explore_count rule[VTLB_MAX_RULES];
	} before;
};

/* A candidate: where an edge led from a state that was not seen before. */
struct candidate {
	uint32_t base;
	uint32_t parent; /* rank of the parent */
	uint32_t edge;
	uint32_t pad;
	uint64_t hash; /* list_hash() */
	uint64_t set[];
};

/* A place in the list of a base. */
struct place {
	uint32_t base;
	uint32_t index;
};

struct shard {
	struct lock lock;
	struct base **chunk; /* MAX_BASE_CHUNKS pointers to BASE_CHUNK bases */
	uint32_t nbases;
	uint32_t *slot; /* hash table of local indices + 1 */
	uint32_t nslots;
	uint8_t *arena, *arena_first; /* for keys */
	size_t arena_left;
	uint32_t *active; /* bases with new entries */
	uint32_t nactive, active_cap;
	uint32_t nforeign;		/* bases of other processes */
	uint64_t new_states;
	uint64_t *print; /* fingerprints, open addressing; 0: free */
	uint64_t nprints, print_slots;
	uint64_t *index; /* index.c */
	uint64_t nindex, index_slots;
};

struct cache_slot {
	_Atomic uint64_t tag; /* high part of a hash, base + 1, symmetry */
};


/* The second search, with all deviations waived: what the first was asked, and came to. */
struct first_search {
	uint32_t waive, remember;
	const struct vtlb_explore_result *res;
};

struct search {
	const struct vtlb_explore_config *cfg;
	const struct first_search *first; /* NULL: this is the first */
	struct part *part;
	const struct vtlb_impl *impl;
	struct remember *remember;
	struct vtlb_world w; /* cfg.w with .ops */
	struct vtlb_explore_result *res;
	struct vtlb_contract c[2];
	unsigned int ncontracts;
	size_t impl_size, enc_size, head_size, key_cap;
	uint8_t *like; /* key of the initial state */
	uint16_t *head_at; /* bytes of vtlb_cstate that make a head */
	size_t nhead;
	bool use_encode, cover, prints;
	bool parents; /* a way to each state is kept */
	unsigned int words; /* of a set */
	size_t entry_size, candidate_size;
	size_t set_at; /* where the set is in an entry */

	/* bits of a set: which contract, word and bit of vtlb_cstate.set they are */
	unsigned int nbits;
	struct bit_at {
		uint16_t word;
		uint8_t bit;
		uint8_t contract;
	} * bit;
	uint16_t *bit_index[2]; /* word * 32 + bit: index, or 0xffff */
	uint64_t *reading_mask[2]; /* bits of each contract */

	/* symmetries: [0] is the identity */
	unsigned int ngroup;
	unsigned int nimages; /* of the initial state, to begin with */
	struct vtlb_perm *group;
	struct vtlb_perm *image; /* what to begin with: .nimages renamings */
	uint8_t *compose; /* [g * MAX_GROUP + h]: first h, then g */
	uint8_t *inverse;
	uint16_t *turn_bit; /* [g * nbits + bit] */
	uint16_t *turn_op; /* [g * nops + op] */

	uint32_t guess[VTLB_MAX_LEAFS][VTLB_MAX_ENTRIES]; /* values that entries can have */

	struct shard shard[NSHARDS];
	struct cache_slot *cache;
	uint64_t cache_mask;
	struct lock big_lock; /* heads, maps, duties */
	struct head **heads; /* MAX_CHUNKS pointers to HEAD_CHUNK heads */
	uint32_t nheads;
	uint32_t *head_slot;
	uint32_t head_slots;
	struct map **maps; /* MAX_CHUNKS pointers to MAP_CHUNK maps */
	uint32_t nmaps;
	struct duties **duties; /* MAX_CHUNKS pointers to DUTY_CHUNK lists */
	uint32_t nduties;
	uint32_t *duty_slot;
	uint32_t duty_slots;
	struct worker worker[MAX_JOBS];
	struct buffer send[MAX_RANKS];
	size_t received;		/* most that came in one turn: memory of the caller's */

	/* the level under way */
	uint32_t level;
	struct place *frontier; /* by rank */
	uint32_t nfrontier, nranked; /* nranked: places in .frontier and .rank */
	uint32_t *active; /* bases that have entries in the frontier */
	uint32_t nactive, active_cap;
	uint32_t *rank; /* of the frontier's entries, base by base */
	_Atomic uint32_t next_active, next_shard;
	uint32_t end_active, next_block;
	uint64_t states_before, extended;
	uint8_t *bad; /* candidates that fail; .base NO_TARGET: by a fault */
	size_t nbad, bad_cap;
	uint8_t *bad_all; /* distinct failing states: base, then the set */
	size_t nbad_all, bad_all_cap;
	uint32_t *bad_slot;
	uint32_t bad_slots;
	uint64_t faults;
	struct faces *faces; /* found.c */
	unsigned int nfindings;
	unsigned int first_turn; /* symmetry that leads to the first state */
	uint64_t waiting; /* frontier of all processes */
	bool enough, deviates, mismatch, first_bad, ambiguous;
	bool refused; /* the implementation can not hide tables of this world */

	_Atomic uint64_t bytes, edge_bytes;
	_Atomic bool nomem, unsupported, limit;
	uint64_t violating;
	struct vtlb_explore_stats stats;
	enum vtlb_explore_stop stop;
	bool complete;
};

#define MAX_CHUNKS 16384u
#define MAX_BASE_CHUNKS 8192u
#define BASE_CHUNK 512u
#define HEAD_CHUNK 256u
#define MAP_CHUNK 512u
#define DUTY_CHUNK 512u

static inline struct base *base_at(const struct search *s, uint32_t id)
{
	const struct shard *sh = &s->shard[id & (NSHARDS - 1)];
	uint32_t i = id >> SHARD_BITS;

	return &sh->chunk[i / BASE_CHUNK][i % BASE_CHUNK];
}

static inline struct entry *entry_at(const struct search *s, const struct base *b, uint32_t i)
{
	return (struct entry *)(void *)(b->list + (size_t)i * s->entry_size);
}

static inline uint64_t *set_at(const struct search *s, const struct base *b, uint32_t i)
{
	return (uint64_t *)(void *)(b->list + (size_t)i * s->entry_size + s->set_at);
}

static inline struct head *head_at(const struct search *s, uint32_t i)
{
	return &s->heads[i / HEAD_CHUNK][i % HEAD_CHUNK];
}

static inline const struct map *map_at(const struct search *s, uint32_t i)
{
	return &s->maps[i / MAP_CHUNK][i % MAP_CHUNK];
}

static inline const struct duties *duties_at(const struct search *s, uint32_t i)
{
	return &s->duties[i / DUTY_CHUNK][i % DUTY_CHUNK];
}

static inline void copy_set(const struct search *s, uint64_t *to, const uint64_t *from)
{
	for (unsigned int i = 0; i < s->words; i++)
		to[i] = from[i];
}

static inline bool equal_set(const struct search *s, const uint64_t *a, const uint64_t *b)
{
	for (unsigned int i = 0; i < s->words; i++)
		if (a[i] != b[i])
			return false;
	return true;
}

/* Is every bit of @a in @b? */
static inline bool inside_set(const struct search *s, const uint64_t *a, const uint64_t *b)
{
	uint64_t out = 0;

	for (unsigned int i = 0; i < s->words; i++)
		out |= a[i] & ~b[i];
	return !out;
}

static inline bool meet_set(const struct search *s, const uint64_t *a, const uint64_t *b)
{
	uint64_t both = 0;

	for (unsigned int i = 0; i < s->words; i++)
		both |= a[i] & b[i];
	return both;
}

/* memory.c: every byte is counted; NULL sets search.nomem, but for mem_try() */
void *mem_try(struct search *s, size_t size);
void *mem_get(struct search *s, size_t size);
void *mem_grow(struct search *s, void *p, size_t old, size_t size);
void mem_put(struct search *s, void *p, size_t size);
bool mem_room(struct search *s, void *pp, size_t *cap, size_t need, size_t size);

/* set.c: the bits of a set */
bool set_layout(struct search *s);
bool set_heads(struct search *s);
void set_pack(const struct search *s, uint8_t *const *c, uint64_t *set);
void set_unpack(const struct search *s, const uint8_t *head, const uint64_t *set,
		uint8_t *const *c);
void set_head(const struct search *s, const uint8_t *head, uint8_t *const *c);
void set_take_head(const struct search *s, uint8_t *const *c, uint8_t *head);
void set_turn(const struct search *s, unsigned int g, const uint64_t *set, uint64_t *to);
void set_smallest(const struct search *s, uint64_t stab, uint64_t *set, uint64_t *scratch);

/* group.c: symmetries of alphabet and world */
bool group_find(struct search *s);

/* base.c: bases, found or made */
bool base_init(struct search *s);
bool base_like(struct search *s, const uint8_t *impl_state, const uint8_t *head);
bool base_cache_grow(struct search *s);
uint64_t base_prepare(const struct search *s, const uint8_t *impl_state, uint32_t head,
		      uint8_t *key);
void base_prefetch(const struct search *s, uint64_t hash);
uint32_t base_intern(struct search *s, struct worker *k, const uint8_t *impl_state,
		     uint32_t head, const uint8_t *key, uint64_t hash, unsigned int *turn);
uint32_t base_add(struct search *s, struct worker *k, const uint8_t *key, uint32_t head,
		  uint64_t stab);
uint32_t base_restore(struct search *s, struct worker *k, const uint8_t *squeezed, size_t len,
		      uint64_t stab);
void base_key(const struct search *s, const struct base *b, uint8_t *key);
void base_open(const struct search *s, const struct base *b, struct worker *k,
	       uint8_t *impl_state);

/**
 * struct part - what a search by table looks at
 * @number: from 1; 0: at everything
 * @table, @frame: as in struct vtlb_explore_part
 * @orbit: receives how many it is about; 0: an earlier one is about it
 */
struct part {
	unsigned int number, table, frame, orbit;
	const struct vtlb_explore_result *before; /* of the parts before it */
};

/* Which of the searches of a vtlb_explore() a checkpoint is of; of a part, also which. */
struct phase {
	enum { PHASE_ONE, PHASE_WAIVED, PHASE_PART } kind;
	uint32_t table, frame;
};

/* hidden.c: leaf tables and frames that are not looked at */
bool hidden_init(struct search *s);
bool hidden_ask(struct search *s);
bool is_hidden(const struct search *s);
struct vtlb_op hidden_op(const struct search *s, struct vtlb_op op);
void hidden_forget(const struct search *s, uint8_t *const *c);
uint32_t hidden_walk(const struct search *s, const struct vtlb_cstate *c, unsigned int vcpu,
		     unsigned int page, unsigned int *table);
uint32_t used_values(const struct search *s, unsigned int table);

/* head.c, map.c */
uint32_t head_find(struct search *s, const uint8_t *bytes);
uint32_t head_turned(struct search *s, struct worker *k, uint32_t head, unsigned int g);
uint32_t map_find(struct search *s, struct worker *k, uint32_t head, unsigned int op,
		  uint32_t outcome);

static inline void map_set(const struct search *s, const struct map *m, const uint64_t *set,
			   uint64_t *to)
{
	uint64_t special = 0;

	for (unsigned int i = 0; i < s->words; i++) {
		to[i] = m->base[i] | (set[i] & m->keep[i]);
		special |= set[i] & m->special_mask[i];
	}
	if (!special)
		return;
	for (uint32_t j = 0; j < m->nspecial; j++) {
		unsigned int b = m->special[j];

		if (!(set[b / 64] >> b % 64 & 1u))
			continue;
		for (unsigned int i = 0; i < s->words; i++)
			to[i] |= m->row[j * s->words + i];
	}
}

/* edge.c */
const struct edge *edges_of(struct search *s, struct worker *k, uint32_t id, unsigned int *n);
bool edges_room(struct search *s, struct worker *k);

/* safe.c */
uint32_t duties_of(struct search *s, struct worker *k, const uint8_t *impl_state,
		   uint32_t head);
bool set_safe(const struct search *s, const struct base *b, const uint64_t *set, bool *owe);

/* index.c: all states of a shard, where nothing is covered */
uint64_t index_hash(const struct search *s, uint32_t id, const uint64_t *set);
void index_prefetch(const struct search *s, uint32_t id, uint64_t hash);
uint32_t index_find(const struct search *s, uint32_t id, uint64_t hash, const uint64_t *set);
bool index_room(struct search *s, struct shard *sh);
bool index_add(struct search *s, struct shard *sh, uint32_t id, uint32_t entry);

/* print.c: fingerprints */
uint64_t print_seed(const struct base *b);
uint64_t print_of(const struct search *s, uint64_t seed, const uint64_t *set);
void print_prefetch(const struct search *s, uint32_t id, uint64_t print);
bool print_seen(const struct search *s, uint32_t id, uint64_t print);
int print_add(struct search *s, struct shard *sh, uint64_t print);
void print_forget(struct search *s, struct base *b);
double print_odds(uint64_t n);

/* remote.c: several processes */
unsigned int remote_owner(const struct search *s, uint32_t hash);
bool remote_turn(struct search *s, bool *more, bool ok);
bool remote_agree(struct search *s, bool ok);
uint64_t remote_sum(const struct search *s, uint64_t n);
void remote_stats(struct search *s);
void remote_counts(struct search *s);

/* checkpoint.c */
bool search_save(const struct search *s);
bool search_load(struct search *s);
bool search_load_phase(const struct vtlb_explore_config *cfg, struct vtlb_explore_result *res,
		       struct phase *phase);

/* level.c */
bool level_extend(struct search *s);
void level_stats(const struct search *s, struct vtlb_explore_stats *stats);

/* rank.c */
bool level_end(struct search *s);
uint64_t level_end_size(const struct search *s);

/* list.c: the sets of a base */
uint64_t list_seed(const struct search *s, const struct base *b);
uint64_t list_hash(const struct search *s, const struct candidate *c, uint64_t seed);
void list_prefetch(const struct search *s, const struct candidate *c);
bool list_recent(const struct search *s, const struct worker *k, const struct candidate *c);
bool list_seen(const struct search *s, struct worker *k, const struct candidate *c);
bool list_room(struct search *s, struct worker *k);
bool list_add(struct search *s, struct shard *sh, const struct candidate *c);

/* explore.c */
void run_jobs(struct search *s, vtlb_job_fn fn, void *arg);
bool go_on(struct search *s);
enum vtlb_explore_stop why_stopped(const struct search *s);
bool first_turn_find(struct search *s);
enum vtlb_err explore_one(const struct vtlb_explore_config *cfg,
			  struct vtlb_explore_result *res, struct part *part,
			  const struct first_search *first);

/* table.c: leaf table by leaf table */
enum vtlb_err explore_tables(const struct vtlb_explore_config *cfg,
			     struct vtlb_explore_result *res, const struct phase *from);

/* found.c */
bool found_bad(struct search *s);
bool found_first(struct search *s);
void found_free(struct search *s);
unsigned int found_faces(const struct search *s, const void **faces);
bool found_restore(struct search *s, const void *faces, unsigned int n);

/* What has been reported of a kind. */
struct face {
	uint32_t waiver;
	int32_t rule;
	uint32_t op;
};

#define FACE_SIZE sizeof(struct face)

/* path.c */
bool path_of(struct search *s, struct place last, uint32_t edge, struct vtlb_op *ops,
	     uint32_t *nops);

/* remember.c: the implementation that config.remember asks for; NULL: no memory */
const struct vtlb_impl *remember_init(struct search *s);

/* count.c */
void count_all(struct search *s);
uint64_t count_orbits(const struct search *s);
void count_can_apply(struct search *s);

#endif /* VTLB_EXPLORE_INTERNAL_H */
