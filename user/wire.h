/* SPDX-License-Identifier: GPL-2.0 */
/* The states of both ends of every connection, inferred from the segments on the wire. */
#ifndef TCPFSM_WIRE_H
#define TCPFSM_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "event.h"
#include "packet.h"
#include "table.h"

#define WIRE_MAX	65536	/* connections in sight by default, 17 MB */
#define WIRE_EVENTS	32	/* what one segment makes at most, and more */

/**
 * struct wire - connections in sight
 * @conns: them, each a struct wire_conn
 * @queue: events that were not taken yet
 * @head: the next one
 * @tail: where the next one goes
 * @cookies: identities given so far
 * @seq: events made so far
 * @now: ts of the latest segment
 * @evicted: connections forgotten before they ended, to make room
 */
struct wire {
	struct table		conns;
	struct event		queue[WIRE_EVENTS];
	unsigned int		head;
	unsigned int		tail;
	uint64_t		cookies;
	uint64_t		seq;
	uint64_t		now;
	uint64_t		evicted;
};

int wire_init(struct wire *w, size_t max);
void wire_packet(struct wire *w, uint64_t ts, const struct packet *p);
bool wire_pop(struct wire *w, struct event *ev);
void wire_free(struct wire *w);

#endif
