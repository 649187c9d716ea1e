/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Tests of the waivers: strictly the outcome is not allowed, with the waiver it
 * is, and what is next to it is still refused.
 */
#include "contract_case.h"

enum { USER, KERNEL };
enum { A_PT, B_PT, KERNEL_PT };

static uint8_t f5, f6, ro0, xd0, rsvd;

static void plain(struct vtlb_world *w)
{
	vtlb_world_default(w);
	f5 = value(w, 5, P | WR | US | DI);
	f6 = value(w, 6, P | WR | US | DI);
	ro0 = value(w, 0, P | US | DI);
	xd0 = value(w, 0, P | WR | US | DI | XD);
	rsvd = value(w, 6, P | WR | US | DI | VTLB_LEAF_RSVD);
}

#define MAX_OPS 8
#define OP(code, a, b, imm) { VTLB_OP_##code, 0x10, a, b, imm }
#define CR3(root, pcid) OP(MOV_CR3, root, 0, pcid)
#define KEEP(root, pcid) OP(MOV_CR3, root, 0, (pcid) | VTLB_CR3_NOFLUSH)
#define INVPCID(type, pcid) OP(INVPCID, USER, type, pcid)
#define XOR4(bits) OP(MOV_CR4, VTLB_HOW_XOR, 0, bits)
#define XOR0(bits) OP(MOV_CR0, VTLB_HOW_XOR, 0, bits)
#define CSL(to) OP(SET_CSL, to, 0, 0)

/*
 * noncurrent-refill, face (a): PCID 0 with root a was left; everything is dropped;
 * a.user changes from f0 to f6; PCID 0 comes back without a flush.  @between says
 * what else happens after the drop and before the store.
 */
static const struct {
	const char *what;
	struct vtlb_op between[MAX_OPS];
	bool lives;	/* with the waiver f0 may still be seen */
} ends[] = {
	{ "nothing", { { 0 } }, true },
	{ "INVPCID type 0", { INVPCID(0, 0) }, true },
	{ "INVPCID type 1 of another PCID", { INVPCID(1, 1) }, true },
	{ "INVPCID type 1", { INVPCID(1, 0) }, false },
	{ "INVPCID type 2", { INVPCID(2, 0) }, true },
	{ "INVPCID type 3", { INVPCID(3, 0) }, true },
	{ "INVLPG", { OP(INVLPG, USER, 0, 0) }, true },
	{ "CR4.PGE", { XOR4(VTLB_PGE) }, true },
	{ "CR4.SMEP", { XOR4(VTLB_SMEP) }, true },
	{ "MOV CR3 to another PCID", { CR3(0, 1) }, true },
	{ "MOV CR3 to another root of the PCID", { CR3(1, 0), KEEP(0, 1) }, false },
	{ "MOV CR3 to another root, no flush", { KEEP(1, 0), KEEP(0, 1) }, true },
	/* loaded again: the flush ends the pair, and then it is a live one anew */
	{ "MOV CR3 to the pair itself", { CR3(0, 0), KEEP(0, 1) }, true },
	{ "CR4.PCIDE 1->0->1", { CR3(1, 0), XOR4(VTLB_PCIDE), XOR4(VTLB_PCIDE), KEEP(0, 1) },
	  false },
	{ "CR0.PG 1->0->1", { CR3(1, 0), XOR4(VTLB_PCIDE), CSL(0), XOR0(VTLB_PG), XOR0(VTLB_PG),
			      CSL(1), XOR4(VTLB_PCIDE), KEEP(0, 1) }, false },
	{ "CR0.WP", { XOR0(VTLB_WP), XOR0(VTLB_WP) }, true },
};

