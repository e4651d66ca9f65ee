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
 * struct event_segment - a segment; what each field means is in struct tcpfsm_segment_rec
 * @seq: sequence number, of a segment with FIN that of the FIN itself
 * @ack: acknowledgement number
 * @len: bytes of payload
 * @tsval: timestamp
 * @tsecr: timestamp echoed
 * @known: TCPFSM_SEG_*: which of these fields are known
 * @win: window as in the header, not scaled
 * @mss: maximum segment size
 * @retrans: which retransmission it is
 * @tcp_flags: TCPFSM_TH_*
 * @wscale: window scale
 * @cookie_len: bytes of the Fast Open cookie
 * @dir: enum tcpfsm_dir
 * @fate: enum tcpfsm_fate
 */
struct event_segment {
	uint32_t		seq;
	uint32_t		ack;
	uint32_t		len;
	uint32_t		tsval;
	uint32_t		tsecr;
	uint32_t		known;
	uint16_t		win;
	uint16_t		mss;
	uint16_t		retrans;
	uint8_t			tcp_flags;
	uint8_t			wscale;
	uint8_t			cookie_len;
	uint8_t			dir;
	uint8_t			fate;
};

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
	struct event_segment	seg;
};

#endif
