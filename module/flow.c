// SPDX-License-Identifier: GPL-2.0
/*
 * The flow table: what is known of each connection now, by socket cookie.
 *
 * All of its memory is taken when the module is loaded, so hooks allocate
 * nothing and the bound is what it says. A flow that finds no room is counted
 * and reported without its history (TCPFSM_F_UNTRACKED).
 *
 * Locks are raw and held with interrupts off: hooks run in process context and
 * in softirq on top of it, and under PREEMPT_RT some run where a sleeping lock
 * must not be taken. They are held for a bucket's few entries and one record.
 * Order: bucket, then free list or listener; never two buckets. Nothing is called
 * under them that takes another lock.
 *
 * The time of a transition is read under the bucket's lock, so the records of
 * one flow bear times in the order in which they happened, whatever CPU they
 * were made on.
 */
#include <linux/hash.h>
#include <linux/ktime.h>
#include <linux/log2.h>
#include <linux/spinlock.h>
#include <linux/vmalloc.h>

#include "drain.h"
#include "flow.h"
#include "listener.h"
#include "netlink.h"
#include "overdue.h"
#include "ring.h"
#include "snapshot.h"
#include "table.h"
#include "totals.h"

static struct {
	raw_spinlock_t lock;
} ____cacheline_aligned_in_smp locks[TCPFSM_SHARDS];

static struct hlist_head *buckets;	/* each protected by its lock above */
static unsigned int bucket_bits;

static struct tcpfsm_tracked *pool;
static DEFINE_RAW_SPINLOCK(free_lock);	/* protects the five below */
static struct hlist_head free_list;
static u32 flows_now;
static u32 flows_peak;
static u64 overflow;
static bool overflowed;			/* also read without the lock */

static raw_spinlock_t *bucket_lock(unsigned int index)
{
	return &locks[index % TCPFSM_SHARDS].lock;
}

/**
 * tcpfsm_flow_init() - make the table
 * @max_flows: how many flows it holds
 *
 * Context: process, module load.
 * Return: 0 or -ENOMEM.
 */
int tcpfsm_flow_init(unsigned int max_flows)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(locks); i++)
		raw_spin_lock_init(&locks[i].lock);

	bucket_bits = max_t(unsigned int, TCPFSM_SHARD_BITS, order_base_2(max_flows));
	buckets = tcpfsm_table_alloc(1UL << bucket_bits, sizeof(*buckets));
	pool = buckets ? tcpfsm_table_alloc(max_flows, sizeof(*pool)) : NULL;
	if (!pool) {
		vfree(buckets);
		return -ENOMEM;
	}

	for (i = max_flows; i--;)
		hlist_add_head(&pool[i].node, &free_list);
	return 0;
}

/**
 * tcpfsm_flow_exit() - free the table
 *
 * Context: process, after hooks and netlink are gone.
 */
void tcpfsm_flow_exit(void)
{
	vfree(pool);
	vfree(buckets);
}

/**
 * tcpfsm_flow_lock() - lock the bucket of a cookie
 * @b: filled in
 * @cookie: socket cookie
 *
 * Context: any but hardirq and NMI. Interrupts are off until tcpfsm_flow_unlock().
 */
void tcpfsm_flow_lock(struct tcpfsm_bucket *b, u64 cookie)
	__acquires(bucket_lock(b->index))
{
	b->index = hash_64(cookie, bucket_bits);
	raw_spin_lock_irqsave(bucket_lock(b->index), b->irqflags);
}

/**
 * tcpfsm_flow_unlock() - unlock a bucket, and have what was recorded meanwhile sent
 * @b: as tcpfsm_flow_lock() filled it in
 */
void tcpfsm_flow_unlock(struct tcpfsm_bucket *b)
	__releases(bucket_lock(b->index))
{
	tcpfsm_drain_unlock(bucket_lock(b->index), b->irqflags);
}

/**
 * tcpfsm_flow_shard() - which lock a flow is under
 * @cookie: its socket cookie
 *
 * Context: any.
 * Return: below TCPFSM_SHARDS.
 */
unsigned int tcpfsm_flow_shard(u64 cookie)
{
	return hash_64(cookie, bucket_bits) % TCPFSM_SHARDS;
}

