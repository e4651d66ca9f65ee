// SPDX-License-Identifier: GPL-2.0
/*
 * What becomes of a segment that came, worked out before the kernel does: its own
 * checks, in its own order (RFC 9293, section 3.10.7; RFC 5961), for each kind of
 * socket.
 *
 * Timestamps are compared where they are known, in SYNs (tcpfsm_snap_segment()).
 * What is thrown away for its timestamp (PAWS) without being one is told as taken.
 */
#include <linux/tcp.h>
#include <net/inet_timewait_sock.h>
#include <net/request_sock.h>
#include <net/tcp.h>
#include <net/tcp_states.h>

#include "compat/tcp.h"
#include "fate.h"
#include "snapshot.h"

/* As __tcp_oow_rate_limited() is about to find */
static bool limited(const struct net *net, u32 last)
{
	s32 elapsed = tcp_jiffies32 - last;

	return last && elapsed >= 0 &&
	       elapsed < READ_ONCE(net->ipv4.sysctl_tcp_invalid_ratelimit);
}

/* As tcp_in_window() */
static bool in_window(u32 seq, u32 end_seq, u32 from, u32 to)
{
	if (seq == from)
		return true;
	if (after(end_seq, from) && before(seq, to))
		return true;
	return seq == to && seq == end_seq;
}

static bool sends_cookies(const struct net *net)
{
	return IS_ENABLED(CONFIG_SYN_COOKIES) && READ_ONCE(net->ipv4.sysctl_tcp_syncookies);
}

static bool cookies_out(const struct sock *listener)
{
#ifdef CONFIG_SYN_COOKIES
	return sends_cookies(sock_net(listener)) && !tcp_synq_no_recent_overflow(listener);
#else
	return false;
#endif
}

/**
 * tcpfsm_fate_of_syn() - is a SYN thrown away at once, as a queue is full?
 * @listener: the socket it came for
 * @reuse: it takes over a TIME_WAIT, which the SYN queue has always room for
 *
 * As tcp_conn_request().
 *
 * Context: softirq, or process with softirqs off.
 * Return: TCPFSM_FATE_SYN_QUEUE, TCPFSM_FATE_ACCEPT_QUEUE or TCPFSM_FATE_NONE.
 */
u8 tcpfsm_fate_of_syn(const struct sock *listener, bool reuse)
{
	const struct net *net = sock_net(listener);

	if (!reuse && !sends_cookies(net) &&
	    (READ_ONCE(net->ipv4.sysctl_tcp_syncookies) == 2 ||
	     inet_csk_reqsk_queue_is_full(listener)))
		return TCPFSM_FATE_SYN_QUEUE;
	return sk_acceptq_is_full(listener) ? TCPFSM_FATE_ACCEPT_QUEUE : TCPFSM_FATE_NONE;
}

/**
 * tcpfsm_fate_in_listen() - what becomes of a segment that a listener has no use for?
 * @listener: the listener
 * @th: the segment's header; no SYN alone
 *
 * As tcp_rcv_state_process(); RFC 9293, section 3.10.7.2.
 *
 * Context: any.
 * Return: enum tcpfsm_fate.
 */
u8 tcpfsm_fate_in_listen(const struct sock *listener, const struct tcphdr *th)
{
	if (!th->ack || th->rst)
		return TCPFSM_FATE_DROPPED;
	return !th->syn && cookies_out(listener) ? TCPFSM_FATE_BAD_COOKIE : TCPFSM_FATE_RESET;
}

/**
 * tcpfsm_fate_for_request() - what becomes of a segment that came for a request?
 * @listener: its listener
 * @skb: the segment
 * @req: the request
 *
 * As tcp_check_req().
 *
 * Context: softirq, or process with softirqs off.
 * Return: enum tcpfsm_fate.
 */
u8 tcpfsm_fate_for_request(const struct sock *listener, const struct sk_buff *skb,
			   const struct request_sock *req)
{
	const struct tcp_request_sock *treq = tcp_rsk((struct request_sock *)req);
	u32 seq = TCP_SKB_CB(skb)->seq, end_seq = TCP_SKB_CB(skb)->end_seq;
	const struct tcphdr *th = tcp_hdr(skb);
	bool again = seq == treq->rcv_isn;

	if (again && th->syn && !th->ack && !th->rst)
		return TCPFSM_FATE_NONE;
	if (th->ack && ntohl(th->ack_seq) != treq->snt_isn + 1 &&
	    !(th->rst && TCPFSM_REQUEST_CHALLENGES))
		return tcpfsm_fate_in_listen(listener, th);
	if (!in_window(seq, end_seq, treq->rcv_nxt, treq->rcv_nxt + tcpfsm_synack_window(req)))
		return TCPFSM_FATE_DROPPED;
	if (th->rst && TCPFSM_REQUEST_CHALLENGES && seq != treq->rcv_nxt)
		return limited(sock_net(listener), READ_ONCE(treq->last_oow_ack_time)) ?
		       TCPFSM_FATE_DROPPED : TCPFSM_FATE_CHALLENGED;
	if (th->rst)
		return TCPFSM_FATE_NONE;
	if (th->syn && !again)
		return TCPFSM_FATE_RESET;
	if (!th->ack)
		return TCPFSM_FATE_DROPPED;
	/* TCP_DEFER_ACCEPT waits for data, and so for another segment */
	if (req->num_timeout < READ_ONCE(inet_csk(listener)->icsk_accept_queue.rskq_defer_accept) &&
	    end_seq == treq->rcv_isn + 1)
		return TCPFSM_FATE_DROPPED;
	return sk_acceptq_is_full(listener) ? TCPFSM_FATE_ACCEPT_QUEUE : TCPFSM_FATE_NONE;
}

