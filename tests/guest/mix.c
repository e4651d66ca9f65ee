// SPDX-License-Identifier: GPL-2.0
/* Connections of all kinds, mixed at random, and what has to be said of each */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "stim.h"

#ifndef TCP_FASTOPEN_CONNECT
#define TCP_FASTOPEN_CONNECT 30
#endif

#define MIX_PORT 10000		/* two ports a connection from here on */

static uint8_t held_flags;
static unsigned int pure_acks;	/* of B before its FIN, under lose_pure_acks() */
static bool b_closed;

static enum verdict hold_flags(enum netns from, const struct seg *s)
{
	(void)from;
	return (s->flags & ~PSH) == held_flags ? HOLD : PASS;
}

static enum verdict lose_syn(enum netns from, const struct seg *s)
{
	(void)from;
	return s->flags == SYN ? LOSE : PASS;
}

static enum verdict lose_pure_acks(enum netns from, const struct seg *s)
{
	if (from != NS_B)
		return PASS;
	b_closed |= s->flags & FIN;
	if (s->flags != ACK || s->len)
		return PASS;
	/* behind its FIN it acknowledges one that A sent again */
	pure_acks += !b_closed;
	return LOSE;
}

static void hold(const char *flags)
{
	held_flags = flags_parse(flags);
	wire_rule(hold_flags);
}

static void let_pass(void)
{
	wire_rule(NULL);
	wire_release();
	wire_step(0);
}

/* told() - the verdicts on the two ends, "-" where there is none */
static void told(const char *a, const char *b)
{
	printf("TOLD A %s\nTOLD B %s\n", a, b);
}

/* The FIN that came is acknowledged at once, and not by what is sent next */
static void ack_fin(const struct end *e)
{
	int one = 1;

	hear_fin(e);
	setsockopt(e->fd, IPPROTO_TCP, TCP_QUICKACK, &one, sizeof(one));
	wire_step(0);
}

/* first closes, then second, in four segments */
static void part_in_four(struct end *first, struct end *second)
{
	drop(first);
	ack_fin(second);
	drop(second);
	wire_step(0);
}

static void client_closes(void)
{
	struct pair p;

	meet(&p, TUN);
	part_in_four(&p.a, &p.b);
	told("three-way four-way", "three-way four-way");
}

static void server_closes(void)
{
	struct pair p;

	meet(&p, TUN);
	say(&p.b, "Hutu");
	hear(&p.a, 4);
	part_in_four(&p.b, &p.a);
	told("three-way four-way", "three-way four-way");
}

/* What B acknowledges before its FIN is lost: B knows that it was sent */
static void three_segments(void)
{
	struct pair p;

	meet(&p, TUN);
	pure_acks = 0;
	b_closed = false;
	wire_rule(lose_pure_acks);
	drop(&p.a);
	hear_fin(&p.b);
	drop(&p.b);
	wire_step(0);
	wire_rule(NULL);
	told("three-way three-segment",
	     pure_acks ? "three-way four-way" : "three-way three-segment");
}

static void both_close(void)
{
	struct pair p;

	meet(&p, TUN);
	hold("F.");
	drop(&p.a);
	drop(&p.b);
	await_held(NS_A, 1);
	await_held(NS_B, 1);
	let_pass();
	told("three-way simultaneous-close", "three-way simultaneous-close");
}

static void half_close(void)
{
	struct pair p;

	meet(&p, TUN);
	shut(&p.a);
	hear_fin(&p.b);
	say(&p.b, "still here");
	hear(&p.a, 10);
	drop(&p.b);
	hear_fin(&p.a);
	drop(&p.a);
	told("three-way four-way", "three-way four-way");
}

static void client_aborts(void)
{
	struct pair p;

	meet(&p, TUN);
	abandon(&p.a);
	await(&p.b, TCP_CLOSE);
	drop(&p.b);
	told("three-way reset-local", "three-way reset-remote");
}

static void server_aborts(void)
{
	struct pair p;

	meet(&p, TUN);
	abandon(&p.b);
	await(&p.a, TCP_CLOSE);
	drop(&p.a);
	told("three-way reset-remote", "three-way reset-local");
}

