// SPDX-License-Identifier: GPL-2.0
/*
 * Transitions of full sockets: the tracepoint inet_sock_set_state, which tells
 * of all of them, and of some that are none (see tcpfsm_on_set_state()).
 */
#include <linux/errno.h>
#include <linux/ktime.h>
#include <linux/tcp.h>
#include <net/inet_connection_sock.h>
#include <net/mptcp.h>
#include <net/tcp_states.h>

#include "flow.h"
#include "hooks.h"
#include "snapshot.h"

static u16 cause_of_error(const struct tcpfsm_tracked *f, const struct sock *sk)
{
	switch (READ_ONCE(sk->sk_err)) {
	case ETIMEDOUT:
		return f->timer;
	case ECONNABORTED:
		return TCPFSM_C_DESTROY;
	case EHOSTUNREACH:
	case ENETUNREACH:
	case ECONNREFUSED:
	case EPROTO:
	case ENOPROTOOPT:
	case EOPNOTSUPP:
	case EHOSTDOWN:
	case ENONET:
		/*
		 * From an ICMP message (tcp_v4_err, tcp_v6_err), while the
		 * retransmission it answers is still pending. A timer that
		 * gave up (tcp_write_err) borrows the last soft error, and
		 * nothing is pending any more (tcp_write_timer_handler).
		 */
		return READ_ONCE(inet_csk(sk)->icsk_pending) ? TCPFSM_C_ICMP : f->timer;
	default:
		return TCPFSM_C_UNKNOWN;
	}
}

/*
 * An orphan went from FIN_WAIT_2 to CLOSED, and not by way of a timewait socket:
 * when it entered FIN_WAIT_2 is known of flows in the table only, and of the
 * others it is not known whether they have one. Either the
 * segment that acknowledged its FIN brought data along (RFC 1122, section
 * 4.2.2.13), all in one run of tcp_rcv_state_process(), or it waited no longer:
 * the shortest wait is tcp_fin_time(), 3.5 times the least retransmission timeout.
 */
static u16 cause_of_orphan_end(const struct tcpfsm_tracked *f, const struct sock *sk)
{
	bool at_once;

	if (!(f->flags & TCPFSM_F_SINCE))
		return TCPFSM_C_UNKNOWN;
	if (READ_ONCE(tcp_sk(sk)->linger2) < 0)
		return TCPFSM_C_FIN_TIMEOUT;
	at_once = ktime_get_ns() - f->since < NSEC_PER_SEC / 2;
	return at_once ? TCPFSM_C_DATA_AFTER_CLOSE : TCPFSM_C_FIN_TIMEOUT;
}

/* What led to CLOSED is not in the states; the hints and the socket know. */
static u16 cause_of_close(const struct tcpfsm_tracked *f, const struct sock *sk)
{
	/* our FIN among it; as tcp_rcv_state_process() asks */
	bool all_acked = tcp_sk(sk)->snd_una == tcp_sk(sk)->write_seq;
	bool orphan = sock_flag(sk, SOCK_DEAD);
	u16 cause;

	switch (f->hint) {
	case TCPFSM_C_CLOSE:
	case TCPFSM_C_EXIT:
	case TCPFSM_C_SHUTDOWN:
		/* elsewhere they lead to CLOSED by way of another state, but in TCP_REPAIR */
		if (f->state == TCPFSM_S_SYN_SENT || f->state == TCPFSM_S_LISTEN ||
		    tcp_sk(sk)->repair)
			return f->hint;
		break;
	case TCPFSM_C_DESTROY:
		/* where tcp_abort() leaves an orphan as it is, something else ends it later */
		if (tcpfsm_current_acts())
			return f->hint;
		break;
	case TCPFSM_C_UNKNOWN:
		break;
	default:
		return f->hint;
	}

	cause = cause_of_error(f, sk);
	if (cause)
		return cause;

	switch (f->state) {
	case TCPFSM_S_LAST_ACK:
		if (all_acked)
			return TCPFSM_C_RCV_ACK_OF_FIN;
		fallthrough;
	case TCPFSM_S_FIN_WAIT_1:
	case TCPFSM_S_CLOSING:
		/* tcp_check_oom() in close(), tcp_out_of_resources() in a timer */
		return orphan && !all_acked ? TCPFSM_C_ORPHAN_LIMIT : TCPFSM_C_UNKNOWN;
	case TCPFSM_S_FIN_WAIT_2:
		return orphan ? cause_of_orphan_end(f, sk) : TCPFSM_C_UNKNOWN;
	}
	return TCPFSM_C_UNKNOWN;
}

