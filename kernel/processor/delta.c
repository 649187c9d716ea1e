/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Every byte that KVM can write lies in one of a few regions.  A copy of the
 * beginning lies beside them, and comparing finds what was written since.  Pages
 * that nothing ever wrote to are write-protected, so that they need no comparing.
 */
#define _GNU_SOURCE
#include "delta.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "cpus.h"

#define BLOCK 64u
#define WORDS (BLOCK / sizeof(uint64_t))
#define REGION_SHIFT 24		/* of a block's number: 16 M blocks a region */

/**
 * struct region - memory, and as it was at the beginning
 * @max: bytes there can ever be; @size: that can have changed; @fixed: of them were in use
 *         at the beginning
 * @skip: all ones where a word's bits are left out
 * @twin: where it is mapped a second time, and KVM may write to it; or NULL
 * @warm: a byte a page: it has been written to since some beginning
 * @guarded: pages; those of them that are not warm are write-protected
 */
static struct region {
	uint8_t *at, *twin, *base, *skip, *warm;
	size_t max, size, fixed, guarded;
} regions[MACHINE_REGIONS];

static struct delta now;
static bool known;	/* .now is true */

static void *mirror(size_t size)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (p == MAP_FAILED) {
		fprintf(stderr, "vtlb: out of memory\n");
		_exit(4);
	}
	return p;
}

static size_t round_up(size_t n)
{
	return (n + GLUE_PAGE - 1) & ~(GLUE_PAGE - 1);
}

static void set_regions(void)
{
	struct machine_region most[MACHINE_REGIONS];

	machine_regions(most, GLUE_RAM_SIZE, GLUE_ARENA_SIZE - GLUE_RAM_SIZE);
	for (unsigned int i = 0; i < MACHINE_REGIONS; i++) {
		regions[i].at = most[i].at;
		regions[i].max = most[i].size;
		regions[i].base = mirror(round_up(most[i].size));
		regions[i].skip = mirror(round_up(most[i].size));
		regions[i].warm = mirror(round_up(most[i].size) / GLUE_PAGE);
	}
	regions[MACHINE_RAM].twin = (uint8_t *)GLUE_HVA;
}

/* The heap only grows; what lies above its end is zero. */
static void set_sizes(size_t ram)
{
	struct machine_region now_used[MACHINE_REGIONS];
	size_t heap = env_heap_used() - GLUE_RAM_SIZE;

	if (heap < regions[MACHINE_HEAP].size)
		heap = regions[MACHINE_HEAP].size;
	machine_regions(now_used, ram, heap);
	for (unsigned int i = 0; i < MACHINE_REGIONS; i++)
		regions[i].size = now_used[i].size;
}

static bool protect(const struct region *r, size_t page, size_t n, int prot)
{
	return !mprotect(r->at + page * GLUE_PAGE, n * GLUE_PAGE, prot) &&
	       (!r->twin || !mprotect(r->twin + page * GLUE_PAGE, n * GLUE_PAGE, prot));
}

/* Also within a signal handler, where stdio may be in use. */
static void open_pages(const struct region *r, size_t page, size_t n)
{
	static const char why[] = "vtlb: memory cannot be made writable\n";

	if (protect(r, page, n, PROT_READ | PROT_WRITE))
		return;
	(void)!write(STDERR_FILENO, why, sizeof(why) - 1);
	_exit(4);
}

static void guard(struct region *r)
{
	size_t end;

	r->guarded = r->fixed / GLUE_PAGE;
	for (size_t page = 0; page < r->guarded; page = end) {
		for (end = page + 1; end < r->guarded && r->warm[end] == r->warm[page]; end++)
			;
		if (r->warm[page] || protect(r, page, end - page, PROT_READ))
			continue;
		open_pages(r, page, end - page);
		memset(r->warm + page, 1, end - page);
	}
}

/* A signal's frame goes onto the stack that is in use, and must not meet a guard. */
static void keep_warm(const void *at, unsigned long size)
{
	struct region *r = &regions[MACHINE_HEAP];
	size_t from = (size_t)((const uint8_t *)at - r->at) / GLUE_PAGE;

	memset(r->warm + from, 1, size / GLUE_PAGE);
}

void delta_open(void)
{
	for (unsigned int i = 0; i < MACHINE_REGIONS; i++) {
		struct region *r = &regions[i];

		if (r->guarded)
			open_pages(r, 0, r->guarded);
		r->guarded = 0;
	}
}

/* Is @at in a page that is guarded, of those that begin at @from? */
static bool thaw(struct region *r, const uint8_t *from, const void *at)
{
	size_t page = ((uintptr_t)at - (uintptr_t)from) / GLUE_PAGE;

	if (!from || (const uint8_t *)at < from || page >= r->guarded || r->warm[page])
		return false;
	r->warm[page] = 1;
	open_pages(r, page, 1);
	return true;
}

bool delta_thaw(const void *at)
{
	for (unsigned int i = 0; i < MACHINE_REGIONS; i++)
		if (thaw(&regions[i], regions[i].at, at) ||
		    thaw(&regions[i], regions[i].twin, at))
			return true;
	return false;
}

