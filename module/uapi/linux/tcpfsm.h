/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * tcpfsm: the states of every TCP connection, as a generic netlink family.
 *
 * Family "tcpfsm", version 1. All requests need CAP_NET_ADMIN in the user
 * namespace that owns the caller's network namespace. A caller in the initial
 * network namespace is told of all namespaces, any other caller only of its own.
 *
 * TCPFSM_CMD_GET_FLOW (dump)
 *
 *   request: any of TCPFSM_A_FILTER_STATES, TCPFSM_A_FILTER_NETNS,
 *            TCPFSM_A_FILTER_COOKIE, TCPFSM_A_FILTER_OVERDUE; a flow has to
 *            match all that are given
 *   reply, once a flow:
 *     TCPFSM_A_RECORD: binary, struct tcpfsm_flow
 *
 * TCPFSM_CMD_GET_LISTENER (dump)
 *
 *   request: any of TCPFSM_A_FILTER_NETNS, TCPFSM_A_FILTER_COOKIE
 *   reply, once a listener:
 *     TCPFSM_A_RECORD: binary, struct tcpfsm_listener
 *
 * TCPFSM_CMD_GET_STATS (do)
 *
 *   reply:
 *     TCPFSM_A_VERSION: NUL-terminated string, the module's version
 *     TCPFSM_A_INDEX: u64, how many records this namespace has been sent so far, or
 *                     told of as lost by a TCPFSM_K_LOST
 *     TCPFSM_A_STATS: nest of TCPFSM_A_STATS_*, each a u64 or u32; outside the
 *                     initial network namespace only what was lost
 *
 * TCPFSM_CMD_GET_HOOK (dump)
 *
 *   reply, once a hook:
 *     TCPFSM_A_HOOK: nest
 *       TCPFSM_A_HOOK_NAME: NUL-terminated string, the kernel's symbol
 *       TCPFSM_A_HOOK_ATTACHED: u8, 1 when the hook is attached
 *       TCPFSM_A_HOOK_BLIND: NUL-terminated string, what nobody sees without it
 *       TCPFSM_A_HOOK_HITS: u64, how often it ran; in the initial network
 *                           namespace only
 *       TCPFSM_A_HOOK_LACKS: NUL-terminated string, the argument that this kernel does
 *                            not give it; only of an attached hook, if there is one
 *       TCPFSM_A_HOOK_UNKNOWN: NUL-terminated string, what nobody knows without that;
 *                              together with TCPFSM_A_HOOK_LACKS
 *
 * TCPFSM_CMD_GET_TOTALS (do), in the initial network namespace only
 *
 *   reply, each an array of u64, counted since the module was loaded:
 *     TCPFSM_A_MATRIX: transitions, [old state * states + new state]
 *     TCPFSM_A_TIMES: how long states lasted that were left, [state * 40 + n]:
 *                     below 2^n microseconds, and not below 2^(n - 1)
 *     TCPFSM_A_CAUSES: transitions by cause, [enum tcpfsm_cause]
 *     TCPFSM_A_STATES: u32, how many states there are
 *
 * TCPFSM_CMD_GET_CONFIG (do)
 *
 *   reply:
 *     TCPFSM_A_CONFIG: nest of TCPFSM_A_CONFIG_*, each a u32
 *
 * TCPFSM_CMD_SET_CONFIG (do), in the initial network namespace only
 *
 *   request:
 *     TCPFSM_A_CONFIG: nest of those to change; all or none of them are changed
 *
 * TCPFSM_CMD_EVENTS (notification, multicast group "events")
 *
 *     TCPFSM_A_INDEX: u64, how many records this namespace was sent before, each
 *                     TCPFSM_K_LOST being as many as it says were lost; a
 *                     listener that expected another value lost the difference
 *     TCPFSM_A_UNTIL: u64, CLOCK_MONOTONIC in ns: no message after this one has a
 *                     record that was made before, so those that were are in order
 *                     when sorted by their time; it may lie before records of this
 *                     message
 *     TCPFSM_A_RECORDS: binary, records back to back, each one beginning with
 *                       struct tcpfsm_rec; the next one follows after rec.size
 *                       bytes, a multiple of 8
 *
 * TCPFSM_CMD_ALERTS (notification, multicast group "alerts")
 *
 *     as TCPFSM_CMD_EVENTS, with an index of its own and these records alone:
 *     those of stuck flows and floods, segments with TCPFSM_SEG_ILLEGAL, what was
 *     left out, and what was lost. They are in the group "events" as well.
 *
 * Records are in host byte order except where __be16 says otherwise. A record
 * grows only at its end: a reader takes the fields it knows and steps by size,
 * and treats fields beyond size as unknown. Unknown kinds are stepped over.
 */
