/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Edges of a base: each operation of the alphabet, an access once for every
 * outcome that the implementation could give.
 */
#include "internal.h"

#define MAX_EDGES 4096u

struct walk {
	struct search *s;
	struct worker *k;
	uint32_t id, head;
	unsigned int n;
	uint8_t *from;			/* the base's implementation state */
	uint8_t *heads[2];		/* its heads, with empty sets */
};

static void *as_state(uint8_t *p)
{
	return p;
}

/* Takes one operation with one outcome; fills in an edge. */
static bool take(struct walk *w, unsigned int op_index, uint32_t outcome)
{
	struct search *s = w->s;
	struct worker *k = w->k;
	struct vtlb_op op = s->cfg->ops[op_index];
	struct vtlb_contract_step r = { 0 };
	struct vtlb_impl_step ir;
	struct edge *e;
	unsigned int turn = 0;
	uint32_t map;

	if (w->n == MAX_EDGES) {
		s->limit = true;
		return false;
	}
	e = &k->edges[w->n++];
	map = map_find(s, k, w->head, op_index, outcome);
	if (map == NONE)
		return false;
	*e = (struct edge){ .target = NO_ANSWER, .map = map & 0x3ffffffu };
	for (unsigned int i = 0; i < s->ncontracts; i++) {
		memcpy(k->c[i], w->heads[i], vtlb_contract_size(&s->c[i]));
		vtlb_contract_step(&s->c[i], as_state(k->c[i]), op, outcome, &r);
	}
	memset(&ir, 0, sizeof(ir));
	if (r.fault == VTLB_UNSUPPORTED || !(s->impl->ops & 1u << op.code)) {
		s->unsupported = true;
		return true;
	}
	memcpy(k->impl, w->from, s->impl_size);
	s->impl->step(s->impl, &s->w, k->impl, op, outcome, &ir);
	if (ir.fault == VTLB_UNSUPPORTED) {
		s->unsupported = true;
		return true;
	}
	if (ir.fault != r.fault) {
		e->target = NO_TARGET;
		return true;
	}
	if (r.fault) {
		e->target = w->id;
		return true;
	}
	/* what the sets became is the map's business */
	for (unsigned int i = 0; i < s->ncontracts; i++)
		memset(k->c[i] + offsetof(struct vtlb_cstate, set), 0,
		       vtlb_contract_size(&s->c[i]) - offsetof(struct vtlb_cstate, set));
	e->target = base_intern(s, k, k->impl, k->c, &turn);
	e->turn = turn & 63u;
	return e->target != NONE;
}

static bool take_access(struct walk *w, unsigned int op_index)
{
	struct search *s = w->s;
	struct vtlb_op op = s->cfg->ops[op_index];
	const struct vtlb_cstate *c = as_state(w->heads[0]);
	struct vtlb_outset out[VTLB_NR_KINDS];
	const struct vtlb_outset *set = &out[vtlb_op_kind(op, c->regs[vtlb_op_vcpu(op)].mode)];
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

static bool walk(struct walk *w)
{
	struct search *s = w->s;

	for (size_t i = 0; i < s->cfg->nops; i++) {
		bool ok = s->cfg->ops[i].code == VTLB_OP_ACCESS ?
				  take_access(w, (unsigned int)i) :
				  take(w, (unsigned int)i, 0);

		if (!ok)
			return false;
	}
	return true;
}

/* Edges are kept while they take less than a quarter of the memory that is allowed. */
static bool may_keep(const struct search *s)
{
	return !s->cfg->max_memory || s->edge_bytes < s->cfg->max_memory / 4;
}

/*
 * The edges of a base.  Two threads never ask for those of one base at a time.
 * Where they are not kept, they are good until the worker's next call.
 */
const struct edge *edges_of(struct search *s, struct worker *k, uint32_t id, unsigned int *n)
{
	struct base *b = base_at(s, id);
	struct walk w = { .s = s, .k = k, .id = id, .from = k->impl3,
			  .heads = { k->head[0], k->head[1] } };
	if (b->edges) {
		*n = b->nedges;
		return b->edges;
	}
	base_open(s, b, k, w.from, w.heads);
	/* base_open() left the key there */
	w.head = head_find(s, k->enc2 + s->enc_size);
	if (w.head == NONE || !walk(&w))
		return NULL;
	*n = w.n;
	if (!may_keep(s))
		return k->edges;
	b->edges = mem_get(s, w.n * sizeof(*b->edges));
	if (!b->edges)
		return NULL;
	s->edge_bytes += w.n * sizeof(*b->edges);
	memcpy(b->edges, k->edges, w.n * sizeof(*b->edges));
	b->nedges = (uint16_t)w.n;
	return b->edges;
}

/* One base's worth of room for worker_init(). */
size_t edges_room(void)
{
	return MAX_EDGES * sizeof(struct edge);
}