/**
 * tcpfsm_fate_in_syn_sent() - what becomes of a segment that came in SYN_SENT?
 * @sk: the socket
 * @skb: the segment
 *
 * As tcp_rcv_synsent_state_process(); RFC 9293, section 3.10.7.3.
 *
 * Context: the socket is locked.
 * Return: enum tcpfsm_fate.
 */
u8 tcpfsm_fate_in_syn_sent(const struct sock *sk, const struct sk_buff *skb)
{
	const struct tcp_sock *tp = tcp_sk(sk);
	const struct tcphdr *th = tcp_hdr(skb);
	u32 ack = ntohl(th->ack_seq);
	struct tcpfsm_segment seg;

	if (th->ack && (!after(ack, tp->snd_una) || after(ack, tp->snd_nxt)))
		return th->rst ? TCPFSM_FATE_DROPPED : TCPFSM_FATE_RESET;
	if (th->ack ? !th->rst && !th->syn : th->rst || !th->syn)
		return TCPFSM_FATE_DROPPED;
	if (!th->ack || !th->syn || !READ_ONCE(sock_net(sk)->ipv4.sysctl_tcp_timestamps))
		return TCPFSM_FATE_NONE;
	tcpfsm_snap_segment(&seg, skb);
	/* it echoes what was never sent */
	if (seg.known & TCPFSM_SEG_TSECR && seg.tsecr &&
	    !between(seg.tsecr - tp->tsoffset, tp->retrans_stamp, tcpfsm_timestamp(tp)))
		return th->rst ? TCPFSM_FATE_DROPPED : TCPFSM_FATE_RESET;
	return TCPFSM_FATE_NONE;
}

/* As tcp_reset_check(), and what tcp_validate_incoming() asks behind it */
static bool at_edge(const struct sock *sk, u32 seq, bool in_window)
{
	const struct tcp_sock *tp = tcp_sk(sk);
	u32 sacked;
	int i;

	if (seq == tp->rcv_nxt - 1 &&
	    (1 << sk->sk_state) & (TCPF_CLOSE_WAIT | TCPF_LAST_ACK | TCPF_CLOSING))
		return true;
	if (!in_window)
		return false;
	if (seq == tp->rcv_nxt)
		return true;
	if (!tcp_is_sack(tp) || !tp->rx_opt.num_sacks)
		return false;
	sacked = tp->selective_acks[0].end_seq;
	for (i = 1; i < tp->rx_opt.num_sacks; i++)
		if (after(tp->selective_acks[i].end_seq, sacked))
			sacked = tp->selective_acks[i].end_seq;
	return seq == sacked;
}

/**
 * tcpfsm_fate_in_sync() - what becomes of a segment that came in SYN_RECEIVED or later?
 * @sk: a full socket, not in ESTABLISHED
 * @skb: the segment
 *
 * As tcp_validate_incoming(). With Fast Open tcp_check_req() is asked before.
 *
 * Context: the socket is locked.
 * Return: enum tcpfsm_fate.
 */
u8 tcpfsm_fate_in_sync(const struct sock *sk, const struct sk_buff *skb)
{
	u32 seq = TCP_SKB_CB(skb)->seq, end_seq = TCP_SKB_CB(skb)->end_seq;
	const struct tcp_sock *tp = tcp_sk(sk);
	const struct tcphdr *th = tcp_hdr(skb);
	bool inside;

	if (rcu_access_pointer(tp->fastopen_rsk))
		return TCPFSM_FATE_NONE;
	if (!th->ack && !th->rst && !th->syn)
		return TCPFSM_FATE_DROPPED;
	inside = !before(end_seq, tp->rcv_wup) && !tcpfsm_beyond_window(sk, seq, end_seq, th->fin);
	if (th->rst && at_edge(sk, seq, inside))
		return TCPFSM_FATE_NONE;
	if (th->rst)
		return inside ? tcpfsm_fate_of_challenge(sk) : TCPFSM_FATE_DROPPED;
	if (TCPFSM_TAKES_CROSSED_SYNACK &&
	    th->syn && inside && sk->sk_state == TCP_SYN_RECV && sk->sk_socket && th->ack &&
	    seq + 1 == end_seq && seq + 1 == tp->rcv_nxt && ntohl(th->ack_seq) == tp->snd_nxt)
		return TCPFSM_FATE_NONE;	/* simultaneous open */
	if (th->syn)
		return tcpfsm_fate_of_challenge(sk);
	return inside ? TCPFSM_FATE_NONE : TCPFSM_FATE_DROPPED;
}

