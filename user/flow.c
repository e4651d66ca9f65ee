// SPDX-License-Identifier: GPL-2.0
/*
 * What a connection was, from its events alone: the words for how it was opened and
 * closed, its times, and what came again. Whether it kept to the rules is asked by the
 * judge, which also knows what other connections have to do with it.
 */
#include "flow.h"
#include "util.h"

/* Half a connection closed for so long is worth a note. */
#define HALF_CLOSED_NS	1000000000ULL

/* What a flow has seen, to tell what comes again; bits */
#define SEEN_SYN		BIT(0)
#define SEEN_SYNACK		BIT(1)
#define SEEN_FIN		BIT(2)

/* How often what is sent again was: by its own number, or one more */
static void count_one(uint32_t *n, const struct tcpfsm_segment *s, bool again)
{
	if (!(s->known & TCPFSM_SEG_RETRANS))
		*n += again;
	else if (s->retrans > *n)
		*n = s->retrans;
}

/* What comes again with other numbers is another's. */
static bool same_again(const struct end *e, const struct tcpfsm_segment *s)
{
	if (!(s->known & TCPFSM_SEG_SEQ))
		return true;
	if (s->tcp_flags & TCPFSM_TH_SYN)
		return !(e->known & END_ISN) || s->seq == e->isn;
	return !(e->known & END_FIN) || s->seq == e->fin;
}

static void count_again(struct flow *f, const struct tcpfsm_segment *s)
{
	uint8_t *seen = &f->seen[s->dir];
	struct verdict *v = &f->v;
	uint8_t bit;

	if (!(s->tcp_flags & (TCPFSM_TH_SYN | TCPFSM_TH_FIN)) || s->tcp_flags & TCPFSM_TH_RST ||
	    !same_again(&f->conn.end[s->dir], s))
		return;
	if (!(s->tcp_flags & TCPFSM_TH_SYN)) {
		bit = SEEN_FIN;
		count_one(&v->fin_retrans, s, *seen & bit);
	} else if (s->tcp_flags & TCPFSM_TH_ACK) {
		bit = SEEN_SYNACK;
		count_one(&v->synack_retrans, s, *seen & bit);
	} else {
		bit = SEEN_SYN;
		count_one(&v->syn_retrans, s, *seen & bit);
	}
	*seen |= bit;
}

/* Our FIN may be the first to acknowledge the peer's: then three segments are enough. */
static void note_fin(struct flow *f, const struct tcpfsm_segment *s)
{
	if (s->tcp_flags & TCPFSM_TH_FIN && s->known & TCPFSM_SEG_FIRST_ACK)
		f->three = true;
}

/**
 * flow_segment() - it sent a segment, or one came
 * @f: the flow
 * @s: the segment, before the rules have learned from it
 *
 * Context: any.
 */
void flow_segment(struct flow *f, const struct tcpfsm_segment *s)
{
	if (s->fate == TCPFSM_FATE_CHALLENGED)
		f->v.challenged++;
	if (s->fate == TCPFSM_FATE_ACCEPT_QUEUE)
		f->drops = true;
	count_again(f, s);
	if (s->dir == TCPFSM_DIR_OUT)
		note_fin(f, s);
}

static bool data_state(unsigned int state)
{
	return state >= TCPFSM_S_ESTABLISHED && state <= TCPFSM_S_TIME_WAIT;
}

static void begin(struct flow *f, const struct event *ev)
{
	bool begins = ev->old_state == TCPFSM_S_CLOSED || ev->old_state == TCPFSM_S_LISTEN;

	f->first = ev->ts;
	f->beginning = begins && !(ev->flags & TCPFSM_F_PREEXISTING);
	if (ev->flags & TCPFSM_F_PREEXISTING) {
		f->v.handshake = VERDICT_H_PREEXISTING;
		f->v.missing |= BIT(VERDICT_M_OLDER);
	} else if (!begins) {
		f->v.missing |= BIT(VERDICT_M_BEGINNING);
	}
	f->opened = data_state(ev->old_state);
}

