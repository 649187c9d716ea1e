/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * A WARN or BUG, a bad address, an endless loop in kernel code: each becomes a
 * stop of the machine.  Moves to and from control and debug registers, the only
 * privileged instructions that env/priv.h cannot rename, are done here.
 */
#define _GNU_SOURCE
#include "trap.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <ucontext.h>

#include "cover.h"
#include "delta.h"
#include "glue.h"

#define TICK_US 100000
#define TICKS 10		/* of processor time in one exit, and it will never end */

static volatile unsigned int ticks;
static volatile sig_atomic_t thawing;	/* what must not be left half done */
static long boot_warns;		/* that are still passed over */

void trap_step(void)
{
	ticks = 0;
}

/* Not ours: let it kill the process, as it would without us. */
static void give_up(int sig)
{
	signal(sig, SIG_DFL);
}

/* MOV to or from CRn or DRn: reads give 0, writes do nothing.  Length, or 0 if it is another. */
static unsigned int move_special(const unsigned char *at, greg_t *regs)
{
	static const int gpr[] = {
		REG_RAX, REG_RCX, REG_RDX, REG_RBX, REG_RSP, REG_RBP, REG_RSI, REG_RDI,
		REG_R8,	 REG_R9,  REG_R10, REG_R11, REG_R12, REG_R13, REG_R14, REG_R15,
	};
	unsigned int n = 0, rex = 0;

	if ((at[0] & 0xf0) == 0x40) {
		rex = at[0];
		n = 1;
	}
	if (at[n] != 0x0f || at[n + 1] < 0x20 || at[n + 1] > 0x23)
		return 0;
	if (at[n + 1] < 0x22)
		regs[gpr[(at[n + 2] & 7) | (rex & 1 ? 8 : 0)]] = 0;
	return n + 3;
}

extern const unsigned char __SCT__WARN_trap[];	/* thunks.S */

static void on_fault(int sig, siginfo_t *info, void *context)
{
	greg_t *regs = ((ucontext_t *)context)->uc_mcontext.gregs;
	const unsigned char *at = (const unsigned char *)regs[REG_RIP];
	const char *file = "";
	unsigned int line = 0, n;
	char text[64];

	/* the first store to a page, of KVM's or of ours */
	if (sig == SIGSEGV && info->si_code == SEGV_ACCERR) {
		bool thawed;

		thawing = 1;
		thawed = delta_thaw(info->si_addr);
		thawing = 0;
		if (thawed)
			return;
	}
	if (!machine_guarded()) {
		give_up(sig);
		return;
	}
	if (sig == SIGILL) {
		int warn = glue_find_bug(at == __SCT__WARN_trap ?
						 glue_bug_place((unsigned long)regs[REG_RDI]) :
						 (unsigned long)at,
					 &file, &line);

		/* a tree may warn at boot because of what is around KVM here */
		if (warn && env_probing && boot_warns > 0) {
			boot_warns--;
			regs[REG_RIP] += 2;
			return;
		}
		host_stop(warn ? GLUE_STOP_WARN : GLUE_STOP_CRASH,
			  warn ? "kernel WARN" : "kernel BUG", file, line);
	}
	/* a fault of the instruction itself has no address */
	n = sig == SIGSEGV && info->si_code == SI_KERNEL ? move_special(at, regs) : 0;
	if (n) {
		regs[REG_RIP] += n;
		return;
	}
	snprintf(text, sizeof(text), "kernel crash: %s at address %#lx, code at %#lx",
		 sig == SIGFPE ? "divide error" : "bad access", (unsigned long)info->si_addr,
		 (unsigned long)at);
	host_stop(GLUE_STOP_CRASH, text, "", 0);
}

/* INT3: the address behind it was pushed */
static void on_breakpoint(int sig, siginfo_t *info, void *context)
{
	greg_t *regs = ((ucontext_t *)context)->uc_mcontext.gregs;

	(void)info;
	if (cover_hit((unsigned long)regs[REG_RIP] - 1))
		regs[REG_RIP]--;
	else
		give_up(sig);
}

static void on_tick(int sig)
{
	(void)sig;
	if (machine_guarded() && ++ticks >= TICKS && !thawing)
		host_stop(GLUE_STOP_CRASH, "endless loop in kernel code", "", 0);
}

void trap_init(void)
{
	const struct itimerval tick = {
		.it_interval = { .tv_usec = TICK_US },
		.it_value = { .tv_usec = TICK_US },
	};
	static const int faults[] = { SIGSEGV, SIGBUS, SIGILL, SIGFPE };
	const char *warns = getenv("VTLB_BOOT_WARNS");
	struct sigaction sa;

	boot_warns = warns ? atol(warns) : 0;
	memset(&sa, 0, sizeof(sa));
	/* a stop jumps out of the handler, so the signal must not stay blocked */
	sa.sa_flags = SA_SIGINFO | SA_NODEFER;
	sa.sa_sigaction = on_fault;
	for (size_t i = 0; i < sizeof(faults) / sizeof(*faults); i++)
		sigaction(faults[i], &sa, NULL);
	sa.sa_sigaction = on_breakpoint;
	sigaction(SIGTRAP, &sa, NULL);
	sa.sa_flags = SA_NODEFER | SA_RESTART;
	sa.sa_handler = on_tick;
	sigaction(SIGVTALRM, &sa, NULL);
	setitimer(ITIMER_VIRTUAL, &tick, NULL);
}
