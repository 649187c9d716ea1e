/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Large numbers for people: as many digits as can be read at a glance.
 */
#include "amount.h"

#include <string.h>

void amount_exact(struct text *t, uint64_t n)
{
	char digits[24];
	size_t len;

	snprintf(digits, sizeof(digits), "%llu", (unsigned long long)n);
	len = strlen(digits);
	for (size_t i = 0; i < len; i++)
		text_add(t, "%s%c", i && (len - i) % 3 == 0 ? "," : "", digits[i]);
}

static void scaled(struct text *t, double n, double base, const char *const *units)
{
	unsigned int i = 0;

	for (; n >= base - 0.5 && units[i + 1]; i++)
		n /= base;
	text_add(t, "%.*f%s", i == 0 || n >= 99.95 ? 0 : n >= 9.995 ? 1 : 2, n, units[i]);
}

void amount_short(struct text *t, double n)
{
	static const char *const units[] = { "", " k", " M", " G", " T", " P", NULL };

	scaled(t, n, 1000, units);
}

void amount_bytes(struct text *t, double n)
{
	static const char *const units[] = { " B", " KiB", " MiB", " GiB", " TiB", NULL };

	scaled(t, n, 1024, units);
}

void amount_seconds(struct text *t, double s)
{
	unsigned long whole = (unsigned long)s;

	if (s < 10)
		text_add(t, "%.2f s", s);
	else if (s < 60)
		text_add(t, "%.1f s", s);
	else if (s < 3600)
		text_add(t, "%lu min %lu s", whole / 60, whole % 60);
	else
		text_add(t, "%lu h %lu min", whole / 3600, whole / 60 % 60);
}
