/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The KVM model's normal form can not be seen: with and without it, an operation
 * has the same fault, and accesses could give the same, in every pair of states
 * that is reached together.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../../model/kvm/impl_kvm.h"
#include "levels.h"
#include "normal_scopes.h"

/* Pairs of a scope that is too large, unless VTLB_SEARCH_BOUND says otherwise. */
#define BOUND 30000u

#define WALKS 20u
#define STEPS 2000u
#define KEPT 64u	/* steps that are printed, the last of a walk */

union block {
	uint64_t align;
	uint8_t bytes[16384];
};

struct pairs {
	const struct vtlb_impl *impl;
	const struct vtlb_trace *t;
	struct vtlb_world normal;	/* the same with .ops */
	size_t half;			/* bytes of one state */
	struct levels l;
	/* looking for the way to a pair: what leads to it in one step */
	const uint8_t *target;
	struct vtlb_op op;
	uint32_t outcome;
	bool found;
};

static void outcomes(const struct pairs *p, const uint8_t *pair, unsigned int half,
		     unsigned int vcpu, unsigned int page, struct vtlb_outset out[VTLB_NR_KINDS])
{
	p->impl->outcomes(p->impl, half ? &p->normal : &p->t->world, pair + half * p->half, vcpu,
			  page, out);
}

static const struct levels_mark *mark_of(const struct pairs *p, const uint8_t *pair)
{
	return levels_mark(&p->l, (void *)(uintptr_t)pair);
}

static void print_step(const struct pairs *p, struct vtlb_op op, uint32_t outcome)
{
	char text[128], gave[64] = "";

	vtlb_op_print(&p->t->world, op, text, sizeof(text));
	if (outcome)
		vtlb_outcome_print(&p->t->world, NULL, op.a, outcome, gave, sizeof(gave));
	print_error("%s%s%s\n", text, outcome ? " -> " : "", gave);
}

static void extend(struct pairs *p, const uint8_t *pair);

/* Prints a shortest way to @pair, found by looking at each level before it again. */
static void print_path(struct pairs *p, const uint8_t *pair, uint32_t depth)
{
	struct vtlb_op op;
	uint32_t outcome;

	if (!depth)
		return;
	p->target = pair;
	p->found = false;
	for (size_t i = 0; i < p->l.nseen && !p->found; i++) {
		pair = levels_at(&p->l, p->l.seen, i);
		if (mark_of(p, pair)->depth == depth - 1)
			extend(p, pair);
	}
	op = p->op;
	outcome = p->outcome;
	print_path(p, pair, depth - 1);
	print_step(p, op, outcome);
}

static void differ(struct pairs *p, const uint8_t *pair, const char *what)
{
	char text[4096];

	print_error("%s: %s\n", p->impl->name, what);
	print_path(p, pair, mark_of(p, pair)->depth);
	for (unsigned int half = 0; half < 2; half++) {
		p->impl->describe(p->impl, half ? &p->normal : &p->t->world, pair + half * p->half,
				  text, sizeof(text));
		print_error("%s:\n%s", half ? "normal form" : "raw", text);
	}
	fail();
}

/* Could every access to every page give the same in both? */
static bool same_outcomes(const struct pairs *p, const uint8_t *pair)
{
	struct vtlb_outset out[2][VTLB_NR_KINDS];

	for (unsigned int vcpu = 0; vcpu < p->t->world.nvcpus; vcpu++)
		for (unsigned int page = 0; page < p->t->world.npages; page++) {
			for (unsigned int half = 0; half < 2; half++)
				outcomes(p, pair, half, vcpu, page, out[half]);
			if (memcmp(out[0], out[1], sizeof(out[0])))
				return false;
		}
	return true;
}

/* One operation in both, in place. */
static void step_both(const struct pairs *p, uint8_t *pair, struct vtlb_op op, uint32_t outcome,
		      unsigned int fault[2])
{
	for (unsigned int half = 0; half < 2; half++) {
		struct vtlb_impl_step r = { 0 };

		p->impl->step(p->impl, half ? &p->normal : &p->t->world, pair + half * p->half,
			      op, outcome, &r);
		fault[half] = r.fault;
	}
}

/* One operation in both; what comes out is a pair of the next level. */
static void follow(struct pairs *p, const uint8_t *pair, struct vtlb_op op, uint32_t outcome)
{
	static union block block;
	uint8_t *next = block.bytes;
	unsigned int fault[2];

	memcpy(next, pair, p->l.size);
	step_both(p, next, op, outcome, fault);
	if (p->target) {
		if (!p->found && !memcmp(next, p->target, p->l.size)) {
			p->op = op;
			p->outcome = outcome;
			p->found = true;
		}
		return;
	}
	if (fault[0] != fault[1]) {
		print_step(p, op, outcome);
		differ(p, pair, "faults of this differ after");
	}
	if (fault[0] == VTLB_NO_FAULT)
		levels_add(&p->l, next);
	else
		assert_int_equal(memcmp(next, pair, p->l.size), 0);
}

/* The outcomes that @op has in the raw state; without an access a set of none. */
static struct vtlb_outset choices(const struct pairs *p, const uint8_t *pair, struct vtlb_op op)
{
	struct vtlb_outset out[VTLB_NR_KINDS] = { 0 };
	unsigned int vcpu = vtlb_op_vcpu(op);
	struct kvm k;

	if (op.code != VTLB_OP_ACCESS)
		return out[0];
	outcomes(p, pair, 0, vcpu, op.a, out);
	/* the view is only read through */
	k = kvm_view(p->impl, &p->t->world, (void *)(uintptr_t)pair, NULL);
	return out[vtlb_op_kind(op, k.vcpus[vcpu].mode)];
}