/* The fields of a verdict that every transition refreshes */
static void refresh(struct flow *f, const struct event *ev)
{
	struct verdict *v = &f->v;

	v->id = ev->id;
	v->flags = ev->flags;
	if (ev->flags & TCPFSM_F_OWNER)
		v->owner = ev->owner;
	if (ev->flags & TCPFSM_F_RETRANS) {
		v->has_retrans = true;
		v->retrans = ev->count;
	}
	if (ev->flags & TCPFSM_F_UNTRACKED)
		v->missing |= BIT(VERDICT_M_TABLE);
}

/**
 * flow_leave() - it leaves a state: what that says of what was before
 * @f: the flow
 * @ev: the transition, before the rules are asked of it
 *
 * Context: any.
 */
void flow_leave(struct flow *f, const struct event *ev)
{
	refresh(f, ev);
	if (f->state == TCPFSM_S_UNKNOWN) {
		begin(f, ev);
	} else if (f->state != ev->old_state) {
		f->v.missing |= BIT(VERDICT_M_STATES);
		f->opened |= data_state(ev->old_state);
	}
	if (ev->old_state == TCPFSM_S_SYN_SENT && ev->state == TCPFSM_S_SYN_RECEIVED)
		f->simultaneous = true;
	f->crossed |= ev->state == TCPFSM_S_CLOSING || ev->old_state == TCPFSM_S_CLOSING;
}

/* Four segments or three: by what was seen, and four where it was not. */
static uint8_t closing_word(const struct flow *f)
{
	if (f->crossed)
		return VERDICT_T_SIMULTANEOUS;
	return f->three ? VERDICT_T_THREE_SEGMENT : VERDICT_T_FOUR_WAY;
}

/* How a handshake ended that came to nothing */
static uint8_t failed_handshake(const struct flow *f, const struct event *ev)
{
	bool active = ev->old_state == TCPFSM_S_SYN_SENT;

	switch (ev->cause) {
	case TCPFSM_C_RCV_RST:
		return active ? VERDICT_H_REFUSED : VERDICT_H_RESET;
	case TCPFSM_C_RCV_SYN:
	case TCPFSM_C_LISTENER_CLOSED:
	case TCPFSM_C_DATA_AFTER_CLOSE:
		return VERDICT_H_RESET;
	case TCPFSM_C_ICMP:
		return VERDICT_H_UNREACHABLE;
	case TCPFSM_C_ACCEPT_QUEUE:
		return VERDICT_H_ACCEPT_QUEUE;
	case TCPFSM_C_SYNACK_TIMEOUT:
		return f->drops ? VERDICT_H_ACCEPT_QUEUE : VERDICT_H_EXPIRED;
	case TCPFSM_C_SYN_TIMEOUT:
	case TCPFSM_C_RTO:
	case TCPFSM_C_USER_TIMEOUT:
	case TCPFSM_C_KEEPALIVE:
	case TCPFSM_C_PROBE_TIMEOUT:
		return VERDICT_H_TIMED_OUT;
	case TCPFSM_C_CLOSE:
	case TCPFSM_C_SHUTDOWN:
	case TCPFSM_C_EXIT:
	case TCPFSM_C_LINGER:
	case TCPFSM_C_UNREAD:
	case TCPFSM_C_DISCONNECT:
	case TCPFSM_C_CONNECT_FAILED:
	case TCPFSM_C_DESTROY:
	case TCPFSM_C_NETNS_GONE:
	case TCPFSM_C_ORPHAN_LIMIT:
		return VERDICT_H_ABORTED;
	}
	return VERDICT_H_UNKNOWN;
}

