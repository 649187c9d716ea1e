/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Reading ELF files: every offset is checked before it is used, once.
 */
#define _GNU_SOURCE
#include "elf_file.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static bool inside(const struct elf_file *f, uint64_t at, uint64_t size)
{
	return at <= f->size && size <= f->size - at;
}

static bool map(struct elf_file *f, const char *name)
{
	int fd = open(name, O_RDONLY | O_CLOEXEC);
	struct stat st;
	void *p = MAP_FAILED;

	if (fd >= 0 && !fstat(fd, &st) && st.st_size >= (off_t)sizeof(Elf64_Ehdr)) {
		f->size = (size_t)st.st_size;
		p = mmap(NULL, f->size, PROT_READ, MAP_PRIVATE, fd, 0);
	}
	if (fd >= 0)
		close(fd);
	if (p == MAP_FAILED)
		return false;
	f->p = p;
	return true;
}

static bool find_sections(struct elf_file *f)
{
	const Elf64_Ehdr *head = (const void *)f->p;

	if (memcmp(head->e_ident, ELFMAG, SELFMAG) != 0 ||
	    head->e_ident[EI_CLASS] != ELFCLASS64 || head->e_machine != EM_X86_64 ||
	    head->e_shentsize != sizeof(Elf64_Shdr) || head->e_shoff % 8 ||
	    head->e_shstrndx >= head->e_shnum ||
	    !inside(f, head->e_shoff, (uint64_t)head->e_shnum * sizeof(Elf64_Shdr)))
		return false;
	f->section = (const void *)(f->p + head->e_shoff);
	f->nsections = head->e_shnum;
	for (size_t i = 0; i < f->nsections; i++)
		if (f->section[i].sh_type != SHT_NOBITS &&
		    !inside(f, f->section[i].sh_offset, f->section[i].sh_size))
			return false;
	return true;
}

static bool find_symbols(struct elf_file *f)
{
	for (size_t i = 0; i < f->nsections; i++) {
		const Elf64_Shdr *s = &f->section[i];

		if (s->sh_type != SHT_SYMTAB)
			continue;
		if (s->sh_link >= f->nsections || s->sh_offset % 8)
			return false;
		f->sym = (const void *)(f->p + s->sh_offset);
		f->nsyms = s->sh_size / sizeof(Elf64_Sym);
		f->strings = (const char *)f->p + f->section[s->sh_link].sh_offset;
		f->strings_size = f->section[s->sh_link].sh_size;
		return f->strings_size && !f->strings[f->strings_size - 1];
	}
	return true;
}

bool elf_open(struct elf_file *f, const char *name)
{
	memset(f, 0, sizeof(*f));
	if (map(f, name) && find_sections(f) && find_symbols(f))
		return true;
	elf_close(f);
	return false;
}

void elf_close(struct elf_file *f)
{
	if (f->p)
		munmap((void *)(uintptr_t)f->p, f->size);
	memset(f, 0, sizeof(*f));
}

const char *elf_section_name(const struct elf_file *f, const Elf64_Shdr *s)
{
	const Elf64_Shdr *names = &f->section[((const Elf64_Ehdr *)(const void *)f->p)->e_shstrndx];
	const char *strings = (const char *)f->p + names->sh_offset;

	if (s->sh_name >= names->sh_size || strings[names->sh_size - 1])
		return "";
	return strings + s->sh_name;
}

const char *elf_sym_name(const struct elf_file *f, const Elf64_Sym *s)
{
	return s->st_name < f->strings_size ? f->strings + s->st_name : "";
}

const uint8_t *elf_data(const struct elf_file *f, const Elf64_Shdr *s)
{
	return s->sh_type == SHT_NOBITS ? NULL : f->p + s->sh_offset;
}

const Elf64_Shdr *elf_find(const struct elf_file *f, const char *name)
{
	for (size_t i = 0; i < f->nsections; i++)
		if (strcmp(elf_section_name(f, &f->section[i]), name) == 0)
			return &f->section[i];
	return NULL;
}
