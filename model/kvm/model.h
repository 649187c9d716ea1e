/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Private to model/kvm: the state of the KVM model and the functions that its
 * files share.  Names are KVM's where there is one.
 */
#ifndef VTLB_KVM_MODEL_H
#define VTLB_KVM_MODEL_H

#include <string.h>

#include "policy.h"
#include "site.h"
#include "vtlb/kvm.h"

#define NUM_PREV_ROOTS 3	/* KVM_MMU_NUM_PREV_ROOTS */
#define MAX_ROLES 11		/* role 0 is "not paging": a direct root without pages */

/* Requests of a vCPU, in no order; entry.c has KVM's order of service. */
enum kvm_request {
	REQ_MMU_RELOAD = 1u << 0,
	REQ_MMU_FREE_OBSOLETE_ROOTS = 1u << 1,
	REQ_MMU_SYNC = 1u << 2,
	REQ_LOAD_MMU_PGD = 1u << 3,
	REQ_TLB_FLUSH = 1u << 4,
	REQ_TLB_FLUSH_CURRENT = 1u << 5,
	REQ_TLB_FLUSH_GUEST = 1u << 6,
};

enum kvm_sp_flag {
	SP_VALID = 1u << 0,
	SP_UNSYNC = 1u << 1,
};

/**
 * struct kvm_sp - a shadow page; its place in the array is its key (table, role)
 * @flags: enum kvm_sp_flag
 * @root_count: references from root and prev_roots of all vCPUs
 * @flood: write_flooding_count
 * @unsync_children: bit per entry, upper levels only
 * @spte: leaf: 0, or 1 + variant * 32 + leaf value (see enum kvm_variant);
 *	directory: 0 or leaf table + 1 (per slot); PML4: 0 or upper + 1 (per region)
 */
struct kvm_sp {
	uint8_t flags;
	uint8_t root_count;
	uint8_t flood;
	uint8_t unsync_children;
	uint8_t spte[VTLB_MAX_SLOTS];
};

_Static_assert(VTLB_MAX_SLOTS >= VTLB_MAX_ENTRIES && VTLB_MAX_SLOTS >= VTLB_MAX_REGIONS,
	       "one array serves all levels");
_Static_assert(VTLB_MAX_ROOTS + VTLB_MAX_UPPERS + VTLB_MAX_LEAFS <= 32,
	       "masks of tables are 32 bits");

/* How an SPTE's rights differ from the guest value that it was made from. */
enum kvm_variant {
	VAR_RO = 0,		/* W=0: read-only value, or clean and not yet written */
	VAR_RW = 1,		/* W=1 */
	VAR_WP0 = 2,		/* W=1, U=0: supervisor write under CR0.WP=0 */
	VAR_WP0_NX = 3,		/* the same, not executable because of SMEP */
	NR_VARIANTS
};

/**
 * struct kvm_root - kvm_mmu_root_info
 * @low12: low bits of the pgd
 * @pgd: index of the guest root
 * @role1: 0 invalid, otherwise role + 1
 * @obsolete: the shadow page was zapped while this referred to it
 */
struct kvm_root {
	uint16_t low12;
	uint8_t pgd;
	uint8_t role1 : 7;
	uint8_t obsolete : 1;
};

struct kvm_vcpu {
	uint32_t mode;
	uint16_t low12;
	uint8_t cr3;
	uint8_t pad;
	uint32_t requests;
	struct kvm_root root;
	struct kvm_root prev[NUM_PREV_ROOTS];
};

_Static_assert(sizeof(struct kvm_vcpu) == 28, "no padding");

/**
 * struct kvm_state - head of the flat state; shadow pages, vCPUs and hardware
 * TLBs follow (see struct kvm for how they are found)
 * @reserved: CR4 and EFER bits that the guest's CPUID makes reserved
 * @win: per role, bit (table): the window SPTE for it is writable
 * @canon: per variant group (0: W ignored, 1: W=1), the value that stands for
 *	all values that give the same SPTE
 */
struct kvm_state {
	uint8_t nroles;		/* paging roles are 1 .. nroles */
	uint8_t ntables;
	uint8_t pad[2];
	uint32_t reserved;
	struct vtlb_mem mem;
	uint8_t canon[2][VTLB_MAX_VALUES];
	uint32_t win[MAX_ROLES];
};

