/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Programs with an implementation in them, told by a note in the file, so that
 * no other program is ever run.
 */
#ifndef TOOLS_PROGRAM_H
#define TOOLS_PROGRAM_H

#include <stdbool.h>
#include <stdint.h>

/** program_is() - is @file a program (and no shared object) of this kind of machine */
bool program_is(const char *file);

/** program_abi() - the version that a program's note names; false: it has no such note */
bool program_abi(const char *file, uint32_t *abi);

#endif /* TOOLS_PROGRAM_H */
