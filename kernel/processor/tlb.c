/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What each processor caches of KVM's shadow tables: everything that it could,
 * until the vendor module flushes on it.  Tagged by the ASID and PCID that the vendor
 * module ran the guest under.
 */
#include "psc.h"

#include <string.h>

#define P 0x1ull
#define W 0x2ull
#define U 0x4ull
#define PS 0x80ull
#define XD (1ull << 63)
#define ADDR 0x3ffffffff000ull	/* 46 physical bits, as env/kdata.c says */
#define RESERVED 0xfc00000000000ull

/* A translation is (frame, rights): 31 frames, 8 rights. */
#define WORDS (VTLB_MAX_FRAMES + 1)

static IMAGED struct tlb {
	uint8_t cached[VTLB_MAX_PCIDS][VTLB_MAX_PAGES][WORDS];
	uint32_t windows[2][VTLB_MAX_PCIDS];
} tlbs[GLUE_CPUS][GLUE_ASIDS];
static IMAGED uint64_t flushes;
static const struct vtlb_world *world;

static struct tlb *current_tlb(void)
{
	return &tlbs[host_cpu()][glue_cpu.asid];
}

void tlb_reset(const struct vtlb_world *w)
{
	world = w;
	memset(tlbs, 0, sizeof(tlbs));
	psc_reset();
}

uint64_t tlb_flushes(void)
{
	return flushes;
}

void tlb_dead(void (*dead)(const void *at, unsigned long size))
{
	dead(&flushes, sizeof(flushes));
}

/* INVLPGA and INVVPID of one address are taken to drop it for all PCIDs. */
static void flush_address(unsigned int asid, unsigned long linear)
{
	struct tlb *tlb = &tlbs[host_cpu()][asid];

	for (unsigned int page = 0; page < world->npages; page++) {
		unsigned long differs = guest_page(world, page) ^ linear;

		psc_flush(asid, page, differs);
		if (differs >> 12)
			continue;
		for (unsigned int pcid = 0; pcid < world->npcids; pcid++)
			memset(tlb->cached[pcid][page], 0, WORDS);
	}
}

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
		memset(&tlbs[host_cpu()][i], 0, sizeof(tlbs[0][0]));
		psc_flush_all(i);
	}
}

struct tlb_entry tlb_entry(uint64_t table, unsigned int level, uint64_t linear,
			   unsigned int rights)
{
	struct tlb_entry e = { .at = machine_ram(table) +
				     (linear >> (12 + 9 * (level - 1)) & 0x1ff) };

	if (!(*e.at & P))
		return e;
	e.reserved = *e.at & RESERVED || (level > 1 && *e.at & PS) ||
		     (*e.at & XD && !(glue_cpu.rights & GLUE_NX));
	e.present = !e.reserved;
	e.hpa = *e.at & ADDR;
	e.rights = rights;
	/* the four entries at the top of PAE paging have no rights */
	if (level == 3 && glue_cpu.levels == 3)
		return e;
	if (!(*e.at & W))
		e.rights &= ~TLB_W;
	if (!(*e.at & U))
		e.rights &= ~TLB_U;
	if (*e.at & XD)
		e.rights |= TLB_NX;
	return e;
}

void tlb_walk(uint64_t linear, struct tlb_walk *walk)
{
	struct tlb_entry e = { .hpa = glue_cpu.pgd & ADDR, .rights = TLB_W | TLB_U };

	memset(walk, 0, sizeof(*walk));
	for (unsigned int level = glue_cpu.levels; level; level--) {
		e = tlb_entry(e.hpa, level, linear, e.rights);
		if (!e.present) {
			walk->reserved = e.reserved;
			return;
		}
	}
	walk->leaf = e.at;
	walk->present = true;
	walk->rights = e.rights;
	walk->hpa = e.hpa;
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

bool tlb_maps(const uint64_t *table, unsigned int level, uint64_t hpa)
{
	uint64_t offset = (GLUE_PAGE << (9 * (level - 1))) - 1;

	for (unsigned int i = 0; i < GLUE_PAGE / sizeof(*table); i++) {
		if (!(table[i] & P) || table[i] & RESERVED || (level > 1 && !(table[i] & PS)))
			continue;
		if (!(((table[i] & ADDR) ^ hpa) & ~offset))
			return true;
	}
	return false;
}

bool tlb_reaches(uint64_t linear)
{
	return !(linear >> (12 + 9 * glue_cpu.levels));
}

/* Where psc_walk() puts what it finds. */
struct filling {
	const struct vtlb_world *w;
	uint8_t *cached;
};

static bool fill(void *arg, uint64_t hpa, unsigned int rights)
{
	struct filling *f = arg;
	int frame = guest_frame_index(f->w, hpa);

	if (frame < 0)
		return machine_fail(GLUE_STOP_CRASH, "an SPTE maps what no guest entry names");
	f->cached[frame] |= (uint8_t)(1u << rights);
	return true;
}

static bool walk_and_mark(uint64_t linear, struct tlb_walk *walk)
{
	tlb_walk(linear, walk);
	if (walk->present)
		*walk->leaf |= TLB_A;
	return walk->present;
}

bool tlb_fill(const struct vtlb_world *w, bool paging)
{
	int pcid = vtlb_world_pcid_index(w, glue_cpu.pcid);
	struct tlb *tlb = current_tlb();
	struct tlb_walk walk;

	if (pcid < 0)
		return machine_fail(GLUE_STOP_CRASH,
				    "KVM runs the guest under a PCID that it does not use");
	for (unsigned int page = 0; page < w->npages; page++) {
		struct filling f = { .w = w, .cached = tlb->cached[pcid][page] };

		/* with paging off only a root that should be gone leads from there anywhere */
		if (!paging && !tlb_reaches(guest_page(w, page)))
			continue;
		if (!psc_walk((unsigned int)pcid, page, guest_page(w, page), fill, &f))
			return false;
	}
	for (unsigned int t = 0; t < guest_ntables(w); t++) {
		if (walk_and_mark(guest_window(w, t, paging), &walk) && walk.rights & TLB_W)
			tlb->windows[paging][pcid] |= 1u << t;
	}
	return true;
}

uint32_t tlb_hits(const struct vtlb_world *w, unsigned int page, unsigned int kind)
{
	int pcid = vtlb_world_pcid_index(w, glue_cpu.pcid);
	const struct tlb *tlb = current_tlb();
	uint32_t frames = 0;

	for (unsigned int f = 0; pcid >= 0 && f < w->nframes; f++)
		for (unsigned int set = tlb->cached[pcid][page][f]; set; set &= set - 1)
			if (tlb_kinds((unsigned int)__builtin_ctz(set)) & KIND(kind))
				frames |= 1u << f;
	return frames;
}

bool tlb_holds(const struct vtlb_world *w, unsigned int frame)
{
	const struct tlb *tlb = current_tlb();

	for (unsigned int pcid = 0; pcid < w->npcids; pcid++)
		for (unsigned int page = 0; page < w->npages; page++)
			if (tlb->cached[pcid][page][frame])
				return true;
	return false;
}

bool tlb_window(const struct vtlb_world *w, unsigned int table, bool paging)
{
	int pcid = vtlb_world_pcid_index(w, glue_cpu.pcid);

	return pcid >= 0 && current_tlb()->windows[paging][pcid] & 1u << table;
}
