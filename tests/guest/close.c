// SPDX-License-Identifier: GPL-2.0
/* Closings, each named as in the scenario catalogue */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "stim.h"

static void c1(void)
{
	struct pair p;

	meet(&p, VETH);
	say(&p.a, "Hutu");
	hear(&p.b, 4);
	drop(&p.a);
	hear_fin(&p.b);
	await(&p.a, TCP_FIN_WAIT2);
	await(&p.b, TCP_CLOSE_WAIT);
	pause_at("half-closed");
	drop(&p.b);
	await_gone(&p.b);
	await(&p.a, TCP_TIME_WAIT);
	pause_at("time-wait");
	outlive(&p.a, 100);
}

/* B's ACK of the FIN is lost, so its FIN,ACK is the first that A hears */
static enum verdict lose_ack_of_fin(enum netns from, const struct seg *s)
{
	return from == NS_B && s->flags == ACK ? LOSE : PASS;
}

static void c2(void)
{
	struct pair p;

	wire_up(NULL);
	meet(&p, TUN);
	/* who had data acknowledges a FIN after 40 ms, who had none at the next tick */
	say(&p.a, "Hutu");
	hear(&p.b, 4);
	await_acked(&p.a);
	wire_rule(lose_ack_of_fin);
	drop(&p.a);
	hear_fin(&p.b);
	drop(&p.b);
	await_gone(&p.b);
	await(&p.a, TCP_TIME_WAIT);
}

static void c3(void)
{
	struct pair p;

	meet(&p, VETH);
	drop(&p.b);
	hear_fin(&p.a);
	await(&p.b, TCP_FIN_WAIT2);
	pause_at("half-closed");
	drop(&p.a);
	await_gone(&p.a);
	await(&p.b, TCP_TIME_WAIT);
	pause_at("time-wait");
}

static enum verdict hold_fin(enum netns from, const struct seg *s)
{
	(void)from;
	return s->flags & FIN ? HOLD : PASS;
}

static enum verdict hold_ack(enum netns from, const struct seg *s)
{
	(void)from;
	return s->flags == ACK ? HOLD : PASS;
}

static void c4(void)
{
	struct pair p;

	wire_up(NULL);
	meet(&p, TUN);
	wire_rule(hold_fin);
	drop(&p.a);
	drop(&p.b);
	await_held(NS_A, 1);
	await_held(NS_B, 1);
	await(&p.a, TCP_FIN_WAIT1);
	await(&p.b, TCP_FIN_WAIT1);
	pause_at("fin-wait-1");
	wire_rule(hold_ack);
	wire_release();
	await(&p.a, TCP_CLOSING);
	await(&p.b, TCP_CLOSING);
	await_held(NS_A, 1);
	await_held(NS_B, 1);
	pause_at("closing");
	wire_rule(NULL);
	wire_release();
	await(&p.a, TCP_TIME_WAIT);
	await(&p.b, TCP_TIME_WAIT);
	pause_at("time-wait");
	outlive(&p.a, 100);
	outlive(&p.b, 100);
}

static void c5(void)
{
	struct pair p;

	meet(&p, VETH);
	shut(&p.a);
	hear_fin(&p.b);
	await(&p.a, TCP_FIN_WAIT2);
	say(&p.b, "still here");
	hear(&p.a, 10);
	await(&p.a, TCP_FIN_WAIT2);
	await(&p.b, TCP_CLOSE_WAIT);
	pause_at("half-closed");
	drop(&p.b);
	hear_fin(&p.a);
	await_gone(&p.b);
	drop(&p.a);
	await(&p.a, TCP_TIME_WAIT);
}

static void c6(void)
{
	struct pair p;

	meet(&p, VETH);
	abandon(&p.a);
	await(&p.b, TCP_CLOSE);
	if (error_of(&p.b) != ECONNRESET)
		die("B: not reset");
	pause_at("reset");
	drop(&p.b);
}

static void c7(void)
{
	struct pair p;
	struct wait w;
	char c;

	meet(&p, VETH);
	say(&p.b, "unread");
	wait_start(&w, SOON);
	while (recv(p.a.fd, &c, 1, MSG_PEEK) != 1)
		if (!wait_more(&w))
			die("A: nothing to leave unread");
	drop(&p.a);
	await(&p.b, TCP_CLOSE);
	if (error_of(&p.b) != ECONNRESET)
		die("B: not reset");
	drop(&p.b);
}

static void c8(void)
{
	struct pair p;
	pid_t pid;

	meet(&p, VETH);
	pid = fork();
	if (pid < 0)
		die("fork: %m");
	if (!pid) {
		close(p.b.fd);
		for (;;)
			pause();
	}
	drop(&p.a);
	await(&p.b, TCP_ESTABLISHED);
	pause_at("child-holds-it");
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	hear_fin(&p.b);
	await(&p.a, TCP_FIN_WAIT2);
	drop(&p.b);
	await_gone(&p.b);
	await(&p.a, TCP_TIME_WAIT);
}

/*
 * FIN_WAIT_1 for want of an ACK, so it stays an orphan; the kernel's count of them may be old
 * at close(), but then the limit strikes at the first retransmission.
 */
static void c10(void)
{
	struct end a;
	struct peer p;

	set_sysctl(NS_INIT, "ipv4/tcp_max_orphans", "0");
	reach(&a, "A", &p, 1);
	drop(&a);
	peer_expect(&p, "F.");
	peer_expect(&p, "R.");
	await_gone(&a);
	set_sysctl(NS_INIT, "ipv4/tcp_max_orphans", "4096");
}

