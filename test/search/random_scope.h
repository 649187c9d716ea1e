/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Small scopes made of a seed: roots, pages and first entries that no symmetry
 * relates, and a few operations of each kind.
 */
#ifndef TEST_SEARCH_RANDOM_SCOPE_H
#define TEST_SEARCH_RANDOM_SCOPE_H

#include "shipped.h"

struct random_scope {
	uint32_t seed;
	char text[4096];
	size_t len;
};

static inline uint32_t random_below(struct random_scope *r, uint32_t n)
{
	r->seed = r->seed * 1664525u + 1013904223u;
	return (r->seed >> 8) % n;
}

__attribute__((format(printf, 2, 3))) static inline void random_put(struct random_scope *r,
								    const char *format, ...)
{
	va_list args;

	va_start(args, format);
	r->len += (size_t)vsnprintf(r->text + r->len, sizeof(r->text) - r->len, format, args);
	va_end(args);
	assert_true(r->len < sizeof(r->text));
}

/* What an entry maps, @frame or nothing; @out has room for it. */
static inline const char *random_leaf(struct random_scope *r, uint32_t frame, char *out, size_t cap)
{
	static const char *const rights[] = { "rw", "rw", "ro", "clean", "global", "nx", "super" };

	if (!random_below(r, 9))
		return "np";
	snprintf(out, cap, "f%u %s", frame, rights[random_below(r, 7)]);
	return out;
}

static inline const char *random_cpu(struct random_scope *r, uint32_t cpus)
{
	static const char *const names[] = { "cpu0: ", "cpu1: " };

	return cpus == 1 ? "" : names[random_below(r, cpus)];
}

static inline void random_world(struct random_scope *r, uint32_t roots, uint32_t cpus,
				const char *second)
{
	char leaf[32];

	random_put(r, "vtlb-scope 1\nworld features=pcid,invpcid,pge,smep,smap,nx%s\n",
		   cpus > 1 ? " vcpus=2" : "");
	random_put(r, "about \"seeded\"\nroots%s\n",
		   roots == 1 ? " a" : roots == 2 ? " a b" : " a b c");
	for (unsigned int p = 0; p < (second ? 2u : 1u); p++) {
		bool private = !p || !strcmp(second, "two");

		random_put(r, "page %s %s =", p ? second : "user", private ? "private" : "shared");
		for (unsigned int i = 0; i < (private ? roots : 1u); i++)
			random_put(r, "%s %s", i ? "," : "",
				   random_leaf(r, random_below(r, 2), leaf, sizeof(leaf)));
		random_put(r, "\n");
	}
	random_put(r, "start cr4=pae%s\n", random_below(r, 5) < 3 ? ",pcide" : "");
}

static inline void random_page_ops(struct random_scope *r, uint32_t roots, uint32_t cpus,
				   const char *page, bool private)
{
	static const struct {
		const char *what, *ac;
	} accesses[] = { { "user read ", "" },
			 { "user write ", "" },
			 { "super write ", " noac" },
			 { "super read ", " noac" },
			 { "super write ", " ac" } };
	uint32_t first = random_below(r, 5), n = 1 + random_below(r, 2);
	uint32_t frame = random_below(r, 3);
	const char *value[2];
	char leaf[2][32];

	for (unsigned int i = 0; i < 2; i++)
		value[i] = random_leaf(r, (frame + i) % 3, leaf[i], sizeof(leaf[i]));
	for (unsigned int root = 0; root < (private ? roots : 1u); root++)
		for (unsigned int i = 0; i < 2; i++)
			if (!i || strcmp(value[0], value[1]))
				random_put(r, "write %c.%s = %s\n", 'a' + (int)root, page, value[i]);
	for (unsigned int i = 0; i < n; i++) {
		random_put(r, "%s", random_cpu(r, cpus));
		random_put(r, "%s%s%s\n", accesses[(first + i) % 5].what, page,
			   accesses[(first + i) % 5].ac);
	}
	if (random_below(r, 3) == 0)
		random_put(r, "%sinvlpg %s\n", random_cpu(r, cpus), page);
}

/* The scope of @seed; vtlb_scope_free() it. */
static inline void random_scope(struct random_scope *r, uint32_t seed, struct vtlb_scope *s)
{
	static const char *const others[] = { "invpcid single pcid=1", "invpcid all",
					      "invpcid all-nonglobal", "cr4 ^= pge",
					      "cr0 ^= wp", "efer ^= nxe", "cr4 ^= smap",
					      "cr4 ^= smep", "cr4 ^= pcide", "host-zap f0" };
	uint32_t roots, cpus, second, n, first;
	struct vtlb_diag d;

	*r = (struct random_scope){ .seed = seed * 2654435761u + 1 };
	roots = 1 + (3 + random_below(r, 5)) / 4 + (random_below(r, 5) == 0);
	cpus = 1 + (random_below(r, 4) == 0);
	second = random_below(r, 4);
	random_world(r, roots, cpus, second == 0 ? "two" : second == 1 ? "kernel" : NULL);
	for (unsigned int i = 0; i < roots; i++)
		for (unsigned int pcid = random_below(r, 2); pcid < 2; pcid++)
			random_put(r, "%scr3 %c pcid=%u%s\n", random_cpu(r, cpus),
				   'a' + (int)i, pcid, random_below(r, 3) ? " noflush" : "");
	random_page_ops(r, roots, cpus, "user", true);
	if (second < 2)
		random_page_ops(r, roots, cpus, second ? "kernel" : "two", !second);
	n = random_below(r, 3);
	first = random_below(r, 10);
	for (unsigned int i = 0; i < n; i++)
		random_put(r, "%s%s\n", random_cpu(r, cpus), others[(first + 3 * i) % 10]);
	if (vtlb_scope_parse(r->text, r->len, s, &d))
		fail_msg("seed %u, line %u: %s\n%s", seed, d.line, d.message, r->text);
}

#endif /* TEST_SEARCH_RANDOM_SCOPE_H */
