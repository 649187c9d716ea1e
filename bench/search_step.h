/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * One step of a search, for searches other than the library's own: Spin runs it
 * as embedded C, so that two engines can be compared on exactly the same work.
 */
#ifndef VTLB_BENCH_SEARCH_STEP_H
#define VTLB_BENCH_SEARCH_STEP_H

#include "vtlb/vtlb.h"

#define SEARCH_MAX_TRANSITIONS 1024

/**
 * struct search - what is searched; constant in a search
 * @transition: every operation, once for each outcome that it may have
 * @ntransitions: their number
 * @contract_size, @impl_size: bytes; a state is the contract's bytes, then the
 *	implementation's
 */
struct search {
	struct vtlb_world w;
	struct vtlb_contract contract;
	const struct vtlb_impl *impl;
	size_t nops;
	struct vtlb_op *ops;
	struct search_transition {
		struct vtlb_op op;
		uint16_t nth;	/* which of an access's outcomes */
		uint16_t last;	/* there may be none after it */
	} transition[SEARCH_MAX_TRANSITIONS];
	unsigned int ntransitions;
	size_t contract_size, impl_size;
};

enum search_next {
	SEARCH_NONE,	/* no such transition in this state */
	SEARCH_SAFE,	/* the next state holds */
	SEARCH_BAD,	/* it does not, or there was no answer */
};

/**
 * search_open() - read a scope, make the contract with all deviations waived
 * @path: a scope
 * @impl: name of a preset
 *
 * Return: false after a message to standard error.
 */
bool search_open(struct search *s, const char *path, const char *impl);
void search_close(struct search *s);

/** search_reset() - the initial state; contract_size + impl_size bytes, 8-byte aligned */
void search_reset(const struct search *s, void *state);

/**
 * search_step() - contract and implementation do a transition, then exposure
 * @from: state, not changed
 * @i: transition, below ntransitions
 * @to: receives the next state; another block than @from
 */
enum search_next search_step(const struct search *s, const void *from, unsigned int i, void *to);

/** search_safe() - exposure: is every outcome that could be seen now allowed */
bool search_safe(const struct search *s, const void *state);

#endif /* VTLB_BENCH_SEARCH_STEP_H */
