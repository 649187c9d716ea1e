/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Random walks remember the first way to each state, by the bytes that stand for it.
 * Whoever comes to it another way is a twin: both are stepped on alike, each from what
 * its own way made, and everything that can be seen of them must stay equal.  Or a state of
 * the walk has a twin made of it, by changing what its bytes leave out.
 */
#include "twins.h"

#include <stdlib.h>
#include <string.h>

#include "alike.h"
#include "intern.h"
#include "out.h"
#include "progress.h"
#include "random.h"
#include "text.h"

#define EACH 4u		/* of so many states of a walk one is disturbed */
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
	struct alike a;
	const struct vtlb_op *walk;
	size_t nwalk;
	struct intern keys;
	struct first *first;
	size_t first_cap;
	struct pair_state now, both;
	uint64_t random;
};

/* The next operation; of an access an outcome that both sides can give, if there is one. */
static struct vtlb_op choose(struct run *r, const struct pair_state *s, uint32_t *outcome)
{
	struct vtlb_op op = r->a.ops[random_below(&r->random, (uint32_t)r->a.nops)];
	struct vtlb_outset both = alike_outcomes(&r->a, s, op);
	unsigned int n = pair_count(&both);

	*outcome = 0;
	for (n = n ? random_below(&r->random, n) + 1 : 0; n; n--)
		*outcome = vtlb_outset_next(&both, *outcome);
	return op;
}

static void keep(struct run *r, const struct vtlb_op *way, size_t nway, const struct vtlb_op *then,
		 size_t nthen)
{
	struct twins *t = r->t;
	const struct vtlb_op *from[] = { way, r->walk, then };
	size_t n[] = { nway, r->nwalk, nthen };
	struct vtlb_op **to[] = { &t->way[SIDE_A], &t->way[SIDE_B], &t->then };

	for (unsigned int i = 0; i < 3; i++) {
		*to[i] = out_alloc(n[i] + 1, sizeof(struct vtlb_op));
		memcpy(*to[i], from[i], n[i] * sizeof(struct vtlb_op));
	}
	t->nway[SIDE_A] = n[0];
	t->nway[SIDE_B] = n[1];
	t->nthen = n[2];
}

/* As many steps as the walk has, at random, on both sides. */
static void step_on(struct run *r, struct vtlb_op *then, size_t *nthen)
{
	struct twins *t = r->t;

	while (*nthen < t->steps && !t->what) {
		uint32_t outcome;
		struct vtlb_op op = choose(r, &r->both, &outcome);

		if (!alike_step(&r->a, &r->both, op, outcome, &t->what))
			break;
		if (outcome)
			op.imm = outcome;
		then[(*nthen)++] = op;
	}
}

/* What follows both of .both, to the first of which @way leads; false: they differ. */
static bool step_twins(struct run *r, const struct vtlb_op *way, size_t nway)
{
	struct vtlb_op *then = out_alloc(r->t->steps + ALIKE_AHEAD, sizeof(*then));
	size_t nthen = 0;

	r->t->found++;
	r->t->what = alike_now(&r->a, &r->both);
	if (!r->t->what && r->t->ahead)
		r->t->what = alike_ahead(&r->a, &r->both, r->t->ahead, then, &nthen);
	else
		step_on(r, then, &nthen);
	if (r->t->what)
		keep(r, way, nway, then, nthen);
	free(then);
	return !r->t->what;
}

/* The walk's state, and the same with all changed that its bytes leave out. */
static bool disturb(struct run *r)
{
	const struct vtlb_impl *impl = r->a.p->impl[SIDE_B];

	if (random_below(&r->random, EACH))
		return true;
	pair_copy(r->a.p, &r->both, &r->now);
	if (!impl->disturb(impl, r->a.p->w, r->both.impl[SIDE_B], (uint32_t)random64(&r->random)))
		return true;
	return step_twins(r, r->walk, r->nwalk);
}

/* Where the walk is: a state that is new, the same again, or a twin. */
static bool meet(struct run *r)
{
	const struct pair *p = r->a.p;
	struct first *f;
	uint32_t id, n = r->keys.n;

	if (r->t->perturb)
		return disturb(r);
	id = intern_add(&r->keys, alike_key(&r->a, &r->now, SIDE_A));
	if (id == n) {
		r->first = out_grow(r->first, &r->first_cap, id + 1u, sizeof(*r->first));
		f = &r->first[id];
		f->state = out_alloc(p->size[SIDE_A], 1);
		memcpy(f->state, r->now.impl[SIDE_A], p->size[SIDE_A]);
		f->ops = out_alloc(r->nwalk + 1, sizeof(*f->ops));
		memcpy(f->ops, r->walk, r->nwalk * sizeof(*f->ops));
		f->nops = r->nwalk;
		return true;
	}
	f = &r->first[id];
	if (!memcmp(f->state, r->now.impl[SIDE_A], p->size[SIDE_A]))
		return true;
	pair_copy(p, &r->both, &r->now);
	memcpy(r->both.impl[SIDE_A], f->state, p->size[SIDE_A]);
	return step_twins(r, f->ops, f->nops);
}

static bool walk(struct run *r, struct vtlb_op *ops)
{
	bool fine;

	pair_reset(r->a.p, &r->now);
	r->walk = ops;
	r->nwalk = 0;
	fine = meet(r);
	while (fine && r->nwalk < r->t->steps && r->t->found < r->t->want) {
		struct pair_step step;
		uint32_t outcome;
		struct vtlb_op op = choose(r, &r->now, &outcome);

		if (pair_step(r->a.p, &r->now, op, outcome, &step) != PAIR_ALIKE)
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

	text_add(&line, "%llu of %llu pairs, %llu walks, %.0f s", (unsigned long long)t->found,
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
	alike_begin(&r->a, p, ops, nops);
	pair_alloc(p, &r->now);
	pair_alloc(p, &r->both);
	r->keys.key = r->keys.size = r->a.size;
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
	t->stepped = r->a.stepped;
	alike_end(&r->a);
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
