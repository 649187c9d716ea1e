/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What goes on while a search runs: the clock, Ctrl-C, and one line on the
 * terminal that says how far it is.
 */
#ifndef TOOLS_PROGRESS_H
#define TOOLS_PROGRESS_H

#include <stdbool.h>

/**
 * progress_begin() - start the clock; from now on SIGINT and SIGTERM ask for a
 * stop, and a second one ends the process
 * @quiet: no line, even on a terminal
 */
void progress_begin(bool quiet);

/** progress_end() - take the line away, and signals do again what they did */
void progress_end(void);

/** progress_seconds() - since progress_begin() */
double progress_seconds(void);

/** progress_interrupted() - was a stop asked for */
bool progress_interrupted(void);

/** progress_due() - is there a terminal, and is the line a quarter of a second old */
bool progress_due(void);

/** progress_show() - put @line in place of the last one, cut to the terminal's width */
void progress_show(const char *line);

/** progress_clear() - take the line away, for a message */
void progress_clear(void);

#endif /* TOOLS_PROGRESS_H */
