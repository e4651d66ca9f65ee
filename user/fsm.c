// SPDX-License-Identifier: GPL-2.0
/*
 * The state machine as a table: RFC 9293, figure 5 in section 3.3.2, with what
 * section 3.10 adds to it (aborts, timeouts, resets), and what Linux adds to both.
 * An arrow may have several rows, one a reason; tests/unit/test_fsm.c walks all.
 */
#include "fsm.h"
#include "util.h"

#define S(s)	TCPFSM_S_##s
#define C(c)	BIT_ULL(TCPFSM_C_##c)

_Static_assert(TCPFSM_C_MAX < 64, "more causes than bits");

/* CLOSE, also by shutdown() and by the kernel as the process ends */
#define CLOSE	(C(CLOSE) | C(SHUTDOWN) | C(EXIT))
/* ABORT, in all its forms */
#define ABORT	(C(LINGER) | C(UNREAD) | C(DISCONNECT))
/* who is not asked by the RFC */
#define FORCE	(C(DESTROY) | C(NETNS_GONE))
/* nobody answers any more */
#define TIMEOUT	(C(RTO) | C(USER_TIMEOUT) | C(KEEPALIVE) | C(PROBE_TIMEOUT))

const struct departure_row departures[DEPARTURE_MAX + 1] = {
	[DEPARTURE_LISTENER_STAYS] = {
		"listener-stays", "RFC 9293, 3.10.7.4",
		"a half-open flow that is reset ends; the listener has never left LISTEN",
	},
	[DEPARTURE_SYN_COOKIE] = {
		"syn-cookie", "RFC 4987, 3.6",
		"with a full SYN queue no state is kept until an ACK brings the cookie back",
	},
	[DEPARTURE_FAST_OPEN] = {
		"fast-open", "RFC 7413, 4.2",
		"data on a SYN with a valid cookie is taken before the handshake is complete",
	},
	[DEPARTURE_TWO_STEPS] = {
		"two-steps", "RFC 9293, 3.10.7.4",
		"a FIN that acknowledges ours leads through FIN_WAIT_2 to TIME_WAIT at once",
	},
	[DEPARTURE_TIME_WAIT_60] = {
		"time-wait-60s", "RFC 9293, 3.4.1",
		"TIME_WAIT lasts 60 s (TCP_TIMEWAIT_LEN), not twice an MSL of 2 minutes",
	},
	[DEPARTURE_ORPHAN_FIN_WAIT_2] = {
		"orphan-fin-wait-2", "RFC 9293, 3.6",
		"FIN_WAIT_2 that no process holds ends after tcp_fin_timeout",
	},
	[DEPARTURE_TIME_WAIT_SKIPPED] = {
		"time-wait-skipped", "RFC 9293, 3.6",
		"with tcp_max_tw_buckets reached there is no TIME_WAIT",
	},
	[DEPARTURE_REUSE_CONNECT] = {
		"reuse-connect", "RFC 6191, 2",
		"connect() takes the ports of a TIME_WAIT of its own (tcp_tw_reuse)",
	},
	[DEPARTURE_ORPHAN_LIMIT] = {
		"orphan-limit", "RFC 9293, 3.6",
		"with tcp_max_orphans reached a closed connection is reset",
	},
	[DEPARTURE_ACCEPT_QUEUE] = {
		"accept-queue", "RFC 9293, 3.10.7.4",
		"with a full accept queue the third segment is thrown away or answered with a RST",
	},
	[DEPARTURE_LISTENER_CLOSED] = {
		"listener-closed", "RFC 9293, 3.10.4",
		"what nobody has accepted is reset when its listener closes",
	},
	[DEPARTURE_DESTROYED] = {
		"destroyed", "RFC 9293, 3.10.5",
		"an administrator, or the end of the network namespace, ends it",
	},
	[DEPARTURE_SYN_RETRIES] = {
		"syn-retries", "RFC 9293, 3.8.3",
		"a SYN is given up in 127 s (tcp_syn_retries; Linux 6.5: 131 s), not 3 minutes",
	},
	[DEPARTURE_ICMP] = {
		"icmp", "RFC 9293, 3.9.2.2",
		"while it is opened an ICMP error that is but a hint ends a connection",
	},
	[DEPARTURE_RST_IN_WINDOW] = {
		"rst-in-window", "RFC 5961, 3.2",
		"in SYN_RECEIVED every RST inside the window is taken; Linux 7.2 challenges it",
	},
	[DEPARTURE_RST_AT_FIN] = {
		"rst-at-fin", "RFC 5961, 3.2",
		"after the peer's FIN a RST with the FIN's own number is taken",
	},
	[DEPARTURE_SYN_IN_FIN_WAIT_2] = {
		"syn-in-fin-wait-2", "RFC 5961, 4.2",
		"a SYN or data for an orphan in FIN_WAIT_2 ends it with a RST",
	},
};

