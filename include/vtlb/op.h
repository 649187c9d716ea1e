/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Operations and outcomes: what a guest or a host does in one step, in the one
 * 8-byte encoding that traces, fuzzing, checkpoints and backends share.
 */
#ifndef VTLB_OP_H
#define VTLB_OP_H

#include "vtlb/world.h"

#define VTLB_OP_VERSION 1

enum vtlb_opcode {
	VTLB_OP_MOV_CR0 = 0,	/* a: enum vtlb_how; imm: mode bits */
	VTLB_OP_MOV_CR3 = 1,	/* a: root; imm: VTLB_CR3_* and CR3[11:0] */
	VTLB_OP_MOV_CR4 = 2,	/* as MOV_CR0 */
	VTLB_OP_WRMSR_EFER = 3,	/* as MOV_CR0 */
	VTLB_OP_INVLPG = 4,	/* a: page; b: bit 0, non-canonical address */
	VTLB_OP_INVPCID = 5,	/* a: page; b: type; imm: VTLB_INVPCID_*, PCID */
	VTLB_OP_ACCESS = 6,	/* a: page; b: VTLB_ACC_*; imm: outcome or 0 */
	VTLB_OP_WRITE_LEAF = 7,	/* a: leaf table; b: entry; imm: value index */
	VTLB_OP_WRITE_UPPER = 8, /* a: upper; b: slot; imm: leaf table + 1, or 0 */
	VTLB_OP_WRITE_ROOT = 9,	/* a: root; b: region; imm: upper + 1, or 0 */
	VTLB_OP_SET_CSL = 10,	/* a: 0 or 1; far transfer to other code */
	VTLB_OP_SET_CPL = 11,	/* a: 0 or 3 */
	VTLB_OP_SET_AC = 12,	/* a: 0 or 1; STAC, CLAC, POPF */
	VTLB_OP_INIT = 13,	/* INIT signal to this vCPU */
	VTLB_OP_HOST_ZAP = 14,	/* a: frame; the host unmaps and remaps it */
	VTLB_OP_NR
};

/* How a register operand is formed from the register's present value. */
enum vtlb_how {
	VTLB_HOW_SET = 0,	/* reg = imm */
	VTLB_HOW_OR = 1,	/* reg |= imm */
	VTLB_HOW_CLEAR = 2,	/* reg &= ~imm */
	VTLB_HOW_XOR = 3,	/* reg ^= imm */
};

/* imm of MOV_CR3 above the low 12 bits. */
#define VTLB_CR3_NOFLUSH (1u << 12)	/* source bit 63 */
#define VTLB_CR3_RSVD (1u << 13)	/* a bit at or above MAXPHYADDR */
#define VTLB_CR3_LAM (1u << 14)		/* LAM_U57 or LAM_U48 */

/* imm of INVPCID above the 12 bits of the PCID. */
#define VTLB_INVPCID_RSVD (1u << 12)	/* descriptor bits 63:12 not zero */
#define VTLB_INVPCID_NONCANON (1u << 13) /* linear address not canonical */

/* b of ACCESS. */
#define VTLB_ACC_TYPE 0x03u
#define VTLB_ACC_READ 0x00u
#define VTLB_ACC_WRITE 0x01u
#define VTLB_ACC_FETCH 0x02u
#define VTLB_ACC_USER 0x04u	/* at CPL 3, whatever the vCPU's CPL */
#define VTLB_ACC_SUPER 0x08u	/* at CPL 0 */
#define VTLB_ACC_AC0 0x10u	/* with EFLAGS.AC=0 */
#define VTLB_ACC_AC1 0x20u	/* with EFLAGS.AC=1 */

/**
 * struct vtlb_op - one operation
 * @code: enum vtlb_opcode
 * @vcpu: low nibble the vCPU, high nibble VTLB_OP_VERSION
 * @a: first small operand, see enum vtlb_opcode
 * @b: second small operand
 * @imm: third operand
 *
 * Page-table writes are supervisor stores through the table's window at CPL 0,
 * whatever the vCPU's CPL.  In memory and in files the bytes are code, vcpu, a,
 * b, imm little-endian.
 */
struct vtlb_op {
	uint8_t code;
	uint8_t vcpu;
	uint8_t a;
	uint8_t b;
	uint32_t imm;
};

_Static_assert(sizeof(struct vtlb_op) == 8, "operations are 8 bytes");

static inline unsigned int vtlb_op_vcpu(struct vtlb_op op)
{
	return op.vcpu & 0xfu;
}

/**
 * vtlb_op_make() - fill an operation, with its version
 */
static inline struct vtlb_op vtlb_op_make(enum vtlb_opcode code, unsigned int vcpu,
					  unsigned int a, unsigned int b, uint32_t imm)
{
	struct vtlb_op op = {
		.code = (uint8_t)code,
		.vcpu = (uint8_t)((unsigned int)VTLB_OP_VERSION << 4 | vcpu),
		.a = (uint8_t)a,
		.b = (uint8_t)b,
		.imm = imm,
	};
	return op;
}

/**
 * vtlb_op_operand() - the value that a register operation writes
 * @op: MOV_CR0, MOV_CR4 or WRMSR_EFER
 * @old: the register's present bits
 *
 * Return: mode bits; VTLB_RSVD where the operation sets a reserved bit.
 */
static inline uint32_t vtlb_op_operand(struct vtlb_op op, uint32_t old)
{
	switch (op.a) {
	case VTLB_HOW_OR:
		return old | op.imm;
	case VTLB_HOW_CLEAR:
		return old & ~op.imm;
	case VTLB_HOW_XOR:
		return old ^ op.imm;
	default:
		return op.imm;
	}
}

