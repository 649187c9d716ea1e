/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * How a check copies an implementation's state and which of several violations
 * it keeps: in branches, one operation ahead, and for states with pointers.
 */
#include "check_case.h"
#include "fake_impl.h"

static struct small_world s;
static unsigned int clones;

static int setup(void **state)
{
	(void)state;
	small_world(&s);
	clones = 0;
	return 0;
}

/* A state that knows where it is: copied by memcpy() it would name another. */
struct own_state {
	struct own_state *self;
	uint64_t base[];
};

static size_t own_size(const struct vtlb_impl *impl, const struct vtlb_world *w)
{
	(void)impl;
	return fake_base()->state_size(fake_base(), w) + sizeof(struct own_state);
}

static void own_reset(const struct vtlb_impl *impl, const struct vtlb_world *w, void *state)
{
	struct own_state *o = state;

	(void)impl;
	o->self = o;
	fake_base()->reset(fake_base(), w, o->base);
}

static void own_step(const struct vtlb_impl *impl, const struct vtlb_world *w, void *state,
		     struct vtlb_op op, uint32_t outcome, struct vtlb_impl_step *r)
{
	struct own_state *o = state;

	(void)impl;
	assert_ptr_equal(o->self, o);
	fake_base()->step(fake_base(), w, o->base, op, outcome, r);
}

static void own_outcomes(const struct vtlb_impl *impl, const struct vtlb_world *w,
			 const void *state, unsigned int vcpu, unsigned int page,
			 struct vtlb_outset out[VTLB_NR_KINDS])
{
	const struct own_state *o = state;

	(void)impl;
	assert_ptr_equal(o->self, o);
	fake_base()->outcomes(fake_base(), w, o->base, vcpu, page, out);
	/* a second way to go on, which is allowed once f3 is in memory */
	if (page == USER && out[VTLB_UR].frames & 1u << 3)
		out[VTLB_UR].frames |= 1u << 0;
}

static void own_clone(const struct vtlb_impl *impl, const struct vtlb_world *w, void *dst,
		      const void *src)
{
	struct own_state *o = dst;
	const struct own_state *from = src;

	(void)impl;
	assert_ptr_equal(from->self, from);
	memcpy(o->base, from->base, fake_base()->state_size(fake_base(), w));
	o->self = o;
	clones++;
}

static void states_with_pointers(void **state)
{
	static const struct lie lie = { .page = 0xff };
	struct vtlb_impl impl = fake_impl(&lie);
	struct vtlb_check_config cfg = { .w = &s.w, .impl = &impl };
	const struct vtlb_op ops[] = {
		read_user(USER), write_leaf(A_PT, 0, s.f3), invlpg(KERNEL), read_user(USER),
	};
	struct run r;

	(void)state;
	impl.state_size = own_size;
	impl.reset = own_reset;
	impl.step = own_step;
	impl.outcomes = own_outcomes;
	impl.clone = own_clone;
	open_run(&r, &cfg);
	assert_true(clones > 0); /* to look one operation ahead */
	assert_int_equal(step_all(&r, ops, 4), VTLB_HOLDS);
	close_run(&r);

	/* without the lookahead branches alone are copied */
	cfg.flags = VTLB_CHECK_NO_REUSE;
	clones = 0;
	open_run(&r, &cfg);
	assert_int_equal(clones, 0);
	assert_int_equal(step_all(&r, ops, 4), VTLB_HOLDS);
	assert_int_equal(r.rep.branches, 1);
	assert_int_equal(clones, 0);
	vtlb_check_restart(r.k);
	s.w.init.leaf[A_PT][0] = (uint8_t)s.f3;
	close_run(&r);
	open_run(&r, &cfg);
	assert_int_equal(vtlb_check_verdict(r.k), VTLB_VIOLATES); /* f0 was never there */
	assert_int_equal(vtlb_check_step(r.k, read_user(USER), &r.rep), VTLB_VIOLATES);
	assert_int_equal(r.rep.branches, 2);
	assert_int_equal(clones, 2);
	close_run(&r);
}

/* Where f3 was read last, user reads may give f1; where f0 was, user writes may, later. */
static void two_lies(const struct vtlb_impl *impl, const struct vtlb_world *w, const void *state,
		     unsigned int vcpu, unsigned int page, struct vtlb_outset out[VTLB_NR_KINDS])
{
	const struct fake_state *f = state;

	fake_outcomes(impl, w, state, vcpu, page, out);
	if (page != USER || f->accesses < 2)
		return;
	if ((f->log >> 4 * (f->accesses - 2) & 0xf) == 3)
		out[VTLB_UR].frames |= 1u << 1;
	else if (f->accesses > 2)
		out[VTLB_UW].frames |= 1u << 1;
}

