/* SPDX-License-Identifier: GPL-2.0 */
/* What happened, in the form every part of the tool passes it on. */
#ifndef TCPFSM_EVENT_H
#define TCPFSM_EVENT_H

#include <stdbool.h>
#include <stdint.h>
#include <linux/tcpfsm.h>

/* Losses the module cannot see, beside its own enum tcpfsm_where */
#define EVENT_W_NETLINK		0x100	/* the socket's buffer was full */

/* Causes of what changed no state, beside the module's own enum tcpfsm_cause */
#define EVENT_C_SYN_QUEUE	0x100	/* a SYN was thrown away: the SYN queue was full */

#define EVENT_CPU_UNKNOWN	UINT32_MAX

/**
 * struct event_flood - what a record of a flood counts, see struct tcpfsm_flood_rec
 * @total: SYNs since the flood began
 * @syns: SYNs since the last such record
 * @completed: handshakes completed since then
 * @half_open: flows in SYN_RECEIVED now
 * @sources: addresses the SYNs since then came from, estimated
 */
struct event_flood {
	uint64_t	total;
	uint32_t	syns;
	uint32_t	completed;
	uint32_t	half_open;
	uint32_t	sources;
};

/**
 * struct event - a record, decoded
 * @kind: TCPFSM_K_STATE, _SEGMENT, _LOST, _STUCK, _FLOOD, _SKIPPED; of dumps, _FLOW and
 *	_LISTENER, whose numbers are struct tcpfsm_listener's
 * @flags: TCPFSM_F_*
 * @old_state: state left, TCPFSM_S_UNKNOWN in all but transitions
 * @state: state entered, or the one a flow is in, or in which a segment met it, or in
 *	which a flow is stuck; LISTEN of a flood
 * @alert: of stuck flows and floods: enum tcpfsm_alert
 * @bound: without TCPFSM_F_SINCE: @ns is known to be no less
 * @cause: enum tcpfsm_cause
 * @cpu: where the record was made, or EVENT_CPU_UNKNOWN
 * @where: of a loss: enum tcpfsm_where or EVENT_W_NETLINK
 * @ts: CLOCK_MONOTONIC in ns; of a flow, when the dump looked at it
 * @seq: number of the record on its processor
 * @ns: time in @old_state, of all but transitions in @state; how long a flood goes on,
 *	or somebody listens; valid with TCPFSM_F_SINCE or @bound
 * @count: of a loss: how many records; of a transition: segments retransmitted so
 *	far, valid with TCPFSM_F_RETRANS; of a stuck flow: its threshold in milliseconds
 * @id: the connection
 * @owner: valid with TCPFSM_F_OWNER
 * @seg: of a segment
 * @flood: of a flood
 * @skipped: of what was left out: segments, by enum tcpfsm_skip
 * @wire: inferred from a capture: no owner, few causes, and it may not have arrived
 */
struct event {
	uint8_t			kind;
	uint8_t			flags;
	uint8_t			old_state;
	uint8_t			state;
	uint8_t			alert;
	bool			bound;
	uint16_t		cause;
	uint32_t		cpu;
	uint32_t		where;
	uint64_t		ts;
	uint64_t		seq;
	uint64_t		ns;
	uint64_t		count;
	struct tcpfsm_id	id;
	struct tcpfsm_owner	owner;
	union {
		struct tcpfsm_segment	seg;
		struct event_flood	flood;
		uint64_t		skipped[__TCPFSM_SKIP_MAX];
	};
	bool			wire;
};

/* Those the module's group "alerts" has: what an operator is woken for, and what was left out */
static inline bool event_is_alert(const struct event *ev)
{
	switch (ev->kind) {
	case TCPFSM_K_STUCK:
	case TCPFSM_K_FLOOD:
	case TCPFSM_K_SKIPPED:
	case TCPFSM_K_LOST:
		return true;
	case TCPFSM_K_SEGMENT:
		return ev->seg.known & TCPFSM_SEG_ILLEGAL;
	default:
		return false;
	}
}

/* Those that belong to no connection that filters could ask for: they are always shown */
static inline bool event_is_gap(const struct event *ev)
{
	return ev->kind == TCPFSM_K_LOST || ev->kind == TCPFSM_K_SKIPPED;
}

#endif
