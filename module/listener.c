// SPDX-License-Identifier: GPL-2.0
/*
 * Listeners: what comes to them, what becomes of it, and floods.
 *
 * A flood is judged by what came of the SYNs of a second, not by their number
 * alone: many connections a second are a good day, many that nobody goes on with
 * are a flood (RFC 4987, section 2). It begins when the rate and the share of those that
 * came to nothing are above their limits, and ends when one of them has been below
 * half of its limit for some seconds.
 *
 * Locks are raw, as those of the flow table. Order: a flow's bucket, then a
 * listener's; a listener's is the innermost.
 */
#include <linux/hash.h>
#include <linux/jhash.h>
#include <linux/ktime.h>
#include <linux/list.h>
#include <linux/log2.h>
#include <linux/math64.h>
#include <linux/random.h>
#include <linux/spinlock.h>
#include <linux/time64.h>
#include <linux/vmalloc.h>

#include "config.h"
#include "drain.h"
#include "flow.h"
#include "listener.h"
#include "ring.h"
#include "table.h"
#include "tick.h"

#define LOCK_BITS	6
#define CHAIN_BITS	3	/* 2^3 listeners in a bucket, when there are as many as may be */
#define QUIET_WINDOWS	5	/* seconds below the limits that end a flood */
#define TELL_WINDOWS	10	/* seconds between two records of one that goes on */

/*
 * How many different addresses there were: Flajolet and others, "HyperLogLog"
 * (2007), with 64 registers, for an error of about 13 %.
 */
#define REGISTERS	64

/*
 * struct listener - one of them
 * @node: in its bucket, or in the free list
 * @pub: what is told of it; @pub.id.cookie is its key
 * @began: of the window, a second
 * @syns: in the window
 * @done: handshakes completed in the window
 * @quiet: windows below the limits, while flooded
 * @life: a socket may listen, be shut down and listen again: which of those this is
 * @told_syns: SYNs since the last record, before this window
 * @told_done: handshakes likewise
 * @told_windows: windows likewise
 * @flood_since: when it began
 * @flood_syns: SYNs since then, before this window
 * @seen: HyperLogLog's registers, of the addresses since the last record
 *
 * Protected by the lock of its bucket.
 */
struct listener {
	struct hlist_node	node;
	struct tcpfsm_listener	pub;
	u64			began;
	u32			syns;
	u32			done;
	u8			quiet;
	u32			life;
	u32			told_syns;
	u32			told_done;
	u32			told_windows;
	u64			flood_since;
	u64			flood_syns;
	u8			seen[REGISTERS];
};

static struct {
	raw_spinlock_t lock;
} ____cacheline_aligned_in_smp locks[1 << LOCK_BITS];

static struct hlist_head *buckets;	/* each protected by its lock above */
static unsigned int bucket_bits;

static struct listener *pool;
static DEFINE_RAW_SPINLOCK(free_lock);	/* protects the three below */
static struct hlist_head free_list;
static u64 overflow;			/* listeners that found none free */
static u32 lives;
static u32 seed;

static unsigned int bucket_of(u64 cookie)
{
	return hash_64(cookie, bucket_bits);
}

static raw_spinlock_t *bucket_lock(unsigned int index)
{
	return &locks[index % ARRAY_SIZE(locks)].lock;
}

static raw_spinlock_t *lock_of(u64 cookie)
{
	return bucket_lock(bucket_of(cookie));
}

/* Its bucket is locked. */
static struct listener *find(u64 cookie)
{
	struct listener *l;

	hlist_for_each_entry(l, &buckets[bucket_of(cookie)], node)
		if (l->pub.id.cookie == cookie)
			return l;
	return NULL;
}

/**
 * tcpfsm_listener_init() - make the table
 * @max: how many listeners it holds
 *
 * Context: process, module load.
 * Return: 0 or -ENOMEM.
 */
