// SPDX-License-Identifier: GPL-2.0
/* One socket that listens twice */
#include <sys/socket.h>

#include "stim.h"

/**
 * relisten() - a half-open connection of a listener that is shut down, and listens again
 *
 * At PAUSE the connection has been reset, and it listens still.
 *
 * Return: 0.
 */
int relisten(void)
{
	struct end l, b;
	struct peer p;

	listen_at(&l, "L", NS_A, TUN, 16);
	peer_init(&p, NS_A, 1, 0);
	half(&b, "B", &l, &p.addr, p.port);
	peer_send(&p, "S", 0);
	peer_expect(&p, "S.");
	await(&b, TCP_SYN_RECV);
	if (shutdown(l.fd, SHUT_RDWR) || listen(l.fd, 16))
		die("L: listen again: %m");
	await(&b, TCP_SYN_RECV);
	peer_send(&p, "R", 0);
	await_gone(&b);
	pause_at("again");
	drop(&l);
	return 0;
}
