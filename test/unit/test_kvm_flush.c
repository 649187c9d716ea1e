/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Tests of what each kernel does to its roots and to the hardware TLB when the
 * guest writes a control register or invalidates: one column a preset.
 */
#include "kvm_case.h"

enum { USER, KERNEL };
enum { NPRESETS = 8 };

/* The columns of every table below. */
static const char *const column[NPRESETS] = {
	"kvm-4.20", "kvm-5.10", "kvm-5.14", "kvm-5.16", "kvm-5.16-without-unload-on-pcide",
	"kvm-5.17-rfc-keep-roots-on-role-change", "kvm-6.1", "kvm-6.12",
};

#define ALL(s) { s, s, s, s, s, s, s, s }

static uint8_t f6;

static void plain(struct vtlb_world *w)
{
	vtlb_world_default(w);
	vtlb_world_pcid(w, 0x801);
	f6 = value(w, 6, P | WR | US | DI);
}

/*
 * Entries of a PCID that nothing uses show which part of the hardware TLB an
 * operation flushes: both go in a flush of all, one in a flush of its address.
 */
static void mark(struct machine *m)
{
	hw_page(&m->k, 0, 2, USER)[VAR_RO] = 1;
	hw_page(&m->k, 0, 2, KERNEL)[VAR_RO] = 1;
}

/* "root prev prev prev flushed N": N roots were built */
static const char *effect(struct machine *m)
{
	static char text[96];
	bool user = hw_values(m, 0, 2, USER), kernel = hw_values(m, 0, 2, KERNEL);

	snprintf(text, sizeof(text), "%s %s %u", cache_text(m, 0),
		 user && kernel ? "kept" :
		 user	       ? "kernel-flushed" :
		 kernel	       ? "user-flushed" :
				 "flushed",
		 (unsigned int)m->r.cost.roots_built);
	return text;
}

enum start {
	STALE,		/* PCIDE=0: root b, a cached and unsync */
	FRESH,		/* PCIDE=0: root b, a cached and in sync */
	CURRENT,	/* PCIDE=0: root a, unsync */
	STALE_1,	/* PCIDE=PGE=SMEP=1: root b pcid 1, a pcid 0 cached and unsync */
	FRESH_1,	/* PCIDE=PGE=SMEP=1: root b pcid 1, a pcid 0 cached and in sync */
	FULL,		/* PCIDE=1: root b pcid 0; a pcid 1 unsync, b pcid 1, a pcid 0 unsync */
};

static void begin(struct machine *m, enum start start)
{
	RUN(m, read_user(USER));
	switch (start) {
	case STALE:
	case FRESH:
		RUN(m, cr3(1, 0), read_user(USER));
		break;
	case CURRENT:
		break;
	case STALE_1:
	case FRESH_1:
		RUN(m, or4(VTLB_PCIDE | VTLB_PGE | VTLB_SMEP), read_user(USER), cr3(1, 1),
		    read_user(USER));
		break;
	case FULL:
		RUN(m, or4(VTLB_PCIDE), keep(1, 1), read_user(USER), keep(0, 1), keep(1, 0));
		break;
	}
	if (start != FRESH && start != FRESH_1)
		RUN(m, write_leaf(0, 0, f6));
	mark(m);
}

struct flush_case {
	const char *name;
	enum start start;
	struct vtlb_op op;
	const char *after[NPRESETS];
};

static void check_case(const struct vtlb_world *w, const struct flush_case *c)
{
	for (unsigned int i = 0; i < NPRESETS; i++) {
		struct machine m;

		boot(&m, column[i], w);
		begin(&m, c->start);
		run(&m, c->op);
		if (strcmp(effect(&m), c->after[i]))
			fail_msg("%s, %s: \"%s\" instead of \"%s\"", c->name, column[i],
				 effect(&m), c->after[i]);
		halt(&m);
	}
}

static void check_cases(const struct flush_case *c, size_t n)
{
	struct vtlb_world w;

	plain(&w);
	for (size_t i = 0; i < n; i++)
		check_case(&w, &c[i]);
}

#define CHECK(cases) check_cases(cases, sizeof(cases) / sizeof((cases)[0]))

