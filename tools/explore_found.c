/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What a search found, run through the check: nobody has to believe the search.
 * The trace that is written is a test, with every violation in it named.
 */
#define _GNU_SOURCE
#include "explore.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "out.h"
#include "ranks.h"

/* The caller's number of a counterexample, or the file that it goes to. */
static char *name_of(const struct explore *x, size_t i)
{
	struct text t = { 0 };

	if (!x->args->output)
		text_add(&t, "counterexample %zu", i + 1);
	else if (i == 0)
		text_add(&t, "%s", x->args->output);
	else
		text_add(&t, "%s.%zu", x->args->output, i + 1);
	return t.s;
}

static void name_it(struct explore *x, size_t i)
{
	x->found[i].name = name_of(x, i);
	x->found[i].trace.name = x->found[i].name;
}

/* A file that a run wrote: a link is not followed, so what it leads to stays. */
static bool is_trace(const char *name)
{
	static const char first[] = "vtlb-trace ";
	char text[sizeof(first)] = "";
	struct stat st;
	FILE *f;

	if (lstat(name, &st) || !S_ISREG(st.st_mode))
		return false;
	f = fopen(name, "r");
	if (f && !fgets(text, sizeof(text), f))
		text[0] = '\0';
	if (f)
		fclose(f);
	return !strcmp(text, first);
}

/* What an earlier run found is not to be taken for what this one did, if this one has an answer. */
static void remove_old(const struct explore *x)
{
	bool more = x->verdict != VTLB_INCOMPLETE && x->verdict != VTLB_V_UNSUPPORTED;

	for (size_t i = x->nfound; more; i++) {
		char *name = name_of(x, i);
		bool old = is_trace(name);

		/* without the first there can be others */
		more = old || i == 0;
		if (old && remove(name)) {
			fprintf(stderr, "vtlb: note: %s is of an earlier run, and cannot be removed: %s\n",
				name, strerror(errno));
			more = false;
		}
		free(name);
	}
}

static int make_trace(struct explore *x, struct explore_found *f)
{
	if (vtlb_scope_trace(&x->scope, f->ops, f->nops, &f->trace.trace))
		return out_error(EXIT_INTERNAL, NULL, 0, 0, "out of memory");
	f->trace.trace.world.vendor = x->vendor;
	f->trace.trace.reading = x->reading;
	return 0;
}

/* It has to be what the search said, or one of the two is wrong. */
static int compare(const struct explore *x, const struct explore_found *f)
{
	enum vtlb_verdict want = f->waiver ? VTLB_DEVIATES : VTLB_VIOLATES;
	struct text waived = { 0 };
	char *text;

	if (f->j.res.verdict == want && f->j.res.violation.waiver == f->waiver)
		return 0;
	name_waivers(&waived, f->waiver, "+");
	text = file_trace_text(&f->trace.trace);
	fprintf(stderr, "%s", text);
	free(text);
	out_error(EXIT_INTERNAL, NULL, 0, 0,
		  "scope %s, %s: the search found a trace that %s%s%s, the check says that it %s: "
		  "this is a bug of vtlb, please report it with the trace above",
		  x->args->scope, x->impl->name, vtlb_verdict_name(want), f->waiver ? " by " : "",
		  text_str(&waived), vtlb_verdict_name(f->j.res.verdict));
	text_free(&waived);
	return EXIT_INTERNAL;
}

/* The first violation with these waivers in force; false: none has a rule to name. */
static bool violation_under(const struct explore *x, const struct explore_found *f,
			    uint32_t waive, struct vtlb_violation *v)
{
	struct vtlb_check_config cfg = {
		.w = &x->w,
		.impl = x->impl,
		.vendor = x->vendor,
		.reading = x->reading,
		.waive = waive,
	};
	size_t size = (vtlb_check_size(&cfg) + 63) & ~(size_t)63;
	void *mem = aligned_alloc(64, size);
	struct vtlb_check *k;
	bool any;

	if (!mem)
		out_die("out of memory");
	k = vtlb_check_init(mem, &cfg);
	for (uint32_t i = 0; i < f->nops; i++)
		vtlb_check_step(k, f->ops[i], NULL);
	any = vtlb_check_verdict(k) == VTLB_VIOLATES;
	if (any) {
		*v = *vtlb_check_violation(k);
		vtlb_check_blame(k, f->ops, f->nops, v);
	}
	free(mem);
	return any && v->rule >= 0;
}

