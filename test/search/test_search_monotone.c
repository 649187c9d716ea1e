/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What the search rests on when it leaves states out: with fewer entries in S a
 * contract allows less, now and after any operation; and what it does to S is done
 * to each entry alone, so that a step of a union is the union of the steps.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "scopes.h"

#define WALKS 40u
#define STEPS 150u
#define MAX_STATE 8192u

#define VALUES "values f0, f1, f0 ro, f1 nx, f0 clean, f1 global, f0 super, f1 rsvd, f0 ro clean\n"

static const char *const worlds[] = {
	"vtlb-trace 1\n"
	"world features=pcid,invpcid,pge,smep,smap,nx,pku,la57,cet,lam,pks,fred,tce,pse vcpus=2\n"
	"pcids 0 1 0x801\n" VALUES
	"roots a b\n"
	"page user private = f0, f1\n"
	"page user2 private at 0x401000 = f0, f1 clean\n"
	"page kernel shared = f2\n"
	"init\n",

	/* tables that are linked, unlinked and moved; two regions */
	"vtlb-trace 1\n"
	"world features=pcid,invpcid,pge,smep,smap,nx,tce\n"
	"pcids 0 1 2\n" VALUES
	"roots a b c\n"
	"uppers u0 u1 u2\n"
	"tables t0 t1 t2\n"
	"slots 0 0 1\n"
	"page p slot 0 entry 0 at 0x400000\n"
	"page q slot 1 entry 3 at 0x603000\n"
	"page r slot 2 entry 0 at 0x800000\n"
	"entry a[0] = u0\n"
	"entry b[0] = u1\n"
	"entry c[0] = u0\n"
	"entry a[1] = u2\n"
	"entry u0[0] = t0\n"
	"entry u0[1] = t1\n"
	"entry u1[0] = t1\n"
	"entry u2[2] = t2\n"
	"entry t1[0] = f1\n"
	"init\n",
};

/* Each block has room for the sets at its state's end; C11 has no word for that. */
#ifdef __clang__
#pragma clang diagnostic ignored "-Wgnu-variable-sized-type-not-at-end"
#endif
union block {
	uint64_t align;
	struct vtlb_cstate s;
	uint8_t bytes[MAX_STATE];
};

/* @t holds what @a and @b hold together, @less a part of it; heads are equal. */
struct states {
	union block t, a, b, less;
};

static uint32_t seed;

static uint32_t rnd(void)
{
	seed = seed * 1664525u + 1013904223u;
	return seed >> 8;
}

static uint32_t below(uint32_t n)
{
	return rnd() % n;
}

/* Bits of a mask, the more the higher @density, which is 0 to 8. */
static uint32_t some(uint32_t density)
{
	uint32_t bits = 0;

	for (unsigned int i = 0; i < 32; i++)
		bits |= (below(8) < density ? 1u : 0u) << i;
	return bits;
}

static uint32_t words(const struct vtlb_contract *c)
{
	return c->vcpu_words * c->w->nvcpus;
}

static void split(const struct vtlb_contract *c, struct states *s)
{
	uint32_t density = below(9);

	s->a = s->b = s->less = s->t;
	for (uint32_t i = 0; i < words(c); i++) {
		uint32_t part = some(density), both = some(1);

		s->a.s.set[i] &= part | both;
		s->b.s.set[i] &= ~part | both;
		s->less.s.set[i] &= some(density);
	}
}

/* Mostly what real traces are made of; sometimes anything at all. */
static struct vtlb_op any_op(const struct vtlb_world *w)
{
	static const uint8_t common[] = {
		VTLB_OP_MOV_CR3, VTLB_OP_MOV_CR3, VTLB_OP_ACCESS, VTLB_OP_ACCESS,
		VTLB_OP_WRITE_LEAF, VTLB_OP_WRITE_LEAF, VTLB_OP_WRITE_UPPER, VTLB_OP_WRITE_ROOT,
		VTLB_OP_INVPCID, VTLB_OP_INVPCID, VTLB_OP_INVLPG, VTLB_OP_MOV_CR4,
		VTLB_OP_MOV_CR4, VTLB_OP_MOV_CR0, VTLB_OP_WRMSR_EFER,
	};
	/* several at once: each has its own record */
	static const uint32_t cr4[] = {
		VTLB_PCIDE, VTLB_PGE, VTLB_SMEP, VTLB_SMAP, VTLB_PSE,
		VTLB_PCIDE | VTLB_PGE, VTLB_SMEP | VTLB_PGE, VTLB_SMEP | VTLB_PCIDE | VTLB_SMAP,
	};
	struct vtlb_op op;
	uint8_t bytes[8];

