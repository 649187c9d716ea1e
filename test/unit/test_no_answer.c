/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Tests of the check with an implementation that cannot say how an access ends, or
 * does not know an operation: there is no verdict then, and never "holds".
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "vtlb/vtlb.h"

/* How the outcomes of kvm-6.12, on which the implementation is built, are changed. */
static enum { AS_THEY_ARE, NONE, NONE_IN_ROOT_B, FAULT_TOO } mood;

static const struct vtlb_impl *preset(void)
{
	return vtlb_preset_by_name("kvm-6.12");
}

/* Is root b current: its user page gives f1 to a supervisor, root a's f0. */
static bool in_root_b(const struct vtlb_outset *out)
{
	return out[VTLB_SRA].frames == 1u << 1;
}

static void outcomes(const struct vtlb_impl *impl, const struct vtlb_world *w, const void *state,
		     unsigned int vcpu, unsigned int page, struct vtlb_outset out[VTLB_NR_KINDS])
{
	preset()->outcomes(impl, w, state, vcpu, page, out);
	if (mood == NONE || (mood == NONE_IN_ROOT_B && page == 0 && in_root_b(out)))
		memset(out, 0, sizeof(*out) * VTLB_NR_KINDS);
	if (mood == FAULT_TOO)
		out[VTLB_UR].faults |= 1u << VTLB_PF_U;
}

struct fixture {
	struct vtlb_world w;
	struct vtlb_impl impl;
	struct vtlb_check *k;
	void *mem;
};

static void start(struct fixture *f, uint32_t flags, uint32_t ops)
{
	struct vtlb_check_config cfg = { .w = &f->w, .impl = &f->impl, .flags = flags };

	vtlb_world_default(&f->w);
	f->impl = *preset();
	f->impl.outcomes = outcomes;
	f->impl.ops = ops;
	f->mem = aligned_alloc(64, (vtlb_check_size(&cfg) + 63) / 64 * 64);
	assert_non_null(f->mem);
	f->k = vtlb_check_init(f->mem, &cfg);
}

static const struct vtlb_op read_user = {
	.code = VTLB_OP_ACCESS, .vcpu = VTLB_OP_VERSION << 4, .b = VTLB_ACC_READ | VTLB_ACC_USER,
};

#define ALL_OPS ((1u << VTLB_OP_NR) - 1)
#define UNCHECKED (VTLB_CHECK_NO_EXPOSURE | VTLB_CHECK_NO_REUSE)

static void no_outcome_at_the_start(void **state)
{
	struct fixture f;

	(void)state;
	mood = NONE;
	start(&f, 0, ALL_OPS);
	assert_int_equal(vtlb_check_verdict(f.k), VTLB_V_UNSUPPORTED);
	assert_null(vtlb_check_violation(f.k));
	free(f.mem);
}

/* Only one operation ahead, at a MOV CR3 to root b that keeps everything. */
static void no_outcome_ahead(void **state)
{
	struct fixture f;

	(void)state;
	mood = NONE_IN_ROOT_B;
	start(&f, 0, ALL_OPS);
	assert_int_equal(vtlb_check_verdict(f.k), VTLB_HOLDS);
	assert_int_equal(vtlb_check_step(f.k, vtlb_op_make(VTLB_OP_MOV_CR4, 0, VTLB_HOW_OR, 0,
							   VTLB_PCIDE), NULL),
			 VTLB_V_UNSUPPORTED);
	assert_null(vtlb_check_violation(f.k));
	free(f.mem);
}

static void no_outcome_of_the_access(void **state)
{
	struct fixture f;

	(void)state;
	mood = AS_THEY_ARE;
	start(&f, UNCHECKED, ALL_OPS);
	assert_int_equal(vtlb_check_step(f.k, read_user, NULL), VTLB_HOLDS);
	mood = NONE;
	assert_int_equal(vtlb_check_step(f.k, read_user, NULL), VTLB_V_UNSUPPORTED);
	free(f.mem);
}

/* Two branches: the #PF took the old value from S, the read did not. */
static void no_outcome_in_any_branch(void **state)
{
	struct vtlb_step_report rep;
	struct fixture f;

	(void)state;
	mood = FAULT_TOO;
	start(&f, UNCHECKED, ALL_OPS);
	vtlb_check_step(f.k, vtlb_op_make(VTLB_OP_WRITE_LEAF, 0, 0, 0, 2), NULL);
	assert_int_equal(vtlb_check_step(f.k, read_user, &rep), VTLB_HOLDS);
	assert_int_equal(rep.branches, 2);
	mood = NONE;
	assert_int_equal(vtlb_check_step(f.k, read_user, NULL), VTLB_V_UNSUPPORTED);
	free(f.mem);
}

/* What it does not claim to know it is not asked, neither ahead nor in a step. */
static void unknown_operation(void **state)
{
	const uint32_t no_cr3 = ALL_OPS & ~(1u << VTLB_OP_MOV_CR3);
	struct fixture f;

	(void)state;
	mood = NONE_IN_ROOT_B;
	start(&f, 0, no_cr3);
	assert_int_equal(vtlb_check_step(f.k, vtlb_op_make(VTLB_OP_MOV_CR4, 0, VTLB_HOW_OR, 0,
							   VTLB_PCIDE), NULL),
			 VTLB_HOLDS);
	assert_int_equal(vtlb_check_step(f.k, vtlb_op_make(VTLB_OP_MOV_CR3, 0, 0, 0, 0), NULL),
			 VTLB_V_UNSUPPORTED);
	free(f.mem);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_outcome_at_the_start),
		cmocka_unit_test(no_outcome_ahead),
		cmocka_unit_test(no_outcome_of_the_access),
		cmocka_unit_test(no_outcome_in_any_branch),
		cmocka_unit_test(unknown_operation),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
