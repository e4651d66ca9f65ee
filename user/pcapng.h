/* SPDX-License-Identifier: GPL-2.0 */
#ifndef TCPFSM_PCAPNG_H
#define TCPFSM_PCAPNG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "event.h"

#define PCAPNG_HELD	1024	/* events that wait for what belongs to them, a power of 2 */
#define PCAPNG_WAIT_NS	5000000ULL	/* how long they do at most */
#define PCAPNG_COMMENT	512		/* bytes of a comment; the rest is left out */

/**
 * struct pcapng_held - a block that is not written yet
 * @ev: the segment, transition, alert or loss
 * @gone: it went into the comment of another one
 * @len: bytes of @comment
 * @comment: what is said of it
 */
struct pcapng_held {
	struct event	ev;
	bool		gone;
	size_t		len;
	char		comment[PCAPNG_COMMENT];
};

/**
 * struct pcapng - a pcapng file that is being written
 * @out: what is not written yet; with the file and the first error
 * @wall: CLOCK_REALTIME minus the clock of the events, in ns; the caller keeps it fresh
 * @held: a ring
 * @head: the earliest in it
 * @tail: where the next one goes
 */
struct pcapng {
	struct buf		out;
	int64_t			wall;
	struct pcapng_held	*held;
	unsigned int		head;
	unsigned int		tail;
};

int pcapng_init(struct pcapng *p, int fd, const char *kernel, const char *tool);
void pcapng_event(struct pcapng *p, const struct event *ev);
void pcapng_clock(struct pcapng *p, uint64_t now);
void pcapng_end(struct pcapng *p);
void pcapng_free(struct pcapng *p);

#endif
