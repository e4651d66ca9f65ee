// SPDX-License-Identifier: GPL-2.0
/*
 * Rows in which the kernel leaves its usual path although every segment is a proper one:
 * receive queues that were rebuilt, FINs that wait, SYNs that get no request.
 */
#include <linux/filter.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "stim.h"

#ifndef TCP_REPAIR_OFF_NO_WP
#define TCP_REPAIR_OFF_NO_WP -1
#endif
#define RECV_QUEUE 1		/* TCP_RECV_QUEUE, of linux/tcp.h */

/* As peer_send(), with another window */
static void send_win(struct peer *p, uint8_t flags, uint16_t win)
{
	struct seg s = {
		.src = p->addr, .dst = p->to, .sport = p->port, .dport = p->dport,
		.seq = p->snd, .ack = p->rcv, .win = win, .flags = flags,
	};
	uint8_t buf[SEG_MAX];
	size_t n = seg_build(&s, buf);

	if (write(tun_of(p->ns), buf, n) < 0)
		die("peer: write: %m");
	p->snd += !!(flags & FIN);
}

/* All that the peer has sent is acknowledged */
static void await_ack(struct peer *p)
{
	do {
		peer_expect(p, ".");
	} while (p->last.ack != p->snd);
	p->rcv = p->last.seq;
}

/* Its FIN waits for the peer's window, and the peer's is acknowledged meanwhile */
static void c24(void)
{
	struct end l, e;
	struct peer p;

	listen_at(&l, "L", NS_A, TUN, 16);
	peer_init(&p, NS_A, 1, 0);
	peer_send(&p, "S", 0);
	peer_expect(&p, "S.");
	send_win(&p, ACK, 0);
	take(&e, "E", &l);
	say(&e, "wait");
	send_win(&p, FIN | ACK, 0);
	hear_fin(&e);
	drop(&e);
	await_ack(&p);
	send_win(&p, ACK, 65535);
	peer_expect(&p, "F.");
	peer_send(&p, ".", 0);
	await_gone(&e);
	drop(&l);
}

static void repair(const struct end *e, int on)
{
	if (setsockopt(e->fd, IPPROTO_TCP, TCP_REPAIR, &on, sizeof(on)))
		die("%s: repair: %m", e->name);
}

/* Put into its receive queue as a restored process has it: a segment without a header */
static void restore(const struct end *e, struct peer *p, const char *text)
{
	const int queue = RECV_QUEUE;
	size_t len = strlen(text);

	repair(e, 1);
	if (setsockopt(e->fd, IPPROTO_TCP, TCP_REPAIR_QUEUE, &queue, sizeof(queue)))
		die("%s: repair queue: %m", e->name);
	if (send(e->fd, text, len, 0) != (ssize_t)len)
		die("%s: send: %m", e->name);
	repair(e, TCP_REPAIR_OFF_NO_WP);
	p->snd += len;
}

/* Free memory that reads as no header does */
static void litter(void)
{
	const size_t size = 192 << 20;
	void *m = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (m == MAP_FAILED)
		die("mmap: %m");
	memset(m, 0xff, size);
	munmap(m, size);
}

#define RESTORED 24

static void c25(void)
{
	char names[RESTORED][8];
	struct end l, e;
	struct peer p;
	int i;

	litter();
	listen_at(&l, "L", NS_A, TUN, RESTORED);
	for (i = 0; i < RESTORED; i++) {
		snprintf(names[i], sizeof(names[i]), "E%d", i + 1);
		peer_init(&p, NS_A, 1 + i, 0);
		peer_open(&p);
		take(&e, names[i], &l);
		restore(&e, &p, "here");
		peer_send(&p, "F.", 0);
		await(&e, TCP_CLOSE_WAIT);
		hear(&e, 4);
		hear_fin(&e);
		await_ack(&p);
		drop(&e);
		peer_expect(&p, "F.");
		peer_send(&p, ".", 0);
		await_gone(&e);
	}
	drop(&l);
}

