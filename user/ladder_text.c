// SPDX-License-Identifier: GPL-2.0
/*
 * The rows of a picture as text, as RFC 9293 and Stevens draw them: time, the
 * client's states, the segments between two life lines, the server's states.
 * No line is wider than WIDTH; what does not fit goes to a line below.
 */
#include <arpa/inet.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "ladder.h"
#include "names.h"
#include "view.h"

#define WIDTH		99
#define STATE_WIDTH	12
#define TIME_WIDTH	10	/* at least; it grows at the middle's cost */
#define MIDDLE_MAX	(WIDTH - 2 * STATE_WIDTH - 5 - TIME_WIDTH)

/**
 * struct page - what a picture is drawn on
 * @b: the buffer
 * @l: the picture
 * @left: index of the end that has the left column
 * @time: width of the first column
 * @middle: width between the life lines
 * @line: of each column: | where the end is traced, : where it is not
 * @unseen: a segment is drawn that only one end recorded
 * @split: a segment is drawn in two rows
 * @ways: it is told how long a segment was under way
 * @numbers: a sequence number is drawn
 */
struct page {
	struct buf		*b;
	const struct ladder	*l;
	unsigned int		left;
	size_t			time;
	size_t			middle;
	char			line[2];
	bool			unseen;
	bool			split;
	bool			ways;
	bool			numbers;
};

/* Text for the middle; what goes beyond is cut, so whoever fills it has to look */
struct piece {
	char	text[160];
	size_t	len;
};

__printf(2, 3) static void add(struct piece *p, const char *fmt, ...)
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
		add(p, "%llu.%llu us", ns / NSEC_PER_USEC, ns % NSEC_PER_USEC / 100);
	else if (ns < NSEC_PER_MSEC)
		add(p, "%llu us", ns / NSEC_PER_USEC);
	else if (ns < NSEC_PER_SEC)
		add(p, "%llu.%03llu ms", ns / NSEC_PER_MSEC,
		    ns % NSEC_PER_MSEC / NSEC_PER_USEC);
	else
		add(p, "%llu.%03llu s", ns / NSEC_PER_SEC, ns % NSEC_PER_SEC / NSEC_PER_MSEC);
}

static void time_text(const struct page *pg, uint64_t ts, struct piece *p)
{
	uint64_t ns = ts - pg->l->begun;

	*p = (struct piece){ 0 };
	add(p, "%llu.%06llu", ns / NSEC_PER_SEC, ns % NSEC_PER_SEC / NSEC_PER_USEC);
}

static void end_line(struct buf *b)
{
	while (b->len && b->data[b->len - 1] == ' ')
		b->len--;
	buf_char(b, '\n');
}

/* One line: time or NULL, a state or NULL in the left or right column, and the middle. */
static void draw(struct page *pg, const uint64_t *ts, const char *left, const char *middle,
		 const char *right)
{
	struct buf *b = pg->b;
	struct piece time;
	size_t start;

	start = b->len;
	if (ts) {
		time_text(pg, *ts, &time);
		buf_str(b, time.text);
	}
	buf_pad(b, start, pg->time);
	start = b->len;
	buf_str(b, left);
	buf_pad(b, start, STATE_WIDTH);
	buf_char(b, pg->line[0]);
	start = b->len;
	buf_str(b, middle);
	buf_fill(b, pg->middle - (b->len - start));
	buf_char(b, pg->line[1]);
	buf_char(b, ' ');
	buf_str(b, right);
	end_line(b);
}

/* Text in the middle, in lines where it is too long; time and states on the first. */
static void draw_text(struct page *pg, const uint64_t *ts, const char *left, const char *text,
		      const char *right, bool to_right)
{
	const size_t room = pg->middle - 2;
	size_t len = strlen(text);
	char line[160];
	size_t n, i;

	do {
		n = len;
		for (; n > room; n = i)
			for (i = n - 1; i > 1 && text[i - 1] != ' ' && text[i - 1] != ','; i--)
				;
		if (!n)
			n = len < room ? len : room;
		snprintf(line, sizeof(line), "%*s%.*s",
			 (int)(to_right ? pg->middle - 1 - n : 1), "", (int)n, text);
		draw(pg, ts, left, line, right);
		text += n;
		len -= n;
		ts = NULL;
		left = "";
		right = "";
	} while (len);
}

