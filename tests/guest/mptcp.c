// SPDX-License-Identifier: GPL-2.0
/* A connection of Multipath TCP, an end in each process */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "stim.h"

#ifndef IPPROTO_MPTCP
#define IPPROTO_MPTCP 262
#endif

/* A byte each way: then both know that the other has understood, and may join further subflows */
static void greet(int fd)
{
	char c = 'x';

	if (write(fd, &c, 1) != 1 || read(fd, &c, 1) != 1)
		die("mptcp: no byte came: %m");
}

/**
 * mptcp() - accept one connection, or make it
 * @to: the other end's IPv4 address, or "-" to accept
 * @port: the server's
 *
 * The client keeps it until a line was read, the server until the client has closed.
 *
 * Return: 0.
 */
int mptcp(const char *to, uint16_t port)
{
	struct sockaddr_in sin = { .sin_family = AF_INET, .sin_port = htons(port) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, IPPROTO_MPTCP);
	char c;

	if (fd < 0)
		die("mptcp: socket: %m");
	if (strcmp(to, "-")) {
		inet_pton(AF_INET, to, &sin.sin_addr);
		if (connect(fd, (void *)&sin, sizeof(sin)))
			die("mptcp: connect: %m");
		greet(fd);
		pause_at("greeted");
	} else {
		if (bind(fd, (void *)&sin, sizeof(sin)) || listen(fd, 8))
			die("mptcp: listen: %m");
		fd = accept4(fd, NULL, NULL, SOCK_CLOEXEC);
		if (fd < 0)
			die("mptcp: accept: %m");
		greet(fd);
		if (read(fd, &c, 1))
			die("mptcp: more came");
	}
	close(fd);
	return 0;
}
