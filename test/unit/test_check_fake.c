/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Tests of the check on implementations made to fail: branches and their limit,
 * and which record a violation is blamed on when no step removed the value.
 */
#include "check_case.h"
#include "fake_impl.h"
#include "vtlb/trace.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static struct small_world s;

static int setup(void **state)
{
	(void)state;
	small_world(&s);
	return 0;
}

static struct vtlb_check_config config(const struct vtlb_impl *impl)
{
	const struct vtlb_check_config cfg = {
		.w = &s.w,
		.impl = impl,
		.flags = VTLB_CHECK_NO_REUSE,
	};

	return cfg;
}

/* An access that can go two ways makes two branches; a named outcome follows one. */
static void branches(void **state)
{
	static const struct lie lie = { .remember = true, .page = 0xff };
	const struct vtlb_impl impl = fake_impl(&lie);
	const struct vtlb_check_config cfg = config(&impl);
	struct vtlb_outset out[VTLB_NR_KINDS];
	struct run r;

	(void)state;
	open_run(&r, &cfg);
	vtlb_check_step(r.k, read_user(USER), &r.rep);
	assert_int_equal(r.rep.branches, 1);
	vtlb_check_step(r.k, write_leaf(A_PT, 0, s.f3), &r.rep);
	assert_int_equal(r.rep.branches, 1);
	vtlb_check_outcomes(r.k, false, 0, USER, out);
	assert_int_equal(out[VTLB_UR].frames, 1u << 0 | 1u << 3);
	vtlb_check_step(r.k, read_user(USER), &r.rep);
	assert_int_equal(r.rep.branches, 2);
	assert_int_equal(r.rep.outcome, frame(0));
	/* both branches can still go both ways */
	vtlb_check_step(r.k, read_user(USER), &r.rep);
	assert_int_equal(r.rep.branches, 4);
	vtlb_check_step(r.k, touch(USER, VTLB_UR, frame(3)), &r.rep);
	assert_int_equal(r.rep.branches, 4);
	assert_int_equal(r.rep.outcome, frame(3));
	/* an outcome that it can not give is not followed: all that it can are */
	vtlb_check_step(r.k, touch(USER, VTLB_UR, frame(1)), &r.rep);
	assert_int_equal(r.rep.branches, 8);
	/* a page of which there is one reading only does not branch */
	vtlb_check_step(r.k, touch(KERNEL, VTLB_SR, 0), &r.rep);
	assert_int_equal(r.rep.branches, 8);
	assert_int_equal(vtlb_check_verdict(r.k), VTLB_HOLDS);
	vtlb_check_outcomes(r.k, true, 0, USER, out);
	assert_int_equal(out[VTLB_UR].frames, 1u << 0 | 1u << 3);
	assert_int_equal(out[VTLB_UR].faults, 0);
	vtlb_check_restart(r.k);
	vtlb_check_step(r.k, write_leaf(A_PT, 0, s.f3), &r.rep);
	vtlb_check_step(r.k, touch(USER, VTLB_UR, frame(3)), &r.rep);
	assert_int_equal(r.rep.branches, 1);
	close_run(&r);
}

static void too_many_branches(void **state)
{
	static const struct lie lie = { .remember = true, .page = 0xff };
	const struct vtlb_impl impl = fake_impl(&lie);
	const struct vtlb_check_config cfg = config(&impl);
	struct run r;

	(void)state;
	open_run(&r, &cfg);
	vtlb_check_step(r.k, read_user(USER), NULL);
	vtlb_check_step(r.k, write_leaf(A_PT, 0, s.f3), NULL);
	for (unsigned int i = 0; i < 5; i++)
		assert_int_equal(vtlb_check_step(r.k, read_user(USER), &r.rep), VTLB_HOLDS);
	assert_int_equal(r.rep.branches, 32);
	assert_int_equal(vtlb_check_step(r.k, read_user(USER), &r.rep), VTLB_INCOMPLETE);
	assert_int_equal(vtlb_check_step(r.k, set_ac(true), &r.rep), VTLB_INCOMPLETE);
	/* a named outcome is no choice that has to be kept */
	vtlb_check_restart(r.k);
	vtlb_check_step(r.k, read_user(USER), NULL);
	vtlb_check_step(r.k, write_leaf(A_PT, 0, s.f3), NULL);
	for (unsigned int i = 0; i < 100; i++)
		vtlb_check_step(r.k, touch(USER, VTLB_UR, frame(i & 1 ? 3 : 0)), &r.rep);
	assert_int_equal(r.rep.branches, 1);
	assert_int_equal(vtlb_check_verdict(r.k), VTLB_HOLDS);
	close_run(&r);
}

