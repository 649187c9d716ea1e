/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * From hunks to addresses and back.  A hunk whose lines became instructions is
 * watched there; another one counts through the functions that changed without a
 * line of their own.
 */
#define _GNU_SOURCE
#include "cover.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "child.h"
#include "out.h"
#include "text.h"

#define REACHED (1ull << 63)

static char *path_of(const char *folder, const char *name)
{
	struct text t = { 0 };

	text_add(&t, "%s/%s", folder, name);
	return t.s;
}

/* "" if there is no such file */
static char *slurp(const char *folder, const char *name)
{
	char *path = path_of(folder, name), *s;
	FILE *f = fopen(path, "r");
	size_t len = 0, got;

	s = out_alloc(1, 1);
	while (f) {
		s = realloc(s, len + 65536 + 1);
		if (!s)
			out_die("out of memory");
		got = fread(s + len, 1, 65536, f);
		len += got;
		s[len] = '\0';
		if (!got)
			break;
	}
	if (f)
		fclose(f);
	free(path);
	return s;
}

static int diff(struct cover *c, const char *base, const char *patched)
{
	char *a = path_of(base, "files"), *b = path_of(patched, "files");
	/* what starts a line is a function or the like, if it is no label */
	const char *argv[] = { "/usr/bin/env", "LC_ALL=C", "diff", "-ruN", "-F",
			       "^[[:alpha:]$_].*[^:]$", a, b, NULL };
	struct child child;
	int code = 0;

	child_start(&child, argv, NULL, 0, true);
	child_wait(&child);
	if (child.code < 0 || child.code > 1)
		code = out_error(EXIT_USAGE, a, 0, 0, "cannot compare it with %s: diff failed", b);
	else
		hunks_parse(&c->hunks, child.out, a, b);
	child_free(&child);
	free(a);
	free(b);
	return code;
}

/* Is @name one of the lines of @list? */
static bool listed(const char *list, const char *name)
{
	size_t len = strlen(name);

	for (const char *s = list; *s; s += strcspn(s, "\n"), s += *s == '\n')
		if (!strncmp(s, name, len) && (s[len] == '\n' || !s[len]))
			return true;
	return false;
}

static bool number_listed(const char *list, uint32_t n)
{
	char s[16];

	snprintf(s, sizeof(s), "%u", n);
	return listed(list, s);
}

static void look_at_files(struct cover *c, unsigned int s)
{
	const char *last = "";

	for (size_t i = 0; i < c->hunks.n; i++) {
		const struct hunk *h = &c->hunks.hunk[i];
		char *name, *text, *active;

		if (strcmp(h->file, last) == 0)
			continue;
		last = h->file;
		name = path_of("files", h->file);
		text = slurp(c->side[s].folder, name);
		hunks_mark_code(&c->hunks, h->file, text, s == SIDE_PATCHED);
		free(name);
		free(text);
		name = path_of("active", h->file);
		active = slurp(c->side[s].folder, name);
		for (size_t k = 0; k < c->hunks.n; k++) {
			struct hunk *same = &c->hunks.hunk[k];

			for (size_t l = 0; l < same->n && !strcmp(same->file, last); l++)
				if (same->changed[l].added == (s == SIDE_PATCHED))
					same->changed[l].active =
						number_listed(active, same->changed[l].line);
		}
		free(name);
		free(active);
	}
}

/* The path without "x/../" and "./". */
static char *plain(const char *path)
{
	char *to = strdup(path);
	size_t n = 0;

	if (!to)
		out_die("out of memory");
	for (const char *s = path; *s; s += strcspn(s, "/"), s += strspn(s, "/")) {
		size_t len = strcspn(s, "/"), up = n ? n - 1 : 0;

		while (up && to[up - 1] != '/')
			up--;
		if (len == 1 && *s == '.')
			continue;
		if (len == 2 && !strncmp(s, "..", 2) && n > 1) {
			n = up;
			continue;
		}
		memmove(to + n, s, len);
		n += len;
		if (s[len])
			to[n++] = '/';
	}
	to[n] = '\0';
	return to;
}

