/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The declarations of a trace's world section: names, tables, pages, entries.
 */
#include <string.h>

#include "internal.h"

static bool name_taken(const struct parser *p, const struct tok *t)
{
	const struct vtlb_world *w = p->w;

	return tok_find_name(t, w->root_name, w->nroots) >= 0 ||
	       tok_find_name(t, w->upper_name, w->nuppers) >= 0 ||
	       tok_find_name(t, w->leaf_name, w->nleafs) >= 0 ||
	       tok_find_name(t, w->page_name, w->npages) >= 0;
}

static bool new_name(struct parser *p, const char *what, bool frame, char dst[VTLB_NAME])
{
	const struct tok *t = &p->tok;

	if (t->kind != TOK_WORD || memchr(t->s, '-', t->len))
		return parse_expected(p, what);
	if (t->len >= VTLB_NAME)
		return parse_fail(p, t, VTLB_E_LIMIT,
				  "found a name of %zu characters, expected at most %u", t->len,
				  VTLB_NAME - 1);
	if (frame ? tok_find_name(t, p->w->frame_name, p->w->nframes) >= 0 : name_taken(p, t))
		return parse_fail(p, t, VTLB_E_PARSE, "found '%.*s', which is there already",
				  (int)t->len, t->s);
	trace_set_name(dst, t->s, t->len);
	parse_next(p);
	return true;
}

static bool parse_names(struct parser *p, const char *what, bool frames,
			char (*names)[VTLB_NAME], unsigned int max, uint8_t *n)
{
	do {
		if (*n == max)
			return parse_fail(p, &p->tok, VTLB_E_LIMIT,
					  "found more than %u names, expected end of line", max);
		if (!new_name(p, what, frames, names[*n]))
			return false;
		++*n;
	} while (!tok_ends_line(&p->tok));
	return true;
}

static bool decl_frames(struct parser *p)
{
	p->named_frames = true;
	return parse_names(p, "the name of a frame", true, p->w->frame_name, VTLB_MAX_FRAMES,
			   &p->w->nframes);
}

static bool decl_pcids(struct parser *p)
{
	uint64_t value;

	if (p->tok.kind != TOK_NUMBER || p->tok.value != 0)
		return parse_expected(p, "0, the first PCID of every world");
	parse_next(p);
	while (!tok_ends_line(&p->tok)) {
		struct tok t = p->tok;

		if (p->w->npcids == VTLB_MAX_PCIDS)
			return parse_fail(p, &t, VTLB_E_LIMIT,
					  "found a PCID too many, expected at most %u",
					  VTLB_MAX_PCIDS);
		if (!parse_number(p, 0xfff, "a number from 0 to 0xfff", &value))
			return false;
		if (vtlb_world_pcid_index(p->w, (unsigned int)value) >= 0)
			return parse_fail(p, &t, VTLB_E_PARSE, "found a PCID that is there already");
		(void)vtlb_world_pcid(p->w, (unsigned int)value);
	}
	return true;
}

/* Set one by one, because the order is what the line is for. */
static bool decl_values(struct parser *p)
{
	struct vtlb_world *w = p->w;

	do {
		struct tok t = p->tok;
		struct vtlb_leaf leaf;
		bool frame;

		if (w->nvalues == VTLB_MAX_VALUES)
			return parse_fail(p, &t, VTLB_E_LIMIT,
					  "found a leaf value too many, expected at most %u",
					  VTLB_MAX_VALUES);
		if (!parse_leaf(p, 0, LEAF_DEFAULT, &leaf, &frame))
			return false;
		if (!frame)
			return parse_fail(p, &t, VTLB_E_PARSE, "found '%.*s', expected a frame",
					  (int)(t.len < 40 ? t.len : 40), t.s);
		for (unsigned int i = 0; i < w->nvalues; i++) {
			if (!memcmp(&w->value[i], &leaf, sizeof(leaf)))
				return parse_fail(p, &t, VTLB_E_PARSE,
						  "found a leaf value that is there already");
		}
		w->value[w->nvalues++] = leaf;
	} while (take_punct(p, ','));
	return true;
}

static bool decl_roots(struct parser *p)
{
	return parse_names(p, "the name of a root", false, p->w->root_name, VTLB_MAX_ROOTS,
			   &p->w->nroots);
}

static bool decl_uppers(struct parser *p)
{
	p->explicit_tables = true;
	return parse_names(p, "the name of an upper table", false, p->w->upper_name,
			   VTLB_MAX_UPPERS, &p->w->nuppers);
}

