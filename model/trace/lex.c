/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The lexer of traces and scopes: one pass, no copy, no allocation.  A trace
 * of a million lines spends most of its parsing time here.
 */
#include <string.h>

#include "internal.h"

enum { C_OTHER, C_BLANK, C_DOT, C_LETTER, C_DIGIT };

#define L C_LETTER
#define D C_DIGIT
static const uint8_t classes[256] = {
	['\t'] = C_BLANK, ['\r'] = C_BLANK, [' '] = C_BLANK, ['.'] = C_DOT, ['_'] = L,
	['0'] = D, ['1'] = D, ['2'] = D, ['3'] = D, ['4'] = D,
	['5'] = D, ['6'] = D, ['7'] = D, ['8'] = D, ['9'] = D,
	['a'] = L, ['b'] = L, ['c'] = L, ['d'] = L, ['e'] = L, ['f'] = L, ['g'] = L,
	['h'] = L, ['i'] = L, ['j'] = L, ['k'] = L, ['l'] = L, ['m'] = L, ['n'] = L,
	['o'] = L, ['p'] = L, ['q'] = L, ['r'] = L, ['s'] = L, ['t'] = L, ['u'] = L,
	['v'] = L, ['w'] = L, ['x'] = L, ['y'] = L, ['z'] = L,
	['A'] = L, ['B'] = L, ['C'] = L, ['D'] = L, ['E'] = L, ['F'] = L, ['G'] = L,
	['H'] = L, ['I'] = L, ['J'] = L, ['K'] = L, ['L'] = L, ['M'] = L, ['N'] = L,
	['O'] = L, ['P'] = L, ['Q'] = L, ['R'] = L, ['S'] = L, ['T'] = L, ['U'] = L,
	['V'] = L, ['W'] = L, ['X'] = L, ['Y'] = L, ['Z'] = L,
};
#undef L
#undef D

static unsigned int class_of(char c)
{
	return classes[(unsigned char)c];
}

static bool in_word(char c)
{
	return class_of(c) >= C_DOT;
}

void lex_init(struct lexer *lx, const char *text, size_t len)
{
	lx->p = text;
	lx->end = text + len;
	lx->bol = text;
	lx->line = 1;
}

/* A hyphen joins two parts of a word ("host-zap"), but "user->f1" are three tokens. */
static const char *word_end(const char *p, const char *end)
{
	while (p < end) {
		if (in_word(*p))
			p++;
		else if (*p == '-' && p + 1 < end && class_of(p[1]) >= C_LETTER)
			p += 2;
		else
			break;
	}
	return p;
}

static int digit_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return 99;
}

static enum tok_kind number(const char *p, const char *end, uint64_t *value)
{
	uint64_t base = 10;

	*value = 0;
	if (end - p > 2 && p[0] == '0' && (p[1] == 'x' || p[1] == 'X')) {
		base = 16;
		p += 2;
	}
	for (; p < end; p++) {
		uint64_t digit = (uint64_t)digit_value(*p);

		if (digit >= base || *value > (UINT64_MAX - digit) / base)
			return TOK_BAD;
		*value = *value * base + digit;
	}
	return TOK_NUMBER;
}

/* '#' starts a comment except where an exception can stand. */
static bool exception_after(const struct tok *t)
{
	if (t->kind == TOK_PUNCT)
		return t->punct == '=' || t->punct == ',' || t->punct == PUNCT2('-', '>');
	return t->kind == TOK_WORD && t->len == 5 && !memcmp(t->s, "fault", 5);
}

static bool is_exception(const char *p, const char *end)
{
	return end - p >= 3 &&
	       (!memcmp(p, "#PF", 3) || !memcmp(p, "#GP", 3) || !memcmp(p, "#UD", 3));
}

static bool two_chars(char a, char b)
{
	return (b == '=' && (a == '|' || a == '&' || a == '^')) || (a == '-' && b == '>');
}

/* A text in quotes ends on its line and can be shown as it is: no escapes, no bytes. */
static const char *string(const char *p, const char *end, enum tok_kind *kind)
{
	for (p++; p < end && *p != '"'; p++) {
		if (*p < 0x20 || *p > 0x7e)
			break;
	}
	*kind = p < end && *p == '"' ? TOK_STRING : TOK_BAD;
	return *kind == TOK_STRING ? p + 1 : p;
}

static const char punctuation[] = { '=', '|', '&', '^', '~', '[', ']', '(', ')', ',', ':', '-' };

void lex_next(struct lexer *lx, struct tok *t)
{
	const char *p = lx->p;

	while (p < lx->end && class_of(*p) == C_BLANK)
		p++;
	if (p < lx->end && *p == '#' && !(exception_after(t) && is_exception(p, lx->end))) {
		p = memchr(p, '\n', (size_t)(lx->end - p));
		if (!p)
			p = lx->end;
	}
	t->s = p;
	t->line = lx->line;
	t->column = (uint32_t)(p - lx->bol) + 1;
	t->value = 0;
	t->punct = 0;
	if (p == lx->end) {
		t->kind = TOK_END;
	} else if (*p == '\n') {
		t->kind = TOK_NEWLINE;
		p++;
		lx->line++;
		lx->bol = p;
	} else if (class_of(*p) == C_LETTER) {
		t->kind = TOK_WORD;
		p = word_end(p, lx->end);
	} else if (class_of(*p) == C_DIGIT) {
		p = word_end(p, lx->end);
		t->kind = number(t->s, p, &t->value);
	} else if (*p == '#') { /* comments are gone */
		t->kind = TOK_EXCEPTION;
		p += 3;
	} else if (*p == '"') {
		p = string(p, lx->end, &t->kind);
	} else if (memchr(punctuation, *p, sizeof(punctuation))) {
		size_t n = p + 1 < lx->end && two_chars(p[0], p[1]) ? 2 : 1;

		t->kind = TOK_PUNCT;
		t->punct = n == 2 ? PUNCT2(p[0], p[1]) : (uint32_t)*p;
		p += n;
	} else {
		t->kind = TOK_BAD;
		p++;
	}
	t->len = (size_t)(p - t->s);
	lx->p = p;
}