int tcpfsm_listener_init(unsigned int max)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(locks); i++)
		raw_spin_lock_init(&locks[i].lock);

	bucket_bits = max_t(int, LOCK_BITS, order_base_2(max) - CHAIN_BITS);
	buckets = tcpfsm_table_alloc(1UL << bucket_bits, sizeof(*buckets));
	pool = buckets ? tcpfsm_table_alloc(max, sizeof(*pool)) : NULL;
	if (!pool) {
		vfree(buckets);
		return -ENOMEM;
	}
	for (i = max; i--;)
		hlist_add_head(&pool[i].node, &free_list);
	seed = get_random_u32();
	return 0;
}

/**
 * tcpfsm_listener_exit() - free the table
 *
 * Context: process, after hooks, tick and netlink are gone.
 */
void tcpfsm_listener_exit(void)
{
	vfree(pool);
	vfree(buckets);
}

/* 64 ln(64 / n), for n registers that are 0: few addresses are counted better by those */
static const u16 few[REGISTERS + 1] = {
	0, 266, 222, 196, 177, 163, 151, 142, 133, 126, 119, 113, 107, 102, 97, 93, 89,
	85, 81, 78, 74, 71, 68, 65, 63, 60, 58, 55, 53, 51, 48, 46, 44, 42, 40, 39, 37,
	35, 33, 32, 30, 28, 27, 25, 24, 23, 21, 20, 18, 17, 16, 15, 13, 12, 11, 10, 9,
	7, 6, 5, 4, 3, 2, 1, 0,
};

static void see(struct listener *l, const struct tcpfsm_id *peer)
{
	u32 h = jhash(peer->raddr, sizeof(peer->raddr), seed);
	u8 rank = h >> 6 ? __ffs(h >> 6) + 1 : 27;
	u8 *r = &l->seen[h % REGISTERS];

	if (*r < rank)
		*r = rank;
}

static u32 count_seen(const struct listener *l)
{
	unsigned int i, zeros = 0;
	u64 sum = 0;
	u64 n;

	for (i = 0; i < REGISTERS; i++) {
		sum += 1ULL << (32 - l->seen[i]);
		zeros += !l->seen[i];
	}
	/* 0.709 * 64 * 64 / sum, sum being 2^32 times as large */
	n = div64_u64(2904ULL << 32, sum);
	return zeros && n < 160 ? few[zeros] : n;
}

static void tell(struct listener *l, u8 alert)
{
	union tcpfsm_slot *slot = tcpfsm_ring_reserve();
	struct tcpfsm_flood_rec *r;

	if (slot) {
		r = &slot->flood;
		memset(r->pad, 0, sizeof(r->pad));
		r->rec.size = sizeof(*r);
		r->rec.kind = TCPFSM_K_FLOOD;
		r->rec.flags = 0;
		r->rec.ts = tcpfsm_ring_clock();
		r->id = l->pub.id;
		r->since = l->flood_since;
		r->syns_total = l->flood_syns;
		r->syns = l->told_syns;
		r->completed = l->told_done;
		r->half_open = l->pub.half_open;
		r->sources = count_seen(l);
		r->alert = alert;
		tcpfsm_ring_commit();
	}
	l->told_syns = 0;
	l->told_done = 0;
	l->told_windows = 0;
	memset(l->seen, 0, sizeof(l->seen));
}

/* @share: percent of its SYNs that have to come to nothing */
static bool is_flood(const struct listener *l, u32 rate, u32 share)
{
	u32 done = min(l->done, l->syns);

	return l->syns >= rate && (u64)(l->syns - done) * 100 >= (u64)l->syns * share;
}

