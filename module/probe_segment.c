// SPDX-License-Identifier: GPL-2.0
/*
 * Segments that come in: those with SYN, FIN or RST, the ACKs that complete a
 * handshake or acknowledge a FIN, and those that no healthy stack sends. Those that
 * are sent are in probe_send.c.
 *
 * They are seen where TCP's slow paths look at them, never where every segment
 * passes. What those places do not know of a segment is left out; docs/segments.md
 * says what that is.
 */
#include <linux/tcp.h>
#include <net/inet_timewait_sock.h>
#include <net/ip6_route.h>
#include <net/request_sock.h>
#include <net/route.h>
#include <net/tcp.h>
#include <net/tcp_states.h>

#include "compat/tcp.h"
#include "fate.h"
#include "flow.h"
#include "hand.h"
#include "hooks.h"
#include "listener.h"
#include "netlink.h"
#include "segment.h"
#include "snapshot.h"

static bool is_control(const struct tcphdr *th)
{
	return th->syn || th->fin || th->rst;
}

static u8 state_of(const void *obj)
{
	const struct sock_common *c = obj;

	return tcpfsm_state_of(c->skc_state == TCP_TIME_WAIT ?
			       inet_twsk((struct sock *)obj)->tw_substate : c->skc_state);
}

/* A segment came, and it is known for which socket. */
static void came_for(const struct sk_buff *skb, const void *obj, u8 fate)
{
	const struct sock_common *c = obj;
	struct tcpfsm_segment seg;

	tcpfsm_snap_segment(&seg, skb);
	seg.state = state_of(obj);
	seg.fate = fate;
	tcpfsm_hand_take(skb, c->skc_state == TCP_NEW_SYN_RECV ? tcpfsm_cookie(obj) : 0);
	tcpfsm_flow_segment_of(obj, &seg);
}

/**
 * tcpfsm_on_syn() - int tcp_conn_request(struct request_sock_ops *rsk_ops, const struct
 *	tcp_request_sock_ops *af_ops, struct sock *sk, struct sk_buff *skb)
 * @regs: its arguments
 *
 * A SYN came to a listener. Queues that are full are looked at where the kernel
 * looks, as it drops the SYN without a word. SYNs that IPv4 and IPv6 drop before, for
 * an address of theirs (broadcast, multicast, mapped), are not seen.
 *
 * Context: softirq, or process with softirqs off.
 */
void tcpfsm_on_syn(struct ftrace_regs *regs)
{
	const struct sock *sk = tcpfsm_arg(regs, 2);
	const struct sk_buff *skb = tcpfsm_arg(regs, 3);
	struct tcpfsm_segment seg;
	struct tcpfsm_id id;

	tcpfsm_snap_segment(&seg, skb);
	tcpfsm_snap_peers(&id, skb, sock_net(sk));
	seg.state = TCPFSM_S_LISTEN;
	seg.fate = tcpfsm_fate_of_syn(sk, tcpfsm_hand_reuse(skb));
	tcpfsm_listener_syn(tcpfsm_cookie(sk), &id);
	if (!seg.fate) {
		tcpfsm_hand_hold(skb, NULL, &id, &seg);
		return;
	}
	tcpfsm_listener_event(tcpfsm_cookie(sk), seg.fate == TCPFSM_FATE_SYN_QUEUE ?
						 TCPFSM_L_SYN_DROP : TCPFSM_L_ACCEPT_DROP);
	tcpfsm_hand_take(skb, 0);
	tcpfsm_flow_segment(&id, NULL, &seg);
}

/**
 * tcpfsm_segment_syn_lost() - the request made of a SYN is freed
 * @req: the request
 *
 * If the SYN is still held, neither a flow nor a cookie came of it. Without cookies
 * the last quarter of the SYN queue is for peers that are known (tcp_conn_request()).
 *
 * Context: any but hardirq.
 */
