// SPDX-License-Identifier: GPL-2.0
/*
 * What the module says is stuck is looked up in sock_diag of each network namespace, by
 * cookie, and its holders in /proc. The cookie is the machine's own: sock_gen_cookie()
 * counts for all namespaces together, so that it alone says which socket it is.
 */
#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "netns.h"
#include "stuck.h"
#include "util.h"

/* So few are asked for one by one, which spares the kernel a walk through its table. */
#define FEW	8

/* States of those a listener has not handed over yet */
#define WAITING	(BIT(TCPFSM_S_SYN_RECEIVED) | BIT(TCPFSM_S_ESTABLISHED) | BIT(TCPFSM_S_CLOSE_WAIT))

/* Items of one network namespace that sock_diag is asked for */
struct lookup {
	struct stuck	*items;
	size_t		n;
	struct diag	diag;
};

/**
 * stuck_add() - one more
 * @l: the list
 * @ev: what the module says of it, copied
 *
 * Context: any; allocates.
 * Return: 0 or -ENOMEM.
 */
int stuck_add(struct stuck_list *l, const struct event *ev)
{
	struct stuck *items = l->items;

	if (!(l->n & (l->n - 1)))
		items = realloc(items, (l->n ? 2 * l->n : 1) * sizeof(*items));
	if (!items)
		return -ENOMEM;
	l->items = items;
	items[l->n++] = (struct stuck){ .ev = *ev };
	return 0;
}

/**
 * stuck_free() - release the list
 * @l: the list, empty afterwards
 *
 * Context: any.
 */
void stuck_free(struct stuck_list *l)
{
	owners_free(&l->owners);
	free(l->items);
	*l = (struct stuck_list){ 0 };
}

static int compare(const void *a, const void *b)
{
	const struct tcpfsm_id *x = &((const struct stuck *)a)->ev.id;
	const struct tcpfsm_id *y = &((const struct stuck *)b)->ev.id;

	if (x->netns != y->netns)
		return x->netns < y->netns ? -1 : 1;
	return x->cookie < y->cookie ? -1 : x->cookie > y->cookie;
}

/* A table that changed while it was read may have told of one twice. */
static void sort_items(struct stuck_list *l)
{
	size_t kept = 0;
	size_t i;

	if (!l->n)
		return;
	qsort(l->items, l->n, sizeof(*l->items), compare);
	for (i = 1; i < l->n; i++)
		if (compare(&l->items[kept], &l->items[i]))
			l->items[++kept] = l->items[i];
	l->n = kept + 1;
}

static void found(struct stuck *s, const struct diag_sock *sock)
{
	s->sock = *sock;
	s->found = true;
}

static void take_sock(const struct diag_sock *sock, void *arg)
{
	struct lookup *k = arg;
	size_t low = 0;
	size_t high = k->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (k->items[middle].ev.id.cookie < sock->cookie)
			low = middle + 1;
		else
			high = middle;
	}
	if (low < k->n && k->items[low].ev.id.cookie == sock->cookie)
		found(&k->items[low], sock);
}

/*
 * A request that came over IPv4 to a listener of IPv6 is a socket of IPv4 until it is
 * accepted into one of IPv6.
 */
static bool may_be_from(const struct stuck *s, const struct diag_sock *listener)
{
	static const uint32_t any[4];
	const struct inet_diag_sockid *id = &listener->id;

	if (!(BIT(s->ev.state) & WAITING) || (s->found && s->sock.inode) ||
	    s->ev.id.lport != id->idiag_sport)
		return false;
	if (listener->family != s->ev.id.family)
		return s->ev.state == TCPFSM_S_SYN_RECEIVED && listener->family == AF_INET6;
	return !memcmp(id->idiag_src, any, sizeof(any)) ||
	       !memcmp(id->idiag_src, s->ev.id.laddr, sizeof(any));
}

/* Which listener a connection came to: the only one it can have come to */
static void take_listener(const struct diag_sock *sock, void *arg)
{
	struct lookup *k = arg;
	struct stuck *s;

	for (s = k->items; s < k->items + k->n; s++) {
		if (!may_be_from(s, sock))
			continue;
		s->listener = !s->listeners++;
		s->queue = sock->rqueue;
		s->backlog = sock->wqueue;
		s->listener_inode = sock->inode;
	}
}

