// SPDX-License-Identifier: GPL-2.0
/*
 * The segment a CPU works on, from one hook to the next.
 *
 * A segment is told of before what it causes. Where the hook comes too early to
 * know the flow (a SYN has none yet) the segment is held until the next hook
 * knows. Should none come, it is let go when the kernel frees it, when the next
 * segment is taken, or by a worker: also on a CPU that idles or is gone.
 *
 * Which segment it is tell the address of its skb and the beginning of its TCP
 * header together, as memory is soon used again. SYNs are worked on with softirqs
 * off, so nobody else takes the hand of that CPU in between; segments of a backlog
 * in process context, which may be preempted or go to another CPU: then the hand
 * holds another one, or tcpfsm_hand_drop() looks for it.
 */
#include <linux/cpumask.h>
#include <linux/ktime.h>
#include <linux/percpu.h>
#include <linux/preempt.h>
#include <linux/sched.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/tcp.h>
#include <linux/workqueue.h>
#include <net/inet_sock.h>
#include <net/ipv6.h>
#include <net/tcp.h>

#include "drain.h"
#include "flow.h"
#include "hand.h"
#include "snapshot.h"

/* A held segment: between whom it is, what it says, what carries the flow it may belong to */
struct held {
	const void		*obj;
	struct tcpfsm_id	id;
	struct tcpfsm_segment	seg;
};

/**
 * struct hand - the segment a CPU works on
 * @lock: protects all of it; raw, interrupts off, nothing is called under it
 * @skb: compared, never followed
 * @head: ports, numbers, flags and window, to compare
 * @request: cookie of the request it came for, otherwise 0
 * @told: a record was made of it
 * @reset: a RST answers it
 * @waits: it waits in @held for its flow to be known
 * @since: CLOCK_MONOTONIC in ns when that began
 * @held: valid with @waits
 */
struct hand {
	raw_spinlock_t	lock;
	const void	*skb;
	u8		head[16];
	u64		request;
	bool		told;
	bool		reset;
	bool		waits;
	u64		since;
	struct held	held;
};

static DEFINE_PER_CPU(struct hand, hand) = {
	.lock = __RAW_SPIN_LOCK_UNLOCKED(hand.lock),
};

/* Of this CPU, with interrupts off */
static DEFINE_PER_CPU(struct tcpfsm_challenge, challenge);

/* Many times what a CPU needs from one hook to the next */
#define HELD_NS		(20 * NSEC_PER_MSEC)
#define HELD_JIFFIES	max(HZ / 50, 1)

static void sweep(struct work_struct *work);
static DECLARE_DELAYED_WORK(sweep_work, sweep);

static struct hand *lock_own(unsigned long *irqflags)
	__acquires(&hand.lock)
{
	struct hand *h;

	local_irq_save(*irqflags);
	h = this_cpu_ptr(&hand);
	raw_spin_lock(&h->lock);
	return h;
}

static void unlock_own(struct hand *h, unsigned long irqflags)
	__releases(&hand.lock)
{
	raw_spin_unlock_irqrestore(&h->lock, irqflags);
}

static bool has(const struct hand *h, const struct sk_buff *skb)
{
	return h->skb == skb && !memcmp(h->head, tcp_hdr(skb), sizeof(h->head));
}

/* It waited for a flow, and none was made of it. @held is to be told, without the lock. */
static bool let_go(struct hand *h, u8 fate, struct held *held)
{
	if (!h->waits)
		return false;
	h->waits = false;
	h->told = true;
	*held = h->held;
	held->seg.fate = fate;
	return true;
}

static void tell(struct held *held)
{
	tcpfsm_flow_segment(&held->id, held->obj, &held->seg);
	tcpfsm_drain_kick();
}

static bool take(struct hand *h, const struct sk_buff *skb, struct held *before)
{
	bool any = let_go(h, TCPFSM_FATE_DROPPED, before);

	h->skb = skb;
	memcpy(h->head, tcp_hdr(skb), sizeof(h->head));
	h->request = 0;
	h->told = false;
	h->reset = false;
	return any;
}