/**
 * struct kvm - one call's view of a state
 * @hw: hardware TLBs; per vCPU: [pcid][page][variant] masks of values, then
 *	[pcid] masks of tables whose window is cached writable
 */
struct kvm {
	const struct vtlb_kvm_policy *p;
	const struct vtlb_world *w;
	struct kvm_state *s;
	struct kvm_sp *sp;
	struct kvm_vcpu *vcpus;
	uint32_t *hw;
	struct vtlb_cost *cost;
};

static inline unsigned int table_root(unsigned int root)
{
	return root;
}

static inline unsigned int table_upper(const struct kvm *k, unsigned int upper)
{
	return (unsigned int)k->w->nroots + upper;
}

static inline unsigned int table_leaf(const struct kvm *k, unsigned int leaf)
{
	return (unsigned int)k->w->nroots + k->w->nuppers + leaf;
}

static inline struct kvm_sp *sp_at(const struct kvm *k, unsigned int table, unsigned int role)
{
	return &k->sp[(role - 1) * k->s->ntables + table];
}

static inline bool is_leaf_table(const struct kvm *k, unsigned int table)
{
	return table >= table_leaf(k, 0);
}

/* Words of one vCPU's hardware TLB. */
static inline uint32_t hw_words(const struct vtlb_world *w)
{
	return (uint32_t)w->npcids * (w->npages * NR_VARIANTS + 1u);
}

static inline uint32_t *hw_page(const struct kvm *k, unsigned int vcpu, unsigned int pcid,
				unsigned int page)
{
	return k->hw + vcpu * hw_words(k->w) + (pcid * k->w->npages + page) * NR_VARIANTS;
}

static inline uint32_t *hw_window(const struct kvm *k, unsigned int vcpu, unsigned int pcid)
{
	return k->hw + vcpu * hw_words(k->w) + (uint32_t)k->w->npcids * k->w->npages * NR_VARIANTS +
	       pcid;
}

/* kvm_get_active_pcid(), as an index of the world */
static inline unsigned int active_pcid(const struct kvm *k, const struct kvm_vcpu *v)
{
	return v->mode & VTLB_PCIDE ? (unsigned int)vtlb_world_pcid_index(k->w, v->low12) : 0;
}

/* pages.c: shadow pages */
unsigned int role_of(const struct kvm *k, uint32_t mode);
struct kvm_sp *get_shadow_page(struct kvm *k, struct kvm_vcpu *v, unsigned int table,
			       unsigned int role);
void mark_parents_unsync(struct kvm *k, unsigned int table, unsigned int role);
bool is_unsync_root(const struct kvm *k, const struct kvm_root *root);
void mmu_sync_children(struct kvm *k, struct kvm_vcpu *v, unsigned int table, unsigned int role);
void prepare_zap_page(struct kvm *k, unsigned int table, unsigned int role);
bool write_protect_gfn(struct kvm *k, unsigned int table);
void flush_remote_tlbs(struct kvm *k);

/* sync.c: SPTEs against guest page-table entries */
bool sync_spte(struct kvm *k, const struct kvm_vcpu *v, struct kvm_sp *sp, unsigned int leaf,
	       unsigned int entry);
bool sync_page(struct kvm *k, struct kvm_vcpu *v, unsigned int leaf, unsigned int role);
unsigned int make_spte(const struct kvm *k, unsigned int value, enum kvm_variant variant);
unsigned int gpte_spte(const struct kvm *k, unsigned int value);
bool gpte_invalid(const struct kvm *k, const struct kvm_vcpu *v, unsigned int value);
unsigned int spte_flags(const struct kvm *k, unsigned int spte);
unsigned int spte_frame(const struct kvm *k, unsigned int spte);

/* roots.c: the root cache */
void new_pgd(struct kvm *k, struct kvm_vcpu *v, unsigned int pgd, unsigned int low12,
	     unsigned int role, bool skip);
