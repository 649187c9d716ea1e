/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * JSON output: fields and values, and that docs/json.md and the output name
 * the same keys.
 */
#define _GNU_SOURCE
#include "cli.h"

#define HALF "kvm-5.16-without-unload-on-pcide"

static void violation_fields(void **state)
{
	const struct cli *r = CLI(cli_famous, "check", "--json", "--impl", HALF, "-");
	json_t *o = cli_json(r), *result, *v, *cost;

	(void)state;
	assert_int_equal(r->code, 1);
	assert_int_equal(json_integer_value(json_object_get(o, "schema")), 1);
	assert_string_equal(cli_string(o, "verdict"), "violates");
	assert_null(json_object_get(o, "expect"));
	assert_int_equal(json_array_size(json_object_get(o, "results")), 1);
	result = json_array_get(json_object_get(o, "results"), 0);
	assert_string_equal(cli_string(result, "trace"), "-");
	assert_string_equal(cli_string(result, "impl"), HALF);
	assert_string_equal(cli_string(result, "vendor"), "intel");
	assert_string_equal(cli_string(result, "reading"), "rely");
	assert_string_equal(cli_string(result, "verdict"), "violates");
	assert_int_equal(json_array_size(json_object_get(result, "waived")), 0);
	assert_int_equal(json_array_size(json_object_get(result, "violations")), 1);

	v = json_array_get(json_object_get(result, "violations"), 0);
	assert_string_equal(cli_string(v, "kind"), "exposure");
	assert_int_equal(json_integer_value(json_object_get(v, "seen_step")), 8);
	assert_int_equal(json_integer_value(json_object_get(v, "guilty_step")), 7);
	assert_int_equal(json_integer_value(json_object_get(v, "dropped_at")), 4);
	assert_string_equal(cli_string(v, "rule"), "I-CR3-P0");
	cli_has(cli_string(v, "section"), "5.10.4.1 (4.10.4.1 in editions up to 2023)");
	assert_int_equal(json_integer_value(json_object_get(v, "vcpu")), 0);
	assert_int_equal(json_integer_value(json_object_get(v, "pcid")), 0);
	assert_string_equal(cli_string(v, "page"), "user");
	cli_has(cli_string(v, "linear"), "0x");
	assert_string_equal(cli_string(v, "got"), "f1");
	assert_true(json_is_null(json_object_get(v, "deviation")));
	cli_has(cli_string(v, "held_in"), "root");
	cli_has(cli_string(v, "trace_text"), "cr3 b noflush\n");

	cost = json_object_get(result, "cost");
	assert_true(json_is_integer(json_object_get(cost, "flushes_unasked")));
	assert_true(json_integer_value(json_object_get(cost, "roots_built")) > 0);
	json_decref(o);
}

static void reuse_has_no_seen_step(void **state)
{
	char *trace = strdup(cli_famous), *last = strstr(trace, "cr3 b pcid=0 noflush");
	const struct cli *r;
	json_t *o, *v;

	(void)state;
	*last = '\0';
	r = CLI(trace, "check", "--json", "--impl", HALF, "-");
	o = cli_json(r);
	v = json_array_get(json_object_get(json_array_get(json_object_get(o, "results"), 0),
					   "violations"), 0);
	assert_int_equal(r->code, 1);
	assert_string_equal(cli_string(v, "kind"), "reuse");
	assert_true(json_is_null(json_object_get(v, "seen_step")));
	assert_int_equal(json_integer_value(json_object_get(v, "guilty_step")), 7);
	assert_string_equal(cli_string(v, "lookahead"), "cr3 b noflush");
	json_decref(o);
	free(trace);
}

static void trace_text_replays(void **state)
{
	const struct cli *r = CLI(cli_famous, "check", "--json", "--impl", HALF, "-");
	json_t *o = cli_json(r);
	json_t *v = json_array_get(json_object_get(
		json_array_get(json_object_get(o, "results"), 0), "violations"), 0);
	char *text = strdup(cli_string(v, "trace_text"));

	(void)state;
	json_decref(o);
	r = CLI(text, "check", "-q", "--impl", HALF, "-");
	assert_int_equal(r->code, 1);
	r = CLI(text, "check", "-q", "--impl", "kvm-5.16", "-");
	assert_int_equal(r->code, 0);
	free(text);
}

static void expect_stands_beside_the_verdict(void **state)
{
	const struct cli *r = CLI(cli_famous_expect, "check", "--json", "--impl", HALF, "-");
	json_t *o = cli_json(r), *e = json_object_get(o, "expect");

	(void)state;
	assert_int_equal(r->code, 1);
	assert_string_equal(cli_string(o, "verdict"), "violates");
	assert_int_equal(json_integer_value(json_object_get(e, "passed")), 0);
	assert_int_equal(json_integer_value(json_object_get(e, "failed")), 1);
	json_decref(o);
}

