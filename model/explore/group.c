/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Symmetries: renamings of roots with their tables, PCIDs other than 0, frames
 * and vCPUs under which alphabet and leaf values are the same sets.  They need
 * not keep the initial state.
 */
#include "internal.h"

/* A permutation of 0 .. n - 1 as a number: the next one, or false. */
static bool next_permutation(uint8_t *p, unsigned int n)
{
	unsigned int i = n, j;

	while (i > 1 && p[i - 2] >= p[i - 1])
		i--;
	if (i <= 1)
		return false;
	for (j = n; p[j - 1] <= p[i - 2];)
		j--;
	{
		uint8_t t = p[i - 2];

		p[i - 2] = p[j - 1];
		p[j - 1] = t;
	}
	for (j = n; i < j; i++, j--) {
		uint8_t t = p[i - 1];

		p[i - 1] = p[j - 1];
		p[j - 1] = t;
	}
	return true;
}

static void identity(uint8_t *p, unsigned int n)
{
	for (unsigned int i = 0; i < n; i++)
		p[i] = (uint8_t)i;
}

static bool send(uint8_t *map, uint8_t *taken, unsigned int from, unsigned int to)
{
	if (map[from] != 0xff)
		return map[from] == to;
	if (taken[to])
		return false;
	map[from] = (uint8_t)to;
	taken[to] = 1;
	return true;
}

/* What no root's initial tables name stays where it is. */
static bool rest_stays(uint8_t *map, uint8_t *taken, unsigned int n)
{
	for (unsigned int i = 0; i < n; i++)
		if (map[i] == 0xff && !send(map, taken, i, i))
			return false;
	return true;
}

/* Tables go where the initial structure of their root goes. */
static bool follow_roots(const struct vtlb_world *w, struct vtlb_perm *p)
{
	uint8_t upper_taken[VTLB_MAX_UPPERS] = { 0 }, leaf_taken[VTLB_MAX_LEAFS] = { 0 };

	memset(p->upper, 0xff, sizeof(p->upper));
	memset(p->leaf, 0xff, sizeof(p->leaf));
	for (unsigned int r = 0; r < w->nroots; r++)
		for (unsigned int i = 0; i < w->nregions; i++) {
			unsigned int from = w->init.root[r][i], to = w->init.root[p->root[r]][i];

			if (!from != !to ||
			    (from && !send(p->upper, upper_taken, from - 1, to - 1)))
				return false;
		}
	if (!rest_stays(p->upper, upper_taken, w->nuppers))
		return false;
	for (unsigned int u = 0; u < w->nuppers; u++)
		for (unsigned int i = 0; i < w->nslots; i++) {
			unsigned int from = w->init.upper[u][i];
			unsigned int to = w->init.upper[p->upper[u]][i];

			if (!from != !to || (from && !send(p->leaf, leaf_taken, from - 1, to - 1)))
				return false;
		}
	return rest_stays(p->leaf, leaf_taken, w->nleafs);
}

static bool follow_frames(const struct vtlb_world *w, struct vtlb_perm *p)
{
	for (unsigned int v = 0; v < w->nvalues; v++) {
		unsigned int to = 0;

		while (to < w->nvalues &&
		       (w->value[to].flags != w->value[v].flags ||
			((w->value[v].flags & VTLB_LEAF_P) &&
			 w->value[to].frame != p->frame[w->value[v].frame])))
			to++;
		if (to == w->nvalues)
			return false;
		p->value[v] = (uint8_t)to;
	}
	return true;
}

static int find_op(const struct search *s, struct vtlb_op op)
{
	for (size_t i = 0; i < s->cfg->nops; i++)
		if (!memcmp(&s->cfg->ops[i], &op, sizeof(op)))
			return (int)i;
	return -1;
}

/* Does the renaming map the alphabet to itself? */
static bool keeps_alphabet(const struct search *s, const struct vtlb_perm *p)
{
	for (size_t i = 0; i < s->cfg->nops; i++)
		if (find_op(s, vtlb_op_permute(&s->w, s->cfg->ops[i], p)) < 0)
			return false;
	return true;
}

