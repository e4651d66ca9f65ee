// SPDX-License-Identifier: GPL-2.0
/*
 * Segments: those with SYN, FIN or RST, the ACKs that complete a handshake or
 * acknowledge a FIN, and those that no healthy stack sends.
 *
 * They are seen where TCP's slow paths look at them, never where every segment
 * passes. What those places do not know of a segment is left out; docs/segments.md
 * says what that is.
 *
 * A segment is told of before what it causes. Where the hook comes too early to
 * know the flow (a SYN has none yet) the segment is held, by the CPU that works
 * on it, until the next hook knows.
 */
#include <linux/percpu.h>
#include <linux/tcp.h>
#include <net/inet_timewait_sock.h>
#include <net/ip6_route.h>
#include <net/request_sock.h>
#include <net/route.h>
#include <net/tcp.h>
#include <net/tcp_states.h>

#include "compat/tcp.h"
#include "drain.h"
#include "flow.h"
#include "hooks.h"
#include "listener.h"
#include "segment.h"
#include "snapshot.h"

/**
 * struct hand - the segment a CPU works on
 * @skb: compared, never followed: which one it is; together with
 * @seq: its number, as memory is soon used again
 * @request: cookie of the request it came for, otherwise 0
 * @told: a record was made of it
 * @reset: a RST answers it
 * @held: it waits in @id and @seg for its flow to be known
 * @obj: what carries the flow it may turn out to belong to, NULL for none
 * @id: its addresses, and the cookie of that flow
 * @seg: what it says
 *
 * A hook writes it with interrupts off and a later hook of the same segment reads
 * it. When a task that processes its backlog is preempted in between, others may
 * have written it: then @skb is another one.
 */
struct hand {
	const void		*skb;
	u32			seq;
	u64			request;
	bool			told;
	bool			reset;
	bool			held;
	const void		*obj;
	struct tcpfsm_id	id;
	struct tcpfsm_segment	seg;
};

static DEFINE_PER_CPU(struct hand, hand);

/* A challenge ACK answers what the CPU works on, which is then thrown away. */
struct challenge {
	const struct sock	*sk;	/* compared, never followed */
	struct tcpfsm_id	id;
	u8			state;
	u8			fate;
};

static DEFINE_PER_CPU(struct challenge, challenge);

static bool is_control(const struct tcphdr *th)
{
	return th->syn || th->fin || th->rst;
}

/* It waited for a flow, and none was made of it. */
static void let_go(struct hand *h, u8 fate)
{
	if (!h->held)
		return;
	h->held = false;
	h->told = true;
	h->seg.fate = fate;
	tcpfsm_flow_segment(&h->id, h->obj, &h->seg);
}

static bool in_hand(const struct sk_buff *skb)
{
	const struct hand *h = this_cpu_ptr(&hand);

	return h->skb == skb && h->seq == ntohl(tcp_hdr(skb)->seq);
}

/* Take the next segment in hand. */
static struct hand *take(const struct sk_buff *skb)
{
	struct hand *h = this_cpu_ptr(&hand);

	let_go(h, TCPFSM_FATE_DROPPED);
	h->skb = skb;
	h->seq = ntohl(tcp_hdr(skb)->seq);
	h->request = 0;
	h->told = false;
	h->reset = false;
	return h;
}

static void hold(const struct sk_buff *skb, const void *obj, const struct tcpfsm_id *id,
		 const struct tcpfsm_segment *seg)
{
	unsigned long irqflags;
	struct hand *h;

	local_irq_save(irqflags);
	h = take(skb);
	h->held = true;
	h->obj = obj;
	h->id = *id;
	h->seg = *seg;
	local_irq_restore(irqflags);
}

/* A segment came, and it is known for which flow, or that it is for none. */
static void came(const struct sk_buff *skb, const void *obj, const struct tcpfsm_id *id,
		 u8 state, u8 fate)
{
	struct tcpfsm_segment seg;
	unsigned long irqflags;
	struct hand *h;

	tcpfsm_snap_segment(&seg, skb);
	seg.state = state;
	seg.fate = fate;
	local_irq_save(irqflags);
	h = take(skb);
	h->told = true;
	if (obj == TCPFSM_ANY_REQUEST)
		h->request = id->cookie;
	tcpfsm_flow_segment(id, obj, &seg);
	local_irq_restore(irqflags);
	tcpfsm_drain_kick();
}

static void came_for(const struct sk_buff *skb, const void *obj, u8 fate)
{
	const struct sock_common *c = obj;
	struct tcpfsm_id id;
	int state = c->skc_state;

	if (state == TCP_TIME_WAIT)
		state = inet_twsk((struct sock *)obj)->tw_substate;
	tcpfsm_snap_id(&id, obj);
	came(skb, obj, &id, tcpfsm_state_of(state), fate);
}

