/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * vtlb compare: both sides' verdict and cost, where they part, and the page that
 * shows what the patch of 2021 saves.
 */
#define _GNU_SOURCE
#include "cli.h"

#include <unistd.h>

#define HALF "kvm-5.16-without-unload-on-pcide"

/* Two switches between two roots: built and freed each time, or built and reused. */
#define SWITCHES                                                                           \
	"vtlb-trace 1\n"                                                                   \
	"world features=pcid,invpcid,pge,smep,smap,nx\n"                                   \
	"roots a b\n"                                                                      \
	"read user\n"                                                                      \
	"cr3 b\n"                                                                          \
	"cr3 a\n"

/* Is there a line that has these words, and nothing else but blanks between them? */
static void has_row(const char *text, const char *const *words)
{
	for (const char *s = text; *s; s += *s != '\0') {
		const char *p = s;
		size_t i = 0;

		while (words[i]) {
			p += strspn(p, " ");
			if (strncmp(p, words[i], strlen(words[i])) != 0)
				break;
			p += strlen(words[i++]);
			if (*p != ' ' && *p != '\n')
				break;
		}
		if (!words[i] && *p == '\n')
			return;
		s = strchrnul(s, '\n');
	}
	fail_msg("no row '%s' '%s' ... in:\n%s", words[0], words[1], text);
}

#define ROW(text, ...) has_row(text, (const char *const[]){ __VA_ARGS__, NULL })

static void both_sides(void **state)
{
	const struct cli *r = CLI(SWITCHES, "compare", "kvm-5.14", "kvm-5.16", "-");

	(void)state;
	assert_int_equal(r->code, 0);
	assert_string_equal(r->err, "");
	ROW(r->out, "Trace", "kvm-5.14", "kvm-5.16", "Difference", "Ratio");
	ROW(r->out, "-", "verdict", "holds", "holds");
	ROW(r->out, "3 steps", "roots built", "2", "1", "-1", "0.500");
	ROW(r->out, "2 MOV CR3", "roots reused", "0", "1", "+1");
	ROW(r->out, "roots freed", "2", "0", "-2", "0.000");
	ROW(r->out, "syncs", "0", "0", "0");
	ROW(r->out, "refaults", "1", "1", "0", "1.000");
	ROW(r->out, "flushes", "4", "3", "-1", "0.750");
	ROW(r->out, "not asked for", "0", "0", "0");
	cli_has(r->out, "First difference: -, step 2, in cost.\n");
	ROW(r->out, "2 *", "cr3 b", "I-CR3-P0: NG[0] PSC[0] (5.10.4.1)",
	    "1 root built, 1 root freed, 2 flushes", "1 root built, 2 flushes");
	cli_lacks(r->out, "3 *");
	cli_has(r->out, "Judged: Intel contract, rely reading");
}

static void the_verdict_differs(void **state)
{
	const struct cli *r = CLI(cli_famous, "compare", "kvm-5.16", HALF, "-");

	(void)state;
	assert_int_equal(r->code, 0);
	ROW(r->out, "-", "verdict", "holds", "violates");
	cli_has(r->out, "First difference: -, step 7, in verdict and cost.\n");
	cli_has(r->out, "\n4  ");
	cli_lacks(r->out, "\n3  ");
	cli_has(r->out, "1 flush (not asked for); holds");
	cli_has(r->out, "violates I-CR3-P0: -\n  On " HALF ":\n");
	/* expectations are check's */
	r = CLI(cli_famous_expect, "compare", "kvm-5.16", HALF, "-");
	assert_int_equal(r->code, 0);
	cli_lacks(r->out, "is not met");
}

