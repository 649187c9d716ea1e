/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Shared parsing of subcommands.  argp neither prints nor exits here: it would
 * bypass --json, so its errors are turned into messages of our own.
 */
#define _GNU_SOURCE
#include "cmd.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "names.h"
#include "out.h"
#include "text.h"
#include "vtlb/contract.h"

error_t cmd_arg_error(struct argp_state *state, const char *fmt, ...)
{
	struct cmd_args *args = state->input;
	va_list ap;

	va_start(ap, fmt);
	if (!args->error[0])
		vsnprintf(args->error, sizeof(args->error), fmt, ap);
	va_end(ap);
	return EINVAL;
}

/* What argp itself refuses is an option that is unknown or lacks its argument. */
static void name_bad_option(struct argp_state *state)
{
	const char *text = state->argv[state->next > 1 ? state->next - 1 : 0];
	const char *end = strchrnul(text, '=');
	size_t len = (size_t)(end - text);

	for (const struct argp_option *o = state->root_argp->options; o->name || o->key; o++) {
		bool same = o->name && len > 2 && strncmp(text, "--", 2) == 0 &&
			    strlen(o->name) == len - 2 &&
			    strncmp(text + 2, o->name, len - 2) == 0;

		if (o->key == text[1] && text[0] == '-' && !text[2])
			same = true;
		if (same && o->arg) {
			cmd_arg_error(state, "option '%s' needs an argument: %s", text, o->arg);
			return;
		}
		if (same) {
			cmd_arg_error(state, "option '%.*s' takes no argument", (int)len, text);
			return;
		}
	}
	cmd_arg_error(state, "option '%s' is unknown or ambiguous; '--help' lists the options",
		      text);
}

error_t cmd_arg_common(int key, struct argp_state *state)
{
	struct cmd_args *args = state->input;

	switch (key) {
	case 'h':
		args->help = true;
		return 0;
	case KEY_JSON:
		out.json = true;
		return 0;
	case KEY_NO_COLOR:
		out.color = false;
		return 0;
	case ARGP_KEY_ERROR:
		if (!args->error[0])
			name_bad_option(state);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static bool number(const char *arg, bool size, uint64_t *value)
{
	static const char units[] = "KMG";
	const char *unit;
	char *end;
	uint64_t n;

	errno = 0;
	n = strtoull(arg, &end, 10);
	if (arg[0] < '0' || arg[0] > '9' || errno)
		return false;
	unit = size && *end ? strchr(units, *end) : NULL;
	if (unit) {
		unsigned int shift = 10 * (unsigned int)(unit - units + 1);

		if (n > UINT64_MAX >> shift)
			return false;
		n <<= shift;
		end++;
	}
	*value = n;
	return *end == '\0';
}

error_t cmd_number_option(const struct cmd_number *numbers, size_t n, int key, const char *arg,
			  struct argp_state *state)
{
	for (const struct cmd_number *o = numbers; o < numbers + n; o++) {
		uint64_t value;

		if (o->key != key)
			continue;
		if (!number(arg, o->size, &value) || value < o->min || value > o->max)
			return cmd_arg_error(state, "%s: '%s' is not a number from %llu to %llu%s",
					     o->name, arg, (unsigned long long)o->min,
					     (unsigned long long)o->max,
					     o->size ? ", K, M or G (1024) may follow" : "");
		memcpy((char *)state->input + o->offset, &value, sizeof(value));
		return 0;
	}
	return ARGP_ERR_UNKNOWN;
}

void cmd_help(const struct cmd *cmd)
{
	char name[64];

	snprintf(name, sizeof(name), "vtlb %s", cmd->name);
	/* argp's own usage line repeats every option, the required ones as if they were not */
	printf("Usage: %s %s\n", name, cmd->argp->args_doc);
	/* nor its footnote on arguments of short options; no filter is asked outside a parse */
	setenv("ARGP_HELP_FMT", "no-dup-args-note", 0);
	argp_help(cmd->argp, stdout, ARGP_HELP_LONG | ARGP_HELP_DOC, name);
}

int cmd_parse(const struct cmd *cmd, int argc, char **argv, void *args)
{
	struct cmd_args *common = args;
	error_t err = argp_parse(cmd->argp, argc, argv,
				 ARGP_NO_EXIT | ARGP_NO_ERRS | ARGP_NO_HELP, NULL, args);

	if (common->help) {
		cmd_help(cmd);
		return 0;
	}
	if (!err)
		return -1;
	if (err == ENOMEM)
		return out_error(EXIT_INTERNAL, NULL, 0, 0, "out of memory");
	return out_error(EXIT_USAGE, NULL, 0, 0, "%s: %s (see 'vtlb help %s')", cmd->name,
			 common->error[0] ? common->error : "wrong command line", cmd->name);
}

static error_t waive(struct cmd_judge *judge, const char *arg, struct argp_state *state)
{
	struct text names = { 0 };
	int i = vtlb_deviation_by_name(arg);

	if (strcmp(arg, "all") == 0) {
		judge->waive |= VTLB_WAIVE_ALL;
		return 0;
	}
	if (i >= 0) {
		judge->waive |= vtlb_deviations[i].waiver;
		return 0;
	}
	for (unsigned int d = 0; d < vtlb_nr_deviations; d++)
		text_list(&names, ", ", vtlb_deviations[d].name);
	cmd_arg_error(state, "--waive: no deviation is called '%s'; there are: %s, or all", arg,
		      text_str(&names));
	text_free(&names);
	return EINVAL;
}

error_t cmd_judge_option(struct cmd_judge *judge, int key, char *arg, struct argp_state *state)
{
	switch (key) {
	case KEY_VENDOR:
		judge->vendor = name_vendor_parse(arg);
		if (judge->vendor < 0)
			return cmd_arg_error(state, "--vendor: '%s' is neither intel nor amd", arg);
		return 0;
	case KEY_READING:
		judge->reading = name_reading_parse(arg);
		if (judge->reading < 0)
			return cmd_arg_error(state, "--reading: '%s' is neither rely nor owe", arg);
		return 0;
	case KEY_WAIVE:
		return waive(judge, arg, state);
	default:
		return ARGP_ERR_UNKNOWN;
	}
}
