/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Operation lines of traces and scopes.
 */
#include <stdlib.h>
#include <string.h>

#include "internal.h"

static bool grow(struct parser *p)
{
	struct vtlb_trace *t = p->t;
	size_t cap = p->ops_cap ? p->ops_cap * 2 : 64;
	struct vtlb_op *ops;
	uint32_t *line;

	if (t->nops >= UINT32_MAX / 2)
		return parse_fail(p, &p->tok, VTLB_E_LIMIT, "found too many operations");
	ops = realloc(t->ops, cap * sizeof(*ops));
	if (ops)
		t->ops = ops;
	line = ops ? realloc(t->line, cap * sizeof(*line)) : NULL;
	if (!line)
		return parse_fail(p, &p->tok, VTLB_E_NOMEM, "out of memory");
	t->line = line;
	p->ops_cap = cap;
	return true;
}

static bool add(struct parser *p, enum vtlb_opcode code, unsigned int a, unsigned int b,
		uint32_t imm)
{
	struct vtlb_trace *t = p->t;

	if (t->nops == p->ops_cap && !grow(p))
		return false;
	/* The line's last token has been read, but never its newline. */
	t->line[t->nops] = p->tok.line;
	t->ops[t->nops++] = vtlb_op_make(code, p->vcpu, a, b, imm);
	return true;
}

/* cr4 |= pge */
static bool op_register(struct parser *p, enum vtlb_opcode code)
{
	enum vtlb_how how;
	uint32_t bits;

	if (take_punct(p, '=')) {
		how = VTLB_HOW_SET;
	} else if (take_punct(p, PUNCT2('|', '='))) {
		how = VTLB_HOW_OR;
	} else if (take_punct(p, PUNCT2('^', '='))) {
		how = VTLB_HOW_XOR;
	} else if (take_punct(p, PUNCT2('&', '='))) {
		how = VTLB_HOW_CLEAR;
		if (!parse_punct(p, '~', "'~'"))
			return false;
	} else {
		return parse_expected(p, "'=', '|=', '&= ~' or '^='");
	}
	if (!parse_bits(p, code, false, &bits))
		return false;
	if (how == VTLB_HOW_CLEAR)
		bits &= ~VTLB_RSVD;
	/* LMA is read-only: the processor ignores what is written to it. */
	if (code == VTLB_OP_WRMSR_EFER)
		bits &= ~(uint32_t)VTLB_LMA;
	return add(p, code, how, 0, bits);
}

static bool op_cr0(struct parser *p)
{
	return op_register(p, VTLB_OP_MOV_CR0);
}

static bool op_cr4(struct parser *p)
{
	return op_register(p, VTLB_OP_MOV_CR4);
}

static bool op_efer(struct parser *p)
{
	return op_register(p, VTLB_OP_WRMSR_EFER);
}

static bool parse_low12(struct parser *p, uint32_t *low12)
{
	uint64_t value;

	if (!parse_punct(p, '=', "'='"))
		return false;
	if (p->w->features & VTLB_F_PCID)
		return parse_pcid(p, low12);
	if (!parse_number(p, 0xfff, "a number from 0 to 0xfff", &value))
		return false;
	*low12 = (uint32_t)value;
	return true;
}

/* cr3 b pcid=1 noflush */
static bool op_cr3(struct parser *p)
{
	uint32_t flags = 0, low12 = 0;
	unsigned int root;

	if (!parse_name(p, p->w->root_name, p->w->nroots, "a root", &root))
		return false;
	while (!tok_ends_line(&p->tok)) {
		if (take_word(p, "noflush")) {
			flags |= VTLB_CR3_NOFLUSH;
		} else if (take_word(p, "rsvd")) {
			flags |= VTLB_CR3_RSVD;
		} else if (take_word(p, "lam")) {
			flags |= VTLB_CR3_LAM;
		} else if (take_word(p, "pcid") || take_word(p, "low12")) {
			if (!parse_low12(p, &low12))
				return false;
		} else {
			return parse_expected(p, "'pcid=', 'low12=', 'noflush', 'rsvd', 'lam' or "
						 "end of line");
		}
	}
	return add(p, VTLB_OP_MOV_CR3, root, 0, low12 | flags);
}

