/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Kernel data and the few functions that need a structure's layout: the tree's
 * own headers say it.
 */
#include <linux/anon_inodes.h>
#include <linux/fs.h>
#include <linux/kvm_host.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/mmu_notifier.h>
#include <linux/sched.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <linux/workqueue.h>
#include <linux/xarray.h>
#include <asm/debugreg.h>
#include <asm/fpu/api.h>
#ifndef HAVE_GUEST_FPSTATE
#include <asm/fpu/internal.h>
#endif
#include <asm/processor.h>
#include <asm/vmx.h>
#include <generated/utsrelease.h>

#include "kernel_side.h"

const char glue_release[] = UTS_RELEASE;
const unsigned long glue_page_struct_size = sizeof(struct page);

unsigned long page_offset_base = GLUE_ARENA;
unsigned long vmemmap_base = GLUE_VMEMMAP;
unsigned long phys_base;
#ifdef HAVE_ZERO_PAGE_PFN
unsigned long zero_page_pfn;
#else
unsigned long zero_pfn;
unsigned long empty_zero_page[PAGE_SIZE / sizeof(unsigned long)];
#endif
unsigned int pgdir_shift = 39;
unsigned int ptrs_per_p4d = 1;
unsigned int tsc_khz = 1000000;
unsigned long volatile jiffies;
bool static_key_initialized = true;
enum system_states system_state = SYSTEM_RUNNING;
atomic_long_t vm_node_stat[NR_VM_NODE_STAT_ITEMS];
#ifdef HAVE_KMEM_BUCKETS
kmem_buckets kmalloc_caches[NR_KMALLOC_TYPES];
#else
struct kmem_cache *kmalloc_caches[NR_KMALLOC_TYPES][KMALLOC_SHIFT_HIGH + 1];
#endif
struct kmem_cache *radix_tree_node_cachep;
enum l1tf_mitigations l1tf_mitigation;
enum vmx_l1d_flush_state l1tf_vmx_mitigation;
bool itlb_multihit_kvm_mitigation;
DEFINE_PER_CPU(unsigned long, cpu_dr7);
DEFINE_PER_CPU(bool, x86_ibpb_exit_to_user);
DEFINE_PER_CPU_READ_MOSTLY(struct cpuinfo_x86, cpu_info);
struct cpuinfo_x86 boot_cpu_data;
struct pglist_data contig_page_data;

/* kvm_main.c asks for a host page's level in the tables of its user. */
static pgd_t pgd[PTRS_PER_PGD];
static struct mm_struct mm = { .pgd = pgd, .mm_count = ATOMIC_INIT(1 << 20),
			       .mm_users = ATOMIC_INIT(1 << 20) };
static struct task_struct task = { .mm = &mm, .active_mm = &mm };

#ifdef HAVE_PCPU_HOT
DEFINE_PER_CPU_ALIGNED(struct pcpu_hot, pcpu_hot) = { .current_task = &task };
asm(".globl const_pcpu_hot\n.set const_pcpu_hot, pcpu_hot\n");
#elif defined(DEFINE_PER_CPU_CACHE_HOT)
DEFINE_PER_CPU_CACHE_HOT(struct task_struct *, current_task) = &task;
asm(".globl const_current_task\n.set const_current_task, current_task\n");
/* nothing waits for the processor */
DEFINE_PER_CPU_CACHE_HOT(typeof(__preempt_count), __preempt_count) = PREEMPT_ENABLED;
#else
DEFINE_PER_CPU(struct task_struct *, current_task) = &task;
DEFINE_PER_CPU(int, __preempt_count);
#endif

#ifdef HAVE_INTERRUPT_STATE
DEFINE_PER_CPU(unsigned long, local_interrupt_disable_state);
#endif

/* pfn_valid(): the sections of the arena are there. */
static struct mem_section section[DIV_ROUND_UP(GLUE_ARENA_SIZE >> PAGE_SHIFT, PAGES_PER_SECTION)];
static struct mem_section *sections[2048];	/* of 32 GB each: all that 46 bits can name */
struct mem_section **mem_section = sections;

/* What KVM demands of its host, whatever machine this runs on. */
static const unsigned int host_caps[] = {
	X86_FEATURE_FPU, X86_FEATURE_FXSR, X86_FEATURE_CONSTANT_TSC, X86_FEATURE_PAE,
	X86_FEATURE_PGE, X86_FEATURE_NX, X86_FEATURE_LM, X86_FEATURE_PCID,
	X86_FEATURE_INVPCID, X86_FEATURE_SMEP, X86_FEATURE_SMAP,
};

