/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Real KVM code behind struct vtlb_impl.
 */
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "delta.h"
#include "history.h"

/* What KVM offers with shadow paging, and what a world may therefore ask for. */
#define FEATURES                                                                       \
	(VTLB_F_PCID | VTLB_F_INVPCID | VTLB_F_PGE | VTLB_F_SMEP | VTLB_F_SMAP |       \
	 VTLB_F_NX | VTLB_F_PSE)

#define OP(name) (1u << VTLB_OP_##name)

/* One machine, so one caller at a time. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

/**
 * struct state - what callers hold
 * @history: the state
 * @stopped: enum glue_stop: KVM stopped there, and nothing follows
 */
struct state {
	uint32_t history;
	uint32_t stopped;
};

static size_t state_size(const struct vtlb_impl *impl, const struct vtlb_world *w)
{
	(void)impl;
	if (w->mode != VTLB_SHADOW || w->features & ~(uint32_t)FEATURES || !w->npages ||
	    w->nvcpus > GLUE_VCPUS || !guest_fits(w))
		return 0;
	return sizeof(struct state);
}

/* Said once a place, because replay meets the same stop again. */
static void report_stop(void)
{
	static char last[sizeof(machine_stop.text)];
	static bool hinted;

	if (!strcmp(last, machine_stop.text))
		return;
	snprintf(last, sizeof(last), "%s", machine_stop.text);
	fprintf(stderr, "vtlb: %s\n", machine_stop.text);
	if (strncmp(machine_stop.text, MACHINE_STUB, strlen(MACHINE_STUB)) != 0 || hinted)
		return;
	hinted = true;
	fputs("      how to add it: docs/kernel.md, \"Adding a kernel function\"\n", stderr);
}

static void stopped(struct state *s)
{
	history_at(0);
	s->stopped = machine_stop.why;
	history_stop(s->history, machine_stop.why);
	report_stop();
}

static void do_step(const struct vtlb_world *w, struct state *s, struct vtlb_op op,
		    uint32_t outcome, struct vtlb_impl_step *r)
{
	uint32_t from = s->history;

	s->history = history_next(from, op, outcome);
	s->stopped = history_stopped(s->history);
	if (s->stopped)
		return;
	if (!history_go(w, from)) {
		stopped(s);
		return;
	}
	r->fault = VTLB_NO_FAULT;
	delta_touch();
	if (insn_step(w, op, outcome, r))
		history_at(s->history);
	else
		stopped(s);
}

static void reset(const struct vtlb_impl *impl, const struct vtlb_world *w, void *state)
{
	struct state *s = state;

	(void)impl;
	pthread_mutex_lock(&lock);
	memset(s, 0, sizeof(*s));
	s->history = history_start(w);
	s->stopped = history_stopped(s->history);
	if (!s->stopped && !history_go(w, s->history))
		stopped(s);
	pthread_mutex_unlock(&lock);
}

static void step(const struct vtlb_impl *impl, const struct vtlb_world *w, void *state,
		 struct vtlb_op op, uint32_t outcome, struct vtlb_impl_step *r)
{
	struct state *s = state;

	(void)impl;
	pthread_mutex_lock(&lock);
	if (!s->stopped)
		do_step(w, s, op, outcome, r);
	if (s->stopped) {
		/* what we do not provide is no answer; everything else is KVM's doing */
		r->fault = s->stopped == GLUE_STOP_UNMODELLED ? (unsigned)VTLB_UNSUPPORTED :
								(unsigned)VTLB_CRASH;
		r->note = "stopped";
	}
	pthread_mutex_unlock(&lock);
}

/* What accesses from @kind on could give, where KVM stopped. */
static void no_outcomes(struct vtlb_outset out[VTLB_NR_KINDS], unsigned int kind,
			enum glue_stop why)
{
	bool crash = why != GLUE_STOP_UNMODELLED;

	/* without an answer for one kind there is none for any */
	for (unsigned int i = crash ? kind : 0; i < VTLB_NR_KINDS; i++)
		out[i] = (struct vtlb_outset){ .faults = crash ? 1u << VTLB_PF_CRASH : 0 };
}

/* What is asked of KVM's own walk may stop there; once is enough to know. */
static void look(const struct vtlb_world *w, uint32_t state, unsigned int vcpu, unsigned int page,
		 struct vtlb_outset out[VTLB_NR_KINDS])
{
	enum glue_stop why;
	unsigned int kinds = history_look(state, vcpu, page, &why), n;

	delta_touch();
	n = insn_outcomes(w, vcpu, page, kinds, out);
	if (n < kinds) {
		why = machine_stop.why;
		history_at(0);
		report_stop();
		history_no_look(state, vcpu, page, n, why);
	}
	if (n < VTLB_NR_KINDS)
		no_outcomes(out, n, why);
}

static void outcomes(const struct vtlb_impl *impl, const struct vtlb_world *w, const void *state,
		     unsigned int vcpu, unsigned int page, struct vtlb_outset out[VTLB_NR_KINDS])
{
	const struct state *s = state;

	(void)impl;
	if (s->stopped) {
		no_outcomes(out, 0, s->stopped);
		return;
	}
	pthread_mutex_lock(&lock);
	if (!history_stopped(s->history) && !history_go(w, s->history)) {
		history_at(0);
		history_stop(s->history, machine_stop.why);
		report_stop();
	}
	if (history_stopped(s->history))
		no_outcomes(out, 0, history_stopped(s->history));
	else
		look(w, s->history, vcpu, page, out);
	pthread_mutex_unlock(&lock);
}

