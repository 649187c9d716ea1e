/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Which functions a patch changes in object code: what reaches a macro, a type or
 * an inline function, where no line of the patch itself became code.
 */
#ifndef TOOLS_KERNEL_OBJECTS_H
#define TOOLS_KERNEL_OBJECTS_H

#include <stddef.h>

/**
 * struct changed - functions, each once
 * @object: name of the object file, in either folder
 */
struct changed {
	struct changed_function {
		char *object, *name;
	} *function;
	size_t n, cap;
};

/**
 * objects_compare() - functions whose code, or data that their code refers to, is not the
 * same in two folders of object files, or that only one of them has
 */
void objects_compare(struct changed *c, const char *base, const char *patched);
void objects_free(struct changed *c);

#endif /* TOOLS_KERNEL_OBJECTS_H */
