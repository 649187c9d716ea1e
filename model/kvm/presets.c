/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Presets: released kernels and single commits as sets of policies.  Each is a
 * claim about real code; the comment says what the claim rests on.
 */
#include "impl_kvm.h"

/*
 * 4.20: the fast CR3 switch of 4.19 (956bf3531fba and its series).  kvm_set_cr3,
 * MOV CR4, EFER and the fast switch were read in a 4.19 tree; the rest is
 * derived from the same tree.
 */
static const struct vtlb_kvm_policy kvm_4_20 = {
	.set_cr3 = SET_CR3_SKIP_PARAMS,
	.invalidate_pcid = INVALIDATE_PCID_INVPCID_ONLY,
	.cr4 = CR4_RESET,
	.flush_guest = FLUSH_GUEST_HW,
	.reload = RELOAD_ALL_ROOTS,
	.invpcid_all = INVPCID_ALL_RELOAD,
	.inject_pf = INJECT_PF_NOTHING,
	.invlpg = INVLPG_ZAP_PREFETCH,
	.role_nx = ROLE_NX_FOLLOWS,
	.reset = RESET_UNLOAD,
	.sync_flush = SYNC_FLUSH_LOCAL,
	.unsync_reuse_sync = 1,
	.sync_zaps_empty = 1,
	.invpcid_crash = 1,
};

/*
 * 5.10: bodies read in 5.10.262 (Debian's linux-source-5.10).  The current root
 * is looked up first (0be44352071d), an injected #PF drops its address
 * (ee1fa209f5e5); 21823fbda552 is not there.  That tree has 9f46c187e2e6.
 */
static const struct vtlb_kvm_policy kvm_5_10 = {
	.set_cr3 = SET_CR3_SKIP_PARAMS,
	.invalidate_pcid = INVALIDATE_PCID_INVPCID_ONLY,
	.cr4 = CR4_RESET,
	.flush_guest = FLUSH_GUEST_HW,
	.reload = RELOAD_ALL_ROOTS,
	.invpcid_all = INVPCID_ALL_RELOAD,
	.inject_pf = INJECT_PF_INVALIDATE,
	.invlpg = INVLPG_ZAP_PREFETCH,
	.role_nx = ROLE_NX_FOLLOWS,
	.reset = RESET_UNLOAD,
	.sync_flush = SYNC_FLUSH_LOCAL,
	.lookup_current = 1,
	.unsync_reuse_sync = 1,
	.sync_zaps_empty = 1,
};

/*
 * 5.14: kvm_invalidate_pcid() frees every prev_root of the PCID (21823fbda552),
 * INVPCID types 2 and 3 flush the guest (28f28d453ffc), a guest flush unloads
 * the MMU (b53e84eed08b).  The shadow MMU was read in a 5.14.2 tree; the control
 * registers and INVPCID are derived from the commits' messages.
 */
static const struct vtlb_kvm_policy kvm_5_14 = {
	.set_cr3 = SET_CR3_INVALIDATE_PCID,
	.invalidate_pcid = INVALIDATE_PCID_ALL,
	.cr4 = CR4_RESET,
	.flush_guest = FLUSH_GUEST_UNLOAD,
	.reload = RELOAD_ALL_ROOTS,
	.invpcid_all = INVPCID_ALL_FLUSH_GUEST,
	.inject_pf = INJECT_PF_INVALIDATE,
	.invlpg = INVLPG_ZAP_PREFETCH,
	.role_nx = ROLE_NX_FOLLOWS,
	.reset = RESET_UNLOAD,
	.sync_flush = SYNC_FLUSH_LOCAL,
	.lookup_current = 1,
	.unsync_reuse_sync = 1,
	.sync_zaps_empty = 1,
	.invpcid_crash = 1,
};

/*
 * 5.16, final bodies, derived from commits and merge lists (no 5.16 tree was read),
 * 777ab82d7ce0 (MOV CR0 that clears PG in 64-bit code) included: roots stay cached
 * with PCIDE=0 and are unloaded when PCIDE
 * is set (509bfe3d9796), PCIDE 1->0 and PGE reset nothing (552617382c19,
 * a91a7c709600), a guest flush syncs instead of unloading (61b05a9fd4ae).
 */
#define KVM_5_16                                                              \
	.set_cr3 = SET_CR3_INVALIDATE_PCID,                                   \
	.invalidate_pcid = INVALIDATE_PCID_IF_PCIDE,                          \
	.flush_guest = FLUSH_GUEST_SYNC,                                      \
	.reload = RELOAD_ALL_ROOTS,                                           \
	.invpcid_all = INVPCID_ALL_FLUSH_GUEST,                               \
	.inject_pf = INJECT_PF_INVALIDATE,                                    \
	.invlpg = INVLPG_ZAP_PREFETCH,                                        \
	.role_nx = ROLE_NX_FOLLOWS,                                           \
	.sync_flush = SYNC_FLUSH_REMOTE,                                      \
	.lookup_current = 1,                                                  \
	.pg10_gp = 1,                                                         \
	.init_flush = 1,                                                      \
	.invpcid_crash = 1

static const struct vtlb_kvm_policy kvm_5_16 = {
	KVM_5_16,
	.cr4 = CR4_CHAIN,
	.reset = RESET_UNLOAD,
};

