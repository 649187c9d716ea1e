/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Tests of the check on presets: verdicts, every field of a violation, and runs
 * of random operations that an unmodified kernel must survive.
 */
#include "check_case.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define HALF_A_PATCH "kvm-5.16-without-unload-on-pcide"
#define KEEP_ROOTS "kvm-5.17-rfc-keep-roots-on-role-change"

static struct small_world s;

static int setup(void **state)
{
	(void)state;
	small_world(&s);
	return 0;
}

static struct vtlb_check_config config(const char *preset)
{
	const struct vtlb_check_config cfg = {
		.w = &s.w,
		.impl = vtlb_preset_by_name(preset),
	};

	assert_non_null(cfg.impl);
	return cfg;
}

/* The sequence that the second half of 509bfe3d9796 is about. */
#define FAMOUS                                                                  \
	{                                                                       \
		or4(VTLB_PGE), cr3(1, 0), read_user(USER), cr3(0, 0),           \
		write_leaf(B_PT, 0, s.f3), cr3(0, 0), or4(VTLB_PCIDE), keep(1, 0), \
	}

static void exposure(void **state)
{
	const struct vtlb_op ops[] = FAMOUS;
	const struct vtlb_violation want = {
		.kind = VTLB_V_EXPOSURE,
		.page = USER,
		.access = VTLB_UR,
		.seen_step = 8,
		.guilty_step = 7,
		.dropped_at = 4,
		.got = frame(1),
		.mode = VTLB_INIT_MODE | VTLB_PGE | VTLB_PCIDE,
		/* f0 is a's, loaded for the same PCID at step 6 */
		.allowed = { .frames = 1u << 0 | 1u << 3 },
		.held_in = "the SPTE below the current root (b pcid 0 unsync)",
	};
	struct vtlb_check_config cfg = config(HALF_A_PATCH);
	struct run r;

	(void)state;
	open_run(&r, &cfg);
	assert_int_equal(step_all(&r, ops, 6), VTLB_HOLDS);
	assert_null(vtlb_check_violation(r.k));
	assert_int_equal(vtlb_check_step(r.k, ops[6], &r.rep), VTLB_VIOLATES);
	/* foretold at 7, seen at 8: the exposure takes the alarm's place */
	assert_int_equal(vtlb_check_violation(r.k)->kind, VTLB_V_REUSE);
	assert_int_equal(vtlb_check_step(r.k, ops[7], &r.rep), VTLB_VIOLATES);
	expect_violation(&r, ops, 8, &want, "I-CR3-P0");
	close_run(&r);
}

static void reuse_alone(void **state)
{
	const struct vtlb_op ops[] = FAMOUS;
	const struct vtlb_violation want = {
		.kind = VTLB_V_REUSE,
		.page = USER,
		.access = VTLB_UR,
		.seen_step = 0,
		.guilty_step = 7,
		.dropped_at = 4,
		.got = frame(1),
		.mode = VTLB_INIT_MODE | VTLB_PGE | VTLB_PCIDE,
		.allowed = { .frames = 1u << 0 | 1u << 3 },
		.lookahead = keep(1, 0),
		.held_in = "the SPTE below the current root (b pcid 0 unsync)",
	};
	struct vtlb_check_config cfg = config(HALF_A_PATCH);
	struct run r;

	(void)state;
	open_run(&r, &cfg);
	assert_int_equal(step_all(&r, ops, 7), VTLB_VIOLATES);
	expect_violation(&r, ops, 7, &want, "I-CR3-P0");
	close_run(&r);
}

/* The same on every preset, with each half of the check switched off in turn. */
static void famous_everywhere(void **state)
{
	static const enum vtlb_verdict want[] = {
		VTLB_VIOLATES, VTLB_VIOLATES, VTLB_HOLDS, VTLB_HOLDS,
		VTLB_VIOLATES, VTLB_HOLDS, VTLB_HOLDS, VTLB_HOLDS,
	};
	const struct vtlb_op ops[] = FAMOUS;

	(void)state;
	assert_int_equal(vtlb_nr_presets, COUNT(want));
	for (unsigned int i = 0; i < vtlb_nr_presets; i++) {
		struct vtlb_check_config cfg = config(vtlb_preset(i)->name);
		struct run r;

		for (unsigned int waive = 0; waive <= VTLB_WAIVE_ALL; waive++) {
			cfg.waive = waive;
			open_run(&r, &cfg);
			if (step_all(&r, ops, 8) != want[i])
				fail_msg("%s, waived %x", vtlb_preset(i)->name, waive);
			close_run(&r);
		}
		cfg.waive = 0;
		cfg.flags = VTLB_CHECK_NO_REUSE;
		open_run(&r, &cfg);
		assert_int_equal(step_all(&r, ops, 7), VTLB_HOLDS);
		assert_int_equal(vtlb_check_step(r.k, ops[7], NULL), want[i]);
		close_run(&r);
		cfg.flags = VTLB_CHECK_NO_EXPOSURE | VTLB_CHECK_NO_REUSE;
		open_run(&r, &cfg);
		assert_int_equal(step_all(&r, ops, 8), VTLB_HOLDS);
		close_run(&r);
	}
}

