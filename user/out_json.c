// SPDX-License-Identifier: GPL-2.0
/*
 * Lines for programs: one JSON object each. Their fields are a contract, written
 * down in docs/json.md; fields are added, never changed. The lines of events are
 * put together without printf(), as they are what costs most.
 */
#include <arpa/inet.h>
#include <string.h>

#include "clock.h"
#include "names.h"
#include "utf8.h"
#include "view.h"

/**
 * json_string() - append a string with its quotes
 * @b: the buffer
 * @text: bytes of any origin
 * @len: how many
 *
 * Each byte that belongs to no valid UTF-8 becomes U+FFFD, control characters
 * are escaped.
 *
 * Context: any.
 */
void json_string(struct buf *b, const char *text, size_t len)
{
	uint32_t code;
	size_t n;

	buf_char(b, '"');
	for (; len; text += n, len -= n) {
		n = utf8_next(text, len, &code);
		if (!n) {
			buf_str(b, "\\ufffd");
			n = 1;
		} else if (code == '"' || code == '\\') {
			buf_char(b, '\\');
			buf_char(b, code);
		} else if (code < 0x20 || (code >= 0x7f && code < 0xa0)) {
			buf_str(b, code < 0x10 ? "\\u000" : "\\u00");
			buf_hex(b, code);
		} else {
			buf_mem(b, text, n);
		}
	}
	buf_char(b, '"');
}

/**
 * json_key() - append a comma and the name of a field
 * @b: the buffer
 * @key: plain ASCII
 *
 * Context: any.
 */
void json_key(struct buf *b, const char *key)
{
	buf_str(b, ",\"");
	buf_str(b, key);
	buf_str(b, "\":");
}

/**
 * json_begin() - begin an object
 * @b: the buffer
 * @event: what kind of object
 *
 * Context: any.
 */
void json_begin(struct buf *b, const char *event)
{
	buf_str(b, "{\"event\":\"");
	buf_str(b, event);
	buf_char(b, '"');
}

/**
 * json_end() - end an object and its line
 * @b: the buffer
 *
 * Context: any.
 */
void json_end(struct buf *b)
{
	buf_str(b, "}\n");
}

/**
 * json_add_str() - add a field that is a string
 * @b: the buffer
 * @key: its name
 * @text: its value, NULL for null
 *
 * Context: any.
 */
void json_add_str(struct buf *b, const char *key, const char *text)
{
	json_key(b, key);
	if (text)
		json_string(b, text, strlen(text));
	else
		buf_str(b, "null");
}

/**
 * json_add_num() - add a field that is a number
 * @b: the buffer
 * @key: its name
 * @n: its value
 *
 * Context: any.
 */
void json_add_num(struct buf *b, const char *key, uint64_t n)
{
	json_key(b, key);
	buf_dec(b, n);
}

/**
 * json_add_bool() - add a field that is true or false
 * @b: the buffer
 * @key: its name
 * @yes: its value
 *
 * Context: any.
 */
void json_add_bool(struct buf *b, const char *key, bool yes)
{
	json_key(b, key);
	buf_str(b, yes ? "true" : "false");
}

/**
 * json_time() - add ts and time
 * @b: the buffer
 * @v: how events are shown, for its time of day
 * @ts: CLOCK_MONOTONIC in ns
 *
 * Context: any.
 */
void json_time(struct buf *b, struct view *v, uint64_t ts)
{
	uint64_t wall = ts + v->wall;
	time_t second = wall / NSEC_PER_SEC;
	struct tm tm;

	if (second != v->second) {
		gmtime_r(&second, &tm);
		v->text_len = strftime(v->text, sizeof(v->text), "%Y-%m-%dT%H:%M:%S.", &tm);
		v->second = second;
	}
	json_add_num(b, "ts", ts);
	json_key(b, "time");
	buf_char(b, '"');
	buf_mem(b, v->text, v->text_len);
	buf_dec_pad(b, wall % NSEC_PER_SEC, 9);
	buf_str(b, "Z\"");
}

static void add_addr(struct buf *b, const char *key, uint16_t family, const uint8_t *addr)
{
	char text[INET6_ADDRSTRLEN];

	json_key(b, key);
	if (!inet_ntop(family, addr, text, sizeof(text))) {
		buf_str(b, "null");
		return;
	}
	buf_char(b, '"');
	buf_str(b, text);
	buf_char(b, '"');
}

static void add_id(struct buf *b, const struct tcpfsm_id *id)
{
	json_key(b, "flow");
	if (id->cookie) {
		buf_char(b, '"');
		buf_hex(b, id->cookie);
		buf_char(b, '"');
	} else {
		buf_str(b, "null");
	}
	json_add_num(b, "netns", id->netns);
	json_add_num(b, "family", id->family == AF_INET ? 4 : 6);
	add_addr(b, "laddr", id->family, id->laddr);
	json_add_num(b, "lport", ntohs(id->lport));
	add_addr(b, "raddr", id->family, id->raddr);
	json_add_num(b, "rport", ntohs(id->rport));
}

