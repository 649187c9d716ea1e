/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Exposure: is every outcome that the implementation could give now allowed.
 * Reuse safety: the same, one operation that requires no drop further on.
 */
#include "internal.h"

static uint32_t first_outcome(uint32_t frames, uint32_t dirtied, uint32_t faults)
{
	const struct vtlb_outset s = { frames, dirtied, faults };

	return vtlb_outset_next(&s, 0);
}

static bool expose_page(const struct vtlb_check *k, const struct branch *b, unsigned int reading,
			unsigned int vcpu, unsigned int page, struct vtlb_violation *v)
{
	const struct vtlb_contract *c = &k->c[reading];
	const struct vtlb_cstate *s = branch_c(k, b, reading);
	struct vtlb_outset allowed[VTLB_NR_KINDS], got[VTLB_NR_KINDS];
	uint32_t bad = 0;
	bool none = false;

	vtlb_contract_allowed(c, s, vcpu, page, allowed);
	k->cfg.impl->outcomes(k->cfg.impl, k->cfg.w, branch_impl(k, b), vcpu, page, got);
	for (unsigned int i = 0; i < VTLB_NR_KINDS; i++) {
		bad |= (got[i].frames & ~allowed[i].frames) |
		       (got[i].dirtied & ~allowed[i].dirtied) |
		       (got[i].faults & ~allowed[i].faults);
		none |= !(got[i].frames | got[i].dirtied | got[i].faults);
	}
	if (!bad && !none)
		return false;
	/* an access that cannot end in any way: .got stays 0, and the caller gives no answer */
	memset(v, 0, sizeof(*v));
	for (unsigned int i = 0; i < VTLB_NR_KINDS; i++) {
		uint32_t out = first_outcome(got[i].frames & ~allowed[i].frames,
					     got[i].dirtied & ~allowed[i].dirtied,
					     got[i].faults & ~allowed[i].faults);

		if (!out)
			continue;
		v->kind = VTLB_V_EXPOSURE;
		v->vcpu = (uint8_t)vcpu;
		v->page = (uint8_t)page;
		v->access = (uint8_t)i;
		v->got = out;
		v->allowed = allowed[i];
		v->mode = s->regs[vcpu].mode;
		v->pcid = k->cfg.w->pcid[vtlb_contract_cur(c, s, vcpu)];
		v->rule = -1;
		break;
	}
	return true;
}

bool expose(const struct vtlb_check *k, const struct branch *b, unsigned int reading,
	    struct vtlb_violation *v)
{
	for (unsigned int vcpu = 0; vcpu < k->cfg.w->nvcpus; vcpu++)
		for (unsigned int page = 0; page < k->cfg.w->npages; page++)
			if (expose_page(k, b, reading, vcpu, page, v))
				return true;
	return false;
}

/* Bits whose change by itself can make another translation visible. */
static const struct {
	uint8_t code;
	uint32_t bit;
} lookahead_bits[] = {
	{ VTLB_OP_MOV_CR0, VTLB_WP },	{ VTLB_OP_MOV_CR0, VTLB_PG },
	{ VTLB_OP_MOV_CR4, VTLB_PCIDE }, { VTLB_OP_MOV_CR4, VTLB_SMEP },
	{ VTLB_OP_MOV_CR4, VTLB_SMAP },	{ VTLB_OP_WRMSR_EFER, VTLB_NXE },
};

/* Steps the copy in scratch by one operation; false if either side faults. */
static bool ahead_step(const struct vtlb_check *k, unsigned int reading, struct vtlb_op op)
{
	struct branch *to = scratch(k);
	struct vtlb_contract_step r;
	struct vtlb_impl_step ir;

	memset(&ir, 0, sizeof(ir));
	vtlb_contract_step(&k->c[reading], branch_c(k, to, reading), op, 0, &r);
	k->cfg.impl->step(k->cfg.impl, k->cfg.w, branch_impl(k, to), op, 0, &ir);
	return !r.fault && !ir.fault;
}

/*
 * Steps a copy of @b by @op, at CPL 0; false if the operation faults or requires
 * a drop.  A fault of the implementation alone is reported when the guest does it.
 */
