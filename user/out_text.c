// SPDX-License-Identifier: GPL-2.0
/*
 * Lines for people. Columns begin as wide as is usual and grow with what comes,
 * so nothing is ever cut off. Programs had better read JSON: these may change.
 */
#include <arpa/inet.h>
#include <string.h>

#include "clock.h"
#include "names.h"
#include "utf8.h"
#include "view.h"

#define STATE_WIDTH	12	/* SYN_RECEIVED, ESTABLISHED is shorter */
#define PORT_WIDTH	5
#define NETNS_WIDTH	10
#define UID_WIDTH	6

/**
 * view_init() - the usual look
 * @v: set
 * @family: 4 or 6 when only such events come, else 0
 *
 * Context: any.
 */
void view_init(struct view *v, unsigned int family)
{
	uint8_t addr = family == 6 ? 24 : 15;

	*v = (struct view){
		.width = {
			[VIEW_TIME] = 12, [VIEW_FLOW] = 5, [VIEW_PID] = 6, [VIEW_COMM] = 12,
			[VIEW_LADDR] = addr, [VIEW_RADDR] = addr, [VIEW_MS] = 8,
		},
		.second = -1,
	};
}

/* End a column of characters that are one byte each. */
static void column_end(struct buf *b, struct view *v, enum view_column c, size_t start)
{
	size_t have = b->len - start;

	if (have > v->width[c] && have <= UINT8_MAX)
		v->width[c] = have;
	buf_pad(b, start, v->width[c]);
}

static void column_text(struct buf *b, struct view *v, enum view_column c, const char *text)
{
	size_t start = b->len;

	buf_str(b, text);
	column_end(b, v, c, start);
}

static void fixed_text(struct buf *b, size_t width, const char *text)
{
	size_t start = b->len;

	buf_str(b, text);
	buf_pad(b, start, width);
}

static void fixed_dec(struct buf *b, size_t width, uint64_t n)
{
	size_t start = b->len;

	buf_dec(b, n);
	buf_pad(b, start, width);
}

/* Local time, as tcpstates has it, with microseconds behind */
static void time_of_day(struct buf *b, struct view *v, uint64_t ts)
{
	uint64_t wall = ts + v->wall;
	time_t second = wall / NSEC_PER_SEC;
	struct tm tm;

	if (second != v->second) {
		localtime_r(&second, &tm);
		v->text_len = strftime(v->text, sizeof(v->text), "%H:%M:%S.", &tm);
		v->second = second;
	}
	buf_mem(b, v->text, v->text_len);
	buf_dec_pad(b, wall % NSEC_PER_SEC / NSEC_PER_USEC, 6);
}

static void since_start(struct buf *b, struct view *v, uint64_t ts)
{
	uint64_t ns = ts - v->start;

	if (ts < v->start) {
		buf_char(b, '-');
		ns = v->start - ts;
	}
	buf_dec(b, ns / NSEC_PER_SEC);
	buf_char(b, '.');
	buf_dec_pad(b, ns % NSEC_PER_SEC, 9);
}

/**
 * text_time() - append the column of the time
 * @b: the buffer
 * @v: how events are shown; remembers the first one's time
 * @ts: CLOCK_MONOTONIC in ns
 *
 * Context: any.
 */
void text_time(struct buf *b, struct view *v, uint64_t ts)
{
	size_t start = b->len;

	if (!v->started) {
		v->start = ts;
		v->started = true;
	}
	if (v->time_of_day)
		time_of_day(b, v, ts);
	else
		since_start(b, v, ts);
	column_end(b, v, VIEW_TIME, start);
}

/**
 * text_safe() - append text of unknown origin so that a terminal only shows it
 * @b: the buffer
 * @text: the bytes
 * @len: how many
 *
 * What is no UTF-8, and what a terminal would act on, becomes '?'.
 *
 * Context: any.
 */
