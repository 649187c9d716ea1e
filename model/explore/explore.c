/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The search from end to end: sets up, runs level after level to the fixpoint or
 * to what stops it, and says how it ended.
 */
#include "internal.h"

void run_jobs(struct search *s, vtlb_job_fn fn, void *arg)
{
	if (s->cfg->run_jobs && s->cfg->jobs > 1) {
		s->cfg->run_jobs(s->cfg->ctx, s->cfg->jobs, fn, arg);
		return;
	}
	for (unsigned int i = 0; i < s->cfg->jobs; i++)
		fn(arg, i);
}

/* Between blocks: limits and callbacks. */
bool go_on(struct search *s)
{
	if (s->cfg->max_memory && s->bytes + level_end_size(s) > s->cfg->max_memory) {
		s->stop = VTLB_STOP_MEMORY;
		return false;
	}
	if (s->cfg->save && s->cfg->save(s->cfg->ctx, false))
		search_save(s);
	if (s->cfg->progress && !s->cfg->progress(s->cfg->ctx, &s->stats)) {
		s->stop = VTLB_STOP_CALLER;
		return false;
	}
	return true;
}

static bool worker_init(struct search *s, struct worker *k)
{
	size_t csize = 0;

	for (unsigned int i = 0; i < s->ncontracts; i++)
		if (vtlb_contract_size(&s->c[i]) > csize)
			csize = vtlb_contract_size(&s->c[i]);
	k->impl = mem_get(s, s->impl_size);
	k->impl2 = mem_get(s, s->impl_size);
	k->impl3 = mem_get(s, s->impl_size);
	k->impl4 = mem_get(s, s->impl_size);
	k->enc = mem_get(s, s->key_cap);
	k->enc2 = mem_get(s, s->key_cap);
	k->best = mem_get(s, s->key_cap);
	k->squeezed = mem_get(s, s->key_cap * 2 + 8);
	for (unsigned int i = 0; i < 4; i++)
		k->c[i] = mem_get(s, csize);
	k->head = mem_get(s, s->head_size);
	return list_room(s, k) && edges_room(s, k);
}

static bool worker_sets(struct search *s, struct worker *k)
{
	size_t set = s->words * sizeof(uint64_t);

	k->set = mem_get(s, set);
	k->set2 = mem_get(s, set);
	k->set3 = mem_get(s, set);
	k->scratch = mem_get(s, 2 * set);
	return !s->nomem;
}

static bool sizes(struct search *s)
{
	const struct vtlb_impl *impl = s->impl;
	bool decode = impl->size > offsetof(struct vtlb_impl, decode) && impl->decode;
	uint8_t *state, byte;

	s->impl_size = impl->state_size(impl, &s->w);
	s->use_encode = decode && impl->encode;
	s->enc_size = s->impl_size;
	if (s->use_encode) {
		state = mem_get(s, s->impl_size);
		if (!state)
			return false;
		impl->reset(impl, &s->w, state);
		s->enc_size = impl->encode(impl, &s->w, state, &byte, 0);
		mem_put(s, state, s->impl_size);
	}
	if (!set_heads(s))
		return false;
	s->key_cap = (s->enc_size + s->head_size + 7) & ~(size_t)7;
	return s->key_cap < 0x7fff;
}

/* The initial state, into the worker's room for an implementation's and contracts'. */
static void reset(struct search *s, struct worker *k, unsigned int image)
{
	struct vtlb_world w = s->w;

	w.hidden = w.unseen = 0;
	s->impl->reset(s->impl, &w, image ? k->impl2 : k->impl);
	for (unsigned int i = 0; i < s->ncontracts; i++)
		vtlb_contract_reset(&s->c[i],
				    (struct vtlb_cstate *)(void *)k->c[image ? 2 + i : i]);
	if (!image)
		return;
	s->impl->permute(s->impl, &w, k->impl, k->impl2, &s->image[image]);
	for (unsigned int i = 0; i < s->ncontracts; i++)
		vtlb_contract_permute(&s->c[i], (struct vtlb_cstate *)(void *)k->c[i],
				      (const struct vtlb_cstate *)(const void *)k->c[2 + i],
				      &s->image[image]);
}

