/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The vtlb-mpi program: many processes with one command line, of which the first
 * speaks for all.  What goes wrong in another is told by the first too, unless all
 * have to end at once.
 */
#define _GNU_SOURCE
#include <mpi.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "command.h"
#include "mail.h"
#include "out.h"
#include "ranks.h"

/* An error of another process than the first, until the first asks for it. */
static struct held {
	char file[PATH_MAX], message[1024];
	uint32_t line, column;
	bool has_file;
} held;

static int real_stdout = -1;

static void hold(const char *file, uint32_t line, uint32_t column, const char *message)
{
	held.has_file = file;
	snprintf(held.file, sizeof(held.file), "%s", file ? file : "");
	snprintf(held.message, sizeof(held.message), "%s", message);
	held.line = line;
	held.column = column;
}

/* No memory: the others may be waiting for this process, so all end. */
static void die(const char *message)
{
	if (real_stdout >= 0)
		dup2(real_stdout, STDOUT_FILENO);
	out.hold = NULL;
	out_error(EXIT_INTERNAL, NULL, 0, 0, "process %u: %s", ranks.rank, message);
	fflush(stdout);
	MPI_Abort(MPI_COMM_WORLD, EXIT_INTERNAL);
}

static int agree(int code)
{
	int first = code ? (int)ranks.rank : INT_MAX;

	MPI_Allreduce(MPI_IN_PLACE, &first, 1, MPI_INT, MPI_MIN, MPI_COMM_WORLD);
	if (first == INT_MAX)
		return 0;
	MPI_Bcast(&code, 1, MPI_INT, first, MPI_COMM_WORLD);
	if (first == 0)
		return code;
	MPI_Bcast(&held, sizeof(held), MPI_BYTE, first, MPI_COMM_WORLD);
	if (ranks.rank == 0)
		out_error(code, held.has_file ? held.file : NULL, held.line, held.column,
			  "process %d: %s", first, held.message);
	return code;
}

static void find_ranks(void)
{
	int n, rank, here;
	MPI_Comm node;

	MPI_Comm_size(MPI_COMM_WORLD, &n);
	MPI_Comm_rank(MPI_COMM_WORLD, &rank);
	MPI_Comm_split_type(MPI_COMM_WORLD, MPI_COMM_TYPE_SHARED, 0, MPI_INFO_NULL, &node);
	MPI_Comm_size(node, &here);
	MPI_Comm_free(&node);
	ranks = (struct ranks){
		.rank = (unsigned int)rank,
		.n = (unsigned int)n,
		.here = (unsigned int)here,
		.agree = agree,
		.exchange = mail_exchange,
		.sum = mail_sum,
	};
}

/* Only the first is heard. */
static void be_quiet(void)
{
	real_stdout = dup(STDOUT_FILENO);
	out.hold = hold;
	if (!freopen("/dev/null", "w", stdout))
		out_die("cannot open /dev/null");
}

static int run(int argc, char **argv)
{
	const struct cmd *cmd = argc > 1 ? command_find(argv[1]) : NULL;

	if (ranks.n > 1 && cmd && cmd != &cmd_explore)
		return out_error(EXIT_USAGE, NULL, 0, 0,
				 "'%s' is for one process, and %u were started; use vtlb",
				 argv[1], ranks.n);
	return command_run(argc, argv);
}

int main(int argc, char **argv)
{
	int code, provided;

	MPI_Init_thread(&argc, &argv, MPI_THREAD_FUNNELED, &provided);
	find_ranks();
	out_init(argc, argv);
	/* mpirun gives each process a terminal of its own, whatever it writes to itself */
	out.color = false;
	out.die = die;
	if (ranks.rank != 0)
		be_quiet();
	code = out_finish(run(argc, argv));
	MPI_Bcast(&code, 1, MPI_INT, 0, MPI_COMM_WORLD);
	mail_free();
	MPI_Finalize();
	return code;
}