static uint32_t states_of(const struct lookup *k, unsigned int family)
{
	uint32_t states = 0;
	size_t i;

	for (i = 0; i < k->n; i++)
		if (k->items[i].ev.id.family == family)
			states |= BIT(k->items[i].ev.state);
	return states;
}

static bool any_waits(const struct lookup *k)
{
	size_t i;

	for (i = 0; i < k->n; i++)
		if (BIT(k->items[i].ev.state) & WAITING &&
		    !(k->items[i].found && k->items[i].sock.inode))
			return true;
	return false;
}

/* One by one, those the dumps did not have */
static int ask_each(struct lookup *k)
{
	struct inet_diag_sockid id;
	struct diag_sock sock;
	size_t missing = 0;
	struct stuck *s;

	for (s = k->items; s < k->items + k->n; s++) {
		if (s->found)
			continue;
		id = diag_id(&s->ev.id);
		if (!diag_get(&k->diag, s->ev.id.family, &id, &sock))
			found(s, &sock);
		else
			missing++;
	}
	return missing;
}

static int ask_all(struct lookup *k)
{
	static const uint8_t families[] = { AF_INET, AF_INET6 };
	uint32_t states;
	size_t i;
	int err = 0;

	for (i = 0; i < ARRAY_SIZE(families) && !err; i++) {
		states = states_of(k, families[i]);
		if (states)
			err = diag_dump(&k->diag, families[i], states, take_sock, k);
	}
	return err;
}

static int ask_listeners(struct lookup *k)
{
	int err;

	/* one of IPv6 may have those of IPv4 as well */
	err = diag_dump(&k->diag, AF_INET, BIT(TCPFSM_S_LISTEN), take_listener, k);
	if (!err)
		err = diag_dump(&k->diag, AF_INET6, BIT(TCPFSM_S_LISTEN), take_listener, k);
	return err;
}

static int ask(struct lookup *k)
{
	int missing = k->n;
	int err = 0;

	if (k->n <= FEW)
		missing = ask_each(k);
	if (missing)
		err = ask_all(k);
	if (!err && missing)
		ask_each(k);
	if (!err && any_waits(k))
		err = ask_listeners(k);
	return err;
}

/* Namespaces that cannot be entered leave their sockets as they are: unknown. */
static void ask_namespace(struct stuck *items, size_t n, const struct netns_fd *ns, uint32_t self)
{
	struct lookup k = { .items = items, .n = n };
	size_t i;

	if (ns->inode != self && ns->fd < 0)
		return;
	if (!diag_open(&k.diag, ns->inode == self ? -1 : ns->fd) && !ask(&k))
		for (i = 0; i < n; i++)
			items[i].asked = true;
	diag_close(&k.diag);
}

static size_t end_of_namespace(const struct stuck_list *l, size_t from)
{
	size_t to;

	for (to = from; to < l->n && l->items[to].ev.id.netns == l->items[from].ev.id.netns; to++)
		;
	return to;
}

static int ask_namespaces(struct stuck_list *l)
{
	const uint32_t self = netns_self();
	struct netns_fd *ns;
	size_t n = 0;
	size_t from, to, i;

	ns = malloc(l->n * sizeof(*ns));
	if (!ns)
		return -ENOMEM;
	for (from = 0; from < l->n; from = end_of_namespace(l, from))
		ns[n++].inode = l->items[from].ev.id.netns;
	netns_open(ns, n);
	for (from = 0, i = 0; from < l->n; from = to, i++) {
		to = end_of_namespace(l, from);
		ask_namespace(l->items + from, to - from, &ns[i], self);
		if (ns[i].fd >= 0)
			close(ns[i].fd);
	}
	free(ns);
	return 0;
}

static int find_holders(struct stuck_list *l)
{
	uint64_t *inodes;
	size_t i;
	int err;

	inodes = malloc(l->n * sizeof(*inodes));
	if (!inodes)
		return -ENOMEM;
	for (i = 0; i < l->n; i++)
		inodes[i] = l->items[i].sock.inode ? l->items[i].sock.inode :
						     l->items[i].listener_inode;
	err = owners_find(&l->owners, "/proc", inodes, l->n);
	free(inodes);
	return err;
}

