/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What a search has to know about the sets: which bits there are, and what
 * becomes of a state when roots, tables, PCIDs, values or vCPUs are renamed.
 */
#include "internal.h"

static uint32_t below(unsigned int n)
{
	return n >= 32 ? ~0u : (1u << n) - 1;
}

static void fill(uint32_t *words, unsigned int n, uint32_t bits)
{
	for (unsigned int i = 0; i < n; i++)
		words[i] = bits;
}

void vtlb_contract_bits(const struct vtlb_contract *c, uint32_t *mask)
{
	const struct vtlb_world *w = c->w;
	/* value 0 is "not present", which is never cached */
	const uint32_t values = below(w->nvalues) & ~1u;
	const unsigned int side = (unsigned int)w->npcids * w->nroots * w->npages + c->side_wp0;

	memset(mask, 0, vtlb_contract_words(c) * sizeof(*mask));
	for (unsigned int v = 0; v < w->nvcpus; v++, mask += c->vcpu_words) {
		fill(mask + c->off_g, w->npages, values);
		fill(mask, (unsigned int)w->npcids * c->tags * w->npages, values);
		if (c->waive & VTLB_WAIVE_WP0_SMAP)
			fill(mask + c->off_wp0, (unsigned int)w->npcids * 2 * w->npages, values);
		for (unsigned int i = 0; i < (unsigned int)w->npcids * c->tags; i++) {
			uint32_t *psc = mask + c->off_psc + i * PSC_WORDS(w);

			fill(psc, w->nregions, below(w->nuppers));
			fill(psc + w->nregions, w->nslots, below(w->nleafs));
		}
		if (!(c->waive & VTLB_WAIVE_NONCURRENT))
			continue;
		fill(mask + c->off_w, side, values);
		fill(mask + c->off_live, w->npcids, below(w->nroots));
		if (!(c->waive & VTLB_WAIVE_PSC))
			continue;
		fill(mask + c->off_x, side, values);
		fill(mask + c->off_linked, w->npcids, below(w->nroots));
	}
}

static uint32_t move_bits(uint32_t bits, const uint8_t *map)
{
	uint32_t moved = 0;

	for (; bits; bits &= bits - 1)
		moved |= 1u << map[__builtin_ctz(bits)];
	return moved;
}

static void move_pages(const struct vtlb_contract *c, uint32_t *dst, const uint32_t *src,
		       const struct vtlb_perm *perm)
{
	for (unsigned int page = 0; page < c->w->npages; page++)
		dst[page] = move_bits(src[page], perm->value);
}

static void move_side(const struct vtlb_contract *c, uint32_t *dst, const uint32_t *src,
		      const struct vtlb_perm *perm)
{
	move_pages(c, dst, src, perm);
	if (c->side_wp0)
		move_pages(c, dst + c->side_wp0, src + c->side_wp0, perm);
}

static void move_vcpu(const struct vtlb_contract *c, uint32_t *dst, const uint32_t *src,
		      const struct vtlb_perm *perm)
{
	const struct vtlb_world *w = c->w;

	move_pages(c, dst + c->off_g, src + c->off_g, perm);
	for (unsigned int pcid = 0; pcid < w->npcids; pcid++) {
		unsigned int to = perm->pcid[pcid];

		for (unsigned int tag = 0; tag < c->tags; tag++) {
			unsigned int to_tag = c->tags > 1 ? perm->root[tag] : tag;
			uint32_t *d = dst + psc_at(c, to, to_tag);
			const uint32_t *s = src + psc_at(c, pcid, tag);

			move_pages(c, dst + ng_at(c, to, to_tag), src + ng_at(c, pcid, tag), perm);
			for (unsigned int i = 0; i < PSC_WORDS(w); i++)
				d[i] = move_bits(s[i], i < w->nregions ? perm->upper : perm->leaf);
		}
		if (c->waive & VTLB_WAIVE_WP0_SMAP)
			for (unsigned int global = 0; global < 2; global++)
				move_pages(c, dst + wp0_at(c, to, global),
					   src + wp0_at(c, pcid, global), perm);
		if (!(c->waive & VTLB_WAIVE_NONCURRENT))
			continue;
		for (unsigned int root = 0; root < w->nroots; root++)
			move_side(c, dst + w_at(c, to, perm->root[root]),
				  src + w_at(c, pcid, root), perm);
		dst[c->off_live + to] = move_bits(src[c->off_live + pcid], perm->root);
		if (!(c->waive & VTLB_WAIVE_PSC))
			continue;
		for (unsigned int root = 0; root < w->nroots; root++)
			move_side(c, dst + x_at(c, to, perm->root[root]),
				  src + x_at(c, pcid, root), perm);
		dst[c->off_linked + to] = move_bits(src[c->off_linked + pcid], perm->root);
	}
}

static uint32_t move_entries(const struct vtlb_contract *c, uint32_t entries,
			     const struct vtlb_perm *perm)
{
	uint32_t moved = 0;

	for (unsigned int t = 0; t < c->w->nleafs; t++)
		for (unsigned int e = 0; e < VTLB_MAX_ENTRIES; e++)
			if (entries & entry_bit(t, e))
				moved |= entry_bit(perm->leaf[t], e);
	return moved;
}

static void move_regs(const struct vtlb_contract *c, struct vtlb_regs *dst,
		      const struct vtlb_regs *src, const struct vtlb_perm *perm)
{
	*dst = *src;
	if (src->root < c->w->nroots)
		dst->root = perm->root[src->root];
	if (c->pcid_index[src->low12] != 0xff)
		dst->low12 = c->w->pcid[perm->pcid[c->pcid_index[src->low12]]];
}

void vtlb_contract_permute(const struct vtlb_contract *c, struct vtlb_cstate *dst,
			   const struct vtlb_cstate *src, const struct vtlb_perm *perm)
{
	memset(dst, 0, c->state_size);
	vtlb_mem_permute(c->w, &dst->mem, &src->mem, perm);
	for (unsigned int i = 0; i < 2; i++)
		dst->wp0[i] = move_entries(c, src->wp0[i], perm);
	dst->nxe = move_entries(c, src->nxe, perm);
	for (unsigned int v = 0; v < c->w->nvcpus; v++) {
		move_regs(c, &dst->regs[perm->vcpu[v]], &src->regs[v], perm);
		move_vcpu(c, vcpu_sets(c, dst, perm->vcpu[v]), vcpu_csets(c, src, v), perm);
	}
}