static bool add(struct search *s, const struct vtlb_perm *p)
{
	if (s->ngroup == MAX_GROUP)
		return false;
	s->group[s->ngroup++] = *p;
	return true;
}

/* Frames that no value names stay where they are: fewer permutations to try. */
static unsigned int used_frames(const struct vtlb_world *w)
{
	unsigned int n = 0;

	for (unsigned int v = 1; v < w->nvalues; v++)
		if (w->value[v].frame >= n)
			n = w->value[v].frame + 1u;
	return n;
}

/* Of more than so many of a kind only the first are renamed: too many ways to try. */
#define MAX_PERMUTED 5u

enum { VCPUS, ROOTS, PCIDS, FRAMES, KINDS };

/**
 * struct moves - of how many of each kind, its first, all renamings are tried; what is left is a
 * group, whatever these are
 */
struct moves {
	unsigned int n[KINDS];
};

/* Innermost of the nested loops: all permutations of frames. */
static bool each_frames(struct search *s, const struct moves *m, struct vtlb_perm *p)
{
	identity(p->frame, VTLB_MAX_FRAMES);
	do {
		if (follow_frames(&s->w, p) && keeps_alphabet(s, p) && !add(s, p))
			return false;
	} while (next_permutation(p->frame, m->n[FRAMES]));
	return true;
}

static bool each_pcids(struct search *s, const struct moves *m, struct vtlb_perm *p)
{
	identity(p->pcid, VTLB_MAX_PCIDS);
	do {
		if (!each_frames(s, m, p))
			return false;
	} while (next_permutation(p->pcid + 1, m->n[PCIDS]));
	return true;
}

static bool each_roots(struct search *s, const struct moves *m, struct vtlb_perm *p)
{
	identity(p->root, VTLB_MAX_ROOTS);
	do {
		if (follow_roots(&s->w, p) && !each_pcids(s, m, p))
			return false;
	} while (next_permutation(p->root, m->n[ROOTS]));
	return true;
}

/* All renamings of so many of each kind, the identity first; false: more than there is room for. */
static bool each_vcpus(struct search *s, const struct moves *m)
{
	struct vtlb_perm p;

	memset(&p, 0, sizeof(p));
	identity(p.vcpu, VTLB_MAX_VCPUS);
	identity(p.upper, VTLB_MAX_UPPERS);
	identity(p.leaf, VTLB_MAX_LEAFS);
	identity(p.value, VTLB_MAX_VALUES);
	s->ngroup = 0;
	do {
		struct vtlb_perm q = p;

		if (!each_roots(s, m, &q))
			return false;
	} while (next_permutation(p.vcpu, m->n[VCPUS]));
	return true;
}

static unsigned int at_most(unsigned int n, unsigned int most)
{
	return n < most ? n : most;
}

/*
 * As many renamings as there is room for: where all are too many, of one kind fewer are renamed,
 * of that which leaves the most, until they fit.
 */
static void find_renamings(struct search *s)
{
	struct moves m = { { [VCPUS] = s->w.nvcpus,
			     [ROOTS] = at_most(s->w.nroots, MAX_PERMUTED),
			     [PCIDS] = at_most(s->w.npcids ? s->w.npcids - 1u : 0, MAX_PERMUTED),
			     [FRAMES] = at_most(used_frames(&s->w), MAX_PERMUTED) } };

	while (!each_vcpus(s, &m)) {
		unsigned int best = 0, kind = 0, largest = 0;

		for (unsigned int k = 0; k < KINDS; k++) {
			largest = m.n[k] > m.n[largest] ? k : largest;
			if (m.n[k] < 2)
				continue;
			m.n[k]--;
			if (each_vcpus(s, &m) && s->ngroup > best) {
				best = s->ngroup;
				kind = k;
			}
			m.n[k]++;
		}
		m.n[best ? kind : largest]--;
	}
}

