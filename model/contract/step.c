/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The step: finds the records that apply, takes their fault or their drops,
 * changes registers and memory, and closes S under walks again.
 */
#include "internal.h"

/* What one operation asks for, before anything is changed. */
struct request {
	uint32_t before, after;	/* mode words */
	uint32_t opd;		/* enum vtlb_operand */
	unsigned int event;	/* index into vtlb_contract.first */
};

static bool in_64bit_code(uint32_t mode)
{
	return (mode & (VTLB_LMA | VTLB_CSL)) == (VTLB_LMA | VTLB_CSL);
}

static void request_reg(const struct vtlb_contract *c, struct request *q, struct vtlb_op op,
			uint32_t mask)
{
	uint32_t new = vtlb_op_operand(op, q->before & mask) & mask;

	/* outside 64-bit code the source has 32 bits: CR0[63:32] does not exist */
	if (op.code == VTLB_OP_MOV_CR0 && !in_64bit_code(q->before))
		op.imm &= ~VTLB_RSVD;
	if ((op.imm & VTLB_RSVD) ||
	    (op.code != VTLB_OP_MOV_CR0 && (new & c->reserved)))
		q->opd |= VTLB_OPD_REG_RSVD;
	q->after = (q->before & ~mask) | new;
	if (op.code != VTLB_OP_MOV_CR0)
		return;
	/* LMA follows CR0.PG while LME=1 (SDM vol. 3A, initializing IA-32e mode) */
	if (!(q->after & VTLB_PG))
		q->after &= ~(uint32_t)VTLB_LMA;
	else if (q->after & VTLB_LME)
		q->after |= VTLB_LMA;
}

static void request_cr3(const struct vtlb_contract *c, struct request *q, struct vtlb_op op)
{
	/* outside 64-bit code the source has 32 bits: bits 63:32 do not exist */
	if (!in_64bit_code(q->before))
		return;
	if (op.imm & VTLB_CR3_NOFLUSH)
		q->opd |= VTLB_OPD_NOFLUSH;
	if (op.imm & VTLB_CR3_RSVD)
		q->opd |= VTLB_OPD_CR3_RSVD;
	if ((op.imm & VTLB_CR3_LAM) && !(c->w->features & VTLB_F_LAM))
		q->opd |= VTLB_OPD_CR3_LAM;
}

static void request_invpcid(const struct vtlb_contract *c, struct request *q, struct vtlb_op op)
{
	static const uint32_t type[] = {
		VTLB_OPD_TYPE0, VTLB_OPD_TYPE1, VTLB_OPD_TYPE2, VTLB_OPD_TYPE3,
	};

	q->opd |= op.b < 4 ? type[op.b] : (uint32_t)VTLB_OPD_TYPE_BAD;
	if (op.imm & VTLB_INVPCID_RSVD)
		q->opd |= VTLB_OPD_DESC_RSVD;
	if (op.imm & VTLB_INVPCID_NONCANON)
		q->opd |= VTLB_OPD_NONCANON;
	if (op.imm & 0xfff)
		q->opd |= VTLB_OPD_PCID_NZ;
	if (!(c->w->features & VTLB_F_INVPCID))
		q->opd |= VTLB_OPD_NO_INVPCID;
}

static struct request make_request(const struct vtlb_contract *c, const struct vtlb_cstate *s,
				   struct vtlb_op op, uint32_t outcome)
{
	const struct vtlb_regs *r = &s->regs[vtlb_op_vcpu(op)];
	struct request q = { .before = r->mode, .after = r->mode, .event = op.code };

