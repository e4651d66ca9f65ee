// SPDX-License-Identifier: GPL-2.0
/*
 * Connections and listeners that are older than the module: when it is loaded, and
 * the hooks are at work, the kernel's tables of sockets are walked, and who is not
 * in the flow table yet is put there.
 *
 * The hooks and the walk meet at the flow's lock. A full socket is looked at with
 * the socket locked, so that it changes its state before that or after, when the
 * hooks find the flow in the table. Requests and timewait sockets have no such lock,
 * and a process may own a full socket for as long as it takes to fault in what it
 * sends: these may have passed the hook that tells of their end when the walk still
 * finds them in the kernel's table. A second walk, after all those hooks have
 * returned, finds out which are gone.
 */
#include <linux/jiffies.h>
#include <linux/ktime.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/tcp.h>
#include <net/inet_timewait_sock.h>
#include <net/mptcp.h>
#include <net/request_sock.h>
#include <net/tcp.h>
#include <net/tcp_states.h>

#include "compat/hashinfo.h"
#include "flow.h"
#include "hooks.h"
#include "snapshot.h"
#include "takeover.h"

#define BATCH 64

/*
 * struct batch - full sockets of one bucket, held
 * @socks: the sockets
 * @len: how many
 */
struct batch {
	struct sock	*socks[BATCH];
	unsigned int	len;
};

static u32 taken;
static bool again;	/* it is the second walk */

/* Time when it was last heard of the peer, RFC 9293, section 3.8.6: of any ACK */
static u64 last_heard(const struct sock *sk, u64 now)
{
	u32 ago = tcp_jiffies32 - READ_ONCE(tcp_sk(sk)->rcv_tstamp);

	return now - min(now, jiffies64_to_nsecs(ago));
}

/* Time when what is to be acknowledged last, a SYN or a FIN, was last sent */
static u64 last_sent(const struct sock *sk, u8 tcp_flag, u64 now)
{
	struct sk_buff *skb = skb_rb_last(&sk->tcp_rtx_queue);

	if (!skb || !(TCP_SKB_CB(skb)->tcp_flags & tcp_flag))
		return now;
	return min_t(u64, now, skb->skb_mstamp_ns);
}

/*
 * The latest the socket can have entered its state. The peer's FIN, or its ACK of
 * ours, was heard when it was last heard of, or before.
 */
static u64 latest_entry(const struct sock *sk, u64 now)
{
	switch (sk->sk_state) {
	case TCP_ESTABLISHED:
	case TCP_CLOSE_WAIT:
	case TCP_FIN_WAIT2:
		return last_heard(sk, now);
	case TCP_SYN_SENT:
		return last_sent(sk, TCPHDR_SYN, now);
	case TCP_FIN_WAIT1:
	case TCP_LAST_ACK:
	case TCP_CLOSING:
		return last_sent(sk, TCPHDR_FIN, now);
	default:
		return now;
	}
}

/* Put it into the table, unless the hooks have. */
static void take_over(struct tcpfsm_tracked *new)
{
	u64 cookie = new->id.cookie;
	struct tcpfsm_tracked *f, *other;
	struct tcpfsm_bucket b;

	tcpfsm_flow_lock(&b, cookie);
	f = tcpfsm_flow_find(&b, cookie, new->obj, &other);
	if (f) {
		/* twice in one walk says nothing: what comes and goes meanwhile shifts the rest */
		if (again)
			f->notes &= ~TCPFSM_N_FOUND;
	} else if (!other) {
		/* one that finds no room again was counted the first time */
		if (again)
			new->flags |= TCPFSM_F_PREEXISTING;
		f = tcpfsm_flow_add(&b, new);
		if (f) {
			f->flags |= TCPFSM_F_PREEXISTING;
			tcpfsm_flow_taken_over(f);
			taken++;
		}
	}
	tcpfsm_flow_unlock(&b);
}

/* @owned: a process has the socket locked, nobody else changes it */
static void take_locked(const struct sock *sk, bool owned)
{
	int state = READ_ONCE(sk->sk_state);
	struct tcpfsm_tracked new;
	u64 now;

	if (state == TCP_CLOSE || sk_unhashed(sk))
		return;
	/* connect() may have been between two hooks when they were attached */
	if (state == TCP_SYN_SENT && !owned && tcp_sk(sk)->packets_out)
		tcpfsm_announce(sk);
	now = ktime_get_ns();
	tcpfsm_flow_midway(&new, sk, TCPFSM_O_FULL, tcpfsm_state_of(state));
	/* it counts as one that found no room, should there be none */
	new.flags = 0;
	if (owned)
		new.notes |= TCPFSM_N_FOUND;
	if (sk_is_mptcp(sk))
		new.notes |= TCPFSM_N_MPTCP;
	if (state != TCP_LISTEN) {
		new.since = owned ? now : latest_entry(sk, now);
		if (sock_flag(sk, SOCK_DEAD))
			new.flags |= TCPFSM_F_ORPHAN;
		else if (!sk->sk_socket)
			new.flags |= TCPFSM_F_INHERITED;
	}
	take_over(&new);
}

static void take_full(struct sock *sk)
{
	local_bh_disable();
	bh_lock_sock(sk);
	take_locked(sk, sock_owned_by_user(sk));
	bh_unlock_sock(sk);
	local_bh_enable();
}

