/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Tests of KVM's root cache: lookup, rotation, eviction, what makes two roots
 * equal, and reference counts.  A list of five lines stands in for the model.
 */
#include "kvm_case.h"

#define NSLOTS 4	/* the current root and three others */

/* Four roots a to d, a table each; PCIDs that differ in their highest bit only. */
static void four_roots(struct vtlb_world *w)
{
	vtlb_world_default(w);
	w->nroots = w->nuppers = 4;
	for (unsigned int r = 2; r < 4; r++) {
		w->init.root[r][0] = (uint8_t)(r + 1);
		snprintf(w->root_name[r], VTLB_NAME, "%c", (char)('a' + r));
		snprintf(w->upper_name[r], VTLB_NAME, "%c.pd", (char)('a' + r));
	}
	vtlb_world_pcid(w, 0x801);
}

static struct kvm_root root_of(unsigned int pgd, unsigned int low12, unsigned int role)
{
	const struct kvm_root root = {
		.pgd = (uint8_t)pgd,
		.low12 = (uint16_t)low12,
		.role1 = (role + 1u) & 0x7fu,
	};

	return root;
}

/* Puts a root into a slot (0: current), with shadow page and reference. */
static void put(struct machine *m, unsigned int slot, struct kvm_root root)
{
	struct kvm_vcpu *v = &m->k.vcpus[0];
	struct kvm_root *to = slot ? &v->prev[slot - 1] : &v->root;

	*to = root;
	if (root.role1 > 1 && !root.obsolete)
		get_shadow_page(&m->k, v, root.pgd, root.role1 - 1u)->root_count++;
}

static struct kvm_root get(struct machine *m, unsigned int slot)
{
	const struct kvm_vcpu *v = &m->k.vcpus[0];

	return slot ? v->prev[slot - 1] : v->root;
}

static void empty(struct machine *m)
{
	mmu_unload(&m->k, &m->k.vcpus[0]);
	m->k.vcpus[0].requests = 0;
	memset(&m->cost, 0, sizeof(m->cost));
}

/*
 * What the cache must be after a lookup, in letters: slot 0 first, '-' invalid,
 * @want the letter looked for.  Move to front; on a miss the last falls out and
 * the front is to be built.
 */
static void move_to_front(const char *before, char want, bool look_at_current, char *after)
{
	unsigned int at;

	strcpy(after, before);
	if (look_at_current && before[0] == want)
		return;
	for (at = 1; at < NSLOTS - 1 && before[at] != want; at++)
		continue;
	memcpy(after + 1, before, at);
	after[0] = before[at] == want ? want : '-';
}

/* The lookup of kernels that do not rotate an invalid current root. */
static void take_out(const char *before, char want, char *after)
{
	unsigned int n = 1;

	strcpy(after, before);
	if (!strchr(before + 1, want))
		return;
	after[0] = want;
	for (unsigned int at = 1; at < NSLOTS; at++)
		if (before[at] != want)
			after[n++] = before[at];
	after[NSLOTS - 1] = '-';
}

struct lookup {
	struct machine *m;
	bool skip_params;	/* the preset decides flush and sync in new_pgd() */
	bool look_at_current;
};

static const char *show(struct machine *m, char *buf)
{
	for (unsigned int i = 0; i < NSLOTS; i++) {
		struct kvm_root root = get(m, i);

		buf[i] = root.role1 ? (char)('a' + root.pgd) : '-';
	}
	buf[NSLOTS] = '\0';
	return buf;
}

