/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A world as real guest memory: where its tables and frames lie, and what its
 * entries are in memory.
 */
#ifndef PROCESSOR_GUEST_H
#define PROCESSOR_GUEST_H

#include "machine.h"
#include "vtlb/op.h"

/* Tables are numbered as in the KVM model: roots, then uppers, then leaf tables. */
#define GUEST_MAX_TABLES (VTLB_MAX_ROOTS + VTLB_MAX_UPPERS + VTLB_MAX_LEAFS)

/* What does not fit: a reserved bit in a leaf needs one below 52. */
bool guest_fits(const struct vtlb_world *w);

/** guest_write() - fill guest RAM with @w; returns the bytes of RAM in use */
size_t guest_write(const struct vtlb_world *w);

/** guest_cpuid() - CPUID and first registers */
void guest_cpuid(const struct vtlb_world *w, struct glue_guest *g);

static inline unsigned int guest_ntables(const struct vtlb_world *w)
{
	return (unsigned int)w->nroots + w->nuppers + w->nleafs;
}

/* Physical address of a table, of a root for CR3, of a data frame. */
uint64_t guest_table(const struct vtlb_world *w, unsigned int table);
uint64_t guest_frame(const struct vtlb_world *w, unsigned int frame);

/** guest_frame_index() - which frame @gpa is in, -1 if in none */
int guest_frame_index(const struct vtlb_world *w, uint64_t gpa);

/* Linear addresses: of a page, of a table's window (physical while @paging is off). */
uint64_t guest_page(const struct vtlb_world *w, unsigned int page);
uint64_t guest_window(const struct vtlb_world *w, unsigned int table, bool paging);
uint64_t guest_descriptor(const struct vtlb_world *w, bool paging);
uint64_t *guest_descriptor_at(const struct vtlb_world *w);

/* Instructions of the code page, all with the operands %rax and (%rbx). */
enum guest_insn {
	GUEST_STORE64,
	GUEST_STORE32,
	GUEST_MOV_CR0,
	GUEST_MOV_CR3,
	GUEST_MOV_CR4,
	GUEST_WRMSR,
	GUEST_INVLPG,
	GUEST_INVPCID,
	GUEST_NR_INSNS,
};

uint64_t guest_code(const struct vtlb_world *w, bool paging, enum guest_insn insn);
const uint8_t *guest_code_at(const struct vtlb_world *w, enum guest_insn insn);
unsigned int guest_code_length(enum guest_insn insn);

/* What is stored for a leaf value, and for a link to a table (number + 1, 0: none). */
uint64_t guest_leaf_entry(const struct vtlb_world *w, unsigned int value);
uint64_t guest_upper_entry(const struct vtlb_world *w, unsigned int leaf1);
uint64_t guest_root_entry(const struct vtlb_world *w, unsigned int upper1);

/* Index of the entry in its table. */
unsigned int guest_region_slot(unsigned int region);
unsigned int guest_upper_index(unsigned int slot);
unsigned int guest_leaf_index(unsigned int entry);

#endif /* PROCESSOR_GUEST_H */
