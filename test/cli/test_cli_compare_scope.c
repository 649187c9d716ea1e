/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * vtlb compare --scope: both searches, the shortest sequences on which the sides differ,
 * or that there are none, and the cost of random walks.
 */
#define _GNU_SOURCE
#include "cli.h"

#include <sys/wait.h>
#include <unistd.h>

static char dir[] = "/tmp/vtlb-compare-XXXXXX";

/* A page that is read, and moved without INVLPG. */
#define MOVED                                      \
	"vtlb-scope 1\n"                           \
	"world features=pcid,invpcid,nx\n"         \
	"about \"For a test.\"\n"                  \
	"roots a\n"                                \
	"page user private = f0\n"                 \
	"read user\n"

static const char *scope(const char *text)
{
	static char path[64];
	FILE *f;

	snprintf(path, sizeof(path), "%s/test.scope", dir);
	f = fopen(path, "w");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
	return path;
}

static json_int_t integer(const json_t *o, const char *key)
{
	const json_t *value = json_object_get(o, key);

	if (!json_is_integer(value))
		fail_msg("'%s' is no integer", key);
	return json_integer_value(value);
}

static bool is_true(const json_t *o, const char *key)
{
	assert_true(json_is_boolean(json_object_get(o, key)));
	return json_is_true(json_object_get(o, key));
}

static void is_list(const json_t *list, const char *const *words)
{
	size_t n = 0;

	for (; words[n]; n++) {
		const char *word = json_string_value(json_array_get(list, n));

		assert_non_null(word);
		assert_string_equal(word, words[n]);
	}
	assert_int_equal(json_array_size(list), n);
}

#define IS_LIST(list, ...) is_list(list, (const char *const[]){ __VA_ARGS__, NULL })

/* MOV CR0 that clears PG in 64-bit code: 5.14 accepts it, which is wrong; 5.16 does not. */
static void verdicts_and_a_fault(void **state)
{
	const struct cli *r = CLI(NULL, "compare", "kvm-5.14", "kvm-5.16", "--scope", "modes-pg",
				  "--waive", "all");
	json_t *o, *d;

	(void)state;
	assert_int_equal(r->code, 0);
	assert_string_equal(r->err, "");
	cli_has(r->out, "\nverdict         violates                        holds (proof)\n");
	cli_has(r->out, "  164\n");
	cli_has(r->out, "\ncounterexample  1 operation, I-CR0-PG10-GP-CSL  none\n");
	cli_has(r->out, "\nShortest sequence that differs in what the guest can see: 1 step, the last in "
			"outcome, verdict and cost.\n");
	cli_has(r->out, "#GP(0)");
	cli_lacks(r->out, "The access can give");
	cli_lacks(r->out, "isimilar");
	cli_has(r->out, "\nScope modes-pg, 11 operations: One root");
	o = cli_json(CLI(NULL, "compare", "kvm-5.14", "kvm-5.16", "--scope", "modes-pg", "--waive",
			 "all", "--json"));
	assert_string_equal(cli_string(o, "verdict"), "violates");
	d = json_object_get(o, "shortest_outcome_difference");
	assert_string_equal(cli_string(d, "operation"), "cr0 ^= pg");
	assert_string_equal(cli_string(json_object_get(d, "a"), "fault"), "none");
	assert_string_equal(cli_string(json_object_get(d, "b"), "fault"), "#GP(0)");
	assert_true(json_is_null(json_object_get(json_object_get(d, "a"), "could")));
	assert_true(json_is_null(json_object_get(d, "allowed")));
	json_decref(o);
}

/* All that depends on nothing but the search. */
static char *comparable(json_t *result)
{
	char *text;

	json_object_del(result, "seconds");
	json_object_del(result, "transitions_per_second");
	json_object_del(result, "bytes");
	json_object_del(result, "bytes_per_state");
	text = json_dumps(result, JSON_SORT_KEYS);
	assert_non_null(text);
	return text;
}