#ifndef _UAPI_LINUX_TCPFSM_H
#define _UAPI_LINUX_TCPFSM_H

#include <linux/types.h>

#define TCPFSM_GENL_NAME		"tcpfsm"
#define TCPFSM_GENL_VERSION		1
#define TCPFSM_MCGRP_EVENTS		"events"
#define TCPFSM_MCGRP_ALERTS		"alerts"

#define TCPFSM_COMM_LEN			16

enum tcpfsm_cmd {
	TCPFSM_CMD_UNSPEC,
	TCPFSM_CMD_GET_FLOW,
	TCPFSM_CMD_GET_STATS,
	TCPFSM_CMD_GET_HOOK,
	TCPFSM_CMD_EVENTS,
	TCPFSM_CMD_ALERTS,
	TCPFSM_CMD_GET_LISTENER,
	TCPFSM_CMD_GET_TOTALS,
	TCPFSM_CMD_GET_CONFIG,
	TCPFSM_CMD_SET_CONFIG,
	__TCPFSM_CMD_MAX,
};

#define TCPFSM_CMD_MAX (__TCPFSM_CMD_MAX - 1)

enum tcpfsm_attr {
	TCPFSM_A_UNSPEC,
	TCPFSM_A_PAD,
	TCPFSM_A_VERSION,		/* string */
	TCPFSM_A_RECORD,		/* binary, one record */
	TCPFSM_A_RECORDS,		/* binary, many records */
	TCPFSM_A_INDEX,			/* u64 */
	TCPFSM_A_STATS,			/* nest, TCPFSM_A_STATS_* */
	TCPFSM_A_HOOK,			/* nest, TCPFSM_A_HOOK_* */
	TCPFSM_A_FILTER_STATES,		/* u32, bit 1 << enum tcpfsm_state */
	TCPFSM_A_FILTER_NETNS,		/* u32, inode of the namespace */
	TCPFSM_A_FILTER_COOKIE,		/* u64 */
	TCPFSM_A_FILTER_OVERDUE,	/* flag: in a state for longer than its threshold */
	TCPFSM_A_CONFIG,		/* nest, TCPFSM_A_CONFIG_* */
	TCPFSM_A_MATRIX,		/* binary, u64 each */
	TCPFSM_A_TIMES,			/* binary, u64 each */
	TCPFSM_A_CAUSES,		/* binary, u64 each */
	TCPFSM_A_STATES,		/* u32 */
	TCPFSM_A_UNTIL,			/* u64 */
	__TCPFSM_A_MAX,
};

#define TCPFSM_A_MAX (__TCPFSM_A_MAX - 1)

