// SPDX-License-Identifier: GPL-2.0
/* A connection, both of its ends here */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bench.h"

static int ns_fd(const char *name)
{
	char path[64];
	int fd;

	if (!name)
		return -1;
	snprintf(path, sizeof(path), "/run/netns/%s", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		die("%s: %m", path);
	return fd;
}

static int tcp_socket(int ns)
{
	int fd;

	if (ns >= 0 && setns(ns, CLONE_NEWNET))
		die("setns: %m");
	fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		die("socket: %m");
	return fd;
}

/**
 * place_open() - a listener
 * @p: is filled in
 * @client_ns: network namespace of clients, by name, NULL for the own one
 * @server_ns: that of the listener
 * @addr: the listener's address
 */
void place_open(struct place *p, const char *client_ns, const char *server_ns, const char *addr)
{
	socklen_t len = sizeof(p->addr);

	p->client_ns = ns_fd(client_ns);
	p->server_ns = ns_fd(server_ns);
	p->addr = (struct sockaddr_in){ .sin_family = AF_INET };
	if (inet_pton(AF_INET, addr, &p->addr.sin_addr) != 1)
		die("'%s': an IPv4 address", addr);
	p->listener = tcp_socket(p->server_ns);
	if (bind(p->listener, (void *)&p->addr, len) || listen(p->listener, 128) ||
	    getsockname(p->listener, (void *)&p->addr, &len))
		die("listen: %m");
}

/**
 * pair_open() - a connection
 * @p: where
 * @port: the client's, 0 for any
 * @client: its socket
 * @server: the accepted one
 */
void pair_open(const struct place *p, uint16_t port, int *client, int *server)
{
	struct sockaddr_in own = { .sin_family = AF_INET, .sin_port = htons(port) };

	*client = tcp_socket(p->client_ns);
	if (port && bind(*client, (void *)&own, sizeof(own)))
		die("bind: %m");
	if (connect(*client, (void *)&p->addr, sizeof(p->addr)))
		die("connect: %m");
	*server = accept4(p->listener, NULL, NULL, SOCK_CLOEXEC);
	if (*server < 0)
		die("accept: %m");
}

/**
 * pair_close() - its end
 * @client: of pair_open()
 * @server: of pair_open()
 * @ending: who does what
 */
void pair_close(int client, int server, enum ending ending)
{
	int first = ending == END_SERVER ? server : client;
	int last = ending == END_SERVER ? client : server;
	struct linger linger = { .l_onoff = 1 };
	ssize_t n;
	char c;

	if (ending == END_RESET &&
	    setsockopt(client, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger)))
		die("SO_LINGER: %m");
	close(first);
	n = recv(last, &c, 1, 0);
	if (ending == END_RESET ? n >= 0 || errno != ECONNRESET : n)
		die("not what ends a connection: %m");
	close(last);
}
