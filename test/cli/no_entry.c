/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A shared object without the entry point of an implementation, for the
 * loader's tests.
 */
extern const int vtlb_test_nothing;

const int vtlb_test_nothing = 1;
