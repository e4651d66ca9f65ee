/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _TCPFSM_SNAPSHOT_H
#define _TCPFSM_SNAPSHOT_H

#include <linux/preempt.h>
#include <net/sock.h>
#include <net/inet_sock.h>
#include <net/tcp_states.h>

#include <linux/tcpfsm.h>

extern const u8 tcpfsm_states[TCP_MAX_STATES];

u64 tcpfsm_cookie_new(const void *obj);
void tcpfsm_snap_id(struct tcpfsm_id *id, const void *obj);
void tcpfsm_snap_owner(struct tcpfsm_owner *owner);

struct dst_entry;
struct net;
struct request_sock;
struct sk_buff;
struct tcp_fastopen_cookie;

void tcpfsm_snap_peers(struct tcpfsm_id *id, const struct sk_buff *skb, const struct net *net);
void tcpfsm_snap_segment(struct tcpfsm_segment *seg, const struct sk_buff *skb);
void tcpfsm_snap_fin(struct tcpfsm_segment *seg, const struct sock *sk);
void tcpfsm_snap_plain(struct tcpfsm_segment *seg, u8 tcp_flags, u32 seq, u32 ack);
void tcpfsm_snap_syn(struct tcpfsm_segment *seg, const struct sock *sk, u8 tcp_flags, u32 seq);
void tcpfsm_snap_synack(struct tcpfsm_segment *seg, const struct sock *sk,
			const struct dst_entry *dst, const struct request_sock *req,
			const struct tcp_fastopen_cookie *foc);
u16 tcpfsm_timer_of(const struct sock *sk);

/**
 * tcpfsm_is_tcp() - is this a TCP socket?
 * @sk: a full socket
 *
 * inet_sock_set_state also tells of SCTP, DCCP and MPTCP; of these, MPTCP's
 * subflows are TCP sockets of their own.
 *
 * Context: any.
 * Return: whether it is.
 */
static inline bool tcpfsm_is_tcp(const struct sock *sk)
{
	return sk->sk_protocol == IPPROTO_TCP &&
	       (sk->sk_family == AF_INET || sk->sk_family == AF_INET6);
}

/**
 * tcpfsm_cookie() - the cookie of a request, full or timewait socket
 * @obj: the object; all three begin with struct sock_common
 *
 * Given on first sight. What is made from the object inherits it: the child of
 * a request, the timewait socket of a full one.
 *
 * Context: any.
 * Return: the cookie, never 0.
 */
static inline u64 tcpfsm_cookie(const void *obj)
{
	u64 cookie = atomic64_read(&((const struct sock *)obj)->sk_cookie);

	return likely(cookie) ? cookie : tcpfsm_cookie_new(obj);
}

/**
 * tcpfsm_state_of() - RFC 9293's name for one of the kernel's states
 * @tcp_state: TCP_ESTABLISHED and so on
 *
 * Context: any.
 * Return: enum tcpfsm_state.
 */
static inline u8 tcpfsm_state_of(unsigned int tcp_state)
{
	return tcp_state < TCP_MAX_STATES ? tcpfsm_states[tcp_state] : TCPFSM_S_UNKNOWN;
}

/**
 * tcpfsm_current_acts() - is what happens now done by the current process?
 *
 * On loopback the softirq that receives a segment runs on top of whoever sent
 * it, so in softirq the current process means nothing.
 *
 * Context: any.
 * Return: false in softirq, hardirq and NMI.
 */
static inline bool tcpfsm_current_acts(void)
{
	return in_task();
}

#endif
