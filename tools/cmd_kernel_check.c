/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * vtlb kernel check: the verdict on a patch to KVM, by running the patched KVM.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cmd.h"
#include "cmd_kernel.h"
#include "cmd_kernel_from.h"
#include "file.h"
#include "json.h"
#include "kernel/check.h"
#include "out.h"

#define MAX_TIME 100		/* seconds, which with warm builds is under 3 minutes */

/**
 * struct kcheck_args - the command line
 * @base: NULL, or "none"
 */
struct kcheck_args {
	struct cmd_args common;
	struct kernel_from from;
	const char *base, *traces, *scope;
	bool each;
	uint64_t seed, max_time;
};

#define AT(member) offsetof(struct kcheck_args, member)

static const struct cmd_number numbers[] = {
	{ 'j', "--jobs", AT(from.jobs), 1, 1024, false },
	{ KEY_SEED, "--seed", AT(seed), 0, INT64_MAX, false },
	{ KEY_MAX_TIME, "--max-time", AT(max_time), 1, UINT32_MAX, false },
};

#define NR_NUMBERS (sizeof(numbers) / sizeof(*numbers))

static error_t check_line(const struct kcheck_args *args, struct argp_state *state)
{
	if (args->common.help)
		return 0;
	if (kernel_from_check(&args->from, state))
		return EINVAL;
	if (args->base && strcmp(args->base, "none") != 0)
		return cmd_arg_error(state, "--base %s is not supported; the base is the tree without "
				     "the patches, or none", args->base);
	if (args->each && !args->from.npatches)
		return cmd_arg_error(state, "--each is for a series, and there is no --patch");
	return 0;
}

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct kcheck_args *args = state->input;
	error_t err = cmd_number_option(numbers, NR_NUMBERS, key, arg, state);

	if (err == ARGP_ERR_UNKNOWN)
		err = kernel_from_option(&args->from, key, arg, state);
	if (err != ARGP_ERR_UNKNOWN)
		return err;
	switch (key) {
	case KEY_BASE:
		args->base = arg;
		return 0;
	case KEY_TRACES:
		args->traces = arg;
		return 0;
	case KEY_SCOPE:
		args->scope = arg;
		return 0;
	case KEY_EACH:
		args->each = true;
		return 0;
	case ARGP_KEY_ARG:
		return cmd_arg_error(state, "'%s' is one word too many", arg);
	case ARGP_KEY_END:
		return check_line(args, state);
	default:
		return cmd_arg_common(key, state);
	}
}

static const struct argp_option options[] = {
	KERNEL_FROM_OPTIONS("What is judged: a unified diff, or an mbox with a series; may be repeated"),
	{ "each", KEY_EACH, NULL, 0,
	  "One verdict for each patch of the series, with those before it as its base", 0 },
	{ "base", KEY_BASE, "none", 0,
	  "Excuse nothing because the tree without the patches does it, too; recorded deviations "
	  "are waived (so it is without --patch)", 0 },
	{ "traces", KEY_TRACES, "DIR", 0,
	  "Run the traces (*.trace) of this folder, beside those that ship", 1 },
	{ "scope", KEY_SCOPE, "NAME|FILE", 0,
	  "Search and walk in this scope, beside the search of tiny (default: walk in tiny, "
	  "default, pairs, modes, upper, smp and links)", 1 },
	{ "seed", KEY_SEED, "N", 0, "Which random walks (default: 1)", 1 },
	{ "max-time", KEY_MAX_TIME, "S", 0,
	  "Seconds that searches and walks share with all else but builds (default: 100)", 1 },
	{ "json", KEY_JSON, NULL, 0, "Print one JSON object instead of a report", 2 },
	{ "no-color", KEY_NO_COLOR, NULL, 0,
	  "No colour, as with NO_COLOR in the environment", 2 },
	CMD_HELP_OPTION,
	{ 0 },
};

static const struct argp argp = {
	.options = options,
	.parser = parse_option,
	.args_doc = "--tree DIR|--debian VERSION [--patch FILE]... [OPTION...]",
	.doc = "Judge a patch to KVM: build the KVM of a kernel tree without and with it, and run "
	       "both on the traces that ship, on all short sequences of a small scope, and on "
	       "random walks. What the patched code does wrong and its base does not is the "
	       "patch's.\v"
	       "The verdict is the first of these that applies. violates: a violation, WARN, BUG, crash or "
	       "endless loop that the base does not show on the same operations; each comes as a "
	       "trace. not-exercised: what the patch changes was not compiled, linked or executed "
	       "here. incomplete: a trace, or the search of tiny to the depth that is printed, did "
	       "not finish. holds. Walks and further searches are bounded: they find, and prove "
	       "nothing.\n\n"
	       "Example:\n"
	       "  vtlb kernel check --tree ~/linux --patch fix.patch\n"
	       "  vtlb kernel check --debian 6.12 --patch series.mbox --each\n"
	       "  vtlb kernel check --debian 6.12 --base none --json | jq .verdict\n\n"
	       "Exit code: 0 holds, 1 violates, 2 a patch does not apply or compile, or the tree "
	       "cannot be used, 3 not-exercised or incomplete.",
};

static const struct cmd cmd_kernel_check = {
	.name = "kernel check",
	.argp = &argp,
};

