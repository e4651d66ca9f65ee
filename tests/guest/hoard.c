// SPDX-License-Identifier: GPL-2.0
/* Many connections over loopback that stay */
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>

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
