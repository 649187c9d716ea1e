/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The scope language: what a text becomes, what is refused and with which words,
 * and traces in a scope's world.  What it shares with traces is tested there.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vtlb/vtlb.h"

#define HEAD "vtlb-scope 1\nworld vcpus=2\nroots a b\n"
#define WORLD "vtlb-scope 1\nworld\n"
#define EXPECT_LINE "a declaration, an operation, 'about', 'by-table' or 'vacuous'"
#define TEN "0123456789"
#define FIFTY TEN TEN TEN TEN TEN

static struct vtlb_scope s;

static void parse(const char *text)
{
	struct vtlb_diag d;

	if (vtlb_scope_parse(text, strlen(text), &s, &d)) {
		print_message("%s\n%u:%u: %s\n", text, d.line, d.column, d.message);
		fail();
	}
}

static void refused(const char *text, enum vtlb_err err, uint32_t line, uint32_t column,
		    const char *message)
{
	static const struct vtlb_scope nothing;
	struct vtlb_diag d;

	assert_int_equal(vtlb_scope_parse(text, strlen(text), &s, &d), err);
	assert_string_equal(d.message, message);
	assert_int_equal(d.line, line);
	assert_int_equal(d.column, column);
	assert_memory_equal(&s, &nothing, sizeof(s));
}

static void test_parts(void **state)
{
	(void)state;
	parse("# a comment\n\nvtlb-scope 1 # another\n"
	      "world features=pcid,invpcid vcpus=2 reading=owe\n"
	      "about \"Two roots,  # no comment\"\n"
	      "roots a b\n"
	      "page user private = f0, f1\n"
	      "cr3 b pcid=0x801 noflush # a comment\n"
	      "about \"one page.\" # a comment\n"
	      "write a.user = f3 ro\r\n"
	      "vacuous I-CR3-P0 \"There is a reason.\"\n"
	      "cpu1: invpcid single pcid=7\n"
	      "vacuous I-PF \"x\"\n"
	      "read user");
	assert_int_equal(s.nops, 4);
	assert_memory_equal(&s.ops[0],
			    (&(struct vtlb_op){ VTLB_OP_MOV_CR3, 0x10, 1, 0,
						0x801 | VTLB_CR3_NOFLUSH }), 8);
	assert_memory_equal(&s.ops[1], (&(struct vtlb_op){ VTLB_OP_WRITE_LEAF, 0x10, 0, 0, 3 }), 8);
	assert_memory_equal(&s.ops[2], (&(struct vtlb_op){ VTLB_OP_INVPCID, 0x11, 0, 1, 7 }), 8);
	assert_memory_equal(&s.ops[3], (&(struct vtlb_op){ VTLB_OP_ACCESS, 0x10, 0, 0, 0 }), 8);
	assert_string_equal(s.about, "Two roots,  # no comment one page.");
	assert_int_equal(s.reading, VTLB_OWE);
	assert_int_equal(s.nvacuous, 2);
	assert_string_equal(vtlb_rules[s.vacuous[0].rule].id, "I-CR3-P0");
	assert_string_equal(s.vacuous[0].why, "There is a reason.");
	assert_string_equal(s.vacuous[1].why, "x");
	/* what operations use is the world's */
	assert_int_equal(s.world.nvcpus, 2);
	assert_int_equal(s.world.ops, 0);
	assert_int_equal(s.world.npcids, 4);
	assert_int_equal(s.world.pcid[2], 0x801);
	assert_int_equal(s.world.pcid[3], 7);
	assert_int_equal(s.world.nvalues, 4);
	assert_int_equal(s.world.value[3].frame, 3);
	assert_int_equal(s.world.nframes, 4);
	vtlb_scope_free(&s);
	assert_null(s.ops);
	assert_int_equal(s.nops, 0);
}

