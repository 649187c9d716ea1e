/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Tests of shadow pages: how SPTEs are made, what a sync does to them, what marks
 * a page unsync, and what the windows onto page tables go through.
 */
#include "kvm_case.h"

enum { USER, KERNEL, USER1, USER2, USER3 };
enum { WALKER = 1 };	/* the role with CR0.WP=1 */

/* Values of the world below. */
static uint8_t f6, ro0, ro3, clean4, sup0, nx3, rsvd;

/*
 * The default world with all four entries of a.pt mapped: user f0, user1 f3,
 * user2 f4, user3 f5; b.pt maps user f1 alone; kernel.pt is shared.
 */
static void four_pages(struct vtlb_world *w)
{
	static const char *const name[] = { "user1", "user2", "user3" };

	vtlb_world_default(w);
	for (unsigned int i = 0; i < 3; i++) {
		w->page[2 + i] = (struct vtlb_page){
			.slot = 0, .entry = (uint8_t)(i + 1), .linear = 0x401000 + 0x1000 * i,
		};
		strcpy(w->page_name[2 + i], name[i]);
		w->init.leaf[0][i + 1] = value(w, 3 + i, P | WR | US | DI);
	}
	w->npages = 5;
	f6 = value(w, 6, P | WR | US | DI);
	ro0 = value(w, 0, P | US | DI);
	ro3 = value(w, 3, P | US | DI);
	clean4 = value(w, 4, P | WR | US);
	sup0 = value(w, 0, P | WR | DI);
	nx3 = value(w, 3, P | WR | US | DI | XD);
	rsvd = value(w, 3, P | WR | US | DI | VTLB_LEAF_RSVD);
}

static void expect_sptes(struct machine *m, unsigned int table, unsigned int role,
			 const char *e0, const char *e1, const char *e2, const char *e3)
{
	assert_string_equal(spte_text(m, table, role, 0), e0);
	assert_string_equal(spte_text(m, table, role, 1), e1);
	assert_string_equal(spte_text(m, table, role, 2), e2);
	assert_string_equal(spte_text(m, table, role, 3), e3);
}

#define FOR_EACH_PRESET(m, w)                                                 \
	for (unsigned int pre = 0;                                            \
	     pre < vtlb_nr_presets && (boot(m, vtlb_preset(pre)->name, w), true); \
	     pre++, halt(m))

static bool is(const struct machine *m, const char *preset)
{
	return !strcmp(m->impl->name, preset);
}

static bool before_5_16(const struct machine *m)
{
	return is(m, "kvm-4.20") || is(m, "kvm-5.10") || is(m, "kvm-5.14");
}

static void prefetch_neighbours(void **state)
{
	struct vtlb_world w;
	struct machine m;

	(void)state;
	four_pages(&w);
	FOR_EACH_PRESET(&m, &w) {
		assert_false(page_of(&m, T_A_PT, WALKER)->flags & SP_VALID);
		assert_int_equal(see(&m, read_user(USER)), frame(0));
		expect_sptes(&m, T_A_PT, WALKER, "f0 WU", "f3 WU", "f4 WU", "f5 WU");
		assert_int_equal(m.r.cost.refaults, 1);
		/* the neighbours need no exit any more */
		assert_int_equal(see(&m, read_user(USER3)), frame(5));
		assert_int_equal(m.r.cost.refaults, 0);
	}
}

static void prefetch_stops(void **state)
{
	struct vtlb_world w;
	struct machine m;

	(void)state;
	four_pages(&w);
	FOR_EACH_PRESET(&m, &w) {
		/* at the first entry that is not present; a clean one loses W */
		RUN(&m, write_leaf(0, 1, 0), write_leaf(0, 2, clean4), read_user(USER3));
		expect_sptes(&m, T_A_PT, WALKER, "f0 WU", "-", "-", "f5 WU");
		RUN(&m, read_user(USER2));
		expect_sptes(&m, T_A_PT, WALKER, "f0 WU", "-", "f4 U", "f5 WU");
	}
	FOR_EACH_PRESET(&m, &w) {
		RUN(&m, write_leaf(0, 2, clean4), write_leaf(0, 3, rsvd), read_user(USER));
		expect_sptes(&m, T_A_PT, WALKER, "f0 WU", "f3 WU", "f4 U", "-");
	}
	FOR_EACH_PRESET(&m, &w) {
		/* XD is a reserved bit while EFER.NXE=0 */
		unsigned int role = strncmp(m.impl->name, "kvm-6", 5) ? 6 : 1;

		RUN(&m, write_leaf(0, 1, nx3), clear_efer(VTLB_NXE), read_user(USER));
		expect_sptes(&m, T_A_PT, role, "f0 WU", "-", "-", "-");
	}
	FOR_EACH_PRESET(&m, &w) {
		/* what has an SPTE keeps it, stale as it is */
		RUN(&m, write_leaf(0, 3, 0), read_user(USER), write_leaf(0, 1, f6),
		    write_leaf(0, 3, f6), read_user(USER3));
		expect_sptes(&m, T_A_PT, WALKER, "f0 WU", "f3 WU", "f4 WU", "f6 WU");
	}
}

