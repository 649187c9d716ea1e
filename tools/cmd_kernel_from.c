/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Where a kernel comes from: the options that kernel build, check and diff share.
 */
#include "cmd_kernel_from.h"

error_t kernel_from_option(struct kernel_from *from, int key, char *arg,
			   struct argp_state *state)
{
	switch (key) {
	case KEY_DEBIAN:
		from->debian = arg;
		return 0;
	case KEY_TREE:
		from->tree = arg;
		return 0;
	case KEY_VENDOR_MODULE:
		from->vendor_module = arg;
		return 0;
	case 'p':
		if (from->npatches == KERNEL_MAX_PATCHES)
			return cmd_arg_error(state, "more than %d patches; join them in one file",
					     KERNEL_MAX_PATCHES);
		from->patch[from->npatches++] = arg;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

error_t kernel_from_check(const struct kernel_from *from, struct argp_state *state)
{
	if (!from->debian == !from->tree)
		return cmd_arg_error(state, "a kernel comes from --tree DIR or --debian VERSION, "
					    "one of the two");
	if (!kit_has_vendor_module(from->vendor_module))
		return cmd_arg_error(state, "--vendor-module %s is not supported; there are: "
				     KIT_VENDOR_MODULES, from->vendor_module);
	return 0;
}

struct kit_tree kernel_from_tree(const struct kernel_from *from)
{
	return (struct kit_tree){ .debian = from->debian, .tree = from->tree,
				  .vendor_module = from->vendor_module,
				  .jobs = (unsigned int)from->jobs };
}
