/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Operations and outcomes: which encodings are valid in a world, the nearest
 * valid one to any bytes, and the order in which a set of outcomes is walked.
 */
#include "vtlb/op.h"

/* Operands that no operation of this code looks at have to be zero. */
static bool plain(struct vtlb_op op)
{
	return op.b == 0 && op.imm == 0;
}

static uint32_t reg_bits(unsigned int code)
{
	switch (code) {
	case VTLB_OP_MOV_CR0:
		return VTLB_CR0_BITS;
	case VTLB_OP_MOV_CR4:
		return VTLB_CR4_BITS;
	default:
		return VTLB_EFER_BITS;
	}
}

/* A reserved bit can be set or flipped; clearing it changes nothing. */
static uint32_t reg_operand(unsigned int code, unsigned int how)
{
	return reg_bits(code) | (how == VTLB_HOW_CLEAR ? 0 : VTLB_RSVD);
}

static bool tag_known(const struct vtlb_world *w, unsigned int pcid)
{
	return vtlb_world_pcid_index(w, pcid) >= 0;
}

static bool cr3_valid(const struct vtlb_world *w, struct vtlb_op op)
{
	const uint32_t defined = 0xfffu | VTLB_CR3_NOFLUSH | VTLB_CR3_RSVD | VTLB_CR3_LAM;

	if (op.a >= w->nroots || op.b != 0 || op.imm & ~defined)
		return false;
	return !(w->features & VTLB_F_PCID) || tag_known(w, op.imm & 0xfffu);
}

/* Types 2 and above ignore the PCID, so there it is no tag. */
static bool invpcid_uses_pcid(struct vtlb_op op)
{
	return op.b <= 1;
}

static bool invpcid_valid(const struct vtlb_world *w, struct vtlb_op op)
{
	const uint32_t defined = 0xfffu | VTLB_INVPCID_RSVD | VTLB_INVPCID_NONCANON;

	if (op.a >= w->npages || op.imm & ~defined)
		return false;
	return !invpcid_uses_pcid(op) || tag_known(w, op.imm & 0xfffu);
}

static bool outcome_valid(const struct vtlb_world *w, unsigned int type, uint32_t outcome)
{
	unsigned int index = vtlb_outcome_index(outcome);

	if (outcome >> 10)
		return false;
	switch (vtlb_outcome_kind(outcome)) {
	case VTLB_OUT_FRAME:
		return index < w->nframes || index == VTLB_FRAME_IDENTITY;
	case VTLB_OUT_DIRTIED:
		return type == VTLB_ACC_WRITE && index < w->nleafs;
	case VTLB_OUT_FAULT:
		return index < 32;
	default:
		return outcome == 0;
	}
}

static bool access_valid(const struct vtlb_world *w, struct vtlb_op op)
{
	const unsigned int cpl = VTLB_ACC_USER | VTLB_ACC_SUPER;
	const unsigned int ac = VTLB_ACC_AC0 | VTLB_ACC_AC1;
	unsigned int type = op.b & VTLB_ACC_TYPE;

	if (op.a >= w->npages || type > VTLB_ACC_FETCH || op.b & ~(VTLB_ACC_TYPE | cpl | ac))
		return false;
	if ((op.b & cpl) == cpl || (op.b & ac) == ac)
		return false;
	return outcome_valid(w, type, op.imm);
}

bool vtlb_op_valid(const struct vtlb_world *w, struct vtlb_op op)
{
	if (op.vcpu >> 4 != VTLB_OP_VERSION || vtlb_op_vcpu(op) >= w->nvcpus)
		return false;
	switch (op.code) {
	case VTLB_OP_MOV_CR0:
	case VTLB_OP_MOV_CR4:
	case VTLB_OP_WRMSR_EFER:
		return op.a <= VTLB_HOW_XOR && op.b == 0 &&
		       !(op.imm & ~reg_operand(op.code, op.a));
	case VTLB_OP_MOV_CR3:
		return cr3_valid(w, op);
	case VTLB_OP_INVLPG:
		return op.a < w->npages && op.b <= 1 && op.imm == 0;
	case VTLB_OP_INVPCID:
		return invpcid_valid(w, op);
	case VTLB_OP_ACCESS:
		return access_valid(w, op);
	case VTLB_OP_WRITE_LEAF:
		return op.a < w->nleafs && op.b < VTLB_MAX_ENTRIES && op.imm < w->nvalues;
	case VTLB_OP_WRITE_UPPER:
		return op.a < w->nuppers && op.b < w->nslots && op.imm <= w->nleafs;
	case VTLB_OP_WRITE_ROOT:
		return op.a < w->nroots && op.b < w->nregions && op.imm <= w->nuppers;
	case VTLB_OP_SET_CSL:
	case VTLB_OP_SET_AC:
		return op.a <= 1 && plain(op);
	case VTLB_OP_SET_CPL:
		return (op.a == 0 || op.a == 3) && plain(op);
	case VTLB_OP_INIT:
		return op.a == 0 && plain(op);
	case VTLB_OP_HOST_ZAP:
		/* The host acts, no vCPU does: one encoding. */
		return vtlb_op_vcpu(op) == 0 && op.a < w->nframes && plain(op);
	default:
		return false;
	}
}

