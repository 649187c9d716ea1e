/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Guest instructions that change registers or invalidate.  What the processor
 * itself checks before it leaves the guest (CPL, operand size) is checked here;
 * everything else is KVM's to say.
 */
#include "insn.h"

#include <stdio.h>
#include <string.h>

#define TRIES 8		/* exits after which an instruction should have ended */
#define UD 6
#define GP 13

/* Operands with a reserved bit set. */
#define CR0_RSVD (1ull << 32)
#define CR4_RSVD (1ull << 15)
#define EFER_RSVD (1ull << 16)
#define CR3_NOFLUSH (1ull << 63)
#define CR3_LAM (1ull << 61)
#define NONCANONICAL (1ull << 62)

uint32_t insn_mode(void)
{
	return glue_cpu.mode;
}

static bool code64(void)
{
	return (glue_cpu.mode & (VTLB_LMA | VTLB_CSL)) == (VTLB_LMA | VTLB_CSL);
}

/* What the vendor module reads of segments and flags. */
static void show(void)
{
	glue_cpu.cs_l = glue_cpu.mode & VTLB_CSL ? 1 : 0;
	glue_cpu.cpl = glue_cpu.mode & VTLB_CPL3 ? 3 : 0;
	glue_cpu.ac = glue_cpu.mode & VTLB_AC ? 1 : 0;
}

static void fetch(const struct vtlb_world *w, enum guest_insn insn)
{
	glue_cpu.rip = guest_code(w, glue_cpu.mode & VTLB_PG, insn);
	glue_cpu.insn = guest_code_at(w, insn);
	glue_cpu.insn_len = guest_code_length(insn);
}

/* For one access: other rights, and 64-bit code where there can be. */
void insn_at(const struct vtlb_world *w, unsigned int cpl, bool ac)
{
	bool lma = glue_cpu.mode & VTLB_LMA;

	glue_cpu.cs_l = lma;
	glue_cpu.cpl = cpl;
	glue_cpu.ac = ac;
	fetch(w, lma ? GUEST_STORE64 : GUEST_STORE32);
}

void insn_back(void)
{
	show();
}

/* Between two exits any vCPU may walk what it finds, not only the one that comes back. */
static bool fill(const struct vtlb_world *w)
{
	unsigned int me = host_cpu();

	for (unsigned int cpu = 0; cpu < cpus_vcpus(); cpu++) {
		cpus_switch(cpu);
		if (!tlb_fill(w, glue_cpu.mode & VTLB_PG))
			return false;
	}
	cpus_switch(me);
	return true;
}

bool insn_exit(const struct vtlb_world *w, enum glue_exit exit, uint64_t a, uint64_t b)
{
	return machine_exit(exit, a, b) && fill(w);
}

bool insn_start(const struct vtlb_world *w, size_t *ram)
{
	struct glue_guest guest;

	cpus_reset(w->nvcpus);
	tlb_reset(w);
	for (unsigned int cpu = 0; cpu < w->nvcpus; cpu++) {
		cpus_switch(cpu);
		glue_cpu.vector = -1;
		glue_cpu.mode = w->init_mode;
		show();
	}
	*ram = guest_write(w);
	guest_cpuid(w, &guest);
	return machine_start(&guest) && fill(w);
}

/* The fault that KVM injected, if it is one that these instructions have. */
static bool injected(struct vtlb_impl_step *r)
{
	if (glue_cpu.vector == UD)
		r->fault = VTLB_UD;
	else if (glue_cpu.vector == GP && !glue_cpu.error)
		r->fault = VTLB_GP0;
	else
		return machine_fail(GLUE_STOP_CRASH, "KVM injected an exception that the "
						     "instruction does not have");
	return true;
}

