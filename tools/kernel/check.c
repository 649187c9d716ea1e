/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The order of the steps, and what becomes of a failure: it is new unless the base
 * shows the same on the same operations.
 */
#define _GNU_SOURCE
#include "check.h"

#include <ctype.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "child.h"
#include "out.h"

#define MAX_SAVED 20	/* traces of new failures that are made short and kept */
#define TRACE_SECONDS 60
#define MAX_DEVIATIONS 8

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

double check_left(const struct check *c)
{
	double left = c->begun + (double)c->opt->max_time - now();

	return left > 0 ? left : 0;
}

VTLB_PRINTF(4, 0)
static void add_text(char ***list, size_t *n, size_t *cap, const char *fmt, va_list ap)
{
	char *s = NULL;

	if (vasprintf(&s, fmt, ap) < 0)
		out_die("out of memory");
	for (size_t i = 0; i < *n; i++) {
		if (strcmp((*list)[i], s) == 0) {
			free(s);
			return;
		}
	}
	*list = out_grow(*list, cap, *n + 1, sizeof(**list));
	(*list)[(*n)++] = s;
}

void check_note(struct check *c, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	add_text(&c->note, &c->nnotes, &c->notes_cap, fmt, ap);
	va_end(ap);
}

void check_not_judged(struct check *c, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	add_text(&c->not_judged, &c->nnot_judged, &c->not_judged_cap, fmt, ap);
	va_end(ap);
}

char *check_said(const struct child *child)
{
	struct text t = { 0 };

	for (char *s = child->err; *s;) {
		size_t len = strcspn(s, "\n");

		if (!strncmp(s, "vtlb: ", 6) && strncmp(s, "vtlb: warning: ", 15) != 0) {
			char *line = strndup(s + 6, len - 6);

			text_list(&t, "; ", line);
			free(line);
		}
		s += len + (s[len] == '\n');
	}
	if (child->code < 0)
		text_list(&t, "; ", strsignal(-child->code));
	text_add(&t, "%s", "");
	return t.s ? t.s : strdup("");
}

/* Behind the offset that a place in code has, if there is one. */
static const char *behind_offset(const char *s)
{
	return strncmp(s, "+0x", 3) ? s : s + 3 + strspn(s + 3, "0123456789abcdef");
}

bool check_says_alike(const char *a, const char *b)
{
	for (;; a++, b++) {
		a = behind_offset(a);
		b = behind_offset(b);
		if (*a != *b || !*a)
			return *a == *b;
	}
}

/* Ended by the code that it runs, or by who waited for it or could not run it? */
bool check_crashed(const struct child *child)
{
	static const int by_code[] = { SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGTRAP };

	for (size_t i = 0; i < sizeof(by_code) / sizeof(*by_code); i++)
		if (child->code == -by_code[i])
			return true;
	return false;
}

/* Lines and addresses differ between two programs that do the same. */
static void without_numbers(char *to, size_t size, const char *words)
{
	size_t n = 0;

	for (; *words && n + 1 < size; words++)
		if (!isxdigit((unsigned char)*words) || isalpha((unsigned char)*words))
			to[n++] = *words;
	to[n] = '\0';
}

/* @waive: as in struct vtlb_check_config */
static void ask(const struct check *c, unsigned int side, const char *trace, uint32_t waive,
		struct shown *s, json_t **root, char **said)
{
	const char *argv[6 + 2 * MAX_DEVIATIONS + 1] = { c->program[side], "check", "--json",
							 "--impl", c->program[side], trace };
	struct child child;
	char *words;
	size_t n = 6;

	for (unsigned int i = 0; i < vtlb_nr_deviations && i < MAX_DEVIATIONS; i++)
		if (waive & vtlb_deviations[i].waiver) {
			argv[n++] = "--waive";
			argv[n++] = vtlb_deviations[i].name;
		}
	child_start(&child, argv, c->cover.side[side].watch, TRACE_SECONDS, false);
	child_wait(&child);
	*root = child_json(&child);
	shown_read(s, json_array_get(json_object_get(*root, "results"), 0));
	words = check_said(&child);
	s->died = check_crashed(&child);
	if (shown_crashed(s))
		without_numbers(s->crash, sizeof(s->crash), words);
	s->unmodelled = strstr(words, "unmodelled") || strstr(words, "does not know");
	if (said)
		*said = words;
	else
		free(words);
	child_free(&child);
}

