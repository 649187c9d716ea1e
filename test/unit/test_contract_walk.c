/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Tests of the contract apart from its rules: what walks put into S, what an
 * access may give, and what a step does to registers and memory.
 */
#include "contract_case.h"

enum { USER, KERNEL };
enum { A_PT, B_PT, KERNEL_PT };

/* Values that vtlb_world_default() has. */
#define A (1u << 1)	/* f0 */
#define B (1u << 2)	/* f1 */
#define K (1u << 3)	/* f2, supervisor, G */

static uint8_t x;	/* f6, like A */
#define X (1u << x)

static void plain(struct vtlb_world *w)
{
	vtlb_world_default(w);
	x = value(w, 6, P | WR | US | DI);
}

static void first_walks(void **state)
{
	struct vtlb_world w;
	struct guest g;

	(void)state;
	plain(&w);
	start(&g, &w, 0);
	/* G means nothing while CR4.PGE=0 */
	assert_int_equal(values(&g, 0, USER), A);
	assert_int_equal(values(&g, 0, KERNEL), K);
	assert_int_equal(globals(&g, KERNEL), 0);
	assert_int_equal(values(&g, 1, USER), 0);
	only(&g, USER, VTLB_UR, 1u << 0, 0, 0);
	/* and with PGE=1 it decides, for each value */
	GO(&g, or4(VTLB_PGE));
	assert_int_equal(values(&g, 0, USER), A);
	assert_int_equal(globals(&g, USER), 0);
	assert_int_equal(values(&g, 0, KERNEL), 0);
	assert_int_equal(globals(&g, KERNEL), K);
	/* a global entry is used under every PCID, another is not */
	GO(&g, or4(VTLB_PCIDE), write_leaf(KERNEL_PT, 0, x), write_leaf(A_PT, 0, x), keep(0, 1));
	only(&g, KERNEL, VTLB_SR, 1u << 2 | 1u << 6, 0, 0);
	only(&g, USER, VTLB_SR, 1u << 6, 0, 0);
	GO(&g, keep(0, 0));
	only(&g, USER, VTLB_SR, 1u << 0 | 1u << 6, 0, 0);
	/* x has no G, so it is cached per PCID even in the kernel's table */
	assert_int_equal(globals(&g, KERNEL), K);
	assert_int_equal(values(&g, 1, KERNEL), X);
}

/* A store adds; the old value stays until something drops it. */
static void stores_add(void **state)
{
	struct vtlb_world w;
	struct guest g;

	(void)state;
	plain(&w);
	start(&g, &w, 0);
	GO(&g, write_leaf(A_PT, 0, x));
	assert_int_equal(values(&g, 0, USER), A | X);
	only(&g, USER, VTLB_UW, 1u << 0 | 1u << 6, 0, 0);
	GO(&g, write_leaf(A_PT, 0, 0));
	assert_int_equal(values(&g, 0, USER), A | X);
	only(&g, USER, VTLB_UW, 1u << 0 | 1u << 6, 0, 1u << (VTLB_PF_W | VTLB_PF_U));
	GO(&g, cr3(0, 0));
	assert_int_equal(values(&g, 0, USER), 0);
	only(&g, USER, VTLB_UW, 0, 0, 1u << (VTLB_PF_W | VTLB_PF_U));
	/* in a table that no walk reaches now it adds nothing */
	GO(&g, write_leaf(B_PT, 0, x), write_leaf(A_PT, 3, x));
	assert_int_equal(values(&g, 0, USER), 0);
}

