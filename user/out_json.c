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
#include "put.h"
#include "utf8.h"
#include "view.h"

/* Bytes an event's object takes at most, strings of unknown length not among them */
#define OBJECT	2048

static char *put_string(char *p, const char *text, size_t len)
{
	uint32_t code;
	size_t n;

	p = put_char(p, '"');
	for (; len; text += n, len -= n) {
		n = 1;
		if (*text >= 0x20 && *text < 0x7f && *text != '"' && *text != '\\') {
			p = put_char(p, *text);
			continue;
		}
		n = utf8_next(text, len, &code);
		if (!n) {
			p = put_lit(p, "\\ufffd");
			n = 1;
		} else if (code == '"' || code == '\\') {
			p = put_char(put_char(p, '\\'), code);
		} else if (code < 0x20 || (code >= 0x7f && code < 0xa0)) {
			p = put_hex(put_mem(p, "\\u000", code < 0x10 ? 5 : 4), code);
		} else {
			p = put_mem(p, text, n);
		}
	}
	return put_char(p, '"');
}

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
	char *p = buf_room(b, 6 * len + 2 + PUT_BEYOND);

	if (p)
		buf_end(b, put_string(p, text, len));
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

static char *put_time(char *p, struct view *v, uint64_t ts)
{
	uint64_t wall = ts + v->wall;
	time_t second = wall / NSEC_PER_SEC;
	struct tm tm;

	if (second != v->second) {
		gmtime_r(&second, &tm);
		v->text_len = strftime(v->text, sizeof(v->text), "%Y-%m-%dT%H:%M:%S.", &tm);
		v->second = second;
	}
	p = put_dec(put_lit(p, ",\"ts\":"), ts);
	p = put_lit(p, ",\"time\":\"");
	memcpy(p, v->text, sizeof(v->text));
	p = put_nine(p + v->text_len, wall % NSEC_PER_SEC);
	return put_lit(p, "Z\"");
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
	char *p = buf_room(b, OBJECT);

	if (p)
		buf_end(b, put_time(p, v, ts));
}

/* Behind the name of the field, the address in quotes */
static char *address(char *p, uint16_t family, const uint8_t *addr)
{
	char *end = put_addr(p + 1, family, addr);

	if (end == p + 1)
		return put_lit(p, "null");
	*p = '"';
	return put_char(end, '"');
}

static char *put_new_id(char *p, const struct tcpfsm_id *id)
{
	if (id->cookie)
		p = put_char(put_hex(put_lit(p, ",\"flow\":\""), id->cookie), '"');
	else
		p = put_lit(p, ",\"flow\":null");
	p = put_dec(put_lit(p, ",\"netns\":"), id->netns);
	p = id->family == AF_INET ? put_lit(p, ",\"family\":4") : put_lit(p, ",\"family\":6");
	p = address(put_lit(p, ",\"laddr\":"), id->family, id->laddr);
	p = put_dec(put_lit(p, ",\"lport\":"), ntohs(id->lport));
	p = address(put_lit(p, ",\"raddr\":"), id->family, id->raddr);
	return put_dec(put_lit(p, ",\"rport\":"), ntohs(id->rport));
}

static char *put_id(char *p, struct view *v, const struct tcpfsm_id *id)
{
	char *end = view_recall(v, id, p);

	if (end)
		return end;
	end = put_new_id(p, id);
	view_keep(v, id, p, end);
	return end;
}

/* Behind the name of the field, a state */
static char *put_state(char *p, unsigned int state)
{
	const struct word *name = state_word(state);

	if (name)
		return put_char(put_word(put_char(p, '"'), name), '"');
	if (state == TCPFSM_S_UNKNOWN)
		return put_lit(p, "null");
	return put_char(put_dec(put_lit(p, "\"state_"), state), '"');
}

static char *put_cause(char *p, unsigned int cause)
{
	const struct word *words = cause_word(cause);

	p = put_lit(p, ",\"cause\":\"");
	p = words ? put_word(p, words) : put_dec(put_lit(p, "cause "), cause);
	return put_char(p, '"');
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
	char *p = buf_room(b, OBJECT);

	if (p)
		buf_end(b, put_cause(p, cause));
}

static char *put_owner(char *p, const struct event *ev)
{
	const struct tcpfsm_owner *owner = &ev->owner;

	if (!(ev->flags & TCPFSM_F_OWNER))
		return put_lit(p, ",\"pid\":null,\"comm\":null,\"uid\":null");
	p = put_dec(put_lit(p, ",\"pid\":"), owner->pid);
	p = put_lit(p, ",\"comm\":");
	p = put_string(p, owner->comm, strnlen(owner->comm, sizeof(owner->comm)));
	return put_dec(put_lit(p, ",\"uid\":"), owner->uid);
}

