/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Mutation sites: every flush, sync, free, zap, write protection and comparison
 * of the model can be switched off by name in a mutation-test build, and only
 * there.
 */
#ifndef VTLB_KVM_SITE_H
#define VTLB_KVM_SITE_H

#ifdef VTLB_MUTATION
#include <stdbool.h>
extern const char *vtlb_kvm_site_off;	/* name of the site that is off, or NULL */
bool vtlb_kvm_site(const char *name);
#define SITE(name) vtlb_kvm_site(#name)
#else
#define SITE(name) 1
#endif

#endif /* VTLB_KVM_SITE_H */