/* MOV CR0 that clears PG in 64-bit code has to fault; 5.14 lets it pass. */
static void everything_differs(void **state)
{
	static const char trace[] = "vtlb-trace 1\nworld\nroots a\nread user\ncr0 &= ~pg\n";
	const struct cli *r = CLI(trace, "compare", "kvm-5.14", "kvm-5.16", "-");
	json_t *o, *d, *in;

	(void)state;
	assert_int_equal(r->code, 0);
	ROW(r->out, "-", "verdict", "violates", "holds");
	cli_has(r->out, "First difference: -, step 2, in outcome, verdict and cost.\n");
	cli_has(r->out, "#GP(0); holds");
	o = cli_json(CLI(trace, "compare", "kvm-5.14", "kvm-5.16", "--json", "-"));
	assert_string_equal(cli_string(o, "verdict"), "violates");
	d = json_object_get(o, "first_difference");
	in = json_object_get(d, "differs_in");
	assert_int_equal(json_array_size(in), 3);
	assert_string_equal(json_string_value(json_array_get(in, 0)), "outcome");
	assert_string_equal(json_string_value(json_array_get(in, 1)), "verdict");
	assert_string_equal(json_string_value(json_array_get(in, 2)), "cost");
	assert_string_equal(cli_string(json_object_get(d, "a"), "fault"), "none");
	assert_string_equal(cli_string(json_object_get(d, "a"), "verdict"), "violates");
	assert_string_equal(cli_string(json_object_get(d, "b"), "fault"), "#GP(0)");
	assert_string_equal(cli_string(json_object_get(d, "b"), "verdict"), "holds");
	assert_true(json_is_null(json_object_get(json_object_get(d, "b"), "outcome")));
	json_decref(o);
}

static void no_difference(void **state)
{
	const struct cli *r = CLI(SWITCHES, "compare", "kvm-6.1", "kvm-6.1", "-");
	json_t *o, *x;

	(void)state;
	assert_int_equal(r->code, 0);
	ROW(r->out, "Trace", "kvm-6.1 (A)", "kvm-6.1 (B)", "Difference", "Ratio");
	cli_has(r->out, "\nNo difference: every step that was run has the same outcome, verdict and "
			"cost on both sides.\n");
	o = cli_json(CLI(SWITCHES, "compare", "kvm-6.1", "kvm-6.1", "--json", "-"));
	assert_true(json_is_null(json_object_get(o, "first_difference")));
	x = json_array_get(json_object_get(o, "compared"), 0);
	assert_int_equal(json_array_size(json_object_get(x, "differs_in")), 0);
	assert_true(json_is_null(json_object_get(x, "differs_at")));
	assert_true(json_is_null(json_object_get(x, "seed")));
	json_decref(o);
}

/* A side that refuses the world never begins; there is no step to show. */
static void a_side_may_have_no_answer(void **state)
{
	static const char la57[] = "vtlb-trace 1\nworld features=la57\nroots a\nread user\n";
	const struct cli *r = CLI(la57, "compare", "kvm-6.1", cli_example("always_flush.so"), "-");
	json_t *o, *d;

	(void)state;
	assert_int_equal(r->code, 0);
	ROW(r->out, "-", "verdict", "unsupported", "holds");
	cli_has(r->out, "-: unsupported on kvm-6.1: ");
	cli_has(r->out, "First difference: -, in the verdict of the whole run.\n");
	o = cli_json(CLI(la57, "compare", "kvm-6.1", cli_example("always_flush.so"), "--json",
			 "-"));
	d = json_object_get(o, "first_difference");
	assert_true(json_is_null(json_object_get(d, "step")));
	assert_true(json_is_null(json_object_get(d, "operation")));
	assert_true(json_is_null(json_object_get(d, "a")));
	json_decref(o);
}

/* 32-bit paging is not modelled: no answer from there on, on either side. */
static void a_side_may_stop(void **state)
{
	static const char trace[] =
		"vtlb-trace 1\nworld\nroots a\nread user\ncs.l 0\ncr0 &= ~pg\n"
		"efer &= ~lme\ncr0 |= pg\nread user\n";
	const struct cli *r = CLI(trace, "compare", "kvm-6.1", "kvm-6.1", "-");

	(void)state;
	assert_int_equal(r->code, 0);
	ROW(r->out, "-", "verdict", "unsupported", "unsupported");
	cli_has(r->out, "-: unsupported on kvm-6.1 (B), stopped at step 5: an operation left "
			"what is modelled.\n");
	cli_has(r->out, "\nNo difference: every step that was run");
}

static void first_of_several(void **state)
{
	const struct cli *r = CLI(NULL, "compare", "kvm-5.14", "kvm-5.16", "--workload",
				  "switch-2-pcid", "--workload", "switch-4", "--steps", "200");

	(void)state;
	assert_int_equal(r->code, 0);
	cli_has(r->out, "\nswitch-4 ");
	cli_has(r->out, "\nall  ");
	cli_has(r->out, "First difference: switch-4, step 3, in cost.\n");
	cli_lacks(r->out, "switch-3");
	r = CLI(cli_famous, "compare", "kvm-5.16", HALF, "-", "--workload", "boot");
	cli_has(r->out, "Compare a trace alone to have its violations explained.\n");
	cli_lacks(r->out, "Made possible by");
}

