/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Words for the library's values, in one place, so that tables, sentences,
 * JSON and the generated rule page cannot disagree.
 */
#include "names.h"

#include <string.h>

#include "vtlb/contract.h"

static const char *const vendors[] = { [VTLB_INTEL] = "intel", [VTLB_AMD] = "amd" };
static const char *const readings[] = { [VTLB_RELY] = "rely", [VTLB_OWE] = "owe" };

const char *name_vendor(unsigned int vendor)
{
	return vendors[vendor == VTLB_AMD];
}

const char *name_reading(unsigned int reading)
{
	return readings[reading == VTLB_OWE];
}

int name_vendor_parse(const char *s)
{
	for (int i = 0; i < 2; i++)
		if (strcmp(s, vendors[i]) == 0)
			return i;
	return -1;
}

int name_reading_parse(const char *s)
{
	for (int i = 0; i < 2; i++)
		if (strcmp(s, readings[i]) == 0)
			return i;
	return -1;
}

void name_waivers(struct text *t, uint32_t mask, const char *separator)
{
	bool first = true;

	for (unsigned int i = 0; i < vtlb_nr_deviations; i++) {
		if (!(mask & vtlb_deviations[i].waiver))
			continue;
		text_add(t, "%s%s", first ? "" : separator, vtlb_deviations[i].name);
		first = false;
	}
}

const char *name_event(unsigned int event)
{
	static const char *const names[VTLB_OP_NR] = {
		[VTLB_OP_MOV_CR0] = "MOV CR0",	     [VTLB_OP_MOV_CR3] = "MOV CR3",
		[VTLB_OP_MOV_CR4] = "MOV CR4",	     [VTLB_OP_WRMSR_EFER] = "WRMSR EFER",
		[VTLB_OP_INVLPG] = "INVLPG",	     [VTLB_OP_INVPCID] = "INVPCID",
		[VTLB_OP_ACCESS] = "access",	     [VTLB_OP_WRITE_LEAF] = "page-table write",
		[VTLB_OP_WRITE_UPPER] = "page-table write",
		[VTLB_OP_WRITE_ROOT] = "page-table write",
		[VTLB_OP_SET_CSL] = "far transfer",  [VTLB_OP_SET_CPL] = "CPL change",
		[VTLB_OP_SET_AC] = "EFLAGS.AC change", [VTLB_OP_INIT] = "INIT",
		[VTLB_OP_HOST_ZAP] = "host zap",
	};

	if (event == VTLB_EV_PF)
		return "page fault";
	if (event == VTLB_EV_ACCESS)
		return "any access";
	return event < VTLB_OP_NR ? names[event] : "unknown event";
}

static void add_tag(struct text *t, unsigned int tag, const struct name_pcids *p)
{
	static const char *const words[] = {
		[VTLB_TAG_CUR] = "cur", [VTLB_TAG_NEW] = "new", [VTLB_TAG_OPERAND] = "operand",
	};
	int pcid = -1;

	if (tag == VTLB_TAG_ALL) {
		text_add(t, "[*]");
		return;
	}
	if (p && tag == VTLB_TAG_CUR)
		pcid = p->cur;
	else if (p && tag == VTLB_TAG_NEW)
		pcid = p->new_pcid;
	else if (p)
		pcid = p->operand;
	if (pcid < 0)
		text_add(t, "[%s]", words[tag]);
	else
		text_add(t, pcid < 10 ? "[%d]" : "[0x%x]", (unsigned int)pcid);
}

static bool drops_all(const struct vtlb_must *m)
{
	return m->ng == VTLB_TAG_ALL && !m->ng_at && m->g && !m->g_at &&
	       m->psc == VTLB_TAG_ALL && !m->psc_at;
}

void name_must(struct text *t, const struct vtlb_must *m, const struct name_pcids *p)
{
	size_t start = t->len;

	if (drops_all(m)) {
		text_add(t, "ALL");
		return;
	}
	if (m->ng) {
		text_add(t, "NG");
		add_tag(t, m->ng, p);
		text_add(t, "%s", m->ng_at ? "@a" : "");
	}
	if (m->g)
		text_add(t, "%sG%s", t->len > start ? " " : "", m->g_at ? "@a" : "");
	if (m->psc) {
		text_add(t, "%sPSC", t->len > start ? " " : "");
		add_tag(t, m->psc, p);
		text_add(t, "%s", m->psc_at ? "@a" : "");
	}
	if (t->len == start)
		text_add(t, "nothing");
}

static const char *of_tag(unsigned int tag)
{
	static const char *const words[] = {
		[VTLB_TAG_CUR] = " of the current PCID",
		[VTLB_TAG_NEW] = " of the PCID that is loaded",
		[VTLB_TAG_OPERAND] = " of the PCID in the descriptor",
		[VTLB_TAG_ALL] = " of every PCID",
	};

	return words[tag];
}

void name_must_words(struct text *t, const struct vtlb_must *m)
{
	size_t start = t->len;

	if (drops_all(m)) {
		text_add(t, "every entry, global ones and paging-structure caches included");
		return;
	}
	if (m->ng)
		text_add(t, "non-global TLB entries%s%s", of_tag(m->ng),
			 m->ng_at ? " for the address" : "");
	if (m->g)
		text_add(t, "%sglobal TLB entries%s", t->len > start ? "; " : "",
			 m->g_at ? " for the address" : "");
	if (m->psc)
		text_add(t, "%spaging-structure-cache entries%s%s", t->len > start ? "; " : "",
			 of_tag(m->psc), m->psc_at ? " for the address" : "");
	if (t->len == start)
		text_add(t, "nothing");
}

static bool in_manual_of(const struct vtlb_section *s, int vendor)
{
	bool amd = strncmp(s->manual, "APM", 3) == 0;

	return vendor == NAME_BOTH_VENDORS || amd == (vendor == VTLB_AMD);
}

/* The next section of a list of keys, NULL at its end. */
static const struct vtlb_section *next_section(const char **keys)
{
	while (*keys && **keys) {
		size_t len = strcspn(*keys, " ");
		const struct vtlb_section *s = vtlb_section(*keys, len);

		*keys += len;
		*keys += strspn(*keys, " ");
		if (s)
			return s;
	}
	return NULL;
}

static void add_short(struct text *t, const struct vtlb_section *s)
{
	bool amd = in_manual_of(s, VTLB_AMD);

	text_add(t, "%s%s", amd ? "APM " : "", s->new_number);
}

static void add_full(struct text *t, const struct vtlb_section *s)
{
	text_add(t, "%s %s", s->manual, s->new_number);
	if (strcmp(s->old_number, "-") == 0)
		text_add(t, " (not in editions up to 2023)");
	else if (strcmp(s->old_number, s->new_number) != 0)
		text_add(t, " (%s in editions up to 2023)", s->old_number);
}

static bool add_sections(struct text *t, const char *keys, int vendor,
			 void (*add)(struct text *t, const struct vtlb_section *s))
{
	const struct vtlb_section *s;
	bool any = false;

	while ((s = next_section(&keys))) {
		if (!in_manual_of(s, vendor))
			continue;
		text_add(t, "%s", any ? ", " : "");
		add(t, s);
		any = true;
	}
	return any;
}

void name_sections_short(struct text *t, const char *keys, int vendor)
{
	if (!add_sections(t, keys, vendor, add_short))
		add_sections(t, keys, NAME_BOTH_VENDORS, add_short);
}

void name_sections(struct text *t, const char *keys, int vendor)
{
	if (!add_sections(t, keys, vendor, add_full))
		add_sections(t, keys, NAME_BOTH_VENDORS, add_full);
}
