/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The tree of histories, and replay.  The world's beginning is kept, to which the
 * way back is short; and the state last returned to, which makes it shorter where
 * many operations are tried from one state.
 */
#include "history.h"

#include <stdio.h>
#include <string.h>

#include "canon.h"
#include "delta.h"
#include "disturb.h"

#define DISTURB 0xffu	/* in place of an operation; the outcome says how */
#define LONG_WAY 4	/* operations, from which a moment on the way is worth its copy */

/**
 * struct node - a state; number 0 is none
 * @same: the first state that is like this one; 0: not known yet
 * @look_stop, @look: why the machine stops if it is asked for an access, and for which
 * @next: in its bucket
 */
struct node {
	uint32_t parent, world, depth, outcome, stop, same;
	struct vtlb_op op;
	uint8_t look_stop;
	struct look {
		uint8_t vcpu, page, kind;
	} look;
	uint32_t next;
};

static struct node *nodes;
static uint32_t nnodes = 1, cap, *buckets, nbuckets;
static struct vtlb_world *worlds;
static uint32_t nworlds, *world_start;

static uint32_t live, live_world;	/* where the machine is; world + 1 of the beginning */
static struct image base;
static struct delta way;
static uint32_t way_at;

static uint32_t hash(uint32_t parent, struct vtlb_op op, uint32_t outcome)
{
	uint64_t key;

	memcpy(&key, &op, sizeof(key));
	key = (key ^ (uint64_t)parent << 20 ^ (uint64_t)outcome << 44) * 0x9e3779b97f4a7c15ull;
	return (uint32_t)(key >> 32) & (nbuckets - 1);
}

static void rehash(void)
{
	nbuckets = nbuckets ? nbuckets * 2 : 1024;
	buckets = machine_grow(buckets, nbuckets, sizeof(*buckets));
	memset(buckets, 0, nbuckets * sizeof(*buckets));
	for (uint32_t i = 1; i < nnodes; i++) {
		uint32_t b = hash(nodes[i].parent, nodes[i].op, nodes[i].outcome);

		nodes[i].next = buckets[b];
		buckets[b] = i;
	}
}

static uint32_t new_node(uint32_t parent, uint32_t world, struct vtlb_op op, uint32_t outcome)
{
	struct node *n;
	uint32_t b;

	if (nnodes >= cap) {
		cap = cap ? cap * 2 : 1024;
		nodes = machine_grow(nodes, cap, sizeof(*nodes));
	}
	if (nnodes >= nbuckets)
		rehash();
	b = hash(parent, op, outcome);
	n = &nodes[nnodes];
	*n = (struct node){ .parent = parent, .world = world, .outcome = outcome, .op = op,
			    .depth = parent ? nodes[parent].depth + 1 : 0, .next = buckets[b] };
	buckets[b] = nnodes;
	return nnodes++;
}

uint32_t history_start(const struct vtlb_world *w)
{
	for (uint32_t i = 0; i < nworlds; i++)
		if (!memcmp(&worlds[i], w, sizeof(*w)))
			return world_start[i];
	worlds = machine_grow(worlds, nworlds + 1, sizeof(*worlds));
	world_start = machine_grow(world_start, nworlds + 1, sizeof(*world_start));
	worlds[nworlds] = *w;
	world_start[nworlds] = new_node(0, nworlds, (struct vtlb_op){ 0 }, nworlds);
	return world_start[nworlds++];
}

uint32_t history_next(uint32_t state, struct vtlb_op op, uint32_t outcome)
{
	for (uint32_t i = buckets[hash(state, op, outcome)]; i; i = nodes[i].next)
		if (nodes[i].parent == state && nodes[i].outcome == outcome &&
		    !memcmp(&nodes[i].op, &op, sizeof(op)))
			return i;
	return new_node(state, nodes[state].world, op, outcome);
}

void history_forget(void)
{
	live = way_at = 0;
	canon_forget();
	if (nbuckets)
		memset(buckets, 0, nbuckets * sizeof(*buckets));
	nnodes = 1;
	for (uint32_t i = 0; i < nworlds; i++) {
		/* not yet overwritten, since worlds came in this order */
		uint32_t stop = nodes[world_start[i]].stop;

		world_start[i] = new_node(0, i, (struct vtlb_op){ 0 }, i);
		nodes[world_start[i]].stop = stop;
	}
}

