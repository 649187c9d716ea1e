/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The root cache: lookup, rotation and eviction of root and prev_roots, loading
 * a root, and syncing what hangs below it.
 */
#include "model.h"

static const struct kvm_root no_root;

void free_root(struct kvm *k, struct kvm_root *root)
{
	if (root->role1 > 1 && !root->obsolete)
		sp_at(k, table_root(root->pgd), root->role1 - 1u)->root_count--;
	if (root->role1)
		k->cost->roots_freed++;
	*root = no_root;
}

static bool is_root_usable(const struct kvm_root *root, unsigned int pgd, unsigned int low12,
			   unsigned int role)
{
	return root->role1 && !root->obsolete &&
	       (root->role1 == role + 1 || !SITE(cmp_root_role)) &&
	       (root->pgd == pgd || !SITE(cmp_root_pgd)) &&
	       (root->low12 == low12 || !SITE(cmp_root_low12));
}

static void swap(struct kvm_root *a, struct kvm_root *b)
{
	struct kvm_root tmp = *a;

	*a = *b;
	*b = tmp;
}

/* cached_root_find_and_keep_current(): the swaps rotate, move-to-front */
static bool find_and_keep_current(struct kvm *k, struct kvm_vcpu *v, unsigned int pgd,
				  unsigned int low12, unsigned int role)
{
	if (k->p->lookup_current && is_root_usable(&v->root, pgd, low12, role))
		return true;
	for (unsigned int i = 0; i < NUM_PREV_ROOTS; i++) {
		swap(&v->root, &v->prev[i]);
		if (is_root_usable(&v->root, pgd, low12, role))
			return true;
	}
	free_root(k, &v->root);
	return false;
}

/* cached_root_find_without_current(): the rest bubbles up */
static bool find_without_current(struct kvm_vcpu *v, unsigned int pgd, unsigned int low12,
				 unsigned int role)
{
	unsigned int i;

	for (i = 0; i < NUM_PREV_ROOTS; i++)
		if (is_root_usable(&v->prev[i], pgd, low12, role))
			break;
	if (i == NUM_PREV_ROOTS)
		return false;
	swap(&v->root, &v->prev[i]);
	for (; i < NUM_PREV_ROOTS - 1; i++)
		v->prev[i] = v->prev[i + 1];
	v->prev[i] = no_root;
	return true;
}

/*
 * kvm_mmu_new_pgd().  @skip: bit 63 of CR3 was set; only kernels that decide
 * flush and sync here look at it.
 */
void new_pgd(struct kvm *k, struct kvm_vcpu *v, unsigned int pgd, unsigned int low12,
	     unsigned int role, bool skip)
{
	bool found;

	if (!role) {
		/* a root of a guest that is not paging has no shadow page: never cached */
		free_root(k, &v->root);
		return;
	}
	/* a root without a shadow page is freed first and never cached */
	if (v->root.role1 == 1)
		free_root(k, &v->root);
	if (v->root.role1 || k->p->set_cr3 == SET_CR3_SKIP_PARAMS)
		found = find_and_keep_current(k, v, pgd, low12, role);
	else
		found = find_without_current(v, pgd, low12, role);
	if (!found)
		return;
	k->cost->roots_reused++;
	make_request(v, REQ_LOAD_MMU_PGD);
	if (k->p->set_cr3 == SET_CR3_SKIP_PARAMS && !skip) {
		if (SITE(new_pgd_sync))
			make_request(v, REQ_MMU_SYNC);
		if (SITE(new_pgd_flush))
			make_request(v, REQ_TLB_FLUSH_CURRENT);
	}
	sp_at(k, table_root(pgd), role)->flood = 0;
}

void mmu_unload(struct kvm *k, struct kvm_vcpu *v)
{
	free_root(k, &v->root);
	for (unsigned int i = 0; i < NUM_PREV_ROOTS; i++)
		free_root(k, &v->prev[i]);
}

void reset_context(struct kvm *k, struct kvm_vcpu *v)
{
	if (k->p->reset == RESET_UNLOAD) {
		if (SITE(reset_unload))
			mmu_unload(k, v);
		return;
	}
	new_pgd(k, v, v->cr3, v->low12, role_of(k, v->mode), true);
}

void sync_roots(struct kvm *k, struct kvm_vcpu *v)
{
	if (is_unsync_root(k, &v->root))
		mmu_sync_children(k, v, table_root(v->root.pgd), v->root.role1 - 1u);
}

/* kvm_mmu_sync_prev_roots(): "sync" them by freeing those that need it */
void sync_prev_roots(struct kvm *k, struct kvm_vcpu *v)
{
	for (unsigned int i = 0; i < NUM_PREV_ROOTS; i++)
		if (is_unsync_root(k, &v->prev[i]))
			free_root(k, &v->prev[i]);
}

/* kvm_mmu_load(): a root for the present CR3, synced, and a flush of unknown provenance */
void mmu_load(struct kvm *k, struct kvm_vcpu *v)
{
	unsigned int role = role_of(k, v->mode);

	k->cost->roots_built++;
	v->root = no_root;
	v->root.role1 = (role + 1u) & 0x7fu;
	if (role) {
		struct kvm_sp *sp = get_shadow_page(k, v, table_root(v->cr3), role);

		sp->root_count++;
		v->root.pgd = v->cr3;
		v->root.low12 = v->low12;
		if (SITE(load_sync))
			sync_roots(k, v);
	}
	if (SITE(load_flush))
		hw_flush(k, v);
}
