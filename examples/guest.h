/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What both example hypervisors need of a guest: registers, page tables, the
 * faults of its instructions, and what an access gives through one leaf value.
 */
#ifndef EXAMPLES_GUEST_H
#define EXAMPLES_GUEST_H

#include <string.h>

#include "vtlb/impl.h"

#define NO_ROOT 0xffu	/* CR3 is 0 after INIT and names no root of the world */

struct guest_regs {
	uint32_t mode;		/* OR of enum vtlb_bit */
	uint16_t low12;		/* CR3[11:0] */
	uint8_t root;
	uint8_t pad;
};

struct guest {
	struct guest_regs regs[VTLB_MAX_VCPUS];
	struct vtlb_mem mem;
};

static inline void guest_reset(struct guest *g, const struct vtlb_world *w)
{
	memset(g, 0, sizeof(*g));
	g->mem = w->init;
	for (unsigned int v = 0; v < VTLB_MAX_VCPUS; v++)
		g->regs[v] = (struct guest_regs){ .mode = w->init_mode, .low12 = w->init_low12,
						  .root = w->init_root };
}

static inline unsigned int guest_pcid(const struct guest_regs *r)
{
	return r->mode & VTLB_PCIDE ? r->low12 : 0;
}

/* Bits that this guest's CPUID leaves undefined. */
static inline uint32_t guest_reserved(const struct vtlb_world *w)
{
	uint32_t reserved = 0;

	for (uint32_t rest = VTLB_CR4_BITS | VTLB_EFER_BITS; rest; rest &= rest - 1) {
		uint32_t bit = rest & (~rest + 1u), need = vtlb_feature_of_bit(bit);

		if (need && !(w->features & need))
			reserved |= bit;
	}
	return reserved;
}

static inline enum vtlb_fault guest_cr0(struct guest_regs *r, uint32_t new)
{
	uint32_t set = new & ~r->mode, clear = r->mode & ~new;

	if (((new & VTLB_PG) && !(new & VTLB_PE)) || ((new & VTLB_NW) && !(new & VTLB_CD)))
		return VTLB_GP0;
	if ((clear & VTLB_WP) && (r->mode & VTLB_CET))
		return VTLB_GP0;
	if ((clear & VTLB_PG) &&
	    ((r->mode & VTLB_PCIDE) || (r->mode & (VTLB_LMA | VTLB_CSL)) == (VTLB_LMA | VTLB_CSL)))
		return VTLB_GP0;
	if ((set & VTLB_PG) && (r->mode & VTLB_LME) &&
	    (!(r->mode & VTLB_PAE) || (r->mode & VTLB_CSL)))
		return VTLB_GP0;
	/* Only 4-level long mode and paging off are modelled. */
	if ((set & VTLB_PG) &&
	    (!(r->mode & VTLB_LME) || (r->mode & VTLB_LA57) || r->root == NO_ROOT))
		return VTLB_UNSUPPORTED;
	r->mode = new & ~(uint32_t)VTLB_LMA;
	if ((new & VTLB_PG) && (new & VTLB_LME))
		r->mode |= VTLB_LMA;
	return VTLB_NO_FAULT;
}

static inline enum vtlb_fault guest_cr4(struct guest_regs *r, uint32_t new)
{
	uint32_t set = new & ~r->mode, clear = r->mode & ~new;

	if ((set & VTLB_PCIDE) && (!(r->mode & VTLB_LMA) || r->low12))
		return VTLB_GP0;
	if (((clear & VTLB_PAE) || ((set | clear) & VTLB_LA57)) && (r->mode & VTLB_LMA))
		return VTLB_GP0;
	if (((set & VTLB_CET) && !(r->mode & VTLB_WP)) ||
	    ((set & VTLB_FRED) && !(r->mode & VTLB_LMA)))
		return VTLB_GP0;
	r->mode = new;
	return VTLB_NO_FAULT;
}

/* MOV to CR0 or CR4, or WRMSR to EFER; @mask: the register's bits of the mode word. */
static inline enum vtlb_fault guest_mov(const struct vtlb_world *w, struct guest_regs *r,
					struct vtlb_op op, uint32_t mask)
{
	uint32_t bits = vtlb_op_operand(op, r->mode & mask);
	uint32_t new = (r->mode & ~mask) | (bits & mask);
	bool wide = (r->mode & (VTLB_LMA | VTLB_CSL)) == (VTLB_LMA | VTLB_CSL);
	/* outside 64-bit code the source has 32 bits: CR0[63:32] does not exist */
	bool reserved = (op.imm & VTLB_RSVD) && (wide || op.code != VTLB_OP_MOV_CR0);

