/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The search against the second search, for every preset: what they count, how
 * deep they get, the verdict and the length of the shortest way to a violation.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "engine.h"
#include "scopes.h"
#include "vtlb/kvm.h"

/* One root: small enough to be searched completely where nothing fails. */
static const char one_root[] =
	"vtlb-trace 1\n"
	"world features=pcid,invpcid\n"
	"roots a\n"
	"page user private = f0\n"
	SWITCH("a", "0") SWITCH("a", "1") WRITES("a", "f0", "f1")
	"read user\n" TINY_INVS "cr4 ^= pcide\n";

/* Other operations than tiny's: faults, rights, D, global and not-present entries. */
static const char mixed[] =
	"vtlb-trace 1\n"
	"world features=pcid,invpcid,pge,smep,smap,nx\n"
	"roots a b\n"
	"page user private = f0, f1 clean\n"
	"page kernel shared = f2\n"
	SWITCH("a", "0") SWITCH("b", "1")
	"write a.user = f1 ro\n"
	"write a.user = np\n"
	"write kernel.pt[0] = f0\n"
	"user read user\n"
	"user write user\n"
	"super write user ac\n"
	"super fetch user\n"
	"read kernel\n" INVPCIDS("1") INVALL
	"invpcid type=5\n"
	"cr4 ^= pcide\n"
	"cr4 ^= pge\n"
	"cr4 ^= smap\n"
	"cr0 ^= wp\n"
	"cpl 3\n"
	"cpl 0\n";

/*
 * Up to 5.14 KVM lets 64-bit code clear CR0.PG, which has to fault; and after INIT
 * there is no answer to a change of the CPL.
 */
static const char faults[] =
	"vtlb-trace 1\n"
	"world features=pcid,invpcid\n"
	"roots a b\n"
	"page user private = f0, f1\n"
	SWITCH("b", "1") INVPCIDS("1")
	"read user\n"
	"cs.l 0\n"
	"cs.l 1\n"
	"cr0 ^= pg\n"
	"cr4 ^= pcide\n"
	"init\n"
	"cpl 3\n";

static const char two_vcpus[] =
	"vtlb-trace 1\n"
	"world features=pcid,invpcid vcpus=2\n"
	"roots a b\n"
	"page user private = f0, f1\n"
	SWITCH("a", "0") SWITCH("b", "1") WRITES("a", "f0", "f1")
	"read user\n"
	"invpcid all\n"
	"cr4 ^= pcide\n"
	"cpu1: cr3 a\n"
	"cpu1: cr3 b noflush\n"
	"cpu1: write a.user = f0\n"
	"cpu1: read user\n"
	"cpu1: invlpg user\n"
	"cpu1: cr4 ^= pcide\n";

static void compare(const char *text, uint32_t depth, bool complete)
{
	struct vtlb_trace t;
	bool good = true;

	scope_open(&t, text);
	for (unsigned int i = 0; i < vtlb_nr_presets; i++)
		for (unsigned int how = 0; how < 4; how++) {
			struct simple_config cfg = {
				.w = &t.world,
				.ops = t.ops,
				.nops = t.nops,
				.impl = vtlb_preset(i),
				.vendor = t.world.vendor,
				.normal = how & 1,
				.waive = how & 2 ? (uint32_t)VTLB_WAIVE_ALL : 0,
				.max_depth = depth,
			};
			struct simple_result r;

			simple_search(&cfg, &r);
			print_message("%-38s %s%s %8llu states, diameter %u, first %d\n",
				      cfg.impl->name, cfg.waive ? "waived" : "strict",
				      cfg.normal ? " normal" : "", (unsigned long long)r.states,
				      r.diameter, r.first);
			if (complete)
				assert_true(r.complete || r.first >= 0);
			good &= engine_agrees(&cfg, &r);
			if (cfg.waive && cfg.normal)
				good &= reduced_agrees(&cfg, &r);
		}
	assert_true(good);
	vtlb_trace_free(&t);
}

static void one_root_completely(void **state)
{
	(void)state;
	compare(one_root, 0, true);
}

/* All of it: ./run second-search. */
static void tiny(void **state)
{
	const char *depth = getenv("VTLB_SEARCH_DEPTH");

	(void)state;
	compare(scope_tiny, depth ? (uint32_t)strtoul(depth, NULL, 10) : 7, false);
}

static void many_kinds_of_operations(void **state)
{
	(void)state;
	compare(mixed, 5, false);
}

static void faults_that_differ(void **state)
{
	(void)state;
	compare(faults, 0, true);
}

static void vcpus(void **state)
{
	(void)state;
	compare(two_vcpus, 8, false);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_root_completely),
		cmocka_unit_test(tiny),
		cmocka_unit_test(many_kinds_of_operations),
		cmocka_unit_test(faults_that_differ),
		cmocka_unit_test(vcpus),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