enum tcpfsm_attr_stats {
	TCPFSM_A_STATS_UNSPEC,
	TCPFSM_A_STATS_PAD,
	TCPFSM_A_STATS_TRANSITIONS,	/* u64, with a record each if anybody listened */
	TCPFSM_A_STATS_LOST_RING,	/* u64, records lost to a full ring */
	TCPFSM_A_STATS_LOST_SEND,	/* u64, records no message could be made for */
	TCPFSM_A_STATS_SENT,		/* u64, records multicast */
	TCPFSM_A_STATS_UNHEARD,		/* u64, records dropped: none who listened had room */
	TCPFSM_A_STATS_FLOWS,		/* u32, flows in the table */
	TCPFSM_A_STATS_FLOWS_PEAK,	/* u32, the most there have been */
	TCPFSM_A_STATS_FLOWS_MAX,	/* u32, parameter max_flows */
	TCPFSM_A_STATS_OVERFLOW,	/* u64, flows that found the table full */
	TCPFSM_A_STATS_RING_RECORDS,	/* u32, parameter ring_records, a CPU */
	TCPFSM_A_STATS_SEGMENTS,	/* u64, segment records made */
	TCPFSM_A_STATS_SKIPPED,		/* u64, segments that were counted, not recorded */
	TCPFSM_A_STATS_OVERDUE,		/* u32, flows that are stuck now */
	TCPFSM_A_STATS_TAKEN_OVER,	/* u32, found when the module was loaded */
	TCPFSM_A_STATS_LISTENER_OVERFLOW, /* u64, listeners beyond max_listeners */
	__TCPFSM_A_STATS_MAX,
};

#define TCPFSM_A_STATS_MAX (__TCPFSM_A_STATS_MAX - 1)

/* Thresholds are milliseconds in a state after which a flow is stuck, 0 for never. */
enum tcpfsm_attr_config {
	TCPFSM_A_CONFIG_UNSPEC,
	TCPFSM_A_CONFIG_SYN_SENT,
	TCPFSM_A_CONFIG_SYN_RECEIVED,
	TCPFSM_A_CONFIG_UNACCEPTED,	/* ESTABLISHED, and no process has accepted it */
	TCPFSM_A_CONFIG_FIN_WAIT_1,
	TCPFSM_A_CONFIG_FIN_WAIT_2,
	TCPFSM_A_CONFIG_CLOSE_WAIT,
	TCPFSM_A_CONFIG_CLOSING,
	TCPFSM_A_CONFIG_LAST_ACK,
	TCPFSM_A_CONFIG_FLOOD_RATE,	/* SYNs a second at one listener that may be a flood */
	TCPFSM_A_CONFIG_FLOOD_PERCENT,	/* of them that came to nothing, in a flood */
	TCPFSM_A_CONFIG_STRAY_RATE,	/* segments that do nothing, recorded a second, CPU */
	__TCPFSM_A_CONFIG_MAX,
};

#define TCPFSM_A_CONFIG_MAX (__TCPFSM_A_CONFIG_MAX - 1)

enum tcpfsm_attr_hook {
	TCPFSM_A_HOOK_UNSPEC,
	TCPFSM_A_HOOK_PAD,
	TCPFSM_A_HOOK_NAME,		/* string */
	TCPFSM_A_HOOK_ATTACHED,		/* u8 */
	TCPFSM_A_HOOK_BLIND,		/* string */
	TCPFSM_A_HOOK_HITS,		/* u64 */
	TCPFSM_A_HOOK_LACKS,		/* string */
	TCPFSM_A_HOOK_UNKNOWN,		/* string */
	__TCPFSM_A_HOOK_MAX,
};

#define TCPFSM_A_HOOK_MAX (__TCPFSM_A_HOOK_MAX - 1)

/* The states of RFC 9293, section 3.3.2; the numbers are tcpfsm's own. */
enum tcpfsm_state {
	TCPFSM_S_UNKNOWN,
	TCPFSM_S_CLOSED,
	TCPFSM_S_LISTEN,
	TCPFSM_S_SYN_SENT,
	TCPFSM_S_SYN_RECEIVED,
	TCPFSM_S_ESTABLISHED,
	TCPFSM_S_FIN_WAIT_1,
	TCPFSM_S_FIN_WAIT_2,
	TCPFSM_S_CLOSE_WAIT,
	TCPFSM_S_CLOSING,
	TCPFSM_S_LAST_ACK,
	TCPFSM_S_TIME_WAIT,
	__TCPFSM_S_MAX,
};

