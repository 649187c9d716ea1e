/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Checkpoints and limits inside the library, without files: a search that is
 * left at any moment and resumed ends as if it had not been, whatever the number
 * of threads; one that has no memory says so and can be resumed too.
 */
#include "run.h"

#define MAX_SAVED (1u << 26)

/* Memory limits that are tried: each is so much larger than the last. */
#ifdef SEARCH_SHORT
#define STEPS 2
#else
#define STEPS 3
#endif

static struct vtlb_scope scope;

/**
 * struct saving - a run with checkpoints
 * @r: first, because the callbacks of struct run take it
 * @saved: the last whole one; @part: the one that is being written
 * @nsaved: findings when it was written; a caller keeps them with it
 * @stop_at: stop when so many have been asked for; 0: never
 * @fail_at: give up writing, or reading, after so many bytes; 0: never
 */
struct saving {
	struct run r;
	uint8_t *saved, *part;
	size_t len, part_len, at;
	unsigned int asked, stop_at, nsaved;
	size_t fail_at;
	bool resume;
};

static bool on_progress(void *ctx, const struct vtlb_explore_stats *s)
{
	const struct saving *v = ctx;

	(void)s;
	return !v->stop_at || v->asked < v->stop_at;
}

static bool on_save(void *ctx, bool last)
{
	struct saving *v = ctx;

	v->part_len = 0;
	v->asked += !last;
	return last || !v->stop_at;
}

static bool on_write(void *ctx, const void *data, size_t len)
{
	struct saving *v = ctx;

	if (v->fail_at && v->part_len + len > v->fail_at)
		return false;
	assert_true(v->part_len + len <= MAX_SAVED);
	memcpy(v->part + v->part_len, data, len);
	v->part_len += len;
	return true;
}

static bool on_written(void *ctx)
{
	struct saving *v = ctx;
	uint8_t *t = v->saved;

	v->saved = v->part;
	v->part = t;
	v->len = v->part_len;
	v->nsaved = v->r.nfound;
	return true;
}

static bool on_read(void *ctx, void *data, size_t len)
{
	struct saving *v = ctx;

	if (v->at + len > v->len || (v->fail_at && v->at + len > v->fail_at))
		return false;
	memcpy(data, v->saved + v->at, len);
	v->at += len;
	return true;
}

static struct vtlb_explore_config config(struct saving *v)
{
	struct vtlb_explore_config cfg = run_config(&v->r);

	cfg.resume = v->resume;
	cfg.progress = on_progress;
	cfg.save = on_save;
	cfg.write = on_write;
	cfg.written = on_written;
	cfg.read = on_read;
	v->at = v->asked = 0;
	return cfg;
}

static void go(struct saving *v)
{
	const struct vtlb_explore_config cfg = config(v);

	v->r.nfound = v->resume ? v->nsaved : 0;
	assert_int_equal(vtlb_explore(&cfg, &v->r.res), VTLB_OK);
}

static void begin(struct saving *v, const char *name, const char *preset, uint32_t waive,
		  uint32_t flags, uint32_t depth)
{
	memset(v, 0, sizeof(*v));
	scope_load(&scope, name);
	v->r = (struct run){
		.scope = &scope,
		.impl = vtlb_preset_by_name(preset),
		.waive = waive,
		.flags = flags,
		.depth = depth,
		.findings = MAX_FOUND,
		.jobs = 1,
		/* a small limit makes small blocks: more places to stop at */
		.memory = 64u << 20,
	};
	v->saved = malloc(MAX_SAVED);
	v->part = malloc(MAX_SAVED);
	assert_true(v->saved && v->part);
}

static void end(struct saving *v)
{
	free(v->saved);
	free(v->part);
	vtlb_scope_free(&scope);
}

/* Left after every @step blocks, and resumed with another number of threads. */
static void chain(const char *name, const char *preset, uint32_t waive, uint32_t flags,
		  uint32_t depth, unsigned int step)
{
	static struct saving v, whole;
	unsigned int parts = 1;

	begin(&whole, name, preset, waive, flags, depth);
	go(&whole);
	assert_int_not_equal(whole.r.res.stop, VTLB_STOP_MEMORY);
	assert_true(whole.asked > 3 * step);
	vtlb_scope_free(&scope);
	begin(&v, name, preset, waive, flags, depth);
	v.stop_at = step;
	go(&v);
	for (; v.r.res.stop == VTLB_STOP_CALLER; parts++) {
		v.resume = true;
		v.r.jobs = parts % 4 + 1;
		go(&v);
		assert_true(parts < 10000);
	}
	assert_true(parts > 2);
	run_same(&whole.r, &v.r);
	free(whole.saved);
	free(whole.part);
	end(&v);
}

static void chain_holds(void **state)
{
	(void)state;
	chain("modes-smap", "kvm-6.12", VTLB_WAIVE_ALL, 0, 0, 1);
	chain("smp-pcid", "kvm-6.12", VTLB_WAIVE_ALL, 0, 0, 1);
	chain("pairs", "kvm-6.12", VTLB_WAIVE_ALL, 0, 10, 5);
}