/* Branches that have become equal are one again, but their history has a limit. */
static void too_many_choices(void **state)
{
	static const struct lie lie = { .remember = true, .forget = true, .page = 0xff };
	const struct vtlb_impl impl = fake_impl(&lie);
	const struct vtlb_check_config cfg = config(&impl);
	struct run r;

	(void)state;
	open_run(&r, &cfg);
	vtlb_check_step(r.k, read_user(USER), NULL);
	vtlb_check_step(r.k, write_leaf(A_PT, 0, s.f3), NULL);
	for (unsigned int i = 0; i < 48; i++)
		assert_int_equal(vtlb_check_step(r.k, read_user(USER), &r.rep), VTLB_HOLDS);
	assert_int_equal(r.rep.branches, 1);
	assert_int_equal(vtlb_check_step(r.k, read_user(USER), &r.rep), VTLB_INCOMPLETE);
	close_run(&r);
}

/* A violation in one branch of several: it is found, and blame follows that one. */
static void violation_in_a_branch(void **state)
{
	/* only after f0, f0, f3 were read in this order */
	static const struct lie lie = {
		.remember = true, .page = USER, .kind = VTLB_UR, .from = 3,
		.outcome = VTLB_OUT_FRAME << 8 | 1, .log = 0x003,
	};
	const struct vtlb_impl impl = fake_impl(&lie);
	const struct vtlb_check_config cfg = config(&impl);
	const struct vtlb_op ops[] = {
		read_user(USER), write_leaf(A_PT, 0, s.f3), read_user(USER), read_user(USER),
		set_ac(true),
	};
	const struct vtlb_op named[] = {
		read_user(USER), write_leaf(A_PT, 0, s.f3), touch(USER, VTLB_UR, frame(0)),
		touch(USER, VTLB_UR, frame(3)), set_ac(true),
	};
	const struct vtlb_violation want = {
		.kind = VTLB_V_EXPOSURE,
		.page = USER,
		.access = VTLB_UR,
		.seen_step = 4,
		.guilty_step = 4,
		.got = frame(1),
		.mode = VTLB_INIT_MODE,
		.allowed = { .frames = 1u << 0 | 1u << 3 },
	};
	struct run r;

	(void)state;
	open_run(&r, &cfg);
	assert_int_equal(step_all(&r, ops, 3), VTLB_HOLDS);
	assert_int_equal(vtlb_check_step(r.k, ops[3], &r.rep), VTLB_VIOLATES);
	assert_int_equal(r.rep.branches, 4);
	assert_int_equal(vtlb_check_step(r.k, ops[4], &r.rep), VTLB_VIOLATES);
	expect_violation(&r, ops, 5, &want, "A-04");
	/* followed by name it is the same, and another branch holds */
	vtlb_check_restart(r.k);
	assert_int_equal(step_all(&r, named, 5), VTLB_VIOLATES);
	assert_int_equal(r.rep.branches, 1);
	expect_violation(&r, named, 5, &want, "A-04");
	vtlb_check_restart(r.k);
	step_all(&r, ops, 2);
	vtlb_check_step(r.k, touch(USER, VTLB_UR, frame(0)), NULL);
	assert_int_equal(vtlb_check_step(r.k, touch(USER, VTLB_UR, frame(0)), NULL), VTLB_HOLDS);
	close_run(&r);
}

