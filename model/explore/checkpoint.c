/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Checkpoints: all of a search between two blocks, as a stream of bytes through
 * the caller's functions.  What follows from a base (head, duties, edges, maps)
 * is made anew.  The caller sees to it that a damaged file is not read.
 */
#define XXH_INLINE_ALL
#define XXH_NO_STREAM
#include <xxhash.h>

#include "internal.h"

#define FORMAT 5u

/*
 * Before all: which of the searches of vtlb_explore() it is.  Where others come before it,
 * what they came to follows.
 */
struct opening {
	uint32_t format, waive, remember, pad;
	struct phase phase;
};

/* Counters of the search that are plain numbers. */
struct numbers {
	uint64_t identity;
	uint64_t level, next_block, nactive, nfrontier, nranked, nbad, nbad_all, nfaces;
	uint64_t states_before, extended, violating, nfindings;
	uint64_t transitions, faults;
	uint8_t deviates, unsupported, owe, pad[5];
	struct vtlb_explore_stats stats;
	struct vtlb_explore_count op[VTLB_MAX_ALPHABET];
	struct vtlb_explore_count rule[VTLB_MAX_RULES];
};

/* What both searches must have in common, so that the numbers mean the same. */
static uint64_t identity(const struct search *s)
{
	const struct vtlb_explore_config *cfg = s->cfg;
	uint64_t h = XXH3_64bits(cfg->ops, cfg->nops * sizeof(*cfg->ops));
	const uint64_t words[] = { h, cfg->vendor, cfg->reading, cfg->waive, cfg->flags,
				   cfg->remember, s->words, s->key_cap, s->ngroup,
				   XXH3_64bits(s->like, s->key_cap) };

	h = XXH3_64bits_withSeed(words, sizeof(words), XXH3_64bits(&s->w, sizeof(s->w)));
	return XXH3_64bits_withSeed(cfg->impl->name, strlen(cfg->impl->name), h);
}

static bool put(const struct search *s, const void *data, size_t len)
{
	return !len || s->cfg->write(s->cfg->ctx, data, len);
}

static bool put_shard(const struct search *s, const struct shard *sh)
{
	const uint64_t head[] = { sh->nbases, sh->nactive, sh->new_states, sh->print_slots,
				  sh->nprints };

	if (!put(s, head, sizeof(head)) ||
	    !put(s, sh->active, sh->nactive * sizeof(*sh->active)) ||
	    !put(s, sh->print, sh->print_slots * sizeof(*sh->print)))
		return false;
	for (uint32_t i = 0; i < sh->nbases; i++) {
		const struct base *b = &sh->chunk[i / BASE_CHUNK][i % BASE_CHUNK];
		const uint32_t fixed[] = { b->key_len, b->n, b->now, b->next, b->rank, b->listed };

		if (!put(s, fixed, sizeof(fixed)) || !put(s, &b->stab, sizeof(b->stab)) ||
		    !put(s, b->key, b->key_len) || !put(s, b->list, b->n * s->entry_size))
			return false;
	}
	return true;
}

static void take_numbers(const struct search *s, struct numbers *n)
{
	memset(n, 0, sizeof(*n));
	n->identity = identity(s);
	n->level = s->level;
	n->next_block = s->next_block;
	n->nactive = s->nactive;
	n->nfrontier = s->nfrontier;
	n->nranked = s->nranked;
	n->nbad = s->nbad;
	n->nbad_all = s->nbad_all;
	n->nfaces = found_faces(s, NULL);
	n->states_before = s->states_before;
	n->extended = s->extended;
	n->violating = s->violating;
	n->nfindings = s->nfindings;
	n->deviates = s->deviates;
	n->unsupported = s->unsupported;
	n->stats = s->stats;
	for (unsigned int j = 0; j < s->cfg->jobs; j++) {
		const struct worker *k = &s->worker[j];

		n->transitions += k->transitions;
		n->faults += k->faults;
		n->owe |= k->owe;
		for (unsigned int i = 0; i < VTLB_MAX_ALPHABET; i++) {
			n->op[i].fired += k->op[i].fired;
			n->op[i].removed += k->op[i].removed;
		}
		for (unsigned int i = 0; i < VTLB_MAX_RULES; i++) {
			n->rule[i].fired += k->rule[i].fired;
			n->rule[i].removed += k->rule[i].removed;
		}
	}
}

/* Writes all; false: the caller could not, which is no reason to stop. */
bool search_save(const struct search *s)
{
	struct opening opening = { .format = FORMAT, .waive = s->cfg->waive,
				   .remember = s->cfg->remember };
	const struct vtlb_explore_result *before = NULL;
	size_t bad_size = sizeof(uint64_t) * (1 + s->words);
	const void *faces;
	struct numbers n;
	bool ok;

	if (s->first) {
		opening.waive = s->first->waive;
		opening.remember = s->first->remember;
		opening.phase.kind = PHASE_WAIVED;
		before = s->first->res;
	} else if (s->part) {
		opening.phase = (struct phase){ PHASE_PART, s->part->table, s->part->frame };
		before = s->part->before;
	}
	take_numbers(s, &n);
	found_faces(s, &faces);
	ok = put(s, &opening, sizeof(opening)) && (!before || put(s, before, sizeof(*before))) &&
	     put(s, &n, sizeof(n)) &&
	     put(s, s->active, s->nactive * sizeof(*s->active)) &&
	     put(s, s->frontier, s->nranked * sizeof(*s->frontier)) &&
	     put(s, s->rank, s->nranked * sizeof(*s->rank)) && put(s, s->bad, s->nbad) &&
	     put(s, s->bad_all, s->nbad_all * bad_size) &&
	     put(s, faces, n.nfaces * FACE_SIZE);
	for (unsigned int i = 0; ok && i < NSHARDS; i++)
		ok = put_shard(s, &s->shard[i]);
	return ok && s->cfg->written(s->cfg->ctx);
}

