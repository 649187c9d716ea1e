/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Operations in few words, for tests that write down what a guest does step by
 * step.  All are of vCPU 0 unless on() says otherwise.
 */
#ifndef TEST_OPS_H
#define TEST_OPS_H

#include "vtlb/op.h"

static inline struct vtlb_op on(unsigned int vcpu, struct vtlb_op op)
{
	op.vcpu = (uint8_t)((unsigned int)VTLB_OP_VERSION << 4 | vcpu);
	return op;
}

static inline struct vtlb_op set_bits(enum vtlb_opcode reg, uint32_t bits)
{
	return vtlb_op_make(reg, 0, VTLB_HOW_OR, 0, bits);
}

static inline struct vtlb_op clear_bits(enum vtlb_opcode reg, uint32_t bits)
{
	return vtlb_op_make(reg, 0, VTLB_HOW_CLEAR, 0, bits);
}

static inline struct vtlb_op or0(uint32_t bits)
{
	return set_bits(VTLB_OP_MOV_CR0, bits);
}

static inline struct vtlb_op clear0(uint32_t bits)
{
	return clear_bits(VTLB_OP_MOV_CR0, bits);
}

static inline struct vtlb_op or4(uint32_t bits)
{
	return set_bits(VTLB_OP_MOV_CR4, bits);
}

static inline struct vtlb_op clear4(uint32_t bits)
{
	return clear_bits(VTLB_OP_MOV_CR4, bits);
}

static inline struct vtlb_op or_efer(uint32_t bits)
{
	return set_bits(VTLB_OP_WRMSR_EFER, bits);
}

static inline struct vtlb_op clear_efer(uint32_t bits)
{
	return clear_bits(VTLB_OP_WRMSR_EFER, bits);
}

static inline struct vtlb_op cr3(unsigned int root, uint32_t imm)
{
	return vtlb_op_make(VTLB_OP_MOV_CR3, 0, root, 0, imm);
}

/* MOV CR3 with bit 63 of the source set */
static inline struct vtlb_op keep(unsigned int root, unsigned int pcid)
{
	return cr3(root, pcid | VTLB_CR3_NOFLUSH);
}

static inline struct vtlb_op invlpg(unsigned int page)
{
	return vtlb_op_make(VTLB_OP_INVLPG, 0, page, 0, 0);
}

static inline struct vtlb_op invpcid(unsigned int type, uint32_t pcid, unsigned int page)
{
	return vtlb_op_make(VTLB_OP_INVPCID, 0, page, type, pcid);
}

/* An access of one of the eight kinds, whatever the vCPU's CPL and EFLAGS.AC are. */
static inline struct vtlb_op touch(unsigned int page, enum vtlb_kind kind, uint32_t outcome)
{
	static const uint8_t how[VTLB_NR_KINDS] = {
		[VTLB_UR] = VTLB_ACC_USER | VTLB_ACC_READ,
		[VTLB_UW] = VTLB_ACC_USER | VTLB_ACC_WRITE,
		[VTLB_UX] = VTLB_ACC_USER | VTLB_ACC_FETCH,
		[VTLB_SR] = VTLB_ACC_SUPER | VTLB_ACC_AC0 | VTLB_ACC_READ,
		[VTLB_SW] = VTLB_ACC_SUPER | VTLB_ACC_AC0 | VTLB_ACC_WRITE,
		[VTLB_SX] = VTLB_ACC_SUPER | VTLB_ACC_FETCH,
		[VTLB_SRA] = VTLB_ACC_SUPER | VTLB_ACC_AC1 | VTLB_ACC_READ,
		[VTLB_SWA] = VTLB_ACC_SUPER | VTLB_ACC_AC1 | VTLB_ACC_WRITE,
	};

	return vtlb_op_make(VTLB_OP_ACCESS, 0, page, how[kind], outcome);
}

static inline struct vtlb_op read_user(unsigned int page)
{
	return touch(page, VTLB_UR, 0);
}

static inline struct vtlb_op write_leaf(unsigned int table, unsigned int entry, uint32_t value)
{
	return vtlb_op_make(VTLB_OP_WRITE_LEAF, 0, table, entry, value);
}

/* @leaf1, @upper1: table + 1, or 0 for "not present" */
static inline struct vtlb_op write_upper(unsigned int upper, unsigned int slot, uint32_t leaf1)
{
	return vtlb_op_make(VTLB_OP_WRITE_UPPER, 0, upper, slot, leaf1);
}

static inline struct vtlb_op write_root(unsigned int root, unsigned int region, uint32_t upper1)
{
	return vtlb_op_make(VTLB_OP_WRITE_ROOT, 0, root, region, upper1);
}

static inline struct vtlb_op set_csl(bool to)
{
	return vtlb_op_make(VTLB_OP_SET_CSL, 0, to, 0, 0);
}