static void write_sets_dirty(void **state)
{
	struct vtlb_world w;
	struct machine m;

	(void)state;
	four_pages(&w);
	FOR_EACH_PRESET(&m, &w) {
		RUN(&m, write_leaf(0, 2, clean4), read_user(USER2));
		expect_sptes(&m, T_A_PT, WALKER, "f0 WU", "f3 WU", "f4 U", "f5 WU");
		assert_int_equal(see(&m, touch(USER2, VTLB_UW, 0)), dirtied(0));
		expect_sptes(&m, T_A_PT, WALKER, "f0 WU", "f3 WU", "f4 WU", "f5 WU");
		assert_int_equal(w.value[m.k.s->mem.leaf[0][2]].flags, P | WR | US | DI);
		assert_int_equal(see(&m, touch(USER2, VTLB_UW, 0)), frame(4));
	}
}

/* A write marks every shadow page of the table, and all that leads to them. */
static void unsync_marks_all(void **state)
{
	struct vtlb_world w;
	struct machine m;

	(void)state;
	four_pages(&w);
	FOR_EACH_PRESET(&m, &w) {
		/* kernel.pt is shadowed under both roots, with WP=1 and with WP=0 */
		RUN(&m, touch(KERNEL, VTLB_SR, 0), cr3(1, 0), touch(KERNEL, VTLB_SR, 0),
		    clear0(VTLB_WP), touch(KERNEL, VTLB_SR, 0), read_user(USER),
		    write_leaf(2, 0, f6));
		for (unsigned int role = 1; role <= 2; role++) {
			assert_int_equal(page_of(&m, T_KERNEL_PT, role)->flags,
					 SP_VALID | SP_UNSYNC);
			assert_int_equal(page_of(&m, T_B_PD, role)->unsync_children, 2);
			assert_int_equal(page_of(&m, T_B, role)->unsync_children, 1);
		}
		assert_int_equal(page_of(&m, T_A_PD, 1)->unsync_children, 2);
		assert_int_equal(page_of(&m, T_A, 1)->unsync_children, 1);
		/* root a was never loaded with WP=0, b.pt is in sync */
		assert_int_equal(page_of(&m, T_A, 2)->unsync_children, 0);
		assert_int_equal(page_of(&m, T_B_PT, 2)->flags, SP_VALID);
		/* nothing was synced, so the SPTEs are as they were */
		assert_string_equal(spte_text(&m, T_KERNEL_PT, 1, 0), "f2 W");
		assert_string_equal(spte_text(&m, T_KERNEL_PT, 2, 0), "f2 W");
		/* a sync of root b with WP=0 leaves the others alone */
		RUN(&m, cr3(1, 0));
		assert_int_equal(page_of(&m, T_B, 2)->unsync_children, 0);
		assert_int_equal(page_of(&m, T_B_PD, 2)->unsync_children, 0);
		assert_false(page_of(&m, T_KERNEL_PT, 2)->flags & SP_UNSYNC);
		assert_int_equal(page_of(&m, T_KERNEL_PT, 1)->flags, SP_VALID | SP_UNSYNC);
		assert_int_equal(page_of(&m, T_A, 1)->unsync_children, 1);
	}
}