	if ((r->mode & VTLB_CPL3) || reserved ||
	    (bits & mask & guest_reserved(w) & ~(uint32_t)VTLB_CR0_BITS))
		return VTLB_GP0;
	if (op.code == VTLB_OP_MOV_CR0)
		return guest_cr0(r, new);
	if (op.code == VTLB_OP_MOV_CR4)
		return guest_cr4(r, new);
	if (((new ^ r->mode) & VTLB_LME) && (r->mode & VTLB_PG))
		return VTLB_GP0;
	r->mode = new;
	return VTLB_NO_FAULT;
}

static inline enum vtlb_fault guest_cr3(const struct vtlb_world *w, struct guest_regs *r,
					struct vtlb_op op)
{
	bool wide = (r->mode & (VTLB_LMA | VTLB_CSL)) == (VTLB_LMA | VTLB_CSL);

	if (r->mode & VTLB_CPL3)
		return VTLB_GP0;
	/* Outside 64-bit code the operand has 32 bits and none of these. */
	if (wide && ((op.imm & VTLB_CR3_RSVD) ||
		     ((op.imm & VTLB_CR3_LAM) && !(w->features & VTLB_F_LAM)) ||
		     ((op.imm & VTLB_CR3_NOFLUSH) && !(r->mode & VTLB_PCIDE))))
		return VTLB_GP0;
	r->root = op.a;
	r->low12 = op.imm & 0xfff;
	return VTLB_NO_FAULT;
}

static inline enum vtlb_fault guest_invpcid(const struct vtlb_world *w,
					    const struct guest_regs *r, struct vtlb_op op)
{
	if (!(w->features & VTLB_F_INVPCID))
		return VTLB_UD;
	if ((r->mode & VTLB_CPL3) || op.b > 3 || (op.imm & VTLB_INVPCID_RSVD) ||
	    (op.b == 0 && (op.imm & VTLB_INVPCID_NONCANON)) ||
	    (op.b < 2 && !(r->mode & VTLB_PCIDE) && (op.imm & 0xfff)))
		return VTLB_GP0;
	return VTLB_NO_FAULT;
}

/* Every operation but ACCESS, as the guest sees it.  A fault changes nothing. */
static inline enum vtlb_fault guest_step(struct guest *g, const struct vtlb_world *w,
					 struct vtlb_op op)
{
	struct guest_regs *r = &g->regs[vtlb_op_vcpu(op)];
	uint32_t bit = op.code == VTLB_OP_SET_CSL ? VTLB_CSL :
		       op.code == VTLB_OP_SET_CPL ? VTLB_CPL3 : VTLB_AC;

	switch (op.code) {
	case VTLB_OP_MOV_CR0:
		return guest_mov(w, r, op, VTLB_CR0_BITS);
	case VTLB_OP_MOV_CR4:
		return guest_mov(w, r, op, VTLB_CR4_BITS);
	case VTLB_OP_WRMSR_EFER:
		return guest_mov(w, r, op, VTLB_EFER_BITS);
	case VTLB_OP_MOV_CR3:
		return guest_cr3(w, r, op);
	case VTLB_OP_INVLPG:
		return r->mode & VTLB_CPL3 ? VTLB_GP0 : VTLB_NO_FAULT;
	case VTLB_OP_INVPCID:
		return guest_invpcid(w, r, op);
	case VTLB_OP_WRITE_LEAF:
		g->mem.leaf[op.a][op.b] = (uint8_t)op.imm;
		return VTLB_NO_FAULT;
	case VTLB_OP_WRITE_UPPER:
		g->mem.upper[op.a][op.b] = (uint8_t)op.imm;
		return VTLB_NO_FAULT;
	case VTLB_OP_WRITE_ROOT:
		g->mem.root[op.a][op.b] = (uint8_t)op.imm;
		return VTLB_NO_FAULT;
	case VTLB_OP_SET_CPL:
		if (op.a && !(r->mode & VTLB_PE))
			return VTLB_UNSUPPORTED;
		r->mode = op.a ? r->mode | bit : r->mode & ~bit;
		return VTLB_NO_FAULT;
	case VTLB_OP_SET_CSL:
	case VTLB_OP_SET_AC:
		r->mode = op.a ? r->mode | bit : r->mode & ~bit;
		return VTLB_NO_FAULT;
	case VTLB_OP_INIT:
		*r = (struct guest_regs){ .mode = r->mode & (VTLB_CD | VTLB_NW), .root = NO_ROOT };
		return VTLB_NO_FAULT;
	case VTLB_OP_HOST_ZAP:
		return VTLB_NO_FAULT;
	default:
		return VTLB_UNSUPPORTED;
	}
}

