/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Packing: the bits of a state that can change, one after the other.
 */
#include "search_pack.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool search_pack_open(struct search_pack *p, const void *base, size_t size)
{
	memset(p, 0, sizeof(*p));
	p->words = size / 8;
	if (size % 8 || p->words > SEARCH_PACK_WORDS)
		return false;
	memcpy(p->base, base, size);
	return true;
}

void search_pack_learn(struct search_pack *p, const void *state)
{
	const uint64_t *s = state;

	for (size_t i = 0; i < p->words; i++)
		p->mask[i] |= s[i] ^ p->base[i];
}

/* A run ends where the mask has a hole, and where either word is full. */
static bool add_bit(struct search_pack *p, unsigned int word, unsigned int bit, unsigned int at)
{
	struct search_run *run = p->nruns ? &p->run[p->nruns - 1] : NULL;

	if (run && at % 64 && run->word == word &&
	    bit == run->shift + (unsigned int)__builtin_popcountll(run->bits)) {
		run->bits = run->bits << 1 | 1;
		return true;
	}
	if (p->nruns == sizeof(p->run) / sizeof(p->run[0]))
		return false;
	p->run[p->nruns++] = (struct search_run){
		(uint8_t)word, (uint8_t)bit, (uint8_t)(at / 64), (uint8_t)(at % 64), 1
	};
	return true;
}

bool search_pack_close(struct search_pack *p)
{
	unsigned int at = 0;

	for (unsigned int word = 0; word < p->words; word++)
		for (unsigned int bit = 0; bit < 64; bit++)
			if ((p->mask[word] >> bit & 1) && !add_bit(p, word, bit, at++))
				return false;
	p->bytes = (at + 7) / 8;
	return true;
}

bool search_pack(const struct search_pack *p, const void *state, uint8_t *packed)
{
	uint64_t diff[SEARCH_PACK_WORDS], out[SEARCH_PACK_WORDS + 1], other = 0;
	const uint64_t *s = state;

	for (size_t i = 0; i < p->words; i++) {
		diff[i] = s[i] ^ p->base[i];
		other |= diff[i] & ~p->mask[i];
	}
	memset(out, 0, p->bytes + 8);
	for (unsigned int i = 0; i < p->nruns; i++) {
		const struct search_run *run = &p->run[i];

		out[run->to] |= (diff[run->word] >> run->shift & run->bits) << run->to_shift;
	}
	memcpy(packed, out, p->bytes);
	return !other;
}

void search_unpack(const struct search_pack *p, const uint8_t *packed, void *state)
{
	uint64_t in[SEARCH_PACK_WORDS + 1], *s = state;

	in[p->bytes / 8] = 0;
	memcpy(in, packed, p->bytes);
	memcpy(s, p->base, p->words * 8);
	for (unsigned int i = 0; i < p->nruns; i++) {
		const struct search_run *run = &p->run[i];

		s[run->word] ^= (in[run->to] >> run->to_shift & run->bits) << run->shift;
	}
}

void search_pack_print(const struct search_pack *p, char *text, size_t cap)
{
	for (size_t i = 0; i < p->words && (i + 1) * 16 < cap; i++)
		snprintf(text + i * 16, 17, "%016" PRIx64, p->mask[i]);
}

bool search_pack_parse(struct search_pack *p, const char *text)
{
	char word[17] = "";

	if (strlen(text) != p->words * 16)
		return false;
	for (size_t i = 0; i < p->words; i++) {
		memcpy(word, text + i * 16, 16);
		p->mask[i] = strtoull(word, NULL, 16);
	}
	return search_pack_close(p);
}
