/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Counts and times what search_step() is made of, where the library's search
 * calls it: the implementation through its functions, the contract through the
 * linker's --wrap.
 */
#define _POSIX_C_SOURCE 200809L
#include "search_explore.h"

#include <stdio.h>
#include <sys/resource.h>

#include "search_time.h"
#include "vtlb/explore.h"

static const struct vtlb_impl *wrapped;
static struct search_time contract_time, impl_time, look_time;

/* The functions of the library that --wrap=NAME makes of NAME and __real_NAME. */
void __real_vtlb_contract_step(const struct vtlb_contract *c, struct vtlb_cstate *s,
			       struct vtlb_op op, uint32_t outcome, struct vtlb_contract_step *r);
void __wrap_vtlb_contract_step(const struct vtlb_contract *c, struct vtlb_cstate *s,
			       struct vtlb_op op, uint32_t outcome, struct vtlb_contract_step *r);
void __real_vtlb_contract_allowed(const struct vtlb_contract *c, const struct vtlb_cstate *s,
				  unsigned int vcpu, unsigned int page,
				  struct vtlb_outset out[VTLB_NR_KINDS]);
void __wrap_vtlb_contract_allowed(const struct vtlb_contract *c, const struct vtlb_cstate *s,
				  unsigned int vcpu, unsigned int page,
				  struct vtlb_outset out[VTLB_NR_KINDS]);

void __wrap_vtlb_contract_step(const struct vtlb_contract *c, struct vtlb_cstate *s,
			       struct vtlb_op op, uint32_t outcome, struct vtlb_contract_step *r)
{
	uint64_t begin = search_time_begin(&contract_time);

	__real_vtlb_contract_step(c, s, op, outcome, r);
	search_time_end(&contract_time, begin);
}

void __wrap_vtlb_contract_allowed(const struct vtlb_contract *c, const struct vtlb_cstate *s,
				  unsigned int vcpu, unsigned int page,
				  struct vtlb_outset out[VTLB_NR_KINDS])
{
	uint64_t begin = search_time_begin(&look_time);

	__real_vtlb_contract_allowed(c, s, vcpu, page, out);
	search_time_end(&look_time, begin);
}

static void timed_step(const struct vtlb_impl *impl, const struct vtlb_world *w, void *state,
		       struct vtlb_op op, uint32_t outcome, struct vtlb_impl_step *r)
{
	uint64_t begin = search_time_begin(&impl_time);

	wrapped->step(impl, w, state, op, outcome, r);
	search_time_end(&impl_time, begin);
}

static void timed_outcomes(const struct vtlb_impl *impl, const struct vtlb_world *w,
			   const void *state, unsigned int vcpu, unsigned int page,
			   struct vtlb_outset out[VTLB_NR_KINDS])
{
	uint64_t begin = search_time_begin(&look_time);

	wrapped->outcomes(impl, w, state, vcpu, page, out);
	search_time_end(&look_time, begin);
}

int search_explore(const struct search *s, bool compact)
{
	static struct vtlb_explore_result res;
	struct vtlb_impl impl = *s->impl;
	struct vtlb_explore_config cfg = {
		.w = &s->w,
		.ops = s->ops,
		.nops = s->nops,
		.impl = &impl,
		.vendor = s->w.vendor,
		.reading = VTLB_RELY,
		.waive = VTLB_WAIVE_ALL,
		.flags = VTLB_EXPLORE_NO_SYMMETRY | VTLB_EXPLORE_NO_COVER |
			 VTLB_EXPLORE_NO_NORMAL | (compact ? VTLB_EXPLORE_FINGERPRINT : 0u),
		.jobs = 1,
	};
	double start, seconds, stepping;
	struct rusage usage;

	wrapped = s->impl;
	impl.step = timed_step;
	impl.outcomes = timed_outcomes;
	search_time_start();
	start = search_time_cpu();
	if (vtlb_explore(&cfg, &res) != VTLB_OK || !res.complete || res.verdict != VTLB_HOLDS) {
		fprintf(stderr, "bench_search: the search did not end with 'holds'\n");
		return 1;
	}
	seconds = search_time_cpu() - start;
	stepping = search_time_seconds(&contract_time) + search_time_seconds(&impl_time) +
		   search_time_seconds(&look_time);
	getrusage(RUSAGE_SELF, &usage);
	/* states transitions seconds steps step-seconds pack-seconds bytes */
	printf("%llu %llu %.3f %llu %.3f 0 %llu\n", (unsigned long long)res.stats.states,
	       (unsigned long long)res.stats.transitions, seconds,
	       (unsigned long long)(contract_time.calls + impl_time.calls), stepping,
	       (unsigned long long)usage.ru_maxrss * 1024);
	fprintf(stderr, "%s: %llu implementation states, %llu steps, %.3f s; "
		"%llu contract states, %llu steps, %.3f s; %llu looks for exposure, %.3f s; %llu bytes counted at the end\n",
		compact ? "compact" : "exact", (unsigned long long)res.stats.impl_states,
		(unsigned long long)impl_time.calls, search_time_seconds(&impl_time),
		(unsigned long long)res.stats.contract_states,
		(unsigned long long)contract_time.calls, search_time_seconds(&contract_time),
		(unsigned long long)look_time.calls, search_time_seconds(&look_time),
		(unsigned long long)res.stats.bytes);
	return 0;
}
