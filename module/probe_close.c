// SPDX-License-Identifier: GPL-2.0
/*
 * Closing: who asked for it, and TIME_WAIT.
 *
 * TIME_WAIT, and FIN_WAIT_2 of a socket that nobody holds any more, live in a
 * timewait socket that no tracepoint tells of. The full socket reports CLOSE
 * when it hands over to it.
 */
#include <linux/fcntl.h>
#include <linux/sched.h>
#include <linux/string.h>
#include <linux/tcp.h>
#include <net/inet_timewait_sock.h>
#include <net/net_namespace.h>
#include <net/tcp.h>
#include <net/tcp_states.h>

#include "compat/tcp.h"
#include "flow.h"
#include "hooks.h"
#include "segment.h"
#include "snapshot.h"

/*
 * The current process acts on a socket, which is locked. What it does may cause
 * the next transition; and if nobody was seen opening the socket, this is who
 * holds it.
 */
static void act(const struct sock *sk, u16 cause)
{
	u64 cookie = tcpfsm_cookie(sk);
	struct tcpfsm_tracked *f, new;
	struct tcpfsm_bucket b;

	f = tcpfsm_flow_get(&b, cookie, sk);
	if (!f && sk->sk_state != TCP_CLOSE) {
		/* older than the module */
		tcpfsm_flow_midway(&new, sk, TCPFSM_O_FULL, tcpfsm_state_of(sk->sk_state));
		f = tcpfsm_flow_add(&b, &new);
	}
	if (f) {
		f->hint = cause;
		if (!(f->flags & TCPFSM_F_OWNER)) {
			tcpfsm_snap_owner(&f->owner);
			f->flags |= TCPFSM_F_OWNER;
		}
	}
	tcpfsm_flow_unlock(&b);
}

/* In the order in which __tcp_close() looks; RFC 2525, section 2.17. */
static u16 abort_or(const struct sock *sk, u16 cause)
{
	const struct tcp_sock *tp = tcp_sk(sk);

	if (tp->repair)
		return cause;
	if (!skb_queue_empty_lockless(&sk->sk_receive_queue) &&
	    tp->copied_seq != tp->rcv_nxt - sock_flag(sk, SOCK_DONE))
		return TCPFSM_C_UNREAD;
	if (sock_flag(sk, SOCK_LINGER) && !sk->sk_lingertime)
		return TCPFSM_C_LINGER;
	return cause;
}

/**
 * tcpfsm_on_close() - void __tcp_close(struct sock *sk, long timeout)
 * @regs: its arguments
 *
 * Context: process, the socket is locked.
 */
void tcpfsm_on_close(struct ftrace_regs *regs)
{
	const struct sock *sk = tcpfsm_arg(regs, 0);
	u16 cause = TCPFSM_C_CLOSE;

	if (!tcpfsm_is_tcp(sk) || !tcpfsm_current_acts())
		return;
	if (current->flags & PF_EXITING)
		cause = TCPFSM_C_EXIT;
	if (sk->sk_state != TCP_LISTEN)
		cause = abort_or(sk, cause);
	act(sk, cause);
}

/**
 * tcpfsm_on_shutdown() - void tcp_shutdown(struct sock *sk, int how)
 * @regs: its arguments
 *
 * Context: process, the socket is locked.
 */
void tcpfsm_on_shutdown(struct ftrace_regs *regs)
{
	const struct sock *sk = tcpfsm_arg(regs, 0);

	if (tcpfsm_is_tcp(sk) && tcpfsm_current_acts())
		act(sk, TCPFSM_C_SHUTDOWN);
}

/**
 * tcpfsm_on_disconnect() - int tcp_disconnect(struct sock *sk, int flags)
 * @regs: its arguments
 *
 * Who calls it is in @flags: a listener that closes, for those of its children
 * that nobody has accepted (inet_child_forget), and shutdown() of a listener or in
 * SYN_SENT (inet_shutdown) pass O_NONBLOCK alone; close() with SO_LINGER 0 passes
 * 0; connect(AF_UNSPEC) passes the flags of the file, O_RDWR among them.
 *
 * Context: process, or softirq when a listener closes; the socket is locked.
 */
void tcpfsm_on_disconnect(struct ftrace_regs *regs)
{
	const struct sock *sk = tcpfsm_arg(regs, 0);
	int flags = (long)tcpfsm_arg(regs, 1);
	struct tcpfsm_tracked *f;
	struct tcpfsm_bucket b;
	u64 cookie;

	if (!tcpfsm_is_tcp(sk) || !flags)
		return;

	cookie = tcpfsm_cookie(sk);
	f = tcpfsm_flow_get(&b, cookie, sk);
	if (f && f->flags & TCPFSM_F_INHERITED)
		f->hint = TCPFSM_C_LISTENER_CLOSED;
	else if (f)
		f->hint = flags == O_NONBLOCK ? TCPFSM_C_SHUTDOWN : TCPFSM_C_DISCONNECT;
	tcpfsm_flow_unlock(&b);
}

