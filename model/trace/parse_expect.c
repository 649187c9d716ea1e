/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Expectations of the trace language.  A page may be called "user" or "read",
 * so words of an access count as such only where more of it follows.
 */
#include <stdlib.h>
#include <string.h>

#include "internal.h"

static bool add(struct parser *p, struct vtlb_expect e, uint32_t line)
{
	struct vtlb_trace *t = p->t;

	if (t->nexpects == p->expects_cap) {
		size_t cap = p->expects_cap ? p->expects_cap * 2 : 8;
		struct vtlb_expect *more = realloc(t->expects, cap * sizeof(*more));

		if (!more)
			return parse_fail(p, &p->tok, VTLB_E_NOMEM, "out of memory");
		t->expects = more;
		p->expects_cap = cap;
	}
	e.after_step = (uint32_t)t->nops;
	e.line = line;
	t->expects[t->nexpects++] = e;
	return true;
}

/* A token that something other than '=', 'ac' or 'noac' follows is not the page. */
static bool more_follows(const struct parser *p)
{
	struct lexer lx = p->lx;
	struct tok t = p->tok;

	lex_next(&lx, &t);
	return t.kind == TOK_WORD && !tok_is_word(&t, "ac") && !tok_is_word(&t, "noac");
}

static unsigned int take_choice(struct parser *p, const char *const words[3])
{
	for (unsigned int i = 0; i < 3 && words[i]; i++) {
		if (tok_is_word(&p->tok, words[i]) && more_follows(p)) {
			parse_next(p);
			return i + 1;
		}
	}
	return WORD_ANY;
}

static bool parse_which(struct parser *p, struct vtlb_expect *e)
{
	static const char *const cpl[3] = { "user", "super" };
	static const char *const type[3] = { "read", "write", "fetch" };
	unsigned int c = take_choice(p, cpl);
	unsigned int t = take_choice(p, type);
	unsigned int a = WORD_ANY;
	unsigned int page;

	if (!parse_name(p, p->w->page_name, p->w->npages, "a page", &page))
		return false;
	if (take_word(p, "ac"))
		a = WORD_FIRST;
	else if (take_word(p, "noac"))
		a = WORD_SECOND;
	e->page = (uint8_t)page;
	e->kinds = (uint8_t)trace_kinds(c, t, a);
	return true;
}

static void want(struct vtlb_expect *e, uint32_t outcome)
{
	uint32_t bit = 1u << vtlb_outcome_index(outcome);

	switch (vtlb_outcome_kind(outcome)) {
	case VTLB_OUT_FRAME:
		e->want.frames |= bit;
		break;
	case VTLB_OUT_DIRTIED:
		e->want.dirtied |= bit;
		break;
	default:
		e->want.faults |= bit;
		break;
	}
}

static bool parse_outcomes(struct parser *p, struct vtlb_expect *e)
{
	uint32_t outcome;

	if (!parse_which(p, e) || !parse_punct(p, '=', "'='"))
		return false;
	do {
		if (!parse_outcome(p, &outcome))
			return false;
		want(e, outcome);
	} while (take_punct(p, ','));
	return true;
}

static bool parse_fault(struct parser *p, struct vtlb_expect *e)
{
	uint64_t zero;

	if (!p->t->nops)
		return parse_fail(p, &p->tok, VTLB_E_PARSE,
				  "found 'expect fault' before the first operation");
	e->fault = VTLB_NO_FAULT;
	if (take_word(p, "none"))
		return true;
	if (p->tok.kind == TOK_EXCEPTION && !memcmp(p->tok.s, "#UD", 3)) {
		e->fault = VTLB_UD;
		parse_next(p);
		return true;
	}
	if (p->tok.kind != TOK_EXCEPTION || memcmp(p->tok.s, "#GP", 3))
		return parse_expected(p, "'#GP(0)', '#UD' or 'none'");
	e->fault = VTLB_GP0;
	parse_next(p);
	return parse_punct(p, '(', "'(0)'") && parse_number(p, 0, "0", &zero) &&
	       parse_punct(p, ')', "')'");
}

bool parse_rule(struct parser *p, int16_t *rule)
{
	struct tok t = p->tok;
	char id[64];
	int index;

	if (t.kind != TOK_WORD || t.len >= sizeof(id))
		return parse_expected(p, "the id of a rule");
	memcpy(id, t.s, t.len);
	id[t.len] = '\0';
	index = vtlb_rule_by_id(id);
	if (index < 0)
		return parse_expected(p, "the id of a rule (see 'vtlb list rules')");
	*rule = (int16_t)index;
	parse_next(p);
	return true;
}

/* violates I-CR4-PCIDE10 at 7 */
static bool parse_violates(struct parser *p, struct vtlb_expect *e)
{
	uint64_t step;

	if (!parse_rule(p, &e->rule))
		return false;
	if (!take_word(p, "at"))
		return parse_expected(p, "'at'");
	if (!parse_number(p, p->t->nops, "a step that has been taken (they count operations)",
			  &step))
		return false;
	e->step = (uint32_t)step;
	return true;
}

static bool parse_kind(struct parser *p, struct vtlb_expect *e)
{
	e->contract = take_word(p, "contract");
	if (take_word(p, "may")) {
		e->kind = VTLB_EXP_MAY;
		return parse_outcomes(p, e);
	}
	if (take_word(p, "only")) {
		e->kind = VTLB_EXP_ONLY;
		return parse_outcomes(p, e);
	}
	if (take_word(p, "never")) {
		e->kind = VTLB_EXP_NEVER;
		return parse_outcomes(p, e);
	}
	if (e->contract)
		return parse_expected(p, "'may', 'only' or 'never'");
	e->vcpu = 0; /* of the whole run from here on */
	if (take_word(p, "fault")) {
		e->kind = VTLB_EXP_FAULT;
		return parse_fault(p, e);
	}
	if (take_word(p, "holds")) {
		e->kind = VTLB_EXP_HOLDS;
		return true;
	}
	if (take_word(p, "violates")) {
		e->kind = VTLB_EXP_VIOLATES;
		return parse_violates(p, e);
	}
	return parse_expected(p, "'may', 'only', 'never', 'contract', 'fault', 'holds' or "
				 "'violates'");
}

bool parse_expect(struct parser *p)
{
	struct vtlb_expect e;
	uint32_t line = p->tok.line;

	memset(&e, 0, sizeof(e));
	e.vcpu = p->vcpu;
	e.rule = -1;
	return parse_kind(p, &e) && add(p, e, line);
}
