/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What KVM makes and frees while the guest runs, for the canonical form of a state:
 * shadow pages by number, not by address, and sets of SPTEs in order.
 */
#include <linux/kvm_host.h>

#include "kernel_side.h"
#include "state.h"
#include "x86.h"

#ifndef HAVE_SHADOWED_TRANSLATION

/* Older shadow pages are made otherwise: no two states are taken for one. */
const int glue_state_merges;

void glue_state_objects(struct glue_pages *pages, void (*object)(const void *at))
{
}

void glue_state_skip(void (*skip)(const void *at, unsigned long size))
{
}

void glue_state_dead(void (*dead)(const void *at, unsigned long size))
{
}

void glue_state_write(struct glue_pages *pages, int order, void (*put)(unsigned long word))
{
}

unsigned long glue_state_number(const struct glue_pages *pages, unsigned long at)
{
	return 0xffffffff;
}

unsigned long glue_state_room(void)
{
	return 0;
}

#else

const int glue_state_merges = 1;

#define NONE 0xfffffffful
#define NO_PAGE 0xffffu		/* an SPTE in what is no shadow page */
#define PAE_ROOTS 4

typedef void (*put_fn)(unsigned long word);
typedef void (*object_fn)(const void *at);

/* Where the vCPUs' page tables are rooted. */
static struct kvm_mmu *mmu_of(struct kvm_vcpu *vcpu, unsigned int which)
{
	return which ? &vcpu->arch.guest_mmu : &vcpu->arch.root_mmu;
}

static struct kvm_mmu *next_mmu(unsigned int *i)
{
	struct kvm *kvm = the_vm();
	unsigned int n = (*i)++;

	if (n / 2 >= atomic_read(&kvm->online_vcpus))
		return NULL;
	return mmu_of(kvm_get_vcpu(kvm, n / 2), n % 2);
}

static unsigned long number_of(const struct glue_pages *pages, const void *sp)
{
	unsigned int i;

	for (i = 0; i < pages->n; i++)
		if (pages->page[i] == sp)
			return i;
	return NONE;
}

/* A page of SPTEs by where it lies, whatever struct page says of one that was freed. */
static unsigned long number_at(const struct glue_pages *pages, unsigned long at)
{
	unsigned int i;

	for (i = 0; i < pages->n; i++) {
		const struct kvm_mmu_page *sp = pages->page[i];

		if ((unsigned long)sp->spt == (at & PAGE_MASK))
			return i;
	}
	return NONE;
}

static void add_page(struct glue_pages *pages, const struct kvm_mmu_page *sp)
{
	if (pages->n == GLUE_MAX_PAGES)
		host_stop(GLUE_STOP_UNMODELLED, "a state has too many shadow pages", "", 0);
	pages->page[pages->n++] = sp;
}

static bool before(const struct kvm_mmu_page *a, const struct kvm_mmu_page *b)
{
	return a->gfn != b->gfn ? a->gfn < b->gfn : a->role.word < b->role.word;
}

/* A list has each (gfn, role) once, but for what was zapped. */
static void sort_pages(struct glue_pages *pages)
{
	unsigned int i, j;

	for (i = 1; i < pages->n; i++) {
		const struct kvm_mmu_page *sp = pages->page[i];

		for (j = i; j && before(sp, pages->page[j - 1]); j--)
			pages->page[j] = pages->page[j - 1];
		pages->page[j] = sp;
	}
}

/* The shadow page of a root, which is in use. */
static struct kvm_mmu_page *page_at(hpa_t at)
{
	unsigned long pfn = at >> PAGE_SHIFT;

	if (pfn < GLUE_RAM_SIZE >> PAGE_SHIFT || pfn >= GLUE_ARENA_SIZE >> PAGE_SHIFT)
		return NULL;
	return (struct kvm_mmu_page *)page_private(pfn_to_page(pfn));
}

static void add_root(struct glue_pages *pages, hpa_t root)
{
	struct kvm_mmu_page *sp = VALID_PAGE(root) ? page_at(root & SPTE_BASE_ADDR_MASK) : NULL;

	if (sp && number_of(pages, sp) == NONE)
		add_page(pages, sp);
}

