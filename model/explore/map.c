/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Maps of sets.  What a step does to S, given registers and page tables, is
 * additive: entries go or stay one by one, and what a walk adds, it adds for each
 * entry by itself.  So a step is a matrix over bits, made here by stepping the
 * contract once for every bit, and checked once against a set of many.
 */
#include "internal.h"

static struct vtlb_cstate *cstate(uint8_t *const *c, unsigned int i)
{
	return (struct vtlb_cstate *)(void *)c[i];
}

/* Steps the contracts from @head and @set; the record's result is the last reading's. */
static void step(const struct search *s, struct worker *k, const struct head *h,
		 const uint64_t *set, struct vtlb_op op, uint32_t outcome,
		 struct vtlb_contract_step *r, uint64_t *to)
{
	set_unpack(s, h->bytes, set, k->c);
	for (unsigned int i = 0; i < s->ncontracts; i++)
		vtlb_contract_step(&s->c[i], cstate(k->c, i), op, outcome, r);
	set_pack(s, k->c, to);
}

static struct map *new_map(struct search *s, uint32_t *id)
{
	struct map *m = NULL;

	lock(&s->big_lock);
	if (s->nmaps + 1u >= 1u << 26 || s->nmaps / MAP_CHUNK == MAX_CHUNKS) {
		s->limit = true;
	} else {
		if (s->nmaps % MAP_CHUNK == 0)
			s->maps[s->nmaps / MAP_CHUNK] = mem_get(s, MAP_CHUNK * sizeof(*m));
		if (s->maps[s->nmaps / MAP_CHUNK]) {
			m = &s->maps[s->nmaps / MAP_CHUNK][s->nmaps % MAP_CHUNK];
			*id = s->nmaps++;
		}
	}
	unlock(&s->big_lock);
	return m;
}

/* One bit's image: does it stay, what else comes of it, which records remove it. */
static bool add_bit(struct search *s, struct map *m, unsigned int b, const uint64_t *image,
		    const struct vtlb_contract_step *r, size_t *cap)
{
	unsigned int words = s->words;
	bool more = false;

	if (image[b / 64] >> b % 64 & 1u)
		m->keep[b / 64] |= 1ull << b % 64;
	for (unsigned int i = 0; i < words; i++) {
		uint64_t self = i == b / 64 ? 1ull << b % 64 : 0;

		more |= (image[i] & ~m->base[i] & ~self) != 0;
	}
	for (unsigned int i = 0; i < m->nrules; i++)
		if (r->dropped >> i & 1u) {
			m->has_drop[i] = 1;
			m->drop[i * words + b / 64] |= 1ull << b % 64;
		}
	if (!more)
		return true;
	if (m->nspecial == *cap) {
		size_t n = *cap ? *cap * 2 : 8;
		uint16_t *special = mem_grow(s, m->special, *cap * sizeof(*special),
					     n * sizeof(*special));
		uint64_t *row = mem_grow(s, m->row, *cap * words * sizeof(*row),
					 n * words * sizeof(*row));

		m->special = special ? special : m->special;
		m->row = row ? row : m->row;
		if (!special || !row)
			return false;
		*cap = n;
	}
	m->special_mask[b / 64] |= 1ull << b % 64;
	m->special[m->nspecial] = (uint16_t)b;
	copy_set(s, m->row + m->nspecial++ * words, image);
	return true;
}

/* The matrix against the contract, on the set of every second bit. */
static bool check(struct search *s, struct worker *k, const struct head *h, const struct map *m,
		  struct vtlb_op op)
{
	struct vtlb_contract_step r;

	for (unsigned int i = 0; i < s->words; i++)
		k->set[i] = 0x5555555555555555ull << (m->op & 1u);
	if (s->nbits % 64)
		k->set[s->words - 1] &= (1ull << s->nbits % 64) - 1;
	if (!s->nbits)
		k->set[0] = 0;
	step(s, k, h, k->set, op, m->outcome, &r, k->set2);
	map_set(s, m, k->set, k->set3);
	return equal_set(s, k->set2, k->set3);
}

