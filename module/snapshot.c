// SPDX-License-Identifier: GPL-2.0
/* Facts copied from the kernel's objects, in fixed size, without a lock. */
#include <linux/cred.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/sched.h>
#include <linux/sock_diag.h>
#include <linux/string.h>
#include <linux/tcp.h>
#include <net/dst.h>
#include <net/request_sock.h>
#include <net/tcp.h>
#include <net/tcp_states.h>

#include "compat/tcp.h"
#include "snapshot.h"

/**
 * tcpfsm_cookie_new() - give an object a cookie, see tcpfsm_cookie()
 * @obj: the object
 *
 * Context: any.
 * Return: the cookie, never 0.
 */
u64 tcpfsm_cookie_new(const void *obj)
{
	u32 halves[2];

	sock_diag_save_cookie((struct sock *)obj, halves);
	return halves[0] | (u64)halves[1] << 32;
}

/**
 * tcpfsm_snap_id() - which connection is this?
 * @id: filled in
 * @obj: a request, full or timewait socket; all begin with struct sock_common
 *
 * Context: any.
 */
void tcpfsm_snap_id(struct tcpfsm_id *id, const void *obj)
{
	const struct sock_common *c = obj;

	memset(id, 0, sizeof(*id));
	id->cookie = tcpfsm_cookie(obj);
	id->netns = read_pnet(&c->skc_net)->ns.inum;
	id->family = c->skc_family;
	id->lport = htons(c->skc_num);
	id->rport = c->skc_dport;
#if IS_ENABLED(CONFIG_IPV6)
	if (c->skc_family == AF_INET6) {
		memcpy(id->laddr, &c->skc_v6_rcv_saddr, sizeof(id->laddr));
		memcpy(id->raddr, &c->skc_v6_daddr, sizeof(id->raddr));
		return;
	}
#endif
	memcpy(id->laddr, &c->skc_rcv_saddr, sizeof(c->skc_rcv_saddr));
	memcpy(id->raddr, &c->skc_daddr, sizeof(c->skc_daddr));
}

/**
 * tcpfsm_snap_owner() - who is the current process?
 * @owner: filled in
 *
 * Context: process; see tcpfsm_current_acts().
 */
void tcpfsm_snap_owner(struct tcpfsm_owner *owner)
{
	owner->pid = task_tgid_nr(current);
	owner->uid = from_kuid_munged(&init_user_ns, current_uid());
	/* what the process was called before may stand behind its name, as on 5.10 */
	strscpy_pad(owner->comm, current->comm, sizeof(owner->comm));
}

/* RFC 9293's names for the kernel's states */
const u8 tcpfsm_states[TCP_MAX_STATES] = {
	[TCP_ESTABLISHED]	= TCPFSM_S_ESTABLISHED,
	[TCP_SYN_SENT]		= TCPFSM_S_SYN_SENT,
	[TCP_SYN_RECV]		= TCPFSM_S_SYN_RECEIVED,
	[TCP_FIN_WAIT1]		= TCPFSM_S_FIN_WAIT_1,
	[TCP_FIN_WAIT2]		= TCPFSM_S_FIN_WAIT_2,
	[TCP_TIME_WAIT]		= TCPFSM_S_TIME_WAIT,
	[TCP_CLOSE]		= TCPFSM_S_CLOSED,
	[TCP_CLOSE_WAIT]	= TCPFSM_S_CLOSE_WAIT,
	[TCP_LAST_ACK]		= TCPFSM_S_LAST_ACK,
	[TCP_LISTEN]		= TCPFSM_S_LISTEN,
	[TCP_CLOSING]		= TCPFSM_S_CLOSING,
	[TCP_NEW_SYN_RECV]	= TCPFSM_S_SYN_RECEIVED,
};

/**
 * tcpfsm_snap_peers() - between whom is this segment, which came in?
 * @id: filled in, without a cookie
 * @skb: the segment
 * @net: its namespace, NULL to have it found; 0 in @id if it cannot be
 *
 * Context: any.
 */
