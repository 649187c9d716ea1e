/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * vtlb explore: is there any sequence of a scope's operations after which an
 * implementation shows the guest what the contract forbids?
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alike.h"
#include "explore.h"
#include "out.h"
#include "progress.h"
#include "ranks.h"

#define AT(member) offsetof(struct explore_args, member)

static const struct cmd_number numbers[] = {
	{ KEY_DEPTH, "--depth", AT(depth), 1, UINT32_MAX, false },
	{ KEY_MAX_MEMORY, "--max-memory", AT(max_memory), 1, UINT64_MAX, true },
	{ KEY_MAX_TIME, "--max-time", AT(max_time), 1, UINT32_MAX, false },
	{ KEY_JOBS, "--jobs", AT(jobs), 1, JOBS_MAX, false },
	{ KEY_CONTINUE, "--continue", AT(more), 1, 256, false },
	{ KEY_INTERVAL, "--interval", AT(interval), 1, UINT32_MAX, false },
	{ KEY_PROGRESS, "--progress", AT(progress), 1, UINT32_MAX, false },
	{ KEY_SIMULATE, "--simulate", AT(runs), 1, UINT32_MAX, false },
	{ KEY_TWINS, "--twins", AT(twins), 1, UINT32_MAX, false },
	{ KEY_PERTURB, "--perturb", AT(perturb), 1, UINT32_MAX, false },
	{ KEY_MERGES, "--merges", AT(merges), 1, UINT32_MAX, false },
	{ KEY_AHEAD, "--ahead", AT(ahead), 1, ALIKE_AHEAD, false },
	{ KEY_STEPS, "--steps", AT(steps), 1, 100000, false },
	{ KEY_SEED, "--seed", AT(seed), 0, UINT64_MAX, false },
};

#define NR_NUMBERS (sizeof(numbers) / sizeof(numbers[0]))

static bool tests_encoding(const struct explore_args *a)
{
	return a->twins || a->perturb || a->merges;
}

static error_t finish_test(const struct explore_args *a, struct argp_state *state)
{
	if (a->ahead && !tests_encoding(a))
		return cmd_arg_error(state, "--ahead is for --twins, --perturb and --merges");
	if (!!a->twins + !!a->perturb + !!a->merges > 1)
		return cmd_arg_error(state, "--twins, --perturb and --merges: one at a time");
	if (a->merges && (a->steps || a->seed != UINT64_MAX))
		return cmd_arg_error(state, "--merges makes no walks: no --steps or --seed");
	if (tests_encoding(a) &&
	    (ranks.n > 1 || a->runs || a->depth || a->checkpoint || a->resume || a->more ||
	     a->output || a->counts || a->by_table || a->whole))
		return cmd_arg_error(state, "%s is no search: it goes with --ahead, %s--no-normal alone",
				     a->twins ? "--twins" : a->perturb ? "--perturb" : "--merges",
				     a->merges ? "" : "--steps, --seed and ");
	return 0;
}

static error_t finish(const struct explore_args *a, struct argp_state *state)
{
	static const char search[] = "--simulate makes random walks: no --depth, --fingerprint, "
				     "--checkpoint, --resume or --continue";

	if (a->common.help)
		return 0;
	if (!a->impl)
		return cmd_arg_error(state, "no --impl given: say what to search ('vtlb list impls')");
	if (ranks.n > 1 && (a->checkpoint || a->resume || a->runs))
		return cmd_arg_error(state, "--checkpoint, --resume and --simulate are for one "
					    "process, and %u were started", ranks.n);
	if (a->exact && a->flags & VTLB_EXPLORE_FINGERPRINT)
		return cmd_arg_error(state, "--exact or --fingerprint, not both");
	if (a->runs && (a->depth || a->checkpoint || a->resume || a->more || a->flags))
		return cmd_arg_error(state, "%s", search);
	if (!a->runs && !tests_encoding(a) && (a->steps || a->seed != UINT64_MAX))
		return cmd_arg_error(state, "--steps and --seed are for --simulate, --twins and "
					    "--perturb");
	if (a->by_table && (a->whole || a->runs || a->flags & VTLB_EXPLORE_NO_NORMAL))
		return cmd_arg_error(state, "--by-table goes with neither --whole, --simulate nor "
					    "--no-normal");
	if (a->by_table && a->depth && (a->checkpoint || a->resume))
		return cmd_arg_error(state, "--by-table to a --depth has no checkpoints: leave one out");
	if (a->remember && (a->by_table || a->runs || tests_encoding(a)))
		return cmd_arg_error(state, "--remember is for a search of the whole: not with "
					    "--by-table, --simulate, --twins, --perturb or --merges");
	if (a->interval && !a->checkpoint)
		return cmd_arg_error(state, "--interval is for --checkpoint");
	if (a->output && strcmp(a->output, "-") == 0)
		return cmd_arg_error(state, "-o needs the name of a file: the report goes to standard "
					    "output");
	return finish_test(a, state);
}