	if (r->low12)
		q.opd |= VTLB_OPD_LOW12_NZ;
	switch (op.code) {
	case VTLB_OP_MOV_CR0:
		request_reg(c, &q, op, VTLB_CR0_BITS);
		break;
	case VTLB_OP_MOV_CR3:
		request_cr3(c, &q, op);
		break;
	case VTLB_OP_MOV_CR4:
		request_reg(c, &q, op, VTLB_CR4_BITS);
		break;
	case VTLB_OP_WRMSR_EFER:
		request_reg(c, &q, op, VTLB_EFER_BITS);
		break;
	case VTLB_OP_INVLPG:
		if (op.b & 1)
			q.opd |= VTLB_OPD_NONCANON;
		break;
	case VTLB_OP_INVPCID:
		request_invpcid(c, &q, op);
		break;
	case VTLB_OP_ACCESS:
		if (vtlb_outcome_kind(outcome) == VTLB_OUT_FAULT) {
			q.event = VTLB_OP_NR;
			if (vtlb_outcome_index(outcome) & VTLB_PF_P)
				q.opd |= VTLB_OPD_PF_P;
			if (vtlb_outcome_index(outcome) & VTLB_PF_RSVD)
				q.opd |= VTLB_OPD_PF_RSVD;
		}
		break;
	case VTLB_OP_SET_CSL:
		q.after = op.a ? r->mode | VTLB_CSL : r->mode & ~(uint32_t)VTLB_CSL;
		break;
	case VTLB_OP_SET_CPL:
		q.after = op.a ? r->mode | VTLB_CPL3 : r->mode & ~(uint32_t)VTLB_CPL3;
		break;
	case VTLB_OP_SET_AC:
		q.after = op.a ? r->mode | VTLB_AC : r->mode & ~(uint32_t)VTLB_AC;
		break;
	case VTLB_OP_INIT:
		/* CR0.CD and CR0.NW survive INIT (SDM vol. 3A, processor state table) */
		q.after = r->mode & (VTLB_CD | VTLB_NW);
		break;
	default:
		break;
	}
	return q;
}

static bool applies(const struct vtlb_rule *rule, const struct request *q)
{
	return (!rule->changed || ((q->before ^ q->after) & rule->changed)) &&
	       (q->before & rule->before_mask) == rule->before &&
	       (q->after & rule->after_mask) == rule->after &&
	       (q->opd & rule->opd_mask) == rule->opd;
}

/* What no record can say: the guest leaves the part of x86 that is modelled. */
static bool unmodelled(const struct vtlb_cstate *s, struct vtlb_op op, const struct request *q)
{
	const struct vtlb_regs *r = &s->regs[vtlb_op_vcpu(op)];

	/* after INIT CR3 is 0, which names no root of the world */
	if (!(q->before & VTLB_PG) && (q->after & VTLB_PG) && r->root == 0xff)
		return true;
	/* real mode has CPL 0 only, and an access there is 16-bit code's */
	return op.code == VTLB_OP_SET_CPL && op.a && !(q->before & VTLB_PE);
}

static void find_rules(const struct vtlb_contract *c, const struct vtlb_cstate *s,
		       struct vtlb_op op, const struct request *q, struct vtlb_contract_step *r)
{
	const struct vtlb_rule *worst = NULL;

	for (unsigned int i = 0; i < c->count[q->event]; i++) {
		unsigned int index = c->order[c->first[q->event] + i];
		const struct vtlb_rule *rule = &vtlb_rules[index];

		if (!applies(rule, q))
			continue;
		if (rule->fault) {
			if (worst && worst->rank <= rule->rank)
				continue;
			worst = rule;
			r->rules[0] = (uint8_t)index;
			r->nrules = 1;
		} else if (!worst && r->nrules < sizeof(r->rules)) {
			r->rules[r->nrules++] = (uint8_t)index;
		}
	}
	if (worst) {
		r->fault = worst->fault;
	} else if (unmodelled(s, op, q)) {
		r->fault = VTLB_UNSUPPORTED;
		r->nrules = 0;
	}
}

static bool tag_hits(unsigned int tag, const struct vtlb_contract_step *r, unsigned int pcid)
{
	switch (tag) {
	case VTLB_TAG_CUR:
		return pcid == r->cur;
	case VTLB_TAG_NEW:
		return pcid == r->new_pcid;
	case VTLB_TAG_OPERAND:
		return pcid == r->operand;
	case VTLB_TAG_ALL:
		return true;
	default:
		return false;
	}
}

