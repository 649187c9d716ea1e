/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Guest instructions: each ends in done, a fault, or a stop of the machine.
 */
#ifndef PROCESSOR_INSN_H
#define PROCESSOR_INSN_H

#include "cpus.h"
#include "tlb.h"
#include "vtlb/impl.h"

/** insn_start() - boot the world's guest, up to and with its first entry; false: stopped */
bool insn_start(const struct vtlb_world *w, size_t *ram);

/**
 * insn_step() - do one operation
 * @outcome: wanted of an access, or 0
 * @r: as of struct vtlb_impl's step
 *
 * Return: false when the machine stopped; machine_stop says why.
 */
bool insn_step(const struct vtlb_world *w, struct vtlb_op op, uint32_t outcome,
	       struct vtlb_impl_step *r);

/**
 * insn_outcomes() - what accesses of @vcpu to @page could give now; leaves no trace
 * @kinds_asked: of so many kinds
 *
 * Return: of how many kinds there is an answer: at the next one the machine stopped.
 */
unsigned int insn_outcomes(const struct vtlb_world *w, unsigned int vcpu, unsigned int page,
			   unsigned int kinds_asked, struct vtlb_outset out[VTLB_NR_KINDS]);

/* access.c */
uint32_t insn_mode(void);
void insn_at(const struct vtlb_world *w, unsigned int cpl, bool ac);
void insn_back(void);
bool insn_exit(const struct vtlb_world *w, enum glue_exit exit, uint64_t a, uint64_t b);
bool access_step(const struct vtlb_world *w, struct vtlb_op op, uint32_t outcome,
		 struct vtlb_impl_step *r);
bool access_store(const struct vtlb_world *w, unsigned int table, unsigned int entry,
		  uint64_t value, struct vtlb_impl_step *r);

#endif /* PROCESSOR_INSN_H */