/**
 * tcpfsm_on_abort() - int tcp_abort(struct sock *sk, int err)
 * @regs: its arguments
 *
 * SOCK_DESTROY, of a full, request or timewait socket.
 *
 * Context: process.
 */
void tcpfsm_on_abort(struct ftrace_regs *regs)
{
	const struct sock *sk = tcpfsm_arg(regs, 0);
	const void *obj = sk->sk_state == TCP_NEW_SYN_RECV ? TCPFSM_ANY_REQUEST : sk;

	tcpfsm_flow_hint(atomic64_read(&sk->sk_cookie), obj, TCPFSM_C_DESTROY);
}

/**
 * tcpfsm_on_reset() - void tcp_reset(struct sock *sk, struct sk_buff *skb)
 * @regs: its arguments; @skb since Linux 5.13
 *
 * For a RST that is acceptable (RFC 9293, section 3.10.7.4, second), and for
 * data that comes after close() (RFC 1122, section 4.2.2.13).
 *
 * Context: softirq, or process for the backlog; the socket is locked.
 */
void tcpfsm_on_reset(struct ftrace_regs *regs)
{
	const struct sock *sk = tcpfsm_arg(regs, 0);
	u16 cause;

	if (!tcpfsm_is_tcp(sk))
		return;
	cause = tcpfsm_reset_cause(sk, regs);
	if (cause == TCPFSM_C_RCV_RST)
		tcpfsm_segment_reset(sk, tcpfsm_reset_skb(regs));
	tcpfsm_flow_hint(tcpfsm_cookie(sk), sk, cause);
}

/**
 * tcpfsm_on_time_wait() - void tcp_time_wait(struct sock *sk, int state, int timeo)
 * @regs: its arguments
 *
 * If no timewait socket can be had the full one is closed right away.
 *
 * Context: softirq, or process for the backlog and close(); the socket is locked.
 */
void tcpfsm_on_time_wait(struct ftrace_regs *regs)
{
	const struct sock *sk = tcpfsm_arg(regs, 0);

	tcpfsm_flow_hint(tcpfsm_cookie(sk), sk, TCPFSM_C_TW_SKIPPED);
}

/**
 * tcpfsm_on_tw_hashdance() - inet_twsk_hashdance_schedule(struct inet_timewait_sock
 *	*tw, struct sock *sk, ...); inet_twsk_hashdance() before Linux 6.11
 * @regs: its arguments
 *
 * The flow goes on in a timewait socket, in TIME_WAIT or still in FIN_WAIT_2.
 *
 * Context: as tcpfsm_on_time_wait().
 */
void tcpfsm_on_tw_hashdance(struct ftrace_regs *regs)
{
	struct inet_timewait_sock *tw = tcpfsm_arg(regs, 0);
	const struct sock *sk = tcpfsm_arg(regs, 1);
	struct tcpfsm_tracked *f, new;
	struct tcpfsm_bucket b;
	u64 cookie;

	if (!tcpfsm_is_tcp(sk))
		return;

	cookie = tcpfsm_cookie(sk);
	/* a socket first seen here had no cookie yet to hand on */
	atomic64_cmpxchg(&tw->tw_cookie, 0, cookie);

	f = tcpfsm_flow_get(&b, cookie, sk);
	if (!f) {
		tcpfsm_flow_midway(&new, tw, TCPFSM_O_TIMEWAIT, tcpfsm_state_of(sk->sk_state));
		f = tcpfsm_flow_add(&b, &new);
	}
	/*
	 * With no room for it, the CLOSE that the full socket reports next
	 * could not be known for what it is: then that is the flow's end.
	 */
	if (!f)
		goto out;
	tcpfsm_flow_goes_on(f, tw, TCPFSM_O_TIMEWAIT);
	f->hint = TCPFSM_C_UNKNOWN;
	if (tw->tw_substate == TCP_TIME_WAIT)
		tcpfsm_flow_move(f, TCPFSM_S_TIME_WAIT,
				 f->state == TCPFSM_S_CLOSING ? TCPFSM_C_RCV_ACK_OF_FIN :
								TCPFSM_C_RCV_FIN);
	else
		f->flags |= TCPFSM_F_ORPHAN;
out:
	tcpfsm_flow_unlock(&b);
}

/**
 * tcpfsm_on_tw_segment() - enum tcp_tw_status tcp_timewait_state_process(struct
 *	inet_timewait_sock *tw, struct sk_buff *skb, const struct tcphdr *th, ...)
 * @regs: its arguments
 *
 * A segment came for a timewait socket. Should it end it, that is why.
 *
 * Context: softirq, or process for segments that a process injects (tun).
 */
