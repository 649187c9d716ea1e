/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Text that grows while it is composed, and text folded to a width: what
 * tables and sentences are both made of.
 */
#ifndef TOOLS_TEXT_H
#define TOOLS_TEXT_H

#include <stddef.h>
#include <stdio.h>

#include "vtlb/error.h"

/**
 * struct text - a growing string; zero-initialised is empty
 * @s: NUL-terminated, or NULL while empty
 */
struct text {
	char *s;
	size_t len;
	size_t cap;
};

/** text_add() - append as printf does */
void text_add(struct text *t, const char *fmt, ...) VTLB_PRINTF(2, 3);

/** text_list() - append @item, after a separator if @t is not empty */
void text_list(struct text *t, const char *separator, const char *item);

/** text_str() - the text, "" while empty */
const char *text_str(const struct text *t);

void text_free(struct text *t);

/** text_width() - columns that the first @len bytes take (one a code point) */
unsigned int text_width(const char *s, size_t len);

/**
 * text_fold() - how much of @s goes on one line
 * @s: rest of the text
 * @width: columns
 * @next: receives the start of the following line
 *
 * Breaks at spaces and newlines, in a word only if it is longer than a line.
 *
 * Return: bytes of this line.
 */
size_t text_fold(const char *s, unsigned int width, const char **next);

/** text_print() - write @s folded to @width, each line after @indent spaces */
void text_print(FILE *f, unsigned int indent, unsigned int width, const char *s);

#endif /* TOOLS_TEXT_H */
