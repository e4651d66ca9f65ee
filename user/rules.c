// SPDX-License-Identifier: GPL-2.0
/*
 * The rules as a table. Each looks at one segment, one transition or a whole connection,
 * and says whether it was kept; conn.c asks them where all they need is known.
 * Sequence numbers wrap, so they are only compared where less than 2^31 lies
 * between them: never with an initial number once data may have flowed.
 */
#include "fsm.h"
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
#define SYNCHED	(S(SYN_RECEIVED) | S(ESTABLISHED) | S(FIN_WAIT_1) | S(FIN_WAIT_2) | \
		 S(CLOSE_WAIT) | S(CLOSING) | S(LAST_ACK) | S(TIME_WAIT))
#define ANY	0xffff

/* The window of a SYN,ACK is not scaled yet. */
#define OPENING_WINDOW	65535

#define TIME_WAIT_NS	59000000000ULL	/* TCP_TIMEWAIT_LEN less a second for coarse timers */

static bool equals(struct finding *f, uint32_t got, uint32_t want)
{
	f->numbers = true;
	f->got = got;
	f->want = want;
	return got == want;
}

/* 3.4: a SYN sent again is the same SYN. */
static bool syn_seq(const struct conn *c, const struct tcpfsm_segment *s, struct finding *f)
{
	return equals(f, s->seq, conn_sender(c, s)->isn);
}

/*
 * With Fast Open (RFC 7413, 4.2.2) any part of the data may be acknowledged along. How
 * much there was is not known where the SYN was seen before it was put together.
 */
static bool synack_ack(const struct conn *c, const struct tcpfsm_segment *s, struct finding *f)
{
	const struct end *r = conn_receiver(c, s);
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
	const struct end *e = conn_sender(c, s);
	bool bare = s->known & TCPFSM_SEG_LEN && !s->len && !(s->tcp_flags & FIN);
	uint32_t seq = s->seq - (s->tcp_flags & FIN ? s->len : 0);
	uint32_t slack = e->syn_data ? e->syn_len : 0;

	if (!bare || c->resent || c->gaps || c->fast_open)
		slack = OPENING_WINDOW;
	return equals(f, seq, e->isn + 1) || seq - (e->isn + 1) <= slack;
}

static bool third_ack(const struct conn *c, const struct tcpfsm_segment *s, struct finding *f)
{
	const struct end *r = conn_receiver(c, s);

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
	const struct end *r = conn_receiver(c, s);

	return equals(f, s->ack, r->fin + 1) || !seq_after(s->ack, r->fin + 1);
}

/* 3.4: the FIN counts one, and is the last; sent again it is the same. */
static bool fin_seq(const struct conn *c, const struct tcpfsm_segment *s, struct finding *f)
{
	return equals(f, s->seq, conn_sender(c, s)->fin);
}

static bool data_after_fin(const struct conn *c, const struct tcpfsm_segment *s,
			   struct finding *f)
{
	uint32_t fin = conn_sender(c, s)->fin;

	return equals(f, s->seq + s->len, fin) || !s->len || !seq_after(s->seq + s->len, fin);
}

static bool acks_fin(const struct conn *c, const struct tcpfsm_segment *s, struct finding *f)
{
	return equals(f, s->ack, conn_receiver(c, s)->fin + 1);
}

static bool wscale_offer(const struct conn *c, const struct tcpfsm_segment *s, struct finding *f)
{
	(void)f;
	return !(s->known & TCPFSM_SEG_WSCALE) || conn_receiver(c, s)->syn_opts & TCPFSM_SEG_WSCALE;
}

static bool wscale_max(const struct conn *c, const struct tcpfsm_segment *s, struct finding *f)
{
	(void)c;
	return equals(f, s->wscale, 14) || s->wscale < 14;
}

static bool ts_offer(const struct conn *c, const struct tcpfsm_segment *s, struct finding *f)
{
	(void)f;
	return !(s->known & TCPFSM_SEG_TS) || conn_receiver(c, s)->syn_opts & TCPFSM_SEG_TS;
}

