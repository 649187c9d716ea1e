/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Running a trace and keeping what the reports need: the rows of the step
 * table, flushes nobody asked for, and the page tables at the violation.
 */
#include "judge.h"

#include <stdlib.h>
#include <string.h>

#include "out.h"

struct watch {
	struct judgement *j;
	struct vtlb_regs before[VTLB_MAX_VCPUS];
	size_t cap;
	bool keep;
};

static int current_pcid(const struct vtlb_regs *regs)
{
	return regs->mode & VTLB_PCIDE ? regs->low12 : 0;
}

bool judge_flush_unasked(const struct vtlb_step_report *rep)
{
	return rep->cost.flushes && !rep->dropped;
}

static void keep_step(struct watch *w, uint32_t step, const struct vtlb_step_report *rep,
		      const struct vtlb_check *k)
{
	const struct vtlb_trace *t = &w->j->file->trace;
	struct vtlb_op op = t->ops[step - 1];
	unsigned int vcpu = vtlb_op_vcpu(op);
	struct judge_step *row;

	w->j->steps = out_grow(w->j->steps, &w->cap, w->j->nsteps + 1, sizeof(*row));
	row = &w->j->steps[w->j->nsteps++];
	memset(row, 0, sizeof(*row));
	row->rep = *rep;
	row->verdict = (uint8_t)vtlb_check_verdict(k);
	row->pcids.cur = current_pcid(&w->before[vcpu]);
	row->pcids.new_pcid = current_pcid(vtlb_check_regs(k, vcpu));
	row->pcids.operand = (int)(op.imm & 0xfffu);
	if (op.code == VTLB_OP_ACCESS)
		vtlb_outcome_print(&t->world, vtlb_check_mem(k), op.a, rep->outcome,
				   row->outcome, sizeof(row->outcome));
	for (unsigned int v = 0; v < t->world.nvcpus; v++)
		w->before[v] = *vtlb_check_regs(k, v);
}

static bool watch_step(void *ctx, uint32_t step, const struct vtlb_step_report *rep,
		       const struct vtlb_check *k)
{
	struct watch *w = ctx;

	if (judge_flush_unasked(rep))
		w->j->flushes_unasked += rep->cost.flushes;
	if (w->keep)
		keep_step(w, step, rep, k);
	return true;
}

struct grab {
	uint32_t step;
	struct vtlb_mem *mem;
};

static bool grab_step(void *ctx, uint32_t step, const struct vtlb_step_report *rep,
		      const struct vtlb_check *k)
{
	struct grab *g = ctx;

	(void)rep;
	if (step < g->step)
		return true;
	*g->mem = *vtlb_check_mem(k);
	return false;
}

/* To name the frame of a write that sets D, the page tables of that step are needed. */
static enum vtlb_err grab_mem(struct judgement *j, const struct vtlb_run_config *cfg)
{
	const struct vtlb_violation *v = &j->res.violation;
	struct grab g = { .step = v->seen_step ? v->seen_step : v->guilty_step, .mem = &j->mem };
	struct vtlb_run_config unchecked = *cfg;
	struct vtlb_run_result ignored;

	j->mem = j->file->trace.world.init;
	if (g.step == 0)
		return VTLB_OK;
	/* the steps alone: with their checks it would be a run as long as the one before */
	unchecked.flags = VTLB_CHECK_NO_EXPOSURE | VTLB_CHECK_NO_REUSE;
	return vtlb_trace_run(&j->file->trace, &unchecked, grab_step, &g, &ignored);
}

int judge(struct judgement *j, const struct trace_file *file, const struct vtlb_impl *impl,
	  const struct cmd_judge *opt, bool keep_steps)
{
	const struct vtlb_trace *t = &file->trace;
	struct vtlb_run_config cfg = {
		.impl = impl,
		.vendor = opt->vendor,
		.reading = opt->reading,
		.waive = opt->waive,
	};
	struct watch w = { .j = j, .keep = keep_steps };
	enum vtlb_err err;

	memset(j, 0, sizeof(*j));
	j->file = file;
	j->impl = impl;
	j->vendor = opt->vendor < 0 ? t->world.vendor : (uint8_t)opt->vendor;
	j->reading = opt->reading < 0 ? t->reading : (uint8_t)opt->reading;
	j->waive = opt->waive;
	for (unsigned int v = 0; v < VTLB_MAX_VCPUS; v++)
		w.before[v] = (struct vtlb_regs){
			.mode = t->world.init_mode,
			.low12 = t->world.init_low12,
			.root = t->world.init_root,
		};
	err = vtlb_trace_run(t, &cfg, watch_step, &w, &j->res);
	if (!err && j->res.has_violation)
		err = grab_mem(j, &cfg);
	if (err) {
		judge_free(j);
		return out_error(EXIT_INTERNAL, file->name, 0, 0, "%s: %s", impl->name,
				 vtlb_strerror(err));
	}
	j->ok = vtlb_trace_ok(t, &j->res);
	return 0;
}

void judge_free(struct judgement *j)
{
	free(j->steps);
	j->steps = NULL;
}

int judge_exit(const struct judgement *j)
{
	if (j->file->trace.nexpects)
		return j->ok ? 0 : 1;
	return vtlb_verdict_exit(j->res.verdict);
}

int judge_exit_worse(int a, int b)
{
	/* From harmless to bad; the numbers themselves are in another order. */
	static const int rank[] = { [0] = 0, [1] = 2, [2] = 3, [3] = 1, [4] = 4 };

	return rank[a] > rank[b] ? a : b;
}

void judge_circumstances(struct text *t, const struct vtlb_world *w, unsigned int vendor,
			 unsigned int reading, uint32_t waive)
{
	text_add(t, "%s contract, %s reading, %s, one VM, %u vCPU%s, "
		    "operations are atomic (no races)",
		 vendor == VTLB_AMD ? "AMD" : "Intel", name_reading(reading),
		 w->mode == VTLB_TDP ? "two-dimensional paging" : "shadow paging", w->nvcpus,
		 w->nvcpus == 1 ? "" : "s");
	if (waive) {
		text_add(t, ", waived: ");
		name_waivers(t, waive, ", ");
	}
}

void judge_scope(struct text *t, const struct judgement *j)
{
	judge_circumstances(t, &j->file->trace.world, j->vendor, j->reading, j->waive);
}
