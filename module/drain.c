// SPDX-License-Identifier: GPL-2.0
/*
 * From the rings to the readers: one worker takes the records of all CPUs in
 * the order of their time and hands them on in batches.
 *
 * A hook asks for the worker and goes on. The worker comes a tick later, so that
 * the records of a handshake leave in one message; or at once when a ring is
 * half full.
 */
#include <linux/atomic.h>
#include <linux/ktime.h>
#include <linux/sched.h>
#include <linux/workqueue.h>

#include "drain.h"
#include "netlink.h"
#include "ring.h"

static struct workqueue_struct *wq;
static void drain(struct work_struct *work);
static DECLARE_DELAYED_WORK(drain_work, drain);

/*
 * Set by whoever asks for the worker, soon or now; cleared by it before it looks. While there is no
 * worker both are set, and nobody asks.
 */
static atomic_t asked = ATOMIC_INIT(1), hurried = ATOMIC_INIT(1);

/* The worker's alone; of one message that fits the buffers readers have by default. */
static u8 batch[15 * 1024] __aligned(8);

static void drain(struct work_struct *work)
{
	unsigned int used = 0, records = 0, size;

	atomic_set(&hurried, 0);
	atomic_set(&asked, 0);
	/* a record not seen below was written by a hook that asks again */
	smp_mb();

	tcpfsm_ring_begin(ktime_get_ns());
	for (;;) {
		size = tcpfsm_ring_next(batch + used);
		used += size;
		records += !!size;
		if (size && sizeof(batch) - used >= sizeof(union tcpfsm_slot))
			continue;
		if (records)
			tcpfsm_netlink_publish(batch, used, records);
		if (!size)
			break;
		used = 0;
		records = 0;
		cond_resched();
	}
}

/* See tcpfsm_drain_kick(); @news is never TCPFSM_NO_NEWS. */
void __tcpfsm_drain_kick(enum tcpfsm_news news)
{
	/* the record is written before looking whether the worker is asked already */
	smp_mb();
	if (unlikely(news == TCPFSM_NEWS_NOW) && !atomic_read(&hurried) &&
	    !atomic_xchg(&hurried, 1))
		mod_delayed_work(wq, &drain_work, 0);
	else if (!atomic_read(&asked) && !atomic_xchg(&asked, 1))
		queue_delayed_work(wq, &drain_work, 1);
}

/**
 * tcpfsm_drain_init() - make the worker ready
 *
 * Context: process, module load.
 * Return: 0 or -ENOMEM.
 */
int tcpfsm_drain_init(void)
{
	wq = alloc_workqueue("tcpfsm", WQ_UNBOUND | WQ_HIGHPRI, 1);
	if (!wq)
		return -ENOMEM;
	atomic_set(&hurried, 0);
	atomic_set(&asked, 0);
	return 0;
}

/**
 * tcpfsm_drain_exit() - stop the worker
 *
 * What the hooks wrote last is sent first.
 *
 * Context: process, after the hooks are gone.
 */
void tcpfsm_drain_exit(void)
{
	cancel_delayed_work_sync(&drain_work);
	drain(NULL);
	atomic_set(&hurried, 1);
	atomic_set(&asked, 1);
	destroy_workqueue(wq);
}