#define TCPFSM_S_MAX (__TCPFSM_S_MAX - 1)

/*
 * What made a flow change its state. Only what the hooks saw: where two causes
 * could not be told apart it is TCPFSM_C_UNKNOWN.
 */
enum tcpfsm_cause {
	TCPFSM_C_UNKNOWN,
	/* the application */
	TCPFSM_C_CONNECT,		/* active OPEN */
	TCPFSM_C_LISTEN,		/* passive OPEN */
	TCPFSM_C_CLOSE,			/* close() */
	TCPFSM_C_SHUTDOWN,		/* shutdown() */
	TCPFSM_C_EXIT,			/* the process ended, the kernel closed */
	TCPFSM_C_LINGER,		/* ABORT: close() with SO_LINGER 0 */
	TCPFSM_C_UNREAD,		/* ABORT: close() with unread data */
	TCPFSM_C_DATA_AFTER_CLOSE,	/* ABORT: data came for a closed socket */
	TCPFSM_C_DISCONNECT,		/* ABORT: connect(AF_UNSPEC) */
	TCPFSM_C_DESTROY,		/* ABORT: SOCK_DESTROY (ss -K) */
	TCPFSM_C_CONNECT_FAILED,	/* connect() found no port or route */
	/* segments */
	TCPFSM_C_RCV_SYN,
	TCPFSM_C_RCV_SYNACK,
	TCPFSM_C_RCV_ACK,
	TCPFSM_C_RCV_ACK_OF_FIN,
	TCPFSM_C_RCV_FIN,
	TCPFSM_C_RCV_RST,
	TCPFSM_C_SYN_COOKIE,		/* ACK of a SYN cookie */
	TCPFSM_C_FAST_OPEN,		/* SYN with a Fast Open cookie */
	TCPFSM_C_REUSE_SYN,		/* a SYN took over a TIME_WAIT */
	TCPFSM_C_REUSE_CONNECT,		/* connect() took over a TIME_WAIT */
	/* timers */
	TCPFSM_C_RTO,			/* data or FIN unanswered, tcp_retries2 */
	TCPFSM_C_SYNACK_TIMEOUT,	/* SYN,ACK unanswered, tcp_synack_retries */
	TCPFSM_C_FIN_TIMEOUT,		/* FIN_WAIT_2 of an orphan, tcp_fin_timeout */
	TCPFSM_C_2MSL,			/* TIME_WAIT ran its course */
	/* others */
	TCPFSM_C_ICMP,			/* an ICMP error */
	TCPFSM_C_LISTENER_CLOSED,
	TCPFSM_C_NETNS_GONE,
	TCPFSM_C_TW_SKIPPED,		/* no room for a TIME_WAIT */
	TCPFSM_C_ORPHAN_LIMIT,
	TCPFSM_C_ACCEPT_QUEUE,		/* the accept queue was full */
	TCPFSM_C_DUPLICATE_SYN,		/* two CPUs raced for one SYN; the other won */
	/* more timers */
	TCPFSM_C_SYN_TIMEOUT,		/* SYN unanswered, tcp_syn_retries */
	TCPFSM_C_KEEPALIVE,		/* keepalive probes unanswered */
	TCPFSM_C_USER_TIMEOUT,		/* TCP_USER_TIMEOUT passed */
	TCPFSM_C_PROBE_TIMEOUT,		/* zero window probes unanswered */
	__TCPFSM_C_MAX,
};

#define TCPFSM_C_MAX (__TCPFSM_C_MAX - 1)

