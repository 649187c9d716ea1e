/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Tests of the rule table: its own consistency, and each record through the
 * contract's public step, against literals.  Silence is no success: a record
 * that never fired, or never dropped though it could, fails the run.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "rules_case.h"

#include "rules_drops.inc"
#include "rules_faults.inc"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define ALL_FEATURES 0x3fffu

static struct {
	unsigned int dropped, kept, faulted, spared;
} fired[VTLB_MAX_RULES];

/* One state is enough: cases run one after the other. */
static union {
	struct vtlb_cstate s;
	unsigned char bytes[4096];
} now, was;

static void make_world(struct vtlb_world *w, unsigned int vendor, uint32_t without)
{
	const unsigned int pwud = VTLB_LEAF_P | VTLB_LEAF_W | VTLB_LEAF_U | VTLB_LEAF_D;
	const unsigned int pwgd = VTLB_LEAF_P | VTLB_LEAF_W | VTLB_LEAF_G | VTLB_LEAF_D;
	const unsigned int pud = VTLB_LEAF_P | VTLB_LEAF_U | VTLB_LEAF_D;
	const char *why = "";

	vtlb_world_default(w);
	w->vendor = (uint8_t)vendor;
	w->features = ALL_FEATURES & ~without;
	w->nframes = 4;
	memcpy(w->frame_name[3], "f3", 3);
	assert_int_equal(vtlb_world_pcid(w, 2), 2);
	assert_int_equal(vtlb_world_value(w, (struct vtlb_leaf){ 0, (uint8_t)pwud }), V_A);
	assert_int_equal(vtlb_world_value(w, (struct vtlb_leaf){ 1, (uint8_t)pwud }), V_B);
	assert_int_equal(vtlb_world_value(w, (struct vtlb_leaf){ 2, (uint8_t)pwgd }), V_K);
	assert_int_equal(vtlb_world_value(w, (struct vtlb_leaf){ 3, (uint8_t)pwud }), V_X);
	assert_int_equal(vtlb_world_value(w, (struct vtlb_leaf){ 3, (uint8_t)pwgd }), V_L);
	assert_int_equal(vtlb_world_value(w, (struct vtlb_leaf){ 1, (uint8_t)pud }), V_R);
	if (!vtlb_world_check(w, &why))
		fail_msg("world: %s", why);
}

static void start(struct vtlb_contract *c, struct vtlb_world *w, unsigned int vendor,
		  uint32_t without, unsigned int reading)
{
	make_world(w, vendor, without);
	vtlb_contract_init(c, w, vendor, reading, 0);
	assert_true(vtlb_contract_size(c) <= sizeof(now));
	memset(&now, 0, sizeof(now));
	vtlb_contract_reset(c, &now.s);
}

static void step(const struct vtlb_contract *c, struct vtlb_op op, struct vtlb_contract_step *r)
{
	assert_true(vtlb_op_valid(c->w, op));
	vtlb_contract_step(c, &now.s, op, op.code == VTLB_OP_ACCESS ? op.imm : 0, r);
}

/* Preparation and display: must not fault. */
static void run(const struct vtlb_contract *c, const struct vtlb_op *ops, const char *name)
{
	struct vtlb_contract_step r;

	for (unsigned int i = 0; i < MAX_OPS && ops[i].vcpu; i++) {
		step(c, ops[i], &r);
		if (r.fault)
			fail_msg("%s: operation %u ends with %s", name, i + 1,
				 vtlb_fault_name(r.fault));
	}
}

static void ids_of(const struct vtlb_contract_step *r, char *out, size_t size)
{
	size_t len = 0;

	out[0] = 0;
	for (unsigned int i = 0; i < r->nrules; i++)
		len += (size_t)snprintf(out + len, size - len, "%s%s", i ? " " : "",
					vtlb_rules[r->rules[i]].id);
}

