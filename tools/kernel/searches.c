/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The second and third step of a check: an exhaustive search to a depth that is
 * said, and random walks, which only ever say "nothing in so many steps".
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "check.h"
#include "child.h"
#include "file.h"
#include "out.h"

#define SEARCH_SHARE 0.6	/* of the time that is left */
#define MORE "20"		/* counterexamples that a search goes on to */
#define WALK_SECONDS 15		/* in one scope, unless more time was asked for */
#define WALK_STEPS 60
#define WALK_FOUND 3		/* failures in one scope, then the next one */
#define SLACK 20		/* seconds that a program may take to end by itself */

static const char *const walk_scopes[] = { "tiny", "default", "pairs", "modes", "upper",
					   "smp", "links", "neighbours", "zap" };
_Static_assert(sizeof(walk_scopes) / sizeof(*walk_scopes) <= CHECK_SCOPES, "check.walks");

static json_t *first_result(json_t *root)
{
	return json_array_get(json_object_get(root, "results"), 0);
}

static uint64_t number(const json_t *o, const char *key)
{
	json_int_t n = json_integer_value(json_object_get(o, key));

	return n > 0 ? (uint64_t)n : 0;
}

/* Why there is no result: the error that the program reports, or how it ended. */
static char *why_none(const struct child *child, const json_t *root)
{
	const json_t *error = json_object_get(root, "error");
	const char *message = json_string_value(json_object_get(error, "message"));
	struct text t = { 0 };

	if (message)
		text_add(&t, "%s", message);
	else if (child->code < 0)
		text_add(&t, "the program was ended: %s", strsignal(-child->code));
	else
		text_add(&t, "the program ended with exit code %d", child->code);
	return t.s;
}

/* What the program said it does not know. */
static char *why_unsupported(const struct child *child)
{
	const char *said = strstr(child->err, "reached unmodelled");
	struct text t = { 0 };

	text_add(&t, "%.*s", said ? (int)strcspn(said, "\n") : 100,
		 said ? said : "a step had no answer");
	return t.s;
}

/* A counterexample as a file, to be freed; NULL: it has no trace. */
static char *write_trace(struct check *c, const json_t *violation)
{
	const char *text = json_string_value(json_object_get(violation, "trace_text"));
	struct text name = { 0 };

	if (!text)
		return NULL;
	text_add(&name, "%s/found-%zu.trace", c->dir[SIDE_PATCHED], ++c->ntraces_saved);
	if (file_save(name.s, text) == 0)
		return name.s;
	text_free(&name);
	return NULL;
}

/*
 * A counterexample of one program, asked of both, in processes of their own: what cannot be
 * replayed is no answer.
 */
static void found(struct check *c, const char *source, const char *scope, const json_t *violation,
		  bool of_base, bool waive_all)
{
	char *trace = write_trace(c, violation);
	struct shown p, b;
	json_t *root, *base_root = NULL;

	if (!trace) {
		check_note(c, "%s in %s: a failure has no trace, or it cannot be written", source,
			   scope);
		return;
	}
	check_ask(c, SIDE_PATCHED, trace, waive_all, &p, &root, NULL);
	if (of_base) {
		check_ask(c, SIDE_BASE, trace, waive_all, &b, &base_root, NULL);
		if (finding_classify(&b, &p) == FINDING_FIXED)
			check_failure(c, source, scope, trace, &b, &p, waive_all);
	} else if (!shown_fails(&p)) {
		check_note(c, "%s in %s: a failure could not be replayed (%s)", source, scope,
			   trace);
	} else {
		check_failure(c, source, scope, trace, NULL, &p, waive_all);
	}
	json_decref(root);
	json_decref(base_root);
	free(trace);
}

static void start_search(const struct check *c, unsigned int side, const struct check_search *s,
			 unsigned int seconds, struct child *child)
{
	char depth[16], limit[16];
	const char *argv[] = { c->program[side], "explore", "--json", "--impl", c->program[side],
			       "--scope", s->scope, "--depth", depth, "--max-time", limit,
			       "--jobs", "1", "--continue", MORE, s->waive_all ? "--waive" : NULL,
			       "all", NULL };

	snprintf(depth, sizeof(depth), "%u", s->asked);
	snprintf(limit, sizeof(limit), "%u", seconds);
	child_start(child, argv, c->cover.side[side].watch, seconds + SLACK, false);
}

static void finish_search(struct check *c, unsigned int side, struct child *child,
			  struct check_search *s)
{
	json_t *root, *r, *list;
	const char *stop;

