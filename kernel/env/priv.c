/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The host processor that KVM sees: MSRs, CPUID and time are constants, so that a
 * run is the same on every machine.
 */
#include "../glue.h"

/* The registers of the instruction, as env/thunks.S pushed them. */
struct regs {
	unsigned long ax, bx, cx, dx;
};

static const struct {
	unsigned int index;
	unsigned long value;
} msrs[] = {
	{ 0x277, 0x0007040600070406ul },	/* PAT */
	{ 0x1d9, 0 },				/* DEBUGCTL */
	{ 0xc0000080, 0xd01 },			/* EFER: SCE, LME, LMA, NXE */
	{ 0xc0000103, 0 },			/* TSC_AUX */
};

/* What KVM may offer to a guest, and what svm asks: a vendor unit adds the rest. */
static const struct {
	unsigned int leaf, ax, bx, cx, dx;
} leafs[] = {
	{ .leaf = 0, .ax = 0xd },
	/* PCID; FPU, PSE, TSC, MSR, PAE, PGE, FXSR */
	{ .leaf = 1, .cx = 1 << 17, .dx = 0x1002079 },
	{ .leaf = 7, .bx = 1 << 7 | 1 << 10 | 1 << 20 },	/* SMEP, INVPCID, SMAP */
	{ .leaf = 0x80000000, .ax = 0x8000000a },
	{ .leaf = 0x80000001, .dx = 1 << 20 | 1 << 29 },	/* NX, LM */
	{ .leaf = 0x80000008, .ax = 0x302e },	/* 46 physical, 48 linear bits */
	/* of SVM: revision, number of ASIDs */
	{ .leaf = 0x8000000a, .ax = 1, .bx = GLUE_ASIDS },
};

/* While KVM starts it asks for every MSR that it knows; then all the others read as 0. */
int env_probing = 1;

void env_do_rdmsr(struct regs *r);
void env_do_rdmsr(struct regs *r)
{
	unsigned int index = (unsigned int)r->cx;

	r->ax = r->dx = 0;
	for (unsigned int i = 0; i < sizeof(msrs) / sizeof(*msrs); i++)
		if (msrs[i].index == index) {
			r->ax = msrs[i].value & 0xffffffff;
			r->dx = msrs[i].value >> 32;
			return;
		}
	if (env_probing)
		return;
	host_stop(GLUE_STOP_UNMODELLED, "RDMSR of an MSR that env/priv.c does not know", "",
		  index);
}

/* Nothing that KVM writes to the host's MSRs matters to a guest's translation. */
void env_do_wrmsr(struct regs *r);
void env_do_wrmsr(struct regs *r)
{
	(void)r;
}

void env_do_cpuid(struct regs *r);
void env_do_cpuid(struct regs *r)
{
	unsigned int leaf = (unsigned int)r->ax, subleaf = (unsigned int)r->cx;

	r->ax = r->bx = r->cx = r->dx = 0;
	for (unsigned int i = 0; i < sizeof(leafs) / sizeof(*leafs); i++)
		if (leafs[i].leaf == leaf && (leaf != 7 || !subleaf)) {
			r->ax = leafs[i].ax;
			r->bx = leafs[i].bx;
			r->cx = leafs[i].cx;
			r->dx = leafs[i].dx;
		}
}

/* INVLPGA: the linear address in rax, the ASID in ecx. */
void env_do_invlpga(struct regs *r);
void env_do_invlpga(struct regs *r)
{
	host_flush((unsigned int)r->cx, 0, r->ax);
}

void env_do_rdtsc(struct regs *r);
void env_do_rdtsc(struct regs *r)
{
	r->ax = 1000000;
	r->dx = 0;
}
