/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Sentences that explain a violation: which step made it possible, which
 * showed it, by which rule it is one, and where the value was held.
 */
#include "explain.h"

#include <string.h>

#include "out.h"
#include "table.h"

#define INDENT 2u

static void say(struct text *t)
{
	text_print(stdout, INDENT, out.width, text_str(t));
	text_free(t);
}

void explain_step(struct text *t, const struct trace_file *f, uint32_t step)
{
	char op[128];

	if (step == 0 || step > f->trace.nops) {
		text_add(t, "the initial state");
		return;
	}
	vtlb_op_print(&f->trace.world, f->trace.ops[step - 1], op, sizeof(op));
	text_add(t, "step %u (", step);
	if (f->trace.line)
		text_add(t, "line %u, ", f->trace.line[step - 1]);
	text_add(t, "\"%s\")", op);
}

static bool same_violation(const struct judgement *a, const struct judgement *b)
{
	const struct vtlb_violation *v = &a->res.violation, *w = &b->res.violation;

	return a->file == b->file && a->res.verdict == b->res.verdict && v->kind == w->kind &&
	       v->seen_step == w->seen_step && v->guilty_step == w->guilty_step &&
	       v->dropped_at == w->dropped_at && v->rule == w->rule && v->vcpu == w->vcpu &&
	       v->page == w->page && v->pcid == w->pcid && v->access == w->access &&
	       v->got == w->got && v->waiver == w->waiver &&
	       memcmp(&v->allowed, &w->allowed, sizeof(v->allowed)) == 0;
}

static const char *or_none(unsigned int fault)
{
	return fault == VTLB_NO_FAULT ? "no fault" : vtlb_fault_name((enum vtlb_fault)fault);
}

static void say_access(struct text *t, const struct judgement *j)
{
	const struct vtlb_violation *v = &j->res.violation;
	const struct vtlb_world *w = &j->file->trace.world;
	char got[64], allowed[256];

	vtlb_outcome_print(w, &j->mem, v->page, v->got, got, sizeof(got));
	vtlb_outset_print(w, &j->mem, v->page, &v->allowed, allowed, sizeof(allowed));
	text_add(t, "a %s of %s (0x%llx) on vCPU %u, with PCID %u current, can give %s. The "
		    "contract allows %s.",
		 vtlb_kind_name((enum vtlb_kind)v->access),
		 v->page < w->npages ? w->page_name[v->page] : "?",
		 v->page < w->npages ? (unsigned long long)w->page[v->page].linear : 0ull,
		 v->vcpu, v->pcid, got, allowed);
}

static void say_what(const struct judgement *j)
{
	const struct vtlb_violation *v = &j->res.violation;
	struct text t = { 0 };
	char op[128];

	if (v->kind == VTLB_V_FAULT) {
		text_add(&t, "What happened: ");
		explain_step(&t, j->file, v->guilty_step);
		text_add(&t, " ended with %s; the contract demands %s.", or_none(v->got),
			 or_none(v->allowed.faults));
		say(&t);
		return;
	}
	text_add(&t, "Made possible by ");
	explain_step(&t, j->file, v->guilty_step);
	if (v->kind == VTLB_V_REUSE) {
		vtlb_op_print(&j->file->trace.world, v->lookahead, op, sizeof(op));
		text_add(&t, ". No step of the trace shows it, but one more operation that "
			     "requires no invalidation would: \"%s\".", op);
	} else if (v->seen_step == v->guilty_step) {
		text_add(&t, ", which also showed it.");
	} else {
		text_add(&t, ", shown by ");
		explain_step(&t, j->file, v->seen_step);
		text_add(&t, ".");
	}
	say(&t);
	text_add(&t, "What the guest could see: after that, ");
	say_access(&t, j);
	say(&t);
}