/* Keys are stored as what they have other than the initial state's. */
static bool first_like(struct search *s)
{
	struct worker *k = &s->worker[0];

	reset(s, k, 0);
	set_take_head(s, k->c, k->head);
	return base_like(s, k->impl, k->head);
}

static bool init(struct search *s)
{
	const struct vtlb_explore_config *cfg = s->cfg;

	s->impl = cfg->impl;
	s->w = *cfg->w;
	s->w.ops = 0;
	for (size_t i = 0; i < cfg->nops; i++)
		s->w.ops |= 1u << cfg->ops[i].code;
	if (cfg->flags & VTLB_EXPLORE_NO_NORMAL)
		s->w.ops = 0;
	if (cfg->remember) {
		s->impl = remember_init(s);
		if (!s->impl)
			return false;
	}
	if (s->part && !hidden_init(s)) {
		s->refused = true;
		return false;
	}
	s->prints = cfg->flags & VTLB_EXPLORE_FINGERPRINT;
	s->parents = !s->prints && cfg->nranks == 1;
	s->cover = !s->prints && !(cfg->flags & VTLB_EXPLORE_NO_COVER);
	s->ncontracts = cfg->reading == VTLB_OWE ? 2 : 1;
	for (unsigned int i = 0; i < s->ncontracts; i++)
		vtlb_contract_init(&s->c[i], &s->w, cfg->vendor, i ? VTLB_OWE : VTLB_RELY,
				   vtlb_impl_waive(cfg->impl, cfg->waive));
	if (!sizes(s) || !set_layout(s))
		return false;
	for (unsigned int j = 0; j < cfg->jobs; j++)
		if (!worker_init(s, &s->worker[j]) || !worker_sets(s, &s->worker[j]))
			return false;
	if (s->part && !hidden_ask(s)) {
		s->refused = true;
		return false;
	}
	return group_find(s) && base_init(s) && first_like(s);
}

/* The base of an image of the initial state, its set in @set, and s->first_turn. */
static uint32_t first_base(struct search *s, unsigned int image, uint64_t *set)
{
	struct worker *k = &s->worker[0];
	unsigned int turn, h = 0;
	const struct base *b;
	uint32_t id;

	reset(s, k, image);
	if (is_hidden(s))
		s->impl->assume(s->impl, &s->w, k->impl, VTLB_MAX_LEAFS, 0, 0);
	/* the set of the whole: what the first entries allow, they allow in a part, too */
	set_pack(s, k->c, k->set);
	copy_set(s, set, k->set);
	hidden_forget(s, k->c);
	set_take_head(s, k->c, k->head);
	id = head_find(s, k->head);
	if (id != NONE)
		id = base_intern(s, k, k->impl, id, k->keys,
				 base_prepare(s, k->impl, id, k->keys), &turn);
	if (id == NONE)
		return NONE;
	b = base_at(s, id);
	set_turn(s, turn, set, k->set2);
	copy_set(s, set, k->set2);
	set_smallest(s, b->stab, set, k->scratch);
	for (uint64_t stab = b->stab; stab; stab &= stab - 1) {
		set_turn(s, (unsigned int)__builtin_ctzll(stab), k->set2, k->set3);
		if (equal_set(s, k->set3, set))
			h = (unsigned int)__builtin_ctzll(stab);
	}
	s->first_turn = s->compose[h * MAX_GROUP + turn];
	return id;
}

/* After a checkpoint was read: only the symmetry is missing. */
bool first_turn_find(struct search *s)
{
	struct candidate *c = (struct candidate *)(void *)s->worker[0].candidate;

	return first_base(s, 0, c->set) != NONE;
}

/*
 * The initial state and, if asked for, its images, as if a level before them had
 * found them; false if there is no memory.
 */
static bool first_states(struct search *s)
{
	struct candidate *c = (struct candidate *)(void *)s->worker[0].candidate;

	s->frontier = mem_get(s, s->nimages * sizeof(*s->frontier));
	s->rank = mem_get(s, s->nimages * sizeof(*s->rank));
	if (!s->frontier || !s->rank)
		return false;
	s->nfrontier = s->nranked = s->nimages;
	for (unsigned int i = s->nimages; i-- > 0;) {
		const struct base *b;

		s->frontier[i] = (struct place){ NONE, 0 };
		c->base = first_base(s, i, c->set);
		c->parent = i;
		c->edge = 0;
		if (c->base == NONE)
			return false;
		b = base_at(s, c->base);
		c->hash = list_hash(s, c, list_seed(s, b));
		s->first_bad |= !set_safe(s, b, c->set, &s->worker[0].owe);
		if (remote_owner(s, b->hash) != s->cfg->rank)
			continue;
		if (!list_add(s, &s->shard[c->base & (NSHARDS - 1)], c))
			return false;
	}
	if (!level_end(s))
		return false;
	s->waiting = remote_sum(s, s->nfrontier);
	s->stats.level[0] = s->waiting;
	return true;
}

