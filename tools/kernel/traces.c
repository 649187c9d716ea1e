/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The first step of a check: every trace on both programs.  What a trace expects
 * is about other implementations, and not asked.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "child.h"
#include "out.h"

#define SECONDS 120

/**
 * struct answers - of one program to all traces
 * @root: what .of refers to, one each, or NULL; and one for all
 */
struct answers {
	struct shown *of;
	json_t **root;
	size_t nroots;
};

static void start(const struct check *c, unsigned int side, struct child *child)
{
	const char **argv = out_alloc(c->opt->ntraces + 6, sizeof(*argv));
	size_t n = 0;

	argv[n++] = c->program[side];
	argv[n++] = "check";
	argv[n++] = "--json";
	argv[n++] = "--impl";
	argv[n++] = c->program[side];
	for (size_t i = 0; i < c->opt->ntraces; i++)
		argv[n++] = c->opt->trace[i];
	child_start(child, argv, c->cover.side[side].watch, SECONDS, false);
	free(argv);
}

/* A process that ended takes all answers with it: ask again, one trace at a time. */
static void one_by_one(const struct check *c, unsigned int side, struct answers *a)
{
	for (size_t i = 0; i < c->opt->ntraces; i++)
		check_ask(c, side, c->opt->trace[i], false, &a->of[i], &a->root[i], NULL);
	a->nroots = c->opt->ntraces;
}

static void finish(const struct check *c, unsigned int side, struct child *child, struct answers *a)
{
	json_t *root, *results;
	bool unmodelled;

	child_wait(child);
	root = child_json(child);
	results = json_object_get(root, "results");
	unmodelled = strstr(child->err, "unmodelled") || strstr(child->err, "does not know");
	a->of = out_alloc(c->opt->ntraces, sizeof(*a->of));
	a->root = out_alloc(c->opt->ntraces + 1, sizeof(json_t *));
	if (json_array_size(results) != c->opt->ntraces || unmodelled) {
		json_decref(root);
		one_by_one(c, side, a);
	} else {
		a->nroots = c->opt->ntraces + 1;
		a->root[c->opt->ntraces] = root;
		for (size_t i = 0; i < c->opt->ntraces; i++) {
			shown_read(&a->of[i], json_array_get(results, i));
			/* of which crash it is only a process of its own tells */
			if (shown_crashed(&a->of[i]))
				check_ask(c, side, c->opt->trace[i], false, &a->of[i], &a->root[i],
					  NULL);
		}
	}
	child_free(child);
}

static void free_answers(struct answers *a)
{
	for (size_t i = 0; i < a->nroots; i++)
		json_decref(a->root[i]);
	free(a->root);
	free(a->of);
}

static const char *name_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static void no_answer(struct check *c, size_t i, const struct shown *p)
{
	const char *name = name_of(c->opt->trace[i]);

	if (p->unmodelled) {
		json_t *root;
		struct shown again;
		char *said;

		check_ask(c, SIDE_PATCHED, c->opt->trace[i], false, &again, &root, &said);
		check_note(c, "%s: %s", name, said);
		free(said);
		json_decref(root);
	} else if (p->stopped_at) {
		check_note(c, "%s stopped at step %u: %s", name, p->stopped_at, p->why);
	} else {
		check_note(c, "%s: %s", name, *p->why ? p->why : vtlb_verdict_name(p->verdict));
	}
}

static void classify(struct check *c, size_t i, const struct shown *base, const struct shown *p)
{
	const char *path = c->opt->trace[i];
	enum finding_class class = finding_classify(c->opt->no_base ? NULL : base, p);

	if (class == FINDING_NOT_COVERED && i >= c->opt->nshipped)
		class = FINDING_NO_ANSWER;
	switch (class) {
	case FINDING_NONE:
		c->judged++;
		break;
	case FINDING_NOT_COVERED:
		c->not_covered++;
		break;
	case FINDING_NO_ANSWER:
		no_answer(c, i, p);
		break;
	default:
		c->judged++;
		check_failure(c, "trace", name_of(path), path, base, p, false);
		break;
	}
}

/* Before the first operation all traces of a world are alike, so one says enough. */
bool check_boot(struct check *c)
{
	const char *path = c->opt->ntraces ? c->opt->trace[0] : NULL;
	struct shown base, patched;
	json_t *root, *base_root = NULL;
	bool starts = true;

	if (!path)
		return true;
	check_ask(c, SIDE_PATCHED, path, false, &patched, &root, NULL);
	if (shown_at_boot(&patched)) {
		starts = false;
		if (c->program[SIDE_BASE])
			check_ask(c, SIDE_BASE, path, false, &base, &base_root, NULL);
		check_failure(c, "boot", name_of(path), path,
			      c->program[SIDE_BASE] ? &base : NULL, &patched, false);
		check_note(c, "KVM does not start, so that nothing else was run");
	}
	json_decref(root);
	json_decref(base_root);
	return starts;
}

int check_traces(struct check *c)
{
	struct answers a[SIDES] = { 0 };
	struct child child[SIDES];

	if (!c->opt->ntraces)
		return 0;
	for (unsigned int s = 0; s < SIDES; s++)
		if (c->program[s])
			start(c, s, &child[s]);
	for (unsigned int s = 0; s < SIDES; s++)
		if (c->program[s])
			finish(c, s, &child[s], &a[s]);
	for (size_t i = 0; i < c->opt->ntraces; i++)
		classify(c, i, a[SIDE_BASE].of ? &a[SIDE_BASE].of[i] : NULL,
			 &a[SIDE_PATCHED].of[i]);
	for (unsigned int s = 0; s < SIDES; s++)
		free_answers(&a[s]);
	if (c->not_covered)
		check_not_judged(c, "%zu traces of worlds that the program does not cover, such as "
				 "several vCPUs", c->not_covered);
	if (!c->judged)
		check_note(c, "no trace was judged");
	return 0;
}