/* How an open connection ended */
static uint8_t teardown_of(const struct flow *f, const struct event *ev)
{
	/* by then all is said; what ended TIME_WAIT is the cause */
	if (ev->old_state == TCPFSM_S_TIME_WAIT)
		return closing_word(f);

	switch (ev->cause) {
	case TCPFSM_C_RCV_ACK_OF_FIN:
		return closing_word(f);
	case TCPFSM_C_RCV_RST:
		return VERDICT_T_RESET_REMOTE;
	case TCPFSM_C_LINGER:
	case TCPFSM_C_UNREAD:
	case TCPFSM_C_DATA_AFTER_CLOSE:
	case TCPFSM_C_DISCONNECT:
	case TCPFSM_C_ORPHAN_LIMIT:
	case TCPFSM_C_LISTENER_CLOSED:
	case TCPFSM_C_RCV_SYN:
		return VERDICT_T_RESET_LOCAL;
	case TCPFSM_C_RTO:
	case TCPFSM_C_KEEPALIVE:
	case TCPFSM_C_USER_TIMEOUT:
	case TCPFSM_C_PROBE_TIMEOUT:
	case TCPFSM_C_SYNACK_TIMEOUT:
		return VERDICT_T_TIMED_OUT;
	case TCPFSM_C_DESTROY:
	case TCPFSM_C_NETNS_GONE:
	case TCPFSM_C_REUSE_CONNECT:
		return VERDICT_T_DESTROYED;
	case TCPFSM_C_FIN_TIMEOUT:
		return VERDICT_T_FIN_WAIT_2;
	case TCPFSM_C_TW_SKIPPED:
		return VERDICT_T_TW_SKIPPED;
	}
	return VERDICT_T_NONE;
}

static void opened(struct flow *f, const struct event *ev)
{
	struct verdict *v = &f->v;

	f->opened = true;
	v->opened = ev->cause;
	if (f->beginning && v->handshake == VERDICT_H_UNKNOWN) {
		if (ev->cause == TCPFSM_C_SYN_COOKIE)
			v->handshake = VERDICT_H_SYN_COOKIE;
		else if (f->conn.fast_open)
			v->handshake = VERDICT_H_FAST_OPEN;
		else if (f->simultaneous)
			v->handshake = VERDICT_H_SIMULTANEOUS;
		else
			v->handshake = VERDICT_H_THREE_WAY;
	}
	if (f->beginning) {
		v->has_handshake_ns = true;
		v->handshake_ns = ev->ts - f->first;
	}
}

/* Whether the FIN came with the ACK of ours, in one segment */
static void note_two_steps(struct flow *f, const struct event *ev)
{
	if (ev->state != TCPFSM_S_TIME_WAIT)
		return;
	f->three = ev->old_state == TCPFSM_S_FIN_WAIT_1 ||
		   (f->conn.fin_number && f->conn.fin_number == f->conn.ack_number);
}

/* The time in the state it left; 0 in those a connection begins in */
static void clock_state(struct flow *f, const struct event *ev)
{
	struct verdict *v = &f->v;

	if (!(ev->flags & TCPFSM_F_SINCE) || ev->old_state > TCPFSM_S_MAX ||
	    ev->old_state <= TCPFSM_S_LISTEN)
		return;
	v->state_ns[ev->old_state] += ev->ns;
	v->state_known |= BIT(ev->old_state);
}

static void clock_half_closed(struct flow *f, const struct event *ev)
{
	struct verdict *v = &f->v;
	bool half = ev->old_state == TCPFSM_S_CLOSE_WAIT || ev->old_state == TCPFSM_S_FIN_WAIT_2;

	if (ev->state == TCPFSM_S_FIN_WAIT_1 || ev->state == TCPFSM_S_CLOSE_WAIT) {
		f->fin_at = ev->ts;
		f->shut = ev->cause == TCPFSM_C_SHUTDOWN;
		return;
	}
	if (!f->fin_at || !half)
		return;
	v->half_closed_ns = ev->ts - f->fin_at;
	if (v->half_closed_ns >= HALF_CLOSED_NS || (f->shut && !f->three))
		v->notes |= BIT(VERDICT_N_HALF_CLOSED);
}

