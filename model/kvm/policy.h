/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Policies: what changed in KVM's shadow MMU between versions, as named
 * choices.  A preset is one struct of them (presets.c).
 */
#ifndef VTLB_KVM_POLICY_H
#define VTLB_KVM_POLICY_H

#include <stdint.h>

/* kvm_set_cr3() */
enum kvm_set_cr3 {
	/* same CR3: sync now; other CR3: new_pgd(skip_flush, skip_sync) decides */
	SET_CR3_SKIP_PARAMS,
	/* switch first, then kvm_invalidate_pcid() unless bit 63 is set (5.14) */
	SET_CR3_INVALIDATE_PCID,
};

/* which prev_roots a flush of one PCID frees */
enum kvm_invalidate_pcid {
	INVALIDATE_PCID_INVPCID_ONLY,	/* INVPCID type 1 alone; MOV CR3 frees none (to 5.13) */
	INVALIDATE_PCID_ALL,		/* every prev_root of the PCID (21823fbda552) */
	INVALIDATE_PCID_IF_PCIDE,	/* none while CR4.PCIDE=0 (509bfe3d9796, half i) */
};

/* what a MOV CR4 asks for */
enum kvm_cr4 {
	/* role bits (PGE among them) or PCIDE 1->0: reset; nothing else */
	CR4_RESET,
	/* role bits: reset; else PCIDE: reload; else PGE: guest flush */
	CR4_CHAIN,
	/* as CR4_CHAIN, but PCIDE 0->1 asks for nothing and 1->0 for a guest flush */
	CR4_CHAIN_NO_UNLOAD,
	/* each flush on its own, independent of the reset (b5f61c035d49) */
	CR4_SEPARATE,
};

/* kvm_vcpu_flush_tlb_guest() with shadow paging */
enum kvm_flush_guest {
	FLUSH_GUEST_HW,			/* hardware TLB alone */
	FLUSH_GUEST_UNLOAD,		/* kvm_mmu_unload() (b53e84eed08b) */
	FLUSH_GUEST_SYNC,		/* sync the root, free unsync prev_roots (61b05a9fd4ae) */
};

/* what zapping a root page asks of every vCPU */
enum kvm_reload {
	RELOAD_ALL_ROOTS,		/* KVM_REQ_MMU_RELOAD */
	RELOAD_OBSOLETE_ROOTS,		/* KVM_REQ_MMU_FREE_OBSOLETE_ROOTS (527d5cd7eece) */
};

/* INVPCID types 2 and 3 */
enum kvm_invpcid_all {
	INVPCID_ALL_RELOAD,		/* KVM_REQ_MMU_RELOAD */
	INVPCID_ALL_FLUSH_GUEST,	/* KVM_REQ_TLB_FLUSH_GUEST (28f28d453ffc) */
};

/* the page-fault path's drop when it injects #PF */
enum kvm_inject_pf {
	INJECT_PF_NOTHING,
	INJECT_PF_INVALIDATE,		/* address in the current root, if P=1 and RSVD=0 */
};

/* one address of one root */
enum kvm_invlpg {
	INVLPG_ZAP_PREFETCH,		/* FNAME(invlpg): zap, then read the gPTE again */
	INVLPG_SYNC_SPTE,		/* FNAME(sync_spte) (9fd4a4e3a3d9) */
};

/* EFER.NX in the role of shadow pages */
enum kvm_role_nx {
	ROLE_NX_FOLLOWS,		/* the guest's EFER.NX */
	ROLE_NX_FORCED,			/* always 1 */
};

/* kvm_mmu_reset_context() */
enum kvm_reset {
	RESET_UNLOAD,			/* free all roots */
	RESET_NEW_PGD,			/* keep them: kvm_mmu_new_pgd() (never merged) */
};

/* TLB flush after a sync dropped or write-protected SPTEs */
enum kvm_sync_flush {
	SYNC_FLUSH_LOCAL,		/* this vCPU, and at any sync */
	SYNC_FLUSH_REMOTE,		/* every vCPU, only if an SPTE asks for it */
};

/**
 * struct vtlb_kvm_policy - one KVM
 * @lookup_current: kvm_mmu_new_pgd() tries the current root first (0be44352071d)
 * @unsync_reuse_sync: a shadow page with unsync children that is linked again asks
 *	for KVM_REQ_MMU_SYNC instead of being synced on the spot
 * @sync_zaps_empty: a sync that leaves no SPTE zaps the shadow page
 * @pg10_gp: MOV CR0 that clears PG in 64-bit code is refused (777ab82d7ce0)
 * @pg10_flush: clearing CR0.PG requests a guest flush (b5f61c035d49)
 * @wp_nop_pg0: CR0.WP alone with PG=0 resets nothing (e40bcf9f3a18)
 * @lme_resets: EFER.LME is a role bit
 * @init_flush: INIT requests a guest flush (df37ed38e6c2)
 * @invpcid_crash: INVPCID type 0 with CR0.PG=0 calls a NULL ->invlpg (until 9f46c187e2e6)
 */
struct vtlb_kvm_policy {
	uint8_t set_cr3;
	uint8_t invalidate_pcid;
	uint8_t cr4;
	uint8_t flush_guest;
	uint8_t reload;
	uint8_t invpcid_all;
	uint8_t inject_pf;
	uint8_t invlpg;
	uint8_t role_nx;
	uint8_t reset;
	uint8_t sync_flush;
	uint8_t lookup_current;
	uint8_t unsync_reuse_sync;
	uint8_t sync_zaps_empty;
	uint8_t pg10_gp;
	uint8_t pg10_flush;
	uint8_t wp_nop_pg0;
	uint8_t lme_resets;
	uint8_t init_flush;
	uint8_t invpcid_crash;
};

#endif /* VTLB_KVM_POLICY_H */
