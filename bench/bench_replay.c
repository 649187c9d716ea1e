/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The command as a user runs it: time to start, and trace lines a second
 * replayed from a file of a million lines.  VTLB_BIN names the command.
 */
#define _POSIX_C_SOURCE 200809L
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ops.h"

#define LINES 1000000
#define STARTS 21
#define REPLAYS 5

/* Seconds that the command takes for a trace, or -1 unless it says "holds". */
static double run(const char *bin, const char *trace, bool waive)
{
	double start = bench_now();
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		if (freopen("/dev/null", "w", stdout))
			execl(bin, bin, "check", "--impl", BENCH_IMPL, "--quiet", trace,
			      waive ? "--waive" : (char *)NULL, "all", (char *)NULL);
		_exit(127);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid || status != 0)
		return -1;
	return bench_now() - start;
}

static bool write_trace(const char *path, const struct vtlb_world *w, const struct vtlb_op *ops,
			size_t n)
{
	struct vtlb_trace t = { .world = *w };
	FILE *f = fopen(path, "w");
	char text[4096];
	bool ok;

	if (!f)
		return false;
	vtlb_trace_print(&t, text, sizeof(text));
	fputs(text, f);
	for (size_t i = 0; i < n; i++) {
		vtlb_op_print(w, ops[i], text, sizeof(text));
		fprintf(f, "%s\n", text);
	}
	ok = !ferror(f);
	return fclose(f) == 0 && ok;
}

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(double *times, int n)
{
	qsort(times, (size_t)n, sizeof(times[0]), by_size);
	return times[0] < 0 ? -1 : times[n / 2];
}

/* Lines a second of one kind of trace; false unless every run held. */
static bool measure(const char *bin, const char *path, const struct vtlb_world *w,
		    const struct vtlb_op *ops, bool waive, const char *what)
{
	double full[REPLAYS], middle;

	if (!write_trace(path, w, ops, LINES))
		return false;
	for (int i = 0; i < REPLAYS; i++)
		full[i] = run(bin, path, waive);
	middle = median(full, REPLAYS);
	if (middle < 0) {
		fprintf(stderr, "bench_replay: %s did not end with 'holds'\n", bin);
		return false;
	}
	printf("%d lines, %-32s %6.3f s, %.2f million lines a second (median of %d)\n", LINES,
	       what, middle, LINES / middle * 1e-6, REPLAYS);
	return true;
}

static bool measure_start(const char *bin, const char *path, const struct vtlb_world *w,
			  const struct vtlb_op *ops)
{
	double starts[STARTS], middle;

	if (!write_trace(path, w, ops, 1))
		return false;
	for (int i = 0; i < STARTS; i++)
		starts[i] = run(bin, path, false);
	middle = median(starts, STARTS);
	printf("start to end of a one-line trace %6.2f ms (median of %d)\n", middle * 1e3, STARTS);
	return middle >= 0;
}

int main(void)
{
	struct vtlb_check_config cfg = { .waive = VTLB_WAIVE_ALL };
	char path[] = "/tmp/vtlb-bench-XXXXXX";
	const char *bin = getenv("VTLB_BIN");
	struct vtlb_op *ops = calloc(LINES, sizeof(*ops));
	struct vtlb_world w;
	int bad = 1, fd = mkstemp(path);

	/* nothing may be left in the buffer for the children to print again */
	setvbuf(stdout, NULL, _IOLBF, BUFSIZ);
	vtlb_world_default(&w);
	cfg.w = &w;
	cfg.impl = vtlb_preset_by_name(BENCH_IMPL);
	if (!bin) {
		fprintf(stderr, "bench_replay: VTLB_BIN has to name the command\n");
	} else if (ops && fd >= 0 && cfg.impl && bench_ops(&cfg, ops, LINES) == VTLB_OK) {
		bad = !measure_start(bin, path, &w, ops) ||
		      !measure(bin, path, &w, ops, true, "random, all deviations waived");
		bench_switches(&w, ops, LINES);
		bad |= !measure(bin, path, &w, ops, false, "context switches and INVLPG");
	}
	if (fd >= 0) {
		close(fd);
		unlink(path);
	}
	free(ops);
	return bad;
}
