/* SPDX-License-Identifier: GPL-2.0 */
/* A connection as the judge follows it: what it was, event by event. */
#ifndef TCPFSM_FLOW_H
#define TCPFSM_FLOW_H

#include <stdbool.h>
#include <stdint.h>

#include "event.h"
#include "conn.h"
#include "table.h"
#include "verdict.h"

/**
 * struct flow - a connection in sight
 * @link: the table's
 * @cookie: who it is
 * @state: enum tcpfsm_state as last told, TCPFSM_S_UNKNOWN before the first transition
 * @opened: the handshake is judged
 * @three: FIN and ACK of FIN came, or went, in one segment
 * @simultaneous: it was in SYN_RECEIVED after SYN_SENT
 * @drops: of its segments, one was thrown away as the accept queue was full
 * @duplicate: another flow has taken its segments; nothing is to be said
 * @beginning: its first transition was its first
 * @shut: the first FIN was ours, by shutdown()
 * @crossed: it was in CLOSING
 * @numbered: the peer's initial number was compared with its earlier ones
 * @seen: SYN, SYN,ACK and FIN that were seen, by enum tcpfsm_dir
 * @losses: of the judge, when it began
 * @judged: of the judge, when it was looked at last
 * @first: ts of its first transition
 * @fin_at: ts of the first FIN
 * @last: ts of its latest event
 * @conn: what the rules know
 * @findings: what they found
 * @v: the verdict so far
 */
struct flow {
	struct table_link	link;
	uint64_t		cookie;
	uint8_t			state;
	bool			opened;
	bool			three;
	bool			simultaneous;
	bool			drops;
	bool			duplicate;
	bool			beginning;
	bool			shut;
	bool			crossed;
	bool			numbered;
	uint8_t			seen[2];
	uint64_t		losses;
	uint64_t		judged;
	uint64_t		first;
	uint64_t		fin_at;
	uint64_t		last;
	struct conn		conn;
	struct findings		findings;
	struct verdict		v;
};

void flow_segment(struct flow *f, const struct tcpfsm_segment *s);
void flow_leave(struct flow *f, const struct event *ev);
void flow_enter(struct flow *f, const struct event *ev);
void flow_cut(struct flow *f, enum verdict_missing why, uint64_t now);
void flow_sum_up(struct flow *f);

#endif
