// SPDX-License-Identifier: GPL-2.0
/*
 * A capture shows segments and no states. What each end must have been in follows
 * from what it sent, and from what it was sent if that arrived:
 *
 * - What was captured is taken to have arrived. A FIN arrives when the other end
 *   acknowledges it, or when what its sender sent later does: FINs may cross, and
 *   until then the other end behaves as if there were none.
 * - Nobody knows whether a listener took a SYN before it answers: it is told of, and
 *   so is SYN_RECEIVED, when the SYN,ACK is seen.
 * - close() and shutdown() look alike, and so do the ways to abort: the cause is
 *   unknown. There is no owner. No timer is seen, so TIME_WAIT has no end.
 * - A connection whose SYN was not captured is older than the capture.
 */
#include "wire_conn.h"

#define SYN	TCPFSM_TH_SYN
#define ACK	TCPFSM_TH_ACK
#define FIN	TCPFSM_TH_FIN
#define RST	TCPFSM_TH_RST

#define S(s)	TCPFSM_S_##s

static bool has_ack(const struct tcpfsm_segment *seg)
{
	return seg->tcp_flags & ACK;
}

static bool before(uint32_t a, uint32_t b)
{
	return (int32_t)(a - b) < 0;
}

static void count(struct tcpfsm_segment *seg, unsigned int again)
{
	seg->known |= TCPFSM_SEG_RETRANS;
	seg->retrans = again;
}

/* An end answers as it does only after a SYN: tell of that one now. */
static void tell_syn(struct wire *w, struct wire_conn *c, unsigned int from, bool nobody)
{
	struct wire_end *e = &c->end[from];
	struct tcpfsm_segment seg = e->syn;

	if (!e->has_syn || e->told)
		return;
	e->told = true;
	if (nobody)
		seg.fate = TCPFSM_FATE_RESET;
	wire_tell(w, c, !from, TCPFSM_DIR_IN, &seg, nobody);
}

/* The end a SYN came to had no connection: it is in LISTEN as it does. */
static void accept_syn(struct wire *w, struct wire_conn *c, unsigned int s, unsigned int cause)
{
	if (c->end[s].state == S(UNKNOWN))
		c->end[s].state = S(LISTEN);
	tell_syn(w, c, !s, false);
	wire_move(w, c, s, S(SYN_RECEIVED), cause);
}

static void start(struct wire *w, struct wire_conn *c, unsigned int s, const struct packet *p)
{
	struct wire_end *e = &c->end[s];
	struct tcpfsm_segment seg = p->seg;

	count(&seg, 0);
	e->isn = p->seq;
	e->nxt = p->seq + 1 + p->seg.len;
	e->has_isn = true;
	e->has_nxt = true;
	e->syn = seg;
	e->has_syn = true;
	e->told = false;
	e->stray = false;
	wire_move(w, c, s, S(SYN_SENT), TCPFSM_C_CONNECT);
	wire_tell(w, c, s, TCPFSM_DIR_OUT, &seg, false);
}

static void on_syn(struct wire *w, struct wire_conn *c, unsigned int s, const struct packet *p)
{
	struct tcpfsm_segment seg = p->seg;
	struct wire_end *e = &c->end[s];

	if (e->has_isn && e->isn == p->seq && wire_lives(e)) {
		count(&seg, ++e->syns);
		wire_tell(w, c, s, TCPFSM_DIR_OUT, &seg, false);
		if (e->told && wire_lives(&c->end[!s]))
			wire_tell(w, c, !s, TCPFSM_DIR_IN, &seg, false);
		return;
	}
	if (wire_over(e) && c->end[!s].state == S(SYN_SENT)) {
		start(w, c, s, p);
	} else if (wire_over(e) && wire_over(&c->end[!s])) {
		wire_restart(w, c);
		start(w, c, s, p);
	} else {
		/* illegal, or the connection's end was not captured: the answer tells */
		e->syn = seg;
		e->has_syn = true;
		e->stray = true;
		wire_tell_both(w, c, s, &seg);
	}
}

/* Whether an acknowledgment is of a SYN, and perhaps of data that came along */
static bool acks_syn(const struct wire_end *e, const struct tcpfsm_segment *seg)
{
	return e->has_isn && seg->ack - (e->isn + 1) <= (e->has_syn ? e->syn.len : 0);
}