/* Is the trace satisfied, or at least not refused, with one more expectation? */
static bool try_expect(const struct explore *x, struct vtlb_trace *t,
		       const struct vtlb_violation *v)
{
	struct vtlb_run_config cfg = {
		.impl = x->impl,
		.vendor = -1,
		.reading = -1,
		.waive = x->args->judge.waive,
	};
	struct vtlb_run_result res;

	for (size_t i = 0; i < t->nexpects; i++)
		if (t->expects[i].rule == v->rule && t->expects[i].step == v->guilty_step)
			return false;
	t->expects[t->nexpects++] = (struct vtlb_expect){
		.kind = VTLB_EXP_VIOLATES,
		.rule = (int16_t)v->rule,
		.step = v->guilty_step,
		.after_step = (uint32_t)t->nops,
	};
	if (vtlb_trace_run(t, &cfg, NULL, NULL, &res))
		out_die("out of memory");
	if (res.failed)
		t->nexpects--;
	return !res.failed && vtlb_trace_ok(t, &res);
}

/*
 * A trace may fail in more than one way, one behind the other, and an accepted one
 * names them all: what fails with no more waived than was, and with more.
 */
static bool add_expects(const struct explore *x, const struct explore_found *f,
			struct vtlb_trace *t)
{
	t->expects = out_alloc(VTLB_WAIVE_ALL + 1, sizeof(*t->expects));
	for (uint32_t more = 0; more <= VTLB_WAIVE_ALL; more++) {
		struct vtlb_violation v;

		if (more & x->args->judge.waive)
			continue;
		if (violation_under(x, f, x->args->judge.waive | more, &v) &&
		    try_expect(x, t, &v))
			return true;
	}
	return false;
}

/* Where the trace comes from and how to run it, below its first line. */
static char *with_comments(const struct explore *x, const struct vtlb_trace *t, bool accepted)
{
	char *text = file_trace_text(t), *rest = strchrnul(text, '\n');
	struct text s = { 0 };

	text_add(&s, "%.*s\n# Found by vtlb explore%s.\n# scope: %s\n# impl: %s\n",
		 (int)(rest - text), text, x->args->runs ? " --simulate" : "", x->args->scope,
		 x->args->impl);
	if (x->args->judge.waive)
		text_add(&s, "# options:");
	for (unsigned int i = 0; i < vtlb_nr_deviations; i++)
		if (x->args->judge.waive & vtlb_deviations[i].waiver)
			text_add(&s, " --waive %s", vtlb_deviations[i].name);
	if (x->args->judge.waive)
		text_add(&s, "\n");
	if (!accepted)
		text_add(&s, "# No 'expect violates' can name all that fails here.\n");
	text_add(&s, "%s", *rest ? rest + 1 : "");
	free(text);
	return s.s;
}

static int write_trace(const struct explore *x, const struct explore_found *f)
{
	struct vtlb_trace t;
	bool accepted;
	char *text;
	int code;

	if (vtlb_scope_trace(&x->scope, f->ops, f->nops, &t))
		return out_error(EXIT_INTERNAL, NULL, 0, 0, "out of memory");
	t.world.vendor = x->vendor;
	t.reading = x->reading;
	accepted = add_expects(x, f, &t);
	text = with_comments(x, &t, accepted);
	code = file_save(f->name, text);
	free(text);
	vtlb_trace_free(&t);
	return code;
}

/* A violation before deviations, and then the shortest first. */
static int order(const void *a, const void *b)
{
	const struct explore_found *f = a, *g = b;

	if (!f->waiver != !g->waiver)
		return f->waiver ? 1 : -1;
	if (f->nops != g->nops)
		return f->nops < g->nops ? -1 : 1;
	return memcmp(f->ops, g->ops, f->nops * sizeof(*f->ops));
}

int explore_replay(struct explore *x)
{
	struct cmd_judge opt = { .vendor = -1, .reading = -1, .waive = x->args->judge.waive };

	if (x->nfound)
		qsort(x->found, x->nfound, sizeof(*x->found), order);
	for (size_t i = 0; i < x->nfound; i++) {
		struct explore_found *f = &x->found[i];
		int code;

		name_it(x, i);
		code = make_trace(x, f);
		if (!code)
			code = judge(&f->j, &f->trace, x->impl, &opt, true);
		if (!code)
			code = compare(x, f);
		if (!code && x->args->output)
			code = write_trace(x, f);
		if (code)
			return code;
	}
	if (x->args->output && ranks.rank == 0)
		remove_old(x);
	return 0;
}
