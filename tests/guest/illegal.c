// SPDX-License-Identifier: GPL-2.0
/*
 * Segments no healthy stack sends, each row named as in the scenario catalogue: to a listener,
 * to an established connection, which has to go on as if nothing had come, and to a port where
 * nobody listens.
 */
#include <stdio.h>
#include <string.h>

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

const struct row illegal_rows[] = {
	{ "B1", b1 }, { "B2", b2 }, { "B3", b3 }, { "B4", b4 }, { "B5", b5 }, { "B6", b6 }, { 0 },
};