/* The window is over. */
static void judge(struct listener *l)
{
	u32 rate = tcpfsm_config_get(TCPFSM_A_CONFIG_FLOOD_RATE);
	u32 share = tcpfsm_config_get(TCPFSM_A_CONFIG_FLOOD_PERCENT);

	l->told_syns += l->syns;
	l->told_done += l->done;
	l->told_windows++;
	if (l->pub.flooded) {
		l->flood_syns += l->syns;
		l->quiet = is_flood(l, rate / 2 + rate % 2, (share + 1) / 2) ? 0 : l->quiet + 1;
		if (l->quiet >= QUIET_WINDOWS) {
			l->pub.flooded = 0;
			tell(l, TCPFSM_ALERT_END);
		} else if (l->told_windows >= TELL_WINDOWS) {
			tell(l, TCPFSM_ALERT_GOES_ON);
		}
	} else if (is_flood(l, rate, share)) {
		l->pub.flooded = 1;
		l->pub.floods++;
		l->quiet = 0;
		l->flood_since = l->began;
		l->flood_syns = l->syns;
		tell(l, TCPFSM_ALERT_BEGIN);
	} else {
		l->told_syns = 0;
		l->told_done = 0;
		l->told_windows = 0;
		memset(l->seen, 0, sizeof(l->seen));
	}
	l->syns = 0;
	l->done = 0;
}

static void roll(struct listener *l, u64 now)
{
	/* the tick may be late: what comes then belongs to the window that is open */
	if ((s64)(now - l->began) < (s64)NSEC_PER_SEC)
		return;
	if (l->syns || l->pub.flooded)
		judge(l);
	l->began = now;
}

/**
 * tcpfsm_listener_add() - a flow that listens is known
 * @f: the flow
 *
 * Without room it is left out, and counted: of what comes to it only the flows are known.
 *
 * Context: any but hardirq and NMI.
 */
void tcpfsm_listener_add(const struct tcpfsm_tracked *f)
{
	unsigned int i = bucket_of(f->id.cookie);
	struct listener *l = NULL;
	unsigned long irqflags;
	u32 life;

	raw_spin_lock_irqsave(&free_lock, irqflags);
	if (!hlist_empty(&free_list)) {
		l = hlist_entry(free_list.first, struct listener, node);
		hlist_del(&l->node);
		life = ++lives;
	} else {
		overflow++;
	}
	raw_spin_unlock_irqrestore(&free_lock, irqflags);
	if (!l)
		return;

	memset(l, 0, sizeof(*l));
	l->life = life;
	l->pub.rec.size = sizeof(l->pub);
	l->pub.rec.kind = TCPFSM_K_LISTENER;
	l->pub.rec.flags = f->flags & (TCPFSM_F_OWNER | TCPFSM_F_SINCE | TCPFSM_F_PREEXISTING);
	l->pub.rec.ts = ktime_get_ns();
	l->pub.id = f->id;
	l->pub.owner = f->owner;
	l->began = l->pub.rec.ts;
	raw_spin_lock_irqsave(bucket_lock(i), irqflags);
	hlist_add_head(&l->node, &buckets[i]);
	raw_spin_unlock_irqrestore(bucket_lock(i), irqflags);
}

/**
 * tcpfsm_listener_overflow() - listeners that were left out
 *
 * Context: any but hardirq and NMI.
 * Return: how many found no room.
 */
u64 tcpfsm_listener_overflow(void)
{
	unsigned long irqflags;
	u64 n;

	raw_spin_lock_irqsave(&free_lock, irqflags);
	n = overflow;
	raw_spin_unlock_irqrestore(&free_lock, irqflags);
	return n;
}

/**
 * tcpfsm_listener_del() - a listener is closed
 * @cookie: socket cookie
 *
 * Context: any but hardirq and NMI.
 */
void tcpfsm_listener_del(u64 cookie)
{
	raw_spinlock_t *lock = lock_of(cookie);
	unsigned long irqflags;
	struct listener *l;

	raw_spin_lock_irqsave(lock, irqflags);
	l = find(cookie);
	if (l && l->pub.flooded) {
		l->pub.flooded = 0;
		l->told_syns += l->syns;
		l->told_done += l->done;
		l->flood_syns += l->syns;
		tell(l, TCPFSM_ALERT_END);
	}
	if (l)
		hlist_del(&l->node);
	raw_spin_unlock_irqrestore(lock, irqflags);
	if (!l)
		return;

	raw_spin_lock_irqsave(&free_lock, irqflags);
	hlist_add_head(&l->node, &free_list);
	raw_spin_unlock_irqrestore(&free_lock, irqflags);
}

/**
 * tcpfsm_listener_syn() - a SYN came
 * @cookie: the listener's socket cookie
 * @peer: from whom
 *
 * Context: any but hardirq and NMI, no bucket locked.
 */
