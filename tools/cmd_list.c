/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * vtlb list: bare names, one a line, for scripts and completion.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cmd.h"
#include "json.h"
#include "out.h"
#include "scopes.h"
#include "vtlb/contract.h"
#include "vtlb/kvm.h"

static const char *impl_name(unsigned int i)
{
	return i < vtlb_nr_presets ? vtlb_preset(i)->name : NULL;
}

static const char *rule_name(unsigned int i)
{
	return i < vtlb_nr_rules ? vtlb_rules[i].id : NULL;
}

static const char *deviation_name(unsigned int i)
{
	return i < vtlb_nr_deviations ? vtlb_deviations[i].name : NULL;
}

/* What can be listed: a word, and its names by number until NULL. */
static const struct list {
	const char *word;
	const char *(*name)(unsigned int i);
} lists[] = {
	{ "impls", impl_name },
	{ "rules", rule_name },
	{ "deviations", deviation_name },
	{ "scopes", scope_name },
};

#define NR_LISTS (sizeof(lists) / sizeof(lists[0]))

struct list_args {
	struct cmd_args common;
	const struct list *list;
};

static error_t choose(struct list_args *args, const char *word, struct argp_state *state)
{
	struct text words = { 0 };

	if (args->list)
		return cmd_arg_error(state, "'%s': one list at a time", word);
	for (size_t i = 0; i < NR_LISTS; i++) {
		if (strcmp(word, lists[i].word) == 0) {
			args->list = &lists[i];
			text_free(&words);
			return 0;
		}
		text_list(&words, ", ", lists[i].word);
	}
	cmd_arg_error(state, "there is no list of '%s'; there are: %s", word, text_str(&words));
	text_free(&words);
	return EINVAL;
}

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct list_args *args = state->input;

	switch (key) {
	case ARGP_KEY_ARG:
		return choose(args, arg, state);
	case ARGP_KEY_NO_ARGS:
		if (args->common.help)
			return 0;
		return cmd_arg_error(state, "say what to list: impls, rules, deviations or scopes");
	default:
		return cmd_arg_common(key, state);
	}
}

static const struct argp_option options[] = {
	{ "json", KEY_JSON, NULL, 0, "Print a JSON array of the names", 0 },
	CMD_HELP_OPTION,
	{ 0 },
};

static const struct argp argp = {
	.options = options,
	.parser = parse_option,
	.args_doc = "impls|rules|deviations|scopes [OPTION...]",
	.doc = "List bare names, one a line: implementations that --impl takes, rules of the "
	       "contract, known deviations that --waive takes, scopes of searches.\v"
	       "Example: judge a trace against each preset by itself:\n"
	       "  for impl in $(vtlb list impls); do vtlb check -q --impl $impl t.trace; done",
};

static int cmd_list_run(int argc, char **argv)
{
	struct list_args args = { 0 };
	int code = cmd_parse(&cmd_list, argc, argv, &args);
	json_t *array;

	if (code >= 0)
		return code;
	if (!out.json) {
		for (unsigned int i = 0; args.list->name(i); i++)
			puts(args.list->name(i));
		return 0;
	}
	array = json_new(json_array());
	for (unsigned int i = 0; args.list->name(i); i++)
		json_append(array, json_text(args.list->name(i)));
	json_write(array);
	return 0;
}

const struct cmd cmd_list = {
	.name = "list",
	.summary = "List implementations, rules, deviations or scopes by name",
	.argp = &argp,
	.run = cmd_list_run,
};
