/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A guest that switches address spaces, edits its page tables, invalidates and
 * reads, in proportions of our choosing; accesses are half of all.
 */
#define _POSIX_C_SOURCE 200809L
#include "ops.h"

#include <stdlib.h>
#include <time.h>

static uint32_t next(uint32_t *seed)
{
	/* xorshift32 */
	*seed ^= *seed << 13;
	*seed ^= *seed >> 17;
	*seed ^= *seed << 5;
	return *seed;
}

static struct vtlb_op toggle(enum vtlb_opcode code, uint32_t bit)
{
	return vtlb_op_make(code, 0, VTLB_HOW_XOR, 0, bit);
}

static struct vtlb_op access_op(const struct vtlb_check *k, const struct vtlb_world *w,
				uint32_t rnd)
{
	unsigned int page = rnd % w->npages, type = (rnd >> 4) % 3;
	struct vtlb_op op = vtlb_op_make(VTLB_OP_ACCESS, 0, page,
					 type | (rnd & 0x100 ? VTLB_ACC_USER : 0), 0);
	struct vtlb_outset out[VTLB_NR_KINDS];

	vtlb_check_outcomes(k, false, 0, page, out);
	op.imm = vtlb_outset_next(&out[vtlb_op_kind(op, vtlb_check_regs(k, 0)->mode)], 0);
	return op;
}

static struct vtlb_op any_op(const struct vtlb_check *k, const struct vtlb_world *w, uint32_t rnd)
{
	static const uint32_t cr4[] = { VTLB_PGE, VTLB_PCIDE, VTLB_SMEP, VTLB_SMAP };
	bool tagged = vtlb_check_regs(k, 0)->mode & VTLB_PCIDE;
	uint32_t more = rnd >> 8;

	switch (rnd % 16) {
	case 0:
	case 1:
	case 2:
		return vtlb_op_make(VTLB_OP_MOV_CR3, 0, more % w->nroots, 0,
				    tagged ? w->pcid[(more >> 4) % w->npcids] |
						     (more & 0x1000 ? VTLB_CR3_NOFLUSH : 0) :
					     0);
	case 3:
		return vtlb_op_make(VTLB_OP_INVLPG, 0, more % w->npages, 0, 0);
	case 4:
		return vtlb_op_make(VTLB_OP_INVPCID, 0, more % w->npages, (more >> 4) % 4,
				    tagged ? w->pcid[(more >> 8) % w->npcids] : 0);
	case 5:
	case 6:
		return vtlb_op_make(VTLB_OP_WRITE_LEAF, 0, more % w->nleafs, 0,
				    (more >> 4) % w->nvalues);
	case 7:
		if (more % 4 == 0)
			return toggle(VTLB_OP_MOV_CR0, VTLB_WP);
		return toggle(VTLB_OP_MOV_CR4, cr4[(more >> 4) % 4]);
	default:
		return access_op(k, w, more);
	}
}

struct vtlb_check *bench_check(const struct vtlb_check_config *cfg, void **mem)
{
	size_t size = (vtlb_check_size(cfg) + 63) / 64 * 64;

	*mem = size ? aligned_alloc(64, size) : NULL;
	return *mem ? vtlb_check_init(*mem, cfg) : NULL;
}

enum vtlb_err bench_ops(const struct vtlb_check_config *cfg, struct vtlb_op *ops, size_t n)
{
	struct vtlb_check_config quick = *cfg;
	uint32_t seed = 0x9e3779b9;
	struct vtlb_check *k;
	void *mem;

	quick.flags = VTLB_CHECK_NO_EXPOSURE | VTLB_CHECK_NO_REUSE;
	k = bench_check(&quick, &mem);
	if (!k)
		return VTLB_E_NOMEM;
	for (size_t i = 0; i < n; i++) {
		do {
			ops[i] = any_op(k, cfg->w, next(&seed));
		} while (!vtlb_op_valid(cfg->w, ops[i]));
		vtlb_check_step(k, ops[i], NULL);
	}
	free(mem);
	return VTLB_OK;
}

void bench_switches(const struct vtlb_world *w, struct vtlb_op *ops, size_t n)
{
	static const struct {
		uint8_t page, access;
	} accesses[] = {
		{ 0, VTLB_ACC_READ | VTLB_ACC_USER }, { 0, VTLB_ACC_READ | VTLB_ACC_USER },
		{ 1, VTLB_ACC_READ | VTLB_ACC_SUPER }, { 0, VTLB_ACC_WRITE | VTLB_ACC_USER },
	};
	/* leaf values 1 and 2 are the user pages' initial ones */
	const unsigned int values = 2;
	uint32_t seed = 0x9e3779b9;
	size_t i = 0;

	ops[i++] = toggle(VTLB_OP_MOV_CR4, VTLB_PGE | VTLB_PCIDE);
	for (unsigned int turn = 0; i < n; turn++) {
		unsigned int space = turn & 1;

		ops[i++] = vtlb_op_make(VTLB_OP_MOV_CR3, 0, space, 0,
					w->pcid[space] | VTLB_CR3_NOFLUSH);
		for (unsigned int j = 0; j < 4 && i < n; j++)
			ops[i++] = vtlb_op_make(VTLB_OP_ACCESS, 0, accesses[j].page,
						accesses[j].access, 0);
		if (turn % 4 || i + 1 >= n)
			continue;
		ops[i++] = vtlb_op_make(VTLB_OP_WRITE_LEAF, 0, space, 0, 1 + next(&seed) % values);
		ops[i++] = vtlb_op_make(VTLB_OP_INVLPG, 0, 0, 0, 0);
	}
}

double bench_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}
