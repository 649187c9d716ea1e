/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The search by table: one search for each leaf table and frame, and what they come
 * to together.  Nothing fails in the scope if nothing fails in any of them.
 */
#include "internal.h"

static uint32_t smaller(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

static uint32_t larger(uint32_t a, uint32_t b)
{
	return a > b ? a : b;
}

static void add_stats(struct vtlb_explore_stats *to, const struct vtlb_explore_stats *one,
		      bool first)
{
	to->depth = first ? one->depth : smaller(to->depth, one->depth);
	to->diameter = larger(to->diameter, one->diameter);
	to->group = larger(to->group, one->group);
	to->states += one->states;
	to->transitions += one->transitions;
	to->violating += one->violating;
	to->faults += one->faults;
	to->impl_states += one->impl_states;
	to->contract_states += one->contract_states;
	to->frontier += one->frontier;
	to->odds += one->odds;
	to->bytes = to->bytes > one->bytes ? to->bytes : one->bytes;
	for (unsigned int i = 0; i < VTLB_MAX_LEVELS; i++)
		to->level[i] += one->level[i];
	to->part = one->part;
}

static void add_counts(struct vtlb_explore_count *to, const struct vtlb_explore_count *one,
		       size_t n)
{
	for (size_t i = 0; i < n; i++) {
		to[i].fired += one[i].fired;
		to[i].removed += one[i].removed;
	}
}

static void add_result(struct vtlb_explore_result *to, const struct vtlb_explore_result *one,
		       const struct part *part)
{
	add_stats(&to->stats, &one->stats, to->nparts == 0);
	add_counts(to->op, one->op, VTLB_MAX_ALPHABET);
	add_counts(to->rule, one->rule, VTLB_MAX_RULES);
	for (unsigned int i = 0; i < VTLB_MAX_RULES / 32; i++)
		to->can_apply[i] |= one->can_apply[i];
	to->part[to->nparts++] = (struct vtlb_explore_part){
		.table = (uint8_t)part->table,
		.frame = (uint8_t)part->frame,
		.orbit = (uint8_t)part->orbit,
		.states = one->stats.states,
		.transitions = one->stats.transitions,
		.depth = one->stats.depth,
		.diameter = one->stats.diameter,
		.group = one->stats.group,
		.complete = one->complete && one->verdict == VTLB_HOLDS,
	};
}

/*
 * Of the second reading alone, too, a whole search has to say whether anything
 * fails: what stands here for it may be an artefact.
 */
static bool is_suspect(const struct vtlb_explore_result *one)
{
	return one->stop == VTLB_STOP_SUSPECT || one->verdict == VTLB_AMBIGUOUS;
}

/* How it ends together with what was found before. */
static void add_verdict(struct vtlb_explore_result *to, const struct vtlb_explore_result *one)
{
	to->complete &= one->complete;
	to->unsupported |= one->unsupported;
	if (is_suspect(one))
		to->stop = VTLB_STOP_SUSPECT;
	else if (one->stop != VTLB_STOP_NONE)
		to->stop = one->stop;
	if (one->verdict == VTLB_V_UNSUPPORTED)
		to->verdict = VTLB_V_UNSUPPORTED;
}

/* Which frames the entries of a table can map. */
static uint32_t frames_of(const struct vtlb_explore_config *cfg, unsigned int table)
{
	const struct vtlb_world *w = cfg->w;
	uint32_t frames = 0;

	for (unsigned int e = 0; e < VTLB_MAX_ENTRIES; e++)
		if (w->value[w->init.leaf[table][e]].flags & VTLB_LEAF_P)
			frames |= 1u << w->value[w->init.leaf[table][e]].frame;
	for (size_t i = 0; i < cfg->nops; i++)
		if (cfg->ops[i].code == VTLB_OP_WRITE_LEAF && cfg->ops[i].a == table &&
		    w->value[cfg->ops[i].imm].flags & VTLB_LEAF_P)
			frames |= 1u << w->value[cfg->ops[i].imm].frame;
	return frames;
}

/*
 * All parts, with frames or without, or from a checkpoint's on.  How deep the others are
 * safe is worth knowing if a depth is what is asked for; whatever else stops one stops all.
 */
static enum vtlb_err each_part(const struct vtlb_explore_config *cfg,
			       struct vtlb_explore_result *res, struct vtlb_explore_result *one,
			       bool frames, const struct phase *from)
{
	struct vtlb_explore_config own = *cfg;
	struct part part = { .before = res };

	if (!from) {
		memset(res, 0, sizeof(*res));
		res->complete = true;
	}
	for (part.table = from ? from->table : 0; part.table < cfg->w->nleafs; part.table++) {
		uint32_t rest = frames ? frames_of(cfg, part.table) : 1u;

		if (from && part.table == from->table && frames)
			rest &= ~0u << from->frame;

		for (; rest; rest &= rest - 1) {
			enum vtlb_err err;

			part.frame = frames ? (unsigned int)__builtin_ctz(rest) : VTLB_MAX_FRAMES;
			part.number = res->nparts + 1;
			if (res->nparts == VTLB_MAX_PARTS)
				return VTLB_E_LIMIT;
			err = explore_one(&own, one, &part, NULL);
			own.resume = false;
			if (err)
				return err;
			if (!part.orbit)
				continue;
			add_result(res, one, &part);
			add_verdict(res, one);
			if (res->stop == VTLB_STOP_NONE || res->stop == VTLB_STOP_DEPTH)
				continue;
			/* of parts that were not begun no depth is known */
			if ((rest & (rest - 1)) || part.table + 1 < cfg->w->nleafs)
				res->stats.depth = 0;
			return VTLB_OK;
		}
	}
	return VTLB_OK;
}

/* @from: the part that a checkpoint is of, and @res what came before it; or NULL */
enum vtlb_err explore_tables(const struct vtlb_explore_config *cfg,
			     struct vtlb_explore_result *res, const struct phase *from)
{
	struct vtlb_explore_result *one;
	enum vtlb_err err;

	if (from && (from->table >= cfg->w->nleafs || from->frame > VTLB_MAX_FRAMES))
		return VTLB_E_PARSE;
	one = malloc(sizeof(*one));
	if (!one)
		return VTLB_E_NOMEM;
	err = each_part(cfg, res, one, !from || from->frame < VTLB_MAX_FRAMES, from);
	if (err == VTLB_E_UNSUPPORTED && !from)
		err = each_part(cfg, res, one, false, NULL);
	free(one);
	/* no entry ever maps a frame: nothing was searched, so nothing is known */
	if (!err && !res->nparts)
		err = VTLB_E_UNSUPPORTED;
	res->complete &= res->stop == VTLB_STOP_NONE;
	if (!res->complete)
		res->verdict = VTLB_INCOMPLETE;
	else if (res->verdict != VTLB_V_UNSUPPORTED)
		res->verdict = VTLB_HOLDS;
	res->proof = res->complete && res->verdict == VTLB_HOLDS &&
		     !(cfg->flags & VTLB_EXPLORE_FINGERPRINT);
	return err;
}
