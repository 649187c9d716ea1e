/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The check under way: steps every branch, records the worst violation, keeps
 * the verdict.
 */
#include "internal.h"

static size_t align64(size_t n)
{
	return (n + 63) & ~(size_t)63;
}

/* Offsets inside a branch; returns its size, 0 if the implementation refuses. */
static size_t layout(struct vtlb_check *k)
{
	size_t off = align64(sizeof(struct branch));

	k->impl_size = k->cfg.impl->state_size(k->cfg.impl, k->cfg.w);
	if (!k->impl_size)
		return 0;
	k->ncontracts = k->cfg.reading == VTLB_OWE ? 2 : 1;
	for (unsigned int i = 0; i < k->ncontracts; i++) {
		k->off_state[i] = off;
		off += align64(vtlb_contract_size(&k->c[i]));
	}
	k->off_impl = off;
	off += align64(k->impl_size);
	return k->branch_size = off;
}

size_t vtlb_check_size(const struct vtlb_check_config *cfg)
{
	size_t impl = cfg->impl->state_size(cfg->impl, cfg->w);
	/* waivers come and go in the same memory, and the two readings are of one size */
	size_t c = align64(vtlb_contract_max_size(cfg->w));

	if (!impl)
		return 0;
	return align64(sizeof(struct vtlb_check)) +
	       (2 * MAX_BRANCHES + 1) * (align64(sizeof(struct branch)) + 2 * c + align64(impl)) +
	       SEEN_SLOTS * (2 * c + align64(impl));
}

void branch_copy(const struct vtlb_check *k, struct branch *dst, const struct branch *src)
{
	memcpy(dst, src, k->off_impl);
	if (k->cfg.impl->clone)
		k->cfg.impl->clone(k->cfg.impl, k->cfg.w, branch_impl(k, dst),
				   branch_impl(k, src));
	else
		memcpy(branch_impl(k, dst), branch_impl(k, src), k->impl_size);
}

static void record(struct vtlb_check *k, const struct branch *b, const struct vtlb_violation *v)
{
	enum vtlb_verdict verdict = v->ambiguous ? VTLB_AMBIGUOUS : VTLB_VIOLATES;

	/* an exposure replaces the alarm that foretold it; otherwise the first stays */
	if (k->has_violation && k->verdict >= verdict &&
	    !(k->verdict == verdict && k->violation.kind == VTLB_V_REUSE &&
	      v->kind != VTLB_V_REUSE))
		return;
	k->violation = *v;
	k->has_violation = true;
	k->viol_nchoices = b->nchoices;
	memcpy(k->viol_choices, b->choices, b->nchoices * sizeof(b->choices[0]));
	if (k->verdict < verdict)
		k->verdict = verdict;
}

/* The implementation could not say how an access ends: no verdict from here. */
static void no_answer(struct vtlb_check *k, struct branch *b)
{
	k->unsupported = true;
	b->violated = 1;
}

static void check_reading(struct vtlb_check *k, struct branch *b, unsigned int reading)
{
	bool only_owe = reading == 1;
	struct vtlb_violation v;

	if (!(k->cfg.flags & VTLB_CHECK_NO_EXPOSURE) && expose(k, b, reading, &v)) {
		if (!v.got) {
			no_answer(k, b);
			return;
		}
		v.seen_step = k->step;
		v.ambiguous = only_owe;
		record(k, b, &v);
		if (only_owe)
			b->ambiguous = 1;
		else
			b->violated = 1;
		return;
	}
	if ((k->cfg.flags & VTLB_CHECK_NO_REUSE) || b->reuse || !reuse(k, b, reading, &v))
		return;
	if (!v.got) {
		no_answer(k, b);
		return;
	}
	v.guilty_step = k->step;
	v.ambiguous = only_owe;
	record(k, b, &v);
	if (!only_owe)
		b->reuse = 1;
}

static void check_branch(struct vtlb_check *k, struct branch *b)
{
	const uint32_t unchecked = VTLB_CHECK_NO_EXPOSURE | VTLB_CHECK_NO_REUSE;
	struct seen_slot slot;

	if (b->violated || (k->cfg.flags & unchecked) == unchecked)
		return;
	slot = seen_find(k, b);
	if (slot.seen)
		return;
	check_reading(k, b, 0);
	if (k->ncontracts > 1 && !b->violated && !b->ambiguous && !b->reuse)
		check_reading(k, b, 1);
	if (!b->violated && !b->ambiguous && !b->reuse)
		seen_add(k, b, slot);
}

struct vtlb_check *vtlb_check_init(void *mem, const struct vtlb_check_config *cfg)
{
	struct vtlb_check *k = mem;

	memset(k, 0, sizeof(*k));
	k->cfg = *cfg;
	vtlb_contract_init(&k->c[0], cfg->w, cfg->vendor, VTLB_RELY,
			   vtlb_impl_waive(cfg->impl, cfg->waive));
	vtlb_contract_init(&k->c[1], cfg->w, cfg->vendor, VTLB_OWE,
			   vtlb_impl_waive(cfg->impl, cfg->waive));
	layout(k);
	k->blocks = (uint8_t *)mem + align64(sizeof(*k));
	k->seen = k->blocks + (2 * MAX_BRANCHES + 1) * k->branch_size;
	vtlb_check_restart(k);
	return k;
}

