/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * vtlb compare: the same operations on two implementations, verdict and cost side
 * by side.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "compare.h"
#include "json.h"
#include "load.h"
#include "out.h"

/**
 * struct compare_args - the command line
 * @impl: A and B; NULL while not given
 * @picked: which workloads
 * @sized: --seed or --steps was given
 */
struct compare_args {
	struct cmd_args common;
	struct cmd_judge judge;
	const char *impl[NR_SIDES];
	const char **trace;
	size_t ntraces, cap;
	bool *picked;
	size_t npicked;
	bool sized;
	bool quiet;
	uint64_t seed, steps;
};

static error_t pick(struct compare_args *args, const char *pattern, struct argp_state *state)
{
	bool all = strcmp(pattern, "all") == 0, found = false;

	for (unsigned int i = 0; i < nr_workloads; i++) {
		if (!all && fnmatch(pattern, workloads[i].name, 0) != 0)
			continue;
		found = true;
		args->npicked += !args->picked[i];
		args->picked[i] = true;
	}
	if (found)
		return 0;
	return cmd_arg_error(state, "--workload: no workload is called '%s' ('vtlb list "
			     "workloads' names them)", pattern);
}

static error_t parse_count(const char *option, const char *arg, uint64_t least, uint64_t most,
			   uint64_t *value, struct argp_state *state)
{
	unsigned long long n;
	char *end;

	errno = 0;
	n = strtoull(arg, &end, 0);
	if (errno || *end || *arg < '0' || *arg > '9' || n < least || n > most)
		return cmd_arg_error(state, "%s: '%s' is not a number from %llu to %llu", option,
				     arg, (unsigned long long)least, (unsigned long long)most);
	*value = n;
	return 0;
}

static error_t parse_arg(struct compare_args *args, const char *arg, struct argp_state *state)
{
	if (state->arg_num < NR_SIDES) {
		args->impl[state->arg_num] = arg;
		return 0;
	}
	for (size_t i = 0; i < args->ntraces && strcmp(arg, "-") == 0; i++)
		if (strcmp(args->trace[i], "-") == 0)
			return cmd_arg_error(state, "'-' can be read only once");
	args->trace = out_grow(args->trace, &args->cap, args->ntraces + 1, sizeof(*args->trace));
	args->trace[args->ntraces++] = arg;
	return 0;
}

static error_t parse_end(struct compare_args *args, struct argp_state *state)
{
	if (args->common.help)
		return 0;
	if (!args->impl[SIDE_B])
		return cmd_arg_error(state, "two implementations are needed, A and B");
	if (args->sized && args->ntraces && !args->npicked)
		return cmd_arg_error(state, "--seed and --steps are for workloads, and only "
				     "traces are compared");
	return 0;
}

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct compare_args *args = state->input;
	error_t err = cmd_judge_option(&args->judge, key, arg, state);

	if (err != ARGP_ERR_UNKNOWN)
		return err;
	switch (key) {
	case KEY_WORKLOAD:
		return pick(args, arg, state);
	case KEY_SEED:
		args->sized = true;
		return parse_count("--seed", arg, 0, INT64_MAX, &args->seed, state);
	case KEY_STEPS:
		args->sized = true;
		return parse_count("--steps", arg, 1, WORKLOAD_MAX_STEPS, &args->steps, state);
	case 'q':
		args->quiet = true;
		return 0;
	case ARGP_KEY_ARG:
		return parse_arg(args, arg, state);
	case ARGP_KEY_END:
		return parse_end(args, state);
	default:
		return cmd_arg_common(key, state);
	}
}

static const struct argp_option options[] = {
	{ "workload", KEY_WORKLOAD, "NAME", 0,
	  "Compare on this workload, on all whose names match a pattern such as 'switch-?', or "
	  "on all; may be repeated (default, without a TRACE: all)", 0 },
	{ "seed", KEY_SEED, "N", 0, "Seed of workloads (default: 1)", 0 },
	{ "steps", KEY_STEPS, "N", 0, "Operations of a workload (default: 1000)", 0 },
	CMD_JUDGE_OPTIONS,
	{ "json", KEY_JSON, NULL, 0, "Print one JSON object instead of tables", 1 },
	{ "no-color", KEY_NO_COLOR, NULL, 0,
	  "No colour, as with NO_COLOR in the environment", 1 },
	{ "quiet", 'q', NULL, 0, "Print nothing but errors", 1 },
	CMD_HELP_OPTION,
	{ 0 },
};