/* Pages that are zapped but still a root are in no list; they come last, in the roots' order. */
void state_pages(struct glue_pages *pages)
{
	struct kvm_mmu_page *sp;
	struct kvm_mmu *mmu;
	unsigned int i, n = 0;

	pages->n = 0;
	list_for_each_entry(sp, &the_vm()->arch.active_mmu_pages, link)
		add_page(pages, sp);
	sort_pages(pages);
	while ((mmu = next_mmu(&n))) {
		add_root(pages, mmu->root.hpa);
		for (i = 0; i < KVM_MMU_NUM_PREV_ROOTS; i++)
			add_root(pages, mmu->prev_roots[i].hpa);
		for (i = 0; mmu->pae_root && i < PAE_ROOTS; i++)
			if (mmu->pae_root[i] & PT_PRESENT_MASK)
				add_root(pages, mmu->pae_root[i]);
	}
}

static bool in_pae_root(unsigned long at)
{
	struct kvm_mmu *mmu;
	unsigned int n = 0;

	while ((mmu = next_mmu(&n)))
		if (mmu->pae_root && (at ^ (unsigned long)mmu->pae_root) < PAGE_SIZE)
			return true;
	return false;
}

bool state_is_sptep(const struct glue_pages *pages, unsigned long at)
{
	return number_at(pages, at) != NONE || in_pae_root(at);
}

static void add_ref(struct glue_pages *pages, unsigned long at)
{
	unsigned long sp = number_at(pages, at);
	unsigned int ref = (sp == NONE ? NO_PAGE : sp) << 16 | (at % PAGE_SIZE) / sizeof(u64), i;

	if (pages->nrefs == GLUE_MAX_REFS)
		host_stop(GLUE_STOP_UNMODELLED, "a state has too many SPTEs of one page", "", 0);
	for (i = pages->nrefs++; i && pages->ref[i - 1] > ref; i--)
		pages->ref[i] = pages->ref[i - 1];
	pages->ref[i] = ref;
}

/* @object: told of each table; the SPTEs are gathered in @pages. */
static void walk_chain(struct glue_pages *pages, unsigned long val, object_fn object)
{
	unsigned long *table = (unsigned long *)(val & ~7ul), *next;
	unsigned int i;

	pages->nrefs = 0;
	if (!table)
		return;
	if (!state_is_chain(val)) {
		add_ref(pages, (unsigned long)table);
		return;
	}
	for (; table; table = next) {
		next = NULL;
		if (object)
			object(table);
		for (i = 0; i < env_size(table) / sizeof(*table); i++) {
			if (!state_in_heap(table[i]))
				continue;
			if (state_is_sptep(pages, table[i]))
				add_ref(pages, table[i]);
			else
				next = (unsigned long *)table[i];
		}
	}
}

static void put_refs(struct glue_pages *pages, unsigned long val, put_fn put)
{
	unsigned int i;

	walk_chain(pages, val, NULL);
	put(pages->nrefs);
	for (i = 0; i < pages->nrefs; i++)
		put(pages->ref[i]);
}

/* All the guest's memory is one slot. */
struct kvm_rmap_head *state_rmap(unsigned int level, unsigned long *n)
{
	struct kvm_memory_slot *slot = gfn_to_memslot(the_vm(), 0);

	*n = slot->npages >> (9 * level);
	*n = *n ? *n : 1;
	return slot->arch.rmap[level];
}

void state_caches(struct kvm_vcpu *vcpu,
		       void (*fn)(struct kvm_mmu_memory_cache *mc, void *arg),
		       void *arg)
{
	fn(&vcpu->arch.mmu_pte_list_desc_cache, arg);
	fn(&vcpu->arch.mmu_shadow_page_cache, arg);
	fn(&vcpu->arch.mmu_shadowed_info_cache, arg);
	fn(&vcpu->arch.mmu_page_header_cache, arg);
}

static void cache_objects(struct kvm_mmu_memory_cache *mc, void *arg)
{
	object_fn object = *(object_fn *)arg;
	int i;

	if (mc->objects)
		object(mc->objects);
	for (i = 0; i < mc->nobjs; i++)
		object(mc->objects[i]);
}

