// SPDX-License-Identifier: GPL-2.0
/*
 * The rules as a table, and the loop over it. A rule is asked only where what it
 * needs is known; one that could not be asked says nothing, neither good nor bad.
 * A segment that came is evidence only once a transition says that it was taken:
 * anybody may send anything, and it is told of before the kernel has looked at it.
 * Sequence numbers wrap, so they are only compared where less than 2^31 lies
 * between them: never with an initial number once data may have flowed.
 */
#include "rules.h"
#include "util.h"

#define SYN	TCPFSM_TH_SYN
#define ACK	TCPFSM_TH_ACK
#define FIN	TCPFSM_TH_FIN
#define RST	TCPFSM_TH_RST

#define IN	BIT(TCPFSM_DIR_IN)
#define OUT	BIT(TCPFSM_DIR_OUT)
#define BOTH	(IN | OUT)

#define S(s)	BIT(TCPFSM_S_##s)
#define OPENING	(S(UNKNOWN) | S(CLOSED) | S(LISTEN) | S(SYN_SENT) | S(SYN_RECEIVED))
#define SYNCHED	(S(SYN_RECEIVED) | S(ESTABLISHED) | S(FIN_WAIT_1) | S(FIN_WAIT_2) | \
		 S(CLOSE_WAIT) | S(CLOSING) | S(LAST_ACK) | S(TIME_WAIT))
/* where the peer's FIN has come */
#define HAS_FIN	(S(CLOSE_WAIT) | S(CLOSING) | S(LAST_ACK) | S(TIME_WAIT))
#define ANY	0xffff

/* The window of a SYN,ACK is not scaled yet. */
#define OPENING_WINDOW	65535

#define MSL_2_NS	240000000000ULL	/* RFC 9293, 3.4.1: MSL is 2 minutes */
#define TIME_WAIT_NS	59000000000ULL	/* TCP_TIMEWAIT_LEN less a second for coarse timers */
#define SYN_R2_NS	180000000000ULL	/* RFC 9293, 3.8.3: a SYN is tried for 3 minutes */

static bool equals(struct finding *f, uint32_t got, uint32_t want)
{
	f->numbers = true;
	f->got = got;
	f->want = want;
	return got == want;
}

static const struct end *sender(const struct conn *c, const struct tcpfsm_segment *s)
{
	return &c->end[s->dir];
}

static const struct end *receiver(const struct conn *c, const struct tcpfsm_segment *s)
{
	return &c->end[!s->dir];
}

/* 3.4: a SYN sent again is the same SYN. */
static bool syn_seq(const struct conn *c, const struct tcpfsm_segment *s, struct finding *f)
{
	return equals(f, s->seq, sender(c, s)->isn);
}

/*
 * With Fast Open (RFC 7413, 4.2.2) any part of the data may be acknowledged along. How
 * much there was is not known where the SYN was seen before it was put together.
 */
static bool synack_ack(const struct conn *c, const struct tcpfsm_segment *s, struct finding *f)
{
	const struct end *r = receiver(c, s);
	uint32_t more = 0;

	if (!(r->known & END_SYN_LEN))
		more = OPENING_WINDOW;
	else if (r->syn_data)
		more = r->syn_len;
	return equals(f, s->ack, r->isn + 1) || s->ack - (r->isn + 1) <= more;
}

/*
 * A pure ACK has ISS+1 where nothing was lost. Behind lost data, or answering a
 * SYN,ACK that was sent again, it may have any number in the window.
 */
static bool third_seq(const struct conn *c, const struct tcpfsm_segment *s, struct finding *f)
{
	const struct end *e = sender(c, s);
	bool bare = s->known & TCPFSM_SEG_LEN && !s->len && !(s->tcp_flags & FIN);
	uint32_t seq = s->seq - (s->tcp_flags & FIN ? s->len : 0);
	uint32_t slack = e->syn_data ? e->syn_len : 0;

	if (!bare || c->resent || c->gaps || c->fast_open)
		slack = OPENING_WINDOW;
	return equals(f, seq, e->isn + 1) || seq - (e->isn + 1) <= slack;
}

static bool third_ack(const struct conn *c, const struct tcpfsm_segment *s, struct finding *f)
{
	const struct end *r = receiver(c, s);

	return equals(f, s->ack, r->isn + 1) || (c->fast_open && seq_after(s->ack, r->isn));
}

static bool ack_missing(const struct conn *c, const struct tcpfsm_segment *s, struct finding *f)
{
	(void)c;
	(void)f;
	return s->tcp_flags & ACK;
}

