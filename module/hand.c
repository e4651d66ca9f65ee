// SPDX-License-Identifier: GPL-2.0
/*
 * The segment a CPU works on, from one hook to the next.
 *
 * A segment is told of before what it causes. Where the hook comes too early to
 * know the flow (a SYN has none yet) the segment is held until the next hook
 * knows. Should none come, it is let go when the kernel frees it, when the next
 * segment is taken, or by a worker: one of that CPU, which does not run before the
 * CPU is done with the segment, however long a hypervisor stops it in between.
 *
 * A segment is identified by its skb's address and the start of its TCP header
 * together, as memory is soon reused. SYNs are worked on with softirqs
 * off, so nobody else takes the hand of that CPU in between, but on a PREEMPT_RT
 * kernel, where tasks that have softirqs off may preempt each other (6.18,
 * 3253cb49cbad ("softirq: Allow to drop the softirq-BKL lock on PREEMPT_RT")): there
 * a CPU has several hands, one a task. Segments of a backlog are worked on in process
 * context, which may be preempted or go to another CPU: then the hand holds another
 * one, or tcpfsm_hand_drop() looks for it.
 */
#include <linux/cpumask.h>
#include <linux/ktime.h>
#include <linux/percpu.h>
#include <linux/preempt.h>
#include <linux/sched.h>
#include <linux/smp.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/tcp.h>
#include <linux/workqueue.h>
#include <net/inet_sock.h>
#include <net/ipv6.h>
#include <net/tcp.h>

#include "flow.h"
#include "hand.h"
#include "snapshot.h"

/* A held segment: between whom it is, what it says, what carries the flow it may belong to */
struct held {
	const void		*obj;
	struct tcpfsm_id	id;
	struct tcpfsm_segment	seg;
};

#ifdef CONFIG_PREEMPT_RT
#define HANDS		8
#define CHANCES		2
#else
#define HANDS		1
#define CHANCES		0
#endif

/**
 * struct hand - a segment a CPU works on
 * @task: who does, compared, never followed
 * @turn: when it was taken, counted in segments of this CPU
 * @skb: compared, never followed; NULL when it is put down
 * @head: ports, numbers, flags and window, to compare
 * @request: cookie of the request it came for, otherwise 0
 * @told: a record was made of it
 * @reset: a RST answers it
 * @waits: it waits in @held for its flow to be known
 * @chances: how often the sweep still passes it over
 * @since: CLOCK_MONOTONIC in ns when that began, or it was passed over
 * @held: valid with @waits
 */
struct hand {
	const void	*task;
	u64		turn;
	const void	*skb;
	u8		head[16];
	u64		request;
	bool		told;
	bool		reset;
	bool		waits;
	u8		chances;
	u64		since;
	struct held	held;
};

/**
 * struct hands - those of a CPU
 * @lock: protects @turn and @of; raw, interrupts off, nothing is called under it
 * @turn: of the one taken last
 * @of: the hands
 * @sweep: lets go of what nobody came for
 */
struct hands {
	raw_spinlock_t	lock;
	u64		turn;
	struct hand	of[HANDS];
	struct delayed_work sweep;
};

static DEFINE_PER_CPU(struct hands, hands) = {
	.lock = __RAW_SPIN_LOCK_UNLOCKED(hands.lock),
};

/* Of this CPU, with interrupts off */
static DEFINE_PER_CPU(struct tcpfsm_challenge, challenge);

/*
 * Many times what a CPU needs from one hook to the next. It matters where the worker may run in
 * between: on PREEMPT_RT, and when a CPU goes offline, as its worker may then run elsewhere before
 * it is gone, or after it is back.
 *
 * A task that may be preempted is given this time again, CHANCES times: when a hypervisor
 * takes the processor away, the clock goes on, and the worker may be the first to run.
 */
#define HELD_NS		(20 * NSEC_PER_MSEC)
#define HELD_JIFFIES	max(HZ / 50, 1)

static struct hands *lock_own(unsigned long *irqflags)
	__acquires(&hands.lock)
{
	struct hands *own;

	local_irq_save(*irqflags);
	own = this_cpu_ptr(&hands);
	raw_spin_lock(&own->lock);
	return own;
}

static void unlock_own(struct hands *own, unsigned long irqflags)
	__releases(&hands.lock)
{
	raw_spin_unlock_irqrestore(&own->lock, irqflags);
}

