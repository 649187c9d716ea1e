/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Layout of tables: natural widths first, then the widest column gives way
 * until the row fits or nothing can be folded any further.
 */
#define _GNU_SOURCE
#include "table.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "out.h"

#define GAP 2u
#define NARROWEST 10u

const char *style_begin(enum style style)
{
	static const char *const seq[] = {
		[STYLE_PLAIN] = "",	   [STYLE_HEAD] = "\033[1m",  [STYLE_GOOD] = "\033[32m",
		[STYLE_WARN] = "\033[33m", [STYLE_BAD] = "\033[31m", [STYLE_DIM] = "\033[2m",
	};

	return out.color ? seq[style] : "";
}

const char *style_end(enum style style)
{
	return out.color && style != STYLE_PLAIN ? "\033[0m" : "";
}

void table_cell(struct table *t, enum style style, const char *fmt, ...)
{
	char *text;
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&text, fmt, ap) < 0)
		out_die("out of memory");
	va_end(ap);
	/* A file name must not be able to move the cursor. */
	for (char *p = text; *p; p++)
		if ((unsigned char)*p < ' ' && *p != '\n')
			*p = '?';
	t->cell = out_grow(t->cell, &t->cap, t->ncells + 1, sizeof(*t->cell));
	t->cell[t->ncells++] = (struct table_cell){ .text = text, .style = style };
}

void table_head(struct table *t, unsigned int n, const char *const *heads)
{
	memset(t, 0, sizeof(*t));
	t->ncolumns = n;
	for (unsigned int i = 0; i < n; i++)
		table_cell(t, STYLE_HEAD, "%s", heads[i]);
}

static unsigned int cell_width(const char *s)
{
	unsigned int widest = 0;

	while (*s) {
		size_t n = strcspn(s, "\n");
		unsigned int w = text_width(s, n);

		widest = w > widest ? w : widest;
		s += n + (s[n] != '\0');
	}
	return widest;
}

static unsigned int natural(const struct table *t, unsigned int *width)
{
	unsigned int sum = (t->ncolumns - 1) * GAP;

	for (unsigned int c = 0; c < t->ncolumns; c++) {
		width[c] = 1;
		for (size_t i = c; i < t->ncells; i += t->ncolumns) {
			unsigned int w = cell_width(t->cell[i].text);

			width[c] = w > width[c] ? w : width[c];
		}
		sum += width[c];
	}
	return sum;
}

unsigned int table_natural_width(const struct table *t)
{
	unsigned int width[TABLE_MAX_COLUMNS];

	return natural(t, width);
}

static void squeeze(const struct table *t, unsigned int *width)
{
	unsigned int sum = natural(t, width);

	while (sum > out.width) {
		unsigned int widest = 0;

		for (unsigned int c = 1; c < t->ncolumns; c++)
			widest = width[c] > width[widest] ? c : widest;
		if (width[widest] <= NARROWEST)
			break;
		width[widest]--;
		sum--;
	}
}

static void print_row(const struct table *t, const struct table_cell *row,
		      const unsigned int *width)
{
	const char *rest[TABLE_MAX_COLUMNS];
	bool more = true;

	for (unsigned int c = 0; c < t->ncolumns; c++)
		rest[c] = row[c].text;
	while (more) {
		unsigned int pad = 0;

		more = false;
		for (unsigned int c = 0; c < t->ncolumns; c++) {
			const char *next;
			size_t n = text_fold(rest[c], width[c], &next);

			/* Padding waits for text, so lines have no trailing blanks. */
			if (n) {
				printf("%*s%s%.*s%s", (int)pad, "", style_begin(row[c].style),
				       (int)n, rest[c], style_end(row[c].style));
				pad = 0;
			}
			pad += width[c] - text_width(rest[c], n) + GAP;
			rest[c] = next;
			more |= *next != '\0';
		}
		putchar('\n');
	}
}

void table_print(const struct table *t)
{
	unsigned int width[TABLE_MAX_COLUMNS] = { 0 };

	squeeze(t, width);
	print_row(t, t->cell, width);
	for (unsigned int c = 0; c < t->ncolumns; c++) {
		for (unsigned int i = 0; i < width[c]; i++)
			putchar('-');
		fputs(c + 1 < t->ncolumns ? "  " : "\n", stdout);
	}
	for (size_t i = t->ncolumns; i + t->ncolumns <= t->ncells; i += t->ncolumns)
		print_row(t, t->cell + i, width);
}

void table_free(struct table *t)
{
	for (size_t i = 0; i < t->ncells; i++)
		free(t->cell[i].text);
	free(t->cell);
	memset(t, 0, sizeof(*t));
}
