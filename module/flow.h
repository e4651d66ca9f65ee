/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _TCPFSM_FLOW_H
#define _TCPFSM_FLOW_H

#include <linux/bits.h>
#include <linux/list.h>
#include <linux/types.h>

#include <linux/tcpfsm.h>

/* Locks of the table; whatever else is kept for each of them has as many. */
#define TCPFSM_SHARD_BITS 8
#define TCPFSM_SHARDS BIT(TCPFSM_SHARD_BITS)

/* Which kernel object a flow lives in at the moment. */
enum tcpfsm_object {
	TCPFSM_O_REQUEST,	/* struct request_sock */
	TCPFSM_O_FULL,		/* struct sock */
	TCPFSM_O_TIMEWAIT,	/* struct inet_timewait_sock */
};

/*
 * The obj of every flow in a request: of requests with one cookie one at a time is
 * hashed, and another may take its place unseen (sysctl tcp_migrate_req).
 */
#define TCPFSM_ANY_REQUEST NULL

/* What one hook leaves for another to know; the first two are cleared when they are read */
#define TCPFSM_N_THIRD_TOLD	BIT(0) /* the segment that completes the handshake was told of */
#define TCPFSM_N_FIN_TOLD	BIT(1) /* the FIN that is next in line was told of */
#define TCPFSM_N_FOUND		BIT(2) /* tcpfsm_takeover() found it, and has to find it again */
#define TCPFSM_N_MPTCP		BIT(3) /* a subflow, which no process will accept */
#define TCPFSM_N_REFUSED	BIT(4) /* the child of its request was given up */
#define TCPFSM_N_TIMED_OUT	BIT(5) /* its timer gave up, unless a child comes first */
#define TCPFSM_N_MET		BIT(6) /* a segment found its request, which was hashed */

/**
 * struct tcpfsm_tracked - one flow, over up to three kernel objects
 * @node: in its bucket, or in the free list; protected by that list's lock
 * @obj: address of the object it lives in. Compared, never followed, and only
 *	beside the cookie: it tells the socket that carries the connection from
 *	another one that was given the same cookie (a clone that lost the race
 *	for its request, a full socket whose connection went on as timewait).
 *	TCPFSM_ANY_REQUEST for a request.
 * @id: the connection
 * @owner: valid with TCPFSM_F_OWNER in @flags
 * @since: CLOCK_MONOTONIC in ns when it entered @state, valid with TCPFSM_F_SINCE
 * @cause: enum tcpfsm_cause that led to @state
 * @hint: enum tcpfsm_cause that the next transition will have if nothing
 *	better is known by then; forgotten with every transition
 * @state: enum tcpfsm_state
 * @flags: TCPFSM_F_*
 * @object: enum tcpfsm_object
 * @timer: enum tcpfsm_cause: if a timer ends the flow, it is this one
 * @retrans: segments retransmitted, valid with TCPFSM_F_RETRANS
 * @syns: SYNs, or SYN,ACKs, sent
 * @fins: FINs sent
 * @notes: TCPFSM_N_*
 * @unannounced: in SYN_SENT or LISTEN, but no record has said so yet
 * @ending: its timewait socket is being ended before its time
 * @due: in a list of overdue.c; not in one when @due.next is NULL
 * @opened: CLOCK_MONOTONIC in ns when the handshake was completed, 0 for unknown
 * @listener: cookie of the socket that listened, 0 for none or unknown
 * @watch: which threshold it is under, see overdue.c
 * @counted: what it is counted as, see listener.c
 * @life: of the listener that it is counted by, likewise
 *
 * Everything but @node is protected by the lock of the flow's bucket.
 */
struct tcpfsm_tracked {
	struct hlist_node	node;
	const void		*obj;
	struct tcpfsm_id	id;
	struct tcpfsm_owner	owner;
	u64			since;
	u16			cause;
	u16			hint;
	u8			state;
	u8			flags;
	u8			object;
	u8			syns;
	u8			fins;
	u8			counted;
	u16			timer;
	u32			retrans;
	u8			notes;
	bool			unannounced;
	bool			ending;
	u8			watch;
	u32			life;
	struct list_head	due;
	u64			opened;
	u64			listener;
};

