/* SPDX-License-Identifier: GPL-2.0 */
#ifndef TCPFSM_ORDER_H
#define TCPFSM_ORDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "event.h"

#define ORDER_WINDOW_NS	20000000ULL	/* how long an event is held back at most */
#define ORDER_MAX	65536		/* how many events are held back at most */

struct order_key;

/**
 * struct order - events held back until their place is certain
 * @row: events that came in order; a ring
 * @row_size: places of it that are used so far, a power of 2
 * @row_head: the earliest of them
 * @row_len: how many there are
 * @heap: keys of the other events held, the earliest first
 * @heap_len: how many there are
 * @pool: these events themselves
 * @spare: places of @pool that were given back
 * @spares: how many
 * @len: events held
 * @max: events that fit
 * @window: ns an event is held back
 * @mark: every event made up to @mark - @window has come in
 * @last: ts of the latest event handed out
 * @late: events handed out after a later one
 * @out: one has been handed out, @last is valid
 */
struct order {
	struct event		*row;
	size_t			row_size;
	size_t			row_head;
	size_t			row_len;
	struct order_key	*heap;
	size_t			heap_len;
	struct event		*pool;
	uint32_t		*spare;
	size_t			spares;
	size_t			len;
	size_t			max;
	uint64_t		window;
	uint64_t		mark;
	uint64_t		last;
	uint64_t		late;
	bool			out;
};

int order_init(struct order *o, size_t max, uint64_t window);
void order_free(struct order *o);
int order_push(struct order *o, const struct event *ev);
bool order_pass(struct order *o, const struct event *ev);
void order_mark(struct order *o, uint64_t now);
void order_until(struct order *o, uint64_t until);
void order_end(struct order *o);
bool order_pop(struct order *o, struct event *ev);
bool order_due(const struct order *o, uint64_t *due);

#endif
