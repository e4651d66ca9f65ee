/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _TCPFSM_SNAPSHOT_H
#define _TCPFSM_SNAPSHOT_H

#include <linux/preempt.h>
#include <net/sock.h>
#include <net/inet_sock.h>

#include <linux/tcpfsm.h>

bool tcpfsm_is_tcp(const struct sock *sk);
u64 tcpfsm_cookie(const void *obj);
void tcpfsm_snap_id(struct tcpfsm_id *id, const void *obj);
void tcpfsm_snap_owner(struct tcpfsm_owner *owner);
u8 tcpfsm_state_of(int tcp_state);

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
