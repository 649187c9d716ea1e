/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What tests of "vtlb explore" share: a folder of their own, what --json says of the one
 * search, and command lines that have to be refused.
 */
#ifndef TEST_CLI_EXPLORE_DIR_H
#define TEST_CLI_EXPLORE_DIR_H

#include "cli.h"

#include <unistd.h>

static char dir[] = "/tmp/vtlb-explore-XXXXXX";

static inline const char *in_dir(const char *name)
{
	static char path[2][64];
	static unsigned int turn;

	turn ^= 1;
	snprintf(path[turn], sizeof(path[turn]), "%s/%s", dir, name);
	return path[turn];
}

static inline const char *write_file(const char *name, const void *data, size_t len)
{
	const char *path = in_dir(name);
	FILE *f = fopen(path, "wb");

	assert_non_null(f);
	assert_int_equal(fwrite(data, 1, len, f), len);
	fclose(f);
	return path;
}

static inline json_t *result_of(json_t *o)
{
	assert_int_equal(json_array_size(json_object_get(o, "results")), 1);
	return json_array_get(json_object_get(o, "results"), 0);
}

static inline json_int_t integer(const json_t *o, const char *key)
{
	const json_t *value = json_object_get(o, key);

	if (!json_is_integer(value))
		fail_msg("'%s' is no integer", key);
	return json_integer_value(value);
}

static inline bool is_true(const json_t *o, const char *key)
{
	assert_true(json_is_boolean(json_object_get(o, key)));
	return json_is_true(json_object_get(o, key));
}

static inline void refused(const char *why, const char *const *args)
{
	const char *line[16] = { "explore", "--impl", "kvm-6.12" };
	const struct cli *r;
	size_t n = 3;

	for (; *args; args++)
		line[n++] = *args;
	r = cli_run(NULL, line);
	assert_int_equal(r->code, 2);
	assert_string_equal(r->out, "");
	cli_has(r->err, why);
}

#define REFUSED(why, ...) refused(why, (const char *const[]){ __VA_ARGS__, NULL })

static inline int make_dir(void **state)
{
	(void)state;
	return mkdtemp(dir) ? 0 : -1;
}

static inline int remove_dir(void **state)
{
	char command[64];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf '%s'", dir);
	return system(command);
}

#endif /* TEST_CLI_EXPLORE_DIR_H */
