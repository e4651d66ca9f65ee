/* SPDX-License-Identifier: GPL-2.0 */
/* The newest kernel's TCP functions, on older ones. */
#ifndef _TCPFSM_COMPAT_TCP_H
#define _TCPFSM_COMPAT_TCP_H

#include <linux/skbuff.h>
#include <linux/tcp.h>
#include <linux/version.h>
#include <net/tcp.h>

/* 6.12, 5f60d5f6bbc1 ("move asm/unaligned.h to linux/unaligned.h") */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 12, 0)
#include <asm/unaligned.h>
#else
#include <linux/unaligned.h>
#endif

#include <linux/tcpfsm.h>

#include "ftrace.h"

/* 5.19, 40570375356c ("tcp: add accessors to read/set tp->snd_cwnd") */
#if LINUX_VERSION_CODE < KERNEL_VERSION(5, 19, 0)
#define tcp_snd_cwnd(tp) ((tp)->snd_cwnd)
#endif

/**
 * tcpfsm_reset_skb() - the segment tcp_reset() was called for
 * @regs: arguments of tcp_reset()
 *
 * Return: the segment, NULL before 5.13, see tcpfsm_reset_cause().
 */
static inline const struct sk_buff *tcpfsm_reset_skb(struct ftrace_regs *regs)
{
#ifdef HAVE_TCP_RESET_SKB
	return (void *)ftrace_regs_get_argument(regs, 1);
#else
	return NULL;
#endif
}

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
	const struct sk_buff *skb = tcpfsm_reset_skb(regs);

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