/* A segment without options or payload is about to be sent by a full socket. */
static void sends(const struct sock *sk, u8 tcp_flags, u32 seq, u32 ack)
{
	struct tcpfsm_segment seg;
	struct tcpfsm_id id;

	tcpfsm_snap_plain(&seg, tcp_flags, seq, ack);
	tcpfsm_snap_id(&id, sk);
	id.lport = inet_sk(sk)->inet_sport;
	seg.state = tcpfsm_state_of(sk->sk_state);
	tcpfsm_flow_segment(&id, sk, &seg);
	tcpfsm_drain_kick();
}

/* As tcp_acceptable_seq(): a peer may have shrunk its window. */
static u32 acceptable_seq(const struct tcp_sock *tp)
{
	u32 end = tcp_wnd_end(tp);

	if (!before(end, tp->snd_nxt) ||
	    (tp->rx_opt.wscale_ok && tp->snd_nxt - end < 1 << tp->rx_opt.rcv_wscale))
		return tp->snd_nxt;
	return end;
}

/**
 * tcpfsm_on_syn() - int tcp_conn_request(struct request_sock_ops *rsk_ops, const struct
 *	tcp_request_sock_ops *af_ops, struct sock *sk, struct sk_buff *skb)
 * @regs: its arguments
 *
 * A SYN came to a listener. Queues that are full are looked at where the kernel
 * looks, as it drops the SYN without a word; one that takes over a TIME_WAIT is
 * exempt from the limit of the SYN queue.
 *
 * Context: softirq, or process with softirqs off.
 */
void tcpfsm_on_syn(struct ftrace_regs *regs)
{
	const struct sock *sk = tcpfsm_arg(regs, 2);
	const struct sk_buff *skb = tcpfsm_arg(regs, 3);
	struct net *net = sock_net(sk);
	struct tcpfsm_segment seg;
	struct tcpfsm_id id;
	unsigned long irqflags;
	struct hand *h;
	bool reuse;

	tcpfsm_snap_segment(&seg, skb);
	tcpfsm_snap_peers(&id, skb, net);
	seg.state = TCPFSM_S_LISTEN;

	local_irq_save(irqflags);
	h = this_cpu_ptr(&hand);
	/* tcp_timewait_state_process() let it through: it is the new flow's, not the old one's */
	reuse = in_hand(skb) && h->held;
	if (reuse)
		h->held = false;
	local_irq_restore(irqflags);

	if (sk_acceptq_is_full(sk))
		seg.fate = TCPFSM_FATE_ACCEPT_QUEUE;
	else if (!reuse && inet_csk_reqsk_queue_is_full(sk) &&
		 !READ_ONCE(net->ipv4.sysctl_tcp_syncookies))
		seg.fate = TCPFSM_FATE_SYN_QUEUE;

	tcpfsm_listener_syn(tcpfsm_cookie(sk), &id);
	hold(skb, NULL, &id, &seg);
	if (!seg.fate)
		return;
	tcpfsm_listener_event(tcpfsm_cookie(sk), seg.fate == TCPFSM_FATE_SYN_QUEUE ?
						 TCPFSM_L_SYN_DROP : TCPFSM_L_ACCEPT_DROP);
	local_irq_save(irqflags);
	let_go(this_cpu_ptr(&hand), seg.fate);
	local_irq_restore(irqflags);
	tcpfsm_drain_kick();
}

/**
 * tcpfsm_segment_syn_of() - the SYN that is held belongs to this flow
 * @obj: the request, or child, that the kernel has just made of it; NULL for none
 * @id: the flow, its cookie 0 for none
 * @req: the request, to compare
 *
 * Context: as tcpfsm_on_syn().
 */
void tcpfsm_segment_syn_of(const void *obj, const struct tcpfsm_id *id,
			   const struct request_sock *req)
{
	unsigned long irqflags;
	struct hand *h;

	local_irq_save(irqflags);
	h = this_cpu_ptr(&hand);
	if (h->held && h->seg.seq == tcp_rsk((struct request_sock *)req)->rcv_isn &&
	    h->id.rport == inet_rsk(req)->ir_rmt_port) {
		h->held = false;
		h->told = true;
		tcpfsm_flow_segment(id, obj, &h->seg);
	}
	local_irq_restore(irqflags);
}

/**
 * tcpfsm_segment_syn_lost() - the request made of a SYN is freed
 * @req: the request
 *
 * If the SYN is still held, neither a flow nor a cookie came of it. Without cookies
 * the last quarter of the SYN queue is for peers that are known (tcp_conn_request()).
 *
 * Context: any but hardirq.
 */
