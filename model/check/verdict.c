/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Names and exit codes of verdicts, names of errors, and the checks of an
 * implementation's structure: small tables that belong to nobody else.
 */
#include "vtlb/check.h"

const char *vtlb_verdict_name(enum vtlb_verdict v)
{
	static const char *const names[VTLB_NR_VERDICTS] = {
		[VTLB_HOLDS] = "holds",
		[VTLB_AMBIGUOUS] = "ambiguous",
		[VTLB_V_UNSUPPORTED] = "unsupported",
		[VTLB_VACUOUS] = "vacuous",
		[VTLB_NOT_EXERCISED] = "not-exercised",
		[VTLB_INCOMPLETE] = "incomplete",
		[VTLB_DEVIATES] = "deviates",
		[VTLB_VIOLATES] = "violates",
		[VTLB_ERROR] = "error",
	};

	return (unsigned int)v < VTLB_NR_VERDICTS ? names[v] : "error";
}

int vtlb_verdict_exit(enum vtlb_verdict v)
{
	switch (v) {
	case VTLB_HOLDS:
	case VTLB_AMBIGUOUS:
		return 0;
	case VTLB_DEVIATES:
	case VTLB_VIOLATES:
		return 1;
	case VTLB_V_UNSUPPORTED:
	case VTLB_VACUOUS:
	case VTLB_NOT_EXERCISED:
	case VTLB_INCOMPLETE:
		return 3;
	default:
		return 4;
	}
}

const char *vtlb_strerror(enum vtlb_err err)
{
	static const char *const text[VTLB_E_NR] = {
		[VTLB_OK] = "no error",
		[VTLB_E_NOMEM] = "out of memory",
		[VTLB_E_PARSE] = "malformed text",
		[VTLB_E_WORLD] = "the world is inconsistent",
		[VTLB_E_UNSUPPORTED] = "outside what the model or the implementation covers",
		[VTLB_E_OP] = "an operation is not valid in this world",
		[VTLB_E_LIMIT] = "a fixed limit of the library was reached",
	};

	return (unsigned int)err < VTLB_E_NR ? text[err] : "unknown error";
}

const char *vtlb_version(void)
{
	return VTLB_VERSION;
}

uint32_t vtlb_impl_waive(const struct vtlb_impl *impl, uint32_t waive)
{
	bool psc = impl->size > offsetof(struct vtlb_impl, traits) &&
		   (impl->traits & VTLB_IMPL_PSC);

	return psc && (waive & VTLB_WAIVE_NONCURRENT) ? waive | VTLB_WAIVE_PSC : waive;
}

bool vtlb_impl_check(const struct vtlb_impl *impl, const char **why)
{
	if (impl->abi != VTLB_IMPL_ABI)
		*why = "it was built for another version of struct vtlb_impl";
	else if (impl->size < offsetof(struct vtlb_impl, encode))
		*why = "its struct vtlb_impl is too small";
	else if (!impl->name || !impl->name[0])
		*why = "it has no name";
	else if (!impl->state_size || !impl->reset || !impl->step || !impl->outcomes)
		*why = "state_size, reset, step or outcomes is missing";
	else if (!impl->max_vcpus || impl->max_vcpus > VTLB_MAX_VCPUS)
		*why = "max_vcpus is not 1 to 4";
	else
		return true;
	return false;
}

bool vtlb_impl_covers(const struct vtlb_impl *impl, const struct vtlb_world *w, const char **why)
{
	if (!(impl->modes & 1u << w->mode))
		*why = "the implementation does not cover this mode (mode=tdp is not modelled yet)";
	else if (!(impl->vendors & 1u << w->vendor))
		*why = "the implementation does not cover this vendor";
	else if (w->nvcpus > impl->max_vcpus)
		*why = "the world has more vCPUs than the implementation covers";
	else if (!impl->state_size(impl, w))
		*why = "the implementation refuses this world (features or size)";
	else
		return true;
	return false;
}
