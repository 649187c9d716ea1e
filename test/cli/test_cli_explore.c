/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * vtlb explore from outside: what it proves, what it finds, that a check accepts
 * it, what stops it, and every way to ask it wrongly.
 */
#define _GNU_SOURCE
#include "explore_dir.h"

#include <sys/wait.h>

#define SCOPE                                      \
	"vtlb-scope 1\n"                           \
	"world features=pcid,invpcid\n"            \
	"about \"For a test.\"\n"                  \
	"roots a b\n"                              \
	"page user private = f0, f1\n"             \
	"read user\n"

static void proves_tiny(void **state)
{
	const struct cli *r = CLI(NULL, "explore", "--impl", "kvm-6.12", "--scope", "tiny",
				  "--waive", "all", "--json");
	json_t *o = cli_json(r), *result = result_of(o);

	(void)state;
	assert_int_equal(r->code, 0);
	assert_string_equal(r->err, "");
	assert_string_equal(cli_string(o, "verdict"), "holds");
	assert_string_equal(cli_string(result, "scope"), "tiny");
	assert_true(is_true(result, "complete"));
	assert_true(is_true(result, "proof"));
	assert_true(json_is_null(json_object_get(result, "stop")));
	assert_int_equal(json_array_size(json_object_get(result, "violations")), 0);
	assert_int_equal(json_array_size(json_object_get(result, "vacuous")), 0);
	assert_int_equal(integer(result, "frontier"), 0);
	assert_int_equal(json_array_size(json_object_get(result, "levels")),
			 integer(result, "diameter") + 1);
	assert_int_equal(json_array_size(json_object_get(result, "operations")), 21);
	json_decref(o);
}

/* What is proven so says how; what may fail is left to a search of the whole. */
static void by_table(void **state)
{
	const struct cli *r = CLI(NULL, "explore", "--impl", "kvm-6.12", "--scope", "tiny",
				  "--waive", "all", "--by-table", "--json");
	json_t *o = cli_json(r), *result = result_of(o), *parts, *part;
	char *whole, *text;

	(void)state;
	assert_int_equal(r->code, 0);
	assert_string_equal(cli_string(o, "verdict"), "holds");
	assert_true(is_true(result, "proof"));
	parts = json_object_get(result, "parts");
	assert_int_equal(json_array_size(parts), 1);
	part = json_array_get(parts, 0);
	assert_string_equal(cli_string(part, "table"), "a.pt");
	assert_string_equal(cli_string(part, "frame"), "f0");
	assert_int_equal(integer(part, "orbit"), 4);
	assert_int_equal(integer(part, "states"), integer(result, "states"));
	assert_true(is_true(part, "complete"));
	json_decref(o);

	r = CLI(NULL, "explore", "--impl", "kvm-6.12", "--scope", "tiny", "--waive", "all",
		"--by-table", "--jobs", "1");
	cli_has(r->out, "Searched by table");
	cli_has(r->out, "a.pt f0 (and 3 like it by symmetry)");

	/* the one may fail, the other can not be searched so */
	for (unsigned int i = 0; i < 2; i++) {
		const char *impl = i ? "kvm-5.10" : "kvm-5.16-without-unload-on-pcide";

		r = CLI(NULL, "explore", "--impl", impl, "--scope", "tiny", "--waive", "all", "-o",
			in_dir("whole.trace"));
		assert_int_equal(r->code, 1);
		r = CLI(NULL, "explore", "--impl", impl, "--scope", "tiny", "--waive", "all", "-o",
			in_dir("parts.trace"), "--by-table");
		assert_int_equal(r->code, 1);
		cli_lacks(r->out, "Searched by table");
		if (i)
			cli_lacks(r->out, "might fail");
		else
			cli_has(r->out, "Table by table something might fail, so the whole was");
		whole = cli_read(in_dir("whole.trace"));
		text = cli_read(in_dir("parts.trace"));
		assert_string_equal(text, whole);
		free(whole);
		free(text);
	}
}