void tcpfsm_segment_syn_lost(const struct request_sock *req)
{
	const struct sock *sk = req->rsk_listener;
	u8 fate = TCPFSM_FATE_DROPPED;
	int backlog;

	if (sk && !READ_ONCE(sock_net(sk)->ipv4.sysctl_tcp_syncookies)) {
		backlog = READ_ONCE(sock_net(sk)->ipv4.sysctl_max_syn_backlog);
		if (backlog - inet_csk_reqsk_queue_len(sk) < backlog >> 2)
			fate = TCPFSM_FATE_SYN_QUEUE;
	}
	if (tcpfsm_hand_syn_lost(req, fate) && sk)
		tcpfsm_listener_event(tcpfsm_cookie(sk), TCPFSM_L_SYN_DROP);
}

/**
 * tcpfsm_segment_for_request() - a segment came for a request
 * @listener: its listener
 * @skb: the segment
 * @req: the request
 *
 * Context: softirq, or process with softirqs off.
 * Return: enum tcpfsm_fate.
 */
u8 tcpfsm_segment_for_request(const struct sock *listener, const struct sk_buff *skb,
			      const struct request_sock *req)
{
	u8 fate = tcpfsm_fate_for_request(listener, skb, req);

	if (fate == TCPFSM_FATE_ACCEPT_QUEUE)
		tcpfsm_listener_event(tcpfsm_cookie(listener), TCPFSM_L_ACCEPT_DROP);
	else if (fate == TCPFSM_FATE_BAD_COOKIE)
		tcpfsm_listener_event(tcpfsm_cookie(listener), TCPFSM_L_COOKIE_BAD);
	came_for(skb, req, fate);
	return fate;
}

static void stray(const struct sock *sk, const struct sk_buff *skb)
{
	const struct tcphdr *th = tcp_hdr(skb);
	struct tcpfsm_segment seg;
	struct tcpfsm_id id;

	if (th->syn && !th->ack && !th->rst && !th->fin)
		return;		/* tcpfsm_on_syn() has it next */
	if (tcpfsm_hand_request(skb))
		return;		/* it came for a request, which passed it on to be refused */
	tcpfsm_snap_segment(&seg, skb);
	tcpfsm_snap_peers(&id, skb, sock_net(sk));
	seg.state = TCPFSM_S_LISTEN;
	seg.fate = tcpfsm_fate_in_listen(sk, th);
	if (seg.fate == TCPFSM_FATE_BAD_COOKIE)
		tcpfsm_listener_event(tcpfsm_cookie(sk), TCPFSM_L_COOKIE_BAD);
	tcpfsm_hand_take(skb, 0);
	tcpfsm_flow_segment(&id, NULL, &seg);
}

/* Does it acknowledge our FIN, for the first time? */
static bool acks_fin(const struct sock *sk, const struct tcphdr *th)
{
	const struct tcp_sock *tp = tcp_sk(sk);

	return (1 << sk->sk_state) & (TCPF_FIN_WAIT1 | TCPF_CLOSING | TCPF_LAST_ACK) &&
	       ntohl(th->ack_seq) == tp->write_seq && tp->snd_una != tp->write_seq;
}

/**
 * tcpfsm_on_rcv_state() - tcp_rcv_state_process(struct sock *sk, struct sk_buff *skb)
 * @regs: its arguments
 *
 * A segment came for a socket in any state but ESTABLISHED and TIME_WAIT; nothing
 * of it is checked yet. Data and its acknowledgments are passed over.
 *
 * Context: softirq, or process for the backlog; the socket is locked unless it listens.
 */
void tcpfsm_on_rcv_state(struct ftrace_regs *regs)
{
	const struct sock *sk = tcpfsm_arg(regs, 0);
	const struct sk_buff *skb = tcpfsm_arg(regs, 1);
	const struct tcphdr *th = tcp_hdr(skb);
	bool plain = th->ack && !is_control(th);
	u8 fate;

	switch (sk->sk_state) {
	case TCP_LISTEN:
		stray(sk, skb);
		return;
	case TCP_CLOSE:
		return;
	case TCP_SYN_SENT:
		if (!tcpfsm_netlink_wants_nothing())
			came_for(skb, sk, tcpfsm_fate_in_syn_sent(sk, skb));
		return;
	case TCP_SYN_RECV:
		/*
		 * The third segment was told of as that of the request, just now or,
		 * with a backlog in between, before.
		 */
		if (tcpfsm_flow_take_note(tcpfsm_cookie(sk), sk, TCPFSM_N_THIRD_TOLD) ||
		    tcpfsm_hand_told(skb))
			return;
		plain = false;
		break;
	}
	if ((plain && !acks_fin(sk, th)) || tcpfsm_netlink_wants_nothing())
		return;
	fate = tcpfsm_fate_in_sync(sk, skb);
	/* one from outside the window acknowledges nothing */
	if (!plain || !fate)
		came_for(skb, sk, fate);
}

