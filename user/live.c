// SPDX-License-Identifier: GPL-2.0
/*
 * The loop every command that listens has in common: messages of the module come
 * in, events in true order go out, and what was lost is an event among them.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>

#include "clock.h"
#include "decode.h"
#include "live.h"
#include "record.h"
#include "stop.h"
#include "util.h"

/* So long after an overrun the end of a burst may still be in the making. */
#define SILENCE_NS	(200 * NSEC_PER_MSEC)

/* Messages taken in before what is due is written out */
#define TURN		64

/*
 * Records of one processor come in the order they were made in: where there is but one,
 * and will be no other, none has to wait for those of others.
 */
static uint64_t window(void)
{
	FILE *f = fopen("/sys/devices/system/cpu/possible", "re");
	char cpus[8] = "";

	if (!f)
		return ORDER_WINDOW_NS;
	if (!fgets(cpus, sizeof(cpus), f))
		cpus[0] = '\0';
	fclose(f);
	return strcmp(cpus, "0\n") ? ORDER_WINDOW_NS : 0;
}

/**
 * live_open() - connect to the module and begin to listen
 * @l: set; live_close() it in any case
 * @alerts: listen to alerts alone
 * @buffer: bytes the kernel may keep for us
 *
 * A request comes first, because it is refused with a reason where joining a
 * multicast group may succeed in vain. A second one follows after joining: it says
 * which record has to come first, so that not even the first one is lost unseen.
 *
 * Context: process, after stop_init().
 * Return: 0, -ENOENT when the module is not loaded, -EPERM when access is denied,
 * or another negative errno.
 */
int live_open(struct live *l, bool alerts, size_t buffer)
{
	const char *group = alerts ? TCPFSM_MCGRP_ALERTS : TCPFSM_MCGRP_EVENTS;
	int err;

	memset(l, 0, sizeof(*l));
	/* of tables made for the worst case little is used: not 2 MB of each, cleared, at once */
	prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0);
	l->stream.fd = -1;
	l->watch = -1;
	l->also = -1;
	l->alerts = alerts;
	err = tcpnl_open(&l->nl);
	if (!err)
		err = tcpnl_stats(&l->nl, &l->stats);
	if (!err)
		err = stream_open(&l->stream, &l->nl, group, buffer);
	if (!err)
		err = tcpnl_stats(&l->nl, &l->stats);
	if (!err)
		err = order_init(&l->order, ORDER_MAX, window());
	if (err)
		return err;
	/* alerts are counted apart, and the module does not tell how many there were */
	if (l->stats.has_index && !alerts)
		gap_base(&l->gap, l->stats.index);
	l->began = clock_mono();
	return 0;
}

/**
 * live_close() - disconnect
 * @l: what live_open() set
 *
 * Context: process.
 */
void live_close(struct live *l)
{
	order_free(&l->order);
	stream_close(&l->stream);
	tcpnl_close(&l->nl);
}

/**
 * live_mark() - up to when there is nothing new
 * @l: the stream
 *
 * It stands still while the reader lags.
 *
 * Context: live_ops.settled.
 * Return: CLOCK_MONOTONIC in ns; what was made ORDER_WINDOW_NS before has all been handed out.
 */
uint64_t live_mark(const struct live *l)
{
	const uint64_t now = clock_mono();

	/* in the end all has come */
	return l->order.mark < now ? l->order.mark : now;
}

static int hand_out(struct live *l, const struct event *ev)
{
	if (ev->kind == TCPFSM_K_LOST && ev->where == EVENT_W_NETLINK)
		l->lost_netlink += ev->count;
	else if (ev->kind == TCPFSM_K_LOST)
		l->lost_ring += ev->count;
	return l->ops->event(l->arg, ev);
}

/* Hand out what is certain of its place. */
static int hand_out_due(struct live *l)
{
	struct event ev;
	int end = 0;

	while (!end && order_pop(&l->order, &ev))
		end = hand_out(l, &ev);
	return end;
}

static int take_in(struct live *l, const struct event *ev)
{
	if (order_pass(&l->order, ev))
		return hand_out(l, ev);
	order_push(&l->order, ev);
	return hand_out_due(l);
}

