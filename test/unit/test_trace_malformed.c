/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Texts that the parser refuses: for each way of being malformed the place and
 * the words of the error.  Those that are too large are in test_trace_limits.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vtlb/vtlb.h"

#define HEAD "vtlb-trace 1\nworld vcpus=2\nroots a b\n"
#define WORLD "vtlb-trace 1\nworld\n"
/* One root, one upper table, one page table, two slots. */
#define TABLES WORLD "roots a\nuppers u\ntables t\nslots 0 0\n"

static struct vtlb_trace t;

struct bad {
	const char *text;
	uint32_t line, column;
	const char *message;
};

static const struct bad bad[] = {
	/* nothing, or not enough */
	{ "", 1, 1, "found end of file, expected 'vtlb-trace 1'" },
	{ "# only a comment\n", 2, 1, "found end of file, expected 'vtlb-trace 1'" },
	{ "vtlb-trace", 1, 11, "found end of file, expected version 1" },
	{ "vtlb-trace 1\n", 2, 1, "found end of file, expected a 'world' line" },
	{ "vtlb-trace 1\nworld\n", 3, 1,
	  "found end of file, expected an operation or an expect line" },
	{ "vtlb-trace 1\nworld\nroots a b\n", 4, 1,
	  "found end of file, expected an operation or an expect line" },
	{ HEAD "cr3", 4, 4, "found end of file, expected a root" },
	{ HEAD "write a.user =", 4, 15,
	  "found end of file, expected a leaf value: a frame, flags or 'np'" },
	/* the head */
	{ "world\n", 1, 1, "found 'world', expected 'vtlb-trace 1'" },
	{ "vtlb-trace 2\n", 1, 12, "found '2', expected version 1" },
	{ "vtlb-trace 0\n", 1, 13, "found version 0, expected version 1" },
	{ "vtlb-trace 1 x\n", 1, 14, "found 'x', expected end of line" },
	{ "vtlb-trace 1\nroots a\n", 2, 1, "found 'roots', expected a 'world' line" },
	{ "vtlb-trace 1\nworld vendor=via\n", 2, 14, "found 'via', expected 'intel' or 'amd'" },
	{ "vtlb-trace 1\nworld mode=x\n", 2, 12, "found 'x', expected 'shadow' or 'tdp'" },
	{ "vtlb-trace 1\nworld features=pge,x\n", 2, 20,
	  "found 'x', expected a CPU feature (pcid, invpcid, pge ...) or 'none'" },
	{ "vtlb-trace 1\nworld vcpus=5\n", 2, 13, "found '5', expected a number from 1 to 4" },
	{ "vtlb-trace 1\nworld maxphyaddr=53\n", 2, 18,
	  "found '53', expected a number from 36 to 52" },
	{ "vtlb-trace 1\nworld reading=x\n", 2, 15, "found 'x', expected 'rely' or 'owe'" },
	{ "vtlb-trace 1\nworld vcpus 2\n", 2, 13, "found '2', expected '='" },
	{ "vtlb-trace 1\nworld vcpus=1 vcpus=2\n", 2, 15, "found a second 'vcpus='" },
	{ "vtlb-trace 1\nworld cores=2\n", 2, 7,
	  "found 'cores', expected 'vendor=', 'mode=', 'features=', 'vcpus=', 'maxphyaddr=', "
	  "'reading=' or end of line" },
	/* declarations */
	{ "vtlb-trace 1\nworld\nread user\n", 3, 1, "found 'read', expected a 'roots' line before it" },
	{ "vtlb-trace 1\nworld\npage p private\n", 3, 6,
	  "found 'p', expected a 'roots' line before the first page" },
	{ "vtlb-trace 1\nworld\nroots a\nroots b\n", 4, 1, "found a second 'roots' line" },
	{ "vtlb-trace 1\nworld\nroots a a\n", 3, 9, "found 'a', which is there already" },
	{ "vtlb-trace 1\nworld\nroots a b c d e f g h i j k\n", 3, 27,
	  "found more than 10 names, expected end of line" },
	{ "vtlb-trace 1\nworld\nroots a b c d e f g h\nread user\n", 4, 1,
	  "found more than 8 tables of one level, the roots' own and the shared one, where "
	  "'uppers' and 'tables' lines could share them" },
	{ "vtlb-trace 1\nworld\nroots a b c d e f g h i\npage p private\nread p\n", 5, 1,
	  "found more than 8 tables of one level, the roots' own and the shared one, where "
	  "'uppers' and 'tables' lines could share them" },
	{ "vtlb-trace 1\nworld\nroots 1\n", 3, 7, "found '1', expected the name of a root" },
	{ "vtlb-trace 1\nworld\nroots a-b\n", 3, 7, "found 'a-b', expected the name of a root" },
	{ "vtlb-trace 1\nworld\nroots abcdefghijklmnop\n", 3, 7,
	  "found a name of 16 characters, expected at most 15" },
	{ "vtlb-trace 1\nworld\nroots a.b\nread user", 2, 1,
	  "found a world in which a name is not a letter or _ followed by letters, digits, _ (in "
	  "table and frame names also dots), at most 15 in all, and no reserved word" },
	{ "vtlb-trace 1\nworld\nroots a\npage p both\n", 4, 8,
	  "found 'both', expected 'private' or 'shared'" },
	{ "vtlb-trace 1\nworld\nroots a\npage p private at 5\n", 4, 19,
	  "found '5', expected a linear address, 4 KiB aligned and below 4 GiB" },
	{ "vtlb-trace 1\nworld\nroots a\npage p private at 0x5000\nread p\n", 5, 1,
	  "found a page at a linear address whose bits 20:12 are above 3" },
	{ "vtlb-trace 1\nworld\nroots a\npage p private = f0, f1\n", 4, 22,
	  "found 'f1', expected end of line (one value for a shared page, one a root for a private "
	  "one)" },
	{ "vtlb-trace 1\nworld\nroots a\npage p private = f31\n", 4, 18,
	  "found 'f31', expected a leaf value: a frame, flags or 'np'" },
	{ "vtlb-trace 1\nworld\nroots a\npage p private = f0 f1\n", 4, 21,
	  "found 'f1', expected a flag (rw ro user super global local nx exec dirty clean rsvd "
	  "norsvd) or end of line" },
	{ "vtlb-trace 1\nworld\nframes x y\nroots a\npage p private = f0\n", 5, 18,
	  "found 'f0', expected a leaf value: a frame, flags or 'np'" },
	{ "vtlb-trace 1\nworld\nframes x\nroots a b\nread user\n", 5, 1,
	  "found a world with too few frames for one of its own a leaf" },
	{ "vtlb-trace 1\nworld\nroots a\npage p private = f3\nframes x\n", 5, 1,
	  "found 'frames' after a use of a frame, expected it before" },
	{ "vtlb-trace 1\nworld\npcids 1\n", 3, 7,
	  "found '1', expected 0, the first PCID of every world" },
	{ "vtlb-trace 1\nworld\npcids 0 4096\n", 3, 9,
	  "found '4096', expected a number from 0 to 0xfff" },
	{ "vtlb-trace 1\nworld\npcids 0 5 5\n", 3, 11, "found a PCID that is there already" },
	{ "vtlb-trace 1\nworld\npcids 0 1 2 3 4 5 6 7 8 9 10 11 12\n", 3, 33,
	  "found a PCID too many, expected at most 12" },
	{ "vtlb-trace 1\nworld\nvalues f0, f0\n", 3, 12,
	  "found a leaf value that is there already" },
	{ "vtlb-trace 1\nworld\nvalues ro\n", 3, 8, "found 'ro', expected a frame" },
	{ "vtlb-trace 1\nworld\nroots a\nslots 2\n", 4, 7,
	  "found '2', expected the region of a slot, 0 or 1" },
	{ "vtlb-trace 1\nworld\nroots a\nslots 0 0 0 0 0\n", 4, 15,
	  "found more than 4 slots, expected end of line" },
	{ "vtlb-trace 1\nworld\nroots a\nslots 1 regions 1\n", 4, 17,
	  "found '1', expected a number of regions that covers the slots" },
	{ "vtlb-trace 1\nworld\nroots a\npage p private\nslots 0\n", 5, 1,
	  "found 'slots' after a page or entry, expected it before" },
	{ "vtlb-trace 1\nworld\nroots a\nuppers u\npage p slot 0 entry 0\n", 5, 13,
	  "found '0', expected a 'slots' line before this page" },
	{ "vtlb-trace 1\nworld\nroots a\nslots 0\npage p private\n", 5, 8,
	  "found 'private', expected 'slot' (the tables of this world are explicit)" },
	{ "vtlb-trace 1\nworld\nroots a\nslots 0\npage p slot 1 entry 0\n", 5, 13,
	  "found '1', expected a slot of the world" },
	{ "vtlb-trace 1\nworld\nroots a\nslots 0\npage p slot 0 at 0\n", 5, 15,
	  "found 'at', expected 'entry'" },
	{ "vtlb-trace 1\nworld\nroots a\nslots 0\npage p slot 0 entry 4\n", 5, 21,
	  "found '4', expected an entry from 0 to 3" },
	{ "vtlb-trace 1\nworld\nroots a\nslots 0\nread p\n", 5, 6, "found 'p', expected a page" },
	{ "vtlb-trace 1\nworld\nroots a\nentry x[0] = f0\n", 4, 7,
	  "found 'x', expected a root, an upper table or a page table" },
	{ "vtlb-trace 1\nworld\nroots a\nentry a[1] = none\n", 4, 9,
	  "found '1', expected a region of the world" },
	{ "vtlb-trace 1\nworld\nroots a\nentry a[0] = kernel.pt\n", 4, 14,
	  "found 'kernel.pt', expected an upper table or 'none'" },
	{ "vtlb-trace 1\nworld\nroots a\nentry a.pd[0] = f0\n", 4, 17,
	  "found 'f0', expected a page table or 'none'" },
	{ "vtlb-trace 1\nworld\nroots a\nentry a.pt[4] = f0\n", 4, 12,
	  "found '4', expected an entry from 0 to 3" },
	{ "vtlb-trace 1\nworld\nroots a\nentry a[0] = none\npage p private\n", 5, 6,
	  "found a page after an 'entry' line, expected it before" },
	{ "vtlb-trace 1\nworld\nroots a\nstart cr4=wp\n", 4, 11, "found 'wp', expected a bit of CR4" },
	{ "vtlb-trace 1\nworld\nroots a\nstart cr0=0x100000000\n", 4, 11,
	  "found a reserved bit, which no register can have" },
	{ "vtlb-trace 1\nworld\nroots a\nstart cpl=1\n", 4, 11, "found '1', expected 0 or 3" },
	{ "vtlb-trace 1\nworld\nroots a\nstart cr3=b\n", 4, 11, "found 'b', expected a root" },
	{ "vtlb-trace 1\nworld\nroots a\nstart cr0=pe,pg,nw\nread user\n", 2, 1,
	  "found a world in which initial CR0.NW=1 needs CR0.CD=1" },
	{ "vtlb-trace 1\nworld\nroots a\nread user\npage p private\n", 5, 1,
	  "found 'page', expected a declaration, an operation or 'expect'" },
	/* operations */
	{ HEAD "jump\n", 4, 1, "found 'jump', expected a declaration, an operation or 'expect'" },
	{ HEAD "  = 4\n", 4, 3, "found '=', expected a declaration, an operation or 'expect'" },
	{ HEAD "cpu2: init\n", 4, 1, "found 'cpu2', expected one of the 2 vCPUs, counted from 0" },
	{ HEAD "cpu1 init\n", 4, 6, "found 'init', expected ':'" },
	{ HEAD "cr4 pge\n", 4, 5, "found 'pge', expected '=', '|=', '&= ~' or '^='" },
	{ HEAD "cr4 &= pge\n", 4, 8, "found 'pge', expected '~'" },
	{ HEAD "cr4 |= wp\n", 4, 8, "found 'wp', expected a bit of CR4" },
	{ HEAD "cr4 |= \n", 4, 8, "found end of line, expected a number or names of bits" },
	{ HEAD "cr4 |= pge,\n", 4, 12, "found end of line, expected a number or names of bits" },
	{ HEAD "cr4 = 0x80 pge\n", 4, 12, "found 'pge', expected end of line" },
	{ HEAD "cr4 = 12ab\n", 4, 7, "found malformed '12ab', expected a number or names of bits" },
	{ HEAD "cr4 = 0xfffffffffffffffff\n", 4, 7,
	  "found malformed '0xfffffffffffffffff', expected a number or names of bits" },
	{ HEAD "cr3 c\n", 4, 5, "found 'c', expected a root" },
	{ HEAD "cr3 a flush\n", 4, 7,
	  "found 'flush', expected 'pcid=', 'low12=', 'noflush', 'rsvd', 'lam' or end of line" },
	{ HEAD "cr3 a pcid=4096\n", 4, 12, "found '4096', expected a number from 0 to 0xfff" },
	{ HEAD "cr3 a pcid 1\n", 4, 12, "found '1', expected '='" },
	{ HEAD "invlpg f0\n", 4, 8, "found 'f0', expected a page or 'noncanonical'" },
	{ HEAD "invpcid some\n", 4, 9,
	  "found 'some', expected 'addr', 'single', 'all', 'all-nonglobal' or 'type='" },
	{ HEAD "invpcid single\n", 4, 15, "found end of line, expected 'pcid='" },
	{ HEAD "invpcid addr pcid=1\n", 4, 20, "found end of line, expected a page" },
	{ HEAD "invpcid type=256\n", 4, 14, "found '256', expected a number from 0 to 255" },
	{ HEAD "invpcid all x\n", 4, 13,
	  "found 'x', expected 'pcid=', a page, 'noncanonical', 'rsvd' or end of line" },
	{ HEAD "invpcid all pcid=4096\n", 4, 18, "found '4096', expected a number from 0 to 0xfff" },
	{ HEAD "read f0\n", 4, 6, "found 'f0', expected a page" },
	{ HEAD "user jump user\n", 4, 6, "found 'jump', expected 'read', 'write' or 'fetch'" },
	{ HEAD "read user -> x\n", 4, 14,
	  "found 'x', expected an outcome: a frame, 'dirtied TABLE', 'identity' or '#PF(...)'" },
	{ HEAD "read user -> dirtied a.pt\n", 4, 11, "found 'dirtied', which only a write can have" },
	{ HEAD "write user -> dirtied a.pd\n", 4, 23, "found 'a.pd', expected a page table" },
	{ HEAD "read user -> #PF(X)\n", 4, 18, "found 'X', expected P, W, U, RSVD, I or ')'" },
	{ HEAD "read user -> #PF P\n", 4, 18, "found 'P', expected '('" },
	{ HEAD "read user -> #GP(0)\n", 4, 14,
	  "found '#GP', expected an outcome: a frame, 'dirtied TABLE', 'identity' or '#PF(...)'" },
	{ HEAD "write 5\n", 4, 7, "found '5', expected a page, ROOT.PAGE or TABLE[ENTRY]" },
	{ HEAD "write user = f0\n", 4, 7,
	  "found 'user', expected a page, ROOT.PAGE or TABLE[ENTRY]" },
	{ HEAD "write c.user = f0\n", 4, 7, "found 'c', expected a root before '.'" },
	{ HEAD "write a.x = f0\n", 4, 9, "found 'x', expected a page after '.'" },
	{ HEAD "write a.pd[0] = f0\n", 4, 7, "found 'a.pd', expected a page table" },
	{ HEAD "write a.pt[4] = f0\n", 4, 12, "found '4', expected an entry from 0 to 3" },
	{ HEAD "write a.pt[0 = f0\n", 4, 14, "found '=', expected ']'" },
	{ HEAD "write a.user f0\n", 4, 14, "found 'f0', expected '='" },
	{ HEAD "link kernel.pt[0] = none\n", 4, 6,
	  "found 'kernel.pt', expected a root or an upper table" },
	{ HEAD "link a[1] = none\n", 4, 8, "found '1', expected a region of the world" },
	{ HEAD "link a.pd[2] = none\n", 4, 11, "found '2', expected a slot of the world" },
	{ HEAD "link a[0] = a.pt\n", 4, 13, "found 'a.pt', expected an upper table or 'none'" },
	{ HEAD "link a.pd[0] = b.pd\n", 4, 16, "found 'b.pd', expected a page table or 'none'" },
	{ HEAD "cs.l 2\n", 4, 6, "found '2', expected 0 or 1" },
	{ HEAD "cpl 1\n", 4, 5, "found '1', expected 0 or 3" },
	{ HEAD "ac on\n", 4, 4, "found 'on', expected 0 or 1" },
	{ HEAD "init 1\n", 4, 6, "found '1', expected end of line" },
	{ HEAD "host-zap user\n", 4, 10, "found 'user', expected a frame" },
	/* expectations */
	{ HEAD "expect maybe user = f1\n", 4, 8,
	  "found 'maybe', expected 'may', 'only', 'never', 'contract', 'fault', 'holds' or "
	  "'violates'" },
	{ HEAD "expect contract holds\n", 4, 17,
	  "found 'holds', expected 'may', 'only' or 'never'" },
	{ HEAD "expect may page = f1\n", 4, 12, "found 'page', expected a page" },
	{ HEAD "expect may user f1\n", 4, 17, "found 'f1', expected a page" },
	{ HEAD "expect may user = \n", 4, 19,
	  "found end of line, expected an outcome: a frame, 'dirtied TABLE', 'identity' or "
	  "'#PF(...)'" },
	{ HEAD "expect fault none\n", 4, 14, "found 'expect fault' before the first operation" },
	{ HEAD "init\nexpect fault #PF\n", 5, 14, "found '#PF', expected '#GP(0)', '#UD' or 'none'" },
	{ HEAD "init\nexpect fault #GP(1)\n", 5, 18, "found '1', expected 0" },
	{ HEAD "init\nexpect violates I-NONE at 1\n", 5, 17,
	  "found 'I-NONE', expected the id of a rule (see 'vtlb list rules')" },
	{ HEAD "init\nexpect violates I-INIT 1\n", 5, 24, "found '1', expected 'at'" },
	{ HEAD "init\nexpect violates I-INIT at 2\n", 5, 27,
	  "found '2', expected a step that has been taken (they count operations)" },
	/* bytes */
	{ HEAD "read \x01\n", 4, 6, "found byte 0x01, expected a page" },
	{ HEAD "read \xc3\xa4\n", 4, 6, "found byte 0xc3, expected a page" },
	{ HEAD "read ;\n", 4, 6, "found malformed ';', expected a page" },
	{ HEAD "# fine\n\n\tread x\n", 6, 7, "found 'x', expected a page" },
	/* numbers */
	{ HEAD "cr4 = 0xABCDEFG\n", 4, 7,
	  "found malformed '0xABCDEFG', expected a number or names of bits" },
	{ HEAD "cr4 = 1.5\n", 4, 7, "found malformed '1.5', expected a number or names of bits" },
	{ HEAD "cr4 = 0x\n", 4, 7, "found malformed '0x', expected a number or names of bits" },
	{ HEAD "cr3 a low12=0X1FFF\n", 4, 13, "found '0X1FFF', expected a number from 0 to 0xfff" },
	{ HEAD "cr3 a low12=0123456\n", 4, 13,
	  "found '0123456', expected a number from 0 to 0xfff" },
	/* punctuation, and what looks like an exception */
	{ HEAD "cr4 ^pge\n", 4, 5, "found '^', expected '=', '|=', '&= ~' or '^='" },
	{ HEAD "cr4 |pge\n", 4, 5, "found '|', expected '=', '|=', '&= ~' or '^='" },
	{ HEAD "cr4 &~pge\n", 4, 5, "found '&', expected '=', '|=', '&= ~' or '^='" },
	{ HEAD "cr4 == pge\n", 4, 6, "found '=', expected a number or names of bits" },
	{ HEAD "cr4 -= pge\n", 4, 5, "found '-', expected '=', '|=', '&= ~' or '^='" },
	{ HEAD "read user -", 4, 11, "found '-', expected end of line" },
	{ HEAD "read user -> #P", 4, 16,
	  "found end of file, expected an outcome: a frame, 'dirtied TABLE', 'identity' or "
	  "'#PF(...)'" },
	{ HEAD "read user -> #MC(0)\n", 4, 20,
	  "found end of line, expected an outcome: a frame, 'dirtied TABLE', 'identity' or "
	  "'#PF(...)'" },
	{ HEAD "cr4 |= pge, #UD\n", 4, 13, "found '#UD', expected a number or names of bits" },
	{ HEAD "fetch #PF\n", 4, 10, "found end of line, expected a page" },
	{ HEAD "read \x7f\n", 4, 6, "found byte 0x7f, expected a page" },
	/* words that are too long to be repeated in full */
	{ HEAD "read abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz\n", 4, 6,
	  "found 'abcdefghijklmnopqrstuvwxyzabcdefghijklmn', expected a page" },
	{ HEAD "write abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz = f0\n", 4, 7,
	  "found 'abcdefghijklmnopqrstuvwxyzabcdefghijklmn', expected a page, ROOT.PAGE or "
	  "TABLE[ENTRY]" },
	{ HEAD "write abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz.user = f0\n", 4, 7,
	  "found 'abcdefghijklmnopqrstuvwxyzabcdefghijklmn', expected a root before '.'" },
	{ HEAD "write a.abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz = f0\n", 4, 9,
	  "found 'abcdefghijklmnopqrstuvwxyzabcdefghijklmn', expected a page after '.'" },
	{ HEAD "write abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz[0] = f0\n", 4, 7,
	  "found 'abcdefghijklmnopqrstuvwxyzabcdefghijklmn', expected a page table" },
	{ HEAD "init\nexpect violates "
	       "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz\n",
	  5, 17, "found 'abcdefghijklmnopqrstuvwxyzabcdefghijklmn', expected the id of a rule" },
	{ WORLD "values abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz\n", 3, 8,
	  "found 'abcdefghijklmnopqrstuvwxyzabcdefghijklmn', expected a leaf value: a frame, flags "
	  "or 'np'" },
	/* names that are there already, of each kind */
	{ TABLES "page u slot 0 entry 0\n", 7, 6, "found 'u', which is there already" },
	{ TABLES "page t slot 0 entry 0\n", 7, 6, "found 't', which is there already" },
	{ TABLES "page p slot 0 entry 0\npage p slot 0 entry 1\n", 8, 6,
	  "found 'p', which is there already" },
	{ WORLD "roots a\npage a private\n", 4, 6, "found 'a', which is there already" },
	{ WORLD "frames x x\n", 3, 10, "found 'x', which is there already" },
	{ WORLD "roots abcdefghijklm1 abcdefghijklm2\nread user\n", 2, 1,
	  "found a world in which a name is there twice" }, /* of their tables, cut at 15 */
	/* declarations, token by token */
	{ WORLD "pcids x\n", 3, 7, "found 'x', expected 0, the first PCID of every world" },
	{ WORLD "values\n", 3, 7,
	  "found end of line, expected a leaf value: a frame, flags or 'np'" },
	{ WORLD "values f0, x\n", 3, 12,
	  "found 'x', expected a leaf value: a frame, flags or 'np'" },
	{ WORLD "values f01\n", 3, 8,
	  "found 'f01', expected a leaf value: a frame, flags or 'np'" },
	{ WORLD "values f1x\n", 3, 8,
	  "found 'f1x', expected a leaf value: a frame, flags or 'np'" },
	{ WORLD "roots a\npage p private at x\n", 4, 19,
	  "found 'x', expected a linear address, 4 KiB aligned and below 4 GiB" },
	{ WORLD "roots a\npage p private at 0x100000000\n", 4, 19,
	  "found '0x100000000', expected a linear address, 4 KiB aligned and below 4 GiB" },
	{ WORLD "roots a\npage 1 private\n", 4, 6, "found '1', expected the name of a page" },
	{ WORLD "roots a\npage p shared = f0, f1\n", 4, 21,
	  "found 'f1', expected end of line (one value for a shared page, one a root for a private "
	  "one)" },
	{ TABLES "page 1 slot 0 entry 0\n", 7, 6, "found '1', expected the name of a page" },
	{ TABLES "entry a 0\n", 7, 9, "found '0', expected '['" },
	{ TABLES "entry a[0 = u\n", 7, 11, "found '=', expected ']'" },
	{ TABLES "entry a[0] u\n", 7, 12, "found 'u', expected '='" },
	{ TABLES "entry u 0\n", 7, 9, "found '0', expected '['" },
	{ TABLES "entry u[2] = t\n", 7, 9, "found '2', expected a slot of the world" },
	{ TABLES "entry t 0\n", 7, 9, "found '0', expected '['" },
	{ TABLES "entry t[0] = x\n", 7, 14,
	  "found 'x', expected a leaf value: a frame, flags or 'np'" },
	{ TABLES "entry a[0] = u\ntables v\n", 8, 1, "found a second 'tables' line" },
	{ WORLD "roots a\nslots 0\nentry a[0] = none\ntables v\n", 6, 1,
	  "found 'tables' after a page or entry, expected it before" },
	{ WORLD "roots a\nuppers u\nentry u[0] = none\n", 5, 9,
	  "found '0', expected a 'slots' line before it" },
	{ WORLD "entry a[0] = none\n", 3, 7, "found 'a', expected a 'roots' line before it" },
	{ WORLD "roots a\npage p private at 0x4000\nentry a[0] = none\n", 5, 7,
	  "found a page at a linear address whose bits 20:12 are above 3" },
	{ WORLD "roots a\nstart pcid=4096\n", 4, 12,
	  "found '4096', expected a number from 0 to 0xfff" },
	{ WORLD "roots a\nstart low12=x\n", 4, 13, "found 'x', expected a number from 0 to 0xfff" },
	{ WORLD "roots a\nstart ac=on\n", 4, 10, "found 'on', expected 0 or 1" },
	{ WORLD "roots a\nstart cr0=x\n", 4, 11,
	  "found 'x', expected a number or names of bits" },
	{ "vtlb-trace 1\nworld features=1\n", 2, 16,
	  "found '1', expected a CPU feature (pcid, invpcid, pge ...) or 'none'" },
	{ "vtlb-trace 1\nworld vcpus=0\n", 2, 13, "found '0', expected a number from 1 to 4" },
	{ "vtlb-trace 1\nworld vcpus=two\n", 2, 13,
	  "found 'two', expected a number from 1 to 4" },
	/* operations, token by token */
	{ HEAD "cpux: init\n", 4, 1,
	  "found 'cpux', expected a declaration, an operation or 'expect'" },
	{ HEAD "cpu.: init\n", 4, 1,
	  "found 'cpu.', expected a declaration, an operation or 'expect'" },
	{ HEAD "jump: init\n", 4, 1,
	  "found 'jump', expected a declaration, an operation or 'expect'" },
	{ "vtlb-trace 1\nworld features=none\nroots a\ncr3 a low12=4096\n", 4, 13,
	  "found '4096', expected a number from 0 to 0xfff" },
	{ HEAD "invpcid type 4\n", 4, 14, "found '4', expected '='" },
	{ HEAD "invpcid single pcid 1\n", 4, 21, "found '1', expected '='" },
	{ HEAD "invpcid all pcid=x\n", 4, 18, "found 'x', expected a number from 0 to 0xfff" },
	{ HEAD "invpcid single pcid=x\n", 4, 21,
	  "found 'x', expected a number from 0 to 0xfff" },
	{ HEAD "write\n", 4, 6, "found end of line, expected a page, ROOT.PAGE or TABLE[ENTRY]" },
	{ HEAD "write a.pt[x] = f0\n", 4, 12, "found 'x', expected an entry from 0 to 3" },
	{ TABLES "page p slot 0 entry 0\nwrite a.p = f1\n", 8, 9,
	  "found a page that this root does not map at the start, expected TABLE[ENTRY]" },
	{ TABLES "page p slot 0 entry 0\nentry a[0] = u\nwrite a.p = f1\n", 9, 9,
	  "found a page that this root does not map at the start, expected TABLE[ENTRY]" },
	{ HEAD "link a 0\n", 4, 8, "found '0', expected '['" },
	{ HEAD "link a[0 = none\n", 4, 10, "found '=', expected ']'" },
	{ HEAD "link a[0] none\n", 4, 11, "found 'none', expected '='" },
	{ HEAD "link a.pd[0] = x\n", 4, 16, "found 'x', expected a page table or 'none'" },
	{ HEAD "cpl on\n", 4, 5, "found 'on', expected 0 or 3" },
	{ HEAD "cs.l on\n", 4, 6, "found 'on', expected 0 or 1" },
	/* expectations, token by token */
	{ HEAD "expect may user = #PF P\n", 4, 23, "found 'P', expected '('" },
	{ HEAD "expect may user #none\n", 4, 22, "found end of line, expected '='" },
	{ HEAD "init\nexpect fault GP\n", 5, 14,
	  "found 'GP', expected '#GP(0)', '#UD' or 'none'" },
	{ HEAD "init\nexpect fault #GP 0\n", 5, 18, "found '0', expected '(0)'" },
	{ HEAD "init\nexpect fault #GP(0\n", 5, 19, "found end of line, expected ')'" },
	{ HEAD "init\nexpect violates 5 at 1\n", 5, 17, "found '5', expected the id of a rule" },
};

