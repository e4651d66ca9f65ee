/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _TCPFSM_NETLINK_H
#define _TCPFSM_NETLINK_H

int tcpfsm_netlink_init(void);
void tcpfsm_netlink_exit(void);
void tcpfsm_netlink_publish(const void *records, unsigned int size, unsigned int count);

/* main.c */
extern unsigned int tcpfsm_max_flows;
extern unsigned int tcpfsm_ring_records;

#endif
