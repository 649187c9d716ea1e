/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Other programs, run with what they print kept: a crash of kernel code takes
 * nothing else down.
 */
#ifndef TOOLS_KERNEL_CHILD_H
#define TOOLS_KERNEL_CHILD_H

#include <jansson.h>
#include <stdbool.h>
#include <sys/types.h>

/**
 * struct child - a program that runs, or has run
 * @code: its exit code, or minus the signal that ended it
 * @out, @err: what it printed; NULL until child_wait(), to be freed with child_free()
 */
struct child {
	pid_t pid;
	int fd_out, fd_err;
	int code;
	char *out, *err;
};

/**
 * child_start() - run @argv
 * @cover: file for VTLB_COVER, or NULL
 * @seconds: it is ended after so many; 0: never
 * @show: its standard error is ours, and not kept
 */
void child_start(struct child *c, const char *const *argv, const char *cover, unsigned int seconds,
		 bool show);

/** child_wait() - until it has ended; fills .code, .out and .err */
void child_wait(struct child *c);

void child_free(struct child *c);

/** child_json() - what it printed as JSON, or NULL */
json_t *child_json(const struct child *c);

#endif /* TOOLS_KERNEL_CHILD_H */