/**
 * tcpfsm_flow_lock_shard() - lock all buckets that have one lock
 * @shard: see tcpfsm_flow_shard()
 * @irqflags: for tcpfsm_flow_unlock_shard()
 *
 * Context: any but hardirq and NMI.
 */
void tcpfsm_flow_lock_shard(unsigned int shard, unsigned long *irqflags)
	__acquires(&locks[shard].lock)
{
	raw_spin_lock_irqsave(&locks[shard].lock, *irqflags);
}

/**
 * tcpfsm_flow_unlock_shard() - unlock them, as tcpfsm_flow_unlock() does
 * @shard: as for tcpfsm_flow_lock_shard()
 * @irqflags: likewise
 */
void tcpfsm_flow_unlock_shard(unsigned int shard, unsigned long irqflags)
	__releases(&locks[shard].lock)
{
	tcpfsm_drain_unlock(&locks[shard].lock, irqflags);
}

/**
 * tcpfsm_flow_find() - find a flow in a locked bucket
 * @b: bucket of @cookie
 * @cookie: socket cookie
 * @obj: the kernel object that carries the flow
 * @other: if not NULL, set to a flow of the same cookie that another object
 *	carries, or to NULL
 *
 * Return: the flow, valid until the bucket is unlocked, or NULL.
 */
struct tcpfsm_tracked *tcpfsm_flow_find(const struct tcpfsm_bucket *b, u64 cookie,
					const void *obj, struct tcpfsm_tracked **other)
{
	struct tcpfsm_tracked *f, *found = NULL;

	if (other)
		*other = NULL;
	hlist_for_each_entry(f, &buckets[b->index], node) {
		if (f->id.cookie != cookie)
			continue;
		if (f->obj == obj)
			found = f;
		else if (other)
			*other = f;
	}
	return found;
}

/**
 * tcpfsm_flow_get() - lock the bucket of a cookie, and find the flow
 * @b: filled in, to be unlocked whether there is one or not
 * @cookie: socket cookie
 * @obj: the kernel object that carries the flow
 *
 * Context: any but hardirq and NMI. Interrupts are off until tcpfsm_flow_unlock().
 * Return: the flow, valid until then, or NULL.
 */
struct tcpfsm_tracked *tcpfsm_flow_get(struct tcpfsm_bucket *b, u64 cookie, const void *obj)
	__acquires(bucket_lock(b->index))
{
	tcpfsm_flow_lock(b, cookie);
	return tcpfsm_flow_find(b, cookie, obj, NULL);
}

/**
 * tcpfsm_flow_midway() - describe a flow whose beginning was not seen
 * @f: filled in, for tcpfsm_flow_add() or to report its end
 * @obj: the kernel object that carries it
 * @object: enum tcpfsm_object
 * @state: enum tcpfsm_state it is in, nobody knows since when
 *
 * Context: any.
 */
void tcpfsm_flow_midway(struct tcpfsm_tracked *f, const void *obj, u8 object, u8 state)
{
	memset(f, 0, sizeof(*f));
	tcpfsm_snap_id(&f->id, obj);
	f->obj = object == TCPFSM_O_REQUEST ? TCPFSM_ANY_REQUEST : obj;
	f->object = object;
	f->state = state;
	f->flags = TCPFSM_F_PREEXISTING;
}

/**
 * tcpfsm_flow_add() - add a flow to a locked bucket
 * @b: bucket of @new->id.cookie
 * @new: what to add; copied
 *
 * Return: the flow, or NULL when the table is full, which is counted unless the
 * beginning of the flow was not seen, or was counted then.
 */
struct tcpfsm_tracked *tcpfsm_flow_add(const struct tcpfsm_bucket *b,
				       const struct tcpfsm_tracked *new)
{
	struct tcpfsm_tracked *f = NULL;

	raw_spin_lock(&free_lock);
	if (!hlist_empty(&free_list)) {
		f = hlist_entry(free_list.first, struct tcpfsm_tracked, node);
		hlist_del(&f->node);
		if (++flows_now > flows_peak)
			flows_peak = flows_now;
	} else {
		WRITE_ONCE(overflowed, true);
		/* one without a place tries again later, but is one flow */
		overflow += !(new->flags & TCPFSM_F_PREEXISTING);
	}
	raw_spin_unlock(&free_lock);
	if (!f)
		return NULL;

	*f = *new;
	hlist_add_head(&f->node, &buckets[b->index]);
	return f;
}