static bool ack_beyond(const struct conn *c, const struct tcpfsm_segment *s, struct finding *f)
{
	const struct end *r = receiver(c, s);

	return equals(f, s->ack, r->fin + 1) || !seq_after(s->ack, r->fin + 1);
}

/* 3.4: the FIN counts one, and is the last; sent again it is the same. */
static bool fin_seq(const struct conn *c, const struct tcpfsm_segment *s, struct finding *f)
{
	return equals(f, s->seq, sender(c, s)->fin);
}

static bool data_after_fin(const struct conn *c, const struct tcpfsm_segment *s,
			   struct finding *f)
{
	uint32_t fin = sender(c, s)->fin;

	return equals(f, s->seq + s->len, fin) || !s->len || !seq_after(s->seq + s->len, fin);
}

static bool acks_fin(const struct conn *c, const struct tcpfsm_segment *s, struct finding *f)
{
	return equals(f, s->ack, receiver(c, s)->fin + 1);
}

static bool wscale_offer(const struct conn *c, const struct tcpfsm_segment *s, struct finding *f)
{
	(void)f;
	return !(s->known & TCPFSM_SEG_WSCALE) || receiver(c, s)->syn_opts & TCPFSM_SEG_WSCALE;
}

static bool wscale_max(const struct conn *c, const struct tcpfsm_segment *s, struct finding *f)
{
	(void)c;
	return equals(f, s->wscale, 14) || s->wscale < 14;
}

static bool ts_offer(const struct conn *c, const struct tcpfsm_segment *s, struct finding *f)
{
	(void)f;
	return !(s->known & TCPFSM_SEG_TS) || receiver(c, s)->syn_opts & TCPFSM_SEG_TS;
}

static bool ts_echo(const struct conn *c, const struct tcpfsm_segment *s, struct finding *f)
{
	const struct end *r = receiver(c, s);

	return equals(f, s->tsecr, r->tsval_syn) ||
	       s->tsecr - r->tsval <= r->tsval_syn - r->tsval;
}

/* 0 asks for a cookie */
static bool cookie_len(const struct conn *c, const struct tcpfsm_segment *s, struct finding *f)
{
	(void)c;
	return equals(f, s->cookie_len, 0) ||
	       (s->cookie_len >= 4 && s->cookie_len <= 16 && s->cookie_len % 2 == 0);
}

static bool synchronized(unsigned int state)
{
	return state <= TCPFSM_S_MAX && SYNCHED & BIT(state) && state != TCPFSM_S_SYN_RECEIVED;
}

static enum rule_answer transition(const struct conn *c, const struct event *ev,
				   const struct tcpfsm_segment *s, struct finding *f)
{
	(void)c;
	(void)s;
	f->got = ev->old_state << 8 | ev->state;
	return fsm_arrow(ev->old_state, ev->state) ? RULE_KEPT : RULE_BROKEN;
}

static bool challenges(const struct event *ev)
{
	return ev->cause == TCPFSM_C_RCV_SYN && synchronized(ev->old_state);
}

static enum rule_answer cause(const struct conn *c, const struct event *ev,
			      const struct tcpfsm_segment *s, struct finding *f)
{
	(void)c;
	(void)s;
	f->got = ev->old_state << 8 | ev->state;
	if (ev->cause == TCPFSM_C_UNKNOWN || ev->cause > TCPFSM_C_MAX || challenges(ev) ||
	    !fsm_arrow(ev->old_state, ev->state))
		return RULE_SILENT;
	return fsm_step(ev->old_state, ev->state, ev->cause) ? RULE_KEPT : RULE_BROKEN;
}

static enum rule_answer syn_challenge(const struct conn *c, const struct event *ev,
				      const struct tcpfsm_segment *s, struct finding *f)
{
	(void)c;
	(void)s;
	f->got = ev->old_state << 8 | ev->state;
	if (!challenges(ev))
		return RULE_SILENT;
	return fsm_step(ev->old_state, ev->state, ev->cause) ? RULE_KEPT : RULE_BROKEN;
}

/* in ms, which fit */
static enum rule_answer time_wait(const struct conn *c, const struct event *ev,
				  const struct tcpfsm_segment *s, struct finding *f)
{
	(void)c;
	(void)s;
	if (!(ev->flags & TCPFSM_F_SINCE) || ev->old_state != TCPFSM_S_TIME_WAIT ||
	    ev->cause != TCPFSM_C_2MSL)
		return RULE_SILENT;
	equals(f, ev->ns / 1000000, TIME_WAIT_NS / 1000000);
	return ev->ns < TIME_WAIT_NS ? RULE_BROKEN : RULE_KEPT;
}