static void say_rule(const struct judgement *j)
{
	const struct vtlb_violation *v = &j->res.violation;
	const struct vtlb_rule *rule;
	struct text t = { 0 };
	char got[64];

	if (v->rule < 0)
		return;
	rule = &vtlb_rules[v->rule];
	text_add(&t, "Rule %s: %s", rule->id, rule->text);
	say(&t);
	text_add(&t, "Section: ");
	name_sections(&t, rule->key, j->vendor);
	text_add(&t, ".");
	say(&t);
	if (v->kind == VTLB_V_FAULT)
		return;
	vtlb_outcome_print(&j->file->trace.world, &j->mem, v->page, v->got, got, sizeof(got));
	if (v->dropped_at) {
		text_add(&t, "By it, ");
		explain_step(&t, j->file, v->dropped_at);
		text_add(&t, " dropped every entry that gives %s.", got);
	} else if (strcmp(rule->id, "A-21") == 0) {
		/* An entry may well be there: what it lacks are the rights. */
		text_add(&t, "No operation dropped it: by the rights that it holds, no entry here "
			     "may give %s to this access.", got);
	} else {
		text_add(&t, "Nothing that gives %s could be cached here at any time.", got);
	}
	say(&t);
}

/* Members of a group may hold the value in different places. */
static void say_held(const struct judgement *j, size_t n, size_t first)
{
	const char *last = "";

	for (size_t i = first; i < n; i++) {
		const char *held = j[i].res.violation.held_in, *name = j[i].impl->name;
		struct text t = { 0 };

		if (!j[i].res.has_violation || !same_violation(&j[i], &j[first]) || !held[0] ||
		    strcmp(held, last) == 0)
			continue;
		if (j[i].res.violation.kind == VTLB_V_REUSE)
			text_add(&t, "After that operation %s would hold it in %s.", name, held);
		else
			text_add(&t, "Where %s held it: %s.", name, held);
		say(&t);
		last = held;
	}
}

static void say_deviation(const struct judgement *j)
{
	const struct vtlb_violation *v = &j->res.violation;
	struct text t = { 0 };

	if (v->ambiguous) {
		const char *amb = v->rule >= 0 ? vtlb_rules[v->rule].amb : NULL;

		text_add(&t, "The manual can be read in two ways here%s%s%s: it fails only where "
			     "an implementation owes the most (reading owe).",
			 amb ? " (" : "", amb ? amb : "", amb ? ")" : "");
		say(&t);
	}
	if (!v->waiver && j->res.verdict == VTLB_VIOLATES) {
		text_add(&t, "This is no known deviation.");
		say(&t);
	}
	for (unsigned int i = 0; i < vtlb_nr_deviations; i++) {
		const struct vtlb_deviation *d = &vtlb_deviations[i];

		if (!(v->waiver & d->waiver))
			continue;
		text_add(&t, "Known deviation %s: %s Seen in: %s. '--waive %s' allows this: %s",
			 d->name, d->summary, d->kernels, d->name, d->waives);
		say(&t);
	}
}

static enum style verdict_style(enum vtlb_verdict v)
{
	return v == VTLB_VIOLATES ? STYLE_BAD : STYLE_WARN;
}

static void explain_group(const struct judgement *j, size_t n, size_t first)
{
	const struct judgement *g = &j[first];
	const struct vtlb_violation *v = &g->res.violation;
	struct text names = { 0 };

	text_add(&names, "On ");
	for (size_t i = first; i < n; i++)
		if (j[i].res.has_violation && same_violation(&j[i], g))
			text_add(&names, "%s%s", i == first ? "" : ", ", j[i].impl->name);
	text_add(&names, ":");
	printf("\n%s%s%s%s: %s%s\n", style_begin(verdict_style(g->res.verdict)),
	       vtlb_verdict_name(g->res.verdict), v->rule >= 0 ? " " : "",
	       v->rule >= 0 ? vtlb_rules[v->rule].id : "", g->file->name,
	       style_end(verdict_style(g->res.verdict)));
	text_print(stdout, INDENT, out.width, text_str(&names));
	text_free(&names);
	say_what(g);
	say_rule(g);
	say_held(j, n, first);
	say_deviation(g);
}

