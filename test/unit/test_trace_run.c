/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Running and shrinking traces: verdicts, expectations of every kind, the
 * search for the waivers that a deviation needs, and what shrinking keeps.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vtlb/vtlb.h"

#define GOOD "kvm-6.12"
#define BUGGY "kvm-5.16-without-unload-on-pcide"
#define HEAD "vtlb-trace 1\nworld features=pcid,invpcid,pge,smep,smap,nx vcpus=2\nroots a b\n"

/* The sequence whose flush the buggy preset misses. */
#define BUG                          \
	"cr4 |= pge\n"               \
	"cr3 b\n"                    \
	"read user\n"                \
	"cr3 a\n"                    \
	"write b.user = f2\n"        \
	"invpcid single pcid=0\n"    \
	"cr4 |= pcide\n"             \
	"cr3 b noflush\n"

/* noncurrent-refill, from CR4.PCIDE=1 */
#define REFILL                    \
	"cr3 a\n"                 \
	"read user\n"             \
	"cr3 a pcid=1\n"          \
	"invpcid all\n"           \
	"write a.user = f3\n"     \
	"cr3 a noflush\n"         \
	"read user\n"

/* pf-partial-drop */
#define PARTIAL                                \
	"cr3 a\n"                              \
	"write a.user = f0 ro\n"               \
	"read user\n"                          \
	"write a.user = np\n"                  \
	"user write user -> #PF(W U)\n"        \
	"read user\n"

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

static struct vtlb_run_config config(const char *impl, uint32_t waive)
{
	struct vtlb_run_config cfg = {
		.impl = vtlb_preset_by_name(impl), .vendor = -1, .reading = -1, .waive = waive,
	};

	assert_non_null(cfg.impl);
	return cfg;
}

static bool run(const char *text, const char *impl, uint32_t waive)
{
	struct vtlb_run_config cfg = config(impl, waive);
	bool ok;

	parse(text);
	assert_int_equal(vtlb_trace_run(&t, &cfg, NULL, NULL, &res), VTLB_OK);
	ok = vtlb_trace_ok(&t, &res);
	vtlb_trace_free(&t);
	return ok;
}

static void is_rule(int32_t rule, const char *id)
{
	assert_true(rule >= 0);
	assert_string_equal(vtlb_rules[rule].id, id);
}

static void test_holds(void **state)
{
	(void)state;
	assert_true(run(HEAD BUG, GOOD, 0));
	assert_int_equal(res.verdict, VTLB_HOLDS);
	assert_false(res.has_violation);
	assert_int_equal(res.passed + res.failed, 0);
	assert_true(res.cost.roots_built > 0);
}

static void test_violates(void **state)
{
	(void)state;
	assert_false(run(HEAD BUG, BUGGY, 0));
	assert_int_equal(res.verdict, VTLB_VIOLATES);
	assert_true(res.has_violation);
	assert_true(res.unexpected);
	assert_int_equal(res.violation.seen_step, 8);
	assert_int_equal(res.violation.guilty_step, 7);
	assert_int_equal(res.violation.dropped_at, 4);
	assert_int_equal(res.violation.waiver, 0);
	assert_int_equal(res.violation.page, 0);
	assert_true(res.violation.held_in[0]);
}

