/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * fork, exec and exit: the page-table edits of a shell that starts commands.  Fork
 * write-protects what both will have, the first to write copies, exec takes the
 * page table out and puts a fresh one in, pages come by demand.
 */
#include "workload_gen.h"

#define NR_ANON 6u	/* frames for data and stack: two each, and copies */
#define NR_OWN 3u	/* pages of a process */

enum { SHELL, CHILD, NR_PROCESSES };
enum { TEXT, DATA, STACK };

/**
 * struct pte - what a page-table entry holds
 * @frame: index of an anonymous frame; of no meaning for TEXT
 */
struct pte {
	bool present, writable;
	unsigned int frame;
};

/**
 * struct fork - the machine
 * @value: leaf values of the anonymous frames, read-only and writable
 * @text_value: of the shell's program, and of the one that the child executes
 * @users: how many entries an anonymous frame is in
 * @program: which text a process runs
 * @known: the PCID holds what is the process's own
 */
struct fork {
	struct gen *g;
	bool pcid;
	unsigned int page[NR_OWN], kernel, slot;
	uint8_t value[NR_ANON][2], text_value[2];
	unsigned int users[NR_ANON];
	struct pte pte[NR_PROCESSES][NR_OWN];
	unsigned int program[NR_PROCESSES];
	bool known[NR_PROCESSES];
	unsigned int current;
};

static void make_world(struct fork *f)
{
	static const char *const own[NR_OWN] = { "text", "data", "stack" };
	static const char *const process[NR_PROCESSES] = { "sh", "child" };
	struct vtlb_mem *init = &f->g->w->init;
	struct gen *g = f->g;
	unsigned int kernel_slot, kernel_pt;

	f->slot = gen_slot(g, 0);
	kernel_slot = gen_slot(g, 0);
	for (unsigned int i = 0; i < NR_OWN; i++)
		f->page[i] = gen_page(g, f->slot, i, own[i]);
	f->kernel = gen_page(g, kernel_slot, 0, "kernel");
	for (unsigned int i = 0; i < 2; i++)
		f->text_value[i] = gen_value(g, gen_frame(g, "program%u", i), LEAF_USER_RO);
	for (unsigned int i = 0; i < NR_ANON; i++) {
		unsigned int frame = gen_frame(g, "anon%u", i);

		f->value[i][0] = gen_value(g, frame, LEAF_USER_RO);
		f->value[i][1] = gen_value(g, frame, LEAF_USER);
	}
	for (unsigned int p = 0; p < NR_PROCESSES; p++) {
		gen_root(g, "%s", process[p]);
		init->root[p][0] = (uint8_t)(gen_upper(g, "%s.pd", process[p]) + 1);
		gen_leaf(g, "%s.pt", process[p]);
	}
	kernel_pt = gen_leaf(g, "kernel.pt");
	init->leaf[kernel_pt][0] = gen_value(g, gen_frame(g, "kernel"), LEAF_KERNEL | VTLB_LEAF_G);
	for (unsigned int p = 0; p < NR_PROCESSES; p++)
		init->upper[p][kernel_slot] = (uint8_t)(kernel_pt + 1);
	init->upper[SHELL][f->slot] = SHELL + 1;
	g->w->init_mode |= VTLB_PGE | VTLB_SMEP | VTLB_SMAP;
	if (f->pcid) {
		g->w->init_mode |= VTLB_PCIDE;
		(void)vtlb_world_pcid(g->w, SHELL + 1);
		(void)vtlb_world_pcid(g->w, CHILD + 1);
		g->w->init_low12 = SHELL + 1;
	}
}

static void load(struct fork *f, unsigned int p)
{
	uint32_t keep = f->known[p] ? VTLB_CR3_NOFLUSH : 0u;

	gen_op(f->g, VTLB_OP_MOV_CR3, p, 0, f->pcid ? (p + 1) | keep : 0u);
	f->known[p] = true;
}

static void switch_to(struct fork *f, unsigned int p)
{
	gen_access(f->g, f->kernel, VTLB_ACC_READ | VTLB_ACC_SUPER);
	f->current = p;
	load(f, p);
	gen_access(f->g, f->kernel, VTLB_ACC_WRITE | VTLB_ACC_SUPER);
}

/* Entries are only ever written when they change. */
static void set(struct fork *f, unsigned int p, unsigned int i, struct pte new)
{
	struct pte *pte = &f->pte[p][i];
	unsigned int value = 0;

	if (new.present && i == TEXT)
		value = f->text_value[f->program[p]];
	else if (new.present)
		value = f->value[new.frame][new.writable];
	gen_write_leaf(f->g, p, i, value);
	*pte = new;
}

