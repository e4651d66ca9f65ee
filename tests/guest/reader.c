// SPDX-License-Identifier: GPL-2.0
/* Listeners to the stream of events that count what they are told, and what they are not */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <linux/tcpfsm.h>

#include "genl.h"
#include "stim.h"
#include "stress.h"

#define LOOK 100	/* ms between two looks whether to end */

/* What came: records by kind, and those that did not */
struct tally {
	uint64_t kinds[TCPFSM_K_LISTENER + 1];
	uint64_t lost;		/* told of in records TCPFSM_K_LOST */
	uint64_t gap;		/* missing in the index */
	uint64_t next;		/* the index expected */
	uint64_t until;		/* none made before is still to come */
	bool begun;
	unsigned int overruns;	/* ENOBUFS */
};

static volatile sig_atomic_t ending;

static void on_end(int sig)
{
	(void)sig;
	ending = 1;
}

static void take_records(struct tally *t, const char *at, size_t len)
{
	const struct tcpfsm_lost_rec *lost;
	const struct tcpfsm_rec *r;
	uint64_t last = 0;

	for (; len >= sizeof(*r); len -= r->size, at += r->size) {
		r = (const void *)at;
		if (r->size < sizeof(*r) || r->size > len || r->kind > TCPFSM_K_LISTENER)
			die("reader: a record of %u bytes, kind %u", r->size, r->kind);
		if (r->ts < t->until)
			die("reader: a record of %llu, and all until %llu had come",
			    (unsigned long long)r->ts, (unsigned long long)t->until);
		if (r->ts < last)
			die("reader: a record of %llu behind one of %llu",
			    (unsigned long long)r->ts, (unsigned long long)last);
		last = r->ts;
		t->kinds[r->kind]++;
		if (r->kind == TCPFSM_K_LOST) {
			lost = (const void *)at;
			t->lost += lost->count;
			t->next += lost->count;
		} else {
			t->next++;
		}
	}
}

static void take_message(struct tally *t, const struct nlmsghdr *h)
{
	const struct nlattr *a;
	uint64_t index, until;
	const void *at;
	size_t len;

	at = genl_attrs(h, &len);
	a = genl_attr(at, len, TCPFSM_A_INDEX);
	if (!a)
		die("reader: a message without an index");
	memcpy(&index, a + 1, sizeof(index));
	/* the first may have come before the index was asked for */
	if (!t->begun && index < t->next)
		t->next = index;
	t->begun = true;
	if (index < t->next)
		die("reader: the index went back");
	t->gap += index - t->next;
	t->next = index;
	a = genl_attr(at, len, TCPFSM_A_RECORDS);
	if (!a)
		die("reader: a message without records");
	take_records(t, (const char *)(a + 1), a->nla_len - sizeof(*a));
	a = genl_attr(at, len, TCPFSM_A_UNTIL);
	if (!a)
		die("reader: a message that does not tell up to when all has come");
	memcpy(&until, a + 1, sizeof(until));
	if (until < t->until)
		die("reader: what had come went back");
	t->until = until;
}

/* Return: whether anything had come. */
static bool hear_out(const struct genl *g, struct tally *t)
{
	static uint64_t buf[GENL_BUF / 8];
	struct nlmsghdr *h;
	ssize_t n;

	n = recv(g->fd, buf, sizeof(buf), MSG_DONTWAIT);
	if (n < 0) {
		if (errno == ENOBUFS)
			t->overruns++;
		else if (errno != EINTR && errno != EAGAIN)
			die("reader: %m");
		return errno == ENOBUFS;
	}
	for (h = (void *)buf; NLMSG_OK(h, n); h = NLMSG_NEXT(h, n))
		take_message(t, h);
	return true;
}

static uint64_t index_now(const struct genl *ask)
{
	uint64_t index;
	int err = genl_ask(ask, TCPFSM_CMD_GET_STATS, 0, NULL, 0, &index);

	if (err)
		die("reader: statistics: %s", strerror(-err));
	return index;
}

static void read_on(bool idle, int buffer)
{
	struct pollfd pfd = { .events = POLLIN };
	struct genl g, ask;
	struct tally t = { 0 };
	uint64_t others = 0;
	int i;

	if (!genl_open(&g) || !genl_open(&ask))
		die("reader: the module is not there");
	if (buffer && setsockopt(g.fd, SOL_SOCKET, SO_RCVBUFFORCE, &buffer, sizeof(buffer)))
		die("reader: buffer: %m");
	if (setsockopt(g.fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &g.events, sizeof(g.events)))
		die("reader: join: %m");
	pfd.fd = g.fd;
	t.next = index_now(&ask);
	printf("START %d\n", getpid());
	fflush(stdout);
	while (!ending) {
		if (poll(&pfd, !idle, LOOK) > 0)
			hear_out(&g, &t);
	}
	while (hear_out(&g, &t))
		;
	t.gap += index_now(&ask) - t.next;
	for (i = 0; i <= TCPFSM_K_LISTENER; i++)
		if (i != TCPFSM_K_STATE && i != TCPFSM_K_SEGMENT && i != TCPFSM_K_LOST)
			others += t.kinds[i];
	printf("READ %llu states %llu segments %llu others %llu lost %llu gap %u overruns\n",
	       (unsigned long long)t.kinds[TCPFSM_K_STATE],
	       (unsigned long long)t.kinds[TCPFSM_K_SEGMENT], (unsigned long long)others,
	       (unsigned long long)t.lost, (unsigned long long)t.gap, t.overruns);
	fflush(stdout);
}

/**
 * readers() - listen until told to end
 * @count: how many processes listen
 * @idle: they do not read before the end
 * @kb: of buffer each has, 0 for what a socket has by default
 *
 * SIGTERM ends them; each tells then what it was sent and what it missed. Nothing may be
 * on its way any more.
 *
 * Return: 0, 1 if one of them failed.
 */
int readers(unsigned int count, bool idle, unsigned int kb)
{
	struct sigaction end = { .sa_handler = on_end };
	unsigned int bad = 0;
	int status;
	pid_t pid;

	/* a group of processes that is theirs alone, to be told together */
	setpgid(0, 0);
	sigaction(SIGTERM, &end, NULL);
	for (; count; count--) {
		pid = fork();
		if (pid < 0)
			die("fork: %m");
		if (!pid) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			read_on(idle, kb << 10);
			exit(0);
		}
	}
	while (!ending)
		poll(NULL, 0, LOOK);
	signal(SIGTERM, SIG_IGN);
	kill(0, SIGTERM);
	while (wait(&status) > 0)
		bad |= status;
	return !!bad;
}
