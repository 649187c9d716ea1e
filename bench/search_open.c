/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What is searched, from a file: the same for every engine that is measured.
 */
#include "search_step.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vtlb/scope.h"

static char *read_file(const char *path, size_t *len)
{
	FILE *f = fopen(path, "r");
	char *text = malloc(1 << 20);

	*len = f && text ? fread(text, 1, 1 << 20, f) : 0;
	if (!f || !text || ferror(f) || !feof(f)) {
		free(text);
		text = NULL;
	}
	if (f)
		fclose(f);
	return text;
}

static enum vtlb_err parse(struct search *s, const char *text, size_t len, struct vtlb_diag *diag)
{
	struct vtlb_scope scope;
	enum vtlb_err err = vtlb_scope_parse(text, len, &scope, diag);

	if (err != VTLB_OK)
		return err;
	s->w = scope.world;
	s->nops = scope.nops;
	s->ops = scope.ops;
	scope.ops = NULL;
	vtlb_scope_free(&scope);
	return VTLB_OK;
}

/*
 * An access has at most one outcome a frame, one that sets D a table, and a
 * fault; search_step() complains if an implementation knows more.
 */
static bool number_transitions(struct search *s)
{
	for (size_t i = 0; i < s->nops; i++) {
		unsigned int n = 1;

		if (s->ops[i].code == VTLB_OP_ACCESS)
			n = s->w.nframes + 1u +
			    ((s->ops[i].b & VTLB_ACC_TYPE) == VTLB_ACC_WRITE ? s->w.nleafs : 0u);
		for (unsigned int nth = 0; nth < n; nth++) {
			if (s->ntransitions == SEARCH_MAX_TRANSITIONS)
				return false;
			s->transition[s->ntransitions++] = (struct search_transition){
				s->ops[i], (uint16_t)nth, nth + 1 == n
			};
		}
	}
	return true;
}

bool search_open(struct search *s, const char *path, const char *impl)
{
	struct vtlb_diag diag = { .message = "" };
	const char *why = "no such preset";
	enum vtlb_err err;
	char *text;
	size_t len;

	memset(s, 0, sizeof(*s));
	text = read_file(path, &len);
	if (!text) {
		fprintf(stderr, "%s: cannot be read\n", path);
		return false;
	}
	err = parse(s, text, len, &diag);
	free(text);
	if (err != VTLB_OK) {
		fprintf(stderr, "%s:%u:%u: %s\n", path, (unsigned int)diag.line,
			(unsigned int)diag.column, diag.message);
		return false;
	}
	s->impl = vtlb_preset_by_name(impl);
	if (!s->impl || !vtlb_impl_covers(s->impl, &s->w, &why)) {
		fprintf(stderr, "%s: %s\n", impl, why);
		return false;
	}
	vtlb_contract_init(&s->contract, &s->w, s->w.vendor, VTLB_RELY, VTLB_WAIVE_ALL);
	s->contract_size = vtlb_contract_size(&s->contract);
	s->impl_size = s->impl->state_size(s->impl, &s->w);
	if (!s->impl_size || !number_transitions(s)) {
		fprintf(stderr, "%s: too many transitions, or not covered by %s\n", path, impl);
		return false;
	}
	return true;
}

void search_close(struct search *s)
{
	free(s->ops);
	s->ops = NULL;
}