/* What was never in S is blamed on the structural record that says so. */
static void structural_blame(void **state)
{
	static const struct {
		const char *rule;
		struct lie lie;
		uint8_t vendor;
		bool read_only;		/* a.user is f0, read-only */
		struct vtlb_op before[3];
		struct vtlb_outset allowed;
		uint32_t mode;
	} t[] = {
		{ "A-04", { .kind = VTLB_UR, .outcome = VTLB_OUT_FRAME << 8 | 1 },
		  VTLB_INTEL, false, { { 0 } }, { .frames = 1 }, VTLB_INIT_MODE },
		/* under another PCID it was held */
		{ "A-04", { .kind = VTLB_UR, .outcome = VTLB_OUT_FRAME << 8 | 1 },
		  VTLB_INTEL, false, { { VTLB_OP_MOV_CR4, 0x10, VTLB_HOW_OR, 0, VTLB_PCIDE },
		    { VTLB_OP_MOV_CR3, 0x10, 1, 0, 1 | VTLB_CR3_NOFLUSH },
		    { VTLB_OP_MOV_CR3, 0x10, 0, 0, VTLB_CR3_NOFLUSH } },
		  { .frames = 1 }, VTLB_INIT_MODE | VTLB_PCIDE },
		{ "A-21", { .kind = VTLB_UW, .outcome = VTLB_OUT_FRAME << 8 },
		  VTLB_INTEL, true, { { 0 } }, { .faults = 1u << 7 }, VTLB_INIT_MODE },
		{ "A-21", { .kind = VTLB_UR, .outcome = VTLB_OUT_FAULT << 8 | 5 },
		  VTLB_INTEL, false, { { 0 } }, { .frames = 1 }, VTLB_INIT_MODE },
		{ "A-11", { .kind = VTLB_UR, .outcome = VTLB_OUT_FAULT << 8 | 4 },
		  VTLB_INTEL, false, { { 0 } }, { .frames = 1 }, VTLB_INIT_MODE },
		{ "A-11", { .kind = VTLB_SWA, .outcome = VTLB_OUT_FAULT << 8 | 0xb },
		  VTLB_INTEL, false, { { 0 } }, { .frames = 1 }, VTLB_INIT_MODE },
		{ "D-UP-WALK", { .kind = VTLB_UR, .outcome = VTLB_OUT_FAULT << 8 | 5 },
		  VTLB_AMD, false, { { 0 } }, { .frames = 1 }, VTLB_INIT_MODE },
		{ "A-20", { .kind = VTLB_SW, .outcome = VTLB_OUT_DIRTIED << 8 | A_PT },
		  VTLB_INTEL, false, { { 0 } }, { .frames = 1 }, VTLB_INIT_MODE },
		{ "A-PG0", { .kind = VTLB_SR, .outcome = VTLB_OUT_FRAME << 8 | 1 },
		  VTLB_INTEL, false, { { VTLB_OP_SET_CSL, 0x10, 0, 0, 0 },
		    { VTLB_OP_MOV_CR0, 0x10, VTLB_HOW_CLEAR, 0, VTLB_PG } },
		  { .frames = 1u << VTLB_FRAME_IDENTITY },
		  VTLB_INIT_MODE & ~(VTLB_PG | VTLB_LMA | VTLB_CSL) },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(t); i++) {
		struct lie lie = t[i].lie;
		const struct vtlb_impl impl = fake_impl(&lie);
		struct vtlb_check_config cfg = config(&impl);
		struct vtlb_violation want = {
			.kind = VTLB_V_EXPOSURE,
			.page = USER,
			.access = t[i].lie.kind,
			.got = t[i].lie.outcome,
			.allowed = t[i].allowed,
			.mode = t[i].mode,
		};
		struct vtlb_op ops[5];
		uint32_t n = 0;
		struct run r;

		small_world(&s);
		if (t[i].read_only)
			s.w.init.leaf[A_PT][0] = (uint8_t)s.f0_ro;
		cfg.vendor = t[i].vendor;
		/* the lie begins with the access after these */
		lie.from = 1;
		while (n < COUNT(t[i].before) && t[i].before[n].vcpu) {
			ops[n] = t[i].before[n];
			n++;
		}
		ops[n++] = touch(KERNEL, VTLB_SR, 0);
		want.seen_step = want.guilty_step = n;
		open_run(&r, &cfg);
		assert_int_equal(step_all(&r, ops, n - 1), VTLB_HOLDS);
		assert_int_equal(step_all(&r, ops + n - 1, 1), VTLB_VIOLATES);
		expect_violation(&r, ops, n, &want, t[i].rule);
		close_run(&r);
	}
}