static unsigned int wrong_values(const struct drop_case *d, const struct vtlb_contract *c,
				 const char *reading)
{
	unsigned int wrong = 0;

	for (unsigned int page = 0; page < 2; page++) {
		uint32_t g = 0;

		for (unsigned int pcid = 0; pcid < 3; pcid++) {
			uint32_t ng = vtlb_contract_values(c, &now.s, 0, pcid, page, &g);

			if (ng == d->ng[pcid][page])
				continue;
			print_error("%s (%s): PCID %u page %u: values %#x, not %#x\n", d->name,
				    reading, pcid, page, ng, d->ng[pcid][page]);
			wrong++;
		}
		if (g == d->g[page])
			continue;
		print_error("%s (%s): global, page %u: values %#x, not %#x\n", d->name, reading,
			    page, g, d->g[page]);
		wrong++;
	}
	return wrong;
}

/*
 * Is an entry left that no walk could have made again?  In every world of the
 * cases only L comes from memory that is still linked after a drop.
 */
static bool stale_left(const struct drop_case *d)
{
	uint32_t left = d->g[USER] | d->g[KERNEL];

	for (unsigned int pcid = 0; pcid < 3; pcid++)
		left |= d->ng[pcid][USER] | d->ng[pcid][KERNEL];
	return left & (A | B | K | X | R);
}

static unsigned int wrong_drop(const struct drop_case *d, unsigned int reading)
{
	const char *name = reading == VTLB_OWE ? "owe" : "rely";
	static struct vtlb_contract c;
	struct vtlb_contract_step r;
	struct vtlb_world w;
	unsigned int wrong = 0;
	char ids[256];

	start(&c, &w, d->vendor, 0, reading);
	run(&c, d->before, d->name);
	step(&c, d->op, &r);
	ids_of(&r, ids, sizeof(ids));
	if (r.fault || strcmp(ids, d->rules)) {
		print_error("%s (%s): %s, records \"%s\", not \"%s\"\n", d->name, name,
			    vtlb_fault_name(r.fault), ids, d->rules);
		return 1;
	}
	if (!!r.dropped != d->drops) {
		print_error("%s (%s): something dropped: %d\n", d->name, name, !!r.dropped);
		wrong++;
	}
	for (unsigned int i = 0; i < r.nrules; i++) {
		bool dropped = r.dropped >> i & 1u;

		fired[r.rules[i]].dropped += dropped;
		/* what it leaves is checked below */
		fired[r.rules[i]].kept += !dropped || stale_left(d);
	}
	run(&c, d->after, d->name);
	return wrong + wrong_values(d, &c, name);
}

static void drops(void **state)
{
	unsigned int wrong = 0;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(drop_cases); i++)
		for (unsigned int reading = VTLB_RELY; reading <= VTLB_OWE; reading++)
			if (drop_cases[i].readings & 1u << reading)
				wrong += wrong_drop(&drop_cases[i], reading);
	assert_int_equal(wrong, 0);
}

static unsigned int wrong_fault(const struct fault_case *f, unsigned int vendor)
{
	static struct vtlb_contract c;
	struct vtlb_contract_step r;
	struct vtlb_world w;
	char ids[256];
	int rule = vtlb_rule_by_id(f->rule);

	start(&c, &w, vendor, f->without, VTLB_RELY);
	run(&c, f->before, f->rule);
	memcpy(&was, &now, sizeof(was));
	vtlb_contract_peek(&c, &now.s, f->op, &r);
	if (r.fault != f->fault) {
		print_error("%s, vendor %u: asked before the step: other fault\n", f->rule, vendor);
		return 1;
	}
	step(&c, f->op, &r);
	ids_of(&r, ids, sizeof(ids));
	if (r.fault != f->fault || strcmp(ids, f->rule) || r.dropped) {
		print_error("%s, vendor %u: %s by \"%s\"\n", f->rule, vendor,
			    vtlb_fault_name(r.fault), ids);
		return 1;
	}
	if (memcmp(&was, &now, sizeof(was))) {
		print_error("%s, vendor %u: the fault changed the state\n", f->rule, vendor);
		return 1;
	}
	fired[rule].faulted++;

	start(&c, &w, vendor, 0, VTLB_RELY);
	run(&c, f->near_before[0].vcpu ? f->near_before : f->before, f->rule);
	step(&c, f->near, &r);
	if (r.fault) {
		ids_of(&r, ids, sizeof(ids));
		print_error("%s, vendor %u: neighbour: %s by \"%s\"\n", f->rule, vendor,
			    vtlb_fault_name(r.fault), ids);
		return 1;
	}
	if (f->near.code == vtlb_rules[rule].event)
		fired[rule].spared++;
	return 0;
}

