/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Names of places in the program's code.
 */
#ifndef PROCESSOR_SYMBOL_H
#define PROCESSOR_SYMBOL_H

/**
 * symbol_caller() - the function that a call returns to, and how far into it
 * @at: the address that was pushed
 *
 * Return: a text that the next call overwrites.
 */
const char *symbol_caller(unsigned long at);

#endif /* PROCESSOR_SYMBOL_H */
