/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The world: guest memory and the finite sets that it is made of.  Constant
 * during a run; contract and implementation both read it, neither writes it.
 */
#ifndef VTLB_WORLD_H
#define VTLB_WORLD_H

#include "vtlb/x86.h"

#define VTLB_MAX_VCPUS 4
#define VTLB_MAX_ROOTS 10	/* PML4 tables: five processes with two each */
#define VTLB_MAX_UPPERS 8	/* page directories */
#define VTLB_MAX_LEAFS 8	/* page tables */
#define VTLB_MAX_REGIONS 2	/* modelled PML4 entries a root */
#define VTLB_MAX_SLOTS 4	/* modelled directory entries, over all regions */
#define VTLB_MAX_ENTRIES 4	/* modelled entries a page table: 0 .. 3 */
#define VTLB_MAX_PAGES 8	/* linear pages */
#define VTLB_MAX_PCIDS 12	/* one for each such root, and 000H */
#define VTLB_MAX_VALUES 32	/* interned leaf values */
#define VTLB_MAX_FRAMES 31	/* data frames; bit 31 of a frame mask is "identity" */
#define VTLB_NAME 16		/* bytes a name, NUL included */

/* Flags of a leaf value; A is always 1 where P is. */
enum vtlb_leaf_flag {
	VTLB_LEAF_P = 1u << 0,
	VTLB_LEAF_W = 1u << 1,
	VTLB_LEAF_U = 1u << 2,
	VTLB_LEAF_G = 1u << 3,
	VTLB_LEAF_NX = 1u << 4,
	VTLB_LEAF_D = 1u << 5,
	VTLB_LEAF_RSVD = 1u << 6, /* a reserved bit other than XD is set */
};

/**
 * struct vtlb_leaf - the value of a page-table entry that maps a 4 KiB page
 * @frame: index of the data frame
 * @flags: OR of enum vtlb_leaf_flag; 0 is the one not-present value
 */
struct vtlb_leaf {
	uint8_t frame;
	uint8_t flags;
};

/**
 * struct vtlb_mem - contents of the guest's page tables
 * @root: [root][region]: 0 not present, otherwise upper table index + 1
 * @upper: [upper][slot]: 0 not present, otherwise leaf table index + 1
 * @leaf: [leaf table][entry]: index of a leaf value of the world
 *
 * Upper-level entries are P=1, W=1, U=1, XD=0, A=1 where present.
 */
struct vtlb_mem {
	uint8_t root[VTLB_MAX_ROOTS][VTLB_MAX_REGIONS];
	uint8_t upper[VTLB_MAX_UPPERS][VTLB_MAX_SLOTS];
	uint8_t leaf[VTLB_MAX_LEAFS][VTLB_MAX_ENTRIES];
};

/**
 * struct vtlb_page - a linear page: which entries a walk uses for it
 * @slot: directory entry (its region is in the world)
 * @entry: entry of the page table
 * @linear: real linear address, 4 KiB aligned, below 4 GiB
 */
struct vtlb_page {
	uint8_t slot;
	uint8_t entry;
	uint64_t linear;
};

/**
 * enum vtlb_mmu_mode - how the implementation translates
 */
enum vtlb_mmu_mode {
	VTLB_SHADOW = 0,
	VTLB_TDP = 1,		/* parsed, refused as unsupported in version 1 */
};

/**
 * struct vtlb_world - see the file's header
 *
 * Every table has a supervisor, writable "window" page in a region of its own,
 * the same in every root, through which the guest stores to it; windows are
 * implied and have no number.  Names are unique over roots, uppers, leaf
 * tables and pages taken together.
 */
struct vtlb_world {
	uint8_t vendor;		/* enum vtlb_vendor */
	uint8_t mode;		/* enum vtlb_mmu_mode */
	uint8_t nvcpus;		/* 1 .. 4 */
	uint8_t maxphyaddr;	/* 36 .. 52 */
	uint32_t features;	/* OR of enum vtlb_feature */
	uint32_t ops;		/* bit (1 << opcode): all that this run can do; 0: anything */
	/*
	 * For VTLB_EXPLORE_BY_TABLE, otherwise 0: bits (1 << leaf table) and (1 << value).
	 * Entries of these tables, and entries with these values, are not present between
	 * two steps, whatever was written, and nothing is held of them.
	 */
	uint32_t hidden, unseen;

