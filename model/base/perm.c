/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Renamings of a world's page tables and operations: what is symmetric to a
 * search is defined here, once for contract and implementations.
 */
#include "vtlb/op.h"

void vtlb_mem_permute(const struct vtlb_world *w, struct vtlb_mem *dst,
		      const struct vtlb_mem *src, const struct vtlb_perm *perm)
{
	*dst = *src;
	for (unsigned int r = 0; r < w->nroots; r++)
		for (unsigned int i = 0; i < w->nregions; i++) {
			unsigned int to = src->root[r][i];

			dst->root[perm->root[r]][i] =
				to ? (uint8_t)(perm->upper[to - 1] + 1u) : (uint8_t)0;
		}
	for (unsigned int u = 0; u < w->nuppers; u++)
		for (unsigned int i = 0; i < w->nslots; i++) {
			unsigned int to = src->upper[u][i];

			dst->upper[perm->upper[u]][i] =
				to ? (uint8_t)(perm->leaf[to - 1] + 1u) : (uint8_t)0;
		}
	for (unsigned int t = 0; t < w->nleafs; t++)
		for (unsigned int e = 0; e < VTLB_MAX_ENTRIES; e++)
			dst->leaf[perm->leaf[t]][e] = perm->value[src->leaf[t][e]];
}

static uint32_t permute_low12(const struct vtlb_world *w, uint32_t low12,
			      const struct vtlb_perm *perm)
{
	int i = vtlb_world_pcid_index(w, low12);

	return i < 0 ? low12 : w->pcid[perm->pcid[i]];
}

struct vtlb_op vtlb_op_permute(const struct vtlb_world *w, struct vtlb_op op,
			       const struct vtlb_perm *perm)
{
	const uint32_t low12 = 0xfff;

	if (op.code != VTLB_OP_HOST_ZAP)
		op.vcpu = (uint8_t)((op.vcpu & 0xf0u) | perm->vcpu[vtlb_op_vcpu(op)]);
	switch (op.code) {
	case VTLB_OP_MOV_CR3:
		op.a = perm->root[op.a];
		op.imm = (op.imm & ~low12) | permute_low12(w, op.imm & low12, perm);
		break;
	case VTLB_OP_INVPCID:
		op.imm = (op.imm & ~low12) | permute_low12(w, op.imm & low12, perm);
		break;
	case VTLB_OP_ACCESS:
		op.imm = vtlb_outcome_permute(op.imm, perm);
		break;
	case VTLB_OP_WRITE_LEAF:
		op.a = perm->leaf[op.a];
		op.imm = perm->value[op.imm];
		break;
	case VTLB_OP_WRITE_UPPER:
		op.a = perm->upper[op.a];
		op.imm = op.imm ? perm->leaf[op.imm - 1] + 1u : 0;
		break;
	case VTLB_OP_WRITE_ROOT:
		op.a = perm->root[op.a];
		op.imm = op.imm ? perm->upper[op.imm - 1] + 1u : 0;
		break;
	case VTLB_OP_HOST_ZAP:
		op.a = perm->frame[op.a];
		break;
	default:
		break;
	}
	return op;
}

uint32_t vtlb_outcome_permute(uint32_t outcome, const struct vtlb_perm *perm)
{
	unsigned int index = vtlb_outcome_index(outcome);

	switch (vtlb_outcome_kind(outcome)) {
	case VTLB_OUT_FRAME:
		/* paging is off: the identity is nobody's frame */
		if (index >= VTLB_MAX_FRAMES)
			return outcome;
		return vtlb_outcome(VTLB_OUT_FRAME, perm->frame[index]);
	case VTLB_OUT_DIRTIED:
		return vtlb_outcome(VTLB_OUT_DIRTIED, perm->leaf[index]);
	default:
		return outcome;
	}
}