static void faults(void **state)
{
	unsigned int wrong = 0;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(fault_cases); i++) {
		wrong += wrong_fault(&fault_cases[i], VTLB_INTEL);
		wrong += wrong_fault(&fault_cases[i], VTLB_AMD);
	}
	assert_int_equal(wrong, 0);
}

/* The fields of ALL: no entry is left that could show what a record keeps. */
static bool is_everything(const struct vtlb_must *m)
{
	return m->ng == VTLB_TAG_ALL && !m->ng_at && m->g && !m->g_at &&
	       m->psc == VTLB_TAG_ALL && !m->psc_at;
}

static bool is_empty(const struct vtlb_must *m)
{
	return !m->ng && !m->g && !m->psc;
}

/*
 * CR4.PAE changes only with paging off, and then S is empty: its records can
 * fire but have nothing to remove in the worlds of version 1.
 */
static bool nothing_to_remove(const char *id)
{
	return !strcmp(id, "I-CR4-PAE") || !strcmp(id, "D-PAE");
}

static void every_record_fired(void **state)
{
	unsigned int missing = 0;

	(void)state;
	/* "./run coverage" shows this table */
	print_message("%-24s %7s %7s %7s %7s\n", "record", "dropped", "kept", "faulted", "spared");
	for (unsigned int i = 0; i < vtlb_nr_rules; i++) {
		const struct vtlb_rule *r = &vtlb_rules[i];
		bool ok;

		if (r->event == VTLB_EV_ACCESS)
			continue;
		print_message("%-24s %7u %7u %7u %7u\n", r->id, fired[i].dropped, fired[i].kept,
			      fired[i].faulted, fired[i].spared);
		if (r->fault)
			ok = fired[i].faulted && fired[i].spared;
		else if (is_empty(&r->must[VTLB_OWE]))
			ok = fired[i].kept && !fired[i].dropped;
		else if (nothing_to_remove(r->id))
			ok = fired[i].kept;
		else
			ok = fired[i].dropped &&
			     (fired[i].kept || is_everything(&r->must[VTLB_OWE]));
		if (!ok) {
			print_error("%s: not tested both ways\n", r->id);
			missing++;
		}
	}
	assert_int_equal(missing, 0);
}

/* Everything that @a drops, @b drops: tags are ordered by "ALL has all the others". */
static bool tag_within(unsigned int a, unsigned int a_at, unsigned int b, unsigned int b_at)
{
	if (a == VTLB_TAG_NONE)
		return true;
	return (b == VTLB_TAG_ALL || a == b) && (!b_at || a_at);
}

static bool event_known(unsigned int event)
{
	switch (event) {
	case VTLB_OP_MOV_CR0:
	case VTLB_OP_MOV_CR3:
	case VTLB_OP_MOV_CR4:
	case VTLB_OP_WRMSR_EFER:
	case VTLB_OP_INVLPG:
	case VTLB_OP_INVPCID:
	case VTLB_OP_INIT:
	case VTLB_EV_PF:
	case VTLB_EV_ACCESS:
		return true;
	default:
		return false;
	}
}

static void check_keys(const struct vtlb_rule *r)
{
	bool sdm = false, apm = false;

	for (const char *p = r->key; *p;) {
		size_t len = strcspn(p, " ");

		if (!vtlb_section(p, len))
			fail_msg("%s: no section %.*s", r->id, (int)len, p);
		sdm |= !strncmp(p, "sdm:", 4);
		apm |= !strncmp(p, "apm:", 4);
		p += len + (p[len] == ' ');
	}
	/* a record of one vendor cites that vendor alone */
	if (r->vendors == VTLB_ON_INTEL)
		assert_true(sdm && !apm);
	if (r->vendors == VTLB_ON_AMD)
		assert_true(apm && !sdm);
	/* where both agree the SDM's numbering is the one that is cited first */
	if (r->vendors == VTLB_ON_BOTH)
		assert_true(sdm);
}

