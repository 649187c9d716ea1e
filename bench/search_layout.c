/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Finding a layout: no search is needed for it, because packing notices a bit
 * that the walk has missed.
 */
#include "search_layout.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MASK_TEXT (SEARCH_PACK_WORDS * 16 + 1)

static bool open_parts(struct search_layout *l, const struct search *s, uint64_t *state)
{
	search_reset(s, state);
	return search_pack_open(&l->contract, state, s->contract_size) &&
	       search_pack_open(&l->impl, (uint8_t *)state + s->contract_size, s->impl_size);
}

static void walk(struct search_layout *l, const struct search *s, uint64_t *from, uint64_t *to,
		 unsigned long steps)
{
	const size_t size = s->contract_size + s->impl_size;
	uint32_t seed = 0x9e3779b9;

	while (steps--) {
		/* xorshift32 */
		seed ^= seed << 13;
		seed ^= seed >> 17;
		seed ^= seed << 5;
		if (search_step(s, from, seed % s->ntransitions, to) != SEARCH_SAFE)
			continue;
		memcpy(from, to, size);
		search_pack_learn(&l->contract, from);
		search_pack_learn(&l->impl, (uint8_t *)from + s->contract_size);
	}
}

bool search_layout_find(struct search_layout *l, const struct search *s, unsigned long steps)
{
	const size_t size = s->contract_size + s->impl_size;
	uint64_t *from = malloc(size), *to = malloc(size);
	bool ok = from && to && open_parts(l, s, from);

	if (ok) {
		walk(l, s, from, to, steps);
		ok = search_pack_close(&l->contract) && search_pack_close(&l->impl);
	}
	free(from);
	free(to);
	return ok;
}

bool search_layout_read(struct search_layout *l, const struct search *s, const char *path)
{
	char contract[MASK_TEXT], impl[MASK_TEXT];
	uint64_t *state = malloc(s->contract_size + s->impl_size);
	FILE *f = fopen(path, "r");
	bool ok = state && f && open_parts(l, s, state) &&
		  fscanf(f, "%2048s %2048s", contract, impl) == 2 &&
		  search_pack_parse(&l->contract, contract) && search_pack_parse(&l->impl, impl);

	if (f)
		fclose(f);
	free(state);
	return ok;
}

void search_layout_print(const struct search_layout *l, const struct search *s)
{
	char contract[MASK_TEXT], impl[MASK_TEXT];

	search_pack_print(&l->contract, contract, sizeof(contract));
	search_pack_print(&l->impl, impl, sizeof(impl));
	printf("%s\n%s\n", contract, impl);
	printf("transitions %u contract %zu impl %zu raw %zu %zu\n", s->ntransitions,
	       l->contract.bytes, l->impl.bytes, s->contract_size, s->impl_size);
}
