/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A search from the command line: what was asked for, how it ended, what it
 * found.  One file each runs it, saves it, replays what it found, and reports.
 */
#ifndef TOOLS_EXPLORE_H
#define TOOLS_EXPLORE_H

#include <jansson.h>

#include "checkpoint.h"
#include "jobs.h"
#include "judge.h"
#include "vtlb/scope.h"

/**
 * struct explore_args - the command line
 * @flags: OR of enum vtlb_explore_flag
 * @max_time, @interval, @progress: seconds
 * @more: how many violations to collect (--continue)
 * @by_table, @whole: whatever the scope asks for
 * @remember: 1 + index of the record whose removals make other states; 0: none
 * @runs: random walks; 0: a search
 * @twins, @perturb, @merges: no search, but a test of the encoding: states reached in two ways
 *          that are to be tried, or disturbed, or the depth to which all are
 * @ahead: what follows them is all sequences of so many operations
 */
struct explore_args {
	struct cmd_args common;
	struct cmd_judge judge;
	const char *impl, *scope, *output, *checkpoint, *resume;
	uint64_t depth, max_memory, max_time, jobs, more, interval, progress;
	uint64_t runs, twins, perturb, merges, ahead, steps, seed;
	uint32_t flags, remember;
	bool quiet, counts, exact, by_table, whole;
};

/**
 * enum explore_end - why there is no complete answer
 */
enum explore_end {
	END_NONE = 0,
	END_DEPTH,
	END_MEMORY,
	END_TIME,
	END_INTERRUPT,
	END_LIMIT,
	END_RUNS,	/* --simulate: all walks were made */
};

/**
 * struct explore_found - a counterexample
 * @ops: its steps
 * @waiver: 0: no known deviation
 * @op: opcode of the guilty operation
 * @name: what the reports call it: the file that it was written to, or a number
 * @trace, @j: as "vtlb check" sees it
 */
struct explore_found {
	struct vtlb_op *ops;
	uint32_t nops;
	uint32_t waiver;
	uint8_t op;
	struct vtlb_violation violation;
	char *name;
	struct trace_file trace;
	struct judgement j;
};

/**
 * struct explore_vacuous - something that never did anything
 * @op: index in the alphabet, or -1
 * @rule: index of a record, or -1
 * @removed: it fired, but never removed anything
 */
struct explore_vacuous {
	int op;
	int rule;
	bool removed;
};

/**
 * struct explore - a search, from its command line to its report
 * @w: the scope's world, of the vendor that was asked for
 * @flags: those of the command line, and what the scope asks for
 * @seconds: time that it took, with that of the runs that it resumes
 * @before: time of the runs that it resumes
 * @why: for unsupported: the reason
 * @by_table: what .res has was searched table by table
 * @suspect: so was it first, and something might have failed
 * @walks, @steps: --simulate: walks made, steps in them
 * @waived_walks: of these, made with all deviations waived, since one before failed by some
 * @cut: --simulate: walks that left what is modelled
 * @saved_at: when the last checkpoint was begun
 */
struct explore {
	const struct explore_args *args;
	const struct vtlb_impl *impl;
	struct vtlb_scope scope;
	struct vtlb_world w;
	uint8_t vendor, reading;
	uint32_t flags;
	struct jobs *pool;
	struct vtlb_explore_result res;
	enum vtlb_verdict verdict;
	enum explore_end end;
	const char *why;
	bool by_table, suspect;
	double seconds, before;
	struct explore_found *found;
	size_t nfound, found_cap;
	struct explore_vacuous *vacuous;
	size_t nvacuous, vacuous_cap;
	uint64_t walks, steps, cut, waived_walks;
	struct checkpoint save;
	struct checkpoint_file resume;
	double saved_at;
};

/** explore_stop_asked() - Ctrl-C or --max-time: sets x->end */
bool explore_stop_asked(struct explore *x);

/** explore_add() - keep a counterexample; one that is there already is not added again */
void explore_add(struct explore *x, const struct vtlb_finding *f);

/** explore_defaults() - what the command line left open; .seed: UINT64_MAX */
void explore_defaults(struct explore_args *a);

/** explore_free() - all that belongs to a search */
void explore_free(struct explore *x);

/** explore_twins() - --twins: do states that are taken for one behave alike; the exit code */
int explore_twins(struct explore *x) VTLB_MUST_CHECK;

/* Each returns 0, or the exit code after the error was reported. */

/** explore_load() - implementation, scope, and what they are judged by */
int explore_load(struct explore *x) VTLB_MUST_CHECK;

/** explore_jobs() - threads; in a program one, the only one that takes its signals */
uint64_t explore_jobs(const struct explore *x);

/** explore_search() - run it; fills .res, .found, .verdict and .end */
int explore_search(struct explore *x) VTLB_MUST_CHECK;

/** explore_simulate() - random walks instead; the same, but for .res */
int explore_simulate(struct explore *x) VTLB_MUST_CHECK;

/** explore_save_begin() - look at --checkpoint and --resume before anything else */
int explore_save_begin(struct explore *x) VTLB_MUST_CHECK;

/** explore_replay() - run what was found through the check, and write it to -o */
int explore_replay(struct explore *x) VTLB_MUST_CHECK;

/** explore_refuse_resume() - what to say when the library refuses the checkpoint */
int explore_refuse_resume(const struct explore *x) VTLB_MUST_CHECK;

/* Callbacks of the library, for checkpoints. */
bool explore_save(void *ctx, bool last);
bool explore_save_write(void *ctx, const void *data, size_t len);
bool explore_saved(void *ctx);
bool explore_resume_read(void *ctx, void *data, size_t len);

/** explore_find_vacuous() - fill .vacuous; "holds" with any of them is vacuous */
void explore_find_vacuous(struct explore *x);

/** explore_drops() - does a record ask for anything to go */
bool explore_drops(const struct vtlb_must *m);

/** explore_vacuous_words() - append what it is and what it did not do */
void explore_vacuous_words(struct text *t, const struct explore *x,
			   const struct explore_vacuous *v);

/** explore_circumstances() - append what is judged, as a check says it */
void explore_circumstances(struct text *t, const struct explore *x);

/** explore_report() - everything, for people */
void explore_report(const struct explore *x);

/** explore_json() - everything, as one JSON object */
void explore_json(const struct explore *x);

/** explore_json_result() - the same without what stands around it */
json_t *explore_json_result(const struct explore *x);

/** explore_end_words() - append what ended it, to follow "stopped" */
void explore_end_words(struct text *t, enum explore_end end, const struct explore_args *a);

/** explore_end_word() - "depth", "memory" ...; NULL for END_NONE */
const char *explore_end_word(enum explore_end end);

#endif /* TOOLS_EXPLORE_H */
