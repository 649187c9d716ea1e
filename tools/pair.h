/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Two implementations in one world, stepped alike: the same operation with the same
 * outcome.  A search for differences and random walks are both made of such steps.
 */
#ifndef TOOLS_PAIR_H
#define TOOLS_PAIR_H

#include "vtlb/contract.h"
#include "vtlb/impl.h"

enum { SIDE_A, SIDE_B, NR_SIDES };

/**
 * struct pair - what does not change in a run
 * @size: bytes of a state of each side
 * @c: knows the registers, that say what an access is, and which faults are right
 */
struct pair {
	const struct vtlb_world *w;
	const struct vtlb_impl *impl[NR_SIDES];
	size_t size[NR_SIDES];
	struct vtlb_contract c;
};

/** struct pair_state - both sides and the contract, after the same steps */
struct pair_state {
	void *impl[NR_SIDES];
	struct vtlb_cstate *c;
};

/** struct pair_step - what each of them did in a step */
struct pair_step {
	struct vtlb_impl_step impl[NR_SIDES];
	struct vtlb_contract_step c;
};

enum pair_end {
	PAIR_ALIKE,	/* the same fault or none, and that is right */
	PAIR_PARTED,	/* their faults differ */
	PAIR_FAILED,	/* the same fault, or none, and that is wrong: no registers to go on with */
	PAIR_NO_ANSWER,	/* one of them has none: the model ends here */
};

/** pair_begin() - both sides have to cover the world, which has to stay */
void pair_begin(struct pair *p, const struct vtlb_world *w, const struct vtlb_impl *const *impl,
		uint8_t vendor, uint32_t waive);

/** pair_alloc() - a state at the world's beginning; never fails */
void pair_alloc(const struct pair *p, struct pair_state *s);
void pair_reset(const struct pair *p, struct pair_state *s);
void pair_copy(const struct pair *p, struct pair_state *to, const struct pair_state *from);
void pair_free(struct pair_state *s);

/** pair_step() - one operation on both; @outcome: of an access, one that both can give */
enum pair_end pair_step(const struct pair *p, struct pair_state *s, struct vtlb_op op,
			uint32_t outcome, struct pair_step *step);

/** pair_could() - what each access of a vCPU to a page could give on one side */
void pair_could(const struct pair *p, const struct pair_state *s, unsigned int side,
		unsigned int vcpu, unsigned int page, struct vtlb_outset could[VTLB_NR_KINDS]);

/** pair_both() - outcomes that are in both sets */
struct vtlb_outset pair_both(const struct vtlb_outset *a, const struct vtlb_outset *b);

/** pair_count() - number of outcomes */
unsigned int pair_count(const struct vtlb_outset *s);

/** pair_same_set() - are they equal */
bool pair_same_set(const struct vtlb_outset *a, const struct vtlb_outset *b);

#endif /* TOOLS_PAIR_H */
