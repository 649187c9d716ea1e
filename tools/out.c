/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Process-wide output state and the one way in which errors are reported, so
 * that --json keeps its promise whatever goes wrong.
 */
#define _GNU_SOURCE
#include "out.h"

#include <errno.h>
#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "json.h"

#define DEFAULT_WIDTH 100u
#define MIN_WIDTH 40u
#define MAX_WIDTH 200u

struct out out = { .width = DEFAULT_WIDTH };

static unsigned int terminal_width(void)
{
	const char *columns = getenv("COLUMNS");
	struct winsize ws;
	unsigned long n = 0;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &ws) == 0)
		n = ws.ws_col;
	if (columns && *columns)
		n = strtoul(columns, NULL, 10);
	if (n == 0)
		return DEFAULT_WIDTH;
	if (n < MIN_WIDTH)
		return MIN_WIDTH;
	return n > MAX_WIDTH ? MAX_WIDTH : (unsigned int)n;
}

void out_init(int argc, char **argv)
{
	const char *no_color = getenv("NO_COLOR");
	const char *term = getenv("TERM");

	out.width = terminal_width();
	out.color = isatty(STDOUT_FILENO) && !(no_color && *no_color) &&
		    term && strcmp(term, "dumb") != 0;
	/* Before option parsing, so that a usage error can be reported as JSON. */
	for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
		out.json |= strcmp(argv[i], "--json") == 0;
}

static void report(const char *file, uint32_t line, uint32_t column, const char *message)
{
	fputs("vtlb: ", stderr);
	if (file)
		fprintf(stderr, "%s:", file);
	if (file && line)
		fprintf(stderr, "%u:", line);
	if (file && line && column)
		fprintf(stderr, "%u:", column);
	fprintf(stderr, "%s%s\n", file ? " " : "", message);
	if (out.json) {
		/* Should memory run out on the way, the second report does without. */
		out.json = false;
		json_write(json_error_object(file, line, column, message));
	}
}

int out_error(int code, const char *file, uint32_t line, uint32_t column, const char *fmt, ...)
{
	char message[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(message, sizeof(message), fmt, ap);
	va_end(ap);
	if (out.hold)
		out.hold(file, line, column, message);
	else
		report(file, line, column, message);
	return code;
}

void out_die(const char *fmt, ...)
{
	char message[256];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(message, sizeof(message), fmt, ap);
	va_end(ap);
	if (out.die)
		out.die(message);
	report(NULL, 0, 0, message);
	exit(EXIT_INTERNAL);
}

int out_finish(int code)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return code;
	fprintf(stderr, "vtlb: cannot write to standard output: %s\n", strerror(errno));
	return EXIT_INTERNAL;
}

void *out_alloc(size_t n, size_t size)
{
	void *p = calloc(n ? n : 1, size);

	if (!p)
		out_die("out of memory");
	return p;
}

void *out_grow(void *p, size_t *cap, size_t need, size_t size)
{
	size_t n = *cap ? *cap : 8;

	if (need <= *cap)
		return p;
	while (n < need)
		n *= 2;
	p = reallocarray(p, n, size);
	if (!p)
		out_die("out of memory");
	*cap = n;
	return p;
}
