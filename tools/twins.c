/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Random walks remember the first way to each state, by the bytes that stand for it.
 * Whoever comes to it another way is a twin: both are stepped on alike, each from what
 * its own way made, and everything that can be seen of them must stay equal.
 */
#include "twins.h"

#include <stdlib.h>
#include <string.h>

#include "intern.h"
#include "out.h"
#include "progress.h"
#include "random.h"
#include "text.h"

#define IDLE_WALKS 100000u	/* without a twin, after which there will be none */

/* The first way to a state, and what it made. */
struct first {
	uint8_t *state;
	struct vtlb_op *ops;
	size_t nops;
};

/**
 * struct run - a run under way
 * @now: the walk, whose two sides are the same; @both: two twins
 */
struct run {
	struct twins *t;
	const struct pair *p;
	const struct vtlb_op *ops, *walk;
	size_t nops, nwalk;
	struct intern keys;
	uint8_t *key[NR_SIDES];
	struct first *first;
	size_t first_cap;
	struct pair_state now, both;
	uint64_t random;
};

static size_t key_of(const struct run *r, const void *state, uint8_t *key)
{
	const struct vtlb_impl *impl = r->p->impl[SIDE_A];
	size_t size = r->p->size[SIDE_A];

	if (impl->encode)
		return impl->encode(impl, r->p->w, state, key, key ? r->keys.key : 0);
	if (key)
		memcpy(key, state, size);
	return size;
}

/* The next operation; of an access an outcome that both sides can give, if there is one. */
static struct vtlb_op choose(struct run *r, const struct pair_state *s, uint32_t *outcome)
{
	struct vtlb_op op = r->ops[random_below(&r->random, (uint32_t)r->nops)];
	struct vtlb_outset could[NR_SIDES][VTLB_NR_KINDS], both;
	unsigned int vcpu = vtlb_op_vcpu(op), kind, n;

	*outcome = 0;
	if (op.code != VTLB_OP_ACCESS)
		return op;
	kind = vtlb_op_kind(op, s->c->regs[vcpu].mode);
	for (unsigned int side = 0; side < NR_SIDES; side++)
		pair_could(r->p, s, side, vcpu, op.a, could[side]);
	both = pair_both(&could[SIDE_A][kind], &could[SIDE_B][kind]);
	n = pair_count(&both);
	for (n = n ? random_below(&r->random, n) + 1 : 0; n; n--)
		*outcome = vtlb_outset_next(&both, *outcome);
	return op;
}

static const char *compare_sights(const struct run *r)
{
	const struct vtlb_world *w = r->p->w;
	struct vtlb_outset could[NR_SIDES][VTLB_NR_KINDS];

	for (unsigned int vcpu = 0; vcpu < w->nvcpus; vcpu++)
		for (unsigned int page = 0; page < w->npages; page++) {
			for (unsigned int side = 0; side < NR_SIDES; side++)
				pair_could(r->p, &r->both, side, vcpu, page, could[side]);
			for (unsigned int k = 0; k < VTLB_NR_KINDS; k++)
				if (!pair_same_set(&could[SIDE_A][k], &could[SIDE_B][k]))
					return "outcomes that accesses could have";
		}
	return NULL;
}

static const char *compare_twins(struct run *r, const struct pair_step *step)
{
	if (memcmp(&step->impl[SIDE_A].cost, &step->impl[SIDE_B].cost,
		   sizeof(struct vtlb_cost)) != 0)
		return "cost";
	if (step->impl[SIDE_A].outcome != step->impl[SIDE_B].outcome)
		return "outcome";
	for (unsigned int side = 0; side < NR_SIDES; side++)
		key_of(r, r->both.impl[side], r->key[side]);
	if (memcmp(r->key[SIDE_A], r->key[SIDE_B], r->keys.key) != 0)
		return "bytes of the state";
	return compare_sights(r);
}

static void keep(struct run *r, const struct first *first, const struct vtlb_op *then, size_t nthen)
{
	struct twins *t = r->t;
	const struct vtlb_op *from[] = { first->ops, r->walk, then };
	size_t n[] = { first->nops, r->nwalk, nthen };
	struct vtlb_op **to[] = { &t->way[SIDE_A], &t->way[SIDE_B], &t->then };

	for (unsigned int i = 0; i < 3; i++) {
		*to[i] = out_alloc(n[i] + 1, sizeof(struct vtlb_op));
		memcpy(*to[i], from[i], n[i] * sizeof(struct vtlb_op));
	}
	t->nway[SIDE_A] = n[0];
	t->nway[SIDE_B] = n[1];
	t->nthen = n[2];
}

