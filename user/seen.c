// SPDX-License-Identifier: GPL-2.0
/*
 * How many connections the shown events belong to. Cookies of open ones are kept
 * and forgotten as they close, so that memory follows what is open and not what
 * has been. Where the set of cookies is full and begins anew, a connection open at
 * that moment may be counted twice.
 */
#include "seen.h"

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
	if (ev->kind != TCPFSM_K_STATE || listener(ev) || !ev->id.cookie)
		return;
	if (cookies_has(&s->open, ev->id.cookie))
		return;
	s->count++;
	if (ev->state != TCPFSM_S_CLOSED)
		cookies_add(&s->open, ev->id.cookie);
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
	if (ev->kind == TCPFSM_K_STATE && ev->state == TCPFSM_S_CLOSED)
		cookies_drop(&s->open, ev->id.cookie);
}

/**
 * seen_free() - release the memory; the count stays
 * @s: the connections
 *
 * Context: any.
 */
void seen_free(struct seen *s)
{
	cookies_free(&s->open);
}
