// SPDX-License-Identifier: GPL-2.0
/*
 * Flows that stay in a state for longer than its threshold.
 *
 * A flow that enters a state with a threshold goes to the end of a list of that
 * state, so the lists are in the order of time and only their heads need to be
 * looked at: nothing runs while flows come and go faster than their thresholds,
 * and no table is walked. There is a set of lists for each lock of the flow table,
 * protected by that lock, which whoever changes a flow's state holds already.
 *
 * A flow is told of once when it is overdue and once when that is over. In between
 * it is on no list, and bears TCPFSM_F_OVERDUE for those who ask later.
 */
#include <linux/atomic.h>
#include <linux/ktime.h>
#include <linux/list.h>
#include <linux/sched.h>
#include <linux/time64.h>

#include "config.h"
#include "flow.h"
#include "overdue.h"
#include "ring.h"

#define WATCHES (TCPFSM_A_CONFIG_LAST_ACK + 1)
#define AT_ONCE 64	/* told of while a lock is held */

static struct list_head lists[TCPFSM_SHARDS][WATCHES];
static atomic_t overdue_now;

/* Which threshold a flow is under, enum tcpfsm_attr_config, 0 for none */
static unsigned int watch_of(const struct tcpfsm_tracked *f)
{
	switch (f->state) {
	case TCPFSM_S_SYN_SENT:
		return TCPFSM_A_CONFIG_SYN_SENT;
	case TCPFSM_S_SYN_RECEIVED:
		return TCPFSM_A_CONFIG_SYN_RECEIVED;
	case TCPFSM_S_ESTABLISHED:
		return tcpfsm_awaits_accept(f) ? TCPFSM_A_CONFIG_UNACCEPTED : 0;
	case TCPFSM_S_FIN_WAIT_1:
		return TCPFSM_A_CONFIG_FIN_WAIT_1;
	case TCPFSM_S_FIN_WAIT_2:
		return TCPFSM_A_CONFIG_FIN_WAIT_2;
	case TCPFSM_S_CLOSE_WAIT:
		return TCPFSM_A_CONFIG_CLOSE_WAIT;
	case TCPFSM_S_CLOSING:
		return TCPFSM_A_CONFIG_CLOSING;
	case TCPFSM_S_LAST_ACK:
		return TCPFSM_A_CONFIG_LAST_ACK;
	default:
		return 0;
	}
}

static u64 threshold_ns(unsigned int watch)
{
	return (u64)tcpfsm_config_get(watch) * NSEC_PER_MSEC;
}

static void tell(const struct tcpfsm_tracked *f, u8 alert, u16 cause)
{
	union tcpfsm_slot *slot = tcpfsm_ring_reserve();
	struct tcpfsm_stuck_rec *r;

	if (!slot)
		return;
	r = &slot->stuck;
	r->rec.size = sizeof(*r);
	r->rec.kind = TCPFSM_K_STUCK;
	r->rec.flags = f->flags;
	r->rec.ts = tcpfsm_ring_clock();
	r->id = f->id;
	r->owner = f->owner;
	r->since = f->since;
	r->state = f->state;
	r->alert = alert;
	r->cause = cause;
	r->threshold = tcpfsm_config_get(f->watch);
	tcpfsm_ring_commit();
}

/**
 * tcpfsm_overdue_init() - make the lists
 *
 * Context: process, module load.
 */
void tcpfsm_overdue_init(void)
{
	unsigned int i, w;

	for (i = 0; i < TCPFSM_SHARDS; i++)
		for (w = 0; w < WATCHES; w++)
			INIT_LIST_HEAD(&lists[i][w]);
}

/**
 * tcpfsm_overdue_enter() - a flow entered the state it is in
 * @f: the flow, in the table, its bucket locked; @f->since is 0 when nobody knows
 *	since when it is
 */
void tcpfsm_overdue_enter(struct tcpfsm_tracked *f)
{
	unsigned int w = watch_of(f);
	struct list_head *at;

	f->watch = w;
	if (!w || !f->since)
		return;
	/* it is the latest, or nearly: one that is older than the module goes in between */
	list_for_each_prev(at, &lists[tcpfsm_flow_shard(f->id.cookie)][w])
		if (list_entry(at, struct tcpfsm_tracked, due)->since <= f->since)
			break;
	list_add(&f->due, at);
}

