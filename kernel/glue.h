/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What the link units of a kernel executable know of each other.  Included both
 * with a kernel's headers and with libc's, so only basic types.
 */
#ifndef KERNEL_GLUE_H
#define KERNEL_GLUE_H

/*
 * One "physical" memory, the arena: guest RAM from 0, behind it the kernel's heap.
 * KVM takes an hva at or above PAGE_OFFSET for an error, so guest RAM is mapped a
 * second time below it, where the memory slot points.
 */
#define GLUE_ARENA 0x100000000000ul	/* page_offset_base */
#define GLUE_VMEMMAP 0x180000000000ul	/* vmemmap_base */
#define GLUE_HVA 0x0c0000000000ul
#define GLUE_ARENA_SIZE 0x4000000ul
#define GLUE_RAM_SIZE 0x400000ul
#define GLUE_PAGE 4096ul
#define GLUE_STACK 0x8000ul

/*
 * GLUE_ASIDS, which stages/program sets by vendor module, is the number of address-space tags
 * of a hardware TLB: 0 is the host's, if there are others.
 */
#define GLUE_ALL_ASIDS (~0u)

/* What the registers that the hardware runs the guest with mean for the rights of an access. */
#define GLUE_WP 1u
#define GLUE_NX 2u
#define GLUE_SMEP 4u
#define GLUE_SMAP 8u
/*
 * Each vCPU is pinned to the processor of its number; on one more the host's own
 * threads run.  As many as CONFIG_NR_CPUS in config.
 */
#define GLUE_VCPUS 4
#define GLUE_HOST_CPU GLUE_VCPUS
#define GLUE_CPUS 5

/* Why the processor left the guest. */
enum glue_exit {
	GLUE_EXIT_NONE,		/* a kick: only to have requests serviced */
	GLUE_EXIT_CR0,		/* a: the value */
	GLUE_EXIT_CR3,
	GLUE_EXIT_CR4,
	GLUE_EXIT_EFER,
	GLUE_EXIT_INVLPG,	/* a: linear address */
	GLUE_EXIT_INVPCID,	/* a: type; b: linear address of the descriptor */
	GLUE_EXIT_PF,		/* a: linear address; b: error code */
	GLUE_EXIT_INIT,		/* an INIT signal */
};

/* What an end that is not a return to the guest was. */
enum glue_stop {
	GLUE_STOP_WARN = 1,	/* a kernel WARN */
	GLUE_STOP_CRASH,	/* BUG, bad address, endless loop */
	GLUE_STOP_UNMODELLED,	/* a kernel function, instruction or MSR that we do not provide */
	GLUE_STOP_LEFT,		/* KVM_RUN returned to user space */
};

/**
 * struct glue_cpu - a vCPU as its processor sees it
 * @exit, @a, @b: the exit under way
 * @rip, @rax, @rbx: of the instruction that exits
 * @insn, @insn_len: its bytes, and how many they are
 * @cs_l, @cpl, @ac: CS.L, CPL, EFLAGS.AC
 * @vector: of the exception injected at the last entry, -1 if none
 * @error, @cr2: that exception's
 * @pgd, @levels: the tables that the hardware walks
 * @asid, @pcid: under which tags it caches what it finds
 * @rights: GLUE_* that the hardware runs with
 * @mode: the guest's mode word, which only the processor looks at
 */
struct glue_cpu {
	unsigned int exit;
	unsigned long a, b;
	unsigned long rip, rax, rbx;
	const unsigned char *insn;
	unsigned int insn_len;
	unsigned int cs_l, cpl, ac;
	int vector;
	unsigned int error;
	unsigned long cr2;
	unsigned long pgd;
	unsigned int levels, asid, pcid, rights;
	unsigned int mode;
};

/* The guest's CPUID and first registers. */
struct glue_guest {
	unsigned long cr0, cr3, cr4, efer;
	unsigned int maxphyaddr, amd;
	unsigned int cpuid_1_ecx, cpuid_1_edx, cpuid_7_ebx, cpuid_ext_edx;
};

/* A cached root, for people and for costs. */
struct glue_root {
	unsigned long hpa;	/* ~0: none */
	unsigned long pgd;
	int unsync, obsolete;
	int direct;		/* of a guest that is not paging */
};

#define GLUE_NROOTS 16

/* Kernel side, called from the processor. */
extern struct glue_cpu glue_cpu;	/* of the processor that runs now */
int glue_vendor_init(void);	/* up to and with misc_register() */
int glue_vm_create(void);
int glue_vcpu_create(const struct glue_guest *guest);	/* that of the processor that runs now */
void glue_vm_run(void);		/* its KVM_RUN; does not return while all is well */
int glue_translate(unsigned long linear, unsigned int access, unsigned long *gpa,
		   unsigned int *error);
