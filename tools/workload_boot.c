/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Booting, again and again: the mode changes between reset and a kernel that runs
 * with everything on, the flushes that a kernel does by toggling control bits, and
 * the way back, by hand as kexec does or by an INIT.
 */
#include "workload_gen.h"

enum { EARLY, FINAL, NR_ROOTS };
enum { CODE, DATA, NR_OWN };

/**
 * struct boot - the machine
 * @value: frames between which FINAL's data page moves
 * @moved: which of them it has
 */
struct boot {
	struct gen *g;
	unsigned int page[NR_OWN], kernel;
	uint8_t value[2];
	unsigned int moved;
};

static void make_world(struct boot *b)
{
	static const char *const name[NR_ROOTS] = { "early", "final" };
	struct vtlb_mem *init = &b->g->w->init;
	struct gen *g = b->g;
	unsigned int low = gen_slot(g, 0), high = gen_slot(g, 0), code, kernel_pt;

	b->page[CODE] = gen_page(g, low, CODE, "code");
	b->page[DATA] = gen_page(g, low, DATA, "data");
	b->kernel = gen_page(g, high, 0, "kernel");
	code = gen_frame(g, "code");
	for (unsigned int r = 0; r < NR_ROOTS; r++) {
		unsigned int pd, pt;

		gen_root(g, "%s", name[r]);
		pd = gen_upper(g, "%s.pd", name[r]);
		pt = gen_leaf(g, "%s.pt", name[r]);
		init->root[r][0] = (uint8_t)(pd + 1);
		init->upper[pd][low] = (uint8_t)(pt + 1);
		init->leaf[pt][CODE] = gen_value(g, code, LEAF_KERNEL_RO);
		b->value[r] = gen_value(g, gen_frame(g, "%s_data", name[r]), LEAF_KERNEL);
		init->leaf[pt][DATA] = b->value[r];
	}
	b->moved = FINAL;
	kernel_pt = gen_leaf(g, "kernel.pt");
	init->leaf[kernel_pt][0] = gen_value(g, gen_frame(g, "kernel"), LEAF_KERNEL | VTLB_LEAF_G);
	for (unsigned int r = 0; r < NR_ROOTS; r++)
		init->upper[r][high] = (uint8_t)(kernel_pt + 1);
	(void)vtlb_world_pcid(g->w, 1);
	(void)vtlb_world_pcid(g->w, 2);
	g->w->init_mode = 0;
}

static void work(struct boot *b)
{
	gen_access(b->g, b->page[CODE], VTLB_ACC_FETCH | VTLB_ACC_SUPER);
	gen_access(b->g, b->page[DATA], VTLB_ACC_WRITE | VTLB_ACC_SUPER);
	if (gen_below(b->g, 2))
		gen_access(b->g, b->kernel, VTLB_ACC_READ | VTLB_ACC_SUPER);
}

static void load(struct boot *b, unsigned int root, uint32_t low12)
{
	gen_op(b->g, VTLB_OP_MOV_CR3, root, 0, low12);
}

static void enter_long_mode(struct boot *b)
{
	work(b);
	gen_set(b->g, VTLB_OP_MOV_CR0, VTLB_PE);
	gen_set(b->g, VTLB_OP_MOV_CR4, VTLB_PAE);
	gen_set(b->g, VTLB_OP_WRMSR_EFER, VTLB_LME);
	load(b, EARLY, 0);
	gen_set(b->g, VTLB_OP_MOV_CR0, VTLB_PG | VTLB_WP);
	gen_op(b->g, VTLB_OP_SET_CSL, 1, 0, 0);
	work(b);
}

/* Some kernels write each bit by itself, some many at once. */
static void protect(struct boot *b)
{
	static const uint32_t bit[] = { VTLB_PGE, VTLB_SMEP, VTLB_SMAP };

	gen_set(b->g, VTLB_OP_WRMSR_EFER, VTLB_NXE);
	if (gen_below(b->g, 2)) {
		gen_set(b->g, VTLB_OP_MOV_CR4, VTLB_PGE | VTLB_SMEP | VTLB_SMAP);
		return;
	}
	for (unsigned int i = 0; i < sizeof(bit) / sizeof(bit[0]); i++) {
		gen_set(b->g, VTLB_OP_MOV_CR4, bit[i]);
		work(b);
	}
}

/* Linux flushes global entries so where it has no INVPCID. */
static void flush_all(struct boot *b)
{
	gen_clear(b->g, VTLB_OP_MOV_CR4, VTLB_PGE);
	gen_set(b->g, VTLB_OP_MOV_CR4, VTLB_PGE);
}

static void move_data(struct boot *b)
{
	b->moved ^= 1u;
	gen_write_leaf(b->g, FINAL, DATA, b->value[b->moved]);
	gen_invlpg(b->g, b->page[DATA]);
}

/* Code is patched through its read-only mapping, as long as nobody else runs. */
static void patch_code(struct boot *b)
{
	gen_clear(b->g, VTLB_OP_MOV_CR0, VTLB_WP);
	gen_access(b->g, b->page[CODE], VTLB_ACC_WRITE | VTLB_ACC_SUPER);
	gen_set(b->g, VTLB_OP_MOV_CR0, VTLB_WP);
}

static void run_tagged(struct boot *b)
{
	gen_set(b->g, VTLB_OP_MOV_CR4, VTLB_PCIDE);
	load(b, FINAL, 1);
	work(b);
	load(b, EARLY, 2);
	work(b);
	for (unsigned int n = gen_below(b->g, 3); n; n--) {
		load(b, FINAL, 1 | VTLB_CR3_NOFLUSH);
		work(b);
		load(b, EARLY, 2 | VTLB_CR3_NOFLUSH);
		work(b);
	}
}

static void shut_down(struct boot *b, bool tagged)
{
	if (gen_below(b->g, 2)) {
		gen_op(b->g, VTLB_OP_INIT, 0, 0, 0);
		return;
	}
	load(b, EARLY, 0);
	if (tagged)
		gen_clear(b->g, VTLB_OP_MOV_CR4, VTLB_PCIDE);
	gen_op(b->g, VTLB_OP_SET_CSL, 0, 0, 0);
	gen_clear(b->g, VTLB_OP_MOV_CR0, VTLB_PG | VTLB_WP);
	gen_clear(b->g, VTLB_OP_WRMSR_EFER, VTLB_LME | VTLB_NXE);
	gen_clear(b->g, VTLB_OP_MOV_CR4, VTLB_PGE | VTLB_SMEP | VTLB_SMAP | VTLB_PAE);
	gen_clear(b->g, VTLB_OP_MOV_CR0, VTLB_PE);
}

void workload_boot(const struct workload *wl, struct gen *g)
{
	struct boot b = { .g = g };

	(void)wl;
	make_world(&b);
	while (!gen_full(g)) {
		bool tagged = gen_below(g, 2);

		enter_long_mode(&b);
		protect(&b);
		load(&b, FINAL, 0);
		work(&b);
		for (unsigned int n = gen_below(g, 4); n; n--) {
			move_data(&b);
			work(&b);
		}
		flush_all(&b);
		work(&b);
		patch_code(&b);
		work(&b);
		if (tagged)
			run_tagged(&b);
		shut_down(&b, tagged);
	}
}
