// SPDX-License-Identifier: GPL-2.0
/*
 * The connections of a stream whose pictures are wanted. An event goes to the one
 * whose socket it is of, or else to the newest whose addresses fit. That a connection
 * is wanted may turn out after its first events (the peer's SYN comes before the
 * server's cookie is known): the latest events are remembered for that.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ladders.h"

/**
 * ladders_init() - begin with a stream
 * @ls: set; ladders_free() it in any case
 *
 * Context: any; allocates.
 * Return: 0 or -ENOMEM.
 */
int ladders_init(struct ladders *ls)
{
	memset(ls, 0, sizeof(*ls));
	ls->recent = calloc(LADDERS_RECENT, sizeof(*ls->recent));
	return ls->recent ? 0 : -ENOMEM;
}

/**
 * ladders_free() - release the memory
 * @ls: the connections
 *
 * Context: any.
 */
void ladders_free(struct ladders *ls)
{
	while (ls->len)
		ladder_free(&ls->open[--ls->len]);
	free(ls->recent);
	ls->recent = NULL;
}

static struct ladder *owner(struct ladders *ls, const struct event *ev)
{
	size_t i;

	for (i = ls->len; i-- > 0;)
		if (ladder_knows(&ls->open[i], ev))
			return &ls->open[i];
	return NULL;
}

static bool route(struct ladders *ls, const struct event *ev)
{
	struct ladder *l = owner(ls, ev);
	size_t i;

	if (l)
		return ladder_event(l, ev);
	for (i = ls->len; i-- > 0;)
		if (ladder_event(&ls->open[i], ev))
			return true;
	return false;
}

/* What was missed before is no beginning: a picture of one line tells nothing. */
static bool begins(const struct event *ev)
{
	return ev->kind != TCPFSM_K_STATE || ev->state != TCPFSM_S_CLOSED ||
	       ev->old_state == TCPFSM_S_CLOSED || ev->old_state == TCPFSM_S_SYN_SENT;
}

static void begin(struct ladders *ls, const struct event *ev)
{
	const uint64_t first = ls->seen > LADDERS_RECENT ? ls->seen - LADDERS_RECENT : 0;
	struct ladder *l = &ls->open[ls->len];
	const struct event *old;
	uint64_t i;

	if (ls->len == LADDERS_MAX) {
		ls->left_out++;
		return;
	}
	if (ladder_init(l, ev)) {
		ladder_free(l);
		return;
	}
	ladder_bind(l, ev);
	for (i = ls->seen; i-- > first;) {
		old = &ls->recent[i % LADDERS_RECENT];
		/* who had the same ports before may be in its own picture still */
		if (!owner(ls, old))
			ladder_bind(l, old);
	}
	for (i = first; i < ls->seen; i++) {
		old = &ls->recent[i % LADDERS_RECENT];
		if (old->kind == TCPFSM_K_LOST ? l->len : !owner(ls, old))
			ladder_event(l, old);
	}
	if (!ladder_event(l, ev) || (l->len == 1 && !begins(ev)))
		ladder_free(l);
	else
		ls->len++;
}

/**
 * ladders_event() - the stream's next event
 * @ls: the connections
 * @ev: the event
 * @wanted: its connection's picture is wanted
 *
 * Context: any; allocates, and leaves a connection out where that fails.
 */
void ladders_event(struct ladders *ls, const struct event *ev, bool wanted)
{
	size_t i;

	/* a picture has no place for alerts */
	if (ev->kind == TCPFSM_K_STUCK || ev->kind == TCPFSM_K_FLOOD ||
	    ev->kind == TCPFSM_K_SKIPPED)
		return;
	if (ev->kind == TCPFSM_K_LOST) {
		for (i = 0; i < ls->len; i++)
			ladder_event(&ls->open[i], ev);
	} else if (!route(ls, ev) && wanted) {
		begin(ls, ev);
	}
	ls->recent[ls->seen++ % LADDERS_RECENT] = *ev;
}

/**
 * ladders_verdict() - what is said of one end
 * @ls: the connections
 * @cookie: the end's
 * @words: copied
 *
 * Context: any.
 */
void ladders_verdict(struct ladders *ls, uint64_t cookie, const char *words)
{
	size_t i;

	for (i = 0; i < ls->len; i++)
		ladder_verdict(&ls->open[i], cookie, words);
}

/**
 * ladders_take() - take out a picture that is complete
 * @ls: the connections
 * @ended: take those that ended before, UINT64_MAX for all, ended or not
 * @l: set, to be freed
 *
 * Context: any.
 * Return: true when there was one; the oldest comes first.
 */
bool ladders_take(struct ladders *ls, uint64_t ended, struct ladder *l)
{
	size_t i;

	for (i = 0; i < ls->len; i++) {
		if (ended != UINT64_MAX && (!ls->open[i].ended || ls->open[i].ended >= ended))
			continue;
		*l = ls->open[i];
		ls->len--;
		memmove(&ls->open[i], &ls->open[i + 1], (ls->len - i) * sizeof(*ls->open));
		return true;
	}
	return false;
}

/**
 * ladders_due() - when the first of those that are complete ended
 * @ls: the connections
 *
 * Context: any.
 * Return: its time, 0 for none.
 */
uint64_t ladders_due(const struct ladders *ls)
{
	uint64_t due = 0;
	size_t i;

	for (i = 0; i < ls->len; i++)
		if (ls->open[i].ended && (!due || ls->open[i].ended < due))
			due = ls->open[i].ended;
	return due;
}