bool vtlb_contract_covers(const struct vtlb_contract *c, unsigned int rule,
			  const struct vtlb_contract_step *r, unsigned int pcid,
			  unsigned int page, bool global)
{
	const struct vtlb_must *m = &vtlb_rules[rule].must[c->reading];

	if (global)
		return m->g && (!m->g_at || page == r->page);
	return tag_hits(m->ng, r, pcid) && (!m->ng_at || page == r->page);
}

/* Clear words of @set; say whether one was not zero. */
static bool clear(uint32_t *set, unsigned int words)
{
	uint32_t had = 0;

	for (unsigned int i = 0; i < words; i++) {
		had |= set[i];
		set[i] = 0;
	}
	return had;
}

/* Do paging-structure caches go for an address alone?  By face (d) of noncurrent-refill, too. */
static bool only_at(const struct vtlb_contract *c, const struct vtlb_must *m)
{
	return m->psc_at || (m->ng_at && (c->waive & VTLB_WAIVE_PSC));
}

static bool drop_psc(const struct vtlb_contract *c, uint32_t *set, const struct vtlb_must *m,
		     const struct vtlb_contract_step *r, unsigned int pcid, unsigned int tag)
{
	const struct vtlb_world *w = c->w;
	uint32_t *psc = set + psc_at(c, pcid, tag);
	unsigned int slot;
	bool had;

	if (!only_at(c, m))
		return clear(psc, PSC_WORDS(w));
	if (r->page == 0xff)
		return false;
	slot = w->page[r->page].slot;
	had = clear(psc + w->slot_region[slot], 1);
	return clear(psc + w->nregions + slot, 1) || had;
}

/* Values of all pages, or of the operand's alone. */
static bool drop_values(const struct vtlb_contract *c, uint32_t *set, bool at,
			const struct vtlb_contract_step *r)
{
	if (!at)
		return clear(set, c->w->npages);
	return r->page != 0xff && clear(set + r->page, 1);
}

static bool drop_g(const struct vtlb_contract *c, uint32_t *set, const struct vtlb_must *m,
		   const struct vtlb_contract_step *r)
{
	return drop_values(c, set, m->g_at, r);
}

static bool drop_ng(const struct vtlb_contract *c, uint32_t *set, const struct vtlb_must *m,
		    const struct vtlb_contract_step *r)
{
	return drop_values(c, set, m->ng_at, r);
}

/* drop_ng() for a side set of noncurrent-refill, with what wp0-smap keeps apart of it. */
static bool drop_side(const struct vtlb_contract *c, uint32_t *side, const struct vtlb_must *m,
		      const struct vtlb_contract_step *r)
{
	bool had = c->side_wp0 && drop_ng(c, side + c->side_wp0, m, r);

	return drop_ng(c, side, m, r) || had;
}

/* What wp0-smap keeps apart: a PCID's own entries, and what is global to it as well. */
static bool drop_wp0(const struct vtlb_contract *c, uint32_t *set, const struct vtlb_must *m,
		     const struct vtlb_contract_step *r, unsigned int pcid)
{
	bool had = false;

	if (tag_hits(m->ng, r, pcid)) {
		had |= drop_ng(c, set + wp0_at(c, pcid, false), m, r);
		had |= drop_ng(c, set + wp0_at(c, pcid, true), m, r);
	}
	if (m->g)
		had |= drop_g(c, set + wp0_at(c, pcid, true), m, r);
	return had;
}

/*
 * Drop for one vCPU what a record asks for.  @only_tag limits it to entries
 * made under one root (waiver pf-partial-drop); -1: all.
 */