/* What another record hid; a scope that asks for a search by table does not get one. */
static void remember(void **state)
{
	const struct cli *r = CLI(NULL, "explore", "--impl", "kvm-6.12", "--scope", "smp-pcid",
				  "--remember", "I-CR3-P1F", "--json");
	json_t *o = cli_json(r);

	(void)state;
	assert_int_equal(r->code, 1);
	assert_string_equal(cli_string(result_of(o), "remember"), "I-CR3-P1F");
	cli_has(r->out, "\"rule\": \"I-CR3-P1F\"");
	json_decref(o);
	r = CLI(NULL, "explore", "--impl", "kvm-6.12", "--scope", "default-leaf", "--waive", "all",
		"--depth", "2", "--remember", "I-CR3-P1F");
	assert_int_equal(r->code, 3);
	cli_has(r->out, "Told apart: what I-CR3-P1F alone removed");
	cli_lacks(r->out, "y table");
}

/* A scope may ask for it, and the command line has the last word. */
static void a_scope_asks_by_table(void **state)
{
	const char *const ways[] = { "--counts", "--whole", "--no-cover" };
	const char *file;

	(void)state;
	for (unsigned int i = 0; i < 3; i++) {
		const struct cli *r = CLI(NULL, "explore", "--impl", "kvm-6.12", "--scope",
					  "default-leaf", "--depth", "3", ways[i]);

		assert_int_equal(r->code, 3);
		cli_has(r->out, "Nothing fails in sequences of up to 3 operations");
		if (!i)
			cli_has(r->out, "at a time: a.pt f0 (and 3 like it");
		else
			cli_lacks(r->out, "by table");
	}
	file = in_dir("by.check");
	assert_int_equal(CLI(NULL, "explore", "--impl", "kvm-6.12", "--scope", "default-leaf",
			     "--depth", "2", "--checkpoint", file)->code, 3);
	assert_int_equal(CLI(NULL, "explore", "--impl", "kvm-6.12", "--scope", "tiny", "--by-table",
			     "--depth", "2", "--checkpoint", file)->code, 2);
}

static void says_what_was_proven(void **state)
{
	const struct cli *r = CLI(NULL, "explore", "--impl", "kvm-6.12", "--scope", "tiny",
				  "--waive", "all", "--counts", "--jobs", "1");

	(void)state;
	assert_int_equal(r->code, 0);
	cli_has(r->out, "holds: kvm-6.12 in scope tiny (proof)\n");
	cli_has(r->out, "Proven: after no sequence");
	cli_has(r->out, "Scope tiny, 21 operations: Two roots");
	cli_has(r->out, "Intel contract, rely reading, shadow paging, one VM, 1 vCPU");
	cli_has(r->out, "no races");
	cli_has(r->out, "waived: noncurrent-refill");
	cli_has(r->out, "diameter: ");
	cli_has(r->out, "on 1 thread;");
	cli_has(r->out, "\ninvpcid all-nonglobal ");
	cli_has(r->out, "\nI-CR4-PCIDE10 ");
	cli_lacks(r->out, "NOT");
}

static void shortest_violation_replays(void **state)
{
	const char *file = in_dir("bug.trace");
	const struct cli *r = CLI(NULL, "explore", "--impl", "kvm-5.10", "--scope", "tiny", "-o",
				  file);
	char *text;

	(void)state;
	assert_int_equal(r->code, 1);
	cli_has(r->out, "5 operations, known deviation: none that is known");
	cli_has(r->out, "violates I-CR3-P0: ");
	cli_has(r->out, "4 >   cr4 ^= pcide");
	cli_has(r->out, "violates: kvm-5.10 in scope tiny\n");
	cli_lacks(r->out, "Proven");
	text = cli_read(file);
	cli_has(text, "vtlb-trace 1\n# Found by vtlb explore.\n# scope: tiny\n# impl: kvm-5.10\n");
	cli_has(text, "\nexpect violates I-CR3-P0 at 4\n");
	free(text);
	assert_int_equal(CLI(NULL, "check", "-q", "--impl", "kvm-5.10", file)->code, 0);
	assert_int_equal(CLI(NULL, "check", "-q", "--impl", "kvm-6.12", "--waive", "all",
			     file)->code, 1);
	r = CLI(NULL, "explore", "--impl", "kvm-5.10", "--scope", "tiny", "-q");
	assert_int_equal(r->code, 1);
	assert_string_equal(r->out, "");
	assert_string_equal(r->err, "");
}

