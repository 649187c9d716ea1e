/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The KVM model's state in canonical bytes for search, and in words for people.
 */
#include "../base/text.h"
#include "impl_kvm.h"

struct bytes {
	uint8_t *buf;
	size_t cap;
	size_t len;
};

static void put(struct bytes *b, const void *data, size_t size)
{
	if (b->len + size <= b->cap)
		memcpy(b->buf + b->len, data, size);
	b->len += size;
}

/*
 * All of the state but what the world or the model's constants determine; every
 * field of it can influence the future.
 */
size_t kvm_encode(const struct vtlb_impl *impl, const struct vtlb_world *w, const void *state,
		  uint8_t *buf, size_t cap)
{
	/* only read through */
	const struct kvm k = kvm_view(impl, w, (void *)(uintptr_t)state, NULL);
	struct bytes b = { buf, cap, 0 };

	for (unsigned int i = 0; i < w->nroots; i++)
		put(&b, k.s->mem.root[i], w->nregions);
	for (unsigned int i = 0; i < w->nuppers; i++)
		put(&b, k.s->mem.upper[i], w->nslots);
	for (unsigned int i = 0; i < w->nleafs; i++)
		put(&b, k.s->mem.leaf[i], VTLB_MAX_ENTRIES);
	put(&b, k.s->win, (k.s->nroles + 1u) * sizeof(k.s->win[0]));
	put(&b, k.sp, (size_t)k.s->nroles * k.s->ntables * sizeof(*k.sp));
	put(&b, k.vcpus, w->nvcpus * sizeof(*k.vcpus));
	put(&b, k.hw, (size_t)w->nvcpus * hw_words(w) * sizeof(*k.hw));
	return b.len;
}

static void put_root(struct vtlb_text *t, const struct kvm *k, const struct kvm_root *root)
{
	if (!root->role1) {
		vtlb_text_str(t, "invalid");
		return;
	}
	if (root->role1 == 1) {
		vtlb_text_str(t, "not paging");
		return;
	}
	vtlb_text_str(t, k->w->root_name[root->pgd]);
	vtlb_text_str(t, " pcid ");
	vtlb_text_uint(t, root->low12);
	if (root->obsolete)
		vtlb_text_str(t, " obsolete");
	else if (is_unsync_root(k, root))
		vtlb_text_str(t, " unsync");
}

size_t kvm_describe(const struct vtlb_impl *impl, const struct vtlb_world *w, const void *state,
		    char *buf, size_t cap)
{
	/* only read through */
	const struct kvm k = kvm_view(impl, w, (void *)(uintptr_t)state, NULL);
	struct vtlb_text t = vtlb_text(buf, cap);

	for (unsigned int i = 0; i < w->nvcpus; i++) {
		vtlb_text_str(&t, "vcpu");
		vtlb_text_uint(&t, i);
		vtlb_text_str(&t, ": root ");
		put_root(&t, &k, &k.vcpus[i].root);
		vtlb_text_str(&t, "; prev_roots");
		for (unsigned int r = 0; r < NUM_PREV_ROOTS; r++) {
			vtlb_text_str(&t, r ? ", " : " ");
			put_root(&t, &k, &k.vcpus[i].prev[r]);
		}
		vtlb_text_str(&t, "\n");
	}
	return t.len;
}

/* Where the translation is that gives @outcome: SPTE of the current root, or hardware TLB. */
size_t kvm_held(const struct vtlb_impl *impl, const struct vtlb_world *w, const void *state,
		unsigned int vcpu, unsigned int page, enum vtlb_kind kind, uint32_t outcome,
		char *buf, size_t cap)
{
	/* only read through */
	const struct kvm k = kvm_view(impl, w, (void *)(uintptr_t)state, NULL);
	const struct kvm_vcpu *v = &k.vcpus[vcpu];
	struct vtlb_text t = vtlb_text(buf, cap);

	if (v->root.role1 > 1 && kvm_holds(&k, v, shadow_walk(&k, v, page), kind, outcome)) {
		vtlb_text_str(&t, "the SPTE below the current root (");
		put_root(&t, &k, &v->root);
		vtlb_text_str(&t, ")");
		return t.len;
	}
	if (vtlb_outcome_kind(outcome) == VTLB_OUT_FRAME)
		vtlb_text_str(&t, "the hardware TLB");
	else
		vtlb_text_str(&t, "an exit and a walk of the guest's tables");
	return t.len;
}
