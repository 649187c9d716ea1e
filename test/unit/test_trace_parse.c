/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The parser: what each line of the language becomes.  What is refused, and in
 * which words, is in test_trace_malformed.c.
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

#define HEAD "vtlb-trace 1\nworld vcpus=2\nroots a b\n"

static struct vtlb_trace t;

static void parse(const char *text)
{
	struct vtlb_diag d;

	if (vtlb_trace_parse(text, strlen(text), &t, &d)) {
		print_message("%s\n%u:%u: %s\n", text, d.line, d.column, d.message);
		fail();
	}
}

/* One operation line after HEAD. */
static struct vtlb_op op_of(const char *line)
{
	char text[300];
	struct vtlb_op op;

	(void)snprintf(text, sizeof(text), "%s%s\n", HEAD, line);
	parse(text);
	assert_int_equal(t.nops, 1);
	assert_int_equal(t.line[0], 4);
	op = t.ops[0];
	vtlb_trace_free(&t);
	return op;
}

static void is_op(const char *line, unsigned int code, unsigned int vcpu, unsigned int a,
		  unsigned int b, uint32_t imm)
{
	struct vtlb_op op = op_of(line);

	if (op.code != code || op.vcpu != (0x10 | vcpu) || op.a != a || op.b != b ||
	    op.imm != imm) {
		print_message("%s: code %u vcpu %#x a %u b %#x imm %#x\n", line, op.code, op.vcpu,
			      op.a, op.b, op.imm);
		fail();
	}
}

static void test_registers(void **state)
{
	(void)state;
	is_op("cr0 = pe,wp,pg", 0, 0, 0, 0, 0x7);
	is_op("cr0 = 0x80010001", 0, 0, 0, 0, 0x7);
	is_op("cr0 = 0x180010001", 0, 0, 0, 0, 0x80000007);
	is_op("cr4 |= pge, pcide", 2, 0, 1, 0, 0x180);
	is_op("cr4 |= pge pcide", 2, 0, 1, 0, 0x180);
	is_op("cr4 &= ~pge", 2, 0, 2, 0, 0x80);
	is_op("cr4 &= ~0x80", 2, 0, 2, 0, 0x80);
	is_op("cr4&=~rsvd", 2, 0, 2, 0, 0);
	is_op("cr4 ^= smap", 2, 0, 3, 0, 0x400);
	is_op("cr4 = rsvd", 2, 0, 0, 0, 0x80000000);
	is_op("cpu1: efer |= nxe", 3, 1, 1, 0, 0x20000);
	is_op("efer = 0xd00", 3, 0, 0, 0, 0x40000 | 0x20000); /* LMA is read-only */
	is_op("efer = lme,lma", 3, 0, 0, 0, 0x40000);
}

static void test_cr3(void **state)
{
	(void)state;
	is_op("cr3 b", 1, 0, 1, 0, 0);
	is_op("cr3 a pcid=0xfff noflush", 1, 0, 0, 0, 0x1fff);
	is_op("cr3 a noflush pcid=1", 1, 0, 0, 0, 0x1001);
	is_op("cr3 a low12=0x18", 1, 0, 0, 0, 0x18);
	is_op("cr3 a rsvd lam", 1, 0, 0, 0, 0x6000);
}

static void test_invalidations(void **state)
{
	(void)state;
	is_op("invlpg kernel", 4, 0, 1, 0, 0);
	is_op("invlpg noncanonical", 4, 0, 0, 1, 0);
	is_op("invlpg kernel noncanonical", 4, 0, 1, 1, 0);
	is_op("invpcid addr pcid=5 kernel", 5, 0, 1, 0, 5);
	is_op("invpcid addr pcid=5 noncanonical", 5, 0, 0, 0, 0x2005);
	is_op("invpcid single pcid=1 rsvd", 5, 0, 0, 1, 0x1001);
	is_op("invpcid all", 5, 0, 0, 2, 0);
	is_op("invpcid all-nonglobal pcid=9", 5, 0, 0, 3, 9);
	is_op("invpcid type=4", 5, 0, 0, 4, 0);
	is_op("invpcid type=1 pcid=1", 5, 0, 0, 1, 1);
}

static void test_accesses(void **state)
{
	(void)state;
	is_op("read user", 6, 0, 0, 0x00, 0);
	is_op("write kernel", 6, 0, 1, 0x01, 0);
	is_op("fetch user", 6, 0, 0, 0x02, 0);
	is_op("user read user", 6, 0, 0, 0x04, 0);
	is_op("super write user ac", 6, 0, 0, 0x29, 0);
	is_op("super read user noac", 6, 0, 0, 0x18, 0);
	is_op("cpu1: read user -> f1", 6, 1, 0, 0, 0x101);
	is_op("read user->identity", 6, 0, 0, 0, 0x11f);
	is_op("write user -> dirtied b.pt", 6, 0, 0, 1, 0x201);
	is_op("read user -> #PF(P W U)", 6, 0, 0, 0, 0x307);
	is_op("read user -> #PF(I,RSVD)", 6, 0, 0, 0, 0x318);
	is_op("read user -> #PF()", 6, 0, 0, 0, 0x300);
}

