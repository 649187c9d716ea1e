/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What a search may say: that all is explained, that a faulting step is the end of it,
 * how deep a search in parts has been.  Each of these was once said wrongly.
 */
#include "run.h"

static const struct vtlb_impl *preset(void)
{
	return vtlb_preset_by_name("kvm-6.12");
}

/* The preset's state, and behind it whether a step has faulted. */
static uint64_t *faulted(const struct vtlb_world *w, void *state)
{
	return (uint64_t *)(void *)((char *)state + preset()->state_size(preset(), w));
}

static size_t state_size(const struct vtlb_impl *impl, const struct vtlb_world *w)
{
	(void)impl;
	return preset()->state_size(preset(), w) + sizeof(uint64_t);
}

static void reset(const struct vtlb_impl *impl, const struct vtlb_world *w, void *state)
{
	(void)impl;
	preset()->reset(preset(), w, state);
	*faulted(w, state) = 0;
}

static void step(const struct vtlb_impl *impl, const struct vtlb_world *w, void *state,
		 struct vtlb_op op, uint32_t outcome, struct vtlb_impl_step *r)
{
	(void)impl;
	preset()->step(preset(), w, state, op, outcome, r);
	*faulted(w, state) |= r->fault != 0;
}

/* Behind a fault every access can give every frame. */
static void outcomes(const struct vtlb_impl *impl, const struct vtlb_world *w, const void *state,
		     unsigned int vcpu, unsigned int page,
		     struct vtlb_outset out[VTLB_NR_KINDS])
{
	uint64_t bad;

	(void)impl;
	preset()->outcomes(preset(), w, state, vcpu, page, out);
	memcpy(&bad, (const char *)state + preset()->state_size(preset(), w), sizeof(bad));
	for (unsigned int kind = 0; bad && kind < VTLB_NR_KINDS; kind++)
		out[kind].frames |= (1u << w->nframes) - 1;
}

static void a_fault_is_followed(void **state)
{
	static struct run r;
	struct vtlb_scope scope;
	struct vtlb_impl impl = *preset();

	(void)state;
	impl.name = "worse-behind-a-fault";
	impl.state_size = state_size;
	impl.reset = reset;
	impl.step = step;
	impl.outcomes = outcomes;
	impl.clone = NULL;
	impl.encode = NULL;
	impl.decode = NULL;
	impl.permute = NULL;
	impl.assume = NULL;
	impl.describe = NULL;
	impl.held = NULL;
	scope_load(&scope, "tiny");
	r = (struct run){ .scope = &scope, .impl = &impl, .waive = VTLB_WAIVE_ALL, .jobs = 1,
			  .depth = 3 };
	run(&r);
	assert_int_equal(r.res.verdict, VTLB_VIOLATES);
	assert_int_equal(r.found[0].nops, 1);
	r.impl = preset();
	run(&r);
	assert_int_equal(r.res.verdict, VTLB_INCOMPLETE);
	vtlb_scope_free(&scope);
}

static void explained_is_each_way(void **state)
{
	static struct run r;
	struct vtlb_scope scope;

	(void)state;
	scope_load_from(&scope, "test/search/scopes", "explained-one-way");
	r = (struct run){ .scope = &scope, .jobs = 2, .findings = 20,
			  .impl = vtlb_preset_by_name("kvm-5.16-without-unload-on-pcide") };
	run(&r);
	assert_int_equal(r.res.verdict, VTLB_VIOLATES);
	assert_int_equal(run_shortest(&r), 7);
	/* the same scope where there is nothing else to be found */
	r.impl = preset();
	run(&r);
	assert_int_equal(r.res.verdict, VTLB_DEVIATES);
	vtlb_scope_free(&scope);
}

static bool stop_at_three(void *ctx, const struct vtlb_explore_stats *stats)
{
	(void)ctx;
	return stats->depth < 3;
}

