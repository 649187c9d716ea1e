/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * vtlb kernel check as far as no kernel is needed: its command line, which
 * verdict follows from what, hunks, line tables, and the keys of its JSON.
 */
#define _GNU_SOURCE
#include "cli.h"

#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kernel/check.h"
#include "kernel/child.h"
#include "kernel/lines.h"

static void refused(const struct cli *r, const char *why)
{
	assert_int_equal(r->code, 2);
	cli_has(r->err, why);
}

#define CHECK(...) CLI(NULL, "kernel", "check", __VA_ARGS__)

static void wrong_lines(void **state)
{
	(void)state;
	refused(CHECK("-j", "1"), "--tree DIR or --debian VERSION, one of the two");
	refused(CHECK("--tree", "/", "--debian", "6.12"), "one of the two");
	refused(CHECK("--tree", "/", "--base", "v6.1"), "--base v6.1 is not supported");
	refused(CHECK("--tree", "/", "--each"), "there is no --patch");
	refused(CHECK("--tree", "/", "--max-time", "0"), "--max-time");
	refused(CHECK("--tree", "/", "--seed", "x"), "--seed");
	refused(CHECK("--tree", "/", "--vendor-module", "vmx"),
		"there are: sim, svm, svm-old");
	refused(CHECK("--tree", "/", "x"), "'x' is one word too many");
	refused(CHECK("--tree", "/", "--scope", "no-such"), "no-such");
}

static void help_teaches(void **state)
{
	const struct cli *r = CHECK("--help");

	(void)state;
	assert_int_equal(r->code, 0);
	cli_has(r->out, "Usage: vtlb kernel check --tree DIR|--debian VERSION");
	cli_has(r->out, "not-exercised");
	cli_has(r->out, "Example:");
	cli_has(CLI(NULL, "help", "kernel")->out, "vtlb kernel check");
}

/* A result as "vtlb check --json" has it. */
static json_t *result(const char *verdict, int step, const char *got, const char *deviation)
{
	json_t *o = json_pack("{s:s, s:[], s:n, s:n}", "verdict", verdict, "violations", "why",
			      "stopped_at");

	if (step)
		json_array_append_new(json_object_get(o, "violations"),
				      json_pack("{s:s, s:i, s:i, s:s, s:s, s:s?}", "kind", "exposure",
						"guilty_step", step, "seen_step", step, "got", got,
						"rule", "I-CR3-P0", "deviation", deviation));
	return o;
}

static enum finding_class classify(json_t *base, json_t *patched)
{
	struct shown b, p;
	enum finding_class class;

	if (base)
		shown_read(&b, base);
	shown_read(&p, patched);
	class = finding_classify(base ? &b : NULL, &p);
	json_decref(base);
	json_decref(patched);
	return class;
}

#define HOLDS result("holds", 0, NULL, NULL)
#define VIOLATES(step, got) result("violates", step, got, NULL)
#define DEVIATES(step) result("deviates", step, "f0", "pf-partial-drop")

static void what_is_new(void **state)
{
	(void)state;
	assert_int_equal(classify(HOLDS, HOLDS), FINDING_NONE);
	assert_int_equal(classify(HOLDS, result("ambiguous", 3, "f0", NULL)), FINDING_NONE);
	assert_int_equal(classify(HOLDS, VIOLATES(3, "f0")), FINDING_NEW);
	/* also if a waiver would cover it: the base does not do it */
	assert_int_equal(classify(HOLDS, DEVIATES(3)), FINDING_NEW);
	assert_int_equal(classify(VIOLATES(3, "f0"), VIOLATES(3, "f0")), FINDING_BASE);
	assert_int_equal(classify(DEVIATES(3), DEVIATES(3)), FINDING_KNOWN);
	assert_int_equal(classify(VIOLATES(3, "f0"), HOLDS), FINDING_FIXED);
	assert_int_equal(classify(DEVIATES(3), HOLDS), FINDING_FIXED);
	/* each fails in its way */
	assert_int_equal(classify(VIOLATES(3, "f0"), VIOLATES(5, "f0")), FINDING_UNSURE);
	assert_int_equal(classify(VIOLATES(3, "f0"), VIOLATES(3, "f1")), FINDING_UNSURE);
	assert_int_equal(classify(DEVIATES(3), VIOLATES(3, "f0")), FINDING_UNSURE);
	/* no base */
	assert_int_equal(classify(NULL, VIOLATES(3, "f0")), FINDING_NEW);
	assert_int_equal(classify(NULL, DEVIATES(3)), FINDING_KNOWN);
}