/* The three words stand anywhere behind the world line and end nothing. */
static void test_remarks_end_no_declarations(void **state)
{
	(void)state;
	assert_false(s.by_table);
	parse("vtlb-scope 1\nworld\nby-table\nvacuous I-PF \"y\"\nabout \"z\"\n"
	      "roots a\nabout \"z\"\npage p shared\nread p\n");
	assert_string_equal(s.about, "z z");
	assert_true(s.by_table);
	assert_int_equal(s.world.npages, 1);
	vtlb_scope_free(&s);
	parse(HEAD "read user\n");
	assert_string_equal(s.about, "");
	assert_int_equal(s.reading, VTLB_RELY);
	assert_int_equal(s.nvacuous, 0);
	vtlb_scope_free(&s);
}

/* Near, but not the same: vCPU, CPL, AC, bit 63. */
static void test_what_is_no_repetition(void **state)
{
	(void)state;
	parse(HEAD "read user\ncpu1: read user\nuser read user\nsuper read user\nread user ac\n"
		   "read kernel\ncr3 a\ncr3 a noflush\ncr4 |= pge\ncr4 ^= pge\n"
		   "write a.user = f0 ro\nwrite a.user = f0 clean\n");
	assert_int_equal(s.nops, 12);
	vtlb_scope_free(&s);
}

struct bad {
	const char *text;
	uint32_t line, column;
	const char *message;
};

static const struct bad bad[] = {
	/* the head, or not enough */
	{ "", 1, 1, "found end of file, expected 'vtlb-scope 1'" },
	{ "vtlb-trace 1\n", 1, 1, "found 'vtlb-trace', expected 'vtlb-scope 1'" },
	{ "vtlb-scope 2\n", 1, 12, "found '2', expected version 1" },
	{ "vtlb-scope 1\n", 2, 1, "found end of file, expected a 'world' line" },
	{ "vtlb-scope 1\nabout \"x\"\n", 2, 1, "found 'about', expected a 'world' line" },
	{ WORLD, 3, 1, "found end of file, expected an operation" },
	{ HEAD, 4, 1, "found end of file, expected an operation" },
	{ HEAD "about \"x\"\n", 5, 1, "found end of file, expected an operation" },
	{ WORLD "read user\n", 3, 1, "found 'read', expected a 'roots' line before it" },
	/* what only a trace has */
	{ HEAD "read user\nexpect holds\n", 5, 1, "found 'expect', expected " EXPECT_LINE },
	{ HEAD "cpu1: expect may user = f0\n", 4, 7, "found 'expect', expected " EXPECT_LINE },
	{ HEAD "read user -> f0\n", 4, 11,
	  "found '->', expected end of line (a search follows every outcome)" },
	{ HEAD "super write user ac -> #PF(P W)\n", 4, 21,
	  "found '->', expected end of line (a search follows every outcome)" },
	/* operations */
	{ HEAD "cr5 a\n", 4, 1, "found 'cr5', expected " EXPECT_LINE },
	{ HEAD "read user\nroots c\n", 5, 1, "found 'roots', expected " EXPECT_LINE },
	{ HEAD "cpu2: read user\n", 4, 1,
	  "found 'cpu2', expected one of the 2 vCPUs, counted from 0" },
	{ HEAD "cr3 a cr3 b\n", 4, 7,
	  "found 'cr3', expected 'pcid=', 'low12=', 'noflush', 'rsvd', 'lam' or end of line" },
	{ HEAD "cr3 a\n\nread user\n  cr3 a pcid=0\n", 7, 3,
	  "found the operation of line 4 again, expected each once" },
	{ HEAD "cr4 ^= pge pcide\ncr4 ^= pcide, pge\n", 5, 1,
	  "found the operation of line 4 again, expected each once" },
	{ HEAD "read user\ncpu1: read user\ncpu0: read user\n", 6, 1,
	  "found the operation of line 4 again, expected each once" },
	{ HEAD "write a.user = f0\nwrite a.pt[0] = rw\n", 5, 1,
	  "found the operation of line 4 again, expected each once" },
	{ HEAD "host-zap f0\ncpu1: host-zap f0\n", 5, 1,
	  "found the operation of line 4 again, expected each once" },
	/* about */
	{ HEAD "about\n", 4, 6, "found end of line, expected a text in double quotes" },
	{ HEAD "about \"\"\n", 4, 7, "found '\"\"', expected a text in double quotes" },
	{ HEAD "about words\n", 4, 7, "found 'words', expected a text in double quotes" },
	{ HEAD "about \"open\n\"\n", 4, 7,
	  "found malformed '\"open', expected a text in double quotes" },
	{ HEAD "about \"", 4, 7, "found malformed '\"', expected a text in double quotes" },
	{ HEAD "about \"f\xc3\xbcnf\"\n", 4, 7,
	  "found malformed '\"f', expected a text in double quotes" },
	{ HEAD "about \"a\tb\"\n", 4, 7,
	  "found malformed '\"a', expected a text in double quotes" },
	{ HEAD "about \"a\" \"b\"\n", 4, 11, "found '\"b\"', expected end of line" },
	{ HEAD "cpu1: about \"a\"\n", 4, 7, "found 'about', expected " EXPECT_LINE },
	/* vacuous */
	{ HEAD "vacuous\n", 4, 8, "found end of line, expected the id of a rule" },
	{ HEAD "vacuous \"x\"\n", 4, 9, "found '\"x\"', expected the id of a rule" },
	{ HEAD "vacuous I-NONE \"x\"\n", 4, 9,
	  "found 'I-NONE', expected the id of a rule (see 'vtlb list rules')" },
	{ HEAD "vacuous I-PF\n", 4, 13, "found end of line, expected a text in double quotes" },
	{ HEAD "vacuous I-PF why\n", 4, 14, "found 'why', expected a text in double quotes" },
	{ HEAD "vacuous I-PF \"x\" \"y\"\n", 4, 18, "found '\"y\"', expected end of line" },
	{ HEAD "vacuous I-PF \"x\"\nvacuous I-PF \"y\"\n", 5, 9,
	  "found 'I-PF', which is there already" },
};

