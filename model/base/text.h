/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Text into a caller's buffer without stdio, because the core has to compile
 * freestanding.  Counts on past the end, as snprintf does.
 */
#ifndef VTLB_BASE_TEXT_H
#define VTLB_BASE_TEXT_H

#include <stddef.h>
#include <stdint.h>

struct vtlb_text {
	char *buf;
	size_t cap;
	size_t len;
};

static inline struct vtlb_text vtlb_text(char *buf, size_t cap)
{
	struct vtlb_text t = { buf, cap, 0 };

	if (cap)
		buf[0] = '\0';
	return t;
}

static inline void vtlb_text_str(struct vtlb_text *t, const char *s)
{
	for (; *s; s++, t->len++)
		if (t->len + 1 < t->cap) {
			t->buf[t->len] = *s;
			t->buf[t->len + 1] = '\0';
		}
}

static inline void vtlb_text_uint(struct vtlb_text *t, uint64_t v)
{
	char digits[21];
	unsigned int i = sizeof(digits) - 1;

	digits[i] = '\0';
	do {
		digits[--i] = (char)('0' + v % 10);
		v /= 10;
	} while (v);
	vtlb_text_str(t, digits + i);
}

#endif /* VTLB_BASE_TEXT_H */
