/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A search by the bytes of states, as any search is; but what it would drop, because a
 * state with these bytes is known, it compares with that one instead.
 */
#include <stdlib.h>
#include <string.h>

#include "alike.h"
#include "intern.h"
#include "out.h"
#include "progress.h"
#include "text.h"
#include "twins.h"

/* The first state with some bytes, and how it was reached. */
struct node {
	struct pair_state s;
	uint32_t parent, depth;
	struct vtlb_op op;
};

struct run {
	struct twins *t;
	struct alike a;
	struct intern keys;
	struct node *nodes;
	size_t cap;
	struct pair_state next, both;
};

static void add_node(struct run *r, const struct pair_state *s, uint32_t parent, struct vtlb_op op)
{
	uint32_t id = r->keys.n - 1;
	struct node *n;

	r->nodes = out_grow(r->nodes, &r->cap, id + 1u, sizeof(*r->nodes));
	n = &r->nodes[id];
	*n = (struct node){ .parent = parent, .op = op,
			    .depth = id ? r->nodes[parent].depth + 1 : 0 };
	pair_alloc(r->a.p, &n->s);
	pair_copy(r->a.p, &n->s, s);
}

/* The operations to a node, and @last if there is one. */
static struct vtlb_op *way_to(const struct run *r, uint32_t id, const struct vtlb_op *last,
			      size_t *n)
{
	size_t depth = r->nodes[id].depth;
	struct vtlb_op *ops = out_alloc(depth + 2, sizeof(*ops));

	*n = depth + !!last;
	if (last)
		ops[depth] = *last;
	for (; depth; id = r->nodes[id].parent)
		ops[--depth] = r->nodes[id].op;
	return ops;
}

/* .next, which came from @parent by @op, has the bytes of @same. */
static void compare(struct run *r, uint32_t same, uint32_t parent, struct vtlb_op op)
{
	struct twins *t = r->t;
	struct vtlb_op then[ALIKE_AHEAD];
	size_t nthen = 0;

	t->found++;
	pair_copy(r->a.p, &r->both, &r->next);
	memcpy(r->both.impl[SIDE_A], r->nodes[same].s.impl[SIDE_A], r->a.p->size[SIDE_A]);
	t->what = alike_now(&r->a, &r->both);
	if (!t->what)
		t->what = alike_ahead(&r->a, &r->both, t->ahead, then, &nthen);
	if (!t->what)
		return;
	t->way[SIDE_A] = way_to(r, same, NULL, &t->nway[SIDE_A]);
	t->way[SIDE_B] = way_to(r, parent, &op, &t->nway[SIDE_B]);
	t->then = out_alloc(nthen + 1, sizeof(*then));
	memcpy(t->then, then, nthen * sizeof(*then));
	t->nthen = nthen;
}

/* One operation from node @id, with one outcome. */
static void follow(struct run *r, uint32_t id, struct vtlb_op op, uint32_t outcome)
{
	size_t size = r->a.p->size[SIDE_A];
	struct pair_step step;
	uint32_t n, same;

	pair_copy(r->a.p, &r->next, &r->nodes[id].s);
	if (pair_step(r->a.p, &r->next, op, outcome, &step) != PAIR_ALIKE)
		return;
	if (outcome)
		op.imm = outcome;
	n = r->keys.n;
	same = intern_add(&r->keys, alike_key(&r->a, &r->next, SIDE_A));
	if (same == n)
		add_node(r, &r->next, id, op);
	else if (memcmp(r->nodes[same].s.impl[SIDE_A], r->next.impl[SIDE_A], size) != 0)
		compare(r, same, id, op);
}

static void follow_all(struct run *r, uint32_t id)
{
	for (size_t i = 0; i < r->a.nops && !r->t->what && !progress_interrupted(); i++) {
		struct vtlb_outset both = alike_outcomes(&r->a, &r->nodes[id].s, r->a.ops[i]);
		uint32_t outcome = vtlb_outset_next(&both, 0);

		do {
			follow(r, id, r->a.ops[i], outcome);
			outcome = outcome ? vtlb_outset_next(&both, outcome) : 0;
		} while (outcome && !r->t->what);
	}
}

static void show(const struct run *r, uint32_t id)
{
	struct text line = { 0 };

	text_add(&line, "depth %u, %u states, %llu met again, %.0f s", r->nodes[id].depth,
		 r->keys.n, (unsigned long long)r->t->found, progress_seconds());
	progress_show(text_str(&line));
	text_free(&line);
}

bool merges_run(struct twins *t, const struct pair *p, const struct vtlb_op *ops, size_t nops)
{
	struct run *r = out_alloc(1, sizeof(*r));
	bool done;

	r->t = t;
	alike_begin(&r->a, p, ops, nops);
	pair_alloc(p, &r->next);
	pair_alloc(p, &r->both);
	r->keys.key = r->keys.size = r->a.size;
	intern_add(&r->keys, alike_key(&r->a, &r->next, SIDE_A));
	add_node(r, &r->next, 0, (struct vtlb_op){ 0 });
	for (uint32_t id = 0; id < r->keys.n && r->nodes[id].depth < t->depth && !t->what &&
			      !progress_interrupted(); id++) {
		follow_all(r, id);
		if (progress_due())
			show(r, id);
	}
	done = t->what || !progress_interrupted();
	t->states = r->keys.n;
	t->stepped = r->a.stepped;
	for (uint32_t i = 0; i < r->keys.n; i++)
		pair_free(&r->nodes[i].s);
	free(r->nodes);
	intern_free(&r->keys);
	alike_end(&r->a);
	pair_free(&r->next);
	pair_free(&r->both);
	free(r);
	return done;
}