void tcpfsm_listener_syn(u64 cookie, const struct tcpfsm_id *peer)
{
	raw_spinlock_t *lock = lock_of(cookie);
	unsigned long irqflags;
	struct listener *l;
	bool many = false;

	raw_spin_lock_irqsave(lock, irqflags);
	l = find(cookie);
	if (l) {
		roll(l, ktime_get_ns());
		l->pub.syns++;
		l->syns++;
		see(l, peer);
		many = l->syns == tcpfsm_config_get(TCPFSM_A_CONFIG_FLOOD_RATE);
	}
	tcpfsm_drain_unlock(lock, irqflags);
	/* should none follow, the tick judges the window */
	if (many)
		tcpfsm_tick_soon();
}

static void count(struct listener *of, enum tcpfsm_listener_event what)
{
	struct tcpfsm_listener *l = &of->pub;

	switch (what) {
	case TCPFSM_L_ACCEPT_DROP:
		l->accept_drops++;
		break;
	case TCPFSM_L_SYN_DROP:
		l->syn_drops++;
		break;
	case TCPFSM_L_COOKIE_SENT:
		l->cookies_sent++;
		break;
	case TCPFSM_L_COOKIE_BAD:
		l->cookies_bad++;
		break;
	case TCPFSM_L_SYNACK_AGAIN:
		l->synack_retrans++;
		break;
	case TCPFSM_L_COOKIE_OK:
		l->cookies_ok++;
		fallthrough;
	case TCPFSM_L_COMPLETED:
		l->completed++;
		of->done++;
		break;
	case TCPFSM_L_PROVEN:
		of->done++;
		break;
	}
}

/**
 * tcpfsm_listener_event() - count something
 * @cookie: the listener's socket cookie
 * @what: what happened
 *
 * Context: any but hardirq and NMI.
 */
void tcpfsm_listener_event(u64 cookie, enum tcpfsm_listener_event what)
{
	raw_spinlock_t *lock = lock_of(cookie);
	unsigned long irqflags;
	struct listener *l;

	raw_spin_lock_irqsave(lock, irqflags);
	l = find(cookie);
	if (l)
		count(l, what);
	raw_spin_unlock_irqrestore(lock, irqflags);
}

/* What a listener counts a flow of its as, in @counted */
enum { NOTHING, HALF_OPEN, WAITING };

static unsigned int role_of(const struct tcpfsm_tracked *f)
{
	if (f->state == TCPFSM_S_SYN_RECEIVED)
		return HALF_OPEN;
	if (f->state == TCPFSM_S_CLOSED || f->state == TCPFSM_S_LISTEN)
		return NOTHING;
	return tcpfsm_awaits_accept(f) ? WAITING : NOTHING;
}

/* What was counted before it closed went with what it counted. */
static void meet(const struct listener *l, struct tcpfsm_tracked *f)
{
	if (f->life == l->life)
		return;
	f->life = l->life;
	f->counted = NOTHING;
}

/* @role: what it is counted as from now on */
static void follow(struct listener *l, const struct tcpfsm_tracked *f, unsigned int role)
{
	if (f->counted == HALF_OPEN)
		l->pub.half_open--;
	else if (f->counted == WAITING)
		l->pub.waiting--;

	if (role == HALF_OPEN) {
		l->pub.half_open_peak = max(l->pub.half_open_peak, ++l->pub.half_open);
	} else if (f->state == TCPFSM_S_ESTABLISHED) {
		l->pub.completed++;
		l->done++;
		l->pub.cookies_ok += f->cause == TCPFSM_C_SYN_COOKIE;
	} else if (f->counted == HALF_OPEN && f->cause == TCPFSM_C_SYNACK_TIMEOUT) {
		l->pub.expired++;
	}
	if (role == WAITING)
		l->pub.waiting_peak = max(l->pub.waiting_peak, ++l->pub.waiting);
}

/**
 * tcpfsm_listener_follow() - a flow that a listener gave birth to changed
 * @f: the flow, in the table, its bucket locked
 */