void tcpfsm_segment_syn_lost(const struct request_sock *req)
{
	const struct sock *sk = req->rsk_listener;
	u8 fate = TCPFSM_FATE_DROPPED;
	unsigned long irqflags;
	struct hand *h;
	int backlog;

	local_irq_save(irqflags);
	h = this_cpu_ptr(&hand);
	if (h->held && h->seg.seq == tcp_rsk((struct request_sock *)req)->rcv_isn &&
	    h->id.rport == inet_rsk(req)->ir_rmt_port) {
		if (sk && !READ_ONCE(sock_net(sk)->ipv4.sysctl_tcp_syncookies)) {
			backlog = READ_ONCE(sock_net(sk)->ipv4.sysctl_max_syn_backlog);
			if (backlog - inet_csk_reqsk_queue_len(sk) < backlog >> 2)
				fate = TCPFSM_FATE_SYN_QUEUE;
		}
		if (fate == TCPFSM_FATE_SYN_QUEUE)
			tcpfsm_listener_event(tcpfsm_cookie(sk), TCPFSM_L_SYN_DROP);
		let_go(h, fate);
	}
	local_irq_restore(irqflags);
}

/**
 * tcpfsm_on_make_synack() - struct sk_buff *tcp_make_synack(const struct sock *sk, struct
 *	dst_entry *dst, struct request_sock *req, struct tcp_fastopen_cookie *foc, enum
 *	tcp_synack_type synack_type, ...)
 * @regs: its arguments
 *
 * A SYN,ACK is made for a request, the first one or another. What it will say is
 * worked out as the function does (tcp_synack_options()); the timestamp is of the
 * clock that it reads next.
 *
 * Context: softirq, or process with softirqs off.
 */
void tcpfsm_on_make_synack(struct ftrace_regs *regs)
{
	const struct sock *sk = tcpfsm_arg(regs, 0);
	const struct dst_entry *dst = tcpfsm_arg(regs, 1);
	const struct request_sock *req = tcpfsm_arg(regs, 2);
	const struct tcp_fastopen_cookie *foc = tcpfsm_arg(regs, 3);
	unsigned int type = (unsigned long)tcpfsm_arg(regs, 4);
	const void *obj = TCPFSM_ANY_REQUEST;
	struct tcpfsm_segment seg;
	struct tcpfsm_id id;

	if (!tcpfsm_is_tcp(sk))
		return;
	tcpfsm_snap_synack(&seg, sk, dst, req, foc);
	tcpfsm_snap_id(&id, req);
	seg.state = TCPFSM_S_SYN_RECEIVED;
	if (type == TCP_SYNACK_COOKIE) {
		id.cookie = 0;
		seg.fate = TCPFSM_FATE_COOKIE;
		seg.state = TCPFSM_S_LISTEN;
		seg.known |= TCPFSM_SEG_RETRANS;
		tcpfsm_segment_syn_of(NULL, &id, req);
		tcpfsm_listener_event(tcpfsm_cookie(sk), TCPFSM_L_COOKIE_SENT);
	} else if (sk->sk_state != TCP_LISTEN) {
		/* with Fast Open the child is there already, and takes over the retries */
		obj = sk;
		id.cookie = tcpfsm_cookie(sk);
		if (type == TCP_SYNACK_FASTOPEN) {
			seg.known |= TCPFSM_SEG_RETRANS;
			tcpfsm_segment_syn_of(sk, &id, req);
		}
	}
	tcpfsm_flow_segment(&id, obj, &seg);
	tcpfsm_drain_kick();
}

/**
 * tcpfsm_segment_for_request() - a segment came for a request
 * @listener: its listener
 * @skb: the segment
 * @req: the request
 *
 * Context: softirq, or process with softirqs off.
 */
void tcpfsm_segment_for_request(const struct sock *listener, const struct sk_buff *skb,
				const struct request_sock *req)
{
	const struct tcphdr *th = tcp_hdr(skb);
	u8 fate = TCPFSM_FATE_NONE;
	struct tcpfsm_id id;

	if (th->ack && !th->rst && !th->syn && sk_acceptq_is_full(listener) &&
	    ntohl(th->ack_seq) == tcp_rsk((struct request_sock *)req)->snt_isn + 1)
		fate = TCPFSM_FATE_ACCEPT_QUEUE;
	if (fate)
		tcpfsm_listener_event(tcpfsm_cookie(listener), TCPFSM_L_ACCEPT_DROP);
	tcpfsm_snap_id(&id, req);
	came(skb, TCPFSM_ANY_REQUEST, &id, TCPFSM_S_SYN_RECEIVED, fate);
}

