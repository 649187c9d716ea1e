/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The vtlb program: one process.
 */
#include "command.h"
#include "load.h"
#include "out.h"

int main(int argc, char **argv)
{
	out_init(argc, argv);
	load_program(argv, NULL);
	return out_finish(command_run(argc, argv));
}
