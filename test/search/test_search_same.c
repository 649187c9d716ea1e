/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What an answer may not depend on: how many threads there are, whether covered
 * states are visited, and how states are stored.
 */
#include "run.h"

static struct vtlb_scope scope;

static void jobs(const char *name, const char *preset, uint32_t waive, uint32_t depth,
		 uint32_t flags)
{
	/* a limit, even if it is not reached, makes more blocks of a level */
	static const struct {
		unsigned int jobs;
		uint64_t memory;
	} other[] = { { 2, 0 }, { 4, 0 }, { 1, 96u << 20 }, { 3, 128u << 20 } };
	static struct run a, b;

	scope_load(&scope, name);
	a = (struct run){
		.scope = &scope,
		.impl = vtlb_preset_by_name(preset),
		.waive = waive,
		.flags = flags,
		.findings = MAX_FOUND,
		.depth = LEVELS(depth),
		.jobs = 1,
	};
	run(&a);
	for (size_t i = 0; i < sizeof(other) / sizeof(other[0]); i++) {
		b = a;
		b.jobs = other[i].jobs;
		b.memory = other[i].memory;
		run(&b);
		run_same(&a, &b);
	}
	vtlb_scope_free(&scope);
}

/* Strict: many findings, each with its trace. */
static void jobs_tiny(void **state)
{
	(void)state;
	jobs("tiny", "kvm-6.12", 0, 8, 0);
	jobs("tiny", "kvm-5.10", 0, 8, 0);
	jobs("tiny", "kvm-5.16-without-unload-on-pcide", VTLB_WAIVE_ALL, 8, 0);
}

static void jobs_pairs(void **state)
{
	(void)state;
	jobs("pairs", "kvm-6.12", VTLB_WAIVE_ALL, 8, 0);
	jobs("pairs", "kvm-6.1", 0, 7, 0);
	jobs("pairs", "kvm-4.20", VTLB_WAIVE_ALL, 7, 0);
}

/* Levels of several blocks on the way to what is found. */
static void jobs_blocks(void **state)
{
	(void)state;
	jobs("default", "kvm-4.20", VTLB_WAIVE_ALL, 6, 0);
}

static void jobs_others(void **state)
{
	(void)state;
	jobs("smp-pcid", "kvm-5.16", VTLB_WAIVE_ALL, 0, 0);
	jobs("modes-smap", "kvm-6.12", 0, 0, 0);
	jobs("upper-link", "kvm-6.12", VTLB_WAIVE_ALL, 8, VTLB_EXPLORE_NO_COVER);
	jobs("pairs", "kvm-6.12", VTLB_WAIVE_ALL, 6, VTLB_EXPLORE_FINGERPRINT);
}

/*
 * A search that visits covered states finds no more, and one that stores 64 bits
 * of a state visits the same: that two of so few are equal is not to be expected.
 */
static void ways(const char *name, uint32_t depth)
{
	static struct run exact, full, prints;

	scope_load(&scope, name);
	for (unsigned int i = 0; i < vtlb_nr_presets; i++)
		for (uint32_t waive = 0; waive <= VTLB_WAIVE_ALL; waive += VTLB_WAIVE_ALL) {
			exact = (struct run){
				.scope = &scope,
				.impl = vtlb_preset(i),
				.waive = waive,
				.depth = depth,
				.jobs = 1,
			};
			full = prints = exact;
			full.flags = VTLB_EXPLORE_NO_COVER;
			prints.flags = VTLB_EXPLORE_FINGERPRINT;
			run(&exact);
			run(&full);
			run(&prints);
			run_same_answer(&exact, &full);
			run_same_answer(&exact, &prints);
			assert_true(exact.res.stats.states <= full.res.stats.states);
			assert_int_equal(prints.res.stats.states, full.res.stats.states);
			assert_int_equal(prints.res.stats.transitions, full.res.stats.transitions);
			assert_int_equal(prints.res.stats.violating, full.res.stats.violating);
			assert_memory_equal(prints.res.stats.level, full.res.stats.level,
					    sizeof(full.res.stats.level));
			assert_memory_equal(prints.res.op, full.res.op, sizeof(full.res.op));
			assert_false(prints.res.proof);
		}
	vtlb_scope_free(&scope);
}

#define WAYS(test, name, depth)                                               \
	static void test(void **state)                                        \
	{                                                                     \
		(void)state;                                                  \
		ways(name, LEVELS(depth));                                    \
	}

WAYS(ways_tiny, "tiny", 5)
WAYS(ways_default, "default-pcid", 4)
WAYS(ways_pairs, "pairs", 5)
WAYS(ways_upper, "upper-link", 6)
WAYS(ways_smp, "smp-pcid", 0)
WAYS(ways_modes, "modes-smap", 5)

/* Two operations that always come to the same: what the second removes is counted, too. */
static void alike_operations_are_counted(void **state)
{
	static struct run x;

	(void)state;
	scope_load_from(&scope, "test/search/scopes", "removed-again");
	x = (struct run){ .scope = &scope, .impl = vtlb_preset_by_name("kvm-6.12"),
			  .waive = VTLB_WAIVE_ALL, .jobs = 1 };
	run(&x);
	assert_int_equal(x.res.verdict, VTLB_HOLDS);
	for (size_t i = 0; i < scope.nops; i++)
		if (scope.ops[i].code == VTLB_OP_MOV_CR3 || scope.ops[i].code == VTLB_OP_INVPCID) {
			assert_int_equal(x.res.op[i].fired, x.res.stats.states);
			assert_true(x.res.op[i].removed);
		}
	vtlb_scope_free(&scope);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(jobs_tiny), cmocka_unit_test(jobs_pairs),
		cmocka_unit_test(jobs_blocks), cmocka_unit_test(jobs_others),
		cmocka_unit_test(ways_tiny), cmocka_unit_test(ways_default),
		cmocka_unit_test(ways_pairs), cmocka_unit_test(ways_upper),
		cmocka_unit_test(ways_smp), cmocka_unit_test(ways_modes),
		cmocka_unit_test(alike_operations_are_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