static void results_are_those_of_explore(void **state)
{
	static const char *const sides[] = { "kvm-6.12", "kvm-5.10" };
	json_t *o = cli_json(CLI(NULL, "compare", sides[0], sides[1], "--scope", "modes-wp", "--waive",
				 "wp0-smap", "--reading", "owe", "--depth", "8", "--jobs", "1",
				 "--max-memory", "1G", "--max-time", "600", "--json"));

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		json_t *e = cli_json(CLI(NULL, "explore", "--impl", sides[i], "--scope", "modes-wp",
					 "--waive", "wp0-smap", "--reading", "owe", "--depth", "8",
					 "--json"));
		char *one = comparable(json_array_get(json_object_get(o, "results"), i));
		char *two = comparable(json_array_get(json_object_get(e, "results"), 0));

		assert_string_equal(one, two);
		cli_has(one, "\"stop\": \"depth\"");
		free(one);
		free(two);
		json_decref(e);
	}
	json_decref(o);
}

/* The page was moved: 6.12 still has the old frame, which it may until INVLPG. */
static void what_an_access_gives(void **state)
{
	const char *file = scope(MOVED "write a.user = f1\n");
	const struct cli *r = CLI(NULL, "compare", "kvm-6.12", cli_example("always_flush.so"),
				  "--scope", file);
	json_t *o, *d;

	(void)state;
	assert_int_equal(r->code, 0);
	cli_has(r->out, "\nverdict         holds (proof)  holds (proof)\n");
	cli_has(r->out, "what the guest can see: 3 steps, the last in outcome");
	cli_has(r->out, "\n1     read user ");
	cli_has(r->out, "\n2     write a.user = f1 ");
	cli_has(r->out, "\n3 *   read user ");
	cli_has(r->out, "The access can give on kvm-6.12: f0; on always-flush: f1. The contract allows f0 "
			"or f1.\n");
	cli_lacks(r->out, "It is not in the scope");
	o = cli_json(CLI(NULL, "compare", cli_example("always_flush.so"), "kvm-6.12", "--json",
			 "--scope", file));
	d = json_object_get(o, "shortest_outcome_difference");
	assert_int_equal(integer(d, "step"), 3);
	IS_LIST(json_object_get(json_object_get(d, "a"), "could"), "f1");
	IS_LIST(json_object_get(json_object_get(d, "b"), "could"), "f0");
	IS_LIST(json_object_get(d, "allowed"), "f0", "f1");
	json_decref(o);
}

/* The scope only reads, which looks the same; the difference is in what could be fetched. */
static void an_access_of_no_scope(void **state)
{
	const struct cli *r = CLI(NULL, "compare", "kvm-6.12", cli_example("always_flush.so"),
				  "--scope", scope(MOVED "write a.user = f0 nx\n"));

	(void)state;
	assert_int_equal(r->code, 0);
	cli_has(r->out, "what the guest can see: 3 steps, the last in outcome");
	cli_has(r->out, "\n3 *   user fetch user ");
	cli_has(r->out, "on kvm-6.12: f0; on always-flush: #PF(P U I).");
	cli_has(r->out, "It is not in the scope, and shows what can be seen after the step before.\n");
}

/* A way of several: the trace has to say which one was gone. */
static void a_choice_is_named(void **state)
{
	char one[512];
	json_t *o, *d;

	(void)state;
	snprintf(one, sizeof(one), "%s", cli_example("ways_costly.so"));
	o = cli_json(CLI(NULL, "compare", one, cli_example("ways_short.so"), "--scope",
			 scope("vtlb-scope 1\nworld\nroots a b\npage user private = f0, f1\n"
			       "read user\n"), "--json"));
	d = json_object_get(o, "shortest_cost_difference");
	assert_int_equal(integer(d, "step"), 2);
	cli_has(cli_string(d, "trace_text"), "\nread user -> f1\nread user -> f1\n");
	assert_int_equal(integer(json_object_get(json_object_get(d, "a"), "cost"), "flushes"), 1);
	assert_int_equal(integer(json_object_get(json_object_get(d, "b"), "cost"), "flushes"), 0);
	d = json_object_get(o, "shortest_outcome_difference");
	assert_int_equal(integer(d, "step"), 4);
	cli_has(cli_string(d, "trace_text"),
		"\nread user -> f1\nread user -> f1\nread user -> f1\nread user\n");
	IS_LIST(json_object_get(json_object_get(d, "a"), "could"), "f0", "f1");
	IS_LIST(json_object_get(json_object_get(d, "b"), "could"), "f0");
	json_decref(o);
}