static const struct argp argp = {
	.options = options,
	.parser = parse_option,
	.args_doc = "A B [TRACE...] [OPTION...]",
	.doc = "Compare two implementations: run the same operations on both, and print verdict "
	       "and cost side by side, then the first step at which they differ in outcome, "
	       "verdict or cost.\v"
	       "A and B are what 'vtlb check --impl' takes. A workload is a guest that was made "
	       "from a seed: the same seed gives the same operations everywhere. Where an access "
	       "could go several ways the cost is that of the first; in workloads none can, on "
	       "presets of released kernels.\n\n"
	       "Example: what \"Cache CR3 in prev_roots when PCID is disabled\" (509bfe3d9796, "
	       "Linux 5.16) saves a guest without PCIDs that switches between 2, 3, 4 and 5 "
	       "processes:\n"
	       "  vtlb compare kvm-5.14 kvm-5.16 --workload 'switch-?'\n\n"
	       "Exit code: 0 if the comparison was made, whatever the verdicts.",
};

static int load_traces(struct comparison *cmp, const struct compare_args *args)
{
	for (size_t i = 0; i < args->ntraces; i++) {
		int code = file_load_trace(args->trace[i], &cmp->c[cmp->n].file);

		if (code)
			return code;
		cmp->n++;
	}
	return 0;
}

static int make_workloads(struct comparison *cmp, const struct compare_args *args)
{
	bool all = !args->ntraces && !args->npicked;

	cmp->seed = args->seed;
	for (unsigned int i = 0; i < nr_workloads; i++) {
		struct compared *c = &cmp->c[cmp->n];
		enum vtlb_err err;

		if (!all && !args->picked[i])
			continue;
		c->workload = &workloads[i];
		c->file.name = workloads[i].name;
		err = workload_make(&workloads[i], args->seed, args->steps, &c->file.trace);
		if (err)
			return out_error(EXIT_INTERNAL, c->file.name, 0, 0, "%s",
					 vtlb_strerror(err));
		cmp->n++;
	}
	return 0;
}

/* One implementation against itself, or two files of one name. */
static void name_sides(struct comparison *cmp)
{
	bool same = strcmp(cmp->impl[SIDE_A]->name, cmp->impl[SIDE_B]->name) == 0;

	for (unsigned int s = 0; s < NR_SIDES; s++) {
		struct text t = { 0 };

		text_add(&t, "%s%s", cmp->impl[s]->name, same ? (s ? " (B)" : " (A)") : "");
		cmp->name[s] = t.s;
	}
}

/* Whatever is compared becomes a trace here; a scope would be one more kind. */
static int load(struct comparison *cmp, const struct compare_args *args)
{
	int code = 0;

	for (unsigned int s = 0; s < NR_SIDES && !code; s++)
		code = load_impl(args->impl[s], &cmp->impl[s]);
	if (code)
		return code;
	name_sides(cmp);
	cmp->c = out_alloc(args->ntraces + nr_workloads, sizeof(*cmp->c));
	code = load_traces(cmp, args);
	return code ? code : make_workloads(cmp, args);
}

static int compare(struct comparison *cmp, const struct compare_args *args)
{
	int code = load(cmp, args);

	if (code)
		return code;
	cmp->j = out_alloc(cmp->n * NR_SIDES, sizeof(*cmp->j));
	for (size_t i = 0; i < cmp->n; i++) {
		code = compare_run(cmp, i, &args->judge);
		if (code)
			return code;
	}
	if (out.json)
		json_write(compare_json(cmp));
	else if (!args->quiet)
		compare_print(cmp);
	return 0;
}

static int cmd_compare_run(int argc, char **argv)
{
	struct compare_args args = {
		.judge = { .vendor = -1, .reading = -1 },
		.picked = out_alloc(nr_workloads, sizeof(*args.picked)),
		.seed = WORKLOAD_SEED, .steps = WORKLOAD_STEPS,
	};
	struct comparison cmp = { 0 };
	int code = cmd_parse(&cmd_compare, argc, argv, &args);

	if (code < 0)
		code = compare(&cmp, &args);
	for (size_t i = 0; i < cmp.n; i++) {
		for (unsigned int s = 0; s < NR_SIDES && cmp.j; s++)
			judge_free(&cmp.j[i * NR_SIDES + s]);
		file_free_trace(&cmp.c[i].file);
	}
	for (unsigned int s = 0; s < NR_SIDES; s++)
		free(cmp.name[s]);
	free(cmp.c);
	free(cmp.j);
	free(args.trace);
	free(args.picked);
	return code;
}

const struct cmd cmd_compare = {
	.name = "compare",
	.summary = "Compare two implementations: verdict and cost side by side",
	.argp = &argp,
	.run = cmd_compare_run,
};
