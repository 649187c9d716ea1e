/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Several processors on one thread: per-CPU data, and interrupts from one to
 * another.  A processor that is interrupted leaves the guest at once; what the
 * interrupt wants done is done on it before the sender goes on.
 */
#include <linux/cpuhotplug.h>
#include <linux/cpumask.h>
#include <linux/percpu.h>
#include <linux/percpu_counter.h>
#include <linux/sched.h>
#include <linux/smp.h>
#include <asm/processor.h>
#include <asm/smp.h>

#include "kernel_side.h"

/* Newer trees keep what each processor uses most in sections of its own. */
#ifdef DEFINE_PER_CPU_CACHE_HOT
#define DEFINE_HOT DEFINE_PER_CPU_CACHE_HOT
#else
#define DEFINE_HOT DEFINE_PER_CPU_READ_MOSTLY
#endif

/* The first processor's area, at its link address; the others' lie behind it. */
extern char glue_percpu_start[], glue_percpu_end[];

unsigned long __per_cpu_offset[NR_CPUS];
DEFINE_HOT(unsigned long, this_cpu_off);
unsigned int nr_cpu_ids = GLUE_CPUS;
s32 percpu_counter_batch = 32;
atomic_t __num_online_cpus = ATOMIC_INIT(GLUE_CPUS);
struct cpumask __cpu_online_mask = { .bits = { (1 << GLUE_CPUS) - 1 } };
struct cpumask __cpu_present_mask = { .bits = { (1 << GLUE_CPUS) - 1 } };
struct cpumask __cpu_possible_mask = { .bits = { (1 << GLUE_CPUS) - 1 } };

#ifndef HAVE_PCPU_HOT
DEFINE_HOT(int, cpu_number);
#endif

void env_smp_init(void)
{
	unsigned long size = glue_percpu_end - glue_percpu_start;
	unsigned int cpu;

	BUILD_BUG_ON(NR_CPUS != GLUE_CPUS);
	for (cpu = 0; cpu < GLUE_CPUS; cpu++) {
		__per_cpu_offset[cpu] = cpu * size;
		if (cpu)
			memcpy(glue_percpu_start + cpu * size, glue_percpu_start, size);
	}
	for (cpu = 0; cpu < GLUE_CPUS; cpu++) {
		per_cpu(this_cpu_off, cpu) = __per_cpu_offset[cpu];
#ifdef HAVE_PCPU_HOT
		per_cpu(pcpu_hot.cpu_number, cpu) = cpu;
#else
		per_cpu(cpu_number, cpu) = cpu;
#endif
	}
}

/* One size for all objects, so that a pointer and a processor's offset never meet another's. */
void *env_percpu_alloc(unsigned long size)
{
	unsigned long area = glue_percpu_end - glue_percpu_start;

	if (size > area)
		host_stop(GLUE_STOP_UNMODELLED, "a per-CPU object larger than all static ones", "",
			  size);
	return env_alloc(GLUE_CPUS * area);
}

unsigned char env_irqs_off;	/* what pushf shows, see priv.h */

/* What another processor asks for is done with interrupts off, and KVM checks that. */
static void run_on(unsigned int cpu, void (*fn)(void *), void *info)
{
	unsigned int me = host_cpu();

	if (cpu != me)
		host_interrupt(cpu);
	host_switch(cpu);
	env_irqs_off++;
	fn(info);
	env_irqs_off--;
	host_switch(me);
}

void smp_call_function_many(const struct cpumask *mask, smp_call_func_t fn, void *info, bool wait)
{
	unsigned int cpu;

	for_each_cpu(cpu, mask)
		if (cpu != host_cpu())
			run_on(cpu, fn, info);
}

#ifdef HAVE_WAIT_BOOL
int smp_call_function_single(int cpu, smp_call_func_t fn, void *info, bool wait)
#else
int smp_call_function_single(int cpu, smp_call_func_t fn, void *info, int wait)
#endif
{
	run_on(cpu, fn, info);
	return 0;
}

void on_each_cpu_cond_mask(smp_cond_func_t cond, smp_call_func_t fn, void *info, bool wait,
			   const struct cpumask *mask)
{
	unsigned int cpu;

	for_each_cpu(cpu, mask)
		if (!cond || cond(cpu, info))
			run_on(cpu, fn, info);
}

static void send_reschedule(int cpu)
{
	host_interrupt(cpu);
}

struct smp_ops smp_ops = {
	.smp_send_reschedule = send_reschedule,
};

#ifdef HAVE_ON_EACH_CPU
void on_each_cpu(smp_call_func_t fn, void *info, int wait)
{
	on_each_cpu_cond_mask(NULL, fn, info, wait, cpu_online_mask);
}
#endif

int __cpuhp_setup_state(enum cpuhp_state state, const char *name, bool invoke,
			int (*startup)(unsigned int cpu), int (*teardown)(unsigned int cpu),
			bool multi_instance)
{
	unsigned int cpu, me = host_cpu();
	int r = 0;

	for (cpu = 0; invoke && startup && !r && cpu < GLUE_CPUS; cpu++) {
		host_switch(cpu);
		r = startup(cpu);
	}
	host_switch(me);
	return r;
}

/* Whoever finds a lock held has to wait for himself. */
static void __noreturn deadlock(void)
{
	host_stop(GLUE_STOP_CRASH, "kernel deadlock: a spinlock is taken that is held", "", 0);
}

void queued_spin_lock_slowpath(struct qspinlock *lock, u32 val)
{
	deadlock();
}

void queued_read_lock_slowpath(struct qrwlock *lock)
{
	deadlock();
}

void queued_write_lock_slowpath(struct qrwlock *lock)
{
	deadlock();
}
