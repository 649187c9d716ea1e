/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Running the built command from a test.  Outputs go to temporary files, so
 * that no pipe can fill up.
 */
#define _GNU_SOURCE
#include "cli.h"

#include <sys/wait.h>
#include <unistd.h>

#ifndef VTLB_BIN
#define VTLB_BIN "vtlb"
#endif
#ifndef VTLB_SOURCE_DIR
#define VTLB_SOURCE_DIR "."
#endif
#ifndef VTLB_EXAMPLES_DIR
#define VTLB_EXAMPLES_DIR "."
#endif

#define FAMOUS                                                                             \
	"vtlb-trace 1\n"                                                                   \
	"world vendor=intel mode=shadow features=pcid,invpcid,pge,smep,smap,nx vcpus=1\n" \
	"roots a b\n"                                                                      \
	"cr4 |= pge\n"                                                                     \
	"cr3 b\n"                                                                          \
	"read user\n"                                                                      \
	"cr3 a\n"                                                                          \
	"write b.user = f2\n"                                                              \
	"invpcid single pcid=0\n"                                                          \
	"cr4 |= pcide\n"                                                                   \
	"cr3 b pcid=0 noflush\n"

const char cli_famous[] = FAMOUS;
const char cli_famous_expect[] = FAMOUS "expect never user = f1  # must be fresh\n";

static const char *setting(const char *name, const char *built)
{
	const char *value = getenv(name);

	return value && *value ? value : built;
}

const char *cli_bin(void)
{
	return setting("VTLB_BIN", VTLB_BIN);
}

static char *slurp(FILE *f)
{
	long size;
	char *text;

	assert_int_equal(fseek(f, 0, SEEK_END), 0);
	size = ftell(f);
	assert_true(size >= 0);
	rewind(f);
	text = calloc((size_t)size + 1, 1);
	assert_non_null(text);
	assert_int_equal(fread(text, 1, (size_t)size, f), size);
	fclose(f);
	return text;
}

static void child(FILE *in, FILE *out, FILE *err, const char *const *args)
{
	const char *argv[CLI_MAX_ARGS + 2] = { cli_bin() };
	char **mutable;

	for (size_t i = 0; args[i]; i++)
		argv[i + 1] = args[i];
	/* wide, so that sentences are not folded in the middle of what a test looks for */
	setenv("COLUMNS", "200", 0);
	dup2(fileno(in), STDIN_FILENO);
	dup2(fileno(out), STDOUT_FILENO);
	dup2(fileno(err), STDERR_FILENO);
	memcpy(&mutable, &(const char **){ argv }, sizeof(mutable));
	execv(argv[0], mutable);
	perror(argv[0]);
	_exit(127);
}

const struct cli *cli_run(const char *input, const char *const *args)
{
	static struct cli r;
	FILE *in = tmpfile(), *out = tmpfile(), *err = tmpfile();
	int status;
	pid_t pid;

	assert_true(in && out && err);
	fputs(input ? input : "", in);
	rewind(in);
	free(r.out);
	free(r.err);
	fflush(NULL);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0)
		child(in, out, err, args);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	fclose(in);
	r.code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
	r.out = slurp(out);
	r.err = slurp(err);
	return &r;
}

json_t *cli_json(const struct cli *r)
{
	json_error_t error;
	json_t *value = json_loads(r->out, JSON_REJECT_DUPLICATES, &error);

	if (!value)
		fail_msg("not one JSON value: %s\n%s\n%s", error.text, r->out, r->err);
	return value;
}

void cli_keys(json_t *keys, const json_t *value)
{
	const char *key;
	json_t *member;
	size_t i;

	json_array_foreach(value, i, member)
		cli_keys(keys, member);
	json_object_foreach((json_t *)(uintptr_t)value, key, member) {
		json_object_set_new(keys, key, json_true());
		cli_keys(keys, member);
	}
}

const char *cli_string(const json_t *object, const char *key)
{
	const char *s = json_string_value(json_object_get(object, key));

	if (!s)
		fail_msg("'%s' is not a string", key);
	return s;
}

void cli_has(const char *text, const char *word)
{
	if (!strstr(text, word))
		fail_msg("'%s' is not in:\n%s", word, text);
}

void cli_lacks(const char *text, const char *word)
{
	if (strstr(text, word))
		fail_msg("'%s' is in:\n%s", word, text);
}

const char *cli_source(const char *name)
{
	static char path[4096];

	snprintf(path, sizeof(path), "%s/%s", setting("VTLB_SOURCE_DIR", VTLB_SOURCE_DIR), name);
	return path;
}

const char *cli_example(const char *name)
{
	static char path[4096];

	snprintf(path, sizeof(path), "%s/%s", setting("VTLB_EXAMPLES_DIR", VTLB_EXAMPLES_DIR),
		 name);
	return path;
}

char *cli_read(const char *path)
{
	FILE *f = fopen(path, "rb");

	if (!f)
		fail_msg("cannot open %s", path);
	return slurp(f);
}