#define ROW(f, t, c, s)		{ S(f), S(t), c, s, DEPARTURE_NONE }
#define DEPARTS(f, t, c, d, s)	{ S(f), S(t), c, s, DEPARTURE_##d }

const struct fsm_row fsm_rows[] = {
	ROW(CLOSED, LISTEN, C(LISTEN), "3.10.1"),
	ROW(CLOSED, SYN_SENT, C(CONNECT), "3.10.1"),

	ROW(LISTEN, SYN_RECEIVED, C(RCV_SYN), "3.10.7.2"),
	DEPARTS(LISTEN, SYN_RECEIVED, C(FAST_OPEN), FAST_OPEN, "3.10.7.2"),
	DEPARTS(LISTEN, ESTABLISHED, C(SYN_COOKIE), SYN_COOKIE, "3.10.7.2"),
	ROW(LISTEN, SYN_SENT, C(CONNECT), "3.10.1"),
	ROW(LISTEN, CLOSED, CLOSE | ABORT, "3.10.4"),
	DEPARTS(LISTEN, CLOSED, FORCE, DESTROYED, "3.10.5"),

	ROW(SYN_SENT, ESTABLISHED, C(RCV_SYNACK), "3.10.7.3"),
	ROW(SYN_SENT, SYN_RECEIVED, C(RCV_SYN), "3.10.7.3"),
	ROW(SYN_SENT, CLOSED, CLOSE, "3.10.4"),
	ROW(SYN_SENT, CLOSED, ABORT, "3.10.5"),
	ROW(SYN_SENT, CLOSED, C(RCV_RST), "3.10.7.3"),
	ROW(SYN_SENT, CLOSED, C(SYN_TIMEOUT) | C(RTO) | C(USER_TIMEOUT), "3.8.3"),
	ROW(SYN_SENT, CLOSED, C(CONNECT_FAILED), "3.10.1"),
	DEPARTS(SYN_SENT, CLOSED, C(ICMP), ICMP, "3.9.2.2"),
	DEPARTS(SYN_SENT, CLOSED, FORCE, DESTROYED, "3.10.5"),

	ROW(SYN_RECEIVED, ESTABLISHED, C(RCV_ACK) | C(RCV_SYNACK), "3.10.7.4"),
	ROW(SYN_RECEIVED, FIN_WAIT_1, CLOSE, "3.10.4"),
	ROW(SYN_RECEIVED, CLOSE_WAIT, C(RCV_FIN), "3.10.7.4"),
	ROW(SYN_RECEIVED, LISTEN, C(RCV_RST) | C(RCV_SYN), "3.10.7.4"),
	DEPARTS(SYN_RECEIVED, CLOSED, C(RCV_RST) | C(RCV_SYN), LISTENER_STAYS, "3.10.7.4"),
	ROW(SYN_RECEIVED, CLOSED, C(SYNACK_TIMEOUT) | TIMEOUT, "3.8.3"),
	ROW(SYN_RECEIVED, CLOSED, ABORT, "3.10.5"),
	DEPARTS(SYN_RECEIVED, CLOSED, C(LISTENER_CLOSED), LISTENER_CLOSED, "3.10.4"),
	DEPARTS(SYN_RECEIVED, CLOSED, C(ACCEPT_QUEUE), ACCEPT_QUEUE, "3.10.7.4"),
	DEPARTS(SYN_RECEIVED, CLOSED, C(ICMP), ICMP, "3.9.2.2"),
	DEPARTS(SYN_RECEIVED, CLOSED, FORCE, DESTROYED, "3.10.5"),
	/* its segments are all the other flow's */
	ROW(SYN_RECEIVED, CLOSED, C(DUPLICATE_SYN), "3.10.7.2"),
	ROW(SYN_RECEIVED, CLOSED, C(DATA_AFTER_CLOSE), "3.6.1"),
	DEPARTS(SYN_RECEIVED, CLOSED, C(ORPHAN_LIMIT), ORPHAN_LIMIT, "3.6"),

	ROW(ESTABLISHED, FIN_WAIT_1, CLOSE, "3.10.4"),
	ROW(ESTABLISHED, CLOSE_WAIT, C(RCV_FIN), "3.10.7.4"),
	ROW(ESTABLISHED, CLOSED, C(RCV_RST), "3.10.7.4"),
	ROW(ESTABLISHED, CLOSED, ABORT, "3.10.5"),
	ROW(ESTABLISHED, CLOSED, TIMEOUT, "3.8.3"),
	DEPARTS(ESTABLISHED, CLOSED, C(LISTENER_CLOSED), LISTENER_CLOSED, "3.10.4"),
	DEPARTS(ESTABLISHED, CLOSED, C(ICMP), ICMP, "3.9.2.2"),
	DEPARTS(ESTABLISHED, CLOSED, FORCE, DESTROYED, "3.10.5"),

	ROW(FIN_WAIT_1, FIN_WAIT_2, C(RCV_ACK_OF_FIN), "3.10.7.4"),
	ROW(FIN_WAIT_1, CLOSING, C(RCV_FIN), "3.10.7.4"),
	ROW(FIN_WAIT_1, TIME_WAIT, C(RCV_FIN), "3.10.7.4"),
	DEPARTS(FIN_WAIT_1, CLOSED, C(TW_SKIPPED), TIME_WAIT_SKIPPED, "3.6"),
	ROW(FIN_WAIT_1, CLOSED, C(RCV_RST), "3.10.7.4"),
	ROW(FIN_WAIT_1, CLOSED, ABORT, "3.10.5"),
	ROW(FIN_WAIT_1, CLOSED, TIMEOUT, "3.8.3"),
	DEPARTS(FIN_WAIT_1, CLOSED, C(LISTENER_CLOSED), LISTENER_CLOSED, "3.10.4"),
	DEPARTS(FIN_WAIT_1, CLOSED, C(ICMP), ICMP, "3.9.2.2"),
	DEPARTS(FIN_WAIT_1, CLOSED, FORCE, DESTROYED, "3.10.5"),
	ROW(FIN_WAIT_1, CLOSED, C(DATA_AFTER_CLOSE), "3.6.1"),
	DEPARTS(FIN_WAIT_1, CLOSED, C(ORPHAN_LIMIT), ORPHAN_LIMIT, "3.6"),

	ROW(FIN_WAIT_2, TIME_WAIT, C(RCV_FIN), "3.10.7.4"),
	DEPARTS(FIN_WAIT_2, CLOSED, C(FIN_TIMEOUT), ORPHAN_FIN_WAIT_2, "3.6"),
	DEPARTS(FIN_WAIT_2, CLOSED, C(TW_SKIPPED), TIME_WAIT_SKIPPED, "3.6"),
	DEPARTS(FIN_WAIT_2, CLOSED, C(RCV_SYN), SYN_IN_FIN_WAIT_2, "3.10.7.4"),
	DEPARTS(FIN_WAIT_2, CLOSED, C(REUSE_CONNECT), REUSE_CONNECT, "3.6.1"),
	ROW(FIN_WAIT_2, CLOSED, C(RCV_RST), "3.10.7.4"),
	ROW(FIN_WAIT_2, CLOSED, ABORT, "3.10.5"),
	ROW(FIN_WAIT_2, CLOSED, TIMEOUT, "3.8.3"),
	DEPARTS(FIN_WAIT_2, CLOSED, C(LISTENER_CLOSED), LISTENER_CLOSED, "3.10.4"),
	DEPARTS(FIN_WAIT_2, CLOSED, C(ICMP), ICMP, "3.9.2.2"),
	DEPARTS(FIN_WAIT_2, CLOSED, FORCE, DESTROYED, "3.10.5"),
	ROW(FIN_WAIT_2, CLOSED, C(DATA_AFTER_CLOSE), "3.6.1"),
	DEPARTS(FIN_WAIT_2, CLOSED, C(ORPHAN_LIMIT), ORPHAN_LIMIT, "3.6"),

	ROW(CLOSE_WAIT, LAST_ACK, CLOSE, "3.10.4"),
	ROW(CLOSE_WAIT, CLOSED, C(RCV_RST), "3.10.7.4"),
	ROW(CLOSE_WAIT, CLOSED, ABORT, "3.10.5"),
	ROW(CLOSE_WAIT, CLOSED, TIMEOUT, "3.8.3"),
	DEPARTS(CLOSE_WAIT, CLOSED, C(LISTENER_CLOSED), LISTENER_CLOSED, "3.10.4"),
	DEPARTS(CLOSE_WAIT, CLOSED, C(ICMP), ICMP, "3.9.2.2"),
	DEPARTS(CLOSE_WAIT, CLOSED, FORCE, DESTROYED, "3.10.5"),
	ROW(CLOSE_WAIT, CLOSED, C(DATA_AFTER_CLOSE), "3.6.1"),
	DEPARTS(CLOSE_WAIT, CLOSED, C(ORPHAN_LIMIT), ORPHAN_LIMIT, "3.6"),

	ROW(CLOSING, TIME_WAIT, C(RCV_ACK_OF_FIN), "3.10.7.4"),
	DEPARTS(CLOSING, CLOSED, C(TW_SKIPPED), TIME_WAIT_SKIPPED, "3.6"),
	ROW(CLOSING, CLOSED, C(RCV_RST), "3.10.7.4"),
	ROW(CLOSING, CLOSED, ABORT, "3.10.5"),
	ROW(CLOSING, CLOSED, TIMEOUT, "3.8.3"),
	DEPARTS(CLOSING, CLOSED, C(LISTENER_CLOSED), LISTENER_CLOSED, "3.10.4"),
	DEPARTS(CLOSING, CLOSED, C(ICMP), ICMP, "3.9.2.2"),
	DEPARTS(CLOSING, CLOSED, FORCE, DESTROYED, "3.10.5"),
	ROW(CLOSING, CLOSED, C(DATA_AFTER_CLOSE), "3.6.1"),
	DEPARTS(CLOSING, CLOSED, C(ORPHAN_LIMIT), ORPHAN_LIMIT, "3.6"),

	ROW(LAST_ACK, CLOSED, C(RCV_ACK_OF_FIN), "3.10.7.4"),
	ROW(LAST_ACK, CLOSED, C(RCV_RST), "3.10.7.4"),
	ROW(LAST_ACK, CLOSED, ABORT, "3.10.5"),
	ROW(LAST_ACK, CLOSED, TIMEOUT, "3.8.3"),
	DEPARTS(LAST_ACK, CLOSED, C(LISTENER_CLOSED), LISTENER_CLOSED, "3.10.4"),
	DEPARTS(LAST_ACK, CLOSED, C(ICMP), ICMP, "3.9.2.2"),
	DEPARTS(LAST_ACK, CLOSED, FORCE, DESTROYED, "3.10.5"),
	ROW(LAST_ACK, CLOSED, C(DATA_AFTER_CLOSE), "3.6.1"),
	DEPARTS(LAST_ACK, CLOSED, C(ORPHAN_LIMIT), ORPHAN_LIMIT, "3.6"),

	ROW(TIME_WAIT, CLOSED, C(2MSL), "3.10.8"),
	ROW(TIME_WAIT, CLOSED, C(RCV_RST), "3.10.7.4"),
	ROW(TIME_WAIT, CLOSED, C(REUSE_SYN), "3.6.1"),
	DEPARTS(TIME_WAIT, CLOSED, C(REUSE_CONNECT), REUSE_CONNECT, "3.6.1"),
	DEPARTS(TIME_WAIT, CLOSED, FORCE, DESTROYED, "3.10.5"),
};

