/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The contract: S, the set of all entries that a conforming processor could
 * hold now, and what each operation does to it.
 */
#ifndef VTLB_CONTRACT_H
#define VTLB_CONTRACT_H

#include "vtlb/rules.h"

/* Waivers: enlargements of S, one for each recorded deviation that has one. */
enum vtlb_waiver {
	VTLB_WAIVE_NONCURRENT = 1u << 0,	/* noncurrent-refill */
	VTLB_WAIVE_PF = 1u << 1,		/* pf-partial-drop */
	VTLB_WAIVE_WP0_SMAP = 1u << 2,		/* wp0-smap */
	VTLB_WAIVE_NXE = 1u << 3,		/* nxe-reserved */
	VTLB_WAIVE_ALL = (1u << 4) - 1,
	/*
	 * With VTLB_WAIVE_NONCURRENT: faces (c) and (d) in docs/deviations.md, by which
	 * paging-structure caches lead to a root that is not loaded.  No name of its own:
	 * vtlb_impl_waive() adds it for implementations that have such caches.
	 */
	VTLB_WAIVE_PSC = 1u << 4,
};

/**
 * struct vtlb_deviation - a recorded deviation of upstream KVM
 * @name: what --waive takes
 * @waiver: its bit
 * @summary: one sentence
 * @waives: what the waiver allows, one sentence, guest terms only
 * @kernels: where it was seen
 */
struct vtlb_deviation {
	const char *name;
	uint32_t waiver;
	const char *summary;
	const char *waives;
	const char *kernels;
};

extern const struct vtlb_deviation vtlb_deviations[];
extern const unsigned int vtlb_nr_deviations;

/** vtlb_deviation_by_name() - index, or -1 */
int vtlb_deviation_by_name(const char *name);

/**
 * struct vtlb_contract - a contract made for one world; constant in a run
 *
 * Made by vtlb_contract_init(); holds a pointer to the world, which must
 * outlive it, the layout of the state, and a table of outcomes.  All members
 * are private to model/contract.
 */
struct vtlb_contract {
	const struct vtlb_world *w;
	uint8_t vendor;
	uint8_t reading;
	uint8_t tags;		/* leaf-set copies a PCID: 1, or one a root (waiver PF) */
	uint8_t lax;		/* 1 + a record that removes nothing; 0: none (model/explore) */
	uint8_t first[VTLB_OP_NR + 1];	/* first record of an event in order[]; last: PF */
	uint8_t count[VTLB_OP_NR + 1];
	uint8_t order[VTLB_MAX_RULES];
	uint32_t waive;
	uint32_t reserved;	/* CR4 and EFER bits that CPUID makes reserved */
	uint32_t off_g, off_psc, off_w, off_live, off_wp0; /* words; ng is at 0 */
	uint32_t off_x, off_linked;
	uint32_t side_wp0;	/* from a word of W or X to what wp0-smap keeps apart of it; or 0 */
	uint32_t vcpu_words;	/* 32-bit words of sets a vCPU */
	uint32_t state_size;
	uint8_t pcid_index[4096]; /* 0xff where not a PCID of the world */
	uint8_t twin[VTLB_MAX_VALUES]; /* the same value with D=1 */
	/* what a cached value gives: [WP, SMEP, SMAP, NXE][value].frames[kind] */
	struct vtlb_value_outcome {
		uint32_t frames[VTLB_NR_KINDS];
		uint32_t faults[VTLB_NR_KINDS];
	} outcome[16][VTLB_MAX_VALUES];
};

/**
 * struct vtlb_regs - the registers of one vCPU
 * @mode: OR of enum vtlb_bit
 * @root: index of the root that CR3 names
 * @low12: CR3[11:0]: the PCID with CR4.PCIDE=1; PWT, PCD and ignored bits without
 */
struct vtlb_regs {
	uint32_t mode;
	uint16_t low12;
	uint8_t root;
	uint8_t pad;
};

/**
 * struct vtlb_cstate - head of the flat, pointer-free contract state
 *
 * vtlb_contract_size() bytes in all: this head, then per vCPU the sets as
 * 32-bit words.  memcpy clones it; equal states are equal bytes.
 */
struct vtlb_cstate {
	struct vtlb_regs regs[VTLB_MAX_VCPUS];
	struct vtlb_mem mem;
	/* waiver wp0-smap, per CR4.SMEP: bit leaf table * 4 + entry */
	uint32_t wp0[2];
	uint32_t nxe;		/* waiver nxe-reserved: the same bits */
	uint32_t pad;
	uint32_t set[];
};

/**
 * vtlb_contract_init() - make a contract
 * @c: to fill
 * @w: checked world; must outlive @c
 * @vendor: enum vtlb_vendor (usually w->vendor)
 * @reading: enum vtlb_reading
 * @waive: OR of enum vtlb_waiver
 */
void vtlb_contract_init(struct vtlb_contract *c, const struct vtlb_world *w,
			unsigned int vendor, unsigned int reading, uint32_t waive);

