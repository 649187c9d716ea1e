/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Scopes: a world and the alphabet of operations that a search may use, as text.
 * The language is that of traces, except that operations are a set, not a sequence.
 */
#ifndef VTLB_SCOPE_H
#define VTLB_SCOPE_H

#include "vtlb/explore.h"
#include "vtlb/trace.h"

#define VTLB_SCOPE_ABOUT 512
#define VTLB_SCOPE_VACUOUS 32
#define VTLB_SCOPE_WHY 160

/**
 * struct vtlb_scope_vacuous - something that is expected never to do anything
 * @rule: index of the record
 * @why: the scope file's reason
 */
struct vtlb_scope_vacuous {
	int16_t rule;
	char why[VTLB_SCOPE_WHY];
};

/**
 * struct vtlb_scope - a parsed scope; owns .ops
 * @world: .ops of it is 0; vtlb_explore() sets that in a copy
 * @reading: enum vtlb_reading of the header
 * @about: the sentences of "about" lines, joined by blanks
 * @by_table: a search should look into one leaf table at a time ("by-table")
 * @nops, @ops: the alphabet in the file's order; no operation occurs twice
 */
struct vtlb_scope {
	struct vtlb_world world;
	uint8_t reading;
	bool by_table;
	char about[VTLB_SCOPE_ABOUT];
	size_t nops;
	struct vtlb_op *ops;
	size_t nvacuous;
	struct vtlb_scope_vacuous vacuous[VTLB_SCOPE_VACUOUS];
};

/**
 * vtlb_scope_parse() - read a scope; parameters and errors as vtlb_trace_parse()
 */
enum vtlb_err vtlb_scope_parse(const char *text, size_t len, struct vtlb_scope *s,
			       struct vtlb_diag *diag) VTLB_MUST_CHECK;

void vtlb_scope_free(struct vtlb_scope *s);

/**
 * vtlb_scope_trace() - a trace in a scope's world
 * @ops: operations, of the scope's world; copied
 *
 * Return: VTLB_OK or VTLB_E_NOMEM; free with vtlb_trace_free().
 */
enum vtlb_err vtlb_scope_trace(const struct vtlb_scope *s, const struct vtlb_op *ops,
			       size_t n, struct vtlb_trace *t) VTLB_MUST_CHECK;

#endif /* VTLB_SCOPE_H */
