/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What base and patched code spend on the workloads, which the contract leaves
 * open: being safe is half of a patch's claim.  A workload that fails is a trace
 * that fails.
 */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "child.h"
#include "file.h"
#include "out.h"
#include "workload.h"

#define SECONDS 60

const char *const check_cost_keys[CHECK_COSTS] = {
	"roots_built", "roots_reused", "roots_freed", "syncs", "refaults", "flushes",
	"flushes_unasked",
};

/* The command compares two; the first one is not looked at. */
static void start(const struct check *c, unsigned int side, const char *name, struct child *child)
{
	const char *argv[] = { c->program[side], "compare", "kvm-6.12", c->program[side], "--workload",
			       name, "--json", NULL };

	child_start(child, argv, c->cover.side[side].watch, SECONDS, false);
}

static void read_cost(struct check_cost *cost, unsigned int side, json_t *result)
{
	const json_t *o = json_object_get(result, "cost");
	struct shown shown;

	if (!o)
		return;
	shown_read(&shown, result);
	cost->verdict[side] = shown.verdict;
	for (unsigned int k = 0; k < CHECK_COSTS; k++)
		cost->of[side][k] =
			(uint64_t)json_integer_value(json_object_get(o, check_cost_keys[k]));
}

/* Each in processes of its own, so that one that is lost takes no other with it. */
static void measure(const struct check *c, struct check_cost *cost)
{
	struct child child[SIDES];

	for (unsigned int s = 0; s < SIDES; s++)
		if (c->program[s])
			start(c, s, cost->name, &child[s]);
	for (unsigned int s = 0; s < SIDES; s++) {
		json_t *root;

		if (!c->program[s])
			continue;
		child_wait(&child[s]);
		root = child_json(&child[s]);
		read_cost(cost, s, json_array_get(json_object_get(root, "results"), 1));
		json_decref(root);
		child_free(&child[s]);
	}
}

/* A workload as a trace that "vtlb check" takes, to be freed; NULL: it cannot be written. */
static char *write_trace(const struct check *c, const struct workload *wl)
{
	struct text name = { 0 };
	struct vtlb_trace t;
	char *text;
	int code;

	if (workload_make(wl, WORKLOAD_SEED, WORKLOAD_STEPS, &t))
		out_die("out of memory");
	text = file_trace_text(&t);
	vtlb_trace_free(&t);
	text_add(&name, "%s/workload-%s.trace", c->dir[SIDE_PATCHED], wl->name);
	code = file_save(name.s, text);
	free(text);
	if (code)
		text_free(&name);
	return code ? NULL : name.s;
}

/* Neither program has an answer to it, for one reason. */
static bool equally_unknown(const struct shown *base, const struct shown *patched)
{
	return base->verdict == VTLB_V_UNSUPPORTED && patched->verdict == base->verdict &&
	       !patched->unmodelled && base->stopped_at == patched->stopped_at;
}

static void judge(struct check *c, const struct workload *wl, const char *trace,
		  enum vtlb_verdict base_was)
{
	struct shown base = { .verdict = base_was, .deviation = "", .why = "" }, patched;
	json_t *root, *base_root = NULL;
	enum finding_class class;
	const char *verdict;
	char *said;

	check_ask(c, SIDE_PATCHED, trace, false, &patched, &root, &said);
	/* that it holds is all there is to be known of it */
	if (c->program[SIDE_BASE] && base_was != VTLB_HOLDS)
		check_ask(c, SIDE_BASE, trace, false, &base, &base_root, NULL);
	class = finding_classify(c->program[SIDE_BASE] && !c->opt->no_base ? &base : NULL,
				 &patched);
	verdict = vtlb_verdict_name(patched.verdict);
	if (class == FINDING_NOT_COVERED ||
	    (class == FINDING_NO_ANSWER && equally_unknown(&base, &patched)))
		check_not_judged(c, "workload %s: %s", wl->name, verdict);
	else if (class == FINDING_NO_ANSWER)
		check_note(c, "workload %s: %s%s%s", wl->name, verdict, *said ? ": " : "", said);
	else if (class != FINDING_NONE)
		check_failure(c, "workload", wl->name, trace,
			      c->program[SIDE_BASE] ? &base : NULL, &patched, false);
	free(said);
	json_decref(root);
	json_decref(base_root);
}

/* Whatever is no clean pass, a lost process among it, is asked again. */
static void look_at(struct check *c, const struct check_cost *cost)
{
	const struct workload *wl = workload_by_name(cost->name);
	char *trace;

	if (cost->verdict[SIDE_PATCHED] == VTLB_HOLDS &&
	    (!c->program[SIDE_BASE] || cost->verdict[SIDE_BASE] == VTLB_HOLDS))
		return;
	trace = write_trace(c, wl);
	if (trace)
		judge(c, wl, trace, cost->verdict[SIDE_BASE]);
	else
		check_note(c, "workload %s: %s, and its trace cannot be written", wl->name,
			   vtlb_verdict_name(cost->verdict[SIDE_PATCHED]));
	free(trace);
}

bool check_cost_known(const struct check_cost *cost, unsigned int side)
{
	enum vtlb_verdict v = cost->verdict[side];

	return v == VTLB_HOLDS || v == VTLB_AMBIGUOUS || v == VTLB_DEVIATES || v == VTLB_VIOLATES;
}

void check_cost(struct check *c)
{
	c->cost = out_alloc(nr_workloads, sizeof(*c->cost));
	c->ncosts = nr_workloads;
	for (size_t i = 0; i < c->ncosts; i++) {
		c->cost[i].name = strdup(workloads[i].name);
		c->cost[i].verdict[SIDE_BASE] = c->cost[i].verdict[SIDE_PATCHED] = VTLB_ERROR;
		measure(c, &c->cost[i]);
		look_at(c, &c->cost[i]);
	}
}
