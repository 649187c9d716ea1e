/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The same program around an implementation that is linked with it: what cannot
 * be a shared object, because it needs the process's addresses for itself.
 */
#include "command.h"
#include "load.h"
#include "out.h"

const struct vtlb_impl *vtlb_impl_v1(void);

int main(int argc, char **argv)
{
	out_init(argc, argv);
	load_program(argv, vtlb_impl_v1());
	return out_finish(command_run(argc, argv));
}