/* Neither absence nor a reserved bit is ever cached. */
static void never_cached(void **state)
{
	struct vtlb_world w;
	struct guest g;
	uint8_t rsvd, xd;

	(void)state;
	plain(&w);
	rsvd = value(&w, 6, P | WR | US | DI | VTLB_LEAF_RSVD);
	xd = value(&w, 6, P | WR | US | DI | XD);
	start(&g, &w, 0);
	GO(&g, write_leaf(A_PT, 0, 0), write_leaf(A_PT, 0, x));
	/* the fault between is gone: only what can be walked or was cached */
	only(&g, USER, VTLB_UR, 1u << 0 | 1u << 6, 0, 0);
	GO(&g, cr3(0, 0), write_leaf(A_PT, 0, rsvd));
	assert_int_equal(values(&g, 0, USER), X);
	only(&g, USER, VTLB_UR, 1u << 6, 0, 1u << (VTLB_PF_P | VTLB_PF_U | VTLB_PF_RSVD));
	GO(&g, cr3(0, 0));
	assert_int_equal(values(&g, 0, USER), 0);
	/* XD is reserved while NXE=0 */
	GO(&g, clear_efer(VTLB_NXE), write_leaf(A_PT, 0, xd));
	assert_int_equal(values(&g, 0, USER), 0);
	GO(&g, or_efer(VTLB_NXE));
	assert_int_equal(values(&g, 0, USER), 1u << xd);
	/* made with NXE=1 it is kept, and XD is not looked at while NXE=0 */
	only(&g, USER, VTLB_UX, 0, 0, 1u << (VTLB_PF_P | VTLB_PF_U | VTLB_PF_I));
	GO(&g, clear_efer(VTLB_NXE));
	only(&g, USER, VTLB_UX, 1u << 6, 0, 1u << (VTLB_PF_P | VTLB_PF_U | VTLB_PF_RSVD));
	only(&g, USER, VTLB_UW, 1u << 6, 0,
	     1u << (VTLB_PF_P | VTLB_PF_W | VTLB_PF_U | VTLB_PF_RSVD));
}

/* A cached PDE goes on leading to the table that it named. */
static void cached_pde(void **state)
{
	struct vtlb_world w;
	struct guest g;

	(void)state;
	plain(&w);
	start(&g, &w, 0);
	GO(&g, or4(VTLB_PCIDE), write_upper(0, 0, 0), write_leaf(A_PT, 0, x));
	assert_int_equal(values(&g, 0, USER), A | X);
	only(&g, USER, VTLB_UR, 1u << 0 | 1u << 6, 0, 1u << VTLB_PF_U);
	/* tagged: PCID 1 never had it, PCID 0 still has */
	GO(&g, keep(0, 1));
	assert_int_equal(values(&g, 1, USER), 0);
	only(&g, USER, VTLB_UR, 0, 0, 1u << VTLB_PF_U);
	GO(&g, write_leaf(A_PT, 0, 1), keep(0, 0));
	only(&g, USER, VTLB_UR, 1u << 0 | 1u << 6, 0, 1u << VTLB_PF_U);
	/* linked to another table: both can be walked */
	GO(&g, invpcid(0, 0, USER), write_upper(0, 0, 2));
	assert_int_equal(values(&g, 0, USER), B);
	GO(&g, write_upper(0, 0, 1), write_leaf(B_PT, 0, x));
	assert_int_equal(values(&g, 0, USER), A | B | X);
	/* until dropped */
	GO(&g, write_upper(0, 0, 0), cr3(0, 0));
	assert_int_equal(values(&g, 0, USER), 0);
	GO(&g, write_leaf(A_PT, 0, 1));
	assert_int_equal(values(&g, 0, USER), 0);
	only(&g, USER, VTLB_UR, 0, 0, 1u << VTLB_PF_U);
}

/* a PML4E may be cached though nothing below it is present. */
static void cached_pml4e(void **state)
{
	struct vtlb_world w;
	struct guest g;

	(void)state;
	plain(&w);
	w.init.upper[0][0] = 0;
	start(&g, &w, 0);
	assert_int_equal(values(&g, 0, USER), 0);
	GO(&g, write_root(0, 0, 0));
	only(&g, USER, VTLB_UR, 0, 0, 1u << VTLB_PF_U);
	/* filled in later, below the entry that only the cache has: PDE and page follow */
	GO(&g, write_upper(0, 0, 1));
	assert_int_equal(values(&g, 0, USER), A);
	only(&g, USER, VTLB_UR, 1u << 0, 0, 1u << VTLB_PF_U);
	GO(&g, write_upper(0, 0, 0), write_leaf(A_PT, 0, x));
	assert_int_equal(values(&g, 0, USER), A | X);
	GO(&g, cr3(0, 0), write_upper(0, 0, 1));
	assert_int_equal(values(&g, 0, USER), 0);
	only(&g, USER, VTLB_UR, 0, 0, 1u << VTLB_PF_U);
	/* a walk that starts at a cached PML4E can find the directory's entry gone */
	plain(&w);
	start(&g, &w, 0);
	GO(&g, write_upper(1, 0, 0), write_root(0, 0, 2), write_root(0, 0, 1), cr3(0, 0));
	only(&g, USER, VTLB_UR, 1u << 0, 0, 0);
	GO(&g, write_root(0, 0, 2), write_root(0, 0, 1));
	only(&g, USER, VTLB_UR, 1u << 0, 0, 1u << VTLB_PF_U);
	start_as(&g, &w, VTLB_AMD, VTLB_RELY, 0);
	GO(&g, write_upper(1, 0, 0), write_root(0, 0, 2), write_root(0, 0, 1));
	only(&g, USER, VTLB_UR, 1u << 0, 0, 0);
}

