/* SPDX-License-Identifier: GPL-2.0 */
/* What a hook does not tell on this kernel, though it is attached. */
#ifndef _TCPFSM_COMPAT_LACKING_H
#define _TCPFSM_COMPAT_LACKING_H

/*
 * Told like a hook that is missing: the name is a hook's, and in parentheses the
 * argument it would take.
 */
static const struct {
	const char *name;
	const char *blind;
} lacking[] = {
/* 5.13, 049fe386d353 ("tcp: parse mptcp options contained in reset packets") */
#ifndef HAVE_TCP_RESET_SKB
	{ "tcp_reset(skb)",
	  "the numbers of RSTs in ESTABLISHED, nor if RST or data ended one closed both ways" },
#endif
};

#endif
