/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Page faults: the walk of the guest's tables, the SPTEs that a fault installs,
 * guest stores to page tables, and the host's zap of a frame.
 */
#include "model.h"

static bool is_user(enum vtlb_kind kind)
{
	return kind == VTLB_UR || kind == VTLB_UW || kind == VTLB_UX;
}

static bool is_write(enum vtlb_kind kind)
{
	return kind == VTLB_UW || kind == VTLB_SW || kind == VTLB_SWA;
}

static bool is_fetch(enum vtlb_kind kind)
{
	return kind == VTLB_UX || kind == VTLB_SX;
}

/* permission_fault(): the guest's own rights, by its CR0.WP, CR4 and EFER */
static bool permission_fault(const struct kvm_vcpu *v, unsigned int flags, enum vtlb_kind kind)
{
	bool page_user = flags & VTLB_LEAF_U;

	if (is_fetch(kind) && (flags & VTLB_LEAF_NX) && SITE(perm_nx))
		return true;
	if (is_user(kind) && !page_user && SITE(perm_user))
		return true;
	if (!is_user(kind) && page_user) {
		if (is_fetch(kind) && (v->mode & VTLB_SMEP) && SITE(perm_smep))
			return true;
		if ((kind == VTLB_SR || kind == VTLB_SW) && (v->mode & VTLB_SMAP) &&
		    SITE(perm_smap))
			return true;
	}
	return is_write(kind) && !(flags & VTLB_LEAF_W) &&
	       (is_user(kind) || (v->mode & VTLB_WP)) && SITE(perm_write);
}

static unsigned int fault_code(const struct kvm_vcpu *v, enum vtlb_kind kind)
{
	unsigned int err = 0;

	if (is_write(kind))
		err |= VTLB_PF_W;
	if (is_user(kind))
		err |= VTLB_PF_U;
	if (is_fetch(kind) && (v->mode & (VTLB_NXE | VTLB_SMEP)))
		err |= VTLB_PF_I;
	return err;
}

/* FNAME(walk_addr) as far as it does not depend on the access: from CR3, in memory */
static struct walk walk_tables(const struct kvm *k, const struct kvm_vcpu *v, unsigned int page)
{
	unsigned int slot = k->w->page[page].slot;
	unsigned int upper = k->s->mem.root[v->cr3][k->w->slot_region[slot]];
	struct walk walk = { .leaf = -1 };

	if (upper && k->s->mem.upper[upper - 1][slot]) {
		walk.upper = upper - 1;
		walk.leaf = k->s->mem.upper[upper - 1][slot] - 1;
		walk.value = k->s->mem.leaf[walk.leaf][k->w->page[page].entry];
	}
	return walk;
}

static uint32_t walk_outcome(const struct kvm *k, const struct kvm_vcpu *v,
			     const struct walk *walk, enum vtlb_kind kind)
{
	unsigned int flags = walk->leaf < 0 ? 0u : k->w->value[walk->value].flags;
	unsigned int err = fault_code(v, kind);

	if (!(flags & VTLB_LEAF_P))
		return vtlb_outcome(VTLB_OUT_FAULT, err);
	if (gpte_invalid(k, v, walk->value))
		return vtlb_outcome(VTLB_OUT_FAULT, err | VTLB_PF_P | VTLB_PF_RSVD);
	if (permission_fault(v, flags, kind))
		return vtlb_outcome(VTLB_OUT_FAULT, err | VTLB_PF_P);
	if (is_write(kind) && !(flags & VTLB_LEAF_D))
		return vtlb_outcome(VTLB_OUT_DIRTIED, (unsigned int)walk->leaf);
	return vtlb_outcome(VTLB_OUT_FRAME, k->w->value[walk->value].frame);
}

struct walk walk_guest(const struct kvm *k, const struct kvm_vcpu *v, unsigned int page,
		       enum vtlb_kind kind)
{
	struct walk walk = walk_tables(k, v, page);

	walk.outcome = walk_outcome(k, v, &walk, kind);
	return walk;
}

/* What the guest's own tables give to the kinds of access in @kinds, added to @out. */
void walk_outcomes(const struct kvm *k, const struct kvm_vcpu *v, unsigned int page,
		   unsigned int kinds, struct vtlb_outset out[VTLB_NR_KINDS])
{
	struct walk walk;

	if (!kinds)
		return;
	walk = walk_tables(k, v, page);
	for (; kinds; kinds &= kinds - 1) {
		unsigned int kind = (unsigned int)__builtin_ctz(kinds);
		uint32_t outcome = walk_outcome(k, v, &walk, (enum vtlb_kind)kind);
		uint32_t bit = 1u << vtlb_outcome_index(outcome);

		switch (vtlb_outcome_kind(outcome)) {
		case VTLB_OUT_FRAME:
			out[kind].frames |= bit;
			break;
		case VTLB_OUT_DIRTIED:
			out[kind].dirtied |= bit;
			break;
		default:
			out[kind].faults |= bit;
			break;
		}
	}
}