/* Findings before and after; the callback gets each once. */
static void chain_finds(void **state)
{
	(void)state;
	chain("modes-smap", "kvm-6.12", 0, 0, 0, 1);
	chain("tiny", "kvm-6.12", 0, 0, 7, 2);
	chain("upper-link", "kvm-5.16", 0, 0, 8, 1);
	chain("default-pcid", "kvm-5.10", VTLB_WAIVE_ALL, 0, 6, 1);
	/* left in the middle of the level that has the finding */
	chain("default", "kvm-4.20", VTLB_WAIVE_ALL, 0, 5, 1);
}

static void chain_flags(void **state)
{
	(void)state;
	chain("pairs", "kvm-6.12", VTLB_WAIVE_ALL, VTLB_EXPLORE_NO_COVER, 6, 1);
	chain("pairs", "kvm-6.12", VTLB_WAIVE_ALL, VTLB_EXPLORE_FINGERPRINT, 6, 1);
	chain("tiny", "kvm-6.12", 0, VTLB_EXPLORE_FINGERPRINT, 6, 1);
	chain("upper-link", "kvm-6.12", VTLB_WAIVE_ALL, VTLB_EXPLORE_NO_SYMMETRY, 7, 1);
}

/* By table: left in any of the searches, and what came before it is kept. */
static void chain_by_table(void **state)
{
	(void)state;
	chain("tiny", "kvm-6.12", VTLB_WAIVE_ALL, VTLB_EXPLORE_BY_TABLE, 0, 2);
	chain("smp-pcid", "kvm-6.12", VTLB_WAIVE_ALL, VTLB_EXPLORE_BY_TABLE, 0, 1);
	chain("default-leaf", "kvm-6.12", VTLB_WAIVE_ALL, VTLB_EXPLORE_BY_TABLE, 0, 3);
	chain("tiny", "kvm-5.16-without-unload-on-pcide", VTLB_WAIVE_ALL, VTLB_EXPLORE_BY_TABLE, 0,
	      1);
}

/* A checkpoint of the whole goes on with the whole; one by table does not without the flag. */
static void by_table_or_not(void **state)
{
	static struct saving v;
	struct vtlb_explore_config cfg;
	uint64_t states;

	(void)state;
	begin(&v, "tiny", "kvm-6.12", VTLB_WAIVE_ALL, 0, 0);
	go(&v);
	states = v.r.res.stats.states;
	v.stop_at = 4;
	go(&v);
	assert_int_equal(v.r.res.stop, VTLB_STOP_CALLER);
	v.resume = true;
	v.stop_at = 0;
	v.r.flags = VTLB_EXPLORE_BY_TABLE;
	go(&v);
	assert_int_equal(v.r.res.verdict, VTLB_HOLDS);
	assert_int_equal(v.r.res.nparts, 0);
	assert_int_equal(v.r.res.stats.states, states);
	v.resume = false;
	v.stop_at = 4;
	go(&v);
	assert_int_equal(v.r.res.stop, VTLB_STOP_CALLER);
	assert_int_equal(v.r.res.nparts, 1);
	v.resume = true;
	v.r.flags = 0;
	cfg = config(&v);
	assert_int_equal(vtlb_explore(&cfg, &v.r.res), VTLB_E_PARSE);
	v.r.flags = VTLB_EXPLORE_BY_TABLE;
	cfg = config(&v);
	cfg.max_depth = 3;
	assert_int_equal(vtlb_explore(&cfg, &v.r.res), VTLB_E_UNSUPPORTED);
	end(&v);
}

/* The second part tells nothing apart, and still is of the first one's search. */
static void refuses_another_rule(struct saving *v)
{
	static struct vtlb_explore_result res;
	struct vtlb_explore_config cfg;

	v->resume = true;
	cfg = config(v);
	cfg.remember = 1;
	assert_int_equal(vtlb_explore(&cfg, &res), VTLB_E_PARSE);
}

/* A strict search that was stopped in its second part, all waived, goes on there. */
static void second_part(void **state)
{
	static struct saving v;
	uint64_t done = 0;
	unsigned int parts = 0, further = 0;

	(void)state;
	begin(&v, "modes-smap", "kvm-6.12", 0, 0, 0);
	v.stop_at = 1;
	for (go(&v); v.r.res.stop == VTLB_STOP_CALLER; go(&v)) {
		const struct vtlb_explore_stats *waived = &v.r.res.waived;

		assert_true(parts++ < 10000);
		assert_true(waived->transitions >= done);
		further += waived->transitions > done;
		done = waived->transitions;
		if (waived->states) {
			assert_int_equal(v.r.res.verdict, VTLB_INCOMPLETE);
			assert_false(v.r.res.complete);
			assert_true(waived->second);
			refuses_another_rule(&v);
		}
		v.resume = true;
	}
	assert_true(further > 3);
	assert_int_equal(v.r.res.verdict, VTLB_DEVIATES);
	end(&v);
}

