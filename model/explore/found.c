/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What fails: each state once, and of those what differs.  A counterexample is
 * replayed through the check before anybody sees it, and with deviations waived.
 */
#define XXH_INLINE_ALL
#define XXH_NO_STREAM
#include <xxhash.h>

#include "internal.h"

/* What has been reported: one of each kind is enough. */
struct faces {
	struct face face[MAX_FACES];
	unsigned int n;
	void *mem; /* of a check */
	size_t mem_size;
};

static const struct candidate *bad_at(const struct search *s, size_t at)
{
	return (const struct candidate *)(const void *)(s->bad + at);
}

static int compare(const void *a, const void *b)
{
	const struct candidate *x = a, *y = b;

	if (x->parent != y->parent)
		return x->parent < y->parent ? -1 : 1;
	return (x->edge > y->edge) - (x->edge < y->edge);
}

static size_t record_size(const struct search *s)
{
	return sizeof(uint64_t) + s->words * sizeof(uint64_t);
}

static bool grow_slots(struct search *s)
{
	uint32_t n = s->bad_slots ? s->bad_slots * 2 : 1024;
	size_t size = record_size(s);
	uint32_t *slot;

	while (n < s->nbad_all * 2 + 2)
		n *= 2;
	slot = mem_get(s, n * sizeof(*slot));
	if (!slot)
		return false;
	for (size_t i = 0; i < s->nbad_all; i++) {
		uint32_t at = (uint32_t)XXH3_64bits(s->bad_all + i * size, size) & (n - 1);

		while (slot[at])
			at = (at + 1) & (n - 1);
		slot[at] = (uint32_t)i + 1;
	}
	mem_put(s, s->bad_slot, s->bad_slots * sizeof(*slot));
	s->bad_slot = slot;
	s->bad_slots = n;
	return true;
}

/* Was a state that fails seen before?  -1: no memory */
static int seen_before(struct search *s, const struct candidate *c)
{
	uint64_t record[1 + MAX_SET_WORDS];
	size_t size = record_size(s);
	uint32_t at;

	record[0] = c->base;
	copy_set(s, record + 1, c->set);
	if (s->nbad_all * 2 >= s->bad_slots && !grow_slots(s))
		return -1;
	at = (uint32_t)XXH3_64bits(record, size) & (s->bad_slots - 1);
	for (; s->bad_slot[at]; at = (at + 1) & (s->bad_slots - 1))
		if (!memcmp(s->bad_all + (s->bad_slot[at] - 1) * size, record, size))
			return 1;
	if (!mem_room(s, &s->bad_all, &s->bad_all_cap, (s->nbad_all + 1) * size, 1))
		return -1;
	memcpy(s->bad_all + s->nbad_all * size, record, size);
	s->bad_slot[at] = (uint32_t)++s->nbad_all;
	s->violating++;
	return 0;
}

static struct vtlb_check *replay(struct search *s, const struct vtlb_finding *f, uint32_t waive)
{
	struct vtlb_check_config cfg = {
		.w = s->cfg->w,
		.impl = s->impl,
		.vendor = s->cfg->vendor,
		.reading = s->cfg->reading,
		.waive = waive,
	};
	struct vtlb_check *k = vtlb_check_init(s->faces->mem, &cfg);

	for (uint32_t i = 0; i < f->nops; i++)
		vtlb_check_step(k, f->ops[i], NULL);
	return k;
}

static unsigned int bits(uint32_t v)
{
	unsigned int n = 0;

	for (; v; v &= v - 1)
		n++;
	return n;
}

/* The smallest set of waivers beyond those in force that hides it; 0: none does. */
static uint32_t find_waivers(struct search *s, const struct vtlb_finding *f)
{
	const uint32_t others = VTLB_WAIVE_ALL & ~s->cfg->waive;

	for (unsigned int n = 1; n <= bits(others); n++)
		for (uint32_t set = 1; set <= others; set++) {
			enum vtlb_verdict v;

			if (bits(set) != n || set & ~others)
				continue;
			v = vtlb_check_verdict(replay(s, f, s->cfg->waive | set));
			if (v == VTLB_HOLDS || v == VTLB_AMBIGUOUS)
				return set;
		}
	return 0;
}

