// SPDX-License-Identifier: GPL-2.0
/*
 * What has to be told although nothing happens: flows that are overdue, floods
 * that are over, segments that were left out. One worker that sleeps until the
 * first of these is due.
 */
#include <linux/atomic.h>
#include <linux/jiffies.h>
#include <linux/ktime.h>
#include <linux/minmax.h>
#include <linux/mutex.h>
#include <linux/workqueue.h>

#include "listener.h"
#include "overdue.h"
#include "skip.h"
#include "tick.h"

#define LEAST	max(HZ / 10, 1)		/* jiffies between two runs */

static struct workqueue_struct *wq;
static void tick(struct work_struct *work);
static DECLARE_DELAYED_WORK(tick_work, tick);
static atomic_t asked;			/* for a run within a second */
static DEFINE_MUTEX(runs_lock);
static bool runs;			/* protected by runs_lock */

static void tick(struct work_struct *work)
{
	u64 now = ktime_get_ns();
	unsigned long delay = MAX_JIFFY_OFFSET;
	bool again;
	u64 next;

	atomic_set(&asked, 0);
	/* what is not seen below was done by a hook that asks again */
	smp_mb();

	next = tcpfsm_overdue_scan(now);
	again = tcpfsm_listener_tick(now);
	again |= tcpfsm_skip_tick();

	if (next != U64_MAX)
		delay = nsecs_to_jiffies(next > now ? next - now : 0) + 1;
	if (again)
		delay = min_t(unsigned long, delay, HZ);
	/* no-op when a hook has asked for a run by now */
	if (delay != MAX_JIFFY_OFFSET)
		queue_delayed_work(wq, &tick_work, max_t(unsigned long, delay, LEAST));
}

/**
 * tcpfsm_tick_soon() - run in a second
 *
 * What is due before that waits for it: a second is what alerts may be late.
 *
 * Context: any but hardirq and NMI, in hooks and in the tick; no bucket locked.
 */
void tcpfsm_tick_soon(void)
{
	/* what is to be told is written before looking whether it is asked already */
	smp_mb();
	if (!atomic_read(&asked) && !atomic_xchg(&asked, 1))
		mod_delayed_work(wq, &tick_work, HZ);
}

/**
 * tcpfsm_tick_now() - run at once
 *
 * Context: process, module load.
 */
void tcpfsm_tick_now(void)
{
	mod_delayed_work(wq, &tick_work, 0);
}

/**
 * tcpfsm_tick_again() - thresholds were changed: see again who is overdue
 *
 * Netlink may still ask when the workers, this one and the drain's, are gone: then
 * nothing is done.
 *
 * Context: process.
 */
void tcpfsm_tick_again(void)
{
	mutex_lock(&runs_lock);
	if (runs) {
		tcpfsm_overdue_again();
		mod_delayed_work(wq, &tick_work, 0);
	}
	mutex_unlock(&runs_lock);
}

/**
 * tcpfsm_tick_init() - make the worker ready
 *
 * Context: process, module load.
 * Return: 0 or -ENOMEM.
 */
int tcpfsm_tick_init(void)
{
	wq = alloc_workqueue("tcpfsm_tick", WQ_UNBOUND, 1);
	if (!wq)
		return -ENOMEM;
	mutex_lock(&runs_lock);
	runs = true;
	mutex_unlock(&runs_lock);
	return 0;
}

/**
 * tcpfsm_tick_exit() - stop the worker
 *
 * Context: process, after the hooks are gone, before the drain worker.
 */
void tcpfsm_tick_exit(void)
{
	mutex_lock(&runs_lock);
	runs = false;
	mutex_unlock(&runs_lock);
	cancel_delayed_work_sync(&tick_work);
	destroy_workqueue(wq);
	tcpfsm_skip_tick();
}
