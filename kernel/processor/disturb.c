/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Disturbances: junk, other orders, other places.  What is left out as a whole is changed
 * by the same lists that leave it out.  In shadow pages and paging-structure caches, which
 * are written in a form of their own, bits are changed at random, and stay changed where the
 * written bytes do not show it: so that what is left out without being listed is found, too.
 */
#include "disturb.h"

#include <stddef.h>

#include "canon.h"
#include "cpus.h"
#include "machine.h"
#include "psc.h"

#define FLIPS 32u	/* bits that one disturbance tries */

static struct glue_pages pages;
static uint64_t random_at, hash;

/* splitmix64 */
static unsigned long next_random(void)
{
	uint64_t z = random_at += 0x9e3779b97f4a7c15ull;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ z >> 27) * 0x94d049bb133111ebull;
	return z ^ z >> 31;
}

static void scramble(const void *at, unsigned long size)
{
	for (uint8_t *p = (uint8_t *)at; size; size--)
		*p++ = (uint8_t)next_random();
}

/* Where a bit may be changed. */
static struct value {
	uint8_t *at;
	unsigned long size;
} *values;
static size_t nvalues, values_cap;

static void add_value(void *at, unsigned long size)
{
	if (nvalues == values_cap) {
		values_cap = values_cap ? 2 * values_cap : 1024;
		values = machine_grow(values, values_cap, sizeof(*values));
	}
	values[nvalues++] = (struct value){ at, size };
}

static void mix(unsigned long word)
{
	hash = (hash ^ word) * 0xd1342543de82ef95ull;
	hash ^= hash >> 32;
}

static void add_written(const void *at, unsigned long size)
{
	add_value((void *)at, size);
}

static unsigned long number(unsigned long at)
{
	return glue_state_number(&pages, at);
}

static uint64_t hash_of_written(void)
{
	hash = 0;
	glue_state_write(&pages, canon_order(), mix);
	psc_write(number, mix);
	return hash;
}

static void flip_bits(void)
{
	uint64_t was = hash_of_written();

	for (unsigned int i = 0; nvalues && i < FLIPS; i++) {
		const struct value *v = &values[next_random() % nvalues];
		uint8_t *at = v->at + next_random() % v->size;
		uint8_t bit = (uint8_t)(1u << next_random() % 8);

		*at ^= bit;
		if (hash_of_written() != was)
			*at ^= bit;
	}
	nvalues = 0;
}

static void change(void *arg)
{
	(void)arg;
	glue_state_shuffle(&pages, canon_order(), next_random);
	env_shuffle(next_random);
	canon_dead(scramble);
	glue_state_values(&pages, add_value);
	flip_bits();
	psc_skip(add_written);
	flip_bits();
}

bool disturb_machine(uint32_t seed)
{
	random_at = seed;
	cpus_switch(0);
	if (!machine_guard(change, NULL))
		return false;
	/* which one runs does not matter, either */
	cpus_switch((unsigned int)(next_random() % cpus_vcpus()));
	return true;
}