static bool decl_tables(struct parser *p)
{
	p->explicit_tables = true;
	return parse_names(p, "the name of a page table", false, p->w->leaf_name, VTLB_MAX_LEAFS,
			   &p->w->nleafs);
}

/* slots 0 0 1: the region of each slot; "regions 2" where the last ones have no slot */
static bool decl_slots(struct parser *p)
{
	struct vtlb_world *w = p->w;
	uint8_t least = 1;

	p->explicit_tables = true;
	do {
		uint8_t *region = &w->slot_region[w->nslots];

		if (w->nslots == VTLB_MAX_SLOTS)
			return parse_fail(p, &p->tok, VTLB_E_LIMIT,
					  "found more than %u slots, expected end of line",
					  VTLB_MAX_SLOTS);
		if (!parse_range(p, 0, VTLB_MAX_REGIONS - 1, "the region of a slot, 0 or 1",
				 region))
			return false;
		w->nslots++;
		if (*region >= least)
			least = (uint8_t)(*region + 1);
	} while (p->tok.kind == TOK_NUMBER);
	w->nregions = least;
	if (!take_word(p, "regions"))
		return true;
	return parse_range(p, least, VTLB_MAX_REGIONS, "a number of regions that covers the slots",
			   &w->nregions);
}

static bool parse_linear(struct parser *p, uint64_t *linear)
{
	if (!take_word(p, "at"))
		return true;
	if (p->tok.kind != TOK_NUMBER || p->tok.value & 0xfff || p->tok.value >> 32)
		return parse_expected(p, "a linear address, 4 KiB aligned and below 4 GiB");
	*linear = p->tok.value;
	parse_next(p);
	return true;
}

/* page user slot 0 entry 1 at 0x401000 */
static bool explicit_page(struct parser *p)
{
	struct vtlb_world *w = p->w;
	struct vtlb_page *page = &w->page[w->npages];

	if (w->npages == VTLB_MAX_PAGES)
		return parse_fail(p, &p->tok, VTLB_E_LIMIT, "found more than %u pages",
				  VTLB_MAX_PAGES);
	if (!new_name(p, "the name of a page", false, w->page_name[w->npages]))
		return false;
	w->npages++;
	if (!take_word(p, "slot"))
		return parse_expected(p, "'slot' (the tables of this world are explicit)");
	if (!w->nslots)
		return parse_expected(p, "a 'slots' line before this page");
	if (!parse_range(p, 0, w->nslots - 1u, "a slot of the world", &page->slot))
		return false;
	if (!take_word(p, "entry"))
		return parse_expected(p, "'entry'");
	if (!parse_range(p, 0, VTLB_MAX_ENTRIES - 1, "an entry from 0 to 3", &page->entry))
		return false;
	page->linear = 0x400000 + 0x200000 * (uint64_t)page->slot + 0x1000 * (uint64_t)page->entry;
	return parse_linear(p, &page->linear);
}

static bool short_values(struct parser *p, unsigned int i)
{
	bool shared = p->page[i].shared;
	unsigned int n = shared ? 1 : p->w->nroots;
	unsigned int r = 0;

	if (!take_punct(p, '='))
		return true;
	do {
		if (r == n)
			return parse_expected(p, "end of line (one value for a shared page, one a "
						 "root for a private one)");
		if (!parse_leaf(p, 0, shared ? LEAF_SHARED : LEAF_DEFAULT,
				&p->page_value[i].leaf[r], &p->page_value[i].frame[r]))
			return false;
		p->page_value[i].given[r++] = true;
	} while (take_punct(p, ','));
	return true;
}

/* page user private at 0x400000 = f0, f1 ro */
static bool short_page(struct parser *p)
{
	unsigned int i = p->w->npages;
	uint8_t shared;

	if (i == VTLB_MAX_PAGES)
		return parse_fail(p, &p->tok, VTLB_E_LIMIT, "found more than %u pages",
				  VTLB_MAX_PAGES);
	if (!new_name(p, "the name of a page", false, p->page[i].name))
		return false;
	memcpy(p->w->page_name[i], p->page[i].name, VTLB_NAME);
	p->w->npages++;
	if (!parse_either(p, "private", "shared", "'private' or 'shared'", &shared))
		return false;
	p->page[i].shared = shared;
	return parse_linear(p, &p->page[i].linear) && short_values(p, i);
}

