/* SPDX-License-Identifier: GPL-2.0 */
#ifndef TCPFSM_PICK_H
#define TCPFSM_PICK_H

#include <stdbool.h>

#include "cookies.h"
#include "event.h"
#include "filter.h"

#define PICK_CLOSED	256	/* connections whose owner is remembered after they closed */

/**
 * struct pick - which events of a stream are shown
 * @filter: what the user asked for
 * @segments: segments are wanted too
 * @owned: connections whose latest transition told of an owner that matches
 * @closed: those of @owned that closed, in a ring
 * @next: where the next one goes in @closed
 */
struct pick {
	const struct filter	*filter;
	bool			segments;
	struct cookies		owned;
	uint64_t		closed[PICK_CLOSED];
	unsigned int		next;
};

void pick_init(struct pick *p, const struct filter *filter, bool segments);
bool pick_match(struct pick *p, const struct event *ev);
void pick_free(struct pick *p);

#endif