static enum rule_answer ack_of_fin(const struct conn *c, const struct event *ev,
				   const struct tcpfsm_segment *s, struct finding *f)
{
	const struct end *we = &c->end[TCPFSM_DIR_OUT];

	if (ev->cause != TCPFSM_C_RCV_ACK_OF_FIN || !s || !(s->known & TCPFSM_SEG_ACK) ||
	    !(we->known & END_FIN))
		return RULE_SILENT;
	return equals(f, s->ack, we->fin + 1) ? RULE_KEPT : RULE_BROKEN;
}

static bool by_rst(const struct event *ev, const struct tcpfsm_segment *s)
{
	return ev->cause == TCPFSM_C_RCV_RST && ev->state == TCPFSM_S_CLOSED && s;
}

static enum rule_answer rst_syn_sent(const struct conn *c, const struct event *ev,
				     const struct tcpfsm_segment *s, struct finding *f)
{
	const struct end *we = &c->end[TCPFSM_DIR_OUT];

	if (!by_rst(ev, s) || ev->old_state != TCPFSM_S_SYN_SENT)
		return RULE_SILENT;
	if (!(s->tcp_flags & ACK))
		return RULE_BROKEN;
	if (!(s->known & TCPFSM_SEG_ACK) || !(we->known & END_ISN))
		return RULE_SILENT;
	if (equals(f, s->ack, we->isn + 1) || s->ack - (we->isn + 1) <= we->syn_len)
		return RULE_KEPT;
	return we->known & END_SYN_LEN ? RULE_BROKEN : RULE_SILENT;
}

static enum rule_answer rst_window(const struct conn *c, const struct event *ev,
				   const struct tcpfsm_segment *s, struct finding *f)
{
	const struct end *peer = &c->end[TCPFSM_DIR_IN];

	if (!by_rst(ev, s) || ev->old_state != TCPFSM_S_SYN_RECEIVED ||
	    !(s->known & TCPFSM_SEG_SEQ) || !(peer->known & END_ISN))
		return RULE_SILENT;
	if (equals(f, s->seq, peer->isn + 1) || s->seq - (peer->isn + 1) <= OPENING_WINDOW)
		return RULE_KEPT;
	return RULE_BROKEN;
}

static enum rule_answer rst_exact(const struct conn *c, const struct event *ev,
				  const struct tcpfsm_segment *s, struct finding *f)
{
	const struct end *peer = &c->end[TCPFSM_DIR_IN];

	if (!by_rst(ev, s) || ev->old_state > TCPFSM_S_MAX || !(HAS_FIN & BIT(ev->old_state)) ||
	    !(s->known & TCPFSM_SEG_SEQ) || !(peer->known & END_FIN))
		return RULE_SILENT;
	if (equals(f, s->seq, peer->fin + 1))
		return RULE_KEPT;
	/* tcp_reset_check(), for Mac OS X */
	return ev->old_state != TCPFSM_S_TIME_WAIT && s->seq == peer->fin ? RULE_KEPT : RULE_BROKEN;
}

/* 3.6.1: beyond all numbers of the old connection, or by a newer timestamp (RFC 6191) */
static enum rule_answer reuse_isn(const struct conn *c, struct finding *f)
{
	int dir = c->reuse == TCPFSM_C_REUSE_SYN ? TCPFSM_DIR_IN : TCPFSM_DIR_OUT;
	const struct end *old = &c->old[dir];
	const struct end *now = &c->end[dir];

	if (c->reuse == TCPFSM_C_UNKNOWN || !(old->known & END_FIN) || !(now->known & END_ISN))
		return RULE_SILENT;
	f->dir = TCPFSM_DIR_OUT;
	if (equals(f, now->isn, old->fin + 1) || seq_after(now->isn, old->fin))
		return RULE_KEPT;
	if (!(now->known & END_OPTIONS))
		return RULE_SILENT;
	if (!(now->syn_opts & TCPFSM_SEG_TS))
		return RULE_BROKEN;
	if (!(now->known & END_TSVAL) || !(old->known & END_TSVAL))
		return RULE_SILENT;
	return seq_after(now->tsval, old->tsval_last) ? RULE_KEPT : RULE_BROKEN;
}

