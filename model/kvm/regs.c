/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Control registers: KVM's checks, and what each write asks of the MMU.
 */
#include "model.h"

static bool is_64bit_mode(const struct kvm_vcpu *v)
{
	return (v->mode & (VTLB_LMA | VTLB_CSL)) == (VTLB_LMA | VTLB_CSL);
}

static bool cpl_gp(const struct kvm_vcpu *v)
{
	return (v->mode & VTLB_CPL3) && SITE(check_cpl_reg);
}

/* kvm_set_cr0()'s checks; @new is the mode word that would result */
static unsigned int check_cr0(const struct kvm *k, const struct kvm_vcpu *v, uint32_t new,
			      bool reserved)
{
	if (reserved && SITE(check_cr0_rsvd))
		return VTLB_GP0;
	if ((new & VTLB_NW) && !(new & VTLB_CD) && SITE(check_cr0_nw))
		return VTLB_GP0;
	if ((new & VTLB_PG) && !(new & VTLB_PE) && SITE(check_cr0_pe))
		return VTLB_GP0;
	if ((new & VTLB_PG) && !(v->mode & VTLB_PG) && (v->mode & VTLB_LME)) {
		if (!(v->mode & VTLB_PAE) && SITE(check_cr0_pae))
			return VTLB_GP0;
		if ((v->mode & VTLB_CSL) && SITE(check_cr0_csl))
			return VTLB_GP0;
	}
	if (!(new & VTLB_PG)) {
		if (k->p->pg10_gp && is_64bit_mode(v) && SITE(check_cr0_64bit))
			return VTLB_GP0;
		if ((v->mode & VTLB_PCIDE) && SITE(check_cr0_pcide))
			return VTLB_GP0;
	}
	if ((new & VTLB_PG) && !(v->mode & VTLB_PG) &&
	    (!(v->mode & VTLB_LME) || v->cr3 == 0xff))
		return VTLB_UNSUPPORTED;
	return VTLB_NO_FAULT;
}

unsigned int set_cr0(struct kvm *k, struct kvm_vcpu *v, struct vtlb_op op)
{
	uint32_t old = v->mode, changed, new;
	unsigned int fault;

	if (cpl_gp(v))
		return VTLB_GP0;
	new = (old & ~(uint32_t)VTLB_CR0_BITS) |
	      (vtlb_op_operand(op, old & VTLB_CR0_BITS) & VTLB_CR0_BITS);
	fault = check_cr0(k, v, new, (op.imm & VTLB_RSVD) && is_64bit_mode(v));
	if (fault)
		return fault;
	if (!(new & VTLB_PG))
		new &= ~(uint32_t)VTLB_LMA;
	else if (new & VTLB_LME)
		new |= VTLB_LMA;
	v->mode = new;

	/* kvm_post_set_cr0() */
	changed = (old ^ new) & VTLB_CR0_BITS;
	if (changed == VTLB_WP && !(new & VTLB_PG) && k->p->wp_nop_pg0)
		return VTLB_NO_FAULT;
	if ((changed & VTLB_PG) && !(new & VTLB_PG) && k->p->pg10_flush && SITE(cr0_pg_flush))
		make_request(v, REQ_TLB_FLUSH_GUEST);
	if ((changed & VTLB_PG) && SITE(cr0_pg_reset))
		reset_context(k, v);
	else if ((changed & VTLB_WP) && SITE(cr0_wp_reset))
		reset_context(k, v);
	return VTLB_NO_FAULT;
}

unsigned int set_cr3(struct kvm *k, struct kvm_vcpu *v, struct vtlb_op op)
{
	bool long_code = is_64bit_mode(v), noflush = false, same;
	unsigned int low12 = op.imm & 0xfff, pcid = 0;
	bool pcide = v->mode & VTLB_PCIDE;

	if (cpl_gp(v))
		return VTLB_GP0;
	if (pcide) {
		noflush = long_code && (op.imm & VTLB_CR3_NOFLUSH);
		pcid = low12;
	} else if (long_code && (op.imm & VTLB_CR3_NOFLUSH) && SITE(check_cr3_63)) {
		return VTLB_GP0;
	}
	if (long_code && (op.imm & (VTLB_CR3_RSVD | VTLB_CR3_LAM)) && SITE(check_cr3_rsvd))
		return VTLB_GP0;

	same = v->cr3 == op.a && v->low12 == low12;
	if (k->p->set_cr3 == SET_CR3_SKIP_PARAMS) {
		if (same && !noflush) {
			if (SITE(same_cr3_sync))
				sync_roots(k, v);
			if (SITE(same_cr3_flush))
				make_request(v, REQ_TLB_FLUSH_CURRENT);
		} else if (!same) {
			new_pgd(k, v, op.a, low12, role_of(k, v->mode), noflush);
		}
	} else if (!same) {
		new_pgd(k, v, op.a, low12, role_of(k, v->mode), true);
	}
	v->cr3 = op.a;
	v->low12 = (uint16_t)low12;
	if (k->p->set_cr3 == SET_CR3_INVALIDATE_PCID && !noflush && SITE(set_cr3_invalidate))
		invalidate_pcid(k, v, pcid);
	return VTLB_NO_FAULT;
}

