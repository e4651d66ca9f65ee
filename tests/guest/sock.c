// SPDX-License-Identifier: GPL-2.0
/* Endpoints with sockets: open, look at, talk through and close them without blocking */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "stim.h"

static const char *const state_names[] = {
	"none", "ESTABLISHED", "SYN_SENT", "SYN_RECV", "FIN_WAIT1", "FIN_WAIT2", "TIME_WAIT",
	"CLOSE", "CLOSE_WAIT", "LAST_ACK", "LISTEN", "CLOSING", "NEW_SYN_RECV",
};

/**
 * sa_fill() - the socket address of this run's family
 * @ss: where to put it
 * @ip: the address, all zeroes for any
 * @port: the port
 *
 * Return: its length.
 */
socklen_t sa_fill(struct sockaddr_storage *ss, const struct addr *ip, uint16_t port)
{
	struct sockaddr_in6 *in6 = (void *)ss;
	struct sockaddr_in *in4 = (void *)ss;
	static const uint8_t any[4];

	memset(ss, 0, sizeof(*ss));
	if (run.family == '4') {
		in4->sin_family = AF_INET;
		in4->sin_port = htons(port);
		memcpy(&in4->sin_addr, ip->b, 4);
		return sizeof(*in4);
	}
	in6->sin6_family = AF_INET6;
	in6->sin6_port = htons(port);
	if (ip->version == 6) {
		memcpy(&in6->sin6_addr, ip->b, 16);
	} else if (memcmp(ip->b, any, 4)) {
		in6->sin6_addr.s6_addr[10] = 0xff;
		in6->sin6_addr.s6_addr[11] = 0xff;
		memcpy(&in6->sin6_addr.s6_addr[12], ip->b, 4);
	}
	return sizeof(*in6);
}

