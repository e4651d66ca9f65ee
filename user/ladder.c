// SPDX-License-Identifier: GPL-2.0
/*
 * The picture of one connection, as rows: which events belong to it, which end each
 * one is of, and which record of a segment sent and of one received are the same
 * segment. How rows look is ladder_text.c's.
 *
 * Two ends are one connection when their addresses and ports mirror each other, as
 * nothing else of one end is known at the other. Two records are one segment when one
 * was sent and the other received, and flags, numbers and timestamp agree as far as
 * both know them.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "clock.h"
#include "ladder.h"

/* A hook may come after the segment it tells of was received by its peer. */
#define HOOK_LATE_NS	NSEC_PER_MSEC

static void addr_of(struct ladder_addr *to, uint16_t family, const uint8_t *addr, __be16 port)
{
	*to = (struct ladder_addr){ .addr = { [10] = 0xff, [11] = 0xff }, .port = port };
	if (family == AF_INET)
		memcpy(to->addr + 12, addr, 4);
	else
		memcpy(to->addr, addr, 16);
}

static bool same_addr(const struct ladder_addr *a, const struct ladder_addr *b)
{
	return a->port == b->port && !memcmp(a->addr, b->addr, sizeof(a->addr));
}

static bool is_connection(const struct event *ev)
{
	return ev->kind != TCPFSM_K_LOST && ev->id.rport;
}

/**
 * ladder_init() - begin a picture
 * @l: set; ladder_free() it in any case
 * @ev: an event of the connection, not taken in yet; not a listener's
 *
 * Context: any; allocates.
 * Return: 0, -EINVAL when the event belongs to no connection, or -ENOMEM.
 */
int ladder_init(struct ladder *l, const struct event *ev)
{
	*l = (struct ladder){ .since = UINT64_MAX };
	if (!is_connection(ev))
		return -EINVAL;
	addr_of(&l->end[0].at, ev->id.family, ev->id.laddr, ev->id.lport);
	addr_of(&l->end[1].at, ev->id.family, ev->id.raddr, ev->id.rport);
	l->events = calloc(LADDER_EVENTS, sizeof(*l->events));
	l->side = calloc(LADDER_EVENTS, sizeof(*l->side));
	return l->events && l->side ? 0 : -ENOMEM;
}

/**
 * ladder_free() - release the memory
 * @l: the picture
 *
 * Context: any.
 */
void ladder_free(struct ladder *l)
{
	free(l->events);
	free(l->side);
	*l = (struct ladder){ 0 };
}

/* Whose event it is by its addresses: index of the end, -1 for another connection's */
static int side_of(const struct ladder *l, const struct event *ev)
{
	struct ladder_addr local, remote;
	int i;

	addr_of(&local, ev->id.family, ev->id.laddr, ev->id.lport);
	addr_of(&remote, ev->id.family, ev->id.raddr, ev->id.rport);
	for (i = 0; i < 2; i++)
		if (same_addr(&local, &l->end[i].at) && same_addr(&remote, &l->end[!i].at))
			return i;
	return -1;
}

/**
 * ladder_bind() - make sure of an end's socket before its events are taken in
 * @l: the picture
 * @ev: an event, of any connection; the later ones have to come first
 *
 * Context: any.
 */
void ladder_bind(struct ladder *l, const struct event *ev)
{
	int side = is_connection(ev) && ev->id.cookie ? side_of(l, ev) : -1;

	if (side < 0 || (l->end[side].cookie && l->end[side].cookie != ev->id.cookie))
		return;
	l->end[side].cookie = ev->id.cookie;
	if (ev->ts < l->since)
		l->since = ev->ts;
}

/**
 * ladder_knows() - whether an event's socket is one of this picture's
 * @l: the picture
 * @ev: the event
 *
 * Context: any.
 * Return: true when its cookie is that of one of the ends.
 */
bool ladder_knows(const struct ladder *l, const struct event *ev)
{
	return ev->kind != TCPFSM_K_LOST && ev->id.cookie &&
	       (ev->id.cookie == l->end[0].cookie || ev->id.cookie == l->end[1].cookie);
}

