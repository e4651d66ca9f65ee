// SPDX-License-Identifier: GPL-2.0
/*
 * Events, wherever they come from: the module, or a file with -r. Whoever wants
 * them is called in the same way and need not know.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "exit.h"
#include "source.h"
#include "stop.h"
#include "verdict.h"

static const char *shown(const struct source *s)
{
	return strcmp(s->name, "-") ? s->name : "standard input";
}

static int refuse(const struct source *s, const struct why *w)
{
	fprintf(stderr, "tcpfsm: %s: %s\n", shown(s), w->text);
	return STATUS_USAGE;
}

static int open_recording(struct source *s, struct why *w)
{
	int err;

	s->rec = calloc(1, sizeof(*s->rec));
	if (!s->rec || order_init(&s->order, ORDER_MAX, ORDER_WINDOW_NS)) {
		why(w, "no memory");
		return -ENOMEM;
	}
	err = record_open(s->rec, s->input.file, w);
	if (err)
		return err;
	s->module = s->rec->head.module;
	s->began = s->rec->head.began;
	s->last = s->began;
	s->wall = s->rec->wall;
	s->partial = s->rec->head.flags & RECORD_F_PARTIAL;
	return 0;
}

static int open_capture(struct source *s, struct why *w)
{
	int err;

	s->cap = calloc(1, sizeof(*s->cap));
	if (!s->cap) {
		why(w, "no memory");
		return -ENOMEM;
	}
	err = capture_open(s->cap, s->input.file, WIRE_MAX, w);
	if (s->cap->pcap)
		s->input.file = NULL;	/* libpcap's from now on */
	s->wire = true;
	if (err)
		return err;
	s->got = capture_next(s->cap, &s->ahead, &s->why);
	s->looked = true;
	if (s->got == 1)
		s->began = s->ahead.ts;
	s->last = s->began;
	return 0;
}

static int foreign(const struct source *s, struct why *w)
{
	const uint8_t *h = s->input.head;

	if (s->input.head_len >= 2 && h[0] == 0x1f && h[1] == 0x8b)
		return why(w, "is compressed; zcat it and read with -r -");
	return why(w, "neither a tcpfsm recording nor a pcap or pcapng capture");
}

static int open_file(struct source *s)
{
	struct why w;
	int err;

	err = input_open(&s->input, s->name, &w);
	if (!err && record_is(s->input.head, s->input.head_len))
		err = open_recording(s, &w);
	else if (!err && capture_is(s->input.head, s->input.head_len))
		err = open_capture(s, &w);
	else if (!err)
		err = foreign(s, &w);
	if (err == -EINTR || (err && stop_asked()))
		return STATUS_OK;	/* source_run() will notice */
	if (!err)
		return STATUS_OK;
	refuse(s, &w);
	return err == -ENOMEM || err == -ELIBACC ? STATUS_FAILED : STATUS_USAGE;
}

static int open_live(struct source *s, const struct opts *o)
{
	int err = live_open(&s->live, o->alerts, o->buffer);

	if (err)
		return tcpnl_report(&s->live.nl, err);
	s->module = s->live.stats.version;
	s->began = s->live.began;
	return STATUS_OK;
}

/**
 * source_open() - open what the options name
 * @s: set; source_close() it in any case
 * @o: -r, or else the module
 *
 * Context: process, once; may wait for a pipe. Tells the user what is wrong.
 * Return: enum exit_status: STATUS_OK, or what to exit with.
 */
int source_open(struct source *s, const struct opts *o)
{
	int err;

	*s = (struct source){ .name = o->read, .watch = -1, .module = "", .input = { .fd = -1 } };
	s->live.stream.fd = -1;
	err = stop_init();
	if (err) {
		fprintf(stderr, "tcpfsm: %s\n", strerror(-err));
		return STATUS_FAILED;
	}
	return s->name ? open_file(s) : open_live(s, o);
}

/**
 * source_close() - close it
 * @s: what source_open() set
 *
 * Context: process.
 */