/* Fills in all but the operations; false: the check does not find what was found. */
static bool judge(struct search *s, struct vtlb_finding *f)
{
	struct vtlb_check *k = replay(s, f, s->cfg->waive);
	uint32_t guilty;

	if (vtlb_check_verdict(k) != VTLB_VIOLATES)
		return false;
	f->violation = *vtlb_check_violation(k);
	vtlb_check_blame(k, f->ops, f->nops, &f->violation);
	guilty = f->violation.guilty_step ? f->violation.guilty_step : f->nops;
	f->op = guilty ? f->ops[guilty - 1].code : (uint8_t)VTLB_OP_NR;
	f->waiver = find_waivers(s, f);
	f->violation.waiver = f->waiver;
	return true;
}

/* Is it of a kind that was not reported yet? */
static bool is_new(struct faces *faces, const struct vtlb_finding *f)
{
	for (unsigned int i = 0; i < faces->n; i++) {
		const struct face *a = &faces->face[i];

		if (a->waiver == f->waiver && a->rule == f->violation.rule && a->op == f->op)
			return false;
	}
	if (faces->n < MAX_FACES)
		faces->face[faces->n++] =
			(struct face){ f->waiver, f->violation.rule, f->op };
	return true;
}

static bool init(struct search *s)
{
	struct vtlb_check_config cfg = { .w = s->cfg->w, .impl = s->impl };

	if (s->faces)
		return true;
	s->faces = mem_get(s, sizeof(*s->faces));
	if (!s->faces)
		return false;
	s->faces->mem_size = (vtlb_check_size(&cfg) + 63) & ~(size_t)63;
	s->faces->mem = aligned_alloc(64, s->faces->mem_size);
	if (!s->faces->mem)
		s->nomem = true;
	return s->faces->mem;
}

/* A second search, and how many findings it had. */
struct again {
	struct search *s;
	unsigned int found;
};

static bool again_found(void *ctx, const struct vtlb_finding *f)
{
	struct again *a = ctx;
	struct search *s = a->s;

	a->found++;
	if (!is_new(s->faces, f))
		return true;
	if (f->waiver)
		s->deviates = true;
	else
		s->nfindings++;
	return !s->cfg->found || s->cfg->found(s->cfg->ctx, f);
}

static bool again_progress(void *ctx, const struct vtlb_explore_stats *stats)
{
	const struct search *s = ((struct again *)ctx)->s;

	(void)stats;
	return !s->cfg->progress || s->cfg->progress(s->cfg->ctx, &s->stats);
}

/*
 * Fingerprints and several processes keep no parents: an exact search as deep as this one, which is
 * smaller because it has to visit no covered state, finds the way again.  Where it cannot end, what
 * fails has no name, and the whole search has no answer.
 */
static bool search_again(struct search *s)
{
	struct vtlb_explore_config cfg = *s->cfg;
	struct vtlb_explore_result *res = mem_get(s, sizeof(*res));
	struct again a = { .s = s };
	bool ok = false;

	if (!res)
		return false;
	cfg.flags &= ~(uint32_t)(VTLB_EXPLORE_FINGERPRINT | VTLB_EXPLORE_NO_COVER);
	cfg.max_depth = s->level + 1;
	if (cfg.max_memory)
		cfg.max_memory = cfg.max_memory > s->bytes ? cfg.max_memory - s->bytes : 1;
	cfg.save = NULL;
	cfg.resume = false;
	cfg.progress = again_progress;
	cfg.found = again_found;
	cfg.ctx = &a;
	cfg.run_jobs = NULL;
	cfg.jobs = 1;
	cfg.rank = 0;
	cfg.nranks = 1;
	if (vtlb_explore(&cfg, res))
		s->nomem = true;
	else if (res->stop != VTLB_STOP_NONE && res->stop != VTLB_STOP_DEPTH)
		s->stop = res->stop;
	else if (res->verdict == VTLB_ERROR || !a.found)
		s->mismatch = true;
	else
		ok = true;
	mem_put(s, res, sizeof(*res));
	return ok;
}

