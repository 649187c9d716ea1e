/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Accesses and page-table stores: TLB, walk, exit and again, as a processor does.
 */
#include "insn.h"

#include <string.h>

#define TRIES 8		/* exits after which an access should have ended */
#define PF 14
#define D 0x40ull

static const struct {
	uint8_t cpl, ac, error;
} kinds[VTLB_NR_KINDS] = {
	[VTLB_UR] = { 3, 0, VTLB_PF_U },
	[VTLB_UW] = { 3, 0, VTLB_PF_U | VTLB_PF_W },
	[VTLB_UX] = { 3, 0, VTLB_PF_U | VTLB_PF_I },
	[VTLB_SR] = { 0, 0, 0 },
	[VTLB_SW] = { 0, 0, VTLB_PF_W },
	[VTLB_SX] = { 0, 0, VTLB_PF_I },
	[VTLB_SRA] = { 0, 1, 0 },
	[VTLB_SWA] = { 0, 1, VTLB_PF_W },
};

static uint64_t *leaf_at(const struct vtlb_world *w, unsigned int leaf, unsigned int entry)
{
	return machine_ram(guest_table(w, (unsigned int)w->nroots + w->nuppers + leaf)) +
	       guest_leaf_index(entry);
}

/* The D bits of one entry of every leaf table, to see which of them is set. */
static uint32_t dirty_bits(const struct vtlb_world *w, unsigned int entry)
{
	uint32_t dirty = 0;

	for (unsigned int l = 0; l < w->nleafs; l++)
		if (*leaf_at(w, l, entry) & D)
			dirty |= 1u << l;
	return dirty;
}

static unsigned int exit_error(const struct tlb_walk *walk, unsigned int kind)
{
	return kinds[kind].error | (walk->present || walk->reserved ? (unsigned)VTLB_PF_P : 0u) |
	       (walk->reserved ? (unsigned)VTLB_PF_RSVD : 0u);
}

/* What the guest's own tables give, by the walker that a fault begins with. */
struct translate {
	uint64_t linear;
	unsigned int kind, error;
	unsigned long gpa;
	int ok;
};

static void translate(void *arg)
{
	struct translate *t = arg;

	t->ok = glue_translate(t->linear, kinds[t->kind].error, &t->gpa, &t->error);
}

static bool exit_outcome(const struct vtlb_world *w, unsigned int page, unsigned int kind,
			 uint32_t *outcome)
{
	struct translate t = { .linear = guest_page(w, page), .kind = kind };
	unsigned int entry = w->page[page].entry;
	uint32_t dirty = dirty_bits(w, entry), set;
	bool ok;

	insn_at(w, kinds[kind].cpl, kinds[kind].ac);
	ok = machine_guard(translate, &t);
	insn_back();
	if (!ok)
		return false;
	if (t.ok && !(insn_mode() & VTLB_PG) && t.gpa == t.linear) {
		*outcome = vtlb_outcome(VTLB_OUT_FRAME, VTLB_FRAME_IDENTITY);
		return true;
	}
	set = dirty_bits(w, entry) & ~dirty;
	if (!t.ok) {
		*outcome = vtlb_outcome(VTLB_OUT_FAULT, t.error & 0x1f);
		return true;
	}
	if (set) {
		unsigned int leaf = (unsigned int)__builtin_ctz(set);

		*leaf_at(w, leaf, entry) &= ~D;
		*outcome = vtlb_outcome(VTLB_OUT_DIRTIED, leaf);
		return true;
	}
	if (guest_frame_index(w, t.gpa) < 0)
		return machine_fail(GLUE_STOP_CRASH, "KVM's walk of the guest's tables ends in "
						     "no frame of the world");
	*outcome = vtlb_outcome(VTLB_OUT_FRAME, (unsigned int)guest_frame_index(w, t.gpa));
	return true;
}

static void add(struct vtlb_outset *set, uint32_t outcome)
{
	uint32_t bit = 1u << vtlb_outcome_index(outcome);

	switch (vtlb_outcome_kind(outcome)) {
	case VTLB_OUT_FRAME:
		set->frames |= bit;
		break;
	case VTLB_OUT_DIRTIED:
		set->dirtied |= bit;
		break;
	default:
		set->faults |= bit;
		break;
	}
}

