/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Context switches: processes take turns on one vCPU, run in user mode, call the
 * kernel, and now and then have a page of theirs moved.  What the kernel does
 * about its TLB is what Linux does.
 */
#include "workload_gen.h"

#define MAX_PROCESSES 5u

/* Entries of a process's own page table. */
enum { TEXT, DATA, HEAP };

/**
 * struct sched - the machine
 * @heap_value: leaf values between which a process's heap page moves
 * @moved: bit p: the second of them is there
 * @known: bit p: the process has run before, so what its PCID holds is its own
 * @user_known: the same of its user root's PCID
 */
struct sched {
	struct gen *g;
	unsigned int n;
	bool pcid, kpti;
	unsigned int text, data, heap, kernel, entry;
	uint8_t heap_value[MAX_PROCESSES][2];
	unsigned int moved;
	unsigned int known, user_known;
	unsigned int current;
};

/*
 * The user half of an address space is one directory, under both of its roots; the
 * kernel half is everybody's.  A user root sees of the kernel what it enters by.
 */
static void make_world(struct sched *s)
{
	struct gen *g = s->g;
	unsigned int user = gen_slot(g, 0), kernel = gen_slot(g, 1), entry = gen_slot(g, 1);
	unsigned int kernel_pd, entry_pd = 0, kernel_pt, entry_pt, libc;

	s->text = gen_page(g, user, TEXT, "text");
	s->data = gen_page(g, user, DATA, "data");
	s->heap = gen_page(g, user, HEAP, "heap");
	s->kernel = gen_page(g, kernel, 0, "kernel");
	s->entry = gen_page(g, entry, 0, "entry");
	libc = gen_frame(g, "libc");
	for (unsigned int p = 0; p < s->n; p++) {
		char name = (char)('a' + p);
		uint8_t *leaf = g->w->init.leaf[p];
		unsigned int pd, pt;

		gen_root(g, "%c", name);
		pd = gen_upper(g, "%c.pd", name);
		pt = gen_leaf(g, "%c.pt", name);
		g->w->init.root[p][0] = (uint8_t)(pd + 1);
		g->w->init.upper[pd][user] = (uint8_t)(pt + 1);
		leaf[TEXT] = gen_value(g, libc, LEAF_USER_RO);
		leaf[DATA] = gen_value(g, gen_frame(g, "%c_data", name), LEAF_USER);
		for (unsigned int i = 0; i < 2; i++)
			s->heap_value[p][i] = gen_value(g, gen_frame(g, "%c_heap%u", name, i),
							LEAF_USER);
		leaf[HEAP] = s->heap_value[p][0];
	}
	kernel_pd = gen_upper(g, "kernel.pd");
	kernel_pt = gen_leaf(g, "kernel.pt");
	entry_pt = gen_leaf(g, "entry.pt");
	/* with page-table isolation only what user roots map as well is global */
	g->w->init.leaf[kernel_pt][0] =
		gen_value(g, gen_frame(g, "kernel"), LEAF_KERNEL | (s->kpti ? 0u : VTLB_LEAF_G));
	g->w->init.leaf[entry_pt][0] =
		gen_value(g, gen_frame(g, "entry"), LEAF_KERNEL_RO | VTLB_LEAF_G);
	g->w->init.upper[kernel_pd][kernel] = (uint8_t)(kernel_pt + 1);
	g->w->init.upper[kernel_pd][entry] = (uint8_t)(entry_pt + 1);
	if (s->kpti) {
		entry_pd = gen_upper(g, "entry.pd");
		g->w->init.upper[entry_pd][entry] = (uint8_t)(entry_pt + 1);
	}
	for (unsigned int p = 0; p < s->n; p++) {
		g->w->init.root[p][1] = (uint8_t)(kernel_pd + 1);
		if (s->kpti) {
			unsigned int root = gen_root(g, "%c_user", 'a' + (int)p);

			g->w->init.root[root][0] = g->w->init.root[p][0];
			g->w->init.root[root][1] = (uint8_t)(entry_pd + 1);
		}
	}
}

/* Linux's: the kernel root's PCID counts from 1, the user root's has bit 11 set too. */
static unsigned int kernel_pcid(const struct sched *s, unsigned int p)
{
	return s->pcid ? p + 1 : 0;
}