static int raw_loss(struct live *l, uint64_t count, uint64_t ts)
{
	const struct tcpfsm_lost_rec r = {
		.rec = { .size = sizeof(r), .kind = TCPFSM_K_LOST, .cpu = EVENT_CPU_UNKNOWN,
			 .ts = ts },
		.count = count, .where = EVENT_W_NETLINK,
	};

	const struct record_span span = {
		.len = sizeof(r), .records = 1, .earliest = ts, .gaps = 1, .lost = count,
		.index = count,
	};

	l->lost_netlink += count;
	return l->ops->raw(l->arg, &r, &span);
}

static int take_loss(struct live *l, uint64_t count, uint64_t ts)
{
	const struct event ev = {
		.kind = TCPFSM_K_LOST, .cpu = EVENT_CPU_UNKNOWN, .where = EVENT_W_NETLINK,
		.ts = ts > l->order.last ? ts : l->order.last, .count = count,
	};

	if (!count)
		return 0;
	return l->ops->raw ? raw_loss(l, count, ts) : take_in(l, &ev);
}

static int take_records(struct live *l, const struct batch *b)
{
	const bool held = l->order.len;
	struct decode d;
	struct event ev;
	int end = 0;
	int got = 0;

	/* one that is held may be younger than some of these, which are in order themselves */
	if (!held)
		order_until(&l->order, b->until);
	decode_init(&d, b->records, b->len);
	while (!end && (got = decode_next(&d, &ev)) == 1) {
		if (held)
			order_until(&l->order, ev.ts < b->until ? ev.ts : b->until);
		end = take_in(l, &ev);
	}
	if (got < 0)
		l->malformed++;
	if (end)
		return end;
	order_until(&l->order, b->until);
	return hand_out_due(l);
}

static int take_raw(struct live *l, const struct batch *b, const struct record_span *span)
{
	l->lost_ring += span->lost;
	if (span->len < b->len)
		l->malformed++;
	return span->len ? l->ops->raw(l->arg, b->records, span) : 0;
}

static int take_batch(struct live *l, const struct batch *b)
{
	const bool first = !l->gap.known;
	struct record_span span;
	uint64_t lost;
	int end = 0;

	l->heard = clock_mono();
	record_span(b->records, b->len, &span);
	if (b->has_index) {
		lost = gap_batch(&l->gap, b->index, span.index);
		/* the first alerts, and nobody knows how many there were before them */
		if (l->untold && l->dry && first)
			lost = 1;
		/* a busy stream is never silent: its index tells as well */
		l->untold &= !l->dry;
		l->doubt &= l->untold;
		/* the loss goes before the earliest of those that came after it */
		end = take_loss(l, lost, span.records ? span.earliest : l->heard);
	}
	if (end)
		return end;
	return l->ops->raw ? take_raw(l, b, &span) : take_records(l, b);
}

/* Take in what the socket has, at most a turn of it. */
static int take_turn(struct live *l, bool *empty)
{
	uint64_t now = clock_mono();
	struct batch b;
	int turn;
	int end;

	*empty = false;
	for (turn = 0; turn < TURN; turn++) {
		end = stream_next(&l->stream, &b);
		if (end == STREAM_BATCH) {
			end = take_batch(l, &b);
		} else if (end == STREAM_UNLOADED) {
			end = LIVE_UNLOADED;
		} else if (end == -EBADMSG) {
			l->malformed++;
			end = 0;
		} else if (end == STREAM_NOTHING) {
			*empty = true;
			/* all made before the look into the empty socket has come */
			order_mark(&l->order, now);
			end = hand_out_due(l);
			break;
		}
		if (end)
			break;
	}
	l->more = !*empty;
	l->dry |= *empty;
	if (l->stream.overrun) {
		l->stream.overrun = false;
		l->doubt = true;
		l->dry = *empty;
		l->untold = true;
		l->heard = clock_mono();
	}
	return end;
}

/*
 * Ask the module how many records it sent, then read what came until then: the
 * rest was lost. The module counts records after it has handed them over, so none
 * of those it counted can still be on its way.
 */
static int settle(struct live *l)
{
	struct tcpnl_stats st;
	bool empty = false;
	int empties = 0;
	int end, more;

	end = tcpnl_stats(&l->nl, &st);
	if (end == -ENOENT)
		return LIVE_UNLOADED;	/* what told of that was lost, too */
	l->doubt = false;
	if (l->alerts)
		return 0;	/* the next alert tells */
	if (end || !st.has_index)
		return 0;
	l->untold = false;
	/* twice: an overrun, too, makes the kernel hand over less than was asked for */
	while (!end && empties < 2 && l->gap.next < st.index) {
		end = take_turn(l, &empty);
		empties = empty ? empties + 1 : 0;
	}
	if (end && end != LIVE_UNLOADED)
		return end;
	more = take_loss(l, gap_sent(&l->gap, st.index), clock_mono());
	return more ? more : end;
}

