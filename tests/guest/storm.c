// SPDX-License-Identifier: GPL-2.0
/*
 * Connections over loopback that begin and end in every way, as fast as it goes, by processes
 * that mind no error: memory may be short, and the namespace on its way out.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <signal.h>
#include <unistd.h>

#include "stim.h"
#include "stress.h"

#define AT_ONCE 8

static unsigned int dice;

static unsigned int roll(unsigned int sides)
{
	dice = dice * 1103515245 + 12345;
	return (dice >> 16) % sides;
}

static void abort_at_close(int fd)
{
	struct linger now = { .l_onoff = 1 };

	setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
}

static int listener_at(struct sockaddr_in *sin)
{
	socklen_t len = sizeof(*sin);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	*sin = (struct sockaddr_in){ .sin_family = AF_INET };
	sin->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd >= 0 && !bind(fd, (void *)sin, len) && !listen(fd, AT_ONCE / 2) &&
	    !getsockname(fd, (void *)sin, &len))
		return fd;
	close(fd);
	return -1;
}

/* One end is closed first, at random in which way, then the other */
static void part(int a, int b)
{
	switch (roll(5)) {
	case 0:
		abort_at_close(a);
		break;
	case 1:
		shutdown(a, SHUT_WR);
		shutdown(b, SHUT_WR);
		break;
	case 2:
		send(b, "unread", 6, MSG_NOSIGNAL | MSG_DONTWAIT);
		break;
	case 3:
		shutdown(a, SHUT_WR);
		break;
	}
	close(a);
	close(b);
}

/* Some connections of one listener; some are never accepted */
static void bout(void)
{
	struct pollfd pfd = { .events = POLLIN };
	int client[AT_ONCE], server[AT_ONCE];
	struct sockaddr_in sin;
	int i, n = 0, listener;

	listener = listener_at(&sin);
	if (listener < 0)
		return;
	pfd.fd = listener;
	for (i = 0; i < AT_ONCE; i++) {
		client[i] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
		connect(client[i], (void *)&sin, sizeof(sin));
		if (roll(8) && poll(&pfd, 1, 100) == 1)
			server[n] = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
		else
			continue;
		n += server[n] >= 0;
	}
	for (i = 0; i < AT_ONCE; i++) {
		if (roll(2))
			part(client[i], i < n ? server[i] : -1);
		else
			part(i < n ? server[i] : -1, client[i]);
	}
	close(listener);
	/* as in churn(): whoever unloads the module waits until each task has slept once */
	sched_yield();
}

/**
 * storm() - open and close connections of every kind
 * @bouts: of eight connections and a listener, by each process; 0 goes on until killed
 * @procs: how many processes
 *
 * Return: 0.
 */
int storm(unsigned int bouts, unsigned int procs)
{
	unsigned int i;

	for (i = 0; i < procs; i++) {
		if (fork())
			continue;
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		dice = i + 1;
		for (i = 0; !bouts || i < bouts; i++)
			bout();
		exit(0);
	}
	while (wait(NULL) > 0)
		;
	return 0;
}
