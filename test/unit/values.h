/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Leaf values in few letters, for tests that write many of them down.  Included
 * after cmocka.h.
 */
#ifndef TEST_VALUES_H
#define TEST_VALUES_H

#include <stdio.h>

#include "vtlb/world.h"

/* The flags of a leaf value, most used first. */
enum {
	P = VTLB_LEAF_P,
	WR = VTLB_LEAF_W,
	US = VTLB_LEAF_U,
	GL = VTLB_LEAF_G,
	DI = VTLB_LEAF_D,
	XD = VTLB_LEAF_NX,
};

/* Interns a value; the frame comes to be if it is not there. */
static inline uint8_t value(struct vtlb_world *w, unsigned int f, unsigned int flags)
{
	const struct vtlb_leaf leaf = { (uint8_t)f, (uint8_t)flags };
	int v = vtlb_world_value(w, leaf);

	assert_true(v >= 0);
	while (w->nframes <= f) {
		snprintf(w->frame_name[w->nframes], VTLB_NAME, "f%u", w->nframes);
		w->nframes++;
	}
	return (uint8_t)v;
}

#endif /* TEST_VALUES_H */