static bool cookies_out(const struct sock *sk)
{
#ifdef CONFIG_SYN_COOKIES
	return READ_ONCE(sock_net(sk)->ipv4.sysctl_tcp_syncookies) &&
	       !tcp_synq_no_recent_overflow(sk);
#else
	return false;
#endif
}

/* In the order of tcp_rcv_state_process(), RFC 9293, section 3.10.7.2. */
static void stray(const struct sock *sk, const struct sk_buff *skb)
{
	const struct tcphdr *th = tcp_hdr(skb);
	u8 fate = TCPFSM_FATE_DROPPED;
	struct tcpfsm_id id;

	if (th->ack && !th->rst)
		fate = !th->syn && cookies_out(sk) ? TCPFSM_FATE_BAD_COOKIE : TCPFSM_FATE_RESET;
	else if (th->syn && !th->rst && !th->fin)
		return;		/* tcpfsm_on_syn() has it next */
	if (fate == TCPFSM_FATE_BAD_COOKIE)
		tcpfsm_listener_event(tcpfsm_cookie(sk), TCPFSM_L_COOKIE_BAD);
	tcpfsm_snap_peers(&id, skb, sock_net(sk));
	came(skb, sk, &id, TCPFSM_S_LISTEN, fate);
}

/* In the order of tcp_rcv_synsent_state_process(), RFC 9293, section 3.10.7.3. */
static u8 fate_in_syn_sent(const struct tcp_sock *tp, const struct tcphdr *th)
{
	u32 ack = ntohl(th->ack_seq);

	if (th->ack && (!after(ack, tp->snd_una) || after(ack, tp->snd_nxt)))
		return th->rst ? TCPFSM_FATE_DROPPED : TCPFSM_FATE_RESET;
	if (th->ack ? !th->rst && !th->syn : th->rst || !th->syn)
		return TCPFSM_FATE_DROPPED;
	return TCPFSM_FATE_NONE;
}

/* Does it acknowledge our FIN, for the first time? */
static bool acks_fin(const struct sock *sk, const struct tcphdr *th)
{
	const struct tcp_sock *tp = tcp_sk(sk);

	return th->ack && ntohl(th->ack_seq) == tp->write_seq && tp->snd_una != tp->write_seq;
}

/**
 * tcpfsm_on_rcv_state() - tcp_rcv_state_process(struct sock *sk, struct sk_buff *skb)
 * @regs: its arguments
 *
 * A segment came for a socket in any state but ESTABLISHED and TIME_WAIT; nothing
 * of it is checked yet. Data and its acknowledgments are passed over.
 *
 * Context: softirq, or process for the backlog; the socket is locked unless it listens.
 */
void tcpfsm_on_rcv_state(struct ftrace_regs *regs)
{
	const struct sock *sk = tcpfsm_arg(regs, 0);
	const struct sk_buff *skb = tcpfsm_arg(regs, 1);
	const struct tcphdr *th = tcp_hdr(skb);
	u8 fate = TCPFSM_FATE_NONE;

	switch (sk->sk_state) {
	case TCP_LISTEN:
		stray(sk, skb);
		return;
	case TCP_CLOSE:
		return;
	case TCP_SYN_SENT:
		fate = fate_in_syn_sent(tcp_sk(sk), th);
		break;
	case TCP_SYN_RECV:
		/* the third segment was told of as that of the request */
		if (tcpfsm_flow_take_note(tcpfsm_cookie(sk), sk, TCPFSM_N_THIRD_TOLD))
			return;
		break;
	case TCP_FIN_WAIT1:
	case TCP_CLOSING:
	case TCP_LAST_ACK:
		if (acks_fin(sk, th))
			break;
		fallthrough;
	default:
		if (!is_control(th) && th->ack)
			return;
	}
	came_for(skb, sk, fate);
}

/**
 * tcpfsm_on_fin() - void tcp_fin(struct sock *sk)
 * @regs: its arguments
 *
 * The peer's FIN is next in line. In ESTABLISHED this is where it is seen, as the
 * last one in the receive queue; otherwise tcpfsm_on_rcv_state() saw it come, and
 * in FIN_WAIT_1 and FIN_WAIT_2 it is acknowledged right away.
 *
 * Context: softirq, or process for the backlog; the socket is locked.
 */
void tcpfsm_on_fin(struct ftrace_regs *regs)
{
	const struct sock *sk = tcpfsm_arg(regs, 0);
	const struct tcp_sock *tp = tcp_sk(sk);
	struct tcpfsm_segment seg;
	struct tcpfsm_id id;

	switch (sk->sk_state) {
	case TCP_ESTABLISHED:
		if (tcpfsm_flow_take_note(tcpfsm_cookie(sk), sk, TCPFSM_N_FIN_TOLD))
			return;
		tcpfsm_snap_fin(&seg, sk);
		tcpfsm_snap_id(&id, sk);
		seg.state = TCPFSM_S_ESTABLISHED;
		tcpfsm_flow_segment(&id, sk, &seg);
		tcpfsm_drain_kick();
		return;
	case TCP_FIN_WAIT1:
	case TCP_FIN_WAIT2:
		sends(sk, TCPFSM_TH_ACK, acceptable_seq(tp), tp->rcv_nxt);
		return;
	}
}

