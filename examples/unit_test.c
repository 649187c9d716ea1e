/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * libvtlb in a plain C unit test: parse a trace from a string, run it against
 * an implementation, assert the verdict.  Replace the preset by your own
 * struct vtlb_impl.
 */
/* A test whose assertions are compiled out is none. */
#undef NDEBUG
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "vtlb/vtlb.h"

static const char trace_text[] =
	"vtlb-trace 1\n"
	"world vendor=intel mode=shadow features=pcid,invpcid,pge,smep,smap,nx vcpus=1\n"
	"roots a b\n"
	"cr4 |= pge\n"
	"cr3 b\n"
	"read user                        # b's page is shadowed\n"
	"cr3 a\n"
	"write b.user = f2\n"
	"invpcid single pcid=0\n"
	"cr4 |= pcide\n"
	"cr3 b pcid=0 noflush\n"
	"expect never user = f1           # must be fresh\n";

int main(void)
{
	const struct vtlb_impl *impl = vtlb_preset_by_name("kvm-5.16");
	struct vtlb_run_config cfg = { .impl = impl, .vendor = -1, .reading = -1 };
	struct vtlb_run_result res;
	struct vtlb_trace trace;
	struct vtlb_diag diag;
	enum vtlb_err err;

	assert(impl);
	err = vtlb_trace_parse(trace_text, strlen(trace_text), &trace, &diag);
	if (err) {
		fprintf(stderr, "%u:%u: %s\n", diag.line, diag.column, diag.message);
		return 1;
	}
	err = vtlb_trace_run(&trace, &cfg, NULL, NULL, &res);
	assert(err == VTLB_OK);
	printf("%s: %s\n", impl->name, vtlb_verdict_name(res.verdict));
	if (res.has_violation)
		printf("made possible by step %u, rule %s\n", res.violation.guilty_step,
		       vtlb_rules[res.violation.rule].id);
	assert(vtlb_trace_ok(&trace, &res));
	assert(res.verdict == VTLB_HOLDS);
	vtlb_trace_free(&trace);
	return 0;
}
