/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Heads of the contract's states, each once: registers, page tables, marks of
 * waivers.  Maps and duties depend on nothing else and are kept with them.
 */
#define XXH_INLINE_ALL
#define XXH_NO_STREAM
#include <xxhash.h>

#include "internal.h"

static bool grow_slots(struct search *s)
{
	uint32_t n = s->head_slots ? s->head_slots * 2 : 1024;
	uint32_t *slot = mem_get(s, n * sizeof(*slot));

	if (!slot)
		return false;
	for (uint32_t i = 0; i < s->nheads; i++) {
		uint32_t at = (uint32_t)XXH3_64bits(head_at(s, i)->bytes, s->head_size) & (n - 1);

		while (slot[at])
			at = (at + 1) & (n - 1);
		slot[at] = i + 1;
	}
	mem_put(s, s->head_slot, s->head_slots * sizeof(*slot));
	s->head_slot = slot;
	s->head_slots = n;
	return true;
}

static uint32_t find(struct search *s, const uint8_t *bytes)
{
	uint32_t at;
	struct head *h;

	if (s->nheads * 2 >= s->head_slots && !grow_slots(s))
		return NONE;
	at = (uint32_t)XXH3_64bits(bytes, s->head_size) & (s->head_slots - 1);
	for (; s->head_slot[at]; at = (at + 1) & (s->head_slots - 1))
		if (!memcmp(head_at(s, s->head_slot[at] - 1)->bytes, bytes, s->head_size))
			return s->head_slot[at] - 1;
	if (s->nheads / HEAD_CHUNK == MAX_CHUNKS) {
		s->limit = true;
		return NONE;
	}
	if (s->nheads % HEAD_CHUNK == 0) {
		s->heads[s->nheads / HEAD_CHUNK] = mem_get(s, HEAD_CHUNK * sizeof(struct head));
		if (!s->heads[s->nheads / HEAD_CHUNK])
			return NONE;
	}
	h = head_at(s, s->nheads);
	h->bytes = mem_get(s, s->head_size);
	h->turned = mem_get(s, s->ngroup * sizeof(*h->turned));
	if (!h->bytes || !h->turned) {
		mem_put(s, h->bytes, s->head_size);
		mem_put(s, h->turned, s->ngroup * sizeof(*h->turned));
		return NONE;
	}
	memcpy(h->bytes, bytes, s->head_size);
	s->head_slot[at] = ++s->nheads;
	return s->nheads - 1;
}

uint32_t head_find(struct search *s, const uint8_t *bytes)
{
	uint32_t id;

	lock(&s->big_lock);
	id = find(s, bytes);
	unlock(&s->big_lock);
	return id;
}

/* The head that symmetry @g makes of a head. */
uint32_t head_turned(struct search *s, struct worker *k, uint32_t head, unsigned int g)
{
	_Atomic uint32_t *turned = &head_at(s, head)->turned[g];
	uint32_t id = atomic_load_explicit(turned, memory_order_acquire);

	if (id)
		return id - 1;
	set_head(s, head_at(s, head)->bytes, k->c);
	for (unsigned int i = 0; i < s->ncontracts; i++)
		vtlb_contract_permute(&s->c[i], (struct vtlb_cstate *)(void *)k->c[2 + i],
				      (const struct vtlb_cstate *)(const void *)k->c[i],
				      &s->group[g]);
	set_take_head(s, k->c + 2, k->head);
	id = head_find(s, k->head);
	if (id != NONE)
		atomic_store_explicit(turned, id + 1, memory_order_release);
	return id;
}
