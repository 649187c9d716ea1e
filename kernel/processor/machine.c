/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Memory layout and boot, what guards the way into KVM and back, images.
 */
#define _GNU_SOURCE
#include "machine.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "cpus.h"
#include "cover.h"
#include "symbol.h"
#include "trap.h"

/* Bounds of what an image keeps, and of all code, from the linker script. */
extern uint8_t glue_data_start[], glue_data_end[];
extern uint8_t __executable_start[], etext[];

struct machine_stop machine_stop;

#define ROUNDS 64	/* of interrupts, after which all vCPUs should be back in the guest */

static void *stop_point[5];
static bool guarded;

bool machine_guarded(void)
{
	return guarded;
}

bool machine_fail(enum glue_stop why, const char *text)
{
	machine_stop.why = why;
	snprintf(machine_stop.text, sizeof(machine_stop.text), "%s", text);
	return false;
}

void host_stop(enum glue_stop why, const char *what, const char *file, unsigned int line)
{
	machine_stop.why = why;
	if (file[0] || line)
		snprintf(machine_stop.text, sizeof(machine_stop.text), "%s (%s:%u)", what, file,
			 line);
	else
		snprintf(machine_stop.text, sizeof(machine_stop.text), "%s", what);
	if (!guarded) {
		fprintf(stderr, "vtlb: %s, while starting\n", machine_stop.text);
		_exit(4);
	}
	guarded = false;
	__builtin_longjmp(stop_point, 1);
}

void host_stub(const char *name, unsigned long caller)
{
	char text[192];

	snprintf(text, sizeof(text), MACHINE_STUB "%s, called from %s", name,
		 symbol_caller(caller));
	host_stop(GLUE_STOP_UNMODELLED, text, "", 0);
}

/* A stop must not find the registers of a function that goes on: hence no inlining. */
static __attribute__((noinline)) bool resume(void)
{
	machine_stop.why = 0;
	if (__builtin_setjmp(stop_point))
		return false;
	guarded = true;
	trap_step();
	cpus_resume();
	guarded = false;
	return true;
}

__attribute__((noinline)) bool machine_guard(void (*fn)(void *), void *arg)
{
	machine_stop.why = 0;
	if (__builtin_setjmp(stop_point))
		return false;
	guarded = true;
	trap_step();
	cpus_percpu();
	fn(arg);
	guarded = false;
	return true;
}

/* The exit that an interrupt makes; an exception that was injected before it has been delivered. */
static bool leave_and_enter(void)
{
	struct glue_cpu was = glue_cpu;

	glue_cpu.exit = GLUE_EXIT_NONE;
	glue_cpu.vector = -1;
	if (!resume())
		return false;
	if (glue_cpu.vector >= 0)
		return machine_fail(GLUE_STOP_CRASH,
				    "KVM injected an exception on an exit that the host made");
	glue_cpu.vector = was.vector;
	glue_cpu.error = was.error;
	glue_cpu.cr2 = was.cr2;
	return true;
}

static bool serve_interrupts(void)
{
	unsigned int me = host_cpu(), round = 0;
	int cpu;

	while ((cpu = cpus_interrupted()) >= 0) {
		if (++round > ROUNDS)
			return machine_fail(GLUE_STOP_CRASH, "vCPUs never stop kicking each other");
		cpus_switch((unsigned int)cpu);
		if (!leave_and_enter())
			return false;
	}
	cpus_switch(me);
	return true;
}

bool machine_exit(enum glue_exit exit, uint64_t a, uint64_t b)
{
	glue_cpu.exit = exit;
	glue_cpu.a = a;
	glue_cpu.b = b;
	return resume() && serve_interrupts();
}

bool machine_host(void (*fn)(void *), void *arg)
{
	unsigned int me = host_cpu();
	bool ok;

	cpus_switch(GLUE_HOST_CPU);
	ok = machine_guard(fn, arg);
	cpus_switch(me);
	return ok && serve_interrupts();
}

static bool map(unsigned long at, size_t size, int fd, int flags)
{
	return mmap((void *)at, size, PROT_READ | PROT_WRITE,
		    flags | MAP_FIXED_NOREPLACE | MAP_NORESERVE, fd, 0) == (void *)at;
}

static bool map_memory(void)
{
	size_t pages = GLUE_ARENA_SIZE / GLUE_PAGE;
	int fd = memfd_create("guest", MFD_CLOEXEC);
	bool ok = fd >= 0 && !ftruncate(fd, GLUE_RAM_SIZE) &&
		  map(GLUE_ARENA, GLUE_RAM_SIZE, fd, MAP_SHARED) &&
		  map(GLUE_HVA, GLUE_RAM_SIZE, fd, MAP_SHARED) &&
		  map(GLUE_ARENA + GLUE_RAM_SIZE, GLUE_ARENA_SIZE - GLUE_RAM_SIZE, -1,
		      MAP_PRIVATE | MAP_ANONYMOUS) &&
		  map(GLUE_VMEMMAP, pages * glue_page_struct_size, -1,
		      MAP_PRIVATE | MAP_ANONYMOUS);

	if (fd >= 0)
		close(fd);
	return ok;
}

