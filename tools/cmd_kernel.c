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
#include "kernel/kit.h"
#include "out.h"

#define MAX_WORDS 128

struct kernel_args {
	struct cmd_args common;
	const char *what, *debian, *tree, *vendor_module, *output, *patch[MAX_WORDS / 4];
	unsigned int npatches;
	uint64_t jobs;
};

static const struct cmd_number numbers[] = {
	{ 'j', "--jobs", offsetof(struct kernel_args, jobs), 1, 1024, false },
};

static error_t check_line(const struct kernel_args *args, struct argp_state *state)
{
	if (args->common.help)
		return 0;
	if (!args->what)
		return cmd_arg_error(state, "say what to do: 'vtlb kernel build', 'vtlb kernel check' or "
					    "'vtlb kernel diff'");
	if (!args->debian == !args->tree)
		return cmd_arg_error(state, "a kernel comes from --tree DIR or --debian VERSION, "
					    "one of the two");
	if (!kit_has_vendor_module(args->vendor_module))
		return cmd_arg_error(state, "--vendor-module %s is not supported; there are: "
				     KIT_VENDOR_MODULES, args->vendor_module);
	return 0;
}

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct kernel_args *args = state->input;
	error_t err = cmd_number_option(numbers, 1, key, arg, state);

	if (err != ARGP_ERR_UNKNOWN)
		return err;
	switch (key) {
	case KEY_DEBIAN:
		args->debian = arg;
		return 0;
	case KEY_TREE:
		args->tree = arg;
		return 0;
	case KEY_VENDOR_MODULE:
		args->vendor_module = arg;
		return 0;
	case 'o':
		args->output = arg;
		return 0;
	case 'p':
		if (args->npatches == sizeof(args->patch) / sizeof(*args->patch))
			return cmd_arg_error(state, "more than %u patches; join them in one file",
					     args->npatches);
		args->patch[args->npatches++] = arg;
		return 0;
	case ARGP_KEY_ARG:
		if (args->what)
			return cmd_arg_error(state, "'%s' is one word too many", arg);
		if (strcmp(arg, "build") != 0)
			return cmd_arg_error(state, "'kernel %s' is not supported; there is: "
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
	{ "debian", KEY_DEBIAN, "VERSION", 0,
	  "Debian's package linux-source-VERSION (6.1, 6.12), which apt downloads", 0 },
	{ "tree", KEY_TREE, "DIR|TARBALL", 0,
	  "A kernel tree, unpacked or packed; it is only read, and need not be configured", 0 },
	{ "patch", 'p', "FILE", 0,
	  "Apply this unified diff or mbox first; may be repeated", 0 },
	{ "vendor-module", KEY_VENDOR_MODULE, "NAME", 0,
	  "What stands for kvm-intel or kvm-amd: sim, a simulated one (default); svm, the "
	  "kernel's own kvm-amd with npt=0; svm-old, the same on a processor that cannot flush "
	  "by ASID and lacks decode assists", 0 },
	{ "output", 'o', "FILE", 0, "Write the program there (default: into the cache)", 0 },
	{ "jobs", 'j', "N", 0, "Compile so many files at a time (default: one a processor)", 0 },
	CMD_HELP_OPTION,
	{ 0 },
};

static const struct argp argp = {
	.options = options,
	.parser = parse_option,
	.args_doc = "build|check|diff [OPTION...]",
	.doc = "'vtlb kernel check' judges a patch in one command, 'vtlb kernel diff' compares real code "
	       "with the model; each has a --help of its own. 'vtlb kernel build' builds the KVM of a kernel tree, as it is or with "
	       "patches, into a program that "
	       "--impl FILE accepts. The last line printed is the program's name. What was "
	       "unpacked and compiled is kept in $XDG_CACHE_HOME/vtlb (~/.cache/vtlb).\v"
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
	words[n++] = args.debian ? "--debian" : "--tree";
	words[n++] = args.debian ? args.debian : args.tree;
	for (unsigned int i = 0; i < args.npatches; i++) {
		words[n++] = "--patch";
		words[n++] = args.patch[i];
	}
	if (args.vendor_module) {
		words[n++] = "--vendor-module";
		words[n++] = args.vendor_module;
	}
	if (args.output) {
		words[n++] = "--output";
		words[n++] = args.output;
	}
	if (args.jobs) {
		snprintf(jobs, sizeof(jobs), "%llu", (unsigned long long)args.jobs);
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
