/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Which worlds are printed in short: those that the shorthand makes, and none
 * that differs from them in one name, link, page or table.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "vtlb/vtlb.h"

#define HEAD                                                                                \
	"vtlb-trace 1\nworld vendor=intel mode=shadow features=none vcpus=1 maxphyaddr=48\n" \
	"roots a\n"
#define NAMES "uppers a.pd\ntables a.pt kernel.pt\nslots 0 0\n"
#define PAGES "page user slot 0 entry 0 at 0x400000\npage kernel slot 1 entry 0 at 0x600000\n"
#define LINKS "entry a[0] = a.pd\nentry a.pd[0] = a.pt\nentry a.pd[1] = kernel.pt\n"
#define VALUES "entry a.pt[0] = f0\nentry kernel.pt[0] = f1 super global\n"

/* @text is parsed and printed; what comes out has to be @want, and to stay so. */
static void prints(const char *text, const char *want)
{
	char out[2000];

	for (unsigned int i = 0; i < 2; i++) {
		struct vtlb_trace t;
		struct vtlb_diag d;

		if (vtlb_trace_parse(text, strlen(text), &t, &d)) {
			print_message("%s\n%u:%u: %s\n", text, d.line, d.column, d.message);
			fail();
		}
		(void)vtlb_trace_print(&t, out, sizeof(out));
		vtlb_trace_free(&t);
		assert_string_equal(out, want);
		text = want;
	}
}

#define STAYS(lines) prints(HEAD lines "init\n", HEAD lines "init\n")

static void test_default_pages_are_left_out(void **state)
{
	(void)state;
	prints(HEAD "page user private\npage kernel shared\ninit\n", HEAD "init\n");
	prints(HEAD "page user private = f0\npage kernel shared = f1\ninit\n", HEAD "init\n");
	prints(HEAD "page user private at 0x400000\npage kernel shared at 0x600000\ninit\n",
	       HEAD "init\n");
	prints(HEAD NAMES PAGES LINKS VALUES "init\n", HEAD "init\n");
}

static void test_other_pages_are_not(void **state)
{
	(void)state;
	STAYS("page user private\n");
	STAYS("page kernel shared\n");
	STAYS("page usr private\npage kernel shared\n");
	STAYS("page user private\npage core shared\n");
	STAYS("page user shared\npage kernel shared\n");
	STAYS("page user private\npage kernel private\n");
	STAYS("page user private\npage kernel shared\npage more private\n");
	STAYS("page user private at 0x800000\npage kernel shared at 0x600000\n");
	/* an address is written for all or for none */
	prints(HEAD "page user private\npage kernel shared at 0xc00000\ninit\n",
	       HEAD "page user private at 0x400000\npage kernel shared at 0xc00000\ninit\n");
}

static void test_values_that_are_not_implied(void **state)
{
	(void)state;
	STAYS("page user private = f0 ro\npage kernel shared = f1\n");
	STAYS("page user private = np\npage kernel shared = f0 user\n");
	STAYS("page user private = f1\npage kernel shared = f0\n");
	STAYS("page user private = f0\npage kernel shared = f1\nentry kernel.pt[3] = f2 nx\n");
}

/* One table, link or name that the shorthand would not make: all of them are written. */
static void test_explicit(void **state)
{
	(void)state;
	STAYS("uppers x\ntables a.pt kernel.pt\nslots 0 0\n" PAGES
	      "entry a[0] = x\nentry x[0] = a.pt\nentry x[1] = kernel.pt\n" VALUES);
	STAYS("uppers a.pd\ntables x kernel.pt\nslots 0 0\n" PAGES
	      "entry a[0] = a.pd\nentry a.pd[0] = x\nentry a.pd[1] = kernel.pt\n"
	      "entry x[0] = f0\nentry kernel.pt[0] = f1 super global\n");
	STAYS("uppers a.pd x\ntables a.pt kernel.pt\nslots 0 0\n" PAGES LINKS VALUES);
	STAYS("uppers a.pd\ntables a.pt kernel.pt x\nslots 0 0\n" PAGES LINKS VALUES);
	STAYS("uppers a.pd\ntables a.pt kernel.pt\nslots 0 0 regions 2\n" PAGES LINKS VALUES);
	STAYS("uppers a.pd\ntables a.pt kernel.pt\nslots 0 0 0\n" PAGES LINKS VALUES);
	STAYS(NAMES PAGES "entry a.pd[0] = a.pt\nentry a.pd[1] = kernel.pt\n" VALUES);
	STAYS(NAMES PAGES "entry a[0] = a.pd\nentry a.pd[0] = a.pt\n"
	      "entry a.pt[0] = f0\nentry kernel.pt[0] = f1 super global\n");
	/* address 0 is the default address where it is not written */
	STAYS(NAMES "page user slot 0 entry 0 at 0x0\npage kernel slot 1 entry 0 at 0x600000\n"
	      LINKS VALUES);
}

/* Two roots whose names are as long as a name can be: their tables' names are cut. */
static void test_long_root_names(void **state)
{
	const char *text = "vtlb-trace 1\nworld\nroots abcdefghijklmno zyxwvutsrqponml\ninit\n";
	struct vtlb_trace t;
	struct vtlb_diag d;

	(void)state;
	assert_int_equal(vtlb_trace_parse(text, strlen(text), &t, &d), VTLB_OK);
	assert_string_equal(t.world.root_name[0], "abcdefghijklmno");
	assert_string_equal(t.world.upper_name[0], "abcdefghijkl.pd");
	assert_string_equal(t.world.leaf_name[1], "zyxwvutsrqpo.pt");
	vtlb_trace_free(&t);
}

/* A trace of expectations alone, about the state at the start. */
static void test_expectations_alone(void **state)
{
	(void)state;
	prints(HEAD "expect only user read user = f0\n", HEAD "expect only user read user = f0\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_default_pages_are_left_out),
		cmocka_unit_test(test_other_pages_are_not),
		cmocka_unit_test(test_values_that_are_not_implied),
		cmocka_unit_test(test_explicit),
		cmocka_unit_test(test_long_root_names),
		cmocka_unit_test(test_expectations_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