static bool op_invlpg(struct parser *p)
{
	unsigned int page = 0;

	if (!tok_is_word(&p->tok, "noncanonical") &&
	    !parse_name(p, p->w->page_name, p->w->npages, "a page or 'noncanonical'", &page))
		return false;
	return add(p, VTLB_OP_INVLPG, page, take_word(p, "noncanonical"), 0);
}

static bool invpcid_type(struct parser *p, unsigned int *type)
{
	static const char *const words[] = { "addr", "single", "all", "all-nonglobal" };
	uint64_t value;

	for (*type = 0; *type < 4; ++*type) {
		if (take_word(p, words[*type]))
			return true;
	}
	if (!take_word(p, "type"))
		return parse_expected(p, "'addr', 'single', 'all', 'all-nonglobal' or 'type='");
	if (!parse_punct(p, '=', "'='") ||
	    !parse_number(p, 255, "a number from 0 to 255", &value))
		return false;
	*type = (unsigned int)value;
	return true;
}

/* invpcid addr pcid=1 user */
static bool op_invpcid(struct parser *p)
{
	unsigned int type, page = 0;
	uint32_t flags = 0, pcid = 0;
	bool has_pcid = false, has_address = false;

	if (!invpcid_type(p, &type))
		return false;
	while (!tok_ends_line(&p->tok)) {
		uint64_t number;

		if (take_word(p, "rsvd")) {
			flags |= VTLB_INVPCID_RSVD;
		} else if (take_word(p, "noncanonical")) {
			flags |= VTLB_INVPCID_NONCANON;
			has_address = true;
		} else if (take_word(p, "pcid")) {
			has_pcid = true;
			if (!parse_punct(p, '=', "'='"))
				return false;
			if (type <= 1 && !parse_pcid(p, &pcid))
				return false;
			if (type > 1) {
				if (!parse_number(p, 0xfff, "a number from 0 to 0xfff", &number))
					return false;
				pcid = (uint32_t)number;
			}
		} else {
			if (!parse_name(p, p->w->page_name, p->w->npages,
					"'pcid=', a page, 'noncanonical', 'rsvd' or end of line",
					&page))
				return false;
			has_address = true;
		}
	}
	if (type <= 1 && !has_pcid)
		return parse_expected(p, "'pcid='");
	if (type == 0 && !has_address)
		return parse_expected(p, "a page");
	return add(p, VTLB_OP_INVPCID, page, type, flags | pcid);
}

static bool finish_access(struct parser *p, unsigned int b, unsigned int page)
{
	uint32_t outcome = 0;
	struct tok arrow;

	if (take_word(p, "ac"))
		b |= VTLB_ACC_AC1;
	else if (take_word(p, "noac"))
		b |= VTLB_ACC_AC0;
	arrow = p->tok;
	if (p->scope && tok_is_punct(&arrow, PUNCT2('-', '>')))
		return parse_expected(p, "end of line (a search follows every outcome)");
	if (take_punct(p, PUNCT2('-', '>'))) {
		if (!parse_outcome(p, &outcome))
			return false;
		if (vtlb_outcome_kind(outcome) == VTLB_OUT_DIRTIED &&
		    (b & VTLB_ACC_TYPE) != VTLB_ACC_WRITE)
			return parse_fail(p, &arrow, VTLB_E_PARSE,
					  "found 'dirtied', which only a write can have");
	}
	return add(p, VTLB_OP_ACCESS, page, b, outcome);
}

static bool parse_access(struct parser *p, unsigned int b)
{
	unsigned int page;

	return parse_name(p, p->w->page_name, p->w->npages, "a page", &page) &&
	       finish_access(p, b, page);
}

static bool op_read(struct parser *p)
{
	return parse_access(p, VTLB_ACC_READ);
}

static bool op_fetch(struct parser *p)
{
	return parse_access(p, VTLB_ACC_FETCH);
}

