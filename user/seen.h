/* SPDX-License-Identifier: GPL-2.0 */
#ifndef TCPFSM_SEEN_H
#define TCPFSM_SEEN_H

#include <stddef.h>
#include <stdint.h>

#include "event.h"

/**
 * struct seen - the connections events belong to, counted
 * @slots: cookies of those that are open, 0 for none; a hash table
 * @size: number of slots, a power of 2
 * @len: how many are taken
 * @count: connections so far
 */
struct seen {
	uint64_t	*slots;
	size_t		size;
	size_t		len;
	uint64_t	count;
};

void seen_show(struct seen *s, const struct event *ev);
void seen_note(struct seen *s, const struct event *ev);
void seen_free(struct seen *s);

#endif
