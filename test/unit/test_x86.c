/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Tests of the x86 vocabulary: real register values against mode words, and the
 * names that traces use.  Literals are register values as the manuals give them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "vtlb/x86.h"

static void cr0_to_bits(void **state)
{
	uint64_t un = 1;

	(void)state;
	/* what Linux runs with: PG AM WP NE ET MP PE */
	assert_int_equal(vtlb_cr0_bits(0x80050033, &un), VTLB_PE | VTLB_WP | VTLB_PG);
	assert_int_equal(un, 0x40032);
	assert_int_equal(vtlb_cr0_bits(0x60000010, &un), VTLB_CD | VTLB_NW);
	assert_int_equal(un, 0x10);
	/* a reserved low bit is ignored, an upper one is not */
	assert_int_equal(vtlb_cr0_bits(0x40, &un), 0);
	assert_int_equal(un, 0x40);
	assert_int_equal(vtlb_cr0_bits(0x100000001, &un), VTLB_RSVD | VTLB_PE);
	assert_int_equal(un, 0);
	assert_int_equal(vtlb_cr0_bits(0x8000000000000000, NULL), VTLB_RSVD);
}

static void cr0_from_bits(void **state)
{
	(void)state;
	assert_int_equal(vtlb_cr0_value(0), 0x10);
	assert_int_equal(vtlb_cr0_value(VTLB_PE), 0x11);
	assert_int_equal(vtlb_cr0_value(VTLB_WP), 0x10010);
	assert_int_equal(vtlb_cr0_value(VTLB_NW), 0x20000010);
	assert_int_equal(vtlb_cr0_value(VTLB_CD), 0x40000010);
	assert_int_equal(vtlb_cr0_value(VTLB_PG), 0x80000010);
	/* bits of other registers do not leak in */
	assert_int_equal(vtlb_cr0_value(0x00ffffff), 0xe0010011);
}

static void cr4_both_ways(void **state)
{
	static const struct {
		uint32_t bit;
		uint64_t value;
	} t[] = {
		{ VTLB_PSE, 0x10 },
		{ VTLB_PAE, 0x20 },
		{ VTLB_PGE, 0x80 },
		{ VTLB_LA57, 0x1000 },
		{ VTLB_PCIDE, 0x20000 },
		{ VTLB_SMEP, 0x100000 },
		{ VTLB_SMAP, 0x200000 },
		{ VTLB_PKE, 0x400000 },
		{ VTLB_CET, 0x800000 },
		{ VTLB_PKS, 0x1000000 },
		{ VTLB_LAM_SUP, 0x10000000 },
		{ VTLB_FRED, 0x100000000 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		assert_int_equal(vtlb_cr4_value(t[i].bit), t[i].value);
		assert_int_equal(vtlb_cr4_bits(t[i].value, NULL), t[i].bit);
	}
	assert_int_equal(vtlb_cr4_value(0x00ffffff), 0x111f210b0);
}

static void cr4_other_bits(void **state)
{
	/* VME PVI TSD DE MCE PCE OSFXSR OSXMMEXCPT UMIP VMXE SMXE FSGSBASE OSXSAVE KL UINTR */
	const uint64_t defined = 0x20d6f4f;
	uint64_t un = 0;

	(void)state;
	assert_int_equal(vtlb_cr4_bits(defined, &un), 0);
	assert_int_equal(un, defined);
	assert_int_equal(vtlb_cr4_bits(0x8000, &un), VTLB_RSVD);	  /* bit 15 */
	assert_int_equal(vtlb_cr4_bits(0x4000000, &un), VTLB_RSVD);	  /* bit 26 */
	assert_int_equal(vtlb_cr4_bits(0x20000000, &un), VTLB_RSVD);	  /* bit 29 */
	assert_int_equal(vtlb_cr4_bits(0x200000080, &un), VTLB_RSVD | VTLB_PGE);
	assert_int_equal(un, 0);
}

static void efer_both_ways(void **state)
{
	uint64_t un = 0;

	(void)state;
	/* what Linux runs with: NXE LMA LME SCE */
	assert_int_equal(vtlb_efer_bits(0xd01, &un), VTLB_NXE | VTLB_LMA | VTLB_LME);
	assert_int_equal(un, 1);
	assert_int_equal(vtlb_efer_value(VTLB_LME), 0x100);
	assert_int_equal(vtlb_efer_value(VTLB_LMA), 0x400);
	assert_int_equal(vtlb_efer_value(VTLB_NXE), 0x800);
	assert_int_equal(vtlb_efer_value(VTLB_TCE), 0x8000);
	assert_int_equal(vtlb_efer_value(0x00ffffff), 0x8d00);
	/* SVME LMSLE FFXSR, MCOMMIT INTWB, UAIE AIBRSE */
	assert_int_equal(vtlb_efer_bits(0x367000, &un), 0);
	assert_int_equal(un, 0x367000);
	assert_int_equal(vtlb_efer_bits(0x2, &un), VTLB_RSVD);
	assert_int_equal(vtlb_efer_bits(0x200, &un), VTLB_RSVD);
	assert_int_equal(vtlb_efer_bits(0x10800, &un), VTLB_RSVD | VTLB_NXE);
	assert_int_equal(vtlb_efer_bits(0x800000000000, &un), VTLB_RSVD);
	assert_int_equal(un, 0);
}

static void bit_names(void **state)
{
	static const struct {
		uint32_t bit;
		const char *name;
	} t[] = {
		{ VTLB_PE, "pe" },
		{ VTLB_WP, "wp" },
		{ VTLB_PG, "pg" },
		{ VTLB_CD, "cd" },
		{ VTLB_NW, "nw" },
		{ VTLB_PSE, "pse" },
		{ VTLB_PAE, "pae" },
		{ VTLB_PGE, "pge" },
		{ VTLB_PCIDE, "pcide" },
		{ VTLB_SMEP, "smep" },
		{ VTLB_SMAP, "smap" },
		{ VTLB_PKE, "pke" },
		{ VTLB_LA57, "la57" },
		{ VTLB_CET, "cet" },
		{ VTLB_LAM_SUP, "lam_sup" },
		{ VTLB_PKS, "pks" },
		{ VTLB_FRED, "fred" },
		{ VTLB_NXE, "nxe" },
		{ VTLB_LME, "lme" },
		{ VTLB_LMA, "lma" },
		{ VTLB_TCE, "tce" },
		{ VTLB_CSL, "csl" },
		{ VTLB_CPL3, "cpl3" },
		{ VTLB_AC, "ac" },
	};

	(void)state;
	assert_int_equal(sizeof(t) / sizeof(t[0]), 24);
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		assert_string_equal(vtlb_bit_name(t[i].bit), t[i].name);
		assert_int_equal(vtlb_bit_by_name(t[i].name, strlen(t[i].name)), t[i].bit);
	}
	assert_null(vtlb_bit_name(0));
	assert_null(vtlb_bit_name(VTLB_PE | VTLB_WP));
	assert_null(vtlb_bit_name(VTLB_RSVD));
	assert_int_equal(vtlb_bit_by_name("pcide", 4), 0);
	assert_int_equal(vtlb_bit_by_name("pcidex", 6), 0);
	assert_int_equal(vtlb_bit_by_name("PCIDE", 5), 0);
	assert_int_equal(vtlb_bit_by_name("pgx", 2), VTLB_PG);
	assert_int_equal(vtlb_bit_by_name("", 0), 0);
}