/* Is what new_pgd() did what it must do?  'e' is a root that is nowhere. */
static bool lookup_is(const struct lookup *l, const char *before, char want, bool skip,
		      const char *after)
{
	struct machine *m = l->m;
	unsigned int pgd = want == 'e' ? 0 : (unsigned int)(want - 'a');
	unsigned int low12 = want == 'e' ? 1 : 0;
	bool hit = after[0] == want;
	uint32_t requests = 0;
	char now[NSLOTS + 1];

	empty(m);
	for (unsigned int i = 0; i < NSLOTS; i++)
		if (before[i] != '-')
			put(m, i, root_of((unsigned int)(before[i] - 'a'), 0, 1));
	for (unsigned int i = 0; i < 4; i++)
		page_of(m, i, 1)->flood = 2;
	new_pgd(&m->k, &m->k.vcpus[0], pgd, low12, 1, skip);
	if (hit)
		requests = REQ_LOAD_MMU_PGD;
	if (hit && l->skip_params && !skip)
		requests |= REQ_MMU_SYNC | REQ_TLB_FLUSH_CURRENT;
	if (strcmp(show(m, now), after) || m->k.vcpus[0].requests != requests ||
	    m->cost.roots_reused != hit) {
		print_error("%s: %s, want %c, skip %d: %s instead of %s, requests %x for %x\n",
			    m->impl->name, before, want, skip, now, after,
			    m->k.vcpus[0].requests, requests);
		return false;
	}
	for (unsigned int i = 0; i < 4; i++) {
		unsigned int refs = strchr(after, 'a' + (int)i) ? 1 : 0;

		if (page_of(m, i, 1)->root_count != refs ||
		    page_of(m, i, 1)->flood != (hit && i == pgd ? 0 : 2)) {
			print_error("%s: %s, want %c: root %u has %u references, flood %u\n",
				    m->impl->name, before, want, i,
				    page_of(m, i, 1)->root_count, page_of(m, i, 1)->flood);
			return false;
		}
	}
	return true;
}

static struct lookup lookup_of(struct machine *m)
{
	const struct lookup l = {
		.m = m,
		.skip_params = !strcmp(m->impl->name, "kvm-4.20") ||
			       !strcmp(m->impl->name, "kvm-5.10"),
		.look_at_current = strcmp(m->impl->name, "kvm-4.20") != 0,
	};

	return l;
}

/* All orders of four roots, each subset of them valid, every root looked for. */
static unsigned int all_orders(const struct lookup *l)
{
	unsigned int bad = 0;

	for (unsigned int code = 0; code < 256; code++) {
		char order[NSLOTS + 1] = { 0 };
		unsigned int seen = 0;

		for (unsigned int i = 0; i < NSLOTS; i++) {
			order[i] = (char)('a' + (code >> 2 * i & 3));
			seen |= 1u << (code >> 2 * i & 3);
		}
		if (seen != 15)
			continue;
		for (unsigned int mask = 0; mask < 16; mask++) {
			char before[NSLOTS + 1], after[NSLOTS + 1];

			for (unsigned int i = 0; i <= NSLOTS; i++)
				before[i] = i < NSLOTS && !(mask >> i & 1) ? '-' : order[i];
			for (char want = 'a'; want <= 'e'; want++) {
				if (mask & 1 || l->skip_params)
					move_to_front(before, want, l->look_at_current, after);
				else
					take_out(before, want, after);
				bad += !lookup_is(l, before, want, true, after);
				bad += !lookup_is(l, before, want, false, after);
			}
		}
	}
	return bad;
}

static void rotation_everywhere(void **state)
{
	struct vtlb_world w;

	(void)state;
	four_roots(&w);
	for (unsigned int i = 0; i < vtlb_nr_presets; i++) {
		struct machine m;
		struct lookup l;

		boot(&m, vtlb_preset(i)->name, &w);
		l = lookup_of(&m);
		assert_int_equal(all_orders(&l), 0);
		halt(&m);
	}
}

/* The same by hand, so that the list above is itself under test. */
static void rotation_by_hand(void **state)
{
	static const struct {
		const char *preset, *before;
		char want;
		const char *after;
	} t[] = {
		{ "kvm-6.12", "abcd", 'a', "abcd" },
		{ "kvm-6.12", "abcd", 'b', "bacd" },
		{ "kvm-6.12", "abcd", 'c', "cabd" },
		{ "kvm-6.12", "abcd", 'd', "dabc" },
		{ "kvm-6.12", "abcd", 'e', "-abc" },
		{ "kvm-6.12", "a---", 'b', "-a--" },
		{ "kvm-6.12", "ab-d", 'd', "dab-" },
		{ "kvm-6.12", "-bcd", 'b', "bcd-" },
		{ "kvm-6.12", "-bcd", 'd', "dbc-" },
		{ "kvm-6.12", "-bcd", 'e', "-bcd" },
		{ "kvm-5.10", "-bcd", 'c', "c-bd" },
		{ "kvm-5.10", "-bcd", 'e', "--bc" },
		{ "kvm-5.10", "abcd", 'a', "abcd" },
		{ "kvm-4.20", "abcd", 'a', "-abc" },
		{ "kvm-4.20", "abcd", 'b', "bacd" },
		{ "kvm-5.14", "abcd", 'd', "dabc" },
		{ "kvm-5.16", "-b-d", 'd', "db--" },
	};
	struct vtlb_world w;

	(void)state;
	four_roots(&w);
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		struct machine m;
		struct lookup l;

		boot(&m, t[i].preset, &w);
		l = lookup_of(&m);
		assert_true(lookup_is(&l, t[i].before, t[i].want, true, t[i].after));
		halt(&m);
	}
}

