/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The parser: what each line of the language becomes, and for each class of
 * malformed text the place and the words of the error.
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

struct bad {
	const char *text;
	uint32_t line, column;
	const char *message;
};

static const struct bad bad[] = {
	/* nothing, or not enough */
	{ "", 1, 1, "found end of file, expected 'vtlb-trace 1'" },
	{ "# only a comment\n", 2, 1, "found end of file, expected 'vtlb-trace 1'" },
	{ "vtlb-trace", 1, 11, "found end of file, expected version 1" },
	{ "vtlb-trace 1\n", 2, 1, "found end of file, expected a 'world' line" },
	{ "vtlb-trace 1\nworld\n", 3, 1,
	  "found end of file, expected an operation or an expect line" },
	{ "vtlb-trace 1\nworld\nroots a b\n", 4, 1,
	  "found end of file, expected an operation or an expect line" },
	{ HEAD "cr3", 4, 4, "found end of file, expected a root" },
	{ HEAD "write a.user =", 4, 15,
	  "found end of file, expected a leaf value: a frame, flags or 'np'" },
	/* the head */
	{ "world\n", 1, 1, "found 'world', expected 'vtlb-trace 1'" },
	{ "vtlb-trace 2\n", 1, 12, "found '2', expected version 1" },
	{ "vtlb-trace 0\n", 1, 13, "found version 0, expected version 1" },
	{ "vtlb-trace 1 x\n", 1, 14, "found 'x', expected end of line" },
	{ "vtlb-trace 1\nroots a\n", 2, 1, "found 'roots', expected a 'world' line" },
	{ "vtlb-trace 1\nworld vendor=via\n", 2, 14, "found 'via', expected 'intel' or 'amd'" },
	{ "vtlb-trace 1\nworld mode=x\n", 2, 12, "found 'x', expected 'shadow' or 'tdp'" },
	{ "vtlb-trace 1\nworld features=pge,x\n", 2, 20,
	  "found 'x', expected a CPU feature (pcid, invpcid, pge ...) or 'none'" },
	{ "vtlb-trace 1\nworld vcpus=5\n", 2, 13, "found '5', expected a number from 1 to 4" },
	{ "vtlb-trace 1\nworld maxphyaddr=53\n", 2, 18,
	  "found '53', expected a number from 36 to 52" },
	{ "vtlb-trace 1\nworld reading=x\n", 2, 15, "found 'x', expected 'rely' or 'owe'" },
	{ "vtlb-trace 1\nworld vcpus 2\n", 2, 13, "found '2', expected '='" },
	{ "vtlb-trace 1\nworld vcpus=1 vcpus=2\n", 2, 15, "found a second 'vcpus='" },
	{ "vtlb-trace 1\nworld cores=2\n", 2, 7,
	  "found 'cores', expected 'vendor=', 'mode=', 'features=', 'vcpus=', 'maxphyaddr=', "
	  "'reading=' or end of line" },
	/* declarations */
	{ "vtlb-trace 1\nworld\nread user\n", 3, 1, "found 'read', expected a 'roots' line before it" },
	{ "vtlb-trace 1\nworld\npage p private\n", 3, 6,
	  "found 'p', expected a 'roots' line before the first page" },
	{ "vtlb-trace 1\nworld\nroots a\nroots b\n", 4, 1, "found a second 'roots' line" },
	{ "vtlb-trace 1\nworld\nroots a a\n", 3, 9, "found 'a', which is there already" },
	{ "vtlb-trace 1\nworld\nroots a b c d e\n", 3, 15,
	  "found more than 4 names, expected end of line" },
	{ "vtlb-trace 1\nworld\nroots 1\n", 3, 7, "found '1', expected the name of a root" },
	{ "vtlb-trace 1\nworld\nroots a-b\n", 3, 7, "found 'a-b', expected the name of a root" },
	{ "vtlb-trace 1\nworld\nroots abcdefghijklmnop\n", 3, 7,
	  "found a name of 16 characters, expected at most 15" },
	{ "vtlb-trace 1\nworld\nroots a.b\nread user", 2, 1,
	  "found a world in which a name is not a letter or _ followed by letters, digits, _ (in "
	  "table and frame names also dots), at most 15 in all, and no reserved word" },
	{ "vtlb-trace 1\nworld\nroots a\npage p both\n", 4, 8,
	  "found 'both', expected 'private' or 'shared'" },
	{ "vtlb-trace 1\nworld\nroots a\npage p private at 5\n", 4, 19,
	  "found '5', expected a linear address, 4 KiB aligned and below 4 GiB" },
	{ "vtlb-trace 1\nworld\nroots a\npage p private at 0x5000\nread p\n", 5, 1,
	  "found a page at a linear address whose bits 20:12 are above 3" },
	{ "vtlb-trace 1\nworld\nroots a\npage p private = f0, f1\n", 4, 22,
	  "found 'f1', expected end of line (one value for a shared page, one a root for a private "
	  "one)" },
	{ "vtlb-trace 1\nworld\nroots a\npage p private = f31\n", 4, 18,
	  "found 'f31', expected a leaf value: a frame, flags or 'np'" },
	{ "vtlb-trace 1\nworld\nroots a\npage p private = f0 f1\n", 4, 21,
	  "found 'f1', expected a flag (rw ro user super global local nx exec dirty clean rsvd "
	  "norsvd) or end of line" },
	{ "vtlb-trace 1\nworld\nframes x y\nroots a\npage p private = f0\n", 5, 18,
	  "found 'f0', expected a leaf value: a frame, flags or 'np'" },
	{ "vtlb-trace 1\nworld\nframes x\nroots a b\nread user\n", 5, 1,
	  "found a world with too few frames for one of its own a leaf" },
	{ "vtlb-trace 1\nworld\nroots a\npage p private = f3\nframes x\n", 5, 1,
	  "found 'frames' after a use of a frame, expected it before" },
	{ "vtlb-trace 1\nworld\npcids 1\n", 3, 7,
	  "found '1', expected 0, the first PCID of every world" },
	{ "vtlb-trace 1\nworld\npcids 0 4096\n", 3, 9,
	  "found '4096', expected a number from 0 to 0xfff" },
	{ "vtlb-trace 1\nworld\npcids 0 5 5\n", 3, 11, "found a PCID that is there already" },
	{ "vtlb-trace 1\nworld\npcids 0 1 2 3 4 5 6 7 8\n", 3, 23,
	  "found a PCID too many, expected at most 8" },
	{ "vtlb-trace 1\nworld\nvalues f0, f0\n", 3, 12,
	  "found a leaf value that is there already" },
	{ "vtlb-trace 1\nworld\nvalues ro\n", 3, 8, "found 'ro', expected a frame" },
	{ "vtlb-trace 1\nworld\nroots a\nslots 2\n", 4, 7,
	  "found '2', expected the region of a slot, 0 or 1" },
	{ "vtlb-trace 1\nworld\nroots a\nslots 0 0 0 0 0\n", 4, 15,
	  "found more than 4 slots, expected end of line" },
	{ "vtlb-trace 1\nworld\nroots a\nslots 1 regions 1\n", 4, 17,
	  "found '1', expected a number of regions that covers the slots" },
	{ "vtlb-trace 1\nworld\nroots a\npage p private\nslots 0\n", 5, 1,
	  "found 'slots' after a page or entry, expected it before" },
	{ "vtlb-trace 1\nworld\nroots a\nuppers u\npage p slot 0 entry 0\n", 5, 13,
	  "found '0', expected a 'slots' line before this page" },
	{ "vtlb-trace 1\nworld\nroots a\nslots 0\npage p private\n", 5, 8,
	  "found 'private', expected 'slot' (the tables of this world are explicit)" },
	{ "vtlb-trace 1\nworld\nroots a\nslots 0\npage p slot 1 entry 0\n", 5, 13,
	  "found '1', expected a slot of the world" },
	{ "vtlb-trace 1\nworld\nroots a\nslots 0\npage p slot 0 at 0\n", 5, 15,
	  "found 'at', expected 'entry'" },
	{ "vtlb-trace 1\nworld\nroots a\nslots 0\npage p slot 0 entry 4\n", 5, 21,
	  "found '4', expected an entry from 0 to 3" },
	{ "vtlb-trace 1\nworld\nroots a\nslots 0\nread p\n", 5, 6, "found 'p', expected a page" },
	{ "vtlb-trace 1\nworld\nroots a\nentry x[0] = f0\n", 4, 7,
	  "found 'x', expected a root, an upper table or a page table" },
	{ "vtlb-trace 1\nworld\nroots a\nentry a[1] = none\n", 4, 9,
	  "found '1', expected a region of the world" },
	{ "vtlb-trace 1\nworld\nroots a\nentry a[0] = kernel.pt\n", 4, 14,
	  "found 'kernel.pt', expected an upper table or 'none'" },
	{ "vtlb-trace 1\nworld\nroots a\nentry a.pd[0] = f0\n", 4, 17,
	  "found 'f0', expected a page table or 'none'" },
	{ "vtlb-trace 1\nworld\nroots a\nentry a.pt[4] = f0\n", 4, 12,
	  "found '4', expected an entry from 0 to 3" },
	{ "vtlb-trace 1\nworld\nroots a\nentry a[0] = none\npage p private\n", 5, 6,
	  "found a page after an 'entry' line, expected it before" },
	{ "vtlb-trace 1\nworld\nroots a\nstart cr4=wp\n", 4, 11, "found 'wp', expected a bit of CR4" },
	{ "vtlb-trace 1\nworld\nroots a\nstart cr0=0x100000000\n", 4, 11,
	  "found a reserved bit, which no register can have" },
	{ "vtlb-trace 1\nworld\nroots a\nstart cpl=1\n", 4, 11, "found '1', expected 0 or 3" },
	{ "vtlb-trace 1\nworld\nroots a\nstart cr3=b\n", 4, 11, "found 'b', expected a root" },
	{ "vtlb-trace 1\nworld\nroots a\nstart cr0=pe,pg,nw\nread user\n", 2, 1,
	  "found a world in which initial CR0.NW=1 needs CR0.CD=1" },
	{ "vtlb-trace 1\nworld\nroots a\nread user\npage p private\n", 5, 1,
	  "found 'page', expected a declaration, an operation or 'expect'" },
	/* operations */
	{ HEAD "jump\n", 4, 1, "found 'jump', expected a declaration, an operation or 'expect'" },
	{ HEAD "  = 4\n", 4, 3, "found '=', expected a declaration, an operation or 'expect'" },
	{ HEAD "cpu2: init\n", 4, 1, "found 'cpu2', expected one of the 2 vCPUs, counted from 0" },
	{ HEAD "cpu1 init\n", 4, 6, "found 'init', expected ':'" },
	{ HEAD "cr4 pge\n", 4, 5, "found 'pge', expected '=', '|=', '&= ~' or '^='" },
	{ HEAD "cr4 &= pge\n", 4, 8, "found 'pge', expected '~'" },
	{ HEAD "cr4 |= wp\n", 4, 8, "found 'wp', expected a bit of CR4" },
	{ HEAD "cr4 |= \n", 4, 8, "found end of line, expected a number or names of bits" },
	{ HEAD "cr4 |= pge,\n", 4, 12, "found end of line, expected a number or names of bits" },
	{ HEAD "cr4 = 0x80 pge\n", 4, 12, "found 'pge', expected end of line" },
	{ HEAD "cr4 = 12ab\n", 4, 7, "found malformed '12ab', expected a number or names of bits" },
	{ HEAD "cr4 = 0xfffffffffffffffff\n", 4, 7,
	  "found malformed '0xfffffffffffffffff', expected a number or names of bits" },
	{ HEAD "cr3 c\n", 4, 5, "found 'c', expected a root" },
	{ HEAD "cr3 a flush\n", 4, 7,
	  "found 'flush', expected 'pcid=', 'low12=', 'noflush', 'rsvd', 'lam' or end of line" },
	{ HEAD "cr3 a pcid=4096\n", 4, 12, "found '4096', expected a number from 0 to 0xfff" },
	{ HEAD "cr3 a pcid 1\n", 4, 12, "found '1', expected '='" },
	{ HEAD "invlpg f0\n", 4, 8, "found 'f0', expected a page or 'noncanonical'" },
	{ HEAD "invpcid some\n", 4, 9,
	  "found 'some', expected 'addr', 'single', 'all', 'all-nonglobal' or 'type='" },
	{ HEAD "invpcid single\n", 4, 15, "found end of line, expected 'pcid='" },
	{ HEAD "invpcid addr pcid=1\n", 4, 20, "found end of line, expected a page" },
	{ HEAD "invpcid type=256\n", 4, 14, "found '256', expected a number from 0 to 255" },
	{ HEAD "invpcid all x\n", 4, 13,
	  "found 'x', expected 'pcid=', a page, 'noncanonical', 'rsvd' or end of line" },
	{ HEAD "invpcid all pcid=4096\n", 4, 18, "found '4096', expected a number from 0 to 0xfff" },
	{ HEAD "read f0\n", 4, 6, "found 'f0', expected a page" },
	{ HEAD "user jump user\n", 4, 6, "found 'jump', expected 'read', 'write' or 'fetch'" },
	{ HEAD "read user -> x\n", 4, 14,
	  "found 'x', expected an outcome: a frame, 'dirtied TABLE', 'identity' or '#PF(...)'" },
	{ HEAD "read user -> dirtied a.pt\n", 4, 11, "found 'dirtied', which only a write can have" },
	{ HEAD "write user -> dirtied a.pd\n", 4, 23, "found 'a.pd', expected a page table" },
	{ HEAD "read user -> #PF(X)\n", 4, 18, "found 'X', expected P, W, U, RSVD, I or ')'" },
	{ HEAD "read user -> #PF P\n", 4, 18, "found 'P', expected '('" },
	{ HEAD "read user -> #GP(0)\n", 4, 14,
	  "found '#GP', expected an outcome: a frame, 'dirtied TABLE', 'identity' or '#PF(...)'" },
	{ HEAD "write 5\n", 4, 7, "found '5', expected a page, ROOT.PAGE or TABLE[ENTRY]" },
	{ HEAD "write user = f0\n", 4, 7,
	  "found 'user', expected a page, ROOT.PAGE or TABLE[ENTRY]" },
	{ HEAD "write c.user = f0\n", 4, 7, "found 'c', expected a root before '.'" },
	{ HEAD "write a.x = f0\n", 4, 9, "found 'x', expected a page after '.'" },
	{ HEAD "write a.pd[0] = f0\n", 4, 7, "found 'a.pd', expected a page table" },
	{ HEAD "write a.pt[4] = f0\n", 4, 12, "found '4', expected an entry from 0 to 3" },
	{ HEAD "write a.pt[0 = f0\n", 4, 14, "found '=', expected ']'" },
	{ HEAD "write a.user f0\n", 4, 14, "found 'f0', expected '='" },
	{ HEAD "link kernel.pt[0] = none\n", 4, 6,
	  "found 'kernel.pt', expected a root or an upper table" },
	{ HEAD "link a[1] = none\n", 4, 8, "found '1', expected a region of the world" },
	{ HEAD "link a.pd[2] = none\n", 4, 11, "found '2', expected a slot of the world" },
	{ HEAD "link a[0] = a.pt\n", 4, 13, "found 'a.pt', expected an upper table or 'none'" },
	{ HEAD "link a.pd[0] = b.pd\n", 4, 16, "found 'b.pd', expected a page table or 'none'" },
	{ HEAD "cs.l 2\n", 4, 6, "found '2', expected 0 or 1" },
	{ HEAD "cpl 1\n", 4, 5, "found '1', expected 0 or 3" },
	{ HEAD "ac on\n", 4, 4, "found 'on', expected 0 or 1" },
	{ HEAD "init 1\n", 4, 6, "found '1', expected end of line" },
	{ HEAD "host-zap user\n", 4, 10, "found 'user', expected a frame" },
	/* expectations */
	{ HEAD "expect maybe user = f1\n", 4, 8,
	  "found 'maybe', expected 'may', 'only', 'never', 'contract', 'fault', 'holds' or "
	  "'violates'" },
	{ HEAD "expect contract holds\n", 4, 17,
	  "found 'holds', expected 'may', 'only' or 'never'" },
	{ HEAD "expect may page = f1\n", 4, 12, "found 'page', expected a page" },
	{ HEAD "expect may user f1\n", 4, 17, "found 'f1', expected a page" },
	{ HEAD "expect may user = \n", 4, 19,
	  "found end of line, expected an outcome: a frame, 'dirtied TABLE', 'identity' or "
	  "'#PF(...)'" },
	{ HEAD "expect fault none\n", 4, 14, "found 'expect fault' before the first operation" },
	{ HEAD "init\nexpect fault #PF\n", 5, 14, "found '#PF', expected '#GP(0)', '#UD' or 'none'" },
	{ HEAD "init\nexpect fault #GP(1)\n", 5, 18, "found '1', expected 0" },
	{ HEAD "init\nexpect violates I-NONE at 1\n", 5, 17,
	  "found 'I-NONE', expected the id of a rule (see 'vtlb list rules')" },
	{ HEAD "init\nexpect violates I-INIT 1\n", 5, 24, "found '1', expected 'at'" },
	{ HEAD "init\nexpect violates I-INIT at 2\n", 5, 27,
	  "found '2', expected a step that has been taken (they count operations)" },
	/* bytes */
	{ HEAD "read \x01\n", 4, 6, "found byte 0x01, expected a page" },
	{ HEAD "read \xc3\xa4\n", 4, 6, "found byte 0xc3, expected a page" },
	{ HEAD "read ;\n", 4, 6, "found malformed ';', expected a page" },
	{ HEAD "# fine\n\n\tread x\n", 6, 7, "found 'x', expected a page" },
};

