/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Running and shrinking traces against an implementation made to fail: runs that
 * stop, violations without an operation, and sets of outcomes that no preset has.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "fake_impl.h"
#include "vtlb/vtlb.h"

#define HEAD "vtlb-trace 1\nworld features=pcid,invpcid,pge,smep,smap,nx\nroots a b\n"

/* kvm-6.12 deviates here: noncurrent-refill. */
#define REFILL                    \
	"cr4 |= pcide\n"          \
	"cr3 a\n"                 \
	"read user\n"             \
	"cr3 a pcid=1\n"          \
	"invpcid all\n"           \
	"write a.user = f3\n"     \
	"cr3 a noflush\n"         \
	"read user\n"

/*
 * It would deviate here too, in another way (pf-partial-drop), were it not for the
 * "cr3 a" before the fault.
 */
#define ALMOST_PARTIAL                  \
	"write a.user = f0 ro\n"        \
	"read user\n"                   \
	"write a.user = np\n"           \
	"cr3 a\n"                       \
	"user write user -> #PF(W U)\n" \
	"write a.user = f0\n"

/* Reads that can go two ways each: f0 is cached, f3 is in memory. */
#define WAYS "read user\nwrite a.user = f3\nread kernel\n" TWO TWO TWO
#define TWO "user read user\nuser read user\n"

static struct vtlb_trace t;
static struct vtlb_run_result res;

static void parse(const char *text)
{
	struct vtlb_diag d;

	if (vtlb_trace_parse(text, strlen(text), &t, &d)) {
		print_message("%s\n%u:%u: %s\n", text, d.line, d.column, d.message);
		fail();
	}
}

/* Runs the text; does it satisfy itself? */
static bool run(const char *text, const struct lie *lie)
{
	const struct vtlb_impl impl = fake_impl(lie);
	const struct vtlb_run_config cfg = { .impl = &impl, .vendor = -1, .reading = -1 };
	bool ok;

	parse(text);
	assert_int_equal(vtlb_trace_run(&t, &cfg, NULL, NULL, &res), VTLB_OK);
	ok = vtlb_trace_ok(&t, &res);
	vtlb_trace_free(&t);
	return ok;
}

static size_t no_size(const struct vtlb_impl *impl, const struct vtlb_world *w)
{
	(void)impl;
	(void)w;
	return 0;
}

static void test_refused_world(void **state)
{
	static const struct lie lie = { .page = 0xff };
	struct vtlb_impl impl = fake_impl(&lie);
	const struct vtlb_run_config cfg = { .impl = &impl, .vendor = -1, .reading = -1 };

	(void)state;
	impl.state_size = no_size;
	parse(HEAD "read user\nexpect holds\n");
	assert_int_equal(vtlb_trace_run(&t, &cfg, NULL, NULL, &res), VTLB_OK);
	assert_int_equal(res.verdict, VTLB_V_UNSUPPORTED);
	assert_non_null(strstr(res.why, "refuses"));
	assert_int_equal(res.passed + res.failed, 0);
	assert_false(vtlb_trace_ok(&t, &res));
	assert_int_equal(vtlb_trace_shrink(&t, &cfg, &res), VTLB_E_UNSUPPORTED);
	vtlb_trace_free(&t);
}

/* Five reads have 32 outcomes in all, which can be followed; six have too many. */
static void test_too_many_ways(void **state)
{
	static const struct lie lie = {
		.page = 0, .kind = VTLB_UR, .from = 2, .outcome = VTLB_OUT_FRAME << 8 | 3,
	};

	(void)state;
	assert_false(run(HEAD "expect holds\n" WAYS "expect holds\nread kernel\n"
			      "expect violates I-PF at 1\n", &lie));
	assert_int_equal(res.verdict, VTLB_INCOMPLETE);
	assert_int_equal(res.stopped_at, 9);
	assert_non_null(strstr(res.why, "more ways to go on"));
	/* what stands behind the step that stopped the run is not looked at */
	assert_int_equal(res.passed, 1);
	assert_int_equal(res.failed, 0);
}

