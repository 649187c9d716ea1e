/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The KVM model: what KVM keeps between VM entries under shadow paging, as a
 * state machine whose version-dependent choices are named policies.
 */
#ifndef VTLB_KVM_H
#define VTLB_KVM_H

#include "vtlb/impl.h"

extern const unsigned int vtlb_nr_presets;

/** vtlb_preset() - preset number @i (0 .. vtlb_nr_presets - 1), oldest first */
const struct vtlb_impl *vtlb_preset(unsigned int i);

/** vtlb_preset_by_name() - "kvm-6.12", or NULL */
const struct vtlb_impl *vtlb_preset_by_name(const char *name);

#endif /* VTLB_KVM_H */