/**
 * tcpfsm_on_send_fin() - void tcp_send_fin(struct sock *sk)
 * @regs: its arguments
 *
 * Our FIN is put at the end of what is to be sent. When data waits before it, or
 * window, congestion or pacing hold it back, when it leaves is not seen.
 *
 * Context: process, or softirq; the socket is locked.
 */
void tcpfsm_on_send_fin(struct ftrace_regs *regs)
{
	const struct sock *sk = tcpfsm_arg(regs, 0);
	const struct tcp_sock *tp = tcp_sk(sk);
	bool later = tcp_write_queue_tail(sk) || before(tcp_wnd_end(tp), tp->write_seq + 1) ||
		     tcp_packets_in_flight(tp) >= tcp_snd_cwnd(tp) ||
		     READ_ONCE(sk->sk_pacing_status) == SK_PACING_NEEDED;
	struct tcpfsm_segment seg;
	struct tcpfsm_id id;

	tcpfsm_snap_plain(&seg, TCPFSM_TH_FIN | TCPFSM_TH_ACK, tp->write_seq, tp->rcv_nxt);
	/* a FIN of its own has no PSH, one that data carries may */
	if (later) {
		seg.known &= ~(TCPFSM_SEG_ACK | TCPFSM_SEG_LEN | TCPFSM_SEG_PSH);
		seg.ack = 0;
		seg.fate = TCPFSM_FATE_QUEUED;
	}
	/* rcv_wup is what was acknowledged last, see tcp_select_window() */
	if (sk->sk_state == TCP_LAST_ACK && tp->rcv_wup != tp->rcv_nxt)
		seg.known |= TCPFSM_SEG_FIRST_ACK;
	seg.known |= TCPFSM_SEG_RETRANS;
	tcpfsm_snap_id(&id, sk);
	seg.state = tcpfsm_state_of(sk->sk_state);
	tcpfsm_flow_segment(&id, sk, &seg);
	tcpfsm_drain_kick();
}

/**
 * tcpfsm_on_send_rst() - void tcp_send_active_reset(struct sock *sk, ...)
 * @regs: its arguments
 *
 * Context: process, or softirq; the socket is locked.
 */
void tcpfsm_on_send_rst(struct ftrace_regs *regs)
{
	const struct sock *sk = tcpfsm_arg(regs, 0);
	const struct tcp_sock *tp = tcp_sk(sk);

	if (tcpfsm_is_tcp(sk))
		sends(sk, TCPFSM_TH_RST | TCPFSM_TH_ACK, acceptable_seq(tp), tp->rcv_nxt);
}

/**
 * tcpfsm_segment_reset() - an acceptable RST came
 * @sk: a full socket
 * @skb: the segment, NULL where the kernel does not tell (compat/tcp.h)
 *
 * In the other states tcpfsm_on_rcv_state() saw it come.
 *
 * Context: softirq, or process for the backlog; the socket is locked.
 */
void tcpfsm_segment_reset(const struct sock *sk, const struct sk_buff *skb)
{
	struct tcpfsm_segment seg = { .tcp_flags = TCPFSM_TH_RST, .state = TCPFSM_S_ESTABLISHED };
	struct tcpfsm_id id;

	if (sk->sk_state != TCP_ESTABLISHED)
		return;
	if (skb) {
		came_for(skb, sk, TCPFSM_FATE_NONE);
		return;
	}
	tcpfsm_snap_id(&id, sk);
	tcpfsm_flow_segment(&id, sk, &seg);
	tcpfsm_drain_kick();
}

/* RFC 1337: whether a RST ends TIME_WAIT, as tcp_timewait_state_process() has it */
static u8 fate_of_rst(const struct inet_timewait_sock *tw, const struct tcphdr *th)
{
	const struct tcp_timewait_sock *tcptw = tcp_twsk((struct sock *)tw);

	if (tw->tw_substate == TCP_TIME_WAIT &&
	    (READ_ONCE(twsk_net(tw)->ipv4.sysctl_tcp_rfc1337) ||
	     ntohl(th->seq) != tcptw->tw_rcv_nxt))
		return TCPFSM_FATE_DROPPED;
	return TCPFSM_FATE_NONE;
}

/**
 * tcpfsm_segment_for_timewait() - a segment came for a timewait socket
 * @tw: the socket
 * @skb: the segment
 *
 * A SYN may be let through to a listener, where it begins another flow.
 *
 * Context: softirq, or process with softirqs off.
 */
