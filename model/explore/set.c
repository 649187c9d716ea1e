/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Sets as rows of bits: the words of vtlb_cstate.set, of one or two readings,
 * without the bits that are always 0; and the head, which is all the rest.
 */
#include "internal.h"

#define HEAD offsetof(struct vtlb_cstate, set)
#define NO_BIT 0xffffu

static struct vtlb_cstate *cstate(uint8_t *const *c, unsigned int i)
{
	return (struct vtlb_cstate *)(void *)c[i];
}

static bool add_bits(struct search *s, unsigned int contract, const uint32_t *mask)
{
	uint32_t nwords = vtlb_contract_words(&s->c[contract]);

	for (uint32_t word = 0; word < nwords; word++)
		for (uint32_t rest = mask[word]; rest; rest &= rest - 1) {
			unsigned int bit = (unsigned int)__builtin_ctz(rest);

			if (s->nbits == MAX_SET_WORDS * 64)
				return false;
			s->bit_index[contract][word * 32 + bit] = (uint16_t)s->nbits;
			s->bit[s->nbits++] = (struct bit_at){ (uint16_t)word, (uint8_t)bit,
							      (uint8_t)contract };
		}
	return true;
}

bool set_layout(struct search *s)
{
	s->bit = mem_get(s, MAX_SET_WORDS * 64 * sizeof(*s->bit));
	if (!s->bit)
		return false;
	for (unsigned int i = 0; i < s->ncontracts; i++) {
		uint32_t nwords = vtlb_contract_words(&s->c[i]);
		uint32_t *mask = mem_get(s, nwords * sizeof(*mask));

		s->bit_index[i] = mem_get(s, nwords * 32 * sizeof(uint16_t));
		if (!mask || !s->bit_index[i]) {
			mem_put(s, mask, nwords * sizeof(*mask));
			return false;
		}
		memset(s->bit_index[i], 0xff, nwords * 32 * sizeof(uint16_t));
		vtlb_contract_bits(&s->c[i], mask);
		if (!add_bits(s, i, mask))
			s->limit = true;
		mem_put(s, mask, nwords * sizeof(*mask));
	}
	s->words = s->nbits ? (s->nbits + 63) / 64 : 1;
	s->set_at = s->prints ? 0 : sizeof(struct entry);
	s->entry_size = s->set_at + s->words * sizeof(uint64_t);
	s->candidate_size = sizeof(struct candidate) + s->words * sizeof(uint64_t);
	for (unsigned int i = 0; i < s->ncontracts; i++) {
		s->reading_mask[i] = mem_get(s, s->words * sizeof(uint64_t));
		if (!s->reading_mask[i])
			return false;
		for (unsigned int b = 0; b < s->nbits; b++)
			if (s->bit[b].contract == i)
				s->reading_mask[i][b / 64] |= 1ull << b % 64;
	}
	return !s->limit;
}

void set_pack(const struct search *s, uint8_t *const *c, uint64_t *set)
{
	memset(set, 0, s->words * sizeof(*set));
	for (unsigned int i = 0; i < s->ncontracts; i++) {
		uint32_t nwords = vtlb_contract_words(&s->c[i]);

		for (uint32_t word = 0; word < nwords; word++)
			for (uint32_t rest = cstate(c, i)->set[word]; rest; rest &= rest - 1) {
				unsigned int bit = (unsigned int)__builtin_ctz(rest);
				unsigned int b = s->bit_index[i][word * 32 + bit];

				if (b != NO_BIT)
					set[b / 64] |= 1ull << b % 64;
			}
	}
}

static void use(struct search *s, size_t at, size_t n)
{
	for (size_t i = 0; i < n; i++)
		s->head_at[s->nhead++] = (uint16_t)(at + i);
}

/* Which bytes of a head this world has. */
bool set_heads(struct search *s)
{
	const size_t mem = offsetof(struct vtlb_cstate, mem);

	s->head_at = mem_get(s, HEAD * sizeof(*s->head_at));
	if (!s->head_at)
		return false;
	use(s, 0, s->w.nvcpus * sizeof(struct vtlb_regs));
	for (unsigned int i = 0; i < s->w.nroots; i++)
		use(s, mem + offsetof(struct vtlb_mem, root[i]), s->w.nregions);
	for (unsigned int i = 0; i < s->w.nuppers; i++)
		use(s, mem + offsetof(struct vtlb_mem, upper[i]), s->w.nslots);
	for (unsigned int i = 0; i < s->w.nleafs; i++)
		use(s, mem + offsetof(struct vtlb_mem, leaf[i]), VTLB_MAX_ENTRIES);
	use(s, offsetof(struct vtlb_cstate, wp0), sizeof(((struct vtlb_cstate *)0)->wp0));
	use(s, offsetof(struct vtlb_cstate, nxe), sizeof(uint32_t));
	s->head_size = s->ncontracts * s->nhead;
	return true;
}

void set_head(const struct search *s, const uint8_t *head, uint8_t *const *c)
{
	for (unsigned int i = 0; i < s->ncontracts; i++) {
		memset(c[i], 0, vtlb_contract_size(&s->c[i]));
		for (size_t j = 0; j < s->nhead; j++)
			c[i][s->head_at[j]] = *head++;
	}
}

void set_take_head(const struct search *s, uint8_t *const *c, uint8_t *head)
{
	for (unsigned int i = 0; i < s->ncontracts; i++)
		for (size_t j = 0; j < s->nhead; j++)
			*head++ = c[i][s->head_at[j]];
}

void set_unpack(const struct search *s, const uint8_t *head, const uint64_t *set,
		uint8_t *const *c)
{
	set_head(s, head, c);
	for (unsigned int i = 0; i < s->words; i++)
		for (uint64_t rest = set[i]; rest; rest &= rest - 1) {
			const struct bit_at *at = &s->bit[i * 64 + (unsigned int)
									   __builtin_ctzll(rest)];

			cstate(c, at->contract)->set[at->word] |= 1u << at->bit;
		}
}

void set_turn(const struct search *s, unsigned int g, const uint64_t *set, uint64_t *to)
{
	const uint16_t *turn = s->turn_bit + (size_t)g * s->nbits;

	for (unsigned int i = 0; i < s->words; i++)
		to[i] = 0;
	for (unsigned int i = 0; i < s->words; i++)
		for (uint64_t rest = set[i]; rest; rest &= rest - 1) {
			unsigned int b = turn[i * 64 + (unsigned int)__builtin_ctzll(rest)];

			to[b / 64] |= 1ull << b % 64;
		}
}

static bool less(const struct search *s, const uint64_t *a, const uint64_t *b)
{
	for (unsigned int i = 0; i < s->words; i++)
		if (a[i] != b[i])
			return a[i] < b[i];
	return false;
}

/* The smallest of what the symmetries in @stab make of @set; @scratch: two sets. */
void set_smallest(const struct search *s, uint64_t stab, uint64_t *set, uint64_t *scratch)
{
	uint64_t *first = scratch, *turned = scratch + s->words;

	stab &= ~1ull;
	if (!stab)
		return;
	copy_set(s, first, set);
	for (; stab; stab &= stab - 1) {
		set_turn(s, (unsigned int)__builtin_ctzll(stab), first, turned);
		if (less(s, turned, set))
			copy_set(s, set, turned);
	}
}
