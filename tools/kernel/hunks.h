/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The hunks of a patch, as the difference between two trees: fuzz, offsets and
 * several patches to one file have gone by then.
 */
#ifndef TOOLS_KERNEL_HUNKS_H
#define TOOLS_KERNEL_HUNKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cover_function;

/**
 * enum hunk_status - how far the code of a hunk came
 * @HUNK_NO_CODE: there is none: comments, documentation, declarations
 * @HUNK_NOT_COMPILED: no object was made from it, or its conditions leave it out
 * @HUNK_NOT_LINKED: compiled, but nothing that is linked has it
 * @HUNK_NOT_EXECUTED: linked, and no run came there
 */
enum hunk_status {
	HUNK_NO_CODE,
	HUNK_NOT_COMPILED,
	HUNK_NOT_LINKED,
	HUNK_NOT_EXECUTED,
	HUNK_EXECUTED,
};

/**
 * struct hunk_line - a line that was added or removed
 * @line: its number in the patched file, or in the base's
 * @code: more than space and comment
 * @directive: of the preprocessor
 * @linked, @dead: it made instructions that are linked, or that the linker dropped
 * @active: the preprocessor left it
 * @executed: some of its instructions were
 */
struct hunk_line {
	uint32_t line;
	bool added, code, directive, linked, dead, active, executed;
};

/**
 * struct hunk - a place that a patch changes
 * @file: below the tree
 * @line: number of its first changed line in the patched file
 * @function: as diff names it, or ""
 * @through: functions whose object code it changed, if it has no lines of its own; a list
 * @inside: it has none, and is between those of this function; or NULL
 */
struct hunk {
	char *file;
	uint32_t line;
	char *function;
	struct hunk_line *changed;
	size_t n, cap;
	enum hunk_status status;
	char *through;
	const struct cover_function *inside;
};

struct hunks {
	struct hunk *hunk;
	size_t n, cap;
};

/**
 * hunks_parse() - read what "diff -rupN base patched" says
 * @base, @patched: the folders, as they were given to diff
 */
void hunks_parse(struct hunks *h, const char *diff, const char *base, const char *patched);

/** hunks_mark_code() - fill .code and .directive of lines of @file, from its whole @text */
void hunks_mark_code(struct hunks *h, const char *file, const char *text, bool added);

void hunks_free(struct hunks *h);

/** hunk_is_source() - can code be made of this file: C and assembler, but not of tools */
bool hunk_is_source(const char *file);

/** hunk_is_build() - is it one of the files that say what is compiled */
bool hunk_is_build(const char *file);

/** hunk_status_name() - "no-code", "not-compiled" ... */
const char *hunk_status_name(enum hunk_status s);

#endif /* TOOLS_KERNEL_HUNKS_H */
