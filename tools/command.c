/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The command line from its first word on: the table of subcommands, and what
 * needs none of them (help and version).
 */
#include "command.h"

#include <stdio.h>
#include <string.h>

#include "out.h"
#include "text.h"
#include "vtlb/error.h"

static const struct cmd *const commands[] = {
	&cmd_check,
	&cmd_explore,
	&cmd_compare,
	&cmd_shrink,
	&cmd_list,
	&cmd_rules,
	&cmd_kernel,
};

#define NR_COMMANDS (sizeof(commands) / sizeof(commands[0]))

const struct cmd *command_find(const char *name)
{
	for (size_t i = 0; i < NR_COMMANDS; i++)
		if (strcmp(commands[i]->name, name) == 0)
			return commands[i];
	return NULL;
}

static int unknown(const char *name)
{
	struct text names = { 0 };

	for (size_t i = 0; i < NR_COMMANDS; i++)
		text_list(&names, ", ", commands[i]->name);
	out_error(EXIT_USAGE, NULL, 0, 0, "'%s' is not a command; there are: %s, help", name,
		  text_str(&names));
	text_free(&names);
	return EXIT_USAGE;
}

static void overview(void)
{
	puts("Usage: vtlb COMMAND [ARGUMENT...]\n"
	     "   or: vtlb help [COMMAND]\n"
	     "   or: vtlb --version\n"
	     "\n"
	     "An executable model of what an x86 guest may see through its TLB, and a judge of\n"
	     "hypervisor code that has to honour it.\n"
	     "\n"
	     "Commands:");
	for (size_t i = 0; i < NR_COMMANDS; i++)
		printf("  %-8s %s\n", commands[i]->name, commands[i]->summary);
	puts("  help     Explain a command, with an example\n"
	     "\n"
	     "Example: judge a trace against every KVM preset, then look at one of them:\n"
	     "  vtlb check famous.trace\n"
	     "  vtlb check --impl kvm-5.16-without-unload-on-pcide famous.trace\n"
	     "\n"
	     "Exit codes: 0 holds (or ambiguous), 1 violates or deviates, 2 wrong usage or input,\n"
	     "3 no answer (unsupported, vacuous, not-exercised, incomplete), 4 internal error.");
}

static int help(int argc, char **argv)
{
	const struct cmd *cmd;

	if (argc < 2 || strcmp(argv[1], "help") == 0) {
		overview();
		return 0;
	}
	cmd = command_find(argv[1]);
	if (!cmd)
		return unknown(argv[1]);
	if (argc > 2) {
		char option[] = "--help", *words[] = { argv[1], argv[2], option, NULL };

		return cmd->run(3, words);
	}
	cmd_help(cmd);
	return 0;
}

int command_run(int argc, char **argv)
{
	const struct cmd *cmd;

	if (argc < 2)
		return out_error(EXIT_USAGE, NULL, 0, 0,
				 "no command given; 'vtlb help' lists the commands");
	if (strcmp(argv[1], "--version") == 0) {
		printf("vtlb %s\n", vtlb_version());
		return 0;
	}
	if (strcmp(argv[1], "help") == 0 || strcmp(argv[1], "--help") == 0 ||
	    strcmp(argv[1], "-h") == 0)
		return help(argc - 1, argv + 1);
	cmd = command_find(argv[1]);
	if (!cmd)
		return unknown(argv[1]);
	return cmd->run(argc - 1, argv + 1);
}
