/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The search by table loses nothing: whatever fails in the whole is suspected in a
 * part no later, what holds is not suspected, and step by step the parts show at
 * least what the whole shows and allow at most what it allows.
 */
#include <stdlib.h>

#include "../../model/kvm/impl_kvm.h"
#include "random_scope.h"
#include "run.h"

#define WALKS 60u
#define STEPS 400u
#define MAX_PARTS 16u
#define MAX_STATE 16384u

/* VTLB_RANDOM_SCOPES=N in the environment: so many */
#ifdef SEARCH_SHORT
#define SHORTER 20u
#define RANDOM_SCOPES 60u
#define RANDOM_STATES 1000u
#else
#define SHORTER 1u
#define RANDOM_SCOPES 150u
#define RANDOM_STATES 4000u
#endif

/* Those without a part: up to 5.15 an empty shadow page goes. */
static bool can_hide(const struct vtlb_impl *impl)
{
	return !((const struct vtlb_kvm_policy *)impl->priv)->sync_zaps_empty;
}

/* As deep as the whole search of an instrumented build can go. */
static uint32_t depth_limit(void)
{
#ifdef SEARCH_SHORT
	const char *depth = getenv("VTLB_SEARCH_DEPTH");

	return depth ? (uint32_t)atoi(depth) : 0;
#else
	return 0;
#endif
}

/* How deep the part that ended the search was. */
static uint32_t last_depth(const struct vtlb_explore_result *res)
{
	return res->part[res->nparts - 1].depth;
}

static void compare(const struct vtlb_scope *scope, const struct vtlb_impl *impl, uint32_t waive)
{
	static struct run whole, parts;
	struct vtlb_explore_config cfg;
	uint32_t shortest;

	whole = (struct run){ .scope = scope, .impl = impl, .waive = waive, .jobs = 2,
			      .depth = depth_limit() };
	run(&whole);
	parts = (struct run){ .scope = scope, .impl = impl, .waive = waive, .jobs = 2,
			      .depth = depth_limit(), .flags = VTLB_EXPLORE_BY_TABLE };
	cfg = run_config(&parts);
	if (!can_hide(impl)) {
		assert_int_equal(vtlb_explore(&cfg, &parts.res), VTLB_E_UNSUPPORTED);
		return;
	}
	run(&parts);
	assert_int_equal(parts.nfound, 0);
	shortest = whole.nfound ? whole.found[0].nops : 0;
	if (shortest ? parts.res.stop == VTLB_STOP_SUSPECT && last_depth(&parts.res) < shortest
		     : parts.res.verdict == whole.res.verdict && parts.res.stop == whole.res.stop)
		return;
	fail_msg("%s, waived %x: the whole %s, %u operations; by table %s, stop %d, depth %u",
		 impl->name, waive, vtlb_verdict_name(whole.res.verdict), shortest,
		 vtlb_verdict_name(parts.res.verdict), (int)parts.res.stop,
		 parts.res.stats.depth);
}

static void parts_suspect_what_fails(void **state)
{
	static const char *const names[] = { "tiny", "pairs", "modes-wp", "modes-smap",
					     "modes-nxe", "modes-pg" };

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct vtlb_scope scope;

		scope_load(&scope, names[i]);
		for (unsigned int p = 0; p < vtlb_nr_presets; p++) {
			compare(&scope, vtlb_preset(p), 0);
			compare(&scope, vtlb_preset(p), VTLB_WAIVE_ALL);
		}
		vtlb_scope_free(&scope);
	}
}

/* What a symmetry makes of a first entry can be met as well: each of these once held. */
static void first_entries_need_not_be_alike(void **state)
{
	static const char *const names[] = { "asymmetric", "asymmetric-roots" };

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct vtlb_scope scope;

		scope_load_from(&scope, "test/search/scopes", names[i]);
		for (unsigned int p = 0; p < vtlb_nr_presets; p++)
			compare(&scope, vtlb_preset(p), 0);
		vtlb_scope_free(&scope);
	}
}

static void nothing_mapped_is_no_proof(void **state)
{
	static struct run parts;
	struct vtlb_explore_config cfg;
	struct vtlb_scope scope;

	(void)state;
	scope_load_from(&scope, "test/search/scopes", "nothing-mapped");
	parts = (struct run){ .scope = &scope, .impl = vtlb_preset_by_name("kvm-5.16"), .jobs = 1,
			      .flags = VTLB_EXPLORE_BY_TABLE };
	cfg = run_config(&parts);
	assert_int_equal(vtlb_explore(&cfg, &parts.res), VTLB_E_UNSUPPORTED);
	vtlb_scope_free(&scope);
}

