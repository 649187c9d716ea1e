/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * vtlb-mutants: prints the name of every mutant, one a line, for scripts/mutants.
 */
#include <stdio.h>

#include "mutant.h"

int main(void)
{
	char name[128];

	for (unsigned int i = 0; mutant_name(i, name, sizeof(name)); i++)
		puts(name);
	return 0;
}
