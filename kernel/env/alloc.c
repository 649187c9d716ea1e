/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The kernel's allocators over the arena.  Compiled without kernel headers: only
 * names and calling convention matter, so one file serves all versions.
 */
#include "../glue.h"

#define PAGES (GLUE_ARENA_SIZE / GLUE_PAGE)
#define MIN_SHIFT 5
#define MAX_SHIFT 22

typedef unsigned int gfp_t;

/* The size class of each heap page's objects, as a power of two. */
static unsigned char shift_of[PAGES];
static void *free_list[MAX_SHIFT + 1];
static unsigned long used = GLUE_RAM_SIZE, objects;

void *memset(void *to, int c, unsigned long n);

unsigned long env_heap_used(void)
{
	return used;
}

unsigned long env_objects(void)
{
	return objects;
}

unsigned long env_size(const void *p)
{
	return 1ul << shift_of[((unsigned long)p - GLUE_ARENA) / GLUE_PAGE];
}

void env_skip(void (*skip)(const void *at, unsigned long size))
{
	skip(shift_of, sizeof(shift_of));
	skip(free_list, sizeof(free_list));
	skip(&used, sizeof(used));
	skip(&objects, sizeof(objects));
}

/* In a free object: the next one.  At the end, where no table's first entries are. */
static void **link_of(void *p, unsigned int shift)
{
	return (void **)((char *)p + (1ul << shift) - sizeof(void *));
}

void env_each_free(void (*fn)(const void *p))
{
	for (unsigned int shift = 0; shift <= MAX_SHIFT; shift++)
		for (void *p = free_list[shift]; p; p = *link_of(p, shift))
			fn(p);
}

/* An element goes to one end or the other; what it holds is overwritten when it is given away. */
static void shuffle_list(unsigned int shift, unsigned long (*random)(void))
{
	void *p, *next, *head = 0, **tail = &head;

	for (p = free_list[shift]; p; p = next) {
		next = *link_of(p, shift);
		for (unsigned long i = 0; i + 1 < (1ul << shift) / sizeof(long); i++)
			((unsigned long *)p)[i] = random();
		if (random() & 1) {
			*link_of(p, shift) = head;
			if (!head)
				tail = link_of(p, shift);
			head = p;
		} else {
			*link_of(p, shift) = 0;
			*tail = p;
			tail = link_of(p, shift);
		}
	}
	free_list[shift] = head;
}

void env_shuffle(unsigned long (*random)(void))
{
	for (unsigned int shift = MIN_SHIFT; shift <= MAX_SHIFT; shift++)
		shuffle_list(shift, random);
	/* a hole, behind which the heap goes on */
	used += random() % 4 * GLUE_PAGE;
}

static unsigned int shift_for(unsigned long size)
{
	unsigned int shift = MIN_SHIFT;

	while (1ul << shift < size)
		shift++;
	return shift;
}

/*
 * What was a page table is full of entries that lead back to it, so that hardware which goes
 * on walking it ends in no page of the guest's.
 */
static void poison(void *p)
{
	unsigned long *entry = p;

	for (unsigned int i = 0; i < GLUE_PAGE / sizeof(*entry); i++)
		entry[i] = ((unsigned long)p - GLUE_ARENA) | 0x67;	/* P, W, U, A, D */
}

/* More objects of a class: of a page, or of as many pages as one takes. */
static void grow(unsigned int shift)
{
	unsigned long size = 1ul << shift, bytes = size < GLUE_PAGE ? GLUE_PAGE : size;
	/* a stack lies at a multiple of its size, which is how its beginning is found */
	unsigned long align = bytes < GLUE_STACK ? bytes : GLUE_STACK;
	unsigned long at = (used + align - 1) & ~(align - 1);

	if (at + bytes > GLUE_ARENA_SIZE)
		host_stop(GLUE_STOP_UNMODELLED, "the kernel's heap is full", "", 0);
	used = at + bytes;
	for (unsigned long page = at / GLUE_PAGE; page < used / GLUE_PAGE; page++)
		shift_of[page] = (unsigned char)shift;
	for (unsigned long end = at + bytes; end > at; end -= size) {
		void *p = (void *)(GLUE_ARENA + end - size);

		*link_of(p, shift) = free_list[shift];
		free_list[shift] = p;
	}
}

