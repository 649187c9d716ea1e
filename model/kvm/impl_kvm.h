/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Private to model/kvm: the functions behind struct vtlb_impl, gathered for the
 * table of presets.
 */
#ifndef VTLB_KVM_IMPL_H
#define VTLB_KVM_IMPL_H

#include "model.h"

/* impl.c */
struct kvm kvm_view(const struct vtlb_impl *impl, const struct vtlb_world *w, void *state,
		    struct vtlb_cost *cost);
size_t kvm_state_size(const struct vtlb_impl *impl, const struct vtlb_world *w);
void kvm_reset_constants(const struct vtlb_impl *impl, const struct vtlb_world *w, void *state);
void kvm_reset(const struct vtlb_impl *impl, const struct vtlb_world *w, void *state);
void kvm_step(const struct vtlb_impl *impl, const struct vtlb_world *w, void *state,
	      struct vtlb_op op, uint32_t outcome, struct vtlb_impl_step *r);
void kvm_outcomes(const struct vtlb_impl *impl, const struct vtlb_world *w, const void *state,
		  unsigned int vcpu, unsigned int page, struct vtlb_outset out[VTLB_NR_KINDS]);

/* permute.c */
void kvm_decode(const struct vtlb_impl *impl, const struct vtlb_world *w, void *state,
		const uint8_t *buf, size_t len);
void kvm_permute(const struct vtlb_impl *impl, const struct vtlb_world *w, void *dst,
		 const void *src, const struct vtlb_perm *perm);

/* hidden.c */
bool kvm_assume(const struct vtlb_impl *impl, const struct vtlb_world *w, void *state,
		unsigned int leaf, unsigned int entry, unsigned int value);

/* describe.c */
size_t kvm_encode(const struct vtlb_impl *impl, const struct vtlb_world *w, const void *state,
		  uint8_t *buf, size_t cap);
size_t kvm_describe(const struct vtlb_impl *impl, const struct vtlb_world *w, const void *state,
		    char *buf, size_t cap);
size_t kvm_held(const struct vtlb_impl *impl, const struct vtlb_world *w, const void *state,
		unsigned int vcpu, unsigned int page, enum vtlb_kind kind, uint32_t outcome,
		char *buf, size_t cap);
bool kvm_holds(const struct kvm *k, const struct kvm_vcpu *v, unsigned int spte,
	       enum vtlb_kind kind, uint32_t outcome);

#endif /* VTLB_KVM_IMPL_H */