static void send_synack(struct wire *w, struct wire_conn *c, unsigned int s,
			const struct packet *p)
{
	struct wire_end *peer = &c->end[!s];
	struct wire_end *e = &c->end[s];
	bool data = peer->has_isn && before(peer->isn + 1, p->seg.ack);

	if (e->state == S(UNKNOWN) || e->state == S(CLOSED) || e->state == S(SYN_SENT))
		accept_syn(w, c, s, data && e->state != S(SYN_SENT) ? TCPFSM_C_FAST_OPEN
								    : TCPFSM_C_RCV_SYN);
	else if (e->synacked && e->isn == p->seq)
		e->synacks++;
	e->synacked = true;
	if (!e->has_isn || e->isn != p->seq) {
		e->isn = p->seq;
		e->nxt = p->seq + 1;
		e->has_isn = true;
		e->has_nxt = true;
	}
}

static void get_synack(struct wire *w, struct wire_conn *c, unsigned int r,
		       const struct tcpfsm_segment *seg)
{
	struct wire_end *e = &c->end[r];
	bool good = acks_syn(e, seg);

	if (!wire_lives(e))
		return;
	/* a simultaneous open: the other end's SYN came first */
	if (e->state == S(SYN_SENT) && good && c->end[!r].has_syn)
		accept_syn(w, c, r, TCPFSM_C_RCV_SYN);
	wire_tell(w, c, r, TCPFSM_DIR_IN, seg, false);
	if (good && (e->state == S(SYN_SENT) || e->state == S(SYN_RECEIVED)))
		wire_move(w, c, r, S(ESTABLISHED), TCPFSM_C_RCV_SYNACK);
}

/* Its SYN was not captured. */
static void older_syn(struct wire_conn *c, unsigned int s, const struct packet *p)
{
	struct wire_end *peer = &c->end[!s];

	c->older = true;
	peer->state = S(SYN_SENT);
	peer->isn = p->seg.ack - 1;
	peer->nxt = p->seg.ack;
	peer->has_isn = true;
	peer->has_nxt = true;
	c->end[s].state = S(SYN_RECEIVED);
}

static void on_synack(struct wire *w, struct wire_conn *c, unsigned int s,
		      const struct packet *p)
{
	struct wire_end *peer = &c->end[!s];
	struct tcpfsm_segment seg = p->seg;
	struct packet first;

	if (peer->stray && seg.ack == peer->syn.seq + 1) {
		first = (struct packet){ .seq = peer->syn.seq, .seg = peer->syn };
		wire_restart(w, c);
		start(w, c, !s, &first);
	}
	if (wire_over(&c->end[s]) && wire_over(peer) && !peer->has_isn)
		older_syn(c, s, p);
	else if (wire_over(&c->end[s]) && wire_over(peer))
		return;
	send_synack(w, c, s, p);
	count(&seg, c->end[s].synacks);
	wire_tell(w, c, s, TCPFSM_DIR_OUT, &seg, false);
	get_synack(w, c, !s, &seg);
}

/* A FIN reached an end. */
static void get_fin(struct wire *w, struct wire_conn *c, unsigned int r)
{
	switch (c->end[r].state) {
	case S(SYN_RECEIVED):
	case S(ESTABLISHED):
		wire_move(w, c, r, S(CLOSE_WAIT), TCPFSM_C_RCV_FIN);
		break;
	case S(FIN_WAIT_1):
		wire_move(w, c, r, S(CLOSING), TCPFSM_C_RCV_FIN);
		break;
	case S(FIN_WAIT_2):
		wire_move(w, c, r, S(TIME_WAIT), TCPFSM_C_RCV_FIN);
		break;
	}
}

static void get_ack_of_fin(struct wire *w, struct wire_conn *c, unsigned int r)
{
	switch (c->end[r].state) {
	case S(FIN_WAIT_1):
		wire_move(w, c, r, S(FIN_WAIT_2), TCPFSM_C_RCV_ACK_OF_FIN);
		break;
	case S(CLOSING):
		wire_move(w, c, r, S(TIME_WAIT), TCPFSM_C_RCV_ACK_OF_FIN);
		break;
	case S(LAST_ACK):
		wire_move(w, c, r, S(CLOSED), TCPFSM_C_RCV_ACK_OF_FIN);
		break;
	}
}

/* An end sends its FIN: close() or shutdown(), nobody knows. */
static void send_fin(struct wire *w, struct wire_conn *c, unsigned int s,
		     struct tcpfsm_segment *seg)
{
	struct wire_end *e = &c->end[s];

