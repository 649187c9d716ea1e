/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Several processes: each base belongs to one of them, by its hash.  After every
 * block each process sends the states that it found of other processes' bases to
 * their owners.  Which states there are does not depend on the number of
 * processes; who found one first is not kept, so rank 0 finds a way again.
 */
#include "internal.h"

/* By the high bits: the low ones say in which shard it is, and where there. */
unsigned int remote_owner(const struct search *s, uint32_t hash)
{
	if (s->cfg->nranks == 1)
		return s->cfg->rank;
	return (unsigned int)((uint64_t)hash * s->cfg->nranks >> 32);
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
	struct buffer *out = &s->send[remote_owner(s, b->hash)];
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

/*
 * What was found of a foreign base in this block.  Then its list is empty again,
 * but where all states are in an index, which does not forget.
 */
static bool pack_list(struct search *s, struct base *b)
{
	for (uint32_t e = b->next; e < b->n; e++)
		if (!pack(s, b, set_at(s, b, e)))
			return false;
	b->listed = false;
	if (!s->cover && !s->prints) {
		b->now = b->next = b->n;
		return true;
	}
	mem_put(s, b->list, b->cap * s->entry_size);
	b->list = NULL;
	b->n = b->cap = b->now = b->next = 0;
	return true;
}

/*
 * States that fail are counted by their owner too.  They are in no list: there
 * they would cover others, that may be safe.
 */
static bool pack_bad(struct search *s)
{
	size_t kept = 0;

	for (size_t at = 0; at < s->nbad; at += s->candidate_size) {
		struct candidate *c = (struct candidate *)(void *)(s->bad + at);
		const struct base *b = c->base == NO_TARGET ? NULL : base_at(s, c->base);

		if (b && remote_owner(s, b->hash) != s->cfg->rank) {
			if (!pack(s, b, c->set))
				return false;
			continue;
		}
		memmove(s->bad + kept, c, s->candidate_size);
		kept += s->candidate_size;
	}
	s->nbad = kept;
	return true;
}

static bool pack_all(struct search *s)
{
	for (unsigned int i = 0; i < s->cfg->nranks; i++)
		s->send[i].len = 0;
	for (unsigned int i = 0; i < NSHARDS; i++) {
		struct shard *sh = &s->shard[i];
		uint32_t kept = 0;

		for (uint32_t j = 0; j < sh->nactive; j++) {
			struct base *b = base_at(s, sh->active[j]);

			if (remote_owner(s, b->hash) == s->cfg->rank) {
				sh->active[kept++] = sh->active[j];
				continue;
			}
			sh->new_states -= b->n - b->next;
			if (!pack_list(s, b))
				return false;
		}
		sh->nactive = kept;
	}
	return pack_bad(s);
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
		c->hash = list_hash(s, c, list_seed(s, b));
		if (list_seen(s, k, c))
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

/* Memory of the caller's that what was received is in. */
static void count_received(struct search *s, const size_t *len)
{
	size_t sum = 0;

	for (unsigned int i = 0; i < s->cfg->nranks; i++)
		sum += len[i];
	if (sum > s->received) {
		s->bytes += sum - s->received;
		s->received = sum;
	}
}

/* What a turn tells everybody, to be summed up. */
struct news {
	uint64_t more;
	uint64_t stop[VTLB_STOP_LIMIT + 1];
	uint64_t states, transitions, violating, frontier, impl_states, bytes;
};

#define NEWS (sizeof(struct news) / sizeof(uint64_t))

/* False: the caller can not, or some process has to stop; then all do, for one reason. */
static bool tell(struct search *s, bool more, bool ok, struct news *n)
{
	struct vtlb_explore_stats mine = { 0 };

	level_stats(s, &mine);
	*n = (struct news){
		.more = more,
		.states = mine.states,
		.transitions = mine.transitions,
		.violating = mine.violating,
		.frontier = mine.frontier,
		.impl_states = mine.impl_states,
		.bytes = mine.bytes,
	};
	if (!ok)
		n->stop[why_stopped(s)] = 1;
	if (s->cfg->nranks > 1 && !s->cfg->sum(s->cfg->ctx, &n->more, NEWS))
		return false;
	for (unsigned int i = 0; i <= VTLB_STOP_LIMIT; i++) {
		if (!n->stop[i])
			continue;
		s->stop = (enum vtlb_explore_stop)i;
		return false;
	}
	return true;
}

static void take_stats(struct search *s, const struct news *n)
{
	s->stats.states = n->states;
	s->stats.transitions = n->transitions;
	s->stats.violating = n->violating;
	s->stats.frontier = n->frontier;
	s->stats.impl_states = n->impl_states;
	s->stats.bytes = n->bytes;
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
	struct news n;

	ok = pack_all(s) && ok;
	for (unsigned int i = 0; i < s->cfg->nranks; i++) {
		send[i] = s->send[i].data;
		len[i] = s->send[i].len;
	}
	if (!s->cfg->exchange(s->cfg->ctx, send, len, received, received_len))
		return false;
	count_received(s, received_len);
	for (unsigned int i = 0; i < s->cfg->nranks; i++)
		ok = take_in(s, received[i], received_len[i]) && ok;
	ok = tell(s, *more, ok, &n);
	*more = n.more;
	take_stats(s, &n);
	return ok;
}

/* Has every process come so far?  If not, all stop for the same reason. */
bool remote_agree(struct search *s, bool ok)
{
	struct news n;

	return s->cfg->nranks > 1 ? tell(s, false, ok, &n) : ok;
}

/* Statistics become those of all processes. */
void remote_stats(struct search *s)
{
	struct news n;

	(void)tell(s, false, true, &n);
	take_stats(s, &n);
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
	s->cfg->sum(s->cfg->ctx, &r->op[0].fired, 2 * VTLB_MAX_ALPHABET);
	s->cfg->sum(s->cfg->ctx, &r->rule[0].fired, 2 * VTLB_MAX_RULES);
}
