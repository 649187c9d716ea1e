/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Steps of two implementations side by side.
 */
#include "pair.h"

#include <stdlib.h>
#include <string.h>

#include "out.h"

void pair_begin(struct pair *p, const struct vtlb_world *w, const struct vtlb_impl *const *impl,
		uint8_t vendor, uint32_t waive)
{
	p->w = w;
	for (unsigned int i = 0; i < NR_SIDES; i++) {
		p->impl[i] = impl[i];
		p->size[i] = impl[i]->state_size(impl[i], w);
	}
	vtlb_contract_init(&p->c, w, vendor, VTLB_RELY, waive);
}

void pair_alloc(const struct pair *p, struct pair_state *s)
{
	for (unsigned int i = 0; i < NR_SIDES; i++)
		s->impl[i] = out_alloc(p->size[i], 1);
	s->c = out_alloc(vtlb_contract_size(&p->c), 1);
	pair_reset(p, s);
}

void pair_reset(const struct pair *p, struct pair_state *s)
{
	for (unsigned int i = 0; i < NR_SIDES; i++)
		p->impl[i]->reset(p->impl[i], p->w, s->impl[i]);
	vtlb_contract_reset(&p->c, s->c);
}

void pair_copy(const struct pair *p, struct pair_state *to, const struct pair_state *from)
{
	for (unsigned int i = 0; i < NR_SIDES; i++) {
		if (p->impl[i]->clone)
			p->impl[i]->clone(p->impl[i], p->w, to->impl[i], from->impl[i]);
		else
			memcpy(to->impl[i], from->impl[i], p->size[i]);
	}
	memcpy(to->c, from->c, vtlb_contract_size(&p->c));
}

void pair_free(struct pair_state *s)
{
	for (unsigned int i = 0; i < NR_SIDES; i++)
		free(s->impl[i]);
	free(s->c);
}

enum pair_end pair_step(const struct pair *p, struct pair_state *s, struct vtlb_op op,
			uint32_t outcome, struct pair_step *step)
{
	bool answers = true;

	memset(step, 0, sizeof(*step));
	vtlb_contract_step(&p->c, s->c, op, outcome, &step->c);
	if (step->c.fault == VTLB_UNSUPPORTED)
		return PAIR_NO_ANSWER;
	for (unsigned int i = 0; i < NR_SIDES; i++) {
		if (!(p->impl[i]->ops & 1u << op.code))
			return PAIR_NO_ANSWER;
		p->impl[i]->step(p->impl[i], p->w, s->impl[i], op, outcome, &step->impl[i]);
		/* whether the other one has none either is something to compare */
		answers &= step->impl[i].fault != VTLB_UNSUPPORTED;
	}
	if (!answers)
		return PAIR_NO_ANSWER;
	if (step->impl[SIDE_A].fault != step->impl[SIDE_B].fault)
		return PAIR_PARTED;
	return step->impl[SIDE_A].fault == step->c.fault ? PAIR_ALIKE : PAIR_FAILED;
}

void pair_could(const struct pair *p, const struct pair_state *s, unsigned int side,
		unsigned int vcpu, unsigned int page, struct vtlb_outset could[VTLB_NR_KINDS])
{
	const struct vtlb_impl *impl = p->impl[side];

	impl->outcomes(impl, p->w, s->impl[side], vcpu, page, could);
}

struct vtlb_outset pair_both(const struct vtlb_outset *a, const struct vtlb_outset *b)
{
	return (struct vtlb_outset){
		.frames = a->frames & b->frames,
		.dirtied = a->dirtied & b->dirtied,
		.faults = a->faults & b->faults,
	};
}

unsigned int pair_count(const struct vtlb_outset *s)
{
	return (unsigned int)(__builtin_popcount(s->frames) + __builtin_popcount(s->dirtied) +
			      __builtin_popcount(s->faults));
}

bool pair_same_set(const struct vtlb_outset *a, const struct vtlb_outset *b)
{
	return a->frames == b->frames && a->dirtied == b->dirtied && a->faults == b->faults;
}
