/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Paging-structure caches: without them a shadow table that KVM unlinks or frees, and does not
 * flush, could never be seen again.
 */
#include "psc.h"

#include <string.h>

#include "cpus.h"

#define LEVELS 4u	/* tables below the root, the last level's first */
#define WAYS 4u		/* hardware is taken to keep the last so many that it met anew */

/* A table and the rights of the way to it. */
struct link {
	uint32_t pfn;	/* 0: none */
	uint32_t rights;
};

static IMAGED struct link links[GLUE_CPUS][GLUE_ASIDS][VTLB_MAX_PCIDS][VTLB_MAX_PAGES][LEVELS]
			       [WAYS];

static void keep(struct link *set, struct link link)
{
	for (unsigned int i = 0; i < WAYS; i++)
		if (set[i].pfn == link.pfn && set[i].rights == link.rights)
			return;
	memmove(set + 1, set, (WAYS - 1) * sizeof(*set));
	set[0] = link;
}

/* One entry of a table: a link to keep in @next, or at the last level an answer. */
static bool visit(struct link table, unsigned int level, uint64_t linear, struct link *next,
		  psc_found *found, void *arg)
{
	struct tlb_entry e = tlb_entry((uint64_t)table.pfn << 12, level, linear, table.rights);

	if (!e.present)
		return true;
	if (level == 1) {
		*e.at |= TLB_A;
		return found(arg, e.hpa, e.rights);
	}
	if (e.hpa >= GLUE_ARENA_SIZE)
		return machine_fail(GLUE_STOP_CRASH, "an SPTE links to what is no memory");
	keep(next, (struct link){ .pfn = (uint32_t)(e.hpa >> 12), .rights = e.rights });
	return true;
}

bool psc_walk(unsigned int pcid, unsigned int page, uint64_t linear, psc_found *found, void *arg)
{
	struct link(*set)[WAYS] = links[host_cpu()][glue_cpu.asid][pcid][page];
	unsigned int top = glue_cpu.levels;
	struct link root = { .pfn = (uint32_t)(glue_cpu.pgd / GLUE_PAGE),
			     .rights = TLB_W | TLB_U };

	if (!visit(root, top, linear, top > 1 ? set[top - 2] : NULL, found, arg))
		return false;
	for (unsigned int level = top - 1; level; level--) {
		struct link now[WAYS];

		memcpy(now, set[level - 1], sizeof(now));
		for (unsigned int i = 0; i < WAYS && now[i].pfn; i++)
			if (!visit(now[i], level, linear, level > 1 ? set[level - 2] : NULL, found,
				   arg))
				return false;
	}
	return true;
}

void psc_flush(unsigned int asid, unsigned int page, unsigned long differs)
{
	struct link(*own)[VTLB_MAX_PAGES][LEVELS][WAYS] = links[host_cpu()][asid];

	/* a link to a table of the last level is one entry for 2 MB, and so on */
	for (unsigned int level = 0; level < LEVELS; level++)
		for (unsigned int pcid = 0; pcid < VTLB_MAX_PCIDS && !(differs >> (21 + 9 * level));
		     pcid++)
			memset(own[pcid][page][level], 0, sizeof(own[pcid][page][level]));
}

void psc_flush_all(unsigned int asid)
{
	memset(links[host_cpu()][asid], 0, sizeof(links[0][0]));
}

void psc_skip(void (*skip)(const void *at, unsigned long size))
{
	skip(links, sizeof(links));
}

static bool put_link(const struct link *link, psc_number *number, void (*put)(unsigned long word))
{
	unsigned long n = number((unsigned long)link->pfn * GLUE_PAGE);

	put(n << 8 | link->rights);
	return n != PSC_NO_NUMBER;
}

bool psc_write(psc_number *number, void (*put)(unsigned long word))
{
	const struct link *link = &links[0][0][0][0][0][0];
	/* no other processor ever runs a guest */
	unsigned long n = cpus_vcpus() * sizeof(links[0]) / sizeof(*link);
	bool known = true;

	for (unsigned long i = 0; i < n; i++) {
		if (!link[i].pfn)
			continue;
		put(i);
		known &= put_link(&link[i], number, put);
	}
	put(~0ul);
	return known;
}

void psc_reset(void)
{
	memset(links, 0, sizeof(links));
}
