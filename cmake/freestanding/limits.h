/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Stands in for the C library's <limits.h>, which the compiler's own includes in
 * turn: it has nothing to add.
 */
#ifndef VTLB_FREESTANDING_LIMITS_H
#define VTLB_FREESTANDING_LIMITS_H
#endif
