/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * vtlb kernel diff: build a kernel's KVM, become that program, and explore it beside
 * the model.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd.h"
#include "cmd_kernel.h"
#include "cmd_kernel_from.h"
#include "file.h"
#include "kernel_diff.h"
#include "load.h"
#include "out.h"

struct kdiff_args {
	struct cmd_args common;
	struct kernel_from from;
	struct kernel_diff diff;
};

#define AT(member) offsetof(struct kdiff_args, member)

static const struct cmd_number numbers[] = {
	{ 'j', "--jobs", AT(from.jobs), 1, 1024, false },
	{ KEY_DEPTH, "--depth", AT(diff.depth), 1, UINT32_MAX, false },
	{ KEY_MAX_TIME, "--max-time", AT(diff.max_time), 1, UINT32_MAX, false },
};

#define NR_NUMBERS (sizeof(numbers) / sizeof(*numbers))

static error_t check_line(const struct kdiff_args *args, struct argp_state *state)
{
	if (args->common.help)
		return 0;
	if (!args->diff.preset)
		return cmd_arg_error(state, "say which model to compare with: --impl PRESET");
	if (args->diff.program &&
	    (args->from.tree || args->from.debian || args->from.npatches))
		return cmd_arg_error(state, "--program is built already: no --tree, --debian or "
					    "--patch");
	if (!args->diff.program)
		return kernel_from_check(&args->from, state);
	return 0;
}

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct kdiff_args *args = state->input;
	error_t err = cmd_number_option(numbers, NR_NUMBERS, key, arg, state);

	if (err == ARGP_ERR_UNKNOWN)
		err = kernel_from_option(&args->from, key, arg, state);
	if (err != ARGP_ERR_UNKNOWN)
		return err;
	switch (key) {
	case KEY_IMPL:
		args->diff.preset = arg;
		return 0;
	case KEY_PROGRAM:
		args->diff.program = arg;
		return 0;
	case KEY_SCOPE:
		args->diff.scope = arg;
		return 0;
	case 'q':
		args->diff.quiet = true;
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
	{ "impl", KEY_IMPL, "PRESET", 0, "The model to compare with (vtlb list impls)", 0 },
	KERNEL_FROM_OPTIONS("Apply this unified diff or mbox first; may be repeated"),
	{ "program", KEY_PROGRAM, "FILE", 0,
	  "The real code, built already by 'vtlb kernel build', instead of a tree", 0 },
	{ "scope", KEY_SCOPE, "NAME|FILE", 0, "World and operations (default: tiny)", 1 },
	{ "depth", KEY_DEPTH, "N", 0, "Stop after all sequences of N operations", 1 },
	{ "max-time", KEY_MAX_TIME, "S", 0, "Stop after so many seconds", 1 },
	{ "json", KEY_JSON, NULL, 0, "Print one JSON object", 2 },
	{ "quiet", 'q', NULL, 0, "Print nothing but errors; the exit code is the answer", 2 },
	CMD_HELP_OPTION,
	{ 0 },
};

static const struct argp argp = {
	.options = options,
	.parser = parse_option,
	.args_doc = "--impl PRESET --tree DIR|--debian VERSION|--program FILE [OPTION...]",
	.doc = "Explore the model of KVM and the real code together, and show the first difference: "
	       "of faults, outcomes, exits, flushes, and cached roots with their state.\v"
	       "Example:\n"
	       "  vtlb kernel diff --impl kvm-6.12 --debian 6.12 --scope tiny --depth 6\n\n"
	       "Exit code: 0 if there is none, 1 if there is, 2 for what cannot be built, 3 if a "
	       "limit stopped it.",
};

static const struct cmd cmd_kernel_diff = {
	.name = "kernel diff",
	.argp = &argp,
};

/* The same command, with the program that was built in place of where it comes from. */
static int become(const struct kernel_diff *d, const char *program)
{
	char depth[24], time[24];
	const char *words[] = { "vtlb", "kernel", "diff", "--impl", d->preset, "--program", program,
				"--scope", d->scope, NULL, NULL, NULL, NULL, NULL, NULL, NULL };
	unsigned int n = 9;

	if (d->depth) {
		snprintf(depth, sizeof(depth), "%llu", (unsigned long long)d->depth);
		words[n++] = "--depth";
		words[n++] = depth;
	}
	if (d->max_time) {
		snprintf(time, sizeof(time), "%llu", (unsigned long long)d->max_time);
		words[n++] = "--max-time";
		words[n++] = time;
	}
	if (out.json)
		words[n++] = "--json";
	if (d->quiet)
		words[n++] = "--quiet";
	fflush(NULL);
	execv(program, (char *const *)(uintptr_t)words);
	return out_error(EXIT_USAGE, program, 0, 0, "cannot run it: %s", strerror(errno));
}

/* What is wrong with the model or the scope should be said before a kernel is compiled. */
static int try_first(const struct kernel_diff *d)
{
	const struct vtlb_impl *impl;
	struct vtlb_scope scope;
	/* a file can be a program, which this command would become: that comes after the build */
	int code = strchr(d->preset, '/') ? 0 : load_impl(d->preset, &impl);

	if (!code)
		code = file_load_scope(d->scope, &scope);
	if (!code)
		vtlb_scope_free(&scope);
	return code;
}

int cmd_kernel_diff_run(int argc, char **argv)
{
	struct kdiff_args args = { .diff.scope = "tiny" };
	int code = cmd_parse(&cmd_kernel_diff, argc, argv, &args);
	struct kit_tree tree;
	char *program;

	if (code >= 0)
		return code;
	if (args.diff.program)
		return kernel_diff(&args.diff);
	code = try_first(&args.diff);
	if (code)
		return code;
	tree = kernel_from_tree(&args.from);
	code = kit_program(&tree, args.from.patch, args.from.npatches, &program);
	if (code)
		return code;
	code = become(&args.diff, program);
	free(program);
	return code;
}