static void noncurrent_ends(void **state)
{
	struct vtlb_world w;

	(void)state;
	plain(&w);
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		for (unsigned int waive = 0; waive < 2; waive++) {
			bool lives = waive && ends[i].lives;
			struct guest g;
			uint32_t frames;

			start(&g, &w, waive ? VTLB_WAIVE_NONCURRENT : 0);
			GO(&g, or4(VTLB_PCIDE), cr3(0, 1), invpcid(2, 0, USER));
			for (unsigned int j = 0; j < MAX_OPS && ends[i].between[j].vcpu; j++)
				go(&g, ends[i].between[j]);
			/* strictly the "between" can itself load PCID 0 again */
			if (!waive)
				go(&g, invpcid(2, 0, USER));
			GO(&g, write_leaf(A_PT, 0, f6), keep(0, 0));
			frames = may(&g, USER, VTLB_UR).frames;
			/* f1 can be there as well, where b was loaded for PCID 0 */
			if (!(frames & 1u << 6) || (frames & 1) != lives || frames & 1u << 5)
				fail_msg("%s, waiver %u: frames %x", ends[i].what, waive, frames);
		}
	}
}

static void noncurrent_is_tight(void **state)
{
	struct vtlb_world w;
	struct guest g;

	(void)state;
	plain(&w);
	/* only what the pair's own root led to, only since the drop */
	start(&g, &w, VTLB_WAIVE_NONCURRENT);
	GO(&g, or4(VTLB_PCIDE), cr3(0, 1), write_leaf(A_PT, 0, f5), invpcid(2, 0, USER),
	   write_leaf(A_PT, 0, f6), keep(0, 0));
	assert_int_equal(may(&g, USER, VTLB_UR).frames, 1u << 5 | 1u << 6);
	/* a flush of the PCID ends what joined S too */
	GO(&g, cr3(0, 0));
	assert_int_equal(may(&g, USER, VTLB_UR).frames, 1u << 6);
	/* a pair that was never loaded has nothing */
	start(&g, &w, VTLB_WAIVE_NONCURRENT);
	GO(&g, or4(VTLB_PCIDE), write_leaf(B_PT, 0, f6), keep(1, 1));
	assert_int_equal(may(&g, USER, VTLB_UR).frames, 1u << 6);
	/* W joins the PCID, whatever root is loaded; but only W of the pair that is loaded */
	start(&g, &w, VTLB_WAIVE_NONCURRENT);
	GO(&g, or4(VTLB_PCIDE), keep(1, 1), keep(0, 0), invpcid(2, 0, USER),
	   write_leaf(B_PT, 0, f6), keep(0, 1));
	assert_int_equal(may(&g, USER, VTLB_UR).frames, 1u << 0);
	GO(&g, keep(1, 1));
	assert_int_equal(may(&g, USER, VTLB_UR).frames, 1u << 0 | 1u << 1 | 1u << 6);
	/* no walk is made from entries that are not present, reserved, or not linked */
	start(&g, &w, VTLB_WAIVE_NONCURRENT);
	GO(&g, or4(VTLB_PCIDE), write_upper(0, 0, 0), cr3(0, 1), write_leaf(A_PT, 0, rsvd),
	   write_upper(0, 0, 1), write_leaf(A_PT, 0, 0), write_leaf(A_PT, 0, f6), invpcid(2, 0, 0),
	   keep(0, 0));
	assert_int_equal(may(&g, USER, VTLB_UR).frames, 1u << 6);
	assert_int_equal(may(&g, USER, VTLB_UR).faults, 0);
	/* an XD entry is reserved for W as well while NXE=0 */
	start(&g, &w, VTLB_WAIVE_NONCURRENT);
	GO(&g, or4(VTLB_PCIDE), cr3(0, 1), clear_efer(VTLB_NXE), write_leaf(A_PT, 0, xd0),
	   invpcid(2, 0, USER), write_leaf(A_PT, 0, f6), keep(0, 0));
	assert_int_equal(may(&g, USER, VTLB_UR).frames, 1u << 6);
}

