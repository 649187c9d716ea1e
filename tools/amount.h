/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Large numbers for people.
 */
#ifndef TOOLS_AMOUNT_H
#define TOOLS_AMOUNT_H

#include <stdint.h>

#include "text.h"

/** amount_exact() - append "1,234,567" */
void amount_exact(struct text *t, uint64_t n);

/** amount_short() - append three digits and a power of ten: "1.23 M" */
void amount_short(struct text *t, double n);

/** amount_bytes() - append bytes, likewise, in powers of 1024: "1.23 GiB" */
void amount_bytes(struct text *t, double n);

/** amount_seconds() - append "0.53 s", "12 s", "3 min 20 s", "2 h 5 min" */
void amount_seconds(struct text *t, double s);

#endif /* TOOLS_AMOUNT_H */
