/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What the processor caches of KVM's shadow tables: everything that it could,
 * until the vendor module flushes.  Tagged by the ASID and PCID that the vendor module
 * ran the guest under.
 */
#include "tlb.h"

#include <string.h>

#define P 0x1ull
#define W 0x2ull
#define U 0x4ull
#define A 0x20ull
#define PS 0x80ull
#define XD (1ull << 63)
#define ADDR 0x3ffffffff000ull	/* 46 physical bits, as env/kdata.c says */
#define RESERVED 0xfc00000000000ull

/* A translation is (frame, rights): 31 frames, 8 rights. */
#define WORDS (VTLB_MAX_FRAMES + 1)

static IMAGED uint8_t cached[GLUE_ASIDS][VTLB_MAX_PCIDS][VTLB_MAX_PAGES][WORDS];
static IMAGED uint32_t windows[GLUE_ASIDS][2][VTLB_MAX_PCIDS];
static IMAGED uint64_t flushes;
static const struct vtlb_world *world;

void tlb_reset(const struct vtlb_world *w)
{
	world = w;
	memset(cached, 0, sizeof(cached));
	memset(windows, 0, sizeof(windows));
}

uint64_t tlb_flushes(void)
{
	return flushes;
}

static void flush_address(unsigned int asid, unsigned long linear)
{
	for (unsigned int page = 0; page < world->npages; page++)
		if (guest_page(world, page) >> 12 == linear >> 12)
			for (unsigned int pcid = 0; pcid < world->npcids; pcid++)
				memset(cached[asid][pcid][page], 0, WORDS);
}

/* INVLPGA and INVVPID of one address are taken to drop it for all PCIDs. */
void host_flush(unsigned int asid, int all, unsigned long linear)
{
	flushes++;
	for (unsigned int i = 0; i < GLUE_ASIDS; i++) {
		if (asid != GLUE_ALL_ASIDS && asid != i)
			continue;
		if (!all) {
			flush_address(i, linear);
			continue;
		}
		memset(cached[i], 0, sizeof(cached[i]));
		memset(windows[i], 0, sizeof(windows[i]));
	}
}

void tlb_walk(uint64_t linear, struct tlb_walk *walk)
{
	uint64_t table = glue_cpu.pgd & ADDR, *entry = NULL;
	unsigned int rights = TLB_W | TLB_U;

	memset(walk, 0, sizeof(*walk));
	for (unsigned int level = glue_cpu.levels; level; level--) {
		entry = machine_ram(table) + (linear >> (12 + 9 * (level - 1)) & 0x1ff);
		if (!(*entry & P))
			return;
		if (*entry & RESERVED || (level > 1 && *entry & PS) ||
		    (*entry & XD && !(glue_cpu.rights & GLUE_NX))) {
			walk->reserved = true;
			return;
		}
		/* the four entries at the top of PAE paging have no rights */
		if (level == 3 && glue_cpu.levels == 3) {
			table = *entry & ADDR;
			continue;
		}
		if (!(*entry & W))
			rights &= ~TLB_W;
		if (!(*entry & U))
			rights &= ~TLB_U;
		if (*entry & XD)
			rights |= TLB_NX;
		table = *entry & ADDR;
	}
	walk->leaf = entry;
	walk->present = true;
	walk->rights = rights;
	walk->hpa = table;
}

unsigned int tlb_kinds(unsigned int rights)
{
	unsigned int kinds = KINDS_ALL, hardware = glue_cpu.rights;

	if (!(rights & TLB_W))
		kinds &= ~(hardware & GLUE_WP ? KINDS_WRITE : KIND(VTLB_UW));
	if (rights & TLB_NX)
		kinds &= ~KINDS_FETCH;
	if (!(rights & TLB_U))
		return kinds & ~KINDS_USER;
	if (hardware & GLUE_SMEP)
		kinds &= ~KIND(VTLB_SX);
	if (hardware & GLUE_SMAP)
		kinds &= ~KINDS_AC0;
	return kinds;
}

bool tlb_fill(const struct vtlb_world *w, bool paging)
{
	int pcid = vtlb_world_pcid_index(w, glue_cpu.pcid);
	struct tlb_walk walk;

	if (pcid < 0)
		return machine_fail(GLUE_STOP_CRASH,
				    "KVM runs the guest under a PCID that it does not use");
	for (unsigned int page = 0; paging && page < w->npages; page++) {
		int frame;

		tlb_walk(guest_page(w, page), &walk);
		if (!walk.present)
			continue;
		frame = guest_frame_index(w, walk.hpa);
		if (frame < 0)
			return machine_fail(GLUE_STOP_CRASH,
					    "an SPTE maps what no guest entry names");
		cached[glue_cpu.asid][pcid][page][frame] |= (uint8_t)(1u << walk.rights);
	}
	for (unsigned int t = 0; t < guest_ntables(w); t++) {
		tlb_walk(guest_window(w, t, paging), &walk);
		if (walk.present && walk.rights & TLB_W)
			windows[glue_cpu.asid][paging][pcid] |= 1u << t;
	}
	return true;
}

uint32_t tlb_hits(const struct vtlb_world *w, unsigned int page, unsigned int kind)
{
	int pcid = vtlb_world_pcid_index(w, glue_cpu.pcid);
	uint32_t frames = 0;

	for (unsigned int f = 0; pcid >= 0 && f < w->nframes; f++)
		for (unsigned int set = cached[glue_cpu.asid][pcid][page][f]; set; set &= set - 1)
			if (tlb_kinds((unsigned int)__builtin_ctz(set)) & KIND(kind))
				frames |= 1u << f;
	return frames;
}

bool tlb_window(const struct vtlb_world *w, unsigned int table, bool paging)
{
	int pcid = vtlb_world_pcid_index(w, glue_cpu.pcid);

	return pcid >= 0 && windows[glue_cpu.asid][paging][pcid] & 1u << table;
}
