/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The clock, the signals and the progress line.  All is silent where standard
 * error is no terminal, unless lines are asked for: what is written there goes into
 * somebody's log.
 */
#define _GNU_SOURCE
#include "progress.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#define EVERY 0.25	/* seconds between two lines */
#define DEFAULT_WIDTH 80u

static struct {
	struct timespec begin;
	double shown_at, every;
	bool tty, shown;
	struct sigaction old_int, old_term, old_hup, old_usr1;
} progress;

static volatile sig_atomic_t interrupted;

/* timeout(1) signals its child, and then the group that the child is in. */
#define SAME_SIGNAL 200000000ll	/* ns */

static void on_signal(int sig)
{
	static const char note[] = "\nvtlb: stopping; once more ends it at once\n";
	static struct timespec first;
	struct timespec now;
	ssize_t unused = 0;

	clock_gettime(CLOCK_MONOTONIC, &now);
	if (interrupted) {
		long long s = now.tv_sec - first.tv_sec;

		if (s * 1000000000ll + now.tv_nsec - first.tv_nsec > SAME_SIGNAL) {
			signal(sig, SIG_DFL);
			raise(sig);
		}
		return;
	}
	first = now;
	interrupted = 1;
	if (progress.tty)
		unused = write(STDERR_FILENO, note, sizeof(note) - 1);
	(void)unused;
}

/* Whoever started this process may have said that it should not be interrupted. */
static void catch_signal(int sig, struct sigaction *old)
{
	struct sigaction act = { .sa_handler = on_signal };

	act.sa_flags = SA_RESTART;
	sigemptyset(&act.sa_mask);
	sigaction(sig, NULL, old);
	if (old->sa_handler != SIG_IGN)
		sigaction(sig, &act, NULL);
}

void progress_begin(bool quiet, double every)
{
	clock_gettime(CLOCK_MONOTONIC, &progress.begin);
	progress.tty = !quiet && isatty(STDERR_FILENO);
	progress.every = progress.tty ? EVERY : quiet ? 0 : every;
	progress.shown = false;
	progress.shown_at = 0;
	interrupted = 0;
	catch_signal(SIGINT, &progress.old_int);
	catch_signal(SIGTERM, &progress.old_term);
	catch_signal(SIGHUP, &progress.old_hup);
	catch_signal(SIGUSR1, &progress.old_usr1);
}

void progress_end(void)
{
	progress_clear();
	sigaction(SIGINT, &progress.old_int, NULL);
	sigaction(SIGTERM, &progress.old_term, NULL);
	sigaction(SIGHUP, &progress.old_hup, NULL);
	sigaction(SIGUSR1, &progress.old_usr1, NULL);
}

double progress_seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)(now.tv_sec - progress.begin.tv_sec) +
	       (double)(now.tv_nsec - progress.begin.tv_nsec) / 1e9;
}

bool progress_interrupted(void)
{
	return interrupted;
}

bool progress_due(void)
{
	return progress.every > 0 && progress_seconds() - progress.shown_at >= progress.every;
}

static unsigned int width(void)
{
	struct winsize ws;

	if (ioctl(STDERR_FILENO, TIOCGWINSZ, &ws) != 0 || ws.ws_col < 2)
		return DEFAULT_WIDTH - 1;
	return ws.ws_col - 1u;
}

void progress_show(const char *line)
{
	progress.shown_at = progress_seconds();
	if (!progress.tty) {
		fprintf(stderr, "vtlb: %s\n", line);
		return;
	}
	fprintf(stderr, "\r%.*s\033[K", (int)width(), line);
	fflush(stderr);
	progress.shown = true;
}

void progress_clear(void)
{
	if (!progress.shown)
		return;
	fputs("\r\033[K", stderr);
	fflush(stderr);
	progress.shown = false;
}
