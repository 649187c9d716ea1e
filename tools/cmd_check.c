/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * vtlb check: judge traces against implementations.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd.h"
#include "explain.h"
#include "json.h"
#include "judge.h"
#include "load.h"
#include "out.h"
#include "report.h"
#include "vtlb/kvm.h"

/* A longer table helps nobody; the verdict and its explanation do. */
#define MAX_TABLE_STEPS 1000u

struct names {
	const char **name;
	size_t n;
	size_t cap;
};

struct check_args {
	struct cmd_args common;
	struct cmd_judge judge;
	struct names impls;
	struct names traces;
	bool quiet;
};

static void add(struct names *list, const char *name)
{
	list->name = out_grow(list->name, &list->cap, list->n + 1, sizeof(*list->name));
	list->name[list->n++] = name;
}

static bool contains(const struct names *list, const char *name)
{
	for (size_t i = 0; i < list->n; i++)
		if (strcmp(list->name[i], name) == 0)
			return true;
	return false;
}

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct check_args *args = state->input;
	error_t err = cmd_judge_option(&args->judge, key, arg, state);

	if (err != ARGP_ERR_UNKNOWN)
		return err;
	switch (key) {
	case KEY_IMPL:
		add(&args->impls, arg);
		return 0;
	case 'q':
		args->quiet = true;
		return 0;
	case ARGP_KEY_ARG:
		if (strcmp(arg, "-") == 0 && contains(&args->traces, "-"))
			return cmd_arg_error(state, "'-' can be read only once");
		add(&args->traces, arg);
		return 0;
	case ARGP_KEY_NO_ARGS:
		if (args->common.help)
			return 0;
		return cmd_arg_error(state, "no TRACE given; '-' reads standard input");
	default:
		return cmd_arg_common(key, state);
	}
}

static const struct argp_option options[] = {
	{ "impl", KEY_IMPL, "NAME|FILE", 0,
	  "Judge this preset ('vtlb list impls'), or, if it contains a '/', the implementation "
	  "in this shared object; may be repeated (default: every preset)", 0 },
	CMD_JUDGE_OPTIONS,
	{ "json", KEY_JSON, NULL, 0, "Print one JSON object instead of tables", 1 },
	{ "no-color", KEY_NO_COLOR, NULL, 0,
	  "No colour, as with NO_COLOR in the environment", 1 },
	{ "quiet", 'q', NULL, 0, "Print nothing but errors; the exit code is the answer", 1 },
	CMD_HELP_OPTION,
	{ 0 },
};

static const struct argp argp = {
	.options = options,
	.parser = parse_option,
	.args_doc = "[OPTION...] TRACE...",
	.doc = "Judge traces: run each operation on the contract and on the implementation, and "
	       "after each one compare what the guest could see with what it may see.\v"
	       "Without --impl every KVM preset is judged and a table of verdicts printed. With "
	       "one --impl and one TRACE (of at most 1000 steps) every step is shown. TRACE may be '-' for standard "
	       "input.\n\n"
	       "Example:\n"
	       "  vtlb check famous.trace\n"
	       "  vtlb check --impl kvm-5.16 --reading owe famous.trace\n"
	       "  vtlb check --impl ./always_flush.so --json famous.trace | jq .verdict\n\n"
	       "Exit code: 0 if everything holds (or is merely ambiguous), 1 if something "
	       "violates or deviates, 3 if there was no answer. A trace with 'expect' lines "
	       "exits 0 if and only if every one is met and every violation was expected.",
};

struct job {
	struct trace_file *file;
	const struct vtlb_impl **impl;
	struct judgement *j;
	size_t nfiles, nimpls, n;
};

static int load(struct job *job, const struct check_args *args)
{
	job->nimpls = args->impls.n ? args->impls.n : vtlb_nr_presets;
	job->impl = out_alloc(job->nimpls, sizeof(const struct vtlb_impl *));
	job->file = out_alloc(args->traces.n, sizeof(*job->file));
	for (size_t i = 0; i < job->nimpls; i++) {
		int code = 0;

		if (args->impls.n)
			code = load_impl(args->impls.name[i], &job->impl[i]);
		else
			job->impl[i] = vtlb_preset((unsigned int)i);
		if (code)
			return code;
	}
	while (job->nfiles < args->traces.n) {
		int code = file_load_trace(args->traces.name[job->nfiles],
					   &job->file[job->nfiles]);

		if (code)
			return code;
		job->nfiles++;
	}
	return 0;
}

static int run(struct job *job, const struct check_args *args)
{
	bool steps = job->nfiles == 1 && job->nimpls == 1 && !out.json && !args->quiet &&
		     job->file[0].trace.nops <= MAX_TABLE_STEPS;
	int worst = 0;

	job->j = out_alloc(job->nfiles * job->nimpls, sizeof(*job->j));
	for (size_t f = 0; f < job->nfiles; f++) {
		for (size_t i = 0; i < job->nimpls; i++) {
			int code = judge(&job->j[job->n], &job->file[f], job->impl[i],
					 &args->judge, steps);

			if (code)
				return code;
			worst = judge_exit_worse(worst, judge_exit(&job->j[job->n]));
			job->n++;
		}
	}
	return worst;
}

static void print(const struct job *job)
{
	if (job->n == 1 && job->j->steps) {
		report_steps(job->j);
		putchar('\n');
	} else if (job->n == 1 && job->file->trace.nops > MAX_TABLE_STEPS) {
		printf("No step table: the trace has %zu steps, more than %u.\n\n",
		       job->file->trace.nops, MAX_TABLE_STEPS);
	}
	report_verdicts(job->j, job->nfiles, job->nimpls);
	report_scope(job->j, job->n);
	explain_all(job->j, job->n);
}

static void warn_ambiguous(const struct job *job)
{
	for (size_t i = 0; i < job->n; i++)
		if (job->j[i].res.verdict == VTLB_AMBIGUOUS)
			fprintf(stderr, "vtlb: warning: %s: %s fails under the owe reading of "
					"the manual only\n",
				job->j[i].file->name, job->j[i].impl->name);
}

static int check(struct job *job, const struct check_args *args)
{
	int code = load(job, args);

	if (code)
		return code;
	code = run(job, args);
	if (job->n < job->nfiles * job->nimpls)
		return code;
	if (out.json)
		json_write(json_judgements(job->j, job->n));
	else if (!args->quiet)
		print(job);
	warn_ambiguous(job);
	return code;
}

static int cmd_check_run(int argc, char **argv)
{
	struct check_args args = { .judge = { .vendor = -1, .reading = -1 } };
	struct job job = { 0 };
	int code = cmd_parse(&cmd_check, argc, argv, &args);

	if (code < 0)
		code = check(&job, &args);
	for (size_t i = 0; i < job.n; i++)
		judge_free(&job.j[i]);
	for (size_t i = 0; i < job.nfiles; i++)
		file_free_trace(&job.file[i]);
	free(job.j);
	free(job.file);
	free(job.impl);
	free(args.impls.name);
	free(args.traces.name);
	return code;
}

const struct cmd cmd_check = {
	.name = "check",
	.summary = "Judge traces against implementations, and explain violations",
	.argp = &argp,
	.run = cmd_check_run,
};
