/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _TCPFSM_FATE_H
#define _TCPFSM_FATE_H

#include <linux/types.h>

struct inet_timewait_sock;
struct request_sock;
struct sk_buff;
struct sock;
struct tcphdr;
struct tcpfsm_segment;

u8 tcpfsm_fate_of_syn(const struct sock *listener, bool reuse);
u8 tcpfsm_fate_in_listen(const struct sock *listener, const struct tcphdr *th);
u8 tcpfsm_fate_for_request(const struct sock *listener, const struct sk_buff *skb,
			   const struct request_sock *req);
u8 tcpfsm_fate_in_syn_sent(const struct sock *sk, const struct sk_buff *skb);
u8 tcpfsm_fate_in_sync(const struct sock *sk, const struct sk_buff *skb);
u8 tcpfsm_fate_in_timewait(const struct inet_timewait_sock *tw, const struct sk_buff *skb,
			   const struct tcpfsm_segment *seg, bool *reuse);
u8 tcpfsm_fate_of_challenge(const struct sock *sk);

#endif
