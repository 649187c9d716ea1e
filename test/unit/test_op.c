/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The 8-byte encoding: what is valid, the nearest valid operation to any bytes,
 * the byte order of files, and the order of outcomes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "vtlb/vtlb.h"

static struct vtlb_world w;

static int setup(void **state)
{
	(void)state;
	vtlb_world_default(&w);
	w.nvcpus = 2;
	return 0;
}

static bool valid(enum vtlb_opcode code, unsigned int a, unsigned int b, uint32_t imm)
{
	return vtlb_op_valid(&w, vtlb_op_make(code, 1, a, b, imm));
}

static void test_version_and_vcpu(void **state)
{
	struct vtlb_op op = vtlb_op_make(VTLB_OP_INIT, 1, 0, 0, 0);

	(void)state;
	assert_int_equal(op.vcpu, 0x11);
	assert_true(vtlb_op_valid(&w, op));
	op.vcpu = 0x12;
	assert_false(vtlb_op_valid(&w, op));
	op.vcpu = 0x01;
	assert_false(vtlb_op_valid(&w, op));
	op.vcpu = 0x21;
	assert_false(vtlb_op_valid(&w, op));
	op = vtlb_op_make(VTLB_OP_NR, 0, 0, 0, 0);
	assert_false(vtlb_op_valid(&w, op));
}

static void test_registers(void **state)
{
	(void)state;
	assert_true(valid(VTLB_OP_MOV_CR0, VTLB_HOW_SET, 0, VTLB_PE | VTLB_PG | VTLB_RSVD));
	assert_true(valid(VTLB_OP_MOV_CR4, VTLB_HOW_XOR, 0, VTLB_PGE | VTLB_FRED));
	assert_true(valid(VTLB_OP_WRMSR_EFER, VTLB_HOW_OR, 0, VTLB_NXE | VTLB_LME | VTLB_TCE));
	assert_false(valid(VTLB_OP_MOV_CR0, 4, 0, 0));
	assert_false(valid(VTLB_OP_MOV_CR0, VTLB_HOW_SET, 1, 0));
	assert_false(valid(VTLB_OP_MOV_CR0, VTLB_HOW_SET, 0, VTLB_PGE));
	assert_false(valid(VTLB_OP_MOV_CR4, VTLB_HOW_SET, 0, VTLB_WP));
	assert_false(valid(VTLB_OP_WRMSR_EFER, VTLB_HOW_SET, 0, VTLB_LMA));
	/* Clearing a reserved bit is no different from not clearing it. */
	assert_false(valid(VTLB_OP_MOV_CR4, VTLB_HOW_CLEAR, 0, VTLB_RSVD));
}

static void test_cr3_and_invpcid(void **state)
{
	(void)state;
	assert_true(valid(VTLB_OP_MOV_CR3, 1, 0,
			  1 | VTLB_CR3_NOFLUSH | VTLB_CR3_RSVD | VTLB_CR3_LAM));
	assert_false(valid(VTLB_OP_MOV_CR3, 2, 0, 0));
	assert_false(valid(VTLB_OP_MOV_CR3, 0, 1, 0));
	assert_false(valid(VTLB_OP_MOV_CR3, 0, 0, 1u << 15));
	assert_false(valid(VTLB_OP_MOV_CR3, 0, 0, 2)); /* 2 is no PCID of the world */
	w.features &= ~(uint32_t)VTLB_F_PCID;
	assert_true(valid(VTLB_OP_MOV_CR3, 0, 0, 0x18));

	assert_true(valid(VTLB_OP_INVPCID, 1, 0, 1 | VTLB_INVPCID_RSVD | VTLB_INVPCID_NONCANON));
	assert_true(valid(VTLB_OP_INVPCID, 0, 255, 0));
	assert_false(valid(VTLB_OP_INVPCID, 2, 0, 0));
	assert_false(valid(VTLB_OP_INVPCID, 0, 0, 2));
	assert_false(valid(VTLB_OP_INVPCID, 0, 1, 2));
	assert_true(valid(VTLB_OP_INVPCID, 0, 2, 2)); /* there the PCID is ignored */
	assert_false(valid(VTLB_OP_INVPCID, 0, 2, 1u << 14));

	assert_true(valid(VTLB_OP_INVLPG, 1, 1, 0));
	assert_false(valid(VTLB_OP_INVLPG, 2, 0, 0));
	assert_false(valid(VTLB_OP_INVLPG, 0, 2, 0));
	assert_false(valid(VTLB_OP_INVLPG, 0, 0, 1));
}

