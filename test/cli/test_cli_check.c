/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * vtlb check for people: verdicts, exit codes, tables, sentences, errors.
 */
#define _GNU_SOURCE
#include "cli.h"

#include <unistd.h>

#define HEADER                                                                             \
	"vtlb-trace 1\n"                                                                   \
	"world vendor=intel mode=shadow features=pcid,invpcid,pge,smep,smap,nx vcpus=1\n" \
	"roots a b\n"

#define HALF "kvm-5.16-without-unload-on-pcide"

static void fixed_kernel_holds(void **state)
{
	const struct cli *r = CLI(cli_famous, "check", "--impl", "kvm-5.16", "-");

	(void)state;
	assert_int_equal(r->code, 0);
	cli_has(r->out, "holds");
	cli_has(r->out, "Judged: Intel contract, rely reading, shadow paging, one VM, 1 vCPU, "
			"operations are atomic (no races).");
	cli_lacks(r->out, "violates");
	assert_string_equal(r->err, "");
}

static void half_a_patch_violates(void **state)
{
	const struct cli *r = CLI(cli_famous, "check", "--impl", HALF, "-");

	(void)state;
	assert_int_equal(r->code, 1);
	cli_has(r->out, "violates");
	cli_has(r->out, "I-CR3-P0");
	cli_has(r->out, "7 >");
	cli_has(r->out, "cr4 |= pcide");
	cli_has(r->out, "f1");
	cli_has(r->out, "4.10.4.1");
	cli_has(r->out, "5.10.4.1");
	cli_has(r->out, "no known deviation");
}

static void step_table_has_a_row_a_step(void **state)
{
	static const char *const ops[] = {
		"\n1 ", "\n2 ", "\n3 ", "\n4 ", "\n5 ", "\n6 ", "\n7 ", "\n8 ",
	};
	const struct cli *r = CLI(cli_famous, "check", "--impl", "kvm-5.16", "-");

	(void)state;
	for (size_t i = 0; i < 8; i++)
		cli_has(r->out, ops[i]);
	cli_lacks(r->out, "\n9 ");
	cli_has(r->out, "Guest operation");
	cli_has(r->out, "NG[0]");
}

/* 1001 accesses: the verdict without the table. */
static void long_traces_have_no_table(void **state)
{
	size_t head = strlen(HEADER), line = strlen("read user\n");
	char *trace = calloc(head + 1001 * line + 1, 1);
	const struct cli *r;

	(void)state;
	strcpy(trace, HEADER);
	for (size_t i = 0; i < 1001; i++)
		memcpy(trace + head + i * line, "read user\n", line);
	r = CLI(trace, "check", "--impl", "kvm-5.16", "-");
	assert_int_equal(r->code, 0);
	cli_has(r->out, "No step table: the trace has 1001 steps, more than 1000.\n");
	cli_lacks(r->out, "Guest operation");
	free(trace);
}

static void expectations_decide(void **state)
{
	const struct cli *r = CLI(cli_famous_expect, "check", "--impl", "kvm-5.16", "-");

	(void)state;
	assert_int_equal(r->code, 0);
	cli_has(r->out, "1 met");
	r = CLI(cli_famous_expect, "check", "--impl", HALF, "-");
	assert_int_equal(r->code, 1);
	cli_has(r->out, "-:12: \"expect never user = f1\" is not met by " HALF "\n");
}

static void all_presets_by_default(void **state)
{
	const struct cli *r = CLI(NULL, "list", "impls");
	char *names = strdup(r->out), *save = NULL;

	(void)state;
	r = CLI(cli_famous, "check", "-");
	assert_int_equal(r->code, 1);
	for (char *s = strtok_r(names, "\n", &save); s; s = strtok_r(NULL, "\n", &save))
		cli_has(r->out, s);
	cli_has(r->out, "violates I-CR3-P0: -\n  On " HALF ":\n");
	free(names);
}

