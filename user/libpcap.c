// SPDX-License-Identifier: GPL-2.0
/*
 * libpcap, loaded when a capture is to be read: it brings D-Bus and systemd. Linked statically
 * it is there anyway, see static/libpcap.c.
 */
#include "libpcap.h"
#include "library.h"
#include "util.h"

struct libpcap libpcap;

/**
 * libpcap_load() - have the library
 * @w: set to what is missing
 *
 * Context: process.
 * Return: 0, -ELIBACC with @w set.
 */
int libpcap_load(struct why *w)
{
	/* Debian's, and everybody else's */
	static const char *const sonames[] = { "libpcap.so.0.8", "libpcap.so.1", NULL };
	static const struct library_fn wanted[] = {
		{ (void **)&libpcap.fopen, "pcap_fopen_offline_with_tstamp_precision" },
		{ (void **)&libpcap.datalink, "pcap_datalink" },
		{ (void **)&libpcap.datalink_val_to_name, "pcap_datalink_val_to_name" },
		{ (void **)&libpcap.next_ex, "pcap_next_ex" },
		{ (void **)&libpcap.geterr, "pcap_geterr" },
		{ (void **)&libpcap.file, "pcap_file" },
		{ (void **)&libpcap.close, "pcap_close" },
	};
	struct why missing;
	int err;

	if (libpcap.close)
		return 0;
	err = library_load(sonames, wanted, ARRAY_SIZE(wanted), &missing);
	if (err)
		why(w, "is a capture, which needs libpcap to be read, install: libpcap0.8 (%s)",
		    missing.text);
	return err;
}