/* Two roots are one only if table, all twelve low bits and role are equal. */
static void what_makes_a_hit(void **state)
{
	static const struct {
		struct kvm_root cached;
		unsigned int pgd, low12, role;
		bool hit;
	} t[] = {
		{ { .pgd = 0, .low12 = 0x001, .role1 = 2 }, 0, 0x001, 1, true },
		{ { .pgd = 0, .low12 = 0x801, .role1 = 2 }, 0, 0x001, 1, false },
		{ { .pgd = 0, .low12 = 0x001, .role1 = 2 }, 0, 0x801, 1, false },
		{ { .pgd = 0, .low12 = 0x018, .role1 = 2 }, 0, 0x008, 1, false },
		{ { .pgd = 0, .low12 = 0x000, .role1 = 2 }, 0, 0x010, 1, false },
		{ { .pgd = 1, .low12 = 0x001, .role1 = 2 }, 0, 0x001, 1, false },
		{ { .pgd = 0, .low12 = 0x001, .role1 = 3 }, 0, 0x001, 1, false },
		{ { .pgd = 0, .low12 = 0x001, .role1 = 2 }, 0, 0x001, 2, false },
		{ { .pgd = 0, .low12 = 0x001, .role1 = 3 }, 0, 0x001, 2, true },
		{ { .pgd = 0, .low12 = 0x001, .role1 = 2, .obsolete = 1 }, 0, 0x001, 1, false },
		{ { .role1 = 0 }, 0, 0, 1, false },
	};
	struct vtlb_world w;

	(void)state;
	four_roots(&w);
	for (unsigned int i = 0; i < vtlb_nr_presets; i++) {
		for (unsigned int slot = 1; slot < NSLOTS; slot++) {
			for (size_t j = 0; j < sizeof(t) / sizeof(t[0]); j++) {
				struct machine m;

				boot(&m, vtlb_preset(i)->name, &w);
				empty(&m);
				put(&m, 0, root_of(3, 0, 1));
				put(&m, slot, t[j].cached);
				new_pgd(&m.k, &m.k.vcpus[0], t[j].pgd, t[j].low12, t[j].role, true);
				if (get(&m, 0).role1 != (t[j].hit ? t[j].role + 1 : 0))
					fail_msg("%s: case %zu in slot %u", m.impl->name, j, slot);
				assert_int_equal(m.cost.roots_reused, t[j].hit);
				halt(&m);
			}
		}
	}
}

/* The root of a guest that is not paging is freed and never cached. */
static void not_paging(void **state)
{
	struct vtlb_world w;
	struct machine m;
	char now[NSLOTS + 1];

	(void)state;
	four_roots(&w);
	for (unsigned int i = 0; i < vtlb_nr_presets; i++) {
		boot(&m, vtlb_preset(i)->name, &w);
		empty(&m);
		put(&m, 0, root_of(0, 0, 0));
		put(&m, 1, root_of(1, 0, 1));
		new_pgd(&m.k, &m.k.vcpus[0], 1, 0, 1, true);
		assert_string_equal(show(&m, now), "b---");
		empty(&m);
		put(&m, 0, root_of(2, 0, 1));
		put(&m, 2, root_of(1, 0, 1));
		new_pgd(&m.k, &m.k.vcpus[0], 1, 0, 0, true);
		assert_string_equal(show(&m, now), "--b-");
		assert_int_equal(page_of(&m, 2, 1)->root_count, 0);
		assert_int_equal(m.k.vcpus[0].requests, 0);
		halt(&m);
	}
}