int sock_new(enum netns ns)
{
	int fd, one = 1;

	ns_enter(ns);
	fd = socket(run.family == '4' ? AF_INET : AF_INET6,
		    SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		die("socket: %m");
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	return fd;
}

static void sock_bind(int fd, const struct addr *ip, uint16_t port)
{
	struct sockaddr_storage ss;
	socklen_t len = sa_fill(&ss, ip, port);

	if (bind(fd, (void *)&ss, len))
		die("bind to port %u: %m", port);
}

/**
 * listen_at() - a listener on the row's first port
 * @e: the endpoint to make
 * @name: its name in the scenario
 * @ns: its host
 * @net: through which network it can be reached
 * @backlog: of listen()
 */
void listen_at(struct end *e, const char *name, enum netns ns, enum net net, int backlog)
{
	*e = (struct end){ .name = name, .ns = ns, .fd = sock_new(ns) };
	e->laddr = host(ns, net);
	e->raddr = host(ns, ANY);
	e->lport = run.port;
	sock_bind(e->fd, &e->laddr, e->lport);
	if (listen(e->fd, backlog))
		die("listen: %m");
	report(e);
}

/**
 * try_dial() - start to connect to the row's first port on the other host
 * @e: the endpoint to make; a socket in @e->fd other than 0 is taken as it is
 * @name: its name in the scenario
 * @ns: its host
 * @net: through which network
 * @lport: its port, counted from the row's first; 0 lets the kernel choose
 *
 * Return: 0, or the errno that connect() failed with at once.
 */
int try_dial(struct end *e, const char *name, enum netns ns, enum net net, int lport)
{
	int fd = e->fd > 0 ? e->fd : sock_new(ns);
	struct sockaddr_storage ss;
	struct sockaddr_in *in4 = (void *)&ss;
	socklen_t len;

	*e = (struct end){ .name = name, .ns = ns, .fd = fd };
	e->laddr = host(ns, net);
	e->raddr = host(ns == NS_A ? NS_B : NS_A, net);
	e->lport = lport ? run.port + lport : 0;
	e->rport = run.port;
	if (lport)
		sock_bind(fd, &e->laddr, e->lport);
	len = sa_fill(&ss, &e->raddr, e->rport);
	if (connect(fd, (void *)&ss, len) && errno != EINPROGRESS)
		return errno;
	len = sizeof(ss);
	if (!lport && !getsockname(fd, (void *)&ss, &len))
		e->lport = ntohs(in4->sin_port);
	return 0;
}

void dial(struct end *e, const char *name, enum netns ns, enum net net, int lport)
{
	e->fd = -1;
	errno = try_dial(e, name, ns, net, lport);
	if (errno)
		die("%s: connect: %m", name);
	report(e);
}

/**
 * take() - accept the next connection
 * @e: the endpoint to make
 * @name: its name in the scenario
 * @listener: where from
 */
void take(struct end *e, const char *name, const struct end *listener)
{
	struct sockaddr_storage ss;
	struct sockaddr_in6 *in6 = (void *)&ss;
	struct sockaddr_in *in4 = (void *)&ss;
	socklen_t len = sizeof(ss);
	struct wait w;
	const void *b;
	int fd;

	wait_start(&w, SOON);
	while ((fd = accept4(listener->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) < 0)
		if (errno != EAGAIN || !wait_more(&w))
			die("%s: accept: %m", name);
	*e = *listener;
	e->name = name;
	e->fd = fd;
	if (getpeername(fd, (void *)&ss, &len))
		die("%s: getpeername: %m", name);
	b = run.family == '4' ? (const void *)&in4->sin_addr : in6->sin6_addr.s6_addr;
	if (run.family == 'm')
		b = in6->sin6_addr.s6_addr + 12;
	memcpy(e->raddr.b, b, e->raddr.version == 6 ? 16 : 4);
	e->rport = ntohs(in4->sin_port);
	len = sizeof(ss);
	if (getsockname(fd, (void *)&ss, &len))
		die("%s: getsockname: %m", name);
	memcpy(e->laddr.b, b, e->laddr.version == 6 ? 16 : 4);
	report(e);
}

/**
 * half_of() - the passive endpoint of a connection nobody has accepted
 * @e: the endpoint to make, without a socket
 * @name: its name in the scenario
 * @listener: whose it is
 * @raddr: the peer's address
 * @rport: the peer's port
 */
void half_of(struct end *e, const char *name, const struct end *listener,
	     const struct addr *raddr, uint16_t rport)
{
	*e = *listener;
	e->name = name;
	e->fd = -1;
	e->cookie = 0;
	e->raddr = *raddr;
	e->rport = rport;
	/* the listener may listen on any address: use the one of the peer's network */
	e->laddr = host(e->ns, raddr->b[1] & 1 ? TUN : VETH);
}

/**
 * half() - half_of(), and tell of it
 */
void half(struct end *e, const char *name, const struct end *listener,
	  const struct addr *raddr, uint16_t rport)
{
	half_of(e, name, listener, raddr, rport);
	report(e);
}

/**
 * other_half() - name the passive endpoint that belongs to an active one
 * @e: the endpoint to make, without a socket
 * @name: its name in the scenario
 * @dialled: the active one
 */
void other_half(struct end *e, const char *name, const struct end *dialled)
{
	*e = (struct end){ .name = name, .fd = -1 };
	e->ns = dialled->ns == NS_A ? NS_B : NS_A;
	e->laddr = dialled->raddr;
	e->lport = dialled->rport;
	e->raddr = dialled->laddr;
	e->rport = dialled->lport;
	report(e);
}

/**
 * state_of() - the kernel's state of an endpoint
 * @e: the endpoint
 *
 * Return: TCP_ESTABLISHED and so on; 0 when its socket is gone.
 */
int state_of(const struct end *e)
{
	struct tcp_info ti;
	socklen_t len = sizeof(ti);

	if (e->fd < 0)
		return proc_state(e);
	if (getsockopt(e->fd, IPPROTO_TCP, TCP_INFO, &ti, &len))
		die("%s: TCP_INFO: %m", e->name);
	return ti.tcpi_state;
}

void await_within(const struct end *e, int state, int seconds)
{
	struct wait w;
	int now;

	wait_start(&w, seconds);
	while ((now = state_of(e)) != state)
		if (!wait_more(&w))
			die("%s is in %s, not in %s", e->name, state_names[now],
			    state_names[state]);
}

/**
 * await() - wait until an endpoint is in a state
 * @e: the endpoint
 * @state: the kernel's name for it
 */
void await(const struct end *e, int state)
{
	await_within(e, state, SOON);
}

void await_gone_within(const struct end *e, int seconds)
{
	struct end ghost = *e;

	ghost.fd = -1;
	await_within(&ghost, 0, seconds);
}

/**
 * await_gone() - wait until no kernel object is left of an endpoint
 * @e: the endpoint
 */
void await_gone(const struct end *e)
{
	await_gone_within(e, SOON);
}

/**
 * outlive() - see the slow end of an endpoint where idle time costs nothing
 * @e: the endpoint
 * @seconds: how long it may take
 *
 * Elsewhere the end comes with that of the network namespace.
 */
void outlive(const struct end *e, int seconds)
{
	if (run.warp)
		await_gone_within(e, seconds);
}

void say(const struct end *e, const char *text)
{
	if (send(e->fd, text, strlen(text), MSG_NOSIGNAL) != (ssize_t)strlen(text))
		die("%s: send: %m", e->name);
}

/**
 * hear() - read that many bytes
 * @e: the endpoint
 * @bytes: how many, 0 for the end of the stream
 */
void hear(const struct end *e, size_t bytes)
{
	char buf[512];
	struct wait w;
	ssize_t n;

	wait_start(&w, SOON);
	for (;;) {
		n = recv(e->fd, buf, bytes && bytes < sizeof(buf) ? bytes : sizeof(buf), 0);
		if (n < 0 && (errno != EAGAIN || !wait_more(&w)))
			die("%s: recv: %m", e->name);
		if (n < 0)
			continue;
		if (!bytes && n)
			die("%s: %zd bytes too many", e->name, n);
		if (bytes && !n)
			die("%s: the stream ended %zu bytes early", e->name, bytes);
		bytes -= n;
		if (!bytes)
			return;
	}
}

void hear_fin(const struct end *e)
{
	hear(e, 0);
}

/**
 * await_acked() - wait until the other end has acknowledged all that was said
 * @e: the endpoint that said it
 */
void await_acked(const struct end *e)
{
	struct wait w;
	int left;

	wait_start(&w, SOON);
	while (!ioctl(e->fd, SIOCOUTQ, &left) && left)
		if (!wait_more(&w))
			die("%s: %d bytes are not acknowledged", e->name, left);
}

/**
 * error_of() - why a socket is closed
 * @e: the endpoint, waited for until it is
 *
 * Return: its pending errno.
 */
int error_of(const struct end *e)
{
	socklen_t len = sizeof(int);
	int err;

	if (getsockopt(e->fd, SOL_SOCKET, SO_ERROR, &err, &len))
		die("%s: SO_ERROR: %m", e->name);
	return err;
}

void shut(struct end *e)
{
	if (shutdown(e->fd, SHUT_WR))
		die("%s: shutdown: %m", e->name);
}

/**
 * drop() - close()
 * @e: the endpoint, whose kernel object may live on
 */
void drop(struct end *e)
{
	if (close(e->fd))
		die("%s: close: %m", e->name);
	e->fd = -1;
}

/**
 * abandon() - close() with SO_LINGER 0: ABORT
 * @e: the endpoint
 */
void abandon(struct end *e)
{
	struct linger lg = { .l_onoff = 1 };

	setsockopt(e->fd, SOL_SOCKET, SO_LINGER, &lg, sizeof(lg));
	drop(e);
}

/**
 * meet() - a connection from A to B, the listener gone again
 * @p: the two endpoints
 * @net: through which network; TUN needs the wire
 */
void meet(struct pair *p, enum net net)
{
	listen_at(&p->l, "L", NS_B, net, 16);
	dial(&p->a, "A", NS_A, net, 1);
	take(&p->b, "B", &p->l);
	await(&p->a, TCP_ESTABLISHED);
	await(&p->b, TCP_ESTABLISHED);
	drop(&p->l);
}