enum tcpfsm_kind {
	TCPFSM_K_UNSPEC,
	TCPFSM_K_STATE,			/* struct tcpfsm_state_rec */
	TCPFSM_K_LOST,			/* struct tcpfsm_lost_rec */
	TCPFSM_K_FLOW,			/* struct tcpfsm_flow, in dumps only */
	TCPFSM_K_SEGMENT,		/* struct tcpfsm_segment_rec */
	TCPFSM_K_STUCK,			/* struct tcpfsm_stuck_rec */
	TCPFSM_K_FLOOD,			/* struct tcpfsm_flood_rec */
	TCPFSM_K_SKIPPED,		/* struct tcpfsm_skipped_rec */
	TCPFSM_K_LISTENER,		/* struct tcpfsm_listener, in dumps only */
};

/* Flags of a state record and of a flow */
#define TCPFSM_F_OWNER		(1 << 0) /* pid, uid and comm are known */
#define TCPFSM_F_SINCE		(1 << 1) /* the time in the old state is known */
#define TCPFSM_F_PREEXISTING	(1 << 2) /* its beginning was not seen: older than the module */
#define TCPFSM_F_UNTRACKED	(1 << 3) /* flow table was full */
#define TCPFSM_F_ORPHAN		(1 << 4) /* no process holds the socket any more */
#define TCPFSM_F_INHERITED	(1 << 5) /* the owner is the listener's; not accepted yet */
#define TCPFSM_F_RETRANS	(1 << 6) /* the number of retransmissions is known */
#define TCPFSM_F_OVERDUE	(1 << 7) /* in its state for longer than the threshold */

/**
 * struct tcpfsm_rec - what every record begins with
 * @size: bytes of the whole record, a multiple of 8
 * @kind: enum tcpfsm_kind
 * @flags: TCPFSM_F_*
 * @cpu: processor the record was made on; records of one processor are in order
 * @ts: CLOCK_MONOTONIC in ns; in a flow, when it entered its state
 * @seq: number of the record on its processor; lost ones are counted too
 */
struct tcpfsm_rec {
	__u16	size;
	__u8	kind;
	__u8	flags;
	__u32	cpu;
	__u64	ts;
	__u64	seq;
};

/**
 * struct tcpfsm_id - which connection
 * @cookie: socket cookie, as ss -e and SO_COOKIE give it
 * @netns: inode of the network namespace
 * @family: AF_INET or AF_INET6 (an IPv4 peer of an AF_INET6 socket is mapped)
 * @lport: local port
 * @rport: remote port, 0 for a listener
 * @laddr: local address, an IPv4 one in the first 4 bytes
 * @raddr: remote address
 */
struct tcpfsm_id {
	__u64	cookie;
	__u32	netns;
	__u16	family;
	__u16	pad;
	__be16	lport;
	__be16	rport;
	__u32	pad2;
	__u8	laddr[16];
	__u8	raddr[16];
};

/**
 * struct tcpfsm_owner - who opened, accepted or listens; see TCPFSM_F_OWNER
 * @pid: process, in the initial pid namespace
 * @uid: user, in the initial user namespace
 * @comm: name of the thread, NUL-terminated
 */
struct tcpfsm_owner {
	__u32	pid;
	__u32	uid;
	char	comm[TCPFSM_COMM_LEN];
};

/**
 * struct tcpfsm_state_rec - TCPFSM_K_STATE: a flow went from one state to another
 * @rec: header
 * @id: the connection
 * @owner: valid with TCPFSM_F_OWNER
 * @ns_in_old: time in the old state, valid with TCPFSM_F_SINCE
 * @old_state: enum tcpfsm_state
 * @new_state: enum tcpfsm_state
 * @cause: enum tcpfsm_cause
 * @retrans: segments retransmitted so far, with data or without, valid with
 *	TCPFSM_F_RETRANS
 */
struct tcpfsm_state_rec {
	struct tcpfsm_rec	rec;
	struct tcpfsm_id	id;
	struct tcpfsm_owner	owner;
	__u64			ns_in_old;
	__u8			old_state;
	__u8			new_state;
	__u16			cause;
	__u32			retrans;
};

