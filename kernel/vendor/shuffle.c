/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What state.c leaves out of shadow pages and lists, changed: junk, other orders, other
 * places.  All of it must make no difference, and a test sees whether that is so.
 */
#include <linux/kvm_host.h>

#include "kernel_side.h"

#ifndef HAVE_SHADOWED_TRANSLATION

/* No two states are taken for one, so nothing is left out. */
void glue_state_values(struct glue_pages *pages, void (*value)(void *at, unsigned long size))
{
}

void glue_state_shuffle(struct glue_pages *pages, int order, unsigned long (*random)(void))
{
}

#else

#include "state.h"


/* Parts of a structure between the addresses in it, in the order in which they lie there. */
static void values_between(struct kvm_mmu_page *sp, void (*value)(void *at, unsigned long size))
{
	static const struct {
		unsigned short at, size;
	} address[] = {
#define ADDRESS(member) \
	{ offsetof(struct kvm_mmu_page, member), sizeof(((struct kvm_mmu_page *)0)->member) }
		ADDRESS(link), ADDRESS(hash_link), ADDRESS(spt), ADDRESS(shadowed_translation),
		ADDRESS(parent_ptes), ADDRESS(NX_LINK),
#undef ADDRESS
	};
	unsigned long at, i;

	for (at = 0; at < sizeof(*sp); at++) {
		for (i = 0; i < ARRAY_SIZE(address); i++)
			if (at - address[i].at < address[i].size)
				break;
		if (i == ARRAY_SIZE(address))
			value((char *)sp + at, 1);
	}
}

void glue_state_values(struct glue_pages *pages, void (*value)(void *at, unsigned long size))
{
	unsigned int n, i;

	state_pages(pages);
	for (n = 0; n < pages->n; n++) {
		struct kvm_mmu_page *sp = (struct kvm_mmu_page *)pages->page[n];

		values_between(sp, value);
		for (i = 0; i < PAGE_SIZE / sizeof(u64); i++) {
			if (sp->spt[i] == SHADOW_NONPRESENT_VALUE)
				continue;
			value(&sp->spt[i], sizeof(u64));
			if (sp->shadowed_translation)
				value(&sp->shadowed_translation[i], sizeof(u64));
		}
	}
}

/* Of the pages in order of eviction each goes to one end or the other. */
static void shuffle_lists(struct kvm *kvm, int order, unsigned long (*random)(void))
{
	struct kvm_mmu_page *sp, *next_sp;
	struct hlist_node *node, *next;
	struct hlist_head chain;
	LIST_HEAD(list);
	int i;

	for (i = 0; i < KVM_NUM_MMU_PAGES; i++) {
		INIT_HLIST_HEAD(&chain);
		hlist_for_each_safe(node, next, &kvm->arch.mmu_page_hash[i]) {
			hlist_del(node);
			hlist_add_head(node, &chain);
		}
		hlist_move_list(&chain, &kvm->arch.mmu_page_hash[i]);
	}
	if (order)
		return;
	list_for_each_entry_safe(sp, next_sp, &kvm->arch.active_mmu_pages, link) {
		list_del(&sp->link);
		if (random() & 1)
			list_add(&sp->link, &list);
		else
			list_add_tail(&sp->link, &list);
	}
	list_splice(&list, &kvm->arch.active_mmu_pages);
}

/* The SPTEs of a chain change places; how many there are in each table stays. */
static void shuffle_chain(struct glue_pages *pages, unsigned long val,
			  unsigned long (*random)(void))
{
	unsigned long *table = (unsigned long *)(val & ~7ul), *next;
	unsigned long **at = pages->slot;
	unsigned int i, n = 0;

	for (; state_is_chain(val) && table; table = next) {
		next = NULL;
		for (i = 0; i < env_size(table) / sizeof(*table); i++) {
			if (!state_in_heap(table[i]))
				continue;
			if (!state_is_sptep(pages, table[i]))
				next = (unsigned long *)table[i];
			else if (n < GLUE_MAX_REFS)
				at[n++] = &table[i];
		}
	}
	for (; n > 1; n--) {
		i = random() % n;
		swap(*at[n - 1], *at[i]);
	}
}

/* Each object that a cache holds becomes another one. */
static void move_cache(struct kvm_mmu_memory_cache *mc, void *arg)
{
	int i;

	for (i = 0; i < mc->nobjs; i++) {
		unsigned long size = env_size(mc->objects[i]);
		void *new = env_alloc(size);

		memcpy(new, mc->objects[i], size);
		env_free(mc->objects[i]);
		mc->objects[i] = new;
	}
}

static void scramble(void *at, unsigned long size, unsigned long (*random)(void))
{
	u8 *p = at;

	while (size--)
		*p++ = random();
}

/* Of the heap's all but what leads to a shadow page; of the guest's what only paging reads. */
static void scramble_structs(unsigned long (*random)(void))
{
	unsigned long pfn;

	for (pfn = 0; pfn < env_heap_used() >> PAGE_SHIFT; pfn++) {
		struct page *page = pfn_to_page(pfn);
		unsigned long private = page_private(page);

		if (pfn < GLUE_RAM_SIZE >> PAGE_SHIFT) {
			/* a structure around them in newer trees */
			*(unsigned long *)&page->flags ^= (random() & 1) << PG_dirty |
							  (random() & 1) << PG_referenced;
			continue;
		}
		scramble(page, sizeof(*page), random);
		set_page_private(page, private);
	}
}

static void scramble_left_over(const struct kvm *kvm, struct kvm_mmu_page *sp,
			       unsigned long (*random)(void))
{
	u8 gen;
	int i;

	for (i = 0; sp->shadowed_translation && i < PAGE_SIZE / sizeof(u64); i++)
		if (!state_has_translation(sp, i))
			sp->shadowed_translation[i] = random();
	if (sp->mmu_valid_gen == kvm->arch.mmu_valid_gen)
		return;
	do {
		gen = random();
	} while (gen == kvm->arch.mmu_valid_gen);
	sp->mmu_valid_gen = gen;
}

void glue_state_shuffle(struct glue_pages *pages, int order, unsigned long (*random)(void))
{
	struct kvm *kvm = the_vm();
	unsigned long at, end;
	unsigned int i;

	state_pages(pages);
	shuffle_lists(kvm, order, random);
	for (i = 0; i < pages->n; i++) {
		struct kvm_mmu_page *sp = (struct kvm_mmu_page *)pages->page[i];

		shuffle_chain(pages, state_chain(&sp->parent_ptes), random);
		scramble_left_over(kvm, sp, random);
	}
	for (i = 0; i < KVM_NR_PAGE_SIZES; i++) {
		struct kvm_rmap_head *rmap = state_rmap(i, &end);

		for (at = 0; at < end; at++)
			shuffle_chain(pages, state_chain(&rmap[at]), random);
	}
	for (i = 0; i < atomic_read(&kvm->online_vcpus); i++)
		state_caches(kvm_get_vcpu(kvm, i), move_cache, NULL);
	scramble_structs(random);
}

#endif /* HAVE_SHADOWED_TRANSLATION */
