// SPDX-License-Identifier: GPL-2.0
/*
 * A server that leaves connections as they should not be left, and its clients: over
 * loopback, some of each kind asked for, told of on stdout, then held until killed.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "stim.h"

#ifndef SO_COOKIE
#define SO_COOKIE 57
#endif

/* The two ends of a connection: what connected, what was accepted */
struct link {
	int client;
	int server;
};

/* Listeners: whose connections are accepted, and whose are not, at the next port */
enum which {
	SERVED,
	LEFT,
};

static int port;
static int listener[2];		/* of SERVED: IPv4, IPv6 */
static unsigned int made;

static void loopback(int family, enum which which, struct sockaddr_in6 *to, socklen_t *len)
{
	struct sockaddr_in *in = (void *)to;

	memset(to, 0, sizeof(*to));
	if (family == AF_INET) {
		in->sin_family = AF_INET;
		in->sin_port = htons(port + which);
		in->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
		*len = sizeof(*in);
	} else {
		to->sin6_family = AF_INET6;
		to->sin6_port = htons(port + which);
		to->sin6_addr = in6addr_loopback;
		*len = sizeof(*to);
	}
}

static int listen_on(int family, enum which which)
{
	struct sockaddr_in6 at;
	socklen_t len;
	int one = 1;
	int fd;

	fd = socket(family, SOCK_STREAM, 0);
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	loopback(family, which, &at, &len);
	if (fd < 0 || bind(fd, (void *)&at, len) || listen(fd, 4096))
		die("listen: %m");
	return fd;
}

static int connect_to(int family, enum which which)
{
	struct sockaddr_in6 to;
	socklen_t len;
	int fd;

	fd = socket(family, SOCK_STREAM, 0);
	loopback(family, which, &to, &len);
	if (fd < 0 || connect(fd, (void *)&to, len))
		die("connect: %m");
	return fd;
}

static struct link link_up(void)
{
	const int six = made++ % 2;
	struct link l;

	l.client = connect_to(six ? AF_INET6 : AF_INET, SERVED);
	l.server = accept(listener[six], NULL, NULL);
	if (l.server < 0)
		die("accept: %m");
	return l;
}

/* Closed by the client, and its FIN has come */
static void hear_end(const struct link *l)
{
	char byte;

	close(l->client);
	if (recv(l->server, &byte, 1, MSG_PEEK) < 0)
		die("recv: %m");
}

static void tell(char kind, int fd, int pid)
{
	unsigned long long cookie;
	socklen_t len = sizeof(cookie);

	if (getsockopt(fd, SOL_SOCKET, SO_COOKIE, &cookie, &len))
		die("no cookie: %m");
	printf("HOLD %c %llx %d %d\n", kind, cookie, pid, fd);
}

/* A child that does nothing but hold one descriptor; it ends with us. */
static pid_t spawn(int (*work)(int fd), int keep)
{
	pid_t pid;
	int fd;

	fflush(stdout);
	pid = fork();

	if (pid < 0)
		die("fork: %m");
	if (pid)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (fd = 3; fd < 1 << 16; fd++)
		if (fd != keep)
			close(fd);
	if (work)
		work(keep);
	for (;;)
		pause();
}

static void pass(int through, int fd)
{
	union {
		char buf[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control = { 0 };
	struct iovec iov = { .iov_base = "x", .iov_len = 1 };
	struct msghdr m = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = control.buf, .msg_controllen = sizeof(control.buf),
	};
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(c), &fd, sizeof(fd));
	if (sendmsg(through, &m, 0) != 1)
		die("sendmsg: %m");
}

static int receive(int from)
{
	char control[CMSG_SPACE(sizeof(int))];
	char byte;
	struct iovec iov = { .iov_base = &byte, .iov_len = 1 };
	struct msghdr m = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = control, .msg_controllen = sizeof(control),
	};

	int fd;

	if (recvmsg(from, &m, 0) != 1)
		return 1;
	memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&m)), sizeof(fd));
	tell('p', fd, getpid());
	fflush(stdout);
	return send(from, "x", 1, 0) != 1;
}

static void *hold_on(void *arg)
{
	while (!arg)
		pause();
	return NULL;
}

/* The first thread ends, which leaves nothing to see in the process's own fd folder. */
static int leave_to_thread(int fd)
{
	pthread_t t;

	(void)fd;
	if (!pthread_create(&t, NULL, hold_on, NULL))
		pthread_exit(NULL);
	return 1;
}

/* Given to another process, which takes it, or leaves it on its way */
static void passed_on(bool taken)
{
	struct link l;
	int pair[2];
	char byte;

	if (socketpair(AF_UNIX, SOCK_DGRAM, 0, pair))
		die("socketpair: %m");
	if (taken)
		spawn(receive, pair[1]);
	l = link_up();
	hear_end(&l);
	if (!taken)
		tell('q', l.server, 0);
	pass(pair[0], l.server);
	close(l.server);
	if (taken && recv(pair[0], &byte, 1, 0) != 1)
		die("recv: %m");
}