/* RFC 9293, figure 5: most transitions have but one event that leads to them. */
static u16 cause_of(const struct tcpfsm_tracked *f, const struct sock *sk, u8 to)
{
	switch (to) {
	case TCPFSM_S_CLOSED:
		return cause_of_close(f, sk);
	case TCPFSM_S_LISTEN:
		return TCPFSM_C_LISTEN;
	case TCPFSM_S_SYN_SENT:
		return TCPFSM_C_CONNECT;
	case TCPFSM_S_SYN_RECEIVED:
		return TCPFSM_C_RCV_SYN;
	case TCPFSM_S_ESTABLISHED:
		if (f->state == TCPFSM_S_LISTEN)
			return TCPFSM_C_SYN_COOKIE;
		if (f->state == TCPFSM_S_SYN_RECEIVED)
			return TCPFSM_C_RCV_ACK;
		/* TCP_REPAIR sends nothing and hears nothing */
		return tcp_sk(sk)->repair ? TCPFSM_C_UNKNOWN : TCPFSM_C_RCV_SYNACK;
	case TCPFSM_S_CLOSE_WAIT:
	case TCPFSM_S_CLOSING:
		return TCPFSM_C_RCV_FIN;
	case TCPFSM_S_FIN_WAIT_2:
		return TCPFSM_C_RCV_ACK_OF_FIN;
	case TCPFSM_S_FIN_WAIT_1:
	case TCPFSM_S_LAST_ACK:
		return tcpfsm_current_acts() ? f->hint : TCPFSM_C_UNKNOWN;
	default:
		return TCPFSM_C_UNKNOWN;
	}
}

static void snap(struct tcpfsm_tracked *f, const struct sock *sk, u8 state)
{
	memset(f, 0, sizeof(*f));
	tcpfsm_snap_id(&f->id, sk);
	/* at CLOSED skc_num may be 0 already; the port that was sent is not */
	f->id.lport = inet_sk(sk)->inet_sport;
	f->obj = sk;
	f->object = TCPFSM_O_FULL;
	f->state = state;
}

/* connect() or listen() begins a flow, in the process that owns it. */
static noinline void begin(const struct tcpfsm_bucket *b, const struct sock *sk, u8 to)
{
	struct tcpfsm_tracked new, *f;

	snap(&new, sk, to);
	if (to == TCPFSM_S_LISTEN)
		new.id.lport = htons(inet_sk(sk)->inet_num);
	if (tcpfsm_current_acts()) {
		tcpfsm_snap_owner(&new.owner);
		new.flags |= TCPFSM_F_OWNER;
	}
	f = tcpfsm_flow_add(b, &new);
	if (!f) {
		new.flags |= TCPFSM_F_UNTRACKED;
		f = &new;
	} else if (to == TCPFSM_S_SYN_SENT && !tcp_sk(sk)->repair) {
		/* connect() may not have chosen a port yet; tcp_connect() tells */
		f->unannounced = true;
		f->hint = TCPFSM_C_CONNECT_FAILED;
		return;
	}
	tcpfsm_flow_open(f, TCPFSM_S_CLOSED, to, cause_of(f, sk, to));
}

static void announce(struct tcpfsm_tracked *f, const struct sock *sk)
{
	/* a connect() that fails has given its port back by now, or never got one */
	if (sk->sk_num)
		tcpfsm_snap_id(&f->id, sk);
	tcpfsm_flow_open(f, TCPFSM_S_CLOSED, TCPFSM_S_SYN_SENT, TCPFSM_C_CONNECT);
}

/*
 * Whether no process holds it: as the kernel says, or will before close() returns, which sends
 * the FIN before sock_orphan(). One that lingers waits in between, inet_release().
 */
static bool is_orphan(const struct sock *sk, u8 to, u16 cause)
{
	if (sock_flag(sk, SOCK_DEAD))
		return true;
	if (to != TCPFSM_S_FIN_WAIT_1 && to != TCPFSM_S_LAST_ACK)
		return false;
	return cause == TCPFSM_C_EXIT ||
	       (cause == TCPFSM_C_CLOSE && !(sock_flag(sk, SOCK_LINGER) && sk->sk_lingertime));
}

static void go(struct tcpfsm_tracked *f, const struct sock *sk, u8 from, u8 to)
{
	u16 hint = f->hint, cause;

	if (f->unannounced && f->state == TCPFSM_S_SYN_SENT) {
		announce(f, sk);
		f->hint = hint;
	} else if (f->unannounced) {
		/* by SYN cookie: the clone's SYN_RECEIVED never was one */
		f->unannounced = false;
	} else if (f->state != from) {
		/* something in between was missed */
		f->state = from;
		f->flags &= ~TCPFSM_F_SINCE;
	}

	cause = cause_of(f, sk, to);
	if (is_orphan(sk, to, cause))
		f->flags |= TCPFSM_F_ORPHAN;
	if (sk_is_mptcp(sk))
		f->notes |= TCPFSM_N_MPTCP;
	f->retrans = tcp_sk(sk)->total_retrans;
	f->flags |= TCPFSM_F_RETRANS;
	tcpfsm_flow_move(f, to, cause);
}

/*
 * The SYN,ACK was acceptable and is acknowledged at once, unless data is about to
 * carry the acknowledgment: what tcp_rcv_synsent_state_process() is to ask, asked
 * before it does, with the socket locked. With Fast Open there is more to it.
 */