/* Always zeroed, so that memory behind a snapshot's end needs no care. */
void *env_alloc(unsigned long size)
{
	unsigned int shift = shift_for(size);
	void *p;

	if (shift > MAX_SHIFT)
		return 0;
	if (!free_list[shift])
		grow(shift);
	p = free_list[shift];
	free_list[shift] = *link_of(p, shift);
	objects++;
	return memset(p, 0, 1ul << shift);
}

void env_free(const void *p)
{
	unsigned long at = (unsigned long)p - GLUE_ARENA;
	unsigned int shift;

	if (!p || at < GLUE_RAM_SIZE || at >= used)
		return;
	shift = shift_of[at / GLUE_PAGE];
	if (1ul << shift == GLUE_PAGE)
		poison((void *)p);
	*link_of((void *)p, shift) = free_list[shift];
	free_list[shift] = (void *)p;
	objects--;
}

/* kmalloc() and its kind */
void *__kmalloc_noprof(unsigned long size, gfp_t gfp);
void *__kmalloc_noprof(unsigned long size, gfp_t gfp)
{
	(void)gfp;
	return env_alloc(size);
}

void *__kmalloc_cache_noprof(void *cache, gfp_t gfp, unsigned long size);
void *__kmalloc_cache_noprof(void *cache, gfp_t gfp, unsigned long size)
{
	(void)cache;
	(void)gfp;
	return env_alloc(size);
}

void *__kvmalloc_node_noprof(unsigned long size, gfp_t gfp, int node);
void *__kvmalloc_node_noprof(unsigned long size, gfp_t gfp, int node)
{
	(void)gfp;
	(void)node;
	return env_alloc(size);
}

void *__vmalloc_noprof(unsigned long size, gfp_t gfp);
void *__vmalloc_noprof(unsigned long size, gfp_t gfp)
{
	(void)gfp;
	return env_alloc(size);
}

void *vzalloc_noprof(unsigned long size);
void *vzalloc_noprof(unsigned long size)
{
	return env_alloc(size);
}

void *__vcalloc_noprof(unsigned long n, unsigned long size, gfp_t gfp);
void *__vcalloc_noprof(unsigned long n, unsigned long size, gfp_t gfp)
{
	(void)gfp;
	return env_alloc(n * size);
}

void *pcpu_alloc_noprof(unsigned long size, unsigned long align, int reserved, gfp_t gfp);
void *pcpu_alloc_noprof(unsigned long size, unsigned long align, int reserved, gfp_t gfp)
{
	(void)align;
	(void)reserved;
	(void)gfp;
	return env_percpu_alloc(size);
}

void kfree(const void *p);
void kfree(const void *p)
{
	env_free(p);
}

void kvfree(const void *p);
void kvfree(const void *p)
{
	env_free(p);
}

void vfree(const void *p);
void vfree(const void *p)
{
	env_free(p);
}

void free_percpu(void *p);
void free_percpu(void *p)
{
	env_free(p);
}

/* Caches: only the size of an object matters, powers of two align it. */
struct cache {
	unsigned long size;
};

void *__kmem_cache_create_args(const char *name, unsigned int size, void *args, unsigned int flags);
void *__kmem_cache_create_args(const char *name, unsigned int size, void *args, unsigned int flags)
{
	struct cache *c = env_alloc(sizeof(*c));

	(void)name;
	(void)args;
	(void)flags;
	c->size = size;
	return c;
}

void kmem_cache_destroy(void *cache);
void kmem_cache_destroy(void *cache)
{
	env_free(cache);
}

void *kmem_cache_alloc_noprof(struct cache *cache, gfp_t gfp);
void *kmem_cache_alloc_noprof(struct cache *cache, gfp_t gfp)
{
	(void)gfp;
	/* the only cache that nobody creates is that of xarrays' nodes */
	return cache ? env_alloc(cache->size) : glue_xa_node();
}

