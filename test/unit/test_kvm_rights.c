/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Tests of rights in the KVM model: roles, the SPTE of a supervisor write under
 * CR0.WP=0, what the processor makes of an SPTE, and write flooding.
 */
#include "kvm_case.h"

enum { USER, KERNEL };

static uint8_t f6, ro0, ro0x, sup0;

static void plain(struct vtlb_world *w)
{
	vtlb_world_default(w);
	f6 = value(w, 6, P | WR | US | DI);
	ro0 = value(w, 0, P | US | DI);
	ro0x = value(w, 0, P | US | DI | XD);
	sup0 = value(w, 0, P | DI);
}

#define FOR_EACH_PRESET(m, w)                                                 \
	for (unsigned int pre = 0;                                            \
	     pre < vtlb_nr_presets && (boot(m, vtlb_preset(pre)->name, w), true); \
	     pre++, halt(m))

static bool is(const struct machine *m, const char *preset)
{
	return !strcmp(m->impl->name, preset);
}

static bool is_6(const struct machine *m)
{
	return is(m, "kvm-6.1") || is(m, "kvm-6.12");
}

static void roles(void **state)
{
	/* the role without XD is 5 further, where EFER.NXE is part of it */
	static const struct {
		uint32_t mode;
		unsigned int role, without_smep, without_smap;
	} t[] = {
		{ 0, 0, 0, 0 },
		{ VTLB_WP, 0, 0, 0 },
		{ VTLB_PG | VTLB_NXE | VTLB_WP, 1, 1, 1 },
		{ VTLB_PG | VTLB_NXE | VTLB_WP | VTLB_SMEP | VTLB_SMAP, 1, 1, 1 },
		{ VTLB_PG | VTLB_NXE, 2, 2, 2 },
		{ VTLB_PG | VTLB_NXE | VTLB_SMEP, 3, 0xff, 3 },
		{ VTLB_PG | VTLB_NXE | VTLB_SMAP, 4, 3, 0xff },
		{ VTLB_PG | VTLB_NXE | VTLB_SMEP | VTLB_SMAP, 5, 0xff, 0xff },
		{ VTLB_PG | VTLB_NXE | VTLB_PGE | VTLB_PCIDE | VTLB_PSE, 2, 2, 2 },
	};
	struct vtlb_world w, no_smep, no_smap, no_nx;
	struct machine m;

	(void)state;
	plain(&w);
	no_smep = no_smap = no_nx = w;
	no_smep.features &= ~(uint32_t)VTLB_F_SMEP;
	no_smap.features &= ~(uint32_t)VTLB_F_SMAP;
	no_nx.features &= ~(uint32_t)VTLB_F_NX;
	no_nx.init_mode &= ~(uint32_t)VTLB_NXE;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		uint32_t no_nxe = t[i].mode & ~(uint32_t)VTLB_NXE;

		FOR_EACH_PRESET(&m, &w) {
			assert_int_equal(role_of(&m.k, t[i].mode), t[i].role);
			assert_int_equal(role_of(&m.k, no_nxe),
					 is_6(&m) || !t[i].role ? t[i].role : t[i].role + 5);
		}
		FOR_EACH_PRESET(&m, &no_smep) {
			if (t[i].without_smep != 0xff)
				assert_int_equal(role_of(&m.k, t[i].mode), t[i].without_smep);
			assert_true(m.k.s->nroles == (is_6(&m) ? 3 : 6));
		}
		FOR_EACH_PRESET(&m, &no_smap) {
			if (t[i].without_smap != 0xff)
				assert_int_equal(role_of(&m.k, t[i].mode), t[i].without_smap);
			assert_true(m.k.s->nroles == (is_6(&m) ? 3 : 6));
		}
		FOR_EACH_PRESET(&m, &no_nx)
			assert_int_equal(role_of(&m.k, no_nxe), t[i].role);
	}
}

/* Another role is another shadow page; the old one stays, with its SPTEs. */
static void role_change(void **state)
{
	struct vtlb_world w;
	struct machine m;

	(void)state;
	plain(&w);
	FOR_EACH_PRESET(&m, &w) {
		RUN(&m, read_user(USER), clear0(VTLB_WP));
		assert_int_equal(m.k.vcpus[0].root.role1, 3);
		assert_int_equal(page_of(&m, T_A_PT, 2)->flags, 0);
		RUN(&m, read_user(USER));
		assert_int_equal(m.r.cost.refaults, 1);
		assert_int_equal(page_of(&m, T_A_PT, 2)->flags, SP_VALID);
		assert_string_equal(spte_text(&m, T_A_PT, 1, 0), "f0 WU");
		RUN(&m, set_bits(VTLB_OP_MOV_CR0, VTLB_WP), read_user(USER));
		assert_int_equal(m.r.cost.refaults, 0);
		/* EFER.NXE: the same pages in 6.1 and later, others before */
		RUN(&m, clear_efer(VTLB_NXE));
		assert_int_equal(m.k.vcpus[0].root.role1, is_6(&m) ? 2 : 7);
		RUN(&m, read_user(USER));
		assert_int_equal(m.r.cost.refaults, is_6(&m) ? 0 : 1);
	}
}