	if (e->has_fin) {
		count(seg, ++e->fins);
		return;
	}
	count(seg, 0);
	e->fin = seg->seq;
	e->has_fin = true;
	if (e->state == S(CLOSE_WAIT))
		wire_move(w, c, s, S(LAST_ACK), TCPFSM_C_UNKNOWN);
	else if (e->state == S(ESTABLISHED) || e->state == S(SYN_RECEIVED))
		wire_move(w, c, s, S(FIN_WAIT_1), TCPFSM_C_UNKNOWN);
}

/* What an end has sent, as far as it goes without a gap */
static void advance(struct wire_end *e, const struct packet *p)
{
	uint32_t end = p->seq + p->seg.len + !!(p->seg.tcp_flags & FIN);

	if (!e->has_nxt || (!before(e->nxt, p->seq) && before(e->nxt, end)))
		e->nxt = end;
	e->has_nxt = true;
}

/* Segments the module would have told of, too */
static bool of_note(const struct wire_end *e, const struct wire_end *peer, const struct packet *p,
		    bool acks)
{
	const struct tcpfsm_segment *seg = &p->seg;

	if (acks || !(seg->tcp_flags & ACK))
		return true;
	if (peer->state == S(SYN_RECEIVED))
		return true;
	if (peer->has_fin && before(peer->fin + 1, seg->ack))
		return true;
	return e->has_fin && seg->len && before(e->fin, p->seq + seg->len);
}

/* What a segment with ACK or data does to the end it comes to */
static void get(struct wire *w, struct wire_conn *c, unsigned int r,
		const struct tcpfsm_segment *seg, bool acks)
{
	struct wire_end *e = &c->end[r];

	if (e->state == S(SYN_RECEIVED) && has_ack(seg) &&
	    (!e->has_isn || (before(e->isn, seg->ack) && !before(e->nxt, seg->ack))))
		wire_move(w, c, r, S(ESTABLISHED), TCPFSM_C_RCV_ACK);
	if (acks)
		get_ack_of_fin(w, c, r);
}

/* The FIN of the other end arrives. */
static void deliver_fin(struct wire *w, struct wire_conn *c, unsigned int r)
{
	struct wire_end *from = &c->end[!r];

	if (!from->fin_waits)
		return;
	from->fin_waits = false;
	if (!wire_lives(&c->end[r]))
		return;
	wire_tell(w, c, r, TCPFSM_DIR_IN, &from->fin_seg, false);
	get(w, c, r, &from->fin_seg, from->fin_acks);
	get_fin(w, c, r);
}

static void on_fin(struct wire *w, struct wire_conn *c, unsigned int s, const struct packet *p,
		   bool acks)
{
	struct wire_end *e = &c->end[s];
	struct tcpfsm_segment seg = p->seg;
	bool first = !e->has_fin;

	if (acks)
		seg.known |= TCPFSM_SEG_FIRST_ACK;
	send_fin(w, c, s, &seg);
	if (wire_lives(e))
		wire_tell(w, c, s, TCPFSM_DIR_OUT, &seg, false);
	if (first) {
		e->fin_waits = true;
		e->fin_gap = e->has_nxt && before(e->nxt, p->seq);
		e->fin_acks = acks;
		e->fin_seg = seg;
	} else if (e->fin_waits) {
		/* sent again: this one may be it, and is it if it acknowledges more */
		e->fin_acks |= acks;
		if (acks)
			e->fin_seg = seg;
	} else if (wire_lives(&c->end[!s])) {
		wire_tell(w, c, !s, TCPFSM_DIR_IN, &seg, false);
		get(w, c, !s, &seg, acks);
	}
}

static void on_other(struct wire *w, struct wire_conn *c, unsigned int s, const struct packet *p)
{
	struct wire_end *peer = &c->end[!s];
	struct wire_end *e = &c->end[s];
	const struct tcpfsm_segment *seg = &p->seg;
	bool acks = false;

	if (has_ack(seg) && peer->has_fin && !peer->fin_acked && !before(seg->ack, peer->fin + 1)) {
		acks = true;
		peer->fin_acked = true;
		deliver_fin(w, c, s);
	}
	if (seg->tcp_flags & FIN) {
		on_fin(w, c, s, p, acks);
	} else {
		if (!e->fin_gap)
			deliver_fin(w, c, !s);
		if (of_note(e, peer, p, acks))
			wire_tell_both(w, c, s, seg);
		if (wire_lives(peer))
			get(w, c, !s, seg, acks);
	}
	advance(e, p);
	/* acknowledged, so it was sent, captured or not */
	if (has_ack(seg) && peer->has_nxt && before(peer->nxt, seg->ack) &&
	    (!peer->has_fin || !before(peer->fin + 1, seg->ack)))
		peer->nxt = seg->ack;
}

