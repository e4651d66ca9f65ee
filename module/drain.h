/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _TCPFSM_DRAIN_H
#define _TCPFSM_DRAIN_H

#include <linux/preempt.h>
#include <linux/spinlock.h>

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

/**
 * tcpfsm_drain_unlock() - unlock, and have what was recorded meanwhile sent
 * @lock: taken with raw_spin_lock_irqsave()
 * @irqflags: by it
 *
 * No preemption before the worker is kicked: that could keep it, and all readers, waiting.
 *
 * Context: any but hardirq and NMI; it is the last of our locks.
 */
static inline void tcpfsm_drain_unlock(raw_spinlock_t *lock, unsigned long irqflags)
	__releases(lock)
{
	const enum tcpfsm_news news = tcpfsm_ring_news();

	preempt_disable();
	raw_spin_unlock_irqrestore(lock, irqflags);
	tcpfsm_drain_kick(news);
	preempt_enable();
}

#endif