static char *temporary(const char *text)
{
	char *path = strdup("/tmp/vtlb-cli-XXXXXX");
	int fd = mkstemp(path);
	FILE *f = fd >= 0 ? fdopen(fd, "w") : NULL;

	assert_non_null(f);
	fputs(text, f);
	fclose(f);
	return path;
}

static void several_traces_make_a_matrix(void **state)
{
	char *a = temporary(cli_famous), *b = temporary(cli_famous_expect);
	const struct cli *r = CLI(NULL, "check", "--impl", "kvm-5.16", "--impl", HALF, a, b);

	(void)state;
	assert_int_equal(r->code, 1);
	cli_has(r->out, a);
	cli_has(r->out, b);
	cli_has(r->out, "violates (!)");
	cli_has(r->out, "(!): an expectation of the trace is not met.");
	cli_has(r->out, "no \"expect violates\" names the violation of " HALF "\n");
	cli_has(r->out, "Expectations are written for one implementation, as a rule");
	unlink(a);
	unlink(b);
	free(a);
	free(b);
}

static void quiet_says_nothing(void **state)
{
	const struct cli *r = CLI(cli_famous, "check", "--quiet", "--impl", HALF, "-");

	(void)state;
	assert_int_equal(r->code, 1);
	assert_string_equal(r->out, "");
	assert_string_equal(r->err, "");
}

static void no_colour_on_a_file(void **state)
{
	const struct cli *r = CLI(cli_famous, "check", "-");

	(void)state;
	cli_lacks(r->out, "\033");
}

static void lines_fit_the_width(void **state)
{
	const struct cli *r;

	(void)state;
	setenv("COLUMNS", "72", 1);
	r = CLI(cli_famous, "check", "--impl", HALF, "-");
	unsetenv("COLUMNS");
	for (const char *s = r->out; *s;) {
		size_t n = strcspn(s, "\n");

		if (n > 72)
			fail_msg("%zu columns: %.*s", n, (int)n, s);
		s += n + (s[n] != '\0');
	}
}

static void errors_name_their_place(void **state)
{
	const struct cli *r = CLI(HEADER "cr4 |= bogus\n", "check", "-");

	(void)state;
	assert_int_equal(r->code, 2);
	assert_string_equal(r->out, "");
	cli_has(r->err, "vtlb: -:4:8: ");
	r = CLI("", "check", "-");
	assert_int_equal(r->code, 2);
	cli_has(r->err, "vtlb: -:");
	r = CLI(NULL, "check", "/nonexistent/trace");
	assert_int_equal(r->code, 2);
	cli_has(r->err, "vtlb: /nonexistent/trace: cannot open: ");
	r = CLI(NULL, "check", "/");
	assert_int_equal(r->code, 2);
	cli_has(r->err, "vtlb: /: cannot read: ");
}

/* KVM's cached roots gain entries for PCIDs that are not current, and INVPCID keeps them. */
static void known_deviation(void **state)
{
	static const char trace[] = HEADER
		"cr4 |= pcide\n"
		"cr3 a pcid=0\n"
		"read user\n"
		"cr3 a pcid=1\n"
		"invpcid all\n"
		"write a.user = f5\n"
		"cr3 a pcid=0 noflush\n"
		"read user\n";
	const struct cli *r = CLI(trace, "check", "--impl", "kvm-6.12", "-");

	(void)state;
	assert_int_equal(r->code, 1);
	cli_has(r->out, "deviates I-INVPCID-2");
	cli_has(r->out, "Known deviation noncurrent-refill: ");
	cli_lacks(r->out, "violates");
	r = CLI(trace, "check", "--waive", "noncurrent-refill", "--impl", "kvm-6.12", "-");
	assert_int_equal(r->code, 0);
	cli_has(r->out, "waived: noncurrent-refill");
	r = CLI(trace, "check", "--waive", "all", "--quiet", "--impl", "kvm-6.12", "-");
	assert_int_equal(r->code, 0);
	r = CLI(trace, "check", "--waive", "wp0-smap", "--quiet", "--impl", "kvm-6.12", "-");
	assert_int_equal(r->code, 1);
}