static void no_answer_is_none(void **state)
{
	json_t *stopped = result("unsupported", 0, NULL, NULL);

	(void)state;
	assert_int_equal(classify(result("unsupported", 0, NULL, NULL),
				  result("unsupported", 0, NULL, NULL)), FINDING_NOT_COVERED);
	assert_int_equal(classify(HOLDS, result("unsupported", 0, NULL, NULL)), FINDING_NO_ANSWER);
	assert_int_equal(classify(HOLDS, result("incomplete", 0, NULL, NULL)), FINDING_NO_ANSWER);
	assert_int_equal(classify(HOLDS, json_pack("{}")), FINDING_NO_ANSWER);
	json_object_set_new(stopped, "stopped_at", json_integer(4));
	assert_int_equal(classify(result("unsupported", 0, NULL, NULL), stopped),
			 FINDING_NO_ANSWER);
}

static void a_dead_process_is_a_finding(void **state)
{
	struct shown dead = { .died = true, .verdict = VTLB_ERROR };
	struct shown holds = { .verdict = VTLB_HOLDS };

	(void)state;
	assert_int_equal(finding_classify(&holds, &dead), FINDING_NEW);
	assert_int_equal(finding_classify(NULL, &dead), FINDING_NEW);
	assert_int_equal(finding_classify(&dead, &dead), FINDING_BASE);
	assert_int_equal(finding_classify(&dead, &holds), FINDING_FIXED);
}

/* The base's crash does not excuse another one, at the same step or not. */
static void crashes_differ(void **state)
{
	json_t *result_json = result("violates", 3, "host crash", NULL);
	struct shown warn, null;

	(void)state;
	shown_read(&warn, result_json);
	null = warn;
	strcpy(warn.crash, "kernel WARN (arch/x/kvm/x.c:)");
	strcpy(null.crash, "bad access at address x");
	assert_true(shown_crashed(&warn));
	assert_int_equal(finding_classify(&warn, &warn), FINDING_BASE);
	assert_int_equal(finding_classify(&warn, &null), FINDING_UNSURE);
	assert_false(shown_alike(&warn, &null));
	/* what comes before the first operation is known by what is said */
	assert_false(shown_at_boot(&warn));
	strcpy(warn.crash, "kernel WARN (arch/x/kvm/x.c:), at boot");
	assert_true(shown_at_boot(&warn));
	warn.violation = NULL;
	assert_false(shown_at_boot(&warn));
	json_decref(result_json);
}