void tcpfsm_listener_follow(struct tcpfsm_tracked *f)
{
	const bool opened = f->state == TCPFSM_S_ESTABLISHED;
	unsigned int role = role_of(f);
	unsigned long irqflags;
	raw_spinlock_t *lock;
	struct listener *l;

	/* a subflow may come from a SYN cookie, and then it was and is counted as nothing */
	if (!f->listener || (role == f->counted && !opened))
		return;
	lock = lock_of(f->listener);
	raw_spin_lock_irqsave(lock, irqflags);
	l = find(f->listener);
	if (l) {
		meet(l, f);
		follow(l, f, role);
		f->counted = role;
	}
	raw_spin_unlock_irqrestore(lock, irqflags);
}

/**
 * tcpfsm_listener_accepted() - a process accepted a flow
 * @f: the flow, in the table, its bucket locked, no longer TCPFSM_F_INHERITED
 */
void tcpfsm_listener_accepted(struct tcpfsm_tracked *f)
{
	raw_spinlock_t *lock = lock_of(f->listener);
	unsigned long irqflags;
	struct listener *l;
	u64 wait;

	if (!f->listener)
		return;
	raw_spin_lock_irqsave(lock, irqflags);
	l = find(f->listener);
	if (l) {
		meet(l, f);
		if (f->counted == WAITING) {
			l->pub.waiting--;
			f->counted = NOTHING;
		}
		l->pub.accepted++;
		/* with Fast Open before the handshake is complete: at once */
		wait = f->opened ? ktime_get_ns() - f->opened : 0;
		l->pub.accept_ns += wait;
		l->pub.accept_max_ns = max_t(u64, l->pub.accept_max_ns, wait);
	}
	raw_spin_unlock_irqrestore(lock, irqflags);
}

/**
 * tcpfsm_listener_tick() - judge the listeners that nothing came to
 * @now: CLOCK_MONOTONIC in ns
 *
 * Context: process.
 * Return: whether to come back in a second.
 */
bool tcpfsm_listener_tick(u64 now)
{
	unsigned long irqflags;
	bool again = false;
	struct listener *l;
	unsigned int i;

	for (i = 0; i < tcpfsm_listener_buckets(); i++) {
		if (hlist_empty(&buckets[i]))
			continue;
		raw_spin_lock_irqsave(bucket_lock(i), irqflags);
		hlist_for_each_entry(l, &buckets[i], node) {
			if (l->syns || l->pub.flooded)
				roll(l, now);
			again |= l->pub.flooded ||
				 l->syns >= tcpfsm_config_get(TCPFSM_A_CONFIG_FLOOD_RATE);
		}
		tcpfsm_drain_unlock(bucket_lock(i), irqflags);
	}
	return again;
}

/**
 * tcpfsm_listener_buckets() - how many buckets tcpfsm_listener_walk() can walk
 *
 * Return: their number.
 */
unsigned int tcpfsm_listener_buckets(void)
{
	return 1U << bucket_bits;
}

/**
 * tcpfsm_listener_walk() - show the listeners of one bucket
 * @index: which bucket
 * @skip: listeners at its beginning to pass over
 * @fn: called with each listener, interrupts off; not 0 ends the walk
 * @arg: for @fn
 *
 * Context: process.
 * Return: listeners shown or passed over if @fn ended the walk, otherwise -1.
 */
int tcpfsm_listener_walk(unsigned int index, unsigned int skip,
			 int (*fn)(const struct tcpfsm_listener *l, void *arg), void *arg)
{
	unsigned long irqflags;
	unsigned int n = 0;
	struct listener *l;
	int ret = -1;

	if (hlist_empty(&buckets[index]))
		return -1;

	raw_spin_lock_irqsave(bucket_lock(index), irqflags);
	hlist_for_each_entry(l, &buckets[index], node) {
		if (n >= skip && fn(&l->pub, arg)) {
			ret = n;
			break;
		}
		n++;
	}
	raw_spin_unlock_irqrestore(bucket_lock(index), irqflags);
	return ret;
}
