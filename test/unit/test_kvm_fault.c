/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Tests of faults in the KVM model: which operations fault and change nothing,
 * what an injected #PF drops, and the order in which requests are serviced.
 */
#include "kvm_case.h"

enum { USER, KERNEL };

static uint8_t f6, ro0, ro6, clean6;

static void plain(struct vtlb_world *w)
{
	vtlb_world_default(w);
	vtlb_world_pcid(w, 0x801);
	f6 = value(w, 6, P | WR | US | DI);
	ro0 = value(w, 0, P | US | DI);
	ro6 = value(w, 6, P | US | DI);
	clean6 = value(w, 6, P | US);
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

static bool before_5_16(const struct machine *m)
{
	return is(m, "kvm-4.20") || is(m, "kvm-5.10") || is(m, "kvm-5.14");
}

/* Does @op end with @fault, and is every byte of the state what it was? */
static void faults(struct machine *m, struct vtlb_op op, enum vtlb_fault fault)
{
	size_t size = m->impl->state_size(m->impl, m->w);
	uint8_t *before = malloc(size);
	bool same;

	assert_true(vtlb_op_valid(m->w, op));
	assert_non_null(before);
	memcpy(before, m->state, size);
	memset(&m->r, 0, sizeof(m->r));
	m->impl->step(m->impl, m->w, m->state, op, 0, &m->r);
	same = !memcmp(before, m->state, size);
	free(before);
	if (m->r.fault != fault || !same)
		fail_msg("%s, operation %u (%x %x %x): %s instead of %s, state %s", m->impl->name,
			 op.code, op.a, op.b, op.imm,
			 vtlb_fault_name((enum vtlb_fault)m->r.fault), vtlb_fault_name(fault),
			 same ? "unchanged" : "changed");
}

#define MAX_BEFORE 6
#define RAW(code, a, b, imm) { VTLB_OP_##code, 0x10, a, b, imm }
#define CSL0 RAW(SET_CSL, 0, 0, 0)
#define PG0 RAW(MOV_CR0, VTLB_HOW_CLEAR, 0, VTLB_PG)
#define PCIDE1 RAW(MOV_CR4, VTLB_HOW_OR, 0, VTLB_PCIDE)

static void faults_change_nothing(void **state)
{
	static const struct {
		uint32_t without;	/* features */
		struct vtlb_op before[MAX_BEFORE];
		struct vtlb_op op;
		enum vtlb_fault fault;
	} t[] = {
		/* privilege */
		{ 0, { RAW(SET_CPL, 3, 0, 0) }, RAW(MOV_CR0, VTLB_HOW_CLEAR, 0, VTLB_WP),
		  VTLB_GP0 },
		{ 0, { RAW(SET_CPL, 3, 0, 0) }, RAW(MOV_CR3, 1, 0, 0), VTLB_GP0 },
		{ 0, { RAW(SET_CPL, 3, 0, 0) }, RAW(MOV_CR4, VTLB_HOW_OR, 0, VTLB_PGE), VTLB_GP0 },
		{ 0, { RAW(SET_CPL, 3, 0, 0) }, RAW(WRMSR_EFER, VTLB_HOW_CLEAR, 0, VTLB_NXE),
		  VTLB_GP0 },
		{ 0, { RAW(SET_CPL, 3, 0, 0) }, RAW(INVLPG, USER, 0, 0), VTLB_GP0 },
		{ 0, { RAW(SET_CPL, 3, 0, 0) }, RAW(INVPCID, USER, 2, 0), VTLB_GP0 },
		{ VTLB_F_INVPCID, { RAW(SET_CPL, 3, 0, 0) }, RAW(INVPCID, USER, 2, 0), VTLB_UD },
		/* CR0 */
		{ 0, { { 0 } }, RAW(MOV_CR0, VTLB_HOW_OR, 0, VTLB_RSVD), VTLB_GP0 },
		{ 0, { { 0 } }, RAW(MOV_CR0, VTLB_HOW_OR, 0, VTLB_NW), VTLB_GP0 },
		{ 0, { { 0 } }, RAW(MOV_CR0, VTLB_HOW_CLEAR, 0, VTLB_PE), VTLB_GP0 },
		{ 0, { CSL0, PCIDE1 }, PG0, VTLB_GP0 },
		{ 0, { CSL0, PG0, RAW(SET_CSL, 1, 0, 0) }, RAW(MOV_CR0, VTLB_HOW_OR, 0, VTLB_PG),
		  VTLB_GP0 },
		{ 0, { CSL0, PG0, RAW(MOV_CR4, VTLB_HOW_CLEAR, 0, VTLB_PAE) },
		  RAW(MOV_CR0, VTLB_HOW_OR, 0, VTLB_PG), VTLB_GP0 },
		{ 0, { CSL0, PG0, RAW(WRMSR_EFER, VTLB_HOW_CLEAR, 0, VTLB_LME) },
		  RAW(MOV_CR0, VTLB_HOW_OR, 0, VTLB_PG), VTLB_UNSUPPORTED },
		{ 0, { RAW(INIT, 0, 0, 0), RAW(MOV_CR0, VTLB_HOW_OR, 0, VTLB_PE),
		       RAW(MOV_CR4, VTLB_HOW_OR, 0, VTLB_PAE),
		       RAW(WRMSR_EFER, VTLB_HOW_OR, 0, VTLB_LME) },
		  RAW(MOV_CR0, VTLB_HOW_OR, 0, VTLB_PG), VTLB_UNSUPPORTED },
		{ 0, { RAW(INIT, 0, 0, 0) }, RAW(SET_CPL, 3, 0, 0), VTLB_UNSUPPORTED },
		/* CR3 */
		{ 0, { { 0 } }, RAW(MOV_CR3, 1, 0, VTLB_CR3_NOFLUSH), VTLB_GP0 },
		{ 0, { { 0 } }, RAW(MOV_CR3, 1, 0, VTLB_CR3_RSVD), VTLB_GP0 },
		{ 0, { PCIDE1 }, RAW(MOV_CR3, 1, 0, VTLB_CR3_RSVD | VTLB_CR3_NOFLUSH), VTLB_GP0 },
		{ 0, { { 0 } }, RAW(MOV_CR3, 1, 0, VTLB_CR3_LAM), VTLB_GP0 },
		/* CR4 */
		{ 0, { { 0 } }, RAW(MOV_CR4, VTLB_HOW_OR, 0, VTLB_RSVD), VTLB_GP0 },
		{ 0, { { 0 } }, RAW(MOV_CR4, VTLB_HOW_OR, 0, VTLB_CET | VTLB_PGE), VTLB_GP0 },
		{ 0, { { 0 } }, RAW(MOV_CR4, VTLB_HOW_CLEAR, 0, VTLB_PAE), VTLB_GP0 },
		{ VTLB_F_PCID, { { 0 } }, PCIDE1, VTLB_GP0 },
		{ VTLB_F_SMEP, { { 0 } }, RAW(MOV_CR4, VTLB_HOW_OR, 0, VTLB_SMEP), VTLB_GP0 },
		{ 0, { RAW(MOV_CR3, 0, 0, 0x801) }, PCIDE1, VTLB_GP0 },
		{ 0, { CSL0, PG0 }, PCIDE1, VTLB_GP0 },
		/* EFER */
		{ 0, { { 0 } }, RAW(WRMSR_EFER, VTLB_HOW_OR, 0, VTLB_RSVD), VTLB_GP0 },
		{ 0, { { 0 } }, RAW(WRMSR_EFER, VTLB_HOW_OR, 0, VTLB_TCE), VTLB_GP0 },
		{ 0, { { 0 } }, RAW(WRMSR_EFER, VTLB_HOW_CLEAR, 0, VTLB_LME), VTLB_GP0 },
		/* INVPCID */
		{ 0, { PCIDE1 }, RAW(INVPCID, USER, 4, 0), VTLB_GP0 },
		{ 0, { PCIDE1 }, RAW(INVPCID, USER, 2, VTLB_INVPCID_RSVD), VTLB_GP0 },
		{ 0, { { 0 } }, RAW(INVPCID, USER, 0, 1), VTLB_GP0 },
		{ 0, { { 0 } }, RAW(INVPCID, USER, 1, 0x801), VTLB_GP0 },
		{ 0, { PCIDE1 }, RAW(INVPCID, USER, 0, VTLB_INVPCID_NONCANON), VTLB_GP0 },
		{ VTLB_F_INVPCID, { { 0 } }, RAW(INVPCID, USER, 3, 0), VTLB_UD },
	};
	struct vtlb_world w;
	struct machine m;

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		plain(&w);
		w.features &= ~t[i].without;
		FOR_EACH_PRESET(&m, &w) {
			RUN(&m, read_user(USER), cr3(1, 0), read_user(USER), write_leaf(0, 0, f6),
			    cr3(0, 0));
			for (unsigned int j = 0; j < MAX_BEFORE && t[i].before[j].vcpu; j++)
				run(&m, t[i].before[j]);
			faults(&m, t[i].op, t[i].fault);
		}
	}
}

