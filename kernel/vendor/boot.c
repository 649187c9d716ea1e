/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Boots KVM through its front door, as a user of /dev/kvm would, and shows the
 * processor the little of it that reports need.
 */
#include <linux/bug.h>
#include <linux/kvm_host.h>
#include <linux/mmu_notifier.h>

#include "kernel_side.h"
#ifdef HAVE_GVA_WALK
#include "kvm_emulate.h"
#endif
#include "mmu.h"
#include "mmu/mmu_internal.h"
#include "mmu/spte.h"

#define CPUID_ENTRIES 6

int glue_vendor_init(void)
{
	int r;

	env_data_init();
	r = vendor_init();
	env_probing = 0;
	return r;
}

static struct file *vcpu_file[GLUE_VCPUS];

static struct kvm_vcpu *vcpu_of(unsigned int cpu)
{
	return vcpu_file[cpu]->private_data;
}

static struct kvm_vcpu *the_vcpu(void)
{
	return vcpu_of(host_cpu());
}

static long vm_ioctl(unsigned int cmd, void *arg)
{
	return glue_vm_file->f_op->unlocked_ioctl(glue_vm_file, cmd, (unsigned long)arg);
}

static long vcpu_ioctl(unsigned int cmd, void *arg)
{
	struct file *file = vcpu_file[host_cpu()];

	return file->f_op->unlocked_ioctl(file, cmd, (unsigned long)arg);
}

static long set_cpuid(const struct glue_guest *g)
{
	static struct {
		struct kvm_cpuid2 head;
		struct kvm_cpuid_entry2 entry[CPUID_ENTRIES];
	} c;
	struct kvm_cpuid_entry2 *e = c.entry;

	memset(&c, 0, sizeof(c));
	c.head.nent = CPUID_ENTRIES;
	e[0].eax = 7;
	memcpy(&e[0].ebx, g->amd ? "Auth" : "Genu", 4);
	memcpy(&e[0].edx, g->amd ? "enti" : "ineI", 4);
	memcpy(&e[0].ecx, g->amd ? "cAMD" : "ntel", 4);
	e[1].function = 1;
	e[1].ecx = g->cpuid_1_ecx;
	e[1].edx = g->cpuid_1_edx;
	e[2].function = 7;
	e[2].flags = KVM_CPUID_FLAG_SIGNIFCANT_INDEX;
	e[2].ebx = g->cpuid_7_ebx;
	e[3].function = 0x80000000;
	e[3].eax = 0x80000008;
	e[4].function = 0x80000001;
	e[4].edx = g->cpuid_ext_edx;
	e[5].function = 0x80000008;
	e[5].eax = 48 << 8 | g->maxphyaddr;
	return vcpu_ioctl(KVM_SET_CPUID2, &c);
}

static void flat(struct kvm_segment *seg, bool code)
{
	seg->limit = 0xffffffff;
	seg->selector = code ? 8 : 16;
	seg->type = code ? 11 : 3;
	seg->present = 1;
	seg->s = 1;
	seg->g = 1;
	seg->db = 1;
}

static long set_sregs(const struct glue_guest *g)
{
	static struct kvm_sregs s;

	memset(&s, 0, sizeof(s));
	flat(&s.cs, true);
	flat(&s.ds, false);
	flat(&s.es, false);
	flat(&s.fs, false);
	flat(&s.gs, false);
	flat(&s.ss, false);
	s.cr0 = g->cr0;
	s.cr3 = g->cr3;
	s.cr4 = g->cr4;
	s.efer = g->efer;
	if (g->efer & EFER_LMA) {
		s.cs.l = 1;
		s.cs.db = 0;
	}
	s.apic_base = APIC_DEFAULT_PHYS_BASE | MSR_IA32_APICBASE_ENABLE |
		      (host_cpu() ? 0 : MSR_IA32_APICBASE_BSP);
	return vcpu_ioctl(KVM_SET_SREGS, &s);
}

int glue_vm_create(void)
{
	struct kvm_userspace_memory_region ram = {
		.memory_size = GLUE_RAM_SIZE,
		.userspace_addr = GLUE_HVA,
	};
	long r;

	r = glue_kvm_fops->unlocked_ioctl(NULL, KVM_CREATE_VM, 0);
	if (r < 0)
		return 1;
	return vm_ioctl(KVM_SET_USER_MEMORY_REGION, &ram) ? 2 : 0;
}

int glue_vcpu_create(const struct glue_guest *g)
{
	if (vm_ioctl(KVM_CREATE_VCPU, (void *)(unsigned long)host_cpu()) < 0)
		return 3;
	vcpu_file[host_cpu()] = glue_vcpu_file;
	if (set_cpuid(g))
		return 4;
	return set_sregs(g) ? 5 : 0;
}

void glue_vm_run(void)
{
	long r = vcpu_ioctl(KVM_RUN, NULL);

	host_stop(GLUE_STOP_LEFT, "KVM_RUN returned to user space", "exit reason",
		  r ? 1000 - r : the_vcpu()->run->exit_reason);
}

/*
 * The guest's walk by KVM's own walker, which a page fault begins with.  It may
 * set D in the guest's tables; the caller puts that right.
 */
