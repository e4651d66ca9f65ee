// SPDX-License-Identifier: GPL-2.0
/*
 * A captured frame to the TCP segment in it. The bytes may be anything, and may end
 * anywhere: each length is checked against what is there before it is believed.
 */
#include <string.h>
#include <sys/socket.h>
#include <linux/if_ether.h>
#include <netinet/in.h>
#include <pcap/dlt.h>

#include "packet.h"
#include "util.h"

#define MOST_HEADERS	16	/* of VLAN tags, and of IPv6 extensions */

/**
 * struct cut - what is left of a frame
 * @at: the next byte
 * @left: bytes that were captured from @at on
 * @len: bytes there were on the wire from @at on
 */
struct cut {
	const uint8_t	*at;
	size_t		left;
	size_t		len;
};

static unsigned int be16(const uint8_t *at)
{
	return at[0] << 8 | at[1];
}

static uint32_t be32(const uint8_t *at)
{
	return (uint32_t)be16(at) << 16 | be16(at + 2);
}

static bool skip(struct cut *c, size_t n)
{
	if (c->left < n || c->len < n)
		return false;
	c->at += n;
	c->left -= n;
	c->len -= n;
	return true;
}

/**
 * packet_link_known() - whether packets of a link type can be read
 * @link: DLT_*
 *
 * Context: any.
 * Return: true when they can.
 */
bool packet_link_known(int link)
{
	switch (link) {
	case DLT_EN10MB:
	case DLT_LINUX_SLL:
	case DLT_LINUX_SLL2:
	case DLT_RAW:
	case DLT_IPV4:
	case DLT_IPV6:
	case DLT_NULL:
	case DLT_LOOP:
		return true;
	}
	return false;
}

/* Step over the link's header: the EtherType, 0 for "see the IP header", -1: cut. */
static int link_header(int link, struct cut *c)
{
	size_t size = 0;	/* of the header */
	size_t type = 0;	/* where its EtherType is */

	switch (link) {
	case DLT_EN10MB:
		size = 14;
		type = 12;
		break;
	case DLT_LINUX_SLL:
		size = 16;
		type = 14;
		break;
	case DLT_LINUX_SLL2:
		size = 20;
		break;
	case DLT_NULL:
	case DLT_LOOP:
		return skip(c, 4) ? 0 : -1;
	default:
		return 0;
	}
	if (!skip(c, size))
		return -1;
	return be16(c->at - size + type);
}

static int vlan_headers(struct cut *c, int type)
{
	unsigned int n;

	for (n = 0; n < MOST_HEADERS; n++) {
		if (type != ETH_P_8021Q && type != ETH_P_8021AD && type != 0x9100)
			return type;
		if (!skip(c, 4))
			return -1;
		type = be16(c->at - 2);
	}
	return ETH_P_LOOP;	/* nothing we read */
}

static void from_option(struct tcpfsm_segment *s, unsigned int kind, const uint8_t *at, size_t len)
{
	if (kind == 2 && len == 2) {
		s->known |= TCPFSM_SEG_MSS;
		s->mss = be16(at);
	} else if (kind == 3 && len == 1) {
		s->known |= TCPFSM_SEG_WSCALE;
		s->wscale = at[0];
	} else if (kind == 4 && !len) {
		s->known |= TCPFSM_SEG_SACK_OK;
	} else if (kind == 8 && len == 8) {
		s->known |= TCPFSM_SEG_TS | TCPFSM_SEG_TSVAL | TCPFSM_SEG_TSECR;
		s->tsval = be32(at);
		s->tsecr = be32(at + 4);
	} else if (kind == 34) {
		s->known |= TCPFSM_SEG_COOKIE;
		s->cookie_len = len;
	}
}

static void from_options(struct tcpfsm_segment *s, const uint8_t *at, size_t left)
{
	while (left && at[0]) {
		if (at[0] == 1) {
			at++;
			left--;
			continue;
		}
		if (left < 2 || at[1] < 2 || at[1] > left)
			return;		/* as the kernel: the rest is not believed */
		from_option(s, at[0], at + 2, at[1] - 2);
		left -= at[1];
		at += at[1];
	}
}

static enum packet_found from_tcp(const struct cut *c, struct packet *p)
{
	struct tcpfsm_segment *s = &p->seg;
	const uint8_t *h = c->at;
	size_t size;