static void extend(struct pairs *p, const uint8_t *pair)
{
	for (size_t i = 0; i < p->t->nops; i++) {
		struct vtlb_op op = p->t->ops[i];
		struct vtlb_outset out = choices(p, pair, op);
		uint32_t outcome = vtlb_outset_next(&out, 0);

		do {
			follow(p, pair, op, outcome);
			outcome = outcome ? vtlb_outset_next(&out, outcome) : 0;
		} while (outcome);
	}
}

static void pairs_init(struct pairs *p, const struct vtlb_impl *impl, const struct vtlb_trace *t)
{
	memset(p, 0, sizeof(*p));
	p->impl = impl;
	p->t = t;
	p->normal = t->world;
	p->normal.ops = scope_ops(t);
	p->half = impl->state_size(impl, &t->world);
	assert_true(p->half && 2 * p->half <= sizeof(union block));
}

static void pairs_reset(const struct pairs *p, uint8_t *pair)
{
	p->impl->reset(p->impl, &p->t->world, pair);
	p->impl->reset(p->impl, &p->normal, pair + p->half);
}

/*
 * All pairs of one preset, or at least @bound of them (0: all).
 *
 * Return: their number.
 */
static size_t explore(const struct vtlb_impl *impl, const struct vtlb_trace *t, size_t bound)
{
	static union block first;
	struct pairs p;
	size_t n;

	pairs_init(&p, impl, t);
	pairs_reset(&p, first.bytes);
	levels_open(&p.l, 2 * p.half, first.bytes);
	if (!same_outcomes(&p, p.l.seen))
		differ(&p, p.l.seen, "outcomes differ after reset");
	do {
		for (size_t i = 0; i < p.l.nseen; i++) {
			const uint8_t *pair = levels_at(&p.l, p.l.seen, i);

			if (mark_of(&p, pair)->depth == p.l.depth)
				extend(&p, pair);
			if (bound && p.l.nseen + p.l.nnext > bound)
				break;
		}
		n = levels_settle(&p.l);
		for (size_t i = 0; i < n; i++) {
			const uint8_t *pair = levels_at(&p.l, p.l.next, i);

			if (!same_outcomes(&p, pair))
				differ(&p, pair, "outcomes differ after");
		}
		if (n)
			levels_advance(&p.l);
	} while (n && !(bound && p.l.nseen > bound));
	n = p.l.nseen;
	print_message("%-38s %8zu pairs, depth %u%s\n", impl->name, n, p.l.depth,
		      bound && n > bound ? ", bounded" : "");
	levels_close(&p.l);
	return n;
}

static uint32_t seed;

static uint32_t below(uint32_t n)
{
	seed = seed * 1664525u + 1013904223u;
	return (seed >> 8) % n;
}

/* Depth where the search above has breadth. */
static void walk(struct pairs *p)
{
	static union block pair;
	struct vtlb_op ops[KEPT];
	uint32_t took[KEPT];
	unsigned int fault[2];

	pairs_reset(p, pair.bytes);
	for (unsigned int i = 0; i < STEPS; i++) {
		struct vtlb_op op = p->t->ops[below((uint32_t)p->t->nops)];
		struct vtlb_outset out = choices(p, pair.bytes, op);
		uint32_t outcome = vtlb_outset_next(&out, 0), next = outcome;

		while (next && (next = vtlb_outset_next(&out, next)))
			if (below(2))
				outcome = next;
		ops[i % KEPT] = op;
		took[i % KEPT] = outcome;
		step_both(p, pair.bytes, op, outcome, fault);
		if (fault[0] == fault[1] && same_outcomes(p, pair.bytes))
			continue;
		print_error("%s: a walk that ends with a difference at step %u\n", p->impl->name,
			    i + 1);
		for (unsigned int j = i < KEPT ? 0 : i - KEPT + 1; j <= i; j++)
			print_step(p, ops[j % KEPT], took[j % KEPT]);
		fail();
	}
}

static void scope(const char *text, size_t bound)
{
	const char *wanted = getenv("VTLB_SEARCH_BOUND");
	struct vtlb_trace t;
	struct pairs p;

	scope_open(&t, text);
	if (bound && wanted)
		bound = strtoul(wanted, NULL, 10);
	for (unsigned int i = 0; i < vtlb_nr_presets; i++) {
		assert_true(explore(vtlb_preset(i), &t, bound) > 1000);
		pairs_init(&p, vtlb_preset(i), &t);
		for (seed = 0; seed < WALKS; seed++) {
			uint32_t this = seed;

			walk(&p);
			seed = this;
		}
	}
	vtlb_trace_free(&t);
}

#define SCOPE(name, text, bound)                                              \
	static void name(void **state)                                        \
	{                                                                     \
		(void)state;                                                  \
		scope(text, bound);                                           \
	}

SCOPE(tiny_completely, scope_tiny, 0)
SCOPE(shared_kernel_page, shared, BOUND)
SCOPE(three_pcids, pcids, BOUND)
SCOPE(four_roots, roots, BOUND)
SCOPE(all_rights, rights, BOUND)
SCOPE(role_with_pcide, role, BOUND)
SCOPE(host_and_init, host, BOUND)
SCOPE(two_vcpus, smp, BOUND)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tiny_completely),
		cmocka_unit_test(shared_kernel_page),
		cmocka_unit_test(three_pcids),
		cmocka_unit_test(four_roots),
		cmocka_unit_test(all_rights),
		cmocka_unit_test(role_with_pcide),
		cmocka_unit_test(host_and_init),
		cmocka_unit_test(two_vcpus),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
