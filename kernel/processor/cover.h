/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Which code was run: a breakpoint at each place that is asked about, which goes
 * when it is met, so that a run costs nothing more afterwards.
 */
#ifndef PROCESSOR_COVER_H
#define PROCESSOR_COVER_H

#include <stdbool.h>

/**
 * COVER_FILE - environment variable that names a file of 64-bit addresses of this
 * program's instructions, each named once; the highest bit of one is set when it is run.
 * The file is shared: several programs can work on it at a time.
 */
#define COVER_FILE "VTLB_COVER"

/** cover_begin() - set the breakpoints; code must be writable.  False: that file is of no use */
bool cover_begin(void);

/** cover_hit() - a breakpoint at @at was met: take it away.  False: it is none of these */
bool cover_hit(unsigned long at);

#endif /* PROCESSOR_COVER_H */
