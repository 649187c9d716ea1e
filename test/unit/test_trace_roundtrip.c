/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Print then parse gives the same trace: on canonical texts, on random worlds
 * with random operations, and on random expectations.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vtlb/vtlb.h"

static uint64_t seed;

static unsigned int rnd(unsigned int n)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (unsigned int)(seed >> 32) % n;
}

static bool same_expect(const struct vtlb_expect *a, const struct vtlb_expect *b)
{
	return a->kind == b->kind && a->contract == b->contract && a->vcpu == b->vcpu &&
	       a->page == b->page && a->kinds == b->kinds && a->fault == b->fault &&
	       a->rule == b->rule && a->step == b->step && a->after_step == b->after_step &&
	       a->want.frames == b->want.frames && a->want.dirtied == b->want.dirtied &&
	       a->want.faults == b->want.faults;
}

static bool same_world(const struct vtlb_world *a, const struct vtlb_world *b)
{
	if (a->vendor != b->vendor || a->mode != b->mode || a->nvcpus != b->nvcpus ||
	    a->maxphyaddr != b->maxphyaddr || a->features != b->features)
		return false;
	if (a->nroots != b->nroots || a->nuppers != b->nuppers || a->nleafs != b->nleafs ||
	    a->nregions != b->nregions || a->nslots != b->nslots || a->npages != b->npages ||
	    a->npcids != b->npcids || a->nvalues != b->nvalues || a->nframes != b->nframes)
		return false;
	for (unsigned int i = 0; i < a->npages; i++) {
		if (a->page[i].slot != b->page[i].slot || a->page[i].entry != b->page[i].entry ||
		    a->page[i].linear != b->page[i].linear)
			return false;
	}
	return !memcmp(a->slot_region, b->slot_region, sizeof(a->slot_region)) &&
	       !memcmp(a->pcid, b->pcid, sizeof(a->pcid)) &&
	       !memcmp(a->value, b->value, sizeof(a->value)) &&
	       !memcmp(&a->init, &b->init, sizeof(a->init)) && a->init_mode == b->init_mode &&
	       a->init_root == b->init_root && a->init_low12 == b->init_low12 &&
	       !memcmp(a->root_name, b->root_name, sizeof(a->root_name)) &&
	       !memcmp(a->upper_name, b->upper_name, sizeof(a->upper_name)) &&
	       !memcmp(a->leaf_name, b->leaf_name, sizeof(a->leaf_name)) &&
	       !memcmp(a->page_name, b->page_name, sizeof(a->page_name)) &&
	       !memcmp(a->frame_name, b->frame_name, sizeof(a->frame_name));
}

static bool same_trace(const struct vtlb_trace *a, const struct vtlb_trace *b)
{
	if (!same_world(&a->world, &b->world) || a->reading != b->reading ||
	    a->nops != b->nops || a->nexpects != b->nexpects)
		return false;
	if (a->nops && memcmp(a->ops, b->ops, a->nops * sizeof(*a->ops)))
		return false;
	for (size_t i = 0; i < a->nexpects; i++) {
		if (!same_expect(&a->expects[i], &b->expects[i]))
			return false;
	}
	return true;
}

/* Print, parse, compare, print again. */
static void check_trace(const struct vtlb_trace *t)
{
	size_t len = vtlb_trace_print(t, NULL, 0);
	char *text = malloc(len + 1), *again = malloc(len + 1);
	struct vtlb_trace u;
	struct vtlb_diag d;
	bool same;

	assert_non_null(text);
	assert_non_null(again);
	assert_int_equal(vtlb_trace_print(t, text, len + 1), len);
	if (vtlb_trace_parse(text, len, &u, &d)) {
		print_message("%s%u:%u: %s\n", text, d.line, d.column, d.message);
		fail();
	}
	same = same_trace(t, &u);
	if (!same)
		print_message("%s", text);
	assert_true(same);
	assert_int_equal(vtlb_trace_print(&u, again, len + 1), len);
	assert_string_equal(text, again);
	vtlb_trace_free(&u);
	free(text);
	free(again);
}