	if (c->left < 20)
		return c->len < 20 ? PACKET_BAD : PACKET_CUT;
	size = (h[12] >> 4) * 4;
	if (size < 20 || size > c->len)
		return PACKET_BAD;
	memcpy(&p->sport, h, 2);
	memcpy(&p->dport, h + 2, 2);
	p->seq = be32(h + 4);
	s->tcp_flags = h[13] & 0x3f;
	s->len = c->len - size;
	s->seq = p->seq;
	if ((s->tcp_flags & (TCPFSM_TH_FIN | TCPFSM_TH_SYN)) == TCPFSM_TH_FIN)
		s->seq += s->len;
	s->win = be16(h + 14);
	s->known = TCPFSM_SEG_SEQ | TCPFSM_SEG_WIN | TCPFSM_SEG_LEN | TCPFSM_SEG_PSH;
	if (s->tcp_flags & TCPFSM_TH_ACK) {
		s->known |= TCPFSM_SEG_ACK;
		s->ack = be32(h + 8);
	}
	if (c->left >= size) {
		s->known |= TCPFSM_SEG_OPTIONS;
		from_options(s, h + 20, size - 20);
	}
	return PACKET_TCP;
}

/* What lies behind the IP headers is no longer than they say: the rest is padding. */
static void shorten(struct cut *c, size_t len)
{
	if (len < c->len)
		c->len = len;
	if (c->left > c->len)
		c->left = c->len;
}

static enum packet_found from_ipv4(struct cut *c, struct packet *p)
{
	const uint8_t *h = c->at;
	size_t total;
	size_t size;

	if (c->left < 20)
		return c->len < 20 ? PACKET_BAD : PACKET_CUT;
	size = (h[0] & 0xf) * 4;
	total = be16(h + 2);
	if (size < 20 || (total && total < size) || total > c->len)
		return PACKET_BAD;
	if (h[9] != IPPROTO_TCP)
		return PACKET_OTHER;
	if (be16(h + 6) & 0x1fff)
		return PACKET_FRAGMENT;
	p->family = AF_INET;
	memcpy(p->src, h + 12, 4);
	memcpy(p->dst, h + 16, 4);
	if (!skip(c, size))
		return PACKET_CUT;
	/* 0: segmentation is left to the network card, which knows the length */
	if (total)
		shorten(c, total - size);
	return from_tcp(c, p);
}

/* Step over what lies between the header and TCP: the protocol, or -1 for a fragment, -2: cut. */
static int extensions(struct cut *c, unsigned int protocol)
{
	unsigned int size;
	unsigned int n;

	for (n = 0; n < MOST_HEADERS; n++) {
		if (protocol != IPPROTO_HOPOPTS && protocol != IPPROTO_ROUTING &&
		    protocol != IPPROTO_DSTOPTS && protocol != IPPROTO_FRAGMENT &&
		    protocol != IPPROTO_AH)
			return protocol;
		if (c->left < 8)
			return -2;
		if (protocol == IPPROTO_FRAGMENT && be16(c->at + 2) & 0xfff8)
			return -1;
		size = protocol == IPPROTO_FRAGMENT ? 8 :
		       protocol == IPPROTO_AH ? (c->at[1] + 2) * 4 : (c->at[1] + 1) * 8;
		protocol = c->at[0];
		if (!skip(c, size))
			return -2;
	}
	return IPPROTO_NONE;
}

static enum packet_found from_ipv6(struct cut *c, struct packet *p)
{
	const uint8_t *h = c->at;
	size_t payload;
	int protocol;

	if (c->left < 40)
		return c->len < 40 ? PACKET_BAD : PACKET_CUT;
	payload = be16(h + 4);
	p->family = AF_INET6;
	memcpy(p->src, h + 8, 16);
	memcpy(p->dst, h + 24, 16);
	if (!skip(c, 40) || payload > c->len)
		return PACKET_BAD;
	if (payload)
		shorten(c, payload);
	protocol = extensions(c, h[6]);
	if (protocol == -1)
		return PACKET_FRAGMENT;
	if (protocol == -2)
		return PACKET_CUT;
	return protocol == IPPROTO_TCP ? from_tcp(c, p) : PACKET_OTHER;
}

/**
 * packet_parse() - the TCP segment in a captured frame
 * @link: DLT_* of the capture
 * @data: the frame
 * @caplen: bytes of it that were captured
 * @len: bytes it had on the wire
 * @p: set for PACKET_TCP
 *
 * Of a fragmented packet the first fragment tells of its own payload only.
 *
 * Context: any.
 * Return: enum packet_found.
 */
enum packet_found packet_parse(int link, const uint8_t *data, size_t caplen, size_t len,
			       struct packet *p)
{
	struct cut c = { .at = data, .left = caplen, .len = len < caplen ? caplen : len };
	int type = link_header(link, &c);

	memset(p, 0, sizeof(*p));
	if (type > 0)
		type = vlan_headers(&c, type);
	if (type < 0 || !c.left)
		return PACKET_CUT;
	if (!type)
		type = c.at[0] >> 4 == 4 ? ETH_P_IP : c.at[0] >> 4 == 6 ? ETH_P_IPV6 : ETH_P_LOOP;
	if (type == ETH_P_IP && c.at[0] >> 4 == 4)
		return from_ipv4(&c, p);
	if (type == ETH_P_IPV6 && c.at[0] >> 4 == 6)
		return from_ipv6(&c, p);
	return PACKET_OTHER;
}