static void add_state(struct buf *b, const char *key, unsigned int state)
{
	const char *name = state_name(state);

	json_key(b, key);
	if (name) {
		buf_char(b, '"');
		buf_str(b, name);
		buf_char(b, '"');
	} else if (state == TCPFSM_S_UNKNOWN) {
		buf_str(b, "null");
	} else {
		buf_printf(b, "\"state_%u\"", state);
	}
}

/**
 * json_add_cause() - add what led to a state
 * @b: the buffer
 * @cause: enum tcpfsm_cause
 *
 * Context: any.
 */
void json_add_cause(struct buf *b, unsigned int cause)
{
	const char *name = cause_name(cause);

	json_key(b, "cause");
	if (name) {
		buf_char(b, '"');
		buf_str(b, name);
		buf_char(b, '"');
	} else {
		buf_printf(b, "\"cause %u\"", cause);
	}
}

static void add_owner(struct buf *b, const struct event *ev)
{
	const struct tcpfsm_owner *owner = &ev->owner;

	if (!(ev->flags & TCPFSM_F_OWNER)) {
		buf_str(b, ",\"pid\":null,\"comm\":null,\"uid\":null");
		return;
	}
	json_add_num(b, "pid", owner->pid);
	json_key(b, "comm");
	json_string(b, owner->comm, strnlen(owner->comm, sizeof(owner->comm)));
	json_add_num(b, "uid", owner->uid);
}

/* True ones only: a field that is not there is false. */
static void add_flags(struct buf *b, unsigned int flags)
{
	if (flags & TCPFSM_F_PREEXISTING)
		buf_str(b, ",\"preexisting\":true");
	if (flags & TCPFSM_F_UNTRACKED)
		buf_str(b, ",\"untracked\":true");
	if (flags & TCPFSM_F_ORPHAN)
		buf_str(b, ",\"orphan\":true");
	if (flags & TCPFSM_F_INHERITED)
		buf_str(b, ",\"owner_inherited\":true");
	if (flags & TCPFSM_F_OVERDUE)
		buf_str(b, ",\"overdue\":true");
}

static void add_ns(struct buf *b, const char *key, const struct event *ev)
{
	json_key(b, key);
	if (ev->flags & TCPFSM_F_SINCE)
		buf_dec(b, ev->ns);
	else
		buf_str(b, "null");
}

/**
 * json_age() - add for how long it is in its state, as far as is known
 * @b: the buffer
 * @ev: the event
 *
 * Context: any.
 */
void json_age(struct buf *b, const struct event *ev)
{
	json_key(b, "age_ns");
	if (ev->flags & TCPFSM_F_SINCE || ev->bound)
		buf_dec(b, ev->ns);
	else
		buf_str(b, "null");
	if (ev->bound)
		buf_str(b, ",\"age_is_lower_bound\":true");
}

static void add_known(struct buf *b, const char *key, bool known, uint64_t n)
{
	json_key(b, key);
	if (known)
		buf_dec(b, n);
	else
		buf_str(b, "null");
}

static void state_object(struct buf *b, struct view *v, const struct event *ev)
{
	json_begin(b, "state");
	json_time(b, v, ev->ts);
	add_id(b, &ev->id);
	add_state(b, "old", ev->old_state);
	add_state(b, "new", ev->state);
	json_add_cause(b, ev->cause);
	add_ns(b, "ns_in_old", ev);
	add_owner(b, ev);
	add_flags(b, ev->flags);
	add_known(b, "retrans", ev->flags & TCPFSM_F_RETRANS, ev->count);
	json_add_num(b, "cpu", ev->cpu);
	json_add_num(b, "seq", ev->seq);
	json_end(b);
}

/* An option was there, was not, or nobody knows which ones there were. */
static void add_option(struct buf *b, const char *key, uint32_t known, uint32_t bit)
{
	if (known & (bit | TCPFSM_SEG_OPTIONS))
		json_add_bool(b, key, known & bit);
	else
		json_add_str(b, key, NULL);
}

static void add_fate(struct buf *b, unsigned int fate)
{
	const char *name = fate_name(fate);

	json_key(b, "fate");
	if (name)
		buf_printf(b, "\"%s\"", name);
	else if (fate == TCPFSM_FATE_NONE)
		buf_str(b, "null");
	else
		buf_printf(b, "\"fate %u\"", fate);
}