static void test_malformed(void **state)
{
	unsigned int wrong = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct vtlb_diag d;
		enum vtlb_err err = vtlb_trace_parse(bad[i].text, strlen(bad[i].text), &t, &d);

		if (err == VTLB_OK || d.line != bad[i].line || d.column != bad[i].column ||
		    strcmp(d.message, bad[i].message)) {
			print_message("%s\nerror %d, %u:%u: %s\nwanted    %u:%u: %s\n", bad[i].text,
				      (int)err, d.line, d.column, d.message, bad[i].line,
				      bad[i].column, bad[i].message);
			wrong++;
		}
		if (err == VTLB_OK)
			vtlb_trace_free(&t);
		else if (t.ops || t.expects || t.line)
			wrong++;
	}
	assert_int_equal(wrong, 0);
}

/* Which error code: syntax, limits and worlds are told apart. */
static void test_error_codes(void **state)
{
	static const struct {
		const char *text;
		enum vtlb_err err;
	} cases[] = {
		{ HEAD "read x\n", VTLB_E_PARSE },
		{ "vtlb-trace 1\nworld\npcids 0 1 2 3 4 5 6 7 8 9 10 11 12\n", VTLB_E_LIMIT },
		{ "vtlb-trace 1\nworld\nroots a\nstart cr0=pe,pg,nw\nread user\n", VTLB_E_WORLD },
	};
	struct vtlb_diag d;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(vtlb_trace_parse(cases[i].text, strlen(cases[i].text), &t, &d),
				 cases[i].err);
}

/* Every prefix of a good text parses or says why not; none may crash. */
static void test_truncated(void **state)
{
	const char *text = HEAD "cr4 |= pge\nwrite b.user = f2 ro\ncr3 b pcid=1 noflush\n"
				"read user -> #PF(P W)\nexpect contract never user read user = f1\n"
				"expect violates I-CR3-P0 at 2\n";
	size_t ok = 0, len = strlen(text);

	(void)state;
	for (size_t n = 0; n <= len; n++) {
		char *copy = malloc(n ? n : 1);
		struct vtlb_diag d;

		assert_non_null(copy);
		memcpy(copy, text, n);
		if (vtlb_trace_parse(copy, n, &t, &d) == VTLB_OK) {
			ok++;
			vtlb_trace_free(&t);
		} else {
			assert_true(d.message[0] && d.line);
		}
		free(copy);
	}
	assert_true(ok > 10 && ok < len / 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_malformed),
		cmocka_unit_test(test_error_codes),
		cmocka_unit_test(test_truncated),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
