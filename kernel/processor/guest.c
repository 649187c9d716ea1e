/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The guest's memory.  Four real levels stand for the world's three: each upper
 * table is a directory with a pointer table of its own above it.
 */
#include "guest.h"

#include <string.h>

#define P 0x1ull
#define W 0x2ull
#define U 0x4ull
#define A 0x20ull
#define D 0x40ull
#define G 0x100ull
#define XD (1ull << 63)

/* The windows' region: the last entry of each root, in the kernel's half. */
#define WINDOW_SLOT 511u
#define WINDOW_BASE 0xffffff8000000000ull
/*
 * Entries apart, so that KVM's prefetch, which takes eight aligned neighbours,
 * maps no window unasked.
 */
#define WINDOW_STRIDE 8u

/*
 * Where the world's entries are in real tables: high, for what stops half-way to be seen, or has
 * too few bits for an index; the windows' are low.  Leaf entries are together, and first of an
 * aligned eight, which prefetch takes up to the first that is not present.
 */
#define LEAF_FIRST 504u
#define UPPER_FIRST 300u
#define POINTER_SLOT 450u
/* A second region is in the kernel's half. */
#define HIGH_REGION 400u
#define SIGN_BITS 0xffff000000000000ull
_Static_assert(LEAF_FIRST + VTLB_MAX_ENTRIES <= 512, "room for a page table's entries");

/* Order of pages in guest RAM behind page 0, which stays free. */
static unsigned int pointer_page(const struct vtlb_world *w, unsigned int upper)
{
	return 1u + guest_ntables(w) + upper;
}

static unsigned int window_page(const struct vtlb_world *w, unsigned int level)
{
	return 1u + guest_ntables(w) + w->nuppers + level;
}

static unsigned int code_page(const struct vtlb_world *w)
{
	return window_page(w, 3);
}

static unsigned int descriptor_page(const struct vtlb_world *w)
{
	return window_page(w, 4);
}

static unsigned int frame_page(const struct vtlb_world *w)
{
	return window_page(w, 5);
}

static uint64_t gpa(unsigned int page)
{
	return (uint64_t)page * GLUE_PAGE;
}

bool guest_fits(const struct vtlb_world *w)
{
	for (unsigned int v = 0; v < w->nvalues; v++)
		if ((w->value[v].flags & VTLB_LEAF_RSVD) && w->maxphyaddr > 51)
			return false;
	return true;
}

uint64_t guest_table(const struct vtlb_world *w, unsigned int table)
{
	(void)w;
	return gpa(1 + table);
}

uint64_t guest_frame(const struct vtlb_world *w, unsigned int frame)
{
	return gpa(frame_page(w) + frame);
}

int guest_frame_index(const struct vtlb_world *w, uint64_t at)
{
	uint64_t first = guest_frame(w, 0);

	if (at < first || at >= guest_frame(w, w->nframes))
		return -1;
	return (int)((at - first) / GLUE_PAGE);
}

unsigned int guest_region_slot(unsigned int region)
{
	return region ? HIGH_REGION + region : 1;
}

unsigned int guest_upper_index(unsigned int slot)
{
	return UPPER_FIRST + slot;
}

unsigned int guest_leaf_index(unsigned int entry)
{
	return LEAF_FIRST + entry;
}

uint64_t guest_page(const struct vtlb_world *w, unsigned int page)
{
	const struct vtlb_page *p = &w->page[page];
	uint64_t region = guest_region_slot(w->slot_region[p->slot]);

	return (region & 256 ? SIGN_BITS : 0) | region << 39 |
	       (uint64_t)POINTER_SLOT << 30 | (uint64_t)guest_upper_index(p->slot) << 21 |
	       (uint64_t)guest_leaf_index(p->entry) << 12;
}

static uint64_t window(unsigned int index, unsigned int page, bool paging)
{
	return paging ? WINDOW_BASE + (uint64_t)index * WINDOW_STRIDE * GLUE_PAGE : gpa(page);
}

uint64_t guest_window(const struct vtlb_world *w, unsigned int table, bool paging)
{
	(void)w;
	return window(table, 1 + table, paging);
}

/* Each has room for the longest instruction and one byte. */
#define CODE_STRIDE 16u

static const struct {
	uint8_t length, bytes[7];
} code[GUEST_NR_INSNS] = {
	[GUEST_STORE64] = { 3, { 0x48, 0x89, 0x03 } },			/* mov %rax,(%rbx) */
	[GUEST_STORE32] = { 2, { 0x89, 0x03 } },			/* mov %eax,(%ebx) */
	[GUEST_MOV_CR0] = { 3, { 0x0f, 0x22, 0xc3 } },			/* mov %rbx,%cr0 */
	[GUEST_MOV_CR3] = { 3, { 0x0f, 0x22, 0xdb } },			/* mov %rbx,%cr3 */
	[GUEST_MOV_CR4] = { 3, { 0x0f, 0x22, 0xe3 } },			/* mov %rbx,%cr4 */
	[GUEST_WRMSR] = { 2, { 0x0f, 0x30 } },
	[GUEST_INVLPG] = { 3, { 0x0f, 0x01, 0x3b } },			/* invlpg (%rbx) */
	[GUEST_INVPCID] = { 5, { 0x66, 0x0f, 0x38, 0x82, 0x03 } },	/* invpcid (%rbx),%rax */
};

uint64_t guest_code(const struct vtlb_world *w, bool paging, enum guest_insn insn)
{
	return window(guest_ntables(w), code_page(w), paging) + insn * CODE_STRIDE;
}

const uint8_t *guest_code_at(const struct vtlb_world *w, enum guest_insn insn)
{
	return (const uint8_t *)machine_ram(gpa(code_page(w))) + insn * CODE_STRIDE;
}