/**
 * vtlb_op_valid() - may @op be stepped in world @w
 *
 * Every index in range, version known, PCID among the world's where one is
 * needed as a tag, no undefined operand bit.
 */
bool vtlb_op_valid(const struct vtlb_world *w, struct vtlb_op op);

/**
 * vtlb_op_canon() - nearest valid operation to any eight bytes (for fuzzers)
 */
struct vtlb_op vtlb_op_canon(const struct vtlb_world *w, struct vtlb_op op);

/**
 * vtlb_op_store() / vtlb_op_load() - to and from the 8 bytes of a file
 */
void vtlb_op_store(struct vtlb_op op, uint8_t out[8]);
struct vtlb_op vtlb_op_load(const uint8_t in[8]);

/**
 * enum vtlb_kind - the eight accesses that can differ in their outcome
 *
 * EFLAGS.AC matters only to supervisor data accesses (SMAP).
 */
enum vtlb_kind {
	VTLB_UR,	/* user read */
	VTLB_UW,	/* user write */
	VTLB_UX,	/* user fetch */
	VTLB_SR,	/* supervisor read, AC=0 */
	VTLB_SW,	/* supervisor write, AC=0 */
	VTLB_SX,	/* supervisor fetch */
	VTLB_SRA,	/* supervisor read, AC=1 */
	VTLB_SWA,	/* supervisor write, AC=1 */
	VTLB_NR_KINDS
};

/**
 * vtlb_op_kind() - the kind of an ACCESS operation, given the vCPU's mode word
 */
enum vtlb_kind vtlb_op_kind(struct vtlb_op op, uint32_t mode);

/* Bit of vtlb_outset.frames: paging is off, the linear address is physical. */
#define VTLB_FRAME_IDENTITY 31u

/*
 * Error code (RSVD without P) that no walk gives, and no contract allows: in outcomes of an
 * implementation it stands for an access that ends with VTLB_CRASH.
 */
#define VTLB_PF_CRASH 0x08u

/**
 * struct vtlb_outset - a set of outcomes of one access
 * @frames: bit f: the access completes in frame f and sets no D
 *	(VTLB_FRAME_IDENTITY: with paging off)
 * @dirtied: bit t: a write completes in the frame that leaf table t's present
 *	entry for the page names, and sets D in that entry
 * @faults: bit e: #PF with error code e (0 .. 31); VTLB_PF_CRASH: none, the host crashes
 */
struct vtlb_outset {
	uint32_t frames;
	uint32_t dirtied;
	uint32_t faults;
};

enum vtlb_outcome_kind {
	VTLB_OUT_ANY = 0,	/* none chosen */
	VTLB_OUT_FRAME = 1,
	VTLB_OUT_DIRTIED = 2,
	VTLB_OUT_FAULT = 3,
};

/**
 * vtlb_outcome() - encode one outcome for op.imm: kind in bits 9:8, index
 * (frame, table or error code) in bits 7:0; 0 is "any"
 */
static inline uint32_t vtlb_outcome(enum vtlb_outcome_kind kind, unsigned int index)
{
	return (uint32_t)kind << 8 | index;
}

static inline enum vtlb_outcome_kind vtlb_outcome_kind(uint32_t outcome)
{
	return (enum vtlb_outcome_kind)(outcome >> 8 & 3u);
}

static inline unsigned int vtlb_outcome_index(uint32_t outcome)
{
	return outcome & 0xffu;
}

/** vtlb_outset_has() - is @outcome (not "any") in the set */
static inline bool vtlb_outset_has(const struct vtlb_outset *s, uint32_t outcome)
{
	uint32_t bit = 1u << (vtlb_outcome_index(outcome) & 31u);

	switch (vtlb_outcome_kind(outcome)) {
	case VTLB_OUT_FRAME:
		return s->frames & bit;
	case VTLB_OUT_DIRTIED:
		return s->dirtied & bit;
	case VTLB_OUT_FAULT:
		return s->faults & bit;
	case VTLB_OUT_ANY:
		break;
	}
	return false;
}

/**
 * vtlb_outset_next() - walk a set in a fixed order (frames, dirtied, faults)
 * @s: the set
 * @prev: 0 to begin, otherwise the last outcome returned
 *
 * Return: the next outcome, 0 after the last.
 */
uint32_t vtlb_outset_next(const struct vtlb_outset *s, uint32_t prev);

/**
 * vtlb_op_permute() - the operation with everything in it renamed
 * vtlb_outcome_permute() - an outcome, likewise
 */
struct vtlb_op vtlb_op_permute(const struct vtlb_world *w, struct vtlb_op op,
			       const struct vtlb_perm *perm);
uint32_t vtlb_outcome_permute(uint32_t outcome, const struct vtlb_perm *perm);

/**
 * enum vtlb_fault - how an operation itself ended (values, not errors)
 */
enum vtlb_fault {
	VTLB_NO_FAULT = 0,
	VTLB_GP0,		/* #GP(0) */
	VTLB_UD,		/* #UD */
	VTLB_UNSUPPORTED,	/* outside what is modelled: no answer */
	VTLB_CRASH,		/* of an implementation alone: the host crashed */
};

/**
 * vtlb_fault_name() - "none", "#GP(0)", "#UD", "unsupported", "host crash"
 */
const char *vtlb_fault_name(enum vtlb_fault fault);

#endif /* VTLB_OP_H */
