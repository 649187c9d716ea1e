/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * vtlb compare: the same operations on two implementations, verdict and cost side
 * by side, or all sequences of a scope's operations.
 */
#define _GNU_SOURCE
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "compare_scope.h"
#include "json.h"
#include "load.h"
#include "out.h"

/**
 * struct compare_args - the command line
 * @impl: A and B; NULL while not given
 * @picked: which workloads
 * @seed, @steps: UINT64_MAX and 0 while not given
 * @scope, and what is for it alone: NULL and 0 while not given
 */
struct compare_args {
	struct cmd_args common;
	struct cmd_judge judge;
	const char *impl[NR_SIDES];
	const char **trace;
	size_t ntraces, cap;
	bool *picked;
	size_t npicked;
	bool quiet;
	uint64_t seed, steps;
	const char *scope;
	uint64_t depth, max_memory, max_time, jobs, walks;
};

#define AT(member) offsetof(struct compare_args, member)

static const struct cmd_number numbers[] = {
	{ KEY_SEED, "--seed", AT(seed), 0, INT64_MAX, false },
	{ KEY_STEPS, "--steps", AT(steps), 1, WORKLOAD_MAX_STEPS, false },
	{ KEY_DEPTH, "--depth", AT(depth), 1, UINT32_MAX, false },
	{ KEY_MAX_MEMORY, "--max-memory", AT(max_memory), 1, UINT64_MAX, true },
	{ KEY_MAX_TIME, "--max-time", AT(max_time), 1, UINT32_MAX, false },
	{ KEY_JOBS, "--jobs", AT(jobs), 1, JOBS_MAX, false },
	{ KEY_WALKS, "--walks", AT(walks), 1, UINT32_MAX, false },
};

