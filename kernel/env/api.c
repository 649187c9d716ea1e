/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Kernel functions that have to do or return something, without kernel headers:
 * user copies, static calls, files, work queues that never run.
 */
#include "../glue.h"

void *memcpy(void *to, const void *from, unsigned long n);

/* User memory is this process's. */
unsigned long _copy_from_user(void *to, const void *from, unsigned long n);
unsigned long _copy_from_user(void *to, const void *from, unsigned long n)
{
	memcpy(to, from, n);
	return 0;
}

unsigned long _copy_to_user(void *to, const void *from, unsigned long n);
unsigned long _copy_to_user(void *to, const void *from, unsigned long n)
{
	memcpy(to, from, n);
	return 0;
}

void *memdup_user(const void *from, unsigned long n);
void *memdup_user(const void *from, unsigned long n)
{
	return memcpy(env_alloc(n), from, n);
}

void *vmemdup_user(const void *from, unsigned long n);
void *vmemdup_user(const void *from, unsigned long n)
{
	return memcpy(env_alloc(n), from, n);
}

/*
 * Call sites were never patched, they call the trampoline; so it becomes a jump
 * to the function, or a return where there is none.
 */
void __static_call_update(void **key, unsigned char *tramp, void *func);
void __static_call_update(void **key, unsigned char *tramp, void *func)
{
	int rel = (int)((long)func - (long)(tramp + 5));

	*key = func;
	tramp[0] = func ? 0xe9 : 0xc3;
	if (func)
		memcpy(tramp + 1, &rel, sizeof(rel));
}

long __static_call_return0(void);
long __static_call_return0(void)
{
	return 0;
}

/* Objects that are only handed back. */
void *system_wq, *system_long_wq, *system_percpu_wq;

/* A thread that is never woken. */
void *kthread_create_on_node(void *fn, void *data, int node, const char *fmt, ...);
void *kthread_create_on_node(void *fn, void *data, int node, const char *fmt, ...)
{
	(void)fn;
	(void)data;
	(void)node;
	(void)fmt;
	return env_alloc(8192);
}

void *alloc_workqueue(const char *fmt, unsigned int flags, int max, ...);
void *alloc_workqueue(const char *fmt, unsigned int flags, int max, ...)
{
	(void)fmt;
	(void)flags;
	(void)max;
	return env_alloc(64);
}

void *alloc_workqueue_noprof(const char *fmt, unsigned int flags, int max, ...)
	__attribute__((alias("alloc_workqueue")));

/* The file system of guest_memfd, which nobody opens a file of. */
void *kern_mount(void *type);
void *kern_mount(void *type)
{
	(void)type;
	return env_alloc(256);
}

int mutex_trylock(void *lock);
int mutex_trylock(void *lock)
{
	(void)lock;
	return 1;
}

void *__zero_page;
unsigned char virt_rebooting;

void *shrinker_alloc(unsigned int flags, const char *fmt, ...);
void *shrinker_alloc(unsigned int flags, const char *fmt, ...)
{
	(void)flags;
	(void)fmt;
	return env_alloc(256);
}

int ___ratelimit(void *state, const char *func);
int ___ratelimit(void *state, const char *func)
{
	(void)state;
	(void)func;
	return 1;
}

/* The host's memory types: PAT on, RAM everywhere. */
int pat_enabled(void);
int pat_enabled(void)
{
	return 1;
}

int e820__mapped_raw_any(unsigned long start, unsigned long end, int type);
int e820__mapped_raw_any(unsigned long start, unsigned long end, int type)
{
	(void)start;
	(void)end;
	(void)type;
	return 1;
}

/*
 * A WARN with a message prints it before the trap that the signal handler sees;
 * what is judged is the trap, so the message adds nothing.
 */
void __warn_printk(const char *fmt, ...);
void __warn_printk(const char *fmt, ...)
{
	(void)fmt;
}

int _printk(const char *fmt, ...);
int _printk(const char *fmt, ...)
{
	(void)fmt;
	return 0;
}

/* Of names of threads and files, which nobody reads. */
int env_snprintf(char *to, unsigned long size, const char *fmt, ...);
int env_snprintf(char *to, unsigned long size, const char *fmt, ...)
{
	(void)fmt;
	if (size)
		*to = 0;
	return 0;
}

void *env_bsearch(const void *key, const char *base, unsigned long n, unsigned long size,
		  int (*cmp)(const void *, const void *));
void *env_bsearch(const void *key, const char *base, unsigned long n, unsigned long size,
		  int (*cmp)(const void *, const void *))
{
	while (n) {
		const char *at = base + n / 2 * size;
		int c = cmp(key, at);

		if (!c)
			return (void *)at;
		if (c > 0) {
			base = at + size;
			n--;
		}
		n /= 2;
	}
	return 0;
}

/* What svm writes to PRED_CMD, and the host's CR4: PAE. */
unsigned long x86_pred_cmd = 1;

unsigned long cr4_read_shadow(void);
unsigned long cr4_read_shadow(void)
{
	return 0x20;
}
