/* SPDX-License-Identifier: GPL-2.0 */
/* What is known of a connection, of which the rules are asked. */
#ifndef TCPFSM_CONN_H
#define TCPFSM_CONN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "event.h"
#include "util.h"

/* States, as bits: where a SYN belongs, and where the peer's FIN has come */
#define CONN_OPENING	(BIT(TCPFSM_S_UNKNOWN) | BIT(TCPFSM_S_CLOSED) | BIT(TCPFSM_S_LISTEN) | \
			 BIT(TCPFSM_S_SYN_SENT) | BIT(TCPFSM_S_SYN_RECEIVED))
#define CONN_HAS_FIN	(BIT(TCPFSM_S_CLOSE_WAIT) | BIT(TCPFSM_S_CLOSING) | \
			 BIT(TCPFSM_S_LAST_ACK) | BIT(TCPFSM_S_TIME_WAIT))

/**
 * struct finding - a rule that was broken
 * @rule: enum rule_id
 * @dir: whose doing it is: TCPFSM_DIR_OUT ours, TCPFSM_DIR_IN the peer's
 * @numbers: @got and @want are numbers
 * @got: what was seen; of a transition the states, old << 8 | new
 * @want: what the rule wants
 */
struct finding {
	uint8_t		rule;
	uint8_t		dir;
	bool		numbers;
	uint32_t	got;
	uint32_t	want;
};

/* What is known of an end; bits */
#define END_ISN		(1 << 0)
#define END_FIN		(1 << 1)
#define END_OPTIONS	(1 << 2)
#define END_TSVAL	(1 << 3)
#define END_SYN_LEN	(1 << 4)

/**
 * struct end - one end of a connection, as far as its segments told
 * @known: END_*
 * @isn: number of its SYN
 * @fin: number of its FIN
 * @syn_len: bytes its SYN carried at most
 * @syn_opts: TCPFSM_SEG_* of the options its SYNs carried
 * @tsval: timestamp of its first SYN
 * @tsval_last: timestamp of its last segment that bore one and was seen
 * @tsval_syn: timestamp of its last SYN
 * @syn_data: its SYN brought data and a Fast Open cookie
 */
struct end {
	uint32_t	known;
	uint32_t	isn;
	uint32_t	fin;
	uint32_t	syn_len;
	uint32_t	syn_opts;
	uint32_t	tsval;
	uint32_t	tsval_last;
	uint32_t	tsval_syn;
	bool		syn_data;
};

/**
 * struct arrival - a segment that came
 * @seg: it
 * @number: which one of those that came, from 1; 0 for none
 * @asked: the rules were asked of it
 */
struct arrival {
	struct tcpfsm_segment	seg;
	uint32_t		number;
	bool			asked;
};

/**
 * struct conn - what the rules know of a connection
 * @end: by enum tcpfsm_dir of what it sends: the peer at _IN, we at _OUT
 * @gaps: part of its history is missing: nothing follows from what was not seen
 * @unseen: a segment there must have been was not seen
 * @fast_open: it is a Fast Open one, data may come before the third segment
 * @resent: the third segment may not be the first of its kind
 * @third_next: the last segment was a SYN,ACK we received
 * @arrivals: segments that came so far
 * @last: the last one
 * @last_fin: the last one with FIN
 * @reply: what we acknowledged since @last_fin came
 * @has_reply: @reply is set
 * @fin_number: the arrival that brought the peer's FIN, 0 for none
 * @ack_number: the arrival that acknowledged ours, 0 for none
 * @reuse: enum tcpfsm_cause, how it took over a TIME_WAIT, or TCPFSM_C_UNKNOWN
 * @old: what is known of the two ends of that TIME_WAIT
 */
struct conn {
	struct end		end[2];
	bool			gaps;
	bool			unseen;
	bool			fast_open;
	bool			resent;
	bool			third_next;
	uint32_t		arrivals;
	struct arrival		last;
	struct arrival		last_fin;
	struct tcpfsm_segment	reply;
	bool			has_reply;
	uint32_t		fin_number;
	uint32_t		ack_number;
	uint16_t		reuse;
	struct end		old[2];
};

/**
 * struct findings - what came of asking
 * @checked: 1 << enum rule_id, rules that could answer
 * @departures: 1 << enum departure
 * @count: rules that were broken
 * @first: the first of them
 * @room: how many fit into @first
 */
struct findings {
	uint64_t	checked;
	uint32_t	departures;
	uint32_t	count;
	struct finding	*first;
	size_t		room;
};

void conn_sent(struct conn *c, const struct tcpfsm_segment *s, struct findings *fs);
void conn_came(struct conn *c, const struct tcpfsm_segment *s, struct findings *fs);
void conn_move(struct conn *c, const struct event *ev, struct findings *fs);
void conn_end(struct conn *c, struct findings *fs);
void conn_gap(struct conn *c);

/**
 * conn_sender() - what is known of the end that sent a segment
 * @c: the connection
 * @s: the segment
 *
 * Context: any.
 * Return: the end.
 */
static inline const struct end *conn_sender(const struct conn *c, const struct tcpfsm_segment *s)
{
	return &c->end[s->dir];
}

/**
 * conn_receiver() - what is known of the other end
 * @c: the connection
 * @s: the segment
 *
 * Context: any.
 * Return: the end.
 */
static inline const struct end *conn_receiver(const struct conn *c,
					      const struct tcpfsm_segment *s)
{
	return &c->end[!s->dir];
}

/**
 * conn_reset_by() - whether a transition is the end, and a RST that was seen made it
 * @ev: the transition
 * @s: the segment that made it, NULL where none was seen
 *
 * Context: any.
 * Return: true when so.
 */
static inline bool conn_reset_by(const struct event *ev, const struct tcpfsm_segment *s)
{
	return ev->cause == TCPFSM_C_RCV_RST && ev->state == TCPFSM_S_CLOSED && s;
}

/* Whether sequence number a comes after b, in a window of 2^31 */
static inline bool seq_after(uint32_t a, uint32_t b)
{
	return (int32_t)(a - b) > 0;
}

#endif
