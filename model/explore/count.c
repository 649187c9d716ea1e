/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Silence is not safety: how often each operation and each record fired and
 * removed something, and which records could have.
 */
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
				unsigned int same = 0;

				for (uint64_t stab = b->stab; stab; stab &= stab - 1) {
					set_turn(s, (unsigned int)__builtin_ctzll(stab), set,
						 turned);
					same += equal_set(s, turned, set);
				}
				sum += s->ngroup / same;
			}
		}
	return sum;
}

#define MAX_REGS 8192u

struct closure {
	struct search *s;
	struct vtlb_cstate *state, *scratch;
	struct vtlb_regs *regs;
	uint32_t n;
};

static void reach(struct closure *q, const struct vtlb_regs *r)
{
	for (uint32_t i = 0; i < q->n; i++)
		if (!memcmp(&q->regs[i], r, sizeof(*r)))
			return;
	if (q->n < MAX_REGS)
		q->regs[q->n++] = *r;
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

/* Registers that operations of the alphabet lead to, whatever the memory. */
void count_can_apply(struct search *s)
{
	const struct vtlb_contract *c = &s->c[s->ncontracts - 1];
	struct worker *k = &s->worker[0];
	struct closure q = { .s = s };

	q.state = (struct vtlb_cstate *)(void *)k->c[0];
	q.scratch = (struct vtlb_cstate *)(void *)k->c[2];
	q.regs = mem_get(s, MAX_REGS * sizeof(*q.regs));
	if (!q.regs)
		return;
	vtlb_contract_reset(c, q.state);
	reach(&q, &q.state->regs[0]);
	for (uint32_t i = 0; i < q.n; i++)
		for (size_t j = 0; j < s->cfg->nops; j++) {
			struct vtlb_op op = s->cfg->ops[j];
			struct vtlb_contract_step r;

			op.vcpu &= 0xf0u;
			vtlb_contract_reset(c, q.state);
			q.state->regs[0] = q.regs[i];
			if (op.code == VTLB_OP_ACCESS) {
				mark_faults(&q, op);
				continue;
			}
			vtlb_contract_step(c, q.state, op, 0, &r);
			mark(s, &r);
			if (!r.fault)
				reach(&q, &q.state->regs[0]);
		}
	mem_put(s, q.regs, MAX_REGS * sizeof(*q.regs));
}
