/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * VMRUN, as chapter 15 of AMD's APM volume 2 describes it, in the place of vmenter.S: from
 * a VMCB to a running guest, and from what its processor does to an exit in the VMCB.
 */
#include <linux/kvm_host.h>

#include "svm.h"

#define ROOT_LONG 0xffffffffff000ull
#define ROOT_PAE 0xffffffe0ull
#define PCID 0xfffull
#define MSRPM_EFER_WRITE (0x800 * 8 + 2 * 0x80 + 1)	/* a bit's number, section 15.11 */
#define MOV_CR_OF_RBX (1ull << 63 | 3)
#define CR0_NOT_SELECTIVE (X86_CR0_TS | X86_CR0_MP)
#define CODE_FLAT 0xa9b	/* 64-bit code, present, DPL 0 */
#define CODE_32 0xc9b
#define DATA_FLAT 0xc93
#define FAULT_BYTES 15

/* The field that has NP_ENABLE, by the tree's name. */
#ifdef HAVE_MISC_CTL
#define NP_FIELD control.misc_ctl
#else
#define NP_FIELD control.nested_ctl
#endif

/* Section 15.15.3: what a clean bit says has not been changed since the last exit. */
#define FIELDS(first, end) offsetof(struct vmcb, first), offsetofend(struct vmcb, end)

static const struct {
	unsigned int bit;
	size_t from, to;
	const char *name;
} clean_groups[] = {
	{ VMCB_INTERCEPTS, FIELDS(control.intercepts, control.intercepts), "VMCB_INTERCEPTS" },
	{ VMCB_PERM_MAP, FIELDS(control.iopm_base_pa, control.msrpm_base_pa), "VMCB_PERM_MAP" },
	{ VMCB_ASID, FIELDS(control.asid, control.asid), "VMCB_ASID" },
	{ VMCB_NPT, FIELDS(NP_FIELD, NP_FIELD), "VMCB_NPT" },
	{ VMCB_CR, FIELDS(save.efer, save.efer), "VMCB_CR: EFER" },
	{ VMCB_CR, FIELDS(save.cr4, save.cr0), "VMCB_CR: CR0, CR3, CR4" },
	{ VMCB_SEG, FIELDS(save.es, save.ds), "VMCB_SEG" },
	{ VMCB_SEG, FIELDS(save.cpl, save.cpl), "VMCB_SEG: CPL" },
};

/* Each VMCB as its last exit left it. */
static struct {
	const struct vmcb *vmcb;
	struct vmcb as;
} last[GLUE_VCPUS];

static void check_clean_bits(const struct vmcb *vmcb, unsigned int cpu)
{
	const u8 *is = (const u8 *)vmcb, *was = (const u8 *)&last[cpu].as;
	unsigned int i;

	if (last[cpu].vmcb != vmcb)
		return;
	for (i = 0; i < ARRAY_SIZE(clean_groups); i++)
		if (vmcb->control.clean & 1u << clean_groups[i].bit &&
		    memcmp(is + clean_groups[i].from, was + clean_groups[i].from,
			   clean_groups[i].to - clean_groups[i].from))
			host_stop(GLUE_STOP_CRASH,
				  "KVM changes the VMCB where it says that it has not",
				  clean_groups[i].name, clean_groups[i].bit);
}

/* Section 15.5.1, as far as these registers go. */
static bool consistent(const struct vmcb *vmcb)
{
	const struct vmcb_save_area *s = &vmcb->save;
	bool paging = s->cr0 & X86_CR0_PG, lme = s->efer & EFER_LME;

	if (!(s->efer & EFER_SVME) || (s->cr0 & (X86_CR0_CD | X86_CR0_NW)) == X86_CR0_NW ||
	    s->cr0 >> 32 || !vmcb->control.asid ||
	    !test_bit(INTERCEPT_VMRUN, (const unsigned long *)vmcb->control.intercepts))
		return false;
	return !(lme && paging) || (s->cr4 & X86_CR4_PAE && s->cr0 & X86_CR0_PE);
}

