// SPDX-License-Identifier: GPL-2.0
/* A handshake that is complete for the client alone, for as long as it likes */
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "stim.h"

/**
 * defer() - a listener that does not take an ACK without data (TCP_DEFER_ACCEPT)
 *
 * It pauses as its one connection is in SYN_RECEIVED at that end, as it waits for accept(), and
 * as it was accepted.
 *
 * Return: 0.
 */
int defer(void)
{
	struct sockaddr_in sin = { .sin_family = AF_INET };
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct pollfd queue = { .fd = listener, .events = POLLIN };
	socklen_t len = sizeof(sin);
	int seconds = 600;

	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (listener < 0 || fd < 0 || bind(listener, (void *)&sin, len) ||
	    setsockopt(listener, IPPROTO_TCP, TCP_DEFER_ACCEPT, &seconds, sizeof(seconds)) ||
	    listen(listener, 1) || getsockname(listener, (void *)&sin, &len) ||
	    connect(fd, (void *)&sin, len))
		die("defer: connect: %m");
	pause_at("deferred");
	if (write(fd, "x", 1) != 1 || poll(&queue, 1, 30000) != 1)
		die("defer: nothing to accept: %m");
	pause_at("queued");
	if (accept(listener, NULL, NULL) < 0)
		die("defer: accept: %m");
	pause_at("accepted");
	return 0;
}