static void segment_object(struct buf *b, struct view *v, const struct event *ev)
{
	const struct tcpfsm_segment *s = &ev->seg;

	if (v->alerts)
		buf_str(b, "{\"event\":\"alert\",\"alert\":\"illegal\"");
	else
		json_begin(b, "segment");
	json_time(b, v, ev->ts);
	add_id(b, &ev->id);
	if (v->alerts)
		add_owner(b, ev);
	buf_str(b, s->dir == TCPFSM_DIR_OUT ? ",\"dir\":\"out\"" : ",\"dir\":\"in\"");
	buf_str(b, ",\"flags\":\"");
	text_flags(b, s->tcp_flags);
	buf_char(b, '"');
	add_known(b, "seq", s->known & TCPFSM_SEG_SEQ, s->seq);
	add_known(b, "ack", s->known & TCPFSM_SEG_ACK, s->ack);
	add_known(b, "win", s->known & TCPFSM_SEG_WIN, s->win);
	add_known(b, "len", s->known & TCPFSM_SEG_LEN, s->len);
	add_known(b, "mss", s->known & TCPFSM_SEG_MSS, s->mss);
	add_known(b, "wscale", s->known & TCPFSM_SEG_WSCALE, s->wscale);
	add_option(b, "sack_ok", s->known, TCPFSM_SEG_SACK_OK);
	add_option(b, "ts_ok", s->known, TCPFSM_SEG_TS);
	add_known(b, "tsval", s->known & TCPFSM_SEG_TSVAL, s->tsval);
	add_known(b, "tsecr", s->known & TCPFSM_SEG_TSECR, s->tsecr);
	add_known(b, "cookie_len", s->known & TCPFSM_SEG_COOKIE, s->cookie_len);
	add_known(b, "retrans", s->known & TCPFSM_SEG_RETRANS, s->retrans);
	add_state(b, "state", ev->state);
	add_fate(b, s->fate);
	if (s->known & TCPFSM_SEG_ILLEGAL)
		buf_str(b, ",\"illegal\":true");
	json_add_num(b, "cpu", ev->cpu);
	json_add_num(b, "record", ev->seq);
	json_end(b);
}

static void flow_object(struct buf *b, struct view *v, const struct event *ev)
{
	json_begin(b, "flow");
	json_time(b, v, ev->ts);
	add_id(b, &ev->id);
	add_state(b, "state", ev->state);
	json_add_cause(b, ev->cause);
	add_ns(b, "ns_in_state", ev);
	json_age(b, ev);
	add_owner(b, ev);
	add_flags(b, ev->flags);
	json_end(b);
}

static void lost_object(struct buf *b, struct view *v, const struct event *ev)
{
	json_begin(b, "lost");
	json_time(b, v, ev->ts);
	json_add_num(b, "count", ev->count);
	json_add_str(b, "where", where_name(ev->where));
	if (ev->cpu != EVENT_CPU_UNKNOWN)
		json_add_num(b, "cpu", ev->cpu);
	json_end(b);
}

/**
 * json_event() - append the object of a transition, a segment, a flow, an alert or a loss
 * @b: the buffer
 * @v: how events are shown
 * @ev: the event
 *
 * Context: any.
 */
void json_event(struct buf *b, struct view *v, const struct event *ev)
{
	switch (ev->kind) {
	case TCPFSM_K_STATE:
		state_object(b, v, ev);
		break;
	case TCPFSM_K_SEGMENT:
		segment_object(b, v, ev);
		break;
	case TCPFSM_K_FLOW:
		flow_object(b, v, ev);
		break;
	case TCPFSM_K_LOST:
		lost_object(b, v, ev);
		break;
	case TCPFSM_K_STUCK:
	case TCPFSM_K_FLOOD:
	case TCPFSM_K_SKIPPED:
		json_alert(b, v, ev);
		break;
	}
}

/**
 * json_tally() - append what a stream came to
 * @b: the buffer
 * @v: how events are shown, for its time of day
 * @t: the numbers
 *
 * Context: any.
 */
void json_tally(struct buf *b, struct view *v, const struct tally *t)
{
	json_begin(b, "summary");
	json_time(b, v, t->ts);
	json_add_num(b, "duration_ns", t->duration);
	json_add_num(b, "events", t->events);
	json_add_num(b, "connections", t->connections);
	json_add_num(b, "lost", t->lost);
	json_add_num(b, "lost_ring", t->lost_ring);
	json_add_num(b, "lost_netlink", t->lost_netlink);
	json_add_num(b, "skipped", t->skipped);
	json_add_num(b, "late", t->late);
	json_add_num(b, "malformed", t->malformed);
	json_end(b);
}

/**
 * json_identity() - add when, which connection and whose
 * @b: the buffer
 * @v: how events are shown, for its time of day
 * @ev: the event; without a cookie its flow is null
 *
 * Context: any.
 */
void json_identity(struct buf *b, struct view *v, const struct event *ev)
{
	json_time(b, v, ev->ts);
	add_id(b, &ev->id);
	add_owner(b, ev);
	add_flags(b, ev->flags);
}

/**
 * json_add_state() - add a field that is a state
 * @b: the buffer
 * @key: its name
 * @state: enum tcpfsm_state, null for TCPFSM_S_UNKNOWN
 *
 * Context: any.
 */
void json_add_state(struct buf *b, const char *key, unsigned int state)
{
	add_state(b, key, state);
}
