/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The check: runs contract and implementation side by side, compares after
 * every operation, and says which step and which rule a violation goes back to.
 */
#ifndef VTLB_CHECK_H
#define VTLB_CHECK_H

#include "vtlb/contract.h"
#include "vtlb/error.h"
#include "vtlb/impl.h"

/**
 * enum vtlb_verdict - worst last, so that the worst of several is their maximum
 */
enum vtlb_verdict {
	VTLB_HOLDS = 0,
	VTLB_AMBIGUOUS,		/* fails only under the owe reading */
	VTLB_V_UNSUPPORTED,	/* world or operation is not covered */
	VTLB_VACUOUS,
	VTLB_NOT_EXERCISED,
	VTLB_INCOMPLETE,	/* a limit stopped it before an answer */
	VTLB_DEVIATES,		/* fails strictly, holds with known deviations waived */
	VTLB_VIOLATES,
	VTLB_ERROR,
	VTLB_NR_VERDICTS
};

/** vtlb_verdict_name() - "holds", "violates", ... (static) */
const char *vtlb_verdict_name(enum vtlb_verdict v);

/** vtlb_verdict_exit() - exit code of a command that ends with this verdict */
int vtlb_verdict_exit(enum vtlb_verdict v);

enum vtlb_violation_kind {
	VTLB_V_EXPOSURE,	/* an access could give an outcome that is not allowed */
	VTLB_V_REUSE,		/* ... after one more operation that requires no drop */
	VTLB_V_FAULT,		/* an operation's own fault differs from the contract's */
};

#define VTLB_HELD_LEN 160

/**
 * struct vtlb_violation - a violation, as a value
 * @kind: enum vtlb_violation_kind
 * @ambiguous: fails under owe only
 * @seen_step: step (from 1) after which it can be seen; 0 for VTLB_V_REUSE
 * @guilty_step: step that made it possible
 * @dropped_at: step at which the contract dropped the value; 0: it never held it
 * @rule: index of the record that dropped it, or that demands or forbids the
 *	fault, or the structural record (A-04, A-21 ...); -1: the host crashed
 * @vcpu: whose access
 * @page: linear page, 0xff for VTLB_V_FAULT
 * @pcid: the PCID current at the access, real 12-bit value
 * @access: enum vtlb_kind
 * @got: the outcome that is possible, vtlb_outcome(); for VTLB_V_FAULT an
 *	enum vtlb_fault
 * @allowed: outcomes that the contract allows; for VTLB_V_FAULT .faults is the
 *	enum vtlb_fault demanded
 * @mode: the vCPU's mode word at the access
 * @lookahead: for VTLB_V_REUSE the operation that would show it
 * @waiver: 0, or the waivers that make it disappear (the smallest set found)
 * @held_in: where the implementation held the value (its own words)
 */
struct vtlb_violation {
	uint8_t kind;
	uint8_t ambiguous;
	uint8_t vcpu;
	uint8_t page;
	uint8_t access;
	uint8_t pad;
	uint16_t pcid;
	uint32_t seen_step;
	uint32_t guilty_step;
	uint32_t dropped_at;
	int32_t rule;
	uint32_t got;
	uint32_t mode;
	uint32_t waiver;
	struct vtlb_outset allowed;
	struct vtlb_op lookahead;
	char held_in[VTLB_HELD_LEN];
};

/* Flags of vtlb_check_config. */
enum vtlb_check_flag {
	VTLB_CHECK_NO_EXPOSURE = 1u << 0,
	VTLB_CHECK_NO_REUSE = 1u << 1,
};

/**
 * struct vtlb_check_config - what to check
 * @w: checked world
 * @impl: implementation; must cover @w
 * @vendor: enum vtlb_vendor
 * @reading: VTLB_RELY, or VTLB_OWE to carry both sets
 * @waive: OR of enum vtlb_waiver
 * @flags: OR of enum vtlb_check_flag
 */
struct vtlb_check_config {
	const struct vtlb_world *w;
	const struct vtlb_impl *impl;
	uint8_t vendor;
	uint8_t reading;
	uint32_t waive;
	uint32_t flags;
};