/**
 * tcpfsm_flow_forget() - remove a flow from its locked bucket, without a record
 * @f: the flow; not to be used afterwards
 */
void tcpfsm_flow_forget(struct tcpfsm_tracked *f)
{
	tcpfsm_overdue_leave(f, f->cause);
	/* one whose end was not seen, should a hook be missing */
	if (f->state == TCPFSM_S_LISTEN)
		tcpfsm_listener_del(f->id.cookie);
	if (f->counted) {
		f->state = TCPFSM_S_CLOSED;
		tcpfsm_listener_follow(f);
	}
	hlist_del(&f->node);
	raw_spin_lock(&free_lock);
	hlist_add_head(&f->node, &free_list);
	flows_now--;
	raw_spin_unlock(&free_lock);
}

static u64 time_of_record(bool heard)
{
	return heard ? tcpfsm_ring_clock() : ktime_get_ns();
}

/* @heard: @f->since is of the ring's clock, and a record is made */
static void put_record(const struct tcpfsm_tracked *f, u8 from, u64 ns_in_old, bool heard)
{
	/* a connection was never in CLOSED, nor itself in LISTEN */
	const bool timed = f->flags & TCPFSM_F_SINCE && from != TCPFSM_S_CLOSED &&
			   !(from == TCPFSM_S_LISTEN && f->id.rport);
	struct tcpfsm_state_rec *r;
	union tcpfsm_slot *slot;

	tcpfsm_totals_count(from, f->state, f->cause, timed, ns_in_old);
	if (!heard)
		return;
	slot = tcpfsm_ring_reserve();
	if (!slot)
		return;

	r = &slot->state;
	r->rec.size = sizeof(*r);
	r->rec.kind = TCPFSM_K_STATE;
	r->rec.flags = f->flags;
	r->rec.ts = f->since;
	r->id = f->id;
	r->owner = f->owner;
	r->ns_in_old = ns_in_old;
	r->old_state = from;
	r->new_state = f->state;
	r->cause = f->cause;
	r->retrans = f->retrans;
	tcpfsm_ring_commit();
}

/* It is in the table, not one that found no room there. */
static bool is_kept(const struct tcpfsm_tracked *f)
{
	return !hlist_unhashed(&f->node);
}

/* Its state takes effect on the lists of overdue.c and the counts of listener.c. */
static void entered(struct tcpfsm_tracked *f, u8 from)
{
	if (f->state == TCPFSM_S_ESTABLISHED && from < TCPFSM_S_ESTABLISHED)
		f->opened = f->since;
	if (!is_kept(f))
		return;
	tcpfsm_overdue_enter(f);
	tcpfsm_listener_follow(f);
	if (f->state == TCPFSM_S_LISTEN)
		tcpfsm_listener_add(f);
	else if (from == TCPFSM_S_LISTEN && !f->id.rport)
		tcpfsm_listener_del(f->id.cookie);
}

/**
 * tcpfsm_flow_open() - a flow begins; report it
 * @f: the flow, its bucket locked; or, untracked, one of the caller's with
 *	interrupts off
 * @from: TCPFSM_S_CLOSED or TCPFSM_S_LISTEN, where it stayed no time
 * @to: enum tcpfsm_state
 * @cause: enum tcpfsm_cause
 */
void tcpfsm_flow_open(struct tcpfsm_tracked *f, u8 from, u8 to, u16 cause)
{
	const bool heard = tcpfsm_netlink_wants_events();

	f->since = time_of_record(heard);
	f->flags |= TCPFSM_F_SINCE;
	f->unannounced = false;
	f->state = to;
	f->cause = cause;
	f->hint = TCPFSM_C_UNKNOWN;
	put_record(f, from, 0, heard);
	entered(f, from);
}

/**
 * tcpfsm_flow_move() - a flow goes to its next state; report it
 * @f: as for tcpfsm_flow_open()
 * @to: enum tcpfsm_state
 * @cause: enum tcpfsm_cause
 */