int glue_translate(unsigned long linear, unsigned int access, unsigned long *gpa,
		   unsigned int *error)
{
	struct kvm_vcpu *vcpu = the_vcpu();
#ifdef HAVE_GVA_WALK
	struct kvm_pagewalk *walk = &vcpu->arch.gva_walk;
#else
	struct kvm_mmu *walk = vcpu->arch.walk_mmu;
#endif
	struct x86_exception e = { 0 };

	/* without paging they decide nothing, and to show them would make two states of one */
	if (vcpu->arch.cr0 & X86_CR0_PG)
		vendor_show(vcpu);
#ifdef HAVE_ROOT_INFO
	*gpa = walk->gva_to_gpa(vcpu, walk, linear, access, &e);
#else
	*gpa = walk->gva_to_gpa(vcpu, linear, access, &e);
#endif
	*error = e.error_code;
	return *gpa != ~(gpa_t)0;
}

void glue_host_zap(unsigned long gpa, int end)
{
	struct mmu_notifier_range range = {
		.mm = current->mm,
		.start = GLUE_HVA + gpa,
		.end = GLUE_HVA + gpa + PAGE_SIZE,
		.event = MMU_NOTIFY_UNMAP,
	};

	if (end)
		glue_notifier->ops->invalidate_range_end(glue_notifier, &range);
	else
		glue_notifier->ops->invalidate_range_start(glue_notifier, &range);
}

static struct kvm *glue_vm(void)
{
	return glue_vm_file->private_data;
}

/* Not those that are zapped and only a root yet: nothing hangs below them. */
void glue_tables(void (*table)(const void *sptes, unsigned int level, void *arg), void *arg)
{
	struct kvm_mmu_page *sp;

	list_for_each_entry(sp, &glue_vm()->arch.active_mmu_pages, link)
		table(sp->spt, sp->role.level, arg);
}

static bool is_dummy(hpa_t root)
{
#ifdef HAVE_DUMMY_ROOT
	return kvm_mmu_is_dummy_root(root);
#else
	return false;
#endif
}

static struct kvm_mmu_page *shadow_page(hpa_t root)
{
#ifdef HAVE_ROOT_TO_SP
	return root_to_sp(root);
#else
	return to_shadow_page(root);
#endif
}

static void show_root(struct glue_root *to, const struct kvm_mmu_root_info *from)
{
	struct kvm_mmu_page *sp = NULL;

	/* the root of PAE paging is no shadow page */
	if (VALID_PAGE(from->hpa) && !is_dummy(from->hpa))
		sp = shadow_page(from->hpa);
	to->hpa = from->hpa;
	to->pgd = from->pgd;
	to->unsync = sp && (sp->unsync || sp->unsync_children);
	to->obsolete = sp && (sp->role.invalid ||
			      sp->mmu_valid_gen != glue_vm()->arch.mmu_valid_gen);
	to->direct = !sp || sp->role.direct;
}

unsigned int glue_roots(unsigned int vcpu, struct glue_root root[GLUE_NROOTS])
{
	struct kvm_mmu *mmu = vcpu_of(vcpu)->arch.mmu;
	struct kvm_mmu_root_info current_root;
	unsigned int i, n;

#ifdef HAVE_ROOT_INFO
	current_root = mmu->root;
#else
	current_root.hpa = mmu->root_hpa;
	current_root.pgd = mmu->root_pgd;
#endif
	show_root(&root[0], &current_root);
	BUILD_BUG_ON(KVM_MMU_NUM_PREV_ROOTS + 1 > GLUE_NROOTS);
	for (i = 0; i < KVM_MMU_NUM_PREV_ROOTS; i++)
		show_root(&root[i + 1], &mmu->prev_roots[i]);
	n = i + 1;
	for (; i + 1 < GLUE_NROOTS; i++)
		root[i + 1].hpa = INVALID_PAGE;
	return n;
}

unsigned long glue_requests(unsigned int vcpu)
{
	return vcpu_of(vcpu)->requests;
}

extern struct bug_entry __start___bug_table[], __stop___bug_table[];

static unsigned long bug_at(const struct bug_entry *bug)
{
#ifdef CONFIG_GENERIC_BUG_RELATIVE_POINTERS
	return (unsigned long)&bug->bug_addr_disp + bug->bug_addr_disp;
#else
	return bug->bug_addr;
#endif
}

static const char *bug_file(const struct bug_entry *bug)
{
#ifdef CONFIG_GENERIC_BUG_RELATIVE_POINTERS
	return (const char *)&bug->file_disp + bug->file_disp;
#else
	return bug->file;
#endif
}

unsigned long glue_bug_place(unsigned long entry)
{
	return bug_at((const struct bug_entry *)entry);
}

int glue_find_bug(unsigned long at, const char **file, unsigned int *line)
{
	const struct bug_entry *bug;

	for (bug = __start___bug_table; bug < __stop___bug_table; bug++) {
		if (bug_at(bug) != at)
			continue;
		*file = bug_file(bug);
		*line = bug->line;
		return bug->flags & BUGFLAG_WARNING ? 1 : 0;
	}
	return 0;
}
