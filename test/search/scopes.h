/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Scopes as traces whose operations are the alphabet: the tests of the search do
 * not depend on the files that users get.
 */
#ifndef VTLB_TEST_SCOPES_H
#define VTLB_TEST_SCOPES_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vtlb/trace.h"

#define SWITCH(root, pcid) \
	"cr3 " root " pcid=" pcid "\n" \
	"cr3 " root " pcid=" pcid " noflush\n"
#define INVPCIDS(pcid) \
	"invpcid addr user pcid=" pcid "\n" \
	"invpcid single pcid=" pcid "\n"
#define INVALL "invpcid all\n" "invpcid all-nonglobal\n" "invlpg user\n"
#define WRITES(root, a, b) \
	"write " root ".user = " a "\n" \
	"write " root ".user = " b "\n"
#define TINY_SWITCHES SWITCH("a", "0") SWITCH("a", "1") SWITCH("b", "0") SWITCH("b", "1")
#define TINY_WRITES WRITES("a", "f0", "f1") WRITES("b", "f0", "f1")
#define TINY_INVS INVPCIDS("0") INVPCIDS("1") INVALL

static const char scope_tiny[] =
	"vtlb-trace 1\n"
	"world features=pcid,invpcid\n"
	"roots a b\n"
	"page user private = f0, f1\n"
	TINY_SWITCHES TINY_WRITES "read user\n" TINY_INVS "cr4 ^= pcide\n";

/* One that fails to parse is a mistake in a test. */
static inline void scope_open(struct vtlb_trace *t, const char *text)
{
	struct vtlb_diag diag;

	if (vtlb_trace_parse(text, strlen(text), t, &diag) == VTLB_OK)
		return;
	fprintf(stderr, "scope:%u:%u: %s\n", diag.line, diag.column, diag.message);
	exit(2);
}

/* The bit for each operation that vtlb_world.ops has. */
static inline uint32_t scope_ops(const struct vtlb_trace *t)
{
	uint32_t ops = 0;

	for (size_t i = 0; i < t->nops; i++)
		ops |= 1u << t->ops[i].code;
	return ops;
}

#endif /* VTLB_TEST_SCOPES_H */