static bool decl_page(struct parser *p)
{
	if (p->laid_out)
		return parse_fail(p, &p->tok, VTLB_E_PARSE, "found a page after an 'entry' line, "
							    "expected it before");
	if (!(p->seen & DECL_ROOTS))
		return parse_expected(p, "a 'roots' line before the first page");
	return p->explicit_tables ? explicit_page(p) : short_page(p);
}

static bool entry_index(struct parser *p, unsigned int n, const char *what, unsigned int *index)
{
	uint64_t value;

	if (!parse_punct(p, '[', "'['"))
		return false;
	if (!n)
		return parse_expected(p, "a 'slots' line before it");
	if (!parse_number(p, n - 1, what, &value) || !parse_punct(p, ']', "']'") ||
	    !parse_punct(p, '=', "'='"))
		return false;
	*index = (unsigned int)value;
	return true;
}

static bool link_entry(struct parser *p, const char (*names)[VTLB_NAME], unsigned int n,
		       const char *what, uint8_t *link)
{
	unsigned int i;

	*link = 0;
	if (take_word(p, "none"))
		return true;
	if (!parse_name(p, names, n, what, &i))
		return false;
	*link = (uint8_t)(i + 1);
	return true;
}

/* entry a[0] = a.pd | entry a.pd[0] = a.pt | entry a.pt[0] = f0 ro */
static bool decl_entry(struct parser *p)
{
	struct vtlb_world *w = p->w;
	struct tok t = p->tok;
	unsigned int i = 0;
	int x;

	if (!parse_layout(p))
		return false;
	parse_next(p);
	x = tok_find_name(&t, w->root_name, w->nroots);
	if (x >= 0)
		return entry_index(p, w->nregions, "a region of the world", &i) &&
		       link_entry(p, w->upper_name, w->nuppers, "an upper table or 'none'",
				  &w->init.root[x][i]);
	x = tok_find_name(&t, w->upper_name, w->nuppers);
	if (x >= 0)
		return entry_index(p, w->nslots, "a slot of the world", &i) &&
		       link_entry(p, w->leaf_name, w->nleafs, "a page table or 'none'",
				  &w->init.upper[x][i]);
	x = tok_find_name(&t, w->leaf_name, w->nleafs);
	if (x < 0) {
		p->tok = t;
		return parse_expected(p, "a root, an upper table or a page table");
	}
	if (!entry_index(p, VTLB_MAX_ENTRIES, "an entry from 0 to 3", &i))
		return false;
	p->draft.given[x][i] = true;
	return parse_leaf(p, 0, LEAF_DEFAULT, &p->draft.leaf[x][i], &p->draft.frame_given[x][i]);
}

bool parse_declaration(struct parser *p, bool *found)
{
	static const struct {
		const char *word;
		uint32_t once;
		bool (*parse)(struct parser *p);
	} decls[] = {
		{ "roots", DECL_ROOTS, decl_roots },	{ "page", 0, decl_page },
		{ "start", DECL_START, parse_start },	{ "entry", 0, decl_entry },
		{ "frames", DECL_FRAMES, decl_frames }, { "pcids", DECL_PCIDS, decl_pcids },
		{ "values", DECL_VALUES, decl_values }, { "uppers", DECL_UPPERS, decl_uppers },
		{ "tables", DECL_TABLES, decl_tables }, { "slots", DECL_SLOTS, decl_slots },
	};
	const uint32_t structure = DECL_UPPERS | DECL_TABLES | DECL_SLOTS;
	struct tok t = p->tok;

	if (p->fixed)
		return true; /* parse_op() says what is expected instead */
	for (size_t i = 0; i < sizeof(decls) / sizeof(decls[0]); i++) {
		if (!take_word(p, decls[i].word))
			continue;
		*found = true;
		if (p->seen & decls[i].once)
			return parse_fail(p, &t, VTLB_E_PARSE, "found a second '%s' line",
					  decls[i].word);
		if (decls[i].once & structure && (p->w->npages || p->laid_out))
			return parse_fail(p, &t, VTLB_E_PARSE,
					  "found '%s' after a page or entry, expected it before",
					  decls[i].word);
		if (decls[i].once & DECL_FRAMES && p->w->nframes)
			return parse_fail(p, &t, VTLB_E_PARSE,
					  "found 'frames' after a use of a frame, expected it before");
		p->seen |= decls[i].once;
		return decls[i].parse(p);
	}
	return true;
}

