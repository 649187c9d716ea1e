/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The world section of a trace: the "world" and "start" lines, and what all
 * declarations come to when the first operation or expectation ends it.
 */
#include <string.h>

#include "internal.h"

bool parse_either(struct parser *p, const char *zero, const char *one, const char *what,
			 uint8_t *value)
{
	*value = tok_is_word(&p->tok, one);
	return take_word(p, zero) || take_word(p, one) || parse_expected(p, what);
}

bool parse_range(struct parser *p, unsigned int low, unsigned int high, const char *what,
			uint8_t *value)
{
	if (p->tok.kind != TOK_NUMBER || p->tok.value < low || p->tok.value > high)
		return parse_expected(p, what);
	*value = (uint8_t)p->tok.value;
	parse_next(p);
	return true;
}

static bool parse_features(struct parser *p)
{
	p->w->features = 0;
	if (take_word(p, "none"))
		return true;
	do {
		uint32_t f = 0;

		if (p->tok.kind == TOK_WORD)
			f = vtlb_feature_by_name(p->tok.s, p->tok.len);
		if (!f)
			return parse_expected(p, "a CPU feature (pcid, invpcid, pge ...) or 'none'");
		p->w->features |= f;
		parse_next(p);
	} while (take_punct(p, ','));
	return true;
}

static bool parse_world_value(struct parser *p, unsigned int key)
{
	struct vtlb_world *w = p->w;

	switch (key) {
	case 0:
		return parse_either(p, "intel", "amd", "'intel' or 'amd'", &w->vendor);
	case 1:
		return parse_either(p, "shadow", "tdp", "'shadow' or 'tdp'", &w->mode);
	case 2:
		return parse_features(p);
	case 3:
		return parse_range(p, 1, VTLB_MAX_VCPUS, "a number from 1 to 4", &w->nvcpus);
	case 4:
		return parse_range(p, 36, 52, "a number from 36 to 52", &w->maxphyaddr);
	default:
		return parse_either(p, "rely", "owe", "'rely' or 'owe'", &p->t->reading);
	}
}

/* key=value pairs until the end of the line, each key at most once. */
static bool parse_keys(struct parser *p, const char *const *keys, unsigned int n,
		       const char *what, bool (*value)(struct parser *p, unsigned int key))
{
	uint32_t seen = 0;

	while (!tok_ends_line(&p->tok)) {
		struct tok t = p->tok;
		unsigned int key = 0;

		while (key < n && !take_word(p, keys[key]))
			key++;
		if (key == n)
			return parse_expected(p, what);
		if (seen >> key & 1u)
			return parse_fail(p, &t, VTLB_E_PARSE, "found a second '%s='", keys[key]);
		seen |= 1u << key;
		if (!parse_punct(p, '=', "'='") || !value(p, key))
			return false;
	}
	return true;
}

bool parse_world_line(struct parser *p)
{
	static const char *const keys[] = {
		"vendor", "mode", "features", "vcpus", "maxphyaddr", "reading",
	};

	if (!take_word(p, "world"))
		return parse_expected(p, "a 'world' line");
	if (!parse_keys(p, keys, 6,
			"'vendor=', 'mode=', 'features=', 'vcpus=', 'maxphyaddr=', 'reading=' or "
			"end of line", parse_world_value))
		return false;
	p->w->init_mode = trace_default_mode(p->w->features);
	return true;
}

static bool start_register(struct parser *p, enum vtlb_opcode code, uint32_t mask)
{
	struct tok t = p->tok;
	uint32_t bits;

	if (!parse_bits(p, code, true, &bits))
		return false;
	if (bits & VTLB_RSVD)
		return parse_fail(p, &t, VTLB_E_PARSE,
				  "found a reserved bit, which no register can have");
	p->w->init_mode = (p->w->init_mode & ~mask) | bits;
	return true;
}

static bool start_flag(struct parser *p, uint32_t bit, unsigned int one, const char *what)
{
	if (p->tok.kind != TOK_NUMBER || (p->tok.value != 0 && p->tok.value != one))
		return parse_expected(p, what);
	if (p->tok.value)
		p->w->init_mode |= bit;
	else
		p->w->init_mode &= ~bit;
	parse_next(p);
	return true;
}

static bool start_low12(struct parser *p)
{
	uint64_t value;

	if (!parse_number(p, 0xfff, "a number from 0 to 0xfff", &value))
		return false;
	p->w->init_low12 = (uint16_t)value;
	return true;
}

