/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The process that KVM lives in: its memory, its stack, what ends a run, and the
 * way back to an earlier moment.
 */
#ifndef PROCESSOR_MACHINE_H
#define PROCESSOR_MACHINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "glue.h"

/* A variable that an image includes, as it does all of the kernel's. */
#define IMAGED __attribute__((section(".vtlb_imaged")))

/**
 * struct machine_stop - why KVM did not come back
 * @why: 0 while all is well
 * @text: a sentence for people
 */
struct machine_stop {
	enum glue_stop why;
	char text[256];
};

extern struct machine_stop machine_stop;

/* What the text begins with where a kernel function is not there. */
#define MACHINE_STUB "reached unmodelled kernel function "

/** machine_fail() - record a stop that the processor found; returns false */
bool machine_fail(enum glue_stop why, const char *text);

/** machine_boot() - start KVM up to its misc device, once; without memory the process ends */
bool machine_boot(void);

/** machine_start() - create VM and vCPUs, and enter the guest on each for the first time */
bool machine_start(const struct glue_guest *guest);

/**
 * machine_exit() - leave the guest and come back to it; so does every vCPU that is interrupted
 *
 * Return: false: stopped.
 */
bool machine_exit(enum glue_exit exit, uint64_t a, uint64_t b);

/** machine_host() - @fn calls kernel code as a thread of the host; then as machine_exit() */
bool machine_host(void (*fn)(void *), void *arg);

/** machine_guard() - call @fn, which calls kernel code; false: stopped */
bool machine_guard(void (*fn)(void *), void *arg);

/** machine_grow() - realloc() for @n objects of @size bytes; without memory the process ends */
void *machine_grow(void *p, size_t n, size_t size);

/* All that KVM can write: its data, the guest's RAM, the heap, and struct page of both. */
enum { MACHINE_DATA, MACHINE_RAM, MACHINE_HEAP, MACHINE_RAM_PAGES, MACHINE_HEAP_PAGES,
       MACHINE_REGIONS };

struct machine_region {
	uint8_t *at;
	size_t size;
};

/** machine_regions() - where they lie if so many bytes of RAM and heap are in use */
void machine_regions(struct machine_region region[MACHINE_REGIONS], size_t ram, size_t heap);

/* Everything that a run can change, kept aside. */
struct image {
	uint8_t *bytes;
	size_t size, heap, ram;
};

/** image_take() - keep this moment; @ram: bytes of guest RAM that are in use */
void image_take(struct image *image, size_t ram);
void image_restore(const struct image *image);

static inline uint64_t *machine_ram(uint64_t gpa)
{
	return (uint64_t *)(uintptr_t)(GLUE_ARENA + gpa);
}

#endif /* PROCESSOR_MACHINE_H */