static void random_name(char *dst, char kind, unsigned int i, bool dots)
{
	char name[VTLB_NAME] = { 0 };

	(void)snprintf(name, sizeof(name), "%c%u%s%s", kind, i, rnd(2) ? "_x" : "",
		       dots && rnd(2) ? ".pt" : "");
	memcpy(dst, name, VTLB_NAME);
}

static struct vtlb_leaf random_leaf(const struct vtlb_world *w)
{
	struct vtlb_leaf leaf = { 0, 0 };

	if (rnd(5)) {
		leaf.frame = (uint8_t)rnd(w->nframes);
		leaf.flags = (uint8_t)(VTLB_LEAF_P | (rnd(VTLB_LEAF_RSVD) << 1));
	}
	return leaf;
}

static void random_tables(struct vtlb_world *w)
{
	w->nregions = (uint8_t)(1 + rnd(VTLB_MAX_REGIONS));
	w->nslots = (uint8_t)(1 + rnd(VTLB_MAX_SLOTS));
	w->nuppers = (uint8_t)rnd(VTLB_MAX_UPPERS + 1);
	w->nleafs = (uint8_t)rnd(VTLB_MAX_LEAFS + 1);
	for (unsigned int i = 0; i < w->nslots; i++)
		w->slot_region[i] = (uint8_t)rnd(w->nregions);
	for (unsigned int i = 0; i < w->nuppers; i++)
		random_name(w->upper_name[i], 'u', i, true);
	for (unsigned int i = 0; i < w->nleafs; i++)
		random_name(w->leaf_name[i], 't', i, true);
	for (unsigned int r = 0; r < w->nroots; r++) {
		for (unsigned int i = 0; i < w->nregions; i++)
			w->init.root[r][i] = (uint8_t)rnd(w->nuppers + 1u);
	}
	for (unsigned int u = 0; u < w->nuppers; u++) {
		for (unsigned int i = 0; i < w->nslots; i++)
			w->init.upper[u][i] = (uint8_t)rnd(w->nleafs + 1u);
	}
	for (unsigned int i = 0, n = 1 + rnd(VTLB_MAX_PAGES); i < n; i++) {
		struct vtlb_page *p = &w->page[w->npages];
		bool taken = false;

		p->slot = (uint8_t)rnd(w->nslots);
		p->entry = (uint8_t)rnd(VTLB_MAX_ENTRIES);
		p->linear = 0x200000 * (uint64_t)p->slot + 0x1000 * (uint64_t)p->entry;
		for (unsigned int j = 0; j < w->npages; j++)
			taken |= w->page[j].linear == p->linear;
		if (taken)
			memset(p, 0, sizeof(*p));
		else
			random_name(w->page_name[w->npages++], 'p', i, false);
	}
}

static void random_values(struct vtlb_world *w)
{
	bool plain = rnd(2);

	w->nframes = (uint8_t)(1 + rnd(VTLB_MAX_FRAMES));
	for (unsigned int i = 0; i < w->nframes; i++)
		(void)snprintf(w->frame_name[i], VTLB_NAME, "%s%u", plain ? "f" : "data.", i);
	for (unsigned int n = rnd(8); n; n--)
		(void)vtlb_world_value(w, random_leaf(w));
	for (unsigned int t = 0; t < w->nleafs; t++) {
		for (unsigned int e = 0; e < VTLB_MAX_ENTRIES; e++)
			w->init.leaf[t][e] = (uint8_t)rnd(w->nvalues);
	}
	for (unsigned int n = rnd(VTLB_MAX_PCIDS); n; n--)
		(void)vtlb_world_pcid(w, rnd(0x1000));
}

static void random_start(struct vtlb_world *w)
{
	w->init_root = (uint8_t)rnd(w->nroots);
	if (w->features & VTLB_F_PCID)
		w->init_low12 = w->pcid[rnd(w->npcids)];
	else
		w->init_low12 = (uint16_t)rnd(0x1000);
	if (rnd(2))
		return;
	for (uint32_t bit = 1; bit <= VTLB_AC; bit <<= 1) {
		if (!rnd(4) && !(vtlb_feature_of_bit(bit) & ~w->features))
			w->init_mode ^= bit;
	}
	w->init_mode |= VTLB_PE | VTLB_CD | VTLB_PAE | VTLB_WP;
	w->init_mode &= ~(uint32_t)(VTLB_LMA | VTLB_LA57);
	/* Paging is 4-level or off. */
	if (w->init_mode & VTLB_LME && w->init_mode & VTLB_PG)
		w->init_mode |= VTLB_LMA;
	else
		w->init_mode &= ~(uint32_t)(VTLB_PCIDE | VTLB_PG);
}

