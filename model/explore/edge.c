/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Edges of a base: each operation of the alphabet, an access once for every
 * outcome that the implementation could give.
 */
#include "internal.h"

#define MAX_EDGES 1024u
#define PENDING (NONE - 4u) /* a target that is not known yet */

/* @from: the implementation's state, the base's own but where a hidden entry is assumed */
struct walk {
	struct search *s;
	struct worker *k;
	uint32_t id, head;
	const uint8_t *from;
	unsigned int n;
};

/* Takes one operation with one outcome; fills in an edge. */
static bool take(struct walk *w, unsigned int op_index, uint32_t outcome)
{
	struct search *s = w->s;
	struct worker *k = w->k;
	struct vtlb_op op = s->cfg->ops[op_index];
	struct vtlb_impl_step ir;
	const struct map *m;
	struct edge *e;
	uint8_t *state;
	uint32_t map;

	if (w->n == MAX_EDGES) {
		s->limit = true;
		return false;
	}
	state = k->states + w->n * s->impl_size;
	e = &k->edges[w->n++];
	map = map_find(s, k, w->head, op_index, outcome);
	if (map == NONE)
		return false;
	m = map_at(s, map);
	*e = (struct edge){ .target = NO_ANSWER, .map = map & 0x3ffffffu };
	memset(&ir, 0, sizeof(ir));
	if (m->fault == VTLB_UNSUPPORTED || !(s->impl->ops & 1u << op.code)) {
		s->unsupported = true;
		return true;
	}
	memcpy(state, w->from, s->impl_size);
	s->impl->step(s->impl, &s->w, state, op, outcome, &ir);
	if (ir.fault == VTLB_UNSUPPORTED) {
		s->unsupported = true;
		return true;
	}
	if (ir.fault != m->fault) {
		e->target = NO_TARGET;
		return true;
	}
	/* a fault, too: that it changes nothing is what the implementation says */
	e->target = PENDING;
	k->hashes[w->n - 1] = base_prepare(s, state, m->next, k->keys + (w->n - 1) * s->key_cap);
	return true;
}

static bool removes(const struct map *m)
{
	for (unsigned int i = 0; i < m->nrules; i++)
		if (m->has_drop[i])
			return true;
	return false;
}

/* Did an edge before number @i lead everything to the same places? */
static bool is_again(const struct walk *w, unsigned int i)
{
	const struct edge *e = w->k->edges;
	uint32_t like = map_at(w->s, e[i].map)->like;

	for (unsigned int j = 0; j < i; j++)
		if (e[j].target == e[i].target && e[j].turn == e[i].turn &&
		    map_at(w->s, e[j].map)->like == like)
			return true;
	return false;
}

/* Of edges that lead everything to the same places, the first is enough. */
static void mark_again(struct walk *w)
{
	struct edge *e = w->k->edges;

	/* from the last, so that those before it still have their targets */
	for (unsigned int i = w->n; i--;) {
		const struct map *m = map_at(w->s, e[i].map);

		if (e[i].target >= NO_MOVE)
			continue;
		if (m->same && e[i].target == w->id && !e[i].turn)
			e[i].target = NO_MOVE;
		else if (is_again(w, i))
			e[i].target = removes(m) ? AGAIN : NO_MOVE;
	}
}

/* Each target, now that memory has had time to come. */
static bool resolve(struct walk *w)
{
	struct search *s = w->s;
	struct worker *k = w->k;

	for (unsigned int i = 0; i < w->n; i++)
		if (k->edges[i].target == PENDING)
			base_prefetch(s, k->hashes[i]);
	for (unsigned int i = 0; i < w->n; i++) {
		struct edge *e = &k->edges[i];
		unsigned int turn = 0;

		if (e->target != PENDING)
			continue;
		e->target = base_intern(s, k, k->states + i * s->impl_size,
					map_at(s, e->map)->next, k->keys + i * s->key_cap,
					k->hashes[i], &turn);
		e->turn = turn & 63u;
		if (e->target == NONE)
			return false;
	}
	mark_again(w);
	return true;
}

static bool take_outcomes(struct walk *w, unsigned int op_index, enum vtlb_kind kind)
{
	struct search *s = w->s;
	struct vtlb_op op = s->cfg->ops[op_index];
	struct vtlb_outset out[VTLB_NR_KINDS];
	const struct vtlb_outset *set = &out[kind];
	uint32_t outcome;

	s->impl->outcomes(s->impl, &s->w, w->from, vtlb_op_vcpu(op), op.a, out);
	outcome = vtlb_outset_next(set, 0);
	if (!outcome)
		s->unsupported = true;
	for (; outcome; outcome = vtlb_outset_next(set, outcome))
		if (!take(w, op_index, outcome))
			return false;
	return true;
}