static uint32_t held_as(struct machine *m, enum kvm_variant variant)
{
	return hw_page(&m->k, 0, 0, USER)[variant];
}

/* A supervisor write to a read-only user page with CR0.WP=0. */
static void wp0_spte(void **state)
{
	struct vtlb_world w;
	struct machine m;

	(void)state;
	plain(&w);
	w.init.leaf[0][0] = ro0;
	w.init.leaf[0][1] = value(&w, 1, P | US | DI);
	FOR_EACH_PRESET(&m, &w) {
		RUN(&m, clear0(VTLB_WP));
		assert_int_equal(see(&m, touch(USER, VTLB_SR, 0)), frame(0));
		assert_string_equal(spte_text(&m, T_A_PT, 2, 0), "f0 U");
		assert_int_equal(see(&m, touch(USER, VTLB_SW, 0)), frame(0));
		assert_string_equal(spte_text(&m, T_A_PT, 2, 0), "f0 W");
		/* the neighbour that was prefetched is not touched */
		assert_string_equal(spte_text(&m, T_A_PT, 2, 1), "f1 U");
		assert_int_not_equal(held_as(&m, VAR_WP0), 0);
		assert_int_equal(held_as(&m, VAR_WP0_NX), 0);
		/* writable and executable for the supervisor, without an exit */
		RUN(&m, touch(USER, VTLB_SW, 0));
		assert_int_equal(m.r.cost.refaults, 0);
		assert_int_equal(could(&m, USER, VTLB_SX).frames, 1);
		/* the user's read takes U back and W away, in the hardware TLB too */
		assert_int_equal(see(&m, read_user(USER)), frame(0));
		assert_int_equal(m.r.cost.refaults, 1);
		assert_string_equal(spte_text(&m, T_A_PT, 2, 0), "f0 U");
		assert_int_equal(held_as(&m, VAR_WP0), 0);
	}
	FOR_EACH_PRESET(&m, &w) {
		RUN(&m, clear0(VTLB_WP), or4(VTLB_SMEP), touch(USER, VTLB_SW, 0));
		assert_string_equal(spte_text(&m, T_A_PT, 3, 0), "f0 WX");
		assert_int_equal(held_as(&m, VAR_WP0), 0);
		assert_int_not_equal(held_as(&m, VAR_WP0_NX), 0);
		/* without XD the page would be executable for the supervisor */
		assert_int_equal(could(&m, USER, VTLB_SX).frames, 0);
		assert_int_equal(could(&m, USER, VTLB_SX).faults,
				 1u << (VTLB_PF_P | VTLB_PF_I));
	}
	FOR_EACH_PRESET(&m, &w) {
		/* the deviation wp0-smap: AC=0 passes after a write with AC=1 */
		RUN(&m, clear0(VTLB_WP), or4(VTLB_SMAP));
		assert_int_equal(could(&m, USER, VTLB_SR).frames, 0);
		assert_int_equal(see(&m, touch(USER, VTLB_SWA, 0)), frame(0));
		assert_int_equal(could(&m, USER, VTLB_SR).frames, 1);
		assert_int_equal(could(&m, USER, VTLB_SR).faults, 0);
	}
	FOR_EACH_PRESET(&m, &w) {
		/* with WP=1 the write faults and the SPTE stays as it was */
		RUN(&m, touch(USER, VTLB_SR, 0));
		assert_int_equal(see(&m, touch(USER, VTLB_SW, 0)),
				 page_fault_of(VTLB_PF_P | VTLB_PF_W));
		assert_string_equal(spte_text(&m, T_A_PT, 1, 0), "f0 U");
	}
}

/* frames of eight kinds of access, as text in the order of enum vtlb_kind */
static const char *permitted(struct machine *m)
{
	static char text[VTLB_NR_KINDS + 1];

	for (unsigned int kind = 0; kind < VTLB_NR_KINDS; kind++)
		text[kind] = could(m, USER, (enum vtlb_kind)kind).frames ? 'y' : '.';
	return text;
}

