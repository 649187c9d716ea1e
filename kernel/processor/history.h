/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * States as histories: there is one machine, so a state is the operations that
 * lead to it, and is reached again by doing them again.
 */
#ifndef PROCESSOR_HISTORY_H
#define PROCESSOR_HISTORY_H

#include "insn.h"

/** history_start() - the state at the beginning of @w */
uint32_t history_start(const struct vtlb_world *w);

/** history_next() - the state after one more operation */
uint32_t history_next(uint32_t state, struct vtlb_op op, uint32_t outcome);

/** history_go() - bring the machine to @state; false: it stops on the way there */
bool history_go(const struct vtlb_world *w, uint32_t state);

/** history_same() - the first state that behaves like @state for ever; 0: the machine stops */
uint32_t history_same(const struct vtlb_world *w, uint32_t state);

/**
 * history_disturb() - @state with all changed that history_same() leaves out, as @seed
 * decides; 0: it is like no other state
 */
uint32_t history_disturb(const struct vtlb_world *w, uint32_t state, uint32_t seed);

/** history_forget() - there are no states but the beginnings of worlds */
void history_forget(void);

/** history_stopped() - how the machine stopped on the way to @state, once it did; or 0 */
enum glue_stop history_stopped(uint32_t state);

/** history_stop() - remember that it did, so that nobody waits for an endless loop twice */
void history_stop(uint32_t state, enum glue_stop why);

/**
 * history_look() - how many kinds of access to @page can be asked for in @state, as far as is
 * known
 * @why: if not all of them: why the machine stops at the next one
 */
unsigned int history_look(uint32_t state, unsigned int vcpu, unsigned int page,
			  enum glue_stop *why);

/** history_no_look() - remember that it stops there */
void history_no_look(uint32_t state, unsigned int vcpu, unsigned int page, unsigned int kind,
		     enum glue_stop why);

/** history_at() - the machine is in @state now; 0: it is in none, and has to begin anew */
void history_at(uint32_t state);

#endif /* PROCESSOR_HISTORY_H */