static void check_guard(const struct vtlb_rule *r)
{
	assert_int_equal(r->before & ~r->before_mask, 0);
	assert_int_equal(r->after & ~r->after_mask, 0);
	assert_int_equal(r->opd & ~r->opd_mask, 0);
	/* a bit that changes is not the same before and after */
	assert_int_equal(r->before & r->after & r->changed, 0);
}

static void check_must(const struct vtlb_rule *r, const struct vtlb_must *m)
{
	bool has_address = r->event == VTLB_OP_INVLPG || r->event == VTLB_OP_INVPCID ||
			   r->event == VTLB_EV_PF;

	assert_true(m->ng <= VTLB_TAG_ALL && m->psc <= VTLB_TAG_ALL && m->g <= 1);
	assert_true(!m->ng_at || (m->ng && has_address));
	assert_true(!m->g_at || (m->g && has_address));
	assert_true(!m->psc_at || (m->psc && has_address));
}

static void check_record(const struct vtlb_rule *r)
{
	const struct vtlb_must *rely = &r->must[VTLB_RELY], *owe = &r->must[VTLB_OWE];

	assert_true(r->vendors && !(r->vendors & ~VTLB_ON_BOTH));
	assert_true(event_known(r->event));
	assert_non_null(strchr("2ABCD", r->conf));
	assert_true(r->change && *r->change && r->text && *r->text);
	assert_int_equal(r->text[strlen(r->text) - 1], '.');
	assert_true(tag_within(rely->ng, rely->ng_at, owe->ng, owe->ng_at));
	assert_true(tag_within(rely->psc, rely->psc_at, owe->psc, owe->psc_at));
	assert_true(!rely->g || (owe->g && (!owe->g_at || rely->g_at)));
	/* two readings come from an ambiguity, and it has a name */
	if (memcmp(rely, owe, sizeof(*rely)))
		assert_non_null(r->amb);
	if (r->fault || r->event == VTLB_EV_ACCESS) {
		assert_true(is_empty(rely) && is_empty(owe));
		assert_int_equal(r->pairs, VTLB_PAIRS_KEEP);
	}
	assert_int_equal(!!r->fault, !!r->rank);
	assert_int_equal(r->fault == VTLB_UNSUPPORTED, !strncmp(r->id, "U-", 2));
	check_must(r, rely);
	check_must(r, owe);
	check_guard(r);
	check_keys(r);
}

static void table_is_consistent(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < vtlb_nr_rules; i++) {
		check_record(&vtlb_rules[i]);
		/* the first record of an id is found: so ids are unique */
		assert_int_equal(vtlb_rule_by_id(vtlb_rules[i].id), i);
	}
	assert_int_equal(vtlb_rule_by_id("i-cr4-pge"), -1);
	assert_int_equal(vtlb_rule_by_id("I-CR4-PG"), -1);
	assert_int_equal(vtlb_rule_by_id("I-CR4-PGEX"), -1);
	assert_int_equal(vtlb_rule_by_id(""), -1);
	assert_int_equal(vtlb_nr_rules, 98);
	print_message("%u records\n", vtlb_nr_rules);
}

/* Nothing is cached while PAE can change, so no case above sees this drop. */
static void drop_of_pae(void **state)
{
	const struct vtlb_must rely = { VTLB_TAG_CUR, 0, 0, 0, VTLB_TAG_CUR, 0 };
	const struct vtlb_must owe = { VTLB_TAG_CUR, 0, 1, 0, VTLB_TAG_CUR, 0 };
	const struct vtlb_rule *r = &vtlb_rules[vtlb_rule_by_id("I-CR4-PAE")];

	(void)state;
	assert_memory_equal(&r->must[VTLB_RELY], &rely, sizeof(rely));
	assert_memory_equal(&r->must[VTLB_OWE], &owe, sizeof(owe));
}

