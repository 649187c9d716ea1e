/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Files in and out.  A trace that cannot be read is an input error, exit code
 * 2, whatever the reason; its position goes into the message.
 */
#define _GNU_SOURCE
#include "file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "out.h"

static int read_all(const char *name, FILE *in, struct trace_file *f)
{
	size_t cap = 0;

	for (;;) {
		size_t n;

		f->text = out_grow(f->text, &cap, f->len + 65536, 1);
		n = fread(f->text + f->len, 1, cap - f->len, in);
		f->len += n;
		if (n == 0)
			break;
	}
	if (!ferror(in))
		return 0;
	return out_error(EXIT_USAGE, name, 0, 0, "cannot read: %s", strerror(errno));
}

static int parse(struct trace_file *f)
{
	struct vtlb_diag diag = { 0 };
	enum vtlb_err err = vtlb_trace_parse(f->text, f->len, &f->trace, &diag);

	if (!err)
		return 0;
	if (err == VTLB_E_NOMEM)
		return out_error(EXIT_INTERNAL, f->name, 0, 0, "%s", vtlb_strerror(err));
	return out_error(EXIT_USAGE, f->name, diag.line, diag.column, "%s",
			 diag.message[0] ? diag.message : vtlb_strerror(err));
}

int file_load_trace(const char *name, struct trace_file *f)
{
	FILE *in = strcmp(name, "-") == 0 ? stdin : fopen(name, "rb");
	int code;

	memset(f, 0, sizeof(*f));
	f->name = name;
	if (!in)
		return out_error(EXIT_USAGE, name, 0, 0, "cannot open: %s", strerror(errno));
	code = read_all(name, in, f);
	if (in != stdin)
		fclose(in);
	if (!code)
		code = parse(f);
	if (code) {
		free(f->text);
		memset(f, 0, sizeof(*f));
	}
	return code;
}

void file_free_trace(struct trace_file *f)
{
	vtlb_trace_free(&f->trace);
	free(f->text);
	memset(f, 0, sizeof(*f));
}

const char *file_line(const struct trace_file *f, uint32_t line, size_t *len)
{
	const char *s = f->text, *end = f->text + f->len, *stop;

	while (line > 1 && s < end) {
		const char *nl = memchr(s, '\n', (size_t)(end - s));

		s = nl ? nl + 1 : end;
		line--;
	}
	stop = s;
	while (stop < end && *stop != '\n' && *stop != '#')
		stop++;
	while (s < stop && (*s == ' ' || *s == '\t'))
		s++;
	while (stop > s && (stop[-1] == ' ' || stop[-1] == '\t' || stop[-1] == '\r'))
		stop--;
	*len = (size_t)(stop - s);
	return s;
}

int file_save(const char *name, const char *text)
{
	bool to_stdout = strcmp(name, "-") == 0;
	FILE *f = to_stdout ? stdout : fopen(name, "wb");
	bool failed;

	if (!f)
		return out_error(EXIT_USAGE, name, 0, 0, "cannot open for writing: %s",
				 strerror(errno));
	failed = fputs(text, f) == EOF;
	if (!to_stdout && fclose(f) != 0)
		failed = true;
	if (!failed)
		return 0;
	return out_error(EXIT_USAGE, name, 0, 0, "cannot write: %s", strerror(errno));
}

char *file_trace_text(const struct vtlb_trace *t)
{
	size_t len = vtlb_trace_print(t, NULL, 0);
	char *text = out_alloc(len + 1, 1);

	vtlb_trace_print(t, text, len + 1);
	return text;
}
