/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Growing strings and folding.  Widths count code points: file names may be
 * UTF-8, all else that is printed here is ASCII.
 */
#define _GNU_SOURCE
#include "text.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "out.h"

void text_add(struct text *t, const char *fmt, ...)
{
	va_list ap, again;
	int n;

	va_start(ap, fmt);
	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n < 0)
		out_die("cannot format text");
	t->s = out_grow(t->s, &t->cap, t->len + (size_t)n + 1, 1);
	vsnprintf(t->s + t->len, (size_t)n + 1, fmt, again);
	va_end(again);
	t->len += (size_t)n;
}

void text_list(struct text *t, const char *separator, const char *item)
{
	text_add(t, "%s%s", t->len ? separator : "", item);
}

const char *text_str(const struct text *t)
{
	return t->s ? t->s : "";
}

void text_free(struct text *t)
{
	free(t->s);
	memset(t, 0, sizeof(*t));
}

/* Continuation bytes of UTF-8 take no column of their own. */
static unsigned int columns(char c)
{
	return ((unsigned char)c & 0xc0u) != 0x80u;
}

unsigned int text_width(const char *s, size_t len)
{
	unsigned int w = 0;

	for (size_t i = 0; i < len; i++)
		w += columns(s[i]);
	return w;
}

size_t text_fold(const char *s, unsigned int width, const char **next)
{
	size_t i = 0, space = 0;
	unsigned int w = 0;

	for (; s[i] && s[i] != '\n'; i++) {
		if (s[i] == ' ')
			space = i;
		w += columns(s[i]);
		if (w > width)
			break;
	}
	if (!s[i] || s[i] == '\n') {
		*next = s[i] ? s + i + 1 : s + i;
		return i;
	}
	if (space)
		i = space;
	else if (i == 0)
		i = 1;
	*next = s + i;
	while (**next == ' ')
		(*next)++;
	return i;
}

void text_print(FILE *f, unsigned int indent, unsigned int width, const char *s)
{
	unsigned int room = width > indent + 20 ? width - indent : 20;

	while (*s) {
		const char *next;
		size_t n = text_fold(s, room, &next);

		fprintf(f, "%*s%.*s\n", n ? (int)indent : 0, "", (int)n, s);
		s = next;
	}
}
