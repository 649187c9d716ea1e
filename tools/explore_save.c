/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Checkpoints of a search.  Before the library's own part stands what it does
 * not know: which search this is, in words, the time so far, and what was found.
 */
#define XXH_INLINE_ALL
#include <xxhash.h>

#include "explore.h"

#include <stdlib.h>
#include <string.h>

#include "out.h"
#include "progress.h"

#define WORDS 384

/* What a checkpoint of the command begins with; findings follow. */
struct preface {
	uint64_t search;
	char words[WORDS];
	double seconds;
	uint32_t nfound;
	uint32_t finding_size;
};

/* Scope files change: their name alone does not say what was searched. */
static uint64_t scope_hash(const struct explore *x)
{
	struct vtlb_trace t;
	uint64_t hash;
	char *text;

	if (vtlb_scope_trace(&x->scope, x->scope.ops, x->scope.nops, &t))
		out_die("out of memory");
	t.world.vendor = x->vendor;
	t.reading = x->reading;
	text = file_trace_text(&t);
	hash = XXH3_64bits(text, strlen(text));
	free(text);
	vtlb_trace_free(&t);
	return hash;
}

/* A name is kept when what it names is compiled anew, and another search begun with it. */
static uint64_t code_hash(const struct explore *x)
{
	const char *impl = x->args->impl;
	uint64_t hash = file_hash("/proc/self/exe", 0);

	return strchr(impl, '/') ? file_hash(impl, hash) : hash;
}

/* All that has to be the same when it is resumed; a scope is what is in it. */
static void describe(const struct explore *x, struct text *t)
{
	text_add(t, "%s, code %016llx, scope %016llx, %s, %s, ", x->impl->name,
		 (unsigned long long)code_hash(x), (unsigned long long)scope_hash(x),
		 name_vendor(x->vendor),
		 name_reading(x->reading));
	if (x->args->judge.waive) {
		text_add(t, "waived ");
		name_waivers(t, x->args->judge.waive, "+");
	} else {
		text_add(t, "strict");
	}
	if (x->args->remember)
		text_add(t, ", remember %s", vtlb_rules[x->args->remember - 1].id);
	text_add(t, ", flags %x, vtlb %s", x->flags, vtlb_version());
}

static void fill_preface(const struct explore *x, struct preface *p)
{
	struct text t = { 0 };

	memset(p, 0, sizeof(*p));
	describe(x, &t);
	p->search = XXH3_64bits(text_str(&t), t.len);
	snprintf(p->words, WORDS, "scope %s: %s", x->args->scope, text_str(&t));
	p->seconds = x->before + progress_seconds();
	p->nfound = (uint32_t)x->nfound;
	p->finding_size = sizeof(struct vtlb_finding);
	text_free(&t);
}

static bool put_found(struct explore *x, const struct explore_found *f)
{
	struct vtlb_finding *copy = out_alloc(1, sizeof(*copy));
	bool ok;

	copy->violation = f->violation;
	copy->waiver = f->waiver;
	copy->op = f->op;
	copy->nops = f->nops;
	memcpy(copy->ops, f->ops, f->nops * sizeof(*f->ops));
	ok = checkpoint_write(&x->save, copy, sizeof(*copy));
	free(copy);
	return ok;
}

bool explore_save(void *ctx, bool last)
{
	struct explore *x = ctx;
	struct preface p;

	if (!last && progress_seconds() - x->saved_at < (double)x->args->interval)
		return false;
	x->saved_at = progress_seconds();
	fill_preface(x, &p);
	if (!checkpoint_open(&x->save) || !checkpoint_write(&x->save, &p, sizeof(p)))
		return false;
	for (size_t i = 0; i < x->nfound; i++)
		if (!put_found(x, &x->found[i]))
			return false;
	return true;
}

bool explore_save_write(void *ctx, const void *data, size_t len)
{
	struct explore *x = ctx;

	return checkpoint_write(&x->save, data, len);
}

bool explore_saved(void *ctx)
{
	struct explore *x = ctx;

	return checkpoint_commit(&x->save);
}

bool explore_resume_read(void *ctx, void *data, size_t len)
{
	struct explore *x = ctx;

	return checkpoint_read(&x->resume, data, len);
}

static int damaged(const struct explore *x)
{
	return out_error(EXIT_USAGE, x->args->resume, 0, 0,
			 "cannot resume: the checkpoint is damaged");
}

static int get_found(struct explore *x, uint32_t n)
{
	struct vtlb_finding *f = out_alloc(1, sizeof(*f));
	int code = 0;

	while (n-- && !code) {
		if (!checkpoint_read(&x->resume, f, sizeof(*f)) || f->nops > VTLB_MAX_PATH)
			code = damaged(x);
		else
			explore_add(x, f);
	}
	free(f);
	return code;
}

static int begin_resume(struct explore *x)
{
	struct preface p, own;
	int code = checkpoint_load(&x->resume, x->args->resume);

	if (code)
		return code;
	if (!checkpoint_read(&x->resume, &p, sizeof(p)) || p.words[WORDS - 1])
		return damaged(x);
	fill_preface(x, &own);
	if (p.search != own.search || p.finding_size != own.finding_size)
		return out_error(EXIT_USAGE, x->args->resume, 0, 0,
				 "cannot resume: the checkpoint is of another search (%s), this "
				 "one is (%s)", p.words, own.words);
	x->before = p.seconds;
	return get_found(x, p.nfound);
}

int explore_save_begin(struct explore *x)
{
	int code = 0;

	if (x->args->checkpoint)
		code = checkpoint_begin(&x->save, x->args->checkpoint);
	if (!code && x->args->resume)
		code = begin_resume(x);
	return code;
}

int explore_refuse_resume(const struct explore *x)
{
	return out_error(EXIT_USAGE, x->args->resume, 0, 0,
			 "cannot resume: the checkpoint is damaged, or was begun by table and --whole "
			 "was given");
}
