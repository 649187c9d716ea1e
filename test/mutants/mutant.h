/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Mutants of ourselves: every must-drop element, fault and pair ending of the
 * rule table, and every site of the KVM model, switched off one at a time.
 */
#ifndef VTLB_TEST_MUTANT_H
#define VTLB_TEST_MUTANT_H

#include <stdbool.h>
#include <stddef.h>

/**
 * mutant_name() - name of mutant @i
 * @buf: receives it
 *
 * Return: false when there is no mutant @i.
 */
bool mutant_name(unsigned int i, char *buf, size_t cap);

/** mutant_apply() - switch one mutant on, for the rest of the process */
bool mutant_apply(const char *name);

#endif /* VTLB_TEST_MUTANT_H */