void glue_state_objects(struct glue_pages *pages, void (*object)(const void *at))
{
	struct kvm *kvm = the_vm();
	unsigned int i, level;
	unsigned long n, at;

	state_pages(pages);
	for (i = 0; i < pages->n; i++) {
		const struct kvm_mmu_page *sp = pages->page[i];

		object(sp);
		object(sp->spt);
		if (sp->shadowed_translation)
			object(sp->shadowed_translation);
		walk_chain(pages, state_chain(&sp->parent_ptes), object);
	}
	for (level = 0; level < KVM_NR_PAGE_SIZES; level++) {
		struct kvm_rmap_head *rmap = state_rmap(level, &n);

		for (at = 0; at < n; at++)
			walk_chain(pages, state_chain(&rmap[at]), object);
	}
	for (i = 0; i < atomic_read(&kvm->online_vcpus); i++)
		state_caches(kvm_get_vcpu(kvm, i), cache_objects, &object);
}

#define SKIP(member) skip(&(member), sizeof(member))

static void skip_cache(struct kvm_mmu_memory_cache *mc, void *arg)
{
	void (*skip)(const void *at, unsigned long size) = *(void **)arg;

	skip(mc, sizeof(*mc));
}

static void skip_mmu(struct kvm_mmu *mmu, void (*skip)(const void *at, unsigned long size))
{
	unsigned int i;

	SKIP(mmu->root.hpa);
	for (i = 0; i < KVM_MMU_NUM_PREV_ROOTS; i++)
		SKIP(mmu->prev_roots[i].hpa);
	if (mmu->pae_root)
		skip(mmu->pae_root, PAE_ROOTS * sizeof(u64));
}

void glue_state_skip(void (*skip)(const void *at, unsigned long size))
{
	struct kvm *kvm = the_vm();
	struct kvm_mmu *mmu;
	unsigned int i, n = 0;
	unsigned long entries;

	while ((mmu = next_mmu(&n)))
		skip_mmu(mmu, skip);
	SKIP(kvm->arch.active_mmu_pages);
	skip(&kvm->arch.mmu_page_hash[0], KVM_NUM_MMU_PAGES * sizeof(struct hlist_head));
	for (i = 0; i < KVM_NR_PAGE_SIZES; i++) {
		struct kvm_rmap_head *rmap = state_rmap(i, &entries);

		skip(rmap, entries * sizeof(*rmap));
	}
	for (i = 0; i < atomic_read(&kvm->online_vcpus); i++) {
		struct kvm_vcpu *vcpu = kvm_get_vcpu(kvm, i);
		u64 *root = vendor_root(vcpu);

		state_caches(vcpu, skip_cache, &skip);
		if (root)
			SKIP(*root);
	}
}

#define DEAD(member) dead(&(member), sizeof(member))

void glue_state_dead(void (*dead)(const void *at, unsigned long size))
{
	struct kvm *kvm = the_vm();
	unsigned int i;

#ifdef HAVE_STAT_SHADOW_PAGES
	/* how many shadow pages there are, which decides when one is evicted */
	dead(&kvm->stat, offsetof(struct kvm_vm_stat, mmu_shadow_pages));
	dead(&kvm->stat.mmu_shadow_pages + 1,
	     sizeof(kvm->stat) - offsetofend(struct kvm_vm_stat, mmu_shadow_pages));
#else
	DEAD(kvm->stat);
#endif
	/* nobody waits for readers here, and they are only counted */
	DEAD(kvm->srcu);
	for (i = 0; i < atomic_read(&kvm->online_vcpus); i++) {
		struct kvm_vcpu *vcpu = kvm_get_vcpu(kvm, i);

		DEAD(vcpu->stat);
		/* written before each exit that reads them */
		DEAD(vcpu->arch.regs);
#ifdef HAVE_RIP_APART
		DEAD(vcpu->arch.rip);
#endif
		vendor_dead(vcpu, dead);
	}
}

static void put_bytes(const void *bytes, unsigned long size, put_fn put)
{
	const u8 *p = bytes;
	unsigned long word;

	for (; size; size -= min(size, sizeof(word)), p += sizeof(word)) {
		word = 0;
		memcpy(&word, p, min(size, sizeof(word)));
		put(word);
	}
}

