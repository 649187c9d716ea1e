/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Mail between processes.  Lengths go round first; then each pair that has
 * something to say talks directly, from and to where the bytes are, in pieces,
 * because MPI counts in int.
 */
#include "mail.h"

#include <mpi.h>
#include <stdlib.h>

#include "out.h"

/* A test makes it small. */
#ifndef MAIL_PIECE
#define MAIL_PIECE ((size_t)1 << 30)
#endif

#define TAG 1

static struct {
	uint8_t *data;
	size_t cap;
	uint64_t *lens;		/* to each process, then from each */
	MPI_Request *request;
	size_t nrequests, requests_cap;
} mail;

static MPI_Request *new_request(void)
{
	mail.request = out_grow(mail.request, &mail.requests_cap, mail.nrequests + 1,
				sizeof(*mail.request));
	return &mail.request[mail.nrequests++];
}

/* Room for all that comes; what was there before is not wanted any more. */
static void make_room(size_t size)
{
	if (size <= mail.cap)
		return;
	free(mail.data);
	mail.data = out_alloc(size, 1);
	mail.cap = size;
}

static int piece(size_t left)
{
	return (int)(left < MAIL_PIECE ? left : MAIL_PIECE);
}

static void receive(uint8_t *to, size_t len, int from)
{
	for (size_t at = 0; at < len; at += MAIL_PIECE)
		MPI_Irecv(to + at, piece(len - at), MPI_BYTE, from, TAG, MPI_COMM_WORLD,
			  new_request());
}

static void post(const uint8_t *data, size_t len, int to)
{
	for (size_t at = 0; at < len; at += MAIL_PIECE)
		MPI_Isend(data + at, piece(len - at), MPI_BYTE, to, TAG, MPI_COMM_WORLD,
			  new_request());
}

bool mail_exchange(void *ctx, uint8_t *const *send, const size_t *send_len,
		   const uint8_t **received, size_t *received_len)
{
	uint64_t *to, *from;
	size_t sum = 0;
	int n;

	(void)ctx;
	MPI_Comm_size(MPI_COMM_WORLD, &n);
	if (!mail.lens)
		mail.lens = out_alloc(2 * (size_t)n, sizeof(*mail.lens));
	to = mail.lens;
	from = mail.lens + n;
	for (int i = 0; i < n; i++)
		to[i] = send_len[i];
	MPI_Alltoall(to, 1, MPI_UINT64_T, from, 1, MPI_UINT64_T, MPI_COMM_WORLD);
	for (int i = 0; i < n; i++)
		sum += from[i];
	/* at least one byte, so that there is an address */
	make_room(sum ? sum : 1);
	sum = 0;
	mail.nrequests = 0;
	for (int i = 0; i < n; i++) {
		received[i] = mail.data + sum;
		received_len[i] = from[i];
		receive(mail.data + sum, from[i], i);
		sum += from[i];
	}
	for (int i = 0; i < n; i++)
		post(send[i], send_len[i], i);
	/* in pieces as well: nobody knows how many there are */
	for (size_t at = 0; at < mail.nrequests; at += 1024) {
		size_t left = mail.nrequests - at;

		MPI_Waitall((int)(left < 1024 ? left : 1024), mail.request + at,
			    MPI_STATUSES_IGNORE);
	}
	return true;
}

bool mail_sum(void *ctx, uint64_t *values, size_t n)
{
	(void)ctx;
	return MPI_Allreduce(MPI_IN_PLACE, values, (int)n, MPI_UINT64_T, MPI_SUM,
			     MPI_COMM_WORLD) == MPI_SUCCESS;
}

void mail_free(void)
{
	free(mail.data);
	free(mail.lens);
	free(mail.request);
}