static int ms_until(uint64_t when, uint64_t now)
{
	if (when <= now)
		return 0;
	return (when - now + NSEC_PER_MSEC - 1) / NSEC_PER_MSEC;
}

/* ms until something is due that no descriptor tells of; -1 for never */
static int patience(const struct live *l)
{
	uint64_t now = clock_mono();
	int least = -1;
	uint64_t due;
	int ms;

	if (order_due(&l->order, &due))
		least = ms_until(due, now);
	if (l->doubt) {
		ms = ms_until(l->heard + SILENCE_NS, now);
		if (least < 0 || ms < least)
			least = ms;
	}
	if (l->wake) {
		ms = ms_until(l->wake, now);
		if (least < 0 || ms < least)
			least = ms;
	}
	return least;
}

static int wait_for_something(struct live *l, int ms)
{
	struct pollfd p[] = {
		{ .fd = l->stream.fd, .events = POLLIN },
		{ .fd = stop_fd(), .events = POLLIN },
		{ .fd = l->watch },
		{ .fd = l->also, .events = POLLIN },
	};

	if (poll(p, ARRAY_SIZE(p), ms) < 0 && errno != EINTR)
		return -errno;
	if (stop_asked())
		return LIVE_SIGNAL;
	return p[2].revents & (POLLERR | POLLNVAL) ? LIVE_NO_READER : 0;
}

static int turn_of_loop(struct live *l)
{
	bool empty = false;
	int end;

	/* what was received but not looked at yet, no descriptor tells of */
	end = wait_for_something(l, l->more ? 0 : patience(l));
	if (!end)
		end = take_turn(l, &empty);
	if (!end && empty && l->doubt && clock_mono() >= l->heard + SILENCE_NS)
		end = settle(l);
	if (!end)
		end = l->ops->settled(l->arg);
	return end;
}

/* The module's worker may come a tick after an event: give it the time. */
static int linger(struct live *l)
{
	const uint64_t until = clock_mono() + ORDER_WINDOW_NS;
	struct pollfd p = { .fd = l->stream.fd, .events = POLLIN };
	bool empty;
	int end = 0;
	int ms;

	while (!end && (ms = ms_until(until, clock_mono())) > 0) {
		poll(&p, 1, l->more ? 0 : ms);
		end = take_turn(l, &empty);
	}
	return end;
}

/*
 * An overrun, and nothing came since that tells of the gap: what was lost was the last there was.
 * How much it was, nobody is there to tell any more, or, of alerts, nobody counts. It counts as
 * one, so that it is not silent; that may be one too many, of what was told already.
 */
static int lost_at_the_end(struct live *l)
{
	return l->untold ? take_loss(l, 1, clock_mono()) : 0;
}

/* Whatever has come, and what is known to be lost, is still handed out. */
static int last_words(struct live *l, int end)
{
	bool gone = end == LIVE_UNLOADED;
	bool empty = false;
	int more = 0;

	if (!gone)
		more = linger(l);
	if (!gone && !more)
		more = settle(l);
	if (more == LIVE_UNLOADED) {
		gone = true;
		more = 0;
	}
	while (gone && !empty && (!more || more == LIVE_UNLOADED))
		more = take_turn(l, &empty);
	if (!more || more == LIVE_UNLOADED)
		more = lost_at_the_end(l);
	order_end(&l->order);
	if (!more)
		more = hand_out_due(l);
	return more ? more : l->ops->settled(l->arg);
}

/**
 * live_run() - hand out events until something ends it
 * @l: what live_open() set
 * @ops: who wants them
 * @arg: passed to @ops
 *
 * Context: process.
 * Return: what @ops returned to end it; LIVE_SIGNAL after SIGINT or SIGTERM,
 * LIVE_UNLOADED when the module is gone, both after everything that had come was
 * handed out; LIVE_NO_READER when nobody reads @l->watch; or a negative errno.
 */
int live_run(struct live *l, const struct live_ops *ops, void *arg)
{
	int end = 0;
	int more;

	l->ops = ops;
	l->arg = arg;
	while (!end)
		end = turn_of_loop(l);
	if (end != LIVE_SIGNAL && end != LIVE_UNLOADED)
		return end;
	more = last_words(l, end);
	return more ? more : end;
}
