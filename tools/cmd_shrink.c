/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * vtlb shrink: the shortest form of a failing trace that fails in the same way.
 */
#include <stdio.h>
#include <stdlib.h>

#include "cmd.h"
#include "file.h"
#include "load.h"
#include "out.h"

struct shrink_args {
	struct cmd_args common;
	struct cmd_judge judge;
	const char *impl;
	const char *trace;
	const char *output;
};

static error_t finish(const struct shrink_args *args, struct argp_state *state)
{
	if (args->common.help)
		return 0;
	if (!args->trace)
		return cmd_arg_error(state, "no TRACE given; '-' reads standard input");
	if (!args->impl)
		return cmd_arg_error(state, "no --impl given: say which implementation fails");
	if (!args->output)
		return cmd_arg_error(state, "no -o given: say where to write ('-' is standard "
					    "output)");
	return 0;
}

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct shrink_args *args = state->input;
	error_t err = cmd_judge_option(&args->judge, key, arg, state);

	if (err != ARGP_ERR_UNKNOWN)
		return err;
	switch (key) {
	case KEY_IMPL:
		args->impl = arg;
		return 0;
	case 'o':
		args->output = arg;
		return 0;
	case ARGP_KEY_ARG:
		if (args->trace)
			return cmd_arg_error(state, "'%s': one TRACE at a time", arg);
		args->trace = arg;
		return 0;
	case ARGP_KEY_END:
		return finish(args, state);
	default:
		return cmd_arg_common(key, state);
	}
}

static const struct argp_option options[] = {
	{ "impl", KEY_IMPL, "NAME|FILE", 0,
	  "The implementation that fails: a preset, or a shared object if it contains a '/'", 0 },
	{ "output", 'o', "OUT", 0, "Where to write the shrunk trace; '-' is standard output", 0 },
	CMD_JUDGE_OPTIONS,
	CMD_HELP_OPTION,
	{ 0 },
};

static const struct argp argp = {
	.options = options,
	.parser = parse_option,
	.args_doc = "TRACE --impl NAME|FILE -o OUT [OPTION...]",
	.doc = "Shrink a failing trace: remove operations while the verdict and the guilty rule "
	       "stay the same, until no single operation can be removed.\v"
	       "Expectations of the trace are replaced by one 'expect violates' line, so the "
	       "result is a test.\n\n"
	       "Example:\n"
	       "  vtlb shrink long.trace --impl kvm-5.14 -o short.trace\n"
	       "  vtlb shrink - --impl kvm-5.14 -o - < long.trace\n\n"
	       "Exit code: 0 if a shrunk trace was written, 2 if the trace does not fail.",
};

static int write_shrunk(const struct shrink_args *args, const struct trace_file *f,
			const struct vtlb_run_result *res, size_t before)
{
	char *text = file_trace_text(&f->trace);
	int rule = res->has_violation ? res->violation.rule : -1;
	int code = file_save(args->output, text);

	free(text);
	if (!code)
		fprintf(stderr, "vtlb: %s: %zu of %zu operations are left, %s%s%s\n", f->name,
			f->trace.nops, before, vtlb_verdict_name(res->verdict),
			rule >= 0 ? " " : "", rule >= 0 ? vtlb_rules[rule].id : "");
	return code;
}

static int shrink(const struct shrink_args *args, struct trace_file *f)
{
	struct vtlb_run_config cfg = {
		.vendor = args->judge.vendor,
		.reading = args->judge.reading,
		.waive = args->judge.waive,
	};
	struct vtlb_run_result res = { 0 };
	size_t before = f->trace.nops;
	int code = load_impl(args->impl, &cfg.impl);
	enum vtlb_err err;

	if (code)
		return code;
	err = vtlb_trace_shrink(&f->trace, &cfg, &res);
	if (err == VTLB_E_UNSUPPORTED)
		return out_error(EXIT_USAGE, f->name, 0, 0,
				 "nothing to shrink: the trace does not fail on %s (see 'vtlb "
				 "check --impl %s')", cfg.impl->name, args->impl);
	if (err)
		return out_error(EXIT_INTERNAL, f->name, 0, 0, "%s", vtlb_strerror(err));
	return write_shrunk(args, f, &res, before);
}

static int cmd_shrink_run(int argc, char **argv)
{
	struct shrink_args args = { .judge = { .vendor = -1, .reading = -1 } };
	struct trace_file f;
	int code = cmd_parse(&cmd_shrink, argc, argv, &args);

	if (code >= 0)
		return code;
	code = file_load_trace(args.trace, &f);
	if (code)
		return code;
	code = shrink(&args, &f);
	file_free_trace(&f);
	return code;
}

const struct cmd cmd_shrink = {
	.name = "shrink",
	.summary = "Shorten a failing trace until no operation can be removed",
	.argp = &argp,
	.run = cmd_shrink_run,
};
