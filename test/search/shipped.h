/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A scope that ships, or one of the tests' own, as a test of the search gets it:
 * from its file.
 */
#ifndef TEST_SEARCH_SHIPPED_H
#define TEST_SEARCH_SHIPPED_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "vtlb/vtlb.h"

static inline void scope_load_from(struct vtlb_scope *s, const char *folder, const char *name)
{
	static char text[16384];
	struct vtlb_diag d;
	char path[4096];
	size_t len;
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s/%s.scope", VTLB_SOURCE_DIR, folder, name);
	f = fopen(path, "rb");
	if (!f)
		fail_msg("cannot open %s", path);
	len = fread(text, 1, sizeof(text), f);
	fclose(f);
	if (len == sizeof(text) || vtlb_scope_parse(text, len, s, &d))
		fail_msg("cannot read %s", path);
}

static inline void scope_load(struct vtlb_scope *s, const char *name)
{
	scope_load_from(s, "scopes", name);
}

#endif /* TEST_SEARCH_SHIPPED_H */
