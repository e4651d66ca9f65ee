// SPDX-License-Identifier: GPL-2.0
/* Many connections over loopback that stay */
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "stim.h"

#define A_LISTENER 20000	/* connections each: a client has 28,000 ports for it */

static int listener_at(unsigned int n, struct sockaddr_in *sin)
{
	socklen_t len = sizeof(*sin);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	*sin = (struct sockaddr_in){ .sin_family = AF_INET };
	sin->sin_addr.s_addr = htonl(INADDR_LOOPBACK + n);
	if (fd < 0 || bind(fd, (void *)sin, len) || listen(fd, 128) ||
	    getsockname(fd, (void *)sin, &len))
		die("hoard: listen: %m");
	return fd;
}

/**
 * hoard() - open connections, both ends here, and keep them
 * @count: connections
 *
 * At PAUSE they are there, and when a line was read they end with the process.
 *
 * Return: 0.
 */
int hoard(unsigned int count)
{
	struct rlimit limit = { 2 * count + 64, 2 * count + 64 };
	struct sockaddr_in sin;
	int listener = -1;
	unsigned int i;
	int fd;

	if (setrlimit(RLIMIT_NOFILE, &limit))
		die("hoard: descriptors for %u connections: %m", count);
	for (i = 0; i < count; i++) {
		if (!(i % A_LISTENER))
			listener = listener_at(1 + i / A_LISTENER, &sin);
		fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
		if (fd < 0 || connect(fd, (void *)&sin, sizeof(sin)) ||
		    accept4(listener, NULL, NULL, SOCK_CLOEXEC) < 0)
			die("hoard: connection %u: %m", i);
	}
	pause_at("hoarded");
	return 0;
}

#define BATCH 200

/**
 * dawdle() - connections that close in their own time
 * @count: connections
 * @ms: how long the server takes to close after the client has
 *
 * Says on which port the server listens.
 *
 * Return: 0.
 */
int dawdle(unsigned int count, int ms)
{
	int client[BATCH], server[BATCH];
	struct sockaddr_in sin;
	int listener = listener_at(0, &sin);
	unsigned int done, i;

	printf("%d\n", ntohs(sin.sin_port));
	for (done = 0; done < count; done += BATCH) {
		for (i = 0; i < BATCH; i++) {
			client[i] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
			if (client[i] < 0 || connect(client[i], (void *)&sin, sizeof(sin)))
				die("dawdle: connect: %m");
			server[i] = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
			if (server[i] < 0)
				die("dawdle: accept: %m");
			shutdown(client[i], SHUT_WR);
		}
		poll(NULL, 0, ms);
		for (i = 0; i < BATCH; i++) {
			close(server[i]);
			close(client[i]);
		}
	}
	return 0;
}
