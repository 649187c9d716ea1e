/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Mutants of ourselves.  Linked into everything of a mutation-test build; a
 * constructor switches on the one that VTLB_MUTANT names.
 */
#include "mutant.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../model/kvm/site.h"
#include "vtlb/rules.h"

static const char *const sites[] = {
#define KVM_SITE(name) #name,
#include "sites.def"
#undef KVM_SITE
};

#define NSITES ((unsigned int)(sizeof(sites) / sizeof(sites[0])))

/* One member of a record that can be cleared. */
struct element {
	const char *name;
	size_t offset;
};

#define MUST(reading, member)                                                 \
	{ #reading "." #member,                                               \
	  offsetof(struct vtlb_rule, must) +                                  \
		  (size_t)(reading) * sizeof(struct vtlb_must) +              \
		  offsetof(struct vtlb_must, member) }

enum { rely = VTLB_RELY, owe = VTLB_OWE };

static const struct element elements[] = {
	MUST(rely, ng), MUST(rely, g), MUST(rely, psc),
	MUST(owe, ng), MUST(owe, g), MUST(owe, psc),
	{ "fault", offsetof(struct vtlb_rule, fault) },
	{ "pairs", offsetof(struct vtlb_rule, pairs) },
};

#define NELEMENTS ((unsigned int)(sizeof(elements) / sizeof(elements[0])))

static unsigned char *element_of(unsigned int rule, unsigned int element)
{
	return (unsigned char *)&vtlb_rules[rule] + elements[element].offset;
}

bool mutant_name(unsigned int i, char *buf, size_t cap)
{
	if (i < NSITES) {
		snprintf(buf, cap, "kvm.%s", sites[i]);
		return true;
	}
	i -= NSITES;
	for (unsigned int r = 0; r < vtlb_nr_rules; r++)
		for (unsigned int e = 0; e < NELEMENTS; e++)
			if (*element_of(r, e) && !i--) {
				snprintf(buf, cap, "rule.%s.%s", vtlb_rules[r].id,
					 elements[e].name);
				return true;
			}
	return false;
}

bool mutant_apply(const char *name)
{
	char buf[128];

	for (unsigned int i = 0; i < NSITES; i++) {
		snprintf(buf, sizeof(buf), "kvm.%s", sites[i]);
		if (!strcmp(buf, name)) {
			vtlb_kvm_site_off = sites[i];
			return true;
		}
	}
	for (unsigned int r = 0; r < vtlb_nr_rules; r++)
		for (unsigned int e = 0; e < NELEMENTS; e++) {
			snprintf(buf, sizeof(buf), "rule.%s.%s", vtlb_rules[r].id,
				 elements[e].name);
			if (!strcmp(buf, name) && *element_of(r, e)) {
				*element_of(r, e) = 0;
				return true;
			}
		}
	return false;
}

__attribute__((constructor)) static void from_environment(void)
{
	const char *name = getenv("VTLB_MUTANT");

	if (name && *name && !mutant_apply(name)) {
		fprintf(stderr, "VTLB_MUTANT=%s: no such mutant\n", name);
		exit(2);
	}
}
