// SPDX-License-Identifier: GPL-2.0
/* The words of a connection's picture: times, states, causes, segments, ends, verdicts. */
#include <arpa/inet.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "ladder_words.h"
#include "names.h"
#include "view.h"

/**
 * piece_add() - append to a piece of text
 * @p: the piece
 * @fmt: as printf() has it
 *
 * Context: any.
 */
void piece_add(struct piece *p, const char *fmt, ...)
{
	size_t room = sizeof(p->text) - p->len;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(p->text + p->len, room, fmt, ap);
	va_end(ap);
	if (n > 0)
		p->len += (size_t)n < room ? (size_t)n : room - 1;
}

static void add_ns(struct piece *p, uint64_t ns)
{
	if (ns < 10 * NSEC_PER_USEC)
		piece_add(p, "%llu.%llu us", ns / NSEC_PER_USEC, ns % NSEC_PER_USEC / 100);
	else if (ns < NSEC_PER_MSEC)
		piece_add(p, "%llu us", ns / NSEC_PER_USEC);
	else if (ns < NSEC_PER_SEC)
		piece_add(p, "%llu.%03llu ms", ns / NSEC_PER_MSEC,
			  ns % NSEC_PER_MSEC / NSEC_PER_USEC);
	else
		piece_add(p, "%llu.%03llu s", ns / NSEC_PER_SEC,
			  ns % NSEC_PER_SEC / NSEC_PER_MSEC);
}

/**
 * words_fit() - how much of a text goes on one line
 * @text: the text
 * @room: bytes of a line
 *
 * Context: any.
 * Return: bytes, up to a blank or comma where there is one; 0 for an empty text only.
 */
size_t words_fit(const char *text, size_t room)
{
	const size_t len = strlen(text);
	size_t n = room;

	if (len <= room)
		return len;
	while (n && text[n - 1] != ' ' && text[n - 1] != ',')
		n--;
	return n ? n : room;
}

/**
 * words_time() - when something happened
 * @l: the picture
 * @ts: its time
 * @p: set to seconds since the picture's first event
 *
 * Context: any.
 */
void words_time(const struct ladder *l, uint64_t ts, struct piece *p)
{
	uint64_t ns = ts - l->begun;

	*p = (struct piece){ 0 };
	piece_add(p, "%llu.%06llu", ns / NSEC_PER_SEC, ns % NSEC_PER_SEC / NSEC_PER_USEC);
}

/**
 * words_state() - name of a state
 * @state: enum tcpfsm_state
 * @to: room for the name of one that a newer module knows
 * @room: bytes of it
 *
 * Context: any.
 * Return: the name, "" for TCPFSM_S_UNKNOWN.
 */
const char *words_state(unsigned int state, char *to, size_t room)
{
	const char *name = state_name(state);

	if (name || state == TCPFSM_S_UNKNOWN)
		return name ? name : "";
	snprintf(to, room, "state_%u", state);
	return to;
}

static void add_cause(struct piece *p, unsigned int cause)
{
	const char *name = cause_name(cause);

	if (name)
		piece_add(p, "%s", name);
	else
		piece_add(p, "cause %u", cause);
}

/**
 * words_transition() - what led to a state, and how long the one before lasted
 * @ev: the transition, or a flow of the table
 * @p: appended to
 *
 * Context: any.
 */
void words_transition(const struct event *ev, struct piece *p)
{
	bool found = ev->kind == TCPFSM_K_FLOW;
	char old[16];

	if (found)
		piece_add(p, "found in this state: ");
	add_cause(p, ev->cause);
	if (ev->flags & TCPFSM_F_SINCE && (found || ev->ns)) {
		piece_add(p, found ? ", " : ", after ");
		add_ns(p, ev->ns);
		if (found)
			piece_add(p, " ago");
		else
			piece_add(p, " in %s", words_state(ev->old_state, old, sizeof(old)));
	}
	if (!found && ev->flags & TCPFSM_F_RETRANS && ev->count)
		piece_add(p, ", %llu retransmission%s", (unsigned long long)ev->count,
			  ev->count == 1 ? "" : "s");
}

