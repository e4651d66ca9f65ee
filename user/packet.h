/* SPDX-License-Identifier: GPL-2.0 */
#ifndef TCPFSM_PACKET_H
#define TCPFSM_PACKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <linux/tcpfsm.h>

/**
 * struct packet - a TCP segment as it was on the wire
 * @family: AF_INET or AF_INET6
 * @sport: port it comes from
 * @dport: port it goes to
 * @src: address it comes from, an IPv4 one in the first 4 bytes
 * @dst: address it goes to
 * @seq: sequence number as in the header; @seg.seq of a FIN is the FIN's own
 * @seg: the segment; dir, state and fate are left to others
 */
struct packet {
	uint16_t		family;
	__be16			sport;
	__be16			dport;
	uint8_t			src[16];
	uint8_t			dst[16];
	uint32_t		seq;
	struct tcpfsm_segment	seg;
};

/* What packet_parse() found */
enum packet_found {
	PACKET_TCP,
	PACKET_OTHER,		/* something else, of no interest */
	PACKET_FRAGMENT,	/* a later fragment: it has no TCP header */
	PACKET_CUT,		/* what was captured ends before the TCP header does */
	PACKET_BAD,		/* lengths in it contradict each other */
};

bool packet_link_known(int link);
enum packet_found packet_parse(int link, const uint8_t *data, size_t caplen, size_t len,
			       struct packet *p);

#endif
