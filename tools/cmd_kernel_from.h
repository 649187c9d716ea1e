/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Where a kernel comes from: the options that kernel build, check and diff share.
 */
#ifndef TOOLS_CMD_KERNEL_FROM_H
#define TOOLS_CMD_KERNEL_FROM_H

#include "cmd.h"
#include "kernel/kit.h"

#define KERNEL_MAX_PATCHES 64

/**
 * struct kernel_from - the command line's part
 * @jobs: parsed by the command, with its other numbers
 */
struct kernel_from {
	const char *debian, *tree, *vendor_module, *patch[KERNEL_MAX_PATCHES];
	size_t npatches;
	uint64_t jobs;
};

/* For a command's options; @patch: what it does with one. */
#define KERNEL_FROM_OPTIONS(patch)                                                              \
	{ "debian", KEY_DEBIAN, "VERSION", 0,                                                   \
	  "Debian's package linux-source-VERSION (5.10, 6.1, 6.12), which apt downloads", 0 },  \
	{ "tree", KEY_TREE, "DIR|TARBALL", 0,                                                   \
	  "A kernel tree, unpacked or packed; it is only read, and need not be configured",     \
	  0 },                                                                                  \
	{ "patch", 'p', "FILE", 0, patch, 0 },                                                  \
	{ "vendor-module", KEY_VENDOR_MODULE, "NAME", 0,                                        \
	  "What stands for kvm-intel or kvm-amd: sim, a simulated one (default); svm, the "     \
	  "kernel's own kvm-amd with npt=0; svm-old, the same on a processor that cannot flush " \
	  "by ASID and lacks decode assists", 0 },                                              \
	{ "jobs", 'j', "N", 0, "Compile so many files at a time (default: one a processor)", 0 }

/** kernel_from_option() - for parsers: one of these options, or ARGP_ERR_UNKNOWN */
error_t kernel_from_option(struct kernel_from *from, int key, char *arg,
			   struct argp_state *state);

/** kernel_from_check() - at the end of the line: is it clear which kernel? */
error_t kernel_from_check(const struct kernel_from *from, struct argp_state *state);

/** kernel_from_tree() - the same for the kit */
struct kit_tree kernel_from_tree(const struct kernel_from *from);

#endif /* TOOLS_CMD_KERNEL_FROM_H */
