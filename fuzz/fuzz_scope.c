/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Any bytes into the scope parser: it may refuse them, but with a place and a
 * reason; what it takes is an alphabet without repetitions, whose operations are
 * a trace in the scope's world that survives printing and parsing unchanged.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"

static void require(bool condition, const char *what, const char *text)
{
	if (condition)
		return;
	(void)fprintf(stderr, "fuzz_scope: %s\n%s\n", what, text ? text : "");
	abort();
}

static void check_ops(const struct vtlb_scope *s)
{
	require(s->nops && s->nops <= VTLB_MAX_ALPHABET, "an alphabet of no size", NULL);
	for (size_t i = 0; i < s->nops; i++) {
		struct vtlb_op canon = vtlb_op_canon(&s->world, s->ops[i]);

		require(vtlb_op_valid(&s->world, s->ops[i]), "an operation is not valid", NULL);
		require(!memcmp(&canon, &s->ops[i], sizeof(canon)), "an operation is not canonical",
			NULL);
		require(s->ops[i].code != VTLB_OP_ACCESS || !s->ops[i].imm, "an outcome is named",
			NULL);
		for (size_t k = 0; k < i; k++)
			require(memcmp(&s->ops[i], &s->ops[k], sizeof(canon)),
				"an operation is there twice", NULL);
	}
}

static void check_remarks(const struct vtlb_scope *s)
{
	require(memchr(s->about, '\0', sizeof(s->about)), "about has no end", NULL);
	require(s->nvacuous <= VTLB_SCOPE_VACUOUS, "too many vacuous rules", NULL);
	for (size_t i = 0; i < s->nvacuous; i++) {
		const struct vtlb_scope_vacuous *v = &s->vacuous[i];

		require(v->rule >= 0 && (unsigned int)v->rule < vtlb_nr_rules,
			"a vacuous rule is none", NULL);
		require(v->why[0] && memchr(v->why, '\0', sizeof(v->why)),
			"no reason for a vacuous rule", NULL);
	}
}

static void check_trace(const struct vtlb_scope *s)
{
	struct vtlb_trace t, u;
	struct vtlb_diag diag;
	char *text;
	size_t len;

	if (vtlb_scope_trace(s, s->ops, s->nops, &t))
		abort();
	require(!memcmp(&t.world, &s->world, sizeof(t.world)) && t.reading == s->reading,
		"the trace has another world", NULL);
	len = vtlb_trace_print(&t, NULL, 0);
	text = malloc(len + 1);
	if (!text)
		abort();
	(void)vtlb_trace_print(&t, text, len + 1);
	if (vtlb_trace_parse(text, len, &u, &diag)) {
		(void)fprintf(stderr, "%u:%u: %s\n", diag.line, diag.column, diag.message);
		require(false, "the printed trace does not parse", text);
	}
	require(!memcmp(&t.world, &u.world, sizeof(t.world)) && t.nops == u.nops &&
			!memcmp(t.ops, u.ops, t.nops * sizeof(*t.ops)),
		"printing and parsing changed the trace", text);
	vtlb_trace_free(&t);
	vtlb_trace_free(&u);
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct vtlb_scope s;
	struct vtlb_diag diag;
	const char *why;

	if (vtlb_scope_parse((const char *)data, size, &s, &diag)) {
		require(diag.message[0] && diag.line, "an error without a place or reason", NULL);
		return 0;
	}
	require(vtlb_world_check(&s.world, &why), "a parsed world is inconsistent", NULL);
	check_ops(&s);
	check_remarks(&s);
	check_trace(&s);
	vtlb_scope_free(&s);
	return 0;
}
