/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Any operations into the presets.  Those that are expected to hold must hold
 * with all known deviations waived; for every preset contract and model must
 * keep the invariants of S, of memory, of faults and of the canonical state.
 *
 * Input: one byte that picks the world, then 8 bytes an operation.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"

#define MAX_OPS 200

static struct vtlb_world world;
static struct vtlb_op ops[MAX_OPS];
static size_t nops;

/* The input as a trace, so that a failure can be run and shrunk by hand. */
static void failed(const char *impl, size_t step, const char *what)
{
	struct vtlb_trace t;
	char *text;
	size_t len;

	memset(&t, 0, sizeof(t));
	t.world = world;
	t.ops = ops;
	t.nops = step;
	len = vtlb_trace_print(&t, NULL, 0);
	text = malloc(len + 1);
	if (text)
		(void)vtlb_trace_print(&t, text, len + 1);
	(void)fprintf(stderr, "fuzz_ops: %s, step %zu: %s\n%s", impl, step, what, text ? text : "");
	abort();
}

/* Every feature that KVM's shadow paging gives a guest, and awkward values. */
static void make_world(uint8_t pick)
{
	static const uint8_t flags[] = {
		VTLB_LEAF_P | VTLB_LEAF_U | VTLB_LEAF_D,
		VTLB_LEAF_P | VTLB_LEAF_W | VTLB_LEAF_U,
		VTLB_LEAF_P | VTLB_LEAF_U,
		VTLB_LEAF_P | VTLB_LEAF_W | VTLB_LEAF_U | VTLB_LEAF_D | VTLB_LEAF_NX,
		VTLB_LEAF_P | VTLB_LEAF_W | VTLB_LEAF_U | VTLB_LEAF_D | VTLB_LEAF_G,
		VTLB_LEAF_P | VTLB_LEAF_W | VTLB_LEAF_U | VTLB_LEAF_D | VTLB_LEAF_RSVD,
	};

	vtlb_world_default(&world);
	world.vendor = pick & 1 ? VTLB_AMD : VTLB_INTEL;
	world.nvcpus = pick & 2 ? 2 : 1;
	if (pick & 4)
		world.init_mode |= VTLB_PCIDE | VTLB_PGE;
	if (pick & 8)
		world.features &= ~(uint32_t)(VTLB_F_PCID | VTLB_F_INVPCID);
	if (pick & 8)
		world.init_mode &= ~(uint32_t)VTLB_PCIDE;
	(void)vtlb_world_pcid(&world, 0x801); /* differs from 1 above bit 10 alone */
	for (unsigned int i = 0; i < sizeof(flags); i++) {
		struct vtlb_leaf leaf = { (uint8_t)(i % 3), flags[i] };

		(void)vtlb_world_value(&world, leaf);
	}
}

static void *block(size_t size)
{
	void *p = aligned_alloc(64, (size + 63) & ~(size_t)63);

	if (!p)
		abort();
	return p;
}

/*
 * A bug of old KVM, mended since, is no deviation: INVPCID with paging off crashed
 * the host (test/traces: history-a11-invpcid-with-paging-off).  After it nothing
 * compares.
 */
static bool mended_since(const struct vtlb_impl *impl, struct vtlb_op op,
			 const struct vtlb_violation *v)
{
	return !strcmp(impl->name, "kvm-5.16") && v->kind == VTLB_V_FAULT &&
	       op.code == VTLB_OP_INVPCID;
}

static void check_holds(const struct vtlb_impl *impl)
{
	const struct vtlb_check_config cfg = {
		.w = &world, .impl = impl, .vendor = world.vendor, .waive = VTLB_WAIVE_ALL,
	};
	void *mem = block(vtlb_check_size(&cfg));
	struct vtlb_check *k = vtlb_check_init(mem, &cfg);

	for (size_t i = 0; i < nops; i++) {
		enum vtlb_verdict v = vtlb_check_step(k, ops[i], NULL);

		if (v == VTLB_VIOLATES && !mended_since(impl, ops[i], vtlb_check_violation(k)))
			failed(impl->name, i + 1, "violates with all known deviations waived");
		if (v != VTLB_HOLDS)
			break;
	}
	free(mem);
}

/**
 * struct pair - contract and implementation side by side, before and after a step
 * @mem: the page tables as the operations alone make them
 */
