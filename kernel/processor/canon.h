/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * States that can not behave differently, told from their memory.
 */
#ifndef PROCESSOR_CANON_H
#define PROCESSOR_CANON_H

#include "vtlb/impl.h"

/** canon_begin() - the machine is at the beginning of @w, and delta.h knows it */
void canon_begin(const struct vtlb_world *w);

/**
 * canon_same() - the first state of world number @world that is like the one the
 * machine is in, number @state
 *
 * It is @state itself if there was none.
 */
uint32_t canon_same(uint32_t world, uint32_t state);

/** canon_forget() - no state that there was is asked about again */
void canon_forget(void);

/** canon_alone() - the machine is in a state that is taken for no other one */
bool canon_alone(void);

/** canon_dead() - calls @dead with what is left out, whatever it holds */
void canon_dead(void (*dead)(const void *at, unsigned long size));

/** canon_order() - is the order in which KVM would evict part of a state */
bool canon_order(void);

#endif /* PROCESSOR_CANON_H */
