/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The library's search in one scope, with the time that it spends in steps;
 * and the layout of states for Spin, which bench/spin/run compares it to.
 */
#include <stdio.h>
#include <string.h>

#include "ops.h"
#include "search_explore.h"
#include "search_layout.h"

#define WALK 4000000ul

static struct search search;
static struct search_layout layout;

static int print_layout(void)
{
	if (!search_layout_find(&layout, &search, WALK)) {
		fprintf(stderr, "bench_search: states are too large\n");
		return 1;
	}
	search_layout_print(&layout, &search);
	return 0;
}

int main(int argc, char **argv)
{
	int code = 2;

	if (argc == 3 && search_open(&search, argv[2], BENCH_IMPL)) {
		if (!strcmp(argv[1], "layout"))
			code = print_layout();
		else if (!strcmp(argv[1], "exact"))
			code = search_explore(&search, false);
		else if (!strcmp(argv[1], "compact"))
			code = search_explore(&search, true);
		search_close(&search);
	}
	if (code == 2)
		fprintf(stderr, "usage: bench_search layout|exact|compact SCOPE\n");
	return code;
}
