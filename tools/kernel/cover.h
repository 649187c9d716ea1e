/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Did a run execute what a patch changes: places to watch in both programs, and
 * what their having been reached, or not, says about each hunk.
 */
#ifndef TOOLS_KERNEL_COVER_H
#define TOOLS_KERNEL_COVER_H

#include "hunks.h"
#include "lines.h"
#include "objects.h"
#include "vtlb/error.h"

enum { SIDE_BASE, SIDE_PATCHED, SIDES };

/**
 * struct cover_side - one of the two programs
 * @folder: what the kit wrote about it
 * @watch: file of addresses, for child_start()
 * @point, @npoints: the addresses, in their order; the highest bit: it was reached
 */
struct cover_side {
	const char *folder;
	char *watch;
	struct lines lines;
	uint64_t *point;
	size_t npoints, cap;
};

/**
 * struct cover_function - a function that changed though none of its lines did
 * @at: its address on each side; 0: it is not linked there
 */
struct cover_function {
	const char *name;
	uint64_t at[SIDES];
};

struct cover {
	struct hunks hunks;
	struct changed changed;
	struct cover_function *function;
	size_t nfunctions;
	struct cover_side side[SIDES];
};

/**
 * cover_plan() - compare two folders of the kit
 *
 * Return: 0, or the exit code after the error was reported.
 */
int cover_plan(struct cover *c, const char *base, const char *patched) VTLB_MUST_CHECK;

/** cover_judge() - read what was reached, and decide on each hunk */
void cover_judge(struct cover *c);

/** cover_ok() - was everything that counts executed */
bool cover_ok(const struct cover *c);

/** cover_counts() - does a hunk count: has it code, or has none any */
bool cover_counts(const struct cover *c, const struct hunk *h);

void cover_free(struct cover *c);

#endif /* TOOLS_KERNEL_COVER_H */