/* As many pairs as docs/explore.md has bases: a search without symmetry counted them. */
static void a_side_is_bisimilar_to_itself(void **state)
{
	json_t *o = cli_json(CLI(NULL, "compare", "kvm-6.12", "kvm-6.12", "--scope", "tiny", "--waive",
				 "all", "--json"));
	json_t *d = json_object_get(o, "difference_search");

	(void)state;
	assert_true(is_true(d, "complete"));
	assert_true(is_true(d, "bisimilar"));
	assert_int_equal(integer(d, "pairs"), 104272);
	assert_int_equal(integer(d, "frontier"), 0);
	assert_int_equal(integer(d, "not_followed"), 0);
	assert_true(json_is_null(json_object_get(d, "stop")));
	assert_true(json_is_null(json_object_get(o, "shortest_outcome_difference")));
	assert_true(json_is_null(json_object_get(o, "shortest_cost_difference")));
	d = json_object_get(json_object_get(o, "walks"), "cost_difference");
	assert_int_equal(integer(d, "flushes"), 0);
	json_decref(o);
}

/* 5.14 flushes once more when it builds a root with a PCID; nothing else is different. */
static void bisimilar_at_another_cost(void **state)
{
	const struct cli *r = CLI(NULL, "compare", "kvm-5.10", "kvm-5.14", "--scope", "smp-pcid");

	(void)state;
	assert_int_equal(r->code, 0);
	cli_has(r->out, "\nNo difference in what the guest can see: none in any sequence of the scope's "
			"operations, of any length.\n");
	cli_has(r->out, "\nShortest sequence that differs in cost: 1 step, the last in cost.\n");
	cli_has(r->out, "\nBisimilar in this scope: ");
	cli_has(r->out, "520 pairs of states were");
}

/* Both accept what has to fault: nobody can say what the registers are behind that. */
static void not_followed_is_no_proof(void **state)
{
	const struct cli *r = CLI(NULL, "compare", "kvm-5.10", "kvm-5.14", "--scope", "modes-pg");

	(void)state;
	cli_has(r->out, "none in any sequence that both sides can do alike, of any length.\n");
	cli_has(r->out, "; behind 72 steps nothing was: ");
	cli_lacks(r->out, "isimilar");
}

static void limits_stop_it(void **state)
{
	const char *file = scope(MOVED "write a.user = f1\n");
	const struct cli *r = CLI(NULL, "compare", "kvm-6.12", cli_example("always_flush.so"),
				  "--scope", file, "--depth", "2");
	json_t *o, *d;

	(void)state;
	assert_int_equal(r->code, 0);
	cli_has(r->out, "\nverdict         incomplete (depth)  holds (proof)\n");
	cli_has(r->out, "\nNo difference in what the guest can see within 2 steps: INCOMPLETE, stopped by "
			"--depth 2, ");
	r = CLI(NULL, "compare", "kvm-6.12", cli_example("always_flush.so"), "--scope", file,
		"--depth", "3");
	cli_has(r->out, "what the guest can see: 3 steps, the last in outcome");
	o = cli_json(CLI(NULL, "compare", "kvm-6.12", "kvm-6.12", "--scope", "pairs", "--waive",
			 "all", "--max-memory", "32M", "--json"));
	d = json_object_get(o, "difference_search");
	assert_string_equal(cli_string(d, "stop"), "memory");
	assert_false(is_true(d, "complete"));
	assert_false(is_true(d, "bisimilar"));
	assert_true(integer(d, "frontier") > 0);
	assert_true(integer(d, "bytes") < 48 << 20);
	json_decref(o);
	o = cli_json(CLI(NULL, "compare", "kvm-6.12", "kvm-6.12", "--scope", "pairs", "--waive",
			 "all", "--max-time", "1", "--json"));
	assert_string_equal(cli_string(json_object_get(o, "difference_search"), "stop"), "time");
	json_decref(o);
}

