/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The hardware's paging-structure caches: links between shadow tables that a walk has met
 * and that it may go on using until they are flushed.
 */
#ifndef PROCESSOR_PSC_H
#define PROCESSOR_PSC_H

#include "tlb.h"

/* Called for each last-level entry that is there; false: the walk ends, machine_stop says why. */
typedef bool psc_found(void *arg, uint64_t hpa, unsigned int rights);

/**
 * psc_walk() - every walk that hardware could make now
 * @pcid: index of the PCID that the guest runs under
 * @page: number of the page
 * @linear: its address
 *
 * From the root and from every table that a walk of this page under this ASID and PCID has met
 * since the last flush; what is met is kept.  Return: false if @found did, or if a walk
 * left memory.
 */
bool psc_walk(unsigned int pcid, unsigned int page, uint64_t linear, psc_found *found, void *arg);

/**
 * psc_flush() - forget this processor's links of one ASID and page, for all PCIDs, where an
 * address would use them from which the page's differs in the bits @differs
 */
void psc_flush(unsigned int asid, unsigned int page, unsigned long differs);

/** psc_flush_all() - forget all of this processor's of one ASID */
void psc_flush_all(unsigned int asid);

/** psc_skip() - calls @skip with all that psc_write() writes */
void psc_skip(void (*skip)(const void *at, unsigned long size));

/* The number of the shadow table at this address of the machine's, or PSC_NO_NUMBER. */
#define PSC_NO_NUMBER 0xfffffffful
typedef unsigned long psc_number(unsigned long at);

/** psc_write() - the links with tables by number; false: one leads to what is no table any more */
bool psc_write(psc_number *number, void (*put)(unsigned long word));

/** psc_reset() - forget everything, on all processors */
void psc_reset(void);

#endif /* PROCESSOR_PSC_H */
