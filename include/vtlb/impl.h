/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The extension point: what an implementation under judgement has to provide.
 * The KVM presets stand behind it, and so does any other hypervisor.
 */
#ifndef VTLB_IMPL_H
#define VTLB_IMPL_H

#include "vtlb/op.h"

/*
 * Version of this interface.  A loader refuses another ABI, and reads only the
 * first .size bytes of the structure, so members can be added at the end.
 */
#define VTLB_IMPL_ABI 1

/**
 * struct vtlb_cost - what an implementation spent, counted outside its state
 */
struct vtlb_cost {
	uint64_t roots_built;	/* a root was set up from nothing */
	uint64_t roots_reused;	/* a cached root became current */
	uint64_t roots_freed;
	uint64_t syncs;		/* a shadow page was compared with guest memory */
	uint64_t refaults;	/* an access exited to fill a translation */
	uint64_t flushes;	/* hardware TLB flushes of any kind */
};

/**
 * struct vtlb_impl_step - what a step did
 * @fault: enum vtlb_fault that the guest saw; VTLB_UNSUPPORTED: no answer
 * @outcome: for ACCESS the outcome that happened, vtlb_outcome()
 * @cost: the implementation adds to it
 * @note: static text about the step ("prev_roots[1] freed"), or NULL
 */
struct vtlb_impl_step {
	uint32_t fault;
	uint32_t outcome;
	struct vtlb_cost cost;
	const char *note;
};

/**
 * struct vtlb_impl - an implementation
 * @abi: VTLB_IMPL_ABI
 * @size: sizeof(struct vtlb_impl) when it was compiled
 * @name: short, no white space ("kvm-6.12")
 * @summary: one line
 * @ops: bit (1 << opcode) for each operation that it can step
 * @vendors: bit (1 << enum vtlb_vendor)
 * @modes: bit (1 << enum vtlb_mmu_mode)
 * @max_vcpus: 1 .. 4
 * @priv: for the implementation's own use
 *
 * A state is a caller-owned, 8-byte aligned, pointer-free block of state_size()
 * bytes.  Functions may not keep pointers to it, must be deterministic, and are
 * called from several threads with different states.
 */
struct vtlb_impl {
	uint32_t abi;
	uint32_t size;
	const char *name;
	const char *summary;
	uint32_t ops;
	uint32_t vendors;
	uint32_t modes;
	uint32_t max_vcpus;
	const void *priv;

	/**
	 * @state_size: bytes of a state for this world, a multiple of 8; 0 if
	 * the world is outside what the implementation covers
	 */
	size_t (*state_size)(const struct vtlb_impl *impl, const struct vtlb_world *w);

	/** @reset: the state at the world's initial registers and memory */
	void (*reset)(const struct vtlb_impl *impl, const struct vtlb_world *w, void *state);

	/**
	 * @clone: copy a state; NULL: memcpy of state_size() bytes.  A search
	 * refuses an implementation that has one
	 */
	void (*clone)(const struct vtlb_impl *impl, const struct vtlb_world *w,
		      void *dst, const void *src);

	/**
	 * @step: do one valid operation.  For ACCESS @outcome is the one to
	 * take, out of what @outcomes gives for it (VTLB_OUT_ANY: the
	 * implementation's choice).  A faulting step changes nothing.  @r
	 * comes zeroed.
	 */
	void (*step)(const struct vtlb_impl *impl, const struct vtlb_world *w, void *state,
		     struct vtlb_op op, uint32_t outcome, struct vtlb_impl_step *r);

	/**
	 * @outcomes: what each kind of access to @page could give now; nothing at
	 * all: no answer; VTLB_PF_CRASH: it would crash the host
	 */
	void (*outcomes)(const struct vtlb_impl *impl, const struct vtlb_world *w,
			 const void *state, unsigned int vcpu, unsigned int page,
			 struct vtlb_outset out[VTLB_NR_KINDS]);

	/**
	 * @encode: canonical bytes of all that can influence the future: two
	 * states with equal bytes behave alike for ever.
	 *
	 * Return: bytes needed, the same number for every state of a world;
	 * nothing is written beyond @cap.  NULL: the state's own bytes are
	 * canonical.
	 */
	size_t (*encode)(const struct vtlb_impl *impl, const struct vtlb_world *w,
			 const void *state, uint8_t *buf, size_t cap);

	/**
	 * @describe: the state for people, NUL-terminated lines, truncated to @cap.
	 *
	 * Return: length without the limit, as snprintf.  May be NULL.
	 */
	size_t (*describe)(const struct vtlb_impl *impl, const struct vtlb_world *w,
			   const void *state, char *buf, size_t cap);