static void sync_entries(void **state)
{
	struct vtlb_world w;
	struct machine m;

	(void)state;
	four_pages(&w);
	FOR_EACH_PRESET(&m, &w) {
		/* another frame, fewer rights, not present, unchanged */
		RUN(&m, read_user(USER), write_leaf(0, 0, f6), write_leaf(0, 1, ro3),
		    write_leaf(0, 2, 0), cr3(0, 0));
		expect_sptes(&m, T_A_PT, WALKER, "-", "f3 U", "-", "f5 WU");
		assert_int_equal(page_of(&m, T_A_PT, WALKER)->flags, SP_VALID);
		assert_int_equal(hw_values(&m, 0, 0, USER), 0);
		assert_int_equal(hw_values(&m, 0, 0, USER2), 0);
	}
	FOR_EACH_PRESET(&m, &w) {
		/* U lost, XD gained, D lost, W gained */
		RUN(&m, write_leaf(0, 3, ro0), read_user(USER), write_leaf(0, 0, sup0),
		    write_leaf(0, 1, nx3), write_leaf(0, 2, clean4),
		    write_leaf(0, 3, w.init.leaf[0][0]), cr3(0, 0));
		expect_sptes(&m, T_A_PT, WALKER, "f0 W", "f3 WUX", "f4 U", "f0 WU");
	}
	FOR_EACH_PRESET(&m, &w) {
		/* a reserved bit drops as not present does; what has no SPTE gets none */
		RUN(&m, write_leaf(0, 2, 0), read_user(USER), write_leaf(0, 1, rsvd),
		    write_leaf(0, 2, f6), cr3(0, 0));
		expect_sptes(&m, T_A_PT, WALKER, "f0 WU", "-", "-", "-");
	}
}

/* A page that a sync leaves empty was zapped until 5.14. */
static void sync_to_empty(void **state)
{
	struct vtlb_world w;
	struct machine m;

	(void)state;
	four_pages(&w);
	FOR_EACH_PRESET(&m, &w) {
		RUN(&m, cr3(1, 0), read_user(USER), write_leaf(1, 0, 0), cr3(1, 0));
		expect_sptes(&m, T_B_PT, WALKER, "-", "-", "-", "-");
		assert_int_equal(page_of(&m, T_B_PT, WALKER)->flags & SP_VALID, !before_5_16(&m));
		assert_int_equal(page_of(&m, T_B_PD, WALKER)->spte[0], before_5_16(&m) ? 0 : 2);
		assert_int_equal(page_of(&m, T_B, WALKER)->unsync_children, 0);
	}
}

/* A page found unsync is brought up to date but stays unsync, and so do its parents. */
static void sync_when_found(void **state)
{
	struct vtlb_world w;
	struct machine m;
	uint8_t ro7;

	(void)state;
	four_pages(&w);
	w.init.leaf[2][1] = value(&w, 7, P | WR | DI);
	ro7 = value(&w, 7, P | DI);
	FOR_EACH_PRESET(&m, &w) {
		RUN(&m, or4(VTLB_PCIDE), keep(1, 0), keep(0, 1), touch(KERNEL, VTLB_SR, 0),
		    keep(0, 0), touch(KERNEL, VTLB_SR, 0), write_leaf(2, 0, f6),
		    write_leaf(2, 1, ro7), keep(0, 1), keep(1, 0));
		/* the sets of both PCIDs hold f2, and b.pd does not lead to kernel.pt yet */
		assert_string_equal(spte_text(&m, T_KERNEL_PT, WALKER, 0), "f2 W");
		assert_int_not_equal(hw_values(&m, 0, 0, KERNEL), 0);
		assert_int_not_equal(hw_values(&m, 0, 1, KERNEL), 0);
		assert_int_equal(page_of(&m, T_B_PD, WALKER)->unsync_children, 0);
		assert_int_equal(see(&m, touch(KERNEL, VTLB_SRA, frame(6))), frame(6));
		expect_sptes(&m, T_KERNEL_PT, WALKER, "f6 WU", "f7 ", "-", "-");
		assert_int_equal(page_of(&m, T_KERNEL_PT, WALKER)->flags, SP_VALID | SP_UNSYNC);
		assert_int_equal(page_of(&m, T_B_PD, WALKER)->unsync_children, 2);
		assert_int_equal(page_of(&m, T_B, WALKER)->unsync_children, 1);
		/* what it dropped is flushed everywhere */
		assert_int_equal(hw_values(&m, 0, 1, KERNEL), 0);
		assert_int_equal(could(&m, KERNEL, VTLB_SRA).frames, 1u << 6);
	}
}

