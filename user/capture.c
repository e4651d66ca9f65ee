// SPDX-License-Identifier: GPL-2.0
/*
 * Captures of tcpdump, Wireshark and others. libpcap reads the file, pcap or pcapng;
 * packet.c finds the segments, wire.c the states.
 */
#include <errno.h>
#include <string.h>

#include "capture.h"
#include "clock.h"
#include "libpcap.h"
#include "util.h"

/**
 * capture_is() - whether a file is a capture
 * @data: what it begins with
 * @len: bytes of that
 *
 * Context: any.
 * Return: true when it is one that libpcap may read.
 */
bool capture_is(const void *data, size_t len)
{
	static const uint32_t magic[] = {
		0xa1b2c3d4, 0xa1b23c4d, 0xa1b2cd34,	/* pcap: us, ns, an old variant */
		0x0a0d0d0a,				/* pcapng */
	};
	uint32_t m;
	size_t i;

	if (len < sizeof(m))
		return false;
	memcpy(&m, data, sizeof(m));
	for (i = 0; i < ARRAY_SIZE(magic); i++)
		if (m == magic[i] || m == __builtin_bswap32(magic[i]))
			return true;
	return false;
}

static int unknown_link(int link, struct why *w)
{
	const char *name = libpcap.datalink_val_to_name(link);

	return why(w, "captured on a link of type %s (%d), which is not supported; Ethernet, "
		   "Linux cooked, raw IP and loopback are", name ? name : "unknown", link);
}

/**
 * capture_open() - read a capture's header
 * @c: set; capture_close() it in any case
 * @file: where from; capture_close() closes it, unless this fails
 * @max: connections in sight at most
 * @w: set to what is wrong
 *
 * Context: may block as long as the file does.
 * Return: 0 or a negative errno with @w set.
 */
int capture_open(struct capture *c, FILE *file, size_t max, struct why *w)
{
	char text[PCAP_ERRBUF_SIZE] = "";

	memset(c, 0, sizeof(*c));
	if (wire_init(&c->wire, max)) {
		why(w, "no memory");
		return -ENOMEM;
	}
	if (libpcap_load(w))
		return -ELIBACC;
	c->pcap = libpcap.fopen(file, PCAP_TSTAMP_PRECISION_NANO, text);
	if (!c->pcap)
		return why(w, "%s", text);
	c->link = libpcap.datalink(c->pcap);
	return packet_link_known(c->link) ? 0 : unknown_link(c->link, w);
}

/* libpcap's words for a file that ends too early */
static bool ends_early(const char *text)
{
	return strstr(text, "truncated dump file");
}

static int bad_packet(struct capture *c, struct why *w)
{
	const char *text = libpcap.geterr(c->pcap);

	if (ends_early(text)) {
		c->cut = true;
		return 0;
	}
	if (errno == EINTR && ferror(libpcap.file(c->pcap)))
		return -EINTR;
	why(w, "after packet %llu: %s", (unsigned long long)c->packets, text);
	return -EBADMSG;
}

static uint64_t ns_of(const struct pcap_pkthdr *h)
{
	/* with nanoseconds asked for, that is what tv_usec has */
	return h->ts.tv_sec * NSEC_PER_SEC + h->ts.tv_usec;
}

static void take(struct capture *c, const struct pcap_pkthdr *h, const uint8_t *data)
{
	struct packet p;
	unsigned int found = packet_parse(c->link, data, h->caplen, h->len, &p);

	c->packets++;
	c->found[found]++;
	if (found == PACKET_TCP)
		wire_packet(&c->wire, ns_of(h), &p);
}

/**
 * capture_next() - the next event
 * @c: the capture
 * @ev: set
 * @w: set to what is wrong
 *
 * Context: may block as long as the file does.
 * Return: 1 with @ev set; 0 at the end, with @c->cut set when the file ends in the
 * midst of a packet; -EINTR when a signal came; -EBADMSG for a corrupt capture.
 */
int capture_next(struct capture *c, struct event *ev, struct why *w)
{
	struct pcap_pkthdr *h;
	const uint8_t *data;
	int got;

	while (!wire_pop(&c->wire, ev)) {
		errno = 0;
		got = libpcap.next_ex(c->pcap, &h, &data);
		if (got == PCAP_ERROR_BREAK)
			return 0;
		if (got != 1)
			return bad_packet(c, w);
		take(c, h, data);
	}
	return 1;
}

/**
 * capture_close() - close it
 * @c: what capture_open() set
 *
 * Context: any.
 */
void capture_close(struct capture *c)
{
	if (c->pcap)
		libpcap.close(c->pcap);
	c->pcap = NULL;
	wire_free(&c->wire);
}