/* Execute what exits until it is done or faults; where KVM does neither, it exits again. */
static bool execute(const struct vtlb_world *w, enum guest_insn insn, enum glue_exit exit,
		    uint64_t a, uint64_t b)
{
	uint64_t rip;

	fetch(w, insn);
	rip = glue_cpu.rip;
	for (unsigned int i = 0; i < TRIES; i++) {
		if (!machine_exit(exit, a, b))
			return false;
		if (glue_cpu.vector < 0 && glue_cpu.rip == rip) {
			if (!fill(w))
				return false;
			continue;
		}
		if (glue_cpu.rip == rip + (glue_cpu.vector < 0 ? glue_cpu.insn_len : 0))
			return true;
		return machine_fail(GLUE_STOP_CRASH, "KVM goes on neither behind the instruction "
						     "nor, with its fault, at it");
	}
	return machine_fail(GLUE_STOP_CRASH, "an instruction never ends: each exit leaves it to "
					     "exit again");
}

/* An exit whose only other end is a fault; otherwise the mode word becomes @mode. */
static bool trap(const struct vtlb_world *w, enum glue_exit exit, uint64_t a, uint64_t b,
		 uint32_t mode, struct vtlb_impl_step *r)
{
	static const enum guest_insn insn[] = {
		[GLUE_EXIT_CR0] = GUEST_MOV_CR0,
		[GLUE_EXIT_CR3] = GUEST_MOV_CR3,
		[GLUE_EXIT_CR4] = GUEST_MOV_CR4,
		[GLUE_EXIT_EFER] = GUEST_WRMSR,
		[GLUE_EXIT_INVLPG] = GUEST_INVLPG,
		[GLUE_EXIT_INVPCID] = GUEST_INVPCID,
	};

	if (exit == GLUE_EXIT_INIT ? !machine_exit(exit, 0, 0) :
				     !execute(w, insn[exit], exit, a, b))
		return false;
	if (glue_cpu.vector < 0)
		glue_cpu.mode = mode;
	else if (!injected(r))
		return false;
	show();
	/* what the entry cached, it cached under the new registers */
	return fill(w);
}

static bool user_code(struct vtlb_impl_step *r)
{
	if (!(glue_cpu.mode & VTLB_CPL3))
		return false;
	r->fault = VTLB_GP0;
	return true;
}

static uint32_t with_lma(uint32_t mode)
{
	if (!(mode & VTLB_PG))
		return mode & ~(uint32_t)VTLB_LMA;
	return mode & VTLB_LME ? mode | VTLB_LMA : mode;
}

/* CR0, CR4 or EFER: @bits of the mode word belong to it. */
static bool mov_mode(const struct vtlb_world *w, struct vtlb_op op, enum glue_exit exit,
		     uint32_t bits, struct vtlb_impl_step *r)
{
	uint32_t mode = vtlb_op_operand(op, glue_cpu.mode & bits) & (bits | VTLB_RSVD);
	uint64_t value;

	if (user_code(r))
		return true;
	switch (exit) {
	case GLUE_EXIT_CR0:
		/* in other code the operand has 32 bits */
		value = vtlb_cr0_value(mode) | (mode & VTLB_RSVD && code64() ? CR0_RSVD : 0);
		break;
	case GLUE_EXIT_CR4:
		value = vtlb_cr4_value(mode) | (mode & VTLB_RSVD ? CR4_RSVD : 0);
		break;
	default:
		value = vtlb_efer_value(mode) | (mode & VTLB_RSVD ? EFER_RSVD : 0);
		break;
	}
	return trap(w, exit, value, 0, with_lma((glue_cpu.mode & ~bits) | (mode & bits)), r);
}

static bool mov_cr3(const struct vtlb_world *w, struct vtlb_op op, struct vtlb_impl_step *r)
{
	uint64_t value = guest_table(w, op.a) | (op.imm & 0xfff);

	if (user_code(r))
		return true;
	if (code64())
		value |= (op.imm & VTLB_CR3_NOFLUSH ? CR3_NOFLUSH : 0) |
			 (op.imm & VTLB_CR3_RSVD ? 1ull << w->maxphyaddr : 0) |
			 (op.imm & VTLB_CR3_LAM ? CR3_LAM : 0);
	return trap(w, GLUE_EXIT_CR3, value, 0, glue_cpu.mode, r);
}