/* A directory that has unsync children is linked again: they are synced first. */
static void sync_when_linked(void **state)
{
	struct vtlb_world w;
	struct machine m;

	(void)state;
	four_pages(&w);
	FOR_EACH_PRESET(&m, &w) {
		RUN(&m, read_user(USER), write_leaf(0, 0, f6), write_root(0, 0, 0),
		    write_root(0, 0, 1));
		assert_int_equal(page_of(&m, T_A, WALKER)->spte[0], 0);
		assert_string_equal(spte_text(&m, T_A_PT, WALKER, 0), "f0 WU");
		assert_int_equal(see(&m, read_user(USER1)), frame(3));
		/* dropped on the spot and prefetched again, or dropped at the next entry */
		assert_string_equal(spte_text(&m, T_A_PT, WALKER, 0),
				    before_5_16(&m) ? "-" : "f6 WU");
		assert_int_equal(page_of(&m, T_A_PT, WALKER)->flags, SP_VALID);
		assert_int_equal(could(&m, USER, VTLB_UR).frames, 1u << 6);
	}
}

static bool window_open(struct machine *m, unsigned int role, unsigned int table)
{
	return m->k.s->win[role] >> table & 1;
}

static bool window_cached(struct machine *m, unsigned int pcid, unsigned int table)
{
	return *hw_window(&m->k, 0, pcid) >> table & 1;
}

static void windows_of_leaf_tables(void **state)
{
	struct vtlb_world w;
	struct machine m;

	(void)state;
	four_pages(&w);
	FOR_EACH_PRESET(&m, &w) {
		/* not shadowed: the first write exits, the second does not */
		RUN(&m, or4(VTLB_PCIDE), write_leaf(0, 0, f6));
		assert_int_equal(m.r.cost.refaults, 1);
		assert_true(window_open(&m, WALKER, T_A_PT));
		assert_true(window_cached(&m, 0, T_A_PT));
		RUN(&m, write_leaf(0, 1, f6));
		assert_int_equal(m.r.cost.refaults, 0);
		/* PCID 1 holds the window too, and stays away while the table is shadowed */
		RUN(&m, keep(0, 1));
		assert_true(window_cached(&m, 1, T_A_PT));
		RUN(&m, keep(0, 0), read_user(USER));
		assert_false(window_open(&m, WALKER, T_A_PT));
		assert_false(window_cached(&m, 0, T_A_PT));
		assert_false(window_cached(&m, 1, T_A_PT));
		/* in sync: the first write exits and makes it unsync, the second is silent */
		RUN(&m, write_leaf(0, 0, ro0));
		assert_int_equal(m.r.cost.refaults, 1);
		assert_int_equal(page_of(&m, T_A_PT, WALKER)->flags, SP_VALID | SP_UNSYNC);
		assert_true(window_cached(&m, 0, T_A_PT));
		RUN(&m, write_leaf(0, 1, ro3));
		assert_int_equal(m.r.cost.refaults, 0);
		/* a sync closes the window, in the hardware TLB as well */
		RUN(&m, keep(0, 1), cr3(0, 1));
		assert_int_equal(page_of(&m, T_A_PT, WALKER)->flags, SP_VALID);
		assert_false(window_open(&m, WALKER, T_A_PT));
		assert_false(window_cached(&m, 0, T_A_PT));
		assert_false(window_cached(&m, 1, T_A_PT));
		RUN(&m, write_leaf(0, 2, f6));
		assert_int_equal(m.r.cost.refaults, 1);
		assert_int_equal(page_of(&m, T_A_PT, WALKER)->flags, SP_VALID | SP_UNSYNC);
	}
}

/* A table that is protected again is so for every vCPU at once. */
static void windows_of_two_vcpus(void **state)
{
	struct vtlb_world w;
	struct machine m;

	(void)state;
	four_pages(&w);
	w.init.leaf[0][3] = 0;
	w.nvcpus = 2;
	FOR_EACH_PRESET(&m, &w) {
		/* the store changes no SPTE, so the sync has nothing else to flush for */
		RUN(&m, read_user(USER), on(1, write_leaf(0, 3, f6)), read_user(USER));
		assert_true(*hw_window(&m.k, 1, 0) >> T_A_PT & 1);
		RUN(&m, cr3(0, 0));
		assert_int_equal(page_of(&m, T_A_PT, WALKER)->flags, SP_VALID);
		assert_false(*hw_window(&m.k, 1, 0) >> T_A_PT & 1);
		RUN(&m, on(1, write_leaf(0, 3, f6)));
		assert_int_equal(m.r.cost.refaults, 1);
		assert_int_equal(page_of(&m, T_A_PT, WALKER)->flags, SP_VALID | SP_UNSYNC);
	}
}

