/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * ELF files, 64-bit and of this machine's byte order, as gcc and ld write them.
 */
#ifndef TOOLS_KERNEL_ELF_FILE_H
#define TOOLS_KERNEL_ELF_FILE_H

#include <elf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * struct elf_file - a mapped file
 * @section, @nsections: its section headers
 * @sym, @nsyms: its symbols
 * @strings, @strings_size: their names
 */
struct elf_file {
	const uint8_t *p;
	size_t size;
	const Elf64_Shdr *section;
	size_t nsections;
	const Elf64_Sym *sym;
	size_t nsyms;
	const char *strings;
	size_t strings_size;
};

/** elf_open() - map and check; false: it is no such file */
bool elf_open(struct elf_file *f, const char *name);
void elf_close(struct elf_file *f);

/** elf_section_name() / elf_sym_name() - "" if it has none */
const char *elf_section_name(const struct elf_file *f, const Elf64_Shdr *s);
const char *elf_sym_name(const struct elf_file *f, const Elf64_Sym *s);

/** elf_data() - contents of a section; NULL if it has none in the file */
const uint8_t *elf_data(const struct elf_file *f, const Elf64_Shdr *s);

/** elf_find() - a section by name, or NULL */
const Elf64_Shdr *elf_find(const struct elf_file *f, const char *name);

#endif /* TOOLS_KERNEL_ELF_FILE_H */