/* " seq 1 (2868423158)": relative where the initial number is known, and absolute */
static void add_number(struct piece *p, const char *word, uint32_t n,
		       const struct ladder_end *of)
{
	if (of->has_iss)
		piece_add(p, " %s %u (%u)", word, n - of->iss, n);
	else
		piece_add(p, " %s (%u)", word, n);
}

/* What the sender's record does not know the receiver's may. */
static struct tcpfsm_segment united(const struct ladder_row *row)
{
	struct tcpfsm_segment s = row->ev ? row->ev->seg : row->came->seg;
	const struct tcpfsm_segment *c = row->came ? &row->came->seg : &s;

	if (!(s.known & TCPFSM_SEG_SEQ))
		s.seq = c->seq;
	if (!(s.known & TCPFSM_SEG_ACK))
		s.ack = c->ack;
	if (!(s.known & TCPFSM_SEG_LEN))
		s.len = c->len;
	if (!(s.known & TCPFSM_SEG_WIN))
		s.win = c->win;
	if (!(s.known & TCPFSM_SEG_PSH))
		s.tcp_flags = c->tcp_flags;
	s.known |= c->known & (TCPFSM_SEG_SEQ | TCPFSM_SEG_ACK | TCPFSM_SEG_LEN | TCPFSM_SEG_WIN |
			       TCPFSM_SEG_PSH);
	return s;
}

static void add_flags(struct piece *p, unsigned int flags)
{
	struct buf b;

	buf_init(&b, -1);
	text_flags(&b, flags);
	piece_add(p, "%.*s", (int)b.len, b.data ? b.data : "");
	buf_free(&b);
}

/* Time on the way; 0 where a hook came late or one end is not known */
static uint64_t transit(const struct ladder_row *row)
{
	if (!row->ev || !row->came || row->came->ts < row->ev->ts)
		return 0;
	return row->came->ts - row->ev->ts;
}

static void add_options(struct piece *p, struct tcpfsm_segment s)
{
	struct buf b;

	/* numbers of the clock tell nothing here */
	s.known &= ~(TCPFSM_SEG_TSVAL | TCPFSM_SEG_TSECR);
	buf_init(&b, -1);
	text_options(&b, &s);
	if (b.len)
		piece_add(p, "%.*s ", (int)b.len, b.data);
	buf_free(&b);
}

static void add_fate(struct piece *p, const struct event *ev)
{
	const char *name = fate_name(ev->seg.fate);

	if (name)
		piece_add(p, "(%s) ", name);
	else if (ev->seg.fate)
		piece_add(p, "(fate %u) ", ev->seg.fate);
}

/* What else is worth a line of its own */
static void add_notes(struct piece *p, const struct ladder_row *row,
		      const struct tcpfsm_segment *s)
{
	bool syn = s->tcp_flags & TCPFSM_TH_SYN;

	if (s->known & TCPFSM_SEG_LEN && s->len)
		piece_add(p, "len %u ", s->len);
	if (syn && s->known & TCPFSM_SEG_WIN)
		piece_add(p, "win %u ", s->win);
	if (syn)
		add_options(p, *s);
	if (s->known & TCPFSM_SEG_RETRANS && s->retrans)
		piece_add(p, "retransmission %u ", s->retrans);
	if (row->ev && row->kind != LADDER_CAME)
		add_fate(p, row->ev);
	if (row->came && row->kind != LADDER_SENT)
		add_fate(p, row->came);
}

/**
 * words_segment() - what is said of a segment
 * @l: the picture
 * @row: its row, or one of its two
 * @w: set
 *
 * Context: any.
 */
void words_segment(const struct ladder *l, const struct ladder_row *row, struct words *w)
{
	const struct ladder_end *from = &l->end[row->side];
	const struct ladder_end *to = &l->end[!row->side];
	const struct tcpfsm_segment s = united(row);

	*w = (struct words){ .again = s.known & TCPFSM_SEG_RETRANS && s.retrans };
	add_flags(&w->flags, s.tcp_flags);
	if (s.known & TCPFSM_SEG_SEQ)
		add_number(&w->numbers, "seq", s.seq, from);
	if (s.known & TCPFSM_SEG_ACK)
		add_number(&w->numbers, "ack", s.ack, to);
	if (row->kind != LADDER_CAME || row->came->seg.fate)
		add_notes(&w->notes, row, &s);
	if (row->kind != LADDER_SEGMENT)
		return;
	w->head_unseen = !row->came && to->traced;
	w->tail_unseen = !row->ev && from->traced;
	if (transit(row)) {
		piece_add(&w->way, "+");
		add_ns(&w->way, transit(row));
	}
}