/* What differs between kernels: #GP for clearing PG in 64-bit code. */
static void paging_off_in_64bit_code(void **state)
{
	struct vtlb_world w;
	struct machine m;

	(void)state;
	plain(&w);
	FOR_EACH_PRESET(&m, &w) {
		if (!before_5_16(&m)) {
			faults(&m, clear0(VTLB_PG), VTLB_GP0);
			continue;
		}
		RUN(&m, clear0(VTLB_PG));
		assert_int_equal(m.k.vcpus[0].mode & (VTLB_PG | VTLB_LMA), 0);
	}
}

/* INVPCID type 0 without paging called a NULL function until 9f46c187e2e6. */
static void invpcid_crash(void **state)
{
	struct vtlb_world w;
	struct machine m;

	(void)state;
	plain(&w);
	FOR_EACH_PRESET(&m, &w) {
		bool good = is(&m, "kvm-5.10") || is_6(&m);

		RUN(&m, set_csl(false), clear0(VTLB_PG), invpcid(1, 0, USER), invpcid(2, 0, USER),
		    invpcid(3, 0, USER), invlpg(USER));
		if (good)
			RUN(&m, invpcid(0, 0, USER));
		else
			faults(&m, invpcid(0, 0, USER), VTLB_CRASH);
		/* with paging on again it is like any other */
		RUN(&m, or0(VTLB_PG), invpcid(0, 0, USER));
	}
}

