/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Stands in for <stdlib.h> where there is none: the inlined xxHash declares
 * functions that allocate, and the core never calls them.
 */
#ifndef VTLB_FREESTANDING_STDLIB_H
#define VTLB_FREESTANDING_STDLIB_H

#include <stddef.h>

void *malloc(size_t size);
void free(void *p);

#endif
