/* SPDX-License-Identifier: GPL-2.0 */
/* What happened, in the form every part of the tool passes it on. */
#ifndef TCPFSM_EVENT_H
#define TCPFSM_EVENT_H

#include <stdbool.h>
#include <stdint.h>
#include <linux/tcpfsm.h>

/* Losses the module cannot see, beside its own enum tcpfsm_where */
#define EVENT_W_NETLINK		0x100	/* the socket's buffer was full */

#define EVENT_CPU_UNKNOWN	UINT32_MAX

/**
 * struct event - a record, decoded
 * @kind: TCPFSM_K_STATE, TCPFSM_K_SEGMENT, TCPFSM_K_LOST or TCPFSM_K_FLOW
 * @flags: TCPFSM_F_*
 * @old_state: state left, TCPFSM_S_UNKNOWN in a flow
 * @state: state entered, or the one a flow is in, or in which a segment met it
 * @cause: enum tcpfsm_cause
 * @cpu: where the record was made, or EVENT_CPU_UNKNOWN
 * @where: of a loss: enum tcpfsm_where or EVENT_W_NETLINK
 * @ts: CLOCK_MONOTONIC in ns; of a flow, when the dump looked at it
 * @seq: number of the record on its processor
 * @ns: time in @old_state, of a flow in @state; valid with TCPFSM_F_SINCE
 * @count: of a loss: how many records; of a transition: segments retransmitted so
 *	far, valid with TCPFSM_F_RETRANS
 * @id: the connection
 * @owner: valid with TCPFSM_F_OWNER
 * @seg: of a segment
 * @wire: inferred from a capture: no owner, few causes, and it may not have arrived
 */
struct event {
	uint8_t			kind;
	uint8_t			flags;
	uint8_t			old_state;
	uint8_t			state;
	uint16_t		cause;
	uint32_t		cpu;
	uint32_t		where;
	uint64_t		ts;
	uint64_t		seq;
	uint64_t		ns;
	uint64_t		count;
	struct tcpfsm_id	id;
	struct tcpfsm_owner	owner;
	struct tcpfsm_segment	seg;
	bool			wire;
};

#endif