/* Through MOV CR3: which root each of the kernels reuses and which it builds. */
static void through_mov_cr3(void **state)
{
	static const struct {
		const char *preset, *pcide0, *pcide1;
	} t[] = {
		{ "kvm-4.20", "a0 d0 c0 b0", "a801 a1 c0 b0" },
		{ "kvm-5.10", "a0 d0 c0 b0", "a801 a1 c0 b0" },
		/* every flush of PCID 000H empties prev_roots */
		{ "kvm-5.14", "a0 - - -", "a801 a1 c0 -" },
		{ "kvm-5.16", "a0 d0 c0 b0", "a801 a1 c0 -" },
		{ "kvm-5.16-without-unload-on-pcide", "a0 d0 c0 b0", "a801 a1 c0 -" },
		{ "kvm-5.17-rfc-keep-roots-on-role-change", "a0 d0 c0 b0", "a801 a1 c0 -" },
		{ "kvm-6.1", "a0 d0 c0 b0", "a801 a1 c0 -" },
		{ "kvm-6.12", "a0 d0 c0 b0", "a801 a1 c0 -" },
	};
	struct vtlb_world w;

	(void)state;
	four_roots(&w);
	assert_int_equal(vtlb_nr_presets, sizeof(t) / sizeof(t[0]));
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		struct machine m;

		boot(&m, t[i].preset, &w);
		RUN(&m, cr3(1, 0), cr3(2, 0), cr3(3, 0), cr3(0, 0));
		assert_string_equal(cache_text(&m, 0), t[i].pcide0);
		halt(&m);
		boot(&m, t[i].preset, &w);
		/* the last two differ in bit 11 of the PCID */
		RUN(&m, or4(VTLB_PCIDE), cr3(1, 0), cr3(2, 0), cr3(0, 1), cr3(0, 0x801));
		assert_string_equal(cache_text(&m, 0), t[i].pcide1);
		halt(&m);
	}
}

static bool refs_are_right(struct machine *m)
{
	for (unsigned int role = 1; role <= m->k.s->nroles; role++) {
		for (unsigned int t = 0; t < m->k.s->ntables; t++) {
			unsigned int refs = 0;

			for (unsigned int i = 0; i < m->w->nvcpus; i++) {
				const struct kvm_vcpu *v = &m->k.vcpus[i];

				refs += v->root.role1 == role + 1 && v->root.pgd == t;
				for (unsigned int p = 0; p < NUM_PREV_ROOTS; p++)
					refs += v->prev[p].role1 == role + 1 && v->prev[p].pgd == t;
			}
			if (page_of(m, t, role)->root_count != refs)
				return false;
		}
	}
	return true;
}

static bool same_root(const struct kvm_root *a, const struct kvm_root *b)
{
	return a->role1 > 1 && a->role1 == b->role1 && a->pgd == b->pgd && a->low12 == b->low12;
}

/* Nothing is pending, the current root is the guest's, no root is there twice. */
static bool roots_are_right(struct machine *m, unsigned int vcpu)
{
	const struct kvm_vcpu *v = &m->k.vcpus[vcpu];

	if (v->requests || v->root.role1 != role_of(&m->k, v->mode) + 1 || v->root.obsolete)
		return false;
	if (v->root.role1 > 1 && (v->root.pgd != v->cr3 || v->root.low12 != v->low12))
		return false;
	for (unsigned int i = 0; i < NUM_PREV_ROOTS; i++) {
		if (v->prev[i].role1 == 1 || v->prev[i].obsolete ||
		    same_root(&v->prev[i], &v->root))
			return false;
		for (unsigned int j = 0; j < i; j++)
			if (same_root(&v->prev[i], &v->prev[j]))
				return false;
	}
	return true;
}

static void random_runs(void **state)
{
	struct vtlb_world w;

	(void)state;
	four_roots(&w);
	w.nvcpus = 2;
	for (unsigned int i = 0; i < vtlb_nr_presets; i++) {
		uint64_t seed = 88172645463325252;
		struct machine m;

		boot(&m, vtlb_preset(i)->name, &w);
		for (unsigned int n = 0; n < 20000; n++) {
			struct vtlb_op op = random_op(&w, &seed);

			m.impl->step(m.impl, &w, m.state, op, 0, &m.r);
			if (!refs_are_right(&m) || !roots_are_right(&m, 0) ||
			    !roots_are_right(&m, 1))
				fail_msg("%s: operation %u (code %u): %s", m.impl->name, n, op.code,
					 cache_text(&m, 0));
		}
		/* the run was about something */
		assert_true(m.r.cost.roots_built > 1000);
		assert_true(m.r.cost.roots_reused > 40);
		assert_true(m.r.cost.roots_freed > 1000);
		assert_true(m.r.cost.syncs > 100);
		halt(&m);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rotation_everywhere),
		cmocka_unit_test(rotation_by_hand),
		cmocka_unit_test(what_makes_a_hit),
		cmocka_unit_test(not_paging),
		cmocka_unit_test(through_mov_cr3),
		cmocka_unit_test(random_runs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
