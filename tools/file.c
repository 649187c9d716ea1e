/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Files in and out.  A trace or scope that cannot be read is an input error, exit code
 * 2, whatever the reason; its position goes into the message.
 */
#define _GNU_SOURCE
#define XXH_INLINE_ALL
#include <xxhash.h>

#include "file.h"

#include <errno.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "out.h"
#include "scopes.h"
#include "text.h"

#define HASH_BUFFER 65536u

static int read_stream(const char *name, FILE *in, char **text, size_t *len)
{
	size_t cap = 0;

	for (;;) {
		size_t n;

		*text = out_grow(*text, &cap, *len + 65536, 1);
		n = fread(*text + *len, 1, cap - *len, in);
		*len += n;
		if (n == 0)
			break;
	}
	if (!ferror(in))
		return 0;
	return out_error(EXIT_USAGE, name, 0, 0, "cannot read: %s", strerror(errno));
}

static int read_all(const char *name, char **text, size_t *len)
{
	FILE *in = strcmp(name, "-") == 0 ? stdin : fopen(name, "rb");
	int code;

	if (!in)
		return out_error(EXIT_USAGE, name, 0, 0, "cannot open: %s", strerror(errno));
	code = read_stream(name, in, text, len);
	if (in != stdin)
		fclose(in);
	return code;
}

static int refuse(const char *name, enum vtlb_err err, const struct vtlb_diag *diag)
{
	if (err == VTLB_E_NOMEM)
		return out_error(EXIT_INTERNAL, name, 0, 0, "%s", vtlb_strerror(err));
	return out_error(EXIT_USAGE, name, diag->line, diag->column, "%s",
			 diag->message[0] ? diag->message : vtlb_strerror(err));
}

static int parse(struct trace_file *f)
{
	struct vtlb_diag diag = { 0 };
	enum vtlb_err err = vtlb_trace_parse(f->text, f->len, &f->trace, &diag);

	return err ? refuse(f->name, err, &diag) : 0;
}

int file_load_trace(const char *name, struct trace_file *f)
{
	int code;

	memset(f, 0, sizeof(*f));
	f->name = name;
	code = read_all(name, &f->text, &f->len);
	if (!code)
		code = parse(f);
	if (code) {
		free(f->text);
		memset(f, 0, sizeof(*f));
	}
	return code;
}

static int unknown_scope(const char *name)
{
	struct text names = { 0 };

	for (unsigned int i = 0; scope_name(i); i++)
		text_list(&names, ", ", scope_name(i));
	out_error(EXIT_USAGE, NULL, 0, 0,
		  "--scope: no scope is called '%s'; there are: %s; a file needs a '/' in its "
		  "name, or .scope at its end", name, text_str(&names));
	text_free(&names);
	return EXIT_USAGE;
}

static bool is_file(const char *name)
{
	size_t len = strlen(name);

	return strchr(name, '/') || (len > 6 && strcmp(name + len - 6, ".scope") == 0);
}

int file_load_scope(const char *name, struct vtlb_scope *s)
{
	const char *ships = is_file(name) ? NULL : scope_text(name);
	struct vtlb_diag diag = { 0 };
	size_t len = ships ? strlen(ships) : 0;
	char *text = NULL;
	enum vtlb_err err;
	int code = 0;

	memset(s, 0, sizeof(*s));
	if (!ships && !is_file(name))
		return unknown_scope(name);
	if (!ships)
		code = read_all(name, &text, &len);
	if (!code) {
		err = vtlb_scope_parse(ships ? ships : text, len, s, &diag);
		code = err ? refuse(name, err, &diag) : 0;
	}
	free(text);
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

int file_check_writable(const char *name)
{
	char *copy = out_alloc(strlen(name) + 1, 1);
	int ok;

	memcpy(copy, name, strlen(name));
	ok = access(name, F_OK) == 0 ? access(name, W_OK) : access(dirname(copy), W_OK);
	free(copy);
	if (ok == 0)
		return 0;
	return out_error(EXIT_USAGE, name, 0, 0, "cannot be written: %s", strerror(errno));
}

uint64_t file_hash(const char *name, uint64_t seed)
{
	XXH3_state_t *hash = XXH3_createState();
	uint8_t *buffer = out_alloc(HASH_BUFFER, 1);
	FILE *f = fopen(name, "rb");
	uint64_t sum;
	size_t n;

	if (!hash || !f)
		out_die("cannot read %s", name);
	XXH3_64bits_reset_withSeed(hash, seed);
	while ((n = fread(buffer, 1, HASH_BUFFER, f)) > 0)
		XXH3_64bits_update(hash, buffer, n);
	sum = XXH3_64bits_digest(hash);
	fclose(f);
	free(buffer);
	XXH3_freeState(hash);
	return sum;
}

char *file_trace_text(const struct vtlb_trace *t)
{
	size_t len = vtlb_trace_print(t, NULL, 0);
	char *text = out_alloc(len + 1, 1);

	vtlb_trace_print(t, text, len + 1);
	return text;
}
