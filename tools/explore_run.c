/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Running the library's search: its threads, its progress, when to stop it, and
 * what its result means for the verdict.
 */
#include "explore.h"

#include <stdlib.h>
#include <string.h>

#include "amount.h"
#include "out.h"
#include "progress.h"
#include "ranks.h"

bool explore_stop_asked(struct explore *x)
{
	if (progress_interrupted())
		x->end = END_INTERRUPT;
	else if (x->args->max_time && ranks.rank == 0 &&
		 progress_seconds() >= (double)x->args->max_time)
		x->end = END_TIME;
	return x->end == END_INTERRUPT || x->end == END_TIME;
}

static bool same_found(const struct explore_found *a, const struct vtlb_finding *b)
{
	return a->nops == b->nops && a->waiver == b->waiver &&
	       memcmp(a->ops, b->ops, a->nops * sizeof(*a->ops)) == 0;
}

void explore_add(struct explore *x, const struct vtlb_finding *f)
{
	struct explore_found *to;

	for (size_t i = 0; i < x->nfound; i++)
		if (same_found(&x->found[i], f))
			return;
	x->found = out_grow(x->found, &x->found_cap, x->nfound + 1, sizeof(*x->found));
	to = &x->found[x->nfound++];
	memset(to, 0, sizeof(*to));
	to->ops = out_alloc(f->nops, sizeof(*f->ops));
	memcpy(to->ops, f->ops, f->nops * sizeof(*f->ops));
	to->nops = f->nops;
	to->waiver = f->waiver;
	to->op = f->op;
	to->violation = f->violation;
}

static bool on_found(void *ctx, const struct vtlb_finding *f)
{
	explore_add(ctx, f);
	return true;
}

static void show(const struct explore *x, const struct vtlb_explore_stats *s)
{
	double seconds = x->before + progress_seconds();
	struct text t = { 0 };

	if (s->part)
		text_add(&t, "by table, search %u, ", s->part);
	if (s->second)
		text_add(&t, "all deviations waived, ");
	text_add(&t, "depth %u, ", s->depth);
	amount_short(&t, (double)s->states);
	text_add(&t, " states, ");
	amount_short(&t, (double)s->transitions);
	text_add(&t, " transitions, ");
	amount_short(&t, (double)s->transitions / seconds);
	text_add(&t, "/s, frontier ");
	amount_short(&t, (double)s->frontier);
	text_add(&t, ", ");
	amount_bytes(&t, (double)s->bytes);
	text_add(&t, ", %.0f s", seconds);
	if (x->nfound)
		text_add(&t, ", %zu found", x->nfound);
	progress_show(text_str(&t));
	text_free(&t);
}

static bool on_progress(void *ctx, const struct vtlb_explore_stats *s)
{
	struct explore *x = ctx;

	if (progress_due())
		show(x, s);
	return !explore_stop_asked(x);
}

static void on_jobs(void *ctx, unsigned int jobs, vtlb_job_fn fn, void *arg)
{
	const struct explore *x = ctx;

	jobs_run(x->pool, jobs, fn, arg);
}

static struct vtlb_explore_config config(struct explore *x)
{
	struct vtlb_explore_config cfg = {
		.w = &x->w,
		.ops = x->scope.ops,
		.nops = x->scope.nops,
		.impl = x->impl,
		.vendor = x->vendor,
		.reading = x->reading,
		.resume = x->args->resume,
		.waive = x->args->judge.waive,
		.flags = x->flags,
		.remember = x->args->remember,
		.max_depth = (uint32_t)x->args->depth,
		.max_memory = x->args->max_memory,
		.findings = (unsigned int)x->args->more,
		.jobs = (unsigned int)explore_jobs(x),
		.run_jobs = on_jobs,
		.progress = on_progress,
		.found = on_found,
		.exchange = ranks.exchange,
		.sum = ranks.sum,
		.rank = ranks.rank,
		.nranks = ranks.n,
		.ctx = x,
	};

	if (x->save.name) {
		cfg.save = explore_save;
		cfg.write = explore_save_write;
		cfg.written = explore_saved;
	}
	if (x->args->resume)
		cfg.read = explore_resume_read;
	return cfg;
}

static int refuse(struct explore *x, enum vtlb_err err)
{
	switch (err) {
	case VTLB_E_PARSE:
		return explore_refuse_resume(x);
	case VTLB_E_NOMEM:
		if (!x->args->max_memory)
			break;
		x->verdict = VTLB_INCOMPLETE;
		x->end = END_MEMORY;
		return 0;
	case VTLB_E_UNSUPPORTED:
	case VTLB_E_LIMIT:
		x->verdict = VTLB_V_UNSUPPORTED;
		x->why = vtlb_strerror(err);
		return 0;
	default:
		break;
	}
	return out_error(EXIT_INTERNAL, NULL, 0, 0, "the search of scope %s failed: %s",
			 x->args->scope, vtlb_strerror(err));
}

