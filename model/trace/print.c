/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Operations and outcomes as text: in the trace language where a trace can
 * hold them, and in words for people.
 */
#include "internal.h"

void put_hex(struct vtlb_text *o, uint64_t v)
{
	char digits[17];
	unsigned int i = sizeof(digits) - 1;

	digits[i] = '\0';
	do {
		digits[--i] = "0123456789abcdef"[v & 15];
		v >>= 4;
	} while (v);
	vtlb_text_str(o, "0x");
	vtlb_text_str(o, digits + i);
}

void put_bits(struct vtlb_text *o, uint32_t bits)
{
	const char *sep = "";

	if (!bits)
		vtlb_text_str(o, "0");
	for (uint32_t bit = 1; bit; bit <<= 1) {
		if (!(bits & bit))
			continue;
		vtlb_text_str(o, sep);
		vtlb_text_str(o, bit == VTLB_RSVD ? "rsvd" : vtlb_bit_name(bit));
		sep = ",";
	}
}

/* The frame always, flags where they differ from @def_flags. */
void put_leaf(struct vtlb_text *o, const struct vtlb_world *w, struct vtlb_leaf leaf,
	      unsigned int def_flags)
{
	if (!(leaf.flags & VTLB_LEAF_P)) {
		vtlb_text_str(o, "np");
		return;
	}
	vtlb_text_str(o, w->frame_name[leaf.frame]);
	for (unsigned int i = 0; i < trace_nr_flag_words; i++) {
		const struct flag_word *f = &trace_flag_words[i];

		if (!((leaf.flags ^ def_flags) & f->flag))
			continue;
		vtlb_text_str(o, " ");
		vtlb_text_str(o, leaf.flags & f->flag ? f->set : f->clear);
	}
}

static void put_indexed(struct vtlb_text *o, const char *name, unsigned int index)
{
	vtlb_text_str(o, name);
	vtlb_text_str(o, "[");
	vtlb_text_uint(o, index);
	vtlb_text_str(o, "] = ");
}

static void put_register(struct vtlb_text *o, const char *name, struct vtlb_op op)
{
	static const char *const how[4] = { " = ", " |= ", " &= ~", " ^= " };

	vtlb_text_str(o, name);
	vtlb_text_str(o, how[op.a & 3u]);
	put_bits(o, op.imm);
}

static void put_cr3(struct vtlb_text *o, const struct vtlb_world *w, struct vtlb_op op)
{
	vtlb_text_str(o, "cr3 ");
	vtlb_text_str(o, w->root_name[op.a]);
	if (op.imm & 0xfffu) {
		if (w->features & VTLB_F_PCID) {
			vtlb_text_str(o, " pcid=");
			vtlb_text_uint(o, op.imm & 0xfffu);
		} else {
			vtlb_text_str(o, " low12=");
			put_hex(o, op.imm & 0xfffu);
		}
	}
	if (op.imm & VTLB_CR3_NOFLUSH)
		vtlb_text_str(o, " noflush");
	if (op.imm & VTLB_CR3_RSVD)
		vtlb_text_str(o, " rsvd");
	if (op.imm & VTLB_CR3_LAM)
		vtlb_text_str(o, " lam");
}

static void put_invpcid(struct vtlb_text *o, const struct vtlb_world *w, struct vtlb_op op)
{
	static const char *const type[4] = { "addr", "single", "all", "all-nonglobal" };

	vtlb_text_str(o, "invpcid ");
	if (op.b < 4) {
		vtlb_text_str(o, type[op.b]);
	} else {
		vtlb_text_str(o, "type=");
		vtlb_text_uint(o, op.b);
	}
	if (op.b <= 1 || op.imm & 0xfffu) {
		vtlb_text_str(o, " pcid=");
		vtlb_text_uint(o, op.imm & 0xfffu);
	}
	if (op.a || (op.b == 0 && !(op.imm & VTLB_INVPCID_NONCANON))) {
		vtlb_text_str(o, " ");
		vtlb_text_str(o, w->page_name[op.a]);
	}
	if (op.imm & VTLB_INVPCID_NONCANON)
		vtlb_text_str(o, " noncanonical");
	if (op.imm & VTLB_INVPCID_RSVD)
		vtlb_text_str(o, " rsvd");
}

