/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The step table: what the guest did, what the contract drops for it and by
 * which rule, and what the implementation did.
 */
#include "report.h"

#include "out.h"
#include "table.h"

static const char *mark(const struct judgement *j, uint32_t step)
{
	const struct vtlb_violation *v = &j->res.violation;
	bool guilty = j->res.has_violation && v->guilty_step == step;
	bool seen = j->res.has_violation &&
		    (v->kind == VTLB_V_FAULT ? guilty : v->seen_step == step);

	if (guilty && seen)
		return " >!";
	if (guilty)
		return " >";
	return seen ? " !" : "";
}

void step_contract(struct text *c, const struct judgement *j, const struct judge_step *s)
{
	for (unsigned int i = 0; i < s->rep.nrules; i++) {
		const struct vtlb_rule *r = &vtlb_rules[s->rep.rules[i]];

		text_add(c, "%s%s: ", i ? "\n" : "", r->id);
		if (r->fault)
			text_add(c, "%s", vtlb_fault_name((enum vtlb_fault)r->fault));
		else
			name_must(c, &r->must[j->reading], &s->pcids);
		text_add(c, " (");
		name_sections_short(c, r->key, j->vendor);
		text_add(c, ")");
	}
}

static void count(struct text *t, uint64_t n, const char *one, const char *many)
{
	if (n)
		text_add(t, "%s%llu %s", t->len ? ", " : "", (unsigned long long)n,
			 n == 1 ? one : many);
}

void step_implementation(struct text *x, const struct judge_step *s)
{
	const struct vtlb_cost *c = &s->rep.cost;

	if (s->rep.impl_fault)
		text_list(x, ", ", vtlb_fault_name((enum vtlb_fault)s->rep.impl_fault));
	if (s->outcome[0] && !s->rep.impl_fault) {
		text_add(x, "gives %s", s->outcome);
		if (s->rep.branches > 1)
			text_add(x, " (one of %u ways)", s->rep.branches);
	}
	if (s->rep.note)
		text_list(x, ", ", s->rep.note);
	count(x, c->roots_built, "root built", "roots built");
	count(x, c->roots_reused, "root reused", "roots reused");
	count(x, c->roots_freed, "root freed", "roots freed");
	count(x, c->syncs, "sync", "syncs");
	count(x, c->refaults, "refault", "refaults");
	count(x, c->flushes, "flush", "flushes");
	if (judge_flush_unasked(&s->rep))
		text_add(x, " (not asked for)");
}

static void cell(struct table *t, struct text *x)
{
	table_cell(t, STYLE_PLAIN, "%s", text_str(x));
	text_free(x);
}

void report_steps(const struct judgement *j)
{
	static const char *const heads[] = { "Step", "Guest operation", "Contract drops",
					     "Implementation" };
	const struct vtlb_trace *trace = &j->file->trace;
	struct text x = { 0 };
	struct table t;

	table_head(&t, 4, heads);
	for (size_t i = 0; i < j->nsteps; i++) {
		const char *m = mark(j, (uint32_t)i + 1);
		enum style style = m[0] ? STYLE_BAD : STYLE_PLAIN;
		char op[128];

		vtlb_op_print(&trace->world, trace->ops[i], op, sizeof(op));
		table_cell(&t, style, "%zu%s", i + 1, m);
		table_cell(&t, style, "%s", op);
		step_contract(&x, j, &j->steps[i]);
		cell(&t, &x);
		step_implementation(&x, &j->steps[i]);
		cell(&t, &x);
	}
	table_print(&t);
	table_free(&t);
	text_print(stdout, 0, out.width, NAME_MUST_LEGEND);
	if (j->res.has_violation)
		printf(">: made the violation possible.%s\n",
		       j->res.violation.kind == VTLB_V_REUSE ? "" : " !: showed it.");
}