void tcpfsm_on_tw_segment(struct ftrace_regs *regs)
{
	const struct inet_timewait_sock *tw = tcpfsm_arg(regs, 0);
	const struct sk_buff *skb = tcpfsm_arg(regs, 1);
	const struct tcphdr *th = tcpfsm_arg(regs, 2);
	bool fin_wait_2 = tw->tw_substate == TCP_FIN_WAIT2;
	u16 hint = TCPFSM_C_UNKNOWN;

	tcpfsm_segment_for_timewait(tw, skb);
	if (th->rst)
		hint = TCPFSM_C_RCV_RST;
	else if (th->syn)
		hint = fin_wait_2 ? TCPFSM_C_RCV_SYN : TCPFSM_C_REUSE_SYN;
	else if (fin_wait_2)
		hint = TCPFSM_C_DATA_AFTER_CLOSE;
	tcpfsm_flow_hint(tcpfsm_cookie(tw), tw, hint);
}

/**
 * tcpfsm_on_tw_unique() - int tcp_twsk_unique(struct sock *sk, struct sock *sktw, ...)
 * @regs: its arguments
 *
 * connect() considers taking the ports of a timewait socket. Should it, that is why.
 *
 * Context: process.
 */
void tcpfsm_on_tw_unique(struct ftrace_regs *regs)
{
	const struct sock *tw = tcpfsm_arg(regs, 1);

	tcpfsm_flow_hint(tcpfsm_cookie(tw), tw, TCPFSM_C_REUSE_CONNECT);
}

/**
 * tcpfsm_on_tw_schedule() - void __inet_twsk_schedule(struct inet_timewait_sock *tw,
 *	int timeo, bool rearm)
 * @regs: its arguments
 *
 * Called when the timer is first set, and set anew after tcp_timewait_state_process()
 * let the FIN that an orphan's FIN_WAIT_2 waited for make a TIME_WAIT of it.
 *
 * Context: softirq, or process.
 */
void tcpfsm_on_tw_schedule(struct ftrace_regs *regs)
{
	const struct inet_timewait_sock *tw = tcpfsm_arg(regs, 0);
	struct tcpfsm_tracked *f;
	struct tcpfsm_bucket b;
	u64 cookie;

	if (tw->tw_substate != TCP_TIME_WAIT)
		return;

	/* one without a cookie is about to be given its socket's, tcpfsm_on_tw_hashdance() */
	cookie = atomic64_read(&tw->tw_cookie);
	f = tcpfsm_flow_get(&b, cookie, tw);
	if (f && f->state == TCPFSM_S_FIN_WAIT_2)
		tcpfsm_flow_move(f, TCPFSM_S_TIME_WAIT, TCPFSM_C_RCV_FIN);
	tcpfsm_flow_unlock(&b);
}

/**
 * tcpfsm_on_tw_deschedule() - void inet_twsk_deschedule_put(struct inet_timewait_sock *tw)
 * @regs: its arguments
 *
 * A timewait socket ends before its time, and its last hint tells why.
 *
 * Context: softirq or process.
 */
void tcpfsm_on_tw_deschedule(struct ftrace_regs *regs)
{
	const struct inet_timewait_sock *tw = tcpfsm_arg(regs, 0);
	u64 cookie = tcpfsm_cookie(tw);
	struct tcpfsm_tracked *f;
	struct tcpfsm_bucket b;

	f = tcpfsm_flow_get(&b, cookie, tw);
	if (f)
		f->ending = true;
	tcpfsm_flow_unlock(&b);
}

static u16 cause_of_tw_end(const struct tcpfsm_tracked *f, const struct inet_timewait_sock *tw)
{
	/* asked first: GCC inlines inet_twsk_deschedule_put() where namespaces end */
	if (!check_net(twsk_net(tw)))
		return TCPFSM_C_NETNS_GONE;
	if (f->ending)
		return f->hint;
	return tw->tw_substate == TCP_TIME_WAIT ? TCPFSM_C_2MSL : TCPFSM_C_FIN_TIMEOUT;
}

/**
 * tcpfsm_on_tw_kill() - void inet_twsk_kill(struct inet_timewait_sock *tw)
 * @regs: its arguments
 *
 * The end of every timewait socket, once. DCCP has them too. One that found the
 * table full has ended already as far as the stream goes, see
 * tcpfsm_on_tw_hashdance().
 *
 * Context: softirq or process.
 */
void tcpfsm_on_tw_kill(struct ftrace_regs *regs)
{
	const struct inet_timewait_sock *tw = tcpfsm_arg(regs, 0);
	u64 cookie = tcpfsm_cookie(tw);
	struct tcpfsm_tracked *f, tmp;
	struct tcpfsm_bucket b;

	f = tcpfsm_flow_get(&b, cookie, tw);
	if (f) {
		tcpfsm_flow_close(f, cause_of_tw_end(f, tw));
	} else if (!strncmp(tw->tw_prot->name, "TCP", 3) && !tcpfsm_flow_overflowed()) {
		/* older than the module; whether it ends before its time was not seen */
		tcpfsm_flow_midway(&tmp, tw, TCPFSM_O_TIMEWAIT, tcpfsm_state_of(tw->tw_substate));
		tcpfsm_flow_move(&tmp, TCPFSM_S_CLOSED, TCPFSM_C_UNKNOWN);
	}
	tcpfsm_flow_unlock(&b);
}