static void test_rest(void **state)
{
	(void)state;
	is_op("link a[0] = b.pd", 9, 0, 0, 0, 2);
	is_op("link a[0] = none", 9, 0, 0, 0, 0);
	is_op("link b.pd[1] = kernel.pt", 8, 0, 1, 1, 3);
	is_op("link b.pd[0] = none", 8, 0, 1, 0, 0);
	is_op("cs.l 0", 10, 0, 0, 0, 0);
	is_op("cpl 3", 11, 0, 3, 0, 0);
	is_op("cpu1: ac 1", 12, 1, 1, 0, 0);
	is_op("cpu1: init", 13, 1, 0, 0, 0);
	is_op("host-zap f2", 14, 0, 2, 0, 0);
	is_op("cpu1: host-zap f2", 14, 0, 2, 0, 0);
}

static void is_write(const char *line, unsigned int table, unsigned int entry, unsigned int frame,
		     unsigned int flags)
{
	char text[300];
	struct vtlb_leaf leaf;

	(void)snprintf(text, sizeof(text), "%s%s\n", HEAD, line);
	parse(text);
	assert_int_equal(t.nops, 1);
	assert_int_equal(t.ops[0].code, VTLB_OP_WRITE_LEAF);
	assert_int_equal(t.ops[0].a, table);
	assert_int_equal(t.ops[0].b, entry);
	leaf = t.world.value[t.ops[0].imm];
	assert_int_equal(leaf.frame, frame);
	assert_int_equal(leaf.flags, flags);
	vtlb_trace_free(&t);
}

static void test_leaf_values(void **state)
{
	(void)state;
	is_write("write b.user = f2", 1, 0, 2, 0x27);
	is_write("write b.kernel = f0", 2, 0, 0, 0x2b);
	is_write("write a.user = ro", 0, 0, 0, 0x25);
	is_write("write a.user = f2 ro super global nx clean rsvd", 0, 0, 2, 0x59);
	is_write("write kernel.pt[0] = f1 user local", 2, 0, 1, 0x27);
	is_write("write a.pt[3] = f9", 0, 3, 9, 0x27);
	is_write("write a.user = np", 0, 0, 0, 0);
	is_write("write a.user = rsvd", 0, 0, 0, 0x67);
}

static void is_expect(const char *line, unsigned int kind, unsigned int contract,
		      unsigned int vcpu, unsigned int page, unsigned int kinds)
{
	char text[300];
	struct vtlb_expect *e;

	(void)snprintf(text, sizeof(text), "%scpl 0\n%s\n", HEAD, line);
	parse(text);
	assert_int_equal(t.nexpects, 1);
	e = t.expects;
	assert_int_equal(e->kind, kind);
	assert_int_equal(e->contract, contract);
	assert_int_equal(e->vcpu, vcpu);
	assert_int_equal(e->page, page);
	if (e->kinds != kinds) {
		print_message("%s: %#x\n", line, e->kinds);
		fail();
	}
	assert_int_equal(e->after_step, 1);
	assert_int_equal(e->line, 5);
	vtlb_trace_free(&t);
}

static void test_expects(void **state)
{
	(void)state;
	is_expect("expect may user = f1", VTLB_EXP_MAY, 0, 0, 0, 0xff);
	is_expect("expect contract only kernel = f1", VTLB_EXP_ONLY, 1, 0, 1, 0xff);
	is_expect("cpu1: expect never user read user = f1", VTLB_EXP_NEVER, 0, 1, 0, 0x01);
	is_expect("expect never user user = f1", VTLB_EXP_NEVER, 0, 0, 0, 0x07);
	is_expect("expect never read user = f1", VTLB_EXP_NEVER, 0, 0, 0, 0x49);
	is_expect("expect never super write user = f1", VTLB_EXP_NEVER, 0, 0, 0, 0x90);
	is_expect("expect never super write user ac = f1", VTLB_EXP_NEVER, 0, 0, 0, 0x80);
	is_expect("expect never super read user noac = f1", VTLB_EXP_NEVER, 0, 0, 0, 0x08);
	is_expect("expect never super user = f1", VTLB_EXP_NEVER, 0, 0, 0, 0xf8);
	is_expect("expect never fetch user = f1", VTLB_EXP_NEVER, 0, 0, 0, 0x24);
	is_expect("expect never user ac = f1", VTLB_EXP_NEVER, 0, 0, 0, 0xe7);
	is_expect("expect holds", VTLB_EXP_HOLDS, 0, 0, 0, 0);
	is_expect("expect fault none", VTLB_EXP_FAULT, 0, 0, 0, 0);
}

