/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Workloads: the same seed makes the same guest, what it does is what its name says,
 * and no access of it can go two ways, so that a cost is the cost of the whole run.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../model/kvm/policy.h"
#include "vtlb/kvm.h"
#include "workload.h"

static struct vtlb_trace make(const char *name, uint64_t seed, size_t steps)
{
	const struct workload *wl = workload_by_name(name);
	struct vtlb_trace t;

	assert_non_null(wl);
	assert_int_equal(workload_make(wl, seed, steps, &t), VTLB_OK);
	assert_int_equal(t.nops, steps);
	return t;
}

static bool same_ops(const struct vtlb_trace *a, const struct vtlb_trace *b, size_t n)
{
	return memcmp(a->ops, b->ops, n * sizeof(*a->ops)) == 0;
}

static void names(void **state)
{
	static const char *const all[] = {
		"switch-2", "switch-3", "switch-4", "switch-5", "switch-2-pcid", "switch-5-pcid",
		"switch-2-kpti", "switch-5-kpti", "switch-2-kpti-pcid", "switch-5-kpti-pcid",
		"fork-exec", "fork-exec-pcid", "boot",
	};

	(void)state;
	assert_int_equal(nr_workloads, 19);
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		assert_string_equal(workload_by_name(all[i])->name, all[i]);
	assert_null(workload_by_name("switch"));
	assert_null(workload_by_name("switch-6"));
	for (unsigned int i = 0; i < nr_workloads; i++)
		assert_ptr_equal(workload_by_name(workloads[i].name), &workloads[i]);
}

static void same_seed_same_guest(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < nr_workloads; i++) {
		struct vtlb_trace a = make(workloads[i].name, 7, 300);
		struct vtlb_trace b = make(workloads[i].name, 7, 300);
		struct vtlb_trace other = make(workloads[i].name, 8, 300);
		struct vtlb_trace begin = make(workloads[i].name, 7, 100);

		assert_memory_equal(&a.world, &b.world, sizeof(a.world));
		assert_true(same_ops(&a, &b, 300));
		assert_true(same_ops(&a, &begin, 100));
		assert_memory_equal(&a.world, &other.world, sizeof(a.world));
		assert_false(same_ops(&a, &other, 300));
		vtlb_trace_free(&a);
		vtlb_trace_free(&b);
		vtlb_trace_free(&other);
		vtlb_trace_free(&begin);
	}
}

/* As text, so that another machine or compiler that makes another guest is noticed. */
static void begins_with(const char *name, const char *const *lines)
{
	struct vtlb_trace t = make(name, 1, 40);

	for (size_t i = 0; lines[i]; i++) {
		char op[128];

		vtlb_op_print(&t.world, t.ops[i], op, sizeof(op));
		assert_string_equal(op, lines[i]);
	}
	vtlb_trace_free(&t);
}

static void literal_guests(void **state)
{
	static const char *const kpti[] = {
		"super read kernel", "super write kernel", "cr3 c pcid=3", "super read kernel",
		"super write kernel", "cr3 c_user pcid=2051", "user fetch text", NULL,
	};
	static const char *const fork[] = {
		"user fetch text", "write sh.text = program0 ro", "user fetch text", NULL,
	};
	static const char *const boot[] = {
		"super fetch code", "super write data", "super read kernel", "cr0 |= pe",
		"cr4 |= pae", "efer |= lme", "cr3 early", "cr0 |= wp,pg", "cs.l 1", NULL,
	};

	(void)state;
	begins_with("switch-3-kpti-pcid", kpti);
	begins_with("fork-exec", fork);
	begins_with("boot", boot);
}

static void valid_in_their_world(void **state)
{
	static const size_t steps[] = { 1, 2, 1500 };

	(void)state;
	for (unsigned int i = 0; i < nr_workloads * 3; i++) {
		struct vtlb_trace t = make(workloads[i / 3].name, i, steps[i % 3]);
		const char *why = NULL;

		if (!vtlb_world_check(&t.world, &why))
			fail_msg("%s: %s", workloads[i / 3].name, why);
		for (size_t op = 0; op < t.nops; op++)
			if (!vtlb_op_valid(&t.world, t.ops[op]))
				fail_msg("%s: step %zu", workloads[i / 3].name, op + 1);
		vtlb_trace_free(&t);
	}
}

/* A workload can be written down, and what is read is the same. */
static void survive_as_text(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < nr_workloads; i++) {
		struct vtlb_trace t = make(workloads[i].name, 3, 500), again;
		size_t len = vtlb_trace_print(&t, NULL, 0);
		char *text = calloc(len + 1, 1);
		struct vtlb_diag diag;

		assert_non_null(text);
		vtlb_trace_print(&t, text, len + 1);
		if (vtlb_trace_parse(text, len, &again, &diag))
			fail_msg("%s:%u:%u: %s", workloads[i].name, diag.line, diag.column,
				 diag.message);
		assert_memory_equal(&t.world, &again.world, sizeof(t.world));
		assert_int_equal(again.nops, 500);
		assert_true(same_ops(&t, &again, 500));
		vtlb_trace_free(&t);
		vtlb_trace_free(&again);
		free(text);
	}
}

