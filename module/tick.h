/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _TCPFSM_TICK_H
#define _TCPFSM_TICK_H

int tcpfsm_tick_init(void);
void tcpfsm_tick_exit(void);
void tcpfsm_tick_soon(void);
void tcpfsm_tick_now(void);
void tcpfsm_tick_again(void);

#endif
