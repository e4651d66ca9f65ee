// SPDX-License-Identifier: GPL-2.0
/*
 * Passive opens: SYN_RECEIVED lives in a request socket that no tracepoint
 * tells of. It begins when the request is hashed, at the SYN, and ends when a
 * child takes its place, at the third segment, or when it is dropped.
 */
#include <linux/sched.h>
#include <linux/tcp.h>
#include <net/mptcp.h>
#include <net/request_sock.h>
#include <net/tcp.h>
#include <net/tcp_states.h>

#include "flow.h"
#include "hand.h"
#include "hooks.h"
#include "listener.h"
#include "segment.h"
#include "snapshot.h"

/* A flow that a listener gave birth to, owned by whoever listens until accepted. */
static void snap(struct tcpfsm_tracked *f, const void *obj, u8 object,
		 const struct sock *listener)
{
	memset(f, 0, sizeof(*f));
	tcpfsm_snap_id(&f->id, obj);
	f->obj = object == TCPFSM_O_REQUEST ? TCPFSM_ANY_REQUEST : obj;
	f->object = object;
	f->flags = TCPFSM_F_INHERITED;
	f->listener = tcpfsm_cookie(listener);
	if (tcpfsm_flow_owner(tcpfsm_cookie(listener), listener, &f->owner))
		f->flags |= TCPFSM_F_OWNER;
}

/* Return: whether there was room for it in the table */
static bool open_from_listen(struct tcpfsm_tracked *new, u16 cause)
{
	struct tcpfsm_bucket b;
	struct tcpfsm_tracked *f;

	tcpfsm_flow_lock(&b, new->id.cookie);
	f = tcpfsm_flow_add(&b, new);
	if (!f) {
		new->flags |= TCPFSM_F_UNTRACKED;
		f = new;
	}
	tcpfsm_flow_open(f, TCPFSM_S_LISTEN, TCPFSM_S_SYN_RECEIVED, cause);
	tcpfsm_flow_unlock(&b);
	return f != new;
}

/**
 * tcpfsm_on_reqsk_add() - inet_csk_reqsk_queue_hash_add(struct sock *sk,
 *	struct request_sock *req, ...)
 * @regs: its arguments
 *
 * The SYN was accepted, the request is about to be hashed.
 *
 * Context: softirq, or process for a listener's backlog.
 */
void tcpfsm_on_reqsk_add(struct ftrace_regs *regs)
{
	const struct sock *listener = tcpfsm_arg(regs, 0);
	const struct request_sock *req = tcpfsm_arg(regs, 1);
	struct tcpfsm_tracked new;

	if (!tcpfsm_is_tcp(listener))
		return;
	snap(&new, req, TCPFSM_O_REQUEST, listener);
	tcpfsm_hand_syn_of(TCPFSM_ANY_REQUEST, &new.id, req);
	open_from_listen(&new, TCPFSM_C_RCV_SYN);
}

/* What acknowledges something else is refused, and the request lives on. */
static bool is_bad_ack(const struct tcphdr *th, const struct request_sock *req)
{
	return th->ack &&
	       ntohl(th->ack_seq) != tcp_rsk((struct request_sock *)req)->snt_isn + 1;
}

/**
 * tcpfsm_on_reqsk_segment() - struct sock *tcp_check_req(struct sock *sk,
 *	struct sk_buff *skb, struct request_sock *req, bool fastopen, ...)
 * @regs: its arguments
 *
 * A segment came for a request. Should it end it, that is why: a RST or a SYN in
 * the window (RFC 9293, section 3.10.7.4), or the third segment when the accept
 * queue is full and tcp_abort_on_overflow is set.
 *
 * Context: as tcpfsm_on_reqsk_add().
 */
void tcpfsm_on_reqsk_segment(struct ftrace_regs *regs)
{
	const struct sock *listener = tcpfsm_arg(regs, 0);
	const struct sk_buff *skb = tcpfsm_arg(regs, 1);
	const struct request_sock *req = tcpfsm_arg(regs, 2);
	bool fastopen = (u8)(unsigned long)tcpfsm_arg(regs, 3);
	u64 cookie = atomic64_read(&inet_rsk(req)->ir_cookie);
	const struct tcphdr *th = tcp_hdr(skb);
	u16 hint = TCPFSM_C_UNKNOWN;
	struct tcpfsm_tracked *f;
	struct tcpfsm_bucket b;
	u8 fate;

	/* with Fast Open it came for the child, see tcpfsm_on_rcv_state() */
	if (fastopen)
		return;
	fate = tcpfsm_segment_for_request(listener, skb, req);
	/* what does not end it is no cause of what does, later */
	if (th->rst && fate == TCPFSM_FATE_NONE)
		hint = TCPFSM_C_RCV_RST;
	else if (th->syn && fate == TCPFSM_FATE_RESET && !is_bad_ack(th, req))
		hint = TCPFSM_C_RCV_SYN;
	else if (fate == TCPFSM_FATE_ACCEPT_QUEUE &&
		 READ_ONCE(sock_net(listener)->ipv4.sysctl_tcp_abort_on_overflow))
		hint = TCPFSM_C_ACCEPT_QUEUE;
	/* without a cookie it is older than the module, and to be known as such */
	f = tcpfsm_flow_get(&b, cookie, TCPFSM_ANY_REQUEST);
	if (f) {
		f->hint = hint;
		f->notes |= TCPFSM_N_MET;
	}
	tcpfsm_flow_unlock(&b);
}

