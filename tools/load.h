/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Implementations: presets by name, others from a shared object, or from a program
 * that has one in it and this command around it.
 */
#ifndef TOOLS_LOAD_H
#define TOOLS_LOAD_H

#include <stdbool.h>

#include "vtlb/error.h"
#include "vtlb/impl.h"

/**
 * load_program() - this is a program that may become another: the command line to
 * run it with again
 * @impl: the implementation in this program, or NULL
 */
void load_program(char **argv, const struct vtlb_impl *impl);

/** load_is_program() - is @impl the one in this program; its states cannot be compared */
bool load_is_program(const struct vtlb_impl *impl);

/**
 * load_impl() - find an implementation
 * @name: a preset, or a file if it contains '/'
 * @impl: receives it
 *
 * A program with an implementation in it takes over the command line, so then this
 * does not return.
 *
 * Return: 0, or the exit code after the error was reported.
 */
int load_impl(const char *name, const struct vtlb_impl **impl) VTLB_MUST_CHECK;

#endif /* TOOLS_LOAD_H */