/* A RST with the number the other end expects, or, as Linux does, that of its own side's FIN */
static bool expected(const struct wire_end *e, uint32_t seq)
{
	return !e->has_nxt || seq == e->nxt || (e->has_fin && seq == e->fin);
}

static void refused(struct wire *w, struct wire_conn *c, unsigned int s,
		    const struct tcpfsm_segment *seg)
{
	tell_syn(w, c, !s, true);
	wire_tell(w, c, s, TCPFSM_DIR_OUT, seg, true);
	wire_tell(w, c, !s, TCPFSM_DIR_IN, seg, false);
	if (seg->tcp_flags & ACK && acks_syn(&c->end[!s], seg))
		wire_move(w, c, !s, S(CLOSED), TCPFSM_C_RCV_RST);
}

static void on_rst(struct wire *w, struct wire_conn *c, unsigned int s, const struct packet *p)
{
	struct wire_end *peer = &c->end[!s];
	struct wire_end *e = &c->end[s];
	bool good = expected(e, p->seq);

	if (peer->state == S(SYN_SENT) && !wire_lives(e)) {
		refused(w, c, s, &p->seg);
		return;
	}
	/* it acknowledges the other end's FIN, or comes behind its own */
	if (has_ack(&p->seg) && peer->has_fin && !before(p->seg.ack, peer->fin + 1))
		deliver_fin(w, c, s);
	if (!e->fin_gap)
		deliver_fin(w, c, !s);
	/* who is not in the connection any more, or refuses a segment, stays as it is */
	if (wire_lives(e) && e->state > S(SYN_SENT) && e->state != S(TIME_WAIT) && good) {
		wire_move(w, c, s, S(CLOSED), TCPFSM_C_UNKNOWN);
		wire_tell(w, c, s, TCPFSM_DIR_OUT, &p->seg, false);
	} else {
		wire_tell(w, c, s, TCPFSM_DIR_OUT, &p->seg, !wire_lives(e));
	}
	if (!wire_lives(peer))
		return;
	wire_tell(w, c, !s, TCPFSM_DIR_IN, &p->seg, false);
	if (peer->state == S(SYN_SENT))
		good = p->seg.tcp_flags & ACK && acks_syn(peer, &p->seg);
	if (good)
		wire_move(w, c, !s, S(CLOSED), TCPFSM_C_RCV_RST);
}

/* A connection that was there before the capture began */
static struct wire_conn *add_older(struct wire *w, const struct wire_key *key)
{
	struct wire_conn *c = wire_add(w, key);

	c->older = true;
	c->end[0].state = S(ESTABLISHED);
	c->end[1].state = S(ESTABLISHED);
	return c;
}

static void stray_rst(struct wire *w, const struct wire_key *key, unsigned int s,
		      const struct packet *p)
{
	const struct wire_conn c = { .key = *key };

	wire_tell(w, &c, s, TCPFSM_DIR_OUT, &p->seg, true);
	wire_tell(w, &c, !s, TCPFSM_DIR_IN, &p->seg, true);
}

/**
 * wire_packet() - a segment was captured
 * @w: connections in sight
 * @ts: when, in ns; one that lies before the latest counts as that
 * @p: the segment
 *
 * Context: any; wire_pop() what it made before the next one.
 */
void wire_packet(struct wire *w, uint64_t ts, const struct packet *p)
{
	const unsigned int flags = p->seg.tcp_flags;
	struct wire_conn *c;
	struct wire_key key;
	unsigned int s = wire_key_of(p, &key);

	if (ts > w->now)
		w->now = ts;
	c = wire_find(w, &key);
	if (flags & RST) {
		if (c)
			on_rst(w, c, s, p);
		else
			stray_rst(w, &key, s, p);
		return;
	}
	if (flags & SYN) {
		if (!c)
			c = wire_add(w, &key);
		if (flags & ACK)
			on_synack(w, c, s, p);
		else
			on_syn(w, c, s, p);
		return;
	}
	if (!c)
		c = add_older(w, &key);
	on_other(w, c, s, p);
}
