/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Things that are kept once and then have a number, from 0, in the order in which they
 * came.
 */
#ifndef TOOLS_INTERN_H
#define TOOLS_INTERN_H

#include <stddef.h>
#include <stdint.h>

#define INTERN_MAX (1u << 30)

/**
 * struct intern - a set
 * @key: bytes that tell one from another, the first of the @size that it has
 * @n: how many there are; at most INTERN_MAX, which the caller looks after
 * @bytes: memory in use
 */
struct intern {
	size_t key, size;
	uint8_t **chunk;
	size_t chunk_cap;
	uint32_t *slot;
	uint32_t n, nslots;
	uint64_t bytes;
};

/** intern_add() - the number of @item, which is new if .n has grown */
uint32_t intern_add(struct intern *t, const void *item);

/** intern_at() - item number @id; it stays where it is */
const void *intern_at(const struct intern *t, uint32_t id);

void intern_free(struct intern *t);

#endif /* TOOLS_INTERN_H */