/* With an SPTE in place the processor judges, as if WP and NXE were 1. */
static void processor_judges(void **state)
{
	/* user read, write, fetch; supervisor read, write, fetch; AC=1 read, write */
	static const struct {
		unsigned int flags;
		uint32_t cr4;
		const char *text;
	} t[] = {
		{ P | WR | US | DI, 0, "yyyyyyyy" },
		{ P | US | DI, 0, "y.yy.yy." },
		{ P | US | DI | XD, 0, "y..y..y." },
		{ P | WR | DI, 0, "...yyyyy" },
		{ P | DI, 0, "...y.yy." },
		{ P | DI | XD, 0, "...y..y." },
		{ P | WR | US | DI, VTLB_SMEP, "yyyyy.yy" },
		{ P | WR | US | DI, VTLB_SMAP, "yyy..yyy" },
		{ P | WR | US | DI, VTLB_SMEP | VTLB_SMAP, "yyy...yy" },
		{ P | WR | DI, VTLB_SMEP | VTLB_SMAP, "...yyyyy" },
		{ P | WR | DI | XD, VTLB_SMEP, "...yy.yy" },
	};
	struct vtlb_world w;
	struct machine m;

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		vtlb_world_default(&w);
		w.init.leaf[0][0] = value(&w, 4, t[i].flags);
		FOR_EACH_PRESET(&m, &w) {
			RUN(&m, or4(t[i].cr4), touch(USER, VTLB_SRA, 0));
			assert_string_equal(permitted(&m), t[i].text);
		}
	}
}

/* Error codes of what KVM injects; "the tables say so" is the walk's business. */
static void injected_errors(void **state)
{
	static const struct {
		unsigned int flags;
		uint32_t cr4;
		bool nxe;
		enum vtlb_kind kind;
		unsigned int error;
	} t[] = {
		{ 0, 0, true, VTLB_UR, VTLB_PF_U },
		{ 0, 0, true, VTLB_UW, VTLB_PF_U | VTLB_PF_W },
		{ 0, 0, true, VTLB_UX, VTLB_PF_U | VTLB_PF_I },
		{ 0, 0, false, VTLB_UX, VTLB_PF_U },
		{ 0, VTLB_SMEP, false, VTLB_UX, VTLB_PF_U | VTLB_PF_I },
		{ 0, 0, true, VTLB_SR, 0 },
		{ 0, 0, true, VTLB_SWA, VTLB_PF_W },
		{ 0, 0, true, VTLB_SX, VTLB_PF_I },
		{ P | WR | DI, 0, true, VTLB_UR, VTLB_PF_P | VTLB_PF_U },
		{ P | US | DI, 0, true, VTLB_UW, VTLB_PF_P | VTLB_PF_U | VTLB_PF_W },
		{ P | US | DI | XD, 0, true, VTLB_UX, VTLB_PF_P | VTLB_PF_U | VTLB_PF_I },
		{ P | US | DI | XD, 0, false, VTLB_UR, VTLB_PF_P | VTLB_PF_U | VTLB_PF_RSVD },
		{ P | US | DI | VTLB_LEAF_RSVD, 0, true, VTLB_SW,
		  VTLB_PF_P | VTLB_PF_W | VTLB_PF_RSVD },
		{ P | US | DI, 0, true, VTLB_SW, VTLB_PF_P | VTLB_PF_W },
		{ P | US | DI, VTLB_SMAP, true, VTLB_SR, VTLB_PF_P },
		{ P | WR | US | DI, VTLB_SMAP, true, VTLB_SW, VTLB_PF_P | VTLB_PF_W },
		{ P | US | DI, VTLB_SMEP, true, VTLB_SX, VTLB_PF_P | VTLB_PF_I },
	};
	struct vtlb_world w;
	struct machine m;

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		vtlb_world_default(&w);
		w.init.leaf[0][0] = value(&w, 4, t[i].flags);
		FOR_EACH_PRESET(&m, &w) {
			if (!t[i].nxe)
				run(&m, clear_efer(VTLB_NXE));
			run(&m, or4(t[i].cr4));
			assert_int_equal(could(&m, USER, t[i].kind).faults, 1u << t[i].error);
			assert_int_equal(could(&m, USER, t[i].kind).frames, 0);
			assert_int_equal(see(&m, touch(USER, t[i].kind, 0)),
					 page_fault_of(t[i].error));
		}
	}
	vtlb_world_default(&w);
	w.init.upper[0][0] = 0;
	FOR_EACH_PRESET(&m, &w)
		assert_int_equal(could(&m, USER, VTLB_UW).faults, 1u << (VTLB_PF_U | VTLB_PF_W));
}