static void no_paging(void **state)
{
	struct vtlb_world w;
	struct guest g;

	(void)state;
	plain(&w);
	start(&g, &w, 0);
	GO(&g, or4(VTLB_PGE), set_csl(false), clear0(VTLB_PG));
	assert_int_equal(g.u.s.regs[0].mode & (VTLB_PG | VTLB_LMA | VTLB_LME), VTLB_LME);
	assert_int_equal(values(&g, 0, USER), 0);
	assert_int_equal(globals(&g, KERNEL), 0);
	for (unsigned int kind = 0; kind < VTLB_NR_KINDS; kind++)
		only(&g, USER, (enum vtlb_kind)kind, 1u << VTLB_FRAME_IDENTITY, 0, 0);
	GO(&g, write_leaf(A_PT, 0, x), cr3(1, 0), touch(USER, VTLB_UW, frame(31)));
	assert_int_equal(values(&g, 0, USER), 0);
	/* LMA follows PG while LME=1 */
	GO(&g, or0(VTLB_PG));
	assert_int_equal(g.u.s.regs[0].mode & (VTLB_PG | VTLB_LMA), VTLB_PG | VTLB_LMA);
	assert_int_equal(values(&g, 0, USER), B);
	assert_int_equal(globals(&g, KERNEL), K);
}

static void after_init(void **state)
{
	struct vtlb_world w;
	struct guest g;

	(void)state;
	plain(&w);
	w.nvcpus = 2;
	start(&g, &w, 0);
	GO(&g, or0(VTLB_CD | VTLB_NW), or4(VTLB_PGE | VTLB_PCIDE), keep(1, 1), init_signal());
	/* the cache bits of CR0 alone survive */
	assert_int_equal(g.u.s.regs[0].mode, VTLB_CD | VTLB_NW);
	assert_int_equal(g.u.s.regs[0].low12, 0);
	assert_int_equal(values(&g, 0, USER) | values(&g, 1, USER) | globals(&g, KERNEL), 0);
	only(&g, USER, VTLB_SR, 1u << VTLB_FRAME_IDENTITY, 0, 0);
	/* the other vCPU goes on */
	assert_int_equal(vtlb_contract_values(&g.c, &g.u.s, 1, 0, USER, NULL), A);
	/* CR3 names no root of the world now */
	assert_int_equal(fault_of(&g, set_cpl(3)), VTLB_UNSUPPORTED);
	GO(&g, or0(VTLB_PE), or4(VTLB_PAE), or_efer(VTLB_LME), set_cpl(3), set_cpl(0));
	assert_int_equal(fault_of(&g, or0(VTLB_PG)), VTLB_UNSUPPORTED);
	GO(&g, cr3(1, 0), or0(VTLB_PG));
	only(&g, USER, VTLB_SR, 1u << 1, 0, 0);
}

/* Stores of one vCPU reach the walks of another; its invalidations do not. */
static void two_vcpus(void **state)
{
	struct vtlb_world w;
	struct guest g;

	(void)state;
	plain(&w);
	w.nvcpus = 2;
	start(&g, &w, 0);
	GO(&g, write_leaf(A_PT, 0, x), cr3(0, 0));
	assert_int_equal(values(&g, 0, USER), X);
	assert_int_equal(vtlb_contract_values(&g.c, &g.u.s, 1, 0, USER, NULL), A | X);
	GO(&g, on(1, invlpg(USER)));
	assert_int_equal(vtlb_contract_values(&g.c, &g.u.s, 1, 0, USER, NULL), X);
	GO(&g, on(1, cr3(1, 0)));
	assert_int_equal(g.u.s.regs[0].root, 0);
	assert_int_equal(vtlb_contract_values(&g.c, &g.u.s, 1, 0, USER, NULL), B);
}

