/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Shadow pages: found or made for a (table, role), write protected, marked
 * unsync, synced below a root, zapped.
 */
#include "model.h"

/* Root role bits that the model has: paging, WP, SMEP and SMAP and-not-WP, NX. */
unsigned int role_of(const struct kvm *k, uint32_t mode)
{
	unsigned int smeps = k->w->features & VTLB_F_SMEP ? 2 : 1;
	unsigned int smaps = k->w->features & VTLB_F_SMAP ? 2 : 1;
	unsigned int role = 1;

	if (!(mode & VTLB_PG))
		return 0;
	if (!(mode & VTLB_WP)) {
		role += 1;
		if (mode & VTLB_SMEP && SITE(role_smep))
			role += 1;
		if (mode & VTLB_SMAP && SITE(role_smap))
			role += smeps;
		if (!SITE(role_wp))
			role = 1;
	}
	if (k->p->role_nx == ROLE_NX_FOLLOWS && (k->w->features & VTLB_F_NX) &&
	    !(mode & VTLB_NXE) && SITE(role_nx))
		role += 1 + smeps * smaps;
	return role;
}

void flush_remote_tlbs(struct kvm *k)
{
	make_all_request(k, REQ_TLB_FLUSH);
}

/* kvm_vcpu_write_protect_gfn(): every window SPTE for the table becomes read-only. */
bool write_protect_gfn(struct kvm *k, unsigned int table)
{
	uint32_t bit = 1u << table, was = 0;

	for (unsigned int role = 0; role <= k->s->nroles; role++) {
		was |= k->s->win[role] & bit;
		k->s->win[role] &= ~bit;
	}
	return was;
}

/* mark_unsync() for every SPTE that points to a shadow page, and upwards */
void mark_parents_unsync(struct kvm *k, unsigned int table, unsigned int role)
{
	bool leaf = is_leaf_table(k, table);
	unsigned int first = leaf ? table_upper(k, 0) : 0;
	unsigned int last = leaf ? table_leaf(k, 0) : table_upper(k, 0);
	unsigned int want = table - last + 1;

	for (unsigned int t = first; t < last; t++) {
		struct kvm_sp *parent = sp_at(k, t, role);

		for (unsigned int i = 0; i < VTLB_MAX_SLOTS; i++) {
			bool had = parent->unsync_children;

			if (!(parent->flags & SP_VALID) || parent->spte[i] != want ||
			    (parent->unsync_children & 1u << i))
				continue;
			parent->unsync_children |= (uint8_t)(1u << i);
			if (!had && leaf)
				mark_parents_unsync(k, t, role);
		}
	}
}

/* Below one directory or PML4: the unsync leaf pages, as __mmu_unsync_walk() finds them. */
static uint32_t unsync_walk(struct kvm *k, unsigned int table, unsigned int role)
{
	struct kvm_sp *sp = sp_at(k, table, role);
	bool root = table < table_upper(k, 0);
	uint32_t found = 0;

	for (unsigned int i = 0; i < VTLB_MAX_SLOTS; i++) {
		uint32_t below = 0;

		if (!(sp->unsync_children & 1u << i))
			continue;
		if (sp->spte[i] && root) {
			unsigned int child = table_upper(k, sp->spte[i] - 1u);

			if (sp_at(k, child, role)->unsync_children)
				below = unsync_walk(k, child, role);
		} else if (sp->spte[i]) {
			unsigned int leaf = sp->spte[i] - 1u;

			if (sp_at(k, table_leaf(k, leaf), role)->flags & SP_UNSYNC)
				below = 1u << leaf;
		}
		if (!below)
			sp->unsync_children &= (uint8_t)~(1u << i);
		found |= below;
	}
	return found;
}

void mmu_sync_children(struct kvm *k, struct kvm_vcpu *v, unsigned int table, unsigned int role)
{
	uint32_t found = unsync_walk(k, table, role);
	bool protected = false, flush = false;

	for (uint32_t rest = found; rest; rest &= rest - 1) {
		unsigned int t = table_leaf(k, (unsigned int)__builtin_ctz(rest));

		if (SITE(sync_children_write_protect))
			protected |= write_protect_gfn(k, t);
	}
	if (protected && SITE(sync_children_protect_flush))
		flush_remote_tlbs(k);
	for (uint32_t rest = found; rest; rest &= rest - 1) {
		unsigned int leaf = (unsigned int)__builtin_ctz(rest);

		sp_at(k, table_leaf(k, leaf), role)->flags &= (uint8_t)~SP_UNSYNC;
		flush |= sync_page(k, v, leaf, role);
	}
	/* what was found is in sync now, so this clears the bits on the way */
	unsync_walk(k, table, role);
	if (!found)
		return;
	if (k->p->sync_flush == SYNC_FLUSH_LOCAL && SITE(sync_children_flush_local))
		make_request(v, REQ_TLB_FLUSH_CURRENT);
	else if (k->p->sync_flush == SYNC_FLUSH_REMOTE && flush && SITE(sync_children_flush))
		flush_remote_tlbs(k);
}

