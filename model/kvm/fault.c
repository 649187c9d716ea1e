/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Page faults: the walk of the guest's tables, the SPTEs that a fault installs,
 * guest stores to page tables, and the host's zap of a frame.
 */
#include "model.h"

static bool is_write(enum vtlb_kind kind)
{
	return WRITE_KINDS & KIND(kind);
}

/*
 * permission_fault() for all kinds at once: what the guest's own rights permit,
 * by its CR0.WP, CR4 and EFER.  An XD bit with NXE=0 never gets here.
 */
static unsigned int guest_kinds(const struct kvm_vcpu *v, unsigned int flags)
{
	unsigned int kinds = ALL_KINDS;

	if ((flags & VTLB_LEAF_NX) && SITE(perm_nx))
		kinds &= ~FETCH_KINDS;
	if (!(flags & VTLB_LEAF_U) && SITE(perm_user))
		kinds &= ~USER_KINDS;
	if ((flags & VTLB_LEAF_U) && (v->mode & VTLB_SMEP) && SITE(perm_smep))
		kinds &= ~KIND(VTLB_SX);
	if ((flags & VTLB_LEAF_U) && (v->mode & VTLB_SMAP) && SITE(perm_smap))
		kinds &= ~AC0_KINDS;
	if (!(flags & VTLB_LEAF_W) && SITE(perm_write))
		kinds &= ~(v->mode & VTLB_WP ? WRITE_KINDS : KIND(VTLB_UW));
	return kinds;
}

static unsigned int fault_code(const struct kvm_vcpu *v, unsigned int kind)
{
	static const uint8_t code[VTLB_NR_KINDS] = {
		[VTLB_UR] = VTLB_PF_U, [VTLB_UW] = VTLB_PF_U | VTLB_PF_W, [VTLB_UX] = VTLB_PF_U,
		[VTLB_SW] = VTLB_PF_W, [VTLB_SWA] = VTLB_PF_W,
	};

	if ((FETCH_KINDS & KIND(kind)) && (v->mode & (VTLB_NXE | VTLB_SMEP)))
		return code[kind] | (unsigned int)VTLB_PF_I;
	return code[kind];
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

/* What the guest's own tables give to the kinds of access in @kinds, added to @out. */
void walk_outcomes(const struct kvm *k, const struct kvm_vcpu *v, unsigned int page,
		   unsigned int kinds, struct vtlb_outset out[VTLB_NR_KINDS])
{
	const struct walk walk = walk_tables(k, v, page);
	unsigned int flags = walk.leaf < 0 ? 0u : k->w->value[walk.value].flags;
	unsigned int ok = 0, dirtied = 0, why = 0;

	if ((flags & VTLB_LEAF_P) && gpte_invalid(k, v, walk.value)) {
		why = VTLB_PF_P | VTLB_PF_RSVD;
	} else if (flags & VTLB_LEAF_P) {
		why = VTLB_PF_P;
		ok = guest_kinds(v, flags) & kinds;
		dirtied = flags & VTLB_LEAF_D ? 0 : ok & WRITE_KINDS;
	}
	for (unsigned int rest = kinds & ~ok; rest; rest &= rest - 1) {
		unsigned int kind = (unsigned int)__builtin_ctz(rest);

		out[kind].faults |= 1u << (fault_code(v, kind) | why);
	}
	for (unsigned int rest = ok & ~dirtied; rest; rest &= rest - 1)
		out[__builtin_ctz(rest)].frames |= 1u << k->w->value[walk.value].frame;
	for (unsigned int rest = dirtied; rest; rest &= rest - 1)
		out[__builtin_ctz(rest)].dirtied |= 1u << walk.leaf;
}

struct walk walk_guest(const struct kvm *k, const struct kvm_vcpu *v, unsigned int page,
		       enum vtlb_kind kind)
{
	struct walk walk = walk_tables(k, v, page);
	struct vtlb_outset out[VTLB_NR_KINDS] = { 0 };

	walk_outcomes(k, v, page, KIND(kind), out);
	walk.outcome = vtlb_outset_next(&out[kind], 0);
	return walk;
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