static void random_world(struct vtlb_world *w)
{
	if (!rnd(4)) {
		vtlb_world_default(w);
		return;
	}
	memset(w, 0, sizeof(*w));
	w->vendor = (uint8_t)rnd(2);
	w->mode = (uint8_t)rnd(2);
	w->nvcpus = (uint8_t)(1 + rnd(VTLB_MAX_VCPUS));
	w->maxphyaddr = (uint8_t)(36 + rnd(17));
	w->features = VTLB_F_NX | rnd(VTLB_F_PSE << 1);
	w->nroots = (uint8_t)(1 + rnd(VTLB_MAX_ROOTS));
	w->npcids = 1;
	w->nvalues = 1;
	w->init_mode = VTLB_INIT_MODE;
	for (unsigned int i = 0; i < w->nroots; i++)
		random_name(w->root_name[i], 'r', i, false);
	random_tables(w);
	random_values(w);
	random_start(w);
}

static void random_ops(struct vtlb_trace *t, unsigned int n)
{
	t->ops = calloc(n + 1, sizeof(*t->ops));
	assert_non_null(t->ops);
	while (t->nops < n) {
		uint8_t bytes[8];
		struct vtlb_op op;

		for (unsigned int i = 0; i < 8; i++)
			bytes[i] = (uint8_t)rnd(256);
		op = vtlb_op_canon(&t->world, vtlb_op_load(bytes));
		/* Without tables there is nothing that an operation on one could name. */
		if (vtlb_op_valid(&t->world, op))
			t->ops[t->nops++] = op;
	}
}

static void random_expects(struct vtlb_trace *t)
{
	static const uint8_t kinds[] = { 0xff, 0x07, 0xf8, 0x49, 0x08, 0x40, 0x92, 0x24, 0xe7 };
	unsigned int n = 1 + rnd(3);

	t->expects = calloc(n, sizeof(*t->expects));
	assert_non_null(t->expects);
	for (t->nexpects = 0; t->nexpects < n; t->nexpects++) {
		struct vtlb_expect *e = &t->expects[t->nexpects];

		e->rule = -1;
		e->after_step = (uint32_t)t->nops;
		e->kind = (uint8_t)rnd(6);
		if (e->kind == VTLB_EXP_FAULT) {
			e->fault = (uint8_t)rnd(3);
			if (!t->nops)
				e->kind = VTLB_EXP_HOLDS;
			if (!t->nops)
				e->fault = 0;
		} else if (e->kind == VTLB_EXP_VIOLATES) {
			e->rule = (int16_t)rnd(vtlb_nr_rules);
			e->step = rnd((unsigned int)t->nops + 1);
		} else if (e->kind <= VTLB_EXP_NEVER) {
			e->contract = (uint8_t)rnd(2);
			e->vcpu = (uint8_t)rnd(t->world.nvcpus);
			e->page = (uint8_t)rnd(t->world.npages);
			e->kinds = kinds[rnd(sizeof(kinds))];
			e->want.frames = 1u << (rnd(4) ? rnd(t->world.nframes) : 31);
			if (t->world.nleafs)
				e->want.dirtied = rnd(1u << t->world.nleafs);
			e->want.faults = 1u << rnd(32);
		}
	}
}

static void test_random(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < 3000; i++) {
		struct vtlb_trace t;
		const char *why;

		memset(&t, 0, sizeof(t));
		seed = 0x9e3779b97f4a7c15u * (i + 1);
		random_world(&t.world);
		if (!vtlb_world_check(&t.world, &why)) {
			print_message("world %u: %s\n", i, why);
			fail();
		}
		t.reading = (uint8_t)rnd(2);
		random_ops(&t, 1 + rnd(30));
		random_expects(&t);
		check_trace(&t);
		vtlb_trace_free(&t);
	}
}

