/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * vtlb explore --twins, --perturb and --merges from outside, on a preset, whose states
 * are compared whole, so that there is never anything to find.
 */
#include "cli.h"

/* A preset's states are their own bytes, so two ways never lead to two of them. */
static void no_twins(void **state)
{
	const struct cli *r = CLI(NULL, "explore", "--impl", "kvm-6.12", "--scope", "tiny", "--json",
				  "--twins", "1", "--steps", "2");
	json_t *o = cli_json(r);

	(void)state;
	assert_int_equal(r->code, 3);
	assert_string_equal(json_string_value(json_object_get(o, "verdict")), "incomplete");
	assert_int_equal(json_integer_value(json_object_get(o, "twins")), 0);
	assert_non_null(strstr(json_string_value(json_object_get(o, "reason")), "met no more"));
	json_decref(o);
}

/* .. and nothing is left out of them. */
static void nothing_to_perturb(void **state)
{
	const struct cli *r = CLI(NULL, "explore", "--impl", "kvm-6.12", "--scope", "tiny",
				  "--perturb", "1");

	(void)state;
	assert_int_equal(r->code, 3);
	cli_has(r->out, "unsupported: kvm-6.12 in scope tiny");
	cli_has(r->out, "leaves nothing out");
}

/* As many states as a search has to that depth; a preset's are never two, so nothing is shown. */
static void merges_are_met_again(void **state)
{
	const struct cli *r = CLI(NULL, "explore", "--impl", "kvm-6.12", "--scope", "tiny", "--json",
				  "--merges", "2", "--ahead", "2");
	json_t *o = cli_json(r);

	(void)state;
	assert_int_equal(r->code, 3);
	assert_string_equal(json_string_value(json_object_get(o, "verdict")), "vacuous");
	assert_non_null(strstr(json_string_value(json_object_get(o, "reason")), "Nothing was compared"));
	assert_string_equal(json_string_value(json_object_get(o, "test")), "merges");
	assert_int_equal(json_integer_value(json_object_get(o, "depth")), 2);
	assert_int_equal(json_integer_value(json_object_get(o, "ahead")), 2);
	assert_true(json_integer_value(json_object_get(o, "states")) > 20);
	assert_int_equal(json_integer_value(json_object_get(o, "twins")), 0);
	json_decref(o);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_twins),
		cmocka_unit_test(nothing_to_perturb),
		cmocka_unit_test(merges_are_met_again),
	};

	return cmocka_run_group_tests_name("cli twins", tests, NULL, NULL);
}
