// SPDX-License-Identifier: GPL-2.0
/*
 * Lines for people. Columns begin as wide as is usual and grow with what comes,
 * so nothing is ever cut off. Programs had better read JSON: these may change.
 */
#include <arpa/inet.h>
#include <string.h>

#include "clock.h"
#include "names.h"
#include "put.h"
#include "utf8.h"
#include "view.h"

#define STATE_WIDTH	12	/* SYN_RECEIVED, ESTABLISHED is shorter */
#define PORT_WIDTH	5
#define NETNS_WIDTH	10
#define UID_WIDTH	6

/* Bytes a line takes at most: seven columns are 255 wide at most, what else there is 30 each */
#define LINE		4096

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
static char *column_end(char *p, struct view *v, enum view_column c, char *start)
{
	size_t have = p - start;

	if (have > UINT8_MAX)
		return put_char(p, ' ');
	if (have > v->width[c])
		v->width[c] = have;
	return put_fill(p, start + v->width[c] + 1);
}

/* The same where the width does not grow */
static char *fixed_end(char *p, size_t width, char *start)
{
	return (size_t)(p - start) < width ? put_fill(p, start + width + 1) : put_char(p, ' ');
}

static char *column_text(char *p, struct view *v, enum view_column c, const char *text)
{
	return column_end(put_mem(p, text, strlen(text)), v, c, p);
}

static char *fixed_text(char *p, size_t width, const char *text)
{
	return fixed_end(put_mem(p, text, strlen(text)), width, p);
}

static char *fixed_dec(char *p, size_t width, uint64_t n)
{
	return fixed_end(put_dec(p, n), width, p);
}

/* Local time, as tcpstates has it, with microseconds behind */
static char *time_of_day(char *p, struct view *v, uint64_t ts)
{
	uint64_t wall = ts + v->wall;
	time_t second = wall / NSEC_PER_SEC;
	struct tm tm;

	if (second != v->second) {
		localtime_r(&second, &tm);
		v->text_len = strftime(v->text, sizeof(v->text), "%H:%M:%S.", &tm);
		v->second = second;
	}
	memcpy(p, v->text, sizeof(v->text));
	return put_six(p + v->text_len, wall % NSEC_PER_SEC / NSEC_PER_USEC);
}

static char *since_start(char *p, struct view *v, uint64_t ts)
{
	uint64_t ns = ts - v->start;

	if (ts < v->start) {
		p = put_char(p, '-');
		ns = v->start - ts;
	}
	p = put_char(put_dec(p, ns / NSEC_PER_SEC), '.');
	return put_nine(p, ns % NSEC_PER_SEC);
}

static char *time_column(char *p, struct view *v, uint64_t ts)
{
	char *start = p;

	if (!v->started) {
		v->start = ts;
		v->started = true;
	}
	p = v->time_of_day ? time_of_day(p, v, ts) : since_start(p, v, ts);
	return column_end(p, v, VIEW_TIME, start);
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
	char *p = buf_room(b, LINE);

	if (p)
		buf_end(b, time_column(p, v, ts));
}

/* As text_safe(); @shown is how many characters these are */
static char *put_safe(char *p, const char *text, size_t len, size_t *shown)
{
	uint32_t code;
	size_t n;

	for (*shown = 0; len; text += n, len -= n, ++*shown) {
		n = 1;
		if (*text >= 0x20 && *text < 0x7f) {
			p = put_char(p, *text);
			continue;
		}
		n = utf8_next(text, len, &code);
		if (n && utf8_shows(code)) {
			p = put_mem(p, text, n);
		} else {
			p = put_char(p, '?');
			n = n ? n : 1;
		}
	}
	return p;
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
	char *p = buf_room(b, len + PUT_BEYOND);
	size_t shown;

	if (p)
		buf_end(b, put_safe(p, text, len, &shown));
}