#define NEW "b0 - - - flushed 1"
#define HELD "b0 a0* - - kept 0"
#define LONE "b0 - - - kept 0"	/* 5.14 has no prev_roots while PCIDE=0 */

static void mov_cr4(void **state)
{
	const struct flush_case t[] = {
		{ "PGE 0->1", STALE, or4(VTLB_PGE),
		  { NEW, NEW, NEW, "b0 - - - flushed 0", "b0 - - - flushed 0",
		    "b0 - - - flushed 0", "b0 - - - flushed 0", "b0 - - - flushed 0" } },
		{ "PGE 0->1, all in sync", FRESH, or4(VTLB_PGE),
		  { NEW, NEW, NEW, "b0 a0 - - flushed 0", "b0 a0 - - flushed 0",
		    "b0 a0 - - flushed 0", "b0 a0 - - flushed 0", "b0 a0 - - flushed 0" } },
		{ "PGE 0->1, current root unsync", CURRENT, or4(VTLB_PGE),
		  { "a0 - - - flushed 1", "a0 - - - flushed 1", "a0 - - - flushed 1",
		    "a0 - - - flushed 0", "a0 - - - flushed 0", "a0 - - - flushed 0",
		    "a0 - - - flushed 0", "a0 - - - flushed 0" } },
		{ "PGE 1->0", STALE_1, clear4(VTLB_PGE),
		  { "b1 - - - flushed 1", "b1 - - - flushed 1", "b1 - - - flushed 1",
		    "b1 - - - flushed 0", "b1 - - - flushed 0", "b1 - - - flushed 0",
		    "b1 - - - flushed 0", "b1 - - - flushed 0" } },
		{ "PCIDE 0->1", STALE, or4(VTLB_PCIDE),
		  { HELD, HELD, LONE, NEW, HELD, NEW, NEW, NEW } },
		{ "PCIDE 1->0", STALE_1, clear4(VTLB_PCIDE),
		  { "b1 - - - flushed 1", "b1 - - - flushed 1", "b1 - - - flushed 1",
		    "b1 - - - flushed 1", "b1 - - - flushed 0", "b1 - - - flushed 1",
		    "b1 - - - flushed 0", "b1 - - - flushed 0" } },
		{ "PCIDE 1->0, all in sync", FRESH_1, clear4(VTLB_PCIDE),
		  { "b1 - - - flushed 1", "b1 - - - flushed 1", "b1 - - - flushed 1",
		    "b1 - - - flushed 1", "b1 a0 - - flushed 0", "b1 - - - flushed 1",
		    "b1 a0 - - flushed 0", "b1 a0 - - flushed 0" } },
		{ "SMEP 0->1", STALE, or4(VTLB_SMEP),
		  { NEW, NEW, NEW, NEW, NEW, HELD, NEW, NEW } },
		{ "SMEP 1->0", STALE_1, clear4(VTLB_SMEP),
		  { "b1 - - - flushed 1", "b1 - - - flushed 1", "b1 - - - flushed 1",
		    "b1 - - - flushed 1", "b1 - - - flushed 1", "b1 a0* - - kept 0",
		    "b1 - - - flushed 1", "b1 - - - flushed 1" } },
		{ "SMAP 0->1", STALE, or4(VTLB_SMAP),
		  { NEW, NEW, NEW, NEW, NEW, HELD, NEW, NEW } },
		{ "PSE 0->1", STALE, or4(VTLB_PSE),
		  { NEW, NEW, NEW, NEW, NEW, HELD, NEW, NEW } },
		{ "nothing changes", STALE, or4(VTLB_PAE),
		  { HELD, HELD, LONE, HELD, HELD, HELD, HELD, HELD } },
	};

	(void)state;
	CHECK(t);
}