static void test_malformed(void **state)
{
	unsigned int wrong = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct vtlb_diag d;
		enum vtlb_err err = vtlb_trace_parse(bad[i].text, strlen(bad[i].text), &t, &d);

		if (err == VTLB_OK || d.line != bad[i].line || d.column != bad[i].column ||
		    strcmp(d.message, bad[i].message)) {
			print_message("%s\nerror %d, %u:%u: %s\nwanted    %u:%u: %s\n", bad[i].text,
				      (int)err, d.line, d.column, d.message, bad[i].line,
				      bad[i].column, bad[i].message);
			wrong++;
		}
		if (err == VTLB_OK)
			vtlb_trace_free(&t);
		else if (t.ops || t.expects || t.line)
			wrong++;
	}
	assert_int_equal(wrong, 0);
}

/* Which error code: syntax, limits and worlds are told apart. */
static void test_error_codes(void **state)
{
	static const struct {
		const char *text;
		enum vtlb_err err;
	} cases[] = {
		{ HEAD "read x\n", VTLB_E_PARSE },
		{ "vtlb-trace 1\nworld\npcids 0 1 2 3 4 5 6 7 8\n", VTLB_E_LIMIT },
		{ "vtlb-trace 1\nworld\nroots a\nstart cr0=pe,pg,nw\nread user\n", VTLB_E_WORLD },
	};
	struct vtlb_diag d;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(vtlb_trace_parse(cases[i].text, strlen(cases[i].text), &t, &d),
				 cases[i].err);
}

/* Every prefix of a good text parses or says why not; none may crash. */
static void test_truncated(void **state)
{
	const char *text = HEAD "cr4 |= pge\nwrite b.user = f2 ro\ncr3 b pcid=1 noflush\n"
				"read user -> #PF(P W)\nexpect contract never user read user = f1\n"
				"expect violates I-CR3-P0 at 2\n";
	size_t ok = 0, len = strlen(text);

	(void)state;
	for (size_t n = 0; n <= len; n++) {
		char *copy = malloc(n ? n : 1);
		struct vtlb_diag d;

		assert_non_null(copy);
		memcpy(copy, text, n);
		if (vtlb_trace_parse(copy, n, &t, &d) == VTLB_OK) {
			ok++;
			vtlb_trace_free(&t);
		} else {
			assert_true(d.message[0] && d.line);
		}
		free(copy);
	}
	assert_true(ok > 10 && ok < len / 2);
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
		cmocka_unit_test(test_malformed),
		cmocka_unit_test(test_error_codes),
		cmocka_unit_test(test_truncated),
		cmocka_unit_test(test_value_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
