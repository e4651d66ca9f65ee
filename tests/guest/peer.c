// SPDX-License-Identifier: GPL-2.0
/* A TCP endpoint without a kernel, behind tun0: it sends what the row wants, no more */
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "stim.h"

#define ISS 1000000000u		/* nothing random here */

/**
 * peer_init() - a peer that has sent nothing yet
 * @p: the peer
 * @ns: whose kernel it talks to
 * @port: its own port, counted from the row's first
 * @dport: the port over there, counted likewise
 */
void peer_init(struct peer *p, enum netns ns, int port, int dport)
{
	static const uint8_t mss[] = { TCPOPT_MAXSEG, 4, 1200 >> 8, 1200 & 0xff };

	memset(p, 0, sizeof(*p));
	p->ns = ns;
	p->to = host(ns, TUN);
	p->addr = host(ns == NS_A ? NS_B : NS_A, TUN);
	p->port = run.port + port;
	p->dport = run.port + dport;
	p->snd = ISS;
	p->optlen = sizeof(mss);
	memcpy(p->opt, mss, sizeof(mss));
	tun_of(ns);
}

/**
 * peer_send() - send one segment and move on by what it occupies
 * @p: the peer
 * @flags: as tcpdump writes them
 * @len: payload
 */
void peer_send(struct peer *p, const char *flags, unsigned int len)
{
	struct seg s = {
		.src = p->addr, .dst = p->to, .sport = p->port, .dport = p->dport,
		.seq = p->snd, .win = 65535, .flags = flags_parse(flags), .len = len,
	};
	uint8_t buf[SEG_MAX];
	size_t n;

	if (s.flags & ACK)
		s.ack = p->rcv;
	if (s.flags & SYN) {
		s.optlen = p->optlen;
		memcpy(s.opt, p->opt, p->optlen);
	}
	n = seg_build(&s, buf);
	if (write(tun_of(p->ns), buf, n) < 0)
		die("peer: write: %m");
	p->snd += len + !!(s.flags & SYN) + !!(s.flags & FIN);
}

static bool peer_is_to(const struct peer *p, const struct seg *s)
{
	return s->sport == p->dport && s->dport == p->port &&
	       !memcmp(s->dst.b, p->addr.b, sizeof(s->dst.b));
}

/**
 * peer_expect() - wait for a segment, passing over others
 * @p: the peer
 * @flags: as tcpdump writes them; PSH makes no difference
 *
 * Everything up to the end of that segment counts as received.
 */
void peer_expect(struct peer *p, const char *flags)
{
	struct pollfd pfd = { .fd = tun_of(p->ns), .events = POLLIN };
	uint8_t want = flags_parse(flags);
	struct seg *s = &p->last;
	struct wait w;
	ssize_t n;

	wait_start(&w, SOON);
	while (now_ms() < w.end) {
		if (poll(&pfd, 1, 100) <= 0)
			continue;
		n = read(tun_of(p->ns), p->raw, sizeof(p->raw));
		if (n <= 0 || !seg_parse(p->raw, n, s) || !peer_is_to(p, s))
			continue;
		if ((s->flags & ~PSH) != want)
			continue;
		p->rawlen = n;
		p->rcv = s->seq + s->len + !!(s->flags & SYN) + !!(s->flags & FIN);
		return;
	}
	die("peer: no [%s] came", flags);
}

/**
 * peer_open() - the three segments of an active open
 * @p: the peer
 */
void peer_open(struct peer *p)
{
	peer_send(p, "S", 0);
	peer_expect(p, "S.");
	peer_send(p, ".", 0);
}

/**
 * peer_answer() - the three segments of a passive open
 * @p: the peer
 */
void peer_answer(struct peer *p)
{
	peer_expect(p, "S");
	peer_send(p, "S.", 0);
	peer_expect(p, ".");
}

/**
 * peer_unreachable() - answer the segment expected last as a router would
 * @p: the peer, whose address nobody has
 */
void peer_unreachable(struct peer *p)
{
	uint8_t buf[SEG_MAX];
	size_t n;

	n = unreachable_build(p->raw, p->rawlen, &p->addr, buf);
	if (write(tun_of(p->ns), buf, n) < 0)
		die("peer: write: %m");
}

/**
 * reach() - a kernel client in A, connected to a peer
 * @a: the client's endpoint to make
 * @name: its name in the scenario
 * @p: the peer to make
 * @lport: the client's port, counted from the row's first
 */
void reach(struct end *a, const char *name, struct peer *p, int lport)
{
	peer_init(p, NS_A, 0, lport);
	dial(a, name, NS_A, TUN, lport);
	peer_answer(p);
	await(a, TCP_ESTABLISHED);
}
