/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The simulated vendor module: what vmx.c and svm.c do around an entry, without
 * a VMCS.  Only the exits that a guest's TLB depends on exist.
 */
#include <linux/kvm_host.h>
#include <asm/invpcid.h>
#include <asm/kvm_host.h>

#include "cpuid.h"
#include "kernel_side.h"
#include "mmu.h"
#include "pmu.h"
#include "x86.h"

struct glue_cpu glue_cpu;
const char glue_vendor[] = "simulated vendor module";
/* What a VMCS or VMCB would keep of a vCPU. */
static struct {
	struct kvm_segment segments[VCPU_SREG_LDTR + 1];
	unsigned long rflags;
} kept[GLUE_VCPUS];

/* General registers are always there, whatever the accessor is called. */
static void write_reg(struct kvm_vcpu *vcpu, int reg, unsigned long value)
{
	vcpu->arch.regs[reg] = value;
}

static int ok(void)
{
	return 0;
}

static int yes(void)
{
	return 1;
}

static void nothing(void)
{
}

static void vcpu_reset(struct kvm_vcpu *vcpu, bool init_event)
{
	memset(&kept[vcpu->vcpu_idx], 0, sizeof(kept[0]));
	kept[vcpu->vcpu_idx].rflags = X86_EFLAGS_FIXED;
#ifdef HAVE_REG_RFLAGS
	kvm_register_mark_available(vcpu, VCPU_REG_RFLAGS);
#else
	kvm_register_mark_available(vcpu, VCPU_EXREG_RFLAGS);
#endif
}

static void get_segment(struct kvm_vcpu *vcpu, struct kvm_segment *var, int seg)
{
	*var = kept[vcpu->vcpu_idx].segments[seg];
	if (seg == VCPU_SREG_CS) {
		var->l = glue_cpu.cs_l;
		var->db = !glue_cpu.cs_l;
	}
	if (seg == VCPU_SREG_SS)
		var->dpl = glue_cpu.cpl;
}

static void set_segment(struct kvm_vcpu *vcpu, struct kvm_segment *var, int seg)
{
	kept[vcpu->vcpu_idx].segments[seg] = *var;
}

static u64 segment_base(struct kvm_vcpu *vcpu, int seg)
{
	return kept[vcpu->vcpu_idx].segments[seg].base;
}

static int get_cpl(struct kvm_vcpu *vcpu)
{
	return glue_cpu.cpl;
}

static void get_cs_db_l_bits(struct kvm_vcpu *vcpu, int *db, int *l)
{
	*l = glue_cpu.cs_l;
	*db = !glue_cpu.cs_l;
}

static void get_table(struct kvm_vcpu *vcpu, struct desc_ptr *dt)
{
	memset(dt, 0, sizeof(*dt));
}

static unsigned long get_rflags(struct kvm_vcpu *vcpu)
{
	return kept[vcpu->vcpu_idx].rflags | (glue_cpu.ac ? X86_EFLAGS_AC : 0);
}

static void set_rflags(struct kvm_vcpu *vcpu, unsigned long value)
{
	kept[vcpu->vcpu_idx].rflags = value & ~X86_EFLAGS_AC;
}

/* EFER.LMA follows CR0.PG, as the processor has it. */
static void set_cr0(struct kvm_vcpu *vcpu, unsigned long cr0)
{
	if (vcpu->arch.efer & EFER_LME) {
		if (cr0 & X86_CR0_PG)
			vcpu->arch.efer |= EFER_LMA;
		else
			vcpu->arch.efer &= ~EFER_LMA;
	}
	vcpu->arch.cr0 = cr0;
}

static void set_cr4(struct kvm_vcpu *vcpu, unsigned long cr4)
{
	vcpu->arch.cr4 = cr4;
}

static int set_efer(struct kvm_vcpu *vcpu, u64 efer)
{
	vcpu->arch.efer = efer;
	return 0;
}

static void flush_all(struct kvm_vcpu *vcpu)
{
	host_flush(GLUE_ALL_ASIDS, 1, 0);
}

static void flush_gva(struct kvm_vcpu *vcpu, gva_t addr)
{
	host_flush(GLUE_ALL_ASIDS, 0, addr);
}

static void load_mmu_pgd(struct kvm_vcpu *vcpu, hpa_t root, int level)
{
	glue_cpu.pgd = root;
	glue_cpu.levels = level;
	glue_cpu.pcid = kvm_get_active_pcid(vcpu);
}

static void inject_exception(struct kvm_vcpu *vcpu)
{
	struct kvm_queued_exception *ex = &vcpu->arch.exception;

#ifdef HAVE_EXCEPTION_VECTOR
	kvm_deliver_exception_payload(vcpu, ex);
	glue_cpu.vector = ex->vector;
#else
	kvm_deliver_exception_payload(vcpu);
	glue_cpu.vector = ex->nr;
#endif
	glue_cpu.error = ex->has_error_code ? ex->error_code : 0;
	glue_cpu.cr2 = vcpu->arch.cr2;
}