/* Each face with its shortest trace; a check sees each as it was found. */
static void strict_search_deviates(void **state)
{
	const char *file = in_dir("strict.trace");
	const struct cli *r = CLI(NULL, "explore", "--impl", "kvm-6.12", "--scope", "tiny",
				  "--json", "-o", file);
	json_t *o = cli_json(r), *result = result_of(o), *list, *v;
	json_int_t last = 0;
	size_t i;

	(void)state;
	assert_int_equal(r->code, 1);
	assert_string_equal(cli_string(o, "verdict"), "deviates");
	assert_true(is_true(result, "complete"));
	assert_false(is_true(result, "proof"));
	assert_true(integer(result, "violating") > 0);
	list = json_object_get(result, "violations");
	assert_true(json_array_size(list) >= 2);
	json_array_foreach(list, i, v) {
		char path[80];

		assert_string_equal(cli_string(v, "deviation"), "noncurrent-refill");
		assert_true(integer(v, "length") >= last);
		last = integer(v, "length");
		cli_has(cli_string(v, "trace_text"), "vtlb-trace 1\n");
		snprintf(path, sizeof(path), i ? "%s.%zu" : "%s", in_dir("strict.trace"), i + 1);
		assert_int_equal(CLI(NULL, "check", "-q", "--impl", "kvm-6.12", path)->code, 0);
	}
	json_decref(o);
}

/* What a search has found when a limit ends it is listed, and is no answer. */
static void deviations_are_listed(void **state)
{
	const struct cli *r = CLI(NULL, "explore", "--impl", "kvm-6.12", "--scope", "tiny",
				  "--no-color", "--depth", "6");

	(void)state;
	assert_int_equal(r->code, 3);
	cli_has(r->out, "\ncounterexample 1  noncurrent-refill  A-04 ");
	cli_has(r->out, "\ncounterexample 2  noncurrent-refill  I-INVPCID-0  page-table write  6");
	cli_has(r->out, "Known deviation noncurrent-refill: ");
	cli_has(r->out, "incomplete: kvm-6.12 in scope tiny\n");
	cli_has(r->out, "Nothing else fails in sequences of up to 6 operations");
}

/* A trace found with waivers says so, and is accepted with them. */
static void waivers_are_in_the_trace(void **state)
{
	const char *file = in_dir("waived.trace");
	char *text;

	(void)state;
	assert_int_equal(CLI(NULL, "explore", "-q", "--impl", "kvm-5.10", "--scope", "tiny",
			     "--waive", "all", "--vendor", "amd", "-o", file)->code, 1);
	text = cli_read(file);
	cli_has(text, "\n# options: --waive noncurrent-refill --waive pf-partial-drop");
	cli_has(text, "\nworld vendor=amd ");
	free(text);
	assert_int_equal(CLI(NULL, "check", "-q", "--impl", "kvm-5.10", "--waive", "all",
			     file)->code, 0);
}

static void goes_on_to_more(void **state)
{
	json_t *o = cli_json(CLI(NULL, "explore", "--impl", "kvm-5.10", "--scope", "tiny",
				 "--waive", "all", "--json", "--continue", "3"));
	json_t *list = json_object_get(result_of(o), "violations"), *v;
	json_int_t last = 0;
	size_t i;

	(void)state;
	assert_int_equal(json_array_size(list), 3);
	json_array_foreach(list, i, v) {
		assert_true(json_is_null(json_object_get(v, "deviation")));
		assert_true(integer(v, "length") >= last);
		last = integer(v, "length");
	}
	json_decref(o);
}

static void depth_is_no_proof(void **state)
{
	const struct cli *r = CLI(NULL, "explore", "--impl", "kvm-6.12", "--scope", "tiny",
				  "--depth", "3");
	static const char small[] = SCOPE "cr4 ^= pcide\n";
	json_t *o;

	(void)state;
	assert_int_equal(r->code, 3);
	cli_has(r->out, "incomplete: kvm-6.12 in scope tiny\n");
	cli_has(r->out, "This is NOT a proof: the search was stopped by --depth 3. Nothing fails "
			"in sequences of up to 3 operations");
	cli_has(r->out, "New states of each depth from 0: 1, ");
	o = cli_json(CLI(NULL, "explore", "--impl", "kvm-6.12", "--scope", "tiny", "--depth", "3",
			 "--json"));
	assert_string_equal(cli_string(result_of(o), "stop"), "depth");
	assert_int_equal(integer(result_of(o), "depth"), 3);
	assert_false(is_true(result_of(o), "complete"));
	assert_true(integer(result_of(o), "frontier") > 0);
	json_decref(o);
	/* beyond the fixpoint a depth limits nothing */
	assert_int_equal(CLI(NULL, "explore", "-q", "--impl", "kvm-6.12", "--scope",
			     write_file("small.scope", small, strlen(small)), "--depth",
			     "1000")->code, 0);
}

