/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A function's address is that of its section, as the linker's map has it, and its
 * offset there, as its own object has it.
 */
#define _GNU_SOURCE
#include "places.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "elf_file.h"
#include "out.h"

void places_parse(struct places *p, char *text)
{
	char *save = NULL;

	*p = (struct places){ .text = text };
	for (char *s = strtok_r(text, "\n", &save); s; s = strtok_r(NULL, "\n", &save)) {
		char *object = strchr(s, ' '), *section = object ? strchr(object + 1, ' ') : NULL;

		if (!section)
			continue;
		*object++ = *section++ = '\0';
		p->place = out_grow(p->place, &p->cap, p->n + 1, sizeof(*p->place));
		p->place[p->n++] = (struct place){ strtoull(s, NULL, 16), object, section };
	}
}

void places_free(struct places *p)
{
	free(p->text);
	free(p->place);
	memset(p, 0, sizeof(*p));
}

static size_t in_section(const struct places *p, const char *object, const char *section,
			 const Elf64_Sym *sym, uint64_t *at, uint64_t *size)
{
	size_t n = 0;

	for (size_t i = 0; i < p->n; i++) {
		const struct place *place = &p->place[i];

		if (strcmp(place->section, section) != 0 || strcmp(place->object, object) != 0)
			continue;
		*at = place->at + sym->st_value;
		*size = sym->st_size;
		n++;
	}
	return n;
}

size_t places_find(const struct places *p, const char *folder, const char *object,
		   const char *function, uint64_t *at, uint64_t *size)
{
	struct elf_file f;
	char *path = NULL;
	size_t n = 0;
	bool ok;

	if (asprintf(&path, "%s/%s", folder, object) < 0)
		out_die("out of memory");
	ok = elf_open(&f, path);
	free(path);
	for (size_t i = 0; ok && i < f.nsyms; i++) {
		const Elf64_Sym *s = &f.sym[i];

		if (ELF64_ST_TYPE(s->st_info) == STT_FUNC && s->st_shndx < f.nsections &&
		    s->st_shndx && !strcmp(elf_sym_name(&f, s), function))
			n += in_section(p, object, elf_section_name(&f, &f.section[s->st_shndx]), s,
					at, size);
	}
	if (ok)
		elf_close(&f);
	return n;
}
