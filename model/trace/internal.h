/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Private to model/trace: the lexer, the parser's state, and what parser and
 * printer have to agree on (the shorthand world and the order of interning).
 * Traces and scopes are one language with two kinds of statements.
 */
#ifndef VTLB_TRACE_INTERNAL_H
#define VTLB_TRACE_INTERNAL_H

#include <string.h>

#include "../base/text.h"
#include "vtlb/scope.h"
#include "vtlb/trace.h"

enum tok_kind {
	TOK_WORD,
	TOK_NUMBER,
	TOK_PUNCT,	/* one or two characters, see lex.c */
	TOK_STRING,	/* with its quotes; printable ASCII on one line */
	TOK_EXCEPTION,	/* #PF, #GP, #UD where an outcome or a fault may stand */
	TOK_NEWLINE,
	TOK_END,
	TOK_BAD,	/* a byte or number that no token starts with or is */
};

/**
 * struct tok - one token, pointing into the text
 * @value: of a TOK_NUMBER
 * @punct: of a TOK_PUNCT: its characters, the first in the low byte
 */
struct tok {
	enum tok_kind kind;
	uint32_t line, column;
	const char *s;
	size_t len;
	uint64_t value;
	uint32_t punct;
};

struct lexer {
	const char *p, *end, *bol;
	uint32_t line;
};

void lex_init(struct lexer *lx, const char *text, size_t len);
/* The token after @t; @t, the one before, decides whether '#' can start an exception. */
void lex_next(struct lexer *lx, struct tok *t);

#define PUNCT2(a, b) ((uint32_t)(a) | (uint32_t)(b) << 8)

/**
 * struct draft - the initial contents of page tables while a world is declared
 *
 * Values are interned only when the world section ends, in the order of the
 * tables, so that the order of declarations does not matter.
 */
struct draft {
	struct vtlb_leaf leaf[VTLB_MAX_LEAFS][VTLB_MAX_ENTRIES];
	bool given[VTLB_MAX_LEAFS][VTLB_MAX_ENTRIES];		/* flags are meant */
	bool frame_given[VTLB_MAX_LEAFS][VTLB_MAX_ENTRIES];	/* the frame too */
};

/* Default flags of a leaf: private pages and all else; shared pages. */
#define LEAF_DEFAULT (VTLB_LEAF_P | VTLB_LEAF_W | VTLB_LEAF_U | VTLB_LEAF_D)
#define LEAF_SHARED (VTLB_LEAF_P | VTLB_LEAF_W | VTLB_LEAF_G | VTLB_LEAF_D)

/* A page of the shorthand; linear 0: the default address. */
struct short_page {
	char name[VTLB_NAME];
	bool shared;
	uint64_t linear;
};

/* world.c */
void trace_set_name(char dst[VTLB_NAME], const char *s, size_t len);
void trace_world_head(struct vtlb_world *w);
uint32_t trace_default_mode(uint32_t features);
const char *trace_short_layout(struct vtlb_world *w, struct draft *d,
			       const struct short_page *page, unsigned int npages);
void trace_name_frames(struct vtlb_world *w, unsigned int n);
bool trace_fill_draft(struct vtlb_world *w, struct draft *d, bool named_frames);
bool trace_intern_draft(struct vtlb_world *w, const struct draft *d);
bool trace_page_entry(const struct vtlb_world *w, unsigned int root, unsigned int page,
		      unsigned int *table, unsigned int *entry);
bool trace_entry_used(const struct vtlb_world *w, unsigned int table, unsigned int entry);
unsigned int trace_default_flags(const struct vtlb_world *w, unsigned int table,
				 unsigned int entry, unsigned int *frame);

/* Order in which a parser would intern a trace's PCIDs, values and frames. */
void trace_intern_op(struct vtlb_world *scratch, const struct vtlb_world *w, struct vtlb_op op);

/* Flag words of a leaf value, in printing order. */
struct flag_word {
	const char *set, *clear;
	unsigned int flag;
};

extern const struct flag_word trace_flag_words[];
extern const unsigned int trace_nr_flag_words;

/* Accesses of an expectation: bits of enum vtlb_kind for a choice of words. */
enum { WORD_ANY, WORD_FIRST, WORD_SECOND, WORD_THIRD };
unsigned int trace_kinds(unsigned int cpl, unsigned int type, unsigned int ac);

/* Words of #PF error code bits; index is the bit. */
extern const char *const trace_pf_words[5];

/* Declarations that may be there once (parser.seen). */
enum {
	DECL_FRAMES = 1u << 0,
	DECL_PCIDS = 1u << 1,
	DECL_VALUES = 1u << 2,
	DECL_ROOTS = 1u << 3,
	DECL_UPPERS = 1u << 4,
	DECL_TABLES = 1u << 5,
	DECL_SLOTS = 1u << 6,
	DECL_START = 1u << 7,
};


/**
 * struct parser - a parse under way
 * @tok: the next token, not yet taken
 * @scope: what the text is parsed into besides @t; NULL: it is a trace
 * @named_frames: a frames line fixed the set of frames
 * @fixed: the world section is over
 */
