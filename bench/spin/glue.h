/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Between Spin's verifier and the step: the state is Spin's, in two packed
 * parts, and what happens to it is search_step()'s.
 */
#ifndef VTLB_BENCH_SPIN_GLUE_H
#define VTLB_BENCH_SPIN_GLUE_H

/**
 * glue_next() - is there a safe transition @i out of this state
 * @contract, @impl: the packed state; not changed
 *
 * Spin evaluates the first statement of a d_step twice; the second time costs
 * nothing, and glue_take() has the result.  Never returns where a state is not
 * safe: the scope and the implementation are such that all are.
 */
int glue_next(unsigned int i, const unsigned char *contract, const unsigned char *impl);

/** glue_take() - the state that the last glue_next() found */
void glue_take(unsigned char *contract, unsigned char *impl);

#endif /* VTLB_BENCH_SPIN_GLUE_H */
