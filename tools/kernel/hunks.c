/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Reading a unified diff, and telling code from comments.
 */
#define _GNU_SOURCE
#include "hunks.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "out.h"

static char *copy(const char *s, size_t len)
{
	char *c = out_alloc(len + 1, 1);

	memcpy(c, s, len);
	return c;
}

/* The name in "--- base/FILE<tab>time" below one of the folders. */
static char *name_below(const char *line, const char *folder)
{
	size_t len = strlen(folder);

	if (strncmp(line, folder, len) != 0 || line[len] != '/')
		return NULL;
	line += len + 1;
	return copy(line, strcspn(line, "\t\n"));
}

static struct hunk *new_hunk(struct hunks *h, const char *file, const char *head)
{
	const char *name = strstr(head + 2, "@@");
	struct hunk *k;

	h->hunk = out_grow(h->hunk, &h->cap, h->n + 1, sizeof(*h->hunk));
	k = &h->hunk[h->n++];
	memset(k, 0, sizeof(*k));
	k->file = copy(file, strlen(file));
	name = name ? name + 2 : "";
	name += strspn(name, " ");
	k->function = copy(name, strcspn(name, "\n"));
	return k;
}

static void add_line(struct hunk *k, bool added, uint32_t line, uint32_t in_patched)
{
	if (!k->n)
		k->line = in_patched;
	k->changed = out_grow(k->changed, &k->cap, k->n + 1, sizeof(*k->changed));
	k->changed[k->n++] = (struct hunk_line){ .line = line, .added = added };
}

static const char *next_line(const char *s)
{
	s += strcspn(s, "\n");
	return *s ? s + 1 : s;
}

void hunks_parse(struct hunks *h, const char *diff, const char *base, const char *patched)
{
	unsigned int old = 0, new = 0, old_left = 0, new_left = 0;
	struct hunk *k = NULL;
	char *file = NULL;

	memset(h, 0, sizeof(*h));
	for (const char *s = diff; *s; s = next_line(s)) {
		if (!old_left && !new_left) {
			char *name = NULL;

			if (!strncmp(s, "--- ", 4))
				name = name_below(s + 4, base);
			else if (!strncmp(s, "+++ ", 4))
				name = name_below(s + 4, patched);
			if (name) {
				free(file);
				file = name;
			}
			if (!file || strncmp(s, "@@ ", 3) != 0)
				continue;
			old_left = new_left = 1;
			if (sscanf(s, "@@ -%u,%u", &old, &old_left) < 1 ||
			    sscanf(strchr(s + 3, ' ') ? strchr(s + 3, ' ') : "", " +%u,%u", &new,
				   &new_left) < 1)
				old_left = new_left = 0;
			else
				k = new_hunk(h, file, s);
			continue;
		}
		if (*s == '-') {
			add_line(k, false, old++, new);
			old_left--;
		} else if (*s == '+') {
			add_line(k, true, new, new);
			new++;
			new_left--;
		} else if (*s != '\\') {
			old++;
			new++;
			old_left--;
			new_left--;
		}
	}
	free(file);
}

/**
 * struct scan - where a scan of C text is
 * @quote: the delimiter of the literal that it is in, or 0
 */
struct scan {
	bool comment, line_comment, directive;
	char quote;
};

/* One line, without its newline: is there more than comment in it? */
static bool scan_line(struct scan *s, const char *p, size_t len)
{
	bool code = s->directive;

	s->line_comment = false;
	for (size_t i = 0; i < len && !s->line_comment; i++) {
		char next = i + 1 < len ? p[i + 1] : '\0';

		if (s->comment) {
			if (p[i] == '*' && next == '/') {
				s->comment = false;
				i++;
			}
		} else if (s->quote) {
			code = true;
			if (p[i] == '\\')
				i++;
			else if (p[i] == s->quote)
				s->quote = '\0';
		} else if (p[i] == '/' && next == '*') {
			s->comment = true;
			i++;
		} else if (p[i] == '/' && next == '/') {
			s->line_comment = true;
		} else if (!isspace((unsigned char)p[i])) {
			if (!code && p[i] == '#')
				s->directive = true;
			code = true;
			if (p[i] == '"' || p[i] == '\'')
				s->quote = p[i];
		}
	}
	s->quote = '\0';
	return code;
}

static void mark(struct hunks *h, const char *file, uint32_t line, bool added, bool code,
		 bool directive)
{
	for (size_t i = 0; i < h->n; i++) {
		struct hunk *k = &h->hunk[i];

		if (strcmp(k->file, file) != 0)
			continue;
		for (size_t c = 0; c < k->n; c++) {
			if (k->changed[c].line != line || k->changed[c].added != added)
				continue;
			k->changed[c].code = code;
			k->changed[c].directive = directive;
		}
	}
}

void hunks_mark_code(struct hunks *h, const char *file, const char *text, bool added)
{
	struct scan s = { 0 };
	uint32_t line = 1;

	for (const char *p = text; *p; p = next_line(p), line++) {
		size_t len = strcspn(p, "\n");
		bool code = scan_line(&s, p, len);

		mark(h, file, line, added, code, s.directive);
		/* a directive goes on behind a backslash */
		s.directive = s.directive && len && p[len - 1] == '\\';
	}
}

void hunks_free(struct hunks *h)
{
	for (size_t i = 0; i < h->n; i++) {
		free(h->hunk[i].file);
		free(h->hunk[i].function);
		free(h->hunk[i].changed);
		free(h->hunk[i].through);
	}
	free(h->hunk);
	memset(h, 0, sizeof(*h));
}

bool hunk_is_source(const char *file)
{
	static const char *const not_kernel[] = { "Documentation/", "tools/", "samples/", "scripts/",
						  "usr/" };
	size_t len = strlen(file);

	for (size_t i = 0; i < sizeof(not_kernel) / sizeof(*not_kernel); i++)
		if (strncmp(file, not_kernel[i], strlen(not_kernel[i])) == 0)
			return false;
	return len > 2 && file[len - 2] == '.' && strchr("chS", file[len - 1]);
}

bool hunk_is_build(const char *file)
{
	static const char *const names[] = { "Makefile", "Kbuild", "Kconfig" };
	const char *slash = strrchr(file, '/');

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (strncmp(slash ? slash + 1 : file, names[i], strlen(names[i])) == 0)
			return true;
	return false;
}

const char *hunk_status_name(enum hunk_status s)
{
	static const char *const name[] = {
		[HUNK_NO_CODE] = "no-code",
		[HUNK_NOT_COMPILED] = "not-compiled",
		[HUNK_NOT_LINKED] = "not-linked",
		[HUNK_NOT_EXECUTED] = "not-executed",
		[HUNK_EXECUTED] = "executed",
	};

	return name[s];
}