static char *comm_column(char *p, struct view *v, const struct event *ev)
{
	const char *comm = ev->owner.comm;
	size_t len = strnlen(comm, sizeof(ev->owner.comm));
	size_t have;

	if (!(ev->flags & TCPFSM_F_OWNER) || !len)
		return column_text(p, v, VIEW_COMM, "-");
	p = put_safe(p, comm, len, &have);
	if (have > v->width[VIEW_COMM])
		v->width[VIEW_COMM] = have;
	return put_fill(p, p + v->width[VIEW_COMM] - have + 1);
}

static char *pid_column(char *p, struct view *v, const struct event *ev)
{
	if (ev->flags & TCPFSM_F_OWNER)
		return column_end(put_dec(p, ev->owner.pid), v, VIEW_PID, p);
	return column_end(put_char(p, '-'), v, VIEW_PID, p);
}

static char *addr_columns(char *p, struct view *v, enum view_column c, uint16_t family,
			  const uint8_t *addr, __be16 port)
{
	char *end = put_addr(p, family, addr);

	if (end == p)
		end = put_char(p, '-');
	return fixed_dec(column_end(end, v, c, p), PORT_WIDTH, ntohs(port));
}

static char *flow_column(char *p, struct view *v, uint64_t cookie)
{
	return column_end(cookie ? put_hex(p, cookie) : put_char(p, '-'), v, VIEW_FLOW, p);
}

static char *wide_columns(char *p, const struct event *ev)
{
	p = fixed_text(p, 3, ev->id.family == AF_INET ? "4" : "6");
	p = fixed_dec(p, NETNS_WIDTH, ev->id.netns);
	if (ev->flags & TCPFSM_F_OWNER)
		return fixed_dec(p, UID_WIDTH, ev->owner.uid);
	return fixed_text(p, UID_WIDTH, "-");
}

static char *wide_header(char *p)
{
	p = fixed_text(p, 3, "FAM");
	p = fixed_text(p, NETNS_WIDTH, "NETNS");
	return fixed_text(p, UID_WIDTH, "UID");
}

/* What the line of an event and that of a flow have in common */
static char *identity(char *p, struct view *v, const struct event *ev)
{
	char *end;

	p = flow_column(p, v, ev->id.cookie);
	if (v->wide)
		p = wide_columns(p, ev);
	p = pid_column(p, v, ev);
	p = comm_column(p, v, ev);
	end = view_recall(v, &ev->id, p);
	if (end)
		return end;
	end = addr_columns(p, v, VIEW_LADDR, ev->id.family, ev->id.laddr, ev->id.lport);
	end = addr_columns(end, v, VIEW_RADDR, ev->id.family, ev->id.raddr, ev->id.rport);
	view_keep(v, &ev->id, p, end);
	return end;
}

static char *identity_header(char *p, struct view *v)
{
	p = column_text(p, v, VIEW_FLOW, "FLOW");
	if (v->wide)
		p = wide_header(p);
	p = column_text(p, v, VIEW_PID, "PID");
	p = column_text(p, v, VIEW_COMM, "COMM");
	p = column_text(p, v, VIEW_LADDR, "LADDR");
	p = fixed_text(p, PORT_WIDTH, "LPORT");
	p = column_text(p, v, VIEW_RADDR, "RADDR");
	return fixed_text(p, PORT_WIDTH, "RPORT");
}

static char *state_column(char *p, unsigned int state)
{
	const struct word *name = state_word(state);
	char *start = p;

	if (name)
		p = put_word(p, name);
	else if (state == TCPFSM_S_UNKNOWN)
		p = put_char(p, '-');
	else
		p = put_dec(put_lit(p, "state_"), state);
	return fixed_end(p, STATE_WIDTH, start);
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
	char *p = buf_room(b, LINE);

	if (p)
		buf_end(b, state_column(p, state));
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
	char *p = buf_room(b, LINE);

	if (p)
		buf_end(b, fixed_text(p, STATE_WIDTH, word));
}

