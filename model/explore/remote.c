/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Several processes: each base belongs to one of them, by its hash.  After every
 * block each process sends the states that it found of other processes' bases to
 * their owners.  Which states there are does not depend on the number of
 * processes; who found one first is not kept, so rank 0 finds a way again.
 */
#include "internal.h"

unsigned int remote_owner(const struct search *s, const struct base *b)
{
	return s->cfg->nranks > 1 ? (b->hash >> 24) % s->cfg->nranks : s->cfg->rank;
}

/* A base and a set on their way: a header, the squeezed key, the set. */
struct packet {
	uint64_t stab;
	uint32_t key_len;
	uint32_t pad;
};

static size_t packet_size(const struct search *s, size_t key_len)
{
	return sizeof(struct packet) + ((key_len + 7) & ~(size_t)7) + s->words * sizeof(uint64_t);
}

static bool pack(struct search *s, const struct base *b, const uint64_t *set)
{
	struct buffer *out = &s->send[remote_owner(s, b)];
	size_t size = packet_size(s, b->key_len);
	struct packet p = { .stab = b->stab, .key_len = b->key_len };

	if (!mem_room(s, &out->data, &out->cap, out->len + size, 1))
		return false;
	memset(out->data + out->len, 0, size);
	memcpy(out->data + out->len, &p, sizeof(p));
	memcpy(out->data + out->len + sizeof(p), b->key, b->key_len);
	memcpy(out->data + out->len + size - s->words * sizeof(*set), set,
	       s->words * sizeof(*set));
	out->len += size;
	return true;
}

/* New states of foreign bases go into the mail; their lists are empty again. */
static bool pack_new(struct search *s)
{
	for (unsigned int i = 0; i < s->cfg->nranks; i++)
		s->send[i].len = 0;
	for (unsigned int i = 0; i < NSHARDS; i++) {
		struct shard *sh = &s->shard[i];
		uint32_t kept = 0;

		for (uint32_t j = 0; j < sh->nactive; j++) {
			struct base *b = base_at(s, sh->active[j]);

			if (remote_owner(s, b) == s->cfg->rank) {
				sh->active[kept++] = sh->active[j];
				continue;
			}
			for (uint32_t e = 0; e < b->n; e++)
				if (!pack(s, b, entry_at(s, b, e)->set))
					return false;
			sh->new_states -= b->n;
			b->n = b->now = b->next = 0;
			b->listed = false;
		}
		sh->nactive = kept;
	}
	return true;
}

static bool take_in(struct search *s, const uint8_t *data, size_t len)
{
	struct worker *k = &s->worker[0];
	struct candidate *c = (struct candidate *)(void *)k->candidate;

	while (len) {
		const struct base *b;
		struct packet p;
		size_t size;

		memcpy(&p, data, sizeof(p));
		size = packet_size(s, p.key_len);
		c->base = base_restore(s, k, data + sizeof(p), p.key_len, p.stab);
		if (c->base == NONE)
			return false;
		c->parent = c->edge = 0;
		memcpy(c->set, data + size - s->words * sizeof(uint64_t),
		       s->words * sizeof(uint64_t));
		data += size;
		len -= size;
		b = base_at(s, c->base);
		if (list_seen(s, b, c))
			continue;
		if (!set_safe(s, b, c->set, &k->owe)) {
			if (!mem_room(s, &s->bad, &s->bad_cap, s->nbad + s->candidate_size, 1))
				return false;
			memcpy(s->bad + s->nbad, c, s->candidate_size);
			s->nbad += s->candidate_size;
		} else if (!list_add(s, &s->shard[c->base & (NSHARDS - 1)], c)) {
			return false;
		}
	}
	return true;
}

/*
 * After a block.  @more: this process has another one; on return: some process
 * has.  False: some process has to stop.
 */
bool remote_turn(struct search *s, bool *more, bool ok)
{
	uint8_t *send[MAX_RANKS];
	size_t len[MAX_RANKS], received_len[MAX_RANKS];
	const uint8_t *received[MAX_RANKS];
	uint64_t flags[2];

	ok = pack_new(s) && ok;
	for (unsigned int i = 0; i < s->cfg->nranks; i++) {
		send[i] = s->send[i].data;
		len[i] = s->send[i].len;
	}
	if (!s->cfg->exchange(s->cfg->ctx, send, len, received, received_len))
		return false;
	for (unsigned int i = 0; i < s->cfg->nranks; i++)
		ok = take_in(s, received[i], received_len[i]) && ok;
	flags[0] = *more;
	flags[1] = !ok;
	if (!s->cfg->sum(s->cfg->ctx, flags, 2))
		return false;
	*more = flags[0];
	return !flags[1];
}

/* Sums a number over all processes. */
uint64_t remote_sum(const struct search *s, uint64_t n)
{
	if (s->cfg->nranks > 1)
		s->cfg->sum(s->cfg->ctx, &n, 1);
	return n;
}

/* The counters of a result become those of all processes. */
void remote_counts(struct search *s)
{
	struct vtlb_explore_result *r = s->res;

	if (s->cfg->nranks <= 1)
		return;
	s->cfg->sum(s->cfg->ctx, (uint64_t *)(void *)r->op, 2 * VTLB_MAX_ALPHABET);
	s->cfg->sum(s->cfg->ctx, (uint64_t *)(void *)r->rule, 2 * VTLB_MAX_RULES);
}
