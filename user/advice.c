// SPDX-License-Identifier: GPL-2.0
/*
 * Why a connection is stuck and what ends it, in one line. Each sentence says only what
 * the state, the queues and the timers show; what they do not show is left out.
 */
#include "advice.h"
#include "util.h"

static void bytes(struct buf *b, uint32_t n)
{
	buf_printf(b, "%u byte%s", n, n == 1 ? "" : "s");
}

/* How often something was tried that a timer is for */
static void times(struct buf *b, const char *what, unsigned int n)
{
	if (n == 1)
		buf_printf(b, ", %s once", what);
	else if (n)
		buf_printf(b, ", %s %u times", what, n);
}

static bool timer(const struct stuck *s, enum diag_timer which)
{
	return s->found && s->sock.timer == which;
}

static bool orphan(const struct stuck *s)
{
	return s->kind == OWNER_ORPHAN;
}

static void queue_of(struct buf *b, const struct stuck *s)
{
	if (s->listener)
		buf_printf(b, " (%u waiting, its limit is %u)", s->queue, s->backlog);
}

static void not_accepted(struct buf *b, const struct stuck *s)
{
	buf_str(b, "no process has accepted it from the listener's accept queue");
	queue_of(b, s);
}

/* The peer's FIN counts as one byte until the application has read that it came. */
static void not_closed(struct buf *b, const struct stuck *s)
{
	buf_str(b, "the peer has closed, and the application ");
	if (!s->found) {
		buf_str(b, "has not");
	} else if (!s->sock.rqueue) {
		buf_str(b, "has read that but never closed");
	} else if (s->sock.rqueue == 1) {
		buf_str(b, "has neither read that nor closed");
	} else {
		buf_str(b, "has left ");
		bytes(b, s->sock.rqueue - 1);
		buf_str(b, " unread and not closed");
	}
	buf_str(b, ": ends when it closes or exits");
}

static void close_wait(struct buf *b, const struct stuck *s)
{
	if (s->kind != OWNER_UNACCEPTED) {
		not_closed(b, s);
		return;
	}
	buf_str(b, "the peer has closed, but ");
	not_accepted(b, s);
	buf_str(b, ": ends when one accepts and closes it, or the listener is closed");
}

static void fin_wait_2(struct buf *b, const struct stuck *s)
{
	if (!orphan(s)) {
		buf_str(b, "shut down here, but the peer never sent its FIN: ends when the peer "
			   "closes, or some time after the application does (tcp_fin_timeout)");
		return;
	}
	buf_str(b, "closed here, but the peer never sent its FIN: the kernel ends it ");
	if (timer(s, DIAG_TIMER_TIMEWAIT))
		buf_printf(b, "in %u s", (s->sock.expires + 999) / 1000);
	else
		buf_str(b, "soon");
	buf_str(b, " (tcp_fin_timeout)");
}

/* When the kernel gives up sending again; orphans are given less time. */
static void gives_up(struct buf *b, const struct stuck *s, const char *peer)
{
	buf_printf(b, ": ends when the peer %s, or the kernel gives up (%s)", peer,
		   orphan(s) ? "tcp_orphan_retries" : "tcp_retries2");
}

static void closed_window(struct buf *b, const struct stuck *s, uint32_t unsent)
{
	buf_str(b, "the peer's window is closed: it does not read the last ");
	bytes(b, unsent);
	times(b, "probed", s->sock.retrans);
	gives_up(b, s, "reads");
}

static void not_acknowledged(struct buf *b, const struct stuck *s, const char *what)
{
	buf_printf(b, "the peer does not acknowledge %s", what);
	if (timer(s, DIAG_TIMER_RETRANSMIT))
		times(b, "sent again", s->sock.retrans);
	gives_up(b, s, "does");
}

/* Our FIN counts as one byte of what is not acknowledged. */
static void fin_unacknowledged(struct buf *b, const struct stuck *s)
{
	if (timer(s, DIAG_TIMER_PROBE)) {
		if (s->sock.wqueue > 1)
			closed_window(b, s, s->sock.wqueue - 1);
		else
			not_acknowledged(b, s, "our FIN, and its window is closed");
	} else if (s->found && s->sock.wqueue > 1) {
		not_acknowledged(b, s, "data and our FIN");
	} else {
		not_acknowledged(b, s, "our FIN");
	}
}

static void syn_sent(struct buf *b, const struct stuck *s)
{
	buf_str(b, "the peer does not answer our SYN");
	if (timer(s, DIAG_TIMER_RETRANSMIT))
		times(b, "sent again", s->sock.retrans);
	buf_str(b, ": it is down, or filtered on the way; ends when the kernel gives up "
		   "(tcp_syn_retries), or the application closes");
}

static void syn_received(struct buf *b, const struct stuck *s)
{
	if (s->listener && s->queue > s->backlog) {
		buf_str(b, "the listener's accept queue is full");
		queue_of(b, s);
		buf_str(b, ", the handshake cannot complete: ends when a process accepts, or the "
			   "kernel gives up (tcp_synack_retries)");
		return;
	}
	buf_str(b, "the peer does not answer our SYN,ACK");
	if (timer(s, DIAG_TIMER_RETRANSMIT))
		times(b, "sent again", s->sock.retrans);
	buf_str(b, ": it is gone, filtered, or never sent the SYN; ends when the kernel gives up "
		   "(tcp_synack_retries)");
}

static void established(struct buf *b, const struct stuck *s)
{
	if (s->kind == OWNER_UNACCEPTED || s->ev.flags & TCPFSM_F_INHERITED) {
		not_accepted(b, s);
		buf_str(b, ": ends when one does, or the listener is closed");
	} else if (timer(s, DIAG_TIMER_PROBE)) {
		closed_window(b, s, s->sock.wqueue);
	} else if (timer(s, DIAG_TIMER_RETRANSMIT) && s->sock.retrans) {
		not_acknowledged(b, s, "data");
	} else {
		buf_str(b, "open: ends when one of the two closes");
	}
}

static void time_wait(struct buf *b, const struct stuck *s)
{
	buf_str(b, "closed on both sides; old segments are waited for: the kernel ends it ");
	if (timer(s, DIAG_TIMER_TIMEWAIT))
		buf_printf(b, "in %u s", (s->sock.expires + 999) / 1000);
	else
		buf_str(b, "soon");
}

/**
 * advice() - append why a connection is stuck and what ends it
 * @b: the buffer
 * @s: the connection; its state is the one the module says it is stuck in
 *
 * Context: any.
 */
void advice(struct buf *b, const struct stuck *s)
{
	switch (s->ev.state) {
	case TCPFSM_S_SYN_SENT:
		syn_sent(b, s);
		break;
	case TCPFSM_S_SYN_RECEIVED:
		syn_received(b, s);
		break;
	case TCPFSM_S_ESTABLISHED:
		established(b, s);
		break;
	case TCPFSM_S_FIN_WAIT_1:
	case TCPFSM_S_CLOSING:
	case TCPFSM_S_LAST_ACK:
		fin_unacknowledged(b, s);
		break;
	case TCPFSM_S_FIN_WAIT_2:
		fin_wait_2(b, s);
		break;
	case TCPFSM_S_CLOSE_WAIT:
		close_wait(b, s);
		break;
	case TCPFSM_S_TIME_WAIT:
		time_wait(b, s);
		break;
	default:
		buf_str(b, "unknown");
		break;
	}
}