/**
 * struct vtlb_check - a check under way; members are private to model/check
 *
 * Lives in one caller-owned block of vtlb_check_size() bytes.  No function of
 * this interface allocates, prints or aborts.
 */
struct vtlb_check;

/** vtlb_check_size() - bytes for a check, 0 when the implementation refuses the world */
size_t vtlb_check_size(const struct vtlb_check_config *cfg);

/**
 * vtlb_check_init() - make a check at the world's initial state
 * @mem: 64-byte aligned block of vtlb_check_size() bytes
 *
 * The initial state is checked too (as step 0).
 *
 * Return: the check, inside @mem.
 */
struct vtlb_check *vtlb_check_init(void *mem, const struct vtlb_check_config *cfg);

/** vtlb_check_restart() - back to the initial state */
void vtlb_check_restart(struct vtlb_check *k);

/**
 * struct vtlb_step_report - what one step did, for tables
 * @fault: enum vtlb_fault the contract demands
 * @impl_fault: what the implementation's guest saw
 * @nrules, @rules, @dropped: as in struct vtlb_contract_step
 * @branches: number of ways in which the step could go
 * @outcome: for ACCESS the outcome of the first branch
 * @cost: cost of this step (first branch)
 * @note: the implementation's note, or NULL
 */
struct vtlb_step_report {
	uint8_t fault;
	uint8_t impl_fault;
	uint8_t nrules;
	uint8_t branches;
	uint32_t dropped;
	uint8_t rules[16];
	uint32_t outcome;
	struct vtlb_cost cost;
	const char *note;
};

/**
 * vtlb_check_step() - step every branch by one operation and check
 * @k: the check
 * @op: a valid operation; an ACCESS with an outcome in imm follows that outcome
 *	where the implementation could give it, and all outcomes elsewhere
 * @rep: may be NULL
 *
 * After the first violation of a branch the branch goes on unchecked, so that
 * later states can still be looked at.
 *
 * Return: the verdict so far: HOLDS, AMBIGUOUS, VIOLATES, UNSUPPORTED (sticky)
 * or INCOMPLETE (more branches than the check can carry).
 */
enum vtlb_verdict vtlb_check_step(struct vtlb_check *k, struct vtlb_op op,
				  struct vtlb_step_report *rep);

/** vtlb_check_verdict() - the verdict so far */
enum vtlb_verdict vtlb_check_verdict(const struct vtlb_check *k);

/**
 * vtlb_check_violation() - the worst violation so far (the earliest of the
 * worst kind), without provenance; NULL if there is none
 *
 * guilty_step, dropped_at, rule and held_in are filled by vtlb_check_blame().
 */
const struct vtlb_violation *vtlb_check_violation(const struct vtlb_check *k);

/**
 * vtlb_check_blame() - provenance by replay
 * @k: the check; it is restarted and left in an unspecified state
 * @ops: all operations from the start, at least as many as have been stepped
 * @n: their number
 * @v: a copy of vtlb_check_violation(); filled in
 */
void vtlb_check_blame(struct vtlb_check *k, const struct vtlb_op *ops, size_t n,
		      struct vtlb_violation *v);

/**
 * vtlb_check_outcomes() - what an access could give now, united over branches
 * @contract: true: what the contract allows; false: what the implementation could give
 */
void vtlb_check_outcomes(const struct vtlb_check *k, bool contract, unsigned int vcpu,
			 unsigned int page, struct vtlb_outset out[VTLB_NR_KINDS]);

/** vtlb_check_cost() - cost so far (first branch) */
const struct vtlb_cost *vtlb_check_cost(const struct vtlb_check *k);

/** vtlb_check_states() - contract and implementation state of the first branch */
const struct vtlb_cstate *vtlb_check_cstate(const struct vtlb_check *k);
const void *vtlb_check_istate(const struct vtlb_check *k);

/** vtlb_check_mem() - first branch's registers of a vCPU and page tables, for expect and tables */
const struct vtlb_regs *vtlb_check_regs(const struct vtlb_check *k, unsigned int vcpu);
const struct vtlb_mem *vtlb_check_mem(const struct vtlb_check *k);

#endif /* VTLB_CHECK_H */