/* Those that nobody has come for */
static void sweep(struct work_struct *work)
{
	u64 now = ktime_get_ns();
	unsigned long irqflags;
	bool again = false;
	struct held held;
	struct hand *h;
	bool any;
	int cpu;

	for_each_possible_cpu(cpu) {
		h = per_cpu_ptr(&hand, cpu);
		raw_spin_lock_irqsave(&h->lock, irqflags);
		any = h->waits && now - h->since >= HELD_NS && now >= h->since;
		if (any)
			let_go(h, TCPFSM_FATE_DROPPED, &held);
		again |= h->waits;
		raw_spin_unlock_irqrestore(&h->lock, irqflags);
		if (any)
			tell(&held);
	}
	if (again)
		schedule_delayed_work(&sweep_work, HELD_JIFFIES);
}

/**
 * tcpfsm_hand_take() - this CPU works on another segment, of which a record is made
 * @skb: the segment
 * @request: cookie of the request it came for, otherwise 0
 *
 * Context: any but hardirq and NMI.
 */
void tcpfsm_hand_take(const struct sk_buff *skb, u64 request)
{
	unsigned long irqflags;
	struct held before;
	struct hand *h;
	bool any;

	h = lock_own(&irqflags);
	any = take(h, skb, &before);
	h->told = true;
	h->request = request;
	unlock_own(h, irqflags);
	if (any)
		tell(&before);
}

/**
 * tcpfsm_hand_hold() - a segment whose flow a later hook knows
 * @skb: the segment
 * @obj: what carries the flow it may turn out to belong to, NULL for none
 * @id: its addresses, and the cookie of that flow
 * @seg: what it says
 *
 * Context: softirqs are off.
 */
void tcpfsm_hand_hold(const struct sk_buff *skb, const void *obj, const struct tcpfsm_id *id,
		      const struct tcpfsm_segment *seg)
{
	unsigned long irqflags;
	struct held before;
	struct hand *h;
	bool any;

	h = lock_own(&irqflags);
	any = take(h, skb, &before);
	h->waits = true;
	h->since = ktime_get_ns();
	h->held.obj = obj;
	h->held.id = *id;
	h->held.seg = *seg;
	unlock_own(h, irqflags);
	if (any)
		tell(&before);
	if (!delayed_work_pending(&sweep_work))
		schedule_delayed_work(&sweep_work, HELD_JIFFIES);
}

/**
 * tcpfsm_hand_reuse() - a SYN that TIME_WAIT let through has reached a listener
 * @skb: the SYN
 *
 * It is the new flow's, not the old one's.
 *
 * Context: softirqs are off.
 * Return: whether it is such a one.
 */
bool tcpfsm_hand_reuse(const struct sk_buff *skb)
{
	unsigned long irqflags;
	struct hand *h;
	bool was;

	h = lock_own(&irqflags);
	was = has(h, skb) && h->waits;
	if (was)
		h->waits = false;
	unlock_own(h, irqflags);
	return was;
}

/**
 * tcpfsm_hand_let_go() - it is known what became of a segment, should it be held
 * @skb: the segment
 * @fate: enum tcpfsm_fate
 *
 * Context: softirqs are off.
 */
void tcpfsm_hand_let_go(const struct sk_buff *skb, u8 fate)
{
	unsigned long irqflags;
	struct held held;
	struct hand *h;
	bool any;

	h = lock_own(&irqflags);
	any = has(h, skb) && let_go(h, fate, &held);
	unlock_own(h, irqflags);
	if (any)
		tell(&held);
}

static bool is_syn_of(const struct hand *h, const struct request_sock *req)
{
	const struct inet_request_sock *ireq = inet_rsk(req);

	return h->waits && h->held.seg.seq == tcp_rsk((struct request_sock *)req)->rcv_isn &&
	       h->held.id.rport == ireq->ir_rmt_port && h->held.id.lport == htons(ireq->ir_num);
}

/**
 * tcpfsm_hand_syn_of() - the SYN that is held belongs to this flow
 * @obj: the request, or child, that the kernel has just made of it; NULL for none
 * @id: the flow, its cookie 0 for none
 * @req: the request, to compare
 *
 * Context: softirqs are off.
 * Return: whether it was held.
 */
bool tcpfsm_hand_syn_of(const void *obj, const struct tcpfsm_id *id,
			const struct request_sock *req)
{
	unsigned long irqflags;
	struct held held;
	struct hand *h;
	bool any;

	h = lock_own(&irqflags);
	any = is_syn_of(h, req) && let_go(h, TCPFSM_FATE_NONE, &held);
	unlock_own(h, irqflags);
	if (!any)
		return false;
	held.id = *id;
	held.obj = obj;
	tell(&held);
	return true;
}

