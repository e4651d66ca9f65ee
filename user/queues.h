/* SPDX-License-Identifier: GPL-2.0 */
#ifndef TCPFSM_QUEUES_H
#define TCPFSM_QUEUES_H

#include <stddef.h>

#include "listeners.h"

/**
 * struct listener_row - a listener, as the module and the kernel tell of it
 * @ev: which one, and whose
 * @l: its numbers
 * @q: its accept queue
 */
struct listener_row {
	struct event		ev;
	struct tcpfsm_listener	l;
	struct listener_queue	q;
};

/**
 * struct listener_list - listeners
 * @rows: them
 * @n: how many
 * @room: for so many
 */
struct listener_list {
	struct listener_row	*rows;
	size_t			n;
	size_t			room;
};

int listeners_add(struct listener_list *list, const struct event *ev,
		  const struct tcpfsm_listener *l);
void listeners_sort(struct listener_list *list);
void listeners_ask(struct listener_list *list);
void listeners_free(struct listener_list *list);

#endif