/* Judges a finding whose operations are known, and reports it if it is new. */
static bool tell(struct search *s, struct vtlb_finding *f)
{
	if (!judge(s, f)) {
		s->mismatch = true;
		return false;
	}
	if (!is_new(s->faces, f))
		return true;
	if (f->waiver)
		s->deviates = true;
	else
		s->nfindings++;
	return !s->cfg->found || s->cfg->found(s->cfg->ctx, f);
}

static bool report(struct search *s, const struct candidate *c)
{
	struct vtlb_finding f;

	memset(&f, 0, sizeof(f));
	if (s->level + 1 > VTLB_MAX_PATH ||
	    !path_of(s, s->frontier[c->parent], c->edge, f.ops, &f.nops)) {
		s->limit = true;
		return false;
	}
	return tell(s, &f);
}

/* The initial state fails, as each process sees for itself. */
bool found_first(struct search *s)
{
	struct vtlb_finding f;

	memset(&f, 0, sizeof(f));
	if (s->cfg->rank == 0)
		s->violating++;
	if (!init(s) || !tell(s, &f))
		return false;
	s->states_before = s->nfrontier = 0;
	s->enough = true;
	return true;
}

/* Counts what fails and reports it; @again: it takes a second search to do so. */
static bool each_bad(struct search *s, unsigned int want, bool *again)
{
	if (!init(s))
		return false;
	if (s->nbad)
		qsort(s->bad, s->nbad / s->candidate_size, s->candidate_size, compare);
	for (size_t at = 0; at < s->nbad; at += s->candidate_size) {
		const struct candidate *c = bad_at(s, at);
		int seen = c->base == NO_TARGET ? 0 : seen_before(s, c);

		if (seen < 0)
			return false;
		if (seen || s->nfindings >= want || s->cfg->flags & VTLB_EXPLORE_ALL_IMAGES)
			continue;
		if (s->prints || s->cfg->nranks > 1) {
			*again = true;
			continue;
		}
		if (!report(s, c)) {
			s->stop = why_stopped(s);
			return false;
		}
	}
	s->nbad = 0;
	return true;
}

/*
 * Everything of this level that fails, in the order of the alphabet; false: the
 * search has to stop.
 */
bool found_bad(struct search *s)
{
	unsigned int want = s->cfg->findings ? s->cfg->findings : 1;
	bool again = false;

	if (s->part) {
		s->violating += s->nbad / s->candidate_size;
		if (!remote_sum(s, s->nbad))
			return true;
		s->stop = VTLB_STOP_SUSPECT;
		return false;
	}
	/* after a checkpoint what was found may be enough already */
	s->enough = s->nfindings >= want;
	if (!remote_sum(s, s->nbad))
		return true;
	if (!remote_agree(s, each_bad(s, want, &again)))
		return false;
	if (remote_sum(s, again)) {
		/* the others wait, and learn what it found */
		if (!remote_agree(s, s->cfg->rank != 0 || search_again(s)))
			return false;
		s->nfindings = (unsigned int)remote_sum(s, s->cfg->rank ? 0 : s->nfindings);
		s->deviates = remote_sum(s, s->deviates);
	}
	s->enough = s->nfindings >= want;
	return true;
}

void found_free(struct search *s)
{
	if (s->faces)
		free(s->faces->mem);
	free(s->faces);
}

/* For checkpoints: how many faces there are, and where. */
unsigned int found_faces(const struct search *s, const void **faces)
{
	if (faces)
		*faces = s->faces ? s->faces->face : NULL;
	return s->faces ? s->faces->n : 0;
}

bool found_restore(struct search *s, const void *faces, unsigned int n)
{
	if (!init(s))
		return false;
	memcpy(s->faces->face, faces, n * FACE_SIZE);
	s->faces->n = n;
	return !s->nbad_all || grow_slots(s);
}
