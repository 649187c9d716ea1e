/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The trace language: a world, operations and expectations as text; parsing,
 * printing, running against an implementation, and shrinking.
 */
#ifndef VTLB_TRACE_H
#define VTLB_TRACE_H

#include "vtlb/check.h"

enum vtlb_expect_kind {
	VTLB_EXP_MAY,		/* V is among the outcomes */
	VTLB_EXP_ONLY,		/* V is the only outcome */
	VTLB_EXP_NEVER,		/* V is not among the outcomes */
	VTLB_EXP_FAULT,		/* the operation above ended so */
	VTLB_EXP_HOLDS,		/* no violation so far */
	VTLB_EXP_VIOLATES,	/* a violation of .rule whose guilty step is .step */
};

/**
 * struct vtlb_expect - one expect line; refers to the state after .after_step
 * @kind: enum vtlb_expect_kind
 * @contract: MAY, ONLY, NEVER: about the allowed outcomes
 * @vcpu, @page: MAY, ONLY, NEVER
 * @kinds: bit (1 << enum vtlb_kind) for each access that it is about
 * @want: the outcome values asked for, as a set; frames alone if "v = f1"
 *	(a dirtied outcome in that frame counts as the frame)
 * @fault: FAULT: enum vtlb_fault
 * @rule, @step: VIOLATES
 * @line: source line, from 1
 */
struct vtlb_expect {
	uint8_t kind;
	uint8_t contract;
	uint8_t vcpu;
	uint8_t page;
	uint8_t kinds;
	uint8_t fault;
	int16_t rule;
	uint32_t step;
	uint32_t after_step;
	uint32_t line;
	struct vtlb_outset want;
};

/**
 * struct vtlb_trace - a parsed trace; owns its arrays
 * @reading: enum vtlb_reading (header word reading=; default rely)
 * @has_vendor: the header named a vendor
 * @line: source line of each operation; NULL for generated traces
 */
struct vtlb_trace {
	struct vtlb_world world;
	uint8_t reading;
	size_t nops, nexpects;
	struct vtlb_op *ops;
	uint32_t *line;
	struct vtlb_expect *expects;
};

/**
 * struct vtlb_diag - where and why text was refused
 * @line, @column: from 1 (0: the file as a whole)
 * @message: what is there and what was expected
 */
struct vtlb_diag {
	uint32_t line;
	uint32_t column;
	char message[200];
};

/**
 * vtlb_trace_parse() - read a trace
 * @text: need not be NUL-terminated
 * @len: its length
 * @t: filled on success; free with vtlb_trace_free()
 * @diag: filled on failure
 *
 * Return: VTLB_OK, VTLB_E_PARSE, VTLB_E_WORLD, VTLB_E_LIMIT or VTLB_E_NOMEM.
 * Empty or truncated text is an error.
 */
enum vtlb_err vtlb_trace_parse(const char *text, size_t len, struct vtlb_trace *t,
			       struct vtlb_diag *diag) VTLB_MUST_CHECK;

void vtlb_trace_free(struct vtlb_trace *t);

/**
 * vtlb_trace_print() - canonical text; parsing it gives an equal trace
 *
 * Return: length without the limit, as snprintf.
 */
size_t vtlb_trace_print(const struct vtlb_trace *t, char *buf, size_t cap);

/**
 * vtlb_op_print() - one operation in the trace language, without a newline
 * vtlb_outcome_print() - one outcome ("f1", "#PF(P W)", "identity")
 * vtlb_outset_print() - a set of outcomes ("f1, f2 or #PF(P)"; "nothing")
 * vtlb_kind_name() - "user read", "supervisor write with AC=1", ...
 *
 * @mem: present page tables, to name the frame of a dirtied outcome; may be NULL
 * Return (prints): length without the limit, as snprintf.
 */