/**
 * tcpfsm_awaits_accept() - whether a process is to accept it, and has not
 * @f: a flow that a listener gave birth to
 *
 * Of Multipath TCP that is the connection, not its subflows: the first is taken with it, unseen
 * by the hook, and others are never.
 */
static inline bool tcpfsm_awaits_accept(const struct tcpfsm_tracked *f)
{
	return f->flags & TCPFSM_F_INHERITED && !(f->notes & TCPFSM_N_MPTCP);
}

/**
 * struct tcpfsm_bucket - a locked bucket of the table
 * @index: which
 * @irqflags: for tcpfsm_flow_unlock()
 */
struct tcpfsm_bucket {
	unsigned int	index;
	unsigned long	irqflags;
};

int tcpfsm_flow_init(unsigned int max_flows);
void tcpfsm_flow_exit(void);

void tcpfsm_flow_lock(struct tcpfsm_bucket *b, u64 cookie);
void tcpfsm_flow_unlock(struct tcpfsm_bucket *b);
unsigned int tcpfsm_flow_shard(u64 cookie);
void tcpfsm_flow_lock_shard(unsigned int shard, unsigned long *irqflags);
void tcpfsm_flow_unlock_shard(unsigned int shard, unsigned long irqflags);

struct tcpfsm_tracked *tcpfsm_flow_get(struct tcpfsm_bucket *b, u64 cookie, const void *obj);
struct tcpfsm_tracked *tcpfsm_flow_find(const struct tcpfsm_bucket *b, u64 cookie,
					const void *obj, struct tcpfsm_tracked **other);
void tcpfsm_flow_midway(struct tcpfsm_tracked *f, const void *obj, u8 object, u8 state);
struct tcpfsm_tracked *tcpfsm_flow_add(const struct tcpfsm_bucket *b,
				       const struct tcpfsm_tracked *new);
void tcpfsm_flow_open(struct tcpfsm_tracked *f, u8 from, u8 to, u16 cause);
void tcpfsm_flow_move(struct tcpfsm_tracked *f, u8 to, u16 cause);
void tcpfsm_flow_close(struct tcpfsm_tracked *f, u16 cause);
void tcpfsm_flow_forget(struct tcpfsm_tracked *f);
void tcpfsm_flow_goes_on(struct tcpfsm_tracked *f, const void *obj, u8 object);
void tcpfsm_flow_taken_over(struct tcpfsm_tracked *f);
unsigned int tcpfsm_flow_forget_found(unsigned int index);
void tcpfsm_flow_accept(struct tcpfsm_tracked *f, const struct tcpfsm_owner *owner);

bool tcpfsm_flow_owner(u64 cookie, const void *obj, struct tcpfsm_owner *owner);
void tcpfsm_flow_hint(u64 cookie, const void *obj, u16 hint);

void tcpfsm_flow_segment(const struct tcpfsm_id *id, const void *obj, struct tcpfsm_segment *seg);
void tcpfsm_flow_segment_of(const void *sk, struct tcpfsm_segment *seg);
bool tcpfsm_flow_put_segment(struct tcpfsm_tracked *f, const struct tcpfsm_id *id,
			     struct tcpfsm_segment *seg);
u64 tcpfsm_flow_segments(void);
bool tcpfsm_flow_take_note(u64 cookie, const void *obj, u8 note);
void tcpfsm_flow_timer(u64 cookie, const void *obj, u16 timer);

unsigned int tcpfsm_flow_buckets(void);
int tcpfsm_flow_walk(unsigned int index, unsigned int skip,
		     int (*fn)(struct tcpfsm_tracked *f, void *arg), void *arg);
bool tcpfsm_flow_overflowed(void);
void tcpfsm_flow_counts(u32 *now, u32 *peak, u64 *overflow);

#endif
