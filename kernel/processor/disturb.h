/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What the canonical form of a state leaves out, changed: so that a test can see that
 * it does not matter.
 */
#ifndef PROCESSOR_DISTURB_H
#define PROCESSOR_DISTURB_H

#include <stdbool.h>
#include <stdint.h>

/**
 * disturb_machine() - change all that canon_same() does not look at, to what @seed decides
 *
 * The machine is in no state that is canon_alone().  Return: false: it stops.
 */
bool disturb_machine(uint32_t seed);

#endif /* PROCESSOR_DISTURB_H */
