/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * vtlb kernel check as far as no kernel is needed: its command line, which
 * verdict follows from what, and the keys of its JSON.
 */
#define _GNU_SOURCE
#include "cli.h"

#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kernel/check.h"
#include "kernel/child.h"

static void refused(const struct cli *r, const char *why)
{
	assert_int_equal(r->code, 2);
	cli_has(r->err, why);
}

#define CHECK(...) CLI(NULL, "kernel", "check", __VA_ARGS__)

static void wrong_lines(void **state)
{
	(void)state;
	refused(CHECK("-j", "1"), "--tree DIR or --debian VERSION, one of the two");
	refused(CHECK("--tree", "/", "--debian", "6.12"), "one of the two");
	refused(CHECK("--tree", "/", "--base", "v6.1"), "--base v6.1 is not supported");
	refused(CHECK("--tree", "/", "--each"), "there is no --patch");
	refused(CHECK("--tree", "/", "--max-time", "0"), "--max-time");
	refused(CHECK("--tree", "/", "--seed", "x"), "--seed");
	refused(CHECK("--tree", "/", "--vendor-module", "vmx"),
		"there are: sim, svm, svm-old");
	refused(CHECK("--tree", "/", "x"), "'x' is one word too many");
	refused(CHECK("--tree", "/", "--scope", "no-such"), "no-such");
}

static void help_teaches(void **state)
{
	const struct cli *r = CHECK("--help");

	(void)state;
	assert_int_equal(r->code, 0);
	cli_has(r->out, "Usage: vtlb kernel check --tree DIR|--debian VERSION");
	cli_has(r->out, "not-exercised");
	cli_has(r->out, "Example:");
	cli_has(CLI(NULL, "help", "kernel")->out, "vtlb kernel check");
}

/* A result as "vtlb check --json" has it. */
static json_t *result(const char *verdict, int step, const char *got, const char *deviation)
{
	json_t *o = json_pack("{s:s, s:[], s:n, s:n}", "verdict", verdict, "violations", "why",
			      "stopped_at");

	if (step)
		json_array_append_new(json_object_get(o, "violations"),
				      json_pack("{s:s, s:i, s:i, s:s, s:s, s:s?}", "kind", "exposure",
						"guilty_step", step, "seen_step", step, "got", got,
						"rule", "I-CR3-P0", "deviation", deviation));
	return o;
}

static enum finding_class classify(json_t *base, json_t *patched)
{
	struct shown b, p;
	enum finding_class class;

	if (base)
		shown_read(&b, base);
	shown_read(&p, patched);
	class = finding_classify(base ? &b : NULL, &p);
	json_decref(base);
	json_decref(patched);
	return class;
}

#define HOLDS result("holds", 0, NULL, NULL)
#define VIOLATES(step, got) result("violates", step, got, NULL)
#define DEVIATES(step) result("deviates", step, "f0", "pf-partial-drop")

static void what_is_new(void **state)
{
	(void)state;
	assert_int_equal(classify(HOLDS, HOLDS), FINDING_NONE);
	assert_int_equal(classify(HOLDS, result("ambiguous", 3, "f0", NULL)), FINDING_NONE);
	assert_int_equal(classify(HOLDS, VIOLATES(3, "f0")), FINDING_NEW);
	/* also if a waiver would cover it: the base does not do it */
	assert_int_equal(classify(HOLDS, DEVIATES(3)), FINDING_NEW);
	assert_int_equal(classify(VIOLATES(3, "f0"), VIOLATES(3, "f0")), FINDING_BASE);
	assert_int_equal(classify(DEVIATES(3), DEVIATES(3)), FINDING_KNOWN);
	assert_int_equal(classify(VIOLATES(3, "f0"), HOLDS), FINDING_FIXED);
	assert_int_equal(classify(DEVIATES(3), HOLDS), FINDING_FIXED);
	/* each fails in its way */
	assert_int_equal(classify(VIOLATES(3, "f0"), VIOLATES(5, "f0")), FINDING_UNSURE);
	assert_int_equal(classify(VIOLATES(3, "f0"), VIOLATES(3, "f1")), FINDING_UNSURE);
	assert_int_equal(classify(DEVIATES(3), VIOLATES(3, "f0")), FINDING_UNSURE);
	/* no base */
	assert_int_equal(classify(NULL, VIOLATES(3, "f0")), FINDING_NEW);
	assert_int_equal(classify(NULL, DEVIATES(3)), FINDING_KNOWN);
}