static bool small_enough(void *ctx, const struct vtlb_explore_stats *stats)
{
	(void)ctx;
	return stats->states < RANDOM_STATES;
}

/* Does the whole's answer say anything of what the parts may answer? */
static bool is_answer(const struct vtlb_explore_result *res)
{
	return res->stop == VTLB_STOP_NONE && res->verdict != VTLB_V_UNSUPPORTED;
}

struct tally {
	unsigned int proofs, suspects, fails;
};

/* A proof by table needs a whole that holds; a whole that fails, a part that suspects it. */
static void compare_random(uint32_t number, struct tally *n)
{
	static const uint32_t waive[] = { 0, VTLB_WAIVE_ALL, VTLB_WAIVE_ALL, 1, 2, 3 };
	static struct random_scope text;
	static struct run whole, parts;
	struct vtlb_explore_config cfg;
	struct vtlb_scope scope;
	enum vtlb_err err;

	random_scope(&text, number, &scope);
	scope.world.vendor = number % 3 == 2 ? VTLB_AMD : VTLB_INTEL;
	scope.reading = number % 5 == 4 ? VTLB_OWE : VTLB_RELY;
	whole = (struct run){ .scope = &scope, .jobs = 1, .waive = waive[number % 6],
			      .impl = vtlb_preset(number / 6 % vtlb_nr_presets) };
	parts = whole;
	parts.flags = VTLB_EXPLORE_BY_TABLE;
	cfg = run_config(&whole);
	cfg.progress = small_enough;
	assert_int_equal(vtlb_explore(&cfg, &whole.res), VTLB_OK);
	cfg = run_config(&parts);
	cfg.progress = small_enough;
	err = vtlb_explore(&cfg, &parts.res);
	vtlb_scope_free(&scope);
	if (err == VTLB_E_UNSUPPORTED)
		return;
	assert_int_equal(err, VTLB_OK);
	n->proofs += parts.res.proof;
	n->suspects += parts.res.stop == VTLB_STOP_SUSPECT;
	if (!is_answer(&whole.res))
		return;
	n->fails += whole.res.verdict != VTLB_HOLDS;
	if (parts.res.proof && whole.res.verdict != VTLB_HOLDS)
		fail_msg("seed %u, %s, waived %x: the whole %s in %u operations; a proof by "
			 "table\n%s", number, whole.impl->name, whole.waive,
			 vtlb_verdict_name(whole.res.verdict),
			 whole.nfound ? whole.found[0].nops : 0, text.text);
}

static void random_scopes_agree(void **state)
{
	const char *more = getenv("VTLB_RANDOM_SCOPES");
	uint32_t scopes = more ? (uint32_t)atoi(more) : RANDOM_SCOPES;
	struct tally n = { 0 };

	(void)state;
	for (uint32_t i = 0; i < scopes; i++)
		compare_random(i, &n);
	print_message("%u scopes: %u proofs by table, %u suspects; %u fail\n", scopes, n.proofs,
		      n.suspects, n.fails);
	assert_true(n.proofs && n.suspects >= n.fails && n.fails);
}

/* Each block has room for the sets at its state's end; C11 has no word for that. */
#ifdef __clang__
#pragma clang diagnostic ignored "-Wgnu-variable-sized-type-not-at-end"
#endif
union block {
	uint64_t align;
	struct vtlb_cstate c;
	uint8_t bytes[MAX_STATE];
};

/* The whole (number 0), or a part: its world, and where both sides are in it. */
struct side {
	struct vtlb_world w;
	struct vtlb_contract contract;
	union block impl, c;
};

struct sides {
	const struct vtlb_impl *impl;
	const struct vtlb_scope *scope;
	struct side side[1 + MAX_PARTS];
	unsigned int n;
	union block before;
};

static uint32_t seed;

static uint32_t below(uint32_t n)
{
	seed = seed * 1664525u + 1013904223u;
	return (seed >> 8) % n;
}