/* One operation: there is only one walk, and a trace can say what it costs. */
static void walks_cost_what_the_trace_does(void **state)
{
	static const char head[] = "world features=pcid,invpcid\nroots a b\n"
				   "page user private = f0, f1\nstart cr4=pae\n";
	static const char *const key[] = { "cost_a", "cost_b" };
	char text[512];
	json_t *o, *t, *walks;

	(void)state;
	snprintf(text, sizeof(text), "vtlb-scope 1\n%scr4 ^= pcide\n", head);
	o = cli_json(CLI(NULL, "compare", "kvm-5.14", "kvm-5.16", "--scope", scope(text), "--walks",
			 "3", "--steps", "5", "--json"));
	snprintf(text, sizeof(text), "vtlb-trace 1\n%scr4 ^= pcide\ncr4 ^= pcide\ncr4 ^= pcide\n"
		 "cr4 ^= pcide\ncr4 ^= pcide\n", head);
	t = cli_json(CLI(text, "compare", "kvm-5.14", "kvm-5.16", "--json", "-"));
	walks = json_object_get(o, "walks");
	assert_int_equal(integer(walks, "runs"), 3);
	assert_int_equal(integer(walks, "steps"), 15);
	assert_int_equal(integer(walks, "ended_early"), 0);
	for (size_t i = 0; i < 2; i++) {
		json_t *sum = json_object_get(walks, key[i]), *one, *n;
		const char *name;

		one = json_object_get(json_array_get(json_object_get(t, "results"), i), "cost");
		assert_int_equal(json_object_size(one), 7);
		json_object_foreach(one, name, n)
			assert_int_equal(integer(sum, name), 3 * json_integer_value(n));
	}
	assert_int_equal(integer(json_object_get(walks, "cost_difference"), "roots_built"),
			 integer(json_object_get(walks, "cost_b"), "roots_built") -
				 integer(json_object_get(walks, "cost_a"), "roots_built"));
	assert_true(integer(json_object_get(walks, "cost_b"), "roots_built") > 0);
	json_decref(o);
	json_decref(t);
}

/* The costs alone: the sentence below them repeats what was asked for. */
static char *costs(const char *out)
{
	const char *begin = strstr(out, "roots built"), *end = strstr(out, "Roots are roots");

	assert_true(begin && end && begin < end);
	return strndup(begin, (size_t)(end - begin));
}

static void the_seed_decides(void **state)
{
	static const char *const more[][2] = {
		{ "--jobs", "2" }, { "--seed", "1" }, { "--walks", "100" }, { "--steps", "200" },
		{ "--seed", "2" }, { "--walks", "99" }, { "--steps", "199" },
	};
	char *one = costs(CLI(NULL, "compare", "kvm-5.14", "kvm-5.16", "--scope", "smp-pcid",
			      "--jobs", "1")->out);

	(void)state;
	for (size_t i = 0; i < sizeof(more) / sizeof(more[0]); i++) {
		char *two = costs(CLI(NULL, "compare", "kvm-5.14", "kvm-5.16", "--scope",
				      "smp-pcid", more[i][0], more[i][1])->out);

		if (i < 4)
			assert_string_equal(two, one);
		else
			assert_string_not_equal(two, one);
		free(two);
	}
	free(one);
}

/* The trace of a difference is a trace like any other. */
static void differences_replay(void **state)
{
	static const char *const keys[] = { "shortest_outcome_difference",
					    "shortest_cost_difference" };
	json_t *o = cli_json(CLI(NULL, "compare", "kvm-6.1", "kvm-6.12", "--scope", "smp-pcid",
				 "--waive", "all", "--json"));

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		json_t *d = json_object_get(o, keys[i]), *first, *t;
		json_int_t steps = integer(d, "step");
		const char *in;

		t = cli_json(CLI(cli_string(d, "trace_text"), "compare", "kvm-6.1", "kvm-6.12",
				 "--waive", "all", "--json", "-"));
		assert_int_equal(integer(json_array_get(json_object_get(t, "compared"), 0), "steps"),
				 steps);
		first = json_object_get(t, "first_difference");
		in = json_string_value(json_array_get(json_object_get(first, "differs_in"), 0));
		assert_true(integer(first, "step") == steps || (i == 0 && !strcmp(in, "cost")));
		if (integer(first, "step") == steps)
			assert_string_equal(in, i == 0 ? "outcome" : "cost");
		json_decref(t);
	}
	json_decref(o);
}

static void unsupported_world(void **state)
{
	static const char tdp[] = "vtlb-scope 1\nworld mode=tdp features=pcid\nroots a b\n"
				  "cr3 a\ncr3 b\n";
	const struct cli *r = CLI(NULL, "compare", "kvm-6.1", "kvm-6.12", "--scope", scope(tdp));
	json_t *o;

	(void)state;
	assert_int_equal(r->code, 0);
	cli_has(r->out, "\nverdict         unsupported  unsupported\n");
	cli_has(r->out, "unsupported on kvm-6.12: the implementation does not cover this mode");
	cli_lacks(r->out, "walks");
	cli_lacks(r->out, "differ");
	o = cli_json(CLI(NULL, "compare", "kvm-6.1", "kvm-6.12", "--scope", scope(tdp), "--json"));
	assert_string_equal(cli_string(o, "verdict"), "unsupported");
	assert_true(json_is_null(json_object_get(o, "difference_search")));
	assert_true(json_is_null(json_object_get(o, "walks")));
	json_decref(o);
}

