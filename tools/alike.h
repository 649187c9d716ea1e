/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Do two states behave alike?  Everything that can be seen of them, and what all the
 * operations that could follow do to both.
 */
#ifndef TOOLS_ALIKE_H
#define TOOLS_ALIKE_H

#include "pair.h"

#define ALIKE_AHEAD 8u	/* operations that can be looked ahead */

/**
 * struct alike - what does not change in a run
 * @p: of two sides that are the same implementation
 * @ops, @nops: that can follow
 * @size: bytes that stand for a state; @key: room for those of each side
 * @room: states behind the first, second ... operation of a look ahead
 * @stepped: steps that were compared
 */
struct alike {
	const struct pair *p;
	const struct vtlb_op *ops;
	size_t nops, size;
	uint8_t *key[NR_SIDES];
	struct pair_state room[ALIKE_AHEAD];
	uint64_t stepped;
};

void alike_begin(struct alike *a, const struct pair *p, const struct vtlb_op *ops, size_t nops);
void alike_end(struct alike *a);

/** alike_key() - the bytes that stand for one side's state, in .key[@side] */
const uint8_t *alike_key(struct alike *a, const struct pair_state *s, unsigned int side);

/** alike_outcomes() - which of them an access can have on both sides; of other operations none */
struct vtlb_outset alike_outcomes(const struct alike *a, const struct pair_state *s,
				  struct vtlb_op op);

/** alike_now() - in what two states differ that no operation has followed; NULL: in nothing */
const char *alike_now(struct alike *a, const struct pair_state *s);

/**
 * alike_step() - do one operation on both
 * @what: in what they differ behind it; NULL: in nothing
 *
 * Return: false: nothing can follow, although they do not differ.
 */
bool alike_step(struct alike *a, struct pair_state *s, struct vtlb_op op, uint32_t outcome,
		const char **what);

/**
 * alike_ahead() - do all sequences of up to @depth operations on both
 * @then, @nthen: those behind which they differ
 *
 * Return: in what they differ; NULL: in nothing.
 */
const char *alike_ahead(struct alike *a, const struct pair_state *s, unsigned int depth,
			struct vtlb_op *then, size_t *nthen);

#endif /* TOOLS_ALIKE_H */
