/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * States as few bytes as a careful author of a Promela model would choose: Spin
 * stores, hashes and copies what it is given, so raw states would handicap it.
 */
#ifndef VTLB_BENCH_SEARCH_PACK_H
#define VTLB_BENCH_SEARCH_PACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SEARCH_PACK_WORDS 128	/* 64-bit words of one part of a state */

/**
 * struct search_pack - which bits of a part of a state can change
 * @base: the initial state; packed states say where they differ from it, so the
 *	initial one is all zeroes
 * @mask: bits that can change; that no other does is checked whenever a state
 *	is packed
 * @words: 64-bit words of the part
 * @bytes: bytes of a packed one
 * @run: groups of bits that stay together
 */
struct search_pack {
	uint64_t base[SEARCH_PACK_WORDS];
	uint64_t mask[SEARCH_PACK_WORDS];
	size_t words;
	size_t bytes;
	struct search_run {
		uint8_t word, shift;	/* in the state */
		uint8_t to, to_shift;	/* in the packed form */
		uint64_t bits;		/* as many ones as it has bits */
	} run[SEARCH_PACK_WORDS * 8];
	unsigned int nruns;
};

/** search_pack_open() - start with an empty mask; @size is a multiple of 8 */
bool search_pack_open(struct search_pack *p, const void *base, size_t size);

/** search_pack_learn() - make room for whatever differs in @state */
void search_pack_learn(struct search_pack *p, const void *state);

/** search_pack_close() - the mask is complete; false: too many runs */
bool search_pack_close(struct search_pack *p);

/** search_pack() - false if a bit outside the mask has changed */
bool search_pack(const struct search_pack *p, const void *state, uint8_t *packed);
void search_unpack(const struct search_pack *p, const uint8_t *packed, void *state);

/** search_pack_print() - the mask as hexadecimal digits, at most @cap with the NUL */
void search_pack_print(const struct search_pack *p, char *text, size_t cap);

/** search_pack_parse() - instead of learning; false unless it is for this size */
bool search_pack_parse(struct search_pack *p, const char *text);

#endif /* VTLB_BENCH_SEARCH_PACK_H */
