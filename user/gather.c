// SPDX-License-Identifier: GPL-2.0
/* Which connections are stuck: the module's table, then the options, then the owners. */
#include <errno.h>

#include "gather.h"
#include "util.h"

struct taken {
	const struct opts	*opts;
	struct stuck_list	*list;
	int			err;
};

static bool old_enough(const struct opts *o, const struct event *ev)
{
	if (!o->has_min_age || !o->min_age)
		return true;
	return (ev->flags & TCPFSM_F_SINCE || ev->bound) && ev->ns >= o->min_age;
}

/* A process that opened or accepted it, and not only its listener, is known. */
static bool was_accepted(const struct event *ev)
{
	return ev->flags & TCPFSM_F_OWNER && !(ev->flags & TCPFSM_F_INHERITED);
}

static bool asks_established(const struct opts *o)
{
	return o->filter.states & BIT(TCPFSM_S_ESTABLISHED);
}

/**
 * gather_takes() - whether a connection may be one that is asked for
 * @o: the options; who owns it is not looked at
 * @ev: the connection
 *
 * Context: any.
 * Return: true when it may. Of those in ESTABLISHED it takes them that may wait to be
 * accepted; gather_owners() knows.
 */
bool gather_takes(const struct opts *o, const struct event *ev)
{
	struct filter place = o->filter;

	place.pid = 0;
	place.comm = NULL;
	if (!filter_match(&place, ev) || !old_enough(o, ev))
		return false;
	if (ev->state == TCPFSM_S_LISTEN)
		return false;
	if (o->has_min_age && ev->state == TCPFSM_S_ESTABLISHED && !asks_established(o))
		return !was_accepted(ev);
	return true;
}

static int take(const struct event *ev, void *arg)
{
	struct taken *t = arg;

	if (gather_takes(t->opts, ev))
		t->err = stuck_add(t->list, ev);
	return t->err;
}

static int ask(struct stuck_list *l, struct tcpnl *nl, const struct opts *o, bool *torn)
{
	const struct tcpnl_flow_filter filter = {
		.states = o->filter.states ? o->filter.states : STUCK_STATES,
		.netns = o->filter.netns,
		.overdue = !o->has_min_age,
	};
	struct taken t = { .opts = o, .list = l };
	int err;

	err = tcpnl_flows(nl, &filter, take, &t, torn);
	return err ? err : t.err;
}

static bool is_as_told(const struct stuck *s)
{
	return !s->asked || (s->found && s->sock.state == s->ev.state);
}

static bool all_as_told(const struct stuck_list *l)
{
	size_t i;

	for (i = 0; i < l->n; i++)
		if (!is_as_told(&l->items[i]))
			return false;
	return true;
}

static bool still_there(const struct stuck_list *now, const struct stuck *s)
{
	size_t i;

	for (i = 0; i < now->n; i++)
		if (now->items[i].ev.id.cookie == s->ev.id.cookie)
			return now->items[i].ev.state == s->ev.state;
	return false;
}

/*
 * Sockets go on while they are looked at: those sock_diag does not have, or not in the
 * state the module said, stay only if the module says so again.
 */
static int drop_gone(struct stuck_list *l, struct tcpnl *nl, const struct opts *o)
{
	struct stuck_list now = { 0 };
	size_t kept = 0;
	bool torn;
	size_t i;
	int err;

	if (all_as_told(l))
		return 0;
	err = ask(&now, nl, o, &torn);
	for (i = 0; i < l->n && !err; i++)
		if (is_as_told(&l->items[i]) || still_there(&now, &l->items[i]))
			l->items[kept++] = l->items[i];
	if (!err)
		l->n = kept;
	stuck_free(&now);
	return err;
}

/**
 * gather_owners() - find out about the owners, and drop those not asked for
 * @l: the list
 * @o: the options
 *
 * Context: process of one thread.
 * Return: 0 or -ENOMEM.
 */
int gather_owners(struct stuck_list *l, const struct opts *o)
{
	size_t kept = 0;
	size_t i;
	int err;

	err = stuck_resolve(l);
	if (err)
		return err;
	for (i = 0; i < l->n; i++) {
		struct stuck *s = &l->items[i];

		if (!stuck_match_owner(l, s, &o->filter))
			continue;
		if (o->has_min_age && s->ev.state == TCPFSM_S_ESTABLISHED &&
		    !asks_established(o) && s->kind != OWNER_UNACCEPTED)
			continue;
		l->items[kept++] = *s;
	}
	l->n = kept;
	return 0;
}

/**
 * gather() - the connections that are stuck
 * @l: the list, empty; stuck_free() it in any case
 * @nl: connection to the module
 * @o: which ones
 * @torn: set when the table changed so much meanwhile that one may be missing
 *
 * Context: process of one thread.
 * Return: 0 or a negative errno.
 */
int gather(struct stuck_list *l, struct tcpnl *nl, const struct opts *o, bool *torn)
{
	int err;

	err = ask(l, nl, o, torn);
	if (!err)
		err = gather_owners(l, o);
	return err ? err : drop_gone(l, nl, o);
}