static char *ms_column(char *p, struct view *v, const struct event *ev)
{
	char *start = p;

	if (ev->flags & TCPFSM_F_SINCE || ev->bound) {
		if (ev->bound)
			p = put_char(p, '>');
		p = put_char(put_dec(p, ev->ns / NSEC_PER_MSEC), '.');
		p = put_three(p, ev->ns % NSEC_PER_MSEC / NSEC_PER_USEC);
	} else {
		p = put_char(p, '-');
	}
	return column_end(p, v, VIEW_MS, start);
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
	char *p = buf_room(b, LINE);

	if (p)
		buf_end(b, ms_column(p, v, ev));
}

static char *cause_end(char *p, unsigned int cause)
{
	const struct word *words = cause_word(cause);

	p = words ? put_word(p, words) : put_dec(put_lit(p, "cause "), cause);
	return put_char(p, '\n');
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
	char *p = buf_room(b, LINE);

	if (p)
		buf_end(b, put_flags(p, flags));
}

/* What stands before an option: the list's bracket, or a comma */
static char *option(char *p, const char *start, const char *name)
{
	p = put_char(p, p == start ? '<' : ',');
	return put_mem(p, name, strlen(name));
}

static char *put_options(char *p, const struct tcpfsm_segment *s)
{
	const char *start = p;

	if (s->known & TCPFSM_SEG_MSS)
		p = put_dec(option(p, start, "mss "), s->mss);
	if (s->known & TCPFSM_SEG_SACK_OK)
		p = option(p, start, "sackOK");
	if (s->known & (TCPFSM_SEG_TS | TCPFSM_SEG_TSVAL | TCPFSM_SEG_TSECR))
		p = option(p, start, "TS");
	if (s->known & TCPFSM_SEG_TSVAL)
		p = put_dec(put_lit(p, " val "), s->tsval);
	if (s->known & TCPFSM_SEG_TSECR)
		p = put_dec(put_lit(p, " ecr "), s->tsecr);
	if (s->known & TCPFSM_SEG_WSCALE)
		p = put_dec(option(p, start, "wscale "), s->wscale);
	if (s->known & TCPFSM_SEG_COOKIE && s->cookie_len)
		p = put_dec(option(p, start, "Fast Open cookie of "), s->cookie_len);
	else if (s->known & TCPFSM_SEG_COOKIE)
		p = option(p, start, "Fast Open cookie?");
	if (p == start && s->known & TCPFSM_SEG_OPTIONS)
		p = option(p, start, "none");
	return p == start ? p : put_char(p, '>');
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
	char *p = buf_room(b, LINE);

	if (p)
		buf_end(b, put_options(p, s));
}

static char *put_fate(char *p, unsigned int fate)
{
	const char *name = fate_name(fate);

	p = put_char(p, '(');
	if (name)
		p = put_mem(p, name, strlen(name));
	else
		p = put_dec(put_lit(p, "fate "), fate);
	return put_lit(p, ") ");
}

/* The rest of a segment's line: what is known of it, and what became of it */
static char *segment_end(char *p, const struct tcpfsm_segment *s)
{
	char *start;

	if (s->known & TCPFSM_SEG_SEQ)
		p = put_char(put_dec(put_lit(p, "seq "), s->seq), ' ');
	if (s->known & TCPFSM_SEG_ACK)
		p = put_char(put_dec(put_lit(p, "ack "), s->ack), ' ');
	if (s->known & TCPFSM_SEG_WIN)
		p = put_char(put_dec(put_lit(p, "win "), s->win), ' ');
	if (s->known & TCPFSM_SEG_LEN)
		p = put_char(put_dec(put_lit(p, "len "), s->len), ' ');
	start = p;
	p = put_options(p, s);
	if (p > start)
		p = put_char(p, ' ');
	if (s->known & TCPFSM_SEG_RETRANS && s->retrans)
		p = put_char(put_dec(put_lit(p, "retransmission "), s->retrans), ' ');
	if (s->fate)
		p = put_fate(p, s->fate);
	if (s->known & TCPFSM_SEG_ILLEGAL)
		p = put_lit(p, "ILLEGAL");
	/* each word brings a blank, and MS some */
	while (p[-1] == ' ')
		p--;
	return put_char(p, '\n');
}