bool cover_same_file(const char *path, const char *root, const char *file)
{
	size_t len = strlen(root);
	char *name;
	bool same;

	if (!len || strncmp(path, root, len) != 0 || path[len] != '/')
		return false;
	name = plain(path + len + 1);
	same = !strcmp(name, file);
	free(name);
	return same;
}

bool cover_is_made(const char *made, const char *object, const char *file)
{
	size_t len = strlen(object);

	for (const char *s = made; *s; s += strcspn(s, "\n"), s += *s == '\n') {
		size_t rest;

		if (strncmp(s, object, len) != 0 || s[len] != '\t')
			continue;
		rest = strcspn(s + len + 1, "\n");
		if (rest == strlen(file) && !strncmp(s + len + 1, file, rest))
			return true;
	}
	return false;
}

static void watch(struct cover_side *s, uint64_t at)
{
	s->point = out_grow(s->point, &s->cap, s->npoints + 1, sizeof(*s->point));
	s->point[s->npoints++] = at;
}

typedef void (*row_fn)(struct cover *c, unsigned int side, struct hunk_line *line,
		       const struct lines_row *row);

/* Each row of each line of a hunk that is of this side. */
static void each_row(struct cover *c, struct hunk *h, unsigned int side, row_fn fn)
{
	struct lines *l = &c->side[side].lines;
	bool *of_file = out_alloc(l->nfiles + 1, sizeof(*of_file));

	for (size_t i = 0; i < l->nfiles; i++)
		of_file[i] = cover_same_file(l->file[i], c->side[side].root, h->file);
	for (size_t i = 0; i < l->n; i++) {
		if (!of_file[l->row[i].file])
			continue;
		for (size_t k = 0; k < h->n; k++)
			if (h->changed[k].line == l->row[i].line &&
			    h->changed[k].added == (side == SIDE_PATCHED))
				fn(c, side, &h->changed[k], &l->row[i]);
	}
	free(of_file);
}

static void plan_row(struct cover *c, unsigned int side, struct hunk_line *line,
		     const struct lines_row *row)
{
	if (!lines_live(&c->side[side].lines, row)) {
		line->dead = true;
		return;
	}
	line->linked = true;
	watch(&c->side[side], row->at);
}

static bool is_direct(const struct hunk *h)
{
	for (size_t i = 0; i < h->n; i++)
		if (h->changed[i].linked)
			return true;
	return false;
}

/* Has the function at @at a line of a hunk?  Then the patch changed it there. */
static bool explained(const struct cover *c, unsigned int side, uint64_t at, uint64_t size)
{
	const struct cover_side *s = &c->side[side];

	for (size_t i = 0; i < s->npoints; i++)
		if (s->point[i] >= at && s->point[i] < at + size)
			return true;
	return false;
}

/* Where a function that changed is; false: it has a line of a hunk. */
static bool locate(const struct cover *c, unsigned int side, struct cover_function *fn)
{
	const struct cover_side *s = &c->side[side];
	char *objects = path_of(s->folder, "objects");
	uint64_t at = 0, size = 0;
	size_t n = places_find(&s->places, objects, fn->object, fn->name, &at, &size);

	free(objects);
	if (n == 1 && explained(c, side, at, size))
		return false;
	if (n == 1) {
		fn->at[side] = at;
		fn->size[side] = size;
	} else if (n)
		fn->unsure = true;
	return true;
}

/* The numbers of a hunk's lines on one side; false: it has none there. */
static bool lines_of(const struct hunk *h, unsigned int side, uint32_t *first, uint32_t *last)
{
	*first = UINT32_MAX;
	*last = 0;
	for (size_t i = 0; i < h->n; i++) {
		const struct hunk_line *l = &h->changed[i];

		if (l->added != (side == SIDE_PATCHED))
			continue;
		*first = l->line < *first ? l->line : *first;
		*last = l->line > *last ? l->line : *last;
	}
	return *last;
}

/*
 * Are the nearest lines with code before and behind a hunk both of this function, if the hunk has
 * lines on this side?
 */
