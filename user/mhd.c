// SPDX-License-Identifier: GPL-2.0
/*
 * libmicrohttpd, loaded when it is wanted: it brings GnuTLS and what that needs, which would
 * double the time all other commands take to begin. Linked statically it is there anyway, see
 * static/mhd.c.
 */
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>

#include "mhd.h"
#include "util.h"

#define LIBRARY	"libmicrohttpd.so.12"

struct mhd mhd;

/**
 * mhd_load() - have the library
 *
 * Context: process; before privileges are dropped. Tells the user when it is missing.
 * Return: 0 or -ENOENT.
 */
int mhd_load(void)
{
	const struct {
		void		**to;
		const char	*name;
	} wanted[] = {
		{ (void **)&mhd.start_daemon, "MHD_start_daemon" },
		{ (void **)&mhd.stop_daemon, "MHD_stop_daemon" },
		{ (void **)&mhd.get_daemon_info, "MHD_get_daemon_info" },
		{ (void **)&mhd.run, "MHD_run" },
		{ (void **)&mhd.get_timeout, "MHD_get_timeout" },
		{ (void **)&mhd.lookup_connection_value, "MHD_lookup_connection_value" },
		{ (void **)&mhd.create_response_from_buffer, "MHD_create_response_from_buffer" },
		{ (void **)&mhd.add_response_header, "MHD_add_response_header" },
		{ (void **)&mhd.queue_response, "MHD_queue_response" },
		{ (void **)&mhd.destroy_response, "MHD_destroy_response" },
	};
	void *library = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL);
	size_t i;

	if (!library) {
		fprintf(stderr, "tcpfsm: the exporter needs libmicrohttpd, install: "
			"libmicrohttpd12 (%s)\n", dlerror());
		return -ENOENT;
	}
	for (i = 0; i < ARRAY_SIZE(wanted); i++) {
		*wanted[i].to = dlsym(library, wanted[i].name);
		if (*wanted[i].to)
			continue;
		fprintf(stderr, "tcpfsm: " LIBRARY " has no %s\n", wanted[i].name);
		return -ENOENT;
	}
	return 0;
}