static void test_malformed(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		refused(bad[i].text, VTLB_E_PARSE, bad[i].line, bad[i].column, bad[i].message);
}

static void test_inconsistent_world(void **state)
{
	(void)state;
	refused(HEAD "start cr0=pe,pg,wp,nw\nread user\n", VTLB_E_WORLD, 2, 1,
		"found a world in which initial CR0.NW=1 needs CR0.CD=1");
}

/* A text in quotes has no place in a trace. */
static void test_traces_have_no_texts(void **state)
{
	static const char scope[] = HEAD "read user\n", text[] = "vtlb-trace 1\nworld \"x\"\n";
	struct vtlb_trace t;
	struct vtlb_diag d;

	(void)state;
	assert_int_equal(vtlb_trace_parse(scope, sizeof(scope) - 1, &t, &d), VTLB_E_PARSE);
	assert_string_equal(d.message, "found 'vtlb-scope', expected 'vtlb-trace 1'");
	assert_int_equal(vtlb_trace_parse(text, sizeof(text) - 1, &t, &d), VTLB_E_PARSE);
	assert_string_equal(d.message, "found '\"x\"', expected 'vendor=', 'mode=', 'features=', "
				       "'vcpus=', 'maxphyaddr=', 'reading=' or end of line");
	assert_int_equal(d.column, 7);
}

static void test_limits_of_texts(void **state)
{
	char text[2000];

	(void)state;
	/* 10 x 50 + 10 blanks + 1 */
	strcpy(text, HEAD);
	for (int i = 0; i < 10; i++)
		strcat(text, "about \"" FIFTY "\"\n");
	strcat(text, "about \"y\"\n");
	strcat(text, "read user\n");
	parse(text);
	assert_int_equal(strlen(s.about), VTLB_SCOPE_ABOUT - 1);
	assert_string_equal(s.about + VTLB_SCOPE_ABOUT - 4, "9 y");
	vtlb_scope_free(&s);
	strcat(text, "about \"z\"\n");
	refused(text, VTLB_E_LIMIT, 16, 7, "found a text of 513 characters, expected at most 511");

	parse(HEAD "vacuous I-PF \"" FIFTY FIFTY FIFTY "123456789\"\nread user\n");
	assert_int_equal(strlen(s.vacuous[0].why), VTLB_SCOPE_WHY - 1);
	vtlb_scope_free(&s);
	refused(HEAD "vacuous I-PF \"" FIFTY FIFTY FIFTY TEN "\"\n", VTLB_E_LIMIT, 4, 14,
		"found a text of 160 characters, expected at most 159");
}