/* Where kmalloc() passes a cache and no size, there have to be caches. */
static void kmalloc_init(void)
{
#ifndef HAVE_KMALLOC_SIZE
	unsigned int type, i, size;

	for (type = 0; type < NR_KMALLOC_TYPES; type++) {
		for (i = 0; i <= KMALLOC_SHIFT_HIGH; i++) {
			size = i == 1 ? 96 : i == 2 ? 192 : 1u << i;
			kmalloc_caches[type][i] = kmem_cache_create("", size, 0, 0, NULL);
		}
	}
#endif
}

void env_data_init(void)
{
	struct page *first = pfn_to_page(0);
	unsigned int i;

	kmalloc_init();
	for (i = 0; i < ARRAY_SIZE(host_caps); i++)
		set_cpu_cap(&boot_cpu_data, host_caps[i]);
	boot_cpu_data.x86_phys_bits = 46;
	boot_cpu_data.x86_virt_bits = 48;
	boot_cpu_data.x86_cache_bits = 46;
	vendor_cpu(&boot_cpu_data);
	per_cpu(cpu_info, 0) = boot_cpu_data;
	env_smp_init();

	sections[0] = section;
	for (i = 0; i < ARRAY_SIZE(section); i++)
		section[i].section_mem_map = SECTION_MARKED_PRESENT | SECTION_HAS_MEM_MAP |
					     SECTION_IS_ONLINE | SECTION_IS_EARLY;
	/* guest RAM is never given back, however often KVM drops a reference */
	for (i = 0; i < GLUE_RAM_SIZE >> PAGE_SHIFT; i++)
		set_page_count(first + i, 1 << 20);
}

/* With what the slab's constructor does. */
void *glue_xa_node(void)
{
	struct xa_node *node = env_alloc(sizeof(*node));

	INIT_LIST_HEAD(&node->private_list);
	return node;
}

/* Only guest RAM is ever asked for. */
int get_user_pages_fast_only(unsigned long start, int nr, unsigned int flags, struct page **pages)
{
	int i;

	for (i = 0; i < nr; i++) {
		if (start < GLUE_HVA || start >= GLUE_HVA + GLUE_RAM_SIZE)
			break;
		pages[i] = pfn_to_page((start - GLUE_HVA) >> PAGE_SHIFT);
		get_page(pages[i]);
		start += PAGE_SIZE;
	}
	return i;
}

#ifdef HAVE_GUEST_FPSTATE
bool fpu_alloc_guest_fpstate(struct fpu_guest *gfpu)
{
	gfpu->fpstate = env_alloc(sizeof(struct fpstate) + PAGE_SIZE);
	return true;
}

/* No guest uses the FPU; KVM checks that what it loads is in use. */
int fpu_swap_kvm_fpstate(struct fpu_guest *gfpu, bool enter_guest)
{
	gfpu->fpstate->in_use = enter_guest;
	return 0;
}
#else
/*
 * Older KVM loads a guest's FPU state by an instruction of its own: it has to be one that this
 * process can go on with.
 */
void fpstate_init(union fpregs_state *state)
{
	asm volatile("fxsave %0" : "=m"(state->fxsave));
}

int copy_fpregs_to_fpstate(struct fpu *fpu)
{
	fpstate_init(&fpu->state);
	return 1;
}
#endif

/* How the host tells KVM that it takes a page away. */
struct mmu_notifier *glue_notifier;

int mmu_notifier_register(struct mmu_notifier *notifier, struct mm_struct *user)
{
	glue_notifier = notifier;
	return 0;
}

/* Files: a descriptor is of no use here, what it refers to is kept. */
struct file *glue_vm_file, *glue_vcpu_file;
const struct file_operations *glue_kvm_fops;

int misc_register(struct miscdevice *misc)
{
	glue_kvm_fops = misc->fops;
	return 0;
}

struct file *anon_inode_getfile(const char *name, const struct file_operations *fops, void *priv,
				int flags)
{
	struct file *file = env_alloc(sizeof(*file));

	file->f_op = fops;
	file->private_data = priv;
	glue_vm_file = file;
	return file;
}

int anon_inode_getfd(const char *name, const struct file_operations *fops, void *priv, int flags)
{
	struct file *file = env_alloc(sizeof(*file));

	file->f_op = fops;
	file->private_data = priv;
	glue_vcpu_file = file;
	return 3;
}