static inline struct vtlb_op set_cpl(unsigned int cpl)
{
	return vtlb_op_make(VTLB_OP_SET_CPL, 0, cpl, 0, 0);
}

static inline struct vtlb_op set_ac(bool to)
{
	return vtlb_op_make(VTLB_OP_SET_AC, 0, to, 0, 0);
}

static inline struct vtlb_op init_signal(void)
{
	return vtlb_op_make(VTLB_OP_INIT, 0, 0, 0, 0);
}

static inline struct vtlb_op host_zap_op(unsigned int frame)
{
	return vtlb_op_make(VTLB_OP_HOST_ZAP, 0, frame, 0, 0);
}

/* What an access gave or could give. */
static inline uint32_t frame(unsigned int f)
{
	return vtlb_outcome(VTLB_OUT_FRAME, f);
}

static inline uint32_t dirtied(unsigned int table)
{
	return vtlb_outcome(VTLB_OUT_DIRTIED, table);
}

static inline uint32_t page_fault_of(unsigned int error)
{
	return vtlb_outcome(VTLB_OUT_FAULT, error);
}

/* xorshift64: the same operations on every machine */
static inline uint32_t next_random(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return (uint32_t)(*state >> 16);
}

/*
 * An operation that mostly succeeds: one bit of a register at a time, no INIT,
 * CPL 0.  vtlb_op_canon() of plain noise would fault or leave paging for good.
 */
static inline struct vtlb_op random_op(const struct vtlb_world *w, uint64_t *state)
{
	static const uint32_t bits[4][8] = {
		[VTLB_OP_MOV_CR0] = { VTLB_WP, VTLB_WP, VTLB_WP, VTLB_CD, VTLB_PG, VTLB_PG,
				      VTLB_PG, VTLB_PG },
		[VTLB_OP_MOV_CR4] = { VTLB_PGE, VTLB_PCIDE, VTLB_SMEP, VTLB_SMAP, VTLB_PSE,
				      VTLB_PCIDE, VTLB_PCIDE | VTLB_PGE, VTLB_SMEP | VTLB_PGE },
		[VTLB_OP_WRMSR_EFER] = { VTLB_NXE },
	};
	static const uint8_t codes[] = {
		VTLB_OP_MOV_CR3, VTLB_OP_ACCESS, VTLB_OP_WRITE_LEAF, VTLB_OP_MOV_CR3,
		VTLB_OP_ACCESS, VTLB_OP_WRITE_LEAF, VTLB_OP_MOV_CR3, VTLB_OP_ACCESS,
		VTLB_OP_MOV_CR3, VTLB_OP_ACCESS, VTLB_OP_INVLPG, VTLB_OP_INVPCID,
		VTLB_OP_MOV_CR3, VTLB_OP_ACCESS, VTLB_OP_WRITE_UPPER, VTLB_OP_HOST_ZAP,
		VTLB_OP_MOV_CR3, VTLB_OP_ACCESS, VTLB_OP_WRITE_LEAF, VTLB_OP_MOV_CR4,
		VTLB_OP_MOV_CR3, VTLB_OP_ACCESS, VTLB_OP_SET_AC, VTLB_OP_SET_CSL,
		VTLB_OP_MOV_CR3, VTLB_OP_ACCESS, VTLB_OP_WRITE_LEAF, VTLB_OP_MOV_CR4,
		VTLB_OP_MOV_CR0, VTLB_OP_WRMSR_EFER, VTLB_OP_WRITE_ROOT, VTLB_OP_SET_CSL,
	};
	unsigned int noise = next_random(state);
	struct vtlb_op op = {
		.code = codes[next_random(state) % sizeof(codes)],
		.vcpu = (uint8_t)next_random(state),
		.a = (uint8_t)next_random(state),
		.b = (uint8_t)next_random(state),
		.imm = next_random(state),
	};

	switch (op.code) {
	case VTLB_OP_MOV_CR0:
	case VTLB_OP_MOV_CR4:
	case VTLB_OP_WRMSR_EFER:
		op.a = VTLB_HOW_XOR;
		op.imm = bits[op.code][noise % 8];
		/* paging is off for short times only */
		if (op.imm == VTLB_PG)
			op.a = noise % 8 == 7 ? VTLB_HOW_CLEAR : VTLB_HOW_OR;
		break;
	case VTLB_OP_MOV_CR3:
		op.imm = w->pcid[noise % w->npcids] | (noise & 0x100 ? VTLB_CR3_NOFLUSH : 0);
		break;
	case VTLB_OP_INVLPG:
		op.b = 0;
		break;
	case VTLB_OP_INVPCID:
		op.b %= 4;
		op.imm = w->pcid[noise % w->npcids];
		break;
	case VTLB_OP_ACCESS:
		op.imm = 0;
		break;
	default:
		break;
	}
	return vtlb_op_canon(w, op);
}

#endif /* TEST_OPS_H */
