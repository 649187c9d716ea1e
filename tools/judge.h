/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * One judgement: a trace, an implementation, and all that the reports need to
 * know about how it went.
 */
#ifndef TOOLS_JUDGE_H
#define TOOLS_JUDGE_H

#include "cmd.h"
#include "file.h"
#include "names.h"

/**
 * struct judge_step - one row of the step table
 * @rep: what the step did
 * @pcids: the PCIDs that the rules of this step speak of
 * @verdict: enum vtlb_verdict, as far as the strict pass was then
 * @outcome: of an access, in words
 */
struct judge_step {
	struct vtlb_step_report rep;
	struct name_pcids pcids;
	uint8_t verdict;
	char outcome[32];
};

/**
 * struct judgement - a result with its circumstances
 * @ok: the trace is satisfied
 * @flushes_unasked: flushes in steps in which the contract dropped nothing
 * @mem: page tables when the violation could be seen
 * @steps: one a step of the strict pass, only if asked for
 */
struct judgement {
	const struct trace_file *file;
	const struct vtlb_impl *impl;
	uint8_t vendor;
	uint8_t reading;
	uint32_t waive;
	struct vtlb_run_result res;
	bool ok;
	uint64_t flushes_unasked;
	struct vtlb_mem mem;
	struct judge_step *steps;
	size_t nsteps;
};

/**
 * judge() - run one trace against one implementation
 * @keep_steps: fill .steps
 *
 * Return: 0, or the exit code after the error was reported.
 */
int judge(struct judgement *j, const struct trace_file *file, const struct vtlb_impl *impl,
	  const struct cmd_judge *opt, bool keep_steps) VTLB_MUST_CHECK;

void judge_free(struct judgement *j);

/** judge_exit() - exit code of one judgement: by expectations, else by verdict */
int judge_exit(const struct judgement *j);

/** judge_exit_worse() - the worse of two exit codes */
int judge_exit_worse(int a, int b);

/** judge_scope() - append in words what a judgement covers and what it does not */
void judge_scope(struct text *t, const struct judgement *j);

/** judge_circumstances() - the same for a run or search that is no judgement */
void judge_circumstances(struct text *t, const struct vtlb_world *w, unsigned int vendor,
			 unsigned int reading, uint32_t waive);

/** judge_flush_unasked() - did this step flush though the contract dropped nothing */
bool judge_flush_unasked(const struct vtlb_step_report *rep);

#endif /* TOOLS_JUDGE_H */
