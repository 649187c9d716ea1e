/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Makes a contract for one world: layout of the state, the rule index, and the
 * table that says what a cached leaf value gives under which rights.
 */
#include "internal.h"

static bool is_user(unsigned int kind)
{
	return kind == VTLB_UR || kind == VTLB_UW || kind == VTLB_UX;
}

static bool is_write(unsigned int kind)
{
	return kind == VTLB_UW || kind == VTLB_SW || kind == VTLB_SWA;
}

static bool is_fetch(unsigned int kind)
{
	return kind == VTLB_UX || kind == VTLB_SX;
}

/* SDM 4.6 / 5.6: rights are judged at the access, from the cached R/W, U/S, XD. */
static bool permitted(unsigned int flags, unsigned int kind, unsigned int rights)
{
	bool wp = rights & 1, smep = rights & 2, smap = rights & 4, nxe = rights & 8;

	if (is_fetch(kind) && nxe && (flags & VTLB_LEAF_NX))
		return false;
	if (is_user(kind))
		return (flags & VTLB_LEAF_U) && (!is_write(kind) || (flags & VTLB_LEAF_W));
	if (flags & VTLB_LEAF_U) {
		if (is_fetch(kind))
			return !smep;
		if (smap && (kind == VTLB_SR || kind == VTLB_SW))
			return false;
	}
	return !is_write(kind) || (flags & VTLB_LEAF_W) || !wp;
}

static void fill_outcomes(struct vtlb_contract *c)
{
	const struct vtlb_world *w = c->w;

	for (unsigned int rights = 0; rights < 16; rights++) {
		for (unsigned int v = 1; v < w->nvalues; v++) {
			struct vtlb_value_outcome *o = &c->outcome[rights][v];

			for (unsigned int k = 0; k < VTLB_NR_KINDS; k++) {
				unsigned int err = VTLB_PF_P | (is_write(k) ? VTLB_PF_W : 0u) |
						   (is_user(k) ? VTLB_PF_U : 0u);

				/* I/D is reported only with NXE or SMEP set */
				if (is_fetch(k) && (rights & (2 | 8)))
					err |= VTLB_PF_I;
				if (!permitted(w->value[v].flags, k, rights))
					o->faults[k] = 1u << err;
				else if (!is_write(k) || (w->value[v].flags & VTLB_LEAF_D))
					o->frames[k] = 1u << w->value[v].frame;
				/* else: D=0, the write goes to memory */
			}
		}
	}
}

static void index_rules(struct vtlb_contract *c)
{
	unsigned int n = 0;

	for (unsigned int ev = 0; ev <= VTLB_OP_NR; ev++) {
		unsigned int event = ev == VTLB_OP_NR ? VTLB_EV_PF : ev;

		c->first[ev] = (uint8_t)n;
		for (unsigned int i = 0; i < vtlb_nr_rules; i++)
			if (vtlb_rules[i].event == event &&
			    (vtlb_rules[i].vendors & 1u << c->vendor))
				c->order[n++] = (uint8_t)i;
		c->count[ev] = (uint8_t)(n - c->first[ev]);
	}
}