	uint8_t nroots, nuppers, nleafs, nregions, nslots, npages, npcids, nvalues, nframes;
	uint8_t slot_region[VTLB_MAX_SLOTS];
	struct vtlb_page page[VTLB_MAX_PAGES];
	uint16_t pcid[VTLB_MAX_PCIDS];	/* pcid[0] is 000H; distinct, 12 bits */
	struct vtlb_leaf value[VTLB_MAX_VALUES]; /* value[0] is not present */

	struct vtlb_mem init;		/* initial contents */
	uint32_t init_mode;		/* initial mode word of every vCPU */
	uint8_t init_root;
	uint16_t init_low12;		/* initial CR3[11:0] */

	char root_name[VTLB_MAX_ROOTS][VTLB_NAME];
	char upper_name[VTLB_MAX_UPPERS][VTLB_NAME];
	char leaf_name[VTLB_MAX_LEAFS][VTLB_NAME];
	char page_name[VTLB_MAX_PAGES][VTLB_NAME];
	char frame_name[VTLB_MAX_FRAMES][VTLB_NAME];
};

/**
 * struct vtlb_perm - a renaming of everything in a world that has a name only
 *
 * Each member maps an old index to the new one.  A search uses renamings that
 * map its alphabet to itself; PCID 0 and value 0 (not present) keep their index.
 */
struct vtlb_perm {
	uint8_t vcpu[VTLB_MAX_VCPUS];
	uint8_t root[VTLB_MAX_ROOTS];
	uint8_t upper[VTLB_MAX_UPPERS];
	uint8_t leaf[VTLB_MAX_LEAFS];
	uint8_t pcid[VTLB_MAX_PCIDS];
	uint8_t value[VTLB_MAX_VALUES];
	uint8_t frame[VTLB_MAX_FRAMES];
};

/** vtlb_mem_permute() - @dst becomes @src with everything renamed */
void vtlb_mem_permute(const struct vtlb_world *w, struct vtlb_mem *dst,
		      const struct vtlb_mem *src, const struct vtlb_perm *perm);

/* Default initial registers: 64-bit mode, CPL 0. */
#define VTLB_INIT_MODE                                                        \
	(VTLB_PE | VTLB_WP | VTLB_PG | VTLB_PAE | VTLB_LME | VTLB_LMA |       \
	 VTLB_NXE | VTLB_CSL)

/**
 * vtlb_world_value() - intern a leaf value
 * @w: world under construction
 * @leaf: the value; where P=0 all else is ignored and 0 returned
 *
 * D is closed under interning: for every present D=0 value the D=1 twin is
 * interned too, so that a processor may set D at any time (with CR0.WP=0 in a
 * read-only page as well).
 *
 * Return: its index 0 .. 31, or -1 when the world is full.
 */
int vtlb_world_value(struct vtlb_world *w, struct vtlb_leaf leaf);

/**
 * vtlb_world_pcid() - intern a PCID
 * Return: its index, or -1 when the world is full or @pcid has more than 12 bits.
 */
int vtlb_world_pcid(struct vtlb_world *w, unsigned int pcid);

/**
 * vtlb_world_pcid_index() - index of a PCID of a finished world, -1 if absent
 */
int vtlb_world_pcid_index(const struct vtlb_world *w, unsigned int pcid);

/**
 * vtlb_world_default() - the world of most examples: roots a and b, a
 * page "user" private to each (f0 in a, f1 in b, W U D) and a page "kernel" in
 * a table that both share (f2, W G D), PCIDs 0 and 1, features pcid, invpcid,
 * pge, smep, smap, nx, pse
 */
void vtlb_world_default(struct vtlb_world *w);

/**
 * vtlb_world_check() - is the world consistent
 * @w: the world
 * @why: receives a static sentence when it is not
 *
 * Return: true if every index is in range, every name unique, and the initial
 * registers are ones that a processor can be in.
 */
bool vtlb_world_check(const struct vtlb_world *w, const char **why);

#endif /* VTLB_WORLD_H */