struct pair {
	const struct vtlb_impl *impl;
	struct vtlb_contract c;
	struct vtlb_cstate *s, *s_before;
	void *state, *copy;
	size_t size, bytes;
	uint8_t *code, *code2;
	struct vtlb_mem mem;
	size_t step;
};

static size_t encode(struct pair *p, const void *state, uint8_t *buf)
{
	if (p->impl->encode)
		return p->impl->encode(p->impl, &world, state, buf, p->bytes);
	memcpy(buf, state, p->size);
	return p->size;
}

static void clone(struct pair *p, void *dst, const void *src)
{
	if (p->impl->clone)
		p->impl->clone(p->impl, &world, dst, src);
	else
		memcpy(dst, src, p->size);
}

/* One of the outcomes that the implementation could give, picked by the operation. */
static uint32_t pick_outcome(struct pair *p, struct vtlb_op op)
{
	struct vtlb_outset out[VTLB_NR_KINDS];
	const struct vtlb_outset *set;

	if (op.code != VTLB_OP_ACCESS)
		return VTLB_OUT_ANY;
	p->impl->outcomes(p->impl, &world, p->state, vtlb_op_vcpu(op), op.a, out);
	set = &out[vtlb_op_kind(op, p->s->regs[vtlb_op_vcpu(op)].mode)];
	if (!vtlb_outset_next(set, 0))
		failed(p->impl->name, p->step, "an access has no outcome");
	return vtlb_outset_has(set, op.imm) ? op.imm : vtlb_outset_next(set, 0);
}

static void expect_mem(struct pair *p, struct vtlb_op op, uint32_t outcome)
{
	struct vtlb_leaf leaf;
	uint8_t *entry;

	switch (op.code) {
	case VTLB_OP_WRITE_LEAF:
		p->mem.leaf[op.a][op.b] = (uint8_t)op.imm;
		break;
	case VTLB_OP_WRITE_UPPER:
		p->mem.upper[op.a][op.b] = (uint8_t)op.imm;
		break;
	case VTLB_OP_WRITE_ROOT:
		p->mem.root[op.a][op.b] = (uint8_t)op.imm;
		break;
	case VTLB_OP_ACCESS:
		if (vtlb_outcome_kind(outcome) != VTLB_OUT_DIRTIED)
			break;
		entry = &p->mem.leaf[vtlb_outcome_index(outcome)][world.page[op.a].entry];
		leaf = world.value[*entry];
		leaf.flags |= VTLB_LEAF_D;
		*entry = (uint8_t)vtlb_world_value(&world, leaf);
		break;
	default:
		break;
	}
}

/* Values that a walk could find for a page now, through whatever links. */
static uint32_t walkable(const struct pair *p, unsigned int page)
{
	uint32_t values = 0;

	for (unsigned int t = 0; t < world.nleafs; t++)
		values |= 1u << p->s->mem.leaf[t][world.page[page].entry];
	return values & ~1u;
}

static bool covered(const struct pair *p, const struct vtlb_contract_step *r, unsigned int pcid,
		    unsigned int page, bool global)
{
	for (unsigned int i = 0; i < r->nrules; i++) {
		if (vtlb_contract_covers(&p->c, r->rules[i], r, pcid, page, global))
			return true;
	}
	return false;
}

/* S grows only by walks under the current PCID, and shrinks only by rules of this step. */
static void check_sets(const struct pair *p, struct vtlb_op op, const struct vtlb_contract_step *r)
{
	for (unsigned int v = 0; v < world.nvcpus; v++) {
		unsigned int cur = vtlb_contract_cur(&p->c, p->s, v);

		for (unsigned int i = 0; i < world.npcids * world.npages; i++) {
			unsigned int pcid = i / world.npages, page = i % world.npages;
			uint32_t g0, g1;
			uint32_t n0 = vtlb_contract_values(&p->c, p->s_before, v, pcid, page, &g0);
			uint32_t n1 = vtlb_contract_values(&p->c, p->s, v, pcid, page, &g1);
			bool mine = v == vtlb_op_vcpu(op);

			if (n1 & ~n0 && (pcid != cur || n1 & ~n0 & ~walkable(p, page)))
				failed(p->impl->name, p->step, "S grew by what no walk gives");
			if (g1 & ~g0 & ~walkable(p, page))
				failed(p->impl->name, p->step, "S grew by a global no walk gives");
			if (n0 & ~n1 && !(mine && covered(p, r, pcid, page, false)))
				failed(p->impl->name, p->step, "S shrank without a rule");
			if (g0 & ~g1 && !(mine && covered(p, r, pcid, page, true)))
				failed(p->impl->name, p->step, "a global left S without a rule");
		}
	}
}