void tcpfsm_flow_move(struct tcpfsm_tracked *f, u8 to, u16 cause)
{
	const bool heard = tcpfsm_netlink_wants_events();
	u64 before = f->since;
	u8 from = f->state;
	u64 now;

	if (is_kept(f))
		tcpfsm_overdue_leave(f, cause);
	/* after that, as records of one CPU are in the order of time */
	now = time_of_record(heard);
	f->since = now;
	f->notes &= ~TCPFSM_N_FOUND;
	f->state = to;
	f->cause = cause;
	f->hint = TCPFSM_C_UNKNOWN;
	put_record(f, from, f->flags & TCPFSM_F_SINCE ? now - before : 0, heard);
	/* the time it entered this state is known, whatever was of the last */
	f->flags |= TCPFSM_F_SINCE;
	entered(f, from);
}

/**
 * tcpfsm_flow_goes_on() - another kernel object carries a flow from now on
 * @f: the flow, in the table, its bucket locked
 * @obj: the object
 * @object: enum tcpfsm_object
 */
void tcpfsm_flow_goes_on(struct tcpfsm_tracked *f, const void *obj, u8 object)
{
	f->obj = obj;
	f->object = object;
	f->timer = TCPFSM_C_UNKNOWN;
	/* a hook knows it, so it will know of its end; its request has had its day */
	f->notes &= ~(TCPFSM_N_FOUND | TCPFSM_N_TIMED_OUT);
}

/**
 * tcpfsm_flow_taken_over() - a flow was found, in the state it is in
 * @f: the flow, in the table, its bucket locked; no record is made
 */
void tcpfsm_flow_taken_over(struct tcpfsm_tracked *f)
{
	entered(f, f->state);
}

/**
 * tcpfsm_flow_forget_found() - forget what was found and not found again
 * @index: of which bucket
 *
 * Context: process.
 * Return: how many flows were forgotten.
 */
unsigned int tcpfsm_flow_forget_found(unsigned int index)
{
	struct hlist_node *next;
	struct tcpfsm_tracked *f;
	unsigned long irqflags;
	unsigned int n = 0;

	if (hlist_empty(&buckets[index]))
		return 0;
	raw_spin_lock_irqsave(bucket_lock(index), irqflags);
	hlist_for_each_entry_safe(f, next, &buckets[index], node) {
		if (!(f->notes & TCPFSM_N_FOUND))
			continue;
		tcpfsm_flow_forget(f);
		n++;
	}
	tcpfsm_drain_unlock(bucket_lock(index), irqflags);
	return n;
}

/**
 * tcpfsm_flow_accept() - a process accepted a flow
 * @f: the flow, its bucket locked
 * @owner: the process
 */
void tcpfsm_flow_accept(struct tcpfsm_tracked *f, const struct tcpfsm_owner *owner)
{
	bool was_listeners = f->flags & TCPFSM_F_INHERITED;

	f->owner = *owner;
	f->flags |= TCPFSM_F_OWNER;
	f->flags &= ~TCPFSM_F_INHERITED;
	if (!was_listeners)
		return;
	tcpfsm_listener_accepted(f);
	if (f->watch == TCPFSM_A_CONFIG_UNACCEPTED)
		tcpfsm_overdue_leave(f, TCPFSM_C_UNKNOWN);
}

/**
 * tcpfsm_flow_close() - a flow ends; report it and forget it
 * @f: the flow, its bucket locked; not to be used afterwards
 * @cause: enum tcpfsm_cause
 */
void tcpfsm_flow_close(struct tcpfsm_tracked *f, u16 cause)
{
	tcpfsm_flow_move(f, TCPFSM_S_CLOSED, cause);
	tcpfsm_flow_forget(f);
}

/**
 * tcpfsm_flow_owner() - who owns a flow
 * @cookie: socket cookie
 * @obj: the kernel object that carries the flow
 * @owner: filled in when it is known
 *
 * Context: any but hardirq and NMI, no bucket locked.
 * Return: whether it is known.
 */
bool tcpfsm_flow_owner(u64 cookie, const void *obj, struct tcpfsm_owner *owner)
{
	struct tcpfsm_tracked *f;
	struct tcpfsm_bucket b;
	bool known = false;

	f = tcpfsm_flow_get(&b, cookie, obj);
	if (f && f->flags & TCPFSM_F_OWNER) {
		*owner = f->owner;
		known = true;
	}
	tcpfsm_flow_unlock(&b);
	return known;
}

