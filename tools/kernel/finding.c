/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Comparing what base and patched code show.  A wrong "holds" is the worst answer,
 * so what cannot be told is not taken for harmless.
 */
#include "finding.h"

#include <stdlib.h>
#include <string.h>

#include "out.h"

static const char *word(const json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));

	return s ? s : "";
}

static enum vtlb_verdict verdict_by_name(const char *name)
{
	for (enum vtlb_verdict v = VTLB_HOLDS; v < VTLB_ERROR; v++)
		if (strcmp(vtlb_verdict_name(v), name) == 0)
			return v;
	return VTLB_ERROR;
}

void shown_read(struct shown *s, json_t *result)
{
	memset(s, 0, sizeof(*s));
	s->verdict = verdict_by_name(word(result, "verdict"));
	s->violation = json_array_get(json_object_get(result, "violations"), 0);
	s->deviation = word(s->violation, "deviation");
	s->why = word(result, "why");
	s->stopped_at = (unsigned int)json_integer_value(json_object_get(result, "stopped_at"));
}

bool shown_fails(const struct shown *s)
{
	return s->died || s->verdict == VTLB_VIOLATES || s->verdict == VTLB_DEVIATES;
}

bool shown_crashed(const struct shown *s)
{
	return s->died || strcmp(word(s->violation, "got"), "host crash") == 0;
}

bool shown_at_boot(const struct shown *s)
{
	return shown_crashed(s) && strstr(s->crash, ", at boot");
}

static bool same_value(const json_t *a, const json_t *b, const char *key)
{
	const json_t *x = json_object_get(a, key), *y = json_object_get(b, key);

	return x == y || (x && y && json_equal((json_t *)(uintptr_t)x, (json_t *)(uintptr_t)y));
}

bool shown_alike(const struct shown *a, const struct shown *b)
{
	static const char *const keys[] = { "kind", "rule", "page", "access", "got", "lookahead",
					    "deviation" };

	if (a->died != b->died || a->verdict != b->verdict || strcmp(a->crash, b->crash) != 0)
		return false;
	for (size_t i = 0; !a->died && i < sizeof(keys) / sizeof(*keys); i++)
		if (!same_value(a->violation, b->violation, keys[i]))
			return false;
	return true;
}

bool shown_same(const struct shown *a, const struct shown *b)
{
	static const char *const keys[] = { "guilty_step", "seen_step", "vcpu" };

	if (!shown_alike(a, b))
		return false;
	for (size_t i = 0; !a->died && i < sizeof(keys) / sizeof(*keys); i++)
		if (!same_value(a->violation, b->violation, keys[i]))
			return false;
	return true;
}

static bool answers(const struct shown *s)
{
	return shown_fails(s) || s->verdict == VTLB_HOLDS || s->verdict == VTLB_AMBIGUOUS;
}

static enum finding_class no_answer(const struct shown *base, const struct shown *patched)
{
	bool outside = patched->verdict == VTLB_V_UNSUPPORTED && !patched->stopped_at &&
		       !patched->unmodelled;

	return outside && (!base || base->verdict == VTLB_V_UNSUPPORTED) ? FINDING_NOT_COVERED :
									   FINDING_NO_ANSWER;
}

enum finding_class finding_classify(const struct shown *base, const struct shown *patched)
{
	if (!answers(patched))
		return no_answer(base, patched);
	if (!shown_fails(patched))
		return base && shown_fails(base) ? FINDING_FIXED : FINDING_NONE;
	if (!base && patched->verdict == VTLB_DEVIATES && !patched->died)
		return FINDING_KNOWN;
	if (!base)
		return FINDING_NEW;
	if (!shown_fails(base))
		return FINDING_NEW;
	if (!shown_same(base, patched))
		return FINDING_UNSURE;
	return patched->verdict == VTLB_DEVIATES ? FINDING_KNOWN : FINDING_BASE;
}

void finding_text(struct text *t, const struct shown *s)
{
	const json_t *v = s->violation, *seen = json_object_get(v, "seen_step");

	if (s->died) {
		text_add(t, "the process ended");
		return;
	}
	text_add(t, "%s", vtlb_verdict_name(s->verdict));
	if (!v)
		return;
	text_add(t, " at step %lld", (long long)json_integer_value(json_object_get(v, "guilty_step")));
	if (json_is_integer(seen))
		text_add(t, ", seen at %lld", (long long)json_integer_value(seen));
	if (*word(v, "rule"))
		text_add(t, ", %s", word(v, "rule"));
	text_add(t, ": got %s", word(v, "got"));
	if (*word(v, "access"))
		text_add(t, " for %s of %s", word(v, "access"), word(v, "page"));
	if (*s->deviation)
		text_add(t, " (known deviation %s)", s->deviation);
}

void finding_free(struct finding *f)
{
	free(f->name);
	free(f->file);
	free(f->text);
	free(f->said);
	json_decref(f->violation);
	memset(f, 0, sizeof(*f));
}

enum vtlb_verdict finding_verdict(const struct verdict_facts *f)
{
	if (f->new_findings)
		return VTLB_VIOLATES;
	if (!f->exercised)
		return VTLB_NOT_EXERCISED;
	return f->unfinished ? VTLB_INCOMPLETE : VTLB_HOLDS;
}