void check_ask(const struct check *c, unsigned int side, const char *trace, bool waive_all,
	       struct shown *s, json_t **root, char **said)
{
	ask(c, side, trace, waive_all ? VTLB_WAIVE_ALL : 0, s, root, said);
}

/*
 * A recorded deviation that the patched program shows first may be in the base as well, behind
 * others that the patch happens not to show: with some waived the base shows the same.
 */
static bool is_behind(const struct check *c, const char *trace, const struct shown *patched)
{
	bool same = false;

	if (!c->program[SIDE_BASE] || c->opt->no_base || patched->died ||
	    patched->verdict != VTLB_DEVIATES)
		return false;
	for (uint32_t waive = 1; waive <= VTLB_WAIVE_ALL && !same; waive++) {
		struct shown base;
		json_t *root;

		ask(c, SIDE_BASE, trace, waive, &base, &root, NULL);
		same = shown_same(&base, patched);
		json_decref(root);
	}
	return same;
}

static char *name_trace(struct check *c)
{
	struct text t = { 0 };

	text_add(&t, "%s/finding-%zu.trace", c->dir[SIDE_PATCHED], ++c->ntraces_saved);
	return t.s;
}

/* A shorter trace that fails in the same way; NULL: there is none. */
static char *shrink(struct check *c, const char *trace, bool waive_all)
{
	char *to = name_trace(c);
	const char *argv[] = { c->program[SIDE_PATCHED], "shrink", trace, "--impl",
			       c->program[SIDE_PATCHED], "-o", to, waive_all ? "--waive" : NULL,
			       "all", NULL };
	struct child child;
	bool ok;

	child_start(&child, argv, c->cover.side[SIDE_PATCHED].watch, TRACE_SECONDS, false);
	child_wait(&child);
	ok = child.code == 0;
	child_free(&child);
	if (ok)
		return to;
	free(to);
	return NULL;
}

static enum finding_class classify(const struct check *c, const char *trace, bool waive_all,
				   const struct shown *patched)
{
	struct shown base;
	json_t *root;
	enum finding_class class;

	if (!c->program[SIDE_BASE] || c->opt->no_base)
		return finding_classify(NULL, patched);
	check_ask(c, SIDE_BASE, trace, waive_all, &base, &root, NULL);
	class = finding_classify(&base, patched);
	json_decref(root);
	return class;
}

static void keep(struct check *c, enum finding_class class, const char *source, const char *name,
		 const char *trace, const struct shown *s, char *said)
{
	struct text t = { 0 };

	finding_text(&t, s);
	c->finding = out_grow(c->finding, &c->findings_cap, c->nfindings + 1, sizeof(*c->finding));
	c->finding[c->nfindings++] = (struct finding){
		.class = class,
		.source = source,
		.name = strdup(name),
		.file = strdup(trace),
		.text = t.s,
		.said = said ? said : strdup(""),
		.violation = json_incref(s->violation),
	};
}

static bool is_excuse(enum finding_class class)
{
	return class == FINDING_BASE || class == FINDING_KNOWN;
}

/* Workloads are long, and take long to be made short: one is enough. */
static bool may_shorten(const struct check *c, const char *source)
{
	for (size_t i = 0; i < c->nfindings; i++)
		if (c->finding[i].class == FINDING_NEW && !strcmp(source, "workload") &&
		    !strcmp(c->finding[i].source, source))
			return false;
	return check_count(c, FINDING_NEW) < MAX_SAVED;
}

