// SPDX-License-Identifier: GPL-2.0
/*
 * Libraries that few commands need, loaded when they are wanted: with all that these need
 * themselves they would double the memory every command takes, and the time it takes to begin.
 */
#include <dlfcn.h>
#include <errno.h>
#include <stddef.h>

#include "library.h"

/**
 * library_load() - have a library
 * @sonames: the names it may have, the first that is there is taken; ends with NULL
 * @fns: what is wanted of it
 * @count: how many that are
 * @w: set to what is missing
 *
 * It stays as long as the process does.
 *
 * Context: process; before privileges are dropped.
 * Return: 0, -ELIBACC with @w set.
 */
int library_load(const char *const *sonames, const struct library_fn *fns, unsigned int count,
		 struct why *w)
{
	void *library = NULL;
	unsigned int i;

	for (i = 0; !library && sonames[i]; i++)
		library = dlopen(sonames[i], RTLD_NOW | RTLD_LOCAL);
	if (!library) {
		why(w, "%s", dlerror());
		return -ELIBACC;
	}
	for (i = 0; i < count; i++) {
		*fns[i].to = dlsym(library, fns[i].name);
		if (*fns[i].to)
			continue;
		why(w, "%s has no %s", sonames[0], fns[i].name);
		return -ELIBACC;
	}
	return 0;
}
