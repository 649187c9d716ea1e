/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * VM entry: requests in KVM's order, then the guest runs and the hardware TLB
 * gains whatever is walkable in the current root.
 */
#include "model.h"

/* Every flush of KVM's drops the whole VPID or ASID: all PCIDs, windows too. */
void hw_flush(struct kvm *k, const struct kvm_vcpu *v)
{
	memset(k->hw + vcpu_index(k, v) * hw_words(k->w), 0, hw_words(k->w) * sizeof(*k->hw));
	k->cost->flushes++;
}

/* The SPTE that a hardware walk of the current root reaches, 0 if it is not present. */
unsigned int shadow_walk(const struct kvm *k, const struct kvm_vcpu *v, unsigned int page)
{
	unsigned int slot = k->w->page[page].slot, role;
	const struct kvm_sp *sp;

	if (v->root.role1 < 2 || v->root.obsolete)
		return 0;
	role = v->root.role1 - 1u;
	sp = sp_at(k, table_root(v->root.pgd), role);
	if (!sp->spte[k->w->slot_region[slot]])
		return 0;
	sp = sp_at(k, table_upper(k, sp->spte[k->w->slot_region[slot]] - 1u), role);
	if (!(sp->flags & SP_VALID) || !sp->spte[slot])
		return 0;
	sp = sp_at(k, table_leaf(k, sp->spte[slot] - 1u), role);
	return sp->flags & SP_VALID ? sp->spte[k->w->page[page].entry] : 0;
}

static void hw_fill(struct kvm *k, const struct kvm_vcpu *v)
{
	unsigned int pcid, vcpu = vcpu_index(k, v);

	if (!v->root.role1 || v->root.obsolete)
		return;
	pcid = active_pcid(k, v);
	*hw_window(k, vcpu, pcid) |= k->s->win[v->root.role1 - 1u];
	for (unsigned int page = 0; page < k->w->npages; page++) {
		unsigned int spte = shadow_walk(k, v, page);

		if (spte)
			hw_page(k, vcpu, pcid, page)[(spte - 1) / VTLB_MAX_VALUES] |=
				1u << ((spte - 1) % VTLB_MAX_VALUES);
	}
}

/* kvm_vcpu_flush_tlb_guest() */
static void flush_tlb_guest(struct kvm *k, struct kvm_vcpu *v)
{
	switch (k->p->flush_guest) {
	case FLUSH_GUEST_UNLOAD:
		mmu_unload(k, v);
		return;
	case FLUSH_GUEST_SYNC:
		if (SITE(flush_guest_sync_roots))
			sync_roots(k, v);
		if (SITE(flush_guest_sync_prev_roots))
			sync_prev_roots(k, v);
		break;
	default:
		break;
	}
	if (SITE(flush_guest_hw))
		hw_flush(k, v);
}

static void free_obsolete_roots(struct kvm *k, struct kvm_vcpu *v)
{
	if (v->root.obsolete)
		free_root(k, &v->root);
	for (unsigned int i = 0; i < NUM_PREV_ROOTS; i++)
		if (v->prev[i].obsolete)
			free_root(k, &v->prev[i]);
}

static bool check_request(struct kvm_vcpu *v, uint32_t request)
{
	bool pending = v->requests & request;

	v->requests &= ~request;
	return pending;
}

static void service_requests(struct kvm *k, struct kvm_vcpu *v)
{
	if (check_request(v, REQ_MMU_RELOAD) && SITE(req_reload))
		mmu_unload(k, v);
	if (check_request(v, REQ_MMU_FREE_OBSOLETE_ROOTS) && SITE(req_free_obsolete))
		free_obsolete_roots(k, v);
	if (check_request(v, REQ_MMU_SYNC) && SITE(req_mmu_sync))
		sync_roots(k, v);
	check_request(v, REQ_LOAD_MMU_PGD);
	if (check_request(v, REQ_TLB_FLUSH) && SITE(req_tlb_flush)) {
		hw_flush(k, v);
		check_request(v, REQ_TLB_FLUSH_CURRENT);
	}
	if (check_request(v, REQ_TLB_FLUSH_CURRENT) && SITE(req_flush_current))
		hw_flush(k, v);
	if (check_request(v, REQ_TLB_FLUSH_GUEST) && SITE(req_flush_guest))
		flush_tlb_guest(k, v);
}

/* Every vCPU that has a request or no root exits, is serviced and enters again. */
void vcpu_enter_guest(struct kvm *k)
{
	bool again;

	do {
		again = false;
		for (unsigned int i = 0; i < k->w->nvcpus; i++) {
			struct kvm_vcpu *v = &k->vcpus[i];

			if (!v->requests && v->root.role1)
				continue;
			service_requests(k, v);
			if (!v->root.role1)
				mmu_load(k, v);
			again = true;
		}
	} while (again);
	forget_hidden(k);
	for (unsigned int i = 0; i < k->w->nvcpus; i++)
		hw_fill(k, &k->vcpus[i]);
	normalize(k);
}