struct parser {
	struct lexer lx;
	struct tok tok;
	struct vtlb_trace *t;
	struct vtlb_scope *scope;
	struct vtlb_world *w;
	struct vtlb_diag *diag;
	enum vtlb_err err;
	size_t ops_cap, expects_cap;

	struct draft draft;
	struct short_page page[VTLB_MAX_PAGES];
	struct { struct vtlb_leaf leaf[VTLB_MAX_ROOTS]; bool given[VTLB_MAX_ROOTS],
		 frame[VTLB_MAX_ROOTS]; } page_value[VTLB_MAX_PAGES];
	uint32_t seen;		/* OR of DECL_* */
	uint32_t world_line;
	bool named_frames, explicit_tables, laid_out, fixed;
	uint8_t vcpu;		/* of the statement that is being parsed */
};

/* parse.c: a whole text.  @scope: NULL for a trace; its world and operations go to @t. */
enum vtlb_err parse_language(const char *text, size_t len, struct vtlb_trace *t,
			     struct vtlb_scope *scope, struct vtlb_diag *diag);

/* parse.c: token helpers.  All parse_* return false after having recorded an error. */
void parse_next(struct parser *p);
bool parse_fail(struct parser *p, const struct tok *t, enum vtlb_err err, const char *fmt, ...)
	VTLB_PRINTF(4, 5);
bool parse_expected(struct parser *p, const char *what);
bool parse_punct(struct parser *p, uint32_t punct, const char *what);
bool parse_number(struct parser *p, uint64_t max, const char *what, uint64_t *value);
bool parse_name(struct parser *p, const char (*names)[VTLB_NAME], unsigned int n,
		const char *what, unsigned int *index);
bool parse_vcpu(struct parser *p);
int tok_find_name(const struct tok *t, const char (*names)[VTLB_NAME], unsigned int n);

/* Inline, so that the length of a literal is known: most tokens are words. */
static inline bool tok_is_word(const struct tok *t, const char *word)
{
	return t->kind == TOK_WORD && strlen(word) == t->len && !memcmp(t->s, word, t->len);
}

static inline bool tok_is_punct(const struct tok *t, uint32_t punct)
{
	return t->kind == TOK_PUNCT && t->punct == punct;
}

static inline bool tok_ends_line(const struct tok *t)
{
	return t->kind == TOK_NEWLINE || t->kind == TOK_END;
}

static inline bool take_word(struct parser *p, const char *word)
{
	if (!tok_is_word(&p->tok, word))
		return false;
	parse_next(p);
	return true;
}

static inline bool take_punct(struct parser *p, uint32_t punct)
{
	if (!tok_is_punct(&p->tok, punct))
		return false;
	parse_next(p);
	return true;
}

/* parse_world.c, parse_decl.c */
bool parse_either(struct parser *p, const char *zero, const char *one, const char *what,
		  uint8_t *value);
bool parse_range(struct parser *p, unsigned int low, unsigned int high, const char *what,
		 uint8_t *value);
bool parse_world_line(struct parser *p);
bool parse_start(struct parser *p);
bool parse_layout(struct parser *p);
bool parse_declaration(struct parser *p, bool *found);
bool parse_finish_world(struct parser *p);

/* parse_value.c */
bool parse_frame(struct parser *p, const char *what, unsigned int *frame);
bool parse_leaf(struct parser *p, unsigned int def_frame, unsigned int def_flags,
		struct vtlb_leaf *leaf, bool *frame_given);
bool parse_bits(struct parser *p, enum vtlb_opcode code, bool commas, uint32_t *bits);
bool parse_outcome(struct parser *p, uint32_t *outcome);
bool parse_pcid(struct parser *p, uint32_t *pcid);

/* parse_op.c, parse_expect.c */
bool parse_op(struct parser *p);
bool parse_expect(struct parser *p);
bool parse_rule(struct parser *p, int16_t *rule);

/* scope.c */
bool parse_scope_word(struct parser *p, bool *found);
bool parse_scope_op(struct parser *p);

/* print.c */
void put_hex(struct vtlb_text *o, uint64_t v);
void put_op(struct vtlb_text *o, const struct vtlb_world *w, struct vtlb_op op);
void put_outcome(struct vtlb_text *o, const struct vtlb_world *w, uint32_t outcome);
void put_bits(struct vtlb_text *o, uint32_t bits);
void put_leaf(struct vtlb_text *o, const struct vtlb_world *w, struct vtlb_leaf leaf,
	      unsigned int def_flags);

/* run.c */
enum vtlb_err trace_run(const struct vtlb_trace *t, const struct vtlb_run_config *cfg,
			vtlb_run_step_fn fn, void *ctx, struct vtlb_run_result *res,
			struct vtlb_violation *strict);

/* print_world.c */
void put_world(struct vtlb_text *o, const struct vtlb_trace *t);

#endif /* VTLB_TRACE_INTERNAL_H */