static bool surrounds(const struct cover *c, unsigned int side, const struct hunk *h,
		      const struct cover_function *fn)
{
	const struct cover_side *s = &c->side[side];
	uint64_t at = fn->at[side], end = at + fn->size[side];
	uint32_t first, last, before = 0, behind = UINT32_MAX;
	bool of_before = false, of_behind = false;

	if (!lines_of(h, side, &first, &last))
		return true;
	if (!at)
		return false;
	for (size_t i = 0; i < s->lines.n; i++) {
		const struct lines_row *row = &s->lines.row[i];
		bool own = row->at >= at && row->at < end;

		if (!row->line || row->line < before || row->line > behind ||
		    (row->line >= first && row->line <= last) || !lines_live(&s->lines, row) ||
		    !cover_same_file(s->lines.file[row->file], s->root, h->file))
			continue;
		if (row->line < first) {
			of_before = row->line == before ? of_before || own : own;
			before = row->line;
		} else {
			of_behind = row->line == behind ? of_behind || own : own;
			behind = row->line;
		}
	}
	return of_before && of_behind;
}

/* Statements between the lines of the function that diff names: what else could they change? */
static bool is_inside(const struct cover *c, const struct hunk *h, const struct cover_function *fn)
{
	size_t len = strlen(fn->name);
	const char *name = strstr(h->function, fn->name);

	for (size_t i = 0; i < h->n; i++)
		if (h->changed[i].directive)
			return false;
	if (!name || name[len] != '(' || fn->unsure ||
	    (name > h->function && (isalnum((unsigned char)name[-1]) || name[-1] == '_')))
		return false;
	return surrounds(c, SIDE_BASE, h, fn) && surrounds(c, SIDE_PATCHED, h, fn);
}

static void plan_functions(struct cover *c)
{
	c->function = out_alloc(c->changed.n + 1, sizeof(*c->function));
	for (size_t i = 0; i < c->changed.n; i++) {
		struct cover_function fn = { .object = c->changed.function[i].object,
					     .name = c->changed.function[i].name };

		if (locate(c, SIDE_BASE, &fn) && locate(c, SIDE_PATCHED, &fn))
			c->function[c->nfunctions++] = fn;
	}
	for (size_t i = 0; i < c->nfunctions; i++)
		for (unsigned int s = 0; s < SIDES; s++)
			if (c->function[i].at[s])
				watch(&c->side[s], c->function[i].at[s]);
}