/* What a run saw. */
struct seen {
	const struct vtlb_trace *t;
	uint32_t two_ways, faults;
	uint32_t page_faults, protection_faults, other_cr3;
	uint32_t paging_off, tagged;
};

static bool look(void *ctx, uint32_t step, const struct vtlb_step_report *rep,
		 const struct vtlb_check *k)
{
	uint32_t pf = vtlb_outcome(VTLB_OUT_FAULT, 0), mode = vtlb_check_regs(k, 0)->mode;
	struct seen *s = ctx;

	s->two_ways += rep->branches != 1;
	s->faults += rep->fault != VTLB_NO_FAULT || rep->impl_fault != VTLB_NO_FAULT;
	s->paging_off += !(mode & VTLB_PG);
	s->tagged += (mode & VTLB_PCIDE) != 0;
	if (s->t->ops[step - 1].code == VTLB_OP_ACCESS &&
	    vtlb_outcome_kind(rep->outcome) == vtlb_outcome_kind(pf)) {
		s->page_faults++;
		s->protection_faults += vtlb_outcome_index(rep->outcome) & VTLB_PF_P;
	}
	return true;
}

static struct seen run(const char *impl, const struct vtlb_trace *t, enum vtlb_verdict want)
{
	struct vtlb_run_config cfg = {
		.impl = vtlb_preset_by_name(impl), .vendor = -1, .reading = -1,
	};
	struct seen s = { .t = t };
	struct vtlb_run_result res;

	assert_int_equal(vtlb_trace_run(t, &cfg, look, &s, &res), VTLB_OK);
	assert_int_equal(res.verdict, want);
	return s;
}

/*
 * Linux does not trip over what KVM gets wrong, so the released kernels hold; that
 * is what makes their costs comparable.
 */
static void one_way_on_every_kernel(void **state)
{
	static const char *const kernels[] = {
		"kvm-4.20", "kvm-5.10", "kvm-5.14", "kvm-5.16", "kvm-6.1", "kvm-6.12",
	};

	(void)state;
	for (unsigned int i = 0; i < nr_workloads; i++) {
		struct vtlb_trace t = make(workloads[i].name, 1, 200);
		bool forks = strncmp(workloads[i].name, "fork", 4) == 0;
		bool boots = strcmp(workloads[i].name, "boot") == 0;

		for (size_t k = 0; k < sizeof(kernels) / sizeof(kernels[0]); k++) {
			struct seen s = run(kernels[k], &t, VTLB_HOLDS);

			assert_int_equal(s.two_ways, 0);
			assert_int_equal(s.faults, 0);
			/* demand and copy on write, and nothing else */
			assert_int_equal(s.page_faults > 5, forks);
			assert_int_equal(s.protection_faults > 2, forks);
			assert_int_equal(s.paging_off > 10, boots);
			if (workloads[i].flags & WORKLOAD_PCID)
				assert_int_equal(s.tagged, 200);
			else
				assert_int_equal(s.tagged > 5, boots);
		}
		vtlb_trace_free(&t);
	}
}

/* The WP=0 that patches code is what the kernel that kept roots too long broke by. */
static void workloads_can_fail(void **state)
{
	struct vtlb_trace t = make("boot", 1, 400);

	(void)state;
	run("kvm-5.17-rfc-keep-roots-on-role-change", &t, VTLB_VIOLATES);
	vtlb_trace_free(&t);
}

static struct vtlb_cost cost(const struct vtlb_impl *impl, const struct vtlb_trace *t)
{
	struct vtlb_run_config cfg = { .impl = impl, .vendor = -1, .reading = -1 };
	struct vtlb_run_result res;

	assert_int_equal(vtlb_trace_run(t, &cfg, NULL, NULL, &res), VTLB_OK);
	return res.cost;
}

/*
 * docs/compare.md shows 5.14 against 5.16 and calls the difference that of one
 * patch: with what its first half changes, 5.14 costs what 5.16 does.
 */
static void the_table_is_one_patch(void **state)
{
	struct vtlb_impl patched = *vtlb_preset_by_name("kvm-5.14");
	struct vtlb_kvm_policy policy = *(const struct vtlb_kvm_policy *)patched.priv;

	(void)state;
	policy.invalidate_pcid = INVALIDATE_PCID_IF_PCIDE;
	patched.priv = &policy;
	for (unsigned int i = 0; i < nr_workloads; i++) {
		struct vtlb_cost old, new, half;
		struct vtlb_trace t;

		if (strncmp(workloads[i].name, "switch", 6) != 0)
			continue;
		t = make(workloads[i].name, 1, 300);
		old = cost(vtlb_preset_by_name("kvm-5.14"), &t);
		new = cost(vtlb_preset_by_name("kvm-5.16"), &t);
		half = cost(&patched, &t);
		assert_memory_equal(&half, &new, sizeof(new));
		assert_int_equal(memcmp(&half, &old, sizeof(old)) != 0,
				 !(workloads[i].flags & WORKLOAD_PCID));
		vtlb_trace_free(&t);
	}
}