/* As tcp_timewait_state_process() does with tcp_paws_reject() */
static bool too_old(const struct tcp_timewait_sock *tcptw, const struct tcpfsm_segment *seg)
{
	const struct tcp_options_received opt = {
		.saw_tstamp = 1,
		.ts_recent_stamp = READ_ONCE(tcptw->tw_ts_recent_stamp),
		.ts_recent = READ_ONCE(tcptw->tw_ts_recent),
		.rcv_tsval = seg->tsval,
	};

	return opt.ts_recent_stamp && seg->known & TCPFSM_SEG_TSVAL && tcp_paws_reject(&opt, false);
}

static u8 fate_in_fin_wait_2(const struct tcp_timewait_sock *tcptw, const struct sk_buff *skb,
			     const struct tcpfsm_segment *seg)
{
	u32 seq = TCP_SKB_CB(skb)->seq, end_seq = TCP_SKB_CB(skb)->end_seq;
	const struct net *net = twsk_net(&tcptw->tw_sk);
	u32 rcv_nxt = READ_ONCE(tcptw->tw_rcv_nxt);
	const struct tcphdr *th = tcp_hdr(skb);

	if (too_old(tcptw, seg) || !in_window(seq, end_seq, rcv_nxt, rcv_nxt + tcptw->tw_rcv_wnd))
		return !th->syn || limited(net, tcptw->tw_last_oow_ack_time) ?
		       TCPFSM_FATE_DROPPED : TCPFSM_FATE_NONE;
	if (th->rst)
		return TCPFSM_FATE_NONE;
	if (th->syn && !before(seq, rcv_nxt))
		return TCPFSM_FATE_RESET;
	if (!th->ack)
		return TCPFSM_FATE_DROPPED;
	return th->fin && end_seq != rcv_nxt + 1 ? TCPFSM_FATE_RESET : TCPFSM_FATE_NONE;
}

/**
 * tcpfsm_fate_in_timewait() - what becomes of a segment that came for a timewait socket?
 * @tw: the socket
 * @skb: the segment, with SYN, FIN or RST
 * @seg: what it says
 * @reuse: set to whether it is a SYN that begins another connection, if somebody listens
 *
 * As tcp_timewait_state_process(); RFC 1337 has to do with RSTs.
 *
 * Context: softirq, or process with softirqs off.
 * Return: enum tcpfsm_fate; TCPFSM_FATE_NONE too for what is answered with an ACK,
 *	which is seen.
 */
u8 tcpfsm_fate_in_timewait(const struct inet_timewait_sock *tw, const struct sk_buff *skb,
			   const struct tcpfsm_segment *seg, bool *reuse)
{
	const struct tcp_timewait_sock *tcptw = tcp_twsk((struct sock *)tw);
	u32 rcv_nxt = READ_ONCE(tcptw->tw_rcv_nxt);
	const struct tcphdr *th = tcp_hdr(skb);
	const struct net *net = twsk_net(tw);
	u32 seq = TCP_SKB_CB(skb)->seq;
	bool newer;

	*reuse = false;
	if (READ_ONCE(tw->tw_substate) == TCP_FIN_WAIT2)
		return fate_in_fin_wait_2(tcptw, skb, seg);
	if (th->rst)
		return READ_ONCE(net->ipv4.sysctl_tcp_rfc1337) || seq != rcv_nxt ?
		       TCPFSM_FATE_DROPPED : TCPFSM_FATE_NONE;
	if (!th->syn || th->ack)
		return TCPFSM_FATE_NONE;
	newer = READ_ONCE(tcptw->tw_ts_recent_stamp) && seg->known & TCPFSM_SEG_TSVAL &&
		(s32)(READ_ONCE(tcptw->tw_ts_recent) - seg->tsval) < 0;
	*reuse = !too_old(tcptw, seg) && (after(seq, rcv_nxt) || newer);
	return !*reuse && limited(net, tcptw->tw_last_oow_ack_time) ? TCPFSM_FATE_DROPPED :
								      TCPFSM_FATE_NONE;
}

/**
 * tcpfsm_fate_of_challenge() - is a segment answered that asks for a challenge ACK?
 * @sk: the socket it came for
 *
 * The rate limit tcp_challenge_ack_limit, off by default since Linux 6.0 (79e3602caa6f), is
 * not taken into account.
 *
 * Context: the socket is locked.
 * Return: TCPFSM_FATE_CHALLENGED or TCPFSM_FATE_DROPPED.
 */
u8 tcpfsm_fate_of_challenge(const struct sock *sk)
{
	return limited(sock_net(sk), READ_ONCE(tcp_sk(sk)->last_oow_ack_time)) ?
	       TCPFSM_FATE_DROPPED : TCPFSM_FATE_CHALLENGED;
}
