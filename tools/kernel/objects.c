/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Comparing object files function by function.  Each is in a section of its own
 * (-ffunction-sections), so it is the same if its bytes and what its relocations
 * refer to are: by name, strings by what they say, because those move.
 */
#define _GNU_SOURCE
#include "objects.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "elf_file.h"
#include "out.h"

/**
 * struct piece - a section of code or data
 * @name: its own
 * @hash: of bytes and relocations
 * @code: instructions
 */
struct piece {
	const char *name;
	uint64_t hash;
	size_t index;
	bool code;
};

struct object {
	const char *name;
	struct elf_file f;
	struct piece *piece;
	size_t n;
};

static uint64_t mix(uint64_t h, const void *data, size_t size)
{
	const uint8_t *p = data;

	for (size_t i = 0; i < size; i++)
		h = (h ^ p[i]) * 0x100000001b3ull;
	return h;
}

static bool starts(const char *s, const char *with)
{
	return strncmp(s, with, strlen(with)) == 0;
}

/* Without the number that the compiler gives to static variables of functions. */
static size_t stem(const char *name)
{
	size_t len = strlen(name), end = len;

	while (end && name[end - 1] >= '0' && name[end - 1] <= '9')
		end--;
	return end > 1 && end < len && name[end - 1] == '.' ? end - 1 : len;
}

/* Code and data; tables of WARNs and of places to patch only say where something is. */
static bool is_piece(const struct elf_file *f, const Elf64_Shdr *s)
{
	const char *name = elf_section_name(f, s);

	return s->sh_flags & SHF_ALLOC && s->sh_type != SHT_NOTE && !starts(name, ".rodata.str") &&
	       (s->sh_flags & SHF_EXECINSTR || starts(name, ".data") || starts(name, ".rodata") ||
		starts(name, ".bss") || starts(name, ".init.data"));
}

static uint64_t mix_target(uint64_t h, const struct elf_file *f, const Elf64_Rela *r)
{
	size_t index = ELF64_R_SYM(r->r_info);
	const Elf64_Sym *sym = index < f->nsyms ? &f->sym[index] : NULL;
	const char *name = sym ? elf_sym_name(f, sym) : "";
	const Elf64_Shdr *s;

	if (sym && ELF64_ST_TYPE(sym->st_info) == STT_SECTION && sym->st_shndx < f->nsections) {
		s = &f->section[sym->st_shndx];
		name = elf_section_name(f, s);
		if (starts(name, ".rodata.str")) {
			/* a PC-relative addend is 4 less */
			uint64_t at = (uint64_t)r->r_addend +
				      (ELF64_R_TYPE(r->r_info) == R_X86_64_PC32 ? 4 : 0);
			const char *text = (const char *)elf_data(f, s);

			if (at < s->sh_size)
				return mix(h, text + at, strnlen(text + at, s->sh_size - at));
		}
		/* tables of WARNs and of places to patch grow with what is before them */
		if (starts(name, "__bug_table") || starts(name, ".alt") || starts(name, "__ex_table"))
			return mix(h, name, strlen(name));
	}
	h = mix(h, name, stem(name));
	return mix(h, &r->r_addend, sizeof(r->r_addend));
}

static uint64_t mix_relocations(uint64_t h, const struct elf_file *f, size_t section)
{
	for (size_t i = 0; i < f->nsections; i++) {
		const Elf64_Shdr *s = &f->section[i];
		const Elf64_Rela *r = (const void *)elf_data(f, s);

		if (s->sh_type != SHT_RELA || s->sh_info != section || !r)
			continue;
		for (size_t k = 0; k < s->sh_size / sizeof(*r); k++) {
			uint32_t type = ELF64_R_TYPE(r[k].r_info);

			h = mix(h, &r[k].r_offset, sizeof(r[k].r_offset));
			h = mix(h, &type, sizeof(type));
			h = mix_target(h, f, &r[k]);
		}
	}
	return h;
}

static bool open_object(struct object *o, const char *name)
{
	memset(o, 0, sizeof(*o));
	if (!elf_open(&o->f, name))
		return false;
	o->piece = out_alloc(o->f.nsections + 1, sizeof(*o->piece));
	for (size_t i = 0; i < o->f.nsections; i++) {
		const Elf64_Shdr *s = &o->f.section[i];
		const uint8_t *data = elf_data(&o->f, s);
		uint64_t h = 0xcbf29ce484222325ull;

		if (!is_piece(&o->f, s))
			continue;
		h = mix(h, &s->sh_size, sizeof(s->sh_size));
		if (data)
			h = mix(h, data, s->sh_size);
		o->piece[o->n++] = (struct piece){
			.name = elf_section_name(&o->f, s),
			.hash = mix_relocations(h, &o->f, i),
			.index = i,
			.code = s->sh_flags & SHF_EXECINSTR,
		};
	}
	return true;
}