#define F 0xf0u		/* completes in the frame */
#define S 0xd0u		/* completes and sets D in memory */

/* Each row is eight cases: the one outcome that is allowed, error codes in hex. */
static void rights(void **state)
{
	static const struct {
		unsigned int flags;
		uint32_t mode;
		uint8_t out[VTLB_NR_KINDS]; /* UR UW UX, SR SW SX, with AC=1 SR SW */
	} t[] = {
		{ P | WR | US | DI, VTLB_WP | VTLB_NXE, { F, F, F, F, F, F, F, F } },
		{ P | WR | US | DI, 0, { F, F, F, F, F, F, F, F } },
		{ P | US | DI, VTLB_WP | VTLB_NXE, { F, 0x07, F, F, 0x03, F, F, 0x03 } },
		{ P | US | DI, VTLB_NXE, { F, 0x07, F, F, F, F, F, F } },
		{ P | WR | DI, VTLB_WP | VTLB_NXE, { 0x05, 0x07, 0x15, F, F, F, F, F } },
		{ P | WR | DI, VTLB_WP, { 0x05, 0x07, 0x05, F, F, F, F, F } },
		{ P | WR | DI, VTLB_WP | VTLB_SMEP, { 0x05, 0x07, 0x15, F, F, F, F, F } },
		{ P | DI, VTLB_WP | VTLB_NXE, { 0x05, 0x07, 0x15, F, 0x03, F, F, 0x03 } },
		{ P | DI, VTLB_NXE, { 0x05, 0x07, 0x15, F, F, F, F, F } },
		{ P | WR | US | DI | XD, VTLB_WP | VTLB_NXE, { F, F, 0x15, F, F, 0x11, F, F } },
		{ P | WR | DI | XD, VTLB_NXE | VTLB_SMEP,
		  { 0x05, 0x07, 0x15, F, F, 0x11, F, F } },
		{ P | WR | US | DI, VTLB_WP | VTLB_NXE | VTLB_SMEP, { F, F, F, F, F, 0x11, F, F } },
		{ P | WR | US | DI, VTLB_WP | VTLB_SMEP, { F, F, F, F, F, 0x11, F, F } },
		{ P | WR | US | DI, VTLB_WP | VTLB_NXE | VTLB_SMAP,
		  { F, F, F, 0x01, 0x03, F, F, F } },
		{ P | US | DI, VTLB_WP | VTLB_NXE | VTLB_SMAP,
		  { F, 0x07, F, 0x01, 0x03, F, F, 0x03 } },
		{ P | US | DI, VTLB_NXE | VTLB_SMAP, { F, 0x07, F, 0x01, 0x03, F, F, F } },
		{ P | WR | DI, VTLB_WP | VTLB_NXE | VTLB_SMEP | VTLB_SMAP,
		  { 0x05, 0x07, 0x15, F, F, F, F, F } },
		/* reserved: XD with NXE=0, and any other reserved bit */
		{ P | WR | US | DI | XD, VTLB_WP,
		  { 0x0d, 0x0f, 0x0d, 0x09, 0x0b, 0x09, 0x09, 0x0b } },
		{ P | WR | US | DI | XD, VTLB_WP | VTLB_SMEP,
		  { 0x0d, 0x0f, 0x1d, 0x09, 0x0b, 0x19, 0x09, 0x0b } },
		{ P | WR | US | DI | VTLB_LEAF_RSVD, VTLB_WP | VTLB_NXE,
		  { 0x0d, 0x0f, 0x1d, 0x09, 0x0b, 0x19, 0x09, 0x0b } },
		/* not present */
		{ 0, VTLB_WP | VTLB_NXE, { 0x04, 0x06, 0x14, 0x00, 0x02, 0x10, 0x00, 0x02 } },
		{ 0, VTLB_WP, { 0x04, 0x06, 0x04, 0x00, 0x02, 0x00, 0x00, 0x02 } },
		{ 0, VTLB_WP | VTLB_SMEP, { 0x04, 0x06, 0x14, 0x00, 0x02, 0x10, 0x00, 0x02 } },
		/* clean */
		{ P | WR | US, VTLB_WP | VTLB_NXE, { F, S, F, F, S, F, F, S } },
		{ P | US, VTLB_WP | VTLB_NXE, { F, 0x07, F, F, 0x03, F, F, 0x03 } },
		{ P | US, VTLB_NXE, { F, 0x07, F, F, S, F, F, S } },
		{ P | WR | US, VTLB_WP | VTLB_NXE | VTLB_SMAP, { F, S, F, 0x01, 0x03, F, F, S } },
		{ P | WR, VTLB_WP | VTLB_NXE, { 0x05, 0x07, 0x15, F, S, F, F, S } },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		struct vtlb_world w;

		vtlb_world_default(&w);
		w.init.leaf[0][0] = value(&w, 6, t[i].flags);
		w.init_mode = (w.init_mode & ~(uint32_t)(VTLB_WP | VTLB_NXE)) | t[i].mode;
		for (unsigned int vendor = 0; vendor < 2; vendor++) {
			struct guest g;

			start_as(&g, &w, (enum vtlb_vendor)vendor, VTLB_RELY, 0);
			for (unsigned int k = 0; k < VTLB_NR_KINDS; k++) {
				struct vtlb_outset out = may(&g, USER, (enum vtlb_kind)k);
				uint8_t want = t[i].out[k];

				if (out.frames != (want == F ? 1u << 6 : 0) ||
				    out.dirtied != (want == S ? 1u << A_PT : 0) ||
				    out.faults != (want < 0x20 ? 1u << want : 0))
					fail_msg("row %zu, kind %u: %x %x %x", i, k, out.frames,
						 out.dirtied, out.faults);
			}
		}
	}
}

