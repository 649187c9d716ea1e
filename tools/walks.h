/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What two implementations spend on the same random walks over a scope.
 */
#ifndef TOOLS_WALKS_H
#define TOOLS_WALKS_H

#include "pair.h"

#define WALKS 100u
#define WALK_STEPS 200u

/**
 * struct walks - the walks, and what came of them
 * @runs, @length, @seed: how many, of how many steps, and which
 * @ended: walks that ended early: before a step that the two could not do alike, or one
 *	behind which the registers are not known
 * @steps: steps in all of them
 * @cost: spent in these
 * @unasked: flushes in steps in which the contract dropped nothing
 */
struct walks {
	uint64_t runs, length, seed;
	uint64_t ended, steps;
	struct vtlb_cost cost[NR_SIDES];
	uint64_t unasked[NR_SIDES];
};

/** walks_run() - all of them; equal seeds make equal walks */
void walks_run(struct walks *w, const struct pair *p, const struct vtlb_op *ops, size_t nops);

#endif /* TOOLS_WALKS_H */