/* Operations near a fault that must pass. */
static void no_fault_too_many(void **state)
{
	struct vtlb_world w;
	struct machine m;

	(void)state;
	plain(&w);
	FOR_EACH_PRESET(&m, &w) {
		/* NW with CD; types 2 and 3 ignore the PCID, all but 0 the address */
		RUN(&m, or0(VTLB_CD | VTLB_NW), invpcid(2, 0x801, USER), invpcid(3, 0x123, USER),
		    invpcid(1, VTLB_INVPCID_NONCANON, USER));
		/* outside 64-bit code CR3 has no bits 63:32 */
		RUN(&m, set_csl(false), cr3(1, VTLB_CR3_NOFLUSH | VTLB_CR3_RSVD | VTLB_CR3_LAM));
		assert_int_equal(m.k.vcpus[0].cr3, 1);
		/* while PCIDE is set any low bits are a PCID */
		RUN(&m, or4(VTLB_PCIDE), cr3(0, 0x801), or4(VTLB_PCIDE | VTLB_PGE));
		assert_int_equal(m.k.vcpus[0].low12, 0x801);
	}
	/* a source with bit 63 from 32-bit code flushes: it has no bit 63 */
	FOR_EACH_PRESET(&m, &w) {
		RUN(&m, or4(VTLB_PCIDE), read_user(USER), write_leaf(0, 0, f6));
		RUN(&m, set_csl(false), keep(0, 0));
		assert_string_equal(cache_text(&m, 0), "a0 - - -");
	}
}

