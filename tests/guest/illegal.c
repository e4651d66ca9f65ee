// SPDX-License-Identifier: GPL-2.0
/*
 * Segments no healthy stack sends, each row named as in the scenario catalogue: to a listener,
 * to an established connection, which has to go on as if nothing had come, and to a port where
 * nobody listens.
 */
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "stim.h"

#define CLOSED_PORT 31		/* nobody listens there */

/* Names of what the nth segment meets: at a listener and at a closed port */
static const char *const at_listener[] = { "L1", "L2", "L3", "L4", "L5" };
static const char *const at_closed[] = { "X1", "X2", "X3", "X4", "X5" };

/* One segment, of which nothing is remembered */
static void shoot(const struct peer *p, const char *flags, int32_t off)
{
	struct peer q = *p;

	q.snd += off;
	peer_send(&q, flags, 0);
}

static void aim(struct end *e, const char *name, struct peer *p, int port, int dport)
{
	peer_init(p, NS_A, port, dport);
	*e = (struct end){ .name = name, .ns = NS_A, .fd = -1 };
	e->laddr = p->to;
	e->lport = p->dport;
	e->raddr = p->addr;
	e->rport = p->port;
	report(e);
}

/* It still carries data both ways */
static void works(struct end *e, struct peer *p)
{
	say(e, "unharmed");
	do {
		peer_expect(p, ".");
	} while (p->last.len != 8);
	peer_send(p, "P.", 4);
	hear(e, 4);
	await(e, TCP_ESTABLISHED);
}

/*
 * @flags: of each segment
 * @off: where in the established connection's window it is
 * @count: of them
 * @limit: milliseconds in which the established connection sends but one challenge ACK
 */
static void illegal(const char *const flags[], const int32_t off[], int count, const char *limit)
{
	struct end l, e, t;
	struct peer p, q;
	int i;

	set_sysctl(NS_A, "ipv4/tcp_invalid_ratelimit", limit);
	listen_at(&l, "L", NS_A, TUN, 16);
	peer_init(&p, NS_A, 1, 0);
	peer_open(&p);
	take(&e, "E", &l);
	for (i = 0; i < count; i++) {
		aim(&t, at_listener[i], &q, 2 + i, 0);
		shoot(&q, flags[i], 0);
		aim(&t, at_closed[i], &q, 8 + i, CLOSED_PORT);
		shoot(&q, flags[i], 0);
		shoot(&p, flags[i], off[i]);
	}
	works(&e, &p);
	await(&l, TCP_LISTEN);
	abandon(&e);
	peer_expect(&p, "R.");
	drop(&l);
	set_sysctl(NS_A, "ipv4/tcp_invalid_ratelimit", "500");
}

/* With RST as well they are kept from the edge of the window, where RST alone would do harm */
static void b1(void)
{
	static const char *const flags[] = { "SF", "SR", "SFP", "SFR", "SFRP" };
	static const int32_t off[] = { 0, 1, 3, 5, 7 };

	illegal(flags, off, 5, "0");
}

static void b2(void)
{
	static const char *const flags[] = { "F", "", "FPU" };
	static const int32_t off[] = { 0, 0, 3 };

	illegal(flags, off, 3, "0");
}

static void b3(void)
{
	static const char *const flags[] = { "R", "R.", "R", "R." };
	static const int32_t off[] = { 1, 3, -200000, -300000 };

	illegal(flags, off, 4, "3600000");
}

static void b4(void)
{
	struct end l, e;
	struct peer p;

	listen_at(&l, "L", NS_A, TUN, 16);
	peer_init(&p, NS_A, 1, 0);
	peer_open(&p);
	take(&e, "E", &l);
	shoot(&p, "S", 0);
	peer_expect(&p, ".");
	works(&e, &p);
	abandon(&e);
	peer_expect(&p, "R.");
	drop(&l);
}

static void b5(void)
{
	struct end l, t;
	struct peer q;

	listen_at(&l, "L", NS_A, TUN, 16);
	aim(&t, "L1", &q, 2, 0);
	q.rcv = 12345678;
	peer_send(&q, ".", 0);
	peer_expect(&q, "R");
	aim(&t, "X1", &q, 8, CLOSED_PORT);
	q.rcv = 12345678;
	peer_send(&q, ".", 0);
	peer_expect(&q, "R");
	await(&l, TCP_LISTEN);
	drop(&l);
}

static void b6(void)
{
	struct end a;
	struct peer p;

	peer_init(&p, NS_A, 0, 1);
	dial(&a, "A", NS_A, TUN, 1);
	peer_expect(&p, "S");
	p.rcv += 1000;
	shoot(&p, "S.", 5000);
	p.rcv -= 1000;
	peer_expect(&p, "R");
	await(&a, TCP_SYN_SENT);
	p.rcv = p.last.seq - 1000;
	peer_send(&p, "S.", 0);
	peer_expect(&p, ".");
	await(&a, TCP_ESTABLISHED);
	works(&a, &p);
	abandon(&a);
}