void tcpfsm_segment_for_timewait(const struct inet_timewait_sock *tw, const struct sk_buff *skb)
{
	const struct tcphdr *th = tcp_hdr(skb);
	struct tcpfsm_segment seg;
	struct tcpfsm_id id;

	if (!is_control(th))
		return;
	if (!th->syn || th->ack || th->rst) {
		came_for(skb, tw, th->rst ? fate_of_rst(tw, th) : TCPFSM_FATE_NONE);
		return;
	}
	tcpfsm_snap_segment(&seg, skb);
	tcpfsm_snap_id(&id, tw);
	seg.state = tcpfsm_state_of(tw->tw_substate);
	hold(skb, tw, &id, &seg);
}

static void timewait_ack(const struct sock *sk, const struct sk_buff *skb, u32 seq, u32 ack,
			 u32 win)
{
	struct tcpfsm_segment seg;
	struct tcpfsm_id id;
	unsigned long irqflags;

	if (!sk || sk->sk_state != TCP_TIME_WAIT)
		return;
	local_irq_save(irqflags);
	if (in_hand(skb))
		let_go(this_cpu_ptr(&hand), TCPFSM_FATE_NONE);
	local_irq_restore(irqflags);

	/* only what answers a FIN or a SYN, not what answers data */
	if (!is_control(tcp_hdr(skb)))
		return;
	tcpfsm_snap_plain(&seg, TCPFSM_TH_ACK, seq, ack);
	seg.win = win;
	seg.known |= TCPFSM_SEG_WIN;
	seg.state = tcpfsm_state_of(inet_twsk(sk)->tw_substate);
	tcpfsm_snap_id(&id, sk);
	tcpfsm_flow_segment(&id, sk, &seg);
	tcpfsm_drain_kick();
}

/**
 * tcpfsm_on_v4_ack() - void tcp_v4_send_ack(const struct sock *sk, struct sk_buff *skb,
 *	u32 seq, u32 ack, u32 win, ...)
 * @regs: its arguments
 *
 * Sends what request and timewait sockets acknowledge.
 *
 * Context: softirq, or process with softirqs off.
 */
void tcpfsm_on_v4_ack(struct ftrace_regs *regs)
{
	timewait_ack(tcpfsm_arg(regs, 0), tcpfsm_arg(regs, 1),
		     (unsigned long)tcpfsm_arg(regs, 2), (unsigned long)tcpfsm_arg(regs, 3),
		     (unsigned long)tcpfsm_arg(regs, 4));
}

/**
 * tcpfsm_on_v6_response() - void tcp_v6_send_response(const struct sock *sk, struct
 *	sk_buff *skb, u32 seq, u32 ack, u32 win, u32 tsval, ...)
 * @regs: its arguments
 *
 * As tcp_v4_send_ack(), but it sends RSTs as well, which are tcpfsm_on_v6_reset()'s.
 *
 * Context: as tcpfsm_on_v4_ack().
 */
void tcpfsm_on_v6_response(struct ftrace_regs *regs)
{
	const struct sk_buff *skb = tcpfsm_arg(regs, 1);
	unsigned long irqflags;
	bool reset;

	local_irq_save(irqflags);
	reset = in_hand(skb) && this_cpu_ptr(&hand)->reset;
	local_irq_restore(irqflags);
	if (!reset)
		tcpfsm_on_v4_ack(regs);
}

/*
 * A segment is refused with a RST (RFC 9293, section 3.10.7.1 and others). @sk is
 * NULL where nobody listens; it is the listener when the segment came for one of
 * its requests.
 */
static void refuse(const struct sock *sk, const struct sk_buff *skb, bool answered)
{
	const struct tcphdr *th = tcp_hdr(skb);
	bool own = sk && sk->sk_state != TCP_LISTEN;
	struct tcpfsm_segment in, out;
	unsigned long irqflags;
	struct tcpfsm_id id;
	struct hand *h;
	u64 request;

	if (own)
		tcpfsm_snap_id(&id, sk);
	else
		tcpfsm_snap_peers(&id, skb, sk ? sock_net(sk) : NULL);
	tcpfsm_snap_segment(&in, skb);
	if (th->ack)
		tcpfsm_snap_plain(&out, TCPFSM_TH_RST, ntohl(th->ack_seq), 0);
	else
		tcpfsm_snap_plain(&out, TCPFSM_TH_RST | TCPFSM_TH_ACK, 0,
				  ntohl(th->seq) + th->syn + th->fin + in.len);
	out.win = 0;
	out.known |= TCPFSM_SEG_WIN;

	local_irq_save(irqflags);
	h = this_cpu_ptr(&hand);
	request = in_hand(skb) ? h->request : 0;
	if (!sk || !in_hand(skb))
		h = take(skb);
	h->told = true;
	h->reset = true;
	if (!sk) {
		in.state = TCPFSM_S_CLOSED;
		in.fate = answered ? TCPFSM_FATE_RESET : TCPFSM_FATE_DROPPED;
		tcpfsm_flow_segment(&id, NULL, &in);
	}
	if (answered) {
		out.state = sk ? tcpfsm_state_of(sk->sk_state) : TCPFSM_S_CLOSED;
		if (request) {
			id.cookie = request;
			out.state = TCPFSM_S_SYN_RECEIVED;
		}
		tcpfsm_flow_segment(&id, own ? sk : TCPFSM_ANY_REQUEST, &out);
	}
	local_irq_restore(irqflags);
	tcpfsm_drain_kick();
}

