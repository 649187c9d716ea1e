/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What symmetry reduction stands on: renaming roots, tables, PCIDs, frames and
 * vCPUs and then stepping is stepping and then renaming, in every preset and in
 * the contract; and a state is what its canonical bytes say.
 *
 * The renamings here are all that map an alphabet to itself, which is more than
 * the search uses: it keeps tables with their roots.
 */
#include "shipped.h"

#define MAX_GROUP 2048
#define MAX_STATE 16384

/* Random walks for each scope and preset, steps of each, renamings tried at each step. */
#ifdef SEARCH_SHORT
#define WALKS 8
#else
#define WALKS 40
#endif
#define STEPS 100
#define TURNS 4

static struct vtlb_perm group[MAX_GROUP];
static unsigned int ngroup;
static uint64_t seed;

static uint32_t any(uint32_t n)
{
	seed = seed * 6364136223846793005ull + 1442695040888963407ull;
	return (uint32_t)((seed >> 33) % n);
}

static bool has_op(const struct vtlb_scope *s, struct vtlb_op op)
{
	for (size_t i = 0; i < s->nops; i++)
		if (!memcmp(&s->ops[i], &op, sizeof(op)))
			return true;
	return false;
}

/* Each value becomes the one with the same flags and the renamed frame. */
static bool rename_values(const struct vtlb_world *w, struct vtlb_perm *p)
{
	for (unsigned int v = 1; v < w->nvalues; v++) {
		unsigned int to = 1;

		while (to < w->nvalues && (w->value[to].flags != w->value[v].flags ||
					   w->value[to].frame != p->frame[w->value[v].frame]))
			to++;
		if (to == w->nvalues)
			return false;
		p->value[v] = (uint8_t)to;
	}
	return true;
}

static void consider(const struct vtlb_scope *s, struct vtlb_perm *p)
{
	if (!rename_values(&s->world, p))
		return;
	for (size_t i = 0; i < s->nops; i++)
		if (!has_op(s, vtlb_op_permute(&s->world, s->ops[i], p)))
			return;
	assert_true(ngroup < MAX_GROUP);
	group[ngroup++] = *p;
}

/* The members of a renaming that are chosen freely, and how many of each there are. */
struct choice {
	uint8_t *map;
	unsigned int from, n;
};

static void choose(const struct vtlb_scope *s, struct vtlb_perm *p, const struct choice *c,
		   unsigned int left, unsigned int at)
{
	if (!left) {
		consider(s, p);
		return;
	}
	if (at >= c->n) {
		choose(s, p, c + 1, left - 1, left > 1 ? c[1].from : 0);
		return;
	}
	for (unsigned int i = at; i < c->n; i++) {
		uint8_t t = c->map[at];

		c->map[at] = c->map[i];
		c->map[i] = t;
		choose(s, p, c, left, at + 1);
		c->map[i] = c->map[at];
		c->map[at] = t;
	}
}

static void find_group(const struct vtlb_scope *s)
{
	const struct vtlb_world *w = &s->world;
	struct vtlb_perm p;
	const struct choice choices[] = {
		{ p.vcpu, 0, w->nvcpus }, { p.root, 0, w->nroots }, { p.upper, 0, w->nuppers },
		{ p.leaf, 0, w->nleafs }, { p.pcid, 1, w->npcids }, { p.frame, 0, w->nframes },
	};
	uint8_t *bytes = (uint8_t *)&p;
	const size_t at[] = {
		offsetof(struct vtlb_perm, vcpu), offsetof(struct vtlb_perm, root),
		offsetof(struct vtlb_perm, upper), offsetof(struct vtlb_perm, leaf),
		offsetof(struct vtlb_perm, pcid), offsetof(struct vtlb_perm, value),
		offsetof(struct vtlb_perm, frame), sizeof(p),
	};

	for (size_t m = 0; m + 1 < sizeof(at) / sizeof(*at); m++)
		for (size_t i = at[m]; i < at[m + 1]; i++)
			bytes[i] = (uint8_t)(i - at[m]);
	ngroup = 0;
	choose(s, &p, choices, sizeof(choices) / sizeof(*choices), 0);
}