static void draw_middle(struct page *pg, const char *text)
{
	char line[160];
	size_t len = strlen(text);

	snprintf(line, sizeof(line), "%*s%s",
		 (int)(len < pg->middle ? (pg->middle - len) / 2 : 0), "", text);
	draw(pg, NULL, "", line, "");
}

static const char *state_text(unsigned int state, char *to, size_t room)
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
		add(p, "%s", name);
	else
		add(p, "cause %u", cause);
}

static void state_row(struct page *pg, const struct ladder_row *row)
{
	const struct event *ev = row->ev;
	bool found = ev->kind == TCPFSM_K_FLOW;
	bool to_right = row->side != pg->left;
	struct piece p = { 0 };
	const char *state;
	char old[16], now[16];

	if (found)
		add(&p, "found in this state: ");
	add_cause(&p, ev->cause);
	if (ev->flags & TCPFSM_F_SINCE && (found || ev->ns)) {
		add(&p, found ? ", " : ", after ");
		add_ns(&p, ev->ns);
		if (found)
			add(&p, " ago");
		else
			add(&p, " in %s", state_text(ev->old_state, old, sizeof(old)));
	}
	if (!found && ev->flags & TCPFSM_F_RETRANS && ev->count)
		add(&p, ", %llu retransmission%s", (unsigned long long)ev->count,
		    ev->count == 1 ? "" : "s");
	state = state_text(ev->state, now, sizeof(now));
	draw_text(pg, &row->ts, to_right ? "" : state, p.text, to_right ? state : "", to_right);
}

/* " seq 1 (2868423158)": relative where the initial number is known, and absolute */
static void add_number(struct page *pg, struct piece *p, const char *word, uint32_t n,
		       const struct ladder_end *of)
{
	if (of->has_iss)
		add(p, " %s %u (%u)", word, n - of->iss, n);
	else
		add(p, " %s (%u)", word, n);
	pg->numbers = true;
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
	add(p, "%.*s", (int)b.len, b.data ? b.data : "");
	buf_free(&b);
}

static void dashes(struct piece *p, size_t end)
{
	while (p->len < end)
		add(p, "-");
}

/* Time on the way; 0 where a hook came late or one end is not known */
static uint64_t transit(const struct ladder_row *row)
{
	if (!row->ev || !row->came || row->came->ts < row->ev->ts)
		return 0;
	return row->came->ts - row->ev->ts;
}

/* The arrow: how it begins and ends tells which of both ends saw it. */
static void arrow(struct page *pg, const struct ladder_row *row, const char *inner,
		  struct piece *p)
{
	bool to_right = row->side == pg->left;
	const char *tail = to_right ? "-- " : "--";
	const char *head = to_right ? "-->" : "<-- ";

	*p = (struct piece){ 0 };
	if (row->kind == LADDER_SENT) {
		head = to_right ? " ..." : "... ";
		pg->split = true;
	} else if (row->kind == LADDER_CAME) {
		tail = to_right ? "... " : " ...";
	} else if (!row->came && pg->line[to_right] == '|') {
		head = to_right ? " ?" : "? ";
		pg->unseen = true;
	} else if (!row->ev && pg->line[!to_right] == '|') {
		tail = to_right ? "? " : " ?";
		pg->unseen = true;
	}
	add(p, "%s%s ", to_right ? tail : head, inner);
	dashes(p, pg->middle - strlen(to_right ? head : tail));
	add(p, "%s", to_right ? head : tail);
}

static void add_options(struct piece *p, struct tcpfsm_segment s)
{
	struct buf b;

	/* numbers of the clock tell nothing here */
	s.known &= ~(TCPFSM_SEG_TSVAL | TCPFSM_SEG_TSECR);
	buf_init(&b, -1);
	text_options(&b, &s);
	if (b.len)
		add(p, "%.*s ", (int)b.len, b.data);
	buf_free(&b);
}

static void add_fate(struct piece *p, const struct event *ev)
{
	const char *name = fate_name(ev->seg.fate);

	if (name)
		add(p, "(%s) ", name);
	else if (ev->seg.fate)
		add(p, "(fate %u) ", ev->seg.fate);
}