static error_t parse_flag(struct explore_args *a, int key)
{
	switch (key) {
	case KEY_EXACT:
		a->exact = true;
		return 0;
	case KEY_FINGERPRINT:
		a->flags |= VTLB_EXPLORE_FINGERPRINT;
		return 0;
	case KEY_NO_SYMMETRY:
		a->flags |= VTLB_EXPLORE_NO_SYMMETRY;
		return 0;
	case KEY_NO_COVER:
		a->flags |= VTLB_EXPLORE_NO_COVER;
		return 0;
	case KEY_NO_NORMAL:
		a->flags |= VTLB_EXPLORE_NO_NORMAL;
		return 0;
	case KEY_BY_TABLE:
		a->by_table = true;
		return 0;
	case KEY_WHOLE:
		a->whole = true;
		return 0;
	case KEY_COUNTS:
		a->counts = true;
		return 0;
	case 'q':
		a->quiet = true;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static error_t parse_remember(struct explore_args *a, const char *arg, struct argp_state *state)
{
	int rule = vtlb_rule_by_id(arg);

	if (a->remember)
		return cmd_arg_error(state, "'%s': one --remember at a time", arg);
	if (rule < 0)
		return cmd_arg_error(state, "'%s' is no rule ('vtlb rules' names them)", arg);
	a->remember = (uint32_t)rule + 1;
	return 0;
}

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct explore_args *a = state->input;
	error_t err = cmd_judge_option(&a->judge, key, arg, state);

	if (err == ARGP_ERR_UNKNOWN)
		err = cmd_number_option(numbers, NR_NUMBERS, key, arg, state);
	if (err == ARGP_ERR_UNKNOWN)
		err = parse_flag(a, key);
	if (err != ARGP_ERR_UNKNOWN)
		return err;
	switch (key) {
	case KEY_IMPL:
		if (a->impl)
			return cmd_arg_error(state, "'%s': one --impl at a time", arg);
		a->impl = arg;
		return 0;
	case KEY_SCOPE:
		a->scope = arg;
		return 0;
	case KEY_CHECKPOINT:
		a->checkpoint = arg;
		return 0;
	case KEY_REMEMBER:
		return parse_remember(a, arg, state);
	case KEY_RESUME:
		a->resume = arg;
		return 0;
	case 'o':
		a->output = arg;
		return 0;
	case ARGP_KEY_ARG:
		return cmd_arg_error(state, "'%s': explore takes options only", arg);
	case ARGP_KEY_END:
		return finish(a, state);
	default:
		return cmd_arg_common(key, state);
	}
}

static const struct argp_option options[] = {
	{ "impl", KEY_IMPL, "NAME|FILE", 0,
	  "What to search: a preset ('vtlb list impls'), or, if it contains a '/', the "
	  "implementation in this shared object", 0 },
	{ "scope", KEY_SCOPE, "NAME|FILE", 0,
	  "World and operations: a scope that ships ('vtlb list scopes'), or, if it contains a "
	  "'/' or ends in .scope, a file (default: default)", 0 },
	CMD_JUDGE_OPTIONS,
	{ "continue", KEY_CONTINUE, "N", 0,
	  "Go on to N violations that differ in rule and guilty operation (default: 1)", 0 },
	{ "remember", KEY_REMEMBER, "RULE", 0,
	  "Tell apart what RULE removed from what another rule did, which is one state otherwise: "
	  "find what fails by RULE where another fails by the same state ('vtlb rules' names "
	  "them). Not with --by-table or --simulate", 0 },
	{ "output", 'o', "TRACE", 0,
	  "Write the counterexample to this file, further ones to TRACE.2, TRACE.3 ...; 'vtlb "
	  "check' accepts them. Traces that an earlier run left there are removed if this one has "
	  "an answer", 0 },
	{ "depth", KEY_DEPTH, "N", 0, "Stop after all sequences of N operations", 1 },
	{ "max-memory", KEY_MAX_MEMORY, "SIZE", 0,
	  "Stop before using more; K, M or G (1024) may follow (default: 3/4 of the "
	  "machine's)", 1 },
	{ "max-time", KEY_MAX_TIME, "S", 0, "Stop after so many seconds", 1 },
	{ "jobs", KEY_JOBS, "N", 0,
	  "Threads; the answer does not depend on it (default: one for each CPU)", 1 },
	{ "checkpoint", KEY_CHECKPOINT, "FILE", 0,
	  "Save the search from time to time, and when it is stopped", 2 },
	{ "interval", KEY_INTERVAL, "S", 0, "Seconds between two checkpoints (default: 300)", 2 },
	{ "resume", KEY_RESUME, "FILE", 0,
	  "Go on from a checkpoint of the same search; --checkpoint may name the same file", 2 },
	{ "exact", KEY_EXACT, NULL, 0, "Store whole states, so that it is a proof (default)", 3 },
	{ "fingerprint", KEY_FINGERPRINT, NULL, 0,
	  "Compare states by 64-bit fingerprints: less memory, and no proof", 3 },
	{ "no-symmetry", KEY_NO_SYMMETRY, NULL, 0,
	  "Visit every member of an orbit, to check the search itself", 3 },
	{ "no-cover", KEY_NO_COVER, NULL, 0,
	  "Visit states that another one covers, to check the search itself", 3 },
	{ "no-normal", KEY_NO_NORMAL, NULL, 0,
	  "No normal form of the implementation's states, to check the search itself", 3 },
	{ "by-table", KEY_BY_TABLE, NULL, 0,
	  "First search once for each leaf table, looking into that one alone, which is far "
	  "smaller and enough where nothing fails; if something might, the whole is searched. "
	  "Scopes that are large ask for it themselves. Not with --whole, --no-normal or --simulate",
	  3 },
	{ "whole", KEY_WHOLE, NULL, 0, "Search the whole at once, even if the scope asks for "
	  "--by-table", 3 },
	{ "simulate", KEY_SIMULATE, "RUNS", 0,
	  "Instead of a search, random walks, for scopes that are too large; after one that fails "
	  "by a known deviation all of these are waived. Not with --depth, --continue, checkpoints, "
	  "or what is about a search's states", 4 },
	{ "twins", KEY_TWINS, "N", 0,
	  "Instead of a search, put the implementation's encoding of states to the test: walk at "
	  "random until N states were reached in two ways, and see whether both behave alike", 4 },
	{ "perturb", KEY_PERTURB, "N", 0,
	  "The same with N states of walks, each beside one that has everything changed which "
	  "the encoding leaves out", 4 },
	{ "merges", KEY_MERGES, "DEPTH", 0,
	  "The same with every state that a search to this depth takes for another one", 4 },
	{ "ahead", KEY_AHEAD, "N", 0,
	  "With these three: do not step on at random, but try all sequences of up to N "
	  "operations (default with --merges: 1)", 4 },
	{ "steps", KEY_STEPS, "N", 0, "Steps of a walk (default: 200)", 4 },
	{ "seed", KEY_SEED, "N", 0, "Which walks (default: 1)", 4 },
	{ "progress", KEY_PROGRESS, "S", 0,
	  "Where standard error is no terminal, say there every S seconds how far it is", 5 },
	{ "counts", KEY_COUNTS, NULL, 0,
	  "Print how often each operation and each rule fired and removed something, even if the "
	  "search was stopped", 5 },
	{ "json", KEY_JSON, NULL, 0, "Print one JSON object instead of tables", 5 },
	{ "no-color", KEY_NO_COLOR, NULL, 0,
	  "No colour, as with NO_COLOR in the environment", 5 },
	{ "quiet", 'q', NULL, 0, "Print nothing but errors; the exit code is the answer", 5 },
	CMD_HELP_OPTION,
	{ 0 },
};

static const struct argp argp = {
	.options = options,
	.parser = parse_option,
	.args_doc = "--impl NAME|FILE [OPTION...]",
	.doc = "Search a scope: try every sequence of its operations, shortest first, and compare "
	       "after each one what the guest could see with what it may see. The answer is a "
	       "shortest sequence that fails, or a proof that none does, however long.\v"
	       "A scope is a world and a set of operations; one that ships has a name. Without "
	       "--waive known deviations are found as well, and a trace of each of their faces that "
	       "is met is shown; the search goes on until something is found that is not known.\n\n"
	       "Example: is there anything new in a small scope?\n"
	       "  vtlb explore --impl kvm-6.12 --scope tiny --waive all\n\n"
	       "Find a bug, keep its trace, and see it again:\n"
	       "  vtlb explore --impl kvm-5.10 --scope tiny -o bug.trace\n"
	       "  vtlb check --impl kvm-5.10 bug.trace\n\n"
	       "A long search that survives a reboot, and how to go on:\n"
	       "  vtlb explore --impl kvm-6.12 --waive all --scope modes --checkpoint f\n"
	       "  vtlb explore --impl kvm-6.12 --waive all --scope modes --checkpoint f --resume f\n\n"
	       "Too large a scope: walk at random, or stop early:\n"
	       "  vtlb explore --impl kvm-6.12 --waive all --scope deep --simulate 100000\n"
	       "  vtlb explore --impl kvm-6.12 --waive all --scope deep --max-time 600\n\n"
	       "Ctrl-C, SIGTERM or SIGHUP stops a search, which then says how far it got.\n\n"
	       "Exit code: 0 if it holds (or is merely ambiguous), 1 if something violates or "
	       "deviates, 3 if there is no answer: a limit or Ctrl-C stopped it, random walks "
	       "met no violation, or something in the scope was never put to the test (vacuous).",
};

static int load(struct explore *x)
{
	const struct explore_args *a = x->args;
	int code = explore_load(x);

	if (!code && a->output && ranks.rank == 0)
		code = file_check_writable(a->output);
	return code ? code : explore_save_begin(x);
}

static int explore(struct explore *x)
{
	int code;

	progress_begin(x->args->quiet || ranks.rank != 0, (double)x->args->progress);
	if (tests_encoding(x->args))
		return explore_twins(x);
	code = x->args->runs ? explore_simulate(x) : explore_search(x);
	progress_end();
	if (code || ranks.rank != 0)
		return code;
	code = explore_replay(x);
	if (code)
		return code;
	explore_find_vacuous(x);
	if (out.json)
		explore_json(x);
	else if (!x->args->quiet)
		explore_report(x);
	if (x->verdict == VTLB_AMBIGUOUS)
		fprintf(stderr, "vtlb: warning: %s in scope %s fails under the owe reading of the "
				"manual only\n", x->impl->name, x->args->scope);
	return vtlb_verdict_exit(x->verdict);
}

static int cmd_explore_run(int argc, char **argv)
{
	struct explore_args args = {
		.judge = { .vendor = -1, .reading = -1 },
		.seed = UINT64_MAX,
	};
	struct explore *x;
	int code = cmd_parse(&cmd_explore, argc, argv, &args);

	if (code >= 0)
		return code;
	explore_defaults(&args);
	x = out_alloc(1, sizeof(*x));
	x->args = &args;
	code = ranks_agree(load(x));
	if (!code)
		code = explore(x);
	explore_free(x);
	free(x);
	return code;
}

const struct cmd cmd_explore = {
	.name = "explore",
	.summary = "Search a scope for the shortest violation, or prove that there is none",
	.argp = &argp,
	.run = cmd_explore_run,
};