void source_close(struct source *s)
{
	if (!s->name) {
		live_close(&s->live);
		return;
	}
	order_free(&s->order);
	free(s->rec);
	if (s->cap)
		capture_close(s->cap);
	free(s->cap);
	s->rec = NULL;
	s->cap = NULL;
	input_close(&s->input);
}

static int hand_out(struct source *s, const struct event *ev)
{
	if (ev->kind == TCPFSM_K_LOST && ev->where == EVENT_W_NETLINK)
		s->lost_netlink += ev->count;
	else if (ev->kind == TCPFSM_K_LOST)
		s->lost_ring += ev->count;
	if (ev->ts > s->last)
		s->last = ev->ts;
	return s->ops->event(s->arg, ev);
}

static int hand_out_due(struct source *s)
{
	struct event ev;
	int end = 0;

	while (!end && order_pop(&s->order, &ev))
		end = hand_out(s, &ev);
	return end;
}

/* A read has to wait: show what there is. A recording may say that nothing else came until then. */
static bool idle(void *arg)
{
	struct source *s = arg;

	if (s->rec) {
		if (s->rec->ended)
			order_end(&s->order);
		else
			order_mark(&s->order, s->rec->now);
		s->end = hand_out_due(s);
		if (s->rec->now > s->last)
			s->last = s->rec->now;
	}
	if (!s->end)
		s->end = s->ops->settled(s->arg);
	return !s->end;
}

static int next(struct source *s, struct event *ev, struct why *w)
{
	if (s->rec)
		return record_next(s->rec, ev, w);
	if (!s->looked)
		return capture_next(s->cap, ev, w);
	s->looked = false;
	*ev = s->ahead;
	*w = s->why;
	return s->got;
}

static int take(struct source *s, struct event *ev)
{
	int end = 0;

	if (s->cap)
		return hand_out(s, ev);		/* in order as it is */
	if (s->rec->wall != s->wall) {
		s->wall = s->rec->wall;
		end = s->ops->settled(s->arg);
	}
	/* as live: it is not put before what was handed out */
	if (ev->kind == TCPFSM_K_LOST && ev->where == EVENT_W_NETLINK && ev->ts < s->order.last)
		ev->ts = s->order.last;
	order_push(&s->order, ev);
	return end ? end : hand_out_due(s);
}

static void note_recording(struct source *s)
{
	const struct record_in *r = s->rec;

	s->cut = r->cut;
	s->malformed = r->end.malformed;
	if (r->ended && r->end.rec.ts > s->last)
		s->last = r->end.rec.ts;
	if (s->cut)
		fprintf(stderr, "tcpfsm: %s: cut off at offset %llu; read to there\n", shown(s),
			(unsigned long long)r->at);
}

static void note_skipped(const struct source *s, unsigned int found, const char *what)
{
	const unsigned long long n = s->cap->found[found];

	if (n)
		fprintf(stderr, "tcpfsm: %s: %llu packets skipped: %s\n", shown(s), n, what);
}

static void note_capture(struct source *s)
{
	const struct capture *c = s->cap;

	s->cut = c->cut;
	s->malformed = c->found[PACKET_CUT] + c->found[PACKET_BAD];
	note_skipped(s, PACKET_CUT, "cut before the end of the TCP header (snap length)");
	note_skipped(s, PACKET_FRAGMENT, "later fragments");
	note_skipped(s, PACKET_BAD, "their lengths contradict each other");
	if (c->wire.evicted)
		fprintf(stderr, "tcpfsm: %s: %llu connections forgotten: too many at once\n",
			shown(s), (unsigned long long)c->wire.evicted);
	if (s->cut)
		fprintf(stderr, "tcpfsm: %s: cut off within packet %llu; read to there\n",
			shown(s), (unsigned long long)c->packets + 1);
}