/**
 * tcpfsm_on_fin() - void tcp_fin(struct sock *sk)
 * @regs: its arguments
 *
 * The peer's FIN is next in line. In ESTABLISHED this is where it is seen, as the
 * last one in the receive queue; otherwise tcpfsm_on_rcv_state() saw it come, and
 * in FIN_WAIT_1 and FIN_WAIT_2 it is acknowledged right away.
 *
 * Context: softirq, or process for the backlog; the socket is locked.
 */
void tcpfsm_on_fin(struct ftrace_regs *regs)
{
	const struct sock *sk = tcpfsm_arg(regs, 0);
	struct tcpfsm_segment seg;

	switch (sk->sk_state) {
	case TCP_ESTABLISHED:
		if (tcpfsm_netlink_wants_nothing() ||
		    tcpfsm_flow_take_note(tcpfsm_cookie(sk), sk, TCPFSM_N_FIN_TOLD))
			return;
		tcpfsm_snap_fin(&seg, sk);
		seg.state = TCPFSM_S_ESTABLISHED;
		tcpfsm_flow_segment_of(sk, &seg);
		return;
	case TCP_FIN_WAIT1:
	case TCP_FIN_WAIT2:
		tcpfsm_segment_answers(sk, TCPFSM_TH_ACK);
		return;
	}
}

/**
 * tcpfsm_segment_reset() - an acceptable RST came
 * @sk: a full socket
 * @skb: the segment, NULL where the kernel does not tell (compat/tcp.h)
 *
 * In the other states tcpfsm_on_rcv_state() saw it come.
 *
 * Context: softirq, or process for the backlog; the socket is locked.
 */
void tcpfsm_segment_reset(const struct sock *sk, const struct sk_buff *skb)
{
	struct tcpfsm_segment seg = { .tcp_flags = TCPFSM_TH_RST, .state = TCPFSM_S_ESTABLISHED };

	if (sk->sk_state != TCP_ESTABLISHED || tcpfsm_netlink_wants_nothing())
		return;
	if (skb) {
		came_for(skb, sk, TCPFSM_FATE_NONE);
		return;
	}
	tcpfsm_flow_segment_of(sk, &seg);
}

/**
 * tcpfsm_segment_for_timewait() - a segment came for a timewait socket
 * @tw: the socket
 * @skb: the segment
 *
 * A SYN may be let through to a listener, where it begins another flow; it is held
 * until that is known.
 *
 * Context: softirq, or process with softirqs off.
 */
void tcpfsm_segment_for_timewait(const struct inet_timewait_sock *tw, const struct sk_buff *skb)
{
	struct tcpfsm_segment seg;
	struct tcpfsm_id id;
	bool reuse;

	if (!is_control(tcp_hdr(skb)))
		return;
	tcpfsm_snap_segment(&seg, skb);
	tcpfsm_snap_id(&id, tw);
	seg.state = state_of(tw);
	seg.fate = tcpfsm_fate_in_timewait(tw, skb, &seg, &reuse);
	if (reuse) {
		tcpfsm_hand_hold(skb, tw, &id, &seg);
		return;
	}
	tcpfsm_hand_take(skb, 0);
	tcpfsm_flow_segment_of(tw, &seg);
}