void text_safe(struct buf *b, const char *text, size_t len)
{
	uint32_t code;
	size_t n;

	for (; len; text += n, len -= n) {
		n = utf8_next(text, len, &code);
		if (n && utf8_shows(code)) {
			buf_mem(b, text, n);
		} else {
			buf_char(b, '?');
			n = n ? n : 1;
		}
	}
}

static void comm_column(struct buf *b, struct view *v, const struct event *ev)
{
	const char *comm = ev->owner.comm;
	size_t len = strnlen(comm, sizeof(ev->owner.comm));
	size_t start = b->len;
	size_t have = 0;
	size_t i;

	if (!(ev->flags & TCPFSM_F_OWNER) || !len) {
		column_text(b, v, VIEW_COMM, "-");
		return;
	}
	text_safe(b, comm, len);
	for (i = start; i < b->len; i++)
		have += (b->data[i] & 0xc0) != 0x80;
	if (have > v->width[VIEW_COMM])
		v->width[VIEW_COMM] = have;
	buf_fill(b, v->width[VIEW_COMM] - have + 1);
}

static void pid_column(struct buf *b, struct view *v, const struct event *ev)
{
	size_t start = b->len;

	if (ev->flags & TCPFSM_F_OWNER)
		buf_dec(b, ev->owner.pid);
	else
		buf_char(b, '-');
	column_end(b, v, VIEW_PID, start);
}

static void addr_columns(struct buf *b, struct view *v, enum view_column c, uint16_t family,
			 const uint8_t *addr, __be16 port)
{
	char text[INET6_ADDRSTRLEN];

	if (!inet_ntop(family, addr, text, sizeof(text)))
		memcpy(text, "-", 2);
	column_text(b, v, c, text);
	fixed_dec(b, PORT_WIDTH, ntohs(port));
}

static void flow_column(struct buf *b, struct view *v, uint64_t cookie)
{
	size_t start = b->len;

	if (cookie)
		buf_hex(b, cookie);
	else
		buf_char(b, '-');
	column_end(b, v, VIEW_FLOW, start);
}

static void wide_columns(struct buf *b, const struct event *ev)
{
	fixed_text(b, 3, ev->id.family == AF_INET ? "4" : "6");
	fixed_dec(b, NETNS_WIDTH, ev->id.netns);
	if (ev->flags & TCPFSM_F_OWNER)
		fixed_dec(b, UID_WIDTH, ev->owner.uid);
	else
		fixed_text(b, UID_WIDTH, "-");
}

static void wide_header(struct buf *b)
{
	fixed_text(b, 3, "FAM");
	fixed_text(b, NETNS_WIDTH, "NETNS");
	fixed_text(b, UID_WIDTH, "UID");
}

/* What the line of an event and that of a flow have in common */
static void identity(struct buf *b, struct view *v, const struct event *ev)
{
	flow_column(b, v, ev->id.cookie);
	if (v->wide)
		wide_columns(b, ev);
	pid_column(b, v, ev);
	comm_column(b, v, ev);
	addr_columns(b, v, VIEW_LADDR, ev->id.family, ev->id.laddr, ev->id.lport);
	addr_columns(b, v, VIEW_RADDR, ev->id.family, ev->id.raddr, ev->id.rport);
}

static void identity_header(struct buf *b, struct view *v)
{
	column_text(b, v, VIEW_FLOW, "FLOW");
	if (v->wide)
		wide_header(b);
	column_text(b, v, VIEW_PID, "PID");
	column_text(b, v, VIEW_COMM, "COMM");
	column_text(b, v, VIEW_LADDR, "LADDR");
	fixed_text(b, PORT_WIDTH, "LPORT");
	column_text(b, v, VIEW_RADDR, "RADDR");
	fixed_text(b, PORT_WIDTH, "RPORT");
}

/**
 * text_state() - append the column of a state
 * @b: the buffer
 * @state: enum tcpfsm_state
 *
 * Context: any.
 */
void text_state(struct buf *b, unsigned int state)
{
	const char *name = state_name(state);
	size_t start = b->len;

	if (name)
		buf_str(b, name);
	else if (state == TCPFSM_S_UNKNOWN)
		buf_char(b, '-');
	else
		buf_printf(b, "state_%u", state);
	buf_pad(b, start, STATE_WIDTH);
}

