/* SPDX-License-Identifier: GPL-2.0 */
#ifndef TCPFSM_LIVE_H
#define TCPFSM_LIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gap.h"
#include "nl.h"
#include "order.h"
#include "stream.h"

struct record_span;

/**
 * struct live_ops - who wants the events
 * @event: called once an event, in order; non-zero ends the stream
 * @settled: called when nothing more is ready, and now and then while there is: a time
 *           to write out; non-zero ends the stream
 * @raw: if set, called instead of @event with whole records back to back, as they
 *       came and in no order, of one message; non-zero ends the stream
 */
struct live_ops {
	int	(*event)(void *arg, const struct event *ev);
	int	(*settled)(void *arg);
	int	(*raw)(void *arg, const void *records, const struct record_span *span);
};

/**
 * struct live - events from the module, in order, with what was lost among them
 * @nl: for requests
 * @stream: for events
 * @order: puts them in order
 * @gap: finds those that were lost on the way
 * @ops: who wants them
 * @arg: passed to @ops
 * @watch: descriptor whose reader may go away, ends the stream then; -1 for none
 * @also: another descriptor that wakes it when it is readable: @ops->settled is called
 *        then and sees to it; -1 for none
 * @alerts: those of the group "alerts" alone come
 * @began: CLOCK_MONOTONIC in ns
 * @lost_ring: records lost in a full ring
 * @lost_netlink: records lost between module and tool
 * @malformed: messages that could not be read
 * @more: the turn ended before all was looked at
 * @doubt: after an overrun the loss is neither told yet nor asked for
 * @dry: after it the socket was seen empty: until then it was sent nothing more
 * @untold: nothing that came after it, and no answer, has told how much was lost
 * @heard: CLOCK_MONOTONIC in ns of the latest message
 * @wake: CLOCK_MONOTONIC in ns when @ops->settled wants to be called at the latest, 0
 *        for no such time; belongs to @ops
 * @stats: the module's numbers at the beginning
 */
struct live {
	struct tcpnl		nl;
	struct stream		stream;
	struct order		order;
	struct gap		gap;
	const struct live_ops	*ops;
	void			*arg;
	int			watch;
	int			also;
	bool			alerts;
	uint64_t		began;
	uint64_t		lost_ring;
	uint64_t		lost_netlink;
	uint64_t		malformed;
	bool			more;
	bool			doubt;
	bool			dry;
	bool			untold;
	uint64_t		heard;
	uint64_t		wake;
	struct tcpnl_stats	stats;
};

/* Why live_run() ended, beside what @ops returned and negative errnos */
#define LIVE_SIGNAL	0x1000
#define LIVE_UNLOADED	0x1001
#define LIVE_NO_READER	0x1002

int live_open(struct live *l, bool alerts, size_t buffer);
int live_run(struct live *l, const struct live_ops *ops, void *arg);
void live_close(struct live *l);
uint64_t live_mark(const struct live *l);

#endif
