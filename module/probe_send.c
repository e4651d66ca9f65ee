// SPDX-License-Identifier: GPL-2.0
/*
 * Segments that are sent: SYNs, SYN,ACKs, FINs and RSTs. What they will say is worked
 * out as the kernel is about to do it. RSTs and ACKs of those that are no full socket
 * are in probe_segment.c, with what they answer.
 */
#include <linux/tcp.h>
#include <net/request_sock.h>
#include <net/tcp.h>
#include <net/tcp_states.h>

#include "compat/tcp.h"
#include "flow.h"
#include "hand.h"
#include "hooks.h"
#include "listener.h"
#include "netlink.h"
#include "segment.h"
#include "snapshot.h"

/* As tcp_acceptable_seq(): a peer may have shrunk its window. */
static u32 acceptable_seq(const struct tcp_sock *tp)
{
	u32 end = tcp_wnd_end(tp);

	if (!before(end, tp->snd_nxt) ||
	    (tp->rx_opt.wscale_ok && tp->snd_nxt - end < 1 << tp->rx_opt.rcv_wscale))
		return tp->snd_nxt;
	return end;
}

/**
 * tcpfsm_segment_answers() - a full socket is about to send a segment without more
 * @sk: the socket
 * @tcp_flags: TCPFSM_TH_ACK, and TCPFSM_TH_RST or not
 *
 * Context: the socket is locked.
 */
void tcpfsm_segment_answers(const struct sock *sk, u8 tcp_flags)
{
	const struct tcp_sock *tp = tcp_sk(sk);
	struct tcpfsm_segment seg;

	if (tcpfsm_netlink_wants_nothing())
		return;
	tcpfsm_snap_plain(&seg, tcp_flags, acceptable_seq(tp), tp->rcv_nxt);
	seg.state = tcpfsm_state_of(sk->sk_state);
	tcpfsm_flow_segment_of(sk, &seg);
}

/**
 * tcpfsm_on_make_synack() - struct sk_buff *tcp_make_synack(const struct sock *sk, struct
 *	dst_entry *dst, struct request_sock *req, struct tcp_fastopen_cookie *foc, enum
 *	tcp_synack_type synack_type, ...)
 * @regs: its arguments
 *
 * A SYN,ACK is made for a request, the first one or another. What it will say is
 * worked out as the function does (tcp_synack_options()); the timestamp is of the
 * clock that it reads next.
 *
 * Context: softirq, or process with softirqs off.
 */
void tcpfsm_on_make_synack(struct ftrace_regs *regs)
{
	const struct sock *sk = tcpfsm_arg(regs, 0);
	const struct dst_entry *dst = tcpfsm_arg(regs, 1);
	const struct request_sock *req = tcpfsm_arg(regs, 2);
	const struct tcp_fastopen_cookie *foc = tcpfsm_arg(regs, 3);
	unsigned int type = (unsigned long)tcpfsm_arg(regs, 4);
	struct tcpfsm_segment seg;
	struct tcpfsm_id id;

	if (!tcpfsm_is_tcp(sk))
		return;
	tcpfsm_snap_synack(&seg, sk, dst, req, foc);
	seg.state = TCPFSM_S_SYN_RECEIVED;
	if (type != TCP_SYNACK_COOKIE && sk->sk_state == TCP_LISTEN) {
		tcpfsm_flow_segment_of(req, &seg);
		return;
	}
	tcpfsm_snap_id(&id, req);
	if (type == TCP_SYNACK_COOKIE) {
		id.cookie = 0;
		seg.fate = TCPFSM_FATE_COOKIE;
		seg.state = TCPFSM_S_LISTEN;
		seg.known |= TCPFSM_SEG_RETRANS;
		tcpfsm_hand_syn_of(NULL, &id, req);
		tcpfsm_listener_event(tcpfsm_cookie(sk), TCPFSM_L_COOKIE_SENT);
		tcpfsm_flow_segment(&id, NULL, &seg);
		return;
	}
	/* with Fast Open the child is there already, and takes over the retries */
	id.cookie = tcpfsm_cookie(sk);
	if (type == TCP_SYNACK_FASTOPEN) {
		seg.known |= TCPFSM_SEG_RETRANS;
		tcpfsm_hand_syn_of(sk, &id, req);
	}
	tcpfsm_flow_segment(&id, sk, &seg);
}

