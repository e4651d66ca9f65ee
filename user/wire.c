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
 *
 * Memory is bounded: of too many connections the one that was quiet for longest is
 * forgotten. Ended ones are kept until then, for late segments are not a beginning.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "wire.h"
#include "util.h"

#define NONE	UINT32_MAX

#define SYN	TCPFSM_TH_SYN
#define ACK	TCPFSM_TH_ACK
#define FIN	TCPFSM_TH_FIN
#define RST	TCPFSM_TH_RST

#define S(s)	TCPFSM_S_##s

/**
 * struct wire_end - one end of a connection
 * @cookie: who it is
 * @since: when it entered @state
 * @isn: its initial sequence number
 * @nxt: all before this has been sent without a gap
 * @fin: number of its FIN
 * @state: enum tcpfsm_state, TCPFSM_S_UNKNOWN when it never had one
 * @has_since: @since is known
 * @has_isn: @isn is known
 * @has_nxt: @nxt is known
 * @has_fin: @fin is known
 * @fin_acked: the other end has acknowledged it
 * @fin_waits: it has not arrived
 * @fin_gap: nor has all that was sent before it
 * @fin_acks: it is the first to acknowledge the other end's FIN
 * @has_syn: @syn is known
 * @stray: @syn came in the midst of a connection
 * @told: the other end was told of @syn
 * @synacked: it has sent a SYN,ACK
 * @syns: SYNs sent again
 * @synacks: SYN,ACKs sent again
 * @fins: FINs sent again
 * @syn: its latest SYN
 * @fin_seg: its FIN
 */
struct wire_end {
	uint64_t		cookie;
	uint64_t		since;
	uint32_t		isn;
	uint32_t		nxt;
	uint32_t		fin;
	uint8_t			state;
	bool			has_since;
	bool			has_isn;
	bool			has_nxt;
	bool			has_fin;
	bool			fin_acked;
	bool			fin_waits;
	bool			fin_gap;
	bool			fin_acks;
	bool			has_syn;
	bool			stray;
	bool			told;
	bool			synacked;
	uint16_t		syns;
	uint16_t		synacks;
	uint16_t		fins;
	struct tcpfsm_segment	syn;
	struct tcpfsm_segment	fin_seg;
};

/* Addresses and ports of end 0, then of end 1 */
struct wire_key {
	uint8_t		addr[2][16];
	__be16		port[2];
	uint16_t	family;
};

/**
 * struct wire_conn - a connection
 * @key: which
 * @next: of the list by time
 * @prev: of the list by time
 * @older: its beginning was not captured
 * @end: its ends
 */
struct wire_conn {
	struct wire_key	key;
	uint32_t	next;
	uint32_t	prev;
	bool		older;
	struct wire_end	end[2];
};

static bool has_ack(const struct tcpfsm_segment *seg)
{
	return seg->tcp_flags & ACK;
}

static bool before(uint32_t a, uint32_t b)
{
	return (int32_t)(a - b) < 0;
}

/* Which connection, and from which of its ends: the one with the lower address is end 0. */
static unsigned int key_of(const struct packet *p, struct wire_key *key)
{
	int order = memcmp(p->src, p->dst, 16);
	unsigned int s;

	memset(key, 0, sizeof(*key));
	s = order > 0 || (!order && memcmp(&p->sport, &p->dport, 2) > 0);
	memcpy(key->addr[s], p->src, 16);
	memcpy(key->addr[!s], p->dst, 16);
	key->port[s] = p->sport;
	key->port[!s] = p->dport;
	key->family = p->family;
	return s;
}

static size_t home(const struct wire *w, const struct wire_key *key)
{
	const uint8_t *at = (const void *)key;
	uint64_t h = 0xcbf29ce484222325ULL;
	size_t i;

	for (i = 0; i < sizeof(*key); i++)
		h = (h ^ at[i]) * 0x100000001b3ULL;
	return (h ^ h >> 29) & w->mask;
}

