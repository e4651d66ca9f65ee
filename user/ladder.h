/* SPDX-License-Identifier: GPL-2.0 */
/* The textbook picture of one connection: events go in, rows and text come out. */
#ifndef TCPFSM_LADDER_H
#define TCPFSM_LADDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "event.h"

#define LADDER_EVENTS	256	/* kept of one connection; the middle of a longer one is left out */
#define LADDER_VERDICT	96	/* bytes of what is said of an end */

/**
 * struct ladder_addr - one end's address, IPv4 in its mapped form
 * @addr: the address
 * @port: the port
 */
struct ladder_addr {
	uint8_t		addr[16];
	__be16		port;
};

/**
 * struct ladder_end - one end of the connection
 * @at: its address
 * @traced: there are records of it
 * @active: it sent the first SYN, or one of two that crossed
 * @passive: it was opened by a SYN
 * @has_iss: @iss is known
 * @has_fin: @fin is known
 * @first: enum tcpfsm_state it was in before its first transition
 * @state: enum tcpfsm_state it is in, TCPFSM_S_UNKNOWN for none
 * @flags: TCPFSM_F_* of its latest transition
 * @family: of its socket
 * @netns: inode of its network namespace
 * @cookie: its socket's, 0 for none
 * @iss: its initial sequence number
 * @fin: sequence number of its FIN
 * @owner: valid with TCPFSM_F_OWNER
 * @verdict: what is said of it, empty for nothing
 */
struct ladder_end {
	struct ladder_addr	at;
	bool			traced;
	bool			active;
	bool			passive;
	bool			has_iss;
	bool			has_fin;
	uint8_t			first;
	uint8_t			state;
	uint8_t			flags;
	uint16_t		family;
	uint32_t		netns;
	uint64_t		cookie;
	uint32_t		iss;
	uint32_t		fin;
	struct tcpfsm_owner	owner;
	char			verdict[LADDER_VERDICT];
};

/**
 * struct ladder - what is known of one connection
 * @end: the end of the first event, and the other one
 * @events: in the order of their time
 * @side: for each of @events, whose it is: index of @end
 * @len: how many
 * @left_out: how many were left out in the middle
 * @begun: ts of the first event
 * @since: no event from before belongs to it; UINT64_MAX until a socket is known
 * @ended: ts of the last transition, when all known ends are CLOSED; else 0
 */
struct ladder {
	struct ladder_end	end[2];
	struct event		*events;
	uint8_t			*side;
	size_t			len;
	uint64_t		left_out;
	uint64_t		begun;
	uint64_t		since;
	uint64_t		ended;
};

enum ladder_kind {
	LADDER_STATE,		/* an end is in another state, or was found in one */
	LADDER_SEGMENT,		/* a segment, its sending and its arrival where both are known */
	LADDER_SENT,		/* a segment was sent; its arrival is another row */
	LADDER_CAME,		/* the other row */
	LADDER_DATA,		/* what was sent in between */
	LADDER_LOST,		/* records are missing here */
	LADDER_LEFT_OUT,	/* there were more events than are kept */
};

/**
 * struct ladder_row - a line of the picture
 * @kind: what it tells
 * @side: whose state it is, or who sent the segment: index of ladder.end
 * @ts: when
 * @ev: a transition or loss; of a segment, its record at the sender, or NULL
 * @came: its record at the receiver, or NULL
 * @count: of LADDER_LEFT_OUT: how many
 */
struct ladder_row {
	enum ladder_kind	kind;
	uint8_t			side;
	uint64_t		ts;
	const struct event	*ev;
	const struct event	*came;
	uint64_t		count;
};

/* Each event makes one row, and there are two more kinds. */
#define LADDER_ROWS	(LADDER_EVENTS + 2)

int ladder_init(struct ladder *l, const struct event *ev);
void ladder_free(struct ladder *l);
void ladder_bind(struct ladder *l, const struct event *ev);
bool ladder_knows(const struct ladder *l, const struct event *ev);
bool ladder_event(struct ladder *l, const struct event *ev);
void ladder_verdict(struct ladder *l, uint64_t cookie, const char *words);
unsigned int ladder_left(const struct ladder *l);
const char *ladder_role(const struct ladder *l, unsigned int side);
bool ladder_bytes(const struct ladder *l, unsigned int side, uint32_t *bytes);
size_t ladder_rows(const struct ladder *l, struct ladder_row *rows);

void ladder_text(struct buf *b, const struct ladder *l);
void ladder_svg(struct buf *b, const struct ladder *l);

#endif