static void test_access(void **state)
{
	(void)state;
	assert_true(valid(VTLB_OP_ACCESS, 1, VTLB_ACC_FETCH | VTLB_ACC_USER | VTLB_ACC_AC1, 0));
	assert_false(valid(VTLB_OP_ACCESS, 2, 0, 0));
	assert_false(valid(VTLB_OP_ACCESS, 0, 3, 0));
	assert_false(valid(VTLB_OP_ACCESS, 0, 0x40, 0));
	assert_false(valid(VTLB_OP_ACCESS, 0, VTLB_ACC_USER | VTLB_ACC_SUPER, 0));
	assert_false(valid(VTLB_OP_ACCESS, 0, VTLB_ACC_AC0 | VTLB_ACC_AC1, 0));
	/* outcomes */
	assert_true(valid(VTLB_OP_ACCESS, 0, 0, 0x102));
	assert_false(valid(VTLB_OP_ACCESS, 0, 0, 0x103));
	assert_true(valid(VTLB_OP_ACCESS, 0, 0, 0x11f)); /* identity */
	assert_true(valid(VTLB_OP_ACCESS, 0, VTLB_ACC_WRITE, 0x202));
	assert_false(valid(VTLB_OP_ACCESS, 0, VTLB_ACC_WRITE, 0x203));
	assert_false(valid(VTLB_OP_ACCESS, 0, VTLB_ACC_READ, 0x202));
	assert_true(valid(VTLB_OP_ACCESS, 0, 0, 0x31f));
	assert_false(valid(VTLB_OP_ACCESS, 0, 0, 0x320));
	assert_false(valid(VTLB_OP_ACCESS, 0, 0, 0x001));
	assert_false(valid(VTLB_OP_ACCESS, 0, 0, 0x400));
}

static void test_memory_and_rest(void **state)
{
	struct vtlb_op zap = vtlb_op_make(VTLB_OP_HOST_ZAP, 0, 2, 0, 0);

	(void)state;
	assert_true(valid(VTLB_OP_WRITE_LEAF, 2, 3, 3));
	assert_false(valid(VTLB_OP_WRITE_LEAF, 3, 0, 0));
	assert_false(valid(VTLB_OP_WRITE_LEAF, 0, 4, 0));
	assert_false(valid(VTLB_OP_WRITE_LEAF, 0, 0, 4));
	assert_true(valid(VTLB_OP_WRITE_UPPER, 1, 1, 3));
	assert_false(valid(VTLB_OP_WRITE_UPPER, 2, 0, 0));
	assert_false(valid(VTLB_OP_WRITE_UPPER, 0, 2, 0));
	assert_false(valid(VTLB_OP_WRITE_UPPER, 0, 0, 4));
	assert_true(valid(VTLB_OP_WRITE_ROOT, 1, 0, 2));
	assert_false(valid(VTLB_OP_WRITE_ROOT, 2, 0, 0));
	assert_false(valid(VTLB_OP_WRITE_ROOT, 0, 1, 0));
	assert_false(valid(VTLB_OP_WRITE_ROOT, 0, 0, 3));
	assert_true(valid(VTLB_OP_SET_CSL, 1, 0, 0));
	assert_false(valid(VTLB_OP_SET_CSL, 2, 0, 0));
	assert_true(valid(VTLB_OP_SET_CPL, 3, 0, 0));
	assert_true(valid(VTLB_OP_SET_CPL, 0, 0, 0));
	assert_false(valid(VTLB_OP_SET_CPL, 1, 0, 0));
	assert_false(valid(VTLB_OP_SET_CPL, 3, 1, 0));
	assert_false(valid(VTLB_OP_SET_CPL, 0, 0, 1));
	assert_false(valid(VTLB_OP_SET_CSL, 1, 0, 1));
	assert_true(valid(VTLB_OP_SET_AC, 1, 0, 0));
	assert_false(valid(VTLB_OP_SET_AC, 1, 1, 0));
	assert_false(valid(VTLB_OP_SET_AC, 1, 0, 1));
	assert_true(valid(VTLB_OP_INIT, 0, 0, 0));
	assert_false(valid(VTLB_OP_INIT, 1, 0, 0));
	assert_false(valid(VTLB_OP_INIT, 0, 1, 0));
	assert_false(valid(VTLB_OP_INIT, 0, 0, 1));
	assert_true(vtlb_op_valid(&w, zap));
	zap.imm = 1;
	assert_false(vtlb_op_valid(&w, zap));
	zap.imm = 0;
	zap.a = 3;
	assert_false(vtlb_op_valid(&w, zap));
	assert_false(valid(VTLB_OP_HOST_ZAP, 0, 0, 0)); /* of vCPU 1: the host is none */
}

