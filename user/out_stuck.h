/* SPDX-License-Identifier: GPL-2.0 */
#ifndef TCPFSM_OUT_STUCK_H
#define TCPFSM_OUT_STUCK_H

#include "stuck.h"
#include "view.h"

/* What is said of a connection when they are watched */
enum stuck_phase {
	STUCK_LISTED,		/* they are not watched */
	STUCK_FOUND,		/* it was stuck already */
	STUCK_BEGIN,
	STUCK_END,
};

/**
 * struct stuck_owner - the owner as far as there is room to show one
 * @kind: whose it is
 * @held: a holder is known: the following, and that it listens when @kind is
 *	OWNER_UNACCEPTED
 * @pid: process
 * @inner_pid: in its own pid namespace
 * @uid: its user
 * @fd: descriptor
 * @more: holders beside it
 * @comm: its name
 */
struct stuck_owner {
	enum owner_kind	kind;
	bool		held;
	uint32_t	pid;
	uint32_t	inner_pid;
	uint32_t	uid;
	int		fd;
	size_t		more;
	char		comm[TCPFSM_COMM_LEN];
};

/* What became of one that was to be destroyed */
enum kill_result {
	KILL_DESTROYED,
	KILL_GONE,		/* it had ended by itself */
	KILL_RECOVERED,		/* it went on: another state, or accepted */
	KILL_REUSED,		/* another socket has its addresses */
	KILL_IGNORED,		/* the kernel said yes, and it is still there */
	KILL_UNSUPPORTED,	/* the kernel cannot, or not with this kind of socket */
	KILL_DENIED,
	KILL_UNREACHABLE,	/* its namespace, or itself, could not be asked for */
	KILL_FAILED,
};

void view_init_stuck(struct view *v, unsigned int family);
struct stuck_owner stuck_owner(const struct stuck_list *l, const struct stuck *s);
void text_stuck_header(struct buf *b, struct view *v, bool watch);
void text_stuck(struct buf *b, struct view *v, const struct stuck_list *l, const struct stuck *s,
		enum stuck_phase phase);
void text_stuck_end(struct buf *b, struct view *v, const struct event *ev,
		    const struct stuck_owner *o);
void text_killed(struct buf *b, struct view *v, const struct stuck *s, enum kill_result result);
void json_stuck_one(struct buf *b, struct view *v, const struct stuck_list *l,
		    const struct stuck *s, enum stuck_phase phase);
void json_stuck_end(struct buf *b, struct view *v, const struct event *ev,
		    const struct stuck_owner *o);
void json_killed(struct buf *b, struct view *v, const struct stuck *s, enum kill_result result);

#endif
