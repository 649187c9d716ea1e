/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What every fuzz target is: one function, which libFuzzer or replay.c calls.
 */
#ifndef VTLB_FUZZ_H
#define VTLB_FUZZ_H

#include "vtlb/vtlb.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif /* VTLB_FUZZ_H */
