/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Known deviations of upstream KVM from the manuals' letter: the contract stays
 * as it is, and each is waived by name or not at all.
 */
#include "vtlb/contract.h"

const struct vtlb_deviation vtlb_deviations[] = {
	{
		.name = "noncurrent-refill",
		.waiver = VTLB_WAIVE_NONCURRENT,
		.summary = "Cached roots go on gaining entries for PCIDs that are not current, "
			   "and a full flush keeps those that are in sync at that moment.",
		.waives = "A (PCID, root) pair that a MOV CR3 loaded, and that no flushing "
			  "MOV CR3, INVPCID type 1, CR4.PCIDE change or CR0.PG 1->0 has ended, "
			  "may gain non-global entries from its root while another is current; "
			  "where the implementation has paging-structure caches, a PCID that "
			  "becomes current may use those of its other roots, too, and INVLPG "
			  "leaves links that other addresses use.",
		.kernels = "every preset, and the code of Linux 6.1 and 6.12",
	},
	{
		.name = "pf-partial-drop",
		.waiver = VTLB_WAIVE_PF,
		.summary = "An injected page fault drops the faulting address only for error "
			   "codes with P=1 and RSVD=0, and only below the current root.",
		.waives = "A page fault with RSVD=1, or with P=0 by a page table's entry, drops "
			  "nothing; any other drops only entries that were made while the "
			  "current root was loaded; where paging-structure caches may lead to "
			  "another root's table, none with P=0 drops anything.",
		.kernels = "every preset, and the code of Linux 6.1 and 6.12",
	},
	{
		.name = "wp0-smap",
		.waiver = VTLB_WAIVE_WP0_SMAP,
		.summary = "With WP=0 a supervisor write with AC=1 to a read-only user page "
			   "leaves a supervisor mapping that SMAP no longer protects.",
		.waives = "From such a write, under CR0.WP=0, CR4.SMAP=1 and the same CR4.SMEP, a "
			  "supervisor access with AC=0 may use what a walk finds there as if it "
			  "were a supervisor page, until the entry is written to; what was loaded "
			  "goes as any other entry does.",
		.kernels = "every preset but the one that keeps roots on role changes, and the "
			   "code of Linux 6.1 and 6.12",
	},
	{
		.name = "nxe-reserved",
		.waiver = VTLB_WAIVE_NXE,
		.summary = "Mappings made while EFER.NXE was 1 from entries with XD=1 stay in use "
			   "after NXE is cleared, although XD is then a reserved bit.",
		.waives = "An entry with XD=1 that was in memory while some vCPU had NXE=1 may be "
			  "loaded and used after NXE 1->0, as if XD were ignored and not "
			  "reserved, until the guest writes the entry.",
		.kernels = "kvm-6.1 and kvm-6.12, and the code of Linux 6.1 and 6.12",
	},
};

const unsigned int vtlb_nr_deviations = sizeof(vtlb_deviations) / sizeof(vtlb_deviations[0]);

static bool same(const char *a, const char *b)
{
	while (*a && *a == *b) {
		a++;
		b++;
	}
	return *a == *b;
}

int vtlb_deviation_by_name(const char *name)
{
	for (unsigned int i = 0; i < vtlb_nr_deviations; i++)
		if (same(vtlb_deviations[i].name, name))
			return (int)i;
	return -1;
}
