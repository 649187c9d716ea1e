/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The four forms of a register write, in the contract and in every preset: both
 * form the same mode word from the register's present value.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "vtlb/vtlb.h"

#define CR0 (VTLB_PE | VTLB_WP | VTLB_PG)

static struct vtlb_world w;

static int setup(void **state)
{
	(void)state;
	vtlb_world_default(&w);
	return 0;
}

struct form {
	enum vtlb_opcode code;
	enum vtlb_how how;
	uint32_t imm;
	enum vtlb_fault fault;
	uint32_t mode;		/* afterwards */
};

static const struct form forms[] = {
	{ VTLB_OP_MOV_CR0, VTLB_HOW_SET, CR0, VTLB_NO_FAULT, VTLB_INIT_MODE },
	{ VTLB_OP_MOV_CR0, VTLB_HOW_SET, CR0 & ~VTLB_WP, VTLB_NO_FAULT,
	  VTLB_INIT_MODE & ~VTLB_WP },
	{ VTLB_OP_MOV_CR0, VTLB_HOW_OR, VTLB_CD, VTLB_NO_FAULT, VTLB_INIT_MODE | VTLB_CD },
	{ VTLB_OP_MOV_CR0, VTLB_HOW_CLEAR, VTLB_WP, VTLB_NO_FAULT, VTLB_INIT_MODE & ~VTLB_WP },
	{ VTLB_OP_MOV_CR0, VTLB_HOW_XOR, VTLB_WP | VTLB_CD, VTLB_NO_FAULT,
	  (VTLB_INIT_MODE & ~VTLB_WP) | VTLB_CD },
	{ VTLB_OP_MOV_CR0, VTLB_HOW_SET, CR0 | VTLB_NW, VTLB_GP0, VTLB_INIT_MODE },
	{ VTLB_OP_MOV_CR0, VTLB_HOW_SET, CR0 & ~VTLB_PE, VTLB_GP0, VTLB_INIT_MODE },
	{ VTLB_OP_MOV_CR4, VTLB_HOW_SET, VTLB_PAE | VTLB_PGE | VTLB_SMEP, VTLB_NO_FAULT,
	  VTLB_INIT_MODE | VTLB_PGE | VTLB_SMEP },
	{ VTLB_OP_MOV_CR4, VTLB_HOW_XOR, VTLB_PGE, VTLB_NO_FAULT, VTLB_INIT_MODE | VTLB_PGE },
	{ VTLB_OP_MOV_CR4, VTLB_HOW_SET, VTLB_PGE, VTLB_GP0, VTLB_INIT_MODE }, /* PAE=0 */
	{ VTLB_OP_MOV_CR4, VTLB_HOW_XOR, VTLB_PAE, VTLB_GP0, VTLB_INIT_MODE },
	{ VTLB_OP_WRMSR_EFER, VTLB_HOW_SET, VTLB_LME, VTLB_NO_FAULT, VTLB_INIT_MODE & ~VTLB_NXE },
	{ VTLB_OP_WRMSR_EFER, VTLB_HOW_XOR, VTLB_NXE, VTLB_NO_FAULT, VTLB_INIT_MODE & ~VTLB_NXE },
	{ VTLB_OP_WRMSR_EFER, VTLB_HOW_SET, VTLB_NXE, VTLB_GP0, VTLB_INIT_MODE }, /* LME=0 */
};

static void test_forms(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < sizeof(forms) / sizeof(forms[0]) * vtlb_nr_presets; i++) {
		const struct form *f = &forms[i / vtlb_nr_presets];
		const struct vtlb_op op = vtlb_op_make(f->code, 0, f->how, 0, f->imm);
		struct vtlb_check_config cfg = {
			.w = &w,
			.impl = vtlb_preset(i % vtlb_nr_presets),
			.flags = VTLB_CHECK_NO_EXPOSURE | VTLB_CHECK_NO_REUSE,
		};
		size_t size = (vtlb_check_size(&cfg) + 63) & ~(size_t)63;
		struct vtlb_step_report rep;
		struct vtlb_check *k;
		void *mem = aligned_alloc(64, size);

		assert_non_null(mem);
		k = vtlb_check_init(mem, &cfg);
		(void)vtlb_check_step(k, op, &rep);
		if (rep.fault != f->fault || rep.impl_fault != f->fault ||
		    vtlb_check_regs(k, 0)->mode != f->mode) {
			print_message("form %u, %s: fault %u, %u, mode %#x\n", i / vtlb_nr_presets,
				      cfg.impl->name, rep.fault, rep.impl_fault,
				      vtlb_check_regs(k, 0)->mode);
			fail();
		}
		free(mem);
	}
}

