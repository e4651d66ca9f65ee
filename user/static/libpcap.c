// SPDX-License-Identifier: GPL-2.0
/*
 * libpcap linked statically, in place of ../libpcap.c. It can capture from D-Bus, for which it
 * needs libdbus, which needs libsystemd, which cannot be linked statically. This tool reads files
 * only: with these in place the linker leaves libpcap's own, and those libraries, out.
 */
#include "libpcap.h"

struct libpcap libpcap = {
	.fopen = pcap_fopen_offline_with_tstamp_precision,
	.datalink = pcap_datalink,
	.datalink_val_to_name = pcap_datalink_val_to_name,
	.next_ex = pcap_next_ex,
	.geterr = pcap_geterr,
	.file = pcap_file,
	.close = pcap_close,
};

/**
 * libpcap_load() - have the library
 * @w: left as it is
 *
 * Context: any.
 * Return: 0.
 */
int libpcap_load(struct why *w)
{
	(void)w;
	return 0;
}

int dbus_findalldevs(void *list, char *text);
pcap_t *dbus_create(const char *device, char *text, int *is_ours);

/**
 * dbus_findalldevs() - list devices
 * @list: left as it is
 * @text: left as it is
 *
 * Context: any.
 * Return: 0: there are none.
 */
int dbus_findalldevs(void *list, char *text)
{
	(void)list;
	(void)text;
	return 0;
}

/**
 * dbus_create() - open a device
 * @device: its name
 * @text: left as it is
 * @is_ours: set to 0
 *
 * Context: any.
 * Return: NULL.
 */
pcap_t *dbus_create(const char *device, char *text, int *is_ours)
{
	(void)device;
	(void)text;
	*is_ours = 0;
	return NULL;
}
