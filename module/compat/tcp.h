/* SPDX-License-Identifier: GPL-2.0 */
/* The newest kernel's TCP functions, on older ones. */
#ifndef _TCPFSM_COMPAT_TCP_H
#define _TCPFSM_COMPAT_TCP_H

#include <linux/skbuff.h>
#include <linux/tcp.h>
#include <linux/version.h>
#include <net/tcp.h>

/* 6.12, 5f60d5f6bbc1 ("move asm/unaligned.h to linux/unaligned.h") */
#ifdef HAVE_UNALIGNED
#include <linux/unaligned.h>
#else
#include <asm/unaligned.h>
#endif

#include <linux/tcpfsm.h>

#include "ftrace.h"

/* 5.19, 40570375356c ("tcp: add accessors to read/set tp->snd_cwnd") */
#ifndef HAVE_SND_CWND
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

/*
 * 7.2 and later stable kernels, a28c4fcbf774 ("tcp: challenge ACK for non-exact RST in
 * SYN-RECEIVED"), and a RST's ACK is not looked at
 */
#ifdef HAVE_REQSK_CHALLENGE
#define TCPFSM_REQUEST_CHALLENGES true
#else
#define TCPFSM_REQUEST_CHALLENGES false
#endif

/*
 * 6.11, 23e89e8ee7be ("tcp: Don't drop SYN+ACK for simultaneous connect()."), and three
 * stable series. Nothing in the headers tells.
 */
#define TCPFSM_TAKES_CROSSED_SYNACK \
	(LINUX_VERSION_CODE >= KERNEL_VERSION(6, 10, 10) || \
	 (LINUX_VERSION_CODE >= KERNEL_VERSION(6, 6, 51) && \
	  LINUX_VERSION_CODE < KERNEL_VERSION(6, 7, 0)) || \
	 (LINUX_VERSION_CODE >= KERNEL_VERSION(6, 1, 110) && \
	  LINUX_VERSION_CODE < KERNEL_VERSION(6, 2, 0)))

/**
 * tcpfsm_synack_window() - the window that a request's SYN,ACK offers
 * @req: the request
 *
 * 6.10, f4dca95fc0f6 ("tcp: reduce accepted window in NEW_SYN_RECV state"): it is
 * not scaled, and so never more than 65535.
 *
 * Return: bytes.
 */
static inline u32 tcpfsm_synack_window(const struct request_sock *req)
{
#ifdef HAVE_SYNACK_WINDOW
	return tcp_synack_window(req);
#else
	return req->rsk_rcv_wnd;
#endif
}

/**
 * tcpfsm_timestamp() - what a socket's timestamps say now
 * @tp: the socket
 *
 * 6.7, 614e8316aa4c ("tcp: add support for usec resolution in TCP TS values"); before,
 * they counted milliseconds.
 *
 * Return: the timestamp, without the socket's offset.
 */
static inline u32 tcpfsm_timestamp(const struct tcp_sock *tp)
{
#ifdef HAVE_CLOCK_TS
	return tcp_clock_ts(tp->tcp_usec_ts);
#else
	return tcp_time_stamp_raw();
#endif
}

/**
 * tcpfsm_beyond_window() - is a segment beyond the receive window?
 * @sk: the socket
 * @seq: its number
 * @end_seq: the number after it
 * @fin: it has FIN
 *
 * As tcp_sequence(). The end is looked at since 6.17, 9ca48d616ed7 ("tcp: do not accept
 * packets beyond window"), unless nothing waits to be read; not the FIN's place, since
 * 7.0, 1e3bb184e941 ("tcp: re-enable acceptance of FIN packets when RWIN is 0"), which
 * the headers do not tell: a FIN that 6.17 to 6.19 drop for it is taken for one that
 * came. Measured by the largest window ever offered since 7.1, 0e24d17bd966 ("tcp:
 * implement RFC 7323 window retraction receiver requirements").
 *
 * Return: whether it is.
 */
static inline bool tcpfsm_beyond_window(const struct sock *sk, u32 seq, u32 end_seq, bool fin)
{
	const struct tcp_sock *tp = tcp_sk(sk);
#ifdef HAVE_MAX_RECEIVE_WINDOW
	u32 limit = tp->rcv_nxt + tcp_max_receive_window(tp);
#else
	u32 limit = tp->rcv_nxt + tcp_receive_window(tp);
#endif

#ifdef HAVE_END_SEQUENCE
	if (!after(end_seq - fin, limit))
		return false;
	return after(seq, limit) || !skb_queue_empty(&sk->sk_receive_queue);
#else
	return after(seq, limit);
#endif
}

#endif