const struct rule rules[__RULE_MAX] = {
	[RULE_TRANSITION] = {
		.name = "transition", .section = "RFC 9293, 3.3.2", .when = RULE_AT_MOVE,
		.text = "a state is left only along an arrow of figure 5", .move = transition,
	},
	[RULE_CAUSE] = {
		.name = "cause", .section = "RFC 9293, 3.10", .when = RULE_AT_MOVE,
		.text = "an arrow is taken only for an event that leads along it", .move = cause,
	},
	[RULE_SYN_CHALLENGE] = {
		.name = "syn-challenge", .section = "RFC 5961, 4.2", .when = RULE_AT_MOVE,
		.text = "a SYN never ends a synchronized connection, a challenge ACK answers it",
		.move = syn_challenge,
	},
	[RULE_TIME_WAIT] = {
		.name = "time-wait", .section = "RFC 9293, 3.6.1", .when = RULE_AT_MOVE,
		.text = "TIME_WAIT lasts its time: 2 MSL, of which Linux makes 60 s",
		.move = time_wait,
	},
	[RULE_SYN_SEQ] = {
		.name = "syn-seq", .section = "RFC 9293, 3.4", .when = RULE_AT_SEGMENT,
		.text = "a SYN sent again has the same sequence number",
		.dirs = BOTH, .set = SYN, .clear = RST, .states = OPENING,
		.needs = TCPFSM_SEG_SEQ, .sender = END_ISN, .segment = syn_seq,
	},
	[RULE_SYNACK_ACK] = {
		.name = "synack-ack", .section = "RFC 9293, 3.5", .when = RULE_AT_SEGMENT,
		.text = "a SYN,ACK acknowledges ISS+1, and data only with Fast Open",
		.dirs = BOTH, .set = SYN | ACK, .clear = RST, .states = OPENING,
		.needs = TCPFSM_SEG_ACK, .receiver = END_ISN, .segment = synack_ack,
	},
	[RULE_THIRD_SEQ] = {
		.name = "third-seq", .section = "RFC 9293, 3.5", .when = RULE_AT_SEGMENT,
		.text = "the third segment has sequence number ISS+1",
		.dirs = BOTH, .set = ACK, .clear = SYN | RST, .states = ANY,
		.needs = TCPFSM_SEG_SEQ, .sender = END_ISN, .segment = third_seq,
	},
	[RULE_THIRD_ACK] = {
		.name = "third-ack", .section = "RFC 9293, 3.5", .when = RULE_AT_SEGMENT,
		.text = "the third segment acknowledges IRS+1",
		.dirs = BOTH, .set = ACK, .clear = SYN | RST, .states = ANY,
		.needs = TCPFSM_SEG_ACK, .receiver = END_ISN, .segment = third_ack,
	},
	[RULE_ACK_MISSING] = {
		.name = "ack-missing", .section = "RFC 9293, 3.10.7.4", .when = RULE_AT_SEGMENT,
		.text = "every segment of a synchronized connection has ACK",
		.dirs = BOTH, .clear = SYN | RST, .states = SYNCHED, .segment = ack_missing,
	},
	[RULE_ACK_BEYOND] = {
		.name = "ack-beyond", .section = "RFC 9293, 3.10.7.4", .when = RULE_AT_SEGMENT,
		.text = "nothing behind a FIN is acknowledged, as nothing is sent there",
		.dirs = BOTH, .set = ACK, .clear = SYN | RST, .states = SYNCHED,
		.needs = TCPFSM_SEG_ACK, .receiver = END_FIN, .segment = ack_beyond,
	},
	[RULE_FIN_SEQ] = {
		.name = "fin-seq", .section = "RFC 9293, 3.4", .when = RULE_AT_SEGMENT,
		.text = "a FIN counts one number; sent again it has the same",
		.dirs = BOTH, .set = FIN, .clear = SYN | RST, .states = SYNCHED,
		.needs = TCPFSM_SEG_SEQ, .sender = END_FIN, .segment = fin_seq,
	},
	[RULE_DATA_AFTER_FIN] = {
		.name = "data-after-fin", .section = "RFC 9293, 3.6", .when = RULE_AT_SEGMENT,
		.text = "who sent a FIN sends no data behind it",
		.dirs = BOTH, .clear = SYN | RST | FIN, .states = SYNCHED,
		.needs = TCPFSM_SEG_SEQ | TCPFSM_SEG_LEN, .sender = END_FIN,
		.segment = data_after_fin,
	},
	[RULE_FIN_ACK] = {
		.name = "fin-ack", .section = "RFC 9293, 3.10.7.4", .when = RULE_AT_SEGMENT,
		.text = "a FIN sent after the peer's FIN acknowledges it",
		.dirs = OUT, .set = FIN | ACK, .clear = SYN | RST, .states = HAS_FIN,
		.needs = TCPFSM_SEG_ACK, .receiver = END_FIN, .segment = acks_fin,
	},
	[RULE_ACK_AFTER_FIN] = {
		.name = "ack-after-fin", .section = "RFC 9293, 3.10.7.4",
		.when = RULE_AT_SEGMENT,
		.text = "after the peer's FIN every segment acknowledges it",
		.dirs = OUT, .set = ACK, .clear = SYN | RST | FIN, .states = HAS_FIN,
		.needs = TCPFSM_SEG_ACK, .receiver = END_FIN, .segment = acks_fin,
	},
	[RULE_ACK_OF_FIN] = {
		.name = "ack-of-fin", .section = "RFC 9293, 3.10.7.4", .when = RULE_AT_MOVE,
		.text = "a FIN is acknowledged by its number plus one",
		.move = ack_of_fin,
	},
	[RULE_RST_SYN_SENT] = {
		.name = "rst-syn-sent", .section = "RFC 9293, 3.5.3", .when = RULE_AT_MOVE,
		.text = "in SYN_SENT a RST counts only if it acknowledges the SYN",
		.move = rst_syn_sent,
	},
	[RULE_RST_WINDOW] = {
		.name = "rst-window", .section = "RFC 9293, 3.5.3", .when = RULE_AT_MOVE,
		.text = "in SYN_RECEIVED a RST counts only inside the window",
		.move = rst_window,
	},
	[RULE_RST_EXACT] = {
		.name = "rst-exact", .section = "RFC 5961, 3.2", .when = RULE_AT_MOVE,
		.text = "a RST counts only with exactly the number that is expected next",
		.move = rst_exact,
	},
	[RULE_REUSE_ISN] = {
		.name = "reuse-isn", .section = "RFC 9293, 3.6.1", .when = RULE_AT_END,
		.text = "who takes over a TIME_WAIT begins beyond its numbers, or by timestamp",
		.absence = true, .end = reuse_isn,
	},
	[RULE_WSCALE_OFFER] = {
		.name = "wscale-offer", .section = "RFC 7323, 2.2", .when = RULE_AT_SEGMENT,
		.text = "a SYN,ACK has the window scale option only if the SYN had it",
		.dirs = BOTH, .set = SYN | ACK, .clear = RST, .states = OPENING,
		.needs = TCPFSM_SEG_OPTIONS, .receiver = END_OPTIONS, .absence = true,
		.segment = wscale_offer,
	},
	[RULE_WSCALE_MAX] = {
		.name = "wscale-max", .section = "RFC 7323, 2.3", .when = RULE_AT_SEGMENT,
		.text = "a window is scaled by 14 at most",
		.dirs = BOTH, .set = SYN, .clear = RST, .states = OPENING,
		.needs = TCPFSM_SEG_WSCALE, .segment = wscale_max,
	},
	[RULE_TS_OFFER] = {
		.name = "ts-offer", .section = "RFC 7323, 3.2", .when = RULE_AT_SEGMENT,
		.text = "a SYN,ACK has the timestamps option only if the SYN had it",
		.dirs = BOTH, .set = SYN | ACK, .clear = RST, .states = OPENING,
		.needs = TCPFSM_SEG_OPTIONS, .receiver = END_OPTIONS, .absence = true,
		.segment = ts_offer,
	},
	[RULE_TS_ECHO] = {
		.name = "ts-echo", .section = "RFC 7323, 3.2", .when = RULE_AT_SEGMENT,
		.text = "a SYN,ACK echoes the timestamp of the SYN",
		.dirs = BOTH, .set = SYN | ACK, .clear = RST, .states = OPENING,
		.needs = TCPFSM_SEG_TSECR, .receiver = END_TSVAL, .absence = true,
		.segment = ts_echo,
	},
	[RULE_COOKIE_LEN] = {
		.name = "cookie-len", .section = "RFC 7413, 4.1.1", .when = RULE_AT_SEGMENT,
		.text = "a Fast Open cookie has 4 to 16 bytes, an even number",
		.dirs = BOTH, .set = SYN, .clear = RST, .states = OPENING,
		.needs = TCPFSM_SEG_COOKIE, .segment = cookie_len,
	},
};