void delta_begin(size_t ram)
{
	struct machine_region used[MACHINE_REGIONS];

	if (!regions[MACHINE_DATA].at)
		set_regions();
	set_sizes(ram);
	machine_regions(used, ram, env_heap_used() - GLUE_RAM_SIZE);
	for (unsigned int i = 0; i < MACHINE_REGIONS; i++) {
		struct region *r = &regions[i];

		r->fixed = used[i].size;
		memset(r->at + r->fixed, 0, r->size - r->fixed);
		memcpy(r->base, r->at, r->size);
		memset(r->skip, 0, r->size);
	}
	memset(regions[MACHINE_HEAP_PAGES].skip, 0xff, regions[MACHINE_HEAP_PAGES].size);
	cpus_stacks(keep_warm);
	for (unsigned int i = 0; i < MACHINE_REGIONS; i++)
		guard(&regions[i]);
	now.n = 0;
	known = true;
}

void delta_touch(void)
{
	known = false;
}

static void room(struct delta *d, size_t n)
{
	if (n <= d->cap)
		return;
	d->cap = 2 * n;
	d->block = machine_grow(d->block, d->cap, sizeof(*d->block));
	d->bytes = machine_grow(d->bytes, d->cap, BLOCK);
}

static void scan_page(unsigned int i, size_t at, size_t size)
{
	const struct region *r = &regions[i];

	for (size_t end = at + size; at < end; at += BLOCK) {
		if (!memcmp(r->at + at, r->base + at, end - at < BLOCK ? end - at : BLOCK))
			continue;
		room(&now, now.n + 1);
		now.block[now.n++] = i << REGION_SHIFT | (uint32_t)(at / BLOCK);
	}
}

static void scan(void)
{
	if (known)
		return;
	set_sizes(regions[MACHINE_RAM].size);
	now.n = 0;
	for (unsigned int i = 0; i < MACHINE_REGIONS; i++) {
		const struct region *r = &regions[i];

		for (size_t page = 0, at = 0; at < r->size; page++, at += GLUE_PAGE) {
			size_t left = r->size - at < GLUE_PAGE ? r->size - at : GLUE_PAGE;

			if ((page >= r->guarded || r->warm[page]) &&
			    memcmp(r->at + at, r->base + at, left) != 0)
				scan_page(i, at, left);
		}
	}
	known = true;
}

/* One block; the last of a region may be short. */
static void copy(uint32_t block, uint8_t *saved, bool restore)
{
	const struct region *r = &regions[block >> REGION_SHIFT];
	size_t at = (size_t)(block & ((1u << REGION_SHIFT) - 1)) * BLOCK;
	size_t size = r->max - at < BLOCK ? r->max - at : BLOCK;

	if (restore)
		memcpy(r->at + at, saved ? saved : r->base + at, size);
	else
		memcpy(saved, r->at + at, size);
}

void delta_take(struct delta *d)
{
	scan();
	room(d, now.n);
	d->n = now.n;
	memcpy(d->block, now.block, now.n * sizeof(*now.block));
	for (size_t i = 0; i < d->n; i++)
		copy(d->block[i], d->bytes + i * BLOCK, false);
}

void delta_restore(const struct delta *d)
{
	scan();
	for (size_t i = 0; i < now.n; i++)
		copy(now.block[i], NULL, true);
	now.n = 0;
	if (!d)
		return;
	room(&now, d->n);
	now.n = d->n;
	memcpy(now.block, d->block, d->n * sizeof(*d->block));
	for (size_t i = 0; i < d->n; i++)
		copy(d->block[i], d->bytes + i * BLOCK, true);
}

bool delta_skipped(const void *at)
{
	const struct region *r = &regions[MACHINE_HEAP];
	size_t from = (size_t)((const uint8_t *)at - r->at);

	return from >= r->fixed || r->skip[from];
}

void delta_skip(const void *at, unsigned long size)
{
	for (unsigned int i = 0; i < MACHINE_REGIONS; i++) {
		struct region *r = &regions[i];
		size_t from = (size_t)((const uint8_t *)at - r->at);

		if ((const uint8_t *)at >= r->at && from < r->fixed)
			memset(r->skip + from, 0xff, size < r->fixed - from ? size :
									      r->fixed - from);
	}
}

void delta_words(void (*put)(unsigned long word))
{
	scan();
	for (size_t i = 0; i < now.n; i++) {
		const struct region *r = &regions[now.block[i] >> REGION_SHIFT];
		size_t at = (size_t)(now.block[i] & ((1u << REGION_SHIFT) - 1)) * BLOCK;

		for (unsigned int j = 0; j < WORDS && at + 8 <= r->fixed; j++, at += 8) {
			uint64_t was, is, skip;

			memcpy(&was, r->base + at, 8);
			memcpy(&is, r->at + at, 8);
			memcpy(&skip, r->skip + at, 8);
			if (!((was ^ is) & ~skip))
				continue;
			put((unsigned long)now.block[i] * WORDS + j);
			put(is & ~skip);
		}
	}
}
