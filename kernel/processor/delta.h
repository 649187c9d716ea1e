/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * In what the machine's memory differs from a world's beginning: a few kilobytes of
 * it, by which a moment is kept, returned to, and told from others.
 */
#ifndef PROCESSOR_DELTA_H
#define PROCESSOR_DELTA_H

#include "machine.h"

/** struct delta - blocks that differ, in order of address, and what they hold */
struct delta {
	uint32_t *block;
	uint8_t *bytes;
	size_t n, cap;
};

/** delta_begin() - this is the beginning; @ram: bytes of guest RAM in use */
void delta_begin(size_t ram);

/** delta_open() - all memory may be written to, until the next beginning */
void delta_open(void);

/**
 * delta_thaw() - a store to @at was refused: was it to a page that had not been written to?
 *
 * Return: true: it may be written to now.
 */
bool delta_thaw(const void *at);

/** delta_touch() - memory may change from here on */
void delta_touch(void);

/** delta_take() - keep this moment; delta_restore() - return to it; NULL: to the beginning */
void delta_take(struct delta *d);
void delta_restore(const struct delta *d);

/** delta_skip() - these bytes are not among the words below */
void delta_skip(const void *at, unsigned long size);

/** delta_skipped() - is this heap object left out, or not of the beginning */
bool delta_skipped(const void *at);

/**
 * delta_words() - calls @put with the place and the value of each word that differs
 *
 * Only what was in use at the beginning counts.
 */
void delta_words(void (*put)(unsigned long word));

#endif /* PROCESSOR_DELTA_H */
