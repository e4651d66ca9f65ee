/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _TCPFSM_HAND_H
#define _TCPFSM_HAND_H

#include <linux/types.h>

#include <linux/tcpfsm.h>

struct request_sock;
struct sk_buff;
struct sock;
struct task_struct;

/**
 * struct tcpfsm_challenge - a challenge ACK answers a segment, which is then thrown away
 * @sk: whose it is; compared, never followed
 * @task: the process it happened in, or that was interrupted
 * @softirq: it happened in softirq
 * @id: the connection
 * @state: enum tcpfsm_state
 * @fate: enum tcpfsm_fate
 */
struct tcpfsm_challenge {
	const struct sock		*sk;
	const struct task_struct	*task;
	bool				softirq;
	struct tcpfsm_id		id;
	u8				state;
	u8				fate;
};

void tcpfsm_hand_take(const struct sk_buff *skb, u64 request);
void tcpfsm_hand_hold(const struct sk_buff *skb, const void *obj, const struct tcpfsm_id *id,
		      const struct tcpfsm_segment *seg);
bool tcpfsm_hand_reuse(const struct sk_buff *skb);
void tcpfsm_hand_let_go(const struct sk_buff *skb, u8 fate);
bool tcpfsm_hand_syn_of(const void *obj, const struct tcpfsm_id *id,
			const struct request_sock *req);
bool tcpfsm_hand_syn_lost(const struct request_sock *req, u8 fate);

bool tcpfsm_hand_told(const struct sk_buff *skb);
u64 tcpfsm_hand_request(const struct sk_buff *skb);
u64 tcpfsm_hand_refuse(const struct sk_buff *skb, bool for_nobody);
bool tcpfsm_hand_refused(const struct sk_buff *skb);
bool tcpfsm_hand_drop(const struct sk_buff *skb);
void tcpfsm_hand_forget(const struct sk_buff *skb);

void tcpfsm_hand_challenge(const struct sock *sk, u8 state, u8 fate);
bool tcpfsm_hand_challenged(const struct sock *sk, const struct tcpfsm_id *peers,
			    struct tcpfsm_challenge *c);

void tcpfsm_hand_init(void);
void tcpfsm_hand_exit(void);

#endif