void tcpfsm_snap_peers(struct tcpfsm_id *id, const struct sk_buff *skb, const struct net *net)
{
	const struct tcphdr *th = tcp_hdr(skb);

	memset(id, 0, sizeof(*id));
	if (!net && skb->dev)
		net = dev_net(skb->dev);
	else if (!net && skb_dst(skb))
		net = dev_net(skb_dst(skb)->dev);
	if (net)
		id->netns = net->ns.inum;
	id->lport = th->dest;
	id->rport = th->source;
	if (skb->protocol == htons(ETH_P_IPV6)) {
		id->family = AF_INET6;
		memcpy(id->laddr, &ipv6_hdr(skb)->daddr, sizeof(id->laddr));
		memcpy(id->raddr, &ipv6_hdr(skb)->saddr, sizeof(id->raddr));
	} else {
		id->family = AF_INET;
		memcpy(id->laddr, &ip_hdr(skb)->daddr, sizeof(ip_hdr(skb)->daddr));
		memcpy(id->raddr, &ip_hdr(skb)->saddr, sizeof(ip_hdr(skb)->saddr));
	}
}

static void fast_open_option(struct tcpfsm_segment *seg, u8 len)
{
	seg->known |= TCPFSM_SEG_COOKIE;
	seg->cookie_len = len;
}

/* As tcp_parse_options(); what is cut short or longer than the header ends it. */
static void snap_options(struct tcpfsm_segment *seg, const struct tcphdr *th)
{
	const u8 *at = (const u8 *)(th + 1);
	int left = th->doff * 4 - sizeof(*th);
	int size;

	for (; left > 0 && *at != TCPOPT_EOL; at += size, left -= size) {
		if (*at == TCPOPT_NOP) {
			size = 1;
			continue;
		}
		if (left < 2 || at[1] < 2 || at[1] > left)
			return;
		size = at[1];
		if (*at == TCPOPT_MSS && size == TCPOLEN_MSS) {
			seg->known |= TCPFSM_SEG_MSS;
			seg->mss = get_unaligned_be16(at + 2);
		} else if (*at == TCPOPT_WINDOW && size == TCPOLEN_WINDOW) {
			seg->known |= TCPFSM_SEG_WSCALE;
			seg->wscale = at[2];
		} else if (*at == TCPOPT_SACK_PERM && size == TCPOLEN_SACK_PERM) {
			seg->known |= TCPFSM_SEG_SACK_OK;
		} else if (*at == TCPOPT_TIMESTAMP && size == TCPOLEN_TIMESTAMP) {
			seg->known |= TCPFSM_SEG_TS | TCPFSM_SEG_TSVAL | TCPFSM_SEG_TSECR;
			seg->tsval = get_unaligned_be32(at + 2);
			seg->tsecr = get_unaligned_be32(at + 6);
		} else if (*at == TCPOPT_FASTOPEN) {
			fast_open_option(seg, size - 2);
		} else if (*at == TCPOPT_EXP && size >= TCPOLEN_EXP_FASTOPEN_BASE &&
			   get_unaligned_be16(at + 2) == TCPOPT_FASTOPEN_MAGIC) {
			fast_open_option(seg, size - TCPOLEN_EXP_FASTOPEN_BASE);
		}
	}
	seg->known |= TCPFSM_SEG_OPTIONS;
}

/**
 * tcpfsm_snap_segment() - what does a segment say that came in?
 * @seg: filled in
 * @skb: the segment, its TCP header in the linear part
 *
 * Of options only those of a SYN are read.
 *
 * Context: any.
 */
void tcpfsm_snap_segment(struct tcpfsm_segment *seg, const struct sk_buff *skb)
{
	const struct tcphdr *th = tcp_hdr(skb);

	memset(seg, 0, sizeof(*seg));
	seg->dir = TCPFSM_DIR_IN;
	seg->tcp_flags = ((const u8 *)th)[13] & 0x3f;
	seg->len = skb->len - skb_transport_offset(skb) - th->doff * 4;
	seg->seq = ntohl(th->seq);
	if (th->fin)
		seg->seq += seg->len;
	seg->win = ntohs(th->window);
	seg->known = TCPFSM_SEG_SEQ | TCPFSM_SEG_LEN | TCPFSM_SEG_WIN | TCPFSM_SEG_PSH;
	if (th->ack) {
		seg->ack = ntohl(th->ack_seq);
		seg->known |= TCPFSM_SEG_ACK;
	}
	if (th->syn)
		snap_options(seg, th);
}