static void feature_names(void **state)
{
	static const struct {
		uint32_t feature;
		const char *name;
	} t[] = {
		{ VTLB_F_PCID, "pcid" },
		{ VTLB_F_INVPCID, "invpcid" },
		{ VTLB_F_PGE, "pge" },
		{ VTLB_F_SMEP, "smep" },
		{ VTLB_F_SMAP, "smap" },
		{ VTLB_F_NX, "nx" },
		{ VTLB_F_PKU, "pku" },
		{ VTLB_F_LA57, "la57" },
		{ VTLB_F_CET, "cet" },
		{ VTLB_F_LAM, "lam" },
		{ VTLB_F_PKS, "pks" },
		{ VTLB_F_FRED, "fred" },
		{ VTLB_F_TCE, "tce" },
		{ VTLB_F_PSE, "pse" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		assert_string_equal(vtlb_feature_name(t[i].feature), t[i].name);
		assert_int_equal(vtlb_feature_by_name(t[i].name, strlen(t[i].name)), t[i].feature);
	}
	assert_null(vtlb_feature_name(0));
	assert_null(vtlb_feature_name(1u << 14));
	assert_null(vtlb_feature_name(VTLB_F_PCID | VTLB_F_NX));
	assert_int_equal(vtlb_feature_by_name("pc", 2), 0);
	assert_int_equal(vtlb_feature_by_name("invpcid", 6), 0);
}

static void features_of_bits(void **state)
{
	(void)state;
	assert_int_equal(vtlb_feature_of_bit(VTLB_PCIDE), VTLB_F_PCID);
	assert_int_equal(vtlb_feature_of_bit(VTLB_PGE), VTLB_F_PGE);
	assert_int_equal(vtlb_feature_of_bit(VTLB_PSE), VTLB_F_PSE);
	assert_int_equal(vtlb_feature_of_bit(VTLB_SMEP), VTLB_F_SMEP);
	assert_int_equal(vtlb_feature_of_bit(VTLB_SMAP), VTLB_F_SMAP);
	assert_int_equal(vtlb_feature_of_bit(VTLB_PKE), VTLB_F_PKU);
	assert_int_equal(vtlb_feature_of_bit(VTLB_LA57), VTLB_F_LA57);
	assert_int_equal(vtlb_feature_of_bit(VTLB_CET), VTLB_F_CET);
	assert_int_equal(vtlb_feature_of_bit(VTLB_LAM_SUP), VTLB_F_LAM);
	assert_int_equal(vtlb_feature_of_bit(VTLB_PKS), VTLB_F_PKS);
	assert_int_equal(vtlb_feature_of_bit(VTLB_FRED), VTLB_F_FRED);
	assert_int_equal(vtlb_feature_of_bit(VTLB_NXE), VTLB_F_NX);
	assert_int_equal(vtlb_feature_of_bit(VTLB_TCE), VTLB_F_TCE);
	assert_int_equal(vtlb_feature_of_bit(VTLB_PAE), 0);
	assert_int_equal(vtlb_feature_of_bit(VTLB_LME), 0);
	assert_int_equal(vtlb_feature_of_bit(VTLB_RSVD), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cr0_to_bits),
		cmocka_unit_test(cr0_from_bits),
		cmocka_unit_test(cr4_both_ways),
		cmocka_unit_test(cr4_other_bits),
		cmocka_unit_test(efer_both_ways),
		cmocka_unit_test(bit_names),
		cmocka_unit_test(feature_names),
		cmocka_unit_test(features_of_bits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
