/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The operations that the benchmarks run: a fixed pseudo-random list over the
 * default world, the same on every machine.
 */
#ifndef VTLB_BENCH_OPS_H
#define VTLB_BENCH_OPS_H

#include "vtlb/vtlb.h"

/* What is measured: a preset that holds, so that checking never stops. */
#define BENCH_IMPL "kvm-6.12"

/**
 * bench_ops() - fill a list
 * @cfg: accesses name an outcome that this check's implementation could give,
 *	since otherwise the check would follow all of them
 * @ops: receives the list
 * @n: its length
 *
 * Return: VTLB_OK, or VTLB_E_NOMEM.
 */
enum vtlb_err bench_ops(const struct vtlb_check_config *cfg, struct vtlb_op *ops, size_t n);

/**
 * bench_switches() - a guest that does what guests do most: switches between two
 * address spaces with PCIDs, reads and writes, and now and then edits its own
 * page table and invalidates the page.  Holds without any waiver.
 */
void bench_switches(const struct vtlb_world *w, struct vtlb_op *ops, size_t n);

/** bench_check() - allocate and start a check; *@mem is to be freed */
struct vtlb_check *bench_check(const struct vtlb_check_config *cfg, void **mem);

/** bench_now() - seconds of a clock that only goes forward */
double bench_now(void);

#endif /* VTLB_BENCH_OPS_H */
