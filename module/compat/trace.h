/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Tracepoints whose prototypes differ: probes that take what the kernel gives and
 * call what hooks.c defines, with the arguments of the newest.
 */
#ifndef _TCPFSM_COMPAT_TRACE_H
#define _TCPFSM_COMPAT_TRACE_H

#include <linux/skbuff.h>
#include <net/sock.h>

static void on_retransmit(const struct sock *sk, const struct sk_buff *skb, int err);
static void __maybe_unused on_drop(const struct sk_buff *skb, unsigned int reason,
				   const struct sock *sk);

/*
 * 6.17, ad892e912b84 ("tcp: trace retransmit failures in tcp_retransmit_skb"). Before, only
 * what was sent is told of.
 */
#ifdef HAVE_RETRANSMIT_ERR
static void probe_retransmit(void *data, const struct sock *sk, const struct sk_buff *skb,
			     int err)
{
	on_retransmit(sk, skb, err);
}
#else
static void probe_retransmit(void *data, const struct sock *sk, const struct sk_buff *skb)
{
	on_retransmit(sk, skb, 0);
}
#endif

/*
 * 5.17, c504e5c2f964 ("net: skb: introduce kfree_skb_reason()"), but TCP gives reasons for
 * all that is illegal only since 5.19, da40b613f89c ("tcp: add drop reason support to
 * tcp_validate_incoming()"); without those the tracepoint is of no use. 6.11,
 * c53795d48ee8 ("net: add rx_sk to trace_kfree_skb") gave it the socket; 7.2,
 * 5c4b709b5fc1 ("net: constify sk_skb_reason_drop() sock parameter") made that const.
 */
#ifndef HAVE_DROP_REASON
#define probe_kfree_skb NULL
#elif defined(HAVE_DROP_SOCK_CONST)
static void probe_kfree_skb(void *data, struct sk_buff *skb, void *location,
			    enum skb_drop_reason reason, const struct sock *rx_sk)
{
	on_drop(skb, reason, rx_sk);
}
#elif defined(HAVE_DROP_SOCK)
static void probe_kfree_skb(void *data, struct sk_buff *skb, void *location,
			    enum skb_drop_reason reason, struct sock *rx_sk)
{
	on_drop(skb, reason, rx_sk);
}
#else
static void probe_kfree_skb(void *data, struct sk_buff *skb, void *location,
			    enum skb_drop_reason reason)
{
	on_drop(skb, reason, NULL);
}
#endif

/**
 * tcpfsm_drop_is_illegal() - is it a segment no healthy peer sends?
 * @reason: enum skb_drop_reason
 *
 * Those of tcp_rcv_established() and tcp_validate_incoming(), newer ones among
 * them; not those of tcp_data_queue(), which is for data.
 *
 * Return: whether it may be.
 */
static inline bool tcpfsm_drop_is_illegal(unsigned int reason)
{
#ifdef HAVE_DROP_REASON
	switch (reason) {
	case SKB_DROP_REASON_TCP_ZEROWINDOW:
	case SKB_DROP_REASON_TCP_OLD_DATA:
	case SKB_DROP_REASON_TCP_OVERWINDOW:
	case SKB_DROP_REASON_TCP_OFOMERGE:
		return false;
	default:
		return reason >= SKB_DROP_REASON_TCP_FLAGS &&
		       reason <= SKB_DROP_REASON_TCP_INVALID_SYN;
	}
#else
	return false;
#endif
}

#endif