/**
 * text_word() - append what stands in the place of the state that was entered
 * @b: the buffer
 * @word: plain ASCII
 *
 * Context: any.
 */
void text_word(struct buf *b, const char *word)
{
	fixed_text(b, STATE_WIDTH, word);
}

/**
 * text_ms() - append the column of the time in a state, > before one that may be longer
 * @b: the buffer
 * @v: how events are shown
 * @ev: the event
 *
 * Context: any.
 */
void text_ms(struct buf *b, struct view *v, const struct event *ev)
{
	size_t start = b->len;

	if (ev->flags & TCPFSM_F_SINCE || ev->bound) {
		if (ev->bound)
			buf_char(b, '>');
		buf_dec(b, ev->ns / NSEC_PER_MSEC);
		buf_char(b, '.');
		buf_dec_pad(b, ev->ns % NSEC_PER_MSEC / NSEC_PER_USEC, 3);
	} else {
		buf_char(b, '-');
	}
	column_end(b, v, VIEW_MS, start);
}

static void cause_end(struct buf *b, unsigned int cause)
{
	const char *name = cause_name(cause);

	if (name)
		buf_str(b, name);
	else
		buf_printf(b, "cause %u", cause);
	buf_char(b, '\n');
}

/**
 * text_flags() - append a segment's flags as tcpdump prints them: [S.]
 * @b: the buffer
 * @flags: TCPFSM_TH_*
 *
 * Context: any.
 */
void text_flags(struct buf *b, unsigned int flags)
{
	static const struct {
		unsigned int	bit;
		char		letter;
	} letters[] = {
		{ TCPFSM_TH_FIN, 'F' }, { TCPFSM_TH_SYN, 'S' }, { TCPFSM_TH_RST, 'R' },
		{ TCPFSM_TH_PSH, 'P' }, { TCPFSM_TH_ACK, '.' }, { TCPFSM_TH_URG, 'U' },
	};
	size_t start = b->len + 1;
	size_t i;

	buf_char(b, '[');
	for (i = 0; i < ARRAY_SIZE(letters); i++)
		if (flags & letters[i].bit)
			buf_char(b, letters[i].letter);
	buf_str(b, b->len == start ? "none]" : "]");
}

/* What stands before an option: the list's bracket, or a comma */
static void option(struct buf *b, size_t start, const char *name)
{
	buf_char(b, b->len == start ? '<' : ',');
	buf_str(b, name);
}

static void timestamps(struct buf *b, const struct tcpfsm_segment *s)
{
	if (s->known & TCPFSM_SEG_TSVAL)
		buf_printf(b, " val %u", s->tsval);
	if (s->known & TCPFSM_SEG_TSECR)
		buf_printf(b, " ecr %u", s->tsecr);
}

/**
 * text_options() - append the options a segment is known to have, as tcpdump names them
 * @b: the buffer
 * @s: the segment; nothing is appended when its options are not known
 *
 * Context: any.
 */
void text_options(struct buf *b, const struct tcpfsm_segment *s)
{
	size_t start = b->len;

	if (s->known & TCPFSM_SEG_MSS) {
		option(b, start, "mss ");
		buf_dec(b, s->mss);
	}
	if (s->known & TCPFSM_SEG_SACK_OK)
		option(b, start, "sackOK");
	if (s->known & (TCPFSM_SEG_TS | TCPFSM_SEG_TSVAL | TCPFSM_SEG_TSECR)) {
		option(b, start, "TS");
		timestamps(b, s);
	}
	if (s->known & TCPFSM_SEG_WSCALE) {
		option(b, start, "wscale ");
		buf_dec(b, s->wscale);
	}
	if (s->known & TCPFSM_SEG_COOKIE) {
		option(b, start, s->cookie_len ? "Fast Open cookie of " : "Fast Open cookie?");
		if (s->cookie_len)
			buf_dec(b, s->cookie_len);
	}
	if (b->len == start && s->known & TCPFSM_SEG_OPTIONS)
		option(b, start, "none");
	if (b->len > start)
		buf_char(b, '>');
}

