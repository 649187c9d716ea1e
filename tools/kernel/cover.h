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
#include "places.h"
#include "vtlb/error.h"

enum { SIDE_BASE, SIDE_PATCHED, SIDES };

/**
 * struct cover_side - one of the two programs
 * @folder: what the kit wrote about it
 * @root: folder of the source tree that it was made from
 * @made: lines of an object, a tab, and a file below the root that it was made from
 * @watch: file of addresses, for child_start()
 * @point, @npoints: the addresses, in their order; the highest bit: it was reached
 */
struct cover_side {
	const char *folder;
	char *root, *made;
	char *watch;
	struct lines lines;
	struct places places;
	uint64_t *point;
	size_t npoints, cap;
};

/**
 * struct cover_function - a function that changed though none of its lines did
 * @at, @size: its address and bytes on each side; 0: it is not linked there
 * @unsure: it is linked, but at which of several addresses is not known
 * @taken: a hunk between its lines changed it
 */
struct cover_function {
	const char *object, *name;
	uint64_t at[SIDES], size[SIDES];
	bool unsure, taken;
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

/** cover_same_file() - is @path, from a line table, the file @file below the folder @root */
bool cover_same_file(const char *path, const char *root, const char *file);

/** cover_is_made() - was @object made from @file; @made: as in struct cover_side */
bool cover_is_made(const char *made, const char *object, const char *file);

/** cover_judge() - read what was reached, and decide on each hunk */
void cover_judge(struct cover *c);

/** cover_ok() - was everything that counts executed */
bool cover_ok(const struct cover *c);

/** cover_counts() - does a hunk count: has it code, or has none any */
bool cover_counts(const struct cover *c, const struct hunk *h);

void cover_free(struct cover *c);

#endif /* TOOLS_KERNEL_COVER_H */
