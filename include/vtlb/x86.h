/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The x86 vocabulary of vtlb: the control bits that matter to translation, in
 * one 32-bit word a vCPU, and how real register values map to them.
 */
#ifndef VTLB_X86_H
#define VTLB_X86_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * enum vtlb_bit - control bits of one vCPU, one bit of a "mode word" each
 *
 * The mode word holds every bit of CR0, CR4, EFER, CS, CPL and EFLAGS that the
 * contract or an implementation may look at.  Names are those of the SDM.
 * CR3 is kept apart (root index and its low 12 bits).
 */
enum vtlb_bit {
	VTLB_PE = 1u << 0,	/* CR0.PE */
	VTLB_WP = 1u << 1,	/* CR0.WP */
	VTLB_PG = 1u << 2,	/* CR0.PG */
	VTLB_CD = 1u << 3,	/* CR0.CD */
	VTLB_NW = 1u << 4,	/* CR0.NW */

	VTLB_PSE = 1u << 5,	/* CR4.PSE */
	VTLB_PAE = 1u << 6,	/* CR4.PAE */
	VTLB_PGE = 1u << 7,	/* CR4.PGE */
	VTLB_PCIDE = 1u << 8,	/* CR4.PCIDE */
	VTLB_SMEP = 1u << 9,	/* CR4.SMEP */
	VTLB_SMAP = 1u << 10,	/* CR4.SMAP */
	VTLB_PKE = 1u << 11,	/* CR4.PKE (PKRU is 0 in every world) */
	VTLB_LA57 = 1u << 12,	/* CR4.LA57 */
	VTLB_CET = 1u << 13,	/* CR4.CET */
	VTLB_LAM_SUP = 1u << 14, /* CR4.LAM_SUP */
	VTLB_PKS = 1u << 15,	/* CR4.PKS (IA32_PKRS is 0 in every world) */
	VTLB_FRED = 1u << 16,	/* CR4.FRED */

	VTLB_NXE = 1u << 17,	/* EFER.NXE */
	VTLB_LME = 1u << 18,	/* EFER.LME */
	VTLB_LMA = 1u << 19,	/* EFER.LMA, read-only to the guest */
	VTLB_TCE = 1u << 20,	/* EFER.TCE (AMD) */

	VTLB_CSL = 1u << 21,	/* CS.L: 64-bit code while LMA=1 */
	VTLB_CPL3 = 1u << 22,	/* CPL is 3 (otherwise 0) */
	VTLB_AC = 1u << 23,	/* EFLAGS.AC */
};

#define VTLB_CR0_BITS (VTLB_PE | VTLB_WP | VTLB_PG | VTLB_CD | VTLB_NW)
#define VTLB_CR4_BITS                                                        \
	(VTLB_PSE | VTLB_PAE | VTLB_PGE | VTLB_PCIDE | VTLB_SMEP | VTLB_SMAP | \
	 VTLB_PKE | VTLB_LA57 | VTLB_CET | VTLB_LAM_SUP | VTLB_PKS | VTLB_FRED)
/* EFER bits that WRMSR may change; LMA is not among them. */
#define VTLB_EFER_BITS (VTLB_NXE | VTLB_LME | VTLB_TCE)

/* In the operand of a control-register operation: a reserved bit is set. */
#define VTLB_RSVD (1u << 31)

/* Page-fault error code bits, as pushed by the processor. */
enum vtlb_pferr {
	VTLB_PF_P = 1u << 0,
	VTLB_PF_W = 1u << 1,
	VTLB_PF_U = 1u << 2,
	VTLB_PF_RSVD = 1u << 3,
	VTLB_PF_I = 1u << 4,
};

/**
 * enum vtlb_vendor - whose manual is the contract
 */
enum vtlb_vendor {
	VTLB_INTEL = 0,
	VTLB_AMD = 1,
};

/**
 * enum vtlb_feature - guest CPUID features; a bit's absence makes the matching
 * CR4/EFER bit reserved, or the instruction #UD
 */
enum vtlb_feature {
	VTLB_F_PCID = 1u << 0,
	VTLB_F_INVPCID = 1u << 1,
	VTLB_F_PGE = 1u << 2,
	VTLB_F_SMEP = 1u << 3,
	VTLB_F_SMAP = 1u << 4,
	VTLB_F_NX = 1u << 5,
	VTLB_F_PKU = 1u << 6,
	VTLB_F_LA57 = 1u << 7,
	VTLB_F_CET = 1u << 8,
	VTLB_F_LAM = 1u << 9,
	VTLB_F_PKS = 1u << 10,
	VTLB_F_FRED = 1u << 11,
	VTLB_F_TCE = 1u << 12,
	VTLB_F_PSE = 1u << 13,
};

/**
 * vtlb_cr0_value() - real CR0 of a mode word (ET is always 1)
 * vtlb_cr4_value() - real CR4 of a mode word
 * vtlb_efer_value() - real EFER of a mode word
 * @mode: OR of enum vtlb_bit
 *
 * Return: the 64-bit register value.
 */
uint64_t vtlb_cr0_value(uint32_t mode);
uint64_t vtlb_cr4_value(uint32_t mode);
uint64_t vtlb_efer_value(uint32_t mode);

/**
 * vtlb_cr0_bits() - mode bits of a real CR0 value
 * vtlb_cr4_bits() - mode bits of a real CR4 value
 * vtlb_efer_bits() - mode bits of a real EFER value
 * @value: the 64-bit source operand
 * @unmodelled: receives architectural bits of @value that vtlb does not model
 *	(they have no effect on translation: CR0.MP, CR4.UMIP ...); may be NULL
 *
 * A reserved bit of @value (CR0[63:32], an undefined CR4 or EFER bit) is
 * returned as VTLB_RSVD.  Whether a defined bit is reserved for want of its
 * CPUID feature is the contract's business, not this function's.
 *
 * Return: OR of enum vtlb_bit, and VTLB_RSVD.
 */
uint32_t vtlb_cr0_bits(uint64_t value, uint64_t *unmodelled);
uint32_t vtlb_cr4_bits(uint64_t value, uint64_t *unmodelled);
uint32_t vtlb_efer_bits(uint64_t value, uint64_t *unmodelled);

/**
 * vtlb_bit_name() - lower-case name of one mode bit ("pcide", "wp", ...)
 * @bit: exactly one enum vtlb_bit
 *
 * Return: static string, or NULL when @bit is not one defined bit.
 */
const char *vtlb_bit_name(uint32_t bit);

/**
 * vtlb_bit_by_name() - inverse of vtlb_bit_name()
 * @name: not NUL-terminated text
 * @len: its length
 *
 * Return: the bit, or 0 when there is none of that name.
 */
uint32_t vtlb_bit_by_name(const char *name, size_t len);

/**
 * vtlb_feature_name() - lower-case name of one feature ("pcid", "smap", ...)
 * vtlb_feature_by_name() - its inverse; 0 when there is none
 */
const char *vtlb_feature_name(uint32_t feature);
uint32_t vtlb_feature_by_name(const char *name, size_t len);

/**
 * vtlb_feature_of_bit() - the CPUID feature that makes a CR4/EFER bit defined
 * @bit: one enum vtlb_bit
 *
 * Return: the feature, or 0 when the bit needs none.
 */
uint32_t vtlb_feature_of_bit(uint32_t bit);

#endif /* VTLB_X86_H */
