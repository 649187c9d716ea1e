/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Texts that ask for more than a world can have: what the parser says, and that
 * as much as a world can have is printed and read again.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "vtlb/vtlb.h"

#define HEAD "vtlb-trace 1\nworld vcpus=2\nroots a b\n"
#define WORLD "vtlb-trace 1\nworld\n"
#define TABLES WORLD "roots a\nuppers u\ntables t\nslots 0 0\n"

static struct vtlb_trace t;

static void refused(const char *text, enum vtlb_err err, uint32_t line, const char *message)
{
	struct vtlb_diag d;

	assert_int_equal(vtlb_trace_parse(text, strlen(text), &t, &d), err);
	assert_string_equal(d.message, message);
	assert_int_equal(d.line, line);
	assert_int_equal(t.nops, 0);
}

/* Appends @n times " WORD" and a number that counts from @from, then @end. */
static void append(char *text, size_t cap, const char *word, unsigned int from, unsigned int n,
		   const char *end)
{
	for (unsigned int i = from; i < from + n; i++) {
		size_t len = strlen(text);

		(void)snprintf(text + len, cap - len, "%s%u%s", word, i, end);
	}
}

/* 32 leaf values: sixteen clean ones with their twins are too many for one world. */
static void test_value_limit(void **state)
{
	char text[2000] = HEAD;
	struct vtlb_diag d;

	(void)state;
	for (unsigned int i = 3; i < 18; i++) {
		size_t n = strlen(text);

		(void)snprintf(text + n, sizeof(text) - n, "write a.user = f%u clean\n", i);
	}
	assert_int_equal(vtlb_trace_parse(text, strlen(text), &t, &d), VTLB_E_LIMIT);
	assert_int_equal(d.line, 18);
	assert_string_equal(d.message, "found a leaf value too many, expected at most 32");
}

static void test_value_limits_of_a_world(void **state)
{
	char text[2000];

	(void)state;
	/* 31 values beside "not present" fit into a line, and one more does not */
	strcpy(text, WORLD "values f30");
	append(text, sizeof(text), ", f", 0, 30, "");
	append(text, sizeof(text), ", f", 7, 1, " ro\n");
	refused(text, VTLB_E_LIMIT, 3, "found a leaf value too many, expected at most 32");
	/* sixteen clean values fit, their twins do not */
	strcpy(text, WORLD "values f30 clean");
	append(text, sizeof(text), ", f", 0, 15, " clean");
	strcat(text, "\nroots a\nread user\n");
	refused(text, VTLB_E_LIMIT, 5, "found more than 32 leaf values with their D=1 twins");
	/* values that no table has leave no room for those that one has */
	strcpy(text, WORLD "values f30 ro");
	append(text, sizeof(text), ", f", 0, 30, " ro");
	strcat(text, "\nroots a\nread user\n");
	refused(text, VTLB_E_LIMIT, 5,
		"found more than 32 initial leaf values with their D=1 twins");
}

static void test_page_limits(void **state)
{
	char text[2000];

	(void)state;
	strcpy(text, WORLD "roots a\n");
	append(text, sizeof(text), "page p", 0, 4, " private\n");
	append(text, sizeof(text), "page p", 4, 4, " shared\n");
	append(text, sizeof(text), "page p", 8, 1, " shared\n");
	refused(text, VTLB_E_LIMIT, 12, "found more than 8 pages");
	strcpy(text, TABLES);
	append(text, sizeof(text), "page p", 0, 9, " slot 0 entry 0\n");
	refused(text, VTLB_E_LIMIT, 15, "found more than 8 pages");
	strcpy(text, WORLD "roots a\n");
	append(text, sizeof(text), "page p", 0, 5, " private\n");
	strcat(text, "read p0\n");
	refused(text, VTLB_E_WORLD, 9, "found more than 4 private or more than 4 shared pages");
	strcpy(text, WORLD "roots a\n");
	append(text, sizeof(text), "page p", 0, 5, " shared\n");
	strcat(text, "read p0\n");
	refused(text, VTLB_E_WORLD, 9, "found more than 4 private or more than 4 shared pages");
}

#define FULL_PCIDS WORLD "pcids 0 1 2 3 4 5 6 7 8 9 10 11\nroots a\n"

