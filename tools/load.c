/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Loading implementations.  A foreign structure is trusted only after its ABI
 * version and size were looked at, in that order.
 */
#define _GNU_SOURCE
#include "load.h"

#include <dlfcn.h>
#include <string.h>

#include "out.h"
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

int load_impl(const char *name, const struct vtlb_impl **impl)
{
	if (strchr(name, '/'))
		return load_file(name, impl);
	*impl = vtlb_preset_by_name(name);
	return *impl ? 0 : unknown_preset(name);
}
