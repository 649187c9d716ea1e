/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A search that looks into one leaf table.  The others' entries are not present
 * between two steps; an access that walks to one is taken once with each value that
 * the entry can have.  docs/explore.md says why that loses nothing that fails.
 */
#include "internal.h"

static struct vtlb_cstate *cstate(uint8_t *const *c, unsigned int i)
{
	return (struct vtlb_cstate *)(void *)c[i];
}

/* With D set by an access as well. */
static uint32_t with_twins(const struct vtlb_world *w, uint32_t values)
{
	uint32_t all = values;

	for (uint32_t rest = values; rest; rest &= rest - 1) {
		const struct vtlb_leaf *v = &w->value[__builtin_ctz(rest)];

		for (unsigned int t = 1; t < w->nvalues; t++)
			if (w->value[t].frame == v->frame &&
			    w->value[t].flags == (v->flags | VTLB_LEAF_D))
				all |= 1u << t;
	}
	return all;
}

static void find_values(struct search *s)
{
	for (unsigned int t = 0; t < s->w.nleafs; t++)
		for (unsigned int e = 0; e < VTLB_MAX_ENTRIES; e++)
			s->guess[t][e] = 1u << s->w.init.leaf[t][e];
	for (size_t i = 0; i < s->cfg->nops; i++) {
		const struct vtlb_op *op = &s->cfg->ops[i];

		if (op->code == VTLB_OP_WRITE_LEAF)
			s->guess[op->a][op->b] |= 1u << op->imm;
	}
	for (unsigned int t = 0; t < s->w.nleafs; t++)
		for (unsigned int e = 0; e < VTLB_MAX_ENTRIES; e++)
			s->guess[t][e] = with_twins(&s->w, s->guess[t][e]);
}

uint32_t used_values(const struct search *s, unsigned int table)
{
	uint32_t values = 0;

	for (unsigned int page = 0; page < s->w.npages; page++)
		values |= s->guess[table][s->w.page[page].entry];
	return values;
}

/* Hides all that is not in the part. */
bool hidden_init(struct search *s)
{
	const struct vtlb_impl *impl = s->impl;

	if (impl->size <= offsetof(struct vtlb_impl, assume) || !impl->assume)
		return false;
	find_values(s);
	s->w.hidden = ((1u << s->w.nleafs) - 1) & ~(1u << s->part->table);
	for (unsigned int v = 1; v < s->w.nvalues && s->part->frame < VTLB_MAX_FRAMES; v++)
		if (s->w.value[v].frame != s->part->frame)
			s->w.unseen |= 1u << v;
	return true;
}

/* Does the implementation agree? */
bool hidden_ask(struct search *s)
{
	uint8_t *state = s->worker[0].impl;

	s->impl->reset(s->impl, &s->w, state);
	return s->impl->assume(s->impl, &s->w, state, VTLB_MAX_LEAFS, 0, 0);
}

bool is_hidden(const struct search *s)
{
	return s->w.hidden | s->w.unseen;
}

/* For the contract what is written and not seen is as good as not present. */
struct vtlb_op hidden_op(const struct search *s, struct vtlb_op op)
{
	if (op.code == VTLB_OP_WRITE_LEAF &&
	    (s->w.hidden >> op.a & 1u || s->w.unseen >> op.imm & 1u))
		op.imm = 0;
	return op;
}

/* Contents of page tables, and what waivers note of those that are hidden. */
void hidden_forget(const struct search *s, uint8_t *const *c)
{
	for (unsigned int t = 0; is_hidden(s) && t < s->w.nleafs; t++) {
		bool hidden = s->w.hidden >> t & 1u;
		uint32_t marks = hidden ? ((1u << VTLB_MAX_ENTRIES) - 1) << t * VTLB_MAX_ENTRIES
					: 0;

		for (unsigned int i = 0; i < s->ncontracts; i++) {
			struct vtlb_cstate *state = cstate(c, i);

			for (unsigned int e = 0; e < VTLB_MAX_ENTRIES; e++)
				if (hidden || s->w.unseen >> state->mem.leaf[t][e] & 1u)
					state->mem.leaf[t][e] = 0;
			state->nxe &= ~marks;
			for (unsigned int j = 0; j < sizeof(state->wp0) / sizeof(*state->wp0); j++)
				state->wp0[j] &= ~marks;
		}
	}
}

/*
 * The values that the entry may have to which a walk of @vcpu for @page gets, in
 * @table, if it is hidden; 0: it is not.
 */
uint32_t hidden_walk(const struct search *s, const struct vtlb_cstate *c, unsigned int vcpu,
		     unsigned int page, unsigned int *table)
{
	const struct vtlb_regs *r = &c->regs[vcpu];
	unsigned int slot = s->w.page[page].slot, entry = s->w.page[page].entry, upper, leaf;

	if (!is_hidden(s) || !(r->mode & VTLB_PG) || r->root >= s->w.nroots)
		return 0;
	upper = c->mem.root[r->root][s->w.slot_region[slot]];
	leaf = upper ? c->mem.upper[upper - 1][slot] : 0;
	if (!leaf)
		return 0;
	*table = leaf - 1;
	if (s->w.hidden >> *table & 1u)
		return s->guess[*table][entry];
	return c->mem.leaf[*table][entry] ? 0 : s->guess[*table][entry] & (s->w.unseen | 1u);
}
