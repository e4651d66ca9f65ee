// SPDX-License-Identifier: GPL-2.0
/*
 * A connection's evidence, and the loop over the rules. A rule is asked only where what
 * it needs is known; one that could not be asked says nothing, neither good nor bad.
 * A segment that came is evidence only once a transition says that it was taken:
 * anybody may send anything, and it is told of before the kernel has looked at it.
 */
#include <string.h>

#include "fsm.h"
#include "rules.h"
#include "util.h"

#define SYN	TCPFSM_TH_SYN
#define ACK	TCPFSM_TH_ACK
#define FIN	TCPFSM_TH_FIN
#define RST	TCPFSM_TH_RST

#define S(s)	BIT(TCPFSM_S_##s)

#define MSL_2_NS	240000000000ULL	/* RFC 9293, 3.4.1: MSL is 2 minutes */
#define SYN_R2_NS	180000000000ULL	/* RFC 9293, 3.8.3: a SYN is tried for 3 minutes */

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

	if ((s->tcp_flags & r->set) != r->set || s->tcp_flags & r->clear)
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
	       (conn_sender(c, s)->known & r->sender) == r->sender &&
	       (conn_receiver(c, s)->known & r->receiver) == r->receiver &&
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

	if (s->tcp_flags & SYN && CONN_OPENING & BIT(s->state))
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

_Static_assert(__RULE_MAX <= 32, "more rules than bits");

/* The rules that are asked of segments of a direction in a state: 1 << enum rule_id */
static uint32_t asked_of(const struct tcpfsm_segment *s)
{
	static uint32_t ids[2][TCPFSM_S_MAX + 1];
	static bool ready;
	unsigned int i, state;

	for (i = 0; !ready && i < __RULE_MAX; i++) {
		if (rules[i].when != RULE_AT_SEGMENT)
			continue;
		for (state = 0; state <= TCPFSM_S_MAX; state++) {
			if (!(rules[i].states & BIT(state)))
				continue;
			if (rules[i].dirs & BIT(TCPFSM_DIR_IN))
				ids[TCPFSM_DIR_IN][state] |= BIT(i);
			if (rules[i].dirs & BIT(TCPFSM_DIR_OUT))
				ids[TCPFSM_DIR_OUT][state] |= BIT(i);
		}
	}
	ready = true;
	return s->state > TCPFSM_S_MAX || s->dir > TCPFSM_DIR_OUT ? 0 : ids[s->dir][s->state];
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
	uint32_t ids;

	for (ids = asked_of(s); ids; ids &= ids - 1)
		ask(c, __builtin_ctz(ids), s, fs);
	learn(c, s);
}

/**
 * conn_sent() - ask the rules of a segment we sent, then learn from it
 * @c: what is known of the connection
 * @s: the segment
 * @fs: what comes of it
 *
 * Context: any.
 */
void conn_sent(struct conn *c, const struct tcpfsm_segment *s, struct findings *fs)
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
 * conn_came() - a segment came; whether it is taken will be seen
 * @c: what is known of the connection
 * @s: the segment
 * @fs: what comes of it
 *
 * Context: any.
 */
void conn_came(struct conn *c, const struct tcpfsm_segment *s, struct findings *fs)
{
	struct end *peer = &c->end[TCPFSM_DIR_IN];

	if (s->dir != TCPFSM_DIR_IN || s->state > TCPFSM_S_MAX)
		return;
	/* the third segment will come again, or data in its place */
	c->resent |= s->fate == TCPFSM_FATE_ACCEPT_QUEUE;
	/* a SYN that an orphan's FIN_WAIT_2 answers with a RST ends it all the same */
	if (s->fate != TCPFSM_FATE_NONE &&
	    !(s->fate == TCPFSM_FATE_RESET && s->tcp_flags & SYN &&
	      s->state == TCPFSM_S_FIN_WAIT_2))
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
		if (s->known & TCPFSM_SEG_SEQ && s->seq == peer->isn &&
		    CONN_OPENING & BIT(s->state))
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
		if (asked_of(&c->reply) & BIT(RULE_ACK_AFTER_FIN))
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
	if (!conn_reset_by(ev, s) || !(s->known & TCPFSM_SEG_SEQ))
		return;
	if (ev->old_state == TCPFSM_S_SYN_RECEIVED && peer->known & END_ISN &&
	    !peer->syn_data && s->seq != peer->isn + 1)
		fs->departures |= BIT(DEPARTURE_RST_IN_WINDOW);
	if (CONN_HAS_FIN & BIT(ev->old_state) && peer->known & END_FIN && s->seq == peer->fin)
		fs->departures |= BIT(DEPARTURE_RST_AT_FIN);
}

/**
 * conn_move() - ask the rules of a transition and of the segment that made it
 * @c: what is known of the connection
 * @ev: the transition, between states that are known
 * @fs: what comes of it
 *
 * Context: any.
 */
void conn_move(struct conn *c, const struct event *ev, struct findings *fs)
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
 * conn_end() - ask the rules of the whole connection
 * @c: what is known of it
 * @fs: what comes of it
 *
 * Context: any.
 */
void conn_end(struct conn *c, struct findings *fs)
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

/**
 * conn_gap() - records were lost that may have been of this connection
 * @c: what is known of it; what was, is no longer
 *
 * Another segment may have come since the last one, and the socket may have closed and connected
 * anew, with other numbers. What follows is judged by what follows.
 *
 * Context: any.
 */
void conn_gap(struct conn *c)
{
	memset(c->end, 0, sizeof(c->end));
	c->fast_open = false;
	c->third_next = false;
	c->last = (struct arrival){ 0 };
	c->last_fin = (struct arrival){ 0 };
	c->has_reply = false;
	c->fin_number = 0;
	c->ack_number = 0;
}
