/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Scopes of test_search_normal.c beside tiny: what the normal form could get wrong
 * with more PCIDs, roots, pages and vCPUs, with rights, and with the host's own steps.
 */
#ifndef VTLB_TEST_NORMAL_SCOPES_H
#define VTLB_TEST_NORMAL_SCOPES_H

#include "scopes.h"

static const char shared[] =
	"vtlb-trace 1\n"
	"world features=pcid,invpcid,pge\n"
	"roots a b\n"
	"page user private = f0, f1\n"
	"page kernel shared = f2\n"
	TINY_SWITCHES TINY_WRITES "read user\n" TINY_INVS "cr4 ^= pcide\n"
	"read kernel\n"
	"write kernel.pt[0] = f2\n"
	"write kernel.pt[0] = f0 user\n"
	"write kernel.pt[0] = f0 local clean\n"
	"user write kernel\n"
	"super write kernel\n"
	"invlpg kernel\n"
	"invpcid addr kernel pcid=1\n"
	"cr4 ^= pge\n"
	"cr4 ^= pcide,pge\n";

static const char pcids[] =
	"vtlb-trace 1\n"
	"world features=pcid,invpcid\n"
	"pcids 0 1 0x801\n"
	"roots a b\n"
	"page user private = f0, f1\n"
	TINY_SWITCHES SWITCH("a", "0x801") SWITCH("b", "0x801") TINY_WRITES
	"read user\n" TINY_INVS INVPCIDS("0x801") "cr4 ^= pcide\n";

/* Two more roots, so that some are evicted, and bits of CR3 that mean PWT and PCD. */
static const char roots[] =
	"vtlb-trace 1\n"
	"world features=pcid,invpcid\n"
	"pcids 0 1 0x18\n"
	"roots a b c d\n"
	"page user private = f0, f1, f0, f1\n"
	TINY_SWITCHES SWITCH("c", "0") SWITCH("c", "1") SWITCH("d", "1") SWITCH("d", "0x18")
	"cr3 a low12=0x18\n"
	"cr3 b low12=0x18\n"
	WRITES("a", "f0", "f1") WRITES("d", "np", "f1 ro")
	"read user\n"
	"user write user\n" INVPCIDS("1") INVALL "cr4 ^= pcide\n";

static const char rights[] =
	"vtlb-trace 1\n"
	"world features=pcid,invpcid,pge,smep,smap,nx\n"
	"roots a b\n"
	"page user private = f0, f1\n"
	SWITCH("a", "0") SWITCH("b", "1")
	"write a.user = f0\n"
	"write a.user = f1 ro\n"
	"write a.user = f1 nx clean\n"
	"write a.user = np\n"
	"write b.user = f0 super\n"
	"write b.user = f1 rsvd\n"
	"user read user\n"
	"user write user\n"
	"user fetch user\n"
	"super write user ac\n"
	"super write user noac\n"
	"super fetch user\n" TINY_INVS
	"cr4 ^= pcide\n"
	"cr4 ^= pge\n"
	"cr4 ^= smep\n"
	"cr4 ^= smap\n"
	"cr4 ^= smep,pcide\n"
	"cr0 ^= wp\n"
	"efer ^= nxe\n"
	"cs.l 0\n"
	"cs.l 1\n"
	"cr0 ^= pg\n"
	"cpl 3\n"
	"cpl 0\n";

/* A role bit and CR4.PCIDE in one write: the preset that keeps roots then flushes nothing. */
static const char role[] =
	"vtlb-trace 1\n"
	"world features=pcid,invpcid,smep\n"
	"roots a b\n"
	"page user private = f0, f1\n"
	TINY_SWITCHES
	"read user\n"
	"write a.user = f1\n" INVPCIDS("0") INVPCIDS("1")
	"cr4 ^= pcide\n"
	"cr4 ^= smep,pcide\n";

static const char host[] =
	"vtlb-trace 1\n"
	"world features=pcid,invpcid,smep\n"
	"roots a b\n"
	"page user private = f0, f1\n"
	"page user2 private at 0x401000 = f0, f1\n"
	TINY_SWITCHES
	"write a.user = f1 ro\n"
	"write a.user2 = f1\n"
	"write b.user = f0\n"
	"write b.user2 = np\n"
	"user read user\n"
	"user read user2\n"
	"user write user\n"
	"super write user\n" TINY_INVS
	"invlpg user2\n"
	"cr4 ^= pcide\n"
	"cr0 ^= wp\n"
	"host-zap f0\n"
	"host-zap f1\n"
	"init\n";

#define CPU1(op) "cpu1: " op "\n"

static const char smp[] =
	"vtlb-trace 1\n"
	"world features=pcid,invpcid vcpus=2\n"
	"roots a b\n"
	"page user private = f0, f1\n"
	TINY_SWITCHES TINY_WRITES "read user\n" TINY_INVS "cr4 ^= pcide\n"
	CPU1("cr3 a pcid=0") CPU1("cr3 b pcid=0") CPU1("cr3 b pcid=1 noflush")
	CPU1("read user") CPU1("write a.user = f0") CPU1("write a.user = f1") CPU1("write b.user = np")
	CPU1("user write user") CPU1("invlpg user") CPU1("invpcid single pcid=1")
	CPU1("invpcid all") CPU1("cr4 ^= pcide");

#endif /* VTLB_TEST_NORMAL_SCOPES_H */