/* Literals, because a renaming that does nothing would pass every other test. */
static void operations(void **state)
{
	struct vtlb_scope s;
	struct vtlb_perm p;

	(void)state;
	scope_load(&s, "default-pcid");
	find_group(&s);
	p = group[0];
	for (unsigned int i = 0; i < 2; i++) {
		p.root[i] = p.upper[i] = p.leaf[i] = p.frame[i] = (uint8_t)(1 - i);
		p.pcid[1 + i] = (uint8_t)(2 - i);
	}
	assert_true(rename_values(&s.world, &p));
#define RENAMED(from, to)                                                     \
	do {                                                                  \
		const struct vtlb_op got = vtlb_op_permute(                   \
			&s.world, (struct vtlb_op)from, &p);                  \
		assert_memory_equal(&got, &((struct vtlb_op)to), 8);          \
	} while (0)
#define OP(...) { __VA_ARGS__ }
	RENAMED(OP(VTLB_OP_MOV_CR3, 0x10, 0, 0, 0x1001), OP(VTLB_OP_MOV_CR3, 0x10, 1, 0, 0x1801));
	RENAMED(OP(VTLB_OP_MOV_CR3, 0x10, 1, 0, 0), OP(VTLB_OP_MOV_CR3, 0x10, 0, 0, 0));
	RENAMED(OP(VTLB_OP_WRITE_LEAF, 0x10, 0, 0, 1), OP(VTLB_OP_WRITE_LEAF, 0x10, 1, 0, 2));
	RENAMED(OP(VTLB_OP_INVPCID, 0x10, 0, 1, 0x801), OP(VTLB_OP_INVPCID, 0x10, 0, 1, 1));
	RENAMED(OP(VTLB_OP_ACCESS, 0x10, 0, 0, 0x101), OP(VTLB_OP_ACCESS, 0x10, 0, 0, 0x100));
	RENAMED(OP(VTLB_OP_MOV_CR4, 0x10, 3, 0, VTLB_PCIDE),
		OP(VTLB_OP_MOV_CR4, 0x10, 3, 0, VTLB_PCIDE));
#undef OP
#undef RENAMED
	vtlb_scope_free(&s);
}

static struct vtlb_outset rename_outcomes(struct vtlb_outset o, const struct vtlb_perm *p)
{
	struct vtlb_outset to = { .faults = o.faults };

	for (uint32_t out = vtlb_outset_next(&o, 0); out; out = vtlb_outset_next(&o, out)) {
		uint32_t renamed = vtlb_outcome_permute(out, p);

		if (vtlb_outcome_kind(renamed) == VTLB_OUT_FRAME)
			to.frames |= 1u << vtlb_outcome_index(renamed);
		else if (vtlb_outcome_kind(renamed) == VTLB_OUT_DIRTIED)
			to.dirtied |= 1u << vtlb_outcome_index(renamed);
	}
	return to;
}

static void same_outcomes(const struct vtlb_outset a[VTLB_NR_KINDS],
			  const struct vtlb_outset b[VTLB_NR_KINDS], const struct vtlb_perm *p)
{
	for (unsigned int kind = 0; kind < VTLB_NR_KINDS; kind++) {
		struct vtlb_outset renamed = rename_outcomes(a[kind], p);

		assert_memory_equal(&renamed, &b[kind], sizeof(renamed));
	}
}

/* A random walk: a state of an implementation, and the contract's beside it. */
struct walk {
	const struct vtlb_impl *impl;
	struct vtlb_world w;
	struct vtlb_contract c;
	uint64_t state[MAX_STATE / 8], next[MAX_STATE / 8], other[MAX_STATE / 8];
	uint64_t turned[MAX_STATE / 8];
	uint64_t cstate[MAX_STATE / 8], cnext[MAX_STATE / 8], cother[MAX_STATE / 8];
	uint64_t cturned[MAX_STATE / 8];
	uint8_t enc[MAX_STATE], enc2[MAX_STATE];
	struct vtlb_op ops[256];
	unsigned int nops;
};

static struct walk k;

static struct vtlb_cstate *cs(uint64_t *state)
{
	return (struct vtlb_cstate *)state;
}

static void begin(const char *preset, const struct vtlb_scope *s, bool normal, uint32_t waive,
		  unsigned int reading)
{
	k.impl = vtlb_preset_by_name(preset);
	k.w = s->world;
	for (size_t i = 0; normal && i < s->nops; i++)
		k.w.ops |= 1u << s->ops[i].code;
	assert_in_range(k.impl->state_size(k.impl, &k.w), 8, MAX_STATE);
	k.impl->reset(k.impl, &k.w, k.state);
	vtlb_contract_init(&k.c, &k.w, k.w.vendor, reading, waive);
	assert_in_range(vtlb_contract_size(&k.c), 8, MAX_STATE);
	vtlb_contract_reset(&k.c, cs(k.cstate));
	k.nops = 0;
}