/* Who waits too long for a program, or has no memory for it, has learned nothing of it. */
static void not_every_end_is_a_crash(void **state)
{
	static char nothing[] = "", memory[] = "vtlb: out of memory";
	static const struct {
		struct child child;
		bool crashed;
	} cases[] = {
		{ { .code = -SIGSEGV, .err = nothing }, true },
		{ { .code = -SIGABRT, .err = nothing }, true },
		{ { .code = 4, .err = memory }, false },
		{ { .code = -SIGALRM, .err = nothing }, false },
		{ { .code = -SIGKILL, .err = nothing }, false },
		{ { .code = 2, .err = nothing }, false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_int_equal(check_crashed(&cases[i].child), cases[i].crashed);
}

static void first_that_applies(void **state)
{
	static const struct {
		struct verdict_facts facts;
		enum vtlb_verdict verdict;
	} cases[] = {
		{ { 0, true, 0 }, VTLB_HOLDS },
		{ { 0, true, 1 }, VTLB_INCOMPLETE },
		{ { 0, false, 0 }, VTLB_NOT_EXERCISED },
		{ { 0, false, 1 }, VTLB_NOT_EXERCISED },
		{ { 1, false, 1 }, VTLB_VIOLATES },
		{ { 1, true, 0 }, VTLB_VIOLATES },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_int_equal(finding_verdict(&cases[i].facts), cases[i].verdict);
}

static const char diff[] =
	"diff -rupN /a/files/x/one.c /b/files/x/one.c\n"
	"--- /a/files/x/one.c\t2026-01-01\n"
	"+++ /b/files/x/one.c\t2026-01-01\n"
	"@@ -1,3 +1,4 @@\n"
	" /* a\n"
	"+ * b\n"
	"  */\n"
	" int i;\n"
	"@@ -10,3 +11,3 @@ int f(void)\n"
	" {\n"
	"-	return 1;\n"
	"+	return 2; /* c */\n"
	" }\n"
	"--- /a/files/Documentation/y.rst\t2026-01-01\n"
	"+++ /b/files/Documentation/y.rst\t2026-01-01\n"
	"@@ -0,0 +1 @@\n"
	"+-- /a/files/not a name\n";

static void hunks_of_a_diff(void **state)
{
	static const char text[] = "/* a\n * b\n */\nint i;\n\n\n\n\n\n\n\n\treturn 2; /* c */\n";
	struct hunks h;

	(void)state;
	hunks_parse(&h, diff, "/a/files", "/b/files");
	assert_int_equal(h.n, 3);
	assert_string_equal(h.hunk[0].file, "x/one.c");
	assert_int_equal(h.hunk[0].line, 2);
	assert_int_equal(h.hunk[0].n, 1);
	assert_string_equal(h.hunk[1].function, "int f(void)");
	assert_int_equal(h.hunk[1].n, 2);
	assert_false(h.hunk[1].changed[0].added);
	assert_int_equal(h.hunk[1].changed[0].line, 11);
	assert_true(h.hunk[1].changed[1].added);
	assert_int_equal(h.hunk[1].changed[1].line, 12);
	assert_string_equal(h.hunk[2].file, "Documentation/y.rst");
	hunks_mark_code(&h, "x/one.c", text, true);
	assert_false(h.hunk[0].changed[0].code);
	assert_true(h.hunk[1].changed[1].code);
	assert_false(h.hunk[1].changed[1].directive);
	hunks_free(&h);
}

static void code_and_comments(void **state)
{
	static const char text[] = "int a; /* b\n"
				   "c */\n"
				   "#define d \\\n"
				   "	e /* f */\n"
				   "char *g = \"/*\";\n"
				   "// h\n"
				   "int i;\n";
	static const bool code[] = { true, false, true, true, true, false, true };
	static const bool directive[] = { false, false, true, true, false, false, false };
	struct hunk_line lines[7];
	struct hunk hunk = { .file = (char *)(uintptr_t)"x.c", .changed = lines, .n = 7 };
	struct hunks h = { .hunk = &hunk, .n = 1 };

	(void)state;
	for (uint32_t i = 0; i < 7; i++)
		lines[i] = (struct hunk_line){ .line = i + 1, .added = true };
	hunks_mark_code(&h, "x.c", text, true);
	for (unsigned int i = 0; i < 7; i++) {
		assert_int_equal(lines[i].code, code[i]);
		assert_int_equal(lines[i].directive, directive[i]);
	}
}

static void kinds_of_files(void **state)
{
	(void)state;
	assert_true(hunk_is_source("arch/x86/kvm/x86.c"));
	assert_true(hunk_is_source("arch/x86/kvm/mmu.h"));
	assert_true(hunk_is_source("arch/x86/kvm/vmx/vmenter.S"));
	assert_false(hunk_is_source("tools/testing/selftests/kvm/x.c"));
	assert_false(hunk_is_source("Documentation/virt/kvm/api.rst"));
	assert_true(hunk_is_build("arch/x86/kvm/Makefile"));
	assert_true(hunk_is_build("Makefile"));
	assert_false(hunk_is_build("arch/x86/kvm/x86.c"));
}

static void what_counts(void **state)
{
	struct hunk hunk[2] = { { .status = HUNK_NO_CODE }, { .status = HUNK_EXECUTED } };
	struct cover c = { .hunks = { .hunk = hunk, .n = 2 } };

	(void)state;
	assert_true(cover_ok(&c));
	assert_false(cover_counts(&c, &hunk[0]));
	hunk[1].status = HUNK_NOT_LINKED;
	assert_false(cover_ok(&c));
	/* nothing but comments: no other hunk is left, so these count */
	hunk[1].status = HUNK_NO_CODE;
	assert_true(cover_counts(&c, &hunk[0]));
	assert_false(cover_ok(&c));
}

static void line_tables(void **state)
{
	struct lines l;
	bool found = false;

	(void)state;
	assert_true(lines_read(&l, cli_example("dwarf4.so")));
	for (size_t i = 0; i < l.n; i++) {
		const struct lines_row *row = &l.row[i];

		if (strstr(l.file[row->file], "dwarf4.c") && row->line == 9)
			found |= lines_live(&l, row) && row->size;
	}
	assert_true(found);
	lines_free(&l);
	assert_false(lines_read(&l, cli_source("README.md")));
}

/* Two files with a function of one name: each has its own address, or none. */
static void same_name_in_two_files(void **state)
{
	static const char map[] = "0x1000 a:dwarf4.so .init\n"
				  "0x5000 a:dwarf4.so .text\n"
				  "0x9000 b:dwarf4.so .init\n"
				  "0x6000 c:dwarf4.so .text\n"
				  "0x7000 c:dwarf4.so .text\n";
	const char *so = cli_example("dwarf4.so");
	char folder[] = "/tmp/vtlb-objects-XXXXXX", path[80];
	uint64_t a = 0, b = 0, size = 0;
	struct places p;

	(void)state;
	assert_non_null(mkdtemp(folder));
	for (const char *o = "abc"; *o; o++) {
		snprintf(path, sizeof(path), "%s/%c:dwarf4.so", folder, *o);
		assert_int_equal(symlink(so, path), 0);
	}
	places_parse(&p, strdup(map));
	assert_int_equal(places_find(&p, folder, "a:dwarf4.so", "dwarf4_function", &a, &size), 1);
	assert_true(a > 0x5000 && size);
	/* of this object other sections are linked, and not this function's */
	assert_int_equal(places_find(&p, folder, "b:dwarf4.so", "dwarf4_function", &b, &size), 0);
	assert_int_equal(b, 0);
	/* at one of two addresses: that is not known */
	assert_int_equal(places_find(&p, folder, "c:dwarf4.so", "dwarf4_function", &b, &size), 2);
	assert_int_equal(places_find(&p, folder, "a:dwarf4.so", "no_such", &b, &size), 0);
	assert_int_equal(places_find(&p, folder, "d:dwarf4.so", "dwarf4_function", &b, &size), 0);
	places_free(&p);
	for (const char *o = "abc"; *o; o++) {
		snprintf(path, sizeof(path), "%s/%c:dwarf4.so", folder, *o);
		unlink(path);
	}
	rmdir(folder);
}

/* A hunk that has no line of its own counts through functions of the objects that it went into. */
static void whose_function(void **state)
{
	static char made[] = "a:x.o\tx/one.c\nb:x.o\tx/two.c\n";
	struct hunk_line line = { .code = true, .active = true };
	struct hunk hunk = { .file = (char *)(uintptr_t)"x/one.c", .function = (char *)(uintptr_t)"",
			     .changed = &line, .n = 1 };
	struct cover_function fn[2] = {
		{ .object = "a:x.o", .name = "f", .at = { 0, 0x1000 } },
		{ .object = "b:x.o", .name = "f", .at = { 0, 0x2000 } },
	};
	uint64_t point[] = { 0x1000, 0x2000 | 1ull << 63 };
	char folder[] = "/tmp/vtlb-folder-XXXXXX", path[80];
	struct cover c = {
		.hunks = { .hunk = &hunk, .n = 1 },
		.function = fn,
		.nfunctions = 2,
		.side = { { .folder = folder, .made = made, .root = made },
			  { .folder = folder, .made = made, .root = made, .point = point,
			    .npoints = 2 } },
	};
	FILE *f;

	(void)state;
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/linked", folder);
	f = fopen(path, "w");
	assert_non_null(f);
	fputs("x/one.c\n", f);
	fclose(f);
	/* the other file's function of that name was reached */
	cover_judge(&c);
	assert_int_equal(hunk.status, HUNK_NOT_EXECUTED);
	point[0] |= 1ull << 63;
	cover_judge(&c);
	assert_int_equal(hunk.status, HUNK_EXECUTED);
	/* reached, but whether it is this one is not known */
	fn[0].unsure = true;
	cover_judge(&c);
	assert_int_equal(hunk.status, HUNK_NOT_EXECUTED);
	free(hunk.through);
	unlink(path);
	rmdir(folder);
}

static void put_file(const char *folder, const char *name, const char *text)
{
	char path[80];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	f = fopen(path, "w");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

/*
 * Three hunks without instructions: two of a header, and one, named by .function, at line 20 of
 * a.c, whose foo has the lines 10 and 30, and bar 50 and 60.  Of both functions bar was reached.
 */
static void judge_three(struct hunk *hunk, struct hunk_line *line, const char *function, bool code)
{
	static char made[] = "a.o\ta.c\na.o\tm.h\n", root[] = "/r", source[] = "/r/a.c";
	static char *files[] = { source };
	struct lines_row rows[] = {
		{ 0x1000, 4, 0, 10 }, { 0x1010, 4, 0, 30 },
		{ 0x2000, 4, 0, 50 }, { 0x2010, 4, 0, 60 },
	};
	struct cover_function fn[] = {
		{ .object = "a.o", .name = "foo", .at = { 0x1000, 0x1000 }, .size = { 64, 64 } },
		{ .object = "a.o", .name = "bar", .at = { 0x2000, 0x2000 }, .size = { 64, 64 } },
	};
	uint64_t point[] = { 0x1000, 0x2000 | 1ull << 63 };
	char folder[] = "/tmp/vtlb-folder-XXXXXX", path[80];
	struct cover c = { .hunks = { .hunk = hunk, .n = 3 }, .function = fn, .nfunctions = 2 };

	assert_non_null(mkdtemp(folder));
	put_file(folder, "linked", "a.c\nm.h\n");
	for (unsigned int s = 0; s < SIDES; s++)
		c.side[s] = (struct cover_side){
			.folder = folder, .made = made, .root = root, .point = point, .npoints = 2,
			.lines = { .row = rows, .n = 4, .file = files, .nfiles = 1, .text = 0x1000,
				   .text_end = 0x3000 },
		};
	for (unsigned int i = 0; i < 3; i++) {
		line[i].code = line[i].active = true;
		hunk[i] = (struct hunk){ .file = (char *)(uintptr_t)"m.h", .function =
					 (char *)(uintptr_t)"", .changed = &line[i], .n = 1 };
	}
	line[0].directive = line[1].directive = true;
	line[2].code = code;
	hunk[2].file = (char *)(uintptr_t)"a.c";
	hunk[2].function = (char *)(uintptr_t)function;
	cover_judge(&c);
	snprintf(path, sizeof(path), "%s/linked", folder);
	unlink(path);
	rmdir(folder);
}

/* One that is inside a function counts through it alone, and others do not count through it. */
static void inside_a_function(void **state)
{
	static const struct {
		const char *function;
		bool code;
		uint32_t line;
		enum hunk_status of[3];
	} want[] = {
		{ "static void foo(int x)", true, 20,
		  { HUNK_EXECUTED, HUNK_EXECUTED, HUNK_NOT_EXECUTED } },
		{ "static void bar(int x)", true, 55,
		  { HUNK_NOT_EXECUTED, HUNK_NOT_EXECUTED, HUNK_EXECUTED } },
		/* a comment changes nothing there */
		{ "static void foo(int x)", false, 20,
		  { HUNK_NOT_EXECUTED, HUNK_NOT_EXECUTED, HUNK_NO_CODE } },
		/* between two functions, and in one of another name */
		{ "static void bar(int x)", true, 40,
		  { HUNK_NOT_EXECUTED, HUNK_NOT_EXECUTED, HUNK_NOT_EXECUTED } },
		{ "static void __bar(int x)", true, 55,
		  { HUNK_NOT_EXECUTED, HUNK_NOT_EXECUTED, HUNK_NOT_EXECUTED } },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(want) / sizeof(*want); i++) {
		struct hunk_line line[3] = { { .added = true }, { .added = true },
					     { .added = true, .line = want[i].line } };
		struct hunk hunk[3];

		judge_three(hunk, line, want[i].function, want[i].code);
		for (unsigned int h = 0; h < 3; h++) {
			assert_int_equal(hunk[h].status, want[i].of[h]);
			free(hunk[h].through);
		}
	}
}

static void files_of_a_tree(void **state)
{
	(void)state;
	assert_true(cover_same_file("/b/src/arch/x86/kvm/x86.c", "/b/src", "arch/x86/kvm/x86.c"));
	assert_true(cover_same_file("/b/src/arch/x86/kvm/../../../virt/kvm/kvm_main.c", "/b/src",
				    "virt/kvm/kvm_main.c"));
	assert_true(cover_same_file("/b/src/./lib/sort.c", "/b/src", "lib/sort.c"));
	/* the same end of the name, and another file */
	assert_false(cover_same_file("/b/src/arch/x86/lib/sort.c", "/b/src", "lib/sort.c"));
	assert_false(cover_same_file("/c/src/lib/sort.c", "/b/src", "lib/sort.c"));
	assert_false(cover_same_file("lib/sort.c", "", "lib/sort.c"));
	assert_true(cover_is_made("a.o\tx/one.c\nab.o\tx/two.c\n", "ab.o", "x/two.c"));
	assert_false(cover_is_made("a.o\tx/one.c\nab.o\tx/two.c\n", "a.o", "x/two.c"));
	assert_false(cover_is_made("a.o\tx/one.c\n", "a.o", "x/one"));
}

/* Only a bound is an end of walks that says nothing against a patch. */
static void ends_of_walks(void **state)
{
	static char nothing[] = "";
	static const struct {
		int code;
		const char *result;
		enum walks_end end;
	} cases[] = {
		{ 3, "{'stop': 'time', 'simulation': {'steps': 5}, 'violations': []}",
		  WALKS_BOUNDED },
		{ 3, "{'stop': 'runs', 'simulation': {'steps': 5}, 'violations': []}",
		  WALKS_BOUNDED },
		{ 1, "{'stop': null, 'simulation': {'steps': 5}, 'violations': [{}]}",
		  WALKS_FAILED },
		{ 1, "{'stop': null, 'simulation': {'steps': 5}, 'violations': []}", WALKS_LOST },
		{ 3, "{'stop': 'interrupt', 'simulation': {'steps': 5}}", WALKS_LOST },
		{ 3, "{'stop': 'time', 'simulation': {'steps': 0}}", WALKS_LOST },
		{ 3, "{'why': 'x'}", WALKS_LOST },
		{ 3, NULL, WALKS_LOST },
		{ 0, "{'stop': 'time', 'simulation': {'steps': 5}}", WALKS_LOST },
		{ 2, NULL, WALKS_LOST },
		{ 4, NULL, WALKS_LOST },
		{ -SIGKILL, NULL, WALKS_LOST },
		{ -SIGALRM, NULL, WALKS_LOST },
		{ -SIGSEGV, NULL, WALKS_LOST },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const struct child child = { .code = cases[i].code, .err = nothing };
		char *text = cases[i].result ? strdup(cases[i].result) : NULL;
		json_t *result = NULL;

		for (char *s = text; s && (s = strchr(s, '\'')); s++)
			*s = '"';
		if (text)
			result = json_loads(text, 0, NULL);
		assert_int_equal(!!text, !!result);
		assert_int_equal(walks_end(&child, result), cases[i].end);
		json_decref(result);
		free(text);
	}
}

/*
 * In place of a program that was built: a preset does its work, and says so in a log.
 * It dies of what it is told, as one does that nobody waits for any longer.
 */
static char *stand_in(const char *dir, const char *name, const char *dies)
{
	char *path = NULL;
	FILE *f;

	assert_true(asprintf(&path, "%s/%s", dir, name) > 0);
	f = fopen(path, "w");
	assert_non_null(f);
	fprintf(f, "#!/bin/sh\n"
		   "echo \"$1\" >> %s.log\n"
		   "case \"$5\" in *%s | *%s.trace) kill -ALRM $$ ;; esac\n"
		   "[ $1 = check ] && exec '%s' check --json --impl kvm-6.12 \"$5\"\n"
		   "exec '%s' compare kvm-6.12 kvm-6.12 --workload \"$5\" --json\n",
		path, dies, dies, cli_bin(), cli_bin());
	fclose(f);
	assert_int_equal(chmod(path, 0755), 0);
	return path;
}

static unsigned int times(const char *program, const char *word)
{
	char *path = NULL, *log;
	unsigned int n = 0;

	assert_true(asprintf(&path, "%s.log", program) > 0);
	log = cli_read(path);
	for (const char *s = log; (s = strstr(s, word)); s++)
		n++;
	unlink(path);
	free(path);
	free(log);
	return n;
}

/* The other workloads are told, and the base, which held, is not asked again. */
static void one_workload_is_lost(void **state)
{
	char dir[] = "/tmp/vtlb-cost-XXXXXX", *trace = NULL;
	struct check_options opt = { 0 };
	struct check *c = calloc(1, sizeof(*c));

	(void)state;
	assert_non_null(mkdtemp(dir));
	c->opt = &opt;
	c->dir[SIDE_BASE] = c->dir[SIDE_PATCHED] = dir;
	c->program[SIDE_BASE] = stand_in(dir, "base", "none");
	c->program[SIDE_PATCHED] = stand_in(dir, "patched", "switch-3");
	check_cost(c);
	assert_true(c->ncosts > 1);
	for (size_t i = 0; i < c->ncosts; i++) {
		const struct check_cost *cost = &c->cost[i];

		assert_true(check_cost_known(cost, SIDE_BASE));
		assert_int_equal(check_cost_known(cost, SIDE_PATCHED),
				 strcmp(cost->name, "switch-3") != 0);
	}
	assert_int_equal(c->nnotes, 1);
	cli_has(c->note[0], "workload switch-3: ");
	assert_int_equal(c->nfindings, 0);
	assert_int_equal(times(c->program[SIDE_BASE], "check"), 0);
	assert_int_equal(times(c->program[SIDE_PATCHED], "check"), 1);
	assert_true(asprintf(&trace, "%s/workload-switch-3.trace", dir) > 0);
	unlink(trace);
	free(trace);
	unlink(c->program[SIDE_BASE]);
	unlink(c->program[SIDE_PATCHED]);
	assert_int_equal(rmdir(dir), 0);
	check_free(c);
	free(c);
}

static json_t *keys_of_json(void)
{
	struct check_options opt = { 0 };
	char name[] = "name";
	char *note[] = { name };
	struct finding f = { .class = FINDING_NEW, .source = name, .name = name, .file = name,
			     .text = name, .said = name };
	struct hunk hunk = { .file = name, .function = name };
	struct check_cost cost = { .name = name };
	struct check *c = calloc(1, sizeof(*c));
	json_t *o, *keys = json_object();

	c->opt = &opt;
	c->subject = name;
	c->program[SIDE_BASE] = c->program[SIDE_PATCHED] = name;
	c->finding = &f;
	c->note = c->not_judged = note;
	c->cost = &cost;
	c->cover.hunks = (struct hunks){ .hunk = &hunk, .n = 1 };
	c->nfindings = c->nnotes = c->nnot_judged = c->ncosts = c->nsearches = c->nwalks = 1;
	c->search[0].scope = c->walks[0].scope = name;
	o = check_json(c);
	cli_keys(keys, o);
	json_decref(o);
	free(c);
	return keys;
}

/* Both ways, in the section of its own. */
static void keys_are_documented(void **state)
{
	char *docs = cli_read(cli_source("docs/json.md"));
	const char *section = strstr(docs, "\n## `vtlb kernel check --json`"), *key;
	json_t *keys = keys_of_json(), *unused;
	char row[80];

	(void)state;
	assert_non_null(section);
	json_object_foreach(keys, key, unused) {
		snprintf(row, sizeof(row), "\n| `%s` |", key);
		cli_has(section, row);
	}
	for (char *s = strstr(section, "\n| `"); s; s = strstr(s, "\n| `")) {
		char *end = strchr(s += 4, '`');

		*end = '\0';
		if (!json_object_get(keys, s))
			fail_msg("docs/json.md has '%s', the output has not", s);
		s = end + 1;
	}
	json_decref(keys);
	free(docs);
}

/* A patch moves code, and the same call then is elsewhere in its function. */
static void says_alike(void **state)
{
	(void)state;
	assert_true(check_says_alike("", ""));
	assert_true(check_says_alike("f, called from g+0x1a, at boot", "f, called from g+0xb, at boot"));
	assert_false(check_says_alike("f, called from g+0x1a", "f, called from h+0x1a"));
	assert_false(check_says_alike("f, called from g+0x1a", "f, called from g+0x1a, at boot"));
	assert_false(check_says_alike("address 0x8", "address 0x9"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(wrong_lines),
		cmocka_unit_test(help_teaches),
		cmocka_unit_test(what_is_new),
		cmocka_unit_test(no_answer_is_none),
		cmocka_unit_test(a_dead_process_is_a_finding),
		cmocka_unit_test(crashes_differ),
		cmocka_unit_test(not_every_end_is_a_crash),
		cmocka_unit_test(first_that_applies),
		cmocka_unit_test(hunks_of_a_diff),
		cmocka_unit_test(code_and_comments),
		cmocka_unit_test(kinds_of_files),
		cmocka_unit_test(what_counts),
		cmocka_unit_test(line_tables),
		cmocka_unit_test(same_name_in_two_files),
		cmocka_unit_test(whose_function), cmocka_unit_test(inside_a_function),
		cmocka_unit_test(files_of_a_tree),
		cmocka_unit_test(ends_of_walks),
		cmocka_unit_test(one_workload_is_lost),
		cmocka_unit_test(keys_are_documented),
		cmocka_unit_test(says_alike),
	};

	return cmocka_run_group_tests_name("cli kernel check", tests, NULL, NULL);
}
