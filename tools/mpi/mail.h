/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What the library asks of the processes of a search, by MPI.
 */
#ifndef TOOLS_MPI_MAIL_H
#define TOOLS_MPI_MAIL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** mail_exchange(), mail_sum() - as in struct vtlb_explore_config; @ctx is not used */
bool mail_exchange(void *ctx, uint8_t *const *send, const size_t *send_len,
		   const uint8_t **received, size_t *received_len);
bool mail_sum(void *ctx, uint64_t *values, size_t n);

/** mail_free() - what came in with the last exchange is gone */
void mail_free(void);

#endif /* TOOLS_MPI_MAIL_H */