/* Canonical text stays as it is, word for word. */
static void test_fixpoints(void **state)
{
	static const char *const texts[] = {
		"vtlb-trace 1\n"
		"world vendor=intel mode=shadow features=pcid,invpcid,pge,smep,smap,nx vcpus=1 "
		"maxphyaddr=48\n"
		"roots a b\n"
		"cr4 |= pge\n"
		"write b.user = f2\n"
		"cr3 b noflush\n"
		"expect never user = f1\n",

		"vtlb-trace 1\n"
		"world vendor=amd mode=tdp features=none vcpus=2 maxphyaddr=36 reading=owe\n"
		"roots a\n"
		"start cr0=pe,wp,pg,cd low12=24 cs.l=0 cpl=3 ac=1\n"
		"cpu1: cr3 a low12=0x18 rsvd lam\n"
		"cpu1: user read user ac -> #PF(P U)\n"
		"cpu1: expect contract only super write user noac = f0, dirtied a.pt, #PF()\n"
		"expect fault #GP(0)\n",

		"vtlb-trace 1\n"
		"world vendor=intel mode=shadow features=pcid vcpus=1 maxphyaddr=48\n"
		"frames red green\n"
		"pcids 0 7 4095\n"
		"values green ro, green ro clean, red, green nx\n"
		"roots a b\n"
		"page code private at 0x401000 = red, green nx\n"
		"page data private at 0x400000 = np, green ro clean\n"
		"entry b.pt[3] = red\n"
		"start pcid=7\n"
		"invpcid single pcid=4095\n"
		"write b.data = green\n"
		"write b.pt[3] = np\n"
		"expect holds\n",

		"vtlb-trace 1\n"
		"world vendor=intel mode=shadow features=pse vcpus=1 maxphyaddr=48\n"
		"roots a\n"
		"uppers low high\n"
		"tables t0 t1\n"
		"slots 0 1\n"
		"page p slot 0 entry 1 at 0x1000\n"
		"page q slot 1 entry 0 at 0x80000000\n"
		"entry a[0] = low\n"
		"entry low[0] = t0\n"
		"entry low[1] = t1\n"
		"link a[1] = high\n"
		"link high[1] = t1\n"
		"link a[0] = none\n"
		"write t1[0] = f5 global\n"
		"host-zap f4\n"
		"cr0 &= ~pg\n"
		"efer ^= nxe,rsvd\n"
		"cr4 = 0\n"
		"invlpg q noncanonical\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		char out[2000];
		struct vtlb_trace t;
		struct vtlb_diag d;

		if (vtlb_trace_parse(texts[i], strlen(texts[i]), &t, &d)) {
			print_message("text %zu: %u:%u: %s\n", i, d.line, d.column, d.message);
			fail();
		}
		(void)vtlb_trace_print(&t, out, sizeof(out));
		assert_string_equal(out, texts[i]);
		check_trace(&t);
		vtlb_trace_free(&t);
	}
}

/* The shortest trace has the default world in it. */
static void test_default_world(void **state)
{
	const char *text = "vtlb-trace 1\nworld\nroots a b\nread user";
	struct vtlb_trace t;
	struct vtlb_world def;
	struct vtlb_diag d;

	(void)state;
	vtlb_world_default(&def);
	assert_int_equal(vtlb_trace_parse(text, strlen(text), &t, &d), VTLB_OK);
	assert_true(same_world(&t.world, &def));
	vtlb_trace_free(&t);
}

/* A buffer that is too small gets what fits, with a NUL, and the full length. */
static void test_short_buffer(void **state)
{
	const char *text = "vtlb-trace 1\nworld\nroots a b\nread user";
	struct vtlb_trace t;
	struct vtlb_diag d;
	char buf[8];

	(void)state;
	assert_int_equal(vtlb_trace_parse(text, strlen(text), &t, &d), VTLB_OK);
	assert_true(vtlb_trace_print(&t, buf, sizeof(buf)) > 100);
	assert_string_equal(buf, "vtlb-tr");
	assert_int_equal(vtlb_op_print(&t.world, t.ops[0], buf, sizeof(buf)), 9);
	assert_string_equal(buf, "read us");
	vtlb_trace_free(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random),
		cmocka_unit_test(test_fixpoints),
		cmocka_unit_test(test_default_world),
		cmocka_unit_test(test_short_buffer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
