/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Tests of the KVM model's state as a value: presets, size, encoding, the two
 * texts made from it, and what is counted outside it.
 */
#include "kvm_case.h"

enum { USER, KERNEL };

static uint8_t f6;

static void plain(struct vtlb_world *w)
{
	vtlb_world_default(w);
	vtlb_world_pcid(w, 0x801);
	f6 = value(w, 6, P | WR | US | DI);
}

#define FOR_EACH_PRESET(m, w)                                                 \
	for (unsigned int pre = 0;                                            \
	     pre < vtlb_nr_presets && (boot(m, vtlb_preset(pre)->name, w), true); \
	     pre++, halt(m))

static void presets(void **state)
{
	static const char *const names[] = {
		"kvm-4.20", "kvm-5.10", "kvm-5.14", "kvm-5.16", "kvm-5.16-without-unload-on-pcide",
		"kvm-5.17-rfc-keep-roots-on-role-change", "kvm-6.1", "kvm-6.12",
	};

	(void)state;
	assert_int_equal(vtlb_nr_presets, 8);
	for (unsigned int i = 0; i < 8; i++) {
		assert_string_equal(vtlb_preset(i)->name, names[i]);
		assert_ptr_equal(vtlb_preset_by_name(names[i]), vtlb_preset(i));
	}
	assert_null(vtlb_preset_by_name("kvm-6.1x"));
	assert_null(vtlb_preset_by_name("kvm-6"));
	assert_null(vtlb_preset_by_name(""));
}

/* A few hundred bytes; none at all for a world that the model does not cover. */
static void sizes(void **state)
{
	struct vtlb_world w, other;
	struct machine m;

	(void)state;
	vtlb_world_default(&w);
	FOR_EACH_PRESET(&m, &w) {
		size_t size = m.impl->state_size(m.impl, &w);

		/* from 6.1 EFER.NX is not in the role: half as many shadow pages */
		assert_int_equal(size, strncmp(m.impl->name, "kvm-6", 5) ? 864 : 584);
		other = w;
		other.mode = VTLB_TDP;
		assert_int_equal(m.impl->state_size(m.impl, &other), 0);
		other = w;
		other.features |= VTLB_F_LA57;
		assert_int_equal(m.impl->state_size(m.impl, &other), 0);
		other = w;
		other.npages = 0;
		assert_int_equal(m.impl->state_size(m.impl, &other), 0);
		other = w;
		other.nvcpus = 2;
		assert_true(m.impl->state_size(m.impl, &other) > size);
	}
}

static size_t encoded(struct machine *m, uint8_t *buf, size_t cap)
{
	return m->impl->encode(m->impl, m->w, m->state, buf, cap);
}

/* Equal histories give equal bytes, whatever was in the memory before. */
static void encode_is_deterministic(void **state)
{
	static uint8_t a[8192], b[8192];
	struct vtlb_world w;
	struct machine m, n;

	(void)state;
	plain(&w);
	w.nvcpus = 2;
	FOR_EACH_PRESET(&m, &w) {
		uint64_t seed = 1234567 + pre;
		unsigned int changes = 0;

		boot(&n, m.impl->name, &w);
		memset(n.state, 0xa5, n.impl->state_size(n.impl, &w));
		n.impl->reset(n.impl, &w, n.state);
		for (unsigned int i = 0; i < 300; i++) {
			struct vtlb_op op = random_op(&w, &seed);
			size_t size = encoded(&m, a, sizeof(a));

			memcpy(b, a, size);
			m.impl->step(m.impl, &w, m.state, op, 0, &m.r);
			n.impl->step(n.impl, &w, n.state, op, 0, &n.r);
			assert_int_equal(encoded(&m, a, sizeof(a)), size);
			changes += memcmp(a, b, size) != 0;
			assert_int_equal(encoded(&n, b, sizeof(b)), size);
			assert_memory_equal(a, b, size);
		}
		assert_true(changes > 100);
		halt(&n);
	}
}

/* Each of these differs from the others in something that can matter later. */
static void encode_tells_apart(void **state)
{
	static uint8_t bytes[16][8192];
	const struct vtlb_op h[][3] = {
		{ set_ac(false) },
		{ set_ac(true) },
		{ set_csl(false) },
		{ read_user(USER) },
		{ write_leaf(0, 0, f6) },
		{ write_leaf(0, 3, f6) },
		{ write_upper(1, 1, 0) },
		{ write_root(1, 0, 0) },
		{ cr3(1, 0) },
		{ cr3(1, 0), cr3(0, 0) },
		{ or4(VTLB_PCIDE) },
		{ or4(VTLB_PCIDE), keep(0, 1), keep(0, 0) },
		{ or4(VTLB_PCIDE), keep(0, 0x801), keep(0, 0) },
		{ read_user(USER), write_upper(0, 0, 1) },
		{ read_user(USER), write_upper(0, 0, 1), write_upper(0, 0, 1) },
		{ read_user(USER), host_zap_op(0) },
	};
	struct vtlb_world w;
	struct machine m;
	size_t size = 0;

	(void)state;
	plain(&w);
	for (size_t i = 0; i < 16; i++) {
		boot(&m, "kvm-6.12", &w);
		for (unsigned int j = 0; j < 3 && h[i][j].vcpu; j++)
			run(&m, h[i][j]);
		size = encoded(&m, bytes[i], sizeof(bytes[i]));
		halt(&m);
		for (size_t j = 0; j < i; j++)
			if (!memcmp(bytes[i], bytes[j], size))
				fail_msg("histories %zu and %zu look alike", j, i);
	}
}

