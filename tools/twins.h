/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Does an implementation tell states apart that differ?  A search believes that states
 * with equal bytes behave alike for ever, and a proof stands on that.
 */
#ifndef TOOLS_TWINS_H
#define TOOLS_TWINS_H

#include "pair.h"

/**
 * struct twins - pairs of states with equal bytes, stepped on side by side
 * @want: how many of them to try
 * @steps: of a walk, and behind it of both twins
 * @ahead: in place of steps at random behind it all sequences of so many; 0: at random
 * @perturb: one of a pair is the other with all changed that the bytes leave out; else
 *           they were reached in two ways
 * @depth: no walks: all pairs that a search to this depth takes for one
 * @found, @stepped: how many were tried, and steps in all
 * @walks: walks that this took; @states: of a search, different ones
 * @what: in what two twins differ; NULL: nothing was found
 * @way, @nway: two ways to one state, and what was done then to both
 * @then, @nthen: .. on the last of which they differ
 */
struct twins {
	uint64_t want, steps, seed, depth;
	unsigned int ahead;
	bool perturb;
	uint64_t found, stepped, walks, states;
	const char *what;
	struct vtlb_op *way[NR_SIDES], *then;
	size_t nway[NR_SIDES], nthen;
};

/**
 * twins_run() - walk over @ops until .want twins were tried, or two differ
 *
 * Return: false: Ctrl-C, or the walks met no more of them.
 */
bool twins_run(struct twins *t, const struct pair *p, const struct vtlb_op *ops, size_t nops);

/**
 * merges_run() - search breadth first to .depth, and compare each state that is met again
 * with the one that was met first
 *
 * Return: false: Ctrl-C.
 */
bool merges_run(struct twins *t, const struct pair *p, const struct vtlb_op *ops, size_t nops);
void twins_free(struct twins *t);

#endif /* TOOLS_TWINS_H */