/* True ones only: a field that is not there is false. */
static char *put_marks(char *p, unsigned int flags)
{
	if (flags & TCPFSM_F_PREEXISTING)
		p = put_lit(p, ",\"preexisting\":true");
	if (flags & TCPFSM_F_UNTRACKED)
		p = put_lit(p, ",\"untracked\":true");
	if (flags & TCPFSM_F_ORPHAN)
		p = put_lit(p, ",\"orphan\":true");
	if (flags & TCPFSM_F_INHERITED)
		p = put_lit(p, ",\"owner_inherited\":true");
	if (flags & TCPFSM_F_OVERDUE)
		p = put_lit(p, ",\"overdue\":true");
	return p;
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

/* Behind the name of a field, a number that may not be known */
static char *known(char *p, bool is, uint64_t n)
{
	return is ? put_dec(p, n) : put_lit(p, "null");
}

static char *state_object(char *p, struct view *v, const struct event *ev)
{
	p = put_lit(p, "{\"event\":\"state\"");
	p = put_time(p, v, ev->ts);
	p = put_id(p, v, &ev->id);
	p = put_state(put_lit(p, ",\"old\":"), ev->old_state);
	p = put_state(put_lit(p, ",\"new\":"), ev->state);
	p = put_cause(p, ev->cause);
	p = known(put_lit(p, ",\"ns_in_old\":"), ev->flags & TCPFSM_F_SINCE, ev->ns);
	p = put_owner(p, ev);
	p = put_marks(p, ev->flags);
	p = known(put_lit(p, ",\"retrans\":"), ev->flags & TCPFSM_F_RETRANS, ev->count);
	p = put_dec(put_lit(p, ",\"cpu\":"), ev->cpu);
	p = put_dec(put_lit(p, ",\"seq\":"), ev->seq);
	return put_lit(p, "}\n");
}

/* An option was there, was not, or nobody knows which ones there were. */
static char *option(char *p, uint32_t known, uint32_t bit)
{
	if (known & bit)
		return put_lit(p, "true");
	return known & TCPFSM_SEG_OPTIONS ? put_lit(p, "false") : put_lit(p, "null");
}

static char *put_fate(char *p, unsigned int fate)
{
	const char *name = fate_name(fate);

	if (fate == TCPFSM_FATE_NONE)
		return put_lit(p, ",\"fate\":null");
	p = put_lit(p, ",\"fate\":\"");
	p = name ? put_mem(p, name, strlen(name)) : put_dec(put_lit(p, "fate "), fate);
	return put_char(p, '"');
}

static char *segment_object(char *p, struct view *v, const struct event *ev)
{
	const struct tcpfsm_segment *s = &ev->seg;

	p = v->alerts ? put_lit(p, "{\"event\":\"alert\",\"alert\":\"illegal\"")
		      : put_lit(p, "{\"event\":\"segment\"");
	p = put_time(p, v, ev->ts);
	p = put_id(p, v, &ev->id);
	if (v->alerts)
		p = put_owner(p, ev);
	p = s->dir == TCPFSM_DIR_OUT ? put_lit(p, ",\"dir\":\"out\",\"flags\":\"")
				     : put_lit(p, ",\"dir\":\"in\",\"flags\":\"");
	p = put_flags(p, s->tcp_flags);
	p = known(put_lit(p, "\",\"seq\":"), s->known & TCPFSM_SEG_SEQ, s->seq);
	p = known(put_lit(p, ",\"ack\":"), s->known & TCPFSM_SEG_ACK, s->ack);
	p = known(put_lit(p, ",\"win\":"), s->known & TCPFSM_SEG_WIN, s->win);
	p = known(put_lit(p, ",\"len\":"), s->known & TCPFSM_SEG_LEN, s->len);
	p = known(put_lit(p, ",\"mss\":"), s->known & TCPFSM_SEG_MSS, s->mss);
	p = known(put_lit(p, ",\"wscale\":"), s->known & TCPFSM_SEG_WSCALE, s->wscale);
	p = option(put_lit(p, ",\"sack_ok\":"), s->known, TCPFSM_SEG_SACK_OK);
	p = option(put_lit(p, ",\"ts_ok\":"), s->known, TCPFSM_SEG_TS);
	p = known(put_lit(p, ",\"tsval\":"), s->known & TCPFSM_SEG_TSVAL, s->tsval);
	p = known(put_lit(p, ",\"tsecr\":"), s->known & TCPFSM_SEG_TSECR, s->tsecr);
	p = known(put_lit(p, ",\"cookie_len\":"), s->known & TCPFSM_SEG_COOKIE, s->cookie_len);
	p = known(put_lit(p, ",\"retrans\":"), s->known & TCPFSM_SEG_RETRANS, s->retrans);
	p = put_state(put_lit(p, ",\"state\":"), ev->state);
	p = put_fate(p, s->fate);
	if (s->known & TCPFSM_SEG_ILLEGAL)
		p = put_lit(p, ",\"illegal\":true");
	p = put_dec(put_lit(p, ",\"cpu\":"), ev->cpu);
	p = put_dec(put_lit(p, ",\"record\":"), ev->seq);
	return put_lit(p, "}\n");
}

static void flow_object(struct buf *b, struct view *v, const struct event *ev)
{
	char *p = buf_room(b, OBJECT);

	if (!p)
		return;
	p = put_lit(p, "{\"event\":\"flow\"");
	p = put_time(p, v, ev->ts);
	p = put_id(p, v, &ev->id);
	p = put_state(put_lit(p, ",\"state\":"), ev->state);
	p = put_cause(p, ev->cause);
	buf_end(b, known(put_lit(p, ",\"ns_in_state\":"), ev->flags & TCPFSM_F_SINCE, ev->ns));
	json_age(b, ev);
	p = buf_room(b, OBJECT);
	if (p)
		buf_end(b, put_lit(put_marks(put_owner(p, ev), ev->flags), "}\n"));
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
	char *p = buf_room(b, OBJECT);

	if (!p)
		return;
	switch (ev->kind) {
	case TCPFSM_K_STATE:
		buf_end(b, state_object(p, v, ev));
		break;
	case TCPFSM_K_SEGMENT:
		buf_end(b, segment_object(p, v, ev));
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
	char *p = buf_room(b, OBJECT);

	if (!p)
		return;
	p = put_time(p, v, ev->ts);
	p = put_id(p, v, &ev->id);
	p = put_owner(p, ev);
	buf_end(b, put_marks(p, ev->flags));
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
	char *p;

	json_key(b, key);
	p = buf_room(b, OBJECT);
	if (p)
		buf_end(b, put_state(p, state));
}