void check_failure(struct check *c, const char *source, const char *name, const char *trace,
		   const struct shown *base, const struct shown *patched, bool waive_all)
{
	enum finding_class class;
	struct shown again;
	json_t *root = NULL;
	char *said = NULL, *small = NULL;

	if (base || !c->program[SIDE_BASE])
		class = finding_classify(c->opt->no_base ? NULL : base, patched);
	else
		class = classify(c, trace, waive_all, patched);
	if (class == FINDING_UNSURE || (class == FINDING_NEW && may_shorten(c, source)))
		small = shrink(c, trace, waive_all);
	if (small) {
		enum finding_class of_small;

		check_ask(c, SIDE_PATCHED, small, waive_all, &again, &root, &said);
		of_small = classify(c, small, waive_all, &again);
		/* a shorter trace can end in another failure, which excuses nothing */
		if (of_small == FINDING_NEW || (class == FINDING_UNSURE && is_excuse(of_small) &&
						shown_alike(&again, patched))) {
			class = of_small;
			keep(c, class, source, name, small, &again, said);
			json_decref(root);
			free(small);
			return;
		}
		json_decref(root);
		free(said);
		free(small);
	}
	if (class == FINDING_UNSURE && !waive_all && is_behind(c, trace, patched))
		class = FINDING_KNOWN;
	/* both fail, and it cannot be told apart any further */
	if (class == FINDING_UNSURE)
		class = FINDING_NEW;
	said = NULL;
	root = NULL;
	if (class == FINDING_NEW) {
		check_ask(c, SIDE_PATCHED, trace, waive_all, &again, &root, &said);
		keep(c, class, source, name, trace, &again, said);
		json_decref(root);
		return;
	}
	keep(c, class, source, name, trace, class == FINDING_FIXED ? base : patched, NULL);
}

size_t check_count(const struct check *c, enum finding_class class)
{
	size_t n = 0;

	for (size_t i = 0; i < c->nfindings; i++)
		n += c->finding[i].class == class;
	return n;
}

static char *program_in(const char *dir)
{
	struct text t = { 0 };

	if (dir)
		text_add(&t, "%s/program", dir);
	return t.s;
}

static void decide(struct check *c)
{
	struct verdict_facts facts = {
		.new_findings = check_count(c, FINDING_NEW),
		.exercised = true,
		.unfinished = c->nnotes,
	};

	if (c->program[SIDE_BASE]) {
		cover_judge(&c->cover);
		facts.exercised = cover_ok(&c->cover);
	}
	c->verdict = finding_verdict(&facts);
	c->seconds = now() - c->begun;
}

int check_run(struct check *c, const char *base, const char *patched)
{
	int code = 0;

	c->begun = now();
	c->dir[SIDE_BASE] = base;
	c->dir[SIDE_PATCHED] = patched;
	for (unsigned int s = 0; s < SIDES; s++)
		c->program[s] = program_in(c->dir[s]);
	if (base)
		code = cover_plan(&c->cover, base, patched);
	if (!code && !check_boot(c)) {
		decide(c);
		return 0;
	}
	if (!code)
		code = check_traces(c);
	if (code)
		return code;
	c->first_result = now() - c->begun;
	fprintf(stderr, "vtlb: %zu traces judged in %.1f s: %zu new failures\n", c->judged,
		c->first_result, check_count(c, FINDING_NEW));
	check_search(c);
	check_cost(c);
	check_walk(c);
	decide(c);
	return 0;
}

static void free_texts(char **list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		free(list[i]);
	free(list);
}

void check_free(struct check *c)
{
	for (unsigned int s = 0; s < SIDES; s++)
		free(c->program[s]);
	for (size_t i = 0; i < c->nfindings; i++)
		finding_free(&c->finding[i]);
	for (size_t i = 0; i < c->nsearches; i++)
		free(c->search[i].why);
	for (size_t i = 0; i < c->nwalks; i++)
		free(c->walks[i].why);
	for (size_t i = 0; i < c->ncosts; i++)
		free(c->cost[i].name);
	free(c->finding);
	free(c->cost);
	free_texts(c->note, c->nnotes);
	free_texts(c->not_judged, c->nnot_judged);
	if (c->program[SIDE_BASE])
		cover_free(&c->cover);
	memset(c, 0, sizeof(*c));
}