static void *boot(const struct vtlb_impl *impl)
{
	void *mem = calloc(1, impl->state_size(impl, &w));

	assert_non_null(mem);
	impl->reset(impl, &w, mem);
	return mem;
}

/* Every form leaves an implementation in the state that the bits say, not the form. */
static void test_same_state(void **state)
{
	static const struct vtlb_op ways[3][2] = {
		{ { VTLB_OP_MOV_CR4, 0x10, VTLB_HOW_OR, 0, VTLB_SMEP },
		  { VTLB_OP_MOV_CR4, 0x10, VTLB_HOW_CLEAR, 0, VTLB_SMEP } },
		{ { VTLB_OP_MOV_CR4, 0x10, VTLB_HOW_SET, 0, VTLB_PAE | VTLB_SMEP },
		  { VTLB_OP_MOV_CR4, 0x10, VTLB_HOW_SET, 0, VTLB_PAE } },
		{ { VTLB_OP_MOV_CR4, 0x10, VTLB_HOW_XOR, 0, VTLB_SMEP },
		  { VTLB_OP_MOV_CR4, 0x10, VTLB_HOW_XOR, 0, VTLB_SMEP } },
	};

	(void)state;
	for (unsigned int p = 0; p < vtlb_nr_presets; p++) {
		const struct vtlb_impl *impl = vtlb_preset(p);
		uint8_t bytes[3][2][4096];
		size_t len = 0;

		for (unsigned int i = 0; i < 3; i++) {
			void *mem = boot(impl);

			for (unsigned int j = 0; j < 2; j++) {
				struct vtlb_impl_step r = { 0 };

				impl->step(impl, &w, mem, ways[i][j], 0, &r);
				assert_int_equal(r.fault, VTLB_NO_FAULT);
				len = impl->encode(impl, &w, mem, bytes[i][j], sizeof(bytes[i][j]));
				assert_true(len > 0 && len <= sizeof(bytes[i][j]));
			}
			free(mem);
		}
		for (unsigned int j = 0; j < 2; j++) {
			assert_memory_equal(bytes[0][j], bytes[1][j], len);
			assert_memory_equal(bytes[0][j], bytes[2][j], len);
		}
		assert_memory_not_equal(bytes[0][0], bytes[0][1], len);
	}
}

/* An operation of a later version is refused, and the state stays as it is. */
static void test_unknown_operation(void **state)
{
	(void)state;
	for (unsigned int p = 0; p < vtlb_nr_presets; p++) {
		const struct vtlb_impl *impl = vtlb_preset(p);
		const struct vtlb_op op = vtlb_op_make(VTLB_OP_NR, 0, 0, 0, 0);
		uint8_t before[4096], after[4096];
		struct vtlb_impl_step r = { 0 };
		void *mem = boot(impl);
		size_t len = impl->encode(impl, &w, mem, before, sizeof(before));

		assert_true(len > 0 && len <= sizeof(before));
		impl->step(impl, &w, mem, op, 0, &r);
		assert_int_equal(r.fault, VTLB_UNSUPPORTED);
		assert_int_equal(impl->encode(impl, &w, mem, after, sizeof(after)), len);
		assert_memory_equal(before, after, len);
		free(mem);
	}
}

/* INIT leaves paging off and CR0 with its two cache bits. */
static void test_after_init(void **state)
{
	static const struct vtlb_op ops[] = {
		{ VTLB_OP_MOV_CR0, 0x10, VTLB_HOW_OR, 0, VTLB_CD },
		{ VTLB_OP_INIT, 0x10, 0, 0, 0 },
		{ VTLB_OP_ACCESS, 0x10, 0, VTLB_ACC_READ, 0 },
		{ VTLB_OP_SET_CPL, 0x10, 3, 0, 0 },
	};

	(void)state;
	for (unsigned int p = 0; p < vtlb_nr_presets; p++) {
		const struct vtlb_impl *impl = vtlb_preset(p);
		void *mem = boot(impl);

		for (unsigned int i = 0; i < 4; i++) {
			struct vtlb_impl_step r = { 0 };

			impl->step(impl, &w, mem, ops[i], 0, &r);
			/* there is no CPL 3 in real mode */
			assert_int_equal(r.fault, i == 3 ? VTLB_UNSUPPORTED : VTLB_NO_FAULT);
			if (i == 2)
				assert_int_equal(r.outcome, 0x11f);
		}
		free(mem);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_forms, setup),
		cmocka_unit_test_setup(test_same_state, setup),
		cmocka_unit_test_setup(test_unknown_operation, setup),
		cmocka_unit_test_setup(test_after_init, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