static void add_side(struct sides *s, uint32_t waive, uint32_t hidden, uint32_t unseen)
{
	struct side *p = &s->side[s->n++];

	assert_true(s->n <= 1 + MAX_PARTS);
	p->w = s->scope->world;
	for (size_t i = 0; i < s->scope->nops; i++)
		p->w.ops |= 1u << s->scope->ops[i].code;
	p->w.hidden = hidden;
	p->w.unseen = unseen;
	vtlb_contract_init(&p->contract, &p->w, p->w.vendor, VTLB_RELY, waive);
	assert_true(vtlb_contract_size(&p->contract) <= MAX_STATE);
	assert_true(s->impl->state_size(s->impl, &p->w) <= MAX_STATE);
}

/* Values of other frames than @frame. */
static uint32_t others(const struct vtlb_world *w, unsigned int frame)
{
	uint32_t values = 0;

	for (unsigned int v = 1; v < w->nvalues; v++)
		values |= w->value[v].frame != frame ? 1u << v : 0;
	return values;
}

/* A part for each table, and for each frame if the implementation takes that. */
static void add_sides(struct sides *s, uint32_t waive, bool frames)
{
	const struct vtlb_world *w = &s->scope->world;
	unsigned int nframes = 0;

	for (unsigned int v = 1; v < w->nvalues; v++)
		if (w->value[v].frame >= nframes)
			nframes = w->value[v].frame + 1u;
	s->n = 0;
	add_side(s, waive, 0, 0);
	for (unsigned int t = 0; t < w->nleafs; t++)
		for (unsigned int f = 0; f < (frames ? nframes : 1u); f++)
			add_side(s, waive, ((1u << w->nleafs) - 1) & ~(1u << t),
				 frames ? others(w, f) : 0);
}

/* What the search does after each step of a contract. */
static void forget(const struct side *p, struct vtlb_cstate *c)
{
	for (unsigned int t = 0; t < p->w.nleafs; t++) {
		bool hidden = p->w.hidden >> t & 1u;

		for (unsigned int e = 0; e < VTLB_MAX_ENTRIES; e++) {
			if (hidden || p->w.unseen >> c->mem.leaf[t][e] & 1u)
				c->mem.leaf[t][e] = 0;
			if (!hidden)
				continue;
			c->nxe &= ~(1u << (t * VTLB_MAX_ENTRIES + e));
			for (unsigned int i = 0; i < 2; i++)
				c->wp0[i] &= ~(1u << (t * VTLB_MAX_ENTRIES + e));
		}
	}
}

static void sides_reset(struct sides *s)
{
	for (unsigned int i = 0; i < s->n; i++) {
		struct side *p = &s->side[i];

		s->impl->reset(s->impl, &s->side[0].w, p->impl.bytes);
		vtlb_contract_reset(&p->contract, &p->c.c);
		if (i)
			assert_true(s->impl->assume(s->impl, &p->w, p->impl.bytes, VTLB_MAX_LEAFS,
						    0, 0));
		forget(p, &p->c.c);
	}
}

/* The entry to which a walk in the whole gets; false: to none. */
static bool walk_to(const struct sides *s, struct vtlb_op op, unsigned int *leaf)
{
	const struct vtlb_world *w = &s->side[0].w;
	const struct vtlb_cstate *c = &s->side[0].c.c;
	const struct vtlb_regs *r = &c->regs[vtlb_op_vcpu(op)];
	unsigned int slot = w->page[op.a].slot, upper;

	if (!(r->mode & VTLB_PG) || r->root >= w->nroots)
		return false;
	upper = c->mem.root[r->root][w->slot_region[slot]];
	if (!upper || !c->mem.upper[upper - 1][slot])
		return false;
	*leaf = c->mem.upper[upper - 1][slot] - 1u;
	return true;
}

static void fail_at(const struct sides *s, unsigned int part, struct vtlb_op op, const char *what)
{
	char text[128];

	vtlb_op_print(&s->side[0].w, op, text, sizeof(text));
	fail_msg("%s, waived %x, part %u (hidden %x, unseen %x): %s: %s", s->impl->name,
		 s->side[0].contract.waive, part, s->side[part].w.hidden, s->side[part].w.unseen,
		 text, what);
}