/* Several bits at once: the else-if chain stops at the first that it finds. */
static void mov_cr4_several(void **state)
{
	const struct flush_case t[] = {
		/* docs/history.md I1: the reset flushes nothing there, and the chain ends */
		{ "SMEP and PGE 0->1", STALE, or4(VTLB_SMEP | VTLB_PGE),
		  { NEW, NEW, NEW, NEW, NEW, HELD, NEW, NEW } },
		{ "SMEP and PCIDE 0->1", STALE, or4(VTLB_SMEP | VTLB_PCIDE),
		  { NEW, NEW, NEW, NEW, NEW, HELD, NEW, NEW } },
		{ "PGE and PCIDE 0->1", STALE, or4(VTLB_PGE | VTLB_PCIDE),
		  { NEW, NEW, NEW, NEW, "b0 - - - flushed 0", NEW, NEW, NEW } },
		{ "PGE and PCIDE 1->0", STALE_1, clear4(VTLB_PGE | VTLB_PCIDE),
		  { "b1 - - - flushed 1", "b1 - - - flushed 1", "b1 - - - flushed 1",
		    "b1 - - - flushed 1", "b1 - - - flushed 0", "b1 - - - flushed 1",
		    "b1 - - - flushed 0", "b1 - - - flushed 0" } },
		{ "SMEP 1->0, PCIDE 1->0", STALE_1, clear4(VTLB_SMEP | VTLB_PCIDE),
		  { "b1 - - - flushed 1", "b1 - - - flushed 1", "b1 - - - flushed 1",
		    "b1 - - - flushed 1", "b1 - - - flushed 1", "b1 a0* - - kept 0",
		    "b1 - - - flushed 1", "b1 - - - flushed 1" } },
	};

	(void)state;
	CHECK(t);
}

static void mov_cr0_and_efer(void **state)
{
	const struct flush_case t[] = {
		/* a kept root has another role: it moves back, and one is built */
		{ "WP 1->0", STALE, clear0(VTLB_WP),
		  { NEW, NEW, NEW, NEW, NEW, "b0 b0 a0* - flushed 1", NEW, NEW } },
		{ "CD 0->1", STALE, or0(VTLB_CD),
		  { HELD, HELD, LONE, HELD, HELD, HELD, HELD, HELD } },
		{ "NXE 1->0", STALE, clear_efer(VTLB_NXE),
		  { NEW, NEW, NEW, NEW, NEW, "b0 b0 a0* - flushed 1", NEW, NEW } },
		{ "NXE stays 1", STALE, or_efer(VTLB_NXE),
		  { HELD, HELD, LONE, HELD, HELD, HELD, HELD, HELD } },
		{ "INIT", STALE, init_signal(), ALL("n - - - flushed 1") },
	};

	(void)state;
	CHECK(t);
}

/* Paging off and on again; with PG=0 a change of WP is nothing in 6.12 alone. */
static void paging_off(void **state)
{
	struct vtlb_world w;

	(void)state;
	plain(&w);
	for (unsigned int i = 0; i < NPRESETS; i++) {
		bool rfc = i == 5;
		struct machine m;

		boot(&m, column[i], &w);
		begin(&m, STALE);
		RUN(&m, set_csl(false), clear0(VTLB_PG));
		assert_string_equal(effect(&m), rfc ? "n a0* - - flushed 1" : "n - - - flushed 1");
		assert_int_equal(could(&m, USER, VTLB_UW).frames, 1u << VTLB_FRAME_IDENTITY);
		assert_int_equal(see(&m, read_user(USER)), frame(VTLB_FRAME_IDENTITY));
		RUN(&m, clear0(VTLB_WP));
		assert_int_equal(m.r.cost.roots_built, i == 7 ? 0 : 1);
		RUN(&m, clear_efer(VTLB_LME));
		assert_int_equal(m.r.cost.roots_built, i >= 6 ? 1 : 0);
		RUN(&m, or_efer(VTLB_LME), or0(VTLB_WP), or0(VTLB_PG));
		assert_int_equal(m.r.cost.roots_built, 1);
		assert_string_equal(cache_text(&m, 0), rfc ? "b0 a0* - -" : "b0 - - -");
		assert_true(m.k.vcpus[0].mode & VTLB_LMA);
		halt(&m);
	}
}

