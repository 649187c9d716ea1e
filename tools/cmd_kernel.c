/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * vtlb kernel: hand the line over to the kit that builds a kernel's KVM into a
 * program.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cmd.h"
#include "kernel_diff.h"
#include "out.h"

#define MAX_WORDS 128

struct kernel_args {
	struct cmd_args common;
	const char *what, *debian, *tree, *vendor_module, *output, *patch[MAX_WORDS / 4];
	unsigned int npatches;
	uint64_t jobs;
	struct kernel_diff diff;
};

static const struct cmd_number numbers[] = {
	{ 'j', "--jobs", offsetof(struct kernel_args, jobs), 1, 1024, false },
	{ KEY_DEPTH, "--depth", offsetof(struct kernel_args, diff.depth), 1, UINT32_MAX, false },
	{ KEY_MAX_TIME, "--max-time", offsetof(struct kernel_args, diff.max_time), 1, UINT32_MAX,
	  false },
};

#define NR_NUMBERS (sizeof(numbers) / sizeof(*numbers))

static error_t check_diff(const struct kernel_args *args, struct argp_state *state)
{
	const struct kernel_diff *d = &args->diff;
	bool diff = strcmp(args->what, "diff") == 0;

	if (!diff && (d->preset || d->program || d->scope || d->depth || d->max_time || d->quiet))
		return cmd_arg_error(state, "--impl, --program, --scope, --depth, --max-time and "
					    "--quiet are for 'kernel diff'");
	if (diff && !d->preset)
		return cmd_arg_error(state, "say which model to compare with: --impl PRESET");
	if (diff && args->output)
		return cmd_arg_error(state, "--output is for 'kernel build'");
	if (diff && d->program && (args->tree || args->debian || args->npatches))
		return cmd_arg_error(state, "--program is built already: no --tree, --debian or "
					    "--patch");
	return 0;
}

static error_t check_line(const struct kernel_args *args, struct argp_state *state)
{
	if (args->common.help)
		return 0;
	if (!args->what)
		return cmd_arg_error(state, "say what to do: 'vtlb kernel build'");
	if (check_diff(args, state))
		return EINVAL;
	if (args->diff.program)
		return 0;
	if (!args->debian == !args->tree)
		return cmd_arg_error(state, "a kernel comes from --tree DIR or --debian VERSION, "
					    "one of the two");
	if (args->vendor_module && strcmp(args->vendor_module, "sim") != 0)
		return cmd_arg_error(state, "--vendor-module %s is not supported; there is: sim",
				     args->vendor_module);
	return 0;
}

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct kernel_args *args = state->input;
	error_t err = cmd_number_option(numbers, NR_NUMBERS, key, arg, state);

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
		if (strcmp(arg, "build") != 0 && strcmp(arg, "diff") != 0)
			return cmd_arg_error(state, "'kernel %s' is not supported; there are: "
						    "kernel build, kernel diff", arg);
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
	  "What stands for kvm-intel or kvm-amd: sim, a simulated one (default)", 0 },
	{ "output", 'o', "FILE", 0, "Write the program there (default: into the cache)", 0 },
	{ "jobs", 'j', "N", 0, "Compile so many files at a time (default: one a processor)", 0 },
	{ "impl", KEY_IMPL, "PRESET", 0, "diff: the model to compare with", 1 },
	{ "program", KEY_PROGRAM, "FILE", 0,
	  "diff: the real code, built already, instead of --tree or --debian", 1 },
	{ "scope", KEY_SCOPE, "NAME|FILE", 0, "diff: world and operations (default: tiny)", 1 },
	{ "depth", KEY_DEPTH, "N", 0, "diff: stop after all sequences of N operations", 1 },
	{ "max-time", KEY_MAX_TIME, "S", 0, "diff: stop after so many seconds", 1 },
	{ "json", KEY_JSON, NULL, 0, "diff: print one JSON object", 1 },
	{ "quiet", 'q', NULL, 0, "diff: print nothing but errors; the exit code is the answer", 1 },
	CMD_HELP_OPTION,
	{ 0 },
};