void vtlb_check_restart(struct vtlb_check *k)
{
	struct branch *b;

	k->base = 0;
	k->nbranches = 1;
	k->step = 0;
	k->verdict = VTLB_HOLDS;
	k->has_violation = k->overflow = k->unsupported = false;
	k->viol_nchoices = 0;
	memset(&k->cost, 0, sizeof(k->cost));
	b = branch_at(k, 0);
	memset(b, 0, k->branch_size);
	for (unsigned int i = 0; i < k->ncontracts; i++)
		vtlb_contract_reset(&k->c[i], branch_c(k, b, i));
	k->cfg.impl->reset(k->cfg.impl, k->cfg.w, branch_impl(k, b));
	check_branch(k, b);
}

static void add_cost(struct vtlb_cost *to, const struct vtlb_cost *c)
{
	to->roots_built += c->roots_built;
	to->roots_reused += c->roots_reused;
	to->roots_freed += c->roots_freed;
	to->syncs += c->syncs;
	to->refaults += c->refaults;
	to->flushes += c->flushes;
}

static void fault_violation(struct vtlb_check *k, struct branch *b, struct vtlb_op op,
			    const struct vtlb_contract_step *r, unsigned int got)
{
	struct vtlb_violation v = {
		.kind = VTLB_V_FAULT,
		.vcpu = (uint8_t)vtlb_op_vcpu(op),
		.page = 0xff,
		.seen_step = k->step,
		.guilty_step = k->step,
		.rule = r->nrules ? r->rules[0] : -1,
		.got = got,
		.allowed = { .faults = r->fault },
		.mode = branch_c(k, b, 0)->regs[vtlb_op_vcpu(op)].mode,
	};

	v.pcid = k->cfg.w->pcid[vtlb_contract_cur(&k->c[0], branch_c(k, b, 0), v.vcpu)];
	record(k, b, &v);
	b->violated = 1;
}

/* One branch, one operation, one outcome. */
static void step_branch(struct vtlb_check *k, struct branch *b, struct vtlb_op op,
			uint32_t outcome, bool first, struct vtlb_step_report *rep)
{
	struct vtlb_contract_step r, owe;
	struct vtlb_impl_step ir;

	memset(&ir, 0, sizeof(ir));
	vtlb_contract_step(&k->c[0], branch_c(k, b, 0), op, outcome, &r);
	if (!(k->cfg.impl->ops & 1u << op.code))
		ir.fault = VTLB_UNSUPPORTED;
	if (k->ncontracts > 1)
		vtlb_contract_step(&k->c[1], branch_c(k, b, 1), op, outcome, &owe);
	if (r.fault != VTLB_UNSUPPORTED && ir.fault != VTLB_UNSUPPORTED)
		k->cfg.impl->step(k->cfg.impl, k->cfg.w, branch_impl(k, b), op, outcome, &ir);
	if (first) {
		add_cost(&k->cost, &ir.cost);
		if (rep) {
			rep->fault = r.fault;
			rep->impl_fault = (uint8_t)ir.fault;
			rep->nrules = r.nrules;
			rep->dropped = r.dropped;
			memcpy(rep->rules, r.rules, sizeof(r.rules));
			rep->outcome = outcome;
			rep->cost = ir.cost;
			rep->note = ir.note;
		}
	}
	if (r.fault == VTLB_UNSUPPORTED || ir.fault == VTLB_UNSUPPORTED) {
		no_answer(k, b);
		return;
	}
	if (r.fault != ir.fault && !b->violated)
		fault_violation(k, b, op, &r, ir.fault);
	check_branch(k, b);
}

static bool same_branch(const struct vtlb_check *k, const struct branch *a,
			const struct branch *b)
{
	return a->violated == b->violated && a->reuse == b->reuse &&
	       !memcmp(branch_c(k, a, 0), branch_c(k, b, 0), states_size(k));
}

/* A new branch of the next generation, or NULL when there is no room. */
static struct branch *spawn(struct vtlb_check *k, unsigned int next, unsigned int n,
			    const struct branch *from)
{
	struct branch *b;

	if (n == MAX_BRANCHES) {
		k->overflow = true;
		return NULL;
	}
	b = branch_at(k, next + n);
	branch_copy(k, b, from);
	return b;
}

/* What an access could give in one branch, in @op's kind. */
static struct vtlb_outset access_set(const struct vtlb_check *k, const struct branch *b,
				     struct vtlb_op op)
{
	const struct vtlb_regs *regs = &branch_c(k, b, 0)->regs[vtlb_op_vcpu(op)];
	struct vtlb_outset out[VTLB_NR_KINDS];

	k->cfg.impl->outcomes(k->cfg.impl, k->cfg.w, branch_impl(k, b), vtlb_op_vcpu(op), op.a,
			      out);
	return out[vtlb_op_kind(op, regs->mode)];
}

