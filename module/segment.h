/* SPDX-License-Identifier: GPL-2.0 */
/* probe_segment.c and probe_send.c, for the hooks that see a segment as well */
#ifndef _TCPFSM_SEGMENT_H
#define _TCPFSM_SEGMENT_H

#include <linux/types.h>

struct inet_timewait_sock;
struct request_sock;
struct sk_buff;
struct sock;

void tcpfsm_segment_syn_lost(const struct request_sock *req);
u8 tcpfsm_segment_for_request(const struct sock *listener, const struct sk_buff *skb,
			      const struct request_sock *req);
void tcpfsm_segment_for_timewait(const struct inet_timewait_sock *tw, const struct sk_buff *skb);
void tcpfsm_segment_reset(const struct sock *sk, const struct sk_buff *skb);
void tcpfsm_segment_dropped(const struct sk_buff *skb, const struct sock *sk);
void tcpfsm_segment_answers(const struct sock *sk, u8 tcp_flags);
void tcpfsm_segment_retransmitted(const struct sock *sk, const struct sk_buff *skb);

#endif