/**
 * tcpfsm_snap_fin() - what does the FIN say that tcp_fin() was called for?
 * @seg: filled in
 * @sk: the socket, in ESTABLISHED
 *
 * It is the last in the receive queue, if need be merged into the segment before
 * it (tcp_try_coalesce()), whose header then tells nothing of it; or which has none
 * (tcp_collapse(), tcp_send_rcvq()).
 *
 * Context: the socket is locked.
 */
void tcpfsm_snap_fin(struct tcpfsm_segment *seg, const struct sock *sk)
{
	const struct tcp_sock *tp = tcp_sk(sk);
	const struct sk_buff *tail = skb_peek_tail(&sk->sk_receive_queue);

	if (tail && TCP_SKB_CB(tail)->end_seq == tp->rcv_nxt &&
	    skb_transport_header_was_set(tail) && tcp_hdr(tail)->fin) {
		tcpfsm_snap_segment(seg, tail);
		/* the header is pulled, and data that came twice is cut off */
		seg->seq = tp->rcv_nxt - 1;
		seg->len = seg->seq - ntohl(tcp_hdr(tail)->seq);
		return;
	}
	memset(seg, 0, sizeof(*seg));
	seg->dir = TCPFSM_DIR_IN;
	seg->tcp_flags = TCPFSM_TH_FIN | TCPFSM_TH_ACK;
	seg->seq = tp->rcv_nxt - 1;
	seg->known = TCPFSM_SEG_SEQ;
	if (tail && TCP_SKB_CB(tail)->end_seq == tp->rcv_nxt) {
		seg->ack = TCP_SKB_CB(tail)->ack_seq;
		seg->known |= TCPFSM_SEG_ACK;
	}
}

/**
 * tcpfsm_snap_plain() - what will a segment without SYN and payload say?
 * @seg: filled in
 * @tcp_flags: TCPFSM_TH_*
 * @seq: sequence number
 * @ack: acknowledgment number, if @tcp_flags have TCPFSM_TH_ACK
 *
 * Context: any.
 */
void tcpfsm_snap_plain(struct tcpfsm_segment *seg, u8 tcp_flags, u32 seq, u32 ack)
{
	memset(seg, 0, sizeof(*seg));
	seg->dir = TCPFSM_DIR_OUT;
	seg->tcp_flags = tcp_flags;
	seg->seq = seq;
	seg->known = TCPFSM_SEG_SEQ | TCPFSM_SEG_LEN | TCPFSM_SEG_PSH;
	if (tcp_flags & TCPFSM_TH_ACK) {
		seg->ack = ack;
		seg->known |= TCPFSM_SEG_ACK;
	}
}

/* A signature takes the place of the timestamps; which peers get one is not asked. */
static bool signs(const struct sock *sk)
{
#ifdef CONFIG_TCP_MD5SIG
	return rcu_access_pointer(tcp_sk(sk)->md5sig_info);
#else
	return false;
#endif
}

/**
 * tcpfsm_snap_syn() - what will the SYN, or SYN,ACK, of a full socket say?
 * @seg: filled in
 * @sk: the socket, after tcp_connect_init()
 * @tcp_flags: TCPFSM_TH_*
 * @seq: its number
 *
 * As tcp_syn_options(). The timestamp is of a clock that is read later. What Fast
 * Open adds, option and data, is not known yet.
 *
 * Context: the socket is locked.
 */
