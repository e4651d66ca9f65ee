/* SPDX-License-Identifier: GPL-2.0 */
#ifndef TCPFSM_CAPTURE_H
#define TCPFSM_CAPTURE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "wire.h"
#include "why.h"

struct pcap;

/**
 * struct capture - a pcap or pcapng file that is being read
 * @pcap: libpcap's
 * @link: DLT_* of its packets
 * @wire: what they make of the connections
 * @packets: packets read
 * @found: of these, by enum packet_found
 * @cut: the file ends in the midst of a packet
 */
struct capture {
	struct pcap	*pcap;
	int		link;
	struct wire	wire;
	uint64_t	packets;
	uint64_t	found[PACKET_BAD + 1];
	bool		cut;
};

bool capture_is(const void *data, size_t len);
int capture_open(struct capture *c, FILE *file, size_t max, struct why *w);
int capture_next(struct capture *c, struct event *ev, struct why *w);
void capture_close(struct capture *c);

#endif
