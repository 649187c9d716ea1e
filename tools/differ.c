/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Breadth first over pairs of states, each a state of A, one of B, and the registers
 * and page tables, which are the same for both.  Each part is kept once, and a pair is
 * three numbers.
 *
 * A pair is extended by every outcome that both sides could give.  One that only one
 * could give is a difference, and nothing comes behind it.
 */
#include "differ.h"

#include <stdlib.h>
#include <string.h>

#include "amount.h"
#include "intern.h"
#include "out.h"
#include "progress.h"

#define HEAD offsetof(struct vtlb_cstate, set)
#define WORDS 1024u
#define BETWEEN 64u	/* pairs between two looks at the clock */

/**
 * struct node - a pair of states, and how it was reached
 * @part: the sides' states
 * @head: the contract's state without S, which no outcome here depends on
 * @parent: .. and by @op of the alphabet, with this outcome if there was a choice
 */
struct node {
	uint32_t part[NR_SIDES];
	uint32_t head;
	uint32_t parent;
	uint16_t op;
	uint16_t outcome;
};

/**
 * struct search - a search under way
 * @id: the pair that is extended, and @at: its states
 * @could: what each access could give on each side
 */
struct search {
	struct differ *d;
	struct intern part[NR_SIDES], heads, nodes;
	uint8_t *key[NR_SIDES];
	struct pair_state at, next;
	uint32_t id;
	struct vtlb_outset could[NR_SIDES][VTLB_MAX_VCPUS][VTLB_MAX_PAGES][VTLB_NR_KINDS];
};

static bool encodes(const struct vtlb_impl *impl)
{
	return impl->encode && impl->decode;
}

static uint32_t add_part(struct search *s, unsigned int side, const struct pair_state *from)
{
	const struct vtlb_impl *impl = s->d->p->impl[side];

	if (!encodes(impl))
		return intern_add(&s->part[side], from->impl[side]);
	impl->encode(impl, s->d->p->w, from->impl[side], s->key[side], s->part[side].key);
	return intern_add(&s->part[side], s->key[side]);
}

static void add_node(struct search *s, const struct pair_state *from, struct node n)
{
	for (unsigned int i = 0; i < NR_SIDES; i++)
		n.part[i] = add_part(s, i, from);
	n.head = intern_add(&s->heads, from->c);
	intern_add(&s->nodes, &n);
}

/* The states of pair .id; S stays empty, so that nothing is ever dropped from it. */
static void open_node(struct search *s)
{
	const struct pair *p = s->d->p;
	const struct node *n = intern_at(&s->nodes, s->id);

	for (unsigned int i = 0; i < NR_SIDES; i++) {
		const void *key = intern_at(&s->part[i], n->part[i]);

		if (encodes(p->impl[i]))
			p->impl[i]->decode(p->impl[i], p->w, s->at.impl[i], key, s->part[i].key);
		else
			memcpy(s->at.impl[i], key, p->size[i]);
	}
	memset(s->at.c, 0, vtlb_contract_size(&p->c));
	memcpy(s->at.c, intern_at(&s->heads, n->head), HEAD);
}

/* The way to the pair that is extended, and @last behind it. */
static void keep(const struct search *s, struct difference *diff, struct vtlb_op last)
{
	const struct node *n = intern_at(&s->nodes, s->id);

	if (diff->ops)
		return;
	for (uint32_t id = s->id; id; id = ((const struct node *)intern_at(&s->nodes, id))->parent)
		diff->nops++;
	diff->ops = out_alloc(diff->nops + 1, sizeof(*diff->ops));
	for (uint32_t i = diff->nops; i-- > 0; n = intern_at(&s->nodes, n->parent)) {
		diff->ops[i] = s->d->ops[n->op];
		if (n->outcome)
			diff->ops[i].imm = n->outcome;
	}
	diff->ops[diff->nops++] = last;
}

static bool same_cost(struct search *s, struct vtlb_op op, const struct vtlb_cost *a,
		      const struct vtlb_cost *b)
{
	bool same = s->d->inside ? a->refaults == b->refaults && a->flushes == b->flushes :
				   !memcmp(a, b, sizeof(*a));

	if (same || !s->d->known || !s->d->known(op, a, b))
		return same;
	s->d->nknown++;
	return true;
}