static void flush_as_told(const struct vmcb *vmcb)
{
	switch (vmcb->control.tlb_ctl) {
	case TLB_CONTROL_DO_NOTHING:
		return;
	case TLB_CONTROL_FLUSH_ALL_ASID:
		host_flush(GLUE_ALL_ASIDS, 1, 0);
		return;
	case TLB_CONTROL_FLUSH_ASID:
	case TLB_CONTROL_FLUSH_ASID_LOCAL:
		/* no SPTE is global, so 7 drops as much as 3 */
		if (boot_cpu_has(X86_FEATURE_FLUSHBYASID)) {
			host_flush(vmcb->control.asid, 1, 0);
			return;
		}
		fallthrough;
	default:
		host_stop(GLUE_STOP_CRASH, "KVM asks for a TLB_CONTROL that the processor lacks",
			  "TLB_CONTROL", vmcb->control.tlb_ctl);
	}
}

/* How the hardware walks, caches and checks rights now. */
static void load(const struct vmcb *vmcb)
{
	const struct vmcb_save_area *s = &vmcb->save;
	bool lma = s->efer & EFER_LMA;

	if (!(s->cr0 & X86_CR0_PG) || !(s->cr4 & X86_CR4_PAE))
		host_stop(GLUE_STOP_CRASH, "KVM runs a guest without PAE paging in hardware, and "
					   "without nested paging", "", 0);
	glue_cpu.levels = lma ? 4 : 3;
	glue_cpu.pgd = s->cr3 & (lma ? ROOT_LONG : ROOT_PAE);
	glue_cpu.pcid = s->cr4 & X86_CR4_PCIDE ? s->cr3 & PCID : 0;
	glue_cpu.asid = vmcb->control.asid;
	if (glue_cpu.asid >= GLUE_ASIDS)
		host_stop(GLUE_STOP_CRASH, "KVM uses an ASID that the processor does not have",
			  "ASID", glue_cpu.asid);
	glue_cpu.rights = (s->cr0 & X86_CR0_WP ? GLUE_WP : 0) |
			  (s->efer & EFER_NX ? GLUE_NX : 0) |
			  (s->cr4 & X86_CR4_SMEP ? GLUE_SMEP : 0) |
			  (s->cr4 & X86_CR4_SMAP ? GLUE_SMAP : 0);
}

/* Section 15.20. */
static void inject(struct vmcb *vmcb)
{
	u32 event = vmcb->control.event_inj;

	glue_cpu.vector = -1;
	if (!(event & SVM_EVTINJ_VALID))
		return;
	glue_cpu.vector = event & SVM_EVTINJ_VEC_MASK;
	glue_cpu.error = event & SVM_EVTINJ_VALID_ERR ? vmcb->control.event_inj_err : 0;
	glue_cpu.cr2 = vmcb->save.cr2;
	vmcb->control.event_inj &= ~SVM_EVTINJ_VALID;
}

static bool has(const struct vmcb *vmcb, unsigned int intercept)
{
	return test_bit(intercept, (const unsigned long *)vmcb->control.intercepts);
}

static bool has_efer(const struct vmcb *vmcb)
{
	return has(vmcb, INTERCEPT_MSR_PROT) &&
	       test_bit(MSRPM_EFER_WRITE, __va(vmcb->control.msrpm_base_pa));
}

/* An exit by an instruction or event; false where it is not intercepted. */
static bool intercepted(const struct vmcb *vmcb, u32 *code)
{
	static const struct {
		unsigned int intercept;
		u32 code;
	} exits[] = {
		[GLUE_EXIT_NONE] = { INTERCEPT_INTR, SVM_EXIT_INTR },
		[GLUE_EXIT_INIT] = { INTERCEPT_INTR, SVM_EXIT_INTR },
		[GLUE_EXIT_CR0] = { INTERCEPT_CR0_WRITE, SVM_EXIT_WRITE_CR0 },
		[GLUE_EXIT_CR3] = { INTERCEPT_CR3_WRITE, SVM_EXIT_WRITE_CR3 },
		[GLUE_EXIT_CR4] = { INTERCEPT_CR4_WRITE, SVM_EXIT_WRITE_CR4 },
		[GLUE_EXIT_EFER] = { INTERCEPT_MSR_PROT, SVM_EXIT_MSR },
		[GLUE_EXIT_INVLPG] = { INTERCEPT_INVLPG, SVM_EXIT_INVLPG },
		[GLUE_EXIT_INVPCID] = { INTERCEPT_INVPCID, SVM_EXIT_INVPCID },
		[GLUE_EXIT_PF] = { INTERCEPT_EXCEPTION_OFFSET + PF_VECTOR,
				   SVM_EXIT_EXCP_BASE + PF_VECTOR },
	};

	*code = exits[glue_cpu.exit].code;
	if (glue_cpu.exit == GLUE_EXIT_EFER)
		return has_efer(vmcb);
	if (has(vmcb, exits[glue_cpu.exit].intercept))
		return true;
	*code = SVM_EXIT_CR0_SEL_WRITE;
	return glue_cpu.exit == GLUE_EXIT_CR0 && has(vmcb, INTERCEPT_SELECTIVE_CR0) &&
	       (glue_cpu.a ^ vmcb->save.cr0) & ~CR0_NOT_SELECTIVE;
}

