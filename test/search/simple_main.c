/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * simple IMPL [all|none [DEPTH [normal]]]: the second search alone, in tiny.  The
 * whole of it takes up to 9 GB and many minutes, so it is no part of the suite.
 */
#include "scopes.h"
#include "simple.h"
#include "vtlb/kvm.h"

int main(int argc, char **argv)
{
	struct simple_config cfg = { .vendor = VTLB_INTEL };
	struct simple_result r;
	struct vtlb_trace t;

	cfg.impl = argc > 1 ? vtlb_preset_by_name(argv[1]) : NULL;
	if (!cfg.impl) {
		fputs("simple IMPL [all|none [DEPTH [normal]]]\n", stderr);
		return 2;
	}
	cfg.waive = argc > 2 && !strcmp(argv[2], "none") ? 0 : (uint32_t)VTLB_WAIVE_ALL;
	cfg.max_depth = argc > 3 ? (uint32_t)strtoul(argv[3], NULL, 10) : 0;
	cfg.normal = argc > 4 && !strcmp(argv[4], "normal");
	scope_open(&t, scope_tiny);
	cfg.w = &t.world;
	cfg.ops = t.ops;
	cfg.nops = t.nops;
	simple_search(&cfg, &r);
	printf("%s, waived %s: %s\n", cfg.impl->name, cfg.waive ? "all" : "none",
	       r.first >= 0 ? "violates" : r.complete ? "holds" : "incomplete");
	printf("states %llu transitions %llu unsupported %llu diameter %u\n",
	       (unsigned long long)r.states, (unsigned long long)r.transitions,
	       (unsigned long long)r.unsupported, r.diameter);
	printf("first %d violating %llu faults %llu\nlevels", r.first,
	       (unsigned long long)r.violating, (unsigned long long)r.faults);
	for (uint32_t i = 0; i <= r.diameter && i < SIMPLE_LEVELS; i++)
		printf(" %llu", (unsigned long long)r.level[i]);
	putchar('\n');
	vtlb_trace_free(&t);
	return 0;
}
