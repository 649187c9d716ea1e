/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The rules as data: one record says which operation, under which guard, faults
 * or must drop what.  The step function interprets the table; docs, citations
 * and per-rule bookkeeping are made from it.
 */
#ifndef VTLB_RULES_H
#define VTLB_RULES_H

#include "vtlb/op.h"

/* Events of a record that are no opcode. */
#define VTLB_EV_PF 0x40u	/* a #PF is delivered for an access */
#define VTLB_EV_ACCESS 0x41u	/* structural: what an access may use */

/**
 * enum vtlb_tag - which PCIDs a drop reaches
 */
enum vtlb_tag {
	VTLB_TAG_NONE = 0,
	VTLB_TAG_CUR,		/* the current PCID before the operation */
	VTLB_TAG_NEW,		/* the PCID that MOV CR3 loads */
	VTLB_TAG_OPERAND,	/* the PCID in INVPCID's descriptor */
	VTLB_TAG_ALL,
};

/**
 * struct vtlb_must - what has to be dropped
 * @ng: enum vtlb_tag, non-global TLB entries
 * @ng_at: only those that translate the operand's (or faulting) address
 * @g: global TLB entries
 * @g_at: only those that translate the address
 * @psc: enum vtlb_tag, paging-structure-cache entries
 * @psc_at: only those that would be used for the address
 */
struct vtlb_must {
	uint8_t ng;
	uint8_t ng_at;
	uint8_t g;
	uint8_t g_at;
	uint8_t psc;
	uint8_t psc_at;
};

enum vtlb_reading {
	VTLB_RELY = 0,		/* the least that guest software may rely on */
	VTLB_OWE = 1,		/* the most that an implementation has to provide */
};

/**
 * enum vtlb_pairs - which live (PCID, root) pairs a record ends (waiver
 * noncurrent-refill only)
 */
enum vtlb_pairs {
	VTLB_PAIRS_KEEP = 0,
	VTLB_PAIRS_NEW,		/* all pairs of the PCID that MOV CR3 loads */
	VTLB_PAIRS_OPERAND,	/* all pairs of INVPCID's PCID */
	VTLB_PAIRS_NONCURRENT,	/* all but the current pair */
	VTLB_PAIRS_ALL,
};

/* Operand bits of a guard: facts about the operation that no mode bit says. */
enum vtlb_operand {
	VTLB_OPD_NOFLUSH = 1u << 0,	/* MOV CR3 source bit 63 (64-bit code) */
	VTLB_OPD_CR3_RSVD = 1u << 1,	/* CR3 bit >= MAXPHYADDR */
	VTLB_OPD_CR3_LAM = 1u << 2,	/* LAM bit without CPUID.LAM */
	VTLB_OPD_REG_RSVD = 1u << 3,	/* reserved bit in CR0[63:32], CR4, EFER */
	VTLB_OPD_LOW12_NZ = 1u << 4,	/* present CR3[11:0] != 0 */
	VTLB_OPD_NONCANON = 1u << 5,	/* address not canonical */
	VTLB_OPD_DESC_RSVD = 1u << 6,	/* INVPCID descriptor bits 63:12 */
	VTLB_OPD_PCID_NZ = 1u << 7,	/* INVPCID's PCID != 0 */
	VTLB_OPD_TYPE0 = 1u << 8,
	VTLB_OPD_TYPE1 = 1u << 9,
	VTLB_OPD_TYPE2 = 1u << 10,
	VTLB_OPD_TYPE3 = 1u << 11,
	VTLB_OPD_TYPE_BAD = 1u << 12,	/* type > 3 */
	VTLB_OPD_NO_INVPCID = 1u << 13,	/* CPUID.INVPCID is 0 */
	VTLB_OPD_PF_P = 1u << 14,	/* #PF error code P=1 */
	VTLB_OPD_PF_RSVD = 1u << 15,	/* #PF error code RSVD=1 */
};

#define VTLB_ON_INTEL (1u << VTLB_INTEL)
#define VTLB_ON_AMD (1u << VTLB_AMD)
#define VTLB_ON_BOTH (VTLB_ON_INTEL | VTLB_ON_AMD)

/**
 * struct vtlb_rule - one record
 * @id: as in rules.md ("I-CR3-P1N"); unique
 * @vendors: OR of VTLB_ON_*
 * @event: enum vtlb_opcode or VTLB_EV_*
 * @changed: the record applies only if one of these mode bits changes
 *	(0: no such condition)
 * @before, @before_mask: mode bits before must equal @before under the mask
 * @after, @after_mask: the same for the mode bits that would result
 * @opd, @opd_mask: the same for enum vtlb_operand
 * @fault: enum vtlb_fault that the operation must end with; when any record
 *	with a fault applies, nothing else of the operation happens
 * @rank: order among faults, lowest first (#UD before #GP)
 * @must: what has to go, per enum vtlb_reading; RELY is a subset of OWE
 * @pairs: enum vtlb_pairs
 * @conf: 'A', 'B', 'C', 'D' as in rules.md ('2' for A2)
 * @key: symbolic section keys, separated by one space, see vtlb_section()
 * @amb: "AMB-n" or NULL
 * @change: the operation and its guard, for people: "CR4.PGE 0->1 or 1->0"
 * @text: one sentence in our own words
 */
struct vtlb_rule {
	const char *id;
	uint8_t vendors;
	uint8_t event;
	uint8_t fault;
	uint8_t rank;
	uint32_t changed;
	uint32_t before, before_mask;
	uint32_t after, after_mask;
	uint32_t opd, opd_mask;
	struct vtlb_must must[2];
	uint8_t pairs;
	char conf;
	const char *key;
	const char *amb;
	const char *change;
	const char *text;
};

/* The table and its length; constant but in a mutation-test build. */
#ifdef VTLB_MUTATION
extern struct vtlb_rule vtlb_rules[];
#else
extern const struct vtlb_rule vtlb_rules[];
#endif
extern const unsigned int vtlb_nr_rules;
#define VTLB_MAX_RULES 128

/**
 * vtlb_rule_by_id() - index of a record, -1 if there is none (case matters)
 */
int vtlb_rule_by_id(const char *id);

/**
 * struct vtlb_section - one symbolic section key in both numberings
 * @key: "sdm:ops-invalidate"
 * @old_number: editions up to 2023 ("4.10.4.1"); for AMD the same as @new_number
 * @new_number: editions since a chapter came before "Paging" ("5.10.4.1")
 * @title: the section's title, or what it is about
 */
struct vtlb_section {
	const char *key;
	const char *manual;	/* "SDM vol. 3A", "SDM vol. 2", "APM vol. 2" */
	const char *old_number;
	const char *new_number;
	const char *title;
};

extern const struct vtlb_section vtlb_sections[];
extern const unsigned int vtlb_nr_sections;

/**
 * vtlb_section() - find a section by its key
 * @key: key; need not be NUL-terminated
 * @len: its length
 *
 * Return: the record or NULL.
 */
const struct vtlb_section *vtlb_section(const char *key, size_t len);

#endif /* VTLB_RULES_H */
