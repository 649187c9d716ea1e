/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Files in and out: the only place of the command that opens them.
 */
#ifndef TOOLS_FILE_H
#define TOOLS_FILE_H

#include "vtlb/scope.h"

/**
 * struct trace_file - a trace that was read and parsed
 * @name: as on the command line; "-" is standard input
 * @text, @len: what the file says, for quoting lines
 */
struct trace_file {
	const char *name;
	char *text;
	size_t len;
	struct vtlb_trace trace;
};

/**
 * file_load_trace() - read and parse
 *
 * Return: 0, or the exit code after the error was reported.
 */
int file_load_trace(const char *name, struct trace_file *f) VTLB_MUST_CHECK;

void file_free_trace(struct trace_file *f);

/**
 * file_line() - a source line without its indentation and comment
 * @line: from 1
 * @len: receives its length
 */
const char *file_line(const struct trace_file *f, uint32_t line, size_t *len);

/**
 * file_save() - write @text to @name ("-": standard output)
 *
 * Return: 0, or the exit code after the error was reported.
 */
int file_save(const char *name, const char *text) VTLB_MUST_CHECK;

/**
 * file_load_scope() - the scope of that name that ships, or, if @name has a '/'
 * or ends in .scope, the one in that file
 *
 * Return: 0, or the exit code after the error was reported; free with
 * vtlb_scope_free().
 */
int file_load_scope(const char *name, struct vtlb_scope *s) VTLB_MUST_CHECK;

/** file_hash() - XXH3 of a file that can be read; of several, one's is the next's seed */
uint64_t file_hash(const char *name, uint64_t seed);

/**
 * file_check_writable() - before hours of work: could @name be written
 *
 * Return: 0, or the exit code after the error was reported.
 */
int file_check_writable(const char *name) VTLB_MUST_CHECK;

/** file_trace_text() - canonical text of a trace, to be freed */
char *file_trace_text(const struct vtlb_trace *t);

#endif /* TOOLS_FILE_H */
