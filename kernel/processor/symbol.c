/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The program has its symbol table, but only on disk: it is read where something has to
 * be said, which ends a run, so that nothing is paid for it otherwise.
 */
#define _GNU_SOURCE
#include "symbol.h"

#include <elf.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* The function with @at in it, or the last one before: one in assembly may have no size. */
static const Elf64_Sym *find(const Elf64_Sym *sym, size_t n, unsigned long at)
{
	const Elf64_Sym *best = NULL;

	for (size_t i = 0; i < n; i++)
		if (ELF64_ST_TYPE(sym[i].st_info) == STT_FUNC && sym[i].st_value <= at &&
		    (!best || sym[i].st_value > best->st_value))
			best = &sym[i];
	return best;
}

static void name(const unsigned char *file, unsigned long at, char *text, size_t size)
{
	const Elf64_Ehdr *head = (const Elf64_Ehdr *)file;
	const Elf64_Shdr *section = (const Elf64_Shdr *)(file + head->e_shoff);

	for (unsigned int i = 0; i < head->e_shnum; i++) {
		const Elf64_Shdr *s = &section[i];
		const Elf64_Sym *sym;

		if (s->sh_type != SHT_SYMTAB)
			continue;
		/* the address behind the call may be that of the next function */
		sym = find((const Elf64_Sym *)(file + s->sh_offset), s->sh_size / sizeof(*sym),
			   at - 1);
		if (sym)
			snprintf(text, size, "%s+%#lx",
				 (const char *)file + section[s->sh_link].sh_offset + sym->st_name,
				 at - sym->st_value);
	}
}

const char *symbol_caller(unsigned long at)
{
	/* replay meets the same stop again and again */
	static unsigned long last;
	static char text[96];
	struct stat st;
	void *file;
	int fd;

	if (last == at)
		return text;
	last = at;
	snprintf(text, sizeof(text), "%#lx", at);
	fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return text;
	if (!fstat(fd, &st)) {
		file = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
		if (file != MAP_FAILED) {
			name(file, at, text, sizeof(text));
			munmap(file, (size_t)st.st_size);
		}
	}
	close(fd);
	return text;
}