/* A table's physical address: a shadow page by its number; others never move. */
static unsigned long token(const struct glue_pages *pages, hpa_t at)
{
	unsigned long sp = number_at(pages, GLUE_ARENA + (at & SPTE_BASE_ADDR_MASK));

	return sp == NONE ? at : (at & ~SPTE_BASE_ADDR_MASK) | (1ul << 51) | sp << PAGE_SHIFT;
}

static void put_root(const struct glue_pages *pages, hpa_t root, put_fn put)
{
	put(VALID_PAGE(root) ? token(pages, root) : ~0ul);
}

static void put_spte(const struct glue_pages *pages, const struct kvm_mmu_page *sp,
		     unsigned int i, put_fn put)
{
	u64 spte = sp->spt[i];

	put(i);
	put(is_shadow_present_pte(spte) && !is_last_spte(spte, sp->role.level) ?
		    token(pages, spte) : spte);
	if (state_has_translation(sp, i))
		put(sp->shadowed_translation[i]);
}

/* The whole structure but for addresses; and whether it is where a valid page should be. */
static void write_page(struct glue_pages *pages, const struct kvm_mmu_page *sp, put_fn put)
{
	struct kvm_mmu_page copy;
	unsigned int i;

	memcpy(&copy, sp, sizeof(copy));
	memset(&copy.link, 0, sizeof(copy.link));
	memset(&copy.hash_link, 0, sizeof(copy.hash_link));
	copy.spt = NULL;
	copy.shadowed_translation = NULL;
	memset(&copy.parent_ptes, 0, sizeof(copy.parent_ptes));
	memset(&copy.NX_LINK, 0, sizeof(copy.NX_LINK));
	/* the number only says whether all pages were zapped since */
	copy.mmu_valid_gen = sp->mmu_valid_gen == the_vm()->arch.mmu_valid_gen;
	put_bytes(&copy, sizeof(copy), put);
	put(hlist_unhashed(&sp->hash_link));
	for (i = 0; i < PAGE_SIZE / sizeof(u64); i++)
		if (sp->spt[i] != SHADOW_NONPRESENT_VALUE)
			put_spte(pages, sp, i, put);
	put(NONE);
	put_refs(pages, state_chain(&sp->parent_ptes), put);
}

static void put_mmu(struct glue_pages *pages, const struct kvm_mmu *mmu, put_fn put)
{
	unsigned int i;

	put_root(pages, mmu->root.hpa, put);
	for (i = 0; i < KVM_MMU_NUM_PREV_ROOTS; i++)
		put_root(pages, mmu->prev_roots[i].hpa, put);
	for (i = 0; mmu->pae_root && i < PAE_ROOTS; i++)
		put_root(pages, mmu->pae_root[i], put);
}

static void put_order(const struct glue_pages *pages, put_fn put)
{
	struct kvm_mmu_page *sp;

	list_for_each_entry(sp, &the_vm()->arch.active_mmu_pages, link)
		put(number_of(pages, sp));
}

void glue_state_write(struct glue_pages *pages, int order, void (*put)(unsigned long word))
{
	unsigned int i, n = 0, level;
	struct kvm_mmu *mmu;
	unsigned long at, end;

	state_pages(pages);
	put(pages->n);
	for (i = 0; i < atomic_read(&the_vm()->online_vcpus); i++) {
		const u64 *root = vendor_root(kvm_get_vcpu(the_vm(), i));

		put(token(pages, host_pgd(i)));
		if (root)
			put(token(pages, *root));
	}
	while ((mmu = next_mmu(&n)))
		put_mmu(pages, mmu, put);
	for (i = 0; i < pages->n; i++)
		write_page(pages, pages->page[i], put);
	for (level = 0; level < KVM_NR_PAGE_SIZES; level++) {
		struct kvm_rmap_head *rmap = state_rmap(level, &end);

		for (at = 0; at < end; at++) {
			if (!state_chain(&rmap[at]))
				continue;
			put(at);
			put_refs(pages, state_chain(&rmap[at]), put);
		}
		put(NONE);
	}
	if (order)
		put_order(pages, put);
}

unsigned long glue_state_number(const struct glue_pages *pages, unsigned long at)
{
	return number_at(pages, GLUE_ARENA + at);
}

unsigned long glue_state_room(void)
{
	return the_vm()->arch.n_max_mmu_pages;
}

#endif /* HAVE_SHADOWED_TRANSLATION */