/* The length is returned, and nothing is written beyond the room there is. */
static void encode_truncates(void **state)
{
	static uint8_t whole[8192], part[8192];
	struct vtlb_world w;
	struct machine m;

	(void)state;
	plain(&w);
	FOR_EACH_PRESET(&m, &w) {
		size_t size;

		RUN(&m, read_user(USER), write_leaf(0, 0, f6));
		size = encoded(&m, whole, sizeof(whole));
		assert_true(size < sizeof(whole));
		assert_int_equal(encoded(&m, NULL, 0), size);
		for (size_t cap = 0; cap < size; cap += cap < 8 ? 1 : 61) {
			memset(part, 0xee, sizeof(part));
			assert_int_equal(encoded(&m, part, cap), size);
			for (size_t i = cap; i < size + 8; i++)
				if (part[i] != 0xee)
					fail_msg("byte %zu with room for %zu", i, cap);
		}
		assert_int_equal(encoded(&m, part, size), size);
		assert_memory_equal(part, whole, size);
	}
}

typedef size_t (*text_fn)(struct machine *m, char *buf, size_t cap);

static size_t describe(struct machine *m, char *buf, size_t cap)
{
	return m->impl->describe(m->impl, m->w, m->state, buf, cap);
}

static size_t held_spte(struct machine *m, char *buf, size_t cap)
{
	return m->impl->held(m->impl, m->w, m->state, 0, USER, VTLB_UR, frame(0), buf, cap);
}

static void truncates(struct machine *m, text_fn fn, const char *whole)
{
	size_t len = strlen(whole);
	char buf[256];

	assert_int_equal(fn(m, NULL, 0), len);
	for (size_t cap = 1; cap < len + 3; cap++) {
		memset(buf, '#', sizeof(buf));
		assert_int_equal(fn(m, buf, cap), len);
		assert_int_equal(strlen(buf), cap <= len ? cap - 1 : len);
		assert_memory_equal(buf, whole, strlen(buf));
		assert_int_equal(buf[cap], '#');
	}
}

static void texts_truncate(void **state)
{
	struct vtlb_world w;
	struct machine m;

	(void)state;
	plain(&w);
	boot(&m, "kvm-6.12", &w);
	RUN(&m, or4(VTLB_PCIDE), read_user(USER), keep(1, 0x801), keep(0, 0),
	    write_leaf(0, 0, f6));
	truncates(&m, describe,
		  "vcpu0: root a pcid 0 unsync; prev_roots b pcid 2049, invalid, invalid\n");
	truncates(&m, held_spte, "the SPTE below the current root (a pcid 0 unsync)");
	halt(&m);
}

static void describe_says(void **state)
{
	struct vtlb_world w;
	struct machine m;
	char buf[256];

	(void)state;
	plain(&w);
	w.nvcpus = 2;
	boot(&m, "kvm-5.10", &w);
	RUN(&m, cr3(1, 0), read_user(USER), write_leaf(1, 0, f6), cr3(0, 0),
	    on(1, init_signal()));
	describe(&m, buf, sizeof(buf));
	assert_string_equal(buf,
			    "vcpu0: root a pcid 0; prev_roots b pcid 0 unsync, invalid, invalid\n"
			    "vcpu1: root not paging; prev_roots invalid, invalid, invalid\n");
	/* between zap and entry a root can be obsolete */
	prepare_zap_page(&m.k, T_B, 1);
	describe(&m, buf, sizeof(buf));
	assert_string_equal(buf,
			    "vcpu0: root a pcid 0; prev_roots b pcid 0 obsolete, invalid, invalid\n"
			    "vcpu1: root not paging; prev_roots invalid, invalid, invalid\n");
	halt(&m);
}

static const char *held(struct machine *m, enum vtlb_kind kind, uint32_t outcome)
{
	static char buf[VTLB_NR_KINDS * 20];

	m->impl->held(m->impl, m->w, m->state, 0, USER, kind, outcome, buf, sizeof(buf));
	return buf;
}