/* Every way in which one branch can go on; returns the number of branches so far. */
static unsigned int split(struct vtlb_check *k, const struct branch *from, struct vtlb_op op,
			  unsigned int next, unsigned int n, struct vtlb_step_report *rep)
{
	struct vtlb_outset set = access_set(k, from, op);
	uint32_t first = vtlb_outset_next(&set, 0);
	bool named = op.imm && vtlb_outset_has(&set, op.imm);

	for (uint32_t o = named ? op.imm : first; o; o = named ? 0 : vtlb_outset_next(&set, o)) {
		struct branch *b = spawn(k, next, n, from);
		bool dup = false;

		if (!b)
			break;
		/* one way only, or named by the operation: replay finds it by itself */
		if (!named && vtlb_outset_next(&set, first)) {
			if (b->nchoices == MAX_CHOICES) {
				k->overflow = true;
				break;
			}
			b->choices[b->nchoices++] = (struct choice){ k->step, o };
		}
		step_branch(k, b, op, o, n == 0, rep);
		for (unsigned int j = 0; j < n && !dup; j++)
			dup = same_branch(k, branch_at(k, next + j), b);
		n += !dup;
	}
	return n;
}

static void step_access(struct vtlb_check *k, struct vtlb_op op, struct vtlb_step_report *rep)
{
	unsigned int next = MAX_BRANCHES - k->base, n = 0;

	if (k->nbranches == 1) {
		struct branch *b = branch_at(k, k->base);
		struct vtlb_outset set = access_set(k, b, op);
		bool named = op.imm && vtlb_outset_has(&set, op.imm);
		uint32_t only = named ? op.imm : vtlb_outset_next(&set, 0);

		if (!only) {
			no_answer(k, b);
			return;
		}
		/* by far the most frequent case needs no copy */
		if (named || !vtlb_outset_next(&set, only)) {
			step_branch(k, b, op, only, true, rep);
			return;
		}
	}
	for (unsigned int i = 0; i < k->nbranches; i++)
		n = split(k, branch_at(k, k->base + i), op, next, n, rep);
	if (!n) {
		no_answer(k, branch_at(k, k->base));
		return;
	}
	k->base = next;
	k->nbranches = n;
}

enum vtlb_verdict vtlb_check_step(struct vtlb_check *k, struct vtlb_op op,
				  struct vtlb_step_report *rep)
{
	if (rep)
		memset(rep, 0, sizeof(*rep));
	k->step++;
	if (op.code == VTLB_OP_ACCESS)
		step_access(k, op, rep);
	else
		for (unsigned int i = 0; i < k->nbranches; i++)
			step_branch(k, branch_at(k, k->base + i), op, 0, i == 0, rep);
	if (rep)
		rep->branches = (uint8_t)k->nbranches;
	return vtlb_check_verdict(k);
}

enum vtlb_verdict vtlb_check_verdict(const struct vtlb_check *k)
{
	if (k->verdict == VTLB_VIOLATES)
		return VTLB_VIOLATES;
	if (k->overflow)
		return VTLB_INCOMPLETE;
	if (k->unsupported)
		return VTLB_V_UNSUPPORTED;
	return k->verdict;
}

const struct vtlb_violation *vtlb_check_violation(const struct vtlb_check *k)
{
	return k->has_violation ? &k->violation : NULL;
}

void vtlb_check_outcomes(const struct vtlb_check *k, bool contract, unsigned int vcpu,
			 unsigned int page, struct vtlb_outset out[VTLB_NR_KINDS])
{
	memset(out, 0, sizeof(*out) * VTLB_NR_KINDS);
	for (unsigned int i = 0; i < k->nbranches; i++) {
		const struct branch *b = branch_at(k, k->base + i);
		struct vtlb_outset one[VTLB_NR_KINDS];

		if (contract)
			vtlb_contract_allowed(&k->c[0], branch_c(k, b, 0), vcpu, page, one);
		else
			k->cfg.impl->outcomes(k->cfg.impl, k->cfg.w, branch_impl(k, b), vcpu,
					      page, one);
		for (unsigned int j = 0; j < VTLB_NR_KINDS; j++) {
			out[j].frames |= one[j].frames;
			out[j].dirtied |= one[j].dirtied;
			out[j].faults |= one[j].faults;
		}
	}
}

const struct vtlb_cost *vtlb_check_cost(const struct vtlb_check *k)
{
	return &k->cost;
}

const struct vtlb_cstate *vtlb_check_cstate(const struct vtlb_check *k)
{
	return branch_c(k, branch_at(k, k->base), 0);
}

const void *vtlb_check_istate(const struct vtlb_check *k)
{
	return branch_impl(k, branch_at(k, k->base));
}

const struct vtlb_regs *vtlb_check_regs(const struct vtlb_check *k, unsigned int vcpu)
{
	return &vtlb_check_cstate(k)->regs[vcpu];
}

const struct vtlb_mem *vtlb_check_mem(const struct vtlb_check *k)
{
	return &vtlb_check_cstate(k)->mem;
}