_Static_assert(__RULE_MAX <= 64, "more rules than bits");

static void answer(struct findings *fs, enum rule_answer a, const struct finding *f)
{
	if (a == RULE_SILENT)
		return;
	fs->checked |= BIT_ULL(f->rule);
	if (a != RULE_BROKEN)
		return;
	if (fs->count < fs->room)
		fs->first[fs->count] = *f;
	fs->count++;
}

/* The segment that completes a handshake, from either side */
static bool third(const struct conn *c, const struct tcpfsm_segment *s)
{
	if (s->dir == TCPFSM_DIR_IN)
		return s->state == TCPFSM_S_SYN_RECEIVED || s->state == TCPFSM_S_LISTEN;
	/* of later ones, and where others may be hidden, nobody knows what was sent before */
	return c->third_next && (S(SYN_SENT) | S(SYN_RECEIVED) | S(ESTABLISHED)) & BIT(s->state) &&
	       !(s->tcp_flags & FIN) && s->known & TCPFSM_SEG_LEN && !s->len && !s->retrans;
}

static bool applies(const struct conn *c, enum rule_id id, const struct tcpfsm_segment *s)
{
	const struct rule *r = &rules[id];

	if (r->when != RULE_AT_SEGMENT || !(r->dirs & BIT(s->dir)) ||
	    (s->tcp_flags & r->set) != r->set || s->tcp_flags & r->clear ||
	    s->state > TCPFSM_S_MAX || !(r->states & BIT(s->state)))
		return false;
	if (id == RULE_THIRD_SEQ || id == RULE_THIRD_ACK)
		return third(c, s) && (id == RULE_THIRD_ACK || !(s->tcp_flags & FIN) ||
				       s->known & TCPFSM_SEG_LEN);
	/* sent again it echoes what came last, be it a third segment that was thrown away */
	if (id == RULE_TS_ECHO)
		return !s->retrans && !c->resent &&
		       (s->dir == TCPFSM_DIR_IN || c->last.seg.tcp_flags & SYN);
	return true;
}