const size_t fsm_len = ARRAY_SIZE(fsm_rows);

/* Where the rows of arrows that leave a state begin and end; others may be among them */
struct span {
	size_t	begin;
	size_t	end;
};

static struct span leaving(unsigned int from)
{
	static struct span spans[TCPFSM_S_MAX + 1];
	static bool ready;
	struct span *s;
	size_t i;

	for (i = 0; !ready && i < fsm_len; i++) {
		s = &spans[fsm_rows[i].from];
		if (!s->end)
			s->begin = i;
		s->end = i + 1;
	}
	ready = true;
	return from <= TCPFSM_S_MAX ? spans[from] : (struct span){ 0 };
}

/**
 * fsm_arrow() - whether there is an arrow at all, whatever may lead along it
 * @from: enum tcpfsm_state
 * @to: enum tcpfsm_state
 *
 * Context: any.
 * Return: its first row, or NULL.
 */
const struct fsm_row *fsm_arrow(unsigned int from, unsigned int to)
{
	const struct span s = leaving(from);
	size_t i;

	for (i = s.begin; i < s.end; i++)
		if (fsm_rows[i].from == from && fsm_rows[i].to == to)
			return &fsm_rows[i];
	return NULL;
}

/**
 * fsm_step() - the arrow that a cause takes
 * @from: enum tcpfsm_state
 * @to: enum tcpfsm_state
 * @cause: enum tcpfsm_cause; one that is unknown, or of a newer module, may be any
 *
 * Context: any.
 * Return: its row, or NULL where no such arrow is, or this cause does not lead
 * along it.
 */
const struct fsm_row *fsm_step(unsigned int from, unsigned int to, unsigned int cause)
{
	const struct span s = leaving(from);
	size_t i;

	if (cause == TCPFSM_C_UNKNOWN || cause > TCPFSM_C_MAX)
		return fsm_arrow(from, to);
	for (i = s.begin; i < s.end; i++)
		if (fsm_rows[i].from == from && fsm_rows[i].to == to &&
		    fsm_rows[i].causes & BIT_ULL(cause))
			return &fsm_rows[i];
	return NULL;
}
