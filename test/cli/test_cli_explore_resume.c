/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Checkpoints of vtlb explore from outside: what goes on, and what is refused because it
 * is damaged or of another search.
 */
#define _GNU_SOURCE
#include "explore_dir.h"

/* Stopped in a part by the limit of memory, and gone on with in the next process. */
static void by_table_goes_on(void **state)
{
	const char *file = in_dir("part.check");
	const struct cli *r;
	json_int_t states;
	json_t *o;

	(void)state;
	r = CLI(NULL, "explore", "--impl", "kvm-6.12", "--scope", "default-leaf", "--waive", "all",
		"--json");
	o = cli_json(r);
	states = integer(result_of(o), "states");
	json_decref(o);
	r = CLI(NULL, "explore", "--impl", "kvm-6.12", "--scope", "default-leaf", "--waive", "all",
		"--checkpoint", file, "--max-memory", "15M", "--json");
	assert_int_equal(r->code, 3);
	o = cli_json(r);
	assert_true(integer(result_of(o), "states") > 0);
	assert_true(integer(result_of(o), "states") < states);
	json_decref(o);
	REFUSED("cannot resume: the checkpoint is damaged, or was begun by table and --whole",
		"--scope", "default-leaf", "--waive", "all", "--resume", file, "--whole");
	r = CLI(NULL, "explore", "--impl", "kvm-6.12", "--scope", "default-leaf", "--waive", "all",
		"--resume", file, "--json");
	assert_int_equal(r->code, 0);
	o = cli_json(r);
	assert_true(is_true(result_of(o), "proof"));
	assert_int_equal(integer(result_of(o), "states"), states);
	assert_int_equal(json_array_size(json_object_get(result_of(o), "parts")), 1);
	json_decref(o);
}

static void bad_checkpoints_are_refused(void **state)
{
	/* magic, version, zero, one byte, length, a checksum that is wrong */
	static const uint8_t bad_sum[] = "vtlbsave\1\0\0\0\0\0\0\0x\x21\0\0\0\0\0\0\0\0\0\0\0\0\0\0";
	uint8_t data[33];

	(void)state;
	memcpy(data, bad_sum, sizeof(data));
	REFUSED("cannot open", "--resume", in_dir("none"));
	REFUSED("this is no checkpoint of vtlb", "--resume", write_file("c", data, 0));
	REFUSED("this is no checkpoint of vtlb", "--resume", write_file("c", data + 1, 32));
	REFUSED("the checkpoint is cut off", "--resume", write_file("c", data, 20));
	REFUSED("its length is wrong", "--resume", write_file("c", data, 32));
	REFUSED("its checksum is wrong", "--resume", write_file("c", data, 33));
	data[8] = 2;
	REFUSED("the checkpoint has format 2, this vtlb reads format 1", "--resume",
		write_file("c", data, 33));
}

/* A copy of a shared object, with a byte more that no loader looks at. */
static void copy_with(const char *from, const char *to, const char *more)
{
	FILE *in = fopen(from, "rb"), *out = fopen(to, "wb");
	int c;

	assert_non_null(in);
	assert_non_null(out);
	while ((c = getc(in)) != EOF)
		putc(c, out);
	fputs(more, out);
	fclose(in);
	assert_int_equal(fclose(out), 0);
}

/* The same name, and other code behind it. */
static void another_implementation_is_refused(void **state)
{
	const char *impl = in_dir("code.so"), *file = in_dir("code.check");
	const struct cli *r;

	(void)state;
	copy_with(cli_example("always_flush.so"), impl, "");
	assert_int_equal(CLI(NULL, "explore", "--impl", impl, "--scope", "tiny", "--depth", "2",
			     "--checkpoint", file)->code, 3);
	assert_int_equal(CLI(NULL, "explore", "--impl", impl, "--scope", "tiny", "--depth", "3",
			     "--resume", file)->code, 3);
	copy_with(cli_example("always_flush.so"), impl, "x");
	r = CLI(NULL, "explore", "--impl", impl, "--scope", "tiny", "--depth", "3", "--resume",
		file);
	assert_int_equal(r->code, 2);
	cli_has(r->err, "cannot resume");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(by_table_goes_on),
		cmocka_unit_test(bad_checkpoints_are_refused),
		cmocka_unit_test(another_implementation_is_refused),
	};

	return cmocka_run_group_tests_name("cli explore resume", tests, make_dir, remove_dir);
}
