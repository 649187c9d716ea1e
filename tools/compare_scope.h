/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A comparison in a scope: what a search says of each side, the shortest sequences on
 * which the two differ, and what both spend on the same random walks.
 */
#ifndef TOOLS_COMPARE_SCOPE_H
#define TOOLS_COMPARE_SCOPE_H

#include "compare.h"
#include "differ.h"

/**
 * struct scope_difference - a difference, run through the check
 * @c: its trace on both sides, the last step the one that differs; .in is 0 if there
 *	is none
 * @access: the last step is an access, and @could: the outcomes that a side could give,
 *	@allowed: those that the contract allows
 * @extra: the scope has no such access
 */
struct scope_difference {
	struct compared c;
	struct judgement j[NR_SIDES];
	bool access, extra;
	struct vtlb_outset could[NR_SIDES], allowed;
	struct vtlb_mem mem;
};

/**
 * struct scope_comparison - all of it
 * @cmp: the sides and their names; one that is compared, which has the walks' costs
 * @args, @x: the search of each side, run one after the other
 * @ran: differences were looked for and walks made: both sides cover the scope's world
 */
struct scope_comparison {
	struct comparison cmp;
	struct explore_args args[NR_SIDES];
	struct explore *x[NR_SIDES];
	bool ran;
	struct differ differ;
	struct scope_difference outcome, cost;
	struct walks walks;
	struct compared walked;
	struct judgement j[NR_SIDES];
};

/**
 * compare_scope_run() - do it; fills all but .cmp.impl, .cmp.name, .args and what was
 * asked for of .walks
 *
 * Return: 0, or the exit code after the error was reported.
 */
int compare_scope_run(struct scope_comparison *s) VTLB_MUST_CHECK;

void compare_scope_free(struct scope_comparison *s);

/** compare_scope_bisimilar() - is it certain that no guest can tell the sides apart */
bool compare_scope_bisimilar(const struct scope_comparison *s);

/** compare_scope_print() - for people */
void compare_scope_print(const struct scope_comparison *s);

/** compare_scope_json() - what "compare --scope --json" prints */
json_t *compare_scope_json(const struct scope_comparison *s);

#endif /* TOOLS_COMPARE_SCOPE_H */
