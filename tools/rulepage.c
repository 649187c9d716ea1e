/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The rule table for people and for programs.  All of it is made from the
 * records, so it cannot say anything that the step function does not do.
 */
#include "rulepage.h"

#include <stdio.h>
#include <string.h>

#include "ambiguity.h"
#include "json.h"
#include "names.h"
#include "out.h"
#include "table.h"

const char *rulepage_vendors(const struct vtlb_rule *r)
{
	if (r->vendors == VTLB_ON_BOTH)
		return "Intel, AMD";
	return r->vendors == VTLB_ON_AMD ? "AMD" : "Intel";
}

const char *rulepage_confidence(const struct vtlb_rule *r)
{
	switch (r->conf) {
	case '2':
		return "read in two editions of the manual, which agree";
	case 'A':
		return "read in one edition of the manual";
	case 'B':
		return "read in the source of an implementation, or in a mail that quotes the "
		       "manual";
	case 'D':
		return "deduced from rules that were read";
	default:
		return "from memory, not yet checked against the manual";
	}
}

static const char *pairs_words(unsigned int pairs)
{
	switch (pairs) {
	case VTLB_PAIRS_NEW:
		return "all pairs of the PCID that is loaded";
	case VTLB_PAIRS_OPERAND:
		return "all pairs of the PCID in the descriptor";
	case VTLB_PAIRS_NONCURRENT:
		return "all pairs but the current one";
	case VTLB_PAIRS_ALL:
		return "all pairs";
	default:
		return NULL;
	}
}

static bool readings_differ(const struct vtlb_rule *r)
{
	return memcmp(&r->must[VTLB_RELY], &r->must[VTLB_OWE], sizeof(r->must[0])) != 0;
}

void rulepage_table(void)
{
	static const char *const heads[] = { "Rule", "Vendor", "When", "Drops or faults",
					     "Section" };
	struct text s = { 0 };
	struct table t;

	table_head(&t, 5, heads);
	for (unsigned int i = 0; i < vtlb_nr_rules; i++) {
		const struct vtlb_rule *r = &vtlb_rules[i];

		table_cell(&t, STYLE_PLAIN, "%s", r->id);
		table_cell(&t, STYLE_PLAIN, "%s", rulepage_vendors(r));
		table_cell(&t, STYLE_PLAIN, "%s", r->change);
		if (r->fault)
			text_add(&s, "%s", vtlb_fault_name((enum vtlb_fault)r->fault));
		else
			name_must(&s, &r->must[VTLB_RELY], NULL);
		if (readings_differ(r)) {
			text_add(&s, "\nowe: ");
			name_must(&s, &r->must[VTLB_OWE], NULL);
		}
		table_cell(&t, STYLE_PLAIN, "%s", text_str(&s));
		text_free(&s);
		name_sections_short(&s, r->key, NAME_BOTH_VENDORS);
		table_cell(&t, STYLE_PLAIN, "%s", text_str(&s));
		text_free(&s);
	}
	table_print(&t);
	table_free(&t);
	text_print(stdout, 0, out.width, NAME_MUST_LEGEND);
	text_print(stdout, 0, out.width,
		   "'vtlb rules ID' explains one, with section numbers in both numberings.");
}

static void item(const char *head, struct text *value)
{
	struct text line = { 0 };

	text_add(&line, "%s: %s", head, text_str(value));
	text_print(stdout, 2, out.width, text_str(&line));
	text_free(&line);
	text_free(value);
}

static void item_must(const struct vtlb_rule *r)
{
	struct text t = { 0 };

	name_must_words(&t, &r->must[VTLB_RELY]);
	item("Must drop", &t);
	if (!readings_differ(r))
		return;
	name_must_words(&t, &r->must[VTLB_OWE]);
	item("Under the owe reading", &t);
}

