/* SPDX-License-Identifier: GPL-2.0 */
/* A connection on the wire: its two ends, and what each of them met. */
#ifndef TCPFSM_WIRE_CONN_H
#define TCPFSM_WIRE_CONN_H

#include <stdbool.h>
#include <stdint.h>

#include "event.h"
#include "packet.h"
#include "table.h"
#include "wire.h"

/**
 * struct wire_end - one end of a connection
 * @cookie: who it is
 * @since: when it entered @state
 * @isn: its initial sequence number
 * @nxt: all before this has been sent without a gap
 * @fin: number of its FIN
 * @state: enum tcpfsm_state, TCPFSM_S_UNKNOWN when it never had one
 * @has_since: @since is known
 * @has_isn: @isn is known
 * @has_nxt: @nxt is known
 * @has_fin: @fin is known
 * @fin_acked: the other end has acknowledged it
 * @fin_waits: it has not arrived
 * @fin_gap: nor has all that was sent before it
 * @fin_acks: it is the first to acknowledge the other end's FIN
 * @has_syn: @syn is known
 * @stray: @syn came in the midst of a connection
 * @told: the other end was told of @syn
 * @synacked: it has sent a SYN,ACK
 * @syns: SYNs sent again
 * @synacks: SYN,ACKs sent again
 * @fins: FINs sent again
 * @syn: its latest SYN
 * @fin_seg: its FIN
 */
struct wire_end {
	uint64_t		cookie;
	uint64_t		since;
	uint32_t		isn;
	uint32_t		nxt;
	uint32_t		fin;
	uint8_t			state;
	bool			has_since;
	bool			has_isn;
	bool			has_nxt;
	bool			has_fin;
	bool			fin_acked;
	bool			fin_waits;
	bool			fin_gap;
	bool			fin_acks;
	bool			has_syn;
	bool			stray;
	bool			told;
	bool			synacked;
	uint16_t		syns;
	uint16_t		synacks;
	uint16_t		fins;
	struct tcpfsm_segment	syn;
	struct tcpfsm_segment	fin_seg;
};

/**
 * struct wire_key - which connection: the addresses and ports of its ends
 * @addr: of end 0, then of end 1
 * @port: the same
 * @family: of the addresses
 */
struct wire_key {
	uint8_t		addr[2][16];
	__be16		port[2];
	uint16_t	family;
};

/**
 * struct wire_conn - a connection
 * @link: the table's
 * @key: which
 * @older: its beginning was not captured
 * @end: its ends
 */
struct wire_conn {
	struct table_link	link;
	struct wire_key		key;
	bool			older;
	struct wire_end		end[2];
};

/**
 * wire_lives() - whether an end is in a state that a connection is in
 * @e: the end
 *
 * Context: any.
 * Return: true when it is.
 */
static inline bool wire_lives(const struct wire_end *e)
{
	return e->state != TCPFSM_S_UNKNOWN && e->state != TCPFSM_S_CLOSED;
}

/**
 * wire_over() - whether another connection may begin at an end
 * @e: the end
 *
 * Context: any.
 * Return: true when it may.
 */
static inline bool wire_over(const struct wire_end *e)
{
	return !wire_lives(e) || e->state == TCPFSM_S_TIME_WAIT;
}

unsigned int wire_key_of(const struct packet *p, struct wire_key *key);
struct wire_conn *wire_find(struct wire *w, const struct wire_key *key);
struct wire_conn *wire_add(struct wire *w, const struct wire_key *key);
void wire_restart(struct wire *w, struct wire_conn *c);
void wire_tell(struct wire *w, const struct wire_conn *c, unsigned int side, unsigned int dir,
	       const struct tcpfsm_segment *seg, bool nobody);
void wire_tell_both(struct wire *w, const struct wire_conn *c, unsigned int from,
		    const struct tcpfsm_segment *seg);
void wire_move(struct wire *w, struct wire_conn *c, unsigned int side, unsigned int to,
	       unsigned int cause);

#endif