static bool invlpg(const struct vtlb_world *w, struct vtlb_op op, struct vtlb_impl_step *r)
{
	uint64_t linear = guest_page(w, op.a);

	if (user_code(r))
		return true;
	return trap(w, GLUE_EXIT_INVLPG, op.b & 1 ? linear | NONCANONICAL : linear, 0,
		    glue_cpu.mode, r);
}

static bool invpcid(const struct vtlb_world *w, struct vtlb_op op, struct vtlb_impl_step *r)
{
	uint64_t *descriptor = guest_descriptor_at(w), linear = guest_page(w, op.a);

	/* without the feature it is #UD at any CPL */
	if (w->features & VTLB_F_INVPCID && user_code(r))
		return true;
	descriptor[0] = (op.imm & 0xfff) | (op.imm & VTLB_INVPCID_RSVD ? 1ull << 12 : 0);
	descriptor[1] = op.imm & VTLB_INVPCID_NONCANON ? linear | NONCANONICAL : linear;
	return trap(w, GLUE_EXIT_INVPCID, op.b, guest_descriptor(w, glue_cpu.mode & VTLB_PG),
		    glue_cpu.mode, r);
}

static bool set_bit(uint32_t bit, bool on, struct vtlb_impl_step *r)
{
	if (bit == VTLB_CPL3 && on && !(glue_cpu.mode & VTLB_PE))
		r->fault = VTLB_UNSUPPORTED;
	else
		glue_cpu.mode = on ? glue_cpu.mode | bit : glue_cpu.mode & ~bit;
	show();
	return true;
}

static bool init_signal(const struct vtlb_world *w, struct vtlb_impl_step *r)
{
	return trap(w, GLUE_EXIT_INIT, 0, 0, glue_cpu.mode & (VTLB_CD | VTLB_NW), r);
}

static void zap_start(void *arg)
{
	glue_host_zap(*(const uint64_t *)arg, 0);
}

static void zap_end(void *arg)
{
	glue_host_zap(*(const uint64_t *)arg, 1);
}

/* Does a table of KVM's lead to a page? */
struct mapping {
	uint64_t hpa;
	bool found;
};

static void look_for(const void *sptes, unsigned int level, void *arg)
{
	struct mapping *m = arg;

	m->found |= tlb_maps(sptes, level, m->hpa);
}

static bool still_leads(const struct vtlb_world *w, const char *what, unsigned int frame)
{
	char text[128];

	snprintf(text, sizeof(text),
		 "host-zap: %s still leads to %s after the MMU notifier: the host has freed that "
		 "page", what, w->frame_name[frame]);
	return machine_fail(GLUE_STOP_CRASH, text);
}

/*
 * From here on the page is another one's.  What KVM has asked the vCPUs for is done: those that it
 * kicked have entered again, and one that it did not kick goes on in the guest, with all that
 * it has cached, whatever request is waiting for its next exit.
 */
static bool is_gone(const struct vtlb_world *w, unsigned int frame)
{
	struct mapping m = { .hpa = guest_frame(w, frame) };
	unsigned int me = host_cpu();

	glue_tables(look_for, &m);
	if (m.found)
		return still_leads(w, "an SPTE", frame);
	for (unsigned int cpu = 0; cpu < cpus_vcpus(); cpu++) {
		char what[32];

		cpus_switch(cpu);
		if (!tlb_holds(w, frame))
			continue;
		snprintf(what, sizeof(what), "the TLB of vCPU %u", cpu);
		return still_leads(w, what, frame);
	}
	cpus_switch(me);
	return true;
}

/*
 * The frame that the host maps again is the same one, so that no outcome can show that KVM kept
 * what led to the first: it is looked for.
 */
static bool host_zap(const struct vtlb_world *w, unsigned int frame)
{
	uint64_t gpa = guest_frame(w, frame);

	return machine_host(zap_start, &gpa) && fill(w) && is_gone(w, frame) &&
	       machine_host(zap_end, &gpa) && fill(w);
}

