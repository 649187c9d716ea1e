/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Sentences: what a verdict means, for a reader who has only the trace and the
 * manual at hand.
 */
#ifndef TOOLS_EXPLAIN_H
#define TOOLS_EXPLAIN_H

#include "judge.h"

/** explain_step() - append 'step 7 (line 12: "cr4 |= pcide")' */
void explain_step(struct text *t, const struct trace_file *f, uint32_t step);

/**
 * explain_violations() - explain each distinct violation once, naming every
 * implementation that shows it
 */
void explain_violations(const struct judgement *j, size_t n);

/** explain_all() - the same, and each failed expectation */
void explain_all(const struct judgement *j, size_t n);

#endif /* TOOLS_EXPLAIN_H */