static unsigned int find_perm(const struct search *s, const struct vtlb_perm *p)
{
	for (unsigned int g = 0; g < s->ngroup; g++)
		if (!memcmp(&s->group[g], p, sizeof(*p)))
			return g;
	return 0;
}

static void product(struct vtlb_perm *to, const struct vtlb_perm *g, const struct vtlb_perm *h)
{
	const uint8_t *outer = (const uint8_t *)g, *inner = (const uint8_t *)h;
	const struct {
		size_t at, n;
	} member[] = {
		{ offsetof(struct vtlb_perm, vcpu), VTLB_MAX_VCPUS },
		{ offsetof(struct vtlb_perm, root), VTLB_MAX_ROOTS },
		{ offsetof(struct vtlb_perm, upper), VTLB_MAX_UPPERS },
		{ offsetof(struct vtlb_perm, leaf), VTLB_MAX_LEAFS },
		{ offsetof(struct vtlb_perm, pcid), VTLB_MAX_PCIDS },
		{ offsetof(struct vtlb_perm, value), VTLB_MAX_VALUES },
		{ offsetof(struct vtlb_perm, frame), VTLB_MAX_FRAMES },
	};

	for (size_t m = 0; m < sizeof(member) / sizeof(*member); m++)
		for (size_t i = 0; i < member[m].n; i++)
			((uint8_t *)to)[member[m].at + i] =
				outer[member[m].at + inner[member[m].at + i]];
}

static void fill_tables(struct search *s, struct vtlb_cstate *a, struct vtlb_cstate *b)
{
	for (unsigned int g = 0; g < s->ngroup; g++) {
		for (unsigned int h = 0; h < s->ngroup; h++) {
			struct vtlb_perm p;

			memset(&p, 0, sizeof(p));
			product(&p, &s->group[g], &s->group[h]);
			s->compose[g * MAX_GROUP + h] = (uint8_t)find_perm(s, &p);
			if (!s->compose[g * MAX_GROUP + h])
				s->inverse[g] = (uint8_t)h;
		}
		for (size_t i = 0; i < s->cfg->nops; i++)
			s->turn_op[g * s->cfg->nops + i] = (uint16_t)find_op(
				s, vtlb_op_permute(&s->w, s->cfg->ops[i], &s->group[g]));
		for (unsigned int i = 0; i < s->nbits; i++) {
			const struct vtlb_contract *c = &s->c[s->bit[i].contract];
			uint32_t word = 0;

			memset(a, 0, vtlb_contract_size(c));
			a->set[s->bit[i].word] = 1u << s->bit[i].bit;
			vtlb_contract_permute(c, b, a, &s->group[g]);
			while (!b->set[word])
				word++;
			s->turn_bit[g * s->nbits + i] =
				s->bit_index[s->bit[i].contract]
					    [word * 32 + (unsigned int)__builtin_ctz(b->set[word])];
		}
	}
}

static struct part renamed(const struct part *part, const struct vtlb_perm *p)
{
	struct part to = *part;

	to.table = p->leaf[part->table];
	if (part->frame < VTLB_MAX_FRAMES)
		to.frame = p->frame[part->frame];
	return to;
}

/* Is there a search for this part? */
static bool is_part(const struct search *s, const struct part *part)
{
	for (uint32_t v = used_values(s, part->table) & ~1u; v; v &= v - 1)
		if (part->frame == VTLB_MAX_FRAMES ||
		    s->w.value[__builtin_ctz(v)].frame == part->frame)
			return true;
	return false;
}

/*
 * A search that begins with all images of the initial state meets in each entry
 * whatever a symmetry makes of the values that others have.
 */
