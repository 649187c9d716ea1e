/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Exhaustive search: is there any sequence of a scope's operations, however odd,
 * after which an implementation can show the guest what the contract forbids.
 * The answer is the shortest such sequence, or a proof for the scope.
 */
#ifndef VTLB_EXPLORE_H
#define VTLB_EXPLORE_H

#include "vtlb/check.h"

#define VTLB_MAX_ALPHABET 256	/* operations of a scope */
#define VTLB_MAX_PATH 240	/* steps of a counterexample */
#define VTLB_MAX_LEVELS 512	/* kept in vtlb_explore_stats.level */

/* Flags of vtlb_explore_config. */
enum vtlb_explore_flag {
	/* compare states by 64-bit fingerprints: smaller, and no proof */
	VTLB_EXPLORE_FINGERPRINT = 1u << 0,
	/* one state for each member of an orbit, not one for all */
	VTLB_EXPLORE_NO_SYMMETRY = 1u << 1,
	/* visit states that another with the same implementation state and fewer
	 * entries in S covers */
	VTLB_EXPLORE_NO_COVER = 1u << 2,
	/* no normal form of implementation states (vtlb_world.ops is not set) */
	VTLB_EXPLORE_NO_NORMAL = 1u << 3,
	/* for tests: begin with every image of the initial state under the symmetries, so
	 * that counts without symmetry are sums of orbits; what fails is only counted */
	VTLB_EXPLORE_ALL_IMAGES = 1u << 4,
	/* one search for each leaf table, and where that is possible for each frame that it
	 * maps, which looks at nothing else: far smaller, and complete for what holds; what
	 * may fail stops it (VTLB_STOP_SUSPECT).  Needs vtlb_impl.assume */
	VTLB_EXPLORE_BY_TABLE = 1u << 5,
};

/**
 * struct vtlb_explore_stats - how far a search is, and at its end what it did
 * @depth: length of the longest path that was completely explored
 * @diameter: depth of the deepest state
 * @states: distinct safe states, the initial one included; with symmetry, orbits
 * @transitions: steps taken from them: state, operation, outcome
 * @violating: distinct states that fail, which are not extended
 * @faults: transitions on which contract and implementation fault differently
 * @orbit_states: exact, and ended between two levels: states that @states stand
 *	for, with their orbits; otherwise 0
 * @impl_states, @contract_states: distinct parts that the states are made of
 * @frontier: states that wait to be extended
 * @bytes: memory in use, parents included
 * @group: number of symmetries
 * @odds: fingerprints: an upper bound of the probability that a state was missed
 * @level: new safe states of each depth
 * @part: by table: number of the search under way, from 1; otherwise 0
 * @second: it is the second search of vtlb_explore(), with all deviations waived
 */
struct vtlb_explore_stats {
	uint32_t depth;
	uint32_t diameter;
	uint64_t states;
	uint64_t transitions;
	uint64_t violating;
	uint64_t faults;
	uint64_t orbit_states;
	uint64_t impl_states;
	uint64_t contract_states;
	uint64_t frontier;
	uint64_t bytes;
	uint32_t group;
	double odds;
	uint64_t level[VTLB_MAX_LEVELS];
	uint32_t part;
	uint32_t second;
};

#define VTLB_MAX_PARTS 64	/* kept in vtlb_explore_result.part */

/**
 * struct vtlb_explore_part - what one of the searches by table came to
 * @table: leaf table
 * @frame: the frame that it looks at; VTLB_MAX_FRAMES: all
 * @orbit: how many tables and frames it is about: those that symmetries map to it
 * @states, @transitions, @depth, @diameter, @group: as in struct vtlb_explore_stats
 * @complete: it was searched to the end, and nothing in it may fail
 */
struct vtlb_explore_part {
	uint8_t table, frame, orbit;
	bool complete;
	uint64_t states;
	uint64_t transitions;
	uint32_t depth;
	uint32_t diameter;
	uint32_t group;
};

/**
 * struct vtlb_finding - one counterexample
 * @violation: as vtlb_check_blame() gives it, for the run under .waive
 * @waiver: 0: no deviation; otherwise the smallest set of waivers that hides it
 * @op: code of the guilty operation; VTLB_OP_NR: the initial state fails
 * @nops: its length
 * @ops: from the initial state, real names and values; an access names its
 *	outcome where there was a choice
 */
struct vtlb_finding {
	struct vtlb_violation violation;
	uint32_t waiver;
	uint8_t op;
	uint8_t pad[3];
	uint32_t nops;
	struct vtlb_op ops[VTLB_MAX_PATH];
};

enum vtlb_explore_stop {
	VTLB_STOP_NONE = 0,	/* complete, or ended by what was found */
	VTLB_STOP_DEPTH,
	VTLB_STOP_MEMORY,
	VTLB_STOP_CALLER,	/* a callback said so: time, Ctrl-C */
	VTLB_STOP_LIMIT,	/* a fixed limit of the library */
	VTLB_STOP_SUSPECT,	/* by table: something may fail; only a whole search can say */
};

/** vtlb_job_fn - part @job of something that is done by several threads */
typedef void (*vtlb_job_fn)(void *arg, unsigned int job);