/*
 * Processes: all of them run, none is switched to itself; user pages are touched on
 * the user root where there is one, the kernel's only on the kernel root.
 */
static void switches(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < nr_workloads; i++) {
		const struct workload *wl = &workloads[i];
		bool kpti = wl->flags & WORKLOAD_KPTI;
		unsigned int root = 0, ran = 0, process = 0, loaded = 1;
		struct vtlb_trace t;

		if (strncmp(wl->name, "switch-", 7) != 0)
			continue;
		assert_int_equal(wl->processes, wl->name[7] - '0');
		t = make(wl->name, 5, 600);
		assert_int_equal(t.world.nroots, kpti ? 2 * wl->processes : wl->processes);
		for (size_t s = 0; s < t.nops; s++) {
			struct vtlb_op op = t.ops[s];

			if (op.code == VTLB_OP_MOV_CR3) {
				assert_true(op.a != root);
				root = op.a;
				process = root % wl->processes;
				ran |= 1u << process;
				/* a PCID that is new to the processor begins without entries */
				assert_int_equal((op.imm & VTLB_CR3_NOFLUSH) != 0,
						 wl->flags & WORKLOAD_PCID && loaded >> root & 1u);
				loaded |= 1u << root;
				assert_int_equal(op.imm & 0xfff,
						 wl->flags & WORKLOAD_PCID ?
							 (process + 1) | (root >= wl->processes ?
										  0x800u : 0u) :
							 0u);
			}
			if (op.code == VTLB_OP_WRITE_LEAF)
				assert_int_equal(op.a, process);
			if (op.code == VTLB_OP_ACCESS && op.b & VTLB_ACC_USER)
				assert_int_equal(root >= wl->processes, kpti);
			if (op.code == VTLB_OP_ACCESS &&
			    strcmp(t.world.page_name[op.a], "kernel") == 0)
				assert_true(root < wl->processes);
		}
		assert_int_equal(ran, (1u << wl->processes) - 1);
		vtlb_trace_free(&t);
	}
}

/*
 * Kernels invalidate what they change before it is used: an entry that was present
 * is neither used nor taken along to a PCID that keeps its entries while it is stale.
 */
static void edits_are_flushed(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < nr_workloads; i++) {
		const struct workload *wl = &workloads[i];
		struct vtlb_trace t = make(wl->name, 11, 1500);
		struct vtlb_mem mem = t.world.init;
		uint32_t stale[VTLB_MAX_LEAFS] = { 0 };
		unsigned int owner = 0, edits = 0;

		for (size_t s = 0; s < t.nops; s++) {
			struct vtlb_op op = t.ops[s];
			bool paged = op.code == VTLB_OP_INVLPG || op.code == VTLB_OP_ACCESS;
			const struct vtlb_page *page = &t.world.page[paged ? op.a : 0];

			switch (op.code) {
			case VTLB_OP_WRITE_LEAF:
				assert_true(mem.leaf[op.a][op.b] != op.imm);
				if (mem.leaf[op.a][op.b])
					stale[op.a] |= 1u << op.b;
				edits += mem.leaf[op.a][op.b] != 0;
				mem.leaf[op.a][op.b] = (uint8_t)op.imm;
				break;
			case VTLB_OP_MOV_CR3:
				owner = wl->flags & WORKLOAD_KPTI ? op.a % wl->processes : op.a;
				if (op.imm & VTLB_CR3_NOFLUSH)
					assert_int_equal(stale[owner], 0);
				stale[owner] = 0;
				break;
			case VTLB_OP_INVLPG:
				assert_int_equal(page->slot, 0);
				stale[owner] &= ~(1u << page->entry);
				/* the user root has a PCID of its own */
				if ((wl->flags & WORKLOAD_KPTI) && (wl->flags & WORKLOAD_PCID) &&
				    s + 1 < t.nops) {
					assert_int_equal(t.ops[s + 1].code, VTLB_OP_INVPCID);
					assert_int_equal(t.ops[s + 1].a, op.a);
					assert_int_equal(t.ops[s + 1].b, 0);
					assert_int_equal(t.ops[s + 1].imm, 0x801u + owner);
				}
				break;
			case VTLB_OP_ACCESS:
				if (page->slot == 0)
					assert_false(stale[owner] >> page->entry & 1u);
				break;
			default:
				break;
			}
		}
		assert_true(edits > 10);
		vtlb_trace_free(&t);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names),
		cmocka_unit_test(same_seed_same_guest),
		cmocka_unit_test(literal_guests),
		cmocka_unit_test(valid_in_their_world),
		cmocka_unit_test(survive_as_text),
		cmocka_unit_test(one_way_on_every_kernel),
		cmocka_unit_test(workloads_can_fail),
		cmocka_unit_test(the_table_is_one_patch),
		cmocka_unit_test(switches),
		cmocka_unit_test(edits_are_flushed),
	};

	return cmocka_run_group_tests_name("workload", tests, NULL, NULL);
}