/* A write through an entry with D=0 goes to memory: A-20. */
static void dirty(void **state)
{
	struct vtlb_world w;
	struct guest g;
	uint8_t clean;

	(void)state;
	plain(&w);
	clean = value(&w, 5, P | WR | US);
	w.init.leaf[0][0] = clean;
	start(&g, &w, 0);
	only(&g, USER, VTLB_UW, 0, 1u << A_PT, 0);
	/* a read leaves it clean, and so does a write whose outcome is not known */
	GO(&g, touch(USER, VTLB_UR, frame(5)), touch(USER, VTLB_UW, 0));
	assert_int_equal(g.u.s.mem.leaf[0][0], clean);
	GO(&g, touch(USER, VTLB_UW, dirtied(A_PT)));
	assert_int_equal(w.value[g.u.s.mem.leaf[0][0]].frame, 5);
	assert_int_equal(w.value[g.u.s.mem.leaf[0][0]].flags, P | WR | US | DI);
	only(&g, USER, VTLB_UW, 1u << 5, 0, 0);
	/* the cached clean entry says nothing about a write, the cached dirty one does */
	start(&g, &w, 0);
	GO(&g, write_leaf(A_PT, 0, x));
	only(&g, USER, VTLB_UR, 1u << 5 | 1u << 6, 0, 0);
	only(&g, USER, VTLB_UW, 1u << 6, 0, 0);
	GO(&g, write_leaf(A_PT, 0, clean), write_leaf(A_PT, 0, 0));
	only(&g, USER, VTLB_UW, 1u << 6, 0, 1u << (VTLB_PF_W | VTLB_PF_U));
	/* D is set in the table that the walk used, if only a cache still leads there */
	start(&g, &w, 0);
	GO(&g, write_upper(0, 0, 2));
	only(&g, USER, VTLB_UW, 1u << 1, 1u << A_PT, 0);
	GO(&g, touch(USER, VTLB_UW, dirtied(A_PT)));
	assert_int_equal(w.value[g.u.s.mem.leaf[0][0]].flags, P | WR | US | DI);
	only(&g, USER, VTLB_UW, 1u << 1 | 1u << 5, 0, 0);
}

