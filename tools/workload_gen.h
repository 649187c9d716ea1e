/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Private to tools/workload*.c: a trace under construction, and the few words in
 * which the generators are written.
 */
#ifndef TOOLS_WORKLOAD_GEN_H
#define TOOLS_WORKLOAD_GEN_H

#include "workload.h"

/**
 * struct gen - a trace under construction
 * @w: its world
 * @steps: operations that it will have; what is emitted beyond them is dropped
 */
struct gen {
	struct vtlb_trace *t;
	struct vtlb_world *w;
	size_t steps;
	uint64_t random;
};

/* Every workload's loop ends by this. */
static inline bool gen_full(const struct gen *g)
{
	return g->t->nops >= g->steps;
}

/** gen_below() - a pseudo-random number below @n */
unsigned int gen_below(struct gen *g, unsigned int n);

/* Access rights of the pages that workloads have; all of them are dirty. */
#define LEAF_KERNEL (VTLB_LEAF_P | VTLB_LEAF_W | VTLB_LEAF_D)
#define LEAF_USER (VTLB_LEAF_P | VTLB_LEAF_W | VTLB_LEAF_U | VTLB_LEAF_D)
#define LEAF_USER_RO (VTLB_LEAF_P | VTLB_LEAF_U | VTLB_LEAF_D)
#define LEAF_KERNEL_RO (VTLB_LEAF_P | VTLB_LEAF_D)

/*
 * The world.  It begins with one vCPU in 64-bit mode, with the features that the
 * KVM model has and nothing else; each function adds something and returns its
 * index.  Names are made as printf() does.
 */
unsigned int gen_root(struct gen *g, const char *fmt, ...) VTLB_PRINTF(2, 3);
unsigned int gen_upper(struct gen *g, const char *fmt, ...) VTLB_PRINTF(2, 3);
unsigned int gen_leaf(struct gen *g, const char *fmt, ...) VTLB_PRINTF(2, 3);
unsigned int gen_frame(struct gen *g, const char *fmt, ...) VTLB_PRINTF(2, 3);
unsigned int gen_page(struct gen *g, unsigned int slot, unsigned int entry, const char *name);
unsigned int gen_slot(struct gen *g, unsigned int region);
uint8_t gen_value(struct gen *g, unsigned int frame, unsigned int flags);

/* Operations of vCPU 0. */
void gen_op(struct gen *g, enum vtlb_opcode code, unsigned int a, unsigned int b, uint32_t imm);
void gen_access(struct gen *g, unsigned int page, unsigned int how);
void gen_write_leaf(struct gen *g, unsigned int leaf, unsigned int entry, unsigned int value);
void gen_link(struct gen *g, unsigned int upper, unsigned int slot, unsigned int leaf1);
void gen_invlpg(struct gen *g, unsigned int page);
void gen_set(struct gen *g, enum vtlb_opcode code, uint32_t bits);
void gen_clear(struct gen *g, enum vtlb_opcode code, uint32_t bits);

/* The generators. */
void workload_switch(const struct workload *wl, struct gen *g);
void workload_fork(const struct workload *wl, struct gen *g);
void workload_boot(const struct workload *wl, struct gen *g);

#endif /* TOOLS_WORKLOAD_GEN_H */
