/* SPDX-License-Identifier: GPL-2.0 */
/* How events are shown; out_text.c and out_json.c do it. */
#ifndef TCPFSM_VIEW_H
#define TCPFSM_VIEW_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "buf.h"
#include "event.h"
#include "put.h"

/* Columns whose width follows what has to fit */
enum view_column {
	VIEW_TIME,
	VIEW_FLOW,
	VIEW_PID,
	VIEW_COMM,
	VIEW_LADDR,
	VIEW_RADDR,
	VIEW_MS,
	VIEW_COLUMNS,
};

#define VIEW_KNOWN	64	/* connections whose text is kept, a power of 2 */

/**
 * struct view_known - what lines say of a connection alone, as most are of one that was just shown
 * @id: the connection
 * @len: bytes of @text, 0 for none
 * @widths: of the columns that were put
 * @text: for people its addresses and ports, for programs all of @id
 */
struct view_known {
	struct tcpfsm_id	id;
	uint8_t			len;
	uint8_t			widths[2];
	char			text[7 * PUT_BEYOND];
};

/**
 * struct view - how events are shown
 * @wide: with family, network namespace and user
 * @alerts: an illegal segment is an alert, not a segment
 * @time_of_day: TIME is the time of day, else seconds since @start
 * @started: @start is set
 * @start: ts of the first event shown
 * @wall: CLOCK_REALTIME minus CLOCK_MONOTONIC, in ns; the caller keeps it fresh
 * @width: of columns, in characters; grows and never shrinks
 * @second: the second @text is for
 * @text: @second as text, as most events share it with the one before
 * @text_len: bytes of it
 * @known: connections shown lately, by the lower bits of their cookies; a view is either for
 *	people or for programs
 */
struct view {
	bool		wide;
	bool		alerts;
	bool		time_of_day;
	bool		started;
	uint64_t	start;
	int64_t		wall;
	uint8_t		width[VIEW_COLUMNS];
	time_t		second;
	char		text[32];
	uint8_t		text_len;
	struct view_known known[VIEW_KNOWN];
};

/**
 * struct tally - what a stream came to
 * @ts: CLOCK_MONOTONIC in ns at the end
 * @duration: ns from begin to end
 * @events: events shown
 * @connections: connections they belong to
 * @lost: records lost, everywhere
 * @lost_ring: of these, in a full ring
 * @lost_netlink: of these, between module and tool
 * @skipped: segments the module counted only
 * @late: events shown after a later one
 * @malformed: messages that could not be read
 */
struct tally {
	uint64_t	ts;
	uint64_t	duration;
	uint64_t	events;
	uint64_t	connections;
	uint64_t	lost;
	uint64_t	lost_ring;
	uint64_t	lost_netlink;
	uint64_t	skipped;
	uint64_t	late;
	uint64_t	malformed;
};

void view_init(struct view *v, unsigned int family);
char *view_recall(struct view *v, const struct tcpfsm_id *id, char *p);
void view_keep(struct view *v, const struct tcpfsm_id *id, const char *text, const char *end);

void text_time(struct buf *b, struct view *v, uint64_t ts);
void text_header(struct buf *b, struct view *v);
void text_event(struct buf *b, struct view *v, const struct event *ev);
void text_identity(struct buf *b, struct view *v, const struct event *ev);
void text_identity_header(struct buf *b, struct view *v);
void text_flow_header(struct buf *b, struct view *v);
void text_flow(struct buf *b, struct view *v, const struct event *ev);
void text_listener_header(struct buf *b, struct view *v);
void text_listener(struct buf *b, struct view *v, const struct event *ev);
void text_tally(struct buf *b, const struct tally *t);
void text_flags(struct buf *b, unsigned int flags);
void text_options(struct buf *b, const struct tcpfsm_segment *s);
void text_state(struct buf *b, unsigned int state);
void text_word(struct buf *b, const char *word);
void text_ms(struct buf *b, struct view *v, const struct event *ev);
void text_safe(struct buf *b, const char *text, size_t len);

void json_begin(struct buf *b, const char *event);
void json_time(struct buf *b, struct view *v, uint64_t ts);
void json_key(struct buf *b, const char *key);
void json_string(struct buf *b, const char *text, size_t len);
void json_add_str(struct buf *b, const char *key, const char *text);
void json_add_num(struct buf *b, const char *key, uint64_t n);
void json_add_bool(struct buf *b, const char *key, bool yes);
void json_add_state(struct buf *b, const char *key, unsigned int state);
void json_add_cause(struct buf *b, unsigned int cause);
void json_age(struct buf *b, const struct event *ev);
void json_identity(struct buf *b, struct view *v, const struct event *ev);
void json_end(struct buf *b);
void json_event(struct buf *b, struct view *v, const struct event *ev);
void json_tally(struct buf *b, struct view *v, const struct tally *t);

uint64_t skipped_total(const struct event *ev);
const char *alert_word(const struct event *ev);
void alert_words(struct buf *b, const struct event *ev);
void text_alert(struct buf *b, struct view *v, const struct event *ev);
void json_alert(struct buf *b, struct view *v, const struct event *ev);

#endif