static void test_limit_of_vacuous_rules(void **state)
{
	char text[4000] = HEAD "read user\n";
	size_t len = strlen(text);

	(void)state;
	for (int i = 0; i < VTLB_SCOPE_VACUOUS; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len, "vacuous %s \"x\"\n",
					vtlb_rules[i].id);
	parse(text);
	assert_int_equal(s.nvacuous, VTLB_SCOPE_VACUOUS);
	assert_int_equal(s.vacuous[31].rule, 31);
	vtlb_scope_free(&s);
	(void)snprintf(text + len, sizeof(text) - len, "vacuous %s \"x\"\n", vtlb_rules[32].id);
	refused(text, VTLB_E_LIMIT, 37, 9, "found more than 32 'vacuous' lines");
}

static void test_limit_of_the_alphabet(void **state)
{
	char text[16000] = "vtlb-scope 1\nworld features=none\nroots a\n";
	size_t len = strlen(text);

	(void)state;
	for (unsigned int i = 0; i < VTLB_MAX_ALPHABET; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len, "cr3 a low12=%u\n", i);
	parse(text);
	assert_int_equal(s.nops, VTLB_MAX_ALPHABET);
	assert_int_equal(s.ops[255].imm, 255);
	vtlb_scope_free(&s);
	(void)snprintf(text + len, sizeof(text) - len, "cr3 a low12=256\n");
	refused(text, VTLB_E_LIMIT, 260, 1, "found an operation too many, expected at most 256");
}

static void test_trace_of_a_scope(void **state)
{
	struct vtlb_run_config cfg = { .impl = vtlb_preset_by_name("kvm-6.12"), .vendor = -1,
				       .reading = -1 };
	struct vtlb_run_result res;
	struct vtlb_trace t;
	struct vtlb_op ops[3];
	char text[400];

	(void)state;
	parse("vtlb-scope 1\nworld features=pcid,invpcid reading=owe\nroots a b\n"
	      "page user private\nread user\ncr3 b pcid=5\nwrite b.user = f4\ncr4 |= pcide\n");
	ops[0] = s.ops[3];
	ops[1] = s.ops[1];
	ops[2] = s.ops[0];
	ops[2].imm = vtlb_outcome(VTLB_OUT_FRAME, 1);
	assert_int_equal(vtlb_scope_trace(&s, ops, 3, &t), VTLB_OK);
	memset(ops, 0, sizeof(ops)); /* the trace has its own */
	assert_int_equal(t.nops, 3);
	assert_null(t.line);
	(void)vtlb_trace_print(&t, text, sizeof(text));
	assert_string_equal(text,
			    "vtlb-trace 1\n"
			    "world vendor=intel mode=shadow features=pcid,invpcid vcpus=1 "
			    "maxphyaddr=48 reading=owe\n"
			    "frames f0 f1 f2 f3 f4\n"
			    "values f0, f1, f4\n"
			    "roots a b\n"
			    "page user private\n"
			    "cr4 |= pcide\n"
			    "cr3 b pcid=5\n"
			    "read user -> f1\n");
	assert_int_equal(vtlb_trace_run(&t, &cfg, NULL, NULL, &res), VTLB_OK);
	assert_int_equal(res.verdict, VTLB_HOLDS);
	vtlb_trace_free(&t);

	assert_int_equal(vtlb_scope_trace(&s, NULL, 0, &t), VTLB_OK);
	assert_int_equal(t.nops, 0);
	assert_memory_equal(&t.world, &s.world, sizeof(t.world));
	vtlb_trace_free(&t);
	vtlb_scope_free(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parts),
		cmocka_unit_test(test_remarks_end_no_declarations),
		cmocka_unit_test(test_what_is_no_repetition),
		cmocka_unit_test(test_malformed),
		cmocka_unit_test(test_inconsistent_world),
		cmocka_unit_test(test_traces_have_no_texts),
		cmocka_unit_test(test_limits_of_texts),
		cmocka_unit_test(test_limit_of_vacuous_rules),
		cmocka_unit_test(test_limit_of_the_alphabet),
		cmocka_unit_test(test_trace_of_a_scope),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