/* With INVPCID as the flush of step 6 the old kernels free the root: it holds. */
static void invpcid_form(void **state)
{
	struct vtlb_op ops[] = FAMOUS;

	(void)state;
	ops[5] = invpcid(1, 0, USER);
	for (unsigned int i = 0; i < vtlb_nr_presets; i++) {
		struct vtlb_check_config cfg = config(vtlb_preset(i)->name);
		struct run r;

		open_run(&r, &cfg);
		assert_int_equal(step_all(&r, ops, 8) == VTLB_VIOLATES,
				 !strcmp(cfg.impl->name, HALF_A_PATCH));
		close_run(&r);
	}
}

static void fault_missing(void **state)
{
	const struct vtlb_op ops[] = { set_ac(true), clear0(VTLB_PG), set_csl(false) };
	const struct vtlb_violation want = {
		.kind = VTLB_V_FAULT,
		.page = 0xff,
		.seen_step = 2,
		.guilty_step = 2,
		.got = VTLB_NO_FAULT,
		.mode = VTLB_INIT_MODE | VTLB_AC,
		.allowed = { .faults = VTLB_GP0 },
	};
	struct vtlb_check_config cfg = config("kvm-5.10");
	struct run r;

	(void)state;
	open_run(&r, &cfg);
	assert_int_equal(step_all(&r, ops, 1), VTLB_HOLDS);
	assert_int_equal(vtlb_check_step(r.k, ops[1], &r.rep), VTLB_VIOLATES);
	assert_int_equal(r.rep.fault, VTLB_GP0);
	assert_int_equal(r.rep.impl_fault, VTLB_NO_FAULT);
	assert_int_equal(vtlb_check_step(r.k, ops[2], &r.rep), VTLB_VIOLATES);
	expect_violation(&r, ops, 3, &want, "I-CR0-PG10-GP-CSL");
	close_run(&r);
	cfg = config("kvm-6.12");
	open_run(&r, &cfg);
	assert_int_equal(step_all(&r, ops, 3), VTLB_HOLDS);
	close_run(&r);
}

static void host_crash(void **state)
{
	const struct vtlb_op ops[] = { set_csl(false), clear0(VTLB_PG), invpcid(0, 0, USER) };
	const struct vtlb_violation want = {
		.kind = VTLB_V_FAULT,
		.page = 0xff,
		.seen_step = 3,
		.guilty_step = 3,
		.got = VTLB_CRASH,
		.mode = VTLB_INIT_MODE & ~(VTLB_PG | VTLB_LMA | VTLB_CSL),
		.allowed = { .faults = VTLB_NO_FAULT },
	};
	struct vtlb_check_config cfg = config("kvm-5.14");
	struct run r;

	(void)state;
	open_run(&r, &cfg);
	assert_int_equal(step_all(&r, ops, 3), VTLB_VIOLATES);
	expect_violation(&r, ops, 3, &want, "I-INVPCID-0");
	close_run(&r);
}

static void unsupported(void **state)
{
	const struct vtlb_op ops[] = {
		set_csl(false), clear0(VTLB_PG), clear_efer(VTLB_LME), or0(VTLB_PG),
		or_efer(VTLB_LME), set_ac(true),
	};
	struct vtlb_check_config cfg = config("kvm-6.12");
	struct run r;

	(void)state;
	open_run(&r, &cfg);
	assert_int_equal(step_all(&r, ops, 3), VTLB_HOLDS);
	assert_int_equal(vtlb_check_step(r.k, ops[3], &r.rep), VTLB_V_UNSUPPORTED);
	assert_int_equal(r.rep.fault, VTLB_UNSUPPORTED);
	/* no later step makes it better */
	assert_int_equal(step_all(&r, ops + 4, 2), VTLB_V_UNSUPPORTED);
	assert_null(vtlb_check_violation(r.k));
	vtlb_check_restart(r.k);
	assert_int_equal(vtlb_check_verdict(r.k), VTLB_HOLDS);
	close_run(&r);
}