/* Static calls are set by writing to code. */
static bool open_text(void)
{
	uintptr_t start = (uintptr_t)__executable_start & ~(GLUE_PAGE - 1);

	return !mprotect((void *)start, (uintptr_t)etext - start,
			 PROT_READ | PROT_WRITE | PROT_EXEC);
}

static void vendor_init(void *arg)
{
	*(int *)arg = glue_vendor_init();
}

/* Not the kernel's doing, and so nothing to judge it by. */
static void refuse(const char *why)
{
	fprintf(stderr, "vtlb: %s\n", why);
	_exit(4);
}

bool machine_boot(void)
{
	int r = 0;

	if (!map_memory() || !open_text())
		refuse("the process could not get the memory layout that KVM needs");
	if (!cover_begin())
		refuse("the file that " COVER_FILE " names is of no use");
	trap_init();
	if (!machine_guard(vendor_init, &r))
		return false;
	if (r) {
		machine_stop.why = GLUE_STOP_LEFT;
		snprintf(machine_stop.text, sizeof(machine_stop.text),
			 "KVM refused to start: error %d", r);
	}
	return !r;
}

struct start {
	const struct glue_guest *guest;
	int failed;
};

static void do_create(void *arg)
{
	struct start *s = arg;

	s->failed = s->guest ? glue_vcpu_create(s->guest) : glue_vm_create();
}

static bool create(const struct glue_guest *guest)
{
	static const char *const what[] = {
		"KVM_CREATE_VM failed", "KVM_SET_USER_MEMORY_REGION failed",
		"KVM_CREATE_VCPU failed", "KVM_SET_CPUID2 failed",
		"KVM_SET_SREGS refused the world's first registers",
	};
	struct start s = { .guest = guest };

	if (!machine_guard(do_create, &s))
		return false;
	return !s.failed || machine_fail(GLUE_STOP_LEFT, what[s.failed - 1]);
}

static void prepare_stack(void)
{
	unsigned long *top = (unsigned long *)((uintptr_t)env_alloc(GLUE_STACK) + GLUE_STACK);

	*--top = 0;
	*--top = (unsigned long)glue_vm_run;
	top -= 6; /* what co_switch() pops */
	cpus_stack(top);
}

bool machine_start(const struct glue_guest *guest)
{
	unsigned int cpu;

	if (!create(NULL))
		return false;
	for (cpu = 0; cpu < cpus_vcpus(); cpu++) {
		cpus_switch(cpu);
		if (!create(guest))
			return false;
		prepare_stack();
	}
	for (cpu = 0; cpu < cpus_vcpus(); cpu++) {
		cpus_switch(cpu);
		if (!resume())
			return false;
	}
	return serve_interrupts();
}

static size_t structs(size_t bytes)
{
	return bytes / GLUE_PAGE * glue_page_struct_size;
}

void machine_regions(struct machine_region region[MACHINE_REGIONS], size_t ram, size_t heap)
{
	uint8_t *pages = (uint8_t *)GLUE_VMEMMAP;

	region[MACHINE_DATA].at = glue_data_start;
	region[MACHINE_DATA].size = (size_t)(glue_data_end - glue_data_start);
	region[MACHINE_RAM].at = (uint8_t *)machine_ram(0);
	region[MACHINE_RAM].size = ram;
	region[MACHINE_HEAP].at = (uint8_t *)machine_ram(GLUE_RAM_SIZE);
	region[MACHINE_HEAP].size = heap;
	region[MACHINE_RAM_PAGES].at = pages;
	region[MACHINE_RAM_PAGES].size = structs(ram);
	region[MACHINE_HEAP_PAGES].at = pages + structs(GLUE_RAM_SIZE);
	region[MACHINE_HEAP_PAGES].size = structs(heap);
}

/* One region after the other, in one direction or the other. */
static void each_region(const struct image *image, bool restore)
{
	struct machine_region region[MACHINE_REGIONS];
	uint8_t *p = image->bytes;

	machine_regions(region, image->ram, image->heap);
	for (size_t i = 0; i < MACHINE_REGIONS; i++) {
		if (restore)
			memcpy(region[i].at, p, region[i].size);
		else
			memcpy(p, region[i].at, region[i].size);
		p += region[i].size;
	}
}

void *machine_grow(void *p, size_t n, size_t size)
{
	p = realloc(p, n * size);
	if (!p) {
		fprintf(stderr, "vtlb: out of memory\n");
		_exit(4);
	}
	return p;
}

void image_take(struct image *image, size_t ram)
{
	image->heap = env_heap_used() - GLUE_RAM_SIZE;
	image->ram = ram;
	image->size = (size_t)(glue_data_end - glue_data_start) + image->ram + image->heap +
		      (image->ram + image->heap) / GLUE_PAGE * glue_page_struct_size;
	image->bytes = machine_grow(image->bytes, image->size, 1);
	each_region(image, false);
}

void image_restore(const struct image *image)
{
	each_region(image, true);
}
