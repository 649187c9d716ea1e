/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The scopes that ship: each has at least what was promised of it, can be done
 * from beginning to end, and is closed under the symmetries of its world.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scopes.h"
#include "vtlb/vtlb.h"

#define MAX_LEN 60

/* In the order of "vtlb list scopes". */
static const char *const names[] = {
	"tiny", "default", "pairs", "modes", "upper", "smp", "links", "deep", "rights",
	"neighbours", "zap", "default-pcid", "default-leaf", "default-global",
	"modes-wp", "modes-smap", "modes-nxe", "modes-pg", "upper-link", "smp-pcid",
};

#define NR (sizeof(names) / sizeof(names[0]))

static struct vtlb_scope scopes[NR];

static int setup(void **state)
{
	(void)state;
	for (size_t i = 0; i < NR; i++) {
		const char *text = scope_text(names[i]);
		struct vtlb_diag d;

		if (!text) {
			print_message("the command has no scope %s\n", names[i]);
			return 1;
		}
		if (vtlb_scope_parse(text, strlen(text), &scopes[i], &d)) {
			print_message("%s:%u:%u: %s\n", names[i], d.line, d.column, d.message);
			return 1;
		}
	}
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	for (size_t i = 0; i < NR; i++)
		vtlb_scope_free(&scopes[i]);
	return 0;
}

static const struct vtlb_scope *scope(const char *name)
{
	for (size_t i = 0; i < NR; i++) {
		if (!strcmp(names[i], name))
			return &scopes[i];
	}
	print_message("no scope %s\n", name);
	fail();
	return NULL;
}

static bool has(const struct vtlb_scope *s, const char *op)
{
	char text[MAX_LEN];

	for (size_t i = 0; i < s->nops; i++) {
		assert_true(vtlb_op_print(&s->world, s->ops[i], text, sizeof(text)) < MAX_LEN);
		if (!strcmp(text, op))
			return true;
	}
	return false;
}

/* "cr3 {a|b}{| noflush}" stands for four operations. */
static void want(const char *name, const char *pattern)
{
	const char *open = strchr(pattern, '{'), *close = strchr(pattern, '}');
	char op[200];

	if (!open) {
		if (has(scope(name), pattern))
			return;
		print_message("%s: no \"%s\"\n", name, pattern);
		fail();
		return;
	}
	for (const char *alt = open + 1; alt <= close; alt += strcspn(alt, "|}") + 1) {
		(void)snprintf(op, sizeof(op), "%.*s%.*s%s", (int)(open - pattern), pattern,
			       (int)strcspn(alt, "|}"), alt, close + 1);
		want(name, op);
	}
}

/* The command has these scopes, in this order, as the files are. */
static void test_files(void **state)
{
	(void)state;
	for (size_t i = 0; i < NR; i++) {
		static char text[1 << 16];
		char path[300];
		size_t len;
		FILE *f;

		assert_string_equal(scope_name((unsigned int)i), names[i]);
		(void)snprintf(path, sizeof(path), VTLB_SOURCE_DIR "/scopes/%s.scope", names[i]);
		f = fopen(path, "rb");
		assert_non_null(f);
		len = fread(text, 1, sizeof(text) - 1, f);
		text[len] = '\0';
		assert_int_equal(fclose(f), 0);
		assert_string_equal(scope_text(names[i]), text);
	}
	assert_null(scope_name(NR));
	assert_null(scope_text("tin"));
	assert_null(scope_text("tiny.scope"));
}

static uint32_t features(const char *name)
{
	return scope(name)->world.features;
}

static uint32_t mode(const char *name)
{
	return scope(name)->world.init_mode;
}

/*
 * 2 roots, PCIDs 0 and 1, one private page, two frames; MOV CR3, leaf write,
 * access, INVPCID 0-3, INVLPG, CR4.PCIDE
 */
static void want_tiny(const char *name)
{
	want(name, "cr3 {a|b}{| pcid=1}{| noflush}");
	want(name, "write {a|b}.user = {f0|f1}");
	want(name, "read user");
	want(name, "invpcid addr pcid={0|1} user");
	want(name, "invpcid {single pcid=0|single pcid=1|all|all-nonglobal}");
	want(name, "invlpg user");
	want(name, "cr4 ^= pcide");
	assert_int_equal(features(name) & (VTLB_F_PCID | VTLB_F_INVPCID),
			 VTLB_F_PCID | VTLB_F_INVPCID);
	assert_int_equal(mode(name) & VTLB_PCIDE, 0);
}

