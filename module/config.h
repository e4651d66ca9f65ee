/* SPDX-License-Identifier: GPL-2.0 */
/* What can be set while the module runs: thresholds and rates. */
#ifndef _TCPFSM_CONFIG_H
#define _TCPFSM_CONFIG_H

#include <linux/compiler.h>
#include <linux/types.h>

#include <linux/tcpfsm.h>

/* By enum tcpfsm_attr_config; written under genl's lock, read by anybody. */
extern u32 tcpfsm_config[TCPFSM_A_CONFIG_MAX + 1];

static inline u32 tcpfsm_config_get(unsigned int attr)
{
	return READ_ONCE(tcpfsm_config[attr]);
}

void tcpfsm_config_init(void);

#endif