static unsigned int user_pcid(const struct sched *s, unsigned int p)
{
	return s->pcid ? 0x800u | (p + 1) : 0;
}

static void start(struct sched *s)
{
	struct vtlb_world *w = s->g->w;

	w->init_mode |= VTLB_PGE | VTLB_SMEP | VTLB_SMAP;
	if (!s->pcid)
		return;
	w->init_mode |= VTLB_PCIDE;
	for (unsigned int p = 0; p < s->n; p++) {
		(void)vtlb_world_pcid(w, kernel_pcid(s, p));
		if (s->kpti)
			(void)vtlb_world_pcid(w, user_pcid(s, p));
	}
	w->init_low12 = (uint16_t)kernel_pcid(s, 0);
}

/* With PCIDs nothing is flushed, unless the PCID was somebody else's before. */
static void load(struct sched *s, unsigned int root, unsigned int pcid, bool known)
{
	gen_op(s->g, VTLB_OP_MOV_CR3, root, 0, pcid | (s->pcid && known ? VTLB_CR3_NOFLUSH : 0u));
}

static void to_kernel(struct sched *s)
{
	if (!s->kpti)
		return;
	gen_access(s->g, s->entry, VTLB_ACC_FETCH | VTLB_ACC_SUPER);
	load(s, s->current, kernel_pcid(s, s->current), true);
}

static void to_user(struct sched *s)
{
	unsigned int p = s->current;

	if (!s->kpti)
		return;
	load(s, s->n + p, user_pcid(s, p), s->user_known >> p & 1u);
	s->user_known |= 1u << p;
}

/*
 * Compaction moves a page of the process that runs.  INVLPG reaches the PCID of the
 * kernel root that is loaded; the user root's is asked for by name, or flushed by
 * the MOV CR3 on the way out where there are no PCIDs.
 */
static void move_heap(struct sched *s)
{
	unsigned int p = s->current;

	s->moved ^= 1u << p;
	gen_write_leaf(s->g, p, HEAP, s->heap_value[p][s->moved >> p & 1u]);
	gen_invlpg(s->g, s->heap);
	if (s->kpti && s->pcid)
		gen_op(s->g, VTLB_OP_INVPCID, s->heap, 0, user_pcid(s, p));
}

static void user_work(struct sched *s)
{
	const struct {
		unsigned int page, how;
	} access[] = {
		{ s->text, VTLB_ACC_FETCH }, { s->data, VTLB_ACC_READ },
		{ s->data, VTLB_ACC_WRITE }, { s->heap, VTLB_ACC_READ },
		{ s->heap, VTLB_ACC_WRITE },
	};

	gen_access(s->g, s->text, VTLB_ACC_FETCH | VTLB_ACC_USER);
	for (unsigned int n = 1 + gen_below(s->g, 3); n; n--) {
		unsigned int i = gen_below(s->g, 5);

		gen_access(s->g, access[i].page, access[i].how | VTLB_ACC_USER);
	}
}

static void kernel_work(struct sched *s)
{
	gen_access(s->g, s->kernel, VTLB_ACC_READ | VTLB_ACC_SUPER);
	if (gen_below(s->g, 2))
		gen_access(s->g, s->kernel, VTLB_ACC_WRITE | VTLB_ACC_SUPER);
}

void workload_switch(const struct workload *wl, struct gen *g)
{
	struct sched s = {
		.g = g, .n = wl->processes, .known = 1,
		.pcid = wl->flags & WORKLOAD_PCID, .kpti = wl->flags & WORKLOAD_KPTI,
	};

	make_world(&s);
	start(&s);
	while (!gen_full(g)) {
		unsigned int p;

		kernel_work(&s);
		/* whoever is woken up; never who ran last, that would be no switch */
		p = (s.current + 1 + gen_below(g, s.n - 1)) % s.n;
		load(&s, p, kernel_pcid(&s, p), s.known >> p & 1u);
		s.known |= 1u << p;
		s.current = p;
		kernel_work(&s);
		if (gen_below(g, 4) == 0)
			move_heap(&s);
		to_user(&s);
		user_work(&s);
		if (gen_below(g, 2)) {
			to_kernel(&s);
			kernel_work(&s);
			to_user(&s);
			user_work(&s);
		}
		to_kernel(&s);
	}
}
