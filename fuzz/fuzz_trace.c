/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Any bytes into the trace parser: it may refuse them, but with a place and a
 * reason; what it takes must survive printing and parsing unchanged.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"

static void require(bool condition, const char *what, const char *text)
{
	if (condition)
		return;
	(void)fprintf(stderr, "fuzz_trace: %s\n%s\n", what, text ? text : "");
	abort();
}

static bool same_expects(const struct vtlb_trace *a, const struct vtlb_trace *b)
{
	for (size_t i = 0; i < a->nexpects; i++) {
		struct vtlb_expect x = a->expects[i], y = b->expects[i];

		x.line = 0;
		y.line = 0;
		if (memcmp(&x, &y, sizeof(x)))
			return false;
	}
	return true;
}

static bool same(const struct vtlb_trace *a, const struct vtlb_trace *b)
{
	return !memcmp(&a->world, &b->world, sizeof(a->world)) && a->reading == b->reading &&
	       a->nops == b->nops && a->nexpects == b->nexpects &&
	       (!a->nops || !memcmp(a->ops, b->ops, a->nops * sizeof(*a->ops))) &&
	       same_expects(a, b);
}

static void round_trip(const struct vtlb_trace *t)
{
	size_t len = vtlb_trace_print(t, NULL, 0);
	char *text = malloc(len + 1), *again = malloc(len + 1);
	struct vtlb_diag diag;
	struct vtlb_trace u;

	if (!text || !again)
		abort();
	require(vtlb_trace_print(t, text, len + 1) == len, "two lengths for one trace", text);
	if (vtlb_trace_parse(text, len, &u, &diag)) {
		(void)fprintf(stderr, "%u:%u: %s\n", diag.line, diag.column, diag.message);
		require(false, "printed text does not parse", text);
	}
	require(same(t, &u), "printing and parsing changed a trace", text);
	(void)vtlb_trace_print(&u, again, len + 1);
	require(!strcmp(text, again), "canonical text is not canonical", text);
	vtlb_trace_free(&u);
	free(text);
	free(again);
}

static void check_ops(const struct vtlb_trace *t)
{
	for (size_t i = 0; i < t->nops; i++) {
		struct vtlb_op canon = vtlb_op_canon(&t->world, t->ops[i]);

		require(vtlb_op_valid(&t->world, t->ops[i]), "an operation is not valid", NULL);
		require(!memcmp(&canon, &t->ops[i], sizeof(canon)), "an operation is not canonical",
			NULL);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct vtlb_trace t;
	struct vtlb_diag diag;
	const char *why;

	if (vtlb_trace_parse((const char *)data, size, &t, &diag)) {
		require(diag.message[0] && diag.line, "an error without a place or reason", NULL);
		return 0;
	}
	require(vtlb_world_check(&t.world, &why), "a parsed world is inconsistent", NULL);
	check_ops(&t);
	round_trip(&t);
	vtlb_trace_free(&t);
	return 0;
}