/* What the hardware does itself where nothing is intercepted. */
static void execute(const struct vmcb *vmcb)
{
	glue_cpu.vector = -1;
	switch (glue_cpu.exit) {
	case GLUE_EXIT_PF:
		glue_cpu.vector = PF_VECTOR;
		glue_cpu.error = glue_cpu.b;
		glue_cpu.cr2 = glue_cpu.a;
		return;
	case GLUE_EXIT_INVLPG:
		host_flush(vmcb->control.asid, 0, glue_cpu.a);
		break;
	case GLUE_EXIT_INVPCID:
		host_flush(vmcb->control.asid, 1, 0);
		break;
	case GLUE_EXIT_CR0:
		if (glue_cpu.a == vmcb->save.cr0)
			break;
		fallthrough;
	case GLUE_EXIT_CR3:
	case GLUE_EXIT_CR4:
	case GLUE_EXIT_EFER:
		host_stop(GLUE_STOP_CRASH, "KVM lets the guest write the hardware's CR0, CR3, CR4 "
					   "or EFER, and without nested paging", "", 0);
	default:
		host_stop(GLUE_STOP_CRASH, "KVM does not intercept physical interrupts", "", 0);
	}
	glue_cpu.rip += glue_cpu.insn_len;
}

void svm_save_guest(struct vmcb *vmcb)
{
	struct vmcb_save_area *s = &vmcb->save;

	s->cs.base = s->ss.base = s->ds.base = s->es.base = 0;
	s->cs.limit = s->ss.limit = s->ds.limit = s->es.limit = ~0u;
	s->cs.attrib = glue_cpu.cs_l ? CODE_FLAT : CODE_32;
	s->ss.attrib = s->ds.attrib = s->es.attrib = DATA_FLAT;
	s->cpl = glue_cpu.cpl;
	s->rflags = X86_EFLAGS_FIXED | (glue_cpu.ac ? X86_EFLAGS_AC : 0);
}

static bool is_instruction(void)
{
	return glue_cpu.exit != GLUE_EXIT_PF && glue_cpu.exit != GLUE_EXIT_NONE &&
	       glue_cpu.exit != GLUE_EXIT_INIT;
}

/* The registers that the instruction has its operands in. */
static void save_registers(struct kvm_vcpu *vcpu, struct vmcb *vmcb)
{
	unsigned long *regs = vcpu->arch.regs;

	vmcb->save.rip = glue_cpu.rip;
	vmcb->save.rax = glue_cpu.rax;
	regs[VCPU_REGS_RBX] = glue_cpu.rbx;
	switch (glue_cpu.exit) {
	case GLUE_EXIT_EFER:
		vmcb->save.rax = (u32)glue_cpu.a;
		regs[VCPU_REGS_RCX] = MSR_EFER;
		regs[VCPU_REGS_RDX] = glue_cpu.a >> 32;
		break;
	case GLUE_EXIT_INVPCID:
		vmcb->save.rax = glue_cpu.a;
		regs[VCPU_REGS_RBX] = glue_cpu.b;
		break;
	case GLUE_EXIT_PF:
	case GLUE_EXIT_NONE:
	case GLUE_EXIT_INIT:
		break;
	default:
		regs[VCPU_REGS_RBX] = glue_cpu.a;
		break;
	}
}

static void set_exit_code(struct vmcb_control_area *c, u64 code)
{
#ifdef HAVE_EXIT_CODE_64
	c->exit_code = code;
#else
	c->exit_code = (u32)code;
	c->exit_code_hi = code >> 32;
#endif
}

