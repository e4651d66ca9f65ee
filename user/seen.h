/* SPDX-License-Identifier: GPL-2.0 */
#ifndef TCPFSM_SEEN_H
#define TCPFSM_SEEN_H

#include "cookies.h"
#include "event.h"

/**
 * struct seen - the connections events belong to, counted
 * @open: those that are open
 * @count: connections so far
 */
struct seen {
	struct cookies	open;
	uint64_t	count;
};

void seen_show(struct seen *s, const struct event *ev);
void seen_note(struct seen *s, const struct event *ev);
void seen_free(struct seen *s);

#endif
