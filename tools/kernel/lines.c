/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The line number programs of DWARF 2 to 4 (section 6.2 of the standard), which
 * is what the kit asks compilers for.
 */
#include "lines.h"

#include <stdlib.h>
#include <string.h>

#include "elf_file.h"
#include "out.h"
#include "text.h"

enum { LNS_COPY = 1, LNS_ADVANCE_PC, LNS_ADVANCE_LINE, LNS_SET_FILE, LNS_SET_COLUMN,
       LNS_NEGATE_STMT, LNS_SET_BASIC_BLOCK, LNS_CONST_ADD_PC, LNS_FIXED_ADVANCE_PC };
enum { LNE_END_SEQUENCE = 1, LNE_SET_ADDRESS, LNE_DEFINE_FILE };

struct reader {
	const uint8_t *p, *end;
	bool bad;
};

static uint64_t fixed(struct reader *r, unsigned int size)
{
	uint64_t v = 0;

	if ((size_t)(r->end - r->p) < size) {
		r->bad = true;
		r->p = r->end;
		return 0;
	}
	memcpy(&v, r->p, size);
	r->p += size;
	return v;
}

static uint64_t leb(struct reader *r, bool is_signed)
{
	uint64_t v = 0;
	unsigned int shift = 0;
	uint8_t byte;

	do {
		byte = (uint8_t)fixed(r, 1);
		if (shift < 64)
			v |= (uint64_t)(byte & 0x7f) << shift;
		shift += 7;
	} while (byte & 0x80 && !r->bad);
	if (is_signed && shift < 64 && byte & 0x40)
		v |= ~0ull << shift;
	return v;
}

static const char *string(struct reader *r)
{
	const char *s = (const char *)r->p;
	const uint8_t *zero = memchr(r->p, 0, (size_t)(r->end - r->p));

	if (!zero) {
		r->bad = true;
		return "";
	}
	r->p = zero + 1;
	return s;
}

#define MAX_FOLDERS 4096

/**
 * struct unit - one line number program
 * @first_file: index in the table of its file 1
 */
struct unit {
	uint8_t min_length, line_range, opcode_base, op_size[256];
	int8_t line_base;
	uint32_t first_file, nfiles;
};

static void read_files(struct lines *l, struct unit *u, struct reader *r)
{
	static const char *folder[MAX_FOLDERS];
	size_t nfolders = 1;
	const char *s;

	folder[0] = "";
	while (!r->bad && *(s = string(r)))
		if (nfolders < MAX_FOLDERS)
			folder[nfolders++] = s;
	u->first_file = (uint32_t)l->nfiles;
	while (!r->bad && *(s = string(r))) {
		uint64_t dir = leb(r, false);
		struct text t = { 0 };

		leb(r, false);
		leb(r, false);
		if (dir && dir < nfolders && s[0] != '/')
			text_add(&t, "%s/", folder[dir]);
		text_add(&t, "%s", s);
		l->file = out_grow(l->file, &l->files_cap, l->nfiles + 1, sizeof(*l->file));
		l->file[l->nfiles++] = t.s;
		u->nfiles++;
	}
}

static bool read_head(struct lines *l, struct unit *u, struct reader *r)
{
	unsigned int version = (unsigned int)fixed(r, 2);

	/* vtlb's own units may be of a newer one; the kernel's are what the kit asks for */
	if (version < 2 || version > 4)
		return false;
	fixed(r, 4);
	u->min_length = (uint8_t)fixed(r, 1);
	if (version == 4)
		fixed(r, 1);
	fixed(r, 1);
	u->line_base = (int8_t)fixed(r, 1);
	u->line_range = (uint8_t)fixed(r, 1);
	u->opcode_base = (uint8_t)fixed(r, 1);
	for (unsigned int i = 1; i < u->opcode_base; i++)
		u->op_size[i] = (uint8_t)fixed(r, 1);
	read_files(l, u, r);
	return !r->bad && u->line_range;
}

struct state {
	uint64_t at;
	uint64_t file, line;
	struct lines_row last;	/* whose end is not known yet */
	bool has_last;
};