/**
 * struct vtlb_explore_config - what to search, and how
 * @w: checked world
 * @ops, @nops: the alphabet, in the order that decides between equals
 * @impl, @vendor, @reading, @waive: as in struct vtlb_check_config
 * @flags: OR of enum vtlb_explore_flag
 * @remember: 1 + index of a record; 0: none.  Where records remove the same, the ways by which they
 *	did so lead to one state, and what fails behind it is reported for the first of them
 *	alone; what only this record removed makes another state.  A complete search has the
 *	verdict that it has without, and far more states.  Not by table
 * @max_depth: 0: none
 * @max_memory: bytes, 0: none; what malloc() adds is counted as far as it is known
 * @findings: how many findings that are no deviation, and differ in rule and
 *	operation, to collect before the search ends (0 counts as 1)
 * @jobs: threads, 1 .. 64
 * @run_jobs: calls fn(arg, 0 .. jobs - 1), each in a thread of its own, and
 *	returns when all are done; NULL: one after the other
 * @progress: called often, by one thread; false stops the search; may be NULL
 * @found: called for each finding, in order, before the search goes on; false
 *	stops it; may be NULL
 * @save: called where a checkpoint could be written, @last: and the search ends
 *	here without an answer; true: vtlb_explore() then calls .write until all is
 *	written, then .written; may be NULL
 * @write: false: the checkpoint is given up, the search goes on
 * @resume: go on from a checkpoint, by table or not as it was begun: one by table needs
 *	VTLB_EXPLORE_BY_TABLE; with one of the whole that flag is ignored, and .nparts is 0
 * @read: with .resume: give exactly @len bytes; false: no more, or unreadable
 * @rank, @nranks: this process of how many that search together, 0 .. 255 of up
 *	to 256; 0 of 0 or 1: alone.  All have the same configuration but for @rank,
 *	@progress and @ctx, no @save and no @resume; all get the same numbers, and
 *	rank 0 what was found, the verdict and the reason of a stop
 * @exchange: every process sends @send_len[i] bytes at @send[i] to process i and
 *	gets @received_len[i] at @received[i] from it, valid until the next call
 * @sum: @n numbers become the sums over all processes
 * @ctx: first argument of every callback
 */
struct vtlb_explore_config {
	const struct vtlb_world *w;
	const struct vtlb_op *ops;
	size_t nops;
	const struct vtlb_impl *impl;
	uint8_t vendor;
	uint8_t reading;
	bool resume;
	uint32_t waive;
	uint32_t flags;
	uint32_t remember;
	uint32_t max_depth;
	uint64_t max_memory;
	unsigned int findings;
	unsigned int jobs;
	void (*run_jobs)(void *ctx, unsigned int jobs, vtlb_job_fn fn, void *arg);
	bool (*progress)(void *ctx, const struct vtlb_explore_stats *s);
	bool (*found)(void *ctx, const struct vtlb_finding *f);
	bool (*save)(void *ctx, bool last);
	bool (*write)(void *ctx, const void *data, size_t len);
	bool (*written)(void *ctx);
	bool (*read)(void *ctx, void *data, size_t len);
	bool (*exchange)(void *ctx, uint8_t *const *send, const size_t *send_len,
			 const uint8_t **received, size_t *received_len);
	bool (*sum)(void *ctx, uint64_t *values, size_t n);
	unsigned int rank, nranks;
	void *ctx;
};

/**
 * struct vtlb_explore_count - how often something happened on all transitions
 * @fired: an operation succeeded; a record applied
 * @removed: it removed something from S
 */
struct vtlb_explore_count {
	uint64_t fired;
	uint64_t removed;
};

/**
 * struct vtlb_explore_result - how a search ended
 * @verdict: HOLDS (complete, nothing found), VIOLATES, DEVIATES, AMBIGUOUS,
 *	INCOMPLETE or V_UNSUPPORTED
 * @complete: every reachable state was visited
 * @proof: complete, exact and nothing found: a proof for this scope
 * @unsupported: some step had no answer, and what follows it was not looked at
 * @stop: why it is not complete
 * @op: per operation of the alphabet
 * @rule: per record of vtlb_rules
 * @can_apply: bit i of word i / 32: record i can apply to an operation of the
 *	alphabet in registers that can be reached
 * @waived: .second is set: all that the search found was deviations, it was complete,
 *	and this is how far the second search came, with all deviations waived, which
 *	tells whether they explain every way to what fails.  .verdict, .complete, .stop
 *	and .stats.violating are about both
 * @nparts, @part: by table: each search; then counts in .stats are sums over
 *	them, .depth is the smallest, .diameter, .bytes and .group are the largest
 */
struct vtlb_explore_result {
	enum vtlb_verdict verdict;
	bool complete;
	bool proof;
	bool unsupported;
	enum vtlb_explore_stop stop;
	struct vtlb_explore_stats stats;
	struct vtlb_explore_count op[VTLB_MAX_ALPHABET];
	struct vtlb_explore_count rule[VTLB_MAX_RULES];
	uint32_t can_apply[VTLB_MAX_RULES / 32];
	struct vtlb_explore_stats waived;
	uint32_t nparts;
	struct vtlb_explore_part part[VTLB_MAX_PARTS];
};

/**
 * vtlb_explore() - search a scope breadth first
 *
 * Without waivers a violation that disappears with all deviations waived is a
 * finding with .waiver set: the shortest of each (deviation, record, guilty
 * operation) is reported and the search goes on, and where nothing else is found
 * a second one follows, with all of them waived.  Everything reported and counted
 * is the same whatever .jobs is.
 *
 * Return: VTLB_OK (whatever the verdict); VTLB_E_OP: an operation is not valid
 * in the world; VTLB_E_UNSUPPORTED: the implementation refuses the world, or to
 * search it by table, or has a clone(), or a checkpoint was asked of several processes,
 * or by table to a depth; VTLB_E_LIMIT: too many operations, processes, symmetries or
 * parts; VTLB_E_NOMEM before the search began, in any process; VTLB_E_PARSE: the
 * checkpoint is damaged or of another search.
 */
enum vtlb_err vtlb_explore(const struct vtlb_explore_config *cfg,
			   struct vtlb_explore_result *res) VTLB_MUST_CHECK;

#endif /* VTLB_EXPLORE_H */