/* SMEP 0->1: whether global entries go is read in two ways, AMB-1. */
static void ambiguous(void **state)
{
	const struct vtlb_op ops[] = {
		or4(VTLB_PGE), touch(KERNEL, VTLB_SR, 0), write_leaf(KERNEL_PT, 0, s.f3_kernel),
		or4(VTLB_SMEP),
	};
	const struct vtlb_violation want = {
		.kind = VTLB_V_EXPOSURE,
		.ambiguous = 1,
		.page = KERNEL,
		.access = VTLB_SR,
		.seen_step = 4,
		.guilty_step = 4,
		.dropped_at = 4,
		.got = frame(2),
		.mode = VTLB_INIT_MODE | VTLB_PGE | VTLB_SMEP,
		.allowed = { .frames = 1u << 3 },
		.held_in = "the SPTE below the current root (a pcid 0 unsync)",
	};
	struct vtlb_check_config cfg = config(KEEP_ROOTS);
	struct run r;

	(void)state;
	open_run(&r, &cfg);
	assert_int_equal(step_all(&r, ops, 4), VTLB_HOLDS);
	close_run(&r);
	cfg.reading = VTLB_OWE;
	open_run(&r, &cfg);
	assert_int_equal(step_all(&r, ops, 3), VTLB_HOLDS);
	assert_int_equal(vtlb_check_step(r.k, ops[3], &r.rep), VTLB_AMBIGUOUS);
	/* the search goes on, and a failure under both readings is the verdict */
	assert_int_equal(vtlb_check_step(r.k, set_ac(true), &r.rep), VTLB_AMBIGUOUS);
	expect_violation(&r, ops, 4, &want, "I-CR4-SMEP01");
	vtlb_check_restart(r.k);
	step_all(&r, ops, 4);
	vtlb_check_step(r.k, read_user(USER), NULL);
	vtlb_check_step(r.k, write_leaf(A_PT, 0, s.f3), NULL);
	assert_int_equal(vtlb_check_verdict(r.k), VTLB_AMBIGUOUS);
	vtlb_check_step(r.k, clear4(VTLB_SMEP), NULL);
	assert_int_equal(vtlb_check_step(r.k, or4(VTLB_SMEP), NULL), VTLB_VIOLATES);
	assert_int_equal(vtlb_check_violation(r.k)->ambiguous, 0);
	close_run(&r);
}

/* The report of a step, for tables. */
static void step_report(void **state)
{
	struct vtlb_check_config cfg = config("kvm-6.12");
	struct run r;

	(void)state;
	open_run(&r, &cfg);
	vtlb_check_step(r.k, read_user(USER), &r.rep);
	assert_int_equal(r.rep.outcome, frame(0));
	assert_int_equal(r.rep.branches, 1);
	assert_int_equal(r.rep.nrules, 0);
	assert_int_equal(r.rep.cost.refaults, 1);
	assert_string_equal(r.rep.note, "exit");
	vtlb_check_step(r.k, cr3(1, 0), &r.rep);
	assert_int_equal(r.rep.nrules, 1);
	assert_string_equal(vtlb_rules[r.rep.rules[0]].id, "I-CR3-P0");
	assert_int_equal(r.rep.dropped, 1);
	assert_int_equal(r.rep.cost.roots_built, 1);
	assert_int_equal(r.rep.fault, VTLB_NO_FAULT);
	vtlb_check_step(r.k, keep(1, 0), &r.rep);
	assert_int_equal(r.rep.fault, VTLB_GP0);
	assert_int_equal(r.rep.impl_fault, VTLB_GP0);
	assert_string_equal(vtlb_rules[r.rep.rules[0]].id, "I-CR3-63");
	assert_int_equal(vtlb_check_verdict(r.k), VTLB_HOLDS);
	assert_int_equal(vtlb_check_cost(r.k)->roots_built, 1);
	assert_int_equal(vtlb_check_cost(r.k)->refaults, 1);
	assert_int_equal(vtlb_check_regs(r.k, 0)->root, 1);
	vtlb_check_step(r.k, write_leaf(A_PT, 2, s.f3), NULL);
	assert_int_equal(vtlb_check_mem(r.k)->leaf[A_PT][2], s.f3);
	assert_ptr_equal(vtlb_check_mem(r.k), &vtlb_check_cstate(r.k)->mem);
	assert_non_null(vtlb_check_istate(r.k));
	vtlb_check_restart(r.k);
	assert_int_equal(vtlb_check_cost(r.k)->roots_built, 0);
	assert_int_equal(vtlb_check_regs(r.k, 0)->root, 0);
	close_run(&r);
}