/* What else is worth a line below a segment's */
static void segment_notes(struct page *pg, const struct ladder_row *row,
			  const struct tcpfsm_segment *s, struct piece *p)
{
	bool syn = s->tcp_flags & TCPFSM_TH_SYN;

	if (row->kind == LADDER_CAME && !row->came->seg.fate)
		return;
	if (s->known & TCPFSM_SEG_LEN && s->len)
		add(p, "len %u ", s->len);
	if (syn && s->known & TCPFSM_SEG_WIN)
		add(p, "win %u ", s->win);
	if (syn)
		add_options(p, *s);
	if (s->known & TCPFSM_SEG_RETRANS && s->retrans)
		add(p, "retransmission %u ", s->retrans);
	if (row->ev && row->kind != LADDER_CAME)
		add_fate(p, row->ev);
	if (row->came && row->kind != LADDER_SENT)
		add_fate(p, row->came);
	if (p->len)
		draw_text(pg, NULL, "", p->text, "", false);
}

static void segment_row(struct page *pg, const struct ladder_row *row)
{
	const struct ladder_end *from = &pg->l->end[row->side];
	const struct ladder_end *to = &pg->l->end[!row->side];
	const struct tcpfsm_segment s = united(row);
	struct piece inner = { 0 };
	struct piece notes = { 0 };
	struct piece numbers = { 0 };
	struct piece way = { 0 };
	struct piece p;

	add_flags(&inner, s.tcp_flags);
	if (s.known & TCPFSM_SEG_SEQ)
		add_number(pg, &numbers, "seq", s.seq, from);
	if (s.known & TCPFSM_SEG_ACK)
		add_number(pg, &numbers, "ack", s.ack, to);
	if (inner.len + numbers.len + 10 <= pg->middle)
		add(&inner, "%s", numbers.text);
	else
		add(&notes, "%s ", numbers.text + 1);
	arrow(pg, row, inner.text, &p);
	if (row->kind == LADDER_SEGMENT && transit(row)) {
		add(&way, "+");
		add_ns(&way, transit(row));
		pg->ways = true;
	}
	if (row->side == pg->left)
		draw(pg, &row->ts, "", p.text, way.text);
	else
		draw(pg, &row->ts, way.text, p.text, "");
	segment_notes(pg, row, &s, &notes);
}

static void data_row(struct page *pg)
{
	struct piece p = { 0 };
	const char *between = "";
	unsigned int side, i;
	uint32_t bytes;

	add(&p, "( data in all: ");
	for (i = 0; i < 2; i++) {
		side = i ? !pg->left : pg->left;
		if (!ladder_bytes(pg->l, side, &bytes))
			continue;
		add(&p, "%s%s sent %u byte%s", between, ladder_role(pg->l, side), bytes,
		    bytes == 1 ? "" : "s");
		between = ", ";
	}
	add(&p, " )");
	draw_middle(pg, p.text);
}

static void lost_row(struct page *pg, const struct ladder_row *row)
{
	struct piece p = { 0 };

	add(&p, "-- %llu record%s lost here --", (unsigned long long)row->ev->count,
	    row->ev->count == 1 ? "" : "s");
	draw_middle(pg, p.text);
}

static void left_out_row(struct page *pg, const struct ladder_row *row)
{
	struct piece p = { 0 };

	add(&p, "-- %llu more event%s left out here --", (unsigned long long)row->count,
	    row->count == 1 ? "" : "s");
	draw_middle(pg, p.text);
}