size_t vtlb_op_print(const struct vtlb_world *w, struct vtlb_op op, char *buf, size_t cap);
size_t vtlb_outcome_print(const struct vtlb_world *w, const struct vtlb_mem *mem,
			  unsigned int page, uint32_t outcome, char *buf, size_t cap);
size_t vtlb_outset_print(const struct vtlb_world *w, const struct vtlb_mem *mem,
			 unsigned int page, const struct vtlb_outset *set,
			 char *buf, size_t cap);
const char *vtlb_kind_name(enum vtlb_kind kind);

/**
 * struct vtlb_run_config - how to run a trace
 * @impl: what to judge
 * @vendor: enum vtlb_vendor, or -1: the trace's
 * @reading: enum vtlb_reading, or -1: the trace's
 * @waive: waivers in force
 * @flags: OR of enum vtlb_check_flag
 */
struct vtlb_run_config {
	const struct vtlb_impl *impl;
	int vendor;
	int reading;
	uint32_t waive;
	uint32_t flags;
};

#define VTLB_RUN_EXPECTS 64	/* failed expectations that are kept */

/**
 * struct vtlb_run_result - what running a trace gave
 * @verdict: after the deviation analysis (section 9)
 * @violation: valid if .verdict is VIOLATES, DEVIATES or AMBIGUOUS
 * @has_violation: see above
 * @passed, @failed: expectations
 * @failed_expect: indices of the first VTLB_RUN_EXPECTS failed ones
 * @unexpected: a violation that no "expect violates" names
 * @stopped_at: step at which an UNSUPPORTED or INCOMPLETE run stopped, or 0
 * @why: static sentence for UNSUPPORTED and INCOMPLETE, or NULL
 * @cost: of the first branch
 */
struct vtlb_run_result {
	enum vtlb_verdict verdict;
	bool has_violation;
	bool unexpected;
	struct vtlb_violation violation;
	uint32_t passed, failed;
	uint32_t failed_expect[VTLB_RUN_EXPECTS];
	uint32_t stopped_at;
	const char *why;
	struct vtlb_cost cost;
};

/**
 * vtlb_run_step_fn - called after each step of a run; false stops the run
 * @ctx: the caller's
 * @step: from 1
 * @rep: what the step did
 * @k: the check, for vtlb_check_outcomes() and the like
 */
typedef bool (*vtlb_run_step_fn)(void *ctx, uint32_t step, const struct vtlb_step_report *rep,
				 const struct vtlb_check *k);

/**
 * vtlb_trace_run() - run a trace against one implementation
 * @fn: may be NULL; called only in the first, strict pass
 *
 * A violation that disappears with known deviations waived turns VIOLATES
 * into DEVIATES, and .violation.waiver names the smallest set that does it.
 *
 * Return: VTLB_OK (whatever the verdict), VTLB_E_NOMEM.
 */
enum vtlb_err vtlb_trace_run(const struct vtlb_trace *t, const struct vtlb_run_config *cfg,
			     vtlb_run_step_fn fn, void *ctx,
			     struct vtlb_run_result *res) VTLB_MUST_CHECK;

/**
 * vtlb_trace_ok() - does a result satisfy the trace: every expectation held and
 * every violation was named by an "expect violates"; a trace without
 * expectations is satisfied by HOLDS and AMBIGUOUS
 */
bool vtlb_trace_ok(const struct vtlb_trace *t, const struct vtlb_run_result *res);

/**
 * vtlb_trace_shrink() - remove operations while verdict and guilty rule stay
 * @t: changed in place; expectations are dropped and replaced by one
 *	"expect violates" with the shrunk trace's rule and step
 *
 * When it returns, no single operation can be removed.
 *
 * Return: VTLB_OK; VTLB_E_UNSUPPORTED when @t does not fail; VTLB_E_NOMEM.
 */
enum vtlb_err vtlb_trace_shrink(struct vtlb_trace *t, const struct vtlb_run_config *cfg,
				struct vtlb_run_result *res) VTLB_MUST_CHECK;

#endif /* VTLB_TRACE_H */
