/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Values of the trace language: frames, leaf values, register values, PCIDs and
 * outcomes of accesses.
 */
#include <string.h>

#include "internal.h"

/* Names that need no declaration: frame 12 is f12. */
static int numbered_frame(const struct tok *t)
{
	unsigned int n = 0;

	if (t->kind != TOK_WORD || t->len < 2 || t->len > 3 || t->s[0] != 'f')
		return -1;
	if (t->len == 3 && t->s[1] == '0')
		return -1;
	for (size_t i = 1; i < t->len; i++) {
		if (t->s[i] < '0' || t->s[i] > '9')
			return -1;
		n = n * 10 + (unsigned int)(t->s[i] - '0');
	}
	return n < VTLB_MAX_FRAMES ? (int)n : -1;
}

static bool take_frame(struct parser *p, unsigned int *frame)
{
	int i = p->named_frames ? tok_find_name(&p->tok, p->w->frame_name, p->w->nframes) :
				  numbered_frame(&p->tok);

	if (i < 0)
		return false;
	if (!p->named_frames)
		trace_name_frames(p->w, (unsigned int)i + 1);
	*frame = (unsigned int)i;
	parse_next(p);
	return true;
}

bool parse_frame(struct parser *p, const char *what, unsigned int *frame)
{
	return take_frame(p, frame) || parse_expected(p, what);
}

static bool take_flag(struct parser *p, unsigned int *flags)
{
	for (unsigned int i = 0; i < trace_nr_flag_words; i++) {
		const struct flag_word *f = &trace_flag_words[i];

		if (take_word(p, f->set)) {
			*flags |= f->flag;
			return true;
		}
		if (take_word(p, f->clear)) {
			*flags &= ~f->flag;
			return true;
		}
	}
	return false;
}

/*
 * parse_leaf() - a leaf value: "np", or a frame and flags
 * @def_frame, @def_flags: what is not written
 * @frame_given: may be NULL
 */
bool parse_leaf(struct parser *p, unsigned int def_frame, unsigned int def_flags,
		struct vtlb_leaf *leaf, bool *frame_given)
{
	unsigned int frame = def_frame;
	unsigned int flags = def_flags;
	bool given;

	leaf->frame = 0;
	leaf->flags = 0;
	if (frame_given)
		*frame_given = false;
	if (take_word(p, "np"))
		return true;
	given = take_frame(p, &frame);
	if (!given && !take_flag(p, &flags))
		return parse_expected(p, "a leaf value: a frame, flags or 'np'");
	while (!tok_ends_line(&p->tok) && !tok_is_punct(&p->tok, ',')) {
		if (!take_flag(p, &flags))
			return parse_expected(p, "a flag (rw ro user super global local nx exec "
						 "dirty clean rsvd norsvd) or end of line");
	}
	leaf->frame = (uint8_t)frame;
	leaf->flags = (uint8_t)flags;
	if (frame_given)
		*frame_given = given;
	return true;
}

struct reg {
	const char *name;
	uint32_t bits;
	uint32_t (*from_value)(uint64_t value, uint64_t *unmodelled);
};

static struct reg reg_of(enum vtlb_opcode code)
{
	if (code == VTLB_OP_MOV_CR0)
		return (struct reg){ "CR0", VTLB_CR0_BITS, vtlb_cr0_bits };
	if (code == VTLB_OP_MOV_CR4)
		return (struct reg){ "CR4", VTLB_CR4_BITS, vtlb_cr4_bits };
	return (struct reg){ "EFER", VTLB_EFER_BITS | VTLB_LMA, vtlb_efer_bits };
}

static bool parse_bit(struct parser *p, const struct reg *reg, uint32_t *bits)
{
	struct tok t = p->tok;
	uint32_t bit;

	if (take_word(p, "rsvd")) {
		*bits |= VTLB_RSVD;
		return true;
	}
	bit = t.kind == TOK_WORD ? vtlb_bit_by_name(t.s, t.len) : 0;
	if (!bit)
		return parse_expected(p, "a number or names of bits");
	if (!(bit & reg->bits))
		return parse_fail(p, &t, VTLB_E_PARSE, "found '%.*s', expected a bit of %s",
				  (int)t.len, t.s, reg->name);
	*bits |= bit;
	parse_next(p);
	return true;
}

/*
 * parse_bits() - a number as the guest would load it, or names of bits
 * @commas: names are separated by commas alone (in a key=value list)
 */
bool parse_bits(struct parser *p, enum vtlb_opcode code, bool commas, uint32_t *bits)
{
	struct reg reg = reg_of(code);
	bool more;

	*bits = 0;
	if (p->tok.kind == TOK_NUMBER) {
		*bits = reg.from_value(p->tok.value, NULL);
		parse_next(p);
		return true;
	}
	do {
		if (!parse_bit(p, &reg, bits))
			return false;
		more = take_punct(p, ',');
		if (!commas && !tok_ends_line(&p->tok))
			more = true;
	} while (more);
	return true;
}

/* A PCID that is used as a tag has to be one of the world's. */
bool parse_pcid(struct parser *p, uint32_t *pcid)
{
	struct tok t = p->tok;
	uint64_t value;

	if (!parse_number(p, 0xfff, "a number from 0 to 0xfff", &value))
		return false;
	*pcid = (uint32_t)value;
	if (vtlb_world_pcid(p->w, *pcid) >= 0)
		return true;
	return parse_fail(p, &t, VTLB_E_LIMIT, "found a PCID too many, expected at most %u",
			  VTLB_MAX_PCIDS);
}

static bool parse_error_code(struct parser *p, uint32_t *outcome)
{
	unsigned int code = 0;

	if (!parse_punct(p, '(', "'('"))
		return false;
	while (!take_punct(p, ')')) {
		unsigned int bit = 0;

		while (bit < 5 && !take_word(p, trace_pf_words[bit]))
			bit++;
		if (bit == 5)
			return parse_expected(p, "P, W, U, RSVD, I or ')'");
		code |= 1u << bit;
		(void)take_punct(p, ',');
	}
	*outcome = vtlb_outcome(VTLB_OUT_FAULT, code);
	return true;
}

bool parse_outcome(struct parser *p, uint32_t *outcome)
{
	unsigned int i = 0;

	if (p->tok.kind == TOK_EXCEPTION && !memcmp(p->tok.s, "#PF", 3)) {
		parse_next(p);
		return parse_error_code(p, outcome);
	}
	if (take_word(p, "identity")) {
		*outcome = vtlb_outcome(VTLB_OUT_FRAME, VTLB_FRAME_IDENTITY);
		return true;
	}
	if (take_word(p, "dirtied")) {
		if (!parse_name(p, p->w->leaf_name, p->w->nleafs, "a page table", &i))
			return false;
		*outcome = vtlb_outcome(VTLB_OUT_DIRTIED, i);
		return true;
	}
	if (!parse_frame(p, "an outcome: a frame, 'dirtied TABLE', 'identity' or '#PF(...)'", &i))
		return false;
	*outcome = vtlb_outcome(VTLB_OUT_FRAME, i);
	return true;
}