/* The third emulated write in a row zaps the page; a fault through it starts again. */
static void flooding_of_a_directory(void **state)
{
	struct vtlb_world w;
	struct machine m;

	(void)state;
	plain(&w);
	FOR_EACH_PRESET(&m, &w) {
		RUN(&m, read_user(USER), touch(KERNEL, VTLB_SR, 0), write_upper(0, 1, 0));
		assert_int_equal(page_of(&m, T_A_PD, 1)->flood, 1);
		assert_int_equal(page_of(&m, T_A_PD, 1)->spte[0], 1);
		assert_int_equal(page_of(&m, T_A_PD, 1)->spte[1], 0);
		RUN(&m, write_upper(0, 1, 3));
		assert_int_equal(page_of(&m, T_A_PD, 1)->flood, 2);
		assert_int_equal(page_of(&m, T_A, 1)->spte[0], 1);
		RUN(&m, touch(KERNEL, VTLB_SR, 0));
		assert_int_equal(page_of(&m, T_A_PD, 1)->flood, 0);
		RUN(&m, write_upper(0, 1, 0), write_upper(0, 1, 3));
		assert_int_equal(page_of(&m, T_A_PD, 1)->flags, SP_VALID);
		RUN(&m, write_upper(0, 1, 3));
		assert_int_equal(page_of(&m, T_A_PD, 1)->flags, 0);
		assert_int_equal(page_of(&m, T_A, 1)->spte[0], 0);
		assert_int_equal(hw_values(&m, 0, 0, USER), 0);
		/* what was in sync below only loses its parent */
		assert_string_equal(spte_text(&m, T_A_PT, 1, 0), "f0 WU");
		assert_int_equal(m.r.cost.roots_built, 0);
		/* no longer shadowed: the next write opens the window */
		RUN(&m, write_upper(0, 1, 3));
		assert_int_equal(m.r.cost.refaults, 1);
		RUN(&m, write_upper(0, 1, 3));
		assert_int_equal(m.r.cost.refaults, 0);
	}
	FOR_EACH_PRESET(&m, &w) {
		/* what was unsync below goes too */
		RUN(&m, read_user(USER), touch(KERNEL, VTLB_SR, 0), write_leaf(0, 0, f6),
		    write_upper(0, 1, 0), write_upper(0, 1, 3), write_upper(0, 1, 3));
		assert_int_equal(page_of(&m, T_A_PT, 1)->flags, 0);
		assert_int_equal(page_of(&m, T_KERNEL_PT, 1)->flags, SP_VALID);
	}
}

/* A flooded root is freed wherever it is cached. */
static void flooding_of_a_root(void **state)
{
	static const struct {
		const char *preset, *after;
		unsigned int built;
	} t[] = {
		{ "kvm-4.20", "a0 - - -", 1 }, { "kvm-5.10", "a0 - - -", 1 },
		{ "kvm-5.16", "a0 - - -", 1 }, { "kvm-6.1", "a0 - - -", 0 },
		{ "kvm-6.12", "a0 - - -", 0 },
	};
	struct vtlb_world w;
	struct machine m;

	(void)state;
	plain(&w);
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		boot(&m, t[i].preset, &w);
		RUN(&m, cr3(1, 0), cr3(0, 0));
		assert_string_equal(cache_text(&m, 0), "a0 b0 - -");
		RUN(&m, write_root(1, 0, 0), write_root(1, 0, 2));
		assert_int_equal(page_of(&m, T_B, 1)->flood, 2);
		assert_string_equal(cache_text(&m, 0), "a0 b0 - -");
		RUN(&m, write_root(1, 0, 0));
		assert_int_equal(page_of(&m, T_B, 1)->flags, 0);
		assert_string_equal(cache_text(&m, 0), t[i].after);
		assert_int_equal(m.r.cost.roots_built, t[i].built);
		/* the fault on the window goes through the current root and clears its count */
		for (unsigned int n = 0; n < 5; n++)
			RUN(&m, write_root(0, 0, 1));
		assert_int_equal(page_of(&m, T_A, 1)->flood, 1);
		halt(&m);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(roles),
		cmocka_unit_test(role_change),
		cmocka_unit_test(wp0_spte),
		cmocka_unit_test(processor_judges),
		cmocka_unit_test(injected_errors),
		cmocka_unit_test(flooding_of_a_directory),
		cmocka_unit_test(flooding_of_a_root),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