void tcpfsm_snap_syn(struct tcpfsm_segment *seg, const struct sock *sk, u8 tcp_flags, u32 seq)
{
	const struct tcp_sock *tp = tcp_sk(sk);
	const struct net *net = sock_net(sk);

	tcpfsm_snap_plain(seg, tcp_flags, seq, tp->rcv_nxt);
	seg->win = min(tp->rcv_wnd, 65535U);
	seg->mss = tp->advmss;
	seg->known |= TCPFSM_SEG_WIN | TCPFSM_SEG_MSS | TCPFSM_SEG_OPTIONS;
	if (READ_ONCE(net->ipv4.sysctl_tcp_window_scaling)) {
		seg->wscale = tp->rx_opt.rcv_wscale;
		seg->known |= TCPFSM_SEG_WSCALE;
	}
	if (READ_ONCE(net->ipv4.sysctl_tcp_sack))
		seg->known |= TCPFSM_SEG_SACK_OK;
	if (signs(sk)) {
		seg->known &= ~TCPFSM_SEG_OPTIONS;
	} else if (READ_ONCE(net->ipv4.sysctl_tcp_timestamps)) {
		seg->tsecr = tp->rx_opt.ts_recent;
		seg->known |= TCPFSM_SEG_TS | TCPFSM_SEG_TSECR;
	}
	if (tp->fastopen_req)
		seg->known &= ~(TCPFSM_SEG_OPTIONS | TCPFSM_SEG_LEN);
}

/**
 * tcpfsm_snap_synack() - what will the SYN,ACK of a request say?
 * @seg: filled in
 * @sk: its listener, or Fast Open child
 * @dst: the route it takes
 * @req: the request
 * @foc: Fast Open cookie to give, NULL for none
 *
 * As tcp_make_synack() and tcp_synack_options().
 *
 * Context: softirqs are off.
 */
void tcpfsm_snap_synack(struct tcpfsm_segment *seg, const struct sock *sk,
			const struct dst_entry *dst, const struct request_sock *req,
			const struct tcp_fastopen_cookie *foc)
{
	const struct inet_request_sock *ireq = inet_rsk(req);
	const struct tcp_request_sock *treq = tcp_rsk((struct request_sock *)req);

	tcpfsm_snap_plain(seg, TCPFSM_TH_SYN | TCPFSM_TH_ACK, treq->snt_isn, treq->rcv_nxt);
	seg->win = min(req->rsk_rcv_wnd, 65535U);
	seg->mss = tcp_mss_clamp(tcp_sk(sk), dst_metric_advmss(dst));
	seg->known |= TCPFSM_SEG_WIN | TCPFSM_SEG_MSS | TCPFSM_SEG_OPTIONS;
	if (ireq->wscale_ok) {
		seg->wscale = ireq->rcv_wscale;
		seg->known |= TCPFSM_SEG_WSCALE;
	}
	if (ireq->sack_ok)
		seg->known |= TCPFSM_SEG_SACK_OK;
	if (signs(sk)) {
		seg->known &= ~TCPFSM_SEG_OPTIONS;
	} else if (ireq->tstamp_ok) {
		seg->tsecr = READ_ONCE(req->ts_recent);
		seg->known |= TCPFSM_SEG_TS | TCPFSM_SEG_TSECR;
	}
	if (foc && foc->len >= 0)
		fast_open_option(seg, foc->len);
}

/**
 * tcpfsm_timer_of() - if a timer gives this connection up, which one is it?
 * @sk: a full socket, its queues still as the timer found them
 *
 * As tcp_write_timeout(), tcp_probe_timer() and tcp_keepalive_timer() decide. A
 * user timeout takes the place of the limits on retransmissions and probes.
 *
 * Context: the socket is locked.
 * Return: enum tcpfsm_cause.
 */
u16 tcpfsm_timer_of(const struct sock *sk)
{
	const struct inet_connection_sock *icsk = inet_csk(sk);
	const struct net *net = sock_net(sk);
	bool user = READ_ONCE(icsk->icsk_user_timeout);
	u8 limit;

	if (sk->sk_state == TCP_SYN_SENT || sk->sk_state == TCP_SYN_RECV) {
		limit = icsk->icsk_syn_retries ? : READ_ONCE(net->ipv4.sysctl_tcp_syn_retries);
		if (user && icsk->icsk_retransmits < limit)
			return TCPFSM_C_USER_TIMEOUT;
		return sk->sk_state == TCP_SYN_SENT ? TCPFSM_C_SYN_TIMEOUT :
						      TCPFSM_C_SYNACK_TIMEOUT;
	}
	if (user)
		return TCPFSM_C_USER_TIMEOUT;
	if (tcp_sk(sk)->packets_out)
		return TCPFSM_C_RTO;
	return tcp_send_head(sk) ? TCPFSM_C_PROBE_TIMEOUT : TCPFSM_C_KEEPALIVE;
}
