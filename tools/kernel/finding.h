/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What a check of a patch can find, and the verdict that follows: nothing in here
 * runs anything.
 */
#ifndef TOOLS_KERNEL_FINDING_H
#define TOOLS_KERNEL_FINDING_H

#include <jansson.h>
#include <stdbool.h>

#include "text.h"
#include "vtlb/check.h"

/**
 * struct shown - what one program showed on some operations
 * @verdict: of "vtlb check"
 * @violation: the JSON of its violation, which this refers to; or NULL
 * @deviation: names of the deviations that explain it, or ""
 * @why: why there was no answer, or ""
 * @stopped_at: step at which it stopped without one, or 0
 * @unmodelled: it needed a kernel function that is not there
 * @died: the process itself ended by what the code did
 * @crash: what it said of a crash, WARN or BUG, and where, without numbers, which a patch
 *	moves; or ""
 */
struct shown {
	enum vtlb_verdict verdict;
	json_t *violation;
	const char *deviation, *why;
	unsigned int stopped_at;
	bool unmodelled, died;
	char crash[256];
};

/** shown_read() - from a result of "vtlb check --json" or "vtlb explore --json" */
void shown_read(struct shown *s, json_t *result);

/** shown_fails() - is it a failure, a known deviation or not */
bool shown_fails(const struct shown *s);

/** shown_crashed() - is it one that the host would not survive */
bool shown_crashed(const struct shown *s);

/** shown_at_boot() - did it crash while KVM started */
bool shown_at_boot(const struct shown *s);

/** shown_alike() - do two traces of one program show the same failure, at whatever step */
bool shown_alike(const struct shown *a, const struct shown *b);

/** shown_same() - do both show the same failure on the same operations */
bool shown_same(const struct shown *a, const struct shown *b);

/**
 * enum finding_class - what a failure means for a patch
 * @FINDING_NONE: nothing fails
 * @FINDING_NEW: the patched code fails and the base does not, or not so
 * @FINDING_BASE: the base fails in the same way
 * @FINDING_KNOWN: so it does, and it is a recorded deviation
 * @FINDING_FIXED: only the base fails
 * @FINDING_UNSURE: both fail, each in its way: a shorter trace has to tell
 * @FINDING_NO_ANSWER: the patched code gave none
 * @FINDING_NOT_COVERED: neither did, because the operations' world is not covered
 */
enum finding_class {
	FINDING_NONE,
	FINDING_NEW,
	FINDING_BASE,
	FINDING_KNOWN,
	FINDING_FIXED,
	FINDING_UNSURE,
	FINDING_NO_ANSWER,
	FINDING_NOT_COVERED,
};

/**
 * finding_classify() - compare
 * @base: NULL: there is none, so that known deviations are waived and all else is new
 */
enum finding_class finding_classify(const struct shown *base, const struct shown *patched);

/**
 * struct finding - one failure
 * @source: "boot", "trace", "search", "workload" or "walk"
 * @name: of the trace or workload, or of the scope
 * @file: a trace that shows it
 * @text: one sentence
 * @said: what the program wrote on standard error: WARN, BUG, crash; or ""
 * @violation: as "vtlb check --json" has it, or NULL
 */
struct finding {
	enum finding_class class;
	const char *source;
	char *name, *file, *text, *said;
	json_t *violation;
};

/** finding_text() - append what a failure is, in a sentence without a full stop */
void finding_text(struct text *t, const struct shown *s);

/** finding_free() - what a finding owns */
void finding_free(struct finding *f);

/**
 * struct verdict_facts - what the verdict on a patch depends on
 * @new_findings: failures that the base does not show
 * @exercised: what the patch changes was executed, or there is no patch
 * @unfinished: traces, and searches of the default, without an answer
 */
struct verdict_facts {
	size_t new_findings;
	bool exercised;
	size_t unfinished;
};

/** finding_verdict() - the first that applies: violates, not-exercised, incomplete, holds */
enum vtlb_verdict finding_verdict(const struct verdict_facts *f);

#endif /* TOOLS_KERNEL_FINDING_H */