/**
 * tcpfsm_hand_syn_lost() - the request made of the SYN that is held is freed
 * @req: the request, to compare
 * @fate: enum tcpfsm_fate of the SYN
 *
 * Context: any but hardirq.
 * Return: whether it was held.
 */
bool tcpfsm_hand_syn_lost(const struct request_sock *req, u8 fate)
{
	unsigned long irqflags;
	struct held held;
	struct hand *h;
	bool any;

	h = lock_own(&irqflags);
	any = is_syn_of(h, req) && let_go(h, fate, &held);
	unlock_own(h, irqflags);
	if (any)
		tell(&held);
	return any;
}

/**
 * tcpfsm_hand_told() - was a record made of this segment?
 * @skb: the segment
 *
 * Context: any but hardirq and NMI.
 * Return: whether this CPU made one last.
 */
bool tcpfsm_hand_told(const struct sk_buff *skb)
{
	unsigned long irqflags;
	struct hand *h;
	bool told;

	h = lock_own(&irqflags);
	told = has(h, skb) && h->told;
	unlock_own(h, irqflags);
	return told;
}

/**
 * tcpfsm_hand_request() - for which request did this segment come?
 * @skb: the segment
 *
 * Context: softirqs are off.
 * Return: the request's cookie, 0 for none.
 */
u64 tcpfsm_hand_request(const struct sk_buff *skb)
{
	unsigned long irqflags;
	struct hand *h;
	u64 request;

	h = lock_own(&irqflags);
	request = has(h, skb) ? h->request : 0;
	unlock_own(h, irqflags);
	return request;
}

/**
 * tcpfsm_hand_refuse() - a segment is answered with a RST
 * @skb: the segment
 * @for_nobody: nobody listens: no hook has seen it before
 *
 * Context: any but hardirq and NMI.
 * Return: the cookie of the request it came for, 0 for none.
 */
u64 tcpfsm_hand_refuse(const struct sk_buff *skb, bool for_nobody)
{
	unsigned long irqflags;
	struct held held;
	struct hand *h;
	u64 request;
	bool any;

	h = lock_own(&irqflags);
	if (!for_nobody && has(h, skb))
		any = let_go(h, TCPFSM_FATE_RESET, &held);
	else
		any = take(h, skb, &held);
	h->told = true;
	h->reset = true;
	request = h->request;
	unlock_own(h, irqflags);
	if (any)
		tell(&held);
	return request;
}

/**
 * tcpfsm_hand_refused() - is this segment answered with a RST?
 * @skb: the segment
 *
 * Context: any but hardirq and NMI.
 * Return: whether tcpfsm_hand_refuse() was called for it.
 */
bool tcpfsm_hand_refused(const struct sk_buff *skb)
{
	unsigned long irqflags;
	struct hand *h;
	bool reset;

	h = lock_own(&irqflags);
	reset = has(h, skb) && h->reset;
	unlock_own(h, irqflags);
	return reset;
}

/* Its skb is freed, or one that was given the same memory since. */
static bool put_down(struct hand *h, struct held *held)
{
	h->skb = NULL;
	return let_go(h, TCPFSM_FATE_DROPPED, held);
}

/**
 * tcpfsm_hand_drop() - a segment was thrown away; was a record made of it?
 * @skb: the segment
 *
 * Context: any but hardirq and NMI.
 * Return: whether one was.
 */
bool tcpfsm_hand_drop(const struct sk_buff *skb)
{
	unsigned long irqflags;
	bool told = false;
	bool any = false;
	struct held held;
	struct hand *h;
	int cpu;

	h = lock_own(&irqflags);
	if (h->skb == skb) {
		told = has(h, skb) && (h->told || h->waits);
		any = put_down(h, &held);
	}
	unlock_own(h, irqflags);
	if (any)
		tell(&held);
	if (told || !in_task())
		return told;

	/* one of a backlog may have begun on another CPU */
	for_each_online_cpu(cpu) {
		h = per_cpu_ptr(&hand, cpu);
		raw_spin_lock_irqsave(&h->lock, irqflags);
		if (has(h, skb) && h->told && !h->waits) {
			h->skb = NULL;
			told = true;
		}
		raw_spin_unlock_irqrestore(&h->lock, irqflags);
	}
	return told;
}

