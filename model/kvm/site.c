/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Mutation-test builds only: which site of the KVM model is switched off.
 */
#include "site.h"

#ifdef VTLB_MUTATION
#include <stddef.h>

const char *vtlb_kvm_site_off;

bool vtlb_kvm_site(const char *name)
{
	const char *off = vtlb_kvm_site_off;

	if (!off)
		return true;
	while (*name && *name == *off) {
		name++;
		off++;
	}
	return *name != *off;
}
#endif