/* Face (c): paging-structure caches of a PCID that becomes current lead to all its roots. */
static void noncurrent_of_other_roots(void **state)
{
	const uint32_t both = VTLB_WAIVE_NONCURRENT | VTLB_WAIVE_PSC;
	struct vtlb_world w;

	(void)state;
	plain(&w);
	for (uint32_t waive = 0; waive <= both; waive++) {
		const bool all = (waive & both) == both;
		struct guest g;

		if (waive & ~both)
			continue;
		/* b has f5 while PCID 1, which has loaded it, is not current */
		start(&g, &w, waive);
		GO(&g, or4(VTLB_PCIDE), keep(1, 1), keep(0, 0), write_leaf(B_PT, 0, f5),
		   write_leaf(B_PT, 0, f6), keep(0, 1));
		assert_int_equal(may(&g, USER, VTLB_UR).frames,
				 1u << 0 | 1u << 1 | 1u << 6 | (all ? 1u << 5 : 0));
		/* it goes with the PCID, of which the other root is no longer one then */
		GO(&g, cr3(0, 1));
		assert_int_equal(may(&g, USER, VTLB_UR).frames, 1u << 0);
		GO(&g, keep(0, 0), write_leaf(B_PT, 0, f5), keep(0, 1));
		assert_int_equal(may(&g, USER, VTLB_UR).frames, 1u << 0);
		/* not without a link: all were dropped in between */
		start(&g, &w, waive);
		GO(&g, or4(VTLB_PCIDE), keep(1, 1), keep(0, 0), invpcid(2, 0, USER),
		   write_leaf(B_PT, 0, f5), write_leaf(B_PT, 0, f6), keep(0, 1));
		assert_int_equal(may(&g, USER, VTLB_UR).frames, 1u << 0);
		/* not for another PCID, and not while the PCID stays current */
		start(&g, &w, waive);
		GO(&g, or4(VTLB_PCIDE), keep(1, 1), keep(0, 0), write_leaf(B_PT, 0, f5),
		   write_leaf(B_PT, 0, f6), keep(0, 0));
		assert_int_equal(may(&g, USER, VTLB_UR).frames, 1u << 0);
		start(&g, &w, waive);
		GO(&g, or4(VTLB_PCIDE), keep(1, 1), keep(0, 1), invpcid(2, 0, USER),
		   write_leaf(B_PT, 0, f6), keep(0, 1));
		assert_int_equal(may(&g, USER, VTLB_UR).frames, 1u << 0);
	}
}

/* Face (d): INVLPG leaves links that other addresses use. */
static void noncurrent_invlpg_leaves_links(void **state)
{
	const uint32_t both = VTLB_WAIVE_NONCURRENT | VTLB_WAIVE_PSC;
	struct vtlb_world w;

	(void)state;
	plain(&w);
	for (unsigned int waive = 0; waive < 2; waive++) {
		struct guest g;

		start(&g, &w, waive ? both : VTLB_WAIVE_NONCURRENT);
		GO(&g, or4(VTLB_PCIDE), keep(1, 1), keep(0, 1), invlpg(KERNEL),
		   write_leaf(B_PT, 0, f6));
		assert_int_equal(may(&g, USER, VTLB_UR).frames,
				 1u << 0 | 1u << 1 | (waive ? 1u << 6 : 0));
		GO(&g, invlpg(USER), write_leaf(B_PT, 0, f5));
		assert_int_equal(may(&g, USER, VTLB_UR).frames, 1u << 0);
	}
}

/* INIT leaves another PCID behind, and no root. */
static void noncurrent_init(void **state)
{
	struct vtlb_world w;
	struct guest g;

	(void)state;
	plain(&w);
	start(&g, &w, VTLB_WAIVE_ALL | VTLB_WAIVE_PSC);
	GO(&g, or4(VTLB_PCIDE), keep(1, 1), keep(0, 1), vtlb_op_make(VTLB_OP_INIT, 0, 0, 0, 0));
	assert_int_equal(values(&g, 0, USER), 0);
}

/* Face (b): a value that only PCID 0 loaded is seen by PCID 2. */
static void noncurrent_shared(void **state)
{
	struct vtlb_world w;

	(void)state;
	plain(&w);
	for (unsigned int waive = 0; waive < 2; waive++) {
		struct guest g;

		start(&g, &w, waive ? VTLB_WAIVE_NONCURRENT : 0);
		GO(&g, or4(VTLB_PCIDE), cr3(0, 1), keep(0, 0), write_leaf(A_PT, 0, f5),
		   touch(USER, VTLB_UR, frame(5)), write_leaf(A_PT, 0, f6), keep(0, 1));
		/* PCID 1 loaded f0 itself, before the store */
		assert_int_equal(may(&g, USER, VTLB_UR).frames,
				 waive ? 1u << 0 | 1u << 5 | 1u << 6 : 1u << 0 | 1u << 6);
	}
}

