/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Where the shadow pages are and what belongs to them: for what writes a state, and for
 * what changes the parts of it that are not written.
 */
#ifndef VENDOR_STATE_H
#define VENDOR_STATE_H

#include "kernel_side.h"
#include "mmu.h"
#include "mmu/mmu_internal.h"
#include "mmu/spte.h"

#ifdef HAVE_SHADOWED_TRANSLATION

#ifndef HAVE_SPTE_NONPRESENT
#define SHADOW_NONPRESENT_VALUE 0ull
#endif

#ifdef HAVE_NX_LINK
#define NX_LINK possible_nx_huge_page_link
#else
#define NX_LINK lpage_disallowed_link
#endif

static inline struct kvm *the_vm(void)
{
	return glue_vm_file->private_data;
}

/*
 * What KVM knows of the SPTEs that map one thing: one of them, or a chain of tables of
 * their addresses, whose layout differs between trees.  An address in a page of SPTEs
 * is one, another address is the next table, and small numbers are counts.
 */
static inline bool state_is_chain(unsigned long val)
{
	return val & 1;
}

static inline bool state_in_heap(unsigned long at)
{
	return at >= GLUE_ARENA + GLUE_RAM_SIZE && at < GLUE_ARENA + GLUE_ARENA_SIZE;
}

/* Elsewhere it is left over: what leads to a table is written without it. */
static inline bool state_has_translation(const struct kvm_mmu_page *sp, unsigned int i)
{
	return sp->shadowed_translation && is_shadow_present_pte(sp->spt[i]) &&
	       is_last_spte(sp->spt[i], sp->role.level);
}

/* What a chain of SPTEs begins with; newer trees lock it in a bit of its own. */
static inline unsigned long state_chain(const struct kvm_rmap_head *head)
{
#ifdef HAVE_RMAP_ATOMIC
	return atomic_long_read(&head->val);
#else
	return head->val;
#endif
}

/** state_pages() - find them all, in canonical order */
void state_pages(struct glue_pages *pages);

/** state_is_sptep() - does an SPTE lie there */
bool state_is_sptep(const struct glue_pages *pages, unsigned long at);

/** state_rmap() - of all the guest's memory at a level; @n: how many */
struct kvm_rmap_head *state_rmap(unsigned int level, unsigned long *n);

/** state_caches() - calls @fn with each cache of objects that a vCPU has */
void state_caches(struct kvm_vcpu *vcpu, void (*fn)(struct kvm_mmu_memory_cache *mc, void *arg),
		  void *arg);

#endif /* HAVE_SHADOWED_TRANSLATION */

#endif /* VENDOR_STATE_H */