static bool parse_start_value(struct parser *p, unsigned int key)
{
	unsigned int root;

	switch (key) {
	case 0:
		return start_register(p, VTLB_OP_MOV_CR0, VTLB_CR0_BITS);
	case 1:
		return start_register(p, VTLB_OP_MOV_CR4, VTLB_CR4_BITS);
	case 2:
		return start_register(p, VTLB_OP_WRMSR_EFER, VTLB_EFER_BITS | VTLB_LMA);
	case 3:
		if (!parse_name(p, p->w->root_name, p->w->nroots, "a root", &root))
			return false;
		p->w->init_root = (uint8_t)root;
		return true;
	case 4:
	case 5:
		return start_low12(p);
	case 6:
		return start_flag(p, VTLB_CSL, 1, "0 or 1");
	case 7:
		return start_flag(p, VTLB_CPL3, 3, "0 or 3");
	default:
		return start_flag(p, VTLB_AC, 1, "0 or 1");
	}
}

/* start cr4=pae,pcide cr3=a pcid=1 */
bool parse_start(struct parser *p)
{
	static const char *const keys[] = {
		"cr0", "cr4", "efer", "cr3", "pcid", "low12", "cs.l", "cpl", "ac",
	};
	const uint32_t lma = VTLB_LME | VTLB_PG;

	/* LMA follows from the others; a value that names it all the same is checked. */
	p->w->init_mode &= ~(uint32_t)VTLB_LMA;
	if (!parse_keys(p, keys, 9,
			"'cr0=', 'cr4=', 'efer=', 'cr3=', 'pcid=', 'low12=', 'cs.l=', 'cpl=', 'ac=' "
			"or end of line", parse_start_value))
		return false;
	if ((p->w->init_mode & lma) == lma)
		p->w->init_mode |= VTLB_LMA;
	return true;
}

static void apply_page_values(struct parser *p)
{
	struct vtlb_world *w = p->w;

	for (unsigned int i = 0; i < w->npages; i++) {
		for (unsigned int r = 0; r < w->nroots; r++) {
			unsigned int t, e;

			if (!p->page_value[i].given[r])
				continue;
			(void)trace_page_entry(w, r, i, &t, &e);
			p->draft.leaf[t][e] = p->page_value[i].leaf[r];
			p->draft.given[t][e] = true;
			p->draft.frame_given[t][e] = p->page_value[i].frame[r];
		}
	}
}

/* The tables have to be there before an entry can be named. */
bool parse_layout(struct parser *p)
{
	static const struct short_page def[2] = {
		{ .name = "user", .shared = false }, { .name = "kernel", .shared = true },
	};
	const char *why;

	if (p->laid_out)
		return true;
	p->laid_out = true;
	if (!(p->seen & DECL_ROOTS))
		return parse_expected(p, "a 'roots' line before it");
	if (p->explicit_tables)
		return true;
	if (p->w->npages)
		why = trace_short_layout(p->w, &p->draft, p->page, p->w->npages);
	else
		why = trace_short_layout(p->w, &p->draft, def, 2);
	if (why)
		return parse_fail(p, &p->tok, VTLB_E_WORLD, "found %s", why);
	apply_page_values(p);
	return true;
}

static bool complete_values(struct parser *p)
{
	struct vtlb_world *w = p->w;

	if (!p->named_frames)
		trace_name_frames(w, 1); /* no world is without a frame */
	if (!trace_fill_draft(w, &p->draft, p->named_frames))
		return parse_fail(p, &p->tok, VTLB_E_LIMIT,
				  "found a world with too few frames for one of its own a leaf");
	for (unsigned int i = 1; i < w->nvalues; i++) {
		struct vtlb_leaf twin = w->value[i];

		twin.flags |= VTLB_LEAF_D;
		if (vtlb_world_value(w, twin) < 0)
			return parse_fail(p, &p->tok, VTLB_E_LIMIT,
					  "found more than %u leaf values with their D=1 twins",
					  VTLB_MAX_VALUES);
	}
	if (!trace_intern_draft(w, &p->draft))
		return parse_fail(p, &p->tok, VTLB_E_LIMIT,
				  "found more than %u initial leaf values with their D=1 twins",
				  VTLB_MAX_VALUES);
	return true;
}

static bool complete_pcids(struct parser *p)
{
	struct vtlb_world *w = p->w;

	if (!(w->features & VTLB_F_PCID))
		return true;
	if (!(p->seen & DECL_PCIDS))
		(void)vtlb_world_pcid(w, 1);
	if (vtlb_world_pcid(w, w->init_low12) < 0)
		return parse_fail(p, &p->tok, VTLB_E_LIMIT,
				  "found a PCID too many in the 'start' line, expected at most %u",
				  VTLB_MAX_PCIDS);
	return true;
}

bool parse_finish_world(struct parser *p)
{
	p->fixed = true;
	return parse_layout(p) && complete_values(p) && complete_pcids(p);
}
