/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The note that makes a program of an example's implementation.
 */
#include "vtlb/impl.h"

VTLB_IMPL_NOTE;