void rulepage_explain(const struct vtlb_rule *r)
{
	const char *pairs = pairs_words(r->pairs);
	const char *key = r->key;
	struct text t = { 0 };

	printf("%s%s%s\n", style_begin(STYLE_HEAD), r->id, style_end(STYLE_HEAD));
	text_print(stdout, 2, out.width, r->text);
	text_add(&t, "%s", r->change);
	item("When", &t);
	text_add(&t, "%s", rulepage_vendors(r));
	item("Vendor", &t);
	if (r->fault == VTLB_UNSUPPORTED) {
		text_add(&t, "unsupported, never a guess");
		item("Answer", &t);
	} else if (r->fault) {
		text_add(&t, "%s; the operation then changes nothing and drops nothing",
			 vtlb_fault_name((enum vtlb_fault)r->fault));
		item("Fault", &t);
	} else {
		item_must(r);
	}
	if (pairs) {
		text_add(&t, "%s (see --waive noncurrent-refill)", pairs);
		item("Ends live (PCID, root) pairs", &t);
	}
	while (*key) {
		size_t len = strcspn(key, " ");
		const struct vtlb_section *s = vtlb_section(key, len);

		if (s) {
			text_add(&t, "%s %s, in editions up to 2023 %s: %s", s->manual,
				 s->new_number, s->old_number, s->title);
			item("Section", &t);
		}
		key += len;
		key += strspn(key, " ");
	}
	text_add(&t, "%s", rulepage_confidence(r));
	item("How it is known", &t);
	if (r->amb) {
		const struct ambiguity *a = ambiguity_by_id(r->amb);

		text_add(&t, "%s", r->amb);
		if (a)
			text_add(&t, ": %s Rely: %s. Owe: %s.", a->question, a->rely, a->owe);
		item("Ambiguity", &t);
	}
}

static json_t *json_must(const struct vtlb_must *m)
{
	struct text t = { 0 };
	json_t *value;

	name_must(&t, m, NULL);
	value = json_text(text_str(&t));
	text_free(&t);
	return value;
}

static json_t *json_sections(const char *key)
{
	json_t *array = json_new(json_array());

	while (*key) {
		size_t len = strcspn(key, " ");
		const struct vtlb_section *s = vtlb_section(key, len);
		json_t *o = json_new(json_object());

		if (s) {
			json_add(o, "key", json_text(s->key));
			json_add(o, "manual", json_text(s->manual));
			json_add(o, "old_number", json_text(s->old_number));
			json_add(o, "new_number", json_text(s->new_number));
			json_add(o, "title", json_text(s->title));
		}
		json_append(array, o);
		key += len;
		key += strspn(key, " ");
	}
	return array;
}

json_t *rulepage_json(const struct vtlb_rule *r)
{
	json_t *o = json_new(json_object()), *vendors = json_new(json_array());
	json_t *drops = json_new(json_object());

	json_add(o, "id", json_text(r->id));
	if (r->vendors & VTLB_ON_INTEL)
		json_append(vendors, json_text(name_vendor(VTLB_INTEL)));
	if (r->vendors & VTLB_ON_AMD)
		json_append(vendors, json_text(name_vendor(VTLB_AMD)));
	json_add(o, "vendors", vendors);
	json_add(o, "event", json_text(name_event(r->event)));
	json_add(o, "when", json_text(r->change));
	json_add(o, "text", json_text(r->text));
	json_add(o, "fault",
		 r->fault ? json_text(vtlb_fault_name((enum vtlb_fault)r->fault)) : json_null());
	json_add(drops, "rely", json_must(&r->must[VTLB_RELY]));
	json_add(drops, "owe", json_must(&r->must[VTLB_OWE]));
	json_add(o, "drops", drops);
	json_add(o, "sections", json_sections(r->key));
	json_add(o, "ambiguity", r->amb ? json_text(r->amb) : json_null());
	json_add(o, "confidence", json_text(rulepage_confidence(r)));
	return o;
}