/*
 * The first half of 509bfe3d9796 alone: prev_roots are kept while PCIDE=0, but
 * nothing frees them at PCIDE 0->1.  PCIDE 1->0 still raises a guest flush.  No
 * kernel was released so; it is what the patch's message warns of.
 */
static const struct vtlb_kvm_policy kvm_5_16_without_unload = {
	KVM_5_16,
	.cr4 = CR4_CHAIN_NO_UNLOAD,
	.reset = RESET_UNLOAD,
};

/*
 * "[PATCH 12/12] KVM: x86: do not unload MMU roots on all role changes"
 * (2022-02-09, not merged) on 5.16's else-if chain: a reset is no longer a
 * superset of a flush, so a write that changes a role bit and PGE loses it.
 * Derived from the patch's description and its review.
 */
static const struct vtlb_kvm_policy kvm_5_17_rfc_role = {
	KVM_5_16,
	.cr4 = CR4_CHAIN,
	.reset = RESET_NEW_PGD,
};

/*
 * 6.1: bodies read in 6.1.192.  Flushes are separate from the reset
 * (b5f61c035d49), obsolete roots are freed one by one (527d5cd7eece,
 * cf4a8693d97a), EFER.NX is forced in the root role.
 */
#define KVM_6_1                                                               \
	.set_cr3 = SET_CR3_INVALIDATE_PCID,                                   \
	.invalidate_pcid = INVALIDATE_PCID_IF_PCIDE,                          \
	.cr4 = CR4_SEPARATE,                                                  \
	.flush_guest = FLUSH_GUEST_SYNC,                                      \
	.reload = RELOAD_OBSOLETE_ROOTS,                                      \
	.invpcid_all = INVPCID_ALL_FLUSH_GUEST,                               \
	.inject_pf = INJECT_PF_INVALIDATE,                                    \
	.role_nx = ROLE_NX_FORCED,                                            \
	.reset = RESET_UNLOAD,                                                \
	.sync_flush = SYNC_FLUSH_REMOTE,                                      \
	.lookup_current = 1,                                                  \
	.pg10_gp = 1,                                                         \
	.pg10_flush = 1,                                                      \
	.lme_resets = 1,                                                      \
	.init_flush = 1

static const struct vtlb_kvm_policy kvm_6_1 = {
	KVM_6_1,
	.invlpg = INVLPG_ZAP_PREFETCH,
};

/* 6.12: bodies read in 6.12.117.  INVLPG syncs one SPTE (9fd4a4e3a3d9); e40bcf9f3a18. */
static const struct vtlb_kvm_policy kvm_6_12 = {
	KVM_6_1,
	.invlpg = INVLPG_SYNC_SPTE,
	.wp_nop_pg0 = 1,
};

#define PRESET(policy, title, text)                                           \
	{                                                                     \
		.abi = VTLB_IMPL_ABI, .size = sizeof(struct vtlb_impl),       \
		.name = title, .summary = text, .priv = &(policy),            \
		.ops = (1u << VTLB_OP_NR) - 1,                                \
		.vendors = 1u << VTLB_INTEL | 1u << VTLB_AMD,                 \
		.modes = 1u << VTLB_SHADOW, .max_vcpus = VTLB_MAX_VCPUS,      \
		.state_size = kvm_state_size, .reset = kvm_reset,             \
		.step = kvm_step, .outcomes = kvm_outcomes,                   \
		.encode = kvm_encode, .describe = kvm_describe,               \
		.held = kvm_held, .decode = kvm_decode,                       \
		.permute = kvm_permute, .assume = kvm_assume,                 \
	}

static const struct vtlb_impl presets[] = {
	PRESET(kvm_4_20, "kvm-4.20",
	       "first kernels with prev_roots: no kvm_invalidate_pcid(), no drop on #PF"),
	PRESET(kvm_5_10, "kvm-5.10",
	       "5.10.y: before 21823fbda552, a flush of a PCID reaches one root only"),
	PRESET(kvm_5_14, "kvm-5.14",
	       "21823fbda552: a flush of a PCID frees all its cached roots"),
	PRESET(kvm_5_16, "kvm-5.16",
	       "509bfe3d9796 as merged: roots stay cached while CR4.PCIDE=0"),
	PRESET(kvm_5_16_without_unload, "kvm-5.16-without-unload-on-pcide",
	       "509bfe3d9796 without its second half: PCIDE 0->1 frees nothing"),
	PRESET(kvm_5_17_rfc_role, "kvm-5.17-rfc-keep-roots-on-role-change",
	       "never merged: kvm_mmu_reset_context() keeps the roots (docs/history.md I1)"),
	PRESET(kvm_6_1, "kvm-6.1",
	       "6.1.y: flushes on their own (b5f61c035d49), INVLPG zaps and prefetches"),
	PRESET(kvm_6_12, "kvm-6.12",
	       "6.12.y: INVLPG syncs the one SPTE (6.4 rework)"),
};

const unsigned int vtlb_nr_presets = sizeof(presets) / sizeof(presets[0]);

const struct vtlb_impl *vtlb_preset(unsigned int i)
{
	return &presets[i];
}

const struct vtlb_impl *vtlb_preset_by_name(const char *name)
{
	for (unsigned int i = 0; i < vtlb_nr_presets; i++) {
		const char *a = presets[i].name, *b = name;

		while (*a && *a == *b) {
			a++;
			b++;
		}
		if (*a == *b)
			return &presets[i];
	}
	return NULL;
}