/*
 * With paging off an access is to the address itself, if KVM has done its part: hardware has no
 * paging of its own to switch off, and goes on with the root and the translations that it has.
 */
static bool unpaged(const struct vtlb_world *w, unsigned int page, unsigned int kind,
		    struct vtlb_outset *out)
{
	uint64_t linear = guest_page(w, page);
	struct tlb_walk walk = { .present = false };
	uint32_t outcome;
	int frame = -1;

	if (tlb_reaches(linear))
		tlb_walk(linear, &walk);
	if (walk.present && tlb_kinds(walk.rights) & KIND(kind))
		frame = guest_frame_index(w, walk.hpa);
	out->frames = tlb_hits(w, page, kind) | (frame < 0 ? 0 : 1u << frame);
	if (out->frames)
		return true;
	if (!exit_outcome(w, page, kind, &outcome))
		return false;
	add(out, outcome);
	return true;
}

unsigned int insn_outcomes(const struct vtlb_world *w, unsigned int vcpu, unsigned int page,
			   unsigned int kinds_asked, struct vtlb_outset out[VTLB_NR_KINDS])
{
	unsigned int walkable = 0;
	struct tlb_walk walk;
	uint32_t mode, outcome;

	cpus_switch(vcpu);
	mode = insn_mode();
	memset(out, 0, sizeof(*out) * VTLB_NR_KINDS);
	if (!(mode & VTLB_PG)) {
		for (unsigned int kind = 0; kind < kinds_asked; kind++)
			if (!unpaged(w, page, kind, &out[kind]))
				return kind;
		return kinds_asked;
	}
	tlb_walk(guest_page(w, page), &walk);
	if (walk.present)
		walkable = tlb_kinds(walk.rights);
	for (unsigned int kind = 0; kind < kinds_asked; kind++) {
		out[kind].frames = tlb_hits(w, page, kind);
		if (walkable & KIND(kind))
			continue;
		if (!exit_outcome(w, page, kind, &outcome))
			return kind;
		add(&out[kind], outcome);
	}
	return kinds_asked;
}

/* The exits of an access that no translation permits; false: the machine stopped. */
static bool fault_in(const struct vtlb_world *w, unsigned int page, unsigned int kind,
		     struct vtlb_impl_step *r)
{
	unsigned int entry = w->page[page].entry;
	uint32_t dirty = dirty_bits(w, entry), set;
	struct tlb_walk walk;

	for (unsigned int i = 0; i < TRIES; i++) {
		uint64_t rip;

		tlb_walk(guest_page(w, page), &walk);
		if (walk.present && tlb_kinds(walk.rights) & KIND(kind)) {
			set = dirty_bits(w, entry) & ~dirty;
			r->outcome = set ? vtlb_outcome(VTLB_OUT_DIRTIED,
							(unsigned int)__builtin_ctz(set)) :
					   vtlb_outcome(VTLB_OUT_FRAME,
							(unsigned int)guest_frame_index(
								w, walk.hpa));
			return true;
		}
		insn_at(w, kinds[kind].cpl, kinds[kind].ac);
		rip = glue_cpu.rip;
		r->cost.refaults++;
		if (!insn_exit(w, GLUE_EXIT_PF, guest_page(w, page), exit_error(&walk, kind)))
			return false;
		if (glue_cpu.vector == PF) {
			r->outcome = vtlb_outcome(VTLB_OUT_FAULT, glue_cpu.error & 0x1f);
			return true;
		}
		if (glue_cpu.vector >= 0 || glue_cpu.rip != rip)
			return machine_fail(GLUE_STOP_CRASH, "KVM answered an access to ordinary "
							     "memory by something else than #PF");
	}
	return machine_fail(GLUE_STOP_CRASH, "an access never ends: each exit leaves it to fault "
					     "again");
}

