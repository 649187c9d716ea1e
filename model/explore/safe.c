/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The exposure check, prepared: of what an implementation could give, most is
 * allowed by a fresh walk alone; each other outcome is a *duty*: S has to hold an
 * entry that allows it.
 */
#define XXH_INLINE_ALL
#define XXH_NO_STREAM
#include <xxhash.h>

#include "internal.h"

static void allowed(const struct search *s, struct worker *k, const struct head *h,
		    const uint64_t *set, unsigned int contract, unsigned int vcpu,
		    unsigned int page, struct vtlb_outset out[VTLB_NR_KINDS])
{
	set_unpack(s, h->bytes, set, k->c);
	vtlb_contract_allowed(&s->c[contract], (struct vtlb_cstate *)(void *)k->c[contract], vcpu,
			      page, out);
}

/* The head's duty for one outcome, found or made. */
static struct duty *duty_find(struct search *s, struct worker *k, struct head *h,
			      const struct duty *like)
{
	struct vtlb_outset out[VTLB_NR_KINDS];
	struct duty *d;

	for (size_t i = 0; i < h->nduty; i++) {
		d = h->duty[i];
		if (d->vcpu == like->vcpu && d->page == like->page && d->kind == like->kind &&
		    d->owe == like->owe && d->outcome == like->outcome)
			return d;
	}
	if (!mem_room(s, &h->duty, &h->duty_cap, h->nduty + 1, sizeof(*h->duty)))
		return NULL;
	d = mem_get(s, sizeof(*d));
	if (!d)
		return NULL;
	*d = *like;
	d->mask = mem_get(s, s->words * sizeof(uint64_t));
	if (!d->mask) {
		mem_put(s, d, sizeof(*d));
		return NULL;
	}
	for (unsigned int b = 0; b < s->nbits; b++) {
		if (s->bit[b].contract != d->owe)
			continue;
		memset(k->set, 0, s->words * sizeof(uint64_t));
		k->set[b / 64] = 1ull << b % 64;
		allowed(s, k, h, k->set, d->owe, d->vcpu, d->page, out);
		if (vtlb_outset_has(&out[d->kind], d->outcome))
			d->mask[b / 64] |= 1ull << b % 64;
	}
	h->duty[h->nduty++] = d;
	return d;
}

#define MAX_DUTIES 512u

struct gather {
	struct duty *duty[MAX_DUTIES];
	uint32_t n;
};

static void gather_page(struct search *s, struct worker *k, struct head *h,
			const struct vtlb_outset got[VTLB_NR_KINDS], struct duty like,
			struct gather *g)
{
	struct vtlb_outset fresh[VTLB_NR_KINDS];

	memset(k->set, 0, s->words * sizeof(uint64_t));
	allowed(s, k, h, k->set, like.owe, like.vcpu, like.page, fresh);
	for (unsigned int kind = 0; kind < VTLB_NR_KINDS; kind++) {
		struct vtlb_outset o = got[kind];

		if (!(o.frames | o.dirtied | o.faults))
			s->unsupported = true;
		o.frames &= ~fresh[kind].frames;
		o.dirtied &= ~fresh[kind].dirtied;
		o.faults &= ~fresh[kind].faults;
		like.kind = (uint8_t)kind;
		for (uint32_t out = vtlb_outset_next(&o, 0); out;
		     out = vtlb_outset_next(&o, out)) {
			like.outcome = out;
			if (g->n == MAX_DUTIES) {
				s->limit = true;
				return;
			}
			g->duty[g->n] = duty_find(s, k, h, &like);
			if (!g->duty[g->n++])
				return;
		}
	}
}

static bool grow_slots(struct search *s)
{
	uint32_t n = s->duty_slots ? s->duty_slots * 2 : 1024;
	uint32_t *slot = mem_get(s, n * sizeof(*slot));

	if (!slot)
		return false;
	for (uint32_t i = 0; i < s->nduties; i++) {
		const struct duties *d = duties_at(s, i);
		uint32_t at = (uint32_t)XXH3_64bits(d->duty, d->n * sizeof(*d->duty)) & (n - 1);

		while (slot[at])
			at = (at + 1) & (n - 1);
		slot[at] = i + 1;
	}
	mem_put(s, s->duty_slot, s->duty_slots * sizeof(*slot));
	s->duty_slot = slot;
	s->duty_slots = n;
	return true;
}

static uint32_t list_find(struct search *s, const struct gather *g)
{
	size_t bytes = g->n * sizeof(g->duty[0]);
	struct duties *d;
	uint32_t at;

	if (s->nduties * 2 >= s->duty_slots && !grow_slots(s))
		return NONE;
	at = (uint32_t)XXH3_64bits(g->duty, bytes) & (s->duty_slots - 1);
	for (; s->duty_slot[at]; at = (at + 1) & (s->duty_slots - 1)) {
		const struct duties *old = duties_at(s, s->duty_slot[at] - 1);

		if (old->n == g->n && !memcmp(old->duty, g->duty, bytes))
			return s->duty_slot[at] - 1;
	}
	if (s->nduties / DUTY_CHUNK == MAX_CHUNKS) {
		s->limit = true;
		return NONE;
	}
	if (s->nduties % DUTY_CHUNK == 0)
		s->duties[s->nduties / DUTY_CHUNK] = mem_get(s, DUTY_CHUNK * sizeof(*d));
	if (!s->duties[s->nduties / DUTY_CHUNK])
		return NONE;
	d = &s->duties[s->nduties / DUTY_CHUNK][s->nduties % DUTY_CHUNK];
	d->n = g->n;
	d->duty = mem_get(s, bytes);
	if (!d->duty)
		return NONE;
	memcpy(d->duty, g->duty, bytes);
	s->duty_slot[at] = ++s->nduties;
	return s->nduties - 1;
}

uint32_t duties_of(struct search *s, struct worker *k, const uint8_t *impl_state, uint32_t head)
{
	struct vtlb_outset got[VTLB_NR_KINDS];
	struct head *h = head_at(s, head);
	struct gather g = { .n = 0 };
	uint32_t id;

	lock(&h->lock);
	for (unsigned int vcpu = 0; vcpu < s->w.nvcpus; vcpu++)
		for (unsigned int page = 0; page < s->w.npages; page++) {
			struct duty like = { .vcpu = (uint8_t)vcpu, .page = (uint8_t)page };

			s->impl->outcomes(s->impl, &s->w, impl_state, vcpu, page, got);
			for (unsigned int i = 0; i < s->ncontracts; i++) {
				like.owe = (uint8_t)i;
				gather_page(s, k, h, got, like, &g);
			}
		}
	unlock(&h->lock);
	if (s->nomem || s->limit)
		return NONE;
	lock(&s->big_lock);
	id = list_find(s, &g);
	unlock(&s->big_lock);
	return id;
}

/* Is every duty met?  @owe: a duty of the second reading alone is not. */
bool set_safe(const struct search *s, const struct base *b, const uint64_t *set, bool *owe)
{
	const struct duties *d = duties_at(s, b->duties);
	bool safe = true;

	for (uint32_t i = 0; i < d->n; i++) {
		if (meet_set(s, set, d->duty[i]->mask))
			continue;
		if (d->duty[i]->owe)
			*owe = true;
		else
			safe = false;
	}
	return safe;
}