static void test_tiny(void **state)
{
	const struct vtlb_world *w = &scope("tiny")->world;

	(void)state;
	want_tiny("tiny");
	assert_int_equal(scope("tiny")->nops, 21);
	assert_int_equal(w->nroots, 2);
	assert_int_equal(w->npages, 1);
	assert_int_equal(w->nframes, 2);
	assert_int_equal(w->npcids, 2);
	assert_int_equal(w->nvcpus, 1);
	assert_int_not_equal(w->init.leaf[0][0], w->init.leaf[1][0]);
}

static void want_pcid(const char *name)
{
	want(name, "cr3 {a|b} pcid=2049{| noflush}");
	want(name, "invpcid {addr pcid=2049 user|single pcid=2049}");
}

static void want_leaf(const char *name)
{
	want(name, "write {a|b}.user = {np|f0 ro|f1 ro}");
	want(name, "user write user");
}

static void want_global(const char *name)
{
	const struct vtlb_scope *s = scope(name);
	unsigned int a = s->world.init.upper[0][1], b = s->world.init.upper[1][1];

	want(name, "write a.kernel = {f2|f3}");
	want(name, "read kernel");
	want(name, "invpcid addr pcid={0|1} kernel");
	want(name, "invlpg kernel");
	want(name, "cr4 ^= {pge|pge,pcide}");
	assert_true(features(name) & VTLB_F_PGE);
	assert_true(a && a == b); /* one page table */
	assert_true(s->world.value[s->world.init.leaf[a - 1][0]].flags & VTLB_LEAF_G);
}

/*
 * tiny, with a PCID above 0x7ff, a not-present and a read-only leaf, a global
 * page in a shared table, CR4.PGE, several bits in one MOV CR4; deep: with three
 * roots
 */
static void test_default(void **state)
{
	static const char *const both[] = { "default", "deep" };

	(void)state;
	for (unsigned int i = 0; i < 2; i++) {
		want_tiny(both[i]);
		want_pcid(both[i]);
		want_leaf(both[i]);
		want_global(both[i]);
		want(both[i], "invpcid addr pcid=2049 kernel");
	}
	want("deep", "cr3 c{| pcid=1| pcid=2049}{| noflush}");
	want("deep", "write c.user = {f0|f1|np|f0 ro|f1 ro}");
	assert_int_equal(scope("deep")->world.nroots, 3);
	want_tiny("default-pcid");
	want_pcid("default-pcid");
	want_tiny("default-leaf");
	want_leaf("default-leaf");
	want_tiny("default-global");
	want_global("default-global");
}

/* At least five (root, PCID) pairs; MOV CR3, leaf write, access, INVPCID 1 and 2 */
static void test_pairs(void **state)
{
	(void)state;
	want("pairs", "cr3 {a|b}{| pcid=1| pcid=2}{| noflush}");
	want("pairs", "write {a|b}.user = {f0|f1}");
	want("pairs", "read user");
	want("pairs", "invpcid {single pcid=0|single pcid=1|single pcid=2|all}");
	assert_true(mode("pairs") & VTLB_PCIDE);
}

/*
 * CR0.PG and WP, CS.L, SMEP, SMAP with AC, NXE, PGE, user and supervisor, read,
 * write, fetch
 */
static void test_modes(void **state)
{
	const uint32_t need = VTLB_F_PGE | VTLB_F_SMEP | VTLB_F_SMAP | VTLB_F_NX;

	(void)state;
	assert_int_equal(features("modes") & need, need);
	want("modes", "cr0 ^= {pg|wp}");
	want("modes", "cs.l {0|1}");
	want("modes", "cr4 ^= {smep|smap|pge}");
	want("modes", "efer ^= nxe");
	want("modes", "user {read|write|fetch} user");
	want("modes", "super {read|write} user {ac|noac}");
	want("modes", "super fetch user");
	want("modes", "write a.user = {f0|f0 ro|f0 nx|f0 super global|np}");

	want("modes-wp", "cr0 ^= wp");
	want("modes-wp", "{user read user|user write user|super read user noac}");
	want("modes-wp", "super write user noac");
	want("modes-wp", "write a.user = {f0|f0 ro}");
	want("modes-smap", "cr4 ^= smap");
	want("modes-smap", "super {read|write} user {ac|noac}");
	want("modes-nxe", "efer ^= nxe");
	want("modes-nxe", "{user|super} fetch user");
	want("modes-nxe", "write a.user = {f0|f0 nx}");
	want("modes-pg", "{cr0 ^= pg|cs.l 0|cs.l 1|cr4 ^= pge}");
}

