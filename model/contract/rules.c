/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The rule table: what each operation must drop and when it must fault.  It is
 * data so that the step function, the documentation and citations agree.
 */
#include "vtlb/rules.h"

/*
 * Ids follow the specification: I- Intel (or both vendors where the manuals
 * agree), M- and D- AMD, A- structure of S, U- outside what is modelled.
 * Guards that a row leaves to the interpreter (a union over changed bits,
 * "same value written") have no record.
 */

/* #UD goes before the privilege check, that before all else; "no answer" is last. */
enum rank {
	RANK_UD = 1,
	RANK_CPL = 2,
	RANK_GP = 3,
	RANK_NO_ANSWER = 255,
};

#define FAULT_UD .fault = VTLB_UD, .rank = RANK_UD
#define FAULT_CPL \
	.fault = VTLB_GP0, .rank = RANK_CPL, .before = VTLB_CPL3, .before_mask = VTLB_CPL3
#define FAULT_GP .fault = VTLB_GP0, .rank = RANK_GP
#define NO_ANSWER .fault = VTLB_UNSUPPORTED, .rank = RANK_NO_ANSWER

/* One mode bit goes up, or down; what it was before follows. */
#define RISES(bit) .changed = (bit), .after = (bit), .after_mask = (bit)
#define FALLS(bit) .changed = (bit), .after = 0, .after_mask = (bit)

/* The fields of struct vtlb_must: non-global, global, paging-structure caches. */
#define MUST(ng, ng_at, g, g_at, psc, psc_at) \
	{ VTLB_TAG_##ng, ng_at, g, g_at, VTLB_TAG_##psc, psc_at }
#define BOTH_READINGS(...) .must = { __VA_ARGS__, __VA_ARGS__ }
#define DROP_ALL BOTH_READINGS(MUST(ALL, 0, 1, 0, ALL, 0))

#ifdef VTLB_MUTATION
struct vtlb_rule vtlb_rules[] = {
#else
const struct vtlb_rule vtlb_rules[] = {
#endif
	/* Grouped by event, in files of their own to keep each one readable. */
#include "rules_cr0.inc"
#include "rules_cr3.inc"
#include "rules_cr4.inc"
#include "rules_inv.inc"
#include "rules_other.inc"
};

const unsigned int vtlb_nr_rules = sizeof(vtlb_rules) / sizeof(vtlb_rules[0]);

_Static_assert(sizeof(vtlb_rules) / sizeof(vtlb_rules[0]) <= VTLB_MAX_RULES,
	       "indices of records fit the arrays made from them");

static bool same(const char *a, const char *b)
{
	while (*a && *a == *b) {
		a++;
		b++;
	}
	return *a == *b;
}

int vtlb_rule_by_id(const char *id)
{
	for (unsigned int i = 0; i < vtlb_nr_rules; i++)
		if (same(vtlb_rules[i].id, id))
			return (int)i;
	return -1;
}