static enum exit_fastpath_completion vcpu_enter(struct kvm_vcpu *vcpu)
{
	/* as both vendors run a guest with shadow paging */
	glue_cpu.rights = GLUE_WP | GLUE_NX;
	if (vcpu->arch.cr4 & X86_CR4_SMEP)
		glue_cpu.rights |= GLUE_SMEP;
	if (vcpu->arch.cr4 & X86_CR4_SMAP)
		glue_cpu.rights |= GLUE_SMAP;
	host_yield();
	kvm_rip_write(vcpu, glue_cpu.rip);
	write_reg(vcpu, VCPU_REGS_RAX, glue_cpu.rax);
	write_reg(vcpu, VCPU_REGS_RBX, glue_cpu.rbx);
	glue_cpu.vector = -1;
	/* whatever was injected was delivered */
	kvm_clear_exception_queue(vcpu);
	return EXIT_FASTPATH_NONE;
}

static int handle_invpcid(struct kvm_vcpu *vcpu)
{
#ifdef HAVE_CPU_CAP_ONLY
	if (!guest_cpu_cap_has(vcpu, X86_FEATURE_INVPCID)) {
#else
	if (!guest_cpuid_has(vcpu, X86_FEATURE_INVPCID)) {
#endif
		kvm_queue_exception(vcpu, UD_VECTOR);
		return 1;
	}
	if (glue_cpu.a > INVPCID_TYPE_ALL_NON_GLOBAL) {
		kvm_inject_gp(vcpu, 0);
		return 1;
	}
	return kvm_handle_invpcid(vcpu, glue_cpu.a, glue_cpu.b);
}

static int dispatch(struct kvm_vcpu *vcpu)
{
	switch (glue_cpu.exit) {
	case GLUE_EXIT_CR0:
		return kvm_complete_insn_gp(vcpu, kvm_set_cr0(vcpu, glue_cpu.a));
	case GLUE_EXIT_CR3:
		return kvm_complete_insn_gp(vcpu, kvm_set_cr3(vcpu, glue_cpu.a));
	case GLUE_EXIT_CR4:
		return kvm_complete_insn_gp(vcpu, kvm_set_cr4(vcpu, glue_cpu.a));
	case GLUE_EXIT_EFER:
		write_reg(vcpu, VCPU_REGS_RCX, MSR_EFER);
		write_reg(vcpu, VCPU_REGS_RAX, (u32)glue_cpu.a);
		write_reg(vcpu, VCPU_REGS_RDX, glue_cpu.a >> 32);
		return kvm_emulate_wrmsr(vcpu);
	case GLUE_EXIT_INVLPG:
		kvm_mmu_invlpg(vcpu, glue_cpu.a);
		return kvm_skip_emulated_instruction(vcpu);
	case GLUE_EXIT_INVPCID:
		return handle_invpcid(vcpu);
	case GLUE_EXIT_PF:
		return kvm_handle_page_fault(vcpu, glue_cpu.b, glue_cpu.a, NULL, 0);
	case GLUE_EXIT_INIT:
		/* what kvm_apic_accept_events() does with one */
		kvm_vcpu_reset(vcpu, true);
		return 1;
	default:
		return 1;
	}
}

static int handle_exit(struct kvm_vcpu *vcpu, enum exit_fastpath_completion fastpath)
{
	int r = dispatch(vcpu);

	glue_cpu.rip = kvm_rip_read(vcpu);
	return r;
}

static int skip_emulated_instruction(struct kvm_vcpu *vcpu)
{
	kvm_rip_write(vcpu, kvm_rip_read(vcpu) + glue_cpu.insn_len);
	return 1;
}

/* Every operation that is not filled in stops with its name. */
#define STUB(name) host_stub(name, (unsigned long)__builtin_return_address(0))
#define KVM_X86_OP(func) \
	static void missing_##func(void) { STUB("vendor operation " #func); }
#define KVM_X86_OP_OPTIONAL(func)
#define KVM_X86_OP_OPTIONAL_RET0(func)
#include <asm/kvm-x86-ops.h>

#ifdef HAVE_PMU_OPS
#define KVM_X86_PMU_OP(func) \
	static void missing_pmu_##func(void) { STUB("PMU operation " #func); }
#define KVM_X86_PMU_OP_OPTIONAL(func)
#define KVM_X86_PMU_OP_OPTIONAL_RET0(func)
#include <asm/kvm-x86-pmu-ops.h>
#endif

#ifdef HAVE_NESTED_OPS
#define KVM_X86_NESTED_OP(func) \
	static void missing_nested_##func(void) { STUB("nested operation " #func); }
#define KVM_X86_NESTED_OP_OPTIONAL(func)
#define KVM_X86_NESTED_OP_OPTIONAL_RET0(func)
#include <asm/kvm-x86-nested-ops.h>
#endif

#define FILL(member, function) ops.member = (void *)(function)

static struct kvm_x86_nested_ops nested_ops;
static struct kvm_x86_ops ops = {
#ifdef HAVE_OPS_NAME
	.name = "vtlb_sim",
#endif
	.vm_size = sizeof(struct kvm),
#ifndef HAVE_NESTED_OPS
	.nested_ops = &nested_ops,
#endif
};

/* There is no PMU. */
static struct kvm_pmu_ops pmu_ops = {
	.rdpmc_ecx_to_pmc = (void *)ok,
	.msr_idx_to_pmc = (void *)ok,
	.is_valid_msr = (void *)ok,
	.get_msr = (void *)yes,
	.set_msr = (void *)yes,
	.refresh = (void *)nothing,
	.init = (void *)nothing,
	.reset = (void *)nothing,
};

/* Those that KVM wants, and that are not filled in, stop with their name, too. */
static void fill_pmu_ops(void)
{
#ifdef HAVE_PMU_OPS
#define KVM_X86_PMU_OP(func)                                                 \
	if (!pmu_ops.func)                                                   \
		pmu_ops.func = (void *)missing_pmu_##func;
#define KVM_X86_PMU_OP_OPTIONAL(func)
#define KVM_X86_PMU_OP_OPTIONAL_RET0(func)
#include <asm/kvm-x86-pmu-ops.h>
#endif
}

static void fill_nested_ops(void)
{
#ifdef HAVE_NESTED_OPS
#define KVM_X86_NESTED_OP(func) nested_ops.func = (void *)missing_nested_##func;
#define KVM_X86_NESTED_OP_OPTIONAL(func)
#define KVM_X86_NESTED_OP_OPTIONAL_RET0(func)
#include <asm/kvm-x86-nested-ops.h>
#endif
}

/* Operations that older trees call otherwise, or do not have. */
static void fill_renamed_ops(void)
{
#ifdef HAVE_VCPU_RUN_OP
	FILL(prepare_switch_to_guest, nothing);
	FILL(is_valid_cr0, yes);
	FILL(get_if_flag, ok);
	FILL(flush_tlb_all, flush_all);
	FILL(flush_tlb_current, flush_all);
	FILL(flush_tlb_guest, flush_all);
	FILL(flush_tlb_gva, flush_gva);
#ifdef HAVE_PRE_RUN_OP
	FILL(vcpu_pre_run, yes);
#endif
	FILL(vcpu_run, vcpu_enter);
	FILL(inject_exception, inject_exception);
	FILL(get_l2_tsc_offset, ok);
	FILL(get_l2_tsc_multiplier, ok);
	FILL(write_tsc_offset, nothing);
	FILL(write_tsc_multiplier, nothing);
	FILL(complete_emulated_msr, kvm_complete_insn_gp);
#else
	FILL(prepare_guest_switch, nothing);
	FILL(tlb_flush_all, flush_all);
	FILL(tlb_flush_current, flush_all);
	FILL(tlb_flush_guest, flush_all);
	FILL(tlb_flush_gva, flush_gva);
	FILL(run, vcpu_enter);
	FILL(queue_exception, inject_exception);
	FILL(write_l1_tsc_offset, ok);
	ops.pmu_ops = &pmu_ops;
#endif
}

static void fill_ops(void)
{
#define KVM_X86_OP(func) FILL(func, missing_##func);
#define KVM_X86_OP_OPTIONAL(func)
#define KVM_X86_OP_OPTIONAL_RET0(func)
#include <asm/kvm-x86-ops.h>
#ifdef HAVE_COMPAT_OP
	FILL(check_processor_compatibility, ok);
#endif
#ifdef HAVE_ENABLE_VIRT
	FILL(enable_virtualization_cpu, ok);
#else
	FILL(hardware_enable, ok);
#endif
	FILL(has_emulated_msr, yes);
	FILL(vcpu_after_set_cpuid, nothing);
	FILL(vm_init, ok);
	FILL(vcpu_create, ok);
	FILL(vcpu_reset, vcpu_reset);
	FILL(vcpu_load, nothing);
	FILL(vcpu_put, nothing);
	FILL(update_exception_bitmap, nothing);
	FILL(get_msr, kvm_get_msr_common);
	FILL(set_msr, kvm_set_msr_common);
#ifdef HAVE_FEATURE_MSR
	FILL(get_feature_msr, yes);
#else
	FILL(get_msr_feature, yes);
#endif
	FILL(get_segment, get_segment);
	FILL(set_segment, set_segment);
	FILL(get_segment_base, segment_base);
	FILL(get_cpl, get_cpl);
	FILL(get_cs_db_l_bits, get_cs_db_l_bits);
	FILL(set_cr0, set_cr0);
	FILL(is_valid_cr4, yes);
	FILL(set_cr4, set_cr4);
	FILL(set_efer, set_efer);
	FILL(get_idt, get_table);
	FILL(get_gdt, get_table);
	FILL(set_idt, nothing);
	FILL(set_gdt, nothing);
	FILL(set_dr7, nothing);
	FILL(cache_reg, nothing);
	FILL(get_rflags, get_rflags);
	FILL(set_rflags, set_rflags);
	FILL(handle_exit, handle_exit);
	FILL(handle_exit_irqoff, nothing);
	FILL(skip_emulated_instruction, skip_emulated_instruction);
	FILL(set_interrupt_shadow, nothing);
	FILL(get_interrupt_shadow, ok);
	FILL(cancel_injection, nothing);
	FILL(interrupt_allowed, ok);
	FILL(nmi_allowed, ok);
	FILL(get_nmi_mask, ok);
	FILL(set_nmi_mask, nothing);
	FILL(refresh_apicv_exec_ctrl, nothing);
	FILL(load_mmu_pgd, load_mmu_pgd);
	FILL(has_wbinvd_exit, ok);
	FILL(check_intercept, ok);
	FILL(setup_mce, nothing);
#ifdef HAVE_CHECK_EMULATE
	FILL(check_emulate_instruction, ok);
#else
	FILL(can_emulate_instruction, yes);
#endif
	FILL(apic_init_signal_blocked, ok);
#ifdef HAVE_RECALC_INTERCEPTS
	FILL(recalc_intercepts, nothing);
#else
	FILL(msr_filter_changed, nothing);
#endif
	fill_renamed_ops();
}

/* What this processor can do, beyond the nothing that env/priv.c's CPUID says. */
static int hardware_setup(void)
{
#ifdef HAVE_FINALIZE_CAPS
	kvm_initialize_cpu_caps();
#else
	kvm_set_cpu_caps();
#endif
	kvm_cpu_cap_set(X86_FEATURE_LM);
	kvm_cpu_cap_set(X86_FEATURE_NX);
	kvm_cpu_cap_set(X86_FEATURE_PCID);
	kvm_cpu_cap_set(X86_FEATURE_INVPCID);
	kvm_cpu_cap_set(X86_FEATURE_SMEP);
	kvm_cpu_cap_set(X86_FEATURE_SMAP);
#ifdef HAVE_FINALIZE_CAPS
	kvm_finalize_cpu_caps();
#else
	kvm_enable_efer_bits(EFER_NX);
#endif
#ifdef HAVE_FORCED_ROOT_LEVEL
	kvm_configure_mmu(false, 0, 0, 0);
#else
	kvm_configure_mmu(false, 0, 0);
#endif
	return 0;
}

static struct kvm_x86_init_ops init_ops = {
#ifndef HAVE_COMPAT_OP
	.check_processor_compatibility = ok,
#endif
#ifdef HAVE_SUPPORT_OP
	.cpu_has_kvm_support = yes,
	.disabled_by_bios = ok,
#endif
	.hardware_setup = hardware_setup,
	.runtime_ops = &ops,
#ifdef HAVE_VENDOR_INIT
	.pmu_ops = &pmu_ops,
#endif
#ifdef HAVE_NESTED_OPS
	.nested_ops = &nested_ops,
#endif
};

void vendor_cpu(struct cpuinfo_x86 *c)
{
	c->x86_vendor = X86_VENDOR_INTEL;
}

/* get_cpl() and its like ask the processor itself. */
void vendor_show(struct kvm_vcpu *vcpu)
{
}

/* The registers of an exit go to those of common KVM. */
void vendor_dead(struct kvm_vcpu *vcpu, void (*dead)(const void *at, unsigned long size))
{
}

u64 *vendor_root(struct kvm_vcpu *vcpu)
{
	return NULL;
}

int vendor_init(void)
{
	int __maybe_unused r;

	fill_ops();
	fill_pmu_ops();
	fill_nested_ops();
	kvm_mmu_x86_module_init();
#ifdef HAVE_VENDOR_INIT
	enable_pmu = false;
	r = kvm_x86_vendor_init(&init_ops);
	if (r)
		return r;
#endif
#ifdef HAVE_KVM_INIT_OPAQUE
	return kvm_init(&init_ops, sizeof(struct kvm_vcpu), __alignof__(struct kvm_vcpu), NULL);
#else
	return kvm_init(sizeof(struct kvm_vcpu), __alignof__(struct kvm_vcpu), NULL);
#endif
}