static void memory_ends_it_cleanly(void **state)
{
	json_t *o = cli_json(CLI(NULL, "explore", "--impl", "kvm-6.12", "--scope", "tiny", "--json",
				 "--max-memory", "1K"));

	(void)state;
	assert_string_equal(cli_string(o, "verdict"), "incomplete");
	assert_string_equal(cli_string(result_of(o), "stop"), "memory");
	json_decref(o);
}

/* Without what depends on the machine. */
static char *comparable(json_t *o)
{
	static const char *const keys[] = { "seconds", "transitions_per_second", "bytes",
					    "bytes_per_state" };
	char *text;

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		assert_int_equal(json_object_del(result_of(o), keys[i]), 0);
	text = json_dumps(o, JSON_SORT_KEYS | JSON_INDENT(1));
	json_decref(o);
	return text;
}

static void jobs_change_nothing(void **state)
{
	static const char *const lines[][10] = {
		{ "explore", "--impl", "kvm-5.10", "--scope", "tiny", "--json", "--jobs" },
		{ "explore", "--impl", "kvm-6.12", "--scope", "tiny", "--json", "--depth=8", "--jobs" },
		{ "explore", "--impl", "kvm-5.10", "--scope", "default", "--json", "--simulate=500",
		  "--jobs" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		const char *args[10];
		char *one, *two;
		size_t n = 0;

		memcpy(args, lines[i], sizeof(args));
		while (args[n])
			n++;
		args[n] = "1";
		one = comparable(cli_json(cli_run(NULL, args)));
		args[n] = "2";
		two = comparable(cli_json(cli_run(NULL, args)));
		assert_string_equal(one, two);
		free(one);
		free(two);
	}
}

static void vacuous_is_no_success(void **state)
{
	static const char op[] = SCOPE "cr3 a noflush\n";
	static const char rule[] = SCOPE "cr4 ^= pcide\ninvpcid single pcid=1\n";
	static const char meant[] = SCOPE "cr4 ^= pcide\ninvpcid single pcid=1\n"
				    "vacuous I-INVPCID-1 \"PCID 1 is never loaded\"\n";
	const struct cli *r;

	(void)state;
	r = CLI(NULL, "explore", "--impl", "kvm-6.12", "--scope",
		write_file("op.scope", op, strlen(op)));
	assert_int_equal(r->code, 3);
	cli_has(r->out, "vacuous: kvm-6.12 in scope ");
	cli_has(r->out, "operation \"cr3 a noflush\" never succeeded.");
	r = CLI(NULL, "explore", "--impl", "kvm-6.12", "--scope",
		write_file("rule.scope", rule, strlen(rule)));
	assert_int_equal(r->code, 3);
	cli_has(r->out, "rule I-INVPCID-1 never removed anything.");
	r = CLI(NULL, "explore", "--impl", "kvm-6.12", "--scope",
		write_file("meant.scope", meant, strlen(meant)));
	assert_int_equal(r->code, 0);
	cli_has(r->out, "(proof)");
	cli_has(r->out, "3 operations: For a test.");
}

static void scope_errors_have_a_position(void **state)
{
	static const char bad[] = SCOPE "cr4 ^= pcide\n  cr4 ^= bogus\n";
	const char *path = write_file("bad.scope", bad, strlen(bad));
	const struct cli *r = CLI(NULL, "explore", "--impl", "kvm-6.12", "--scope", path);
	char where[96];
	json_t *o;

	(void)state;
	assert_int_equal(r->code, 2);
	assert_string_equal(r->out, "");
	snprintf(where, sizeof(where), "vtlb: %s:8:10: found 'bogus'", path);
	cli_has(r->err, where);
	o = cli_json(CLI(NULL, "explore", "--impl", "kvm-6.12", "--scope", path, "--json"));
	assert_int_equal(integer(json_object_get(o, "error"), "line"), 8);
	assert_int_equal(integer(json_object_get(o, "error"), "column"), 10);
	json_decref(o);
}

static void unsupported_world(void **state)
{
	static const char tdp[] = "vtlb-scope 1\nworld mode=tdp features=pcid\nroots a b\n"
				  "cr3 a\ncr3 b\n";
	const struct cli *r = CLI(NULL, "explore", "--impl", "kvm-6.12", "--scope",
				  write_file("tdp.scope", tdp, strlen(tdp)));

	(void)state;
	assert_int_equal(r->code, 3);
	cli_has(r->out, "unsupported: kvm-6.12 in scope ");
	cli_has(r->out, "mode=tdp is not modelled yet");
}

/* Sends @sig after two seconds; returns the exit code. */
static int interrupt(const char *sig, const char *more, char **out)
{
	char command[4400];
	size_t len;
	FILE *f;

	snprintf(command, sizeof(command),
		 "timeout -s %s --preserve-status 2 '%s' explore --impl kvm-6.12 --waive all "
		 "--scope deep --json %s", sig, cli_bin(), more);
	f = popen(command, "r");
	assert_non_null(f);
	*out = calloc(1, 1 << 20);
	assert_non_null(*out);
	len = fread(*out, 1, (1 << 20) - 1, f);
	assert_true(len < (1 << 20) - 1);
	return WEXITSTATUS(pclose(f));
}

static void a_signal_stops_it(void **state)
{
	static const char *const lines[][2] = {
		{ "INT", "" }, { "TERM", "--simulate 4000000000" }, { "HUP", "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
		char *text;
		int code = interrupt(lines[i][0], lines[i][1], &text);
		json_t *o = json_loads(text, 0, NULL);

		assert_int_equal(code, 3);
		assert_non_null(o);
		assert_string_equal(cli_string(o, "verdict"), "incomplete");
		assert_string_equal(cli_string(result_of(o), "stop"), "interrupt");
		json_decref(o);
		free(text);
	}
}

static void time_stops_it(void **state)
{
	json_t *o = cli_json(CLI(NULL, "explore", "--impl", "kvm-6.12", "--waive", "all", "--scope",
				 "deep", "--json", "--max-time", "1"));

	(void)state;
	assert_string_equal(cli_string(result_of(o), "stop"), "time");
	json_decref(o);
}

static void walks_find_and_shrink(void **state)
{
	const char *file = in_dir("walk.trace");
	const struct cli *r = CLI(NULL, "explore", "--impl", "kvm-5.10", "--scope", "default",
				  "--waive", "all", "--simulate", "1000", "-o", file);
	char *text;

	(void)state;
	assert_int_equal(r->code, 1);
	cli_has(r->out, "violates: kvm-5.10 in scope default\n");
	cli_has(r->out, "No known deviation explains what was found.");
	cli_has(r->out, "seed 1.");
	text = cli_read(file);
	cli_has(text, "# Found by vtlb explore --simulate.\n");
	free(text);
	assert_int_equal(CLI(NULL, "check", "-q", "--impl", "kvm-5.10", "--waive", "all",
			     file)->code, 0);
}

/* What the first walk that fails is explained by does not hide what is known to no one. */
static void walks_go_on_after_a_deviation(void **state)
{
	static const char *const verdict[] = { "violates", "incomplete" };
	static const char *const impl[] = { "kvm-5.10", "kvm-6.12" };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		json_t *o = cli_json(CLI(NULL, "explore", "--impl", impl[i], "--scope", "tiny", "--seed",
					 "5", "--simulate", "2000", "--json"));
		json_t *found = json_object_get(result_of(o), "violations");
		json_t *walks = json_object_get(result_of(o), "simulation");
		size_t n = json_array_size(found);

		assert_string_equal(cli_string(result_of(o), "verdict"), verdict[i]);
		assert_int_equal(n, 2 - i);
		assert_string_equal(cli_string(json_array_get(found, n - 1), "deviation"),
				    "noncurrent-refill");
		assert_int_equal(integer(walks, "runs") == 2000, i);
		assert_true(integer(walks, "waived_runs") > 0);
		assert_true(integer(walks, "waived_runs") < integer(walks, "runs"));
		if (!i)
			assert_true(json_is_null(json_object_get(json_array_get(found, 0), "deviation")));
		json_decref(o);
	}
	assert_int_equal(CLI(NULL, "explore", "--impl", "kvm-6.12", "--scope", "tiny", "--simulate",
			     "100", "-q")->code, 3);
}

/* A file that an earlier run wrote would be taken for what this one found. */
static void old_traces_go(void **state)
{
	char *first = strdup(in_dir("old.trace")), *third = NULL;

	(void)state;
	assert_non_null(first);
	assert_true(asprintf(&third, "%s.3", first) > 0);
	assert_int_equal(CLI(NULL, "explore", "-q", "--impl", "kvm-5.10", "--scope", "tiny",
			     "--continue", "3", "-o", first)->code, 1);
	assert_int_equal(access(third, F_OK), 0);
	assert_int_equal(CLI(NULL, "explore", "-q", "--impl", "kvm-5.10", "--scope", "tiny",
			     "--waive", "all", "-o", first)->code, 1);
	assert_int_equal(access(first, F_OK), 0);
	assert_int_not_equal(access(third, F_OK), 0);
	/* no answer, so it is still the last one; nor is it ours to remove what is no trace */
	assert_int_equal(CLI(NULL, "explore", "-q", "--impl", "kvm-5.10", "--scope", "tiny",
			     "--waive", "all", "--depth", "1", "-o", first)->code, 3);
	assert_int_equal(access(first, F_OK), 0);
	assert_int_equal(CLI(NULL, "explore", "-q", "--impl", "kvm-6.12", "--scope", "modes-nxe",
			     "--waive", "all", "-o", write_file("notes", "mine\n", 5))->code, 0);
	assert_int_equal(access(in_dir("notes"), F_OK), 0);
	assert_int_equal(CLI(NULL, "explore", "-q", "--impl", "kvm-6.12", "--scope", "modes-nxe",
			     "--waive", "all", "-o", first)->code, 0);
	assert_int_not_equal(access(first, F_OK), 0);
	free(first);
	free(third);
}

static void walks_prove_nothing(void **state)
{
	const struct cli *r = CLI(NULL, "explore", "--impl", "kvm-6.12", "--scope", "default",
				  "--waive", "all", "--simulate", "20", "--steps", "30", "--seed", "7");
	json_t *o, *walks;

	(void)state;
	assert_int_equal(r->code, 3);
	cli_has(r->out, "This is NOT a proof: random walks found nothing. 20 walks of up to 30 steps, "
			"600 steps in all, seed 7.");
	o = cli_json(CLI(NULL, "explore", "--impl", "kvm-6.12", "--scope", "default", "--waive",
			 "all", "--simulate", "20", "--steps", "30", "--seed", "7", "--json"));
	assert_string_equal(cli_string(result_of(o), "stop"), "runs");
	assert_true(json_is_null(json_object_get(result_of(o), "states")));
	walks = json_object_get(result_of(o), "simulation");
	assert_int_equal(integer(walks, "runs"), 20);
	assert_int_equal(integer(walks, "steps"), 600);
	assert_int_equal(integer(walks, "seed"), 7);
	json_decref(o);
}

/* Whatever the number of walks, an implementation is told when it can forget. */
static void long_walks_keep_little(void **state)
{
	static const char one[] = "vtlb-scope 1\nworld\nroots a\npage user private = f0\nread user\n";
	const struct cli *r;
	const char *kept;

	(void)state;
	r = CLI(NULL, "explore", "--impl", cli_example("forgets.so"), "--scope",
		write_file("one.scope", one, strlen(one)), "--simulate", "2000", "--steps", "10",
		"--jobs", "1");
	assert_int_equal(r->code, 3);
	cli_has(r->out, "20,000 steps in all");
	kept = strstr(r->err, "kept at most ");
	assert_non_null(kept);
	assert_in_range(strtoul(kept + strlen("kept at most "), NULL, 10), 10, 2000);
}

static void wrong_usage(void **state)
{
	const struct cli *r = CLI(NULL, "explore");

	(void)state;
	assert_int_equal(r->code, 2);
	cli_has(r->err, "no --impl given");
	REFUSED("one --impl at a time", "--impl", "kvm-6.1");
	REFUSED("'tiny': explore takes options only", "tiny");
	REFUSED("no scope is called 'nope'; there are: tiny, default", "--scope", "nope");
	REFUSED("./nope: cannot open", "--scope", "./nope");
	REFUSED("nope.scope: cannot open", "--scope", "nope.scope");
	REFUSED("--depth: '0' is not a number from 1 to ", "--depth", "0");
	REFUSED("--depth: '4294967296' is not", "--depth", "4294967296");
	REFUSED("--depth: '3x' is not", "--depth", "3x");
	REFUSED("--depth: '' is not", "--depth", "");
	REFUSED("--jobs: '65' is not a number from 1 to 64", "--jobs", "65");
	REFUSED("--max-memory: '1T' is not", "--max-memory", "1T");
	REFUSED("--max-memory: '1KK' is not", "--max-memory", "1KK");
	REFUSED("--max-memory: '99999999999999999G' is not", "--max-memory", "99999999999999999G");
	REFUSED("--max-time: '-1' is not", "--max-time", "-1");
	REFUSED("--seed: '18446744073709551616' is not", "--simulate", "1", "--seed",
		"18446744073709551616");
	REFUSED("not both", "--exact", "--fingerprint");
	REFUSED("'I-NOPE' is no rule ('vtlb rules' names them)", "--remember", "I-NOPE");
	REFUSED("I-CR0-WP drops nothing by the intel contract", "--remember", "I-CR0-WP");
	REFUSED("I-PF drops nothing by the amd contract", "--remember", "I-PF", "--vendor", "amd");
	REFUSED("one --remember at a time", "--remember", "I-PF", "--remember", "I-PF");
	REFUSED("--remember is for a search of the whole", "--remember", "I-PF", "--by-table");
	REFUSED("--remember is for a search of the whole", "--remember", "I-PF", "--simulate", "1");
	REFUSED("--remember is for a search of the whole", "--remember", "I-PF", "--merges", "1");
	REFUSED("--simulate makes random walks", "--simulate", "1", "--depth", "2");
	REFUSED("--simulate makes random walks", "--simulate", "1", "--fingerprint");
	REFUSED("--steps and --seed are for --simulate", "--steps", "2");
	REFUSED("--twins is no search", "--twins", "1", "--depth", "2");
	REFUSED("--twins is no search", "--twins", "1", "--simulate", "2");
	REFUSED("--perturb is no search", "--perturb", "1", "--depth", "2");
	REFUSED("--merges is no search", "--merges", "1", "--continue", "2");
	REFUSED("one at a time", "--merges", "1", "--twins", "2");
	REFUSED("one at a time", "--perturb", "1", "--twins", "2");
	REFUSED("--ahead is for --twins", "--ahead", "1");
	REFUSED("--ahead", "--twins", "1", "--ahead", "9");
	REFUSED("--merges makes no walks", "--merges", "1", "--seed", "2");
	REFUSED("--interval is for --checkpoint", "--interval", "2");
	REFUSED("-o needs the name of a file", "-o", "-");
	REFUSED("/nonexistent/t: cannot be written", "-o", "/nonexistent/t");
	REFUSED("/nonexistent/c: cannot be written", "--checkpoint", "/nonexistent/c");
	REFUSED("it exists and is no file", "--checkpoint", "/dev/null");
	REFUSED("it exists and is no file", "--checkpoint", ".");
	REFUSED("it has no name", "--checkpoint", "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(proves_tiny),
		cmocka_unit_test(by_table),
		cmocka_unit_test(a_scope_asks_by_table),
		cmocka_unit_test(says_what_was_proven),
		cmocka_unit_test(shortest_violation_replays),
		cmocka_unit_test(strict_search_deviates),
		cmocka_unit_test(deviations_are_listed),
		cmocka_unit_test(waivers_are_in_the_trace),
		cmocka_unit_test(goes_on_to_more),
		cmocka_unit_test(depth_is_no_proof),
		cmocka_unit_test(memory_ends_it_cleanly),
		cmocka_unit_test(jobs_change_nothing),
		cmocka_unit_test(vacuous_is_no_success),
		cmocka_unit_test(scope_errors_have_a_position),
		cmocka_unit_test(unsupported_world),
		cmocka_unit_test(a_signal_stops_it),
		cmocka_unit_test(time_stops_it),
		cmocka_unit_test(walks_find_and_shrink),
		cmocka_unit_test(walks_prove_nothing),
		cmocka_unit_test(walks_go_on_after_a_deviation),
		cmocka_unit_test(old_traces_go),
		cmocka_unit_test(long_walks_keep_little),
		cmocka_unit_test(remember),
		cmocka_unit_test(wrong_usage),
	};

	return cmocka_run_group_tests_name("cli explore", tests, make_dir, remove_dir);
}
