/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Reports for people: the step table of one run, the verdict table of many.
 */
#ifndef TOOLS_REPORT_H
#define TOOLS_REPORT_H

#include "judge.h"

/**
 * step_contract() / step_implementation() - append what a row of the step table
 * says of the rules that apply, and of what the implementation did
 */
void step_contract(struct text *c, const struct judgement *j, const struct judge_step *s);
void step_implementation(struct text *x, const struct judge_step *s);

/** report_steps() - the step table of a judgement that kept its steps */
void report_steps(const struct judgement *j);

/**
 * report_verdicts() - verdicts of @ntraces x @nimpls judgements, trace by trace
 */
void report_verdicts(const struct judgement *j, size_t ntraces, size_t nimpls);

/** report_scope() - what the verdicts above cover and what they do not */
void report_scope(const struct judgement *j, size_t n);

#endif /* TOOLS_REPORT_H */