static bool failed(const struct judgement *j, uint32_t expect)
{
	for (uint32_t i = 0; i < j->res.failed && i < VTLB_RUN_EXPECTS; i++)
		if (j->res.failed_expect[i] == expect)
			return true;
	return false;
}

/*
 * Was the run over before this expectation?  What is said of the state after the
 * step that ended it has no answer, what is said of the violation has.
 */
static bool unreached(const struct judgement *j, uint32_t expect)
{
	const struct vtlb_expect *e = &j->file->trace.expects[expect];
	const struct vtlb_run_result *r = &j->res;

	if (r->passed + r->failed == j->file->trace.nexpects)
		return false;
	if (!r->stopped_at)
		return true;
	return e->kind == VTLB_EXP_VIOLATES ? e->after_step > r->stopped_at
					    : e->after_step >= r->stopped_at;
}

static bool unexpected(const struct judgement *j, uint32_t unused)
{
	(void)unused;
	return j->res.unexpected && j->res.has_violation;
}

/* One line for all implementations of a trace of which @is says so. */
static void say_who(const struct judgement *j, size_t n, const char *what,
		    bool (*is)(const struct judgement *j, uint32_t expect), uint32_t expect)
{
	struct text t = { 0 };
	bool any = false;

	text_add(&t, "%s ", what);
	for (size_t i = 0; i < n && j[i].file == j->file; i++) {
		if (!is(&j[i], expect))
			continue;
		text_add(&t, "%s%s", any ? ", " : "", j[i].impl->name);
		any = true;
	}
	if (any) {
		fputs(style_begin(STYLE_BAD), stdout);
		text_print(stdout, 0, out.width, text_str(&t));
		fputs(style_end(STYLE_BAD), stdout);
	}
	text_free(&t);
}

/* The judgements of one trace begin at @j; the same line for many is one line. */
static void explain_expects(const struct judgement *j, size_t n)
{
	const struct vtlb_trace *trace = &j->file->trace;
	struct text t = { 0 };

	for (uint32_t e = 0; e < trace->nexpects; e++) {
		size_t len;
		const char *line = file_line(j->file, trace->expects[e].line, &len);

		text_add(&t, "%s:%u: \"%.*s\" is not met by", j->file->name,
			 trace->expects[e].line, (int)len, line);
		say_who(j, n, text_str(&t), failed, e);
		text_free(&t);
		text_add(&t, "%s:%u: \"%.*s\" is not reached by", j->file->name,
			 trace->expects[e].line, (int)len, line);
		say_who(j, n, text_str(&t), unreached, e);
		text_free(&t);
	}
	text_add(&t, "%s: no \"expect violates\" names the violation of", j->file->name);
	if (trace->nexpects)
		say_who(j, n, text_str(&t), unexpected, 0);
	text_free(&t);
}

static bool first_of_its_kind(const struct judgement *j, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (j[k].res.has_violation && same_violation(&j[k], &j[i]))
			return false;
	return true;
}

void explain_violations(const struct judgement *j, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (j[i].res.has_violation && first_of_its_kind(j, i))
			explain_group(j, n, i);
}

void explain_all(const struct judgement *j, size_t n)
{
	bool met = false, missed = false;

	explain_violations(j, n);
	for (size_t i = 0; i < n; i++) {
		met |= j[i].file->trace.nexpects && j[i].ok;
		missed |= j[i].file->trace.nexpects && !j[i].ok;
	}
	if (!missed)
		return;
	putchar('\n');
	for (size_t i = 0; i < n; i++)
		if (i == 0 || j[i].file != j[i - 1].file)
			explain_expects(&j[i], n - i);
	if (met)
		text_print(stdout, 0, out.width,
			   "Expectations are written for one implementation, as a rule: choose it "
			   "with --impl.");
}
