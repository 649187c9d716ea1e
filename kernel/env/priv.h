/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Included before every kernel source file: the assembler prefers a macro to a
 * mnemonic, so privileged instructions become calls into env/thunks.S without a
 * change to any source.
 */
#ifndef __ASSEMBLY__
/* Names that libc has too, for something that takes other arguments or another stack. */
#define snprintf env_snprintf
#define bsearch env_bsearch
#define sigprocmask env_sigprocmask

/*
 * A hash function of our own, as an architecture may have: a good one gives each of a guest's
 * few tables a chain of its own.  Here two share one, which with two roots are of one level.
 */
#define HAVE_ARCH_HASH_64
#define hash_64(val, bits) ((u32)(((val) - 1) >> 1 & ((1ull << (bits)) - 1)))

asm(".macro cli\n .endm\n"
    ".macro sti\n .endm\n"
    /* not privileged, but it tells whether interrupts are on; of its flags only IF is changed */
    ".macro pushf\n pushfq\n cmpb $0, env_irqs_off\n je 771f\n btrq $9, (%rsp)\n 771:\n .endm\n"
    ".macro rdmsr\n call env_rdmsr\n .endm\n"
    ".macro wrmsr\n call env_wrmsr\n .endm\n"
    ".macro cpuid\n call env_cpuid\n .endm\n"
    ".macro rdtsc\n call env_rdtsc\n .endm\n"
    ".macro clgi\n .endm\n"
    ".macro stgi\n .endm\n"
    ".macro ltr operand\n .endm\n"
    ".macro vmload operands:vararg\n .endm\n"
    ".macro vmsave operands:vararg\n .endm\n"
    ".macro invlpga operands:vararg\n call env_invlpga\n .endm\n"
    /* the processors take turns on one thread: nothing has to be atomic */
    ".macro lock insn:vararg\n \\insn\n .endm\n");
#endif