/* The leaf table that a walk from CR3 reaches, or -1. */
static inline int guest_table(const struct guest *g, const struct vtlb_world *w,
			      unsigned int vcpu, unsigned int page)
{
	unsigned int slot = w->page[page].slot;
	unsigned int upper = g->mem.root[g->regs[vcpu].root][w->slot_region[slot]];

	return upper ? g->mem.upper[upper - 1][slot] - 1 : -1;
}

static inline bool guest_is_user(enum vtlb_kind kind)
{
	return kind == VTLB_UR || kind == VTLB_UW || kind == VTLB_UX;
}

static inline bool guest_is_write(enum vtlb_kind kind)
{
	return kind == VTLB_UW || kind == VTLB_SW || kind == VTLB_SWA;
}

/* Do the rights of a leaf value permit an access under this mode word? */
static inline bool guest_permits(uint8_t flags, enum vtlb_kind kind, uint32_t mode)
{
	bool user = guest_is_user(kind), write = guest_is_write(kind);
	bool fetch = kind == VTLB_UX || kind == VTLB_SX;

	if (user && !(flags & VTLB_LEAF_U))
		return false;
	if (write && !(flags & VTLB_LEAF_W) && (user || (mode & VTLB_WP)))
		return false;
	if (fetch && (flags & VTLB_LEAF_NX) && (mode & VTLB_NXE))
		return false;
	if (user || !(flags & VTLB_LEAF_U))
		return true;
	if (fetch)
		return !(mode & VTLB_SMEP);
	/* Supervisor data access to a user page: SMAP, unless EFLAGS.AC is 1. */
	return !(mode & VTLB_SMAP) || kind == VTLB_SRA || kind == VTLB_SWA;
}

/* What an access gives through a walk of the present tables. */
static inline uint32_t guest_walk(const struct guest *g, const struct vtlb_world *w,
				  unsigned int vcpu, unsigned int page, enum vtlb_kind kind)
{
	uint32_t mode = g->regs[vcpu].mode, err;
	uint8_t flags = 0;
	int table;

	if (!(mode & VTLB_PG))
		return vtlb_outcome(VTLB_OUT_FRAME, VTLB_FRAME_IDENTITY);
	err = (guest_is_user(kind) ? VTLB_PF_U : 0u) | (guest_is_write(kind) ? VTLB_PF_W : 0u);
	if ((kind == VTLB_UX || kind == VTLB_SX) && (mode & (VTLB_NXE | VTLB_SMEP)))
		err |= VTLB_PF_I;
	table = guest_table(g, w, vcpu, page);
	if (table >= 0)
		flags = w->value[g->mem.leaf[table][w->page[page].entry]].flags;
	if (!(flags & VTLB_LEAF_P))
		return vtlb_outcome(VTLB_OUT_FAULT, err);
	if ((flags & VTLB_LEAF_RSVD) || ((flags & VTLB_LEAF_NX) && !(mode & VTLB_NXE)))
		return vtlb_outcome(VTLB_OUT_FAULT, err | VTLB_PF_P | VTLB_PF_RSVD);
	if (!guest_permits(flags, kind, mode))
		return vtlb_outcome(VTLB_OUT_FAULT, err | VTLB_PF_P);
	if (guest_is_write(kind) && !(flags & VTLB_LEAF_D))
		return vtlb_outcome(VTLB_OUT_DIRTIED, (unsigned int)table);
	return vtlb_outcome(VTLB_OUT_FRAME,
			    w->value[g->mem.leaf[table][w->page[page].entry]].frame);
}

/* Set D in the entry that a write went through; the world has the value's twin. */
static inline void guest_set_dirty(struct guest *g, const struct vtlb_world *w,
				   unsigned int table, unsigned int page)
{
	uint8_t *entry = &g->mem.leaf[table][w->page[page].entry];

	for (unsigned int v = 0; v < w->nvalues; v++) {
		if (w->value[v].frame == w->value[*entry].frame &&
		    w->value[v].flags == (w->value[*entry].flags | VTLB_LEAF_D)) {
			*entry = (uint8_t)v;
			return;
		}
	}
}

static inline void guest_add(struct vtlb_outset *set, uint32_t outcome)
{
	uint32_t bit = 1u << (vtlb_outcome_index(outcome) & 31u);

	if (vtlb_outcome_kind(outcome) == VTLB_OUT_FRAME)
		set->frames |= bit;
	else if (vtlb_outcome_kind(outcome) == VTLB_OUT_DIRTIED)
		set->dirtied |= bit;
	else
		set->faults |= bit;
}

#endif /* EXAMPLES_GUEST_H */
