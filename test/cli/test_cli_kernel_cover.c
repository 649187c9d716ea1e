/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * What vtlb kernel check makes of a patch's hunks, without a kernel: hunks of a diff,
 * line tables, and whether what a hunk changes was executed.
 */
#define _GNU_SOURCE
#include "cli.h"

#include <unistd.h>

#include "kernel/cover.h"

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

	(void)state;
	assert_non_null(mkdtemp(folder));
	put_file(folder, "linked", "x/one.c\n");
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
	snprintf(path, sizeof(path), "%s/linked", folder);
	unlink(path);
	rmdir(folder);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hunks_of_a_diff),
		cmocka_unit_test(code_and_comments),
		cmocka_unit_test(kinds_of_files),
		cmocka_unit_test(what_counts),
		cmocka_unit_test(line_tables),
		cmocka_unit_test(same_name_in_two_files),
		cmocka_unit_test(whose_function),
		cmocka_unit_test(inside_a_function),
		cmocka_unit_test(files_of_a_tree),
	};

	return cmocka_run_group_tests_name("cli kernel cover", tests, NULL, NULL);
}