/* The initial state is checked too, as step 0. */
static void initial_state(void **state)
{
	static const struct lie lie = { .kind = VTLB_UR, .outcome = VTLB_OUT_FRAME << 8 | 1 };
	const struct vtlb_impl impl = fake_impl(&lie);
	const struct vtlb_check_config cfg = config(&impl);
	struct run r;

	(void)state;
	open_run(&r, &cfg);
	assert_int_equal(vtlb_check_verdict(r.k), VTLB_VIOLATES);
	assert_int_equal(vtlb_check_violation(r.k)->seen_step, 0);
	close_run(&r);
}

/* An access that would crash the host is a violation, and by no rule. */
static void crash(void **state)
{
	static const struct lie lie = {
		.page = KERNEL, .kind = VTLB_SX, .from = 1,
		.outcome = VTLB_OUT_FAULT << 8 | VTLB_PF_CRASH,
	};
	const struct vtlb_impl impl = fake_impl(&lie);
	const struct vtlb_check_config cfg = config(&impl);
	const struct vtlb_op ops[] = { set_ac(true), read_user(USER) };
	struct vtlb_violation v;
	struct run r;
	char got[32];

	(void)state;
	open_run(&r, &cfg);
	assert_int_equal(step_all(&r, ops, 1), VTLB_HOLDS);
	assert_int_equal(step_all(&r, ops + 1, 1), VTLB_VIOLATES);
	v = *vtlb_check_violation(r.k);
	vtlb_check_blame(r.k, ops, 2, &v);
	assert_int_equal(v.guilty_step, 2);
	assert_int_equal(v.page, KERNEL);
	assert_int_equal(v.access, VTLB_SX);
	assert_int_equal(v.rule, -1);
	vtlb_outcome_print(&s.w, NULL, v.page, v.got, got, sizeof(got));
	assert_string_equal(got, "host crash");
	close_run(&r);
}

/* An operation that an implementation does not step is no violation. */
static void missing_operation(void **state)
{
	static const struct lie lie = { .page = 0xff };
	struct vtlb_impl impl = fake_impl(&lie);
	struct vtlb_check_config cfg = config(&impl);
	struct run r;

	(void)state;
	impl.ops &= ~(1u << VTLB_OP_INVLPG);
	open_run(&r, &cfg);
	assert_int_equal(vtlb_check_step(r.k, invlpg(USER), &r.rep), VTLB_V_UNSUPPORTED);
	close_run(&r);
}

/* Two vCPUs: the violation names the one whose access it is. */
static void whose_access(void **state)
{
	const struct vtlb_op ops[] = {
		on(1, read_user(USER)), cr3(1, 0), or4(VTLB_PCIDE), keep(1, 1),
	};
	static const struct lie lie = {
		.page = USER, .kind = VTLB_SX, .from = 1, .outcome = VTLB_OUT_FRAME << 8 | 2,
	};
	const struct vtlb_impl impl = fake_impl(&lie);
	struct vtlb_check_config cfg = config(&impl);
	struct vtlb_violation v;
	struct run r;

	(void)state;
	s.w.nvcpus = 2;
	open_run(&r, &cfg);
	assert_int_equal(step_all(&r, ops, 1), VTLB_VIOLATES);
	v = *vtlb_check_violation(r.k);
	assert_int_equal(v.vcpu, 0);
	assert_int_equal(v.access, VTLB_SX);
	/* a branch goes on after its first violation, and the first stays */
	assert_int_equal(step_all(&r, ops + 1, 3), VTLB_VIOLATES);
	assert_memory_equal(&v, vtlb_check_violation(r.k), sizeof(v));
	assert_int_equal(vtlb_check_regs(r.k, 0)->low12, 1);
	close_run(&r);
	s.w.nvcpus = 1;
}