static void forked(void)
{
	struct link l = link_up();
	int i;

	hear_end(&l);
	tell('f', l.server, getpid());
	for (i = 0; i < 2; i++)
		tell('f', l.server, spawn(NULL, l.server));
}

static void threaded(void)
{
	struct link l = link_up();

	hear_end(&l);
	tell('t', l.server, spawn(leave_to_thread, l.server));
	close(l.server);
}

static void unread(char kind, const char *data)
{
	struct link l = link_up();
	char byte;

	if (*data && send(l.client, data, strlen(data), 0) < 0)
		die("send: %m");
	hear_end(&l);
	if (kind == 'r' && read(l.server, &byte, 1))
		die("no end of file");
	tell(kind, l.server, getpid());
}

/* Sent until nothing more is taken, and closed: the FIN waits behind a closed window. */
static void choked(void)
{
	static char data[1 << 16];
	struct link l = link_up();

	while (send(l.client, data, sizeof(data), MSG_DONTWAIT) > 0)
		;
	tell('w', l.client, 0);
	close(l.client);
}

static void half_closed(void)
{
	struct link l = link_up();

	shutdown(l.client, SHUT_WR);
	tell('h', l.client, getpid());
	tell('r', l.server, getpid());
	if (read(l.server, &(char){ 0 }, 1))
		die("no end of file");
}

static void open_and_idle(void)
{
	struct link l = link_up();

	tell('o', l.client, getpid());
	tell('o', l.server, getpid());
}

/* Nobody accepts these: the connection is the kernel's alone. */
static void unaccepted(bool closed)
{
	int fd = connect_to(made++ % 2 ? AF_INET6 : AF_INET, LEFT);

	tell(closed ? 'b' : 'a', fd, getpid());
	if (closed)
		close(fd);
}

/* A peer that never answers: the guest has an interface with nobody behind */
static void unanswered(void)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(port) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);

	inet_pton(AF_INET, "10.9.0.2", &to.sin_addr);
	if (fd < 0 || (connect(fd, (void *)&to, sizeof(to)) && errno != EINPROGRESS))
		die("connect: %m");
	tell('s', fd, getpid());
}

/* Both ends close, the client first: what is left depends on who drops which FIN */
static void closed(void)
{
	struct link l = link_up();

	tell('c', l.client, 0);
	tell('l', l.server, 0);
	close(l.client);
	if (recv(l.server, &(char){ 0 }, 1, MSG_DONTWAIT) < 0 && errno != EAGAIN)
		die("recv: %m");
	close(l.server);
}

static void make(char kind)
{
	switch (kind) {
	case 'r':		/* closed by the peer, which was read */
	case 'u':		/* and was not */
		unread(kind, "");
		break;
	case 'd':
		unread(kind, "somebody should read this");
		break;
	case 'f':
		forked();
		break;
	case 't':
		threaded();
		break;
	case 'p':
	case 'q':
		passed_on(kind == 'p');
		break;
	case 'w':
		choked();
		break;
	case 'h':
		half_closed();
		break;
	case 'o':
		open_and_idle();
		break;
	case 'a':
	case 'b':
		unaccepted(kind == 'b');
		break;
	case 's':
		unanswered();
		break;
	case 'c':
		closed();
		break;
	default:
		die("no kind %c", kind);
	}
}

/**
 * hold_sockets() - make connections and hold them
 * @on: port to listen on, IPv4 and IPv6, and the next one, where nobody accepts
 * @kinds: letters, each with how many behind: r10,f1
 *
 * Context: ends when it is killed.
 * Return: never.
 */
int hold_sockets(int on, const char *kinds)
{
	const struct rlimit limit = { 1 << 16, 1 << 16 };
	char *end;
	long n;

	if (setrlimit(RLIMIT_NOFILE, &limit))
		die("setrlimit: %m");
	port = on;
	listener[0] = listen_on(AF_INET, SERVED);
	listener[1] = listen_on(AF_INET6, SERVED);
	listen_on(AF_INET, LEFT);
	listen_on(AF_INET6, LEFT);
	for (; *kinds; kinds = *end ? end + 1 : end) {
		for (n = strtol(kinds + 1, &end, 10); n > 0; n--)
			make(*kinds);
	}
	puts("READY");
	fflush(stdout);
	for (;;)
		pause();
}

/**
 * hold_again() - connect with addresses another connection had, and hold that
 * @from: local port, of IPv4's loopback address
 * @to: remote port
 *
 * Context: ends when it is killed.
 * Return: never.
 */
int hold_again(int from, int to)
{
	struct sockaddr_in6 at;
	socklen_t len;
	int one = 1;
	int fd;

	fd = socket(AF_INET, SOCK_STREAM, 0);
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	port = from;
	loopback(AF_INET, SERVED, &at, &len);
	if (fd < 0 || bind(fd, (void *)&at, len))
		die("bind: %m");
	port = to;
	loopback(AF_INET, SERVED, &at, &len);
	if (connect(fd, (void *)&at, len))
		die("connect: %m");
	for (;;)
		pause();
}