static size_t encode(const uint64_t *state, uint8_t *enc)
{
	size_t len = k.impl->encode(k.impl, &k.w, state, enc, MAX_STATE);

	assert_in_range(len, 1, MAX_STATE);
	return len;
}

static void step(uint64_t *state, struct vtlb_op op, uint32_t outcome, struct vtlb_impl_step *r)
{
	memset(r, 0, sizeof(*r));
	k.impl->step(k.impl, &k.w, state, op, outcome, r);
}

/* The walk so far, for whoever has to find out. */
static void say(struct vtlb_op op, const struct vtlb_perm *p, const char *what)
{
	char text[128];

	print_message("%s, %s, after\n", k.impl->name, what);
	for (unsigned int i = 0; i < k.nops; i++) {
		vtlb_op_print(&k.w, k.ops[i], text, sizeof(text));
		print_message("%s\n", text);
	}
	vtlb_op_print(&k.w, op, text, sizeof(text));
	print_message("%s <-\nvcpu %u %u root %u %u pcid %u %u %u frame %u %u leaf %u %u\n", text,
		      p->vcpu[0], p->vcpu[1], p->root[0], p->root[1], p->pcid[0], p->pcid[1],
		      p->pcid[2], p->frame[0], p->frame[1], p->leaf[0], p->leaf[1]);
	fail();
}

/* .next is .state stepped: is the renamed state, stepped, .next renamed? */
static void turn_impl(const struct vtlb_perm *p, struct vtlb_op op, uint32_t outcome,
		      const struct vtlb_impl_step *r)
{
	uint32_t renamed = vtlb_outcome_permute(outcome, p);
	struct vtlb_outset a[VTLB_NR_KINDS], b[VTLB_NR_KINDS];
	struct vtlb_impl_step q;
	size_t len;

	k.impl->permute(k.impl, &k.w, k.turned, k.state, p);
	for (unsigned int v = 0; v < k.w.nvcpus; v++)
		for (unsigned int page = 0; page < k.w.npages; page++) {
			k.impl->outcomes(k.impl, &k.w, k.state, v, page, a);
			k.impl->outcomes(k.impl, &k.w, k.turned, p->vcpu[v], page, b);
			same_outcomes(a, b, p);
		}
	step(k.turned, vtlb_op_permute(&k.w, op, p), renamed, &q);
	k.impl->permute(k.impl, &k.w, k.other, k.next, p);
	len = encode(k.turned, k.enc);
	assert_int_equal(encode(k.other, k.enc2), len);
	if (q.fault != r->fault || q.outcome != vtlb_outcome_permute(r->outcome, p) ||
	    memcmp(k.enc, k.enc2, len) != 0)
		say(op, p, "names matter");
}

static void turn_contract(const struct vtlb_perm *p, struct vtlb_op op, uint32_t outcome,
			  const struct vtlb_contract_step *r)
{
	struct vtlb_outset a[VTLB_NR_KINDS], b[VTLB_NR_KINDS];
	struct vtlb_contract_step q;

	vtlb_contract_permute(&k.c, cs(k.cturned), cs(k.cstate), p);
	for (unsigned int v = 0; v < k.w.nvcpus; v++)
		for (unsigned int page = 0; page < k.w.npages; page++) {
			vtlb_contract_allowed(&k.c, cs(k.cstate), v, page, a);
			vtlb_contract_allowed(&k.c, cs(k.cturned), p->vcpu[v], page, b);
			same_outcomes(a, b, p);
		}
	vtlb_contract_step(&k.c, cs(k.cturned), vtlb_op_permute(&k.w, op, p),
			   vtlb_outcome_permute(outcome, p), &q);
	vtlb_contract_permute(&k.c, cs(k.cother), cs(k.cnext), p);
	if (q.fault != r->fault || q.nrules != r->nrules || q.dropped != r->dropped ||
	    memcmp(q.rules, r->rules, q.nrules) != 0 ||
	    memcmp(k.cother, k.cturned, vtlb_contract_size(&k.c)) != 0)
		say(op, p, "names matter to the contract");
}