/* W never makes global entries: what joins S goes with its PCID. */
static void noncurrent_not_global(void **state)
{
	struct vtlb_world w;
	struct guest g;

	(void)state;
	plain(&w);
	start(&g, &w, VTLB_WAIVE_NONCURRENT);
	GO(&g, or4(VTLB_PCIDE | VTLB_PGE), cr3(0, 1), invpcid(2, 0, USER),
	   write_leaf(KERNEL_PT, 0, f6));
	assert_int_equal(values(&g, 0, KERNEL), 0);
	GO(&g, invlpg(KERNEL), keep(0, 0));
	assert_int_equal(globals(&g, KERNEL), 0);
	/* K (f2) only through W; INVLPG was for PCID 1 */
	assert_int_equal(values(&g, 0, KERNEL), 1u << 3 | 1u << f6);
	GO(&g, keep(0, 1));
	assert_int_equal(may(&g, KERNEL, VTLB_SR).frames, 1u << 6);
}

/* pf-partial-drop: a #PF with P=0 or RSVD=1 drops nothing. */
static void pf_kept(void **state)
{
	struct vtlb_world w;

	(void)state;
	plain(&w);
	w.init.leaf[0][0] = ro0;
	for (unsigned int waive = 0; waive < 2; waive++) {
		const uint32_t kept = waive ? 1u << 0 : 0;
		const uint32_t flags = waive ? VTLB_WAIVE_PF : 0;
		const unsigned int uw = VTLB_PF_U | VTLB_PF_W;
		struct guest g;

		start(&g, &w, flags);
		GO(&g, write_leaf(A_PT, 0, 0), touch(USER, VTLB_UW, page_fault_of(uw)));
		only(&g, USER, VTLB_UR, kept, 0, 1u << VTLB_PF_U);
		start(&g, &w, flags);
		GO(&g, write_leaf(A_PT, 0, rsvd),
		   touch(USER, VTLB_UW, page_fault_of(uw | VTLB_PF_P | VTLB_PF_RSVD)));
		only(&g, USER, VTLB_UR, kept, 0, 1u << (VTLB_PF_P | VTLB_PF_U | VTLB_PF_RSVD));
		/* the neighbour: P=1 through the current root drops, waived or not */
		start(&g, &w, flags);
		GO(&g, write_leaf(A_PT, 0, f6),
		   touch(USER, VTLB_UW, page_fault_of(uw | VTLB_PF_P)));
		only(&g, USER, VTLB_UR, 1u << 6, 0, 0);
		/* and every other drop reaches all of it */
		start(&g, &w, flags);
		GO(&g, write_leaf(A_PT, 0, 0), touch(USER, VTLB_UW, page_fault_of(uw)),
		   invlpg(USER));
		only(&g, USER, VTLB_UR, 0, 0, 1u << VTLB_PF_U);
	}
}

/* With P=1, what another root of the same PCID made stays. */
static void pf_other_root(void **state)
{
	struct vtlb_world w;
	uint8_t ro5;

	(void)state;
	plain(&w);
	w.init.leaf[1][0] = value(&w, 1, P | US | DI);
	ro5 = value(&w, 5, P | US | DI);
	for (unsigned int waive = 0; waive < 2; waive++) {
		const uint32_t pf = VTLB_PF_P | VTLB_PF_W | VTLB_PF_U;
		struct guest g;

		start(&g, &w, waive ? VTLB_WAIVE_PF : 0);
		GO(&g, or4(VTLB_PCIDE), keep(0, 1), keep(1, 1), write_leaf(A_PT, 0, f6),
		   write_leaf(B_PT, 0, ro5));
		/* an access may use what either root made, and a's cached PDE */
		only(&g, USER, VTLB_UR, 1u << 0 | 1u << 1 | 1u << 5 | 1u << 6, 0, 0);
		/* f1 was made by b, where the fault is; f0 by a; f5 is read again */
		GO(&g, touch(USER, VTLB_UW, page_fault_of(pf)), keep(0, 1));
		only(&g, USER, VTLB_UR, (waive ? 1u << 0 : 0) | 1u << 5 | 1u << 6, 0, 0);
		/* a flush of the PCID reaches every root's part */
		GO(&g, keep(1, 1), cr3(0, 1));
		only(&g, USER, VTLB_UR, 1u << 6, 0, 0);
	}
}

