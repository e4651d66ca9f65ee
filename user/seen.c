// SPDX-License-Identifier: GPL-2.0
/*
 * How many connections the shown events belong to. Cookies of open ones are kept
 * and forgotten as they close, so that memory follows what is open and not what
 * has been. Beyond SEEN_MAX (8 MB) the table begins anew: a connection open at
 * that moment may then be counted twice.
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "seen.h"
#include "util.h"

#define SEEN_MIN	1024
#define SEEN_MAX	BIT(20)

/* Cookies are consecutive numbers; this spreads them (Fibonacci hashing). */
static size_t home(const struct seen *s, uint64_t cookie)
{
	return (cookie * 0x9e3779b97f4a7c15ULL >> 32) & (s->size - 1);
}

/* The slot of a cookie, or the free one where it belongs */
static size_t find(const struct seen *s, uint64_t cookie)
{
	size_t i = home(s, cookie);

	while (s->slots[i] && s->slots[i] != cookie)
		i = (i + 1) & (s->size - 1);
	return i;
}

/* At most half of the slots are taken, so that chains stay short and find() ends. */
static bool make_room(struct seen *s)
{
	struct seen old = *s;
	size_t i;

	if (s->len < s->size / 2)
		return true;
	if (s->size == SEEN_MAX) {
		memset(s->slots, 0, s->size * sizeof(*s->slots));
		s->len = 0;
		return true;
	}
	s->size = s->size ? s->size * 2 : SEEN_MIN;
	s->slots = calloc(s->size, sizeof(*s->slots));
	if (!s->slots) {
		*s = old;
		return s->len + 1 < s->size;
	}
	for (i = 0; i < old.size; i++)
		if (old.slots[i])
			s->slots[find(s, old.slots[i])] = old.slots[i];
	free(old.slots);
	return true;
}

/* Take one out, and close the gap it leaves in its chain. */
static void forget(struct seen *s, size_t i)
{
	size_t mask = s->size - 1;
	size_t j = i;

	s->len--;
	for (;;) {
		s->slots[i] = 0;
		do {
			j = (j + 1) & mask;
			if (!s->slots[j])
				return;
		} while (((j - home(s, s->slots[j])) & mask) < ((j - i) & mask));
		s->slots[i] = s->slots[j];
		i = j;
	}
}

static bool listener(const struct event *ev)
{
	return ev->state == TCPFSM_S_LISTEN || !ev->id.rport;
}

/**
 * seen_show() - an event is shown
 * @s: zeroed at first
 * @ev: a transition; a listener's is no connection's
 *
 * Context: any; allocates, and counts a connection anew where that fails.
 */
void seen_show(struct seen *s, const struct event *ev)
{
	size_t i;

	if (ev->kind != TCPFSM_K_STATE || listener(ev) || !ev->id.cookie)
		return;
	if (s->len && s->slots[find(s, ev->id.cookie)])
		return;
	s->count++;
	if (ev->state == TCPFSM_S_CLOSED || !make_room(s))
		return;
	i = find(s, ev->id.cookie);
	s->slots[i] = ev->id.cookie;
	s->len++;
}

/**
 * seen_note() - an event happened, shown before or not at all
 * @s: the connections
 * @ev: the event; a connection that closed is forgotten
 *
 * Context: any.
 */
void seen_note(struct seen *s, const struct event *ev)
{
	size_t i;

	if (ev->kind != TCPFSM_K_STATE || ev->state != TCPFSM_S_CLOSED || !s->len)
		return;
	i = find(s, ev->id.cookie);
	if (s->slots[i])
		forget(s, i);
}

/**
 * seen_free() - release the memory; the count stays
 * @s: the connections
 *
 * Context: any.
 */
void seen_free(struct seen *s)
{
	free(s->slots);
	s->slots = NULL;
	s->size = 0;
	s->len = 0;
}