static char *segment_columns(char *p, struct view *v, const struct event *ev)
{
	char *start;

	p = state_column(p, ev->state);
	p = ev->seg.known & TCPFSM_SEG_ILLEGAL ? put_lit(p, "** ") : put_lit(p, "   ");
	start = p;
	p = ev->seg.dir == TCPFSM_DIR_OUT ? put_lit(p, "out ") : put_lit(p, "in  ");
	p = fixed_end(put_flags(p, ev->seg.tcp_flags), STATE_WIDTH, start);
	p = column_end(put_char(p, '-'), v, VIEW_MS, p);
	return segment_end(p, &ev->seg);
}

static char *transition_columns(char *p, struct view *v, const struct event *ev)
{
	p = state_column(p, ev->old_state);
	p = put_lit(p, "-> ");
	p = state_column(p, ev->state);
	p = ms_column(p, v, ev);
	return cause_end(p, ev->cause);
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
	char *p = buf_room(b, LINE);

	if (!p)
		return;
	p = column_text(p, v, VIEW_TIME, "TIME");
	p = identity_header(p, v);
	p = fixed_text(p, STATE_WIDTH, "OLDSTATE");
	p = put_lit(p, "-> ");
	p = fixed_text(p, STATE_WIDTH, "NEWSTATE");
	p = column_text(p, v, VIEW_MS, "MS");
	buf_end(b, put_lit(p, "CAUSE\n"));
}

/* The rest of the line of an event that is rare */
static void other_event(struct buf *b, struct view *v, const struct event *ev)
{
	if (ev->kind == TCPFSM_K_LOST)
		lost_line(b, ev);
	else
		text_alert(b, v, ev);
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
	char *p;

	/* no event: listener_text() has its line */
	if (ev->kind == TCPFSM_K_LISTENER)
		return;
	p = buf_room(b, LINE);
	if (!p)
		return;
	p = time_column(p, v, ev->ts);
	if (!event_is_gap(ev))
		p = identity(p, v, ev);
	if (ev->kind == TCPFSM_K_STATE || ev->kind == TCPFSM_K_FLOW) {
		p = transition_columns(p, v, ev);
	} else if (ev->kind == TCPFSM_K_SEGMENT) {
		p = segment_columns(p, v, ev);
	} else {
		buf_end(b, p);
		other_event(b, v, ev);
		return;
	}
	buf_end(b, p);
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
	char *p = buf_room(b, LINE);

	if (!p)
		return;
	p = identity_header(p, v);
	p = fixed_text(p, STATE_WIDTH, "STATE");
	p = column_text(p, v, VIEW_MS, "MS");
	buf_end(b, put_lit(p, "CAUSE\n"));
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
	char *p = buf_room(b, LINE);

	if (!p)
		return;
	p = identity(p, v, ev);
	p = state_column(p, ev->state);
	p = ms_column(p, v, ev);
	buf_end(b, cause_end(p, ev->cause));
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
	char *p = buf_room(b, LINE);

	if (p)
		buf_end(b, identity(time_column(p, v, ev->ts), v, ev));
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
	char *p = buf_room(b, LINE);

	if (p)
		buf_end(b, identity_header(column_text(p, v, VIEW_TIME, "TIME"), v));
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
	char *p = buf_room(b, LINE);

	if (!p)
		return;
	p = column_text(p, v, VIEW_LADDR, "LADDR");
	p = fixed_text(p, PORT_WIDTH, "LPORT");
	p = column_text(p, v, VIEW_PID, "PID");
	buf_end(b, column_text(p, v, VIEW_COMM, "COMM"));
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
	char *p = buf_room(b, LINE);

	if (!p)
		return;
	p = addr_columns(p, v, VIEW_LADDR, ev->id.family, ev->id.laddr, ev->id.lport);
	p = pid_column(p, v, ev);
	buf_end(b, comm_column(p, v, ev));
}
