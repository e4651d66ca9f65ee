// SPDX-License-Identifier: GPL-2.0
/* Which events are shown. How filters are written is parse.c's. */
#include <arpa/inet.h>
#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "filter.h"
#include "util.h"

/* More than anybody types; bounds the work for each event. */
#define MAX_ADDRS	256

#define STATE_BIT(s)	BIT(TCPFSM_S_##s)

/**
 * filter_add_addr() - one more address that may match
 * @f: the filter
 * @p: the address, copied
 * @w: set to the reason of a refusal
 *
 * Context: any; allocates.
 * Return: 0, or -EINVAL with @w set when there are too many.
 */
int filter_add_addr(struct filter *f, const struct prefix *p, struct why *w)
{
	struct prefix *addrs;

	if (f->naddrs == MAX_ADDRS)
		return why(w, "more than %d addresses", MAX_ADDRS);
	addrs = realloc(f->addrs, (f->naddrs + 1) * sizeof(*addrs));
	if (!addrs)
		return why(w, "out of memory");
	addrs[f->naddrs++] = *p;
	f->addrs = addrs;
	return 0;
}

/**
 * filter_free() - release what the filter holds
 * @f: the filter
 *
 * Context: any.
 */
void filter_free(struct filter *f)
{
	free(f->addrs);
	f->addrs = NULL;
	f->naddrs = 0;
}

static bool disjoint(const struct ports *a, const struct ports *b)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(a->bits); i++)
		if (a->bits[i] & b->bits[i])
			return false;
	return true;
}

/**
 * filter_check() - whether anything can match at all
 * @f: the filter
 * @table: it is for the flow table, not for transitions
 * @w: set to what contradicts what
 *
 * Context: any.
 * Return: 0, or -EINVAL with @w set when nothing can ever match, or one of the
 * addresses cannot.
 */
int filter_check(const struct filter *f, bool table, struct why *w)
{
	size_t i;

	for (i = 0; i < f->naddrs; i++)
		if (f->family == 4 && f->addrs[i].family == 6)
			return why(w, "-4 with an IPv6 address in -a: nothing can match");
	if (f->has_local && f->has_remote && f->has_either &&
	    disjoint(&f->local, &f->either) && disjoint(&f->remote, &f->either))
		return why(w, "-P has no port in common with -L and -D: nothing can match");
	if (table && f->states == STATE_BIT(CLOSED))
		return why(w, "-S CLOSED: a closed connection is no flow any more, "
			   "nothing can match; tcpfsm monitor shows it as it closes");
	if (table && f->states == STATE_BIT(LISTEN) && f->has_remote)
		return why(w, "-S LISTEN with -D: a listener has no remote port, "
			   "nothing can match");
	return 0;
}

static bool has_port(const struct ports *p, __be16 port)
{
	unsigned int n = ntohs(port);

	return p->bits[n / 64] >> n % 64 & 1;
}

static bool in_prefix(const struct prefix *p, uint16_t family, const uint8_t *addr)
{
	uint8_t mapped[16] = { [10] = 0xff, [11] = 0xff };
	unsigned int whole = p->bits / 8;
	unsigned int rest = p->bits % 8;

	if (family == AF_INET) {
		if (p->family == 6)
			return false;
		memcpy(mapped + 12, addr, 4);
		addr = mapped;
	}
	if (memcmp(addr, p->addr, whole))
		return false;
	return !rest || !((addr[whole] ^ p->addr[whole]) & (0xff << (8 - rest)) & 0xff);
}

static bool has_addr(const struct filter *f, const struct tcpfsm_id *id)
{
	size_t i;

	for (i = 0; i < f->naddrs; i++)
		if (in_prefix(&f->addrs[i], id->family, id->laddr) ||
		    in_prefix(&f->addrs[i], id->family, id->raddr))
			return true;
	return false;
}

/**
 * filter_by_owner() - whether the filter asks for an owner
 * @f: the filter
 *
 * Context: any.
 * Return: true when it does.
 */
bool filter_by_owner(const struct filter *f)
{
	return f->pid || f->comm;
}

/**
 * filter_splits() - whether the filter may match a part of a connection
 * @f: the filter
 *
 * A connection has many states, and its owner changes when it is accepted.
 *
 * Context: any.
 * Return: true when it may.
 */
bool filter_splits(const struct filter *f)
{
	return f->states || filter_by_owner(f);
}

/**
 * filter_owner() - whether an event's owner is the one asked for
 * @f: the filter
 * @ev: the event; an owner that is unknown is not
 *
 * Context: any.
 * Return: true when it is, or when the filter asks for none.
 */
bool filter_owner(const struct filter *f, const struct event *ev)
{
	if (!filter_by_owner(f))
		return true;
	if (!(ev->flags & TCPFSM_F_OWNER))
		return false;
	return (!f->pid || f->pid == ev->owner.pid) &&
	       (!f->comm || !fnmatch(f->comm, ev->owner.comm, 0));
}

static bool has_state(const struct filter *f, const struct event *ev)
{
	uint32_t bits = 0;

	if (!f->states)
		return true;
	if (ev->state <= TCPFSM_S_MAX)
		bits |= BIT(ev->state);
	if (ev->kind == TCPFSM_K_STATE && ev->old_state <= TCPFSM_S_MAX)
		bits |= BIT(ev->old_state);
	return f->states & bits;
}

/**
 * filter_match() - whether an event is to be shown
 * @f: the filter
 * @ev: the event
 *
 * A loss always is, and what was left out: nobody knows what it would have matched. A
 * flood matches as its listener would. An owner or a state
 * that is unknown matches no filter that asks for one. A segment carries no owner and
 * matches here whoever is asked for; pick.c knows more.
 *
 * Context: any.
 * Return: true when it is.
 */
bool filter_match(const struct filter *f, const struct event *ev)
{
	const struct tcpfsm_id *id = &ev->id;

	if (event_is_gap(ev))
		return true;
	if (f->family && id->family != (f->family == 4 ? AF_INET : AF_INET6))
		return false;
	if (f->has_local && !has_port(&f->local, id->lport))
		return false;
	if (f->has_remote && !has_port(&f->remote, id->rport))
		return false;
	if (f->has_either && !has_port(&f->either, id->lport) && !has_port(&f->either, id->rport))
		return false;
	if (f->netns && f->netns != id->netns)
		return false;
	return has_state(f, ev) && (!f->naddrs || has_addr(f, id)) &&
	       (ev->kind == TCPFSM_K_SEGMENT || filter_owner(f, ev));
}
