// SPDX-License-Identifier: GPL-2.0
/*
 * Listeners with their accept queues, which sock_diag tells: a dump of the listening
 * sockets of each network namespace there are listeners in.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "diag.h"
#include "netns.h"
#include "queues.h"
#include "util.h"

/**
 * listeners_add() - add one
 * @list: zeroed at first; listeners_free() it
 * @ev: which one, and whose
 * @l: its numbers
 *
 * Context: any; allocates.
 * Return: 0 or -ENOMEM.
 */
int listeners_add(struct listener_list *list, const struct event *ev,
		  const struct tcpfsm_listener *l)
{
	struct listener_row *more;
	size_t room;

	if (list->n == list->room) {
		room = list->room ? 2 * list->room : 64;
		more = realloc(list->rows, room * sizeof(*more));
		if (!more)
			return -ENOMEM;
		list->rows = more;
		list->room = room;
	}
	list->rows[list->n++] = (struct listener_row){ .ev = *ev, .l = *l };
	return 0;
}

/**
 * listeners_free() - release them
 * @list: the listeners
 *
 * Context: any.
 */
void listeners_free(struct listener_list *list)
{
	free(list->rows);
	*list = (struct listener_list){ 0 };
}

static int less(uint64_t a, uint64_t b)
{
	return a < b ? -1 : a > b;
}

static int by_place(const void *a, const void *b)
{
	const struct tcpfsm_id *p = &((const struct listener_row *)a)->ev.id;
	const struct tcpfsm_id *q = &((const struct listener_row *)b)->ev.id;
	int order = less(p->netns, q->netns);

	if (!order)
		order = less(ntohs(p->lport), ntohs(q->lport));
	return order ? order : less(p->cookie, q->cookie);
}

/**
 * listeners_sort() - put them in order: by namespace, port, and age
 * @list: the listeners
 *
 * Context: any.
 */
void listeners_sort(struct listener_list *list)
{
	if (list->n)
		qsort(list->rows, list->n, sizeof(*list->rows), by_place);
}

/* Those of one namespace, on their way through a dump */
struct asked {
	struct listener_row	*rows;
	size_t			n;
};

static void take(const struct diag_sock *s, void *arg)
{
	struct asked *a = arg;
	size_t i;

	for (i = 0; i < a->n; i++)
		if (a->rows[i].ev.id.cookie == s->cookie)
			a->rows[i].q = (struct listener_queue){
				.known = true, .waiting = s->rqueue, .limit = s->wqueue,
			};
}

/* A namespace that cannot be entered leaves its queues as they are: unknown. */
static void ask_namespace(struct asked *a, const struct netns_fd *ns)
{
	const bool own = ns->inode == netns_self();
	struct diag d;

	if (!own && ns->fd < 0)
		return;
	if (!diag_open(&d, own ? -1 : ns->fd)) {
		diag_dump(&d, AF_INET, BIT(TCPFSM_S_LISTEN), take, a);
		diag_dump(&d, AF_INET6, BIT(TCPFSM_S_LISTEN), take, a);
	}
	diag_close(&d);
}

static size_t same_namespace(const struct listener_list *list, size_t from)
{
	size_t to = from;

	while (to < list->n && list->rows[to].ev.id.netns == list->rows[from].ev.id.netns)
		to++;
	return to - from;
}

/**
 * listeners_ask() - ask the kernel for their accept queues
 * @list: the listeners, sorted; what the kernel does not tell stays unknown
 *
 * Context: process of one thread; enters network namespaces, and returns.
 */
void listeners_ask(struct listener_list *list)
{
	struct netns_fd *ns;
	struct asked a;
	size_t n = 0;
	size_t i, at;

	ns = calloc(list->n ? list->n : 1, sizeof(*ns));
	if (!ns)
		return;
	for (at = 0; at < list->n; at += same_namespace(list, at))
		ns[n++].inode = list->rows[at].ev.id.netns;
	netns_open(ns, n);
	for (i = 0, at = 0; i < n; i++, at += a.n) {
		a = (struct asked){ .rows = list->rows + at, .n = same_namespace(list, at) };
		ask_namespace(&a, &ns[i]);
		if (ns[i].fd >= 0)
			close(ns[i].fd);
	}
	free(ns);
}
