/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _TCPFSM_DRAIN_H
#define _TCPFSM_DRAIN_H

#include "ring.h"

int tcpfsm_drain_init(void);
void tcpfsm_drain_exit(void);
void __tcpfsm_drain_kick(enum tcpfsm_news news);

/**
 * tcpfsm_drain_kick() - there may be something to read
 * @news: as tcpfsm_ring_news() said with the bucket locked
 *
 * Context: any but hardirq and NMI; no bucket locked.
 */
static inline void tcpfsm_drain_kick(enum tcpfsm_news news)
{
	if (news != TCPFSM_NO_NEWS)
		__tcpfsm_drain_kick(news);
}

#endif
