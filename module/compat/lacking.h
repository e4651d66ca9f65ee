/* SPDX-License-Identifier: GPL-2.0 */
/* What an attached hook is not told on this kernel. */
#ifndef _TCPFSM_COMPAT_LACKING_H
#define _TCPFSM_COMPAT_LACKING_H

/*
 * At most one of a hook.
 *
 * @hook: its name
 * @argument: that newer kernels give it
 * @unknown: without that; completes "cannot see ..."
 */
static const struct {
	const char *hook;
	const char *argument;
	const char *unknown;
} lacking[] = {
/* 5.13, 049fe386d353 ("tcp: parse mptcp options contained in reset packets") */
#ifndef HAVE_TCP_RESET_SKB
	{ "tcp_reset", "skb",
	  "the numbers of RSTs in ESTABLISHED, nor if RST or data ended one closed both ways" },
#endif
/* 6.11, c53795d48ee8 ("net: add rx_sk to trace_kfree_skb") */
#ifndef HAVE_DROP_SOCK
	{ "kfree_skb", "rx_sk",
	  "whose an illegal segment in ESTABLISHED was, unless it called for a challenge ACK" },
#endif
/*
 * 6.12 and stable, e8c526f2bdf1 ("tcp/dccp: Don't use timer_pending() in
 * reqsk_queue_unlink()."): another function is hooked in its place
 */
	{ "reqsk_queue_unlink", "from_timer",
	  "what ended a half-open flow while another CPU ran its timer" },
};

#endif