/* What both say of the pair that was just reached. */
static bool same_words(struct search *s)
{
	const struct pair *p = s->d->p;
	char words[NR_SIDES][WORDS];

	for (unsigned int i = 0; i < NR_SIDES; i++) {
		words[i][0] = '\0';
		if (p->impl[i]->describe)
			p->impl[i]->describe(p->impl[i], p->w, s->next.impl[i], words[i], WORDS);
	}
	return !strcmp(words[SIDE_A], words[SIDE_B]);
}

/* One operation; @named: its outcome, where there is a choice. */
static void take(struct search *s, size_t i, uint32_t outcome, uint32_t named)
{
	struct node n = { .parent = s->id, .op = (uint16_t)i, .outcome = (uint16_t)named };
	struct vtlb_op op = s->d->ops[i];
	struct pair_step step;
	enum pair_end end;

	pair_copy(s->d->p, &s->next, &s->at);
	end = pair_step(s->d->p, &s->next, op, outcome, &step);
	if (end == PAIR_PARTED)
		keep(s, &s->d->outcome, op);
	s->d->not_followed += end == PAIR_FAILED || end == PAIR_NO_ANSWER;
	if (end == PAIR_NO_ANSWER)
		return;
	if (named)
		op.imm = named;
	if (!same_cost(s, op, &step.impl[SIDE_A].cost, &step.impl[SIDE_B].cost))
		keep(s, &s->d->cost, op);
	if (s->d->inside && end == PAIR_ALIKE && !s->d->state.ops && !same_words(s))
		keep(s, &s->d->state, op);
	if (end == PAIR_ALIKE)
		add_node(s, &s->next, n);
}

static void take_access(struct search *s, size_t i)
{
	struct vtlb_op op = s->d->ops[i];
	unsigned int vcpu = vtlb_op_vcpu(op);
	enum vtlb_kind kind = vtlb_op_kind(op, s->at.c->regs[vcpu].mode);
	const struct vtlb_outset *a = &s->could[SIDE_A][vcpu][op.a][kind];
	const struct vtlb_outset *b = &s->could[SIDE_B][vcpu][op.a][kind];
	struct vtlb_outset both = pair_both(a, b);
	bool choice = pair_count(a) > 1 || pair_count(b) > 1;

	if (!pair_count(a) || !pair_count(b)) {
		s->d->not_followed++;
		return;
	}
	if (!pair_same_set(a, b))
		keep(s, &s->d->outcome, op);
	for (uint32_t o = vtlb_outset_next(&both, 0); o; o = vtlb_outset_next(&both, o))
		take(s, i, o, choice ? o : 0);
}

static void look(struct search *s)
{
	const struct vtlb_world *w = s->d->p->w;

	for (unsigned int side = 0; side < NR_SIDES; side++)
		for (unsigned int vcpu = 0; vcpu < w->nvcpus; vcpu++)
			for (unsigned int page = 0; page < w->npages; page++)
				pair_could(s->d->p, &s->at, side, vcpu, page,
					   s->could[side][vcpu][page]);
}

/* An access that is of @kind whatever the registers are. */
static struct vtlb_op access_of(unsigned int vcpu, unsigned int page, unsigned int kind)
{
	static const uint8_t how[VTLB_NR_KINDS] = {
		[VTLB_UR] = VTLB_ACC_USER | VTLB_ACC_READ,
		[VTLB_UW] = VTLB_ACC_USER | VTLB_ACC_WRITE,
		[VTLB_UX] = VTLB_ACC_USER | VTLB_ACC_FETCH,
		[VTLB_SR] = VTLB_ACC_SUPER | VTLB_ACC_AC0 | VTLB_ACC_READ,
		[VTLB_SW] = VTLB_ACC_SUPER | VTLB_ACC_AC0 | VTLB_ACC_WRITE,
		[VTLB_SX] = VTLB_ACC_SUPER | VTLB_ACC_FETCH,
		[VTLB_SRA] = VTLB_ACC_SUPER | VTLB_ACC_AC1 | VTLB_ACC_READ,
		[VTLB_SWA] = VTLB_ACC_SUPER | VTLB_ACC_AC1 | VTLB_ACC_WRITE,
	};

	return vtlb_op_make(VTLB_OP_ACCESS, vcpu, page, how[kind], 0);
}

