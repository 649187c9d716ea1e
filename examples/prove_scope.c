/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * libvtlb in a plain C unit test that proves something: whatever a guest does
 * with a scope's operations, and however long, nothing forbidden is seen; and
 * with a known bug the same search gives the shortest way to it.
 */
/* A test whose assertions are compiled out is none. */
#undef NDEBUG
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "vtlb/vtlb.h"

static const char scope_text[] =
	"vtlb-scope 1\n"
	"world features=pcid,invpcid\n"
	"roots a b\n"
	"page user private = f0, f1\n"
	"cr3 a pcid=0\n"
	"cr3 b pcid=0\n"
	"cr3 b pcid=0 noflush\n"
	"write b.user = f1\n"
	"write b.user = f2\n"
	"read user\n"
	"invpcid single pcid=0\n"
	"cr4 ^= pcide\n";

/* The first counterexample is a shortest one. */
static bool keep_first(void *ctx, const struct vtlb_finding *found)
{
	struct vtlb_finding *first = ctx;

	if (!first->nops)
		*first = *found;
	return true;
}

static void search(const struct vtlb_scope *scope, const char *name,
		   struct vtlb_explore_result *res, struct vtlb_finding *first)
{
	const struct vtlb_explore_config cfg = {
		.w = &scope->world,
		.ops = scope->ops,
		.nops = scope->nops,
		.impl = vtlb_preset_by_name(name),
		.vendor = VTLB_INTEL,
		.reading = scope->reading,
		.waive = VTLB_WAIVE_ALL,
		.found = keep_first,
		.ctx = first,
	};

	memset(first, 0, sizeof(*first));
	assert(cfg.impl);
	assert(vtlb_explore(&cfg, res) == VTLB_OK);
	printf("%s: %s, %llu states\n", name, vtlb_verdict_name(res->verdict),
	       (unsigned long long)res->stats.states);
}

int main(void)
{
	static struct vtlb_explore_result res;
	static struct vtlb_finding first;
	struct vtlb_scope scope;
	struct vtlb_diag diag;
	char op[128];

	if (vtlb_scope_parse(scope_text, strlen(scope_text), &scope, &diag)) {
		fprintf(stderr, "%u:%u: %s\n", diag.line, diag.column, diag.message);
		return 1;
	}
	search(&scope, "kvm-5.16", &res, &first);
	assert(res.verdict == VTLB_HOLDS && res.proof);
	/* a proof is worth no more than what was put to the test */
	for (size_t i = 0; i < scope.nops; i++)
		assert(res.op[i].fired);

	search(&scope, "kvm-5.16-without-unload-on-pcide", &res, &first);
	assert(res.verdict == VTLB_VIOLATES);
	for (uint32_t i = 0; i < first.nops; i++) {
		vtlb_op_print(&scope.world, first.ops[i], op, sizeof(op));
		printf("  %s\n", op);
	}
	assert(first.nops == 6);
	vtlb_scope_free(&scope);
	return 0;
}