static void test_expect_values(void **state)
{
	(void)state;
	parse(HEAD "cpl 0\nexpect may user = f1, f2, dirtied b.pt, #PF(P), identity # all\n"
		   "expect fault #GP(0)\nexpect fault #UD # undefined\n"
		   "expect violates I-CR4-PCIDE10 at 1");
	assert_int_equal(t.nexpects, 4);
	assert_int_equal(t.expects[0].want.frames, 0x80000006);
	assert_int_equal(t.expects[0].want.dirtied, 0x2);
	assert_int_equal(t.expects[0].want.faults, 0x2);
	assert_int_equal(t.expects[1].fault, VTLB_GP0);
	assert_int_equal(t.expects[2].fault, VTLB_UD);
	assert_string_equal(vtlb_rules[t.expects[3].rule].id, "I-CR4-PCIDE10");
	assert_int_equal(t.expects[3].step, 1);
	vtlb_trace_free(&t);
}

/* Words of the language are good names for pages. */
static void test_pages_with_odd_names(void **state)
{
	(void)state;
	parse("vtlb-trace 1\nworld\nroots a\npage read private\npage user private\n"
	      "page write private\nread read\nwrite write\nuser write user\nwrite user ac\n"
	      "write a.write = f3\nexpect may read read = f0\nexpect may read = f0\n"
	      "expect may user = f0\nexpect may user read user = f0\n");
	assert_int_equal(t.nops, 5);
	assert_int_equal(t.ops[1].a, 2);
	assert_int_equal(t.ops[2].a, 1);
	assert_int_equal(t.ops[3].b, VTLB_ACC_WRITE | VTLB_ACC_AC1);
	assert_int_equal(t.expects[0].kinds, 0x49);
	assert_int_equal(t.expects[1].kinds, 0xff);
	assert_int_equal(t.expects[1].page, 0);
	assert_int_equal(t.expects[2].page, 1);
	assert_int_equal(t.expects[3].kinds, 0x01);
	vtlb_trace_free(&t);
}

static void test_odd_user_user_read(void **state)
{
	struct vtlb_diag d;
	const char *text = HEAD "read user\nexpect may user user read = f0\n";

	(void)state;
	/* "user user read": the second "user" is the page only if nothing follows it. */
	assert_int_equal(vtlb_trace_parse(text, strlen(text), &t, &d), VTLB_E_PARSE);
	assert_int_equal(d.line, 5);
	assert_int_equal(d.column, 22);
}

static void test_world_values(void **state)
{
	(void)state;
	parse("# a comment first\n\nvtlb-trace 1 # version\r\n"
	      "world vendor=amd mode=tdp features=pcid,tce,pge vcpus=4 maxphyaddr=52 reading=owe\n"
	      "pcids 0 5\nroots x y z\n"
	      "page p private at 0x12001000 = f7, np\n"
	      "page q shared = ro\n"
	      "start cr0=0x80000001 cr4=pae,pge efer=lme,tce cr3=y pcid=9 cpl=3 ac=1\n"
	      "host-zap f9\n");
	assert_int_equal(t.world.vendor, VTLB_AMD);
	assert_int_equal(t.world.mode, VTLB_TDP);
	assert_int_equal(t.world.features, VTLB_F_PCID | VTLB_F_TCE | VTLB_F_PGE);
	assert_int_equal(t.world.nvcpus, 4);
	assert_int_equal(t.world.maxphyaddr, 52);
	assert_int_equal(t.reading, VTLB_OWE);
	assert_int_equal(t.world.npcids, 3);
	assert_int_equal(t.world.pcid[1], 5);
	assert_int_equal(t.world.pcid[2], 9);
	assert_int_equal(t.world.page[0].linear, 0x12001000);
	assert_int_equal(t.world.page[0].entry, 1);
	/* x.p = f7, y.p = np, z.p = f0: the first that nothing else has; q = f1 */
	assert_int_equal(t.world.value[t.world.init.leaf[0][1]].frame, 7);
	assert_int_equal(t.world.init.leaf[1][1], 0);
	assert_int_equal(t.world.value[t.world.init.leaf[2][1]].frame, 0);
	assert_int_equal(t.world.value[t.world.init.leaf[3][0]].frame, 1);
	assert_int_equal(t.world.value[t.world.init.leaf[3][0]].flags, 0x29);
	assert_int_equal(t.world.nframes, 10);
	assert_int_equal(t.world.init_mode, VTLB_PE | VTLB_PG | VTLB_PAE | VTLB_PGE | VTLB_LME |
						    VTLB_LMA | VTLB_TCE | VTLB_CSL | VTLB_CPL3 |
						    VTLB_AC);
	assert_int_equal(t.world.init_root, 1);
	assert_int_equal(t.world.init_low12, 9);
	vtlb_trace_free(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_registers),
		cmocka_unit_test(test_cr3),
		cmocka_unit_test(test_invalidations),
		cmocka_unit_test(test_accesses),
		cmocka_unit_test(test_rest),
		cmocka_unit_test(test_leaf_values),
		cmocka_unit_test(test_expects),
		cmocka_unit_test(test_expect_values),
		cmocka_unit_test(test_pages_with_odd_names),
		cmocka_unit_test(test_odd_user_user_read),
		cmocka_unit_test(test_world_values),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
