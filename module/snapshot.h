/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _TCPFSM_SNAPSHOT_H
#define _TCPFSM_SNAPSHOT_H

#include <linux/preempt.h>
#include <net/sock.h>
#include <net/inet_sock.h>

#include <linux/tcpfsm.h>

bool tcpfsm_is_tcp(const struct sock *sk);
u64 tcpfsm_cookie(const void *obj);
void tcpfsm_snap_id(struct tcpfsm_id *id, const void *obj);
void tcpfsm_snap_owner(struct tcpfsm_owner *owner);
u8 tcpfsm_state_of(int tcp_state);

/**
 * tcpfsm_current_acts() - is what happens now done by the current process?
 *
 * On loopback the softirq that receives a segment runs on top of whoever sent
 * it, so in softirq the current process means nothing.
 *
 * Context: any.
 * Return: false in softirq, hardirq and NMI.
 */
static inline bool tcpfsm_current_acts(void)
{
	return in_task();
}

#endif