/**
 * tcpfsm_on_v4_reset() - void tcp_v4_send_reset(const struct sock *sk, struct sk_buff *skb, ...)
 * @regs: its arguments
 *
 * Context: softirq, or process with softirqs off or for the backlog.
 */
void tcpfsm_on_v4_reset(struct ftrace_regs *regs)
{
	const struct sock *sk = tcpfsm_arg(regs, 0);
	const struct sk_buff *skb = tcpfsm_arg(regs, 1);

	/* what the function asks first */
	refuse(sk, skb, !tcp_hdr(skb)->rst && (sk || skb_rtable(skb)->rt_type == RTN_LOCAL));
}

/**
 * tcpfsm_on_v6_reset() - void tcp_v6_send_reset(const struct sock *sk, struct sk_buff *skb, ...)
 * @regs: its arguments
 *
 * Context: as tcpfsm_on_v4_reset().
 */
void tcpfsm_on_v6_reset(struct ftrace_regs *regs)
{
	const struct sock *sk = tcpfsm_arg(regs, 0);
	const struct sk_buff *skb = tcpfsm_arg(regs, 1);

	refuse(sk, skb, !tcp_hdr(skb)->rst && (sk || ipv6_unicast_destination(skb)));
}

/* As __tcp_oow_rate_limited() is about to find */
static bool limited(const struct sock *sk)
{
	u32 last = READ_ONCE(tcp_sk(sk)->last_oow_ack_time);
	s32 elapsed = tcp_jiffies32 - last;

	return last && elapsed >= 0 &&
	       elapsed < READ_ONCE(sock_net(sk)->ipv4.sysctl_tcp_invalid_ratelimit);
}

/**
 * tcpfsm_on_challenge() - void tcp_send_challenge_ack(struct sock *sk, ...)
 * @regs: its arguments
 *
 * RFC 5961. What is challenged is thrown away next, see tcpfsm_segment_dropped(). A
 * limit of their rate for the whole machine, which there is none of by default since
 * Linux 6.0, is not asked.
 *
 * Context: softirq, or process for the backlog; the socket is locked.
 */
void tcpfsm_on_challenge(struct ftrace_regs *regs)
{
	const struct sock *sk = tcpfsm_arg(regs, 0);
	unsigned long irqflags;
	struct challenge *c;

	local_irq_save(irqflags);
	c = this_cpu_ptr(&challenge);
	c->sk = sk;
	tcpfsm_snap_id(&c->id, sk);
	c->state = tcpfsm_state_of(sk->sk_state);
	c->fate = limited(sk) ? TCPFSM_FATE_DROPPED : TCPFSM_FATE_CHALLENGED;
	local_irq_restore(irqflags);
}

/**
 * tcpfsm_segment_dropped() - TCP threw a segment away
 * @skb: the segment
 * @sk: the full socket it came for, NULL where the kernel does not tell
 *
 * Data that is thrown away is none of our business: the segment has SYN, FIN or
 * RST, or lacks ACK. Those in states other than ESTABLISHED were told of before.
 *
 * Context: softirq, or process.
 */