static void as_json(void **state)
{
	const struct cli *r = CLI(SWITCHES, "compare", "kvm-5.14", "kvm-5.16", "--json", "--workload",
				  "switch-2", "--seed", "9", "--steps", "20", "-");
	json_t *o = cli_json(r), *results = json_object_get(o, "results"), *d, *x;

	(void)state;
	assert_int_equal(r->code, 0);
	assert_string_equal(cli_string(o, "verdict"), "holds");
	assert_int_equal(json_array_size(results), 4);
	assert_string_equal(cli_string(json_array_get(results, 0), "impl"), "kvm-5.14");
	assert_string_equal(cli_string(json_array_get(results, 1), "impl"), "kvm-5.16");
	assert_string_equal(cli_string(json_array_get(results, 1), "trace"), "-");
	assert_string_equal(cli_string(json_array_get(results, 2), "trace"), "switch-2");
	d = json_object_get(o, "first_difference");
	assert_string_equal(cli_string(d, "trace"), "-");
	assert_int_equal(json_integer_value(json_object_get(d, "step")), 2);
	assert_int_equal(json_integer_value(json_object_get(d, "line")), 5);
	assert_string_equal(cli_string(d, "operation"), "cr3 b");
	x = json_object_get(json_object_get(d, "a"), "cost");
	assert_int_equal(json_integer_value(json_object_get(x, "roots_freed")), 1);
	x = json_object_get(json_object_get(d, "b"), "cost");
	assert_int_equal(json_integer_value(json_object_get(x, "roots_freed")), 0);
	x = json_array_get(json_object_get(o, "compared"), 0);
	assert_int_equal(json_integer_value(json_object_get(x, "steps")), 3);
	x = json_object_get(x, "cost_difference");
	assert_int_equal(json_integer_value(json_object_get(x, "roots_built")), -1);
	assert_int_equal(json_integer_value(json_object_get(x, "roots_reused")), 1);
	assert_int_equal(json_integer_value(json_object_get(x, "roots_freed")), -2);
	assert_int_equal(json_integer_value(json_object_get(x, "flushes")), -1);
	x = json_array_get(json_object_get(o, "compared"), 1);
	assert_int_equal(json_integer_value(json_object_get(x, "steps")), 20);
	assert_int_equal(json_integer_value(json_object_get(x, "seed")), 9);
	json_decref(o);
}

static void the_seed_decides(void **state)
{
	const struct cli *r = CLI(NULL, "compare", "kvm-5.14", "kvm-5.16", "--workload", "switch-5");
	char *one = strdup(r->out);

	(void)state;
	r = CLI(NULL, "compare", "kvm-5.14", "kvm-5.16", "--workload", "switch-5", "--seed", "1",
		"--steps", "1000");
	assert_string_equal(r->out, one);
	r = CLI(NULL, "compare", "kvm-5.14", "kvm-5.16", "--workload", "switch-5", "--seed", "2");
	assert_string_not_equal(r->out, one);
	free(one);
}

/* Without a trace or a workload: every workload, in the order in which they are listed. */
static void all_workloads(void **state)
{
	const struct cli *r = CLI(NULL, "list", "workloads");
	char *names = strdup(r->out), *save = NULL;
	json_t *o = cli_json(CLI(NULL, "compare", "kvm-6.1", "kvm-6.12", "--steps", "30",
				 "--json"));
	json_t *all = cli_json(CLI(NULL, "compare", "kvm-6.1", "kvm-6.12", "--steps", "30",
				   "--json", "--workload", "boot", "--workload", "all"));
	size_t n = 0;

	(void)state;
	assert_true(json_equal(o, all));
	for (char *s = strtok_r(names, "\n", &save); s; s = strtok_r(NULL, "\n", &save), n++)
		assert_string_equal(cli_string(json_array_get(json_object_get(o, "compared"), n),
					       "trace"), s);
	assert_int_equal(n, 19);
	assert_int_equal(json_array_size(json_object_get(o, "compared")), n);
	json_decref(o);
	json_decref(all);
	free(names);
}