/**
 * tcpfsm_on_reqsk_error() - void tcp_req_err(struct sock *sk, u32 seq, bool abort)
 * @regs: its arguments
 *
 * An ICMP error came for a request; with abort it ends it, if it is for its SYN,ACK.
 *
 * Context: softirq.
 */
void tcpfsm_on_reqsk_error(struct ftrace_regs *regs)
{
	const struct sock *sk = tcpfsm_arg(regs, 0);
	u32 seq = (unsigned long)tcpfsm_arg(regs, 1);
	bool abort = (u8)(unsigned long)tcpfsm_arg(regs, 2);

	if (abort && seq == tcp_rsk(inet_reqsk(sk))->snt_isn)
		tcpfsm_flow_hint(atomic64_read(&sk->sk_cookie), TCPFSM_ANY_REQUEST, TCPFSM_C_ICMP);
}

/*
 * A request that is dropped is freed, and told of by tcpfsm_on_reqsk_free(); but not one
 * whose timer came before it was given its references, as on a PREEMPT_RT kernel it may
 * (reqsk_queue_hash_req).
 */
static bool will_be_freed(const struct request_sock *req)
{
	return refcount_read(&req->rsk_refcnt) && tcpfsm_hooks_have(tcpfsm_on_reqsk_free);
}

/* Who drops a request */
enum dropper {
	DROP_TIMER,
	DROP_TIMER_OR_OTHER,	/* the timer runs; here or on another CPU */
	DROP_OTHER,
};

/* @at: the listener who drops it */
static u16 cause_of_drop(const struct tcpfsm_tracked *f, const struct request_sock *req,
			 const struct sock *at, enum dropper by)
{
	bool listens = req->rsk_listener->sk_state == TCP_LISTEN;

	/* what is about to drop it has just left its hint */
	if (by == DROP_TIMER_OR_OTHER && f->hint)
		return TCPFSM_C_UNKNOWN;
	if (by != DROP_OTHER)
		return listens ? TCPFSM_C_SYNACK_TIMEOUT : TCPFSM_C_LISTENER_CLOSED;
	/*
	 * If its listener has closed, what came may end it at another one
	 * (tcp_migrate_req); else any segment ends it, whatever it says.
	 */
	if (listens || at != req->rsk_listener || f->hint == TCPFSM_C_ICMP ||
	    f->hint == TCPFSM_C_DESTROY)
		return f->hint;
	return TCPFSM_C_LISTENER_CLOSED;
}

static void drop(const struct request_sock *req, const struct sock *at, enum dropper by)
{
	const struct sock *sk = req_to_sk((struct request_sock *)req);
	const struct sock *listener = req->rsk_listener;
	struct tcpfsm_tracked *f, tmp;
	struct tcpfsm_bucket b;
	bool unknown;
	u64 cookie;

	/*
	 * Not hashed: a child or a migrated request took its place, or somebody
	 * else dropped it first. Nothing ends here.
	 */
	if (sk_unhashed(sk) || !listener || !tcpfsm_is_tcp(listener))
		return;

	unknown = !atomic64_read(&sk->sk_cookie);
	cookie = tcpfsm_cookie(req);
	f = tcpfsm_flow_get(&b, cookie, TCPFSM_ANY_REQUEST);
	if (f && by != DROP_OTHER && will_be_freed(req)) {
		/* the third segment may be making a child of it on another CPU */
		f->notes |= TCPFSM_N_TIMED_OUT;
		f->timer = cause_of_drop(f, req, at, by);
	} else if (f) {
		tcpfsm_flow_close(f, cause_of_drop(f, req, at, by));
	} else if (unknown) {
		/* older than the module */
		tcpfsm_flow_midway(&tmp, req, TCPFSM_O_REQUEST, TCPFSM_S_SYN_RECEIVED);
		tcpfsm_flow_move(&tmp, TCPFSM_S_CLOSED, cause_of_drop(&tmp, req, at, by));
	}
	tcpfsm_flow_unlock(&b);
}

