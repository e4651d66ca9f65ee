/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _TCPFSM_SKIP_H
#define _TCPFSM_SKIP_H

#include <linux/types.h>

struct tcpfsm_segment;

bool tcpfsm_skip(const struct tcpfsm_segment *seg, bool has_flow);
bool tcpfsm_skip_tick(void);
u64 tcpfsm_skip_total(void);

#endif
