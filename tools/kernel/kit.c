/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Running the kit: its progress is shown, its last complaint becomes our error.
 */
#define _GNU_SOURCE
#include "kit.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "child.h"
#include "out.h"
#include "text.h"

char *kit_path(const char *name)
{
	char self[PATH_MAX], *slash;
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	struct text t = { 0 };

	if (n < 0)
		n = 0;
	self[n] = '\0';
	slash = strrchr(self, '/');
	if (slash)
		*slash = '\0';
	text_add(&t, "%s/../share/vtlb/%s", self, name);
	return t.s;
}

bool kit_has_vendor_module(const char *name)
{
	return !name || !strcmp(name, "sim") || !strcmp(name, "svm") || !strcmp(name, "svm-old");
}

static size_t without_newline(const char *s)
{
	size_t len = strlen(s);

	return len && s[len - 1] == '\n' ? len - 1 : len;
}

/* The line of "vtlb: WHAT", without what the kit says in the lines before. */
static void complain(const struct child *c)
{
	const char *last = NULL;

	for (const char *s = c->err; (s = strstr(s, "vtlb: ")); s += 6)
		if (s == c->err || s[-1] == '\n')
			last = s + 6;
	if (last)
		out_error(EXIT_USAGE, NULL, 0, 0, "%.*s", (int)without_newline(last), last);
	else
		out_error(EXIT_USAGE, NULL, 0, 0, "the kit for kernels ended with exit code %d: %s",
			  c->code, c->err);
}

/* With --json standard output has to get the error, so the kit may not say it alone. */
static int run(const char *const *argv, struct child *c)
{
	int code = 0;

	if (access(argv[0], X_OK))
		return out_error(EXIT_USAGE, argv[0], 0, 0,
				 "there is no kit for kernels beside this program; build or install "
				 "vtlb without sanitizers");
	child_start(c, argv, NULL, 0, !out.json);
	child_wait(c);
	if (c->code) {
		code = c->code == EXIT_USAGE || c->code < 0 ? EXIT_USAGE : EXIT_INTERNAL;
		if (out.json)
			complain(c);
		child_free(c);
	}
	return code;
}

int kit_workdir(char **dir)
{
	char *tool = kit_path("kernel/workdir");
	const char *argv[] = { tool, NULL };
	struct child c;
	int code = run(argv, &c);

	free(tool);
	if (code)
		return code;
	c.out[strcspn(c.out, "\n")] = '\0';
	*dir = c.out;
	c.out = NULL;
	child_free(&c);
	return 0;
}

static void read_split(char *s, struct kit_patch **patch, size_t *n)
{
	size_t cap = 0;

	for (char *next; *s; s = next) {
		char *tab;

		next = s + strcspn(s, "\n");
		if (*next)
			*next++ = '\0';
		tab = strchr(s, '\t');
		if (!tab)
			continue;
		*tab = '\0';
		*patch = out_grow(*patch, &cap, *n + 1, sizeof(**patch));
		(*patch)[*n].file = strdup(s);
		(*patch)[*n].subject = strdup(tab + 1);
		if (!(*patch)[*n].file || !(*patch)[*n].subject)
			out_die("out of memory");
		++*n;
	}
}

int kit_split(const char *dir, const char *const *file, size_t nfiles, struct kit_patch **patch,
	      size_t *n)
{
	const char **argv = out_alloc(nfiles + 3, sizeof(*argv));
	struct child c;
	int code;

	argv[0] = kit_path("kernel/split");
	argv[1] = dir;
	memcpy(argv + 2, file, nfiles * sizeof(*file));
	code = run(argv, &c);
	free((char *)(uintptr_t)argv[0]);
	free(argv);
	if (code)
		return code;
	read_split(c.out, patch, n);
	child_free(&c);
	return 0;
}

/* Words that say where a kernel comes from; @jobs: room for a number. */
static size_t tree_words(const struct kit_tree *tree, const char **argv, char jobs[16])
{
	size_t k = 0;

	argv[k++] = tree->debian ? "--debian" : "--tree";
	argv[k++] = tree->debian ? tree->debian : tree->tree;
	if (tree->vendor_module) {
		argv[k++] = "--vendor-module";
		argv[k++] = tree->vendor_module;
	}
	if (tree->jobs) {
		snprintf(jobs, 16, "%u", tree->jobs);
		argv[k++] = "--jobs";
		argv[k++] = jobs;
	}
	return k;
}

int kit_program(const struct kit_tree *tree, const char *const *patch, size_t n, char **program)
{
	const char **argv = out_alloc(2 * n + 14, sizeof(*argv));
	char *tool = kit_path("kernel/build"), jobs[16], *line;
	struct child c;
	size_t k = 1;
	int code;

	argv[0] = tool;
	k += tree_words(tree, argv + k, jobs);
	for (size_t i = 0; i < n; i++) {
		argv[k++] = "--patch";
		argv[k++] = patch[i];
	}
	code = run(argv, &c);
	free(tool);
	free(argv);
	if (code)
		return code;
	c.out[without_newline(c.out)] = '\0';
	line = strrchr(c.out, '\n');
	*program = strdup(line ? line + 1 : c.out);
	if (!*program)
		out_die("out of memory");
	child_free(&c);
	return 0;
}

int kit_build(const struct kit_tree *tree, const struct kit_patch *patch, size_t n, size_t apply,
	      const char *details)
{
	const char **argv = out_alloc(2 * n + 14, sizeof(*argv));
	char *tool = kit_path("kernel/build"), jobs[16], count[24];
	struct child c;
	size_t k = 0;
	int code;

	argv[k++] = tool;
	k += tree_words(tree, argv + k, jobs);
	for (size_t i = 0; i < n; i++) {
		argv[k++] = "--patch";
		argv[k++] = patch[i].file;
	}
	snprintf(count, sizeof(count), "%zu", apply);
	argv[k++] = "--apply";
	argv[k++] = count;
	argv[k++] = "--details";
	argv[k++] = details;
	code = run(argv, &c);
	if (!code)
		child_free(&c);
	free(tool);
	free(argv);
	return code;
}
