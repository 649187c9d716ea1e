/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The KVM model behind struct vtlb_impl: layout of the state, dispatch of
 * operations, and the outcomes that an access could have now.
 */
#include "impl_kvm.h"

/* What KVM offers a guest with shadow paging, as far as vtlb knows it. */
#define KVM_FEATURES                                                          \
	(VTLB_F_PCID | VTLB_F_INVPCID | VTLB_F_PGE | VTLB_F_SMEP |            \
	 VTLB_F_SMAP | VTLB_F_NX | VTLB_F_PSE)

static unsigned int count_roles(const struct vtlb_kvm_policy *p, const struct vtlb_world *w)
{
	unsigned int n = 1 + (w->features & VTLB_F_SMEP ? 2u : 1u) *
				     (w->features & VTLB_F_SMAP ? 2u : 1u);

	return p->role_nx == ROLE_NX_FOLLOWS && (w->features & VTLB_F_NX) ? 2 * n : n;
}

static unsigned int count_tables(const struct vtlb_world *w)
{
	return (unsigned int)w->nroots + w->nuppers + w->nleafs;
}

static size_t vcpus_offset(const struct vtlb_kvm_policy *p, const struct vtlb_world *w)
{
	return sizeof(struct kvm_state) +
	       (size_t)count_roles(p, w) * count_tables(w) * sizeof(struct kvm_sp);
}

size_t kvm_state_size(const struct vtlb_impl *impl, const struct vtlb_world *w)
{
	size_t size = vcpus_offset(impl->priv, w) + w->nvcpus * sizeof(struct kvm_vcpu) +
		      (size_t)w->nvcpus * hw_words(w) * sizeof(uint32_t);

	if (w->mode != VTLB_SHADOW || (w->features & ~(uint32_t)KVM_FEATURES) ||
	    w->npages == 0)
		return 0;
	return (size + 7) & ~(size_t)7;
}

struct kvm kvm_view(const struct vtlb_impl *impl, const struct vtlb_world *w, void *state,
		    struct vtlb_cost *cost)
{
	struct kvm_state *s = state;
	struct kvm k = { .p = impl->priv, .w = w, .s = s, .cost = cost };
	uint8_t *base = state;

	k.sp = (struct kvm_sp *)(base + sizeof(*s));
	base += vcpus_offset(k.p, w);
	k.vcpus = (struct kvm_vcpu *)(void *)base;
	k.hw = (uint32_t *)(void *)(base + w->nvcpus * sizeof(struct kvm_vcpu));
	return k;
}

/* The lowest value that gives the same SPTE; W matters only among writable ones. */
static void fill_canon(const struct vtlb_world *w, struct kvm_state *s)
{
	const unsigned int rights = VTLB_LEAF_P | VTLB_LEAF_U | VTLB_LEAF_NX | VTLB_LEAF_RSVD;

	for (unsigned int rw = 0; rw < 2; rw++) {
		unsigned int mask = rights | (rw ? (unsigned int)VTLB_LEAF_W : 0u);

		for (unsigned int v = 0; v < w->nvalues; v++) {
			unsigned int c = 0;

			while (w->value[c].frame != w->value[v].frame ||
			       (w->value[c].flags & mask) != (w->value[v].flags & mask))
				c++;
			s->canon[rw][v] = (uint8_t)c;
		}
	}
}

/* All that never changes; the rest is 0. */
void kvm_reset_constants(const struct vtlb_impl *impl, const struct vtlb_world *w, void *state)
{
	struct kvm k;

	memset(state, 0, kvm_state_size(impl, w));
	k = kvm_view(impl, w, state, NULL);
	k.s->nroles = (uint8_t)count_roles(k.p, w);
	k.s->ntables = (uint8_t)count_tables(w);
	fill_canon(w, k.s);
	for (uint32_t rest = VTLB_CR4_BITS | VTLB_EFER_BITS; rest; rest &= rest - 1) {
		uint32_t need = vtlb_feature_of_bit(rest & -rest);

		if (need && !(w->features & need))
			k.s->reserved |= rest & -rest;
	}
}

