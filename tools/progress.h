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
 * stop, and a second one ends the process; SIGUSR1, which batch systems and mpirun
 * hand on, asks for a stop as well
 * @quiet: no line, even on a terminal
 * @every: without a terminal, a line after so many seconds; 0: none
 */
void progress_begin(bool quiet, double every);

/** progress_end() - take the line away, and signals do again what they did */
void progress_end(void);

/** progress_seconds() - since progress_begin() */
double progress_seconds(void);

/** progress_interrupted() - was a stop asked for */
bool progress_interrupted(void);

/** progress_due() - is somebody to see a new line, and the last one old enough */
bool progress_due(void);

/** progress_show() - on a terminal put @line in place of the last one, cut to its width */
void progress_show(const char *line);

/** progress_clear() - take the line away, for a message */
void progress_clear(void);

#endif /* TOOLS_PROGRESS_H */
