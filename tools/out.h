/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Where output goes: results to standard output, all else to standard error,
 * and with --json exactly one value on standard output, errors included.
 */
#ifndef TOOLS_OUT_H
#define TOOLS_OUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdnoreturn.h>

#include "vtlb/error.h"

/* Exit codes that are no verdict's; vtlb_verdict_exit() has the others. */
#define EXIT_USAGE 2
#define EXIT_INTERNAL 4

/**
 * struct out - how to write, for the whole process
 * @json: --json was given, even if the rest of the command line is wrong
 * @color: escape sequences may be written to standard output
 * @width: columns that tables and sentences may use
 * @hold: gets errors in place of standard error and output; may be NULL
 * @die: ends more than this process, for out_die(); may be NULL
 */
struct out {
	bool json;
	bool color;
	unsigned int width;
	void (*hold)(const char *file, uint32_t line, uint32_t column, const char *message);
	void (*die)(const char *message);
};

extern struct out out;

/**
 * out_init() - look at the terminal, NO_COLOR, COLUMNS and the command line
 */
void out_init(int argc, char **argv);

/**
 * out_error() - report an error: on standard error, and with --json on
 * standard output as well
 * @code: EXIT_USAGE or EXIT_INTERNAL
 * @file: file it is about, or NULL
 * @line, @column: from 1; 0: not known
 *
 * Return: @code, for "return out_error(...)".
 */
int out_error(int code, const char *file, uint32_t line, uint32_t column,
	      const char *fmt, ...) VTLB_PRINTF(5, 6);

/** out_die() - report an internal error and end the process with exit code 4 */
noreturn void out_die(const char *fmt, ...) VTLB_PRINTF(1, 2);

/** out_finish() - flush standard output; a full disk must not end in exit code 0 */
int out_finish(int code);

/** out_alloc() - zeroed memory; never NULL */
void *out_alloc(size_t n, size_t size);

/** out_grow() - make room for @need elements of @size bytes; never NULL */
void *out_grow(void *p, size_t *cap, size_t need, size_t size);

#endif /* TOOLS_OUT_H */
