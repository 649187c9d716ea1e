/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Stands in for <assert.h> where there is none; the inlined xxHash asserts only in
 * its own debug builds.
 */
#ifndef VTLB_FREESTANDING_ASSERT_H
#define VTLB_FREESTANDING_ASSERT_H

#define assert(condition) ((void)0)
#define static_assert _Static_assert

#endif
