/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Notation of the rule tests: a case is a few operations in one fixed world and
 * the whole of S that must remain, as literals.
 */
#ifndef RULES_CASE_H
#define RULES_CASE_H

#include "vtlb/contract.h"

#define MAX_OPS 16

/*
 * The world: vtlb_world_default() with every feature, PCIDs 0, 1 and 2, and the
 * values below.  "user" is in a.pt (root a) or b.pt (root b), "kernel" in
 * kernel.pt under both.
 */
#define A 0x02u /* f0, user: a's page at first */
#define B 0x04u /* f1, user: b's page at first */
#define K 0x08u /* f2, supervisor, G: the kernel page at first */
#define X 0x10u /* f3, user */
#define L 0x20u /* f3, supervisor, G */
#define R 0x40u /* f1, user, read-only */

enum value_index {
	V_NONE = 0,
	V_A = 1,
	V_B = 2,
	V_K = 3,
	V_X = 4,
	V_L = 5,
	V_R = 6,
};

enum root_index { ROOT_A, ROOT_B };
enum table_index { A_PT, B_PT, KERNEL_PT };
enum page_index { USER, KERNEL };
enum reading_mask { RELY = 1, OWE = 2, ANY_READING = 3 };

#define OP(code, a, b, imm) { VTLB_OP_##code, 0x10, (a), (b), (imm) }
#define OR0(bits) OP(MOV_CR0, VTLB_HOW_OR, 0, (bits))
#define CLR0(bits) OP(MOV_CR0, VTLB_HOW_CLEAR, 0, (bits))
#define OR4(bits) OP(MOV_CR4, VTLB_HOW_OR, 0, (bits))
#define CLR4(bits) OP(MOV_CR4, VTLB_HOW_CLEAR, 0, (bits))
#define ORE(bits) OP(WRMSR_EFER, VTLB_HOW_OR, 0, (bits))
#define CLRE(bits) OP(WRMSR_EFER, VTLB_HOW_CLEAR, 0, (bits))
#define CR3(root, imm) OP(MOV_CR3, (root), 0, (imm))
#define KEEP_CR3(root, pcid) CR3(root, (pcid) | VTLB_CR3_NOFLUSH)
#define INVLPG(page) OP(INVLPG, (page), 0, 0)
#define INVPCID(type, pcid, page) OP(INVPCID, (page), (type), (pcid))
#define LEAF(table, value) OP(WRITE_LEAF, (table), 0, (value))
#define UNLINK_USER(upper) OP(WRITE_UPPER, (upper), 0, 0)
#define PF(page, error) \
	OP(ACCESS, (page), VTLB_ACC_READ, (uint32_t)VTLB_OUT_FAULT << 8 | (error))
#define CSL(on) OP(SET_CSL, (on), 0, 0)
#define CPL(level) OP(SET_CPL, (level), 0, 0)
#define INIT OP(INIT, 0, 0, 0)

/*
 * Two PCIDs full of stale entries.  Afterwards root a and PCID 0 are current and
 *	PCID 0: user A X	PCID 1: user B X	global: kernel K L
 * and both tables of the user page are linked from nowhere in memory: a walk
 * reaches them through paging-structure-cache entries of PCID 0 (a.pt) and
 * PCID 1 (b.pt) alone.
 */
#define STALE                                                             \
	OR4(VTLB_PGE | VTLB_PCIDE), CR3(ROOT_B, 1), LEAF(B_PT, V_X),      \
	KEEP_CR3(ROOT_A, 0), LEAF(A_PT, V_X), LEAF(KERNEL_PT, V_L),       \
	UNLINK_USER(0), UNLINK_USER(1)

/* The same with CR4.PCIDE=0: PCID 0: user A X; global: kernel K L. */
#define STALE_P0                                                          \
	OR4(VTLB_PGE), LEAF(A_PT, V_X), LEAF(KERNEL_PT, V_L), UNLINK_USER(0)

/*
 * What shows which paging-structure-cache entries are left: R appears at the
 * user page of a PCID if its own still lead to the unlinked table.
 */
#define SHOW_BOTH LEAF(A_PT, V_R), KEEP_CR3(ROOT_B, 1), LEAF(B_PT, V_R)
#define SHOW_P0 LEAF(A_PT, V_R)

/* Paging off, from STALE_P0 or from the start. */
#define PAGING_OFF CSL(0), CLR0(VTLB_PG)

/**
 * struct drop_case - an operation that does not fault, and what it leaves
 * @name: for messages
 * @vendor: enum vtlb_vendor
 * @readings: OR of enum reading_mask for which the expectation holds
 * @rules: ids of all records that must apply at @op, in table order
 * @drops: at least one of them removes something
 * @before, @op, @after: operations; expectations are about the end of @after
 * @ng: [PCID index][page], non-global values
 * @g: [page], global values
 */
struct drop_case {
	const char *name;
	unsigned int vendor;
	unsigned int readings;
	const char *rules;
	bool drops;
	struct vtlb_op before[MAX_OPS];
	struct vtlb_op op;
	struct vtlb_op after[MAX_OPS];
	uint32_t ng[3][2];
	uint32_t g[2];
};

/**
 * struct fault_case - an operation that faults, and a neighbour that does not
 * @rule: the record that must demand the fault, on both vendors
 * @without: features that the world lacks
 * @before: operations before @op
 * @op: faults with @fault, and changes nothing
 * @near_before: operations before @near; @before if there are none
 * @near: one condition away, does not fault; in a world with all features
 */
struct fault_case {
	const char *rule;
	uint32_t without;
	enum vtlb_fault fault;
	struct vtlb_op before[MAX_OPS];
	struct vtlb_op op;
	struct vtlb_op near_before[MAX_OPS];
	struct vtlb_op near;
};

#endif /* RULES_CASE_H */