static void unread_data(void)
{
	struct pair p;
	struct wait w;
	char c;

	meet(&p, TUN);
	say(&p.b, "unread");
	wait_start(&w, SOON);
	while (recv(p.a.fd, &c, 1, MSG_PEEK) != 1)
		if (!wait_more(&w))
			die("A: nothing to leave unread");
	drop(&p.a);
	await(&p.b, TCP_CLOSE);
	drop(&p.b);
	told("three-way reset-local", "three-way reset-remote");
}

static void disconnect(void)
{
	struct sockaddr sa = { .sa_family = AF_UNSPEC };
	struct pair p;

	meet(&p, TUN);
	if (connect(p.a.fd, &sa, sizeof(sa)))
		die("A: connect(AF_UNSPEC): %m");
	await(&p.b, TCP_CLOSE);
	drop(&p.a);
	drop(&p.b);
	told("three-way reset-local", "three-way reset-remote");
}

static void destroyed(void)
{
	struct pair p;

	meet(&p, TUN);
	errno = -diag_destroy(&p.a);
	if (errno)
		die("SOCK_DESTROY: %m");
	await(&p.b, TCP_CLOSE);
	drop(&p.a);
	drop(&p.b);
	told("three-way destroyed", "three-way reset-remote");
}

static void process_exits(void)
{
	struct pair p;
	int go[2];
	pid_t pid;
	char c;

	meet(&p, TUN);
	if (pipe(go))
		die("pipe: %m");
	fflush(stdout);
	pid = fork();
	if (pid < 0)
		die("fork: %m");
	if (!pid) {
		close(go[1]);
		if (read(go[0], &c, 1) != 0)
			_exit(1);
		/* closes A, which nobody else holds */
		_exit(0);
	}
	drop(&p.a);
	close(go[0]);
	close(go[1]);
	waitpid(pid, NULL, 0);
	wire_step(0);
	/* the child held B as well, and is gone */
	ack_fin(&p.b);
	drop(&p.b);
	wire_step(0);
	told("three-way four-way", "three-way four-way");
}

static void refused(void)
{
	struct end a, b;

	dial(&a, "A", NS_A, TUN, 1);
	other_half(&b, "B", &a);
	await(&a, TCP_CLOSE);
	drop(&a);
	told("refused none", "-");
}

static void nobody_answers(void)
{
	struct end a, b;

	wire_rule(lose_syn);
	dial(&a, "A", NS_A, TUN, 1);
	other_half(&b, "B", &a);
	wire_step(0);
	drop(&a);
	wire_rule(NULL);
	told("aborted none", "-");
}

/* A forgets; its kernel answers the SYN,ACK with a RST */
static void half_open_reset(void)
{
	struct end l, a, b;

	listen_at(&l, "L", NS_B, TUN, 16);
	hold("S.");
	dial(&a, "A", NS_A, TUN, 1);
	other_half(&b, "B", &a);
	await_held(NS_B, 1);
	drop(&a);
	let_pass();
	drop(&l);
	told("aborted none", "reset none");
}

static void listener_closes(void)
{
	struct end l, a, b;

	listen_at(&l, "L", NS_B, TUN, 16);
	dial(&a, "A", NS_A, TUN, 1);
	other_half(&b, "B", &a);
	await(&a, TCP_ESTABLISHED);
	wire_step(0);
	drop(&l);
	await(&a, TCP_CLOSE);
	drop(&a);
	told("three-way reset-remote", "three-way reset-local");
}

static void syn_cookie(void)
{
	struct pair p;

	set_sysctl(NS_B, "ipv4/tcp_syncookies", "2");
	meet(&p, TUN);
	set_sysctl(NS_B, "ipv4/tcp_syncookies", "1");
	part_in_four(&p.a, &p.b);
	told("three-way four-way", "syn-cookie four-way");
}

