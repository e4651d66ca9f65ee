// SPDX-License-Identifier: GPL-2.0
/* Openings that succeed, each named as in the scenario catalogue */
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "stim.h"

#define FLOOD_MAX 4

#ifndef TCP_FASTOPEN_CONNECT
#define TCP_FASTOPEN_CONNECT 30
#endif

/* An opening row ends with an ABORT by A, which leaves nothing behind */
static void part(struct end *a, struct end *b, struct end *l)
{
	abandon(a);
	await(b, TCP_CLOSE);
	drop(b);
	drop(l);
}

/* A listener in A, and a peer that opens to it */
static void greet(struct end *l, struct end *b, struct peer *p)
{
	listen_at(l, "L", NS_A, TUN, 16);
	peer_init(p, NS_A, 1, 0);
	half(b, "B", l, &p->addr, p->port);
}

static void o1(void)
{
	struct end l, a, b;

	listen_at(&l, "L", NS_B, VETH, 16);
	pause_at("listening");
	dial(&a, "A", NS_A, VETH, 1);
	take(&b, "B", &l);
	await(&a, TCP_ESTABLISHED);
	await(&b, TCP_ESTABLISHED);
	pause_at("established");
	part(&a, &b, &l);
}

/* Delayed by TCP_QUICKACK 0, the third segment waits for what the client sends */
static void o2(void)
{
	struct end l, a = { .fd = 0 }, b;
	struct peer p, q;
	int zero = 0;
	int port;

	/* whoever is kept from it for 200 ms is too late, and tries again */
	for (port = 1; port < 10; port++) {
		peer_init(&p, NS_A, 0, port);
		a.fd = sock_new(NS_A);
		setsockopt(a.fd, IPPROTO_TCP, TCP_QUICKACK, &zero, sizeof(zero));
		if (try_dial(&a, "A", NS_A, TUN, port))
			die("A: connect: %m");
		peer_expect(&p, "S");
		peer_send(&p, "S.", 0);
		await(&a, TCP_ESTABLISHED);
		say(&a, "Hutu");
		peer_expect(&p, ".");
		if (p.last.len == 4)
			break;
		abandon(&a);
	}
	if (p.last.len != 4)
		die("A: the third segment carries %u bytes", p.last.len);
	report(&a);
	abandon(&a);

	listen_at(&l, "L", NS_A, TUN, 16);
	peer_init(&q, NS_A, 10, 0);
	peer_send(&q, "S", 0);
	peer_expect(&q, "S.");
	peer_send(&q, "P.", 4);
	take(&b, "B", &l);
	hear(&b, 4);
	peer_send(&q, "R.", 0);
	await(&b, TCP_CLOSE);
	drop(&b);
	drop(&l);
}

/* What is sent again after a second finds the first one held, or comes too late */
static enum verdict hold_syn(enum netns from, const struct seg *s)
{
	if (s->flags != SYN)
		return PASS;
	return wire_held(from) ? LOSE : HOLD;
}

static enum verdict hold_synack(enum netns from, const struct seg *s)
{
	if (s->flags != (SYN | ACK))
		return PASS;
	return wire_held(from) ? LOSE : HOLD;
}

static enum verdict hold_synack_lose_syn(enum netns from, const struct seg *s)
{
	return s->flags == SYN ? LOSE : hold_synack(from, s);
}

static enum verdict lose_syns(enum netns from, const struct seg *s)
{
	(void)from;
	return s->flags & SYN ? LOSE : PASS;
}

/* Both ends connect from the port that the other one connects to */
static void o6_dial(struct end *e, const char *name, enum netns ns)
{
	struct sockaddr_storage ss;
	socklen_t len;

	*e = (struct end){ .name = name, .ns = ns, .fd = sock_new(ns) };
	e->laddr = host(ns, TUN);
	e->raddr = host(ns == NS_A ? NS_B : NS_A, TUN);
	e->lport = run.port + 1 + ns;
	e->rport = run.port + 2 - ns;
	len = sa_fill(&ss, &e->laddr, e->lport);
	if (bind(e->fd, (void *)&ss, len))
		die("%s: bind: %m", name);
	len = sa_fill(&ss, &e->raddr, e->rport);
	connect(e->fd, (void *)&ss, len);
	report(e);
}

static void o6(void)
{
	struct end a, b;

	wire_up(hold_syn);
	o6_dial(&a, "A", NS_A);
	o6_dial(&b, "B", NS_B);
	await_held(NS_A, 1);
	await_held(NS_B, 1);
	wire_rule(hold_synack_lose_syn);
	wire_release();
	await(&a, TCP_SYN_RECV);
	await(&b, TCP_SYN_RECV);
	await_held(NS_A, 1);
	await_held(NS_B, 1);
	pause_at("syn-received");
	wire_rule(lose_syns);
	wire_release();
	await(&a, TCP_ESTABLISHED);
	await(&b, TCP_ESTABLISHED);
	abandon(&a);
	await(&b, TCP_CLOSE);
	drop(&b);
}