/**
 * tcpfsm_on_reqsk_drop() - bool __inet_csk_reqsk_queue_drop(struct sock *sk,
 *	struct request_sock *req, bool from_timer), Linux 6.12 and stable kernels
 * @regs: its arguments
 *
 * Context: softirq; process for a namespace's end, SOCK_DESTROY and backlog.
 */
void tcpfsm_on_reqsk_drop(struct ftrace_regs *regs)
{
	bool from_timer = (u8)(unsigned long)tcpfsm_arg(regs, 2);

	drop(tcpfsm_arg(regs, 1), tcpfsm_arg(regs, 0), from_timer ? DROP_TIMER : DROP_OTHER);
}

/**
 * tcpfsm_on_reqsk_unlink() - bool reqsk_queue_unlink(struct request_sock *req),
 *	where it does not say whose it is
 * @regs: its arguments
 *
 * While the handler of the request's timer runs that timer is not pending, on whatever CPU.
 *
 * Context: as tcpfsm_on_reqsk_drop().
 */
void tcpfsm_on_reqsk_unlink(struct ftrace_regs *regs)
{
	const struct request_sock *req = tcpfsm_arg(regs, 0);

	drop(req, req->rsk_listener,
	     timer_pending(&req->rsk_timer) ? DROP_OTHER : DROP_TIMER_OR_OTHER);
}

/* Nobody dropped it, and no child was seen: was it never hashed? */
static bool is_duplicate(const struct tcpfsm_tracked *f, const struct request_sock *req)
{
	return !(f->notes & TCPFSM_N_MET) && !req->num_timeout &&
	       req->rsk_listener->sk_state == TCP_LISTEN &&
	       f->listener == tcpfsm_cookie(req->rsk_listener);
}

/**
 * tcpfsm_on_reqsk_free() - void tcp_v4_reqsk_destructor(struct request_sock *req),
 *	tcp_v6_reqsk_destructor(...)
 * @regs: its arguments
 *
 * One that timed out had no child. A subflow that may not join an MPTCP connection
 * has one, which is given up (subflow_syn_recv_sock()).
 *
 * A request that was not dropped from the hash, had no child, and that no segment
 * was looked up for, was never in it: when two CPUs get the same SYN, one of them finds
 * the request of the other there. What its tcpfsm_on_reqsk_add() said is taken back.
 * That is not so of a request whose listener has closed, it may have moved to
 * another listener (tcp_migrate_req), nor of its copy there, which the kernel may
 * give up; nor of one that timed out before.
 *
 * Context: any but hardirq.
 */
void tcpfsm_on_reqsk_free(struct ftrace_regs *regs)
{
	const struct request_sock *req = tcpfsm_arg(regs, 0);
	u64 cookie = atomic64_read(&req_to_sk((struct request_sock *)req)->sk_cookie);
	struct tcpfsm_tracked *f;
	struct tcpfsm_bucket b;

	tcpfsm_segment_syn_lost(req);
	if (!cookie || !req->rsk_listener)
		return;

	f = tcpfsm_flow_get(&b, cookie, TCPFSM_ANY_REQUEST);
	if (f && f->notes & TCPFSM_N_TIMED_OUT)
		tcpfsm_flow_close(f, f->timer);
	else if (f && rsk_drop_req(req) && f->notes & TCPFSM_N_REFUSED)
		tcpfsm_flow_close(f, TCPFSM_C_UNKNOWN);
	else if (f && is_duplicate(f, req))
		tcpfsm_flow_close(f, TCPFSM_C_DUPLICATE_SYN);
	tcpfsm_flow_unlock(&b);
}

/*
 * It is about to become ESTABLISHED, which is recorded with or without room for it; the
 * listener counts it by the flow or, without one, by @otherwise.
 */
static void add_child(const struct tcpfsm_tracked *new, enum tcpfsm_listener_event otherwise)
{
	struct tcpfsm_bucket b;
	bool full;

	tcpfsm_flow_lock(&b, new->id.cookie);
	full = !tcpfsm_flow_add(&b, new);
	tcpfsm_flow_unlock(&b);
	if (full)
		tcpfsm_listener_event(new->listener, otherwise);
}

/**
 * tcpfsm_on_hashdance() - struct sock *inet_csk_complete_hashdance(struct sock *sk,
 *	struct sock *child, struct request_sock *req, bool own_req)
 * @regs: its arguments
 *
 * The third segment made a child of the request; the flow goes on in it. Without
 * own_req the child lost against another one of the same request.
 *
 * Context: softirq, or process for a listener's backlog.
 */
