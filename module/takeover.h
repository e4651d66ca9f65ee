/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _TCPFSM_TAKEOVER_H
#define _TCPFSM_TAKEOVER_H

#include <linux/types.h>

int tcpfsm_takeover(void);
u32 tcpfsm_takeover_count(void);

#endif