/* SMEP 0->1: whether globals go is a matter of reading (AMB-1). */
static void ambiguous_is_a_warning(void **state)
{
	static const char trace[] = HEADER
		"cr4 |= pge\n"
		"read kernel\n"
		"write a.kernel = f5\n"
		"cr4 |= smep\n";
	const char *impl = cli_example("never_flush.so");
	const struct cli *r = CLI(trace, "check", "--reading", "owe", "--impl", impl, "-");

	(void)state;
	assert_int_equal(r->code, 0);
	cli_has(r->out, "ambiguous I-CR4-SMEP01");
	cli_has(r->out, "(AMB-1)");
	cli_has(r->err, "vtlb: warning: -: never-flush fails under the owe reading");
	r = CLI(trace, "check", "--reading", "rely", "--impl", impl, "-");
	assert_int_equal(r->code, 0);
	cli_lacks(r->out, "ambiguous");
	assert_string_equal(r->err, "");
}

/* The entry is there and no operation drops it; only its rights forbid the access. */
static void rights_are_not_a_drop(void **state)
{
	const struct cli *r = CLI(HEADER "write a.user = f0 ro\ncr4 |= smap\ncr0 &= ~wp\n"
				  "super write user ac\n",
				  "check", "--impl", "kvm-6.1", "-");

	(void)state;
	assert_int_equal(r->code, 1);
	cli_has(r->out, "deviates A-21");
	cli_has(r->out, "No operation dropped it: by the rights that it holds, no entry here may "
			"give f0 to this access.");
	cli_lacks(r->out, "could be cached here");
}

/* A fault too few is a violation of its own kind. */
static void missing_fault(void **state)
{
	const struct cli *r = CLI(HEADER "cr0 &= ~pg\n", "check", "--impl", "kvm-5.10", "-");

	(void)state;
	assert_int_equal(r->code, 1);
	cli_has(r->out, "1 >!");
	cli_has(r->out, "violates I-CR0-PG10-GP-CSL: -\n");
	cli_has(r->out, "step 1 (line 4, \"cr0 &= ~pg\") ended with no fault; the contract "
			"demands #GP(0).");
}

static void tdp_is_unsupported(void **state)
{
	const struct cli *r = CLI("vtlb-trace 1\nworld vendor=intel mode=tdp vcpus=1\n"
				  "roots a b\nread user\n",
				  "check", "--impl", "kvm-6.1", "-");

	(void)state;
	assert_int_equal(r->code, 3);
	cli_has(r->out, "unsupported");
}

/* A run that ends early answers what came before, and names what it did not reach. */
static void unreached_expectations(void **state)
{
	const struct cli *r = CLI("vtlb-trace 1\nworld vendor=intel mode=tdp vcpus=1\n"
				  "roots a b\nread user\nexpect holds\n",
				  "check", "--impl", "kvm-6.1", "-");

	(void)state;
	assert_int_equal(r->code, 1);
	cli_has(r->out, "unsupported");
	cli_has(r->out, "1 not reached");
	cli_has(r->out, "-:5: \"expect holds\" is not reached by kvm-6.1\n");
	cli_lacks(r->out, "violat");
	r = CLI(HEADER "expect holds\ncs.l 0\ncr0 &= ~pg\nexpect never user = f5\n"
		"efer &= ~lme\ncr0 |= pg\nexpect holds\nread user\nexpect may user = f0\n",
		"check", "--impl", "kvm-6.1", "-");
	assert_int_equal(r->code, 1);
	cli_has(r->out, "2 not reached");
	cli_has(r->out, "-:10: \"expect holds\" is not reached by kvm-6.1\n");
	cli_has(r->out, "-:12: \"expect may user = f0\" is not reached by kvm-6.1\n");
	cli_lacks(r->out, ":4: ");
	cli_lacks(r->out, ":7: ");
	cli_lacks(r->out, "not expected");
	cli_lacks(r->out, "failed");
}