/* Half-open peers fill the queue of a listener in B; kernels differ by one in its length */
static int flood(struct end *l, struct end h[FLOOD_MAX], const char *cookies)
{
	static const char *const names[FLOOD_MAX] = { "H1", "H2", "H3", "H4" };
	struct peer p;
	int n;

	set_sysctl(NS_B, "ipv4/tcp_syncookies", cookies);
	listen_at(l, "L", NS_B, ANY, 2);
	for (n = 0; n < FLOOD_MAX; n++) {
		peer_init(&p, NS_B, 8 + n, 0);
		half_of(&h[n], names[n], l, &p.addr, p.port);
		peer_send(&p, "S", 0);
		if (state_of(&h[n]) != TCP_SYN_RECV)
			return n;
		report(&h[n]);
	}
	die("L: no limit to its queue");
}

static void o10(void)
{
	struct end l, h[FLOOD_MAX], a, b;
	struct tcp_info ti = { 0 };
	socklen_t len = sizeof(ti);
	struct wait w;
	int n;

	n = flood(&l, h, "0");
	dial(&a, "A", NS_A, VETH, 1);
	other_half(&b, "B", &a);
	wait_start(&w, SOON);
	while (!ti.tcpi_total_retrans && wait_more(&w))
		getsockopt(a.fd, IPPROTO_TCP, TCP_INFO, &ti, &len);
	if (ti.tcpi_state != TCP_SYN_SENT || !ti.tcpi_total_retrans)
		die("A: the SYN was answered");
	pause_at("queue-full");
	drop(&a);
	drop(&l);
	while (n--)
		await_gone(&h[n]);
}

static void o11(void)
{
	struct end l, h[FLOOD_MAX], a, b, x, f;
	struct peer p;
	int n;

	n = flood(&l, h, "1");
	/* answered with a cookie and not remembered */
	peer_init(&p, NS_B, 16, 0);
	half(&x, "X", &l, &p.addr, p.port);
	peer_send(&p, "S", 0);
	peer_expect(&p, "S.");
	/* a guess */
	peer_init(&p, NS_B, 17, 0);
	half(&f, "F", &l, &p.addr, p.port);
	p.rcv = 12345678;
	peer_send(&p, ".", 0);
	peer_expect(&p, "R");
	dial(&a, "A", NS_A, VETH, 1);
	take(&b, "B", &l);
	await(&a, TCP_ESTABLISHED);
	await(&b, TCP_ESTABLISHED);
	pause_at("cookie");
	part(&a, &b, &l);
	while (n--)
		await_gone(&h[n]);
}

static int fast_socket(enum netns ns)
{
	int one = 1, fd = sock_new(ns);

	if (setsockopt(fd, IPPROTO_TCP, TCP_FASTOPEN_CONNECT, &one, sizeof(one)))
		die("TCP_FASTOPEN_CONNECT: %m");
	return fd;
}

static void o12(void)
{
	struct end l, a, b;
	int queue = 16;

	wire_up(NULL);
	set_sysctl(NS_A, "ipv4/tcp_fastopen", "3");
	set_sysctl(NS_B, "ipv4/tcp_fastopen", "3");
	listen_at(&l, "L", NS_B, TUN, 16);
	if (setsockopt(l.fd, IPPROTO_TCP, TCP_FASTOPEN, &queue, sizeof(queue)))
		die("TCP_FASTOPEN: %m");
	/* the first connection brings the cookie */
	a.fd = fast_socket(NS_A);
	if (try_dial(&a, "A1", NS_A, TUN, 1))
		die("A1: connect: %m");
	report(&a);
	take(&b, "B1", &l);
	await(&a, TCP_ESTABLISHED);
	abandon(&a);
	await(&b, TCP_CLOSE);
	drop(&b);
	/* the second one uses it */
	wire_rule(hold_synack);
	a.fd = fast_socket(NS_A);
	if (try_dial(&a, "A2", NS_A, TUN, 2))
		die("A2: connect: %m");
	report(&a);
	say(&a, "Hutu");
	take(&b, "B2", &l);
	hear(&b, 4);
	await(&b, TCP_SYN_RECV);
	pause_at("fast-open-child");
	wire_rule(NULL);
	wire_release();
	await(&a, TCP_ESTABLISHED);
	await(&b, TCP_ESTABLISHED);
	part(&a, &b, &l);
}

/* The server closes first and keeps the TIME_WAIT; its client comes again */
static void o14(void)
{
	struct end l, old, new;
	struct peer p;

	listen_at(&l, "L", NS_A, TUN, 16);
	peer_init(&p, NS_A, 1, 0);
	peer_open(&p);
	take(&old, "OLD", &l);
	drop(&old);
	peer_expect(&p, "F.");
	peer_send(&p, "F.", 0);
	peer_expect(&p, ".");
	await(&old, TCP_TIME_WAIT);
	p.snd += 1000000;
	peer_open(&p);
	take(&new, "NEW", &l);
	peer_send(&p, "R.", 0);
	await(&new, TCP_CLOSE);
	drop(&new);
	drop(&l);
}

