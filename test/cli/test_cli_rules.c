/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * vtlb rules, list and shrink, and the pages that are made from or compared
 * with them.
 */
#define _GNU_SOURCE
#include "cli.h"

#include <unistd.h>

#define HALF "kvm-5.16-without-unload-on-pcide"

static void table_has_every_rule(void **state)
{
	char *names = strdup(CLI(NULL, "list", "rules")->out), *save = NULL;
	const struct cli *r = CLI(NULL, "rules");
	unsigned int n = 0;

	(void)state;
	assert_int_equal(r->code, 0);
	for (char *s = strtok_r(names, "\n", &save); s; s = strtok_r(NULL, "\n", &save), n++)
		cli_has(r->out, s);
	assert_true(n >= 50);
	free(names);
}

static void one_rule_in_both_numberings(void **state)
{
	const struct cli *r = CLI(NULL, "rules", "I-CR4-PCIDE10");

	(void)state;
	assert_int_equal(r->code, 0);
	cli_has(r->out, "I-CR4-PCIDE10\n");
	cli_has(r->out, " 5.10.4.1, in editions up to 2023 4.10.4.1: ");
	cli_has(r->out, "every entry, global ones");
}

static void one_rule_as_json(void **state)
{
	json_t *o = cli_json(CLI(NULL, "rules", "--json", "I-CR3-P0"));
	json_t *rules = json_object_get(o, "rules"), *rule = json_array_get(rules, 0);

	(void)state;
	assert_int_equal(json_array_size(rules), 1);
	assert_string_equal(cli_string(rule, "id"), "I-CR3-P0");
	assert_string_equal(cli_string(rule, "event"), "MOV CR3");
	assert_true(json_is_null(json_object_get(rule, "fault")));
	assert_true(json_array_size(json_object_get(rule, "sections")) >= 1);
	json_decref(o);
}

static void page_is_up_to_date(void **state)
{
	char *page = cli_read(cli_source("docs/rules.md"));
	const struct cli *r = CLI(NULL, "rules", "--markdown");

	(void)state;
	assert_int_equal(r->code, 0);
	assert_string_equal(r->out, page);
	free(page);
}

/* A name such as "AMB-1" is of use only where it is explained. */
static void ambiguities_are_defined(void **state)
{
	json_t *o = cli_json(CLI(NULL, "rules", "--json")), *rule;
	char *page = strdup(CLI(NULL, "rules", "--markdown")->out);
	unsigned int named = 0;
	char want[64];
	size_t i;

	(void)state;
	json_array_foreach(json_object_get(o, "rules"), i, rule) {
		const char *name = json_string_value(json_object_get(rule, "ambiguity"));
		const struct cli *r;

		if (!name)
			continue;
		snprintf(want, sizeof(want), "\n| %s | ", name);
		cli_has(page, want);
		r = CLI(NULL, "rules", cli_string(rule, "id"));
		snprintf(want, sizeof(want), "Ambiguity: %s: ", name);
		cli_has(r->out, want);
		cli_has(r->out, " Rely: ");
		cli_has(r->out, " Owe: ");
		named++;
	}
	assert_true(named >= 10);
	/* and none is left over */
	for (const char *s = strstr(page, "\n| AMB-"); s; s = strstr(s + 1, "\n| AMB-")) {
		snprintf(want, sizeof(want), "[%.*s](#ambiguities)", (int)strcspn(s + 3, " "),
			 s + 3);
		cli_has(page, want);
	}
	cli_has(CLI(NULL, "rules", "I-PF")->out, "Does a global entry for it go as well?");
	free(page);
	json_decref(o);
}

/* The text of the @n-th fenced block of a page; NUL-terminated in place. */
static char *block(char *page, unsigned int n)
{
	char *start = page, *end;

	for (;;) {
		start = strstr(start, "\n```\n");
		assert_non_null(start);
		start += 5;
		end = strstr(start, "\n```\n");
		assert_non_null(end);
		if (n-- == 0)
			break;
		start = end + 4;
	}
	end[1] = '\0';
	return start;
}