static bool ts_echo(const struct conn *c, const struct tcpfsm_segment *s, struct finding *f)
{
	const struct end *r = conn_receiver(c, s);

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

static enum rule_answer rst_syn_sent(const struct conn *c, const struct event *ev,
				     const struct tcpfsm_segment *s, struct finding *f)
{
	const struct end *we = &c->end[TCPFSM_DIR_OUT];

	if (!conn_reset_by(ev, s) || ev->old_state != TCPFSM_S_SYN_SENT)
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

	if (!conn_reset_by(ev, s) || ev->old_state != TCPFSM_S_SYN_RECEIVED ||
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

	if (!conn_reset_by(ev, s) || ev->old_state > TCPFSM_S_MAX ||
	    !(CONN_HAS_FIN & BIT(ev->old_state)) ||
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
		.dirs = BOTH, .set = SYN, .clear = RST, .states = CONN_OPENING,
		.needs = TCPFSM_SEG_SEQ, .sender = END_ISN, .segment = syn_seq,
	},
	[RULE_SYNACK_ACK] = {
		.name = "synack-ack", .section = "RFC 9293, 3.5", .when = RULE_AT_SEGMENT,
		.text = "a SYN,ACK acknowledges ISS+1, and data only with Fast Open",
		.dirs = BOTH, .set = SYN | ACK, .clear = RST, .states = CONN_OPENING,
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
		.dirs = OUT, .set = FIN | ACK, .clear = SYN | RST, .states = CONN_HAS_FIN,
		.needs = TCPFSM_SEG_ACK, .receiver = END_FIN, .segment = acks_fin,
	},
	[RULE_ACK_AFTER_FIN] = {
		.name = "ack-after-fin", .section = "RFC 9293, 3.10.7.4",
		.when = RULE_AT_SEGMENT,
		.text = "after the peer's FIN every segment acknowledges it",
		.dirs = OUT, .set = ACK, .clear = SYN | RST | FIN, .states = CONN_HAS_FIN,
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
		.dirs = BOTH, .set = SYN | ACK, .clear = RST, .states = CONN_OPENING,
		.needs = TCPFSM_SEG_OPTIONS, .receiver = END_OPTIONS, .absence = true,
		.segment = wscale_offer,
	},
	[RULE_WSCALE_MAX] = {
		.name = "wscale-max", .section = "RFC 7323, 2.3", .when = RULE_AT_SEGMENT,
		.text = "a window is scaled by 14 at most",
		.dirs = BOTH, .set = SYN, .clear = RST, .states = CONN_OPENING,
		.needs = TCPFSM_SEG_WSCALE, .segment = wscale_max,
	},
	[RULE_TS_OFFER] = {
		.name = "ts-offer", .section = "RFC 7323, 3.2", .when = RULE_AT_SEGMENT,
		.text = "a SYN,ACK has the timestamps option only if the SYN had it",
		.dirs = BOTH, .set = SYN | ACK, .clear = RST, .states = CONN_OPENING,
		.needs = TCPFSM_SEG_OPTIONS, .receiver = END_OPTIONS, .absence = true,
		.segment = ts_offer,
	},
	[RULE_TS_ECHO] = {
		.name = "ts-echo", .section = "RFC 7323, 3.2", .when = RULE_AT_SEGMENT,
		.text = "a SYN,ACK echoes the timestamp of the SYN",
		.dirs = BOTH, .set = SYN | ACK, .clear = RST, .states = CONN_OPENING,
		.needs = TCPFSM_SEG_TSECR, .receiver = END_TSVAL, .absence = true,
		.segment = ts_echo,
	},
	[RULE_COOKIE_LEN] = {
		.name = "cookie-len", .section = "RFC 7413, 4.1.1", .when = RULE_AT_SEGMENT,
		.text = "a Fast Open cookie has 4 to 16 bytes, an even number",
		.dirs = BOTH, .set = SYN, .clear = RST, .states = CONN_OPENING,
		.needs = TCPFSM_SEG_COOKIE, .segment = cookie_len,
	},
};

_Static_assert(__RULE_MAX <= 64, "more rules than bits");