/* One port only, so that the second connect() has to take over the TIME_WAIT */
static void o15(void)
{
	struct end l, a, b, a2, b2;
	char ports[16];
	struct wait w;

	snprintf(ports, sizeof(ports), "%u %u", run.port + 1, run.port + 1);
	set_sysctl(NS_A, "ipv4/ip_local_port_range", ports);
	set_sysctl(NS_A, "ipv4/tcp_tw_reuse", "1");
	listen_at(&l, "L", NS_B, VETH, 16);
	dial(&a, "OLD", NS_A, VETH, 0);
	take(&b, "B1", &l);
	await(&a, TCP_ESTABLISHED);
	drop(&a);
	hear_fin(&b);
	await(&a, TCP_FIN_WAIT2);
	drop(&b);
	await(&a, TCP_TIME_WAIT);
	await_gone(&b);
	/* refused until the timestamp clock has moved on by a second */
	wait_start(&w, SOON);
	w.step = 100;
	for (a2.fd = -1; try_dial(&a2, "NEW", NS_A, VETH, 0); a2.fd = -1) {
		drop(&a2);
		if (!wait_more(&w))
			die("NEW: connect: %m");
	}
	report(&a2);
	take(&b2, "B2", &l);
	await(&a2, TCP_ESTABLISHED);
	part(&a2, &b2, &l);
}

/* The kernel chooses the client's port here */
static void o16(void)
{
	struct end l, a, b, q;

	listen_at(&l, "L", NS_B, VETH, 16);
	dial(&a, "A", NS_A, VETH, 0);
	await(&a, TCP_ESTABLISHED);
	half_of(&q, "B in the accept queue", &l, &a.laddr, a.lport);
	await(&q, TCP_ESTABLISHED);
	pause_at("not-accepted");
	take(&b, "B", &l);
	part(&a, &b, &l);
}

static void o18(void)
{
	struct end l, b;
	struct peer p;

	listen_at(&l, "L", NS_A, TUN, 16);
	peer_init(&p, NS_A, 1, 0);
	peer_send(&p, "S", 10);
	p.snd -= 10;
	peer_expect(&p, "S.");
	if (p.last.ack != p.snd)
		die("B: took the data of the SYN");
	peer_send(&p, "P.", 10);
	take(&b, "B", &l);
	hear(&b, 10);
	peer_send(&p, "R.", 0);
	await(&b, TCP_CLOSE);
	drop(&b);
	drop(&l);
}

static void o19(void)
{
	static const uint8_t opt[] = {
		TCPOPT_MAXSEG, 4, 1300 >> 8, 1300 & 0xff,
		TCPOPT_SACK_PERMITTED, 2,
		TCPOPT_TIMESTAMP, 10, 0, 0, 0x12, 0x34, 0, 0, 0, 0,
		TCPOPT_NOP, TCPOPT_WINDOW, 3, 9,
		34, 2,			/* asks for a Fast Open cookie, RFC 7413 */
	};
	struct end l, b;
	struct peer p;
	int queue = 16;

	set_sysctl(NS_A, "ipv4/tcp_fastopen", "3");
	greet(&l, &b, &p);
	setsockopt(l.fd, IPPROTO_TCP, TCP_FASTOPEN, &queue, sizeof(queue));
	memcpy(p.opt, opt, sizeof(opt));
	p.optlen = sizeof(opt);
	peer_send(&p, "S", 0);
	peer_expect(&p, "S.");
	await(&b, TCP_SYN_RECV);
	pause_at("half-open");
	/* without its timestamp the ACK would be dropped, RFC 7323 */
	peer_send(&p, "R", 0);
	await_gone(&b);
	drop(&l);
}

/* Eight times the same initial sequence number */
static void o20(void)
{
	static const char *const names[] = {
		"A1", "A2", "A3", "A4", "A5", "A6", "A7", "A8",
	};
	struct end a;
	struct peer p;
	int i;

	for (i = 0; i < 8; i++) {
		peer_init(&p, NS_A, 0, 1 + i);
		dial(&a, names[i], NS_A, TUN, 1 + i);
		peer_answer(&p);
		await(&a, TCP_ESTABLISHED);
		abandon(&a);
	}
}

const struct row open_rows[] = {
	{ "O1", o1 }, { "O2", o2 }, { "O6", o6 }, { "O10", o10 }, { "O11", o11 },
	{ "O12", o12 }, { "O14", o14 }, { "O15", o15 }, { "O16", o16 }, { "O18", o18 },
	{ "O19", o19 }, { "O20", o20 }, { 0 },
};