/* docs/verdicts.md shows a trace and what the command prints for it. */
static void pasted_run_is_real(void **state)
{
	char *page = cli_read(cli_source("docs/verdicts.md")), *copy = strdup(page);
	char dir[] = "/tmp/vtlb-cli-XXXXXX";
	const struct cli *r;
	FILE *f;

	(void)state;
	assert_non_null(mkdtemp(dir));
	assert_int_equal(chdir(dir), 0);
	f = fopen("famous.trace", "w");
	assert_non_null(f);
	fputs(block(copy, 0), f);
	fclose(f);
	setenv("COLUMNS", "100", 1);
	r = CLI(NULL, "check", "--impl", HALF, "famous.trace");
	unsetenv("COLUMNS");
	unlink("famous.trace");
	rmdir(dir);
	assert_int_equal(r->code, 1);
	assert_string_equal(r->out, block(page, 1));
	free(copy);
	free(page);
}

/* Moves @at behind the line that is @line, if one follows. */
static bool line_follows(const char **at, const char *line)
{
	size_t n = strlen(line);

	for (const char *s = *at; *s;) {
		size_t len = strcspn(s, "\n");

		if (len == n && strncmp(s, line, n) == 0) {
			*at = s + len;
			return true;
		}
		s += len + (s[len] != '\0');
	}
	return false;
}

/* Does ./run say @line with echo?  It has $code where the page has the digit. */
static bool demo_says(const char *run, const char *line)
{
	const char *head = "Exit code ";
	bool code = strncmp(line, head, strlen(head)) == 0;
	char want[256];

	snprintf(want, sizeof(want), "\techo \"%s%s%s\"\n", code ? head : "",
		 code ? "$code" : "", code ? line + strlen(head) + 1 : line);
	return strstr(run, want);
}

/* What ./run demo gives to the command: the trace without its expectations. */
static void write_demo(const char *path)
{
	char *trace = cli_read(cli_source("test/traces/demo.trace")), *save = NULL;
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	for (char *s = trace; s && *s; s = save) {
		save = strchr(s, '\n');
		if (save)
			*save++ = '\0';
		if (strncmp(s, "expect", 6) != 0)
			fprintf(f, "%s\n", s);
	}
	fclose(f);
	free(trace);
}

static char *demo_output(void)
{
	char dir[] = "/tmp/vtlb-cli-XXXXXX";
	char *first, *both;
	const struct cli *r;

	assert_non_null(mkdtemp(dir));
	assert_int_equal(chdir(dir), 0);
	write_demo("demo.trace");
	setenv("COLUMNS", "100", 1);
	first = strdup(CLI(NULL, "check", "--impl", HALF, "demo.trace")->out);
	r = CLI(NULL, "check", "--impl", "kvm-5.16", "demo.trace");
	unsetenv("COLUMNS");
	unlink("demo.trace");
	rmdir(dir);
	both = calloc(strlen(first) + strlen(r->out) + 1, 1);
	assert_non_null(both);
	strcat(strcpy(both, first), r->out);
	free(first);
	return both;
}

/* README.md shows ./run demo, shortened where it says [...]. */
static void readme_shows_the_demo(void **state)
{
	char *page = cli_read(cli_source("README.md")), *run = cli_read(cli_source("run"));
	char *real = demo_output(), *save = NULL, *start = strstr(page, "\n$ ./run demo\n");
	const char *at = real;
	unsigned int n = 0;

	(void)state;
	assert_non_null(start);
	start += strlen("\n$ ./run demo\n");
	for (char *s = strtok_r(start, "\n", &save); s && strcmp(s, "```");
	     s = strtok_r(NULL, "\n", &save)) {
		if (strcmp(s, "[...]") == 0)
			continue;
		if (!line_follows(&at, s) && !demo_says(run, s))
			fail_msg("README.md shows what ./run demo does not print: %s", s);
		n++;
	}
	assert_true(n >= 40);
	free(real);
	free(run);
	free(page);
}

static void deviations(void **state)
{
	const struct cli *r = CLI(NULL, "list", "deviations");

	(void)state;
	assert_int_equal(r->code, 0);
	cli_has(r->out, "noncurrent-refill\n");
	cli_has(r->out, "pf-partial-drop\n");
	cli_has(r->out, "wp0-smap\n");
}

static void scopes(void **state)
{
	const struct cli *r = CLI(NULL, "list", "scopes");

	(void)state;
	assert_int_equal(r->code, 0);
	assert_memory_equal(r->out, "tiny\ndefault\npairs\nmodes\nupper\nsmp\nlinks\ndeep\n", 46);
	cli_has(r->out, "\nmodes-wp\n");
	cli_has(r->out, "\nsmp-pcid\n");
}