static bool has(const struct hand *h, const struct sk_buff *skb)
{
	return h->skb == skb && !memcmp(h->head, tcp_hdr(skb), sizeof(h->head));
}

/* The one that holds it, or NULL */
static struct hand *find(struct hands *own, const struct sk_buff *skb)
{
	struct hand *h;

	for (h = own->of; h < own->of + HANDS; h++)
		if (has(h, skb))
			return h;
	return NULL;
}

/* For another segment: the one with its memory, this task's, one put down, or the oldest */
static struct hand *spare(struct hands *own, const struct sk_buff *skb)
{
	struct hand *best = own->of;
	struct hand *mine = NULL;
	struct hand *h;

	for (h = own->of; h < own->of + HANDS; h++) {
		if (h->skb == skb)
			return h;
		if (h->task == current)
			mine = h;
		if (best->skb && (!h->skb || h->turn < best->turn))
			best = h;
	}
	return mine ?: best;
}

/* If it waits for a flow, end that with @fate; the caller must tell() @held after unlocking. */
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
}

static struct hand *take(struct hands *own, const struct sk_buff *skb, struct held *before,
			 bool *any)
{
	struct hand *h = spare(own, skb);

	*any = let_go(h, TCPFSM_FATE_DROPPED, before);
	h->task = current;
	h->turn = ++own->turn;
	h->skb = skb;
	memcpy(h->head, tcp_hdr(skb), sizeof(h->head));
	h->request = 0;
	h->told = false;
	h->reset = false;
	return h;
}

/* One of them, should nobody have come for it; or NULL */
static struct hand *stale(struct hands *of, bool *again)
{
	u64 now = ktime_get_ns();
	struct hand *h;

	for (h = of->of; h < of->of + HANDS; h++) {
		if (h->waits && now - h->since >= HELD_NS && now >= h->since) {
			if (!h->chances)
				return h;
			h->chances--;
			h->since = now;
		}
		*again |= h->waits;
	}
	return NULL;
}

static void sweep(struct work_struct *work)
{
	struct hands *of = container_of(to_delayed_work(work), struct hands, sweep);
	unsigned long irqflags;
	bool again = false;
	struct held held;
	struct hand *h;

	do {
		raw_spin_lock_irqsave(&of->lock, irqflags);
		h = stale(of, &again);
		if (h)
			let_go(h, TCPFSM_FATE_DROPPED, &held);
		raw_spin_unlock_irqrestore(&of->lock, irqflags);
		if (h)
			tell(&held);
	} while (h);
	if (!again)
		return;
	/* on this CPU, which cannot go offline before the timer is set */
	preempt_disable();
	schedule_delayed_work_on(smp_processor_id(), &of->sweep, HELD_JIFFIES);
	preempt_enable();
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
	struct hands *own;
	struct hand *h;
	bool any;

	own = lock_own(&irqflags);
	h = take(own, skb, &before, &any);
	h->told = true;
	h->request = request;
	unlock_own(own, irqflags);
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
	struct hands *own;
	struct hand *h;
	bool any;

	own = lock_own(&irqflags);
	h = take(own, skb, &before, &any);
	h->waits = true;
	h->chances = CHANCES;
	h->since = ktime_get_ns();
	h->held.obj = obj;
	h->held.id = *id;
	h->held.seg = *seg;
	unlock_own(own, irqflags);
	if (any)
		tell(&before);
	if (!delayed_work_pending(&own->sweep))
		schedule_delayed_work_on(smp_processor_id(), &own->sweep, HELD_JIFFIES);
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
	struct hands *own;
	struct hand *h;
	bool was;

	own = lock_own(&irqflags);
	h = find(own, skb);
	was = h && h->waits;
	if (was)
		h->waits = false;
	unlock_own(own, irqflags);
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
	struct hands *own;
	struct held held;
	struct hand *h;
	bool any;

	own = lock_own(&irqflags);
	h = find(own, skb);
	any = h && let_go(h, fate, &held);
	unlock_own(own, irqflags);
	if (any)
		tell(&held);
}