static void quiet_and_waived(void **state)
{
	const struct cli *r = CLI(cli_famous, "compare", "-q", "kvm-5.16", HALF, "-");

	(void)state;
	assert_int_equal(r->code, 0);
	assert_string_equal(r->out, "");
	assert_string_equal(r->err, "");
	r = CLI(cli_famous, "compare", "kvm-5.16", HALF, "-", "--waive", "all", "--vendor", "amd",
		"--reading", "owe", "--no-color");
	cli_has(r->out, "Judged: AMD contract, owe reading");
	cli_has(r->out, "waived: noncurrent-refill");
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
	refused(CLI(NULL, "compare"), "compare: two implementations are needed, A and B");
	refused(CLI(NULL, "compare", "kvm-6.1"), "two implementations are needed, A and B");
	refused(CLI(NULL, "compare", "kvm-6.1", "kvm-9"), "vtlb: no preset is called 'kvm-9'");
	refused(CLI(NULL, "compare", "kvm-6.1", "kvm-6.1", "/nonexistent"), "cannot open");
	refused(CLI(NULL, "compare", "kvm-6.1", "kvm-6.1", "-", "-"), "'-' can be read only once");
	refused(CLI(NULL, "compare", "kvm-6.1", "kvm-6.1", "--workload", "switch-9"),
		"no workload is called 'switch-9' ('vtlb list workloads' names them)");
	refused(CLI(NULL, "compare", "kvm-6.1", "kvm-6.1", "--steps", "0"),
		"--steps: '0' is not a number from 1 to 1000000");
	refused(CLI(NULL, "compare", "kvm-6.1", "kvm-6.1", "--steps", "1000001"), "--steps");
	refused(CLI(NULL, "compare", "kvm-6.1", "kvm-6.1", "--seed", "-1"), "--seed: '-1' is not");
	refused(CLI(NULL, "compare", "kvm-6.1", "kvm-6.1", "--seed", "1x"), "--seed: '1x' is not");
	refused(CLI(SWITCHES, "compare", "kvm-6.1", "kvm-6.1", "--seed", "3", "-"),
		"--seed and --steps are for workloads");
}

/* The arguments of a "$ vtlb ..." line, quotes taken off. */
static const struct cli *run_line(char *line)
{
	const char *args[16] = { NULL };
	size_t n = 0;
	char *save = NULL;

	for (char *s = strtok_r(line, " '", &save); s; s = strtok_r(NULL, " '", &save)) {
		assert_true(n < 15);
		args[n++] = s;
	}
	return cli_run(NULL, args);
}

/* docs/compare.md shows what its commands print. */
static void the_page_is_real(void **state)
{
	static const char begin[] = "\n```\n$ vtlb ";
	char *page = cli_read(cli_source("docs/compare.md"));
	unsigned int n = 0;

	(void)state;
	assert_int_equal(chdir(cli_source(".")), 0);
	for (char *s = strstr(page, begin); s; n++) {
		char *line = s + strlen(begin), *text = strchr(line, '\n'), *end;
		const struct cli *r;

		assert_non_null(text);
		*text++ = '\0';
		end = strstr(text, "\n```\n");
		assert_non_null(end);
		end[1] = '\0';
		setenv("COLUMNS", "100", 1);
		r = run_line(line);
		unsetenv("COLUMNS");
		assert_int_equal(r->code, 0);
		assert_string_equal(r->out, text);
		s = strstr(end + 2, begin);
	}
	assert_int_equal(n, 5);
	free(page);
}

static void the_page_names_the_workloads(void **state)
{
	char *page = cli_read(cli_source("docs/compare.md")), *save = NULL;
	char *names = strdup(CLI(NULL, "list", "workloads")->out);
	char row[80];

	(void)state;
	for (char *s = strtok_r(names, "\n", &save); s; s = strtok_r(NULL, "\n", &save)) {
		if (strncmp(s, "switch-", 7) == 0)
			s[7] = 'N';
		snprintf(row, sizeof(row), "\n| `%s` | ", s);
		cli_has(page, row);
	}
	free(names);
	free(page);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_sides),
		cmocka_unit_test(the_verdict_differs),
		cmocka_unit_test(everything_differs),
		cmocka_unit_test(no_difference),
		cmocka_unit_test(a_side_may_have_no_answer),
		cmocka_unit_test(a_side_may_stop),
		cmocka_unit_test(first_of_several),
		cmocka_unit_test(as_json),
		cmocka_unit_test(the_seed_decides),
		cmocka_unit_test(all_workloads),
		cmocka_unit_test(quiet_and_waived),
		cmocka_unit_test(wrong_usage),
		cmocka_unit_test(the_page_is_real),
		cmocka_unit_test(the_page_names_the_workloads),
	};

	return cmocka_run_group_tests_name("cli compare", tests, NULL, NULL);
}