static void close_object(struct object *o)
{
	free(o->piece);
	elf_close(&o->f);
}

static const struct piece *find(const struct object *o, const char *name)
{
	const struct piece *like = NULL;

	for (size_t i = 0; i < o->n; i++) {
		const char *other = o->piece[i].name;

		if (strcmp(other, name) == 0)
			return &o->piece[i];
		if (!like && stem(other) == stem(name) && !strncmp(other, name, stem(name)))
			like = &o->piece[i];
	}
	return like;
}

static void add(struct changed *c, const char *object, const char *name)
{
	struct changed_function *f;

	for (size_t i = 0; i < c->n; i++)
		if (!strcmp(c->function[i].name, name) && !strcmp(c->function[i].object, object))
			return;
	c->function = out_grow(c->function, &c->cap, c->n + 1, sizeof(*c->function));
	f = &c->function[c->n++];
	f->object = strdup(object);
	f->name = strdup(name);
	if (!f->object || !f->name)
		out_die("out of memory");
}

/* The functions that lie in a section. */
static void add_functions(struct changed *c, const struct object *o, size_t section)
{
	for (size_t i = 0; i < o->f.nsyms; i++) {
		const Elf64_Sym *s = &o->f.sym[i];

		if (s->st_shndx == section && ELF64_ST_TYPE(s->st_info) == STT_FUNC)
			add(c, o->name, elf_sym_name(&o->f, s));
	}
}

/* The functions with a relocation to a piece of data, which is in the same object. */
static void add_users(struct changed *c, const struct object *o, const struct piece *data)
{
	for (size_t i = 0; i < o->f.nsections; i++) {
		const Elf64_Shdr *s = &o->f.section[i];
		const Elf64_Rela *r = (const void *)elf_data(&o->f, s);

		if (s->sh_type != SHT_RELA || !r || s->sh_info >= o->f.nsections)
			continue;
		for (size_t k = 0; k < s->sh_size / sizeof(*r); k++) {
			size_t sym = ELF64_R_SYM(r[k].r_info);

			if (sym < o->f.nsyms && o->f.sym[sym].st_shndx == data->index)
				add_functions(c, o, s->sh_info);
		}
	}
}

static void add_piece(struct changed *c, const struct object *o, const struct piece *p)
{
	if (p->code)
		add_functions(c, o, p->index);
	else
		add_users(c, o, p);
}

static void compare(struct changed *c, const struct object *a, const struct object *b)
{
	for (size_t i = 0; i < b->n; i++) {
		const struct piece *old = find(a, b->piece[i].name);

		if (!old || old->hash != b->piece[i].hash)
			add_piece(c, b, &b->piece[i]);
	}
	for (size_t i = 0; i < a->n; i++)
		if (!find(b, a->piece[i].name))
			add_piece(c, a, &a->piece[i]);
}

static bool open_in(struct object *o, const char *folder, const char *name)
{
	char *path = NULL;
	bool ok;

	if (asprintf(&path, "%s/%s", folder, name) < 0)
		out_die("out of memory");
	ok = open_object(o, path);
	o->name = name;
	free(path);
	return ok;
}

/* Objects of @one, against those of the same name in @other; one that is missing has nothing. */
static void compare_folder(struct changed *c, const char *one, const char *other, bool only_missing)
{
	DIR *dir = opendir(one);
	struct dirent *e;

	while (dir && (e = readdir(dir))) {
		struct object a, b;
		bool has_b;

		if (e->d_name[0] == '.' || !open_in(&a, one, e->d_name))
			continue;
		has_b = open_in(&b, other, e->d_name);
		if (!has_b)
			memset(&b, 0, sizeof(b));
		if (!has_b || !only_missing)
			compare(c, &b, &a);
		if (has_b)
			close_object(&b);
		close_object(&a);
	}
	if (dir)
		closedir(dir);
}

static int by_name(const void *a, const void *b)
{
	const struct changed_function *x = a, *y = b;
	int order = strcmp(x->name, y->name);

	return order ? order : strcmp(x->object, y->object);
}

void objects_compare(struct changed *c, const char *base, const char *patched)
{
	memset(c, 0, sizeof(*c));
	compare_folder(c, patched, base, false);
	compare_folder(c, base, patched, true);
	if (c->n)
		qsort(c->function, c->n, sizeof(*c->function), by_name);
}

void objects_free(struct changed *c)
{
	for (size_t i = 0; i < c->n; i++) {
		free(c->function[i].object);
		free(c->function[i].name);
	}
	free(c->function);
	memset(c, 0, sizeof(*c));
}