static void draw_row(struct page *pg, const struct ladder_row *row)
{
	switch (row->kind) {
	case LADDER_STATE:
		state_row(pg, row);
		break;
	case LADDER_SEGMENT:
	case LADDER_SENT:
	case LADDER_CAME:
		segment_row(pg, row);
		break;
	case LADDER_DATA:
		data_row(pg);
		break;
	case LADDER_LOST:
		lost_row(pg, row);
		break;
	case LADDER_LEFT_OUT:
		left_out_row(pg, row);
		break;
	}
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

static void add_owner(struct buf *b, const struct ladder_end *e)
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

/* Characters of UTF-8 text */
static size_t characters(const char *text, size_t len)
{
	size_t n = 0;

	while (len--)
		n += (*text++ & 0xc0) != 0x80;
	return n;
}

/* A line of the head: what is said of the left end, and of the right one at the margin */
static void head_line(struct page *pg, struct buf *left, struct buf *right)
{
	size_t have = pg->time + 1 + characters(left->data, left->len);
	size_t want = characters(right->data, right->len);

	buf_fill(pg->b, pg->time + 1);
	buf_mem(pg->b, left->data, left->len);
	if (have + want + 2 > WIDTH) {
		buf_char(pg->b, '\n');
		have = 0;
	}
	buf_fill(pg->b, have + want < WIDTH ? WIDTH - have - want : 0);
	buf_mem(pg->b, right->data, right->len);
	buf_char(pg->b, '\n');
	left->len = 0;
	right->len = 0;
}

static void head(struct page *pg)
{
	const struct ladder_end *end[2] = { &pg->l->end[pg->left], &pg->l->end[!pg->left] };
	struct buf text[2];
	unsigned int i;

	for (i = 0; i < 2; i++) {
		buf_init(&text[i], -1);
		buf_str(&text[i], ladder_role(pg->l, i ? !pg->left : pg->left));
		buf_char(&text[i], ' ');
		add_addr(&text[i], &end[i]->at);
	}
	head_line(pg, &text[0], &text[1]);
	for (i = 0; i < 2; i++)
		add_owner(&text[i], end[i]);
	head_line(pg, &text[0], &text[1]);
	for (i = 0; i < 2; i++)
		buf_free(&text[i]);
}

/* The states both were in before the first event */
static void first_states(struct page *pg)
{
	char room[2][16];
	const char *text[2];
	unsigned int i;

	for (i = 0; i < 2; i++)
		text[i] = state_text(pg->l->end[i ? !pg->left : pg->left].first, room[i],
				     sizeof(room[i]));
	if (*text[0] || *text[1])
		draw(pg, NULL, text[0], "", text[1]);
}

static void legend(struct page *pg)
{
	if (pg->numbers && (pg->l->end[0].has_iss || pg->l->end[1].has_iss))
		buf_str(pg->b, "seq, ack: relative to the initial number (absolute)\n");
	if (pg->ways)
		buf_str(pg->b, "+    arrived so long after it was sent\n");
	if (pg->split)
		buf_str(pg->b, "...  under way: sent in one line, arrives in another\n");
	if (pg->unseen)
		buf_str(pg->b, "?    not recorded at that end: lost on the way, or not looked at "
			       "there\n");
}

static void last_words(struct page *pg)
{
	const struct ladder_end *e;
	unsigned int side, i;
	char room[16];

	for (i = 0; i < 2; i++) {
		side = i ? !pg->left : pg->left;
		e = &pg->l->end[side];
		if (e->state == TCPFSM_S_UNKNOWN)
			continue;
		if (!*e->verdict && pg->l->ended)
			continue;
		buf_printf(pg->b, "%s: ", ladder_role(pg->l, side));
		if (e->state != TCPFSM_S_CLOSED)
			buf_printf(pg->b, "now in %s%s", state_text(e->state, room, sizeof(room)),
				   *e->verdict ? "; " : "");
		else if (!*e->verdict)
			buf_str(pg->b, "now CLOSED");
		buf_printf(pg->b, "%s\n", e->verdict);
	}
}

static size_t widest_time(const struct ladder *l)
{
	const struct page pg = { .l = l };
	size_t width = TIME_WIDTH;
	struct piece p;

	if (l->len) {
		time_text(&pg, l->events[l->len - 1].ts, &p);
		if (p.len >= width)
			width = p.len + 1;
	}
	return width;
}

/**
 * ladder_text() - append the picture
 * @b: the buffer
 * @l: the picture
 *
 * Context: any.
 */
void ladder_text(struct buf *b, const struct ladder *l)
{
	struct ladder_row rows[LADDER_ROWS];
	struct page pg = {
		.b = b, .l = l, .left = ladder_left(l), .time = widest_time(l),
	};
	size_t i, n;

	pg.middle = MIDDLE_MAX - (pg.time - TIME_WIDTH);
	for (i = 0; i < 2; i++)
		pg.line[i] = l->end[i ? !pg.left : pg.left].traced ? '|' : ':';
	head(&pg);
	first_states(&pg);
	n = ladder_rows(l, rows);
	for (i = 0; i < n; i++)
		draw_row(&pg, &rows[i]);
	legend(&pg);
	last_words(&pg);
}