/* Two operations of the famous trace are not needed on this preset's way to fail. */
static void shrinks_to_a_test(void **state)
{
	const struct cli *r = CLI(cli_famous, "shrink", "-", "--impl", HALF, "-o", "-");
	char *text;

	(void)state;
	assert_int_equal(r->code, 0);
	cli_has(r->out, "vtlb-trace 1\n");
	cli_has(r->out, "expect violates ");
	cli_lacks(r->out, "cr4 |= pge");
	cli_has(r->err, " of 8 operations are left, violates ");
	text = strdup(r->out);
	r = CLI(text, "check", "-q", "--impl", HALF, "-");
	assert_int_equal(r->code, 0);
	free(text);
}

static void does_not_shrink_what_holds(void **state)
{
	const struct cli *r = CLI(cli_famous, "shrink", "-", "--impl", "kvm-5.16", "-o", "-");

	(void)state;
	assert_int_equal(r->code, 2);
	assert_string_equal(r->out, "");
	cli_has(r->err, "nothing to shrink");
	r = CLI(cli_famous, "shrink", "-", "--impl", HALF, "-o", "/nonexistent/out");
	assert_int_equal(r->code, 2);
	cli_has(r->err, "/nonexistent/out: cannot open for writing: ");
}

/* Long options of a text, "--word", as the keys of an object. */
static json_t *long_options(const char *text)
{
	json_t *set = json_object();

	for (const char *s = strstr(text, "--"); s; s = strstr(s, "--")) {
		size_t n;
		char name[64];

		s += 2;
		n = strspn(s, "abcdefghijklmnopqrstuvwxyz-");
		if (!n || n >= sizeof(name))
			continue;
		memcpy(name, s, n);
		name[n] = '\0';
		json_object_set_new(set, name, json_true());
		s += n;
	}
	return set;
}

static json_t *help_options(void)
{
	static const char *const commands[] = { "check", "explore", "compare", "shrink",
						"kernel", "list", "rules" };
	static const char *const kernel[] = { "check", "diff" };
	json_t *all = long_options(CLI(NULL, "help")->out);

	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		json_t *set = long_options(CLI(NULL, "help", commands[i])->out);

		json_object_update(all, set);
		json_decref(set);
	}
	for (size_t i = 0; i < sizeof(kernel) / sizeof(kernel[0]); i++) {
		json_t *set = long_options(CLI(NULL, "kernel", kernel[i], "--help")->out);

		json_object_update(all, set);
		json_decref(set);
	}
	return all;
}

/* Without roff's escapes: "\-" is a hyphen, "\fB" a change of font. */
static json_t *man_options(void)
{
	char *page = cli_read(cli_source("docs/vtlb.1")), *to = page;
	json_t *set;

	for (const char *s = page; *s; s++) {
		if (s[0] == '\\' && s[1] == 'f' && s[2])
			s += 2;
		else if (s[0] != '\\')
			*to++ = *s;
	}
	*to = '\0';
	set = long_options(page);
	free(page);
	return set;
}

static void contains_all(json_t *set, json_t *subset, const char *where)
{
	const char *name;
	json_t *unused;

	json_object_foreach(subset, name, unused)
		if (!json_object_get(set, name))
			fail_msg("--%s is not in %s", name, where);
}

static void help_and_man_page_agree(void **state)
{
	json_t *help = help_options(), *man = man_options();

	(void)state;
	assert_true(json_object_size(help) >= 9);
	contains_all(man, help, "docs/vtlb.1");
	contains_all(help, man, "--help");
	json_decref(help);
	json_decref(man);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(table_has_every_rule),
		cmocka_unit_test(one_rule_in_both_numberings),
		cmocka_unit_test(one_rule_as_json),
		cmocka_unit_test(page_is_up_to_date),
		cmocka_unit_test(ambiguities_are_defined),
		cmocka_unit_test(pasted_run_is_real),
		cmocka_unit_test(readme_shows_the_demo),
		cmocka_unit_test(deviations),
		cmocka_unit_test(scopes),
		cmocka_unit_test(shrinks_to_a_test),
		cmocka_unit_test(does_not_shrink_what_holds),
		cmocka_unit_test(help_and_man_page_agree),
	};

	return cmocka_run_group_tests_name("cli rules", tests, NULL, NULL);
}