/* Without a cookie in hand it asks for one, and the SYN brings nothing */
static void fast_open(void)
{
	static bool has_cookie[2];
	bool *had = &has_cookie[run.family == '6'];
	int queue = 16, one = 1;
	struct end l, a, b;

	listen_at(&l, "L", NS_B, TUN, 16);
	if (setsockopt(l.fd, IPPROTO_TCP, TCP_FASTOPEN, &queue, sizeof(queue)))
		die("TCP_FASTOPEN: %m");
	a.fd = sock_new(NS_A);
	if (setsockopt(a.fd, IPPROTO_TCP, TCP_FASTOPEN_CONNECT, &one, sizeof(one)))
		die("TCP_FASTOPEN_CONNECT: %m");
	if (try_dial(&a, "A", NS_A, TUN, 1))
		die("A: connect: %m");
	report(&a);
	if (*had)
		say(&a, "Hutu");
	take(&b, "B", &l);
	if (*had)
		hear(&b, 4);
	await(&a, TCP_ESTABLISHED);
	await(&b, TCP_ESTABLISHED);
	drop(&l);
	part_in_four(&a, &b);
	told(*had ? "fast-open four-way" : "three-way four-way",
	     *had ? "fast-open four-way" : "three-way four-way");
	*had = true;
}

static void mix_bind(struct end *e, const char *name, enum netns ns)
{
	struct sockaddr_storage ss;
	socklen_t len;

	*e = (struct end){ .name = name, .ns = ns, .fd = sock_new(ns) };
	e->laddr = host(ns, TUN);
	e->raddr = host(ns == NS_A ? NS_B : NS_A, TUN);
	e->lport = run.port + (ns == NS_A);
	e->rport = run.port + (ns != NS_A);
	len = sa_fill(&ss, &e->laddr, e->lport);
	if (bind(e->fd, (void *)&ss, len))
		die("%s: bind: %m", name);
	len = sa_fill(&ss, &e->raddr, e->rport);
	connect(e->fd, (void *)&ss, len);
	report(e);
}

static void both_open(void)
{
	struct end a, b;

	hold("S");
	mix_bind(&a, "A", NS_A);
	mix_bind(&b, "B", NS_B);
	await_held(NS_A, 1);
	await_held(NS_B, 1);
	let_pass();
	await(&a, TCP_ESTABLISHED);
	await(&b, TCP_ESTABLISHED);
	abandon(&a);
	await(&b, TCP_CLOSE);
	drop(&b);
	told("simultaneous-open reset-local", "simultaneous-open reset-remote");
}

static const struct {
	const char	*name;
	void		(*apply)(void);
} kinds[] = {
	{ "client closes", client_closes },
	{ "server closes", server_closes },
	{ "three segments", three_segments },
	{ "both close", both_close },
	{ "half-close", half_close },
	{ "client aborts", client_aborts },
	{ "server aborts", server_aborts },
	{ "unread data", unread_data },
	{ "disconnect", disconnect },
	{ "destroyed", destroyed },
	{ "process exits", process_exits },
	{ "refused", refused },
	{ "nobody answers", nobody_answers },
	{ "half-open, reset", half_open_reset },
	{ "listener closes", listener_closes },
	{ "SYN cookie", syn_cookie },
	{ "Fast Open", fast_open },
	{ "both open", both_open },
};

#define KINDS (sizeof(kinds) / sizeof(*kinds))

/* xorshift32: the same everywhere, which rand() is not */
static uint32_t next_random(uint32_t *x)
{
	*x ^= *x << 13;
	*x ^= *x >> 17;
	*x ^= *x << 5;
	return *x;
}

/**
 * mix() - connections of kinds chosen at random
 * @count: how many
 * @seed: of the choice, not 0
 *
 * Prints "CONN NUMBER FAMILY KIND", the END lines of its endpoints, and then
 * "TOLD NAME HANDSHAKE TEARDOWN" of each, or "TOLD NAME -" where there is no verdict.
 *
 * Return: 0.
 */
int mix(unsigned int count, uint32_t seed)
{
	unsigned int i, kind;

	run.family = '4';
	wire_up(NULL);
	set_sysctl(NS_A, "ipv4/tcp_max_tw_buckets", "65536");
	set_sysctl(NS_B, "ipv4/tcp_max_tw_buckets", "65536");
	set_sysctl(NS_A, "ipv4/tcp_fastopen", "3");
	set_sysctl(NS_B, "ipv4/tcp_fastopen", "3");
	for (i = 0; i < count; i++) {
		kind = next_random(&seed) % KINDS;
		run.family = next_random(&seed) & 1 ? '4' : '6';
		run.port = MIX_PORT + 2 * i;
		printf("CONN %u %c %s\n", i, run.family, kinds[kind].name);
		kinds[kind].apply();
	}
	return 0;
}
