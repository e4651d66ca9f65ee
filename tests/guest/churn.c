// SPDX-License-Identifier: GPL-2.0
/* Many short connections over loopback, the client closing first */
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "stim.h"

static void short_one(int listener, const struct sockaddr_in *sin)
{
	int a, b;
	char c;

	a = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (a < 0 || connect(a, (const void *)sin, sizeof(*sin)))
		die("churn: connect: %m");
	b = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	if (b < 0)
		die("churn: accept: %m");
	if (send(a, "x", 1, 0) != 1 || recv(b, &c, 1, 0) != 1)
		die("churn: talk: %m");
	close(a);
	if (recv(b, &c, 1, 0))
		die("churn: no end of the stream: %m");
	close(b);
}

/**
 * churn() - open and close connections as fast as it goes
 * @count: by each process; 0 goes on until it is killed
 * @procs: how many processes, each with a listener of its own
 *
 * Return: 0 when all went well.
 */
int churn(unsigned int count, unsigned int procs)
{
	struct sockaddr_in sin = { .sin_family = AF_INET };
	socklen_t len = sizeof(sin);
	unsigned int i, bad = 0;
	int status, listener;
	int begun[2];
	char c;

	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (pipe2(begun, O_CLOEXEC))
		die("churn: pipe: %m");
	for (i = 0; i < procs && fork(); i++)
		;
	if (i == procs) {
		close(begun[0]);
		close(begun[1]);
		while (wait(&status) > 0)
			bad |= status;
		return !!bad;
	}
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (listener < 0 || bind(listener, (void *)&sin, len) || listen(listener, 16) ||
	    getsockname(listener, (void *)&sin, &len))
		die("churn: listen: %m");
	/* none connects before all listen: the last to let go of the pipe ends the wait */
	close(begun[1]);
	if (read(begun[0], &c, 1))
		die("churn: wait: %m");
	close(begun[0]);
	for (i = 0; !count || i < count; i++) {
		short_one(listener, &sin);
		/*
		 * Nothing above ever sleeps. Whoever detaches from the function tracer,
		 * as the module does when it goes, waits until each task has slept or was
		 * met by a tick in user mode, where this one hardly is.
		 */
		if (!count)
			sched_yield();
	}
	exit(0);
}
