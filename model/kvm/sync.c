/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * SPTEs against guest page-table entries: how an SPTE is made from a guest
 * value, and what a sync keeps, changes or drops.
 */
#include "model.h"

unsigned int make_spte(const struct kvm *k, unsigned int value, enum kvm_variant variant)
{
	return 1u + variant * VTLB_MAX_VALUES + k->s->canon[variant == VAR_RW][value];
}

/* FNAME(gpte_access) and FNAME(protect_clean_gpte) for anything but a write fault */
unsigned int gpte_spte(const struct kvm *k, unsigned int value)
{
	unsigned int flags = k->w->value[value].flags;
	bool clean = !(flags & VTLB_LEAF_D) && SITE(protect_clean_gpte);

	return make_spte(k, value, (flags & VTLB_LEAF_W) && !clean ? VAR_RW : VAR_RO);
}

/* FNAME(prefetch_invalid_gpte): not present, or reserved under the guest's EFER.NX */
bool gpte_invalid(const struct kvm *k, const struct kvm_vcpu *v, unsigned int value)
{
	unsigned int flags = k->w->value[value].flags;

	return !(flags & VTLB_LEAF_P) || (flags & VTLB_LEAF_RSVD) ||
	       ((flags & VTLB_LEAF_NX) && !(v->mode & VTLB_NXE));
}

unsigned int spte_frame(const struct kvm *k, unsigned int spte)
{
	return k->w->value[(spte - 1) % VTLB_MAX_VALUES].frame;
}

/* P, W, U and NX of an SPTE as leaf flags; shadow SPTEs are never global. */
unsigned int spte_flags(const struct kvm *k, unsigned int spte)
{
	unsigned int flags = k->w->value[(spte - 1) % VTLB_MAX_VALUES].flags &
			     (VTLB_LEAF_P | VTLB_LEAF_U | VTLB_LEAF_NX);

	switch ((spte - 1) / VTLB_MAX_VALUES) {
	case VAR_RW:
		return flags | VTLB_LEAF_W;
	case VAR_WP0:
		return (flags | VTLB_LEAF_W) & ~(unsigned int)VTLB_LEAF_U;
	case VAR_WP0_NX:
		return (flags | VTLB_LEAF_W | VTLB_LEAF_NX) & ~(unsigned int)VTLB_LEAF_U;
	default:
		return flags;
	}
}

/*
 * FNAME(sync_spte), or one turn of FNAME(sync_page)'s loop.  A changed gfn drops
 * the SPTE; changed rights replace it.
 *
 * Return: does it ask for a TLB flush (dropped, or W lost).
 */
bool sync_spte(struct kvm *k, const struct kvm_vcpu *v, struct kvm_sp *sp, unsigned int leaf,
	       unsigned int entry)
{
	unsigned int old = sp->spte[entry], value = k->s->mem.leaf[leaf][entry];
	unsigned int new;

	if (!old)
		return false;
	if (gpte_invalid(k, v, value)) {
		if (!SITE(sync_drop_invalid))
			return false;
		sp->spte[entry] = 0;
		return true;
	}
	if (k->w->value[value].frame != spte_frame(k, old)) {
		if (!SITE(sync_drop_gfn))
			return false;
		sp->spte[entry] = 0;
		return true;
	}
	new = gpte_spte(k, value);
	if (!SITE(sync_rights))
		return false;
	sp->spte[entry] = (uint8_t)new;
	return (spte_flags(k, old) & ~spte_flags(k, new)) & VTLB_LEAF_W;
}

/* kvm_sync_page() of one leaf table's shadow page; see sync_spte() for the result */
bool sync_page(struct kvm *k, struct kvm_vcpu *v, unsigned int leaf, unsigned int role)
{
	struct kvm_sp *sp = sp_at(k, table_leaf(k, leaf), role);
	bool flush = false, any = false;

	k->cost->syncs++;
	for (unsigned int i = 0; i < VTLB_MAX_ENTRIES; i++) {
		flush |= sync_spte(k, v, sp, leaf, i);
		any |= sp->spte[i];
	}
	if (!any && k->p->sync_zaps_empty) {
		prepare_zap_page(k, table_leaf(k, leaf), role);
		flush_remote_tlbs(k);
	}
	return flush;
}
