/* SPDX-License-Identifier: GPL-2.0 */
/* The newest kernel's TCP functions, on older ones. */
#ifndef _TCPFSM_COMPAT_TCP_H
#define _TCPFSM_COMPAT_TCP_H

#include <linux/skbuff.h>
#include <linux/tcp.h>
#include <net/tcp.h>

#include <linux/tcpfsm.h>

#include "ftrace.h"

/**
 * tcpfsm_reset_cause() - what tcp_reset() was called for
 * @sk: the socket
 * @regs: arguments of tcp_reset()
 *
 * 5.13, 049fe386d353 ("tcp: parse mptcp options contained in reset packets") gave
 * tcp_reset() the segment. Before, a RST for a socket that no longer receives
 * cannot be told from data for it.
 *
 * Return: enum tcpfsm_cause.
 */
static inline u16 tcpfsm_reset_cause(const struct sock *sk, struct ftrace_regs *regs)
{
#ifdef HAVE_TCP_RESET_SKB
	const struct sk_buff *skb = (void *)ftrace_regs_get_argument(regs, 1);

	if (!skb)
		return TCPFSM_C_UNKNOWN;
	return tcp_hdr(skb)->rst ? TCPFSM_C_RCV_RST : TCPFSM_C_DATA_AFTER_CLOSE;
#else
	bool deaf = (1 << sk->sk_state) & (TCPF_FIN_WAIT1 | TCPF_FIN_WAIT2) &&
		    sk->sk_shutdown & RCV_SHUTDOWN;

	return deaf ? TCPFSM_C_UNKNOWN : TCPFSM_C_RCV_RST;
#endif
}

#endif
