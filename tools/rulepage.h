/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The rule table as documents: one rule explained, JSON, and docs/rules.md.
 */
#ifndef TOOLS_RULEPAGE_H
#define TOOLS_RULEPAGE_H

#include <jansson.h>

#include "vtlb/rules.h"

/** rulepage_table() - all rules, a row each */
void rulepage_table(void);

/** rulepage_explain() - one rule, with its sections in both numberings */
void rulepage_explain(const struct vtlb_rule *r);

/** rulepage_json() - one rule as an object */
json_t *rulepage_json(const struct vtlb_rule *r);

/** rulepage_markdown() - the whole of docs/rules.md */
void rulepage_markdown(void);

/** rulepage_vendors() - "Intel", "AMD" or "Intel, AMD" */
const char *rulepage_vendors(const struct vtlb_rule *r);

/** rulepage_confidence() - how well a rule is known, in words */
const char *rulepage_confidence(const struct vtlb_rule *r);

#endif /* TOOLS_RULEPAGE_H */