/* As tcp_small_queue_check() for a segment of its own: enough is on its way to the wire. */
static bool throttled(const struct sock *sk)
{
	const struct rb_node *first = rb_first((struct rb_root *)&sk->tcp_rtx_queue);
	unsigned long limit = max_t(unsigned long, 2 * SKB_TRUESIZE(MAX_TCP_HEADER),
				    READ_ONCE(sk->sk_pacing_rate) >>
				    READ_ONCE(sk->sk_pacing_shift));

	if (READ_ONCE(sk->sk_pacing_status) == SK_PACING_NONE)
		limit = min_t(unsigned long, limit,
			      READ_ONCE(sock_net(sk)->ipv4.sysctl_tcp_limit_output_bytes));
	/* with no more than one segment not acknowledged yet it does not matter */
	return first && rb_next(first) && refcount_read(&sk->sk_wmem_alloc) > limit;
}

/* Does a FIN stay in the queue, or ride on a segment that was sent already? */
static bool fin_waits(const struct sock *sk)
{
	const struct tcp_sock *tp = tcp_sk(sk);

	return tcp_write_queue_tail(sk) || before(tcp_wnd_end(tp), tp->write_seq + 1) ||
	       tcp_packets_in_flight(tp) >= tcp_snd_cwnd(tp) ||
	       READ_ONCE(sk->sk_pacing_status) == SK_PACING_NEEDED || throttled(sk) ||
	       (!tcp_rtx_queue_empty(sk) && tcp_under_memory_pressure(sk));
}

/**
 * tcpfsm_on_send_fin() - void tcp_send_fin(struct sock *sk)
 * @regs: its arguments
 *
 * Our FIN is put at the end of what is to be sent. When data waits before it, or
 * window, congestion, pacing or the device hold it back, when it leaves is not seen,
 * nor what has acknowledged the peer's FIN by then.
 *
 * Context: process, or softirq; the socket is locked.
 */
void tcpfsm_on_send_fin(struct ftrace_regs *regs)
{
	const struct sock *sk = tcpfsm_arg(regs, 0);
	const struct tcp_sock *tp = tcp_sk(sk);
	struct tcpfsm_segment seg;

	tcpfsm_snap_plain(&seg, TCPFSM_TH_FIN | TCPFSM_TH_ACK, tp->write_seq, tp->rcv_nxt);
	/* a FIN of its own has no PSH, one that data carries may */
	if (fin_waits(sk)) {
		seg.known &= ~(TCPFSM_SEG_ACK | TCPFSM_SEG_LEN | TCPFSM_SEG_PSH);
		seg.ack = 0;
		seg.fate = TCPFSM_FATE_QUEUED;
	} else if (sk->sk_state == TCP_LAST_ACK && tp->rcv_wup != tp->rcv_nxt) {
		/* rcv_wup is what was acknowledged last, see tcp_select_window() */
		seg.known |= TCPFSM_SEG_FIRST_ACK;
	}
	seg.known |= TCPFSM_SEG_RETRANS;
	seg.state = tcpfsm_state_of(sk->sk_state);
	tcpfsm_flow_segment_of(sk, &seg);
}

/**
 * tcpfsm_on_send_rst() - void tcp_send_active_reset(struct sock *sk, ...)
 * @regs: its arguments
 *
 * Context: process, or softirq; the socket is locked.
 */