static void learn_state(struct ladder_end *e, const struct event *ev)
{
	if (e->state == TCPFSM_S_UNKNOWN)
		e->first = ev->old_state;
	e->state = ev->state;
	e->flags = ev->flags;
	if (ev->flags & TCPFSM_F_OWNER)
		e->owner = ev->owner;
	e->active |= ev->state == TCPFSM_S_SYN_SENT;
	e->passive |= ev->old_state == TCPFSM_S_LISTEN;
}

/* What a segment tells of the end that sent it, and of the one that has its record */
static void learn_segment(struct ladder *l, struct ladder_end *e, const struct event *ev)
{
	const struct tcpfsm_segment *s = &ev->seg;
	bool out = s->dir == TCPFSM_DIR_OUT;
	struct ladder_end *from = out ? e : &l->end[e == &l->end[0]];
	bool syn = s->tcp_flags & TCPFSM_TH_SYN;
	bool ack = s->tcp_flags & TCPFSM_TH_ACK;

	e->active |= out && syn && !ack;
	e->passive |= !out && s->state == TCPFSM_S_LISTEN;
	if (!(s->known & TCPFSM_SEG_SEQ) || (!out && from->traced))
		return;		/* anybody may have sent what only came */
	if (syn && !from->has_iss) {
		from->has_iss = true;
		from->iss = s->seq;
	}
	if (s->tcp_flags & TCPFSM_TH_FIN && !syn && s->fate != TCPFSM_FATE_DROPPED) {
		from->has_fin = true;
		from->fin = s->seq;
	}
}

/* Long pictures lose their middle: the beginning and the end tell most. */
static void make_room(struct ladder *l)
{
	const size_t at = LADDER_EVENTS / 2;
	const size_t after = LADDER_EVENTS - at - 1;

	if (l->len < LADDER_EVENTS)
		return;
	memmove(l->events + at, l->events + at + 1, after * sizeof(*l->events));
	memmove(l->side + at, l->side + at + 1, after * sizeof(*l->side));
	l->len--;
	l->left_out++;
}

static void keep(struct ladder *l, const struct event *ev, unsigned int side)
{
	size_t at;

	make_room(l);
	for (at = l->len; at && l->events[at - 1].ts > ev->ts; at--) {
		l->events[at] = l->events[at - 1];
		l->side[at] = l->side[at - 1];
	}
	l->events[at] = *ev;
	l->side[at] = side;
	l->len++;
	l->begun = l->events[0].ts;
}

/* Of no socket, and from before this connection's were there */
static bool older(const struct ladder *l, const struct event *ev)
{
	return l->since != UINT64_MAX && ev->ts < l->since;
}

static bool closed(const struct ladder *l)
{
	unsigned int i;
	bool any = false;

	for (i = 0; i < 2; i++) {
		if (l->end[i].state == TCPFSM_S_UNKNOWN)
			continue;
		if (l->end[i].state != TCPFSM_S_CLOSED)
			return false;
		any = true;
	}
	return any;
}

/**
 * ladder_event() - take in an event, if it belongs to the connection
 * @l: the picture
 * @ev: a transition, a segment, a flow of the table, or a loss, which belongs to all
 *
 * A socket that had these addresses before or has them later is another connection:
 * the first cookie of an end is the one that counts.
 *
 * Context: any.
 * Return: true when it belongs to it.
 */
bool ladder_event(struct ladder *l, const struct event *ev)
{
	struct ladder_end *e;
	int side;

	if (ev->kind == TCPFSM_K_LOST) {
		if (l->len)
			keep(l, ev, 0);
		return l->len;
	}
	side = is_connection(ev) ? side_of(l, ev) : -1;
	if (side < 0)
		return false;
	e = &l->end[side];
	if (e->traced && e->netns != ev->id.netns)
		return false;
	if (ev->id.cookie ? e->cookie && e->cookie != ev->id.cookie : older(l, ev))
		return false;
	/* the table has no news of an end whose transitions are known */
	if (ev->kind == TCPFSM_K_FLOW && e->state != TCPFSM_S_UNKNOWN)
		return true;
	e->traced = true;
	e->netns = ev->id.netns;
	e->family = ev->id.family;
	if (ev->id.cookie)
		e->cookie = ev->id.cookie;
	if (ev->kind == TCPFSM_K_SEGMENT)
		learn_segment(l, e, ev);
	else
		learn_state(e, ev);
	keep(l, ev, side);
	l->ended = closed(l) ? ev->ts : 0;
	return true;
}

