/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Numbers that walks choose by: the same for the same seed on every machine.
 */
#ifndef TOOLS_RANDOM_H
#define TOOLS_RANDOM_H

#include <stdint.h>

/* splitmix64: small, and good enough to choose among a few dozen operations */
static inline uint64_t random64(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15ull;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ z >> 27) * 0x94d049bb133111ebull;
	return z ^ z >> 31;
}

/** random_below() - a number below @n */
static inline uint32_t random_below(uint64_t *state, uint32_t n)
{
	return (uint32_t)((random64(state) >> 32) * n >> 32);
}

/** random_walk() - where walk number @run of @seed begins, whenever it is made */
static inline uint64_t random_walk(uint64_t seed, uint64_t run)
{
	return random64(&seed) ^ run * 0xd1342543de82ef95ull;
}

#endif /* TOOLS_RANDOM_H */