/* Nothing is left to send, but the device has enough to do: the FIN waits for it */
static void c26(void)
{
	static const char text[1000];
	struct end l, e;
	struct peer p;
	int one = 1, i;

	set_sysctl(NS_A, "ipv4/tcp_limit_output_bytes", "1000");
	listen_at(&l, "L", NS_A, TUN, 16);
	peer_init(&p, NS_A, 1, 0);
	peer_open(&p);
	take(&e, "E", &l);
	ns_enter(NS_A);
	if (system("/sbin/tc qdisc add dev tun0 root tbf rate 4kbit burst 1200 limit 20000"))
		die("tun0: no limit of its rate");
	setsockopt(e.fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	for (i = 0; i < 2; i++)
		if (write(e.fd, text, sizeof(text)) != sizeof(text))
			die("E: write: %m");
	drop(&e);
	/* the window of congestion has room then, whatever is sent again */
	peer_expect(&p, ".");
	peer_send(&p, ".", 0);
	peer_expect(&p, "F.");
	peer_send(&p, "F.", 0);
	await(&e, TCP_TIME_WAIT);
	/* not before it has left the device, where it is captured */
	await_ack(&p);
	drop(&l);
}

/* Both queues are full: the kernel asks that of SYNs first */
static void o21(void)
{
	struct end l, a, h, b;
	struct peer p;

	set_sysctl(NS_A, "ipv4/tcp_syncookies", "0");
	listen_at(&l, "L", NS_A, TUN, 16);
	peer_init(&p, NS_A, 1, 0);
	peer_open(&p);
	half(&a, "A", &l, &p.addr, p.port);
	await(&a, TCP_ESTABLISHED);
	peer_init(&p, NS_A, 2, 0);
	peer_send(&p, "S", 0);
	peer_expect(&p, "S.");
	half(&h, "H", &l, &p.addr, p.port);
	await(&h, TCP_SYN_RECV);
	if (listen(l.fd, 0))
		die("listen: %m");
	peer_init(&p, NS_A, 3, 0);
	half(&b, "B", &l, &p.addr, p.port);
	peer_send(&p, "S", 0);
	pause_at("full");
	drop(&l);
}

/* Without cookies the last quarter of the queue is for peers that are known */
static void o22(void)
{
	char names[4][4];
	struct end l, h, b;
	struct peer p;
	int i;

	set_sysctl(NS_A, "ipv4/tcp_syncookies", "0");
	set_sysctl(NS_A, "ipv4/tcp_max_syn_backlog", "4");
	listen_at(&l, "L", NS_A, TUN, 16);
	for (i = 0; i < 4; i++) {
		snprintf(names[i], sizeof(names[i]), "H%d", i + 1);
		peer_init(&p, NS_A, 1 + i, 0);
		peer_send(&p, "S", 0);
		peer_expect(&p, "S.");
		half(&h, names[i], &l, &p.addr, p.port);
		await(&h, TCP_SYN_RECV);
	}
	/* they have all been sent again, and are not for a while */
	peer_expect(&p, "S.");
	peer_init(&p, NS_A, 5, 0);
	half(&b, "B", &l, &p.addr, p.port);
	peer_send(&p, "S", 0);
	pause_at("dropped");
	drop(&l);
}

/* TIME_WAIT lets a SYN through to a listener that does not want to have it */
static void o23(void)
{
	struct sock_filter none = BPF_STMT(BPF_RET | BPF_K, 0);
	struct sock_fprog prog = { .len = 1, .filter = &none };
	struct end l, e;
	struct peer p;

	listen_at(&l, "L", NS_A, TUN, 16);
	peer_init(&p, NS_A, 1, 0);
	peer_open(&p);
	take(&e, "E", &l);
	drop(&e);
	peer_expect(&p, "F.");
	peer_send(&p, "F.", 0);
	peer_expect(&p, ".");
	await(&e, TCP_TIME_WAIT);
	if (setsockopt(l.fd, SOL_SOCKET, SO_ATTACH_FILTER, &prog, sizeof(prog)))
		die("L: no filter: %m");
	p.snd += 100000;
	peer_send(&p, "S", 0);
	await_gone(&e);
	pause_at("filtered");
	drop(&l);
}

const struct row edge_rows[] = {
	{ "C24", c24 }, { "C25", c25 }, { "C26", c26 },
	{ "O21", o21 }, { "O22", o22 }, { "O23", o23 }, { 0 },
};