#define NR_NUMBERS (sizeof(numbers) / sizeof(numbers[0]))

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
	if (args->scope && (args->ntraces || args->npicked))
		return cmd_arg_error(state, "--scope is compared alone, without a TRACE or --workload");
	if (!args->scope && (args->depth || args->max_memory || args->max_time || args->jobs ||
			     args->walks))
		return cmd_arg_error(state, "--depth, --max-memory, --max-time, --jobs and --walks are "
				     "for --scope");
	if ((args->steps || args->seed != UINT64_MAX) && args->ntraces && !args->npicked)
		return cmd_arg_error(state, "--seed and --steps are for workloads and scopes, and only "
				     "traces are compared");
	return 0;
}

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct compare_args *args = state->input;
	error_t err = cmd_judge_option(&args->judge, key, arg, state);

	if (err == ARGP_ERR_UNKNOWN)
		err = cmd_number_option(numbers, NR_NUMBERS, key, arg, state);
	if (err != ARGP_ERR_UNKNOWN)
		return err;
	switch (key) {
	case KEY_WORKLOAD:
		return pick(args, arg, state);
	case KEY_SCOPE:
		args->scope = arg;
		return 0;
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
	{ "scope", KEY_SCOPE, "NAME|FILE", 0,
	  "Compare on all sequences of a scope's operations: a scope that ships ('vtlb list "
	  "scopes'), or, if it contains a '/' or ends in .scope, a file", 0 },
	{ "seed", KEY_SEED, "N", 0,
	  "Seed of workloads, and of walks over a scope (default: 1)", 0 },
	{ "steps", KEY_STEPS, "N", 0,
	  "Operations of a workload (default: 1000), or of a walk (default: 200)", 0 },
	{ "walks", KEY_WALKS, "N", 0,
	  "Random walks over a scope whose cost is added up (default: 100)", 0 },
	CMD_JUDGE_OPTIONS,
	{ "depth", KEY_DEPTH, "N", 0,
	  "With --scope: stop each search after all sequences of N operations", 1 },
	{ "max-memory", KEY_MAX_MEMORY, "SIZE", 0,
	  "With --scope: stop each search before it uses more; K, M or G (1024) may follow "
	  "(default: 3/4 of the machine's)", 1 },
	{ "max-time", KEY_MAX_TIME, "S", 0,
	  "With --scope: stop each search after so many seconds", 1 },
	{ "jobs", KEY_JOBS, "N", 0,
	  "With --scope: threads of the searches for verdicts; the answer does not depend on it "
	  "(default: one for each CPU)", 1 },
	{ "json", KEY_JSON, NULL, 0, "Print one JSON object instead of tables", 2 },
	{ "no-color", KEY_NO_COLOR, NULL, 0,
	  "No colour, as with NO_COLOR in the environment", 2 },
	{ "quiet", 'q', NULL, 0, "Print nothing but errors", 2 },
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
	       "With --scope three searches are made: the one of 'vtlb explore' for A and for B, and "
	       "one for the shortest sequence on which the two differ in what the guest can see, "
	       "and for the shortest on which they differ in cost; or for the proof that there is "
	       "none. What both spend is shown for random walks over the scope.\n\n"
	       "Example: what does the guest, and what does the host, notice of the half of that "
	       "patch that frees roots when CR4.PCIDE is set?\n"
	       "  vtlb compare kvm-5.16 kvm-5.16-without-unload-on-pcide --scope tiny --waive all\n\n"
	       "Exit code: 0 if the comparison was made, whatever the verdicts, and if a limit or "
	       "Ctrl-C stopped one of the searches.",
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

	cmp->seed = args->seed == UINT64_MAX ? WORKLOAD_SEED : args->seed;
	for (unsigned int i = 0; i < nr_workloads; i++) {
		struct compared *c = &cmp->c[cmp->n];
		enum vtlb_err err;

		if (!all && !args->picked[i])
			continue;
		c->workload = &workloads[i];
		c->file.name = workloads[i].name;
		err = workload_make(&workloads[i], cmp->seed,
				    args->steps ? args->steps : WORKLOAD_STEPS, &c->file.trace);
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

static int load_sides(struct comparison *cmp, const struct compare_args *args)
{
	int code = 0;

	for (unsigned int s = 0; s < NR_SIDES && !code; s++)
		code = load_impl(args->impl[s], &cmp->impl[s]);
	if (!code)
		name_sides(cmp);
	return code;
}

/* Whatever is compared becomes a trace here. */
static int load(struct comparison *cmp, const struct compare_args *args)
{
	int code = load_sides(cmp, args);

	if (code)
		return code;
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

static void free_sides(struct comparison *cmp)
{
	for (unsigned int s = 0; s < NR_SIDES; s++)
		free(cmp->name[s]);
}

static int compare_traces(const struct compare_args *args)
{
	struct comparison cmp = { 0 };
	int code = compare(&cmp, args);

	for (size_t i = 0; i < cmp.n; i++) {
		for (unsigned int s = 0; s < NR_SIDES && cmp.j; s++)
			judge_free(&cmp.j[i * NR_SIDES + s]);
		file_free_trace(&cmp.c[i].file);
	}
	free_sides(&cmp);
	free(cmp.c);
	free(cmp.j);
	return code;
}

static void ask(struct scope_comparison *s, const struct compare_args *args)
{
	for (unsigned int i = 0; i < NR_SIDES; i++) {
		s->args[i] = (struct explore_args){
			.judge = args->judge,
			.impl = args->impl[i],
			.scope = args->scope,
			.depth = args->depth,
			.max_memory = args->max_memory,
			.max_time = args->max_time,
			.jobs = args->jobs,
			.seed = UINT64_MAX,
			.quiet = args->quiet,
		};
		explore_defaults(&s->args[i]);
	}
	s->walks.runs = args->walks ? args->walks : WALKS;
	s->walks.length = args->steps ? args->steps : WALK_STEPS;
	s->walks.seed = args->seed == UINT64_MAX ? WORKLOAD_SEED : args->seed;
}

static int compare_scope(const struct compare_args *args)
{
	struct scope_comparison *s = out_alloc(1, sizeof(*s));
	int code = load_sides(&s->cmp, args);

	if (!code) {
		ask(s, args);
		code = compare_scope_run(s);
	}
	if (!code && out.json)
		json_write(compare_scope_json(s));
	else if (!code && !args->quiet)
		compare_scope_print(s);
	compare_scope_free(s);
	free_sides(&s->cmp);
	free(s);
	return code;
}

static int cmd_compare_run(int argc, char **argv)
{
	struct compare_args args = {
		.judge = { .vendor = -1, .reading = -1 },
		.picked = out_alloc(nr_workloads, sizeof(*args.picked)),
		.seed = UINT64_MAX,
	};
	int code = cmd_parse(&cmd_compare, argc, argv, &args);

	if (code < 0)
		code = args.scope ? compare_scope(&args) : compare_traces(&args);
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