/* mmu_set_spte(): another gfn drops the old SPTE first; losing W needs a flush */
static void set_spte(struct kvm *k, struct kvm_sp *sp, unsigned int entry, unsigned int spte)
{
	unsigned int old = sp->spte[entry];
	bool flush = false;

	if (old && spte_frame(k, old) != spte_frame(k, spte))
		flush = SITE(set_spte_gfn_flush);
	else if (old)
		flush = (spte_flags(k, old) & ~spte_flags(k, spte) & VTLB_LEAF_W) &&
			SITE(set_spte_write_flush);
	sp->spte[entry] = (uint8_t)spte;
	if (flush)
		flush_remote_tlbs(k);
}

/* FNAME(pte_prefetch): neighbours that have no SPTE, up to the first invalid gPTE */
static void prefetch(struct kvm *k, const struct kvm_vcpu *v, struct kvm_sp *sp,
		     unsigned int leaf, unsigned int skip)
{
	for (unsigned int i = 0; i < VTLB_MAX_ENTRIES; i++) {
		unsigned int value = k->s->mem.leaf[leaf][i];

		if (i == skip || sp->spte[i])
			continue;
		if (gpte_invalid(k, v, value))
			break;
		sp->spte[i] = (uint8_t)gpte_spte(k, value);
	}
}

/* The shadow page one level down, linked; unsync state is carried up as KVM does. */
static struct kvm_sp *get_child(struct kvm *k, struct kvm_vcpu *v, unsigned int parent,
				unsigned int index, unsigned int child, unsigned int base)
{
	unsigned int role = v->root.role1 - 1u;
	struct kvm_sp *from = sp_at(k, parent, role), *sp;

	if (from->spte[index])
		return sp_at(k, base + from->spte[index] - 1u, role);
	sp = get_shadow_page(k, v, child, role);
	if (sp->unsync_children && SITE(fetch_sync_children)) {
		if (k->p->unsync_reuse_sync)
			make_request(v, REQ_MMU_SYNC);
		else
			mmu_sync_children(k, v, child, role);
	}
	from->spte[index] = (uint8_t)(child - base + 1u);
	if ((sp->flags & SP_UNSYNC) || sp->unsync_children)
		mark_parents_unsync(k, child, role);
	return sp;
}

/* FNAME(page_fault) for an access that the guest's own tables permit */
static void fetch(struct kvm *k, struct kvm_vcpu *v, unsigned int page, enum vtlb_kind kind,
		  const struct walk *walk)
{
	unsigned int slot = k->w->page[page].slot, entry = k->w->page[page].entry;
	unsigned int role = v->root.role1 - 1u, leaf = (unsigned int)walk->leaf, value, spte;
	struct kvm_sp *root = sp_at(k, table_root(v->root.pgd), role), *upper, *sp;

	root->flood = 0;
	upper = get_child(k, v, table_root(v->root.pgd), k->w->slot_region[slot],
			  table_upper(k, walk->upper), table_upper(k, 0));
	upper->flood = 0;
	sp = get_child(k, v, (unsigned int)(upper - sp_at(k, 0, role)), slot,
		       table_leaf(k, leaf), table_leaf(k, 0));

	value = k->s->mem.leaf[leaf][entry];
	if (is_write(kind) && !(k->w->value[value].flags & VTLB_LEAF_W))
		/* CR0.WP=0: writable for the supervisor, closed to the user */
		spte = make_spte(k, value,
				 v->mode & VTLB_SMEP && SITE(wp0_smep_nx) ? VAR_WP0_NX : VAR_WP0);
	else
		spte = gpte_spte(k, value);
	set_spte(k, sp, entry, spte);
	prefetch(k, v, sp, leaf, entry);
}