static bool is_syn_of(const struct hand *h, const struct request_sock *req)
{
	const struct inet_request_sock *ireq = inet_rsk(req);

	return h->waits && h->held.seg.seq == tcp_rsk((struct request_sock *)req)->rcv_isn &&
	       h->held.id.rport == ireq->ir_rmt_port && h->held.id.lport == htons(ireq->ir_num);
}

/* The SYN of this request, should it be held */
static bool let_syn_go(const struct request_sock *req, u8 fate, struct held *held)
{
	unsigned long irqflags;
	struct hands *own;
	bool any = false;
	struct hand *h;

	own = lock_own(&irqflags);
	for (h = own->of; h < own->of + HANDS; h++) {
		any = is_syn_of(h, req) && let_go(h, fate, held);
		if (any)
			break;
	}
	unlock_own(own, irqflags);
	return any;
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
	struct held held;

	if (!let_syn_go(req, TCPFSM_FATE_NONE, &held))
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
	struct held held;

	if (!let_syn_go(req, fate, &held))
		return false;
	tell(&held);
	return true;
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
	struct hands *own;
	struct hand *h;
	bool told;

	own = lock_own(&irqflags);
	h = find(own, skb);
	told = h && h->told;
	unlock_own(own, irqflags);
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
	struct hands *own;
	struct hand *h;
	u64 request;

	own = lock_own(&irqflags);
	h = find(own, skb);
	request = h ? h->request : 0;
	unlock_own(own, irqflags);
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
	struct hands *own;
	struct held held;
	struct hand *h;
	u64 request;
	bool any;

	own = lock_own(&irqflags);
	h = for_nobody ? NULL : find(own, skb);
	if (h)
		any = let_go(h, TCPFSM_FATE_RESET, &held);
	else
		h = take(own, skb, &held, &any);
	h->told = true;
	h->reset = true;
	request = h->request;
	unlock_own(own, irqflags);
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
	struct hands *own;
	struct hand *h;
	bool reset;

	own = lock_own(&irqflags);
	h = find(own, skb);
	reset = h && h->reset;
	unlock_own(own, irqflags);
	return reset;
}

/* The one with this skb, whatever segment that is by now; or NULL */
static struct hand *holding(struct hands *own, const void *skb)
{
	struct hand *h;

	for (h = own->of; h < own->of + HANDS; h++)
		if (h->skb == skb)
			return h;
	return NULL;
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
	struct hands *of;
	struct held held;
	struct hand *h;
	int cpu;

	of = lock_own(&irqflags);
	h = holding(of, skb);
	if (h) {
		told = has(h, skb) && (h->told || h->waits);
		any = put_down(h, &held);
	}
	unlock_own(of, irqflags);
	if (any)
		tell(&held);
	if (told || !in_task())
		return told;

	/* one of a backlog may have begun on another CPU */
	for_each_online_cpu(cpu) {
		of = per_cpu_ptr(&hands, cpu);
		raw_spin_lock_irqsave(&of->lock, irqflags);
		h = find(of, skb);
		if (h && h->told && !h->waits) {
			h->skb = NULL;
			told = true;
		}
		raw_spin_unlock_irqrestore(&of->lock, irqflags);
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
	struct hands *own;
	struct held held;
	struct hand *h;

	/* lockless peek: if this migrates meanwhile, neither can concern this context */
	if (likely(!holding(raw_cpu_ptr(&hands), skb) && !raw_cpu_read(challenge.sk)))
		return;
	own = lock_own(&irqflags);
	h = holding(own, skb);
	if (h)
		any = put_down(h, &held);
	if (here(this_cpu_ptr(&challenge)))
		this_cpu_ptr(&challenge)->sk = NULL;
	unlock_own(own, irqflags);
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
 * tcpfsm_hand_init() - make the workers ready
 *
 * Context: process, before the hooks are attached.
 */
void tcpfsm_hand_init(void)
{
	int cpu;

	for_each_possible_cpu(cpu)
		INIT_DELAYED_WORK(&per_cpu_ptr(&hands, cpu)->sweep, sweep);
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
	struct hands *of;
	struct held held;
	struct hand *h;
	int cpu;

	for_each_possible_cpu(cpu) {
		of = per_cpu_ptr(&hands, cpu);
		cancel_delayed_work_sync(&of->sweep);
		for (h = of->of; h < of->of + HANDS; h++)
			if (let_go(h, TCPFSM_FATE_NONE, &held))
				tell(&held);
	}
}
