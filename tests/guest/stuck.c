// SPDX-License-Identifier: GPL-2.0
/* Closings that take long or never come, each named as in the scenario catalogue */
#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>

#include "stim.h"

static void c9(void)
{
	struct pair p;

	meet(&p, VETH);
	drop(&p.a);
	hear_fin(&p.b);
	await(&p.a, TCP_FIN_WAIT2);
	pause_at("orphan");
	await_gone_within(&p.a, 200);
	await(&p.b, TCP_CLOSE_WAIT);
	pause_at("expired");
	drop(&p.b);
	await_gone(&p.b);
}

static void c17(void)
{
	struct end a;
	struct peer p;

	reach(&a, "A", &p, 1);
	say(&a, "anybody?");
	await_within(&a, TCP_CLOSE, 3000);
	if (error_of(&a) != ETIMEDOUT)
		die("A: not timed out");
	drop(&a);
}

static void c18(void)
{
	unsigned int limit = 10000;
	struct end a, u;
	struct peer p, q;
	int one = 1;

	reach(&a, "A", &p, 1);
	setsockopt(a.fd, SOL_SOCKET, SO_KEEPALIVE, &one, sizeof(one));
	reach(&u, "U", &q, 2);
	setsockopt(u.fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &limit, sizeof(limit));
	say(&u, "anybody?");
	await_within(&u, TCP_CLOSE, 60);
	if (error_of(&u) != ETIMEDOUT)
		die("U: not timed out");
	drop(&u);
	await_within(&a, TCP_CLOSE, 10000);
	if (error_of(&a) != ETIMEDOUT)
		die("A: not timed out");
	drop(&a);
}

static void c19(void)
{
	struct end a;
	struct peer p;

	reach(&a, "A", &p, 1);
	say(&a, "remember me?");
	peer_expect(&p, ".");
	p.snd = p.last.ack;
	peer_send(&p, "R", 0);
	await(&a, TCP_CLOSE);
	if (error_of(&a) != ECONNRESET)
		die("A: not reset");
	drop(&a);
}

static void c20(void)
{
	struct pair p;

	meet(&p, VETH);
	drop(&p.a);
	hear_fin(&p.b);
	await(&p.a, TCP_FIN_WAIT2);
	await(&p.b, TCP_CLOSE_WAIT);
	pause_at("stuck");
	drop(&p.b);
	await(&p.a, TCP_TIME_WAIT);
	await_gone(&p.b);
	outlive(&p.a, 100);
}

static void c21(void)
{
	struct pair p;

	meet(&p, VETH);
	shut(&p.a);
	hear_fin(&p.b);
	await(&p.a, TCP_FIN_WAIT2);
	await(&p.b, TCP_CLOSE_WAIT);
	pause_at("stuck");
	abandon(&p.a);
	await(&p.b, TCP_CLOSE);
	drop(&p.b);
}

static void c22(void)
{
	struct end f, k, g;
	struct peer p, q, r;

	reach(&f, "F", &p, 1);
	drop(&f);
	peer_expect(&p, "F.");

	reach(&k, "K", &q, 2);
	peer_send(&q, "F.", 0);
	hear_fin(&k);
	drop(&k);
	peer_expect(&q, "F.");

	reach(&g, "G", &r, 3);
	drop(&g);
	peer_expect(&r, "F.");
	r.rcv--;
	peer_send(&r, "F.", 0);

	await(&f, TCP_FIN_WAIT1);
	await(&k, TCP_LAST_ACK);
	await(&g, TCP_CLOSING);
	pause_at("stuck");
	await_gone_within(&f, 600);
	await_gone_within(&k, 600);
	await_gone_within(&g, 600);
}

/* Only timewait sockets outlive the processes and let their namespace go */
static void c23(void)
{
	struct end t, o;
	struct peer p, q;

	reach(&t, "T", &p, 1);
	drop(&t);
	peer_expect(&p, "F.");
	peer_send(&p, "F.", 0);
	peer_expect(&p, ".");
	await(&t, TCP_TIME_WAIT);

	reach(&o, "O", &q, 2);
	drop(&o);
	peer_expect(&q, "F.");
	peer_send(&q, ".", 0);
	await(&o, TCP_FIN_WAIT2);
	pause_at("before");
}

const struct row stuck_rows[] = {
	{ "C9", c9 }, { "C17", c17 }, { "C18", c18 }, { "C19", c19 }, { "C20", c20 },
	{ "C21", c21 }, { "C22", c22 }, { "C23", c23 }, { 0 },
};