static void finish_level(struct search *s)
{
	uint64_t fresh = remote_sum(s, s->nfrontier);

	s->level++;
	s->stats.depth = s->level;
	if (fresh) {
		s->stats.diameter = s->level;
		if (s->level < VTLB_MAX_LEVELS)
			s->stats.level[s->level] = fresh;
	}
	s->waiting = fresh;
	remote_stats(s);
}

/* Why this process cannot go on. */
enum vtlb_explore_stop why_stopped(const struct search *s)
{
	if (s->stop != VTLB_STOP_NONE)
		return s->stop;
	if (s->nomem)
		return VTLB_STOP_MEMORY;
	return s->limit ? VTLB_STOP_LIMIT : VTLB_STOP_CALLER;
}

static void save_last(struct search *s)
{
	if (s->cfg->save && s->cfg->save(s->cfg->ctx, true))
		search_save(s);
}

/* Runs to an end; .stop says why it is not complete. */
static void run(struct search *s)
{
	if (s->first_bad && s->part) {
		s->stop = VTLB_STOP_SUSPECT;
		return;
	}
	if (s->first_bad && !found_first(s)) {
		s->stop = VTLB_STOP_CALLER;
		return;
	}
	while (s->waiting && !s->enough && s->stop == VTLB_STOP_NONE) {
		if (s->cfg->max_depth && s->level >= s->cfg->max_depth) {
			s->stop = VTLB_STOP_DEPTH;
			save_last(s);
			return;
		}
		if (!level_extend(s)) {
			/*
			 * What was found in this level so far is as short as can be.  It
			 * is not in the checkpoint: more of the level may come before it.
			 * A part only says where its level ends whether it is suspect.
			 */
			save_last(s);
			if (s->parents && !s->nomem && !s->part)
				(void)found_bad(s);
			s->stop = why_stopped(s);
			return;
		}
		if (!found_bad(s) || !remote_agree(s, level_end(s) && base_cache_grow(s))) {
			s->stop = why_stopped(s);
			save_last(s);
			return;
		}
		finish_level(s);
	}
	s->complete = !s->waiting;
}

static void free_heads(struct search *s)
{
	for (uint32_t i = 0; i < s->nheads; i++) {
		struct head *h = head_at(s, i);

		for (size_t j = 0; j < h->nduty; j++) {
			free(h->duty[j]->mask);
			free(h->duty[j]);
		}
		free(h->duty);
		free(h->maps);
		free(h->turned);
		free(h->bytes);
	}
	for (uint32_t i = 0; i < s->nmaps; i++) {
		const struct map *m = map_at(s, i);

		free(m->keep);
		free(m->base);
		free(m->special_mask);
		free(m->drop);
		free(m->special);
		free(m->row);
	}
	for (uint32_t i = 0; i < s->nduties; i++)
		free(s->duties[i / DUTY_CHUNK][i % DUTY_CHUNK].duty);
	for (unsigned int i = 0; i < MAX_CHUNKS && s->heads && s->heads[i]; i++)
		free(s->heads[i]);
	for (unsigned int i = 0; i < MAX_CHUNKS && s->maps && s->maps[i]; i++)
		free(s->maps[i]);
	for (unsigned int i = 0; i < MAX_CHUNKS && s->duties && s->duties[i]; i++)
		free(s->duties[i]);
	free(s->heads);
	free(s->maps);
	free(s->duties);
	free(s->head_slot);
	free(s->duty_slot);
}