/* The trace ends before anything could be seen: an alarm, with where it would be. */
static void alarm_alone(void **state)
{
	const struct cli *r = CLI(HEADER "cr3 b\nread user\ncr3 a\nwrite b.user = f2\ncr4 |= pcide\n",
				  "check", "--impl", HALF, "-");

	(void)state;
	assert_int_equal(r->code, 1);
	cli_has(r->out, "5, not seen yet");
	cli_has(r->out, "No step of the trace shows it, but one more");
	cli_has(r->out, "After that operation " HALF " would hold it in");
}

static void always_flush_holds(void **state)
{
	const struct cli *r = CLI(cli_famous_expect, "check", "--impl",
				  cli_example("always_flush.so"), "-");

	(void)state;
	assert_int_equal(r->code, 0);
	cli_has(r->out, "always-flush");
	cli_has(r->out, "walked the guest's tables");
}

static void never_flush_violates(void **state)
{
	const struct cli *r = CLI(HEADER "read user\nwrite a.user = f2\ncr3 a\n",
				  "check", "--impl", cli_example("never_flush.so"), "-");

	(void)state;
	assert_int_equal(r->code, 1);
	cli_has(r->out, "I-CR3-P0");
	cli_has(r->out, "Where never-flush held it: the cache of vCPU 0, PCID 0, page user.");
	/* what it has never dropped wrongly it may keep */
	r = CLI(HEADER "read user\nwrite a.user = f2\n", "check", "--impl",
		cli_example("never_flush.so"), "-");
	assert_int_equal(r->code, 0);
}

static void bad_objects_are_refused(void **state)
{
	static const struct {
		const char *mode, *why;
	} bad[] = {
		{ "null", "vtlb_impl_v1() returned no implementation" },
		{ "abi", "was compiled for version 99 of the implementation interface" },
		{ "size", "set .size = sizeof(struct vtlb_impl)" },
		{ "step", "struct vtlb_impl is not usable: " },
	};
	const struct cli *r;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		setenv("VTLB_TEST_BAD", bad[i].mode, 1);
		r = CLI(cli_famous, "check", "--impl", cli_example("bad_impl.so"), "-");
		assert_int_equal(r->code, 2);
		cli_has(r->err, bad[i].why);
		cli_has(r->err, "bad_impl.so: ");
	}
	unsetenv("VTLB_TEST_BAD");
	r = CLI(cli_famous, "check", "--impl", cli_source("docs/json.md"), "-");
	assert_int_equal(r->code, 2);
	cli_has(r->err, "cannot load: ");
	r = CLI(cli_famous, "check", "--impl", cli_example("no_entry.so"), "-");
	assert_int_equal(r->code, 2);
	cli_has(r->err, "exports no function vtlb_impl_v1()");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fixed_kernel_holds),
		cmocka_unit_test(half_a_patch_violates),
		cmocka_unit_test(step_table_has_a_row_a_step),
		cmocka_unit_test(long_traces_have_no_table),
		cmocka_unit_test(expectations_decide),
		cmocka_unit_test(all_presets_by_default),
		cmocka_unit_test(several_traces_make_a_matrix),
		cmocka_unit_test(quiet_says_nothing),
		cmocka_unit_test(no_colour_on_a_file),
		cmocka_unit_test(lines_fit_the_width),
		cmocka_unit_test(errors_name_their_place),
		cmocka_unit_test(known_deviation),
		cmocka_unit_test(ambiguous_is_a_warning),
		cmocka_unit_test(rights_are_not_a_drop),
		cmocka_unit_test(missing_fault),
		cmocka_unit_test(tdp_is_unsupported),
		cmocka_unit_test(unreached_expectations),
		cmocka_unit_test(alarm_alone),
		cmocka_unit_test(always_flush_holds),
		cmocka_unit_test(never_flush_violates),
		cmocka_unit_test(bad_objects_are_refused),
	};

	return cmocka_run_group_tests_name("cli check", tests, NULL, NULL);
}