static unsigned int fins;
static bool deaf;

/* What A answers to B's FIN is lost, and so are the retransmissions, as long as we are deaf */
static enum verdict lose_last_ack(enum netns from, const struct seg *s)
{
	if (from == NS_B && s->flags & FIN)
		fins++;
	if (from == NS_A)
		return deaf ? LOSE : PASS;
	return deaf && fins > 1 ? LOSE : PASS;
}

static void c11(void)
{
	struct pair p;

	wire_up(NULL);
	meet(&p, TUN);
	drop(&p.a);
	hear_fin(&p.b);
	await(&p.a, TCP_FIN_WAIT2);
	deaf = true;
	wire_rule(lose_last_ack);
	drop(&p.b);
	await(&p.a, TCP_TIME_WAIT);
	await(&p.b, TCP_LAST_ACK);
	pause_at("last-ack");
	deaf = false;
	await_gone(&p.b);
	if (fins < 2)
		die("B: sent its FIN only once");
	await(&p.a, TCP_TIME_WAIT);
	outlive(&p.a, 100);
}

static void c12(void)
{
	struct pair p;

	meet(&p, VETH);
	shut(&p.a);
	hear_fin(&p.b);
	await(&p.a, TCP_FIN_WAIT2);
	drop(&p.b);
	hear_fin(&p.a);
	drop(&p.a);
	await(&p.a, TCP_TIME_WAIT);
	pause_at("time-wait");
	await_gone_within(&p.a, 100);
}

static void c13(void)
{
	struct pair p;

	set_sysctl(NS_A, "ipv4/tcp_max_tw_buckets", "0");
	meet(&p, VETH);
	shut(&p.a);
	hear_fin(&p.b);
	await(&p.a, TCP_FIN_WAIT2);
	drop(&p.b);
	hear_fin(&p.a);
	await(&p.a, TCP_CLOSE);
	await_gone(&p.b);
	pause_at("no-time-wait");
	drop(&p.a);
}

/* Close actively, up to TIME_WAIT */
static void retire(struct end *a, struct peer *p)
{
	drop(a);
	peer_expect(p, "F.");
	peer_send(p, ".", 0);
	await(a, TCP_FIN_WAIT2);
	peer_send(p, "F.", 0);
	peer_expect(p, ".");
	await(a, TCP_TIME_WAIT);
}

static void c14(void)
{
	struct end a, k;
	struct peer p, q;

	reach(&a, "A", &p, 1);
	retire(&a, &p);
	peer_send(&p, "R", 0);
	await_gone(&a);

	set_sysctl(NS_A, "ipv4/tcp_rfc1337", "1");
	reach(&k, "K", &q, 2);
	retire(&k, &q);
	peer_send(&q, "R", 0);
	/* it still answers */
	q.snd--;
	peer_send(&q, "F.", 0);
	peer_expect(&q, ".");
	await(&k, TCP_TIME_WAIT);
	pause_at("kept");
	outlive(&k, 100);
}

static void c15(void)
{
	struct sockaddr sa = { .sa_family = AF_UNSPEC };
	struct pair p;

	meet(&p, VETH);
	if (connect(p.a.fd, &sa, sizeof(sa)))
		die("A: connect(AF_UNSPEC): %m");
	await(&p.a, TCP_CLOSE);
	await(&p.b, TCP_CLOSE);
	drop(&p.a);
	drop(&p.b);
}

static void destroy(const struct end *e)
{
	errno = -diag_destroy(e);
	if (errno)
		die("%s: SOCK_DESTROY: %m", e->name);
}

static void c16(void)
{
	struct pair p;
	struct end l, h;
	struct peer q;

	meet(&p, VETH);
	destroy(&p.a);
	await(&p.a, TCP_CLOSE);
	await(&p.b, TCP_CLOSE);
	drop(&p.a);
	drop(&p.b);
	/* half open, and its listener */
	listen_at(&l, "M", NS_A, TUN, 16);
	peer_init(&q, NS_A, 1, 0);
	half(&h, "H", &l, &q.addr, q.port);
	peer_send(&q, "S", 0);
	peer_expect(&q, "S.");
	await(&h, TCP_SYN_RECV);
	destroy(&h);
	await_gone(&h);
	destroy(&l);
	await(&l, TCP_CLOSE);
	drop(&l);
}

/* Orphans and timewait sockets: earlier kernels refuse, or say yes and do nothing */
static void c16b(void)
{
	struct end f, t;
	struct peer q;

	reach(&f, "F", &q, 2);
	drop(&f);
	peer_expect(&q, "F.");
	await(&f, TCP_FIN_WAIT1);
	destroy(&f);
	await_gone(&f);
	reach(&t, "T", &q, 3);
	retire(&t, &q);
	destroy(&t);
	await_gone(&t);
}

const struct row close_rows[] = {
	{ "C1", c1 }, { "C2", c2 }, { "C3", c3 }, { "C4", c4 }, { "C5", c5 }, { "C6", c6 },
	{ "C7", c7 }, { "C8", c8 }, { "C10", c10 }, { "C11", c11 }, { "C12", c12 },
	{ "C13", c13 }, { "C14", c14 }, { "C15", c15 }, { "C16", c16 },
	{ "C16b", c16b }, { 0 },
};