/* Accesses that the scope has not: it is no less to be seen, as in a search. */
static void compare_accesses(struct search *s)
{
	const struct vtlb_world *w = s->d->p->w;

	for (unsigned int vcpu = 0; vcpu < w->nvcpus; vcpu++)
		for (unsigned int page = 0; page < w->npages; page++)
			for (unsigned int kind = 0; kind < VTLB_NR_KINDS; kind++) {
				const struct vtlb_outset *a = &s->could[SIDE_A][vcpu][page][kind];
				const struct vtlb_outset *b = &s->could[SIDE_B][vcpu][page][kind];

				if (pair_count(a) && pair_count(b) && !pair_same_set(a, b))
					keep(s, &s->d->outcome, access_of(vcpu, page, kind));
			}
}

static void extend(struct search *s)
{
	open_node(s);
	look(s);
	for (size_t i = 0; i < s->d->nops; i++) {
		if (s->d->ops[i].code == VTLB_OP_ACCESS)
			take_access(s, i);
		else
			take(s, i, 0, 0);
	}
	compare_accesses(s);
}

static uint64_t bytes(const struct search *s)
{
	return s->part[SIDE_A].bytes + s->part[SIDE_B].bytes + s->heads.bytes + s->nodes.bytes;
}

static void show(const struct search *s)
{
	struct text t = { 0 };

	text_add(&t, "differences: depth %u, ", s->d->depth);
	amount_short(&t, (double)s->nodes.n);
	text_add(&t, " pairs of states, ");
	amount_short(&t, (double)(s->nodes.n - s->id));
	text_add(&t, " wait, ");
	amount_bytes(&t, (double)bytes(s));
	text_add(&t, ", %.0f s", progress_seconds());
	progress_show(text_str(&t));
	text_free(&t);
}

static enum explore_end limit(const struct search *s)
{
	const struct differ *d = s->d;

	if (progress_interrupted())
		return END_INTERRUPT;
	if (d->max_time && progress_seconds() >= (double)d->max_time)
		return END_TIME;
	if (d->max_memory && bytes(s) >= d->max_memory)
		return END_MEMORY;
	return s->nodes.n >= INTERN_MAX - (1u << 20) ? END_LIMIT : END_NONE;
}

static bool all_found(const struct differ *d)
{
	return d->outcome.ops && d->cost.ops && (!d->inside || d->state.ops);
}

static void levels(struct search *s)
{
	struct differ *d = s->d;
	uint32_t level_end = s->nodes.n;

	for (; s->id < s->nodes.n && !all_found(d); s->id++) {
		if (s->id == level_end) {
			level_end = s->nodes.n;
			d->depth++;
		}
		if (d->max_depth && d->depth >= d->max_depth)
			d->end = END_DEPTH;
		else if (s->id % BETWEEN == 0)
			d->end = limit(s);
		if (d->end)
			return;
		extend(s);
		if (progress_due())
			show(s);
	}
	d->complete = s->id == s->nodes.n;
	d->depth += d->complete;
}

static void begin(struct search *s)
{
	const struct pair *p = s->d->p;

	for (unsigned int i = 0; i < NR_SIDES; i++) {
		const struct vtlb_impl *impl = p->impl[i];

		pair_alloc(p, i ? &s->next : &s->at);
		s->part[i].key = p->size[i];
		if (encodes(impl))
			s->part[i].key = impl->encode(impl, p->w, s->at.impl[i], NULL, 0);
		s->part[i].size = s->part[i].key;
		s->key[i] = out_alloc(s->part[i].key, 1);
	}
	s->heads.key = s->heads.size = HEAD;
	s->nodes.key = offsetof(struct node, parent);
	s->nodes.size = sizeof(struct node);
	add_node(s, &s->at, (struct node){ 0 });
}

void differ_search(struct differ *d)
{
	struct search *s = out_alloc(1, sizeof(*s));

	s->d = d;
	begin(s);
	levels(s);
	d->pairs = s->nodes.n;
	d->waiting = s->nodes.n - s->id;
	d->bytes = bytes(s);
	d->seconds = progress_seconds();
	for (unsigned int i = 0; i < NR_SIDES; i++) {
		intern_free(&s->part[i]);
		free(s->key[i]);
	}
	intern_free(&s->heads);
	intern_free(&s->nodes);
	pair_free(&s->at);
	pair_free(&s->next);
	free(s);
}

void differ_free(struct differ *d)
{
	free(d->outcome.ops);
	free(d->cost.ops);
	free(d->state.ops);
}
