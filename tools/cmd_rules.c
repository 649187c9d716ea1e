/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * vtlb rules: the contract's table, one rule of it, or the page made from it.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <string.h>

#include "cmd.h"
#include "json.h"
#include "out.h"
#include "rulepage.h"

struct rules_args {
	struct cmd_args common;
	const char *id;
	bool markdown;
};

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct rules_args *args = state->input;

	switch (key) {
	case KEY_MARKDOWN:
		args->markdown = true;
		return 0;
	case ARGP_KEY_ARG:
		if (args->id)
			return cmd_arg_error(state, "'%s': one rule at a time", arg);
		args->id = arg;
		return 0;
	case ARGP_KEY_END:
		if (args->markdown && (args->id || out.json))
			return cmd_arg_error(state, "--markdown prints the whole page; it goes "
						    "with neither ID nor --json");
		return 0;
	default:
		return cmd_arg_common(key, state);
	}
}

static const struct argp_option options[] = {
	{ "json", KEY_JSON, NULL, 0, "Print one JSON object with the rules", 0 },
	{ "markdown", KEY_MARKDOWN, NULL, 0, "Print docs/rules.md", 0 },
	{ "no-color", KEY_NO_COLOR, NULL, 0,
	  "No colour, as with NO_COLOR in the environment", 0 },
	CMD_HELP_OPTION,
	{ 0 },
};

static const struct argp argp = {
	.options = options,
	.parser = parse_option,
	.args_doc = "[ID] [OPTION...]",
	.doc = "Print the rules of the contract: what each operation has to drop, when it "
	       "faults, and the sections of the manuals that say so; with ID, explain one.\v"
	       "Example:\n"
	       "  vtlb rules I-CR4-PCIDE10\n"
	       "  vtlb rules --json | jq '.rules[] | select(.fault) | .id'",
};

static bool same_start(const char *a, const char *b, size_t n)
{
	return strncasecmp(a, b, n) == 0;
}

/* The closest are those that share the longest beginning, in whatever case. */
static int unknown(const char *id)
{
	struct text close = { 0 };
	size_t n = strlen(id);
	bool any = false;

	for (; n > 1 && !any; n--) {
		for (unsigned int i = 0; i < vtlb_nr_rules; i++) {
			if (!same_start(vtlb_rules[i].id, id, n))
				continue;
			text_list(&close, ", ", vtlb_rules[i].id);
			any = true;
		}
	}
	out_error(EXIT_USAGE, NULL, 0, 0,
		  "no rule is called '%s'%s%s; 'vtlb list rules' lists them", id,
		  any ? "; near to it: " : "", text_str(&close));
	text_free(&close);
	return EXIT_USAGE;
}

static void print_json(int only)
{
	json_t *o = json_envelope(), *rules = json_new(json_array());

	for (unsigned int i = 0; i < vtlb_nr_rules; i++)
		if (only < 0 || (unsigned int)only == i)
			json_append(rules, rulepage_json(&vtlb_rules[i]));
	json_add(o, "rules", rules);
	json_write(o);
}

static int cmd_rules_run(int argc, char **argv)
{
	struct rules_args args = { 0 };
	int code = cmd_parse(&cmd_rules, argc, argv, &args);
	int rule = -1;

	if (code >= 0)
		return code;
	if (args.id) {
		rule = vtlb_rule_by_id(args.id);
		if (rule < 0)
			return unknown(args.id);
	}
	if (args.markdown)
		rulepage_markdown();
	else if (out.json)
		print_json(rule);
	else if (rule >= 0)
		rulepage_explain(&vtlb_rules[rule]);
	else
		rulepage_table();
	return 0;
}

const struct cmd cmd_rules = {
	.name = "rules",
	.summary = "Print the rules of the contract, or explain one of them",
	.argp = &argp,
	.run = cmd_rules_run,
};