/* KVM_MMU_CR4_ROLE_BITS, as far as the model has them */
#define CR4_ROLE_BITS (VTLB_PSE | VTLB_PAE | VTLB_LA57 | VTLB_SMEP | VTLB_SMAP | VTLB_PKE)

/* to 5.17: one chain, right only while a reset is a superset of every flush */
static void post_set_cr4_chain(struct kvm *k, struct kvm_vcpu *v, uint32_t old)
{
	uint32_t changed = (old ^ v->mode) & VTLB_CR4_BITS;
	bool pcide10 = (changed & VTLB_PCIDE) && (old & VTLB_PCIDE);

	if (k->p->cr4 == CR4_RESET) {
		if ((changed & (CR4_ROLE_BITS | VTLB_PGE)) || pcide10)
			reset_context(k, v);
		return;
	}
	if (changed & CR4_ROLE_BITS)
		reset_context(k, v);
	else if ((changed & VTLB_PCIDE) && k->p->cr4 == CR4_CHAIN)
		make_request(v, REQ_MMU_RELOAD);
	else if ((changed & VTLB_PGE) || pcide10)
		make_request(v, REQ_TLB_FLUSH_GUEST);
}

/* from 5.18: each flush on its own */
static void post_set_cr4(struct kvm *k, struct kvm_vcpu *v, uint32_t old)
{
	uint32_t changed = (old ^ v->mode) & VTLB_CR4_BITS, set = changed & v->mode;

	if ((changed & CR4_ROLE_BITS) && SITE(cr4_role_reset))
		reset_context(k, v);
	if ((set & VTLB_PCIDE) && SITE(cr4_pcide01_unload))
		mmu_unload(k, v);
	if ((changed & VTLB_PGE) || ((changed & VTLB_PCIDE) && !(set & VTLB_PCIDE))) {
		if (SITE(cr4_flush_guest))
			make_request(v, REQ_TLB_FLUSH_GUEST);
	} else if ((changed & VTLB_PAE) || (set & VTLB_SMEP)) {
		if (SITE(cr4_flush_current))
			make_request(v, REQ_TLB_FLUSH_CURRENT);
	}
}

unsigned int set_cr4(struct kvm *k, struct kvm_vcpu *v, struct vtlb_op op)
{
	uint32_t old = v->mode, new = vtlb_op_operand(op, old & VTLB_CR4_BITS) & VTLB_CR4_BITS;

	if (cpl_gp(v))
		return VTLB_GP0;
	if (((op.imm & VTLB_RSVD) || (new & k->s->reserved)) &&
	    SITE(check_cr4_rsvd))
		return VTLB_GP0;
	if ((old & VTLB_LMA) && !(new & VTLB_PAE) && SITE(check_cr4_pae))
		return VTLB_GP0;
	if ((new & VTLB_PCIDE) && !(old & VTLB_PCIDE)) {
		if (!(old & VTLB_LMA) && SITE(check_cr4_pcide_lma))
			return VTLB_GP0;
		if (v->low12 && SITE(check_cr4_pcide_cr3))
			return VTLB_GP0;
	}
	v->mode = (old & ~(uint32_t)VTLB_CR4_BITS) | new;
	if (k->p->cr4 == CR4_SEPARATE)
		post_set_cr4(k, v, old);
	else
		post_set_cr4_chain(k, v, old);
	return VTLB_NO_FAULT;
}

unsigned int set_efer(struct kvm *k, struct kvm_vcpu *v, struct vtlb_op op)
{
	uint32_t old = v->mode, new = vtlb_op_operand(op, old & VTLB_EFER_BITS) & VTLB_EFER_BITS;
	uint32_t changed = (old ^ new) & VTLB_EFER_BITS;

	if (cpl_gp(v))
		return VTLB_GP0;
	if (((op.imm & VTLB_RSVD) || (new & k->s->reserved)) &&
	    SITE(check_efer_rsvd))
		return VTLB_GP0;
	if ((old & VTLB_PG) && (changed & VTLB_LME) && SITE(check_efer_lme))
		return VTLB_GP0;
	v->mode = (old & ~(uint32_t)VTLB_EFER_BITS) | new;
	if (((changed & VTLB_NXE) && SITE(efer_nx_reset)) ||
	    ((changed & VTLB_LME) && k->p->lme_resets))
		reset_context(k, v);
	return VTLB_NO_FAULT;
}

/* kvm_vcpu_reset() with init_event: the MMU context is reset in every version */
void vcpu_init_event(struct kvm *k, struct kvm_vcpu *v)
{
	uint32_t old = v->mode;

	v->mode = old & (VTLB_CD | VTLB_NW);
	v->cr3 = 0xff;
	v->low12 = 0;
	if ((old & VTLB_PG) && SITE(init_reset))
		mmu_unload(k, v);
	if (k->p->init_flush && SITE(init_flush))
		make_request(v, REQ_TLB_FLUSH_GUEST);
}
