/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The canonical form of the machine's memory, and a table of all that there were.
 *
 * All memory that was in use at the world's beginning is compared with it, whatever
 * it is for, except what is left out by name.  What was allocated later is shadow
 * pages and what belongs to them, which the kernel side writes; if there is anything
 * else, the state is like no other.  So a field that nobody has thought of makes two
 * states of one, never one of two.
 */
#define XXH_INLINE_ALL
#define XXH_NO_STREAM
#include <xxhash.h>

#include "canon.h"

#include <stdlib.h>
#include <string.h>

#include "cpus.h"
#include "delta.h"
#include "psc.h"

#define MIN_FREE 8u	/* KVM evicts before less than five pages are free */

struct entry {
	uint32_t state, size;
	uint64_t hash;
	uint8_t *bytes;
};

static struct entry *entries;
static uint32_t nentries, cap, *slots, nslots;

static uint8_t *buf;
static size_t len, buf_cap;

static struct glue_pages pages;
static const struct vtlb_world *world;
static unsigned long counted, others;
static bool order, gone;

/* A byte that says which bytes of the word are not 0, and these. */
static void put(unsigned long word)
{
	uint8_t *map;

	if (len + 9 > buf_cap) {
		buf_cap = buf_cap ? 2 * buf_cap : 65536;
		buf = machine_grow(buf, buf_cap, 1);
	}
	map = &buf[len++];
	*map = 0;
	for (unsigned int i = 0; word; i++, word >>= 8) {
		if (!(word & 0xff))
			continue;
		*map |= (uint8_t)(1u << i);
		buf[len++] = (uint8_t)word;
	}
}

static void count(const void *at)
{
	(void)at;
	counted++;
}

static void skip_object(const void *at)
{
	delta_skip(at, env_size(at));
	counted++;
}

static void skip_free(const void *at)
{
	delta_skip(at, env_size(at));
}

/*
 * Can there be so many shadow pages that KVM evicts some?  Then the order in which it
 * would is part of the state.  A guest table has a shadow page for each role, a
 * directory's pointer table too, and a zapped root can be held four times over.
 */
static bool may_evict(const struct vtlb_world *w)
{
	unsigned long n = guest_ntables(w) + w->nuppers + 3u, roles = 1;
	uint32_t ops = w->ops;

	if (!ops || ops & (1u << VTLB_OP_INIT))
		return true;
	if (ops & (1u << VTLB_OP_MOV_CR0))
		roles *= 2;
	if (ops & (1u << VTLB_OP_MOV_CR4))
		roles *= (w->features & VTLB_F_SMEP ? 2u : 1u) *
			 (w->features & VTLB_F_SMAP ? 2u : 1u);
	if (ops & (1u << VTLB_OP_WRMSR_EFER))
		roles *= 2;
	return n * roles + 4ul * w->nvcpus * w->nroots + 16 + MIN_FREE > glue_state_room();
}

void canon_dead(void (*dead)(const void *at, unsigned long size))
{
	glue_state_dead(dead);
	cpus_dead(dead);
	tlb_dead(dead);
	/* written before each use */
	dead(guest_descriptor_at(world), 16);
}

/* Of guest pages the kernel keeps flags ("dirty") that only the host's paging reads. */
static void skip_ours(void)
{
	cpus_skip(delta_skip);
	psc_skip(delta_skip);
	env_skip(delta_skip);
	for (unsigned long page = 0; page < GLUE_RAM_SIZE / GLUE_PAGE; page++)
		delta_skip((void *)(GLUE_VMEMMAP + page * glue_page_struct_size),
			   sizeof(unsigned long));
}

void canon_begin(const struct vtlb_world *w)
{
	if (!glue_state_merges)
		return;
	world = w;
	counted = 0;
	canon_dead(delta_skip);
	glue_state_skip(delta_skip);
	glue_state_objects(&pages, skip_object);
	env_each_free(skip_free);
	skip_ours();
	others = env_objects() - counted;
	order = may_evict(w);
}

/* An object of the beginning that is neither a shadow page's nor was free: what took its place? */
static void look_at_free(const void *at)
{
	gone |= !delta_skipped(at);
}

static void write_objects(void *arg)
{
	(void)arg;
	counted = 0;
	glue_state_objects(&pages, count);
	glue_state_write(&pages, order, put);
}

static unsigned long number(unsigned long at)
{
	return glue_state_number(&pages, at);
}

static void rehash(void)
{
	nslots = nslots ? nslots * 2 : 4096;
	slots = machine_grow(slots, nslots, sizeof(*slots));
	memset(slots, 0, nslots * sizeof(*slots));
	for (uint32_t i = 0; i < nentries; i++) {
		uint32_t at = (uint32_t)entries[i].hash & (nslots - 1);

		while (slots[at])
			at = (at + 1) & (nslots - 1);
		slots[at] = i + 1;
	}
}

static uint32_t find(uint32_t state)
{
	uint64_t h = XXH3_64bits(buf, len);
	struct entry *e;
	uint32_t at;

	if (nentries * 2 >= nslots)
		rehash();
	for (at = (uint32_t)h & (nslots - 1); slots[at]; at = (at + 1) & (nslots - 1)) {
		e = &entries[slots[at] - 1];
		if (e->hash == h && e->size == len && !memcmp(e->bytes, buf, len))
			return e->state;
	}
	if (nentries == cap) {
		cap = cap ? cap * 2 : 4096;
		entries = machine_grow(entries, cap, sizeof(*entries));
	}
	e = &entries[nentries];
	*e = (struct entry){ .state = state, .size = (uint32_t)len, .hash = h,
			     .bytes = machine_grow(NULL, len, 1) };
	memcpy(e->bytes, buf, len);
	slots[at] = ++nentries;
	return state;
}

void canon_forget(void)
{
	for (uint32_t i = 0; i < nentries; i++)
		free(entries[i].bytes);
	nentries = 0;
	if (nslots)
		memset(slots, 0, nslots * sizeof(*slots));
}

/* Writes the state; false: it is like no other. */
static bool write_state(void)
{
	bool known;

	/* which processor did the last operation matters to no other */
	if (host_cpu()) {
		delta_touch();
		cpus_switch(0);
	}
	len = 0;
	delta_words(put);
	put(~0ul);
	known = machine_guard(write_objects, NULL);
	gone = env_objects() - counted != others;
	env_each_free(look_at_free);
	/* the future depends on who is given the page next */
	return psc_write(number, put) && known && !gone;
}

uint32_t canon_same(uint32_t world_number, uint32_t state)
{
	if (!glue_state_merges)
		return state;
	if (!write_state())
		return state;
	put(world_number);
	return find(state);
}

bool canon_alone(void)
{
	return !write_state();
}

bool canon_order(void)
{
	return order;
}
