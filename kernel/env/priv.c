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
};

static const struct {
	unsigned int leaf, ax;
} leafs[] = {
	{ 0, 0xd },
	{ 0x80000000, 0x80000008 },
	{ 0x80000008, 0x302e },	/* 46 physical, 48 linear bits */
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

/* No feature at all: sim.c says what this processor has. */
void env_do_cpuid(struct regs *r);
void env_do_cpuid(struct regs *r)
{
	unsigned int leaf = (unsigned int)r->ax;

	r->ax = r->bx = r->cx = r->dx = 0;
	for (unsigned int i = 0; i < sizeof(leafs) / sizeof(*leafs); i++)
		if (leafs[i].leaf == leaf)
			r->ax = leafs[i].ax;
}

void env_do_rdtsc(struct regs *r);
void env_do_rdtsc(struct regs *r)
{
	r->ax = 1000000;
	r->dx = 0;
}