static void no_answer_is_none(void **state)
{
	json_t *stopped = result("unsupported", 0, NULL, NULL);

	(void)state;
	assert_int_equal(classify(result("unsupported", 0, NULL, NULL),
				  result("unsupported", 0, NULL, NULL)), FINDING_NOT_COVERED);
	assert_int_equal(classify(HOLDS, result("unsupported", 0, NULL, NULL)), FINDING_NO_ANSWER);
	assert_int_equal(classify(HOLDS, result("incomplete", 0, NULL, NULL)), FINDING_NO_ANSWER);
	assert_int_equal(classify(HOLDS, json_pack("{}")), FINDING_NO_ANSWER);
	json_object_set_new(stopped, "stopped_at", json_integer(4));
	assert_int_equal(classify(result("unsupported", 0, NULL, NULL), stopped),
			 FINDING_NO_ANSWER);
}

static void a_dead_process_is_a_finding(void **state)
{
	struct shown dead = { .died = true, .verdict = VTLB_ERROR };
	struct shown holds = { .verdict = VTLB_HOLDS };

	(void)state;
	assert_int_equal(finding_classify(&holds, &dead), FINDING_NEW);
	assert_int_equal(finding_classify(NULL, &dead), FINDING_NEW);
	assert_int_equal(finding_classify(&dead, &dead), FINDING_BASE);
	assert_int_equal(finding_classify(&dead, &holds), FINDING_FIXED);
}

/* The base's crash does not excuse another one, at the same step or not. */
static void crashes_differ(void **state)
{
	json_t *result_json = result("violates", 3, "host crash", NULL);
	struct shown warn, null;

	(void)state;
	shown_read(&warn, result_json);
	null = warn;
	strcpy(warn.crash, "kernel WARN (arch/x/kvm/x.c:)");
	strcpy(null.crash, "bad access at address x");
	assert_true(shown_crashed(&warn));
	assert_int_equal(finding_classify(&warn, &warn), FINDING_BASE);
	assert_int_equal(finding_classify(&warn, &null), FINDING_UNSURE);
	assert_false(shown_alike(&warn, &null));
	/* what comes before the first operation is known by what is said */
	assert_false(shown_at_boot(&warn));
	strcpy(warn.crash, "kernel WARN (arch/x/kvm/x.c:), at boot");
	assert_true(shown_at_boot(&warn));
	warn.violation = NULL;
	assert_false(shown_at_boot(&warn));
	json_decref(result_json);
}

