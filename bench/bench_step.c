/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Nanoseconds an operation: stepping alone, with the exposure check, and with
 * the lookahead of the reuse check too.
 */
#include <stdio.h>
#include <stdlib.h>

#include "ops.h"

#define NOPS 100000
#define ROUNDS 9

static struct vtlb_op ops[NOPS];

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static int measure(struct vtlb_check_config cfg, uint32_t flags, const char *what)
{
	enum vtlb_verdict verdict = VTLB_HOLDS;
	double ns[ROUNDS];
	void *mem;
	struct vtlb_check *k;

	cfg.flags = flags;
	k = bench_check(&cfg, &mem);
	if (!k)
		return 1;
	for (int r = 0; r < ROUNDS; r++) {
		double start;

		vtlb_check_restart(k);
		start = bench_now();
		for (size_t i = 0; i < NOPS; i++)
			verdict = vtlb_check_step(k, ops[i], NULL);
		ns[r] = (bench_now() - start) * 1e9 / NOPS;
	}
	qsort(ns, ROUNDS, sizeof(ns[0]), by_size);
	printf("%-28s %8.1f ns an operation (median of %d; %.1f to %.1f), %s\n", what,
	       ns[ROUNDS / 2], ROUNDS, ns[0], ns[ROUNDS - 1], vtlb_verdict_name(verdict));
	free(mem);
	/* After a violation a branch goes on unchecked: the figure would be none. */
	return verdict != VTLB_HOLDS;
}

int main(void)
{
	struct vtlb_check_config cfg = { .waive = VTLB_WAIVE_ALL };
	struct vtlb_world w;
	int bad;

	vtlb_world_default(&w);
	cfg.w = &w;
	cfg.impl = vtlb_preset_by_name(BENCH_IMPL);
	if (!cfg.impl || bench_ops(&cfg, ops, NOPS) != VTLB_OK)
		return 1;
	printf("%s, default world, %d operations, check of %zu bytes\n", BENCH_IMPL, NOPS,
	       vtlb_check_size(&cfg));
	bad = measure(cfg, VTLB_CHECK_NO_EXPOSURE | VTLB_CHECK_NO_REUSE, "step");
	bad |= measure(cfg, VTLB_CHECK_NO_REUSE, "step, exposure");
	bad |= measure(cfg, 0, "step, exposure, lookahead");
	return bad;
}