static bool drop(const struct vtlb_contract *c, uint32_t *set, unsigned int rule,
		 const struct vtlb_contract_step *r, int only_tag)
{
	const struct vtlb_must *m = &vtlb_rules[rule].must[c->reading];
	const struct vtlb_world *w = c->w;
	bool any = false;

	for (unsigned int pcid = 0; pcid < w->npcids; pcid++) {
		for (unsigned int tag = 0; tag < c->tags; tag++) {
			if (only_tag >= 0 && tag != (unsigned int)only_tag)
				continue;
			if (tag_hits(m->ng, r, pcid))
				any |= drop_ng(c, set + ng_at(c, pcid, tag), m, r);
			if (tag_hits(m->psc, r, pcid))
				any |= drop_psc(c, set, m, r, pcid, tag);
		}
		if (only_tag < 0 && (c->waive & VTLB_WAIVE_NONCURRENT) && tag_hits(m->ng, r, pcid))
			for (unsigned int root = 0; root < w->nroots; root++)
				any |= drop_side(c, set + w_at(c, pcid, root), m, r);
		if (only_tag < 0 && (c->waive & VTLB_WAIVE_WP0_SMAP))
			any |= drop_wp0(c, set, m, r, pcid);
		if (only_tag >= 0 || !(c->waive & VTLB_WAIVE_PSC))
			continue;
		for (unsigned int root = 0; root < w->nroots; root++)
			if (tag_hits(m->ng, r, pcid))
				drop_side(c, set + x_at(c, pcid, root), m, r);
		if (tag_hits(m->psc, r, pcid) && !only_at(c, m))
			waive_unlink(c, set, pcid);
	}
	if (m->g && only_tag < 0)
		any |= drop_g(c, set + c->off_g, m, r);
	return any;
}

static void apply_drops(const struct vtlb_contract *c, struct vtlb_cstate *s, struct vtlb_op op,
			const struct request *q, struct vtlb_contract_step *r)
{
	unsigned int vcpu = vtlb_op_vcpu(op);
	int only_tag = -1;

	if (q->event == VTLB_OP_NR && (c->waive & VTLB_WAIVE_PF)) {
		/*
		 * The deviation is a page table that is not synced, not a missing table; but
		 * paging-structure caches may lead to one where memory has none.
		 */
		if ((q->opd & (VTLB_OPD_PF_P | VTLB_OPD_PF_RSVD)) != VTLB_OPD_PF_P &&
		    ((c->waive & VTLB_WAIVE_PSC) ||
		     walk_table(c->w, &s->mem, s->regs[vcpu].root, op.a) >= 0))
			return;
		only_tag = (int)tag_of(c, &s->regs[vcpu]);
	}
	for (unsigned int i = 0; i < r->nrules; i++) {
		if (c->lax == r->rules[i] + 1)
			continue;
		if (drop(c, vcpu_sets(c, s, vcpu), r->rules[i], r, only_tag))
			r->dropped |= 1u << i;
		if ((c->waive & VTLB_WAIVE_NONCURRENT) && vtlb_rules[r->rules[i]].pairs)
			waive_end_pairs(c, s, vcpu, r, vtlb_rules[r->rules[i]].pairs);
	}
}

static void store_leaf(const struct vtlb_contract *c, struct vtlb_cstate *s, unsigned int table,
		       unsigned int entry, uint32_t value)
{
	s->mem.leaf[table][entry] = (uint8_t)value;
	if (c->waive & VTLB_WAIVE_NXE)
		s->nxe &= ~entry_bit(table, entry);
	s->wp0[0] &= ~entry_bit(table, entry);
	s->wp0[1] &= ~entry_bit(table, entry);
}

static void apply_access(const struct vtlb_contract *c, struct vtlb_cstate *s, struct vtlb_op op,
			 uint32_t outcome)
{
	unsigned int vcpu = vtlb_op_vcpu(op), page = op.a;
	unsigned int entry = c->w->page[page].entry, t = vtlb_outcome_index(outcome);

	waive_access(c, s, vcpu, page, vtlb_op_kind(op, s->regs[vcpu].mode), outcome);
	if (vtlb_outcome_kind(outcome) == VTLB_OUT_DIRTIED && t < c->w->nleafs)
		s->mem.leaf[t][entry] = c->twin[s->mem.leaf[t][entry]];
}

