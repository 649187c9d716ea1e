/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The step: as vtlb_check_step() does it for one branch, without its records of
 * what it did and without its memory of states that it found safe.
 */
#include "search_step.h"

#include <string.h>

static const struct vtlb_cstate *contract_of(const void *state)
{
	return state;
}

static const void *impl_of(const struct search *s, const void *state)
{
	return (const uint8_t *)state + s->contract_size;
}

void search_reset(const struct search *s, void *state)
{
	vtlb_contract_reset(&s->contract, state);
	s->impl->reset(s->impl, &s->w, (uint8_t *)state + s->contract_size);
}

/* The outcome of an access that this transition is about; 0 if there is none. */
static uint32_t outcome_of(const struct search *s, const void *from,
			   const struct search_transition *t, enum search_next *otherwise)
{
	const struct vtlb_regs *regs = &contract_of(from)->regs[vtlb_op_vcpu(t->op)];
	struct vtlb_outset out[VTLB_NR_KINDS], *set;
	uint32_t outcome;

	s->impl->outcomes(s->impl, &s->w, impl_of(s, from), vtlb_op_vcpu(t->op), t->op.a, out);
	set = &out[vtlb_op_kind(t->op, regs->mode)];
	outcome = vtlb_outset_next(set, 0);
	for (unsigned int n = 0; outcome && n < t->nth; n++)
		outcome = vtlb_outset_next(set, outcome);
	*otherwise = t->nth ? SEARCH_NONE : SEARCH_BAD;
	if (outcome && t->last && vtlb_outset_next(set, outcome)) {
		*otherwise = SEARCH_BAD;
		return 0;
	}
	return outcome;
}

bool search_safe(const struct search *s, const void *state)
{
	struct vtlb_outset allowed[VTLB_NR_KINDS], got[VTLB_NR_KINDS];
	uint32_t bad = 0;

	for (unsigned int vcpu = 0; vcpu < s->w.nvcpus; vcpu++)
		for (unsigned int page = 0; page < s->w.npages; page++) {
			vtlb_contract_allowed(&s->contract, contract_of(state), vcpu, page,
					      allowed);
			s->impl->outcomes(s->impl, &s->w, impl_of(s, state), vcpu, page, got);
			for (unsigned int i = 0; i < VTLB_NR_KINDS; i++) {
				bad |= (got[i].frames & ~allowed[i].frames) |
				       (got[i].dirtied & ~allowed[i].dirtied) |
				       (got[i].faults & ~allowed[i].faults);
				bad |= !(got[i].frames | got[i].dirtied | got[i].faults);
			}
		}
	return !bad;
}

enum search_next search_step(const struct search *s, const void *from, unsigned int i, void *to)
{
	const struct search_transition *t = &s->transition[i];
	struct vtlb_contract_step r;
	struct vtlb_impl_step ir;
	uint32_t outcome = 0;

	if (t->op.code == VTLB_OP_ACCESS) {
		enum search_next otherwise;

		outcome = outcome_of(s, from, t, &otherwise);
		if (!outcome)
			return otherwise;
	}
	memcpy(to, from, s->contract_size + s->impl_size);
	memset(&ir, 0, sizeof(ir));
	vtlb_contract_step(&s->contract, to, t->op, outcome, &r);
	s->impl->step(s->impl, &s->w, (uint8_t *)to + s->contract_size, t->op, outcome, &ir);
	if (r.fault != ir.fault || r.fault == VTLB_UNSUPPORTED)
		return SEARCH_BAD;
	return search_safe(s, to) ? SEARCH_SAFE : SEARCH_BAD;
}
