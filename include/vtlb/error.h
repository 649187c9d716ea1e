/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Errors of the library's own functions.  Architectural faults and violations
 * are values (vtlb/op.h, vtlb/check.h), not errors.
 */
#ifndef VTLB_ERROR_H
#define VTLB_ERROR_H

#if defined(__GNUC__)
#define VTLB_MUST_CHECK __attribute__((warn_unused_result))
#define VTLB_PRINTF(a, b) __attribute__((format(printf, a, b)))
#else
#define VTLB_MUST_CHECK
#define VTLB_PRINTF(a, b)
#endif

#define VTLB_VERSION "0.1.0"

enum vtlb_err {
	VTLB_OK = 0,
	VTLB_E_NOMEM,		/* out of memory, or the caller's block is too small */
	VTLB_E_PARSE,		/* malformed text; file, line, column in the message */
	VTLB_E_WORLD,		/* the world is inconsistent */
	VTLB_E_UNSUPPORTED,	/* outside what the model or implementation covers */
	VTLB_E_OP,		/* an operation is not valid in this world */
	VTLB_E_LIMIT,		/* a fixed limit of the library was reached */
	VTLB_E_NR
};

/** vtlb_strerror() - static sentence for an error */
const char *vtlb_strerror(enum vtlb_err err);

/** vtlb_version() - version of the library that is linked, "MAJOR.MINOR.PATCH" */
const char *vtlb_version(void);

#endif /* VTLB_ERROR_H */