void put_outcome(struct vtlb_text *o, const struct vtlb_world *w, uint32_t outcome)
{
	unsigned int index = vtlb_outcome_index(outcome);
	const char *sep = "";

	switch (vtlb_outcome_kind(outcome)) {
	case VTLB_OUT_ANY:
		vtlb_text_str(o, "any");
		break;
	case VTLB_OUT_FRAME:
		vtlb_text_str(o, index == VTLB_FRAME_IDENTITY ? "identity" : w->frame_name[index]);
		break;
	case VTLB_OUT_DIRTIED:
		vtlb_text_str(o, "dirtied ");
		vtlb_text_str(o, w->leaf_name[index]);
		break;
	case VTLB_OUT_FAULT:
		vtlb_text_str(o, "#PF(");
		for (unsigned int bit = 0; bit < 5; bit++) {
			if (!(index >> bit & 1u))
				continue;
			vtlb_text_str(o, sep);
			vtlb_text_str(o, trace_pf_words[bit]);
			sep = " ";
		}
		vtlb_text_str(o, ")");
		break;
	}
}

static void put_access(struct vtlb_text *o, const struct vtlb_world *w, struct vtlb_op op)
{
	static const char *const type[4] = { "read ", "write ", "fetch ", "" };

	if (op.b & VTLB_ACC_USER)
		vtlb_text_str(o, "user ");
	if (op.b & VTLB_ACC_SUPER)
		vtlb_text_str(o, "super ");
	vtlb_text_str(o, type[op.b & VTLB_ACC_TYPE]);
	vtlb_text_str(o, w->page_name[op.a]);
	if (op.b & VTLB_ACC_AC1)
		vtlb_text_str(o, " ac");
	if (op.b & VTLB_ACC_AC0)
		vtlb_text_str(o, " noac");
	if (op.imm) {
		vtlb_text_str(o, " -> ");
		put_outcome(o, w, op.imm);
	}
}

/* "write b.user = f2" where a page of a root names the entry, else "write b.pt[0] = f2". */
static void put_write_leaf(struct vtlb_text *o, const struct vtlb_world *w, struct vtlb_op op)
{
	unsigned int frame, t, e;
	unsigned int flags = trace_default_flags(w, op.a, op.b, &frame);
	bool named = false;

	vtlb_text_str(o, "write ");
	for (unsigned int r = 0; r < w->nroots && !named; r++) {
		for (unsigned int p = 0; p < w->npages && !named; p++) {
			if (!trace_page_entry(w, r, p, &t, &e) || t != op.a || e != op.b)
				continue;
			vtlb_text_str(o, w->root_name[r]);
			vtlb_text_str(o, ".");
			vtlb_text_str(o, w->page_name[p]);
			vtlb_text_str(o, " = ");
			named = true;
		}
	}
	if (!named)
		put_indexed(o, w->leaf_name[op.a], op.b);
	put_leaf(o, w, w->value[op.imm], flags);
}

static void put_setting(struct vtlb_text *o, const char *name, unsigned int value)
{
	vtlb_text_str(o, name);
	vtlb_text_uint(o, value);
}