static size_t find_slot(const struct wire *w, const struct wire_key *key)
{
	size_t i = home(w, key);

	while (w->slots[i] && memcmp(&w->conns[w->slots[i] - 1].key, key, sizeof(*key)))
		i = (i + 1) & w->mask;
	return i;
}

/* Take a slot out, and close the gap it leaves in its chain. */
static void free_slot(struct wire *w, size_t i)
{
	size_t k = i;

	for (;;) {
		w->slots[i] = 0;
		do {
			k = (k + 1) & w->mask;
			if (!w->slots[k])
				return;
		} while (((k - home(w, &w->conns[w->slots[k] - 1].key)) & w->mask) <
			 ((k - i) & w->mask));
		w->slots[i] = w->slots[k];
		i = k;
	}
}

static void list_del(struct wire *w, struct wire_conn *c)
{
	if (c->prev == NONE)
		w->oldest = c->next;
	else
		w->conns[c->prev].next = c->next;
	if (c->next == NONE)
		w->newest = c->prev;
	else
		w->conns[c->next].prev = c->prev;
}

static void list_add(struct wire *w, struct wire_conn *c)
{
	c->next = NONE;
	c->prev = w->newest;
	if (w->newest == NONE)
		w->oldest = c - w->conns;
	else
		w->conns[w->newest].next = c - w->conns;
	w->newest = c - w->conns;
}

/* It is in a state that a connection is in. */
static bool lives(const struct wire_end *e)
{
	return e->state != S(UNKNOWN) && e->state != S(CLOSED);
}

static bool over(const struct wire_end *e)
{
	return !lives(e) || e->state == S(TIME_WAIT);
}

static struct wire_conn *find(struct wire *w, const struct wire_key *key)
{
	size_t slot = find_slot(w, key);
	struct wire_conn *c;

	if (!w->slots[slot])
		return NULL;
	c = &w->conns[w->slots[slot] - 1];
	list_del(w, c);
	list_add(w, c);
	return c;
}

static void fresh(struct wire *w, struct wire_conn *c)
{
	memset(c->end, 0, sizeof(c->end));
	c->older = false;
	c->end[0].cookie = ++w->cookies;
	c->end[1].cookie = ++w->cookies;
}

static struct wire_conn *add(struct wire *w, const struct wire_key *key)
{
	struct wire_conn *c;

	if (w->used < w->max) {
		c = &w->conns[w->used++];
	} else {
		c = &w->conns[w->oldest];
		w->evicted += !over(&c->end[0]) || !over(&c->end[1]);
		free_slot(w, find_slot(w, &c->key));
		list_del(w, c);
	}
	c->key = *key;
	fresh(w, c);
	w->slots[find_slot(w, key)] = c - w->conns + 1;
	list_add(w, c);
	return c;
}

/* The next free place in the queue, which has room for all one segment makes */
static struct event *make(struct wire *w, const struct wire_conn *c, unsigned int side,
			  unsigned int kind)
{
	struct event *ev = &w->queue[w->tail++ % WIRE_EVENTS];
	const struct wire_key *k = &c->key;

	*ev = (struct event){
		.kind = kind, .wire = true, .ts = w->now, .seq = w->seq++,
		.id = { .cookie = c->end[side].cookie, .family = k->family,
			.lport = k->port[side], .rport = k->port[!side] },
	};
	memcpy(ev->id.laddr, k->addr[side], 16);
	memcpy(ev->id.raddr, k->addr[!side], 16);
	return ev;
}

/* An end met a segment; @cookie is 0 when no connection of its did. */
static void tell(struct wire *w, const struct wire_conn *c, unsigned int side, unsigned int dir,
		 const struct tcpfsm_segment *seg, bool nobody)
{
	struct event *ev = make(w, c, side, TCPFSM_K_SEGMENT);

	ev->seg = *seg;
	ev->seg.dir = dir;
	ev->seg.state = nobody ? S(CLOSED) : c->end[side].state;
	ev->state = ev->seg.state;
	if (nobody)
		ev->id.cookie = 0;
}