/* Which records end live (PCID, root) pairs; no step without a waiver shows it. */
static void pairs(void **state)
{
	static const struct {
		const char *id;
		unsigned int pairs;
	} ends[] = {
		{ "I-CR3-P0", VTLB_PAIRS_NEW },
		{ "I-CR3-P1F", VTLB_PAIRS_NEW },
		{ "M-CR3-P0", VTLB_PAIRS_NEW },
		{ "M-CR3-P1F", VTLB_PAIRS_NEW },
		{ "I-INVPCID-1", VTLB_PAIRS_OPERAND },
		{ "M-INVPCID-1", VTLB_PAIRS_OPERAND },
		{ "I-CR4-PCIDE10", VTLB_PAIRS_NONCURRENT },
		{ "I-CR4-PCIDE01", VTLB_PAIRS_NONCURRENT },
		{ "D-PCIDE", VTLB_PAIRS_NONCURRENT },
		{ "I-CR0-PG10", VTLB_PAIRS_NONCURRENT },
		{ "D-PG", VTLB_PAIRS_NONCURRENT },
		{ "I-INIT", VTLB_PAIRS_ALL },
		{ "D-INIT", VTLB_PAIRS_ALL },
	};
	unsigned int n = 0;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(ends); i++)
		assert_int_equal(vtlb_rules[vtlb_rule_by_id(ends[i].id)].pairs, ends[i].pairs);
	for (unsigned int i = 0; i < vtlb_nr_rules; i++)
		n += vtlb_rules[i].pairs != VTLB_PAIRS_KEEP;
	assert_int_equal(n, ARRAY_SIZE(ends));
}

/* Ids that verdicts cite when no operation is to blame. */
static void structural_records(void **state)
{
	static const char *const ids[] = {
		"A-04", "A-06", "A-07", "A-11", "A-16", "A-20", "A-21", "A-23", "D-UP-WALK",
		"A-PG0",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(ids); i++) {
		int rule = vtlb_rule_by_id(ids[i]);

		assert_true(rule >= 0);
		assert_int_equal(vtlb_rules[rule].event, VTLB_EV_ACCESS);
	}
	assert_int_equal(vtlb_rules[vtlb_rule_by_id("D-UP-WALK")].vendors, VTLB_ON_AMD);
}

static void sections(void **state)
{
	const struct vtlb_section *s = vtlb_section("sdm:ops-invalidate", 18);

	(void)state;
	assert_non_null(s);
	assert_string_equal(s->old_number, "4.10.4.1");
	assert_string_equal(s->new_number, "5.10.4.1");
	assert_string_equal(s->manual, "SDM vol. 3A");
	s = vtlb_section("apm:tlb-flush x", 13);
	assert_non_null(s);
	assert_string_equal(s->new_number, "5.5.3");
	assert_null(vtlb_section("sdm:ops", 7));
	for (unsigned int i = 0; i < vtlb_nr_sections; i++) {
		s = &vtlb_sections[i];
		assert_ptr_equal(vtlb_section(s->key, strlen(s->key)), s);
		assert_true(*s->manual && *s->old_number && *s->new_number && *s->title);
	}
}

static void deviations(void **state)
{
	static const struct {
		const char *name;
		uint32_t waiver;
	} known[] = {
		{ "noncurrent-refill", 1 },
		{ "pf-partial-drop", 2 },
		{ "wp0-smap", 4 },
		{ "nxe-reserved", 8 },
	};

	(void)state;
	assert_int_equal(vtlb_nr_deviations, ARRAY_SIZE(known));
	for (size_t i = 0; i < ARRAY_SIZE(known); i++) {
		int d = vtlb_deviation_by_name(known[i].name);

		assert_true(d >= 0);
		assert_int_equal(vtlb_deviations[d].waiver, known[i].waiver);
		assert_true(*vtlb_deviations[d].summary && *vtlb_deviations[d].waives);
		assert_true(*vtlb_deviations[d].kernels);
	}
	assert_int_equal(vtlb_deviation_by_name("wp0-smapx"), -1);
	assert_int_equal(vtlb_deviation_by_name(""), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(table_is_consistent),
		cmocka_unit_test(drop_of_pae),
		cmocka_unit_test(pairs),
		cmocka_unit_test(structural_records),
		cmocka_unit_test(sections),
		cmocka_unit_test(deviations),
		cmocka_unit_test(drops),
		cmocka_unit_test(faults),
		/* last: it counts what the two before it did */
		cmocka_unit_test(every_record_fired),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