void put_op(struct vtlb_text *o, const struct vtlb_world *w, struct vtlb_op op)
{
	if (!vtlb_op_valid(w, op)) {
		vtlb_text_str(o, "(not an operation of this world)");
		return;
	}
	if (vtlb_op_vcpu(op)) {
		put_setting(o, "cpu", vtlb_op_vcpu(op));
		vtlb_text_str(o, ": ");
	}
	switch (op.code) {
	case VTLB_OP_MOV_CR0:
		put_register(o, "cr0", op);
		break;
	case VTLB_OP_MOV_CR3:
		put_cr3(o, w, op);
		break;
	case VTLB_OP_MOV_CR4:
		put_register(o, "cr4", op);
		break;
	case VTLB_OP_WRMSR_EFER:
		put_register(o, "efer", op);
		break;
	case VTLB_OP_INVLPG:
		vtlb_text_str(o, "invlpg");
		if (op.a || !op.b) {
			vtlb_text_str(o, " ");
			vtlb_text_str(o, w->page_name[op.a]);
		}
		vtlb_text_str(o, op.b ? " noncanonical" : "");
		break;
	case VTLB_OP_INVPCID:
		put_invpcid(o, w, op);
		break;
	case VTLB_OP_ACCESS:
		put_access(o, w, op);
		break;
	case VTLB_OP_WRITE_LEAF:
		put_write_leaf(o, w, op);
		break;
	case VTLB_OP_WRITE_UPPER:
		vtlb_text_str(o, "link ");
		put_indexed(o, w->upper_name[op.a], op.b);
		vtlb_text_str(o, op.imm ? w->leaf_name[op.imm - 1] : "none");
		break;
	case VTLB_OP_WRITE_ROOT:
		vtlb_text_str(o, "link ");
		put_indexed(o, w->root_name[op.a], op.b);
		vtlb_text_str(o, op.imm ? w->upper_name[op.imm - 1] : "none");
		break;
	case VTLB_OP_SET_CSL:
		put_setting(o, "cs.l ", op.a);
		break;
	case VTLB_OP_SET_CPL:
		put_setting(o, "cpl ", op.a);
		break;
	case VTLB_OP_SET_AC:
		put_setting(o, "ac ", op.a);
		break;
	case VTLB_OP_INIT:
		vtlb_text_str(o, "init");
		break;
	default:
		vtlb_text_str(o, "host-zap ");
		vtlb_text_str(o, w->frame_name[op.a]);
		break;
	}
}

size_t vtlb_op_print(const struct vtlb_world *w, struct vtlb_op op, char *buf, size_t cap)
{
	struct vtlb_text o = vtlb_text(buf, cap);

	put_op(&o, w, op);
	return o.len;
}

/* For people: with the page tables at hand a dirtied outcome has a frame. */
static void put_outcome_in(struct vtlb_text *o, const struct vtlb_world *w,
			   const struct vtlb_mem *mem, unsigned int page, uint32_t outcome)
{
	struct vtlb_leaf leaf;

	if (mem && page < w->npages && vtlb_outcome_kind(outcome) == VTLB_OUT_DIRTIED) {
		leaf = w->value[mem->leaf[vtlb_outcome_index(outcome)][w->page[page].entry]];
		vtlb_text_str(o, leaf.flags & VTLB_LEAF_P ? w->frame_name[leaf.frame] : "nothing");
		vtlb_text_str(o, ", setting D in ");
		vtlb_text_str(o, w->leaf_name[vtlb_outcome_index(outcome)]);
		return;
	}
	if (outcome == vtlb_outcome(VTLB_OUT_FAULT, VTLB_PF_CRASH))
		vtlb_text_str(o, vtlb_fault_name(VTLB_CRASH));
	else
		put_outcome(o, w, outcome);
}

size_t vtlb_outcome_print(const struct vtlb_world *w, const struct vtlb_mem *mem,
			  unsigned int page, uint32_t outcome, char *buf, size_t cap)
{
	struct vtlb_text o = vtlb_text(buf, cap);

	put_outcome_in(&o, w, mem, page, outcome);
	return o.len;
}

size_t vtlb_outset_print(const struct vtlb_world *w, const struct vtlb_mem *mem,
			 unsigned int page, const struct vtlb_outset *set, char *buf, size_t cap)
{
	struct vtlb_text o = vtlb_text(buf, cap);
	uint32_t out = vtlb_outset_next(set, 0);

	if (!out)
		vtlb_text_str(&o, "nothing");
	for (bool first = true; out; first = false) {
		uint32_t after = vtlb_outset_next(set, out);

		if (!first)
			vtlb_text_str(&o, after ? ", " : " or ");
		put_outcome_in(&o, w, mem, page, out);
		out = after;
	}
	return o.len;
}

const char *vtlb_kind_name(enum vtlb_kind kind)
{
	static const char *const names[VTLB_NR_KINDS] = {
		[VTLB_UR] = "user read",
		[VTLB_UW] = "user write",
		[VTLB_UX] = "user fetch",
		[VTLB_SR] = "supervisor read",
		[VTLB_SW] = "supervisor write",
		[VTLB_SX] = "supervisor fetch",
		[VTLB_SRA] = "supervisor read with AC=1",
		[VTLB_SWA] = "supervisor write with AC=1",
	};

	return (unsigned int)kind < VTLB_NR_KINDS ? names[kind] : "unknown access";
}
