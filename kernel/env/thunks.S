/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What C cannot say: instructions' register conventions, and the switch between
 * the driver's stack and KVM's.
 */
	.text

/* A call that looks to its caller like an instruction: only rax .. rdx may change. */
	.macro thunk name, target, store
	.globl \name
	.type \name, @function
\name:
	push %rbp
	mov %rsp, %rbp
	push %rsi
	push %rdi
	push %r8
	push %r9
	push %r10
	push %r11
	push %rdx
	push %rcx
	push %rbx
	push %rax
	mov %rsp, %rdi
	and $-16, %rsp
	call \target
	lea -80(%rbp), %rsp
	pop %rax
	pop %rbx
	pop %rcx
	pop %rdx
	pop %r11
	pop %r10
	pop %r9
	pop %r8
	pop %rdi
	pop %rsi
	pop %rbp
	ret
	.size \name, . - \name
	.endm

	thunk env_rdmsr, env_do_rdmsr
	thunk env_wrmsr, env_do_wrmsr
	thunk env_cpuid, env_do_cpuid
	thunk env_rdtsc, env_do_rdtsc
	thunk env_invlpga, env_do_invlpga

/* Called with rdi alone, by code that keeps values in all registers but rax and rcx. */
	.globl clear_page_orig
	.type clear_page_orig, @function
clear_page_orig:
	xor %eax, %eax
	mov $512, %ecx
	rep stosq
	ret
	.size clear_page_orig, . - clear_page_orig

/*
 * Newer trees' WARN with a message: a call, with its entry in the table of WARNs.  The
 * signal handler sees the trap.
 */
	.globl __SCT__WARN_trap
	.type __SCT__WARN_trap, @function
__SCT__WARN_trap:
	ud2
	ret
	.size __SCT__WARN_trap, . - __SCT__WARN_trap

/* What a function has to keep, as "switched" takes it back. */
	.macro save
	push %rbp
	push %rbx
	push %r12
	push %r13
	push %r14
	push %r15
	.endm

/* void co_switch(unsigned long *save_rsp, unsigned long load_rsp) */
	.globl co_switch
	.type co_switch, @function
co_switch:
	save
	mov %rsp, (%rdi)
	mov %rsi, %rsp
switched:
	pop %r15
	pop %r14
	pop %r13
	pop %r12
	pop %rbx
	pop %rbp
	ret
	.size co_switch, . - co_switch

/*
 * void host_yield(void): the same, called by KVM.  What is above its stack pointer is part of a
 * state, so no compiler may leave a hole there, in which something from before would lie.
 */
	.globl host_yield
	.type host_yield, @function
host_yield:
	save
	mov %rsp, %rdi
	and $-16, %rsp
	call cpus_park
	mov %rax, %rsp
	jmp switched
	.size host_yield, . - host_yield

	.section .note.GNU-stack, "", @progbits