static void close_guess(struct search *s)
{
	uint32_t all[VTLB_MAX_LEAFS][VTLB_MAX_ENTRIES] = { 0 };

	for (unsigned int g = 0; g < s->ngroup; g++) {
		const struct vtlb_perm *p = &s->group[g];

		for (unsigned int t = 0; t < s->w.nleafs; t++)
			for (unsigned int e = 0; e < VTLB_MAX_ENTRIES; e++)
				for (uint32_t v = s->guess[t][e]; v; v &= v - 1)
					all[p->leaf[t]][e] |= 1u << p->value[__builtin_ctz(v)];
	}
	memcpy(s->guess, all, sizeof(all));
}

/*
 * A part that a symmetry maps to another needs no search of its own if that begins
 * with the image of the initial state, too: here with all of them.  Within it those
 * symmetries are left that map the part to itself.
 */
static void keep_part(struct search *s)
{
	struct part *part = s->part;
	unsigned int n = 0;
	bool first = true;

	part->orbit = 1;
	for (unsigned int g = 1; g < s->ngroup; g++) {
		struct part to = renamed(part, &s->group[g]);
		bool again = to.table == part->table && to.frame == part->frame;

		if (!is_part(s, &to))
			continue;
		first &= to.table > part->table ||
			 (to.table == part->table && to.frame >= part->frame);
		for (unsigned int h = 1; !again && h < g; h++) {
			struct part before = renamed(part, &s->group[h]);

			again = before.table == to.table && before.frame == to.frame;
		}
		part->orbit += !again;
	}
	if (!first)
		part->orbit = 0;
	memcpy(s->image, s->group, s->ngroup * sizeof(*s->group));
	s->nimages = s->ngroup;
	/* not before: is_part() asks for what the scope itself can write */
	close_guess(s);
	for (unsigned int g = 0; g < s->ngroup; g++) {
		struct part to = renamed(part, &s->group[g]);

		if (to.table == part->table && to.frame == part->frame)
			s->group[n++] = s->group[g];
	}
	s->ngroup = n;
}

bool group_find(struct search *s)
{
	const uint32_t flags = s->cfg->flags;
	bool all = flags & VTLB_EXPLORE_ALL_IMAGES;
	bool symmetry = s->impl->size > offsetof(struct vtlb_impl, permute) && s->impl->permute &&
			(all || !(flags & VTLB_EXPLORE_NO_SYMMETRY));
	const struct moves none = { { 0 } };

	s->group = mem_get(s, MAX_GROUP * sizeof(*s->group));
	s->image = mem_get(s, MAX_GROUP * sizeof(*s->image));
	s->compose = mem_get(s, MAX_GROUP * MAX_GROUP);
	s->inverse = mem_get(s, MAX_GROUP);
	s->turn_op = mem_get(s, MAX_GROUP * s->cfg->nops * sizeof(uint16_t));
	s->turn_bit = mem_get(s, MAX_GROUP * (size_t)(s->nbits + 1) * sizeof(uint16_t));
	if (s->nomem)
		return false;
	if (symmetry)
		find_renamings(s);
	else
		(void)each_vcpus(s, &none);
	/* members beyond the world's tables must be the identity, to be compared as bytes */
	for (unsigned int g = 0; g < s->ngroup; g++) {
		for (unsigned int i = s->w.nuppers; i < VTLB_MAX_UPPERS; i++)
			s->group[g].upper[i] = (uint8_t)i;
		for (unsigned int i = s->w.nleafs; i < VTLB_MAX_LEAFS; i++)
			s->group[g].leaf[i] = (uint8_t)i;
		for (unsigned int i = s->w.nvalues; i < VTLB_MAX_VALUES; i++)
			s->group[g].value[i] = (uint8_t)i;
	}
	s->nimages = all ? s->ngroup : 1;
	memcpy(s->image, s->group, s->ngroup * sizeof(*s->group));
	if (flags & VTLB_EXPLORE_NO_SYMMETRY)
		s->ngroup = 1;
	if (s->part)
		keep_part(s);
	fill_tables(s, (struct vtlb_cstate *)(void *)s->worker[0].c[0],
		    (struct vtlb_cstate *)(void *)s->worker[0].c[1]);
	s->stats.group = s->ngroup;
	return true;
}
