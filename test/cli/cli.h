/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Running the built command from a test: arguments and standard input in,
 * exit code and both outputs back.
 *
 * VTLB_BIN (the command), VTLB_SOURCE_DIR (this repository) and
 * VTLB_EXAMPLES_DIR (where the example and test implementations were built)
 * come from the environment, otherwise from the build.
 */
#ifndef TEST_CLI_H
#define TEST_CLI_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#define CLI_MAX_ARGS 64

struct cli {
	int code;		/* exit code, or -1: killed by a signal */
	char *out;
	char *err;
};

/**
 * cli_run() - run the command
 * @input: standard input, or NULL: empty
 * @args: its arguments, NULL-terminated
 *
 * The result stays valid until the next call.
 */
const struct cli *cli_run(const char *input, const char *const *args);

#define CLI(input, ...) cli_run(input, (const char *const[]){ __VA_ARGS__, NULL })

/** cli_json() - parse a whole standard output as one JSON value */
json_t *cli_json(const struct cli *r);

/** cli_keys() - put the keys of all objects in @value into @keys, each once */
void cli_keys(json_t *keys, const json_t *value);

/** cli_string() - a string member; fails the test if it is none */
const char *cli_string(const json_t *object, const char *key);

/** cli_has() / cli_lacks() - does text contain a word */
void cli_has(const char *text, const char *word);
void cli_lacks(const char *text, const char *word);

/** cli_bin() - path of the command */
const char *cli_bin(void);

/** cli_source() / cli_example() - path of a file; valid until the next call of the same */
const char *cli_source(const char *name);
const char *cli_example(const char *name);

/** cli_read() - contents of a file, to be freed */
char *cli_read(const char *path);

/*
 * The sequence that the second half of "Cache CR3 in prev_roots when PCID is
 * disabled" makes safe: 8 operations, the seventh is guilty without it.
 */
extern const char cli_famous[];
extern const char cli_famous_expect[];

#endif /* TEST_CLI_H */