static void add_bytes(const struct ladder *l, struct piece *p)
{
	const unsigned int left = ladder_left(l);
	const char *between = "";
	unsigned int side, i;
	uint32_t bytes;

	piece_add(p, "( data in all: ");
	for (i = 0; i < 2; i++) {
		side = i ? !left : left;
		if (!ladder_bytes(l, side, &bytes))
			continue;
		piece_add(p, "%s%s sent %u byte%s", between, ladder_role(l, side), bytes,
			  bytes == 1 ? "" : "s");
		between = ", ";
	}
	piece_add(p, " )");
}

/**
 * words_between() - what is said of a row that belongs to both ends
 * @l: the picture
 * @row: the row, LADDER_DATA, _LOST or _LEFT_OUT
 * @p: appended to
 *
 * Context: any.
 */
void words_between(const struct ladder *l, const struct ladder_row *row, struct piece *p)
{
	if (row->kind == LADDER_DATA)
		add_bytes(l, p);
	else if (row->kind == LADDER_LOST)
		piece_add(p, "-- %llu record%s lost here --", (unsigned long long)row->ev->count,
			  row->ev->count == 1 ? "" : "s");
	else
		piece_add(p, "-- %llu more event%s left out here --",
			  (unsigned long long)row->count, row->count == 1 ? "" : "s");
}

static void add_addr(struct buf *b, const struct ladder_addr *at)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
	char text[INET6_ADDRSTRLEN];

	if (!memcmp(at->addr, mapped, sizeof(mapped)))
		buf_str(b, inet_ntop(AF_INET, at->addr + 12, text, sizeof(text)));
	else
		buf_printf(b, "[%s]", inet_ntop(AF_INET6, at->addr, text, sizeof(text)));
	buf_char(b, ':');
	buf_dec(b, ntohs(at->port));
}

/**
 * words_place() - append which end it is, and where
 * @b: the buffer
 * @l: the picture
 * @side: index of the end
 *
 * Context: any.
 */
void words_place(struct buf *b, const struct ladder *l, unsigned int side)
{
	buf_str(b, ladder_role(l, side));
	buf_char(b, ' ');
	add_addr(b, &l->end[side].at);
}

/**
 * words_owner() - append whose an end is
 * @b: the buffer
 * @e: the end
 *
 * Context: any.
 */
void words_owner(struct buf *b, const struct ladder_end *e)
{
	if (!e->traced) {
		buf_str(b, "remote, not traced");
		return;
	}
	if (!e->cookie) {
		buf_str(b, "no socket");
		return;
	}
	if (e->flags & TCPFSM_F_OWNER) {
		text_safe(b, e->owner.comm, strnlen(e->owner.comm, sizeof(e->owner.comm)));
		buf_printf(b, "[%u], ", e->owner.pid);
	}
	buf_str(b, "flow ");
	buf_hex(b, e->cookie);
}

/**
 * words_last() - append what became of an end: its verdict, and the state it is in still
 * @b: the buffer
 * @l: the picture
 * @side: index of the end
 *
 * Context: any.
 * Return: whether there is anything to say; nothing was appended when not.
 */
bool words_last(struct buf *b, const struct ladder *l, unsigned int side)
{
	const struct ladder_end *e = &l->end[side];
	char room[16];

	if (e->state == TCPFSM_S_UNKNOWN || (!*e->verdict && l->ended))
		return false;
	buf_printf(b, "%s: ", ladder_role(l, side));
	if (e->state != TCPFSM_S_CLOSED)
		buf_printf(b, "now in %s%s", words_state(e->state, room, sizeof(room)),
			   *e->verdict ? "; " : "");
	else if (!*e->verdict)
		buf_str(b, "now CLOSED");
	buf_str(b, e->verdict);
	return true;
}
