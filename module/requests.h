/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _TCPFSM_REQUESTS_H
#define _TCPFSM_REQUESTS_H

#include <net/genetlink.h>

extern struct genl_family tcpfsm_family;	/* netlink.c */
extern const struct genl_ops tcpfsm_operations[7];

void tcpfsm_requests_begin(void);

#endif
