/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Interning, the default world, and every way in which a world can be
 * inconsistent, each with the sentence that says so.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "vtlb/vtlb.h"

static struct vtlb_world w;

static int setup(void **state)
{
	(void)state;
	vtlb_world_default(&w);
	return 0;
}

static void test_default(void **state)
{
	const char *why = NULL;

	(void)state;
	assert_true(vtlb_world_check(&w, &why));
	assert_int_equal(w.nroots, 2);
	assert_int_equal(w.npages, 2);
	assert_int_equal(w.nleafs, 3);
	assert_int_equal(w.nframes, 3);
	assert_int_equal(w.nvalues, 4);
	assert_int_equal(w.npcids, 2);
	assert_int_equal(w.pcid[1], 1);
	/* user: f0 in a, f1 in b; kernel: f2, one table for both */
	assert_int_equal(w.value[w.init.leaf[0][0]].frame, 0);
	assert_int_equal(w.value[w.init.leaf[1][0]].frame, 1);
	assert_int_equal(w.value[w.init.leaf[2][0]].frame, 2);
	assert_int_equal(w.value[w.init.leaf[0][0]].flags, 0x27); /* P W U D */
	assert_int_equal(w.value[w.init.leaf[2][0]].flags, 0x2b); /* P W G D */
	assert_int_equal(w.init.upper[0][1], 3);
	assert_int_equal(w.init.upper[1][1], 3);
	assert_int_equal(w.init_mode, VTLB_PE | VTLB_WP | VTLB_PG | VTLB_PAE | VTLB_LME | VTLB_LMA |
					      VTLB_NXE | VTLB_CSL);
	assert_int_equal(w.features & (VTLB_F_LA57 | VTLB_F_FRED | VTLB_F_PKS | VTLB_F_LAM |
				       VTLB_F_CET), 0);
	assert_string_equal(w.page_name[1], "kernel");
	assert_string_equal(w.leaf_name[2], "kernel.pt");
}

static struct vtlb_leaf leaf(unsigned int frame, unsigned int flags)
{
	struct vtlb_leaf l = { (uint8_t)frame, (uint8_t)flags };

	return l;
}

static void test_values(void **state)
{
	const unsigned int clean = VTLB_LEAF_P | VTLB_LEAF_W;
	int i;

	(void)state;
	/* Not present is one value, whatever else is said. */
	assert_int_equal(vtlb_world_value(&w, leaf(2, VTLB_LEAF_W | VTLB_LEAF_D)), 0);
	assert_int_equal(w.nvalues, 4);
	/* What is there is found again. */
	assert_int_equal(vtlb_world_value(&w, leaf(1, 0x27)), 2);
	assert_int_equal(w.nvalues, 4);
	/* A clean value brings its dirty twin, read-only or not. */
	assert_int_equal(vtlb_world_value(&w, leaf(0, clean)), 4);
	assert_int_equal(w.nvalues, 6);
	assert_int_equal(w.value[5].flags, clean | VTLB_LEAF_D);
	assert_int_equal(vtlb_world_value(&w, leaf(0, VTLB_LEAF_P)), 6);
	assert_int_equal(w.nvalues, 8);
	/* A twin that is there is not made again. */
	assert_int_equal(vtlb_world_value(&w, leaf(1, 0x07)), 8);
	assert_int_equal(w.nvalues, 9);
	assert_true(vtlb_world_check(&w, NULL));

	/* Full: 32 values, and a pair does not fit into one place. */
	for (i = 9; i < 31; i++)
		assert_int_equal(vtlb_world_value(&w, leaf((unsigned int)i, 0x27)), i);
	assert_int_equal(vtlb_world_value(&w, leaf(0, clean | VTLB_LEAF_NX)), -1);
	assert_int_equal(w.nvalues, 31);
	assert_int_equal(vtlb_world_value(&w, leaf(31, 0x27)), 31);
	assert_int_equal(vtlb_world_value(&w, leaf(32, 0x27)), -1);
}