static void apply(const struct vtlb_contract *c, struct vtlb_cstate *s, struct vtlb_op op,
		  const struct request *q, uint32_t outcome)
{
	struct vtlb_regs *r = &s->regs[vtlb_op_vcpu(op)];

	r->mode = q->after;
	switch (op.code) {
	case VTLB_OP_MOV_CR3:
		r->root = op.a;
		r->low12 = op.imm & 0xfff;
		break;
	case VTLB_OP_INIT:
		r->root = 0xff;
		r->low12 = 0;
		break;
	case VTLB_OP_ACCESS:
		apply_access(c, s, op, outcome);
		break;
	case VTLB_OP_WRITE_LEAF:
		store_leaf(c, s, op.a, op.b, op.imm);
		break;
	case VTLB_OP_WRITE_UPPER:
		s->mem.upper[op.a][op.b] = (uint8_t)op.imm;
		break;
	case VTLB_OP_WRITE_ROOT:
		s->mem.root[op.a][op.b] = (uint8_t)op.imm;
		break;
	default:
		break;
	}
}

/* PCID and page that the records' tags stand for. */
static void find_tags(const struct vtlb_contract *c, const struct vtlb_cstate *s,
		      struct vtlb_op op, struct vtlb_contract_step *r)
{
	const struct vtlb_regs *regs = &s->regs[vtlb_op_vcpu(op)];

	r->cur = (uint8_t)cur_pcid(c, regs);
	r->new_pcid = r->operand = r->page = 0xff;
	switch (op.code) {
	case VTLB_OP_MOV_CR3:
		r->new_pcid = regs->mode & VTLB_PCIDE ? c->pcid_index[op.imm & 0xfff] : 0;
		break;
	case VTLB_OP_INVPCID:
		r->operand = c->pcid_index[op.imm & 0xfff];
		r->page = op.imm & VTLB_INVPCID_NONCANON ? 0xff : op.a;
		break;
	case VTLB_OP_INVLPG:
		r->page = op.b & 1 ? 0xff : op.a;
		break;
	case VTLB_OP_ACCESS:
		r->page = op.a;
		break;
	default:
		break;
	}
}

/* An access that used an entry and set no D: S and memory are what they were. */
static bool plain_access(struct vtlb_op op, uint32_t outcome)
{
	return op.code == VTLB_OP_ACCESS && (vtlb_outcome_kind(outcome) == VTLB_OUT_FRAME ||
					     vtlb_outcome_kind(outcome) == VTLB_OUT_ANY);
}

void vtlb_contract_step(const struct vtlb_contract *c, struct vtlb_cstate *s,
			struct vtlb_op op, uint32_t outcome, struct vtlb_contract_step *r)
{
	unsigned int vcpu = vtlb_op_vcpu(op);
	unsigned int was = cur_pcid(c, &s->regs[vcpu]);
	struct request q;

	memset(r, 0, sizeof(*r));
	if (plain_access(op, outcome) && !wp0_smap(c, s->regs[vcpu].mode)) {
		find_tags(c, s, op, r);
		return;
	}
	q = make_request(c, s, op, outcome);
	find_tags(c, s, op, r);
	find_rules(c, s, op, &q, r);
	if (r->fault)
		return;
	apply_drops(c, s, op, &q, r);
	apply(c, s, op, &q, outcome);
	if ((c->waive & VTLB_WAIVE_NONCURRENT) && s->regs[vcpu].root != 0xff) {
		waive_switch(c, s, vcpu);
		if ((c->waive & VTLB_WAIVE_PSC) && cur_pcid(c, &s->regs[vcpu]) != was)
			waive_other_roots(c, s, vcpu);
	}
	waive_note(c, s);
	for (unsigned int v = 0; v < c->w->nvcpus; v++) {
		contract_close(c, s, v);
		if (c->waive & VTLB_WAIVE_NONCURRENT)
			waive_refill(c, s, v);
	}
}

bool vtlb_contract_peek(const struct vtlb_contract *c, const struct vtlb_cstate *s,
			struct vtlb_op op, struct vtlb_contract_step *r)
{
	struct request q = make_request(c, s, op, 0);

	memset(r, 0, sizeof(*r));
	find_tags(c, s, op, r);
	find_rules(c, s, op, &q, r);
	for (unsigned int i = 0; i < r->nrules; i++) {
		const struct vtlb_must *m = &vtlb_rules[r->rules[i]].must[c->reading];

		if (m->ng || m->g || m->psc)
			return false;
	}
	return !r->fault;
}