static bool knows(const struct conn *c, const struct rule *r, const struct tcpfsm_segment *s)
{
	return (s->known & r->needs) == r->needs &&
	       (sender(c, s)->known & r->sender) == r->sender &&
	       (receiver(c, s)->known & r->receiver) == r->receiver &&
	       !(r->absence && c->gaps);
}

#define SYN_OPTIONS	(TCPFSM_SEG_MSS | TCPFSM_SEG_WSCALE | TCPFSM_SEG_SACK_OK | \
			 TCPFSM_SEG_TS | TCPFSM_SEG_COOKIE)

static void learn_syn(struct end *e, const struct tcpfsm_segment *s)
{
	bool first = !(e->known & END_ISN);

	if (s->known & TCPFSM_SEG_SEQ && !(e->known & END_ISN)) {
		e->isn = s->seq;
		e->known |= END_ISN;
	}
	if (s->known & TCPFSM_SEG_OPTIONS)
		e->known |= END_OPTIONS;
	e->syn_opts |= s->known & SYN_OPTIONS;
	if (s->known & TCPFSM_SEG_LEN) {
		/* of all its SYNs, or it may have been in the one of which it is not known */
		if (first)
			e->known |= END_SYN_LEN;
		if (s->len > e->syn_len)
			e->syn_len = s->len;
	} else {
		e->known &= ~END_SYN_LEN;
	}
	if (s->known & TCPFSM_SEG_COOKIE && s->cookie_len && s->len)
		e->syn_data = true;
	if (s->known & TCPFSM_SEG_TSVAL) {
		if (!(e->known & END_TSVAL))
			e->tsval = s->tsval;
		e->tsval_syn = s->tsval;
		e->known |= END_TSVAL;
	}
}

static void learn(struct conn *c, const struct tcpfsm_segment *s)
{
	struct end *from = &c->end[s->dir];
	bool synack = (s->tcp_flags & (SYN | ACK)) == (SYN | ACK);

	if (s->tcp_flags & SYN && OPENING & BIT(s->state))
		learn_syn(from, s);
	if (synack && s->known & TCPFSM_SEG_RETRANS && s->retrans)
		c->resent = true;
	c->third_next = synack && s->dir == TCPFSM_DIR_IN;
	if (s->tcp_flags & FIN && s->known & TCPFSM_SEG_SEQ && !(from->known & END_FIN)) {
		from->fin = s->seq;
		from->known |= END_FIN;
	}
	if (s->known & TCPFSM_SEG_TSVAL)
		from->tsval_last = s->tsval;
}

