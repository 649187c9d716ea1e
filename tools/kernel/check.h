/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * One patch (or none) against its base: the steps of "vtlb kernel check", and what
 * the reports need to know of how they went.
 */
#ifndef TOOLS_KERNEL_CHECK_H
#define TOOLS_KERNEL_CHECK_H

#include "cover.h"
#include "finding.h"

/*
 * How deep tiny is searched; and how deep it has to be where the tree's states are never merged,
 * because there the number of states is that of sequences, 21 times as many with each operation,
 * of which a search makes some 25,000 a second.
 */
#define CHECK_DEPTH 6
#define CHECK_DEPTH_UNMERGED 4

/**
 * struct check_options - from the command line
 * @no_base: --base none
 * @trace, @ntraces: files, the user's last
 * @nshipped: how many of them ship
 * @scope: NULL: the default ones
 * @max_time: seconds for everything but the builds
 */
struct check_options {
	bool no_base;
	char **trace;
	size_t ntraces, nshipped;
	const char *scope;
	uint64_t seed, max_time;
};

/**
 * struct check_search - an exhaustive search of one program
 * @ran: it answered; otherwise .why
 * @waive_all: recorded deviations are waived
 * @finished: to .asked
 * @asked: how deep it should go
 * @failing: states of the patched program that fail, less those of the base
 */
struct check_search {
	const char *scope;
	bool ran, finished, needed, waive_all;
	char *why;
	int64_t failing;
	unsigned int asked;
	uint64_t depth, states;
	double seconds;
};

/**
 * struct check_walks - random walks of the patched program in one scope
 * @found: violations, new or not
 */
struct check_walks {
	const char *scope;
	bool ran;
	char *why;
	uint64_t seed, runs, steps, found;
};

#define CHECK_SCOPES 9
#define CHECK_COSTS 7

/**
 * struct check_cost - what both programs spent on the same operations
 * @name: a workload
 * @verdict: VTLB_ERROR: no answer
 */
struct check_cost {
	char *name;
	enum vtlb_verdict verdict[SIDES];
	uint64_t of[SIDES][CHECK_COSTS];
};

extern const char *const check_cost_keys[CHECK_COSTS];

/* What every verdict is about, and what none is: a sentence each. */
#define CHECK_JUDGED                                                                        \
	"what a guest may see through its TLB, shadow paging, one VM of up to 4 vCPUs, the " \
	"contract that each trace and scope names, operations are atomic (no races)"
#define CHECK_OUTSIDE                                                                        \
	"races, two-dimensional and nested paging, the address of a page fault (CR2), and all " \
	"that KVM does besides translating (docs/modelled.md)"

/** check_cost_known() - did that program get through the workload */
bool check_cost_known(const struct check_cost *cost, unsigned int side);

/**
 * struct check - all of it
 * @subject: of the patch; "" if there is none, or several
 * @dir: folders that the kit filled; [SIDE_BASE] is NULL if there is no patch
 * @note: sentences: what did not finish
 * @not_judged: sentences
 * @judged: traces with an answer
 */
struct check {
	const struct check_options *opt;
	const char *subject;
	const char *dir[SIDES];
	char *program[SIDES];
	struct cover cover;
	struct finding *finding;
	size_t nfindings, findings_cap;
	char **note, **not_judged;
	size_t nnotes, notes_cap, nnot_judged, not_judged_cap;
	size_t judged, not_covered;
	struct check_search search[CHECK_SCOPES];
	size_t nsearches;
	struct check_walks walks[CHECK_SCOPES];
	size_t nwalks;
	struct check_cost *cost;
	size_t ncosts;
	size_t ntraces_saved;
	double begun, first_result, seconds;
	enum vtlb_verdict verdict;
};

/**
 * check_run() - judge
 * @base: folder of the base; NULL: there is none
 * @patched: folder of what is judged
 *
 * Return: 0, or the exit code after the error was reported.
 */
int check_run(struct check *c, const char *base, const char *patched) VTLB_MUST_CHECK;

void check_free(struct check *c);

/** check_count() - findings of a class */
size_t check_count(const struct check *c, enum finding_class class);

/* The steps; each adds to .finding, .note and .not_judged. */

/** check_boot() - does KVM start in what is judged; if not, nothing else can be run */
bool check_boot(struct check *c);
int check_traces(struct check *c) VTLB_MUST_CHECK;
void check_search(struct check *c);
void check_walk(struct check *c);
void check_cost(struct check *c);

/* For the steps. */
double check_left(const struct check *c);
void check_note(struct check *c, const char *fmt, ...) VTLB_PRINTF(2, 3);
void check_not_judged(struct check *c, const char *fmt, ...) VTLB_PRINTF(2, 3);

/**
 * check_failure() - a trace on which the patched program fails: find out whether it is new,
 * and keep it
 * @base: what the base shows on it, or NULL: ask it
 * @waive_all: all recorded deviations are waived
 */
void check_failure(struct check *c, const char *source, const char *name, const char *trace,
		   const struct shown *base, const struct shown *patched, bool waive_all);

struct child;

/** check_says_alike() - do two programs say the same, but for how far into a function a call is */
bool check_says_alike(const char *a, const char *b);

/** check_crashed() - did the code that a program runs end it */
bool check_crashed(const struct child *child);

/** check_said() - what a program says itself, without "vtlb: ", and what ended it; to be freed */
char *check_said(const struct child *child);

/**
 * enum walks_end - how random walks ended
 * @WALKS_BOUNDED: with nothing, at the bound that they had
 * @WALKS_FAILED: at a failure
 * @WALKS_LOST: in any other way, in which a failure may have been lost
 */
enum walks_end {
	WALKS_BOUNDED,
	WALKS_FAILED,
	WALKS_LOST,
};

/** walks_end() - from how the program ended, and its result, or NULL */
enum walks_end walks_end(const struct child *child, const json_t *result);

/** check_ask() - what one program shows on one trace; @root: to be dropped afterwards */
void check_ask(const struct check *c, unsigned int side, const char *trace, bool waive_all,
	       struct shown *s, json_t **root, char **said);

/* Reports. */
void check_report(const struct check *c);
json_t *check_json(const struct check *c);

#endif /* TOOLS_KERNEL_CHECK_H */
