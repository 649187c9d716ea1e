/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Which instructions came from which source line: a program's line table
 * (DWARF, .debug_line).
 */
#ifndef TOOLS_KERNEL_LINES_H
#define TOOLS_KERNEL_LINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * struct lines_row - some instructions of one line
 * @at: address of the first; in code that the linker dropped below .text
 * @size: bytes, at least 1
 * @file: index in .file
 */
struct lines_row {
	uint64_t at;
	uint32_t size;
	uint32_t file;
	uint32_t line;
};

/**
 * struct lines - the table
 * @text, @text_end: addresses between which linked code lies
 */
struct lines {
	struct lines_row *row;
	size_t n, cap;
	char **file;
	size_t nfiles, files_cap;
	uint64_t text, text_end;
};

/** lines_read() - false: the program has no such table, or a damaged one */
bool lines_read(struct lines *l, const char *program);
void lines_free(struct lines *l);

/** lines_live() - was what the row is about linked */
bool lines_live(const struct lines *l, const struct lines_row *row);

#endif /* TOOLS_KERNEL_LINES_H */
