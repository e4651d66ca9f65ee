/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _TCPFSM_LISTENER_H
#define _TCPFSM_LISTENER_H

#include <linux/types.h>

#include <linux/tcpfsm.h>

struct tcpfsm_tracked;

/* What is counted of a listener where it happens; the rest follows from its flows. */
enum tcpfsm_listener_event {
	TCPFSM_L_ACCEPT_DROP,
	TCPFSM_L_SYN_DROP,
	TCPFSM_L_COOKIE_SENT,
	TCPFSM_L_COOKIE_BAD,
	TCPFSM_L_SYNACK_AGAIN,
	TCPFSM_L_COMPLETED,	/* of one the flow table had no room for; others, by their state */
	TCPFSM_L_COOKIE_OK,	/* likewise, by SYN cookie */
	TCPFSM_L_PROVEN,	/* likewise: its Fast Open cookie came back */
};

int tcpfsm_listener_init(unsigned int max);
void tcpfsm_listener_exit(void);

void tcpfsm_listener_add(const struct tcpfsm_tracked *f);
void tcpfsm_listener_del(u64 cookie);
u64 tcpfsm_listener_overflow(void);
void tcpfsm_listener_syn(u64 cookie, const struct tcpfsm_id *peer);
void tcpfsm_listener_event(u64 cookie, enum tcpfsm_listener_event what);
void tcpfsm_listener_follow(struct tcpfsm_tracked *f);
void tcpfsm_listener_accepted(struct tcpfsm_tracked *f);

bool tcpfsm_listener_tick(u64 now);

unsigned int tcpfsm_listener_buckets(void);
int tcpfsm_listener_walk(unsigned int index, unsigned int skip,
			 int (*fn)(const struct tcpfsm_listener *l, void *arg), void *arg);

#endif