enum { SMAP_MODE = VTLB_INIT_MODE & ~VTLB_WP };

/* A guest with SMAP, WP=0 and a read-only user page, after a write with AC=1. */
static void wp0_start(struct guest *g, struct vtlb_world *w, uint32_t waive)
{
	plain(w);
	w->init.leaf[0][0] = ro0;
	w->init_mode = SMAP_MODE | VTLB_SMAP;
	start(g, w, waive);
}

static void wp0_smap(void **state)
{
	const uint32_t pf_r = 1u << VTLB_PF_P, pf_w = 1u << (VTLB_PF_P | VTLB_PF_W);
	struct vtlb_world w;
	struct guest g;

	(void)state;
	wp0_start(&g, &w, 0);
	GO(&g, touch(USER, VTLB_SWA, frame(0)));
	only(&g, USER, VTLB_SR, 0, 0, pf_r);
	only(&g, USER, VTLB_SW, 0, 0, pf_w);

	wp0_start(&g, &w, VTLB_WAIVE_WP0_SMAP);
	only(&g, USER, VTLB_SR, 0, 0, pf_r);
	/* neither a read nor a write that faulted does it */
	GO(&g, touch(USER, VTLB_SRA, frame(0)), touch(USER, VTLB_SWA, page_fault_of(2)));
	only(&g, USER, VTLB_SR, 0, 0, pf_r);
	GO(&g, touch(USER, VTLB_SWA, frame(0)));
	only(&g, USER, VTLB_SR, 1u << 0, 0, pf_r);
	only(&g, USER, VTLB_SW, 1u << 0, 0, pf_w);
	/* users still may not write, and other pages are as they were */
	only(&g, USER, VTLB_UW, 0, 0, 1u << (VTLB_PF_P | VTLB_PF_W | VTLB_PF_U));
	only(&g, KERNEL, VTLB_SR, 1u << 2, 0, 0);
	GO(&g, cr3(1, 0));
	only(&g, USER, VTLB_SR, 0, 0, pf_r);
	/* dropped, it is loaded again */
	GO(&g, cr3(0, 0));
	only(&g, USER, VTLB_SR, 1u << 0, 0, pf_r);
	/* not while WP=1 */
	GO(&g, or0(VTLB_WP));
	only(&g, USER, VTLB_SR, 0, 0, pf_r);
	GO(&g, clear0(VTLB_WP));
	only(&g, USER, VTLB_SR, 1u << 0, 0, pf_r);
	/* per CR4.SMEP */
	GO(&g, or4(VTLB_SMEP));
	only(&g, USER, VTLB_SR, 0, 0, pf_r);
	GO(&g, clear4(VTLB_SMEP));
	only(&g, USER, VTLB_SR, 1u << 0, 0, pf_r);
}