static void move(struct wire *w, struct wire_conn *c, unsigned int side, unsigned int to,
		 unsigned int cause)
{
	struct wire_end *e = &c->end[side];
	struct event *ev = make(w, c, side, TCPFSM_K_STATE);

	ev->old_state = e->state;
	if (e->state == S(UNKNOWN))
		ev->old_state = to == S(SYN_RECEIVED) ? S(LISTEN) : S(CLOSED);
	ev->state = to;
	ev->cause = cause;
	if (!lives(e) || e->state == S(LISTEN)) {
		ev->flags |= TCPFSM_F_SINCE;
	} else if (e->has_since) {
		ev->flags |= TCPFSM_F_SINCE;
		ev->ns = w->now - e->since;
	}
	if (c->older)
		ev->flags |= TCPFSM_F_PREEXISTING;
	e->state = to;
	e->since = w->now;
	e->has_since = true;
}

/* Both ends meet a segment that was captured. */
static void both(struct wire *w, const struct wire_conn *c, unsigned int s,
		 const struct tcpfsm_segment *seg)
{
	if (lives(&c->end[s]))
		tell(w, c, s, TCPFSM_DIR_OUT, seg, false);
	if (lives(&c->end[!s]))
		tell(w, c, !s, TCPFSM_DIR_IN, seg, false);
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
	tell(w, c, !from, TCPFSM_DIR_IN, &seg, nobody);
}

/* The end a SYN came to had no connection: it is in LISTEN as it does. */
static void accept_syn(struct wire *w, struct wire_conn *c, unsigned int s, unsigned int cause)
{
	if (c->end[s].state == S(UNKNOWN))
		c->end[s].state = S(LISTEN);
	tell_syn(w, c, !s, false);
	move(w, c, s, S(SYN_RECEIVED), cause);
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
	move(w, c, s, S(SYN_SENT), TCPFSM_C_CONNECT);
	tell(w, c, s, TCPFSM_DIR_OUT, &seg, false);
}

/* The same ends begin anew; why TIME_WAIT ended, nobody knows. */
static void restart(struct wire *w, struct wire_conn *c)
{
	unsigned int i;

	for (i = 0; i < 2; i++)
		if (c->end[i].state == S(TIME_WAIT))
			move(w, c, i, S(CLOSED), TCPFSM_C_UNKNOWN);
	fresh(w, c);
}

static void on_syn(struct wire *w, struct wire_conn *c, unsigned int s, const struct packet *p)
{
	struct tcpfsm_segment seg = p->seg;
	struct wire_end *e = &c->end[s];

	if (e->has_isn && e->isn == p->seq && lives(e)) {
		count(&seg, ++e->syns);
		tell(w, c, s, TCPFSM_DIR_OUT, &seg, false);
		if (e->told && lives(&c->end[!s]))
			tell(w, c, !s, TCPFSM_DIR_IN, &seg, false);
		return;
	}
	if (over(e) && c->end[!s].state == S(SYN_SENT)) {
		start(w, c, s, p);
	} else if (over(e) && over(&c->end[!s])) {
		restart(w, c);
		start(w, c, s, p);
	} else {
		/* illegal, or the connection's end was not captured: the answer tells */
		e->syn = seg;
		e->has_syn = true;
		e->stray = true;
		both(w, c, s, &seg);
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

	if (!lives(e))
		return;
	/* a simultaneous open: the other end's SYN came first */
	if (e->state == S(SYN_SENT) && good && c->end[!r].has_syn)
		accept_syn(w, c, r, TCPFSM_C_RCV_SYN);
	tell(w, c, r, TCPFSM_DIR_IN, seg, false);
	if (good && (e->state == S(SYN_SENT) || e->state == S(SYN_RECEIVED)))
		move(w, c, r, S(ESTABLISHED), TCPFSM_C_RCV_SYNACK);
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
		restart(w, c);
		start(w, c, !s, &first);
	}
	if (over(&c->end[s]) && over(peer) && !peer->has_isn)
		older_syn(c, s, p);
	else if (over(&c->end[s]) && over(peer))
		return;
	send_synack(w, c, s, p);
	count(&seg, c->end[s].synacks);
	tell(w, c, s, TCPFSM_DIR_OUT, &seg, false);
	get_synack(w, c, !s, &seg);
}

