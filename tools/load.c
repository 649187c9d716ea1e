/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Loading implementations.  A foreign structure is trusted only after its ABI
 * version and size were looked at, in that order.
 */
#define _GNU_SOURCE
#include "load.h"

#include <dlfcn.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "out.h"
#include "program.h"
#include "text.h"
#include "vtlb/kvm.h"

static int unknown_preset(const char *name)
{
	struct text names = { 0 };

	for (unsigned int i = 0; i < vtlb_nr_presets; i++)
		text_list(&names, ", ", vtlb_preset(i)->name);
	out_error(EXIT_USAGE, NULL, 0, 0,
		  "no preset is called '%s'; there are: %s; a file needs a '/' in its "
		  "name ('./%s')",
		  name, text_str(&names), name);
	text_free(&names);
	return EXIT_USAGE;
}

static int check_abi(const char *file, const struct vtlb_impl *impl)
{
	const char *why = NULL;

	if (!impl)
		return out_error(EXIT_USAGE, file, 0, 0, "%s() returned no implementation",
				 VTLB_IMPL_ENTRY);
	if (impl->abi != VTLB_IMPL_ABI)
		return out_error(EXIT_USAGE, file, 0, 0,
				 "was compiled for version %u of the implementation interface, "
				 "this vtlb has version %u; recompile it with the headers of "
				 "vtlb %s", impl->abi, VTLB_IMPL_ABI, vtlb_version());
	if (impl->size < sizeof(*impl))
		return out_error(EXIT_USAGE, file, 0, 0,
				 "struct vtlb_impl says .size = %u, version %u has %zu bytes; "
				 "set .size = sizeof(struct vtlb_impl)", impl->size,
				 VTLB_IMPL_ABI, sizeof(*impl));
	if (!vtlb_impl_check(impl, &why))
		return out_error(EXIT_USAGE, file, 0, 0, "struct vtlb_impl is not usable: %s",
				 why ? why : "no reason given");
	return 0;
}

/* The object stays loaded: its code is in use until the process ends. */
static int load_file(const char *file, const struct vtlb_impl **impl)
{
	void *object = dlopen(file, RTLD_NOW | RTLD_LOCAL);
	vtlb_impl_entry entry;
	void *symbol;

	if (!object)
		return out_error(EXIT_USAGE, file, 0, 0,
				 "cannot load: %s; it has to be a shared object (cc -shared "
				 "-fPIC)", dlerror());
	symbol = dlsym(object, VTLB_IMPL_ENTRY);
	if (!symbol)
		return out_error(EXIT_USAGE, file, 0, 0,
				 "exports no function %s(), the entry point of an implementation "
				 "(see vtlb/impl.h)", VTLB_IMPL_ENTRY);
	memcpy(&entry, &symbol, sizeof(entry));
	*impl = entry();
	return check_abi(file, *impl);
}

static char **again;
static const struct vtlb_impl *embedded;

void load_program(char **argv, const struct vtlb_impl *impl)
{
	again = argv;
	embedded = impl;
}

bool load_is_program(const struct vtlb_impl *impl)
{
	return embedded && impl == embedded;
}

static bool is_this(const char *file)
{
	struct stat a, b;

	return !stat(file, &a) && !stat("/proc/self/exe", &b) && a.st_dev == b.st_dev &&
	       a.st_ino == b.st_ino;
}

/* One program can hold one such implementation: the one that it was linked with. */
static int run_program(const char *file)
{
	uint32_t abi;

	if (!program_abi(file, &abi))
		return out_error(EXIT_USAGE, file, 0, 0,
				 "is a program with no implementation in it; one comes from "
				 "'vtlb kernel build'");
	if (abi != VTLB_IMPL_ABI)
		return out_error(EXIT_USAGE, file, 0, 0,
				 "was built for version %u of the implementation interface, this "
				 "vtlb has version %u; build it again", abi, VTLB_IMPL_ABI);
	if (embedded)
		return out_error(EXIT_USAGE, file, 0, 0,
				 "not supported: two programs as implementations in one command; "
				 "the other is %s", embedded->name);
	if (!again)
		return out_error(EXIT_USAGE, file, 0, 0,
				 "not supported: a program as implementation of vtlb-mpi");
	execv(file, again);
	return out_error(EXIT_USAGE, file, 0, 0, "cannot run it: %s", strerror(errno));
}

int load_impl(const char *name, const struct vtlb_impl **impl)
{
	if (strchr(name, '/')) {
		if (embedded && is_this(name)) {
			*impl = embedded;
			return check_abi(name, *impl);
		}
		return program_is(name) ? run_program(name) : load_file(name, impl);
	}
	*impl = vtlb_preset_by_name(name);
	return *impl ? 0 : unknown_preset(name);
}