static void timewait_ack(const struct sock *sk, const struct sk_buff *skb, u32 seq, u32 ack,
			 u32 win)
{
	struct tcpfsm_segment seg;

	if (!sk || sk->sk_state != TCP_TIME_WAIT)
		return;
	/* a SYN for which there was no listener */
	tcpfsm_hand_let_go(skb, TCPFSM_FATE_NONE);

	/* only what answers a FIN or a SYN, not what answers data */
	if (!is_control(tcp_hdr(skb)))
		return;
	tcpfsm_snap_plain(&seg, TCPFSM_TH_ACK, seq, ack);
	seg.win = win;
	seg.known |= TCPFSM_SEG_WIN;
	seg.state = state_of(sk);
	tcpfsm_flow_segment_of(sk, &seg);
}

/**
 * tcpfsm_on_v4_ack() - void tcp_v4_send_ack(const struct sock *sk, struct sk_buff *skb,
 *	u32 seq, u32 ack, u32 win, ...)
 * @regs: its arguments
 *
 * Sends what request and timewait sockets acknowledge.
 *
 * Context: softirq, or process with softirqs off.
 */
void tcpfsm_on_v4_ack(struct ftrace_regs *regs)
{
	timewait_ack(tcpfsm_arg(regs, 0), tcpfsm_arg(regs, 1),
		     (unsigned long)tcpfsm_arg(regs, 2), (unsigned long)tcpfsm_arg(regs, 3),
		     (unsigned long)tcpfsm_arg(regs, 4));
}

/**
 * tcpfsm_on_v6_response() - void tcp_v6_send_response(const struct sock *sk, struct
 *	sk_buff *skb, u32 seq, u32 ack, u32 win, u32 tsval, ...)
 * @regs: its arguments
 *
 * As tcp_v4_send_ack(), but it sends RSTs as well, which are tcpfsm_on_v6_reset()'s.
 * Which it is to be is not among those of its arguments that are in registers, so
 * without that hook a RST of a timewait socket is taken for an ACK.
 *
 * Context: as tcpfsm_on_v4_ack().
 */
void tcpfsm_on_v6_response(struct ftrace_regs *regs)
{
	const struct sk_buff *skb = tcpfsm_arg(regs, 1);

	if (!tcpfsm_hand_refused(skb))
		tcpfsm_on_v4_ack(regs);
}

/*
 * A segment is refused with a RST (RFC 9293, section 3.10.7.1 and others). @sk is
 * NULL where nobody listens; it is the listener when the segment came for one of
 * its requests.
 */
static void refuse(const struct sock *sk, const struct sk_buff *skb, bool answered)
{
	const struct tcphdr *th = tcp_hdr(skb);
	bool own = sk && sk->sk_state != TCP_LISTEN;
	struct tcpfsm_segment in, out;
	struct tcpfsm_id id;
	u64 request;

	if (own) {
		tcpfsm_snap_id(&id, sk);
		/* a socket that is closed by now has given its port back */
		id.lport = th->dest;
	} else {
		tcpfsm_snap_peers(&id, skb, sk ? sock_net(sk) : NULL);
	}
	tcpfsm_snap_segment(&in, skb);
	if (th->ack)
		tcpfsm_snap_plain(&out, TCPFSM_TH_RST, ntohl(th->ack_seq), 0);
	else
		tcpfsm_snap_plain(&out, TCPFSM_TH_RST | TCPFSM_TH_ACK, 0,
				  ntohl(th->seq) + th->syn + th->fin + in.len);
	out.win = 0;
	out.known |= TCPFSM_SEG_WIN;

	request = tcpfsm_hand_refuse(skb, !sk);
	if (!sk) {
		in.state = TCPFSM_S_CLOSED;
		in.fate = answered ? TCPFSM_FATE_RESET : TCPFSM_FATE_DROPPED;
		tcpfsm_flow_segment(&id, NULL, &in);
	}
	if (answered) {
		out.state = sk ? state_of(sk) : TCPFSM_S_CLOSED;
		if (sk && !own && request) {
			id.cookie = request;
			out.state = TCPFSM_S_SYN_RECEIVED;
		}
		tcpfsm_flow_segment(&id, own ? sk : TCPFSM_ANY_REQUEST, &out);
	}
}

/**
 * tcpfsm_on_v4_reset() - void tcp_v4_send_reset(const struct sock *sk, struct sk_buff *skb, ...)
 * @regs: its arguments
 *
 * Context: softirq, or process with softirqs off or for the backlog.
 */