/* The step of one part with which it follows what the whole did; @mem: before that. */
static void follow(struct sides *s, unsigned int part, struct vtlb_op op, uint32_t outcome,
		   bool moved, const struct vtlb_mem *mem)
{
	struct side *p = &s->side[part];
	struct vtlb_contract_step cr;
	struct vtlb_impl_step ir = { 0 };
	struct vtlb_op known = op;
	unsigned int leaf;

	if (op.code == VTLB_OP_ACCESS && vtlb_outcome_kind(outcome) == VTLB_OUT_FRAME && !moved) {
		vtlb_contract_step(&p->contract, &p->c.c, op, VTLB_OUT_ANY, &cr);
		forget(p, &p->c.c);
		return;
	}
	if (op.code == VTLB_OP_ACCESS && walk_to(s, op, &leaf)) {
		unsigned int entry = p->w.page[op.a].entry;
		struct vtlb_outset out[VTLB_NR_KINDS];

		if (mem->leaf[leaf][entry] != p->c.c.mem.leaf[leaf][entry])
			s->impl->assume(s->impl, &p->w, p->impl.bytes, leaf, entry,
					mem->leaf[leaf][entry]);
		s->impl->outcomes(s->impl, &p->w, p->impl.bytes, vtlb_op_vcpu(op), op.a, out);
		if (!vtlb_outset_has(&out[vtlb_op_kind(op, p->c.c.regs[vtlb_op_vcpu(op)].mode)],
				     outcome))
			fail_at(s, part, op, "an exit of the whole can not be followed");
	}
	s->impl->step(s->impl, &p->w, p->impl.bytes, op, outcome, &ir);
	if (op.code == VTLB_OP_WRITE_LEAF &&
	    (p->w.hidden >> op.a & 1u || p->w.unseen >> op.imm & 1u))
		known.imm = 0;
	vtlb_contract_step(&p->contract, &p->c.c, known, outcome, &cr);
	forget(p, &p->c.c);
	if (ir.fault != cr.fault)
		fail_at(s, part, op, "contract and implementation fault differently");
}

/* Roots, shadow pages without SPTEs of leaf entries, windows: equal in all. */
static void check_control(const struct sides *s, unsigned int part, struct vtlb_op op)
{
	static union block x, y;
	const struct side *p = &s->side[part];
	struct vtlb_world all = p->w;
	union block *block[] = { &x, &y };

	x = s->side[0].impl;
	y = p->impl;
	all.hidden = (1u << all.nleafs) - 1;
	for (unsigned int i = 0; i < 2; i++) {
		struct kvm k = kvm_view(s->impl, &all, block[i]->bytes, NULL);

		s->impl->assume(s->impl, &all, block[i]->bytes, VTLB_MAX_LEAFS, 0, 0);
		for (unsigned int v = 0; v < all.nvcpus; v++)
			memset(hw_page(&k, v, 0, 0), 0,
			       (size_t)all.npcids * all.npages * NR_VARIANTS * sizeof(*k.hw));
	}
	if (memcmp(&x, &y, s->impl->state_size(s->impl, &all)))
		fail_at(s, part, op, "something else than translations differs");
}

/* A part allows no more, in sets and so for ever. */
static void check_sets(const struct sides *s, unsigned int part, struct vtlb_op op)
{
	const struct side *x = &s->side[0], *p = &s->side[part];

	for (uint32_t i = 0; i < vtlb_contract_words(&x->contract); i++)
		if (p->c.c.set[i] & ~x->c.c.set[i])
			fail_at(s, part, op, "it allows more than the whole");
	if (p->c.c.nxe & ~x->c.c.nxe)
		fail_at(s, part, op, "it has a mark that the whole has not");
	for (unsigned int i = 0; i < 2; i++)
		if (p->c.c.wp0[i] & ~x->c.c.wp0[i])
			fail_at(s, part, op, "it has a mark that the whole has not");
}