static bool until_step_1(void *ctx, uint32_t step, const struct vtlb_step_report *rep,
			 const struct vtlb_check *k)
{
	(void)ctx;
	(void)rep;
	(void)k;
	return step < 1;
}

/* An expectation behind the step at which the caller stopped neither fails nor passes. */
static void test_stopped_by_the_caller(void **state)
{
	static const struct lie lie = { .page = 0xff };
	const struct vtlb_impl impl = fake_impl(&lie);
	const struct vtlb_run_config cfg = { .impl = &impl, .vendor = -1, .reading = -1 };

	(void)state;
	parse(HEAD TWO "expect violates I-PF at 1\n");
	assert_int_equal(vtlb_trace_run(&t, &cfg, until_step_1, NULL, &res), VTLB_OK);
	assert_int_equal(res.failed, 0);
	assert_false(vtlb_trace_ok(&t, &res));
	assert_int_equal(vtlb_trace_run(&t, &cfg, NULL, NULL, &res), VTLB_OK);
	assert_int_equal(res.failed, 1);
	vtlb_trace_free(&t);
}

/*
 * It violates; with every deviation waived there are too many ways to go on, so
 * whether it is a known deviation is not known: no answer, with the violation.
 */
static void test_waived_but_unknown(void **state)
{
	static const struct lie lie = {
		.page = 0, .kind = VTLB_UR, .from = 4, .outcome = VTLB_OUT_FRAME << 8 | 4,
	};
	static const char text[] = HEAD REFILL "cr4 &= ~pcide\nread user\nwrite a.user = f4\n"
					       "read kernel\n";
	char longer[sizeof(text) + 200];

	(void)state;
	assert_false(run(text, &lie));
	assert_int_equal(res.verdict, VTLB_DEVIATES);
	(void)snprintf(longer, sizeof(longer), "%s%s", text, TWO TWO TWO);
	assert_false(run(longer, &lie));
	assert_int_equal(res.verdict, VTLB_INCOMPLETE);
	assert_non_null(res.why);
	assert_int_equal(res.violation.waiver, 0);
	assert_string_equal(vtlb_rules[res.violation.rule].id, "I-INVPCID-2");
}

/*
 * A global translation that is given again under a PCID that never had one of its
 * own: the record is found by what it says of global ones.
 */
static void test_global_of_another_pcid(void **state)
{
	static const struct lie lie = {
		.page = 1, .kind = VTLB_SR, .from = 2, .outcome = VTLB_OUT_FRAME << 8 | 2,
	};

	(void)state;
	assert_true(run(HEAD "cr4 |= pge\ncr4 |= pcide\nread kernel\n"
			     "write kernel.pt[0] = f3 super global\ninvlpg kernel\n"
			     "cr3 b pcid=1 noflush\nexpect holds\nread user\n"
			     "expect violates I-INVLPG-1 at 7\n", &lie));
	assert_int_equal(res.violation.pcid, 1);
	assert_int_equal(res.violation.dropped_at, 5);
}

/* Failed expectations are counted even where there is no room to name them. */
static void test_many_failures(void **state)
{
	static const struct lie lie = { .page = 0xff };
	char text[4000] = HEAD "init\n";

	(void)state;
	for (unsigned int i = 0; i < VTLB_RUN_EXPECTS + 6; i++)
		strcat(text, i == 2 ? "expect holds\n" : "expect fault #UD\n");
	assert_false(run(text, &lie));
	assert_int_equal(res.passed, 1);
	assert_int_equal(res.failed, VTLB_RUN_EXPECTS + 5);
	assert_int_equal(res.failed_expect[1], 1);
	assert_int_equal(res.failed_expect[2], 3);
	assert_int_equal(res.failed_expect[VTLB_RUN_EXPECTS - 1], VTLB_RUN_EXPECTS);
}

