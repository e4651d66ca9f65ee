/* SPDX-License-Identifier: GPL-2.0 */
#ifndef TCPFSM_LADDERS_H
#define TCPFSM_LADDERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ladder.h"

#define LADDERS_MAX	64	/* connections followed at once */
#define LADDERS_RECENT	4096	/* events remembered for a connection that is asked for late */

/**
 * struct ladders - the connections whose pictures are wanted
 * @open: their pictures, the oldest first
 * @len: how many
 * @recent: the latest events, a ring
 * @seen: how many events went into @recent
 * @left_out: events of connections there was no room for
 */
struct ladders {
	struct ladder	open[LADDERS_MAX];
	size_t		len;
	struct event	*recent;
	uint64_t	seen;
	uint64_t	left_out;
};

int ladders_init(struct ladders *ls);
void ladders_free(struct ladders *ls);
void ladders_event(struct ladders *ls, const struct event *ev, bool wanted);
void ladders_verdict(struct ladders *ls, uint64_t cookie, const char *words);
bool ladders_take(struct ladders *ls, uint64_t ended, struct ladder *l);
uint64_t ladders_due(const struct ladders *ls);

#endif