static void impl_check(void **state)
{
	static const struct lie lie = { .page = 0xff };
	const struct vtlb_impl good = fake_impl(&lie);
	const char *why = NULL;
	struct vtlb_impl bad;

	(void)state;
	assert_true(vtlb_impl_check(&good, &why));
	assert_null(why);
	bad = good;
	bad.abi = 2;
	assert_false(vtlb_impl_check(&bad, &why));
	assert_string_equal(why, "it was built for another version of struct vtlb_impl");
	bad = good;
	bad.size = 8;
	assert_false(vtlb_impl_check(&bad, &why));
	assert_string_equal(why, "its struct vtlb_impl is too small");
	bad = good;
	bad.name = "";
	assert_false(vtlb_impl_check(&bad, &why));
	assert_string_equal(why, "it has no name");
	bad.name = NULL;
	assert_false(vtlb_impl_check(&bad, &why));
	bad = good;
	bad.outcomes = NULL;
	assert_false(vtlb_impl_check(&bad, &why));
	assert_string_equal(why, "state_size, reset, step or outcomes is missing");
	bad = good;
	bad.step = NULL;
	assert_false(vtlb_impl_check(&bad, &why));
	bad = good;
	bad.reset = NULL;
	assert_false(vtlb_impl_check(&bad, &why));
	bad = good;
	bad.state_size = NULL;
	assert_false(vtlb_impl_check(&bad, &why));
	bad = good;
	bad.max_vcpus = 0;
	assert_false(vtlb_impl_check(&bad, &why));
	bad.max_vcpus = 5;
	assert_false(vtlb_impl_check(&bad, &why));
	assert_string_equal(why, "max_vcpus is not 1 to 4");
}

static void impl_covers(void **state)
{
	static const struct lie lie = { .page = 0xff };
	struct vtlb_impl impl = fake_impl(&lie);
	struct vtlb_world w = s.w;
	const char *why = NULL;

	(void)state;
	assert_true(vtlb_impl_covers(&impl, &w, &why));
	w.mode = VTLB_TDP;
	assert_false(vtlb_impl_covers(&impl, &w, &why));
	assert_non_null(strstr(why, "mode=tdp"));
	w = s.w;
	w.vendor = VTLB_AMD;
	assert_true(vtlb_impl_covers(&impl, &w, &why));
	impl.vendors = 1u << VTLB_INTEL;
	assert_false(vtlb_impl_covers(&impl, &w, &why));
	assert_non_null(strstr(why, "vendor"));
	w = s.w;
	impl.max_vcpus = 1;
	w.nvcpus = 2;
	assert_false(vtlb_impl_covers(&impl, &w, &why));
	assert_non_null(strstr(why, "vCPUs"));
	w = s.w;
	w.features |= VTLB_F_FRED;
	assert_false(vtlb_impl_covers(&impl, &w, &why));
	assert_non_null(strstr(why, "refuses"));
}

static void names(void **state)
{
	static const struct {
		enum vtlb_verdict verdict;
		const char *name;
		int exit;
	} t[] = {
		{ VTLB_HOLDS, "holds", 0 },
		{ VTLB_AMBIGUOUS, "ambiguous", 0 },
		{ VTLB_V_UNSUPPORTED, "unsupported", 3 },
		{ VTLB_VACUOUS, "vacuous", 3 },
		{ VTLB_NOT_EXERCISED, "not-exercised", 3 },
		{ VTLB_INCOMPLETE, "incomplete", 3 },
		{ VTLB_DEVIATES, "deviates", 1 },
		{ VTLB_VIOLATES, "violates", 1 },
		{ VTLB_ERROR, "error", 4 },
	};

	(void)state;
	assert_int_equal(VTLB_NR_VERDICTS, COUNT(t));
	for (size_t i = 0; i < COUNT(t); i++) {
		/* worst last */
		assert_int_equal(t[i].verdict, i);
		assert_string_equal(vtlb_verdict_name(t[i].verdict), t[i].name);
		assert_int_equal(vtlb_verdict_exit(t[i].verdict), t[i].exit);
	}
	assert_string_equal(vtlb_strerror(VTLB_OK), "no error");
	assert_string_equal(vtlb_strerror(VTLB_E_LIMIT), "a fixed limit of the library was reached");
	assert_string_equal(vtlb_strerror(VTLB_E_NR), "unknown error");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(branches),
		cmocka_unit_test(too_many_branches),
		cmocka_unit_test(too_many_choices),
		cmocka_unit_test(violation_in_a_branch),
		cmocka_unit_test(structural_blame),
		cmocka_unit_test(initial_state),
		cmocka_unit_test(crash),
		cmocka_unit_test(missing_operation),
		cmocka_unit_test(whose_access),
		cmocka_unit_test(impl_check),
		cmocka_unit_test(impl_covers),
		cmocka_unit_test(names),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