static void first_violation_stays(void **state)
{
	static const struct lie lie = { .remember = true, .page = 0xff };
	struct vtlb_impl impl = fake_impl(&lie);
	const struct vtlb_check_config cfg = {
		.w = &s.w, .impl = &impl, .flags = VTLB_CHECK_NO_REUSE,
	};
	const struct vtlb_op ops[] = {
		read_user(USER), write_leaf(A_PT, 0, s.f3), read_user(USER),
		touch(KERNEL, VTLB_SR, 0),
	};
	struct vtlb_violation first;
	struct run r;

	(void)state;
	impl.outcomes = two_lies;
	open_run(&r, &cfg);
	assert_int_equal(step_all(&r, ops, 2), VTLB_HOLDS);
	assert_int_equal(step_all(&r, ops + 2, 1), VTLB_VIOLATES);
	assert_int_equal(r.rep.branches, 2);
	first = *vtlb_check_violation(r.k);
	assert_int_equal(first.access, VTLB_UR);
	assert_int_equal(first.seen_step, 3);
	/* now the other branch has one too */
	assert_int_equal(step_all(&r, ops + 3, 1), VTLB_VIOLATES);
	assert_memory_equal(&first, vtlb_check_violation(r.k), sizeof(first));
	/* and where that branch is the only one it is what is reported */
	vtlb_check_restart(r.k);
	step_all(&r, ops, 2);
	vtlb_check_step(r.k, touch(USER, VTLB_UR, frame(0)), &r.rep);
	assert_int_equal(vtlb_check_verdict(r.k), VTLB_HOLDS);
	assert_int_equal(step_all(&r, ops + 3, 1), VTLB_VIOLATES);
	assert_int_equal(vtlb_check_violation(r.k)->access, VTLB_UW);
	close_run(&r);
}

/* Gives b's frame to user reads once CR0.WP was written. */
static void wp_step(const struct vtlb_impl *impl, const struct vtlb_world *w, void *state,
		    struct vtlb_op op, uint32_t outcome, struct vtlb_impl_step *r)
{
	struct fake_state *f = state;

	fake_step(impl, w, state, op, outcome, r);
	if (op.code == VTLB_OP_MOV_CR0 && op.imm == VTLB_WP)
		f->accesses = 100;
}

/* A bit whose change requires no drop shows it: an alarm before, an exposure after. */
static void one_bit_ahead(void **state)
{
	static const struct lie lie = {
		.page = USER, .kind = VTLB_UR, .from = 100, .outcome = VTLB_OUT_FRAME << 8 | 1,
	};
	const struct vtlb_op want = vtlb_op_make(VTLB_OP_MOV_CR0, 0, VTLB_HOW_XOR, 0, VTLB_WP);
	struct vtlb_impl impl = fake_impl(&lie);
	struct vtlb_check_config cfg = { .w = &s.w, .impl = &impl };
	struct run r;

	(void)state;
	impl.step = wp_step;
	open_run(&r, &cfg);
	assert_int_equal(vtlb_check_verdict(r.k), VTLB_VIOLATES);
	assert_int_equal(vtlb_check_violation(r.k)->kind, VTLB_V_REUSE);
	assert_int_equal(vtlb_check_violation(r.k)->got, frame(1));
	assert_memory_equal(&vtlb_check_violation(r.k)->lookahead, &want, sizeof(want));
	assert_int_equal(vtlb_check_step(r.k, clear0(VTLB_WP), &r.rep), VTLB_VIOLATES);
	assert_int_equal(vtlb_check_violation(r.k)->kind, VTLB_V_EXPOSURE);
	assert_int_equal(vtlb_check_violation(r.k)->seen_step, 1);
	close_run(&r);

	cfg.flags = VTLB_CHECK_NO_REUSE;
	open_run(&r, &cfg);
	assert_int_equal(vtlb_check_verdict(r.k), VTLB_HOLDS);
	assert_int_equal(vtlb_check_step(r.k, clear0(VTLB_WP), &r.rep), VTLB_VIOLATES);
	close_run(&r);

	cfg.flags = VTLB_CHECK_NO_EXPOSURE;
	open_run(&r, &cfg);
	assert_int_equal(vtlb_check_violation(r.k)->kind, VTLB_V_REUSE);
	vtlb_check_step(r.k, clear0(VTLB_WP), &r.rep);
	assert_int_equal(vtlb_check_violation(r.k)->kind, VTLB_V_REUSE);
	close_run(&r);

	cfg.flags = VTLB_CHECK_NO_EXPOSURE | VTLB_CHECK_NO_REUSE;
	open_run(&r, &cfg);
	assert_int_equal(vtlb_check_step(r.k, clear0(VTLB_WP), &r.rep), VTLB_HOLDS);
	assert_null(vtlb_check_violation(r.k));
	close_run(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(states_with_pointers, setup),
		cmocka_unit_test_setup(first_violation_stays, setup),
		cmocka_unit_test_setup(one_bit_ahead, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