static void mov_cr3(void **state)
{
	const struct flush_case t[] = {
		{ "to itself, PCIDE=0", CURRENT, cr3(0, 0), ALL("a0 - - - flushed 0") },
		{ "back to a, PCIDE=0", STALE, cr3(0, 0),
		  { "a0 b0 - - flushed 0", "a0 b0 - - flushed 0", "a0 - - - flushed 1",
		    "a0 b0 - - flushed 0", "a0 b0 - - flushed 0", "a0 b0 - - flushed 0",
		    "a0 b0 - - flushed 0", "a0 b0 - - flushed 0" } },
		{ "to a, pcid 1, flush: docs/history.md A2", FULL, cr3(0, 1),
		  { "a1 b0 b1 a0 flushed 0", "a1 b0 b1 a0 flushed 0", "a1 b0 - a0 flushed 0",
		    "a1 b0 - a0 flushed 0", "a1 b0 - a0 flushed 0", "a1 b0 - a0 flushed 0",
		    "a1 b0 - a0 flushed 0", "a1 b0 - a0 flushed 0" } },
		{ "to a, pcid 1, no flush", FULL, keep(0, 1), ALL("a1* b0 b1 a0* kept 0") },
		{ "to itself, pcid 0, no flush", FULL, keep(1, 0), ALL("b0 a1* b1 a0* kept 0") },
		{ "to itself, pcid 0, flush", FULL, cr3(1, 0),
		  { "b0 a1* b1 a0* flushed 0", "b0 a1* b1 a0* flushed 0",
		    "b0 a1* b1 - flushed 0", "b0 a1* b1 - flushed 0", "b0 a1* b1 - flushed 0",
		    "b0 a1* b1 - flushed 0", "b0 a1* b1 - flushed 0",
		    "b0 a1* b1 - flushed 0" } },
		{ "to a new pcid, no flush", FULL, keep(0, 0x801),
		  ALL("a801 b0 a1 b1 flushed 1") },
	};

	(void)state;
	CHECK(t);
}

static void invpcid_types(void **state)
{
	const struct flush_case t[] = {
		{ "type 0, page in sync", FULL, invpcid(0, 1, KERNEL),
		  ALL("b0 a1* b1 a0* kernel-flushed 0") },
		{ "type 0, SPTE dropped", FULL, invpcid(0, 1, USER),
		  ALL("b0 a1* b1 a0* flushed 0") },
		{ "type 0, current and cached", FULL, invpcid(0, 0, USER),
		  ALL("b0 a1* b1 a0* flushed 0") },
		{ "type 0, no root has it", FULL, invpcid(0, 0x801, USER),
		  ALL("b0 a1* b1 a0* kept 0") },
		{ "type 1, cached roots only", FULL, invpcid(1, 1, USER),
		  ALL("b0 - - a0* kept 0") },
		{ "type 1, current and cached", FULL, invpcid(1, 0, USER),
		  ALL("b0 a1* b1 - flushed 0") },
		{ "type 1, no root has it", FULL, invpcid(1, 0x801, USER),
		  ALL("b0 a1* b1 a0* kept 0") },
		{ "type 1, PCIDE=0: docs/history.md A3", STALE, invpcid(1, 0, USER),
		  { "b0 - - - flushed 0", "b0 - - - flushed 0", "b0 - - - flushed 0",
		    "b0 a0* - - flushed 0", "b0 a0* - - flushed 0", "b0 a0* - - flushed 0",
		    "b0 a0* - - flushed 0", "b0 a0* - - flushed 0" } },
		{ "type 2", FULL, invpcid(2, 0, USER),
		  { NEW, NEW, NEW, "b0 - b1 - flushed 0", "b0 - b1 - flushed 0",
		    "b0 - b1 - flushed 0", "b0 - b1 - flushed 0", "b0 - b1 - flushed 0" } },
		{ "type 3", FULL, invpcid(3, 0, USER),
		  { NEW, NEW, NEW, "b0 - b1 - flushed 0", "b0 - b1 - flushed 0",
		    "b0 - b1 - flushed 0", "b0 - b1 - flushed 0", "b0 - b1 - flushed 0" } },
		{ "INVLPG, SPTE dropped", FULL, invlpg(USER), ALL("b0 a1* b1 a0* flushed 0") },
		{ "INVLPG, page in sync", FULL, invlpg(KERNEL),
		  ALL("b0 a1* b1 a0* kernel-flushed 0") },
		{ "INVLPG, not canonical", FULL, vtlb_op_make(VTLB_OP_INVLPG, 0, USER, 1, 0),
		  ALL("b0 a1* b1 a0* kept 0") },
		{ "INVLPG, current root unsync", CURRENT, invlpg(USER),
		  ALL("a0* - - - flushed 0") },
	};

	(void)state;
	CHECK(t);
}