static void test_pcids(void **state)
{
	(void)state;
	assert_int_equal(vtlb_world_pcid(&w, 0), 0);
	assert_int_equal(vtlb_world_pcid(&w, 1), 1);
	assert_int_equal(vtlb_world_pcid(&w, 0xfff), 2);
	assert_int_equal(vtlb_world_pcid(&w, 0x1000), -1);
	assert_int_equal(vtlb_world_pcid_index(&w, 0xfff), 2);
	assert_int_equal(vtlb_world_pcid_index(&w, 0x7ff), -1);
	for (int i = 3; i < 12; i++)
		assert_int_equal(vtlb_world_pcid(&w, 0x100u + (unsigned int)i), i);
	assert_int_equal(vtlb_world_pcid(&w, 0x200), -1);
	assert_int_equal(vtlb_world_pcid(&w, 0x104), 4);
	assert_int_equal(w.npcids, 12);
	assert_true(vtlb_world_check(&w, NULL));
}

#define REFUSED(change, sentence)                        \
	do {                                             \
		const char *why = NULL;                  \
		vtlb_world_default(&w);                  \
		change;                                  \
		assert_false(vtlb_world_check(&w, &why)); \
		assert_string_equal(why, sentence);      \
	} while (0)

static void test_refused_counts(void **state)
{
	(void)state;
	REFUSED(w.vendor = 2, "vendor is neither intel nor amd");
	REFUSED(w.mode = 2, "mode is neither shadow nor tdp");
	REFUSED(w.nvcpus = 0, "number of vCPUs is not 1 to 4");
	REFUSED(w.nvcpus = 5, "number of vCPUs is not 1 to 4");
	REFUSED(w.maxphyaddr = 35, "maxphyaddr is not 36 to 52");
	REFUSED(w.maxphyaddr = 53, "maxphyaddr is not 36 to 52");
	REFUSED(w.features |= 1u << 14, "an undefined feature is set");
	REFUSED(w.nroots = 0, "number of roots is not 1 to 10");
	REFUSED(w.nroots = 11, "number of roots is not 1 to 10");
	REFUSED(w.nuppers = 9, "more than 8 upper tables");
	REFUSED(w.nleafs = 9, "more than 8 leaf tables");
	REFUSED(w.nregions = 0, "number of regions is not 1 or 2");
	REFUSED(w.nregions = 3, "number of regions is not 1 or 2");
	REFUSED(w.nslots = 0, "number of slots is not 1 to 4");
	REFUSED(w.nslots = 5, "number of slots is not 1 to 4");
	REFUSED(w.npages = 0, "number of pages is not 1 to 8");
	REFUSED(w.npages = 9, "number of pages is not 1 to 8");
	REFUSED(w.npcids = 0, "number of PCIDs is not 1 to 12");
	REFUSED(w.npcids = 13, "number of PCIDs is not 1 to 12");
	REFUSED(w.nvalues = 0, "number of leaf values is not 1 to 32");
	REFUSED(w.nvalues = 33, "number of leaf values is not 1 to 32");
	REFUSED(w.nframes = 0, "number of frames is not 1 to 31");
	REFUSED(w.nframes = 32, "number of frames is not 1 to 31");
}

