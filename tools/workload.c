/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The table of workloads, and what their generators share.
 */
#include "workload.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "workload_gen.h"

#define SWITCH(n, title, flags_, text)                                                      \
	{ .name = "switch-" #n title, .about = #n " processes take turns" text,             \
	  .processes = (n), .flags = (flags_), .run = workload_switch }
#define SWITCHES(title, flags, text)                                                        \
	SWITCH(2, title, flags, text), SWITCH(3, title, flags, text),                       \
	SWITCH(4, title, flags, text), SWITCH(5, title, flags, text)

const struct workload workloads[] = {
	SWITCHES("", 0, "; no PCIDs"),
	SWITCHES("-pcid", WORKLOAD_PCID, ", each with a PCID"),
	SWITCHES("-kpti", WORKLOAD_KPTI,
		 ", each with a root for the kernel and one for user mode; no PCIDs"),
	SWITCHES("-kpti-pcid", WORKLOAD_KPTI | WORKLOAD_PCID,
		 ", each with a root for the kernel and one for user mode, and a PCID for both"),
	{ .name = "fork-exec", .processes = 2, .run = workload_fork,
	  .about = "a shell forks, copies on write, and its child executes and exits; no PCIDs" },
	{ .name = "fork-exec-pcid", .processes = 2, .flags = WORKLOAD_PCID, .run = workload_fork,
	  .about = "the same, each process with a PCID" },
	{ .name = "boot", .processes = 1, .run = workload_boot,
	  .about = "paging off, 64-bit mode, protections one by one, PCIDs, and back again" },
};

const unsigned int nr_workloads = sizeof(workloads) / sizeof(workloads[0]);

const struct workload *workload_by_name(const char *name)
{
	for (unsigned int i = 0; i < nr_workloads; i++)
		if (strcmp(workloads[i].name, name) == 0)
			return &workloads[i];
	return NULL;
}

/* splitmix64 */
unsigned int gen_below(struct gen *g, unsigned int n)
{
	uint64_t z = g->random += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	z ^= z >> 31;
	return (unsigned int)((z >> 32) * n >> 32);
}

/* A name longer than the world can hold is one of our own that is wrong: cut. */
VTLB_PRINTF(3, 0)
static unsigned int add(char (*names)[VTLB_NAME], uint8_t *n, const char *fmt, va_list ap)
{
	vsnprintf(names[*n], VTLB_NAME, fmt, ap);
	return (*n)++;
}

unsigned int gen_root(struct gen *g, const char *fmt, ...)
{
	unsigned int i;
	va_list ap;

	va_start(ap, fmt);
	i = add(g->w->root_name, &g->w->nroots, fmt, ap);
	va_end(ap);
	return i;
}

unsigned int gen_upper(struct gen *g, const char *fmt, ...)
{
	unsigned int i;
	va_list ap;

	va_start(ap, fmt);
	i = add(g->w->upper_name, &g->w->nuppers, fmt, ap);
	va_end(ap);
	return i;
}

unsigned int gen_leaf(struct gen *g, const char *fmt, ...)
{
	unsigned int i;
	va_list ap;

	va_start(ap, fmt);
	i = add(g->w->leaf_name, &g->w->nleafs, fmt, ap);
	va_end(ap);
	return i;
}

unsigned int gen_frame(struct gen *g, const char *fmt, ...)
{
	unsigned int i;
	va_list ap;

	va_start(ap, fmt);
	i = add(g->w->frame_name, &g->w->nframes, fmt, ap);
	va_end(ap);
	return i;
}

unsigned int gen_page(struct gen *g, unsigned int slot, unsigned int entry, const char *name)
{
	struct vtlb_page *p = &g->w->page[g->w->npages];

	p->slot = (uint8_t)slot;
	p->entry = (uint8_t)entry;
	p->linear = 0x400000u + 0x200000u * (uint64_t)slot + 0x1000u * entry;
	snprintf(g->w->page_name[g->w->npages], VTLB_NAME, "%s", name);
	return g->w->npages++;
}

unsigned int gen_slot(struct gen *g, unsigned int region)
{
	if (g->w->nregions <= region)
		g->w->nregions = (uint8_t)(region + 1);
	g->w->slot_region[g->w->nslots] = (uint8_t)region;
	return g->w->nslots++;
}

uint8_t gen_value(struct gen *g, unsigned int frame, unsigned int flags)
{
	struct vtlb_leaf leaf = { .frame = (uint8_t)frame, .flags = (uint8_t)flags };

	return (uint8_t)vtlb_world_value(g->w, leaf);
}

void gen_op(struct gen *g, enum vtlb_opcode code, unsigned int a, unsigned int b, uint32_t imm)
{
	if (!gen_full(g))
		g->t->ops[g->t->nops++] = vtlb_op_make(code, 0, a, b, imm);
}

void gen_access(struct gen *g, unsigned int page, unsigned int how)
{
	gen_op(g, VTLB_OP_ACCESS, page, how, 0);
}

void gen_write_leaf(struct gen *g, unsigned int leaf, unsigned int entry, unsigned int value)
{
	gen_op(g, VTLB_OP_WRITE_LEAF, leaf, entry, value);
}

void gen_link(struct gen *g, unsigned int upper, unsigned int slot, unsigned int leaf1)
{
	gen_op(g, VTLB_OP_WRITE_UPPER, upper, slot, leaf1);
}

void gen_invlpg(struct gen *g, unsigned int page)
{
	gen_op(g, VTLB_OP_INVLPG, page, 0, 0);
}

void gen_set(struct gen *g, enum vtlb_opcode code, uint32_t bits)
{
	gen_op(g, code, VTLB_HOW_OR, 0, bits);
}

void gen_clear(struct gen *g, enum vtlb_opcode code, uint32_t bits)
{
	gen_op(g, code, VTLB_HOW_CLEAR, 0, bits);
}

static void begin_world(struct vtlb_world *w)
{
	struct vtlb_world def;

	vtlb_world_default(&def);
	memset(w, 0, sizeof(*w));
	w->vendor = def.vendor;
	w->mode = def.mode;
	w->nvcpus = 1;
	w->maxphyaddr = def.maxphyaddr;
	w->features = def.features;
	w->init_mode = def.init_mode;
	w->nvalues = 1;
	(void)vtlb_world_pcid(w, 0);
}

enum vtlb_err workload_make(const struct workload *wl, uint64_t seed, size_t steps,
			    struct vtlb_trace *t)
{
	struct gen g = { .t = t, .w = &t->world, .steps = steps, .random = seed };

	memset(t, 0, sizeof(*t));
	t->ops = calloc(steps, sizeof(*t->ops));
	if (!t->ops)
		return VTLB_E_NOMEM;
	begin_world(g.w);
	wl->run(wl, &g);
	return VTLB_OK;
}