/* Which roots' SPTEs an address-limited invalidation reaches, and what it leaves. */
static void spte_after_invalidation(void **state)
{
	static const struct {
		struct vtlb_op op;
		bool reaches_b;		/* current root, PCID 0 */
		bool reaches_a;		/* cached root, PCID 1 */
	} t[] = {
		{ { VTLB_OP_INVLPG, 0x10, USER, 0, 0 }, true, true },
		{ { VTLB_OP_INVPCID, 0x10, USER, 0, 0 }, true, false },
		{ { VTLB_OP_INVPCID, 0x10, USER, 0, 1 }, false, true },
		{ { VTLB_OP_INVPCID, 0x10, USER, 0, 0x801 }, false, false },
		{ { VTLB_OP_INVLPG, 0x10, KERNEL, 0, 0 }, false, false },
	};
	struct vtlb_world w;

	(void)state;
	plain(&w);
	for (unsigned int i = 0; i < NPRESETS; i++) {
		/* zap and read the entry again, or sync: another frame drops */
		const char *fresh = i == 7 ? "-" : "f6 WU";

		for (size_t j = 0; j < sizeof(t) / sizeof(t[0]); j++) {
			struct machine m;

			boot(&m, column[i], &w);
			RUN(&m, or4(VTLB_PCIDE), keep(0, 1), read_user(USER), keep(1, 0),
			    read_user(USER));
			mmu_unload(&m.k, &m.k.vcpus[0]);
			vcpu_enter_guest(&m.k);
			RUN(&m, keep(0, 1), keep(1, 0), write_leaf(0, 0, f6),
			    write_leaf(1, 0, f6), t[j].op);
			assert_string_equal(cache_text(&m, 0), "b0* a1* - -");
			assert_string_equal(spte_text(&m, T_A_PT, 1, 0),
					    t[j].reaches_a ? fresh : "f0 WU");
			assert_string_equal(spte_text(&m, T_B_PT, 1, 0),
					    t[j].reaches_b ? fresh : "f1 WU");
			/* KVM keeps the pages unsync whatever the address was */
			assert_int_equal(page_of(&m, T_A_PT, 1)->flags, SP_VALID | SP_UNSYNC);
			halt(&m);
		}
	}
}

/* INVLPG can make an SPTE where there was none, until 6.4. */
static void invlpg_fills(void **state)
{
	struct vtlb_world w;

	(void)state;
	plain(&w);
	for (unsigned int i = 0; i < NPRESETS; i++) {
		struct machine m;

		w.init.leaf[0][0] = 0;
		w.init.leaf[0][1] = value(&w, 5, P | WR | US | DI);
		w.page[2] = (struct vtlb_page){ .slot = 0, .entry = 1, .linear = 0x401000 };
		strcpy(w.page_name[2], "user1");
		w.npages = 3;
		boot(&m, column[i], &w);
		RUN(&m, read_user(2), write_leaf(0, 0, f6), invlpg(USER));
		assert_string_equal(spte_text(&m, T_A_PT, 1, 0), i == 7 ? "-" : "f6 WU");
		/* but not from an entry that no walk may use */
		RUN(&m, write_leaf(0, 0, 0), invlpg(USER));
		assert_string_equal(spte_text(&m, T_A_PT, 1, 0), "-");
		halt(&m);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(mov_cr4),
		cmocka_unit_test(mov_cr4_several),
		cmocka_unit_test(mov_cr0_and_efer),
		cmocka_unit_test(paging_off),
		cmocka_unit_test(mov_cr3),
		cmocka_unit_test(invpcid_types),
		cmocka_unit_test(spte_after_invalidation),
		cmocka_unit_test(invlpg_fills),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