void tcpfsm_segment_dropped(const struct sk_buff *skb, const struct sock *sk)
{
	const struct tcphdr *th = tcp_hdr(skb);
	u8 fate = TCPFSM_FATE_DROPPED;
	u8 state = TCPFSM_S_UNKNOWN;
	struct tcpfsm_segment seg;
	const void *obj = NULL;
	unsigned long irqflags;
	struct challenge *c;
	struct tcpfsm_id id;
	bool told;

	if (!is_control(th) && th->ack)
		return;

	tcpfsm_snap_peers(&id, skb, NULL);
	local_irq_save(irqflags);
	told = in_hand(skb) && this_cpu_ptr(&hand)->told;
	c = this_cpu_ptr(&challenge);
	if (c->id.cookie && c->id.lport == id.lport && c->id.rport == id.rport) {
		id = c->id;
		obj = c->sk;
		state = c->state;
		fate = c->fate;
	}
	c->id.cookie = 0;
	/* its memory is used for another one next */
	this_cpu_ptr(&hand)->told = false;
	local_irq_restore(irqflags);

	if (sk && sk_fullsock(sk) && sk->sk_state != TCP_LISTEN) {
		tcpfsm_snap_id(&id, sk);
		obj = sk;
		state = tcpfsm_state_of(sk->sk_state);
	}
	if (told && state != TCPFSM_S_ESTABLISHED)
		return;
	tcpfsm_snap_segment(&seg, skb);
	seg.state = state;
	seg.fate = fate;
	tcpfsm_flow_segment(&id, obj, &seg);
	tcpfsm_drain_kick();
}

/**
 * tcpfsm_segment_retransmitted() - tracepoint tcp_retransmit_skb
 * @sk: a full socket
 * @skb: what was sent again
 *
 * Only SYN and FIN; how often data was is in the socket (tcp_sock.total_retrans).
 *
 * Context: softirq, or process; the socket is locked.
 */
void tcpfsm_segment_retransmitted(const struct sock *sk, const struct sk_buff *skb)
{
	const struct tcp_skb_cb *cb = TCP_SKB_CB(skb);
	u8 tcp_flags = cb->tcp_flags & (TCPFSM_TH_SYN | TCPFSM_TH_FIN | TCPFSM_TH_ACK);
	struct tcpfsm_segment seg;
	struct tcpfsm_id id;

	if (!(tcp_flags & (TCPFSM_TH_SYN | TCPFSM_TH_FIN)))
		return;
	if (tcp_flags & TCPFSM_TH_SYN)
		tcpfsm_snap_syn(&seg, sk, tcp_flags, cb->seq);
	else
		tcpfsm_snap_plain(&seg, tcp_flags, cb->end_seq - 1, tcp_sk(sk)->rcv_nxt);
	seg.len = skb->len;
	if (skb->len)
		seg.known &= ~TCPFSM_SEG_PSH;
	seg.known |= TCPFSM_SEG_LEN;
	tcpfsm_snap_id(&id, sk);
	id.lport = inet_sk(sk)->inet_sport;
	seg.state = tcpfsm_state_of(sk->sk_state);
	tcpfsm_flow_segment(&id, sk, &seg);
	tcpfsm_drain_kick();
}

/**
 * tcpfsm_on_send_synack() - int tcp_send_synack(struct sock *sk)
 * @regs: its arguments
 *
 * Simultaneous open, RFC 9293, section 3.5: the SYN goes out again, with an ACK.
 *
 * Context: softirq, or process for the backlog; the socket is locked.
 */
void tcpfsm_on_send_synack(struct ftrace_regs *regs)
{
	const struct sock *sk = tcpfsm_arg(regs, 0);
	struct tcpfsm_segment seg;
	struct tcpfsm_id id;

	tcpfsm_snap_syn(&seg, sk, TCPFSM_TH_SYN | TCPFSM_TH_ACK, tcp_sk(sk)->snd_una);
	seg.known |= TCPFSM_SEG_RETRANS;
	tcpfsm_snap_id(&id, sk);
	seg.state = tcpfsm_state_of(sk->sk_state);
	tcpfsm_flow_segment(&id, sk, &seg);
	tcpfsm_drain_kick();
}

/**
 * tcpfsm_on_purge() - void tcp_write_queue_purge(struct sock *sk)
 * @regs: its arguments
 *
 * connect() comes here last before it makes its SYN, with all that the SYN will
 * say worked out (tcp_connect_init()). Later it is called when a connection is
 * given up, with the queues still telling which timer did it.
 *
 * Context: process, or softirq; the socket is locked.
 */
void tcpfsm_on_purge(struct ftrace_regs *regs)
{
	const struct sock *sk = tcpfsm_arg(regs, 0);
	struct tcpfsm_segment seg;
	struct tcpfsm_id id;

	if (!tcpfsm_flow_take_note(tcpfsm_cookie(sk), sk, TCPFSM_N_CONNECTING)) {
		tcpfsm_flow_timer(tcpfsm_cookie(sk), sk, tcpfsm_timer_of(sk));
		return;
	}
	tcpfsm_snap_syn(&seg, sk, TCPFSM_TH_SYN, tcp_sk(sk)->write_seq);
	seg.known |= TCPFSM_SEG_RETRANS;
	tcpfsm_snap_id(&id, sk);
	seg.state = TCPFSM_S_SYN_SENT;
	tcpfsm_flow_segment(&id, sk, &seg);
	tcpfsm_drain_kick();
}
