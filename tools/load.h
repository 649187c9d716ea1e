/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Implementations: presets by name, others from a shared object.
 */
#ifndef TOOLS_LOAD_H
#define TOOLS_LOAD_H

#include "vtlb/error.h"
#include "vtlb/impl.h"

/**
 * load_impl() - find an implementation
 * @name: a preset, or a file if it contains '/'
 * @impl: receives it
 *
 * Return: 0, or the exit code after the error was reported.
 */
int load_impl(const char *name, const struct vtlb_impl **impl) VTLB_MUST_CHECK;

#endif /* TOOLS_LOAD_H */