/* Which writes leave a mark, and that a store to the entry ends it, and no access. */
static void wp0_smap_marks(void **state)
{
	const uint32_t pf_r = 1u << VTLB_PF_P;
	struct vtlb_world w;
	struct guest g;

	(void)state;
	/* neither a user access that faults nor one that succeeds: it may have used the TLB */
	wp0_start(&g, &w, VTLB_WAIVE_WP0_SMAP);
	GO(&g, touch(USER, VTLB_SWA, frame(0)),
	   touch(USER, VTLB_UW, page_fault_of(VTLB_PF_P | VTLB_PF_W | VTLB_PF_U)), cr3(0, 0));
	only(&g, USER, VTLB_SR, 1u << 0, 0, pf_r);
	GO(&g, touch(USER, VTLB_UR, frame(0)), touch(USER, VTLB_UX, frame(0)), invlpg(USER));
	only(&g, USER, VTLB_SR, 1u << 0, 0, pf_r);
	/* nor a supervisor access; a store does, but what is loaded goes as any entry goes */
	GO(&g, touch(USER, VTLB_SRA, frame(0)), cr3(0, 0), write_leaf(A_PT, 0, ro0));
	only(&g, USER, VTLB_SR, 1u << 0, 0, pf_r);
	GO(&g, invlpg(USER));
	only(&g, USER, VTLB_SR, 0, 0, pf_r);
	GO(&g, touch(USER, VTLB_SWA, frame(0)), write_leaf(A_PT, 0, f6));
	only(&g, USER, VTLB_SR, 1u << 0, 0, pf_r);
	GO(&g, cr3(0, 0));
	only(&g, USER, VTLB_SR, 0, 0, pf_r);
	/* a writable page is not concerned, nor is a write without SMAP or with WP=1 */
	wp0_start(&g, &w, VTLB_WAIVE_WP0_SMAP);
	GO(&g, write_leaf(A_PT, 0, f6), cr3(0, 0), touch(USER, VTLB_SWA, frame(6)));
	only(&g, USER, VTLB_SR, 0, 0, pf_r);
	wp0_start(&g, &w, VTLB_WAIVE_WP0_SMAP);
	GO(&g, clear4(VTLB_SMAP), touch(USER, VTLB_SWA, frame(0)), or4(VTLB_SMAP), cr3(0, 0));
	only(&g, USER, VTLB_SR, 0, 0, pf_r);
	wp0_start(&g, &w, VTLB_WAIVE_WP0_SMAP);
	GO(&g, touch(USER, VTLB_SW, frame(0)), cr3(0, 0));
	only(&g, USER, VTLB_SR, 0, 0, pf_r);
}

/* What is kept apart belongs to a PCID, and leaves with the entries of that PCID. */
static void wp0_smap_of_a_pcid(void **state)
{
	const uint32_t pf_r = 1u << VTLB_PF_P, np = 1u << 0;
	struct vtlb_world w;
	struct guest g;

	(void)state;
	for (unsigned int global = 0; global < 2; global++) {
		const uint32_t bits = VTLB_PCIDE | (global ? VTLB_PGE : 0);
		uint8_t v;

		plain(&w);
		v = value(&w, 0, P | US | DI | (global ? VTLB_LEAF_G : 0u));
		w.init.leaf[0][0] = v;
		w.init_mode = SMAP_MODE | VTLB_SMAP | bits;
		start(&g, &w, VTLB_WAIVE_WP0_SMAP);
		GO(&g, touch(USER, VTLB_SWA, frame(0)), keep(1, 1), write_leaf(A_PT, 0, 0));
		/* INVLPG under another PCID is about that one and what is global */
		GO(&g, invlpg(USER), keep(0, 0));
		only(&g, USER, VTLB_SR, global ? 0 : 1u << 0, 0, global ? np : pf_r | np);
		/* for its own PCID it goes, however global it is */
		start(&g, &w, VTLB_WAIVE_WP0_SMAP);
		GO(&g, touch(USER, VTLB_SWA, frame(0)), write_leaf(A_PT, 0, 0), cr3(0, 0));
		only(&g, USER, VTLB_SR, 0, 0, global ? pf_r | np : np);
	}
}

/* The side sets of noncurrent-refill keep it, too, and drop it as they drop the rest. */
static void wp0_smap_of_a_side_set(void **state)
{
	const uint32_t pf_r = 1u << VTLB_PF_P, np = 1u << 0;
	struct vtlb_world w;
	struct guest g;

	(void)state;
	for (unsigned int psc = 0; psc < 2; psc++) {
		const uint32_t waive = VTLB_WAIVE_ALL | (psc ? VTLB_WAIVE_PSC : 0);

		plain(&w);
		w.init.leaf[0][0] = ro0;
		w.init_mode = SMAP_MODE | VTLB_SMAP | VTLB_PCIDE;
		/* PCID 1 is there with root a when PCID 0 makes the write */
		start(&g, &w, waive);
		GO(&g, keep(0, 1), keep(0, 0), touch(USER, VTLB_SWA, frame(0)),
		   write_leaf(A_PT, 0, 0), keep(0, 1));
		only(&g, USER, VTLB_SR, 1u << 0, 0, pf_r | np);
		GO(&g, invlpg(USER));
		only(&g, USER, VTLB_SR, 0, 0, np);
		/* dropped where it is */
		start(&g, &w, waive);
		GO(&g, keep(0, 1), keep(0, 0), touch(USER, VTLB_SWA, frame(0)),
		   write_leaf(A_PT, 0, 0), invpcid(0, 1, USER), keep(0, 1));
		only(&g, USER, VTLB_SR, 0, 0, np);
		start(&g, &w, waive);
		GO(&g, keep(0, 1), keep(0, 0), touch(USER, VTLB_SWA, frame(0)),
		   write_leaf(A_PT, 0, 0), cr3(0, 1));
		only(&g, USER, VTLB_SR, 0, 0, np);
		/* by a link to root a's tables, with root b of that PCID: face (c) */
		start(&g, &w, waive);
		GO(&g, keep(0, 1), keep(1, 1), keep(0, 0), touch(USER, VTLB_SWA, frame(0)),
		   write_leaf(A_PT, 0, 0), keep(1, 1));
		only(&g, USER, VTLB_SR, psc ? 1u << 0 : 0, 0, pf_r | np);
		/* and not after the links have gone */
		start(&g, &w, waive);
		GO(&g, keep(0, 1), keep(1, 1), keep(0, 0), touch(USER, VTLB_SWA, frame(0)),
		   write_leaf(A_PT, 0, 0), invpcid(1, 1, USER), keep(1, 1));
		only(&g, USER, VTLB_SR, 0, 0, pf_r);
	}
}