	/**
	 * @held: where the implementation holds the translation that gives
	 * @outcome to an access of @kind ("prev_roots[0] of vCPU 0, unsync"),
	 * as @describe.  May be NULL.
	 */
	size_t (*held)(const struct vtlb_impl *impl, const struct vtlb_world *w,
		       const void *state, unsigned int vcpu, unsigned int page,
		       enum vtlb_kind kind, uint32_t outcome, char *buf, size_t cap);

	/**
	 * @decode: make a state of what @encode wrote.  NULL: a search stores
	 * the state's own bytes and tells states apart by them.
	 */
	void (*decode)(const struct vtlb_impl *impl, const struct vtlb_world *w, void *state,
		       const uint8_t *buf, size_t len);

	/**
	 * @permute: @dst becomes @src with everything renamed, so that every
	 * renamed operation does to @dst what the operation does to @src.
	 * NULL: names matter to the implementation, and a search does without
	 * symmetry.
	 */
	void (*permute)(const struct vtlb_impl *impl, const struct vtlb_world *w, void *dst,
			const void *src, const struct vtlb_perm *perm);
	/**
	 * @assume: forget all that vtlb_world.hidden and .unseen hide; then, if
	 * @leaf is a leaf table, before a step, an entry that is hidden has
	 * @value after all.  An implementation that has this function forgets by
	 * itself after each step, and promises that this changes nothing else
	 * but that it flushes less, and takes some exits that a translation that
	 * it forgot would have saved: what it does to roots and shadow pages,
	 * and what it holds of other entries, never depends on what it holds of
	 * those.  A fault, and an outcome that sets D, comes from a walk of what is
	 * in memory now, never from a translation that it holds.  NULL: it can not
	 * promise that.
	 *
	 * Return: false: not in this world, and nothing was done.
	 */
	bool (*assume)(const struct vtlb_impl *impl, const struct vtlb_world *w, void *state,
		       unsigned int leaf, unsigned int entry, unsigned int value);

	/**
	 * @disturb: give everything that @encode leaves out another value, order
	 * or place, as @seed decides.  @encode still writes the same bytes, and
	 * the state has to behave as before for ever.  NULL: nothing is left out.
	 *
	 * Return: false: nothing was done, because no other state has these bytes.
	 */
	bool (*disturb)(const struct vtlb_impl *impl, const struct vtlb_world *w, void *state,
			uint32_t seed);

	/**
	 * @forget: no state that was made so far will be used again, in any
	 * world, so what the implementation keeps of them can go.  Long random
	 * walks call it now and then, when no thread holds a state.  NULL:
	 * nothing is kept outside of states.
	 */
	void (*forget)(const struct vtlb_impl *impl);

	/** @traits: VTLB_IMPL_* */
	uint32_t traits;
};

/*
 * It has a processor's paging-structure caches, which lead into its own tables: below a
 * waiver of noncurrent-refill this matters (docs/deviations.md).
 */
#define VTLB_IMPL_PSC (1u << 0)

/**
 * vtlb_impl_entry - what a shared object that --impl FILE loads has to export
 *
 * A function of this type, under the name "vtlb_impl_v1".  The returned object
 * must stay valid until the process ends.
 */
typedef const struct vtlb_impl *(*vtlb_impl_entry)(void);
#define VTLB_IMPL_ENTRY "vtlb_impl_v1"

/*
 * What cannot be a shared object can be a program: it defines vtlb_impl_v1(), is
 * linked without -pie with the whole vtlb command, and carries this note, by which
 * --impl FILE knows that it may run FILE in its own place.
 */
#define VTLB_IMPL_NOTE                                                        \
	static const struct {                                                 \
		uint32_t namesz, descsz, type;                                \
		char name[8];                                                 \
		uint32_t abi;                                                 \
	} vtlb_impl_note __attribute__((section(".note.vtlb"), used, aligned(4))) = { \
		sizeof("vtlb"), sizeof(uint32_t), 1, "vtlb", VTLB_IMPL_ABI    \
	}

/**
 * vtlb_impl_check() - is an implementation's structure usable
 * @why: receives a static sentence when it is not
 */
bool vtlb_impl_check(const struct vtlb_impl *impl, const char **why);

/**
 * vtlb_impl_waive() - @waive, as vtlb_contract_init() wants it for this implementation
 *
 * Adds VTLB_WAIVE_PSC where noncurrent-refill is waived and @impl has VTLB_IMPL_PSC.
 */
uint32_t vtlb_impl_waive(const struct vtlb_impl *impl, uint32_t waive);

/**
 * vtlb_impl_covers() - can @impl judge worlds like @w (mode, vendor, vCPUs)
 * @why: receives a static sentence when it can not
 */
bool vtlb_impl_covers(const struct vtlb_impl *impl, const struct vtlb_world *w,
		      const char **why);

#endif /* VTLB_IMPL_H */