/*
 * An access that used a translation which is not seen: to the implementation
 * nothing happened.
 */
static bool take_unseen(struct walk *w, unsigned int op_index)
{
	struct search *s = w->s;
	struct worker *k = w->k;
	const struct map *m;
	uint32_t map = map_find(s, k, w->head, op_index, 0);
	unsigned int n = w->n;

	if (map == NONE)
		return false;
	m = map_at(s, map);
	if (m->fault || (m->same && m->next == w->head))
		return true;
	if (n == MAX_EDGES) {
		s->limit = true;
		return false;
	}
	w->n++;
	memcpy(k->states + n * s->impl_size, w->from, s->impl_size);
	k->edges[n] = (struct edge){ .target = PENDING, .map = map & 0x3ffffffu };
	k->hashes[n] = base_prepare(s, w->from, m->next, k->keys + n * s->key_cap);
	return true;
}

static bool take_access(struct walk *w, unsigned int op_index)
{
	struct search *s = w->s;
	struct worker *k = w->k;
	struct vtlb_op op = s->cfg->ops[op_index];
	unsigned int vcpu = vtlb_op_vcpu(op), entry = s->w.page[op.a].entry, table = 0;
	const struct vtlb_cstate *c = (const struct vtlb_cstate *)(const void *)k->c[0];
	struct walk assumed = *w;
	enum vtlb_kind kind;
	uint32_t values;

	set_head(s, head_at(s, w->head)->bytes, k->c);
	kind = vtlb_op_kind(op, c->regs[vcpu].mode);
	values = hidden_walk(s, c, vcpu, op.a, &table);
	if (!values && !take_outcomes(w, op_index, kind))
		return false;
	assumed.from = k->impl4;
	assumed.n = w->n;
	for (; values; values &= values - 1) {
		memcpy(k->impl4, w->from, s->impl_size);
		s->impl->assume(s->impl, &s->w, k->impl4, table, entry,
				(unsigned int)__builtin_ctz(values));
		if (!take_outcomes(&assumed, op_index, kind))
			return false;
	}
	w->n = assumed.n;
	return !is_hidden(s) || take_unseen(w, op_index);
}

static bool walk(struct walk *w)
{
	struct search *s = w->s;

	for (size_t i = 0; i < s->cfg->nops; i++) {
		bool access = s->cfg->ops[i].code == VTLB_OP_ACCESS;
		bool ok = access ? take_access(w, (unsigned int)i) : take(w, (unsigned int)i, 0);

		if (!ok)
			return false;
	}
	return resolve(w);
}

/*
 * Edges are kept while they take less than a quarter of the memory that is allowed; where most
 * bases have one state, and are not asked for again, much less.
 */
static bool may_keep(const struct search *s)
{
	unsigned int share = s->stats.states < 2 * s->stats.impl_states ? 32 : 4;

	return !s->cfg->max_memory || s->edge_bytes < s->cfg->max_memory / share;
}

/*
 * The edges of a base.  Two threads never ask for those of one base at a time.
 * Where they are not kept, they are good until the worker's next call.
 */
const struct edge *edges_of(struct search *s, struct worker *k, uint32_t id, unsigned int *n)
{
	struct base *b = base_at(s, id);
	struct walk w = { .s = s, .k = k, .id = id, .head = b->head, .from = k->impl3 };

	if (b->edges) {
		*n = b->nedges;
		return b->edges;
	}
	base_open(s, b, k, k->impl3);
	if (!walk(&w))
		return NULL;
	*n = w.n;
	if (!may_keep(s))
		return k->edges;
	b->edges = mem_try(s, w.n * sizeof(*b->edges));
	if (!b->edges)
		return k->edges;
	s->edge_bytes += w.n * sizeof(*b->edges);
	memcpy(b->edges, k->edges, w.n * sizeof(*b->edges));
	b->nedges = (uint16_t)w.n;
	return b->edges;
}

/* A worker's room for the edges of one base. */
bool edges_room(struct search *s, struct worker *k)
{
	k->edges = mem_get(s, MAX_EDGES * sizeof(*k->edges));
	k->states = mem_get(s, MAX_EDGES * s->impl_size);
	k->keys = mem_get(s, MAX_EDGES * s->key_cap);
	k->hashes = mem_get(s, MAX_EDGES * sizeof(*k->hashes));
	k->seeds = mem_get(s, MAX_EDGES * sizeof(*k->seeds));
	k->candidate = mem_get(s, s->candidate_size);
	return !s->nomem;
}
