/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The hardware TLB as a set, and the hardware's walk of KVM's shadow tables.
 */
#ifndef PROCESSOR_TLB_H
#define PROCESSOR_TLB_H

#include "guest.h"

/* Rights of a translation. */
#define TLB_W 1u
#define TLB_U 2u
#define TLB_NX 4u

/* Set in an SPTE before hardware caches it, which KVM's flushes rely on. */
#define TLB_A 0x20ull

/* Sets of kinds of access, bit (1 << enum vtlb_kind). */
#define KIND(k) (1u << (k))
#define KINDS_USER (KIND(VTLB_UR) | KIND(VTLB_UW) | KIND(VTLB_UX))
#define KINDS_WRITE (KIND(VTLB_UW) | KIND(VTLB_SW) | KIND(VTLB_SWA))
#define KINDS_FETCH (KIND(VTLB_UX) | KIND(VTLB_SX))
#define KINDS_AC0 (KIND(VTLB_SR) | KIND(VTLB_SW))
#define KINDS_ALL ((1u << VTLB_NR_KINDS) - 1)

/**
 * struct tlb_walk - what a hardware walk of the current root finds
 * @leaf: the last-level SPTE, NULL if the walk ends before
 * @present: there is a translation
 * @reserved: a reserved bit was met
 * @rights: TLB_* over all levels
 * @hpa: of the page
 */
struct tlb_walk {
	uint64_t *leaf;
	bool present, reserved;
	unsigned int rights;
	uint64_t hpa;
};

void tlb_walk(uint64_t linear, struct tlb_walk *walk);

/**
 * struct tlb_entry - one step of a walk
 * @at: the entry
 * @present, @reserved: as in struct tlb_walk
 * @hpa: of the next table or of the page
 * @rights: TLB_* up to here
 */
struct tlb_entry {
	uint64_t *at;
	bool present, reserved;
	uint64_t hpa;
	unsigned int rights;
};

/** tlb_entry() - the entry for @linear in the table at @table, reached with @rights */
struct tlb_entry tlb_entry(uint64_t table, unsigned int level, uint64_t linear,
			   unsigned int rights);

/** tlb_kinds() - which kinds of access @rights permit in the hardware's mode */
unsigned int tlb_kinds(unsigned int rights);

/** tlb_fill() - after an entry: everything walkable may be cached; false: machine_stop says why */
bool tlb_fill(const struct vtlb_world *w, bool paging);

/** tlb_reaches() - is @linear an address that the hardware, with its levels, can walk */
bool tlb_reaches(uint64_t linear);

/** tlb_hits() - frames that an access of @kind to @page could get from the set */
uint32_t tlb_hits(const struct vtlb_world *w, unsigned int page, unsigned int kind);

/**
 * tlb_holds() - could this processor reach @frame, whatever page and PCID it is asked for
 *
 * Under the ASID that the guest runs under: another one's translations, which are left over, are of
 * use only if KVM takes that ASID again, and then it has to flush it first.
 */
bool tlb_holds(const struct vtlb_world *w, unsigned int frame);

/** tlb_maps() - does an entry of this table of a level lead to the page at @hpa */
bool tlb_maps(const uint64_t *table, unsigned int level, uint64_t hpa);

/** tlb_window() - may the window of @table be cached writable */
bool tlb_window(const struct vtlb_world *w, unsigned int table, bool paging);

/** tlb_reset() - empty, for a new world; tlb_flushes() - how many flushes so far */
void tlb_reset(const struct vtlb_world *w);
uint64_t tlb_flushes(void);

/** tlb_dead() - calls @dead with what does not influence the future */
void tlb_dead(void (*dead)(const void *at, unsigned long size));

#endif /* PROCESSOR_TLB_H */