/* Any bytes become a valid operation, and a valid one stays as it is. */
static void test_canon(void **state)
{
	uint64_t x = 88172645463325252u;
	bool all_valid = true, stable = true;
	uint32_t seen = 0;

	(void)state;
	for (unsigned int i = 0; i < 200000; i++) {
		uint8_t bytes[8];
		struct vtlb_op op, again;

		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		memcpy(bytes, &x, 8);
		op = vtlb_op_canon(&w, vtlb_op_load(bytes));
		again = vtlb_op_canon(&w, op);
		all_valid &= vtlb_op_valid(&w, op);
		stable &= !memcmp(&op, &again, sizeof(op));
		seen |= 1u << op.code;
	}
	assert_true(all_valid);
	assert_true(stable);
	assert_int_equal(seen, 0x7fff);
}

static void test_canon_values(void **state)
{
	struct vtlb_op op;

	(void)state;
	op = vtlb_op_canon(&w, vtlb_op_make(VTLB_OP_MOV_CR4, 0, 6, 9, 0xffffffff));
	assert_int_equal(op.a, VTLB_HOW_CLEAR);
	assert_int_equal(op.b, 0);
	assert_int_equal(op.imm, 0x1ffe0); /* CR4 bits of the mode word, no reserved one */
	op = vtlb_op_canon(&w, vtlb_op_make(VTLB_OP_MOV_CR3, 0, 3, 0, 0xffff));
	assert_int_equal(op.a, 1);
	assert_int_equal(op.imm, 0x7001); /* flags, and PCID 0xfff % 2 */
	op = vtlb_op_canon(&w, vtlb_op_make(VTLB_OP_ACCESS, 0, 1, 0xff, 0x205));
	assert_int_equal(op.b, VTLB_ACC_READ | VTLB_ACC_USER | VTLB_ACC_AC0);
	assert_int_equal(op.imm, 0); /* a read sets no D */
	op = vtlb_op_canon(&w, vtlb_op_make(VTLB_OP_SET_CPL, 0, 1, 0, 0));
	assert_int_equal(op.a, 3);
}

static void test_bytes(void **state)
{
	const uint8_t want[8] = { 5, 0x13, 2, 1, 0x78, 0x56, 0x34, 0x12 };
	struct vtlb_op op = vtlb_op_make(VTLB_OP_INVPCID, 3, 2, 1, 0x12345678);
	struct vtlb_op back;
	uint8_t bytes[8];

	(void)state;
	vtlb_op_store(op, bytes);
	assert_memory_equal(bytes, want, 8);
	back = vtlb_op_load(bytes);
	assert_memory_equal(&back, &op, sizeof(op));
}

