/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _TCPFSM_DRAIN_H
#define _TCPFSM_DRAIN_H

int tcpfsm_drain_init(void);
void tcpfsm_drain_exit(void);
void tcpfsm_drain_kick(void);

#endif