static void refused_worlds(void **state)
{
	struct vtlb_check_config cfg = config("kvm-6.12");
	struct vtlb_world w = s.w;

	(void)state;
	cfg.w = &w;
	assert_int_not_equal(vtlb_check_size(&cfg), 0);
	w.features |= VTLB_F_CET;
	assert_int_equal(vtlb_check_size(&cfg), 0);
}

/* What matters to a TLB with PCIDs on, and now and then anything else. */
static struct vtlb_op guest_op(uint64_t *seed)
{
	uint32_t noise = next_random(seed);
	unsigned int root = noise >> 8 & 1, pcid = noise >> 9 & 1;
	const uint32_t value[4] = { 1, s.f3, s.f0_ro, 0 };

	switch (noise & 7) {
	case 0:
	case 1:
		return keep(root, pcid);
	case 2:
		return cr3(root, pcid);
	case 3:
	case 4:
		return write_leaf(root, 0, value[noise >> 10 & 3]);
	case 5:
		return touch(USER, noise >> 10 & 1 ? VTLB_UR : VTLB_UW, 0);
	case 6:
		return invpcid(noise >> 10 & 3, pcid, USER);
	default:
		return random_op(&s.w, seed);
	}
}

/*
 * Three hundred runs of twenty random operations.  Returns the number of them that
 * did not hold for another reason than a fault of an operation itself.
 */
static unsigned int random_runs(const struct vtlb_check_config *cfg)
{
	uint64_t seed = 88172645463325252;
	unsigned int bad = 0;
	struct run r;

	open_run(&r, cfg);
	for (unsigned int i = 0; i < 300; i++) {
		const struct vtlb_violation *v;

		vtlb_check_restart(r.k);
		for (unsigned int n = 0; n < 20; n++) {
			if (n == (i & 1 ? 0 : 8))
				vtlb_check_step(r.k, or4(VTLB_PCIDE), NULL);
			vtlb_check_step(r.k, guest_op(&seed), NULL);
		}
		v = vtlb_check_violation(r.k);
		bad += vtlb_check_verdict(r.k) != VTLB_HOLDS && (!v || v->kind != VTLB_V_FAULT);
	}
	close_run(&r);
	return bad;
}

/* Unmodified kernels do nothing but what is recorded as a deviation ... */
static void golden(void **state)
{
	static const char *const right[] = { "kvm-5.14", "kvm-5.16", "kvm-6.1", "kvm-6.12" };

	(void)state;
	for (size_t i = 0; i < COUNT(right); i++) {
		struct vtlb_check_config cfg = config(right[i]);

		assert_int_not_equal(random_runs(&cfg), 0);
		cfg.waive = VTLB_WAIVE_ALL;
		assert_int_equal(random_runs(&cfg), 0);
	}
}

/* ... and the waivers do not hide a kernel that is wrong. */
static void not_golden(void **state)
{
	static const char *const wrong[] = { "kvm-4.20", "kvm-5.10", HALF_A_PATCH, KEEP_ROOTS };

	(void)state;
	for (size_t i = 0; i < COUNT(wrong); i++) {
		struct vtlb_check_config cfg = config(wrong[i]);

		cfg.waive = VTLB_WAIVE_ALL;
		if (!random_runs(&cfg))
			fail_msg("%s holds", wrong[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(exposure),
		cmocka_unit_test(reuse_alone),
		cmocka_unit_test(famous_everywhere),
		cmocka_unit_test(invpcid_form),
		cmocka_unit_test(fault_missing),
		cmocka_unit_test(host_crash),
		cmocka_unit_test(unsupported),
		cmocka_unit_test(ambiguous),
		cmocka_unit_test(step_report),
		cmocka_unit_test(refused_worlds),
		cmocka_unit_test(golden),
		cmocka_unit_test(not_golden),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