static bool at_cpl(struct parser *p, unsigned int cpl)
{
	if (take_word(p, "read"))
		return parse_access(p, cpl | VTLB_ACC_READ);
	if (take_word(p, "write"))
		return parse_access(p, cpl | VTLB_ACC_WRITE);
	if (take_word(p, "fetch"))
		return parse_access(p, cpl | VTLB_ACC_FETCH);
	return parse_expected(p, "'read', 'write' or 'fetch'");
}

static bool op_user(struct parser *p)
{
	return at_cpl(p, VTLB_ACC_USER);
}

static bool op_super(struct parser *p)
{
	return at_cpl(p, VTLB_ACC_SUPER);
}

static bool write_leaf(struct parser *p, unsigned int table, unsigned int entry)
{
	struct tok t = p->tok;
	unsigned int frame, flags;
	struct vtlb_leaf leaf;
	int value;

	flags = trace_default_flags(p->w, table, entry, &frame);
	if (!parse_punct(p, '=', "'='") || !parse_leaf(p, frame, flags, &leaf, NULL))
		return false;
	value = vtlb_world_value(p->w, leaf);
	if (value < 0)
		return parse_fail(p, &t, VTLB_E_LIMIT,
				  "found a leaf value too many, expected at most %u",
				  VTLB_MAX_VALUES);
	return add(p, VTLB_OP_WRITE_LEAF, table, entry, (uint32_t)value);
}

/* "ROOT.PAGE", the entry that maps the page in that root at the start. */
static bool dotted_entry(struct parser *p, const struct tok *name, unsigned int *table,
			 unsigned int *entry)
{
	const char *dot = memchr(name->s, '.', name->len);
	struct tok root = *name, page = *name;
	int r, g;

	if (!dot)
		return parse_fail(p, name, VTLB_E_PARSE,
				  "found '%.*s', expected a page, ROOT.PAGE or TABLE[ENTRY]",
				  (int)(name->len < 40 ? name->len : 40), name->s);
	root.len = (size_t)(dot - name->s);
	page.s = dot + 1;
	page.len = name->len - root.len - 1;
	r = tok_find_name(&root, p->w->root_name, p->w->nroots);
	if (r < 0)
		return parse_fail(p, name, VTLB_E_PARSE, "found '%.*s', expected a root before '.'",
				  (int)(root.len < 40 ? root.len : 40), root.s);
	g = tok_find_name(&page, p->w->page_name, p->w->npages);
	page.column += (uint32_t)root.len + 1;
	if (g < 0)
		return parse_fail(p, &page, VTLB_E_PARSE, "found '%.*s', expected a page after '.'",
				  (int)(page.len < 40 ? page.len : 40), page.s);
	if (!trace_page_entry(p->w, (unsigned int)r, (unsigned int)g, table, entry))
		return parse_fail(p, &page, VTLB_E_PARSE,
				  "found a page that this root does not map at the start, expected "
				  "TABLE[ENTRY]");
	return true;
}

/* write user | write b.user = f2 | write b.pt[0] = f2 */
static bool op_write(struct parser *p)
{
	struct tok name = p->tok;
	unsigned int table = 0, entry = 0;
	uint64_t number;
	int i;

	if (name.kind != TOK_WORD)
		return parse_expected(p, "a page, ROOT.PAGE or TABLE[ENTRY]");
	parse_next(p);
	if (take_punct(p, '[')) {
		i = tok_find_name(&name, p->w->leaf_name, p->w->nleafs);
		if (i < 0)
			return parse_fail(p, &name, VTLB_E_PARSE,
					  "found '%.*s', expected a page table",
					  (int)(name.len < 40 ? name.len : 40), name.s);
		if (!parse_number(p, VTLB_MAX_ENTRIES - 1, "an entry from 0 to 3", &number) ||
		    !parse_punct(p, ']', "']'"))
			return false;
		return write_leaf(p, (unsigned int)i, (unsigned int)number);
	}
	i = tok_find_name(&name, p->w->page_name, p->w->npages);
	if (i >= 0 && !tok_is_punct(&p->tok, '='))
		return finish_access(p, VTLB_ACC_WRITE, (unsigned int)i);
	return dotted_entry(p, &name, &table, &entry) && write_leaf(p, table, entry);
}