/* n is 0 in no world that passes vtlb_world_check(), but be total. */
static uint8_t index_mod(unsigned int i, unsigned int n)
{
	return (uint8_t)(n ? i % n : 0);
}

static uint32_t canon_tag(const struct vtlb_world *w, uint32_t imm)
{
	unsigned int pcid = imm & 0xfffu;

	return tag_known(w, pcid) ? pcid : w->pcid[index_mod(pcid, w->npcids)];
}

static uint32_t canon_outcome(const struct vtlb_world *w, unsigned int type, uint32_t imm)
{
	uint32_t outcome = imm & 0x3ffu;
	unsigned int index = vtlb_outcome_index(outcome);

	if (outcome_valid(w, type, outcome))
		return outcome;
	switch (vtlb_outcome_kind(outcome)) {
	case VTLB_OUT_FRAME:
		return vtlb_outcome(VTLB_OUT_FRAME, index_mod(index, w->nframes));
	case VTLB_OUT_DIRTIED:
		if (type == VTLB_ACC_WRITE)
			return vtlb_outcome(VTLB_OUT_DIRTIED, index_mod(index, w->nleafs));
		return 0;
	case VTLB_OUT_FAULT:
		return vtlb_outcome(VTLB_OUT_FAULT, index & 31u);
	default:
		return 0;
	}
}

static struct vtlb_op canon_access(const struct vtlb_world *w, struct vtlb_op op)
{
	unsigned int type = (op.b & VTLB_ACC_TYPE) % 3;
	unsigned int b = type | (op.b & (VTLB_ACC_USER | VTLB_ACC_SUPER | VTLB_ACC_AC0 |
					 VTLB_ACC_AC1));

	if (b & VTLB_ACC_USER)
		b &= ~VTLB_ACC_SUPER;
	if (b & VTLB_ACC_AC0)
		b &= ~VTLB_ACC_AC1;
	op.a = index_mod(op.a, w->npages);
	op.b = (uint8_t)b;
	op.imm = canon_outcome(w, type, op.imm);
	return op;
}

static struct vtlb_op canon_cr3(const struct vtlb_world *w, struct vtlb_op op)
{
	uint32_t flags = op.imm & (VTLB_CR3_NOFLUSH | VTLB_CR3_RSVD | VTLB_CR3_LAM);

	op.a = index_mod(op.a, w->nroots);
	op.b = 0;
	if (w->features & VTLB_F_PCID)
		op.imm = flags | canon_tag(w, op.imm);
	else
		op.imm = flags | (op.imm & 0xfffu);
	return op;
}

static struct vtlb_op canon_invpcid(const struct vtlb_world *w, struct vtlb_op op)
{
	uint32_t flags = op.imm & (VTLB_INVPCID_RSVD | VTLB_INVPCID_NONCANON);

	op.a = index_mod(op.a, w->npages);
	op.imm = flags | (invpcid_uses_pcid(op) ? canon_tag(w, op.imm) : op.imm & 0xfffu);
	return op;
}

struct vtlb_op vtlb_op_canon(const struct vtlb_world *w, struct vtlb_op op)
{
	unsigned int vcpu = index_mod(vtlb_op_vcpu(op), w->nvcpus);