static void check_encoding(struct pair *p)
{
	size_t a = encode(p, p->state, p->code);
	size_t b = encode(p, p->copy, p->code2);

	if (a > p->bytes || a != b || memcmp(p->code, p->code2, a))
		failed(p->impl->name, p->step, "one step from one state gave two encodings");
}

/* Returns false when there is nothing more to compare. */
static bool step_pair(struct pair *p, struct vtlb_op op)
{
	uint32_t outcome = pick_outcome(p, op);
	size_t len = encode(p, p->state, p->code);
	struct vtlb_contract_step r;
	struct vtlb_impl_step ir, again;

	clone(p, p->copy, p->state);
	memcpy(p->s_before, p->s, vtlb_contract_size(&p->c));
	vtlb_contract_step(&p->c, p->s, op, outcome, &r);
	if (r.fault == VTLB_UNSUPPORTED)
		return false;
	if (r.fault && memcmp(p->s_before, p->s, vtlb_contract_size(&p->c)))
		failed(p->impl->name, p->step, "a fault changed the contract's state");

	memset(&ir, 0, sizeof(ir));
	memset(&again, 0, sizeof(again));
	p->impl->step(p->impl, &world, p->state, op, outcome, &ir);
	if (ir.fault == VTLB_UNSUPPORTED)
		return false;
	if (ir.fault && (encode(p, p->state, p->code2) != len || memcmp(p->code, p->code2, len)))
		failed(p->impl->name, p->step, "a fault changed the implementation's state");
	p->impl->step(p->impl, &world, p->copy, op, outcome, &again);
	if (ir.fault != again.fault || ir.outcome != again.outcome)
		failed(p->impl->name, p->step, "one step from one state went two ways");
	check_encoding(p);
	/* Old presets miss faults: from there on the two are in different states. */
	if (r.fault != ir.fault)
		return false;

	if (!r.fault)
		expect_mem(p, op, outcome);
	if (memcmp(&p->mem, &p->s->mem, sizeof(p->mem)))
		failed(p->impl->name, p->step, "page tables are not what was written");
	check_sets(p, op, &r);
	return true;
}

static void check_invariants(const struct vtlb_impl *impl)
{
	struct pair p;

	memset(&p, 0, sizeof(p));
	p.impl = impl;
	p.size = impl->state_size(impl, &world);
	p.bytes = 4 * p.size + 4096;
	vtlb_contract_init(&p.c, &world, world.vendor, VTLB_RELY, 0);
	p.s = block(vtlb_contract_size(&p.c));
	p.s_before = block(vtlb_contract_size(&p.c));
	p.state = block(p.size);
	p.copy = block(p.size);
	p.code = block(p.bytes);
	p.code2 = block(p.bytes);
	p.mem = world.init;
	vtlb_contract_reset(&p.c, p.s);
	impl->reset(impl, &world, p.state);
	for (size_t i = 0; i < nops; i++) {
		p.step = i + 1;
		if (!step_pair(&p, ops[i]))
			break;
	}
	free(p.s);
	free(p.s_before);
	free(p.state);
	free(p.copy);
	free(p.code);
	free(p.code2);
}

static bool expected_to_hold(const char *name)
{
	return !strcmp(name, "kvm-5.16") || !strcmp(name, "kvm-6.1") || !strcmp(name, "kvm-6.12");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 1)
		return 0;
	make_world(data[0]);
	for (nops = 0; nops < MAX_OPS && 1 + 8 * nops + 8 <= size; nops++)
		ops[nops] = vtlb_op_canon(&world, vtlb_op_load(data + 1 + 8 * nops));
	for (unsigned int i = 0; i < vtlb_nr_presets; i++) {
		const struct vtlb_impl *impl = vtlb_preset(i);
		const char *why;

		if (!vtlb_impl_covers(impl, &world, &why) || !impl->state_size(impl, &world))
			continue;
		check_invariants(impl);
		if (expected_to_hold(impl->name))
			check_holds(impl);
	}
	return 0;
}
