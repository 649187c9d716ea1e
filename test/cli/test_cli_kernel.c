/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * vtlb kernel as far as no kernel is needed, and programs as implementations: a
 * small one that is linked as a kernel's is.
 */
#define _GNU_SOURCE
#include "cli.h"

static void refused(const struct cli *r, const char *why)
{
	assert_int_equal(r->code, 2);
	assert_string_equal(r->out, "");
	cli_has(r->err, why);
}

static void help_of_each(void **state)
{
	(void)state;
	cli_has(CLI(NULL, "help", "kernel", "check")->out, "Usage: vtlb kernel check --tree");
	cli_has(CLI(NULL, "help", "kernel", "diff")->out, "Usage: vtlb kernel diff --impl");
	cli_has(CLI(NULL, "help", "kernel", "build")->out, "Usage: vtlb kernel build|check|diff");
}

static void wrong_lines(void **state)
{
	(void)state;
	refused(CLI(NULL, "kernel"), "say what to do: 'vtlb kernel build'");
	refused(CLI(NULL, "kernel", "bild"), "'kernel bild' is not supported");
	refused(CLI(NULL, "kernel", "diff", "--debian", "6.12"), "--impl PRESET");
	refused(CLI(NULL, "kernel", "diff", "--impl", "nope", "--tree", "/"),
		"no preset is called 'nope'");
	refused(CLI(NULL, "kernel", "diff", "--impl", "kvm-6.12", "--tree", "/", "--scope",
		    "no-such"), "no-such");
	refused(CLI(NULL, "kernel", "diff", "--impl", "kvm-6.12"), "one of the two");
	refused(CLI(NULL, "kernel", "diff", "--impl", "kvm-6.12", "--tree", "/", "--vendor-module",
		    "vmx"), "there are: sim, svm, svm-old");
	refused(CLI(NULL, "kernel", "diff", "--impl", "kvm-6.12", "--program", "./x", "--tree", "/"),
		"--program is built already");
	refused(CLI(NULL, "kernel", "build"), "--tree DIR or --debian VERSION, one of the two");
	refused(CLI(NULL, "kernel", "build", "--tree", "/", "--debian", "6.12"), "one of the two");
	refused(CLI(NULL, "kernel", "build", "--tree", "/", "--vendor-module", "vmx"),
		"--vendor-module vmx is not supported; there are: sim, svm, svm-old");
	refused(CLI(NULL, "kernel", "build", "x"), "'x' is one word too many");
	refused(CLI(NULL, "kernel", "build", "--jobs", "0"), "--jobs");
}

/* The program's own command line, and vtlb's, which becomes the program's. */
static void program_is_run(void **state)
{
	const struct cli *r = CLI(cli_famous, "check", "--impl", cli_example("program"), "-");

	(void)state;
	assert_int_equal(r->code, 1);
	cli_has(r->out, "never-flush");
	cli_has(r->out, "violates");
	cli_lacks(r->err, "vtlb:");
}

static void program_beside_a_preset(void **state)
{
	const struct cli *r = CLI(cli_famous, "check", "-q", "--json", "--impl", "kvm-6.12",
				  "--impl", cli_example("program"), "-");
	json_t *o = cli_json(r);

	(void)state;
	assert_int_equal(r->code, 1);
	assert_int_equal(json_array_size(json_object_get(o, "results")), 2);
	json_decref(o);
}

static void what_programs_cannot(void **state)
{
	char *other = strdup(cli_example("program2"));

	(void)state;
	refused(CLI(cli_famous, "check", "--impl", cli_example("program"), "--impl", other, "-"),
		"not supported: two programs as implementations in one command");
	free(other);
	refused(CLI(NULL, "explore", "--impl", cli_example("program"), "--scope", "tiny"),
		"not supported: an exhaustive search");
	refused(CLI(cli_famous, "check", "--impl", cli_example("no_note"), "-"),
		"is a program with no implementation in it");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(help_of_each),
		cmocka_unit_test(wrong_lines),
		cmocka_unit_test(program_is_run),
		cmocka_unit_test(program_beside_a_preset),
		cmocka_unit_test(what_programs_cannot),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