enum glue_stop history_stopped(uint32_t state)
{
	return nodes[state].stop;
}

void history_stop(uint32_t state, enum glue_stop why)
{
	nodes[state].stop = why;
}

unsigned int history_look(uint32_t state, unsigned int vcpu, unsigned int page,
			  enum glue_stop *why)
{
	const struct node *n = &nodes[state];

	*why = n->look_stop;
	return *why && n->look.vcpu == vcpu && n->look.page == page ? n->look.kind : VTLB_NR_KINDS;
}

void history_no_look(uint32_t state, unsigned int vcpu, unsigned int page, unsigned int kind,
		     enum glue_stop why)
{
	nodes[state].look_stop = (uint8_t)why;
	nodes[state].look = (struct look){ (uint8_t)vcpu, (uint8_t)page, (uint8_t)kind };
}

void history_at(uint32_t state)
{
	live = state;
}

/* Where the machine stopped, beside why; returns false. */
static bool stopped_at(const char *when)
{
	size_t len = strlen(machine_stop.text);

	snprintf(machine_stop.text + len, sizeof(machine_stop.text) - len, ", %s", when);
	return false;
}

/* KVM is booted once; each world begins from there. */
static bool boot(void)
{
	static struct machine_stop stop;
	static bool booted;

	if (stop.why) {
		machine_stop = stop;
		return false;
	}
	if (booted) {
		delta_open();
		image_restore(&base);
		return true;
	}
	booted = machine_boot();
	if (booted)
		image_take(&base, 0);
	else
		stopped_at("at boot");
	stop = machine_stop;
	return booted;
}

static bool begin_world(const struct vtlb_world *w, uint32_t world)
{
	size_t ram;

	if (live_world == world + 1) {
		delta_restore(NULL);
		return true;
	}
	live_world = way_at = 0;
	if (!boot())
		return false;
	if (!insn_start(w, &ram))
		return stopped_at("before the first operation");
	cpus_switch(0);
	delta_begin(ram);
	canon_begin(w);
	live_world = world + 1;
	return true;
}

static bool again(const struct vtlb_world *w, uint32_t state)
{
	struct vtlb_impl_step r = { 0 };

	delta_touch();
	if (nodes[state].op.code == DISTURB)
		return disturb_machine(nodes[state].outcome);
	return insn_step(w, nodes[state].op, nodes[state].outcome, &r);
}

/* Is @from on the way to @state? */
static bool leads(uint32_t from, uint32_t state)
{
	while (state && nodes[state].depth > nodes[from].depth)
		state = nodes[state].parent;
	return from && state == from;
}

bool history_go(const struct vtlb_world *w, uint32_t state)
{
	static uint32_t *path;
	static size_t path_cap;
	const struct vtlb_world *own = &worlds[nodes[state].world];
	uint32_t n = 0, from = live;

	(void)w;
	if (live == state)
		return true;
	live = 0;
	if (!leads(from, state)) {
		if (live_world == nodes[state].world + 1 && leads(way_at, state)) {
			delta_restore(&way);
			from = way_at;
		} else {
			from = world_start[nodes[state].world];
			if (!begin_world(own, nodes[state].world))
				return false;
		}
	}
	if (path_cap < nodes[state].depth + 1u) {
		path_cap = 2 * (nodes[state].depth + 1u);
		path = machine_grow(path, path_cap, sizeof(*path));
	}
	for (uint32_t s = state; s != from; s = nodes[s].parent)
		path[n++] = s;
	for (uint32_t i = n; i; i--)
		if (!again(own, path[i - 1]))
			return false;
	live = state;
	if (n >= LONG_WAY) {
		delta_take(&way);
		way_at = state;
	}
	return true;
}

uint32_t history_same(const struct vtlb_world *w, uint32_t state)
{
	if (nodes[state].same)
		return nodes[state].same;
	if (!history_go(w, state))
		return 0;
	nodes[state].same = canon_same(nodes[state].world, state);
	return nodes[state].same;
}

uint32_t history_disturb(const struct vtlb_world *w, uint32_t state, uint32_t seed)
{
	if (!history_go(w, state) || canon_alone())
		return 0;
	return history_next(state, (struct vtlb_op){ .code = DISTURB }, seed);
}
