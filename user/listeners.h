/* SPDX-License-Identifier: GPL-2.0 */
#ifndef TCPFSM_LISTENERS_H
#define TCPFSM_LISTENERS_H

#include <stdbool.h>
#include <stdint.h>

#include "buf.h"
#include "event.h"
#include "view.h"

/**
 * struct listener_queue - the accept queue as the kernel has it
 * @known: the rest is known
 * @waiting: connections that wait for accept()
 * @limit: the most there is room for: the listener's backlog
 */
struct listener_queue {
	bool		known;
	uint32_t	waiting;
	uint32_t	limit;
};

void listeners_header(struct buf *b, struct view *v);
void listener_text(struct buf *b, struct view *v, const struct event *ev,
		   const struct tcpfsm_listener *l, const struct listener_queue *q);
void listener_json(struct buf *b, struct view *v, const struct event *ev,
		   const struct tcpfsm_listener *l, const struct listener_queue *q);

#endif
