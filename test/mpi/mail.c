/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Does all mail arrive, whole and in order, whatever its length: nothing, less
 * than a piece, exactly one, many; more and less than the last time.
 */
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mpi/mail.h"

#define MOST 40000u
#define PROCESSES 4

static const size_t lengths[] = { 0, 1, 6, 7, 8, 14, 500, 33333, 3 };

#define NR_LENGTHS (sizeof(lengths) / sizeof(lengths[0]))

static size_t length(int round, int from, int to)
{
	return lengths[(size_t)(round + 3 * from + to) % NR_LENGTHS];
}

static uint8_t byte(int round, int from, int to, size_t at)
{
	return (uint8_t)(at * 7 + at / 256 + (size_t)(round * 31 + from * 5 + to));
}

static void fail(const char *what, int round, int from, int to)
{
	fprintf(stderr, "%s: round %d, from %d to %d\n", what, round, from, to);
	MPI_Abort(MPI_COMM_WORLD, 1);
}

static void check(int round, int from, int to, const uint8_t *data, size_t len)
{
	if (len != length(round, from, to))
		fail("wrong length", round, from, to);
	for (size_t at = 0; at < len; at++)
		if (data[at] != byte(round, from, to, at))
			fail("wrong byte", round, from, to);
}

static void exchange(int round, int rank, int n, uint8_t **send)
{
	const uint8_t *received[PROCESSES];
	size_t len[PROCESSES], received_len[PROCESSES];

	for (int to = 0; to < n; to++) {
		len[to] = length(round, rank, to);
		for (size_t at = 0; at < len[to]; at++)
			send[to][at] = byte(round, rank, to, at);
	}
	if (!mail_exchange(NULL, send, len, received, received_len))
		fail("no mail", round, rank, rank);
	for (int from = 0; from < n; from++)
		check(round, from, rank, received[from], received_len[from]);
}

int main(int argc, char **argv)
{
	uint64_t sums[2] = { 1, UINT64_C(1) << 40 };
	uint8_t *send[PROCESSES];
	int rank, n;

	MPI_Init(&argc, &argv);
	MPI_Comm_rank(MPI_COMM_WORLD, &rank);
	MPI_Comm_size(MPI_COMM_WORLD, &n);
	if (n > PROCESSES)
		fail("too many processes", 0, 0, n);
	for (int i = 0; i < n; i++)
		send[i] = calloc(1, MOST);
	for (int round = 0; round < 20; round++)
		exchange(round, rank, n, send);
	if (!mail_sum(NULL, sums, 2) || sums[0] != (uint64_t)n || sums[1] != (uint64_t)n << 40)
		fail("wrong sum", 0, 0, n);
	for (int i = 0; i < n; i++)
		free(send[i]);
	mail_free();
	MPI_Finalize();
	return 0;
}