static int by_address(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static int write_points(struct cover_side *s)
{
	size_t n = 0;
	FILE *f;
	bool ok;

	if (s->npoints)
		qsort(s->point, s->npoints, sizeof(*s->point), by_address);
	for (size_t i = 0; i < s->npoints; i++)
		if (!n || s->point[n - 1] != s->point[i])
			s->point[n++] = s->point[i];
	s->npoints = n;
	if (!n)
		return 0;
	s->watch = path_of(s->folder, "watch");
	f = fopen(s->watch, "w");
	ok = f && fwrite(s->point, sizeof(*s->point), n, f) == n;
	if (f && fclose(f))
		ok = false;
	return ok ? 0 : out_error(EXIT_USAGE, s->watch, 0, 0, "cannot write it");
}

static int plan_lines(struct cover *c)
{
	for (unsigned int s = 0; s < SIDES; s++) {
		char *name = path_of(c->side[s].folder, "program");
		bool ok = lines_read(&c->side[s].lines, name);

		if (!ok)
			out_error(EXIT_INTERNAL, name, 0, 0, "its line table cannot be read, so what "
				  "a patch changes in it cannot be watched");
		free(name);
		if (!ok)
			return EXIT_INTERNAL;
		for (size_t i = 0; i < c->hunks.n; i++)
			each_row(c, &c->hunks.hunk[i], s, plan_row);
	}
	return 0;
}

static void read_folders(struct cover *c)
{
	for (unsigned int s = 0; s < SIDES; s++) {
		struct cover_side *side = &c->side[s];

		side->root = slurp(side->folder, "root");
		side->root[strcspn(side->root, "\n")] = '\0';
		side->made = slurp(side->folder, "made");
		places_parse(&side->places, slurp(side->folder, "sections"));
	}
}

int cover_plan(struct cover *c, const char *base, const char *patched)
{
	char *a = path_of(base, "objects"), *b = path_of(patched, "objects");
	int code;

	memset(c, 0, sizeof(*c));
	c->side[SIDE_BASE].folder = base;
	c->side[SIDE_PATCHED].folder = patched;
	code = diff(c, base, patched);
	if (!code) {
		look_at_files(c, SIDE_BASE);
		look_at_files(c, SIDE_PATCHED);
		objects_compare(&c->changed, a, b);
		read_folders(c);
		code = plan_lines(c);
	}
	if (!code)
		plan_functions(c);
	for (unsigned int s = 0; s < SIDES && !code; s++)
		code = write_points(&c->side[s]);
	free(a);
	free(b);
	return code;
}

static void read_points(struct cover_side *s)
{
	FILE *f = s->watch ? fopen(s->watch, "r") : NULL;
	uint64_t at;

	for (size_t i = 0; f && i < s->npoints && fread(&at, sizeof(at), 1, f) == 1; i++)
		s->point[i] = at;
	if (f)
		fclose(f);
}

static bool reached(const struct cover_side *s, uint64_t at)
{
	for (size_t i = 0; i < s->npoints; i++)
		if ((s->point[i] & ~REACHED) == at)
			return s->point[i] & REACHED;
	return false;
}

static void judge_row(struct cover *c, unsigned int side, struct hunk_line *line,
		      const struct lines_row *row)
{
	if (lines_live(&c->side[side].lines, row) && reached(&c->side[side], row->at))
		line->executed = true;
}

/* Can a hunk have changed a function: is it in an object that its file went into? */
static bool is_of(const struct cover *c, const struct hunk *h, const struct cover_function *f)
{
	return hunk_is_build(h->file) ||
	       cover_is_made(c->side[SIDE_BASE].made, f->object, h->file) ||
	       cover_is_made(c->side[SIDE_PATCHED].made, f->object, h->file);
}

static enum hunk_status judge_function(const struct cover *c, const struct cover_function *f)
{
	enum hunk_status now = f->unsure ? HUNK_NOT_EXECUTED : HUNK_NOT_LINKED;

	for (unsigned int s = 0; s < SIDES && !f->unsure; s++) {
		if (f->at[s] && now < HUNK_NOT_EXECUTED)
			now = HUNK_NOT_EXECUTED;
		if (f->at[s] && reached(&c->side[s], f->at[s]))
			now = HUNK_EXECUTED;
	}
	return now;
}

/*
 * May a hunk without an instruction of its own have changed functions?  Otherwise @status says what
 * became of it.
 */
static bool asks_functions(const struct cover *c, const struct hunk *h, enum hunk_status *status)
{
	bool code = false, statement = false, active = false, dead = false, linked = false;
	bool unlinked = false;

	*status = HUNK_NO_CODE;
	for (size_t i = 0; i < h->n; i++) {
		const struct hunk_line *l = &h->changed[i];

		code |= l->code;
		statement |= l->code && !l->directive;
		active |= l->code && !l->directive && l->active;
		dead |= l->dead;
	}
	if (code && hunk_is_build(h->file))
		return true;
	if (!code || !hunk_is_source(h->file))
		return false;
	*status = HUNK_NOT_LINKED;
	if (dead)
		return false;
	for (unsigned int s = 0; s < SIDES; s++) {
		char *list = slurp(c->side[s].folder, "linked");

		linked |= listed(list, h->file);
		free(list);
		list = slurp(c->side[s].folder, "unlinked");
		unlinked |= listed(list, h->file);
		free(list);
	}
	if (linked || !unlinked)
		*status = HUNK_NOT_COMPILED;
	return linked && (!statement || active);
}

/* Which hunks without an instruction of their own are inside a function that changed? */
static void place_hunks(struct cover *c)
{
	for (size_t i = 0; i < c->hunks.n; i++)
		for (size_t k = 0; k < c->nfunctions; k++) {
			struct hunk *h = &c->hunks.hunk[i];
			struct cover_function *f = &c->function[k];
			enum hunk_status status;

			if (h->inside || is_direct(h) || !is_of(c, h, f) || !is_inside(c, h, f) ||
			    !asks_functions(c, h, &status))
				continue;
			h->inside = f;
			f->taken = true;
		}
}

/* What a hunk does that has no instruction of its own: through functions. */
static enum hunk_status judge_functions(struct cover *c, struct hunk *h)
{
	enum hunk_status status = HUNK_NO_CODE;
	struct text t = { 0 };

	free(h->through);
	if (h->inside) {
		text_add(&t, "%s", h->inside->name);
		h->through = t.s;
		return judge_function(c, h->inside);
	}
	for (size_t i = 0; i < c->nfunctions; i++) {
		const struct cover_function *f = &c->function[i];
		enum hunk_status now;

		if (f->taken || !is_of(c, h, f))
			continue;
		now = judge_function(c, f);
		if (now >= HUNK_NOT_EXECUTED)
			text_list(&t, ", ", f->name);
		status = now > status ? now : status;
	}
	h->through = t.s;
	return status;
}

/* Of the functions that a hunk can have changed, those that are linked and were not reached */
static char *not_reached(const struct cover *c, const struct hunk *h)
{
	struct text t = { 0 };

	for (size_t i = 0; i < c->nfunctions; i++)
		if (!c->function[i].taken && is_of(c, h, &c->function[i]) &&
		    judge_function(c, &c->function[i]) == HUNK_NOT_EXECUTED)
			text_list(&t, ", ", c->function[i].name);
	return t.s;
}

/*
 * Which function is due to which hunk is not known where a hunk is inside none: of several such
 * hunks each wants all of them.
 */
static void doubt_indirect(struct cover *c)
{
	size_t n = 0;

	for (size_t i = 0; i < c->hunks.n; i++)
		n += c->hunks.hunk[i].through && !c->hunks.hunk[i].inside;
	for (size_t i = 0; i < c->hunks.n && n > 1; i++) {
		struct hunk *h = &c->hunks.hunk[i];
		char *missed;

		if (!h->through || h->inside || h->status != HUNK_EXECUTED)
			continue;
		missed = not_reached(c, h);
		if (!missed)
			continue;
		free(h->through);
		h->through = missed;
		h->status = HUNK_NOT_EXECUTED;
	}
}

void cover_judge(struct cover *c)
{
	for (unsigned int s = 0; s < SIDES; s++)
		read_points(&c->side[s]);
	place_hunks(c);
	for (size_t i = 0; i < c->hunks.n; i++) {
		struct hunk *h = &c->hunks.hunk[i];

		if (!is_direct(h)) {
			if (asks_functions(c, h, &h->status))
				h->status = judge_functions(c, h);
			continue;
		}
		for (unsigned int s = 0; s < SIDES; s++)
			each_row(c, h, s, judge_row);
		h->status = HUNK_NOT_EXECUTED;
		for (size_t k = 0; k < h->n; k++)
			if (h->changed[k].executed)
				h->status = HUNK_EXECUTED;
	}
	doubt_indirect(c);
}

bool cover_counts(const struct cover *c, const struct hunk *h)
{
	if (h->status != HUNK_NO_CODE)
		return true;
	for (size_t i = 0; i < c->hunks.n; i++)
		if (c->hunks.hunk[i].status != HUNK_NO_CODE)
			return false;
	return true;
}

bool cover_ok(const struct cover *c)
{
	/* a patch without a hunk, or of which we found none: nothing of it was executed */
	if (!c->hunks.n)
		return false;
	for (size_t i = 0; i < c->hunks.n; i++)
		if (c->hunks.hunk[i].status != HUNK_EXECUTED && cover_counts(c, &c->hunks.hunk[i]))
			return false;
	return true;
}

void cover_free(struct cover *c)
{
	hunks_free(&c->hunks);
	objects_free(&c->changed);
	free(c->function);
	for (unsigned int s = 0; s < SIDES; s++) {
		lines_free(&c->side[s].lines);
		places_free(&c->side[s].places);
		free(c->side[s].root);
		free(c->side[s].made);
		free(c->side[s].watch);
		free(c->side[s].point);
	}
	memset(c, 0, sizeof(*c));
}
