/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The command line itself: help, version, and every way to get it wrong.
 */
#define _GNU_SOURCE
#include "cli.h"

static void version(void **state)
{
	const struct cli *r = CLI(NULL, "--version");

	(void)state;
	assert_int_equal(r->code, 0);
	assert_string_equal(r->out, "vtlb 0.1.0\n");
	assert_string_equal(r->err, "");
}

static void help_lists_commands(void **state)
{
	static const char *const ways[][3] = {
		{ "help" }, { "--help" }, { "-h" }, { "help", "help" },
	};

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		const struct cli *r = cli_run(NULL, ways[i]);

		assert_int_equal(r->code, 0);
		cli_has(r->out, "\n  check ");
		cli_has(r->out, "\n  compare ");
		cli_has(r->out, "\n  explore ");
		cli_has(r->out, "\n  shrink ");
		cli_has(r->out, "\n  list ");
		cli_has(r->out, "\n  rules ");
		cli_has(r->out, "\n  kernel ");
		cli_has(r->out, "Example:");
	}
}

static void help_of_each_command(void **state)
{
	static const char *const commands[] = { "check", "explore", "compare", "shrink", "list", "rules",
						 "kernel" };

	(void)state;
	for (size_t i = 0; i < 7; i++) {
		const struct cli *r = CLI(NULL, "help", commands[i]);
		char *first = strdup(r->out);

		assert_int_equal(r->code, 0);
		cli_has(r->out, "Example");
		cli_has(r->out, "Usage: vtlb ");
		r = CLI(NULL, commands[i], "--help");
		assert_int_equal(r->code, 0);
		assert_string_equal(r->out, first);
		assert_string_equal(r->err, "");
		free(first);
	}
}

/* Required arguments once, and nothing of what argp says by itself. */
static void usage_lines(void **state)
{
	static const struct {
		const char *command, *usage;
	} lines[] = {
		{ "check", "Usage: vtlb check [OPTION...] TRACE...\n" },
		{ "compare", "Usage: vtlb compare A B [TRACE...] [OPTION...]\n" },
		{ "explore", "Usage: vtlb explore --impl NAME|FILE [OPTION...]\n" },
		{ "shrink", "Usage: vtlb shrink TRACE --impl NAME|FILE -o OUT [OPTION...]\n" },
		{ "list", "Usage: vtlb list impls|rules|deviations|scopes|workloads [OPTION...]\n" },
		{ "rules", "Usage: vtlb rules [ID] [OPTION...]\n" },
		{ "kernel", "Usage: vtlb kernel build|check|diff [OPTION...]\n" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		const struct cli *r = CLI(NULL, "help", lines[i].command);

		assert_int_equal(strncmp(r->out, lines[i].usage, strlen(lines[i].usage)), 0);
		cli_lacks(r->out, "Mandatory");
		cli_lacks(r->out, "[-");
	}
}

static void refused(const struct cli *r, const char *why)
{
	assert_int_equal(r->code, 2);
	assert_string_equal(r->out, "");
	cli_has(r->err, why);
}

static void wrong_usage(void **state)
{
	(void)state;
	refused(CLI(NULL, "chekc"),
		"'chekc' is not a command; there are: check, explore, compare, shrink, list, rules, kernel");
	refused(CLI(NULL, "help", "chekc"), "'chekc' is not a command");
	refused(CLI(NULL, "check"), "no TRACE given");
	refused(CLI(NULL, "check", "--bogus", "x"), "option '--bogus' is unknown");
	refused(CLI(NULL, "check", "-x", "x"), "option '-x' is unknown");
	refused(CLI(NULL, "check", "x", "--impl"), "option '--impl' needs an argument");
	refused(CLI(NULL, "check", "--quiet=1", "x"), "option '--quiet' takes no argument");
	refused(CLI(NULL, "check", "--vendor", "via", "x"), "'via' is neither intel nor amd");
	refused(CLI(NULL, "check", "--reading", "tea", "x"), "'tea' is neither rely nor owe");
	refused(CLI(NULL, "check", "--waive", "x", "y"), "there are: noncurrent-refill, ");
	refused(CLI(NULL, "check", "-", "-"), "'-' can be read only once");
	refused(CLI(cli_famous, "check", "--impl", "kvm-9", "-"),
		"no preset is called 'kvm-9'; there are: ");
	refused(CLI(NULL, "list"), "say what to list");
	refused(CLI(NULL, "list", "traces"), "there are: impls, rules, deviations, scopes, workloads");
	refused(CLI(NULL, "list", "impls", "rules"), "one list at a time");
	refused(CLI(NULL, "rules", "I-NONE"), "no rule is called 'I-NONE'");
	refused(CLI(NULL, "rules", "i-cr4-pcide10"), "near to it: I-CR4-PCIDE10");
	refused(CLI(NULL, "rules", "--markdown", "I-CR4-PCIDE10"), "--markdown");
	refused(CLI(NULL, "shrink", "--impl", "kvm-6.1", "-o", "-"), "no TRACE given");
	refused(CLI(NULL, "shrink", "x", "-o", "-"), "no --impl given");
	refused(CLI(NULL, "shrink", "x", "--impl", "kvm-6.1"), "no -o given");
	refused(CLI(NULL, "shrink", "x", "y", "--impl", "kvm-6.1", "-o", "-"),
		"one TRACE at a time");
}

static void no_command(void **state)
{
	const struct cli *r = cli_run(NULL, (const char *const[]){ NULL });

	(void)state;
	refused(r, "no command given");
}

/* Exit 2 prints its object too, and nothing else. */
static void usage_errors_are_json_too(void **state)
{
	const struct cli *r = CLI(NULL, "check", "--json", "--bogus");
	json_t *o = cli_json(r), *e = json_object_get(o, "error");

	(void)state;
	assert_int_equal(r->code, 2);
	assert_string_equal(cli_string(o, "verdict"), "error");
	assert_int_equal(json_integer_value(json_object_get(o, "schema")), 1);
	cli_has(cli_string(e, "message"), "'--bogus' is unknown");
	assert_true(json_is_null(json_object_get(e, "file")));
	assert_true(json_is_null(json_object_get(e, "line")));
	assert_true(json_is_null(json_object_get(e, "column")));
	json_decref(o);
}

static void full_disk_is_no_success(void **state)
{
	char command[4400];
	int status;

	(void)state;
	snprintf(command, sizeof(command), "'%s' list rules > /dev/full 2>&1", cli_bin());
	status = system(command);
	assert_int_equal(status >> 8, 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(version),
		cmocka_unit_test(help_lists_commands),
		cmocka_unit_test(help_of_each_command),
		cmocka_unit_test(usage_lines),
		cmocka_unit_test(wrong_usage),
		cmocka_unit_test(no_command),
		cmocka_unit_test(usage_errors_are_json_too),
		cmocka_unit_test(full_disk_is_no_success),
	};

	return cmocka_run_group_tests_name("cli usage", tests, NULL, NULL);
}
