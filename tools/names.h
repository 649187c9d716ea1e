/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Words for the library's values: vendors, readings, waivers, what a rule
 * drops, and sections in both numberings.
 */
#ifndef TOOLS_NAMES_H
#define TOOLS_NAMES_H

#include "text.h"
#include "vtlb/rules.h"

/* "intel", "amd"; "rely", "owe".  The parsers return -1 for anything else. */
const char *name_vendor(unsigned int vendor);
int name_vendor_parse(const char *s);
const char *name_reading(unsigned int reading);
int name_reading_parse(const char *s);

/** name_waivers() - append the names of the waivers in @mask, separated */
void name_waivers(struct text *t, uint32_t mask, const char *separator);

/** name_event() - what a record is about: "mov cr4", "page fault" ... */
const char *name_event(unsigned int event);

/**
 * struct name_pcids - the PCIDs that enum vtlb_tag stands for in one step
 *
 * Real PCIDs; -1: not known, the tag's own word is used.
 */
struct name_pcids {
	int cur;
	int new_pcid;
	int operand;
};

/**
 * name_must() - append what has to go, in the short notation of the tables:
 * "NG[0]@a G@a PSC[0]", "ALL", "nothing"
 */
void name_must(struct text *t, const struct vtlb_must *m, const struct name_pcids *p);

#define NAME_MUST_LEGEND                                                               \
	"NG: non-global entries, G: global entries, PSC: paging-structure caches, "    \
	"[p]: of PCID p only (*: of every PCID), @a: only for the address, ALL: "      \
	"every entry."

/** name_must_words() - append what has to go as a clause of a sentence */
void name_must_words(struct text *t, const struct vtlb_must *m);

/* In place of a vendor: sections of both vendors' manuals. */
#define NAME_BOTH_VENDORS (-1)

/**
 * name_sections_short() - append newer section numbers only, for tables
 * name_sections() - append sections in both numberings
 * @keys: symbolic keys, separated by one space
 * @vendor: enum vtlb_vendor: only its manuals, if @keys has any of them
 */
void name_sections_short(struct text *t, const char *keys, int vendor);
void name_sections(struct text *t, const char *keys, int vendor);

#endif /* TOOLS_NAMES_H */