/* An injected #PF with P=1 drops the address from the current root. */
static void page_fault_drops(void **state)
{
	struct vtlb_world w;
	struct machine m;

	(void)state;
	plain(&w);
	w.init.leaf[0][0] = ro0;
	FOR_EACH_PRESET(&m, &w) {
		const char *after = is(&m, "kvm-4.20") ? "f0 U" :
				    is(&m, "kvm-6.12") ? "-" :
							 "f6 U";

		RUN(&m, or4(VTLB_PCIDE), read_user(USER), keep(0, 1), keep(0, 0),
		    write_leaf(0, 0, ro6));
		assert_int_not_equal(hw_values(&m, 0, 1, USER), 0);
		assert_int_equal(see(&m, touch(USER, VTLB_UW, 0)),
				 page_fault_of(VTLB_PF_P | VTLB_PF_W | VTLB_PF_U));
		assert_string_equal(spte_text(&m, T_A_PT, 1, 0), after);
		/* the address is flushed in every PCID of the tag */
		assert_int_equal(hw_values(&m, 0, 1, USER) != 0, is(&m, "kvm-4.20"));
		assert_int_equal(could(&m, USER, VTLB_UR).frames,
				 is(&m, "kvm-4.20") ? 1u << 0 : 1u << 6);
		/* the table stays unsync */
		assert_int_equal(page_of(&m, T_A_PT, 1)->flags, SP_VALID | SP_UNSYNC);
	}
}

/* A page in sync has nothing to drop; its address is flushed all the same. */
static void page_fault_flushes(void **state)
{
	struct vtlb_world w;
	struct machine m;

	(void)state;
	plain(&w);
	w.init.leaf[0][0] = ro0;
	FOR_EACH_PRESET(&m, &w) {
		RUN(&m, read_user(USER));
		hw_page(&m.k, 0, 2, USER)[VAR_RO] = 1;
		hw_page(&m.k, 0, 2, KERNEL)[VAR_RO] = 1;
		RUN(&m, touch(USER, VTLB_UW, 0));
		assert_int_equal(m.r.outcome, page_fault_of(VTLB_PF_P | VTLB_PF_W | VTLB_PF_U));
		assert_int_equal(hw_values(&m, 0, 2, USER), is(&m, "kvm-4.20"));
		assert_int_equal(hw_values(&m, 0, 2, KERNEL), 1);
		assert_string_equal(spte_text(&m, T_A_PT, 1, 0), "f0 U");
	}
}

/* With P=0 or RSVD=1 nothing is dropped: the deviation pf-partial-drop. */
static void page_fault_keeps(void **state)
{
	struct vtlb_world w;
	struct machine m;
	uint8_t rsvd;

	(void)state;
	plain(&w);
	rsvd = value(&w, 6, P | US | DI | VTLB_LEAF_RSVD);
	w.init.leaf[0][0] = ro0;
	FOR_EACH_PRESET(&m, &w) {
		RUN(&m, read_user(USER), write_leaf(0, 0, 0));
		assert_int_equal(see(&m, touch(USER, VTLB_UW, 0)),
				 page_fault_of(VTLB_PF_W | VTLB_PF_U));
		assert_string_equal(spte_text(&m, T_A_PT, 1, 0), "f0 U");
		assert_int_equal(could(&m, USER, VTLB_UR).frames, 1);
		RUN(&m, write_leaf(0, 0, rsvd));
		assert_int_equal(see(&m, touch(USER, VTLB_UW, 0)),
				 page_fault_of(VTLB_PF_P | VTLB_PF_W | VTLB_PF_U | VTLB_PF_RSVD));
		assert_string_equal(spte_text(&m, T_A_PT, 1, 0), "f0 U");
		assert_int_equal(could(&m, USER, VTLB_UR).frames, 1);
	}
}

/* Only the current root: what another cached root leads to stays (same deviation). */
static void page_fault_other_root(void **state)
{
	struct vtlb_world w;
	struct machine m;

	(void)state;
	plain(&w);
	w.init.leaf[1][0] = ro0;
	FOR_EACH_PRESET(&m, &w) {
		RUN(&m, or4(VTLB_PCIDE), cr3(0, 1), read_user(USER), keep(1, 1), read_user(USER),
		    write_leaf(0, 0, f6), touch(USER, VTLB_UW, 0));
		assert_int_equal(m.r.outcome, page_fault_of(VTLB_PF_P | VTLB_PF_W | VTLB_PF_U));
		assert_string_equal(spte_text(&m, T_A_PT, 1, 0), "f0 WU");
	}
}