/* Which way a segment went */
enum tcpfsm_dir {
	TCPFSM_DIR_IN,
	TCPFSM_DIR_OUT,
};

/* The bits of struct tcphdr, of @tcp_flags */
#define TCPFSM_TH_FIN		0x01
#define TCPFSM_TH_SYN		0x02
#define TCPFSM_TH_RST		0x04
#define TCPFSM_TH_PSH		0x08
#define TCPFSM_TH_ACK		0x10
#define TCPFSM_TH_URG		0x20

/* What is known of a segment; a field whose bit is not set is 0 and means nothing */
#define TCPFSM_SEG_SEQ		(1 << 0)
#define TCPFSM_SEG_ACK		(1 << 1) /* and the segment has ACK set */
#define TCPFSM_SEG_WIN		(1 << 2)
#define TCPFSM_SEG_LEN		(1 << 3)
#define TCPFSM_SEG_PSH		(1 << 4) /* PSH and URG in @tcp_flags, not only the others */
#define TCPFSM_SEG_OPTIONS	(1 << 5) /* which of the options below there were */
#define TCPFSM_SEG_MSS		(1 << 6)
#define TCPFSM_SEG_WSCALE	(1 << 7)
#define TCPFSM_SEG_SACK_OK	(1 << 8)
#define TCPFSM_SEG_TS		(1 << 9) /* the timestamps option was there */
#define TCPFSM_SEG_TSVAL	(1 << 10)
#define TCPFSM_SEG_TSECR	(1 << 11)
#define TCPFSM_SEG_COOKIE	(1 << 12) /* the Fast Open option was there */
#define TCPFSM_SEG_RETRANS	(1 << 13) /* which retransmission it is */
/* of a FIN sent: it is also the first to acknowledge the peer's FIN */
#define TCPFSM_SEG_FIRST_ACK	(1 << 14)
/* no stack that keeps to the rules sends it to a connection in this state */
#define TCPFSM_SEG_ILLEGAL	(1 << 15)

/* What became of a segment, where that is known when the record is made */
enum tcpfsm_fate {
	TCPFSM_FATE_NONE,		/* nothing to say: taken, or sent */
	/* of those received */
	TCPFSM_FATE_DROPPED,		/* thrown away; at most an ordinary ACK answers it */
	TCPFSM_FATE_RESET,		/* refused, as nobody expected it; a RST answers it */
	TCPFSM_FATE_CHALLENGED,		/* thrown away; a challenge ACK answers it, RFC 5961 */
	TCPFSM_FATE_SYN_QUEUE,		/* thrown away: the SYN queue is full */
	TCPFSM_FATE_ACCEPT_QUEUE,	/* thrown away: the accept queue is full */
	TCPFSM_FATE_BAD_COOKIE,		/* refused: acknowledges no SYN cookie of ours */
	/* of those sent */
	TCPFSM_FATE_COOKIE,		/* a SYN,ACK whose number is a SYN cookie */
	TCPFSM_FATE_QUEUED,		/* a FIN behind data or a closed window, or held back */
	__TCPFSM_FATE_MAX,
};

#define TCPFSM_FATE_MAX (__TCPFSM_FATE_MAX - 1)

/**
 * struct tcpfsm_segment - what a segment says
 * @seq: sequence number; of a segment with FIN that of the FIN itself, which is
 *	the segment's plus its payload
 * @ack: acknowledgment number
 * @len: bytes of payload
 * @tsval: timestamp
 * @tsecr: timestamp echoed
 * @known: TCPFSM_SEG_*
 * @win: window as in the header, not scaled
 * @mss: maximum segment size
 * @retrans: which retransmission it is, 0 for the first sending
 * @tcp_flags: TCPFSM_TH_*
 * @wscale: window scale
 * @cookie_len: bytes of the Fast Open cookie, 0 when one is asked for
 * @dir: enum tcpfsm_dir
 * @state: enum tcpfsm_state the flow was in, LISTEN for a segment to a listener,
 *	CLOSED where nobody listens
 * @fate: enum tcpfsm_fate
 */
