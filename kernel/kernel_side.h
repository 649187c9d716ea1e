/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Shared by the files that are compiled with a kernel's headers and flags.
 */
#ifndef KERNEL_SIDE_H
#define KERNEL_SIDE_H

#include <linux/fs.h>
#include <linux/kvm_host.h>

#include "glue.h"

void env_data_init(void);
void env_smp_init(void);

/*
 * The vendor unit: what its processor is, beyond what every one has; vendor module and
 * common KVM up to the misc device; the guest's CS.L, CPL and AC to where KVM looks for
 * them; of what it keeps for a vCPU, what the next exit writes before anybody reads it,
 * and where it has the address of the hardware's root, if it has.
 */
void vendor_cpu(struct cpuinfo_x86 *c);
int vendor_init(void);
void vendor_show(struct kvm_vcpu *vcpu);
void vendor_dead(struct kvm_vcpu *vcpu, void (*dead)(const void *at, unsigned long size));
u64 *vendor_root(struct kvm_vcpu *vcpu);

extern struct file *glue_vm_file, *glue_vcpu_file;
extern const struct file_operations *glue_kvm_fops;
extern struct mmu_notifier *glue_notifier;

#endif /* KERNEL_SIDE_H */