/* The rights of modes-smap in shadow pages that PCIDs share */
static void test_rights(void **state)
{
	const struct vtlb_world *w = &scope("rights")->world;

	(void)state;
	want("rights", "cr3 {a|b}{| pcid=1}{| noflush}");
	want("rights", "write a.user = {f0|np}");
	assert_int_equal(w->value[w->init.leaf[0][0]].flags & VTLB_LEAF_W, 0);
	want("rights", "super write user {ac|noac}");
	want("rights", "{user read user|super read user noac|cr0 ^= wp|invlpg user}");
	want("rights", "invpcid {single pcid=0|single pcid=1|all}");
	assert_true(mode("rights") & VTLB_PCIDE);
	assert_true(mode("rights") & VTLB_SMAP);
	assert_false(mode("rights") & VTLB_WP);
}

/* Two entries of one page table; the one that is mapped on the quiet with each right taken away */
static void test_neighbours(void **state)
{
	const struct vtlb_world *w = &scope("neighbours")->world;

	(void)state;
	want("neighbours", "write a.user = {f0|np}");
	want("neighbours", "write a.other = {f1|f1 clean|f1 ro|f1 nx|f1 super|np}");
	want("neighbours", "user read {user|other}");
	want("neighbours", "{user write other|user fetch other|super write other}");
	want("neighbours", "{cr3 a|invlpg user|invlpg other}");
	assert_true(features("neighbours") & VTLB_F_NX);
	assert_int_equal(w->nroots, 1);
	assert_int_equal(w->npages, 2);
	assert_int_not_equal(w->init.leaf[0][0], 0);
	assert_int_not_equal(w->init.leaf[0][1], 0);
	assert_int_not_equal(w->init.leaf[0][0], w->init.leaf[0][1]);
}

/* What SPTEs of two roots, and the TLBs of two vCPUs under two PCIDs, keep of a frame */
static void test_zap(void **state)
{
	(void)state;
	want("zap", "host-zap {f0|f1}");
	want("zap", "write a.user = {f0|f1}{| ro}");
	want("zap", "write b.user = {f0|f1|np}");
	want("zap", "{|cpu1: }cr3 {a|b pcid=1}{| noflush}");
	want("zap", "{|cpu1: }user read user");
	want("zap", "user write user");
	assert_true(mode("zap") & VTLB_PCIDE);
	assert_int_equal(scope("zap")->world.nvcpus, 2);
}

/* Upper-level entries linked, unlinked, moved between roots; leaf writes */
static void test_upper(void **state)
{
	(void)state;
	want("upper", "link {a|b}[0] = {a.pd|b.pd|none}");
	want("upper", "link {a|b}.pd[0] = {a.pt|b.pt|none}");
	want("upper", "write {a|b}.user = {f0|f1}");
	want("upper", "read user");
	want("upper", "cr3 {a|b}{| pcid=1}{| noflush}");
	want("upper", "invlpg user");
	assert_true(mode("upper") & VTLB_PCIDE);
	want("upper-link", "link {a|b}.pd[0] = {a.pt|b.pt|none}");
	want("upper-link", "write {a|b}.user = {f0|f1}");
}

/* Two vCPUs, each with MOV CR3, INVLPG, reads and leaf writes */
static void test_smp(void **state)
{
	(void)state;
	assert_int_equal(scope("smp")->world.nvcpus, 2);
	want("smp", "{|cpu1: }cr3 {a|b}{| pcid=1}{| noflush}");
	want("smp", "{|cpu1: }{read user|invlpg user|cr4 ^= pcide|invpcid all}");
	want("smp", "{|cpu1: }write {a|b}.user = {f0|f1}");
	assert_int_equal(scope("smp-pcid")->world.nvcpus, 2);
	assert_true(mode("smp-pcid") & VTLB_PCIDE);
	want("smp-pcid", "{|cpu1: }cr3 a{| pcid=1}{| noflush}");
	want("smp-pcid", "{|cpu1: }{read user|invlpg user}");
}