static void word_dec(struct buf *b, bool known, const char *word, uint64_t n)
{
	if (!known)
		return;
	buf_str(b, word);
	buf_dec(b, n);
	buf_char(b, ' ');
}

/* The rest of a segment's line: what is known of it, and what became of it */
static void segment_end(struct buf *b, const struct tcpfsm_segment *s)
{
	const char *fate = fate_name(s->fate);
	size_t start;

	word_dec(b, s->known & TCPFSM_SEG_SEQ, "seq ", s->seq);
	word_dec(b, s->known & TCPFSM_SEG_ACK, "ack ", s->ack);
	word_dec(b, s->known & TCPFSM_SEG_WIN, "win ", s->win);
	word_dec(b, s->known & TCPFSM_SEG_LEN, "len ", s->len);
	start = b->len;
	text_options(b, s);
	if (b->len > start)
		buf_char(b, ' ');
	word_dec(b, s->known & TCPFSM_SEG_RETRANS && s->retrans, "retransmission ", s->retrans);
	if (fate)
		buf_printf(b, "(%s) ", fate);
	else if (s->fate)
		buf_printf(b, "(fate %u) ", s->fate);
	if (s->known & TCPFSM_SEG_ILLEGAL)
		buf_str(b, "ILLEGAL");
	/* each word brings a blank, and MS some */
	while (b->len && b->data[b->len - 1] == ' ')
		b->len--;
	buf_char(b, '\n');
}

static void segment_columns(struct buf *b, struct view *v, const struct event *ev)
{
	size_t start;

	text_state(b, ev->state);
	buf_str(b, ev->seg.known & TCPFSM_SEG_ILLEGAL ? "** " : "   ");
	start = b->len;
	buf_str(b, ev->seg.dir == TCPFSM_DIR_OUT ? "out " : "in  ");
	text_flags(b, ev->seg.tcp_flags);
	buf_pad(b, start, STATE_WIDTH);
	column_text(b, v, VIEW_MS, "-");
	segment_end(b, &ev->seg);
}

static void transition_columns(struct buf *b, struct view *v, const struct event *ev)
{
	text_state(b, ev->old_state);
	buf_str(b, "-> ");
	text_state(b, ev->state);
	text_ms(b, v, ev);
	cause_end(b, ev->cause);
}

static void lost_line(struct buf *b, const struct event *ev)
{
	buf_str(b, "lost ");
	buf_dec(b, ev->count);
	buf_str(b, ev->count == 1 ? " event: " : " events: ");
	switch (ev->where) {
	case TCPFSM_W_RING:
		buf_printf(b, "ring of processor %u was full\n", ev->cpu);
		break;
	case EVENT_W_NETLINK:
		buf_str(b, "netlink, read too slowly\n");
		break;
	default:
		buf_printf(b, "%s (%u)\n", where_name(ev->where), ev->where);
		break;
	}
}

/**
 * text_header() - append the names of the columns text_event() writes
 * @b: the buffer
 * @v: how events are shown
 *
 * Context: any.
 */
void text_header(struct buf *b, struct view *v)
{
	column_text(b, v, VIEW_TIME, "TIME");
	identity_header(b, v);
	fixed_text(b, STATE_WIDTH, "OLDSTATE");
	buf_str(b, "-> ");
	fixed_text(b, STATE_WIDTH, "NEWSTATE");
	column_text(b, v, VIEW_MS, "MS");
	buf_str(b, "CAUSE\n");
}

/**
 * text_event() - append the line of a transition, a segment, an alert or a loss
 * @b: the buffer
 * @v: how events are shown; remembers the first event's time and grown columns
 * @ev: the event
 *
 * Context: any.
 */