unsigned int guest_code_length(enum guest_insn insn)
{
	return code[insn].length;
}

uint64_t guest_descriptor(const struct vtlb_world *w, bool paging)
{
	return window(guest_ntables(w) + 1, descriptor_page(w), paging);
}

uint64_t *guest_descriptor_at(const struct vtlb_world *w)
{
	return machine_ram(gpa(descriptor_page(w)));
}

uint64_t guest_leaf_entry(const struct vtlb_world *w, unsigned int value)
{
	const struct vtlb_leaf *leaf = &w->value[value];

	/* all bits but P, as an operating system leaves them: no other one says that it is gone */
	if (!(leaf->flags & VTLB_LEAF_P))
		return guest_frame(w, 0) | A | D | W | U;
	return guest_frame(w, leaf->frame) | P | A | (leaf->flags & VTLB_LEAF_W ? W : 0) |
	       (leaf->flags & VTLB_LEAF_U ? U : 0) | (leaf->flags & VTLB_LEAF_G ? G : 0) |
	       (leaf->flags & VTLB_LEAF_D ? D : 0) | (leaf->flags & VTLB_LEAF_NX ? XD : 0) |
	       (leaf->flags & VTLB_LEAF_RSVD ? 1ull << w->maxphyaddr : 0);
}

/* No link is an entry without P, as above. */
uint64_t guest_upper_entry(const struct vtlb_world *w, unsigned int leaf1)
{
	unsigned int first = (unsigned int)w->nroots + w->nuppers;

	return guest_table(w, first + (leaf1 ? leaf1 - 1 : 0)) | W | U | A | (leaf1 ? P : 0);
}

uint64_t guest_root_entry(const struct vtlb_world *w, unsigned int upper1)
{
	return gpa(pointer_page(w, upper1 ? upper1 - 1 : 0)) | W | U | A | (upper1 ? P : 0);
}

static uint64_t *table(const struct vtlb_world *w, unsigned int number)
{
	return machine_ram(guest_table(w, number));
}

static void write_tables(const struct vtlb_world *w)
{
	unsigned int uppers = w->nroots, leafs = uppers + w->nuppers;

	for (unsigned int r = 0; r < w->nroots; r++) {
		for (unsigned int i = 0; i < w->nregions; i++)
			table(w, r)[guest_region_slot(i)] = guest_root_entry(w, w->init.root[r][i]);
		table(w, r)[WINDOW_SLOT] = gpa(window_page(w, 0)) | P | W | A;
	}
	for (unsigned int u = 0; u < w->nuppers; u++) {
		uint64_t *pointers = machine_ram(gpa(pointer_page(w, u)));

		pointers[POINTER_SLOT] = guest_table(w, uppers + u) | P | W | U | A;
		for (unsigned int i = 0; i < w->nslots; i++)
			table(w, uppers + u)[guest_upper_index(i)] =
				guest_upper_entry(w, w->init.upper[u][i]);
	}
	for (unsigned int l = 0; l < w->nleafs; l++)
		for (unsigned int i = 0; i < VTLB_MAX_ENTRIES; i++)
			table(w, leafs + l)[guest_leaf_index(i)] =
				guest_leaf_entry(w, w->init.leaf[l][i]);
}

static void write_windows(const struct vtlb_world *w)
{
	uint64_t *pt = machine_ram(gpa(window_page(w, 2)));
	unsigned int n = guest_ntables(w);

	machine_ram(gpa(window_page(w, 0)))[0] = gpa(window_page(w, 1)) | P | W | A;
	machine_ram(gpa(window_page(w, 1)))[0] = gpa(window_page(w, 2)) | P | W | A;
	for (unsigned int t = 0; t < n; t++)
		pt[t * WINDOW_STRIDE] = guest_table(w, t) | P | W | A | D;
	pt[n * WINDOW_STRIDE] = gpa(code_page(w)) | P | A | D;
	pt[(n + 1) * WINDOW_STRIDE] = gpa(descriptor_page(w)) | P | W | A | D;
}

size_t guest_write(const struct vtlb_world *w)
{
	size_t size = gpa(frame_page(w) + w->nframes);
	uint8_t *page = (uint8_t *)machine_ram(gpa(code_page(w)));

	memset(machine_ram(0), 0, size);
	write_tables(w);
	write_windows(w);
	for (unsigned int i = 0; i < GUEST_NR_INSNS; i++)
		memcpy(page + i * CODE_STRIDE, code[i].bytes, code[i].length);
	return size;
}

void guest_cpuid(const struct vtlb_world *w, struct glue_guest *g)
{
	uint32_t f = w->features;

	memset(g, 0, sizeof(*g));
	g->cr0 = vtlb_cr0_value(w->init_mode);
	g->cr3 = guest_table(w, w->init_root) | w->init_low12;
	g->cr4 = vtlb_cr4_value(w->init_mode);
	g->efer = vtlb_efer_value(w->init_mode);
	g->maxphyaddr = w->maxphyaddr;
	g->amd = w->vendor == VTLB_AMD;
	g->cpuid_1_ecx = f & VTLB_F_PCID ? 1u << 17 : 0;
	/* MSR and PAE always: without them there is no long mode */
	g->cpuid_1_edx = 1u << 5 | 1u << 6 | (f & VTLB_F_PSE ? 1u << 3 : 0) |
			 (f & VTLB_F_PGE ? 1u << 13 : 0);
	g->cpuid_7_ebx = (f & VTLB_F_SMEP ? 1u << 7 : 0) | (f & VTLB_F_INVPCID ? 1u << 10 : 0) |
			 (f & VTLB_F_SMAP ? 1u << 20 : 0);
	g->cpuid_ext_edx = 1u << 29 | (f & VTLB_F_NX ? 1u << 20 : 0);
}
