/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * vtlb kernel: hand the line over to the kit that builds a kernel's KVM into a
 * program.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd.h"
#include "cmd_kernel.h"
#include "cmd_kernel_from.h"
#include "out.h"

#define MAX_WORDS (2 * KERNEL_MAX_PATCHES + 12)

struct kernel_args {
	struct cmd_args common;
	struct kernel_from from;
	const char *what, *output;
};

static const struct cmd_number numbers[] = {
	{ 'j', "--jobs", offsetof(struct kernel_args, from.jobs), 1, 1024, false },
};

static error_t check_line(const struct kernel_args *args, struct argp_state *state)
{
	if (args->common.help)
		return 0;
	if (!args->what)
		return cmd_arg_error(state, "say what to do: 'vtlb kernel build', 'vtlb kernel check' or "
					    "'vtlb kernel diff'");
	return kernel_from_check(&args->from, state);
}

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct kernel_args *args = state->input;
	error_t err = cmd_number_option(numbers, 1, key, arg, state);

	if (err == ARGP_ERR_UNKNOWN)
		err = kernel_from_option(&args->from, key, arg, state);
	if (err != ARGP_ERR_UNKNOWN)
		return err;
	switch (key) {
	case 'o':
		args->output = arg;
		return 0;
	case ARGP_KEY_ARG:
		if (args->what)
			return cmd_arg_error(state, "'%s' is one word too many", arg);
		if (strcmp(arg, "build") != 0)
			return cmd_arg_error(state, "'kernel %s' is not supported; there are: "
						    "kernel build, kernel check, kernel diff", arg);
		args->what = arg;
		return 0;
	case ARGP_KEY_END:
		return check_line(args, state);
	default:
		return cmd_arg_common(key, state);
	}
}

static const struct argp_option options[] = {
	KERNEL_FROM_OPTIONS("Apply this unified diff or mbox first; may be repeated"),
	{ "output", 'o', "FILE", 0, "Write the program there (default: into the cache)", 0 },
	CMD_HELP_OPTION,
	{ 0 },
};

static const struct argp argp = {
	.options = options,
	.parser = parse_option,
	.args_doc = "build|check|diff [OPTION...]",
	.doc = "'vtlb kernel check' judges a patch in one command, 'vtlb kernel diff' compares real code "
	       "with the model; each has a --help of its own. 'vtlb kernel build' builds the KVM of a "
	       "kernel tree, as it is or with patches, into a program that --impl FILE accepts. The last line printed is the program's name. What was "
	       "unpacked and compiled is kept in $XDG_CACHE_HOME/vtlb (~/.cache/vtlb). With LLVM=1 in the "
	       "environment clang compiles it.\v"
	       "Example:\n"
	       "  vtlb kernel build --debian 6.12 -o ./kvm\n"
	       "  vtlb kernel build --tree ~/linux --patch fix.patch -o ./kvm-fixed\n"
	       "  vtlb check --impl ./kvm-fixed famous.trace",
};

static int cmd_kernel_run(int argc, char **argv)
{
	struct kernel_args args = { 0 };
	const char *words[MAX_WORDS];
	unsigned int n = 0;
	char jobs[24], *kit;
	int code;

	if (argc > 1 && strcmp(argv[1], "check") == 0)
		return cmd_kernel_check_run(argc - 1, argv + 1);
	if (argc > 1 && strcmp(argv[1], "diff") == 0)
		return cmd_kernel_diff_run(argc - 1, argv + 1);
	code = cmd_parse(&cmd_kernel, argc, argv, &args);
	if (code >= 0)
		return code;
	kit = kit_path("kernel/build");
	if (access(kit, X_OK))
		return out_error(EXIT_USAGE, kit, 0, 0,
				 "there is no kit for kernels beside this program; build or "
				 "install vtlb without sanitizers");
	words[n++] = kit;
	words[n++] = args.from.debian ? "--debian" : "--tree";
	words[n++] = args.from.debian ? args.from.debian : args.from.tree;
	for (size_t i = 0; i < args.from.npatches; i++) {
		words[n++] = "--patch";
		words[n++] = args.from.patch[i];
	}
	if (args.from.vendor_module) {
		words[n++] = "--vendor-module";
		words[n++] = args.from.vendor_module;
	}
	if (args.output) {
		words[n++] = "--output";
		words[n++] = args.output;
	}
	if (args.from.jobs) {
		snprintf(jobs, sizeof(jobs), "%llu", (unsigned long long)args.from.jobs);
		words[n++] = "--jobs";
		words[n++] = jobs;
	}
	words[n] = NULL;
	fflush(NULL);
	execv(kit, (char *const *)(uintptr_t)words);
	return out_error(EXIT_USAGE, kit, 0, 0, "cannot run it: %s", strerror(errno));
}

const struct cmd cmd_kernel = {
	.name = "kernel",
	.summary = "Judge a patch to KVM, or build a kernel's KVM into a program",
	.argp = &argp,
	.run = cmd_kernel_run,
};
