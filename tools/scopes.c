/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The scopes that ship, by name and by number.
 */
#include "scopes.h"

#include <stddef.h>
#include <string.h>

const char *scope_text(const char *name)
{
	for (unsigned int i = 0; i < scope_files_n; i++) {
		if (strcmp(scope_files[i].name, name) == 0)
			return scope_files[i].text;
	}
	return NULL;
}

const char *scope_name(unsigned int i)
{
	return i < scope_files_n ? scope_files[i].name : NULL;
}
