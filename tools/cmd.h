/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What a subcommand is, and the parsing that all of them share: one argp
 * parser each, errors as values so that --json can report them.
 */
#ifndef TOOLS_CMD_H
#define TOOLS_CMD_H

#include <argp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vtlb/error.h"

/**
 * struct cmd - a subcommand
 * @name: what follows "vtlb"
 * @summary: one line for "vtlb help"
 * @argp: its parser, whose doc string teaches with an example
 * @run: argv[0] is the name; returns the exit code
 */
struct cmd {
	const char *name;
	const char *summary;
	const struct argp *argp;
	int (*run)(int argc, char **argv);
};

extern const struct cmd cmd_check;
extern const struct cmd cmd_explore;
extern const struct cmd cmd_compare;
extern const struct cmd cmd_shrink;
extern const struct cmd cmd_list;
extern const struct cmd cmd_rules;
extern const struct cmd cmd_kernel;

/**
 * struct cmd_args - what every subcommand's options begin with
 * @help: --help was given
 * @error: why the command line is wrong; "" while it is right
 */
struct cmd_args {
	bool help;
	char error[512];
};

/* Keys of options without a short form; above any character. */
enum cmd_key {
	KEY_VENDOR = 0x100,
	KEY_READING,
	KEY_WAIVE,
	KEY_IMPL,
	KEY_JSON,
	KEY_NO_COLOR,
	KEY_MARKDOWN,
	KEY_SEED,
	KEY_STEPS,
	KEY_SCOPE,
	KEY_DEPTH,
	KEY_MAX_MEMORY,
	KEY_MAX_TIME,
	KEY_JOBS,
	KEY_EXACT,
	KEY_FINGERPRINT,
	KEY_NO_SYMMETRY,
	KEY_NO_COVER,
	KEY_NO_NORMAL,
	KEY_BY_TABLE,
	KEY_WHOLE,
	KEY_REMEMBER,
	KEY_SIMULATE,
	KEY_TWINS,
	KEY_PERTURB,
	KEY_MERGES,
	KEY_AHEAD,
	KEY_CHECKPOINT,
	KEY_INTERVAL,
	KEY_RESUME,
	KEY_CONTINUE,
	KEY_COUNTS,
	KEY_WORKLOAD,
	KEY_WALKS,
	KEY_PROGRESS,
	KEY_DEBIAN,
	KEY_TREE,
	KEY_VENDOR_MODULE,
	KEY_BASE,
	KEY_EACH,
	KEY_TRACES,
	KEY_PROGRAM,
};

#define CMD_HELP_OPTION { "help", 'h', NULL, 0, "Show this help and exit", -1 }

/** cmd_arg_error() - for parsers: refuse the command line; returns EINVAL */
error_t cmd_arg_error(struct argp_state *state, const char *fmt, ...) VTLB_PRINTF(2, 3);

/**
 * struct cmd_number - an option that takes a number
 * @name: as it is written, for errors
 * @offset: of an uint64_t in the options
 * @min, @max: what is allowed
 * @size: K, M or G may follow, powers of 1024
 */
struct cmd_number {
	int key;
	const char *name;
	size_t offset;
	uint64_t min, max;
	bool size;
};

/** cmd_number_option() - parse one of @n numbers, or ARGP_ERR_UNKNOWN */
error_t cmd_number_option(const struct cmd_number *numbers, size_t n, int key, const char *arg,
			  struct argp_state *state);

/** cmd_arg_common() - for parsers: --help, --json, --no-color and errors */
error_t cmd_arg_common(int key, struct argp_state *state);

/**
 * cmd_parse() - parse a subcommand's line
 * @args: its options, beginning with struct cmd_args
 *
 * Return: -1 to go on; otherwise the exit code, all said.
 */
int cmd_parse(const struct cmd *cmd, int argc, char **argv, void *args);

/** cmd_help() - print a subcommand's help; .args_doc is its usage line */
void cmd_help(const struct cmd *cmd);

/**
 * struct cmd_judge - options of every subcommand that judges traces
 * @vendor: enum vtlb_vendor, or -1: the trace's
 * @reading: enum vtlb_reading, or -1: the trace's
 * @waive: OR of enum vtlb_waiver
 */
struct cmd_judge {
	int vendor;
	int reading;
	unsigned int waive;
};

#define CMD_JUDGE_OPTIONS                                                                  \
	{ "vendor", KEY_VENDOR, "VENDOR", 0,                                               \
	  "Whose manual is the contract: intel or amd (default: what the file says)", 0 },  \
	{ "reading", KEY_READING, "READING", 0,                                            \
	  "Where the manual can be read in two ways: rely, the least that a guest may "    \
	  "rely on, or owe, the most that an implementation has to provide (default: "     \
	  "what the file says)", 0 },                                                      \
	{ "waive", KEY_WAIVE, "NAME", 0,                                                   \
	  "Waive a known deviation, or all of them; may be repeated "                      \
	  "('vtlb list deviations' names them)", 0 }

/** cmd_judge_option() - parse one of CMD_JUDGE_OPTIONS, or ARGP_ERR_UNKNOWN */
error_t cmd_judge_option(struct cmd_judge *judge, int key, char *arg,
			 struct argp_state *state);

#endif /* TOOLS_CMD_H */
