/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * docs/trace.md and docs/scopes.md against the parser: their examples parse,
 * every word that the parser knows is in one of the grammars, and the grammars
 * have no word of their own.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vtlb/vtlb.h"

/* Where the words of the language are. */
static const char *const sources[] = {
	"parse.c",	 "parse_decl.c",  "parse_expect.c", "parse_op.c",
	"parse_value.c", "parse_world.c", "scope.c",	"world.c",
};

/* The pages, and what both say of the grammar. */
static char *doc, *scope_doc, *grammar;

static char *load(const char *path)
{
	FILE *f = fopen(path, "rb");
	char *text = calloc(1, 1 << 18);

	assert_non_null(text);
	if (!f) {
		print_message("cannot open %s\n", path);
		fail();
	}
	assert_true(fread(text, 1, (1 << 18) - 1, f) > 0);
	assert_int_equal(fclose(f), 0);
	return text;
}

/* The body of the next block that opens with @fence; NULL after the last. */
static char *block(const char **at, const char *fence)
{
	const char *start = strstr(*at, fence);
	const char *end = start ? strstr(start + strlen(fence), "\n```") : NULL;
	char *body;

	if (!end)
		return NULL;
	start += strlen(fence);
	body = calloc(1, (size_t)(end - start) + 2);
	assert_non_null(body);
	memcpy(body, start, (size_t)(end - start) + 1);
	*at = end + 4;
	return body;
}

static int setup(void **state)
{
	const char *at, *scope_at;
	char *mine, *more;

	(void)state;
	doc = load(VTLB_SOURCE_DIR "/docs/trace.md");
	scope_doc = load(VTLB_SOURCE_DIR "/docs/scopes.md");
	at = doc;
	scope_at = scope_doc;
	mine = block(&at, "```ebnf\n");
	more = block(&scope_at, "```ebnf\n");
	assert_non_null(mine);
	assert_non_null(more);
	grammar = calloc(1, strlen(mine) + strlen(more) + 1);
	assert_non_null(grammar);
	strcat(strcat(grammar, mine), more);
	free(mine);
	free(more);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	free(doc);
	free(scope_doc);
	free(grammar);
	return 0;
}

static void test_examples_parse(void **state)
{
	const char *at = doc;
	unsigned int n = 0;
	char *body;

	(void)state;
	while ((body = block(&at, "```vtlb-trace\n"))) {
		struct vtlb_trace t;
		struct vtlb_diag d;

		if (vtlb_trace_parse(body, strlen(body), &t, &d)) {
			print_message("%s\n%u:%u: %s\n", body, d.line, d.column, d.message);
			fail();
		}
		vtlb_trace_free(&t);
		free(body);
		n++;
	}
	assert_int_equal(n, 4);
}

static void test_scope_examples_parse(void **state)
{
	const char *at = scope_doc;
	unsigned int n = 0;
	char *body;

	(void)state;
	while ((body = block(&at, "```vtlb-scope\n"))) {
		struct vtlb_scope s;
		struct vtlb_diag d;

		if (vtlb_scope_parse(body, strlen(body), &s, &d)) {
			print_message("%s\n%u:%u: %s\n", body, d.line, d.column, d.message);
			fail();
		}
		vtlb_scope_free(&s);
		free(body);
		n++;
	}
	assert_int_equal(n, 1);
}

static bool has_quoted(const char *text, const char *word, size_t len)
{
	char quoted[70];

	(void)snprintf(quoted, sizeof(quoted), "\"%.*s\"", (int)len, word);
	return strstr(text, quoted);
}

/* String literals that look like a word of the language. */
static bool is_word(const char *s, size_t len)
{
	if (len == 0 || len > 20)
		return false;
	for (size_t i = 0; i < len; i++) {
		bool inside = s[i] == '-' || s[i] == '.' || (s[i] >= '0' && s[i] <= '9');

		if (!(s[i] >= 'a' && s[i] <= 'z') && !(i && inside))
			return false;
	}
	return true;
}

static unsigned int check_source(const char *name, unsigned int *missing)
{
	char path[300], *text;
	unsigned int n = 0;

	(void)snprintf(path, sizeof(path), VTLB_SOURCE_DIR "/model/trace/%s", name);
	text = load(path);
	for (const char *p = strchr(text, '"'); p; p = strchr(p + 1, '"')) {
		size_t len = strcspn(p + 1, "\"");

		if (is_word(p + 1, len) && strncmp(p - 9, "#include ", 9) &&
		    strncmp(p + 1, "kernel.pt", len)) {
			n++;
			if (!has_quoted(grammar, p + 1, len)) {
				print_message("%s: \"%.*s\" is not in the grammar\n", name,
					      (int)len, p + 1);
				++*missing;
			}
		}
		p += len + 1;
	}
	free(text);
	return n;
}

static void test_words_are_in_the_grammar(void **state)
{
	unsigned int n = 0, missing = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(sources) / sizeof(sources[0]); i++)
		n += check_source(sources[i], &missing);
	assert_int_equal(missing, 0);
	assert_true(n > 100); /* or the search above has stopped working */
}

/* A word of the grammar stands in a source as a literal. */
static void test_grammar_has_no_other_words(void **state)
{
	char *text[sizeof(sources) / sizeof(sources[0])];
	unsigned int missing = 0, n = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(sources) / sizeof(sources[0]); i++) {
		char path[300];

		(void)snprintf(path, sizeof(path), VTLB_SOURCE_DIR "/model/trace/%s", sources[i]);
		text[i] = load(path);
	}
	for (const char *p = strchr(grammar, '"'); p; p = strchr(p + 1, '"')) {
		size_t len = strcspn(p + 1, "\"");
		bool found = false;

		if (is_word(p + 1, len)) {
			n++;
			for (size_t i = 0; i < sizeof(sources) / sizeof(sources[0]); i++)
				found |= has_quoted(text[i], p + 1, len);
			if (!found) {
				print_message("\"%.*s\" is not in the parser\n", (int)len, p + 1);
				missing++;
			}
		}
		p += len + 1;
	}
	for (size_t i = 0; i < sizeof(sources) / sizeof(sources[0]); i++)
		free(text[i]);
	assert_int_equal(missing, 0);
	assert_true(n > 100);
}

static void is_documented(const char *name)
{
	char quoted[40];

	(void)snprintf(quoted, sizeof(quoted), "`%s`", name);
	if (!strstr(doc, quoted)) {
		print_message("%s is not in docs/trace.md\n", quoted);
		fail();
	}
}

static void test_bits_and_features(void **state)
{
	(void)state;
	for (uint32_t bit = 1; bit < VTLB_CSL; bit <<= 1)
		is_documented(vtlb_bit_name(bit));
	for (uint32_t f = 1; f <= VTLB_F_PSE; f <<= 1)
		is_documented(vtlb_feature_name(f));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_examples_parse),
		cmocka_unit_test(test_scope_examples_parse),
		cmocka_unit_test(test_words_are_in_the_grammar),
		cmocka_unit_test(test_grammar_has_no_other_words),
		cmocka_unit_test(test_bits_and_features),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
