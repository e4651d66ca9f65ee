/* SPDX-License-Identifier: GPL-2.0 */
/* The newest kernel's tracepoints, on older ones. */
#ifndef _TCPFSM_COMPAT_TRACE_H
#define _TCPFSM_COMPAT_TRACE_H

/*
 * 6.17, "tcp: trace retransmit failures in tcp_retransmit_skb": failures are told of too, with
 * the error. Before, only what was sent.
 */
#ifdef HAVE_RETRANSMIT_ERR
#define TCPFSM_RETRANSMIT_ARGS , int err
#define TCPFSM_RETRANSMIT_SENT !err
#else
#define TCPFSM_RETRANSMIT_ARGS
#define TCPFSM_RETRANSMIT_SENT true
#endif

/*
 * 5.17, c504e5c2f964 ("net: skb: introduce kfree_skb_reason()"); without a reason
 * (HAVE_DROP_REASON) the tracepoint is of no use. 6.11, c53795d48ee8 ("net: add rx_sk
 * to trace_kfree_skb"), const since 7.0.
 */
#ifdef HAVE_DROP_SOCK
#ifdef HAVE_DROP_SOCK_CONST
#define TCPFSM_DROP_ARGS , const struct sock *rx_sk
#else
#define TCPFSM_DROP_ARGS , struct sock *rx_sk
#endif
#define TCPFSM_DROP_SOCK rx_sk
#else
#define TCPFSM_DROP_ARGS
#define TCPFSM_DROP_SOCK NULL
#endif

#endif