/* On AMD a #PF comes from a fresh walk from CR3, never from what is cached. */
static void faults_of_cached_entries(void **state)
{
	struct vtlb_world w;
	struct guest g;
	uint8_t ro;

	(void)state;
	plain(&w);
	ro = value(&w, 0, P | US | DI);
	w.init.leaf[0][0] = ro;
	for (unsigned int vendor = 0; vendor < 2; vendor++) {
		const uint32_t pf = 1u << (VTLB_PF_P | VTLB_PF_W | VTLB_PF_U);
		bool amd = vendor == VTLB_AMD;

		start_as(&g, &w, (enum vtlb_vendor)vendor, VTLB_RELY, 0);
		only(&g, USER, VTLB_UW, 0, 0, pf);
		GO(&g, write_leaf(A_PT, 0, x));
		only(&g, USER, VTLB_UW, 1u << 6, 0, amd ? 0 : pf);
		/* a walk from a cached PDE may complete, and on Intel fault */
		start_as(&g, &w, (enum vtlb_vendor)vendor, VTLB_RELY, 0);
		GO(&g, write_upper(0, 0, 2));
		only(&g, USER, VTLB_UW, 1u << 1, 0, amd ? 0 : pf);
		only(&g, USER, VTLB_UR, 1u << 0 | 1u << 1, 0, 0);
		GO(&g, write_leaf(A_PT, 0, 0));
		only(&g, USER, VTLB_UR, 1u << 0 | 1u << 1, 0, amd ? 0 : 1u << VTLB_PF_U);
		/* and what CR3 leads to now may fault on both */
		GO(&g, write_upper(0, 0, 0));
		only(&g, USER, VTLB_UR, 1u << 0 | 1u << 1, 0, 1u << VTLB_PF_U);
	}
}

/* An observed #PF drops what led to it; any other outcome of an access drops nothing. */
static void observed_faults(void **state)
{
	struct vtlb_world w;
	struct guest g;

	(void)state;
	plain(&w);
	start(&g, &w, 0);
	GO(&g, write_leaf(A_PT, 0, 0), touch(USER, VTLB_UR, frame(0)));
	assert_int_equal(values(&g, 0, USER), A);
	GO(&g, touch(USER, VTLB_UR, page_fault_of(VTLB_PF_U)));
	assert_int_equal(values(&g, 0, USER), 0);
	assert_int_equal(values(&g, 0, KERNEL), K);
	only(&g, USER, VTLB_UR, 0, 0, 1u << VTLB_PF_U);
}

/* Outside 64-bit code the source of MOV CR3 has 32 bits. */
static void cr3_from_32bit_code(void **state)
{
	struct vtlb_world w;
	struct guest g;

	(void)state;
	plain(&w);
	start(&g, &w, 0);
	GO(&g, or4(VTLB_PCIDE), write_leaf(A_PT, 0, x), keep(0, 0));
	assert_int_equal(values(&g, 0, USER), A | X);
	GO(&g, set_csl(false), keep(0, 0));
	assert_int_equal(values(&g, 0, USER), X);
	GO(&g, cr3(1, VTLB_CR3_RSVD | VTLB_CR3_LAM | VTLB_CR3_NOFLUSH | 1));
	assert_int_equal(g.u.s.regs[0].root, 1);
	assert_int_equal(g.u.s.regs[0].low12, 1);
	GO(&g, set_csl(true));
	assert_int_equal(fault_of(&g, cr3(0, VTLB_CR3_RSVD)), VTLB_GP0);
	/* with CS.L=0 after clearing PCIDE bit 63 is not reserved either */
	GO(&g, cr3(0, 0), clear4(VTLB_PCIDE));
	assert_int_equal(fault_of(&g, keep(0, 0)), VTLB_GP0);
	GO(&g, set_csl(false), keep(0, 0));
}

/* The state is flat: a head and the sets, nothing per operation. */
static void sizes(void **state)
{
	static struct vtlb_contract c;
	struct vtlb_world w;

	(void)state;
	vtlb_world_default(&w);
	vtlb_contract_init(&c, &w, VTLB_INTEL, VTLB_RELY, 0);
	assert_int_equal(vtlb_contract_size(&c), 184);
	vtlb_contract_init(&c, &w, VTLB_INTEL, VTLB_RELY, VTLB_WAIVE_ALL);
	assert_int_equal(vtlb_contract_size(&c), 328);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sizes),
		cmocka_unit_test(first_walks),
		cmocka_unit_test(stores_add),
		cmocka_unit_test(never_cached),
		cmocka_unit_test(cached_pde),
		cmocka_unit_test(cached_pml4e),
		cmocka_unit_test(no_paging),
		cmocka_unit_test(after_init),
		cmocka_unit_test(two_vcpus),
		cmocka_unit_test(rights),
		cmocka_unit_test(dirty),
		cmocka_unit_test(faults_of_cached_entries),
		cmocka_unit_test(observed_faults),
		cmocka_unit_test(cr3_from_32bit_code),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
