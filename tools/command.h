/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The whole command line, for the programs that have it: vtlb and vtlb-mpi.
 */
#ifndef TOOLS_COMMAND_H
#define TOOLS_COMMAND_H

#include "cmd.h"

/** command_find() - a subcommand, or NULL */
const struct cmd *command_find(const char *name);

/** command_run() - do what the command line says; returns the exit code */
int command_run(int argc, char **argv);

#endif /* TOOLS_COMMAND_H */
