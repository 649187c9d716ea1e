/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A second search, as plain as it can be written, that the real one is compared
 * with: whole states, sorted lists, level after level; no symmetry, no packing,
 * no hashing, no threads.  It defines what states and transitions are.
 */
#ifndef VTLB_TEST_SIMPLE_H
#define VTLB_TEST_SIMPLE_H

#include "vtlb/contract.h"
#include "vtlb/impl.h"

#define SIMPLE_LEVELS 64

/**
 * struct simple_config - what to search
 * @normal: with vtlb_world.ops, so that the implementation's states are normal forms
 * @max_depth: states of this depth are not extended; 0: none
 * @max_states: end with the first level that has more in all; 0: none
 * The rest as in struct vtlb_explore_config.
 */
struct simple_config {
	const struct vtlb_world *w;
	const struct vtlb_op *ops;
	size_t nops;
	const struct vtlb_impl *impl;
	uint8_t vendor;
	bool normal;
	uint32_t waive;
	uint32_t max_depth;
	uint64_t max_states;
};

/**
 * struct simple_result - what there is
 * @complete: every reachable safe state was extended, and nothing fails
 * @states: distinct safe states, the initial one included
 * @transitions: (state, operation, outcome), from safe states
 * @unsupported: transitions that one side has no answer to
 * @faults: transitions on which the two sides fault differently
 * @violating: distinct states that fail
 * @diameter: depth of the deepest safe state
 * @first: depth of the first violation, of a state or a fault; -1: none
 * @level: safe states of each depth
 *
 * The search ends with the level of the first violation; all counts include
 * that level.
 */
struct simple_result {
	bool complete;
	uint64_t states, transitions, unsupported, faults, violating;
	uint32_t diameter;
	int first;
	uint64_t level[SIMPLE_LEVELS];
};

void simple_search(const struct simple_config *cfg, struct simple_result *res);

#endif /* VTLB_TEST_SIMPLE_H */