/* A row ends where the next one begins; one without instructions is none. */
static void end_row(struct lines *l, struct state *s)
{
	if (s->has_last && s->at > s->last.at && s->at - s->last.at < UINT32_MAX) {
		s->last.size = (uint32_t)(s->at - s->last.at);
		l->row = out_grow(l->row, &l->cap, l->n + 1, sizeof(*l->row));
		l->row[l->n++] = s->last;
	}
	s->has_last = false;
}

static void emit(struct lines *l, const struct unit *u, struct state *s)
{
	end_row(l, s);
	if (!s->file || s->file > u->nfiles)
		return;
	s->last = (struct lines_row){ .at = s->at, .line = (uint32_t)s->line,
				      .file = u->first_file + (uint32_t)s->file - 1 };
	s->has_last = true;
}

static void start(struct state *s)
{
	*s = (struct state){ .file = 1, .line = 1 };
}

static void extended(struct lines *l, struct state *s, struct reader *r)
{
	uint64_t size = leb(r, false);
	const uint8_t *next;

	if (!size || size > (uint64_t)(r->end - r->p)) {
		r->bad = true;
		return;
	}
	next = r->p + size;
	switch (fixed(r, 1)) {
	case LNE_END_SEQUENCE:
		end_row(l, s);
		start(s);
		break;
	case LNE_SET_ADDRESS:
		s->at = fixed(r, 8);
		break;
	default:
		break;
	}
	r->p = next;
}

static void standard(struct lines *l, const struct unit *u, struct state *s, uint8_t op,
		     struct reader *r)
{
	switch (op) {
	case LNS_COPY:
		emit(l, u, s);
		break;
	case LNS_ADVANCE_PC:
		s->at += leb(r, false) * u->min_length;
		break;
	case LNS_ADVANCE_LINE:
		s->line += leb(r, true);
		break;
	case LNS_SET_FILE:
		s->file = leb(r, false);
		break;
	case LNS_NEGATE_STMT:
		break;
	case LNS_CONST_ADD_PC:
		s->at += (uint64_t)((255 - u->opcode_base) / u->line_range) * u->min_length;
		break;
	case LNS_FIXED_ADVANCE_PC:
		s->at += fixed(r, 2);
		break;
	default:
		for (unsigned int i = 0; i < u->op_size[op]; i++)
			leb(r, false);
		break;
	}
}

static void run(struct lines *l, const struct unit *u, struct reader *r)
{
	struct state s;

	start(&s);
	while (r->p < r->end && !r->bad) {
		uint8_t op = (uint8_t)fixed(r, 1);

		if (op >= u->opcode_base) {
			op = (uint8_t)(op - u->opcode_base);
			s.at += (uint64_t)(op / u->line_range) * u->min_length;
			s.line += (uint64_t)(int64_t)(u->line_base + op % u->line_range);
			emit(l, u, &s);
		} else if (op) {
			standard(l, u, &s, op, r);
		} else {
			extended(l, &s, r);
		}
	}
}

static bool read_units(struct lines *l, const uint8_t *p, size_t size)
{
	struct reader all = { .p = p, .end = p + size };

	while (all.p < all.end && !all.bad) {
		uint64_t length = fixed(&all, 4);
		struct reader r = { .p = all.p, .end = all.p + length };
		struct unit u = { 0 };

		if (length > (uint64_t)(all.end - all.p))
			return false;
		if (read_head(l, &u, &r))
			run(l, &u, &r);
		else if (r.bad)
			return false;
		all.p += length;
	}
	return !all.bad;
}

bool lines_read(struct lines *l, const char *program)
{
	const Elf64_Shdr *table, *text;
	struct elf_file f;
	bool ok = false;

	memset(l, 0, sizeof(*l));
	if (!elf_open(&f, program))
		return false;
	table = elf_find(&f, ".debug_line");
	text = elf_find(&f, ".text");
	if (table && text && elf_data(&f, table)) {
		l->text = text->sh_addr;
		l->text_end = text->sh_addr + text->sh_size;
		ok = read_units(l, elf_data(&f, table), table->sh_size);
	}
	elf_close(&f);
	return ok;
}

void lines_free(struct lines *l)
{
	for (size_t i = 0; i < l->nfiles; i++)
		free(l->file[i]);
	free(l->file);
	free(l->row);
	memset(l, 0, sizeof(*l));
}

bool lines_live(const struct lines *l, const struct lines_row *row)
{
	return row->at >= l->text && row->at < l->text_end;
}