void kmem_cache_free(void *cache, void *p);
void kmem_cache_free(void *cache, void *p)
{
	(void)cache;
	env_free(p);
}

/* Only the nodes of xarrays are allocated so. */
void *kmem_cache_alloc_lru_noprof(void *cache, void *lru, gfp_t gfp);
void *kmem_cache_alloc_lru_noprof(void *cache, void *lru, gfp_t gfp)
{
	(void)cache;
	(void)lru;
	(void)gfp;
	return glue_xa_node();
}

/* Pages */
unsigned long get_free_pages_noprof(gfp_t gfp, unsigned int order);
unsigned long get_free_pages_noprof(gfp_t gfp, unsigned int order)
{
	(void)gfp;
	return (unsigned long)env_alloc(GLUE_PAGE << order);
}

unsigned long get_zeroed_page_noprof(gfp_t gfp);
unsigned long get_zeroed_page_noprof(gfp_t gfp)
{
	(void)gfp;
	return (unsigned long)env_alloc(GLUE_PAGE);
}

void free_pages(unsigned long addr, unsigned int order);
void free_pages(unsigned long addr, unsigned int order)
{
	(void)order;
	env_free((void *)addr);
}

/* struct page, which is only an index here. */
static void *page_to_addr(const void *page)
{
	unsigned long pfn = ((unsigned long)page - GLUE_VMEMMAP) / glue_page_struct_size;

	return (void *)(GLUE_ARENA + pfn * GLUE_PAGE);
}

void *__alloc_pages_noprof(gfp_t gfp, unsigned int order, int node, void *mask);
void *__alloc_pages_noprof(gfp_t gfp, unsigned int order, int node, void *mask)
{
	unsigned long at = (unsigned long)env_alloc(GLUE_PAGE << order) - GLUE_ARENA;

	(void)gfp;
	(void)node;
	(void)mask;
	return (void *)(GLUE_VMEMMAP + at / GLUE_PAGE * glue_page_struct_size);
}

void *alloc_pages_node_noprof(int node, gfp_t gfp, unsigned int order);
void *alloc_pages_node_noprof(int node, gfp_t gfp, unsigned int order)
{
	return __alloc_pages_noprof(gfp, order, node, (void *)0);
}

void __free_pages(void *page, unsigned int order);
void __free_pages(void *page, unsigned int order)
{
	(void)order;
	env_free(page_to_addr(page));
}

void __folio_put(void *folio);
void __folio_put(void *folio)
{
	env_free(page_to_addr(folio));
}

/* The same functions in trees that do not profile allocations: same order of arguments. */
#define ALIAS(name, of) \
	extern __typeof__(of) name __attribute__((alias(#of)))
ALIAS(__kmalloc, __kmalloc_noprof);
ALIAS(__kmalloc_node, __kmalloc_noprof);
ALIAS(kmalloc_trace, __kmalloc_cache_noprof);
ALIAS(kvmalloc_node, __kvmalloc_node_noprof);
ALIAS(__vmalloc, __vmalloc_noprof);
ALIAS(vzalloc, vzalloc_noprof);
ALIAS(__vcalloc, __vcalloc_noprof);
ALIAS(__alloc_percpu, pcpu_alloc_noprof);
ALIAS(kmem_cache_create, __kmem_cache_create_args);
ALIAS(kmem_cache_create_usercopy, __kmem_cache_create_args);
ALIAS(kmem_cache_alloc, kmem_cache_alloc_noprof);
ALIAS(kmem_cache_alloc_lru, kmem_cache_alloc_lru_noprof);
ALIAS(__get_free_pages, get_free_pages_noprof);
ALIAS(get_zeroed_page, get_zeroed_page_noprof);
ALIAS(__alloc_pages, __alloc_pages_noprof);
ALIAS(__alloc_pages_nodemask, __alloc_pages_noprof);
