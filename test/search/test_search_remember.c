/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * vtlb_explore_config.remember: it finds what another record hid, and nothing else
 * about a search depends on it.
 */
#include "run.h"

static const struct vtlb_impl *preset(void)
{
	return vtlb_preset_by_name("kvm-6.12");
}

static uint32_t rule_number(const char *id)
{
	int rule = vtlb_rule_by_id(id);

	assert_true(rule >= 0);
	return (uint32_t)rule;
}

static bool drops(const struct vtlb_rule *r, unsigned int vendor)
{
	const struct vtlb_must *m = &r->must[VTLB_RELY];

	return (r->vendors & 1u << vendor) && (m->ng || m->g || m->psc);
}

/* Length of the shortest finding by a record; 0: none. */
static uint32_t shortest_of(const struct run *r, uint32_t rule)
{
	for (unsigned int i = 0; i < r->nfound; i++)
		if (r->found[i].violation.rule == (int)rule)
			return r->found[i].nops;
	return 0;
}

static void what_another_record_hid(void **state)
{
	static const struct {
		const char *rule;
		uint32_t without, with;
	} rows[] = {
		{ "I-INVPCID-3", 0, 6 }, { "I-INVLPG-1", 0, 6 }, { "I-INVPCID-2", 7, 6 },
	};
	static struct run r;
	struct vtlb_scope scope;

	(void)state;
	scope_load(&scope, "tiny");
	r = (struct run){ .scope = &scope, .impl = preset(), .jobs = 2, .findings = 20,
			  .depth = 7 };
	run(&r);
	for (unsigned int i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		assert_int_equal(shortest_of(&r, rule_number(rows[i].rule)), rows[i].without);
	for (unsigned int i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		r.remember = rule_number(rows[i].rule) + 1;
		run(&r);
		assert_int_equal(shortest_of(&r, rule_number(rows[i].rule)), rows[i].with);
	}
	vtlb_scope_free(&scope);
}

/* Nothing that is found without is missed or longer, and verdicts are the same. */
static void compare(struct run *a, struct run *b)
{
	run_same_answer(a, b);
	if (a->res.can_apply[(b->remember - 1) / 32] >> (b->remember - 1) % 32 & 1)
		assert_true(b->res.stats.states >= a->res.stats.states);
	else
		assert_int_equal(b->res.stats.states, a->res.stats.states);
	for (unsigned int i = 0; i < a->nfound; i++) {
		uint32_t rule = (uint32_t)a->found[i].violation.rule;
		uint32_t n = shortest_of(b, rule);

		if (!n || n > shortest_of(a, rule))
			fail_msg("%s, remember %s: %s %u, without %u", a->impl->name,
				 vtlb_rules[b->remember - 1].id, vtlb_rules[rule].id, n,
				 shortest_of(a, rule));
	}
}

static void nothing_else_changes(void **state)
{
	static const char *const names[] = { "smp-pcid", "modes-nxe", "modes-pg", "tiny" };
	static struct run a, b;
	struct vtlb_scope scope;

	(void)state;
	for (unsigned int i = 0; i < sizeof(names) / sizeof(*names); i++) {
		scope_load(&scope, names[i]);
		for (unsigned int p = 0; p < vtlb_nr_presets; p++) {
			a = (struct run){ .scope = &scope, .impl = vtlb_preset(p), .jobs = 1,
					  .findings = 20, .flags = VTLB_EXPLORE_NO_COVER,
					  .depth = LEVELS(6) };
			run(&a);
			for (unsigned int rule = 0; rule < vtlb_nr_rules; rule++) {
				if (!drops(&vtlb_rules[rule], scope.world.vendor))
					continue;
				b = a;
				b.remember = rule + 1;
				run(&b);
				compare(&a, &b);
			}
		}
		vtlb_scope_free(&scope);
	}
}

/* What is remembered is renamed by a symmetry like everything else. */
static void symmetry_and_threads(void **state)
{
	static struct run a, b;
	struct vtlb_scope scope;

	(void)state;
	scope_load(&scope, "tiny");
	a = (struct run){ .scope = &scope, .impl = preset(), .jobs = 1, .depth = LEVELS(6),
			  .waive = VTLB_WAIVE_ALL, .remember = rule_number("I-INVPCID-2") + 1,
			  .flags = VTLB_EXPLORE_NO_COVER };
	run(&a);
	assert_true(a.res.stats.orbit_states > a.res.stats.states);
	b = a;
	b.jobs = 3;
	run(&b);
	run_same(&a, &b);
	b.jobs = 1;
	b.flags |= VTLB_EXPLORE_NO_SYMMETRY | VTLB_EXPLORE_ALL_IMAGES;
	run(&b);
	run_same_answer(&a, &b);
	assert_int_equal(b.res.stats.states, a.res.stats.orbit_states);
	vtlb_scope_free(&scope);
}

static void refused(void **state)
{
	static struct run r;
	struct vtlb_explore_config cfg;
	struct vtlb_scope scope;

	(void)state;
	scope_load(&scope, "default-leaf");
	r = (struct run){ .scope = &scope, .impl = preset(), .jobs = 1, .depth = 1,
			  .flags = VTLB_EXPLORE_BY_TABLE, .remember = 1 };
	cfg = run_config(&r);
	assert_int_equal(vtlb_explore(&cfg, &r.res), VTLB_E_UNSUPPORTED);
	cfg.flags = 0;
	assert_int_equal(vtlb_explore(&cfg, &r.res), VTLB_OK);
	cfg.remember = vtlb_nr_rules;
	assert_int_equal(vtlb_explore(&cfg, &r.res), VTLB_OK);
	cfg.remember = vtlb_nr_rules + 1;
	assert_int_equal(vtlb_explore(&cfg, &r.res), VTLB_E_LIMIT);
	vtlb_scope_free(&scope);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_another_record_hid),
		cmocka_unit_test(nothing_else_changes),
		cmocka_unit_test(symmetry_and_threads),
		cmocka_unit_test(refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
