/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The processors: each with registers, a stack on which its KVM_RUN waits while
 * the guest runs, and the base of the kernel's per-CPU data.
 */
#define _GNU_SOURCE
#include "cpus.h"

#include <asm/prctl.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "machine.h"

extern unsigned long __per_cpu_offset[];

void co_switch(unsigned long *save_rsp, unsigned long load_rsp);

/**
 * struct cpu - a processor
 * @regs: its glue_cpu while another one runs
 * @rsp: of KVM_RUN's stack while the guest runs
 * @guest: it runs the guest
 * @interrupted: it will leave it before anything else happens
 */
static IMAGED struct cpu {
	struct glue_cpu regs;
	unsigned long rsp;
	bool guest, interrupted;
} cpus[GLUE_CPUS];
static IMAGED unsigned int now, nvcpus;

static unsigned long driver_rsp;
/* The processor whose data %gs selects, of which every thread has its own. */
static __thread int selected = -1;

void cpus_reset(unsigned int vcpus)
{
	memset(cpus, 0, sizeof(cpus));
	memset(&glue_cpu, 0, sizeof(glue_cpu));
	now = 0;
	nvcpus = vcpus;
}

unsigned int cpus_vcpus(void)
{
	return nvcpus;
}

unsigned int host_cpu(void)
{
	return now;
}

void cpus_switch(unsigned int cpu)
{
	if (cpu == now)
		return;
	cpus[now].regs = glue_cpu;
	glue_cpu = cpus[cpu].regs;
	now = cpu;
}

void cpus_percpu(void)
{
	if (selected == (int)now)
		return;
	syscall(SYS_arch_prctl, ARCH_SET_GS, __per_cpu_offset[now]);
	selected = (int)now;
}

void host_switch(unsigned int cpu)
{
	cpus_switch(cpu);
	cpus_percpu();
}

void host_interrupt(unsigned int cpu)
{
	if (cpus[cpu].guest)
		cpus[cpu].interrupted = true;
}

int cpus_interrupted(void)
{
	for (unsigned int cpu = 0; cpu < nvcpus; cpu++)
		if (cpus[cpu].interrupted) {
			cpus[cpu].interrupted = false;
			return (int)cpu;
		}
	return -1;
}

void cpus_stack(unsigned long *top)
{
	cpus[now].rsp = (unsigned long)top;
}

unsigned long cpus_park(unsigned long rsp)
{
	cpus[now].guest = true;
	cpus[now].rsp = rsp;
	return driver_rsp;
}

void cpus_resume(void)
{
	cpus[now].guest = false;
	cpus_percpu();
	co_switch(&driver_rsp, cpus[now].rsp);
}

/* What is written before each exit, or with each answer to one. */
static void dead_regs(const struct glue_cpu *r, void (*dead)(const void *at, unsigned long size))
{
	dead(&r->exit, sizeof(r->exit));
	dead(&r->a, sizeof(r->a));
	dead(&r->b, sizeof(r->b));
	dead(&r->rip, sizeof(r->rip));
	dead(&r->insn, sizeof(r->insn));
	dead(&r->insn_len, sizeof(r->insn_len));
	dead(&r->rax, sizeof(r->rax));
	dead(&r->rbx, sizeof(r->rbx));
	dead(&r->vector, sizeof(r->vector));
	dead(&r->error, sizeof(r->error));
	dead(&r->cr2, sizeof(r->cr2));
}

void cpus_stacks(void (*each)(const void *at, unsigned long size))
{
	for (unsigned int cpu = 0; cpu < GLUE_CPUS; cpu++)
		if (cpus[cpu].rsp)
			each((void *)(cpus[cpu].rsp & ~(GLUE_STACK - 1)), GLUE_STACK);
}

void cpus_dead(void (*dead)(const void *at, unsigned long size))
{
	/* of the one that runs the registers are in glue_cpu */
	dead(&cpus[0].regs, sizeof(cpus[0].regs));
	dead_regs(&glue_cpu, dead);
	for (unsigned int cpu = 0; cpu < GLUE_CPUS; cpu++) {
		unsigned long bottom = cpus[cpu].rsp & ~(GLUE_STACK - 1);

		if (cpu)
			dead_regs(&cpus[cpu].regs, dead);
		if (cpus[cpu].rsp)
			dead((void *)bottom, cpus[cpu].rsp - bottom);
	}
}

void cpus_skip(void (*skip)(const void *at, unsigned long size))
{
	skip(&glue_cpu.pgd, sizeof(glue_cpu.pgd));
	for (unsigned int cpu = 0; cpu < GLUE_CPUS; cpu++)
		skip(&cpus[cpu].regs.pgd, sizeof(cpus[cpu].regs.pgd));
}

unsigned long host_pgd(unsigned int cpu)
{
	return cpu == now ? glue_cpu.pgd : cpus[cpu].regs.pgd;
}
