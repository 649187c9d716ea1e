/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A check with its memory, for tests that step it and look at the verdict.
 */
#ifndef TEST_CHECK_CASE_H
#define TEST_CHECK_CASE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ops.h"
#include "vtlb/check.h"
#include "vtlb/kvm.h"

enum { USER, KERNEL };
enum { A_PT, B_PT, KERNEL_PT };
enum { P = VTLB_LEAF_P, WR = VTLB_LEAF_W, US = VTLB_LEAF_U, GL = VTLB_LEAF_G, DI = VTLB_LEAF_D };

/* The default world with one more frame, f3, and two values for it. */
struct small_world {
	struct vtlb_world w;
	uint32_t f3;		/* user, writable */
	uint32_t f3_kernel;	/* supervisor, G */
	uint32_t f0_ro;		/* user, read-only */
};

static inline void small_world(struct small_world *s)
{
	const struct vtlb_leaf user = { 3, P | WR | US | DI };
	const struct vtlb_leaf kernel = { 3, P | WR | DI | GL };
	const struct vtlb_leaf ro = { 0, P | US | DI };

	vtlb_world_default(&s->w);
	s->f3 = (uint32_t)vtlb_world_value(&s->w, user);
	s->f3_kernel = (uint32_t)vtlb_world_value(&s->w, kernel);
	s->f0_ro = (uint32_t)vtlb_world_value(&s->w, ro);
	strcpy(s->w.frame_name[3], "f3");
	s->w.nframes = 4;
}

struct run {
	void *mem;
	struct vtlb_check *k;
	struct vtlb_step_report rep;
};

static inline void open_run(struct run *r, const struct vtlb_check_config *cfg)
{
	size_t size = vtlb_check_size(cfg);

	assert_int_not_equal(size, 0);
	r->mem = aligned_alloc(64, size);
	assert_non_null(r->mem);
	/* a check may not depend on what was in its block */
	memset(r->mem, 0xa5, size);
	r->k = vtlb_check_init(r->mem, cfg);
}

static inline void close_run(struct run *r)
{
	free(r->mem);
}

static inline enum vtlb_verdict step_all(struct run *r, const struct vtlb_op *ops, size_t n)
{
	for (size_t i = 0; i < n; i++)
		vtlb_check_step(r->k, ops[i], &r->rep);
	return vtlb_check_verdict(r->k);
}

/* The violation with its provenance; @like must be its equal in every field. */
static inline void expect_violation(struct run *r, const struct vtlb_op *ops, size_t n,
				    const struct vtlb_violation *like, const char *rule)
{
	struct vtlb_violation v;

	assert_non_null(vtlb_check_violation(r->k));
	v = *vtlb_check_violation(r->k);
	vtlb_check_blame(r->k, ops, n, &v);
	assert_int_equal(v.kind, like->kind);
	assert_int_equal(v.ambiguous, like->ambiguous);
	assert_int_equal(v.vcpu, like->vcpu);
	assert_int_equal(v.page, like->page);
	assert_int_equal(v.access, like->access);
	assert_int_equal(v.pcid, like->pcid);
	assert_int_equal(v.seen_step, like->seen_step);
	assert_int_equal(v.guilty_step, like->guilty_step);
	assert_int_equal(v.dropped_at, like->dropped_at);
	assert_string_equal(v.rule < 0 ? "-" : vtlb_rules[v.rule].id, rule);
	assert_int_equal(v.got, like->got);
	assert_int_equal(v.mode, like->mode);
	assert_int_equal(v.waiver, like->waiver);
	assert_int_equal(v.allowed.frames, like->allowed.frames);
	assert_int_equal(v.allowed.dirtied, like->allowed.dirtied);
	assert_int_equal(v.allowed.faults, like->allowed.faults);
	assert_memory_equal(&v.lookahead, &like->lookahead, sizeof(v.lookahead));
	assert_string_equal(v.held_in, like->held_in);
}

#endif /* TEST_CHECK_CASE_H */