	child_wait(child);
	root = child_json(child);
	r = first_result(root);
	stop = json_string_value(json_object_get(r, "stop"));
	list = json_object_get(r, "violations");
	if (side == SIDE_PATCHED) {
		bool unsupported = !json_is_false(json_object_get(r, "unsupported"));

		s->ran = r && !json_is_null(json_object_get(r, "states"));
		/* one that ended because it had found enough did not try everything */
		s->finished = s->ran && !unsupported &&
			      (json_is_true(json_object_get(r, "complete")) ||
			       (stop && strcmp(stop, "depth") == 0));
		s->depth = number(r, "depth");
		s->states = number(r, "states");
		s->seconds = json_number_value(json_object_get(r, "seconds"));
		if (!s->ran)
			s->why = r && json_is_string(json_object_get(r, "why")) ?
					 strdup(json_string_value(json_object_get(r, "why"))) :
					 why_none(child, root);
		else if (unsupported)
			s->why = why_unsupported(child);
		else if (!s->finished)
			s->why = strdup(stop ? stop : "it ended at what it found");
	}
	s->failing += (side == SIDE_PATCHED ? 1 : -1) * (int64_t)number(r, "violating");
	for (size_t i = 0; i < json_array_size(list); i++)
		found(c, "search", s->scope, json_array_get(list, i), side == SIDE_BASE,
		      s->waive_all);
	json_decref(root);
	child_free(child);
}

static const char *waived(const struct check_search *s)
{
	return s->waive_all ? ", deviations waived," : "";
}

static void search(struct check *c, const char *scope, unsigned int depth, bool needed,
		   bool waive_all)
{
	struct check_search *s = &c->search[c->nsearches++];
	unsigned int seconds = 1 + (unsigned int)(check_left(c) * SEARCH_SHARE);
	size_t new = check_count(c, FINDING_NEW);
	struct child child[SIDES];

	*s = (struct check_search){ .scope = scope, .asked = depth, .needed = needed,
				   .waive_all = waive_all };
	for (unsigned int i = 0; i < SIDES; i++)
		if (c->program[i])
			start_search(c, i, s, seconds, &child[i]);
	for (unsigned int i = 0; i < SIDES; i++)
		if (c->program[i])
			finish_search(c, i, &child[i], s);
	if (!s->ran)
		check_note(c, "the search of %s%s to depth %u was not made: %s", scope, waived(s),
			   s->asked, s->why);
	else if (needed && !s->finished)
		check_note(c, "the search of %s%s to depth %u stopped before: %s", scope, waived(s),
			   s->asked, s->why);
	/* of each kind of failure one is shown, which the base may have, too */
	else if (needed && waive_all && s->failing > 0 && check_count(c, FINDING_NEW) == new)
		check_note(c, "%lld states more than of the base fail in the search of %s%s, and "
			   "none of those that were shown is new", (long long)s->failing, scope,
			   waived(s));
}

/* The kit leaves a file beside programs that can tell when two states are one. */
static bool merges(const struct check *c)
{
	for (unsigned int i = 0; i < SIDES; i++) {
		struct text name = { 0 };
		bool found;

		if (!c->dir[i])
			continue;
		text_add(&name, "%s/merges", c->dir[i]);
		found = access(name.s, F_OK) == 0;
		text_free(&name);
		if (!found)
			return false;
	}
	return true;
}

/*
 * Behind a failure nothing is searched, and recorded deviations are failures: so tiny is
 * searched with all of them waived, and once more for deviations that the base has not.
 */
void check_search(struct check *c)
{
	unsigned int depth = merges(c) ? CHECK_DEPTH : CHECK_DEPTH_UNMERGED;

	search(c, "tiny", depth, true, true);
	search(c, "tiny", depth, true, false);
	/* what is not needed may still find something */
	if (depth != CHECK_DEPTH)
		search(c, "tiny", CHECK_DEPTH, false, true);
	if (c->opt->scope && strcmp(c->opt->scope, "tiny") != 0)
		search(c, c->opt->scope, CHECK_DEPTH, false, false);
}

static void start_walks(const struct check *c, unsigned int side, const struct check_walks *w,
			unsigned int seconds, struct child *child)
{
	char seed[24], steps[16], limit[16];
	const char *argv[] = { c->program[side], "explore", "--json", "--impl", c->program[side],
			       "--scope", w->scope, "--waive", "all", "--simulate", "4000000000",
			       "--steps", steps, "--seed", seed, "--max-time", limit, "--jobs", "1",
			       NULL };

	snprintf(seed, sizeof(seed), "%llu", (unsigned long long)(w->seed + w->found));
	snprintf(steps, sizeof(steps), "%d", WALK_STEPS);
	snprintf(limit, sizeof(limit), "%u", seconds);
	child_start(child, argv, c->cover.side[side].watch, seconds + SLACK, false);
}

enum walks_end walks_end(const struct child *child, const json_t *result)
{
	const json_t *simulation = json_object_get(result, "simulation");
	const char *stop = json_string_value(json_object_get(result, "stop"));

	if (json_array_size(json_object_get(result, "violations")))
		return WALKS_FAILED;
	if (child->code != vtlb_verdict_exit(VTLB_INCOMPLETE) || !number(simulation, "steps") ||
	    !stop || (strcmp(stop, "time") != 0 && strcmp(stop, "runs") != 0))
		return WALKS_LOST;
	return WALKS_BOUNDED;
}

