/* SPDX-License-Identifier: GPL-2.0 */
/* What outlives a connection: how it left TIME_WAIT, its SYN cookie, a peer's numbers. */
#ifndef TCPFSM_MEMORY_H
#define TCPFSM_MEMORY_H

#include <stdbool.h>
#include <stdint.h>

#include "conn.h"

/* What is remembered of a tuple */
enum memory_kind {
	MEMORY_NONE,
	MEMORY_REUSED,		/* a TIME_WAIT that was taken over */
	MEMORY_COOKIE,		/* a SYN cookie was sent */
	MEMORY_DROPPED,		/* its SYN was thrown away */
};

/**
 * struct memory_tuple - what is remembered of two addresses and ports
 * @kind: enum memory_kind
 * @cause: enum tcpfsm_cause, how the TIME_WAIT was taken over
 * @family: of the addresses
 * @lport: local port
 * @rport: remote port
 * @netns: network namespace
 * @laddr: local address
 * @raddr: remote address
 * @ts: when it was remembered
 * @cookie: of the flow that was taken over
 * @end: what was known of the ends
 */
struct memory_tuple {
	uint8_t		kind;
	uint16_t	cause;
	uint16_t	family;
	__be16		lport;
	__be16		rport;
	uint32_t	netns;
	uint8_t		laddr[16];
	uint8_t		raddr[16];
	uint64_t	ts;
	uint64_t	cookie;
	struct end	end[2];
};

struct memory_peer;

/**
 * struct memory - tables of fixed size, in which a newer entry takes the place of an older one
 * @tuples: what is remembered of addresses and ports
 * @peers: what is remembered of peers
 * @forgotten: entries given up for others
 */
struct memory {
	struct memory_tuple	*tuples;
	struct memory_peer	*peers;
	uint64_t		forgotten;
};

int memory_init(struct memory *m);
void memory_free(struct memory *m);
struct memory_tuple *memory_keep(struct memory *m, const struct tcpfsm_id *id,
				 enum memory_kind kind, uint64_t ts);
struct memory_tuple *memory_recall(const struct memory *m, const struct tcpfsm_id *id,
				   enum memory_kind kind);
unsigned int memory_predictable(struct memory *m, const struct tcpfsm_id *id, uint32_t isn,
				uint32_t *step);

#endif
