/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Signals: what a kernel would take as a trap.
 */
#ifndef PROCESSOR_TRAP_H
#define PROCESSOR_TRAP_H

#include <stdbool.h>

void trap_init(void);

/** trap_step() - kernel code begins to run: the clock that finds endless loops starts again */
void trap_step(void);

/** machine_guarded() - is kernel code running */
bool machine_guarded(void);

#endif /* PROCESSOR_TRAP_H */