	for (unsigned int i = 0; i < 8; i++)
		bytes[i] = (uint8_t)rnd();
	op = vtlb_op_load(bytes);
	if (below(32))
		op.code = common[below(sizeof(common))];
	op = vtlb_op_canon(w, op);
	if (!below(8))
		return op;
	if (op.code == VTLB_OP_MOV_CR3)
		op.imm = w->pcid[below(w->npcids)] | (below(2) ? VTLB_CR3_NOFLUSH : 0u);
	if (op.code == VTLB_OP_INVPCID)
		op = vtlb_op_make(VTLB_OP_INVPCID, vtlb_op_vcpu(op), op.a, below(4),
				  w->pcid[below(w->npcids)]);
	if (op.code == VTLB_OP_MOV_CR4 || op.code == VTLB_OP_MOV_CR0 ||
	    op.code == VTLB_OP_WRMSR_EFER)
		op.a = VTLB_HOW_XOR;
	if (op.code == VTLB_OP_MOV_CR4)
		op.imm = cr4[below(sizeof(cr4) / sizeof(cr4[0]))];
	if (op.code == VTLB_OP_MOV_CR0)
		op.imm = below(8) ? VTLB_WP : VTLB_PG;
	if (op.code == VTLB_OP_WRMSR_EFER)
		op.imm = VTLB_NXE;
	return op;
}

/* An outcome that is allowed, and sometimes one that need not be. */
static uint32_t any_outcome(const struct vtlb_contract *c, const struct vtlb_cstate *s,
			    struct vtlb_op op)
{
	struct vtlb_outset out[VTLB_NR_KINDS];
	const struct vtlb_outset *set;
	uint32_t outcome = 0;

	if (op.code != VTLB_OP_ACCESS)
		return 0;
	if (!below(8))
		return vtlb_outcome(VTLB_OUT_FAULT, below(32));
	vtlb_contract_allowed(c, s, vtlb_op_vcpu(op), op.a, out);
	set = &out[vtlb_op_kind(op, s->regs[vtlb_op_vcpu(op)].mode)];
	for (uint32_t o = vtlb_outset_next(set, 0); o; o = vtlb_outset_next(set, o))
		if (!outcome || below(2))
			outcome = o;
	return outcome;
}

static bool same_heads(const union block *a, const union block *b)
{
	return !memcmp(a, b, offsetof(struct vtlb_cstate, set));
}

static bool part_of(const struct vtlb_outset *less, const struct vtlb_outset *more)
{
	return !(less->frames & ~more->frames) && !(less->dirtied & ~more->dirtied) &&
	       !(less->faults & ~more->faults);
}

static bool is_union(const struct vtlb_outset *t, const struct vtlb_outset *a,
		     const struct vtlb_outset *b)
{
	return t->frames == (a->frames | b->frames) && t->dirtied == (a->dirtied | b->dirtied) &&
	       t->faults == (a->faults | b->faults);
}

/* NULL, or what is wrong */
static const char *wrong_sets(const struct vtlb_contract *c, const struct states *s)
{
	if (!same_heads(&s->t, &s->a) || !same_heads(&s->t, &s->b) || !same_heads(&s->t, &s->less))
		return "what is no set depends on one";
	for (uint32_t i = 0; i < words(c); i++) {
		if (s->less.s.set[i] & ~s->t.s.set[i])
			return "more out of less";
		if (s->t.s.set[i] != (s->a.s.set[i] | s->b.s.set[i]))
			return "a step of a union is no union of steps";
	}
	return NULL;
}

