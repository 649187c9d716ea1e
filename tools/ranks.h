/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The processes that do one search together.  vtlb is one; vtlb-mpi says here how
 * many there are and how they talk, and all the rest of the command is the same.
 */
#ifndef TOOLS_RANKS_H
#define TOOLS_RANKS_H

#include "vtlb/explore.h"

/**
 * struct ranks - this process among the others
 * @rank: its number; 0 alone prints and writes
 * @n: how many there are
 * @here: how many of them are on this machine
 * @agree: see ranks_agree()
 * @exchange, @sum: as in struct vtlb_explore_config
 */
struct ranks {
	unsigned int rank, n, here;
	int (*agree)(int code);
	bool (*exchange)(void *ctx, uint8_t *const *send, const size_t *send_len,
			 const uint8_t **received, size_t *received_len);
	bool (*sum)(void *ctx, uint64_t *values, size_t n);
};

extern struct ranks ranks;

/**
 * ranks_agree() - all processes have to come here; 0 if each brings 0, otherwise
 * the exit code of the first that does not, whose error rank 0 reports
 */
int ranks_agree(int code);

#endif /* TOOLS_RANKS_H */