static void test_refused_structure(void **state)
{
	const char *twice = "two pages have the same linear address";
	const char *region = "pages of one slot, and they alone, have to lie in the same 2 MiB";
	const char *unused = "an unused part of the world is not zero";

	(void)state;
	REFUSED(w.slot_region[1] = 1, "a slot is in a region that does not exist");
	REFUSED(w.page[0].slot = 2, "a page is in a slot that does not exist");
	REFUSED(w.page[0].entry = 4, "a page uses a table entry above 3");
	REFUSED(w.page[0].linear = 0x400800,
		"a linear address is not 4 KiB aligned below 4 GiB");
	REFUSED(w.page[0].linear = 0x100000000,
		"a linear address is not 4 KiB aligned below 4 GiB");
	REFUSED(w.page[0].linear = 0x401000, "bits 20:12 of a linear address are not its entry");
	REFUSED(w.page[0].linear = 0x600000, twice);
	REFUSED(w.page[1].slot = 0, region);
	REFUSED((w.page[1].entry = 1, w.page[1].linear = 0x401000), region);
	REFUSED(w.init.root[0][0] = 3, "a root entry names an upper table that does not exist");
	REFUSED(w.init.root[0][1] = 1, "a root entry names an upper table that does not exist");
	REFUSED(w.init.upper[0][0] = 4, "an upper entry names a leaf table that does not exist");
	REFUSED(w.init.upper[0][2] = 1, "an upper entry names a leaf table that does not exist");
	REFUSED(w.init.upper[2][0] = 1, "an upper entry names a leaf table that does not exist");
	REFUSED(w.init.leaf[0][0] = 4, "a leaf entry has a value that does not exist");
	REFUSED(w.init.leaf[3][0] = 1, "a leaf entry has a value that does not exist");
	REFUSED(w.slot_region[3] = 1, unused);
	REFUSED(w.page[7].linear = 0x1000, unused);
	REFUSED(w.pcid[11] = 3, unused);
	REFUSED(w.value[31].flags = 1, unused);
	REFUSED(w.root_name[3][0] = 'x', unused);
}

static void test_refused_values(void **state)
{
	const char *twin = "a leaf value with D=0 lacks its D=1 twin";

	(void)state;
	REFUSED(w.pcid[0] = 5, "the first PCID is not 000H");
	REFUSED(w.pcid[1] = 0x1000, "a PCID has more than 12 bits");
	REFUSED(w.pcid[1] = 0, "a PCID is there twice");
	REFUSED(w.value[0].flags = VTLB_LEAF_P, "leaf value 0 is not the not-present value");
	REFUSED(w.value[0].frame = 1, "leaf value 0 is not the not-present value");
	REFUSED(w.value[1].flags = VTLB_LEAF_W, "a second leaf value is not present");
	REFUSED(w.value[1].flags |= 0x80, "a leaf value has an undefined flag");
	REFUSED(w.value[1].frame = 3, "a leaf value has a frame that does not exist");
	REFUSED(w.value[2] = w.value[1], "a leaf value is there twice");
	REFUSED(w.value[1].flags = VTLB_LEAF_P | VTLB_LEAF_W, twin);
	REFUSED(w.value[1].flags = VTLB_LEAF_P, twin);
}

static void test_refused_names(void **state)
{
	const char *twice = "a name is there twice";
	const char *bad = "a name is not a letter or _ followed by letters, digits, _ (in table and "
			  "frame names also dots), at most 15 in all, and no reserved word";

	(void)state;
	REFUSED(memcpy(w.page_name[0], "a", 2), bad); /* "a" and the rest of "user" behind it */
	REFUSED((memset(w.page_name[0], 0, VTLB_NAME), w.page_name[0][0] = 'a'), twice);
	REFUSED(memcpy(w.frame_name[1], "f0", 3), twice);
	REFUSED(memcpy(w.upper_name[0], "b.pt", 5), twice);
	REFUSED(w.page_name[0][0] = '1', bad);
	REFUSED(w.page_name[0][0] = '-', bad);
	REFUSED(w.page_name[0][0] = '{', bad); /* behind 'z', '[' behind 'Z' */
	REFUSED(w.page_name[0][1] = '[', bad);
	REFUSED(w.page_name[0][1] = ':', bad); /* behind '9' */
	REFUSED(w.page_name[0][1] = '/', bad); /* before '0' */
	REFUSED(w.page_name[0][1] = '.', bad);
	REFUSED(w.leaf_name[0][4] = '.', bad);
	REFUSED(memset(w.page_name[0], 0, VTLB_NAME), bad);
	REFUSED(memset(w.page_name[0], 'x', VTLB_NAME), bad);
	REFUSED(w.page_name[0][10] = 'x', bad);
	REFUSED(memcpy(w.frame_name[0], "np", 3), bad);
	REFUSED(memcpy(w.frame_name[0], "identity", 9), bad);
	REFUSED(memcpy(w.page_name[1], "noncanonical", 13), bad);
}