/* An exit for an access; walk->outcome is what the guest will see. */
void page_fault(struct kvm *k, struct kvm_vcpu *v, unsigned int page, enum vtlb_kind kind,
		const struct walk *walk)
{
	unsigned int entry = k->w->page[page].entry;

	k->cost->refaults++;
	if (vtlb_outcome_kind(walk->outcome) == VTLB_OUT_FAULT) {
		unsigned int err = vtlb_outcome_index(walk->outcome);

		if (k->p->inject_pf == INJECT_PF_INVALIDATE && (err & VTLB_PF_P) &&
		    !(err & VTLB_PF_RSVD)) {
			if (SITE(inject_pf_flush_gva))
				flush_tlb_gva(k, v, page);
			if (SITE(inject_pf_invalidate))
				invalidate_addr(k, v, page, &v->root);
		}
		return;
	}
	/* FNAME(update_accessed_dirty_bits) */
	if (vtlb_outcome_kind(walk->outcome) == VTLB_OUT_DIRTIED) {
		unsigned int value = k->s->mem.leaf[walk->leaf][entry];

		for (unsigned int t = 1; t < k->w->nvalues; t++)
			if (k->w->value[t].frame == k->w->value[value].frame &&
			    k->w->value[t].flags == (k->w->value[value].flags | VTLB_LEAF_D))
				k->s->mem.leaf[walk->leaf][entry] = (uint8_t)t;
	}
	fetch(k, v, page, kind, walk);
}

/* mmu_try_to_unsync_pages(): then the window becomes writable */
static void unsync_pages(struct kvm *k, unsigned int table)
{
	for (unsigned int role = 1; role <= k->s->nroles; role++) {
		struct kvm_sp *sp = sp_at(k, table, role);

		if (!(sp->flags & SP_VALID) || (sp->flags & SP_UNSYNC) || !SITE(mark_unsync))
			continue;
		sp->flags |= SP_UNSYNC;
		mark_parents_unsync(k, table, role);
	}
}

/* kvm_mmu_track_write() for a PML4 or a directory: zap the entry, or the page if flooded */
static void track_write(struct kvm *k, struct kvm_vcpu *v, unsigned int table,
			unsigned int entry)
{
	bool flush = false;

	if (k->p->sync_flush == SYNC_FLUSH_LOCAL)
		make_request(v, REQ_TLB_FLUSH_CURRENT);
	for (unsigned int role = 1; role <= k->s->nroles; role++) {
		struct kvm_sp *sp = sp_at(k, table, role);

		if (!(sp->flags & SP_VALID))
			continue;
		if (++sp->flood >= 3) {
			prepare_zap_page(k, table, role);
			flush = true;
			continue;
		}
		flush |= sp->spte[entry] != 0;
		if (SITE(track_write_zap))
			sp->spte[entry] = 0;
	}
	if (flush && SITE(track_write_flush))
		flush_remote_tlbs(k);
}

static bool is_shadowed(const struct kvm *k, unsigned int table)
{
	for (unsigned int role = 1; role <= k->s->nroles; role++)
		if (sp_at(k, table, role)->flags & SP_VALID)
			return true;
	return false;
}

static void store(struct kvm *k, unsigned int table, unsigned int entry, unsigned int value)
{
	if (is_leaf_table(k, table))
		k->s->mem.leaf[table - table_leaf(k, 0)][entry] = (uint8_t)value;
	else if (table >= table_upper(k, 0))
		k->s->mem.upper[table - table_upper(k, 0)][entry] = (uint8_t)value;
	else
		k->s->mem.root[table][entry] = (uint8_t)value;
}

/* A supervisor store through the table's window. */
void guest_store(struct kvm *k, unsigned int vcpu, unsigned int table, unsigned int entry,
		 unsigned int value)
{
	struct kvm_vcpu *v = &k->vcpus[vcpu];

	store(k, table, entry, value);
	if (*hw_window(k, vcpu, active_pcid(k, v)) & 1u << table)
		return;
	k->cost->refaults++;
	/* the fault goes through the current root and clears its flooding count */
	if (v->root.role1 > 1)
		sp_at(k, table_root(v->root.pgd), v->root.role1 - 1u)->flood = 0;
	if (!is_leaf_table(k, table) && is_shadowed(k, table)) {
		track_write(k, v, table, entry);
		return;
	}
	if (is_leaf_table(k, table))
		unsync_pages(k, table);
	k->s->win[v->root.role1 - 1u] |= 1u << table;
}

/* mmu_notifier: every SPTE of the frame goes */
void host_zap(struct kvm *k, unsigned int frame)
{
	bool flush = false;

	for (unsigned int role = 1; role <= k->s->nroles; role++) {
		for (unsigned int leaf = 0; leaf < k->w->nleafs; leaf++) {
			struct kvm_sp *sp = sp_at(k, table_leaf(k, leaf), role);

			for (unsigned int i = 0; i < VTLB_MAX_ENTRIES; i++) {
				if (!sp->spte[i] || spte_frame(k, sp->spte[i]) != frame)
					continue;
				flush = true;
				if (SITE(host_zap))
					sp->spte[i] = 0;
			}
		}
	}
	if (flush && SITE(host_zap_flush))
		flush_remote_tlbs(k);
}
