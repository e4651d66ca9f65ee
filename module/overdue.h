/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _TCPFSM_OVERDUE_H
#define _TCPFSM_OVERDUE_H

#include <linux/types.h>

struct tcpfsm_tracked;

void tcpfsm_overdue_init(void);
void tcpfsm_overdue_enter(struct tcpfsm_tracked *f);
void tcpfsm_overdue_leave(struct tcpfsm_tracked *f, u16 cause);
u64 tcpfsm_overdue_scan(u64 now);
void tcpfsm_overdue_again(void);
u32 tcpfsm_overdue_count(void);

#endif
