/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The kit that builds kernels: shell programs that ship beside this one.
 */
#ifndef TOOLS_KERNEL_KIT_H
#define TOOLS_KERNEL_KIT_H

#include <stdbool.h>
#include <stddef.h>

#include "vtlb/error.h"

/** kit_path() - a file below share/vtlb, of this program, built or installed; to be freed */
char *kit_path(const char *name);

/**
 * struct kit_tree - where a kernel comes from
 * @debian, @tree: one of them
 * @vendor_module: NULL: the kit's default
 * @jobs: 0: one a processor
 */
struct kit_tree {
	const char *debian, *tree, *vendor_module;
	unsigned int jobs;
};

/**
 * struct kit_patch - a patch of a series
 * @file: what it is in
 * @subject: of its mail, or the name of the file that it came from
 */
struct kit_patch {
	char *file;
	char *subject;
};

/* What can stand for the vendor module, as text. */
#define KIT_VENDOR_MODULES "sim, svm, svm-old"

/** kit_has_vendor_module() - is @name one of them?  NULL is: it stands for the default */
bool kit_has_vendor_module(const char *name);

/* Each returns 0, or the exit code after the error was reported. */

/** kit_workdir() - a new folder; @dir: its name, to be freed */
int kit_workdir(char **dir) VTLB_MUST_CHECK;

/** kit_split() - files with patches into single ones, in @dir; @patch: to be freed */
int kit_split(const char *dir, const char *const *file, size_t nfiles, struct kit_patch **patch,
	      size_t *n) VTLB_MUST_CHECK;

/** kit_program() - build with all of @patch, and say where the program is; @program: to be freed */
int kit_program(const struct kit_tree *tree, const char *const *patch, size_t n,
		char **program) VTLB_MUST_CHECK;

/**
 * kit_build() - build a program
 * @patch, @n: the series
 * @apply: how many of it
 * @details: folder for the program and what tells patches' lines
 */
int kit_build(const struct kit_tree *tree, const struct kit_patch *patch, size_t n, size_t apply,
	      const char *details) VTLB_MUST_CHECK;

#endif /* TOOLS_KERNEL_KIT_H */