static void third_segment(struct tcpfsm_tracked *f, const struct sock *sk)
{
	const struct inet_connection_sock *icsk = inet_csk(sk);
	const struct tcp_sock *tp = tcp_sk(sk);
	struct tcpfsm_segment seg;

	if (tp->repair || tp->syn_fastopen || tp->syn_data || READ_ONCE(sk->sk_write_pending) ||
	    READ_ONCE(icsk->icsk_accept_queue.rskq_defer_accept) ||
	    inet_csk_in_pingpong_mode((struct sock *)sk))
		return;
	tcpfsm_snap_plain(&seg, TCPFSM_TH_ACK, tp->snd_nxt, tp->rcv_nxt);
	seg.state = TCPFSM_S_ESTABLISHED;
	tcpfsm_flow_put_segment(f, &f->id, &seg);
}

/* One that is not in the table: older than the module, or there was no room for it. */
static noinline void go_unknown(const struct tcpfsm_bucket *b, const struct sock *sk, u8 from,
				u8 to)
{
	struct tcpfsm_tracked new, *f = NULL;

	snap(&new, sk, from);
	new.flags = TCPFSM_F_PREEXISTING;
	if (to != TCPFSM_S_CLOSED)
		f = tcpfsm_flow_add(b, &new);
	if (!f && to != TCPFSM_S_CLOSED)
		new.flags |= TCPFSM_F_UNTRACKED;
	f = f ?: &new;
	go(f, sk, from, to);
	if (from == TCPFSM_S_SYN_SENT && to == TCPFSM_S_ESTABLISHED && f != &new)
		third_segment(f, sk);
}

/**
 * tcpfsm_on_set_state() - tracepoint inet_sock_set_state
 * @data: not used
 * @sk: a full socket
 * @oldstate: TCP_ESTABLISHED and so on
 * @newstate: the state it is about to be given
 *
 * Passed over, as they are no transitions of a connection:
 * - same to same, when a listener is destroyed;
 * - LISTEN to SYN_RECV, of a listener's clone with the listener's identity; the
 *   flow it becomes is known from its request (probe_open.c);
 * - to CLOSE of a socket whose flow lives on in another object, a timewait
 *   socket or the request that this clone failed to take over.
 *
 * Context: process or softirq; preemptible since Linux 7.0.
 */
void tcpfsm_on_set_state(void *data, const struct sock *sk, const int oldstate,
			 const int newstate)
{
	u8 from = tcpfsm_state_of(oldstate), to = tcpfsm_state_of(newstate);
	struct tcpfsm_tracked *f, *other;
	struct tcpfsm_bucket b;
	u64 cookie;

	if (!tcpfsm_is_tcp(sk) || oldstate == newstate)
		return;
	if (oldstate == TCP_LISTEN && newstate == TCP_SYN_RECV)
		return;

	cookie = tcpfsm_cookie(sk);
	tcpfsm_flow_lock(&b, cookie);
	f = tcpfsm_flow_find(&b, cookie, sk, &other);

	if (oldstate == TCP_CLOSE && (newstate == TCP_SYN_SENT || newstate == TCP_LISTEN)) {
		if (f)
			tcpfsm_flow_forget(f);
		begin(&b, sk, to);
		goto out;
	}
	if (!f && newstate == TCP_CLOSE && (other || oldstate == TCP_SYN_RECV)) {
		/* still a subflow: it lost against another child, subflow_ulp_fallback() */
		if (other && other->object == TCPFSM_O_REQUEST && !sk_is_mptcp(sk))
			other->notes |= TCPFSM_N_REFUSED;
		goto out;
	}
	if (!f && other && other->object == TCPFSM_O_REQUEST) {
		/* an MPTCP subflow that joins does not pass through hashdance */
		f = other;
		tcpfsm_flow_goes_on(f, sk, TCPFSM_O_FULL);
	}
	if (!f) {
		go_unknown(&b, sk, from, to);
		goto out;
	}

	go(f, sk, from, to);
	if (newstate == TCP_CLOSE)
		tcpfsm_flow_forget(f);
	else if (oldstate == TCP_SYN_SENT && newstate == TCP_ESTABLISHED)
		third_segment(f, sk);
out:
	tcpfsm_flow_unlock(&b);
}

/**
 * tcpfsm_announce() - a connection was begun, and its SYN is on its way
 * @sk: the socket, locked, in SYN_SENT
 *
 * Context: process or softirq.
 */
void tcpfsm_announce(const struct sock *sk)
{
	u64 cookie = tcpfsm_cookie(sk);
	struct tcpfsm_tracked *f;
	struct tcpfsm_bucket b;

	f = tcpfsm_flow_get(&b, cookie, sk);
	if (f && f->unannounced)
		announce(f, sk);
	tcpfsm_flow_unlock(&b);
}

/**
 * tcpfsm_on_connect() - int tcp_connect(struct sock *sk)
 * @regs: its arguments
 *
 * The socket has its addresses and ports and is about to send its SYN.
 *
 * Context: process, or softirq for kernel sockets; the socket is locked.
 */
void tcpfsm_on_connect(struct ftrace_regs *regs)
{
	tcpfsm_announce(tcpfsm_arg(regs, 0));
}
