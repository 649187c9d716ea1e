/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Building a world: interning of leaf values and PCIDs, and the default world.
 * Freestanding, because the contract and the implementations stand on it.
 */
#include <string.h>

#include "vtlb/world.h"

static int find_value(const struct vtlb_world *w, struct vtlb_leaf leaf)
{
	for (unsigned int i = 1; i < w->nvalues; i++) {
		if (w->value[i].frame == leaf.frame && w->value[i].flags == leaf.flags)
			return (int)i;
	}
	return -1;
}

int vtlb_world_value(struct vtlb_world *w, struct vtlb_leaf leaf)
{
	struct vtlb_leaf twin = { leaf.frame, leaf.flags | VTLB_LEAF_D };
	unsigned int need = 1;
	int i;

	if (w->nvalues == 0)
		w->nvalues = 1; /* value[0], not present, is all zero */
	if (!(leaf.flags & VTLB_LEAF_P))
		return 0;
	i = find_value(w, leaf);
	if (i >= 0)
		return i;
	/* With CR0.WP=0 even a read-only page can be written, so W does not matter. */
	if (!(leaf.flags & VTLB_LEAF_D) && find_value(w, twin) < 0)
		need = 2;
	if (w->nvalues + need > VTLB_MAX_VALUES)
		return -1;
	i = w->nvalues;
	w->value[w->nvalues++] = leaf;
	if (need == 2)
		w->value[w->nvalues++] = twin;
	return i;
}

int vtlb_world_pcid_index(const struct vtlb_world *w, unsigned int pcid)
{
	for (unsigned int i = 0; i < w->npcids; i++) {
		if (w->pcid[i] == pcid)
			return (int)i;
	}
	return -1;
}

int vtlb_world_pcid(struct vtlb_world *w, unsigned int pcid)
{
	int i;

	if (pcid > 0xfff)
		return -1;
	if (w->npcids == 0)
		w->npcids = 1; /* pcid[0] is 000H */
	i = vtlb_world_pcid_index(w, pcid);
	if (i >= 0)
		return i;
	if (w->npcids == VTLB_MAX_PCIDS)
		return -1;
	w->pcid[w->npcids] = (uint16_t)pcid;
	return w->npcids++;
}

static uint8_t leaf_value(struct vtlb_world *w, unsigned int frame, unsigned int flags)
{
	struct vtlb_leaf leaf = { (uint8_t)frame, (uint8_t)flags };

	return (uint8_t)vtlb_world_value(w, leaf);
}

void vtlb_world_default(struct vtlb_world *w)
{
	const unsigned int user = VTLB_LEAF_P | VTLB_LEAF_W | VTLB_LEAF_U | VTLB_LEAF_D;
	const unsigned int kernel = VTLB_LEAF_P | VTLB_LEAF_W | VTLB_LEAF_G | VTLB_LEAF_D;

	memset(w, 0, sizeof(*w));
	w->vendor = VTLB_INTEL;
	w->mode = VTLB_SHADOW;
	w->nvcpus = 1;
	w->maxphyaddr = 48;
	w->features = VTLB_F_PCID | VTLB_F_INVPCID | VTLB_F_PGE | VTLB_F_SMEP | VTLB_F_SMAP |
		      VTLB_F_NX | VTLB_F_PSE;
	w->nroots = 2;
	w->nuppers = 2;
	w->nleafs = 3;
	w->nregions = 1;
	w->nslots = 2;
	w->npages = 2;
	w->nframes = 3;
	w->page[0] = (struct vtlb_page){ .slot = 0, .entry = 0, .linear = 0x400000 };
	w->page[1] = (struct vtlb_page){ .slot = 1, .entry = 0, .linear = 0x600000 };
	(void)vtlb_world_pcid(w, 0);
	(void)vtlb_world_pcid(w, 1);

	for (unsigned int r = 0; r < 2; r++) {
		w->init.root[r][0] = (uint8_t)(r + 1);
		w->init.upper[r][0] = (uint8_t)(r + 1);
		w->init.upper[r][1] = 3;
		w->init.leaf[r][0] = leaf_value(w, r, user);
	}
	w->init.leaf[2][0] = leaf_value(w, 2, kernel);
	w->init_mode = VTLB_INIT_MODE;

	memcpy(w->root_name[0], "a", 2);
	memcpy(w->root_name[1], "b", 2);
	memcpy(w->upper_name[0], "a.pd", 5);
	memcpy(w->upper_name[1], "b.pd", 5);
	memcpy(w->leaf_name[0], "a.pt", 5);
	memcpy(w->leaf_name[1], "b.pt", 5);
	memcpy(w->leaf_name[2], "kernel.pt", 10);
	memcpy(w->page_name[0], "user", 5);
	memcpy(w->page_name[1], "kernel", 7);
	memcpy(w->frame_name[0], "f0", 3);
	memcpy(w->frame_name[1], "f1", 3);
	memcpy(w->frame_name[2], "f2", 3);
}
