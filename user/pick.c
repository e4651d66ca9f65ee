// SPDX-License-Identifier: GPL-2.0
/*
 * Which events of a stream are shown. A segment's record names no owner, so with -p
 * and -C it goes by what the caller found out, or by what the latest transition of its
 * connection told. Some segments follow the transition to CLOSED: the last connections
 * that closed are remembered.
 */
#include "pick.h"

/**
 * pick_init() - begin with a stream
 * @p: set; pick_free() it
 * @filter: what the user asked for; belongs to the caller
 * @segments: segments are wanted too
 *
 * Context: any.
 */
void pick_init(struct pick *p, const struct filter *filter, bool segments)
{
	*p = (struct pick){ .filter = filter, .segments = segments };
}

/**
 * pick_free() - release what it remembers
 * @p: what pick_init() set
 *
 * Context: any.
 */
void pick_free(struct pick *p)
{
	cookies_free(&p->owned);
}

/* A socket that closed may connect anew, and is the same one to the kernel. */
static void opened_again(struct pick *p, uint64_t cookie)
{
	size_t i;

	for (i = 0; i < PICK_CLOSED; i++)
		if (p->closed[i] == cookie)
			p->closed[i] = 0;
}

static void remember(struct pick *p, const struct event *ev)
{
	uint64_t *place;

	if (!filter_owner(p->filter, ev)) {
		cookies_drop(&p->owned, ev->id.cookie);
		return;
	}
	if (ev->old_state == TCPFSM_S_CLOSED)
		opened_again(p, ev->id.cookie);
	cookies_add(&p->owned, ev->id.cookie);
	if (ev->state != TCPFSM_S_CLOSED)
		return;
	place = &p->closed[p->next++ % PICK_CLOSED];
	cookies_drop(&p->owned, *place);
	*place = ev->id.cookie;
}

/**
 * pick_match() - whether an event is to be shown
 * @p: the stream
 * @ev: its next event
 *
 * Context: any; allocates, and may take a segment for one of another owner where
 * that fails.
 * Return: true when it is.
 */
bool pick_match(struct pick *p, const struct event *ev)
{
	const struct filter *f = p->filter;

	if (ev->kind == TCPFSM_K_SEGMENT)
		return p->segments && filter_match(f, ev) &&
		       (filter_owner(f, ev) || cookies_has(&p->owned, ev->id.cookie));
	if (p->segments && ev->kind == TCPFSM_K_STATE && ev->id.cookie && filter_by_owner(f))
		remember(p, ev);
	return filter_match(f, ev);
}