static bool is_same(const struct search *s, const struct map *m)
{
	if (m->nspecial)
		return false;
	for (unsigned int i = 0; i < s->nbits; i++)
		if (!(m->keep[i / 64] >> i % 64 & 1u))
			return false;
	for (unsigned int i = 0; i < s->words; i++)
		if (m->base[i])
			return false;
	return true;
}

static bool fill(struct search *s, struct worker *k, const struct head *h, struct map *m)
{
	struct vtlb_op op = hidden_op(s, s->cfg->ops[m->op]);
	size_t bytes = s->words * sizeof(uint64_t), cap = 0;
	struct vtlb_contract_step r;

	m->keep = mem_get(s, bytes);
	m->base = mem_get(s, bytes);
	m->special_mask = mem_get(s, bytes);
	m->drop = mem_get(s, bytes * MAX_MAP_RULES);
	if (s->nomem)
		return false;
	memset(k->set, 0, bytes);
	step(s, k, h, k->set, op, m->outcome, &r, m->base);
	m->fault = r.fault;
	hidden_forget(s, k->c);
	set_take_head(s, k->c, k->head);
	m->next = head_find(s, k->head);
	if (m->next == NONE)
		return false;
	m->nrules = r.nrules;
	memcpy(m->rule, r.rules, sizeof(m->rule));
	if (m->fault) {
		memset(m->keep, 0xff, bytes);
		memset(m->base, 0, bytes);
		m->same = true;
		return true;
	}
	for (unsigned int b = 0; b < s->nbits; b++) {
		memset(k->set, 0, bytes);
		k->set[b / 64] = 1ull << b % 64;
		step(s, k, h, k->set, op, m->outcome, &r, k->set2);
		if (!add_bit(s, m, b, k->set2, &r, &cap))
			return false;
	}
	m->same = is_same(s, m);
	if (check(s, k, h, m, op))
		return true;
	s->limit = true;
	return false;
}

static bool alike(const struct search *s, const struct map *a, const struct map *b)
{
	if (a->next != b->next || a->fault != b->fault || a->nspecial != b->nspecial ||
	    !equal_set(s, a->keep, b->keep) || !equal_set(s, a->base, b->base))
		return false;
	return !a->nspecial ||
	       (!memcmp(a->special, b->special, a->nspecial * sizeof(*a->special)) &&
		!memcmp(a->row, b->row, a->nspecial * s->words * sizeof(*a->row)));
}

static void find_like(const struct search *s, const struct head *h, struct map *m)
{
	for (size_t i = 0; i < h->nmaps; i++) {
		const struct map *old = map_at(s, h->maps[i].map);

		if (old->like == h->maps[i].map && alike(s, old, m)) {
			m->like = h->maps[i].map;
			return;
		}
	}
}

uint32_t map_find(struct search *s, struct worker *k, uint32_t head, unsigned int op,
		  uint32_t outcome)
{
	struct head *h = head_at(s, head);
	uint32_t id = NONE;
	struct map *m;

	lock(&h->lock);
	for (size_t i = 0; i < h->nmaps && id == NONE; i++)
		if (h->maps[i].op == op && h->maps[i].outcome == outcome)
			id = h->maps[i].map;
	if (id == NONE && mem_room(s, &h->maps, &h->maps_cap, h->nmaps + 1, sizeof(*h->maps))) {
		m = new_map(s, &id);
		if (m) {
			m->op = (uint16_t)op;
			m->outcome = outcome;
			m->like = id;
			if (!fill(s, k, h, m)) {
				id = NONE;
			} else {
				find_like(s, h, m);
				h->maps[h->nmaps++] = (struct label_map){ m->op, outcome, id };
			}
		}
	}
	unlock(&h->lock);
	return id;
}
