// SPDX-License-Identifier: GPL-2.0
/*
 * From the rings to the readers: one worker takes the records of all CPUs in
 * the order of their time and hands them on in batches.
 *
 * A hook asks for the worker and goes on. As long as records are few the worker comes at once, and
 * once more when a handshake is likely to be over: an event is told of when it happens. When they
 * are many it comes a tick later, so that they leave in few messages; or at once when a ring is
 * half full.
 */
#include <linux/atomic.h>
#include <linux/hrtimer.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/time64.h>
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

/* The worker does nothing any more, whoever asks for it. */
static bool ending;

#define MANY		256	/* records in so long: those of some 3,000 connections a second */
#define MANY_NS		(4 * NSEC_PER_MSEC)
#define PAUSE_NS	(250 * NSEC_PER_USEC)	/* between two rounds, when they are few */
#define SMALL_RING	4096	/* records; it may be full before the pause is over */

/* The worker's alone; of one message that fits the buffers readers have by default. */
static u8 records[15 * 1024] __aligned(8);

/* Return: how many records all messages had. */
static unsigned int send_round(void)
{
	struct tcpfsm_batch b = { .records = records };
	unsigned int size, all = 0;
	struct tcpfsm_rec *rec;

	for (;;) {
		rec = (struct tcpfsm_rec *)(records + b.size);
		size = tcpfsm_ring_next(rec);
		b.size += size;
		b.count += !!size;
		if (size && sizeof(records) - b.size >= sizeof(union tcpfsm_slot))
			continue;
		all += b.count;
		b.until = tcpfsm_ring_until(size ? rec->ts : U64_MAX);
		if (b.count)
			tcpfsm_netlink_publish(&b);
		if (!size)
			return all;
		b.size = 0;
		b.count = 0;
		cond_resched();
	}
}

/* Return: whether records are many now, as @count were taken more. */
static bool are_many(u64 now, unsigned int count)
{
	static bool many;
	static u64 since;
	static u64 sum;

	sum += count;
	if (!count || now - since >= MANY_NS) {
		many = sum > MANY && sum * MANY_NS > MANY * (now - since);
		since = now;
		sum = 0;
	} else if (sum > MANY) {
		many = true;
	}
	return many;
}

/* A kworker that sleeps uninterruptibly would count as load. */
static void rest(void)
{
	ktime_t pause = ns_to_ktime(PAUSE_NS);

	set_current_state(TASK_IDLE);
	schedule_hrtimeout_range(&pause, PAUSE_NS, HRTIMER_MODE_REL);
}

static void drain(struct work_struct *work)
{
	unsigned int count;
	bool many;
	u64 now;

	while (!READ_ONCE(ending)) {
		atomic_set(&hurried, 0);
		/* a record not seen below was written by a hook that asks, if it has to */
		smp_mb();
		now = tcpfsm_ring_begin();
		count = send_round();
		many = are_many(now, count);
		if (!count && !atomic_read(&asked))
			return;
		/* as long as there are records it comes without being asked */
		atomic_set(&asked, !!count);
		if (!count)
			continue;
		if (many) {
			queue_delayed_work(wq, &drain_work, 1);
			return;
		}
		if (tcpfsm_ring_records >= SMALL_RING)
			rest();
		else
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
		queue_delayed_work(wq, &drain_work, 0);
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
 * What the hooks wrote last is sent first. Requests are still answered, and may kick the worker,
 * meanwhile: synchronize_rcu() waits for those that saw the flag clear, and the work that they
 * queue finds it set.
 *
 * Context: process, after the hooks are gone.
 */
void tcpfsm_drain_exit(void)
{
	WRITE_ONCE(ending, true);
	cancel_delayed_work_sync(&drain_work);
	do
		tcpfsm_ring_begin();
	while (send_round());
	atomic_set(&hurried, 1);
	atomic_set(&asked, 1);
	synchronize_rcu();
	destroy_workqueue(wq);
}