static bool here(const struct tcpfsm_challenge *c)
{
	return c->sk && c->task == current && c->softirq == !!in_serving_softirq();
}

/**
 * tcpfsm_hand_forget() - something is thrown away that no record is to be made of
 * @skb: what it is, of whatever protocol; compared, not looked into
 *
 * Its memory is used for another one next. If a challenge ACK was sent, that was
 * for it.
 *
 * Context: any but hardirq and NMI. Called for everything that is thrown away.
 */
void tcpfsm_hand_forget(const struct sk_buff *skb)
{
	unsigned long irqflags;
	bool any = false;
	struct held held;
	struct hand *h;

	/* a look without a lock: when the CPU changes meanwhile, it is not for this context */
	if (likely(raw_cpu_read(hand.skb) != skb && !raw_cpu_read(challenge.sk)))
		return;
	h = lock_own(&irqflags);
	if (h->skb == skb)
		any = put_down(h, &held);
	if (here(this_cpu_ptr(&challenge)))
		this_cpu_ptr(&challenge)->sk = NULL;
	unlock_own(h, irqflags);
	if (any)
		tell(&held);
}

/**
 * tcpfsm_hand_challenge() - a challenge ACK answers the segment this CPU works on
 * @sk: whose it is
 * @state: enum tcpfsm_state it is in
 * @fate: enum tcpfsm_fate of the segment
 *
 * Which segment is not known; it is what this context throws away next.
 *
 * Context: softirq, or process for the backlog; the socket is locked.
 */
void tcpfsm_hand_challenge(const struct sock *sk, u8 state, u8 fate)
{
	struct tcpfsm_challenge *c;
	unsigned long irqflags;

	local_irq_save(irqflags);
	c = this_cpu_ptr(&challenge);
	c->sk = sk;
	c->task = current;
	c->softirq = in_serving_softirq();
	tcpfsm_snap_id(&c->id, sk);
	c->state = state;
	c->fate = fate;
	local_irq_restore(irqflags);
}

/* @seg: of a segment, whose namespace may not be known; @sk may be IPv6 with mapped addresses */
static bool same_peers(const struct tcpfsm_id *sk, const struct tcpfsm_id *seg)
{
	if (sk->lport != seg->lport || sk->rport != seg->rport ||
	    (seg->netns && sk->netns != seg->netns))
		return false;
	if (sk->family == seg->family)
		return !memcmp(sk->laddr, seg->laddr, sizeof(sk->laddr)) &&
		       !memcmp(sk->raddr, seg->raddr, sizeof(sk->raddr));
	return seg->family == AF_INET &&
	       ipv6_addr_v4mapped((const struct in6_addr *)sk->laddr) &&
	       !memcmp(sk->laddr + 12, seg->laddr, 4) && !memcmp(sk->raddr + 12, seg->raddr, 4);
}

/**
 * tcpfsm_hand_challenged() - is this the segment that was challenged last?
 * @sk: the full socket a segment came for that is thrown away, NULL where the
 *	kernel does not tell
 * @peers: its addresses
 * @c: filled in when it is
 *
 * Context: any but hardirq and NMI.
 * Return: whether it is.
 */
bool tcpfsm_hand_challenged(const struct sock *sk, const struct tcpfsm_id *peers,
			    struct tcpfsm_challenge *c)
{
	struct tcpfsm_challenge *last;
	unsigned long irqflags;
	bool is = false;

	local_irq_save(irqflags);
	last = this_cpu_ptr(&challenge);
	if (here(last)) {
		is = (!sk || sk == last->sk) && same_peers(&last->id, peers);
		*c = *last;
		last->sk = NULL;
	}
	local_irq_restore(irqflags);
	return is;
}

/**
 * tcpfsm_hand_exit() - let go of everything
 *
 * What becomes of a SYN that was held when the hooks were detached was not seen.
 *
 * Context: process, after the hooks are gone, before the drain worker.
 */
void tcpfsm_hand_exit(void)
{
	struct held held;
	int cpu;

	cancel_delayed_work_sync(&sweep_work);
	for_each_possible_cpu(cpu)
		if (let_go(per_cpu_ptr(&hand, cpu), TCPFSM_FATE_NONE, &held))
			tell(&held);
}