/* The number of the first state that is like this one, which is good in this process. */
static size_t encode(const struct vtlb_impl *impl, const struct vtlb_world *w,
		     const void *state, uint8_t *buf, size_t cap)
{
	struct state s = *(const struct state *)state;

	(void)impl;
	pthread_mutex_lock(&lock);
	if (cap >= sizeof(s) && !s.stopped) {
		uint32_t same = history_same(w, s.history);

		if (same)
			s.history = same;
		else
			stopped(&s);
	}
	pthread_mutex_unlock(&lock);
	if (cap >= sizeof(s))
		memcpy(buf, &s, sizeof(s));
	return sizeof(s);
}

static bool disturb(const struct vtlb_impl *impl, const struct vtlb_world *w, void *state,
		    uint32_t seed)
{
	struct state *s = state;
	uint32_t other = 0;

	(void)impl;
	pthread_mutex_lock(&lock);
	if (!s->stopped)
		other = history_disturb(w, s->history, seed);
	if (other)
		s->history = other;
	pthread_mutex_unlock(&lock);
	return other;
}

static void forget(const struct vtlb_impl *impl)
{
	(void)impl;
	pthread_mutex_lock(&lock);
	history_forget();
	pthread_mutex_unlock(&lock);
}

static void decode(const struct vtlb_impl *impl, const struct vtlb_world *w, void *state,
		   const uint8_t *buf, size_t len)
{
	(void)impl;
	(void)w;
	memcpy(state, buf, len);
}

static size_t put(char *buf, size_t cap, size_t len, const char *text)
{
	for (; *text; text++, len++)
		if (len + 1 < cap)
			buf[len] = *text;
	if (cap)
		buf[len < cap ? len : cap - 1] = 0;
	return len;
}

/* As the model of KVM describes a root, so that both can be compared. */
static size_t put_root(const struct vtlb_world *w, const struct glue_root *root, char *buf,
		       size_t cap, size_t len)
{
	int number = (int)((root->pgd >> 12) - 1);
	char line[96];

	if (root->hpa == ~0ul)
		return put(buf, cap, len, "invalid");
	if (root->direct)
		return put(buf, cap, len, "not paging");
	snprintf(line, sizeof(line), "%s pcid %lu%s",
		 number >= 0 && number < w->nroots ? w->root_name[number] : "?",
		 root->pgd & 0xfff, root->obsolete ? " obsolete" : root->unsync ? " unsync" : "");
	return put(buf, cap, len, line);
}

static size_t put_vcpu(const struct vtlb_world *w, unsigned int vcpu, char *buf, size_t cap,
		       size_t len)
{
	struct glue_root root[GLUE_NROOTS];
	unsigned int n = glue_roots(vcpu, root);
	char line[32];

	snprintf(line, sizeof(line), "vcpu%u: root ", vcpu);
	for (unsigned int i = 0; i < n; i++) {
		len = put(buf, cap, len, !i ? line : i == 1 ? "; prev_roots " : ", ");
		len = put_root(w, &root[i], buf, cap, len);
	}
	return put(buf, cap, len, "\n");
}

static size_t describe(const struct vtlb_impl *impl, const struct vtlb_world *w,
		       const void *state, char *buf, size_t cap)
{
	const struct state *s = state;
	size_t len = put(buf, cap, 0, "");

	(void)impl;
	if (s->stopped)
		return put(buf, cap, len, "KVM stopped\n");
	pthread_mutex_lock(&lock);
	if (history_go(w, s->history))
		for (unsigned int vcpu = 0; vcpu < w->nvcpus; vcpu++)
			len = put_vcpu(w, vcpu, buf, cap, len);
	pthread_mutex_unlock(&lock);
	return len;
}

/* How vtlb knows, without running it, that this program can be asked. */
VTLB_IMPL_NOTE;

const struct vtlb_impl *vtlb_impl_v1(void);

const struct vtlb_impl *vtlb_impl_v1(void)
{
	static char name[128], summary[128];
	static struct vtlb_impl impl = {
		.abi = VTLB_IMPL_ABI,
		.size = sizeof(struct vtlb_impl),
		.name = name,
		.summary = summary,
		.ops = OP(MOV_CR0) | OP(MOV_CR3) | OP(MOV_CR4) | OP(WRMSR_EFER) | OP(INVLPG) |
		       OP(INVPCID) | OP(ACCESS) | OP(WRITE_LEAF) | OP(WRITE_UPPER) |
		       OP(WRITE_ROOT) | OP(SET_CSL) | OP(SET_CPL) | OP(SET_AC) |
		       OP(INIT) | OP(HOST_ZAP),
		.vendors = 1u << VTLB_INTEL | 1u << VTLB_AMD,
		.modes = 1u << VTLB_SHADOW,
		.max_vcpus = GLUE_VCPUS,
		.state_size = state_size,
		.reset = reset,
		.step = step,
		.outcomes = outcomes,
		.encode = encode,
		.decode = decode,
		.describe = describe,
		.forget = forget,
		.traits = VTLB_IMPL_PSC,
	};

	/* where no two states are one, nothing is left out */
	if (glue_state_merges)
		impl.disturb = disturb;
	snprintf(name, sizeof(name), "linux-%s%s", glue_release, KERNEL_TAG);
	snprintf(summary, sizeof(summary), "the KVM of Linux %s, %s", glue_release, glue_vendor);
	return &impl;
}