static const struct argp argp = {
	.options = options,
	.parser = parse_option,
	.args_doc = "build|diff [OPTION...]",
	.doc = "build: build the KVM of a kernel tree, as it is or with patches, into a program that "
	       "--impl FILE accepts. The last line printed is the program's name. What was "
	       "unpacked and compiled is kept in $XDG_CACHE_HOME/vtlb (~/.cache/vtlb).\n\n"
	       "diff: explore the model of KVM and the real code together, and show the first "
	       "difference: of faults, outcomes, exits, flushes, and cached roots with their "
	       "state. Exit code: 0 if there is none, 1 if there is, 3 if a limit stopped it.\v"
	       "Example:\n"
	       "  vtlb kernel build --debian 6.12 -o ./kvm\n"
	       "  vtlb kernel build --tree ~/linux --patch fix.patch -o ./kvm-fixed\n"
	       "  vtlb check --impl ./kvm-fixed famous.trace\n"
	       "  vtlb kernel diff --impl kvm-6.12 --debian 6.12 --scope tiny --depth 6",
};

/* The kit lies beside the folder of this program, built or installed. */
static char *find_kit(void)
{
	char self[PATH_MAX], *slash, *kit = NULL;
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);

	if (n < 0)
		return NULL;
	self[n] = '\0';
	slash = strrchr(self, '/');
	if (slash)
		*slash = '\0';
	if (asprintf(&kit, "%s/../share/vtlb/kernel/build", self) < 0)
		return NULL;
	return kit;
}

/* What the kit is called with; @jobs: room for a number. */
static void kit_line(const struct kernel_args *args, const char **words, char *jobs, size_t size)
{
	unsigned int n = 1;

	words[n++] = args->debian ? "--debian" : "--tree";
	words[n++] = args->debian ? args->debian : args->tree;
	for (unsigned int i = 0; i < args->npatches; i++) {
		words[n++] = "--patch";
		words[n++] = args->patch[i];
	}
	if (args->output) {
		words[n++] = "--output";
		words[n++] = args->output;
	}
	if (args->jobs) {
		snprintf(jobs, size, "%llu", (unsigned long long)args->jobs);
		words[n++] = "--jobs";
		words[n++] = jobs;
	}
	words[n] = NULL;
}

/* Runs the kit and reads the program's name, its last line. */
static int build_program(const char *const *words, char *name, size_t size)
{
	int fd[2], status = 0;
	FILE *f;
	pid_t pid;

	fflush(NULL);
	if (pipe(fd))
		return out_error(EXIT_USAGE, words[0], 0, 0, "cannot run it: %s", strerror(errno));
	pid = fork();
	if (!pid) {
		dup2(fd[1], STDOUT_FILENO);
		close(fd[0]);
		close(fd[1]);
		execv(words[0], (char *const *)(uintptr_t)words);
		_exit(EXIT_USAGE);
	}
	close(fd[1]);
	f = pid < 0 ? NULL : fdopen(fd[0], "r");
	name[0] = '\0';
	while (f && fgets(name, (int)size, f))
		name[strcspn(name, "\n")] = '\0';
	if (f)
		fclose(f);
	if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status) ||
	    WEXITSTATUS(status) || !name[0])
		return out_error(EXIT_USAGE, words[0], 0, 0, "there is no program to compare with");
	return 0;
}

/* The same command, with the program that was built in place of where it comes from. */
static int run_program(const struct kernel_args *args, const char *program)
{
	const struct kernel_diff *d = &args->diff;
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

static int cmd_kernel_run(int argc, char **argv)
{
	struct kernel_args args = { 0 };
	int code = cmd_parse(&cmd_kernel, argc, argv, &args);
	char jobs[24], *kit, program[PATH_MAX];
	const char *words[MAX_WORDS];

	if (code >= 0)
		return code;
	if (!args.diff.scope)
		args.diff.scope = "tiny";
	if (args.diff.program)
		return kernel_diff(&args.diff);
	kit = find_kit();
	if (!kit || access(kit, X_OK))
		return out_error(EXIT_USAGE, kit, 0, 0,
				 "there is no kit for kernels beside this program; build or "
				 "install vtlb without sanitizers");
	words[0] = kit;
	kit_line(&args, words, jobs, sizeof(jobs));
	if (strcmp(args.what, "diff") == 0) {
		code = build_program(words, program, sizeof(program));
		return code ? code : run_program(&args, program);
	}
	fflush(NULL);
	execv(kit, (char *const *)(uintptr_t)words);
	return out_error(EXIT_USAGE, kit, 0, 0, "cannot run it: %s", strerror(errno));
}

const struct cmd cmd_kernel = {
	.name = "kernel",
	.summary = "Build a kernel's own KVM into a program that can be judged",
	.argp = &argp,
	.run = cmd_kernel_run,
};
