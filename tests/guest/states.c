// SPDX-License-Identifier: GPL-2.0
/* Both ends of connections in every state there is, over a loopback that stops to carry ACKs */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "stim.h"
#include "stress.h"

struct both {
	int client;
	int server;
};

static struct sockaddr_in at;
static int listener;

static int dial_at(int flags)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | flags, 0);

	if (fd < 0 || (connect(fd, (void *)&at, sizeof(at)) && errno != EINPROGRESS))
		die("states: connect: %m");
	return fd;
}

static struct both join(void)
{
	struct both b = { .client = dial_at(0) };

	b.server = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	if (b.server < 0)
		die("states: accept: %m");
	return b;
}

/* The FIN has come. */
static void close_first(int mine, int peers)
{
	char c;

	close(mine);
	if (recv(peers, &c, 1, MSG_PEEK))
		die("states: no end of the stream: %m");
}

/**
 * every_state() - be in every state, and stay there
 * @port: where to listen
 *
 * At PAUSE open those states are there that need no trick. From then on the loopback
 * interface is to delay what it carries, and to drop what is an ACK and nothing else, or a SYN,ACK;
 * at PAUSE stuck the others are there too, until what was lost is sent again.
 *
 * Return: 0.
 */
int every_state(int port)
{
	struct both wait_1, last, cross, over;
	int one = 1;

	at = (struct sockaddr_in){ .sin_family = AF_INET, .sin_port = htons(port) };
	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(listener, (void *)&at, sizeof(at)) || listen(listener, 64))
		die("states: listen: %m");

	join();					/* ESTABLISHED, ESTABLISHED */
	over = join();				/* FIN_WAIT_2 of an orphan, CLOSE_WAIT */
	close_first(over.client, over.server);
	over = join();				/* TIME_WAIT */
	close_first(over.client, over.server);
	close(over.server);
	last = join();				/* FIN_WAIT_2, CLOSE_WAIT */
	shutdown(last.client, SHUT_WR);
	if (recv(last.server, &(char){ 0 }, 1, MSG_PEEK))
		die("states: no end of the stream: %m");
	wait_1 = join();
	cross = join();
	dial_at(0);				/* ESTABLISHED, not accepted */
	pause_at("open");

	shutdown(last.server, SHUT_WR);		/* LAST_ACK; the client goes to TIME_WAIT */
	shutdown(wait_1.client, SHUT_WR);	/* FIN_WAIT_1 */
	shutdown(cross.client, SHUT_WR);	/* CLOSING, both */
	shutdown(cross.server, SHUT_WR);
	dial_at(SOCK_NONBLOCK);			/* SYN_SENT, SYN_RECEIVED */
	pause_at("stuck");
	return 0;
}
