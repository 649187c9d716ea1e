/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Maps real register values and names to the bits of a mode word and back, so
 * that no other file knows where a bit sits in a register.
 */
#include <string.h>

#include "vtlb/x86.h"

#define BIT64(n) ((uint64_t)1 << (n))
#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

enum reg {
	CR0,
	CR4,
	EFER,
	NO_REG,
};

static const struct bit_info {
	uint32_t bit;
	uint8_t reg;
	uint8_t pos;
	uint32_t feature;	/* 0: needs none */
	const char *name;
} bits[] = {
	{ VTLB_PE, CR0, 0, 0, "pe" },
	{ VTLB_WP, CR0, 16, 0, "wp" },
	{ VTLB_NW, CR0, 29, 0, "nw" },
	{ VTLB_CD, CR0, 30, 0, "cd" },
	{ VTLB_PG, CR0, 31, 0, "pg" },
	{ VTLB_PSE, CR4, 4, VTLB_F_PSE, "pse" },
	{ VTLB_PAE, CR4, 5, 0, "pae" },
	{ VTLB_PGE, CR4, 7, VTLB_F_PGE, "pge" },
	{ VTLB_LA57, CR4, 12, VTLB_F_LA57, "la57" },
	{ VTLB_PCIDE, CR4, 17, VTLB_F_PCID, "pcide" },
	{ VTLB_SMEP, CR4, 20, VTLB_F_SMEP, "smep" },
	{ VTLB_SMAP, CR4, 21, VTLB_F_SMAP, "smap" },
	{ VTLB_PKE, CR4, 22, VTLB_F_PKU, "pke" },
	{ VTLB_CET, CR4, 23, VTLB_F_CET, "cet" },
	{ VTLB_PKS, CR4, 24, VTLB_F_PKS, "pks" },
	{ VTLB_LAM_SUP, CR4, 28, VTLB_F_LAM, "lam_sup" },
	{ VTLB_FRED, CR4, 32, VTLB_F_FRED, "fred" },
	{ VTLB_LME, EFER, 8, 0, "lme" },
	{ VTLB_LMA, EFER, 10, 0, "lma" },
	{ VTLB_NXE, EFER, 11, VTLB_F_NX, "nxe" },
	{ VTLB_TCE, EFER, 15, VTLB_F_TCE, "tce" },
	{ VTLB_CSL, NO_REG, 0, 0, "csl" },
	{ VTLB_CPL3, NO_REG, 0, 0, "cpl3" },
	{ VTLB_AC, NO_REG, 0, 0, "ac" },
};

static const struct {
	uint32_t feature;
	const char *name;
} features[] = {
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

#define CR0_ET BIT64(4)

/* CR0[31:0] that is not modelled: MP EM TS ET NE AM, and reserved bits, which are ignored. */
#define CR0_IGNORED                                                                    \
	(BIT64(32) - 1 - BIT64(0) - BIT64(16) - BIT64(29) - BIT64(30) - BIT64(31))

/*
 * VME PVI TSD DE, MCE, PCE OSFXSR OSXMMEXCPT UMIP, VMXE SMXE, FSGSBASE,
 * OSXSAVE KL, UINTR: defined, and nothing to do with translation.
 */
#define CR4_IGNORED                                                                    \
	(BIT64(0) | BIT64(1) | BIT64(2) | BIT64(3) | BIT64(6) | BIT64(8) | BIT64(9) |  \
	 BIT64(10) | BIT64(11) | BIT64(13) | BIT64(14) | BIT64(16) | BIT64(18) |       \
	 BIT64(19) | BIT64(25))

/*
 * SCE, SVME LMSLE FFXSR, MCOMMIT INTWB UAIE AIBRSE.  LMA is ignored too when
 * it is written, but it is in the mode word and so is returned.
 */
#define EFER_IGNORED                                                                   \
	(BIT64(0) | BIT64(12) | BIT64(13) | BIT64(14) | BIT64(17) | BIT64(18) |        \
	 BIT64(20) | BIT64(21))

static uint64_t to_value(uint32_t mode, enum reg reg)
{
	uint64_t value = 0;

	for (size_t i = 0; i < ARRAY_SIZE(bits); i++)
		if (bits[i].reg == reg && (mode & bits[i].bit))
			value |= BIT64(bits[i].pos);
	return value;
}

static uint32_t to_bits(uint64_t value, enum reg reg, uint64_t ignored, uint64_t *unmodelled)
{
	uint32_t mode = 0;

	for (size_t i = 0; i < ARRAY_SIZE(bits); i++) {
		if (bits[i].reg == reg && (value & BIT64(bits[i].pos))) {
			mode |= bits[i].bit;
			value &= ~BIT64(bits[i].pos);
		}
	}
	if (unmodelled)
		*unmodelled = value & ignored;
	return value & ~ignored ? mode | VTLB_RSVD : mode;
}

uint64_t vtlb_cr0_value(uint32_t mode)
{
	return to_value(mode, CR0) | CR0_ET;
}

uint64_t vtlb_cr4_value(uint32_t mode)
{
	return to_value(mode, CR4);
}

uint64_t vtlb_efer_value(uint32_t mode)
{
	return to_value(mode, EFER);
}

uint32_t vtlb_cr0_bits(uint64_t value, uint64_t *unmodelled)
{
	return to_bits(value, CR0, CR0_IGNORED, unmodelled);
}

uint32_t vtlb_cr4_bits(uint64_t value, uint64_t *unmodelled)
{
	return to_bits(value, CR4, CR4_IGNORED, unmodelled);
}

uint32_t vtlb_efer_bits(uint64_t value, uint64_t *unmodelled)
{
	return to_bits(value, EFER, EFER_IGNORED, unmodelled);
}

static bool is_name(const char *have, const char *name, size_t len)
{
	size_t n = 0;

	while (have[n])
		n++;
	return n == len && !memcmp(have, name, len);
}

const char *vtlb_bit_name(uint32_t bit)
{
	for (size_t i = 0; i < ARRAY_SIZE(bits); i++)
		if (bits[i].bit == bit)
			return bits[i].name;
	return NULL;
}

uint32_t vtlb_bit_by_name(const char *name, size_t len)
{
	for (size_t i = 0; i < ARRAY_SIZE(bits); i++)
		if (is_name(bits[i].name, name, len))
			return bits[i].bit;
	return 0;
}

const char *vtlb_feature_name(uint32_t feature)
{
	for (size_t i = 0; i < ARRAY_SIZE(features); i++)
		if (features[i].feature == feature)
			return features[i].name;
	return NULL;
}

uint32_t vtlb_feature_by_name(const char *name, size_t len)
{
	for (size_t i = 0; i < ARRAY_SIZE(features); i++)
		if (is_name(features[i].name, name, len))
			return features[i].feature;
	return 0;
}

uint32_t vtlb_feature_of_bit(uint32_t bit)
{
	for (size_t i = 0; i < ARRAY_SIZE(bits); i++)
		if (bits[i].bit == bit)
			return bits[i].feature;
	return 0;
}
