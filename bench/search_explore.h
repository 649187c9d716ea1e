/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * vtlb_explore() as Spin would have to do it: every state, no symmetry.
 */
#ifndef VTLB_BENCH_SEARCH_EXPLORE_H
#define VTLB_BENCH_SEARCH_EXPLORE_H

#include "search_step.h"

/**
 * search_explore() - search, and print one row of figures as bench/spin/run
 * prints them for Spin
 * @compact: fingerprints, not exact
 *
 * Return: exit code.
 */
int search_explore(const struct search *s, bool compact);

#endif /* VTLB_BENCH_SEARCH_EXPLORE_H */