static void waived_and_overridden(void **state)
{
	const struct cli *r = CLI(cli_famous, "check", "--json", "--impl", "kvm-5.16", "--waive",
				  "noncurrent-refill", "--vendor", "amd", "--reading", "owe", "-");
	json_t *o = cli_json(r);
	json_t *result = json_array_get(json_object_get(o, "results"), 0);
	json_t *waived = json_object_get(result, "waived");

	(void)state;
	assert_string_equal(cli_string(result, "vendor"), "amd");
	assert_string_equal(cli_string(result, "reading"), "owe");
	assert_int_equal(json_array_size(waived), 1);
	assert_string_equal(json_string_value(json_array_get(waived, 0)), "noncurrent-refill");
	json_decref(o);
}

static void parse_errors_have_a_position(void **state)
{
	const struct cli *r = CLI("vtlb-trace 1\nworld vendor=intel mode=shadow vcpus=1\n"
				  "roots a b\ncr4 |= bogus\n", "check", "--json", "-");
	json_t *o = cli_json(r), *e = json_object_get(o, "error");

	(void)state;
	assert_int_equal(r->code, 2);
	assert_string_equal(cli_string(o, "verdict"), "error");
	assert_string_equal(cli_string(e, "file"), "-");
	assert_int_equal(json_integer_value(json_object_get(e, "line")), 4);
	assert_int_equal(json_integer_value(json_object_get(e, "column")), 8);
	json_decref(o);
}

static void list_is_an_array(void **state)
{
	json_t *a = cli_json(CLI(NULL, "list", "impls", "--json"));
	bool found = false;

	(void)state;
	assert_true(json_is_array(a));
	for (size_t i = 0; i < json_array_size(a); i++)
		found |= strcmp(json_string_value(json_array_get(a, i)), "kvm-6.12") == 0;
	assert_true(found);
	json_decref(a);
}

static json_t *all_keys(void)
{
	json_t *keys = json_object(), *o;

	o = cli_json(CLI(cli_famous_expect, "check", "--json", "--impl", HALF, "-"));
	cli_keys(keys, o);
	json_decref(o);
	o = cli_json(CLI(NULL, "check", "--json"));
	cli_keys(keys, o);
	json_decref(o);
	o = cli_json(CLI(NULL, "explore", "--json", "--impl", HALF, "--scope", "tiny"));
	cli_keys(keys, o);
	json_decref(o);
	o = cli_json(CLI(NULL, "explore", "--json", "--impl", "kvm-6.12", "--waive", "all",
			 "--scope", "tiny", "--simulate", "3"));
	cli_keys(keys, o);
	json_decref(o);
	o = cli_json(CLI(NULL, "rules", "--json"));
	cli_keys(keys, o);
	json_decref(o);
	o = cli_json(CLI(cli_famous, "compare", "--json", HALF, "kvm-5.16", "-"));
	cli_keys(keys, o);
	json_decref(o);
	o = cli_json(CLI(NULL, "compare", "--json", "kvm-6.1", "kvm-6.12", "--scope", "modes-nxe"));
	cli_keys(keys, o);
	json_decref(o);
	return keys;
}

static void every_key_is_documented(void **state)
{
	char *docs = cli_read(cli_source("docs/json.md"));
	json_t *keys = all_keys(), *unused;
	const char *key;
	char row[80];

	(void)state;
	json_object_foreach(keys, key, unused) {
		snprintf(row, sizeof(row), "\n| `%s` |", key);
		cli_has(docs, row);
	}
	json_decref(keys);
	free(docs);
}

static void every_documented_key_exists(void **state)
{
	char *docs = cli_read(cli_source("docs/json.md"));
	json_t *keys = all_keys();
	char *kernel = strstr(docs, "\n## `vtlb kernel check --json`");
	unsigned int n = 0;

	(void)state;
	/* test_cli_kernel_check.c looks at what follows */
	assert_non_null(kernel);
	*kernel = '\0';
	for (char *s = strstr(docs, "\n| `"); s; s = strstr(s, "\n| `")) {
		char *end = strchr(s += 4, '`');

		*end = '\0';
		if (!json_object_get(keys, s))
			fail_msg("docs/json.md has '%s', the output has not", s);
		s = end + 1;
		n++;
	}
	assert_true(n > 40);
	json_decref(keys);
	free(docs);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(violation_fields),
		cmocka_unit_test(reuse_has_no_seen_step),
		cmocka_unit_test(trace_text_replays),
		cmocka_unit_test(expect_stands_beside_the_verdict),
		cmocka_unit_test(waived_and_overridden),
		cmocka_unit_test(parse_errors_have_a_position),
		cmocka_unit_test(list_is_an_array),
		cmocka_unit_test(every_key_is_documented),
		cmocka_unit_test(every_documented_key_exists),
	};

	return cmocka_run_group_tests_name("cli json", tests, NULL, NULL);
}