static void parts_not_begun_have_no_depth(void **state)
{
	static struct run r;
	struct vtlb_explore_config cfg;
	struct vtlb_scope scope;

	(void)state;
	scope_load(&scope, "default-leaf");
	r = (struct run){ .scope = &scope, .impl = preset(), .waive = VTLB_WAIVE_ALL, .jobs = 1,
			  .flags = VTLB_EXPLORE_BY_TABLE, .depth = 2 };
	run(&r);
	assert_int_equal(r.res.stats.depth, 2);
	cfg = run_config(&r);
	cfg.max_depth = 0;
	cfg.progress = stop_at_three;
	assert_int_equal(vtlb_explore(&cfg, &r.res), VTLB_OK);
	assert_int_equal(r.res.stop, VTLB_STOP_CALLER);
	assert_true(r.res.part[0].depth >= 3);
	assert_int_equal(r.res.stats.depth, 0);
	vtlb_scope_free(&scope);
}

static void of_too_many_symmetries_some_are_used(void **state)
{
	static struct run r;
	struct vtlb_scope scope;

	(void)state;
	scope_load_from(&scope, "test/search/scopes", "five-pcids");
	r = (struct run){ .scope = &scope, .impl = preset(), .waive = VTLB_WAIVE_ALL, .jobs = 1,
			  .depth = 2 };
	run(&r);
	assert_int_equal(r.res.stop, VTLB_STOP_DEPTH);
	assert_int_equal(r.res.stats.depth, 2);
	/* five PCIDs and two frames: 240; with one PCID that stays there are 48 */
	assert_int_equal(r.res.stats.group, 48);
	vtlb_scope_free(&scope);
}

static int rule_number(const char *id)
{
	for (unsigned int i = 0; i < vtlb_nr_rules; i++)
		if (!strcmp(vtlb_rules[i].id, id))
			return (int)i;
	fail_msg("no record %s", id);
	return -1;
}

static bool can_apply(const struct run *r, const char *id)
{
	int rule = rule_number(id);

	return r->res.can_apply[rule / 32] >> rule % 32 & 1;
}

static void each_vcpu_has_its_registers(void **state)
{
	static struct run r;
	struct vtlb_scope scope;

	(void)state;
	scope_load_from(&scope, "test/search/scopes", "one-loads-cr3");
	r = (struct run){ .scope = &scope, .impl = preset(), .waive = VTLB_WAIVE_ALL, .jobs = 1 };
	run(&r);
	assert_int_equal(r.res.verdict, VTLB_HOLDS);
	assert_true(can_apply(&r, "I-CR3-P1F"));
	assert_true(can_apply(&r, "I-CR4-PCIDE10"));
	assert_false(can_apply(&r, "I-CR3-P0"));
	vtlb_scope_free(&scope);
}

static void no_clone(const struct vtlb_impl *impl, const struct vtlb_world *w, void *dst,
		     const void *src)
{
	memcpy(dst, src, impl->state_size(impl, w));
}

static void states_that_are_not_bytes_are_refused(void **state)
{
	static struct run r;
	struct vtlb_explore_config cfg;
	struct vtlb_impl impl = *preset();
	struct vtlb_scope scope;

	(void)state;
	impl.clone = no_clone;
	scope_load(&scope, "tiny");
	r = (struct run){ .scope = &scope, .impl = &impl, .jobs = 1, .depth = 1 };
	cfg = run_config(&r);
	assert_int_equal(vtlb_explore(&cfg, &r.res), VTLB_E_UNSUPPORTED);
	vtlb_scope_free(&scope);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_fault_is_followed),
		cmocka_unit_test(explained_is_each_way),
		cmocka_unit_test(parts_not_begun_have_no_depth),
		cmocka_unit_test(of_too_many_symmetries_some_are_used),
		cmocka_unit_test(each_vcpu_has_its_registers),
		cmocka_unit_test(states_that_are_not_bytes_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
