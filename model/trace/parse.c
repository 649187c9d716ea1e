/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The parser of traces and scopes: token helpers, errors with their place, and
 * the loop over statements.  One statement a line.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "internal.h"

void parse_next(struct parser *p)
{
	lex_next(&p->lx, &p->tok);
}

bool parse_fail(struct parser *p, const struct tok *t, enum vtlb_err err, const char *fmt, ...)
{
	va_list ap;

	p->err = err;
	p->diag->line = t->line;
	p->diag->column = t->column;
	va_start(ap, fmt);
	(void)vsnprintf(p->diag->message, sizeof(p->diag->message), fmt, ap);
	va_end(ap);
	return false;
}

bool parse_expected(struct parser *p, const char *what)
{
	const struct tok *t = &p->tok;
	int len = t->len < 40 ? (int)t->len : 40;

	switch (t->kind) {
	case TOK_END:
		return parse_fail(p, t, VTLB_E_PARSE, "found end of file, expected %s", what);
	case TOK_NEWLINE:
		return parse_fail(p, t, VTLB_E_PARSE, "found end of line, expected %s", what);
	case TOK_BAD:
		if (t->s[0] < 0x20 || t->s[0] > 0x7e)
			return parse_fail(p, t, VTLB_E_PARSE, "found byte 0x%02x, expected %s",
					  (unsigned int)(unsigned char)t->s[0], what);
		return parse_fail(p, t, VTLB_E_PARSE, "found malformed '%.*s', expected %s", len,
				  t->s, what);
	default:
		return parse_fail(p, t, VTLB_E_PARSE, "found '%.*s', expected %s", len, t->s, what);
	}
}

int tok_find_name(const struct tok *t, const char (*names)[VTLB_NAME], unsigned int n)
{
	if (t->kind != TOK_WORD || t->len >= VTLB_NAME)
		return -1;
	for (unsigned int i = 0; i < n; i++) {
		if (!memcmp(names[i], t->s, t->len) && !names[i][t->len])
			return (int)i;
	}
	return -1;
}

bool parse_punct(struct parser *p, uint32_t punct, const char *what)
{
	return take_punct(p, punct) || parse_expected(p, what);
}

bool parse_number(struct parser *p, uint64_t max, const char *what, uint64_t *value)
{
	if (p->tok.kind != TOK_NUMBER || p->tok.value > max)
		return parse_expected(p, what);
	*value = p->tok.value;
	parse_next(p);
	return true;
}

bool parse_name(struct parser *p, const char (*names)[VTLB_NAME], unsigned int n,
		const char *what, unsigned int *index)
{
	int i = tok_find_name(&p->tok, names, n);

	if (i < 0)
		return parse_expected(p, what);
	*index = (unsigned int)i;
	parse_next(p);
	return true;
}

static bool parse_end_of_line(struct parser *p)
{
	if (!tok_ends_line(&p->tok))
		return parse_expected(p, "end of line");
	if (p->tok.kind == TOK_NEWLINE)
		parse_next(p);
	return true;
}

static void skip_blank_lines(struct parser *p)
{
	while (p->tok.kind == TOK_NEWLINE)
		parse_next(p);
}

static bool parse_head(struct parser *p)
{
	uint64_t version = 0;

	skip_blank_lines(p);
	if (!take_word(p, p->scope ? "vtlb-scope" : "vtlb-trace"))
		return parse_expected(p, p->scope ? "'vtlb-scope 1'" : "'vtlb-trace 1'");
	if (!parse_number(p, 1, "version 1", &version))
		return false;
	if (version != 1)
		return parse_fail(p, &p->tok, VTLB_E_PARSE, "found version 0, expected version 1");
	if (!parse_end_of_line(p))
		return false;
	skip_blank_lines(p);
	p->world_line = p->tok.line;
	return parse_world_line(p) && parse_end_of_line(p);
}

/* "cpu1:" before an operation or an expectation */
bool parse_vcpu(struct parser *p)
{
	const struct tok *t = &p->tok;
	struct tok word = *t;

	p->vcpu = 0;
	if (t->kind != TOK_WORD || t->len != 4 || memcmp(t->s, "cpu", 3) || t->s[3] < '0' ||
	    t->s[3] > '9')
		return true;
	p->vcpu = (uint8_t)(t->s[3] - '0');
	if (p->vcpu >= p->w->nvcpus)
		return parse_fail(p, &word, VTLB_E_PARSE,
				  "found '%.4s', expected one of the %u vCPUs, counted from 0",
				  word.s, (unsigned int)p->w->nvcpus);
	parse_next(p);
	return parse_punct(p, ':', "':'");
}

static bool parse_statement(struct parser *p)
{
	bool found = false;

	if (p->scope && !parse_scope_word(p, &found))
		return false;
	if (!found && !parse_declaration(p, &found))
		return false;
	if (found)
		return true;
	if (!p->fixed && !parse_finish_world(p))
		return false;
	if (p->scope)
		return parse_scope_op(p);
	if (!parse_vcpu(p))
		return false;
	if (take_word(p, "expect"))
		return parse_expect(p);
	return parse_op(p);
}

static bool parse_text(struct parser *p)
{
	parse_next(p);
	if (!parse_head(p))
		return false;
	for (;;) {
		skip_blank_lines(p);
		if (p->tok.kind == TOK_END)
			break;
		if (!parse_statement(p) || !parse_end_of_line(p))
			return false;
	}
	if (p->scope && !p->t->nops)
		return parse_expected(p, "an operation");
	if (!p->t->nops && !p->t->nexpects)
		return parse_expected(p, "an operation or an expect line");
	return true;
}

enum vtlb_err parse_language(const char *text, size_t len, struct vtlb_trace *t,
			     struct vtlb_scope *scope, struct vtlb_diag *diag)
{
	struct parser *p = calloc(1, sizeof(*p));
	enum vtlb_err err = VTLB_E_NOMEM;
	const char *why;

	memset(t, 0, sizeof(*t));
	memset(diag, 0, sizeof(*diag));
	if (!p) {
		(void)snprintf(diag->message, sizeof(diag->message), "out of memory");
		return err;
	}
	p->t = t;
	p->scope = scope;
	p->w = &t->world;
	p->diag = diag;
	/* The token before the first: nothing after which an exception can stand. */
	p->tok.kind = TOK_NEWLINE;
	lex_init(&p->lx, text, len);
	trace_world_head(p->w);
	if (!parse_text(p)) {
		err = p->err;
		vtlb_trace_free(t);
	} else if (!vtlb_world_check(p->w, &why)) {
		diag->line = p->world_line;
		diag->column = 1;
		(void)snprintf(diag->message, sizeof(diag->message),
			       "found a world in which %s", why);
		err = VTLB_E_WORLD;
		vtlb_trace_free(t);
	} else {
		err = VTLB_OK;
	}
	free(p);
	return err;
}

enum vtlb_err vtlb_trace_parse(const char *text, size_t len, struct vtlb_trace *t,
			       struct vtlb_diag *diag)
{
	return parse_language(text, len, t, NULL, diag);
}

void vtlb_trace_free(struct vtlb_trace *t)
{
	free(t->ops);
	free(t->line);
	free(t->expects);
	memset(t, 0, sizeof(*t));
}