static void test_refused_registers(void **state)
{
	const char *paging = "initial paging other than 4-level long mode is not modelled";
	const char *feature = "an initial register bit needs a feature that the world does not have";

	(void)state;
	REFUSED(w.init_mode |= 1u << 24, "the initial registers have an undefined bit");
	REFUSED(w.init_root = 2, "the initial CR3 names a root that does not exist");
	REFUSED(w.init_low12 = 2, "the initial CR3[11:0] is not one of the world's PCIDs");
	REFUSED((w.features = VTLB_F_NX, w.init_low12 = 0x1000),
		"the initial CR3[11:0] has more than 12 bits");
	REFUSED(w.init_mode &= ~(uint32_t)VTLB_PE, "initial CR0.PG=1 needs CR0.PE=1");
	REFUSED(w.init_mode |= VTLB_NW, "initial CR0.NW=1 needs CR0.CD=1");
	REFUSED(w.init_mode &= ~(uint32_t)VTLB_LMA,
		"initial EFER.LMA is not EFER.LME and CR0.PG");
	REFUSED(w.init_mode &= ~(uint32_t)VTLB_LME,
		"initial EFER.LMA is not EFER.LME and CR0.PG");
	REFUSED(w.init_mode &= ~(uint32_t)VTLB_PAE, "initial EFER.LMA=1 needs CR4.PAE=1");
	REFUSED(w.init_mode = VTLB_PE | VTLB_PAE | VTLB_PCIDE,
		"initial CR4.PCIDE=1 needs EFER.LMA=1");
	REFUSED(w.init_mode = (w.init_mode & ~(uint32_t)VTLB_WP) | VTLB_CET,
		"initial CR4.CET=1 needs CR0.WP=1");
	REFUSED(w.init_mode = VTLB_CPL3, "initial CPL=3 needs CR0.PE=1");
	REFUSED(w.init_mode |= VTLB_LA57, paging);
	REFUSED(w.init_mode = VTLB_PE | VTLB_PG, paging);
	REFUSED(w.init_mode |= VTLB_PKS, feature);
	REFUSED((w.init_mode |= VTLB_PCIDE, w.features &= ~(uint32_t)VTLB_F_PCID), feature);
	REFUSED(w.features &= ~(uint32_t)VTLB_F_NX, feature);
}

/* Without the PCID feature CR3[11:0] is no tag, so any value may be there. */
static void test_low12_without_pcid(void **state)
{
	(void)state;
	w.features &= ~(uint32_t)VTLB_F_PCID;
	w.init_low12 = 0x18;
	assert_true(vtlb_world_check(&w, NULL));
}

/* Who only wants to know whether it is consistent need not ask why not. */
static void test_no_reason_wanted(void **state)
{
	(void)state;
	assert_true(vtlb_world_check(&w, NULL));
	w.nvcpus = 0;
	assert_false(vtlb_world_check(&w, NULL));
}

/* Letters of both cases, digits and _ are good names. */
static void test_good_names(void **state)
{
	(void)state;
	memcpy(w.page_name[0], "_Az09Z", 7);
	memcpy(w.root_name[0], "Root_a", 7);
	memcpy(w.leaf_name[0], "T.9.x", 6);
	assert_true(vtlb_world_check(&w, NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_default, setup),
		cmocka_unit_test_setup(test_values, setup),
		cmocka_unit_test_setup(test_pcids, setup),
		cmocka_unit_test_setup(test_refused_counts, setup),
		cmocka_unit_test_setup(test_refused_structure, setup),
		cmocka_unit_test_setup(test_refused_values, setup),
		cmocka_unit_test_setup(test_refused_names, setup),
		cmocka_unit_test_setup(test_refused_registers, setup),
		cmocka_unit_test_setup(test_low12_without_pcid, setup),
		cmocka_unit_test_setup(test_no_reason_wanted, setup),
		cmocka_unit_test_setup(test_good_names, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
