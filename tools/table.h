/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Tables for people: columns as narrow as their contents, cells folded when
 * the terminal is narrower than that, colour only where it is wanted.
 */
#ifndef TOOLS_TABLE_H
#define TOOLS_TABLE_H

#include "text.h"

#define TABLE_MAX_COLUMNS 32

enum style {
	STYLE_PLAIN = 0,
	STYLE_HEAD,
	STYLE_GOOD,
	STYLE_WARN,
	STYLE_BAD,
	STYLE_DIM,
};

struct table_cell {
	char *text;
	enum style style;
};

/**
 * struct table - rows of cells; zero-initialised but for .ncolumns
 */
struct table {
	unsigned int ncolumns;
	struct table_cell *cell;
	size_t ncells;
	size_t cap;
};

/** table_head() - begin a table with @n column heads */
void table_head(struct table *t, unsigned int n, const char *const *heads);

/** table_cell() - the next cell; a row ends by itself after its last column */
void table_cell(struct table *t, enum style style, const char *fmt, ...) VTLB_PRINTF(3, 4);

/** table_natural_width() - columns of the terminal that it takes without folding */
unsigned int table_natural_width(const struct table *t);

/** table_print() - write the table to standard output, at most out.width wide */
void table_print(const struct table *t);

void table_free(struct table *t);

/** style_begin() / style_end() - escape sequences, "" without colour */
const char *style_begin(enum style style);
const char *style_end(enum style style);

#endif /* TOOLS_TABLE_H */
