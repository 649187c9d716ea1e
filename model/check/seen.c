/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Pairs of states that were checked and found safe: a trace that comes back to
 * one need not check it again.  Compared byte for byte; the hash only finds the
 * slot.
 */
#define XXH_INLINE_ALL
#define XXH_NO_STREAM
#include <xxhash.h>

#include "internal.h"

struct seen_slot seen_find(const struct vtlb_check *k, const struct branch *b)
{
	const void *states = branch_c(k, b, 0);
	struct seen_slot slot = { .seen = false };

	slot.index = (unsigned int)XXH3_64bits(states, states_size(k)) & (SEEN_SLOTS - 1);
	if (k->seen_valid[slot.index])
		slot.seen = !memcmp(k->seen + slot.index * states_size(k), states, states_size(k));
	return slot;
}

void seen_add(struct vtlb_check *k, const struct branch *b, struct seen_slot slot)
{
	memcpy(k->seen + slot.index * states_size(k), branch_c(k, b, 0), states_size(k));
	k->seen_valid[slot.index] = 1;
}