static enum vtlb_kind kind(unsigned int b, uint32_t mode)
{
	return vtlb_op_kind(vtlb_op_make(VTLB_OP_ACCESS, 0, 0, b, 0), mode);
}

static void test_kind(void **state)
{
	(void)state;
	assert_int_equal(kind(VTLB_ACC_READ, 0), VTLB_SR);
	assert_int_equal(kind(VTLB_ACC_WRITE, 0), VTLB_SW);
	assert_int_equal(kind(VTLB_ACC_FETCH, 0), VTLB_SX);
	assert_int_equal(kind(VTLB_ACC_READ, VTLB_CPL3), VTLB_UR);
	assert_int_equal(kind(VTLB_ACC_WRITE, VTLB_CPL3 | VTLB_AC), VTLB_UW);
	assert_int_equal(kind(VTLB_ACC_FETCH | VTLB_ACC_USER, 0), VTLB_UX);
	assert_int_equal(kind(VTLB_ACC_READ | VTLB_ACC_SUPER, VTLB_CPL3), VTLB_SR);
	assert_int_equal(kind(VTLB_ACC_READ, VTLB_AC), VTLB_SRA);
	assert_int_equal(kind(VTLB_ACC_WRITE, VTLB_AC), VTLB_SWA);
	assert_int_equal(kind(VTLB_ACC_FETCH, VTLB_AC), VTLB_SX);
	assert_int_equal(kind(VTLB_ACC_WRITE | VTLB_ACC_AC1, 0), VTLB_SWA);
	assert_int_equal(kind(VTLB_ACC_READ | VTLB_ACC_AC0, VTLB_AC), VTLB_SR);
}

static void test_outset(void **state)
{
	const struct vtlb_outset s = { 0x80000005, 0x2, 0x80000001 };
	const struct vtlb_outset none = { 0, 0, 0 };
	const uint32_t want[] = { 0x100, 0x102, 0x11f, 0x201, 0x300, 0x31f, 0 };
	uint32_t out = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
		out = vtlb_outset_next(&s, out);
		assert_int_equal(out, want[i]);
		assert_int_equal(vtlb_outset_has(&s, out), i < 6);
	}
	assert_int_equal(vtlb_outset_next(&none, 0), 0);
	assert_false(vtlb_outset_has(&s, 0)); /* "any" is in no set */
	assert_false(vtlb_outset_has(&s, 0x101));
	assert_false(vtlb_outset_has(&s, 0x200));
	assert_false(vtlb_outset_has(&s, 0x301));
}

static void test_fault_names(void **state)
{
	(void)state;
	assert_string_equal(vtlb_fault_name(VTLB_NO_FAULT), "none");
	assert_string_equal(vtlb_fault_name(VTLB_GP0), "#GP(0)");
	assert_string_equal(vtlb_fault_name(VTLB_UD), "#UD");
	assert_string_equal(vtlb_fault_name(VTLB_UNSUPPORTED), "unsupported");
	assert_string_equal(vtlb_fault_name((enum vtlb_fault)9), "unknown");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_version_and_vcpu, setup),
		cmocka_unit_test_setup(test_registers, setup),
		cmocka_unit_test_setup(test_cr3_and_invpcid, setup),
		cmocka_unit_test_setup(test_access, setup),
		cmocka_unit_test_setup(test_memory_and_rest, setup),
		cmocka_unit_test_setup(test_canon, setup),
		cmocka_unit_test_setup(test_canon_values, setup),
		cmocka_unit_test_setup(test_bytes, setup),
		cmocka_unit_test_setup(test_kind, setup),
		cmocka_unit_test_setup(test_outset, setup),
		cmocka_unit_test_setup(test_fault_names, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
