/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The scopes that ship.  They are part of the command, so that it finds them
 * wherever it was installed and whatever lies beside it.
 */
#ifndef VTLB_TOOLS_SCOPES_H
#define VTLB_TOOLS_SCOPES_H

/* One file of scopes/; the table is made at build time. */
struct scope_file {
	const char *name;
	const char *text;
};

extern const struct scope_file scope_files[];
extern const unsigned int scope_files_n;

/* The text of the scope of that name; NULL: none ships. */
const char *scope_text(const char *name);

/* Names by number, for lists; NULL after the last. */
const char *scope_name(unsigned int i);

#endif /* VTLB_TOOLS_SCOPES_H */
