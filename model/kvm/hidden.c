/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Leaf tables and values that a search does not look at: an entry is assumed when a
 * walk gets there, and forgotten with all that was made of it.
 */
#include "impl_kvm.h"

#define UPPER_WRITES ((1u << VTLB_OP_WRITE_UPPER) | (1u << VTLB_OP_WRITE_ROOT))

static bool one_entry_each(const struct vtlb_world *w)
{
	for (unsigned int page = 1; page < w->npages; page++)
		if (w->page[page].entry != w->page[0].entry)
			return false;
	return true;
}

/*
 * What is in a leaf entry, and the SPTE made of it, decide about other things in
 * three ways.  One is flushes, of which a hidden entry causes fewer; but a flush also
 * closes windows, which matters unless these have their normal form.  The second is
 * the zap of an empty shadow page in kernels up to 5.15, which are refused.  The
 * third is that a prefetch ends at an invalid entry of the same table.
 */
static bool can_hide(const struct vtlb_kvm_policy *p, const struct vtlb_world *w)
{
#ifdef VTLB_MUTATION
	/* a defect may break the promise */
	if (vtlb_kvm_site_off)
		return false;
#endif
	return !p->sync_zaps_empty && w->ops && !(w->ops & UPPER_WRITES) &&
	       (!w->unseen || one_entry_each(w));
}

static bool is_unseen(const struct kvm *k, unsigned int value)
{
	return k->w->unseen >> value & 1u;
}

static void forget_entry(struct kvm *k, unsigned int leaf, unsigned int entry)
{
	bool hidden = k->w->hidden >> leaf & 1u;
	uint8_t *value = &k->s->mem.leaf[leaf][entry];

	if (hidden || is_unseen(k, *value))
		*value = 0;
	for (unsigned int role = 1; role <= k->s->nroles; role++) {
		uint8_t *spte = &sp_at(k, table_leaf(k, leaf), role)->spte[entry];

		if (*spte && (hidden || is_unseen(k, (*spte - 1u) % VTLB_MAX_VALUES)))
			*spte = 0;
	}
}

/* Before the hardware TLB is filled, so that it gets nothing of what is hidden. */
void forget_hidden(struct kvm *k)
{
	if (!(k->w->hidden | k->w->unseen))
		return;
	for (unsigned int leaf = 0; leaf < k->w->nleafs; leaf++)
		for (unsigned int entry = 0; entry < VTLB_MAX_ENTRIES; entry++)
			forget_entry(k, leaf, entry);
}

bool kvm_assume(const struct vtlb_impl *impl, const struct vtlb_world *w, void *state,
		unsigned int leaf, unsigned int entry, unsigned int value)
{
	struct kvm k = kvm_view(impl, w, state, NULL);

	if (!can_hide(k.p, w))
		return false;
	forget_hidden(&k);
	for (unsigned int vcpu = 0; vcpu < w->nvcpus; vcpu++)
		for (unsigned int pcid = 0; pcid < w->npcids; pcid++)
			for (unsigned int i = 0; i < w->npages * NR_VARIANTS; i++)
				hw_page(&k, vcpu, pcid, 0)[i] &= ~w->unseen;
	if (leaf < w->nleafs)
		k.s->mem.leaf[leaf][entry] = (uint8_t)value;
	return true;
}
