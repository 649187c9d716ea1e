/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Silence is not safety: how often each operation and each record fired and
 * removed something, and which records could have.
 */
#define XXH_INLINE_ALL
#define XXH_NO_STREAM
#include <xxhash.h>

#include "internal.h"

void count_all(struct search *s)
{
	for (unsigned int j = 0; j < s->cfg->jobs; j++) {
		const struct worker *k = &s->worker[j];

		for (size_t i = 0; i < s->cfg->nops; i++) {
			s->res->op[i].fired += k->op[i].fired;
			s->res->op[i].removed += k->op[i].removed;
		}
		for (unsigned int i = 0; i < vtlb_nr_rules; i++) {
			s->res->rule[i].fired += k->rule[i].fired;
			s->res->rule[i].removed += k->rule[i].removed;
		}
	}
}

/* How many states there would be without symmetry: the sizes of all orbits. */
uint64_t count_orbits(const struct search *s)
{
	uint64_t *turned = s->worker[0].set, sum = 0;

	for (unsigned int i = 0; i < NSHARDS; i++)
		for (uint32_t j = 0; j < s->shard[i].nbases; j++) {
			const struct base *b = base_at(s, j << SHARD_BITS | i);

			if (remote_owner(s, b->hash) != s->cfg->rank)
				continue;
			for (uint32_t e = 0; e < b->n; e++) {
				const uint64_t *set = entry_at(s, b, e)->set;
				unsigned int same = 1; /* by the identity, bit 0 */

				for (uint64_t stab = b->stab & ~1ull; stab; stab &= stab - 1) {
					set_turn(s, (unsigned int)__builtin_ctzll(stab), set,
						 turned);
					same += equal_set(s, turned, set);
				}
				sum += s->ngroup / same;
			}
		}
	return sum;
}

/*
 * Registers that were met, in order, and a hash table of them: indices + 1, at most
 * half of the slots taken.
 */
struct closure {
	struct search *s;
	struct vtlb_cstate *state, *scratch;
	struct vtlb_regs *regs;
	size_t n, cap;
	uint32_t *slot;
	size_t slots;
};

static uint32_t *find_regs(const struct closure *q, const struct vtlb_regs *r)
{
	size_t at = XXH3_64bits(r, sizeof(*r)) & (q->slots - 1);

	while (q->slot[at] && memcmp(&q->regs[q->slot[at] - 1], r, sizeof(*r)))
		at = (at + 1) & (q->slots - 1);
	return &q->slot[at];
}

static bool more_slots(struct closure *q)
{
	size_t old = q->slots;

	mem_put(q->s, q->slot, old * sizeof(*q->slot));
	q->slots = old ? old * 2 : 1024;
	q->slot = mem_get(q->s, q->slots * sizeof(*q->slot));
	for (size_t i = 0; q->slot && i < q->n; i++)
		*find_regs(q, &q->regs[i]) = (uint32_t)i + 1;
	return q->slot;
}

/* False: there is no memory, and the search ends with that. */
static bool reach(struct closure *q, const struct vtlb_regs *r)
{
	uint32_t *slot;

	if (q->n * 2 >= q->slots && !more_slots(q))
		return false;
	slot = find_regs(q, r);
	if (*slot)
		return true;
	if (!mem_room(q->s, &q->regs, &q->cap, q->n + 1, sizeof(*q->regs)))
		return false;
	q->regs[q->n++] = *r;
	*slot = (uint32_t)q->n;
	return true;
}

static void mark(struct search *s, const struct vtlb_contract_step *r)
{
	for (unsigned int i = 0; i < r->nrules; i++)
		s->res->can_apply[r->rules[i] / 32] |= 1u << r->rules[i] % 32;
}

/* Can a leaf entry have value @v: at the beginning, or because the alphabet writes it? */
static bool can_be(const struct search *s, unsigned int v)
{
	for (unsigned int t = 0; t < s->w.nleafs; t++)
		for (unsigned int p = 0; p < s->w.npages; p++)
			if (s->w.init.leaf[t][s->w.page[p].entry] == v)
				return true;
	for (size_t i = 0; i < s->cfg->nops; i++)
		if (s->cfg->ops[i].code == VTLB_OP_WRITE_LEAF && s->cfg->ops[i].imm == v)
			return true;
	return false;
}

/* Which faults an access could end in, by the leaf values that there can be. */
static void mark_faults(struct closure *q, struct vtlb_op op)
{
	struct search *s = q->s;
	const struct vtlb_contract *c = &s->c[s->ncontracts - 1];
	struct vtlb_outset out[VTLB_NR_KINDS];
	const struct vtlb_outset *set;
	unsigned int vcpu = vtlb_op_vcpu(op), entry = s->w.page[op.a].entry;

	for (unsigned int v = 0; v < s->w.nvalues; v++) {
		if (!can_be(s, v))
			continue;
		memcpy(q->scratch, q->state, vtlb_contract_size(c));
		for (unsigned int t = 0; t < s->w.nleafs; t++)
			q->scratch->mem.leaf[t][entry] = (uint8_t)v;
		vtlb_contract_allowed(c, q->scratch, vcpu, op.a, out);
		set = &out[vtlb_op_kind(op, q->scratch->regs[vcpu].mode)];
		for (uint32_t o = vtlb_outset_next(set, 0); o; o = vtlb_outset_next(set, o)) {
			struct vtlb_contract_step r;

			if (vtlb_outcome_kind(o) != VTLB_OUT_FAULT)
				continue;
			memcpy(q->scratch, q->state, vtlb_contract_size(c));
			vtlb_contract_step(c, q->scratch, op, o, &r);
			mark(s, &r);
		}
	}
}

/* Marks what an operation can do in @regs of its vCPU, and reaches what it leads to. */
static bool apply(struct closure *q, const struct vtlb_regs *regs, struct vtlb_op op)
{
	const struct vtlb_contract *c = &q->s->c[q->s->ncontracts - 1];
	unsigned int vcpu = vtlb_op_vcpu(op);
	struct vtlb_contract_step r;

	vtlb_contract_reset(c, q->state);
	q->state->regs[vcpu] = *regs;
	if (op.code == VTLB_OP_ACCESS) {
		mark_faults(q, op);
		return true;
	}
	vtlb_contract_step(c, q->state, op, 0, &r);
	mark(q->s, &r);
	return r.fault || reach(q, &q->state->regs[vcpu]);
}

/* Registers of a vCPU that its operations lead to, whatever the memory. */
static bool close_vcpu(struct search *s, unsigned int vcpu)
{
	struct closure q = {
		.s = s,
		.state = (struct vtlb_cstate *)(void *)s->worker[0].c[0],
		.scratch = (struct vtlb_cstate *)(void *)s->worker[0].c[2],
	};
	bool room;

	vtlb_contract_reset(&s->c[s->ncontracts - 1], q.state);
	room = reach(&q, &q.state->regs[vcpu]);
	for (size_t i = 0; room && i < q.n; i++) {
		struct vtlb_regs regs = q.regs[i];

		for (size_t j = 0; room && j < s->cfg->nops; j++)
			if (vtlb_op_vcpu(s->cfg->ops[j]) == vcpu)
				room = apply(&q, &regs, s->cfg->ops[j]);
	}
	mem_put(s, q.regs, q.cap * sizeof(*q.regs));
	mem_put(s, q.slot, q.slots * sizeof(*q.slot));
	return room;
}

void count_can_apply(struct search *s)
{
	for (unsigned int vcpu = 0; vcpu < s->w.nvcpus && close_vcpu(s, vcpu); vcpu++)
		continue;
}