/* Without SMAP there is nothing to keep apart, and the state has no words for it. */
static void wp0_smap_needs_smap(void **state)
{
	static struct vtlb_contract with, without;
	struct vtlb_world w;

	(void)state;
	plain(&w);
	w.features &= ~(uint32_t)VTLB_F_SMAP;
	vtlb_contract_init(&with, &w, VTLB_INTEL, VTLB_RELY, VTLB_WAIVE_WP0_SMAP);
	vtlb_contract_init(&without, &w, VTLB_INTEL, VTLB_RELY, 0);
	assert_int_equal(vtlb_contract_size(&with), vtlb_contract_size(&without));
}

/* nxe-reserved: XD entries that were there while NXE was 1. */
static void nxe_reserved(void **state)
{
	const uint32_t reserved = 1u << (VTLB_PF_P | VTLB_PF_U | VTLB_PF_RSVD);
	const uint32_t reserved_w = 1u << (VTLB_PF_P | VTLB_PF_W | VTLB_PF_U | VTLB_PF_RSVD);
	struct vtlb_world w;

	(void)state;
	plain(&w);
	for (unsigned int waive = 0; waive < 2; waive++) {
		const uint32_t flags = waive ? VTLB_WAIVE_NXE : 0;
		struct guest g;

		w.init.leaf[0][0] = xd0;
		start(&g, &w, flags);
		GO(&g, clear_efer(VTLB_NXE), cr3(0, 0));
		only(&g, USER, VTLB_UR, waive, 0, reserved);
		only(&g, USER, VTLB_UW, waive, 0, reserved_w);
		/* a write to the entry ends it, even of the same value */
		GO(&g, write_leaf(A_PT, 0, xd0), cr3(0, 0));
		only(&g, USER, VTLB_UR, 0, 0, reserved);
		/* and NXE=1 begins it again */
		GO(&g, or_efer(VTLB_NXE), clear_efer(VTLB_NXE), cr3(0, 0));
		only(&g, USER, VTLB_UR, waive, 0, reserved);
		/* a write to another entry of the table does not end it */
		GO(&g, write_leaf(A_PT, 1, f6), write_leaf(B_PT, 0, f6), cr3(0, 0));
		only(&g, USER, VTLB_UR, waive, 0, reserved);
		/* nothing that was written while NXE was 0 */
		w.init.leaf[0][0] = f6;
		start(&g, &w, flags);
		GO(&g, clear_efer(VTLB_NXE), write_leaf(A_PT, 0, xd0), cr3(0, 0));
		only(&g, USER, VTLB_UR, 0, 0, reserved);
		/* other reserved bits are not waived */
		GO(&g, or_efer(VTLB_NXE), write_leaf(A_PT, 0, rsvd), clear_efer(VTLB_NXE),
		   cr3(0, 0));
		only(&g, USER, VTLB_UR, 0, 0, reserved);
		/* with paging off NXE=1 makes nothing */
		start(&g, &w, flags);
		GO(&g, clear_efer(VTLB_NXE), write_leaf(A_PT, 0, xd0), set_csl(false),
		   clear0(VTLB_PG), or_efer(VTLB_NXE), clear_efer(VTLB_NXE), or0(VTLB_PG));
		only(&g, USER, VTLB_UR, 0, 0, reserved);
	}
}