/* A FIN reached an end. */
static void get_fin(struct wire *w, struct wire_conn *c, unsigned int r)
{
	switch (c->end[r].state) {
	case S(SYN_RECEIVED):
	case S(ESTABLISHED):
		move(w, c, r, S(CLOSE_WAIT), TCPFSM_C_RCV_FIN);
		break;
	case S(FIN_WAIT_1):
		move(w, c, r, S(CLOSING), TCPFSM_C_RCV_FIN);
		break;
	case S(FIN_WAIT_2):
		move(w, c, r, S(TIME_WAIT), TCPFSM_C_RCV_FIN);
		break;
	}
}

static void get_ack_of_fin(struct wire *w, struct wire_conn *c, unsigned int r)
{
	switch (c->end[r].state) {
	case S(FIN_WAIT_1):
		move(w, c, r, S(FIN_WAIT_2), TCPFSM_C_RCV_ACK_OF_FIN);
		break;
	case S(CLOSING):
		move(w, c, r, S(TIME_WAIT), TCPFSM_C_RCV_ACK_OF_FIN);
		break;
	case S(LAST_ACK):
		move(w, c, r, S(CLOSED), TCPFSM_C_RCV_ACK_OF_FIN);
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
		move(w, c, s, S(LAST_ACK), TCPFSM_C_UNKNOWN);
	else if (e->state == S(ESTABLISHED) || e->state == S(SYN_RECEIVED))
		move(w, c, s, S(FIN_WAIT_1), TCPFSM_C_UNKNOWN);
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
		move(w, c, r, S(ESTABLISHED), TCPFSM_C_RCV_ACK);
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
	if (!lives(&c->end[r]))
		return;
	tell(w, c, r, TCPFSM_DIR_IN, &from->fin_seg, false);
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
	if (lives(e))
		tell(w, c, s, TCPFSM_DIR_OUT, &seg, false);
	if (first) {
		e->fin_waits = true;
		e->fin_gap = e->has_nxt && before(e->nxt, p->seq);
		e->fin_acks = acks;
		e->fin_seg = seg;
	} else if (e->fin_waits) {
		/* sent again: this one may be it */
		e->fin_acks |= acks;
	} else if (lives(&c->end[!s])) {
		tell(w, c, !s, TCPFSM_DIR_IN, &seg, false);
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
			both(w, c, s, seg);
		if (lives(peer))
			get(w, c, !s, seg, acks);
	}
	advance(e, p);
	/* acknowledged, so it was sent, captured or not */
	if (has_ack(seg) && peer->has_nxt && before(peer->nxt, seg->ack) &&
	    (!peer->has_fin || !before(peer->fin + 1, seg->ack)))
		peer->nxt = seg->ack;
}

/* A segment with a number the other end expects, or as good as that */
static bool expected(const struct wire_end *e, uint32_t seq)
{
	return !e->has_nxt || seq == e->nxt;
}

static void refused(struct wire *w, struct wire_conn *c, unsigned int s,
		    const struct tcpfsm_segment *seg)
{
	tell_syn(w, c, !s, true);
	tell(w, c, s, TCPFSM_DIR_OUT, seg, true);
	tell(w, c, !s, TCPFSM_DIR_IN, seg, false);
	if (seg->tcp_flags & ACK && acks_syn(&c->end[!s], seg))
		move(w, c, !s, S(CLOSED), TCPFSM_C_RCV_RST);
}

static void on_rst(struct wire *w, struct wire_conn *c, unsigned int s, const struct packet *p)
{
	struct wire_end *peer = &c->end[!s];
	struct wire_end *e = &c->end[s];
	bool good = expected(e, p->seq);

	if (peer->state == S(SYN_SENT) && !lives(e)) {
		refused(w, c, s, &p->seg);
		return;
	}
	/* it acknowledges the other end's FIN, or comes behind its own */
	if (has_ack(&p->seg) && peer->has_fin && !before(p->seg.ack, peer->fin + 1))
		deliver_fin(w, c, s);
	if (!e->fin_gap)
		deliver_fin(w, c, !s);
	/* who is not in the connection any more, or refuses a segment, stays as it is */
	if (lives(e) && e->state > S(SYN_SENT) && e->state != S(TIME_WAIT) && good) {
		move(w, c, s, S(CLOSED), TCPFSM_C_UNKNOWN);
		tell(w, c, s, TCPFSM_DIR_OUT, &p->seg, false);
	} else {
		tell(w, c, s, TCPFSM_DIR_OUT, &p->seg, !lives(e));
	}
	if (!lives(peer))
		return;
	tell(w, c, !s, TCPFSM_DIR_IN, &p->seg, false);
	if (peer->state == S(SYN_SENT))
		good = p->seg.tcp_flags & ACK && acks_syn(peer, &p->seg);
	if (good)
		move(w, c, !s, S(CLOSED), TCPFSM_C_RCV_RST);
}

/* A connection that was there before the capture began */
static struct wire_conn *add_older(struct wire *w, const struct wire_key *key)
{
	struct wire_conn *c = add(w, key);

	c->older = true;
	c->end[0].state = S(ESTABLISHED);
	c->end[1].state = S(ESTABLISHED);
	return c;
}

static void stray_rst(struct wire *w, const struct wire_key *key, unsigned int s,
		      const struct packet *p)
{
	const struct wire_conn c = { .key = *key };

	tell(w, &c, s, TCPFSM_DIR_OUT, &p->seg, true);
	tell(w, &c, !s, TCPFSM_DIR_IN, &p->seg, true);
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
	unsigned int s = key_of(p, &key);

	if (ts > w->now)
		w->now = ts;
	c = find(w, &key);
	if (flags & RST) {
		if (c)
			on_rst(w, c, s, p);
		else
			stray_rst(w, &key, s, p);
		return;
	}
	if (flags & SYN) {
		if (!c)
			c = add(w, &key);
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

/**
 * wire_pop() - the next event a segment made
 * @w: connections in sight
 * @ev: set
 *
 * Context: any.
 * Return: false when there is none.
 */
bool wire_pop(struct wire *w, struct event *ev)
{
	if (w->head == w->tail)
		return false;
	*ev = w->queue[w->head++ % WIRE_EVENTS];
	return true;
}

/**
 * wire_init() - begin with no connection
 * @w: set; wire_free() it in any case
 * @max: connections that fit
 *
 * Context: any; allocates.
 * Return: 0 or -ENOMEM.
 */
int wire_init(struct wire *w, size_t max)
{
	size_t slots = 1;

	memset(w, 0, sizeof(*w));
	while (slots < 2 * max)
		slots *= 2;
	w->max = max;
	w->mask = slots - 1;
	w->oldest = NONE;
	w->newest = NONE;
	w->conns = calloc(max, sizeof(*w->conns));
	w->slots = calloc(slots, sizeof(*w->slots));
	return w->conns && w->slots ? 0 : -ENOMEM;
}

/**
 * wire_free() - forget all
 * @w: what wire_init() set
 *
 * Context: any.
 */
void wire_free(struct wire *w)
{
	free(w->conns);
	free(w->slots);
	w->conns = NULL;
	w->slots = NULL;
}
