/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The search as a Promela model: one process that does any transition, for ever.
 * bench/spin/run writes options.h, with OPTIONS and how many bytes a state has.
 *
 * The implementation's part of the state is global and the contract's is local
 * to the process, because -DCOLLAPSE stores each such component once.
 */
#include "options.h"

c_decl {
\#include "options.h"
\#include "glue.h"
	static unsigned char tracked[IMPL_BYTES];
};

c_track "tracked" "IMPL_BYTES" "Matched"

#define T(i) \
	:: d_step { \
		c_expr { (glue_next(i, Psearch->contract, tracked)) } -> \
		c_code { glue_take(Psearch->contract, tracked); } \
	}

active proctype search()
{
	byte contract[CONTRACT_BYTES];

	do
	OPTIONS
	od
}