/**
 * ladder_verdict() - what is said of one end
 * @l: the picture
 * @cookie: the end's
 * @words: copied
 *
 * Context: any.
 */
void ladder_verdict(struct ladder *l, uint64_t cookie, const char *words)
{
	struct ladder_end *e;
	unsigned int i;

	for (i = 0; i < 2; i++) {
		e = &l->end[i];
		if (!cookie || e->cookie != cookie)
			continue;
		strncpy(e->verdict, words, sizeof(e->verdict) - 1);
		e->verdict[sizeof(e->verdict) - 1] = '\0';
	}
}

static bool server(const struct ladder *l, unsigned int side)
{
	const struct ladder_end *e = &l->end[side];
	const struct ladder_end *other = &l->end[!side];

	return !e->active && (e->passive || other->active);
}

/**
 * ladder_left() - which end the left column is for
 * @l: the picture
 *
 * Context: any.
 * Return: index of the client; of the end of the first event where that is unknown.
 */
unsigned int ladder_left(const struct ladder *l)
{
	return server(l, 0);
}

/**
 * ladder_role() - what an end is called
 * @l: the picture
 * @side: index of the end
 *
 * Context: any.
 * Return: client, server, or A and B where both opened actively or nobody knows.
 */
const char *ladder_role(const struct ladder *l, unsigned int side)
{
	if (server(l, side))
		return "server";
	if (server(l, !side))
		return "client";
	return side ? "B" : "A";
}

/**
 * ladder_bytes() - data an end sent in all
 * @l: the picture
 * @side: index of the end
 * @bytes: set to the bytes between its SYN and its FIN, modulo 2^32
 *
 * Context: any.
 * Return: whether it is known.
 */
bool ladder_bytes(const struct ladder *l, unsigned int side, uint32_t *bytes)
{
	const struct ladder_end *e = &l->end[side];

	*bytes = e->fin - e->iss - 1;
	return e->has_iss && e->has_fin;
}

#define FLAGS (TCPFSM_TH_SYN | TCPFSM_TH_FIN | TCPFSM_TH_RST | TCPFSM_TH_ACK)

static bool agree(const struct tcpfsm_segment *a, const struct tcpfsm_segment *b)
{
	const uint32_t both = a->known & b->known;

	if ((a->tcp_flags ^ b->tcp_flags) & FLAGS)
		return false;
	if (both & TCPFSM_SEG_PSH && a->tcp_flags != b->tcp_flags)
		return false;
	return !(both & TCPFSM_SEG_SEQ && a->seq != b->seq) &&
	       !(both & TCPFSM_SEG_ACK && a->ack != b->ack) &&
	       !(both & TCPFSM_SEG_LEN && a->len != b->len) &&
	       !(both & TCPFSM_SEG_TSVAL && a->tsval != b->tsval);
}

#define NONE	SIZE_MAX

static bool sent_record(const struct event *ev)
{
	return ev->kind == TCPFSM_K_SEGMENT && ev->seg.dir == TCPFSM_DIR_OUT;
}

static bool came_record(const struct event *ev)
{
	return ev->kind == TCPFSM_K_SEGMENT && ev->seg.dir != TCPFSM_DIR_OUT;
}

/*
 * The sending of what came: the latest one before, as an earlier one with the same
 * numbers is more likely the one that was lost; else one whose hook came late.
 */
static size_t find_sent(const struct ladder *l, const size_t *mate, size_t came)
{
	const struct event *ev = &l->events[came];
	const struct event *e;
	size_t i;

	for (i = came; i-- > 0;) {
		e = &l->events[i];
		if (sent_record(e) && l->side[i] != l->side[came] && mate[i] == NONE &&
		    agree(&e->seg, &ev->seg))
			return i;
	}
	for (i = came + 1; i < l->len && l->events[i].ts - ev->ts < HOOK_LATE_NS; i++) {
		e = &l->events[i];
		if (sent_record(e) && l->side[i] != l->side[came] && mate[i] == NONE &&
		    agree(&e->seg, &ev->seg))
			return i;
	}
	return NONE;
}