void tcpfsm_on_hashdance(struct ftrace_regs *regs)
{
	const struct sock *listener = tcpfsm_arg(regs, 0);
	const struct sock *child = tcpfsm_arg(regs, 1);
	bool own_req = (u8)(unsigned long)tcpfsm_arg(regs, 3);
	struct tcpfsm_tracked *f, new;
	struct tcpfsm_bucket b;
	u64 cookie;

	if (!own_req || !tcpfsm_is_tcp(child))
		return;

	cookie = tcpfsm_cookie(child);
	f = tcpfsm_flow_get(&b, cookie, TCPFSM_ANY_REQUEST);
	if (f) {
		tcpfsm_flow_goes_on(f, child, TCPFSM_O_FULL);
		f->hint = TCPFSM_C_UNKNOWN;
		f->notes |= TCPFSM_N_THIRD_TOLD;
	}
	tcpfsm_flow_unlock(&b);
	if (f)
		return;

	/* the request is older than the module, or the table was full then */
	snap(&new, child, TCPFSM_O_FULL, listener);
	new.state = TCPFSM_S_SYN_RECEIVED;
	new.flags |= TCPFSM_F_PREEXISTING;
	new.notes = TCPFSM_N_THIRD_TOLD;
	add_child(&new, TCPFSM_L_COMPLETED);
}

/**
 * tcpfsm_on_queue_add() - struct sock *inet_csk_reqsk_queue_add(struct sock *sk,
 *	struct request_sock *req, struct sock *child)
 * @regs: its arguments
 *
 * A child goes to the accept queue. One that hashdance did not see was never a
 * hashed request: it comes from a SYN with a Fast Open cookie, and is in
 * SYN_RECEIVED (RFC 7413, section 4.2), or from the ACK of a SYN cookie, and no
 * SYN_RECEIVED ever existed (tcp_get_cookie_sock). Where the compiler has not made
 * it part of inet_csk_complete_hashdance(), it is called for the others too.
 *
 * Context: as tcpfsm_on_hashdance(); the child is locked.
 */
void tcpfsm_on_queue_add(struct ftrace_regs *regs)
{
	const struct sock *listener = tcpfsm_arg(regs, 0);
	struct request_sock *req = tcpfsm_arg(regs, 1);
	const struct sock *child = tcpfsm_arg(regs, 2);
	struct tcpfsm_tracked *f, new;
	struct tcpfsm_bucket b;
	u64 cookie;

	if (!tcpfsm_is_tcp(child))
		return;

	cookie = tcpfsm_cookie(child);
	f = tcpfsm_flow_get(&b, cookie, child);
	tcpfsm_flow_unlock(&b);
	if (f)
		return;

	snap(&new, child, TCPFSM_O_FULL, listener);
	if (tcp_rsk(req)->tfo_listener) {
		/* its SYN,ACK is on its way, see tcp_conn_request() */
		new.syns = 1;
		if (!open_from_listen(&new, TCPFSM_C_FAST_OPEN))
			tcpfsm_listener_event(new.listener, TCPFSM_L_PROVEN);
		return;
	}
	/* a hashed request has a cookie: hashdance saw it, and that the table was full */
	if (child->sk_state != TCP_SYN_RECV || atomic64_read(&inet_rsk(req)->ir_cookie))
		return;
	/* reported when it is ESTABLISHED, in a moment */
	new.state = TCPFSM_S_LISTEN;
	new.flags |= TCPFSM_F_SINCE;
	new.unannounced = true;
	new.since = ktime_get_ns();
	add_child(&new, TCPFSM_L_COOKIE_OK);
}

/**
 * tcpfsm_on_accept() - void security_sock_graft(struct sock *sk, struct socket *parent)
 * @regs: its arguments
 *
 * The accepting process is given the connection. accept() itself returns the
 * socket, but a process may wait in it for days, and return probes are few.
 *
 * Context: process; the socket is locked.
 */
void tcpfsm_on_accept(struct ftrace_regs *regs)
{
	const struct sock *sk = tcpfsm_arg(regs, 0);
	struct tcpfsm_owner owner;
	struct tcpfsm_tracked *f;
	struct tcpfsm_bucket b;
	u64 cookie;

	if (!sk || !tcpfsm_is_tcp(sk) || !tcpfsm_current_acts())
		return;

	tcpfsm_snap_owner(&owner);
	cookie = tcpfsm_cookie(sk);
	f = tcpfsm_flow_get(&b, cookie, sk);
	if (f)
		tcpfsm_flow_accept(f, &owner);
	tcpfsm_flow_unlock(&b);
}
