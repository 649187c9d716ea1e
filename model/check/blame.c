/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Blame: provenance of a violation by replay, so that states carry none.  Which
 * step made it possible, which step and record removed the value from S.
 */
#include "internal.h"

/* What the replay keeps about the value. */
struct trail {
	bool here;		/* S could give it now, to this access */
	bool ever_other_rights;	/* S held it for this PCID, with rights that forbid it */
	bool bad;		/* the violation shows now, at once or one step ahead */
};

static bool cached_gives(const struct vtlb_contract *c, const struct vtlb_cstate *s,
			 const struct vtlb_violation *v, unsigned int pcid, bool any_kind)
{
	struct vtlb_outset out[VTLB_NR_KINDS];

	vtlb_contract_cached(c, s, v->vcpu, pcid, v->mode, v->page, out);
	if (!any_kind)
		return vtlb_outset_has(&out[v->access], v->got);
	for (unsigned int i = 0; i < VTLB_NR_KINDS; i++)
		if (vtlb_outset_has(&out[i], v->got))
			return true;
	return false;
}

/* The record of a step that removed the value; -1 if none reaches it. */
static int dropping_rule(const struct vtlb_contract *c, const struct vtlb_contract_step *r,
			 const struct vtlb_violation *v, unsigned int pcid)
{
	for (unsigned int pass = 0; pass < 2; pass++)
		for (unsigned int i = 0; i < r->nrules; i++)
			if (vtlb_contract_covers(c, r->rules[i], r, pcid, v->page, pass))
				return r->rules[i];
	return -1;
}

/* No step removed it: which structural record says that it cannot be there. */
static int structural_rule(const struct vtlb_contract *c, const struct vtlb_violation *v,
			   const struct trail *t)
{
	if (v->got == vtlb_outcome(VTLB_OUT_FAULT, VTLB_PF_CRASH))
		return -1;
	if (!(v->mode & VTLB_PG))
		return vtlb_rule_by_id("A-PG0");
	if (vtlb_outcome_kind(v->got) == VTLB_OUT_FAULT) {
		if (c->vendor == VTLB_AMD)
			return vtlb_rule_by_id("D-UP-WALK");
		if (!(vtlb_outcome_index(v->got) & VTLB_PF_P) ||
		    (vtlb_outcome_index(v->got) & VTLB_PF_RSVD))
			return vtlb_rule_by_id("A-11");
		return vtlb_rule_by_id("A-21");
	}
	if (vtlb_outcome_kind(v->got) == VTLB_OUT_DIRTIED)
		return vtlb_rule_by_id("A-20");
	return vtlb_rule_by_id(t->ever_other_rights ? "A-21" : "A-04");
}

static uint32_t choice_at(const struct vtlb_check *k, uint32_t step)
{
	for (uint32_t i = 0; i < k->viol_nchoices; i++)
		if (k->viol_choices[i].step == step)
			return k->viol_choices[i].outcome;
	return 0;
}

/* Replays one operation on the first branch; the contract's step goes to @r. */
static void replay(struct vtlb_check *k, struct branch *b, struct vtlb_op op,
		   unsigned int reading, struct vtlb_contract_step *r)
{
	uint32_t outcome = choice_at(k, k->step);
	struct vtlb_contract_step other;
	struct vtlb_impl_step ir;

	if (op.code == VTLB_OP_ACCESS && !outcome) {
		struct vtlb_outset out[VTLB_NR_KINDS];
		unsigned int vcpu = vtlb_op_vcpu(op);
		const struct vtlb_outset *set =
			&out[vtlb_op_kind(op, branch_c(k, b, 0)->regs[vcpu].mode)];

		k->cfg.impl->outcomes(k->cfg.impl, k->cfg.w, branch_impl(k, b), vcpu, op.a, out);
		outcome = op.imm && vtlb_outset_has(set, op.imm) ? op.imm :
								   vtlb_outset_next(set, 0);
	}
	memset(&ir, 0, sizeof(ir));
	for (unsigned int i = 0; i < k->ncontracts; i++)
		vtlb_contract_step(&k->c[i], branch_c(k, b, i), op, outcome,
				   i == reading ? r : &other);
	k->cfg.impl->step(k->cfg.impl, k->cfg.w, branch_impl(k, b), op, outcome, &ir);
}

static void observe(const struct vtlb_check *k, const struct branch *b, unsigned int reading,
		    const struct vtlb_violation *v, unsigned int pcid, struct trail *t)
{
	const struct vtlb_contract *c = &k->c[reading];
	const struct vtlb_cstate *s = branch_c(k, b, reading);

	t->here = cached_gives(c, s, v, pcid, false);
	t->ever_other_rights |= cached_gives(c, s, v, pcid, true);
	t->bad = shows(k, b, reading, v);
}

static void held(const struct vtlb_check *k, const struct branch *b, unsigned int reading,
		 struct vtlb_violation *v)
{
	const struct vtlb_impl *impl = k->cfg.impl;
	struct vtlb_violation like = *v;

	if (!impl->held)
		return;
	/* for a reuse violation, shows() leaves the state one operation ahead in scratch */
	if (v->kind == VTLB_V_REUSE && shows(k, b, reading, &like))
		b = scratch(k);
	impl->held(impl, k->cfg.w, branch_impl(k, b), v->vcpu, v->page,
		   (enum vtlb_kind)v->access, v->got, v->held_in, sizeof(v->held_in));
}

void vtlb_check_blame(struct vtlb_check *k, const struct vtlb_op *ops, size_t n,
		      struct vtlb_violation *v)
{
	unsigned int reading = v->ambiguous;
	uint32_t last = v->kind == VTLB_V_REUSE ? v->guilty_step : v->seen_step;
	int pcid = vtlb_world_pcid_index(k->cfg.w, v->pcid);
	uint32_t nchoices = k->viol_nchoices;
	struct trail t = { 0 }, was;
	struct branch *b;

	if (v->kind == VTLB_V_FAULT || pcid < 0)
		return;
	vtlb_check_restart(k);
	k->viol_nchoices = nchoices;
	b = branch_at(k, 0);
	observe(k, b, reading, v, (unsigned int)pcid, &t);
	v->dropped_at = 0;
	v->rule = -1;
	v->guilty_step = 0;
	for (uint32_t i = 0; i < last && i < n; i++) {
		struct vtlb_contract_step r = { 0 };

		was = t;
		k->step = i + 1;
		replay(k, b, ops[i], reading, &r);
		observe(k, b, reading, v, (unsigned int)pcid, &t);
		if (was.here && !t.here) {
			v->dropped_at = i + 1;
			v->rule = dropping_rule(&k->c[reading], &r, v, (unsigned int)pcid);
		}
		if (t.bad && !was.bad)
			v->guilty_step = i + 1;
	}
	if (v->rule < 0)
		v->rule = structural_rule(&k->c[reading], v, &t);
	held(k, b, reading, v);
}