/* FIN_WAIT_2 of a socket that nobody holds: it knows neither RST nor SYN from afar */
static void b7(void)
{
	struct end l, e;
	struct peer p;

	listen_at(&l, "L", NS_A, TUN, 16);
	peer_init(&p, NS_A, 1, 0);
	peer_open(&p);
	take(&e, "E", &l);
	drop(&e);
	peer_expect(&p, "F.");
	peer_send(&p, ".", 0);
	await(&e, TCP_FIN_WAIT2);
	shoot(&p, "R", -200000);
	peer_expect(&p, ".");
	shoot(&p, "S", 10);
	peer_expect(&p, "R.");
	await_gone(&e);
	drop(&l);
}

/* An ACK from afar */
static void ack_of(const struct peer *p, const char *flags, unsigned int len, int32_t off)
{
	struct peer q = *p;

	q.rcv += off;
	peer_send(&q, flags, len);
}

/*
 * Two peers with the same ports, of different addresses. One's data is challenged for what it
 * acknowledges, the other's segment is thrown away.
 */
static void b8(void)
{
	static const int32_t off[] = { -100000, 100000 };
	struct peer p, q;
	struct end l, e, f;
	int i;

	listen_at(&l, "L", NS_A, TUN, 16);
	peer_init(&p, NS_A, 1, 0);
	peer_open(&p);
	take(&e, "E", &l);
	peer_init(&q, NS_A, 1, 0);
	q.addr.b[q.addr.version == 6 ? 15 : 3] = 3;
	peer_open(&q);
	take(&f, "F", &l);
	for (i = 0; i < 2; i++) {
		ack_of(&p, "P.", 1, off[i]);
		shoot(&q, "", 0);
		ack_of(&p, "P.", 1, off[i]);
		shoot(&p, "", 0);
	}
	works(&e, &p);
	works(&f, &q);
	abandon(&e);
	peer_expect(&p, "R.");
	abandon(&f);
	peer_expect(&q, "R.");
	drop(&l);
}

/* To a connection whose peer has closed, and that then closes, too */
static void b9(void)
{
	struct end l, e;
	struct peer p;

	set_sysctl(NS_A, "ipv4/tcp_invalid_ratelimit", "0");
	listen_at(&l, "L", NS_A, TUN, 16);
	peer_init(&p, NS_A, 1, 0);
	peer_open(&p);
	take(&e, "E", &l);
	peer_send(&p, "F.", 0);
	await(&e, TCP_CLOSE_WAIT);
	shoot(&p, "R", -200000);
	shoot(&p, "S", 0);
	shoot(&p, "", 0);
	shoot(&p, "R", 3);
	drop(&e);
	peer_expect(&p, "F.");
	shoot(&p, "R", 300000);
	shoot(&p, ".", -200000);
	await(&e, TCP_LAST_ACK);
	peer_send(&p, ".", 0);
	await_gone(&e);
	drop(&l);
	set_sysctl(NS_A, "ipv4/tcp_invalid_ratelimit", "500");
}

/* To a half-open connection */
static void b10(void)
{
	struct end l, h;
	struct peer p;

	listen_at(&l, "L", NS_A, TUN, 16);
	peer_init(&p, NS_A, 1, 0);
	peer_send(&p, "S", 0);
	peer_expect(&p, "S.");
	half(&h, "H", &l, &p.addr, p.port);
	shoot(&p, "R", -200000);
	shoot(&p, "", 0);
	ack_of(&p, ".", 0, 1000);
	peer_expect(&p, "R");
	await(&h, TCP_SYN_RECV);
	shoot(&p, "S", 5);
	peer_expect(&p, "R.");
	await_gone(&h);
	drop(&l);
}

/* Data for a socket that will never read it */
static void b11(void)
{
	struct end l, e;
	struct peer p;

	listen_at(&l, "L", NS_A, TUN, 16);
	peer_init(&p, NS_A, 1, 0);
	peer_open(&p);
	take(&e, "E", &l);
	if (shutdown(e.fd, SHUT_RDWR))
		die("E: shutdown: %m");
	peer_expect(&p, "F.");
	peer_send(&p, ".", 0);
	await(&e, TCP_FIN_WAIT2);
	peer_send(&p, "P.", 4);
	peer_expect(&p, "R");
	await(&e, TCP_CLOSE);
	drop(&e);
	drop(&l);
}

const struct row illegal_rows[] = {
	{ "B1", b1 }, { "B2", b2 }, { "B3", b3 }, { "B4", b4 }, { "B5", b5 }, { "B6", b6 },
	{ "B7", b7 }, { "B8", b8 }, { "B9", b9 }, { "B10", b10 }, { "B11", b11 }, { 0 },
};
