/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The search against the second search with defects in contract and KVM model
 * (mutation build only): fifty that change something in tiny, seeded, each in a
 * process of its own.  With and without what makes the search's states fewer.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "../mutants/mutant.h"
#include "engine.h"
#include "scopes.h"
#include "vtlb/kvm.h"

#define WANTED 50u	/* or VTLB_SEARCH_MUTANTS of the environment */
/*
 * What does not fail to this depth is searched to VTLB_SEARCH_MUTANTS_DEPTH, if that is set; 0: to
 * the end, in normal form, which takes 4 GB and minutes each.
 */
#define DEPTH 6u
#define MAX_PRESETS 16u
#define MAX_PAIRS 8192u

enum { CHANGES_NOTHING, AGREES, DIFFERS };

static struct simple_config cfg = { .max_depth = DEPTH, .waive = VTLB_WAIVE_ALL };
static struct simple_result unbroken[MAX_PRESETS];

static bool same(const struct simple_result *a, const struct simple_result *b)
{
	return a->states == b->states && a->transitions == b->transitions &&
	       a->unsupported == b->unsupported && a->faults == b->faults &&
	       a->violating == b->violating && a->first == b->first &&
	       !memcmp(a->level, b->level, sizeof(a->level));
}

/* In a process of its own: a mutant stays on. */
static int child(const char *name, unsigned int preset)
{
	const char *deeper = getenv("VTLB_SEARCH_MUTANTS_DEPTH");
	struct simple_result r;

	if (!mutant_apply(name))
		return DIFFERS;
	cfg.impl = vtlb_preset(preset);
	simple_search(&cfg, &r);
	if (same(&r, &unbroken[preset]))
		return CHANGES_NOTHING;
	if (deeper && r.first < 0) {
		cfg.max_depth = (uint32_t)strtoul(deeper, NULL, 10);
		cfg.normal = !cfg.max_depth;
		simple_search(&cfg, &r);
	}
	printf("%-36s %-38s %8llu states, first %d\n", name, cfg.impl->name,
	       (unsigned long long)r.states, r.first);
	return engine_agrees(&cfg, &r) && reduced_agrees(&cfg, &r) ? AGREES : DIFFERS;
}

static int run(const char *name, unsigned int preset)
{
	int status = 0;
	pid_t pid;

	fflush(NULL);
	pid = fork();
	assert_true(pid >= 0);
	if (!pid) {
		int code = child(name, preset);

		fflush(NULL);
		_exit(code);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : DIFFERS;
}

/* Mutants in a seeded order, each with presets in turn until it changes something. */
static void fifty_mutants(void **state)
{
	static unsigned int order[MAX_PAIRS];
	const char *few = getenv("VTLB_SEARCH_MUTANTS");
	unsigned int wanted = few ? (unsigned int)strtoul(few, NULL, 10) : WANTED;
	unsigned int nmutants = 0, found = 0, bad = 0;
	uint32_t seed = 2026;
	struct vtlb_trace t;
	char name[128];

	(void)state;
	scope_open(&t, scope_tiny);
	cfg.w = &t.world;
	cfg.ops = t.ops;
	cfg.nops = t.nops;
	assert_true(vtlb_nr_presets <= MAX_PRESETS);
	for (unsigned int i = 0; i < vtlb_nr_presets; i++) {
		cfg.impl = vtlb_preset(i);
		simple_search(&cfg, &unbroken[i]);
	}
	while (nmutants < MAX_PAIRS && mutant_name(nmutants, name, sizeof(name))) {
		order[nmutants] = nmutants;
		nmutants++;
	}
	for (unsigned int i = nmutants - 1; i > 0; i--) {
		unsigned int j, swap = order[i];

		seed = seed * 1664525u + 1013904223u;
		j = (seed >> 8) % (i + 1);
		order[i] = order[j];
		order[j] = swap;
	}
	for (unsigned int i = 0; i < nmutants && found < wanted; i++) {
		int code = CHANGES_NOTHING;

		mutant_name(order[i], name, sizeof(name));
		for (unsigned int j = 0; j < vtlb_nr_presets && code == CHANGES_NOTHING; j++)
			code = run(name, (order[i] + j) % vtlb_nr_presets);
		found += code != CHANGES_NOTHING;
		if (code == DIFFERS) {
			print_error("%s: the searches differ\n", name);
			bad++;
		}
	}
	vtlb_trace_free(&t);
	assert_int_equal(bad, 0);
	assert_int_equal(found, wanted);
	assert_true(found > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fifty_mutants),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