/* What the whole could show and a walk would not is shown by a part. */
static void check_shown(const struct sides *s, struct vtlb_op op)
{
	static union block fresh;
	const struct side *x = &s->side[0];

	fresh = x->c;
	memset(fresh.c.set, 0, vtlb_contract_words(&x->contract) * sizeof(fresh.c.set[0]));
	for (unsigned int v = 0; v < x->w.nvcpus; v++)
		for (unsigned int page = 0; page < x->w.npages; page++) {
			struct vtlb_outset got[VTLB_NR_KINDS], walk[VTLB_NR_KINDS];
			struct vtlb_outset one[VTLB_NR_KINDS];

			s->impl->outcomes(s->impl, &x->w, x->impl.bytes, v, page, got);
			vtlb_contract_allowed(&x->contract, &fresh.c, v, page, walk);
			for (unsigned int i = 1; i < s->n; i++) {
				const struct side *p = &s->side[i];

				s->impl->outcomes(s->impl, &p->w, p->impl.bytes, v, page, one);
				for (unsigned int k = 0; k < VTLB_NR_KINDS; k++) {
					walk[k].frames |= one[k].frames;
					walk[k].dirtied |= one[k].dirtied;
					walk[k].faults |= one[k].faults;
				}
			}
			for (unsigned int k = 0; k < VTLB_NR_KINDS; k++)
				if ((got[k].frames & ~walk[k].frames) ||
				    (got[k].dirtied & ~walk[k].dirtied) ||
				    (got[k].faults & ~walk[k].faults))
					fail_at(s, 0, op, "it shows what no part shows");
		}
}

/* One step of the whole with an outcome that it could give; false: it ends here. */
static bool step_all(struct sides *s, struct vtlb_op op)
{
	struct side *x = &s->side[0];
	const struct vtlb_mem mem = x->c.c.mem;
	struct vtlb_outset out[VTLB_NR_KINDS] = { 0 };
	unsigned int vcpu = vtlb_op_vcpu(op), kind = 0, moved;
	struct vtlb_contract_step cr;
	struct vtlb_impl_step ir = { 0 };
	uint32_t outcome = 0;

	if (op.code == VTLB_OP_ACCESS) {
		kind = vtlb_op_kind(op, x->c.c.regs[vcpu].mode);
		s->impl->outcomes(s->impl, &x->w, x->impl.bytes, vcpu, op.a, out);
		for (uint32_t o = vtlb_outset_next(&out[kind], 0); o;
		     o = vtlb_outset_next(&out[kind], o))
			if (!outcome || below(2))
				outcome = o;
	}
	s->before = x->impl;
	s->impl->step(s->impl, &x->w, x->impl.bytes, op, outcome, &ir);
	moved = memcmp(&s->before, &x->impl, sizeof(x->impl)) != 0;
	if (ir.fault == VTLB_UNSUPPORTED)
		return false;
	for (unsigned int i = 1; i < s->n; i++)
		follow(s, i, op, outcome, moved, &mem);
	vtlb_contract_step(&x->contract, &x->c.c, op, outcome, &cr);
	return ir.fault == cr.fault;
}

static unsigned int steps;

static void walk(struct sides *s)
{
	sides_reset(s);
	for (unsigned int i = 0; i < STEPS; i++) {
		struct vtlb_op op = s->scope->ops[below((uint32_t)s->scope->nops)];

		if (!step_all(s, op))
			return;
		for (unsigned int part = 1; part < s->n; part++) {
			check_control(s, part, op);
			check_sets(s, part, op);
		}
		check_shown(s, op);
		steps++;
	}
}

static void parts_cover_the_whole(void **state)
{
	static const char *const names[] = { "default", "pairs", "modes", "smp", "deep" };
	static struct sides s;

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct vtlb_scope scope;

		scope_load(&scope, names[i]);
		for (unsigned int p = 0; p < 2 * vtlb_nr_presets; p++) {
			s.impl = vtlb_preset(p / 2);
			s.scope = &scope;
			add_sides(&s, p % 2 ? VTLB_WAIVE_ALL : 0, true);
			if (!can_hide(s.impl))
				continue;
			s.impl->reset(s.impl, &s.side[0].w, s.before.bytes);
			if (!s.impl->assume(s.impl, &s.side[1].w, s.before.bytes, VTLB_MAX_LEAFS,
					    0, 0))
				add_sides(&s, p % 2 ? VTLB_WAIVE_ALL : 0, false);
			seed = p + 1000u * (uint32_t)i;
			for (unsigned int j = 0; j < WALKS / SHORTER; j++)
				walk(&s);
		}
		vtlb_scope_free(&scope);
	}
	print_message("%u steps of the whole and its parts\n", steps);
	assert_true(steps > WALKS / SHORTER * STEPS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parts_suspect_what_fails),
		cmocka_unit_test(first_entries_need_not_be_alike),
		cmocka_unit_test(nothing_mapped_is_no_proof),
		cmocka_unit_test(random_scopes_agree),
		cmocka_unit_test(parts_cover_the_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