/* Who waits too long for a program, or has no memory for it, has learned nothing of it. */
static void not_every_end_is_a_crash(void **state)
{
	static char nothing[] = "", memory[] = "vtlb: out of memory";
	static const struct {
		struct child child;
		bool crashed;
	} cases[] = {
		{ { .code = -SIGSEGV, .err = nothing }, true },
		{ { .code = -SIGABRT, .err = nothing }, true },
		{ { .code = 4, .err = memory }, false },
		{ { .code = -SIGALRM, .err = nothing }, false },
		{ { .code = -SIGKILL, .err = nothing }, false },
		{ { .code = 2, .err = nothing }, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_int_equal(check_crashed(&cases[i].child), cases[i].crashed);
}

static void first_that_applies(void **state)
{
	static const struct {
		struct verdict_facts facts;
		enum vtlb_verdict verdict;
	} cases[] = {
		{ { 0, true, 0 }, VTLB_HOLDS },
		{ { 0, true, 1 }, VTLB_INCOMPLETE },
		{ { 0, false, 0 }, VTLB_NOT_EXERCISED },
		{ { 0, false, 1 }, VTLB_NOT_EXERCISED },
		{ { 1, false, 1 }, VTLB_VIOLATES },
		{ { 1, true, 0 }, VTLB_VIOLATES },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_int_equal(finding_verdict(&cases[i].facts), cases[i].verdict);
}

/* Only a bound is an end of walks that says nothing against a patch. */
static void ends_of_walks(void **state)
{
	static char nothing[] = "";
	static const struct {
		int code;
		const char *result;
		enum walks_end end;
	} cases[] = {
		{ 3, "{'stop': 'time', 'simulation': {'steps': 5}, 'violations': []}",
		  WALKS_BOUNDED },
		{ 3, "{'stop': 'runs', 'simulation': {'steps': 5}, 'violations': []}",
		  WALKS_BOUNDED },
		{ 1, "{'stop': null, 'simulation': {'steps': 5}, 'violations': [{}]}",
		  WALKS_FAILED },
		{ 1, "{'stop': null, 'simulation': {'steps': 5}, 'violations': []}", WALKS_LOST },
		{ 3, "{'stop': 'interrupt', 'simulation': {'steps': 5}}", WALKS_LOST },
		{ 3, "{'stop': 'time', 'simulation': {'steps': 0}}", WALKS_LOST },
		{ 3, "{'why': 'x'}", WALKS_LOST },
		{ 3, NULL, WALKS_LOST },
		{ 0, "{'stop': 'time', 'simulation': {'steps': 5}}", WALKS_LOST },
		{ 2, NULL, WALKS_LOST },
		{ 4, NULL, WALKS_LOST },
		{ -SIGKILL, NULL, WALKS_LOST },
		{ -SIGALRM, NULL, WALKS_LOST },
		{ -SIGSEGV, NULL, WALKS_LOST },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const struct child child = { .code = cases[i].code, .err = nothing };
		char *text = cases[i].result ? strdup(cases[i].result) : NULL;
		json_t *result = NULL;

		for (char *s = text; s && (s = strchr(s, '\'')); s++)
			*s = '"';
		if (text)
			result = json_loads(text, 0, NULL);
		assert_int_equal(!!text, !!result);
		assert_int_equal(walks_end(&child, result), cases[i].end);
		json_decref(result);
		free(text);
	}
}

/*
 * In place of a program that was built: a preset does its work, and says so in a log.
 * It dies of what it is told, as one does that nobody waits for any longer.
 */
static char *stand_in(const char *dir, const char *name, const char *dies)
{
	char *path = NULL;
	FILE *f;

	assert_true(asprintf(&path, "%s/%s", dir, name) > 0);
	f = fopen(path, "w");
	assert_non_null(f);
	fprintf(f, "#!/bin/sh\n"
		   "echo \"$1\" >> %s.log\n"
		   "case \"$5\" in *%s | *%s.trace) kill -ALRM $$ ;; esac\n"
		   "[ $1 = check ] && exec '%s' check --json --impl kvm-6.12 \"$5\"\n"
		   "exec '%s' compare kvm-6.12 kvm-6.12 --workload \"$5\" --json\n",
		path, dies, dies, cli_bin(), cli_bin());
	fclose(f);
	assert_int_equal(chmod(path, 0755), 0);
	return path;
}

static unsigned int times(const char *program, const char *word)
{
	char *path = NULL, *log;
	unsigned int n = 0;

	assert_true(asprintf(&path, "%s.log", program) > 0);
	log = cli_read(path);
	for (const char *s = log; (s = strstr(s, word)); s++)
		n++;
	unlink(path);
	free(path);
	free(log);
	return n;
}

/* The other workloads are told, and the base, which held, is not asked again. */
static void one_workload_is_lost(void **state)
{
	char dir[] = "/tmp/vtlb-cost-XXXXXX", *trace = NULL;
	struct check_options opt = { 0 };
	struct check *c = calloc(1, sizeof(*c));

	(void)state;
	assert_non_null(mkdtemp(dir));
	c->opt = &opt;
	c->dir[SIDE_BASE] = c->dir[SIDE_PATCHED] = dir;
	c->program[SIDE_BASE] = stand_in(dir, "base", "none");
	c->program[SIDE_PATCHED] = stand_in(dir, "patched", "switch-3");
	check_cost(c);
	assert_true(c->ncosts > 1);
	for (size_t i = 0; i < c->ncosts; i++) {
		const struct check_cost *cost = &c->cost[i];

		assert_true(check_cost_known(cost, SIDE_BASE));
		assert_int_equal(check_cost_known(cost, SIDE_PATCHED),
				 strcmp(cost->name, "switch-3") != 0);
	}
	assert_int_equal(c->nnotes, 1);
	cli_has(c->note[0], "workload switch-3: ");
	assert_int_equal(c->nfindings, 0);
	assert_int_equal(times(c->program[SIDE_BASE], "check"), 0);
	assert_int_equal(times(c->program[SIDE_PATCHED], "check"), 1);
	assert_true(asprintf(&trace, "%s/workload-switch-3.trace", dir) > 0);
	unlink(trace);
	free(trace);
	unlink(c->program[SIDE_BASE]);
	unlink(c->program[SIDE_PATCHED]);
	assert_int_equal(rmdir(dir), 0);
	check_free(c);
	free(c);
}

static json_t *keys_of_json(void)
{
	struct check_options opt = { 0 };
	char name[] = "name";
	char *note[] = { name };
	struct finding f = { .class = FINDING_NEW, .source = name, .name = name, .file = name,
			     .text = name, .said = name };
	struct hunk hunk = { .file = name, .function = name };
	struct check_cost cost = { .name = name };
	struct check *c = calloc(1, sizeof(*c));
	json_t *o, *keys = json_object();

	c->opt = &opt;
	c->subject = name;
	c->program[SIDE_BASE] = c->program[SIDE_PATCHED] = name;
	c->finding = &f;
	c->note = c->not_judged = note;
	c->cost = &cost;
	c->cover.hunks = (struct hunks){ .hunk = &hunk, .n = 1 };
	c->nfindings = c->nnotes = c->nnot_judged = c->ncosts = c->nsearches = c->nwalks = 1;
	c->search[0].scope = c->walks[0].scope = name;
	o = check_json(c);
	cli_keys(keys, o);
	json_decref(o);
	free(c);
	return keys;
}

/* Both ways, in the section of its own. */
static void keys_are_documented(void **state)
{
	char *docs = cli_read(cli_source("docs/json.md"));
	const char *section = strstr(docs, "\n## `vtlb kernel check --json`"), *key;
	json_t *keys = keys_of_json(), *unused;
	char row[80];

	(void)state;
	assert_non_null(section);
	json_object_foreach(keys, key, unused) {
		snprintf(row, sizeof(row), "\n| `%s` |", key);
		cli_has(section, row);
	}
	for (char *s = strstr(section, "\n| `"); s; s = strstr(s, "\n| `")) {
		char *end = strchr(s += 4, '`');

		*end = '\0';
		if (!json_object_get(keys, s))
			fail_msg("docs/json.md has '%s', the output has not", s);
		s = end + 1;
	}
	json_decref(keys);
	free(docs);
}

/* A patch moves code, and the same call then is elsewhere in its function. */
static void says_alike(void **state)
{
	(void)state;
	assert_true(check_says_alike("", ""));
	assert_true(check_says_alike("f, called from g+0x1a, at boot", "f, called from g+0xb, at boot"));
	assert_false(check_says_alike("f, called from g+0x1a", "f, called from h+0x1a"));
	assert_false(check_says_alike("f, called from g+0x1a", "f, called from g+0x1a, at boot"));
	assert_false(check_says_alike("address 0x8", "address 0x9"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(wrong_lines),
		cmocka_unit_test(help_teaches),
		cmocka_unit_test(what_is_new),
		cmocka_unit_test(no_answer_is_none),
		cmocka_unit_test(a_dead_process_is_a_finding),
		cmocka_unit_test(crashes_differ),
		cmocka_unit_test(not_every_end_is_a_crash),
		cmocka_unit_test(first_that_applies),
		cmocka_unit_test(ends_of_walks),
		cmocka_unit_test(one_workload_is_lost),
		cmocka_unit_test(keys_are_documented),
		cmocka_unit_test(says_alike),
	};

	return cmocka_run_group_tests_name("cli kernel check", tests, NULL, NULL);
}
