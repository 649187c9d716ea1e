/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Something with a line table of the version that kernels are built with.
 */
int dwarf4_function(int x);

int dwarf4_function(int x)
{
	return x * 3; /* line 9, which the test asks for */
}