static void add_traces(struct check_options *o, glob_t *found, const char *dir)
{
	char *pattern = NULL;

	if (asprintf(&pattern, "%s/*.trace", dir) < 0)
		out_die("out of memory");
	if (glob(pattern, o->ntraces ? GLOB_APPEND : 0, NULL, found) == GLOB_NOSPACE)
		out_die("out of memory");
	free(pattern);
	o->trace = found->gl_pathv;
	o->ntraces = found->gl_pathc;
}

static int find_traces(struct check_options *o, glob_t *found, const char *users)
{
	char *shipped = kit_path("traces");

	add_traces(o, found, shipped);
	free(shipped);
	o->nshipped = o->ntraces;
	if (!o->nshipped)
		return out_error(EXIT_USAGE, NULL, 0, 0, "the traces that ship are not beside this "
				 "program; build or install vtlb without sanitizers");
	if (!users)
		return 0;
	add_traces(o, found, users);
	if (o->ntraces == o->nshipped)
		return out_error(EXIT_USAGE, users, 0, 0, "has no file *.trace");
	for (size_t i = o->nshipped; i < o->ntraces; i++) {
		struct trace_file f;
		int code = file_load_trace(o->trace[i], &f);

		if (code)
			return code;
		file_free_trace(&f);
	}
	return 0;
}

/* A scope that does not exist should be said before minutes of compiling. */
static int try_scope(const char *name)
{
	struct vtlb_scope s;
	int code = name ? file_load_scope(name, &s) : 0;

	if (name && !code)
		vtlb_scope_free(&s);
	return code;
}

/**
 * struct job - a series, and its programs: program i has the first i patches
 */
struct job {
	const struct kcheck_args *args;
	struct check_options opt;
	struct kit_tree tree;
	struct kit_patch *patch;
	size_t npatches;
	char *dir;
	json_t *results;
	enum vtlb_verdict worst;
};

static char *folder(const struct job *job, size_t i)
{
	struct text t = { 0 };

	text_add(&t, "%s/%zu", job->dir, i);
	return t.s;
}

static int build(const struct job *job, size_t apply, char **dir)
{
	*dir = folder(job, apply);
	if (apply && !out.json)
		fprintf(stderr, "vtlb: building with %zu of %zu patches\n", apply, job->npatches);
	return kit_build(&job->tree, job->patch, job->npatches, apply, *dir);
}

static int exit_rank(enum vtlb_verdict v)
{
	return v == VTLB_VIOLATES ? 3 : v == VTLB_NOT_EXERCISED ? 2 : v == VTLB_INCOMPLETE;
}

static int check_one(struct job *job, const char *subject, const char *base, const char *patched)
{
	struct check *c = out_alloc(1, sizeof(*c));
	int code;

	c->opt = &job->opt;
	c->subject = subject;
	code = check_run(c, base, patched);
	if (!code && out.json)
		json_append(job->results, check_json(c));
	else if (!code)
		check_report(c);
	if (!code && exit_rank(c->verdict) > exit_rank(job->worst))
		job->worst = c->verdict;
	check_free(c);
	free(c);
	return code;
}

/* Each against the one before it, or all of them against the tree as it is. */
static int check_series(struct job *job)
{
	size_t step = job->args->each ? 1 : job->npatches;
	char *base = NULL, *patched = NULL;
	int code = build(job, 0, &base);

	for (size_t n = step; n <= job->npatches && !code; n += step) {
		code = build(job, n, &patched);
		if (!code && n > step && !out.json)
			putchar('\n');
		if (!code)
			code = check_one(job, step == 1 ? job->patch[n - 1].subject : "", base,
					 patched);
		free(base);
		base = patched;
		patched = NULL;
	}
	free(base);
	return code;
}

static int check_tree(struct job *job)
{
	char *dir;
	int code = build(job, 0, &dir);

	if (!code)
		code = check_one(job, "", NULL, dir);
	free(dir);
	return code;
}

static int run(struct job *job)
{
	const struct kcheck_args *args = job->args;
	json_t *o;
	int code = kit_workdir(&job->dir);

	if (!code && args->from.npatches)
		code = kit_split(job->dir, args->from.patch, args->from.npatches, &job->patch,
				 &job->npatches);
	if (code)
		return code;
	job->results = json_new(json_array());
	code = job->npatches ? check_series(job) : check_tree(job);
	if (code || !out.json) {
		json_decref(job->results);
		return code ? code : vtlb_verdict_exit(job->worst);
	}
	o = json_envelope();
	json_add(o, "verdict", json_text(vtlb_verdict_name(job->worst)));
	json_add(o, "results", job->results);
	json_write(o);
	return vtlb_verdict_exit(job->worst);
}

int cmd_kernel_check_run(int argc, char **argv)
{
	struct kcheck_args args = { .seed = 1, .max_time = MAX_TIME };
	int code = cmd_parse(&cmd_kernel_check, argc, argv, &args);
	struct job job = { .args = &args };
	glob_t traces = { 0 };

	if (code >= 0)
		return code;
	job.opt = (struct check_options){ .no_base = args.base, .scope = args.scope,
					  .seed = args.seed, .max_time = args.max_time };
	job.tree = kernel_from_tree(&args.from);
	code = try_scope(args.scope);
	if (!code)
		code = find_traces(&job.opt, &traces, args.traces);
	if (!code)
		code = run(&job);
	for (size_t i = 0; i < job.npatches; i++) {
		free(job.patch[i].file);
		free(job.patch[i].subject);
	}
	free(job.patch);
	free(job.dir);
	globfree(&traces);
	return code;
}