bool is_unsync_root(const struct kvm *k, const struct kvm_root *root)
{
	if (root->role1 < 2 || root->obsolete)
		return false;
	return sp_at(k, table_root(root->pgd), root->role1 - 1u)->unsync_children;
}

static void unlink_parents(struct kvm *k, unsigned int table, unsigned int role)
{
	bool leaf = is_leaf_table(k, table);
	unsigned int first = leaf ? table_upper(k, 0) : 0;
	unsigned int last = leaf ? table_leaf(k, 0) : table_upper(k, 0);
	unsigned int want = table - last + 1;

	for (unsigned int t = first; t < last; t++)
		for (unsigned int i = 0; i < VTLB_MAX_SLOTS; i++)
			if (sp_at(k, t, role)->spte[i] == want)
				sp_at(k, t, role)->spte[i] = 0;
}

/* Every root that refers to the page can no longer be used. */
static void obsolete_roots(struct kvm *k, unsigned int table, unsigned int role)
{
	for (unsigned int i = 0; i < k->w->nvcpus; i++) {
		struct kvm_vcpu *v = &k->vcpus[i];

		for (unsigned int r = 0; r <= NUM_PREV_ROOTS; r++) {
			struct kvm_root *root = r ? &v->prev[r - 1] : &v->root;

			if (root->role1 == role + 1 && root->pgd == table)
				root->obsolete = 1;
		}
	}
	if (!SITE(zap_root_request))
		return;
	make_all_request(k, k->p->reload == RELOAD_OBSOLETE_ROOTS ?
				    (uint32_t)REQ_MMU_FREE_OBSOLETE_ROOTS :
				    (uint32_t)REQ_MMU_RELOAD);
}

/* kvm_mmu_prepare_zap_page(); the caller flushes, as kvm_mmu_commit_zap_page() does. */
void prepare_zap_page(struct kvm *k, unsigned int table, unsigned int role)
{
	struct kvm_sp *sp = sp_at(k, table, role);
	unsigned int refs = sp->root_count;

	if (!is_leaf_table(k, table))
		for (uint32_t rest = unsync_walk(k, table, role); rest; rest &= rest - 1)
			prepare_zap_page(k, table_leaf(k, (unsigned int)__builtin_ctz(rest)), role);
	if (table >= table_upper(k, 0))
		unlink_parents(k, table, role);
	memset(sp, 0, sizeof(*sp));
	if (refs)
		obsolete_roots(k, table, role);
}

/* kvm_mmu_get_shadow_page(): found in the hash, brought up to date, or made. */
struct kvm_sp *get_shadow_page(struct kvm *k, struct kvm_vcpu *v, unsigned int table,
			       unsigned int role)
{
	struct kvm_sp *sp = sp_at(k, table, role);

	if ((sp->flags & SP_VALID) && (sp->flags & SP_UNSYNC) && SITE(get_page_sync)) {
		/* synced, but neither write protected nor marked so */
		bool flush = sync_page(k, v, table - table_leaf(k, 0), role);

		if (k->p->sync_flush == SYNC_FLUSH_LOCAL && SITE(get_page_flush_local))
			make_request(v, REQ_TLB_FLUSH_CURRENT);
		else if (k->p->sync_flush == SYNC_FLUSH_REMOTE && flush && SITE(get_page_flush))
			flush_remote_tlbs(k);
	}
	if (sp->flags & SP_VALID) {
		sp->flood = 0;
		return sp;
	}
	memset(sp, 0, sizeof(*sp));
	sp->flags = SP_VALID;
	if (SITE(new_page_write_protect) && write_protect_gfn(k, table) &&
	    SITE(new_page_protect_flush))
		flush_remote_tlbs(k);
	return sp;
}