static bool link_target(struct parser *p, const char (*names)[VTLB_NAME], unsigned int n,
			const char *what, uint32_t *target)
{
	unsigned int i;

	*target = 0;
	if (!parse_punct(p, ']', "']'") || !parse_punct(p, '=', "'='"))
		return false;
	if (take_word(p, "none"))
		return true;
	if (!parse_name(p, names, n, what, &i))
		return false;
	*target = i + 1;
	return true;
}

/* link a.pd[0] = b.pt | link a[0] = none */
static bool op_link(struct parser *p)
{
	struct vtlb_world *w = p->w;
	int root = tok_find_name(&p->tok, w->root_name, w->nroots);
	int upper = tok_find_name(&p->tok, w->upper_name, w->nuppers);
	uint64_t index;
	uint32_t target;

	if (root < 0 && upper < 0)
		return parse_expected(p, "a root or an upper table");
	parse_next(p);
	if (!parse_punct(p, '[', "'['"))
		return false;
	if (root >= 0)
		return parse_number(p, w->nregions - 1u, "a region of the world", &index) &&
		       link_target(p, w->upper_name, w->nuppers, "an upper table or 'none'",
				   &target) &&
		       add(p, VTLB_OP_WRITE_ROOT, (unsigned int)root, (unsigned int)index, target);
	return parse_number(p, w->nslots - 1u, "a slot of the world", &index) &&
	       link_target(p, w->leaf_name, w->nleafs, "a page table or 'none'", &target) &&
	       add(p, VTLB_OP_WRITE_UPPER, (unsigned int)upper, (unsigned int)index, target);
}

static bool op_csl(struct parser *p)
{
	uint64_t value;

	return parse_number(p, 1, "0 or 1", &value) &&
	       add(p, VTLB_OP_SET_CSL, (unsigned int)value, 0, 0);
}

static bool op_ac(struct parser *p)
{
	uint64_t value;

	return parse_number(p, 1, "0 or 1", &value) &&
	       add(p, VTLB_OP_SET_AC, (unsigned int)value, 0, 0);
}

static bool op_cpl(struct parser *p)
{
	if (p->tok.kind != TOK_NUMBER || (p->tok.value != 0 && p->tok.value != 3))
		return parse_expected(p, "0 or 3");
	if (!add(p, VTLB_OP_SET_CPL, (unsigned int)p->tok.value, 0, 0))
		return false;
	parse_next(p);
	return true;
}

static bool op_init(struct parser *p)
{
	return add(p, VTLB_OP_INIT, 0, 0, 0);
}

static bool op_host_zap(struct parser *p)
{
	unsigned int frame;

	p->vcpu = 0; /* the host acts, not a vCPU */
	return parse_frame(p, "a frame", &frame) && add(p, VTLB_OP_HOST_ZAP, frame, 0, 0);
}

bool parse_op(struct parser *p)
{
#define OP(word, parse) { word, sizeof(word) - 1, parse }
	static const struct {
		const char *word;
		size_t len;
		bool (*parse)(struct parser *p);
	} ops[] = { /* frequent ones first */
		OP("read", op_read),	   OP("write", op_write),     OP("cr3", op_cr3),
		OP("cr4", op_cr4),	   OP("invpcid", op_invpcid), OP("invlpg", op_invlpg),
		OP("user", op_user),	   OP("super", op_super),     OP("fetch", op_fetch),
		OP("cr0", op_cr0),	   OP("efer", op_efer),	      OP("link", op_link),
		OP("cs.l", op_csl),	   OP("cpl", op_cpl),	      OP("ac", op_ac),
		OP("init", op_init),	   OP("host-zap", op_host_zap),
	};
#undef OP

	for (size_t i = 0; p->tok.kind == TOK_WORD && i < sizeof(ops) / sizeof(ops[0]); i++) {
		if (ops[i].len != p->tok.len || memcmp(ops[i].word, p->tok.s, ops[i].len))
			continue;
		parse_next(p);
		return ops[i].parse(p);
	}
	return parse_expected(p, p->scope ? "a declaration, an operation, 'about', 'by-table' or "
					    "'vacuous'" :
					    "a declaration, an operation or 'expect'");
}