/* Requests are serviced in KVM's order; the numbers of flushes show it. */
static void request_order(void **state)
{
	static const struct {
		uint32_t requests;
		const char *cache;
		unsigned int flushes;
	} t[] = {
		/* TLB_FLUSH does what TLB_FLUSH_CURRENT asks for */
		{ REQ_TLB_FLUSH, "a0* b0 - -", 1 },
		{ REQ_TLB_FLUSH_CURRENT, "a0* b0 - -", 1 },
		{ REQ_TLB_FLUSH | REQ_TLB_FLUSH_CURRENT, "a0* b0 - -", 1 },
		{ REQ_LOAD_MMU_PGD, "a0* b0 - -", 0 },
		/* a sync that drops comes before TLB_FLUSH, so one flush is enough */
		{ REQ_MMU_SYNC, "a0 b0 - -", 1 },
		{ REQ_MMU_SYNC | REQ_TLB_FLUSH, "a0 b0 - -", 1 },
		/* a guest flush comes last and syncs, so what its sync asks for comes after */
		{ REQ_TLB_FLUSH_GUEST, "a0 b0 - -", 2 },
		{ REQ_MMU_SYNC | REQ_TLB_FLUSH_GUEST, "a0 b0 - -", 2 },
		/* a reload frees before anything is synced; the load flushes */
		{ REQ_MMU_RELOAD | REQ_TLB_FLUSH, "a0 - - -", 2 + 1 },
		{ REQ_MMU_FREE_OBSOLETE_ROOTS, "a0* b0 - -", 0 },
	};
	struct vtlb_world w;
	struct machine m;

	(void)state;
	plain(&w);
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		boot(&m, "kvm-6.12", &w);
		RUN(&m, cr3(1, 0), cr3(0, 0), read_user(USER), write_leaf(0, 0, f6));
		m.k.vcpus[0].requests = t[i].requests;
		vcpu_enter_guest(&m.k);
		assert_int_equal(m.k.vcpus[0].requests, 0);
		if (strcmp(cache_text(&m, 0), t[i].cache) || m.cost.flushes != t[i].flushes)
			fail_msg("requests %x: %s, %u flushes", t[i].requests, cache_text(&m, 0),
				 (unsigned int)m.cost.flushes);
		halt(&m);
	}
}

/* A flush that one vCPU needs reaches the other, and only a remote one does. */
static void two_vcpus(void **state)
{
	struct vtlb_world w;
	struct machine m;

	(void)state;
	plain(&w);
	w.nvcpus = 2;
	FOR_EACH_PRESET(&m, &w) {
		RUN(&m, read_user(USER), on(1, read_user(USER)));
		assert_int_not_equal(hw_values(&m, 1, 0, USER), 0);
		/* the window of vCPU 1 does not help vCPU 0's table to stay protected */
		RUN(&m, on(1, write_leaf(0, 0, f6)));
		assert_string_equal(spte_text(&m, T_A_PT, 1, 0), "f0 WU");
		assert_int_not_equal(hw_values(&m, 0, 0, USER), 0);
		/* INVLPG on vCPU 0 drops the SPTE that both share, so both are flushed */
		RUN(&m, invlpg(USER));
		assert_int_equal(hw_values(&m, 0, 0, USER) & 1u << w.init.leaf[0][0], 0);
		assert_int_equal(hw_values(&m, 1, 0, USER) & 1u << w.init.leaf[0][0], 0);
		/* a MOV CR3 with nothing to sync flushes its own vCPU alone */
		RUN(&m, cr3(1, 0), on(1, read_user(USER)));
		hw_page(&m.k, 0, 2, KERNEL)[VAR_RO] = 1;
		hw_page(&m.k, 1, 2, KERNEL)[VAR_RO] = 1;
		RUN(&m, cr3(1, 0));
		assert_int_equal(hw_values(&m, 0, 2, KERNEL), 0);
		assert_int_equal(hw_values(&m, 1, 2, KERNEL), 1);
		/* INIT is of one vCPU */
		RUN(&m, on(1, init_signal()));
		assert_string_equal(cache_text(&m, 1), "n - - -");
		assert_int_equal(m.k.vcpus[0].cr3, 1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(faults_change_nothing),
		cmocka_unit_test(paging_off_in_64bit_code),
		cmocka_unit_test(invpcid_crash),
		cmocka_unit_test(no_fault_too_many),
		cmocka_unit_test(page_fault_drops),
		cmocka_unit_test(page_fault_flushes),
		cmocka_unit_test(page_fault_keeps),
		cmocka_unit_test(page_fault_other_root),
		cmocka_unit_test(request_order),
		cmocka_unit_test(two_vcpus),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