struct tcpfsm_segment {
	__u32	seq;
	__u32	ack;
	__u32	len;
	__u32	tsval;
	__u32	tsecr;
	__u32	known;
	__u16	win;
	__u16	mss;
	__u16	retrans;
	__u8	tcp_flags;
	__u8	wscale;
	__u8	cookie_len;
	__u8	dir;
	__u8	state;
	__u8	fate;
	__u32	pad;
};

/**
 * struct tcpfsm_segment_rec - TCPFSM_K_SEGMENT: a segment came or was sent
 * @rec: header
 * @id: the connection; @id.cookie is 0 for a segment that belongs to none
 * @seg: the segment
 */
struct tcpfsm_segment_rec {
	struct tcpfsm_rec	rec;
	struct tcpfsm_id	id;
	struct tcpfsm_segment	seg;
};

/* Where records were lost; a gap in TCPFSM_A_INDEX tells of those lost later */
enum tcpfsm_where {
	TCPFSM_W_UNSPEC,
	TCPFSM_W_RING,		/* the processor's ring was full */
};

/**
 * struct tcpfsm_lost_rec - TCPFSM_K_LOST: records are missing here
 * @rec: header; @rec.seq is the number of the first one lost
 * @count: how many
 * @where: enum tcpfsm_where
 * @pad: 0
 */
struct tcpfsm_lost_rec {
	struct tcpfsm_rec	rec;
	__u64			count;
	__u32			where;
	__u32			pad;
};

/* An alert is told of when it begins and when it is over. */
enum tcpfsm_alert {
	TCPFSM_ALERT_UNSPEC,
	TCPFSM_ALERT_BEGIN,
	TCPFSM_ALERT_GOES_ON,		/* of a flood, now and then */
	TCPFSM_ALERT_END,
};

/**
 * struct tcpfsm_stuck_rec - TCPFSM_K_STUCK: a flow passed a state's threshold,
 *	or left the state after that
 * @rec: header; without TCPFSM_F_SINCE @since is the latest it can be
 * @id: the connection
 * @owner: valid with TCPFSM_F_OWNER
 * @since: CLOCK_MONOTONIC in ns when it entered @state
 * @state: enum tcpfsm_state
 * @alert: enum tcpfsm_alert
 * @cause: enum tcpfsm_cause that led to @state; at the end, to the next one,
 *	TCPFSM_C_UNKNOWN if it was accepted or another threshold was set
 * @threshold: milliseconds
 */
struct tcpfsm_stuck_rec {
	struct tcpfsm_rec	rec;
	struct tcpfsm_id	id;
	struct tcpfsm_owner	owner;
	__u64			since;
	__u8			state;
	__u8			alert;
	__u16			cause;
	__u32			threshold;
};

/**
 * struct tcpfsm_flood_rec - TCPFSM_K_FLOOD: SYNs flood a listener
 * @rec: header
 * @id: the listener
 * @since: CLOCK_MONOTONIC in ns when it began
 * @syns: that came since the last such record
 * @completed: handshakes completed since then
 * @half_open: now
 * @sources: addresses the SYNs since then came from, estimated (a tenth is usual)
 * @syns_total: since the flood began
 * @alert: enum tcpfsm_alert
 * @pad: 0
 */
struct tcpfsm_flood_rec {
	struct tcpfsm_rec	rec;
	struct tcpfsm_id	id;
	__u64			since;
	__u64			syns_total;
	__u32			syns;
	__u32			completed;
	__u32			half_open;
	__u32			sources;
	__u8			alert;
	__u8			pad[7];
};