void tcpfsm_on_v4_reset(struct ftrace_regs *regs)
{
	const struct sock *sk = tcpfsm_arg(regs, 0);
	const struct sk_buff *skb = tcpfsm_arg(regs, 1);

	/* what the function asks first */
	refuse(sk, skb, !tcp_hdr(skb)->rst && (sk || skb_rtable(skb)->rt_type == RTN_LOCAL));
}

/**
 * tcpfsm_on_v6_reset() - void tcp_v6_send_reset(const struct sock *sk, struct sk_buff *skb, ...)
 * @regs: its arguments
 *
 * Context: as tcpfsm_on_v4_reset().
 */
void tcpfsm_on_v6_reset(struct ftrace_regs *regs)
{
	const struct sock *sk = tcpfsm_arg(regs, 0);
	const struct sk_buff *skb = tcpfsm_arg(regs, 1);

	refuse(sk, skb, !tcp_hdr(skb)->rst && (sk || ipv6_unicast_destination(skb)));
}

/**
 * tcpfsm_on_challenge() - void tcp_send_challenge_ack(struct sock *sk, ...)
 * @regs: its arguments
 *
 * RFC 5961. What is challenged is thrown away next, see tcpfsm_segment_dropped():
 * a RST or SYN, or data for what it acknowledges, which is not told of.
 *
 * Context: softirq, or process for the backlog; the socket is locked.
 */
void tcpfsm_on_challenge(struct ftrace_regs *regs)
{
	const struct sock *sk = tcpfsm_arg(regs, 0);

	if (tcpfsm_is_tcp(sk))
		tcpfsm_hand_challenge(sk, tcpfsm_state_of(sk->sk_state),
				      tcpfsm_fate_of_challenge(sk));
}

/**
 * tcpfsm_segment_dropped() - TCP threw a segment away
 * @skb: the segment
 * @sk: the socket it came for, NULL where the kernel does not tell
 *
 * Data that is thrown away is none of our business: the segment has SYN, FIN or
 * RST, or lacks ACK. Those in states other than ESTABLISHED were told of before.
 *
 * The caller may have given back its reference to @sk, but is still in the RCU
 * reader under which it looked the socket up (SOCK_RCU_FREE, SLAB_TYPESAFE_BY_RCU),
 * or works on the backlog of a socket it holds: what is read here is of a socket,
 * at worst of the next one in its place.
 *
 * Context: softirq, or process.
 */
void tcpfsm_segment_dropped(const struct sk_buff *skb, const struct sock *sk)
{
	const struct tcphdr *th = tcp_hdr(skb);
	u8 fate = TCPFSM_FATE_DROPPED;
	u8 state = TCPFSM_S_UNKNOWN;
	struct tcpfsm_challenge c;
	struct tcpfsm_segment seg;
	const void *obj = NULL;
	struct tcpfsm_id id;
	bool challenged;
	bool told;

	/* as in what a receive queue was rebuilt of */
	if (!skb_transport_header_was_set(skb))
		return;
	if (sk && (!sk_fullsock(sk) || !tcpfsm_is_tcp(sk) || sk->sk_state == TCP_LISTEN))
		sk = NULL;
	/* in a backlog there is neither device nor route any more to know the namespace by */
	tcpfsm_snap_peers(&id, skb, sk ? sock_net(sk) : NULL);
	challenged = tcpfsm_hand_challenged(sk, &id, &c);
	told = tcpfsm_hand_drop(skb);
	if (!is_control(th) && th->ack)
		return;

	if (sk) {
		tcpfsm_snap_id(&id, sk);
		id.lport = th->dest;
		obj = sk;
		state = tcpfsm_state_of(sk->sk_state);
	} else if (challenged) {
		id = c.id;
		obj = c.sk;
		state = c.state;
	}
	if (challenged)
		fate = c.fate;
	if (told && state != TCPFSM_S_ESTABLISHED)
		return;
	tcpfsm_snap_segment(&seg, skb);
	seg.state = state;
	seg.fate = fate;
	tcpfsm_flow_segment(&id, obj, &seg);
}