/**
 * tcpfsm_flow_hint() - remember what may cause a flow's next transition
 * @cookie: socket cookie, 0 for an object that was given none: nothing is known of it
 * @obj: the kernel object that carries the flow
 * @hint: enum tcpfsm_cause
 *
 * Context: any but hardirq and NMI, no bucket locked.
 */
void tcpfsm_flow_hint(u64 cookie, const void *obj, u16 hint)
{
	struct tcpfsm_tracked *f;
	struct tcpfsm_bucket b;

	f = tcpfsm_flow_get(&b, cookie, obj);
	if (f)
		f->hint = hint;
	tcpfsm_flow_unlock(&b);
}

/**
 * tcpfsm_flow_take_note() - read and clear a note on a flow
 * @cookie: socket cookie
 * @obj: the kernel object that carries the flow
 * @note: TCPFSM_N_*
 *
 * Context: any but hardirq and NMI, no bucket locked.
 * Return: whether it was set.
 */
bool tcpfsm_flow_take_note(u64 cookie, const void *obj, u8 note)
{
	struct tcpfsm_tracked *f;
	struct tcpfsm_bucket b;
	bool was = false;

	f = tcpfsm_flow_get(&b, cookie, obj);
	if (f) {
		was = f->notes & note;
		f->notes &= ~note;
	}
	tcpfsm_flow_unlock(&b);
	return was;
}

/**
 * tcpfsm_flow_timer() - remember which timer it is, if one ends a flow
 * @cookie: socket cookie
 * @obj: the kernel object that carries the flow
 * @timer: enum tcpfsm_cause
 *
 * Context: any but hardirq and NMI, no bucket locked.
 */
void tcpfsm_flow_timer(u64 cookie, const void *obj, u16 timer)
{
	struct tcpfsm_tracked *f;
	struct tcpfsm_bucket b;

	f = tcpfsm_flow_get(&b, cookie, obj);
	if (f)
		f->timer = timer;
	tcpfsm_flow_unlock(&b);
}

/**
 * tcpfsm_flow_buckets() - how many buckets tcpfsm_flow_walk() can walk
 *
 * Return: their number.
 */
unsigned int tcpfsm_flow_buckets(void)
{
	return 1U << bucket_bits;
}

/**
 * tcpfsm_flow_walk() - show the flows of one bucket
 * @index: which bucket
 * @skip: flows at its beginning to pass over
 * @fn: called with each flow, interrupts off; not 0 ends the walk
 * @arg: for @fn
 *
 * Context: process.
 * Return: flows shown or passed over if @fn ended the walk, otherwise -1.
 */
int tcpfsm_flow_walk(unsigned int index, unsigned int skip,
		     int (*fn)(struct tcpfsm_tracked *f, void *arg), void *arg)
{
	raw_spinlock_t *lock = bucket_lock(index);
	struct tcpfsm_tracked *f;
	unsigned long irqflags;
	unsigned int n = 0;
	int ret = -1;

	if (hlist_empty(&buckets[index]))
		return -1;

	raw_spin_lock_irqsave(lock, irqflags);
	hlist_for_each_entry(f, &buckets[index], node) {
		if (n >= skip && fn(f, arg)) {
			ret = n;
			break;
		}
		n++;
	}
	tcpfsm_drain_unlock(lock, irqflags);
	return ret;
}

/**
 * tcpfsm_flow_overflowed() - did any flow ever find the table full?
 *
 * Context: any.
 * Return: whether one did.
 */
bool tcpfsm_flow_overflowed(void)
{
	return READ_ONCE(overflowed);
}

/**
 * tcpfsm_flow_counts() - how full the table is
 * @now: flows in it
 * @peak: the most there have been
 * @over: flows that found it full when they began
 *
 * Context: any but hardirq and NMI.
 */
void tcpfsm_flow_counts(u32 *now, u32 *peak, u64 *over)
{
	unsigned long irqflags;

	raw_spin_lock_irqsave(&free_lock, irqflags);
	*now = flows_now;
	*peak = flows_peak;
	*over = overflow;
	raw_spin_unlock_irqrestore(&free_lock, irqflags);
}