/* What has no memory ends as incomplete, can be resumed with more, and is equal then. */
static void memory(const char *name, const char *preset, uint32_t waive, uint32_t flags,
		   uint32_t depth)
{
	static struct saving v, whole;
	unsigned int early = 0;

	begin(&whole, name, preset, waive, flags, depth);
	go(&whole);
	assert_int_not_equal(whole.r.res.stop, VTLB_STOP_MEMORY);
	vtlb_scope_free(&scope);
	begin(&v, name, preset, waive, flags, depth);
	for (uint64_t limit = 1u << 20; limit < whole.r.memory; limit += limit / STEPS) {
		struct vtlb_explore_config cfg;
		enum vtlb_err err;

		v.r.memory = limit;
		v.r.jobs = 1 + early % 3;
		v.resume = false;
		v.len = v.r.nfound = 0;
		cfg = config(&v);
		err = vtlb_explore(&cfg, &v.r.res);
		assert_true(err == VTLB_OK || err == VTLB_E_NOMEM);
		if (err || v.r.res.stop != VTLB_STOP_MEMORY)
			continue;
		early++;
		assert_true(v.r.res.stats.bytes <= limit);
		assert_false(v.r.res.complete);
		assert_true(v.len > 0);
		v.resume = true;
		v.r.memory = whole.r.memory;
		go(&v);
		run_same(&whole.r, &v.r);
	}
	assert_true(early > 1);
	free(whole.saved);
	free(whole.part);
	end(&v);
}

static void memory_exact(void **state)
{
	(void)state;
	memory("pairs", "kvm-6.12", VTLB_WAIVE_ALL, 0, 8);
	memory("tiny", "kvm-6.12", 0, 0, 7);
}

static void memory_others(void **state)
{
	(void)state;
	memory("pairs", "kvm-6.12", VTLB_WAIVE_ALL, VTLB_EXPLORE_NO_COVER, 6);
	memory("pairs", "kvm-6.12", VTLB_WAIVE_ALL, VTLB_EXPLORE_FINGERPRINT, 6);
}

/* A checkpoint that ends too early is refused wherever it ends. */
static void cut_off(void **state)
{
	static struct saving v;
	size_t len;

	(void)state;
	begin(&v, "modes-smap", "kvm-6.12", 0, 0, 0);
	v.stop_at = 7;
	go(&v);
	assert_int_equal(v.r.res.stop, VTLB_STOP_CALLER);
	v.resume = true;
	len = v.len;
	for (size_t at = 1; at < len; at += 1 + at / 30) {
		struct vtlb_explore_config cfg;

		v.fail_at = at;
		cfg = config(&v);
		assert_int_equal(vtlb_explore(&cfg, &v.r.res), VTLB_E_PARSE);
	}
	end(&v);
}

/* One that could not be written leaves the last one, and the search goes on. */
static void not_written(void **state)
{
	static struct saving v;
	static struct run whole;

	(void)state;
	begin(&v, "modes-smap", "kvm-6.12", 0, 0, 0);
	whole = v.r;
	run(&whole);
	v.fail_at = 100000;
	go(&v);
	run_same(&whole, &v.r);
	assert_in_range(v.len, 1, 100000);
	v.fail_at = 0;
	v.resume = true;
	go(&v);
	run_same(&whole, &v.r);
	end(&v);
}

/* Everything that makes two searches different. */
static void of_another(void **state)
{
	static struct saving v;
	struct vtlb_explore_config cfg, other;
	struct vtlb_impl impl;
	struct vtlb_world w;

	(void)state;
	begin(&v, "modes-smap", "kvm-6.12", 0, 0, 0);
	v.stop_at = 5;
	go(&v);
	v.resume = true;
	cfg = config(&v);
#define REFUSED(what)                                                         \
	do {                                                                  \
		other = config(&v);                                           \
		what;                                                         \
		assert_int_equal(vtlb_explore(&other, &v.r.res), VTLB_E_PARSE); \
	} while (0)
	REFUSED(other.waive = VTLB_WAIVE_PF);
	REFUSED(other.reading = VTLB_OWE);
	REFUSED(other.flags = VTLB_EXPLORE_NO_COVER);
	REFUSED(other.flags = VTLB_EXPLORE_NO_NORMAL);
	REFUSED(other.vendor = VTLB_AMD);
	REFUSED(other.nops--);
	REFUSED(other.ops++; other.nops--);
	REFUSED(other.impl = vtlb_preset_by_name("kvm-6.1"));
	w = *cfg.w;
	w.init.leaf[0][0] = 0;
	REFUSED(other.w = &w);
	impl = *cfg.impl;
	impl.name = "another";
	REFUSED(other.impl = &impl);
	go(&v);
	end(&v);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(chain_holds), cmocka_unit_test(chain_finds),
		cmocka_unit_test(chain_flags),
		cmocka_unit_test(chain_by_table),
		cmocka_unit_test(by_table_or_not),
		cmocka_unit_test(second_part),
		cmocka_unit_test(memory_exact),
		cmocka_unit_test(memory_others), cmocka_unit_test(cut_off),
		cmocka_unit_test(not_written), cmocka_unit_test(of_another),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