static bool ahead(const struct vtlb_check *k, const struct branch *b, unsigned int reading,
		  struct vtlb_op op)
{
	const struct vtlb_contract *c = &k->c[reading];
	const struct vtlb_cstate *s = branch_c(k, b, reading);
	unsigned int vcpu = vtlb_op_vcpu(op);
	bool user = s->regs[vcpu].mode & VTLB_CPL3;
	struct branch *to = scratch(k);
	struct vtlb_contract_step r;

	if (!(k->cfg.impl->ops & 1u << op.code) ||
	    (user && !(k->cfg.impl->ops & 1u << VTLB_OP_SET_CPL)))
		return false;
	if (!user && !vtlb_contract_peek(c, s, op, &r))
		return false;
	memcpy(branch_c(k, to, reading), s, vtlb_contract_size(c));
	if (k->cfg.impl->clone)
		k->cfg.impl->clone(k->cfg.impl, k->cfg.w, branch_impl(k, to), branch_impl(k, b));
	else
		memcpy(branch_impl(k, to), branch_impl(k, b), k->impl_size);
	if (user) {
		ahead_step(k, reading, vtlb_op_make(VTLB_OP_SET_CPL, vcpu, 0, 0, 0));
		if (!vtlb_contract_peek(c, branch_c(k, to, reading), op, &r))
			return false;
	}
	return ahead_step(k, reading, op);
}

typedef bool (*ahead_fn)(const struct vtlb_check *k, const struct branch *b,
			 unsigned int reading, struct vtlb_violation *v);

static bool each_lookahead(const struct vtlb_check *k, const struct branch *b,
			   unsigned int reading, ahead_fn fn, struct vtlb_violation *v)
{
	const struct vtlb_world *w = k->cfg.w;
	const struct vtlb_cstate *s = branch_c(k, b, reading);
	const uint32_t can_noflush = VTLB_PCIDE | VTLB_LMA | VTLB_CSL;

	for (unsigned int vcpu = 0; vcpu < w->nvcpus; vcpu++) {
		if ((s->regs[vcpu].mode & can_noflush) == can_noflush) {
			for (unsigned int i = 0; i < (unsigned int)w->nroots * w->npcids; i++) {
				struct vtlb_op op = vtlb_op_make(
					VTLB_OP_MOV_CR3, vcpu, i / w->npcids, 0,
					w->pcid[i % w->npcids] | VTLB_CR3_NOFLUSH);

				if (ahead(k, b, reading, op) && fn(k, scratch(k), reading, v)) {
					v->lookahead = op;
					return true;
				}
			}
		}
		for (unsigned int i = 0; i < sizeof(lookahead_bits) / sizeof(*lookahead_bits);
		     i++) {
			struct vtlb_op op = vtlb_op_make(lookahead_bits[i].code, vcpu,
							 VTLB_HOW_XOR, 0, lookahead_bits[i].bit);

			if (ahead(k, b, reading, op) && fn(k, scratch(k), reading, v)) {
				v->lookahead = op;
				return true;
			}
		}
	}
	return false;
}

bool reuse(const struct vtlb_check *k, const struct branch *b, unsigned int reading,
	   struct vtlb_violation *v)
{
	if (!each_lookahead(k, b, reading, expose, v))
		return false;
	v->kind = VTLB_V_REUSE;
	return true;
}

/* Can one access give an outcome that is like @v's and not allowed? */
static bool expose_like(const struct vtlb_check *k, const struct branch *b, unsigned int reading,
			struct vtlb_violation *v)
{
	const struct vtlb_cstate *s = branch_c(k, b, reading);
	struct vtlb_outset allowed[VTLB_NR_KINDS], got[VTLB_NR_KINDS];

	vtlb_contract_allowed(&k->c[reading], s, v->vcpu, v->page, allowed);
	k->cfg.impl->outcomes(k->cfg.impl, k->cfg.w, branch_impl(k, b), v->vcpu, v->page, got);
	return vtlb_outset_has(&got[v->access], v->got) &&
	       !vtlb_outset_has(&allowed[v->access], v->got);
}

/* Is what @like says visible now, at once or one operation ahead? */
bool shows(const struct vtlb_check *k, const struct branch *b, unsigned int reading,
	   const struct vtlb_violation *like)
{
	struct vtlb_violation v = *like;

	return expose_like(k, b, reading, &v) ||
	       each_lookahead(k, b, reading, expose_like, &v);
}
