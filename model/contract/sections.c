/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The one map from symbolic section keys to the numbers of each edition.  The
 * number is the part of a citation that rots, so records hold keys only.
 */
#include <string.h>

#include "vtlb/rules.h"

#define SDM3 "SDM vol. 3A"
#define SDM2 "SDM vol. 2"
#define APM2 "APM vol. 2"
#define APM3 "APM vol. 3"

/* Instruction references have no number: both columns name the entry. */
#define ENTRY(name) name, name

const struct vtlb_section vtlb_sections[] = {
	{ "sdm:paging-mode", SDM3, "4.1.2", "5.1.2", "enabling and changing paging modes" },
	{ "sdm:access-rights", SDM3, "4.6", "5.6", "access rights" },
	{ "sdm:caching", SDM3, "4.10", "5.10", "caching translation information" },
	{ "sdm:pcid", SDM3, "4.10.1", "5.10.1", "process-context identifiers" },
	{ "sdm:tlb-use", SDM3, "4.10.2.2", "5.10.2.2", "what a TLB entry holds and its use" },
	{ "sdm:tlb-details", SDM3, "4.10.2.3", "5.10.2.3", "details of TLB use" },
	{ "sdm:global-pages", SDM3, "4.10.2.4", "5.10.2.4", "global pages" },
	{ "sdm:psc", SDM3, "4.10.3.1", "5.10.3.1", "paging-structure caches" },
	{ "sdm:psc-use", SDM3, "4.10.3.2", "5.10.3.2", "use of the caches in a translation" },
	{ "sdm:ops-invalidate", SDM3, "4.10.4.1", "5.10.4.1", "operations that invalidate" },
	{ "sdm:recommended", SDM3, "4.10.4.2", "5.10.4.2", "recommended invalidation" },
	{ "sdm:optional", SDM3, "4.10.4.3", "5.10.4.3", "optional invalidation" },
	{ "sdm:delayed", SDM3, "4.10.4.4", "5.10.4.4", "delayed invalidation" },
	{ "sdm:propagation", SDM3, "4.10.5", "5.10.5", "propagation to other processors" },
	{ "sdm:lam", SDM3, "-", "4", "linear-address masking" },
	{ "sdm:reset-init", SDM3, "9.1", "11.1", "state after reset and INIT" },
	{ "sdm:ia32e-init", SDM3, "9.8.5", "11.8.5", "initializing IA-32e mode" },
	{ "sdm:tlb-chapter", SDM3, "11.9", "13.9", "TLBs in the chapter on memory caches" },
	{ "sdm:mov-cr", SDM2, ENTRY("MOV CR"), "move to and from control registers" },
	{ "sdm:invlpg", SDM2, ENTRY("INVLPG"), "invalidate TLB entries" },
	{ "sdm:invpcid", SDM2, ENTRY("INVPCID"), "invalidate by PCID" },
	{ "sdm:wrmsr", SDM2, ENTRY("WRMSR"), "write to a model-specific register" },
	{ "apm:efer", APM2, "3.1.7", "3.1.7", "extended feature enable register" },
	{ "apm:tce", APM2, "3.1.7", "3.1.7", "translation cache extension, a bit of EFER" },
	{ "apm:access-rights", APM2, "5.6", "5.6", "page-protection checks" },
	{ "apm:tlb", APM2, "5.5", "5.5", "translation lookaside buffer" },
	{ "apm:pcid", APM2, "5.5.1", "5.5.1", "process-context identifiers" },
	{ "apm:global-pages", APM2, "5.5.2", "5.5.2", "global pages" },
	{ "apm:tlb-flush", APM2, "5.5.3", "5.5.3", "TLB management: explicit and implicit" },
	{ "apm:tlb-upgrade", APM2, "5.5.3", "5.5.3", "edits that need no invalidation" },
	{ "apm:long-mode", APM2, "14.6", "14.6", "enabling and leaving long mode" },
	{ "apm:mov-cr", APM3, ENTRY("MOV CRn"), "move to and from control registers" },
	{ "apm:invlpg", APM3, ENTRY("INVLPG"), "invalidate a TLB entry" },
	{ "apm:invpcid", APM3, ENTRY("INVPCID"), "invalidate by PCID" },
	{ "apm:wrmsr", APM3, ENTRY("WRMSR"), "write to a model-specific register" },
};

const unsigned int vtlb_nr_sections = sizeof(vtlb_sections) / sizeof(vtlb_sections[0]);

const struct vtlb_section *vtlb_section(const char *key, size_t len)
{
	for (unsigned int i = 0; i < vtlb_nr_sections; i++) {
		const char *have = vtlb_sections[i].key;
		size_t n = 0;

		while (have[n])
			n++;
		if (n == len && !memcmp(have, key, len))
			return &vtlb_sections[i];
	}
	return NULL;
}