static const char *wrong_outcomes(const struct vtlb_contract *c, const struct states *s)
{
	struct vtlb_outset t[VTLB_NR_KINDS], a[VTLB_NR_KINDS], b[VTLB_NR_KINDS];
	struct vtlb_outset less[VTLB_NR_KINDS];

	for (unsigned int vcpu = 0; vcpu < c->w->nvcpus; vcpu++)
		for (unsigned int page = 0; page < c->w->npages; page++) {
			vtlb_contract_allowed(c, &s->t.s, vcpu, page, t);
			vtlb_contract_allowed(c, &s->a.s, vcpu, page, a);
			vtlb_contract_allowed(c, &s->b.s, vcpu, page, b);
			vtlb_contract_allowed(c, &s->less.s, vcpu, page, less);
			for (unsigned int kind = 0; kind < VTLB_NR_KINDS; kind++) {
				if (!part_of(&less[kind], &t[kind]))
					return "less allows more";
				if (!is_union(&t[kind], &a[kind], &b[kind]))
					return "a union does not allow the union";
			}
		}
	return NULL;
}

/* How often something was there to be seen. */
static struct {
	unsigned int steps, smaller, fewer;
} seen;

static void note(const struct vtlb_contract *c, const struct states *s)
{
	seen.steps++;
	seen.smaller += memcmp(&s->t, &s->less, vtlb_contract_size(c)) != 0;
	for (unsigned int page = 0; page < c->w->npages; page++) {
		struct vtlb_outset t[VTLB_NR_KINDS], less[VTLB_NR_KINDS];

		vtlb_contract_allowed(c, &s->t.s, 0, page, t);
		vtlb_contract_allowed(c, &s->less.s, 0, page, less);
		seen.fewer += memcmp(t, less, sizeof(t)) != 0;
	}
}

/* Steps all four alike. */
static const char *step(const struct vtlb_contract *c, struct states *s, struct vtlb_op op,
			uint32_t outcome)
{
	struct vtlb_contract_step r[4];

	vtlb_contract_step(c, &s->t.s, op, outcome, &r[0]);
	vtlb_contract_step(c, &s->a.s, op, outcome, &r[1]);
	vtlb_contract_step(c, &s->b.s, op, outcome, &r[2]);
	vtlb_contract_step(c, &s->less.s, op, outcome, &r[3]);
	for (unsigned int i = 1; i < 4; i++)
		if (r[i].fault != r[0].fault)
			return "faults depend on sets";
	return NULL;
}

static void walk(const struct vtlb_contract *c)
{
	static struct states s;

	vtlb_contract_reset(c, &s.t.s);
	split(c, &s);
	for (unsigned int i = 0; i < STEPS; i++) {
		struct vtlb_op op = any_op(c->w);
		uint32_t outcome = any_outcome(c, &s.t.s, op);
		const char *wrong = step(c, &s, op, outcome);
		char text[128];

		if (!wrong)
			wrong = wrong_sets(c, &s);
		if (!wrong)
			wrong = wrong_outcomes(c, &s);
		if (wrong) {
			vtlb_op_print(c->w, op, text, sizeof(text));
			fail_msg("%s: %s (outcome %#x), vendor %u, reading %u, waived %#x", wrong,
				 text, (unsigned int)outcome, c->vendor, c->reading,
				 (unsigned int)c->waive);
		}
		note(c, &s);
		/* small differences grow together again; fresh ones are as good */
		if (!below(3))
			split(c, &s);
	}
}

static void fewer_entries_allow_less(void **state)
{
	static struct vtlb_contract c;

	(void)state;
	for (size_t i = 0; i < sizeof(worlds) / sizeof(worlds[0]); i++) {
		struct vtlb_trace t;

		scope_open(&t, worlds[i]);
		for (unsigned int vendor = VTLB_INTEL; vendor <= VTLB_AMD; vendor++)
			for (unsigned int reading = VTLB_RELY; reading <= VTLB_OWE; reading++)
				for (uint32_t waive = 0; waive <= (VTLB_WAIVE_ALL | VTLB_WAIVE_PSC);
				     waive++) {
					vtlb_contract_init(&c, &t.world, vendor, reading, waive);
					assert_true(vtlb_contract_size(&c) <= MAX_STATE);
					assert_true(vtlb_contract_size(&c) <=
						    vtlb_contract_max_size(&t.world));
					seed = (uint32_t)i * 2654435761u + waive;
					for (unsigned int j = 0; j < WALKS; j++)
						walk(&c);
				}
		vtlb_trace_free(&t);
	}
	print_message("%u steps; less than all before %u, fewer outcomes %u times\n", seen.steps,
		      seen.smaller, seen.fewer);
	/* the comparison had something to compare */
	assert_true(seen.smaller > seen.steps / 4);
	assert_true(seen.fewer > seen.steps / 16);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fewer_entries_allow_less),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
