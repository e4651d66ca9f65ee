// SPDX-License-Identifier: GPL-2.0
/*
 * libmicrohttpd, loaded by the exporter: it brings GnuTLS. Linked statically it is there anyway,
 * see static/mhd.c.
 */
#include <stdio.h>

#include "library.h"
#include "mhd.h"
#include "util.h"

struct mhd mhd;

/**
 * mhd_load() - have the library
 *
 * Context: process; before privileges are dropped. Tells the user when it is missing.
 * Return: 0 or -ELIBACC.
 */
int mhd_load(void)
{
	static const char *const sonames[] = { "libmicrohttpd.so.12", NULL };
	static const struct library_fn wanted[] = {
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
	struct why missing;
	int err = library_load(sonames, wanted, ARRAY_SIZE(wanted), &missing);

	if (err)
		fprintf(stderr, "tcpfsm: the exporter needs libmicrohttpd, install: "
			"libmicrohttpd12 (%s)\n", missing.text);
	return err;
}
