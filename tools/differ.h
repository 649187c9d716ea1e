/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The shortest sequences of a scope's operations on which two implementations differ,
 * or that there are none.
 */
#ifndef TOOLS_DIFFER_H
#define TOOLS_DIFFER_H

#include "explore.h"
#include "pair.h"

/**
 * struct difference - a sequence whose last step is the first that differs
 * @ops: NULL: none; an access before the last names its outcome where it had a choice
 */
struct difference {
	struct vtlb_op *ops;
	uint32_t nops;
};

/**
 * struct differ - a search for differences
 * @p, @ops, @nops: both sides, and the scope's operations
 * @inside: both sides are the same hypervisor, and say of themselves the same in the same
 *	words: their descriptions are compared as well.  Of costs only refaults and flushes
 *	are then compared, since not all of them can count the others
 * @max_depth, @max_memory, @max_time: steps, bytes, seconds; 0: none
 * @outcome: in what the guest can see: a fault, or the set of outcomes of an access,
 *	whether the scope has that access or not
 * @cost: in what a step costs, on the way of the same outcomes
 * @known: NULL, or tells a difference in costs that has an explanation; it is no
 *	difference then, but counted in @nknown
 * @state: in what they say of themselves
 * @complete: no sequence is left
 * @end: what stopped it before that
 * @depth: all sequences of so many steps were compared
 * @pairs: pairs of states
 * @waiting: of these, those that were not extended
 * @not_followed: steps behind which nothing was compared: one side has no answer, or
 *	both fault as the manual forbids
 */
struct differ {
	const struct pair *p;
	const struct vtlb_op *ops;
	size_t nops;
	bool inside;
	uint64_t max_depth, max_memory, max_time;
	bool (*known)(struct vtlb_op op, const struct vtlb_cost *a, const struct vtlb_cost *b);

	struct difference outcome, cost, state;
	bool complete;
	enum explore_end end;
	uint32_t depth;
	uint64_t pairs, waiting, not_followed, nknown, bytes;
	double seconds;
};

/** differ_search() - until all kinds of difference are found, or nothing is left */
void differ_search(struct differ *d);

void differ_free(struct differ *d);

#endif /* TOOLS_DIFFER_H */
