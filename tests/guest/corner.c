// SPDX-License-Identifier: GPL-2.0
/* What few programs do, and no row of the catalogue has; each in A, where its peer reaches it */
#include <sys/socket.h>

#include "stim.h"

#ifndef TCP_FASTOPEN_CONNECT
#define TCP_FASTOPEN_CONNECT 30
#endif

/* A listener with a connection that is half-open */
static void half_open(struct end *b, struct peer *p, const struct end *l)
{
	peer_init(p, NS_A, 1, 0);
	half(b, "B", l, &p->addr, p->port);
	peer_send(p, "S", 0);
	peer_expect(p, "S.");
	await(b, TCP_SYN_RECV);
}

/* A listener that is shut down, listens again, and then loses a half-open connection it has had */
static void relisten(void)
{
	struct end l, b;
	struct peer p;

	listen_at(&l, "L", NS_A, TUN, 16);
	half_open(&b, &p, &l);
	if (shutdown(l.fd, SHUT_RDWR) || listen(l.fd, 16))
		die("L: listen again: %m");
	await(&b, TCP_SYN_RECV);
	peer_send(&p, "R", 0);
	await_gone(&b);
	pause_at("again");
	drop(&l);
}

/* One of those that listen at the same port */
static void listen_beside(struct end *e, const char *name)
{
	struct sockaddr_storage ss;
	socklen_t len;
	int one = 1;

	*e = (struct end){ .name = name, .ns = NS_A, .fd = sock_new(NS_A) };
	e->laddr = host(NS_A, TUN);
	e->raddr = host(NS_A, ANY);
	e->lport = run.port;
	len = sa_fill(&ss, &e->laddr, e->lport);
	if (setsockopt(e->fd, SOL_SOCKET, SO_REUSEPORT, &one, sizeof(one)) ||
	    bind(e->fd, (void *)&ss, len) || listen(e->fd, 16))
		die("%s: listen: %m", name);
	report(e);
}

/* Half-open connections whose listener closes, and go to another: one is reset, one completed */
static void migrate(void)
{
	struct end l, k, b, c, d;
	struct peer p, q;

	set_sysctl(NS_A, "ipv4/tcp_migrate_req", "1");
	listen_beside(&l, "L");
	half_open(&b, &p, &l);
	peer_init(&q, NS_A, 2, 0);
	half(&c, "C", &l, &q.addr, q.port);
	peer_send(&q, "S", 0);
	peer_expect(&q, "S.");
	await(&c, TCP_SYN_RECV);
	listen_beside(&k, "K");
	drop(&l);
	peer_send(&p, "R", 0);
	await_gone(&b);
	peer_send(&q, ".", 0);
	take(&d, "D", &k);
	peer_send(&q, "R", 0);
	await(&d, TCP_CLOSE);
	drop(&d);
	drop(&k);
}

/* close() of a socket that is being repaired tells the peer nothing */
static void repair(void)
{
	struct end a;
	struct peer p;
	int one = 1;

	reach(&a, "A", &p, 1);
	if (setsockopt(a.fd, IPPROTO_TCP, TCP_REPAIR, &one, sizeof(one)))
		die("A: TCP_REPAIR: %m");
	drop(&a);
	await_gone(&a);
}

/* A connect() that waits for data before it sends its SYN, and is destroyed */
static void unsent(void)
{
	struct end a = { .fd = 0 };
	int one = 1;

	/* client, and no cookie is needed */
	set_sysctl(NS_A, "ipv4/tcp_fastopen", "5");
	a.fd = sock_new(NS_A);
	if (setsockopt(a.fd, IPPROTO_TCP, TCP_FASTOPEN_CONNECT, &one, sizeof(one)))
		die("A: TCP_FASTOPEN_CONNECT: %m");
	if (try_dial(&a, "A", NS_A, VETH, 1))
		die("A: connect: %m");
	report(&a);
	await(&a, TCP_SYN_SENT);
	if (diag_destroy(&a))
		die("A: SOCK_DESTROY: %m");
	await(&a, TCP_CLOSE);
	drop(&a);
}

const struct row corner_rows[] = {
	{ "relisten", relisten }, { "migrate", migrate }, { "repair", repair },
	{ "unsent", unsent }, { 0 },
};
