// SPDX-License-Identifier: GPL-2.0
/* SYNs from everywhere through tun0, beside an honest client on the veth */
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "stim.h"

#define MANY	256
#define AT_ONCE	500		/* SYNs between two looks at the sockets */

/* An honest connection: the client's end, or the server's */
struct honest {
	struct end end;
	bool client;
	bool said;
};

static struct honest socks[MANY];
static unsigned int nsocks;

static void forget(unsigned int i, const char *how)
{
	if (socks[i].client) {
		printf("HONEST %llx %u %s\n", (unsigned long long)socks[i].end.cookie,
		       socks[i].end.lport, how);
		fflush(stdout);
	}
	close(socks[i].end.fd);
	socks[i] = socks[--nsocks];
}

static void begin(void)
{
	struct honest *h = &socks[nsocks];

	if (nsocks == MANY)
		die("flood: too many honest connections");
	h->end.fd = -1;
	errno = try_dial(&h->end, "A", NS_A, VETH, 0);
	if (errno)
		die("flood: connect: %m");
	remember(&h->end);
	h->client = true;
	h->said = false;
	nsocks++;
}

static void welcome(const struct end *l)
{
	int fd;

	while (nsocks < MANY) {
		fd = accept4(l->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (fd < 0)
			return;
		socks[nsocks++] = (struct honest){ .end.fd = fd };
	}
}

/* The client says a word and closes its half, the server hears it out and closes. */
static void attend(void)
{
	struct honest *h;
	unsigned int i;
	char c;
	int n;

	for (i = nsocks; i-- > 0;) {
		h = &socks[i];
		if (h->client && !h->said) {
			n = send(h->end.fd, "x", 1, MSG_NOSIGNAL);
			if (n == 1) {
				h->said = true;
				shutdown(h->end.fd, SHUT_WR);
			} else if (errno != EAGAIN && errno != ENOTCONN) {
				forget(i, "failed");
			}
			continue;
		}
		n = recv(h->end.fd, &c, 1, MSG_DONTWAIT);
		if (!n)
			forget(i, "done");
		else if (n < 0 && errno != EAGAIN)
			forget(i, "failed");
	}
}

/**
 * flood_with_syns() - many SYNs that nobody goes on with, and a connection a second
 * @count: SYNs
 *
 * On stdout: "SYNS n" when they are sent, and for each honest connection
 * "HONEST COOKIE PORT done|failed". Everything is at rest at PAUSE.
 *
 * Return: 0.
 */
int flood_with_syns(unsigned int count)
{
	struct peer p;
	struct seg s;
	struct end l;
	uint8_t buf[SEG_MAX];
	unsigned int i;
	int64_t next;
	size_t n;

	run.family = '4';
	listen_at(&l, "L", NS_B, ANY, 128);
	peer_init(&p, NS_B, 0, 0);
	s = (struct seg){ .src = p.addr, .dst = p.to, .dport = run.port, .flags = SYN,
			  .win = 65535, .optlen = p.optlen };
	memcpy(s.opt, p.opt, p.optlen);
	next = now_ms();
	for (i = 0; i < count; i++) {
		/* 11.0.0.0/8: whoever starts us has it routed to tun0 */
		s.src.b[0] = 11;
		s.src.b[1] = i >> 16;
		s.src.b[2] = i >> 8;
		s.src.b[3] = i * 167;
		s.sport = 1024 + i % 50000;
		s.seq = i * 2654435761u;
		n = seg_build(&s, buf);
		if (write(tun_of(NS_B), buf, n) < 0)
			die("flood: write: %m");
		if (i % AT_ONCE)
			continue;
		while (read(tun_of(NS_B), buf, sizeof(buf)) > 0)
			;
		welcome(&l);
		attend();
		if (now_ms() >= next) {
			begin();
			next += 1000;
		}
	}
	printf("SYNS %u\n", count);
	fflush(stdout);
	while (nsocks) {
		struct pollfd pfd = { .fd = l.fd, .events = POLLIN };

		poll(&pfd, 1, 10);
		welcome(&l);
		attend();
	}
	pause_at("flooded");
	drop(&l);
	return 0;
}
