/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * All that the core may expect of an environment without a C library; stands in
 * for <string.h> when scripts/check-freestanding compiles it without one.
 */
#ifndef VTLB_FREESTANDING_STRING_H
#define VTLB_FREESTANDING_STRING_H

#include <stddef.h>

void *memcpy(void *restrict dst, const void *restrict src, size_t n);
void *memset(void *dst, int c, size_t n);
int memcmp(const void *a, const void *b, size_t n);

#endif /* VTLB_FREESTANDING_STRING_H */