static void test_pcid_limits(void **state)
{
	(void)state;
	refused(FULL_PCIDS "start pcid=12\nread user\n", VTLB_E_LIMIT, 6,
		"found a PCID too many in the 'start' line, expected at most 12");
	refused(FULL_PCIDS "cr3 a pcid=12\n", VTLB_E_LIMIT, 5,
		"found a PCID too many, expected at most 12");
	refused(FULL_PCIDS "invpcid single pcid=12\n", VTLB_E_LIMIT, 5,
		"found a PCID too many, expected at most 12");
}

#define FULL_TABLES                                                           \
	WORLD "roots a\nuppers u0 u1 u2 u3 u4 u5 u6 u7\n"                     \
	      "tables t0 t1 t2 t3 t4 t5 t6 t7\nslots 0\n"                     \
	      "page p0 slot 0 entry 0\npage p1 slot 0 entry 1\n"              \
	      "page p2 slot 0 entry 2\npage p3 slot 0 entry 3\n"              \
	      "entry u0[0] = t0\nentry u1[0] = t1\nentry u2[0] = t2\n"        \
	      "entry u3[0] = t3\nentry u4[0] = t4\nentry u5[0] = t5\n"        \
	      "entry u6[0] = t6\nentry u7[0] = t7\n"

/* Eight tables of four entries need a frame each, and there are 31. */
static void test_frame_limit(void **state)
{
	(void)state;
	refused(FULL_TABLES "read p0\n", VTLB_E_LIMIT, 19,
		"found a world with too few frames for one of its own a leaf");
}

/* One entry less, and the world can be printed although its values are not implied. */
static void test_as_much_as_fits(void **state)
{
	const char *text = FULL_TABLES "entry t7[3] = np\nread p0\n";
	char out[4000], again[4000];
	struct vtlb_diag d;

	(void)state;
	assert_int_equal(vtlb_trace_parse(text, strlen(text), &t, &d), VTLB_OK);
	assert_int_equal(t.world.nframes, 31);
	assert_int_equal(t.world.nvalues, 32);
	assert_int_equal(t.world.value[t.world.init.leaf[7][2]].frame, 30);
	assert_int_equal(t.world.init.leaf[7][3], 0);
	assert_true(vtlb_trace_print(&t, out, sizeof(out)) < sizeof(out));
	vtlb_trace_free(&t);
	assert_non_null(strstr(out, "\nentry t7[2] = f30\nentry t7[3] = np\n"));
	assert_int_equal(vtlb_trace_parse(out, strlen(out), &t, &d), VTLB_OK);
	assert_int_equal(t.world.value[t.world.init.leaf[7][2]].frame, 30);
	(void)vtlb_trace_print(&t, again, sizeof(again));
	assert_string_equal(out, again);
	vtlb_trace_free(&t);
}

/* The arrays of a trace grow: nothing is lost and lines stay with their operations. */
static void test_many_operations(void **state)
{
	char text[8000] = HEAD;
	struct vtlb_diag d;

	(void)state;
	for (unsigned int i = 0; i < 200; i++)
		strcat(text, i % 3 ? "read user\n" : "init\nexpect holds\n");
	assert_int_equal(vtlb_trace_parse(text, strlen(text), &t, &d), VTLB_OK);
	assert_int_equal(t.nops, 200);
	assert_int_equal(t.nexpects, 67);
	for (unsigned int i = 0; i < 200; i++) {
		assert_int_equal(t.ops[i].code, i % 3 ? VTLB_OP_ACCESS : VTLB_OP_INIT);
		assert_int_equal(t.line[i], 4 + i + (i + 2) / 3);
	}
	assert_int_equal(t.expects[66].after_step, 199);
	assert_int_equal(t.expects[66].line, 4 + 198 + 66 + 1);
	vtlb_trace_free(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_value_limit),
		cmocka_unit_test(test_value_limits_of_a_world),
		cmocka_unit_test(test_page_limits),
		cmocka_unit_test(test_pcid_limits),
		cmocka_unit_test(test_frame_limit),
		cmocka_unit_test(test_as_much_as_fits),
		cmocka_unit_test(test_many_operations),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
