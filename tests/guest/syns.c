// SPDX-License-Identifier: GPL-2.0
/* SYNs that several processes send at once to one listener, through tun0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "stim.h"

static void send_some(struct seg *s, unsigned int writer, unsigned int count)
{
	uint8_t buf[SEG_MAX];
	unsigned int i;
	size_t n;

	for (i = 0; i < count; i++) {
		/* 11.0.0.0/8: whoever starts us has it routed to tun0 */
		s->src.b[0] = 11;
		s->src.b[1] = writer;
		s->src.b[2] = i >> 8;
		s->src.b[3] = i;
		s->sport = 1024 + i;
		s->seq = writer << 24 | i << 4;
		n = seg_build(s, buf);
		if (write(tun_of(NS_B), buf, n) < 0)
			die("write: %m");
		while (read(tun_of(NS_B), buf, sizeof(buf)) > 0)
			;
	}
	exit(0);
}

/**
 * syns() - connections that several processes begin at once and nobody goes on with
 * @writers: processes
 * @count: SYNs of each
 *
 * PAUSE when all are half open.
 *
 * Return: 0.
 */
int syns(unsigned int writers, unsigned int count)
{
	struct peer p;
	struct seg s;
	struct end l;
	unsigned int i;
	int status;

	run.family = '4';
	listen_at(&l, "L", NS_B, ANY, writers * count + 1);
	peer_init(&p, NS_B, 0, 0);
	s = (struct seg){ .src = p.addr, .dst = p.to, .dport = run.port, .flags = SYN,
			  .win = 65535, .optlen = p.optlen };
	memcpy(s.opt, p.opt, p.optlen);
	fflush(stdout);
	for (i = 0; i < writers; i++)
		if (!fork())
			send_some(&s, i, count);
	while (wait(&status) > 0)
		if (status)
			die("a writer failed");
	pause_at("half-open");
	drop(&l);
	return 0;
}