static void find_mates(const struct ladder *l, size_t *mate)
{
	size_t i, sent;

	for (i = 0; i < l->len; i++)
		mate[i] = NONE;
	for (i = 0; i < l->len; i++) {
		if (!came_record(&l->events[i]))
			continue;
		sent = find_sent(l, mate, i);
		if (sent == NONE)
			continue;
		mate[i] = sent;
		mate[sent] = i;
	}
}

/*
 * Did the receiver do anything between sending and arrival, or did a segment of its
 * arrive? Then they crossed, and it takes two rows.
 */
static bool crossed(const struct ladder *l, size_t sent, size_t came)
{
	const struct event *ev;
	size_t i;

	for (i = sent + 1; i < came; i++) {
		ev = &l->events[i];
		if (ev->kind == TCPFSM_K_LOST || l->side[i] == l->side[came] || came_record(ev))
			return true;
	}
	return false;
}

static void segment_row(const struct ladder *l, struct ladder_row *row, size_t i, size_t mate)
{
	const struct event *ev = &l->events[i];
	bool out = sent_record(ev);

	row->side = out ? l->side[i] : !l->side[i];
	row->ev = out ? ev : NULL;
	row->came = out ? NULL : ev;
	row->kind = LADDER_SEGMENT;
	if (mate == NONE)
		return;
	row->ev = out ? ev : &l->events[mate];
	row->came = out ? &l->events[mate] : ev;
	if (out ? crossed(l, i, mate) : i > mate)
		row->kind = out ? LADDER_SENT : LADDER_CAME;
}

/* The second record of a segment that has one row */
static bool told_already(const struct ladder *l, size_t i, size_t mate)
{
	if (mate == NONE || mate > i)
		return false;
	return sent_record(&l->events[i]) || !crossed(l, mate, i);
}

/* From here on the connection closes: the place to tell what it was good for */
static bool closing(const struct event *ev)
{
	if (ev->kind == TCPFSM_K_SEGMENT)
		return ev->seg.tcp_flags & TCPFSM_TH_FIN;
	return ev->kind == TCPFSM_K_STATE && ev->old_state == TCPFSM_S_ESTABLISHED;
}

static bool data_known(const struct ladder *l)
{
	uint32_t bytes;

	return ladder_bytes(l, 0, &bytes) || ladder_bytes(l, 1, &bytes);
}

/**
 * ladder_rows() - the lines of the picture
 * @l: the picture
 * @rows: set, room for LADDER_ROWS; they point into @l
 *
 * Context: any.
 * Return: how many there are.
 */
size_t ladder_rows(const struct ladder *l, struct ladder_row *rows)
{
	bool data = data_known(l);
	size_t mate[LADDER_EVENTS];
	struct ladder_row *row;
	const struct event *ev;
	size_t n = 0;
	size_t i;

	find_mates(l, mate);
	for (i = 0; i < l->len; i++) {
		ev = &l->events[i];
		if (l->left_out && i == LADDER_EVENTS / 2)
			rows[n++] = (struct ladder_row){
				.kind = LADDER_LEFT_OUT, .ts = ev->ts, .count = l->left_out,
			};
		if (data && closing(ev)) {
			rows[n++] = (struct ladder_row){ .kind = LADDER_DATA, .ts = ev->ts };
			data = false;
		}
		if (told_already(l, i, mate[i]))
			continue;
		row = &rows[n++];
		*row = (struct ladder_row){ .side = l->side[i], .ts = ev->ts, .ev = ev };
		if (ev->kind == TCPFSM_K_SEGMENT)
			segment_row(l, row, i, mate[i]);
		else if (ev->kind == TCPFSM_K_LOST)
			row->kind = LADDER_LOST;
		else
			row->kind = LADDER_STATE;
	}
	return n;
}