/** vtlb_contract_size() - bytes of a state, a multiple of 8 */
static inline size_t vtlb_contract_size(const struct vtlb_contract *c)
{
	return c->state_size;
}

/**
 * vtlb_contract_max_size() - vtlb_contract_size() of the largest contract for a world:
 * whatever is waived, vendor and reading; for who needs the memory before the contract
 */
size_t vtlb_contract_max_size(const struct vtlb_world *w);

/** vtlb_contract_reset() - registers and memory of the world, S closed under walks */
void vtlb_contract_reset(const struct vtlb_contract *c, struct vtlb_cstate *s);

/**
 * struct vtlb_contract_step - what a step did
 * @fault: enum vtlb_fault that the manual demands (or no answer)
 * @nrules: number of records that applied
 * @rules: their indices; with a fault, the faulting record comes first and is alone
 * @dropped: bit i: rules[i] removed at least one entry from S
 * @cur, @new_pcid, @operand: PCID indices for enum vtlb_tag (0xff: none)
 * @page: page of an address-limited drop (0xff: none)
 */
struct vtlb_contract_step {
	uint8_t fault;
	uint8_t nrules;
	uint8_t cur, new_pcid, operand, page;
	uint32_t dropped;
	uint8_t rules[16];
};

/**
 * vtlb_contract_step() - one operation
 * @c: contract
 * @s: state, changed in place; unchanged if the operation faults
 * @op: valid operation
 * @outcome: for ACCESS the observed outcome (vtlb_outcome()); VTLB_OUT_ANY: as
 *	if the access had used a cached entry and set no D; ignored otherwise
 * @r: result
 *
 * An observed #PF applies I-PF; an observed VTLB_OUT_DIRTIED sets D in memory.
 */
void vtlb_contract_step(const struct vtlb_contract *c, struct vtlb_cstate *s,
			struct vtlb_op op, uint32_t outcome, struct vtlb_contract_step *r);

/**
 * vtlb_contract_peek() - what @op would have to end with now, without stepping:
 * .fault, .nrules, .rules, the tags and .page of @r; .dropped is 0
 *
 * Return: true if it would not fault and no record asks for a drop.
 */
bool vtlb_contract_peek(const struct vtlb_contract *c, const struct vtlb_cstate *s,
			struct vtlb_op op, struct vtlb_contract_step *r);

/**
 * vtlb_contract_allowed() - outcomes that the contract allows now
 * @vcpu: whose accesses
 * @page: linear page
 * @out: one set per enum vtlb_kind, by the present CR0, CR4, EFER
 */
void vtlb_contract_allowed(const struct vtlb_contract *c, const struct vtlb_cstate *s,
			   unsigned int vcpu, unsigned int page,
			   struct vtlb_outset out[VTLB_NR_KINDS]);

/**
 * vtlb_contract_cached() - outcomes through entries of S alone (no fresh walk),
 * as if PCID index @pcid were current and @mode the mode word; for blame
 */
void vtlb_contract_cached(const struct vtlb_contract *c, const struct vtlb_cstate *s,
			  unsigned int vcpu, unsigned int pcid, uint32_t mode,
			  unsigned int page, struct vtlb_outset out[VTLB_NR_KINDS]);

/**
 * vtlb_contract_values() - leaf values in S for a PCID index and page
 * @global: receives the global ones, may be NULL
 *
 * Return: bit i: value i, non-global (waiver side sets not included).
 */
uint32_t vtlb_contract_values(const struct vtlb_contract *c, const struct vtlb_cstate *s,
			      unsigned int vcpu, unsigned int pcid, unsigned int page,
			      uint32_t *global);

/**
 * vtlb_contract_covers() - does a record's drop reach an entry
 * @rule: index into vtlb_rules
 * @r: result of the step in which it applied (tags and page)
 * @pcid: PCID index of the entry
 * @page: its page
 * @global: is it a global entry
 */
bool vtlb_contract_covers(const struct vtlb_contract *c, unsigned int rule,
			  const struct vtlb_contract_step *r, unsigned int pcid,
			  unsigned int page, bool global);

/** vtlb_contract_cur() - current PCID index of a vCPU */
unsigned int vtlb_contract_cur(const struct vtlb_contract *c, const struct vtlb_cstate *s,
			       unsigned int vcpu);

/**
 * vtlb_contract_words() - number of 32-bit words in vtlb_cstate.set
 */
static inline uint32_t vtlb_contract_words(const struct vtlb_contract *c)
{
	return c->vcpu_words * c->w->nvcpus;
}

/**
 * vtlb_contract_bits() - which bits of the sets can ever be set, for a search
 * @mask: receives vtlb_contract_words() words
 */
void vtlb_contract_bits(const struct vtlb_contract *c, uint32_t *mask);

/**
 * vtlb_contract_permute() - @dst becomes @src with everything renamed
 */
void vtlb_contract_permute(const struct vtlb_contract *c, struct vtlb_cstate *dst,
			   const struct vtlb_cstate *src, const struct vtlb_perm *perm);

#endif /* VTLB_CONTRACT_H */