static void held_says(void **state)
{
	struct vtlb_world w;
	struct machine m;

	(void)state;
	plain(&w);
	boot(&m, "kvm-6.12", &w);
	assert_string_equal(held(&m, VTLB_UR, page_fault_of(VTLB_PF_U)),
			    "an exit and a walk of the guest's tables");
	RUN(&m, read_user(USER), write_leaf(0, 0, f6));
	assert_string_equal(held(&m, VTLB_UW, frame(0)),
			    "the SPTE below the current root (a pcid 0 unsync)");
	/* the SPTE does not give this one */
	assert_string_equal(held(&m, VTLB_UW, frame(6)), "the hardware TLB");
	page_of(&m, T_A_PT, 1)->spte[0] = 0;
	assert_string_equal(held(&m, VTLB_UW, frame(0)), "the hardware TLB");
	assert_string_equal(held(&m, VTLB_UW, dirtied(0)),
			    "an exit and a walk of the guest's tables");
	halt(&m);
}

/* What an access may be told to do, and what it then says it did. */
static void chosen_outcomes(void **state)
{
	struct vtlb_world w;
	struct machine m;

	(void)state;
	plain(&w);
	boot(&m, "kvm-6.12", &w);
	RUN(&m, or4(VTLB_PCIDE), read_user(USER));
	assert_string_equal(m.r.note, "exit");
	/* no SPTE, f0 in the hardware TLB of this PCID, f6 in memory */
	RUN(&m, write_leaf(0, 0, f6));
	page_of(&m, T_A_PT, 1)->spte[0] = 0;
	assert_int_equal(could(&m, USER, VTLB_UR).frames, 1u << 0 | 1u << 6);
	assert_int_equal(see(&m, touch(USER, VTLB_UR, frame(0))), frame(0));
	assert_string_equal(m.r.note, "hardware TLB");
	assert_int_equal(m.r.cost.refaults, 0);
	/* an outcome that it can not give: the first that the hardware TLB has */
	assert_int_equal(see(&m, touch(USER, VTLB_UR, frame(1))), frame(0));
	assert_int_equal(see(&m, touch(USER, VTLB_UR, page_fault_of(4))), frame(0));
	assert_int_equal(see(&m, touch(USER, VTLB_UR, frame(6))), frame(6));
	assert_string_equal(m.r.note, "exit");
	assert_string_equal(spte_text(&m, T_A_PT, 1, 0), "f6 WU");
	halt(&m);
}

/* With CR4.PCIDE=0 bits 3 and 4 of CR3 are part of what is compared. */
static void cr3_low_bits(void **state)
{
	struct vtlb_world w;
	struct machine m;

	(void)state;
	plain(&w);
	w.features &= ~(uint32_t)(VTLB_F_PCID | VTLB_F_INVPCID);
	boot(&m, "kvm-6.12", &w);
	RUN(&m, cr3(0, 0x18), cr3(0, 0x08), cr3(0, 0x10));
	assert_string_equal(cache_text(&m, 0), "a10 a8 a18 a0");
	RUN(&m, cr3(0, 0x18));
	assert_string_equal(cache_text(&m, 0), "a18 a10 a8 a0");
	assert_int_equal(m.r.cost.roots_built, 0);
	halt(&m);
}

static void costs(void **state)
{
	struct vtlb_world w;
	struct machine m;

	(void)state;
	plain(&w);
	boot(&m, "kvm-6.12", &w);
	RUN(&m, cr3(1, 0));
	assert_int_equal(m.r.cost.roots_built, 1);
	assert_int_equal(m.r.cost.roots_reused, 0);
	assert_int_equal(m.r.cost.roots_freed, 0);
	assert_int_equal(m.r.cost.flushes, 2);
	RUN(&m, cr3(0, 0));
	assert_int_equal(m.r.cost.roots_built, 0);
	assert_int_equal(m.r.cost.roots_reused, 1);
	assert_int_equal(m.r.cost.flushes, 1);
	RUN(&m, read_user(USER));
	assert_int_equal(m.r.cost.refaults, 1);
	assert_int_equal(m.r.cost.flushes, 0);
	RUN(&m, write_leaf(0, 0, f6));
	RUN(&m, cr3(0, 0));
	assert_int_equal(m.r.cost.syncs, 1);
	RUN(&m, clear0(VTLB_WP));
	assert_int_equal(m.r.cost.roots_freed, 2);
	halt(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(presets),
		cmocka_unit_test(sizes),
		cmocka_unit_test(encode_is_deterministic),
		cmocka_unit_test(encode_tells_apart),
		cmocka_unit_test(encode_truncates),
		cmocka_unit_test(texts_truncate),
		cmocka_unit_test(describe_says),
		cmocka_unit_test(held_says),
		cmocka_unit_test(chosen_outcomes),
		cmocka_unit_test(cr3_low_bits),
		cmocka_unit_test(costs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
