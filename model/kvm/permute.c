/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * For searches: a state from its canonical bytes, and a state with everything
 * renamed.  Nothing in KVM depends on which root, PCID, frame or vCPU it is.
 */
#include "impl_kvm.h"

static unsigned int move_table(const struct kvm *k, unsigned int table,
			       const struct vtlb_perm *perm)
{
	if (is_leaf_table(k, table))
		return table_leaf(k, perm->leaf[table - table_leaf(k, 0)]);
	if (table >= table_upper(k, 0))
		return table_upper(k, perm->upper[table - table_upper(k, 0)]);
	return table_root(perm->root[table]);
}

static uint32_t move_tables(const struct kvm *k, uint32_t tables, const struct vtlb_perm *perm)
{
	uint32_t moved = 0;

	for (; tables; tables &= tables - 1)
		moved |= 1u << move_table(k, (unsigned int)__builtin_ctz(tables), perm);
	return moved;
}

/* The same variant of the renamed value. */
static unsigned int move_spte(const struct kvm *k, unsigned int spte,
			      const struct vtlb_perm *perm)
{
	if (!spte)
		return 0;
	return make_spte(k, perm->value[(spte - 1) % VTLB_MAX_VALUES],
			 (enum kvm_variant)((spte - 1) / VTLB_MAX_VALUES));
}

static void move_sp(const struct kvm *k, struct kvm_sp *dst, const struct kvm_sp *src,
		    unsigned int table, const struct vtlb_perm *perm)
{
	*dst = *src;
	for (unsigned int i = 0; i < VTLB_MAX_SLOTS; i++) {
		unsigned int spte = src->spte[i];

		if (is_leaf_table(k, table))
			spte = move_spte(k, spte, perm);
		else if (spte && table >= table_upper(k, 0))
			spte = perm->leaf[spte - 1] + 1u;
		else if (spte)
			spte = perm->upper[spte - 1] + 1u;
		dst->spte[i] = (uint8_t)spte;
	}
}

static uint16_t move_low12(const struct kvm *k, unsigned int low12, const struct vtlb_perm *perm)
{
	int i = vtlb_world_pcid_index(k->w, low12);

	return i < 0 ? (uint16_t)low12 : k->w->pcid[perm->pcid[i]];
}

static struct kvm_root move_root(const struct kvm *k, struct kvm_root root,
				 const struct vtlb_perm *perm)
{
	if (root.role1 > 1) {
		root.pgd = perm->root[root.pgd];
		root.low12 = move_low12(k, root.low12, perm);
	}
	return root;
}

static void move_vcpu(const struct kvm *k, struct kvm_vcpu *dst, const struct kvm_vcpu *src,
		      const struct vtlb_perm *perm)
{
	*dst = *src;
	if (src->cr3 < k->w->nroots)
		dst->cr3 = perm->root[src->cr3];
	dst->low12 = move_low12(k, src->low12, perm);
	dst->root = move_root(k, src->root, perm);
	for (unsigned int i = 0; i < NUM_PREV_ROOTS; i++)
		dst->prev[i] = move_root(k, src->prev[i], perm);
}

static void move_hw(const struct kvm *to, const struct kvm *from, unsigned int vcpu,
		    const struct vtlb_perm *perm)
{
	unsigned int v = perm->vcpu[vcpu];

	for (unsigned int pcid = 0; pcid < from->w->npcids; pcid++) {
		unsigned int p = perm->pcid[pcid];

		for (unsigned int page = 0; page < from->w->npages; page++) {
			const uint32_t *src = hw_page(from, vcpu, pcid, page);
			uint32_t *dst = hw_page(to, v, p, page);

			for (unsigned int var = 0; var < NR_VARIANTS; var++) {
				dst[var] = 0;
				for (uint32_t rest = src[var]; rest; rest &= rest - 1) {
					unsigned int spte = make_spte(
						from, perm->value[__builtin_ctz(rest)],
						(enum kvm_variant)var);

					dst[var] |= 1u << ((spte - 1) % VTLB_MAX_VALUES);
				}
			}
		}
		*hw_window(to, v, p) = move_tables(from, *hw_window(from, vcpu, pcid), perm);
	}
}

void kvm_permute(const struct vtlb_impl *impl, const struct vtlb_world *w, void *dst,
		 const void *src, const struct vtlb_perm *perm)
{
	/* only read through */
	const struct kvm from = kvm_view(impl, w, (void *)(uintptr_t)src, NULL);
	const struct kvm to = kvm_view(impl, w, dst, NULL);

	*to.s = *from.s;
	vtlb_mem_permute(w, &to.s->mem, &from.s->mem, perm);
	for (unsigned int role = 0; role <= from.s->nroles; role++)
		to.s->win[role] = move_tables(&from, from.s->win[role], perm);
	for (unsigned int role = 1; role <= from.s->nroles; role++)
		for (unsigned int table = 0; table < from.s->ntables; table++)
			move_sp(&from, sp_at(&to, move_table(&from, table, perm), role),
				sp_at(&from, table, role), table, perm);
	for (unsigned int v = 0; v < w->nvcpus; v++) {
		move_vcpu(&from, &to.vcpus[perm->vcpu[v]], &from.vcpus[v], perm);
		move_hw(&to, &from, v, perm);
	}
}

static void take(const uint8_t **buf, void *to, size_t size)
{
	memcpy(to, *buf, size);
	*buf += size;
}

/* The inverse of kvm_encode(), which leaves out what kvm_reset() makes. */
void kvm_decode(const struct vtlb_impl *impl, const struct vtlb_world *w, void *state,
		const uint8_t *buf, size_t len)
{
	struct kvm k;

	(void)len;
	kvm_reset_constants(impl, w, state);
	k = kvm_view(impl, w, state, NULL);
	for (unsigned int i = 0; i < w->nroots; i++)
		take(&buf, k.s->mem.root[i], w->nregions);
	for (unsigned int i = 0; i < w->nuppers; i++)
		take(&buf, k.s->mem.upper[i], w->nslots);
	for (unsigned int i = 0; i < w->nleafs; i++)
		take(&buf, k.s->mem.leaf[i], VTLB_MAX_ENTRIES);
	take(&buf, k.s->win, (k.s->nroles + 1u) * sizeof(k.s->win[0]));
	take(&buf, k.sp, (size_t)k.s->nroles * k.s->ntables * sizeof(*k.sp));
	take(&buf, k.vcpus, w->nvcpus * sizeof(*k.vcpus));
	take(&buf, k.hw, (size_t)w->nvcpus * hw_words(w) * sizeof(*k.hw));
}