/* Sections 15.6 to 15.12, and 15.33 for what only decode assists tell. */
static void save_exit(struct vmcb *vmcb, u32 code)
{
	struct vmcb_control_area *c = &vmcb->control;
	bool assists = boot_cpu_has(X86_FEATURE_DECODEASSISTS);

	set_exit_code(c, code);
	c->exit_info_1 = c->exit_info_2 = 0;
	c->exit_int_info = c->exit_int_info_err = 0;
	c->insn_len = 0;
	c->next_rip = 0;
	if (is_instruction() && boot_cpu_has(X86_FEATURE_NRIPS))
		c->next_rip = glue_cpu.rip + glue_cpu.insn_len;
	switch (glue_cpu.exit) {
	case GLUE_EXIT_PF:
		c->exit_info_1 = glue_cpu.b;
		c->exit_info_2 = glue_cpu.a;
		if (assists) {
			c->insn_len = FAULT_BYTES;
			memcpy(c->insn_bytes, glue_cpu.insn, FAULT_BYTES);
		}
		break;
	case GLUE_EXIT_CR0:
	case GLUE_EXIT_CR3:
	case GLUE_EXIT_CR4:
		c->exit_info_1 = assists ? MOV_CR_OF_RBX : 0;
		break;
	case GLUE_EXIT_EFER:
		c->exit_info_1 = 1;
		break;
	case GLUE_EXIT_INVLPG:
		c->exit_info_1 = assists ? glue_cpu.a : 0;
		break;
	case GLUE_EXIT_INVPCID:
		c->exit_info_1 = glue_cpu.b;
		c->exit_info_2 = glue_cpu.a;
		break;
	default:
		break;
	}
}

/* KVM's emulator fetches from a linear address, of which other code has the low 32 bits. */
static void need_64_bit_code(void)
{
	if (!boot_cpu_has(X86_FEATURE_DECODEASSISTS) && is_instruction() && !glue_cpu.cs_l &&
	    glue_cpu.rip >> 32)
		host_stop(GLUE_STOP_UNMODELLED, "an instruction that KVM emulates, in 32-bit code",
			  "", 0);
}

#ifdef HAVE_ENTER_FLAGS
void __svm_vcpu_run(struct vcpu_svm *svm, unsigned int flags)
#else
void __svm_vcpu_run(struct vcpu_svm *svm, bool spec_ctrl_intercepted)
#endif
{
	struct kvm_vcpu *vcpu = &svm->vcpu;
	unsigned int cpu = vcpu->vcpu_idx;
	struct vmcb *vmcb = svm->current_vmcb->ptr;
	u32 code;

	if (!consistent(vmcb)) {
		set_exit_code(&vmcb->control, (u64)SVM_EXIT_ERR);
		return;
	}
	check_clean_bits(vmcb, cpu);
	flush_as_told(vmcb);
	load(vmcb);
	inject(vmcb);
	glue_cpu.rip = vmcb->save.rip;
	host_yield();
	while (!intercepted(vmcb, &code)) {
		execute(vmcb);
		host_yield();
	}
	need_64_bit_code();
	svm_save_guest(vmcb);
	save_registers(vcpu, vmcb);
	save_exit(vmcb, code);
	last[cpu].vmcb = vmcb;
	last[cpu].as = *vmcb;
}

#define DEAD(member) dead(&(member), sizeof(member))

/*
 * What save_exit() and save_registers() write; KVM writes RIP and RAX before each VMRUN.
 * Clean bits are checked behind an exit only, and that has written @last.
 */
void vendor_dead(struct kvm_vcpu *vcpu, void (*dead)(const void *at, unsigned long size))
{
	struct vcpu_svm *svm = to_svm(vcpu);
	struct vmcb *vmcb = svm->current_vmcb->ptr;

	DEAD(vmcb->control.exit_code);
#ifndef HAVE_EXIT_CODE_64
	DEAD(vmcb->control.exit_code_hi);
#endif
	DEAD(vmcb->control.exit_info_1);
	DEAD(vmcb->control.exit_info_2);
	DEAD(vmcb->control.next_rip);
	DEAD(vmcb->control.insn_len);
	/* KVM reads only as many of them as that says */
	DEAD(vmcb->control.insn_bytes);
	DEAD(vmcb->save.rip);
	DEAD(vmcb->save.rax);
	/* 0 from each exit on */
	DEAD(svm->next_rip);
	DEAD(last[vcpu->vcpu_idx]);
}

u64 *vendor_root(struct kvm_vcpu *vcpu)
{
	return &to_svm(vcpu)->current_vmcb->ptr->save.cr3;
}