static void test_expectations(void **state)
{
	static const struct {
		const char *text;
		bool ok;
		unsigned int passed, failed;
	} cases[] = {
		{ HEAD BUG "expect never user = f1\n", true, 1, 0 },
		{ HEAD BUG "expect never user = f2\n", false, 0, 1 },
		{ HEAD BUG "expect only read user = f2\n", true, 1, 0 },
		{ HEAD BUG "expect only read user = f1, f2\n", true, 1, 0 },
		{ HEAD BUG "expect only read user = f1\n", false, 0, 1 },
		{ HEAD BUG "expect may read user = f2\n", true, 1, 0 },
		{ HEAD BUG "expect may read user = f1, f2\n", false, 0, 1 },
		{ HEAD BUG "expect contract only read user = f0, f2\n", true, 1, 0 },
		{ HEAD BUG "expect contract may user read user = f1\n", false, 0, 1 },
		{ HEAD BUG "expect only user read kernel = #PF(P U)\n", true, 1, 0 },
		{ HEAD BUG "cpu1: expect only read user = f0\n", true, 1, 0 },
		{ HEAD BUG "expect holds\nexpect fault none\n", true, 2, 0 },
		{ HEAD "expect only read user = f0\nread user\nexpect holds\n", true, 2, 0 },
		{ HEAD "cr3 a noflush\nexpect fault #GP(0)\n", true, 1, 0 },
		{ HEAD "cr3 a noflush\nexpect fault none\n", false, 0, 1 },
		{ HEAD BUG "expect violates I-CR3-P0 at 7\n", false, 0, 1 },
		/* a clean page: a write sets D, in a frame or in a table's entry */
		{ HEAD "write a.user = f0 clean\nexpect may write user = f0\n", true, 1, 0 },
		{ HEAD "write a.user = f0 clean\nexpect may write user = dirtied a.pt\n",
		  true, 1, 0 },
		{ HEAD "write a.user = f0 clean\nexpect never write user = dirtied b.pt\n",
		  true, 1, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		bool ok = run(cases[i].text, GOOD, 0);

		if (ok != cases[i].ok || res.passed != cases[i].passed ||
		    res.failed != cases[i].failed) {
			print_message("%s\nok %d passed %u failed %u\n", cases[i].text, ok,
				      res.passed, res.failed);
			fail();
		}
	}
}

static void test_expected_violation(void **state)
{
	(void)state;
	assert_true(run(HEAD BUG "expect violates I-CR3-P0 at 7\n", BUGGY, 0));
	assert_int_equal(res.verdict, VTLB_VIOLATES);
	assert_false(res.unexpected);
	assert_int_equal(res.passed, 1);
	/* the wrong step, the wrong rule */
	assert_false(run(HEAD BUG "expect violates I-CR3-P0 at 6\n", BUGGY, 0));
	assert_true(res.unexpected);
	assert_int_equal(res.failed, 1);
	assert_int_equal(res.failed_expect[0], 0);
	assert_false(run(HEAD BUG "expect violates I-INIT at 7\n", BUGGY, 0));
	/* other expectations do not excuse it */
	assert_false(run(HEAD BUG "expect may user = f1\n", BUGGY, 0));
	assert_int_equal(res.passed, 1);
	assert_int_equal(res.failed, 0);
	assert_false(run(HEAD BUG "expect holds\n", BUGGY, 0));
	assert_int_equal(res.failed, 1);
	/* before it has happened it is not there */
	assert_false(run(HEAD "cr4 |= pge\nexpect violates I-INIT at 0\n", BUGGY, 0));
}

static void test_deviations(void **state)
{
	(void)state;
	assert_false(run(HEAD "cr4 |= pcide\n" REFILL, GOOD, 0));
	assert_int_equal(res.verdict, VTLB_DEVIATES);
	assert_int_equal(res.violation.waiver, VTLB_WAIVE_NONCURRENT);
	is_rule(res.violation.rule, "I-INVPCID-2");
	assert_true(run(HEAD "cr4 |= pcide\n" REFILL, GOOD, VTLB_WAIVE_NONCURRENT));
	assert_int_equal(res.verdict, VTLB_HOLDS);

	assert_false(run(HEAD PARTIAL, GOOD, 0));
	assert_int_equal(res.verdict, VTLB_DEVIATES);
	assert_int_equal(res.violation.waiver, VTLB_WAIVE_PF);
	is_rule(res.violation.rule, "I-PF");

	/* Both: no single waiver is enough; one that is in force is not named. */
	assert_false(run(HEAD "cr4 |= pcide\n" REFILL PARTIAL, GOOD, 0));
	assert_int_equal(res.verdict, VTLB_DEVIATES);
	assert_int_equal(res.violation.waiver, VTLB_WAIVE_NONCURRENT | VTLB_WAIVE_PF);
	assert_false(run(HEAD "cr4 |= pcide\n" REFILL PARTIAL, GOOD, VTLB_WAIVE_PF));
	assert_int_equal(res.violation.waiver, VTLB_WAIVE_NONCURRENT);
	assert_true(run(HEAD "cr4 |= pcide\n" REFILL PARTIAL, GOOD, VTLB_WAIVE_ALL));

	/* A waiver that does not help leaves a violation one. */
	assert_false(run(HEAD BUG, BUGGY, VTLB_WAIVE_ALL));
	assert_int_equal(res.verdict, VTLB_VIOLATES);
}

/* A known deviation first and a bug later: the bug is what is reported. */
static void test_bug_behind_deviation(void **state)
{
	static const char text[] = HEAD "cr4 |= pcide\n" REFILL "cr3 a\ncr4 &= ~pcide\n" BUG;

	(void)state;
	assert_false(run(text, GOOD, 0));
	assert_int_equal(res.verdict, VTLB_DEVIATES);
	assert_int_equal(res.violation.guilty_step, 6);
	assert_false(run(text, BUGGY, 0));
	assert_int_equal(res.verdict, VTLB_VIOLATES);
	assert_int_equal(res.violation.waiver, 0);
	assert_int_equal(res.violation.guilty_step, 17);
	is_rule(res.violation.rule, "I-CR3-P0");
}

/* An exit code of 0 needs every violation to be named, not only the first. */
static void test_every_violation_is_named(void **state)
{
	static const char deviation[] =
		HEAD "start cr4=pae,pcide\nread user\ncr3 a pcid=1\ninvpcid all\nwrite a.user = f9\n"
		     "cr3 a noflush\nexpect violates I-INVPCID-2 at 4\n";
	static const char bug[] = "cr4 &= ~pcide\ncr3 b\nread user\ncr3 a\nwrite b.user = f2\n"
				  "cr4 |= pcide\ncr3 b noflush\n";
	char text[1024];

	(void)state;
	(void)snprintf(text, sizeof(text), "%s%s", deviation, bug);
	assert_false(run(text, BUGGY, 0));
	assert_int_equal(res.verdict, VTLB_VIOLATES);
	is_rule(res.violation.rule, "I-CR3-P0");
	assert_int_equal(res.violation.guilty_step, 11);
	assert_true(res.unexpected);

	(void)snprintf(text, sizeof(text), "%s%sexpect violates I-CR3-P0 at 11\n", deviation, bug);
	assert_true(run(text, BUGGY, 0));
	assert_int_equal(res.passed, 2);
}

/*
 * wp0-smap where shadow pages depend on EFER.NXE: a user access under the other
 * value leaves the supervisor mapping where it is.
 */
static void test_wp0_smap_and_nxe(void **state)
{
	static const char text[] =
		"vtlb-trace 1\nworld features=pcid,invpcid,pge,smep,smap,nx vcpus=1\nroots a\n"
		"page user private = f0 ro\nstart cr0=pe,pg cr4=pae,smap\n"
		"super write user ac\nefer &= ~nxe\nuser read user\nefer |= nxe\ncr3 a\n";

	(void)state;
	for (unsigned int i = 0; i < vtlb_nr_presets; i++) {
		assert_false(run(text, vtlb_preset(i)->name, 0));
		assert_int_equal(res.verdict, VTLB_DEVIATES);
		assert_int_equal(res.violation.waiver, VTLB_WAIVE_WP0_SMAP);
	}
}

static void test_unsupported(void **state)
{
	(void)state;
	assert_false(run("vtlb-trace 1\nworld mode=tdp\nroots a\nread user\n", GOOD, 0));
	assert_int_equal(res.verdict, VTLB_V_UNSUPPORTED);
	assert_int_equal(res.stopped_at, 0);
	assert_non_null(res.why);
	/* 32-bit paging is outside the model: the rest of the trace has no answer */
	assert_false(run("vtlb-trace 1\nworld\nroots a\nstart cr0=pe,wp efer=nxe cs.l=0 cr4=0\n"
			 "cr0 |= pg\nread user\nexpect holds\n", GOOD, 0));
	assert_int_equal(res.verdict, VTLB_V_UNSUPPORTED);
	assert_int_equal(res.stopped_at, 1);
	assert_int_equal(res.passed, 0);
}

struct seen {
	uint32_t steps, stop_at;
	uint8_t faults[8];
};

static bool on_step(void *ctx, uint32_t step, const struct vtlb_step_report *rep,
		    const struct vtlb_check *k)
{
	struct seen *s = ctx;

	assert_non_null(vtlb_check_cost(k));
	assert_int_equal(step, s->steps + 1);
	s->faults[s->steps++] = rep->fault;
	return step != s->stop_at;
}

static void test_callback(void **state)
{
	struct vtlb_run_config cfg = config(GOOD, 0);
	struct seen s = { 0, 0, { 0 } };

	(void)state;
	parse(HEAD "cr4 |= pge\ncr3 a noflush\nread user\nexpect holds\n");
	assert_int_equal(vtlb_trace_run(&t, &cfg, on_step, &s, &res), VTLB_OK);
	assert_int_equal(s.steps, 3);
	assert_int_equal(s.faults[0], VTLB_NO_FAULT);
	assert_int_equal(s.faults[1], VTLB_GP0);
	assert_true(vtlb_trace_ok(&t, &res));
	/* Stopped before the last step: its expectation was not looked at. */
	s.steps = 0;
	s.stop_at = 2;
	assert_int_equal(vtlb_trace_run(&t, &cfg, on_step, &s, &res), VTLB_OK);
	assert_int_equal(s.steps, 2);
	assert_int_equal(res.passed, 0);
	assert_false(vtlb_trace_ok(&t, &res));
	vtlb_trace_free(&t);
}

static void test_vendor_and_reading_override(void **state)
{
	struct vtlb_run_config cfg = config(GOOD, 0);

	(void)state;
	/* Only Intel drops on SMEP 0->1, so only there the old value is gone. */
	parse(HEAD "read user\nwrite a.user = f3\ncr4 |= smep\nexpect contract never read user = f0\n");
	assert_int_equal(vtlb_trace_run(&t, &cfg, NULL, NULL, &res), VTLB_OK);
	assert_int_equal(res.passed, 1);
	cfg.vendor = VTLB_AMD;
	assert_int_equal(vtlb_trace_run(&t, &cfg, NULL, NULL, &res), VTLB_OK);
	assert_int_equal(res.passed, 0);
	assert_int_equal(res.failed, 1);
	assert_int_equal(t.world.vendor, VTLB_INTEL);
	cfg.vendor = VTLB_INTEL;
	cfg.reading = VTLB_OWE;
	assert_int_equal(vtlb_trace_run(&t, &cfg, NULL, NULL, &res), VTLB_OK);
	vtlb_trace_free(&t);
}

/* No operation of a shrunk trace can go; what it shows stays. */
static void check_minimal(const struct vtlb_run_config *cfg, enum vtlb_verdict verdict,
			  int32_t rule)
{
	struct vtlb_trace u = t;

	u.nexpects = 0;
	u.expects = NULL;
	u.ops = calloc(t.nops, sizeof(*u.ops));
	assert_non_null(u.ops);
	for (size_t i = 0; i < t.nops; i++) {
		memcpy(u.ops, t.ops, i * sizeof(*u.ops));
		memcpy(u.ops + i, t.ops + i + 1, (t.nops - i - 1) * sizeof(*u.ops));
		u.nops = t.nops - 1;
		assert_int_equal(vtlb_trace_run(&u, cfg, NULL, NULL, &res), VTLB_OK);
		assert_false(res.verdict == verdict && res.violation.rule == rule);
	}
	free(u.ops);
}

static void shrink(const char *text, const char *impl, enum vtlb_verdict verdict, const char *rule,
		   size_t nops)
{
	struct vtlb_run_config cfg = config(impl, 0);

	parse(text);
	assert_int_equal(vtlb_trace_shrink(&t, &cfg, &res), VTLB_OK);
	assert_int_equal(res.verdict, verdict);
	is_rule(res.violation.rule, rule);
	if (t.nops != nops) {
		char out[2000];

		(void)vtlb_trace_print(&t, out, sizeof(out));
		print_message("%s", out);
	}
	assert_int_equal(t.nops, nops);
	assert_int_equal(t.nexpects, 1);
	assert_int_equal(t.expects[0].kind, VTLB_EXP_VIOLATES);
	/* It passes as a trace of its own. */
	assert_int_equal(vtlb_trace_run(&t, &cfg, NULL, NULL, &res), VTLB_OK);
	assert_true(vtlb_trace_ok(&t, &res));
	check_minimal(&cfg, verdict, vtlb_rule_by_id(rule));
	vtlb_trace_free(&t);
}

static void test_shrink(void **state)
{
	(void)state;
	shrink(HEAD "cpu1: read kernel\nread kernel\nac 1\n" BUG "read user\ninit\nread kernel\n"
		    "expect may user = f1\n",
	       BUGGY, VTLB_VIOLATES, "I-CR3-P0", 5); /* the alarm at PCIDE 0->1 is enough */
	shrink(HEAD "cr4 |= pge\ncr4 |= pcide\n" REFILL "read kernel\n" REFILL, GOOD, VTLB_DEVIATES,
	       "I-INVPCID-2", 5);
}

static void test_shrink_of_what_holds(void **state)
{
	struct vtlb_run_config cfg = config(GOOD, 0);

	(void)state;
	parse(HEAD BUG "expect holds\n");
	assert_int_equal(vtlb_trace_shrink(&t, &cfg, &res), VTLB_E_UNSUPPORTED);
	assert_int_equal(t.nops, 8);
	assert_int_equal(t.nexpects, 1);
	vtlb_trace_free(&t);
}

static void test_words(void **state)
{
	const struct vtlb_outset set = { 0x6, 0x1, 0x2 }, none = { 0, 0, 0 }, one = { 0x1, 0, 0 };
	struct vtlb_world w;
	char buf[100];

	(void)state;
	vtlb_world_default(&w);
	assert_int_equal(vtlb_outset_print(&w, &w.init, 0, &set, buf, sizeof(buf)), 39);
	assert_string_equal(buf, "f1, f2, f0, setting D in a.pt or #PF(P)");
	(void)vtlb_outset_print(&w, NULL, 0, &none, buf, sizeof(buf));
	assert_string_equal(buf, "nothing");
	(void)vtlb_outset_print(&w, NULL, 0, &one, buf, sizeof(buf));
	assert_string_equal(buf, "f0");
	(void)vtlb_outcome_print(&w, NULL, 0, vtlb_outcome(VTLB_OUT_DIRTIED, 1), buf, sizeof(buf));
	assert_string_equal(buf, "dirtied b.pt");
	(void)vtlb_outcome_print(&w, NULL, 0, 0, buf, sizeof(buf));
	assert_string_equal(buf, "any");
	(void)vtlb_op_print(&w, vtlb_op_make(VTLB_OP_NR, 0, 0, 0, 0), buf, sizeof(buf));
	assert_string_equal(buf, "(not an operation of this world)");
	assert_string_equal(vtlb_kind_name(VTLB_UX), "user fetch");
	assert_string_equal(vtlb_kind_name(VTLB_SWA), "supervisor write with AC=1");
	assert_string_equal(vtlb_kind_name(VTLB_NR_KINDS), "unknown access");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_holds),
		cmocka_unit_test(test_violates),
		cmocka_unit_test(test_expectations),
		cmocka_unit_test(test_expected_violation),
		cmocka_unit_test(test_deviations),
		cmocka_unit_test(test_bug_behind_deviation),
		cmocka_unit_test(test_every_violation_is_named),
		cmocka_unit_test(test_wp0_smap_and_nxe),
		cmocka_unit_test(test_unsupported),
		cmocka_unit_test(test_callback),
		cmocka_unit_test(test_vendor_and_reading_override),
		cmocka_unit_test(test_shrink),
		cmocka_unit_test(test_shrink_of_what_holds),
		cmocka_unit_test(test_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