/* The file is at its end, or cannot be read on: what is held goes out. */
static int run_out(struct source *s, int got, const struct why *w)
{
	int end;

	order_end(&s->order);
	end = hand_out_due(s);
	s->late = s->order.late;
	if (!end)
		end = s->ops->settled(s->arg);
	if (end)
		return end;
	if (got == -EINTR || stop_asked())
		return LIVE_SIGNAL;
	if (got < 0) {
		refuse(s, w);
		return SOURCE_BAD;
	}
	if (s->cap)
		note_capture(s);
	else
		note_recording(s);
	return SOURCE_END;
}

static int run_file(struct source *s)
{
	struct event ev;
	struct why w;
	int end = 0;
	int got;

	if (!s->rec && !s->cap)
		return LIVE_SIGNAL;
	s->input.idle = idle;
	s->input.arg = s;
	while ((got = next(s, &ev, &w)) == 1) {
		end = take(s, &ev);
		if (end)
			break;
	}
	s->late = s->order.late;
	if (end || s->end)
		return end ? end : s->end;
	return run_out(s, got, &w);
}

/**
 * source_run() - hand out events until something ends it
 * @s: what source_open() set
 * @ops: who wants them
 * @arg: passed to @ops
 *
 * Context: process.
 * Return: what @ops returned to end it, SOURCE_END, SOURCE_BAD, or what live_run()
 * returns.
 */
int source_run(struct source *s, const struct live_ops *ops, void *arg)
{
	int end;

	s->ops = ops;
	s->arg = arg;
	if (s->name)
		return run_file(s);
	s->live.watch = s->watch;
	end = live_run(&s->live, ops, arg);
	s->lost_ring = s->live.lost_ring;
	s->lost_netlink = s->live.lost_netlink;
	s->malformed = s->live.malformed;
	s->late = s->live.order.late;
	return end;
}

/**
 * source_status() - what to exit with
 * @s: the source
 * @end: what source_run() returned; what the command itself ended it with counts
 *	as a good end
 * @strict: --strict
 *
 * Context: process; tells the user what went wrong.
 * Return: enum exit_status.
 */
int source_status(const struct source *s, int end, bool strict)
{
	if (end == LIVE_UNLOADED) {
		fputs("tcpfsm: the module was unloaded\n", stderr);
		return STATUS_ACCESS;
	}
	if (end == SOURCE_BAD)
		return STATUS_USAGE;
	if (end < 0) {
		fprintf(stderr, "tcpfsm: reading events: %s\n", strerror(-end));
		return STATUS_FAILED;
	}
	return strict && (s->lost_ring || s->lost_netlink || s->malformed) ? STATUS_LOST
									  : STATUS_OK;
}

/**
 * source_wall() - from the clock of the events to the time of day
 * @s: the source
 *
 * Context: any; ask again in live_ops.settled.
 * Return: CLOCK_REALTIME minus the clock of the events, in ns.
 */
int64_t source_wall(const struct source *s)
{
	return s->name ? s->wall : clock_wall_offset();
}

/**
 * source_missing() - what cannot be known of the connections of a file
 * @s: the source
 *
 * Context: any; ask again as it is read.
 * Return: 1 << enum verdict_missing, for judge_blind().
 */
uint32_t source_missing(const struct source *s)
{
	uint32_t missing = s->partial ? BIT(VERDICT_M_FILTERED) : 0;

	if (s->cap && (s->cap->found[PACKET_CUT] || s->cap->found[PACKET_BAD]))
		missing |= BIT(VERDICT_M_LOST);
	return missing;
}

/**
 * source_now() - how late it is
 * @s: the source
 *
 * Context: any.
 * Return: the clock of the events in ns: now, or up to when a file tells.
 */
uint64_t source_now(const struct source *s)
{
	return s->name ? s->last : clock_mono();
}

/**
 * source_mark() - up to when there is nothing new
 * @s: the source
 *
 * Context: live_ops.settled.
 * Return: the clock of the events in ns: all that was made ORDER_WINDOW_NS before was handed out.
 */
uint64_t source_mark(const struct source *s)
{
	return s->name ? s->last : live_mark(&s->live);
}
