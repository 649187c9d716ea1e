/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Scopes: what they have that traces have not.  Their operations are a set, so
 * one that is there twice is more likely a slip than meant.
 */
#include <stdlib.h>
#include <string.h>

#include "internal.h"

/* A text in quotes, put behind what @dst has already.  @size counts the NUL. */
static bool parse_text_into(struct parser *p, char *dst, size_t size)
{
	size_t len = strlen(dst), blank = len ? 1 : 0, more;

	if (p->tok.kind != TOK_STRING || p->tok.len == 2)
		return parse_expected(p, "a text in double quotes");
	more = p->tok.len - 2;
	if (len + blank + more >= size)
		return parse_fail(p, &p->tok, VTLB_E_LIMIT,
				  "found a text of %zu characters, expected at most %zu",
				  len + blank + more, size - 1);
	if (blank)
		dst[len++] = ' ';
	memcpy(dst + len, p->tok.s + 1, more);
	dst[len + more] = '\0';
	parse_next(p);
	return true;
}

static bool word_about(struct parser *p)
{
	return parse_text_into(p, p->scope->about, sizeof(p->scope->about));
}

static bool word_by_table(struct parser *p)
{
	p->scope->by_table = true;
	return true;
}

/* vacuous I-PF "why no #PF is due in this scope" */
static bool word_vacuous(struct parser *p)
{
	struct vtlb_scope *s = p->scope;
	struct vtlb_scope_vacuous *v = &s->vacuous[s->nvacuous];
	struct tok t = p->tok;

	if (s->nvacuous == VTLB_SCOPE_VACUOUS)
		return parse_fail(p, &t, VTLB_E_LIMIT, "found more than %d 'vacuous' lines",
				  VTLB_SCOPE_VACUOUS);
	if (!parse_rule(p, &v->rule))
		return false;
	for (size_t i = 0; i < s->nvacuous; i++) {
		if (s->vacuous[i].rule == v->rule)
			return parse_fail(p, &t, VTLB_E_PARSE,
					  "found '%.*s', which is there already", (int)t.len, t.s);
	}
	s->nvacuous++;
	return parse_text_into(p, v->why, sizeof(v->why));
}

/* Lines about the scope as a whole; they may stand anywhere behind the world line. */
bool parse_scope_word(struct parser *p, bool *found)
{
	static const struct {
		const char *word;
		bool (*parse)(struct parser *p);
	} words[] = {
		{ "about", word_about }, { "by-table", word_by_table }, { "vacuous", word_vacuous },
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (take_word(p, words[i].word)) {
			*found = true;
			return words[i].parse(p);
		}
	}
	return true;
}

bool parse_scope_op(struct parser *p)
{
	const struct vtlb_trace *t = p->t;
	size_t last = t->nops;
	struct tok first = p->tok;

	if (!parse_vcpu(p) || !parse_op(p))
		return false;
	for (size_t i = 0; i < last; i++) {
		if (!memcmp(&t->ops[i], &t->ops[last], sizeof(t->ops[i])))
			return parse_fail(p, &first, VTLB_E_PARSE,
					  "found the operation of line %u again, expected each once",
					  (unsigned int)t->line[i]);
	}
	if (last == VTLB_MAX_ALPHABET)
		return parse_fail(p, &first, VTLB_E_LIMIT,
				  "found an operation too many, expected at most %d",
				  VTLB_MAX_ALPHABET);
	return true;
}

enum vtlb_err vtlb_scope_parse(const char *text, size_t len, struct vtlb_scope *s,
			       struct vtlb_diag *diag)
{
	struct vtlb_trace t;
	enum vtlb_err err;

	memset(s, 0, sizeof(*s));
	err = parse_language(text, len, &t, s, diag);
	if (err) {
		memset(s, 0, sizeof(*s));
		return err;
	}
	memcpy(&s->world, &t.world, sizeof(s->world));
	s->reading = t.reading;
	s->nops = t.nops;
	s->ops = t.ops;
	t.ops = NULL;
	vtlb_trace_free(&t);
	return VTLB_OK;
}

void vtlb_scope_free(struct vtlb_scope *s)
{
	free(s->ops);
	memset(s, 0, sizeof(*s));
}

enum vtlb_err vtlb_scope_trace(const struct vtlb_scope *s, const struct vtlb_op *ops, size_t n,
			       struct vtlb_trace *t)
{
	memset(t, 0, sizeof(*t));
	if (n) {
		t->ops = malloc(n * sizeof(*ops));
		if (!t->ops)
			return VTLB_E_NOMEM;
		memcpy(t->ops, ops, n * sizeof(*ops));
	}
	memcpy(&t->world, &s->world, sizeof(t->world));
	t->reading = s->reading;
	t->nops = n;
	return VTLB_OK;
}
