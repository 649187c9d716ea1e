/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The processors: one for each vCPU, which runs nothing else, and one for the host.
 * They take turns.
 */
#ifndef PROCESSOR_CPUS_H
#define PROCESSOR_CPUS_H

#include <stdbool.h>

#include "glue.h"

/** cpus_reset() - as they are before there is a VM; @vcpus: how many there will be */
void cpus_reset(unsigned int vcpus);
unsigned int cpus_vcpus(void);

/** cpus_switch() - from here on it is @cpu that runs: glue_cpu is its registers */
void cpus_switch(unsigned int cpu);

/** cpus_percpu() - before kernel code: its per-CPU data is that of the processor that runs */
void cpus_percpu(void);

/** cpus_stack() - what cpus_resume() first pops on the processor that runs */
void cpus_stack(unsigned long *top);

/** cpus_resume() - leave the guest on the processor that runs; returns when it is back in it */
void cpus_resume(void);

/** cpus_park() - the processor that runs is in the guest, its stack ends at @rsp; the driver's */
unsigned long cpus_park(unsigned long rsp);

/** cpus_interrupted() - one that has to leave the guest for an interrupt, or -1; says it once */
int cpus_interrupted(void);

/** cpus_stacks() - calls @each with every stack on which a KVM_RUN waits */
void cpus_stacks(void (*each)(const void *at, unsigned long size));

/** cpus_dead() - calls @dead with what does not influence the future, while processor 0 runs */
void cpus_dead(void (*dead)(const void *at, unsigned long size));

/** cpus_skip() - calls @skip with what host_pgd() says */
void cpus_skip(void (*skip)(const void *at, unsigned long size));

#endif /* PROCESSOR_CPUS_H */
