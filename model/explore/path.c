/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The way to a state, as operations with real names: parents back to the initial
 * state, then forward again, undoing the symmetries that each step took.
 */
#include "internal.h"

/* Which symmetry of @stab makes @canonical of @set? */
static unsigned int which_turn(const struct search *s, uint64_t stab, const uint64_t *set,
			       const uint64_t *canonical, uint64_t *scratch)
{
	for (; stab; stab &= stab - 1) {
		unsigned int g = (unsigned int)__builtin_ctzll(stab);

		set_turn(s, g, set, scratch);
		if (equal_set(s, scratch, canonical))
			return g;
	}
	return 0;
}

/* Does edge @e lead from @set to @to?  Then @turn is the symmetry that was taken. */
static bool leads(struct search *s, const struct edge *e, const uint64_t *set, struct place to,
		  unsigned int *turn)
{
	struct worker *k = &s->worker[0];
	const struct base *b = base_at(s, to.base);
	const uint64_t *want = entry_at(s, b, to.index)->set;
	unsigned int h;

	if (e->target != to.base)
		return false;
	map_set(s, map_at(s, e->map), set, k->set2);
	set_turn(s, e->turn, k->set2, k->set3);
	copy_set(s, k->set2, k->set3);
	set_smallest(s, b->stab, k->set2, k->scratch);
	if (!equal_set(s, k->set2, want))
		return false;
	h = which_turn(s, b->stab, k->set3, want, k->set2);
	*turn = s->compose[h * MAX_GROUP + e->turn];
	return true;
}

/* The operation of an edge, as it is called before symmetry @gamma is applied. */
static struct vtlb_op real_op(const struct search *s, const struct edge *edges, unsigned int n,
			      unsigned int j, unsigned int gamma)
{
	const struct map *m = map_at(s, edges[j].map);
	unsigned int back = s->inverse[gamma], ways = 0;
	struct vtlb_op op = s->cfg->ops[s->turn_op[back * s->cfg->nops + m->op]];

	for (unsigned int i = 0; i < n; i++)
		ways += map_at(s, edges[i].map)->op == m->op;
	if (op.code == VTLB_OP_ACCESS && ways > 1)
		op.imm = vtlb_outcome_permute(m->outcome, &s->group[back]);
	return op;
}

static uint32_t chain(const struct search *s, struct place last, struct place *places)
{
	uint32_t n = 0;

	for (struct place p = last; p.base != NONE && n < VTLB_MAX_PATH; n++) {
		const struct entry *e = entry_at(s, base_at(s, p.base), p.index);

		places[n] = p;
		p = (struct place){ e->base, e->index };
	}
	for (uint32_t i = 0; i < n / 2; i++) {
		struct place t = places[i];

		places[i] = places[n - 1 - i];
		places[n - 1 - i] = t;
	}
	return n;
}

/* The operations to state @last, and those of its edge @edge. */
bool path_of(struct search *s, struct place last, uint32_t edge, struct vtlb_op *ops,
	     uint32_t *nops)
{
	struct place places[VTLB_MAX_PATH];
	uint32_t n = chain(s, last, places);
	unsigned int gamma = s->first_turn;

	*nops = 0;
	for (uint32_t i = 0; i < n; i++) {
		const struct base *b = base_at(s, places[i].base);
		const uint64_t *set = entry_at(s, b, places[i].index)->set;
		unsigned int nedges, turn = 0, j = edge;
		const struct edge *edges = edges_of(s, &s->worker[0], places[i].base, &nedges);

		if (!edges)
			return false;
		if (i + 1 < n)
			for (j = 0; j < nedges; j++)
				if (leads(s, &edges[j], set, places[i + 1], &turn))
					break;
		if (j >= nedges)
			return false;
		ops[(*nops)++] = real_op(s, edges, nedges, j, gamma);
		gamma = s->compose[turn * MAX_GROUP + gamma];
	}
	return true;
}