/* What KVM makes of identity is not what is judged, so nothing is faulted in. */
static bool unpaged_step(const struct vtlb_world *w, unsigned int page, unsigned int kind,
			 uint32_t wanted, struct vtlb_impl_step *r)
{
	struct vtlb_outset out = { 0 };

	if (!unpaged(w, page, kind, &out))
		return false;
	if (out.faults)
		r->outcome = vtlb_outcome(VTLB_OUT_FAULT, (unsigned int)__builtin_ctz(out.faults));
	else if (out.dirtied)
		r->outcome = vtlb_outcome(VTLB_OUT_DIRTIED,
					  (unsigned int)__builtin_ctz(out.dirtied));
	else if (wanted && vtlb_outcome_kind(wanted) == VTLB_OUT_FRAME &&
		 out.frames & 1u << vtlb_outcome_index(wanted))
		r->outcome = wanted;
	else
		r->outcome = vtlb_outcome(VTLB_OUT_FRAME, (unsigned int)__builtin_ctz(out.frames));
	return true;
}

bool access_step(const struct vtlb_world *w, struct vtlb_op op, uint32_t outcome,
		 struct vtlb_impl_step *r)
{
	unsigned int kind = vtlb_op_kind(op, insn_mode());
	uint32_t hits, mode = insn_mode(), exits = 0;
	struct tlb_walk walk;
	bool ok;

	if (!(mode & VTLB_PG))
		return unpaged_step(w, op.a, kind, outcome, r);
	hits = tlb_hits(w, op.a, kind);
	tlb_walk(guest_page(w, op.a), &walk);
	if (!walk.present || !(tlb_kinds(walk.rights) & KIND(kind))) {
		if (!exit_outcome(w, op.a, kind, &exits))
			return false;
	}
	if (exits && (!outcome || outcome == exits || !hits)) {
		ok = fault_in(w, op.a, kind, r);
		insn_back();
		r->note = "exit";
		return ok;
	}
	r->outcome = outcome;
	r->note = "hardware TLB";
	if (vtlb_outcome_kind(outcome) != VTLB_OUT_FRAME ||
	    !(hits & 1u << vtlb_outcome_index(outcome)))
		r->outcome = vtlb_outcome(VTLB_OUT_FRAME, (unsigned int)__builtin_ctz(hits));
	return true;
}

/* A store to a page table, through its window; by KVM's emulator where KVM wants it. */
static bool store(const struct vtlb_world *w, unsigned int table, unsigned int entry,
		  uint64_t value, struct vtlb_impl_step *r)
{
	bool paging = insn_mode() & VTLB_PG, lma = insn_mode() & VTLB_LMA;
	uint64_t linear = guest_window(w, table, paging) + entry * sizeof(value);
	uint64_t *at = machine_ram(guest_table(w, table)) + entry;
	struct tlb_walk walk;

	for (unsigned int i = 0; i < TRIES; i++) {
		uint64_t rip;

		tlb_walk(linear, &walk);
		if (tlb_window(w, table, paging) || (walk.present && walk.rights & TLB_W)) {
			*at = value;
			return true;
		}
		insn_at(w, 0, false);
		rip = glue_cpu.rip;
		glue_cpu.rbx = linear;
		glue_cpu.rax = value;
		r->cost.refaults++;
		if (!insn_exit(w, GLUE_EXIT_PF, linear, exit_error(&walk, VTLB_SW)))
			return false;
		if (glue_cpu.vector >= 0)
			return machine_fail(GLUE_STOP_CRASH,
					    "KVM injected an exception into a page-table store");
		if (glue_cpu.rip == rip)
			continue;
		if (*at == value)
			return true;
		if (!lma)
			return machine_fail(GLUE_STOP_UNMODELLED, "a store of 64 bits that KVM "
								  "emulates in 32-bit code");
		return machine_fail(GLUE_STOP_CRASH,
				    "KVM emulated a page-table store and stored something else");
	}
	return machine_fail(GLUE_STOP_CRASH, "a page-table store never ends: each exit leaves it "
					     "to fault again");
}

bool access_store(const struct vtlb_world *w, unsigned int table, unsigned int entry,
		  uint64_t value, struct vtlb_impl_step *r)
{
	bool ok = store(w, table, entry, value, r);

	insn_back();
	return ok;
}