/* A request or a timewait socket; the bucket it is in is locked. */
static void take_mini(struct sock *sk)
{
	const struct request_sock *req = inet_reqsk(sk);
	const struct inet_timewait_sock *tw = inet_twsk(sk);
	struct tcpfsm_tracked new;

	if (sk->sk_state == TCP_NEW_SYN_RECV) {
		if (!tcpfsm_is_tcp(req->rsk_listener))
			return;
		tcpfsm_flow_midway(&new, req, TCPFSM_O_REQUEST, TCPFSM_S_SYN_RECEIVED);
		new.since = min_t(u64, ktime_get_ns(),
				  tcp_rsk(req)->snt_synack * NSEC_PER_USEC);
		new.listener = tcpfsm_cookie(req->rsk_listener);
		new.flags |= TCPFSM_F_INHERITED;
	} else {
		tcpfsm_flow_midway(&new, tw, TCPFSM_O_TIMEWAIT, tcpfsm_state_of(tw->tw_substate));
		new.since = ktime_get_ns();
		if (tw->tw_substate == TCP_FIN_WAIT2)
			new.flags |= TCPFSM_F_ORPHAN;
	}
	new.flags &= ~TCPFSM_F_PREEXISTING;
	new.notes = TCPFSM_N_FOUND;
	take_over(&new);
}

static void take_batch(struct batch *batch)
{
	unsigned int i;

	for (i = 0; i < batch->len; i++) {
		take_full(batch->socks[i]);
		sock_put(batch->socks[i]);
	}
	batch->len = 0;
	cond_resched();
}

static void hold(struct batch *batch, struct sock *sk)
{
	if (refcount_inc_not_zero(&sk->sk_refcnt))
		batch->socks[batch->len++] = sk;
}

/* Return: whether there is more in the bucket, behind the first @skip */
static bool walk_bucket(struct inet_hashinfo *h, unsigned int i, unsigned int skip,
			struct batch *batch)
{
	spinlock_t *lock = inet_ehash_lockp(h, i);
	struct hlist_nulls_node *node;
	unsigned int n = 0;
	bool more = false;
	struct sock *sk;

	spin_lock_bh(lock);
	sk_nulls_for_each(sk, node, &h->ehash[i].chain) {
		if (n++ < skip)
			continue;
		if (batch->len == BATCH) {
			more = true;
			break;
		}
		if (!sk_fullsock(sk))
			take_mini(sk);
		else if (tcpfsm_is_tcp(sk))
			hold(batch, sk);
	}
	spin_unlock_bh(lock);
	return more;
}

static bool walk_listeners(struct inet_hashinfo *h, unsigned int i, unsigned int skip,
			   struct batch *batch)
{
	struct inet_listen_hashbucket *bucket = tcpfsm_listen_bucket(h, i);
	struct hlist_nulls_node *node;
	unsigned int n = 0;
	bool more = false;
	struct sock *sk;

	/* softirqs stay on, as in inet_diag: see __inet_hash() */
	spin_lock(&bucket->lock);
	sk_nulls_for_each(sk, node, &bucket->nulls_head) {
		if (n++ < skip)
			continue;
		if (batch->len == BATCH) {
			more = true;
			break;
		}
		if (tcpfsm_is_tcp(sk))
			hold(batch, sk);
	}
	spin_unlock(&bucket->lock);
	return more;
}

static void walk(struct inet_hashinfo *h, struct batch *batch)
{
	unsigned int i, skip;
	bool more;

	for (i = 0; i < tcpfsm_listen_buckets(h); i++) {
		skip = 0;
		do {
			more = walk_listeners(h, i, skip, batch);
			skip += BATCH;
			take_batch(batch);
		} while (more);
	}
	for (i = 0; i <= h->ehash_mask; i++) {
		if (hlist_nulls_empty(&h->ehash[i].chain)) {
			if (!(i % 1024))
				cond_resched();
			continue;
		}
		skip = 0;
		do {
			more = walk_bucket(h, i, skip, batch);
			skip += BATCH;
			take_batch(batch);
		} while (more);
	}
}

/* Most namespaces share a table, those of net.ipv4.tcp_child_ehash_entries do not. */
static void walk_all(struct batch *batch)
{
	struct inet_hashinfo *shared = tcpfsm_hashinfo(&init_net);
	struct net *net;

	walk(shared, batch);
	down_read(&net_rwsem);
	for_each_net(net)
		if (tcpfsm_hashinfo(net) != shared)
			walk(tcpfsm_hashinfo(net), batch);
	up_read(&net_rwsem);
}

/**
 * tcpfsm_takeover() - put the connections that are there into the table
 *
 * Context: process, module load; the hooks are attached.
 * Return: 0 or -ENOMEM.
 */
int tcpfsm_takeover(void)
{
	struct batch *batch = kzalloc(sizeof(*batch), GFP_KERNEL);
	unsigned int i;

	if (!batch)
		return -ENOMEM;
	walk_all(batch);
	/* softirqs, and whoever has them off, are past the hooks they were in */
	synchronize_rcu();
	again = true;
	walk_all(batch);
	kfree(batch);
	for (i = 0; i < tcpfsm_flow_buckets(); i++) {
		taken -= tcpfsm_flow_forget_found(i);
		cond_resched();
	}
	return 0;
}

/**
 * tcpfsm_takeover_count() - how many there were
 *
 * Context: any, after tcpfsm_takeover().
 * Return: their number, without those that found the table full.
 */
u32 tcpfsm_takeover_count(void)
{
	return taken;
}
