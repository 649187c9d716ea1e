/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Workloads: what guests do all day, as traces made from a seed.  They are here
 * to be counted, not to find bugs: on released kernels each access has one outcome,
 * so that the cost of a run is the cost of all of it.
 */
#ifndef TOOLS_WORKLOAD_H
#define TOOLS_WORKLOAD_H

#include "vtlb/trace.h"

#define WORKLOAD_SEED 1u
#define WORKLOAD_STEPS 1000u
#define WORKLOAD_MAX_STEPS 1000000u

struct gen;

enum workload_flag {
	WORKLOAD_PCID = 1u << 0,	/* CR4.PCIDE=1: a PCID for each page-table root */
	WORKLOAD_KPTI = 1u << 1,	/* a root for user mode beside the kernel's */
};

/**
 * struct workload - a generator
 * @name: what --workload takes
 * @about: one sentence
 * @processes: how many take turns
 * @flags: OR of enum workload_flag
 * @run: makes the world, then emits operations until there are enough
 */
struct workload {
	const char *name;
	const char *about;
	unsigned int processes;
	unsigned int flags;
	void (*run)(const struct workload *wl, struct gen *g);
};

extern const struct workload workloads[];
extern const unsigned int nr_workloads;

/** workload_by_name() - or NULL */
const struct workload *workload_by_name(const char *name);

/**
 * workload_make() - the trace of a workload
 * @seed: equal seeds make equal traces, on every machine
 * @steps: number of operations, at least 1
 * @t: receives it; free with vtlb_trace_free()
 *
 * Return: VTLB_OK or VTLB_E_NOMEM.
 */
enum vtlb_err workload_make(const struct workload *wl, uint64_t seed, size_t steps,
			    struct vtlb_trace *t) VTLB_MUST_CHECK;

#endif /* TOOLS_WORKLOAD_H */