/* The host unmaps this page, and with @end it has mapped it again: the MMU notifier's calls. */
void glue_host_zap(unsigned long gpa, int end);
/** glue_tables() - calls @table with each table of SPTEs that KVM has in use */
void glue_tables(void (*table)(const void *sptes, unsigned int level, void *arg), void *arg);
unsigned int glue_roots(unsigned int vcpu, struct glue_root root[GLUE_NROOTS]);
unsigned long glue_requests(unsigned int vcpu);
int glue_find_bug(unsigned long at, const char **file, unsigned int *line); /* 1: a WARN */
unsigned long glue_bug_place(unsigned long entry);	/* of an entry of the table of WARNs */
/*
 * A state for search: what may be left out of it, which objects are made and freed as
 * the guest runs, and these in a form that does not depend on where they lie.
 */
#define GLUE_MAX_PAGES 1024u
#define GLUE_MAX_REFS 8192u

/**
 * struct glue_pages - room to work in that is no part of a state
 * @page, @n: shadow pages, in canonical order
 * @ref, @nrefs: SPTEs that map one thing; @slot: where their addresses are kept
 */
struct glue_pages {
	unsigned int n, nrefs;
	const void *page[GLUE_MAX_PAGES];
	unsigned int ref[GLUE_MAX_REFS];
	unsigned long *slot[GLUE_MAX_REFS];
};

/** glue_state_skip() - calls @skip with what glue_state_write() writes */
void glue_state_skip(void (*skip)(const void *at, unsigned long size));

/** glue_state_dead() - calls @dead with what is left out, whatever it holds */
void glue_state_dead(void (*dead)(const void *at, unsigned long size));

/** glue_state_values() - calls @value with each part of a shadow page that is no address */
void glue_state_values(struct glue_pages *pages, void (*value)(void *at, unsigned long size));

/**
 * glue_state_shuffle() - bring what is left out because its order or its place does not
 * matter into another order, or to another place
 * @order: may that of eviction change, too
 */
void glue_state_shuffle(struct glue_pages *pages, int order, unsigned long (*random)(void));

/** glue_state_objects() - calls @object for each object that a later moment may not have */
void glue_state_objects(struct glue_pages *pages, void (*object)(const void *at));

/** glue_state_write() - calls @put with all that lies in such objects; @order: of eviction too */
void glue_state_write(struct glue_pages *pages, int order, void (*put)(unsigned long word));

/** glue_state_number() - of the shadow page at this machine address; 0xffffffff: there is none */
unsigned long glue_state_number(const struct glue_pages *pages, unsigned long at);

/* Can states of this tree be compared?  If not, the functions around this do nothing. */
extern const int glue_state_merges;

/** glue_state_room() - how many shadow pages there can be before KVM evicts one */
unsigned long glue_state_room(void);

extern const char glue_release[];
extern const char glue_vendor[];	/* what stands for the vendor module */
extern const unsigned long glue_page_struct_size;
void *glue_xa_node(void);
void *env_percpu_alloc(unsigned long size);

/* Processor, called from the kernel side. */
void host_yield(void);		/* the guest runs; returns when it exits */
void host_flush(unsigned int asid, int all, unsigned long linear);
unsigned long host_pgd(unsigned int cpu);	/* its root */
unsigned int host_cpu(void);	/* the processor that runs now */
void host_switch(unsigned int cpu);	/* another one runs from here on, on the same stack */
void host_interrupt(unsigned int cpu);	/* if it is in the guest, it leaves it */
void host_stop(enum glue_stop why, const char *what, const char *file, unsigned int line)
	__attribute__((noreturn));
/* @caller: the address that the call of @name returns to */
void host_stub(const char *name, unsigned long caller) __attribute__((noreturn));

/* Allocator, reset with everything else. */
void *env_alloc(unsigned long size);
void env_free(const void *p);
unsigned long env_heap_used(void);
unsigned long env_objects(void);	/* how many there are now */
unsigned long env_size(const void *p);	/* of an object */
void env_skip(void (*skip)(const void *at, unsigned long size));	/* the allocator's own */
void env_each_free(void (*fn)(const void *p));
/** env_shuffle() - which memory is next changes, and so does what lies in free objects */
void env_shuffle(unsigned long (*random)(void));

extern int env_probing;
extern unsigned char env_irqs_off;

#endif /* KERNEL_GLUE_H */
