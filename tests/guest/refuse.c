// SPDX-License-Identifier: GPL-2.0
/* Openings that fail or stay half open, each named as in the scenario catalogue */
#include <errno.h>
#include <stdio.h>

#include "stim.h"

static void o3(void)
{
	struct end a, b;

	dial(&a, "A", NS_A, VETH, 1);
	other_half(&b, "B", &a);
	await(&a, TCP_CLOSE);
	if (error_of(&a) != ECONNREFUSED)
		die("A: not refused");
	drop(&a);
}

static void o4(void)
{
	struct end a;

	tun_of(NS_A);
	dial(&a, "A", NS_A, TUN, 1);
	pause_at("syn-sent");
	await_within(&a, TCP_CLOSE, 300);
	if (error_of(&a) != ETIMEDOUT)
		die("A: not timed out");
	drop(&a);
}

static void o5(void)
{
	struct end a;
	struct peer p;

	peer_init(&p, NS_A, 0, 1);
	dial(&a, "A", NS_A, TUN, 1);
	peer_expect(&p, "S");
	peer_unreachable(&p);
	await(&a, TCP_CLOSE);
	if (error_of(&a) != EHOSTUNREACH)
		die("A: not unreachable");
	drop(&a);
}

static void o7(void)
{
	struct end l, b;
	struct peer p;
	int i;

	listen_at(&l, "L", NS_A, TUN, 16);
	peer_init(&p, NS_A, 1, 0);
	half(&b, "B", &l, &p.addr, p.port);
	peer_send(&p, "S", 0);
	for (i = 0; i < 2; i++) {
		peer_expect(&p, "S.");
		await(&b, TCP_SYN_RECV);
		pause_at(i ? "half-open-again" : "half-open");
	}
	await_gone_within(&b, 200);
	drop(&l);
}

static enum verdict hold_synack(enum netns from, const struct seg *s)
{
	(void)from;
	return s->flags == (SYN | ACK) ? HOLD : PASS;
}

/* A forgets; the SYN,ACK then finds nobody, and its kernel answers with the RST */
static void o8(void)
{
	struct end l, a, b;

	wire_up(hold_synack);
	listen_at(&l, "L", NS_B, TUN, 16);
	dial(&a, "A", NS_A, TUN, 1);
	other_half(&b, "B", &a);
	await_held(NS_B, 1);
	await(&b, TCP_SYN_RECV);
	pause_at("half-open");
	drop(&a);
	await_gone(&a);
	wire_rule(NULL);
	wire_release();
	await_gone(&b);
	await(&l, TCP_LISTEN);
	drop(&l);
}

static enum verdict hold_third(enum netns from, const struct seg *s)
{
	return from == NS_A && s->flags == ACK ? HOLD : PASS;
}

static enum verdict resets(enum netns from, const struct seg *s)
{
	(void)from;
	return s->flags & RST ? PASS : LOSE;
}

/*
 * The queue has room for three. The fourth client's third segment comes when it
 * is full, the fifth client's SYN after that.
 */
static void o9(void)
{
	static const char *const an[] = { "A1", "A2", "A3", "A4" };
	static const char *const bn[] = { "B1", "B2", "B3", "B4" };
	struct end l, a[4], b[4], a5, b5;
	int i;

	wire_up(NULL);
	listen_at(&l, "L", NS_B, TUN, 2);
	for (i = 0; i < 4; i++) {
		if (i == 2)
			wire_rule(hold_third);
		dial(&a[i], an[i], NS_A, TUN, 1 + i);
		other_half(&b[i], bn[i], &a[i]);
		await(&a[i], TCP_ESTABLISHED);
		await(&b[i], i < 2 ? TCP_ESTABLISHED : TCP_SYN_RECV);
	}
	await_held(NS_A, 2);
	wire_rule(NULL);
	wire_release();
	await(&b[2], TCP_ESTABLISHED);
	await(&b[3], TCP_SYN_RECV);
	dial(&a5, "A5", NS_A, TUN, 5);
	other_half(&b5, "B5", &a5);
	wire_step(100);
	await(&a5, TCP_SYN_SENT);
	pause_at("queue-full");
	/* nothing else matters, but for what is sent again after a second */
	wire_rule(resets);
	drop(&a5);
	abandon(&a[3]);
	drop(&l);
	for (i = 0; i < 3; i++) {
		await(&a[i], TCP_CLOSE);
		drop(&a[i]);
	}
	await_gone(&b[3]);
}

static void o13(void)
{
	struct end l, h, a, b;
	struct peer p;

	listen_at(&l, "L", NS_B, ANY, 16);
	peer_init(&p, NS_B, 8, 0);
	half(&h, "H", &l, &p.addr, p.port);
	peer_send(&p, "S", 0);
	peer_expect(&p, "S.");
	dial(&a, "A", NS_A, VETH, 1);
	other_half(&b, "B", &a);
	await(&a, TCP_ESTABLISHED);
	await(&b, TCP_ESTABLISHED);
	await(&h, TCP_SYN_RECV);
	pause_at("before");
	drop(&l);
	await(&a, TCP_CLOSE);
	if (error_of(&a) != ECONNRESET)
		die("A: not reset");
	drop(&a);
	/* the half-open one ends when its next segment finds no listener */
	peer_send(&p, ".", 0);
	peer_expect(&p, "R");
	await_gone(&h);
}

static void o17(void)
{
	struct end a;
	struct peer p;

	peer_init(&p, NS_A, 0, 1);
	dial(&a, "A", NS_A, TUN, 1);
	peer_expect(&p, "S");
	pause_at("syn-sent");
	drop(&a);
	await_gone(&a);
}

const struct row refuse_rows[] = {
	{ "O3", o3 }, { "O4", o4 }, { "O5", o5 }, { "O7", o7 }, { "O8", o8 }, { "O9", o9 },
	{ "O13", o13 }, { "O17", o17 }, { 0 },
};