static void free_shard(struct shard *sh)
{
	for (uint32_t i = 0; i < sh->nbases; i++) {
		free(sh->chunk[i / BASE_CHUNK][i % BASE_CHUNK].list);
		free(sh->chunk[i / BASE_CHUNK][i % BASE_CHUNK].edges);
	}
	for (unsigned int i = 0; i < MAX_BASE_CHUNKS && sh->chunk && sh->chunk[i]; i++)
		free(sh->chunk[i]);
	free(sh->chunk);
	free(sh->slot);
	free(sh->active);
	free(sh->print);
	free(sh->index);
	while (sh->arena_first) {
		uint8_t *next;

		memcpy(&next, sh->arena_first, sizeof(next));
		free(sh->arena_first);
		sh->arena_first = next;
	}
}

static void free_worker(struct worker *k)
{
	void *const all[] = { k->impl, k->impl2, k->impl3, k->impl4,
			      k->enc, k->enc2, k->best, k->squeezed,
			      k->c[0], k->c[1], k->c[2], k->c[3], k->head, k->edges,
			      k->states, k->keys, k->hashes, k->seeds, k->recent,
			      k->set, k->set2, k->set3, k->scratch, k->candidate, k->bad.data };

	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++)
		free(all[i]);
	for (unsigned int i = 0; i < NSHARDS; i++)
		free(k->out[i].data);
}

static void free_search(struct search *s)
{
	void *const all[] = { s->bit, s->bit_index[0], s->bit_index[1], s->reading_mask[0],
			      s->reading_mask[1], s->group, s->image, s->compose, s->inverse,
			      s->turn_bit, s->turn_op, s->head_at, s->cache, s->frontier, s->active,
			      s->rank, s->bad, s->bad_all, s->bad_slot, s->remember, s->like };

	found_free(s);
	free_heads(s);
	for (unsigned int i = 0; i < NSHARDS; i++)
		free_shard(&s->shard[i]);
	for (unsigned int i = 0; i < MAX_RANKS; i++)
		free(s->send[i].data);
	for (unsigned int j = 0; j < s->cfg->jobs; j++)
		free_worker(&s->worker[j]);
	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++)
		free(all[i]);
	free(s);
}

static enum vtlb_verdict verdict(const struct search *s)
{
	bool owe = s->ambiguous;

	if (s->mismatch)
		return VTLB_ERROR;
	if (s->nfindings || (s->violating && s->cfg->flags & VTLB_EXPLORE_ALL_IMAGES))
		return VTLB_VIOLATES;
	if (!s->complete)
		return VTLB_INCOMPLETE;
	if (s->deviates)
		return VTLB_DEVIATES;
	if (s->unsupported)
		return VTLB_V_UNSUPPORTED;
	return owe ? VTLB_AMBIGUOUS : VTLB_HOLDS;
}

static void fill_result(struct search *s)
{
	struct vtlb_explore_result *res = s->res;

	remote_stats(s);
	for (unsigned int j = 0; j < s->cfg->jobs; j++)
		s->stats.faults += s->worker[j].faults;
	s->stats.faults = remote_sum(s, s->stats.faults);
	if (s->prints)
		s->stats.odds = print_odds(s->stats.states);
	else if (s->complete || s->enough || s->stop == VTLB_STOP_DEPTH)
		s->stats.orbit_states = remote_sum(s, count_orbits(s));
	count_all(s);
	remote_counts(s);
	for (unsigned int j = 0; j < s->cfg->jobs; j++)
		s->ambiguous |= s->worker[j].owe;
	s->ambiguous = remote_sum(s, s->ambiguous);
	s->unsupported = remote_sum(s, s->unsupported);
	res->stats = s->stats;
	res->complete = s->complete;
	res->stop = s->stop;
	res->unsupported = s->unsupported;
	res->verdict = verdict(s);
	res->proof = s->complete && !s->prints && res->verdict == VTLB_HOLDS;
}

static enum vtlb_err begin(struct search *s)
{
	if (!init(s))
		return s->nomem ? VTLB_E_NOMEM : s->refused ? VTLB_E_UNSUPPORTED : VTLB_E_LIMIT;
	if (s->cfg->resume && !search_load(s))
		return s->nomem ? VTLB_E_NOMEM : VTLB_E_PARSE;
	if (!s->cfg->resume && !first_states(s))
		return s->nomem ? VTLB_E_NOMEM : VTLB_E_LIMIT;
	return VTLB_OK;
}

