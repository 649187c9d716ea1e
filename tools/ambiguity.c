/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The table of ambiguities.  It is words only: what each reading demands is in
 * the records, and a test sees to it that no record names an undefined one.
 */
#include "ambiguity.h"

#include <stddef.h>
#include <string.h>

const struct ambiguity ambiguities[] = {
	{
		.id = "AMB-1",
		.question = "A change of CR4.PAE, and CR4.SMEP 0->1, drop the entries of the "
			    "current PCID. Are global entries among them?",
		.rely = "no, they may stay",
		.owe = "yes, all of them go",
	},
	{
		.id = "AMB-2",
		.question = "A page fault drops the current PCID's entries for the faulting "
			    "address. Does a global entry for it go as well?",
		.rely = "no, it may stay",
		.owe = "yes, it goes",
	},
	{
		.id = "AMB-3",
		.question = "The SDM's chapter on memory caches lists CR0.PG both ways, CR0.PE and "
			    "CR4.PSE as full invalidations. The paging chapter requires one for "
			    "CR0.PG 1->0 alone.",
		.rely = "the paging chapter: nothing has to go",
		.owe = "the paging chapter too; the other reading is not offered",
	},
	{
		.id = "AMB-7",
		.question = "Does a change of the LAM bits of CR3 or CR4 ask for an invalidation? "
			    "No rule was found.",
		.rely = "no, nothing has to go for it",
		.owe = "the same",
	},
	{
		.id = "AMB-8",
		.question = "On AMD with EFER.TCE=0 all upper-level entries go, too, but the APM "
			    "does not say of which PCIDs, and its page on INVPCID names only the "
			    "address.",
		.rely = "INVLPG: those of the current PCID; INVPCID type 0: those of the named "
			"PCID for the named address",
		.owe = "those of every PCID",
	},
};

const unsigned int nr_ambiguities = sizeof(ambiguities) / sizeof(ambiguities[0]);

const struct ambiguity *ambiguity_by_id(const char *id)
{
	for (unsigned int i = 0; i < nr_ambiguities; i++)
		if (strcmp(ambiguities[i].id, id) == 0)
			return &ambiguities[i];
	return NULL;
}
