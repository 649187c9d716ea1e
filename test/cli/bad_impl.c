/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * An implementation that is wrong in the way that VTLB_TEST_BAD names, for the
 * loader's tests.
 */
#include <stdlib.h>
#include <string.h>

#include "vtlb/impl.h"

const struct vtlb_impl *vtlb_impl_v1(void);

const struct vtlb_impl *vtlb_impl_v1(void)
{
	static struct vtlb_impl impl = {
		.abi = VTLB_IMPL_ABI,
		.size = sizeof(struct vtlb_impl),
		.name = "bad",
		.summary = "lacks every function",
		.ops = 1u,
		.vendors = 1u << VTLB_INTEL,
		.modes = 1u << VTLB_SHADOW,
		.max_vcpus = 1,
	};
	const char *how = getenv("VTLB_TEST_BAD");

	if (!how || strcmp(how, "null") == 0)
		return NULL;
	if (strcmp(how, "abi") == 0)
		impl.abi = 99;
	if (strcmp(how, "size") == 0)
		impl.size = 16;
	return &impl;
}