static void ask(struct conn *c, unsigned int id, const struct tcpfsm_segment *s,
		struct findings *fs)
{
	struct finding f = { .rule = id, .dir = s->dir };

	if (applies(c, id, s) && knows(c, &rules[id], s))
		answer(fs, rules[id].segment(c, s, &f) ? RULE_KEPT : RULE_BROKEN, &f);
}

static void ask_all(struct conn *c, const struct tcpfsm_segment *s, struct findings *fs)
{
	unsigned int i;

	for (i = 0; i < __RULE_MAX; i++)
		ask(c, i, s, fs);
	learn(c, s);
}

/**
 * rules_sent() - ask the rules of a segment we sent, then learn from it
 * @c: what is known of the connection
 * @s: the segment
 * @fs: what comes of it
 *
 * Context: any.
 */
void rules_sent(struct conn *c, const struct tcpfsm_segment *s, struct findings *fs)
{
	if (s->dir != TCPFSM_DIR_OUT || s->state > TCPFSM_S_MAX)
		return;
	ask_all(c, s, fs);
	if (s->tcp_flags & ACK && !(s->tcp_flags & (SYN | RST | FIN)) && c->last_fin.number) {
		c->reply = *s;
		c->has_reply = true;
	}
}

/**
 * rules_came() - a segment came; whether it is taken will be seen
 * @c: what is known of the connection
 * @s: the segment
 * @fs: what comes of it
 *
 * Context: any.
 */
void rules_came(struct conn *c, const struct tcpfsm_segment *s, struct findings *fs)
{
	struct end *peer = &c->end[TCPFSM_DIR_IN];

	if (s->dir != TCPFSM_DIR_IN || s->state > TCPFSM_S_MAX)
		return;
	/* the third segment will come again, or data in its place */
	c->resent |= s->fate == TCPFSM_FATE_ACCEPT_QUEUE;
	if (s->fate != TCPFSM_FATE_NONE)
		return;

	c->last = (struct arrival){ .seg = *s, .number = ++c->arrivals };
	if (s->tcp_flags & FIN) {
		c->last_fin = c->last;
		c->has_reply = false;
	}
	if (!(s->tcp_flags & SYN))
		return;
	if (peer->known & END_ISN) {
		/* the same one again may bear a later timestamp, and other options */
		if (s->known & TCPFSM_SEG_SEQ && s->seq == peer->isn && OPENING & BIT(s->state))
			learn_syn(peer, s);
	} else if (s->state == TCPFSM_S_LISTEN) {
		/* of one that is not taken no flow is made */
		c->last.asked = true;
		ask_all(c, s, fs);
	}
}

/* The flags of a segment that makes a transition for this cause, 0 if none does */
static uint8_t flags_of(unsigned int cause)
{
	switch (cause) {
	case TCPFSM_C_RCV_SYN:
	case TCPFSM_C_FAST_OPEN:
		return SYN;
	case TCPFSM_C_RCV_SYNACK:
		return SYN | ACK;
	case TCPFSM_C_RCV_ACK:
	case TCPFSM_C_SYN_COOKIE:
	case TCPFSM_C_RCV_ACK_OF_FIN:
		return ACK;
	case TCPFSM_C_RCV_FIN:
		return FIN;
	case TCPFSM_C_RCV_RST:
		return RST;
	}
	return 0;
}

static bool has(const struct arrival *a, uint8_t flags)
{
	return a->number && (a->seg.tcp_flags & flags) == flags &&
	       (flags & RST || !(a->seg.tcp_flags & RST));
}

/* The segment that made a transition. A FIN may have waited for data before it. */
static struct arrival *taken(struct conn *c, const struct event *ev)
{
	uint8_t flags = flags_of(ev->cause);

	if (!flags)
		return NULL;
	if (has(&c->last, flags))
		return &c->last;
	if (flags == FIN && has(&c->last_fin, FIN))
		return &c->last_fin;
	c->unseen = true;
	return NULL;
}

