/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Private to model/check: a check is one block of memory; branches are pairs of
 * contract and implementation state in it.
 */
#ifndef VTLB_CHECK_INTERNAL_H
#define VTLB_CHECK_INTERNAL_H

#include <string.h>

#include "vtlb/check.h"

#define MAX_BRANCHES 32
#define MAX_CHOICES 48
#define SEEN_SLOTS 512	/* a power of two */

/* At a step where an access could go several ways, the way that a branch took. */
struct choice {
	uint32_t step;
	uint32_t outcome;
};

/**
 * struct branch - one way in which the operations so far could have gone
 * @violated: an exposure or fault violation was recorded: unchecked from here
 * @reuse: a reuse violation was recorded: no lookahead from here
 * @nchoices, @choices: what distinguishes it, for replay
 *
 * Followed in memory by the contract state(s) and the implementation's.
 */
struct branch {
	uint8_t violated;
	uint8_t reuse;
	uint8_t ambiguous;
	uint8_t pad;
	uint32_t nchoices;
	struct choice choices[MAX_CHOICES];
};

struct vtlb_check {
	struct vtlb_check_config cfg;
	struct vtlb_contract c[2];	/* rely; owe when that reading is asked for */
	unsigned int ncontracts;
	size_t branch_size, off_state[2], off_impl, impl_size;
	uint8_t *blocks;	/* 2 * MAX_BRANCHES + 1 branches; the last is scratch */
	uint8_t *seen;		/* SEEN_SLOTS pairs of states that were found safe */
	uint8_t seen_valid[SEEN_SLOTS];
	unsigned int base;	/* 0 or MAX_BRANCHES: which half is current */
	unsigned int nbranches;
	uint32_t step;
	enum vtlb_verdict verdict;
	bool has_violation, overflow, unsupported;
	struct vtlb_violation violation;
	uint32_t viol_nchoices;
	struct choice viol_choices[MAX_CHOICES];
	struct vtlb_cost cost;
};

static inline struct branch *branch_at(const struct vtlb_check *k, unsigned int i)
{
	return (struct branch *)(void *)(k->blocks + i * k->branch_size);
}

static inline struct branch *scratch(const struct vtlb_check *k)
{
	return branch_at(k, 2 * MAX_BRANCHES);
}

static inline struct vtlb_cstate *branch_c(const struct vtlb_check *k, const struct branch *b,
					   unsigned int reading)
{
	return (struct vtlb_cstate *)((uintptr_t)b + k->off_state[reading]);
}

static inline void *branch_impl(const struct vtlb_check *k, const struct branch *b)
{
	return (void *)((uintptr_t)b + k->off_impl);
}

/* Bytes of a branch's states, contract and implementation, without what pads its end. */
static inline size_t states_size(const struct vtlb_check *k)
{
	return k->off_impl + k->impl_size - k->off_state[0];
}

/* seen.c: pairs of states that need no second check */
struct seen_slot {
	unsigned int index;
	bool seen;
};

struct seen_slot seen_find(const struct vtlb_check *k, const struct branch *b);
void seen_add(struct vtlb_check *k, const struct branch *b, struct seen_slot slot);

/* check.c */
void branch_copy(const struct vtlb_check *k, struct branch *dst, const struct branch *src);

/* expose.c */
bool expose(const struct vtlb_check *k, const struct branch *b, unsigned int reading,
	    struct vtlb_violation *v);
bool reuse(const struct vtlb_check *k, const struct branch *b, unsigned int reading,
	   struct vtlb_violation *v);
bool shows(const struct vtlb_check *k, const struct branch *b, unsigned int reading,
	   const struct vtlb_violation *like);

#endif /* VTLB_CHECK_INTERNAL_H */