void kvm_reset(const struct vtlb_impl *impl, const struct vtlb_world *w, void *state)
{
	struct vtlb_cost cost = { 0 };
	struct kvm k;

	kvm_reset_constants(impl, w, state);
	k = kvm_view(impl, w, state, &cost);
	k.s->mem = w->init;
	for (unsigned int i = 0; i < w->nvcpus; i++) {
		k.vcpus[i].mode = w->init_mode;
		k.vcpus[i].cr3 = w->init_root;
		k.vcpus[i].low12 = w->init_low12;
	}
	vcpu_enter_guest(&k);
}

/*
 * The kinds of access that an SPTE permits, as the processor judges: with
 * CR0.WP=1 and EFER.NX=1 always, CR4.SMEP and CR4.SMAP as the guest has them.
 */
static unsigned int hw_kinds(const struct kvm_vcpu *v, unsigned int flags)
{
	unsigned int kinds = ALL_KINDS;

	if (!(flags & VTLB_LEAF_W))
		kinds &= ~WRITE_KINDS;
	if (flags & VTLB_LEAF_NX)
		kinds &= ~FETCH_KINDS;
	if (!(flags & VTLB_LEAF_U))
		return kinds & ~USER_KINDS;
	if (v->mode & VTLB_SMEP)
		kinds &= ~KIND(VTLB_SX);
	if (v->mode & VTLB_SMAP)
		kinds &= ~AC0_KINDS;
	return kinds;
}

static unsigned int spte_kinds(const struct kvm *k, const struct kvm_vcpu *v, unsigned int spte)
{
	return spte ? hw_kinds(v, spte_flags(k, spte)) : 0;
}

/* What the hardware TLB gives to the kinds of access in @kinds. */
static void hw_outcomes(const struct kvm *k, const struct kvm_vcpu *v, unsigned int page,
			unsigned int kinds, struct vtlb_outset out[VTLB_NR_KINDS])
{
	const uint32_t *set = hw_page(k, vcpu_index(k, v), active_pcid(k, v), page);

	for (unsigned int var = 0; var < NR_VARIANTS; var++)
		for (uint32_t rest = set[var]; rest; rest &= rest - 1) {
			unsigned int spte = 1u + var * VTLB_MAX_VALUES +
					    (unsigned int)__builtin_ctz(rest);
			uint32_t frame = 1u << spte_frame(k, spte);

			for (unsigned int can = spte_kinds(k, v, spte) & kinds; can;
			     can &= can - 1)
				out[__builtin_ctz(can)].frames |= frame;
		}
}

void kvm_outcomes(const struct vtlb_impl *impl, const struct vtlb_world *w, const void *state,
		  unsigned int vcpu, unsigned int page, struct vtlb_outset out[VTLB_NR_KINDS])
{
	/* the view is only read through here */
	const struct kvm k = kvm_view(impl, w, (void *)(uintptr_t)state, NULL);
	const struct kvm_vcpu *v = &k.vcpus[vcpu];
	unsigned int exits;

	memset(out, 0, sizeof(*out) * VTLB_NR_KINDS);
	if (!(v->mode & VTLB_PG)) {
		for (unsigned int kind = 0; kind < VTLB_NR_KINDS; kind++)
			out[kind].frames = 1u << VTLB_FRAME_IDENTITY;
		return;
	}
	hw_outcomes(&k, v, page, ALL_KINDS, out);
	/* whatever the SPTE does not permit exits, and the guest's own tables decide */
	exits = ALL_KINDS & ~spte_kinds(&k, v, shadow_walk(&k, v, page));
	if (exits)
		walk_outcomes(&k, v, page, exits, out);
}

/*
 * An access.  A hit in the hardware TLB changes nothing; where the outcome asked
 * for could also come from an exit, the exit is taken, because it is the only
 * one of the two that leads to another state of KVM.  The contract sees the same
 * access either way, and no access that completes makes it allow less.
 *
 * Return: was there an exit.
 */
static bool access_step(struct kvm *k, struct kvm_vcpu *v, struct vtlb_op op, uint32_t outcome,
			struct vtlb_impl_step *r)
{
	enum vtlb_kind kind = vtlb_op_kind(op, v->mode);
	struct vtlb_outset hw[VTLB_NR_KINDS] = { 0 };
	uint32_t frames;
	struct walk walk;