static enum explore_end end_of(const struct explore *x)
{
	switch (x->res.stop) {
	case VTLB_STOP_DEPTH:
		return END_DEPTH;
	case VTLB_STOP_MEMORY:
		return END_MEMORY;
	case VTLB_STOP_LIMIT:
		return END_LIMIT;
	case VTLB_STOP_CALLER:
		/* another process got the signal */
		if (ranks.n > 1 && !x->end)
			return END_INTERRUPT;
		return x->end ? x->end : END_LIMIT;
	default:
		return END_NONE;
	}
}

/* Parts that a depth ended could not be gone on with. */
static bool saves_to_a_depth(const struct explore_args *a)
{
	return a->depth && (a->checkpoint || a->resume);
}

/* A scope asks for it in vain where the search could not be saved or is being checked. */
static bool want_by_table(const struct explore *x)
{
	const struct explore_args *a = x->args;

	return a->by_table || (x->scope.by_table && !a->whole && !saves_to_a_depth(a) &&
			       !a->remember && !(a->flags & ~(uint32_t)VTLB_EXPLORE_FINGERPRINT));
}

/* Does the search by table say what is asked? */
static bool is_answer(const struct vtlb_explore_result *res)
{
	return res->stop != VTLB_STOP_SUSPECT && res->stop != VTLB_STOP_LIMIT &&
	       res->verdict != VTLB_V_UNSUPPORTED;
}

/*
 * By table first, if that is wanted.  What it can not do, or can not say, is left to
 * a search of the whole.
 */
static enum vtlb_err search(struct explore *x, struct vtlb_explore_config *cfg)
{
	enum vtlb_err err;

	if (x->scope.by_table && !x->args->whole && !x->args->quiet && saves_to_a_depth(x->args)) {
		progress_clear();
		fprintf(stderr, "vtlb: note: scope %s asks for a search by table, of which no "
				"checkpoint can be resumed from --depth; the whole is searched, which "
				"is far larger\n", x->args->scope);
	}
	if (!want_by_table(x))
		return vtlb_explore(cfg, &x->res);
	cfg->flags |= VTLB_EXPLORE_BY_TABLE;
	err = vtlb_explore(cfg, &x->res);
	cfg->flags &= ~(uint32_t)VTLB_EXPLORE_BY_TABLE;
	x->by_table = !err && x->res.nparts && is_answer(&x->res);
	x->suspect = !err && x->res.stop == VTLB_STOP_SUSPECT;
	if (x->by_table || (!err && !x->res.nparts) ||
	    (err && (cfg->resume || (err != VTLB_E_UNSUPPORTED && err != VTLB_E_LIMIT))))
		return err;
	cfg->resume = false;
	return vtlb_explore(cfg, &x->res);
}

int explore_search(struct explore *x)
{
	struct vtlb_explore_config cfg = config(x);
	enum vtlb_err err;

	if (!vtlb_impl_covers(x->impl, &x->w, &x->why)) {
		x->verdict = VTLB_V_UNSUPPORTED;
		return 0;
	}
	if (x->impl->clone) {
		x->verdict = VTLB_V_UNSUPPORTED;
		x->why = "it has a clone(), so that its states are not their bytes, which is what a "
			 "search keeps; --simulate does not";
		return 0;
	}
	x->pool = jobs_start(cfg.jobs);
	err = search(x, &cfg);
	jobs_stop(x->pool);
	x->pool = NULL;
	x->seconds = x->before + progress_seconds();
	progress_clear();
	if (err)
		return refuse(x, err);
	x->end = end_of(x);
	x->verdict = x->res.verdict;
	x->res.proof &= !(x->flags & VTLB_EXPLORE_FINGERPRINT);
	if (x->verdict == VTLB_V_UNSUPPORTED && !x->why)
		x->why = "an operation left what is modelled; see docs/modelled.md";
	if (x->verdict == VTLB_ERROR)
		return out_error(EXIT_INTERNAL, NULL, 0, 0,
				 "the search of scope %s found a state that fails, and the check does "
				 "not confirm it: this is a bug of vtlb, please report it",
				 x->args->scope);
	return 0;
}

void explore_circumstances(struct text *t, const struct explore *x)
{
	judge_circumstances(t, &x->w, x->vendor, x->reading, x->args->judge.waive);
}

void explore_end_words(struct text *t, enum explore_end end, const struct explore_args *a)
{
	switch (end) {
	case END_DEPTH:
		text_add(t, "by --depth %llu", (unsigned long long)a->depth);
		break;
	case END_MEMORY:
		text_add(t, "by the limit of memory, ");
		amount_bytes(t, (double)a->max_memory);
		break;
	case END_TIME:
		text_add(t, "by --max-time %llu", (unsigned long long)a->max_time);
		break;
	case END_INTERRUPT:
		text_add(t, "by a signal");
		break;
	default:
		text_add(t, "by a fixed limit of the library");
		break;
	}
}

const char *explore_end_word(enum explore_end end)
{
	static const char *const words[] = {
		[END_DEPTH] = "depth", [END_MEMORY] = "memory", [END_TIME] = "time",
		[END_INTERRUPT] = "interrupt", [END_LIMIT] = "limit", [END_RUNS] = "runs",
	};

	return words[end];
}
