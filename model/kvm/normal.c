/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Normal form: a search tells in the world which operations it has, and states
 * that can not behave differently under those become one.  Traces run without.
 */
#include "model.h"

#define UPPER_WRITES ((1u << VTLB_OP_WRITE_UPPER) | (1u << VTLB_OP_WRITE_ROOT))

/*
 * While a window SPTE of a table is writable, no shadow page of the table is in
 * sync: getting one or syncing one write protects all windows of the table first,
 * and flushes every vCPU.  Until then a store through whatever window does the
 * same, whether it exits or not; it differs only in flooding counts, which stay 0
 * without writes to upper levels.
 */
static void open_windows(struct kvm *k)
{
	uint32_t open = 0;

	for (unsigned int role = 0; role <= k->s->nroles; role++)
		open |= k->s->win[role];
	for (unsigned int role = 0; role <= k->s->nroles; role++)
		k->s->win[role] = open;
	for (unsigned int vcpu = 0; vcpu < k->w->nvcpus; vcpu++)
		for (unsigned int pcid = 0; pcid < k->w->npcids; pcid++)
			*hw_window(k, vcpu, pcid) = open;
}

static bool has_root(const struct kvm_vcpu *v, unsigned int low12)
{
	bool found = v->root.role1 && v->root.low12 == low12;

	for (unsigned int i = 0; i < NUM_PREV_ROOTS; i++)
		found |= v->prev[i].role1 && v->prev[i].low12 == low12;
	return found;
}

/*
 * A PCID without a cached root becomes current only through mmu_load(), or by a
 * change of CR4.PCIDE that flushes the guest; both empty the hardware TLB first.
 */
static void forget_dead_pcids(struct kvm *k)
{
	for (unsigned int vcpu = 0; vcpu < k->w->nvcpus; vcpu++) {
		const struct kvm_vcpu *v = &k->vcpus[vcpu];

		for (unsigned int pcid = 0; pcid < k->w->npcids; pcid++)
			if (pcid != active_pcid(k, v) && !has_root(v, k->w->pcid[pcid]))
				memset(hw_page(k, vcpu, pcid, 0), 0,
				       k->w->npages * NR_VARIANTS * sizeof(*k->hw));
	}
}

void normalize(struct kvm *k)
{
#ifdef VTLB_MUTATION
	/* a defect may make the difference that the unbroken model does not */
	if (vtlb_kvm_site_off)
		return;
#endif
	if (!k->w->ops || (k->w->ops & UPPER_WRITES))
		return;
	open_windows(k);
	if (k->p->reset == RESET_UNLOAD)
		forget_dead_pcids(k);
}