/* Together: a pair that is not current keeps XD entries from before NXE 1->0. */
static void nxe_and_noncurrent(void **state)
{
	struct vtlb_world w;

	(void)state;
	plain(&w);
	w.init.leaf[0][0] = xd0;
	for (unsigned int waive = 0; waive <= VTLB_WAIVE_ALL; waive++) {
		const uint32_t both = VTLB_WAIVE_NONCURRENT | VTLB_WAIVE_NXE;
		struct guest g;

		start(&g, &w, waive);
		GO(&g, or4(VTLB_PCIDE), cr3(0, 1), clear_efer(VTLB_NXE), invpcid(2, 0, USER),
		   write_leaf(A_PT, 0, f6), keep(0, 0));
		assert_int_equal(may(&g, USER, VTLB_UR).frames,
				 (waive & both) == both ? 1u << 0 | 1u << 6 : 1u << 6);
	}
}

/* A missing table: paging-structure caches may lead to one of another root; then nothing goes. */
static void pf_missing_table(void **state)
{
	const uint32_t both = VTLB_WAIVE_PF | VTLB_WAIVE_NONCURRENT;
	struct vtlb_world w;

	(void)state;
	plain(&w);
	for (unsigned int psc = 0; psc < 2; psc++) {
		struct guest g;

		start(&g, &w, psc ? both | VTLB_WAIVE_PSC : both);
		/* f5 comes through a's link while b, which has no table, is loaded */
		GO(&g, or4(VTLB_PCIDE), write_upper(1, 0, 0), keep(0, 1), keep(1, 1),
		   write_leaf(A_PT, 0, f5), write_leaf(A_PT, 0, f6));
		assert_int_equal(may(&g, USER, VTLB_UR).frames, 1u << 0 | 1u << 5 | 1u << 6);
		GO(&g, touch(USER, VTLB_UR, page_fault_of(VTLB_PF_U)));
		assert_int_equal(may(&g, USER, VTLB_UR).frames,
				 1u << 0 | 1u << 6 | (psc ? 1u << 5 : 0));
	}
}

/* After INIT CR3 names no root: a #PF that an implementation claims there drops nothing. */
static void pf_after_init(void **state)
{
	struct vtlb_op claim = vtlb_op_make(VTLB_OP_ACCESS, 0, USER, VTLB_ACC_READ,
					    vtlb_outcome(VTLB_OUT_FAULT, 0));
	struct vtlb_world w;
	struct guest g;

	(void)state;
	plain(&w);
	start(&g, &w, VTLB_WAIVE_ALL);
	GO(&g, vtlb_op_make(VTLB_OP_INIT, 0, 0, 0, 0), claim);
	assert_int_equal(g.r.dropped, 0);
	assert_int_equal(may(&g, USER, VTLB_UR).frames, 1u << VTLB_FRAME_IDENTITY);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(noncurrent_ends),
		cmocka_unit_test(noncurrent_is_tight),
		cmocka_unit_test(noncurrent_of_other_roots),
		cmocka_unit_test(noncurrent_invlpg_leaves_links),
		cmocka_unit_test(noncurrent_init),
		cmocka_unit_test(noncurrent_shared),
		cmocka_unit_test(noncurrent_not_global),
		cmocka_unit_test(pf_kept),
		cmocka_unit_test(pf_other_root),
		cmocka_unit_test(pf_missing_table),
		cmocka_unit_test(pf_after_init),
		cmocka_unit_test(wp0_smap),
		cmocka_unit_test(wp0_smap_marks),
		cmocka_unit_test(wp0_smap_of_a_pcid),
		cmocka_unit_test(wp0_smap_of_a_side_set),
		cmocka_unit_test(wp0_smap_needs_smap),
		cmocka_unit_test(nxe_reserved),
		cmocka_unit_test(nxe_and_noncurrent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