/* The process the module saw opening it is the one to show, if it still holds it. */
static const struct holder *first_of(const struct stuck *s)
{
	size_t i;

	if (s->ev.flags & TCPFSM_F_OWNER)
		for (i = 0; i < s->nholders; i++)
			if (s->holders[i].pid == s->ev.owner.pid)
				return &s->holders[i];
	return s->holders;
}

static void name_owner(struct stuck_list *l, struct stuck *s)
{
	uint64_t inode = s->sock.inode;

	if (s->found)
		s->kind = owner_kind(&l->owners, s->sock.state, inode);
	else if (s->ev.flags & TCPFSM_F_ORPHAN)
		s->kind = OWNER_ORPHAN;
	if (s->kind == OWNER_UNACCEPTED)
		inode = s->listener ? s->listener_inode : 0;
	s->holders = inode ? owners_of(&l->owners, inode, &s->nholders) : NULL;
	s->first = s->holders ? first_of(s) : NULL;
}

/*
 * A process may have ended between the look at its socket and the look into /proc, which
 * leaves a socket that nobody holds: only one that is there even now is the kernel's.
 */
static void doubt_kernel(struct stuck_list *l)
{
	struct stuck_list again = { 0 };
	struct stuck *s;
	size_t i;

	for (i = 0; i < l->n; i++)
		if (l->items[i].kind == OWNER_KERNEL && stuck_add(&again, &l->items[i].ev))
			l->items[i].kind = OWNER_UNKNOWN;
	if (again.n)
		ask_namespaces(&again);
	for (i = 0, s = again.items; i < l->n && s < again.items + again.n; i++) {
		if (l->items[i].kind != OWNER_KERNEL)
			continue;
		if (!s->found || s->sock.inode != l->items[i].sock.inode)
			l->items[i].kind = OWNER_UNKNOWN;
		s++;
	}
	stuck_free(&again);
}

/**
 * stuck_resolve() - find out about the sockets and their owners
 * @l: the list, gets sorted
 *
 * Context: process of one thread; enters network namespaces, reads /proc once.
 * Return: 0 or -ENOMEM. What cannot be known shows in each item.
 */
int stuck_resolve(struct stuck_list *l)
{
	size_t i;
	int err;

	sort_items(l);
	if (!l->n)
		return 0;
	err = ask_namespaces(l);
	if (!err)
		err = find_holders(l);
	if (err)
		return err;
	for (i = 0; i < l->n; i++)
		name_owner(l, &l->items[i]);
	doubt_kernel(l);
	return 0;
}

/**
 * stuck_process() - the process of a holder
 * @l: the list
 * @h: one of its holders
 *
 * Context: any.
 * Return: the process.
 */
const struct process *stuck_process(const struct stuck_list *l, const struct holder *h)
{
	return &l->owners.processes[h->process];
}

/**
 * stuck_opened_by_other() - whether the module knows an owner that is no holder
 * @s: the connection
 *
 * Context: any.
 * Return: true when it does: it opened or accepted the socket, and has passed it on or
 * closed it; or, of one that nobody accepted, opened the listener.
 */
bool stuck_opened_by_other(const struct stuck *s)
{
	size_t i;

	if (!(s->ev.flags & TCPFSM_F_OWNER))
		return false;
	for (i = 0; i < s->nholders; i++)
		if (s->holders[i].pid == s->ev.owner.pid)
			return false;
	return true;
}

/**
 * stuck_match_owner() - whether the owner is the one asked for
 * @l: the list
 * @s: one of it
 * @f: the filter, of which only process and name are looked at
 *
 * Any of those that hold it may be, and the one that opened it.
 *
 * Context: any.
 * Return: true when it is, or when the filter asks for none.
 */
bool stuck_match_owner(const struct stuck_list *l, const struct stuck *s, const struct filter *f)
{
	const struct process *p;
	size_t i;

	if (filter_owner(f, &s->ev))
		return true;
	for (i = 0; i < s->nholders; i++) {
		p = stuck_process(l, &s->holders[i]);
		if ((!f->pid || f->pid == p->pid) && (!f->comm || !fnmatch(f->comm, p->comm, 0)))
			return true;
	}
	return false;
}
