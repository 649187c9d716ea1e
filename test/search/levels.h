/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Breadth first in the plainest way: states are records of equal size, all that
 * were seen are one sorted array, and each level is merged into it.  One search
 * a process at a time, because qsort() has no room for the size of a record.
 */
#ifndef VTLB_TEST_LEVELS_H
#define VTLB_TEST_LEVELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * struct levels - a search under way
 * @size: bytes of a state, a multiple of 8
 * @depth: of the level that is extended now
 * @seen: all states up to that level, sorted; .nseen of them
 * @next: new states of the next level, sorted
 * @batch: what was added and not yet looked at; .nbatch of .room
 *
 * A record is a state and a struct levels_mark.
 */
struct levels {
	size_t size;
	uint32_t depth;
	uint8_t *seen, *next, *batch;
	size_t nseen, nnext, nbatch, room;
};

/**
 * struct levels_mark - behind the bytes of a state
 * @depth: its level
 * @bad: the caller's; 0 for a new state
 */
struct levels_mark {
	uint32_t depth;
	uint32_t bad;
};

void levels_open(struct levels *l, size_t size, const void *first);
void levels_close(struct levels *l);

/** levels_add() - a state of the next level, new or not */
void levels_add(struct levels *l, const void *state);

/**
 * levels_settle() - make .next complete, without going on to it
 * Return: states in it.
 */
size_t levels_settle(struct levels *l);

/** levels_advance() - go on to .next */
void levels_advance(struct levels *l);

static inline size_t levels_record(const struct levels *l)
{
	return l->size + sizeof(struct levels_mark);
}

/** levels_at() - record @i of .seen or .next */
static inline void *levels_at(const struct levels *l, uint8_t *array, size_t i)
{
	return array + i * levels_record(l);
}

static inline struct levels_mark *levels_mark(const struct levels *l, void *record)
{
	return (struct levels_mark *)(void *)((uint8_t *)record + l->size);
}

#endif /* VTLB_TEST_LEVELS_H */
