/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A contract with its state, for tests that write down operations and look at
 * what is allowed afterwards.  Public interface only.
 */
#ifndef TEST_CONTRACT_CASE_H
#define TEST_CONTRACT_CASE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "ops.h"
#include "values.h"
#include "vtlb/contract.h"

#define STATE_BYTES 8192

struct guest {
	struct vtlb_contract c;
	struct vtlb_contract_step r;
	union {
		struct vtlb_cstate s;
		uint8_t bytes[STATE_BYTES];
	} u;
};

static inline void start_as(struct guest *g, const struct vtlb_world *w, enum vtlb_vendor vendor,
			    enum vtlb_reading reading, uint32_t waive)
{
	const char *why = NULL;

	if (!vtlb_world_check(w, &why))
		fail_msg("world: %s", why);
	vtlb_contract_init(&g->c, w, vendor, reading, waive);
	assert_true(vtlb_contract_size(&g->c) <= STATE_BYTES);
	vtlb_contract_reset(&g->c, &g->u.s);
}

static inline void start(struct guest *g, const struct vtlb_world *w, uint32_t waive)
{
	start_as(g, w, VTLB_INTEL, VTLB_RELY, waive);
}

/* One operation that does not fault; for an access, the outcome is in imm. */
static inline void go(struct guest *g, struct vtlb_op op)
{
	assert_true(vtlb_op_valid(g->c.w, op));
	vtlb_contract_step(&g->c, &g->u.s, op, op.imm, &g->r);
	if (g->r.fault)
		fail_msg("operation %u: fault %u", op.code, g->r.fault);
}

static inline void go_all(struct guest *g, const struct vtlb_op *ops, size_t n)
{
	for (size_t i = 0; i < n; i++)
		go(g, ops[i]);
}

#define GO(g, ...)                                                            \
	go_all(g, (const struct vtlb_op[]){ __VA_ARGS__ },                    \
	       sizeof((const struct vtlb_op[]){ __VA_ARGS__ }) / sizeof(struct vtlb_op))

/* What the operation would have to end with now. */
static inline enum vtlb_fault fault_of(struct guest *g, struct vtlb_op op)
{
	struct vtlb_contract_step r;

	vtlb_contract_peek(&g->c, &g->u.s, op, &r);
	return (enum vtlb_fault)r.fault;
}

static inline struct vtlb_outset may(struct guest *g, unsigned int page, enum vtlb_kind kind)
{
	struct vtlb_outset out[VTLB_NR_KINDS];

	vtlb_contract_allowed(&g->c, &g->u.s, 0, page, out);
	return out[kind];
}

/* Is this exactly what is allowed? */
static inline void only(struct guest *g, unsigned int page, enum vtlb_kind kind, uint32_t frames,
			uint32_t dirties, uint32_t faults)
{
	struct vtlb_outset out = may(g, page, kind);

	if (out.frames != frames || out.dirtied != dirties || out.faults != faults)
		fail_msg("page %u, %u: frames %x dirtied %x faults %x", page, kind, out.frames,
			 out.dirtied, out.faults);
}

/* Non-global values in S of vCPU 0. */
static inline uint32_t values(struct guest *g, unsigned int pcid, unsigned int page)
{
	return vtlb_contract_values(&g->c, &g->u.s, 0, pcid, page, NULL);
}

static inline uint32_t globals(struct guest *g, unsigned int page)
{
	uint32_t global;

	vtlb_contract_values(&g->c, &g->u.s, 0, 0, page, &global);
	return global;
}

#endif /* TEST_CONTRACT_CASE_H */
