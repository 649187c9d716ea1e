/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Where the linker put the sections of each object: two files may have functions of one
 * name, of which one may not be linked, so that a name alone says nothing.
 */
#ifndef TOOLS_KERNEL_PLACES_H
#define TOOLS_KERNEL_PLACES_H

#include <stddef.h>
#include <stdint.h>

/**
 * struct place - a section that is linked
 * @object: name of the object file, as in the folder "objects"
 */
struct place {
	uint64_t at;
	const char *object, *section;
};

struct places {
	char *text;
	struct place *place;
	size_t n, cap;
};

/** places_parse() - from lines of address, object and section; takes @text */
void places_parse(struct places *p, char *text);
void places_free(struct places *p);

/**
 * places_find() - address of a function
 * @folder: of objects
 *
 * Return: how many it could be: 0: it is not linked, and only with 1 it is known.
 */
size_t places_find(const struct places *p, const char *folder, const char *object,
		   const char *function, uint64_t *at, uint64_t *size);

#endif /* TOOLS_KERNEL_PLACES_H */
