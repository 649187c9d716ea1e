/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Invalidations: one address in one root, one PCID, and the instructions that
 * ask for them.
 */
#include "model.h"

/* INVVPID or INVLPGA of one address: every PCID of this vCPU's tag */
void flush_tlb_gva(struct kvm *k, struct kvm_vcpu *v, unsigned int page)
{
	k->cost->flushes++;
	for (unsigned int pcid = 0; pcid < k->w->npcids; pcid++)
		memset(hw_page(k, vcpu_index(k, v), pcid, page), 0,
		       NR_VARIANTS * sizeof(*k->hw));
}

/* FNAME(invlpg) up to 6.3, __kvm_mmu_invalidate_addr() from 6.4 */
void invalidate_addr(struct kvm *k, struct kvm_vcpu *v, unsigned int page,
		     const struct kvm_root *root)
{
	unsigned int slot = k->w->page[page].slot, entry = k->w->page[page].entry;
	unsigned int role, leaf, value;
	struct kvm_sp *sp;

	if (root->role1 < 2 || root->obsolete)
		return;
	role = root->role1 - 1u;
	sp = sp_at(k, table_root(root->pgd), role);
	if (!sp->unsync_children || !sp->spte[k->w->slot_region[slot]])
		return;
	sp = sp_at(k, table_upper(k, sp->spte[k->w->slot_region[slot]] - 1u), role);
	if (!sp->unsync_children || !sp->spte[slot])
		return;
	leaf = sp->spte[slot] - 1u;
	sp = sp_at(k, table_leaf(k, leaf), role);
	if (!(sp->flags & SP_UNSYNC))
		return;
	k->cost->syncs++;
	if (k->p->invlpg == INVLPG_SYNC_SPTE) {
		if (sync_spte(k, v, sp, leaf, entry) && SITE(invlpg_sync_flush))
			flush_remote_tlbs(k);
		return;
	}
	if (sp->spte[entry] && SITE(invlpg_zap_flush))
		flush_remote_tlbs(k);
	if (SITE(invlpg_zap))
		sp->spte[entry] = 0;
	/* the gPTE is read again, so this can also make an SPTE where there was none */
	value = k->s->mem.leaf[leaf][entry];
	if (!sp->spte[entry] && !gpte_invalid(k, v, value))
		sp->spte[entry] = (uint8_t)gpte_spte(k, value);
}

/* kvm_get_pcid(): of a cached pgd, by the present CR4.PCIDE */
static unsigned int root_pcid(const struct kvm_vcpu *v, const struct kvm_root *root)
{
	return v->mode & VTLB_PCIDE ? root->low12 : 0u;
}

static unsigned int real_active_pcid(const struct kvm_vcpu *v)
{
	return v->mode & VTLB_PCIDE ? v->low12 : 0u;
}

static void free_prev_roots(struct kvm *k, struct kvm_vcpu *v, unsigned int pcid)
{
	for (unsigned int i = 0; i < NUM_PREV_ROOTS; i++)
		if (v->prev[i].role1 && (root_pcid(v, &v->prev[i]) == pcid || !SITE(cmp_prev_pcid)))
			free_root(k, &v->prev[i]);
}

/* kvm_invalidate_pcid() (5.14 on), or INVPCID type 1's own code before */
void invalidate_pcid(struct kvm *k, struct kvm_vcpu *v, unsigned int pcid)
{
	if (real_active_pcid(v) == pcid || !SITE(cmp_active_pcid)) {
		if (SITE(invalidate_pcid_sync))
			make_request(v, REQ_MMU_SYNC);
		if (SITE(invalidate_pcid_flush))
			make_request(v, REQ_TLB_FLUSH_CURRENT);
	}
	if (k->p->invalidate_pcid == INVALIDATE_PCID_IF_PCIDE && !(v->mode & VTLB_PCIDE) &&
	    SITE(invalidate_pcid_pcide0_return))
		return;
	if (SITE(invalidate_pcid_free_prev))
		free_prev_roots(k, v, pcid);
}

/* The vendor module and the hardware check these before the common code runs. */
static bool cpl_gp(const struct kvm_vcpu *v)
{
	return (v->mode & VTLB_CPL3) && SITE(check_cpl);
}

unsigned int kvm_invlpg(struct kvm *k, struct kvm_vcpu *v, struct vtlb_op op)
{
	if (cpl_gp(v))
		return VTLB_GP0;
	if (op.b & 1)
		return VTLB_NO_FAULT;
	if (SITE(invlpg_flush_gva))
		flush_tlb_gva(k, v, op.a);
	if (SITE(invlpg_root))
		invalidate_addr(k, v, op.a, &v->root);
	for (unsigned int i = 0; i < NUM_PREV_ROOTS; i++)
		if (SITE(invlpg_prev_roots))
			invalidate_addr(k, v, op.a, &v->prev[i]);
	return VTLB_NO_FAULT;
}

/* kvm_mmu_invpcid_gva() */
static void invpcid_gva(struct kvm *k, struct kvm_vcpu *v, unsigned int page, unsigned int pcid)
{
	bool flush = false;

	if (real_active_pcid(v) == pcid || !SITE(cmp_gva_active_pcid)) {
		flush = true;
		if (SITE(invpcid_gva_root))
			invalidate_addr(k, v, page, &v->root);
	}
	for (unsigned int i = 0; i < NUM_PREV_ROOTS; i++) {
		if (!v->prev[i].role1 ||
		    (root_pcid(v, &v->prev[i]) != pcid && SITE(cmp_gva_prev_pcid)))
			continue;
		flush = true;
		if (SITE(invpcid_gva_prev_roots))
			invalidate_addr(k, v, page, &v->prev[i]);
	}
	if (flush && SITE(invpcid_gva_flush))
		flush_tlb_gva(k, v, page);
}

/* kvm_handle_invpcid() and the vendor's checks before it */
unsigned int kvm_invpcid(struct kvm *k, struct kvm_vcpu *v, struct vtlb_op op)
{
	unsigned int pcid = op.imm & 0xfff;

	if (!(k->w->features & VTLB_F_INVPCID) && SITE(check_invpcid_feature))
		return VTLB_UD;
	if (cpl_gp(v))
		return VTLB_GP0;
	if (op.b > 3 && SITE(check_invpcid_type))
		return VTLB_GP0;
	if ((op.imm & VTLB_INVPCID_RSVD) && SITE(check_invpcid_rsvd))
		return VTLB_GP0;
	if (op.b < 2 && !(v->mode & VTLB_PCIDE) && pcid && SITE(check_invpcid_pcid))
		return VTLB_GP0;
	switch (op.b) {
	case 0:
		if (op.imm & VTLB_INVPCID_NONCANON)
			return SITE(check_invpcid_canonical) ? VTLB_GP0 : VTLB_NO_FAULT;
		if (k->p->invpcid_crash && !(v->mode & VTLB_PG))
			return VTLB_CRASH;
		invpcid_gva(k, v, op.a, pcid);
		break;
	case 1:
		invalidate_pcid(k, v, pcid);
		break;
	default:
		if (!SITE(invpcid_all))
			break;
		make_request(v, k->p->invpcid_all == INVPCID_ALL_RELOAD ?
					(uint32_t)REQ_MMU_RELOAD :
					(uint32_t)REQ_TLB_FLUSH_GUEST);
		break;
	}
	return VTLB_NO_FAULT;
}
