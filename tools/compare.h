/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A comparison: the same operations on two implementations, what each of them
 * cost, and where they first part.
 */
#ifndef TOOLS_COMPARE_H
#define TOOLS_COMPARE_H

#include <jansson.h>

#include "judge.h"
#include "pair.h"
#include "table.h"
#include "walks.h"
#include "workload.h"

/* In what two steps differ. */
enum compare_in {
	COMPARE_OUTCOME = 1u << 0,	/* what the guest got, or could have got */
	COMPARE_VERDICT = 1u << 1,
	COMPARE_COST = 1u << 2,
};

/**
 * struct compared - one trace on both sides, or the sums of many walks
 * @file: the trace; of a workload the name is the workload's
 * @workload: or NULL
 * @walks: or NULL; if not, there are costs and nothing else
 * @side: A's judgement, then B's; steps are kept in the first one that differs
 * @in: OR of enum compare_in; 0: no difference
 * @step: first step that differs, from 1; 0: only the runs as a whole do
 */
struct compared {
	struct trace_file file;
	const struct workload *workload;
	const struct walks *walks;
	struct judgement *side;
	unsigned int in;
	uint32_t step;
};

/**
 * struct comparison - all that is compared
 * @name: what the two sides are called, never the same; owned
 * @j: judgements, two for each of .c
 * @first: the first of .c that differs, or NULL
 */
struct comparison {
	const struct vtlb_impl *impl[NR_SIDES];
	char *name[NR_SIDES];
	struct compared *c;
	struct judgement *j;
	const struct compared *first;
	uint64_t seed;
	size_t n;
};

/* What costs are called, in JSON and in tables, in the order of both. */
#define NR_COSTS 7u

extern const struct cost_field {
	const char *key;
	const char *words;
} cost_fields[NR_COSTS];

/** cost_get() - one of a judgement's costs, by its place in cost_fields */
uint64_t cost_get(const struct judgement *j, unsigned int field);

/**
 * compare_run() - judge .c[i] on both sides and find where they part
 *
 * Return: 0, or the exit code after the error was reported.
 */
int compare_run(struct comparison *cmp, size_t i, const struct cmd_judge *opt) VTLB_MUST_CHECK;

/** compare_steps() - in what two steps differ: OR of enum compare_in */
unsigned int compare_steps(const struct judge_step *a, const struct judge_step *b);

/** compare_print() - for people */
void compare_print(const struct comparison *cmp);

/** compare_print_costs() - the table of costs, and what its words mean */
void compare_print_costs(const struct comparison *cmp);

/** compare_print_steps() - step .step of @c and the @before steps before it, side by side */
void compare_print_steps(const struct comparison *cmp, const struct compared *c, uint32_t before);

/** compare_words() - append in what two steps differ: "outcome and cost" */
void compare_words(struct text *t, unsigned int in);

/** compare_style() - what a verdict is printed in */
enum style compare_style(enum vtlb_verdict v);

/** compare_json() - what "compare --json" prints */
json_t *compare_json(const struct comparison *cmp);

/** compare_json_step() - where and in what @c differs first, and what the sides did */
json_t *compare_json_step(const struct compared *c);

/** compare_json_costs() - B's costs minus A's */
json_t *compare_json_costs(const struct compared *c);

#endif /* TOOLS_COMPARE_H */