static uint64_t ended_early(const json_t *result)
{
	return number(json_object_get(result, "simulation"), "ended_early");
}

/* Did the base, in the same walks, say what the patched program said of where walks ended? */
static bool base_is_cut(const struct check *c, const struct check_walks *w, unsigned int seconds,
			const char *said)
{
	struct child child;
	json_t *root;
	char *words;
	bool same;

	if (!c->program[SIDE_BASE] || c->opt->no_base || !*said)
		return false;
	start_walks(c, SIDE_BASE, w, seconds, &child);
	child_wait(&child);
	root = child_json(&child);
	words = check_said(&child);
	same = ended_early(first_result(root)) && check_says_alike(words, said);
	free(words);
	json_decref(root);
	child_free(&child);
	return same;
}

/* A walk that ended early had no answer from there on. */
static void cut(struct check *c, const struct check_walks *w, unsigned int seconds,
		const struct child *child, const json_t *result)
{
	uint64_t n = ended_early(result);
	char *said = check_said(child);

	if (base_is_cut(c, w, seconds, said))
		check_not_judged(c, "what follows where %llu walks in %s ended, in the base as "
				    "well: %s", (unsigned long long)n, w->scope, said);
	else
		check_note(c, "%llu walks in %s ended without an answer: %s", (unsigned long long)n,
			   w->scope, *said ? said : "the program did not say why");
	free(said);
}

/* Returns whether it ended at a failure. */
static bool finish_walks(struct check *c, struct child *child, struct check_walks *w,
			 unsigned int seconds)
{
	json_t *root, *r, *simulation;
	enum walks_end end;
	char *why;

	child_wait(child);
	root = child_json(child);
	r = first_result(root);
	simulation = json_object_get(r, "simulation");
	end = walks_end(child, r);
	w->ran |= number(simulation, "steps") > 0;
	w->runs += number(simulation, "runs");
	w->steps += number(simulation, "steps");
	why = r && json_is_string(json_object_get(r, "why")) ?
		      strdup(json_string_value(json_object_get(r, "why"))) :
		      why_none(child, root);
	if (end == WALKS_FAILED)
		found(c, "walk", w->scope, json_array_get(json_object_get(r, "violations"), 0),
		      false, true);
	else if (end == WALKS_LOST)
		check_note(c, "walks in %s: %s", w->scope, why);
	if (ended_early(r))
		cut(c, w, seconds, child, r);
	w->found += end == WALKS_FAILED;
	if (!w->ran && !w->why)
		w->why = why;
	else
		free(why);
	json_decref(root);
	child_free(child);
	return end == WALKS_FAILED;
}

/* Walks of two scopes at a time, and again with another seed behind a failure. */
static void walk_pair(struct check *c, struct check_walks *w, size_t n, unsigned int seconds)
{
	struct child child[2];
	bool again[2] = { true, n > 1 };

	for (unsigned int round = 0; round < WALK_FOUND && (again[0] || again[1]); round++) {
		for (size_t i = 0; i < n; i++)
			if (again[i])
				start_walks(c, SIDE_PATCHED, &w[i], seconds, &child[i]);
		for (size_t i = 0; i < n; i++)
			if (again[i])
				again[i] = finish_walks(c, &child[i], &w[i], seconds) &&
					   check_left(c) > 1;
	}
}

/* What only the base has, a patch may have removed: the base has to be walked, too. */
static void walk_base(struct check *c, unsigned int seconds)
{
	struct check_walks w = { .scope = c->opt->scope ? c->opt->scope : "default",
				 .seed = c->opt->seed };
	struct child child;

	if (!c->program[SIDE_BASE])
		return;
	cover_judge(&c->cover);
	if (cover_ok(&c->cover))
		return;
	start_walks(c, SIDE_BASE, &w, seconds, &child);
	child_wait(&child);
	child_free(&child);
}

void check_walk(struct check *c)
{
	size_t n = c->opt->scope ? 1 : sizeof(walk_scopes) / sizeof(*walk_scopes);
	size_t pairs = (n + 1) / 2;
	double share = check_left(c) / (double)pairs;
	unsigned int seconds = share < WALK_SECONDS || c->opt->scope ? (unsigned int)share :
								      WALK_SECONDS;

	for (size_t i = 0; i < n; i++)
		c->walks[i] = (struct check_walks){
			.scope = c->opt->scope ? c->opt->scope : walk_scopes[i],
			.seed = c->opt->seed,
		};
	c->nwalks = n;
	if (!seconds)
		seconds = 1;
	for (size_t i = 0; i < n; i += 2)
		walk_pair(c, &c->walks[i], n - i > 1 ? 2 : 1, seconds);
	walk_base(c, seconds < 5 ? seconds : 5);
}
