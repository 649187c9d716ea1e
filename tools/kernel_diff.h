/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * "vtlb kernel diff": the model of KVM beside the real code, in a scope.
 */
#ifndef TOOLS_KERNEL_DIFF_H
#define TOOLS_KERNEL_DIFF_H

#include <stdbool.h>
#include <stdint.h>

/**
 * struct kernel_diff - what is asked for
 * @preset, @program: the two sides
 * @scope: NULL: tiny
 * @depth, @max_time: steps, seconds; 0: none
 */
struct kernel_diff {
	const char *preset, *program, *scope;
	uint64_t depth, max_time;
	bool quiet;
};

/** kernel_diff() - compare and print; the exit code.  Becomes the program first */
int kernel_diff(const struct kernel_diff *d);

#endif /* TOOLS_KERNEL_DIFF_H */
