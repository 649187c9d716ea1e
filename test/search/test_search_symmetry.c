/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Symmetry reduction hides nothing: without it a search comes to the same answer,
 * and visits as many states as the orbits of the reduced one stand for.
 */
#include "run.h"

static struct vtlb_scope scope;

/* Presets of which in some scope one holds, some deviate, and the others violate. */
static const char *const presets[] = {
	"kvm-4.20", "kvm-5.14", "kvm-5.16-without-unload-on-pcide", "kvm-6.12",
};

#define NR_PRESETS (sizeof(presets) / sizeof(presets[0]))

/* The same answer with and without symmetry; @group: symmetries, counted by hand. */
static void answer(const char *folder, const char *name, uint32_t depth, uint32_t group)
{
	static struct run a, b;

	scope_load_from(&scope, folder, name);
	for (size_t i = 0; i < NR_PRESETS; i++)
		for (uint32_t waive = 0; waive <= VTLB_WAIVE_ALL; waive += VTLB_WAIVE_ALL) {
			a = (struct run){
				.scope = &scope,
				.impl = vtlb_preset_by_name(presets[i]),
				.waive = waive,
				.depth = depth,
				.jobs = 1,
			};
			b = a;
			b.flags = VTLB_EXPLORE_NO_SYMMETRY;
			run(&a);
			run(&b);
			assert_int_equal(a.res.stats.group, group);
			assert_int_equal(b.res.stats.group, 1);
			run_same_answer(&a, &b);
			assert_int_equal(a.res.complete, b.res.complete);
			assert_true(a.res.stats.states <= b.res.stats.states);
		}
	vtlb_scope_free(&scope);
}

#define ANSWER(test, name, depth, group)                                      \
	static void test(void **state)                                        \
	{                                                                     \
		(void)state;                                                  \
		answer("scopes", name, LEVELS(depth), group);                       \
	}

/* Two roots with their tables; two frames; PCIDs other than 0; two vCPUs. */
ANSWER(answer_tiny, "tiny", 6, 4)
ANSWER(answer_default, "default-pcid", 5, 8)
ANSWER(answer_pairs, "pairs", 5, 8)
ANSWER(answer_upper, "upper-link", 7, 4)
ANSWER(answer_smp, "smp-pcid", 0, 4)
ANSWER(answer_modes, "modes-smap", 6, 1)

/* Of 96 renamings, more than there is room for, the 48 that leave roots alone are used. */
static void answer_too_many(void **state)
{
	(void)state;
	answer("test/search/scopes", "many-renamings", LEVELS(4), 48);
}

/* All that can be reached in 1 .. @depth steps: sums of orbits, level by level. */
static void sums(const char *folder, const char *name, uint32_t depth)
{
	static struct run a, b;
	bool ended = false;

	scope_load_from(&scope, folder, name);
	for (size_t i = 0; i < NR_PRESETS; i++, ended = false)
		for (uint32_t d = 1; d <= depth && !ended; d++) {
			a = (struct run){
				.scope = &scope,
				.impl = vtlb_preset_by_name(presets[i]),
				.waive = VTLB_WAIVE_ALL,
				.flags = VTLB_EXPLORE_NO_COVER,
				.depth = d,
				.jobs = 1,
			};
			b = a;
			b.flags |= VTLB_EXPLORE_NO_SYMMETRY | VTLB_EXPLORE_ALL_IMAGES;
			run(&a);
			run(&b);
			assert_true(a.res.stats.orbit_states > a.res.stats.states);
			assert_int_equal(b.res.stats.states, a.res.stats.orbit_states);
			assert_int_equal(b.res.stats.orbit_states, b.res.stats.states);
			assert_int_equal(b.res.stats.diameter, a.res.stats.diameter);
			assert_int_equal(!b.res.stats.violating, !a.res.stats.violating);
			assert_int_equal(b.res.verdict, a.res.verdict);
			ended = a.res.verdict == VTLB_VIOLATES || a.res.complete;
		}
	vtlb_scope_free(&scope);
}

#define SUMS(test, name, depth)                                               \
	static void test(void **state)                                        \
	{                                                                     \
		(void)state;                                                  \
		sums("scopes", name, LEVELS(depth));                          \
	}

SUMS(sums_tiny, "tiny", 5)
SUMS(sums_default, "default-pcid", 4)
SUMS(sums_pairs, "pairs", 4)
SUMS(sums_upper, "upper-link", 6)
SUMS(sums_smp, "smp-pcid", 20)

static void sums_too_many(void **state)
{
	(void)state;
	sums("test/search/scopes", "many-renamings", LEVELS(4));
}

/* Each level of a search without symmetry, not only the total. */
static void levels(void **state)
{
	static struct run r;
	uint64_t sum = 0;

	(void)state;
	scope_load(&scope, "upper-link");
	r = (struct run){
		.scope = &scope,
		.impl = vtlb_preset_by_name("kvm-6.12"),
		.flags = VTLB_EXPLORE_NO_SYMMETRY | VTLB_EXPLORE_NO_COVER |
			 VTLB_EXPLORE_ALL_IMAGES,
		.waive = VTLB_WAIVE_ALL,
		.depth = 5,
		.jobs = 1,
	};
	run(&r);
	/* frames and roots can be exchanged in four ways, and the start is none of them */
	assert_int_equal(r.res.stats.level[0], 4);
	for (uint32_t i = 0; i <= r.res.stats.diameter; i++)
		sum += r.res.stats.level[i];
	assert_int_equal(sum, r.res.stats.states);
	vtlb_scope_free(&scope);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answer_tiny), cmocka_unit_test(answer_default),
		cmocka_unit_test(answer_pairs), cmocka_unit_test(answer_upper),
		cmocka_unit_test(answer_smp), cmocka_unit_test(answer_modes),
		cmocka_unit_test(answer_too_many),
		cmocka_unit_test(sums_tiny), cmocka_unit_test(sums_default),
		cmocka_unit_test(sums_pairs), cmocka_unit_test(sums_upper),
		cmocka_unit_test(sums_smp), cmocka_unit_test(sums_too_many),
		cmocka_unit_test(levels),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
