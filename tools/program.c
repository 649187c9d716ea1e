/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Reading as much of an ELF file as tells a program with an implementation in it
 * from others: its type, and the note "vtlb".
 */
#include "program.h"

#include <elf.h>
#include <stdio.h>
#include <string.h>

#define NOTE_MAX 4096

static bool read_at(FILE *f, uint64_t at, void *to, size_t size)
{
	return !fseek(f, (long)at, SEEK_SET) && fread(to, size, 1, f) == 1;
}

static bool read_head(FILE *f, Elf64_Ehdr *head)
{
	return read_at(f, 0, head, sizeof(*head)) && !memcmp(head->e_ident, ELFMAG, SELFMAG) &&
	       head->e_ident[EI_CLASS] == ELFCLASS64 && head->e_type == ET_EXEC &&
	       head->e_phentsize == sizeof(Elf64_Phdr);
}

bool program_is(const char *file)
{
	FILE *f = fopen(file, "rb");
	Elf64_Ehdr head;
	bool is = f && read_head(f, &head);

	if (f)
		fclose(f);
	return is;
}

static size_t align4(size_t n)
{
	return (n + 3) & ~(size_t)3;
}

static bool find_note(const uint8_t *p, size_t size, uint32_t *abi)
{
	while (size >= sizeof(Elf64_Nhdr)) {
		size_t name = sizeof(Elf64_Nhdr), desc, end;
		Elf64_Nhdr note;

		memcpy(&note, p, sizeof(note));
		desc = name + align4(note.n_namesz);
		end = desc + align4(note.n_descsz);
		if (end > size || end < desc)
			return false;
		if (note.n_namesz == sizeof("vtlb") && note.n_descsz == sizeof(*abi) &&
		    !memcmp(p + name, "vtlb", sizeof("vtlb"))) {
			memcpy(abi, p + desc, sizeof(*abi));
			return true;
		}
		p += end;
		size -= end;
	}
	return false;
}

bool program_abi(const char *file, uint32_t *abi)
{
	uint8_t notes[NOTE_MAX];
	FILE *f = fopen(file, "rb");
	bool found = false;
	Elf64_Ehdr head;

	if (!f)
		return false;
	if (read_head(f, &head)) {
		for (unsigned int i = 0; i < head.e_phnum && !found; i++) {
			Elf64_Phdr ph;

			if (!read_at(f, head.e_phoff + i * sizeof(ph), &ph, sizeof(ph)))
				break;
			found = ph.p_type == PT_NOTE && ph.p_filesz <= sizeof(notes) &&
				read_at(f, ph.p_offset, notes, ph.p_filesz) &&
				find_note(notes, ph.p_filesz, abi);
		}
	}
	fclose(f);
	return found;
}