	if (!(v->mode & VTLB_PG)) {
		r->outcome = vtlb_outcome(VTLB_OUT_FRAME, VTLB_FRAME_IDENTITY);
		return false;
	}
	hw_outcomes(k, v, op.a, KIND(kind), hw);
	frames = hw[kind].frames;
	if (!(spte_kinds(k, v, shadow_walk(k, v, op.a)) & KIND(kind))) {
		walk = walk_guest(k, v, op.a, kind);
		if (outcome == walk.outcome || vtlb_outcome_kind(outcome) == VTLB_OUT_ANY ||
		    !frames) {
			page_fault(k, v, op.a, kind, &walk);
			r->outcome = walk.outcome;
			r->note = "exit";
			return true;
		}
	}
	r->outcome = outcome;
	if (vtlb_outcome_kind(outcome) != VTLB_OUT_FRAME ||
	    !(frames & 1u << vtlb_outcome_index(outcome)))
		r->outcome = vtlb_outcome(VTLB_OUT_FRAME, (unsigned int)__builtin_ctz(frames));
	r->note = "hardware TLB";
	return false;
}

static unsigned int set_mode_bit(struct kvm_vcpu *v, uint32_t bit, bool on)
{
	if (bit == VTLB_CPL3 && on && !(v->mode & VTLB_PE))
		return VTLB_UNSUPPORTED;
	v->mode = on ? v->mode | bit : v->mode & ~bit;
	return VTLB_NO_FAULT;
}

/* Does the operation; whatever exits ends with an entry, unless it faulted. */
static unsigned int op_step(struct kvm *k, struct vtlb_op op, uint32_t outcome,
			    struct vtlb_impl_step *r)
{
	unsigned int vcpu = vtlb_op_vcpu(op);
	struct kvm_vcpu *v = &k->vcpus[vcpu];
	unsigned int fault = VTLB_NO_FAULT;

	switch (op.code) {
	case VTLB_OP_MOV_CR0:
		fault = set_cr0(k, v, op);
		break;
	case VTLB_OP_MOV_CR3:
		fault = set_cr3(k, v, op);
		break;
	case VTLB_OP_MOV_CR4:
		fault = set_cr4(k, v, op);
		break;
	case VTLB_OP_WRMSR_EFER:
		fault = set_efer(k, v, op);
		break;
	case VTLB_OP_INVLPG:
		fault = kvm_invlpg(k, v, op);
		break;
	case VTLB_OP_INVPCID:
		fault = kvm_invpcid(k, v, op);
		break;
	case VTLB_OP_ACCESS:
		if (access_step(k, v, op, outcome, r))
			break;
		return VTLB_NO_FAULT;
	case VTLB_OP_WRITE_LEAF:
		guest_store(k, vcpu, table_leaf(k, op.a), op.b, op.imm);
		break;
	case VTLB_OP_WRITE_UPPER:
		guest_store(k, vcpu, table_upper(k, op.a), op.b, op.imm);
		break;
	case VTLB_OP_WRITE_ROOT:
		guest_store(k, vcpu, table_root(op.a), op.b, op.imm);
		break;
	case VTLB_OP_SET_CSL:
		return set_mode_bit(v, VTLB_CSL, op.a);
	case VTLB_OP_SET_CPL:
		return set_mode_bit(v, VTLB_CPL3, op.a);
	case VTLB_OP_SET_AC:
		return set_mode_bit(v, VTLB_AC, op.a);
	case VTLB_OP_INIT:
		vcpu_init_event(k, v);
		break;
	case VTLB_OP_HOST_ZAP:
		host_zap(k, op.a);
		break;
	default:
		return VTLB_UNSUPPORTED;
	}
	if (fault == VTLB_NO_FAULT)
		vcpu_enter_guest(k);
	return fault;
}

void kvm_step(const struct vtlb_impl *impl, const struct vtlb_world *w, void *state,
	      struct vtlb_op op, uint32_t outcome, struct vtlb_impl_step *r)
{
	struct kvm k = kvm_view(impl, w, state, &r->cost);

	r->fault = op_step(&k, op, outcome, r);
	/* an access that did not exit */
	forget_hidden(&k);
}

/* Does this SPTE give @outcome to an access of @kind?  For kvm_held(). */
bool kvm_holds(const struct kvm *k, const struct kvm_vcpu *v, unsigned int spte,
	       enum vtlb_kind kind, uint32_t outcome)
{
	return spte && vtlb_outcome_kind(outcome) == VTLB_OUT_FRAME &&
	       spte_frame(k, spte) == vtlb_outcome_index(outcome) &&
	       (spte_kinds(k, v, spte) & KIND(kind));
}
