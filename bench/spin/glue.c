/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The functions that the model's embedded C calls.  Spin's verifier is a program
 * of its own, so what to search comes from the environment, and the times go to
 * standard output when it ends.
 */
#define _DEFAULT_SOURCE
#include "glue.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "../ops.h"
#include "../search_layout.h"
#include "../search_time.h"

static struct search search;
static struct search_layout layout;
static struct search_time step_time, pack_time;
static unsigned long long taken;

/* The state whose transitions are asked for, packed and not, and the next one. */
static uint8_t *packed;
static uint64_t *from, *to;
static unsigned int pending = SEARCH_MAX_TRANSITIONS;

static void fail(const char *what)
{
	fprintf(stderr, "glue: %s\n", what);
	exit(2);
}

/*
 * Standard output is pan's; bench/spin/run looks for this line in it.  Transitions
 * are counted here because pan prints eight digits of them.
 */
static void report(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	printf("glue: %.3f %llu %llu %.3f %.3f %llu\n", search_time_cpu(), taken,
	       (unsigned long long)step_time.calls, search_time_seconds(&step_time),
	       search_time_seconds(&pack_time), (unsigned long long)usage.ru_maxrss * 1024);
}

static void open_search(void)
{
	const char *scope = getenv("VTLB_SCOPE"), *masks = getenv("VTLB_LAYOUT");

	if (!scope || !masks || !search_open(&search, scope, BENCH_IMPL) ||
	    !search_layout_read(&layout, &search, masks))
		fail("VTLB_SCOPE and VTLB_LAYOUT have to name files; bench/spin/run sets them");
	packed = malloc(layout.contract.bytes + layout.impl.bytes);
	from = malloc(search.contract_size + search.impl_size);
	to = malloc(search.contract_size + search.impl_size);
	if (!packed || !from || !to)
		fail("out of memory");
	/* not the initial state, which is all zeroes */
	memset(packed, 0xff, layout.contract.bytes + layout.impl.bytes);
	search_time_start();
	atexit(report);
}

static uint8_t *impl_part(uint64_t *state)
{
	return (uint8_t *)state + search.contract_size;
}

/* Spin asks for all transitions of a state in a row, so it is unpacked only once. */
static void unpack(const unsigned char *contract, const unsigned char *impl)
{
	const size_t n = layout.contract.bytes;

	if (!memcmp(packed, contract, n) && !memcmp(packed + n, impl, layout.impl.bytes))
		return;
	memcpy(packed, contract, n);
	memcpy(packed + n, impl, layout.impl.bytes);
	search_unpack(&layout.contract, contract, from);
	search_unpack(&layout.impl, impl, impl_part(from));
}

int glue_next(unsigned int i, const unsigned char *contract, const unsigned char *impl)
{
	enum search_next next;
	uint64_t begin;

	if (pending == i)
		return 1;
	if (!from)
		open_search();
	begin = search_time_begin(&pack_time);
	unpack(contract, impl);
	search_time_end(&pack_time, begin);

	begin = search_time_begin(&step_time);
	next = search_step(&search, from, i, to);
	search_time_end(&step_time, begin);
	if (next == SEARCH_BAD)
		fail("a state is not safe; nothing is measured");
	if (next == SEARCH_NONE)
		return 0;
	pending = i;
	return 1;
}

void glue_take(unsigned char *contract, unsigned char *impl)
{
	uint64_t begin = search_time_begin(&pack_time);
	bool ok = search_pack(&layout.contract, to, contract) &
		  search_pack(&layout.impl, impl_part(to), impl);

	search_time_end(&pack_time, begin);
	taken++;
	if (!ok)
		fail("a bit changed that the layout has no room for");
	pending = SEARCH_MAX_TRANSITIONS;
}
