/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What "vtlb kernel" is followed by, beside "build".
 */
#ifndef TOOLS_CMD_KERNEL_H
#define TOOLS_CMD_KERNEL_H

/** cmd_kernel_check_run() - argv[0] is "check"; returns the exit code */
int cmd_kernel_check_run(int argc, char **argv);

/** cmd_kernel_diff_run() - argv[0] is "diff"; returns the exit code */
int cmd_kernel_diff_run(int argc, char **argv);

#endif /* TOOLS_CMD_KERNEL_H */