/* Two vCPUs, each with what upper has to link tables */
static void test_links(void **state)
{
	(void)state;
	assert_int_equal(scope("links")->world.nvcpus, 2);
	want("links", "{|cpu1: }link {a|b}[0] = {a.pd|b.pd|none}");
	want("links", "{|cpu1: }link {a|b}.pd[0] = {a.pt|b.pt|none}");
	want("links", "{|cpu1: }write {a|b}.user = {f0|f1}");
	want("links", "{|cpu1: }{cr3 a|cr3 b|read user|invlpg user}");
}

/* X-Y is a part of X; so is tiny of default and default of deep. */
static void test_parts_are_parts(void **state)
{
	(void)state;
	for (size_t i = 0; i < NR; i++) {
		size_t dash = strcspn(names[i], "-");
		char text[MAX_LEN], whole[20];

		if (!names[i][dash])
			continue;
		(void)snprintf(whole, sizeof(whole), "%.*s", (int)dash, names[i]);
		assert_true(scope(names[i])->nops < scope(whole)->nops);
		for (size_t k = 0; k < scopes[i].nops; k++) {
			(void)vtlb_op_print(&scopes[i].world, scopes[i].ops[k], text, sizeof(text));
			want(whole, text);
		}
	}
}

/* Reports show it, so every scope says what it is. */
static void test_each_is_described(void **state)
{
	(void)state;
	for (size_t i = 0; i < NR; i++) {
		assert_true(strlen(scopes[i].about) > 40);
		assert_int_equal(scopes[i].about[strlen(scopes[i].about) - 1], '.');
	}
}

static unsigned int swap(unsigned int v, unsigned int x, unsigned int y)
{
	return v == x ? y : v == y ? x : v;
}

enum what { ROOTS, PCIDS, FRAMES, VCPUS };

/* In the short form upper table and page table number r belong to root r. */
static uint32_t swap_link(uint32_t link, unsigned int x, unsigned int y)
{
	return link ? swap(link - 1, x, y) + 1 : 0;
}

static uint32_t swap_value(const struct vtlb_world *w, uint32_t value, unsigned int x,
			   unsigned int y)
{
	struct vtlb_leaf leaf = w->value[value];

	leaf.frame = (uint8_t)swap(leaf.frame, x, y);
	for (uint32_t i = 0; i < w->nvalues; i++) {
		if (!memcmp(&w->value[i], &leaf, sizeof(leaf)))
			return i;
	}
	return 0xff;
}

static struct vtlb_op exchange(const struct vtlb_world *w, struct vtlb_op op, enum what what,
			       unsigned int x, unsigned int y)
{
	bool tables = op.code == VTLB_OP_WRITE_UPPER || op.code == VTLB_OP_WRITE_ROOT;

	switch (what) {
	case ROOTS:
		if (op.code == VTLB_OP_MOV_CR3 || op.code == VTLB_OP_WRITE_LEAF || tables)
			op.a = (uint8_t)swap(op.a, x, y);
		if (tables)
			op.imm = swap_link(op.imm, x, y);
		return op;
	case PCIDS:
		if (op.code == VTLB_OP_MOV_CR3 || (op.code == VTLB_OP_INVPCID && op.b <= 1))
			op.imm = (op.imm & ~0xfffu) | swap(op.imm & 0xfff, x, y);
		return op;
	case FRAMES:
		if (op.code == VTLB_OP_WRITE_LEAF && op.imm)
			op.imm = swap_value(w, op.imm, x, y);
		return op;
	default:
		op.vcpu ^= 1;
		return op;
	}
}

static void closed(size_t scope, enum what what, unsigned int x, unsigned int y)
{
	const struct vtlb_scope *s = &scopes[scope];

	for (size_t i = 0; i < s->nops; i++) {
		struct vtlb_op other = exchange(&s->world, s->ops[i], what, x, y);
		char text[MAX_LEN];
		size_t k = 0;

		while (k < s->nops && memcmp(&s->ops[k], &other, sizeof(other)))
			k++;
		if (k < s->nops)
			continue;
		(void)vtlb_op_print(&s->world, s->ops[i], text, sizeof(text));
		print_message("%s: \"%s\" has no counterpart for %u and %u\n", names[scope],
			      text, x, y);
		fail();
	}
}