/* Each part of a set of outcomes counts: frames, set dirty bits, faults. */
static void test_sets(void **state)
{
	static const struct lie dirties = {
		.page = 0, .kind = VTLB_UW, .outcome = VTLB_OUT_DIRTIED << 8 | 1,
	};
	static const struct lie faults = {
		.page = 0, .kind = VTLB_UW, .outcome = VTLB_OUT_FAULT << 8 | 7,
	};
	static const struct {
		const struct lie *lie;
		const char *expect;
		unsigned int passed;
	} cases[] = {
		/* f0, or D set in b.pt, whose entry for the page is f1 */
		{ &dirties, "expect only user write user = f0, dirtied b.pt\n", 1 },
		{ &dirties, "expect only user write user = f0, f1\n", 1 },
		{ &dirties, "expect only user write user = f0\n", 0 },
		{ &dirties, "expect only user write user = dirtied b.pt\n", 0 },
		{ &dirties, "expect only user write user = f0, dirtied a.pt\n", 0 },
		{ &dirties, "expect may user write user = dirtied b.pt\n", 1 },
		{ &dirties, "expect may user write user = dirtied a.pt\n", 0 },
		{ &dirties, "expect never user write user = dirtied b.pt\n", 0 },
		{ &dirties, "expect never user write user = dirtied a.pt\n", 1 },
		{ &faults, "expect only user write user = f0, #PF(P W U)\n", 1 },
		{ &faults, "expect only user write user = f0\n", 0 },
		{ &faults, "expect only user write user = f0, #PF(P U)\n", 0 },
		{ &faults, "expect may user write user = #PF(P W U)\n", 1 },
		{ &faults, "expect may user write user = #PF(P U)\n", 0 },
		{ &faults, "expect never user write user = #PF(P W U)\n", 0 },
		{ &faults, "expect never user write user = #PF(P U)\n", 1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char text[400];

		(void)snprintf(text, sizeof(text), HEAD "%s", cases[i].expect);
		assert_false(run(text, cases[i].lie)); /* it violates from the start */
		if (res.passed != cases[i].passed || res.passed + res.failed != 1) {
			print_message("%s: passed %u\n", cases[i].expect, res.passed);
			fail();
		}
	}
}

/* What is wrong at the start needs no operation to show it. */
static void test_shrink_to_nothing(void **state)
{
	static const struct lie lie = { .kind = VTLB_UR, .outcome = VTLB_OUT_FRAME << 8 | 1 };
	const struct vtlb_impl impl = fake_impl(&lie);
	const struct vtlb_run_config cfg = { .impl = &impl, .vendor = -1, .reading = -1 };

	(void)state;
	parse(HEAD TWO "ac 1\n");
	assert_int_equal(vtlb_trace_shrink(&t, &cfg, &res), VTLB_OK);
	assert_int_equal(res.verdict, VTLB_VIOLATES);
	assert_int_equal(res.violation.seen_step, 0);
	assert_int_equal(t.nops, 0);
	assert_int_equal(t.nexpects, 1);
	assert_string_equal(vtlb_rules[t.expects[0].rule].id, "A-04");
	assert_int_equal(t.expects[0].step, 0);
	assert_int_equal(vtlb_trace_run(&t, &cfg, NULL, NULL, &res), VTLB_OK);
	assert_true(vtlb_trace_ok(&t, &res));
	vtlb_trace_free(&t);
}

/* An operation whose removal gives another deviation stays until that cannot be. */
static void test_shrink_keeps_the_rule(void **state)
{
	static const struct lie lie = { .page = 0xff };
	const struct vtlb_impl impl = fake_impl(&lie);
	const struct vtlb_run_config cfg = { .impl = &impl, .vendor = -1, .reading = -1 };

	(void)state;
	parse(HEAD ALMOST_PARTIAL REFILL);
	assert_int_equal(vtlb_trace_run(&t, &cfg, NULL, NULL, &res), VTLB_OK);
	assert_int_equal(res.verdict, VTLB_DEVIATES);
	assert_int_equal(res.violation.waiver, VTLB_WAIVE_NONCURRENT);
	memmove(t.ops + 3, t.ops + 4, (t.nops - 4) * sizeof(t.ops[0])); /* cr3 a */
	t.nops--;
	assert_int_equal(vtlb_trace_run(&t, &cfg, NULL, NULL, &res), VTLB_OK);
	assert_int_equal(res.verdict, VTLB_DEVIATES);
	assert_string_equal(vtlb_rules[res.violation.rule].id, "I-PF");
	vtlb_trace_free(&t);

	parse(HEAD ALMOST_PARTIAL REFILL);
	assert_int_equal(vtlb_trace_shrink(&t, &cfg, &res), VTLB_OK);
	assert_int_equal(res.verdict, VTLB_DEVIATES);
	assert_string_equal(vtlb_rules[res.violation.rule].id, "I-INVPCID-2");
	assert_int_equal(res.violation.waiver, VTLB_WAIVE_NONCURRENT);
	assert_int_equal(t.nops, 5);
	vtlb_trace_free(&t);
}

static unsigned int resets, steps;

static void counted_reset(const struct vtlb_impl *impl, const struct vtlb_world *w, void *state)
{
	resets++;
	fake_reset(impl, w, state);
}

/* Crashes at the fourth access. */
static void crashing_step(const struct vtlb_impl *impl, const struct vtlb_world *w, void *state,
			  struct vtlb_op op, uint32_t outcome, struct vtlb_impl_step *r)
{
	const struct fake_state *s = state;

	steps++;
	fake_step(impl, w, state, op, outcome, r);
	if (op.code == VTLB_OP_ACCESS && s->accesses >= 4)
		r->fault = VTLB_CRASH;
}

static void runs_are(const struct vtlb_run_config *cfg, unsigned int expected)
{
	resets = 0;
	parse(HEAD TWO TWO TWO);
	assert_int_equal(vtlb_trace_run(&t, cfg, NULL, NULL, &res), VTLB_OK);
	assert_int_equal(res.verdict, VTLB_VIOLATES);
	assert_int_equal(res.violation.seen_step, 4);
	assert_int_equal(resets, expected);
	vtlb_trace_free(&t);
}

/* A step of real code takes long, and what crashes has nothing to be waived. */
static void test_crash_is_run_once(void **state)
{
	static const struct lie none = { .page = 0xff };
	static const struct lie lie = { .kind = VTLB_UR, .from = 4,
					.outcome = VTLB_OUT_FAULT << 8 | VTLB_PF_CRASH };
	struct vtlb_impl crashes = fake_impl(&none), asked = fake_impl(&lie);
	struct vtlb_run_config cfg = { .impl = &crashes, .vendor = -1, .reading = -1 };

	(void)state;
	crashes.reset = asked.reset = counted_reset;
	crashes.step = crashing_step;
	runs_are(&cfg, 1);
	assert_int_equal(res.violation.kind, VTLB_V_FAULT);
	/* blame is a run of its own */
	cfg.impl = &asked;
	runs_are(&cfg, 2);
	assert_int_equal(res.violation.kind, VTLB_V_EXPOSURE);
	assert_int_equal(res.violation.guilty_step, 4);
}

/* Without both checks an operation is one step, with no step ahead of it. */
static void test_unchecked(void **state)
{
	static const struct lie none = { .page = 0xff };
	struct vtlb_impl impl = fake_impl(&none);
	struct vtlb_run_config cfg = {
		.impl = &impl, .vendor = -1, .reading = -1,
		.flags = VTLB_CHECK_NO_EXPOSURE | VTLB_CHECK_NO_REUSE,
	};

	(void)state;
	impl.step = crashing_step;
	steps = 0;
	parse(HEAD "cr3 b\n" TWO "cr3 a\n");
	assert_int_equal(vtlb_trace_run(&t, &cfg, NULL, NULL, &res), VTLB_OK);
	assert_int_equal(res.verdict, VTLB_HOLDS);
	assert_int_equal(steps, 4);
	vtlb_trace_free(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_refused_world),
		cmocka_unit_test(test_too_many_ways),
		cmocka_unit_test(test_stopped_by_the_caller),
		cmocka_unit_test(test_waived_but_unknown),
		cmocka_unit_test(test_global_of_another_pcid),
		cmocka_unit_test(test_many_failures),
		cmocka_unit_test(test_sets),
		cmocka_unit_test(test_shrink_to_nothing),
		cmocka_unit_test(test_shrink_keeps_the_rule),
		cmocka_unit_test(test_crash_is_run_once),
		cmocka_unit_test(test_unchecked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
