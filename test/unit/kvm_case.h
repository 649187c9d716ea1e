/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A machine for tests of the KVM model: one preset, one world, one state, and
 * short ways to look into it.  Includes the model's private header.
 */
#ifndef TEST_KVM_CASE_H
#define TEST_KVM_CASE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "../../model/kvm/impl_kvm.h"
#include "ops.h"
#include "values.h"

/* Tables of the default world as the model numbers them (roots, directories, leafs). */
enum { T_A, T_B, T_A_PD, T_B_PD, T_A_PT, T_B_PT, T_KERNEL_PT };

struct machine {
	const struct vtlb_impl *impl;
	const struct vtlb_world *w;
	uint64_t *state;
	struct vtlb_impl_step r;
	struct vtlb_cost cost;	/* of operations that tests do themselves, through .k */
	struct kvm k;
};

static inline void boot(struct machine *m, const char *preset, const struct vtlb_world *w)
{
	const char *why = NULL;

	memset(m, 0, sizeof(*m));
	m->impl = vtlb_preset_by_name(preset);
	assert_non_null(m->impl);
	m->w = w;
	if (!vtlb_world_check(w, &why))
		fail_msg("world: %s", why);
	m->state = calloc(1, m->impl->state_size(m->impl, w));
	assert_non_null(m->state);
	m->impl->reset(m->impl, w, m->state);
	m->k = kvm_view(m->impl, w, m->state, &m->cost);
}

static inline void halt(struct machine *m)
{
	free(m->state);
	m->state = NULL;
}

/* One operation; the result is left in m->r. */
static inline void run(struct machine *m, struct vtlb_op op)
{
	if (!vtlb_op_valid(m->w, op))
		fail_msg("operation %u is not valid", op.code);
	memset(&m->r, 0, sizeof(m->r));
	m->impl->step(m->impl, m->w, m->state, op, op.imm, &m->r);
	if (m->r.fault)
		fail_msg("operation %u: fault %u", op.code, m->r.fault);
}

static inline void run_all(struct machine *m, const struct vtlb_op *ops, size_t n)
{
	for (size_t i = 0; i < n; i++)
		run(m, ops[i]);
}

#define RUN(m, ...)                                                           \
	run_all(m, (const struct vtlb_op[]){ __VA_ARGS__ },                   \
		sizeof((const struct vtlb_op[]){ __VA_ARGS__ }) / sizeof(struct vtlb_op))

/* The outcome of an access. */
static inline uint32_t see(struct machine *m, struct vtlb_op op)
{
	run(m, op);
	return m->r.outcome;
}

static inline struct vtlb_outset could(struct machine *m, unsigned int page, enum vtlb_kind kind)
{
	struct vtlb_outset out[VTLB_NR_KINDS];

	m->impl->outcomes(m->impl, m->w, m->state, 0, page, out);
	return out[kind];
}

static inline struct kvm_sp *page_of(struct machine *m, unsigned int table, unsigned int role)
{
	return sp_at(&m->k, table, role);
}

static inline unsigned int spte(struct machine *m, unsigned int table, unsigned int role,
				unsigned int entry)
{
	return sp_at(&m->k, table, role)->spte[entry];
}

/* An SPTE as text: "f1 WU", "f0 U", "-" when there is none. */
static inline const char *spte_text(struct machine *m, unsigned int table, unsigned int role,
				    unsigned int entry)
{
	static char buf[4][16];
	static unsigned int n;
	unsigned int s = spte(m, table, role, entry), flags;
	char *to = buf[n++ % 4];

	if (!s)
		return "-";
	flags = spte_flags(&m->k, s);
	snprintf(to, sizeof(buf[0]), "f%u %s%s%s", spte_frame(&m->k, s),
		 flags & VTLB_LEAF_W ? "W" : "", flags & VTLB_LEAF_U ? "U" : "",
		 flags & VTLB_LEAF_NX ? "X" : "");
	return to;
}

/* All values that the hardware TLB holds, over variants: bit per value. */
static inline uint32_t hw_values(struct machine *m, unsigned int vcpu, unsigned int pcid,
				 unsigned int page)
{
	const uint32_t *set = hw_page(&m->k, vcpu, pcid, page);
	uint32_t values = 0;

	for (unsigned int i = 0; i < NR_VARIANTS; i++)
		values |= set[i];
	return values;
}

static inline char *put_root_text(struct machine *m, const struct kvm_root *root, char *to)
{
	if (!root->role1) {
		*to++ = '-';
	} else if (root->role1 == 1) {
		*to++ = 'n';	/* not paging */
	} else {
		*to++ = m->w->root_name[root->pgd][0];
		to += sprintf(to, "%x", root->low12);
		if (root->obsolete)
			*to++ = '!';
		else if (is_unsync_root(&m->k, root))
			*to++ = '*';
	}
	return to;
}

/* root and prev_roots of a vCPU: "b0 a0* - -"; * unsync, n not paging, - invalid */
static inline const char *cache_text(struct machine *m, unsigned int vcpu)
{
	static char buf[64];
	char *to = put_root_text(m, &m->k.vcpus[vcpu].root, buf);

	for (unsigned int i = 0; i < NUM_PREV_ROOTS; i++) {
		*to++ = ' ';
		to = put_root_text(m, &m->k.vcpus[vcpu].prev[i], to);
	}
	*to = '\0';
	return buf;
}

#endif /* TEST_KVM_CASE_H */