/* Every role has a window of its own; protecting a table closes all of them. */
static void windows_of_all_roles(void **state)
{
	struct vtlb_world w;
	struct machine m;

	(void)state;
	four_pages(&w);
	FOR_EACH_PRESET(&m, &w) {
		RUN(&m, write_leaf(0, 0, f6), clear0(VTLB_WP));
		assert_false(window_cached(&m, 0, T_A_PT));
		RUN(&m, write_leaf(0, 0, f6));
		assert_int_equal(m.r.cost.refaults, 1);
		assert_true(window_open(&m, 1, T_A_PT));
		assert_true(window_open(&m, 2, T_A_PT));
		RUN(&m, read_user(USER));
		assert_false(window_open(&m, 1, T_A_PT));
		assert_false(window_open(&m, 2, T_A_PT));
	}
}

/* A shadowed directory never gets a writable window; one that is not does. */
static void windows_of_directories(void **state)
{
	struct vtlb_world w;
	struct machine m;

	(void)state;
	four_pages(&w);
	FOR_EACH_PRESET(&m, &w) {
		RUN(&m, write_upper(0, 0, 1));
		assert_true(window_cached(&m, 0, T_A_PD));
		RUN(&m, read_user(USER));
		assert_false(window_cached(&m, 0, T_A_PD));
		assert_int_equal(page_of(&m, T_A_PD, WALKER)->spte[0], 1);
		RUN(&m, write_upper(0, 0, 2));
		assert_int_equal(m.r.cost.refaults, 1);
		assert_false(window_open(&m, WALKER, T_A_PD));
		assert_int_equal(page_of(&m, T_A_PD, WALKER)->spte[0], 0);
		assert_int_equal(hw_values(&m, 0, 0, USER), 0);
		assert_int_equal(see(&m, read_user(USER)), frame(1));
		/* the root table is shadowed from the start, b's is not yet */
		RUN(&m, write_root(0, 0, 2));
		assert_int_equal(m.r.cost.refaults, 1);
		assert_false(window_open(&m, WALKER, T_A));
		assert_int_equal(page_of(&m, T_A, WALKER)->spte[0], 0);
		RUN(&m, write_root(1, 0, 2));
		assert_true(window_open(&m, WALKER, T_B));
	}
}

static void host_unmaps_a_frame(void **state)
{
	struct vtlb_world w;
	struct machine m;

	(void)state;
	four_pages(&w);
	w.init.leaf[1][0] = w.init.leaf[0][1];
	FOR_EACH_PRESET(&m, &w) {
		/* f3 through two tables, two roles, two PCIDs */
		RUN(&m, or4(VTLB_PCIDE), read_user(USER), keep(1, 1), read_user(USER),
		    clear0(VTLB_WP), read_user(USER), host_zap_op(3));
		expect_sptes(&m, T_A_PT, 1, "f0 WU", "-", "f4 WU", "f5 WU");
		assert_string_equal(spte_text(&m, T_B_PT, 1, 0), "-");
		assert_string_equal(spte_text(&m, T_B_PT, 2, 0), "-");
		for (unsigned int pcid = 0; pcid < 2; pcid++) {
			assert_int_equal(hw_values(&m, 0, pcid, USER), 0);
			assert_int_equal(hw_values(&m, 0, pcid, USER1), 0);
		}
		assert_int_equal(see(&m, read_user(USER)), frame(3));
		RUN(&m, host_zap_op(5));
		assert_string_equal(spte_text(&m, T_A_PT, 1, 3), "-");
		/* nobody maps it: nothing to flush */
		RUN(&m, host_zap_op(6));
		assert_int_equal(m.r.cost.flushes, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(prefetch_neighbours),
		cmocka_unit_test(prefetch_stops),
		cmocka_unit_test(write_sets_dirty),
		cmocka_unit_test(unsync_marks_all),
		cmocka_unit_test(sync_entries),
		cmocka_unit_test(sync_to_empty),
		cmocka_unit_test(sync_when_found),
		cmocka_unit_test(sync_when_linked),
		cmocka_unit_test(windows_of_leaf_tables),
		cmocka_unit_test(windows_of_two_vcpus),
		cmocka_unit_test(windows_of_all_roles),
		cmocka_unit_test(windows_of_directories),
		cmocka_unit_test(host_unmaps_a_frame),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