static void a_signal_stops_it(void **state)
{
	static char text[1 << 20];
	char command[4400];
	size_t len;
	json_t *o, *results;
	FILE *f;

	(void)state;
	snprintf(command, sizeof(command),
		 "timeout -s INT --preserve-status 2 '%s' compare kvm-6.1 kvm-6.12 --waive all "
		 "--scope deep --json", cli_bin());
	f = popen(command, "r");
	assert_non_null(f);
	len = fread(text, 1, sizeof(text) - 1, f);
	assert_int_equal(WEXITSTATUS(pclose(f)), 0);
	text[len] = '\0';
	o = json_loads(text, 0, NULL);
	assert_non_null(o);
	results = json_object_get(o, "results");
	for (size_t i = 0; i < 2; i++)
		assert_string_equal(cli_string(json_array_get(results, i), "stop"), "interrupt");
	assert_string_equal(cli_string(json_object_get(o, "difference_search"), "stop"), "interrupt");
	json_decref(o);
}

static void quiet(void **state)
{
	const struct cli *r = CLI(NULL, "compare", "-q", "kvm-6.1", "kvm-6.12", "--scope", "modes-nxe");

	(void)state;
	assert_int_equal(r->code, 0);
	assert_string_equal(r->out, "");
	assert_string_equal(r->err, "");
}

static void refused(const struct cli *r, const char *why)
{
	assert_int_equal(r->code, 2);
	assert_string_equal(r->out, "");
	cli_has(r->err, why);
}

static void wrong_usage(void **state)
{
	static const char alone[] = "--scope is compared alone, without a TRACE or --workload";
	static const char only[] = "--depth, --max-memory, --max-time, --jobs and --walks are for --scope";
	static const char *const limits[] = { "--depth", "--max-memory", "--max-time", "--jobs",
					      "--walks" };

	(void)state;
	refused(CLI(NULL, "compare", "kvm-6.1", "kvm-6.1", "--scope", "nope"),
		"no scope is called 'nope'; there are: tiny, default");
	refused(CLI(NULL, "compare", "kvm-6.1", "kvm-9", "--scope", "tiny"), "no preset is called");
	refused(CLI(cli_famous, "compare", "kvm-6.1", "kvm-6.1", "--scope", "tiny", "-"), alone);
	refused(CLI(NULL, "compare", "kvm-6.1", "kvm-6.1", "--scope", "tiny", "--workload", "boot"),
		alone);
	for (size_t i = 0; i < 5; i++) {
		char bad[80];

		refused(CLI(NULL, "compare", "kvm-6.1", "kvm-6.1", limits[i], "1"), only);
		snprintf(bad, sizeof(bad), "%s: '0' is not a number from 1 to ", limits[i]);
		refused(CLI(NULL, "compare", "kvm-6.1", "kvm-6.1", "--scope", "tiny", limits[i], "0"),
			bad);
	}
}

static int make_dir(void **state)
{
	(void)state;
	return mkdtemp(dir) ? 0 : -1;
}

static int remove_dir(void **state)
{
	char command[64];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf '%s'", dir);
	return system(command);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(verdicts_and_a_fault),
		cmocka_unit_test(results_are_those_of_explore),
		cmocka_unit_test(what_an_access_gives),
		cmocka_unit_test(an_access_of_no_scope),
		cmocka_unit_test(a_choice_is_named),
		cmocka_unit_test(a_side_is_bisimilar_to_itself),
		cmocka_unit_test(bisimilar_at_another_cost),
		cmocka_unit_test(not_followed_is_no_proof),
		cmocka_unit_test(limits_stop_it),
		cmocka_unit_test(walks_cost_what_the_trace_does),
		cmocka_unit_test(the_seed_decides),
		cmocka_unit_test(differences_replay),
		cmocka_unit_test(unsupported_world),
		cmocka_unit_test(a_signal_stops_it),
		cmocka_unit_test(quiet),
		cmocka_unit_test(wrong_usage),
	};

	return cmocka_run_group_tests_name("cli compare scope", tests, make_dir, remove_dir);
}