/* The search exchanges what may be exchanged only if the alphabet lets it. */
static void test_alphabets_are_symmetric(void **state)
{
	(void)state;
	for (size_t i = 0; i < NR; i++) {
		const struct vtlb_world *w = &scopes[i].world;

		/* what its other root, frame or vCPU is for is to be another one */
		if (!strcmp(names[i], "rights") || !strcmp(names[i], "neighbours") ||
		    !strcmp(names[i], "zap"))
			continue;
		for (unsigned int r = 1; r < w->nroots; r++)
			closed(i, ROOTS, 0, r);
		for (unsigned int p = 2; p < w->npcids; p++)
			closed(i, PCIDS, w->pcid[1], w->pcid[p]);
		for (unsigned int f = 1; f < w->nframes; f += 2)
			closed(i, FRAMES, f - 1, f); /* the user page's, the kernel page's */
		if (w->nvcpus == 2)
			closed(i, VCPUS, 0, 1);
	}
}

/* A generator of its own: the same walk everywhere. */
static unsigned int draw(uint64_t *seed, size_t n)
{
	*seed = *seed * 6364136223846793005u + 1442695040888963407u;
	return (unsigned int)((*seed >> 33) % n);
}

static struct vtlb_op pick_outcome(const struct vtlb_check *k, struct vtlb_op op, uint64_t *seed)
{
	struct vtlb_outset out[VTLB_NR_KINDS], *set;
	uint32_t all[64], outcome = 0;
	size_t n = 0;

	if (op.code != VTLB_OP_ACCESS)
		return op;
	vtlb_check_outcomes(k, false, vtlb_op_vcpu(op), op.a, out);
	set = &out[vtlb_op_kind(op, vtlb_check_regs(k, vtlb_op_vcpu(op))->mode)];
	while ((outcome = vtlb_outset_next(set, outcome)))
		all[n++] = outcome;
	assert_true(n > 0);
	op.imm = all[draw(seed, n)];
	return op;
}

/*
 * At random: no operation leaves what is modelled, each succeeds at some time, and
 * KVM as it is now holds but for its known deviations.
 */
static void test_all_can_be_done(void **state)
{
	(void)state;
	for (size_t i = 0; i < NR; i++) {
		const struct vtlb_scope *s = &scopes[i];
		struct vtlb_check_config cfg = { .w = &s->world, .vendor = s->world.vendor,
						 .impl = vtlb_preset_by_name("kvm-6.12"),
						 .waive = VTLB_WAIVE_ALL };
		size_t size = vtlb_check_size(&cfg);
		bool done[VTLB_MAX_ALPHABET] = { false };
		uint64_t seed = 1;
		struct vtlb_check *k;
		void *mem;

		assert_true(size > 0);
		mem = aligned_alloc(64, (size + 63) / 64 * 64);
		assert_non_null(mem);
		k = vtlb_check_init(mem, &cfg);
		for (unsigned int step = 0; step < 3000; step++) {
			unsigned int op = draw(&seed, s->nops);
			struct vtlb_step_report rep;

			if (vtlb_check_step(k, pick_outcome(k, s->ops[op], &seed), &rep)) {
				char text[MAX_LEN];

				(void)vtlb_op_print(&s->world, s->ops[op], text, sizeof(text));
				print_message("%s, step %u, %s: %s\n", names[i], step + 1, text,
					      vtlb_verdict_name(vtlb_check_verdict(k)));
				fail();
			}
			done[op] |= !rep.fault;
		}
		for (size_t op = 0; op < s->nops; op++)
			assert_true(done[op]);
		free(mem);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_files),
		cmocka_unit_test(test_tiny),
		cmocka_unit_test(test_default),
		cmocka_unit_test(test_pairs),
		cmocka_unit_test(test_modes),
		cmocka_unit_test(test_rights),
		cmocka_unit_test(test_neighbours),
		cmocka_unit_test(test_zap),
		cmocka_unit_test(test_upper),
		cmocka_unit_test(test_smp),
		cmocka_unit_test(test_links),
		cmocka_unit_test(test_parts_are_parts),
		cmocka_unit_test(test_each_is_described),
		cmocka_unit_test(test_alphabets_are_symmetric),
		cmocka_unit_test(test_all_can_be_done),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