	op.code = op.code % VTLB_OP_NR;
	op.vcpu = (uint8_t)((unsigned int)VTLB_OP_VERSION << 4 | vcpu);
	switch (op.code) {
	case VTLB_OP_MOV_CR0:
	case VTLB_OP_MOV_CR4:
	case VTLB_OP_WRMSR_EFER:
		return vtlb_op_make(op.code, vcpu, op.a & 3u, 0,
				    op.imm & reg_operand(op.code, op.a & 3u));
	case VTLB_OP_MOV_CR3:
		return canon_cr3(w, op);
	case VTLB_OP_INVLPG:
		return vtlb_op_make(op.code, vcpu, index_mod(op.a, w->npages), op.b & 1u, 0);
	case VTLB_OP_INVPCID:
		return canon_invpcid(w, op);
	case VTLB_OP_ACCESS:
		return canon_access(w, op);
	case VTLB_OP_WRITE_LEAF:
		return vtlb_op_make(op.code, vcpu, index_mod(op.a, w->nleafs),
				    op.b % VTLB_MAX_ENTRIES, index_mod(op.imm, w->nvalues));
	case VTLB_OP_WRITE_UPPER:
		return vtlb_op_make(op.code, vcpu, index_mod(op.a, w->nuppers),
				    index_mod(op.b, w->nslots), op.imm % (w->nleafs + 1u));
	case VTLB_OP_WRITE_ROOT:
		return vtlb_op_make(op.code, vcpu, index_mod(op.a, w->nroots),
				    index_mod(op.b, w->nregions), op.imm % (w->nuppers + 1u));
	case VTLB_OP_SET_CSL:
	case VTLB_OP_SET_AC:
		return vtlb_op_make(op.code, vcpu, op.a & 1u, 0, 0);
	case VTLB_OP_SET_CPL:
		return vtlb_op_make(op.code, vcpu, op.a & 1u ? 3 : 0, 0, 0);
	case VTLB_OP_HOST_ZAP:
		return vtlb_op_make(op.code, 0, index_mod(op.a, w->nframes), 0, 0);
	default:
		return vtlb_op_make(VTLB_OP_INIT, vcpu, 0, 0, 0);
	}
}

void vtlb_op_store(struct vtlb_op op, uint8_t out[8])
{
	out[0] = op.code;
	out[1] = op.vcpu;
	out[2] = op.a;
	out[3] = op.b;
	for (unsigned int i = 0; i < 4; i++)
		out[4 + i] = (uint8_t)(op.imm >> 8 * i);
}

struct vtlb_op vtlb_op_load(const uint8_t in[8])
{
	struct vtlb_op op = { .code = in[0], .vcpu = in[1], .a = in[2], .b = in[3], .imm = 0 };

	for (unsigned int i = 0; i < 4; i++)
		op.imm |= (uint32_t)in[4 + i] << 8 * i;
	return op;
}

enum vtlb_kind vtlb_op_kind(struct vtlb_op op, uint32_t mode)
{
	unsigned int type = op.b & VTLB_ACC_TYPE;
	bool user = op.b & VTLB_ACC_USER || (!(op.b & VTLB_ACC_SUPER) && mode & VTLB_CPL3);
	bool ac = op.b & VTLB_ACC_AC1 || (!(op.b & VTLB_ACC_AC0) && mode & VTLB_AC);

	if (user)
		return (enum vtlb_kind)(VTLB_UR + type);
	if (ac && type == VTLB_ACC_READ)
		return VTLB_SRA;
	if (ac && type == VTLB_ACC_WRITE)
		return VTLB_SWA;
	return (enum vtlb_kind)(VTLB_SR + type);
}

uint32_t vtlb_outset_next(const struct vtlb_outset *s, uint32_t prev)
{
	const uint32_t set[] = { s->frames, s->dirtied, s->faults };
	unsigned int kind = prev ? vtlb_outcome_kind(prev) : (unsigned int)VTLB_OUT_FRAME;
	/* what is left of the first set: bits above the previous outcome's */
	uint32_t left = prev ? ~1u << (vtlb_outcome_index(prev) & 31u) : ~0u;

	for (; kind <= VTLB_OUT_FAULT; kind++, left = ~0u) {
		uint32_t rest = set[kind - VTLB_OUT_FRAME] & left;

		if (rest)
			return vtlb_outcome((enum vtlb_outcome_kind)kind,
					    (unsigned int)__builtin_ctz(rest));
	}
	return 0;
}

const char *vtlb_fault_name(enum vtlb_fault fault)
{
	switch (fault) {
	case VTLB_NO_FAULT:
		return "none";
	case VTLB_GP0:
		return "#GP(0)";
	case VTLB_UD:
		return "#UD";
	case VTLB_UNSUPPORTED:
		return "unsupported";
	case VTLB_CRASH:
		return "host crash";
	}
	return "unknown";
}