/* A state made of its bytes has the same bytes and does the same. */
static void round_trip(struct vtlb_op op, uint32_t outcome)
{
	size_t len = encode(k.state, k.enc);
	struct vtlb_impl_step r;

	memset(k.other, 0xa5, sizeof(k.other));
	k.impl->decode(k.impl, &k.w, k.other, k.enc, len);
	assert_int_equal(encode(k.other, k.enc2), len);
	assert_memory_equal(k.enc, k.enc2, len);
	step(k.other, op, outcome, &r);
	encode(k.other, k.enc2);
	encode(k.next, k.enc);
	assert_memory_equal(k.enc, k.enc2, len);
}

static uint32_t choose_outcome(struct vtlb_op op)
{
	struct vtlb_outset out[VTLB_NR_KINDS];
	const struct vtlb_outset *set;
	uint32_t outcome = 0, n = 0;

	if (op.code != VTLB_OP_ACCESS)
		return 0;
	k.impl->outcomes(k.impl, &k.w, k.state, vtlb_op_vcpu(op), op.a, out);
	set = &out[vtlb_op_kind(op, cs(k.cstate)->regs[vtlb_op_vcpu(op)].mode)];
	for (uint32_t o = vtlb_outset_next(set, 0); o; o = vtlb_outset_next(set, o))
		if (!any(++n))
			outcome = o;
	return outcome;
}

static void walk(const struct vtlb_scope *s, unsigned int steps)
{
	while (steps-- && k.nops < sizeof(k.ops) / sizeof(*k.ops)) {
		struct vtlb_op op = s->ops[any((uint32_t)s->nops)];
		uint32_t outcome = choose_outcome(op);
		struct vtlb_contract_step cr;
		struct vtlb_impl_step r;

		memcpy(k.next, k.state, sizeof(k.next));
		step(k.next, op, outcome, &r);
		memcpy(k.cnext, k.cstate, sizeof(k.cnext));
		vtlb_contract_step(&k.c, cs(k.cnext), op, outcome, &cr);
		if (r.fault == VTLB_UNSUPPORTED || cr.fault == VTLB_UNSUPPORTED)
			return;
		for (unsigned int i = 0; i < TURNS; i++) {
			const struct vtlb_perm *p = &group[any(ngroup)];

			turn_impl(p, op, outcome, &r);
			turn_contract(p, op, outcome, &cr);
		}
		round_trip(op, outcome);
		op.imm = op.code == VTLB_OP_ACCESS ? outcome : op.imm;
		k.ops[k.nops++] = op;
		memcpy(k.state, k.next, sizeof(k.state));
		if (!cr.fault)
			memcpy(k.cstate, k.cnext, sizeof(k.cstate));
		if (r.fault != cr.fault)
			return;
	}
}

/* @n: how many renamings there are, counted by hand */
static void scope_from(const char *folder, const char *name, unsigned int n)
{
	static const uint32_t waive[] = { 0, VTLB_WAIVE_ALL, 0,
					  VTLB_WAIVE_ALL | VTLB_WAIVE_PSC };
	struct vtlb_scope s;

	scope_load_from(&s, folder, name);
	find_group(&s);
	assert_int_equal(ngroup, n);
	for (unsigned int i = 0; i < vtlb_nr_presets; i++)
		for (unsigned int j = 0; j < WALKS; j++) {
			seed = (uint64_t)i << 32 | j;
			begin(vtlb_preset(i)->name, &s, j % 2, waive[j / 2 % 4],
			      j % 3 ? VTLB_RELY : VTLB_OWE);
			walk(&s, STEPS);
		}
	vtlb_scope_free(&s);
}

#define SCOPE(test, name, n)                                                  \
	static void test(void **state)                                        \
	{                                                                     \
		(void)state;                                                  \
		scope_from("scopes", name, n);                                \
	}

SCOPE(tiny, "tiny", 16)
SCOPE(default_, "default", 64)
SCOPE(pairs, "pairs", 32)
SCOPE(modes, "modes", 1)
SCOPE(upper, "upper", 16)
SCOPE(smp, "smp", 32)
SCOPE(deep, "deep", 1728)

static void smap_pcids(void **state)
{
	(void)state;
	scope_from("test/search/scopes", "smap-pcids", 32);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(operations), cmocka_unit_test(tiny), cmocka_unit_test(default_),
		cmocka_unit_test(pairs), cmocka_unit_test(modes), cmocka_unit_test(upper),
		cmocka_unit_test(smp), cmocka_unit_test(deep), cmocka_unit_test(smap_pcids),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
