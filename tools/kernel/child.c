/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Running a program with both outputs in files that have no name: it may print
 * as much as it likes while nobody reads.
 */
#define _GNU_SOURCE
#include "child.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "out.h"

static int anonymous_file(void)
{
	int fd = memfd_create("output", MFD_CLOEXEC);

	if (fd < 0)
		out_die("cannot make a file for a program's output: %s", strerror(errno));
	return fd;
}

static void become(const struct child *c, const char *const *argv, const char *cover,
		   unsigned int seconds, bool show)
{
	if (dup2(c->fd_out, STDOUT_FILENO) < 0 || (!show && dup2(c->fd_err, STDERR_FILENO) < 0))
		_exit(EXIT_INTERNAL);
	if (cover)
		setenv("VTLB_COVER", cover, 1);
	else
		unsetenv("VTLB_COVER");
	alarm(seconds);
	execv(argv[0], (char *const *)(uintptr_t)argv);
	fprintf(stderr, "vtlb: cannot run %s: %s\n", argv[0], strerror(errno));
	_exit(EXIT_USAGE);
}

void child_start(struct child *c, const char *const *argv, const char *cover, unsigned int seconds,
		 bool show)
{
	*c = (struct child){ .fd_out = anonymous_file(), .fd_err = anonymous_file() };
	fflush(NULL);
	c->pid = fork();
	if (c->pid < 0)
		out_die("cannot run %s: %s", argv[0], strerror(errno));
	if (c->pid == 0)
		become(c, argv, cover, seconds, show);
}

static char *contents(int fd)
{
	struct stat st;
	size_t got = 0;
	char *s;

	if (fstat(fd, &st))
		out_die("cannot read a program's output: %s", strerror(errno));
	s = out_alloc((size_t)st.st_size + 1, 1);
	while (got < (size_t)st.st_size) {
		ssize_t n = pread(fd, s + got, (size_t)st.st_size - got, (off_t)got);

		if (n <= 0)
			break;
		got += (size_t)n;
	}
	close(fd);
	return s;
}

void child_wait(struct child *c)
{
	int status = 0;

	while (waitpid(c->pid, &status, 0) < 0 && errno == EINTR)
		;
	c->code = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
	c->out = contents(c->fd_out);
	c->err = contents(c->fd_err);
}

void child_free(struct child *c)
{
	free(c->out);
	free(c->err);
	c->out = c->err = NULL;
}

json_t *child_json(const struct child *c)
{
	return json_loads(c->out, 0, NULL);
}
