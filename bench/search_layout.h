/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The layout of packed states in a scope, found once by walking about in it and
 * kept in a file, since Spin has to know sizes when its verifier is compiled.
 */
#ifndef VTLB_BENCH_SEARCH_LAYOUT_H
#define VTLB_BENCH_SEARCH_LAYOUT_H

#include "search_pack.h"
#include "search_step.h"

struct search_layout {
	struct search_pack contract;
	struct search_pack impl;
};

/** search_layout_find() - walk at random, with a fixed seed, @steps steps */
bool search_layout_find(struct search_layout *l, const struct search *s, unsigned long steps);

/** search_layout_read() - from what "bench_search layout" printed */
bool search_layout_read(struct search_layout *l, const struct search *s, const char *path);

/** search_layout_print() - to standard output: masks, then sizes as words */
void search_layout_print(const struct search_layout *l, const struct search *s);

#endif /* VTLB_BENCH_SEARCH_LAYOUT_H */