/* One search, of everything or of one part. */
enum vtlb_err explore_one(const struct vtlb_explore_config *cfg,
			  struct vtlb_explore_result *res, struct part *part,
			  const struct first_search *first)
{
	enum vtlb_err err = VTLB_E_NOMEM;
	struct search *s;
	uint64_t failed;

	memset(res, 0, sizeof(*res));
	s = calloc(1, sizeof(*s));
	if (s) {
		s->cfg = cfg;
		s->res = res;
		s->part = part;
		s->first = first;
		s->stats.part = part ? part->number : 0;
		err = begin(s);
		s->stats.second = first != NULL;
	}
	failed = err != VTLB_OK;
	if (cfg->nranks > 1 && !cfg->sum(cfg->ctx, &failed, 1))
		failed = 1;
	/* a part that another is about: neither searched nor counted */
	if (!failed && s && (!part || part->orbit)) {
		count_can_apply(s);
		run(s);
		fill_result(s);
	}
	if (s)
		free_search(s);
	/* what fails in one process alone is that it has no memory */
	return failed && !err ? VTLB_E_NOMEM : err;
}

/*
 * A state that fails is judged by the first way to it.  Deviations may explain that way and not
 * another one, so that all is explained only if nothing fails with all of them waived.
 */
static enum vtlb_err search_waived(const struct vtlb_explore_config *cfg,
				   struct vtlb_explore_result *res, bool resume)
{
	const struct first_search first = { cfg->waive, cfg->remember, res };
	struct vtlb_explore_config waived = *cfg;
	struct vtlb_explore_result *one = malloc(sizeof(*one));
	enum vtlb_err err = VTLB_E_NOMEM;

	waived.waive = VTLB_WAIVE_ALL;
	waived.remember = 0;
	waived.resume = resume;
	if (one)
		err = explore_one(&waived, one, NULL, &first);
	if (!err)
		res->waived = one->stats;
	if (!err && one->verdict != VTLB_HOLDS && one->verdict != VTLB_AMBIGUOUS) {
		res->verdict = one->verdict;
		res->stop = one->stop;
		res->complete &= one->complete;
		res->unsupported |= one->unsupported;
		res->stats.violating += one->stats.violating;
	}
	free(one);
	return err;
}

enum vtlb_err vtlb_explore(const struct vtlb_explore_config *cfg,
			   struct vtlb_explore_result *res)
{
	enum vtlb_err err;
	struct vtlb_explore_config own = *cfg;
	bool by_table = cfg->flags & VTLB_EXPLORE_BY_TABLE;
	struct phase phase = { .kind = PHASE_ONE };

	memset(res, 0, sizeof(*res));
	own.jobs = own.jobs ? own.jobs : 1;
	own.nranks = own.nranks ? own.nranks : 1;
	if (cfg->nops == 0 || cfg->nops > VTLB_MAX_ALPHABET || own.jobs > MAX_JOBS ||
	    own.nranks > MAX_RANKS || cfg->remember > vtlb_nr_rules)
		return VTLB_E_LIMIT;
	for (size_t i = 0; i < cfg->nops; i++)
		if (!vtlb_op_valid(cfg->w, cfg->ops[i]))
			return VTLB_E_OP;
	/* states are kept, and told apart, as their bytes */
	if (cfg->impl->clone || !cfg->impl->state_size(cfg->impl, cfg->w) ||
	    ((own.nranks > 1 || (by_table && cfg->max_depth)) && (cfg->save || cfg->resume)) ||
	    (by_table && cfg->remember))
		return VTLB_E_UNSUPPORTED;
	if (cfg->resume && !search_load_phase(&own, res, &phase))
		return VTLB_E_PARSE;
	if (by_table && (!cfg->resume || phase.kind == PHASE_PART))
		return explore_tables(&own, res, cfg->resume ? &phase : NULL);
	/* by table something may have failed: the checkpoint is of the whole */
	own.flags &= ~(uint32_t)VTLB_EXPLORE_BY_TABLE;
	if (phase.kind == PHASE_PART)
		return VTLB_E_PARSE;
	if (phase.kind == PHASE_WAIVED)
		return search_waived(&own, res, true);
	err = explore_one(&own, res, NULL, NULL);
	if (!err && res->verdict == VTLB_DEVIATES)
		err = search_waived(&own, res, false);
	return err;
}