/**
 * tcpfsm_overdue_leave() - a flow leaves its state, or is about to be forgotten
 * @f: as for tcpfsm_overdue_enter()
 * @cause: enum tcpfsm_cause
 */
void tcpfsm_overdue_leave(struct tcpfsm_tracked *f, u16 cause)
{
	if (f->flags & TCPFSM_F_OVERDUE) {
		f->flags &= ~TCPFSM_F_OVERDUE;
		atomic_dec(&overdue_now);
		tell(f, TCPFSM_ALERT_END, cause);
	} else if (f->due.next) {
		list_del(&f->due);
	}
	f->due.next = NULL;
	f->watch = 0;
}

/* When the next one of the list is due; not after @now when there are more than AT_ONCE */
static u64 scan_list(struct list_head *list, u64 now, u64 threshold)
{
	struct tcpfsm_tracked *f, *next;
	unsigned int n = 0;

	list_for_each_entry_safe(f, next, list, due) {
		if (f->since + threshold > now || n++ == AT_ONCE)
			return f->since + threshold;
		list_del(&f->due);
		f->due.next = NULL;
		f->flags |= TCPFSM_F_OVERDUE;
		atomic_inc(&overdue_now);
		tell(f, TCPFSM_ALERT_BEGIN, f->cause);
	}
	return U64_MAX;
}

/**
 * tcpfsm_overdue_scan() - tell of flows that are overdue now
 * @now: CLOCK_MONOTONIC in ns
 *
 * Context: process.
 * Return: when to look again, at the latest; U64_MAX for never.
 */
u64 tcpfsm_overdue_scan(u64 now)
{
	unsigned long irqflags;
	u64 threshold, due, next = U64_MAX;
	unsigned int i, w;

	/* whoever comes after this look is not due before the shortest threshold is over */
	for (w = 1; w < WATCHES; w++)
		if (threshold_ns(w))
			next = min(next, now + threshold_ns(w));
	for (i = 0; i < TCPFSM_SHARDS; i++) {
		for (w = 1; w < WATCHES; w++) {
			/* if it is not empty when the lock is held, it was filled after @now */
			if (!threshold_ns(w) || list_empty(&lists[i][w]))
				continue;
			do {
				tcpfsm_flow_lock_shard(i, &irqflags);
				/* the new one, or tcpfsm_overdue_again() is yet to come here */
				threshold = threshold_ns(w);
				due = threshold ? scan_list(&lists[i][w], now, threshold) : U64_MAX;
				tcpfsm_flow_unlock_shard(i, irqflags);
				/* thousands may be due at once, more than a ring holds */
				cond_resched();
			} while (due <= now);
			next = min(next, due);
		}
	}
	return next;
}

static int reconsider(struct tcpfsm_tracked *f, void *arg)
{
	u64 threshold = threshold_ns(f->watch);

	if (!(f->flags & TCPFSM_F_OVERDUE) || (threshold && f->since + threshold <= *(u64 *)arg))
		return 0;
	tcpfsm_overdue_leave(f, TCPFSM_C_UNKNOWN);
	tcpfsm_overdue_enter(f);
	return 0;
}

/**
 * tcpfsm_overdue_again() - thresholds were changed
 *
 * Flows that are no longer overdue are told of; this, which is rare, walks the
 * table. tcpfsm_overdue_scan() is to follow.
 *
 * Context: process.
 */
void tcpfsm_overdue_again(void)
{
	u64 now = ktime_get_ns();
	unsigned int i;

	for (i = 0; i < tcpfsm_flow_buckets(); i++) {
		tcpfsm_flow_walk(i, 0, reconsider, &now);
		if (!(i % 256))
			cond_resched();
	}
}

/**
 * tcpfsm_overdue_count() - how many flows are overdue now
 *
 * Context: any.
 * Return: their number.
 */
u32 tcpfsm_overdue_count(void)
{
	return atomic_read(&overdue_now);
}
