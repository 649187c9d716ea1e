/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Around the kernel's own svm module: the AMD processor that it finds, its start, and
 * what no exit of that processor stands for.
 */
#include <linux/kvm_host.h>

#include "svm.h"
#include "x86.h"

#define FAMILY 0x19

struct glue_cpu glue_cpu;
#ifdef SVM_OLD
const char glue_vendor[] = "its svm module, npt=0, a processor without decode assists and "
			   "flushes by ASID";
#else
const char glue_vendor[] = "its svm module, npt=0";
#endif

/* In svm.o, a copy of which makes it global. */
int svm_init(void);

void vendor_cpu(struct cpuinfo_x86 *c)
{
	c->x86_vendor = X86_VENDOR_AMD;
	c->x86 = FAMILY;
	set_cpu_cap(c, X86_FEATURE_SVM);
	set_cpu_cap(c, X86_FEATURE_VMCBCLEAN);
	set_cpu_cap(c, X86_FEATURE_NRIPS);
#ifndef SVM_OLD
	set_cpu_cap(c, X86_FEATURE_FLUSHBYASID);
	set_cpu_cap(c, X86_FEATURE_DECODEASSISTS);
#endif
}

void vendor_show(struct kvm_vcpu *vcpu)
{
	svm_save_guest(to_svm(vcpu)->vmcb);
}

/*
 * An INIT comes through the local APIC, which is not modelled: the exit is the interrupt
 * that would announce it, and this what kvm_apic_accept_events() does then.
 */
static int handle_exit(struct kvm_vcpu *vcpu, enum exit_fastpath_completion fastpath)
{
	bool init = glue_cpu.exit == GLUE_EXIT_INIT;
	int r = kvm_x86_ops.handle_exit(vcpu, fastpath);

	if (init && r > 0)
		kvm_vcpu_reset(vcpu, true);
	return r;
}

int vendor_init(void)
{
	int r;

	enable_pmu = false;
	kvm_mmu_x86_module_init();
	r = svm_init();
	if (!r)
		static_call_update(kvm_x86_handle_exit, handle_exit);
	return r;
}