static void closed(struct flow *f, const struct event *ev)
{
	struct verdict *v = &f->v;

	v->ts = ev->ts;
	v->state = ev->old_state;
	v->cause = ev->cause;
	if (ev->cause == TCPFSM_C_DUPLICATE_SYN)
		f->duplicate = true;
	if (f->opened) {
		v->teardown = teardown_of(f, ev);
	} else {
		v->opened = ev->cause;
		if (v->handshake == VERDICT_H_UNKNOWN)
			v->handshake = failed_handshake(f, ev);
	}
	if (f->beginning) {
		v->has_duration_ns = true;
		v->duration_ns = ev->ts - f->first;
	}
	if (ev->flags & TCPFSM_F_INHERITED && f->opened)
		v->notes |= BIT(VERDICT_N_UNACCEPTED);
	if (ev->old_state == TCPFSM_S_TIME_WAIT && ev->cause == TCPFSM_C_RCV_RST)
		v->notes |= BIT(VERDICT_N_ASSASSINATED);
	if (ev->old_state == TCPFSM_S_TIME_WAIT &&
	    (ev->cause == TCPFSM_C_DESTROY || ev->cause == TCPFSM_C_NETNS_GONE))
		v->notes |= BIT(VERDICT_N_DESTROYED);
}

/**
 * flow_enter() - it is in another state
 * @f: the flow
 * @ev: the transition, after the rules were asked of it
 *
 * Context: any.
 */
void flow_enter(struct flow *f, const struct event *ev)
{
	note_two_steps(f, ev);
	clock_state(f, ev);
	clock_half_closed(f, ev);
	if (!f->opened && data_state(ev->state))
		opened(f, ev);
	f->state = ev->state;
	f->last = ev->ts;
	if (ev->state == TCPFSM_S_CLOSED)
		closed(f, ev);
}

/**
 * flow_cut() - it has not ended, but this is all there is
 * @f: the flow
 * @why: VERDICT_M_OPEN or VERDICT_M_EVICTED
 * @now: how late it is, clock of the events in ns
 *
 * Context: any.
 */
void flow_cut(struct flow *f, enum verdict_missing why, uint64_t now)
{
	struct verdict *v = &f->v;

	/* in TIME_WAIT all is said, but how long it lasts */
	if (why == VERDICT_M_OPEN && f->state == TCPFSM_S_TIME_WAIT)
		v->notes |= BIT(VERDICT_N_IN_TIME_WAIT);
	else
		v->missing |= BIT(why);
	v->ts = now;
	v->state = f->state;
	if (f->opened)
		v->teardown = f->state == TCPFSM_S_TIME_WAIT ? closing_word(f)
							     : VERDICT_T_OPEN;
	if (f->beginning) {
		v->has_duration_ns = true;
		v->duration_ns = v->ts - f->first;
	}
	if (f->fin_at && (f->state == TCPFSM_S_CLOSE_WAIT || f->state == TCPFSM_S_FIN_WAIT_2))
		v->half_closed_ns = v->ts - f->fin_at;
	if (f->state > TCPFSM_S_UNKNOWN && f->state <= TCPFSM_S_MAX && v->ts >= f->last) {
		v->state_ns[f->state] += v->ts - f->last;
		v->state_known |= BIT(f->state);
	}
}

/**
 * flow_sum_up() - into the verdict, what the rules know and found
 * @f: the flow, of which all is known that will ever be
 *
 * Context: any.
 */
void flow_sum_up(struct flow *f)
{
	const struct end *we = &f->conn.end[TCPFSM_DIR_OUT];
	const struct end *peer = &f->conn.end[TCPFSM_DIR_IN];
	struct verdict *v = &f->v;

	v->has_iss = we->known & END_ISN;
	v->iss = we->isn;
	v->has_irs = peer->known & END_ISN;
	v->irs = peer->isn;
	v->checked = f->findings.checked;
	v->departures = f->findings.departures;
	v->violations = f->findings.count;
	if (v->syn_retrans)
		v->notes |= BIT(VERDICT_N_RETRANS_SYN);
	if (v->synack_retrans)
		v->notes |= BIT(VERDICT_N_RETRANS_SYNACK);
	if (v->fin_retrans)
		v->notes |= BIT(VERDICT_N_RETRANS_FIN);
	if (v->challenged)
		v->notes |= BIT(VERDICT_N_CHALLENGED);
	if (f->drops)
		v->notes |= BIT(VERDICT_N_ACCEPT_QUEUE);
}
