/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * JSON output, schema 1, as docs/json.md describes it.
 */
#ifndef TOOLS_JSON_H
#define TOOLS_JSON_H

#include <jansson.h>

#include "judge.h"

#define JSON_SCHEMA 1

/** json_write() - write a value to standard output and release it */
void json_write(json_t *value);

/** json_text() - a string; bytes that are not UTF-8 become '?' */
json_t *json_text(const char *s);

/**
 * json_new() - a value that must not be NULL
 * json_add() / json_append() - put a value into an object or array
 *
 * Running out of memory ends the process.
 */
json_t *json_new(json_t *value);
void json_add(json_t *object, const char *key, json_t *value);
void json_append(json_t *array, json_t *value);

/** json_number() - an integer */
json_t *json_number(uint64_t n);

/** json_words() - a string made of @t, which is released */
json_t *json_words(struct text *t);

/** json_waivers() - an array of the names of the waivers in @mask */
json_t *json_waivers(uint32_t mask);

/** json_violation() - the violation of a judgement that has one */
json_t *json_violation(const struct judgement *j);

/** json_cost() - what a judgement's implementation spent */
json_t *json_cost(const struct judgement *j);

/** json_envelope() - the object that every --json output but "list" is: schema and version */
json_t *json_envelope(void);

/** json_error_object() - what --json prints instead of a result */
json_t *json_error_object(const char *file, uint32_t line, uint32_t column,
			  const char *message);

/** json_judgements() - what "check --json" prints */
json_t *json_judgements(const struct judgement *j, size_t n);

#endif /* TOOLS_JSON_H */