void free_root(struct kvm *k, struct kvm_root *root);
void mmu_unload(struct kvm *k, struct kvm_vcpu *v);
void reset_context(struct kvm *k, struct kvm_vcpu *v);
void sync_roots(struct kvm *k, struct kvm_vcpu *v);
void sync_prev_roots(struct kvm *k, struct kvm_vcpu *v);
void mmu_load(struct kvm *k, struct kvm_vcpu *v);

/* Sets of kinds of access, bit (1 << enum vtlb_kind). */
#define KIND(k) (1u << (k))
#define USER_KINDS (KIND(VTLB_UR) | KIND(VTLB_UW) | KIND(VTLB_UX))
#define WRITE_KINDS (KIND(VTLB_UW) | KIND(VTLB_SW) | KIND(VTLB_SWA))
#define FETCH_KINDS (KIND(VTLB_UX) | KIND(VTLB_SX))
#define AC0_KINDS (KIND(VTLB_SR) | KIND(VTLB_SW))
#define ALL_KINDS ((1u << VTLB_NR_KINDS) - 1)

/* fault.c: guest walks, page faults, page-table writes */
struct walk {
	int leaf;		/* leaf table reached, or -1 */
	unsigned int upper;	/* valid if leaf >= 0, as is value */
	unsigned int value;
	uint32_t outcome;	/* of this kind of access, by the guest's own tables */
};

struct walk walk_guest(const struct kvm *k, const struct kvm_vcpu *v, unsigned int page,
		       enum vtlb_kind kind);
void walk_outcomes(const struct kvm *k, const struct kvm_vcpu *v, unsigned int page,
		   unsigned int kinds, struct vtlb_outset out[VTLB_NR_KINDS]);
void page_fault(struct kvm *k, struct kvm_vcpu *v, unsigned int page, enum vtlb_kind kind,
		const struct walk *walk);
void guest_store(struct kvm *k, unsigned int vcpu, unsigned int table, unsigned int entry,
		 unsigned int value);
void host_zap(struct kvm *k, unsigned int frame);

/* invalidate.c: INVLPG, INVPCID, kvm_invalidate_pcid(), what an injected #PF drops */
void invalidate_addr(struct kvm *k, struct kvm_vcpu *v, unsigned int page,
		     const struct kvm_root *root);
void invalidate_pcid(struct kvm *k, struct kvm_vcpu *v, unsigned int pcid);
void flush_tlb_gva(struct kvm *k, struct kvm_vcpu *v, unsigned int page);
unsigned int kvm_invlpg(struct kvm *k, struct kvm_vcpu *v, struct vtlb_op op);
unsigned int kvm_invpcid(struct kvm *k, struct kvm_vcpu *v, struct vtlb_op op);

/* regs.c: control registers; each returns enum vtlb_fault */
unsigned int set_cr0(struct kvm *k, struct kvm_vcpu *v, struct vtlb_op op);
unsigned int set_cr3(struct kvm *k, struct kvm_vcpu *v, struct vtlb_op op);
unsigned int set_cr4(struct kvm *k, struct kvm_vcpu *v, struct vtlb_op op);
unsigned int set_efer(struct kvm *k, struct kvm_vcpu *v, struct vtlb_op op);
void vcpu_init_event(struct kvm *k, struct kvm_vcpu *v);

/* entry.c: requests and the hardware TLB */
void hw_flush(struct kvm *k, const struct kvm_vcpu *v);
void vcpu_enter_guest(struct kvm *k);
unsigned int shadow_walk(const struct kvm *k, const struct kvm_vcpu *v, unsigned int page);

/* hidden.c: what is not looked at */
void forget_hidden(struct kvm *k);

/* normal.c: one state for all that behave alike, where the alphabet is known */
void normalize(struct kvm *k);

static inline unsigned int vcpu_index(const struct kvm *k, const struct kvm_vcpu *v)
{
	return (unsigned int)(v - k->vcpus);
}

static inline void make_request(struct kvm_vcpu *v, uint32_t request)
{
	v->requests |= request;
}

static inline void make_all_request(struct kvm *k, uint32_t request)
{
	for (unsigned int i = 0; i < k->w->nvcpus; i++)
		k->vcpus[i].requests |= request;
}

#endif /* VTLB_KVM_MODEL_H */