static bool dispatch(const struct vtlb_world *w, struct vtlb_op op, uint32_t outcome,
		     struct vtlb_impl_step *r)
{
	unsigned int uppers = w->nroots, leafs = uppers + w->nuppers;

	switch (op.code) {
	case VTLB_OP_MOV_CR0:
		return mov_mode(w, op, GLUE_EXIT_CR0, VTLB_CR0_BITS, r);
	case VTLB_OP_MOV_CR3:
		return mov_cr3(w, op, r);
	case VTLB_OP_MOV_CR4:
		return mov_mode(w, op, GLUE_EXIT_CR4, VTLB_CR4_BITS, r);
	case VTLB_OP_WRMSR_EFER:
		return mov_mode(w, op, GLUE_EXIT_EFER, VTLB_EFER_BITS, r);
	case VTLB_OP_INVLPG:
		return invlpg(w, op, r);
	case VTLB_OP_INVPCID:
		return invpcid(w, op, r);
	case VTLB_OP_ACCESS:
		return access_step(w, op, outcome, r);
	case VTLB_OP_WRITE_LEAF:
		return access_store(w, leafs + op.a, guest_leaf_index(op.b),
				    guest_leaf_entry(w, op.imm), r);
	case VTLB_OP_WRITE_UPPER:
		return access_store(w, uppers + op.a, guest_upper_index(op.b),
				    guest_upper_entry(w, op.imm), r);
	case VTLB_OP_WRITE_ROOT:
		return access_store(w, op.a, guest_region_slot(op.b),
				    guest_root_entry(w, op.imm), r);
	case VTLB_OP_SET_CSL:
		return set_bit(VTLB_CSL, op.a, r);
	case VTLB_OP_SET_CPL:
		return set_bit(VTLB_CPL3, op.a, r);
	case VTLB_OP_SET_AC:
		return set_bit(VTLB_AC, op.a, r);
	case VTLB_OP_INIT:
		return init_signal(w, r);
	case VTLB_OP_HOST_ZAP:
		return host_zap(w, op.a);
	default:
		r->fault = VTLB_UNSUPPORTED;
		return true;
	}
}

static bool same_root(const struct glue_root *a, const struct glue_root *b)
{
	return a->hpa == b->hpa && a->pgd == b->pgd;
}

static bool in(const struct glue_root *root, const struct glue_root *set)
{
	for (unsigned int i = 0; i < GLUE_NROOTS; i++)
		if (same_root(root, &set[i]))
			return true;
	return false;
}

/* Roots are compared from outside: what became current, and what is gone. */
static void count_roots(const struct glue_root *was, const struct glue_root *is,
			struct vtlb_cost *cost)
{
	if (is[0].hpa != ~0ul && !same_root(&was[0], &is[0])) {
		if (in(&is[0], was))
			cost->roots_reused++;
		else
			cost->roots_built++;
	}
	for (unsigned int i = 0; i < GLUE_NROOTS; i++)
		if (was[i].hpa != ~0ul && !in(&was[i], is))
			cost->roots_freed++;
}

bool insn_step(const struct vtlb_world *w, struct vtlb_op op, uint32_t outcome,
	       struct vtlb_impl_step *r)
{
	struct glue_root was[GLUE_VCPUS][GLUE_NROOTS], is[GLUE_NROOTS];
	uint64_t flushes = tlb_flushes();

	for (unsigned int v = 0; v < cpus_vcpus(); v++)
		glue_roots(v, was[v]);
	cpus_switch(vtlb_op_vcpu(op));
	if (!dispatch(w, op, outcome, r))
		return false;
	for (unsigned int v = 0; v < cpus_vcpus(); v++) {
		glue_roots(v, is);
		count_roots(was[v], is, &r->cost);
	}
	r->cost.flushes += tlb_flushes() - flushes;
	return true;
}
