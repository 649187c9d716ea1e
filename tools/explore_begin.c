/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What stands before and behind every search, whichever command it is for: defaults,
 * implementation and scope, and giving all of it back.
 */
#include "explore.h"

#include <stdlib.h>
#include <unistd.h>

#include "load.h"
#include "out.h"
#include "ranks.h"

/* More than this of each process and the machine would kill it, which is no clean end. */
static uint64_t default_memory(void)
{
	long pages = sysconf(_SC_PHYS_PAGES), size = sysconf(_SC_PAGESIZE);

	return pages > 0 && size > 0 ? (uint64_t)pages / 4 * 3 * (uint64_t)size / ranks.here : 0;
}

void explore_defaults(struct explore_args *a)
{
	a->scope = a->scope ? a->scope : "default";
	if (!a->jobs)
		a->jobs = ranks.n > 1 ? 1 : jobs_cpus();
	a->more = a->more ? a->more : 1;
	a->interval = a->interval ? a->interval : 300;
	a->steps = a->steps ? a->steps : 200;
	a->seed = a->seed == UINT64_MAX ? 1 : a->seed;
	a->max_memory = a->max_memory ? a->max_memory : default_memory();
}

/* With a record that drops nothing all that a search gains is states. */
static int check_remember(const struct explore *x)
{
	const struct vtlb_rule *r;

	if (!x->args->remember)
		return 0;
	r = &vtlb_rules[x->args->remember - 1];
	if ((r->vendors & 1u << x->vendor) && explore_drops(&r->must[VTLB_RELY]))
		return 0;
	return out_error(EXIT_USAGE, NULL, 0, 0,
			 "--remember: %s drops nothing by the %s contract, so there is nothing to tell "
			 "apart ('vtlb rules' says what drops)", r->id, name_vendor(x->vendor));
}

int explore_load(struct explore *x)
{
	const struct explore_args *a = x->args;
	int code = load_impl(a->impl, &x->impl);

	if (!code && !a->runs && load_is_program(x->impl) && !x->impl->encode)
		code = out_error(EXIT_USAGE, a->impl, 0, 0,
				 "not supported: an exhaustive search of a program's own states, "
				 "which it cannot compare; walk at random with --simulate N");
	/* such states are told apart by numbers, in the order in which they were met */
	if (!code && load_is_program(x->impl) && (a->checkpoint || a->resume))
		code = out_error(EXIT_USAGE, a->impl, 0, 0,
				 "not supported: --checkpoint and --resume with a program, whose "
				 "states only this run of it knows");
	if (!code)
		code = file_load_scope(a->scope, &x->scope);
	if (code)
		return code;
	x->w = x->scope.world;
	x->vendor = a->judge.vendor < 0 ? x->w.vendor : (uint8_t)a->judge.vendor;
	x->reading = a->judge.reading < 0 ? x->scope.reading : (uint8_t)a->judge.reading;
	x->w.vendor = x->vendor;
	x->flags = a->flags;
	return check_remember(x);
}

uint64_t explore_jobs(const struct explore *x)
{
	return load_is_program(x->impl) ? 1 : x->args->jobs;
}

void explore_free(struct explore *x)
{
	for (size_t i = 0; i < x->nfound; i++) {
		judge_free(&x->found[i].j);
		file_free_trace(&x->found[i].trace);
		free(x->found[i].name);
		free(x->found[i].ops);
	}
	free(x->found);
	free(x->vacuous);
	checkpoint_end(&x->save);
	checkpoint_close(&x->resume);
	vtlb_scope_free(&x->scope);
}