/* Where the sets of a vCPU lie, and how large a state is: of @c, waive and tags, too. */
static void lay_out(struct vtlb_contract *c, const struct vtlb_world *w, uint32_t waive)
{
	const uint32_t side = (uint32_t)w->npcids * w->nroots * w->npages;
	uint32_t words;

	if (!(waive & VTLB_WAIVE_NONCURRENT))
		waive &= ~(uint32_t)VTLB_WAIVE_PSC;
	if (!(w->features & VTLB_F_SMAP))
		waive &= ~(uint32_t)VTLB_WAIVE_WP0_SMAP;
	c->waive = waive;
	c->tags = waive & VTLB_WAIVE_PF ? w->nroots : 1;

	words = (uint32_t)w->npcids * c->tags * w->npages;
	c->off_g = words;
	words += w->npages;
	c->off_psc = words;
	words += (uint32_t)w->npcids * c->tags * PSC_WORDS(w);
	c->side_wp0 = waive & VTLB_WAIVE_WP0_SMAP ? side : 0;
	if (waive & VTLB_WAIVE_NONCURRENT) {
		c->off_w = words;
		words += side + c->side_wp0;
		c->off_live = words;
		words += w->npcids;
	}
	if (waive & VTLB_WAIVE_PSC) {
		c->off_x = words;
		words += side + c->side_wp0;
		c->off_linked = words;
		words += w->npcids;
	}
	if (waive & VTLB_WAIVE_WP0_SMAP) {
		c->off_wp0 = words;
		words += (uint32_t)w->npcids * 2 * w->npages;
	}
	c->vcpu_words = words;
	c->state_size = (uint32_t)((sizeof(struct vtlb_cstate) +
				    (size_t)words * w->nvcpus * sizeof(uint32_t) + 7) & ~(size_t)7);
}

size_t vtlb_contract_max_size(const struct vtlb_world *w)
{
	struct vtlb_contract c;

	lay_out(&c, w, VTLB_WAIVE_ALL | VTLB_WAIVE_PSC);
	return c.state_size;
}

void vtlb_contract_init(struct vtlb_contract *c, const struct vtlb_world *w,
			unsigned int vendor, unsigned int reading, uint32_t waive)
{
	memset(c, 0, sizeof(*c));
	c->w = w;
	c->vendor = (uint8_t)vendor;
	c->reading = (uint8_t)reading;
	lay_out(c, w, waive);

	memset(c->pcid_index, 0xff, sizeof(c->pcid_index));
	for (unsigned int i = 0; i < w->npcids; i++)
		c->pcid_index[w->pcid[i]] = (uint8_t)i;

	for (uint32_t rest = VTLB_CR4_BITS | VTLB_EFER_BITS; rest; rest &= rest - 1) {
		uint32_t need = vtlb_feature_of_bit(rest & -rest);

		if (need && !(w->features & need))
			c->reserved |= rest & -rest;
	}
	for (unsigned int v = 0; v < w->nvalues; v++) {
		c->twin[v] = (uint8_t)v;
		for (unsigned int t = 1; t < w->nvalues; t++)
			if (w->value[t].frame == w->value[v].frame &&
			    w->value[t].flags == (w->value[v].flags | VTLB_LEAF_D))
				c->twin[v] = (uint8_t)t;
	}
	fill_outcomes(c);
	index_rules(c);
}

void vtlb_contract_reset(const struct vtlb_contract *c, struct vtlb_cstate *s)
{
	const struct vtlb_world *w = c->w;

	memset(s, 0, c->state_size);
	s->mem = w->init;
	for (unsigned int v = 0; v < w->nvcpus; v++) {
		s->regs[v].mode = w->init_mode;
		s->regs[v].root = w->init_root;
		s->regs[v].low12 = w->init_low12;
		if (c->waive & VTLB_WAIVE_NONCURRENT)
			waive_switch(c, s, v);
	}
	waive_note(c, s);
	for (unsigned int v = 0; v < w->nvcpus; v++)
		contract_close(c, s, v);
}

unsigned int vtlb_contract_cur(const struct vtlb_contract *c, const struct vtlb_cstate *s,
			       unsigned int vcpu)
{
	return cur_pcid(c, &s->regs[vcpu]);
}

uint32_t vtlb_contract_values(const struct vtlb_contract *c, const struct vtlb_cstate *s,
			      unsigned int vcpu, unsigned int pcid, unsigned int page,
			      uint32_t *global)
{
	const uint32_t *set = vcpu_csets(c, s, vcpu);
	uint32_t values = 0;

	for (unsigned int tag = 0; tag < c->tags; tag++)
		values |= set[ng_at(c, pcid, tag) + page];
	if (global)
		*global = set[c->off_g + page];
	return values;
}