void tcpfsm_on_send_rst(struct ftrace_regs *regs)
{
	const struct sock *sk = tcpfsm_arg(regs, 0);

	if (tcpfsm_is_tcp(sk))
		tcpfsm_segment_answers(sk, TCPFSM_TH_RST | TCPFSM_TH_ACK);
}

/**
 * tcpfsm_segment_retransmitted() - tracepoint tcp_retransmit_skb
 * @sk: a full socket
 * @skb: what was sent again
 *
 * Only SYN and FIN; how often data was is in the socket (tcp_sock.total_retrans).
 *
 * Context: softirq, or process; the socket is locked.
 */
void tcpfsm_segment_retransmitted(const struct sock *sk, const struct sk_buff *skb)
{
	const struct tcp_skb_cb *cb = TCP_SKB_CB(skb);
	u8 tcp_flags = cb->tcp_flags & (TCPFSM_TH_SYN | TCPFSM_TH_FIN | TCPFSM_TH_ACK);
	struct tcpfsm_segment seg;

	if (!(tcp_flags & (TCPFSM_TH_SYN | TCPFSM_TH_FIN)))
		return;
	if (tcp_flags & TCPFSM_TH_SYN)
		tcpfsm_snap_syn(&seg, sk, tcp_flags, cb->seq);
	else
		tcpfsm_snap_plain(&seg, tcp_flags, cb->end_seq - 1, tcp_sk(sk)->rcv_nxt);
	seg.len = skb->len;
	if (skb->len)
		seg.known &= ~TCPFSM_SEG_PSH;
	seg.known |= TCPFSM_SEG_LEN;
	seg.state = tcpfsm_state_of(sk->sk_state);
	tcpfsm_flow_segment_of(sk, &seg);
}

/**
 * tcpfsm_on_send_synack() - int tcp_send_synack(struct sock *sk)
 * @regs: its arguments
 *
 * Simultaneous open, RFC 9293, section 3.5: the SYN goes out again, with an ACK.
 *
 * Context: softirq, or process for the backlog; the socket is locked.
 */
void tcpfsm_on_send_synack(struct ftrace_regs *regs)
{
	const struct sock *sk = tcpfsm_arg(regs, 0);
	struct tcpfsm_segment seg;

	tcpfsm_snap_syn(&seg, sk, TCPFSM_TH_SYN | TCPFSM_TH_ACK, tcp_sk(sk)->snd_una);
	seg.known |= TCPFSM_SEG_RETRANS;
	seg.state = tcpfsm_state_of(sk->sk_state);
	tcpfsm_flow_segment_of(sk, &seg);
}

/**
 * tcpfsm_on_purge() - void tcp_write_queue_purge(struct sock *sk)
 * @regs: its arguments
 *
 * connect() comes here last before it makes its SYN, with all that the SYN will
 * say worked out (tcp_connect_init()). Later it is called when a connection is
 * given up, with the queues still telling which timer did it, and the SYN in them; or, when the
 * SYN waits for data (TCP_FASTOPEN_CONNECT), with an error, of which connect() has none here.
 *
 * Context: process, or softirq; the socket is locked.
 */
void tcpfsm_on_purge(struct ftrace_regs *regs)
{
	const struct sock *sk = tcpfsm_arg(regs, 0);
	struct tcpfsm_segment seg;

	if (sk->sk_state != TCP_SYN_SENT || sk->sk_err || tcp_sk(sk)->packets_out ||
	    tcp_sk(sk)->repair) {
		tcpfsm_flow_timer(tcpfsm_cookie(sk), sk, tcpfsm_timer_of(sk));
		return;
	}
	tcpfsm_snap_syn(&seg, sk, TCPFSM_TH_SYN, tcp_sk(sk)->write_seq);
	seg.known |= TCPFSM_SEG_RETRANS;
	seg.state = TCPFSM_S_SYN_SENT;
	tcpfsm_flow_segment_of(sk, &seg);
}