static void take(struct conn *c, const struct event *ev, struct arrival *a, struct findings *fs)
{
	/* a SYN that ends a connection is not the one that began it */
	bool other = ev->cause == TCPFSM_C_RCV_SYN && ev->state == TCPFSM_S_CLOSED;

	if (!a->asked && !other)
		ask_all(c, &a->seg, fs);
	a->asked = true;
	/* both hold the same one, of which the rules are asked but once */
	if (c->last.number == c->last_fin.number) {
		c->last.asked = true;
		c->last_fin.asked = true;
	}
	if (ev->cause == TCPFSM_C_RCV_ACK_OF_FIN)
		c->ack_number = a->number;
	if (ev->cause != TCPFSM_C_RCV_FIN)
		return;
	c->fin_number = a->number;
	/* we may have acknowledged it before the state says so */
	if (c->has_reply) {
		c->reply.state = ev->state;
		ask(c, RULE_ACK_AFTER_FIN, &c->reply, fs);
		c->has_reply = false;
	}
}

/* What Linux does on purpose, see fsm.c */
static void depart(struct conn *c, const struct event *ev, const struct tcpfsm_segment *s,
		   struct findings *fs)
{
	const struct fsm_row *row = fsm_step(ev->old_state, ev->state, ev->cause);
	const struct end *peer = &c->end[TCPFSM_DIR_IN];

	if (row && row->departure && row->causes & BIT_ULL(ev->cause & 63))
		fs->departures |= BIT(row->departure);
	if (ev->flags & TCPFSM_F_SINCE && ev->cause == TCPFSM_C_SYN_TIMEOUT && ev->ns < SYN_R2_NS)
		fs->departures |= BIT(DEPARTURE_SYN_RETRIES);
	if (ev->flags & TCPFSM_F_SINCE && ev->cause == TCPFSM_C_2MSL && ev->ns < MSL_2_NS)
		fs->departures |= BIT(DEPARTURE_TIME_WAIT_60);
	if (ev->state == TCPFSM_S_TIME_WAIT && ev->old_state == TCPFSM_S_FIN_WAIT_2 &&
	    c->fin_number && c->fin_number == c->ack_number)
		fs->departures |= BIT(DEPARTURE_TWO_STEPS);
	if (!by_rst(ev, s) || !(s->known & TCPFSM_SEG_SEQ))
		return;
	if (ev->old_state == TCPFSM_S_SYN_RECEIVED && peer->known & END_ISN &&
	    !peer->syn_data && s->seq != peer->isn + 1)
		fs->departures |= BIT(DEPARTURE_RST_IN_WINDOW);
	if (HAS_FIN & BIT(ev->old_state) && peer->known & END_FIN && s->seq == peer->fin)
		fs->departures |= BIT(DEPARTURE_RST_AT_FIN);
}

/**
 * rules_move() - ask the rules of a transition and of the segment that made it
 * @c: what is known of the connection
 * @ev: the transition, between states that are known
 * @fs: what comes of it
 *
 * Context: any.
 */
void rules_move(struct conn *c, const struct event *ev, struct findings *fs)
{
	const struct end *we = &c->end[TCPFSM_DIR_OUT];
	const struct tcpfsm_segment *s = NULL;
	struct arrival *a = taken(c, ev);
	struct finding f;
	unsigned int i;

	if (ev->cause == TCPFSM_C_FAST_OPEN)
		c->fast_open = true;
	if (a) {
		take(c, ev, a, fs);
		s = &a->seg;
	}
	for (i = 0; i < __RULE_MAX; i++) {
		if (rules[i].when != RULE_AT_MOVE || (rules[i].absence && c->gaps))
			continue;
		f = (struct finding){ .rule = i, .dir = TCPFSM_DIR_OUT };
		answer(fs, rules[i].move(c, ev, s, &f), &f);
	}
	depart(c, ev, s, fs);
	/* what we sent is as much a part of it */
	if ((ev->cause == TCPFSM_C_RCV_SYNACK && !(we->known & END_ISN)) ||
	    (ev->cause == TCPFSM_C_RCV_ACK_OF_FIN && !(we->known & END_FIN)))
		c->unseen = true;
}

/**
 * rules_end() - ask the rules of the whole connection
 * @c: what is known of it
 * @fs: what comes of it
 *
 * Context: any.
 */
void rules_end(struct conn *c, struct findings *fs)
{
	enum rule_answer a;
	struct finding f;
	unsigned int i;

	for (i = 0; i < __RULE_MAX; i++) {
		if (rules[i].when != RULE_AT_END || (rules[i].absence && c->gaps))
			continue;
		f = (struct finding){ .rule = i, .dir = TCPFSM_DIR_OUT };
		a = rules[i].end(c, &f);
		answer(fs, a, &f);
	}
}