static bool get(struct search *s, void *data, size_t len)
{
	return !len || s->cfg->read(s->cfg->ctx, data, len);
}

/* An array of @n elements of @size bytes, which replaces what is there. */
static void *get_array(struct search *s, size_t n, size_t size)
{
	void *p = mem_get(s, n * size);

	if (p && !get(s, p, n * size)) {
		mem_put(s, p, n * size);
		return NULL;
	}
	return p;
}

static bool get_base(struct search *s, struct shard *sh, uint32_t i)
{
	struct worker *k = &s->worker[0];
	uint32_t fixed[6], id;
	uint64_t stab;
	struct base *b;

	if (!get(s, fixed, sizeof(fixed)) || !get(s, &stab, sizeof(stab)) ||
	    fixed[0] > s->key_cap * 2 || !get(s, k->squeezed, fixed[0]))
		return false;
	id = base_restore(s, k, k->squeezed, fixed[0], stab);
	if (id != (i << SHARD_BITS | (uint32_t)(sh - s->shard)) || fixed[2] > fixed[3] ||
	    fixed[3] > fixed[1])
		return false;
	b = base_at(s, id);
	mem_put(s, b->list, b->cap * s->entry_size);
	b->n = b->cap = fixed[1];
	b->now = fixed[2];
	b->next = fixed[3];
	b->rank = fixed[4];
	b->listed = fixed[5];
	b->list = b->n ? get_array(s, b->n, s->entry_size) : NULL;
	if (b->n && !b->list)
		return false;
	for (uint32_t e = 0; !s->cover && !s->prints && e < b->n; e++)
		if (!index_add(s, sh, id, e))
			return false;
	return true;
}

static bool get_shard(struct search *s, struct shard *sh)
{
	uint64_t head[5];

	if (!get(s, head, sizeof(head)))
		return false;
	sh->nactive = sh->active_cap = (uint32_t)head[1];
	sh->new_states = head[2];
	sh->print_slots = head[3];
	sh->nprints = head[4];
	sh->active = get_array(s, sh->nactive, sizeof(*sh->active));
	sh->print = get_array(s, sh->print_slots, sizeof(*sh->print));
	if (!sh->active || !sh->print)
		return false;
	for (uint32_t i = 0; i < head[0]; i++)
		if (!get_base(s, sh, i))
			return false;
	return true;
}

static void give_numbers(struct search *s, const struct numbers *n)
{
	struct worker *k = &s->worker[0];

	s->level = (uint32_t)n->level;
	s->next_block = (uint32_t)n->next_block;
	s->nactive = s->active_cap = (uint32_t)n->nactive;
	s->nfrontier = (uint32_t)n->nfrontier;
	s->nranked = (uint32_t)n->nranked;
	s->waiting = n->nfrontier;
	s->nbad = s->bad_cap = n->nbad;
	s->nbad_all = n->nbad_all;
	s->bad_all_cap = n->nbad_all * sizeof(uint64_t) * (1 + s->words);
	s->states_before = n->states_before;
	s->extended = n->extended;
	s->violating = n->violating;
	s->nfindings = (unsigned int)n->nfindings;
	s->deviates = n->deviates;
	s->unsupported = n->unsupported;
	s->stats = n->stats;
	k->transitions = n->transitions;
	k->faults = n->faults;
	k->owe = n->owe;
	memcpy(k->op, n->op, sizeof(k->op));
	memcpy(k->rule, n->rule, sizeof(k->rule));
}

/*
 * What search_save() begins with; then follows what search_load() reads.
 * @res: of the searches before it, if there are any
 */
bool search_load_phase(const struct vtlb_explore_config *cfg, struct vtlb_explore_result *res,
		       struct phase *phase)
{
	struct opening opening;

	if (!cfg->read(cfg->ctx, &opening, sizeof(opening)) || opening.format != FORMAT ||
	    opening.waive != cfg->waive || opening.remember != cfg->remember ||
	    opening.phase.kind > PHASE_PART)
		return false;
	*phase = opening.phase;
	if (phase->kind == PHASE_ONE)
		return true;
	return cfg->read(cfg->ctx, res, sizeof(*res)) && res->nparts < VTLB_MAX_PARTS;
}

/* In place of the first state.  False: unreadable, or of another search. */
bool search_load(struct search *s)
{
	struct numbers n;
	void *faces;
	bool ok;

	if (!get(s, &n, sizeof(n)) || n.identity != identity(s) ||
	    n.next_block > n.nactive || n.nactive > n.nfrontier || n.nfaces > MAX_FACES)
		return false;
	give_numbers(s, &n);
	s->active = get_array(s, s->nactive, sizeof(*s->active));
	s->frontier = s->active ? get_array(s, s->nranked, sizeof(*s->frontier)) : NULL;
	s->rank = s->frontier ? get_array(s, s->nranked, sizeof(*s->rank)) : NULL;
	s->bad = s->rank ? get_array(s, s->nbad, 1) : NULL;
	s->bad_all = s->bad ? get_array(s, s->bad_all_cap, 1) : NULL;
	faces = s->bad_all ? get_array(s, n.nfaces, FACE_SIZE) : NULL;
	ok = faces && found_restore(s, faces, (unsigned int)n.nfaces);
	mem_put(s, faces, n.nfaces * FACE_SIZE);
	if (!ok)
		return false;
	for (unsigned int i = 0; i < NSHARDS; i++)
		if (!get_shard(s, &s->shard[i]))
			return false;
	return base_cache_grow(s) && first_turn_find(s);
}
