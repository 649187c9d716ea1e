/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Checkpoint files: written beside the old one and put in its place when they
 * are whole, and read only after every byte of them was checked.
 */
#ifndef TOOLS_CHECKPOINT_H
#define TOOLS_CHECKPOINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "vtlb/error.h"

/**
 * struct checkpoint - a file that is written again and again; private
 * @name: its name
 * @tmp: the name that it has until it is whole
 * @f: while one is being written
 * @hash: of all that was written
 */
struct checkpoint {
	const char *name;
	char *tmp;
	FILE *f;
	void *hash;
	uint64_t len;
	bool warned;
};

/**
 * checkpoint_begin() - get ready to write checkpoints to @name
 *
 * Return: 0, or the exit code after the error was reported.
 */
int checkpoint_begin(struct checkpoint *c, const char *name) VTLB_MUST_CHECK;

/**
 * checkpoint_open() / checkpoint_write() / checkpoint_commit() - write one
 *
 * Return: false: it was given up and there was a warning, the first time; the
 * last one is still there.
 */
bool checkpoint_open(struct checkpoint *c);
bool checkpoint_write(struct checkpoint *c, const void *data, size_t len);
bool checkpoint_commit(struct checkpoint *c);

/** checkpoint_end() - forget it; one that was not committed is removed */
void checkpoint_end(struct checkpoint *c);

/**
 * struct checkpoint_file - a checkpoint that is read; private
 * @left: bytes that were not read yet
 */
struct checkpoint_file {
	const char *name;
	FILE *f;
	uint64_t left;
};

/**
 * checkpoint_load() - open and check
 *
 * Return: 0, or the exit code after the error was reported.
 */
int checkpoint_load(struct checkpoint_file *c, const char *name) VTLB_MUST_CHECK;

/** checkpoint_read() - exactly @len bytes, or false */
bool checkpoint_read(struct checkpoint_file *c, void *data, size_t len);

void checkpoint_close(struct checkpoint_file *c);

#endif /* TOOLS_CHECKPOINT_H */
