/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Breakpoints that are met once.  What a patch changes and no run executes must
 * not be taken for judged.
 */
#define _GNU_SOURCE
#include "cover.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define HIT (1ull << 63)
#define INT3 0xcc

extern uint8_t __executable_start[], etext[];

static uint64_t *points;
static uint8_t *code;	/* the byte that was there, for each point */
static bool *planted;
static size_t npoints;

static bool is_code(uint64_t at)
{
	return at >= (uintptr_t)__executable_start && at < (uintptr_t)etext;
}

static bool map_points(const char *name)
{
	int fd = open(name, O_RDWR | O_CLOEXEC);
	struct stat st;
	void *p = MAP_FAILED;

	if (fd >= 0 && !fstat(fd, &st) && st.st_size > 0) {
		npoints = (size_t)st.st_size / sizeof(*points);
		p = mmap(NULL, npoints * sizeof(*points), PROT_READ | PROT_WRITE, MAP_SHARED, fd,
			 0);
	}
	if (fd >= 0)
		close(fd);
	if (p == MAP_FAILED)
		return false;
	points = p;
	code = calloc(npoints, sizeof(*code));
	planted = calloc(npoints, sizeof(*planted));
	return code && planted;
}

bool cover_begin(void)
{
	const char *name = getenv(COVER_FILE);

	if (!name)
		return true;
	if (!map_points(name))
		return false;
	for (size_t i = 0; i < npoints; i++) {
		uint8_t *at = (uint8_t *)(uintptr_t)points[i];

		if (points[i] & HIT)
			continue;
		if (!is_code(points[i]))
			return false;
		code[i] = *at;
		planted[i] = true;
		*at = INT3;
	}
	return true;
}

bool cover_hit(unsigned long at)
{
	for (size_t i = 0; i < npoints; i++) {
		if ((points[i] & ~HIT) != at || !planted[i])
			continue;
		*(volatile uint8_t *)at = code[i];
		__atomic_fetch_or(&points[i], HIT, __ATOMIC_RELAXED);
		return true;
	}
	return false;
}