void text_event(struct buf *b, struct view *v, const struct event *ev)
{
	text_time(b, v, ev->ts);
	switch (ev->kind) {
	case TCPFSM_K_LOST:
		lost_line(b, ev);
		break;
	case TCPFSM_K_SKIPPED:
		text_skipped(b, ev);
		break;
	case TCPFSM_K_SEGMENT:
		identity(b, v, ev);
		segment_columns(b, v, ev);
		break;
	case TCPFSM_K_STUCK:
	case TCPFSM_K_FLOOD:
		identity(b, v, ev);
		text_alert(b, v, ev);
		break;
	default:
		identity(b, v, ev);
		transition_columns(b, v, ev);
		break;
	}
}

/**
 * text_flow_header() - append the names of the columns text_flow() writes
 * @b: the buffer
 * @v: how flows are shown
 *
 * Context: any.
 */
void text_flow_header(struct buf *b, struct view *v)
{
	identity_header(b, v);
	fixed_text(b, STATE_WIDTH, "STATE");
	column_text(b, v, VIEW_MS, "MS");
	buf_str(b, "CAUSE\n");
}

/**
 * text_flow() - append the line of a flow
 * @b: the buffer
 * @v: how flows are shown
 * @ev: the flow
 *
 * Context: any.
 */
void text_flow(struct buf *b, struct view *v, const struct event *ev)
{
	identity(b, v, ev);
	text_state(b, ev->state);
	text_ms(b, v, ev);
	cause_end(b, ev->cause);
}

static void counted(struct buf *b, uint64_t n, const char *what)
{
	buf_dec(b, n);
	buf_char(b, ' ');
	buf_str(b, what);
	if (n != 1)
		buf_char(b, 's');
}

/**
 * text_tally() - append what a stream came to
 * @b: the buffer
 * @t: the numbers
 *
 * Context: any.
 */
void text_tally(struct buf *b, const struct tally *t)
{
	counted(b, t->events, "event");
	buf_str(b, ", ");
	counted(b, t->connections, "connection");
	buf_printf(b, ", %llu lost in %llu.%03llu s", (unsigned long long)t->lost,
		   t->duration / NSEC_PER_SEC, t->duration % NSEC_PER_SEC / NSEC_PER_MSEC);
	if (t->skipped)
		buf_printf(b, ", %llu segments left out", (unsigned long long)t->skipped);
	if (t->late)
		buf_printf(b, ", %llu out of order", (unsigned long long)t->late);
	if (t->malformed)
		buf_printf(b, ", %llu malformed messages", (unsigned long long)t->malformed);
	buf_char(b, '\n');
}

/**
 * text_identity() - append when and which connection: the columns lines begin with
 * @b: the buffer
 * @v: how events are shown
 * @ev: the event
 *
 * Context: any.
 */
void text_identity(struct buf *b, struct view *v, const struct event *ev)
{
	text_time(b, v, ev->ts);
	identity(b, v, ev);
}

/**
 * text_identity_header() - append the names of the columns text_identity() writes
 * @b: the buffer
 * @v: how events are shown
 *
 * Context: any.
 */
void text_identity_header(struct buf *b, struct view *v)
{
	column_text(b, v, VIEW_TIME, "TIME");
	identity_header(b, v);
}

/**
 * text_listener_header() - append the names of the columns text_listener() writes
 * @b: the buffer
 * @v: how listeners are shown
 *
 * Context: any.
 */
void text_listener_header(struct buf *b, struct view *v)
{
	column_text(b, v, VIEW_LADDR, "LADDR");
	fixed_text(b, PORT_WIDTH, "LPORT");
	column_text(b, v, VIEW_PID, "PID");
	column_text(b, v, VIEW_COMM, "COMM");
}

/**
 * text_listener() - append which listener, and whose: the columns its line begins with
 * @b: the buffer
 * @v: how listeners are shown
 * @ev: the listener
 *
 * Context: any.
 */
void text_listener(struct buf *b, struct view *v, const struct event *ev)
{
	addr_columns(b, v, VIEW_LADDR, ev->id.family, ev->id.laddr, ev->id.lport);
	pid_column(b, v, ev);
	comm_column(b, v, ev);
}