/* The same steps from both; false: they differ. */
static bool step_twins(struct run *r, const struct first *first)
{
	struct vtlb_op *then = out_alloc(r->t->steps, sizeof(*then));
	const struct pair *p = r->p;

	memcpy(r->both.impl[SIDE_A], first->state, p->size[SIDE_A]);
	memcpy(r->both.impl[SIDE_B], r->now.impl[SIDE_A], p->size[SIDE_A]);
	memcpy(r->both.c, r->now.c, vtlb_contract_size(&p->c));
	r->t->found++;
	r->t->what = compare_sights(r);
	for (uint64_t i = 0; i < r->t->steps && !r->t->what; i++) {
		struct pair_step step;
		enum pair_end end;
		uint32_t outcome;

		then[i] = choose(r, &r->both, &outcome);
		end = pair_step(p, &r->both, then[i], outcome, &step);
		if (outcome)
			then[i].imm = outcome;
		if (step.impl[SIDE_A].fault != step.impl[SIDE_B].fault)
			r->t->what = "fault";
		else if (end != PAIR_ALIKE)
			break;
		else
			r->t->what = compare_twins(r, &step);
		r->t->stepped++;
		if (r->t->what)
			keep(r, first, then, (size_t)i + 1);
	}
	if (r->t->what && !r->t->way[SIDE_A])
		keep(r, first, NULL, 0);
	free(then);
	return !r->t->what;
}

/* Where the walk is: a state that is new, the same again, or a twin. */
static bool meet(struct run *r)
{
	struct first *f;
	uint32_t id, n = r->keys.n;

	key_of(r, r->now.impl[SIDE_A], r->key[SIDE_A]);
	id = intern_add(&r->keys, r->key[SIDE_A]);
	if (id == n) {
		r->first = out_grow(r->first, &r->first_cap, id + 1u, sizeof(*r->first));
		f = &r->first[id];
		f->state = out_alloc(r->p->size[SIDE_A], 1);
		memcpy(f->state, r->now.impl[SIDE_A], r->p->size[SIDE_A]);
		f->ops = out_alloc(r->nwalk + 1, sizeof(*f->ops));
		memcpy(f->ops, r->walk, r->nwalk * sizeof(*f->ops));
		f->nops = r->nwalk;
		return true;
	}
	f = &r->first[id];
	return !memcmp(f->state, r->now.impl[SIDE_A], r->p->size[SIDE_A]) || step_twins(r, f);
}

static bool walk(struct run *r, struct vtlb_op *ops)
{
	bool fine;

	pair_reset(r->p, &r->now);
	r->walk = ops;
	r->nwalk = 0;
	fine = meet(r);
	while (fine && r->nwalk < r->t->steps && r->t->found < r->t->want) {
		struct pair_step step;
		uint32_t outcome;
		struct vtlb_op op = choose(r, &r->now, &outcome);

		if (pair_step(r->p, &r->now, op, outcome, &step) != PAIR_ALIKE)
			break;
		if (outcome)
			op.imm = outcome;
		ops[r->nwalk++] = op;
		fine = meet(r);
	}
	return fine;
}

static void show(const struct twins *t)
{
	struct text line = { 0 };

	text_add(&line, "%llu of %llu twins, %llu walks, %.0f s", (unsigned long long)t->found,
		 (unsigned long long)t->want, (unsigned long long)t->walks, progress_seconds());
	progress_show(text_str(&line));
	text_free(&line);
}

bool twins_run(struct twins *t, const struct pair *p, const struct vtlb_op *ops, size_t nops)
{
	struct run *r = out_alloc(1, sizeof(*r));
	struct vtlb_op *walked = out_alloc(t->steps + 1, sizeof(*walked));
	uint64_t last = 0;
	bool done;

	r->t = t;
	r->p = p;
	r->ops = ops;
	r->nops = nops;
	pair_alloc(p, &r->now);
	pair_alloc(p, &r->both);
	r->keys.key = r->keys.size = key_of(r, r->now.impl[SIDE_A], NULL);
	for (unsigned int i = 0; i < NR_SIDES; i++)
		r->key[i] = out_alloc(r->keys.key, 1);
	while (!t->what && t->found < t->want && t->walks - last < IDLE_WALKS &&
	       !progress_interrupted()) {
		uint64_t found = t->found;

		r->random = random_walk(t->seed, t->walks++);
		walk(r, walked);
		last = t->found > found ? t->walks : last;
		if (progress_due())
			show(t);
	}
	done = t->what || t->found >= t->want;
	for (uint32_t i = 0; i < r->keys.n; i++) {
		free(r->first[i].state);
		free(r->first[i].ops);
	}
	free(r->first);
	intern_free(&r->keys);
	for (unsigned int i = 0; i < NR_SIDES; i++)
		free(r->key[i]);
	pair_free(&r->now);
	pair_free(&r->both);
	free(walked);
	free(r);
	return done;
}

void twins_free(struct twins *t)
{
	free(t->way[SIDE_A]);
	free(t->way[SIDE_B]);
	free(t->then);
}