static unsigned int get_frame(struct fork *f)
{
	unsigned int i = 0;

	while (f->users[i])
		i++;
	f->users[i]++;
	return i;
}

static void unmap(struct fork *f, unsigned int p, unsigned int i)
{
	if (!f->pte[p][i].present)
		return;
	if (i != TEXT)
		f->users[f->pte[p][i].frame]--;
	set(f, p, i, (struct pte){ 0 });
}

/* The page comes by demand; nothing can have been cached for it. */
static void demand(struct fork *f, unsigned int i)
{
	struct pte new = { .present = true };

	if (i != TEXT) {
		new.writable = true;
		new.frame = get_frame(f);
	}
	set(f, f->current, i, new);
}

/* A write to a page that fork protected: the last user takes it, others copy. */
static void copy_on_write(struct fork *f, unsigned int i)
{
	unsigned int p = f->current, frame = f->pte[p][i].frame;

	if (f->users[frame] == 1) {
		set(f, p, i, (struct pte){ true, true, frame });
		gen_invlpg(f->g, f->page[i]);
		return;
	}
	f->users[frame]--;
	set(f, p, i, (struct pte){ 0 });
	gen_invlpg(f->g, f->page[i]);
	set(f, p, i, (struct pte){ true, true, get_frame(f) });
}

/* What faults is mended and done again. */
static void access(struct fork *f, unsigned int i, unsigned int how)
{
	const struct pte *pte = &f->pte[f->current][i];

	gen_access(f->g, f->page[i], how | VTLB_ACC_USER);
	if (pte->present && (how != VTLB_ACC_WRITE || pte->writable))
		return;
	if (pte->present)
		copy_on_write(f, i);
	else
		demand(f, i);
	gen_access(f->g, f->page[i], how | VTLB_ACC_USER);
}

static void work(struct fork *f)
{
	access(f, TEXT, VTLB_ACC_FETCH);
	for (unsigned int n = 1 + gen_below(f->g, 3); n; n--) {
		unsigned int i = gen_below(f->g, 2) ? DATA : STACK;

		access(f, i, gen_below(f->g, 2) ? VTLB_ACC_WRITE : VTLB_ACC_READ);
	}
}

/* The shell's page table is copied; its pages become read-only, one by one. */
static void do_fork(struct fork *f)
{
	bool protect[NR_OWN] = { false };

	f->program[CHILD] = f->program[SHELL];
	f->known[CHILD] = false;
	gen_link(f->g, CHILD, f->slot, CHILD + 1);
	for (unsigned int i = 0; i < NR_OWN; i++) {
		struct pte pte = f->pte[SHELL][i];

		if (!pte.present)
			continue;
		protect[i] = pte.writable;
		pte.writable = false;
		if (protect[i])
			set(f, SHELL, i, pte);
		if (i != TEXT)
			f->users[pte.frame]++;
		set(f, CHILD, i, pte);
	}
	for (unsigned int i = 0; i < NR_OWN; i++)
		if (protect[i])
			gen_invlpg(f->g, f->page[i]);
}

static void tear_down(struct fork *f)
{
	for (unsigned int i = 0; i < NR_OWN; i++)
		unmap(f, CHILD, i);
	gen_link(f->g, CHILD, f->slot, 0);
	f->known[CHILD] = false;
}

/* The old image goes, and with it whatever the PCID held; the new one comes by demand. */
static void do_exec(struct fork *f)
{
	tear_down(f);
	load(f, CHILD);
	f->program[CHILD] = 1;
	gen_link(f->g, CHILD, f->slot, CHILD + 1);
}

static void take_turns(struct fork *f)
{
	for (unsigned int n = 1 + gen_below(f->g, 3); n; n--) {
		switch_to(f, f->current ^ 1u);
		work(f);
	}
}

void workload_fork(const struct workload *wl, struct gen *g)
{
	struct fork f = {
		.g = g, .pcid = wl->flags & WORKLOAD_PCID, .known = { [SHELL] = true },
	};

	make_world(&f);
	while (!gen_full(g)) {
		work(&f);
		do_fork(&f);
		take_turns(&f);
		if (f.current != CHILD)
			switch_to(&f, CHILD);
		if (gen_below(g, 4)) {
			do_exec(&f);
			work(&f);
			take_turns(&f);
		}
		if (f.current != SHELL)
			switch_to(&f, SHELL);
		tear_down(&f);
	}
}
