/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What base and patched code spend on the workloads, which the contract leaves
 * open: being safe is half of a patch's claim.
 */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "child.h"
#include "out.h"

#define SECONDS 120

const char *const check_cost_keys[CHECK_COSTS] = {
	"roots_built", "roots_reused", "roots_freed", "syncs", "refaults", "flushes",
	"flushes_unasked",
};

/* The command compares two; the first one is not looked at. */
static void start(const struct check *c, unsigned int side, struct child *child)
{
	const char *argv[] = { c->program[side], "compare", "kvm-6.12", c->program[side], "--workload",
			       "all", "--json", NULL };

	child_start(child, argv, c->cover.side[side].watch, SECONDS, false);
}

static struct check_cost *cost_of(struct check *c, const char *name)
{
	for (size_t i = 0; i < c->ncosts; i++)
		if (strcmp(c->cost[i].name, name) == 0)
			return &c->cost[i];
	c->cost = out_grow(c->cost, &c->costs_cap, c->ncosts + 1, sizeof(*c->cost));
	memset(&c->cost[c->ncosts], 0, sizeof(*c->cost));
	c->cost[c->ncosts].name = strdup(name);
	c->cost[c->ncosts].verdict[SIDE_BASE] = VTLB_ERROR;
	c->cost[c->ncosts].verdict[SIDE_PATCHED] = VTLB_ERROR;
	return &c->cost[c->ncosts++];
}

static void read_costs(struct check *c, unsigned int side, const json_t *results)
{
	for (size_t i = 1; i < json_array_size(results); i += 2) {
		json_t *r = json_array_get(results, i);
		const json_t *o = json_object_get(r, "cost");
		const char *name = json_string_value(json_object_get(r, "trace"));
		struct check_cost *cost = name ? cost_of(c, name) : NULL;

		struct shown shown;

		shown_read(&shown, r);
		if (cost)
			cost->verdict[side] = shown.verdict;
		for (unsigned int k = 0; cost && k < CHECK_COSTS; k++)
			cost->of[side][k] = (uint64_t)json_integer_value(
				json_object_get(o, check_cost_keys[k]));
	}
}

/* A workload is no trace, so that it cannot be a finding; but nothing that fails is passed over. */
static void look_at(struct check *c, const struct check_cost *cost)
{
	enum vtlb_verdict base = c->program[SIDE_BASE] ? cost->verdict[SIDE_BASE] : VTLB_DEVIATES;
	enum vtlb_verdict patched = cost->verdict[SIDE_PATCHED];

	if (patched != VTLB_HOLDS && patched != base)
		check_note(c, "workload %s: %s; vtlb compare --workload %s shows it", cost->name,
			   vtlb_verdict_name(patched), cost->name);
}

bool check_cost_known(const struct check_cost *cost, unsigned int side)
{
	enum vtlb_verdict v = cost->verdict[side];

	return v == VTLB_HOLDS || v == VTLB_AMBIGUOUS || v == VTLB_DEVIATES || v == VTLB_VIOLATES;
}

void check_cost(struct check *c)
{
	struct child child[SIDES];

	for (unsigned int s = 0; s < SIDES; s++)
		if (c->program[s])
			start(c, s, &child[s]);
	for (unsigned int s = 0; s < SIDES; s++) {
		json_t *root, *results;

		if (!c->program[s])
			continue;
		child_wait(&child[s]);
		root = child_json(&child[s]);
		results = json_object_get(root, "results");
		if (json_array_size(results))
			read_costs(c, s, results);
		else
			check_not_judged(c, "the cost of the workloads: no answer");
		json_decref(root);
		child_free(&child[s]);
	}
	for (size_t i = 0; i < c->ncosts; i++)
		look_at(c, &c->cost[i]);
}