/* Which segments were counted instead of recorded, when there were too many */
enum tcpfsm_skip {
	TCPFSM_SKIP_SYN,		/* SYNs thrown away: the SYN or accept queue is full */
	TCPFSM_SKIP_COOKIE,		/* SYN,ACKs with SYN cookies, and the SYNs they answer */
	TCPFSM_SKIP_REFUSED,		/* segments nobody expected, and the RSTs that answer */
	TCPFSM_SKIP_DROPPED,		/* others thrown away, challenged ones among them */
	__TCPFSM_SKIP_MAX,
};

/**
 * struct tcpfsm_skipped_rec - TCPFSM_K_SKIPPED: segments that were not recorded
 * @rec: header
 * @count: how many, by enum tcpfsm_skip, since the last such record
 */
struct tcpfsm_skipped_rec {
	struct tcpfsm_rec	rec;
	__u64			count[__TCPFSM_SKIP_MAX];
};

/**
 * struct tcpfsm_listener - TCPFSM_K_LISTENER: a listener and what came to it,
 *	counted since it was first seen
 * @rec: header; @rec.ts is when it began to listen, valid with TCPFSM_F_SINCE,
 *	otherwise when it was first seen
 * @id: the listener
 * @owner: valid with TCPFSM_F_OWNER
 * @now: CLOCK_MONOTONIC when the dump looked at it
 * @syns: SYNs that came, those thrown away too
 * @completed: handshakes completed, with a SYN cookie or without
 * @synack_retrans: SYN,ACKs retransmitted
 * @expired: half-open flows whose SYN,ACK was never answered
 * @syn_drops: SYNs thrown away, as the SYN queue was full, or there was no route back
 * @accept_drops: SYNs, and ACKs that complete a handshake, thrown away as the
 *	accept queue was full
 * @cookies_sent: SYN,ACKs with a SYN cookie
 * @cookies_ok: ACKs that acknowledged one
 * @cookies_bad: ACKs that acknowledged none
 * @accepted: connections that a process accepted
 * @accept_ns: how long they waited for it, in sum, where that is known
 * @accept_max_ns: the longest wait
 * @half_open: flows in SYN_RECEIVED now
 * @half_open_peak: the most there have been
 * @waiting: flows that wait for accept() now
 * @waiting_peak: the most there have been
 * @floods: how many floods there were
 * @flooded: one is going on
 */
struct tcpfsm_listener {
	struct tcpfsm_rec	rec;
	struct tcpfsm_id	id;
	struct tcpfsm_owner	owner;
	__u64			now;
	__u64			syns;
	__u64			completed;
	__u64			synack_retrans;
	__u64			expired;
	__u64			syn_drops;
	__u64			accept_drops;
	__u64			cookies_sent;
	__u64			cookies_ok;
	__u64			cookies_bad;
	__u64			accepted;
	__u64			accept_ns;
	__u64			accept_max_ns;
	__u32			half_open;
	__u32			half_open_peak;
	__u32			waiting;
	__u32			waiting_peak;
	__u32			floods;
	__u32			flooded;
};

/**
 * struct tcpfsm_flow - TCPFSM_K_FLOW: a connection and the state it is in
 * @rec: header; @rec.ts is when it entered @state, valid with TCPFSM_F_SINCE;
 *	without it the latest it can be, or 0
 * @id: the connection
 * @owner: valid with TCPFSM_F_OWNER
 * @now: CLOCK_MONOTONIC when the dump looked at it
 * @state: enum tcpfsm_state
 * @pad8: 0
 * @cause: enum tcpfsm_cause that led to @state
 * @pad: 0
 */
struct tcpfsm_flow {
	struct tcpfsm_rec	rec;
	struct tcpfsm_id	id;
	struct tcpfsm_owner	owner;
	__u64			now;
	__u8			state;
	__u8			pad8;
	__u16			cause;
	__u32			pad;
};

#endif /* _UAPI_LINUX_TCPFSM_H */
